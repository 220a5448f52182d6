/* content.c - texts, messages, references and steps out of JSON values. */
#include "config.h"
#include "host/sample/rows.h"

static void place_write(struct meed_buf *b, const struct meed_place *at)
{
	if (at->in)
		place_write(b, at->in);
	if (!at->key) {
		meed_buf_putc(b, '[');
		meed_buf_u64(b, at->index);
		meed_buf_putc(b, ']');
		return;
	}
	if (at->in)
		meed_buf_putc(b, '.');
	meed_buf_puts(b, at->key);
}

const char *meed_place_text(struct meed_reading *r, const struct meed_place *at, const char *what)
{
	struct meed_buf *b = &r->p->scratch;

	b->n = 0;
	b->failed = false;
	place_write(b, at);
	meed_buf_putc(b, ' ');
	meed_buf_puts(b, what);
	if (b->failed)
		return NULL;
	return meed_arena_dup(r->arena, (meed_str){ b->p, b->n }).p;
}

static int32_t set_bad(struct meed_reading *r, const struct meed_place *at, const char *is,
		       struct json_object *v, const char *expected, const char **ret_bad)
{
	meed_str what = meed_arena_printf(r->arena, "%s%s%s", is, v ? meed_json_kind(v) : "",
					  expected);

	*ret_bad = what.p ? meed_place_text(r, at, what.p) : NULL;
	return *ret_bad ? MEED_OK : meed_err_nomem(r->err);
}

/* The text of one part of a content list; {NULL, 0} if it is a picture or the like. */
static meed_str part_text(struct json_object *part)
{
	meed_str text, type;

	if (meed_json_str(part, &text))
		return text;
	if (meed_json_str(meed_json_get(part, "type"), &type) &&
	    !meed_str_eq(type, MEED_STR("text")) && !meed_str_eq(type, MEED_STR("input_text")) &&
	    !meed_str_eq(type, MEED_STR("output_text")))
		return (meed_str){ NULL, 0 };
	if (meed_json_str(meed_json_get(part, "text"), &text))
		return text;
	return (meed_str){ NULL, 0 };
}

static bool is_part(struct json_object *v)
{
	enum json_type t = json_object_get_type(v);

	return t == json_type_string || t == json_type_object;
}

static int32_t join_parts(struct meed_reading *r, const struct meed_place *at,
			  struct json_object *list, meed_str *ret, const char **ret_bad)
{
	size_t n = json_object_array_length(list), n_texts = 0, size = 0;
	meed_str one = MEED_STR("");
	char *to;

	for (size_t i = 0; i < n; i++) {
		struct json_object *part = json_object_array_get_idx(list, i);
		struct meed_place here = { .in = at, .index = i };
		meed_str text;

		if (!is_part(part))
			return set_bad(r, &here, part ? "is " : "is null", part,
				       ", expected a content part", ret_bad);
		text = part_text(part);
		if (!text.p)
			continue;
		n_texts++;
		size += text.n;
		one = text;
	}
	if (!n_texts)
		return set_bad(r, at, "holds no text", NULL, "", ret_bad);
	*ret = one;
	if (n_texts == 1)
		return MEED_OK;
	to = meed_arena_raw(r->arena, size + 1);
	if (!to)
		return meed_err_nomem(r->err);
	*ret = (meed_str){ to, size };
	for (size_t i = 0; i < n; i++) {
		meed_str text = part_text(json_object_array_get_idx(list, i));

		if (text.n)
			memcpy(to, text.p, text.n);
		to += text.n;
	}
	*to = '\0';
	return MEED_OK;
}

int32_t meed_content_text(struct meed_reading *r, const struct meed_place *at,
			  struct json_object *v, meed_str *ret, const char **ret_bad)
{
	*ret = MEED_STR("");
	switch (json_object_get_type(v)) {
	case json_type_string:
		*ret = meed_json_text(v);
		return MEED_OK;
	case json_type_null:
		return set_bad(r, at, "is null", NULL, "", ret_bad);
	case json_type_object:
		return set_bad(r, at, "is ", v, ", expected a text", ret_bad);
	case json_type_array:
		return join_parts(r, at, v, ret, ret_bad);
	default:
		return meed_scalar_text(r, v, ret);
	}
}

int32_t meed_scalar_text(struct meed_reading *r, struct json_object *v, meed_str *ret)
{
	struct meed_buf *b = &r->p->scratch;

	if (meed_json_str(v, ret))
		return MEED_OK;
	b->n = 0;
	b->failed = false;
	meed_json_write(b, v);
	*ret = b->failed ? (meed_str){ NULL, 0 }
			 : meed_arena_dup(r->arena, (meed_str){ b->p, b->n });
	return ret->p ? MEED_OK : meed_err_nomem(r->err);
}

int32_t meed_read_refs(struct meed_reading *r, struct json_object *v, const meed_str **ret,
		       size_t *ret_n)
{
	bool many = json_object_get_type(v) == json_type_array;
	size_t n = many ? json_object_array_length(v) : 1, n_refs = 0;
	meed_str *refs;

	if (!v || !n)
		return MEED_OK;
	refs = meed_arena_raw(r->arena, n * sizeof(*refs));
	if (!refs)
		return meed_err_nomem(r->err);
	for (size_t i = 0; i < n; i++) {
		struct json_object *ref = many ? json_object_array_get_idx(v, i) : v;
		int32_t code;

		if (!ref)
			continue;
		code = meed_scalar_text(r, ref, &refs[n_refs++]);
		if (code < 0)
			return code;
	}
	*ret = n_refs ? refs : NULL;
	*ret_n = n_refs;
	return MEED_OK;
}

