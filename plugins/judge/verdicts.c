/* verdicts.c - verdicts in other people's formats. */
#include "config.h"
#include "judge.h"

static char lower(char ch)
{
	return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
}

static bool starts_nocase(meed_str s, size_t i, const char *word)
{
	size_t n = strlen(word);

	if (i > s.n || s.n - i < n)
		return false;
	for (size_t k = 0; k < n; k++)
		if (lower(s.p[i + k]) != word[k])
			return false;
	return true;
}

static bool is_word_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       (unsigned char)ch >= 0x80;
}

static enum preference join(enum preference a, enum preference b)
{
	return a == PREF_NONE ? b : b == PREF_NONE || a == b ? a : PREF_AMBIGUOUS;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool number_at(meed_str s, size_t i, double *ret, size_t *ret_end)
{
	size_t n;

	while (i < s.n && strchr(" \t:*_=[(\"'`", s.p[i]))
		i++;
	n = i < s.n && s.p[i] != '+' ? meed_read_num(meed_sub(s, i, s.n), ret) : 0;
	*ret_end = i + n;
	return n > 0;
}

/* ---- [[A>>B]] -------------------------------------------------------------------------------- */

/* A, B, 1, 2 or a letter for a tie, at the head of s; its length in *ret_n. */
static enum preference side(meed_str s, size_t *ret_n)
{
	*ret_n = 1;
	if (s.n == 0)
		return PREF_NONE;
	switch (s.p[0]) {
	case 'A':
	case 'a':
	case '1':
		return PREF_A;
	case 'B':
	case 'b':
	case '2':
		return PREF_B;
	default:
		return PREF_NONE;
	}
}

static enum preference other(enum preference p)
{
	return p == PREF_A ? PREF_B : PREF_A;
}

/* "A>>B", "B < A", "A=B", "A", "C", "tie". */
static enum preference bracketed(meed_str s)
{
	enum preference first, second;
	size_t n, i = 1;
	char op;

	s = meed_strip(s);
	if (starts_nocase(s, 0, "tie") || meed_eq(s, MEED_S("C")) || meed_eq(s, MEED_S("c")))
		return PREF_TIE;
	first = side(s, &n);
	if (first == PREF_NONE)
		return PREF_NONE;
	if (s.n == 1)
		return first;
	while (i < s.n && s.p[i] == ' ')
		i++;
	if (i >= s.n || !strchr("<>=", s.p[i]))
		return PREF_NONE;
	op = s.p[i];
	while (i < s.n && (strchr("<>=", s.p[i]) || s.p[i] == ' '))
		i++;
	second = side(meed_sub(s, i, s.n), &n);
	if (second == PREF_NONE || second == first || i + 1 != s.n)
		return PREF_NONE;
	return op == '=' ? PREF_TIE : op == '>' ? first : other(first);
}

static enum preference in_brackets(meed_str s)
{
	enum preference all = PREF_NONE;
	size_t i = 0, end;

	while ((i = meed_find(s, i, MEED_S("[["))) != MEED_NONE) {
		end = meed_find(s, i, MEED_S("]]"));
		if (end == MEED_NONE)
			break;
		all = join(all, bracketed(meed_sub(s, i + 2, end)));
		i = end + 2;
	}
	return all;
}

/* ---- in words -------------------------------------------------------------------------------- */

static const char *const nouns[] = { "output",	   "response", "answer", "assistant",
				     "completion", "option",   "model",	 "candidate" };

/* "Output (a)", "Response 2", "**Assistant B**" at i: who, and the byte behind it. */
static enum preference named(meed_str s, size_t i, size_t *ret_end)
{
	enum preference p;
	size_t n;

