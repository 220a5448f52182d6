/* poly.c - rational functions, expanded: of the symbols and of "parts", which are the roots,
 * functions and constants in the expression. A part may obey a relation part^n = U/V (a root, i,
 * cos^2 = 1 - sin^2), by which numerators are reduced before they are compared with zero.
 *
 * Fractions are not reduced: a gcd of several symbols has no cheap bound, a product has. */
#include "config.h"

#include "plugins/math/equal.h"

#include <flint/fmpz_mpoly.h>
#include <flint/fmpz_mpoly_factor.h>

enum {
	GENS = 16,
	ROUNDS = 2,
	COEF_BITS = 1 << 14
};

struct part {
	meed_str sym;			/* a symbol, or n 0 */
	struct eq_sig key[ROUNDS];
	uint64_t pow;			/* 0: no relation */
	fmpz_mpoly_t u, v;
	bool has_uv;
};

struct poly {
	struct eq *q;
	fmpz_mpoly_ctx_t ctx;
	struct eq_field field[ROUNDS];
	struct part part[GENS];
	size_t n;
	bool opaque;
};

struct frac {
	fmpz_mpoly_t n, d;
};

static enum eq_get eval(struct poly *p, const struct mx *x, struct frac *ret);

static void poly_init(struct poly *p, struct eq *q)
{
	size_t i;

	memset(p, 0, sizeof(*p));
	p->q = q;
	fmpz_mpoly_ctx_init(p->ctx, GENS, ORD_LEX);
	for (i = 0; i < ROUNDS; i++) {
		mxs_field(q, i);
		p->field[i] = q->field;
	}
	q->field = p->field[0];
}

static void poly_release(struct poly *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (!p->part[i].has_uv)
			continue;
		fmpz_mpoly_clear(p->part[i].u, p->ctx);
		fmpz_mpoly_clear(p->part[i].v, p->ctx);
	}
	p->q->field = p->field[0];
	fmpz_mpoly_ctx_clear(p->ctx);
}

static void frac_init(struct poly *p, struct frac *f)
{
	fmpz_mpoly_init(f->n, p->ctx);
	fmpz_mpoly_init(f->d, p->ctx);
	fmpz_mpoly_one(f->d, p->ctx);
}

static void frac_clear(struct poly *p, struct frac *f)
{
	fmpz_mpoly_clear(f->n, p->ctx);
	fmpz_mpoly_clear(f->d, p->ctx);
}

static enum eq_get fits(struct poly *p, const fmpz_mpoly_t a)
{
	slong bits = fmpz_mpoly_max_bits(a);

	bits = bits < 0 ? -bits : bits;
	if (a->length > (slong)p->q->max_terms || bits > COEF_BITS)
		return EQ_BIG;
	return EQ_OK;
}

static enum eq_get mul(struct poly *p, fmpz_mpoly_t r, const fmpz_mpoly_t a, const fmpz_mpoly_t b)
{
	uint64_t work = (uint64_t)a->length * (uint64_t)b->length;

	if (work > 20ull * p->q->max_terms || !mx_step(p->q->e, 1 + work / 8))
		return EQ_BIG;
	fmpz_mpoly_mul(r, a, b, p->ctx);
	return fits(p, r);
}

/* r = a / b * c / d, in the sense of *ret = f * g. */
static enum eq_get frac_mul(struct poly *p, struct frac *r, const struct frac *f,
			    const struct frac *g)
{
	enum eq_get ok = mul(p, r->n, f->n, g->n);

	return ok == EQ_OK ? mul(p, r->d, f->d, g->d) : ok;
}

static enum eq_get frac_add(struct poly *p, struct frac *r, const struct frac *f,
			    const struct frac *g)
{
	enum eq_get ok = EQ_OK;
	fmpz_mpoly_t s, t;

	if (fmpz_mpoly_equal(f->d, g->d, p->ctx)) {
		fmpz_mpoly_add(r->n, f->n, g->n, p->ctx);
		fmpz_mpoly_set(r->d, f->d, p->ctx);
		return fits(p, r->n);
	}
	fmpz_mpoly_init(s, p->ctx);
	fmpz_mpoly_init(t, p->ctx);
	ok = mul(p, s, f->n, g->d);
	if (ok == EQ_OK)
		ok = mul(p, t, g->n, f->d);
	if (ok == EQ_OK)
		ok = mul(p, r->d, f->d, g->d);
	if (ok == EQ_OK) {
		fmpz_mpoly_add(r->n, s, t, p->ctx);
		ok = fits(p, r->n);
	}
	fmpz_mpoly_clear(s, p->ctx);
	fmpz_mpoly_clear(t, p->ctx);
	return ok;
}

