/* cosine.c - text.cosine: the cosine of two texts' TF-IDF vectors, as scikit-learn makes them of
 * just these two. */
#include "config.h"
#include "text.h"

#include <math.h>

struct side {
	struct text_vocab vocab;
	struct text_seq hyp;
};

/* Sums of squares of what both texts have and of what one has alone, and of products: whole
 * numbers. */
struct sums {
	double dot, both_a, both_b, only_a, only_b;
};

/* Runs of two or more of \w. */
static int32_t long_words(struct text_job *j, struct text_vocab *v, meed_str s,
			  struct text_seq *ret)
{
	uint32_t *ids = text_alloc(j, s.n / 2 + 1, sizeof(*ids)), cp;
	size_t i = 0, from, n = 0, chars;
	int32_t r = ids ? 0 : MEED_E_NOMEM;

	while (i < s.n && r == 0) {
		from = i;
		for (chars = 0; i < s.n; chars++) {
			size_t len = meed_utf8_next(s.p + i, s.n - i, &cp);

			if (!text_is_word(cp))
				break;
			i += len;
		}
		if (chars > 1)
			ids[n++] = text_number(j, v, meed_sub(s, from, i), &r);
		if (i < s.n)
			i += meed_utf8_next(s.p + i, s.n - i, &cp);
	}
	*ret = (struct text_seq){ ids, n };
	return r;
}

static int32_t read_text(struct text_job *j, struct side *side, bool response, meed_str s,
			 struct text_seq *ret)
{
	int32_t r = text_prepare(j, response, &s);

	if (r < 0)
		return r;
	return j->o->use_tfidf ? long_words(j, &side->vocab, s, ret)
			       : text_words(j, &side->vocab, s, ret);
}

static void add(struct text_grams *g, const struct text_run *a, const struct text_run *b,
		struct sums *s)
{
	double x, y;
	uint32_t id;
	size_t i;

	for (i = 0; i < a->n_ids; i++)
		g->count[a->ids[i]]++;
	for (i = 0; i < b->n_ids; i++)
		g->most[b->ids[i]]++;
	for (i = 0; i < a->n_ids; i++) {
		id = a->ids[i];
		x = (double)g->count[id];
		y = (double)g->most[id];
		s->dot += x * y;
		*(y > 0 ? &s->both_a : &s->only_a) += x * x;
		if (y > 0)
			s->both_b += y * y;
		g->count[id] = g->most[id] = 0;
	}
	for (i = 0; i < b->n_ids; i++) {
		y = (double)g->most[b->ids[i]];
		s->only_b += y * y;
		g->most[b->ids[i]] = 0;
	}
}

static int32_t pair(struct text_job *j, meed_str ref, struct text_result *ret)
{
	size_t lo = j->o->use_tfidf ? (size_t)j->o->min_len : 1;
	size_t hi = j->o->use_tfidf ? (size_t)j->o->n_max : 1;
	/* smooth: ln((1 + 2) / (1 + 1)) + 1, squared; what both have weighs 1 */
	double idf = log(1.5) + 1, w = j->o->use_tfidf ? idf * idf : 1, a2, b2;
	struct side *side = j->cand;
	struct sums s = { 0, 0, 0, 0, 0 };
	struct text_seq q = { NULL, 0 };
	struct text_run a, b;
	struct text_grams g;
	int32_t r = 0;

	if (!side) {
		side = text_alloc(j, 1, sizeof(*side));
		if (!side)
			return MEED_E_NOMEM;
		text_vocab_init(j, &side->vocab);
		r = read_text(j, side, true, j->s->cands[0].text, &side->hyp);
		j->cand = side;
	}
	if (r == 0)
		r = read_text(j, side, false, ref, &q);
	if (r == 0)
		r = text_grams_init(j, &g, side->vocab.n, side->hyp.n + q.n);
	if (r == 0)
		r = text_run_init(j, &a, side->hyp);
	if (r == 0)
		r = text_run_init(j, &b, q);
	if (r < 0)
		return r;
	for (; g.order <= hi; text_run_next(&g, &b, true), text_run_next(&g, &a, true)) {
		if (g.order >= lo)
			add(&g, &a, &b, &s);
		text_grams_next(&g);
	}
	a2 = s.both_a + w * s.only_a;
	b2 = s.both_b + w * s.only_b;
	ret->score = a2 > 0 && b2 > 0 ? s.dot / (sqrt(a2) * sqrt(b2)) : 0;
	text_tell(ret, "words", (double)side->hyp.n);
	text_tell(ret, "reference_words", (double)q.n);
	return 0;
}

TEXT_EVALUATE(evaluate, pair)

const meed_rm text_cosine = TEXT_MODEL(
	.id = "text.cosine", .needs = MEED_NEEDS_REFERENCE,
	.summary = "Cosine of the TF-IDF vectors of response and reference",
	.source = TEXT_GALLERY ", cosine; scikit-learn 1.9.1, TfidfVectorizer fitted on the pair",
	.params_schema = P_OPEN P_BOOL("use_tfidf", "true", "smooth TF-IDF of words of two or more"
				       " characters; else counts of what white space parts") ","
	P_INT("min_len", "1", "1", "16", "the shortest n-grams") ","
	P_INT("max_len", "2", "1", "16", "the longest n-grams") "," P_CASE("false") ","
	P_NORMALIZE("true") P_CLOSE,
	.evaluate = evaluate, TEXT_PLAIN);
