/* score.c - asks, and makes scores of what comes back. */
#include "config.h"
#include "remote.h"

#define TOKENIZE ((uint32_t)1 << 31) /* in a tag: which tokens the text has */

static bool shows_text(const struct remote *m)
{
	return m->wire <= W_OPENRLHF && !m->server_template;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static int32_t post(const meed_host *h, meed_ctx *c, uint32_t tag, const char *path, struct out *o)
{
	meed_http q = { .struct_size = sizeof(q), .method = "POST", .path = path };

	if (o->failed)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	q.body = out_str(o);
	return h->post_http(c, tag, &q);
}

static int32_t ask(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_sample *s,
		   const struct state *st, size_t at)
{
	struct out o = { h, c, NULL, 0, 0, false }, t = o;
	size_t n = st->n_items - at < m->batch ? st->n_items - at : m->batch;
	int32_t r = request_body(&o, m, s, &st->items[at], n);

	if (r >= 0)
		r = post(h, c, (uint32_t)at, m->path, &o);
	if (r < 0 || s->mode != MEED_STEPWISE || m->per_step != S_TOKENS)
		return r;
	request_tokenize(&t, m, &st->items[at]);
	return post(h, c, (uint32_t)at | TOKENIZE, "/tokenize", &t);
}

int32_t remote_evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct remote *m = self;
	struct state *st = state;
	int32_t r = items_make(h, c, m, s, &st->items, &st->n_items);

	for (size_t i = 0; r >= 0 && shows_text(m) && i < st->n_items; i++)
		r = chat_text(h, c, m, s, &st->items[i]);
	for (size_t i = 0; r >= 0 && i < st->n_items; i += m->batch)
		r = ask(h, c, m, s, st, i);
	return r < 0 ? r : MEED_PENDING;
}

/* ---- details and extras ---------------------------------------------------------------------- */

/* The values that a score was chosen from: {"label": x}, or [x]. */
static int32_t put_values(struct reader *r, const struct item *it, const struct answer *a)
{
	struct out o = { r->h, r->c, NULL, 0, 0, false };
	const meed_str *names = a->labels;

	if (a->n < 2 || a->n_rows)
		return MEED_OK;
	if (!names && r->m->n_names == a->n)
		names = r->m->names;
	OUT(&o, "[");
	if (names)
		o.p[0] = '{';
	for (size_t i = 0; i < a->n; i++) {
		if (i)
			OUT(&o, ",");
		if (names) {
			out_json(&o, names[i]);
			OUT(&o, ":");
		}
		out_num(&o, a->x[i]);
	}
	out_put(&o, names ? MEED_S("}") : MEED_S("]"));
	if (o.failed)
		return r->h->fail(r->c, MEED_E_NOMEM, "out of memory");
	return r->h->put_extra(r->c, it->at, "values", out_str(&o));
}

static int32_t put_parts(struct reader *r, const struct item *it, const struct answer *a)
{
	int32_t e = MEED_OK;

	for (size_t i = 0; e >= 0 && i < a->n_parts; i++)
		e = r->h->put_score(r->c, it->at, MEED_NONE, a->parts[i].name, a->parts[i].score,
				    a->parts[i].reason);
	return e;
}

/* ---- scores ---------------------------------------------------------------------------------- */

/* One item with one score. */
static int32_t settle_item(struct reader *r, const meed_sample *s, const struct item *it,
			   const struct answer *a)
{
	double score;
	int32_t e;

	if (!choose(r, a, &score))
		return r->code;
	e = r->h->put_score(r->c, it->at, it->step, NULL, score, a->reason.n ? a->reason : a->top);
	if (e >= 0 && it->step == MEED_NONE)
		e = put_parts(r, it, a);
	if (e >= 0 && it->step == MEED_NONE && s->want & MEED_WANT_EXTRA)
		e = put_values(r, it, a);
	return e;
}

static int32_t settle_outputs(struct reader *r, const meed_sample *s, const struct answer *a)
{
	size_t n = s->cands[0].n_steps;
	int32_t e = MEED_OK;

	if (a->n_steps != n)
		return bad(r, "step_outputs has %zu entries for %zu steps", a->n_steps, n);
	for (size_t i = 0; e >= 0 && i < n; i++)
		e = r->h->put_score(r->c, 0, i, NULL, a->steps[i],
				    i + 1 == n ? a->reason : MEED_S(""));
	return e;
}

static const meed_reply *find_reply(const struct reader *r, uint32_t tag)
{
	for (size_t i = 0; i < r->h->n_replies(r->c); i++)
		if (r->h->reply(r->c, i)->tag == tag)
			return r->h->reply(r->c, i);
	return NULL;
}

/* Which rows stand at the ends of steps, by the tokens of the text. */
static bool find_ends(struct reader *r, const struct answer *a, size_t *ends, size_t n)
{
	const meed_reply *reply = find_reply(r, TOKENIZE);
	const meed_val *tokens = r->h->get(reply ? reply->json : NULL, "tokens");
	size_t found = 0;

	if (r->h->type(tokens) != MEED_T_ARR)
		return bad(r, "/tokenize: tokens is %s: must be a list", kind_name(r->h, tokens)) >=
		       0;
	if (r->h->len(tokens) != a->n_rows)
		return bad(r, "%zu rows for the %zu tokens that /tokenize counts", a->n_rows,
			   r->h->len(tokens)) >= 0;
	for (size_t i = 0; i < a->n_rows; i++) {
		const meed_val *t = r->h->at(tokens, i);

		if (r->h->type(t) != MEED_T_INT)
			return bad(r, "/tokenize: tokens[%zu] is %s: must be an id", i,
				   kind_name(r->h, t)) >= 0;
		if (r->h->i64(t, -1) != r->m->step_token)
			continue;
		if (found < n)
			ends[found] = i;
		found++;
	}
	if (found != n)
		return bad(r, "the text has the token %lld (step_token) %zu times for %zu steps",
			   (long long)r->m->step_token, found, n) >= 0;
	return true;
}

