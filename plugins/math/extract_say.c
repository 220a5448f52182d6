/* extract_say.c - what a stretch of text states as its answer, and where a text says that it
 * states one. */
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

/* ---- runs ---------------------------------------------------------------------------------- */

/* Do the words and signs between two boxes make one answer of both? */
static bool joins(meed_str gap)
{
	static const char *const apart[] = { "equivalently", "hence", "thus",	   "so",   "which",
					     "namely",	     "then",  "therefore", "using", "not" };
	static const char *const commands[] = { "quad", "qquad", "text", "mbox", "textrm", "mathrm",
						"textbf", "hspace", "cup" };
	size_t p, q, i, words = 0, plus = 0;
	meed_str w;

	if (gap.n > 80 || meed_find(gap, 0, MEED_S("\n\n")) != MEED_NONE)
		return false;
	for (p = 0; p < gap.n; p = q) {
		q = p + 1;
		plus += gap.p[p] == '+';
		if (memchr("=.!?:<>-*/^|&#", gap.p[p], 14))
			return false;
		if (!is_alpha(gap.p[p]))
			continue;
		while (q < gap.n && is_alpha(gap.p[q]))
			q++;
		w = meed_sub(gap, p, q);
		if (p > 0 && gap.p[p - 1] == '\\') {
			for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
				if (meed_eq(w, meed_s(commands[i])))
					break;
			if (i == sizeof(commands) / sizeof(commands[0]))
				return false;
			continue;
		}
		for (i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
			if (w.n == strlen(apart[i]) && mx_word_at(w, 0, apart[i]))
				return false;
		words++;
	}
	return words <= 3 && plus != 1;
}

static bool usable(const struct mx_scan *t, const struct mx_box *b, size_t from, size_t to)
{
	return !b->nested && !b->cut && b->from >= from && b->to <= to &&
	       mx_trim(meed_sub(t->s, b->in_from, b->in_to)).n > 0;
}

/* a and b with a blank between them. */
static meed_str join(struct mx_env *e, meed_str a, meed_str b)
{
	char *out = mx_alloc(e, a.n + b.n + 1);

	if (!out || !a.p)
		return (meed_str){ NULL, 0 };
	memcpy(out, a.p, a.n);
	out[a.n] = ' ';
	memcpy(out + a.n + 1, b.p, b.n);
	return (meed_str){ out, a.n + b.n + 1 };
}

/* a with the unit behind it: a letter alone says in \text{} that it is no variable. */
meed_str mx_join_unit(struct mx_env *e, meed_str a, meed_str unit)
{
	bool letter = is_alpha(unit.p[0]) && (unit.n == 1 || !is_alpha(unit.p[1]));
	meed_str none = { NULL, 0 };
	char *out;

	if (!letter)
		return join(e, a, unit);
	out = mx_alloc(e, unit.n + 8);
	if (!out)
		return none;
	memcpy(out, "\\text{", 6);
	out[6] = unit.p[0];
	out[7] = '}';
	memcpy(out + 8, unit.p + 1, unit.n - 1);
	return join(e, a, (meed_str){ out, unit.n + 7 });
}

/* The unit between p and end without what stands before it. */
static meed_str unit_text(meed_str s, size_t p, size_t end)
{
	while (p < end && (s.p[p] == ' ' || s.p[p] == '$' || s.p[p] == '~' || s.p[p] == '*'))
		p++;
	return meed_sub(s, p, end);
}

meed_str mx_bare_unit(const struct mx_scan *t, size_t from, size_t end, size_t to)
{
	meed_str x = mx_bare_text(t->e, meed_sub(t->s, from, end));
	size_t after = mx_unit_after(t->s, end, to);

	if (x.p)
		x = mx_tidy(t->e, x);
	return x.p && x.n > 0 && after > end ? mx_join_unit(t->e, x, unit_text(t->s, end, after)) : x;
}

/* "\\text{The answer is } 12" in a box. */
static meed_str without_phrase(meed_str s)
{
	size_t p = s.n < 200 ? meed_find(s, 0, MEED_S("answer is")) : MEED_NONE;

	if (p == MEED_NONE)
		return s;
	for (p += 9; p < s.n && memchr(" }:", s.p[p], 3); p++)
		;
	return p < s.n ? meed_sub(s, p, s.n) : s;
}

/* The text of boxes i..j, those that are usable. */
static meed_str box_texts(const struct mx_scan *t, size_t i, size_t j, size_t from, size_t to)
{
	meed_str none = { NULL, 0 }, *v, x;
	size_t n = 0, k, end;
	bool same = true;

	v = mx_alloc(t->e, (j - i + 1) * sizeof(*v));
	if (!v)
		return none;
	for (k = i; k <= j; k++) {
		if (!usable(t, &t->boxes[k], from, to))
			continue;
		x = without_phrase(meed_sub(t->s, t->boxes[k].in_from, t->boxes[k].in_to));
		same = same && (n == 0 || meed_eq(mx_trim(x), mx_trim(v[0])));
		v[n++] = x;
	}
	if (!same)
		return mx_tidy_all(t->e, v, n);
	end = mx_unit_after(t->s, t->boxes[j].to, to);
	if (n == 1 && end > t->boxes[j].to && !is_alpha(v[0].p[v[0].n - 1]) &&
	    mx_prose(v[0], NULL) == 0 && meed_find(v[0], 0, MEED_S("\\text")) == MEED_NONE)
		return mx_join_unit(t->e, mx_tidy(t->e, v[0]), unit_text(t->s, t->boxes[j].to, end));
	return mx_tidy(t->e, v[0]);
}

/* Boxes of one run are one answer: "\boxed{1} and \boxed{2}". */
bool mx_boxed(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret)
{
	const struct mx_box *b, *next;
	size_t last = t->n_boxes, first, k;

	while (last > 0 && !usable(t, &t->boxes[last - 1], from, to))
		last--;
	if (last-- == 0)
		return false;
	first = last;
	next = &t->boxes[last];
	for (k = last; k > 0; k--) {
		b = &t->boxes[k - 1];
		if (!usable(t, b, from, to))
			continue;
		if (b->to > next->from || !joins(meed_sub(t->s, b->to, next->from)))
			break;
		first = k - 1;
		next = b;
	}
	ret->text = box_texts(t, first, last, from, to);
	ret->anchor = MX_A_BOXED;
	ret->at = t->boxes[first].from;
	ret->latex = true;
	return ret->text.n > 0;
}

/* Between stretches of mathematics: nothing but what joins a list. */
static bool lists(meed_str gap)
{
	static const char *const words[] = { "and", "or", "\xe5\x92\x8c", "\xe6\x88\x96", "\xe3\x80\x81",
					     "\xef\xbc\x8c", "\xe4\xb8\x8e", ",", ";", "&", "et", "und",
					     "ou", "y", "oder", "maybe", "perhaps", "possibly" };
	meed_str rest = meed_strip(gap);
	size_t i;

	while (rest.n > 0) {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (mx_word_at(rest, 0, words[i]))
				break;
		if (i == sizeof(words) / sizeof(words[0]))
			return false;
		rest = meed_strip_left(meed_sub(rest, strlen(words[i]), rest.n));
	}
	return gap.n < 40 && meed_strip(gap).n > 0;
}

/* The last step of a derivation over several lines: what follows the last "=" of its last line. */
static meed_str last_step(meed_str in)
{
	size_t p = in.n, line, q;
	meed_str rest;

	for (;;) {
		while (p > 1 && !(in.p[p - 1] == '\\' && in.p[p - 2] == '\\'))
			p--;
		if (p <= 1)
			return in;
		line = p;
		rest = meed_strip(meed_sub(in, line, in.n));
		p -= 2;
		if (rest.n > 0)
			break;
		in.n = p;
	}
	for (q = 0; q < rest.n && (rest.p[q] == '&' || rest.p[q] == ' ' || rest.p[q] == '\n'); q++)
		;
	if (q >= rest.n || rest.p[q] != '=')
		return in;
	for (q = rest.n; rest.p[q - 1] != '='; q--)
		;
	return meed_sub(rest, q, rest.n);
}

bool mx_span_run(const struct mx_scan *t, size_t i, bool back, size_t from, size_t to,
		 struct mx_candidate *ret)
{
	const struct mx_span *v = t->spans;
	size_t first = i, last = i, end;
	meed_str in;

	while (back && first > 0 && v[first - 1].from >= from &&
	       lists(meed_sub(t->s, v[first - 1].to, v[first].from)))
		first--;
	while (!back && last + 1 < t->n_spans && v[last + 1].to <= to &&
	       lists(meed_sub(t->s, v[last].to, v[last + 1].from)))
		last++;
	end = mx_unit_after(t->s, v[last].to, to);
	if (first == last) {
		in = meed_sub(t->s, v[i].in_from, v[i].in_to);
		in = v[i].display ? last_step(in) : in;
	} else {
		in = meed_sub(t->s, v[first].from, v[last].to);
	}
	ret->text = mx_tidy(t->e, in);
	if (end > v[last].to && ret->text.n > 0 &&
	    meed_find(ret->text, 0, MEED_S("\\text")) == MEED_NONE)
		ret->text = mx_join_unit(t->e, ret->text, unit_text(t->s, v[last].to, end));
	ret->anchor = v[i].display ? MX_A_DISPLAY : MX_A_INLINE;
	ret->at = v[first].from;
	ret->latex = true;
	return ret->text.n > 0;
}

/* ---- what a stretch states ------------------------------------------------------------------ */

/* Words that may stand between "is" and the answer. */
static size_t skip_fillers(meed_str s, size_t p, size_t to)
{
	static const char *const words[] = {
		"about",    "approximately", "simply",	 "just",      "therefore", "thus",  "equal to",
		"given by", "the",	     "then",	 "now",	      "exactly",   "only",  "roughly",
		"around",   "indeed",	     "actually", "also",      "option",	   "choice", "number",
		"letter",   "clearly",	     "hence",	 "$\\approx$", "\xe7\xba\xa6", "\xe5\xa4\xa7\xe7\xba\xa6",
		"\xe4\xb8\xba", "\xe6\x98\xaf",	"\xe9\x80\x89\xe9\xa1\xb9", "\xe9\x80\x89"
	};
	bool more = true;
	size_t i;

	while (more) {
		more = false;
		p = mx_skip_marks(s, p, to);
		for (i = 0; i < sizeof(words) / sizeof(words[0]) && !more; i++) {
			more = p < to && mx_word_at(meed_sub(s, 0, to), p, words[i]);
			p += more ? strlen(words[i]) : 0;
		}
	}
	return p;
}

/* Figures that go on in mathematics: "x = $5$". */
static size_t into_span(const struct mx_scan *t, size_t p, size_t to)
{
	size_t i = mx_span_after(t, p), q;

	if (i == t->n_spans || t->spans[i].to > to || t->spans[i].from - p > 5)
		return p;
	for (q = p; q < t->spans[i].from; q++)
		if (!memchr(" =<>+-*/\n", t->s.p[q], 9))
			return p;
	return t->spans[i].from > p ? t->spans[i].to : p;
}

static bool bare_stated(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret)
{
	size_t i = mx_span_after(t, from), end, stop;

	stop = i < t->n_spans && t->spans[i].from < to ? t->spans[i].from : to;
	end = mx_bare_at(t, from, stop, true);
	if (end == from)
		return false;
	stop = into_span(t, end, to);
	if (stop > end) {
		ret->text = mx_tidy(t->e, meed_sub(t->s, from, stop));
	} else {
		ret->text = mx_bare_unit(t, from, end, to);
	}
	ret->anchor = MX_A_BARE;
	ret->at = from;
	ret->latex = false;
	return ret->text.n > 0;
}

/* The answer that begins at p. */
static bool starts_here(const struct mx_scan *t, size_t p, size_t to, struct mx_candidate *ret)
{
	const struct mx_span *x = mx_span_at(t, p);
	meed_str letter;
	size_t end, next;

	if (p >= to)
		return false;
	if (x && x->from == p && x->to <= to &&
	    mx_span_run(t, (size_t)(x - t->spans), false, p, to, ret))
		return true;
	if (mx_letter_at(t->s, p, to, &letter, &end)) {
		next = mx_letters_end(t->s, end, to);
		letter = next > end ? meed_sub(t->s, p, next) : letter;
		*ret = (struct mx_candidate){ letter, MX_A_LETTER, p, false };
		return true;
	}
	return bare_stated(t, p, to, ret);
}

/* In prose: what follows the last "is", "are", "=" and the like. */
static bool after_copula(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret)
{
	static const char *const words[] = { "is",   "are",	"equals",	"be",	       "was",
					     "=",    ":",	"\xe6\x98\xaf", "\xe4\xb8\xba", "\xef\xbc\x9a",
					     "gives", "get",	"have",		"est" };
	const struct mx_span *x;
	size_t p, i, q;

	for (p = to; p > from; p--) {
		x = mx_span_at(t, p - 1);
		if (x && x->from >= from) {
			p = x->from + 1;
			continue;
		}
		if (!strchr("iIaAeEbBwW=:gGhH\xe6\xe4\xef", t->s.p[p - 1]))
			continue;
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (!mx_word_at(meed_sub(t->s, 0, to), p - 1, words[i]))
				continue;
			q = skip_fillers(t->s, p - 1 + strlen(words[i]), to);
			if (starts_here(t, q, to, ret))
				return true;
		}
	}
	return false;
}

