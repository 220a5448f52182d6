/* bench_steps.c - rows of benchmarks about mathematics: PRMBench (which step is wrong) and
 * Qwen2.5-Math's best-of-N responses; outputs with steps for these and for TRL's rows. */
#include "config.h"
#include "host/sample/bench.h"

/* ---- steps with labels ------------------------------------------------------------------- */

/* {"role", "content", "label": {"is_correct"}} */
static struct json_object *make_step(const struct meed_bench *b, struct json_object *text,
				     bool right)
{
	struct json_object *step = json_object_new_object(), *label = json_object_new_object();

	if (step && label && meed_bench_flag(b, label, "is_correct", right) >= 0 &&
	    meed_json_add_str(step, "role", MEED_STR("assistant")) &&
	    meed_json_add_new(step, "content", json_object_get(text))) {
		if (meed_json_add_new(step, "label", label))
			return step;
		label = NULL;
	}
	json_object_put(label);
	json_object_put(step);
	return NULL;
}

/* The steps as a list of messages, and all of them as one text. */
static int32_t make_steps(const struct meed_bench *b, const char *key, struct json_object *texts,
			  struct json_object *list,
			  bool (*is_right)(struct json_object *list, size_t step),
			  struct json_object **ret_steps, struct json_object **ret_text)
{
	size_t n = json_object_array_length(texts);
	struct json_object *steps = json_object_new_array();
	struct meed_buf *all = &b->r->p->scratch;

	if (!steps || !meed_own(b->r->p, steps))
		return meed_err_nomem(b->r->err);
	all->n = 0;
	all->failed = false;
	for (size_t i = 0; i < n; i++) {
		struct json_object *text = json_object_array_get_idx(texts, i), *step;
		meed_str s;

		if (!meed_json_str(text, &s))
			return meed_err_set(b->r->err, MEED_E_SAMPLE,
					    "%s: %s[%zu] is %s, expected a text", b->name, key, i,
					    meed_json_kind(text));
		if (i)
			meed_buf_putc(all, '\n');
		meed_buf_put(all, s.p, s.n);
		step = make_step(b, text, is_right(list, i + 1));
		if (!step || json_object_array_add(steps, step) != 0) {
			json_object_put(step);
			return meed_err_nomem(b->r->err);
		}
	}
	*ret_steps = steps;
	*ret_text = all->failed ? NULL
				: json_object_new_string_len(all->n ? all->p : "", (int)all->n);
	if (!*ret_text || !meed_own(b->r->p, *ret_text))
		return meed_err_nomem(b->r->err);
	return MEED_OK;
}

int32_t meed_bench_steps(struct meed_bench *b, const char *key, struct json_object *texts,
			 struct json_object *list,
			 bool (*is_right)(struct json_object *list, size_t step),
			 struct json_object *label)
{
	struct meed_place in = { .key = "output" };
	struct meed_place at = { .in = &in, .index = b->r->p->n_outs };
	struct meed_place in_steps = { .in = &at, .key = "steps" };
	struct json_object *steps = NULL, *text = NULL;
	size_t from = b->r->p->n_outs;
	int32_t code = make_steps(b, key, texts, list, is_right, &steps, &text);

	if (code >= 0)
		code = meed_bench_output(b, text, label);
	return code < 0 ? code : meed_read_steps(b->r, &in_steps, steps, &b->r->p->outs[from]);
}

/* ---- PRMBench --------------------------------------------------------------------------- */

/* Whether the list of wrong steps, which are counted from 1, does not have that one. */
static bool is_right(struct json_object *errors, size_t step)
{
	for (size_t i = 0; i < json_object_array_length(errors); i++)
		if (json_object_get_int64(json_object_array_get_idx(errors, i)) == (int64_t)step)
			return false;
	return true;
}

static int32_t process_label(const struct meed_bench *b, const char *process, bool right,
			     bool compared, struct json_object **ret)
{
	struct json_object *label = meed_bench_label(b);
	int32_t code = label ? MEED_OK : meed_err_nomem(b->r->err);

	if (code >= 0 && compared)
		code = meed_bench_say(b, label, "preference", right ? "chosen" : "rejected");
	if (code >= 0)
		code = meed_bench_say(b, label, "process", process);
	if (code >= 0)
		code = meed_bench_flag(b, label, "is_correct", right);
	*ret = label;
	return code;
}

/* errors: the wrong steps; empty: none. compared: the other process has an error that this one has
 * not, or the other way round. */
