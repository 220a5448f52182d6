/* bench_points.c - scores against numeric labels: HelpSteer's ratings, and any file of labelled
 * outputs. */
#include "config.h"
#include "host/eval/bench.h"
#include "host/eval/points.h"

#include <math.h>
#include <stdlib.h>

#include "host/sample/sample.h"

struct point {
	uint64_t id, cluster;
	uint32_t subset;
	bool error;
	double score, label;
};

struct meed_points {
	struct point *v;
	size_t n, cap;
	uint64_t n_errors;
};

struct meed_points *meed_points_new(void)
{
	return calloc(1, sizeof(struct meed_points));
}

void meed_points_free(struct meed_points *p)
{
	if (!p)
		return;
	free(p->v);
	free(p);
}

size_t meed_points_count(const struct meed_points *p)
{
	return p->n;
}

uint64_t meed_points_errors(const struct meed_points *p)
{
	return p->n_errors;
}

/* ---- samples in ---------------------------------------------------------------------------- */

static int32_t add(struct meed_eval *e, const struct meed_scored *s, size_t i, meed_str subset,
		   double label, struct meed_err *err)
{
	struct meed_points *p = e->points;
	const struct meed_scored_output *o = &s->outs[i];
	uint32_t at;
	int32_t r = meed_tally_subset(e->t, subset, err, &at);

	if (r < 0)
		return r;
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 256, bytes;
		struct point *v;

		if (meed_mul_overflow(cap, sizeof(*v), &bytes) || !(v = realloc(p->v, bytes)))
			return meed_err_nomem(err);
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = (struct point){ .id = meed_sample_id(s) * 31 + i,
				       .cluster = meed_sample_cluster(s),
				       .subset = at,
				       .error = !meed_has_score(o),
				       .score = o->reward.score,
				       .label = label };
	p->n_errors += !meed_has_score(o);
	return MEED_OK;
}

static int32_t take_any(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	const char *at = e->o.label_at ? e->o.label_at : "/score";
	int32_t r = MEED_OK;

	for (size_t i = 0; i < s->n_outs && r >= 0; i++) {
		double label = 0;
		bool right;

		if (meed_scored_num(meed_json_pointer(s->outs[i].label, at), &label))
			r = add(e, s, i, meed_sample_subset(e, s, "subset"), label, err);
		else if (!e->o.label_at && meed_label_right(&s->outs[i], &right))
			r = add(e, s, i, meed_sample_subset(e, s, "subset"), right, err);
		else
			e->n_unlabelled++;
	}
	return r;
}

static int32_t take_helpsteer(struct meed_eval *e, const struct meed_scored *s,
			      struct meed_err *err)
{
	static const char *const keys[] = { "helpfulness", "correctness", "coherence", "complexity",
					    "verbosity" };
	int32_t r = MEED_OK;

	for (size_t i = 0; i < s->n_outs; i++) {
		size_t found = 0;

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]) && r >= 0; k++) {
			double label;

			if (!meed_scored_num(meed_scored_get(s->outs[i].label, keys[k]), &label))
				continue;
			found++;
			r = add(e, s, i, meed_str_of(keys[k]), label, err);
		}
		e->n_unlabelled += !found;
		if (r < 0)
			break;
	}
	return r;
}

/* ---- figures
 * ------------------------------------------------------------------------------------- */

/* Points of one row, by cluster. */
struct cloud {
	const struct point **v;
	size_t n; /* without errors */
	size_t *first, n_clusters;
	size_t n_errors;
	double *x, *y; /* scratch of `room` each */
	size_t room;
	bool binary, unit; /* labels are 0 and 1; scores lie in [0, 1] */
	size_t n_bins;
};

