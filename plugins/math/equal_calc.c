/* equal_calc.c - derivatives, antiderivatives of what a school table holds, limits by continuity,
 * cancelling and l'Hospital's rule. Whatever is not surely right is left undone (NULL). */
#include "config.h"

#include "plugins/math/equal.h"

/* ---- sums and products without what is 0 or 1 --------------------------------------------------- */

static bool is_int(const struct mx *x, const char *digits)
{
	return x->kind == MX_INT && meed_eq(x->name, meed_s(digits));
}

static const struct mx *num(struct eq *q, int64_t v)
{
	return mxt_int(q->e, v);
}

static const struct mx *add(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	return is_int(a, "0") ? b : is_int(b, "0") ? a : mxt_2(q->e, MX_ADD, a, b);
}

static const struct mx *neg(struct eq *q, const struct mx *a)
{
	return a && is_int(a, "0") ? a : mxt_1(q->e, MX_NEG, a);
}

static const struct mx *mul(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	if (is_int(a, "0") || is_int(b, "1"))
		return a;
	return is_int(b, "0") || is_int(a, "1") ? b : mxt_2(q->e, MX_MUL, a, b);
}

static const struct mx *over(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	if (b->kind == MX_DIV && b->n == 2) {
		a = mul(q, a, b->arg[1]);
		b = b->arg[0];
		if (!a)
			return NULL;
	}
	return is_int(a, "0") || is_int(b, "1") ? a : mxt_2(q->e, MX_DIV, a, b);
}

static const struct mx *raised(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	return is_int(b, "1") ? a : is_int(b, "0") ? num(q, 1) : mxt_2(q->e, MX_POW, a, b);
}

static const struct mx *fn(struct eq *q, const char *name, const struct mx *a)
{
	return mxt_func(q->e, name, a);
}

static const struct mx *square(struct eq *q, const struct mx *a)
{
	return raised(q, a, num(q, 2));
}

/* ---- derivatives ----------------------------------------------------------------------------------- */

static const struct mx *derive(struct eq *q, const struct mx *x, meed_str s);

/* f'(u) for a named function. */
static const struct mx *outer(struct eq *q, const struct mx *x)
{
	const struct mx *u = x->arg[0], *one = num(q, 1);

	if (mxt_is(x, "sin"))
		return fn(q, "cos", u);
	if (mxt_is(x, "cos"))
		return neg(q, fn(q, "sin", u));
	if (mxt_is(x, "tan"))
		return over(q, one, square(q, fn(q, "cos", u)));
	if (mxt_is(x, "cot"))
		return neg(q, over(q, one, square(q, fn(q, "sin", u))));
	if (mxt_is(x, "sec"))
		return mul(q, x, fn(q, "tan", u));
	if (mxt_is(x, "csc"))
		return neg(q, mul(q, x, fn(q, "cot", u)));
	if (mxt_is(x, "exp"))
		return x;
	if (mxt_is(x, "ln") || (mxt_is(x, "log") && !q->log10))
		return over(q, one, u);
	if (mxt_is(x, "lg") || mxt_is(x, "log"))
		return over(q, one, mul(q, u, fn(q, "ln", num(q, 10))));
	if (mxt_is(x, "sqrt"))
		return over(q, one, mul(q, num(q, 2), x));
	if (mxt_is(x, "arcsin"))
		return over(q, one, fn(q, "sqrt", add(q, one, neg(q, square(q, u)))));
	if (mxt_is(x, "arccos"))
		return neg(q, over(q, one, fn(q, "sqrt", add(q, one, neg(q, square(q, u))))));
	if (mxt_is(x, "arctan"))
		return over(q, one, add(q, one, square(q, u)));
	if (mxt_is(x, "sinh"))
		return fn(q, "cosh", u);
	if (mxt_is(x, "cosh"))
		return fn(q, "sinh", u);
	if (mxt_is(x, "tanh"))
		return over(q, one, square(q, fn(q, "cosh", u)));
	if (mxt_is(x, "abs"))
		return over(q, u, x);
	return NULL;
}

static const struct mx *derive_power(struct eq *q, const struct mx *u, const struct mx *v,
				     meed_str s)
{
	const struct mx *w, *du = derive(q, u, s), *dv = derive(q, v, s);

	if (!du || !dv)
		return NULL;
	if (!mxt_has_sym(v, s)) {
		w = raised(q, u, add(q, v, num(q, -1)));
		return mul(q, mul(q, v, w), du);
	}
	w = mul(q, dv, u->kind == MX_E ? num(q, 1) : fn(q, "ln", u));
	if (mxt_has_sym(u, s))
		w = add(q, w, over(q, mul(q, v, du), u));
	return mul(q, raised(q, u, v), w);
}

