/* conform_eval.c - the kit's engine: one evaluation to its verdict, with canned answers. */
#include "config.h"

#include "host/plugin/conform.h"

#include <json-c/json.h>
#include <stdio.h>

/* A plugin that polls `cancelled` is stopped before the parent would give up on it. */
enum {
	BIG_ANSWER = 1 << 20,
	DIM = 8,
	DEADLINE_S = 30
};

static const struct answer {
	const char *name;
	int32_t status;
	const char *text; /* NULL: no text at all; "*": a megabyte */
} answers[] = {
	{ "a number", MEED_OK, "7" },
	{ "tagged text", MEED_OK, "<analysis>fine</analysis><score>7</score> [[A]] Score: 7" },
	{ "JSON", MEED_OK, "{\"score\":7,\"reason\":\"fine\",\"ranking\":[1,0],\"best\":0}" },
	{ "an empty text", MEED_OK, "" },
	{ "garbage", MEED_OK, "}{ <<score>> \xf4\x8f\xbf\xbf nan \xe2\x80\xae 1e999 ]]" },
	{ "a megabyte of text", MEED_OK, "*" },
	{ "no text at all", MEED_OK, NULL },
	{ "a parse error", MEED_E_PARSE, NULL },
	{ "an upstream error", MEED_E_UPSTREAM, NULL },
	{ "a timeout", MEED_E_TIMEOUT, NULL },
	{ "a cancellation", MEED_E_CANCELLED, NULL },
	{ "a limit", MEED_E_LIMIT, NULL },
	{ "out of memory", MEED_E_NOMEM, NULL },
	{ "unsupported", MEED_E_UNSUPPORTED, NULL },
	{ "an internal error", MEED_E_INTERNAL, NULL },
};

size_t meed_conform_n_answers(void)
{
	return sizeof(answers) / sizeof(answers[0]);
}

const char *meed_conform_answer_name(size_t i)
{
	return answers[i].name;
}

int32_t meed_conform_answer_status(size_t i)
{
	return answers[i].status;
}

/* ---- answering ---- */

static meed_str answer_text(struct meed_arena *a, const char *text)
{
	meed_str r = { "", 0 };
	char *p;

	if (strcmp(text, "*") != 0) {
		r = meed_arena_dup(a, meed_str_of(text));
	} else {
		p = meed_arena_raw(a, BIG_ANSWER + 1);
		if (p) {
			memset(p, 'y', BIG_ANSWER);
			p[BIG_ANSWER] = '\0';
			r.p = p;
			r.n = BIG_ANSWER;
		}
	}
	return r.p ? r : MEED_STR("");
}

static void answer_vectors(struct meed_arena *a, struct meed_request *q)
{
	size_t i, n;
	float *v;

	if (meed_mul_overflow(q->n_texts, DIM * sizeof(*v), &n))
		return;
	v = meed_arena_alloc(a, n);
	if (!v)
		return;
	for (i = 0; i < q->n_texts * DIM; i++)
		v[i] = (float)((i * 7 + q->texts[i / DIM].n) % 13) / 13.0f;
	q->reply.vecs = v;
	q->reply.n_vecs = q->n_texts;
	q->reply.dim = DIM;
}

static void answer_tree(struct meed_request *q, const char *text)
{
	if (meed_json_read(NULL, text, strlen(text), NULL, &q->owned) < 0)
		q->owned = NULL;
	q->reply.json = (const meed_val *)(const void *)q->owned;
}

static void answer_texts(struct meed_arena *a, struct meed_request *q, const char *text)
{
	uint32_t n = q->kind == MEED_REQ_CHAT && q->chat.n_choices ? q->chat.n_choices : 1, i;
	meed_str *v;

	if (n > 1024)
		n = 1024;
	v = meed_arena_alloc(a, n * sizeof(*v));
	for (i = 0; v && i < n; i++)
		v[i] = answer_text(a, text);
	q->reply.texts = v;
	q->reply.n_texts = v ? n : 0;
	q->reply.http_status = 200;
	if (q->kind == MEED_REQ_HTTP || q->chat.json_schema)
		answer_tree(q, text);
}

static void answer_request(struct meed_arena *arena, struct meed_request *q, const struct answer *a)
{
	q->reply.status = a->status;
	if (a->status != MEED_OK)
		q->reply.error = MEED_STR("the kit let it fail");
	else if (q->kind == MEED_REQ_EXEC)
		meed_conform_answer_exec(q, answer_text(arena, a->text ? a->text : ""),
					 (size_t)(a - answers));
	else if (q->kind == MEED_REQ_EMBED && a->text)
		answer_vectors(arena, q);
	else if (a->text)
		answer_texts(arena, q, a->text);
}

/* ---- what came out ---- */

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	return meed_hash(p, n, h);
}

static uint64_t mix_score(uint64_t h, const struct meed_score *s)
{
	unsigned char set = s->set;

	h = mix(h, &set, 1);
	return mix(h, &s->score, sizeof(s->score));
}

