/* ball_func.c - powers and named functions of values with error bounds. */
#include "config.h"

#include "plugins/math/equal.h"

#include <acb_hypgeom.h>
#include <arb_hypgeom.h>

enum {
	MAX_ROOT = 1000000
};

typedef void real_fn(arb_t, const arb_t, slong);
typedef void complex_fn(acb_t, const acb_t, slong);

static const struct named {
	const char *name;
	real_fn *real;
	complex_fn *complex;
} functions[] = {
	{ "exp", arb_exp, acb_exp },
	{ "sin", arb_sin, acb_sin },
	{ "cos", arb_cos, acb_cos },
	{ "tan", arb_tan, acb_tan },
	{ "cot", arb_cot, acb_cot },
	{ "sec", arb_sec, acb_sec },
	{ "csc", arb_csc, acb_csc },
	{ "sinh", arb_sinh, acb_sinh },
	{ "cosh", arb_cosh, acb_cosh },
	{ "tanh", arb_tanh, acb_tanh },
	{ "coth", arb_coth, acb_coth },
	{ "sech", arb_sech, acb_sech },
	{ "csch", arb_csch, acb_csch },
	{ "asin", arb_asin, acb_asin },
	{ "acos", arb_acos, acb_acos },
	{ "atan", arb_atan, acb_atan },
	{ "asinh", arb_asinh, acb_asinh },
	{ "acosh", arb_acosh, acb_acosh },
	{ "atanh", arb_atanh, acb_atanh },
};

/* "arcsin" and "arsinh" as "asin", "asinh". */
static meed_str short_name(meed_str s, char buf[8])
{
	size_t cut = meed_starts(s, MEED_S("arc")) ? 3 : meed_starts(s, MEED_S("ar")) &&
		     s.n > 4 && s.p[s.n - 1] == 'h' ? 2 : 0;
	meed_str r;

	if (cut == 0 || s.n - cut > 6)
		return s;
	buf[0] = 'a';
	memcpy(buf + 1, s.p + cut, s.n - cut);
	r.p = buf;
	r.n = s.n - cut + 1;
	return r;
}

static bool is_real(const acb_t x)
{
	return arb_is_zero(acb_imagref(x));
}

static const struct named *find(meed_str name)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (meed_eq(name, meed_s(functions[i].name)))
			return &functions[i];
	return NULL;
}

static void apply(const struct named *f, const struct eq_at *at, acb_t x)
{
	if (at->domain == EQ_REAL && is_real(x))
		f->real(acb_realref(x), acb_realref(x), at->prec);
	else
		f->complex(x, x, at->prec);
}

/* log, undefined at 0 and, over the reals, below it. */
static enum eq_get logarithm(const struct eq_at *at, acb_t x)
{
	if (acb_contains_zero(x))
		return EQ_UNDEF;
	acb_log(x, x, at->prec);
	return at->domain == EQ_REAL && !is_real(x) ? EQ_UNDEF : EQ_OK;
}

/* x^(1/n), the real root of a negative x for odd n. */
static enum eq_get nth_root(const struct eq_at *at, acb_t x, uint64_t n)
{
	bool flip;

	if (n == 0)
		return EQ_UNDEF;
	if (acb_is_zero(x))
		return EQ_OK;
	if (acb_contains_zero(x))
		return EQ_UNDEF;
	flip = is_real(x) && arb_is_negative(acb_realref(x)) && (n & 1);
	if (flip)
		acb_neg(x, x);
	if (at->domain == EQ_REAL && arb_is_negative(acb_realref(x)))
		return EQ_UNDEF;
	acb_root_ui(x, x, n, at->prec);
	if (flip)
		acb_neg(x, x);
	return EQ_OK;
}

static enum eq_get int_power(const struct eq_at *at, acb_t x, const fmpz_t k)
{
	bool odd = fmpz_is_odd(k);
	acb_t t;

	if (fmpz_sgn(k) < 0 && acb_contains_zero(x))
		return EQ_UNDEF;
	if (fmpz_bits(k) <= 40) {
		acb_pow_fmpz(x, x, k, at->prec);
		return EQ_OK;
	}
	if (!is_real(x) || arb_contains_zero(acb_realref(x)))
		return EQ_UNDEF;
	odd = odd && arb_is_negative(acb_realref(x));
	acb_init(t);
	arb_abs(acb_realref(t), acb_realref(x));
	arb_log(acb_realref(t), acb_realref(t), at->prec);
	arb_mul_fmpz(acb_realref(t), acb_realref(t), k, at->prec);
	arb_exp(acb_realref(x), acb_realref(t), at->prec);
	if (odd)
		acb_neg(x, x);
	acb_clear(t);
	return EQ_OK;
}

static enum eq_get rational_power(const struct eq_at *at, acb_t x, const fmpq_t e)
{
	enum eq_get g;
	uint64_t n;
	acb_t t;

