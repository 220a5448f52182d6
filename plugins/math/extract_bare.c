/* extract_bare.c - expressions that stand in prose without delimiters, and choice letters. */
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

/* ---- one operand ---------------------------------------------------------------------------- */

/* Names that may stand in an expression. */
static bool is_name(meed_str w)
{
	static const char *const names[] = {
		"sin", "cos",	 "tan",	   "cot",    "sec", "csc", "log", "ln",	   "exp", "sqrt", "arcsin",
		"arccos", "arctan", "pi",  "inf",  "max",  "min",	"gcd", "lcm", "abs", "infinity",
		"cbrt", "floor", "ceil", "theta", "alpha", "beta", "sinh", "cosh", "tanh", "binom",
		"oo"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (meed_eq(w, meed_s(names[i])))
			return true;
	return false;
}

/* Digits with separators, a point and an exponent; "1st", "2nd" and the like are no figures. */
static size_t number_at(meed_str s, size_t p, size_t to)
{
	size_t q = p, k;

	while (q < to && (is_digit(s.p[q]) ||
			  ((s.p[q] == ',' || s.p[q] == '.') && q + 1 < to && is_digit(s.p[q + 1]))))
		q++;
	if (q == p)
		return p;
	/* "10 1/2" */
	for (k = q + 1; k < to && s.p[q] == ' ' && is_digit(s.p[k]); k++)
		;
	if (k > q + 1 && k + 1 < to && s.p[k] == '/' && is_digit(s.p[k + 1])) {
		for (q = k + 1; q < to && is_digit(s.p[q]); q++)
			;
		return q;
	}
	if (q + 1 < to && (s.p[q] == 'e' || s.p[q] == 'E')) {
		k = q + 1 + (s.p[q + 1] == '-' || s.p[q + 1] == '+');
		if (k < to && is_digit(s.p[k])) {
			for (q = k; q < to && is_digit(s.p[q]); q++)
				;
		}
	}
	if (q + 1 < to && (meed_starts(meed_sub(s, q, to), MEED_S("st")) ||
			   meed_starts(meed_sub(s, q, to), MEED_S("nd")) ||
			   meed_starts(meed_sub(s, q, to), MEED_S("rd")) ||
			   meed_starts(meed_sub(s, q, to), MEED_S("th"))) &&
	    (q + 2 == to || !is_alpha(s.p[q + 2])))
		return p;
	return q;
}

/* A bracket with what it holds, on one line; p if it is not closed. */
static size_t group_at(meed_str s, size_t p, size_t to)
{
	size_t depth = 0, q;

	if (to - p > 200)
		to = p + 200;
	for (q = p; q < to && s.p[q] != '\n'; q++) {
		if (s.p[q] == '(' || s.p[q] == '[' || s.p[q] == '{')
			depth++;
		else if ((s.p[q] == ')' || s.p[q] == ']' || s.p[q] == '}') && --depth == 0)
			return q + 1;
	}
	return p;
}

/* A bracket counts if it holds no prose. */
static size_t bracket_at(meed_str s, size_t p, size_t to)
{
	size_t q = group_at(s, p, to);

	return q > p && q - p > 2 && mx_prose(meed_sub(s, p + 1, q - 1), NULL) == 0 ? q : p;
}

static size_t word_at(meed_str s, size_t p, size_t to)
{
	while (p < to && is_alpha(s.p[p]))
		p++;
	return p;
}

/* A single letter is a variable, but "a", "A" and "I" before a word are words themselves. */
static size_t name_at(meed_str s, size_t p, size_t to)
{
	size_t q = word_at(s, p, to), k;

	if (q - p > 1)
		return is_name(meed_sub(s, p, q)) ? q : p;
	k = q;
	while (k < to && s.p[k] == ' ')
		k++;
	if ((s.p[p] == 'a' || s.p[p] == 'A' || s.p[p] == 'I') && k > q && k < to && is_alpha(s.p[k]))
		return p;
	if (q + 1 < to && s.p[q] == '\'' && is_alpha(s.p[q + 1]))
		return p;
	return q;
}

/* Signs beyond ASCII: pi, the root, infinity, the empty set, Greek letters, vulgar fractions. */
static size_t sign_at(meed_str s, size_t p, size_t to)
{
	uint32_t cp;
	size_t len = meed_utf8_next(s.p + p, to - p, &cp);
	bool ok = (cp >= 0x391 && cp <= 0x3C9) || cp == 0x221E || cp == 0x2205 ||
		  (cp >= 0xBC && cp <= 0xBE) || (cp >= 0x2150 && cp <= 0x215E) || cp == 0x221A ||
		  (cp >= 0xFF10 && cp <= 0xFF19);

	return ok ? p + len : p;
}

/* \frac{..}{..}, \pi: a command with the groups after it. */
static size_t command_at(meed_str s, size_t p, size_t to)
{
	size_t q = word_at(s, p + 1, to), k;

	if (q == p + 1)
		return p;
	while (q < to && (s.p[q] == '{' || s.p[q] == '[')) {
		k = group_at(s, q, to);
		if (k == q)
			break;
		q = k;
	}
	return q;
}

static size_t operand_at(meed_str s, size_t p, size_t to)
{
	char ch = s.p[p];

	if (is_digit(ch) || (ch == '.' && p + 1 < to && is_digit(s.p[p + 1])))
		return number_at(s, p, to);
	if (ch == '(' || ch == '[' || ch == '{')
		return bracket_at(s, p, to);
	if (ch == '\\')
		return command_at(s, p, to);
	if (is_alpha(ch))
		return name_at(s, p, to);
	return sign_at(s, p, to);
}

/* ---- expressions ---------------------------------------------------------------------------- */

static size_t prefix_at(meed_str s, size_t p, size_t to)
{
	static const meed_str signs[] = { { "-", 1 },
					  { "+", 1 },
					  { "negative ", 9 },
					  { "minus ", 6 },
					  { "\xe2\x88\x92", 3 },	/* minus */
					  { "\xc2\xb1", 2 },		/* plus or minus */
					  { "\\pm", 3 },
					  { "\\$", 2 },
					  { "$", 1 },
					  { "\xe2\x82\xac", 3 },	/* euro */
					  { "\xc2\xa3", 2 },		/* pound */
					  { "\xc2\xa5", 2 },		/* yen */
					  { "\xef\xbf\xa5", 3 } };
	bool more = true;
	size_t i, n;

	/* three: a sign, a currency, a sign */
	for (n = 0; more && p < to && n < 3; n++) {
		more = false;
		for (i = 0; i < sizeof(signs) / sizeof(signs[0]) && !more; i++) {
			more = meed_starts(meed_sub(s, p, to), signs[i]);
			p += more ? signs[i].n : 0;
		}
		if (p < to && s.p[p] == ' ' && p > 0 && (s.p[p - 1] == '-' || s.p[p - 1] == '+'))
			p++;
	}
	return p;
}

/* An operator between operands, with the blanks around it; p if there is none. A minus or a
 * slash that has a blank on one side alone, and a hyphen in a word, are no operators. */
static size_t operator_at(meed_str s, size_t p, size_t to)
{
	static const meed_str ops[] = {
		{ "<=", 2 },	      { ">=", 2 },	    { "**", 2 },	  { "!=", 2 },
		{ "\\times", 6 },     { "\\cdot", 5 },	    { "\\div", 4 },	  { "\\approx", 7 },
		{ "\\pm", 3 },	      { "\\leq", 4 },	    { "\\geq", 4 },	  { "\\cup", 4 },
		{ "+", 1 },	      { "-", 1 },	    { "*", 1 },		  { "/", 1 },
		{ "^", 1 },	      { "=", 1 },	    { "<", 1 },		  { ">", 1 },
		{ ":", 1 },	      { "_", 1 },	    { "\xe2\x88\x92", 3 }, { "\xc3\x97", 2 },
		{ "\xc3\xb7", 2 },    { "\xc2\xb7", 2 },    { "\xe2\x89\xa4", 3 }, { "\xe2\x89\xa5", 3 },
		{ "\xe2\x89\x88", 3 }, { "\xc2\xb1", 2 },    { "\xe2\x88\xaa", 3 }, { "\xe2\x89\xa0", 3 }
	};
	size_t q = p, i, end;

	while (q < to && s.p[q] == ' ')
		q++;
	/* "1.2 x 10^3" */
	if (q > p && p > 0 && is_digit(s.p[p - 1]) && q + 2 < to && s.p[q] == 'x' &&
	    s.p[q + 1] == ' ' && is_digit(s.p[q + 2]))
		return q + 2;
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (meed_starts(meed_sub(s, q, to), ops[i]))
			break;
	if (i == sizeof(ops) / sizeof(ops[0]))
		return p;
	end = q + ops[i].n;
	if (s.p[q] == ':' && (q > p || end >= to || s.p[end] == ' ' || s.p[end] == '\n'))
		return p;
	if (s.p[q] == '*' && ops[i].n == 2 && q == p && (end >= to || !is_digit(s.p[end])))
		return p;
	while (end < to && s.p[end] == ' ')
		end++;
	return end;
}

/* Signs that follow an operand. */
static size_t suffix_at(meed_str s, size_t p, size_t to)
{
	static const meed_str signs[] = { { "!", 1 },		 { "%", 1 },
					  { "\\%", 2 },		 { " %", 2 },
					  { "\xc2\xb0", 2 },	 { "\xc2\xb2", 2 },
					  { "\xc2\xb3", 2 },	 { "\xef\xbc\x85", 3 },
					  { "^\\circ", 6 },	 { "^{\\circ}", 8 },
					  { "'", 1 } };
	bool more = true;
	size_t i;

	while (more && p < to) {
		more = false;
		for (i = 0; i < sizeof(signs) / sizeof(signs[0]) && !more; i++) {
			more = meed_starts(meed_sub(s, p, to), signs[i]);
			/* "!" ends a sentence more often than it is a factorial */
			if (more && i == 0 && (p + 1 == to || s.p[p + 1] == ' ' ||
					       s.p[p + 1] == '\n') &&
			    p > 0 && !is_digit(s.p[p - 1]) && s.p[p - 1] != ')')
				more = false;
			p += more ? signs[i].n : 0;
		}
	}
	return p;
}

/* Factors without a sign between them: "2x", "3(x+1)", "sin x". */
static size_t term_at(meed_str s, size_t p, size_t to)
{
	size_t q, next, k;
	bool func;

	p = prefix_at(s, p, to);
	q = p < to ? operand_at(s, p, to) : p;
	if (q == p)
		return p;
	for (;;) {
		func = q - p > 1 && is_alpha(s.p[p]);
		q = suffix_at(s, q, to);
		p = q;
		k = q;
		if (func && k < to && s.p[k] == ' ')
			k++;
		/* letters after a figure are a word or a unit unless there is one alone */
		next = k < to && s.p[k] != '.' ? operand_at(s, k, to) : k;
		if (next == k || (is_digit(s.p[k]) && !func && is_digit(s.p[k - 1])))
			return q;
		p = k;
		q = next;
	}
}

/* p itself if the term has no end: then there is none. */
static size_t chain_at(meed_str s, size_t p, size_t to)
{
	size_t start = prefix_at(s, p, to), end, q, next;

	if (start >= to)
		return p;
	end = term_at(s, p, to);
	if (end <= start)
		return p;
	for (;;) {
		q = operator_at(s, end, to);
		if (q == end || q >= to)
			return end;
		start = prefix_at(s, q, to);
		next = start < to ? term_at(s, q, to) : start;
		if (next <= start)
			return end;
		end = next;
	}
}

size_t mx_bare_at(const struct mx_scan *t, size_t p, size_t to, bool list)
{
	static const char *const joins[] = {
		", and ", ", or maybe ", ", or perhaps ", ", or possibly ", ", or even ", ", or ", " and ",
		" or maybe ", " or perhaps ", " or possibly ", " or even ", " or ", ", maybe ", ", ", ",",
		"; "
	};
	size_t end, q, i, next;
	meed_str s = t->s, j;

	if (p >= to)
		return p;
	end = chain_at(s, p, to);
	if (end == p || !list)
		return end;
	for (;;) {
		next = end;
		for (i = 0; i < sizeof(joins) / sizeof(joins[0]) && next == end; i++) {
			j = meed_s(joins[i]);
			if (!meed_starts(meed_sub(s, end, to), j))
				continue;
			q = chain_at(s, end + j.n, to);
			/* a word after it: "5, and 3 of them" */
			if (q > end + j.n && (q == to || s.p[q] == '.' || s.p[q] == ',' ||
					      s.p[q] == '\n' || meed_starts(meed_sub(s, q, to),
									  MEED_S(" and ")) ||
					      meed_starts(meed_sub(s, q, to), MEED_S(" or "))))
				next = q;
		}
		if (next == end)
			return end;
		end = next;
	}
}

/* A letter or digit before p makes what stands there the rest of a word. */
static bool in_word(meed_str s, size_t p)
{
	return p > 0 && (is_alpha(s.p[p - 1]) || is_digit(s.p[p - 1]) || s.p[p - 1] == '_');
}

static bool has_figure(meed_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (is_digit(s.p[i]) || (unsigned char)s.p[i] >= 0x80 ||
		    (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] != 't'))
			return true;
	return false;
}

