/* fuzz_answers.c - fuzz target: answers of reward servers through plugins/remote.
 *
 * The first byte picks the format, the second how it is asked; the rest is the answer's body, of
 * each request. Whatever it is, all that was asked about has a finite score, or there is an error
 * that says why; and the same again the second time. */
#include "config.h"
#include "plugins/remote/remote.h"
#include "tests/unit/fakehost.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUTS = 2,
	TAGS = 8
};

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct {
	meed_reply replies[TAGS];
	size_t n_replies;
	double score[OUTS];
	bool set[OUTS];
} g;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static int32_t on_post(meed_ctx *c, uint32_t tag, const meed_http *r)
{
	(void)c;
	must(r->body.n > 0 && g.n_replies < TAGS);
	g.replies[g.n_replies++] = (meed_reply){ .struct_size = sizeof(meed_reply), .tag = tag };
	return MEED_OK;
}

static size_t n_replies(const meed_ctx *c)
{
	(void)c;
	return g.n_replies;
}

static const meed_reply *reply(const meed_ctx *c, size_t i)
{
	(void)c;
	return i < g.n_replies ? &g.replies[i] : NULL;
}

static int32_t on_score(meed_ctx *c, size_t cand, size_t step, const char *dim, double score,
			meed_str reason)
{
	size_t at = step == MEED_NONE ? cand : step;

	(void)c;
	must(at < OUTS && score - score <= 0.0 && (reason.n == 0 || reason.p));
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

static const char *params(enum wire w, unsigned how)
{
	static const char *const v[] = {
		"{\"template\":\"chatml\",\"batch\":32,\"step_token\":7}",
		"{\"template\":\"plain\",\"batch\":1,\"labels\":[\"1\",\"a\"],\"activation\":"
		"\"softmax\"}",
		"{\"template\":\"response\",\"batch\":32,\"weights\":[1,-2],\"activation\":"
		"\"sigmoid\"}",
		"{\"template\":\"{{response}}\",\"batch\":2,\"labels\":[\"-1\"],\"invert\":true,"
		"\"reduce\":\"product\",\"per_step\":\"rows\",\"names\":[\"a\",\"b\"]}",
		"{\"template\":\"plain\",\"batch\":1,\"per_step\":\"tokens\",\"step_token\":7,"
		"\"reduce\":\"mean\",\"take\":\"rewards\"}",
	};
	static const char *const own[] = {
		"{\"take\":\"rewards\",\"template\":\"plain\",\"batch\":9,\"tests_key\":\"tests\"}",
		"{\"take\":\"scores\",\"template\":\"plain\",\"batch\":1,\"tests_key\":\"tests\","
		"\"reward_key\":\"acc\",\"per_step\":\"outputs\"}",
	};
	static const char tokens[] =
		"{\"template\":\"response\",\"batch\":32,\"query\":\"{{prompt}}\","
		"\"label_token_ids\":[1,2],\"labels\":[\"0\"]}";

	if (w == W_SGLANG_SCORE)
		return tokens;
	return wire_gives_verdict(w) ? own[how % 2] : v[how % 5];
}

static int32_t run(struct fake *f, void *self, const meed_sample *s, const char *body, size_t n)
{
	struct state st = { 0 };
	const meed_val *json;
	int32_t r;

	fake_reset(f);
	memset(&g, 0, sizeof(g));
	json = f->host.parse((meed_ctx *)f, (meed_str){ body, n });
	r = remote_evaluate(&f->host, (meed_ctx *)f, self, s, &st);
	must(r == MEED_PENDING);
	for (size_t i = 0; i < g.n_replies; i++)
		g.replies[i].json = json;
	/* the host gives no answer that is not JSON */
	r = json ? remote_resume(&f->host, (meed_ctx *)f, self, s, &st) : MEED_ABSTAIN;
	must(r == MEED_OK || r == MEED_ABSTAIN || (r < 0 && f->why[0]));
	for (size_t i = 0; r == MEED_OK && i < OUTS; i++)
		must(g.set[i] || (s->mode == MEED_POINTWISE && i > 0));
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const meed_msg asked = { { "user", 4 }, { "Q", 1 }, NULL };
	static const meed_msg steps[OUTS] = { { { "assistant", 9 }, { "one", 3 }, NULL },
					      { { "assistant", 9 }, { "two", 3 }, NULL } };
	meed_cand cands[OUTS] = { { { "a", 1 }, NULL, 0, steps, OUTS, NULL, NULL },
				  { { "b", 1 }, NULL, 0, steps, OUTS, NULL, NULL } };
	meed_sample s = { .struct_size = sizeof(s),
			  .mode = MEED_POINTWISE,
			  .want = 3,
			  .id = { "", 0 },
			  .n_prompt = 1,
			  .n_cands = 1,
			  .prompt = &asked,
			  .cands = cands,
			  .task_category = { "", 0 },
			  .source = { "", 0 } };
	struct json_object *o, *meta;
	struct fake f;
	void *self = NULL;
	enum wire w;
	double first[OUTS];
	int32_t r;
	char *body;

	if (n < 2)
		return 0;
	/* the host's texts end with a NUL */
	body = strndup((const char *)p + 2, n - 2);
	must(body != NULL);
	n = strlen(body);
	w = (enum wire)(p[0] % (W_OPEN_INSTRUCT + 1));
	fake_init(&f);
	f.host.post_http = on_post;
	f.host.n_replies = n_replies;
	f.host.reply = reply;
	f.host.put_score = on_score;
	f.host.put_extra = on_extra;
	o = json_tokener_parse(params(w, p[1] / 4));
	meta = json_tokener_parse("{\"tests\":[1,2]}");
	must(o && remote_create(&f.host, (meed_ctx *)&f, (const meed_val *)(const void *)o, w,
				&self) == MEED_OK);
	s.meta = (const meed_val *)(const void *)meta;
	if (p[1] % 4 == 1 && w <= W_OPENRLHF) {
		s.mode = MEED_LISTWISE;
		s.n_cands = OUTS;
	} else if (p[1] % 4 == 2 && w != W_OPEN_INSTRUCT) {
		s.mode = MEED_STEPWISE;
	}
	r = run(&f, self, &s, body, n);
	memcpy(first, g.score, sizeof(first));
	must(run(&f, self, &s, body, n) == r);
	must(memcmp(first, g.score, sizeof(first)) == 0);
	free(body);
	remote_destroy(&f.host, self);
	json_object_put(o);
	json_object_put(meta);
	fake_reset(&f);
	return 0;
}
