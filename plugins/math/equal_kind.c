/* equal_kind.c - what no layer could decide because the two are of different kinds: an interval and
 * a number, relations about different unknowns, something undefined and a value. */
#include "config.h"

#include "plugins/math/equal.h"

static bool is_range(const struct mx *x)
{
	return x->kind == MX_INTERVAL || x->kind == MX_UNION || x->kind == MX_INTER ||
	       x->kind == MX_MINUS || x->kind == MX_SETOF || x->kind == MX_NUMSET;
}

static bool is_value(const struct mx *x)
{
	return mxt_is_scalar(x) || x->kind == MX_UNIT || x->kind == MX_UNDEF ||
	       x->kind == MX_TIME || x->kind == MX_CHOICE || x->kind == MX_TEXT || x->kind == MX_MATRIX;
}

/* One value, or finitely many side by side; a pair in brackets may be an interval. */
static bool is_finite(const struct mx *x)
{
	uint32_t i;

	if (x->kind == MX_TUPLE)
		return x->n != 2;
	if (x->kind != MX_LIST && x->kind != MX_SET)
		return is_value(x);
	for (i = 0; i < x->n; i++)
		if (!is_finite(x->arg[i]) && x->arg[i]->kind != MX_TUPLE)
			return false;
	return true;
}

/* Does x hold more than finitely many numbers? False: not known to. */
static bool is_infinite(struct eq *q, const struct mx *x)
{
	struct mx_outcome o;
	struct eq_spans s;
	uint32_t i;
	size_t k;

	switch (x->kind) {
	case MX_NUMSET:
		return true;
	case MX_INTERVAL:
		if (x->n != 2)
			return false;
		if (mxt_inf(x->arg[0]) || mxt_inf(x->arg[1]))
			return mxt_inf(x->arg[0]) != mxt_inf(x->arg[1]);
		eq_any(q, x->arg[0], x->arg[1], &o);
		return o.verdict == MX_NO;
	case MX_UNION:
		for (i = 0; i < x->n; i++)
			if (is_infinite(q, x->arg[i]))
				return true;
		return false;
	default:
		if (eq_spans_of(q, x, &s) != EQ_OK)
			return false;
		for (k = 0; k < s.n; k++)
			if (mxb_order(q, s.v[k].lo, s.v[k].hi) == -1)
				return true;
		return false;
	}
}

static bool is_constant(const struct mx *x)
{
	struct eq_syms s;

	memset(&s, 0, sizeof(s));
	mxt_syms(x, &s);
	return s.n == 0 && !s.has_call;
}

/* Have both unknowns, and none in common? */
static bool disjoint(const struct mx *a, const struct mx *b)
{
	struct eq_syms s, t;
	size_t i;

	memset(&s, 0, sizeof(s));
	memset(&t, 0, sizeof(t));
	mxt_syms(a, &s);
	mxt_syms(b, &t);
	if (s.over || t.over || s.n == 0 || t.n == 0)
		return false;
	for (i = 0; i < s.n; i++)
		if (mxt_has_sym(b, s.v[i]))
			return false;
	return true;
}

static bool of_several(const struct mx *x)
{
	struct eq_syms s;

	memset(&s, 0, sizeof(s));
	mxt_syms(x, &s);
	return s.n > 1;
}

/* The solutions of a relation as a list, where they are finitely many points of one unknown. */
static const struct mx *solutions(struct eq *q, const struct mx *x)
{
	struct mx *list;
	struct eq_spans s;
	size_t i;

	if (of_several(x) || eq_spans_of(q, x, &s) != EQ_OK || s.n == 0)
		return NULL;
	list = mxt_new(q->e, MX_SET, (uint32_t)s.n);
	for (i = 0; list && i < s.n; i++) {
		if (s.v[i].lo != s.v[i].hi)
			return NULL;
		mxt_set(list, (uint32_t)i, s.v[i].lo);
	}
	return list;
}

/* A relation against something that is none. */
static bool relation_against(struct eq *q, const struct mx *x, const struct mx *y,
			     struct mx_outcome *ret)
{
	const struct mx *list;
	struct mx_outcome o;

	/* an equation or inequality of several unknowns has points as its solutions */
	if (of_several(x) && is_constant(y) && (x->kind == MX_REL || is_range(y))) {
		eq_say(ret, MX_NO, "a relation of several unknowns against numbers");
		return true;
	}
	if (is_finite(y) && is_infinite(q, x)) {
		eq_say(ret, MX_NO, "infinitely many numbers against finitely many");
		return true;
	}
	list = solutions(q, x);
	if (!list || eq_is_relation(y))
		return false;
	eq_any(q, list, y, &o);
	if (o.verdict != MX_UNDECIDED)
		*ret = o;
	return o.verdict != MX_UNDECIDED;
}

static bool relations(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	const struct mx *v, *w;
	struct mx_outcome o;

	if (disjoint(a, b)) {
		eq_say(ret, MX_NO, "relations about different unknowns");
		return true;
	}
	v = eq_assigned(q, a);
	w = v ? eq_assigned(q, b) : NULL;
	if (w) {
		eq_any(q, v, w, &o);
		if (o.verdict == MX_NO) {
			eq_sayf(ret, MX_NO, "what they give differs", "%.100s", o.rule);
			return true;
		}
	}
	if (!eq_tell_apart(q, a, b))
		return false;
	eq_say(ret, MX_NO, "a point satisfies one and not the other");
	return true;
}

bool eq_kinds_apart(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	bool ra = eq_is_relation(a), rb = eq_is_relation(b);
	const struct mx *x, *y;

	if (q->e->spent)
		return false;
	if (ra && rb)
		return relations(q, a, b, ret);
	if (ra != rb)
		return relation_against(q, ra ? a : b, ra ? b : a, ret);
	if (is_range(a) == is_range(b))
		return false;
	x = is_range(a) ? a : b;
	y = is_range(a) ? b : a;
	if (!is_finite(y) || !is_infinite(q, x))
		return false;
	eq_say(ret, MX_NO, "infinitely many numbers against finitely many");
	return true;
}
