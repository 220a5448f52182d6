/* needs-gone.c - a right plugin, but for a library that is not there any more. */
#include <meed/helpers.h>
#include <meed/plugin.h>

int meed_test_gone(void);

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	(void)self;
	(void)s;
	(void)state;
	return h->put_score(c, 0, MEED_NONE, NULL, meed_test_gone(), MEED_S(""));
}

static const meed_rm rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_POINTWISE,
	.id = "test.needs-gone",
	.version = "1.0.0",
	.summary = "Needs a library that is gone.",
	.license = "Apache-2.0",
	.params_schema = "{}",
	.score_max = 1,
	.evaluate = evaluate,
};

static const meed_rm *const models[] = { &rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.id = "org.meed.test.needs-gone",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
