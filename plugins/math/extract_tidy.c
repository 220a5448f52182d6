/* extract_tidy.c - a stretch of text made ready to be read: ends trimmed, delimiters dropped; and
 * what counts as a word of prose. */
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

/* What must not run into its like when a delimiter between them goes. */
static bool is_word(char ch)
{
	return is_alpha(ch) || is_digit(ch) || ch == '\\';
}

bool mx_word_at(meed_str s, size_t p, const char *w)
{
	size_t i;

	for (i = 0; w[i]; i++) {
		char ch = p + i < s.n ? s.p[p + i] : '\0';

		if (ch >= 'A' && ch <= 'Z')
			ch = (char)(ch + 32);
		if (ch != w[i])
			return false;
	}
	return !is_alpha(w[0]) || ((p == 0 || !is_alpha(s.p[p - 1])) &&
				   (p + i >= s.n || !is_alpha(s.p[p + i])));
}

/* ---- trimming ------------------------------------------------------------------------------ */

/* Marks that may stand at either end: emphasis, quotes, code. */
static size_t mark_before(meed_str s)
{
	static const meed_str marks[] = { { "**", 2 },	     { "__", 2 },	  { "`", 1 },
					  { "\"", 1 },	     { "*", 1 },	  { ":", 1 },
					  { "\xe2\x80\x9c", 3 }, { "\xef\xbc\x9a", 3 }, { "=", 1 },
					  { "\\,", 2 },	     { "\\;", 2 },	  { "~", 1 } };
	size_t i;

	if (s.n == 0 || is_alpha(s.p[0]) || is_digit(s.p[0]))
		return 0;
	if (s.p[0] == '#' && s.n > 1 && (s.p[1] == '#' || s.p[1] == ' '))
		return 1;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (meed_starts(s, marks[i]))
			return marks[i].n;
	return 0;
}

static bool ends(meed_str s, meed_str with)
{
	return s.n >= with.n && memcmp(s.p + s.n - with.n, with.p, with.n) == 0;
}

static size_t mark_after(meed_str s)
{
	static const meed_str marks[] = {
		{ "\\,", 2 },		 { "\\;", 2 },	       { "\\quad", 5 },
		{ "\\qquad", 6 },	 { "**", 2 },	       { "__", 2 },
		{ "`", 1 },		 { "\"", 1 },	       { "*", 1 },
		{ ".", 1 },		 { ",", 1 },	       { ";", 1 },
		{ ":", 1 },		 { "~", 1 },	       { "\xe3\x80\x82", 3 },
		{ "\xef\xbc\x8c", 3 }, { "\xef\xbc\x9b", 3 }, { "\xe2\x80\x9d", 3 }
	};
	size_t i;

	if (s.n == 0 || s.p[s.n - 1] == '}' || is_digit(s.p[s.n - 1]) ||
	    (is_alpha(s.p[s.n - 1]) && s.p[s.n - 1] != 'd'))
		return 0;
	if (ends(s, MEED_S("\\.")) || ends(s, MEED_S("...")))
		return 0;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (ends(s, marks[i]))
			return marks[i].n;
	/* "\\" of a line's end, but not the one that escapes what follows */
	if (s.n > 1 && ends(s, MEED_S("\\\\")))
		return 2;
	return 0;
}

meed_str mx_trim(meed_str s)
{
	size_t n, before;

	s = meed_strip(s);
	do {
		before = s.n;
		n = mark_before(s);
		if (n > 0)
			s = meed_strip_left(meed_sub(s, n, s.n));
		n = mark_after(s);
		if (n > 0) {
			s.n -= n;
			s = meed_strip_right(s);
		}
	} while (s.n < before);
	return s;
}

size_t mx_skip_marks(meed_str s, size_t p, size_t to)
{
	meed_str rest;
	uint32_t cp;
	size_t n;

	while (p < to) {
		rest = meed_sub(s, p, to);
		n = meed_utf8_next(rest.p, rest.n, &cp);
		if (!meed_is_space(cp)) {
			n = rest.p[0] == '=' ? 0 : mark_before(rest);
			if (n == 0)
				break;
		}
		p += n;
	}
	return p;
}

/* ---- delimiters ---------------------------------------------------------------------------- */

