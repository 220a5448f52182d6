/* poly_eval.c - expressions as fractions of polynomials in symbols and parts. */
#include "config.h"

#include "plugins/math/poly.h"

/* base^expo for an exponent that is not a number: split at sums, signs and whole factors. */
static enum eq_get symbolic_power(struct poly *p, const struct mx *base, const struct mx *expo,
				  struct frac *ret)
{
	struct mx_env *e = p->q->e;
	struct mx *rest, *whole;
	struct frac t;
	enum eq_get g = EQ_OK;
	uint32_t i;
	int64_t k;
	fmpz_t kz;

	if (expo->kind == MX_ADD) {
		mxp_frac_init(p, &t);
		fmpz_mpoly_one(ret->n, p->ctx);
		fmpz_mpoly_one(ret->d, p->ctx);
		for (i = 0; i < expo->n && g == EQ_OK; i++) {
			whole = mxt_2(e, MX_POW, base, expo->arg[i]);
			g = whole ? mxp_eval(p, whole, &t) : EQ_BIG;
			if (g == EQ_OK)
				g = mxp_frac_mul(p, ret, ret, &t);
		}
		mxp_frac_clear(p, &t);
		return g;
	}
	if (expo->kind == MX_NEG) {
		whole = mxt_2(e, MX_POW, base, expo->arg[0]);
		g = whole ? mxp_eval(p, whole, ret) : EQ_BIG;
		return g == EQ_OK ? mxp_frac_inv(p, ret) : g;
	}
	if (expo->kind == MX_MUL && expo->n > 1 && mxq_small(p->q, expo->arg[0], NULL, &k)) {
		rest = mxt_copy(e, expo);
		if (!rest)
			return EQ_BIG;
		rest->arg++;
		rest->n--;
		whole = mxt_2(e, MX_POW, base, rest->n == 1 ? rest->arg[0] : rest);
		g = whole ? mxp_eval(p, whole, ret) : EQ_BIG;
		fmpz_init(kz);
		fmpz_set_si(kz, k);
		if (g == EQ_OK)
			g = mxp_frac_pow(p, ret, kz);
		fmpz_clear(kz);
		return g;
	}
	whole = mxt_2(e, MX_POW, base, expo);
	return whole ? mxp_part(p, whole, ret) : EQ_BIG;
}

static enum eq_get to_power(struct poly *p, const struct mx *base, const struct mx *expo,
			 struct frac *ret)
{
	enum eq_get g;
	uint64_t n;
	fmpz_t k, r;
	fmpq_t e;

	fmpq_init(e);
	fmpz_init(k);
	fmpz_init(r);
	g = mxq_eval(p->q, expo, NULL, e);
	if (g != EQ_OK) {
		g = symbolic_power(p, base, expo, ret);
	} else if (fmpz_is_one(fmpq_denref(e))) {
		g = mxp_eval(p, base, ret);
		if (g == EQ_OK)
			g = mxp_frac_pow(p, ret, fmpq_numref(e));
	} else {
		n = fmpz_abs_fits_ui(fmpq_denref(e)) ? fmpz_get_ui(fmpq_denref(e)) : 65;
		fmpz_fdiv_qr(k, r, fmpq_numref(e), fmpq_denref(e));
		g = n > 64 ? EQ_BIG : mxp_root_power(p, base, k, fmpz_get_ui(r), n, ret);
	}
	fmpz_clear(k);
	fmpz_clear(r);
	fmpq_clear(e);
	return g;
}

/* sin and cos of one thing, as two parts with cos^2 = 1 - sin^2. */
static enum eq_get sin_cos(struct poly *p, const struct mx *x, struct frac *s, struct frac *c)
{
	struct mx *ms = mxt_func(p->q->e, "sin", x), *mc = mxt_func(p->q->e, "cos", x);
	bool negative, made;
	enum eq_get g;
	struct frac one;
	size_t i, j;

	if (!ms || !mc)
		return EQ_BIG;
	g = mxp_find_part(p, ms, &i, &negative, &made);
	if (g != EQ_OK)
		return g;
	mxp_frac_gen(p, s, i, negative);
	g = mxp_find_part(p, mc, &j, &negative, &made);
	if (g != EQ_OK)
		return g;
	mxp_frac_gen(p, c, j, negative);
	if (!made)
		return EQ_OK;
	mxp_frac_init(p, &one);
	fmpz_mpoly_gen(one.n, (slong)i, p->ctx);
	g = mxp_mul(p, one.n, one.n, one.n);
	fmpz_mpoly_neg(one.n, one.n, p->ctx);
	fmpz_mpoly_add_si(one.n, one.n, 1, p->ctx);
	mxp_relate(p, j, 2, &one);
	mxp_frac_clear(p, &one);
	return g;
}

static enum eq_get trig(struct poly *p, const struct mx *x, struct frac *ret)
{
	struct frac s, c;
	enum eq_get g;

