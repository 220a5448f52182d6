/* fuzz_judge.c - fuzz target: an answer under judgement, and what the judge says of it.
 *
 * The first byte picks what is decided, the second in which form; then comes the judged answer, up
 * to a NUL, and then the judge's, in which @ID@ stands for the id of the task. Whatever they are,
 * each candidate or step has a score of 0 to 1, or there is an error that says why; the judged
 * answer does not add to the delimiters, and the same again gives the same. */
#include "config.h"
#include "plugins/judge/judge.h"
#include "tests/unit/fakehost.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUTS = 3,
	ASKS = 4,
	ROUNDS = 8
};

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct replies {
	meed_reply v[ASKS];
	size_t n;
};

static struct {
	struct replies asked, answered;
	const struct state *st;
	size_t n_ids;			/* in all questions of the first round */
	double score[OUTS];
	bool set[OUTS];
} g;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static size_t count(meed_str s, meed_str what)
{
	size_t n = 0, at = 0;

	while ((at = meed_find(s, at, what)) != MEED_NONE) {
		at += what.n;
		n++;
	}
	return n;
}

/* ---- the host -------------------------------------------------------------------------------- */

static int32_t on_post(meed_ctx *c, uint32_t tag, const meed_chat *chat)
{
	(void)c;
	must(g.asked.n < ASKS && (chat->n_msgs == 2 || chat->n_msgs == 4));
	must(chat->msgs[1].text.n > 0);
	if (chat->json_schema) {
		struct json_object *o = json_tokener_parse(chat->json_schema);

		must(json_object_is_type(o, json_type_object));
		json_object_put(o);
	}
	g.n_ids += count(chat->msgs[1].text, g.st->nonce);
	g.asked.v[g.asked.n++] =
		(meed_reply){ .struct_size = sizeof(meed_reply), .tag = tag, .n_texts = 1 };
	return MEED_OK;
}

static size_t n_replies(const meed_ctx *c)
{
	(void)c;
	return g.answered.n;
}

static const meed_reply *reply(const meed_ctx *c, size_t i)
{
	(void)c;
	return i < g.answered.n ? &g.answered.v[i] : NULL;
}

static int32_t on_score(meed_ctx *c, size_t cand, size_t step, const char *dim, double score,
			meed_str reason)
{
	size_t at = step == MEED_NONE ? cand : step;

	(void)c;
	must(at < OUTS && score >= 0.0 && score <= 1.0 && (reason.n == 0 || reason.p));
	if (dim)
		return MEED_OK;
	g.set[at] = true;
	g.score[at] = score;
	return MEED_OK;
}

static int32_t on_extra(meed_ctx *c, size_t cand, const char *key, meed_str json)
{
	must(cand < OUTS && key && ((struct fake *)(void *)c)->host.parse(c, json));
	return MEED_OK;
}

/* ---- one judgement --------------------------------------------------------------------------- */

