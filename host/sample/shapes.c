/* shapes.c - rows that are told apart by their keys: preference pairs, prompt and responses,
 * chat messages, verl. docs/formats.md shows each. */
#include "config.h"
#include "host/sample/rows.h"

static const unsigned char prompt_keys[] = {
	MEED_K_PROMPT, MEED_K_QUESTION, MEED_K_INSTRUCTION, MEED_K_QUERY, MEED_K_INPUT,
	MEED_K_MESSAGES
};
static const unsigned char response_keys[] = {
	MEED_K_RESPONSES, MEED_K_RESPONSE, MEED_K_COMPLETIONS, MEED_K_COMPLETION, MEED_K_OUTPUTS,
	MEED_K_OUTPUT, MEED_K_SOLUTION_STR, MEED_K_ANSWER
};
/* In a row of messages or of verl, "answer" is more likely the right one than the model's. */
#define N_RESPONSE_KEYS sizeof(response_keys)
#define N_SURE_RESPONSE_KEYS (N_RESPONSE_KEYS - 1)
static const unsigned char reference_keys[] = {
	MEED_K_REFERENCE, MEED_K_REFERENCES, MEED_K_REFERENCE_ANSWER, MEED_K_GROUND_TRUTH
};

static enum meed_key first_key(const struct meed_keys *k, const unsigned char *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (k->e[keys[i]])
			return keys[i];
	return MEED_K_N;
}

static enum json_type type_of(const struct meed_keys *k, enum meed_key i)
{
	return json_object_get_type(meed_key_val(k, i));
}

static bool looks_canonical(const struct meed_keys *k)
{
	struct json_object *output = meed_key_val(k, MEED_K_OUTPUT), *first;
	bool list_input = type_of(k, MEED_K_INPUT) == json_type_array;

	if (!k->e[MEED_K_OUTPUT])
		return list_input;
	if (!output)
		return list_input || k->e[MEED_K_UNIQUE_ID];
	if (json_object_get_type(output) != json_type_array)
		return false;
	if (json_object_array_length(output) == 0)
		return true;
	first = json_object_array_get_idx(output, 0);
	return json_object_object_get_ex(first, "answer", NULL);
}

bool meed_has_responses(const struct meed_keys *k)
{
	return first_key(k, response_keys, N_RESPONSE_KEYS) < MEED_K_N;
}

enum meed_shape meed_find_shape(const struct meed_keys *k)
{
	enum meed_shape shape;

	if (looks_canonical(k))
		return MEED_SHAPE_CANONICAL;
	shape = meed_find_bench(k);
	if (shape != MEED_SHAPE_AUTO)
		return shape;
	if (k->e[MEED_K_CHOSEN] || k->e[MEED_K_REJECTED])
		return MEED_SHAPE_PREFERENCE;
	if (k->e[MEED_K_DATA_SOURCE] &&
	    (k->e[MEED_K_PROMPT] || k->e[MEED_K_REWARD_MODEL] || k->e[MEED_K_EXTRA_INFO] ||
	     k->e[MEED_K_SOLUTION_STR] || k->e[MEED_K_GROUND_TRUTH]))
		return MEED_SHAPE_VERL;
	if (type_of(k, MEED_K_MESSAGES) == json_type_array)
		return MEED_SHAPE_MESSAGES;
	return meed_has_responses(k) ? MEED_SHAPE_RESPONSES : MEED_SHAPE_AUTO;
}

int32_t meed_make_shared(struct meed_reading *r, struct json_object *base, const char *preference,
			 struct json_object *reference, struct meed_shared *ret)
{
	struct json_object *label;

	*ret = (struct meed_shared){ .label = base };
	if (!preference && !reference)
		goto refs;
	label = json_object_new_object();
	if (!label || !meed_own(r->p, label))
		return meed_err_nomem(r->err);
	ret->label = label;
	if (base) {
		MEED_JSON_EACH(base, e)
			if (!meed_json_add_new(label, meed_entry_key(e),
					       json_object_get(meed_entry_val(e))))
				return meed_err_nomem(r->err);
	}
	if (preference && !json_object_object_get_ex(label, "preference", NULL) &&
	    !meed_json_add_str(label, "preference", meed_str_of(preference)))
		return meed_err_nomem(r->err);
	if (reference && !json_object_object_get_ex(label, "reference", NULL) &&
	    !meed_json_add_new(label, "reference", json_object_get(reference)))
		return meed_err_nomem(r->err);
refs:
	return meed_read_refs(r, meed_json_get(ret->label, "reference"), &ret->refs, &ret->n_refs);
}

