/* ngram.c - format.ngram_repetition_penalty: saying the same again costs. */
#include "config.h"
#include "format.h"

#include <math.h>
#include <stdlib.h>

struct ngram {
	const meed_ext_text *text;
	uint32_t tokenizer;
	bool soft, thought;
	size_t n;
	double threshold, rate, max_penalty, min_scaling;
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"n\": {\"type\": \"integer\", \"default\": 3, \"minimum\": 1, \"maximum\": 1000000,"
	" \"description\": \"tokens in an n-gram\"},"
	"\"penalty_threshold\": {\"type\": \"number\", \"default\": 0.3,"
	" \"description\": \"hard penalty: share of repeated n-grams that costs nothing\"},"
	"\"penalty_rate\": {\"type\": \"number\", \"default\": 1.0,"
	" \"description\": \"hard penalty: cost of the share above the threshold\"},"
	"\"use_soft_penalty\": {\"type\": \"boolean\", \"default\": false,"
	" \"description\": \"grow with the share up to max_penalty instead of the hard penalty\"},"
	"\"max_penalty\": {\"type\": \"number\", \"default\": -1.0, \"maximum\": 0,"
	" \"description\": \"soft penalty: score if every n-gram repeats\"},"
	"\"min_scaling\": {\"type\": \"number\", \"default\": 0.0, \"minimum\": 0, \"maximum\": 1,"
	" \"description\": \"soft penalty: share at which it begins to grow\"},"
	"\"tokenizer_type\": {\"type\": \"string\", \"default\": \"simple\","
	" \"enum\": [\"simple\", \"jieba\", \"tiktoken\"],"
	" \"description\": \"simple: split at white space; jieba: Chinese words; tiktoken: BPE\"},"
	"\"encoding_name\": {\"type\": \"string\", \"default\": \"cl100k_base\","
	" \"enum\": [\"cl100k_base\"],"
	" \"description\": \"tiktoken: the rules by which text is cut before pairs are merged\"},"
	"\"encoding_file\": {\"type\": \"string\", \"default\": \"\","
	" \"description\": \"tiktoken: the file of ranks, a line each: base64, space, rank\"},"
	"\"chinese_only\": {\"type\": \"boolean\", \"default\": false,"
	" \"description\": \"jieba: keep only U+4E00..U+9FFF\"},"
	"\"jieba_data\": {\"type\": \"string\", \"default\": \"\","
	" \"description\": \"jieba: the folder of its dict.txt; empty: where Debian's python3-jieba"
	" puts it\"},"
	"\"analyze_scope\": {\"type\": \"string\", \"default\": \"full\","
	" \"enum\": [\"full\", \"thought\"],"
	" \"description\": \"the whole answer, or what stands in <think> elements\"}}}";

static int32_t open_tokenizer(const meed_host *h, meed_ctx *c, const meed_val *params,
			      struct ngram *m)
{
	meed_str type = meed_param_str(h, params, "tokenizer_type");
	bool jieba = meed_eq(type, MEED_S("jieba")), tiktoken = meed_eq(type, MEED_S("tiktoken"));
	bool chinese = meed_param_bool(h, params, "chinese_only");
	meed_tokenizer want = { sizeof(want), 0, type.p, NULL };

	m->text = h->extension(h, MEED_EXT_TEXT);
	if (!m->text)
		return h->fail(c, MEED_E_UNSUPPORTED,
			       "this host has no tokenizers (extension " MEED_EXT_TEXT ")");
	if (jieba || tiktoken)
		want.data = meed_param_str(h, params, jieba ? "jieba_data" : "encoding_file").p;
	if (!jieba)
		want.flags |= MEED_TOK_LOWER;
	if (jieba && chinese)
		want.flags |= MEED_TOK_CHINESE_ONLY;
	if (!jieba && chinese)
		h->log(c, MEED_LOG_WARN,
		       "chinese_only does nothing unless tokenizer_type is \"jieba\"");
	return m->text->open(c, &want, &m->tokenizer);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct ngram *m;
	int32_t r;

