/* verdicts.c - answers of reward functions: a score with what they say about it. */
#include "config.h"
#include "remote.h"

enum {
	PARTS_MAX = 256,
	WHY_MAX = 300
};

static int shown(meed_str s)
{
	return (int)(s.n < WHY_MAX ? s.n : WHY_MAX);
}

static bool no_memory(struct reader *r)
{
	r->code = r->h->fail(r->c, MEED_E_NOMEM, "out of memory");
	return false;
}

static struct part *add_part(struct reader *r, struct answer *a, meed_str name, double score,
			     meed_str reason)
{
	char *copy;

	if (!a->parts)
		a->parts = r->h->alloc(r->c, PARTS_MAX * sizeof(*a->parts));
	copy = r->h->alloc(r->c, name.n + 1);
	if (!a->parts || !copy) {
		(void)no_memory(r);
		return NULL;
	}
	if (a->n_parts == PARTS_MAX || name.n == 0)
		return NULL;
	memcpy(copy, name.p, name.n);
	a->parts[a->n_parts] = (struct part){ copy, score, reason };
	return &a->parts[a->n_parts++];
}

/* {"rewards": [f], "scores": [f], "extra_logs": {"name": [f]}} */
static void openrlhf(struct reader *r)
{
	const meed_host *h = r->h;
	const meed_val *v = h->get(r->root, r->m->take.p), *logs = h->get(r->root, "extra_logs");
	const void *cursor = NULL;
	meed_str name;
	double x;

	if (!v && meed_eq(r->m->take, MEED_S("scores"))) {
		(void)bad(r, "the answer has no scores; take = \"rewards\" reads the rewards");
		return;
	}
	if (!read_list(r, v, r->n, r->m->take.p))
		return;
	for (size_t i = 0; i < r->n; i++) {
		r->answers[i].there = true;
		if (!read_number(r, h->at(v, i), &x, "%s[%zu]", r->m->take.p, i) ||
		    !answer_one(r, &r->answers[i], x))
			return;
	}
	for (;;) {
		const meed_val *log = h->next(logs, &cursor, &name);

		if (!cursor)
			return;
		/* what is logged for the batch as a whole is no response's */
		if (h->type(log) != MEED_T_ARR || h->len(log) != r->n)
			continue;
		for (size_t i = 0; i < r->n; i++) {
			uint32_t t = h->type(h->at(log, i));

			x = h->num(h->at(log, i), 0.0);
			if ((t == MEED_T_NUM || t == MEED_T_INT) && x - x <= 0.0)
				(void)add_part(r, &r->answers[i], name, x, MEED_S(""));
		}
	}
}

/* A bare number, or an object that has it under a key. */
static void slime(struct reader *r)
{
	const meed_val *v = r->root;
	double x;

	if (r->m->take.n) {
		if (r->h->type(v) != MEED_T_OBJ) {
			(void)bad(r, "the answer is %s: must be an object with \"%s\" (reward_key)",
				  kind_name(r->h, v), r->m->take.p);
			return;
		}
		v = r->h->get(v, r->m->take.p);
		if (!read_number(r, v, &x, "%s", r->m->take.p))
			return;
	} else if (r->h->type(v) == MEED_T_OBJ) {
		(void)bad(r, "the answer is an object: name its score in reward_key");
		return;
	} else if (!read_number(r, v, &x, "the answer")) {
		return;
	}
	r->answers[0].there = true;
	(void)answer_one(r, &r->answers[0], x);
}

/* ---- eval-protocol --------------------------------------------------------------------------- */

static bool is_false(const meed_host *h, const meed_val *v)
{
	return h->type(v) == MEED_T_BOOL && !(h->num(v, 1.0) > 0.0);
}

static bool metrics(struct reader *r, struct answer *a)
{
	const meed_val *v = r->h->get(r->root, "metrics");
	const void *cursor = NULL;
	meed_str name;

	for (;;) {
		const meed_val *e = r->h->next(v, &cursor, &name), *x = r->h->get(e, "score");
		double score;

		if (!cursor)
			return true;
		if (is_false(r->h, r->h->get(e, "is_score_valid")))
			continue;
		if (!x)
			continue;
		if (!read_number(r, x, &score, "metrics.%.*s.score",
				 (int)(name.n < 60 ? name.n : 60), name.p))
			return false;
		(void)add_part(r, a, name, score, r->h->str(r->h->get(e, "reason")));
	}
}

/* What an evaluator counts its steps by: messages, turns, names. */
struct step_index {
	uint32_t type; /* MEED_T_INT, MEED_T_STR, or MEED_T_NULL: not said */
	int64_t number;
	meed_str name;
};

static bool read_indexes(struct reader *r, const meed_val *v, size_t n, struct step_index *ret)
{
	const meed_host *h = r->h;

	for (size_t i = 0; i < n; i++) {
		const meed_val *x = h->get(h->at(v, i), "step_index");

		ret[i] = (struct step_index){ h->type(x), h->i64(x, 0), h->str(x) };
		if (ret[i].type != MEED_T_INT && ret[i].type != MEED_T_STR &&
		    ret[i].type != MEED_T_NULL)
			return bad(r,
				   "step_outputs[%zu].step_index is %s: must be an integer or a "
				   "text",
				   i, kind_name(h, x)) >= 0;
		if (ret[i].type != ret[0].type)
			return bad(r, "step_outputs[%zu].step_index is %s, unlike the first", i,
				   kind_name(h, x)) >= 0;
	}
	return true;
}

