/* json.c - text.json_validator and text.json_match, and what JSON Schema needs too. */
#include "config.h"
#include "json.h"

#include <stdlib.h>

#define MAX_STEPS 20000000

bool text_json(struct text_job *j, meed_str s, const meed_val **ret)
{
	*ret = j->h->parse(j->c, s);
	return *ret || meed_eq(meed_strip(s), MEED_S("null"));
}

int32_t text_steps(struct text_job *j, uint64_t n)
{
	j->cells += n;
	if (j->cells > MAX_STEPS)
		return meed_failf(j->h, j->c, MEED_E_LIMIT,
				  "comparing the JSON takes more than %d steps", MAX_STEPS);
	if (j->cells - j->polled > 1000000) {
		j->polled = j->cells;
		if (j->h->cancelled(j->c))
			return j->h->fail(j->c, MEED_E_CANCELLED, "the run is stopping");
	}
	return 0;
}

bool text_json_is_number(const meed_host *h, const meed_val *v)
{
	return h->type(v) == MEED_T_NUM || h->type(v) == MEED_T_INT;
}

/* 1 or 0 for values that hold no others; -1 else. */
static int scalar_equal(const meed_host *h, const meed_val *a, const meed_val *b)
{
	uint32_t x = h->type(a), y = h->type(b);

	if (x == MEED_T_INT && y == MEED_T_INT)
		return h->i64(a, 0) == h->i64(b, 0);
	if (text_json_is_number(h, a) && text_json_is_number(h, b))
		return !(h->num(a, 0) < h->num(b, 0)) && !(h->num(a, 0) > h->num(b, 0));
	if (x != y)
		return 0;
	if (x == MEED_T_STR)
		return meed_eq(h->str(a), h->str(b));
	if (x == MEED_T_BOOL)
		return (h->num(a, 0) > 0) == (h->num(b, 0) > 0);
	return x == MEED_T_NULL ? 1 : -1;
}

int32_t text_json_member(struct text_job *j, const meed_val *obj, meed_str key,
			 const meed_val **ret)
{
	const meed_host *h = j->h;
	const void *cursor = NULL;
	meed_str k;
	int32_t r;

	/* get takes a name that ends at its NUL, and has NULL for null */
	*ret = memchr(key.p, '\0', key.n) ? NULL : h->get(obj, key.p);
	if (*ret)
		return 1;
	r = text_steps(j, h->len(obj));
	for (*ret = h->next(obj, &cursor, &k); cursor && r == 0;
	     *ret = h->next(obj, &cursor, &k)) {
		if (meed_eq(k, key))
			return 1;
	}
	*ret = NULL;
	return r;
}

int32_t text_json_equal(struct text_job *j, const meed_val *a, const meed_val *b)
{
	const meed_host *h = j->h;
	const void *cursor = NULL;
	const meed_val *x, *y;
	meed_str key;
	size_t i;
	int32_t r = text_steps(j, 1);
	int plain;

	if (r < 0)
		return r;
	plain = scalar_equal(h, a, b);
	if (plain >= 0)
		return plain;
	if (h->len(a) != h->len(b))
		return 0;
	r = 1;
	if (h->type(a) == MEED_T_ARR) {
		for (i = 0; i < h->len(a) && r > 0; i++)
			r = text_json_equal(j, h->at(a, i), h->at(b, i));
		return r;
	}
	for (x = h->next(a, &cursor, &key); cursor && r > 0; x = h->next(a, &cursor, &key)) {
		r = text_json_member(j, b, key, &y);
		if (r > 0)
			r = text_json_equal(j, x, y);
	}
	return r;
}

/* ---- uniqueItems ------------------------------------------------------------------------- */

struct item {
	uint64_t hash;
	const meed_val *v;
};

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9E3779B97F4A7C15u;
	return h ^ h >> 29;
}

static uint64_t hash_bytes(meed_str s)
{
	uint64_t h = 0xCBF29CE484222325u;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001B3u;
	return mix(h, s.n);
}

/* Equal values hash alike. */
static uint64_t hash_value(struct text_job *j, const meed_val *v)
{
	const meed_host *h = j->h;
	const void *cursor = NULL;
	const meed_val *x;
	uint64_t hash = 1, bits;
	meed_str key;
	double num;
	size_t i;

	if (text_steps(j, 1) < 0)
		return 0;
	switch (h->type(v)) {
	case MEED_T_NULL:
		return 7;
	case MEED_T_BOOL:
		return h->num(v, 0) > 0 ? 11 : 13;
	case MEED_T_STR:
		return hash_bytes(h->str(v));
	case MEED_T_ARR:
		for (i = 0; i < h->len(v); i++)
			hash = mix(hash, hash_value(j, h->at(v, i)));
		return mix(hash, 17);
	case MEED_T_OBJ:
		for (x = h->next(v, &cursor, &key); cursor; x = h->next(v, &cursor, &key))
			hash += mix(hash_bytes(key), hash_value(j, x));
		return mix(hash, 19);
	default:
		num = h->num(v, 0) + 0.0;
		memcpy(&bits, &num, sizeof(bits));
		return mix(bits, 23);
	}
}

