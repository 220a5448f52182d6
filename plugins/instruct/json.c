/* json.c - would Python's json.loads take it? */
#include "config.h"
#include "instruct.h"

#define MAX_DEPTH 990			/* where Python's recursion ends */
#define MAX_DIGITS 4300			/* where Python refuses to read an integer */

static size_t blanks(meed_str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	return i;
}

static bool is_hex(char ch)
{
	return (unsigned)(ch - '0') < 10 || (unsigned)((ch | 0x20) - 'a') < 6;
}

/* Each reader takes where its value begins and returns where it ends, or MEED_NONE. */
static size_t string(meed_str s, size_t i)
{
	size_t k;

	for (i++; i < s.n && s.p[i] != '"'; i++) {
		if ((unsigned char)s.p[i] < 0x20)
			return MEED_NONE;
		if (s.p[i] != '\\')
			continue;
		if (++i >= s.n)
			return MEED_NONE;
		if (s.p[i] == 'u') {
			for (k = 0; k < 4; k++) {
				if (++i >= s.n || !is_hex(s.p[i]))
					return MEED_NONE;
			}
		} else if (!memchr("\"\\/bfnrt", s.p[i], 8)) {
			return MEED_NONE;
		}
	}
	return i < s.n ? i + 1 : MEED_NONE;
}

static size_t digits(meed_str s, size_t i)
{
	while (i < s.n && (unsigned)(s.p[i] - '0') < 10)
		i++;
	return i;
}

static size_t number(meed_str s, size_t i)
{
	size_t from, end, k;
	bool whole = true;

	i += s.p[i] == '-';
	from = i;
	if (i >= s.n || (unsigned)(s.p[i] - '0') >= 10)
		return MEED_NONE;
	end = s.p[i] == '0' ? i + 1 : digits(s, i);
	if (end + 1 < s.n && s.p[end] == '.' && (unsigned)(s.p[end + 1] - '0') < 10) {
		end = digits(s, end + 1);
		whole = false;
	}
	if (end < s.n && (s.p[end] | 0x20) == 'e') {
		k = end + 1;
		k += k < s.n && (s.p[k] == '+' || s.p[k] == '-');
		if (digits(s, k) > k) {
			end = digits(s, k);
			whole = false;
		}
	}
	return whole && end - from > MAX_DIGITS ? MEED_NONE : end;
}

static size_t scalar(meed_str s, size_t i)
{
	static const meed_str words[] = { { "null", 4 }, { "true", 4 }, { "false", 5 },
					  { "NaN", 3 }, { "Infinity", 8 }, { "-Infinity", 9 } };
	size_t k;

	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		if (meed_starts(meed_sub(s, i, s.n), words[k]))
			return i + words[k].n;
	}
	if (s.p[i] == '"')
		return string(s, i);
	return s.p[i] == '-' || (unsigned)(s.p[i] - '0') < 10 ? number(s, i) : MEED_NONE;
}

/* A member's name and colon. */
static size_t name(meed_str s, size_t i)
{
	if (i >= s.n || s.p[i] != '"')
		return MEED_NONE;
	i = string(s, i);
	if (i == MEED_NONE)
		return i;
	i = blanks(s, i);
	return i < s.n && s.p[i] == ':' ? blanks(s, i + 1) : MEED_NONE;
}

bool json_is_json(meed_str s)
{
	char open[MAX_DEPTH];		/* '[' or '{' of every level */
	size_t depth = 0, i = blanks(s, 0);

	for (;;) {
		/* a value begins at i */
		if (i >= s.n)
			return false;
		if (s.p[i] == '[' || s.p[i] == '{') {
			if (depth == MAX_DEPTH)
				return false;
			open[depth++] = s.p[i];
			i = blanks(s, i + 1);
			if (i < s.n && s.p[i] == (open[depth - 1] == '[' ? ']' : '}')) {
				depth--;
				i++;
			} else {
				if (open[depth - 1] == '{')
					i = name(s, i);
				if (i == MEED_NONE)
					return false;
				continue;
			}
		} else {
			i = scalar(s, i);
			if (i == MEED_NONE)
				return false;
		}
		/* a value has ended before i */
		for (i = blanks(s, i); depth > 0 && i < s.n; i = blanks(s, i + 1)) {
			if (s.p[i] != (open[depth - 1] == '[' ? ']' : '}'))
				break;
			depth--;
		}
		if (depth == 0)
			return i == s.n;
		if (i >= s.n || s.p[i] != ',')
			return false;
		i = blanks(s, i + 1);
		if (open[depth - 1] == '{')
			i = name(s, i);
		if (i == MEED_NONE)
			return false;
	}
}