/* Which step the i-th of n entries is of: numbers tell the order, else it is that of the list. */
static bool step_place(struct reader *r, const struct step_index *v, size_t n, size_t i,
		       size_t *ret)
{
	size_t before = 0;

	for (size_t k = 0; v[i].type != MEED_T_NULL && k < n; k++) {
		bool same = v[i].type == MEED_T_INT ? v[i].number == v[k].number
						    : meed_eq(v[i].name, v[k].name);

		if (k != i && same)
			return bad(r, "step_outputs[%zu] and [%zu] have one step_index",
				   k < i ? k : i, k < i ? i : k) >= 0;
		before += v[k].number < v[i].number;
	}
	*ret = v[i].type == MEED_T_INT ? before : i;
	return true;
}

static bool step_outputs(struct reader *r, struct answer *a)
{
	const meed_val *v = r->h->get(r->root, "step_outputs");
	size_t n = r->h->len(v);
	struct step_index *index;

	if (r->h->type(v) != MEED_T_ARR || n == 0)
		return true;
	if (n > STEPS_MAX)
		return bad(r, "step_outputs has %zu entries: at most %d", n, STEPS_MAX) >= 0;
	a->steps = r->h->alloc(r->c, n * sizeof(*a->steps));
	index = r->h->alloc(r->c, n * sizeof(*index));
	if (!a->steps || !index)
		return no_memory(r);
	a->n_steps = n;
	if (!read_indexes(r, v, n, index))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		if (!step_place(r, index, n, i, &at) ||
		    !read_number(r, r->h->get(r->h->at(v, i), "base_reward"), &a->steps[at],
				 "step_outputs[%zu].base_reward", i))
			return false;
	}
	return true;
}

static void eval_protocol(struct reader *r)
{
	const meed_host *h = r->h;
	struct answer *a = &r->answers[0];
	meed_str error = h->str(h->get(r->root, "error"));
	const meed_val *valid = h->get(r->root, "is_score_valid");
	double x;

	a->reason = h->str(h->get(r->root, "reason"));
	if (h->type(r->root) != MEED_T_OBJ) {
		(void)bad(r, "the answer is %s: must be an object", kind_name(h, r->root));
		return;
	}
	if (error.n) {
		(void)bad(r, "the evaluator failed: %.*s", shown(error), error.p);
		return;
	}
	if (valid && h->type(valid) != MEED_T_BOOL) {
		(void)bad(r, "is_score_valid is %s: must be true or false", kind_name(h, valid));
		return;
	}
	if (is_false(h, valid)) {
		(void)bad(r, "the evaluator says that its score is not valid%s%.*s",
			  a->reason.n ? ": " : "", shown(a->reason), a->reason.p);
		return;
	}
	a->there = true;
	if (read_number(r, h->get(r->root, "score"), &x, "score") && answer_one(r, a, x) &&
	    metrics(r, a))
		(void)step_outputs(r, a);
}

/* ---- NeMo-Gym, open-instruct ----------------------------------------------------------------- */

static void nemo_gym(struct reader *r)
{
	const meed_host *h = r->h;
	struct answer *a = &r->answers[0];
	meed_str class = h->str(h->get(r->root, "_ng_failure_class"));
	meed_str why = h->str(h->get(r->root, "_ng_failure_judge_error"));
	const meed_val *parts = h->get(r->root, "reward_components");
	const void *cursor = NULL;
	double x;

	if (class.n) {
		(void)bad(r, "the verifier failed (%.*s)%s%.*s", shown(class), class.p,
			  why.n ? ": " : "", shown(why), why.p);
		return;
	}
	a->there = true;
	if (!read_number(r, h->get(r->root, "reward"), &x, "reward") || !answer_one(r, a, x))
		return;
	for (;;) {
		meed_str name;
		const meed_val *v = h->next(parts, &cursor, &name);

		if (!cursor)
			return;
		if (!read_number(r, v, &x, "reward_components.%.*s",
				 (int)(name.n < 60 ? name.n : 60), name.p))
			return;
		(void)add_part(r, a, name, x, MEED_S(""));
	}
}

/* {"results": [0 or 1], "runtimes": [f]}: the share of tests that passed. */
static void open_instruct(struct reader *r)
{
	const meed_val *v = r->h->get(r->root, "results");
	const meed_val *tests = request_tests(r->h, r->m, r->s, &r->items[0]);
	size_t n = r->h->len(v);
	double x, passed = 0.0;

	if (r->h->type(v) != MEED_T_ARR || n == 0) {
		(void)bad(r, "results is %s: must be a list with 0 or 1 for each test",
			  r->h->type(v) == MEED_T_ARR ? "empty" : kind_name(r->h, v));
		return;
	}
	if (r->h->type(tests) == MEED_T_ARR && r->h->len(tests) != n) {
		(void)bad(r, "%zu results for %zu tests", n, r->h->len(tests));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!read_number(r, r->h->at(v, i), &x, "results[%zu]", i))
			return;
		if (x < 0.0 || x > 1.0 || (x > 0.0 && x < 1.0)) {
			(void)bad(r, "results[%zu] is neither 0 nor 1", i);
			return;
		}
		passed += x;
	}
	r->answers[0].there = true;
	(void)answer_one(r, &r->answers[0], passed / (double)n);
}

int32_t verdicts_read(struct reader *r)
{
	switch (r->m->wire) {
	case W_OPENRLHF:
		openrlhf(r);
		break;
	case W_SLIME:
		slime(r);
		break;
	case W_EVAL_PROTOCOL:
		eval_protocol(r);
		break;
	case W_NEMO_GYM:
		nemo_gym(r);
		break;
	default:
		open_instruct(r);
		break;
	}
	return r->code;
}