/* The row's label object and its reference, if any. */
static void find_label(struct meed_keys *k, struct json_object **ret_label,
		       struct json_object **ret_reference)
{
	*ret_label = NULL;
	if (type_of(k, MEED_K_LABEL) == json_type_object) {
		*ret_label = meed_key_val(k, MEED_K_LABEL);
		meed_key_take(k, MEED_K_LABEL);
		if (json_object_object_get_ex(*ret_label, "reference", NULL))
			return;
	}
	for (size_t i = 0; !*ret_reference && i < sizeof(reference_keys); i++) {
		enum meed_key key = reference_keys[i];

		if (meed_key_val(k, key)) {
			*ret_reference = meed_key_val(k, key);
			meed_key_take(k, key);
		}
	}
}

/* {"instruction": ..., "input": ...}: the second part of the question, if it is not empty. */
static int32_t add_input(struct meed_reading *r, struct meed_keys *k)
{
	meed_str more, all;

	if (!meed_json_str(meed_key_val(k, MEED_K_INPUT), &more) || r->n_prompt != 1 ||
	    r->prompt[0].more)
		return MEED_OK;
	meed_key_take(k, MEED_K_INPUT);
	if (!more.n)
		return MEED_OK;
	all.n = r->prompt[0].text.n + 2 + more.n;
	all.p = NULL;
	r->p->scratch.n = 0;
	r->p->scratch.failed = false;
	meed_buf_put(&r->p->scratch, r->prompt[0].text.p, r->prompt[0].text.n);
	MEED_BUF_LIT(&r->p->scratch, "\n\n");
	meed_buf_put(&r->p->scratch, more.p, more.n);
	if (!r->p->scratch.failed)
		all = meed_arena_dup(r->arena, (meed_str){ r->p->scratch.p, all.n });
	if (!all.p)
		return meed_err_nomem(r->err);
	r->prompt[0].text = all;
	return MEED_OK;
}

int32_t meed_read_question(struct meed_reading *r, struct meed_keys *k)
{
	enum meed_key key = first_key(k, prompt_keys, sizeof(prompt_keys));
	int32_t code;

	if (key == MEED_K_N)
		return MEED_OK;
	meed_key_take(k, key);
	code = meed_read_prompt(r, meed_key_name(key), meed_key_val(k, key));
	if (code >= 0 && key == MEED_K_INSTRUCTION)
		code = add_input(r, k);
	return code;
}

static int32_t read_preference(struct meed_reading *r, struct meed_keys *k)
{
	static const struct {
		enum meed_key key;
		const char *name;
	} sides[] = { { MEED_K_CHOSEN, "chosen" }, { MEED_K_REJECTED, "rejected" } };
	struct json_object *label, *reference = NULL;
	int32_t code;

	find_label(k, &label, &reference);
	code = meed_read_question(r, k);
	for (size_t i = 0; code >= 0 && i < 2; i++) {
		struct meed_shared shared;

		if (!k->e[sides[i].key])
			continue;
		meed_key_take(k, sides[i].key);
		code = meed_make_shared(r, label, sides[i].name, reference, &shared);
		if (code >= 0)
			code = meed_read_responses(r, meed_key_val(k, sides[i].key), &shared);
	}
	return code;
}

static int32_t read_responses(struct meed_reading *r, struct meed_keys *k, size_t n_keys,
			      const struct meed_shared *shared)
{
	enum meed_key key = first_key(k, response_keys, n_keys);

	if (key == MEED_K_N)
		return MEED_OK;
	meed_key_take(k, key);
	return meed_read_responses(r, meed_key_val(k, key), shared);
}

static int32_t read_plain(struct meed_reading *r, struct meed_keys *k)
{
	struct json_object *label, *reference = NULL;
	struct meed_shared shared;
	int32_t code;

	find_label(k, &label, &reference);
	code = meed_make_shared(r, label, NULL, reference, &shared);
	if (code >= 0)
		code = meed_read_question(r, k);
	if (code >= 0)
		code = read_responses(r, k, N_RESPONSE_KEYS, &shared);
	return code;
}