/* The answer as words, if they are few; a remark after a comma or in brackets is none of it. */
static bool in_words(const struct mx_scan *t, size_t from, size_t to, size_t max,
		     struct mx_candidate *ret)
{
	static const char *const stops[] = { ", ", " (", " because ", " since ", " as ", "\xef\xbc\x8c" };
	meed_str s = meed_sub(t->s, from, to);
	size_t i, p;

	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		p = meed_find(s, 0, meed_s(stops[i]));
		if (p != MEED_NONE && p > 0)
			s.n = p;
	}
	s = mx_trim(s);
	if (s.n == 0 || mx_prose(s, NULL) > max)
		return false;
	ret->text = mx_tidy(t->e, s);
	ret->anchor = MX_A_WHOLE;
	ret->at = from;
	ret->latex = false;
	return ret->text.n > 0;
}

bool mx_stated(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret)
{
	size_t p, a, b, i;

	if (mx_boxed(t, from, to, ret))
		return true;
	p = skip_fillers(t->s, from, to);
	if (starts_here(t, p, to, ret))
		return true;
	if (after_copula(t, from, to, ret))
		return true;
	i = mx_span_after(t, to > 0 ? to - 1 : 0);
	if (i < t->n_spans && t->spans[i].to <= to && t->spans[i].from >= from)
		return mx_span_run(t, i, true, from, to, ret);
	if (i > 0 && t->spans[i - 1].from >= from && t->spans[i - 1].to <= to)
		return mx_span_run(t, i - 1, true, from, to, ret);
	return mx_bare_last(t, from, to, &a, &b) && bare_stated(t, a, to, ret);
}

