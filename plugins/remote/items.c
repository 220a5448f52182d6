/* items.c - what of a sample is scored: its responses, or a response by its steps. */
#include "config.h"
#include "remote.h"

#define PREFIX_BYTES_MAX ((size_t)64 << 20)

/* The steps behind each other, each with its end; ret_ends: where each ends. */
static int32_t join(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_cand *cand,
		    meed_str *ret, size_t *ret_ends)
{
	struct out o = { h, c, NULL, 0, 0, false };

	for (size_t i = 0; i < cand->n_steps; i++) {
		out_put(&o, cand->steps[i].text);
		out_put(&o, m->step_end);
		ret_ends[i] = o.n;
	}
	*ret = out_str(&o);
	return o.failed ? h->fail(c, MEED_E_NOMEM, "out of memory") : MEED_OK;
}

static int32_t by_steps(const meed_host *h, meed_ctx *c, const struct remote *m,
			const meed_cand *cand, struct item *it, size_t *ret_n)
{
	size_t *ends = h->alloc(c, cand->n_steps * sizeof(*ends)), bytes = 0;
	bool whole = m->per_step != S_PREFIX && m->per_step != S_ALONE;
	meed_str all;
	int32_t r;

	if (!ends)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	r = join(h, c, m, cand, &all, ends);
	if (r < 0)
		return r;
	*ret_n = whole ? 1 : cand->n_steps;
	for (size_t i = 0; i < *ret_n; i++) {
		it[i] = (struct item){ .cand = cand,
				       .step = whole ? MEED_NONE : i,
				       .response = all };
		if (m->per_step == S_PREFIX)
			it[i].response.n = ends[i];
		else if (m->per_step == S_ALONE)
			it[i].response = cand->steps[i].text;
		bytes += it[i].response.n;
	}
	if (bytes > PREFIX_BYTES_MAX)
		return meed_failf(h, c, MEED_E_LIMIT,
				  "the steps with all before each are %zu bytes: at most %zu",
				  bytes, PREFIX_BYTES_MAX);
	return MEED_OK;
}

int32_t items_make(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_sample *s,
		   struct item **ret, size_t *ret_n)
{
	bool stepwise = s->mode == MEED_STEPWISE;
	size_t n = stepwise ? s->n_cands ? s->cands[0].n_steps : 0 : s->n_cands;

	if (n == 0)
		return h->fail(c, MEED_E_SAMPLE,
			       stepwise ? "the response has no steps" : "there is no response");
	if (stepwise && n > STEPS_MAX)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu steps: at most %d", n, STEPS_MAX);
	*ret = h->alloc(c, n * sizeof(**ret));
	if (!*ret)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	*ret_n = n;
	if (stepwise)
		return by_steps(h, c, m, &s->cands[0], *ret, ret_n);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = (struct item){ .cand = &s->cands[i],
					   .at = i,
					   .step = MEED_NONE,
					   .response = s->cands[i].text };
	return MEED_OK;
}
