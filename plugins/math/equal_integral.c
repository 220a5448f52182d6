/* equal_integral.c - antiderivatives of what a school table holds, and between ends where nothing
 * vanishes that must not. Whatever is not surely right is left undone (NULL). */
#include "config.h"

#include "plugins/math/calc.h"

/* What must not vanish between the ends of a definite integral. */
struct poles {
	const struct mx *v[8];
	size_t n;
	bool over;
};

static const struct mx *integrate(struct eq *q, const struct mx *x, meed_str s, struct poles *p);

/* The slope of x in s if x is linear in it, else NULL. */
static const struct mx *slope(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *d = mxt_has_sym(x, s) ? eq_derivative(q, x, s) : NULL;

	return d && !mxt_has_sym(d, s) ? d : NULL;
}

static void pole(struct poles *p, const struct mx *u)
{
	if (p->n == sizeof(p->v) / sizeof(p->v[0]))
		p->over = true;
	else
		p->v[p->n++] = u;
}

/* u^k for linear u. */
static const struct mx *integrate_power(struct eq *q, const struct mx *u, const struct mx *k,
					meed_str s, struct poles *p)
{
	const struct mx *a = slope(q, u, s), *k1;
	const struct mx *r = NULL;
	fmpq_t v;

	fmpq_init(v);
	if (a && mxq_eval(q, k, NULL, v) == EQ_OK) {
		if (!fmpz_is_one(fmpq_denref(v)) || fmpq_sgn(v) < 0)
			pole(p, u);
		fmpq_add_si(v, v, 1);
		k1 = mxt_fmpq(q->e, v);
		if (fmpq_is_zero(v))
			r = calc_over(q, calc_fn(q, "ln", calc_fn(q, "abs", u)), a);
		else
			r = calc_over(q, calc_raised(q, u, k1), calc_mul(q, k1, a));
	} else if (!mxt_has_sym(u, s) && slope(q, k, s)) {
		r = calc_mul(q, slope(q, k, s), calc_fn(q, "ln", u));
		r = calc_over(q, calc_raised(q, u, k), u->kind == MX_E ? slope(q, k, s) : r);
	}
	fmpq_clear(v);
	return r;
}

/* A polynomial with rational coefficients, term by term. */
static const struct mx *integrate_poly(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *r = NULL, *sym = mxt_sym(q->e, s);
	fmpz_poly_t n, d;
	fmpq_t c;
	slong i;

	fmpz_poly_init(n);
	fmpz_poly_init(d);
	fmpq_init(c);
	if (mxp_univariate(q, x, s, n, d) != EQ_OK || fmpz_poly_degree(d) != 0)
		goto out;
	for (i = 0, r = calc_int(q, 0); r && i <= fmpz_poly_degree(n); i++) {
		fmpz_poly_get_coeff_fmpz(fmpq_numref(c), n, i);
		fmpz_poly_get_coeff_fmpz(fmpq_denref(c), d, 0);
		fmpz_mul_si(fmpq_denref(c), fmpq_denref(c), i + 1);
		fmpq_canonicalise(c);
		r = calc_add(q, r, calc_mul(q, mxt_fmpq(q->e, c), calc_raised(q, sym, calc_int(q, i + 1))));
	}
out:
	fmpz_poly_clear(n);
	fmpz_poly_clear(d);
	fmpq_clear(c);
	return r;
}

static const struct mx *integrate_function(struct eq *q, const struct mx *x, meed_str s,
					   struct poles *p)
{
	const struct mx *u = x->arg[0], *a = x->n == 1 ? slope(q, u, s) : NULL, *r = NULL;
	const struct mx *half;

	if (!a)
		return NULL;
	if (mxt_is(x, "sin"))
		r = calc_neg(q, calc_fn(q, "cos", u));
	else if (mxt_is(x, "cos"))
		r = calc_fn(q, "sin", u);
	else if (mxt_is(x, "exp"))
		r = x;
	else if (mxt_is(x, "sinh"))
		r = calc_fn(q, "cosh", u);
	else if (mxt_is(x, "cosh"))
		r = calc_fn(q, "sinh", u);
	else if (mxt_is(x, "ln") || (mxt_is(x, "log") && !q->log10))
		r = calc_add(q, calc_mul(q, u, x), calc_neg(q, u));
	if (mxt_is(x, "ln") || mxt_is(x, "log"))
		pole(p, u);
	if (mxt_is(x, "sqrt")) {
		half = calc_over(q, calc_int(q, 1), calc_int(q, 2));
		return half ? integrate_power(q, u, half, s, p) : NULL;
	}
	return r ? calc_over(q, r, a) : NULL;
}