static int32_t settle_rows(struct reader *r, const meed_sample *s, struct answer *a)
{
	size_t n = s->cands[0].n_steps;
	size_t *ends = r->h->alloc(r->c, n * sizeof(*ends));
	int32_t e = MEED_OK;
	double x;

	if (!ends)
		return r->h->fail(r->c, MEED_E_NOMEM, "out of memory");
	/* numbers alone are rows of one */
	if (!a->n_rows) {
		a->n_rows = a->n;
		a->n = 1;
	}
	if (r->m->per_step == S_ROWS && a->n_rows != n)
		return bad(r,
			   "%zu rows for %zu steps: does the server answer for each step alone "
			   "(step_tag_id)? For each token, per_step = \"tokens\"",
			   a->n_rows, n);
	for (size_t i = 0; i < n; i++)
		ends[i] = i;
	if (r->m->per_step == S_TOKENS && !find_ends(r, a, ends, n))
		return r->code;
	for (size_t i = 0; e >= 0 && i < n; i++) {
		if (!choose_row(r, a, ends[i], &x))
			return r->code;
		e = r->h->put_score(r->c, 0, i, NULL, x, MEED_S(""));
	}
	return e;
}

static int32_t settle(struct reader *r, const meed_sample *s, const struct state *st, size_t at)
{
	bool whole = s->mode == MEED_STEPWISE && st->items[at].step == MEED_NONE;
	int32_t e = MEED_OK;

	if (whole && r->m->per_step == S_OUTPUTS)
		return settle_outputs(r, s, &r->answers[0]);
	if (whole)
		return settle_rows(r, s, &r->answers[0]);
	for (size_t i = 0; e >= 0 && i < r->n; i++)
		e = settle_item(r, s, &st->items[at + i], &r->answers[i]);
	return e;
}

/* ---- what comes back ------------------------------------------------------------------------- */

int32_t remote_failed(const meed_host *h, meed_ctx *c, const char *path, const meed_reply *r)
{
	return meed_failf(h, c, r->status, "POST %s: %.*s", path,
			  (int)(r->error.n < 450 ? r->error.n : 450), r->error.p);
}

/* Some servers say with status 200 that they failed, and may send numbers along. */
static bool says_error(struct reader *r)
{
	const meed_host *h = r->h;
	const meed_val *e = h->get(r->root, "error");
	meed_str text = h->str(e);

	if (h->type(e) == MEED_T_OBJ)
		text = h->str(h->get(e, "message"));
	if (!e && meed_eq(h->str(h->get(r->root, "object")), MEED_S("error"))) {
		e = r->root;
		text = h->str(h->get(e, "message"));
	}
	if (h->type(e) == MEED_T_NULL || (h->type(e) == MEED_T_STR && !text.n) ||
	    (h->type(e) == MEED_T_BOOL && h->num(e, 0.0) <= 0.0) ||
	    (h->type(e) == MEED_T_ARR && h->len(e) == 0) ||
	    (h->type(e) == MEED_T_INT && h->i64(e, 0) == 0))
		return false;
	return bad(r, "the answer is an error%s%.*s", text.n ? ": " : "",
		   (int)(text.n < 200 ? text.n : 200), text.p) < 0;
}

static int32_t take(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_sample *s,
		    const struct state *st, const meed_reply *reply)
{
	size_t at = reply->tag, left = st->n_items - at;
	struct reader r = { .h = h, .c = c, .m = m, .root = reply->json };

	r.n = left < m->batch ? left : m->batch;
	r.s = s;
	r.items = &st->items[at];
	r.answers = h->alloc(c, r.n * sizeof(*r.answers));
	if (!r.answers)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	/* eval-protocol's and NeMo-Gym's verdicts have words of their own for it. */
	if (m->wire != W_EVAL_PROTOCOL && m->wire != W_NEMO_GYM && says_error(&r))
		return r.code;
	if ((wire_gives_verdict(m->wire) ? verdicts_read(&r) : values_read(&r)) < 0)
		return r.code;
	return settle(&r, s, st, at);
}

int32_t remote_resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
		      void *state)
{
	const struct remote *m = self;
	const struct state *st = state;
	int32_t e = MEED_OK;

	for (size_t i = 0; i < h->n_replies(c); i++) {
		const meed_reply *r = h->reply(c, i);

		if (r->status < 0)
			return remote_failed(h, c, r->tag & TOKENIZE ? "/tokenize" : m->path, r);
	}
	for (size_t i = 0; e >= 0 && i < h->n_replies(c); i++)
		if (!(h->reply(c, i)->tag & TOKENIZE))
			e = take(h, c, m, s, st, h->reply(c, i));
	return e < 0 ? e : MEED_OK;
}
