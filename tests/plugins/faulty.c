/* faulty.c - a model that misbehaves in the way its parameter `how` names. What a host must
 * never let through, one name each. Built with MEED_ROGUE it is another plugin, rogue.so: it has
 * no parameters, and $MEED_TEST_ROGUE says how, so that the conformance kit meets one
 * misbehaviour at a time. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <meed/helpers.h>
#include <meed/plugin.h>

struct faulty {
	char how[32];
	double score;
	_Atomic double last; /* what "racy" and "drifting" carry from call to call */
};

#ifdef MEED_ROGUE
#define ID "test.rogue"
static const char schema[] = "{}";
#else
#define ID "test.faulty"
/* "good" puts `score`. The names say what else happens. */
static const char schema[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"how\":{\"type\":\"string\",\"default\":\"good\",\"description\":\"The misbehaviour.\","
	"\"enum\":[\"good\",\"fail\",\"fail_silently\",\"nan\",\"infinite\",\"above\",\"below\","
	"\"nan_detail\",\"pending_without_post\",\"ok_with_post\",\"no_score\",\"unknown_code\","
	"\"unknown_error\",\"undeclared_post\",\"bad_candidate\",\"bad_step\",\"bad_extra\","
	"\"bad_text\",\"abstain\",\"loop\",\"endless\",\"greedy\",\"drifting\",\"leak\","
	"\"crash\",\"by_text\",\"fail_then_ok\",\"exit\",\"by_want\",\"pending_leak\","
	"\"no_create\"]},"
	"\"score\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1,\"default\":0.5,"
	"\"description\":\"The score when it behaves.\"}}}";
#endif

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct faulty *f;
	meed_str how = h->str(h->get(params, "how"));

#ifdef MEED_ROGUE
	how = meed_s(getenv("MEED_TEST_ROGUE"));
#endif
	if (meed_eq(how, MEED_S("no_create")))
		return MEED_E_INTERNAL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	(void)snprintf(f->how, sizeof(f->how), "%s", how.n ? how.p : "good");
	f->score = h->num(h->get(params, "score"), 0.5);
	*self = f;
	return MEED_OK;
}

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static int32_t put(const meed_host *h, meed_ctx *c, double x)
{
	return h->put_score(c, 0, MEED_NONE, NULL, x, MEED_S("as told"));
}

static int32_t post(const meed_host *h, meed_ctx *c)
{
	meed_msg msg = { MEED_S("user"), MEED_S("anything"), NULL };
	meed_chat chat = { .struct_size = sizeof(chat), .msgs = &msg, .n_msgs = 1 };

	return h->post_chat(c, 7, &chat);
}

/* Busy until the host says stop. */
static int32_t loop(const meed_host *h, meed_ctx *c)
{
	while (!h->cancelled(c))
		;
	return h->fail(c, MEED_E_CANCELLED, "told to stop");
}

static int32_t put_wrong(const meed_host *h, meed_ctx *c, const struct faulty *f, bool *ret_known)
{
	const char *how = f->how;

	*ret_known = true;
	if (strcmp(how, "nan") == 0)
		return put(h, c, (double)NAN);
	if (strcmp(how, "infinite") == 0)
		return put(h, c, (double)INFINITY);
	if (strcmp(how, "above") == 0)
		return put(h, c, 1.5);
	if (strcmp(how, "below") == 0)
		return put(h, c, -0.5);
	if (strcmp(how, "nan_detail") == 0)
		return h->put_score(c, 0, MEED_NONE, "detail", (double)NAN, MEED_S(""));
	if (strcmp(how, "bad_candidate") == 0)
		return h->put_score(c, 9, MEED_NONE, NULL, 0.5, MEED_S(""));
	if (strcmp(how, "bad_step") == 0)
		return h->put_score(c, 0, 9, NULL, 0.5, MEED_S(""));
	if (strcmp(how, "bad_extra") == 0) {
		(void)put(h, c, f->score);
		return h->put_extra(c, 0, "extra", MEED_S("{\"a\":"));
	}
	if (strcmp(how, "bad_text") == 0)
		return h->put_score(c, 0, MEED_NONE, NULL, f->score, MEED_S("caf\xe9 \xff"));
	if (strcmp(how, "no_score") == 0)
		return MEED_OK;
	*ret_known = false;
	return MEED_OK;
}