/* "1. " that numbers a line. */
static bool numbers_line(meed_str s, size_t p, size_t q, size_t line, size_t to)
{
	for (; line < p; line++)
		if (s.p[line] != ' ' && s.p[line] != '\t' && s.p[line] != '*' && s.p[line] != '#')
			return false;
	return q + 1 < to && (s.p[q] == '.' || s.p[q] == ')') && s.p[q + 1] == ' ';
}

static bool ends_with(meed_str s, size_t p, const char *w)
{
	size_t n = strlen(w);

	return p >= n && memcmp(s.p + p - n, w, n) == 0 && (p == n || !is_alpha(s.p[p - n - 1]));
}

/* "is not 5", "at most 5", and "5 is extraneous" */
bool mx_denied(meed_str s, size_t from, size_t to)
{
	static const char *const before[] = { "not",	   "at most",	   "at least",	 "less than",
					      "more than", "greater than", "fewer than", "between",
					      "smaller than", "larger than", "almost", "nearly", "Not" };
	static const char *const after[] = { " is extraneous", " is not ",   " does not ", " is invalid",
					     " is rejected",   " is too ",   " cannot ",   " must be rejected",
					     " isn't ",	       " doesn't ", " or more", " or less",
					     " or fewer", " or greater", " or higher", "~", " is one possib" };
	size_t i, p = from;

	while (p > 0 && memchr(" *$(", s.p[p - 1], 4))
		p--;
	if (p > 3 && memcmp(s.p + p - 3, "n't", 3) == 0)
		return true;
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (ends_with(s, p, before[i]))
			return true;
	/* "between 9 and 10" */
	if (ends_with(s, p, "and") && p > 12 &&
	    meed_find(meed_sub(s, p > 40 ? p - 40 : 0, p), 0, MEED_S("between ")) != MEED_NONE)
		return true;
	while (to < s.n && memchr("*$)", s.p[to], 3))
		to++;
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		if (meed_starts(meed_sub(s, to, s.n), meed_s(after[i])))
			return true;
	return false;
}

