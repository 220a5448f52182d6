/* bench.c - rows of benchmarks: telling them apart, and what their readers share. */
#include "config.h"
#include "host/sample/bench.h"

/* ---- telling apart ---------------------------------------------------------------------- */

static enum json_type type_of(const struct meed_keys *k, enum meed_key i)
{
	return json_object_get_type(meed_key_val(k, i));
}

static bool is_text(const struct meed_keys *k, enum meed_key i)
{
	return type_of(k, i) == json_type_string;
}

static bool is_list(const struct meed_keys *k, enum meed_key i)
{
	return type_of(k, i) == json_type_array;
}

static bool is_number(const struct meed_keys *k, enum meed_key i)
{
	return type_of(k, i) == json_type_int || type_of(k, i) == json_type_double;
}

static bool is_styles(const struct meed_keys *k, enum meed_key i)
{
	struct json_object *v = meed_key_val(k, i);

	return json_object_get_type(v) == json_type_array && json_object_array_length(v) == 3 &&
	       json_object_get_type(json_object_array_get_idx(v, 0)) == json_type_string;
}

static enum meed_shape find_preference(const struct meed_keys *k)
{
	if (k->e[MEED_K_REJECT] && type_of(k, MEED_K_CHOSEN) == json_type_object &&
	    meed_json_get(k->root, "conversation_input"))
		return MEED_SHAPE_RMB_PAIRWISE;
	if (is_list(k, MEED_K_CHOSEN) && is_list(k, MEED_K_REJECTED)) {
		if (is_number(k, MEED_K_TOTAL_COMPLETIONS))
			return MEED_SHAPE_REWARDBENCH2;
		if (is_styles(k, MEED_K_CHOSEN) && is_styles(k, MEED_K_REJECTED) &&
		    (is_text(k, MEED_K_SUBSET) || is_text(k, MEED_K_DOMAIN)))
			return MEED_SHAPE_RMBENCH;
	}
	if (k->e[MEED_K_CHOSEN_MODEL] && is_text(k, MEED_K_SUBSET) &&
	    meed_json_get(k->root, "rejected_model"))
		return MEED_SHAPE_REWARDBENCH;
	return MEED_SHAPE_AUTO;
}

/* A prompt with rated responses, or with one that is good or bad. */
static enum meed_shape find_rated(const struct meed_keys *k)
{
	if (k->e[MEED_K_RESPONSE] && is_number(k, MEED_K_HELPFULNESS) &&
	    meed_json_get(k->root, "correctness"))
		return MEED_SHAPE_HELPSTEER2;
	if (k->e[MEED_K_RESPONSE_1] && meed_json_get(k->root, "preference_strength"))
		return MEED_SHAPE_HELPSTEER2_PREFERENCE;
	if (k->e[MEED_K_COMPLETION] && type_of(k, MEED_K_LABEL) == json_type_boolean)
		return MEED_SHAPE_TRL;
	if (is_list(k, MEED_K_COMPLETIONS) && is_list(k, MEED_K_LABELS))
		return MEED_SHAPE_TRL;
	return MEED_SHAPE_AUTO;
}

enum meed_shape meed_find_bench(const struct meed_keys *k)
{
	if (k->e[MEED_K_CHOSEN])
		return find_preference(k);
	if (k->e[MEED_K_RESPONSE1] && is_list(k, MEED_K_CONTEXT) &&
	    meed_json_get(k->root, "overall_preference"))
		return MEED_SHAPE_HELPSTEER3;
	if (k->e[MEED_K_BON_BEST] && meed_json_get(k->root, "loser_list"))
		return MEED_SHAPE_RMB_BON;
	if (k->e[MEED_K_RESPONSE_A] && is_text(k, MEED_K_QUESTION) && is_text(k, MEED_K_LABEL))
		return MEED_SHAPE_JUDGEBENCH;
	if (k->e[MEED_K_OUTPUT_1] && is_text(k, MEED_K_INPUT) &&
	    type_of(k, MEED_K_LABEL) == json_type_int)
		return MEED_SHAPE_LLMBAR;
	if (k->e[MEED_K_RESPONSE1] && is_text(k, MEED_K_INSTRUCTION) &&
	    meed_json_get(k->root, "annotator1"))
		return MEED_SHAPE_PANDALM;
	if (is_list(k, MEED_K_ORIGINAL_PROCESS) && meed_json_get(k->root, "modified_process"))
		return MEED_SHAPE_PRMBENCH;
	if (is_list(k, MEED_K_CODE) && is_text(k, MEED_K_QUESTION) &&
	    meed_json_get(k->root, "pred_score"))
		return MEED_SHAPE_BON_MATH;
	return k->e[MEED_K_PROMPT] ? find_rated(k) : MEED_SHAPE_AUTO;
}