static int32_t read_chat(struct meed_reading *r, struct meed_keys *k)
{
	struct json_object *messages = meed_key_val(k, MEED_K_MESSAGES), *label, *reference = NULL;
	struct meed_shared shared;
	int32_t code;

	meed_key_take(k, MEED_K_MESSAGES);
	find_label(k, &label, &reference);
	code = meed_make_shared(r, label, NULL, reference, &shared);
	if (code < 0)
		return code;
	if (first_key(k, response_keys, N_SURE_RESPONSE_KEYS) == MEED_K_N)
		return meed_read_last_turn(r, "messages", messages, &shared);
	code = meed_read_prompt(r, "messages", messages);
	if (code >= 0)
		code = read_responses(r, k, N_SURE_RESPONSE_KEYS, &shared);
	return code;
}

static int32_t read_verl(struct meed_reading *r, struct meed_keys *k)
{
	struct json_object *label, *reference;
	struct meed_shared shared;
	int32_t code;

	if (meed_json_str(meed_key_val(k, MEED_K_DATA_SOURCE), &r->source))
		meed_key_take(k, MEED_K_DATA_SOURCE);
	reference = meed_json_get(meed_key_val(k, MEED_K_REWARD_MODEL), "ground_truth");
	find_label(k, &label, &reference);
	code = meed_make_shared(r, label, NULL, reference, &shared);
	if (code >= 0)
		code = meed_read_question(r, k);
	if (code >= 0)
		code = read_responses(r, k, N_SURE_RESPONSE_KEYS, &shared);
	return code;
}

/* The outputs have the ground truth now; the other fields of reward_model stay metadata. */
static int32_t drop_ground_truth(struct meed_reading *r, struct meed_keys *k)
{
	struct json_object *model = meed_key_val(k, MEED_K_REWARD_MODEL);
	struct json_object *truth = meed_json_get(model, "ground_truth");
	struct json_object *label = meed_key_val(k, MEED_K_LABEL);

	if (!truth || json_object_object_get_ex(label, "reference", NULL))
		return MEED_OK;
	if (!meed_own(r->p, json_object_get(truth)))
		return meed_err_nomem(r->err);
	json_object_object_del(model, "ground_truth");
	if (!json_object_object_length(model))
		meed_key_take(k, MEED_K_REWARD_MODEL);
	return MEED_OK;
}

/* Without outputs there is no place for their labels: they are metadata after all. */
static void give_back_label(struct meed_keys *k)
{
	k->taken &= ~(UINT64_C(1) << MEED_K_LABEL);
	for (size_t i = 0; i < sizeof(reference_keys); i++)
		k->taken &= ~(UINT64_C(1) << reference_keys[i]);
}

/* metadata of the row's own, or verl's extra_info, to which all other fields are added. */
static struct json_object *metadata_base(struct meed_keys *k, enum meed_shape shape)
{
	enum meed_key key = MEED_K_METADATA;

	if (type_of(k, key) != json_type_object && shape == MEED_SHAPE_VERL)
		key = MEED_K_EXTRA_INFO;
	if (type_of(k, key) != json_type_object)
		return NULL;
	meed_key_take(k, key);
	return meed_key_val(k, key);
}

int32_t meed_read_shape(struct meed_reading *r, struct meed_keys *k)
{
	struct json_object *base;
	size_t from = r->p->n_outs;
	int32_t code;

	switch (r->shape) {
	case MEED_SHAPE_PREFERENCE:
		code = read_preference(r, k);
		break;
	case MEED_SHAPE_MESSAGES:
		code = read_chat(r, k);
		break;
	case MEED_SHAPE_VERL:
		code = read_verl(r, k);
		break;
	default:
		code = read_plain(r, k);
		break;
	}
	if (r->p->n_outs == from)
		give_back_label(k);
	else if (code >= 0 && r->shape == MEED_SHAPE_VERL)
		code = drop_ground_truth(r, k);
	if (code >= 0)
		code = meed_read_fields(r, k);
	if (code < 0)
		return code;
	base = metadata_base(k, r->shape);
	return meed_read_rest(r, k, base, NULL, 0);
}
