/* dtoa.c - the shortest decimal that reads back as the same double.
 *
 * The digits are found as in Raffaello Giulietti, "The Schubfach way to render doubles" (2020):
 * of the decimals inside the interval that rounds to x, the one with the fewest digits, and of
 * those the nearest. */
#include "config.h"
#include "host/base/base.h"

#include "host/base/digits.h"
#include "host/base/mul.h"

#define SIGNIFICAND_BITS 52
#define HIDDEN (UINT64_C(1) << SIGNIFICAND_BITS)
#define EXPONENT_MAX 0x7ff
#define EXPONENT_BIAS 1075		/* of a whole significand */

struct decimal {
	uint64_t digits;
	int32_t exponent;
};

/* floor of the logarithms that the paper needs, exact for every exponent of a double */
static int32_t floor_log10_pow2(int32_t e)
{
	return (e * 1262611) >> 22;
}

static int32_t floor_log10_three_quarters_pow2(int32_t e)
{
	return (e * 1262611 - 524031) >> 22;
}

static int32_t floor_log2_pow10(int32_t e)
{
	return (e * 1741647) >> 19;
}

/* g * x / 2^128 rounded to odd: the lowest bit tells that something was cut off. */
static uint64_t round_to_odd(const struct meed_pow10 *g, uint64_t x)
{
	uint64_t low_hi, high_hi, high_lo, sum;

	(void)meed_mul_wide(g->lo, x, &low_hi);
	high_lo = meed_mul_wide(g->hi, x, &high_hi);
	sum = high_lo + low_hi;
	high_hi += sum < high_lo;
	return high_hi | (sum > 1);
}

/* bits of a finite double that is not zero; the sign is ignored. */
static struct decimal shortest(uint64_t bits)
{
	uint64_t fraction = bits & (HIDDEN - 1);
	uint32_t biased = (uint32_t)(bits >> SIGNIFICAND_BITS) & EXPONENT_MAX;
	uint64_t c = biased ? fraction | HIDDEN : fraction;
	int32_t q = (int32_t)(biased ? biased : 1) - EXPONENT_BIAS;
	bool closer = fraction == 0 && biased > 1;	/* the lower neighbour is half as far */
	uint64_t odd = c & 1;		/* then the interval's ends round away from x */
	int32_t k = closer ? floor_log10_three_quarters_pow2(q) : floor_log10_pow2(q);
	int32_t h = q + floor_log2_pow10(-k) + 1;
	const struct meed_pow10 *g = &meed_pow10_table[-k - MEED_POW10_MIN];
	uint64_t x = round_to_odd(g, (4 * c) << h);
	uint64_t lower = round_to_odd(g, (4 * c - 2 + closer) << h) + odd;
	uint64_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;
	uint64_t s = x / 4, mid;
	bool down, up;

	if (s >= 10) {
		uint64_t tens = s / 10;

		down = lower <= 40 * tens;
		up = 40 * tens + 40 <= upper;
		if (down != up)
			return (struct decimal){ tens + up, k + 1 };
	}
	down = lower <= 4 * s;
	up = 4 * s + 4 <= upper;
	if (down != up)
		return (struct decimal){ s + up, k };
	mid = 4 * s + 2;
	up = x > mid || (x == mid && (s & 1));
	return (struct decimal){ s + up, k };
}

static size_t zeros(char *out, size_t n)
{
	memset(out, '0', n);
	return n;
}

/* Lays n digits out with the point after the first `point` of them, which may lie outside. */
static size_t plain(char *out, const char *d, size_t n, int32_t point)
{
	size_t at = 0, whole;

	if (point <= 0) {
		out[at++] = '0';
		out[at++] = '.';
		at += zeros(out + at, (size_t)-point);
		memcpy(out + at, d, n);
		return at + n;
	}
	whole = (size_t)point;
	if (whole >= n) {
		memcpy(out, d, n);
		return n + zeros(out + n, whole - n);
	}
	memcpy(out, d, whole);
	out[whole] = '.';
	memcpy(out + whole + 1, d + whole, n - whole);
	return n + 1;
}

static size_t scientific(char *out, const char *d, size_t n, int32_t exponent)
{
	uint32_t e = (uint32_t)(exponent < 0 ? -exponent : exponent);
	size_t at = 0;

	out[at++] = d[0];
	if (n > 1) {
		out[at++] = '.';
		memcpy(out + at, d + 1, n - 1);
		at += n - 1;
	}
	out[at++] = 'e';
	out[at++] = exponent < 0 ? '-' : '+';
	if (e < 10)
		out[at++] = '0';
	return at + meed_digits(e, out + at);
}

size_t meed_dtoa(double x, char out[32])
{
	char digits[20];
	struct decimal dec;
	size_t at = 0, n;
	uint64_t bits;
	int32_t point;

	memcpy(&bits, &x, sizeof(bits));
	if ((bits >> SIGNIFICAND_BITS & EXPONENT_MAX) == EXPONENT_MAX) {
		memcpy(out, "null", 4);
		return 4;
	}
	if (x < 0) {
		out[at++] = '-';
		x = -x;
	}
	if (x < 9007199254740992.0) {
		uint64_t whole = (uint64_t)x;

		if ((double)whole == x)
			return at + meed_digits(whole, out + at);
	}

	dec = shortest(bits);
	n = meed_digits(dec.digits, digits);
	point = dec.exponent + (int32_t)n;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (point > -5 && point <= 17)
		return at + plain(out + at, digits, n, point);
	return at + scientific(out + at, digits, n, point - 1);
}
