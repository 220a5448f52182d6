/* host_tree.c - plugins' view of a JSON tree: a meed_val is a json-c node under another name. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>

/* json-c's readers take a plain pointer and, for what is asked of them here, do not write. */
static struct json_object *node(const meed_val *v)
{
	union {
		const meed_val *in;
		struct json_object *out;
	} u = { v };

	return u.out;
}

static const meed_val *val(const struct json_object *o)
{
	return (const meed_val *)(const void *)o;
}

/* json-c holds integers up to UINT64_MAX. */
static bool fits_i64(struct json_object *o)
{
	int64_t i = json_object_get_int64(o);

	return i != INT64_MAX || json_object_get_uint64(o) == (uint64_t)INT64_MAX;
}

uint32_t meed_tree_type(const meed_val *v)
{
	struct json_object *o = node(v);

	switch (json_object_get_type(o)) {
	case json_type_boolean:
		return MEED_T_BOOL;
	case json_type_double:
		return MEED_T_NUM;
	case json_type_int:
		return fits_i64(o) ? MEED_T_INT : MEED_T_NUM;
	case json_type_string:
		return MEED_T_STR;
	case json_type_array:
		return MEED_T_ARR;
	case json_type_object:
		return MEED_T_OBJ;
	case json_type_null:
		break;
	}
	return MEED_T_NULL;
}

size_t meed_tree_len(const meed_val *v)
{
	struct json_object *o = node(v);

	switch (json_object_get_type(o)) {
	case json_type_array:
		return json_object_array_length(o);
	case json_type_object:
		return (size_t)json_object_object_length(o);
	default:
		return 0;
	}
}

const meed_val *meed_tree_get(const meed_val *obj, const char *key)
{
	struct json_object *o = node(obj), *ret = NULL;

	if (key && json_object_is_type(o, json_type_object))
		(void)json_object_object_get_ex(o, key, &ret);
	return val(ret);
}

const meed_val *meed_tree_at(const meed_val *arr, size_t i)
{
	struct json_object *o = node(arr);

	if (!json_object_is_type(o, json_type_array) || i >= json_object_array_length(o))
		return NULL;
	return val(json_object_array_get_idx(o, i));
}

/* The cursor is the entry whose value was returned last. */
const meed_val *meed_tree_next(const meed_val *obj, const void **cursor, meed_str *ret_key)
{
	struct json_object *o = node(obj);
	const struct lh_entry *e = *cursor;

	if (!json_object_is_type(o, json_type_object)) {
		*cursor = NULL;
		return NULL;
	}
	e = e ? e->next : json_object_get_object(o)->head;
	*cursor = e;
	if (!e)
		return NULL;
	if (ret_key)
		*ret_key = meed_str_of(e->k);
	return val(e->v);
}

double meed_tree_num(const meed_val *v, double dflt)
{
	struct json_object *o = node(v);

	switch (json_object_get_type(o)) {
	case json_type_boolean:
		return json_object_get_boolean(o) ? 1 : 0;
	case json_type_double:
		return json_object_get_double(o);
	case json_type_int:
		if (fits_i64(o))
			return (double)json_object_get_int64(o);
		return (double)json_object_get_uint64(o);
	default:
		return dflt;
	}
}

int64_t meed_tree_i64(const meed_val *v, int64_t dflt)
{
	struct json_object *o = node(v);

	if (!json_object_is_type(o, json_type_int) || !fits_i64(o))
		return dflt;
	return json_object_get_int64(o);
}

meed_str meed_tree_str(const meed_val *v)
{
	struct json_object *o = node(v);
	meed_str r = { "", 0 };

	if (json_object_is_type(o, json_type_string)) {
		r.p = json_object_get_string(o);
		r.n = (size_t)json_object_get_string_len(o);
	}
	return r;
}

const meed_val *meed_ctx_parse(meed_ctx *c, meed_str json)
{
	struct json_object *o = NULL;

	if (meed_json_read(NULL, json.n ? json.p : "", json.n, NULL, &o) < 0)
		o = NULL;
	if (o && meed_ctx_own(c, o) < 0)
		o = NULL;
	return val(o);
}
