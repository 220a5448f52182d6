/* bench_trl.c - rows of TRL's trainers that no other shape covers: one completion that is good or
 * bad (KTO), and steps that are right or wrong (stepwise supervision). */
#include "config.h"
#include "host/sample/bench.h"

static bool is_right(struct json_object *labels, size_t step)
{
	return json_object_get_boolean(json_object_array_get_idx(labels, step - 1));
}

static int32_t check_labels(const struct meed_bench *b, struct json_object *labels, size_t n)
{
	if (json_object_get_type(labels) != json_type_array ||
	    json_object_array_length(labels) != n)
		return meed_err_set(b->r->err, MEED_E_SAMPLE,
				    "%s: labels is no list of %zu: one for each of completions",
				    b->name, n);
	for (size_t i = 0; i < n; i++)
		if (json_object_get_type(json_object_array_get_idx(labels, i)) !=
		    json_type_boolean)
			return meed_bench_fail(b, "labels", "holds what is neither true nor false");
	return MEED_OK;
}

static int32_t stepwise(struct meed_bench *b)
{
	struct json_object *labels = meed_bench_take(b, "labels"), *texts, *label;
	int32_t code = meed_bench_need(b, "completions", json_type_array, &texts);
	bool all = true;
	size_t n;

	if (code < 0)
		return code;
	n = json_object_array_length(texts);
	code = check_labels(b, labels, n);
	if (code >= 0)
		code = meed_read_prompt(b->r, "prompt", meed_bench_take(b, "prompt"));
	for (size_t i = 1; code >= 0 && i <= n; i++)
		all &= is_right(labels, i);
	if (code >= 0) {
		label = meed_bench_label(b);
		code = meed_bench_flag(b, label, "is_correct", all);
	}
	return code < 0 ? code
			: meed_bench_steps(b, "completions", texts, labels, is_right, label);
}

static int32_t unpaired(struct meed_bench *b)
{
	struct json_object *label = meed_bench_label(b), *good = meed_bench_take(b, "label");
	int32_t code;

	if (json_object_get_type(good) != json_type_boolean)
		return meed_bench_fail(b, "label", "is neither true nor false");
	code = meed_bench_say(b, label, "preference",
			      json_object_get_boolean(good) ? "chosen" : "rejected");
	if (code >= 0)
		code = meed_read_prompt(b->r, "prompt", meed_bench_take(b, "prompt"));
	return code < 0 ? code : meed_bench_output(b, meed_bench_take(b, "completion"), label);
}

int32_t meed_bench_trl(struct meed_bench *b)
{
	if (meed_bench_see(b, "labels") && meed_bench_see(b, "completions"))
		return stepwise(b);
	if (json_object_object_get_ex(b->r->root, "completion", NULL))
		return unpaired(b);
	return meed_err_set(b->r->err, MEED_E_SAMPLE,
			    "trl: the row has neither chosen and rejected, completion(s) nor "
			    "messages");
}
