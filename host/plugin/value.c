/* value.c - checks one value against one schema node and copies it with defaults filled in. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>

/* ---- constraints ---- */

static bool is_number(struct json_object *o)
{
	return json_object_is_type(o, json_type_int) || json_object_is_type(o, json_type_double);
}

/* -1, 0, 1; whole numbers are compared exactly. */
static int compare(struct json_object *a, struct json_object *b)
{
	double x, y;

	if (json_object_is_type(a, json_type_int) && json_object_is_type(b, json_type_int)) {
		int64_t i = json_object_get_int64(a), k = json_object_get_int64(b);

		return (i > k) - (i < k);
	}
	x = json_object_get_double(a);
	y = json_object_get_double(b);
	return (x > y) - (x < y);
}

static void put_bound(struct meed_buf *b, struct json_object *bound, const char *before,
		      const char *after)
{
	meed_buf_puts(b, before);
	meed_param_put_number(b, bound);
	meed_buf_puts(b, after);
}

/* "must be 1 or more", "must be from 0 to 1", "must be more than 0 and at most 1". */
static void put_range(struct meed_buf *b, struct json_object *min, struct json_object *xmin,
		      struct json_object *max, struct json_object *xmax)
{
	meed_buf_puts(b, "must be ");
	if (min && max && !xmin && !xmax) {
		put_bound(b, min, "from ", " to ");
		meed_param_put_number(b, max);
		return;
	}
	if (xmin)
		put_bound(b, xmin, "more than ", "");
	else if (min)
		put_bound(b, min, "", " or more");
	if ((xmin || min) && (xmax || max))
		meed_buf_puts(b, " and ");
	if (xmax)
		put_bound(b, xmax, "less than ", "");
	else if (max)
		put_bound(b, max, "at most ", "");
}

static struct json_object *get(struct json_object *schema, const char *name)
{
	struct json_object *o = NULL;

	(void)json_object_object_get_ex(schema, name, &o);
	return o;
}

static void check_number(struct meed_param_check *ck, const struct meed_param_path *p,
			 struct json_object *schema, struct json_object *v)
{
	struct json_object *min = get(schema, "minimum"), *max = get(schema, "maximum");
	struct json_object *xmin = get(schema, "exclusiveMinimum");
	struct json_object *xmax = get(schema, "exclusiveMaximum");
	struct meed_buf what = { 0 };

	if (!isfinite(json_object_get_double(v))) {
		meed_buf_puts(&what, "must be a finite number");
		meed_param_value_problem(ck, p, v, &what);
	} else if ((min && compare(v, min) < 0) || (max && compare(v, max) > 0) ||
		   (xmin && compare(v, xmin) <= 0) || (xmax && compare(v, xmax) >= 0)) {
		put_range(&what, min, xmin, max, xmax);
		meed_param_value_problem(ck, p, v, &what);
	}
}

static int64_t code_points(meed_str s)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* n things, where lo and hi are keywords: "has 3 characters, must have 5 or more". */
static void check_count(struct meed_param_check *ck, const struct meed_param_path *p,
			struct json_object *schema, const char *lo, const char *hi, int64_t n,
			struct json_object *v, const char *thing)
{
	struct json_object *min = get(schema, lo), *max = get(schema, hi);
	struct meed_buf what = { 0 };

	if ((!min || n >= json_object_get_int64(min)) && (!max || n <= json_object_get_int64(max)))
		return;
	meed_buf_printf(&what, "has %lld %s%s: must have ", (long long)n, thing, n == 1 ? "" : "s");
	if (min && max)
		meed_buf_printf(&what, "from %lld to %lld", (long long)json_object_get_int64(min),
				(long long)json_object_get_int64(max));
	else if (min)
		meed_buf_printf(&what, "%lld or more", (long long)json_object_get_int64(min));
	else
		meed_buf_printf(&what, "at most %lld", (long long)json_object_get_int64(max));
	meed_param_value_problem(ck, p, v, &what);
}

