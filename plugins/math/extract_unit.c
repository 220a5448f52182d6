/* extract_unit.c - the unit that stands behind an answer in prose: "5 cm", "$5$ square metres",
 * "2 hours and 30 minutes", "\boxed{5}\%". */
#include "config.h"
#include "extract.h"
#include "lex.h"

static bool is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static size_t blanks(meed_str s, size_t p, size_t to)
{
	while (p < to && (s.p[p] == ' ' || s.p[p] == '~'))
		p++;
	return p;
}

/* Percent and degrees. */
static size_t sign(meed_str s, size_t p, size_t to)
{
	static const char *const signs[] = { "\\%", "%", "percent", "per cent", "\xc2\xb0", "degrees",
					     "\xef\xbc\x85" };
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (mx_word_at(meed_sub(s, 0, to), p, signs[i]))
			return p + strlen(signs[i]);
	return p;
}

/* "12:30 PM" */
static size_t half_day(meed_str s, size_t p, size_t to)
{
	static const char *const words[] = { "a.m.", "p.m.", "a.m", "p.m", "am", "pm" };
	size_t i, q = p;

	while (q > 0 && s.p[q - 1] == ' ')
		q--;
	if (q < 3 || !is_digit(s.p[q - 1]))
		return p;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (mx_word_at(meed_sub(s, 0, to), p, words[i]))
			return p + strlen(words[i]);
	return p;
}

static size_t power(meed_str s, size_t p, size_t to)
{
	static const meed_str powers[] = { { "^2", 2 },	    { "^3", 2 },	{ "^{2}", 4 },
					   { "^{3}", 4 },   { "\xc2\xb2", 2 }, { "\xc2\xb3", 2 },
					   { " squared", 8 }, { " cubed", 6 } };
	size_t i;

	for (i = 0; i < sizeof(powers) / sizeof(powers[0]); i++)
		if (meed_starts(meed_sub(s, p, to), powers[i]))
			return p + powers[i].n;
	return p;
}

/* The longest Chinese unit at p. */
static size_t chinese(meed_str s, size_t p, size_t to)
{
	size_t n = to - p < 18 ? to - p : 18;
	bool sure;

	if (p >= to || (unsigned char)s.p[p] < 0xE3)
		return p;
	for (; n >= 3; n--)
		if (mx_unit(meed_sub(s, p, p + n), &sure).n > 0)
			return p + n;
	return p;
}

/* A letter or a short word that may be something else is a unit only where nothing goes on. */
static bool is_over(meed_str s, size_t p, size_t to)
{
	return p >= to || memchr(".,;:)!?\n^/$*", s.p[p], 13) || (unsigned char)s.p[p] >= 0xC2;
}

static size_t unit_word(meed_str s, size_t p, size_t to)
{
	static const char *const before[] = { "square ", "cubic ", "sq. ", "sq ", "cu. ", "cu " };
	size_t q = p, i;
	meed_str name;
	bool sure;

	for (i = 0; i < sizeof(before) / sizeof(before[0]) && q == p; i++)
		if (mx_word_at(meed_sub(s, 0, to), p, before[i]))
			q += strlen(before[i]);
	for (i = q; q < to && is_alpha(s.p[q]); q++)
		;
	if (q == i)
		return chinese(s, p, to);
	name = mx_unit(meed_sub(s, i, q), &sure);
	if (name.n == 0 || (q < to && (s.p[q] == '-' || s.p[q] == '_')))
		return p;
	if (q - i == 1 && !strchr("mgsLh", s.p[i]))
		return p;
	if (!sure && q - i < 4 && !is_over(s, q, to))
		return p;
	return power(s, q, to);
}

/* "km/h", "miles per hour". */
static size_t quotient(meed_str s, size_t p, size_t to)
{
	size_t q = unit_word(s, p, to), k;

	if (q == p)
		return p;
	k = q;
	if (k < to && s.p[k] == '/')
		k++;
	else if (meed_starts(meed_sub(s, k, to), MEED_S(" per ")))
		k += 5;
	else
		return q;
	p = unit_word(s, k, to);
	return p > k ? p : q;
}

/* \text{ cm}, \mathrm{m}^2 */
static size_t command(meed_str s, size_t p, size_t to)
{
	static const meed_str names[] = { { "\\text{", 6 },	{ "\\mathrm{", 8 }, { "\\textrm{", 8 },
					  { "\\mbox{", 6 },	{ "\\rm{", 4 },	    { "\\,\\text{", 8 },
					  { "\\ \\text{", 8 },	{ "\\;\\text{", 8 } };
	size_t i, q, end;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!meed_starts(meed_sub(s, p, to), names[i]))
			continue;
		q = p + names[i].n;
		end = meed_find(meed_sub(s, 0, to), q, MEED_S("}"));
		if (end == MEED_NONE || end - q > 40)
			return p;
		q = blanks(s, q, end);
		return quotient(s, q, end) > q ? power(s, end + 1, to) : p;
	}
	return p;
}

/* " and 30 minutes" behind a unit. */
static size_t smaller(meed_str s, size_t p, size_t to)
{
	static const meed_str joins[] = { { " and ", 5 }, { ", ", 2 }, { " ", 1 } };
	size_t i, q, k;

	for (i = 0; i < 3; i++) {
		if (!meed_starts(meed_sub(s, p, to), joins[i]))
			continue;
		q = p + joins[i].n;
		for (k = q; k < to && is_digit(s.p[k]); k++)
			;
		if (k == q)
			return p;
		q = blanks(s, k, to);
		k = quotient(s, q, to);
		return k > q ? k : p;
	}
	return p;
}

size_t mx_unit_after(meed_str s, size_t p, size_t to)
{
	size_t q = p, end, next;

	while (q < to && (s.p[q] == ' ' || s.p[q] == '$' || s.p[q] == '~' || s.p[q] == '*'))
		q++;
	end = sign(s, q, to);
	if (end == q)
		end = half_day(s, q, to);
	if (end == q)
		end = command(s, q, to);
	if (end == q) {
		end = quotient(s, q, to);
		while (end > q && (next = smaller(s, end, to)) > end)
			end = next;
	}
	return end > q ? end : p;
}
