/* poly.h - inside expanding: fractions of polynomials and the parts that they are made of. */
#ifndef MEED_MATH_POLY_H
#define MEED_MATH_POLY_H

#include "plugins/math/equal.h"

#include <flint/fmpz_mpoly.h>

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

/* poly.c: arithmetic within the limits; poly_root.c: parts and roots; poly_eval.c: the rest. In all of
 * them ret may be an operand. */
void mxp_init(struct poly *p, struct eq *q);
void mxp_release(struct poly *p);
void mxp_frac_init(struct poly *p, struct frac *f);
void mxp_frac_clear(struct poly *p, struct frac *f);
enum eq_get mxp_fits(struct poly *p, const fmpz_mpoly_t a);
enum eq_get mxp_mul(struct poly *p, fmpz_mpoly_t r, const fmpz_mpoly_t a, const fmpz_mpoly_t b);
enum eq_get mxp_frac_mul(struct poly *p, struct frac *r, const struct frac *f,
			 const struct frac *g);
enum eq_get mxp_frac_add(struct poly *p, struct frac *r, const struct frac *f,
			 const struct frac *g);
enum eq_get mxp_frac_inv(struct poly *p, struct frac *f);
enum eq_get mxp_frac_pow(struct poly *p, struct frac *r, const fmpz_t k);
void mxp_frac_fmpq(struct poly *p, struct frac *r, const fmpq_t v);
void mxp_frac_gen(struct poly *p, struct frac *r, size_t i, bool negative);
enum eq_get mxp_find_part(struct poly *p, const struct mx *x, size_t *ret_i, bool *ret_neg,
			  bool *ret_new);
enum eq_get mxp_part(struct poly *p, const struct mx *x, struct frac *ret);
void mxp_relate(struct poly *p, size_t i, uint64_t n, const struct frac *f);
enum eq_get mxp_imaginary(struct poly *p, struct frac *ret);
enum eq_get mxp_root_power(struct poly *p, const struct mx *base, const fmpz_t k, uint64_t a,
			   uint64_t n, struct frac *ret);
enum eq_get mxp_eval(struct poly *p, const struct mx *x, struct frac *ret);

#endif
