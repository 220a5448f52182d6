/* lex.c - checks the tokens of a JSON text before json-c sees them.
 *
 * json-c takes more than JSON: NUL ends its text, half a surrogate pair becomes U+FFFD, -Infinity
 * is a number, keys end at \u0000, integers beyond 64 bits are cut. One pass over the bytes
 * finds all of that. It costs about a tenth of json-c's own time: nearly all bytes lie in
 * strings, which are passed over 16 at a time. */
#include "config.h"
#include "host/sample/rows.h"

#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum kind { BAD, SPACE, MARK, OPEN, CLOSE, QUOTE, NUMBER, WORD };

static const unsigned char kinds[256] = {
	[' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE,
	[','] = MARK, [':'] = MARK,
	['{'] = OPEN, ['['] = OPEN, ['}'] = CLOSE, [']'] = CLOSE,
	['"'] = QUOTE,
	['-'] = NUMBER, ['0'] = NUMBER, ['1'] = NUMBER, ['2'] = NUMBER, ['3'] = NUMBER,
	['4'] = NUMBER, ['5'] = NUMBER, ['6'] = NUMBER, ['7'] = NUMBER, ['8'] = NUMBER,
	['9'] = NUMBER,
	['t'] = WORD, ['f'] = WORD, ['n'] = WORD
};

struct lex {
	const char *begin, *end;
	bool high;			/* some byte above 0x7f was seen */
	struct meed_odd_numbers *odd;
	struct meed_err *err;
};

static int32_t fail(const struct lex *x, const char *at, const char *what)
{
	return meed_err_set(x->err, MEED_E_SAMPLE, "byte %zu: %s", (size_t)(at - x->begin) + 1,
			    what);
}

static int32_t fail_early(const struct lex *x, const char *where)
{
	return meed_err_set(x->err, MEED_E_SAMPLE, "the text ends at byte %zu, in %s",
			    (size_t)(x->end - x->begin), where);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next byte at or after p that a string cannot pass over: ", \ or a control character. */
static const char *plain_end(struct lex *x, const char *p)
{
	unsigned int high = 0;

#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);

	for (; x->end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const void *)p);
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash));
		int m;

		stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
		high |= (unsigned int)_mm_movemask_epi8(v);
		m = _mm_movemask_epi8(stop);
		if (m) {
			x->high |= high != 0;
			return p + __builtin_ctz((unsigned int)m);
		}
	}
#endif
	for (; p < x->end; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\' || c < 0x20)
			break;
		high |= c & 0x80;
	}
	x->high |= high != 0;
	return p;
}

/* The four digits after \u, or -1. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (is_digit(c))
			v = v << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (c - 'A' + 10);
		else
			return -1;
	}
	return v;
}

/* *pp is at a backslash. */
static int32_t escape(const struct lex *x, const char **pp, bool *nul)
{
	const char *p = *pp;
	int32_t u;

	if (x->end - p < 2)
		return fail_early(x, "a string");
	if (p[1] != 'u') {
		if (!memchr("\"\\/bfnrt", p[1], 8))
			return fail(x, p, "an escape that JSON does not have");
		*pp = p + 2;
		return MEED_OK;
	}
	u = hex4(p + 2, x->end);
	if (u < 0)
		return fail(x, p, "\\u needs four hexadecimal digits");
	*pp = p + 6;
	*nul |= u == 0;
	if (u < 0xd800 || u > 0xdfff)
		return MEED_OK;
	if (u <= 0xdbff && x->end - p >= 8 && p[6] == '\\' && p[7] == 'u') {
		u = hex4(p + 8, x->end);
		*pp = p + 12;
		if (u >= 0xdc00 && u <= 0xdfff)
			return MEED_OK;
	}
	return meed_err_set(x->err, MEED_E_SAMPLE, "byte %zu: %.6s is half of a surrogate pair",
			    (size_t)(p - x->begin) + 1, p);
}

/* *pp is after the opening quote. */
static int32_t string(struct lex *x, const char **pp)
{
	const char *start = *pp - 1, *p = *pp;
	bool nul = false;
	int32_t r;

	for (;;) {
		p = plain_end(x, p);
		if (p == x->end)
			return fail_early(x, "a string");
		if (*p == '"')
			break;
		if (*p != '\\') {
			if (!*p)
				return fail(x, p, "a NUL byte");
			return meed_err_set(x->err, MEED_E_SAMPLE,
					    "byte %zu: a control character in a string; "
					    "write it as \\u%04x",
					    (size_t)(p - x->begin) + 1, (unsigned int)*p);
		}
		r = escape(x, &p, &nul);
		if (r < 0)
			return r;
	}
	*pp = ++p;
	if (!nul)
		return MEED_OK;
	while (p < x->end && kinds[(unsigned char)*p] == SPACE)
		p++;
	if (p < x->end && *p == ':')
		return fail(x, start, "a key that holds \\u0000");
	return MEED_OK;
}

