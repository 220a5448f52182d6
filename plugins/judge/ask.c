/* ask.c - evaluate and resume: every vote of every member of the panel, in every order, is a
 * question of its own; one that cannot be read is asked again with the complaint. */
#include "config.h"
#include "judge.h"

#include <stdio.h>

static struct question question_of(const struct judge *j, const meed_sample *s,
				   const struct state *st, const struct ask *a)
{
	return (struct question){
		.s = s,
		.order = a->order,
		.n = s->n_cands,
		.nonce = st->nonce,
		.rubrics = st->rubrics ? st->rubrics : j->rubrics,
		.n_rubrics = st->rubrics ? st->n_rubrics : j->n_rubrics,
	};
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Votes differ by their seeds: the host asks equal requests once. */
static uint64_t seed_of(const meed_host *h, meed_ctx *c, const struct judge *j, const struct ask *a)
{
	uint64_t x;

	if (j->votes == 1)
		return 0;
	x = h->seed(c) + (uint64_t)a->vote * 0x9E3779B97F4A7C15u;
	x ^= x >> 31;
	return (x & INT32_MAX) | 1;
}

static int32_t post(const meed_host *h, meed_ctx *c, const struct judge *j, const struct state *st,
		    const meed_sample *s, size_t at, meed_str critiques)
{
	struct ask *a = &st->asks[at];
	struct question q = question_of(j, s, st, a);
	struct out again = { h, c, NULL, 0, 0, false };
	meed_msg v[4];
	meed_chat chat = { .struct_size = sizeof(chat),
			   .msgs = v,
			   .n_msgs = 2,
			   .endpoint = a->endpoint,
			   .temperature = j->temperature,
			   .seed = seed_of(h, c, j, a),
			   .max_tokens = j->max_tokens,
			   .top_logprobs = j->logprobs ? 20 : 0 };

	q.critiques = critiques;
	v[0] = (meed_msg){ MEED_S("system"), prompt_system(h, c, j), NULL };
	v[1] = (meed_msg){ MEED_S("user"), prompt_user(h, c, j, &q), NULL };
	if (!v[1].text.p)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	if (j->images) {
		int32_t r = images_message(h, c, &q, v[1].text, &v[1].more);

		if (r < 0)
			return r;
	}
	if (j->format == F_JSON) {
		chat.json_schema = contract_schema(h, c, j, &q);
		if (!chat.json_schema)
			return h->fail(c, MEED_E_NOMEM, "out of memory");
	}
	if (a->complaint) {
		OUT(&again, "Your answer could not be read: ");
		out_put(&again, meed_s(a->complaint));
		OUT(&again, ". Answer again, in the form that was asked for and nothing else.");
		v[2] = (meed_msg){ MEED_S("assistant"), a->said, NULL };
		v[3] = (meed_msg){ MEED_S("user"), out_str(&again), NULL };
		chat.n_msgs = 4;
	}
	return again.failed ? h->fail(c, MEED_E_NOMEM, "out of memory")
			    : h->post_chat(c, (uint32_t)at, &chat);
}

static void put_order(const struct judge *j, uint64_t seed, size_t perm, size_t n, size_t *order)
{
	uint64_t x = seed ^ ((uint64_t)perm + 1) * 0x9E3779B97F4A7C15u;

	for (size_t i = 0; i < n; i++)
		order[i] = j->positions == P_ROTATED ? (i + perm) % n : i;
	if (j->positions != P_SHUFFLED)
		return;
	for (size_t i = n; i > 1; i--) {
		size_t k, t = order[i - 1];

		x ^= x >> 12;
		x ^= x << 25;
		x ^= x >> 27;
		k = (size_t)(x * 0x2545F4914F6CDD1Du >> 33) % i;
		order[i - 1] = order[k];
		order[k] = t;
	}
}

static int32_t begin(const meed_host *h, meed_ctx *c, const struct judge *j, const meed_sample *s,
		     struct state *st)
{
	size_t perms = j->mode == MEED_LISTWISE && j->positions != P_GIVEN ? j->permutations : 1;
	size_t panel = j->n_panel ? j->n_panel : 1, n, at = 0;
	int32_t r = 0;

	if (perms > s->n_cands && j->positions == P_ROTATED)
		perms = s->n_cands;
	n = perms * panel * j->votes;
	if (n > ASKS_MAX)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu questions for one sample: at most %d", n,
				  ASKS_MAX);
	st->asks = h->alloc(c, n * sizeof(*st->asks));
	if (!st->asks)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	st->n_asks = n;
	for (size_t p = 0; p < perms; p++)
		for (size_t k = 0; k < panel; k++)
			for (uint32_t v = 0; v < j->votes; v++, at++) {
				st->asks[at].endpoint = j->n_panel ? j->panel[k] : NULL;
				st->asks[at].vote = v;
				put_order(j, h->seed(c), p, s->n_cands, st->asks[at].order);
			}
	st->phase = S_JUDGE;
	for (at = 0; r >= 0 && at < n; at++)
		r = post(h, c, j, st, s, at, MEED_S(""));
	return r < 0 ? r : MEED_PENDING;
}

