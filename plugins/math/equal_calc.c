/* equal_calc.c - limits by continuity, cancelling and l'Hospital's rule; derivatives, integrals and
 * limits as what they are worth. Whatever is not surely right is left undone (NULL). */
#include "config.h"

#include "plugins/math/calc.h"

static bool continuous(const struct mx *x)
{
	return !mxt_has_func(x, "floor") && !mxt_has_func(x, "ceil") && !mxt_has_func(x, "sgn") &&
	       !mxt_has_func(x, "mod") && !mxt_has_kind(x, MX_CALL);
}

static bool proven(struct eq *q, const struct mx *x, bool zero)
{
	struct mx_outcome o;

	if (!x)
		return false;
	eq_value(q, x, calc_int(q, 0), &o);
	return o.verdict == (zero ? MX_YES : MX_NO);
}

/* A rational function of one symbol at a rational point or at infinity. */
static const struct mx *limit_rational(struct eq *q, const struct mx *x, meed_str s,
				       const struct mx *to)
{
	const struct mx *r = NULL;
	int inf = mxt_inf(to);
	fmpz_poly_t n, d;
	fmpq_t v, w;

	fmpz_poly_init(n);
	fmpz_poly_init(d);
	fmpq_init(v);
	fmpq_init(w);
	if (mxp_univariate(q, x, s, n, d) != EQ_OK)
		goto out;
	if (inf && fmpz_poly_degree(n) <= fmpz_poly_degree(d)) {
		fmpz_poly_get_coeff_fmpz(fmpq_numref(v), n, fmpz_poly_degree(d));
		fmpz_poly_get_coeff_fmpz(fmpq_denref(v), d, fmpz_poly_degree(d));
		fmpq_canonicalise(v);
		r = mxt_fmpq(q->e, v);
	} else if (inf) {
		inf = fmpz_sgn(fmpz_poly_lead(n)) * fmpz_sgn(fmpz_poly_lead(d)) *
		      (inf < 0 && ((fmpz_poly_degree(n) - fmpz_poly_degree(d)) & 1) ? -1 : 1);
		r = mxt_new(q->e, MX_INF, 0);
		r = inf < 0 ? mxt_1(q->e, MX_NEG, r) : r;
	} else if (mxq_eval(q, to, NULL, v) == EQ_OK && fmpz_bits(fmpq_numref(v)) < 200 &&
		   fmpz_bits(fmpq_denref(v)) < 200) {
		fmpz_poly_evaluate_fmpq(w, d, v);
		if (!fmpq_is_zero(w)) {
			fmpz_poly_evaluate_fmpq(v, n, v);
			fmpq_div(v, v, w);
			r = mxt_fmpq(q->e, v);
		}
	}
out:
	fmpz_poly_clear(n);
	fmpz_poly_clear(d);
	fmpq_clear(v);
	fmpq_clear(w);
	return r;
}

/* x as one fraction: denominators of factors gathered. */
static void fraction(struct eq *q, const struct mx *x, const struct mx **n, const struct mx **d)
{
	const struct mx *fn_, *fd;
	uint32_t i;
	int64_t k;

	*n = x;
	*d = calc_int(q, 1);
	if (x->kind == MX_DIV && x->n == 2) {
		*n = x->arg[0];
		*d = x->arg[1];
	} else if (x->kind == MX_MUL) {
		for (i = 0, *n = calc_int(q, 1); i < x->n; i++) {
			fraction(q, x->arg[i], &fn_, &fd);
			*n = calc_mul(q, *n, fn_);
			*d = calc_mul(q, *d, fd);
		}
	} else if (x->kind == MX_POW && x->n == 2 && mxq_small(q, x->arg[1], NULL, &k) && k < 0) {
		*n = calc_int(q, 1);
		*d = calc_raised(q, x->arg[0], calc_int(q, -k));
	}
}

/* Is the value of x, free of the limit's symbol, known to be defined? */
static bool defined(struct eq *q, const struct mx *x)
{
	struct eq_at at = { NULL, EQ_REAL, 64, 0 };
	struct eq_sig_info info = { false, false, 0, 0, 0 };
	struct eq_syms s;
	struct eq_sig v;
	bool ok;
	acb_t t;

	memset(&s, 0, sizeof(s));
	mxt_syms(x, &s);
	if (s.n > 0)
		return mxs_eval(q, x, &v, &info);
	acb_init(t);
	ok = mxb_eval(q, x, &at, t) == EQ_OK;
	acb_clear(t);
	return ok;
}

