/* good.c - a pointwise model with parameters of every kind: a text's length against a target. */
#include <stdlib.h>

#include <meed/helpers.h>
#include <meed/plugin.h>

struct length {
	double target;
	double slope;
	bool in_bytes;
	bool nearer;
};

static const char schema[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"target\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000000,\"default\":100,"
	"\"description\":\"The length that scores 1.\"},"
	"\"slope\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":10,\"default\":1,"
	"\"description\":\"How fast the score falls with the distance.\"},"
	"\"unit\":{\"type\":\"string\",\"enum\":[\"bytes\",\"characters\"],"
	"\"default\":\"characters\",\"description\":\"What is counted.\"},"
	"\"nearer\":{\"type\":\"boolean\",\"default\":false,"
	"\"description\":\"Count from the reference's length instead of the target.\"}}}";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct length *l = calloc(1, sizeof(*l));

	if (!l)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	l->target = h->num(h->get(params, "target"), 100);
	l->slope = h->num(h->get(params, "slope"), 1);
	l->in_bytes = meed_eq(h->str(h->get(params, "unit")), MEED_S("bytes"));
	l->nearer = h->num(h->get(params, "nearer"), 0) > 0;
	*self = l;
	return MEED_OK;
}

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static double length_of(const struct length *l, meed_str s)
{
	return (double)(l->in_bytes ? s.n : meed_utf8_len(s));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct length *l = self;
	double n = length_of(l, s->cands[0].text), want = l->target, d;

	(void)state;
	if (l->nearer && s->cands[0].n_refs > 0)
		want = length_of(l, s->cands[0].refs[0]) + 1;
	d = n < want ? want - n : n - want;
	return h->put_score(c, 0, MEED_NONE, NULL, 1 / (1 + l->slope * d / want),
			    MEED_S("by length"));
}

static const meed_rm length_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.id = "test.length",
	.version = "1.0.0",
	.summary = "Nearness of a text's length to a target.",
	.license = "Apache-2.0",
	.source = "tests/plugins/good.c",
	.params_schema = schema,
	.score_min = 0,
	.score_max = 1,
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate,
};

static const meed_rm *const models[] = { &length_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed.test.good",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