int32_t judge_evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
		       void *state)
{
	const struct judge *j = self;
	struct state *st = state;

	if (s->n_cands == 0)
		return h->fail(c, MEED_E_SAMPLE, "there is no answer to judge");
	if (j->mode == MEED_LISTWISE && s->n_cands > ANSWERS_MAX)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu answers: this judge compares at most %d",
				  s->n_cands, ANSWERS_MAX);
	if (j->mode == MEED_STEPWISE && s->cands[0].n_steps > STEPS_MAX)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu steps: this judge reads at most %d",
				  s->cands[0].n_steps, STEPS_MAX);
	if (j->mode == MEED_STEPWISE && s->cands[0].n_steps == 0)
		return h->fail(c, MEED_E_SAMPLE, "the answer has no steps");
	if (j->reference == R_REQUIRE && s->cands[0].n_refs == 0)
		return h->fail(c, MEED_E_SAMPLE,
			       "there is no reference, which this judge requires");
	st->nonce = prompt_nonce(h, c, j, s);
	if (st->nonce.n == 0)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	if (!j->criteria)
		return begin(h, c, j, s, st);
	st->phase = S_CRITERIA;
	return criteria_ask(h, c, j, s, st, MEED_S(""), NULL);
}

/* ---- answers --------------------------------------------------------------------------------- */

static int32_t upstream_failed(const meed_host *h, meed_ctx *c, const meed_reply *r)
{
	return meed_failf(h, c, r->status, "the judge could not be asked: %.*s",
			  (int)(r->error.n < 400 ? r->error.n : 400), r->error.p);
}

bool judge_cut_off(const meed_host *h, const meed_reply *r)
{
	return r->choices &&
	       meed_eq(h->str(h->get(r->choices[0], "finish_reason")), MEED_S("length"));
}

/* A copy: replies go with the round. */
static meed_str keep(const meed_host *h, meed_ctx *c, meed_str s)
{
	char *p = h->alloc(c, s.n + 1);

	if (p && s.n)
		memcpy(p, s.p, s.n);
	return (meed_str){ p ? p : "", p ? s.n : 0 };
}

static void keep_reading(const meed_host *h, meed_ctx *c, struct reading *r)
{
	r->why = keep(h, c, r->why);
	for (size_t i = 0; i < RUBRICS_MAX; i++)
		if (r->item_why[i].n)
			r->item_why[i] = keep(h, c, r->item_why[i]);
}

static void take(const meed_host *h, meed_ctx *c, const struct judge *j, const meed_sample *s,
		 struct state *st, struct ask *a, const meed_reply *r)
{
	struct question q = question_of(j, s, st, a);
	meed_str text = r->n_texts ? keep(h, c, r->texts[0]) : MEED_S("");
	double x;

	st->tokens_in += r->tokens_in;
	st->tokens_out += r->tokens_out;
	a->said = text;
	if (j->logprobs && chance_read(h, j, r, &x)) {
		a->reading = (struct reading){ .v = { x }, .n = 1, .why = text };
		a->read = true;
		return;
	}
	a->complaint = judge_read(h, c, j, &q, text, &a->reading);
	a->read = !a->complaint;
	if (a->read)
		keep_reading(h, c, &a->reading);
	else if (judge_cut_off(h, r))
		a->complaint = "it was cut off at the limit of tokens; be shorter";
}

