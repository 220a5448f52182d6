/* extract.c - the answer of a text: where each anchor finds one, and which comes first. */
#include "config.h"
#include "extract.h"

/* What each anchor finds, looked for when it is asked for. */
struct found {
	struct mx_scan *t;
	bool gold, cut;			/* cut: the text ends inside of a box */
	bool unsaid;			/* or before the answer that it was about to give */
	bool looked[MX_A_N + 1], has[MX_A_N + 1];
	struct mx_candidate v[MX_A_N + 1];	/* MX_A_N: the whole, if it is short */
};

const char *mx_anchor_name(enum mx_anchor a)
{
	static const char *const names[MX_A_N] = { "boxed",   "hashes", "answer_tag", "final_answer",
						   "answer_is", "display", "inline",  "letter",
						   "bare",    "whole" };

	return (unsigned)a < MX_A_N ? names[a] : "none";
}

/* ---- what of the text is the answer ----------------------------------------------------------- */

static size_t find_last(meed_str s, meed_str what)
{
	size_t p, last = MEED_NONE;

	for (p = meed_find(s, 0, what); p != MEED_NONE; p = meed_find(s, p + what.n, what))
		last = p;
	return last;
}

/* Thinking is no answer; what follows a chat template's mark is another's turn. */
static void find_scope(struct mx_scan *t, bool gold)
{
	static const meed_str marks[] = { { "<|im_end|>", 10 },	  { "<|im_start|>", 12 },
					  { "<|endoftext|>", 13 }, { "<|eot_id|>", 10 },
					  { "<|end_of_text|>", 15 }, { "</s>", 4 } };
	size_t p, i;

	t->from = 0;
	t->to = t->s.n;
	p = find_last(t->s, MEED_S("</think>"));
	if (p != MEED_NONE) {
		t->from = p + 8;
	} else {
		p = meed_find(t->s, 0, MEED_S("<think>"));
		if (p != MEED_NONE)
			t->to = p;
	}
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		p = meed_find(meed_sub(t->s, 0, t->to), t->from, marks[i]);
		if (p != MEED_NONE && meed_strip(meed_sub(t->s, t->from, p)).n > 0)
			t->to = p;
	}
	if (!gold && t->to - t->from > MX_MAX_RESPONSE)
		for (t->from = t->to - MX_MAX_RESPONSE;
		     t->from < t->to && ((unsigned char)t->s.p[t->from] & 0xC0) == 0x80;)
			t->from++;
}

/* ---- anchors ----------------------------------------------------------------------------------- */

/* A line's rest after "####"; a heading is none. */
static bool find_hashes(const struct mx_scan *t, bool gold, struct mx_candidate *ret)
{
	meed_str s = meed_sub(t->s, 0, t->to), line;
	size_t p = t->to, q, first = 0, words;

	while (p >= t->from + 4) {
		p--;
		if (s.p[p] != '#' || p < t->from + 3 || memcmp(s.p + p - 3, "####", 4) != 0)
			continue;
		for (q = p + 1; q < t->to && s.p[q] != '\n'; q++)
			;
		line = mx_trim(meed_sub(s, p + 1, q));
		words = mx_prose(line, &first);
		p = p >= 3 ? p - 3 : 0;
		if (line.n == 0 || (words > 0 && first == 0 && (words > 3 || !gold)))
			continue;
		if (!mx_stated(t, (size_t)(line.p - t->s.p), (size_t)(line.p - t->s.p) + line.n, ret))
			ret->text = mx_tidy(t->e, line);
		ret->anchor = MX_A_HASHES;
		ret->at = p;
		return ret->text.n > 0;
	}
	return false;
}

