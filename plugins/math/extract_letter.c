/* extract_letter.c - choice letters: one, "(B)", "B.", or several, "A and C", "ACD". */
#include "config.h"
#include "extract.h"

static bool is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static size_t skip(meed_str s, size_t p, size_t to, const char *const *v, size_t n)
{
	bool more = true;
	size_t i;

	while (more) {
		more = false;
		while (p < to && s.p[p] == ' ')
			p++;
		for (i = 0; i < n && !more; i++) {
			more = meed_starts(meed_sub(s, p, to), meed_s(v[i]));
			p += more ? strlen(v[i]) : 0;
		}
	}
	return p;
}

/* Past closing marks at p. */
static size_t skip_closing(meed_str s, size_t p, size_t to)
{
	static const meed_str close[] = { { "}", 1 }, { "$", 1 }, { "\\)", 2 }, { "**", 2 }, { "]", 1 } };
	size_t i;

	for (i = 0; i < 5 && p < to; i++) {
		if (meed_starts(meed_sub(s, p, to), close[i])) {
			p += close[i].n;
			i = SIZE_MAX;
		}
	}
	return p;
}

/* Nothing that would make a letter part of an expression follows it at p. */
static bool letter_ends(meed_str s, size_t p, size_t to)
{
	size_t q = skip_closing(s, p, to);
	uint32_t cp = 0;

	/* a raised or lowered digit, a sign of mathematics */
	if (q < to && (unsigned char)s.p[q] >= 0x80)
		(void)meed_utf8_next(s.p + q, to - q, &cp);
	if ((cp >= 0x2070 && cp < 0x20A0) || (cp >= 0x2190 && cp < 0x2300) || cp == 0xB2 || cp == 0xB3)
		return false;
	return q >= to || (!memchr("*+/^_=<>|(&\\", s.p[q], 12) && !is_alpha(s.p[q]) &&
			   !is_digit(s.p[q]) &&
			   !(s.p[q] == '-' && q + 1 < to && s.p[q + 1] != ' '));
}

bool mx_letter_at(meed_str s, size_t p, size_t to, meed_str *ret, size_t *ret_to)
{
	static const char *const open[] = { "\\textbf{", "\\text{", "\\mathrm{", "\\mathbf{", "**",
					    "$", "\\(", "{" };
	static const meed_str wide_open = { "\xef\xbc\x88", 3 }, wide_close = { "\xef\xbc\x89", 3 };
	size_t q = skip(s, p, to, open, sizeof(open) / sizeof(open[0]));
	bool paren = q < to && (s.p[q] == '(' || s.p[q] == '['), wide;

	q += paren;
	wide = meed_starts(meed_sub(s, q, to), wide_open);
	q += wide ? wide_open.n : 0;
	if (q >= to || s.p[q] < 'A' || s.p[q] > 'Z')
		return false;
	*ret = meed_sub(s, q, q + 1);
	*ret_to = ++q;
	if (wide)
		return meed_starts(meed_sub(s, q, to), wide_close);
	if (paren)
		return q < to && (s.p[q] == ')' || s.p[q] == ']') &&
		       (q + 1 >= to || !memchr("*+-/^_=", s.p[q + 1], 7));
	if (q < to && (s.p[q] == '.' || s.p[q] == ')' || s.p[q] == ':' || s.p[q] == ','))
		return q + 1 >= to || s.p[q] == ')' || memchr(" \n*}$", s.p[q + 1], 5);
	return letter_ends(s, q, to) && (q >= to || s.p[q] != ' ');
}

/* "not A", "non A", and Chinese: a letter that is ruled out. */
static bool ruled_out(meed_str s, size_t p)
{
	static const char *const no[] = { "not ", "Not ", "non ", "nicht ", "no ", "\xe4\xb8\x8d\xe6\x98\xaf ",
					  "\xe4\xb8\x8d\xe6\x98\xaf", "than ", "n't ", "nor " };
	size_t i, n;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		n = strlen(no[i]);
		if (p >= n && memcmp(s.p + p - n, no[i], n) == 0)
			return true;
	}
	return false;
}

/* A capital on its own: no letter, digit or apostrophe beside it. "A" before a word is an
 * article, "I" a pronoun. */
static bool stands_alone(meed_str s, size_t p, size_t to)
{
	char before = p > 0 ? s.p[p - 1] : ' ', after = p + 1 < to ? s.p[p + 1] : ' ';
	bool word = p + 2 < to && after == ' ' && is_alpha(s.p[p + 2]);

	/* "A:B" */
	if (after == ':' && p + 2 < to && s.p[p + 2] != ' ' && s.p[p + 2] != '\n')
		return false;
	/* "37^\circ\text{C}" is a unit */
	if (p > 6 && memcmp(s.p + p - 6, "\\text{", 6) == 0 &&
	    (is_digit(s.p[p - 7]) || is_alpha(s.p[p - 7]) || s.p[p - 7] == '}'))
		return false;
	/* "C + x^2" */
	if ((after == ' ' && p + 3 < to && memchr("+*/^=<>-", s.p[p + 2], 8) && s.p[p + 3] == ' ') ||
	    (before == ' ' && p > 2 && memchr("+*/^<>-", s.p[p - 2], 7) && s.p[p - 3] == ' '))
		return false;

	if (is_alpha(before) || is_digit(before) || before == '\'' || before == '_' || before == '\\')
		return false;
	if (is_alpha(after) || is_digit(after) || after == '\'' || after == '_' || after == '^')
		return false;
	return letter_ends(s, p + 1, to) && !(word && (s.p[p] == 'A' || s.p[p] == 'I') &&
						  mx_letters_end(s, p + 1, to) == p + 1);
}

