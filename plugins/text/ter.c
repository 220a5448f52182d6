/* ter.c - text.ter: the translation edit rate, as sacrebleu's Tercom counts it. */
#include "config.h"
#include "text.h"

struct best {
	size_t edits, at;
	double ref_len, rate;
};

static int32_t one(struct text_job *j, struct text_vocab *v, struct text_seq hyp, meed_str ref,
		   size_t *ret_edits, size_t *ret_len)
{
	struct text_seq q = { NULL, 0 };
	int32_t r = text_tercom(j, &ref);

	/* sacrebleu makes references ready twice, and "'s," is parted the second time alone */
	if (r == 0 && j->o->normalized)
		r = text_tercom(j, &ref);
	if (r == 0)
		r = text_words(j, v, ref, &q);
	if (r == 0)
		r = text_ter_edits(j, hyp, q, ret_edits);
	*ret_len = q.n;
	return r;
}

static double rate(size_t edits, double ref_len)
{
	if (ref_len > 0)
		return (double)edits / ref_len;
	return edits > 0 ? 1 : 0;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const meed_cand *cand = &s->cands[0];
	struct best best = { SIZE_MAX, 0, 0, 1e300 };
	struct text_result ret = { 0 };
	size_t i, edits, len, sum = 0;
	struct text_seq hyp = { NULL, 0 };
	struct text_vocab v;
	struct text_job j;
	meed_str text = cand->text;
	int32_t r;

	(void)state;
	text_begin(&j, h, c, self, s);
	text_vocab_init(&j, &v);
	r = text_tercom(&j, &text);
	if (r == 0)
		r = text_words(&j, &v, text, &hyp);
	for (i = 0; i < cand->n_refs && r == 0; i++) {
		r = one(&j, &v, hyp, cand->refs[i], &edits, &len);
		sum += len;
		if (r == 0 && (j.o->best ? rate(edits, (double)len) < best.rate
					 : edits < best.edits))
			best = (struct best){ edits, i, (double)len, rate(edits, (double)len) };
	}
	if (r < 0)
		return r;
	if (!j.o->best) {
		best.ref_len = (double)sum / (double)cand->n_refs;
		best.rate = rate(best.edits, best.ref_len);
	}
	ret.score = best.rate < 1 ? 1 - best.rate : 0;
	text_tell(&ret, "ter", best.rate);
	text_tell(&ret, "edits", (double)best.edits);
	text_tell(&ret, "reference_length", best.ref_len);
	return text_put_result(&j, &ret, best.at);
}

const meed_rm text_ter = TEXT_MODEL(
	.id = "text.ter", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 less the translation edit rate (at least 0), shifts counted as Tercom does",
	.source = TEXT_SACREBLEU "Snover et al. 2006, aclanthology.org/2006.amta-papers.25",
	.params_schema = P_OPEN P_BOOL("normalized", "false",
				       "Tercom's tokenization of Western text") ","
	P_BOOL("no_punct", "false", "leave out punctuation") ","
	P_BOOL("asian_support", "false", "with normalized and no_punct: Chinese characters and Asian"
	       " punctuation too") ","
	P_CASE("false") "," P_TOGETHER "," P_CELLS("500000000") P_CLOSE,
	.evaluate = evaluate, TEXT_PLAIN);