static const struct mx *limit_at(struct eq *q, const struct mx *x, meed_str s, const struct mx *to,
				 int depth)
{
	const struct mx *v, *n, *d, *vn, *vd;

	v = limit_rational(q, x, s, to);
	if (v || q->e->spent || depth > 6)
		return v;
	if (x->kind == MX_POW && x->n == 2 && mxt_has_sym(x->arg[0], s) &&
	    mxt_has_sym(x->arg[1], s)) {
		v = limit_at(q, calc_mul(q, x->arg[1], calc_fn(q, "ln", x->arg[0])), s, to, depth + 1);
		return v && !mxt_has_kind(v, MX_INF) ? calc_fn(q, "exp", v) : NULL;
	}
	v = mxt_subst(q->e, x, s, to);
	if (v && defined(q, v))
		return v;
	fraction(q, x, &n, &d);
	if (!v || !n || !d)
		return NULL;
	vn = mxt_subst(q->e, n, s, to);
	vd = mxt_subst(q->e, d, s, to);
	if (!proven(q, vn, true) || !proven(q, vd, true))
		return NULL;
	n = eq_derivative(q, n, s);
	d = eq_derivative(q, d, s);
	return n && d && mxt_within(q->e, n, EQ_NODES) && mxt_within(q->e, d, EQ_NODES) ? limit_at(q, calc_over(q, n, d), s, to, depth + 1) : NULL;
}

/* x rebuilt without 0 and 1 in the way: 1/(1/t) is t. */
static const struct mx *simpler(struct eq *q, const struct mx *x)
{
	const struct mx *r = NULL, *c;
	struct mx *copy = NULL;
	uint32_t i;

	if (!x || !eq_enter(q))
		return NULL;
	if (x->kind == MX_ADD || x->kind == MX_MUL) {
		for (i = 0, r = calc_int(q, x->kind == MX_MUL); i < x->n && r; i++) {
			c = simpler(q, x->arg[i]);
			r = x->kind == MX_ADD ? calc_add(q, r, c) : calc_mul(q, r, c);
		}
	} else if (x->kind == MX_DIV && x->n == 2) {
		r = calc_over(q, simpler(q, x->arg[0]), simpler(q, x->arg[1]));
	} else {
		r = x;
		if (x->n > 0)
			r = copy = mxt_copy(q->e, x);
		for (i = 0; r && i < x->n; i++) {
			c = simpler(q, x->arg[i]);
			if (c)
				mxt_set(copy, i, c);
			else
				r = NULL;
		}
	}
	eq_leave(q);
	return r;
}

static const struct mx *limit(struct eq *q, const struct mx *x)
{
	const struct mx *body = x->arg[2], *to = x->arg[1], *t, *sym;
	meed_str s = x->arg[0]->name, fresh = MEED_S("t'");
	int inf;

	if (!continuous(body))
		return NULL;
	to = mxt_is_scalar(to) ? to : NULL;
	inf = to ? mxt_inf(to) : 0;
	if (!to || (!inf && mxt_has_kind(to, MX_INF)))
		return NULL;
	if (!inf)
		return limit_at(q, body, s, to, 0);
	t = limit_rational(q, body, s, to);
	if (t || q->e->spent)
		return t;
	sym = mxt_sym(q->e, fresh);
	t = calc_over(q, calc_int(q, inf), sym);
	t = t ? simpler(q, mxt_subst(q->e, body, s, t)) : NULL;
	return t ? limit_at(q, t, fresh, calc_int(q, 0), 0) : NULL;
}

const struct mx *eq_calculus(struct eq *q, const struct mx *x)
{
	const struct mx *r = NULL;
	int64_t order = 1;

	if (x->n < 2 || x->arg[0]->kind != MX_SYM)
		return NULL;
	if (x->kind == MX_INTEGRAL) {
		r = calc_integral(q, x);
	} else if (x->kind == MX_LIM) {
		r = x->n >= 3 ? limit(q, x) : NULL;
	} else if (x->kind == MX_DERIV) {
		if (x->n > 2 && !mxq_small(q, x->arg[2], NULL, &order))
			return NULL;
		if (order < 1 || order > 10)
			return NULL;
		for (r = x->arg[1]; r && order > 0; order--) {
			r = eq_derivative(q, r, x->arg[0]->name);
			r = r && mxt_within(q->e, r, EQ_NODES) ? r : NULL;
		}
	}
	return r && mxt_within(q->e, r, EQ_NODES) && !mxt_has_kind(r, x->kind) ? eq_norm(q, r) :
									       NULL;
}
