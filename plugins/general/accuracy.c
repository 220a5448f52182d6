/* general.accuracy: 1 if the response equals a reference, white space at the ends apart. */
#include "config.h"
#include "general.h"

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	meed_str text = meed_strip(s->cands[0].text), reason = MEED_S("");
	bool same = false;
	size_t i;

	(void)self;
	(void)state;
	for (i = 0; i < s->cands[0].n_refs && !same; i++)
		same = meed_eq(text, meed_strip(s->cands[0].refs[i]));
	if (s->want & MEED_WANT_REASON)
		reason = same ? MEED_S("equals the reference")
			      : MEED_S("differs from the reference");
	return h->put_score(c, 0, MEED_NONE, NULL, same ? 1.0 : 0.0, reason);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	(void)h;
	(void)c;
	(void)params;
	(void)self;
	return MEED_OK;
}

const meed_rm meed_general_accuracy = MEED_MODEL(
	.id = "general.accuracy", .version = "1.0.0",
	.summary = "1 if the response equals a reference, white space at the ends apart",
	.license = "Apache-2.0", .source = MEED_RMGALLERY ", AccuracyReward",
	.params_schema = "{\"type\":\"object\",\"properties\":{},"
			 "\"additionalProperties\":false}",
	.modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE, .traits = MEED_DETERMINISTIC,
	.score_min = 0, .score_max = 1, .create = create, .evaluate = evaluate);
