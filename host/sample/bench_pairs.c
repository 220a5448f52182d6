/* bench_pairs.c - rows of benchmarks that say which output is better: RewardBench 1 and 2,
 * RM-Bench, RMB, JudgeBench, LLMBar, PandaLM. */
#include "config.h"
#include "host/sample/bench.h"

#define N_STYLES 3

/* ---- chosen and rejected ---------------------------------------------------------------- */

/* A label that says on which side an output is. */
static int32_t side(const struct meed_bench *b, const char *preference, struct json_object **ret)
{
	*ret = meed_bench_label(b);
	return *ret ? meed_bench_say(b, *ret, "preference", preference)
		    : meed_err_nomem(b->r->err);
}

static int32_t rewardbench(struct meed_bench *b)
{
	static const char *const keys[] = { "chosen", "rejected" };
	static const char *const models[] = { "chosen_model", "rejected_model" };
	int32_t code = meed_bench_text(b, "subset", &b->r->task_category);

	if (code >= 0)
		code = meed_read_prompt(b->r, "prompt", meed_bench_take(b, "prompt"));
	for (int i = 0; i < 2 && code >= 0; i++) {
		struct json_object *label;

		if (!json_object_object_get_ex(b->r->root, keys[i], NULL))
			return meed_bench_fail(b, keys[i], "is missing");
		code = side(b, keys[i], &label);
		if (code >= 0)
			code = meed_bench_put(b, label, "model", meed_bench_take(b, models[i]));
		if (code >= 0)
			code = meed_bench_output(b, meed_bench_take(b, keys[i]), label);
	}
	return code;
}

/* The outputs of a list; styles: RM-Bench's name for each place, or NULL. */
static int32_t all_of(struct meed_bench *b, const char *key, const char *const *styles)
{
	struct json_object *list, *label;
	int32_t code = meed_bench_need(b, key, json_type_array, &list);
	size_t n;

	if (code < 0)
		return code;
	n = json_object_array_length(list);
	if (styles ? n != N_STYLES : !n)
		return meed_bench_fail(b, key, styles ? "is no list of 3: one for each style"
						      : "is an empty list");
	for (size_t i = 0; i < n && code >= 0; i++) {
		code = side(b, key, &label);
		if (code >= 0 && styles)
			code = meed_bench_say(b, label, "style", styles[i]);
		if (code >= 0)
			code = meed_bench_output(b, json_object_array_get_idx(list, i), label);
	}
	return code;
}

static int32_t rewardbench2(struct meed_bench *b)
{
	int32_t code = meed_bench_text(b, "subset", &b->r->task_category);

	if (code >= 0)
		code = meed_read_prompt(b->r, "prompt", meed_bench_take(b, "prompt"));
	if (code >= 0)
		code = all_of(b, "chosen", NULL);
	return code < 0 ? code : all_of(b, "rejected", NULL);
}

static int32_t rmbench(struct meed_bench *b)
{
	static const char *const styles[N_STYLES] = { "concise", "detailed", "markdown" };
	int32_t code = meed_bench_text(b, "domain", &b->r->task_category);

	if (code >= 0)
		code = meed_bench_text(b, "subset", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, "prompt", meed_bench_take(b, "prompt"));
	if (code >= 0)
		code = all_of(b, "chosen", styles);
	return code < 0 ? code : all_of(b, "rejected", styles);
}

/* ---- RMB ------------------------------------------------------------------------------------ */

/* The fields of an answer's object other than the answer and its model are its metadata. */
static int32_t rest_of(const struct meed_bench *b, struct json_object *o, struct meed_output *out)
{
	struct json_object *extra = NULL;

	MEED_JSON_EACH(o, e) {
		const char *key = meed_entry_key(e);

		if (strcmp(key, "answer") == 0 || strcmp(key, "llm_name") == 0)
			continue;
		if (!extra && (!(extra = json_object_new_object()) || !meed_own(b->r->p, extra)))
			return meed_err_nomem(b->r->err);
		if (!meed_json_add_new(extra, key, json_object_get(meed_entry_val(e))))
			return meed_err_nomem(b->r->err);
	}
	if (!extra)
		return MEED_OK;
	if (!out->extra) {
		out->extra = extra;
		return MEED_OK;
	}
	if (!meed_json_add(out->extra, "row", json_object_get(extra)))
		return meed_err_nomem(b->r->err);
	return MEED_OK;
}

/* {"llm_name": ..., "answer": ...} */
static int32_t answer_of(struct meed_bench *b, const char *key, struct json_object *o,
			 const char *preference)
{
	struct json_object *label;
	size_t from = b->r->p->n_outs;
	int32_t code;

	if (json_object_get_type(o) != json_type_object ||
	    !json_object_object_get_ex(o, "answer", NULL))
		return meed_bench_fail(b, key, "is no {\"llm_name\": ..., \"answer\": ...}");
	code = side(b, preference, &label);
	if (code >= 0)
		code = meed_bench_put(b, label, "model", meed_json_get(o, "llm_name"));
	if (code >= 0)
		code = meed_bench_output(b, meed_json_get(o, "answer"), label);
	for (size_t i = from; i < b->r->p->n_outs && code >= 0; i++)
		code = rest_of(b, o, &b->r->p->outs[i]);
	return code;
}

