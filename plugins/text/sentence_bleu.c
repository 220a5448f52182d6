/* sentence_bleu.c - text.sentence_bleu and text.gleu, as NLTK has them, of words between blanks. */
#include "config.h"
#include "text.h"

#include <float.h>
#include <math.h>

#define MAX_ORDER 16

/* The response and references numbered in one vocabulary. */
struct texts {
	struct text_run hyp, *refs;
	size_t n;
	struct text_grams g;
};

static int32_t read_texts(struct text_job *j, size_t from, size_t to, struct texts *t)
{
	const meed_cand *cand = &j->s->cands[0];
	struct text_vocab vocab;
	struct text_seq q = { NULL, 0 };
	size_t i, room;
	int32_t r;

	t->n = to - from;
	t->refs = text_alloc(j, t->n, sizeof(*t->refs));
	text_vocab_init(j, &vocab);
	r = t->refs ? text_words(j, &vocab, cand->text, &q) : MEED_E_NOMEM;
	room = q.n;
	if (r == 0)
		r = text_run_init(j, &t->hyp, q);
	for (i = 0; i < t->n && r == 0; i++) {
		r = text_words(j, &vocab, cand->refs[from + i], &q);
		if (r == 0)
			r = text_run_init(j, &t->refs[i], q);
		room += q.n;
	}
	return r < 0 ? r : text_grams_init(j, &t->g, vocab.n, room);
}

static void next_order(struct texts *t)
{
	size_t i;

	text_grams_next(&t->g);
	for (i = 0; i < t->n; i++)
		text_run_next(&t->g, &t->refs[i], true);
	text_run_next(&t->g, &t->hyp, false);
}

/* ---- sentence_bleu ----------------------------------------------------------------------- */

struct precision {
	double num, den, p;
};

static double brevity(const struct texts *t, double *ret_ref)
{
	size_t i, n, diff, closest = SIZE_MAX, len = 0, hyp = t->hyp.tokens.n;

	for (i = 0; i < t->n; i++) {
		n = t->refs[i].tokens.n;
		diff = n > hyp ? n - hyp : hyp - n;
		if (diff < closest || (diff == closest && n < len)) {
			closest = diff;
			len = n;
		}
	}
	*ret_ref = (double)len;
	if (hyp > len)
		return 1;
	return hyp == 0 ? 0 : exp(1 - (double)len / (double)hyp);
}

/* Methods 3 and 4: a share that halves with each order without a match. */
static void smooth_falling(struct precision *v, size_t n, size_t hyp_len, bool by_length)
{
	double k = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].num > 0 || (by_length && hyp_len < 2))
			continue;
		k *= 2;
		v[i].p = by_length ? 1 / (k * 5 / log((double)hyp_len)) / v[i].den
				   : 1 / (k * v[i].den);
	}
}

/* Method 5: the mean of a share and those beside it; v has one more than n. */
static void smooth_mean(struct precision *v, size_t n)
{
	double before = v[0].p + 1;
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].p = (before + v[i].p + v[i + 1].p) / 3;
		before = v[i].p;
	}
}

/* Method 6: from order 3 on, a prior by how the shares fell. */
static void smooth_prior(struct precision *v, size_t n, size_t hyp_len)
{
	double prior, len;
	size_t i;

	for (i = 2; i < n; i++) {
		prior = v[i - 2].p > 0 ? v[i - 1].p * v[i - 1].p / v[i - 2].p : 0;
		len = hyp_len > i ? (double)(hyp_len - i) : 0;
		v[i].p = (v[i].num + 5 * prior) / (len + 5);
	}
}

/* Chen and Cherry 2014, as nltk.translate.bleu_score.SmoothingFunction has them. */
static void smooth(struct precision *v, size_t n, size_t hyp_len, int64_t method)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (method == 0 && !(v[i].num > 0))
			v[i].p = DBL_MIN;
		if (method == 1 && !(v[i].num > 0))
			v[i].p = 0.1 / v[i].den;
		if (method == 2 && i > 0)
			v[i].p = (v[i].num + 1) / (v[i].den + 1);
	}
	if (method == 3 || method == 4 || method == 7)
		smooth_falling(v, n, hyp_len, method != 3);
	if (method == 5 || method == 7)
		smooth_mean(v, n);
	if (method == 6)
		smooth_prior(v, n, hyp_len);
}

