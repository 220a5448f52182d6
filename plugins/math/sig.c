/* sig.c - expressions' values in a field of p^2 elements: a ring homomorphism from the numbers
 * and functions that are compared, so different values prove difference wherever nothing had
 * to be hashed whole, and equal ones bound the chance of it.
 *
 * p = 3 mod 4, so the field is F_p(i) and each positive rational has a root in it; the root of a
 * product is the product of its primes' roots. */
#include "config.h"

#include "plugins/math/sig.h"

#include <flint/ulong_extras.h>

enum {
	UNROLL = 64			/* terms of a sum that is not a number */
};

void mxs_field(struct eq *q, uint64_t round)
{
	uint64_t p, h = eq_mix(q->e->seed ^ eq_mix(round + 0x51));

	p = (1ull << 60) | (h >> 4);
	do {
		p = n_nextprime(p, 0);
	} while ((p & 3) != 3);
	nmod_init(&q->field.mod, p);
	q->field.seed = eq_mix(h ^ p);
	q->field_made = true;
	mxs_point(q, 0);
}

void mxs_point(struct eq *q, uint64_t point)
{
	q->field.point = eq_mix(q->field.seed ^ eq_mix(point + 0x77));
}

/* The value of digits, read in `base`, modulo p. */
static enum eq_get digits(struct eq *q, meed_str s, uint32_t base, struct val *ret)
{
	nmod_t m = q->field.mod;
	uint64_t v = 0, d;
	size_t i;

	if (s.n == 0 || !mx_step(q->e, s.n / 64))
		return EQ_NOT;
	for (i = 0; i < s.n; i++) {
		d = (unsigned char)s.p[i];
		d = d >= '0' && d <= '9' ? d - '0' : d >= 'a' && d <= 'z' ? d - 'a' + 10 :
		    d >= 'A' && d <= 'Z' ? d - 'A' + 10 : 99;
		if (d >= base)
			return EQ_NOT;
		v = nmod_add(nmod_mul(v, base, m), d, m);
	}
	*ret = sig_small(q, 0);
	ret->re = v;
	ret->bits = 6.0 * (double)s.n;
	return EQ_OK;
}

static struct val ten_to(const struct eq *q, int64_t k)
{
	struct val r = sig_small(q, 1);
	uint64_t n = k < 0 ? (uint64_t)0 - (uint64_t)k : (uint64_t)k;

	r.bits = 3.4 * (double)n;
	r.re = nmod_pow_ui(10, n, q->field.mod);
	if (k < 0)
		r.re = nmod_inv(r.re, q->field.mod);
	return r;
}

static enum eq_get decimal(struct eq *q, const struct mx *x, struct val *ret)
{
	struct val head = sig_small(q, 0), nines;
	enum eq_get g = digits(q, x->name, 10, ret);

	if (g != EQ_OK)
		return g;
	if (x->rep > 0 && x->rep <= x->name.n && x->rep <= x->scale) {
		if (x->rep < x->name.n)
			g = digits(q, meed_sub(x->name, 0, x->name.n - x->rep), 10, &head);
		nines = sig_add(q, ten_to(q, x->rep), sig_small(q, -1));
		if (g != EQ_OK || sig_inverse(q, nines, &nines) != EQ_OK)
			return EQ_NOT;
		*ret = sig_mul(q, sig_add(q, *ret, sig_neg(q, head)), nines);
		*ret = sig_mul(q, *ret, ten_to(q, x->rep));
	}
	*ret = sig_mul(q, *ret, ten_to(q, (int64_t)x->exp10 - x->scale));
	return EQ_OK;
}

/* log of an integer: the sum over its primes. */
static struct val log_int(const struct eq *q, uint64_t v)
{
	struct val r = sig_small(q, 0);
	n_factor_t f;
	int i;

	n_factor_init(&f);
	n_factor(&f, v, 1);
	for (i = 0; i < f.num; i++)
		r = sig_add(q, r, sig_mul(q, sig_small(q, (int64_t)f.exp[i]),
				  sig_atom(q, "ln", sig_small(q, (int64_t)f.p[i]))));
	r.num = v > 1;
	r.den = 0;
	return r;
}

static enum eq_get logarithm(struct eq *q, const struct mx *x, struct eq_sig_info *info,
			     struct val *ret)
{
	enum eq_get g = EQ_OK;
	fmpq_t v;