/* "The roots are 2 and 3": a list is looked for. */
static bool after_are(meed_str s, size_t p)
{
	return p > 4 && memcmp(s.p + p - 4, "are ", 4) == 0 && !is_alpha(s.p[p - 5]);
}

/* "x = 3 or x = 4": alternatives that name what they are of. */
static bool names_value(meed_str s, size_t p, size_t to)
{
	size_t q = p + 1;

	if (p + 4 > to || !is_alpha(s.p[p]) || is_alpha(s.p[q]))
		return false;
	if (s.p[q] == '_' && is_digit(s.p[q + 1]))
		q += 2;
	while (q < to && s.p[q] == ' ')
		q++;
	return q < to && s.p[q] == '=';
}

/* "is 10 when x = 3": what begins at p tells the circumstances of what stands before it. */
bool mx_circumstance(meed_str s, size_t p)
{
	static const char *const words[] = { "when", "at", "where", "if", "for", "with", "since", "as",
					     "because", "from", "using" };
	static const char *const chinese[] = { "\xe6\xad\xa4\xe6\x97\xb6", "\xe5\x85\xb6\xe4\xb8\xad",
					       "\xe5\xbd\x93" };
	size_t i, n;

	while (p > 0 && memchr(" *$(", s.p[p - 1], 4))
		p--;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (ends_with(s, p, words[i]))
			return true;
	for (i = 0; i < sizeof(chinese) / sizeof(chinese[0]); i++) {
		n = strlen(chinese[i]);
		if (p >= n && memcmp(s.p + p - n, chinese[i], n) == 0)
			return true;
	}
	return false;
}