/* ---- where an answer is announced -------------------------------------------------------------- */

struct said {
	size_t from, to;		/* the stretch that states it */
	bool at_once;			/* right after the phrase, so that words count, too */
};

static bool is_copula(meed_str s, size_t p, size_t *end)
{
	static const char *const words[] = { "is",	      "are",		"was",		"be",
					     "would be",      "will be",	"should be",	"must be",
					     "comes to",      "equals",		":",		"=",
					     "\xef\xbc\x9a", "\xe6\x98\xaf",	"\xe4\xb8\xba", "\xe7\x82\xba",
					     "est",	      "es",		"ist",		"\xc3\xa9",
					     "\xc3\xa8",      "\xe2\x80\x94",	"\xe3\x81\xaf", "\xec\x9d\x80" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!mx_word_at(s, p, words[i]))
			continue;
		*end = p + strlen(words[i]);
		return true;
	}
	return false;
}

/* "answer to the question is": at most ten words and no sentence's end before the copula. */
static size_t find_copula(meed_str s, size_t p, size_t to, bool *at_once)
{
	size_t limit = to - p > 100 ? p + 100 : to, end;

	*at_once = true;
	s = meed_sub(s, 0, to);
	while (p < limit && (s.p[p] == ' ' || s.p[p] == '*' || s.p[p] == '_'))
		p++;
	if (p > 0 && s.p[p - 1] == ' ' &&
	    (mx_word_at(s, p, "- ") || mx_word_at(s, p, "\xe2\x80\x93 ")))
		return mx_skip_marks(s, p + (s.p[p] == '-' ? 1u : 3u), to);
	for (; p < limit; p++) {
		if (is_copula(s, p, &end))
			return end;
		if (s.p[p] == '\n' || s.p[p] == '?' || s.p[p] == '!' || s.p[p] == ';' ||
		    (s.p[p] == '.' && p + 1 < limit && s.p[p + 1] == ' '))
			break;
		*at_once = false;
	}
	return MEED_NONE;
}