	info->opaque = true;
	if (x->kind == MX_E) {
		*ret = sig_small(q, 1);
		return EQ_OK;
	}
	fmpq_init(v);
	if (mxq_eval(q, x, NULL, v) == EQ_OK && fmpq_sgn(v) > 0 &&
	    fmpz_bits(fmpq_numref(v)) <= 50 && fmpz_bits(fmpq_denref(v)) <= 50) {
		*ret = sig_add(q, log_int(q, fmpz_get_ui(fmpq_numref(v))),
			   sig_neg(q, log_int(q, fmpz_get_ui(fmpq_denref(v)))));
	} else {
		g = sig_eval(q, x, info, ret);
		if (g == EQ_OK)
			*ret = sig_zero(*ret) ? *ret : sig_atom(q, "ln", *ret);
	}
	fmpq_clear(v);
	return g;
}

static enum eq_get ratio(struct eq *q, struct val a, struct val b, struct val *ret)
{
	enum eq_get g = sig_inverse(q, b, &b);

	if (g == EQ_OK)
		*ret = sig_mul(q, a, b);
	return g;
}

static enum eq_get log_base(struct eq *q, const struct mx *x, const struct mx *base,
			    struct eq_sig_info *info, struct val *ret)
{
	struct val a, b;
	enum eq_get g = logarithm(q, x, info, &a);

	if (g == EQ_OK && base)
		g = logarithm(q, base, info, &b);
	else
		b = log_int(q, 10);
	return g == EQ_OK ? ratio(q, a, b, ret) : g;
}

/* f(-x) = -f(x) or f(x): one of x, -x stands for both. */
static struct val parity(const struct eq *q, const char *tag, struct val a, bool odd)
{
	struct val m = sig_neg(q, a), r;
	bool flip = m.re < a.re || (m.re == a.re && m.im < a.im);

	if (sig_zero(a) && odd)
		return sig_small(q, 0);
	r = sig_atom(q, tag, flip ? m : a);
	return flip && odd ? sig_neg(q, r) : r;
}

static bool trig(struct eq *q, meed_str f, struct val a, enum eq_get *g, struct val *ret)
{
	struct val s = parity(q, "sin", a, true), c, one = sig_small(q, 1);

	c = sig_zero(a) ? one : parity(q, "cos", a, false);
	if (meed_eq(f, MEED_S("sin")))
		*ret = s;
	else if (meed_eq(f, MEED_S("cos")))
		*ret = c;
	else if (meed_eq(f, MEED_S("tan")))
		*g = ratio(q, s, c, ret);
	else if (meed_eq(f, MEED_S("cot")))
		*g = ratio(q, c, s, ret);
	else if (meed_eq(f, MEED_S("sec")))
		*g = ratio(q, one, c, ret);
	else if (meed_eq(f, MEED_S("csc")))
		*g = ratio(q, one, s, ret);
	else
		return false;
	return true;
}

/* n! modulo p, for n that no exact integer would hold. */
static bool big_factorial(struct eq *q, const struct mx *x, struct val *ret)
{
	int64_t n;

	if (!mxt_is(x, "factorial") || !mxq_small(q, x->arg[0], NULL, &n) || n < 0 ||
	    n > 4000000 || !mx_step(q->e, 1000))
		return false;
	*ret = sig_small(q, 0);
	ret->bits = (double)n * 22;
	ret->re = n_factorial_fast_mod2_preinv((uint64_t)n, q->field.mod.n, q->field.mod.ninv);
	return true;
}

static enum eq_get hash_node(struct eq *q, const struct mx *x, struct eq_sig_info *info,
			     struct val *ret)
{
	uint64_t h = eq_mix_str(q->field.seed ^ (uint64_t)x->kind << 32, x->name);
	enum eq_get g = EQ_OK;
	struct val a;
	uint32_t i;

	info->opaque = true;
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = sig_eval(q, x->arg[i], info, &a);
		if (g == EQ_OK)
			h = sig_fold(h, a);
	}
	*ret = sig_hashed(q, h);
	return g;
}

static enum eq_get from_fmpq(struct eq *q, const fmpq_t v, struct val *ret)
{
	struct val den = sig_small(q, 0);

	*ret = sig_small(q, 0);
	ret->bits = (double)(fmpz_bits(fmpq_numref(v)) + fmpz_bits(fmpq_denref(v)));
	ret->re = fmpz_fdiv_ui(fmpq_numref(v), q->field.mod.n);
	den.re = fmpz_fdiv_ui(fmpq_denref(v), q->field.mod.n);
	return ratio(q, *ret, den, ret);
}

static enum eq_get function(struct eq *q, const struct mx *x, struct eq_sig_info *info,
			    struct val *ret)
{
	enum eq_get g;
	struct val a;
	struct mx half;
	fmpq_t v;

