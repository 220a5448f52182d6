/* settle.c - what many questions said, as scores, details and reasons. */
#include "config.h"
#include "judge.h"

enum {
	REASON_MAX = 1500
};

static size_t place_of(const struct ask *a, size_t cand, size_t n)
{
	for (size_t p = 0; p < n; p++)
		if (a->order[p] == cand)
			return p;
	return 0;
}

static meed_str shortened(meed_str s)
{
	size_t n = REASON_MAX;

	if (s.n <= n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
		n--;
	return meed_sub(s, 0, n);
}

/* The critique of the question whose score is nearest to the one that stands. */
static meed_str reason_of(const struct judge *j, const struct state *st, size_t cand, size_t n,
			  double score)
{
	const struct ask *best = NULL;
	double nearest = 2.0;
	size_t p;

	for (size_t i = 0; i < st->n_asks; i++) {
		double d = st->asks[i].reading.v[place_of(&st->asks[i], cand, n)] - score;

		d = d < 0 ? -d : d;
		if (d < nearest) {
			nearest = d;
			best = &st->asks[i];
		}
	}
	if (!best)
		return MEED_S("");
	p = place_of(best, cand, n);
	if (j->mode == MEED_LISTWISE && best->reading.item_why[p].n)
		return shortened(best->reading.item_why[p]);
	return shortened(best->reading.why);
}

/* Critiques of the rubrics, joined, where there is no other. */
static meed_str rubric_reason(const meed_host *h, meed_ctx *c, const struct state *st, size_t n)
{
	struct out o = { h, c, NULL, 0, 0, false };

	for (size_t i = 0; i < n; i++) {
		if (st->asks[0].reading.item_why[i].n == 0)
			continue;
		if (o.n)
			OUT(&o, " / ");
		out_u64(&o, i + 1);
		OUT(&o, ". ");
		out_put(&o, st->asks[0].reading.item_why[i]);
	}
	return shortened(out_str(&o));
}

static int32_t put_rubrics(const meed_host *h, meed_ctx *c, const struct judge *j,
			   const struct state *st)
{
	const struct rubric *v = st->rubrics ? st->rubrics : j->rubrics;
	size_t n = st->rubrics ? st->n_rubrics : j->n_rubrics;
	int32_t r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		char buf[80];
		struct meed_text t = meed_text_in(buf, sizeof(buf) - 1);
		double sum = 0.0;

		for (size_t k = 0; k < st->n_asks; k++)
			sum += st->asks[k].reading.rubric[i];
		if (v[i].name.n) {
			meed_text_str(&t, v[i].name);
		} else {
			meed_text_lit(&t, "rubric ");
			meed_text_u64(&t, i + 1);
		}
		buf[t.n] = '\0';
		r = h->put_score(c, 0, MEED_NONE, buf, sum / (double)st->n_asks,
				 shortened(st->asks[0].reading.item_why[i]));
	}
	return r;
}

/* {"votes": [...], "tokens_in": n, "tokens_out": n}. */
static int32_t put_extras(const meed_host *h, meed_ctx *c, const struct state *st, size_t cand,
			  size_t n)
{
	struct out o = { h, c, NULL, 0, 0, false }, t = o;

	OUT(&o, "[");
	for (size_t i = 0; i < st->n_asks; i++) {
		if (i)
			OUT(&o, ",");
		out_num(&o, st->asks[i].reading.v[place_of(&st->asks[i], cand, n)]);
	}
	OUT(&o, "]");
	OUT(&t, "{\"in\":");
	out_u64(&t, st->tokens_in);
	OUT(&t, ",\"out\":");
	out_u64(&t, st->tokens_out);
	OUT(&t, "}");
	if (o.failed || t.failed)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	if (h->put_extra(c, cand, "votes", out_str(&o)) < 0)
		return MEED_E_INTERNAL;
	return h->put_extra(c, cand, "tokens", out_str(&t));
}

static int32_t settle_steps(const meed_host *h, meed_ctx *c, const meed_sample *s,
			    const struct state *st)
{
	size_t n = s->cands[0].n_steps;
	int32_t r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		double sum = 0.0;

		for (size_t k = 0; k < st->n_asks; k++)
			sum += st->asks[k].reading.v[i];
		r = h->put_score(c, 0, i, NULL, sum / (double)st->n_asks,
				 i == 0 ? shortened(st->asks[0].reading.why) : MEED_S(""));
	}
	return r < 0 ? r : MEED_OK;
}

int32_t judge_settle(const meed_host *h, meed_ctx *c, const struct judge *j, const meed_sample *s,
		     const struct state *st)
{
	bool by_rubric = j->contract == C_RUBRICS || j->contract == C_VIOLATIONS;
	size_t n_rubrics = st->rubrics ? st->n_rubrics : j->n_rubrics;
	int32_t r = 0;

	if (j->mode == MEED_STEPWISE)
		return settle_steps(h, c, s, st);
	for (size_t i = 0; r >= 0 && i < s->n_cands; i++) {
		double sum = 0.0;
		meed_str why;

		for (size_t k = 0; k < st->n_asks; k++)
			sum += st->asks[k].reading.v[place_of(&st->asks[k], i, s->n_cands)];
		sum /= (double)st->n_asks;
		why = reason_of(j, st, i, s->n_cands, sum);
		if (why.n == 0 && by_rubric)
			why = rubric_reason(h, c, st, n_rubrics);
		r = h->put_score(c, i, MEED_NONE, NULL, sum, why);
		if (r >= 0 && s->want & MEED_WANT_EXTRA)
			r = put_extras(h, c, st, i, s->n_cands);
	}
	if (r >= 0 && by_rubric)
		r = put_rubrics(h, c, j, st);
	return r < 0 ? r : MEED_OK;
}
