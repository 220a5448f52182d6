/* plugin.c - the plugin `tools`: rewards for calling tools. */
#include "config.h"
#include "tools.h"

static const meed_rm *const models[] = { &tools_call_match, NULL };

const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "meed.tools",
	.version = TOOLS_VERSION,
	.vendor = "Meed",
	.license = TOOLS_LICENSE,
	.models = models);