static int32_t unreadable(const meed_host *h, meed_ctx *c, const char *complaint, meed_str said)
{
	return meed_failf(h, c, MEED_E_PARSE,
			  "the judge's answer could not be read: %s; it begins: %.*s", complaint,
			  (int)(said.n < 120 ? said.n : 120), said.p);
}

/* What a judge said, to be shown to others: without the nonce, so that it can neither close its
 * delimiters nor be taken for a verdict. */
static meed_str argued(const meed_host *h, meed_ctx *c, meed_str said, meed_str nonce)
{
	struct out o = { h, c, NULL, 0, 0, false };
	size_t from = 0, at;

	said = find_said(said);
	while ((at = meed_find(said, from, nonce)) != MEED_NONE) {
		out_put(&o, meed_sub(said, from, at));
		OUT(&o, "...");
		from = at + nonce.n;
	}
	out_put(&o, meed_sub(said, from, said.n));
	return out_str(&o);
}

/* Critiques of the first round, fenced, for the second. */
static meed_str critiques(const meed_host *h, meed_ctx *c, const struct state *st, size_t but)
{
	struct out o = { h, c, NULL, 0, 0, false };

	for (size_t i = 0; i < st->n_asks; i++) {
		if (i == but)
			continue;
		if (o.n)
			OUT(&o, "\n");
		prompt_fence(&o, "judge", st->nonce, st->asks[i].argued, 4000);
	}
	return out_str(&o);
}

static int32_t debate(const meed_host *h, meed_ctx *c, const struct judge *j, const meed_sample *s,
		      struct state *st)
{
	int32_t r = 0;

	st->phase = S_DEBATE;
	for (size_t i = 0; i < st->n_asks; i++)
		st->asks[i].argued = argued(h, c, st->asks[i].said, st->nonce);
	for (size_t i = 0; r >= 0 && i < st->n_asks; i++) {
		st->asks[i].read = false;
		st->asks[i].complaint = NULL;
		st->asks[i].reasks = 0;
		r = post(h, c, j, st, s, i, critiques(h, c, st, i));
	}
	return r < 0 ? r : MEED_PENDING;
}

static int32_t resume_criteria(const meed_host *h, meed_ctx *c, const struct judge *j,
			       const meed_sample *s, struct state *st)
{
	const meed_reply *r = h->reply(c, 0);
	meed_str said;
	const char *complaint;

	if (r->status < 0)
		return upstream_failed(h, c, r);
	st->tokens_in += r->tokens_in;
	st->tokens_out += r->tokens_out;
	said = keep(h, c, r->n_texts ? r->texts[0] : MEED_S(""));
	complaint = criteria_read(h, c, st, said);
	if (!complaint)
		return begin(h, c, j, s, st);
	if (st->reasks++ >= j->reasks)
		return unreadable(h, c, complaint, said);
	return criteria_ask(h, c, j, s, st, said, complaint);
}

int32_t judge_resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *state)
{
	const struct judge *j = self;
	struct state *st = state;
	bool again = false;
	int32_t code;

	if (st->phase == S_CRITERIA)
		return resume_criteria(h, c, j, s, st);
	for (size_t i = 0; i < h->n_replies(c); i++) {
		const meed_reply *r = h->reply(c, i);
		struct ask *a = &st->asks[r->tag];

		if (r->status < 0)
			return upstream_failed(h, c, r);
		take(h, c, j, s, st, a, r);
		if (a->read)
			continue;
		if (a->reasks++ >= j->reasks)
			return unreadable(h, c, a->complaint, a->said);
		code = post(h, c, j, st, s, r->tag,
			    st->phase == S_DEBATE ? critiques(h, c, st, r->tag) : MEED_S(""));
		if (code < 0)
			return code;
		again = true;
	}
	if (again)
		return MEED_PENDING;
	if (j->debate && st->phase == S_JUDGE && st->n_asks > 1)
		return debate(h, c, j, s, st);
	return judge_settle(h, c, j, s, st);
}
