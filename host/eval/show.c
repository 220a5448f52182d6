/* show.c - figures as a report: tables, bars, notes; differences; spread. */
#include "config.h"
#include "host/eval/bench.h"
#include "host/eval/points.h"

#include <math.h>
#include <stdlib.h>

struct row_counts {
	struct meed_counts c;
	double without; /* column 0 over clean items; NAN */
};

static struct row_counts count_row(const struct meed_eval *e, const struct meed_row_plan *row)
{
	struct row_counts r = { .without = NAN };

	for (size_t i = 0; i < row->n_subsets; i++) {
		const struct meed_counts *c = &e->t->counts[row->subsets[i]];

		r.c.n += c->n;
		r.c.errors += c->errors;
		r.c.ties += c->ties;
		r.c.clean += c->clean;
		r.c.clean_sum += c->clean_sum;
	}
	if (r.c.clean)
		r.without = r.c.clean_sum / (double)r.c.clean;
	return r;
}

/* Without errors and ties is told only where column 0 is the plain mean of channel 0. */
static bool is_plain(const struct meed_eval *e, uint32_t fig)
{
	const struct meed_fig *f = fig == MEED_FIG_NONE ? NULL : &e->figs.v[fig];

	return f && f->kind == MEED_FIG_RATIO && f->num == 0 && f->den == MEED_CH_ITEMS;
}

static void put_figure(struct meed_report_table *t, const struct meed_eval *e, uint32_t fig)
{
	if (fig == MEED_FIG_NONE || isnan(e->value[fig]))
		meed_table_missing(t);
	else
		meed_table_interval(t, e->value[fig], e->low[fig], e->high[fig]);
}

static void show_table(const struct meed_eval *e, const struct meed_table_plan *p,
		       struct meed_report *r)
{
	struct meed_report_table *t = meed_report_table(r, p->id, p->title, p->caption);

	meed_table_column(t, "name", p->first, MEED_CELL_TEXT, 0);
	for (size_t i = 0; i < p->n_cols; i++)
		meed_table_column(t, p->cols[i].id, p->cols[i].heading,
				  p->cols[i].percent ? MEED_CELL_PERCENT : MEED_CELL_NUMBER,
				  p->cols[i].digits);
	if (p->counts) {
		meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
		meed_table_column(t, "errors", "errors", MEED_CELL_COUNT, 0);
		meed_table_column(t, "ties", "ties", MEED_CELL_COUNT, 0);
	}
	if (p->without)
		meed_table_column(t, "without", "without", MEED_CELL_PERCENT, 1);
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct meed_row_plan *row = &p->rows[i];
		struct row_counts c = count_row(e, row);

		meed_table_row(t);
		if (row->strong)
			meed_table_strong(t);
		meed_table_text(t, "%s", row->name);
		for (size_t k = 0; k < p->n_cols; k++)
			put_figure(t, e, row->fig[k]);
		if (p->counts) {
			meed_table_num(t, (double)c.c.n);
			meed_table_num(t, (double)c.c.errors);
			meed_table_num(t, (double)c.c.ties);
		}
		if (p->without && is_plain(e, row->fig[0]))
			meed_table_num(t, c.without);
		else if (p->without)
			meed_table_missing(t);
	}
}

static void show_plot(const struct meed_eval *e, const struct meed_table_plan *p,
		      struct meed_report *r)
{
	struct meed_report_plot *plot =
		meed_report_plot(r, p->id, p->title, MEED_PLOT_BARS, p->first, p->cols[0].heading);

	meed_plot_series(plot, p->cols[0].heading);
	for (size_t i = 0; i < p->n_rows; i++) {
		uint32_t f = p->rows[i].fig[0];

		if (f == MEED_FIG_NONE || isnan(e->value[f]))
			continue;
		meed_plot_point(plot, p->rows[i].name, (double)i, e->value[f], e->low[f],
				e->high[f]);
	}
	if (p->cols[0].percent)
		meed_plot_range(plot, 0, 1);
}

static void show_heat(const struct meed_eval *e, const struct meed_table_plan *p,
		      struct meed_report *r)
{
	struct meed_report_plot *plot =
		meed_report_plot(r, p->id, p->title, MEED_PLOT_HEAT, "rejected", p->first);

	for (size_t i = 0; i < p->n_rows; i++) {
		meed_plot_series(plot, p->rows[i].name);
		for (size_t k = 0; k < p->n_cols; k++)
			meed_plot_point(plot, p->cols[k].heading, (double)k,
					e->value[p->rows[i].fig[k]], NAN, NAN);
	}
	meed_plot_range(plot, 0, 1);
}