/* Does the line that p ends hold nothing before `at` but marks: a heading? */
static bool is_heading(const struct mx_scan *t, size_t at)
{
	for (; at > t->from && t->s.p[at - 1] != '\n'; at--)
		if (!memchr(" \t#*_:-(", t->s.p[at - 1], 8))
			return false;
	return true;
}

/* What an announcement that ends at p announces, up to `to`; at: where it began. */
static bool announced(const struct mx_scan *t, size_t at, size_t p, size_t to, struct said *ret)
{
	meed_str s = t->s;
	size_t q;

	if (p < to && s.p[p] == 's')
		p++;
	if (meed_starts(meed_sub(s, p, to), MEED_S("(s)")))
		p += 3;
	q = find_copula(s, p, to, &ret->at_once);
	if (q == MEED_NONE) {
		ret->at_once = false;
		q = mx_skip_marks(s, p, to);
		if (q >= to)
			return false;
		if (memchr(s.p + p, '\n', q - p) ? !is_heading(t, at)
						 : q == p || !(mx_span_at(t, q) || is_digit(s.p[q])))
			return false;
	}
	q = mx_skip_marks(s, q, to);
	if (q >= to || mx_word_at(meed_sub(s, 0, to), q, "not"))
		return false;
	ret->from = q;
	ret->to = mx_sentence_end(t, q, to);
	/* "B." or "1.": what looks like the end of a sentence may be the answer's own period */
	if (ret->to == q)
		ret->to = mx_sentence_end(t, q + 1, to);
	return true;
}

