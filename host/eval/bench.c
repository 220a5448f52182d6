/* bench.c - which benchmarks there are, and what they all read from samples. */
#include "config.h"
#include "host/eval/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "host/sample/sample.h"

static const struct meed_eval_bench *const benches[] = {
	&meed_eval_on_rewardbench,  &meed_eval_on_rewardbench2, &meed_eval_on_rmbench,
	&meed_eval_on_rmb_pairwise, &meed_eval_on_rmb_bon,	&meed_eval_on_judgebench,
	&meed_eval_on_llmbar,	    &meed_eval_on_pandalm,	&meed_eval_on_prmbench,
	&meed_eval_on_helpsteer,    &meed_eval_on_pairwise,	&meed_eval_on_pointwise,
	&meed_eval_on_best,	    &meed_eval_on_pass
};

#define N_BENCHES (sizeof(benches) / sizeof(benches[0]))

const struct meed_bench_info *meed_bench_info(size_t i)
{
	return i < N_BENCHES ? &benches[i]->info : NULL;
}

const struct meed_bench_info *meed_bench_named(const char *name)
{
	for (size_t i = 0; i < N_BENCHES; i++)
		if (strcmp(benches[i]->info.name, name) == 0)
			return &benches[i]->info;
	return NULL;
}

/* ---- keys to numbers ----------------------------------------------------------------------- */

static bool map_grow(struct meed_map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 256;
	uint64_t *keys = realloc(m->keys, cap * sizeof(*keys));
	uint32_t *slots;

	if (!keys)
		return false;
	m->keys = keys;
	slots = calloc(cap * 2, sizeof(*slots));
	if (!slots)
		return false;
	free(m->slots);
	m->slots = slots;
	m->n_slots = cap * 2;
	m->cap = cap;
	for (size_t i = 0; i < m->n; i++) {
		size_t at = (size_t)m->keys[i] & (m->n_slots - 1);

		while (m->slots[at])
			at = (at + 1) & (m->n_slots - 1);
		m->slots[at] = (uint32_t)i + 1;
	}
	return true;
}

int32_t meed_map_put(struct meed_map *m, uint64_t key, struct meed_err *err, uint32_t *ret,
		     bool *ret_fresh)
{
	size_t at;

	if (m->n == m->cap && !map_grow(m))
		return meed_err_nomem(err);
	at = (size_t)key & (m->n_slots - 1);
	while (m->slots[at] && m->keys[m->slots[at] - 1] != key)
		at = (at + 1) & (m->n_slots - 1);
	*ret_fresh = !m->slots[at];
	if (*ret_fresh) {
		if (m->n >= UINT32_MAX - 1)
			return meed_err_set(err, MEED_E_LIMIT, "more than 2^32 groups");
		m->keys[m->n] = key;
		m->slots[at] = (uint32_t)++m->n;
	}
	*ret = m->slots[at] - 1;
	return MEED_OK;
}

void meed_map_release(struct meed_map *m)
{
	free(m->keys);
	free(m->slots);
	*m = (struct meed_map){ 0 };
}

void *meed_pending_add(struct meed_eval *e, size_t size)
{
	char *p;

	if (e->n_pending == e->cap_pending) {
		size_t cap = e->cap_pending ? e->cap_pending * 2 : 256, bytes;

		if (meed_mul_overflow(cap, size, &bytes) || !(p = realloc(e->pending, bytes)))
			return NULL;
		e->pending = p;
		e->cap_pending = cap;
	}
	p = (char *)e->pending + e->n_pending++ * size;
	memset(p, 0, size);
	return p;
}

/* ---- what samples say ---------------------------------------------------------------------- */

static bool hash_scalar(struct json_object *o, uint64_t seed, uint64_t *ret)
{
	enum json_type t = json_object_get_type(o);
	const char *s;

	if (t != json_type_string && t != json_type_int)
		return false;
	s = json_object_get_string(o);
	*ret = meed_hash(s, t == json_type_int ? strlen(s) : (size_t)json_object_get_string_len(o),
			 seed);
	return true;
}

uint64_t meed_sample_id(const struct meed_scored *s)
{
	static const char *const keys[] = { "unique_id", "pair_id", "pair_uid", "bon_uid",
					    "id",	 "idx",	    "task_id" };
	uint64_t h = 0;

	/* The row's own first: where it has none, the sample's id is a hash of its line. */
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (hash_scalar(meed_scored_get(s->root, keys[i]), 0, &h))
			return h;
	(void)hash_scalar(meed_scored_get(s->root, "subset"), 1, &h);
	if (hash_scalar(meed_scored_get(s->root, "index"), h, &h))
		return h;
	if (s->id.n)
		return meed_hash(s->id.p, s->id.n, 0);
	h = s->prompt_hash;
	for (size_t i = 0; i < s->n_outs; i++)
		h = meed_hash(s->outs[i].text.p, s->outs[i].text.n, h);
	return h;
}

uint64_t meed_sample_cluster(const struct meed_scored *s)
{
	return s->n_prompt ? s->prompt_hash : meed_sample_id(s);
}

static meed_str text_of(struct meed_eval *e, struct json_object *v)
{
	meed_str s;

	if (meed_json_str(v, &s))
		return s;
	e->scratch.n = 0;
	e->scratch.failed = false;
	meed_json_write(&e->scratch, v);
	return e->scratch.failed ? MEED_STR("") : (meed_str){ e->scratch.p, e->scratch.n };
}

meed_str meed_sample_subset(struct meed_eval *e, const struct meed_scored *s, const char *key)
{
	struct json_object *v = NULL;

	if (e->o.by) {
		v = meed_json_pointer(s->root, e->o.by);
		return v ? text_of(e, v) : MEED_STR("(none)");
	}
	if (s->task_category.n)
		return s->task_category;
	if (key)
		v = meed_scored_get(s->root, key);
	return v ? text_of(e, v) : MEED_STR("all");
}

bool meed_label_side(const struct meed_scored_output *o, int *ret)
{
	meed_str p = meed_scored_str(meed_scored_get(o->label, "preference"));

	if (meed_str_eq(p, MEED_STR("chosen")))
		*ret = 1;
	else if (meed_str_eq(p, MEED_STR("rejected")))
		*ret = -1;
	else if (meed_str_eq(p, MEED_STR("tie")))
		*ret = 0;
	else
		return false;
	return true;
}

bool meed_label_right(const struct meed_scored_output *o, bool *ret)
{
	double x;

	if (!meed_scored_num(meed_scored_get(o->label, "is_correct"), &x))
		return false;
	*ret = x > 0.5;
	return true;
}

int32_t meed_eval_note(struct meed_eval *e, struct meed_err *err, const char *fmt, ...)
{
	meed_str *v = realloc(e->notes, (e->n_notes + 1) * sizeof(*v));
	char *text = NULL;
	va_list ap;
	int n;

	if (!v)
		return meed_err_nomem(err);
	e->notes = v;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return meed_err_nomem(err);
	e->notes[e->n_notes++] = (meed_str){ text, (size_t)n };
	return MEED_OK;
}
