/* The plugin `general`: how close a response is to a reference. */
#include "config.h"
#include "general.h"

#include <stdlib.h>

int32_t meed_token_model_new(const meed_host *h, meed_ctx *c, const char *type, uint32_t flags,
			     const char *data, void **self)
{
	struct meed_token_model *m = calloc(1, sizeof(*m));
	meed_tokenizer t = { sizeof(t), flags, type, data };
	int32_t r;

	if (!m) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	m->text = h->extension(h, MEED_EXT_TEXT);
	if (!m->text) {
		r = h->fail(c, MEED_E_UNSUPPORTED, "this host lacks extension " MEED_EXT_TEXT);
		goto out;
	}
	r = m->text->open(c, &t, &m->id);
	if (r < 0)
		goto out;
	*self = m;
	m = NULL;
out:
	free(m);
	return r;
}

void meed_free_self(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static const meed_rm *const models[] = { &meed_general_accuracy,
					 &meed_general_f1_score,
					 &meed_general_rouge,
					 &meed_general_number_accuracy,
					 &meed_general_final_number,
					 NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "org.meed.general", .version = "1.0.0", .vendor = "Meed", .license = "Apache-2.0",
	.models = models);
