/* rouge.c - text.rouge: ROUGE-N, ROUGE-L and ROUGE-Lsum, as Google's rouge_scorer has them, or of
 * tokens between white space. */
#include "config.h"
#include "text.h"

#include <stdlib.h>

#define MAX_TYPES 12
enum { TYPE_L = 100, TYPE_LSUM };	/* else the n of ROUGE-N */

struct rouge {
	struct text_options o;
	int types[MAX_TYPES];
	size_t n_types;
};

struct score {
	double p, r, f;
};

/* Sentences are spans of one list of tokens. */
struct doc {
	struct text_seq tokens;
	struct text_seq *sents;
	size_t n_sents;
};

struct side {
	struct text_vocab vocab;
	struct doc hyp;
	struct score best[MAX_TYPES];
	bool any;
};

static struct score score_of(size_t common, size_t n_hyp, size_t n_ref)
{
	struct score s = { 0, 0, 0 };

	s.p = n_hyp > 0 ? (double)common / (double)n_hyp : 0;
	s.r = n_ref > 0 ? (double)common / (double)n_ref : 0;
	s.f = s.p + s.r > 0 ? 2 * s.p * s.r / (s.p + s.r) : 0;
	return s;
}

static double measure(const struct text_options *o, const struct score *s)
{
	return o->measure == TEXT_PRECISION ? s->p : o->measure == TEXT_RECALL ? s->r : s->f;
}

static int32_t tokens(struct text_job *j, struct text_vocab *v, meed_str s, struct text_seq *ret)
{
	int32_t r = 0;

	if (j->o->tokenize == TEXT_GOOGLE)
		return text_google_words(j, v, s, j->o->stemmer, ret);
	if (j->o->lowercase)
		r = text_to_lower(j, &s);
	return r < 0 ? r : text_words(j, v, s, ret);
}

static int32_t read_doc(struct text_job *j, struct text_vocab *v, meed_str s, bool sents,
			struct doc *ret)
{
	size_t at, end, n = 1;
	int32_t r = tokens(j, v, s, &ret->tokens);

	if (r < 0 || !sents)
		return r;
	for (at = 0; at < s.n; at++)
		n += s.p[at] == '\n';
	ret->sents = text_alloc(j, n, sizeof(*ret->sents));
	if (!ret->sents)
		return MEED_E_NOMEM;
	for (at = 0; at < s.n && r == 0; at = end + 1) {
		end = meed_find(s, at, MEED_S("\n"));
		if (end == MEED_NONE)
			end = s.n;
		r = tokens(j, v, meed_sub(s, at, end), &ret->sents[ret->n_sents]);
		ret->n_sents += r == 0 && ret->sents[ret->n_sents].n > 0;
	}
	return r;
}

/* ROUGE-N for all n that are asked for, up the orders. */
static int32_t score_n(struct text_job *j, const struct side *side, const struct doc *ref,
		       struct score *ret)
{
	const struct rouge *m = j->self;
	size_t a, b, both, i;
	struct text_run x, y;
	struct text_grams g;
	int n, most = 0;
	int32_t r = 0;

	for (i = 0; i < m->n_types; i++) {
		if (m->types[i] < TYPE_L && m->types[i] > most)
			most = m->types[i];
	}
	if (most > 0)
		r = text_grams_init(j, &g, side->vocab.n, ref->tokens.n + side->hyp.tokens.n);
	if (most > 0 && r == 0)
		r = text_run_init(j, &x, side->hyp.tokens);
	if (most > 0 && r == 0)
		r = text_run_init(j, &y, ref->tokens);
	for (n = 1; n <= most && r == 0; n++) {
		if (n > 1) {
			text_grams_next(&g);
			text_run_next(&g, &y, true);
			text_run_next(&g, &x, m->o.unique);
		}
		for (i = 0; i < m->n_types; i++) {
			if (m->types[i] != n)
				continue;
			a = x.n_ids;
			b = y.n_ids;
			if (m->o.unique)
				text_distinct(&g, &x, &y, &a, &b, &both);
			else
				both = text_common(&g, &x, &y);
			ret[i] = score_of(both, a, b);
		}
	}
	return r;
}