static const struct {
	const char *contract;
	uint32_t mode;
	int32_t (*create)(const meed_host *h, meed_ctx *c, const meed_val *p, void **self);
} kinds[] = {
	{ "score", MEED_POINTWISE, judge_pointwise_create },
	{ "rubrics", MEED_POINTWISE, judge_pointwise_create },
	{ "violations", MEED_POINTWISE, judge_pointwise_create },
	{ "yes_no", MEED_POINTWISE, judge_pointwise_create },
	{ "preference", MEED_PAIRWISE, judge_pairwise_create },
	{ "scores", MEED_PAIRWISE, judge_pairwise_create },
	{ "scores", MEED_LISTWISE, judge_listwise_create },
	{ "rank", MEED_LISTWISE, judge_listwise_create },
	{ "best", MEED_LISTWISE, judge_listwise_create },
	{ "steps", MEED_STEPWISE, judge_stepwise_create },
	{ "first_error", MEED_STEPWISE, judge_stepwise_create },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct json_object *params(size_t kind, unsigned how)
{
	static const char *const formats[] = { "json", "tags", "verdict", "text" };
	static const char *const more[] = {
		"\"votes\":1,\"reasks\":1,\"criteria\":false,\"debate\":false,\"max_chars\":0",
		"\"votes\":2,\"reasks\":0,\"criteria\":false,\"debate\":true,\"max_chars\":40",
		"\"votes\":1,\"reasks\":2,\"criteria\":true,\"debate\":false,\"max_chars\":0",
		"\"votes\":1,\"reasks\":0,\"criteria\":false,\"debate\":false,\"max_chars\":9,"
		"\"template\":\"{{#answers}}{{text}}{{/answers}}{{#steps}}{{text}}{{/steps}}"
		"{{contract}}\",\"scale\":{\"min\":-1.5,\"max\":0}"
	};
	char text[800];

	(void)snprintf(text, sizeof(text),
		       "{\"contract\":\"%s\",\"format\":\"%s\",\"reference\":\"use\",\"positions\":"
		       "\"rotated\",\"permutations\":2,\"max_tokens\":100,\"temperature\":0,"
		       "\"rubrics\":[{\"text\":\"a\",\"weight\":2.0,\"veto\":true},\"b\"],%s}",
		       kinds[kind].contract, formats[how % 4], more[how / 4 % 4]);
	return json_tokener_parse(text);
}

/* The judge's answer, with the id in its place; malloc'd. */
static char *answer_of(const char *says)
{
	struct meed_text t;
	const char *at;
	size_t n = strlen(says), cap = n + g.st->nonce.n * count(meed_s(says), MEED_S("@ID@")) + 1;
	char *p = malloc(cap);

	must(p != NULL);
	t = meed_text_in(p, cap - 1);
	while ((at = strstr(says, "@ID@")) != NULL) {
		meed_text_str(&t, (meed_str){ says, (size_t)(at - says) });
		meed_text_str(&t, g.st->nonce);
		says = at + 4;
	}
	meed_text_str(&t, meed_s(says));
	p[t.n] = '\0';
	return p;
}

static int32_t run(struct fake *f, void *self, const meed_sample *s, const char *says)
{
	struct state st = { 0 };
	size_t first_ids;
	meed_str text;
	char *p;
	int32_t r;

	fake_reset(f);
	memset(&g, 0, sizeof(g));
	g.st = &st;
	r = judge_evaluate(&f->host, (meed_ctx *)f, self, s, &st);
	must(r == MEED_PENDING && g.asked.n > 0);
	first_ids = g.n_ids;
	for (size_t round = 0; r == MEED_PENDING; round++) {
		must(round < ROUNDS && g.asked.n > 0);
		p = answer_of(says);
		text = meed_s(p);
		g.answered = g.asked;
		g.asked.n = 0;
		for (size_t i = 0; i < g.answered.n; i++)
			g.answered.v[i].texts = &text;
		r = judge_resume(&f->host, (meed_ctx *)f, self, s, &st);
		/* the reply's memory goes with the round */
		memset(p, '#', text.n);
		free(p);
	}
	must(r == MEED_OK || (r < 0 && f->why[0]));
	for (size_t i = 0; r == MEED_OK && i < OUTS; i++)
		must(g.set[i] || (s->mode != MEED_STEPWISE && i >= s->n_cands));
	g.n_ids = first_ids;
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const meed_msg asked = { { "user", 4 }, { "Q", 1 }, NULL };
	meed_msg steps[OUTS] = { { { "assistant", 9 }, { "one", 3 }, NULL },
				 { { "assistant", 9 }, { "two", 3 }, NULL },
				 { { "assistant", 9 }, { "three", 5 }, NULL } };
	meed_cand cands[OUTS] = { { { "a", 1 }, NULL, 0, steps, OUTS, NULL, NULL },
				  { { "b", 1 }, NULL, 0, steps, OUTS, NULL, NULL },
				  { { "c", 1 }, NULL, 0, steps, OUTS, NULL, NULL } };
	meed_sample s = { .struct_size = sizeof(s),
			  .want = 3,
			  .id = { "", 0 },
			  .n_prompt = 1,
			  .prompt = &asked,
			  .cands = cands,
			  .task_category = { "", 0 },
			  .source = { "", 0 } };
	struct json_object *o;
	struct fake f;
	void *self = NULL;
	double first[OUTS];
	char *judged, *says;
	size_t kind, ids;
	int32_t r;

	if (n < 2)
		return 0;
	kind = p[0] % KINDS;
	judged = strndup((const char *)p + 2, n - 2);
	must(judged != NULL);
	n -= 2 + strlen(judged);
	says = n > 1 ? strndup((const char *)p + 2 + strlen(judged) + 1, n - 1) : strdup("");
	must(says != NULL);
	s.mode = kinds[kind].mode;
	s.n_cands = s.mode == MEED_LISTWISE ? 3 : s.mode == MEED_PAIRWISE ? 2 : 1;
	fake_init(&f);
	f.host.post_chat = on_post;
	f.host.n_replies = n_replies;
	f.host.reply = reply;
	f.host.put_score = on_score;
	f.host.put_extra = on_extra;
	o = params(kind, p[1]);
	must(o != NULL);
	r = kinds[kind].create(&f.host, (meed_ctx *)&f, (const meed_val *)(const void *)o, &self);
	must(r == MEED_OK || f.why[0]);
	if (r == MEED_OK) {
		(void)run(&f, self, &s, says);
		ids = g.n_ids;
		cands[0].text = meed_s(judged);
		steps[1].text = cands[0].text;
		r = run(&f, self, &s, says);
		must(g.n_ids == ids);
		memcpy(first, g.score, sizeof(first));
		must(run(&f, self, &s, says) == r);
		must(memcmp(first, g.score, sizeof(first)) == 0);
		judge_destroy(&f.host, self);
	}
	free(judged);
	free(says);
	json_object_put(o);
	fake_reset(&f);
	return 0;
}
