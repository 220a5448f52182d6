/* equal_solve.c - where a condition on one symbol holds, as spans: linear in it, rational with
 * roots of degree two at most, or such within bars. */
#include "config.h"

#include "plugins/math/equal.h"

#include <flint/fmpz_poly_factor.h>

enum {
	ROOTS = 40
};

struct root {
	const struct mx *at;
	bool pole;			/* of the denominator: undefined there */
};

static bool wants(enum mx_rel rel, int sign)
{
	switch (rel) {
	case MX_EQ:
	case MX_APPROX:
		return sign == 0;
	case MX_NE:
		return sign != 0;
	case MX_LT:
		return sign < 0;
	case MX_LE:
		return sign <= 0;
	case MX_GT:
		return sign > 0;
	case MX_GE:
		return sign >= 0;
	default:
		return false;
	}
}

static enum mx_rel mirrored(enum mx_rel r)
{
	switch (r) {
	case MX_LT:
		return MX_GT;
	case MX_LE:
		return MX_GE;
	case MX_GT:
		return MX_LT;
	case MX_GE:
		return MX_LE;
	default:
		return r;
	}
}

static const struct mx *infinite(struct eq *q, bool negative)
{
	struct mx *x = mxt_new(q->e, MX_INF, 0);

	return negative ? mxt_1(q->e, MX_NEG, x) : x;
}

static enum eq_get interval(struct eq *q, const struct mx *lo, const struct mx *hi, bool open,
			    struct eq_spans *ret)
{
	struct mx *x = mxt_2(q->e, MX_INTERVAL, lo, hi);

	if (!x)
		return EQ_BIG;
	x->open_lo = x->open_hi = open;
	return eq_spans_of(q, x, ret);
}

/* s rel c */
static enum eq_get direct(struct eq *q, enum mx_rel rel, const struct mx *c, struct eq_spans *ret)
{
	const struct mx *lo = infinite(q, true), *hi = infinite(q, false);
	struct eq_spans t;
	enum eq_get g;

	if (!c || !lo || !hi)
		return EQ_BIG;
	switch (rel) {
	case MX_EQ:
	case MX_APPROX:
		return interval(q, c, c, false, ret);
	case MX_NE:
		g = interval(q, c, c, false, &t);
		return g == EQ_OK ? eq_spans_not(q, &t, ret) : g;
	case MX_LT:
	case MX_LE:
		return interval(q, lo, c, rel == MX_LT, ret);
	case MX_GT:
	case MX_GE:
		return interval(q, c, hi, rel == MX_GT, ret);
	default:
		return EQ_NOT;
	}
}

/* ---- sign charts --------------------------------------------------------------------------------- */

static const struct mx *from_fmpz(struct eq *q, const fmpz_t v)
{
	const struct mx *r;
	fmpq_t t;

	fmpq_init(t);
	fmpz_set(fmpq_numref(t), v);
	r = mxt_fmpq(q->e, t);
	fmpq_clear(t);
	return r;
}

static bool put(struct eq *q, struct root *v, size_t *n, const struct mx *at, bool pole)
{
	if (!at || *n == ROOTS)
		return false;
	v[*n].at = at;
	v[(*n)++].pole = pole;
	return !q->e->spent;
}

/* (-b ± sqrt(b^2 - 4 a c)) / 2a */
static bool quadratic(struct eq *q, const fmpz_poly_t f, struct root *v, size_t *n, bool pole)
{
	struct mx_env *e = q->e;
	const struct mx *b, *two_a, *d, *x;
	bool ok = true;
	fmpz_t t;
	int i;

	fmpz_init(t);
	fmpz_poly_discriminant(t, f);
	if (fmpz_sgn(t) < 0)
		goto out;
	d = mxt_func(e, "sqrt", from_fmpz(q, t));
	fmpz_poly_get_coeff_fmpz(t, f, 1);
	fmpz_neg(t, t);
	b = from_fmpz(q, t);
	fmpz_mul_ui(t, fmpz_poly_lead(f), 2);
	two_a = from_fmpz(q, t);
	for (i = 0; i < 2 && ok; i++) {
		x = i ? mxt_sub(e, b, d) : mxt_2(e, MX_ADD, b, d);
		ok = put(q, v, n, mxt_2(e, MX_DIV, x, two_a), pole);
	}
out:
	fmpz_clear(t);
	return ok;
}

