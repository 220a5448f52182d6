/* bench_prm.c - PRMBench: which steps of a solution are wrong. */
#include "config.h"
#include "host/eval/bench.h"

#include <math.h>
#include <stdlib.h>

#include <json-c/json.h>

/* Song et al. 2025, arXiv 2501.03124; ssmisya/PRMBench, mr_eval/tasks/prmtest_classified/task.py. A
 * step is called right if its score is above the threshold; right steps are the positive class.
 * PRMScore = 0.5 F1 + 0.5 F1 of the wrong steps; the total is over the steps of all classes. The
 * original processes of the class "redundency" (so spelt there) are a class of their own,
 * "correct", which is in no total. */
enum {
	TP2,
	F_DEN,
	TN2,
	N_DEN,
	SAME,
	STEPS,
	FIRST,
	HAS_ERROR,
	RIGHT_OK,
	RIGHT_N,
	WRONG_OK,
	WRONG_N,
	N_CH
};

static const struct {
	const char *group, *name;
} classes[] = { { "Simplicity", "redundency" },		 { "Simplicity", "circular" },
		{ "Soundness", "counterfactual" },	 { "Soundness", "step_contradiction" },
		{ "Soundness", "domain_inconsistency" }, { "Soundness", "confidence" },
		{ "Sensitivity", "missing_condition" },	 { "Sensitivity", "deception" },
		{ "Sensitivity", "multi_solutions" } };

#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))

/* Whether a step is right by its label; a step without one is. */
static bool step_right(struct json_object *label)
{
	double x;

	if (meed_scored_num(meed_scored_get(label, "is_correct"), &x))
		return x > 0.5;
	return !meed_str_eq(meed_scored_str(meed_scored_get(label, "correctness")),
			    MEED_STR("error"));
}

static bool is_original(const struct meed_scored_output *o)
{
	struct json_object *p = meed_scored_get(o->label, "process");
	meed_str s = meed_scored_str(p ? p : meed_scored_get(o->label, "process_type"));

	return s.n >= 8 && memcmp(s.p, "original", 8) == 0;
}

static void count_steps(const struct meed_scored_output *o, double threshold, double ch[N_CH],
			uint32_t *ret_flags)
{
	bool before = false;

	for (size_t i = 0; i < o->n_steps; i++) {
		const struct meed_scored_reward *w = &o->step_rewards[i];
		bool right = step_right(o->step_labels[i]), known = w->present && w->valid;
		/* what has no score is called the wrong thing */
		bool said = known ? w->score > threshold : !right;

		if (!known)
			*ret_flags |= MEED_ITEM_ERROR;
		ch[TP2] += right && said ? 2 : 0;
		ch[F_DEN] += right + said;
		ch[TN2] += !right && !said ? 2 : 0;
		ch[N_DEN] += !right + !said;
		ch[SAME] += right == said;
		ch[STEPS]++;
		ch[RIGHT_OK] += right && said;
		ch[RIGHT_N] += right;
		ch[WRONG_OK] += !right && !said;
		ch[WRONG_N] += !right;
		if (!right && !before) {
			before = true;
			ch[HAS_ERROR] = 1;
			ch[FIRST] = !said;
		}
	}
}

static int32_t take(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	double threshold = isnan(e->o.threshold) ? 0.5 : e->o.threshold;
	meed_str class = meed_sample_subset(e, s, "classification");
	bool redundant = meed_str_eq(class, MEED_STR("redundency"));
	size_t taken = 0;
	int32_t r = MEED_OK;

	for (size_t i = 0; i < s->n_outs && r >= 0; i++) {
		const struct meed_scored_output *o = &s->outs[i];
		bool original = is_original(o);
		double ch[N_CH] = { 0 };
		uint32_t flags = 0, at;

		taken += o->n_steps > 0;
		if (!o->n_steps || (original && !redundant))
			continue;
		count_steps(o, threshold, ch, &flags);
		r = meed_tally_subset(e->t, original ? MEED_STR("correct") : class, err, &at);
		if (r >= 0)
			r = meed_tally_add(e->t, at, meed_sample_id(s) + original,
					   meed_sample_cluster(s), flags, ch, err);
	}
	e->n_unlabelled += !taken;
	return r;
}

/* Whether a class has any wrong step at all: F1 of the wrong steps means nothing else. */
static bool has_wrong(const struct meed_eval *e, const uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = e->t->first[v[i]]; k < e->t->first[v[i] + 1]; k++)
			if (e->t->sums[k * (N_CH + 1) + WRONG_N] > 0)
				return true;
	return false;
}

