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
	if (end == from || mx_denied(t->s, from, end))
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
	if (x && x->from == p && x->to <= to && !mx_denied(t->s, x->from, x->to) &&
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
		if (announced(t, p - before, p + len, stop, &x) &&
		    !(x.to < t->to && t->s.p[x.to] == '?')) {
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
