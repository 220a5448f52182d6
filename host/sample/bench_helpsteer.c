/* bench_helpsteer.c - rows of HelpSteer2 (rated responses, and its preferences) and HelpSteer3. */
#include "config.h"
#include "host/sample/bench.h"

/* ---- HelpSteer2's prompts -------------------------------------------------------------------- */

static const struct {
	const char *line, *role;
} marks[] = { { "\n<extra_id_1>Assistant\n", "assistant" }, { "\n<extra_id_1>User\n", "user" } };
#define N_MARKS (sizeof(marks) / sizeof(marks[0]))

/* The first mark in the text, or the number of marks; *ret_at: where. */
static size_t find_mark(meed_str s, size_t *ret_at)
{
	size_t found = N_MARKS;

	*ret_at = s.n;
	for (size_t i = 0; i < N_MARKS; i++) {
		const char *p = memmem(s.p, s.n, marks[i].line, strlen(marks[i].line));

		if (p && (size_t)(p - s.p) < *ret_at) {
			*ret_at = (size_t)(p - s.p);
			found = i;
		}
	}
	return found;
}

/* A prompt of several turns is one text with marks before each turn but the first. */
static int32_t read_turns(struct meed_bench *b)
{
	struct json_object *v = meed_bench_take(b, "prompt");
	meed_str s, role = MEED_STR("user");
	size_t n = 1, at, mark;
	meed_msg *to;

	if (!meed_json_str(v, &s) || find_mark(s, &at) == N_MARKS)
		return meed_read_prompt(b->r, "prompt", v);
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '<';
	to = meed_arena_raw(b->r->arena, n * sizeof(*to));
	if (!to)
		return meed_err_nomem(b->r->err);
	b->r->prompt = to;
	do {
		mark = find_mark(s, &at);
		*to = (meed_msg){ role, meed_arena_dup(b->r->arena, (meed_str){ s.p, at }), NULL };
		if (!to->text.p)
			return meed_err_nomem(b->r->err);
		to++;
		if (mark < N_MARKS) {
			role = meed_str_of(marks[mark].role);
			at += strlen(marks[mark].line);
		}
		s = (meed_str){ s.p + at, s.n - at };
	} while (mark < N_MARKS);
	b->r->n_prompt = (size_t)(to - b->r->prompt);
	return MEED_OK;
}

/* ---- HelpSteer2: one rated response a row ------------------------------------------------ */

static const char *const attributes[] = { "helpfulness", "correctness", "coherence", "complexity",
					  "verbosity" };

static int32_t rating(struct meed_bench *b, const char *key, struct json_object *label)
{
	struct json_object *v = meed_bench_see(b, key);
	enum json_type t = json_object_get_type(v);

	if (!v)
		return MEED_OK;
	if (t != json_type_int && t != json_type_double)
		return meed_bench_fail(b, key, "is no number");
	return meed_bench_put(b, label, key, meed_bench_take(b, key));
}

static int32_t rated(struct meed_bench *b)
{
	struct json_object *label = meed_bench_label(b);
	int32_t code = label ? MEED_OK : meed_err_nomem(b->r->err);

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]) && code >= 0; i++)
		code = rating(b, attributes[i], label);
	if (code >= 0 && !meed_json_get(label, attributes[0]))
		return meed_bench_fail(b, attributes[0], "is missing");
	if (code >= 0)
		code = meed_bench_put(b, label, "score", meed_json_get(label, attributes[0]));
	if (code >= 0)
		code = read_turns(b);
	if (code >= 0 && !json_object_object_get_ex(b->r->root, "response", NULL))
		return meed_bench_fail(b, "response", "is missing");
	return code < 0 ? code : meed_bench_output(b, meed_bench_take(b, "response"), label);
}

static struct json_object *label_of(const struct meed_output *out)
{
	return (struct json_object *)(uintptr_t)out->cand.label;
}

static double helpfulness(const struct meed_output *out)
{
	return json_object_get_double(meed_json_get(label_of(out), attributes[0]));
}

int32_t meed_bench_compare(struct meed_reading *r)
{
	const struct meed_output *outs = r->p->outs;
	size_t n = r->p->n_outs;
	double best, worst;

	if (n < 2)
		return MEED_OK;
	best = worst = helpfulness(&outs[0]);
	for (size_t i = 1; i < n; i++) {
		double x = helpfulness(&outs[i]);

		best = x > best ? x : best;
		worst = x < worst ? x : worst;
	}
	for (size_t i = 0; i < n; i++) {
		bool won = helpfulness(&outs[i]) >= best;
		meed_str s = best <= worst ? MEED_STR("tie")
			     : won	   ? MEED_STR("chosen")
					   : MEED_STR("rejected");
		struct json_object *v;

		v = label_of(&outs[i]) ? json_object_new_string_len(s.p, (int)s.n) : NULL;
		if (!v || !meed_json_add(label_of(&outs[i]), "preference", v))
			return meed_err_nomem(r->err);
	}
	return MEED_OK;
}

/* ---- two responses and a preference ------------------------------------------------------- */

/* A number below 0 is for the first response, above 0 for the second one. */
static int32_t strength(const struct meed_bench *b, const char *key, int *ret_better)
{
	struct json_object *v = meed_bench_see(b, key);
	enum json_type t = json_object_get_type(v);
	double x = json_object_get_double(v);

	*ret_better = MEED_BENCH_UNKNOWN;
	if (!v)
		return MEED_OK;
	if (t != json_type_int && t != json_type_double)
		return meed_bench_fail(b, key, "is no number");
	*ret_better = x < 0 ? 1 : x > 0 ? -1 : 0;
	return MEED_OK;
}

static int32_t preferences(struct meed_bench *b)
{
	int better;
	int32_t code = strength(b, "preference_strength", &better);

	if (code >= 0)
		code = read_turns(b);
	return code < 0 ? code : meed_bench_pair(b, "response_1", "response_2", better);
}

static int32_t helpsteer3(struct meed_bench *b)
{
	int better;
	int32_t code = strength(b, "overall_preference", &better);

	if (code >= 0)
		code = meed_bench_text(b, "domain", &b->r->task_category);
	if (code >= 0)
		code = meed_read_prompt(b->r, "context", meed_bench_take(b, "context"));
	return code < 0 ? code : meed_bench_pair(b, "response1", "response2", better);
}

int32_t meed_bench_helpsteer(struct meed_bench *b)
{
	switch (b->r->shape) {
	case MEED_SHAPE_HELPSTEER3:
		return helpsteer3(b);
	case MEED_SHAPE_HELPSTEER2_PREFERENCE:
		return preferences(b);
	default:
		return rated(b);
	}
}