static enum eq_get frac_inv(struct poly *p, struct frac *f)
{
	if (fmpz_mpoly_is_zero(f->n, p->ctx))
		return EQ_UNDEF;
	fmpz_mpoly_swap(f->n, f->d, p->ctx);
	return EQ_OK;
}

/* The terms of a^k: C(len + k - 1, k) at most. */
static bool power_fits(const struct poly *p, const fmpz_mpoly_t a, uint64_t k)
{
	slong bits = fmpz_mpoly_max_bits(a);
	uint64_t i, len = (uint64_t)a->length;
	double terms = 1;

	bits = bits < 0 ? -bits : bits;
	if (len <= 1)
		return k < 1u << 20 && (bits <= 1 || k < COEF_BITS / (uint64_t)bits);
	if (k > p->q->max_terms || k * ((uint64_t)bits + FLINT_BIT_COUNT(len)) > COEF_BITS)
		return false;
	for (i = 1; i < len; i++) {
		terms = terms * (double)(k + i) / (double)i;
		if (terms > p->q->max_terms)
			return false;
	}
	return true;
}

static enum eq_get frac_pow(struct poly *p, struct frac *r, const fmpz_t k)
{
	enum eq_get ok = EQ_OK;
	uint64_t e;

	if (!fmpz_abs_fits_ui(k))
		return EQ_BIG;
	e = fmpz_get_ui(k);
	if (!power_fits(p, r->n, e) || !power_fits(p, r->d, e) || !mx_step(p->q->e, 1 + e / 4))
		return EQ_BIG;
	if (!fmpz_mpoly_pow_ui(r->n, r->n, e, p->ctx) || !fmpz_mpoly_pow_ui(r->d, r->d, e, p->ctx))
		return EQ_BIG;
	if (fmpz_sgn(k) < 0)
		ok = frac_inv(p, r);
	if (ok == EQ_OK)
		ok = fits(p, r->n);
	return ok == EQ_OK ? fits(p, r->d) : ok;
}

static void frac_fmpq(struct poly *p, struct frac *r, const fmpq_t v)
{
	fmpz_mpoly_set_fmpz(r->n, fmpq_numref(v), p->ctx);
	fmpz_mpoly_set_fmpz(r->d, fmpq_denref(v), p->ctx);
}

static void frac_gen(struct poly *p, struct frac *r, size_t i, bool negative)
{
	fmpz_mpoly_gen(r->n, (slong)i, p->ctx);
	fmpz_mpoly_one(r->d, p->ctx);
	if (negative)
		fmpz_mpoly_neg(r->n, r->n, p->ctx);
}

static bool keys(struct poly *p, const struct mx *x, struct eq_sig key[ROUNDS])
{
	struct eq_sig_info info = { false, false, 0, 0, 0 };
	bool ok = true;
	size_t i;

	for (i = 0; i < ROUNDS && ok; i++) {
		p->q->field = p->field[i];
		ok = mxs_eval(p->q, x, &key[i], &info);
	}
	p->q->field = p->field[0];
	return ok;
}

static bool same_key(const struct poly *p, const struct eq_sig *a, const struct eq_sig *b, bool neg)
{
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		nmod_t m = p->field[i].mod;

		if (a[i].re != (neg ? nmod_neg(b[i].re, m) : b[i].re) ||
		    a[i].im != (neg ? nmod_neg(b[i].im, m) : b[i].im))
			return false;
	}
	return true;
}

