/* model.c - parameters, and how an evaluation ends. */
#include "config.h"
#include "text.h"

#include <stdlib.h>

static unsigned place(meed_str s, const char *const *names)
{
	unsigned i;

	for (i = 0; names[i] && !meed_eq(s, meed_s(names[i])); i++)
		;
	return names[i] ? i : 0;
}

static void read_flags(const meed_host *h, const meed_val *p, struct text_options *o)
{
	o->case_sensitive = meed_param_bool(h, p, "case_sensitive");
	o->normalize = meed_param_bool(h, p, "normalize");
	o->ignore_whitespace = meed_param_bool(h, p, "ignore_whitespace");
	o->extract_answer = meed_param_bool(h, p, "extract_answer");
	o->lowercase = meed_param_bool(h, p, "lowercase");
	o->effective_order = meed_param_bool(h, p, "effective_order");
	o->whitespace = meed_param_bool(h, p, "whitespace");
	o->eps_smoothing = meed_param_bool(h, p, "eps_smoothing");
	o->stemmer = meed_param_bool(h, p, "use_stemmer");
	o->unique = meed_param_bool(h, p, "unique");
	o->bidirectional = meed_param_bool(h, p, "bidirectional");
	o->best = meed_eq(meed_param_str(h, p, "references"), MEED_S("best"));
	o->normalized = meed_param_bool(h, p, "normalized");
	o->no_punct = meed_param_bool(h, p, "no_punct");
	o->asian_support = meed_param_bool(h, p, "asian_support");
	o->strict_order = meed_param_bool(h, p, "strict_order");
	o->ignore_extra_keys = meed_param_bool(h, p, "ignore_extra_keys");
	o->process = meed_param_bool(h, p, "process");
	o->use_ngrams = meed_param_bool(h, p, "use_ngrams");
	o->use_tfidf = meed_param_bool(h, p, "use_tfidf");
	o->normalize_by_length = meed_param_bool(h, p, "normalize_by_length");
}

void text_options_read(const meed_host *h, const meed_val *p, struct text_options *o)
{
	static const char *const tokenize[] = {
		"13a", "intl", "char", "none", "zh", "google", NULL
	};
	static const char *const smooth[] = { "exp", "floor", "add-k", "none", NULL };
	static const char *const measure[] = { "fmeasure", "precision", "recall", NULL };
	static const char *const method[] = { "ratio", "partial_ratio", "token_sort_ratio",
					      "token_set_ratio", NULL };
	static const char *const unit[] = { "chars", "words", NULL };

	read_flags(h, p, o);
	o->order = meed_param_int(h, p, "max_ngram_order");
	o->char_order = meed_param_int(h, p, "char_order");
	o->word_order = meed_param_int(h, p, "word_order");
	o->min_len = meed_param_int(h, p, "min_len");
	o->n = meed_param_int(h, p, "n");
	o->n_max = meed_param_int(h, p, "max_len");
	o->smoothing = meed_param_int(h, p, "smoothing_function");
	o->smooth_value = meed_param_num(h, p, "smooth_value");
	o->alpha = meed_param_num(h, p, "alpha");
	o->beta = meed_param_num(h, p, "beta");
	o->gamma = meed_param_num(h, p, "gamma");
	o->threshold = meed_param_num(h, p, "threshold");
	o->max_cells = (uint64_t)meed_param_int(h, p, "max_cells");
	o->tokenize = place(meed_param_str(h, p, "tokenize"), tokenize);
	o->smooth = place(meed_param_str(h, p, "smooth_method"), smooth);
	o->measure = place(meed_param_str(h, p, "score_key"), measure);
	o->method = place(meed_param_str(h, p, "method"), method);
	o->unit = place(meed_param_str(h, p, "unit"), unit);
}

int32_t text_create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct text_options *o = calloc(1, sizeof(*o));

	if (!o)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	text_options_read(h, params, o);
	*self = o;
	return MEED_OK;
}

void text_destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

void text_begin(struct text_job *j, const meed_host *h, meed_ctx *c, const void *self,
		const meed_sample *s)
{
	memset(j, 0, sizeof(*j));
	j->h = h;
	j->c = c;
	j->s = s;
	j->self = self;
	j->o = self;
}

void *text_alloc(struct text_job *j, size_t n, size_t size)
{
	void *p = NULL;

	if (n <= SIZE_MAX / 2 / size)
		p = j->h->alloc(j->c, n * size + 1);
	if (!p)
		(void)j->h->fail(j->c, MEED_E_NOMEM,
				 "out of memory: the texts need more than run.arena_bytes");
	return p;
}