/* One opening and one closing delimiter around all of it. */
static bool unwrap(meed_str *s)
{
	static const struct {
		meed_str open, close;
	} pairs[] = { { { "$$", 2 }, { "$$", 2 } },
		      { { "$", 1 }, { "$", 1 } },
		      { { "\\(", 2 }, { "\\)", 2 } },
		      { { "\\[", 2 }, { "\\]", 2 } } };
	meed_str in;
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!meed_starts(*s, pairs[i].open) || !ends(*s, pairs[i].close) ||
		    s->n < pairs[i].open.n + pairs[i].close.n)
			continue;
		in = meed_sub(*s, pairs[i].open.n, s->n - pairs[i].close.n);
		if (meed_find(in, 0, pairs[i].open) != MEED_NONE ||
		    (in.n > 0 && in.p[in.n - 1] == '\\'))
			continue;
		*s = in;
		return true;
	}
	return false;
}

/* What has to go, at p: its length; 0 if it stays. */
static size_t delimiter(meed_str s, size_t p)
{
	meed_str rest = meed_sub(s, p, s.n);

	if (meed_starts(rest, MEED_S("\\(")) || meed_starts(rest, MEED_S("\\)")) ||
	    meed_starts(rest, MEED_S("\\[")) || meed_starts(rest, MEED_S("\\]")))
		return 2;
	if (meed_starts(rest, MEED_S("\\boxed")))
		return 6;
	if (meed_starts(rest, MEED_S("\\fbox")))
		return 5;
	if (meed_starts(rest, MEED_S("**")) && (p == 0 || s.p[p - 1] == ' ' || p + 2 == s.n ||
						!is_digit(s.p[p + 2])))
		return 2;
	return 0;
}

/* Dollar signs in pairs are delimiters; one alone before a figure is money, else nothing. */
static size_t count_dollars(meed_str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '$')
			n++;
	}
	return n;
}

static meed_str drop_delimiters(struct mx_env *e, meed_str s)
{
	meed_str none = { NULL, 0 };
	size_t i, n = 0, len, dollars = count_dollars(s);
	char *out;

	for (i = 0; i < s.n && (s.p[i] != '$' && (s.p[i] != '\\' || delimiter(s, i) == 0) &&
				s.p[i] != '*');)
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	if (i >= s.n)
		return s;
	out = mx_alloc(e, s.n + 2);
	if (!out)
		return none;
	for (i = 0; i < s.n; i += len) {
		len = s.p[i] == '$' ? 1 : delimiter(s, i);
		if (len == 0) {
			len = s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
			memcpy(out + n, s.p + i, len);
			n += len;
		} else if (s.p[i] == '$' && dollars % 2 == 1 && i + 1 < s.n &&
			   is_digit(s.p[i + 1])) {
			out[n++] = '\\';
			out[n++] = '$';
			dollars++;
		} else if (n > 0 && i + len < s.n && is_word(out[n - 1]) && is_word(s.p[i + len])) {
			out[n++] = ' ';
		}
	}
	return (meed_str){ out, n };
}

meed_str mx_tidy(struct mx_env *e, meed_str s)
{
	s = mx_trim(s);
	while (unwrap(&s))
		s = mx_trim(s);
	s = drop_delimiters(e, s);
	return s.p ? mx_trim(s) : s;
}

meed_str mx_tidy_all(struct mx_env *e, const meed_str *v, size_t n)
{
	meed_str none = { NULL, 0 }, part;
	size_t i, cap = 0, len = 0;
	char *out;

	if (n == 1)
		return mx_tidy(e, v[0]);
	for (i = 0; i < n; i++)
		cap += v[i].n + 4;
	out = mx_alloc(e, cap);
	for (i = 0; out && i < n; i++) {
		part = mx_tidy(e, v[i]);
		if (!part.p)
			return none;
		if (part.n == 0)
			continue;
		if (len > 0) {
			memcpy(out + len, ", ", 2);
			len += 2;
		}
		memcpy(out + len, part.p, part.n);
		len += part.n;
	}
	return out ? (meed_str){ out, len } : none;
}

/* ---- words --------------------------------------------------------------------------------- */