static int by_hash(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

int32_t text_json_unique(struct text_job *j, const meed_val *list)
{
	size_t n = j->h->len(list), i, k;
	struct item *v = text_alloc(j, n, sizeof(*v));
	int32_t r = v ? 0 : MEED_E_NOMEM;

	for (i = 0; i < n && r == 0; i++)
		v[i] = (struct item){ hash_value(j, j->h->at(list, i)), j->h->at(list, i) };
	if (r == 0)
		r = text_steps(j, 1);
	if (r < 0)
		return r;
	if (n > 1)
		qsort(v, n, sizeof(*v), by_hash);
	for (i = 0; i < n; i++) {
		for (k = i + 1; k < n && v[k].hash == v[i].hash; k++) {
			r = text_json_equal(j, v[i].v, v[k].v);
			if (r != 0)
				return r < 0 ? r : 0;
		}
	}
	return 1;
}

/* ---- json_validator ---------------------------------------------------------------------- */

static int32_t validate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	struct text_result ret = { 0 };
	const meed_val *v;
	struct text_job j;

	(void)state;
	text_begin(&j, h, c, self, s);
	ret.score = text_json(&j, s->cands[0].text, &v) ? 1 : 0;
	ret.note = ret.score > 0 ? "is JSON" : "is not JSON";
	return text_put_result(&j, &ret, MEED_NONE);
}

const meed_rm text_json_validator = TEXT_MODEL(
	.id = "text.json_validator", .summary = "1 if the response is one JSON value",
	.source = TEXT_GALLERY ", json_validator; RFC 8259", .params_schema = P_OPEN P_CLOSE,
	.evaluate = validate, TEXT_PLAIN);

/* ---- json_match -------------------------------------------------------------------------- */

static int32_t match(struct text_job *j, const meed_val *a, const meed_val *b);

/* A member, or NULL, which is null too. */
static int32_t find(struct text_job *j, const meed_val *obj, meed_str key, const meed_val **ret)
{
	int32_t r = 0;

	if (memchr(key.p, '\0', key.n))
		r = text_json_member(j, obj, key, ret);
	else
		*ret = j->h->get(obj, key.p);
	return r < 0 ? r : 0;
}

/* A member that is missing is null. */
static int32_t match_members(struct text_job *j, const meed_val *of, const meed_val *a,
			     const meed_val *b)
{
	const meed_host *h = j->h;
	const void *cursor = NULL;
	const meed_val *x, *y;
	meed_str key;
	int32_t r = 1;

	(void)h->next(of, &cursor, &key);
	while (cursor && r > 0) {
		r = find(j, a, key, &x);
		if (r == 0)
			r = find(j, b, key, &y);
		if (r == 0)
			r = match(j, x, y);
		(void)h->next(of, &cursor, &key);
	}
	return r;
}

/* Each item of a takes the first of b's that is free and matches. */
static int32_t match_any_order(struct text_job *j, const meed_val *a, const meed_val *b)
{
	size_t n = j->h->len(a), i, k;
	uint8_t *taken = text_alloc(j, n, 1);
	int32_t r = taken ? 1 : MEED_E_NOMEM;

	for (i = 0; i < n && r > 0; i++) {
		r = 0;
		for (k = 0; k < n && r == 0; k++) {
			if (taken[k])
				continue;
			r = match(j, j->h->at(a, i), j->h->at(b, k));
			taken[k] = r > 0;
		}
	}
	return r;
}

static int32_t match(struct text_job *j, const meed_val *a, const meed_val *b)
{
	const meed_host *h = j->h;
	uint32_t type = h->type(a);
	size_t i;
	int32_t r = text_steps(j, 1);
	int plain;

	if (r < 0)
		return r;
	plain = scalar_equal(h, a, b);
	if (plain >= 0)
		return plain;
	if (type == MEED_T_OBJ) {
		r = match_members(j, b, a, b);
		return r > 0 && !j->o->ignore_extra_keys ? match_members(j, a, a, b) : r;
	}
	if (h->len(a) != h->len(b))
		return 0;
	if (!j->o->strict_order)
		return match_any_order(j, a, b);
	for (i = 0, r = 1; i < h->len(a) && r > 0; i++)
		r = match(j, h->at(a, i), h->at(b, i));
	return r;
}

static int32_t pair(struct text_job *j, meed_str ref, struct text_result *ret)
{
	const meed_val *a, *b;
	int32_t r;

	if (!text_json(j, ref, &b))
		return j->h->fail(j->c, MEED_E_SAMPLE, "the reference is not JSON");
	if (!text_json(j, j->s->cands[0].text, &a)) {
		ret->note = "the response is not JSON";
		return 0;
	}
	r = match(j, a, b);
	if (r < 0)
		return r;
	ret->score = r > 0 ? 1 : 0;
	ret->note = r > 0 ? "matches the reference" : "differs from the reference";
	return 0;
}

TEXT_EVALUATE(evaluate, pair)

const meed_rm text_json_match = TEXT_MODEL(
	.id = "text.json_match", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 if the response is the reference's JSON value",
	.source = TEXT_GALLERY ", json_match",
	.params_schema = P_OPEN P_BOOL("strict_order", "true", "items of lists in the same order")
	","
	P_BOOL("ignore_extra_keys", "false", "members that the reference lacks do no harm") P_CLOSE,
	.evaluate = evaluate, TEXT_PLAIN);
