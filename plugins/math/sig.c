/* sig.c - expressions' values in a field of p^2 elements: a ring homomorphism from the numbers
 * and functions that are compared, so different values prove difference wherever nothing had
 * to be hashed whole, and equal ones bound the chance of it.
 *
 * p = 3 mod 4, so the field is F_p(i) and each positive rational has a root in it; the root of a
 * product is the product of its primes' roots. */
#include "config.h"

#include "plugins/math/equal.h"

#include <math.h>

#include <flint/ulong_extras.h>

enum {
	UNROLL = 64			/* terms of a sum that is not a number */
};

/* A value with bounds: the degrees of numerator and denominator in the symbols, and the bits of
 * their coefficients. */
struct val {
	uint64_t re, im;
	double num, den, bits;
};

static enum eq_get eval(struct eq *q, const struct mx *x, struct eq_sig_info *info, struct val *ret);

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

static struct val small(const struct eq *q, int64_t v)
{
	uint64_t p = q->field.mod.n, m = v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v;
	struct val r = { m % p, 0, 0, 0, 64 };

	if (v < 0)
		r.re = nmod_neg(r.re, q->field.mod);
	return r;
}

static struct val add(const struct eq *q, struct val a, struct val b)
{
	struct val r;

	r.re = nmod_add(a.re, b.re, q->field.mod);
	r.im = nmod_add(a.im, b.im, q->field.mod);
	r.bits = a.bits + b.bits + 1;
	r.den = a.den + b.den;
	r.num = a.num + b.den > b.num + a.den ? a.num + b.den : b.num + a.den;
	return r;
}

static struct val neg(const struct eq *q, struct val a)
{
	a.re = nmod_neg(a.re, q->field.mod);
	a.im = nmod_neg(a.im, q->field.mod);
	return a;
}

static struct val mul(const struct eq *q, struct val a, struct val b)
{
	nmod_t m = q->field.mod;
	struct val r;

	r.num = a.num + b.num;
	r.den = a.den + b.den;
	r.bits = a.bits + b.bits;
	r.re = nmod_mul(a.re, b.re, m);
	r.im = 0;
	if (a.im | b.im) {
		r.re = nmod_sub(r.re, nmod_mul(a.im, b.im, m), m);
		r.im = nmod_add(nmod_mul(a.re, b.im, m), nmod_mul(a.im, b.re, m), m);
	}
	return r;
}

static bool zero(struct val a)
{
	return a.re == 0 && a.im == 0;
}

static enum eq_get inverse(const struct eq *q, struct val a, struct val *ret)
{
	nmod_t m = q->field.mod;
	uint64_t norm;

	if (zero(a))
		return EQ_UNDEF;
	norm = nmod_add(nmod_mul(a.re, a.re, m), nmod_mul(a.im, a.im, m), m);
	norm = nmod_inv(norm, m);
	ret->re = nmod_mul(a.re, norm, m);
	ret->im = nmod_neg(nmod_mul(a.im, norm, m), m);
	ret->num = a.den;
	ret->den = a.num;
	ret->bits = a.bits;
	return EQ_OK;
}

/* a^k for k reduced modulo p^2 - 1, the order of the field's units. */
static enum eq_get power(const struct eq *q, struct val a, const fmpz_t k, struct val *ret)
{
	struct val r = small(q, 1), s = a;
	double scale = fabs(fmpz_get_d(k));
	enum eq_get g = EQ_OK;
	fmpz_t e, order;
	mp_bitcnt_t i, n;

	if (zero(a)) {
		*ret = small(q, fmpz_is_zero(k));
		return fmpz_sgn(k) < 0 ? EQ_UNDEF : EQ_OK;
	}
	fmpz_init(e);
	fmpz_init(order);
	fmpz_set_ui(order, q->field.mod.n);
	fmpz_mul(order, order, order);
	fmpz_sub_ui(order, order, 1);
	fmpz_abs(e, k);
	fmpz_mod(e, e, order);
	n = fmpz_bits(e);
	for (i = 0; i < n; i++) {
		if (fmpz_tstbit(e, i))
			r = mul(q, r, s);
		s = mul(q, s, s);
	}
	fmpz_clear(e);
	fmpz_clear(order);
	r.num = a.num * scale;
	r.den = a.den * scale;
	r.bits = a.bits * scale;
	if (fmpz_sgn(k) < 0)
		g = inverse(q, r, &r);
	*ret = r;
	return g;
}

static struct val hashed(const struct eq *q, uint64_t h)
{
	struct val r = { 0, 0, 1, 0, 1 };

	r.re = eq_mix(h) % q->field.mod.n;
	return r;
}

static uint64_t fold(uint64_t h, struct val a)
{
	return eq_mix(eq_mix(h ^ a.re) ^ a.im);
}