static int32_t rmb_begin(struct meed_bench *b, const char *id)
{
	int32_t code = meed_bench_text(b, id, &b->r->id);

	if (code >= 0)
		code = meed_bench_text(b, "category_path", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, "conversation_input",
					meed_bench_take(b, "conversation_input"));
	return code;
}

static int32_t rmb_pairwise(struct meed_bench *b)
{
	int32_t code = rmb_begin(b, "pair_uid");

	if (code >= 0)
		code = answer_of(b, "chosen", meed_bench_take(b, "chosen"), "chosen");
	return code < 0 ? code : answer_of(b, "reject", meed_bench_take(b, "reject"), "rejected");
}

static int32_t rmb_bon(struct meed_bench *b)
{
	struct json_object *losers = NULL;
	int32_t code = rmb_begin(b, "bon_uid");

	if (code >= 0)
		code = answer_of(b, "bon_best", meed_bench_take(b, "bon_best"), "chosen");
	if (code >= 0)
		code = meed_bench_need(b, "loser_list", json_type_array, &losers);
	if (code >= 0 && !json_object_array_length(losers))
		return meed_bench_fail(b, "loser_list", "is an empty list");
	for (size_t i = 0; code >= 0 && i < json_object_array_length(losers); i++)
		code = answer_of(b, "loser_list", json_object_array_get_idx(losers, i), "rejected");
	return code;
}

/* ---- a pair and a verdict --------------------------------------------------------------- */

static int32_t judgebench(struct meed_bench *b)
{
	int better = MEED_BENCH_UNKNOWN;
	int32_t code;
	meed_str label;

	if (!meed_json_str(meed_bench_see(b, "label"), &label))
		return meed_bench_fail(b, "label", "is no \"A>B\", \"B>A\" or \"A=B\"");
	if (meed_str_eq(label, MEED_STR("A>B")))
		better = 1;
	else if (meed_str_eq(label, MEED_STR("B>A")))
		better = -1;
	else if (meed_str_eq(label, MEED_STR("A=B")))
		better = 0;
	else
		return meed_bench_fail(b, "label", "is no \"A>B\", \"B>A\" or \"A=B\"");
	code = meed_bench_text(b, "pair_id", &b->r->id);
	if (code >= 0)
		code = meed_bench_text(b, "source", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, "question", meed_bench_take(b, "question"));
	return code < 0 ? code : meed_bench_pair(b, "response_A", "response_B", better);
}

static int32_t llmbar(struct meed_bench *b)
{
	struct json_object *label = meed_bench_see(b, "label");
	int64_t which = json_object_get_int64(label);
	int32_t code = MEED_OK;

	if (json_object_get_type(label) != json_type_int || (which != 1 && which != 2))
		return meed_bench_fail(b, "label", "is neither 1 nor 2");
	code = meed_bench_text(b, "subset", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, "input", meed_bench_take(b, "input"));
	return code < 0 ? code : meed_bench_pair(b, "output_1", "output_2", which == 1 ? 1 : -1);
}

/* What most of the annotators say, each 0 (tie), 1 or 2. */
static int32_t majority(const struct meed_bench *b, int *ret_better)
{
	static const char *const keys[] = { "annotator1", "annotator2", "annotator3" };
	static const int better[] = { 0, 1, -1 };
	int votes[3] = { 0 }, n = 0;

	*ret_better = MEED_BENCH_UNKNOWN;
	for (int i = 0; i < 3; i++) {
		struct json_object *v = meed_bench_see(b, keys[i]);
		int64_t x = json_object_get_int64(v);

		if (!v)
			continue;
		if (json_object_get_type(v) != json_type_int || x < 0 || x > 2)
			return meed_bench_fail(b, keys[i], "is none of 0, 1 and 2");
		votes[x]++;
		n++;
	}
	for (int i = 0; i < 3; i++)
		if (2 * votes[i] > n)
			*ret_better = better[i];
	return MEED_OK;
}

static int32_t pandalm(struct meed_bench *b)
{
	int better;
	int32_t code = majority(b, &better);

	if (code >= 0)
		code = meed_bench_text(b, "idx", &b->r->id);
	if (code >= 0)
		code = meed_bench_text(b, "motivation_app", &b->r->task_category);
	if (code >= 0)
		code = meed_read_question(b->r, b->k);
	return code < 0 ? code : meed_bench_pair(b, "response1", "response2", better);
}

int32_t meed_bench_pairs(struct meed_bench *b)
{
	switch (b->r->shape) {
	case MEED_SHAPE_REWARDBENCH:
		return rewardbench(b);
	case MEED_SHAPE_REWARDBENCH2:
		return rewardbench2(b);
	case MEED_SHAPE_RMBENCH:
		return rmbench(b);
	case MEED_SHAPE_RMB_PAIRWISE:
		return rmb_pairwise(b);
	case MEED_SHAPE_RMB_BON:
		return rmb_bon(b);
	case MEED_SHAPE_JUDGEBENCH:
		return judgebench(b);
	case MEED_SHAPE_LLMBAR:
		return llmbar(b);
	default:
		return pandalm(b);
	}
}
