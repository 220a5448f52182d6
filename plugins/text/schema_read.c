/* schema_read.c - what a JSON Schema asks for, checked before it is applied. */
#include "config.h"
#include "schema.h"

#include <stdlib.h>

#include "../code/code.h"

/* ---- keywords ---------------------------------------------------------------------------- */

static const char *const annotations[] = {
	"$comment", "$defs", "$schema", "contentEncoding", "contentMediaType", "contentSchema",
	"default", "definitions", "deprecated", "description", "examples", "format", "readOnly",
	"title", "writeOnly", NULL
};
static const char *const assertions[] = {
	"$ref", "additionalProperties", "allOf", "anyOf", "const", "contains",
	"dependentRequired", "dependentSchemas", "else", "enum", "exclusiveMaximum",
	"exclusiveMinimum", "if", "items", "maxContains", "maxItems", "maxLength",
	"maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties",
	"minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems",
	"properties", "propertyNames", "required", "then", "type", "uniqueItems", NULL
};
static const char *const lists_of_schemas[] = { "allOf", "anyOf", "oneOf", "prefixItems", NULL };
static const char *const maps_of_schemas[] = { "$defs", "definitions", "dependentSchemas",
					       "patternProperties", "properties", NULL };
static const char *const schemas[] = { "additionalProperties", "contains", "contentSchema", "else",
				       "if", "items", "not", "propertyNames", "then", NULL };

static bool among(meed_str s, const char *const *names)
{
	for (; *names; names++) {
		if (meed_eq(s, meed_s(*names)))
			return true;
	}
	return false;
}

/* ---- $ref -------------------------------------------------------------------------------- */

/* One step of a JSON pointer (RFC 6901), percent-decoded, with ~0 and ~1; false if it is bad. */
static bool decode(meed_str in, char *out, size_t cap)
{
	size_t i, n = 0;

	for (i = 0; i < in.n; i++) {
		char ch = in.p[i];

		if (n + 1 >= cap)
			return false;
		if (ch == '%' && i + 2 < in.n) {
			static const char hex[] = "0123456789abcdef";
			const char *hi = strchr(hex, in.p[i + 1] | 0x20);
			const char *lo = strchr(hex, in.p[i + 2] | 0x20);

			if (!hi || !lo)
				return false;
			ch = (char)((hi - hex) * 16 + (lo - hex));
			i += 2;
		} else if (ch == '~') {
			if (++i == in.n || (in.p[i] != '0' && in.p[i] != '1'))
				return false;
			ch = in.p[i] == '0' ? '~' : '/';
		}
		if (ch == '\0')
			return false;
		out[n++] = ch;
	}
	out[n] = '\0';
	return true;
}

/* "#" or "#/a/b" from the root; NULL if there is nothing. */
const meed_val *schema_resolve(const meed_host *h, const meed_val *root, meed_str ref)
{
	const meed_val *v = root;
	char step[256], *end;
	size_t at = 1, to;

	if (ref.n == 0 || ref.p[0] != '#')
		return NULL;
	while (at < ref.n && v) {
		if (ref.p[at] != '/')
			return NULL;
		to = meed_find(ref, at + 1, MEED_S("/"));
		to = to == MEED_NONE ? ref.n : to;
		if (!decode(meed_sub(ref, at + 1, to), step, sizeof(step)))
			return NULL;
		if (h->type(v) == MEED_T_ARR) {
			unsigned long i = strtoul(step, &end, 10);

			v = step[0] >= '0' && step[0] <= '9' && *end == '\0' ? h->at(v, i) : NULL;
		} else {
			v = h->get(v, step);
		}
		at = to;
	}
	return v;
}

/* ---- when the schema is read ------------------------------------------------------------- */

struct reader {
	const meed_host *h;
	meed_ctx *c;
	const meed_val *root;
	struct schema_patterns *patterns;	/* grows */
	int32_t code;			/* of what is wrong */
	size_t depth;
};

static int32_t refuse(struct reader *x, meed_str key, const char *why)
{
	return meed_failf(x->h, x->c, x->code, "the schema's \"%.*s\": %s",
			  (int)(key.n < 60 ? key.n : 60), key.p, why);
}

static int32_t add_pattern(struct reader *x, meed_str text)
{
	struct schema_patterns *all = x->patterns;
	struct schema_pattern *v, p = { { NULL, text.n }, NULL };
	char *copy;
	size_t i;
	int32_t r;

	for (i = 0; i < all->n; i++) {
		if (meed_eq(all->v[i].text, text))
			return 0;
	}
	r = text_regex_new(x->h, x->c, text, 0, x->code, &p.re);
	if (r < 0)
		return r;
	v = realloc(all->v, (all->n + 1) * sizeof(*v));
	copy = malloc(text.n + 1);
	if (v)
		all->v = v;
	if (!v || !copy) {
		free(copy);
		text_regex_free(p.re);
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	}
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	p.text.p = copy;
	all->v[all->n++] = p;
	return 0;
}

