/* schema.c - is a params_schema one that the host can use: known keywords, well formed, sane. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>

enum {
	ANY = MEED_JT_ANY,
	NUMERIC = MEED_JT_INT | MEED_JT_NUM
};

/* Every keyword: the types its value may have, and the types it says something about. */
static const struct keyword {
	const char *name;
	uint32_t value;
	uint32_t about;
} keywords[] = {
	{ "$comment", MEED_JT_STR, ANY },
	{ "$id", MEED_JT_STR, ANY },
	{ "$schema", MEED_JT_STR, ANY },
	{ "additionalProperties", MEED_JT_BOOL | MEED_JT_OBJ, MEED_JT_OBJ },
	{ "default", ANY, ANY },
	{ "deprecated", MEED_JT_BOOL, ANY },
	{ "description", MEED_JT_STR, ANY },
	{ "enum", MEED_JT_ARR, ANY },
	{ "examples", MEED_JT_ARR, ANY },
	{ "exclusiveMaximum", NUMERIC, NUMERIC },
	{ "exclusiveMinimum", NUMERIC, NUMERIC },
	{ "format", MEED_JT_STR, MEED_JT_STR },
	{ "items", MEED_JT_OBJ, MEED_JT_ARR },
	{ "maxItems", MEED_JT_INT, MEED_JT_ARR },
	{ "maxLength", MEED_JT_INT, MEED_JT_STR },
	{ "maximum", NUMERIC, NUMERIC },
	{ "minItems", MEED_JT_INT, MEED_JT_ARR },
	{ "minLength", MEED_JT_INT, MEED_JT_STR },
	{ "minimum", NUMERIC, NUMERIC },
	{ "pattern", MEED_JT_STR, MEED_JT_STR },
	{ "properties", MEED_JT_OBJ, MEED_JT_OBJ },
	{ "required", MEED_JT_ARR, MEED_JT_OBJ },
	{ "title", MEED_JT_STR, ANY },
	{ "type", MEED_JT_STR | MEED_JT_ARR, ANY },
};

enum {
	N_KEYWORDS = sizeof(keywords) / sizeof(keywords[0])
};

struct place {
	char path[512]; /* "properties.n", "" for the root */
	struct meed_err *err;
	int depth;
};

static int32_t refuse(const struct place *at, const char *keyword, const char *what)
{
	return meed_err_set(at->err, MEED_E_PARAM, "\"%s%s%s\": %s", at->path,
			    at->path[0] && keyword[0] ? "." : "", keyword, what);
}

/* ---- types ---- */

static uint32_t type_bit(const char *name)
{
	static const struct {
		const char *name;
		uint32_t bits;
	} types[] = {
		{ "null", MEED_JT_NULL },   { "boolean", MEED_JT_BOOL },
		{ "integer", MEED_JT_INT }, { "number", MEED_JT_INT | MEED_JT_NUM },
		{ "string", MEED_JT_STR },  { "array", MEED_JT_ARR },
		{ "object", MEED_JT_OBJ },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].bits;
	return 0;
}

uint32_t meed_schema_types(struct json_object *schema)
{
	struct json_object *t = NULL;
	uint32_t bits = 0;
	size_t i;

	if (!json_object_object_get_ex(schema, "type", &t))
		return MEED_JT_ANY;
	if (json_object_is_type(t, json_type_string))
		return type_bit(json_object_get_string(t));
	if (!json_object_is_type(t, json_type_array))
		return 0;
	for (i = 0; i < json_object_array_length(t); i++) {
		struct json_object *o = json_object_array_get_idx(t, i);
		uint32_t b = 0;

		if (json_object_is_type(o, json_type_string))
			b = type_bit(json_object_get_string(o));
		if (b == 0)
			return 0;
		bits |= b;
	}
	return bits;
}

static uint32_t value_type(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_boolean:
		return MEED_JT_BOOL;
	case json_type_double:
		return MEED_JT_NUM;
	case json_type_int:
		return MEED_JT_INT;
	case json_type_string:
		return MEED_JT_STR;
	case json_type_array:
		return MEED_JT_ARR;
	case json_type_object:
		return MEED_JT_OBJ;
	case json_type_null:
		break;
	}
	return MEED_JT_NULL;
}

/* ---- keywords ---- */

static const struct keyword *find_keyword(const char *name)
{
	size_t i;

	for (i = 0; i < N_KEYWORDS; i++)
		if (strcmp(keywords[i].name, name) == 0)
			return &keywords[i];
	return NULL;
}

