/* equal_rel.c - equations, inequalities and systems: do they have the same solutions? */
#include "config.h"

#include "plugins/math/equal.h"

/* ---- what a relation says ------------------------------------------------------------------------ */

static bool all_relations(const struct mx *x)
{
	uint32_t i;

	for (i = 0; i < x->n; i++)
		if (!eq_is_relation(x->arg[i]))
			return false;
	return x->n > 0;
}

bool eq_is_relation(const struct mx *x)
{
	switch (x->kind) {
	case MX_REL:
		return x->n >= 2;
	case MX_SYSTEM:
	case MX_ORREL:
	case MX_LIST:
	case MX_SET:
	case MX_AND:
	case MX_OR:
		return all_relations(x);
	case MX_NOT:
		return x->n == 1 && eq_is_relation(x->arg[0]);
	default:
		return false;
	}
}

static bool is_quantity_name(const struct mx *x, bool *symbols)
{
	uint32_t i;

	switch (x->kind) {
	case MX_SYM:
		*symbols = true;
		return true;
	case MX_E:
	case MX_I:
	case MX_PI:
		return true;
	case MX_CALL:
		*symbols = true;
		return true;
	case MX_TEXT:
		*symbols = true;
		return true;
	case MX_ADD:
	case MX_MUL:
	case MX_DIV:
	case MX_NEG:
	case MX_FUNC:
	case MX_TUPLE:
	case MX_RATIO:
	case MX_UNIT:
	case MX_DEGREE:
		break;
	default:
		return false;
	}
	for (i = 0; i < x->n; i++)
		if (!is_quantity_name(x->arg[i], symbols))
			return false;
	return x->n > 0;
}

/* x, f(2), |AB|, NO/BO, A : B, (x, y), x + y: names of what is asked for, without numbers. */
static bool names_quantity(const struct mx *x)
{
	bool symbols = false;

	return is_quantity_name(x, &symbols) && symbols;
}

static bool shares_symbols(const struct mx *a, const struct mx *b)
{
	struct eq_syms s;
	size_t i;

	memset(&s, 0, sizeof(s));
	mxt_syms(a, &s);
	for (i = 0; i < s.n; i++)
		if (mxt_has_sym(b, s.v[i]))
			return true;
	return false;
}

static bool calls(const struct mx *x, meed_str name)
{
	uint32_t i;

	if (x->kind == MX_CALL && meed_eq(x->name, name))
		return true;
	for (i = 0; i < x->n; i++)
		if (calls(x->arg[i], name))
			return true;
	return false;
}

/* Does r depend on what l names? f(x) = x^2 does not; x = x^2 does. */
static bool depends(const struct mx *l, const struct mx *r)
{
	return l->kind == MX_CALL ? calls(r, l->name) : shares_symbols(l, r);
}

static bool all_known(const struct mx *x, uint32_t from)
{
	struct eq_syms s;
	uint32_t i;

	memset(&s, 0, sizeof(s));
	for (i = from; i < x->n; i++)
		mxt_syms(x->arg[i], &s);
	return s.n == 0;
}

/* 9 in "129^34 + 96^38 = 5 = 9 (mod 11)", in "n = 9 (mod 11)". */
static const struct mx *residue(const struct mx *x)
{
	const struct mx *last = x->arg[x->n - 1];
	uint32_t i;

	if (!mxt_is(last, "mod") || last->n != 2 ||
	    !(names_quantity(x->arg[0]) || all_known(x, 0)))
		return NULL;
	for (i = 0; i + 1 < x->n; i++)
		if (x->rel[i] != MX_EQ && x->rel[i] != MX_CONG)
			return NULL;
	return last->arg[0];
}

