/* conform_params.c - the kit's checks of a model's parameters: is each described, are wrong values
 * refused, and does create stand what its schema allows. */
#include "config.h"

#include "host/plugin/conform.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LONG_TEXT = 65536,
	ITEMS = 64
};

static struct json_object *properties(const struct meed_model *m)
{
	struct json_object *o = NULL;

	(void)json_object_object_get_ex(m->schema, "properties", &o);
	return o;
}

/* ---- values to try ---- */

static void add(struct json_object *list, struct json_object *o)
{
	if (json_object_array_add(list, o) != 0)
		json_object_put(o);
}

static void add_copy(struct json_object *list, struct json_object *o)
{
	struct json_object *copy;

	if (meed_param_copy(o, &copy))
		add(list, copy);
}

static void add_text(struct json_object *list, size_t n)
{
	char *p = malloc(n + 1);

	if (!p)
		return;
	memset(p, 'a', n);
	p[n] = '\0';
	add(list, json_object_new_string_len(p, (int)n));
	free(p);
}

/* A bound, and its neighbours on both sides. */
static void add_around(struct json_object *list, struct json_object *bound)
{
	if (json_object_is_type(bound, json_type_int)) {
		int64_t i = json_object_get_int64(bound);

		add(list, json_object_new_int64(i));
		if (i < INT64_MAX)
			add(list, json_object_new_int64(i + 1));
		if (i > INT64_MIN)
			add(list, json_object_new_int64(i - 1));
	} else {
		double x = json_object_get_double(bound);

		add(list, json_object_new_double(x));
		add(list, json_object_new_double(nextafter(x, (double)INFINITY)));
		add(list, json_object_new_double(nextafter(x, -(double)INFINITY)));
		add(list, json_object_new_double(x + 1));
		add(list, json_object_new_double(x - 1));
	}
}

static void add_scalars(struct json_object *list)
{
	static const int64_t ints[] = { 0, 1, -1, 2, 1000, INT32_MAX, INT64_MAX, INT64_MIN };
	static const double nums[] = { 0.5, -0.5, 1e-300, 1e300, -1e300 };
	static const char *const texts[] = { "",	"a",	   "%s%n%d",
					     "(",	"[a",	   "\\",
					     "*",	"../../x", "caf\xc3\xa9 \xf4\x8f\xbf\xbf",
					     "<think>", "\n" };
	size_t i;

	for (i = 0; i < sizeof(ints) / sizeof(ints[0]); i++)
		add(list, json_object_new_int64(ints[i]));
	for (i = 0; i < sizeof(nums) / sizeof(nums[0]); i++)
		add(list, json_object_new_double(nums[i]));
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add(list, json_object_new_string(texts[i]));
	add(list, json_object_new_string_len("a\0b", 3));
	add_text(list, LONG_TEXT);
	add(list, json_object_new_boolean(0));
	add(list, json_object_new_boolean(1));
	add(list, NULL);
}

/* Everything worth trying for one property, right or wrong: its limits and their neighbours, each
 * of its enum, and values of every type. */
static struct json_object *values_for(struct json_object *schema, int depth)
{
	static const char *const bounds[] = { "minimum", "maximum", "exclusiveMinimum",
					      "exclusiveMaximum" };
	static const char *const lengths[] = { "minLength", "maxLength" };
	struct json_object *list = json_object_new_array(), *o, *items;
	size_t i, n;

	if (!list)
		return NULL;
	if (json_object_object_get_ex(schema, "default", &o))
		add_copy(list, o);
	if (json_object_object_get_ex(schema, "enum", &o))
		for (i = 0; i < json_object_array_length(o); i++)
			add_copy(list, json_object_array_get_idx(o, i));
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (json_object_object_get_ex(schema, bounds[i], &o))
			add_around(list, o);
	for (i = 0; i < 2; i++) {
		if (!json_object_object_get_ex(schema, lengths[i], &o))
			continue;
		n = (size_t)json_object_get_int64(o);
		if (n <= LONG_TEXT) {
			add_text(list, n);
			add_text(list, n + 1);
		}
	}
	add_scalars(list);
	add(list, json_object_new_object());
	add(list, json_object_new_array());
	if (depth > 0 && json_object_object_get_ex(schema, "items", &o)) {
		items = values_for(o, depth - 1);
		for (i = 0; items && i < json_object_array_length(items); i++) {
			struct json_object *many = json_object_new_array();

			for (n = 0; many && n < ITEMS; n++)
				add_copy(many, json_object_array_get_idx(items, i));
			add(list, many);
		}
		json_object_put(items);
	}
	return list;
}