static struct val atom(const struct eq *q, const char *tag, struct val a)
{
	return hashed(q, fold(eq_mix_str(q->field.seed, meed_s(tag)), a));
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
	*ret = small(q, 0);
	ret->re = v;
	ret->bits = 6.0 * (double)s.n;
	return EQ_OK;
}

static struct val ten_to(const struct eq *q, int64_t k)
{
	struct val r = small(q, 1);
	uint64_t n = k < 0 ? (uint64_t)0 - (uint64_t)k : (uint64_t)k;

	r.bits = 3.4 * (double)n;
	r.re = nmod_pow_ui(10, n, q->field.mod);
	if (k < 0)
		r.re = nmod_inv(r.re, q->field.mod);
	return r;
}

static enum eq_get decimal(struct eq *q, const struct mx *x, struct val *ret)
{
	struct val head = small(q, 0), nines;
	enum eq_get g = digits(q, x->name, 10, ret);

	if (g != EQ_OK)
		return g;
	if (x->rep > 0 && x->rep <= x->name.n && x->rep <= x->scale) {
		if (x->rep < x->name.n)
			g = digits(q, meed_sub(x->name, 0, x->name.n - x->rep), 10, &head);
		nines = add(q, ten_to(q, x->rep), small(q, -1));
		if (g != EQ_OK || inverse(q, nines, &nines) != EQ_OK)
			return EQ_NOT;
		*ret = mul(q, add(q, *ret, neg(q, head)), nines);
		*ret = mul(q, *ret, ten_to(q, x->rep));
	}
	*ret = mul(q, *ret, ten_to(q, (int64_t)x->exp10 - x->scale));
	return EQ_OK;
}

/* prime^(1/n): the true root for n = 2, else a value of its own. */
static struct val prime_root(const struct eq *q, uint64_t prime, uint64_t n,
			     struct eq_sig_info *info)
{
	nmod_t m = q->field.mod;
	struct val r = small(q, 0), key = small(q, (int64_t)prime);
	uint64_t t;

	if (n != 2) {
		info->opaque = true;
		key.im = n;
		return atom(q, "root", key);
	}
	t = nmod_pow_ui(prime % m.n, (m.n + 1) / 4, m);
	if (nmod_mul(t, t, m) == prime % m.n)
		r.re = t;
	else
		r.im = t;
	return r;
}

/* v^(a/n) for v > 0 below 2^50, 0 < a < n: as a product over primes. */
static enum eq_get int_root(struct eq *q, uint64_t v, uint64_t a, uint64_t n,
			    struct eq_sig_info *info, struct val *ret)
{
	struct val r = small(q, 1), t;
	n_factor_t f;
	uint64_t total, g;
	enum eq_get ok = EQ_OK;
	fmpz_t k;
	int i;

	n_factor_init(&f);
	n_factor(&f, v, 1);
	fmpz_init(k);
	for (i = 0; i < f.num && ok == EQ_OK; i++) {
		total = (uint64_t)f.exp[i] * a;
		fmpz_set_ui(k, total / n);
		ok = power(q, small(q, (int64_t)f.p[i]), k, &t);
		r = mul(q, r, t);
		total %= n;
		if (total == 0 || ok != EQ_OK)
			continue;
		g = n_gcd(total, n);
		fmpz_set_ui(k, total / g);
		ok = power(q, prime_root(q, f.p[i], n / g, info), k, &t);
		r = mul(q, r, t);
	}
	fmpz_clear(k);
	*ret = r;
	ret->num = ret->den = 0;
	return ok;
}

/* A rational to a rational power: *done false if it is to be hashed whole. */
static enum eq_get rational_power(struct eq *q, const fmpq_t base, const fmpq_t expo,
				  struct eq_sig_info *info, struct val *ret, bool *done)
{
	struct val den, num, i = { 0, 1, 0, 0, 1 };
	enum eq_get g = EQ_OK;
	uint64_t n, a;
	fmpz_t k, r;