static bool linear(struct eq *q, const fmpz_poly_t f, struct root *v, size_t *n, bool pole)
{
	bool ok;
	fmpq_t r;

	fmpq_init(r);
	fmpz_poly_get_coeff_fmpz(fmpq_numref(r), f, 0);
	fmpz_neg(fmpq_numref(r), fmpq_numref(r));
	fmpz_poly_get_coeff_fmpz(fmpq_denref(r), f, 1);
	fmpq_canonicalise(r);
	ok = put(q, v, n, mxt_fmpq(q->e, r), pole);
	fmpq_clear(r);
	return ok;
}

static bool roots_of(struct eq *q, const fmpz_poly_t f, struct root *v, size_t *n, bool pole)
{
	fmpz_poly_factor_t fac;
	bool ok = true;
	slong i;

	if (fmpz_poly_degree(f) > 12 || fmpz_poly_max_bits(f) > 400 ||
	    fmpz_poly_max_bits(f) < -400 || !mx_step(q->e, 300))
		return false;
	if (fmpz_poly_degree(f) < 1)
		return true;
	fmpz_poly_factor_init(fac);
	fmpz_poly_factor(fac, f);
	for (i = 0; i < fac->num && ok; i++) {
		switch (fmpz_poly_degree(&fac->p[i])) {
		case 1:
			ok = linear(q, &fac->p[i], v, n, pole);
			break;
		case 2:
			ok = quadratic(q, &fac->p[i], v, n, pole);
			break;
		default:
			ok = fmpz_poly_num_real_roots(&fac->p[i]) == 0;
			break;
		}
	}
	fmpz_poly_factor_clear(fac);
	return ok;
}

static bool sort(struct eq *q, struct root *v, size_t n)
{
	struct root t;
	size_t i, j;
	int r;

	for (i = 1; i < n; i++) {
		t = v[i];
		for (j = i; j > 0; j--) {
			r = mxb_order(q, t.at, v[j - 1].at);
			if (r == 2 || r == 0)
				return false;
			if (r > 0)
				break;
			v[j] = v[j - 1];
		}
		v[j] = t;
	}
	return true;
}

/* A rational strictly between lo and hi; NULL stands for the infinities. */
static bool between(struct eq *q, const struct mx *lo, const struct mx *hi, fmpq_t ret)
{
	struct eq_at at = { NULL, EQ_REAL, 128, 0 };
	const struct mx *m;
	bool ok = true;
	acb_t x, y;

	acb_init(x);
	acb_init(y);
	if (lo)
		ok = mxb_eval(q, lo, &at, x) == EQ_OK;
	if (hi && ok)
		ok = mxb_eval(q, hi, &at, y) == EQ_OK;
	if (ok && lo && hi) {
		acb_add(x, x, y, 128);
		acb_mul_2exp_si(x, x, -1);
	} else if (ok && lo) {
		acb_add_ui(x, x, 1, 128);
	} else if (ok && hi) {
		acb_sub_ui(x, y, 1, 128);
	}
	if (ok && fmpz_bits(ARF_EXPREF(arb_midref(acb_realref(x)))) < 12) {
		arf_get_fmpq(ret, arb_midref(acb_realref(x)));
		m = mxt_fmpq(q->e, ret);
		ok = m && (!lo || mxb_order(q, lo, m) == -1) && (!hi || mxb_order(q, m, hi) == -1);
	} else {
		ok = false;
	}
	acb_clear(x);
	acb_clear(y);
	return ok;
}

static int sign_at(const fmpz_poly_t n, const fmpz_poly_t d, const fmpq_t x)
{
	int s;
	fmpq_t v;

	fmpq_init(v);
	fmpz_poly_evaluate_fmpq(v, n, x);
	s = fmpq_sgn(v);
	fmpz_poly_evaluate_fmpq(v, d, x);
	s *= fmpq_sgn(v);
	fmpq_clear(v);
	return s;
}

static enum eq_get add_span(struct eq *q, struct eq_spans *acc, const struct mx *lo,
			    const struct mx *hi, bool open)
{
	struct eq_spans s, t;
	enum eq_get g = interval(q, lo ? lo : infinite(q, true), hi ? hi : infinite(q, false), open,
				 &s);

	if (g == EQ_OK)
		g = eq_spans_or(q, acc, &s, &t);
	if (g == EQ_OK)
		*acc = t;
	return g;
}