struct bare {
	size_t from, to;
	bool found;
};

/* A sentence's end at p: what it has found counts, but for a question. */
static void end_sentence(meed_str s, size_t p, size_t to, struct bare *now, struct bare *ret)
{
	if ((s.p[p] != '.' && s.p[p] != '!' && s.p[p] != '?') ||
	    (p + 1 < to && s.p[p + 1] != ' ' && s.p[p + 1] != '\n' && s.p[p + 1] != '*'))
		return;
	if (now->found && s.p[p] != '?')
		*ret = *now;
	now->found = false;
}

static bool last_of_line(const struct mx_scan *t, size_t from, size_t to, size_t *ret_from,
			 size_t *ret_to)
{
	struct bare now = { 0, 0, false }, last = { 0, 0, false };
	const struct mx_span *x;
	size_t p = from, q, stop;
	meed_str s = t->s;

	while (p < to) {
		x = mx_span_at(t, p);
		if (x) {
			p = x->to;
			continue;
		}
		q = mx_span_after(t, p);
		stop = q < t->n_spans && t->spans[q].from < to ? t->spans[q].from : to;
		q = in_word(s, p) ? p : mx_bare_at(t, p, stop, after_are(s, p) ||
							       names_value(s, p, stop));
		if (q > p && has_figure(meed_sub(s, p, q)) && !numbers_line(s, p, q, from, to) &&
		    !mx_denied(s, p, q) && !(now.found && mx_circumstance(s, p)))
			now = (struct bare){ p, q, true };
		else if (q == p)
			end_sentence(s, p, to, &now, &last);
		p = q > p ? q : p + 1;
	}
	last = now.found ? now : last;
	*ret_from = last.from;
	*ret_to = last.to;
	return last.found;
}