/* Of references[from..to) together. */
static int32_t sentence_bleu(struct text_job *j, size_t from, size_t to, struct text_result *ret)
{
	size_t n = (size_t)j->o->order, k, count = n > 5 ? n : 5;
	double *lists = text_alloc(j, 2 * n, sizeof(*lists)), sum = 0, bp, ref_len;
	struct precision v[MAX_ORDER + 2];
	struct texts t;
	int32_t r = lists ? read_texts(j, from, to, &t) : MEED_E_NOMEM;

	if (r < 0)
		return r;
	for (k = 0; k < count; k++) {
		if (k > 0)
			next_order(&t);
		v[k].num = (double)text_common_most(&t.g, &t.hyp, t.refs, t.n);
		v[k].den = t.hyp.n_ids > 0 ? (double)t.hyp.n_ids : 1;
		v[k].p = v[k].num / v[k].den;
		if (k < n) {
			lists[k] = v[k].num;
			lists[n + k] = v[k].den;
		}
	}
	bp = brevity(&t, &ref_len);
	text_tell(ret, "precision", v[0].p);
	text_tell(ret, "brevity_penalty", bp);
	text_tell(ret, "length", (double)t.hyp.tokens.n);
	text_tell(ret, "reference_length", ref_len);
	text_note_list(ret, "counts", lists, n);
	text_note_list(ret, "totals", lists + n, n);
	if (!(v[0].num > 0))
		return 0;
	/* method 5 looks beyond the orders that count: at 5-grams, whatever these are */
	v[n] = v[4];
	if (j->o->smoothing == 6 && n > 2 && !(v[2].num > 0))
		return j->h->fail(j->c, MEED_E_SAMPLE, "smoothing_function 6 needs a trigram that"
						       " both texts have");
	smooth(v, n, t.hyp.tokens.n, j->o->smoothing);
	for (k = 0; k < n; k++)
		sum += v[k].p > 0 ? log(v[k].p) / (double)n : 0;
	ret->score = bp * exp(sum);
	return 0;
}

static int32_t evaluate_bleu(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			     void *state)
{
	struct text_job j;

	(void)state;
	text_begin(&j, h, c, self, s);
	return text_together(&j, sentence_bleu);
}

const meed_rm text_sentence_bleu = TEXT_MODEL(
	.id = "text.sentence_bleu", .needs = MEED_NEEDS_REFERENCE,
	.summary = "BLEU of tokens between white space, smoothed as NLTK does",
	.source = TEXT_NLTK "nltk.translate.bleu_score.sentence_bleu; Chen and Cherry 2014,"
			    " aclanthology.org/W14-3346",
	.params_schema = P_OPEN
	P_INT("smoothing_function", "1", "0", "7",
	      "Chen and Cherry's method; 0: none. epsilon 0.1, alpha 5, k 5") ","
	P_INT("max_ngram_order", "4", "1", "16", "the longest n-grams; all weigh the same") ","
	P_TOGETHER P_CLOSE,
	.evaluate = evaluate_bleu, TEXT_PLAIN);

/* ---- gleu -------------------------------------------------------------------------------- */

static int32_t gleu(struct text_job *j, meed_str ref, struct text_result *ret)
{
	size_t at = 0, k, common = 0, n_hyp = 0, n_ref = 0;
	struct texts t;
	int32_t r;

	while (at < j->s->cands[0].n_refs && j->s->cands[0].refs[at].p != ref.p)
		at++;
	r = read_texts(j, at, at + 1, &t);
	if (r < 0)
		return r;
	for (k = 1; k <= (size_t)j->o->n_max; k++) {
		if (k > 1)
			next_order(&t);
		if (k < (size_t)j->o->min_len)
			continue;
		common += text_common(&t.g, &t.hyp, t.refs);
		n_hyp += t.hyp.n_ids;
		n_ref += t.refs->n_ids;
	}
	k = n_hyp > n_ref ? n_hyp : n_ref;
	ret->score = k > 0 ? (double)common / (double)k : 0;
	text_tell(ret, "common", (double)common);
	text_tell(ret, "ngrams", (double)n_hyp);
	text_tell(ret, "reference_ngrams", (double)n_ref);
	return 0;
}

TEXT_EVALUATE(evaluate_gleu, gleu)

const meed_rm text_gleu = TEXT_MODEL(
	.id = "text.gleu", .needs = MEED_NEEDS_REFERENCE,
	.summary = "Google's GLEU: the lesser of n-gram precision and recall, all orders together",
	.source = TEXT_NLTK "nltk.translate.gleu_score; Wu et al. 2016, arXiv 1609.08144",
	.params_schema = P_OPEN P_INT("min_len", "1", "1", "16", "the shortest n-grams") ","
	P_INT("max_len", "4", "1", "16", "the longest n-grams") P_CLOSE,
	.evaluate = evaluate_gleu, TEXT_PLAIN);
