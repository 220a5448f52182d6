/* value_copy.c - fresh copies of JSON trees, whatever made the original. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>

static bool copy_array(struct json_object *o, struct json_object **ret)
{
	size_t n = json_object_array_length(o), i;
	struct json_object *a = json_object_new_array(), *item;

	for (i = 0; a && i < n; i++) {
		if (!meed_param_copy(json_object_array_get_idx(o, i), &item))
			break;
		if (json_object_array_add(a, item) != 0) {
			json_object_put(item);
			break;
		}
	}
	if (!a || i < n) {
		json_object_put(a);
		return false;
	}
	*ret = a;
	return true;
}

static bool copy_object(struct json_object *o, struct json_object **ret)
{
	struct json_object *c = json_object_new_object(), *item;
	struct json_object_iter it;

	if (!c)
		return false;
	json_object_object_foreachC(o, it)
	{
		if (!meed_param_copy(it.val, &item))
			goto fail;
		if (json_object_object_add(c, it.key, item) != 0) {
			json_object_put(item);
			goto fail;
		}
	}
	*ret = c;
	return true;
fail:
	json_object_put(c);
	return false;
}

bool meed_param_copy(struct json_object *o, struct json_object **ret)
{
	struct json_object *c = NULL;

	switch (json_object_get_type(o)) {
	case json_type_null:
		*ret = NULL;
		return true;
	case json_type_boolean:
		c = json_object_new_boolean(json_object_get_boolean(o));
		break;
	case json_type_double:
		c = json_object_new_double(json_object_get_double(o));
		break;
	case json_type_int:
		c = json_object_get_int64(o) == INT64_MAX
			    ? json_object_new_uint64(json_object_get_uint64(o))
			    : json_object_new_int64(json_object_get_int64(o));
		break;
	case json_type_string:
		c = json_object_new_string_len(json_object_get_string(o),
					       json_object_get_string_len(o));
		break;
	case json_type_array:
		return copy_array(o, ret);
	case json_type_object:
		return copy_object(o, ret);
	}
	*ret = c;
	return c != NULL;
}