/* ---- fields ------------------------------------------------------------------------------- */

struct json_object *meed_bench_see(const struct meed_bench *b, const char *key)
{
	return meed_json_get(b->r->root, key);
}

struct json_object *meed_bench_take(struct meed_bench *b, const char *key)
{
	struct lh_entry *e = lh_table_lookup_entry(json_object_get_object(b->r->root), key);

	if (!e)
		return NULL;
	if (meed_entry_val(e) && b->n_taken < MEED_BENCH_TAKEN)
		b->taken[b->n_taken++] = e;
	return meed_entry_val(e);
}

int32_t meed_bench_fail(const struct meed_bench *b, const char *key, const char *what)
{
	return meed_err_set(b->r->err, MEED_E_SAMPLE, "%s: %s %s", b->name, key, what);
}

static const char *type_name(enum json_type t)
{
	switch (t) {
	case json_type_array:
		return "a list";
	case json_type_object:
		return "an object";
	case json_type_int:
		return "a whole number";
	default:
		return "a text";
	}
}

int32_t meed_bench_need(struct meed_bench *b, const char *key, enum json_type type,
			struct json_object **ret)
{
	struct json_object *v = meed_bench_take(b, key);

	if (json_object_get_type(v) != type)
		return meed_err_set(b->r->err, MEED_E_SAMPLE, "%s: %s is %s, expected %s", b->name,
				    key,
				    json_object_object_get_ex(b->r->root, key, NULL)
					    ? meed_json_kind(v) : "missing",
				    type_name(type));
	*ret = v;
	return MEED_OK;
}

int32_t meed_bench_text(struct meed_bench *b, const char *key, meed_str *ret)
{
	enum json_type t = json_object_get_type(meed_bench_see(b, key));

	if (ret->n || (t != json_type_string && t != json_type_int))
		return MEED_OK;
	return meed_scalar_text(b->r, meed_bench_take(b, key), ret);
}

/* ---- labels and outputs ------------------------------------------------------------------- */

struct json_object *meed_bench_label(const struct meed_bench *b)
{
	struct json_object *label = json_object_new_object();

	return label && meed_own(b->r->p, label) ? label : NULL;
}

int32_t meed_bench_say(const struct meed_bench *b, struct json_object *label, const char *key,
		       const char *text)
{
	if (!label || !meed_json_add_str(label, key, meed_str_of(text)))
		return meed_err_nomem(b->r->err);
	return MEED_OK;
}

int32_t meed_bench_put(const struct meed_bench *b, struct json_object *label, const char *key,
		       struct json_object *v)
{
	if (!label || (v && !meed_json_add(label, key, json_object_get(v))))
		return meed_err_nomem(b->r->err);
	return MEED_OK;
}

int32_t meed_bench_flag(const struct meed_bench *b, struct json_object *label, const char *key,
			bool v)
{
	struct json_object *o = label ? json_object_new_boolean(v) : NULL;

	if (!o || !meed_json_add(label, key, o))
		return meed_err_nomem(b->r->err);
	return MEED_OK;
}

