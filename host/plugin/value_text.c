/* value_text.c - what is wrong with a parameter, in words. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <stdio.h>

/* ---- problems ---- */

static void path_text(const struct meed_param_path *p, struct meed_buf *b)
{
	if (!p)
		return;
	path_text(p->up, b);
	if (p->name) {
		if (p->up)
			meed_buf_putc(b, '.');
		meed_buf_puts(b, p->name);
	} else {
		meed_buf_printf(b, "[%zu]", p->index);
	}
}

static const char *top_name(const struct meed_param_path *p)
{
	while (p && p->up)
		p = p->up;
	return p && p->name ? p->name : "";
}

/* "conf.d/a.conf:12", or the model's id where no file is at hand. */
static const char *where_text(const struct meed_param_check *ck, const struct meed_param_path *p,
			      char *buf, size_t n)
{
	const char *w = ck->where ? ck->where(ck->where_ctx, top_name(p), buf, n) : NULL;

	return w ? w : ck->model_id;
}

/* value: NULL or what stands behind " = ". */
void meed_param_problem(struct meed_param_check *ck, const struct meed_param_path *p, bool warning,
			const char *value, const char *what)
{
	struct meed_buf path = { 0 };
	char where[512];

	if (!warning)
		ck->n_problems++;
	path_text(p, &path);
	meed_buf_putc(&path, '\0');
	if (path.failed) {
		ck->nomem = true;
	} else if (ck->diags) {
		meed_diags_add(ck->diags, warning, "%s: %s \"%s\"%s%s: %s",
			       where_text(ck, p, where, sizeof(where)), ck->noun, path.p,
			       value ? " = " : "", value ? value : "", what);
	} else if (ck->err && !warning && ck->err->code == 0) {
		(void)meed_err_set(ck->err, MEED_E_PARAM, "%s%s%s: %s", value ? "" : "\"",
				   value ? value : path.p, value ? "" : "\"", what);
	}
	meed_buf_release(&path);
}

/* ---- values in words ---- */

const char *meed_param_type_name(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_boolean:
		return "a boolean";
	case json_type_double:
		return "a number";
	case json_type_int:
		return "an integer";
	case json_type_string:
		return "a string";
	case json_type_array:
		return "an array";
	case json_type_object:
		return "an object";
	case json_type_null:
		break;
	}
	return "null";
}

void meed_param_types_text(uint32_t types, char *buf, size_t n)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{ MEED_JT_NULL, "null" },      { MEED_JT_BOOL, "a boolean" },
		{ MEED_JT_INT, "an integer" }, { MEED_JT_NUM, "a number" },
		{ MEED_JT_STR, "a string" },   { MEED_JT_ARR, "an array" },
		{ MEED_JT_OBJ, "an object" },
	};
	size_t at = 0, i;

	buf[0] = '\0';
	if (types & MEED_JT_NUM)
		types &= ~(uint32_t)MEED_JT_INT;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int w;

		if (!(types & names[i].bit) || at >= n)
			continue;
		w = snprintf(buf + at, n - at, "%s%s", at ? " or " : "", names[i].name);
		at += w > 0 ? (size_t)w : 0;
	}
}

void meed_param_put_number(struct meed_buf *b, struct json_object *o)
{
	char buf[40];

	if (json_object_is_type(o, json_type_int) && json_object_get_int64(o) != INT64_MAX)
		meed_buf_printf(b, "%lld", (long long)json_object_get_int64(o));
	else
		meed_buf_puts(b, meed_num_text(json_object_get_double(o), buf));
}

/* A value as a message shows it: strings quoted and cut, containers by their kind. */
void meed_param_put_value(struct meed_buf *b, struct json_object *o)
{
	enum {
		SHOWN = 60
	};
	meed_str s;

	switch (json_object_get_type(o)) {
	case json_type_boolean:
		meed_buf_puts(b, json_object_get_boolean(o) ? "true" : "false");
		return;
	case json_type_double:
	case json_type_int:
		meed_param_put_number(b, o);
		return;
	case json_type_string:
		(void)meed_json_str(o, &s);
		if (s.n <= SHOWN) {
			meed_buf_json_str(b, s);
			return;
		}
		for (s.n = SHOWN; s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80; s.n--)
			;
		meed_buf_json_str(b, s);
		meed_buf_puts(b, "...");
		return;
	default:
		meed_buf_puts(b, meed_param_type_name(o));
	}
}

/* Reports value with a text that ends with a list or number put together in b. */
void meed_param_value_problem(struct meed_param_check *ck, const struct meed_param_path *p,
			      struct json_object *value, struct meed_buf *what)
{
	struct meed_buf v = { 0 };

	meed_param_put_value(&v, value);
	meed_buf_putc(&v, '\0');
	meed_buf_putc(what, '\0');
	if (v.failed || what->failed) {
		ck->nomem = true;
		ck->n_problems++;
	} else {
		meed_param_problem(ck, p, false, v.p, what->p);
	}
	meed_buf_release(&v);
	meed_buf_release(what);
}
