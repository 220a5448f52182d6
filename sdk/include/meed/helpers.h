/* meed/helpers.h - sugar over meed/plugin.h for plugins written in C or C++.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Nothing here is part of the ABI: every function is static inline and compiled into your
 * plugin, so a newer helpers.h never changes which hosts your plugin loads in. Leave it out
 * and nothing is lost but comfort.
 *
 *   strings      MEED_S, meed_s, meed_eq, meed_starts, meed_sub, meed_find, meed_strip
 *   UTF-8        meed_utf8_next, meed_utf8_len, meed_is_space
 *   numbers      meed_read_num: decimal text to the nearest double, in any locale
 *   text         struct meed_text: a message built in a buffer of yours, without printf
 *   parameters   meed_param_num, meed_param_int, meed_param_bool, meed_param_str
 *   failures     meed_failf, meed_logf
 *   descriptors  MEED_MODEL, MEED_PLUGIN
 *   coroutines   MEED_BEGIN, MEED_AWAIT, MEED_END
 *
 * C11, or C++17. All functions are [any] thread-safe: they touch only what you pass. */
#ifndef MEED_HELPERS_H
#define MEED_HELPERS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <meed/plugin.h>

/* ---- strings ---------------------------------------------------------------------------- */

/* A string literal as a meed_str: MEED_S("think"). */
#ifdef __cplusplus
#define MEED_S(lit) (meed_str{ "" lit, sizeof(lit) - 1 })
#else
#define MEED_S(lit) ((meed_str){ "" lit, sizeof(lit) - 1 })
#endif

/* A NUL-terminated string, or "" for NULL. */
static inline meed_str meed_s(const char *s)
{
	meed_str r = { s ? s : "", s ? strlen(s) : 0 };

	return r;
}

/* True if a and b hold the same bytes. */
static inline bool meed_eq(meed_str a, meed_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* True if s begins with prefix. */
static inline bool meed_starts(meed_str s, meed_str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* The bytes of s from `from` up to, not including, `to`; both are cut to s. */
static inline meed_str meed_sub(meed_str s, size_t from, size_t to)
{
	meed_str r = { s.p, 0 };

	if (to > s.n)
		to = s.n;
	if (from < to) {
		r.p = s.p + from;
		r.n = to - from;
	}
	return r;
}

/* Offset of the first `what` in s at or after `from`, or MEED_NONE. An empty `what` is found at
 * once. Time is linear for any `what` where the C library has memmem, that is with
 * -D_GNU_SOURCE; elsewhere s.n * what.n at worst. */
static inline size_t meed_find(meed_str s, size_t from, meed_str what)
{
	const char *p, *end;

	if (from > s.n || s.n - from < what.n)
		return MEED_NONE;
	if (what.n == 0)
		return from;
	p = s.p + from;
	end = s.p + s.n;
#ifdef _GNU_SOURCE
	if (what.n > 1) {
		p = (const char *)memmem(p, (size_t)(end - p), what.p, what.n);
		return p ? (size_t)(p - s.p) : MEED_NONE;
	}
#endif
	for (; (size_t)(end - p) >= what.n; p++) {
		p = (const char *)memchr(p, what.p[0], (size_t)(end - p) - what.n + 1);
		if (!p)
			break;
		if (memcmp(p, what.p, what.n) == 0)
			return (size_t)(p - s.p);
	}
	return MEED_NONE;
}

/* ---- UTF-8 ------------------------------------------------------------------------------ */

/* Decodes the code point that starts at p, with n >= 1 bytes to read, and returns how many
 * bytes it takes. A byte that is not part of well-formed UTF-8 (RFC 3629) counts as one byte
 * and decodes to U+FFFD, so a loop always ends. */
static inline size_t meed_utf8_next(const char *p, size_t n, uint32_t *ret_cp)
{
	const unsigned char *s = (const unsigned char *)p;
	uint32_t b = s[0], cp, low;
	size_t len, i;

	if (b < 0x80) {
		*ret_cp = b;
		return 1;
	}
	if (b >= 0xC2 && b < 0xE0) {
		len = 2;
		cp = b & 0x1F;
		low = 0x80;
	} else if (b >= 0xE0 && b < 0xF0) {
		len = 3;
		cp = b & 0x0F;
		low = 0x800;
	} else if (b >= 0xF0 && b < 0xF5) {
		len = 4;
		cp = b & 0x07;
		low = 0x10000;
	} else {
		goto bad;
	}
	if (n < len)
		goto bad;
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xC0) != 0x80)
			goto bad;
		cp = cp << 6 | (s[i] & 0x3Fu);
	}
	if (cp < low || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
		goto bad;
	*ret_cp = cp;
	return len;
bad:
	*ret_cp = 0xFFFD;
	return 1;
}