/* base with name set to value, checked and completed; NULL if the schema refuses it. */
static struct json_object *with_value(const struct meed_model *m, struct json_object *base,
				      const char *name, struct json_object *value,
				      size_t *ret_problems)
{
	struct meed_diags diags = { 0 };
	struct json_object *o = NULL, *v = NULL, *ret = NULL;

	*ret_problems = 0;
	if (!meed_param_copy(base, &o) || !meed_param_copy(value, &v))
		goto out;
	if (json_object_object_add(o, name, v) != 0)
		goto out;
	v = NULL;
	ret = meed_params_resolve(m, o, NULL, NULL, &diags);
	*ret_problems = diags.n_errors;
out:
	json_object_put(v);
	json_object_put(o);
	meed_diags_release(&diags);
	return ret;
}

static bool needs_value(struct json_object *schema, struct json_object *required, const char *name)
{
	size_t i;

	if (json_object_object_get_ex(schema, "default", NULL))
		return false;
	for (i = 0; required && i < json_object_array_length(required); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(required, i)), name) ==
		    0)
			return true;
	return false;
}

/* Sets name to the first value that its own schema takes. */
static void set_any(struct json_object *base, const char *name, struct json_object *schema)
{
	struct json_object *list = values_for(schema, 1), *o;
	const struct meed_param_path path = { NULL, name, 0 };
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct meed_err err = { 0 };
		struct meed_param_check ck = { .noun = "parameter", .err = &err };

		o = NULL;
		if (meed_param_value(&ck, &path, schema, json_object_array_get_idx(list, i), &o)) {
			if (json_object_object_add(base, name, o) != 0)
				json_object_put(o);
			break;
		}
	}
	json_object_put(list);
}

struct json_object *meed_conform_params(const struct meed_model *m)
{
	struct json_object *props = properties(m), *required = NULL, *ret = NULL;
	struct json_object *base = json_object_new_object();
	struct meed_diags diags = { 0 };
	struct json_object_iter it;

	(void)json_object_object_get_ex(m->schema, "required", &required);
	if (props && base)
		json_object_object_foreachC(props, it) if (needs_value(it.val, required, it.key))
			set_any(base, it.key, it.val);
	ret = meed_params_resolve(m, base, NULL, NULL, &diags);
	meed_diags_release(&diags);
	json_object_put(base);
	return ret;
}

/* ---- checks ---- */

void meed_conform_check_schema(struct meed_conform *k)
{
	struct json_object *props = properties(k->model), *o;
	struct json_object_iter it;
	size_t n = 0, bad = 0;

	if (props)
		json_object_object_foreachC(props, it)
		{
			n++;
			if (!json_object_object_get_ex(it.val, "description", &o) ||
			    json_object_get_string_len(o) == 0) {
				bad++;
				meed_conform_line(k, false, "parameters are described",
						  "\"%s\" has no description: `meed info` would "
						  "have nothing to say of it",
						  it.key);
			}
			if (!json_object_object_get_ex(it.val, "type", NULL) &&
			    !json_object_object_get_ex(it.val, "enum", NULL)) {
				bad++;
				meed_conform_line(k, false, "parameters have types",
						  "\"%s\" has neither type nor enum, so anything "
						  "passes",
						  it.key);
			}
		}
	if (bad == 0)
		meed_conform_line(k, true, "parameters are described", "%zu parameters", n);
}

