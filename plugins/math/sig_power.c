/* sig_power.c - the field of p^2 elements: arithmetic, powers and roots. */
#include "config.h"

#include "plugins/math/sig.h"

#include <math.h>

#include <flint/ulong_extras.h>

struct val sig_small(const struct eq *q, int64_t v)
{
	uint64_t p = q->field.mod.n, m = v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v;
	struct val r = { m % p, 0, 0, 0, 64 };

	if (v < 0)
		r.re = nmod_neg(r.re, q->field.mod);
	return r;
}

struct val sig_add(const struct eq *q, struct val a, struct val b)
{
	struct val r;

	r.re = nmod_add(a.re, b.re, q->field.mod);
	r.im = nmod_add(a.im, b.im, q->field.mod);
	r.bits = a.bits + b.bits + 1;
	r.den = a.den + b.den;
	r.num = a.num + b.den > b.num + a.den ? a.num + b.den : b.num + a.den;
	return r;
}

struct val sig_neg(const struct eq *q, struct val a)
{
	a.re = nmod_neg(a.re, q->field.mod);
	a.im = nmod_neg(a.im, q->field.mod);
	return a;
}

struct val sig_mul(const struct eq *q, struct val a, struct val b)
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

bool sig_zero(struct val a)
{
	return a.re == 0 && a.im == 0;
}

enum eq_get sig_inverse(const struct eq *q, struct val a, struct val *ret)
{
	nmod_t m = q->field.mod;
	uint64_t norm;

	if (sig_zero(a))
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
enum eq_get sig_power(const struct eq *q, struct val a, const fmpz_t k, struct val *ret)
{
	struct val r = sig_small(q, 1), s = a;
	double scale = fabs(fmpz_get_d(k));
	enum eq_get g = EQ_OK;
	fmpz_t e, order;
	mp_bitcnt_t i, n;

	if (sig_zero(a)) {
		*ret = sig_small(q, fmpz_is_zero(k));
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
			r = sig_mul(q, r, s);
		s = sig_mul(q, s, s);
	}
	fmpz_clear(e);
	fmpz_clear(order);
	r.num = a.num * scale;
	r.den = a.den * scale;
	r.bits = a.bits * scale;
	if (fmpz_sgn(k) < 0)
		g = sig_inverse(q, r, &r);
	*ret = r;
	return g;
}

struct val sig_hashed(const struct eq *q, uint64_t h)
{
	struct val r = { 0, 0, 1, 0, 1 };

	r.re = eq_mix(h) % q->field.mod.n;
	return r;
}

uint64_t sig_fold(uint64_t h, struct val a)
{
	return eq_mix(eq_mix(h ^ a.re) ^ a.im);
}

struct val sig_atom(const struct eq *q, const char *tag, struct val a)
{
	return sig_hashed(q, sig_fold(eq_mix_str(q->field.seed, meed_s(tag)), a));
}

/* prime^(1/n): the true root for n = 2, else a value of its own. */
static struct val prime_root(const struct eq *q, uint64_t prime, uint64_t n,
			     struct eq_sig_info *info)
{
	nmod_t m = q->field.mod;
	struct val r = sig_small(q, 0), key = sig_small(q, (int64_t)prime);
	uint64_t t;

	if (n != 2) {
		info->opaque = true;
		key.im = n;
		return sig_atom(q, "root", key);
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
	struct val r = sig_small(q, 1), t;
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
		ok = sig_power(q, sig_small(q, (int64_t)f.p[i]), k, &t);
		r = sig_mul(q, r, t);
		total %= n;
		if (total == 0 || ok != EQ_OK)
			continue;
		g = n_gcd(total, n);
		fmpz_set_ui(k, total / g);
		ok = sig_power(q, prime_root(q, f.p[i], n / g, info), k, &t);
		r = sig_mul(q, r, t);
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
		g = sig_inverse(q, den, &den);
	if (g == EQ_OK) {
		*ret = sig_mul(q, num, den);
		num = sig_small(q, 0);
		num.bits = 50;
		num.re = fmpz_fdiv_ui(fmpq_numref(base), q->field.mod.n);
		den = sig_small(q, 0);
		den.re = fmpz_fdiv_ui(fmpq_denref(base), q->field.mod.n);
		g = sig_inverse(q, den, &den);
	}
	if (g == EQ_OK)
		g = sig_power(q, sig_mul(q, num, den), k, &num);
	if (g == EQ_OK) {
		*ret = sig_mul(q, *ret, num);
		if (fmpq_sgn(base) < 0)
			*ret = sig_mul(q, *ret, i);
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
	g = sig_power(q, base, k, &whole);
	if (g == EQ_OK && !fmpz_is_zero(r)) {
		info->opaque = true;
		key = sig_hashed(q, sig_fold(eq_mix(q->field.seed ^
					    fmpz_fdiv_ui(fmpq_denref(expo), 1ull << 61)), base));
		g = sig_power(q, key, r, &key);
		whole = sig_mul(q, whole, key);
	}
	*ret = whole;
	fmpz_clear(k);
	fmpz_clear(r);
	return g;
}

enum eq_get sig_to_power(struct eq *q, const struct mx *base, const struct mx *expo,
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
	g = sig_eval(q, base, info, &b);
	if (g != EQ_OK)
		goto out;
	if (ge == EQ_OK && fmpz_is_one(fmpq_denref(e))) {
		g = sig_power(q, b, fmpq_numref(e), ret);
	} else if (ge == EQ_OK) {
		g = hashed_power(q, b, e, info, ret);
	} else {
		g = sig_eval(q, expo, info, &k);
		if (g != EQ_OK)
			goto out;
		info->opaque = true;
		*ret = sig_hashed(q, sig_fold(sig_fold(eq_mix(q->field.seed ^ 0x70), b), k));
	}
out:
	fmpq_clear(e);
	fmpq_clear(v);
	return g;
}