static void check_pattern(struct meed_param_check *ck, const struct meed_param_path *p,
			  const char *pattern, struct json_object *v, meed_str s)
{
	regmatch_t span = { 0, (regoff_t)s.n };
	struct meed_buf what = { 0 };
	regex_t re;
	int e;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
		ck->nomem = true;
		ck->n_problems++;
		return;
	}
	e = regexec(&re, s.p, 1, &span, REG_STARTEND);
	regfree(&re);
	if (e == 0)
		return;
	meed_buf_printf(&what, "must match the pattern %s", pattern);
	meed_param_value_problem(ck, p, v, &what);
}

static void check_string(struct meed_param_check *ck, const struct meed_param_path *p,
			 struct json_object *schema, struct json_object *v)
{
	struct json_object *pattern = get(schema, "pattern");
	meed_str s;

	(void)meed_json_str(v, &s);
	check_count(ck, p, schema, "minLength", "maxLength", code_points(s), v, "character");
	if (pattern)
		check_pattern(ck, p, json_object_get_string(pattern), v, s);
}

static bool same(struct json_object *a, struct json_object *b)
{
	if (is_number(a) && is_number(b))
		return compare(a, b) == 0;
	return json_object_equal(a, b) != 0;
}

static void put_near(struct meed_buf *what, struct json_object *list, struct json_object *v)
{
	size_t n = json_object_array_length(list), k = 0, i;
	const char **names, *near;

	names = calloc(n, sizeof(*names));
	if (!names || !json_object_is_type(v, json_type_string))
		goto out;
	for (i = 0; i < n; i++)
		if (json_object_is_type(json_object_array_get_idx(list, i), json_type_string))
			names[k++] = json_object_get_string(json_object_array_get_idx(list, i));
	near = meed_nearest(json_object_get_string(v), names, k);
	if (near)
		meed_buf_printf(what, "; did you mean \"%s\"?", near);
out:
	free(names);
}

static void check_enum(struct meed_param_check *ck, const struct meed_param_path *p,
		       struct json_object *list, struct json_object *v)
{
	size_t n = json_object_array_length(list), i;
	struct meed_buf what = { 0 };

	for (i = 0; i < n; i++)
		if (same(json_object_array_get_idx(list, i), v))
			return;
	meed_buf_puts(&what, n == 1 ? "must be " : "must be one of ");
	for (i = 0; i < n; i++) {
		if (i > 0)
			meed_buf_puts(&what, ", ");
		meed_param_put_value(&what, json_object_array_get_idx(list, i));
	}
	put_near(&what, list, v);
	meed_param_value_problem(ck, p, v, &what);
}

/* ---- arrays and objects ---- */

static bool resolve_array(struct meed_param_check *ck, const struct meed_param_path *p,
			  struct json_object *schema, struct json_object *v,
			  struct json_object **ret)
{
	struct json_object *items = get(schema, "items"), *a, *item;
	size_t n = json_object_array_length(v), i, before = ck->n_problems;

	check_count(ck, p, schema, "minItems", "maxItems", (int64_t)n, v, "item");
	a = json_object_new_array();
	for (i = 0; a && i < n; i++) {
		struct meed_param_path in = { p, NULL, i };
		struct json_object *o = json_object_array_get_idx(v, i);

		if (items ? !meed_param_value(ck, &in, items, o, &item)
			  : !meed_param_copy(o, &item))
			continue;
		if (json_object_array_add(a, item) != 0) {
			json_object_put(item);
			ck->nomem = true;
		}
	}
	if (!a || ck->nomem || ck->n_problems > before || json_object_array_length(a) != n) {
		ck->nomem = ck->nomem || ck->n_problems == before;
		json_object_put(a);
		return false;
	}
	*ret = a;
	return true;
}

