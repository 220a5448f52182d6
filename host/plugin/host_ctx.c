/* host_ctx.c - the functions that plugins call on their context, but for requests. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

#ifndef PACKAGE_VERSION
#error "config.h must define PACKAGE_VERSION"
#endif

/* ---- names of details and extras ---- */

struct meed_index_slot {
	uint64_t hash;
	meed_str name;
	size_t cand, step;
	void *item; /* NULL: free */
};

static uint64_t name_hash(size_t cand, size_t step, meed_str name)
{
	return meed_hash(name.p, name.n, (uint64_t)cand * 0x9e3779b97f4a7c15u + step);
}

/* The slot of a name: its own if it is there, else a free one. */
static struct meed_index_slot *probe(const struct meed_index *x, uint64_t hash, size_t cand,
				     size_t step, meed_str name)
{
	size_t at = (size_t)hash & (x->cap - 1);

	for (;;) {
		struct meed_index_slot *s = &x->slots[at];

		if (!s->item || (s->hash == hash && s->cand == cand && s->step == step &&
				 meed_str_eq(s->name, name)))
			return s;
		at = (at + 1) & (x->cap - 1);
	}
}

static bool index_grow(struct meed_arena *a, struct meed_index *x)
{
	struct meed_index old = *x;
	size_t i;

	x->cap = old.cap ? 2 * old.cap : 16;
	x->slots = meed_arena_alloc(a, x->cap * sizeof(*x->slots));
	if (!x->slots) {
		*x = old;
		return false;
	}
	for (i = 0; i < old.cap; i++) {
		const struct meed_index_slot *s = &old.slots[i];

		if (s->item)
			*probe(x, s->hash, s->cand, s->step, s->name) = *s;
	}
	return true;
}

/* The slot for a name; NULL when out of memory. A free one is filled but for its item, and
 * its name is the arena's copy. */
static struct meed_index_slot *index_slot(meed_ctx *c, struct meed_index *x, size_t cand,
					  size_t step, const char *name)
{
	meed_str n = { name, strnlen(name, MEED_NAME_MAX) };
	struct meed_index_slot *s;
	uint64_t hash = name_hash(cand, step, n);

	if (2 * x->n >= x->cap && !index_grow(c->arena, x))
		return NULL;
	s = probe(x, hash, cand, step, n);
	if (s->item)
		return s;
	n = meed_ctx_text(c, n, MEED_NAME_MAX);
	if (!n.p)
		return NULL;
	s = probe(x, name_hash(cand, step, n), cand, step, n);
	if (!s->item) {
		s->hash = name_hash(cand, step, n);
		s->name = n;
		s->cand = cand;
		s->step = step;
	}
	return s;
}

/* ---- scores ---- */

static int32_t bad_phase(meed_ctx *c, const char *function)
{
	return meed_ctx_failf(c, MEED_E_INTERNAL, "%s called %s outside evaluate and resume",
			      meed_ctx_model_id(c), function);
}

static int32_t bad_place(meed_ctx *c, const char *function, size_t cand, size_t step)
{
	if (cand >= c->n_cands)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s called %s for candidate %zu of %zu (they count from 0)",
				      meed_ctx_model_id(c), function, cand, c->n_cands);
	return meed_ctx_failf(c, MEED_E_INTERNAL,
			      "%s called %s for step %zu of candidate %zu, which has %zu steps",
			      meed_ctx_model_id(c), function, step, cand,
			      c->n_steps ? c->n_steps[cand] : (size_t)0);
}