/* c/u: 1/u^k, 1/(1 + x^2) */
static const struct mx *integrate_quotient(struct eq *q, const struct mx *x, meed_str s,
					   struct poles *p)
{
	const struct mx *a = x->arg[0], *b = x->arg[1], *r = NULL, *sym;
	struct mx_outcome o;

	if (!mxt_has_sym(b, s)) {
		r = integrate(q, a, s, p);
		return r ? calc_over(q, r, b) : NULL;
	}
	if (mxt_has_sym(a, s))
		return NULL;
	sym = mxt_sym(q->e, s);
	if (slope(q, b, s))
		r = integrate_power(q, b, calc_int(q, -1), s, p);
	else if (b->kind == MX_POW && b->n == 2)
		r = integrate_power(q, b->arg[0], calc_neg(q, b->arg[1]), s, p);
	else if (mxt_is(b, "sqrt") && sym)
		r = integrate_power(q, b->arg[0], calc_over(q, calc_int(q, -1), calc_int(q, 2)), s, p);
	else if (sym) {
		eq_value(q, b, calc_add(q, calc_int(q, 1), calc_square(q, sym)), &o);
		r = o.verdict == MX_YES ? calc_fn(q, "arctan", sym) : NULL;
	}
	return r ? calc_mul(q, a, r) : NULL;
}

static const struct mx *integrate_product(struct eq *q, const struct mx *x, meed_str s,
					  struct poles *p)
{
	const struct mx *c = calc_int(q, 1), *f = NULL, *r;
	uint32_t i;

	for (i = 0; i < x->n && c; i++) {
		if (!mxt_has_sym(x->arg[i], s))
			c = calc_mul(q, c, x->arg[i]);
		else if (f)
			return NULL;
		else
			f = x->arg[i];
	}
	r = f ? integrate(q, f, s, p) : NULL;
	return r ? calc_mul(q, c, r) : NULL;
}

static const struct mx *integrate_node(struct eq *q, const struct mx *x, meed_str s,
				       struct poles *p)
{
	const struct mx *r, *t;
	uint32_t i;

	if (!mxt_has_sym(x, s))
		return calc_mul(q, x, mxt_sym(q->e, s));
	r = integrate_poly(q, x, s);
	if (r || q->e->spent)
		return r;
	switch (x->kind) {
	case MX_NEG:
		r = integrate(q, x->arg[0], s, p);
		return r ? calc_neg(q, r) : NULL;
	case MX_ADD:
		for (i = 0, r = calc_int(q, 0); i < x->n && r; i++) {
			t = integrate(q, x->arg[i], s, p);
			r = t ? calc_add(q, r, t) : NULL;
		}
		return r;
	case MX_MUL:
		return integrate_product(q, x, s, p);
	case MX_DIV:
		return x->n == 2 ? integrate_quotient(q, x, s, p) : NULL;
	case MX_POW:
		return x->n == 2 ? integrate_power(q, x->arg[0], x->arg[1], s, p) : NULL;
	case MX_FUNC:
		return x->n > 0 ? integrate_function(q, x, s, p) : NULL;
	default:
		return NULL;
	}
}

static const struct mx *integrate(struct eq *q, const struct mx *x, meed_str s, struct poles *p)
{
	const struct mx *r;

	if (!x || !eq_enter(q))
		return NULL;
	r = integrate_node(q, x, s, p);
	eq_leave(q);
	return r;
}

/* The integrand's linear parts have one strict sign at both ends, so they never vanish between. */
static bool poles_clear(struct eq *q, const struct poles *p, meed_str s, const struct mx *lo,
			const struct mx *hi)
{
	const struct mx *zero = calc_int(q, 0), *a, *b;
	size_t i;

	for (i = 0; i < p->n; i++) {
		a = mxt_subst(q->e, p->v[i], s, lo);
		b = mxt_subst(q->e, p->v[i], s, hi);
		if (!a || !b || !zero)
			return false;
		if (mxb_order(q, a, zero) != 1 || mxb_order(q, b, zero) != 1)
			return false;
	}
	return !p->over;
}

const struct mx *calc_integral(struct eq *q, const struct mx *x)
{
	struct poles p = { { NULL }, 0, false };
	const struct mx *f, *lo, *hi;
	meed_str s = x->arg[0]->name;

	f = integrate(q, x->arg[x->n - 1], s, &p);
	if (!f || x->n == 2)
		return f;
	if (x->n != 4 || mxt_has_kind(x->arg[1], MX_INF) || mxt_has_kind(x->arg[2], MX_INF))
		return NULL;
	if (!poles_clear(q, &p, s, x->arg[1], x->arg[2]))
		return NULL;
	hi = mxt_subst(q->e, f, s, x->arg[2]);
	lo = mxt_subst(q->e, f, s, x->arg[1]);
	return calc_add(q, hi, calc_neg(q, lo));
}
