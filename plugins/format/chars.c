/* chars.c - counting code points, skipping text that cannot hold personal data. */
#include "config.h"
#include "format.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Continuation bytes in eight bytes: top bit set, next bit clear. */
static size_t swar_continued(const char *p)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return (size_t)((((x >> 7) & (~x >> 6) & ones) * ones) >> 56);
}

size_t format_count_chars(meed_str text)
{
	size_t i = 0, continued = 0;

#ifdef __SSE2__
	const __m128i first = _mm_set1_epi8(-64); /* 0xC0: signed, continuations are below */
	__m128i sums = _mm_setzero_si128(), part;
	size_t end, rounds;

	while (text.n - i >= 16) {
		rounds = (text.n - i) / 16;
		end = i + 16 * (rounds < 255 ? rounds : 255);
		part = _mm_setzero_si128();
		for (; i < end; i += 16) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.p + i));

			part = _mm_sub_epi8(part, _mm_cmplt_epi8(v, first));
		}
		sums = _mm_add_epi64(sums, _mm_sad_epu8(part, _mm_setzero_si128()));
	}
	sums = _mm_add_epi64(sums, _mm_srli_si128(sums, 8));
	_mm_storel_epi64((__m128i *)(void *)&rounds, sums);
	continued = text.n >= 16 ? rounds : 0;
#endif
	for (; text.n - i >= 8; i += 8)
		continued += swar_continued(text.p + i);
	for (; i < text.n; i++)
		continued += ((unsigned char)text.p[i] & 0xC0) == 0x80;
	return text.n - continued;
}

#ifdef __SSE2__
/* Bit i is set if byte i is a digit, '@', or one that can start a character outside ASCII other
 * than U+2000..U+9FFF, among which there are no digits. */
static unsigned telling(const char *p)
{
	const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i num, lead, dull;

	num = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('0' - 1)),
			    _mm_cmplt_epi8(v, _mm_set1_epi8('9' + 1)));
	lead = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(-65)),
			     _mm_cmplt_epi8(v, _mm_setzero_si128()));
	dull = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(-31)),	/* 0xE2 .. 0xE9 */
			     _mm_cmplt_epi8(v, _mm_set1_epi8(-22)));
	num = _mm_or_si128(num, _mm_cmpeq_epi8(v, _mm_set1_epi8('@')));
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(num, _mm_andnot_si128(dull, lead)));
}
#endif

size_t format_skip_dull(meed_str text, size_t i)
{
#ifdef __SSE2__
	unsigned bits;

	for (; text.n - i >= 16; i += 16) {
		bits = telling(text.p + i);
		if (bits)
			return i + (size_t)__builtin_ctz(bits);
	}
#endif
	return i;
}
