/* utf8.c - well-formed UTF-8: finding where it ends, and mending it. */
#include "config.h"
#include "host/base/base.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static size_t skip_ascii(const unsigned char *s, size_t i, size_t n)
{
#ifdef __SSE2__
	while (n - i >= 64) {
		const __m128i *v = (const __m128i *)(const void *)(s + i);
		__m128i a = _mm_or_si128(_mm_loadu_si128(v), _mm_loadu_si128(v + 1));
		__m128i b = _mm_or_si128(_mm_loadu_si128(v + 2), _mm_loadu_si128(v + 3));

		if (_mm_movemask_epi8(_mm_or_si128(a, b)))
			break;
		i += 64;
	}
#endif
	while (n - i >= 8) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		if (w & UINT64_C(0x8080808080808080))
			break;
		i += 8;
	}
	while (i < n && s[i] < 0x80)
		i++;
	return i;
}

static bool is_cont(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Length of the well-formed sequence at s, whose first byte is not ASCII; 0 if it is none.
 * RFC 3629, section 4: the second byte's range shuts out overlong forms, surrogates and what
 * lies beyond U+10FFFF. */
static size_t sequence(const unsigned char *s, size_t n)
{
	unsigned char c = s[0], lo = 0x80, hi = 0xbf;

	if (c < 0xe0)
		return c >= 0xc2 && n >= 2 && is_cont(s[1]) ? 2 : 0;
	if (c < 0xf0) {
		if (c == 0xe0)
			lo = 0xa0;
		else if (c == 0xed)
			hi = 0x9f;
		return n >= 3 && s[1] >= lo && s[1] <= hi && is_cont(s[2]) ? 3 : 0;
	}
	if (c == 0xf0)
		lo = 0x90;
	else if (c == 0xf4)
		hi = 0x8f;
	return c <= 0xf4 && n >= 4 && s[1] >= lo && s[1] <= hi && is_cont(s[2]) && is_cont(s[3])
		? 4 : 0;
}

size_t meed_utf8_check(const char *p, size_t n)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t i = 0;

	while (i < n) {
		size_t len;

		if (s[i] < 0x80) {
			i = skip_ascii(s, i, n);
			continue;
		}
		len = sequence(s + i, n - i);
		if (!len)
			break;
		i += len;
	}
	return i;
}

void meed_utf8_scrub(struct meed_buf *b, meed_str s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t good = meed_utf8_check(s.p + i, s.n - i);

		meed_buf_put(b, s.p + i, good);
		i += good;
		if (i < s.n) {
			MEED_BUF_LIT(b, "\xef\xbf\xbd");
			i++;
		}
	}
}