const struct mx *eq_assigned(struct eq *q, const struct mx *x)
{
	const struct mx *l, *r;
	uint32_t last;

	(void)q;
	if (x->kind == MX_REL && x->n >= 2 && x->rel[x->n - 2] == MX_CONG)
		return residue(x);
	if (x->kind != MX_REL || x->n < 2)
		return NULL;
	l = x->arg[0];
	if (x->rel[0] == MX_IN)
		return x->n == 2 && names_quantity(l) ? x->arg[1] : NULL;
	if (x->rel[0] == MX_APPROX && x->n == 2)
		return names_quantity(l) || all_known(x, 0) ? x->arg[1] : NULL;
	if (x->rel[0] != MX_EQ)
		return NULL;
	/* the last member that is equal, before any approximation */
	for (last = 1; last < x->n - 1 && x->rel[last] == MX_EQ; last++)
		;
	if (last < x->n - 1 && x->rel[last] != MX_APPROX)
		return NULL;
	r = x->arg[last];
	/* 3 + 4 = 7 */
	if (all_known(x, 0) && mxt_is_scalar(l))
		return r;
	if (l->kind == MX_DERIV && l->arg[1]->kind == MX_SYM && !depends(l->arg[1], r))
		return r;
	if (names_quantity(l) && !depends(l, r))
		return r;
	/* 3 = x, 2 pi r = C */
	if (x->n == 2 && (r->kind == MX_SYM || r->kind == MX_CALL) && !depends(r, l))
		return l;
	return NULL;
}

/* ---- two single relations -------------------------------------------------------------------------- */

bool eq_lone_left(const struct mx *x)
{
	return x->n == 2 && (x->arg[0]->kind == MX_SYM || x->arg[0]->kind == MX_CALL) &&
	       !depends(x->arg[0], x->arg[1]);
}

/* y = ... against y = ..., f(x) = ... against y = ... */
static bool explicit_forms(struct eq *q, const struct mx *a, const struct mx *b,
			   struct mx_outcome *ret)
{
	const struct mx *l = a->arg[0], *m = b->arg[0];
	bool fa = a->arg[0]->kind == MX_CALL, fb = b->arg[0]->kind == MX_CALL;

	if (a->n != 2 || b->n != 2)
		return false;
	if (mxt_same(l, m)) {
		if (l->kind == MX_SYM && (mxt_has_sym(a->arg[1], l->name) ||
					  mxt_has_sym(b->arg[1], l->name)))
			return false;
		if (!names_quantity(l))
			return false;
		if (eq_progressions(q, a->arg[1], b->arg[1], ret))
			return true;
		/* x + y = 3 and 3 = 3: equal right sides say enough, different ones may not */
		eq_any(q, a->arg[1], b->arg[1], ret);
		return l->kind == MX_SYM || l->kind == MX_CALL || l->kind == MX_TUPLE ||
		       ret->verdict == MX_YES;
	}
	if (l->kind == MX_TUPLE && m->kind == MX_TUPLE && l->n == m->n) {
		eq_members(q, (const struct mx *const *)l->arg, l->n,
			   (const struct mx *const *)m->arg, m->n, true, true, ret);
		if (ret->verdict == MX_YES)
			eq_any(q, a->arg[1], b->arg[1], ret);
		return true;
	}
	if ((fa != fb) && (l->kind == MX_SYM || m->kind == MX_SYM) &&
	    (fa || eq_lone_left(a)) && (fb || eq_lone_left(b))) {
		eq_any(q, a->arg[1], b->arg[1], ret);
		return ret->verdict == MX_YES;
	}
	return false;
}

/* ---- pairs ------------------------------------------------------------------------------------------ */

static bool is_order(enum mx_rel r)
{
	return r == MX_LT || r == MX_LE || r == MX_GT || r == MX_GE;
}

/* a - b is the same multiple of m on both sides: congruences. */
static void congruences(struct eq *q, const struct mx *a, const struct mx *b,
			struct mx_outcome *ret)
{
	const struct mx *x = a->arg[1], *y = b->arg[1], *d;
	struct mx *r, *zero = mxt_int(q->e, 0);
	bool mods = mxt_is(x, "mod") && x->n == 2 && mxt_is(y, "mod") && y->n == 2;

	if (!mods || !zero) {
		eq_members(q, (const struct mx *const *)a->arg, a->n,
			   (const struct mx *const *)b->arg, b->n, true, true, ret);
		return;
	}
	eq_any(q, a->arg[0], b->arg[0], ret);
	if (ret->verdict == MX_YES)
		eq_value(q, x->arg[1], y->arg[1], ret);
	if (ret->verdict != MX_YES)
		return;
	d = mxt_sub(q->e, x->arg[0], y->arg[0]);
	r = d ? mxt_func2(q->e, "mod", d, x->arg[1]) : NULL;
	if (r)
		eq_value(q, r, zero, ret);
}