	if (fmpz_is_one(fmpq_denref(e)))
		return int_power(at, x, fmpq_numref(e));
	if (acb_is_zero(x))
		return fmpq_sgn(e) > 0 ? EQ_OK : EQ_UNDEF;
	if (acb_contains_zero(x))
		return EQ_UNDEF;
	if (at->domain == EQ_REAL && fmpz_abs_fits_ui(fmpq_denref(e)) &&
	    (n = fmpz_get_ui(fmpq_denref(e))) <= MAX_ROOT) {
		g = nth_root(at, x, n);
		return g == EQ_OK ? int_power(at, x, fmpq_numref(e)) : g;
	}
	acb_init(t);
	acb_set_fmpq(t, e, at->prec);
	acb_pow(x, x, t, at->prec);
	acb_clear(t);
	return EQ_OK;
}

enum eq_get mxb_power(struct eq *q, const struct mx *base, const struct mx *expo,
		      const struct eq_at *at, acb_t ret)
{
	enum eq_get g, ge;
	fmpq_t e;
	acb_t t;

	fmpq_init(e);
	acb_init(t);
	ge = mxq_eval(q, expo, at->bind, e);
	g = ge == EQ_UNDEF ? EQ_UNDEF : mxb_eval(q, base, at, ret);
	if (g == EQ_OK && ge == EQ_OK && fmpz_bits(fmpq_numref(e)) <= 256) {
		g = rational_power(at, ret, e);
	} else if (g == EQ_OK) {
		g = mxb_eval(q, expo, at, t);
		if (g == EQ_OK && acb_is_zero(ret))
			g = arb_is_positive(acb_realref(t)) ? EQ_OK : EQ_UNDEF;
		else if (g == EQ_OK && (acb_contains_zero(ret) ||
					(at->domain == EQ_REAL &&
					 !arb_is_positive(acb_realref(ret)))))
			g = EQ_UNDEF;
		else if (g == EQ_OK)
			acb_pow(ret, ret, t, at->prec);
	}
	acb_clear(t);
	fmpq_clear(e);
	return g;
}

static slong gamma_prec(const struct eq *q, const struct eq_at *at)
{
	return at->prec < q->gamma_prec ? at->prec : q->gamma_prec;
}

static enum eq_get factorial(const struct eq *q, const struct eq_at *at, acb_t x)
{
	slong prec = gamma_prec(q, at);

	acb_add_ui(x, x, 1, at->prec);
	if (is_real(x))
		arb_gamma(acb_realref(x), acb_realref(x), prec);
	else
		acb_gamma(x, x, prec);
	return EQ_OK;
}

/* n (n-1) ... (n-k+1), over k! unless ordered. */
static enum eq_get choose(struct eq *q, const struct mx *x, const struct eq_at *at, bool ordered,
			  acb_t n, acb_t k)
{
	enum eq_get g = EQ_OK;
	int64_t small;
	acb_t t;

	acb_init(t);
	if (mxq_small(q, x->arg[1], at->bind, &small) && small >= 0 && small <= 1000) {
		acb_sub_ui(n, n, (ulong)small, at->prec);
		acb_add_ui(n, n, 1, at->prec);
		acb_rising_ui(n, n, (ulong)small, at->prec);
		arb_fac_ui(acb_realref(t), (ulong)small, at->prec);
		if (!ordered)
			acb_div(n, n, t, at->prec);
		goto out;
	}
	acb_sub(t, n, k, at->prec);
	g = factorial(q, at, n);
	if (g == EQ_OK)
		g = factorial(q, at, t);
	if (g == EQ_OK && !acb_is_finite(t)) {
		g = EQ_UNDEF;
	} else if (g == EQ_OK) {
		acb_div(n, n, t, at->prec);
		if (!ordered) {
			g = factorial(q, at, k);
			acb_div(n, n, k, at->prec);
		}
	}
out:
	acb_clear(t);
	return g;
}

static enum eq_get one_arg(struct eq *q, meed_str f, const struct eq_at *at, acb_t x)
{
	char buf[8];
	const struct named *fn = find(short_name(f, buf));
	arb_t t;

