/* Exact comparison of decimals and fractions. */
#include "config.h"
#include "general.h"

#define LIMB UINT32_C(1000000000)
#define LIMB_DIGITS 9

static bool same_digits(const char *a, size_t n_a, const char *b, size_t n_b)
{
	return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a) == 0);
}

/* Little-endian limbs of base 10^9; returns how many. */
static size_t limbs(const char *digits, size_t n, uint32_t *out)
{
	size_t k = 0, i, from;

	while (n > 0) {
		from = n > LIMB_DIGITS ? n - LIMB_DIGITS : 0;
		out[k] = 0;
		for (i = from; i < n; i++)
			out[k] = out[k] * 10 + (uint32_t)(digits[i] - '0');
		k++;
		n = from;
	}
	return k;
}

struct product {
	char *digits;		/* as meed_decimal has them */
	const char *p;
	size_t n;
	int64_t exp;
};

/* x.n * y.d in decimal digits. */
static int32_t multiply(const meed_host *h, meed_ctx *c, const struct meed_decimal *x,
			const struct meed_decimal *y, struct product *ret)
{
	const char *d = y->d ? y->d : "1";
	size_t n_d = y->d ? y->d_len : 1, n_a, n_b, i, j, k;
	uint32_t *a = h->alloc(c, (x->n_len / LIMB_DIGITS + 1) * sizeof(*a));
	uint32_t *b = h->alloc(c, (n_d / LIMB_DIGITS + 1) * sizeof(*b));
	uint32_t *out, rest;
	uint64_t carry;

	n_a = a ? limbs(x->n, x->n_len, a) : 0;
	n_b = b ? limbs(d, n_d, b) : 0;
	out = h->alloc(c, (n_a + n_b + 1) * sizeof(*out));
	ret->digits = h->alloc(c, (n_a + n_b + 1) * LIMB_DIGITS);
	if (!a || !b || !out || !ret->digits)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < n_a; i++) {
		carry = 0;
		for (j = 0; j < n_b; j++) {
			carry += out[i + j] + (uint64_t)a[i] * b[j];
			out[i + j] = (uint32_t)(carry % LIMB);
			carry /= LIMB;
		}
		out[i + n_b] = (uint32_t)carry;
	}
	k = (n_a + n_b) * LIMB_DIGITS;
	ret->n = k;
	for (i = 0; i < n_a + n_b; i++) {
		rest = out[i];
		for (j = 0; j < LIMB_DIGITS; j++) {
			ret->digits[--k] = (char)('0' + rest % 10);
			rest /= 10;
		}
	}
	ret->p = ret->digits;
	ret->exp = x->exp;
	meed_digits_trim(&ret->p, &ret->n, &ret->exp);
	return 0;
}

static bool too_long(const struct meed_decimal *x)
{
	return x->n_len > MEED_FRACTION_DIGITS || x->d_len > MEED_FRACTION_DIGITS;
}

int32_t meed_decimal_equal(const meed_host *h, meed_ctx *c, const struct meed_decimal *a,
			   const struct meed_decimal *b)
{
	struct product x, y;
	int32_t r;

	if (a->n_len == 0 || b->n_len == 0)
		return a->n_len == b->n_len;
	if (a->neg != b->neg)
		return 0;
	if (!a->d && !b->d)
		return a->exp == b->exp && same_digits(a->n, a->n_len, b->n, b->n_len);
	if (too_long(a) || too_long(b))
		return h->fail(c, MEED_E_LIMIT, "a fraction of more than 10,000 digits");
	r = multiply(h, c, a, b, &x);
	if (r == 0)
		r = multiply(h, c, b, a, &y);
	if (r == 0)
		r = x.exp == y.exp && same_digits(x.p, x.n, y.p, y.n);
	return r;
}