/* The part that x, which is no sum or product, is; made if there is none. *ret_new tells. */
static enum eq_get find_part(struct poly *p, const struct mx *x, size_t *ret_i, bool *ret_neg,
			     bool *ret_new)
{
	struct part *t;
	struct eq_sig key[ROUNDS];
	size_t i;

	*ret_new = *ret_neg = false;
	if (!keys(p, x, key))
		return EQ_NOT;
	for (i = 0; i < p->n; i++) {
		*ret_i = i;
		if (same_key(p, p->part[i].key, key, false))
			return EQ_OK;
		*ret_neg = true;
		if (same_key(p, p->part[i].key, key, true))
			return EQ_OK;
		*ret_neg = false;
	}
	if (p->n == GENS)
		return EQ_BIG;
	t = &p->part[p->n];
	t->sym = x->kind == MX_SYM ? x->name : MEED_S("");
	memcpy(t->key, key, sizeof(key));
	if (x->kind != MX_SYM)
		p->opaque = true;
	*ret_new = true;
	*ret_i = p->n++;
	return EQ_OK;
}

static enum eq_get as_part(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g;
	bool negative, made;
	size_t i;

	g = find_part(p, x, &i, &negative, &made);
	if (g == EQ_OK)
		frac_gen(p, ret, i, negative);
	return g;
}

/* Part i is the n-th root of f. */
static void relate(struct poly *p, size_t i, uint64_t n, const struct frac *f)
{
	struct part *t = &p->part[i];

	fmpz_mpoly_init(t->u, p->ctx);
	fmpz_mpoly_init(t->v, p->ctx);
	fmpz_mpoly_set(t->u, f->n, p->ctx);
	fmpz_mpoly_set(t->v, f->d, p->ctx);
	t->pow = n;
	t->has_uv = true;
}

/* x^(1/n) as a part with its relation. */
static enum eq_get root_part(struct poly *p, const struct mx *x, uint64_t n, struct frac *ret)
{
	struct mx_env *e = p->q->e;
	struct mx *r = mxt_func2(e, "root", x, mxt_int(e, (int64_t)n));
	bool negative, made;
	enum eq_get g;
	struct frac f;
	size_t i;

	if (!r)
		return EQ_BIG;
	frac_init(p, &f);
	g = eval(p, x, &f);		/* first: relations refer to older parts only */
	if (g == EQ_OK)
		g = find_part(p, r, &i, &negative, &made);
	if (g == EQ_OK && made)
		relate(p, i, n, &f);
	if (g == EQ_OK)
		frac_gen(p, ret, i, negative);
	frac_clear(p, &f);
	return g;
}

/* The roots of a positive rational: one part a prime. */
static enum eq_get rational_root(struct poly *p, uint64_t v, uint64_t a, uint64_t n,
				 struct frac *ret)
{
	n_factor_t f;
	struct frac t;
	enum eq_get g = EQ_OK;
	uint64_t total, c;
	struct mx *x;
	fmpz_t k;
	int i;

	n_factor_init(&f);
	n_factor(&f, v, 1);
	fmpz_init(k);
	frac_init(p, &t);
	fmpz_mpoly_one(ret->n, p->ctx);
	fmpz_mpoly_one(ret->d, p->ctx);
	for (i = 0; i < f.num && g == EQ_OK; i++) {
		total = (uint64_t)f.exp[i] * a;
		fmpz_set_ui(k, f.p[i]);
		fmpz_pow_ui(k, k, total / n);
		fmpz_mpoly_scalar_mul_fmpz(ret->n, ret->n, k, p->ctx);
		total %= n;
		if (total == 0)
			continue;
		c = n_gcd(total, n);
		x = mxt_int(p->q->e, (int64_t)f.p[i]);
		g = x ? root_part(p, x, n / c, &t) : EQ_BIG;
		fmpz_set_ui(k, total / c);
		if (g == EQ_OK)
			g = frac_pow(p, &t, k);
		if (g == EQ_OK)
			g = frac_mul(p, ret, ret, &t);
	}
	frac_clear(p, &t);
	fmpz_clear(k);
	return g;
}

static enum eq_get imaginary(struct poly *p, struct frac *ret)
{
	struct mx *i = mxt_new(p->q->e, MX_I, 0);
	bool negative, made;
	struct frac f;
	enum eq_get g;
	size_t at;

	g = i ? find_part(p, i, &at, &negative, &made) : EQ_BIG;
	if (g != EQ_OK)
		return g;
	if (made) {
		frac_init(p, &f);
		fmpz_mpoly_set_si(f.n, -1, p->ctx);
		relate(p, at, 2, &f);
		frac_clear(p, &f);
	}
	frac_gen(p, ret, at, negative);
	return EQ_OK;
}