/* n/d rel 0 by the signs between the roots. */
static enum eq_get chart(struct eq *q, const fmpz_poly_t n, const fmpz_poly_t d, enum mx_rel rel,
			 struct eq_spans *ret)
{
	struct eq_spans acc = { NULL, 0 };
	struct root v[ROOTS];
	const struct mx *lo, *hi;
	enum eq_get g = EQ_OK;
	size_t count = 0, i;
	fmpq_t m;

	if (!roots_of(q, n, v, &count, false) || !roots_of(q, d, v, &count, true) ||
	    !sort(q, v, count))
		return q->e->spent ? EQ_BIG : EQ_NOT;
	acc.v = mx_alloc(q->e, sizeof(*acc.v));
	if (!acc.v)
		return EQ_BIG;
	fmpq_init(m);
	for (i = 0; i <= count && g == EQ_OK; i++) {
		lo = i > 0 ? v[i - 1].at : NULL;
		hi = i < count ? v[i].at : NULL;
		if (!between(q, lo, hi, m))
			g = EQ_NOT;
		else if (wants(rel, sign_at(n, d, m)))
			g = add_span(q, &acc, lo, hi, true);
		if (g == EQ_OK && hi && !v[i].pole && wants(rel, 0))
			g = add_span(q, &acc, hi, hi, false);
	}
	fmpq_clear(m);
	*ret = acc;
	return g;
}

/* ---- linear in the symbol, with any constants --------------------------------------------------- */

static enum eq_get by_slope(struct eq *q, const struct mx *d, meed_str s, enum mx_rel rel,
			    struct eq_spans *ret)
{
	const struct mx *a = eq_derivative(q, d, s), *b, *zero = mxt_int(q->e, 0);
	int sign;

	if (!a || !zero || mxt_has_sym(a, s))
		return EQ_NOT;
	b = mxt_subst(q->e, d, s, zero);
	sign = b ? mxb_order(q, a, zero) : 2;
	if (sign == 2 || sign == 0)
		return EQ_NOT;
	b = mxt_1(q->e, MX_NEG, mxt_2(q->e, MX_DIV, b, a));
	return direct(q, sign > 0 ? rel : mirrored(rel), b, ret);
}

/* ---- relations ----------------------------------------------------------------------------------- */

static enum eq_get relation(struct eq *q, const struct mx *l, enum mx_rel rel, const struct mx *r,
			    meed_str s, struct eq_spans *ret);

/* |u| rel c */
static enum eq_get bars(struct eq *q, const struct mx *u, enum mx_rel rel, const struct mx *c,
			meed_str s, struct eq_spans *ret)
{
	const struct mx *m = mxt_1(q->e, MX_NEG, c), *zero = mxt_int(q->e, 0);
	struct eq_spans a, b;
	enum eq_get g;
	int sign;

	if (!m || !zero)
		return EQ_BIG;
	sign = mxb_order(q, c, zero);
	if (sign == 2)
		return EQ_NOT;
	if (sign < 0)		/* never, or always where u is defined */
		return rel == MX_EQ || rel == MX_LT || rel == MX_LE ?
		       relation(q, zero, MX_LT, zero, s, ret) : EQ_NOT;
	g = relation(q, u, rel, c, s, &a);
	if (g == EQ_OK)
		g = relation(q, u, mirrored(rel), m, s, &b);
	if (g != EQ_OK)
		return g;
	return rel == MX_LT || rel == MX_LE || rel == MX_NE ? eq_spans_and(q, &a, &b, ret) :
							      eq_spans_or(q, &a, &b, ret);
}

static enum eq_get constant(struct eq *q, const struct mx *l, enum mx_rel rel, const struct mx *r,
			    struct eq_spans *ret)
{
	int o = mxb_order(q, l, r);

	if (o == 2)
		return EQ_NOT;
	return interval(q, infinite(q, !wants(rel, o)), infinite(q, false), true, ret);
}

static enum eq_get membership(struct eq *q, const struct mx *l, enum mx_rel rel,
			      const struct mx *r, meed_str s, struct eq_spans *ret)
{
	struct eq_spans t;
	enum eq_get g;

	if (l->kind != MX_SYM || !meed_eq(l->name, s))
		return EQ_NOT;
	g = eq_spans_of(q, r, rel == MX_IN ? ret : &t);
	return g == EQ_OK && rel == MX_NOTIN ? eq_spans_not(q, &t, ret) : g;
}

