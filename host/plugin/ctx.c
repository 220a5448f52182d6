/* ctx.c - the life of a context: begin, failures, rounds, the verdict, end. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- texts ---- */

const char *meed_num_text(double x, char buf[40])
{
	if (isnan(x))
		return "nan";
	if (isinf(x))
		return x < 0 ? "-inf" : "inf";
	buf[meed_dtoa(x, buf)] = '\0';
	return buf;
}

/* Cuts at a code point's start. */
static size_t cut_at(const char *p, size_t n, size_t max)
{
	size_t i = max;

	if (n <= max)
		return n;
	while (i > 0 && max - i < 4 && ((unsigned char)p[i] & 0xc0) == 0x80)
		i--;
	return i;
}

static meed_str scrubbed(meed_ctx *c, meed_str s)
{
	meed_str r = { NULL, 0 };
	struct meed_buf b = { 0 };

	c->n_scrubbed++;
	meed_utf8_scrub(&b, s);
	if (!b.failed) {
		s.p = b.p ? b.p : "";
		s.n = b.n;
		r = meed_arena_dup(c->arena, s);
	}
	meed_buf_release(&b);
	return r;
}

meed_str meed_ctx_text(meed_ctx *c, meed_str s, size_t max)
{
	if (!s.p)
		s.n = 0;
	if (s.n == 0)
		s.p = "";
	s.n = cut_at(s.p, s.n, max);
	if (meed_utf8_check(s.p, s.n) != s.n)
		return scrubbed(c, s);
	return meed_arena_dup(c->arena, s);
}

const char *meed_ctx_model_id(const meed_ctx *c)
{
	if (c->model)
		return c->model->rm.id;
	return c->instance ? c->instance : "plugin";
}

/* ---- failures: the first one wins ---- */

static bool known_error(int32_t code)
{
	return code <= MEED_E_PARAM && code >= MEED_E_INTERNAL;
}

static void set_failure(meed_ctx *c, int32_t code, meed_str why)
{
	if (c->code < 0)
		return;
	c->code = code;
	c->why = why.p ? why : MEED_STR("out of memory");
}

int32_t meed_ctx_fail(meed_ctx *c, int32_t code, const char *why)
{
	if (!known_error(code))
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s called fail with %d, which is no error code: %.200s",
				      meed_ctx_model_id(c), code, why ? why : "");
	if (c->code == 0) {
		meed_str s = { why ? why : "", why ? strnlen(why, MEED_WHY_MAX + 1) : 0 };

		set_failure(c, code, meed_ctx_text(c, s, MEED_WHY_MAX));
	}
	return code;
}

int32_t meed_ctx_failf(meed_ctx *c, int32_t code, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	int n;

	if (c->code < 0)
		return code;
	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0)
		buf[0] = '\0';
	set_failure(c, code, meed_ctx_text(c, meed_str_of(buf), sizeof(buf)));
	return code;
}

#define NOMEM_TEXT "out of memory, or past the memory limit of one evaluation"

int32_t meed_ctx_nomem(meed_ctx *c)
{
	set_failure(c, MEED_E_NOMEM, MEED_STR(NOMEM_TEXT));
	return MEED_E_NOMEM;
}

/* ---- begin, rounds, end ---- */

int32_t meed_ctx_begin(struct meed_ctx *c, size_t n_cands)
{
	size_t n;

	c->phase = MEED_PHASE_EVALUATE;
	c->n_cands = n_cands;
	if (meed_mul_overflow(n_cands, sizeof(*c->scores), &n))
		return meed_ctx_nomem(c);
	c->scores = meed_arena_alloc(c->arena, n);
	return c->scores ? 0 : meed_ctx_nomem(c);
}

int32_t meed_ctx_own(meed_ctx *c, struct json_object *o)
{
	if (c->n_owned == c->cap_owned) {
		size_t cap = c->cap_owned ? 2 * c->cap_owned : 8;
		struct json_object **v =
			meed_arena_raw(c->arena, cap * sizeof(struct json_object *));

		if (!v) {
			json_object_put(o);
			return meed_ctx_nomem(c);
		}
		if (c->n_owned)
			memcpy(v, c->owned, c->n_owned * sizeof(struct json_object *));
		c->owned = v;
		c->cap_owned = cap;
	}
	c->owned[c->n_owned++] = o;
	return 0;
}

/* What a reply's nodes live in passes to the evaluation: the plugin may keep pointers into it
 * until the evaluation ends. */
static int32_t own_reply(struct meed_ctx *c, struct meed_request *q)
{
	struct json_object *o = q->owned;

	q->owned = NULL;
	if (q->answer.head) {
		q->kept = c->kept;
		c->kept = q;
	}
	return o ? meed_ctx_own(c, o) : 0;
}