/* base^(k + a/n), 0 < a < n <= 64 */
static enum eq_get root_power(struct poly *p, const struct mx *base, const fmpz_t k, uint64_t a,
			      uint64_t n, struct frac *ret)
{
	struct frac t, w;
	enum eq_get g;
	fmpz_t az;
	fmpq_t v;

	frac_init(p, &t);
	frac_init(p, &w);
	fmpq_init(v);
	fmpz_init(az);
	g = mxq_eval(p->q, base, NULL, v);
	if (g == EQ_OK && !fmpq_is_zero(v) && (fmpq_sgn(v) > 0 || n == 2) &&
	    fmpz_bits(fmpq_numref(v)) <= 50 && fmpz_bits(fmpq_denref(v)) <= 50) {
		g = rational_root(p, fmpz_get_ui(fmpq_numref(v)), a, n, &t);
		if (g == EQ_OK)
			g = rational_root(p, fmpz_get_ui(fmpq_denref(v)), a, n, &w);
		if (g == EQ_OK)
			g = frac_inv(p, &w);
		if (g == EQ_OK)
			g = frac_mul(p, &t, &t, &w);
		if (g == EQ_OK && fmpq_sgn(v) < 0) {
			g = imaginary(p, &w);
			if (g == EQ_OK)
				g = frac_mul(p, &t, &t, &w);
		}
	} else {
		fmpz_set_ui(az, a);
		g = root_part(p, base, n, &t);
		if (g == EQ_OK)
			g = frac_pow(p, &t, az);
	}
	if (g == EQ_OK)
		g = eval(p, base, &w);
	if (g == EQ_OK)
		g = frac_pow(p, &w, k);
	if (g == EQ_OK)
		g = frac_mul(p, ret, &t, &w);
	fmpz_clear(az);
	fmpq_clear(v);
	frac_clear(p, &t);
	frac_clear(p, &w);
	return g;
}

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
		frac_init(p, &t);
		fmpz_mpoly_one(ret->n, p->ctx);
		fmpz_mpoly_one(ret->d, p->ctx);
		for (i = 0; i < expo->n && g == EQ_OK; i++) {
			whole = mxt_2(e, MX_POW, base, expo->arg[i]);
			g = whole ? eval(p, whole, &t) : EQ_BIG;
			if (g == EQ_OK)
				g = frac_mul(p, ret, ret, &t);
		}
		frac_clear(p, &t);
		return g;
	}
	if (expo->kind == MX_NEG) {
		whole = mxt_2(e, MX_POW, base, expo->arg[0]);
		g = whole ? eval(p, whole, ret) : EQ_BIG;
		return g == EQ_OK ? frac_inv(p, ret) : g;
	}
	if (expo->kind == MX_MUL && expo->n > 1 && mxq_small(p->q, expo->arg[0], NULL, &k)) {
		rest = mxt_copy(e, expo);
		if (!rest)
			return EQ_BIG;
		rest->arg++;
		rest->n--;
		whole = mxt_2(e, MX_POW, base, rest->n == 1 ? rest->arg[0] : rest);
		g = whole ? eval(p, whole, ret) : EQ_BIG;
		fmpz_init(kz);
		fmpz_set_si(kz, k);
		if (g == EQ_OK)
			g = frac_pow(p, ret, kz);
		fmpz_clear(kz);
		return g;
	}
	whole = mxt_2(e, MX_POW, base, expo);
	return whole ? as_part(p, whole, ret) : EQ_BIG;
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
		g = eval(p, base, ret);
		if (g == EQ_OK)
			g = frac_pow(p, ret, fmpq_numref(e));
	} else {
		n = fmpz_abs_fits_ui(fmpq_denref(e)) ? fmpz_get_ui(fmpq_denref(e)) : 65;
		fmpz_fdiv_qr(k, r, fmpq_numref(e), fmpq_denref(e));
		g = n > 64 ? EQ_BIG : root_power(p, base, k, fmpz_get_ui(r), n, ret);
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
	g = find_part(p, ms, &i, &negative, &made);
	if (g != EQ_OK)
		return g;
	frac_gen(p, s, i, negative);
	g = find_part(p, mc, &j, &negative, &made);
	if (g != EQ_OK)
		return g;
	frac_gen(p, c, j, negative);
	if (!made)
		return EQ_OK;
	frac_init(p, &one);
	fmpz_mpoly_gen(one.n, (slong)i, p->ctx);
	g = mul(p, one.n, one.n, one.n);
	fmpz_mpoly_neg(one.n, one.n, p->ctx);
	fmpz_mpoly_add_si(one.n, one.n, 1, p->ctx);
	relate(p, j, 2, &one);
	frac_clear(p, &one);
	return g;
}