/* Where to begin a search that ends at `to`: at the line's start, or after a blank some way back. */
static size_t window(meed_str s, size_t from, size_t to)
{
	size_t p = to;

	while (p > from && s.p[p - 1] != '\n' &&
	       !(to - p > 2000 && (s.p[p - 1] == ' ' || to - p > 4000)))
		p--;
	return p;
}

bool mx_bare_last(const struct mx_scan *t, size_t from, size_t to, size_t *ret_from,
		  size_t *ret_to)
{
	size_t start;
	bool found = false;

	if (to - from > MX_LOOK_BACK)
		from = to - MX_LOOK_BACK;
	while (!found && to > from) {
		start = window(t->s, from, to);
		if (!mx_step(t->e, to - start))
			return false;
		found = last_of_line(t, start, to, ret_from, ret_to);
		to = start > from && t->s.p[start - 1] == '\n' ? start - 1 : start;
	}
	return found;
}

/* "0,30": a comma that is no separator of thousands, in prose, is a decimal one. */
static meed_str decimal_comma(struct mx_env *e, meed_str s)
{
	size_t i, comma = s.n;
	char *out;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == ',' && comma == s.n)
			comma = i;
		else if (!is_digit(s.p[i]) && !(i == 0 && s.p[i] == '-'))
			return s;
	}
	if (comma == s.n || comma == 0 || comma + 1 == s.n || s.n - comma == 4)
		return s;
	out = mx_alloc(e, s.n);
	if (!out)
		return (meed_str){ NULL, 0 };
	memcpy(out, s.p, s.n);
	out[comma] = '.';
	return (meed_str){ out, s.n };
}

/* "5m\u00b2" in prose is an area or a volume, not a variable's power. */
static meed_str square_metres(struct mx_env *e, meed_str s)
{
	size_t at = s.n - 3;
	char *out;

	if (s.n < 4 || s.p[at] != 'm' || !is_digit(s.p[at - 1]) || s.p[at + 1] != '\xc2' ||
	    (s.p[at + 2] != '\xb2' && s.p[at + 2] != '\xb3'))
		return s;
	out = mx_alloc(e, s.n + 1);
	if (!out)
		return (meed_str){ NULL, 0 };
	memcpy(out, s.p, at);
	out[at] = ' ';
	memcpy(out + at + 1, s.p + at, 3);
	return (meed_str){ out, s.n + 1 };
}

/* Does s begin with figures, but for a sign and a currency? */
static bool begins_with_figure(meed_str s)
{
	size_t p = prefix_at(s, 0, s.n);

	return p < s.n && is_digit(s.p[p]);
}

/* "negative 10" as -10. */
static meed_str with_sign(struct mx_env *e, meed_str s)
{
	size_t n = meed_starts(s, MEED_S("negative ")) ? 9 : meed_starts(s, MEED_S("minus ")) ? 6 : 0;
	char *out = n > 0 ? mx_alloc(e, s.n) : NULL;

	if (n == 0)
		return s;
	if (!out)
		return (meed_str){ NULL, 0 };
	out[0] = '-';
	memcpy(out + 1, s.p + n, s.n - n);
	return (meed_str){ out, s.n - n + 1 };
}

meed_str mx_bare_text(struct mx_env *e, meed_str s)
{
	const char *eq = memrchr(s.p, '=', s.n);
	size_t at;

	if (eq && eq > s.p) {
		at = (size_t)(eq - s.p);
		if (s.p[at - 1] != '<' && s.p[at - 1] != '>' && s.p[at - 1] != '!' &&
		    begins_with_figure(mx_trim(meed_sub(s, 0, at))))
			s = meed_sub(s, at + 1, s.n);
	}
	s = with_sign(e, mx_trim(s));
	if (!s.p)
		return s;
	return square_metres(e, decimal_comma(e, mx_trim(s)));
}
