/* equal_points.c - functions at random rational points, by values with proven error bounds.
 *
 * Different values at one point prove difference. Agreement proves nothing; it is a yes where NEED
 * points agree, each drawn from 2^15 of a range, to AGREE_BITS and as many bits more as the numbers
 * in the expressions have: a difference that is not 0 and has at most z zeros among the points of a
 * range passes with a chance below (z / 2^15)^NEED, 2^-100 for z = 100. Where there are pieces
 * (bars, roots, max, floor), points around each number that occurs are tried as well. */
#include "config.h"

#include "plugins/math/equal.h"

enum {
	NEED = 12,			/* points where both agree */
	TRIES = 72,
	AGREE_BITS = 100,
	PROBES = 6			/* numbers around which pieces are looked for */
};

struct points {
	struct eq *q;
	const struct mx *a, *b;
	struct eq_syms s;
	struct eq_bind bind[EQ_SYMS];
	fmpq *v;
	enum eq_domain domain;
	bool integers;
	uint32_t agreed, defined;
	uint64_t need;			/* bits of agreement */
	fmpq *probe;
	size_t probes;
};

/* Ranges by turns: inside (0, 1) for inverse functions, both signs, larger values. */
static void place(struct points *p, uint64_t t)
{
	static const struct {
		int64_t lo, width;	/* in eighths */
	} range[] = { { 0, 8 }, { 8, 24 }, { -32, 64 }, { 1, 11 }, { -8, 16 }, { 16, 200 } };
	uint64_t h;
	size_t i;

	for (i = 0; i < p->s.n; i++) {
		h = eq_mix_str(eq_mix(p->q->e->seed ^ (t + 1)), p->s.v[i]);
		if (p->integers) {
			fmpq_set_si(&p->v[i], (slong)(1 + (h >> 8) % (6 + 2 * t)), 1);
			continue;
		}
		/* lo/8 + width/8 * (odd number below 2^16) / 2^16 */
		fmpq_set_si(&p->v[i], (slong)((h >> 20 & 0x7FFF) * 2 + 1) * range[t % 6].width +
			    range[t % 6].lo * 65536, 1ul << 19);
	}
}

/* Gathers the numbers that occur: what they are, and how many bits they have. */
static void numbers(struct points *p, const struct mx *x)
{
	uint64_t bits;
	uint32_t i;
	fmpq_t v;

	if (x->kind == MX_SYM || !mx_step(p->q->e, 1))
		return;
	fmpq_init(v);
	if (mxq_eval(p->q, x, NULL, v) == EQ_OK) {
		bits = fmpz_bits(fmpq_numref(v)) + fmpz_bits(fmpq_denref(v));
		p->need += bits > 16 ? bits : 0;
		for (i = 0; i < p->probes && !fmpq_equal(&p->probe[i], v); i++)
			;
		if (i == p->probes && i < PROBES && bits < 200 && !fmpq_is_zero(v))
			fmpq_set(&p->probe[p->probes++], v);
	} else {
		for (i = 0; i < x->n; i++)
			numbers(p, x->arg[i]);
	}
	fmpq_clear(v);
}

static bool has_pieces(const struct mx *x)
{
	uint32_t i;

	if (x->kind == MX_FUNC && (mxt_is(x, "abs") || mxt_is(x, "max") || mxt_is(x, "min") ||
				   mxt_is(x, "floor") || mxt_is(x, "ceil") || mxt_is(x, "sgn") ||
				   mxt_is(x, "mod") || mxt_is(x, "sqrt") || mxt_is(x, "root")))
		return true;
	if (x->kind == MX_POW && x->n == 2 && x->arg[1]->kind != MX_INT)
		return true;
	for (i = 0; i < x->n; i++)
		if (has_pieces(x->arg[i]))
			return true;
	return false;
}

/* Within 2^-AGREE_BITS and what the numbers' own size takes. */
static bool near(const struct points *p, const acb_t x, const acb_t y, slong prec)
{
	mag_t d, m;
	acb_t t;
	bool r;

	acb_init(t);
	mag_init(d);
	mag_init(m);
	acb_sub(t, x, y, prec);
	acb_get_mag(d, t);
	acb_get_mag(m, x);
	mag_add_ui(m, m, 1);
	mag_mul_2exp_si(m, m, -(slong)p->need);
	r = mag_cmp(d, m) <= 0;
	mag_clear(d);
	mag_clear(m);
	acb_clear(t);
	return r;
}

