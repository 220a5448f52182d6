/* bench_rb2.c - RewardBench 2: best of four, and its Ties. */
#include "config.h"
#include "host/eval/bench.h"

#include <math.h>
#include <stdlib.h>

/* Malik et al. 2025, arXiv 2506.01937; allenai/reward-bench, rewardbench/utils.py. */

enum {
	VALUE,
	TIED_N,
	TIED,
	REF_N,
	REF,
	PAIR_N,
	PREFERRED,
	HARD,
	MARGIN,
	N_CH
};

/* What is known of one prompt of Ties: its answers, and those of its reference prompt. */
struct prompt {
	uint64_t id, cluster;
	struct half {
		bool seen, error;
		double gap;    /* worst right answer minus best wrong one */
		double spread; /* best right answer minus worst right one */
	} tied, ref;
};

struct extent {
	double low_right, high_right, high_wrong;
	size_t n_right, n_wrong, n_top, n_top_right;
	bool error;
};

static struct extent look(const struct meed_scored *s)
{
	struct extent x = { .low_right = INFINITY,
			    .high_right = -INFINITY,
			    .high_wrong = -INFINITY };
	double top = -INFINITY;

	for (size_t i = 0; i < s->n_outs; i++) {
		double v = s->outs[i].reward.score;
		int side;

		if (!meed_label_side(&s->outs[i], &side))
			continue;
		x.error |= !meed_has_score(&s->outs[i]);
		if (v > top) {
			top = v;
			x.n_top = x.n_top_right = 0;
		}
		if (!(v < top)) {
			x.n_top++;
			x.n_top_right += side > 0;
		}
		if (side > 0) {
			x.n_right++;
			x.low_right = v < x.low_right ? v : x.low_right;
			x.high_right = v > x.high_right ? v : x.high_right;
		} else {
			x.n_wrong++;
			x.high_wrong = v > x.high_wrong ? v : x.high_wrong;
		}
	}
	return x;
}

static bool is_ties(meed_str s)
{
	return s.n == 4 && strncasecmp(s.p, "ties", 4) == 0;
}

static int32_t take_ties(struct meed_eval *e, const struct meed_scored *s, const struct extent *x,
			 struct meed_err *err)
{
	bool ref = s->id.n > 4 && memcmp(s->id.p, "ref:", 4) == 0;
	bool tied = s->id.n > 5 && memcmp(s->id.p, "tied:", 5) == 0;
	size_t skip = ref ? 4 : 5;
	struct prompt *p;
	struct half *h;
	uint64_t key;
	uint32_t at;
	bool fresh;
	int32_t r;

	if (!ref && !tied) {
		e->n_alone++;
		return MEED_OK;
	}
	key = meed_hash(s->id.p + skip, s->id.n - skip, 0);
	r = meed_map_put(&e->map, key, err, &at, &fresh);
	if (r < 0)
		return r;
	if (fresh && !meed_pending_add(e, sizeof(*p)))
		return meed_err_nomem(err);
	p = (struct prompt *)e->pending + at;
	p->id = p->cluster = key;
	h = ref ? &p->ref : &p->tied;
	*h = (struct half){ .seen = true,
			    .error = x->error,
			    .gap = x->low_right - x->high_wrong,
			    .spread = x->high_right - x->low_right };
	return MEED_OK;
}

static int32_t take(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	struct extent x = look(s);
	double ch[N_CH] = { 0 };
	uint32_t at, flags = 0;
	meed_str subset;
	int32_t r;

	if (!x.n_right || !x.n_wrong) {
		e->n_unlabelled++;
		return MEED_OK;
	}
	subset = meed_sample_subset(e, s, "subset");
	if (is_ties(subset))
		return take_ties(e, s, &x, err);
	/* 1 / (how many share the best score) if the right one is among them, else 0 */
	ch[VALUE] = x.error || !x.n_top_right ? 0 : (double)x.n_top_right / (double)x.n_top;
	flags = x.error					   ? MEED_ITEM_ERROR
		: x.n_top_right && x.n_top > x.n_top_right ? MEED_ITEM_TIE
							   : 0;
	r = meed_tally_subset(e->t, subset, err, &at);
	return r < 0 ? r
		     : meed_tally_add(e->t, at, meed_sample_id(s), meed_sample_cluster(s), flags,
				      ch, err);
}

static double margin_of(double gap, double spread)
{
	double m = tanh(gap / spread - 1);

	return isnan(m) ? 0 : m;
}

static int32_t end(struct meed_eval *e, struct meed_err *err)
{
	const struct prompt *v = e->pending;
	uint32_t at;
	int32_t r = MEED_OK;

	if (e->n_pending)
		r = meed_tally_subset(e->t, MEED_STR("Ties"), err, &at);
	for (size_t i = 0; i < e->n_pending && r >= 0; i++) {
		const struct half *t = &v[i].tied, *f = &v[i].ref;
		double gap = f->gap < t->gap ? f->gap : t->gap, ch[N_CH] = { 0 };
		bool error = t->error || f->error;

		ch[TIED_N] = t->seen;
		ch[TIED] = t->seen && !t->error && t->gap > 0;
		ch[REF_N] = f->seen;
		ch[REF] = f->seen && !f->error && f->gap > 0;
		if (t->seen && f->seen) {
			ch[PAIR_N] = 1;
			ch[PREFERRED] = !error && t->gap > t->spread;
			ch[HARD] = !error && gap > t->spread;
			ch[MARGIN] = error ? 0 : margin_of(gap, t->spread);
		} else {
			e->n_alone++;
		}
		r = meed_tally_add(e->t, at, v[i].id, v[i].cluster, error ? MEED_ITEM_ERROR : 0, ch,
				   err);
	}
	return r;
}

