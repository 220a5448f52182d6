/* bench_pandalm.c - PandaLM: first, second or tie, against what most annotators say. */
#include "config.h"
#include "host/eval/bench.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "host/sample/sample.h"

/* Wang et al. 2024, arXiv 2306.05087: accuracy over three classes, and F1 as the mean of the
 * classes' own. */
enum {
	AGREE,
	TP2,
	F_DEN = TP2 + 3,
	N_CH = F_DEN + 3
};

/* 0 a tie, 1 the first, 2 the second, -1 nothing. */
static int from_text(meed_str s)
{
	static const struct {
		const char *text;
		int v;
	} known[] = { { "0", 0 },   { "1", 1 },	  { "2", 2 },	{ "Tie", 0 },
		      { "tie", 0 }, { "TIE", 0 }, { "A>B", 1 }, { "B>A", 2 },
		      { "A=B", 0 }, { "A", 1 },	  { "B", 2 } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (meed_str_eq(s, meed_str_of(known[i].text)))
			return known[i].v;
	return -1;
}

static int verdict_of(const struct meed_eval *e, const struct meed_scored *s)
{
	double a, b;

	if (e->o.verdict_at) {
		struct json_object *v = meed_json_pointer(s->root, e->o.verdict_at);
		double x;

		if (json_object_get_type(v) == json_type_string)
			return from_text(meed_scored_str(v));
		return meed_scored_num(v, &x) && x > -0.5 && x < 2.5 ? (int)(x + 0.5) : -1;
	}
	if (s->n_outs != 2 || !meed_has_score(&s->outs[0]) || !meed_has_score(&s->outs[1]))
		return -1;
	a = s->outs[0].reward.score;
	b = s->outs[1].reward.score;
	return a > b ? 1 : a < b ? 2 : 0;
}

static int32_t take(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	double ch[N_CH] = { 0 };
	uint32_t at, flags;
	int gold, said, side;
	int32_t r;

	if (s->n_outs != 2 || !meed_label_side(&s->outs[0], &side)) {
		e->n_unlabelled++;
		return MEED_OK;
	}
	gold = side > 0 ? 1 : side < 0 ? 2 : 0;
	said = verdict_of(e, s);
	flags = said < 0 ? (uint32_t)MEED_ITEM_ERROR : 0;
	ch[AGREE] = said == gold;
	for (int c = 0; c < 3; c++) {
		ch[TP2 + c] = said == c && gold == c ? 2 : 0;
		ch[F_DEN + c] = (said == c) + (gold == c);
	}
	r = meed_tally_subset(e->t, e->o.by ? meed_sample_subset(e, s, NULL) : MEED_STR("all"), err,
			      &at);
	return r < 0 ? r
		     : meed_tally_add(e->t, at, meed_sample_id(s), meed_sample_cluster(s), flags,
				      ch, err);
}

static int32_t layout(struct meed_eval *e, struct meed_err *err)
{
	struct meed_table_plan *t = meed_plan_table(e, "pandalm", "PandaLM", "subset");
	uint32_t *v = meed_subsets_sorted(e);
	size_t n = e->t->n_names;
	struct meed_row_plan *row = NULL;
	static const char *const classes[] = { "tie", "first", "second" };

	meed_plan_column(t, "accuracy", "accuracy", true);
	meed_plan_column(t, "macro_f1", "macro F1", true);
	for (size_t c = 0; c < 3; c++)
		meed_plan_column(t, classes[c], classes[c], true);
	t->counts = true;
	t->caption = "Against what most of the annotators say; the last three columns are the F1 "
		     "of each "
		     "verdict.";
	for (size_t i = 0; v && i <= n; i++) {
		bool all = i == n;
		const uint32_t *of = all ? v : &v[i];
		size_t m = all ? n : 1;
		uint32_t f1[3];

		if (!all && n == 1)
			continue;
		row = meed_plan_row(t, all ? "all" : e->t->names[v[i]], all, of, m);
		if (!row)
			break;
		row->fig[0] = meed_figs_ratio(&e->figs, AGREE, MEED_CH_ITEMS, of, m);
		for (uint32_t c = 0; c < 3; c++)
			f1[c] = row->fig[2 + c] =
				meed_figs_ratio(&e->figs, TP2 + c, F_DEN + c, of, m);
		row->fig[1] = meed_figs_combine(&e->figs, MEED_FIG_MEAN, f1, NULL, 3);
	}
	free(v);
	if (!row)
		return meed_err_nomem(err);
	if (!e->n_unlabelled)
		return MEED_OK;
	return meed_eval_note(
		e, err,
		"%llu samples have no verdict that most annotators share and are in no "
		"figure",
		(unsigned long long)e->n_unlabelled);
}

const struct meed_eval_bench meed_eval_on_pandalm = {
	.info = { "pandalm", "pandalm", "PandaLM: agreement with its annotators, ties included",
		  "Wang et al. 2024, arXiv 2306.05087", false },
	.n_ch = N_CH,
	.take = take,
	.layout = layout
};
