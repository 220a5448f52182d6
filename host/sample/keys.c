/* keys.c - the keys that rows of other people use, found in one walk. */
#include "config.h"
#include "host/sample/rows.h"

#define LONGEST 17

static const char *const names[MEED_K_N] = {
	[MEED_K_UNIQUE_ID] = "unique_id",
	[MEED_K_ID] = "id",
	[MEED_K_TASK_CATEGORY] = "task_category",
	[MEED_K_SOURCE] = "source",
	[MEED_K_CREATED_AT] = "created_at",
	[MEED_K_METADATA] = "metadata",
	[MEED_K_INPUT] = "input",
	[MEED_K_PROMPT] = "prompt",
	[MEED_K_QUESTION] = "question",
	[MEED_K_INSTRUCTION] = "instruction",
	[MEED_K_QUERY] = "query",
	[MEED_K_MESSAGES] = "messages",
	[MEED_K_CHOSEN] = "chosen",
	[MEED_K_REJECTED] = "rejected",
	[MEED_K_RESPONSES] = "responses",
	[MEED_K_RESPONSE] = "response",
	[MEED_K_COMPLETIONS] = "completions",
	[MEED_K_COMPLETION] = "completion",
	[MEED_K_OUTPUTS] = "outputs",
	[MEED_K_OUTPUT] = "output",
	[MEED_K_SOLUTION_STR] = "solution_str",
	[MEED_K_ANSWER] = "answer",
	[MEED_K_REFERENCE] = "reference",
	[MEED_K_REFERENCES] = "references",
	[MEED_K_REFERENCE_ANSWER] = "reference_answer",
	[MEED_K_GROUND_TRUTH] = "ground_truth",
	[MEED_K_LABEL] = "label",
	[MEED_K_DATA_SOURCE] = "data_source",
	[MEED_K_REWARD_MODEL] = "reward_model",
	[MEED_K_EXTRA_INFO] = "extra_info",
	[MEED_K_SUBSET] = "subset",
	[MEED_K_DOMAIN] = "domain",
	[MEED_K_TOTAL_COMPLETIONS] = "total_completions",
	[MEED_K_CHOSEN_MODEL] = "chosen_model",
	[MEED_K_REJECT] = "reject",
	[MEED_K_BON_BEST] = "bon_best",
	[MEED_K_RESPONSE_A] = "response_A",
	[MEED_K_OUTPUT_1] = "output_1",
	[MEED_K_RESPONSE1] = "response1",
	[MEED_K_ORIGINAL_PROCESS] = "original_process",
	[MEED_K_CODE] = "code",
	[MEED_K_CONTEXT] = "context",
	[MEED_K_HELPFULNESS] = "helpfulness",
	[MEED_K_RESPONSE_1] = "response_1",
	[MEED_K_LABELS] = "labels"
};

/* The names of each length, ended by MEED_K_N. */
static const unsigned char by_length[LONGEST + 1][12] = {
	[0] = { MEED_K_N },
	[1] = { MEED_K_N },
	[2] = { MEED_K_ID, MEED_K_N },
	[3] = { MEED_K_N },
	[4] = { MEED_K_CODE, MEED_K_N },
	[5] = { MEED_K_INPUT, MEED_K_QUERY, MEED_K_LABEL, MEED_K_N },
	[6] = { MEED_K_OUTPUT, MEED_K_PROMPT, MEED_K_SOURCE, MEED_K_ANSWER, MEED_K_CHOSEN,
		MEED_K_SUBSET, MEED_K_DOMAIN, MEED_K_REJECT, MEED_K_LABELS, MEED_K_N },
	[7] = { MEED_K_OUTPUTS, MEED_K_CONTEXT, MEED_K_N },
	[8] = { MEED_K_METADATA, MEED_K_MESSAGES, MEED_K_RESPONSE, MEED_K_QUESTION,
		MEED_K_REJECTED, MEED_K_BON_BEST, MEED_K_OUTPUT_1, MEED_K_N },
	[9] = { MEED_K_UNIQUE_ID, MEED_K_RESPONSES, MEED_K_REFERENCE, MEED_K_RESPONSE1,
		MEED_K_N },
	[10] = { MEED_K_CREATED_AT, MEED_K_REFERENCES, MEED_K_COMPLETION, MEED_K_EXTRA_INFO,
		 MEED_K_RESPONSE_A, MEED_K_RESPONSE_1, MEED_K_N },
	[11] = { MEED_K_COMPLETIONS, MEED_K_DATA_SOURCE, MEED_K_INSTRUCTION,
		 MEED_K_HELPFULNESS, MEED_K_N },
	[12] = { MEED_K_GROUND_TRUTH, MEED_K_SOLUTION_STR, MEED_K_REWARD_MODEL,
		 MEED_K_CHOSEN_MODEL, MEED_K_N },
	[13] = { MEED_K_TASK_CATEGORY, MEED_K_N },
	[14] = { MEED_K_N },
	[15] = { MEED_K_N },
	[16] = { MEED_K_REFERENCE_ANSWER, MEED_K_ORIGINAL_PROCESS, MEED_K_N },
	[17] = { MEED_K_TOTAL_COMPLETIONS, MEED_K_N }
};