bool meed_message_is(struct json_object *message, const char *role)
{
	meed_str s;

	return meed_json_str(meed_json_get(message, "role"), &s) &&
	       meed_str_eq(s, meed_str_of(role));
}

static bool is_message(struct json_object *o)
{
	return json_object_object_get_ex(o, "role", NULL) ||
	       json_object_object_get_ex(o, "content", NULL);
}

/* A message or step: texts that cannot be read are empty, and `more` has them whole. */
static int32_t read_message(struct meed_reading *r, const struct meed_place *at,
			    struct json_object *v, const char *role, meed_msg *ret)
{
	struct meed_place here = { .in = at, .key = "content" };
	struct json_object *content = NULL;
	const char *bad = NULL;
	int32_t code = MEED_OK;

	*ret = (meed_msg){ meed_str_of(role), MEED_STR(""), NULL };
	if (meed_json_str(v, &ret->text))
		return MEED_OK;
	ret->more = (const meed_val *)v;
	MEED_JSON_EACH(v, e) {
		const char *key = meed_entry_key(e);

		if (strcmp(key, "role") == 0)
			(void)meed_json_str(meed_entry_val(e), &ret->role);
		else if (strcmp(key, "content") == 0)
			content = meed_entry_val(e);
	}
	if (content)
		code = meed_content_text(r, &here, content, &ret->text, &bad);
	return code;
}

static int32_t fail_message(struct meed_reading *r, const struct meed_place *at, const char *what)
{
	const char *text = meed_place_text(r, at, what);

	if (!text)
		return meed_err_nomem(r->err);
	return meed_err_set(r->err, MEED_E_SAMPLE,
			    "%s; expected a message, {\"role\": ..., \"content\": ...}", text);
}

int32_t meed_read_messages(struct meed_reading *r, const struct meed_place *at,
			   struct json_object *v, size_t n, meed_msg **ret, size_t *ret_n)
{
	meed_msg *msgs;
	size_t bytes;

	if (meed_mul_overflow(n, sizeof(*msgs), &bytes) ||
	    !(msgs = meed_arena_raw(r->arena, bytes)))
		return meed_err_nomem(r->err);
	for (size_t i = 0; i < n; i++) {
		struct json_object *m = json_object_array_get_idx(v, i);
		struct meed_place here = { .in = at, .index = i };
		enum json_type t = json_object_get_type(m);
		int32_t code;

		if (t != json_type_object && !(t == json_type_string && n == 1)) {
			meed_str what = meed_arena_printf(r->arena, "is %s", meed_json_kind(m));

			return what.p ? fail_message(r, &here, what.p) : meed_err_nomem(r->err);
		}
		if (t == json_type_object && !is_message(m))
			return fail_message(r, &here, "has neither role nor content");
		code = read_message(r, &here, m, "user", &msgs[i]);
		if (code < 0)
			return code;
	}
	*ret = msgs;
	*ret_n = n;
	return MEED_OK;
}

int32_t meed_read_prompt(struct meed_reading *r, const char *key, struct json_object *v)
{
	struct meed_place at = { .key = key };

	switch (json_object_get_type(v)) {
	case json_type_null:
		return MEED_OK;
	case json_type_array:
		return meed_read_messages(r, &at, v, json_object_array_length(v), &r->prompt,
					  &r->n_prompt);
	case json_type_string:
	case json_type_object:
		if (json_object_get_type(v) == json_type_object && !is_message(v))
			return fail_message(r, &at, "has neither role nor content");
		r->prompt = meed_arena_raw(r->arena, sizeof(*r->prompt));
		if (!r->prompt)
			return meed_err_nomem(r->err);
		r->n_prompt = 1;
		return read_message(r, &at, v, "user", r->prompt);
	default:
		return meed_err_set(r->err, MEED_E_SAMPLE,
				    "%s is %s, expected a text or a list of messages", key,
				    meed_json_kind(v));
	}
}

int32_t meed_read_steps(struct meed_reading *r, const struct meed_place *at,
			struct json_object *v, struct meed_output *out)
{
	bool list = json_object_get_type(v) == json_type_array;
	size_t n = list ? json_object_array_length(v) : 0;
	meed_msg *steps;

	out->steps = v;
	if (v && !list && !out->bad)
		return set_bad(r, at, "is ", v, ", expected a list of steps", &out->bad);
	if (!n)
		return MEED_OK;
	steps = meed_arena_raw(r->arena, n * sizeof(*steps));
	if (!steps)
		return meed_err_nomem(r->err);
	for (size_t i = 0; i < n; i++) {
		struct json_object *step = json_object_array_get_idx(v, i);
		struct meed_place here = { .in = at, .index = i };
		int32_t code;

		if (!is_part(step)) {
			if (out->bad)
				return MEED_OK;
			return set_bad(r, &here, step ? "is " : "is null", step,
				       ", expected a step", &out->bad);
		}
		code = read_message(r, &here, step, "assistant", &steps[i]);
		if (code < 0)
			return code;
	}
	out->cand.steps = steps;
	out->cand.n_steps = n;
	return MEED_OK;
}
