/* embed.c - embed.similarity: how near a response is to what it should say, by embeddings. */
#include "config.h"
#include "remote.h"

#include <math.h>
#include <stdlib.h>

enum {
	TEXTS_MAX = 4096
};

struct embed {
	size_t batch;
	bool floor;
	char *prefix, *prefix_refs;
};

struct embed_state {
	meed_str *texts; /* responses, then references, each text once */
	size_t n;
	size_t *at; /* of each candidate: its text, then its references' */
};

static char *copy_text(meed_str s)
{
	char *p = malloc(s.n + 1);

	if (p && s.n)
		memcpy(p, s.p, s.n);
	if (p)
		p[s.n] = '\0';
	return p;
}

static void embed_destroy(const meed_host *h, void *self)
{
	struct embed *m = self;

	(void)h;
	if (!m)
		return;
	free(m->prefix);
	free(m->prefix_refs);
	free(m);
}

static int32_t embed_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self)
{
	struct embed *m = calloc(1, sizeof(*m));

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->batch = (size_t)meed_param_int(h, p, "batch");
	m->floor = meed_param_bool(h, p, "floor");
	m->prefix = copy_text(meed_param_str(h, p, "prefix"));
	m->prefix_refs = copy_text(meed_param_str(h, p, "reference_prefix"));
	if (!m->prefix || !m->prefix_refs) {
		embed_destroy(h, m);
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	}
	*self = m;
	return MEED_OK;
}

/* The place of a text among those that are asked about; equal texts share one. */
static size_t place(struct embed_state *st, meed_str s)
{
	for (size_t i = 0; i < st->n; i++)
		if (meed_eq(st->texts[i], s))
			return i;
	st->texts[st->n] = s;
	return st->n++;
}

static bool with_prefix(const meed_host *h, meed_ctx *c, const char *prefix, meed_str s,
			meed_str *ret)
{
	struct out o = { h, c, NULL, 0, 0, false };

	out_put(&o, meed_s(prefix));
	out_put(&o, s);
	*ret = out_str(&o);
	return !o.failed;
}

static int32_t gather(const meed_host *h, meed_ctx *c, const struct embed *m, const meed_sample *s,
		      struct embed_state *st)
{
	size_t n = 0, k = 0;
	meed_str t;

	for (size_t i = 0; i < s->n_cands; i++)
		n += 1 + s->cands[i].n_refs;
	if (n > TEXTS_MAX)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu responses and references: at most %d", n,
				  TEXTS_MAX);
	st->texts = h->alloc(c, n * sizeof(*st->texts));
	st->at = h->alloc(c, n * sizeof(*st->at));
	if (!st->texts || !st->at)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	for (size_t i = 0; i < s->n_cands; i++) {
		const meed_cand *cand = &s->cands[i];

		if (!with_prefix(h, c, m->prefix, cand->text, &t))
			return h->fail(c, MEED_E_NOMEM, "out of memory");
		if (t.n == 0)
			return meed_failf(h, c, MEED_E_SAMPLE,
					  "response %zu is empty: it has no embedding", i);
		st->at[k++] = place(st, t);
		for (size_t j = 0; j < cand->n_refs; j++) {
			if (!with_prefix(h, c, m->prefix_refs, cand->refs[j], &t))
				return h->fail(c, MEED_E_NOMEM, "out of memory");
			if (t.n == 0)
				return meed_failf(h, c, MEED_E_SAMPLE,
						  "a reference of response %zu is empty", i);
			st->at[k++] = place(st, t);
		}
	}
	return MEED_OK;
}

static int32_t embed_evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			      void *state)
{
	const struct embed *m = self;
	struct embed_state *st = state;
	int32_t r;

	if (s->n_cands == 0)
		return h->fail(c, MEED_E_SAMPLE, "there is no response");
	r = gather(h, c, m, s, st);
	for (size_t i = 0; r >= 0 && i < st->n; i += m->batch)
		r = h->post_embed(c, (uint32_t)i, NULL, st->texts + i,
				  st->n - i < m->batch ? st->n - i : m->batch);
	return r < 0 ? r : MEED_PENDING;
}

/* ---- answers --------------------------------------------------------------------------------- */