static enum eq_get trig(struct poly *p, const struct mx *x, struct frac *ret)
{
	struct frac s, c;
	enum eq_get g;

	frac_init(p, &s);
	frac_init(p, &c);
	g = sin_cos(p, x->arg[0], &s, &c);
	if (g != EQ_OK)
		goto out;
	if (mxt_is(x, "tan") || mxt_is(x, "sec"))
		g = frac_inv(p, &c);
	else if (mxt_is(x, "cot") || mxt_is(x, "csc"))
		g = frac_inv(p, &s);
	if (g != EQ_OK)
		goto out;
	if (mxt_is(x, "tan") || mxt_is(x, "cot"))
		g = frac_mul(p, ret, &s, &c);
	else if (mxt_is(x, "sin") || mxt_is(x, "csc"))
		fmpz_mpoly_swap(ret->n, s.n, p->ctx), fmpz_mpoly_swap(ret->d, s.d, p->ctx);
	else
		fmpz_mpoly_swap(ret->n, c.n, p->ctx), fmpz_mpoly_swap(ret->d, c.d, p->ctx);
out:
	frac_clear(p, &s);
	frac_clear(p, &c);
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
		g = a ? as_part(p, a, ret) : EQ_BIG;
		goto out;
	}
	n_factor_init(&f);
	n_factor(&f, fmpz_get_ui(fmpq_numref(v)), 1);
	if (f.num == 1 && f.exp[0] == 1 && fmpz_is_one(fmpq_denref(v))) {
		a = mxt_func(e, "ln", x);
		g = a ? as_part(p, a, ret) : EQ_BIG;
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
	g = sum ? eval(p, sum, ret) : EQ_BIG;
out:
	fmpq_clear(v);
	return g;
}

static enum eq_get log_base(struct poly *p, const struct mx *x, const struct mx *base,
			    struct frac *ret)
{
	struct frac t;
	enum eq_get g;

	frac_init(p, &t);
	g = base ? logarithm(p, base, &t) : EQ_BIG;
	if (g == EQ_OK)
		g = frac_inv(p, &t);
	if (g == EQ_OK)
		g = logarithm(p, x, ret);
	if (g == EQ_OK)
		g = frac_mul(p, ret, ret, &t);
	frac_clear(p, &t);
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
		frac_fmpq(p, ret, v);
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
	return as_part(p, x, ret);
}

static enum eq_get nary(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g = EQ_OK;
	struct frac t;
	uint32_t i;

	frac_init(p, &t);
	fmpz_mpoly_set_ui(ret->n, x->kind == MX_MUL, p->ctx);
	fmpz_mpoly_one(ret->d, p->ctx);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = eval(p, x->arg[i], &t);
		if (g != EQ_OK)
			break;
		g = x->kind == MX_ADD ? frac_add(p, ret, ret, &t) : frac_mul(p, ret, ret, &t);
	}
	frac_clear(p, &t);
	return g;
}

static enum eq_get quotient(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g;
	struct frac t;

	if (x->n != 2)
		return EQ_NOT;
	frac_init(p, &t);
	g = eval(p, x->arg[0], ret);
	if (g == EQ_OK)
		g = eval(p, x->arg[1], &t);
	if (g == EQ_OK)
		g = frac_inv(p, &t);
	if (g == EQ_OK)
		g = frac_mul(p, ret, ret, &t);
	frac_clear(p, &t);
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
		frac_fmpq(p, ret, v);
	fmpq_clear(v);
	return g;
}

