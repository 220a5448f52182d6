/* calc.h - inside derivatives, integrals and limits: expressions built without what is 0 or 1.
 *
 * Each takes NULL for NULL, so that what was left undone stays so. */
#ifndef MEED_MATH_CALC_H
#define MEED_MATH_CALC_H

#include "plugins/math/equal.h"

bool calc_is(const struct mx *x, const char *digits);	/* a whole number written so */
const struct mx *calc_int(struct eq *q, int64_t v);
const struct mx *calc_add(struct eq *q, const struct mx *a, const struct mx *b);
const struct mx *calc_neg(struct eq *q, const struct mx *a);
const struct mx *calc_mul(struct eq *q, const struct mx *a, const struct mx *b);
const struct mx *calc_over(struct eq *q, const struct mx *a, const struct mx *b);
const struct mx *calc_raised(struct eq *q, const struct mx *a, const struct mx *b);
const struct mx *calc_fn(struct eq *q, const char *name, const struct mx *a);
const struct mx *calc_square(struct eq *q, const struct mx *a);

/* equal_integral.c: NULL where it is not surely right. */
const struct mx *calc_integral(struct eq *q, const struct mx *x);

#endif