_Static_assert(MEED_K_N <= 64, "taken has a bit for each");

const char *meed_key_name(enum meed_key k)
{
	return names[k];
}

void meed_keys_find(struct json_object *root, struct meed_keys *k)
{
	*k = (struct meed_keys){ .root = root };
	MEED_JSON_EACH(root, e) {
		const char *key = meed_entry_key(e);
		size_t n = strlen(key);

		if (n > LONGEST)
			continue;
		for (const unsigned char *i = by_length[n]; *i < MEED_K_N; i++) {
			if (memcmp(names[*i], key, n) == 0) {
				k->e[*i] = e;
				break;
			}
		}
	}
}

/* A field that the canonical form has as a string. An integer id becomes one. */
static int32_t take_field(struct meed_reading *r, struct meed_keys *k, enum meed_key i,
			  meed_str *ret)
{
	struct json_object *v = meed_key_val(k, i);
	enum json_type t = json_object_get_type(v);
	int32_t code = MEED_OK;

	if (ret->n || (t != json_type_string && t != json_type_int))
		return MEED_OK;
	if (t == json_type_string)
		*ret = meed_json_text(v);
	else
		code = meed_scalar_text(r, v, ret);
	meed_key_take(k, i);
	return code;
}

int32_t meed_read_fields(struct meed_reading *r, struct meed_keys *k)
{
	int32_t code;

	code = take_field(r, k, MEED_K_UNIQUE_ID, &r->id);
	if (code >= 0)
		code = take_field(r, k, MEED_K_ID, &r->id);
	if (code >= 0)
		code = take_field(r, k, MEED_K_TASK_CATEGORY, &r->task_category);
	if (code >= 0)
		code = take_field(r, k, MEED_K_SOURCE, &r->source);
	if (json_object_get_type(meed_key_val(k, MEED_K_CREATED_AT)) == json_type_string) {
		r->created_at = meed_key_val(k, MEED_K_CREATED_AT);
		meed_key_take(k, MEED_K_CREATED_AT);
	}
	return code;
}

static bool skipped(const struct lh_entry *e, const struct meed_keys *k,
		    struct lh_entry *const *skip, size_t n_skip)
{
	for (size_t i = 0; i < n_skip; i++)
		if (skip[i] == e)
			return true;
	for (uint64_t left = k->taken; left; left &= left - 1)
		if (k->e[__builtin_ctzll(left)] == e)
			return true;
	return false;
}

/* Adds key and value to meta; a key that is there already gets "row." in front. */
static int32_t add_rest(struct meed_reading *r, struct json_object *meta, bool fresh,
			const char *key, struct json_object *v)
{
	meed_str name = meed_str_of(key);

	if (fresh || !json_object_object_get_ex(meta, key, NULL)) {
		if (!meed_json_add_new(meta, key, json_object_get(v)))
			return meed_err_nomem(r->err);
		return MEED_OK;
	}
	do {
		name = meed_arena_printf(r->arena, "row.%s", name.p);
		if (!name.p)
			return meed_err_nomem(r->err);
	} while (json_object_object_get_ex(meta, name.p, NULL));
	if (!meed_json_add(meta, name.p, json_object_get(v)))
		return meed_err_nomem(r->err);
	return MEED_OK;
}

int32_t meed_read_rest(struct meed_reading *r, const struct meed_keys *k, struct json_object *base,
		       struct lh_entry *const *skip, size_t n_skip)
{
	struct json_object *meta = base;
	int32_t code = MEED_OK;

	MEED_JSON_EACH(r->root, e) {
		if (code < 0 || skipped(e, k, skip, n_skip))
			continue;
		if (!meta) {
			meta = json_object_new_object();
			if (!meta || !meed_own(r->p, meta))
				return meed_err_nomem(r->err);
		}
		code = add_rest(r, meta, !base, meed_entry_key(e), meed_entry_val(e));
	}
	r->meta = meta;
	return code;
}