static double dot(const float *a, const float *b, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

/* All vectors by the places of their texts. */
static int32_t collect(const meed_host *h, meed_ctx *c, const struct embed_state *st,
		       const float **ret, size_t *ret_dim)
{
	for (size_t i = 0; i < h->n_replies(c); i++) {
		const meed_reply *r = h->reply(c, i);

		if (r->status < 0)
			return remote_failed(h, c, "/embeddings", r);
		if (i > 0 && r->dim != *ret_dim)
			return meed_failf(h, c, MEED_E_PARSE,
					  "POST /embeddings: vectors of %zu and of %zu numbers",
					  *ret_dim, r->dim);
		*ret_dim = r->dim;
		for (size_t k = 0; k < r->n_vecs && r->tag + k < st->n; k++) {
			const float *v = r->vecs + k * r->dim;

			if (!(dot(v, v, r->dim) > 0.0))
				return meed_failf(h, c, MEED_E_PARSE,
						  "POST /embeddings: the embedding of text %zu is "
						  "all zeros: it has no direction",
						  r->tag + k);
			ret[r->tag + k] = v;
		}
	}
	return MEED_OK;
}

static double cosine(const float *a, const float *b, size_t n)
{
	double x = dot(a, b, n) / (sqrt(dot(a, a, n)) * sqrt(dot(b, b, n)));

	/* rounding */
	return x > 1.0 ? 1.0 : x < -1.0 ? -1.0 : x;
}

static meed_str reason(struct meed_text *t, size_t best, size_t n_refs, double x)
{
	meed_text_lit(t, "cosine ");
	meed_text_fixed(t, x, 4);
	if (n_refs > 1) {
		meed_text_lit(t, " to reference ");
		meed_text_u64(t, best + 1);
		meed_text_lit(t, " of ");
		meed_text_u64(t, n_refs);
	}
	return meed_text_get(t);
}

static int32_t embed_resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			    void *state)
{
	const struct embed *m = self;
	const struct embed_state *st = state;
	const float **v = h->alloc(c, st->n * sizeof(*v));
	size_t dim = 0, k = 0;
	int32_t r = v ? collect(h, c, st, v, &dim) : h->fail(c, MEED_E_NOMEM, "out of memory");

	for (size_t i = 0; r >= 0 && i < st->n; i++)
		if (!v[i])
			return meed_failf(h, c, MEED_E_PARSE,
					  "POST /embeddings: no embedding of text %zu", i);
	for (size_t i = 0; r >= 0 && i < s->n_cands; i++) {
		const float *own = v[st->at[k++]];
		char buf[80];
		struct meed_text t = meed_text_in(buf, sizeof(buf));
		double best = -2.0;
		size_t which = 0;

		for (size_t j = 0; j < s->cands[i].n_refs; j++) {
			double x = cosine(own, v[st->at[k++]], dim);

			if (x > best) {
				best = x;
				which = j;
			}
		}
		r = h->put_score(c, i, MEED_NONE, NULL, m->floor && best < 0.0 ? 0.0 : best,
				 s->want & MEED_WANT_REASON
					 ? reason(&t, which, s->cands[i].n_refs, best)
					 : MEED_S(""));
	}
	return r < 0 ? r : MEED_OK;
}

const meed_rm embed_similarity =
	MEED_MODEL(.id = "embed.similarity", .version = REMOTE_VERSION,
		   .summary = "cosine of the response's embedding with the nearest reference's",
		   .license = "Apache-2.0",
		   .source = "cosine of sentence embeddings (Sentence-BERT, arXiv 1908.10084)",
		   .params_schema =
			   "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
			   "\"batch\":{\"type\":\"integer\",\"default\":32,\"minimum\":1,"
			   "\"maximum\":2048,"
			   "\"description\":\"texts in a request at most\"},"
			   "\"floor\":{\"type\":\"boolean\",\"default\":false,"
			   "\"description\":\"0 in place of what is below 0\"},"
			   "\"prefix\":{\"type\":\"string\",\"default\":\"\","
			   "\"description\":\"put before each response, such as \\\"query: \\\"\"},"
			   "\"reference_prefix\":{\"type\":\"string\",\"default\":\"\","
			   "\"description\":\"put before each reference, such as \\\"passage: "
			   "\\\"\"}}}",
		   .modes = MEED_POINTWISE | MEED_LISTWISE,
		   .needs = MEED_NEEDS_EMBED | MEED_NEEDS_REFERENCE, .traits = 0, .score_min = -1.0,
		   .score_max = 1.0, .state_size = sizeof(struct embed_state),
		   .create = embed_create, .destroy = embed_destroy, .evaluate = embed_evaluate,
		   .resume = embed_resume);