static enum eq_get relation(struct eq *q, const struct mx *l, enum mx_rel rel, const struct mx *r,
			    meed_str s, struct eq_spans *ret)
{
	bool in_l = mxt_has_sym(l, s), in_r = mxt_has_sym(r, s);
	struct mx *d;
	fmpz_poly_t n, m;
	enum eq_get g;

	if (rel == MX_IN || rel == MX_NOTIN)
		return membership(q, l, rel, r, s, ret);
	if (!mxt_is_scalar(l) || !mxt_is_scalar(r) || rel == MX_CONG || rel == MX_SUBSET)
		return EQ_NOT;
	if (!in_l && !in_r)
		return constant(q, l, rel, r, ret);
	if (l->kind == MX_SYM && !in_r)
		return direct(q, rel, r, ret);
	if (r->kind == MX_SYM && !in_l)
		return direct(q, mirrored(rel), l, ret);
	if (mxt_is(l, "abs") && !in_r)
		return bars(q, l->arg[0], rel, r, s, ret);
	if (mxt_is(r, "abs") && !in_l)
		return bars(q, r->arg[0], mirrored(rel), l, s, ret);
	d = mxt_sub(q->e, l, r);
	if (!d)
		return EQ_BIG;
	fmpz_poly_init(n);
	fmpz_poly_init(m);
	g = mxp_univariate(q, d, s, n, m);
	if (g == EQ_OK)
		g = chart(q, n, m, rel, ret);
	if (g == EQ_NOT)
		g = by_slope(q, d, s, rel, ret);
	fmpz_poly_clear(n);
	fmpz_poly_clear(m);
	return g;
}

static enum eq_get chain(struct eq *q, const struct mx *x, meed_str s, struct eq_spans *ret)
{
	struct eq_spans a, b;
	enum eq_get g;
	uint32_t i;

	if (x->n < 2)
		return EQ_NOT;
	g = relation(q, x->arg[0], (enum mx_rel)x->rel[0], x->arg[1], s, &a);
	for (i = 1; i + 1 < x->n && g == EQ_OK; i++) {
		g = relation(q, x->arg[i], (enum mx_rel)x->rel[i], x->arg[i + 1], s, &b);
		if (g == EQ_OK)
			g = eq_spans_and(q, &a, &b, ret);
		a = *ret;
	}
	*ret = a;
	return g;
}

/* "x = 1, x = 2" are alternatives, "x > 1, x < 2" hold together. */
static bool all_equations(const struct mx *x)
{
	uint32_t i;

	for (i = 0; i < x->n; i++)
		if (x->arg[i]->kind != MX_REL || x->arg[i]->n != 2 ||
		    x->arg[i]->rel[0] != MX_EQ)
			return false;
	return true;
}

static enum eq_get several(struct eq *q, const struct mx *x, meed_str s, bool together,
			   struct eq_spans *ret)
{
	struct eq_spans a, b;
	enum eq_get g;
	uint32_t i;

	if (x->n == 0)
		return EQ_NOT;
	g = eq_solve(q, x->arg[0], s, &a);
	for (i = 1; i < x->n && g == EQ_OK; i++) {
		g = eq_solve(q, x->arg[i], s, &b);
		if (g == EQ_OK)
			g = together ? eq_spans_and(q, &a, &b, ret) : eq_spans_or(q, &a, &b, ret);
		a = *ret;
	}
	*ret = a;
	return g;
}

static enum eq_get solve(struct eq *q, const struct mx *x, meed_str s, struct eq_spans *ret)
{
	struct eq_spans t;
	enum eq_get g;

	switch (x->kind) {
	case MX_REL:
		return chain(q, x, s, ret);
	case MX_SYSTEM:
	case MX_LIST:
		return several(q, x, s, !all_equations(x), ret);
	case MX_AND:
		return several(q, x, s, true, ret);
	case MX_OR:
	case MX_ORREL:
		return several(q, x, s, false, ret);
	case MX_NOT:
		g = x->n == 1 ? eq_solve(q, x->arg[0], s, &t) : EQ_NOT;
		return g == EQ_OK ? eq_spans_not(q, &t, ret) : g;
	default:
		return EQ_NOT;
	}
}

enum eq_get eq_solve(struct eq *q, const struct mx *cond, meed_str name, struct eq_spans *ret)
{
	enum eq_get g;

	ret->n = 0;
	ret->v = NULL;
	if (!cond || !eq_enter(q))
		return EQ_BIG;
	g = solve(q, cond, name, ret);
	eq_leave(q);
	return q->e->spent ? EQ_BIG : g;
}