/* Words that mathematics uses itself. */
static bool is_math_word(meed_str w)
{
	static const char words[][10] = {
		"and",	  "or",	    "sin",    "cos",	"tan",	  "cot",      "sec",  "csc",
		"log",	  "ln",	    "exp",    "sqrt",	"arcsin", "arccos",   "arctan", "pi",
		"inf",	  "max",    "min",    "mod",	"gcd",	  "lcm",      "if",   "for",
		"where",  "otherwise", "binom", "frac",	"det",	  "in",	      "to",   "sinh",
		"cosh",	  "tanh",   "infinity", "abs",	"lim",	  "union"
	};
	size_t i;

	if (w.n > 9)
		return false;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((w.p[0] | 32) == words[i][0] && words[i][w.n] == '\0' &&
		    mx_word_at(w, 0, words[i]))
			return true;
	return false;
}

/* Past a command and, if it holds words, its group: \text{..}, \begin{..}. */
static size_t skip_command(meed_str s, size_t p)
{
	static const char *const wordy[] = { "text",   "mathrm", "mbox",	 "textbf",
					     "begin",  "end",	 "operatorname", "textnormal",
					     "textit", "mathbf", "mathit" };
	size_t q = p + 1, i;
	meed_str name;

	while (q < s.n && s.p[q] == '\\')
		q++;
	for (i = q; i < s.n && is_alpha(s.p[i]); i++)
		;
	name = meed_sub(s, q, i);
	if (i == q)
		return i + (i < s.n);
	for (q = 0; q < sizeof(wordy) / sizeof(wordy[0]); q++)
		if (meed_eq(name, meed_s(wordy[q])) && i < s.n && s.p[i] == '{')
			break;
	if (q == sizeof(wordy) / sizeof(wordy[0]))
		return i;
	while (i < s.n && s.p[i] != '}')
		i++;
	return i;
}

/* Other letters than ASCII's: every run of them is a word. */
static size_t word_end(meed_str s, size_t p)
{
	uint32_t cp;
	size_t len;

	for (; p < s.n; p += len) {
		len = meed_utf8_next(s.p + p, s.n - p, &cp);
		/* Greek and signs of mathematics are not words */
		if (!(cp < 0x80 ? is_alpha((char)cp)
				: (cp >= 0xC0 && cp < 0x370 && cp != 0xD7 && cp != 0xF7) ||
					  (cp >= 0x400 && cp < 0x2000) ||
					  (cp >= 0x3040 && cp < 0xE000)))
			break;
	}
	return p;
}

/* Chinese words that are signs: x, "greater than", 2. */
static bool is_cjk_sign(meed_str s)
{
	const struct entry *en;

	if (s.n > 1 && is_alpha(s.p[0]))
		s = meed_sub(s, 1, s.n);
	if ((unsigned char)s.p[0] < 0xE3)
		return false;
	en = mx_cjk(s);
	return en && strlen(en->name) == s.n;
}

size_t mx_prose(meed_str s, size_t *first)
{
	size_t p = 0, q, n = 0;

	while (p < s.n) {
		if (s.p[p] == '\\') {
			p = skip_command(s, p);
			continue;
		}
		q = word_end(s, p);
		if (q - p > 1 && !is_math_word(meed_sub(s, p, q)) &&
		    (p == 0 || !is_digit(s.p[p - 1])) && 
		    (q >= s.n || (s.p[q] != '_' && s.p[q] != '^')) && !is_cjk_sign(meed_sub(s, p, q))) {
			if (n++ == 0 && first)
				*first = p;
		}
		p = q > p ? q : p + 1;
	}
	return n;
}

size_t mx_sentence_end(const struct mx_scan *t, size_t p, size_t to)
{
	const struct mx_span *x;
	size_t i = mx_span_after(t, p);
	meed_str s = t->s;

	for (; p < to; p++) {
		while (i < t->n_spans && t->spans[i].to <= p)
			i++;
		x = i < t->n_spans ? &t->spans[i] : NULL;
		if (x && x->from <= p && x->to > p) {
			p = x->to - 1;
			if (ends(meed_strip_right(meed_sub(s, x->in_from, x->in_to)), MEED_S(".")) &&
			    (p + 1 >= to || meed_is_space((unsigned char)s.p[p + 1])))
				break;
			continue;
		}
		if (s.p[p] == '\n')
			break;
		if ((s.p[p] == '.' || s.p[p] == '!' || s.p[p] == '?') &&
		    (p + 1 == to || s.p[p + 1] == ' ' || s.p[p + 1] == '\n' || s.p[p + 1] == '*' ||
		     s.p[p + 1] == '\r'))
			break;
		if (meed_starts(meed_sub(s, p, to), MEED_S("\xe3\x80\x82")))
			break;
	}
	return p < to ? p : to;
}