static void drop_requests(struct meed_ctx *c)
{
	c->req_first = NULL;
	c->req_last = NULL;
	c->n_reqs = 0;
}

int32_t meed_ctx_next_round(struct meed_ctx *c)
{
	struct meed_request *q;
	size_t i = 0;
	int32_t r = 0;

	c->n_replies = 0;
	c->replies = meed_arena_raw(c->arena, c->n_reqs * sizeof(struct meed_request *));
	if (!c->replies)
		r = meed_ctx_nomem(c);
	for (q = c->req_first; q; q = q->next) {
		if (r == 0)
			c->replies[i++] = q;
		if (own_reply(c, q) < 0)
			r = MEED_E_NOMEM;
	}
	if (r == 0)
		c->n_replies = i;
	drop_requests(c);
	return r;
}

void meed_ctx_end(struct meed_ctx *c)
{
	struct meed_request *q;
	size_t i;

	for (q = c->req_first; q; q = q->next) {
		json_object_put(q->owned);
		q->owned = NULL;
		meed_arena_release(&q->answer);
	}
	drop_requests(c);
	for (q = c->kept; q; q = q->kept)
		meed_arena_release(&q->answer);
	c->kept = NULL;
	for (i = 0; i < c->n_owned; i++)
		json_object_put(c->owned[i]);
	c->n_owned = 0;
}

/* ---- the verdict ---- */

static int32_t no_reason(struct meed_ctx *c, int32_t code)
{
	if (!known_error(code))
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s returned %d, which is no code of ABI %d.%d",
				      meed_ctx_model_id(c), code, MEED_ABI_MAJOR, MEED_ABI_MINOR);
	if (code == MEED_E_NOMEM || code == MEED_E_CANCELLED)
		return meed_ctx_failf(c, code, "%s",
				      code == MEED_E_NOMEM ? NOMEM_TEXT : "the run is stopping");
	return meed_ctx_failf(c, code, "%s failed (%s) without a reason", meed_ctx_model_id(c),
			      meed_err_name(code));
}

static int32_t check_pending(struct meed_ctx *c)
{
	if (c->n_reqs == 0)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s returned MEED_PENDING without posting a request",
				      meed_ctx_model_id(c));
	if (!c->model->rm.resume)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s returned MEED_PENDING, but has no resume",
				      meed_ctx_model_id(c));
	if (c->rounds >= MEED_ROUNDS_MAX)
		return meed_ctx_failf(c, MEED_E_LIMIT, "%s posted requests in more than %d rounds",
				      meed_ctx_model_id(c), MEED_ROUNDS_MAX);
	c->rounds++;
	return MEED_PENDING;
}

static int32_t missing_step(struct meed_ctx *c, size_t cand, size_t step)
{
	return meed_ctx_failf(c, MEED_E_INTERNAL,
			      "%s returned MEED_OK without a score for step %zu of candidate %zu",
			      meed_ctx_model_id(c), step, cand);
}

static int32_t check_steps(struct meed_ctx *c)
{
	size_t i, k;

	for (i = 0; c->n_steps && i < c->n_cands; i++)
		for (k = 0; k < c->n_steps[i]; k++)
			if (!c->steps || !c->steps[i] || !c->steps[i][k].set)
				return missing_step(c, i, k);
	return MEED_OK;
}

static int32_t check_scores(struct meed_ctx *c, const meed_sample *s)
{
	size_t i;

	if (s->mode == MEED_STEPWISE)
		return check_steps(c);
	for (i = 0; i < c->n_cands; i++)
		if (!c->scores[i].set)
			return meed_ctx_failf(c, MEED_E_INTERNAL,
					      "%s returned MEED_OK without a score for candidate "
					      "%zu",
					      meed_ctx_model_id(c), i);
	return MEED_OK;
}

int32_t meed_ctx_verdict(struct meed_ctx *c, int32_t returned, const meed_sample *s)
{
	int32_t r;

	if (c->code < 0)
		r = c->code;
	else if (returned == MEED_PENDING)
		r = check_pending(c);
	else if (returned < 0 || returned > MEED_ABSTAIN)
		r = no_reason(c, returned);
	else if (c->n_reqs > 0)
		r = meed_ctx_failf(c, MEED_E_INTERNAL,
				   "%s posted %zu requests and returned %s: must be MEED_PENDING",
				   meed_ctx_model_id(c), c->n_reqs,
				   returned == MEED_OK ? "MEED_OK" : "MEED_ABSTAIN");
	else if (returned == MEED_ABSTAIN)
		r = MEED_ABSTAIN;
	else
		r = check_scores(c, s);
	if (r != MEED_PENDING)
		drop_requests(c);
	return r;
}