	mxp_frac_init(p, &s);
	mxp_frac_init(p, &c);
	g = sin_cos(p, x->arg[0], &s, &c);
	if (g != EQ_OK)
		goto out;
	if (mxt_is(x, "tan") || mxt_is(x, "sec"))
		g = mxp_frac_inv(p, &c);
	else if (mxt_is(x, "cot") || mxt_is(x, "csc"))
		g = mxp_frac_inv(p, &s);
	if (g != EQ_OK)
		goto out;
	if (mxt_is(x, "tan") || mxt_is(x, "cot"))
		g = mxp_frac_mul(p, ret, &s, &c);
	else if (mxt_is(x, "sin") || mxt_is(x, "csc"))
		fmpz_mpoly_swap(ret->n, s.n, p->ctx), fmpz_mpoly_swap(ret->d, s.d, p->ctx);
	else
		fmpz_mpoly_swap(ret->n, c.n, p->ctx), fmpz_mpoly_swap(ret->d, c.d, p->ctx);
out:
	mxp_frac_clear(p, &s);
	mxp_frac_clear(p, &c);
	return g;
}

static bool is_trig(const struct mx *x)
{
	return x->n == 1 && (mxt_is(x, "sin") || mxt_is(x, "cos") || mxt_is(x, "tan") ||
			     mxt_is(x, "cot") || mxt_is(x, "sec") || mxt_is(x, "csc"));
}

/* log of a rational as a sum over primes; of anything else as a part. */
static enum eq_get logarithm(struct poly *p, const struct mx *x, struct frac *ret)
{
	struct mx_env *e = p->q->e;
	struct mx *a, *b, *sum;
	n_factor_t f;
	enum eq_get g;
	fmpq_t v;
	int i;

	fmpq_init(v);
	sum = NULL;
	if (x->kind == MX_E) {
		fmpz_mpoly_one(ret->n, p->ctx);
		fmpz_mpoly_one(ret->d, p->ctx);
		g = EQ_OK;
		goto out;
	}
	g = mxq_eval(p->q, x, NULL, v);
	if (g != EQ_OK || fmpq_sgn(v) <= 0 || fmpz_bits(fmpq_numref(v)) > 50 ||
	    fmpz_bits(fmpq_denref(v)) > 50) {
		a = mxt_func(e, "ln", x);
		g = a ? mxp_part(p, a, ret) : EQ_BIG;
		goto out;
	}
	n_factor_init(&f);
	n_factor(&f, fmpz_get_ui(fmpq_numref(v)), 1);
	if (f.num == 1 && f.exp[0] == 1 && fmpz_is_one(fmpq_denref(v))) {
		a = mxt_func(e, "ln", x);
		g = a ? mxp_part(p, a, ret) : EQ_BIG;
		goto out;
	}
	sum = mxt_new(e, MX_ADD, 0);
	for (i = 0; i < f.num && sum; i++) {
		a = mxt_func(e, "ln", mxt_int(e, (int64_t)f.p[i]));
		b = mxt_2(e, MX_MUL, mxt_int(e, (int64_t)f.exp[i]), a);
		sum = mxt_2(e, MX_ADD, sum, b);
	}
	if (sum && !fmpz_is_one(fmpq_denref(v))) {
		fmpz_one(fmpq_numref(v));
		fmpz_swap(fmpq_numref(v), fmpq_denref(v));
		a = mxt_func(e, "ln", mxt_fmpq(e, v));
		sum = mxt_sub(e, sum, a);
	}
	g = sum ? mxp_eval(p, sum, ret) : EQ_BIG;
out:
	fmpq_clear(v);
	return g;
}

static enum eq_get log_base(struct poly *p, const struct mx *x, const struct mx *base,
			    struct frac *ret)
{
	struct frac t;
	enum eq_get g;

	mxp_frac_init(p, &t);
	g = base ? logarithm(p, base, &t) : EQ_BIG;
	if (g == EQ_OK)
		g = mxp_frac_inv(p, &t);
	if (g == EQ_OK)
		g = logarithm(p, x, ret);
	if (g == EQ_OK)
		g = mxp_frac_mul(p, ret, ret, &t);
	mxp_frac_clear(p, &t);
	return g;
}

static enum eq_get function(struct poly *p, const struct mx *x, struct frac *ret)
{
	struct mx_env *e = p->q->e;
	struct mx *t;
	enum eq_get g;
	fmpq_t v;
	int64_t n;

