/* json_read.c - JSON text to json-c's trees.
 *
 * json-c's own parser goes byte by byte and takes more than JSON: NUL ends its text, half a
 * surrogate pair becomes U+FFFD, -Infinity is a number, keys end at \u0000, integers beyond 64
 * bits are cut. This one passes over strings 16 bytes at a time and says no, and where. */
#include "config.h"
#include "host/sample/rows.h"

#include <limits.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SHORT 64			/* keys and numbers up to this are copied on the stack */
#define FEW_ITEMS 4

struct reader {
	const char *begin, *end;
	bool high;			/* some byte above 0x7f was seen */
	struct meed_buf *scratch;	/* a string with its escapes undone */
	struct meed_err *err;
};

static int32_t fail(const struct reader *x, const char *at, const char *what)
{
	return meed_err_set(x->err, MEED_E_SAMPLE, "byte %zu: %s", (size_t)(at - x->begin) + 1,
			    what);
}

static int32_t fail_early(const struct reader *x, const char *where)
{
	return meed_err_set(x->err, MEED_E_SAMPLE, "the text ends at byte %zu, in %s",
			    (size_t)(x->end - x->begin), where);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next byte at or after p that a string cannot pass over: ", \ or a control character. */
static const char *plain_end(struct reader *x, const char *p)
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

/* ---- strings ------------------------------------------------------------------------- */

static void put_utf8(struct meed_buf *b, uint32_t c)
{
	char u[4];
	size_t n = 0;

	if (c < 0x80) {
		u[n++] = (char)c;
	} else if (c < 0x800) {
		u[n++] = (char)(0xc0 | c >> 6);
		u[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		u[n++] = (char)(0xe0 | c >> 12);
		u[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		u[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		u[n++] = (char)(0xf0 | c >> 18);
		u[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		u[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		u[n++] = (char)(0x80 | (c & 0x3f));
	}
	meed_buf_put(b, u, n);
}

/* *pp is at the backslash of \u. */
static int32_t unicode(const struct reader *x, const char **pp)
{
	const char *p = *pp;
	int32_t u = hex4(p + 2, x->end), low = -1;

	if (u < 0)
		return fail(x, p, "\\u needs four hexadecimal digits");
	*pp = p + 6;
	if (u >= 0xd800 && u <= 0xdfff) {
		if (u <= 0xdbff && x->end - p >= 12 && p[6] == '\\' && p[7] == 'u')
			low = hex4(p + 8, x->end);
		if (low < 0xdc00 || low > 0xdfff)
			return meed_err_set(x->err, MEED_E_SAMPLE,
					    "byte %zu: %.6s is half of a surrogate pair",
					    (size_t)(p - x->begin) + 1, p);
		u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
		*pp = p + 12;
	}
	put_utf8(x->scratch, (uint32_t)u);
	return MEED_OK;
}

/* *pp is at a backslash. */
static int32_t escape(const struct reader *x, const char **pp)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p = *pp, *which;

	if (x->end - p < 2)
		return fail_early(x, "a string");
	if (p[1] == 'u')
		return unicode(x, pp);
	which = memchr(from, p[1], sizeof(from) - 1);
	if (!which)
		return fail(x, p, "an escape that JSON does not have");
	meed_buf_putc(x->scratch, to[which - from]);
	*pp = p + 2;
	return MEED_OK;
}

static int32_t fail_control(const struct reader *x, const char *p)
{
	if (!*p)
		return fail(x, p, "a NUL byte");
	return meed_err_set(x->err, MEED_E_SAMPLE,
			    "byte %zu: a control character in a string; write it as \\u%04x",
			    (size_t)(p - x->begin) + 1, (unsigned int)(unsigned char)*p);
}

/* *pp is after the opening quote. The text lies in the source, or in scratch if it has escapes. */
static int32_t string(struct reader *x, const char **pp, meed_str *ret)
{
	const char *p = *pp, *q = plain_end(x, p);
	int32_t r;

	if (q < x->end && *q == '"') {
		*ret = (meed_str){ p, (size_t)(q - p) };
		*pp = q + 1;
		return MEED_OK;
	}
	x->scratch->n = 0;
	for (;;) {
		if (q == x->end)
			return fail_early(x, "a string");
		meed_buf_put(x->scratch, p, (size_t)(q - p));
		if (*q == '"')
			break;
		if (*q != '\\')
			return fail_control(x, q);
		r = escape(x, &q);
		if (r < 0)
			return r;
		p = q;
		q = plain_end(x, p);
	}
	if (x->scratch->failed)
		return meed_err_nomem(x->err);
	*ret = (meed_str){ x->scratch->n ? x->scratch->p : "", x->scratch->n };
	*pp = q + 1;
	return MEED_OK;
}

static int32_t string_value(struct reader *x, const char **pp, struct json_object **ret)
{
	meed_str s;
	int32_t r;

	(*pp)++;
	r = string(x, pp, &s);
	if (r < 0)
		return r;
	*ret = json_object_new_string_len(s.p, (int)s.n);
	return *ret ? MEED_OK : meed_err_nomem(x->err);
}

/* ---- numbers --------------------------------------------------------------------------- */

/* Whether an integer has a place in json-c: -2^63 .. 2^64 - 1, and no -0. */
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

/* The end of the number at p, or NULL if there is none. */
static const char *number_end(const struct reader *x, const char *p, bool *ret_whole)
{
	const char *q;

	p += *p == '-';
	q = digits(p, x->end);
	*ret_whole = true;
	if (q == p || (*p == '0' && q - p > 1))
		return NULL;
	p = q;
	if (p < x->end && *p == '.') {
		*ret_whole = false;
		q = digits(++p, x->end);
		if (q == p)
			return NULL;
		p = q;
	}
	if (p < x->end && (*p == 'e' || *p == 'E')) {
		*ret_whole = false;
		p++;
		if (p < x->end && (*p == '+' || *p == '-'))
			p++;
		q = digits(p, x->end);
		if (q == p)
			return NULL;
		p = q;
	}
	return p;
}

static struct json_object *integer(const char *p, const char *end)
{
	bool negative = *p == '-';
	uint64_t v = 0;

	for (p += negative; p < end; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (negative)
		return json_object_new_int64((int64_t)(0 - v));
	return v <= INT64_MAX ? json_object_new_int64((int64_t)v) : json_object_new_uint64(v);
}

/* A number that keeps its spelling. */
static struct json_object *spelt(struct reader *x, const char *p, size_t n)
{
	char small[SHORT], *text = small;
	double v = 0;

	if (n >= SHORT) {
		x->scratch->n = 0;
		if (!meed_buf_grow(x->scratch, n + 1))
			return NULL;
		text = x->scratch->p;
	}
	memcpy(text, p, n);
	text[n] = '\0';
	(void)meed_strtod(p, n, &v);
	return json_object_new_double_s(v, text);
}

static int32_t number(struct reader *x, const char **pp, struct json_object **ret)
{
	bool whole;
	const char *p = *pp, *end = number_end(x, p, &whole);

	if (!end) {
		if (*p == '-' && x->end - p > 1 && p[1] == 'I')
			return fail(x, p, "Infinity is not JSON");
		return fail(x, p, "no JSON number");
	}
	if (whole && fits(p, (size_t)(end - p)))
		*ret = integer(p, end);
	else
		*ret = spelt(x, p, (size_t)(end - p));
	*pp = end;
	return *ret ? MEED_OK : meed_err_nomem(x->err);
}

/* ---- values ------------------------------------------------------------------------------ */

static int32_t fail_char(const struct reader *x, const char *p)
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

static int32_t value(struct reader *x, const char **pp, size_t depth, struct json_object **ret);

static const char *skip_space(const struct reader *x, const char *p)
{
	while (p < x->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Goes on after an item: true if another one follows, false at the end. */
static int32_t after_item(const struct reader *x, const char **pp, char close, bool *ret_more)
{
	const char *p = skip_space(x, *pp);

	if (p == x->end)
		return fail_early(x, close == '}' ? "an object" : "a list");
	if (*p != ',' && *p != close)
		return fail(x, p, close == '}' ? "expected \",\" or \"}\" after the value"
					       : "expected \",\" or \"]\" after the item");
	*ret_more = *p == ',';
	*pp = skip_space(x, p + 1);
	return MEED_OK;
}

static int32_t list(struct reader *x, const char **pp, size_t depth, struct json_object **ret)
{
	struct json_object *o = json_object_new_array_ext(FEW_ITEMS), *v;
	const char *p = skip_space(x, *pp + 1);
	bool more = p == x->end || *p != ']';
	int32_t r = o ? MEED_OK : meed_err_nomem(x->err);

	if (!more)
		p++;
	while (r >= 0 && more) {
		r = value(x, &p, depth, &v);
		if (r >= 0 && json_object_array_add(o, v) != 0) {
			json_object_put(v);
			r = meed_err_nomem(x->err);
		}
		if (r >= 0)
			r = after_item(x, &p, ']', &more);
	}
	if (r < 0) {
		json_object_put(o);
		return r;
	}
	*pp = p;
	*ret = o;
	return r;
}

/* A key that stays put while its value is read. */
struct key {
	const char *text;
	char small[SHORT];
	char *large;			/* owned */
	bool known;			/* one of ours: text lives for ever */
};

static int32_t key(struct reader *x, const char **pp, struct key *k)
{
	const char *start = *pp;
	char *to = k->small;
	meed_str s;
	int32_t r;

	k->large = NULL;
	if (start == x->end)
		return fail_early(x, "an object");
	if (*start != '"')
		return fail(x, start, "expected a key in double quotes");
	(*pp)++;
	r = string(x, pp, &s);
	if (r < 0)
		return r;
	k->text = meed_known_key(s.p, s.n);
	k->known = k->text;
	if (!k->known) {
		if (memchr(s.p, '\0', s.n))
			return fail(x, start, "a key that holds \\u0000");
		if (s.n >= SHORT) {
			k->large = malloc(s.n + 1);
			if (!k->large)
				return meed_err_nomem(x->err);
			to = k->large;
		}
		memcpy(to, s.p, s.n);
		to[s.n] = '\0';
		k->text = to;
	}
	*pp = skip_space(x, *pp);
	if (*pp == x->end)
		r = fail_early(x, "an object");
	else if (**pp != ':')
		r = fail(x, *pp, "expected \":\" after the key");
	else
		*pp = skip_space(x, *pp + 1);
	return r;
}

static int32_t member(struct reader *x, const char **pp, size_t depth, struct json_object *o)
{
	struct json_object *v = NULL;
	struct key k;
	int32_t r = key(x, pp, &k);

	if (r >= 0)
		r = value(x, pp, depth, &v);
	if (r >= 0 && json_object_object_add_ex(o, k.text, v,
						k.known ? JSON_C_OBJECT_KEY_IS_CONSTANT : 0) != 0) {
		json_object_put(v);
		r = meed_err_nomem(x->err);
	}
	free(k.large);
	return r;
}

static int32_t object(struct reader *x, const char **pp, size_t depth, struct json_object **ret)
{
	struct json_object *o = json_object_new_object();
	const char *p = skip_space(x, *pp + 1);
	bool more = p == x->end || *p != '}';
	int32_t r = o ? MEED_OK : meed_err_nomem(x->err);

	if (!more)
		p++;
	while (r >= 0 && more) {
		r = member(x, &p, depth, o);
		if (r >= 0)
			r = after_item(x, &p, '}', &more);
	}
	if (r < 0) {
		json_object_put(o);
		return r;
	}
	*pp = p;
	*ret = o;
	return r;
}

static int32_t word(const struct reader *x, const char **pp, struct json_object **ret)
{
	static const char *const words[] = { "null", "false", "true" };
	const char *p = *pp;

	for (int i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(x->end - p) < n || memcmp(p, words[i], n) != 0)
			continue;
		*pp = p + n;
		*ret = i ? json_object_new_boolean(i == 2) : NULL;
		return i && !*ret ? meed_err_nomem(x->err) : MEED_OK;
	}
	return fail(x, p, "neither true, false nor null");
}

static int32_t value(struct reader *x, const char **pp, size_t depth, struct json_object **ret)
{
	const char *p = *pp;

	*ret = NULL;
	if (p == x->end)
		return fail_early(x, depth ? "a list or object" : "nothing: a value is expected");
	switch (*p) {
	case '"':
		return string_value(x, pp, ret);
	case '{':
	case '[':
		if (depth == MEED_JSON_DEPTH)
			return meed_err_set(x->err, MEED_E_SAMPLE,
					    "byte %zu: nested deeper than %d levels",
					    (size_t)(p - x->begin) + 1, MEED_JSON_DEPTH);
		if (*p == '{')
			return object(x, pp, depth + 1, ret);
		return list(x, pp, depth + 1, ret);
	case 't':
	case 'f':
	case 'n':
		return word(x, pp, ret);
	default:
		if (*p == '-' || is_digit(*p))
			return number(x, pp, ret);
		return fail_char(x, p);
	}
}

int32_t meed_json_read(struct meed_buf *scratch, const char *p, size_t n, struct meed_err *err,
		       struct json_object **ret)
{
	struct meed_buf own = { 0 };
	struct reader x = { .begin = p, .end = p + n, .scratch = scratch ? scratch : &own,
			    .err = err };
	struct json_object *o = NULL;
	size_t good;
	int32_t r;

	/* json-c counts a string's bytes in an int. */
	if (n > INT_MAX - 1)
		return meed_err_set(err, MEED_E_LIMIT, "longer than 2 GiB");
	x.scratch->failed = false;
	p = skip_space(&x, p);
	r = value(&x, &p, 0, &o);
	if (r < 0)
		goto out;
	p = skip_space(&x, p);
	if (p < x.end) {
		r = fail(&x, p, "text after the value");
		goto out;
	}
	if (x.high) {
		good = meed_utf8_check(x.begin, n);
		if (good < n) {
			r = fail(&x, x.begin + good, "ill-formed UTF-8");
			goto out;
		}
	}
	*ret = o;
	o = NULL;
out:
	json_object_put(o);
	meed_buf_release(&own);
	return r;
}