int32_t meed_bench_output(struct meed_bench *b, struct json_object *v, struct json_object *label)
{
	struct meed_shared shared;
	int32_t code = meed_make_shared(b->r, label, NULL, NULL, &shared);

	return code < 0 ? code : meed_read_responses(b->r, v, &shared);
}

int32_t meed_bench_pair(struct meed_bench *b, const char *first, const char *second, int better)
{
	const char *const keys[] = { first, second };

	for (int i = 0; i < 2; i++) {
		struct json_object *label = NULL;
		bool won = (better > 0) == (i == 0);
		const char *preference = better == 0 ? "tie" : won ? "chosen" : "rejected";
		int32_t code = MEED_OK;

		if (!json_object_object_get_ex(b->r->root, keys[i], NULL))
			return meed_bench_fail(b, keys[i], "is missing");
		if (better != MEED_BENCH_UNKNOWN) {
			label = meed_bench_label(b);
			code = meed_bench_say(b, label, "preference", preference);
		}
		if (code >= 0)
			code = meed_bench_output(b, meed_bench_take(b, keys[i]), label);
		if (code < 0)
			return code;
	}
	return MEED_OK;
}

/* ---- one row -------------------------------------------------------------------------------- */

static int32_t finish(struct meed_bench *b)
{
	struct json_object *base = NULL;
	int32_t code;

	if (type_of(b->k, MEED_K_METADATA) == json_type_object) {
		base = meed_key_val(b->k, MEED_K_METADATA);
		meed_key_take(b->k, MEED_K_METADATA);
	}
	code = meed_read_fields(b->r, b->k);
	return code < 0 ? code : meed_read_rest(b->r, b->k, base, b->taken, b->n_taken);
}

/* What the rows of TRL are of, the shape does not say. */
static const char *source_of(enum meed_shape shape)
{
	switch (shape) {
	case MEED_SHAPE_HELPSTEER2_PAIRWISE:
	case MEED_SHAPE_HELPSTEER2_PREFERENCE:
		return meed_shape_name(MEED_SHAPE_HELPSTEER2);
	case MEED_SHAPE_TRL:
		return "";
	default:
		return meed_shape_name(shape);
	}
}

/* What another shape covers, forced to be TRL's. */
static bool is_other(const struct meed_keys *k, enum meed_shape *ret)
{
	if (k->e[MEED_K_CHOSEN] || k->e[MEED_K_REJECTED])
		*ret = MEED_SHAPE_PREFERENCE;
	else if (is_list(k, MEED_K_MESSAGES))
		*ret = MEED_SHAPE_MESSAGES;
	else if (k->e[MEED_K_COMPLETIONS] && !k->e[MEED_K_LABELS])
		*ret = MEED_SHAPE_RESPONSES;
	else if (k->e[MEED_K_COMPLETION] && !k->e[MEED_K_LABEL])
		*ret = MEED_SHAPE_RESPONSES;
	else
		return false;
	return true;
}

int32_t meed_read_bench(struct meed_reading *r, struct meed_keys *k)
{
	struct meed_bench b = { .r = r, .k = k, .name = meed_shape_name(r->shape) };
	int32_t code;

	if (r->shape == MEED_SHAPE_TRL && is_other(k, &r->shape))
		return meed_read_shape(r, k);
	r->source = meed_str_of(source_of(r->shape));
	switch (r->shape) {
	case MEED_SHAPE_PRMBENCH:
		code = meed_bench_prm(&b);
		break;
	case MEED_SHAPE_BON_MATH:
		code = meed_bench_bon_math(&b);
		break;
	case MEED_SHAPE_HELPSTEER2:
	case MEED_SHAPE_HELPSTEER2_PAIRWISE:
	case MEED_SHAPE_HELPSTEER2_PREFERENCE:
	case MEED_SHAPE_HELPSTEER3:
		code = meed_bench_helpsteer(&b);
		break;
	case MEED_SHAPE_TRL:
		code = meed_bench_trl(&b);
		break;
	default:
		code = meed_bench_pairs(&b);
		break;
	}
	return code < 0 ? code : finish(&b);
}