/* Code points of s: the bytes that do not continue another. Exact for well-formed UTF-8. */
static inline size_t meed_utf8_len(meed_str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

/* White space as Python's str.isspace, split, strip and \s have it: Unicode's White_Space and
 * the separators U+001C..U+001F. */
static inline bool meed_is_space(uint32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= 0x09 && cp <= 0x0D) || (cp >= 0x1C && cp <= 0x1F);
	return cp == 0x85 || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

/* s without white space (meed_is_space) at its start. */
static inline meed_str meed_strip_left(meed_str s)
{
	uint32_t cp;
	size_t i = 0, len;

	while (i < s.n) {
		len = meed_utf8_next(s.p + i, s.n - i, &cp);
		if (!meed_is_space(cp))
			break;
		i += len;
	}
	return meed_sub(s, i, s.n);
}

/* s without white space at its end. */
static inline meed_str meed_strip_right(meed_str s)
{
	uint32_t cp;
	size_t i, n = s.n;

	while (n > 0) {
		for (i = n - 1; i > 0 && n - i < 4 && ((unsigned char)s.p[i] & 0xC0) == 0x80;)
			i--;
		if (meed_utf8_next(s.p + i, n - i, &cp) != n - i || !meed_is_space(cp))
			break;
		n = i;
	}
	s.n = n;
	return s;
}

/* s without white space at either end: Python's str.strip(). */
static inline meed_str meed_strip(meed_str s)
{
	return meed_strip_right(meed_strip_left(s));
}

/* ---- numbers ---------------------------------------------------------------------------- */

/* What meed_read_num needs, which is at the end of this section; names that end in _ are not
 * for you. */
__extension__ typedef unsigned __int128 meed_u128_;

/* A whole number of at most 5,632 bits, little-endian. */
struct meed_big_ {
	uint32_t v[176];
	int n;
};

static inline void meed_big_mul_(struct meed_big_ *b, uint32_t mul, uint32_t add)
{
	uint64_t carry = add;
	int i;

	for (i = 0; i < b->n; i++) {
		carry += (uint64_t)b->v[i] * mul;
		b->v[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry && b->n < 176)
		b->v[b->n++] = (uint32_t)carry;
}

static inline void meed_big_pow5_(struct meed_big_ *b, int64_t e)
{
	for (; e >= 13; e -= 13)
		meed_big_mul_(b, 1220703125u, 0);
	for (; e > 0; e--)
		meed_big_mul_(b, 5, 0);
}

/* The 32 bits at place i of b * 2^shift. */
static inline uint32_t meed_big_word_(const struct meed_big_ *b, int i, int shift)
{
	int w = i - shift / 32, bit = shift % 32;
	uint64_t pair = 0;

	if (w >= 0 && w < b->n)
		pair = (uint64_t)b->v[w] << 32;
	if (w >= 1 && w - 1 < b->n)
		pair |= b->v[w - 1];
	return (uint32_t)(pair >> (32 - bit));
}

/* The sign of a * 2^sa - b * 2^sb. */
static inline int meed_big_cmp_(const struct meed_big_ *a, int sa, const struct meed_big_ *b,
				int sb)
{
	int lo = sa < sb ? sa : sb, i;
	int na = a->n + (sa - lo) / 32 + 1, nb = b->n + (sb - lo) / 32 + 1;
	uint32_t wa, wb;

	for (i = na > nb ? na : nb; i >= 0; i--) {
		wa = meed_big_word_(a, i, sa - lo);
		wb = meed_big_word_(b, i, sb - lo);
		if (wa != wb)
			return wa < wb ? -1 : 1;
	}
	return 0;
}

/* The sign of D * 10^exp10 - half * 2^exp2, where D is the digits of p[0..n), a point among them
 * passed over. The middle between two doubles has at most 767 digits, so D is read up to
 * 770 of them, and of the others it only counts whether all are zeros. */
static inline int meed_dec_cmp_(const char *p, size_t n, int64_t exp10, uint64_t half, int exp2)
{
	struct meed_big_ d, m;
	bool more = false;
	int digits = 0, r;
	size_t i;

	d.n = 0;
	for (i = 0; i < n; i++) {
		if (p[i] == '.')
			continue;
		if (digits == 770) {
			more = more || p[i] != '0';
			exp10++;
			continue;
		}
		if (d.n > 0)
			meed_big_mul_(&d, 10, (uint32_t)(p[i] - '0'));
		else if (p[i] != '0')
			d.v[d.n++] = (uint32_t)(p[i] - '0');
		digits += d.n > 0;
	}
	m.v[0] = (uint32_t)half;
	m.v[1] = (uint32_t)(half >> 32);
	m.n = 2;
	meed_big_pow5_(exp10 > 0 ? &d : &m, exp10 > 0 ? exp10 : -exp10);
	r = meed_big_cmp_(&d, (int)exp10, &m, exp2);
	return r == 0 && more ? 1 : r;
}

/* w * 10^e as m * 2^*ret_exp with m's top bit set; |e| < 512, w > 0. The relative error is
 * below 2^-58. */
static inline uint64_t meed_scale10_(uint64_t w, int e, int *ret_exp)
{
	/* 10^1, 10^2, 10^4 ... 10^256 as mant * 2^exp, to nearest */
	static const uint64_t mant[9] = {
		0xA000000000000000u, 0xC800000000000000u, 0x9C40000000000000u,
		0xBEBC200000000000u, 0x8E1BC9BF04000000u, 0x9DC5ADA82B70B59Eu,
		0xC2781F49FFCFA6D5u, 0x93BA47C980E98CE0u, 0xAA7EEBFB9DF9DE8Eu
	};
	static const int exp[9] = { -60, -57, -50, -37, -10, 43, 149, 362, 787 };
	int i, exp2 = 0, k = e < 0 ? -e : e;
	meed_u128_ wide;

	for (; !(w >> 63); w <<= 1)
		exp2--;
	for (i = 0; i < 9; i++) {
		if (!(k >> i & 1))
			continue;
		if (e > 0) {
			wide = (meed_u128_)w * mant[i];
			exp2 += exp[i] + 64;
		} else {
			wide = (((meed_u128_)w << 63) / mant[i]) << 64;
			exp2 -= exp[i] + 63;
		}
		for (; !(wide >> 127); wide <<= 1)
			exp2--;
		w = (uint64_t)(wide >> 64);
	}
	*ret_exp = exp2;
	return w;
}

/* top * 2^exp2, where top <= 2^53, and top >= 2^52 or exp2 is -1074. */
static inline double meed_from_bits_(uint64_t top, int exp2)
{
	uint64_t bits = top;
	double r;

	if (top >> 53) {
		top >>= 1;
		exp2++;
	}
	if (exp2 + 1075 >= 2047)
		bits = (uint64_t)2047 << 52;
	else if (top >> 52)
		bits = (uint64_t)(exp2 + 1075) << 52 | (top & (((uint64_t)1 << 52) - 1));
	memcpy(&r, &bits, sizeof(r));
	return r;
}

/* The double nearest to the digits p[0..n) times 10^e_full; w holds the first 19 of them, and
 * w * 10^e10 is about the same. */
static inline double meed_dec_to_double_(uint64_t w, int64_t e10, const char *p, size_t n,
					 int64_t e_full)
{
	const uint64_t slack = 256;	/* above the error of m, in its last places */
	int exp2, drop, c;
	uint64_t m, rest, half, top;
	bool close;

	if (w == 0 || e10 < -400)
		return 0.0;
	if (e10 > 310)
		return meed_from_bits_(0, 2000);
	m = meed_scale10_(w, (int)e10, &exp2);
	/* m has 64 bits; a double keeps 53 of them, fewer below 2^-1022 */
	drop = exp2 + 63 < -1022 ? -1074 - exp2 : 11;
	if (drop > 65)
		return 0.0;
	top = drop > 63 ? 0 : m >> drop;
	if (drop == 65) {
		rest = 0;
		half = 1;
		close = m > UINT64_MAX - slack;
	} else {
		half = (uint64_t)1 << (drop - 1);
		rest = m & (half - 1 + half);
		close = (rest > half ? rest - half : half - rest) <= slack;
	}
	if (close) {
		c = meed_dec_cmp_(p, n, e_full, 2 * top + 1, exp2 + drop - 1);
		top += c > 0 || (c == 0 && (top & 1));
	} else {
		top += rest > half;
	}
	return meed_from_bits_(top, exp2 + drop);
}

/* Reads a decimal number at the start of s: an optional sign, digits with at most one point
 * among or around them, an optional exponent ("3", "-0.5", ".5", "5.", "+1e-3"). The result is
 * the double nearest to it, ties to even, whatever the locale; too large gives an infinity, too
 * small 0. Returns the bytes read, 0 if no number stands there.
 * cost   ~10 ns for up to 15 digits, ~60 ns else; some microseconds for digits that lie
 *        within 2^-56 of the middle between two doubles */
static inline size_t meed_read_num(meed_str s, double *ret)
{
	static const double p10[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
				      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	size_t i = 0, first, end, e_at, n_digits = 0;
	bool neg = false, eneg = false, point = false;
	uint64_t w = 0;
	int64_t e10 = 0, e_full = 0, x = 0;
	int used = 0;
	double r;

	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		neg = s.p[i++] == '-';
	first = i;
	for (; i < s.n; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			break;
		n_digits++;
		if (used < 19) {
			w = w * 10 + (uint64_t)(s.p[i] - '0');
			used += w > 0;
			e10 -= point;
		} else {
			e10 += !point;
		}
		e_full -= point;
	}
	if (n_digits == 0)
		return 0;
	end = i;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		e_at = i + 1;
		if (e_at < s.n && (s.p[e_at] == '-' || s.p[e_at] == '+'))
			eneg = s.p[e_at++] == '-';
		for (; e_at < s.n && s.p[e_at] >= '0' && s.p[e_at] <= '9'; e_at++) {
			if (x < (int64_t)1 << 40)
				x = x * 10 + (s.p[e_at] - '0');
			i = e_at + 1;
		}
	}
	e10 += eneg ? -x : x;
	e_full += eneg ? -x : x;
	if (w <= (uint64_t)1 << 53 && used < 19 && e10 >= -22 && e10 <= 22)
		r = e10 < 0 ? (double)w / p10[-e10] : (double)w * p10[e10];
	else
		r = meed_dec_to_double_(w, e10, s.p + first, end - first, e_full);
	*ret = neg ? -r : r;
	return i;
}

/* ---- text ------------------------------------------------------------------------------- */

/* A text being built in a buffer that you own (an array on the stack will do). What does not fit
 * is cut at the end of a whole UTF-8 character, and nothing is added after a cut.
 *
 *	char buf[160];
 *	struct meed_text t = meed_text_in(buf, sizeof(buf));
 *
 *	meed_text_lit(&t, "length ");
 *	meed_text_u64(&t, n);
 *	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
 */
struct meed_text {
	char *p;
	size_t n, cap;			/* cap becomes n when something was cut */
};

static inline struct meed_text meed_text_in(char *buf, size_t cap)
{
	struct meed_text t = { buf, 0, cap };

	return t;
}

static inline meed_str meed_text_get(const struct meed_text *t)
{
	meed_str r = { t->p, t->n };

	return r;
}

static inline void meed_text_str(struct meed_text *t, meed_str s)
{
	size_t room = t->cap - t->n;

	if (s.n > room) {
		s.n = room;
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
			s.n--;
		t->cap = t->n + s.n;
	}
	if (s.n > 0)
		memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

/* Appends a string literal. */
#define meed_text_lit(t, lit) meed_text_str((t), MEED_S(lit))

static inline void meed_text_char(struct meed_text *t, char ch)
{
	meed_str s = { &ch, 1 };

	meed_text_str(t, s);
}

static inline void meed_text_u64(struct meed_text *t, uint64_t x)
{
	char tmp[20];
	size_t i = sizeof(tmp);
	meed_str s;

	do {
		tmp[--i] = (char)('0' + x % 10);
		x /= 10;
	} while (x);
	s.p = tmp + i;
	s.n = sizeof(tmp) - i;
	meed_text_str(t, s);
}

static inline void meed_text_i64(struct meed_text *t, int64_t x)
{
	if (x < 0)
		meed_text_char(t, '-');
	meed_text_u64(t, x < 0 ? (uint64_t)0 - (uint64_t)x : (uint64_t)x);
}

/* m with `decimals` of its digits after the point. */
static inline void meed_text_scaled_(struct meed_text *t, uint64_t m, unsigned decimals)
{
	char tmp[48];
	size_t i = sizeof(tmp);
	unsigned k = 0;
	meed_str s;

	do {
		if (k == decimals && k > 0)
			tmp[--i] = '.';
		tmp[--i] = (char)('0' + m % 10);
		m /= 10;
		k++;
	} while (m || k <= decimals);
	s.p = tmp + i;
	s.n = sizeof(tmp) - i;
	meed_text_str(t, s);
}

static inline double meed_ten_to_(unsigned k)
{
	static const double p10[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
				      1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
				      1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

	return p10[k < 22 ? k : 22];
}

/* printf's %.17g, or less if that reads back as x; the slow path of meed_text_num. Whatever
 * stands for the point in the user's locale becomes a point. */
static inline void meed_text_printf_num_(struct meed_text *t, double x)
{
	char tmp[64], out[64];
	int digits, i, n;
	meed_str s = { out, 0 };
	double back = 0;

	for (digits = 15; digits <= 17; digits++) {
		n = snprintf(tmp, sizeof(tmp), "%.*g", digits, x);
		for (i = 0, s.n = 0; i < n; i++) {
			if (strchr("0123456789+-e", tmp[i]))
				out[s.n++] = tmp[i];
			else if (s.n > 0 && out[s.n - 1] != '.')
				out[s.n++] = '.';
		}
		if (meed_read_num(s, &back) == s.n && !(back < x) && !(back > x))
			break;
	}
	meed_text_str(t, s);
}

/* A number as it would be typed: "3", "-0.25", "1e-09". It reads back as x; it is the shortest
 * such text below 2^53 with up to 22 decimals, and has at most 17 digits else. NaN and
 * infinities are "nan", "inf", "-inf": they are for messages, not for JSON. */
static inline void meed_text_num(struct meed_text *t, double x)
{
	const double max = 9007199254740992.0;	/* 2^53: whole numbers below are exact */
	double a = x < 0 ? -x : x, m, back;
	unsigned d;

	if (!(x - x <= 0)) {
		if (a > max)
			meed_text_str(t, x < 0 ? MEED_S("-inf") : MEED_S("inf"));
		else
			meed_text_lit(t, "nan");
		return;
	}
	for (d = 0; !(a > 0 && a < 1e-4) && d <= 20; d++) {
		m = a * meed_ten_to_(d) + 0.5;
		if (m >= max)
			break;
		m = (double)(uint64_t)m;
		back = m / meed_ten_to_(d);
		if (!(back < a) && !(back > a)) {
			if (x < 0)
				meed_text_char(t, '-');
			meed_text_scaled_(t, (uint64_t)m, d);
			return;
		}
	}
	meed_text_printf_num_(t, x);
}

/* A number with exactly `decimals` (at most 9) digits after the point, as %.3f writes it except
 * that the nearest tie may go the other way. Beyond 1e15 it is meed_text_num's text. */
static inline void meed_text_fixed(struct meed_text *t, double x, unsigned decimals)
{
	double a;

	if (decimals > 9)
		decimals = 9;
	a = (x < 0 ? -x : x) * meed_ten_to_(decimals) + 0.5;
	if (!(a < 9007199254740992.0)) {
		meed_text_num(t, x);
		return;
	}
	if (x < 0 && a >= 1)
		meed_text_char(t, '-');
	meed_text_scaled_(t, (uint64_t)a, decimals);
}

/* s as a JSON string with its quotes. The quotes are kept if s is cut, so that the string
 * stays one; leave room for what has to follow it. */
static inline void meed_text_json_str(struct meed_text *t, meed_str s)
{
	static const char hex[] = "0123456789abcdef";
	char esc[6] = { '\\', 'u', '0', '0', '0', '0' };
	uint32_t cp;
	size_t i = 0, len;
	meed_str part;

	if (t->cap - t->n < 2) {
		t->cap = t->n;
		return;
	}
	meed_text_char(t, '"');
	t->cap--;
	while (i < s.n) {
		len = meed_utf8_next(s.p + i, s.n - i, &cp);
		part.p = s.p + i;
		part.n = len;
		if (cp == '"' || cp == '\\') {
			esc[1] = (char)cp;
			part.p = esc;
			part.n = 2;
		} else if (cp < 0x20) {
			esc[1] = 'u';
			esc[4] = hex[cp >> 4];
			esc[5] = hex[cp & 15];
			part.p = esc;
			part.n = 6;
		} else if (cp == 0xFFFD && len == 1) {
			part = MEED_S("\xEF\xBF\xBD");
		}
		if (part.n > t->cap - t->n)
			break;
		meed_text_str(t, part);
		i += len;
	}
	t->cap++;
	meed_text_char(t, '"');
	if (i < s.n)
		t->cap = t->n;
}

/* ---- parameters ------------------------------------------------------------------------- */

/* For create: a parameter by name. The host has checked them against your schema and filled in
 * the defaults, so what is absent (0, false, "") is a name the schema lacks. */
static inline double meed_param_num(const meed_host *h, const meed_val *params, const char *name)
{
	return h->num(h->get(params, name), 0.0);
}

static inline int64_t meed_param_int(const meed_host *h, const meed_val *params, const char *name)
{
	return h->i64(h->get(params, name), 0);
}

static inline bool meed_param_bool(const meed_host *h, const meed_val *params, const char *name)
{
	return h->num(h->get(params, name), 0.0) > 0.0;
}

/* Lives only until create returns: copy what you keep. */
static inline meed_str meed_param_str(const meed_host *h, const meed_val *params, const char *name)
{
	return h->str(h->get(params, name));
}

/* ---- failures --------------------------------------------------------------------------- */

/* return meed_failf(h, c, MEED_E_SAMPLE, "%zu steps: this model reads at most %d", n, max);
 * One line without a full stop; beyond 511 bytes it is cut. Returns code. */
__attribute__((format(printf, 4, 5)))
static inline int32_t meed_failf(const meed_host *h, meed_ctx *c, int32_t code,
				 const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return h->fail(c, code, buf);
}

/* Logs a line at MEED_LOG_DEBUG, INFO, WARN or ERROR; beyond 511 bytes it is cut. */
__attribute__((format(printf, 4, 5)))
static inline void meed_logf(const meed_host *h, meed_ctx *c, uint32_t level,
			     const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	h->log(c, level, buf);
}

/* ---- descriptors ------------------------------------------------------------------------ */

/* Initialisers that fill in the sizes and the ABI version:
 *
 *	static const meed_rm exact = MEED_MODEL(
 *		.id = "acme.exact", .version = "1.0.0", .summary = "1 if equal",
 *		.license = "MIT", .source = "none", .params_schema = "{}",
 *		.modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE,
 *		.traits = MEED_DETERMINISTIC, .score_min = 0, .score_max = 1,
 *		.evaluate = exact_evaluate);
 *	static const meed_rm *const models[] = { &exact, NULL };
 *	const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
 *		.id = "com.acme.rewards", .version = "1.0.0", .vendor = "Acme",
 *		.license = "MIT", .models = models);
 *
 * C++ has designated initialisers from C++20 on, in the order of the struct; before, list the
 * values in that order, sizeof(meed_rm) first. */
#define MEED_MODEL(...) { .struct_size = sizeof(meed_rm), __VA_ARGS__ }
#define MEED_PLUGIN(...)                                                              \
	{ .struct_size = sizeof(meed_plugin), .abi_minor = MEED_ABI_MINOR, __VA_ARGS__ }

/* ---- coroutines ------------------------------------------------------------------------- */

/* Lets one function be both evaluate and resume and read from top to bottom:
 *
 *	struct judge_state {
 *		int line;		(first member: where to go on)
 *		double first;
 *	};
 *
 *	static int32_t judge(const meed_host *h, meed_ctx *c, void *self,
 *			     const meed_sample *s, void *state)
 *	{
 *		struct judge_state *st = state;
 *		int32_t r;
 *
 *		MEED_BEGIN(st);
 *		r = ask_first(h, c, self, s);
 *		if (r < 0)
 *			return r;
 *		MEED_AWAIT(st);
 *		st->first = read_reply(h, c);
 *		r = ask_second(h, c, self, s, st->first);
 *		if (r < 0)
 *			return r;
 *		MEED_AWAIT(st);
 *		MEED_END(st);
 *		return finish(h, c, st);
 *	}
 *
 *	.state_size = sizeof(struct judge_state), .evaluate = judge, .resume = judge
 *
 * Local variables do not survive an await: keep in the state what must. Declare locals
 * before MEED_BEGIN, no `switch` around an await (loops and ifs are fine), one await a line. */
#define MEED_BEGIN(st) switch ((st)->line) { case 0:
#define MEED_AWAIT(st)                     \
	do {                               \
		(st)->line = __LINE__;     \
		return MEED_PENDING;       \
	case __LINE__:;                    \
	} while (0)
#define MEED_END(st)                       \
	break;                             \
	default:                           \
		return MEED_E_INTERNAL;    \
	}

#endif /* MEED_HELPERS_H */
