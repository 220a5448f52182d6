/* equal_span.c - subsets of the real line: sorted spans that neither touch nor overlap. */
#include "config.h"

#include "plugins/math/equal.h"

enum {
	SPANS = 256
};

static bool room(struct eq *q, struct eq_spans *s, size_t n)
{
	s->n = 0;
	if (n > SPANS)
		return false;
	s->v = mx_alloc(q->e, (n + 1) * sizeof(*s->v));
	return s->v != NULL;
}

/* Which begins first: order of the low ends, closed before open. */
static int by_start(struct eq *q, const struct eq_span *a, const struct eq_span *b)
{
	int r = mxb_order(q, a->lo, b->lo);

	return r != 0 ? r : (int)a->open_lo - (int)b->open_lo;
}

/* Sorts v by insertion and joins what touches. */
static enum eq_get tidy(struct eq *q, struct eq_spans *s)
{
	struct eq_span t, *last;
	size_t i, j, n = 0;
	int r;

	for (i = 1; i < s->n; i++) {
		t = s->v[i];
		for (j = i; j > 0; j--) {
			r = by_start(q, &t, &s->v[j - 1]);
			if (r == 2)
				return EQ_NOT;
			if (r >= 0)
				break;
			s->v[j] = s->v[j - 1];
		}
		s->v[j] = t;
	}
	for (i = 0; i < s->n; i++) {
		t = s->v[i];
		last = n > 0 ? &s->v[n - 1] : NULL;
		r = last ? mxb_order(q, last->hi, t.lo) : -1;
		if (r == 2)
			return EQ_NOT;
		if (r < 0 || (r == 0 && last->open_hi && t.open_lo)) {
			s->v[n++] = t;
			continue;
		}
		r = mxb_order(q, last->hi, t.hi);
		if (r == 2)
			return EQ_NOT;
		if (r < 0 || (r == 0 && last->open_hi)) {
			last->hi = t.hi;
			last->open_hi = t.open_hi;
		}
	}
	s->n = n;
	return q->e->spent ? EQ_BIG : EQ_OK;
}

static const struct mx *infinite(struct eq *q, bool negative)
{
	struct mx *x = mxt_new(q->e, MX_INF, 0);

	return negative ? mxt_1(q->e, MX_NEG, x) : x;
}

enum eq_get eq_spans_not(struct eq *q, const struct eq_spans *a, struct eq_spans *ret)
{
	const struct mx *at = infinite(q, true), *end = infinite(q, false);
	bool open = true;
	size_t i;

	if (!at || !end || !room(q, ret, a->n + 1))
		return EQ_BIG;
	for (i = 0; i <= a->n; i++) {
		struct eq_span s = { at, i < a->n ? a->v[i].lo : end, open,
				     i < a->n ? !a->v[i].open_lo : true };
		bool empty = false;

		if (i == 0 || i == a->n) {
			/* nothing before -inf or after inf */
			int r = mxb_order(q, s.lo, s.hi);

			if (r == 2)
				return EQ_NOT;
			empty = r == 0;
		}
		if (!empty)
			ret->v[ret->n++] = s;
		if (i < a->n) {
			at = a->v[i].hi;
			open = !a->v[i].open_hi;
		}
	}
	return EQ_OK;
}

enum eq_get eq_spans_or(struct eq *q, const struct eq_spans *a, const struct eq_spans *b,
			struct eq_spans *ret)
{
	if (!room(q, ret, a->n + b->n))
		return EQ_BIG;
	memcpy(ret->v, a->v, a->n * sizeof(*a->v));
	memcpy(ret->v + a->n, b->v, b->n * sizeof(*b->v));
	ret->n = a->n + b->n;
	return tidy(q, ret);
}

enum eq_get eq_spans_and(struct eq *q, const struct eq_spans *a, const struct eq_spans *b,
			 struct eq_spans *ret)
{
	struct eq_spans na, nb, both;
	enum eq_get g = eq_spans_not(q, a, &na);

	if (g == EQ_OK)
		g = eq_spans_not(q, b, &nb);
	if (g == EQ_OK)
		g = eq_spans_or(q, &na, &nb, &both);
	return g == EQ_OK ? eq_spans_not(q, &both, ret) : g;
}

static enum eq_get one(struct eq *q, const struct mx *lo, const struct mx *hi, bool open_lo,
		       bool open_hi, struct eq_spans *ret)
{
	struct eq_span s = { lo, hi, open_lo || mxt_inf(lo), open_hi || mxt_inf(hi) };
	int r = mxb_order(q, lo, hi);

	if (r == 2)
		return EQ_NOT;
	if (!room(q, ret, 1))
		return EQ_BIG;
	if (r < 0 || (r == 0 && !s.open_lo && !s.open_hi))
		ret->v[ret->n++] = s;
	return EQ_OK;
}

static enum eq_get points(struct eq *q, const struct mx *x, struct eq_spans *ret)
{
	size_t n = 0;
	uint32_t i;
	enum eq_get g;
	struct eq_spans t;

	if (!room(q, ret, SPANS))
		return EQ_BIG;
	for (i = 0; i < x->n; i++) {
		const struct mx *v = eq_is_relation(x->arg[i]) ? eq_assigned(q, x->arg[i]) :
				     x->arg[i];

		if (!v)
			return EQ_NOT;
		if (v->kind == MX_LIST || v->kind == MX_SET) {
			g = points(q, v, &t);
			if (g != EQ_OK || n + t.n > SPANS)
				return g == EQ_OK ? EQ_BIG : g;
			memcpy(ret->v + n, t.v, t.n * sizeof(*t.v));
			n += t.n;
			continue;
		}
		if (!mxt_is_scalar(v) || mxt_has_kind(v, MX_INF) || n == SPANS)
			return EQ_NOT;
		ret->v[n].lo = ret->v[n].hi = v;
		ret->v[n].open_lo = ret->v[n].open_hi = false;
		n++;
	}
	ret->n = n;
	return tidy(q, ret);
}