static void say_where(struct points *p, const acb_t x, const acb_t y, struct mx_outcome *ret)
{
	char where[64] = "";
	size_t n = 0, i;

	for (i = 0; i < p->s.n && i < 2 && n < sizeof(where); i++) {
		int k = snprintf(where + n, sizeof(where) - n, "%s%.*s = %.6g", i ? ", " : "",
				 (int)(p->s.v[i].n > 12 ? 12 : p->s.v[i].n), p->s.v[i].p,
				 fmpq_get_d(&p->v[i]));

		if (k < 0)
			break;
		n += (size_t)k;
	}
	eq_sayf(ret, MX_NO, "different values at a point", "at %s%s: %.10g against %.10g", where,
		p->s.n > 2 ? ", ..." : "",
		arf_get_d(arb_midref(acb_realref(x)), ARF_RND_NEAR),
		arf_get_d(arb_midref(acb_realref(y)), ARF_RND_NEAR));
}

/* The point that p->v holds. True if it decides: different values. */
static bool try_here(struct points *p, uint64_t t, struct mx_outcome *ret)
{
	struct eq_at at = { NULL, p->domain, 128, eq_mix(p->q->e->seed + t) };
	enum eq_get g, h;
	bool apart = false;
	acb_t x, y;

	at.bind = p->s.n > 0 ? &p->bind[0] : NULL;
	acb_init(x);
	acb_init(y);
	for (; at.prec <= 2048 && !p->q->e->spent; at.prec *= 4) {
		g = mxb_eval(p->q, p->a, &at, x);
		h = g == EQ_NOT || g == EQ_BIG ? g : mxb_eval(p->q, p->b, &at, y);
		if (g != EQ_OK || h != EQ_OK)
			break;
		if (at.prec == 128)
			p->defined++;
		if (!acb_overlaps(x, y)) {
			say_where(p, x, y, ret);
			apart = true;
			break;
		}
		if (near(p, x, y, at.prec) && at.prec > 128) {
			p->agreed++;
			break;
		}
	}
	acb_clear(x);
	acb_clear(y);
	return apart;
}

static bool try_point(struct points *p, uint64_t t, struct mx_outcome *ret)
{
	place(p, t);
	return try_here(p, t, ret);
}

/* Each symbol by turns beside c, -c, their roots and far out. True if a point decides. */
static bool try_probes(struct points *p, struct mx_outcome *ret)
{
	size_t i, k, j;
	fmpq_t aside;
	bool apart = false;

	if (p->integers || (!has_pieces(p->a) && !has_pieces(p->b)))
		return false;
	fmpq_init(aside);
	for (k = 0; k <= p->probes && !apart; k++) {
		for (j = 0; j < 8 && !apart && !p->q->e->spent; j++) {
			place(p, k * 8 + j);
			i = p->s.n > 0 ? (k + j) % p->s.n : 0;
			if (k == p->probes)
				fmpq_set_si(&p->v[i], 1000003, 1);
			else
				fmpq_set(&p->v[i], &p->probe[k]);
			if (k < p->probes && j & 4) {
				fmpq_abs(&p->v[i], &p->v[i]);
				fmpz_sqrt(fmpq_numref(&p->v[i]), fmpq_numref(&p->v[i]));
				fmpz_sqrt(fmpq_denref(&p->v[i]), fmpq_denref(&p->v[i]));
				fmpq_canonicalise(&p->v[i]);
			}
			if (j & 1)
				fmpq_neg(&p->v[i], &p->v[i]);
			fmpq_set_si(aside, j & 2 ? 17 : -23, 8);
			fmpq_add(&p->v[i], &p->v[i], aside);
			apart = p->s.n > 0 && try_here(p, k * 8 + j, ret);
		}
	}
	fmpq_clear(aside);
	return apart;
}

/* Two points agree: worth an attempt at a proof. */
static bool proven(struct points *p, struct mx_outcome *ret)
{
	bool same = false;

	if (mxp_same(p->q, p->a, p->b, &same) != EQ_OK || !same)
		return false;
	eq_say(ret, MX_YES, "equal as rational functions of their symbols, roots and functions");
	return true;
}