static int32_t bad_score(meed_ctx *c, size_t cand, size_t step, const char *dim, double score)
{
	char x[40], lo[40], hi[40], where[64] = "";

	if (step != MEED_NONE)
		(void)snprintf(where, sizeof(where), "step %zu of ", step);
	if (dim)
		return meed_ctx_failf(c, MEED_E_RANGE,
				      "%s gave %scandidate %zu \"%.64s\" = %s: must be a finite "
				      "number",
				      meed_ctx_model_id(c), where, cand, dim,
				      meed_num_text(score, x));
	return meed_ctx_failf(c, MEED_E_RANGE,
			      "%s gave %scandidate %zu the score %s: must be finite and in "
			      "[%s, %s]",
			      meed_ctx_model_id(c), where, cand, meed_num_text(score, x),
			      meed_num_text(c->model->rm.score_min, lo),
			      meed_num_text(c->model->rm.score_max, hi));
}

static int32_t take_reason(meed_ctx *c, meed_str reason, meed_str *ret)
{
	ret->p = "";
	ret->n = 0;
	if (reason.n == 0 || !reason.p || !(c->want & MEED_WANT_REASON))
		return 0;
	*ret = meed_ctx_text(c, reason, MEED_REASON_MAX);
	return ret->p ? 0 : meed_ctx_nomem(c);
}

static int32_t put_dim(meed_ctx *c, size_t cand, size_t step, const char *dim, double score,
		       meed_str reason)
{
	struct meed_index_slot *slot;
	struct meed_dim *d;

	if (!isfinite(score))
		return bad_score(c, cand, step, dim, score);
	slot = index_slot(c, &c->dim_index, cand, step, dim);
	if (!slot)
		return meed_ctx_nomem(c);
	d = slot->item;
	if (!d) {
		d = meed_arena_alloc(c->arena, sizeof(*d));
		if (!d)
			return meed_ctx_nomem(c);
		d->next = c->dims;
		d->name = slot->name;
		d->cand = cand;
		d->step = step;
		c->dims = d;
		slot->item = d;
		c->dim_index.n++;
	}
	d->score = score;
	return take_reason(c, reason, &d->reason);
}

/* The place for a step's score; NULL when out of memory. */
static struct meed_score *step_slot(meed_ctx *c, size_t cand, size_t step)
{
	if (!c->steps)
		c->steps = meed_arena_alloc(c->arena, c->n_cands * sizeof(struct meed_score *));
	if (!c->steps)
		return NULL;
	if (!c->steps[cand])
		c->steps[cand] =
			meed_arena_alloc(c->arena, c->n_steps[cand] * sizeof(struct meed_score));
	return c->steps[cand] ? &c->steps[cand][step] : NULL;
}

static int32_t put_score(meed_ctx *c, size_t cand, size_t step, const char *dim, double score,
			 meed_str reason)
{
	struct meed_score *s;

	if (c->phase != MEED_PHASE_EVALUATE)
		return bad_phase(c, "put_score");
	if (cand >= c->n_cands || (step != MEED_NONE && (!c->n_steps || step >= c->n_steps[cand])))
		return bad_place(c, "put_score", cand, step);
	if (dim)
		return put_dim(c, cand, step, dim, score, reason);
	if (!(score >= c->model->rm.score_min && score <= c->model->rm.score_max) ||
	    !isfinite(score))
		return bad_score(c, cand, step, NULL, score);
	s = step == MEED_NONE ? &c->scores[cand] : step_slot(c, cand, step);
	if (!s)
		return meed_ctx_nomem(c);
	s->set = true;
	s->score = score;
	return take_reason(c, reason, &s->reason);
}

static int32_t check_json(meed_ctx *c, const char *key, meed_str json)
{
	struct json_object *o = NULL;
	struct meed_err why = { 0 };
	int32_t r;

	r = meed_json_read(NULL, json.p ? json.p : "", json.p ? json.n : 0, &why, &o);
	json_object_put(o);
	if (r == MEED_E_NOMEM)
		return meed_ctx_nomem(c);
	if (r < 0)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s put_extra \"%.64s\": must be one JSON value: %s",
				      meed_ctx_model_id(c), key, why.text);
	return 0;
}