static int32_t add_process(struct meed_bench *b, const char *key, const char *process,
			   struct json_object *errors, bool compared)
{
	struct json_object *texts, *label = NULL;
	int32_t code = meed_bench_need(b, key, json_type_array, &texts);

	if (code >= 0)
		code = process_label(b, process, !json_object_array_length(errors), compared,
				     &label);
	return code < 0 ? code : meed_bench_steps(b, key, texts, errors, is_right, label);
}

static int32_t check_errors(struct meed_bench *b, struct json_object *errors)
{
	if (json_object_get_type(errors) != json_type_array)
		return meed_bench_fail(b, "error_steps", "is no list of steps' numbers");
	for (size_t i = 0; i < json_object_array_length(errors); i++) {
		struct json_object *e = json_object_array_get_idx(errors, i);

		if (json_object_get_type(e) != json_type_int || json_object_get_int64(e) < 1)
			return meed_bench_fail(b, "error_steps",
					       "holds what is no step's number, counted from 1");
	}
	return MEED_OK;
}

int32_t meed_bench_prm(struct meed_bench *b)
{
	struct json_object *errors = meed_bench_see(b, "error_steps");
	struct json_object *none = json_object_new_array();
	const char *question = "modified_question";
	bool compared;
	int32_t code;

	if (!none || !meed_own(b->r->p, none))
		return meed_err_nomem(b->r->err);
	code = check_errors(b, errors);
	if (code < 0)
		return code;
	compared = json_object_array_length(errors) > 0;
	if (!meed_bench_see(b, question))
		question = meed_bench_see(b, "question") ? "question" : "original_question";
	code = meed_bench_text(b, "idx", &b->r->id);
	if (code >= 0)
		code = meed_bench_text(b, "classification", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, question, meed_bench_take(b, question));
	if (code >= 0)
		code = add_process(b, "original_process", "original", none, compared);
	return code < 0 ? code
			: add_process(b, "modified_process", "modified", errors, compared);
}

/* ---- Qwen2.5-Math, best of N ------------------------------------------------------------ */

/* A list with one item a response, or NULL. */
static int32_t beside(struct meed_bench *b, const char *key, size_t n, struct json_object **ret)
{
	struct json_object *v = meed_bench_see(b, key);

	*ret = NULL;
	if (!v)
		return MEED_OK;
	if (json_object_get_type(v) != json_type_array || json_object_array_length(v) != n)
		return meed_err_set(b->r->err, MEED_E_SAMPLE,
				    "%s: %s is no list of %zu: one for each item of code", b->name,
				    key, n);
	*ret = meed_bench_take(b, key);
	return MEED_OK;
}

static struct json_object *item(struct json_object *list, size_t i)
{
	return list ? json_object_array_get_idx(list, i) : NULL;
}

/* A score, or the one score in a list. */
static struct json_object *one_score(struct json_object *v)
{
	if (json_object_get_type(v) == json_type_array && json_object_array_length(v) == 1)
		return json_object_array_get_idx(v, 0);
	return v;
}

int32_t meed_bench_bon_math(struct meed_bench *b)
{
	struct json_object *code_list, *pred, *right, *score, *gold = meed_bench_take(b, "gt");
	int32_t code = meed_bench_need(b, "code", json_type_array, &code_list);
	size_t n = code < 0 ? 0 : json_object_array_length(code_list);

	if (code >= 0 && !n)
		return meed_bench_fail(b, "code", "is an empty list");
	if (code >= 0)
		code = beside(b, "score", n, &right);
	if (code >= 0)
		code = beside(b, "pred", n, &pred);
	if (code >= 0)
		code = beside(b, "pred_score", n, &score);
	if (code >= 0)
		code = meed_bench_text(b, "idx", &b->r->id);
	if (code >= 0)
		code = meed_bench_text(b, "level", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, "question", meed_bench_take(b, "question"));
	for (size_t i = 0; i < n && code >= 0; i++) {
		struct json_object *label = meed_bench_label(b);

		code = meed_bench_put(b, label, "reference", gold);
		if (code >= 0)
			code = meed_bench_put(b, label, "is_correct", item(right, i));
		if (code >= 0)
			code = meed_bench_put(b, label, "prediction", item(pred, i));
		if (code >= 0)
			code = meed_bench_put(b, label, "score", one_score(item(score, i)));
		if (code >= 0)
			code = meed_bench_output(b, json_object_array_get_idx(code_list, i), label);
	}
	return code;
}