/* 0.30 of each accuracy, 0.20 of each margin, 0.01 of the tanh: the published weights, which sum to
 * 1.01. A part that has no prompt counts as 0, as there. */
static uint32_t ties_figure(struct meed_eval *e, uint32_t s, uint32_t parts[5])
{
	static const struct {
		uint32_t num, den;
		double w;
	} part[5] = { { TIED, TIED_N, 0.30 },
		      { REF, REF_N, 0.30 },
		      { PREFERRED, PAIR_N, 0.20 },
		      { HARD, PAIR_N, 0.20 },
		      { MARGIN, PAIR_N, 0.01 } };
	double w[5];

	for (int i = 0; i < 5; i++) {
		parts[i] = meed_figs_ratio(&e->figs, part[i].num, part[i].den, &s, 1);
		w[i] = part[i].w;
	}
	return meed_figs_combine(&e->figs, MEED_FIG_SUM, parts, w, 5);
}

static int32_t ties_table(struct meed_eval *e, uint32_t s, const uint32_t parts[5])
{
	struct meed_table_plan *t = meed_plan_table(e, "ties", "Ties", "part");
	static const char *const names[5] = { "accuracy, several right answers",
					      "accuracy, one right answer (reference)",
					      "right answers closer together than to wrong ones",
					      "the same, with the reference's margin",
					      "tanh of the margins' ratio" };

	meed_plan_column(t, "value", "value", false);
	for (int i = 0; i < 5; i++) {
		struct meed_row_plan *row = meed_plan_row(t, names[i], false, &s, 1);

		if (!row)
			return MEED_E_NOMEM;
		row->fig[0] = parts[i];
	}
	t->caption = "Ties = 0.30 of each accuracy + 0.20 of each margin + 0.01 of the tanh.";
	return MEED_OK;
}

static int32_t notes(struct meed_eval *e, size_t n, struct meed_err *err)
{
	int32_t r = MEED_OK;

	if (n != 6)
		r = meed_eval_note(e, err,
				   "the score is the mean of %zu subset%s of the benchmark's 6", n,
				   n == 1 ? "" : "s");
	if (r >= 0 && e->n_alone)
		r = meed_eval_note(
			e, err,
			"%llu prompts of Ties have no partner (ids are ref:N and tied:N): their "
			"margins are in no figure",
			(unsigned long long)e->n_alone);
	if (r >= 0 && e->n_unlabelled)
		r = meed_eval_note(e, err,
				   "%llu samples lack chosen or rejected outputs and are in no "
				   "figure",
				   (unsigned long long)e->n_unlabelled);
	return r;
}

static int32_t layout(struct meed_eval *e, struct meed_err *err)
{
	struct meed_table_plan *t = meed_plan_table(e, "rewardbench2", "RewardBench 2", "subset");
	uint32_t *v = meed_subsets_sorted(e), *figs = calloc(e->t->n_names + 1, sizeof(*figs));
	uint32_t parts[5], ties = UINT32_MAX;
	struct meed_row_plan *row = NULL;
	size_t n = e->t->n_names;

	meed_plan_column(t, "score", "score", true);
	t->counts = t->without = t->plot = true;
	for (size_t i = 0; v && figs && i < n; i++) {
		row = meed_plan_row(t, e->t->names[v[i]], false, &v[i], 1);
		if (!row)
			break;
		if (is_ties(meed_str_of(row->name))) {
			figs[i] = ties_figure(e, v[i], parts);
			ties = v[i];
		} else {
			figs[i] = meed_figs_ratio(&e->figs, VALUE, MEED_CH_ITEMS, &v[i], 1);
		}
		row->fig[0] = figs[i];
	}
	if (row)
		row = meed_plan_row(t, "score", true, v, n);
	if (row)
		row->fig[0] = meed_figs_combine(&e->figs, MEED_FIG_MEAN, figs, NULL, n);
	if (row && ties != UINT32_MAX && ties_table(e, ties, parts) < 0)
		row = NULL;
	free(v);
	free(figs);
	return row ? notes(e, n, err) : meed_err_nomem(err);
}

const struct meed_eval_bench meed_eval_on_rewardbench2 = {
	.info = { "rewardbench2", "rewardbench2",
		  "RewardBench 2: best of four in five domains, and Ties",
		  "Malik et al. 2025, arXiv 2506.01937; allenai/reward-bench, utils.py", false },
	.n_ch = N_CH,
	.take = take,
	.end = end,
	.layout = layout
};
