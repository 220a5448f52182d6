/* value.c - values of arguments, from JSON or Python. */
#include "config.h"
#include "tools.h"

#define PRINT_BYTES 60

bool env_fail(struct env *e, int32_t code, const char *why)
{
	if (!e->failed)
		e->code = e->h->fail(e->c, code, why);
	e->failed = true;
	return false;
}

void *env_alloc(struct env *e, size_t n)
{
	void *p = e->failed ? NULL : e->h->alloc(e->c, n);

	if (!p)
		(void)env_fail(e, MEED_E_NOMEM, "out of memory");
	return p;
}

static bool from_json(struct env *e, const meed_val *v, size_t depth, struct val *ret)
{
	const meed_host *h = e->h;
	const void *cursor = NULL;
	const meed_val *item;
	size_t i = 0;

	memset(ret, 0, sizeof(*ret));
	switch (h->type(v)) {
	case MEED_T_BOOL:
		ret->kind = V_BOOL;
		ret->i = h->num(v, 0) > 0;
		return true;
	case MEED_T_INT:
		ret->kind = V_INT;
		ret->i = h->i64(v, 0);
		return true;
	case MEED_T_NUM:
		ret->kind = V_NUM;
		ret->d = h->num(v, 0);
		return true;
	case MEED_T_STR:
		ret->kind = V_STR;
		ret->s = h->str(v);
		return true;
	case MEED_T_ARR:
	case MEED_T_OBJ:
		break;
	default:
		ret->kind = V_NULL;
		return true;
	}
	if (depth == TOOLS_MAX_DEPTH)
		return false;
	ret->kind = h->type(v) == MEED_T_ARR ? V_LIST : V_DICT;
	ret->n = h->len(v);
	ret->items = env_alloc(e, (ret->n + 1) * sizeof(*ret->items));
	ret->keys = ret->kind == V_DICT ? env_alloc(e, (ret->n + 1) * sizeof(*ret->keys)) : NULL;
	if (e->failed)
		return false;
	for (; ret->kind == V_LIST && i < ret->n; i++) {
		if (!from_json(e, h->at(v, i), depth + 1, &ret->items[i]))
			return false;
	}
	for (; ret->kind == V_DICT && i < ret->n; i++) {
		item = h->next(v, &cursor, &ret->keys[i]);
		if (!cursor)
			break;
		if (!from_json(e, item, depth + 1, &ret->items[i]))
			return false;
	}
	ret->n = i;
	return true;
}

bool val_from_json(struct env *e, const meed_val *v, struct val *ret)
{
	return from_json(e, v, 0, ret);
}

bool val_parse(struct env *e, meed_str json, struct val *ret)
{
	const meed_val *v;

	json = meed_strip(json);
	v = json.n > 0 ? e->h->parse(e->c, json) : NULL;
	memset(ret, 0, sizeof(*ret));
	if (!v)
		return meed_eq(json, MEED_S("null"));
	return from_json(e, v, 0, ret);
}

const struct val *val_get(const struct val *dict, meed_str key)
{
	size_t i;

	for (i = 0; dict && dict->kind == V_DICT && i < dict->n; i++) {
		if (meed_eq(dict->keys[i], key))
			return &dict->items[i];
	}
	return NULL;
}

bool val_push(struct env *e, struct val *v, meed_str key, const struct val *item)
{
	struct val *items;
	meed_str *keys;
	size_t cap;

	/* room doubles at 0, 4, 8, 16 ... */
	if (v->n == 0 || (v->n >= 4 && (v->n & (v->n - 1)) == 0)) {
		cap = v->n ? 2 * v->n : 4;
		items = env_alloc(e, cap * sizeof(*items));
		keys = env_alloc(e, cap * sizeof(*keys));
		if (!items || !keys)
			return false;
		if (v->n > 0) {
			memcpy(items, v->items, v->n * sizeof(*items));
			memcpy(keys, v->keys, v->n * sizeof(*keys));
		}
		v->items = items;
		v->keys = keys;
	}
	v->keys[v->n] = key;
	v->items[v->n++] = *item;
	return true;
}

static bool is_number(const struct val *v)
{
	return v->kind == V_BOOL || v->kind == V_INT || v->kind == V_NUM;
}

static bool same_number(const struct val *a, const struct val *b)
{
	double x, y;

	if (a->kind != V_NUM && b->kind != V_NUM)
		return a->i == b->i;
	x = a->kind == V_NUM ? a->d : (double)a->i;
	y = b->kind == V_NUM ? b->d : (double)b->i;
	return !(x < y) && !(x > y);
}

bool val_equal(const struct val *a, const struct val *b)
{
	const struct val *other;
	size_t i;

	if (is_number(a) && is_number(b))
		return same_number(a, b);
	if (a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == V_STR)
		return meed_eq(a->s, b->s);
	for (i = 0; i < a->n; i++) {
		other = a->kind == V_LIST ? &b->items[i] : val_get(b, a->keys[i]);
		if (!other || !val_equal(&a->items[i], other))
			return false;
	}
	return true;
}

static void print(struct meed_text *t, const struct val *v)
{
	size_t i;

	switch (v->kind) {
	case V_NULL:
		meed_text_lit(t, "null");
		break;
	case V_BOOL:
		meed_text_str(t, v->i ? MEED_S("true") : MEED_S("false"));
		break;
	case V_INT:
		meed_text_i64(t, v->i);
		break;
	case V_NUM:
		meed_text_num(t, v->d);
		if (v->d - (double)(int64_t)(v->d > -1e15 && v->d < 1e15 ? v->d : 0) == 0.0)
			meed_text_lit(t, ".0");
		break;
	case V_STR:
		meed_text_json_str(t, v->s);
		break;
	default:
		meed_text_char(t, v->kind == V_LIST ? '[' : '{');
		for (i = 0; i < v->n && t->n < t->cap; i++) {
			if (i > 0)
				meed_text_lit(t, ", ");
			if (v->kind == V_DICT) {
				meed_text_json_str(t, v->keys[i]);
				meed_text_lit(t, ": ");
			}
			print(t, &v->items[i]);
		}
		meed_text_char(t, v->kind == V_LIST ? ']' : '}');
		break;
	}
}

void val_print(struct meed_text *t, const struct val *v)
{
	char buf[PRINT_BYTES];
	struct meed_text one = meed_text_in(buf, sizeof(buf));

	print(&one, v);
	meed_text_str(t, meed_text_get(&one));
	if (one.cap < sizeof(buf) || one.n == sizeof(buf))
		meed_text_lit(t, "...");
}

const char *val_kind(const struct val *v)
{
	static const char *const names[] = { "null", "a boolean", "an integer", "a float",
					     "a string", "a list", "an object" };

	return names[v->kind];
}
