/* canonical.c - rows in the canonical form: input[], output[].
 *
 * Whatever is wrong with an output is said in terms of the canonical form, whichever shape the
 * row had: scored again, from what we wrote, it gets the same message. */
#include "config.h"
#include "host/sample/rows.h"

static int32_t read_label(struct meed_reading *r, struct json_object *label,
			  struct meed_output *out)
{
	if (json_object_get_type(label) != json_type_object)
		return MEED_OK;
	out->cand.label = (const meed_val *)label;
	return meed_read_refs(r, meed_json_get(label, "reference"), &out->cand.refs,
			      &out->cand.n_refs);
}

/* An answer that only calls tools has no text, and that is fine. */
static bool calls_tools(struct json_object *answer)
{
	struct json_object *calls = meed_json_get(answer, "tool_calls");

	return json_object_get_type(calls) == json_type_array && json_object_array_length(calls);
}

int32_t meed_read_answer(struct meed_reading *r, const struct meed_place *at,
			 struct json_object *answer, struct meed_output *out)
{
	struct meed_place here = { .in = at, .key = "content" };
	struct json_object *content = NULL;
	bool has_content = false;
	int32_t code = MEED_OK;

	out->answer = answer;
	out->cand.more = (const meed_val *)answer;
	MEED_JSON_EACH(answer, e) {
		const char *key = meed_entry_key(e);

		if (strcmp(key, "content") == 0) {
			content = meed_entry_val(e);
			has_content = true;
		} else if (strcmp(key, "label") == 0) {
			code = read_label(r, meed_entry_val(e), out);
			if (code < 0)
				return code;
		}
	}
	if (!content && calls_tools(answer))
		return MEED_OK;
	if (!has_content) {
		out->bad = meed_place_text(r, &here, "is missing");
		return out->bad ? MEED_OK : meed_err_nomem(r->err);
	}
	return meed_content_text(r, &here, content, &out->cand.text, &out->bad);
}

int32_t meed_read_content(struct meed_reading *r, const struct meed_place *at,
			  struct json_object *content, struct meed_output *out)
{
	struct meed_place in_answer = { .in = at, .key = "answer" };
	struct meed_place in_content = { .in = &in_answer, .key = "content" };

	out->content = content;
	return meed_content_text(r, &in_content, content, &out->cand.text, &out->bad);
}

static int32_t read_object(struct meed_reading *r, const struct meed_place *at,
			   struct json_object *o, struct meed_output *out)
{
	struct meed_place in_answer = { .in = at, .key = "answer" };
	struct meed_place in_content = { .in = &in_answer, .key = "content" };
	struct meed_place in_steps = { .in = at, .key = "steps" };
	struct lh_entry *answer = NULL, *steps = NULL;
	int32_t code = MEED_OK;

	out->output = o;
	MEED_JSON_EACH(o, e) {
		const char *key = meed_entry_key(e);

		if (strcmp(key, "answer") == 0)
			answer = e;
		else if (strcmp(key, "steps") == 0)
			steps = e;
	}
	if (!answer) {
		out->bad = meed_place_text(r, &in_content, "is missing");
		if (!out->bad)
			return meed_err_nomem(r->err);
	} else if (json_object_get_type(meed_entry_val(answer)) == json_type_object) {
		code = meed_read_answer(r, &in_answer, meed_entry_val(answer), out);
	} else {
		code = meed_read_content(r, at, meed_entry_val(answer), out);
	}
	if (code >= 0 && steps)
		code = meed_read_steps(r, &in_steps, meed_entry_val(steps), out);
	return code;
}

static int32_t read_outputs(struct meed_reading *r, struct json_object *list)
{
	struct meed_place in = { .key = "output" };
	size_t n = json_object_array_length(list);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		struct meed_output *out = meed_add_output(r);
		struct meed_place at = { .in = &in, .index = r->p->n_outs - 1 };
		int32_t code;

		if (!out)
			return meed_err_nomem(r->err);
		if (json_object_get_type(o) == json_type_object)
			code = read_object(r, &at, o, out);
		else
			code = meed_read_content(r, &at, o, out);
		if (code < 0)
			return code;
	}
	return MEED_OK;
}

static void take_str(struct json_object *v, meed_str *ret)
{
	(void)meed_json_str(v, ret);
}

int32_t meed_read_canonical(struct meed_reading *r, struct meed_keys *k)
{
	struct json_object *output = meed_key_val(k, MEED_K_OUTPUT);
	struct json_object *meta = meed_key_val(k, MEED_K_METADATA);
	int32_t code;

	take_str(meed_key_val(k, MEED_K_UNIQUE_ID), &r->id);
	take_str(meed_key_val(k, MEED_K_TASK_CATEGORY), &r->task_category);
	take_str(meed_key_val(k, MEED_K_SOURCE), &r->source);
	if (json_object_get_type(meta) == json_type_object)
		r->meta = meta;
	code = meed_read_prompt(r, "input", meed_key_val(k, MEED_K_INPUT));
	if (code < 0 || !output)
		return code;
	if (json_object_get_type(output) != json_type_array)
		return meed_err_set(r->err, MEED_E_SAMPLE, "output is %s, expected a list",
				    meed_json_kind(output));
	return read_outputs(r, output);
}