/* d = c (s - f), c a constant other than 0: f, and the sign of c. */
static const struct mx *solved_for(struct eq *q, const struct mx *d, meed_str s, int *ret_sign)
{
	const struct mx *c = eq_derivative(q, d, s), *zero = mxt_int(q->e, 0), *rest;
	struct eq_syms free;

	memset(&free, 0, sizeof(free));
	if (!c || !zero)
		return NULL;
	mxt_syms(c, &free);
	*ret_sign = free.n == 0 && !free.has_call ? mxb_order(q, c, zero) : 2;
	if (*ret_sign == 0 || *ret_sign == 2)
		return NULL;
	rest = mxt_subst(q->e, d, s, zero);
	rest = rest ? mxt_1(q->e, MX_NEG, mxt_2(q->e, MX_DIV, rest, c)) : NULL;
	return rest && mxt_within(q->e, rest, EQ_NODES) ? rest : NULL;
}

/* Both can be solved for one symbol: what it comes to is compared. *ret_signs is the product of the
 * signs by which both were divided. False if there is no such symbol. */
static bool by_solving_for(struct eq *q, const struct mx *d1, const struct mx *d2, int *ret_signs,
			   struct mx_outcome *ret)
{
	const struct mx *f, *g;
	struct eq_syms s;
	int s1, s2;
	size_t i;

	memset(&s, 0, sizeof(s));
	mxt_syms(d1, &s);
	for (i = 0; i < s.n && !q->e->spent; i++) {
		f = mxt_has_sym(d2, s.v[i]) ? solved_for(q, d1, s.v[i], &s1) : NULL;
		g = f ? solved_for(q, d2, s.v[i], &s2) : NULL;
		if (!g)
			continue;
		eq_value(q, f, g, ret);
		*ret_signs = s1 * s2;
		return true;
	}
	return false;
}

static void equations(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	const struct mx *d1 = eq_difference(q, a), *d2 = eq_difference(q, b);
	struct mx_outcome o;
	bool same = false;
	int bits;

	if (!d1 || !d2) {
		eq_say(ret, MX_UNDECIDED, "not decided: equations between other things than numbers");
		return;
	}
	bits = eq_proportional(q, d1, d2);
	if (bits > 0) {
		eq_sayf(ret, MX_YES, "the same equation up to a factor",
			"in random finite fields; chance of error below 2^-%d", bits);
		return;
	}
	if (mxp_same_zeros(q, d1, d2, &same) == EQ_OK) {
		eq_say(ret, same ? MX_YES : MX_NO,
		       same ? "the same solutions" : "different solutions");
		return;
	}
	if (eq_tell_apart(q, a, b))
		eq_say(ret, MX_NO, "a solution of one does not solve the other");
	else if (by_solving_for(q, d1, d2, &bits, &o) && o.verdict != MX_UNDECIDED)
		eq_sayf(ret, o.verdict, o.verdict == MX_YES ? "the same, solved for a symbol" :
			"different, solved for a symbol", "%.100s", o.rule);
	else
		eq_say(ret, MX_UNDECIDED, "not decided: equations of different form");
}

static void inequalities(struct eq *q, const struct mx *a, const struct mx *b,
			 struct mx_outcome *ret)
{
	enum mx_rel ra = (enum mx_rel)a->rel[0], rb = (enum mx_rel)b->rel[0];
	bool strict_a = ra == MX_LT || ra == MX_GT, strict_b = rb == MX_LT || rb == MX_GT;
	int down_a = ra == MX_LT || ra == MX_LE ? -1 : 1, down_b = rb == MX_LT || rb == MX_LE ? -1 : 1;
	const struct mx *d1 = eq_difference(q, a), *d2 = eq_difference(q, b);
	struct mx_outcome o;
	int sign;

