/* general.rouge: ROUGE-L F1, by the longest common subsequence of tokens. */
#include "config.h"
#include "general.h"

struct match {
	double f1;
	size_t lcs, n_text, n_ref, ref;
};

static int32_t put_size(const meed_host *h, meed_ctx *c, const char *key, size_t n)
{
	char buf[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_u64(&t, n);
	return h->put_extra(c, 0, key, meed_text_get(&t));
}

static int32_t put(const meed_host *h, meed_ctx *c, const meed_sample *s, const struct match *m)
{
	char buf[160];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	int32_t r = 0;

	if (s->want & MEED_WANT_EXTRA) {
		r = put_size(h, c, "generated_length", m->n_text);
		if (r == 0)
			r = put_size(h, c, "reference_length", m->n_ref);
		if (r == 0)
			r = put_size(h, c, "lcs_length", m->lcs);
		if (r == 0)
			r = put_size(h, c, "reference", m->ref);
	}
	if (s->want & MEED_WANT_REASON) {
		meed_text_lit(&t, "ROUGE-L ");
		meed_text_fixed(&t, m->f1, 3);
		meed_text_lit(&t, ": ");
		meed_text_u64(&t, m->lcs);
		meed_text_lit(&t, " tokens in order of ");
		meed_text_u64(&t, m->n_text);
		meed_text_lit(&t, " and ");
		meed_text_u64(&t, m->n_ref);
	}
	if (r == 0)
		r = h->put_score(c, 0, MEED_NONE, NULL, m->f1, meed_text_get(&t));
	return r;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct meed_token_model *m = self;
	struct match best = { -1.0, 0, 0, 0, 0 }, now;
	const meed_cand *cand = &s->cands[0];
	const meed_tokens *text, *ref;
	double p, q;
	int32_t r;

	(void)state;
	r = m->text->tokens(c, m->id, cand->text, &text);
	for (now.ref = 0; now.ref < cand->n_refs && r == 0; now.ref++) {
		r = m->text->tokens(c, m->id, cand->refs[now.ref], &ref);
		if (r == 0)
			r = meed_lcs_length(h, c, text, ref, &now.lcs);
		if (r < 0)
			break;
		now.n_text = text->n;
		now.n_ref = ref->n;
		now.f1 = meed_f1(now.lcs, text->n, ref->n, &p, &q);
		if (now.f1 > best.f1)
			best = now;
	}
	return r < 0 ? r : put(h, c, s, &best);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	(void)params;
	return meed_token_model_new(h, c, "simple", MEED_TOK_LOWER, NULL, self);
}

const meed_rm meed_general_rouge = MEED_MODEL(
	.id = "general.rouge", .version = "1.0.0",
	.summary = "ROUGE-L F1 of lower-case tokens between white space",
	.license = "Apache-2.0",
	.source = MEED_RMGALLERY ", RougeReward; Lin 2004, aclanthology.org/W04-1013",
	.params_schema = "{\"type\":\"object\",\"properties\":{},"
			 "\"additionalProperties\":false}",
	.modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE, .traits = MEED_DETERMINISTIC,
	.score_min = 0, .score_max = 1, .create = create, .destroy = meed_free_self,
	.evaluate = evaluate);