static int32_t unknown_keyword(const struct place *at, const char *name)
{
	const char *names[N_KEYWORDS], *near;
	char what[128];
	size_t i;

	for (i = 0; i < N_KEYWORDS; i++)
		names[i] = keywords[i].name;
	near = meed_nearest(name, names, N_KEYWORDS);
	if (near)
		(void)snprintf(what, sizeof(what),
			       "is no keyword that Meed knows; did you mean "
			       "\"%s\"?",
			       near);
	else
		(void)snprintf(what, sizeof(what), "is no keyword that Meed knows");
	return refuse(at, name, what);
}

static int32_t check_keywords(const struct place *at, struct json_object *schema)
{
	uint32_t types = meed_schema_types(schema);
	struct json_object_iter it;

	if (types == 0)
		return refuse(at, "type",
			      "must be \"string\", \"integer\", \"number\", "
			      "\"boolean\", \"array\", \"object\" or \"null\", or a list of them");
	json_object_object_foreachC(schema, it)
	{
		const struct keyword *k = find_keyword(it.key);

		if (!k)
			return unknown_keyword(at, it.key);
		if (!(value_type(it.val) & k->value))
			return refuse(at, it.key, "has a value of the wrong type");
		if (!(types & k->about))
			return refuse(at, it.key, "says nothing about a value of this \"type\"");
	}
	return 0;
}

static int32_t check_pair(const struct place *at, struct json_object *schema, const char *lo,
			  const char *hi, bool strict)
{
	struct json_object *a = NULL, *b = NULL;
	double x, y;
	char what[96];

	if (!json_object_object_get_ex(schema, lo, &a) ||
	    !json_object_object_get_ex(schema, hi, &b))
		return 0;
	x = json_object_get_double(a);
	y = json_object_get_double(b);
	if (x < y || (!strict && x <= y))
		return 0;
	(void)snprintf(what, sizeof(what), "leaves no value below \"%s\"", hi);
	return refuse(at, lo, what);
}

static int32_t check_count(const struct place *at, struct json_object *schema, const char *name)
{
	struct json_object *o = NULL;

	if (json_object_object_get_ex(schema, name, &o) && json_object_get_int64(o) < 0)
		return refuse(at, name, "must be 0 or more");
	return 0;
}

static int32_t check_limits(const struct place *at, struct json_object *schema)
{
	static const struct {
		const char *lo, *hi;
		bool strict;
	} pairs[] = {
		{ "minimum", "maximum", false },
		{ "minimum", "exclusiveMaximum", true },
		{ "exclusiveMinimum", "maximum", true },
		{ "exclusiveMinimum", "exclusiveMaximum", true },
		{ "minLength", "maxLength", false },
		{ "minItems", "maxItems", false },
	};
	static const char *const counts[] = { "minLength", "maxLength", "minItems", "maxItems" };
	static const char *const bounds[] = { "minimum", "maximum", "exclusiveMinimum",
					      "exclusiveMaximum" };
	struct json_object *o;
	int32_t r = 0;
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]) && r == 0; i++)
		r = check_count(at, schema, counts[i]);
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]) && r == 0; i++)
		if (json_object_object_get_ex(schema, bounds[i], &o) &&
		    !isfinite(json_object_get_double(o)))
			r = refuse(at, bounds[i], "must be a finite number");
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]) && r == 0; i++)
		r = check_pair(at, schema, pairs[i].lo, pairs[i].hi, pairs[i].strict);
	return r;
}

static int32_t check_pattern(const struct place *at, struct json_object *schema)
{
	struct json_object *o = NULL;
	char why[128], what[192];
	regex_t re;
	int e;

	if (!json_object_object_get_ex(schema, "pattern", &o))
		return 0;
	e = regcomp(&re, json_object_get_string(o), REG_EXTENDED | REG_NOSUB);
	if (e == 0) {
		regfree(&re);
		return 0;
	}
	(void)regerror(e, &re, why, sizeof(why));
	(void)snprintf(what, sizeof(what), "is no POSIX extended regular expression: %s", why);
	return refuse(at, "pattern", what);
}

/* ---- values that the schema itself holds ---- */

static int32_t check_value(const struct place *at, const char *keyword, size_t index,
			   struct json_object *schema, struct json_object *value)
{
	const struct meed_param_path path = { NULL, at->path[0] ? at->path : "the root", 0 };
	struct meed_err why = { 0 };
	struct meed_param_check ck = { .noun = keyword, .err = &why };
	struct json_object *copy = NULL;
	char name[48];

	if (meed_param_value(&ck, &path, schema, value, &copy)) {
		json_object_put(copy);
		return 0;
	}
	if (ck.nomem)
		return meed_err_nomem(at->err);
	(void)snprintf(name, sizeof(name), strcmp(keyword, "enum") == 0 ? "enum[%zu]" : "default",
		       index);
	return refuse(at, name, why.text);
}