	if (x->n == 0)
		return EQ_NOT;
	fmpq_init(v);
	g = mxq_eval(p->q, x, NULL, v);
	if (g == EQ_OK)
		mxp_frac_fmpq(p, ret, v);
	fmpq_clear(v);
	if (g == EQ_OK || g == EQ_UNDEF)
		return g;
	if (is_trig(x))
		return trig(p, x, ret);
	if (mxt_is(x, "ln") || (mxt_is(x, "log") && x->n == 1 && !p->q->log10))
		return logarithm(p, x->arg[0], ret);
	if (mxt_is(x, "lg") || mxt_is(x, "log"))
		return log_base(p, x->arg[0], x->n > 1 ? x->arg[1] : mxt_int(e, 10), ret);
	if (mxt_is(x, "exp") && x->n == 1) {
		t = mxt_new(e, MX_E, 0);
		return t ? to_power(p, t, x->arg[0], ret) : EQ_BIG;
	}
	if (mxt_is(x, "sqrt") || (mxt_is(x, "root") && x->n == 2 &&
				  mxq_small(p->q, x->arg[1], NULL, &n) && n > 1 && n <= 64)) {
		t = mxt_2(e, MX_DIV, mxt_int(e, 1), mxt_is(x, "sqrt") ? mxt_int(e, 2) : x->arg[1]);
		return t ? to_power(p, x->arg[0], t, ret) : EQ_BIG;
	}
	return mxp_part(p, x, ret);
}

static enum eq_get nary(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g = EQ_OK;
	struct frac t;
	uint32_t i;

	mxp_frac_init(p, &t);
	fmpz_mpoly_set_ui(ret->n, x->kind == MX_MUL, p->ctx);
	fmpz_mpoly_one(ret->d, p->ctx);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = mxp_eval(p, x->arg[i], &t);
		if (g != EQ_OK)
			break;
		g = x->kind == MX_ADD ? mxp_frac_add(p, ret, ret, &t) : mxp_frac_mul(p, ret, ret, &t);
	}
	mxp_frac_clear(p, &t);
	return g;
}

static enum eq_get quotient(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g;
	struct frac t;

	if (x->n != 2)
		return EQ_NOT;
	mxp_frac_init(p, &t);
	g = mxp_eval(p, x->arg[0], ret);
	if (g == EQ_OK)
		g = mxp_eval(p, x->arg[1], &t);
	if (g == EQ_OK)
		g = mxp_frac_inv(p, &t);
	if (g == EQ_OK)
		g = mxp_frac_mul(p, ret, ret, &t);
	mxp_frac_clear(p, &t);
	return g;
}

static enum eq_get number(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g;
	fmpq_t v;

	fmpq_init(v);
	g = mxq_eval(p->q, x, NULL, v);
	if (g == EQ_OK && (fmpz_bits(fmpq_numref(v)) > COEF_BITS ||
			   fmpz_bits(fmpq_denref(v)) > COEF_BITS))
		g = EQ_BIG;
	if (g == EQ_OK)
		mxp_frac_fmpq(p, ret, v);
	fmpq_clear(v);
	return g;
}

enum eq_get mxp_eval(struct poly *p, const struct mx *x, struct frac *ret)
{
	struct mx_env *e = p->q->e;
	enum eq_get g = EQ_NOT;
	struct mx *t;

	if (!eq_enter(p->q))
		return EQ_BIG;
	switch (x->kind) {
	case MX_INT:
	case MX_DEC:
	case MX_BASE:
		g = number(p, x, ret);
		break;
	case MX_SYM:
	case MX_PI:
	case MX_E:
	case MX_CALL:
	case MX_INTEGRAL:
	case MX_LIM:
	case MX_DERIV:
		g = mxp_part(p, x, ret);
		break;
	case MX_SUM:
	case MX_PROD:
		g = number(p, x, ret);
		if (g == EQ_NOT)
			g = mxp_part(p, x, ret);
		break;
	case MX_I:
		g = mxp_imaginary(p, ret);
		break;
	case MX_NEG:
		g = x->n == 1 ? mxp_eval(p, x->arg[0], ret) : EQ_NOT;
		if (g == EQ_OK)
			fmpz_mpoly_neg(ret->n, ret->n, p->ctx);
		break;
	case MX_PERCENT:
		t = x->n == 1 ? mxt_2(e, MX_DIV, x->arg[0], mxt_int(e, 100)) : NULL;
		g = t ? quotient(p, t, ret) : EQ_NOT;
		break;
	case MX_DEGREE:
		t = x->n == 1 ? mxt_2(e, MX_MUL, x->arg[0], mxt_new(e, MX_PI, 0)) : NULL;
		t = mxt_2(e, MX_DIV, t, mxt_int(e, 180));
		g = t ? quotient(p, t, ret) : EQ_NOT;
		break;
	case MX_ADD:
	case MX_MUL:
		g = nary(p, x, ret);
		break;
	case MX_DIV:
	case MX_RATIO:
		g = quotient(p, x, ret);
		break;
	case MX_POW:
		g = x->n == 2 ? to_power(p, x->arg[0], x->arg[1], ret) : EQ_NOT;
		break;
	case MX_FUNC:
		g = function(p, x, ret);
		break;
	default:
		break;
	}
	eq_leave(p->q);
	return g;
}