static int by_cluster(const void *a, const void *b)
{
	const struct point *x = *(const struct point *const *)a,
			   *y = *(const struct point *const *)b;

	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void cloud_release(struct cloud *c)
{
	free(c->v);
	free(c->first);
	free(c->x);
	free(c->y);
}

static bool is(double x, double y)
{
	return !(x < y) && !(x > y);
}

static int32_t cloud_init(struct cloud *c, const struct meed_points *p, uint32_t subset,
			  struct meed_err *err)
{
	size_t biggest = 0;

	*c = (struct cloud){ .binary = true, .unit = true };
	c->v = calloc(p->n + 1, sizeof(*c->v));
	if (!c->v)
		return meed_err_nomem(err);
	for (size_t i = 0; i < p->n; i++) {
		const struct point *q = &p->v[i];

		if (subset != UINT32_MAX && q->subset != subset)
			continue;
		if (q->error) {
			c->n_errors++;
			continue;
		}
		c->v[c->n++] = q;
		c->binary &= is(q->label, 0) || is(q->label, 1);
		c->unit &= !(q->score < 0) && !(q->score > 1);
	}
	qsort(c->v, c->n, sizeof(*c->v), by_cluster);
	c->first = calloc(c->n + 2, sizeof(*c->first));
	if (!c->first)
		return meed_err_nomem(err);
	for (size_t i = 0; i < c->n; i++)
		if (!i || c->v[i]->cluster != c->v[i - 1]->cluster)
			c->first[c->n_clusters++] = i;
	c->first[c->n_clusters] = c->n;
	for (size_t k = 0; k < c->n_clusters; k++)
		if (c->first[k + 1] - c->first[k] > biggest)
			biggest = c->first[k + 1] - c->first[k];
	/* As many draws as clusters, each as big as the biggest, is the most a replicate has. */
	c->room = c->n <= MEED_POINTS_BOOT ? c->n_clusters * biggest + 1 : c->n + 1;
	c->x = calloc(c->room, sizeof(*c->x));
	c->y = calloc(c->room, sizeof(*c->y));
	return c->x && c->y ? MEED_OK : meed_err_nomem(err);
}

/* A score says "1" above one half; ratings are met where the nearest whole number is the label. */
static double accuracy(const struct cloud *c, size_t n)
{
	size_t hits = 0;

	for (size_t i = 0; i < n; i++)
		hits += c->binary ? (c->x[i] > 0.5) == (c->y[i] > 0.5)
				  : is(round(c->x[i]), c->y[i]);
	return n ? (double)hits / (double)n : NAN;
}

static int32_t stats_of(const struct cloud *c, size_t n, double ret[MEED_P_COLS])
{
	int32_t r = MEED_OK;

	for (size_t i = 0; i < MEED_P_COLS; i++)
		ret[i] = NAN;
	ret[MEED_P_PEARSON] = meed_pearson(c->x, c->y, n);
	r = meed_spearman(c->x, c->y, n, &ret[MEED_P_SPEARMAN]);
	if (r >= 0)
		r = meed_kendall(c->x, c->y, n, &ret[MEED_P_KENDALL]);
	ret[MEED_P_ACCURACY] = accuracy(c, n);
	if (c->binary && r >= 0)
		r = meed_auc(c->x, c->y, n, &ret[MEED_P_AUC]);
	if (c->binary && c->unit && r >= 0) {
		ret[MEED_P_BRIER] = meed_brier(c->x, c->y, n);
		r = meed_ece(c->x, c->y, n, c->n_bins, NULL, &ret[MEED_P_ECE]);
	}
	return r;
}

static size_t load_all(struct cloud *c)
{
	for (size_t i = 0; i < c->n; i++) {
		c->x[i] = c->v[i]->score;
		c->y[i] = c->v[i]->label;
	}
	return c->n;
}

static size_t load_draw(struct cloud *c, struct meed_rng *g)
{
	size_t n = 0;

	for (size_t k = 0; k < c->n_clusters; k++) {
		size_t at = meed_rng_below(g, c->n_clusters);

		for (size_t i = c->first[at]; i < c->first[at + 1]; i++) {
			c->x[n] = c->v[i]->score;
			c->y[n++] = c->v[i]->label;
		}
	}
	return n;
}

static void by_formula(const struct cloud *c, const struct meed_boot *boot, const double *f,
		       double *low, double *high)
{
	double n = (double)c->n_clusters, z = meed_normal_quantile(1 - boot->alpha / 2);
	const double se[3] = { sqrt(1 / (n - 3)), sqrt(1.06 / (n - 3)), sqrt(0.437 / (n - 4)) };

	for (int i = 0; i < 3 && n > 4; i++) {
		if (isnan(f[i]))
			continue;
		low[i] = tanh(atanh(f[i]) - z * se[i]);
		high[i] = tanh(atanh(f[i]) + z * se[i]);
	}
	if (n > 0 && !isnan(f[MEED_P_ACCURACY]))
		meed_wilson(f[MEED_P_ACCURACY] * n, n, boot->alpha, &low[MEED_P_ACCURACY],
			    &high[MEED_P_ACCURACY]);
}

static int32_t by_bootstrap(struct cloud *c, const struct meed_boot *boot, const double *f,
			    double *low, double *high, struct meed_err *err)
{
	double *reps = calloc(boot->n * MEED_P_COLS + 1, sizeof(*reps)), one[MEED_P_COLS];
	struct meed_rng g;
	int32_t r = reps ? MEED_OK : meed_err_nomem(err);

	meed_rng_init(&g, boot->seed);
	for (size_t b = 0; b < boot->n && r >= 0; b++) {
		r = stats_of(c, load_draw(c, &g), one);
		for (size_t i = 0; i < MEED_P_COLS; i++)
			reps[i * boot->n + b] = one[i];
	}
	for (size_t i = 0; i < MEED_P_COLS && r >= 0; i++) {
		double *v = reps + i * boot->n;
		size_t n = 0;

		for (size_t b = 0; b < boot->n; b++)
			if (!isnan(v[b]))
				v[n++] = v[b];
		if (n && !isnan(f[i]))
			meed_percentile(v, n, boot->alpha, &low[i], &high[i]);
	}
	free(reps);
	return r == MEED_E_NOMEM ? meed_err_nomem(err) : r;
}

static int32_t one_row(const struct meed_points *p, const struct meed_eval_opts *o, uint32_t subset,
		       struct meed_err *err, double *f, double *low, double *high)
{
	struct cloud c;
	int32_t r = cloud_init(&c, p, subset, err);

	for (size_t i = 0; i < MEED_P_COLS; i++)
		f[i] = low[i] = high[i] = NAN;
	if (r < 0)
		goto out;
	c.n_bins = o->n_bins ? o->n_bins : 10;
	r = stats_of(&c, load_all(&c), f);
	if (r < 0) {
		r = meed_err_nomem(err);
		goto out;
	}
	if (!o->boot.n || !c.n)
		goto out;
	if (c.n > MEED_POINTS_BOOT)
		by_formula(&c, &o->boot, f, low, high);
	else
		r = by_bootstrap(&c, &o->boot, f, low, high, err);
	/* An output without a score is called wrong. */
	if (c.n_errors) {
		double share = (double)c.n / (double)(c.n + c.n_errors);

		f[MEED_P_ACCURACY] *= share;
		low[MEED_P_ACCURACY] *= share;
		high[MEED_P_ACCURACY] *= share;
	}
out:
	cloud_release(&c);
	return r;
}

static uint32_t n_subsets(const struct meed_points *p)
{
	uint32_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n = p->v[i].subset >= n ? p->v[i].subset + 1 : n;
	return n;
}

int32_t meed_points_figures(struct meed_points *p, const struct meed_eval_opts *o,
			    struct meed_err *err, double *ret, double *ret_low, double *ret_high)
{
	uint32_t n = n_subsets(p), rows = n + (n > 1 && strcmp(o->bench, "pointwise") == 0);
	int32_t r = MEED_OK;

	for (uint32_t i = 0; i < rows && r >= 0; i++) {
		size_t at = (size_t)i * MEED_P_COLS;

		r = one_row(p, o, i < n ? i : UINT32_MAX, err, ret + at, ret_low + at,
			    ret_high + at);
	}
	return r;
}

static int32_t layout(struct meed_eval *e, struct meed_err *err)
{
	static const char *const cols[MEED_P_COLS][2] = {
		{ "pearson", "Pearson" }, { "spearman", "Spearman" },
		{ "kendall", "tau-b" },	  { "accuracy", "accuracy" },
		{ "auc", "AUC" },	  { "brier", "Brier" },
		{ "ece", "ECE" }
	};
	struct meed_table_plan *t =
		meed_plan_table(e, "agreement", "Scores against labels", "label");
	uint32_t n = n_subsets(e->points),
		 rows = n + (n > 1 && strcmp(e->o.bench, "pointwise") == 0);
	uint32_t *all = calloc(n + 1, sizeof(*all));

	if (!all)
		return meed_err_nomem(err);
	for (size_t i = 0; i < MEED_P_COLS; i++)
		meed_plan_column(t, cols[i][0], cols[i][1], i == MEED_P_ACCURACY);
	t->counts = t->plot = true;
	t->caption = "accuracy: a score above 0.5 says 1 (labels 0 and 1), or its nearest whole "
		     "number is the "
		     "label; AUC, Brier and ECE where labels are 0 and 1, the last two of scores "
		     "in [0, 1].";
	for (size_t i = 0; i < e->points->n; i++) {
		const struct point *q = &e->points->v[i];

		e->t->counts[q->subset].n++;
		e->t->counts[q->subset].errors += q->error;
	}
	for (uint32_t i = 0; i < rows; i++) {
		bool last = i == n;
		struct meed_row_plan *row;

		if (i < n)
			all[i] = i;
		row = meed_plan_row(t, last ? "all" : e->t->names[i], last || rows == 1 || i == 0,
				    last ? all : &i, last ? n : 1);
		if (!row) {
			free(all);
			return meed_err_nomem(err);
		}
		for (uint32_t k = 0; k < MEED_P_COLS; k++)
			row->fig[k] = meed_figs_ratio(&e->figs, 0, 0, NULL, 0);
		row->strong = last || rows == 1;
	}
	free(all);
	if (!e->n_unlabelled)
		return MEED_OK;
	return meed_eval_note(e, err,
			      "%llu outputs have no numeric label there and are in no figure",
			      (unsigned long long)e->n_unlabelled);
}

/* ---- two runs ------------------------------------------------------------------------------ */

static int by_subset_id(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->subset != y->subset)
		return x->subset < y->subset ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* A pair of clouds over the same points in the same order. */
struct two {
	struct point *a, *b;
	size_t n;
};

static int32_t share(struct meed_eval *a, struct meed_eval *b, struct meed_err *err,
		     struct two *ret)
{
	struct meed_points *p = a->points, *q = b->points;
	size_t i = 0, j = 0;

	*ret = (struct two){ .a = calloc(p->n + 1, sizeof(*ret->a)),
			     .b = calloc(p->n + 1, sizeof(*ret->b)) };
	if (!ret->a || !ret->b)
		return meed_err_nomem(err);
	for (size_t k = 0; k < q->n; k++)
		q->v[k].subset = meed_tally_find(a->t, meed_str_of(b->t->names[q->v[k].subset]));
	qsort(p->v, p->n, sizeof(*p->v), by_subset_id);
	qsort(q->v, q->n, sizeof(*q->v), by_subset_id);
	while (i < p->n && j < q->n) {
		int d = by_subset_id(&p->v[i], &q->v[j]);

		if (d == 0 && !p->v[i].error && !q->v[j].error) {
			ret->a[ret->n] = p->v[i];
			ret->b[ret->n++] = q->v[j];
		}
		i += d <= 0;
		j += d >= 0;
	}
	return MEED_OK;
}

/* One label's points in both runs. */
struct contrast {
	struct cloud a, b;
	double fa[MEED_P_COLS], fb[MEED_P_COLS];
	double *reps; /* N_DIFFS rows of boot->n */
	size_t n_reps;
};

#define N_DIFFS 3 /* the correlations come first */

static int32_t contrast_init(struct contrast *x, const struct two *two, size_t from, size_t end,
			     struct meed_err *err)
{
	const struct meed_points pa = { .v = two->a + from, .n = end - from };
	const struct meed_points pb = { .v = two->b + from, .n = end - from };
	int32_t r = cloud_init(&x->a, &pa, UINT32_MAX, err);

	if (r >= 0)
		r = cloud_init(&x->b, &pb, UINT32_MAX, err);
	x->a.n_bins = x->b.n_bins = 10;
	if (r >= 0)
		r = stats_of(&x->a, load_all(&x->a), x->fa);
	if (r >= 0)
		r = stats_of(&x->b, load_all(&x->b), x->fb);
	return r;
}

/* The same draws for both runs. */
static int32_t contrast_draw(struct contrast *x, const struct meed_boot *boot)
{
	double fa[MEED_P_COLS], fb[MEED_P_COLS];
	struct meed_rng g, h;
	int32_t r = MEED_OK;

	meed_rng_init(&g, boot->seed);
	h = g;
	while (r >= 0 && x->a.n <= MEED_POINTS_BOOT && x->n_reps < boot->n) {
		r = stats_of(&x->a, load_draw(&x->a, &g), fa);
		if (r >= 0)
			r = stats_of(&x->b, load_draw(&x->b, &h), fb);
		for (size_t i = 0; i < N_DIFFS; i++)
			x->reps[i * boot->n + x->n_reps] = isnan(fa[i] - fb[i]) ? 0 : fa[i] - fb[i];
		x->n_reps++;
	}
	return r;
}

static void contrast_rows(struct contrast *x, const struct meed_boot *boot, const char *label,
			  struct meed_report_table *t)
{
	static const char *const names[N_DIFFS] = { "Pearson", "Spearman", "tau-b" };

	for (size_t i = 0; i < N_DIFFS; i++) {
		double low = NAN, high = NAN, above = 1, below = 1, p = NAN;
		double *reps = x->reps + i * boot->n;

		for (size_t k = 0; k < x->n_reps; k++) {
			above += !(reps[k] < 0);
			below += !(reps[k] > 0);
		}
		if (x->n_reps) {
			meed_percentile(reps, x->n_reps, boot->alpha, &low, &high);
			p = 2 * (above < below ? above : below) / ((double)x->n_reps + 1);
		}
		meed_table_row(t);
		meed_table_text(t, "%s", label);
		meed_table_text(t, "%s", names[i]);
		meed_table_num(t, x->fa[i]);
		meed_table_num(t, x->fb[i]);
		meed_table_interval(t, x->fa[i] - x->fb[i], low, high);
		meed_table_num(t, p > 1 ? 1 : p);
		meed_table_num(t, (double)x->a.n);
	}
}

static struct meed_report_table *compare_table(struct meed_report *rep)
{
	struct meed_report_table *t = meed_report_table(
		rep, "differences", "Differences, over the outputs that both runs scored",
		"p: twice the share of bootstrap replicates on the other side of 0.");

	meed_table_column(t, "label", "label", MEED_CELL_TEXT, 0);
	meed_table_column(t, "figure", "figure", MEED_CELL_TEXT, 0);
	meed_table_column(t, "this", "this run", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "against", "against", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "difference", "difference", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "p", "p", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
	return t;
}

int32_t meed_points_compare(struct meed_eval *a, struct meed_eval *b, struct meed_err *err,
			    struct meed_report *rep)
{
	const struct meed_boot *boot = &a->o.boot;
	double *reps = calloc(N_DIFFS * boot->n + 1, sizeof(*reps));
	struct two two = { NULL, NULL, 0 };
	struct meed_report_table *t;
	int32_t r = reps ? share(a, b, err, &two) : meed_err_nomem(err);

	if (r >= 0 && !two.n)
		r = meed_err_set(err, MEED_E_SAMPLE,
				 "the two runs have no output in common: they are "
				 "paired by the samples' ids");
	if (r < 0)
		goto out;
	t = compare_table(rep);
	for (size_t from = 0, end; r >= 0 && from < two.n; from = end) {
		struct contrast x = { .reps = reps };

		for (end = from; end < two.n && two.a[end].subset == two.a[from].subset; end++)
			;
		r = contrast_init(&x, &two, from, end, err);
		if (r >= 0)
			r = contrast_draw(&x, boot);
		if (r >= 0)
			contrast_rows(&x, boot, a->t->names[two.a[from].subset], t);
		cloud_release(&x.a);
		cloud_release(&x.b);
	}
out:
	free(two.a);
	free(two.b);
	free(reps);
	return r == MEED_E_NOMEM ? meed_err_nomem(err) : r;
}

const struct meed_eval_bench meed_eval_on_helpsteer = {
	.info = { "helpsteer", NULL,
		  "HelpSteer's ratings: correlation of scores with each attribute",
		  "Wang et al. 2024, arXiv 2406.08673 (HelpSteer2); Pearson, Spearman, Kendall",
		  false },
	.take = take_helpsteer,
	.layout = layout
};

const struct meed_eval_bench meed_eval_on_pointwise = {
	.info = { "pointwise", NULL,
		  "scores against a numeric label of any file: correlation, accuracy, calibration",
		  "Pearson, Spearman, Kendall tau-b; AUC; Brier 1950; ECE: Guo et al. 2017, arXiv "
		  "1706.04599",
		  false },
	.take = take_any,
	.layout = layout
};
