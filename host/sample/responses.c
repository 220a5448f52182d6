/* responses.c - the outputs of rows that are not canonical: texts, messages, conversations. */
#include "config.h"
#include "host/sample/rows.h"

enum list_kind {
	RESPONSES,			/* each item is a response */
	CONVERSATION,			/* messages of several roles */
	PARTS				/* the parts of one content */
};

static bool has(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

static enum list_kind list_kind(struct json_object *list)
{
	size_t n = json_object_array_length(list);
	bool others = false, parts = n > 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		if (json_object_get_type(v) != json_type_object)
			return RESPONSES;
		others |= has(v, "role") && !meed_message_is(v, "assistant");
		parts &= has(v, "type") && !has(v, "role") && !has(v, "content");
	}
	return parts ? PARTS : others ? CONVERSATION : RESPONSES;
}

/* Whether v is a list of messages, of whatever roles. */
static bool is_conversation(struct json_object *v)
{
	size_t n = json_object_get_type(v) == json_type_array ? json_object_array_length(v) : 0;

	for (size_t i = 0; i < n; i++)
		if (!has(json_object_array_get_idx(v, i), "role"))
			return false;
	return n > 0;
}

static size_t last_assistant(struct json_object *list)
{
	size_t n = json_object_array_length(list);

	for (size_t i = n; i-- > 0;)
		if (meed_message_is(json_object_array_get_idx(list, i), "assistant"))
			return i;
	return n - 1;
}

static bool same_message(const meed_msg *m, struct json_object *v)
{
	struct json_object *content = meed_json_get(v, "content");
	meed_str role = MEED_STR("user"), text;

	if (m->more)
		return json_object_equal((struct json_object *)(uintptr_t)m->more, v);
	(void)meed_json_str(meed_json_get(v, "role"), &role);
	return json_object_object_length(v) == 2 && meed_json_str(content, &text) &&
	       meed_str_eq(role, m->role) && meed_str_eq(text, m->text);
}

/* Whether the first n messages of the list are the prompt. */
static bool same_prompt(const struct meed_reading *r, struct json_object *list, size_t n)
{
	if (n != r->n_prompt)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!same_message(&r->prompt[i], json_object_array_get_idx(list, i)))
			return false;
	return true;
}

/* Keeps a conversation whose other turns have no place elsewhere. */
static int32_t keep_list(struct meed_reading *r, struct json_object *list, struct meed_output *out)
{
	struct json_object *extra = json_object_new_object();

	if (!extra || !meed_own(r->p, extra) ||
	    !meed_json_add_new(extra, "messages", json_object_get(list)))
		return meed_err_nomem(r->err);
	out->extra = extra;
	return MEED_OK;
}

/* What the answer's own label says goes before what the row says, which then is "row.KEY". */
static bool add_label(struct meed_reading *r, struct json_object *own, const char *key,
		      struct json_object *v)
{
	struct json_object *theirs;

	while (json_object_object_get_ex(own, key, &theirs)) {
		if (json_object_equal(theirs, v))
			return true;
		key = meed_arena_printf(r->arena, "row.%s", key).p;
		if (!key)
			return false;
	}
	return meed_json_add(own, key, json_object_get(v));
}

static int32_t set_label(struct meed_reading *r, const struct meed_shared *shared,
			 struct meed_output *out)
{
	struct json_object *own = meed_json_get(out->answer, "label");

	if (!shared->label)
		return MEED_OK;
	if (json_object_get_type(own) != json_type_object) {
		out->cand.label = (const meed_val *)shared->label;
		out->cand.refs = shared->refs;
		out->cand.n_refs = shared->n_refs;
		return MEED_OK;
	}
	MEED_JSON_EACH(shared->label, e)
		if (!add_label(r, own, meed_entry_key(e), meed_entry_val(e)))
			return meed_err_nomem(r->err);
	return meed_read_refs(r, meed_json_get(own, "reference"), &out->cand.refs,
			      &out->cand.n_refs);
}

/* Finds a place for the turns of a conversation before and after its answer. */
static int32_t place_turns(struct meed_reading *r, struct json_object *list, size_t last,
			   struct meed_output *out)
{
	struct meed_place in_input = { .key = "input" };
	size_t n = json_object_array_length(list);
	int32_t code = MEED_OK;

	if (n == 1)
		return MEED_OK;
	if (!r->n_prompt && last)
		code = meed_read_messages(r, &in_input, list, last, &r->prompt, &r->n_prompt);
	if (code < 0 || (last + 1 == n && same_prompt(r, list, last)))
		return code;
	return keep_list(r, list, out);
}

static int32_t read_one(struct meed_reading *r, struct json_object *v,
			const struct meed_shared *shared)
{
	struct meed_place in = { .key = "output" };
	struct meed_place at = { .in = &in, .index = r->p->n_outs };
	struct meed_place in_answer = { .in = &at, .key = "answer" };
	struct meed_output *out = meed_add_output(r);
	struct json_object *list = is_conversation(v) ? v : NULL;
	size_t last = list ? last_assistant(list) : 0;
	int32_t code;

	if (!out)
		return meed_err_nomem(r->err);
	if (list)
		v = json_object_array_get_idx(list, last);
	if (json_object_get_type(v) == json_type_object)
		code = meed_read_answer(r, &in_answer, v, out);
	else
		code = meed_read_content(r, &at, v, out);
	if (code >= 0)
		code = set_label(r, shared, out);
	if (code >= 0 && list)
		code = place_turns(r, list, last, out);
	return code;
}

int32_t meed_read_responses(struct meed_reading *r, struct json_object *v,
			    const struct meed_shared *shared)
{
	size_t n;
	int32_t code = MEED_OK;

	if (json_object_get_type(v) != json_type_array || list_kind(v) != RESPONSES)
		return read_one(r, v, shared);
	n = json_object_array_length(v);
	for (size_t i = 0; i < n && code >= 0; i++)
		code = read_one(r, json_object_array_get_idx(v, i), shared);
	return code;
}

int32_t meed_read_last_turn(struct meed_reading *r, const char *key, struct json_object *list,
			    const struct meed_shared *shared)
{
	struct meed_place at = { .key = key };
	size_t n;
	int32_t code;

	if (json_object_get_type(list) != json_type_array)
		return meed_err_set(r->err, MEED_E_SAMPLE, "%s is %s, expected a list of messages",
				    key, meed_json_kind(list));
	n = json_object_array_length(list);
	if (!n || !meed_message_is(json_object_array_get_idx(list, n - 1), "assistant"))
		return meed_read_messages(r, &at, list, n, &r->prompt, &r->n_prompt);
	code = meed_read_messages(r, &at, list, n - 1, &r->prompt, &r->n_prompt);
	if (code < 0)
		return code;
	return read_one(r, json_object_array_get_idx(list, n - 1), shared);
}
