/* reasoning.c - format.reasoning: does the answer hold a thought and an answer? */
#include "config.h"
#include "format.h"

#include <stdlib.h>

struct reasoning {
	struct format_tag think, answer;
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"think_token\": {\"type\": \"string\", \"default\": \"think\", \"maxLength\": 64,"
	" \"description\": \"name of the tag around the thought, taken literally\"},"
	"\"answer_token\": {\"type\": \"string\", \"default\": \"answer\", \"maxLength\": 64,"
	" \"description\": \"name of the tag around the answer, taken literally\"}}}";

/* Writes <token></token> at p and returns where it ends. */
static char *put_tag(char *p, meed_str token, struct format_tag *ret)
{
	struct meed_text t = meed_text_in(p, token.n * 2 + 5);

	meed_text_lit(&t, "<");
	meed_text_str(&t, token);
	meed_text_lit(&t, "></");
	meed_text_str(&t, token);
	meed_text_lit(&t, ">");
	ret->open = meed_sub(meed_text_get(&t), 0, token.n + 2);
	ret->close = meed_sub(meed_text_get(&t), token.n + 2, t.n);
	return p + t.n;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str think = meed_param_str(h, params, "think_token");
	meed_str answer = meed_param_str(h, params, "answer_token");
	struct reasoning *m;
	char *p;

	m = malloc(sizeof(*m) + think.n * 2 + answer.n * 2 + 10);
	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	p = (char *)(m + 1);
	p = put_tag(p, think, &m->think);
	(void)put_tag(p, answer, &m->answer);
	*self = m;
	return MEED_OK;
}

static void add_missing(struct meed_text *t, const struct format_tag *tag)
{
	if (t->n > 0)
		meed_text_lit(t, "; ");
	meed_text_lit(t, "no ");
	meed_text_str(t, tag->open);
	meed_text_lit(t, "...");
	meed_text_str(t, tag->close);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct reasoning *m = self;
	meed_str text = s->cands[0].text, body;
	bool think, answer;
	char buf[400];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	(void)state;
	think = format_pair(text, 0, &m->think, &body);
	answer = format_pair(text, 0, &m->answer, &body);
	if (s->want & MEED_WANT_REASON) {
		if (!think)
			add_missing(&t, &m->think);
		if (!answer)
			add_missing(&t, &m->answer);
		if (think && answer)
			meed_text_lit(&t, "has a thought and an answer");
	}
	if (s->want & MEED_WANT_EXTRA) {
		(void)h->put_extra(c, 0, "has_think_tag",
				   think ? MEED_S("true") : MEED_S("false"));
		(void)h->put_extra(c, 0, "has_answer_tag",
				   answer ? MEED_S("true") : MEED_S("false"));
	}
	return h->put_score(c, 0, MEED_NONE, NULL, think && answer ? 1.0 : 0.0,
			    meed_text_get(&t));
}

const meed_rm format_reasoning = MEED_MODEL(
	.id = "format.reasoning",
	.version = FORMAT_VERSION,
	.summary = "1 if the answer has both a <think> and an <answer> element, else 0",
	.license = FORMAT_LICENSE,
	.source = FORMAT_SOURCE,
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = 0.0,
	.score_max = 1.0,
	.create = create,
	.destroy = format_free,
	.evaluate = evaluate);
