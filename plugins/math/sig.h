/* sig.h - inside the field of p^2 elements: values and their arithmetic. */
#ifndef MEED_MATH_SIG_H
#define MEED_MATH_SIG_H

#include "plugins/math/equal.h"

/* A value with bounds: the degrees of numerator and denominator in the symbols, and the bits of
 * their coefficients. */
struct val {
	uint64_t re, im;
	double num, den, bits;
};

/* sig_power.c: arithmetic, powers and roots; sig.c: expressions. */
struct val sig_small(const struct eq *q, int64_t v);
struct val sig_add(const struct eq *q, struct val a, struct val b);
struct val sig_neg(const struct eq *q, struct val a);
struct val sig_mul(const struct eq *q, struct val a, struct val b);
bool sig_zero(struct val a);
enum eq_get sig_inverse(const struct eq *q, struct val a, struct val *ret);
enum eq_get sig_power(const struct eq *q, struct val a, const fmpz_t k, struct val *ret);
struct val sig_hashed(const struct eq *q, uint64_t h);
uint64_t sig_fold(uint64_t h, struct val a);
struct val sig_atom(const struct eq *q, const char *tag, struct val a);
enum eq_get sig_to_power(struct eq *q, const struct mx *base, const struct mx *expo,
			 struct eq_sig_info *info, struct val *ret);
enum eq_get sig_eval(struct eq *q, const struct mx *x, struct eq_sig_info *info,
		     struct val *ret);

#endif
