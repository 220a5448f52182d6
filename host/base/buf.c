/* buf.c - a byte buffer, and what is written into it as JSON. */
#include "config.h"
#include "host/base/base.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "host/base/digits.h"
#include "host/base/format.h"

#define CAP_FIRST ((size_t)256)

bool meed_buf_grow(struct meed_buf *b, size_t extra)
{
	size_t cap = b->cap > CAP_FIRST ? b->cap : CAP_FIRST, need;
	char *p;

	if (b->failed)
		return false;
	if (b->p && b->cap - b->n >= extra)
		return true;
	if (__builtin_add_overflow(b->n, extra, &need) || need > SIZE_MAX / 2)
		goto fail;
	while (cap < need)
		cap *= 2;
	p = realloc(b->p, cap);
	if (!p)
		goto fail;
	b->p = p;
	b->cap = cap;
	return true;
fail:
	b->failed = true;
	b->cap = b->n;			/* sends every later put here, to be refused */
	return false;
}

void meed_buf_vprintf(struct meed_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t n;

	if (!meed_buf_grow(b, 64))
		return;
	va_copy(again, ap);
	n = meed_vformat(b->p + b->n, b->cap - b->n, fmt, ap);
	if (n >= b->cap - b->n) {
		if (n == SIZE_MAX || !meed_buf_grow(b, n + 1))
			goto out;
		(void)meed_vformat(b->p + b->n, b->cap - b->n, fmt, again);
	}
	b->n += n;
out:
	va_end(again);
}

void meed_buf_printf(struct meed_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	meed_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

#define ESCAPE_MAX 6			/* \u0000 */

/* How a byte stands in a JSON string: 0 as it is, 'u' as \u00XX, else after a backslash. */
static char escape_of(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\n':
		return 'n';
	case '\t':
		return 't';
	case '\r':
		return 'r';
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	default:
		return c < 0x20 ? 'u' : 0;
	}
}

static char *put_escape(char *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char e = escape_of(c);

	*out++ = '\\';
	*out++ = e;
	if (e == 'u') {
		*out++ = '0';
		*out++ = '0';
		*out++ = hex[c >> 4];
		*out++ = hex[c & 15];
	}
	return out;
}

/* The high bit of each byte of w that is below 0x20, a quote or a backslash. Exact up to and with
 * the first such byte, which is all that is asked of it. */
static uint64_t special_bytes(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
	uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');

	return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
	       high;
}

/* Copies p[0..n) up to the first byte that must be escaped; returns how many. What lies in out
 * beyond them, up to n, may be overwritten. */
static size_t copy_plain(char *out, const char *p, size_t n)
{
	size_t i = 0;

#ifdef __SSE2__
	const __m128i low = _mm_set1_epi8(0x1f), quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');

	for (; n - i >= 16; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i bad = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, low), v),
					   _mm_or_si128(_mm_cmpeq_epi8(v, quote),
							_mm_cmpeq_epi8(v, slash)));
		uint32_t mask = (uint32_t)_mm_movemask_epi8(bad);

		_mm_storeu_si128((__m128i *)(void *)(out + i), v);
		if (mask)
			return i + (size_t)__builtin_ctz(mask);
	}
#endif
	for (; n - i >= 8; i += 8) {
		uint64_t w, mask;

		memcpy(&w, p + i, 8);
		memcpy(out + i, &w, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		w = __builtin_bswap64(w);
#endif
		mask = special_bytes(w);
		if (mask)
			return i + (size_t)__builtin_ctzll(mask) / 8;
	}
	if (i == n)
		return i;
	/* The last bytes once more with those before them, which are known to be plain. */
	if (n >= 8) {
		uint64_t w, mask;

		memcpy(&w, p + n - 8, 8);
		memcpy(out + n - 8, &w, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		w = __builtin_bswap64(w);
#endif
		mask = special_bytes(w);
		return mask ? n - 8 + (size_t)__builtin_ctzll(mask) / 8 : n;
	}
	for (; i < n && !escape_of((unsigned char)p[i]); i++)
		out[i] = p[i];
	return i;
}

void meed_buf_json_str(struct meed_buf *b, meed_str s)
{
	const char *p = s.p;
	size_t left = s.n;

	if (left > SIZE_MAX / 2 || (b->cap - b->n < left + 2 && !meed_buf_grow(b, left + 2)))
		return;
	b->p[b->n++] = '"';
	while (left) {
		size_t n = copy_plain(b->p + b->n, p, left);
		char *out;

		b->n += n;
		p += n;
		left -= n;
		if (!left)
			break;
		if (!meed_buf_grow(b, left + ESCAPE_MAX + 1))
			return;
		out = b->p + b->n;
		b->n += (size_t)(put_escape(out, (unsigned char)*p) - out);
		p++;
		left--;
	}
	b->p[b->n++] = '"';
}

void meed_buf_csv(struct meed_buf *b, meed_str s, bool quoted)
{
	size_t i;

	for (i = 0; i < s.n && !quoted; i++)
		quoted = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
	if (!quoted) {
		meed_buf_put(b, s.p, s.n);
		return;
	}
	meed_buf_putc(b, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			meed_buf_putc(b, '"');
		meed_buf_putc(b, s.p[i]);
	}
	meed_buf_putc(b, '"');
}

void meed_buf_json_num(struct meed_buf *b, double x)
{
	int small;

	if (b->cap - b->n < 32 && !meed_buf_grow(b, 32))
		return;
	/* scores, weights and contributions are mostly 0 or 1 */
	if (x >= 0 && x < 10 && (small = (int)x, (double)small == x))
		b->p[b->n++] = (char)('0' + small);
	else
		b->n += meed_dtoa(x, b->p + b->n);
}

void meed_buf_u64(struct meed_buf *b, uint64_t x)
{
	if (b->cap - b->n < 20 && !meed_buf_grow(b, 20))
		return;
	b->n += meed_digits(x, b->p + b->n);
}

void meed_buf_release(struct meed_buf *b)
{
	free(b->p);
	*b = (struct meed_buf){ 0 };
}
