/* compare.c - runs side by side. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/runs/run_file.h"

#define BINS 30
#define LENGTH_BINS 10
#define PLOT_CATEGORIES_MAX 60
#define PLOT_MEMBERS_MAX 40

typedef struct meed_run_file *const *runs;

static void put_runs(runs v, size_t n, struct meed_report *r)
{
	static const struct {
		const char *id;
		double q;
	} quantiles[] = { { "min", 0 },	   { "p5", 0.05 },  { "p25", 0.25 }, { "p50", 0.5 },
			  { "p75", 0.75 }, { "p95", 0.95 }, { "max", 1 } };
	struct meed_report_table *t = meed_report_table(
		r, "runs", "Runs",
		"errors: outputs that could not be scored, and lines that are no sample. sd: "
		"sample "
		"deviation (n - 1). Quantiles are off by less than 0.4 % of themselves.");
	size_t i, k;

	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "samples", "samples", MEED_CELL_COUNT, 0);
	meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
	meed_table_column(t, "errors", "errors", MEED_CELL_COUNT, 0);
	meed_table_column(t, "unscored", "unscored", MEED_CELL_COUNT, 0);
	meed_table_column(t, "mean", "mean", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "sd", "sd", MEED_CELL_NUMBER, 4);
	for (k = 0; k < 7; k++)
		meed_table_column(t, quantiles[k].id, quantiles[k].id, MEED_CELL_NUMBER, 3);
	for (i = 0; i < n; i++) {
		const struct meed_run_file *f = v[i];

		meed_table_row(t);
		meed_table_text(t, "%s", f->name);
		meed_table_num(t, (double)f->n_samples);
		meed_table_num(t, (double)f->score.n);
		meed_table_num(t, (double)(f->n_failed + f->n_bad));
		meed_table_num(t, (double)f->n_unscored);
		meed_table_num(t, f->score.n ? f->score.mean : NAN);
		meed_table_num(t, moments_sd(&f->score));
		for (k = 0; k < 7; k++)
			meed_table_num(t, f->score.n
						  ? meed_sketch_quantile(&f->sketch, quantiles[k].q)
						  : NAN);
	}
}

/* ---- categories ---- */

static const struct category *category_of(const struct meed_run_file *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n_categories; i++)
		if (strcmp(f->categories[i].name, name) == 0)
			return &f->categories[i];
	return NULL;
}

static bool seen_before(runs v, size_t run, const char *name)
{
	size_t i;

	for (i = 0; i < run; i++)
		if (category_of(v[i], name))
			return true;
	return false;
}

static double pair_accuracy(const struct pairs *p)
{
	return p->n ? ((double)p->right + 0.5 * (double)p->ties) / (double)p->n : NAN;
}

static void put_accuracy(struct meed_report_table *t, const struct pairs *p)
{
	double a = pair_accuracy(p), low, high;

	share_interval(a, (double)p->n, &low, &high);
	meed_table_interval(t, a, low, high);
}

static void put_category(runs v, size_t n, const char *name, bool labels,
			 struct meed_report_table *t)
{
	const char *shown = *name ? name : "(none)";
	size_t i;

	for (i = 0; i < n; i++) {
		const struct category *c = category_of(v[i], name);

		if (!c)
			continue;
		meed_table_row(t);
		meed_table_text(t, "%s", shown);
		if (n > 1)
			meed_table_text(t, "%s", v[i]->name);
		meed_table_num(t, (double)c->score.n);
		meed_table_num(t, (double)c->n_failed);
		meed_table_num(t, c->score.n ? c->score.mean : NAN);
		meed_table_num(t, moments_sd(&c->score));
		if (labels)
			put_accuracy(t, &c->pairs);
	}
}

static bool has_labels(runs v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i]->pairs.n > 0)
			return true;
	return false;
}

static size_t count_categories(runs v, size_t n)
{
	size_t i, k, count = 0;

	for (i = 0; i < n; i++)
		for (k = 0; k < v[i]->n_categories; k++)
			count += !seen_before(v, i, v[i]->categories[k].name);
	return count;
}