	eq_say(ret, MX_UNDECIDED, "not decided: inequalities of different form");
	if (!d1 || !d2)
		return;
	if (eq_proportional(q, d1, d2) > 0) {
		sign = eq_factor_sign(q, d1, d2);
		if (sign == 0)
			return;
		if (sign * down_a * down_b > 0 && strict_a == strict_b)
			eq_say(ret, MX_YES, "the same inequality up to a positive factor");
		else
			eq_say(ret, MX_NO, "inequalities of opposite or other kind");
		return;
	}
	if (eq_tell_apart(q, a, b)) {
		eq_say(ret, MX_NO, "a point satisfies one and not the other");
	} else if (by_solving_for(q, d1, d2, &sign, &o) && o.verdict != MX_UNDECIDED) {
		if (o.verdict == MX_YES && sign * down_a * down_b > 0 && strict_a == strict_b)
			eq_say(ret, MX_YES, "the same, solved for a symbol");
		else
			eq_say(ret, MX_NO, "different, solved for a symbol");
	}
}

bool eq_one_symbol(const struct mx *a, const struct mx *b)
{
	struct eq_syms s;

	memset(&s, 0, sizeof(s));
	mxt_syms(a, &s);
	mxt_syms(b, &s);
	return s.n == 1;
}

bool eq_by_solving(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct eq_spans x, y;

	if (!eq_one_symbol(a, b) || eq_spans_of(q, a, &x) != EQ_OK || eq_spans_of(q, b, &y) != EQ_OK)
		return false;
	eq_spans_same(q, &x, &y, ret);
	return true;
}

static void pair(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	enum mx_rel ra = (enum mx_rel)a->rel[0], rb = (enum mx_rel)b->rel[0];

	if (ra == MX_APPROX)
		ra = MX_EQ;
	if (rb == MX_APPROX)
		rb = MX_EQ;
	if (ra == MX_CONG && rb == MX_CONG) {
		congruences(q, a, b, ret);
	} else if (ra == MX_EQ && rb == MX_EQ) {
		if (explicit_forms(q, a, b, ret))
			return;
		equations(q, a, b, ret);
		if (ret->verdict == MX_UNDECIDED)
			(void)eq_by_solving(q, a, b, ret);
	} else if (eq_by_solving(q, a, b, ret)) {
		return;
	} else if (is_order(ra) && is_order(rb)) {
		inequalities(q, a, b, ret);
	} else if (ra == rb && ra == MX_NE) {
		equations(q, a, b, ret);
	} else if (ra == rb) {
		eq_members(q, (const struct mx *const *)a->arg, a->n,
			   (const struct mx *const *)b->arg, b->n, true, true, ret);
	} else if (eq_tell_apart(q, a, b)) {
		eq_say(ret, MX_NO, "a point satisfies one and not the other");
	} else {
		eq_say(ret, MX_UNDECIDED, "not decided: relations of different kind");
	}
}

/* ---- all of them --------------------------------------------------------------------------------- */

/* sin x = 0.5 = 1/2: only the ends matter where all but the first are known. */
static const struct mx *shorten(struct eq *q, const struct mx *x)
{
	const struct mx *v;

	if (x->kind != MX_REL || x->n <= 2)
		return x;
	v = eq_assigned(q, x);
	if (!v || (!all_known(x, 1) && x->rel[1] == MX_EQ && x->arg[0]->kind != MX_SYM &&
		   x->arg[0]->kind != MX_CALL))
		return x;
	return mxt_rel(q->e, MX_EQ, x->arg[0], v);
}

/* n = 1, 2, 3 written as a list whose first member is a relation is made one by the caller's
 * member-wise comparison; n = {LIST} against the same goes through explicit_forms. */
void eq_relations(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	a = shorten(q, a);
	b = a ? shorten(q, b) : NULL;
	if (!a || !b)
		return;
	if (a->kind == MX_REL && b->kind == MX_REL && a->n == 2 && b->n == 2)
		pair(q, a, b, ret);
	else if (a->kind == MX_NOT || b->kind == MX_NOT)
		(void)eq_by_solving(q, a, b, ret);
	else
		eq_several(q, a, b, ret);
}