static bool run(struct points *p, enum eq_domain domain, bool integers, struct mx_outcome *ret)
{
	bool tried = false;
	uint64_t t;

	p->domain = domain;
	p->integers = integers;
	p->agreed = p->defined = 0;
	for (t = 0; t < TRIES && p->agreed < NEED && !p->q->e->spent; t++) {
		if (try_point(p, t, ret))
			return true;
		if (p->agreed == 2 && !tried && proven(p, ret))
			return true;
		tried = tried || p->agreed == 2;
		if (t == 17 && p->defined == 0)
			break;
	}
	if (p->agreed >= NEED && !p->q->e->spent) {
		if (try_probes(p, ret))
			return true;
		eq_sayf(ret, MX_YES, "equal at random points", "%d %s points to %d bits", NEED,
			integers ? "whole" : domain == EQ_REAL ? "real" : "complex-valued",
			(int)p->need);
		return true;
	}
	return false;
}

/* conj z, |z|, Re z, Im z say that z and w are complex: z becomes two real symbols. */
static const struct mx *split_complex(struct eq *q, const struct mx *x, meed_str name)
{
	struct mx_env *e = q->e;
	struct mx *re, *im;
	bool z = meed_eq(name, MEED_S("z"));

	re = mxt_sym(e, z ? MEED_S("z're") : MEED_S("w're"));
	im = mxt_sym(e, z ? MEED_S("z'im") : MEED_S("w'im"));
	im = mxt_2(e, MX_MUL, mxt_new(e, MX_I, 0), im);
	re = mxt_2(e, MX_ADD, re, im);
	return re ? mxt_subst(e, x, name, re) : NULL;
}

static bool complex_parts(const struct mx *x)
{
	return mxt_has_func(x, "conj") || mxt_has_func(x, "re") || mxt_has_func(x, "im") ||
	       mxt_has_func(x, "arg");
}

static bool start(struct points *p)
{
	static const char *const names[] = { "z", "w" };
	size_t i;

	if (complex_parts(p->a) || complex_parts(p->b) || mxt_has_kind(p->a, MX_I) ||
	    mxt_has_kind(p->b, MX_I)) {
		for (i = 0; i < 2 && p->a && p->b; i++) {
			p->a = split_complex(p->q, p->a, meed_s(names[i]));
			if (p->a)
				p->b = split_complex(p->q, p->b, meed_s(names[i]));
		}
		if (!p->a || !p->b)
			return false;
	}
	p->need = AGREE_BITS;
	p->probe = _fmpq_vec_init(PROBES);
	numbers(p, p->a);
	numbers(p, p->b);
	memset(&p->s, 0, sizeof(p->s));
	mxt_syms(p->a, &p->s);
	mxt_syms(p->b, &p->s);
	if (p->s.over)
		return false;
	p->v = _fmpq_vec_init(EQ_SYMS);
	for (i = 0; i < p->s.n; i++) {
		p->bind[i].name = p->s.v[i];
		p->bind[i].v = &p->v[i];
		p->bind[i].next = i + 1 < p->s.n ? &p->bind[i + 1] : NULL;
	}
	return true;
}

static void release(struct points *p)
{
	if (p->v)
		_fmpq_vec_clear(p->v, EQ_SYMS);
	if (p->probe)
		_fmpq_vec_clear(p->probe, PROBES);
}

void eq_points(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct points p;
	bool done = false;

	memset(&p, 0, sizeof(p));
	p.q = q;
	p.a = a;
	p.b = b;
	eq_say(ret, MX_UNDECIDED, "not decided: too few points where both have a value");
	if (!q->field_made)
		mxs_field(q, 0);
	if (!start(&p)) {
		release(&p);
		return;
	}
	if (!p.s.has_i)
		done = run(&p, EQ_REAL, false, ret);
	if (!done && p.defined == 0 && !p.s.has_i)
		done = run(&p, EQ_REAL, true, ret);
	if (!done && p.defined == 0)
		done = run(&p, EQ_COMPLEX, false, ret);
	release(&p);
}

bool eq_defined_somewhere(struct eq *q, const struct mx *x)
{
	struct eq_at at = { NULL, EQ_COMPLEX, 64, 0 };
	struct points p;
	bool found = false;
	uint64_t t;
	acb_t v;

	memset(&p, 0, sizeof(p));
	p.q = q;
	p.a = p.b = x;
	if (!start(&p)) {
		release(&p);
		return false;
	}
	at.bind = p.s.n > 0 ? &p.bind[0] : NULL;
	acb_init(v);
	for (t = 0; t < 12 && !found && !q->e->spent; t++) {
		place(&p, t);
		found = mxb_eval(q, x, &at, v) == EQ_OK;
	}
	acb_clear(v);
	release(&p);
	return found;
}
