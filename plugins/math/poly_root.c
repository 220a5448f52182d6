/* poly_root.c - parts of a rational function: found by what they are worth, made with their
 * relations; roots of numbers prime by prime. */
#include "config.h"

#include "plugins/math/poly.h"

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
enum eq_get mxp_find_part(struct poly *p, const struct mx *x, size_t *ret_i, bool *ret_neg,
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

enum eq_get mxp_part(struct poly *p, const struct mx *x, struct frac *ret)
{
	enum eq_get g;
	bool negative, made;
	size_t i;

	g = mxp_find_part(p, x, &i, &negative, &made);
	if (g == EQ_OK)
		mxp_frac_gen(p, ret, i, negative);
	return g;
}

/* Part i is the n-th root of f. */
void mxp_relate(struct poly *p, size_t i, uint64_t n, const struct frac *f)
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
	mxp_frac_init(p, &f);
	g = mxp_eval(p, x, &f);		/* first: relations refer to older parts only */
	if (g == EQ_OK)
		g = mxp_find_part(p, r, &i, &negative, &made);
	if (g == EQ_OK && made)
		mxp_relate(p, i, n, &f);
	if (g == EQ_OK)
		mxp_frac_gen(p, ret, i, negative);
	mxp_frac_clear(p, &f);
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
	mxp_frac_init(p, &t);
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
			g = mxp_frac_pow(p, &t, k);
		if (g == EQ_OK)
			g = mxp_frac_mul(p, ret, ret, &t);
	}
	mxp_frac_clear(p, &t);
	fmpz_clear(k);
	return g;
}

enum eq_get mxp_imaginary(struct poly *p, struct frac *ret)
{
	struct mx *i = mxt_new(p->q->e, MX_I, 0);
	bool negative, made;
	struct frac f;
	enum eq_get g;
	size_t at;

	g = i ? mxp_find_part(p, i, &at, &negative, &made) : EQ_BIG;
	if (g != EQ_OK)
		return g;
	if (made) {
		mxp_frac_init(p, &f);
		fmpz_mpoly_set_si(f.n, -1, p->ctx);
		mxp_relate(p, at, 2, &f);
		mxp_frac_clear(p, &f);
	}
	mxp_frac_gen(p, ret, at, negative);
	return EQ_OK;
}

/* The positive rational that base is a multiple of, as a polynomial: 1/8 for 5/8 - sqrt(5)/8. */
static enum eq_get content(struct poly *p, const struct mx *base, fmpq_t c)
{
	struct frac f;
	enum eq_get g;

	fmpq_one(c);
	mxp_frac_init(p, &f);
	g = mxp_eval(p, base, &f);
	if (g == EQ_OK && !fmpz_mpoly_is_zero(f.n, p->ctx) && fmpz_mpoly_is_fmpz(f.d, p->ctx)) {
		_fmpz_vec_content(fmpq_numref(c), f.n->coeffs, f.n->length);
		fmpz_mpoly_get_fmpz(fmpq_denref(c), f.d, p->ctx);
		fmpz_abs(fmpq_denref(c), fmpq_denref(c));
		fmpq_canonicalise(c);
		if (fmpz_bits(fmpq_numref(c)) > 50 || fmpz_bits(fmpq_denref(c)) > 50)
			fmpq_one(c);
	}
	mxp_frac_clear(p, &f);
	return g;
}

/* v^(a/n) for a positive rational of few bits. */
static enum eq_get rational_power(struct poly *p, const fmpq_t v, uint64_t a, uint64_t n,
				  struct frac *ret)
{
	struct frac w;
	enum eq_get g;

	mxp_frac_init(p, &w);
	g = rational_root(p, fmpz_get_ui(fmpq_numref(v)), a, n, ret);
	if (g == EQ_OK)
		g = rational_root(p, fmpz_get_ui(fmpq_denref(v)), a, n, &w);
	if (g == EQ_OK)
		g = mxp_frac_inv(p, &w);
	if (g == EQ_OK)
		g = mxp_frac_mul(p, ret, ret, &w);
	mxp_frac_clear(p, &w);
	return g;
}

/* base^(a/n) for a base that is no rational. */
static enum eq_get inner_root(struct poly *p, const struct mx *base, uint64_t a, uint64_t n,
			      struct frac *ret)
{
	struct mx_env *e = p->q->e;
	enum eq_get g;
	struct frac w;
	fmpz_t az;
	fmpq_t c;

	fmpq_init(c);
	fmpz_init(az);
	mxp_frac_init(p, &w);
	fmpz_set_ui(az, a);
	g = content(p, base, c);
	if (g == EQ_OK && !fmpq_is_one(c)) {
		base = mxt_2(e, MX_DIV, base, mxt_fmpq(e, c));
		g = base ? rational_power(p, c, a, n, &w) : EQ_BIG;
	}
	if (g == EQ_OK)
		g = root_part(p, base, n, ret);
	if (g == EQ_OK)
		g = mxp_frac_pow(p, ret, az);
	if (g == EQ_OK && !fmpq_is_one(c))
		g = mxp_frac_mul(p, ret, ret, &w);
	mxp_frac_clear(p, &w);
	fmpz_clear(az);
	fmpq_clear(c);
	return g;
}

/* base^(k + a/n), 0 < a < n <= 64 */
enum eq_get mxp_root_power(struct poly *p, const struct mx *base, const fmpz_t k, uint64_t a,
			      uint64_t n, struct frac *ret)
{
	struct frac t, w;
	enum eq_get g;
	fmpq_t v;

	mxp_frac_init(p, &t);
	mxp_frac_init(p, &w);
	fmpq_init(v);
	g = mxq_eval(p->q, base, NULL, v);
	if (g == EQ_OK && !fmpq_is_zero(v) && (fmpq_sgn(v) > 0 || n == 2) &&
	    fmpz_bits(fmpq_numref(v)) <= 50 && fmpz_bits(fmpq_denref(v)) <= 50) {
		bool negative = fmpq_sgn(v) < 0;

		fmpq_abs(v, v);
		g = rational_power(p, v, a, n, &t);
		if (g == EQ_OK && negative) {
			g = mxp_imaginary(p, &w);
			if (g == EQ_OK)
				g = mxp_frac_mul(p, &t, &t, &w);
		}
	} else {
		g = inner_root(p, base, a, n, &t);
	}
	if (g == EQ_OK)
		g = mxp_eval(p, base, &w);
	if (g == EQ_OK)
		g = mxp_frac_pow(p, &w, k);
	if (g == EQ_OK)
		g = mxp_frac_mul(p, ret, &t, &w);
	fmpq_clear(v);
	mxp_frac_clear(p, &t);
	mxp_frac_clear(p, &w);
	return g;
}