void schema_release(struct schema_patterns *all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		text_regex_free(all->v[i].re);
		free((void *)(uintptr_t)all->v[i].text.p);
	}
	free(all->v);
}

static int32_t read_schema(struct reader *x, const meed_val *v);

static int32_t read_map(struct reader *x, meed_str key, const meed_val *map)
{
	const void *cursor = NULL;
	const meed_val *v;
	meed_str name;
	int32_t r = 0;

	if (x->h->type(map) != MEED_T_OBJ)
		return refuse(x, key, "must be an object");
	for (v = x->h->next(map, &cursor, &name); cursor && r == 0;
	     v = x->h->next(map, &cursor, &name)) {
		if (meed_eq(key, MEED_S("patternProperties")))
			r = add_pattern(x, name);
		if (r == 0)
			r = read_schema(x, v);
	}
	return r;
}

static int32_t read_required(struct reader *x, meed_str key, const meed_val *map)
{
	const void *cursor = NULL;
	const meed_val *v;
	meed_str name;
	size_t i;

	if (x->h->type(map) != MEED_T_OBJ)
		return refuse(x, key, "must be an object");
	for (v = x->h->next(map, &cursor, &name); cursor; v = x->h->next(map, &cursor, &name)) {
		for (i = 0; i < x->h->len(v); i++) {
			if (x->h->type(x->h->at(v, i)) != MEED_T_STR)
				return refuse(x, key, "must hold lists of names");
		}
		if (x->h->type(v) != MEED_T_ARR)
			return refuse(x, key, "must hold lists of names");
	}
	return 0;
}

static int32_t read_keyword(struct reader *x, meed_str key, const meed_val *v)
{
	const meed_host *h = x->h;
	size_t i;
	int32_t r = 0;

	if (!among(key, annotations) && !among(key, assertions) && !meed_eq(key, MEED_S("$id")))
		return refuse(x, key,
			      "is not checked by this version, so that the schema is refused");
	if (meed_eq(key, MEED_S("$id")) && x->depth > 1)
		return refuse(x, key, "a schema with a name of its own inside another is not read");
	if (meed_eq(key, MEED_S("$schema")) &&
	    meed_find(h->str(v), 0, MEED_S("draft/2020-12/schema")) == MEED_NONE)
		return refuse(x, key, "must be draft 2020-12, or be left out");
	if (meed_eq(key, MEED_S("items")) && h->type(v) == MEED_T_ARR)
		return refuse(x, key, "must be one schema; a list of them is prefixItems");
	if ((meed_eq(key, MEED_S("exclusiveMinimum")) ||
	     meed_eq(key, MEED_S("exclusiveMaximum"))) &&
	    h->type(v) == MEED_T_BOOL)
		return refuse(x, key, "must be a number");
	if (meed_eq(key, MEED_S("multipleOf")) && !(h->num(v, 0) > 0))
		return refuse(x, key, "must be above 0");
	if (meed_eq(key, MEED_S("$ref")) && !schema_resolve(h, x->root, h->str(v)))
		return refuse(x, key, "must be \"#\" or \"#/...\" and name a part of this schema");
	if (meed_eq(key, MEED_S("pattern")))
		return add_pattern(x, h->str(v));
	if (meed_eq(key, MEED_S("dependentRequired")))
		return read_required(x, key, v);
	if (among(key, maps_of_schemas))
		return read_map(x, key, v);
	if (among(key, schemas))
		return read_schema(x, v);
	for (i = 0; among(key, lists_of_schemas) && i < h->len(v) && r == 0; i++)
		r = read_schema(x, h->at(v, i));
	return r;
}

static int32_t read_schema(struct reader *x, const meed_val *v)
{
	const void *cursor = NULL;
	const meed_val *item;
	meed_str key;
	int32_t r = 0;

	if (++x->depth > SCHEMA_DEPTH)
		return meed_failf(x->h, x->c, x->code, "the schema is nested more than %d deep",
				  SCHEMA_DEPTH);
	for (item = x->h->next(v, &cursor, &key); cursor && r == 0;
	     item = x->h->next(v, &cursor, &key))
		r = read_keyword(x, key, item);
	x->depth--;
	return r;
}

int32_t schema_read(const meed_host *h, meed_ctx *c, const meed_val *v, int32_t code,
		    struct schema_patterns *patterns)
{
	struct reader x = { h, c, v, patterns, code, 0 };
	meed_str key = { "", 0 };
	const char *why = code_schema_fault(h, v, &key);

	if (why && key.n > 0)
		return refuse(&x, key, why);
	if (why)
		return meed_failf(h, c, code, "the schema: %s", why);
	return read_schema(&x, v);
}