static int32_t add_odd(const struct lex *x, const char *p, size_t n)
{
	struct meed_odd_numbers *o = x->odd;

	if (o->n == o->cap) {
		size_t cap = o->cap ? o->cap * 2 : 8, bytes;
		struct meed_odd_number *v;

		if (meed_mul_overflow(cap, sizeof(*v), &bytes) || !(v = realloc(o->v, bytes)))
			return meed_err_nomem(x->err);
		o->v = v;
		o->cap = cap;
	}
	o->v[o->n++] = (struct meed_odd_number){ (size_t)(p - x->begin), n };
	return MEED_OK;
}

/* Whether json-c keeps the value of an integer: -2^63 .. 2^64 - 1, and no -0. */
static bool fits(const char *p, size_t n)
{
	const char *most = *p == '-' ? "9223372036854775808" : "18446744073709551615";
	size_t n_most = strlen(most);

	if (*p == '-') {
		p++;
		n--;
		if (*p == '0')
			return false;
	}
	return n < n_most || (n == n_most && memcmp(p, most, n) <= 0);
}

static const char *digits(const char *p, const char *end)
{
	while (p < end && is_digit(*p))
		p++;
	return p;
}

/* *pp is at the first character of a number. */
static int32_t number(const struct lex *x, const char **pp)
{
	const char *start = *pp, *p = start + (*start == '-'), *q;
	bool whole = true;

	q = digits(p, x->end);
	if (q == p && p < x->end && *p == 'I')
		return fail(x, start, "Infinity is not JSON");
	if (q == p || (*p == '0' && q - p > 1))
		goto bad;
	p = q;
	if (p < x->end && *p == '.') {
		whole = false;
		q = digits(++p, x->end);
		if (q == p)
			goto bad;
		p = q;
	}
	if (p < x->end && (*p == 'e' || *p == 'E')) {
		whole = false;
		p++;
		if (p < x->end && (*p == '+' || *p == '-'))
			p++;
		q = digits(p, x->end);
		if (q == p)
			goto bad;
		p = q;
	}
	if (p < x->end) {
		unsigned char k = kinds[(unsigned char)*p];

		if (k != SPACE && k != MARK && k != CLOSE)
			goto bad;
	}
	*pp = p;
	if (whole && (p - start >= 19 || *start == '-') && !fits(start, (size_t)(p - start)))
		return add_odd(x, start, (size_t)(p - start));
	return MEED_OK;
bad:
	return fail(x, start, "no JSON number");
}

static int32_t word(const struct lex *x, const char **pp)
{
	static const char *const words[] = { "true", "false", "null" };
	const char *p = *pp;

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(x->end - p) >= n && memcmp(p, words[i], n) == 0) {
			*pp = p + n;
			return MEED_OK;
		}
	}
	return fail(x, p, "neither true, false nor null");
}

static int32_t fail_char(const struct lex *x, const char *p)
{
	size_t left = (size_t)(x->end - p);
	unsigned char c = (unsigned char)*p;

	if (c == 0)
		return fail(x, p, "a NUL byte");
	if (left >= 3 && memcmp(p, "NaN", 3) == 0)
		return fail(x, p, "NaN is not JSON");
	if (c == 'I')
		return fail(x, p, "Infinity is not JSON");
	if (c == '/')
		return fail(x, p, "comments are not JSON");
	if (c == '\'')
		return fail(x, p, "strings need double quotes");
	if (c > 0x20 && c < 0x7f)
		return meed_err_set(x->err, MEED_E_SAMPLE, "byte %zu: unexpected \"%c\"",
				    (size_t)(p - x->begin) + 1, c);
	return meed_err_set(x->err, MEED_E_SAMPLE, "byte %zu: unexpected byte 0x%02x",
			    (size_t)(p - x->begin) + 1, c);
}

static int32_t tokens(struct lex *x)
{
	const char *p = x->begin;
	size_t depth = 0;
	int32_t r = MEED_OK;

	while (r >= 0 && p < x->end) {
		switch (kinds[(unsigned char)*p]) {
		case CLOSE:
			depth -= depth > 0;
			p++;
			break;
		case OPEN:
			if (++depth > MEED_JSON_DEPTH)
				return meed_err_set(x->err, MEED_E_SAMPLE,
						    "byte %zu: nested deeper than %d levels",
						    (size_t)(p - x->begin) + 1, MEED_JSON_DEPTH);
			p++;
			break;
		case SPACE:
		case MARK:
			p++;
			break;
		case QUOTE:
			p++;
			r = string(x, &p);
			break;
		case NUMBER:
			r = number(x, &p);
			break;
		case WORD:
			r = word(x, &p);
			break;
		default:
			r = fail_char(x, p);
			break;
		}
	}
	return r;
}

int32_t meed_json_lex(const char *p, size_t n, struct meed_odd_numbers *odd, struct meed_err *err)
{
	struct lex x = { .begin = p, .end = p + n, .odd = odd, .err = err };
	int32_t r = tokens(&x);
	size_t good;

	if (r < 0 || !x.high)
		return r;
	good = meed_utf8_check(p, n);
	if (good < n)
		return fail(&x, p + good, "ill-formed UTF-8");
	return MEED_OK;
}
