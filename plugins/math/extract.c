/* extract.c - the answer of a text: where each anchor finds one, and which comes first. */
#include "config.h"
#include "extract.h"

struct found {
	struct mx_candidate v[MX_A_N + 1];
	bool has[MX_A_N + 1];
	bool gold;
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
static void find_scope(struct mx_scan *t)
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

/* Is s nothing but an answer: an expression, one with a unit, or a few words? */
static bool is_short(meed_str s, bool gold)
{
	size_t first = 0, words, i;
	bool figures = false;

	s = mx_trim(s);
	if (s.n == 0 || meed_find(s, 0, MEED_S("\n\n")) != MEED_NONE)
		return false;
	words = mx_prose(s, &first);
	if (words == 0)
		return true;
	for (i = 0; i < s.n && !figures; i++)
		figures = (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '\\' || s.p[i] == '$' ||
			  s.p[i] == '#';
	if (!figures)
		return words <= (gold ? 8 : 4);
	return words <= (gold ? 5 : 2) && first > 0 &&
	       !memchr(meed_sub(s, 0, first).p, ':', first);
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
	    (is_short(in, true) || !mx_stated(t, from, to, ret)))
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

static bool find_math(const struct mx_scan *t, bool display, struct mx_candidate *ret)
{
	const struct mx_span *v = t->spans;
	size_t i, any = t->n_spans;

	for (i = t->n_spans; i > 0; i--) {
		if (v[i - 1].display != display || v[i - 1].from < t->from ||
		    mx_trim(meed_sub(t->s, v[i - 1].in_from, v[i - 1].in_to)).n == 0)
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
	static const char *const names[] = { "option", "choice", "letter" };
	size_t p = mx_skip_marks(t->s, t->from, t->to), end, i;
	meed_str letter;

	for (i = 0; i < 3 && gold; i++)
		if (mx_word_at(meed_sub(t->s, 0, t->to), p, names[i]))
			p = mx_skip_marks(t->s, p + strlen(names[i]), t->to);
	if (gold ? !mx_letter_at(t->s, p, t->to, &letter, &end)
		 : !mx_letter_last(t, t->from, t->to, &letter))
		return false;
	*ret = (struct mx_candidate){ letter, MX_A_LETTER, (size_t)(letter.p - t->s.p), false };
	return true;
}

static bool find_bare(const struct mx_scan *t, struct mx_candidate *ret)
{
	size_t from, to;

	if (!mx_bare_last(t, t->from, t->to, &from, &to))
		return false;
	ret->text = mx_bare_text(t->e, meed_sub(t->s, from, to));
	if (ret->text.p)
		ret->text = mx_tidy(t->e, ret->text);
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
		return find_math(t, true, ret);
	case MX_A_INLINE:
		return find_math(t, false, ret);
	case MX_A_LETTER:
		return find_letter(t, gold, ret);
	case MX_A_BARE:
		return find_bare(t, ret);
	default:
		return find_whole(t, ret);
	}
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

/* Of the loose anchors that are in order, those in the last sentence that has any: a mask. */
static unsigned last_sentence(const struct mx_scan *t, const struct found *f)
{
	size_t at = 0;
	unsigned mask = 0;
	int a;

	for (a = 0; a < MX_A_N; a++)
		if (is_loose((enum mx_anchor)a) && f->has[a] && f->v[a].at >= at &&
		    !(a == MX_A_BARE && is_remark(t, f->v[a].at)))
			at = f->v[a].at;
	for (a = 0; a < MX_A_N; a++)
		if (is_loose((enum mx_anchor)a) && f->has[a] && f->v[a].at <= at &&
		    (f->v[a].at == at || mx_sentence_end(t, f->v[a].at, t->to) >= at))
			mask |= 1u << a;
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
static bool corrects(const struct found *f)
{
	const struct mx_candidate *b = &f->v[MX_A_BOXED], *x = &f->v[MX_A_FINAL];

	return f->has[MX_A_BOXED] && f->has[MX_A_FINAL] && x->at > b->at && x->text.n > 0 &&
	       mx_prose(x->text, NULL) == 0;
}

static void rank(const struct mx_scan *t, const struct found *f, const enum mx_anchor *order,
		 size_t max, struct mx_candidates *c)
{
	unsigned mask = last_sentence(t, f), pass;
	size_t i, k;

	for (i = 0; order[i] != MX_A_N; i++) {
		if (order[i] == MX_A_BOXED && corrects(f))
			add(c, max, &f->v[MX_A_FINAL]);
		if (!is_loose(order[i])) {
			if (f->has[order[i]])
				add(c, max, &f->v[order[i]]);
			continue;
		}
		if (f->has[MX_A_N])
			add(c, max, &f->v[MX_A_N]);
		for (pass = 0; pass < 2; pass++)
			for (k = i; order[k] != MX_A_N; k++)
				if (is_loose(order[k]) && f->has[order[k]] &&
				    (mask >> order[k] & 1) == (pass == 0))
					add(c, max, &f->v[order[k]]);
	}
}

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
	const struct mx_box *b = t->boxes + t->n_boxes;

	while (b > t->boxes && b[-1].nested)
		b--;
	if (b == t->boxes || b[-1].cut ||
	    mx_trim(meed_sub(t->s, b[-1].in_from, b[-1].in_to)).n > 0)
		return t->from;
	return b[-1].to;
}

static void find_all(struct mx_scan *t, const enum mx_anchor *order, struct found *f)
{
	bool cut = is_cut(t), loose = false;
	size_t i;

	if (!f->gold)
		t->from = after_empty_box(t);

	for (i = 0; order[i] != MX_A_N; i++) {
		/* the response ends inside of a box: only what was boxed before still counts */
		if (cut && !f->gold && order[i] != MX_A_BOXED)
			continue;
		f->has[order[i]] = find(t, order[i], f->gold, &f->v[order[i]]);
		loose = loose || is_loose(order[i]);
	}
	if (cut && f->gold && !f->has[MX_A_BOXED])
		f->has[MX_A_BOXED] = open_box(t, &f->v[MX_A_BOXED]);
	/* an answer and nothing else comes before its parts */
	if (loose && !cut && is_short(meed_sub(t->s, t->from, t->to), f->gold))
		f->has[MX_A_N] = find_whole(t, &f->v[MX_A_N]);
}

int32_t mx_extract(struct mx_env *e, meed_str text, const enum mx_anchor *order, bool gold, size_t max,
		   struct mx_candidates *ret)
{
	struct mx_scan t = { .e = e, .s = text };
	struct found *f;

	ret->n = 0;
	ret->v = mx_alloc(e, (max < 2 * MX_A_N ? max : 2 * MX_A_N) * sizeof(*ret->v));
	f = mx_alloc(e, sizeof(*f));
	if (!ret->v || !f)
		return e->spent;
	if (max > 2 * MX_A_N)
		max = 2 * MX_A_N;
	f->gold = gold;
	find_scope(&t);
	if (!mx_scan(&t))
		return e->spent;
	find_all(&t, order, f);
	if (!e->spent)
		rank(&t, f, order, max, ret);
	return e->spent;
}
