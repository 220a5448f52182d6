/* pairwise.c - two candidates: the longer text wins; equal lengths tie. */
#include <meed/helpers.h>
#include <meed/plugin.h>

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	size_t a = s->cands[0].text.n, b = s->cands[1].text.n;
	double first = a > b ? 1 : a < b ? 0 : 0.5;
	int32_t r;

	(void)self;
	(void)state;
	r = h->put_score(c, 0, MEED_NONE, NULL, first, MEED_S("longer wins"));
	if (r < 0)
		return r;
	return h->put_score(c, 1, MEED_NONE, NULL, 1 - first, MEED_S("longer wins"));
}

static const meed_rm pair_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_PAIRWISE,
	.traits = MEED_DETERMINISTIC,
	.id = "test.pair",
	.version = "1.0.0",
	.summary = "The longer of two texts wins.",
	.license = "Apache-2.0",
	.source = "tests/plugins/pairwise.c",
	.params_schema = "{}",
	.score_min = 0,
	.score_max = 1,
	.evaluate = evaluate,
};

static const meed_rm *const models[] = { &pair_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed.test.pairwise",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