static const struct mx *derive_product(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *sum = num(q, 0), *t;
	uint32_t i, j;

	for (i = 0; i < x->n && sum; i++) {
		t = derive(q, x->arg[i], s);
		for (j = 0; j < x->n && t && !is_int(t, "0"); j++)
			if (j != i)
				t = mul(q, t, x->arg[j]);
		sum = t ? add(q, sum, t) : NULL;
	}
	return sum;
}

static const struct mx *derive_function(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *f;

	if (mxt_is(x, "root") && x->n == 2)
		return derive_power(q, x->arg[0], over(q, num(q, 1), x->arg[1]), s);
	if (mxt_is(x, "log") && x->n == 2 && !mxt_has_sym(x->arg[1], s))
		return over(q, derive(q, x->arg[0], s),
			    mul(q, x->arg[0], fn(q, "ln", x->arg[1])));
	f = x->n == 1 ? outer(q, x) : NULL;
	return f ? mul(q, f, derive(q, x->arg[0], s)) : NULL;
}

static const struct mx *derive_node(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *r, *t;
	uint32_t i;

	switch (x->kind) {
	case MX_SYM:
		return num(q, 1);
	case MX_NEG:
		return neg(q, derive(q, x->arg[0], s));
	case MX_PERCENT:
		return over(q, derive(q, x->arg[0], s), num(q, 100));
	case MX_ADD:
		for (i = 0, r = num(q, 0); i < x->n && r; i++)
			r = add(q, r, derive(q, x->arg[i], s));
		return r;
	case MX_MUL:
		return derive_product(q, x, s);
	case MX_DIV:
		if (x->n != 2)
			return NULL;
		r = over(q, derive(q, x->arg[0], s), x->arg[1]);
		if (!r || !mxt_has_sym(x->arg[1], s))
			return r;
		t = mul(q, x->arg[0], derive(q, x->arg[1], s));
		return add(q, r, neg(q, over(q, t, square(q, x->arg[1]))));
	case MX_POW:
		return x->n == 2 ? derive_power(q, x->arg[0], x->arg[1], s) : NULL;
	case MX_FUNC:
		return derive_function(q, x, s);
	default:
		return NULL;
	}
}

static const struct mx *derive(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *r;

	if (!x || !eq_enter(q))
		return NULL;
	r = mxt_has_sym(x, s) ? derive_node(q, x, s) : num(q, 0);
	eq_leave(q);
	return r;
}

const struct mx *eq_derivative(struct eq *q, const struct mx *x, meed_str name)
{
	return derive(q, x, name);
}