	for (size_t k = 0; k < sizeof(nouns) / sizeof(nouns[0]); k++) {
		size_t at = i + strlen(nouns[k]);

		if (!starts_nocase(s, i, nouns[k]))
			continue;
		while (at < s.n && strchr(" (*_#:\"'", s.p[at]))
			at++;
		p = side(meed_sub(s, at, s.n), &n);
		if (p == PREF_NONE || at == i + strlen(nouns[k]))
			return PREF_NONE;
		at += n;
		if (at < s.n && is_word_char(s.p[at]))
			return PREF_NONE;
		while (at < s.n && strchr(")*_\"'", s.p[at]))
			at++;
		*ret_end = at;
		return p;
	}
	return PREF_NONE;
}

static bool negated(meed_str s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if ((i == from || !is_word_char(s.p[i - 1])) &&
		    (starts_nocase(s, i, "not ") || starts_nocase(s, i, "n't ") ||
		     starts_nocase(s, i, "less ") || starts_nocase(s, i, "no ")))
			return true;
	return false;
}

/* Does what follows a name within its sentence say that it wins? */
static bool wins(meed_str s, size_t i)
{
	static const char *const words[] = { "better", "superior",   "preferred", "preferable",
					     "best",   "the winner", "wins",	  "more suitable" };
	size_t end = i;

	while (end < s.n && end - i < 90 && !strchr(".\n,;", s.p[end]))
		end++;
	for (size_t at = i; at < end; at++) {
		size_t next;

		if (at > i && is_word_char(s.p[at - 1]))
			continue;
		/* the other one is named first: it is about that one */
		if (named(s, at, &next) != PREF_NONE)
			return false;
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (starts_nocase(s, at, words[k]))
				return !negated(s, i, at);
	}
	return false;
}

static bool at_word(meed_str s, size_t i)
{
	return i == 0 || !is_word_char(s.p[i - 1]);
}

/* Who is said to be better; ambiguous if both are, whatever the conclusion: which of the
 * statements are quoted, and which the judge's own, cannot be told. */
static enum preference stated(meed_str s)
{
	enum preference all = PREF_NONE, p;
	size_t end;

	for (size_t i = 0; i < s.n; i++) {
		if (!at_word(s, i))
			continue;
		p = named(s, i, &end);
		if (p != PREF_NONE && wins(s, end))
			all = join(all, p);
	}
	return all;
}

/* The whole answer, or its first or last line, is a name or a letter alone. */
static enum preference alone(meed_str line)
{
	enum preference p;
	size_t end = 0, n;

	line = meed_strip(line);
	while (line.n && strchr("*_#\"'`( ", line.p[0]))
		line = meed_sub(line, 1, line.n);
	while (line.n && strchr("*_#\"'`.): ", line.p[line.n - 1]))
		line.n--;
	p = named(line, 0, &end);
	if (p != PREF_NONE)
		return end + 1 >= line.n ? p : PREF_NONE;
	if (starts_nocase(line, 0, "tie") && line.n <= 4)
		return PREF_TIE;
	return line.n == 1 ? side(line, &n) : PREF_NONE;
}

static enum preference lines(meed_str s)
{
	const char *nl = memchr(s.p, '\n', s.n);
	size_t last = s.n;
	enum preference p = alone(meed_sub(s, 0, nl ? (size_t)(nl - s.p) : s.n));

	while (last > 0 && s.p[last - 1] != '\n')
		last--;
	return join(p, alone(meed_sub(s, last, s.n)));
}

static enum preference tagged(meed_str s)
{
	static const char *const names[] = { "best", "preference", "winner", "verdict" };
	meed_str body;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (find_tag(s, names[i], &body))
			return meed_eq(body, MEED_S("0")) ? PREF_TIE
							  : join(bracketed(body), alone(body));
	return PREF_NONE;
}

/* ---- {"ordered_models": [{"model": "M", "rank": 1}, {"model": "m", "rank": 2}]} -------------- */

/* The text or number behind "key": within the object that begins at `from`. */
static bool member(meed_str s, size_t from, meed_str key, size_t *ret_at)
{
	size_t end = meed_find(s, from, MEED_S("}")), at = meed_find(s, from, key);

	if (at == MEED_NONE || end == MEED_NONE || at > end)
		return false;
	at += key.n;
	while (at < end && strchr(" \t\r\n:\"'", s.p[at]))
		at++;
	*ret_at = at;
	return at < end;
}

/* AlpacaEval's: m is the first answer that was shown, M the second; equal ranks are a tie. */
static enum preference ordered(meed_str s)
{
	size_t at = meed_find(s, 0, MEED_S("ordered_models")), model, rank, end;
	double ranks[2] = { 0.0, 0.0 }, x;

