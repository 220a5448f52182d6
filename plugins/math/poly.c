/* poly.c - rational functions, expanded: of the symbols and of "parts", which are the roots,
 * functions and constants in the expression. A part may obey a relation part^n = U/V (a root, i,
 * cos^2 = 1 - sin^2), by which numerators are reduced before they are compared with zero.
 *
 * Fractions are not reduced: a gcd of several symbols has no cheap bound, a product has. */
#include "config.h"

#include "plugins/math/poly.h"

#include <flint/fmpz_mpoly_factor.h>

void mxp_init(struct poly *p, struct eq *q)
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

void mxp_release(struct poly *p)
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

void mxp_frac_init(struct poly *p, struct frac *f)
{
	fmpz_mpoly_init(f->n, p->ctx);
	fmpz_mpoly_init(f->d, p->ctx);
	fmpz_mpoly_one(f->d, p->ctx);
}

void mxp_frac_clear(struct poly *p, struct frac *f)
{
	fmpz_mpoly_clear(f->n, p->ctx);
	fmpz_mpoly_clear(f->d, p->ctx);
}

enum eq_get mxp_fits(struct poly *p, const fmpz_mpoly_t a)
{
	slong bits = fmpz_mpoly_max_bits(a);

	bits = bits < 0 ? -bits : bits;
	if (a->length > (slong)p->q->max_terms || bits > COEF_BITS)
		return EQ_BIG;
	return EQ_OK;
}

enum eq_get mxp_mul(struct poly *p, fmpz_mpoly_t r, const fmpz_mpoly_t a, const fmpz_mpoly_t b)
{
	uint64_t work = (uint64_t)a->length * (uint64_t)b->length;

	if (work > 20ull * p->q->max_terms || !mx_step(p->q->e, 1 + work / 8))
		return EQ_BIG;
	fmpz_mpoly_mul(r, a, b, p->ctx);
	return mxp_fits(p, r);
}

/* r = a / b * c / d, in the sense of *ret = f * g. */
enum eq_get mxp_frac_mul(struct poly *p, struct frac *r, const struct frac *f,
			    const struct frac *g)
{
	enum eq_get ok = mxp_mul(p, r->n, f->n, g->n);

	return ok == EQ_OK ? mxp_mul(p, r->d, f->d, g->d) : ok;
}

enum eq_get mxp_frac_add(struct poly *p, struct frac *r, const struct frac *f,
			    const struct frac *g)
{
	enum eq_get ok = EQ_OK;
	fmpz_mpoly_t s, t;

	if (fmpz_mpoly_equal(f->d, g->d, p->ctx)) {
		fmpz_mpoly_add(r->n, f->n, g->n, p->ctx);
		fmpz_mpoly_set(r->d, f->d, p->ctx);
		return mxp_fits(p, r->n);
	}
	fmpz_mpoly_init(s, p->ctx);
	fmpz_mpoly_init(t, p->ctx);
	ok = mxp_mul(p, s, f->n, g->d);
	if (ok == EQ_OK)
		ok = mxp_mul(p, t, g->n, f->d);
	if (ok == EQ_OK)
		ok = mxp_mul(p, r->d, f->d, g->d);
	if (ok == EQ_OK) {
		fmpz_mpoly_add(r->n, s, t, p->ctx);
		ok = mxp_fits(p, r->n);
	}
	fmpz_mpoly_clear(s, p->ctx);
	fmpz_mpoly_clear(t, p->ctx);
	return ok;
}

enum eq_get mxp_frac_inv(struct poly *p, struct frac *f)
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

enum eq_get mxp_frac_pow(struct poly *p, struct frac *r, const fmpz_t k)
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
		ok = mxp_frac_inv(p, r);
	if (ok == EQ_OK)
		ok = mxp_fits(p, r->n);
	return ok == EQ_OK ? mxp_fits(p, r->d) : ok;
}

void mxp_frac_fmpq(struct poly *p, struct frac *r, const fmpq_t v)
{
	fmpz_mpoly_set_fmpz(r->n, fmpq_numref(v), p->ctx);
	fmpz_mpoly_set_fmpz(r->d, fmpq_denref(v), p->ctx);
}

void mxp_frac_gen(struct poly *p, struct frac *r, size_t i, bool negative)
{
	fmpz_mpoly_gen(r->n, (slong)i, p->ctx);
	fmpz_mpoly_one(r->d, p->ctx);
	if (negative)
		fmpz_mpoly_neg(r->n, r->n, p->ctx);
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
			g = mxp_mul(p, c, c, t->u);
		for (; k < top && g == EQ_OK; k++)
			g = mxp_mul(p, c, c, t->v);
		fmpz_mpoly_gen(f, (slong)i, p->ctx);
		if (g == EQ_OK && fmpz_mpoly_pow_ui(f, f, (ulong)(d % (slong)t->pow), p->ctx))
			g = mxp_mul(p, c, c, f);
		fmpz_mpoly_add(sum, sum, c, p->ctx);
		if (g == EQ_OK)
			g = mxp_fits(p, sum);
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

	mxp_init(&p, q);
	mxp_frac_init(&p, &f);
	mxp_frac_init(&p, &h);
	g = mxp_eval(&p, a, &f);
	if (g == EQ_OK)
		g = mxp_eval(&p, b, &h);
	if (g == EQ_OK)
		g = mxp_mul(&p, f.n, f.n, h.d);
	if (g == EQ_OK)
		g = mxp_mul(&p, h.n, h.n, f.d);
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
	mxp_frac_clear(&p, &f);
	mxp_frac_clear(&p, &h);
	mxp_release(&p);
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
		g = mxp_mul(p, f->n, f->n, t);
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

	mxp_init(&p, q);
	mxp_frac_init(&p, &f);
	mxp_frac_init(&p, &h);
	g = mxp_eval(&p, a, &f);
	if (g == EQ_OK)
		g = mxp_eval(&p, b, &h);
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
	mxp_frac_clear(&p, &f);
	mxp_frac_clear(&p, &h);
	mxp_release(&p);
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

	mxp_init(&p, q);
	mxp_frac_init(&p, &f);
	fmpz_poly_init(t);
	g = s ? mxp_eval(&p, s, &f) : EQ_BIG;	/* makes it generator 0 */
	if (g == EQ_OK)
		g = mxp_eval(&p, x, &f);
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
	mxp_frac_clear(&p, &f);
	mxp_release(&p);
	return q->e->spent ? EQ_BIG : g;
}