static bool add(struct meed_param_check *ck, struct json_object *to, const char *name,
		struct json_object *o)
{
	if (json_object_object_add(to, name, o) == 0)
		return true;
	json_object_put(o);
	ck->nomem = true;
	return false;
}

static bool is_required(struct json_object *schema, const char *name)
{
	struct json_object *list = get(schema, "required");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), name) == 0)
			return true;
	return false;
}

static void warn_deprecated(struct meed_param_check *ck, const struct meed_param_path *p,
			    struct json_object *schema)
{
	struct json_object *help = get(schema, "description");
	struct meed_buf what = { 0 };

	if (!json_object_get_boolean(get(schema, "deprecated")))
		return;
	meed_buf_puts(&what, "is deprecated");
	if (help)
		meed_buf_printf(&what, ": %s", json_object_get_string(help));
	meed_buf_putc(&what, '\0');
	if (!what.failed)
		meed_param_problem(ck, p, true, NULL, what.p);
	meed_buf_release(&what);
}

/* A property that was not given: its default, or the defaults inside it. */
static void fill_default(struct meed_param_check *ck, const struct meed_param_path *p,
			 struct json_object *owner, const char *name, struct json_object *schema,
			 struct json_object *to)
{
	struct json_object *given = NULL, *o = NULL, *empty = NULL;
	struct meed_err ignored = { 0 };
	struct meed_param_check quiet = { .noun = ck->noun, .err = &ignored };

	if (json_object_object_get_ex(schema, "default", &given)) {
		if (meed_param_value(ck, p, schema, given, &o))
			(void)add(ck, to, name, o);
	} else if (is_required(owner, name)) {
		meed_param_problem(ck, p, false, NULL, "is missing, and has no default");
	} else if (get(schema, "properties")) {
		empty = json_object_new_object();
		if (!empty)
			ck->nomem = true;
		else if (meed_param_value(&quiet, p, schema, empty, &o))
			(void)add(ck, to, name, o);
		json_object_put(empty);
	}
}

static void unknown_name(struct meed_param_check *ck, const struct meed_param_path *p,
			 struct json_object *props, const char *name)
{
	size_t n = props ? (size_t)json_object_object_length(props) : 0, k = 0;
	const char **names = calloc(n ? n : 1, sizeof(*names)), *near;
	struct meed_buf what = { 0 };
	struct json_object_iter it;
	size_t i;

	if (!names) {
		ck->nomem = true;
		return;
	}
	if (props)
		json_object_object_foreachC(props, it) names[k++] = it.key;
	near = meed_nearest(name, names, k);
	meed_buf_puts(&what, "unknown");
	if (near)
		meed_buf_printf(&what, "; did you mean \"%s\"?", near);
	else if (k == 0)
		meed_buf_puts(&what, "; there are no parameters");
	for (i = 0; !near && i < k; i++)
		meed_buf_printf(&what, "%s%s", i ? ", " : "; known: ", names[i]);
	meed_buf_putc(&what, '\0');
	if (what.failed)
		ck->nomem = true;
	else
		meed_param_problem(ck, p, false, NULL, what.p);
	meed_buf_release(&what);
	free(names);
}

/* A name that "properties" does not list. */
static void extra_name(struct meed_param_check *ck, const struct meed_param_path *p,
		       struct json_object *schema, bool is_free, const char *name,
		       struct json_object *v, struct json_object *to)
{
	struct json_object *more = get(schema, "additionalProperties"), *o = NULL;

	if (json_object_is_type(more, json_type_object)) {
		if (meed_param_value(ck, p, more, v, &o))
			(void)add(ck, to, name, o);
	} else if (more ? json_object_get_boolean(more) : is_free) {
		if (meed_param_copy(v, &o))
			(void)add(ck, to, name, o);
		else
			ck->nomem = true;
	} else {
		unknown_name(ck, p, get(schema, "properties"), name);
	}
}

