/* listwise.c - all candidates at once: a text's share of the longest, with named details and,
 * if the run wants them, extras. */
#include <meed/helpers.h>
#include <meed/plugin.h>

static size_t longest(const meed_sample *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n_cands; i++)
		n = s->cands[i].text.n > n ? s->cands[i].text.n : n;
	return n;
}

static int32_t put(const meed_host *h, meed_ctx *c, const meed_sample *s, size_t i, size_t most)
{
	size_t n = s->cands[i].text.n;
	char json[32];
	int w;
	int32_t r;

	r = h->put_score(c, i, MEED_NONE, NULL, most ? (double)n / (double)most : 1,
			 MEED_S("share of the longest"));
	if (r == MEED_OK)
		r = h->put_score(c, i, MEED_NONE, "bytes", (double)n, MEED_S(""));
	if (r == MEED_OK && (s->want & MEED_WANT_EXTRA)) {
		w = snprintf(json, sizeof(json), "{\"longest\":%zu}", most);
		r = h->put_extra(c, i, "list", (meed_str){ json, w > 0 ? (size_t)w : 0 });
	}
	return r;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	size_t most = longest(s), i;
	int32_t r = MEED_OK;

	(void)self;
	(void)state;
	for (i = 0; i < s->n_cands && r == MEED_OK; i++)
		r = put(h, c, s, i, most);
	return r;
}

static const meed_rm list_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_LISTWISE,
	.traits = MEED_DETERMINISTIC,
	.id = "test.list",
	.version = "1.0.0",
	.summary = "Each text's length as a share of the longest.",
	.license = "Apache-2.0",
	.source = "tests/plugins/listwise.c",
	.params_schema = "{}",
	.score_min = 0,
	.score_max = 1,
	.evaluate = evaluate,
};

static const meed_rm *const models[] = { &list_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed.test.listwise",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
