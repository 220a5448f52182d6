/* strtod.c - the double nearest to a decimal. */
#include "config.h"
#include "host/base/base.h"

#include <float.h>
#include <locale.h>
#include <stdlib.h>

#include "host/base/digits.h"

/* Beyond this many digits only whether any is not zero can still matter: a tie between two
 * neighbours has at most 767. */
#define SLOW_DIGITS 770
#define EXPONENT_CAP 100000

/* What was read: digits d.d..., without leading zeros, times 10^exponent. */
struct scan {
	uint64_t mantissa;		/* the first 19 digits */
	int64_t exponent;		/* of the mantissa's last digit */
	bool negative, inexact;		/* more than 19 digits */
	const char *digits, *digits_end; /* with the point among them */
	int64_t digits_exponent;	/* of the last digit */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads "e+12" at p; leaves *ret alone if it is none. */
static const char *scan_exponent(const char *p, const char *end, int64_t *ret)
{
	const char *q = p;
	bool negative = false;
	int64_t e = 0;

	if (q == end || (*q | 0x20) != 'e')
		return p;
	q++;
	if (q < end && (*q == '-' || *q == '+'))
		negative = *q++ == '-';
	if (q == end || !is_digit(*q))
		return p;
	for (; q < end && is_digit(*q); q++)
		if (e < EXPONENT_CAP)
			e = e * 10 + (*q - '0');
	*ret = negative ? -e : e;
	return q;
}

/* Returns where the number ends, or p if there is none. */
static const char *scan(const char *p, const char *end, struct scan *s)
{
	const char *q = p;
	bool any = false, point = false;
	size_t significant = 0;
	int64_t e = 0, after = 0, dropped = 0;

	if (q < end && (*q == '-' || *q == '+'))
		s->negative = *q++ == '-';
	s->digits = q;
	for (; q < end; q++) {
		if (*q == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(*q))
			break;
		any = true;
		after += point;
		if (!significant && *q == '0')
			continue;
		if (significant < 19)
			s->mantissa = s->mantissa * 10 + (uint64_t)(*q - '0');
		else
			dropped++;
		significant++;
	}
	if (!any)
		return p;
	s->digits_end = q;
	s->inexact = dropped > 0;
	q = scan_exponent(q, end, &e);
	s->digits_exponent = e - after;
	s->exponent = e - after + dropped;
	return q;
}

/* The libc's reading of the digits, which it rounds correctly, under the C locale. */
static double slow(const struct scan *s)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char text[SLOW_DIGITS + 32];
	int64_t e = s->digits_exponent;
	size_t n = 0;
	bool sticky = false;
	double x = 0;

	for (const char *p = s->digits; p < s->digits_end; p++) {
		if (*p == '.' || (n == 0 && *p == '0'))
			continue;
		if (n < SLOW_DIGITS) {
			text[n++] = *p;
		} else {
			sticky |= *p != '0';
			e++;
		}
	}
	if (sticky) {
		text[n++] = '1';
		e--;
	}
	text[n++] = 'e';
	if (e < 0)
		text[n++] = '-';
	n += meed_digits((uint64_t)(e < 0 ? -e : e), text + n);
	text[n] = '\0';
	if (c) {
		x = strtod_l(text, NULL, c);
		freelocale(c);
	}
	return x;
}

/* W. D. Clinger, "How to read floating point numbers accurately" (1990): one rounding, of
 * two exact numbers. */
static bool fast(const struct scan *s, double *ret)
{
#if FLT_EVAL_METHOD == 0
	static const double pow10[23] = {
		1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,	1e8,  1e9,  1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	};

	if (s->inexact || s->mantissa > UINT64_C(1) << 53)
		return false;
	if (s->exponent < -22 || s->exponent > 22)
		return false;
	*ret = (double)s->mantissa;
	if (s->exponent < 0)
		*ret /= pow10[-s->exponent];
	else
		*ret *= pow10[s->exponent];
	return true;
#else
	(void)s;
	(void)ret;
	return false;
#endif
}

size_t meed_strtod(const char *p, size_t n, double *ret)
{
	struct scan s = { 0 };
	const char *end;
	double x = 0;

	if (!n)
		return 0;
	end = scan(p, p + n, &s);
	if (end == p)
		return 0;
	if (s.mantissa && !fast(&s, &x))
		x = slow(&s);
	*ret = s.negative ? -x : x;
	return (size_t)(end - p);
}