/* Each word on the union of a sentence's subsequences counts, at most as often as both texts have
 * it. */
static int32_t score_sum(struct text_job *j, const struct side *side, const struct doc *ref,
			 struct score *ret)
{
	struct text_marks marks = { .row = text_alloc(j, side->vocab.n, sizeof(uint32_t)) };
	uint32_t *left_ref = text_alloc(j, side->vocab.n, sizeof(*left_ref));
	uint32_t *left_hyp = text_alloc(j, side->vocab.n, sizeof(*left_hyp)), id;
	uint8_t *hit = text_alloc(j, ref->tokens.n, 1);
	size_t i, k, n_ref = 0, n_hyp = 0, hits = 0;
	int32_t r = 0;

	if (!marks.row || !left_ref || !left_hyp || !hit)
		return MEED_E_NOMEM;
	for (i = 0; i < ref->n_sents; n_ref += ref->sents[i++].n) {
		for (k = 0; k < ref->sents[i].n; k++)
			left_ref[ref->sents[i].v[k]]++;
	}
	for (i = 0; i < side->hyp.n_sents; n_hyp += side->hyp.sents[i++].n) {
		for (k = 0; k < side->hyp.sents[i].n; k++)
			left_hyp[side->hyp.sents[i].v[k]]++;
	}
	for (i = 0; i < ref->n_sents && r == 0; i++) {
		memset(hit, 0, ref->sents[i].n);
		for (k = 0; k < side->hyp.n_sents && r == 0; k++)
			r = text_lcs_mark(j, &marks, ref->sents[i], side->hyp.sents[k], hit);
		for (k = 0; k < ref->sents[i].n && r == 0; k++) {
			id = ref->sents[i].v[k];
			if (!hit[k] || left_ref[id] == 0 || left_hyp[id] == 0)
				continue;
			hits++;
			left_ref[id]--;
			left_hyp[id]--;
		}
	}
	*ret = score_of(hits, n_hyp, n_ref);
	return r;
}

static int32_t score_l(struct text_job *j, const struct side *side, const struct doc *ref,
		       struct score *ret)
{
	size_t lcs = 0;
	int32_t r = 0;

	if (side->hyp.tokens.n > 0 && ref->tokens.n > 0)
		r = text_lcs(j, side->hyp.tokens, ref->tokens, side->vocab.n, &lcs);
	*ret = score_of(lcs, side->hyp.tokens.n, ref->tokens.n);
	return r;
}

static int32_t one_reference(struct text_job *j, struct side *side, meed_str text, bool sents)
{
	const struct rouge *m = j->self;
	struct score now[MAX_TYPES];
	struct doc ref = { { NULL, 0 }, NULL, 0 };
	size_t i;
	int32_t r = read_doc(j, &side->vocab, text, sents, &ref);

	if (r == 0)
		r = score_n(j, side, &ref, now);
	for (i = 0; i < m->n_types && r == 0; i++) {
		if (m->types[i] == TYPE_L)
			r = score_l(j, side, &ref, &now[i]);
		else if (m->types[i] == TYPE_LSUM)
			r = score_sum(j, side, &ref, &now[i]);
		if (r == 0 && (!side->any || now[i].f > side->best[i].f))
			side->best[i] = now[i];
	}
	side->any = true;
	return r;
}

static const char *name_of(int type)
{
	static const char *const names[] = { "rouge1", "rouge2", "rouge3", "rouge4", "rouge5",
					     "rouge6", "rouge7", "rouge8", "rouge9" };

	return type == TYPE_L ? "rougeL" : type == TYPE_LSUM ? "rougeLsum" : names[type - 1];
}