static uint64_t digest(const struct meed_ctx *c, int32_t verdict)
{
	uint64_t h = mix(1, &verdict, sizeof(verdict));
	const struct meed_dim *d;
	size_t i, j;

	if (verdict != MEED_OK)
		return h;
	for (i = 0; i < c->n_cands; i++) {
		h = mix_score(h, &c->scores[i]);
		for (j = 0; c->steps && c->steps[i] && j < c->n_steps[i]; j++)
			h = mix_score(h, &c->steps[i][j]);
	}
	for (d = c->dims; d; d = d->next) {
		h = mix(h, d->name.p, d->name.n);
		h = mix(h, &d->cand, sizeof(d->cand));
		h = mix(h, &d->step, sizeof(d->step));
		h = mix(h, &d->score, sizeof(d->score));
	}
	return h;
}

static double first_score(const struct meed_ctx *c)
{
	if (c->n_cands == 0)
		return 0;
	if (c->steps && c->steps[0] && c->n_steps[0] > 0)
		return c->steps[0][0].score;
	return c->scores[0].score;
}

static int32_t verdict(struct meed_ctx *c, struct meed_conform_eval *e, int32_t returned)
{
	bool silent = c->code == 0 && returned < 0 && returned >= MEED_E_INTERNAL &&
		      returned != MEED_E_NOMEM && returned != MEED_E_CANCELLED;
	int32_t r = meed_ctx_verdict(c, returned, &e->sample->s);

	e->silent = e->silent || silent;
	return r;
}

static int32_t next_round(struct meed_ctx *c, struct meed_conform_eval *e, const meed_sample *s,
			  void *state)
{
	const meed_rm *rm = &c->model->rm;
	struct meed_request *q;

	for (q = c->req_first; q; q = q->next)
		answer_request(c->arena, q, &answers[e->answer]);
	if (meed_ctx_next_round(c) < 0)
		return c->code;
	return verdict(c, e, rm->resume(&c->reg->host, c, e->self, s, state));
}

static int32_t run(struct meed_ctx *c, struct meed_conform_eval *e)
{
	const meed_rm *rm = &c->model->rm;
	void *state = NULL;
	meed_sample s;
	int32_t r;

	if (rm->state_size > 0) {
		state = meed_arena_alloc(c->arena, rm->state_size);
		if (!state)
			return meed_ctx_nomem(c);
	}
	s = e->sample->s;
	s.want = e->want;
	r = verdict(c, e, rm->evaluate(&c->reg->host, c, e->self, &s, state));
	while (r == MEED_PENDING && c->rounds != e->drop_at)
		r = next_round(c, e, &s, state);
	if (r == MEED_PENDING && rm->abandon)
		rm->abandon(&c->reg->host, e->self, state);
	return r;
}

void meed_conform_eval(const struct meed_conform *k, struct meed_conform_eval *e)
{
	struct meed_token_cache tokens = { 0 };
	struct meed_ctx c = { 0 };
	uint64_t from;

	c.reg = k->r;
	c.model = k->model;
	c.instance = k->model->rm.id;
	c.arena = e->arena;
	c.tokens = &tokens;
	c.cancel = e->cancel;
	c.seed_key[0] = 42;
	c.want = e->want;
	c.n_steps = e->sample->n_steps;
	e->silent = false;
	e->score = 0;
	from = meed_now_ns();
	c.deadline_ns = from + DEADLINE_S * 1000000000ull;
	e->verdict = meed_ctx_begin(&c, e->sample->s.n_cands);
	if (e->verdict == 0)
		e->verdict = run(&c, e);
	e->ns = meed_now_ns() - from;
	e->why = c.why.p ? c.why.p : "";
	e->rounds = c.rounds;
	e->n_scrubbed = c.n_scrubbed;
	e->digest = digest(&c, e->verdict);
	if (e->verdict == MEED_OK)
		e->score = first_score(&c);
	meed_ctx_end(&c);
}

const char *meed_conform_judge(const struct meed_conform_eval *e, char *buf, size_t n)
{
	bool passed_on = answers[e->answer].status < 0 && e->rounds > 0 &&
			 e->verdict == answers[e->answer].status;

	if (e->silent)
		(void)snprintf(buf, n,
			       "%s: report failures with h->fail(c, code, \"what was wrong "
			       "with what\")",
			       e->why);
	else if (e->n_scrubbed > 0)
		(void)snprintf(buf, n,
			       "gave the host text that is not UTF-8 (%u times): cut texts "
			       "at code points",
			       e->n_scrubbed);
	else if (e->verdict >= 0 || passed_on)
		return NULL;
	else if (e->verdict == MEED_E_LIMIT && e->rounds >= MEED_ROUNDS_MAX)
		(void)snprintf(buf, n,
			       "still posting requests after %d rounds: give up after a "
			       "few",
			       MEED_ROUNDS_MAX);
	else if (e->verdict == MEED_E_PARAM)
		(void)snprintf(buf, n,
			       "MEED_E_PARAM is for create; a sample that does not do is "
			       "MEED_E_SAMPLE: %s",
			       e->why);
	else if (e->verdict == MEED_E_RANGE || e->verdict == MEED_E_INTERNAL)
		(void)snprintf(buf, n, "%s", e->why);
	else
		return NULL;
	return buf;
}