int32_t text_spend(struct text_job *j, uint64_t cells)
{
	const uint64_t poll = 50000000;		/* some milliseconds */

	j->cells = cells < UINT64_MAX - j->cells ? j->cells + cells : UINT64_MAX;
	if (j->cells > j->o->max_cells)
		return meed_failf(j->h, j->c, MEED_E_LIMIT,
				  "the texts are too long to be aligned: %llu pairs of positions,"
				  " at most %llu (max_cells)", (unsigned long long)j->cells,
				  (unsigned long long)j->o->max_cells);
	if (j->cells - j->polled < poll)
		return 0;
	j->polled = j->cells;
	if (j->h->cancelled(j->c))
		return j->h->fail(j->c, MEED_E_CANCELLED, "the run is stopping");
	return 0;
}

void text_note_list(struct text_result *r, const char *name, const double *v, size_t n)
{
	if (r->n_facts < TEXT_MAX_FACTS)
		r->facts[r->n_facts++] = (struct text_fact){ name, 0, v, n };
}

void text_note(struct text_result *r, const char *name, double x)
{
	if (r->n_facts < TEXT_MAX_FACTS)
		r->facts[r->n_facts++] = (struct text_fact){ name, x, NULL, 0 };
}

void text_tell(struct text_result *r, const char *name, double x)
{
	text_note(r, name, x);
	r->n_told = r->n_facts;
}


static int32_t put_fact(struct text_job *j, const struct text_fact *f)
{
	char buf[512];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	size_t i;

	if (f->v) {
		meed_text_char(&t, '[');
		for (i = 0; i < f->n; i++) {
			meed_text_str(&t, i > 0 ? MEED_S(",") : MEED_S(""));
			meed_text_num(&t, f->v[i]);
		}
		meed_text_char(&t, ']');
	} else {
		meed_text_num(&t, f->x);
	}
	return j->h->put_extra(j->c, 0, f->name, meed_text_get(&t));
}

static void say(const struct text_result *r, struct meed_text *t)
{
	size_t i;

	meed_text_str(t, meed_s(r->note));
	for (i = 0; i < r->n_told; i++) {
		if (r->facts[i].v)
			continue;
		meed_text_str(t, t->n > 0 ? MEED_S(", ") : MEED_S(""));
		meed_text_str(t, meed_s(r->facts[i].name));
		meed_text_char(t, ' ');
		if (r->facts[i].x - (double)(int64_t)r->facts[i].x > 0)
			meed_text_fixed(t, r->facts[i].x, 3);
		else
			meed_text_num(t, r->facts[i].x);
	}
}

int32_t text_put_result(struct text_job *j, const struct text_result *r, size_t ref)
{
	char buf[400];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	struct text_fact which = { "reference", (double)ref, NULL, 0 };
	double score = r->score < 0 ? 0 : r->score > 1 ? 1 : r->score;
	int32_t code = 0;
	size_t i;

	if (j->s->want & MEED_WANT_EXTRA) {
		for (i = 0; i < r->n_facts && code == 0; i++)
			code = put_fact(j, &r->facts[i]);
		if (code == 0 && j->s->cands[0].n_refs > 1 && ref != MEED_NONE)
			code = put_fact(j, &which);
	}
	if (j->s->want & MEED_WANT_REASON)
		say(r, &t);
	if (code == 0)
		code = j->h->put_score(j->c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
	return code;
}

int32_t text_best(struct text_job *j, text_pair *pair)
{
	struct text_result best = { .score = -1 }, now;
	size_t i, at = 0;
	int32_t r;

	for (i = 0; i < j->s->cands[0].n_refs; i++) {
		memset(&now, 0, sizeof(now));
		r = pair(j, j->s->cands[0].refs[i], &now);
		if (r < 0)
			return r;
		if (now.score > best.score) {
			best = now;
			at = i;
		}
	}
	return text_put_result(j, &best, at);
}

int32_t text_together(struct text_job *j, text_span *span)
{
	struct text_result best = { .score = -1 }, now;
	size_t n = j->s->cands[0].n_refs, i, at = MEED_NONE;
	int32_t r;

	if (!j->o->best) {
		memset(&best, 0, sizeof(best));
		r = span(j, 0, n, &best);
		return r < 0 ? r : text_put_result(j, &best, MEED_NONE);
	}
	for (i = 0; i < n; i++) {
		memset(&now, 0, sizeof(now));
		r = span(j, i, i + 1, &now);
		if (r < 0)
			return r;
		if (now.score > best.score) {
			best = now;
			at = i;
		}
	}
	return text_put_result(j, &best, at);
}
