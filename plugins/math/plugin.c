/* The plugin `math`: whether an answer is right. */
#include "config.h"
#include "model.h"

#include <meed/helpers.h>

static const meed_rm *const models[] = { &meed_math_verify, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "org.meed.math", .version = "1.0.0", .vendor = "Meed", .license = "Apache-2.0",
	.models = models);