/* Does a month or a day of the week stand at p? */
static bool is_date(meed_str s, size_t p)
{
	static const char *const words[] = {
		"january", "february", "march",	   "april",   "may",	   "june",     "july",
		"august",  "september", "october", "november", "december",  "monday",   "tuesday",
		"wednesday", "thursday", "friday", "saturday", "sunday"
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (mx_word_at(s, p, words[i]))
			return true;
	return false;
}

/* Chinese words that are mathematics, before figures: "æ ¹å·" is a root. */
static bool is_own_name(meed_str s, size_t p)
{
	static const meed_str words[] = { { "\xe6\xa0\xb9\xe5\x8f\xb7", 6 },
					  { "\xe7\x99\xbe\xe5\x88\x86\xe4\xb9\x8b", 9 },
					  { "\xe8\xb4\x9f", 3 } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (meed_starts(meed_sub(s, p, s.n), words[i]))
			return p == 0;
	return false;
}

/* Is s nothing but an answer: an expression, one with a unit, or a few words? */
static bool is_short(const struct mx_scan *t, meed_str s, bool gold)
{
	size_t first = 0, words, i;
	bool figures = false;

	s = mx_trim(s);
	if (s.n == 0)
		return false;
	if (!gold && s.n > 1000) {
		i = (size_t)(s.p - t->s.p);
		return mx_bare_at(t, i, i + s.n, true) == i + s.n;
	}
	if (meed_find(s, 0, MEED_S("\n\n")) != MEED_NONE)
		return false;
	words = mx_prose(s, &first);
	if (words == 0)
		return true;
	for (i = 0; i < s.n && !figures; i++)
		figures = (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '\\' || s.p[i] == '$' ||
			  s.p[i] == '#' || s.p[i] == '\xce' || s.p[i] == '\xcf' ||
			  meed_starts(meed_sub(s, i, s.n), MEED_S("\xe2\x88"));
	if (!figures)
		return words <= (gold ? 8 : 4);
	if (meed_find(s, 0, MEED_S(": ")) != MEED_NONE)
		return false;
	if (is_date(s, first) || is_own_name(s, first))
		return words <= 3;
	if (words > (gold ? 5 : 2))
		return false;
	/* the figures come first: "5 apples", not "Total 5" */
	for (figures = false, i = 0; i < first && !figures; i++)
		figures = (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '\\' || s.p[i] == '$';
	return figures;
}

/* The last <answer>..</answer>; one that is not closed runs to the end. */
static bool find_tag(const struct mx_scan *t, struct mx_candidate *ret)
{
	static const struct {
		meed_str open, close;
	} tags[] = { { { "<answer>", 8 }, { "</answer>", 9 } },
		     { { "<final_answer>", 14 }, { "</final_answer>", 15 } },
		     { { "<Answer>", 8 }, { "</Answer>", 9 } },
		     { { "<ANSWER>", 8 }, { "</ANSWER>", 9 } } };
	meed_str s = meed_sub(t->s, 0, t->to), in;
	size_t i, p = MEED_NONE, q, from, to;

	for (i = 0; i < 4 && p == MEED_NONE; i++) {
		q = find_last(meed_sub(s, t->from, t->to), tags[i].open);
		if (q == MEED_NONE)
			continue;
		p = t->from + q;
		from = p + tags[i].open.n;
		to = meed_find(s, from, tags[i].close);
		to = to == MEED_NONE ? t->to : to;
	}
	if (p == MEED_NONE)
		return false;
	in = mx_trim(meed_sub(s, from, to));
	if (in.n == 0)
		return false;
	if (!mx_boxed(t, from, to, ret) &&
	    (is_short(t, in, true) || !mx_stated(t, from, to, ret)))
		ret->text = mx_tidy(t->e, in);
	ret->anchor = MX_A_ANSWER_TAG;
	ret->at = p;
	return ret->text.n > 0;
}

/* More than a name: figures, or signs that make an expression. */
static bool has_substance(meed_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((s.p[i] >= '0' && s.p[i] <= '9') || memchr("+=<>^|,[{", s.p[i], 9))
			return true;
	return meed_find(s, 0, MEED_S("\\pi")) != MEED_NONE ||
	       meed_find(s, 0, MEED_S("\\text")) != MEED_NONE ||
	       meed_find(s, 0, MEED_S("\\inf")) != MEED_NONE;
}

/* Mathematics of a question or of a denial is no answer. */
static bool is_asked(const struct mx_scan *t, const struct mx_span *x)
{
	size_t end = mx_sentence_end(t, x->to, x->to + 300 < t->to ? x->to + 300 : t->to);

	return (end < t->to && t->s.p[end] == '?') || mx_denied(t->s, x->from, x->to);
}

static bool find_math(const struct mx_scan *t, bool display, bool gold, struct mx_candidate *ret)
{
	const struct mx_span *v = t->spans;
	size_t i, any = t->n_spans;

	for (i = t->n_spans; i > 0; i--) {
		if (v[i - 1].display != display || v[i - 1].from < t->from ||
		    mx_trim(meed_sub(t->s, v[i - 1].in_from, v[i - 1].in_to)).n == 0 ||
		    (!gold && is_asked(t, &v[i - 1])))
			continue;
		if (!gold && i > 1 && mx_circumstance(t->s, v[i - 1].from) &&
		    v[i - 2].from >= t->from &&
		    mx_sentence_end(t, v[i - 2].to, v[i - 1].from) == v[i - 1].from)
			continue;
		if (any == t->n_spans)
			any = i - 1;
		if (has_substance(meed_sub(t->s, v[i - 1].in_from, v[i - 1].in_to))) {
			any = i - 1;
			break;
		}
	}
	return any < t->n_spans && mx_span_run(t, any, true, t->from, t->to, ret);
}

/* A reference is a letter if it is one, or one with its option's text: "(D) Alina". */
static bool find_letter(const struct mx_scan *t, bool gold, struct mx_candidate *ret)
{
	static const char *const names[] = { "option", "choice", "letter", "\xe6\x95\x85\xe9\x80\x89",
					     "\xe9\x80\x89\xe9\xa1\xb9", "\xe9\x80\x89" };
	size_t p = mx_skip_marks(t->s, t->from, t->to), end, i;
	meed_str letter;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && gold; i++)
		if (mx_word_at(meed_sub(t->s, 0, t->to), p, names[i]))
			p = mx_skip_marks(t->s, p + strlen(names[i]), t->to);
	if (gold ? !mx_letter_at(t->s, p, t->to, &letter, &end)
		 : !mx_letter_last(t, t->from, t->to, &letter))
		return false;
	if (gold && mx_letters_end(t->s, end, t->to) > end)
		letter = mx_tidy(t->e, meed_sub(t->s, p, mx_letters_end(t->s, end, t->to)));
	if (letter.n == 0)
		return false;
	if (letter.p < t->s.p || letter.p >= t->s.p + t->s.n)
		*ret = (struct mx_candidate){ letter, MX_A_LETTER, p, false };
	else
	*ret = (struct mx_candidate){ letter, MX_A_LETTER, (size_t)(letter.p - t->s.p), false };
	return true;
}

static bool find_bare(const struct mx_scan *t, struct mx_candidate *ret)
{
	size_t from, to;

	if (!mx_bare_last(t, t->from, t->to, &from, &to))
		return false;
	ret->text = mx_bare_unit(t, from, to, t->to);
	ret->anchor = MX_A_BARE;
	ret->at = from;
	ret->latex = false;
	return ret->text.n > 0;
}

static bool find_whole(const struct mx_scan *t, struct mx_candidate *ret)
{
	ret->text = mx_tidy(t->e, meed_sub(t->s, t->from, t->to));
	ret->anchor = MX_A_WHOLE;
	ret->at = t->from;
	ret->latex = false;
	return ret->text.n > 0;
}

static bool find(const struct mx_scan *t, enum mx_anchor a, bool gold, struct mx_candidate *ret)
{
	switch (a) {
	case MX_A_BOXED:
		return mx_boxed(t, t->from, t->to, ret);
	case MX_A_HASHES:
		return find_hashes(t, gold, ret);
	case MX_A_ANSWER_TAG:
		return find_tag(t, ret);
	case MX_A_FINAL:
		return mx_said(t, true, ret);
	case MX_A_ANSWER_IS:
		return mx_said(t, false, ret);
	case MX_A_DISPLAY:
		return find_math(t, true, gold, ret);
	case MX_A_INLINE:
		return find_math(t, false, gold, ret);
	case MX_A_LETTER:
		return find_letter(t, gold, ret);
	case MX_A_BARE:
		return find_bare(t, ret);
	default:
		return find_whole(t, ret);
	}
}

/* ---- looking ------------------------------------------------------------------------------------- */

/* A reference is taken as it is where a response would have been cut off. */
static bool open_box(const struct mx_scan *t, struct mx_candidate *ret)
{
	const struct mx_box *b = t->n_boxes > 0 ? &t->boxes[t->n_boxes - 1] : NULL;

	if (!b || !b->cut)
		return false;
	ret->text = mx_tidy(t->e, meed_sub(t->s, b->in_from, t->to));
	ret->anchor = MX_A_BOXED;
	ret->at = b->from;
	ret->latex = true;
	return ret->text.n > 0;
}

static bool is_cut(const struct mx_scan *t)
{
	size_t i;

	for (i = 0; i < t->n_boxes; i++)
		if (t->boxes[i].cut)
			return true;
	return false;
}

/* A last box that is empty withdraws what stood before it: the end of that box; else from. */
static size_t after_empty_box(const struct mx_scan *t)
{
	const struct mx_box *b = t->boxes;

	if (t->n_boxes == 0)
		return t->from;
	b += t->n_boxes;
	while (b > t->boxes && b[-1].nested)
		b--;
	if (b == t->boxes || b[-1].cut ||
	    mx_trim(meed_sub(t->s, b[-1].in_from, b[-1].in_to)).n > 0)
		return t->from;
	return b[-1].to;
}

/* A derivation and nothing else is read by its last step. */
static bool is_one_span(const struct mx_scan *t)
{
	meed_str s = meed_strip(meed_sub(t->s, t->from, t->to));
	size_t from = (size_t)(s.p - t->s.p);
	const struct mx_span *x = s.n > 0 ? mx_span_at(t, from) : NULL;

	return x && x->display && x->from == from && x->to == from + s.n &&
	       meed_find(s, 0, MEED_S("\\\\")) != MEED_NONE;
}

/* Has this anchor an answer? MX_A_N: is the text one as a whole? */
static bool look(struct found *f, enum mx_anchor a)
{
	const struct mx_scan *t = f->t;
	meed_str s = meed_sub(t->s, t->from, t->to);

	if (f->looked[a])
		return f->has[a];
	f->looked[a] = true;
	/* the response ends inside of a box: only what was boxed before still counts */
	if (f->cut && !f->gold && a != MX_A_BOXED)
		return false;
	if (f->unsaid && (a >= MX_A_DISPLAY || a == MX_A_N))
		return false;
	if (a == MX_A_N)
		f->has[a] = !f->cut && is_short(t, s, f->gold) && !is_one_span(t) &&
			    find_whole(t, &f->v[a]);
	else
		f->has[a] = find(t, a, f->gold, &f->v[a]);
	if (f->cut && f->gold && a == MX_A_BOXED && !f->has[a])
		f->has[a] = open_box(t, &f->v[a]);
	return f->has[a];
}

/* ---- which comes first --------------------------------------------------------------------------- */

static bool is_loose(enum mx_anchor a)
{
	return a == MX_A_DISPLAY || a == MX_A_INLINE || a == MX_A_BARE;
}

/* Does the sentence that p is in begin as a remark does? */
static bool is_remark(const struct mx_scan *t, size_t p)
{
	static const char *const words[] = { "note", "remark", "hint", "step", "see", "\xe6\xb3\xa8" };
	size_t q = p, i;

	while (q > t->from && p - q < 300 && t->s.p[q - 1] != '\n' &&
	       !(t->s.p[q - 1] == ' ' && q > 1 && t->s.p[q - 2] == '.'))
		q--;
	while (q < p && memchr(" [(*_#-", t->s.p[q], 7))
		q++;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (mx_word_at(meed_sub(t->s, 0, t->to), q, words[i]))
			return true;
	return false;
}

/* Of the loose anchors in order, those in the last sentence that has any: a mask. */
static unsigned last_sentence(struct found *f, const enum mx_anchor *order)
{
	const struct mx_scan *t = f->t;
	unsigned mask = 0;
	size_t at = 0, i;

	for (i = 0; order[i] != MX_A_N; i++)
		if (is_loose(order[i]) && look(f, order[i]) && f->v[order[i]].at >= at &&
		    !(order[i] == MX_A_BARE && is_remark(t, f->v[MX_A_BARE].at)))
			at = f->v[order[i]].at;
	for (i = 0; order[i] != MX_A_N; i++)
		if (is_loose(order[i]) && f->has[order[i]] && f->v[order[i]].at <= at &&
		    (f->v[order[i]].at == at ||
		     mx_sentence_end(t, f->v[order[i]].at, t->to) >= at))
			mask |= 1u << order[i];
	/* "12 values of $n$": a name alone is not what the sentence is about */
	if (f->has[MX_A_BARE] && mask >> MX_A_BARE & 1 && f->has[MX_A_INLINE] &&
	    !has_substance(f->v[MX_A_INLINE].text))
		mask &= ~(1u << MX_A_INLINE);
	return mask;
}

static void add(struct mx_candidates *c, size_t max, const struct mx_candidate *x)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (meed_eq(c->v[i].text, x->text))
			return;
	if (c->n < max && x->text.n > 0)
		c->v[c->n++] = *x;
}

/* "The final answer is 7" after the last box, in figures, outranks that box. */
static bool corrects(struct found *f, struct mx_candidate *ret)
{
	struct mx_scan rest = *f->t;

	if (!look(f, MX_A_BOXED) || (f->cut && !f->gold))
		return false;
	rest.from = f->v[MX_A_BOXED].at;
	return mx_said(&rest, true, ret) && mx_prose(ret->text, NULL) == 0;
}

static bool has(const enum mx_anchor *order, enum mx_anchor a)
{
	while (*order != MX_A_N && *order != a)
		order++;
	return *order == a;
}

static void add_those(struct found *f, const enum mx_anchor *order, unsigned mask, size_t max,
		      struct mx_candidates *c)
{
	size_t i;

	for (i = 0; order[i] != MX_A_N; i++)
		if (mask & 1u << order[i] && is_loose(order[i]) && f->has[order[i]])
			add(c, max, &f->v[order[i]]);
}

static void add_loose(struct found *f, const enum mx_anchor *order, size_t max,
		      struct mx_candidates *c)
{
	unsigned mask;

	/* an answer and nothing else comes before its parts */
	if (look(f, MX_A_N))
		add(c, max, &f->v[MX_A_N]);
	if (c->n == max)
		return;
	mask = last_sentence(f, order);
	add_those(f, order, mask, max, c);
	add_those(f, order, ~mask, max, c);
}

static void rank(struct found *f, const enum mx_anchor *order, size_t max, struct mx_candidates *c)
{
	struct mx_candidate final;
	bool loose = false;
	size_t i;

	for (i = 0; order[i] != MX_A_N && c->n < max && !f->t->e->spent; i++) {
		if (is_loose(order[i])) {
			if (!loose)
				add_loose(f, order, max, c);
			loose = true;
			continue;
		}
		if (order[i] == MX_A_BOXED && has(order + i, MX_A_FINAL) && corrects(f, &final))
			add(c, max, &final);
		if (look(f, order[i]))
			add(c, max, &f->v[order[i]]);
	}
}

int32_t mx_extract(struct mx_env *e, meed_str text, const enum mx_anchor *order, bool gold, size_t max,
		   struct mx_candidates *ret)
{
	struct mx_scan t = { .e = e, .s = text };
	struct found *f;

	if (max > 2 * MX_A_N)
		max = 2 * MX_A_N;
	ret->n = 0;
	ret->v = mx_alloc(e, max * sizeof(*ret->v));
	f = mx_alloc(e, sizeof(*f));
	if (!ret->v || !f)
		return e->spent;
	f->t = &t;
	f->gold = gold;
	find_scope(&t, gold);
	if (!mx_scan(&t))
		return e->spent;
	f->cut = is_cut(&t);
	f->unsaid = !gold && (t.open_math || mx_ends_announcing(&t));
	if (!gold)
		t.from = after_empty_box(&t);
	rank(f, order, max, ret);
	if (e->spent)
		ret->n = 0;
	return e->spent;
}