/* ---- antiderivatives -------------------------------------------------------------------------------- */

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
	const struct mx *d = mxt_has_sym(x, s) ? derive(q, x, s) : NULL;

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
			r = over(q, fn(q, "ln", fn(q, "abs", u)), a);
		else
			r = over(q, raised(q, u, k1), mul(q, k1, a));
	} else if (!mxt_has_sym(u, s) && slope(q, k, s)) {
		r = mul(q, slope(q, k, s), fn(q, "ln", u));
		r = over(q, raised(q, u, k), u->kind == MX_E ? slope(q, k, s) : r);
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
	for (i = 0, r = num(q, 0); r && i <= fmpz_poly_degree(n); i++) {
		fmpz_poly_get_coeff_fmpz(fmpq_numref(c), n, i);
		fmpz_poly_get_coeff_fmpz(fmpq_denref(c), d, 0);
		fmpz_mul_si(fmpq_denref(c), fmpq_denref(c), i + 1);
		fmpq_canonicalise(c);
		r = add(q, r, mul(q, mxt_fmpq(q->e, c), raised(q, sym, num(q, i + 1))));
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
		r = neg(q, fn(q, "cos", u));
	else if (mxt_is(x, "cos"))
		r = fn(q, "sin", u);
	else if (mxt_is(x, "exp"))
		r = x;
	else if (mxt_is(x, "sinh"))
		r = fn(q, "cosh", u);
	else if (mxt_is(x, "cosh"))
		r = fn(q, "sinh", u);
	else if (mxt_is(x, "ln") || (mxt_is(x, "log") && !q->log10))
		r = add(q, mul(q, u, x), neg(q, u));
	if (mxt_is(x, "ln") || mxt_is(x, "log"))
		pole(p, u);
	if (mxt_is(x, "sqrt")) {
		half = over(q, num(q, 1), num(q, 2));
		return half ? integrate_power(q, u, half, s, p) : NULL;
	}
	return r ? over(q, r, a) : NULL;
}

/* c/u: 1/u^k, 1/(1 + x^2) */
static const struct mx *integrate_quotient(struct eq *q, const struct mx *x, meed_str s,
					   struct poles *p)
{
	const struct mx *a = x->arg[0], *b = x->arg[1], *r = NULL, *sym;
	struct mx_outcome o;

	if (!mxt_has_sym(b, s)) {
		r = integrate(q, a, s, p);
		return r ? over(q, r, b) : NULL;
	}
	if (mxt_has_sym(a, s))
		return NULL;
	sym = mxt_sym(q->e, s);
	if (slope(q, b, s))
		r = integrate_power(q, b, num(q, -1), s, p);
	else if (b->kind == MX_POW && b->n == 2)
		r = integrate_power(q, b->arg[0], neg(q, b->arg[1]), s, p);
	else if (mxt_is(b, "sqrt") && sym)
		r = integrate_power(q, b->arg[0], over(q, num(q, -1), num(q, 2)), s, p);
	else if (sym) {
		eq_value(q, b, add(q, num(q, 1), square(q, sym)), &o);
		r = o.verdict == MX_YES ? fn(q, "arctan", sym) : NULL;
	}
	return r ? mul(q, a, r) : NULL;
}

static const struct mx *integrate_product(struct eq *q, const struct mx *x, meed_str s,
					  struct poles *p)
{
	const struct mx *c = num(q, 1), *f = NULL, *r;
	uint32_t i;

	for (i = 0; i < x->n && c; i++) {
		if (!mxt_has_sym(x->arg[i], s))
			c = mul(q, c, x->arg[i]);
		else if (f)
			return NULL;
		else
			f = x->arg[i];
	}
	r = f ? integrate(q, f, s, p) : NULL;
	return r ? mul(q, c, r) : NULL;
}

static const struct mx *integrate_node(struct eq *q, const struct mx *x, meed_str s,
				       struct poles *p)
{
	const struct mx *r, *t;
	uint32_t i;

	if (!mxt_has_sym(x, s))
		return mul(q, x, mxt_sym(q->e, s));
	r = integrate_poly(q, x, s);
	if (r || q->e->spent)
		return r;
	switch (x->kind) {
	case MX_NEG:
		r = integrate(q, x->arg[0], s, p);
		return r ? neg(q, r) : NULL;
	case MX_ADD:
		for (i = 0, r = num(q, 0); i < x->n && r; i++) {
			t = integrate(q, x->arg[i], s, p);
			r = t ? add(q, r, t) : NULL;
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
	const struct mx *zero = num(q, 0), *a, *b;
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

static const struct mx *integral(struct eq *q, const struct mx *x)
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
	return add(q, hi, neg(q, lo));
}

/* ---- limits ------------------------------------------------------------------------------------------ */

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
	eq_value(q, x, num(q, 0), &o);
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
	*d = num(q, 1);
	if (x->kind == MX_DIV && x->n == 2) {
		*n = x->arg[0];
		*d = x->arg[1];
	} else if (x->kind == MX_MUL) {
		for (i = 0, *n = num(q, 1); i < x->n; i++) {
			fraction(q, x->arg[i], &fn_, &fd);
			*n = mul(q, *n, fn_);
			*d = mul(q, *d, fd);
		}
	} else if (x->kind == MX_POW && x->n == 2 && mxq_small(q, x->arg[1], NULL, &k) && k < 0) {
		*n = num(q, 1);
		*d = raised(q, x->arg[0], num(q, -k));
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
		v = limit_at(q, mul(q, x->arg[1], fn(q, "ln", x->arg[0])), s, to, depth + 1);
		return v && !mxt_has_kind(v, MX_INF) ? fn(q, "exp", v) : NULL;
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
	n = derive(q, n, s);
	d = derive(q, d, s);
	return n && d ? limit_at(q, over(q, n, d), s, to, depth + 1) : NULL;
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
		for (i = 0, r = num(q, x->kind == MX_MUL); i < x->n && r; i++) {
			c = simpler(q, x->arg[i]);
			r = x->kind == MX_ADD ? add(q, r, c) : mul(q, r, c);
		}
	} else if (x->kind == MX_DIV && x->n == 2) {
		r = over(q, simpler(q, x->arg[0]), simpler(q, x->arg[1]));
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
	t = over(q, num(q, inf), sym);
	t = t ? simpler(q, mxt_subst(q->e, body, s, t)) : NULL;
	return t ? limit_at(q, t, fresh, num(q, 0), 0) : NULL;
}

const struct mx *eq_calculus(struct eq *q, const struct mx *x)
{
	const struct mx *r = NULL;
	int64_t order = 1;

	if (x->n < 2 || x->arg[0]->kind != MX_SYM)
		return NULL;
	if (x->kind == MX_INTEGRAL) {
		r = integral(q, x);
	} else if (x->kind == MX_LIM) {
		r = x->n >= 3 ? limit(q, x) : NULL;
	} else if (x->kind == MX_DERIV) {
		if (x->n > 2 && !mxq_small(q, x->arg[2], NULL, &order))
			return NULL;
		if (order < 1 || order > 10)
			return NULL;
		for (r = x->arg[1]; r && order > 0; order--)
			r = derive(q, r, x->arg[0]->name);
	}
	return r && !mxt_has_kind(r, x->kind) ? eq_norm(q, r) : NULL;
}
