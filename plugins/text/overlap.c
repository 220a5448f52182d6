/* overlap.c - words in common: text.token_f1, word_overlap, char_overlap, jaccard. */
#include "config.h"
#include "text.h"

struct side {
	struct text_vocab vocab;
	struct text_seq hyp;
};

static int32_t read_words(struct text_job *j, struct side *side, bool response, meed_str s,
			  struct text_seq *ret)
{
	int32_t r = text_prepare(j, response, &s);

	return r < 0 ? r : text_words(j, &side->vocab, s, ret);
}

static int32_t read_chars(struct text_job *j, struct side *side, bool response, meed_str s,
			  struct text_seq *ret)
{
	int32_t r = text_prepare(j, response, &s);

	return r < 0 ? r : text_chars(j, &side->vocab, s, true, ret);
}

typedef int32_t reader(struct text_job *j, struct side *side, bool response, meed_str s,
		       struct text_seq *ret);

/* Both texts at order n, every n-gram added. A text of fewer than n tokens is one n-gram, unless it
 * has none. */
static int32_t read_both(struct text_job *j, reader *read, meed_str ref, struct text_grams *g,
			 struct text_run *a, struct text_run *b)
{
	struct side *side = j->cand;
	struct text_seq q = { NULL, 0 };
	int32_t r = 0;

	if (!side) {
		side = text_alloc(j, 1, sizeof(*side));
		if (!side)
			return MEED_E_NOMEM;
		text_vocab_init(j, &side->vocab);
		r = read(j, side, true, j->s->cands[0].text, &side->hyp);
		j->cand = side;
	}
	if (r == 0)
		r = read(j, side, false, ref, &q);
	if (r == 0)
		r = text_grams_init(j, g, side->vocab.n, side->hyp.n + q.n);
	if (r == 0)
		r = text_run_init(j, a, side->hyp);
	return r < 0 ? r : text_run_init(j, b, q);
}

static int32_t token_f1(struct text_job *j, meed_str ref, struct text_result *ret)
{
	size_t common, n, m;
	struct text_grams g;
	struct text_run a, b;
	double p, q;
	int32_t r = read_both(j, read_words, ref, &g, &a, &b);

	if (r < 0)
		return r;
	common = text_common(&g, &a, &b);
	n = a.n_ids;
	m = b.n_ids;
	p = n > 0 ? (double)common / (double)n : m == 0;
	q = m > 0 ? (double)common / (double)m : n == 0;
	ret->score = p + q > 0 ? 2 * p * q / (p + q) : 0;
	text_tell(ret, "precision", p);
	text_tell(ret, "recall", q);
	return 0;
}

static int32_t overlap(struct text_job *j, reader *read, meed_str ref, struct text_result *ret)
{
	struct text_grams g;
	struct text_run a, b;
	size_t n, m, both;
	int32_t r = read_both(j, read, ref, &g, &a, &b);

	if (r < 0)
		return r;
	text_distinct(&g, &a, &b, &n, &m, &both);
	ret->score = m > 0 ? (double)both / (double)m : 0;
	text_tell(ret, "common", (double)both);
	text_tell(ret, "of", (double)m);
	return 0;
}

static int32_t word_overlap(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return overlap(j, read_words, ref, ret);
}

static int32_t char_overlap(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return overlap(j, read_chars, ref, ret);
}

/* A text too short for one n-gram counts as one token of its own: equal only to the same text. */
static int32_t short_jaccard(struct text_job *j, size_t n, const struct text_run *a,
			     const struct text_run *b, struct text_result *ret)
{
	bool same = a->tokens.n == b->tokens.n && a->tokens.n < n &&
		    (a->tokens.n == 0 || memcmp(a->tokens.v, b->tokens.v,
						a->tokens.n * sizeof(*a->tokens.v)) == 0);

	(void)j;
	ret->score = same ? 1 : 0;
	text_tell(ret, "common", same);
	return 0;
}

static int32_t jaccard(struct text_job *j, meed_str ref, struct text_result *ret)
{
	size_t n = j->o->use_ngrams ? (size_t)j->o->n : 1, x, y, both, all;
	struct text_grams g;
	struct text_run a, b;
	int32_t r = read_both(j, read_words, ref, &g, &a, &b);

	if (r < 0)
		return r;
	if (a.tokens.n < n || b.tokens.n < n)
		return short_jaccard(j, n, &a, &b, ret);
	while (g.order < n) {
		text_grams_next(&g);
		text_run_next(&g, &b, true);
		text_run_next(&g, &a, true);
	}
	text_distinct(&g, &a, &b, &x, &y, &both);
	all = x + y - both;
	ret->score = all > 0 ? (double)both / (double)all : 1;
	text_tell(ret, "common", (double)both);
	text_tell(ret, "of", (double)all);
	return 0;
}

TEXT_EVALUATE(evaluate_f1, token_f1)
TEXT_EVALUATE(evaluate_words, word_overlap)
TEXT_EVALUATE(evaluate_chars, char_overlap)
TEXT_EVALUATE(evaluate_jaccard, jaccard)

const meed_rm text_token_f1 = TEXT_MODEL(
	.id = "text.token_f1", .needs = MEED_NEEDS_REFERENCE,
	.summary = "SQuAD's F1 of the words of response and reference, counted",
	.source = TEXT_GALLERY ", token_f1; Rajpurkar et al. 2016, arXiv 1606.05250",
	.params_schema = P_OPEN P_CASE("false") "," P_NORMALIZE("true") "," P_ANSWER P_CLOSE,
	.evaluate = evaluate_f1, TEXT_PLAIN);

const meed_rm text_word_overlap = TEXT_MODEL(
	.id = "text.word_overlap", .needs = MEED_NEEDS_REFERENCE,
	.summary = "The share of the reference's different words that the response has",
	.source = TEXT_GALLERY ", word_overlap",
	.params_schema = P_OPEN P_CASE("false") "," P_NORMALIZE("true") P_CLOSE,
	.evaluate = evaluate_words, TEXT_PLAIN);

const meed_rm text_char_overlap = TEXT_MODEL(
	.id = "text.char_overlap", .needs = MEED_NEEDS_REFERENCE,
	.summary = "The share of the reference's different characters that the response has",
	.source = TEXT_GALLERY ", char_overlap", .params_schema = P_OPEN P_CASE("false") P_CLOSE,
	.evaluate = evaluate_chars, TEXT_PLAIN);

const meed_rm text_jaccard = TEXT_MODEL(
	.id = "text.jaccard", .needs = MEED_NEEDS_REFERENCE,
	.summary = "Jaccard's index of the sets of words, or of n-grams of words",
	.source = TEXT_GALLERY ", jaccard; Jaccard 1901",
	.params_schema = P_OPEN P_BOOL("use_ngrams", "false", "compare n-grams, not words") ","
	P_INT("n", "2", "1", "64", "words of an n-gram") "," P_CASE("false") ","
	P_NORMALIZE("true") P_CLOSE,
	.evaluate = evaluate_jaccard, TEXT_PLAIN);