static int32_t report(struct text_job *j, const struct side *side)
{
	const struct rouge *m = j->self;
	struct text_result ret = { 0 };
	double *v = text_alloc(j, 3 * m->n_types, sizeof(*v));
	size_t i;
	int32_t r;

	if (!v)
		return MEED_E_NOMEM;
	for (i = 0; i < m->n_types; i++, v += 3) {
		ret.score += measure(&m->o, &side->best[i]) / (double)m->n_types;
		v[0] = side->best[i].p;
		v[1] = side->best[i].r;
		v[2] = side->best[i].f;
		text_note_list(&ret, name_of(m->types[i]), v, 3);
		r = m->n_types < 2 ? 0
				   : j->h->put_score(j->c, 0, MEED_NONE, name_of(m->types[i]),
						     measure(&m->o, &side->best[i]), MEED_S(""));
		if (r < 0)
			return r;
	}
	text_tell(&ret, "precision", side->best[0].p);
	text_tell(&ret, "recall", side->best[0].r);
	text_tell(&ret, "fmeasure", side->best[0].f);
	ret.note = name_of(m->types[0]);
	return text_put_result(j, &ret, MEED_NONE);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct rouge *m = self;
	struct side side = { .any = false };
	struct text_job j;
	bool sents = false;
	size_t i;
	int32_t r;

	(void)state;
	text_begin(&j, h, c, self, s);
	text_vocab_init(&j, &side.vocab);
	for (i = 0; i < m->n_types; i++)
		sents = sents || m->types[i] == TYPE_LSUM;
	r = read_doc(&j, &side.vocab, s->cands[0].text, sents, &side.hyp);
	for (i = 0; i < s->cands[0].n_refs && r == 0; i++)
		r = one_reference(&j, &side, s->cands[0].refs[i], sents);
	return r < 0 ? r : report(&j, &side);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	const meed_val *types = h->get(params, "rouge_types");
	struct rouge *m = calloc(1, sizeof(*m));
	meed_str name;
	size_t i;
	int32_t r = 0;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	text_options_read(h, params, &m->o);
	m->n_types = h->len(types);
	if (m->n_types < 1 || m->n_types > MAX_TYPES)
		r = h->fail(c, MEED_E_PARAM, "rouge_types: must have 1 to 12 types");
	for (i = 0; i < m->n_types && r == 0; i++) {
		name = h->str(h->at(types, i));
		if (meed_eq(name, MEED_S("rougeL")))
			m->types[i] = TYPE_L;
		else if (meed_eq(name, MEED_S("rougeLsum")))
			m->types[i] = TYPE_LSUM;
		else if (name.n == 6 && meed_starts(name, MEED_S("rouge")) && name.p[5] >= '1' &&
			 name.p[5] <= '9')
			m->types[i] = name.p[5] - '0';
		else
			r = meed_failf(h, c, MEED_E_PARAM,
				       "rouge_types: \"%.*s\": must be rouge1 to rouge9, rougeL or"
				       " rougeLsum", (int)(name.n < 40 ? name.n : 40), name.p);
	}
	if (r == 0)
		*self = m;
	else
		free(m);
	return r;
}

const meed_rm text_rouge = TEXT_MODEL(
	.id = "text.rouge", .needs = MEED_NEEDS_REFERENCE,
	.summary = "ROUGE-N, ROUGE-L, ROUGE-Lsum; the mean if several",
	.source = "rouge-score 0.1.2 (google-research/rouge); Lin 2004, aclanthology.org/W04-1013",
	.params_schema = P_OPEN P_STRS("rouge_types", "[\"rouge1\",\"rouge2\",\"rougeL\"]",
				       "which: rouge1 to rouge9, rougeL, rougeLsum (sentences are"
				       " lines)") ","
	P_BOOL("use_stemmer", "true", "compare Porter's stems; tokenize google alone") ","
	P_ENUM("tokenize", "google", "\"google\",\"none\"",
	       "google: runs of a-z and 0-9 in lower case; none: what stands between white space")
	","
	P_BOOL("lowercase", "false", "tokenize none: lower case first") ","
	P_BOOL("unique", "false", "count each n-gram once, as pltrdy's rouge does") ","
	P_ENUM("score_key", "fmeasure", "\"fmeasure\",\"precision\",\"recall\"", "which figure") ","
	P_CELLS("40000000000") P_CLOSE,
	.create = create, .destroy = text_destroy, .evaluate = evaluate);
