/* undefined.c - a plugin that calls a function which nobody defines. Linked lazily, so that only
 * a host that asks for RTLD_NOW finds out before the first call. */
#include <meed/helpers.h>
#include <meed/plugin.h>

int nowhere(void);

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	(void)self;
	(void)s;
	(void)state;
	return h->put_score(c, 0, MEED_NONE, NULL, nowhere(), MEED_S(""));
}

static const meed_rm rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_POINTWISE,
	.id = "test.undefined",
	.version = "1.0.0",
	.summary = "Calls nowhere().",
	.license = "Apache-2.0",
	.params_schema = "{}",
	.score_max = 1,
	.evaluate = evaluate,
};

static const meed_rm *const models[] = { &rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.id = "org.meed.test.undefined",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