static int32_t return_wrong(const meed_host *h, meed_ctx *c, const struct faulty *f,
			    bool *ret_known)
{
	const char *how = f->how;

	*ret_known = true;
	if (strcmp(how, "fail") == 0)
		return h->fail(c, MEED_E_SAMPLE, "faulty was told to fail");
	if (strcmp(how, "fail_silently") == 0)
		return MEED_E_SAMPLE;
	if (strcmp(how, "fail_then_ok") == 0) {
		(void)put(h, c, f->score);
		(void)h->fail(c, MEED_E_PARSE, "failed, whatever it returns");
		return MEED_OK;
	}
	if (strcmp(how, "unknown_code") == 0)
		return 42;
	if (strcmp(how, "unknown_error") == 0)
		return -99;
	if (strcmp(how, "abstain") == 0)
		return MEED_ABSTAIN;
	if (strcmp(how, "pending_without_post") == 0)
		return MEED_PENDING;
	if (strcmp(how, "undeclared_post") == 0)
		return h->post_embed(c, 1, NULL, &(meed_str){ "x", 1 }, 1);
	*ret_known = false;
	return MEED_OK;
}

static int32_t leak(const meed_host *h, meed_ctx *c, double score)
{
	volatile char *p = malloc(4096);

	if (p)
		p[0] = 1;
	return put(h, c, score);
}

/* Fails where the sample asks for it, so that one run can hold good rows and bad ones. */
static int32_t by_text(const meed_host *h, meed_ctx *c, const struct faulty *f,
		       const meed_sample *s)
{
	if (meed_find(s->cands[0].text, 0, MEED_S("FAIL")) != MEED_NONE)
		return h->fail(c, MEED_E_SAMPLE, "the text says FAIL");
	if (meed_find(s->cands[0].text, 0, MEED_S("NAN")) != MEED_NONE)
		return put(h, c, (double)NAN);
	if (meed_find(s->cands[0].text, 0, MEED_S("ABSTAIN")) != MEED_NONE)
		return MEED_ABSTAIN;
	return put(h, c, f->score);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	struct faulty *f = self;
	bool known;
	int32_t r;

	(void)state;
	r = put_wrong(h, c, f, &known);
	if (!known)
		r = return_wrong(h, c, f, &known);
	if (known)
		return r;
	if (strcmp(f->how, "loop") == 0)
		return loop(h, c);
	if (strcmp(f->how, "ok_with_post") == 0) {
		(void)post(h, c);
		return put(h, c, f->score);
	}
	if (strcmp(f->how, "exit") == 0)
		exit(3);
	if (strcmp(f->how, "by_want") == 0)
		return put(h, c, s->want ? 0.25 : 0.75);
	if (strcmp(f->how, "pending_leak") == 0)
		return leak(h, c, f->score) < 0 || post(h, c) < 0 ? MEED_E_INTERNAL : MEED_PENDING;
	if (strcmp(f->how, "endless") == 0)
		return post(h, c) < 0 ? MEED_E_INTERNAL : MEED_PENDING;
	if (strcmp(f->how, "greedy") == 0) {
		while (h->alloc(c, 1 << 20))
			;
		return h->fail(c, MEED_E_NOMEM, "wanted it all");
	}
	if (strcmp(f->how, "drifting") == 0) {
		double x = atomic_load(&f->last) + 0.001;

		atomic_store(&f->last, x > 1 ? 0 : x);
		return put(h, c, x > 1 ? 1 : x);
	}
	if (strcmp(f->how, "leak") == 0)
		return leak(h, c, f->score);
	if (strcmp(f->how, "crash") == 0)
		abort();
	if (strcmp(f->how, "by_text") == 0)
		return by_text(h, c, f, s);
	return put(h, c, f->score);
}

/* "endless" is never content with an answer. */
static int32_t resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
		      void *state)
{
	const struct faulty *f = self;

	(void)s;
	(void)state;
	if (strcmp(f->how, "pending_leak") == 0)
		return put(h, c, f->score);
	return post(h, c) < 0 ? MEED_E_INTERNAL : MEED_PENDING;
}

static const meed_rm faulty_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.id = ID,
	.version = "1.0.0",
	.summary = "Misbehaves as it is told.",
	.license = "Apache-2.0",
	.source = "tests/plugins/faulty.c",
	.params_schema = schema,
	.score_min = 0,
	.score_max = 1,
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate,
	.resume = resume,
};

static const meed_rm *const models[] = { &faulty_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed." ID,
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