static struct meed_row_plan *prm_row(struct meed_eval *e, struct meed_table_plan *t,
				     const char *name, bool strong, const uint32_t *v, size_t n)
{
	struct meed_row_plan *row = meed_plan_row(t, name, strong, v, n);
	bool wrong = has_wrong(e, v, n);
	uint32_t both[2];

	if (!row)
		return NULL;
	both[0] = row->fig[1] = meed_figs_ratio(&e->figs, TP2, F_DEN, v, n);
	both[1] = meed_figs_ratio(&e->figs, TN2, N_DEN, v, n);
	if (wrong)
		row->fig[2] = both[1];
	row->fig[0] = meed_figs_combine(&e->figs, MEED_FIG_MEAN, both, NULL, wrong ? 2 : 1);
	row->fig[3] = meed_figs_ratio(&e->figs, SAME, STEPS, v, n);
	row->fig[4] = meed_figs_ratio(&e->figs, RIGHT_OK, RIGHT_N, v, n);
	row->fig[5] = meed_figs_ratio(&e->figs, WRONG_OK, WRONG_N, v, n);
	row->fig[6] = meed_figs_ratio(&e->figs, FIRST, HAS_ERROR, v, n);
	return row;
}

static bool is_class(const char *name)
{
	for (size_t i = 0; i < N_CLASSES; i++)
		if (strcmp(classes[i].name, name) == 0)
			return true;
	return false;
}

/* The classes of one group from *i on, and the group: the mean of their PRMScores. */
static bool group(struct meed_eval *e, struct meed_table_plan *t, size_t *i)
{
	const char *name = classes[*i].group;
	uint32_t figs[N_CLASSES], subsets[N_CLASSES];
	struct meed_row_plan *row;
	size_t n = 0;

	for (; *i < N_CLASSES && strcmp(classes[*i].group, name) == 0; ++*i) {
		uint32_t s = meed_tally_find(e->t, meed_str_of(classes[*i].name));

		if (s == UINT32_MAX)
			continue;
		row = prm_row(e, t, classes[*i].name, false, &s, 1);
		if (!row)
			return false;
		figs[n] = row->fig[0];
		subsets[n++] = s;
	}
	if (!n)
		return true;
	row = meed_plan_row(t, name, true, subsets, n);
	if (row)
		row->fig[0] = meed_figs_combine(&e->figs, MEED_FIG_MEAN, figs, NULL, n);
	return row != NULL;
}

static int32_t layout(struct meed_eval *e, struct meed_err *err)
{
	static const char *const cols[][2] = {
		{ "prmscore", "PRMScore" },	  { "f1", "F1" },
		{ "f1_wrong", "F1 wrong" },	  { "steps", "steps" },
		{ "right_steps", "right steps" }, { "wrong_steps", "wrong steps" },
		{ "first_error", "first error" }
	};
	struct meed_table_plan *t = meed_plan_table(e, "prmbench", "PRMBench", "class");
	uint32_t *all = calloc(e->t->n_names + 1, sizeof(*all));
	size_t n = 0;
	bool ok = all != NULL;

	for (size_t i = 0; i < sizeof(cols) / sizeof(cols[0]); i++)
		meed_plan_column(t, cols[i][0], cols[i][1], true);
	t->counts = t->plot = true;
	t->caption =
		"PRMScore: mean of the F1 of right and of wrong steps (of right steps alone where "
		"a "
		"class has no wrong one); groups are means of classes, the total is over all "
		"steps; "
		"steps, right steps, wrong steps, first error: how many are called what they are.";
	for (size_t i = 0; ok && i < N_CLASSES;)
		ok = group(e, t, &i);
	for (uint32_t s = 0; ok && s < e->t->n_names; s++) {
		bool correct = strcmp(e->t->names[s], "correct") == 0;

		if (!is_class(e->t->names[s]))
			ok = prm_row(e, t, e->t->names[s], false, &s, 1) != NULL;
		if (!correct || e->t->n_names == 1)
			all[n++] = s;
	}
	if (ok)
		ok = prm_row(e, t, "total", true, all, n) != NULL;
	free(all);
	if (!ok)
		return meed_err_nomem(err);
	if (!e->n_unlabelled)
		return MEED_OK;
	return meed_eval_note(e, err, "%llu samples have no steps and are in no figure",
			      (unsigned long long)e->n_unlabelled);
}

const struct meed_eval_bench meed_eval_on_prmbench = {
	.info = { "prmbench", "prmbench", "PRMBench: PRMScore of step scores, by class of error",
		  "Song et al. 2025, arXiv 2501.03124; ssmisya/PRMBench, "
		  "prmtest_classified/task.py",
		  false },
	.n_ch = N_CH,
	.take = take,
	.layout = layout
};
