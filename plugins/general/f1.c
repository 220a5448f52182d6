/* general.f1_score: F1 of the sets of tokens. */
#include "config.h"
#include "general.h"

#include <stdlib.h>

struct match {
	double f1, precision, recall;
	size_t ref;
};

/* How many different tokens two texts share. A text that was the first of its sample has the ids
 * from 0 on, so that most often one pass over the other text decides. */
static int32_t shared(const meed_host *h, meed_ctx *c, const meed_tokens *a, const meed_tokens *b,
		      size_t *ret)
{
	const meed_tokens *t;
	size_t i, n = 0;
	uint8_t *seen;

	if (b->n_vocab == b->n_distinct) {
		t = a;
		a = b;
		b = t;
	}
	seen = h->alloc(c, (size_t)(a->n_vocab > b->n_vocab ? a->n_vocab : b->n_vocab) + 1);
	if (!seen)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	if (a->n_vocab == a->n_distinct) {
		for (i = 0; i < b->n; i++) {
			n += b->ids[i] < a->n_distinct && !seen[b->ids[i]];
			seen[b->ids[i]] = 1;
		}
	} else {
		for (i = 0; i < a->n; i++)
			seen[a->ids[i]] = 1;
		for (i = 0; i < b->n; i++) {
			n += seen[b->ids[i]];
			seen[b->ids[i]] = 0;
		}
	}
	*ret = n;
	return 0;
}

static int32_t put(const meed_host *h, meed_ctx *c, const meed_sample *s, const struct match *m)
{
	char buf[96];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	int32_t r = 0;

	if (s->want & MEED_WANT_EXTRA) {
		meed_text_num(&t, m->precision);
		r = h->put_extra(c, 0, "precision", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
		meed_text_num(&t, m->recall);
		if (r == 0)
			r = h->put_extra(c, 0, "recall", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
		meed_text_u64(&t, m->ref);
		if (r == 0)
			r = h->put_extra(c, 0, "reference", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
	}
	if (s->want & MEED_WANT_REASON) {
		meed_text_lit(&t, "F1 ");
		meed_text_fixed(&t, m->f1, 3);
		meed_text_lit(&t, ", precision ");
		meed_text_fixed(&t, m->precision, 3);
		meed_text_lit(&t, ", recall ");
		meed_text_fixed(&t, m->recall, 3);
	}
	if (r == 0)
		r = h->put_score(c, 0, MEED_NONE, NULL, m->f1, meed_text_get(&t));
	return r;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct meed_token_model *m = self;
	struct match best = { -1.0, 0.0, 0.0, 0 }, now;
	const meed_cand *cand = &s->cands[0];
	const meed_tokens *text, *ref;
	size_t common = 0;
	int32_t r;

	(void)state;
	r = m->text->tokens(c, m->id, cand->text, &text);
	for (now.ref = 0; now.ref < cand->n_refs && r == 0; now.ref++) {
		r = m->text->tokens(c, m->id, cand->refs[now.ref], &ref);
		if (r == 0)
			r = shared(h, c, text, ref, &common);
		if (r < 0)
			break;
		now.f1 = meed_f1(common, text->n_distinct, ref->n_distinct, &now.precision,
				 &now.recall);
		if (now.f1 > best.f1)
			best = now;
	}
	return r < 0 ? r : put(h, c, s, &best);
}

static char *copy(meed_str s)
{
	char *p = malloc(s.n + 1);

	if (p) {
		if (s.n > 0)
			memcpy(p, s.p, s.n);
		p[s.n] = '\0';
	}
	return p;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str type = meed_param_str(h, params, "tokenizer_type");
	bool jieba = meed_eq(type, MEED_S("jieba")), tiktoken = meed_eq(type, MEED_S("tiktoken"));
	uint32_t flags = MEED_TOK_LOWER;
	char *data = NULL, *name = copy(type);
	int32_t r;

	if (jieba)
		data = copy(meed_param_str(h, params, "jieba_data"));
	else
		data = copy(tiktoken ? meed_param_str(h, params, "encoding_file") : MEED_S(""));
	if (!name || !data) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	if (jieba && meed_param_bool(h, params, "chinese_only"))
		flags |= MEED_TOK_CHINESE_ONLY;
	r = meed_token_model_new(h, c, name, flags, data[0] ? data : NULL, self);
out:
	free(name);
	free(data);
	return r;
}

static const char schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"tokenizer_type\":{\"type\":\"string\",\"enum\":[\"simple\",\"jieba\",\"tiktoken\"],"
	"\"default\":\"simple\",\"description\":\"simple: runs between white space; jieba: Chinese"
	" words; tiktoken: byte pairs\"},"
	"\"encoding_name\":{\"type\":\"string\",\"enum\":[\"cl100k_base\"],"
	"\"default\":\"cl100k_base\",\"description\":\"tiktoken: the rules by which text is cut"
	" before pairs are merged\"},"
	"\"encoding_file\":{\"type\":\"string\",\"default\":\"\",\"description\":\"tiktoken: the"
	" file of ranks, a line each: base64, space, rank\"},"
	"\"chinese_only\":{\"type\":\"boolean\",\"default\":false,\"description\":\"jieba: keep"
	" U+4E00..U+9FFF alone\"},"
	"\"jieba_data\":{\"type\":\"string\",\"default\":\"\",\"description\":\"jieba: the folder"
	" of its dict.txt; empty: where Debian's python3-jieba puts it\"}}}";

const meed_rm meed_general_f1_score = MEED_MODEL(
	.id = "general.f1_score", .version = "1.0.0",
	.summary = "F1 of the sets of lower-case tokens of response and reference",
	.license = "Apache-2.0", .source = MEED_RMGALLERY ", F1ScoreReward",
	.params_schema = schema, .modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE,
	.traits = MEED_DETERMINISTIC, .score_min = 0, .score_max = 1, .create = create,
	.destroy = meed_free_self, .evaluate = evaluate);
