/* schema.c - text.json_schema: is the response an instance of a JSON Schema (draft 2020-12)?
 *
 * What the schema says is either checked, or is an annotation by the standard, or makes it unfit
 * when it is read: no keyword is passed over in silence. */
#include "config.h"
#include "json.h"
#include "schema.h"

#include <math.h>
#include <stdlib.h>

struct instance {
	struct text_options o;
	char *text;			/* the schema; NULL: in the row */
	size_t n;
	struct schema_patterns patterns;
};

/* One validation. */
struct validation {
	struct text_job *j;
	const meed_val *root;
	const struct schema_patterns *patterns;
	char why[256];			/* the first fault */
	char path[512];			/* of the value that is looked at */
	size_t path_n, depth;
	bool quiet;			/* within anyOf and the like */
};

/* ---- validation -------------------------------------------------------------------------- */

static int32_t valid(struct validation *k, const meed_val *schema, const meed_val *v);

static int32_t fault(struct validation *k, const char *keyword, const char *why)
{
	struct meed_text t = meed_text_in(k->why, sizeof(k->why) - 1);

	if (k->quiet || k->why[0])
		return 0;
	meed_text_str(&t, k->path_n > 0 ? (meed_str){ k->path, k->path_n } : MEED_S("the value"));
	meed_text_lit(&t, ": ");
	meed_text_str(&t, meed_s(why));
	meed_text_lit(&t, " (");
	meed_text_str(&t, meed_s(keyword));
	meed_text_lit(&t, ")");
	k->why[t.n] = '\0';
	return 0;
}

/* Validates a part of the value, under its name. */
static int32_t valid_at(struct validation *k, const meed_val *schema, const meed_val *v,
			meed_str name)
{
	struct meed_text t = { k->path, k->path_n, sizeof(k->path) };
	size_t before = k->path_n;
	int32_t r;

	meed_text_lit(&t, "/");
	meed_text_str(&t, name);
	k->path_n = t.n;
	r = valid(k, schema, v);
	k->path_n = before;
	return r;
}

