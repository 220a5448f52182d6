/* Decimal digits, as Python's \d has them: Unicode general category Nd.
 *
 * Nd consists of rows of ten in order, 0 to 9. The table holds each row's zero (Unicode 15.0,
 * UnicodeData.txt, field 2 = Nd). */
#include "config.h"
#include "general.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const uint32_t zeros[] = {
	0x660,	 0x6f0,	  0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,	0xbe6,
	0xc66,	 0xce6,	  0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,	0x1090,
	0x17e0,	 0x1810,  0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,	0x1c40,
	0x1c50,	 0xa620,  0xa8d0,  0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,	0xff10,
	0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
	0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50,
	0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
	0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0
};
#define N_ZEROS (sizeof(zeros) / sizeof(zeros[0]))

/* First bytes that a digit beyond ASCII may have in UTF-8. */
static bool may_lead(unsigned char b)
{
	return b == 0xd9 || b == 0xdb || b == 0xdf || b == 0xe0 || b == 0xe1 || b == 0xea ||
	       b == 0xef || b == 0xf0;
}

int meed_digit_wide(const char *p, const char *end, size_t *ret_len)
{
	size_t lo = 0, hi = N_ZEROS, mid;
	uint32_t cp;

	*ret_len = 1;
	if (!may_lead((unsigned char)*p))
		return -1;
	*ret_len = meed_utf8_next(p, (size_t)(end - p), &cp);
	while (lo < hi) {		/* the last zero that is not above cp */
		mid = (lo + hi) / 2;
		if (zeros[mid] <= cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && cp - zeros[lo - 1] < 10 ? (int)(cp - zeros[lo - 1]) : -1;
}

const char *meed_next_digit(const char *p, const char *end)
{
	size_t len;

	while (p < end) {
#ifdef __SSE2__
		if (end - p >= 16) {
			__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
			__m128i d = _mm_sub_epi8(x, _mm_set1_epi8('0'));
			unsigned m;

			d = _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d);
			m = (unsigned)_mm_movemask_epi8(_mm_or_si128(d, x));
			if (m == 0) {
				p += 16;
				continue;
			}
			p += __builtin_ctz(m);
		}
#endif
		if (meed_digit(p, end, &len) >= 0)
			break;
		p++;
	}
	return p;
}

size_t meed_digits_copy(meed_str text, char *out)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t len, n = 0;
	int d;

	for (; p < end; p += len) {
		d = meed_digit(p, end, &len);
		if (d >= 0)
			out[n++] = (char)('0' + d);
	}
	return n;
}

void meed_digits_trim(const char **p, size_t *n, int64_t *exp)
{
	while (*n > 0 && **p == '0') {
		(*p)++;
		(*n)--;
	}
	while (*n > 0 && (*p)[*n - 1] == '0') {
		(*n)--;
		(*exp)++;
	}
}