static int32_t check_enum(const struct place *at, struct json_object *schema)
{
	struct json_object *list = NULL, *rest = NULL;
	struct json_object_iter it;
	int32_t r = 0;
	size_t i;

	if (!json_object_object_get_ex(schema, "enum", &list))
		return 0;
	if (json_object_array_length(list) == 0)
		return refuse(at, "enum", "must not be empty");
	rest = json_object_new_object();
	if (!rest)
		return meed_err_nomem(at->err);
	json_object_object_foreachC(schema, it)
	{
		if (strcmp(it.key, "enum") == 0)
			continue;
		if (json_object_object_add(rest, it.key, json_object_get(it.val)) != 0)
			r = meed_err_nomem(at->err);
	}
	for (i = 0; i < json_object_array_length(list) && r == 0; i++)
		r = check_value(at, "enum", i, rest, json_object_array_get_idx(list, i));
	json_object_put(rest);
	return r;
}

static int32_t check_default(const struct place *at, struct json_object *schema)
{
	struct json_object *o = NULL;

	if (!json_object_object_get_ex(schema, "default", &o))
		return 0;
	return check_value(at, "default", 0, schema, o);
}

/* ---- the tree ---- */

static int32_t check_node(const struct place *at, struct json_object *schema);

static bool name_ok(const char *p)
{
	size_t i;

	if (!((p[0] >= 'a' && p[0] <= 'z') || (p[0] >= 'A' && p[0] <= 'Z')))
		return false;
	for (i = 0; p[i] != '\0'; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') ||
		      (p[i] >= '0' && p[i] <= '9') || p[i] == '_' || p[i] == '-'))
			return false;
	return i <= MEED_ID_MAX;
}

static int32_t check_child(const struct place *at, const char *keyword, const char *name,
			   struct json_object *schema)
{
	struct place in = { .err = at->err, .depth = at->depth + 1 };

	(void)snprintf(in.path, sizeof(in.path), "%.300s%s%s%s%.128s", at->path,
		       at->path[0] ? "." : "", keyword, name ? "." : "", name ? name : "");
	if (name && !name_ok(name))
		return refuse(&in, "",
			      "a parameter's name must be a letter, then letters, digits, "
			      "'_' and '-'");
	if (!json_object_is_type(schema, json_type_object))
		return refuse(&in, "", "must be an object");
	if (in.depth > MEED_SCHEMA_DEPTH)
		return refuse(&in, "", "is nested too deep");
	return check_node(&in, schema);
}

static int32_t check_children(const struct place *at, struct json_object *schema)
{
	struct json_object *o = NULL, *props = NULL;
	struct json_object_iter it;
	int32_t r = 0;
	size_t i;

	if (json_object_object_get_ex(schema, "properties", &props)) {
		json_object_object_foreachC(props, it)
		{
			r = check_child(at, "properties", it.key, it.val);
			if (r < 0)
				return r;
		}
	}
	if (json_object_object_get_ex(schema, "required", &o)) {
		for (i = 0; i < json_object_array_length(o); i++) {
			struct json_object *name = json_object_array_get_idx(o, i);

			if (!json_object_is_type(name, json_type_string) ||
			    !json_object_object_get_ex(props, json_object_get_string(name), NULL))
				return refuse(at, "required", "must list names in \"properties\"");
		}
	}
	if (json_object_object_get_ex(schema, "items", &o))
		r = check_child(at, "items", NULL, o);
	if (r == 0 && json_object_object_get_ex(schema, "additionalProperties", &o) &&
	    json_object_is_type(o, json_type_object))
		r = check_child(at, "additionalProperties", NULL, o);
	return r;
}

static int32_t check_node(const struct place *at, struct json_object *schema)
{
	int32_t r = check_keywords(at, schema);

	if (r == 0)
		r = check_limits(at, schema);
	if (r == 0)
		r = check_pattern(at, schema);
	if (r == 0)
		r = check_children(at, schema);
	if (r == 0)
		r = check_enum(at, schema);
	if (r == 0)
		r = check_default(at, schema);
	return r;
}

int32_t meed_schema_check(struct json_object *schema, struct meed_err *err)
{
	struct place at = { .err = err };
	uint32_t types;

	if (!json_object_is_type(schema, json_type_object))
		return meed_err_set(err, MEED_E_PARAM,
				    "must be a JSON object, \"{}\" if there are "
				    "no parameters");
	types = meed_schema_types(schema);
	if (types != 0 && !(types & MEED_JT_OBJ))
		return refuse(&at, "type", "must be \"object\": parameters have names");
	return check_node(&at, schema);
}