int32_t meed_conform_create(const struct meed_conform *k, struct json_object *params,
			    struct meed_err *err, void **ret_self)
{
	*ret_self = NULL;
	return meed_instance_create(k->r, k->model, k->model->rm.id, params, err, ret_self);
}

/* Runs the first samples of the battery through an instance. */
static bool try_instance(struct meed_conform *k, void *self, uint32_t mode, char *why, size_t n)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < meed_conform_n_cases() && ok; i++) {
		struct meed_conform_sample s;
		struct meed_conform_eval e = {
			.self = self, .sample = &s, .arena = &k->scratch, .want = MEED_WANT_REASON
		};

		if (!meed_conform_case_small(i) ||
		    meed_conform_sample(i, k->model, mode, &k->arena, &s) != 1)
			continue;
		meed_conform_eval(k, &e);
		ok = meed_conform_judge(&e, why, n) == NULL;
		meed_conform_sample_release(&s);
		meed_arena_reset(&k->scratch);
		meed_arena_reset(&k->arena);
	}
	return ok;
}

static uint32_t first_mode(const struct meed_model *m)
{
	return m->rm.modes & (~m->rm.modes + 1);
}

static void show(struct json_object *o, char *buf, size_t n)
{
	struct meed_buf b = { 0 };

	meed_json_write(&b, o);
	if (b.n > 60) {
		for (b.n = 60; b.n > 0 && ((unsigned char)b.p[b.n] & 0xc0) == 0x80; b.n--)
			;
		MEED_BUF_LIT(&b, "...");
	}
	(void)snprintf(buf, n, "%.*s", (int)b.n, b.p ? b.p : "");
	meed_buf_release(&b);
}

static bool create_ok(int32_t code, const struct meed_err *err, char *why, size_t n)
{
	switch (code) {
	case MEED_E_PARAM:
	case MEED_E_UNSUPPORTED:
	case MEED_E_LIMIT:
	case MEED_E_NOMEM:
		if (!strstr(err->text, "without a reason"))
			return true;
		break;
	default:
		break;
	}
	(void)snprintf(why, n,
		       "create failed: %.300s; a refused parameter is MEED_E_PARAM with a "
		       "reason",
		       err->text);
	return false;
}

/* One value that the schema lets through. */
static bool try_value(struct meed_conform *k, struct json_object *params, char *why, size_t n)
{
	struct meed_err err = { 0 };
	void *self;
	int32_t r = meed_conform_create(k, params, &err, &self);
	bool ok;

	if (r < 0)
		return create_ok(r, &err, why, n);
	ok = try_instance(k, self, first_mode(k->model), why, n);
	meed_instance_destroy(k->r, k->model, self);
	return ok;
}

struct tally {
	size_t n_right, n_wrong, n_bad;
};

static void try_property(struct meed_conform *k, struct json_object *base, const char *name,
			 struct json_object *schema, struct tally *t)
{
	struct json_object *list = values_for(schema, 1), *params;
	char why[512], value[80];
	size_t i, problems;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		params = with_value(k->model, base, name, v, &problems);
		if (!params) {
			t->n_wrong++;
			continue;
		}
		t->n_right++;
		show(v, value, sizeof(value));
		meed_conform_doing(k, "%s with %s = %s", k->model->rm.id, name, value);
		if (!try_value(k, params, why, sizeof(why))) {
			t->n_bad++;
			meed_conform_line(k, false, "stands what its schema allows", "%s = %s: %s",
					  name, value, why);
		}
		json_object_put(params);
	}
	json_object_put(list);
}

void meed_conform_check_params(struct meed_conform *k)
{
	struct json_object *props = properties(k->model), *base;
	struct json_object_iter it;
	struct tally t = { 0 };

	base = meed_conform_params(k->model);
	if (!props || !base) {
		json_object_put(base);
		return;
	}
	json_object_object_foreachC(props, it) try_property(k, base, it.key, it.val, &t);
	json_object_put(base);
	if (t.n_bad == 0)
		meed_conform_line(k, true, "stands what its schema allows",
				  "%zu values tried, %zu more are refused by the schema", t.n_right,
				  t.n_wrong);
}
