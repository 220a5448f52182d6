/* bleu.c - text.bleu: sacrebleu's BLEU of a corpus of one. */
#include "config.h"
#include "text.h"

#include <math.h>

#define MAX_ORDER 16

struct stats {
	double correct[MAX_ORDER], total[MAX_ORDER], precision[MAX_ORDER];
	double sys_len, ref_len, bp, score;
};

/* The response and the texts of references refs[from..to). */
static int32_t count(struct text_job *j, size_t from, size_t to, struct stats *ret)
{
	const meed_cand *cand = &j->s->cands[0];
	size_t n = to - from, i, k, room = 0, diff, closest = SIZE_MAX;
	struct text_run hyp, *refs = text_alloc(j, n, sizeof(*refs));
	struct text_vocab vocab;
	struct text_grams g;
	struct text_seq q;
	meed_str s = cand->text;
	int32_t r;

	text_vocab_init(j, &vocab);
	r = refs ? text_sacre(j, j->o->tokenize, &s) : MEED_E_NOMEM;
	if (r == 0)
		r = text_words(j, &vocab, s, &q);
	if (r == 0)
		r = text_run_init(j, &hyp, q);
	for (i = 0; i < n && r == 0; i++) {
		s = cand->refs[from + i];
		r = text_sacre(j, j->o->tokenize, &s);
		if (r == 0)
			r = text_words(j, &vocab, s, &q);
		if (r == 0)
			r = text_run_init(j, &refs[i], q);
		room += q.n;
	}
	if (r == 0)
		r = text_grams_init(j, &g, vocab.n, room);
	if (r < 0)
		return r;
	ret->sys_len = (double)hyp.tokens.n;
	for (i = 0; i < n; i++) {
		diff = refs[i].tokens.n > hyp.tokens.n ? refs[i].tokens.n - hyp.tokens.n
						       : hyp.tokens.n - refs[i].tokens.n;
		if (diff < closest ||
		    (diff == closest && (double)refs[i].tokens.n < ret->ref_len)) {
			closest = diff;
			ret->ref_len = (double)refs[i].tokens.n;
		}
	}
	for (k = 0; k < (size_t)j->o->order; k++) {
		if (k > 0) {
			text_grams_next(&g);
			for (i = 0; i < n; i++)
				text_run_next(&g, &refs[i], true);
			text_run_next(&g, &hyp, false);
		}
		ret->total[k] = (double)hyp.n_ids;
		ret->correct[k] = (double)text_common_most(&g, &hyp, refs, n);
	}
	return 0;
}

static void compute(const struct text_options *o, struct stats *s)
{
	double exp2 = 1, sum = 0, correct, total;
	size_t k, order = (size_t)o->order, eff = order;
	bool any = false;

	s->bp = 1;
	if (s->sys_len < s->ref_len)
		s->bp = s->sys_len > 0 ? exp(1 - s->ref_len / s->sys_len) : 0;
	for (k = 0; k < order; k++)
		any = any || s->correct[k] > 0;
	for (k = 0; k < order && any; k++) {
		correct = s->correct[k];
		total = s->total[k];
		if (o->smooth == TEXT_SMOOTH_ADD_K && k > 0) {
			correct += o->smooth_value;
			total += o->smooth_value;
		}
		if (!(total > 0))
			break;
		if (o->effective_order)
			eff = k + 1;
		if (correct > 0) {
			s->precision[k] = correct / total;
		} else if (o->smooth == TEXT_SMOOTH_EXP) {
			exp2 *= 2;
			s->precision[k] = 1 / (exp2 * total);
		} else if (o->smooth == TEXT_SMOOTH_FLOOR) {
			s->precision[k] = o->smooth_value / total;
		}
	}
	for (k = 0; k < eff && any; k++) {
		any = s->precision[k] > 0;
		sum += any ? log(s->precision[k]) : 0;
	}
	s->score = any ? s->bp * exp(sum / (double)eff) : 0;
}

static int32_t bleu(struct text_job *j, size_t from, size_t to, struct text_result *ret)
{
	struct stats *s = text_alloc(j, 1, sizeof(*s));
	int32_t r = s ? count(j, from, to, s) : MEED_E_NOMEM;

	if (r < 0)
		return r;
	compute(j->o, s);
	ret->score = s->score;
	text_tell(ret, "precision", s->precision[0]);
	text_tell(ret, "brevity_penalty", s->bp);
	text_tell(ret, "length", s->sys_len);
	text_tell(ret, "reference_length", s->ref_len);
	text_note_list(ret, "counts", s->correct, (size_t)j->o->order);
	text_note_list(ret, "totals", s->total, (size_t)j->o->order);
	text_note_list(ret, "precisions", s->precision, (size_t)j->o->order);
	return 0;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	struct text_job j;

	(void)state;
	text_begin(&j, h, c, self, s);
	return text_together(&j, bleu);
}

const meed_rm text_bleu = TEXT_MODEL(
	.id = "text.bleu", .needs = MEED_NEEDS_REFERENCE,
	.summary = "BLEU as sacrebleu computes it for one segment, divided by 100",
	.source = TEXT_SACREBLEU "Papineni et al. 2002, aclanthology.org/P02-1040; Post 2018,"
				 " aclanthology.org/W18-6319",
	.params_schema = P_OPEN
	P_ENUM("tokenize", "13a", "\"13a\",\"intl\",\"char\",\"none\",\"zh\"",
	       "13a: mteval-v13a; intl: mteval-v14, by Unicode's classes; char: characters; none:"
	       " as the text is; zh: Chinese characters, then 13a") ","
	P_ENUM("smooth_method", "exp", "\"exp\",\"floor\",\"add-k\",\"none\"",
	       "what stands for an order without a match") ","
	P_NUM("smooth_value", "0.1", "0", "1000",
	      "what floor puts for no match, or add-k adds to counts of order 2 and up (there 1 is"
	      " usual)") ","
	P_INT("max_ngram_order", "4", "1", "16", "the longest n-grams") ","
	P_BOOL("effective_order", "true", "leave out orders that a short response cannot have") ","
	P_BOOL("lowercase", "false", "lower case first") ","
	P_TOGETHER P_CLOSE,
	.evaluate = evaluate, TEXT_PLAIN);