/* Names that stand before a letter: "option B". */
static bool named(meed_str s, size_t p)
{
	static const char *const names[] = { "option", "Option", "choice", "Choice",
					     "\xe9\x80\x89\xe9\xa1\xb9", "\xe9\x80\x89\xe6\x8b\xa9",
					     "\xe9\x80\x89" };
	size_t i, n;

	while (p > 0 && memchr(" (*:", s.p[p - 1], 4))
		p--;
	if (p > 2 && memcmp(s.p + p - 3, "\xef\xbc\x9a", 3) == 0)
		p -= 3;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		if (p >= n && memcmp(s.p + p - n, names[i], n) == 0)
			return true;
	}
	return false;
}

/* Past what joins letters to a list, at p; p if nothing does. *word: it is more than a comma. */
static size_t join_at(meed_str s, size_t p, size_t to, bool *word)
{
	static const char *const joins[] = { ",", "\xef\xbc\x8c", "\xe3\x80\x81", "or", "and", "&", "/",
					     "\xe6\x88\x96", "\xe5\x92\x8c" };
	const size_t n = sizeof(joins) / sizeof(joins[0]);
	bool paren, found = false;
	size_t q = skip_closing(s, p, to), i;

	paren = q < to && s.p[q] == ')';
	q += paren;
	for (i = 0; i < n;) {
		while (q < to && s.p[q] == ' ')
			q++;
		for (i = 0; i < n; i++)
			if (q < to && mx_word_at(meed_sub(s, 0, to), q, joins[i]))
				break;
		if (i < n) {
			q += strlen(joins[i]);
			*word = *word || i > 1;
			found = true;
		}
	}
	/* "(A) (B)" */
	if (paren && !found && q < to && s.p[q] == '(')
		*word = found = true;
	return found ? q : p;
}

/* A letter that may be one of several, at p; its end, or p. */
static size_t one_of(meed_str s, size_t p, size_t to)
{
	static const char *const open[] = { "\\textbf{", "\\text{", "**", "$", "option ", "Option " };
	size_t q = skip(s, p, to, open, sizeof(open) / sizeof(open[0]));

	q += q < to && (s.p[q] == '(' || s.p[q] == '[');
	if (q >= to || s.p[q] < 'A' || s.p[q] > 'H' ||
	    (q + 1 < to && (is_alpha(s.p[q + 1]) || is_digit(s.p[q + 1]) || s.p[q + 1] == '\'')))
		return p;
	return q + 1;
}

size_t mx_letters_end(meed_str s, size_t p, size_t to)
{
	size_t end = p, q, next;
	bool word = false;

	for (;;) {
		q = join_at(s, end, to, &word);
		next = q > end ? one_of(s, q, to) : q;
		if (q == end || next == q)
			break;
		end = next;
	}
	if (end > p && end < to && s.p[end] == ')')
		end++;
	if (end == p || word)
		return end;
	/* "B, A is wrong" is no list */
	q = skip_closing(s, end, to);
	q += q < to && s.p[q] == ')';
	q = skip_closing(s, q, to);
	return q >= to || s.p[q] == '.' || s.p[q] == '\n' ? end : p;
}

/* "ACD" at p: letters in order and nothing that makes them a word; its end, or p. */
static size_t several(meed_str s, size_t p, size_t to)
{
	size_t q = p;

	while (q < to && s.p[q] >= 'A' && s.p[q] <= 'H' && (q == p || s.p[q] > s.p[q - 1]))
		q++;
	return q - p > 1 && (q >= to || (!is_alpha(s.p[q]) && !is_digit(s.p[q]))) ? q : p;
}

/* How much says that the letter at p is the answer; 0: nothing, it is no choice. */
static unsigned rank_of(meed_str s, size_t p, size_t from, size_t to)
{
	if (ruled_out(s, p))
		return 0;
	if (named(s, p))
		return stands_alone(s, p, to) || several(s, p, to) > p ? 3 : 0;
	if (!stands_alone(s, p, to))
		return 0;
	return p > from && s.p[p - 1] == '(' && p + 1 < to && s.p[p + 1] == ')' ? 2 : 1;
}

bool mx_letter_last(const struct mx_scan *t, size_t from, size_t to, meed_str *ret)
{
	size_t p, end, next;
	unsigned best = 0, rank;
	meed_str s = t->s;

	p = mx_skip_marks(s, from, to);
	if (mx_letter_at(s, p, to, ret, &end)) {
		next = mx_letters_end(s, end, to);
		if (next > end)
			*ret = meed_sub(s, p, next);
		best = 2;
		from = next;
	}
	if (to - from > MX_LOOK_BACK)
		from = to - MX_LOOK_BACK;
	for (p = from; p < to; p = next) {
		next = p + 1;
		if (s.p[p] < 'A' || s.p[p] > 'Z')
			continue;
		rank = rank_of(s, p, from, to);
		if (rank == 0)
			continue;
		end = several(s, p, to);
		end = end > p ? end : mx_letters_end(s, p + 1, to);
		if (rank >= best) {
			best = rank;
			*ret = meed_sub(s, p - (end > p + 1 && p > from && s.p[p - 1] == '('), end);
		}
		next = end;
	}
	return best > 0;
}