	if (x->n == 0)
		return EQ_NOT;
	if (mxt_is(x, "exp") && x->n == 1) {
		memset(&half, 0, sizeof(half));
		half.kind = MX_E;
		return sig_to_power(q, &half, x->arg[0], info, ret);
	}
	if (mxt_is(x, "ln") && x->n == 1)
		return logarithm(q, x->arg[0], info, ret);
	if (mxt_is(x, "log") && x->n == 1 && !q->log10)
		return logarithm(q, x->arg[0], info, ret);
	if (mxt_is(x, "lg") || mxt_is(x, "log"))
		return log_base(q, x->arg[0], x->n > 1 ? x->arg[1] : NULL, info, ret);
	fmpq_init(v);
	g = mxq_eval(q, x, NULL, v);
	if (g == EQ_OK)
		g = from_fmpq(q, v, ret);
	else if (g != EQ_UNDEF)
		g = EQ_NOT;
	if (g == EQ_NOT && mxt_is(x, "sqrt") && x->n == 1) {
		memset(&half, 0, sizeof(half));
		half.kind = MX_DEC;
		half.name = MEED_S("5");
		half.scale = 1;
		g = sig_to_power(q, x->arg[0], &half, info, ret);
	} else if (g == EQ_NOT && mxt_is(x, "root") && x->n == 2) {
		struct mx one, inv, *arg[2];

		memset(&one, 0, sizeof(one));
		memset(&inv, 0, sizeof(inv));
		one.kind = MX_INT;
		one.name = MEED_S("1");
		arg[0] = &one;
		arg[1] = x->arg[1];
		inv.kind = MX_DIV;
		inv.n = 2;
		inv.arg = arg;
		g = sig_to_power(q, x->arg[0], &inv, info, ret);
	} else if (g == EQ_NOT && big_factorial(q, x, ret)) {
		g = EQ_OK;
	} else if (g == EQ_NOT && x->n == 1) {
		g = sig_eval(q, x->arg[0], info, &a);
		info->opaque = true;
		if (g == EQ_OK && !trig(q, x->name, a, &g, ret)) {
			if (mxt_is(x, "abs"))
				*ret = parity(q, "abs", a, false);
			else
				g = hash_node(q, x, info, ret);
		}
	} else if (g == EQ_NOT) {
		g = hash_node(q, x, info, ret);
	}
	fmpq_clear(v);
	return g;
}

/* A sum or product: a number, or term by term, or hashed with its bound symbol renamed. */
static enum eq_get bound(struct eq *q, const struct mx *x, struct eq_sig_info *info,
			 struct val *ret)
{
	struct mx *k, *body;
	struct val t;
	enum eq_get g;
	int64_t lo, hi, i;
	fmpq_t v;

	if (x->kind == MX_SUM || x->kind == MX_PROD) {
		fmpq_init(v);
		g = mxq_eval(q, x, NULL, v);
		if (g == EQ_OK)
			g = from_fmpq(q, v, ret);
		fmpq_clear(v);
		if (g == EQ_OK || g == EQ_UNDEF)
			return g;
	}
	if (x->n < 2 || x->arg[0]->kind != MX_SYM)
		return EQ_NOT;
	if ((x->kind == MX_SUM || x->kind == MX_PROD) && x->n == 4 &&
	    mxq_small(q, x->arg[1], NULL, &lo) && mxq_small(q, x->arg[2], NULL, &hi) &&
	    (hi < lo || (uint64_t)hi - (uint64_t)lo < UNROLL)) {
		*ret = sig_small(q, x->kind == MX_PROD);
		for (i = lo; i <= hi; i++) {
			k = mxt_int(q->e, i);
			body = k ? mxt_subst(q->e, x->arg[3], x->arg[0]->name, k) : NULL;
			if (!body)
				return EQ_BIG;
			g = sig_eval(q, body, info, &t);
			if (g != EQ_OK)
				return g;
			*ret = x->kind == MX_SUM ? sig_add(q, *ret, t) : sig_mul(q, *ret, t);
		}
		return EQ_OK;
	}
	if (x->kind == MX_DERIV || (x->kind == MX_INTEGRAL && x->n == 2))
		return hash_node(q, x, info, ret);
	body = mxt_copy(q->e, x);
	k = mxt_sym(q->e, MEED_S("\x01"));
	if (!body || !k)
		return EQ_BIG;
	for (i = 0; i < x->n; i++) {
		bool in = i == 0 || i == (x->kind == MX_LIM ? 2 : (int64_t)x->n - 1);

		if (in)
			body->arg[i] = mxt_subst(q->e, x->arg[i], x->arg[0]->name, k);
		if (!body->arg[i])
			return EQ_BIG;
	}
	return hash_node(q, body, info, ret);
}

