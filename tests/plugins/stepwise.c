/* stepwise.c - scores each reasoning step: 1 if it says anything, else 0. */
#include <meed/helpers.h>
#include <meed/plugin.h>

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const meed_cand *a = &s->cands[0];
	int32_t r = MEED_OK;
	size_t i;

	(void)self;
	(void)state;
	if (a->n_steps == 0)
		return MEED_ABSTAIN;
	for (i = 0; i < a->n_steps && r == MEED_OK; i++)
		r = h->put_score(c, 0, i, NULL, a->steps[i].text.n > 0 ? 1 : 0,
				 MEED_S("says something"));
	return r;
}

static const meed_rm steps_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_STEPWISE,
	.traits = MEED_DETERMINISTIC,
	.id = "test.steps",
	.version = "1.0.0",
	.summary = "Whether each reasoning step says anything.",
	.license = "Apache-2.0",
	.source = "tests/plugins/stepwise.c",
	.params_schema = "{}",
	.score_min = 0,
	.score_max = 1,
	.evaluate = evaluate,
};

static const meed_rm *const models[] = { &steps_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed.test.stepwise",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
