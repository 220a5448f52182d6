/* json.c - small helpers over json-c's trees, and a printer that keeps the spelling of numbers. */
#include "config.h"
#include "host/sample/rows.h"

#include <math.h>

static void write_int(struct meed_buf *b, struct json_object *o)
{
	int64_t i = json_object_get_int64(o);

	if (i < 0) {
		meed_buf_putc(b, '-');
		meed_buf_u64(b, 0 - (uint64_t)i);
	} else {
		meed_buf_u64(b, json_object_get_uint64(o));
	}
}

static void write_double(struct meed_buf *b, struct json_object *o)
{
	const char *text = json_object_get_userdata(o);
	double x = json_object_get_double(o);

	if (text)
		meed_buf_puts(b, text);
	else if (isfinite(x))
		meed_buf_json_num(b, x);
	else
		MEED_BUF_LIT(b, "null");
}

void meed_json_write(struct meed_buf *b, struct json_object *o)
{
	bool first = true;

	switch (json_object_get_type(o)) {
	case json_type_null:
		MEED_BUF_LIT(b, "null");
		break;
	case json_type_boolean:
		meed_buf_puts(b, json_object_get_boolean(o) ? "true" : "false");
		break;
	case json_type_int:
		write_int(b, o);
		break;
	case json_type_double:
		write_double(b, o);
		break;
	case json_type_string:
		meed_buf_json_str(b, meed_json_text(o));
		break;
	case json_type_array:
		meed_buf_putc(b, '[');
		for (size_t i = 0; i < json_object_array_length(o); i++) {
			if (i)
				meed_buf_putc(b, ',');
			meed_json_write(b, json_object_array_get_idx(o, i));
		}
		meed_buf_putc(b, ']');
		break;
	case json_type_object:
		meed_buf_putc(b, '{');
		MEED_JSON_EACH(o, e) {
			meed_key_write(b, meed_entry_key(e), &first);
			meed_json_write(b, meed_entry_val(e));
		}
		meed_buf_putc(b, '}');
		break;
	}
}

void meed_key_write(struct meed_buf *b, const char *key, bool *first)
{
	if (!*first)
		meed_buf_putc(b, ',');
	*first = false;
	meed_buf_json_str(b, meed_str_of(key));
	meed_buf_putc(b, ':');
}

bool meed_json_str(struct json_object *o, meed_str *ret)
{
	if (json_object_get_type(o) != json_type_string)
		return false;
	*ret = meed_json_text(o);
	return true;
}

const char *meed_json_kind(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_boolean:
		return "true or false";
	case json_type_int:
	case json_type_double:
		return "a number";
	case json_type_string:
		return "a string";
	case json_type_array:
		return "a list";
	case json_type_object:
		return "an object";
	default:
		return "null";
	}
}

static bool add(struct json_object *o, const char *key, struct json_object *v, unsigned int how)
{
	if (json_object_object_add_ex(o, key, v, how) == 0)
		return true;
	json_object_put(v);
	return false;
}

bool meed_json_add(struct json_object *o, const char *key, struct json_object *v)
{
	return add(o, key, v, 0);
}

bool meed_json_add_new(struct json_object *o, const char *key, struct json_object *v)
{
	return add(o, key, v, JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
}

bool meed_json_add_str(struct json_object *o, const char *key, meed_str s)
{
	struct json_object *v = json_object_new_string_len(s.p, (int)s.n);

	return v && meed_json_add_new(o, key, v);
}