	while (at != MEED_NONE && (at = meed_find(s, at, MEED_S("{"))) != MEED_NONE) {
		if (!member(s, at, MEED_S("model"), &model) ||
		    !member(s, at, MEED_S("rank"), &rank) || !number_at(s, rank, &x, &end) ||
		    !(x > 0.0))
			return PREF_NONE;
		if ((s.p[model] != 'm' && s.p[model] != 'M') || is_word_char(s.p[model + 1]) ||
		    ranks[s.p[model] == 'M'] > 0.0)
			return PREF_NONE;
		ranks[s.p[model] == 'M'] = x;
		at++;
	}
	if (!(ranks[0] > 0.0 && ranks[1] > 0.0))
		return PREF_NONE;
	return ranks[0] < ranks[1] ? PREF_A : ranks[0] > ranks[1] ? PREF_B : PREF_TIE;
}

enum preference verdict_preference(meed_str text)
{
	enum preference p;

	text = find_said(text);
	if (text.n == 0)
		return PREF_NONE;
	p = ordered(text);
	if (p == PREF_NONE)
		p = in_brackets(text);
	if (p == PREF_NONE)
		p = tagged(text);
	if (p == PREF_NONE)
		p = stated(text);
	if (p == PREF_NONE)
		p = lines(text);
	return p;
}

/* ---- ratings --------------------------------------------------------------------------------- */

/* What comes behind a number: "/10", " out of 10". */
static double out_of(meed_str s, size_t i, size_t *ret_end)
{
	double x;
	size_t end;

	*ret_end = i;
	while (i < s.n && strchr("*_]) ", s.p[i]))
		i++;
	if (i < s.n && s.p[i] == '/')
		i++;
	else if (starts_nocase(s, i, "out of "))
		i += 7;
	else
		return 0.0;
	if (!number_at(s, i, &x, &end))
		return 0.0;
	*ret_end = end;
	return x;
}

/* "Rating: [[7]]", "Score: 7/10", "**Final score**: 8". The last one counts. */
static bool labelled(meed_str s, double *ret, double *ret_of)
{
	static const char *const words[] = { "rating", "score", "grade", "result]" };
	bool found = false;
	double x;
	size_t end;

	for (size_t i = 0; i < s.n; i++) {
		if (!at_word(s, i))
			continue;
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			size_t at = i + strlen(words[k]);

			if (!starts_nocase(s, i, words[k]))
				continue;
			if (starts_nocase(s, at, " is "))
				at += 4;
			if (number_at(s, at, &x, &end)) {
				*ret = x;
				*ret_of = out_of(s, end, &end);
				found = true;
			}
		}
	}
	return found;
}

static bool bracketed_number(meed_str s, double *ret)
{
	size_t i = 0, end;
	bool found = false, same = true;
	double x;

	while ((i = meed_find(s, i, MEED_S("[["))) != MEED_NONE) {
		i += 2;
		if (!number_at(s, i, &x, &end) || !meed_starts(meed_sub(s, end, s.n), MEED_S("]]")))
			continue;
		same = same && (!found || (x <= *ret && x >= *ret));
		*ret = x;
		found = true;
	}
	return found && same;
}

/* A number and nothing else but an end like "/10". */
static bool bare_number(meed_str s, double *ret, double *ret_of)
{
	size_t end;

	s = meed_strip(s);
	if (!number_at(s, 0, ret, &end))
		return false;
	*ret_of = out_of(s, end, &end);
	while (end < s.n && strchr("*_]). \n", s.p[end]))
		end++;
	return end == s.n;
}

bool verdict_rating(meed_str text, double *ret, double *ret_of)
{
	size_t last;

	text = find_said(text);
	*ret_of = 0.0;
	if (bracketed_number(text, ret) || labelled(text, ret, ret_of) ||
	    bare_number(text, ret, ret_of))
		return true;
	for (last = text.n; last > 0 && text.p[last - 1] != '\n'; last--)
		;
	return last > 0 && bare_number(meed_sub(text, last, text.n), ret, ret_of);
}