static void plot_categories(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_plot *p =
		meed_report_plot(r, "categories", "Mean score by category", MEED_PLOT_BARS, "",
				 "mean score, 95 % interval");
	size_t i, k;

	for (i = 0; i < n; i++) {
		meed_plot_series(p, n > 1 ? v[i]->name : "");
		for (k = 0; k < v[i]->n_categories; k++) {
			const struct category *c = &v[i]->categories[k];
			double half = 1.96 * moments_sd(&c->score) / sqrt((double)c->score.n);

			if (c->score.n > 0)
				meed_plot_point(p, *c->name ? c->name : "(none)", (double)k,
						c->score.mean, c->score.mean - half,
						c->score.mean + half);
		}
	}
}

static void put_categories(runs v, size_t n, struct meed_report *r)
{
	const size_t count = count_categories(v, n);
	const bool labels = has_labels(v, n);
	struct meed_report_table *t;
	size_t i, k;

	if (count < 2)
		return;
	t = meed_report_table(
		r, "categories", "By category",
		labels ? "accuracy: pairs of outputs of one sample whose labels differ, "
			 "the better one scored higher; a tie counts one half, a pair "
			 "without both scores counts as wrong. Intervals: Wilson, 95 %."
		       : NULL);
	meed_table_column(t, "category", "category", MEED_CELL_TEXT, 0);
	if (n > 1)
		meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
	meed_table_column(t, "errors", "errors", MEED_CELL_COUNT, 0);
	meed_table_column(t, "mean", "mean", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "sd", "sd", MEED_CELL_NUMBER, 4);
	if (labels)
		meed_table_column(t, "accuracy", "accuracy", MEED_CELL_PERCENT, 1);
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i]->n_categories; k++)
			if (!seen_before(v, i, v[i]->categories[k].name))
				put_category(v, n, v[i]->categories[k].name, labels, t);
	if (count <= PLOT_CATEGORIES_MAX)
		plot_categories(v, n, r);
}

/* ---- members ---- */

/* An instance that is scored by itself is its own only member: that says nothing. */
static size_t members_of(const struct meed_run_file *f)
{
	return f->n_members > 1 ? f->n_members : 0;
}

static void put_member(const struct meed_run_file *f, const struct member *m,
		       struct meed_report_table *t)
{
	const bool weighted = m->with_score.x.n > 0;

	meed_table_text(t, "%s", m->name);
	meed_table_num(t, (double)m->score.n);
	meed_table_num(t, (double)m->n_missing);
	meed_table_num(t, weighted ? m->weight.mean : NAN);
	meed_table_num(t, m->score.n ? m->score.mean : NAN);
	meed_table_num(t, moments_sd(&m->score));
	meed_table_num(t, weighted ? m->with_score.x.mean : NAN);
	meed_table_num(t, member_share(f, m));
}

static void plot_members(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_plot *p =
		meed_report_plot(r, "members", "Share in the variance of the score", MEED_PLOT_BARS,
				 "", "share of variance");
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (members_of(v[i]) == 0)
			continue;
		meed_plot_series(p, n > 1 ? v[i]->name : "");
		for (k = 0; k < members_of(v[i]); k++)
			meed_plot_point(p, v[i]->members[k].name, (double)k,
					member_share(v[i], &v[i]->members[k]), NAN, NAN);
	}
}

static void put_members(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t;
	size_t i, k, count = 0;
	bool weighted = false;

	for (i = 0; i < n; i++) {
		count += members_of(v[i]);
		for (k = 0; k < v[i]->n_members; k++)
			weighted |= isfinite(member_share(v[i], &v[i]->members[k]));
	}
	if (count == 0)
		return;
	t = meed_report_table(
		r, "members", "Members of the composition",
		"mean and sd: of the member's score after its transform. contribution: its part of "
		"the "
		"result. variance: the contribution's covariance with the result over the result's "
		"variance; the shares of a sum or mean add up to 100 %.");
	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "member", "member", MEED_CELL_TEXT, 0);
	meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
	meed_table_column(t, "missing", "missing", MEED_CELL_COUNT, 0);
	meed_table_column(t, "weight", "weight", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "mean", "mean", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "sd", "sd", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "contribution", "contribution", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "variance", "variance", MEED_CELL_PERCENT, 1);
	for (i = 0; i < n; i++)
		for (k = 0; k < members_of(v[i]); k++) {
			meed_table_row(t);
			meed_table_text(t, "%s", v[i]->name);
			put_member(v[i], &v[i]->members[k], t);
		}
	if (weighted && count <= PLOT_MEMBERS_MAX)
		plot_members(v, n, r);
}