int32_t meed_eval_report(struct meed_eval *e, struct meed_err *err, struct meed_report *r)
{
	struct meed_eval_counts c;

	(void)err;
	meed_eval_count(e, &c);
	meed_report_fact(r, "benchmark", "%s", e->bench->info.name);
	meed_report_fact(r, "formula", "%s", e->bench->info.source);
	meed_report_fact_num(r, "samples", (double)c.samples);
	meed_report_fact_num(r, "items", (double)c.items);
	if (e->o.boot.n)
		meed_report_fact(r, "intervals",
				 "%g %%, %s bootstrap by prompt within subsets, %zu replicates, "
				 "seed %llu",
				 100 * (1 - e->o.boot.alpha),
				 e->points || e->o.boot.percentile ||
						 e->t->n_clusters > MEED_JACK_MAX
					 ? "percentile"
					 : "BCa",
				 e->o.boot.n, (unsigned long long)e->o.boot.seed);
	for (size_t i = 0; i < e->n_tables; i++) {
		show_table(e, &e->tables[i], r);
		if (e->tables[i].plot && e->tables[i].n_rows > 1)
			show_plot(e, &e->tables[i], r);
		if (e->tables[i].heat)
			show_heat(e, &e->tables[i], r);
	}
	for (size_t i = 0; i < e->n_notes; i++)
		meed_report_note(r, MEED_NOTE_WARNING, "%s", e->notes[i].p);
	if (e->n_bad)
		meed_report_note(
			r, MEED_NOTE_ERROR, "%llu line%s no sample and in no figure; the first: %s",
			(unsigned long long)e->n_bad, e->n_bad == 1 ? " is" : "s are", e->bad);
	if (c.errors)
		meed_report_note(r, MEED_NOTE_WARNING,
				 "%llu of %llu items had no score where one was needed: they count "
				 "as wrong%s%s",
				 (unsigned long long)c.errors, (unsigned long long)c.items,
				 c.first_failure ? "; the first: " : "",
				 c.first_failure ? c.first_failure : "");
	return MEED_OK;
}

/* ---- two runs
 * ------------------------------------------------------------------------------------ */

static void diff_columns(struct meed_report_table *t, const struct meed_table_plan *p)
{
	enum meed_cell kind = p->cols[0].percent ? MEED_CELL_PERCENT : MEED_CELL_NUMBER;
	int digits = p->cols[0].digits;

	meed_table_column(t, "name", p->first, MEED_CELL_TEXT, 0);
	meed_table_column(t, "this", "this run", kind, digits);
	meed_table_column(t, "against", "against", kind, digits);
	meed_table_column(t, "difference", "difference", kind, digits);
	meed_table_column(t, "p", "p", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "p_holm", "p (Holm)", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "only_this", "only this", MEED_CELL_COUNT, 0);
	meed_table_column(t, "only_against", "only other", MEED_CELL_COUNT, 0);
	meed_table_column(t, "mcnemar", "McNemar", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "mcnemar_mid", "mid-p", MEED_CELL_NUMBER, 4);
}

static void diff_row(struct meed_report_table *t, const struct meed_eval *e,
		     const struct meed_tally *joined, const struct meed_row_plan *row,
		     const struct meed_diff *d, double holm)
{
	uint64_t b, c;
	double exact, mid;

	meed_table_row(t);
	if (row->strong)
		meed_table_strong(t);
	meed_table_text(t, "%s", row->name);
	meed_table_num(t, d->a);
	meed_table_num(t, d->b);
	meed_table_interval(t, d->a - d->b, d->low, d->high);
	meed_table_num(t, d->p);
	meed_table_num(t, holm);
	if (!is_plain(e, row->fig[0]) ||
	    !meed_tally_discordant(joined, row->subsets, row->n_subsets, &b, &c))
		return;
	meed_mcnemar(b, c, &exact, &mid);
	meed_table_num(t, (double)b);
	meed_table_num(t, (double)c);
	meed_table_num(t, exact);
	meed_table_num(t, mid);
}

static int32_t diff_table(struct meed_eval *a, const struct meed_tally *joined,
			  struct meed_err *err, struct meed_report *r)
{
	const struct meed_table_plan *p = &a->tables[0];
	struct meed_diff *d = calloc(a->figs.n + 1, sizeof(*d));
	double *holm = calloc(p->n_rows + 1, sizeof(*holm));
	struct meed_report_table *t;
	int32_t code = d && holm ? MEED_OK : meed_err_nomem(err);