	m = malloc(sizeof(*m));
	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->n = (size_t)meed_param_int(h, params, "n");
	m->threshold = meed_param_num(h, params, "penalty_threshold");
	m->rate = meed_param_num(h, params, "penalty_rate");
	m->soft = meed_param_bool(h, params, "use_soft_penalty");
	m->max_penalty = meed_param_num(h, params, "max_penalty");
	m->min_scaling = meed_param_num(h, params, "min_scaling");
	m->thought = meed_eq(meed_param_str(h, params, "analyze_scope"), MEED_S("thought"));
	r = open_tokenizer(h, c, params, m);
	if (r < 0) {
		free(m);
		return r;
	}
	*self = m;
	return MEED_OK;
}

/* All <think> elements' bodies with a space between each two; p is NULL if no memory is left. */
static meed_str thoughts(const meed_host *h, meed_ctx *c, meed_str text)
{
	static const struct format_tag think = { { "<think>", 7 }, { "</think>", 8 } };
	meed_str body, all = { "", 0 };
	size_t at = 0;
	char *p = NULL;

	while (format_pair(text, at, &think, &body)) {
		at = format_after(text, body, &think);
		if (!p) {
			p = h->alloc(c, text.n + 1);
			if (!p) {
				all.p = NULL;
				return all;
			}
			all.p = p;
		} else {
			p[all.n++] = ' ';
		}
		memcpy(p + all.n, body.p, body.n);
		all.n += body.n;
	}
	return all;
}

static double penalty(const struct ngram *m, double share)
{
	if (!m->soft)
		return share > m->threshold ? 0.0 - (share - m->threshold) * m->rate : 0.0;
	if (share <= m->min_scaling)
		return 0.0;
	return (share - m->min_scaling) / (1.0 - m->min_scaling) * m->max_penalty;
}

static void put_extras(const meed_host *h, meed_ctx *c, double share, size_t unique, size_t total)
{
	char buf[64];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_num(&t, share);
	(void)h->put_extra(c, 0, "repetition_rate", meed_text_get(&t));
	t = meed_text_in(buf, sizeof(buf));
	meed_text_u64(&t, unique);
	(void)h->put_extra(c, 0, "unique_ngrams", meed_text_get(&t));
	t = meed_text_in(buf, sizeof(buf));
	meed_text_u64(&t, total);
	(void)h->put_extra(c, 0, "total_ngrams", meed_text_get(&t));
}

static void explain(struct meed_text *t, size_t n, size_t unique, size_t total, double share)
{
	meed_text_u64(t, total - unique);
	meed_text_lit(t, " of ");
	meed_text_u64(t, total);
	meed_text_lit(t, " ");
	meed_text_u64(t, n);
	meed_text_lit(t, "-grams repeat (");
	meed_text_fixed(t, share, 3);
	meed_text_lit(t, ")");
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct ngram *m = self;
	meed_str text = s->cands[0].text;
	const meed_tokens *tokens;
	size_t total, unique = 0;
	double share, score;
	char buf[128];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	int32_t r;

	(void)state;
	if (m->thought) {
		text = thoughts(h, c, text);
		if (!text.p)
			return h->fail(c, MEED_E_LIMIT, "no memory for the thoughts' text");
		if (text.n == 0)
			return h->put_score(c, 0, MEED_NONE, NULL, 0.0,
					    MEED_S("no thought to look at"));
	}
	r = m->text->tokens(c, m->tokenizer, text, &tokens);
	if (r < 0)
		return r;
	if (tokens->n < m->n)
		return h->put_score(c, 0, MEED_NONE, NULL, 0.0,
				    MEED_S("fewer tokens than one n-gram has"));
	total = tokens->n - m->n + 1;
	r = format_ngram_count(h, c, tokens, m->n, &unique);
	if (r < 0)
		return r;
	share = 1.0 - (double)unique / (double)total;
	score = penalty(m, share);
	if (!(score - score <= 0))
		return h->fail(c, MEED_E_RANGE, "the penalty is not a finite score; lower "
						"penalty_rate or max_penalty");
	if (s->want & MEED_WANT_REASON)
		explain(&t, m->n, unique, total, share);
	if (s->want & MEED_WANT_EXTRA)
		put_extras(h, c, share, unique, total);
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
}

const meed_rm format_ngram_repetition_penalty = MEED_MODEL(
	.id = "format.ngram_repetition_penalty",
	.version = FORMAT_VERSION,
	.summary = "minus what the share of repeated n-grams costs",
	.license = FORMAT_LICENSE,
	.source = FORMAT_SOURCE,
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = -HUGE_VAL,
	.score_max = HUGE_VAL,
	.create = create,
	.destroy = format_free,
	.evaluate = evaluate);