static bool resolve_object(struct meed_param_check *ck, const struct meed_param_path *p,
			   struct json_object *schema, struct json_object *v,
			   struct json_object **ret)
{
	struct json_object *props = get(schema, "properties");
	struct json_object *to = json_object_new_object(), *o, *given;
	size_t before = ck->n_problems;
	struct json_object_iter it;
	/* An object that says nothing of its properties may hold anything, but for the root. */
	bool is_free = p != NULL && !props;

	if (!to) {
		ck->nomem = true;
		return false;
	}
	if (props) {
		json_object_object_foreachC(props, it)
		{
			struct meed_param_path in = { p, it.key, 0 };

			if (!json_object_object_get_ex(v, it.key, &given))
				fill_default(ck, &in, schema, it.key, it.val, to);
			else if (meed_param_value(ck, &in, it.val, given, &o))
				(void)add(ck, to, it.key, o);
		}
	}
	json_object_object_foreachC(v, it)
	{
		struct meed_param_path in = { p, it.key, 0 };
		struct json_object *known = props ? get(props, it.key) : NULL;

		if (known)
			warn_deprecated(ck, &in, known);
		else
			extra_name(ck, &in, schema, is_free, it.key, it.val, to);
	}
	if (ck->nomem || ck->n_problems > before) {
		json_object_put(to);
		return false;
	}
	*ret = to;
	return true;
}

/* ---- one value ---- */

static uint32_t type_bit(struct json_object *v)
{
	double x;

	switch (json_object_get_type(v)) {
	case json_type_boolean:
		return MEED_JT_BOOL;
	case json_type_int:
		return MEED_JT_INT;
	case json_type_string:
		return MEED_JT_STR;
	case json_type_array:
		return MEED_JT_ARR;
	case json_type_object:
		return MEED_JT_OBJ;
	case json_type_double:
		x = json_object_get_double(v);
		if (x >= -9007199254740992.0 && x <= 9007199254740992.0 && floor(x) >= x)
			return MEED_JT_NUM | MEED_JT_INT;
		return MEED_JT_NUM;
	case json_type_null:
		break;
	}
	return MEED_JT_NULL;
}

static bool wrong_type(struct meed_param_check *ck, const struct meed_param_path *p, uint32_t types,
		       struct json_object *v)
{
	struct meed_buf what = { 0 };
	char want[128];

	meed_param_types_text(types, want, sizeof(want));
	meed_buf_printf(&what, "is %s, must be %s", meed_param_type_name(v), want);
	meed_param_value_problem(ck, p, v, &what);
	return false;
}

/* A copy of a scalar; 3.0 where only whole numbers are allowed becomes 3. */
static bool copy_scalar(struct meed_param_check *ck, uint32_t types, struct json_object *v,
			struct json_object **ret)
{
	bool ok;

	if (json_object_is_type(v, json_type_double) && !(types & MEED_JT_NUM)) {
		*ret = json_object_new_int64((int64_t)json_object_get_double(v));
		ok = *ret != NULL;
	} else {
		ok = meed_param_copy(v, ret);
	}
	ck->nomem = ck->nomem || !ok;
	return ok;
}

bool meed_param_value(struct meed_param_check *ck, const struct meed_param_path *path,
		      struct json_object *schema, struct json_object *value,
		      struct json_object **ret)
{
	uint32_t types = meed_schema_types(schema);
	struct json_object *list = get(schema, "enum");
	size_t before = ck->n_problems;

	if (!(type_bit(value) & types))
		return wrong_type(ck, path, types, value);
	if (list)
		check_enum(ck, path, list, value);
	if (is_number(value))
		check_number(ck, path, schema, value);
	else if (json_object_is_type(value, json_type_string))
		check_string(ck, path, schema, value);
	if (ck->n_problems > before)
		return false;
	if (json_object_is_type(value, json_type_array))
		return resolve_array(ck, path, schema, value, ret);
	if (json_object_is_type(value, json_type_object))
		return resolve_object(ck, path, schema, value, ret);
	return copy_scalar(ck, types, value, ret);
}