	*done = false;
	if (!fmpz_abs_fits_ui(fmpq_denref(expo)) || fmpz_get_ui(fmpq_denref(expo)) > 64 ||
	    fmpq_is_zero(base) || fmpz_bits(fmpq_numref(base)) > 50 ||
	    fmpz_bits(fmpq_denref(base)) > 50)
		return EQ_OK;
	n = fmpz_get_ui(fmpq_denref(expo));
	if (fmpq_sgn(base) < 0 && n != 2)
		return EQ_OK;
	if (!mx_step(q->e, 50))
		return EQ_BIG;
	fmpz_init(k);
	fmpz_init(r);
	/* base^(k + a/n); an odd half power of a negative base is i times as much */
	fmpz_fdiv_qr(k, r, fmpq_numref(expo), fmpq_denref(expo));
	a = fmpz_get_ui(r);
	g = int_root(q, fmpz_get_ui(fmpq_numref(base)), a, n, info, &num);
	if (g == EQ_OK)
		g = int_root(q, fmpz_get_ui(fmpq_denref(base)), a, n, info, &den);
	if (g == EQ_OK)
		g = inverse(q, den, &den);
	if (g == EQ_OK) {
		*ret = mul(q, num, den);
		num = small(q, 0);
		num.bits = 50;
		num.re = fmpz_fdiv_ui(fmpq_numref(base), q->field.mod.n);
		den = small(q, 0);
		den.re = fmpz_fdiv_ui(fmpq_denref(base), q->field.mod.n);
		g = inverse(q, den, &den);
	}
	if (g == EQ_OK)
		g = power(q, mul(q, num, den), k, &num);
	if (g == EQ_OK) {
		*ret = mul(q, *ret, num);
		if (fmpq_sgn(base) < 0)
			*ret = mul(q, *ret, i);
		ret->num = ret->den = 0;
		*done = true;
	}
	fmpz_clear(k);
	fmpz_clear(r);
	return g;
}

/* A value to a constant rational power: whole part exactly, the rest h(value, 1/n)^a. */
static enum eq_get hashed_power(struct eq *q, struct val base, const fmpq_t expo,
				struct eq_sig_info *info, struct val *ret)
{
	struct val key = base, whole;
	enum eq_get g;
	fmpz_t k, r;

	fmpz_init(k);
	fmpz_init(r);
	fmpz_fdiv_qr(k, r, fmpq_numref(expo), fmpq_denref(expo));
	g = power(q, base, k, &whole);
	if (g == EQ_OK && !fmpz_is_zero(r)) {
		info->opaque = true;
		key = hashed(q, fold(eq_mix(q->field.seed ^
					    fmpz_fdiv_ui(fmpq_denref(expo), 1ull << 61)), base));
		g = power(q, key, r, &key);
		whole = mul(q, whole, key);
	}
	*ret = whole;
	fmpz_clear(k);
	fmpz_clear(r);
	return g;
}

static enum eq_get to_power(struct eq *q, const struct mx *base, const struct mx *expo,
			 struct eq_sig_info *info, struct val *ret)
{
	enum eq_get g, ge;
	struct val b, k;
	bool done;
	fmpq_t e, v;

	fmpq_init(e);
	fmpq_init(v);
	ge = mxq_eval(q, expo, NULL, e);
	if (ge == EQ_OK && !fmpz_is_one(fmpq_denref(e)) && mxq_eval(q, base, NULL, v) == EQ_OK) {
		g = rational_power(q, v, e, info, ret, &done);
		if (g != EQ_OK || done)
			goto out;
	}
	g = eval(q, base, info, &b);
	if (g != EQ_OK)
		goto out;
	if (ge == EQ_OK && fmpz_is_one(fmpq_denref(e))) {
		g = power(q, b, fmpq_numref(e), ret);
	} else if (ge == EQ_OK) {
		g = hashed_power(q, b, e, info, ret);
	} else {
		g = eval(q, expo, info, &k);
		if (g != EQ_OK)
			goto out;
		info->opaque = true;
		*ret = hashed(q, fold(fold(eq_mix(q->field.seed ^ 0x70), b), k));
	}
out:
	fmpq_clear(e);
	fmpq_clear(v);
	return g;
}

/* log of an integer: the sum over its primes. */
static struct val log_int(const struct eq *q, uint64_t v)
{
	struct val r = small(q, 0);
	n_factor_t f;
	int i;

	n_factor_init(&f);
	n_factor(&f, v, 1);
	for (i = 0; i < f.num; i++)
		r = add(q, r, mul(q, small(q, (int64_t)f.exp[i]),
				  atom(q, "ln", small(q, (int64_t)f.p[i]))));
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
		*ret = small(q, 1);
		return EQ_OK;
	}
	fmpq_init(v);
	if (mxq_eval(q, x, NULL, v) == EQ_OK && fmpq_sgn(v) > 0 &&
	    fmpz_bits(fmpq_numref(v)) <= 50 && fmpz_bits(fmpq_denref(v)) <= 50) {
		*ret = add(q, log_int(q, fmpz_get_ui(fmpq_numref(v))),
			   neg(q, log_int(q, fmpz_get_ui(fmpq_denref(v)))));
	} else {
		g = eval(q, x, info, ret);
		if (g == EQ_OK)
			*ret = zero(*ret) ? *ret : atom(q, "ln", *ret);
	}
	fmpq_clear(v);
	return g;
}