static enum eq_get eval(struct poly *p, const struct mx *x, struct frac *ret)
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
		g = as_part(p, x, ret);
		break;
	case MX_SUM:
	case MX_PROD:
		g = number(p, x, ret);
		if (g == EQ_NOT)
			g = as_part(p, x, ret);
		break;
	case MX_I:
		g = imaginary(p, ret);
		break;
	case MX_NEG:
		g = x->n == 1 ? eval(p, x->arg[0], ret) : EQ_NOT;
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

/* Lowers one part's powers in a by its relation; a is then multiplied by a power of v. */
static enum eq_get reduce_part(struct poly *p, size_t i, fmpz_mpoly_t a)
{
	const struct part *t = &p->part[i];
	fmpz_mpoly_univar_t w;
	enum eq_get g = EQ_OK;
	fmpz_mpoly_t sum, c, f;
	slong j, k, top, d;

	d = fmpz_mpoly_degree_si(a, (slong)i, p->ctx);
	if (d < (slong)t->pow)
		return EQ_OK;
	fmpz_mpoly_univar_init(w, p->ctx);
	fmpz_mpoly_init(sum, p->ctx);
	fmpz_mpoly_init(c, p->ctx);
	fmpz_mpoly_init(f, p->ctx);
	fmpz_mpoly_to_univar(w, a, (slong)i, p->ctx);
	top = d / (slong)t->pow;
	for (j = 0; j < fmpz_mpoly_univar_length(w, p->ctx) && g == EQ_OK; j++) {
		d = fmpz_mpoly_univar_get_term_exp_si(w, j, p->ctx);
		fmpz_mpoly_univar_get_term_coeff(c, w, j, p->ctx);
		for (k = 0; k < d / (slong)t->pow && g == EQ_OK; k++)
			g = mul(p, c, c, t->u);
		for (; k < top && g == EQ_OK; k++)
			g = mul(p, c, c, t->v);
		fmpz_mpoly_gen(f, (slong)i, p->ctx);
		if (g == EQ_OK && fmpz_mpoly_pow_ui(f, f, (ulong)(d % (slong)t->pow), p->ctx))
			g = mul(p, c, c, f);
		fmpz_mpoly_add(sum, sum, c, p->ctx);
		if (g == EQ_OK)
			g = fits(p, sum);
	}
	fmpz_mpoly_swap(a, sum, p->ctx);
	fmpz_mpoly_univar_clear(w, p->ctx);
	fmpz_mpoly_clear(sum, p->ctx);
	fmpz_mpoly_clear(c, p->ctx);
	fmpz_mpoly_clear(f, p->ctx);
	return g;
}

static enum eq_get reduce(struct poly *p, fmpz_mpoly_t a)
{
	enum eq_get g = EQ_OK;
	size_t i;

	for (i = p->n; i-- > 0 && g == EQ_OK;)
		if (p->part[i].has_uv)
			g = reduce_part(p, i, a);
	return g;
}

enum eq_get mxp_same(struct eq *q, const struct mx *a, const struct mx *b, bool *ret_same)
{
	struct poly p;
	struct frac f, h;
	enum eq_get g;

	poly_init(&p, q);
	frac_init(&p, &f);
	frac_init(&p, &h);
	g = eval(&p, a, &f);
	if (g == EQ_OK)
		g = eval(&p, b, &h);
	if (g == EQ_OK)
		g = mul(&p, f.n, f.n, h.d);
	if (g == EQ_OK)
		g = mul(&p, h.n, h.n, f.d);
	if (g == EQ_OK) {
		fmpz_mpoly_sub(f.n, f.n, h.n, p.ctx);
		g = reduce(&p, f.n);
	}
	/* a denominator that the relations make zero would prove anything */
	if (g == EQ_OK)
		g = reduce(&p, f.d);
	if (g == EQ_OK)
		g = reduce(&p, h.d);
	if (g == EQ_OK && (fmpz_mpoly_is_zero(f.d, p.ctx) || fmpz_mpoly_is_zero(h.d, p.ctx)))
		g = EQ_UNDEF;
	if (g == EQ_OK)
		*ret_same = fmpz_mpoly_is_zero(f.n, p.ctx);
	frac_clear(&p, &f);
	frac_clear(&p, &h);
	poly_release(&p);
	return q->e->spent ? EQ_BIG : g;
}