/* ---- labels, lengths, errors ---- */

static void put_pairs(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t;
	size_t i;

	if (!has_labels(v, n))
		return;
	t = meed_report_table(
		r, "pairs", "Agreement with the labels",
		"Pairs of outputs of one sample whose labels differ. accuracy: the better "
		"one scored higher; a tie counts one half, a pair without both scores "
		"counts as wrong. Intervals: Wilson, 95 %.");
	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "pairs", "pairs", MEED_CELL_COUNT, 0);
	meed_table_column(t, "right", "right", MEED_CELL_COUNT, 0);
	meed_table_column(t, "ties", "ties", MEED_CELL_COUNT, 0);
	meed_table_column(t, "unscored", "unscored", MEED_CELL_COUNT, 0);
	meed_table_column(t, "accuracy", "accuracy", MEED_CELL_PERCENT, 1);
	for (i = 0; i < n; i++) {
		meed_table_row(t);
		meed_table_text(t, "%s", v[i]->name);
		meed_table_num(t, (double)v[i]->pairs.n);
		meed_table_num(t, (double)v[i]->pairs.right);
		meed_table_num(t, (double)v[i]->pairs.ties);
		meed_table_num(t, (double)v[i]->pairs.unscored);
		put_accuracy(t, &v[i]->pairs);
	}
}

static int by_length(const void *a, const void *b)
{
	const struct kept_output *x = a, *y = b;

	if (x->length < y->length || x->length > y->length)
		return x->length < y->length ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The mean score of outputs, a tenth of them at a time, shortest first. */
static bool plot_length(const struct meed_run_file *f, const char *name, struct meed_report_plot *p)
{
	struct kept_output *v = kept_sorted(&f->kept);
	size_t bin, i, from, to;

	if (!v)
		return false;
	qsort(v, f->kept.n, sizeof(*v), by_length);
	meed_plot_series(p, name);
	for (bin = 0; bin < LENGTH_BINS; bin++) {
		struct moments length = { .n = 0 }, score = { .n = 0 };
		double half;

		from = f->kept.n * bin / LENGTH_BINS;
		to = f->kept.n * (bin + 1) / LENGTH_BINS;
		for (i = from; i < to; i++) {
			moments_put(&length, v[i].length);
			moments_put(&score, v[i].score);
		}
		half = 1.96 * moments_sd(&score) / sqrt((double)score.n);
		if (score.n > 0)
			meed_plot_point(p, NULL, length.mean, score.mean, score.mean - half,
					score.mean + half);
	}
	free(v);
	return true;
}

bool run_length_spearman(const struct meed_run_file *f, double *ret)
{
	struct kept_output *v = kept_sorted(&f->kept);
	double *x = calloc(f->kept.n + 1, sizeof(*x)), *y = calloc(f->kept.n + 1, sizeof(*y));
	bool ok = v && x && y;
	size_t i;

	for (i = 0; ok && i < f->kept.n; i++) {
		x[i] = v[i].length;
		y[i] = v[i].score;
	}
	ok = ok && spearman(x, y, f->kept.n, ret);
	free(v);
	free(x);
	free(y);
	return ok;
}

static bool put_lengths(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t = meed_report_table(
		r, "lengths", "Length of outputs and score",
		"Lengths in characters. within prompts: Pearson's r of the deviations from each "
		"prompt's means, which does not see that some prompts ask for longer outputs.");
	struct meed_report_plot *p = meed_report_plot(
		r, "lengths", "Mean score by length of the output", MEED_PLOT_LINES,
		"characters (mean of each tenth)", "mean score, 95 % interval");
	double rho = NAN;
	size_t i;

	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "mean_length", "mean length", MEED_CELL_NUMBER, 1);
	meed_table_column(t, "sd_length", "sd", MEED_CELL_NUMBER, 1);
	meed_table_column(t, "pearson", "Pearson", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "spearman", "Spearman", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "within", "within prompts", MEED_CELL_NUMBER, 3);
	for (i = 0; i < n; i++) {
		const struct meed_run_file *f = v[i];

		if (!run_length_spearman(f, &rho) || !plot_length(f, n > 1 ? f->name : "", p))
			return false;
		meed_table_row(t);
		meed_table_text(t, "%s", f->name);
		meed_table_num(t, f->score.n ? f->lengths.x.mean : NAN);
		meed_table_num(t, moments_sd(&f->lengths.x));
		meed_table_num(t, comoments_r(&f->lengths));
		meed_table_num(t, rho);
		meed_table_num(t, pearson_of(f->sxx, f->syy, f->sxy));
	}
	return true;
}

