/* read.c - an answer of the judge into scores. What cannot be read is a complaint, which the judge
 * is told; never a score. */
#include "config.h"
#include "judge.h"

#include <math.h>

enum {
	OBJECTS_TRIED = 8
};

struct rd {
	const meed_host *h;
	meed_ctx *c;
	const struct judge *j;
	const struct question *q;
	struct reading *out;
	const char *complaint;
};

static const char *no(struct rd *r, const char *why)
{
	r->complaint = why;
	return why;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* 7/10 says nothing on a scale to 5. */
static bool right_scale(const struct rd *r, double of)
{
	return !(of < 0.0 || of > 0.0) || (of >= r->j->scale_max && of <= r->j->scale_max);
}

/* A number, or a text that is one ("7", "7/10"). */
static bool as_number(const struct rd *r, const meed_val *v, double *ret)
{
	uint32_t t = r->h->type(v);
	double of;

	if (t == MEED_T_INT || t == MEED_T_NUM) {
		*ret = r->h->num(v, 0);
		return isfinite(*ret);
	}
	return t == MEED_T_STR && verdict_rating(r->h->str(v), ret, &of) && right_scale(r, of);
}

/* A point of the scale as 0..1. */
static bool on_scale(const struct rd *r, double x, double *ret)
{
	double lo = r->j->scale_min, hi = r->j->scale_max;

	if (!(x >= lo && x <= hi))
		return false;
	*ret = (x - lo) / (hi - lo);
	return true;
}

static const char *score_of(struct rd *r, const meed_val *v, double *ret)
{
	double x;

	if (!as_number(r, v, &x))
		return no(r, "the score is missing, or no number");
	return on_scale(r, x, ret) ? NULL : no(r, "the score is outside the scale");
}

/* 1-based, of n; 0-based in *ret. */
static bool index_of(const struct rd *r, const meed_val *v, size_t n, size_t *ret)
{
	double x;

	if (!as_number(r, v, &x) || x < 1 || x > (double)n || x < floor(x) || x > floor(x))
		return false;
	*ret = (size_t)x - 1;
	return true;
}

static meed_str critique_of(const struct rd *r, const meed_val *o)
{
	static const char *const names[] = { "critique", "reason", "explanation",
					     "concise_explanation", "reasoning" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (r->h->type(r->h->get(o, names[i])) == MEED_T_STR)
			return r->h->str(r->h->get(o, names[i]));
	return MEED_S("");
}

/* ---- lists with an item for each of n things ------------------------------------------------- */

/* Calls take for every item of a list of objects, each of which names its thing by `key`, or else
 * by its place; every one of n exactly once. */
static const char *each(struct rd *r, const meed_val *list, const char *key, size_t n,
			const char *(*take)(struct rd *r, const meed_val *item, size_t at))
{
	bool seen[ANSWERS_MAX > STEPS_MAX ? ANSWERS_MAX : STEPS_MAX] = { false };
	size_t len = r->h->type(list) == MEED_T_ARR ? r->h->len(list) : 0;

	if (len != n)
		return no(r, "the list does not have one item for each");
	for (size_t i = 0; i < n; i++) {
		const meed_val *item = r->h->at(list, i);
		size_t at = i;

		if (r->h->type(item) == MEED_T_OBJ && r->h->get(item, key) &&
		    !index_of(r, r->h->get(item, key), n, &at))
			return no(r, "an item of the list names something that is not there");
		if (seen[at])
			return no(r, "two items of the list are about the same thing");
		seen[at] = true;
		if (take(r, item, at))
			return r->complaint;
	}
	return NULL;
}

static const char *take_score(struct rd *r, const meed_val *item, size_t at)
{
	const meed_val *v = r->h->type(item) == MEED_T_OBJ ? r->h->get(item, "score") : item;

	if (r->h->type(item) == MEED_T_OBJ)
		r->out->item_why[at] = critique_of(r, item);
	return score_of(r, v, &r->out->v[at]);
}

static const char *take_rubric(struct rd *r, const meed_val *item, size_t at)
{
	const meed_val *v = r->h->type(item) == MEED_T_OBJ ? r->h->get(item, "score") : item;

	if (r->h->type(item) == MEED_T_OBJ)
		r->out->item_why[at] = critique_of(r, item);
	return score_of(r, v, &r->out->rubric[at]);
}

static const char *take_step(struct rd *r, const meed_val *item, size_t at)
{
	const meed_val *v = r->h->type(item) == MEED_T_OBJ ? r->h->get(item, "verdict") : item;
	meed_str s = r->h->str(v);

	if (meed_eq(s, MEED_S("correct")))
		r->out->v[at] = 1.0;
	else if (meed_eq(s, MEED_S("neutral")))
		r->out->v[at] = 0.5;
	else if (meed_eq(s, MEED_S("incorrect")))
		r->out->v[at] = 0.0;
	else
		return no(r, "a step's verdict is none of correct, neutral, incorrect");
	if (r->out->v[at] <= 0.0 && r->out->why.n == 0 && r->h->type(item) == MEED_T_OBJ)
		r->out->why = critique_of(r, item);
	return NULL;
}

/* ---- from numbers to the reading ------------------------------------------------------------- */

static void weigh_rubrics(struct rd *r)
{
	double sum = 0.0, total = 0.0;

	for (size_t i = 0; i < r->q->n_rubrics; i++) {
		const struct rubric *k = &r->q->rubrics[i];

		sum += k->weight * r->out->rubric[i];
		total += k->weight;
		if (k->veto && r->out->rubric[i] <= 0.0)
			r->out->vetoed = true;
	}
	r->out->v[0] = r->out->vetoed ? 0.0 : sum / total;
	r->out->n = 1;
}

static const char *violations(struct rd *r, const meed_val *list)
{
	size_t n = r->q->n_rubrics, at, count = 0;

	if (r->h->type(list) != MEED_T_ARR)
		return no(r, "the violations are no list of numbers");
	for (size_t i = 0; i < n; i++)
		r->out->rubric[i] = 1.0;
	for (size_t i = 0; i < r->h->len(list); i++) {
		if (!index_of(r, r->h->at(list, i), n, &at))
			return no(r, "a violation names a rubric that is not there");
		count += r->out->rubric[at] > 0.5;
		r->out->rubric[at] = 0.0;
	}
	r->out->v[0] = 1.0 - (double)count / (double)n;
	r->out->n = 1;
	return NULL;
}

static void preference(struct rd *r, enum preference p)
{
	r->out->v[0] = p == PREF_A ? 1.0 : p == PREF_B ? 0.0 : 0.5;
	r->out->v[1] = 1.0 - r->out->v[0];
	r->out->n = 2;
}

/* Places as a list of lists, or of objects with a rank. */
static const char *ranking(struct rd *r, const meed_val *list)
{
	size_t n = r->q->n, placed = 0, at;
	bool seen[ANSWERS_MAX] = { false };

	if (r->h->type(list) != MEED_T_ARR)
		return no(r, "the ranking is no list");
	for (size_t i = 0; i < r->h->len(list); i++) {
		const meed_val *tier = r->h->at(list, i);
		bool many = r->h->type(tier) == MEED_T_ARR;
		size_t len = many ? r->h->len(tier) : 1;
		double mid = (double)placed + ((double)len - 1.0) / 2.0;

		for (size_t k = 0; k < len; k++) {
			if (!index_of(r, many ? r->h->at(tier, k) : tier, n, &at) || seen[at])
				return no(r, "the ranking names an answer twice, or one that is "
					     "not there");
			seen[at] = true;
			r->out->v[at] = n > 1 ? 1.0 - mid / ((double)n - 1.0) : 1.0;
			placed++;
		}
	}
	r->out->n = n;
	return placed == n ? NULL : no(r, "the ranking leaves answers out");
}

static const char *best(struct rd *r, const meed_val *v)
{
	bool many = r->h->type(v) == MEED_T_ARR;
	size_t len = many ? r->h->len(v) : 1, at;

	if (len == 0)
		return no(r, "no answer is named best");
	for (size_t i = 0; i < r->q->n; i++)
		r->out->v[i] = 0.0;
	for (size_t i = 0; i < len; i++) {
		if (!index_of(r, many ? r->h->at(v, i) : v, r->q->n, &at) || r->out->v[at] > 0.0)
			return no(r, "the best answer is one that is not there, or named twice");
		r->out->v[at] = 1.0 / (double)len;
	}
	r->out->n = r->q->n;
	return NULL;
}

static const char *first_error(struct rd *r, const meed_val *v)
{
	size_t n = r->q->s->cands[0].n_steps;
	double x;

	if (!as_number(r, v, &x) || x < 0 || x > (double)n || x < floor(x) || x > floor(x))
		return no(r, "first_error is no number of a step, and not 0");
	for (size_t i = 0; i < n; i++)
		r->out->v[i] = x < 1 || (double)(i + 1) < x ? 1.0 : 0.0;
	r->out->n = n;
	return NULL;
}

static const char *yes_no(struct rd *r, meed_str s)
{
	s = meed_strip(s);
	while (s.n && strchr(".!*\"'", s.p[s.n - 1]))
		s.n--;
	while (s.n && strchr("*\"'", s.p[0]))
		s = meed_sub(s, 1, s.n);
	if (s.n == 3 && (s.p[0] | 32) == 'y' && (s.p[1] | 32) == 'e' && (s.p[2] | 32) == 's')
		r->out->v[0] = 1.0;
	else if (s.n == 2 && (s.p[0] | 32) == 'n' && (s.p[1] | 32) == 'o')
		r->out->v[0] = 0.0;
	else
		return no(r, "the verdict is neither yes nor no");
	r->out->n = 1;
	return NULL;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static const char *pair_scores(struct rd *r, const meed_val *a, const meed_val *b)
{
	if (score_of(r, a, &r->out->v[0]) || score_of(r, b, &r->out->v[1]))
		return r->complaint;
	r->out->n = 2;
	return NULL;
}

static const char *from_word(struct rd *r, meed_str s)
{
	enum preference p = verdict_preference(s);

	if (p == PREF_NONE || p == PREF_AMBIGUOUS)
		return no(r, p == PREF_NONE ? "the preference is none of A, B, tie"
					    : "the answer holds verdicts for both sides");
	preference(r, p);
	return NULL;
}

static const char *from_object(struct rd *r, const meed_val *o)
{
	const meed_host *h = r->h;
	const char *bad = NULL;

	r->out->why = critique_of(r, o);
	switch (r->j->contract) {
	case C_SCORE:
		r->out->n = 1;
		return score_of(r, h->get(o, "score"), &r->out->v[0]);
	case C_RUBRICS:
		bad = each(r, h->get(o, "rubrics"), "rubric", r->q->n_rubrics, take_rubric);
		if (!bad)
			weigh_rubrics(r);
		return bad;
	case C_VIOLATIONS:
		return violations(r, h->get(o, "violations"));
	case C_YES_NO:
		return yes_no(r, h->str(h->get(o, "verdict")));
	case C_PREFERENCE:
		return from_word(r, h->str(h->get(o, "preference")));
	case C_PAIR_SCORES:
		return pair_scores(r, h->get(o, "A"), h->get(o, "B"));
	case C_SCORES:
		r->out->n = r->q->n;
		return each(r, h->get(o, "answers"), "answer", r->q->n, take_score);
	case C_RANK:
		return ranking(r, h->get(o, "ranking"));
	case C_BEST:
		return best(r, h->get(o, "best"));
	case C_STEPS:
		r->out->n = r->q->s->cands[0].n_steps;
		return each(r, h->get(o, "steps"), "step", r->out->n, take_step);
	default:
		return first_error(r, h->get(o, "first_error"));
	}
}

/* The last object that bears this question's id and fits the contract. One without the id was
 * not written for this question: it may be the answer's own. */
static const char *read_json(struct rd *r, meed_str text)
{
	const char *first = NULL;
	struct reading empty = { .n = 0 };
	bool any = false;

	for (size_t i = 0; i < OBJECTS_TRIED; i++) {
		const meed_val *o = find_object(r->h, r->c, text, i);

		if (!o)
			break;
		any = true;
		*r->out = empty;
		if (!meed_eq(r->h->str(r->h->get(o, "id")), r->q->nonce))
			continue;
		if (!from_object(r, o))
			return NULL;
		first = first ? first : r->complaint;
	}
	return no(r, first ? first
		     : any ? "the JSON object lacks the id of this task"
			   : "there is no JSON object in the answer");
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* A tag's body as JSON: a list, or a number. */
static const meed_val *tag_value(struct rd *r, meed_str text, const char *name, meed_str *ret_body)
{
	*ret_body = MEED_S("");
	if (!find_tag(text, name, ret_body))
		return NULL;
	return r->h->parse(r->c, *ret_body);
}

/* "2 > 1 = 3". */
static const char *rank_text(struct rd *r, meed_str s)
{
	struct out o = { r->h, r->c, NULL, 0, 0, false };
	const meed_val *v;

	OUT(&o, "[[");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '>')
			OUT(&o, "],[");
		else if (s.p[i] == '=')
			OUT(&o, ",");
		else
			out_put(&o, meed_sub(s, i, i + 1));
	}
	OUT(&o, "]]");
	v = o.failed ? NULL : r->h->parse(r->c, out_str(&o));
	return v ? ranking(r, v) : no(r, "the ranking is not of the form 2 > 1 = 3");
}

static const char *step_words(struct rd *r, meed_str s)
{
	struct out o = { r->h, r->c, NULL, 0, 0, false };
	const meed_val *v = r->h->parse(r->c, s);
	size_t from = 0;

	if (v)
		return each(r, v, "step", r->out->n, take_step);
	OUT(&o, "[");
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] >= 'a' && s.p[i] <= 'z')
			continue;
		if (i > from) {
			out_put(&o, o.n > 1 ? MEED_S(",") : MEED_S(""));
			out_json(&o, meed_sub(s, from, i));
		}
		from = i + 1;
	}
	OUT(&o, "]");
	v = o.failed ? NULL : r->h->parse(r->c, out_str(&o));
	return each(r, v, "step", r->out->n, take_step);
}