/* Most places are none at the first look. */
static bool may_answer(meed_str s, size_t p)
{
	unsigned char second = p + 1 < s.n ? (unsigned char)s.p[p + 1] : 0;

	switch (s.p[p]) {
	case 'a':
	case 'A':
		return second == 'n' || second == 'N' || second == ':';
	case 'r':
	case 'R':
		return second == 'e' || second == 'i' || second == 0xC3;
	case 'o':
	case 'O':
		return second == 'p';
	case 'c':
	case 'C':
		return second == 'h';
	case '\xe7':
	case '\xd0':
	case '\xec':
		return true;
	default:
		return false;
	}
}

/* The word for an answer at p, in some languages; *ret_final: the length of "final " before it. */
static size_t answer_word(const struct mx_scan *t, size_t p, size_t *ret_final)
{
	static const char *const words[] = {
		"answer",   "\xe7\xad\x94\xe6\xa1\x88", "r\xc3\xa9ponse", "respuesta", "antwort", "risposta",
		"resposta", "\xd0\xbe\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82", "\xd0\x9e\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82",
		"\xe7\xad\x94\xe3\x81\x88", "\xec\xa0\x95\xeb\x8b\xb5", "R\xc3\xa9ponse", "option is", "choice is",
		"result is"
	};
	static const meed_str before[] = { { "final ", 6 }, { "Final ", 6 }, { "FINAL ", 6 },
					   { "\xe6\x9c\x80\xe7\xbb\x88", 6 },
					   { "\xe6\x9c\x80\xe5\x90\x8e", 6 } };
	meed_str s = meed_sub(t->s, 0, t->to);
	size_t i, len = 0;

	*ret_final = 0;
	if (!may_answer(s, p))
		return 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]) && len == 0; i++)
		if (mx_word_at(s, p, words[i]) || (mx_word_at(s, p, "answers") && i == 0))
			len = strlen(words[i]);
	if (len > 3 && memcmp(s.p + p + len - 3, " is", 3) == 0)
		len -= 3;
	for (i = 0; i < sizeof(before) / sizeof(before[0]) && len > 0; i++)
		if (p - t->from >= before[i].n &&
		    memcmp(s.p + p - before[i].n, before[i].p, before[i].n) == 0)
			*ret_final = before[i].n;
	/* "A: 5" of a dialogue */
	if (len == 0 && s.p[p] == 'A' && p + 2 < s.n && s.p[p + 1] == ':' && is_heading(t, p))
		len = 1;
	return len;
}

