/* plugin.c - the plugin `code`: rewards for programs and patches. */
#include "config.h"
#include "code.h"

#include <stdlib.h>

void code_free(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static const meed_rm *const models[] = {
	&code_execution,
	&code_patch_similarity,
	&code_style,
	&code_syntax_check,
	NULL
};

const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "meed.code",
	.version = CODE_VERSION,
	.vendor = "Meed",
	.license = CODE_LICENSE,
	.models = models);