static enum eq_get nary(struct eq *q, const struct mx *x, struct eq_sig_info *info,
			struct val *ret)
{
	enum eq_get g = EQ_OK;
	struct val a;
	uint32_t i;

	*ret = sig_small(q, x->kind == MX_MUL);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = sig_eval(q, x->arg[i], info, &a);
		if (g == EQ_OK)
			*ret = x->kind == MX_ADD ? sig_add(q, *ret, a) : sig_mul(q, *ret, a);
	}
	return g;
}

static enum eq_get constant(struct eq *q, const struct mx *x, struct eq_sig_info *info,
			    struct val *ret)
{
	switch (x->kind) {
	case MX_INT:
		return digits(q, x->name, 10, ret);
	case MX_DEC:
		return decimal(q, x, ret);
	case MX_BASE:
		return x->base > 1 ? digits(q, x->n == 1 ? x->arg[0]->name : x->name, x->base, ret)
				   : EQ_NOT;
	case MX_PI:
		info->transcendental |= 1;
		*ret = sig_atom(q, "pi", sig_small(q, 1));
		return EQ_OK;
	case MX_E:
		info->transcendental |= 2;
		*ret = sig_atom(q, "e", sig_small(q, 1));
		return EQ_OK;
	case MX_I:
		*ret = sig_small(q, 0);
		ret->im = 1;
		return EQ_OK;
	case MX_TEXT:
	case MX_INF:
		return hash_node(q, x, info, ret);
	default:
		return EQ_NOT;
	}
}

enum eq_get sig_eval(struct eq *q, const struct mx *x, struct eq_sig_info *info, struct val *ret)
{
	enum eq_get g = EQ_NOT;
	struct val a, b;

	if (!eq_enter(q))
		return EQ_BIG;
	switch (x->kind) {
	case MX_SYM:
		*ret = sig_hashed(q, eq_mix_str(q->field.point, x->name));
		g = EQ_OK;
		break;
	case MX_NEG:
		g = x->n == 1 ? sig_eval(q, x->arg[0], info, ret) : EQ_NOT;
		*ret = g == EQ_OK ? sig_neg(q, *ret) : *ret;
		break;
	case MX_PERCENT:
		g = x->n == 1 ? sig_eval(q, x->arg[0], info, ret) : EQ_NOT;
		*ret = g == EQ_OK ? sig_mul(q, *ret, ten_to(q, -2)) : *ret;
		break;
	case MX_DEGREE:
		g = x->n == 1 ? sig_eval(q, x->arg[0], info, &a) : EQ_NOT;
		info->transcendental |= 1;
		if (g == EQ_OK)
			g = ratio(q, sig_mul(q, a, sig_atom(q, "pi", sig_small(q, 1))), sig_small(q, 180), ret);
		break;
	case MX_ADD:
	case MX_MUL:
		g = nary(q, x, info, ret);
		break;
	case MX_DIV:
	case MX_RATIO:
		g = x->n == 2 ? sig_eval(q, x->arg[0], info, &a) : EQ_NOT;
		if (g == EQ_OK)
			g = sig_eval(q, x->arg[1], info, &b);
		if (g == EQ_OK)
			g = ratio(q, a, b, ret);
		break;
	case MX_POW:
		g = x->n == 2 ? sig_to_power(q, x->arg[0], x->arg[1], info, ret) : EQ_NOT;
		break;
	case MX_FUNC:
		g = function(q, x, info, ret);
		break;
	case MX_CALL:
		g = hash_node(q, x, info, ret);
		break;
	case MX_SUM:
	case MX_PROD:
	case MX_INTEGRAL:
	case MX_LIM:
	case MX_DERIV:
		g = bound(q, x, info, ret);
		break;
	default:
		g = constant(q, x, info, ret);
		break;
	}
	eq_leave(q);
	return g;
}

bool mxs_eval(struct eq *q, const struct mx *x, struct eq_sig *ret, struct eq_sig_info *info)
{
	struct val v = { 0, 0, 0, 0, 0 };
	enum eq_get g;

	if (!q->field_made)
		mxs_field(q, 0);
	g = sig_eval(q, x, info, &v);
	if (g == EQ_UNDEF)
		info->undef = true;
	if (g != EQ_OK)
		return false;
	ret->re = v.re;
	ret->im = v.im;
	info->degree += v.num + v.den;
	info->bits += v.bits;
	return true;
}