static void put_errors(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t = NULL;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k <= v[i]->n_failures; k++) {
			uint64_t count = k < v[i]->n_failures ? v[i]->failures[k].n : v[i]->n_bad;

			if (count == 0)
				continue;
			if (!t) {
				t = meed_report_table(r, "errors", "Errors by kind", NULL);
				meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
				meed_table_column(t, "kind", "kind", MEED_CELL_TEXT, 0);
				meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
			}
			meed_table_row(t);
			meed_table_text(t, "%s", v[i]->name);
			meed_table_text(t, "%s",
					k < v[i]->n_failures ? v[i]->failures[k].code
							     : "line that is no sample");
			meed_table_num(t, (double)count);
		}
	}
}

void runs_files(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t = meed_report_table(r, "files", "Files", NULL);
	size_t i;

	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "scored_by", "scored by", MEED_CELL_TEXT, 0);
	meed_table_column(t, "file", "file", MEED_CELL_TEXT, 0);
	for (i = 0; i < n; i++) {
		meed_table_row(t);
		meed_table_text(t, "%s", v[i]->name);
		meed_table_text(t, "%s", v[i]->composition ? v[i]->composition : "");
		meed_table_text(t, "%s", v[i]->path);
	}
}

void runs_histogram(runs v, size_t n, struct meed_report *r)
{
	struct meed_report_plot *p;
	uint64_t counts[BINS];
	double low = NAN, high = NAN;
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (v[i]->score.n == 0)
			continue;
		low = v[i]->sketch.min >= low ? low : v[i]->sketch.min;
		high = v[i]->sketch.max <= high ? high : v[i]->sketch.max;
	}
	if (!isfinite(low) || !isfinite(high - low))
		return;
	if (!(high > low)) {
		low -= 0.5;
		high += 0.5;
	}
	p = meed_report_plot(r, "scores", "Scores", MEED_PLOT_HISTOGRAM, "score",
			     n > 1 ? "share of outputs" : "outputs");
	for (i = 0; i < n; i++) {
		if (v[i]->score.n == 0)
			continue;
		meed_plot_series(p, n > 1 ? v[i]->name : "");
		histogram_in(&v[i]->sketch, low, high, BINS, counts);
		for (k = 0; k < BINS; k++)
			meed_plot_point(p, NULL, low + (high - low) * (double)k / BINS,
					(double)counts[k] / (n > 1 ? (double)v[i]->score.n : 1),
					NAN, NAN);
	}
}

int32_t meed_runs_compare(struct meed_run_file *const *v, size_t n, struct meed_err *err,
			  struct meed_report *r)
{
	size_t i;

	put_runs(v, n, r);
	put_pairs(v, n, r);
	if (n > 1 && !runs_agree(v, n, r))
		return meed_err_nomem(err);
	put_categories(v, n, r);
	put_members(v, n, r);
	if (!put_lengths(v, n, r))
		return meed_err_nomem(err);
	runs_histogram(v, n, r);
	runs_costs(v, n, r);
	put_errors(v, n, r);
	runs_files(v, n, r);
	for (i = 0; i < n; i++)
		if (v[i]->score.n == 0)
			meed_report_note(
				r, MEED_NOTE_WARNING,
				"%s: no output has a score; score it first with `meed score -m "
				"NAME -o OUT %s`",
				v[i]->name, v[i]->path);
	return MEED_OK;
}