static enum eq_get ratio(struct eq *q, struct val a, struct val b, struct val *ret)
{
	enum eq_get g = inverse(q, b, &b);

	if (g == EQ_OK)
		*ret = mul(q, a, b);
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
	struct val m = neg(q, a), r;
	bool flip = m.re < a.re || (m.re == a.re && m.im < a.im);

	if (zero(a) && odd)
		return small(q, 0);
	r = atom(q, tag, flip ? m : a);
	return flip && odd ? neg(q, r) : r;
}

static bool trig(struct eq *q, meed_str f, struct val a, enum eq_get *g, struct val *ret)
{
	struct val s = parity(q, "sin", a, true), c, one = small(q, 1);

	c = zero(a) ? one : parity(q, "cos", a, false);
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
	*ret = small(q, 0);
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
		g = eval(q, x->arg[i], info, &a);
		if (g == EQ_OK)
			h = fold(h, a);
	}
	*ret = hashed(q, h);
	return g;
}

static enum eq_get from_fmpq(struct eq *q, const fmpq_t v, struct val *ret)
{
	struct val den = small(q, 0);

	*ret = small(q, 0);
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
		return to_power(q, &half, x->arg[0], info, ret);
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
		g = to_power(q, x->arg[0], &half, info, ret);
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
		g = to_power(q, x->arg[0], &inv, info, ret);
	} else if (g == EQ_NOT && big_factorial(q, x, ret)) {
		g = EQ_OK;
	} else if (g == EQ_NOT && x->n == 1) {
		g = eval(q, x->arg[0], info, &a);
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
		*ret = small(q, x->kind == MX_PROD);
		for (i = lo; i <= hi; i++) {
			k = mxt_int(q->e, i);
			body = k ? mxt_subst(q->e, x->arg[3], x->arg[0]->name, k) : NULL;
			if (!body)
				return EQ_BIG;
			g = eval(q, body, info, &t);
			if (g != EQ_OK)
				return g;
			*ret = x->kind == MX_SUM ? add(q, *ret, t) : mul(q, *ret, t);
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

	*ret = small(q, x->kind == MX_MUL);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = eval(q, x->arg[i], info, &a);
		if (g == EQ_OK)
			*ret = x->kind == MX_ADD ? add(q, *ret, a) : mul(q, *ret, a);
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
		return x->n == 1 && x->base > 1 ? digits(q, x->arg[0]->name, x->base, ret) : EQ_NOT;
	case MX_PI:
		info->transcendental |= 1;
		*ret = atom(q, "pi", small(q, 1));
		return EQ_OK;
	case MX_E:
		info->transcendental |= 2;
		*ret = atom(q, "e", small(q, 1));
		return EQ_OK;
	case MX_I:
		*ret = small(q, 0);
		ret->im = 1;
		return EQ_OK;
	case MX_TEXT:
	case MX_INF:
		return hash_node(q, x, info, ret);
	default:
		return EQ_NOT;
	}
}

static enum eq_get eval(struct eq *q, const struct mx *x, struct eq_sig_info *info, struct val *ret)
{
	enum eq_get g = EQ_NOT;
	struct val a, b;

	if (!eq_enter(q))
		return EQ_BIG;
	switch (x->kind) {
	case MX_SYM:
		*ret = hashed(q, eq_mix_str(q->field.point, x->name));
		g = EQ_OK;
		break;
	case MX_NEG:
		g = x->n == 1 ? eval(q, x->arg[0], info, ret) : EQ_NOT;
		*ret = g == EQ_OK ? neg(q, *ret) : *ret;
		break;
	case MX_PERCENT:
		g = x->n == 1 ? eval(q, x->arg[0], info, ret) : EQ_NOT;
		*ret = g == EQ_OK ? mul(q, *ret, ten_to(q, -2)) : *ret;
		break;
	case MX_DEGREE:
		g = x->n == 1 ? eval(q, x->arg[0], info, &a) : EQ_NOT;
		info->transcendental |= 1;
		if (g == EQ_OK)
			g = ratio(q, mul(q, a, atom(q, "pi", small(q, 1))), small(q, 180), ret);
		break;
	case MX_ADD:
	case MX_MUL:
		g = nary(q, x, info, ret);
		break;
	case MX_DIV:
	case MX_RATIO:
		g = x->n == 2 ? eval(q, x->arg[0], info, &a) : EQ_NOT;
		if (g == EQ_OK)
			g = eval(q, x->arg[1], info, &b);
		if (g == EQ_OK)
			g = ratio(q, a, b, ret);
		break;
	case MX_POW:
		g = x->n == 2 ? to_power(q, x->arg[0], x->arg[1], info, ret) : EQ_NOT;
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
	g = eval(q, x, info, &v);
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