/* From the end; an earlier announcement reaches no further than to the next one. */
bool mx_said(const struct mx_scan *t, bool final, struct mx_candidate *ret)
{
	size_t p, stop = t->to, len, before;
	bool found = false;
	struct said x;

	for (p = t->to; p > t->from && !found;) {
		p--;
		if (((unsigned char)t->s.p[p] & 0xC0) == 0x80)
			continue;
		len = answer_word(t, p, &before);
		if (len == 0 || (final && before == 0) || p + len > stop)
			continue;
		if (announced(t, p - before, p + len, stop, &x)) {
			found = mx_stated(t, x.from, x.to, ret) ||
				(x.at_once && in_words(t, x.from, x.to, 3, ret));
			if (found)
				ret->at = p;
		}
		stop = p;
	}
	if (found)
		ret->anchor = final ? MX_A_FINAL : MX_A_ANSWER_IS;
	return found;
}

/* Words of a sentence that announces an answer and nothing more. */
static bool announces(meed_str w)
{
	static const char *const words[] = { "so",   "thus", "therefore", "hence", "the",	"our",
					     "my",   "final", "answer",   "is",	   "and",	"correct",
					     "then", "now",   "option",   "this" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (w.n == strlen(words[i]) && mx_word_at(w, 0, words[i]))
			return true;
	return false;
}

bool mx_ends_announcing(const struct mx_scan *t)
{
	meed_str s = meed_strip_right(meed_sub(t->s, t->from, t->to)), w;
	size_t p = s.n, q;
	bool answer = false;

	while (p > 0 && s.n - p < 100) {
		if (s.p[p - 1] == ' ' || s.p[p - 1] == ',' || s.p[p - 1] == '*' ||
		    (s.p[p - 1] == ':' && p == s.n)) {
			p--;
			continue;
		}
		for (q = p; q > 0 && is_alpha(s.p[q - 1]); q--)
			;
		w = meed_sub(s, q, p);
		if (q == p || !announces(w))
			break;
		answer = answer || mx_word_at(w, 0, "answer");
		p = q;
	}
	return answer && (p == 0 || s.p[p - 1] == '.' || s.p[p - 1] == '\n' || s.p[p - 1] == '$' ||
			  s.p[p - 1] == ']' || s.p[p - 1] == ')');
}