static int32_t valid_item(struct validation *k, const meed_val *schema, const meed_val *v, size_t i)
{
	char buf[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_u64(&t, i);
	return valid_at(k, schema, v, meed_text_get(&t));
}

/* As valid, without saying why not. */
static int32_t holds(struct validation *k, const meed_val *schema, const meed_val *v)
{
	bool before = k->quiet;
	int32_t r;

	k->quiet = true;
	r = valid(k, schema, v);
	k->quiet = before;
	return r;
}

static bool is_whole(const meed_host *h, const meed_val *v)
{
	double x = h->num(v, 0);

	return h->type(v) == MEED_T_INT || (h->type(v) == MEED_T_NUM && !(floor(x) < x));
}

static bool is_type(const meed_host *h, const meed_val *v, meed_str name)
{
	static const char *const names[] = { "null", "boolean", "number", "string",
					     "array", "object", "number" };

	if (meed_eq(name, MEED_S("integer")))
		return is_whole(h, v);
	return meed_eq(name, meed_s(names[h->type(v)]));
}

static int32_t check_type(struct validation *k, const meed_val *want, const meed_val *v)
{
	const meed_host *h = k->j->h;
	size_t i;

	if (h->type(want) == MEED_T_STR)
		return is_type(h, v, h->str(want)) ? 1 : fault(k, "type", "is of another type");
	for (i = 0; i < h->len(want); i++) {
		if (is_type(h, v, h->str(h->at(want, i))))
			return 1;
	}
	return fault(k, "type", "is of another type");
}

static int32_t check_values(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *list = h->get(schema, "enum");
	const void *cursor = NULL;
	const meed_val *item;
	meed_str key;
	int32_t r = 1;
	size_t i;

	if (h->type(list) == MEED_T_ARR) {
		for (i = 0, r = 0; i < h->len(list) && r == 0; i++)
			r = text_json_equal(k->j, h->at(list, i), v);
		if (r == 0)
			return fault(k, "enum", "is none of the values");
	}
	/* a const of null is told from none by its key */
	for (item = h->next(schema, &cursor, &key); cursor && r > 0;
	     item = h->next(schema, &cursor, &key)) {
		if (meed_eq(key, MEED_S("const")))
			r = text_json_equal(k->j, item, v);
	}
	return r == 0 ? fault(k, "const", "is another value") : r;
}

/* True if the schema has this keyword with a number; *ret is it. */
static bool number(const meed_host *h, const meed_val *schema, const char *key, double *ret)
{
	const meed_val *v = h->get(schema, key);

	*ret = h->num(v, 0);
	return text_json_is_number(h, v);
}

static bool is_multiple(const meed_host *h, const meed_val *v, const meed_val *of)
{
	double q;

	if (h->type(v) == MEED_T_INT && h->type(of) == MEED_T_INT)
		return h->i64(v, 0) % h->i64(of, 1) == 0;
	q = h->num(v, 0) / h->num(of, 1);
	return q - q <= 0 && !(floor(q) < q);
}

static int32_t check_number(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	double x = h->num(v, 0), bound;

	if (number(h, schema, "minimum", &bound) && x < bound)
		return fault(k, "minimum", "is too small");
	if (number(h, schema, "maximum", &bound) && x > bound)
		return fault(k, "maximum", "is too large");
	if (number(h, schema, "exclusiveMinimum", &bound) && !(x > bound))
		return fault(k, "exclusiveMinimum", "is too small");
	if (number(h, schema, "exclusiveMaximum", &bound) && !(x < bound))
		return fault(k, "exclusiveMaximum", "is too large");
	if (number(h, schema, "multipleOf", &bound) &&
	    !is_multiple(h, v, h->get(schema, "multipleOf")))
		return fault(k, "multipleOf", "is no multiple");
	return 1;
}

/* The count against two keywords. */
static int32_t check_count(struct validation *k, const meed_val *schema, const char *least,
			   const char *most, size_t n)
{
	double bound;

	if (number(k->j->h, schema, least, &bound) && (double)n < bound)
		return fault(k, least, "has too few");
	if (number(k->j->h, schema, most, &bound) && (double)n > bound)
		return fault(k, most, "has too many");
	return 1;
}

static int32_t matches(struct validation *k, meed_str pattern, meed_str s)
{
	size_t i;

	for (i = 0; i < k->patterns->n; i++) {
		if (meed_eq(k->patterns->v[i].text, pattern))
			return text_regex_find(k->j->h, k->j->c, k->patterns->v[i].re, s);
	}
	return k->j->h->fail(k->j->c, MEED_E_INTERNAL, "a pattern was not compiled");
}

static int32_t check_string(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	meed_str s = h->str(v), pattern = h->str(h->get(schema, "pattern"));
	int32_t r = check_count(k, schema, "minLength", "maxLength", meed_utf8_len(s));

	if (r <= 0 || h->type(h->get(schema, "pattern")) != MEED_T_STR)
		return r;
	r = matches(k, pattern, s);
	return r == 0 ? fault(k, "pattern", "does not match") : r;
}

static int32_t check_contains(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *want = h->get(schema, "contains");
	double least = 1, most;
	size_t i, n = 0;
	int32_t r = 1;

	if (!want)
		return 1;
	for (i = 0; i < h->len(v) && r >= 0; i++) {
		r = holds(k, want, h->at(v, i));
		n += r > 0;
	}
	if (r < 0)
		return r;
	if (!number(h, schema, "minContains", &least))
		least = 1;
	if ((double)n < least)
		return fault(k, "contains", "has too few such items");
	if (number(h, schema, "maxContains", &most) && (double)n > most)
		return fault(k, "maxContains", "has too many such items");
	return 1;
}

static int32_t check_array(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *prefix = h->get(schema, "prefixItems"), *items = h->get(schema, "items");
	size_t n = h->len(v), first = h->len(prefix), i;
	int32_t r = check_count(k, schema, "minItems", "maxItems", n);

	for (i = 0; i < n && r > 0; i++) {
		if (i < first)
			r = valid_item(k, h->at(prefix, i), h->at(v, i), i);
		else if (items)
			r = valid_item(k, items, h->at(v, i), i);
	}
	if (r > 0)
		r = check_contains(k, schema, v);
	if (r > 0 && h->num(h->get(schema, "uniqueItems"), 0) > 0) {
		r = text_json_unique(k->j, v);
		if (r == 0)
			return fault(k, "uniqueItems", "has equal items");
	}
	return r;
}

static int32_t has_all(struct validation *k, const meed_val *names, const meed_val *v,
		       const char *keyword)
{
	const meed_host *h = k->j->h;
	const meed_val *member;
	char why[120];
	meed_str name;
	size_t i;
	int32_t r;

	for (i = 0; i < h->len(names); i++) {
		name = h->str(h->at(names, i));
		r = text_json_member(k->j, v, name, &member);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		(void)snprintf(why, sizeof(why), "lacks \"%.*s\"", (int)(name.n < 80 ? name.n : 80),
			       name.p);
		return fault(k, keyword, why);
	}
	return 1;
}

/* One member against properties, patternProperties, additionalProperties and propertyNames. */
static int32_t check_member(struct validation *k, const meed_val *schema, meed_str name,
			    const meed_val *v, const meed_val *name_value)
{
	const meed_host *h = k->j->h;
	const meed_val *props = h->get(schema, "properties"), *one;
	const meed_val *by_pattern = h->get(schema, "patternProperties");
	const meed_val *others = h->get(schema, "additionalProperties");
	const meed_val *names = h->get(schema, "propertyNames");
	const void *cursor = NULL;
	bool known = false;
	meed_str pattern;
	int32_t r = 1;

	if (names)
		r = valid_at(k, names, name_value, name);
	one = memchr(name.p, '\0', name.n) ? NULL : h->get(props, name.p);
	if (one && r > 0) {
		known = true;
		r = valid_at(k, one, v, name);
	}
	for (one = h->next(by_pattern, &cursor, &pattern); cursor && r > 0;
	     one = h->next(by_pattern, &cursor, &pattern)) {
		r = matches(k, pattern, name);
		if (r == 0) {
			r = 1;
			continue;
		}
		known = true;
		if (r > 0)
			r = valid_at(k, one, v, name);
	}
	if (r > 0 && others && !known)
		r = valid_at(k, others, v, name);
	return r;
}

/* A member's name as a value. */
static const meed_val *as_value(struct validation *k, meed_str name)
{
	size_t cap = 6 * name.n + 8;
	char *buf = text_alloc(k->j, cap, 1);
	struct meed_text t = meed_text_in(buf, buf ? cap : 0);

	if (!buf)
		return NULL;
	meed_text_json_str(&t, name);
	return k->j->h->parse(k->j->c, meed_text_get(&t));
}

static int32_t check_dependent(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *maps[2] = { h->get(schema, "dependentRequired"),
				    h->get(schema, "dependentSchemas") };
	const meed_val *one, *member;
	meed_str name;
	int32_t r = 1;
	int i;

	for (i = 0; i < 2; i++) {
		const void *cursor = NULL;

		for (one = h->next(maps[i], &cursor, &name); cursor && r > 0;
		     one = h->next(maps[i], &cursor, &name)) {
			r = text_json_member(k->j, v, name, &member);
			if (r == 0)
				r = 1;
			else if (r > 0)
				r = i == 0 ? has_all(k, one, v, "dependentRequired")
					   : valid(k, one, v);
		}
	}
	return r;
}

static int32_t check_object(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *name_value = NULL, *item;
	const void *cursor = NULL;
	meed_str name;
	int32_t r = check_count(k, schema, "minProperties", "maxProperties", h->len(v));

	if (r > 0)
		r = has_all(k, h->get(schema, "required"), v, "required");
	for (item = h->next(v, &cursor, &name); cursor && r > 0;
	     item = h->next(v, &cursor, &name)) {
		if (h->get(schema, "propertyNames")) {
			name_value = as_value(k, name);
			if (!name_value)
				return MEED_E_NOMEM;
		}
		r = check_member(k, schema, name, item, name_value);
	}
	return r > 0 ? check_dependent(k, schema, v) : r;
}

static int32_t check_choices(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *all = h->get(schema, "allOf"), *any = h->get(schema, "anyOf");
	const meed_val *one = h->get(schema, "oneOf"), *not = h->get(schema, "not");
	size_t i, n = 0;
	int32_t r = 1;

	for (i = 0; i < h->len(all) && r > 0; i++)
		r = valid(k, h->at(all, i), v);
	if (r <= 0)
		return r;
	for (i = 0, r = any ? 0 : 1; i < h->len(any) && r == 0; i++)
		r = holds(k, h->at(any, i), v);
	if (r <= 0)
		return r < 0 ? r : fault(k, "anyOf", "fits none of the choices");
	for (i = 0; i < h->len(one) && r >= 0; i++) {
		r = holds(k, h->at(one, i), v);
		n += r > 0;
	}
	if (r < 0 || (one && n != 1))
		return r < 0 ? r : fault(k, "oneOf", n ? "fits several of the choices"
						       : "fits none of the choices");
	if (!not)
		return 1;
	r = holds(k, not, v);
	return r <= 0 ? (r < 0 ? r : 1) : fault(k, "not", "fits what it must not");
}

static int32_t check_if(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_val *test = k->j->h->get(schema, "if"), *then;
	int32_t r;

	if (!test)
		return 1;
	r = holds(k, test, v);
	if (r < 0)
		return r;
	then = k->j->h->get(schema, r > 0 ? "then" : "else");
	return then ? valid(k, then, v) : 1;
}

static int32_t check_all(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	const meed_val *ref = h->get(schema, "$ref"), *type = h->get(schema, "type");
	int32_t r = 1;

	if (ref)
		r = valid(k, schema_resolve(h, k->root, h->str(ref)), v);
	if (r > 0 && type)
		r = check_type(k, type, v);
	if (r > 0)
		r = check_values(k, schema, v);
	if (r > 0 && text_json_is_number(h, v))
		r = check_number(k, schema, v);
	if (r > 0 && h->type(v) == MEED_T_STR)
		r = check_string(k, schema, v);
	if (r > 0 && h->type(v) == MEED_T_ARR)
		r = check_array(k, schema, v);
	if (r > 0 && h->type(v) == MEED_T_OBJ)
		r = check_object(k, schema, v);
	if (r > 0)
		r = check_choices(k, schema, v);
	return r > 0 ? check_if(k, schema, v) : r;
}

/* 1 or 0, with the reason in k; a negative code. */
static int32_t valid(struct validation *k, const meed_val *schema, const meed_val *v)
{
	const meed_host *h = k->j->h;
	int32_t r = text_steps(k->j, 1);

	if (r < 0)
		return r;
	if (h->type(schema) == MEED_T_BOOL)
		return h->num(schema, 0) > 0 ? 1 : fault(k, "false", "is not allowed");
	if (k->depth >= SCHEMA_DEPTH)
		return meed_failf(h, k->j->c, MEED_E_LIMIT,
				  "schema and value are nested more than %d deep", SCHEMA_DEPTH);
	k->depth++;
	r = check_all(k, schema, v);
	k->depth--;
	return r;
}

/* ---- the model --------------------------------------------------------------------------- */

static void destroy(const meed_host *h, void *self)
{
	struct instance *m = self;

	(void)h;
	if (!m)
		return;
	schema_release(&m->patterns);
	free(m->text);
	free(m);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str text = meed_param_str(h, params, "schema");
	struct instance *m = calloc(1, sizeof(*m));
	const meed_val *v;
	int32_t r = 0;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	text_options_read(h, params, &m->o);
	if (text.n > 0) {
		v = h->parse(c, text);
		r = v ? schema_read(h, c, v, MEED_E_PARAM, &m->patterns)
		      : h->fail(c, MEED_E_PARAM, "schema: is not JSON");
		m->text = malloc(text.n + 1);
		m->n = text.n;
		if (r == 0 && !m->text)
			r = h->fail(c, MEED_E_NOMEM, "out of memory");
		if (m->text)
			memcpy(m->text, text.p, text.n);
	}
	if (r < 0)
		destroy(h, m);
	else
		*self = m;
	return r;
}

/* The row's own schema: an object, or JSON text. NULL: none. */
static const meed_val *schema_of_row(struct text_job *j)
{
	const meed_val *v = j->h->get(j->s->cands[0].label, "schema");

	if (!v)
		v = j->h->get(j->s->meta, "schema");
	return j->h->type(v) == MEED_T_STR ? j->h->parse(j->c, j->h->str(v)) : v;
}

static int32_t judge(struct text_job *j, const meed_val *schema,
		     const struct schema_patterns *patterns)
{
	struct validation k = { .j = j, .root = schema, .patterns = patterns };
	struct text_result ret = { .score = 0, .note = "the response is not JSON" };
	const meed_val *v;
	int32_t r;

	if (text_json(j, j->s->cands[0].text, &v)) {
		r = valid(&k, schema, v);
		if (r < 0)
			return r;
		ret.score = r > 0 ? 1 : 0;
		ret.note = r > 0 ? "is valid" : k.why[0] ? k.why : "is not valid";
	}
	return text_put_result(j, &ret, MEED_NONE);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct instance *m = self;
	struct schema_patterns own = { NULL, 0 };
	const meed_val *schema;
	struct text_job j;
	int32_t r = 0;

	(void)state;
	text_begin(&j, h, c, self, s);
	if (m->text) {
		schema = h->parse(c, (meed_str){ m->text, m->n });
		return schema ? judge(&j, schema, &m->patterns)
			      : h->fail(c, MEED_E_NOMEM, "out of memory");
	}
	schema = schema_of_row(&j);
	if (!schema)
		return h->fail(c, MEED_E_SAMPLE, "no schema: neither the parameter is set, nor has"
						 " the row one in its label or metadata");
	r = schema_read(h, c, schema, MEED_E_SAMPLE, &own);
	if (r == 0)
		r = judge(&j, schema, &own);
	schema_release(&own);
	return r;
}

const meed_rm text_json_schema = TEXT_MODEL(
	.id = "text.json_schema",
	.summary = "1 if the response is JSON that a JSON Schema allows",
	.source = TEXT_GALLERY ", json_schema_validator; json-schema.org, draft 2020-12",
	.params_schema = P_OPEN P_STR("schema", "the schema, as JSON text; empty: the one in the row's"
				      " label or metadata, under `schema`") P_CLOSE,
	.create = create, .destroy = destroy, .evaluate = evaluate);
