/* runs.c - a model that runs each answer as a program, twice, and scores what it printed: 1 if both
 * runs exited with 0 and printed the reference (or there is none). */
#include <stdlib.h>

#include <meed/helpers.h>
#include <meed/plugin.h>

struct model {
	const meed_ext_exec *x;
	char language[64];
};

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str language = h->str(h->get(params, "language"));
	meed_runtime rt = { .struct_size = sizeof(rt) };
	const meed_ext_exec *x = h->extension(h, MEED_EXT_EXEC);
	struct model *m;

	if (!x)
		return h->fail(c, MEED_E_UNSUPPORTED, "the host has no " MEED_EXT_EXEC);
	m = calloc(1, sizeof(*m));
	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->x = x;
	for (size_t i = 0; i < language.n && i + 1 < sizeof(m->language); i++)
		m->language[i] = language.p[i];
	if (x->runtime(c, m->language, &rt) < 0) {
		free(m);
		return h->fail(c, MEED_E_PARAM, rt.why.p ? rt.why.p : "the runtime cannot be had");
	}
	*self = m;
	return MEED_OK;
}

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct model *m = self;
	const meed_program p = { .struct_size = sizeof(p),
				 .runtime = m->language,
				 .code = s->cands[0].text };
	const meed_exec_run run = { .struct_size = sizeof(run), .input = MEED_S("in") };
	const meed_exec_run *const runs[] = { &run, &run };
	const meed_exec e = { .struct_size = sizeof(e),
			      .flags = MEED_EXEC_STOP,
			      .program = &p,
			      .runs = runs,
			      .n_runs = 2 };
	int32_t r;

	(void)h;
	(void)state;
	r = m->x->post(c, 1, &e);
	return r < 0 ? r : MEED_PENDING;
}

static int32_t resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
		      void *state)
{
	const struct model *m = self;
	const meed_exec_result *x = m->x->result(c, 0);
	const meed_reply *rep = h->reply(c, 0);
	const meed_cand *cand = &s->cands[0];
	double score = 1;

	(void)state;
	if (!x)
		return h->fail(c, rep->status, rep->error.p);
	for (size_t i = 0; i < x->n_runs; i++) {
		const meed_ran *r = x->runs[i];

		if (r->outcome != MEED_RAN_EXIT || r->code != 0)
			score = 0;
		else if (cand->n_refs && !meed_eq(meed_strip(r->out), meed_strip(cand->refs[0])))
			score = 0;
	}
	return h->put_score(c, 0, MEED_NONE, NULL, score, x->n_runs ? x->runs[0]->out : MEED_S(""));
}

static const meed_rm runs_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_EXEC,
	.traits = MEED_DETERMINISTIC,
	.id = "test.runs",
	.version = "1.0.0",
	.summary = "Runs the answer as a program.",
	.license = "Apache-2.0",
	.source = "tests/plugins/runs.c",
	.params_schema = "{\"type\":\"object\",\"properties\":{\"language\":{\"type\":\"string\","
			 "\"default\":\"bash\",\"maxLength\":60,"
			 "\"description\":\"The runtime.\"}}}",
	.score_min = 0,
	.score_max = 1,
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate,
	.resume = resume,
};

static const meed_rm *const models[] = { &runs_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed.test.runs",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
