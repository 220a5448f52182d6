/* plugin.c - the plugin `format`: rewards for the shape of an answer. */
#include "config.h"
#include "format.h"

#include <stdlib.h>

void format_free(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static const meed_rm *const models[] = {
	&format_reasoning,
	&format_reasoning_tool_call,
	&format_length_penalty,
	&format_ngram_repetition_penalty,
	&format_privacy_leakage,
	NULL
};

const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "meed.format",
	.version = FORMAT_VERSION,
	.vendor = "Meed",
	.license = FORMAT_LICENSE,
	.models = models);
