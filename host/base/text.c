/* text.c - base64, nearest names, shell-style patterns. */
#include "config.h"
#include "host/base/base.h"

#include <stdlib.h>

void meed_base64(struct meed_buf *b, const void *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = p;
	char *out;

	if (n > SIZE_MAX / 4 || !meed_buf_grow(b, (n + 2) / 3 * 4))
		return;
	out = b->p + b->n;
	for (; n >= 3; s += 3, n -= 3) {
		*out++ = digits[s[0] >> 2];
		*out++ = digits[(s[0] & 3) << 4 | s[1] >> 4];
		*out++ = digits[(s[1] & 15) << 2 | s[2] >> 6];
		*out++ = digits[s[2] & 63];
	}
	if (n) {
		unsigned char second = n > 1 ? s[1] : 0;

		*out++ = digits[s[0] >> 2];
		*out++ = digits[(s[0] & 3) << 4 | second >> 4];
		*out++ = n > 1 ? digits[(second & 15) << 2] : '=';
		*out++ = '=';
	}
	b->n = (size_t)(out - b->p);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Wagner and Fischer's table, a row at a time. row has room for the length of b, plus one. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb, size_t cap,
		       size_t *row)
{
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0], best = i;

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t up = row[j];

			row[j] = least(least(up, row[j - 1]) + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
			best = least(best, row[j]);
		}
		if (best > cap)
			return cap + 1;
	}
	return least(row[nb], cap + 1);
}

size_t meed_edit_distance(const char *a, const char *b, size_t cap)
{
	size_t small[128], *row = small, *big = NULL, bytes, d;
	size_t na = strlen(a), nb = strlen(b);

	if (cap == SIZE_MAX)
		cap--;
	if ((na > nb ? na - nb : nb - na) > cap)
		return cap + 1;
	if (nb >= sizeof(small) / sizeof(small[0])) {
		if (!meed_mul_overflow(nb + 1, sizeof(*big), &bytes))
			big = malloc(bytes);
		if (!big)
			return cap + 1;
		row = big;
	}
	d = distance(a, na, b, nb, cap, row);
	free(big);
	return d;
}

static bool same_but_case(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

/* How far s is from name, or from the part after its last point ("rouge" of "general.rouge"). */
static size_t name_distance(const char *s, const char *name, size_t cap)
{
	const char *tail = strrchr(name, '.');
	size_t d = same_but_case(s, name) ? 0 : meed_edit_distance(s, name, cap);

	if (tail && tail[1])
		d = least(d, same_but_case(s, tail + 1) ? 0 : meed_edit_distance(s, tail + 1, cap));
	return d;
}

const char *meed_nearest(const char *s, const char *const *v, size_t n)
{
	size_t len = strlen(s), best = len < 3 ? 2 : (len + 1) / 3 + 1;
	const char *ret = NULL;

	for (size_t i = 0; i < n && best > 0; i++) {
		size_t d = name_distance(s, v[i], best);

		/* a name with no letter in common is never meant */
		if (d < best && (d == 0 || (d < len && d < strlen(v[i])))) {
			best = d;
			ret = v[i];
		}
	}
	return ret;
}

/* The character at p and its bytes; an ill-formed byte stands for itself. */
static uint32_t next_char(const char *p, const char *end, const char **ret_next)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] < 0xc0 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c;

	if (n == 1 || (size_t)(end - p) < n || meed_utf8_check(p, n) != n) {
		*ret_next = p + 1;
		return s[0] < 0x80 ? s[0] : 0x110000u + s[0];
	}
	c = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	*ret_next = p + n;
	return c;
}

/* Matches c against the set that p stands behind the '[' of; false if it is no set at all. */
static bool match_set(const char *p, const char *end, uint32_t c, const char **ret_next, bool *ret)
{
	bool negate = p < end && (*p == '!' || *p == '^'), hit = false, first = true;

	p += negate;
	for (; p < end && (*p != ']' || first); first = false) {
		uint32_t lo, hi;

		if (*p == '\\' && p + 1 < end)
			p++;
		lo = hi = next_char(p, end, &p);
		if (end - p >= 2 && p[0] == '-' && p[1] != ']') {
			p++;
			if (*p == '\\' && p + 1 < end)
				p++;
			hi = next_char(p, end, &p);
		}
		hit |= lo <= c && c <= hi;
	}
	if (p == end)
		return false;
	*ret_next = p + 1;
	*ret = hit != negate;
	return true;
}

/* Matches one character of s against one element of the pattern at p, not a star. */
static bool match_one(const char *p, const char *end, uint32_t c, const char **ret_next)
{
	bool ret;

	if (*p == '?') {
		*ret_next = p + 1;
		return true;
	}
	if (*p == '[' && match_set(p + 1, end, c, ret_next, &ret))
		return ret;
	if (*p == '\\' && p + 1 < end)
		p++;
	return next_char(p, end, ret_next) == c;
}

bool meed_glob(const char *pattern, meed_str s)
{
	const char *p = pattern, *p_end = p + strlen(p);
	const char *t = s.p, *t_end = s.n ? s.p + s.n : s.p;
	const char *star = NULL, *star_t = NULL;

	/* Only the last star ever needs another try, so this is at worst pattern times text. */
	while (t < t_end) {
		const char *t_next, *p_next = p;
		uint32_t c = next_char(t, t_end, &t_next);

		if (p < p_end && *p == '*') {
			star = ++p;
			star_t = t;
		} else if (p < p_end && match_one(p, p_end, c, &p_next)) {
			p = p_next;
			t = t_next;
		} else if (star) {
			p = star;
			(void)next_char(star_t, t_end, &star_t);
			t = star_t;
		} else {
			return false;
		}
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}
