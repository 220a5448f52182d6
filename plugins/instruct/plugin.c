/* plugin.c - the plugin `instruct`: rewards for doing what was asked. */
#include "config.h"
#include "instruct.h"

static const meed_rm *const models[] = { &instruct_ifeval, NULL };

const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "meed.instruct",
	.version = INSTRUCT_VERSION,
	.vendor = "Meed",
	.license = INSTRUCT_LICENSE,
	.models = models);
