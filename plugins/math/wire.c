/* wire.c - expressions and outcomes as bytes. */
#include "config.h"

#include "plugins/math/helper.h"

void wire_put(struct wire *w, const void *p, size_t n)
{
	unsigned char *grown;
	size_t cap;

	if (w->bad)
		return;
	if (n > WIRE_MAX || w->n + n > WIRE_MAX) {
		w->bad = true;
		return;
	}
	if (w->n + n > w->cap) {
		cap = 2 * (w->n + n) + 256;
		grown = mx_alloc(w->e, cap);
		if (!grown) {
			w->bad = true;
			return;
		}
		if (w->n > 0)
			memcpy(grown, w->p, w->n);
		w->p = grown;
		w->cap = cap;
	}
	if (n > 0)
		memcpy(w->p + w->n, p, n);
	w->n += n;
}

/* Reads from the front: p and n move on. */
static void get(struct wire *w, void *p, size_t n)
{
	memset(p, 0, n);
	if (w->bad || n > w->n) {
		w->bad = true;
		return;
	}
	memcpy(p, w->p, n);
	w->p += n;
	w->n -= n;
}

static void put_u32(struct wire *w, uint32_t v)
{
	wire_put(w, &v, sizeof(v));
}

static uint32_t get_u32(struct wire *w)
{
	uint32_t v;

	get(w, &v, sizeof(v));
	return v;
}

static void put_str(struct wire *w, meed_str s)
{
	put_u32(w, s.n > WIRE_MAX ? WIRE_MAX : (uint32_t)s.n);
	wire_put(w, s.p, s.n);
}

/* A copy in the arena, NUL-terminated. */
static meed_str get_str(struct wire *w)
{
	uint32_t n = get_u32(w);
	meed_str s = { "", 0 };
	char *p;

	if (w->bad || n > w->n) {
		w->bad = true;
		return s;
	}
	p = mx_alloc(w->e, (size_t)n + 1);
	if (!p) {
		w->bad = true;
		return s;
	}
	get(w, p, n);
	s.p = p;
	s.n = n;
	return s;
}

/* The fixed part of a node. */
struct fixed {
	uint32_t kind, n, scale, rep, base, rows, cols, flags;
	int32_t exp10;
};

static void put_tree(struct wire *w, const struct mx *x, uint32_t depth)
{
	struct fixed f;
	uint32_t i;

	if (w->bad || depth > WIRE_DEPTH || !mx_step(w->e, 1)) {
		w->bad = true;
		return;
	}
	memset(&f, 0, sizeof(f));
	f.kind = (uint32_t)x->kind;
	f.n = x->n;
	f.scale = x->scale;
	f.rep = x->rep;
	f.base = x->base;
	f.rows = x->rows;
	f.cols = x->cols;
	f.exp10 = x->exp10;
	f.flags = (x->open_lo ? 1u : 0) | (x->open_hi ? 2u : 0) | (x->bracketed ? 4u : 0);
	wire_put(w, &f, sizeof(f));
	put_str(w, x->name);
	if (x->kind == MX_REL && x->n > 1)
		wire_put(w, x->rel, x->n - 1);
	for (i = 0; i < x->n; i++)
		put_tree(w, x->arg[i], depth + 1);
}

static struct mx *get_tree(struct wire *w, uint32_t depth)
{
	struct fixed f;
	struct mx *x;
	uint32_t i;

	get(w, &f, sizeof(f));
	if (w->bad || depth > WIRE_DEPTH || f.kind > MX_TEXT || f.n > w->n)
		goto bad;
	x = mx_alloc(w->e, sizeof(*x));
	if (!x)
		goto bad;
	x->kind = (enum mx_kind)f.kind;
	x->n = f.n;
	x->scale = f.scale;
	x->rep = f.rep;
	x->base = f.base;
	x->rows = f.rows;
	x->cols = f.cols;
	x->exp10 = f.exp10;
	x->open_lo = (f.flags & 1) != 0;
	x->open_hi = (f.flags & 2) != 0;
	x->bracketed = (f.flags & 4) != 0;
	x->name = get_str(w);
	if (w->bad)
		goto bad;
	if (x->n > 0) {
		x->arg = mx_alloc(w->e, x->n * sizeof(*x->arg));
		if (!x->arg)
			goto bad;
	}
	if (x->kind == MX_REL && x->n > 1) {
		x->rel = mx_alloc(w->e, x->n - 1);
		if (!x->rel)
			goto bad;
		get(w, x->rel, x->n - 1);
	}
	for (i = 0; i < x->n; i++) {
		x->arg[i] = get_tree(w, depth + 1);
		if (!x->arg[i])
			goto bad;
	}
	return x;
bad:
	w->bad = true;
	return NULL;
}

void wire_put_request(struct wire *w, const struct wire_request *r, const struct mx *gold,
		      const struct mx *pred)
{
	struct wire_request fixed = *r;

	fixed.gold = fixed.pred = NULL;
	wire_put(w, &fixed, sizeof(fixed));
	put_tree(w, gold, 0);
	put_tree(w, pred, 0);
}

bool wire_get_request(struct wire *w, struct wire_request *r)
{
	get(w, r, sizeof(*r));
	if (!w->bad)
		r->gold = get_tree(w, 0);
	if (!w->bad)
		r->pred = get_tree(w, 0);
	return !w->bad;
}

void wire_put_outcome(struct wire *w, const struct mx_outcome *o)
{
	put_u32(w, (uint32_t)o->verdict);
	put_str(w, meed_s(o->rule));
	put_str(w, meed_s(o->detail));
}

bool wire_get_outcome(struct wire *w, struct mx_outcome *o)
{
	uint32_t v = get_u32(w);
	meed_str rule = get_str(w), detail = get_str(w);

	if (w->bad || v > MX_UNDECIDED || detail.n >= sizeof(o->detail))
		return false;
	o->verdict = (enum mx_verdict)v;
	o->rule = rule.p;
	memcpy(o->detail, detail.p, detail.n);
	o->detail[detail.n] = '\0';
	return true;
}