static int32_t put_extra(meed_ctx *c, size_t cand, const char *key, meed_str json)
{
	struct meed_index_slot *slot;
	struct meed_extra *e;
	meed_str copy;

	if (c->phase != MEED_PHASE_EVALUATE)
		return bad_phase(c, "put_extra");
	if (cand >= c->n_cands)
		return bad_place(c, "put_extra", cand, MEED_NONE);
	if (!key)
		return meed_ctx_failf(c, MEED_E_INTERNAL, "%s called put_extra with a NULL key",
				      meed_ctx_model_id(c));
	if (!(c->want & MEED_WANT_EXTRA))
		return 0;
	if (check_json(c, key, json) < 0)
		return c->code;
	slot = index_slot(c, &c->extra_index, cand, MEED_NONE, key);
	copy = meed_arena_dup(c->arena, json);
	if (!slot || !copy.p)
		return meed_ctx_nomem(c);
	e = slot->item;
	if (!e) {
		e = meed_arena_alloc(c->arena, sizeof(*e));
		if (!e)
			return meed_ctx_nomem(c);
		e->next = c->extras;
		e->cand = cand;
		e->key = slot->name;
		c->extras = e;
		slot->item = e;
		c->extra_index.n++;
	}
	e->json = copy;
	return 0;
}

/* ---- the rest ---- */

static void log_text(meed_ctx *c, uint32_t level, const char *text)
{
	char line[1024];
	size_t i;

	if (level > MEED_LOG_ERROR)
		level = MEED_LOG_ERROR;
	if (!c->reg->log || level < c->reg->log->level)
		return;
	for (i = 0; text && text[i] != '\0' && i < sizeof(line) - 1; i++) {
		unsigned char ch = (unsigned char)text[i];

		line[i] = ch < ' ' || ch == 127 ? ' ' : text[i];
	}
	line[i] = '\0';
	meed_log(c->reg->log, level, "%s: %s", c->instance ? c->instance : meed_ctx_model_id(c),
		 line);
}

static void *alloc(meed_ctx *c, size_t n)
{
	return meed_arena_alloc(c->arena, n);
}

static uint64_t seed(const meed_ctx *c)
{
	uint64_t row = c->seed_row ? meed_row_hash(c->seed_row) : 0;

	return meed_hash(c->seed_key, sizeof(c->seed_key), row);
}

static int32_t cancelled(const meed_ctx *c)
{
	if (c->cancel && atomic_load_explicit(c->cancel, memory_order_relaxed) != 0)
		return 1;
	return c->deadline_ns != 0 && meed_now_ns() >= c->deadline_ns;
}

static const void *extension(const meed_host *h, const char *id)
{
	(void)h;
	if (id && strcmp(id, MEED_EXT_TEXT) == 0)
		return meed_host_text();
	if (id && strcmp(id, MEED_EXT_EXEC) == 0)
		return meed_host_exec();
	return NULL;
}

void meed_host_fill(struct meed_registry *r)
{
	r->host = (meed_host){
		.struct_size = sizeof(meed_host),
		.abi_minor = MEED_ABI_MINOR,
		.impl = r,
		.name = "meed",
		.version = PACKAGE_VERSION,
		.extension = extension,
		.type = meed_tree_type,
		.len = meed_tree_len,
		.get = meed_tree_get,
		.at = meed_tree_at,
		.next = meed_tree_next,
		.num = meed_tree_num,
		.i64 = meed_tree_i64,
		.str = meed_tree_str,
		.parse = meed_ctx_parse,
		.log = log_text,
		.fail = meed_ctx_fail,
		.alloc = alloc,
		.seed = seed,
		.cancelled = cancelled,
		.put_score = put_score,
		.put_extra = put_extra,
		.post_chat = meed_ctx_post_chat,
		.post_embed = meed_ctx_post_embed,
		.post_http = meed_ctx_post_http,
		.n_replies = meed_ctx_n_replies,
		.reply = meed_ctx_reply,
	};
}