	if (code >= 0)
		code = meed_tally_diffs(joined, &a->figs, &a->o.boot, err, d);
	for (size_t i = 0; i < p->n_rows && code >= 0; i++) {
		const struct meed_row_plan *row = &p->rows[i];

		holm[i] = row->strong || row->fig[0] == MEED_FIG_NONE ? NAN : d[row->fig[0]].p;
	}
	if (code >= 0 && meed_holm(holm, p->n_rows) < 0)
		code = meed_err_nomem(err);
	if (code < 0)
		goto out;
	t = meed_report_table(
		r, "differences", "Differences, over the items that both runs have",
		"p: paired permutation test of the figure; Holm: corrected over the rows that are "
		"no totals; only this, only other: items right in one run alone.");
	diff_columns(t, p);
	for (size_t i = 0; i < p->n_rows; i++)
		if (p->rows[i].fig[0] != MEED_FIG_NONE)
			diff_row(t, a, joined, &p->rows[i], &d[p->rows[i].fig[0]], holm[i]);
out:
	free(d);
	free(holm);
	return code;
}

int32_t meed_eval_compare(struct meed_eval *a, struct meed_eval *b, struct meed_err *err,
			  struct meed_report *r)
{
	struct meed_tally *joined = NULL;
	uint64_t alone[2];
	int32_t code;

	if (a->points)
		return meed_points_compare(a, b, err, r);
	code = meed_tally_join(a->t, b->t, err, &joined, alone);
	if (code >= 0 && !joined->n)
		code = meed_err_set(err, MEED_E_SAMPLE,
				    "the two runs have no item in common: items are paired by the "
				    "samples' ids");
	if (code >= 0)
		code = diff_table(a, joined, err, r);
	if (code >= 0 && (alone[0] || alone[1]))
		meed_report_note(r, MEED_NOTE_WARNING,
				 "%llu items of this run and %llu of the other have no "
				 "partner and are in no difference",
				 (unsigned long long)alone[0], (unsigned long long)alone[1]);
	meed_tally_free(joined);
	return code;
}

/* ---- several runs
 * ---------------------------------------------------------------------------------- */

static const struct meed_row_plan *row_named(const struct meed_eval *e, const char *name)
{
	for (size_t i = 0; i < e->tables[0].n_rows; i++)
		if (strcmp(e->tables[0].rows[i].name, name) == 0)
			return &e->tables[0].rows[i];
	return NULL;
}

static void spread_row(struct meed_report_table *t, struct meed_eval *const *v, size_t n,
		       const struct meed_row_plan *row)
{
	double sum = 0, squares = 0, low = INFINITY, high = -INFINITY, mean;
	size_t m = 0;

	for (int pass = 0; pass < 2; pass++) {
		mean = m ? sum / (double)m : NAN;
		for (size_t i = 0; i < n; i++) {
			const struct meed_row_plan *r = row_named(v[i], row->name);
			double x = r && r->fig[0] != MEED_FIG_NONE ? v[i]->value[r->fig[0]] : NAN;

			if (isnan(x))
				continue;
			if (pass) {
				squares += (x - mean) * (x - mean);
				continue;
			}
			m++;
			sum += x;
			low = x < low ? x : low;
			high = x > high ? x : high;
		}
	}
	meed_table_row(t);
	if (row->strong)
		meed_table_strong(t);
	meed_table_text(t, "%s", row->name);
	meed_table_num(t, (double)m);
	meed_table_num(t, mean);
	meed_table_num(t, m > 1 ? sqrt(squares / (double)(m - 1)) : NAN);
	meed_table_num(t, m ? low : NAN);
	meed_table_num(t, m ? high : NAN);
}

int32_t meed_eval_spread(struct meed_eval *const *v, size_t n, struct meed_err *err,
			 struct meed_report *r)
{
	const struct meed_table_plan *p = &v[0]->tables[0];
	enum meed_cell kind = p->cols[0].percent ? MEED_CELL_PERCENT : MEED_CELL_NUMBER;
	struct meed_report_table *t = meed_report_table(r, "spread", "Spread over runs",
							"Standard deviation with n - 1.");

	(void)err;
	meed_table_column(t, "name", p->first, MEED_CELL_TEXT, 0);
	meed_table_column(t, "runs", "runs", MEED_CELL_COUNT, 0);
	meed_table_column(t, "mean", "mean", kind, p->cols[0].digits);
	meed_table_column(t, "sd", "sd", kind, p->cols[0].digits + 1);
	meed_table_column(t, "min", "min", kind, p->cols[0].digits);
	meed_table_column(t, "max", "max", kind, p->cols[0].digits);
	for (size_t i = 0; i < p->n_rows; i++)
		if (p->rows[i].fig[0] != MEED_FIG_NONE)
			spread_row(t, v, n, &p->rows[i]);
	return MEED_OK;
}
