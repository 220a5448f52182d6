/* json_schema.c - whether a JSON value is a JSON Schema, by the keywords of drafts 4 to 2020-12. */
#include "config.h"
#include "code.h"

enum want {
	TEXT,
	NUMBER,
	COUNT,
	BOOLEAN,
	ARRAY,
	TEXTS,
	SCHEMA,
	SCHEMAS,
	BY_NAME,
	ITEMS,
	TYPE,
	LIMIT
};

static const struct keyword {
	const char *name;
	enum want want;
} keywords[] = {
	{ "$anchor", TEXT },
	{ "$comment", TEXT },
	{ "$defs", BY_NAME },
	{ "$id", TEXT },
	{ "$ref", TEXT },
	{ "$schema", TEXT },
	{ "additionalItems", SCHEMA },
	{ "additionalProperties", SCHEMA },
	{ "allOf", SCHEMAS },
	{ "anyOf", SCHEMAS },
	{ "contains", SCHEMA },
	{ "definitions", BY_NAME },
	{ "dependentSchemas", BY_NAME },
	{ "deprecated", BOOLEAN },
	{ "description", TEXT },
	{ "else", SCHEMA },
	{ "enum", ARRAY },
	{ "examples", ARRAY },
	{ "exclusiveMaximum", LIMIT },
	{ "exclusiveMinimum", LIMIT },
	{ "format", TEXT },
	{ "if", SCHEMA },
	{ "items", ITEMS },
	{ "maxContains", COUNT },
	{ "maxItems", COUNT },
	{ "maxLength", COUNT },
	{ "maxProperties", COUNT },
	{ "maximum", NUMBER },
	{ "minContains", COUNT },
	{ "minItems", COUNT },
	{ "minLength", COUNT },
	{ "minProperties", COUNT },
	{ "minimum", NUMBER },
	{ "multipleOf", NUMBER },
	{ "not", SCHEMA },
	{ "oneOf", SCHEMAS },
	{ "pattern", TEXT },
	{ "patternProperties", BY_NAME },
	{ "prefixItems", SCHEMAS },
	{ "properties", BY_NAME },
	{ "propertyNames", SCHEMA },
	{ "readOnly", BOOLEAN },
	{ "required", TEXTS },
	{ "then", SCHEMA },
	{ "title", TEXT },
	{ "type", TYPE },
	{ "unevaluatedItems", SCHEMA },
	{ "unevaluatedProperties", SCHEMA },
	{ "uniqueItems", BOOLEAN },
	{ "writeOnly", BOOLEAN },
};

static bool is_number(const meed_host *h, const meed_val *v)
{
	return h->type(v) == MEED_T_NUM || h->type(v) == MEED_T_INT;
}

static bool is_type_name(const meed_host *h, const meed_val *v)
{
	static const char *const names[] = { "array", "boolean", "integer", "null",
					     "number", "object", "string" };
	size_t i;

	for (i = 0; h->type(v) == MEED_T_STR && i < sizeof(names) / sizeof(names[0]); i++) {
		if (meed_eq(h->str(v), meed_s(names[i])))
			return true;
	}
	return false;
}

/* Every item is a schema, or (texts) a string; there is one at least, or none is needed. */
static const char *check_items(const meed_host *h, const meed_val *v, bool texts,
			       meed_str *ret_key)
{
	const char *why = NULL;
	size_t i;

	if (h->type(v) != MEED_T_ARR)
		return "not an array";
	if (!texts && h->len(v) == 0)
		return "empty";
	for (i = 0; i < h->len(v) && !why; i++) {
		if (texts)
			why = h->type(h->at(v, i)) == MEED_T_STR ? NULL : "not all strings";
		else
			why = code_schema_fault(h, h->at(v, i), ret_key);
	}
	return why;
}

static const char *check_by_name(const meed_host *h, const meed_val *v, meed_str *ret_key)
{
	const void *cursor = NULL;
	const meed_val *item;
	const char *why = NULL;
	meed_str key;

	if (h->type(v) != MEED_T_OBJ)
		return "not an object";
	while (!why) {
		item = h->next(v, &cursor, &key);
		if (!cursor)
			break;
		why = code_schema_fault(h, item, ret_key);
	}
	return why;
}

static const char *check_type(const meed_host *h, const meed_val *v)
{
	size_t i;

	if (h->type(v) != MEED_T_ARR)
		return is_type_name(h, v) ? NULL : "names no type";
	for (i = 0; i < h->len(v); i++) {
		if (!is_type_name(h, h->at(v, i)))
			return "names no type";
	}
	return h->len(v) > 0 ? NULL : "empty";
}

static const char *check_keyword(const meed_host *h, enum want want, const meed_val *v,
				 meed_str *ret_key)
{
	uint32_t type = h->type(v);

	switch (want) {
	case TEXT:
		return type == MEED_T_STR ? NULL : "not a string";
	case NUMBER:
		return is_number(h, v) ? NULL : "not a number";
	case COUNT:
		return type == MEED_T_INT && h->i64(v, -1) >= 0 ? NULL : "not a count";
	case BOOLEAN:
		return type == MEED_T_BOOL ? NULL : "not a boolean";
	case LIMIT:
		return type == MEED_T_BOOL || is_number(h, v) ? NULL : "not a number";
	case ARRAY:
		return type == MEED_T_ARR ? NULL : "not an array";
	case TEXTS:
		return check_items(h, v, true, ret_key);
	case SCHEMA:
		return code_schema_fault(h, v, ret_key);
	case SCHEMAS:
		return check_items(h, v, false, ret_key);
	case BY_NAME:
		return check_by_name(h, v, ret_key);
	case ITEMS:
		return type == MEED_T_ARR ? check_items(h, v, false, ret_key)
					  : code_schema_fault(h, v, ret_key);
	default:
		return check_type(h, v);
	}
}

const char *code_schema_fault(const meed_host *h, const meed_val *v, meed_str *ret_key)
{
	const void *cursor = NULL;
	const meed_val *item;
	const char *why = NULL;
	meed_str key;
	size_t i;

	if (h->type(v) == MEED_T_BOOL)
		return NULL;
	if (h->type(v) != MEED_T_OBJ)
		return "a schema is an object, true or false";
	while (!why) {
		item = h->next(v, &cursor, &key);
		if (!cursor)
			break;
		for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]) && !why; i++) {
			if (meed_eq(key, meed_s(keywords[i].name)))
				why = check_keyword(h, keywords[i].want, item, ret_key);
		}
		/* the innermost is the one to blame */
		if (why && ret_key->n == 0)
			*ret_key = key;
	}
	return why;
}