static enum eq_get fold(struct eq *q, const struct mx *x, struct eq_spans *ret)
{
	struct eq_spans a, b, t;
	enum eq_get g;
	uint32_t i;

	if (x->n == 0)
		return EQ_NOT;
	g = eq_spans_of(q, x->arg[0], &a);
	for (i = 1; i < x->n && g == EQ_OK; i++) {
		g = eq_spans_of(q, x->arg[i], &b);
		if (g != EQ_OK)
			break;
		if (x->kind == MX_UNION) {
			g = eq_spans_or(q, &a, &b, &t);
		} else if (x->kind == MX_INTER) {
			g = eq_spans_and(q, &a, &b, &t);
		} else {
			struct eq_spans nb;

			g = eq_spans_not(q, &b, &nb);
			if (g == EQ_OK)
				g = eq_spans_and(q, &a, &nb, &t);
		}
		a = t;
	}
	*ret = a;
	return g;
}

/* {x | condition}, {x in R | condition} */
static enum eq_get set_of(struct eq *q, const struct mx *x, struct eq_spans *ret)
{
	const struct mx *s = x->n == 2 ? x->arg[0] : NULL;
	struct eq_spans a, b;
	enum eq_get g;

	if (!s)
		return EQ_NOT;
	if (s->kind == MX_SYM)
		return eq_solve(q, x->arg[1], s->name, ret);
	if (s->kind != MX_REL || s->n != 2 || s->rel[0] != MX_IN || s->arg[0]->kind != MX_SYM)
		return EQ_NOT;
	g = eq_solve(q, x->arg[1], s->arg[0]->name, &a);
	if (g == EQ_OK)
		g = eq_spans_of(q, s->arg[1], &b);
	return g == EQ_OK ? eq_spans_and(q, &a, &b, ret) : g;
}

static enum eq_get condition(struct eq *q, const struct mx *x, struct eq_spans *ret)
{
	struct eq_syms s;

	memset(&s, 0, sizeof(s));
	mxt_syms(x, &s);
	return s.n == 1 ? eq_solve(q, x, s.v[0], ret) : EQ_NOT;
}

static enum eq_get of(struct eq *q, const struct mx *x, struct eq_spans *ret)
{
	switch (x->kind) {
	case MX_INTERVAL:
		if (x->n != 2)
			return EQ_NOT;
		return one(q, x->arg[0], x->arg[1], x->open_lo, x->open_hi, ret);
	case MX_TUPLE:
		if (x->n != 2 || !mxt_is_scalar(x->arg[0]) || !mxt_is_scalar(x->arg[1]))
			return EQ_NOT;
		return one(q, x->arg[0], x->arg[1], true, true, ret);
	case MX_NUMSET:
		if (!meed_eq(x->name, MEED_S("R")))
			return EQ_NOT;
		return one(q, infinite(q, true), infinite(q, false), true, true, ret);
	case MX_SET:
		return points(q, x, ret);
	case MX_LIST:
	case MX_ORREL:
	case MX_SYSTEM:
		if (!eq_is_relation(x))
			return points(q, x, ret);
		return condition(q, x, ret);
	case MX_UNION:
	case MX_INTER:
	case MX_MINUS:
		return fold(q, x, ret);
	case MX_SETOF:
		return set_of(q, x, ret);
	case MX_REL:
	case MX_AND:
	case MX_OR:
	case MX_NOT:
		return condition(q, x, ret);
	default:
		if (!mxt_is_scalar(x) || mxt_inf(x))
			return EQ_NOT;
		return one(q, x, x, false, false, ret);
	}
}

enum eq_get eq_spans_of(struct eq *q, const struct mx *x, struct eq_spans *ret)
{
	enum eq_get g;

	ret->n = 0;
	ret->v = NULL;
	if (!x || !eq_enter(q))
		return EQ_BIG;
	g = of(q, x, ret);
	eq_leave(q);
	return q->e->spent ? EQ_BIG : g;
}

static void end_same(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	if (mxt_inf(a) || mxt_inf(b))
		eq_say(ret, mxt_inf(a) == mxt_inf(b) ? MX_YES : MX_NO, "infinite ends");
	else
		eq_value(q, a, b, ret);
}

void eq_spans_same(struct eq *q, const struct eq_spans *a, const struct eq_spans *b,
		   struct mx_outcome *ret)
{
	struct mx_outcome o;
	size_t i;
	int side;

	if (a->n != b->n) {
		eq_sayf(ret, MX_NO, "different numbers of pieces", "%zu against %zu", a->n, b->n);
		return;
	}
	eq_say(ret, MX_YES, "the same set of real numbers");
	for (i = 0; i < a->n; i++) {
		if (a->v[i].open_lo != b->v[i].open_lo || a->v[i].open_hi != b->v[i].open_hi) {
			eq_say(ret, MX_NO, "an end is open on one side and closed on the other");
			return;
		}
		for (side = 0; side < 2; side++) {
			end_same(q, side ? a->v[i].hi : a->v[i].lo, side ? b->v[i].hi : b->v[i].lo,
				 &o);
			if (o.verdict == MX_NO) {
				eq_sayf(ret, MX_NO, "different ends", "%.100s", o.rule);
				return;
			}
			if (o.verdict == MX_UNDECIDED)
				*ret = o;
		}
	}
}