static const char *read_tags(struct rd *r, meed_str text)
{
	meed_str body;
	const meed_val *v;
	const char *bad;

	if (!find_tag(text, "critique", &r->out->why))
		(void)find_tag(text, "reason", &r->out->why);
	switch (r->j->contract) {
	case C_SCORE:
		r->out->n = 1;
		return score_of(r, tag_value(r, text, "score", &body), &r->out->v[0]);
	case C_RUBRICS:
		bad = each(r, tag_value(r, text, "scores", &body), "", r->q->n_rubrics,
			   take_rubric);
		if (!bad)
			weigh_rubrics(r);
		return bad;
	case C_VIOLATIONS:
		return violations(r, tag_value(r, text, "violation", &body));
	case C_YES_NO:
		return find_tag(text, "verdict", &body) ? yes_no(r, body)
							: no(r, "there is no <verdict>");
	case C_PREFERENCE:
		return find_tag(text, "preference", &body) || find_tag(text, "best", &body)
			       ? from_word(r, body)
			       : no(r, "there is no <preference>");
	case C_PAIR_SCORES:
		r->out->n = 2;
		return each(r, tag_value(r, text, "scores", &body), "", 2, take_score);
	case C_SCORES:
		r->out->n = r->q->n;
		return each(r, tag_value(r, text, "scores", &body), "", r->q->n, take_score);
	case C_RANK:
		return find_tag(text, "ranking", &body) ? rank_text(r, body)
							: no(r, "there is no <ranking>");
	case C_BEST:
		v = tag_value(r, text, "best", &body);
		return v ? best(r, v) : no(r, "there is no <best> with a number");
	case C_STEPS:
		r->out->n = r->q->s->cands[0].n_steps;
		return find_tag(text, "verdicts", &body) ? step_words(r, body)
							 : no(r, "there is no <verdicts>");
	default:
		return first_error(r, tag_value(r, text, "first_error", &body));
	}
}

/* ---- [[...]] and plain text ------------------------------------------------------------------ */

static const char *read_words(struct rd *r, meed_str text)
{
	double x, of;

	r->out->why = text;
	if (r->j->contract == C_PREFERENCE)
		return from_word(r, text);
	if (r->j->contract == C_YES_NO)
		return yes_no(r, text);
	if (!verdict_rating(text, &x, &of))
		return no(r, "there is no rating in the answer");
	if (!right_scale(r, of))
		return no(r, "the rating is out of another number than the scale's");
	r->out->n = 1;
	return on_scale(r, x, &r->out->v[0]) ? NULL : no(r, "the rating is outside the scale");
}

const char *judge_read(const meed_host *h, meed_ctx *c, const struct judge *j,
		       const struct question *q, meed_str text, struct reading *ret)
{
	struct rd r = { h, c, j, q, ret, NULL };

	*ret = (struct reading){ .n = 0 };
	text = find_said(text);
	if (text.n == 0)
		return no(&r, "the answer is empty, or ends within a thought");
	switch (j->format) {
	case F_JSON:
		return read_json(&r, text);
	case F_TAGS:
		return read_tags(&r, text);
	default:
		return read_words(&r, text);
	}
}