	if (fn) {
		apply(fn, at, x);
		return EQ_OK;
	}
	f = short_name(f, buf);
	if (meed_eq(f, MEED_S("ln")) || (meed_eq(f, MEED_S("log")) && !q->log10))
		return logarithm(at, x);
	if (meed_eq(f, MEED_S("lg")) || meed_eq(f, MEED_S("log"))) {
		enum eq_get g = logarithm(at, x);

		arb_init(t);
		arb_log_ui(t, 10, at->prec);
		acb_div_arb(x, x, t, at->prec);
		arb_clear(t);
		return g;
	}
	if (meed_eq(f, MEED_S("sqrt")))
		return nth_root(at, x, 2);
	if (meed_eq(f, MEED_S("factorial")))
		return factorial(q, at, x);
	if (meed_eq(f, MEED_S("Gamma"))) {
		acb_sub_ui(x, x, 1, at->prec);
		return factorial(q, at, x);
	}
	if (meed_eq(f, MEED_S("abs"))) {
		acb_abs(acb_realref(x), x, at->prec);
		arb_zero(acb_imagref(x));
	} else if (meed_eq(f, MEED_S("re"))) {
		arb_zero(acb_imagref(x));
	} else if (meed_eq(f, MEED_S("im"))) {
		arb_swap(acb_realref(x), acb_imagref(x));
		arb_zero(acb_imagref(x));
	} else if (meed_eq(f, MEED_S("conj"))) {
		acb_conj(x, x);
	} else if (meed_eq(f, MEED_S("arg"))) {
		acb_arg(acb_realref(x), x, at->prec);
		arb_zero(acb_imagref(x));
	} else if (!is_real(x)) {
		return EQ_NOT;
	} else if (meed_eq(f, MEED_S("sgn"))) {
		arb_sgn(acb_realref(x), acb_realref(x));
	} else if (meed_eq(f, MEED_S("floor"))) {
		arb_floor(acb_realref(x), acb_realref(x), at->prec);
	} else if (meed_eq(f, MEED_S("ceil"))) {
		arb_ceil(acb_realref(x), acb_realref(x), at->prec);
	} else if (meed_eq(f, MEED_S("acot"))) {
		arb_init(t);
		arb_const_pi(t, at->prec);
		arb_mul_2exp_si(t, t, -1);
		arb_atan(acb_realref(x), acb_realref(x), at->prec);
		arb_sub(acb_realref(x), t, acb_realref(x), at->prec);
		arb_clear(t);
	} else if (meed_eq(f, MEED_S("asec")) || meed_eq(f, MEED_S("acsc"))) {
		if (acb_contains_zero(x))
			return EQ_UNDEF;
		acb_inv(x, x, at->prec);
		apply(find(meed_eq(f, MEED_S("asec")) ? MEED_S("acos") : MEED_S("asin")), at, x);
	} else {
		return EQ_NOT;
	}
	return EQ_OK;
}

static enum eq_get log_base(const struct eq_at *at, acb_t x, acb_t base)
{
	enum eq_get g = logarithm(at, x);

	if (g == EQ_OK)
		g = logarithm(at, base);
	if (g == EQ_OK && acb_contains_zero(base))
		g = EQ_UNDEF;
	if (g == EQ_OK)
		acb_div(x, x, base, at->prec);
	return g;
}

static enum eq_get two_args(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t a,
			    acb_t b)
{
	int64_t n;

	if (mxt_is(x, "log"))
		return log_base(at, a, b);
	if (mxt_is(x, "root")) {
		if (!mxq_small(q, x->arg[1], at->bind, &n) || n < 1 || n > MAX_ROOT)
			return EQ_NOT;
		return nth_root(at, a, (uint64_t)n);
	}
	if (mxt_is(x, "binom") || mxt_is(x, "perm"))
		return choose(q, x, at, mxt_is(x, "perm"), a, b);
	if (!is_real(a) || !is_real(b))
		return EQ_NOT;
	if (mxt_is(x, "max")) {
		arb_max(acb_realref(a), acb_realref(a), acb_realref(b), at->prec);
	} else if (mxt_is(x, "min")) {
		arb_min(acb_realref(a), acb_realref(a), acb_realref(b), at->prec);
	} else if (mxt_is(x, "mod")) {
		arb_t t;

		if (acb_contains_zero(b))
			return EQ_UNDEF;
		arb_init(t);
		arb_div(t, acb_realref(a), acb_realref(b), at->prec);
		arb_floor(t, t, at->prec);
		arb_submul(acb_realref(a), t, acb_realref(b), at->prec);
		arb_clear(t);
	} else {
		return EQ_NOT;
	}
	return EQ_OK;
}

/* Functions that are exact on rationals, where rounding could hide a jump. */
static bool exact_first(const struct mx *x)
{
	return mxt_is(x, "floor") || mxt_is(x, "ceil") || mxt_is(x, "mod") || mxt_is(x, "gcd") ||
	       mxt_is(x, "lcm") || mxt_is(x, "binom") || mxt_is(x, "perm") || mxt_is(x, "sgn");
}

enum eq_get mxb_function(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g;
	uint32_t i;
	fmpq_t v;
	acb_t t;

	if (x->n == 0)
		return EQ_NOT;
	if (exact_first(x)) {
		fmpq_init(v);
		g = mxq_eval(q, x, at->bind, v);
		if (g == EQ_OK)
			acb_set_fmpq(ret, v, at->prec);
		fmpq_clear(v);
		if (g == EQ_OK || g == EQ_UNDEF)
			return g;
	}
	g = mxb_eval(q, x->arg[0], at, ret);
	if (g == EQ_OK && x->n == 1)
		return one_arg(q, x->name, at, ret);
	if (x->n > 2 && !mxt_is(x, "max") && !mxt_is(x, "min"))
		return EQ_NOT;
	acb_init(t);
	for (i = 1; i < x->n && g == EQ_OK; i++) {
		g = mxb_eval(q, x->arg[i], at, t);
		if (g == EQ_OK)
			g = two_args(q, x, at, ret, t);
	}
	acb_clear(t);
	return g;
}