/* a's numerator without what it shares with the denominator, without repeated factors. */
static enum eq_get radical(struct poly *p, struct frac *f)
{
	fmpz_mpoly_factor_t fac;
	enum eq_get g = EQ_OK;
	fmpz_mpoly_t t;
	slong i;

	if (f->n->length > 60 || f->d->length > 60 || !mx_step(p->q->e, 500) ||
	    fmpz_mpoly_total_degree_si(f->n, p->ctx) > 16 ||
	    fmpz_mpoly_total_degree_si(f->d, p->ctx) > 16)
		return EQ_BIG;
	if (fmpz_mpoly_is_zero(f->n, p->ctx))
		return EQ_OK;
	fmpz_mpoly_init(t, p->ctx);
	fmpz_mpoly_factor_init(fac, p->ctx);
	if (!fmpz_mpoly_gcd(t, f->n, f->d, p->ctx) ||
	    !fmpz_mpoly_divides(f->n, f->n, t, p->ctx) ||
	    !fmpz_mpoly_factor_squarefree(fac, f->n, p->ctx)) {
		g = EQ_BIG;
		goto out;
	}
	fmpz_mpoly_one(f->n, p->ctx);
	for (i = 0; i < fmpz_mpoly_factor_length(fac, p->ctx) && g == EQ_OK; i++) {
		fmpz_mpoly_factor_get_base(t, fac, i, p->ctx);
		g = mul(p, f->n, f->n, t);
	}
out:
	fmpz_mpoly_factor_clear(fac, p->ctx);
	fmpz_mpoly_clear(t, p->ctx);
	return g;
}

enum eq_get mxp_same_zeros(struct eq *q, const struct mx *a, const struct mx *b, bool *ret_same)
{
	struct poly p;
	struct frac f, h;
	enum eq_get g;

	poly_init(&p, q);
	frac_init(&p, &f);
	frac_init(&p, &h);
	g = eval(&p, a, &f);
	if (g == EQ_OK)
		g = eval(&p, b, &h);
	if (g == EQ_OK && p.opaque)
		g = EQ_NOT;
	if (g == EQ_OK)
		g = radical(&p, &f);
	if (g == EQ_OK)
		g = radical(&p, &h);
	if (g == EQ_OK) {
		*ret_same = fmpz_mpoly_equal(f.n, h.n, p.ctx);
		fmpz_mpoly_neg(f.n, f.n, p.ctx);
		*ret_same = *ret_same || fmpz_mpoly_equal(f.n, h.n, p.ctx);
	}
	frac_clear(&p, &f);
	frac_clear(&p, &h);
	poly_release(&p);
	return q->e->spent ? EQ_BIG : g;
}

enum eq_get mxp_univariate(struct eq *q, const struct mx *x, meed_str name, fmpz_poly_t num,
			   fmpz_poly_t den)
{
	struct mx *s = mxt_sym(q->e, name);
	struct poly p;
	struct frac f;
	fmpz_poly_t t;
	enum eq_get g;

	poly_init(&p, q);
	frac_init(&p, &f);
	fmpz_poly_init(t);
	g = s ? eval(&p, s, &f) : EQ_BIG;	/* makes it generator 0 */
	if (g == EQ_OK)
		g = eval(&p, x, &f);
	if (g == EQ_OK && p.n > 1)
		g = EQ_NOT;
	if (g == EQ_OK && (fmpz_mpoly_degree_si(f.n, 0, p.ctx) > 64 ||
			   fmpz_mpoly_degree_si(f.d, 0, p.ctx) > 64))
		g = EQ_BIG;
	if (g == EQ_OK && (!fmpz_mpoly_get_fmpz_poly(num, f.n, 0, p.ctx) ||
			   !fmpz_mpoly_get_fmpz_poly(den, f.d, 0, p.ctx)))
		g = EQ_NOT;
	if (g == EQ_OK) {
		fmpz_poly_gcd(t, num, den);
		fmpz_poly_div(num, num, t);
		fmpz_poly_div(den, den, t);
	}
	fmpz_poly_clear(t);
	frac_clear(&p, &f);
	poly_release(&p);
	return q->e->spent ? EQ_BIG : g;
}
