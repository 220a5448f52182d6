/* best_report.c - what meed best found, told. */
#include "config.h"

#include "host/cli/best.h"

#include <math.h>

static double over(double sum, uint64_t n)
{
	return n ? sum / (double)n : NAN;
}

static void tell_facts(struct meed_report *r, const struct best_findings *f,
		       const struct scored_input *in, enum best_vote vote, uint64_t keep)
{
	static const char *const by[] = { "score", "majority", "weighted vote" };

	for (size_t i = 0; i < in->scoring.inputs.n; i++)
		meed_report_fact(r, "input", "%s", in->scoring.inputs.v[i]);
	if (in->scoring.name)
		meed_report_fact(r, "model", "%s", in->scoring.name);
	meed_report_fact(r, "by", "%s", by[vote]);
	meed_report_fact_num(r, "keep", (double)keep);
	meed_report_fact_num(r, "samples", (double)f->samples);
	meed_report_fact_num(r, "outputs", (double)f->outputs);
}

static void tell_figures(struct meed_report *r, const struct best_findings *f, enum best_vote vote)
{
	struct meed_report_table *t = meed_report_table(r, "best", "Chosen against average", NULL);

	meed_table_column(t, "what", "", MEED_CELL_TEXT, 0);
	meed_table_column(t, "average", "average output", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "chosen", "chosen output", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "gain", "gain", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "samples", "samples", MEED_CELL_COUNT, 0);
	if (f->scored) {
		meed_table_row(t);
		meed_table_text(t, "score");
		meed_table_num(t, over(f->mean, f->scored));
		meed_table_num(t, over(f->best, f->scored));
		meed_table_num(t, over(f->best - f->mean, f->scored));
		meed_table_num(t, (double)f->scored);
	}
	if (f->labelled) {
		meed_table_row(t);
		meed_table_strong(t);
		meed_table_text(t, "right, by labels");
		meed_table_num(t, over(f->mean_right, f->labelled));
		meed_table_num(t, over((double)f->right, f->labelled));
		meed_table_num(t, over((double)f->right - f->mean_right, f->labelled));
		meed_table_num(t, (double)f->labelled);
	}
	if (vote != BEST_BY_SCORE && f->samples)
		meed_report_note(r, MEED_NOTE_INFO,
				 "%.2f different answers a sample; %llu samples are unanimous; %llu "
				 "outputs have no answer",
				 over((double)f->classes, f->samples),
				 (unsigned long long)f->unanimous,
				 (unsigned long long)f->no_answer);
}

static void tell_curve(struct meed_report *r, const struct best_findings *f)
{
	bool scores = f->scored > 0, labels = f->labelled > 0;
	struct meed_report_table *t;
	struct meed_report_plot *p;

	if (f->longest < 2 || (!scores && !labels))
		return;
	t = meed_report_table(r, "curve", "Best of k",
			      "Expected over all choices of k of a sample's outputs; of the samples "
			      "that have k.");
	meed_table_column(t, "k", "k", MEED_CELL_COUNT, 0);
	meed_table_column(t, "samples", "samples", MEED_CELL_COUNT, 0);
	meed_table_column(t, "score", "score", MEED_CELL_NUMBER, 4);
	if (labels) {
		meed_table_column(t, "right", "right %", MEED_CELL_PERCENT, 2);
		meed_table_column(t, "any_right", "any right % (pass@k)", MEED_CELL_PERCENT, 2);
	}
	p = meed_report_plot(r, "curve", labels ? "Right by best of k" : "Score of the best of k",
			     MEED_PLOT_LINES, "k", labels ? "right, %" : "score");
	for (size_t k = 1; k <= f->longest; k++) {
		const struct best_point *x = &f->curve[k];

		meed_table_row(t);
		meed_table_num(t, (double)k);
		meed_table_num(t, (double)x->n);
		meed_table_num(t, over(x->score, x->n));
		if (!labels)
			continue;
		meed_table_num(t, over(x->right, x->n_right));
		meed_table_num(t, over(x->oracle, x->n_right));
	}
	meed_plot_series(p, labels ? "best of k" : "");
	for (size_t k = 1; k <= f->longest; k++)
		meed_plot_point(p, NULL, (double)k,
				labels ? 100 * over(f->curve[k].right, f->curve[k].n_right) :
					 over(f->curve[k].score, f->curve[k].n),
				NAN, NAN);
	if (!labels)
		return;
	meed_plot_series(p, "any of k (pass@k)");
	for (size_t k = 1; k <= f->longest; k++)
		meed_plot_point(p, NULL, (double)k,
				100 * over(f->curve[k].oracle, f->curve[k].n_right), NAN, NAN);
}

struct meed_report *best_report(const struct best_findings *f, const struct scored_input *in,
				enum best_vote vote, uint64_t keep)
{
	struct meed_report *r = meed_report_new("best", "Best of n");

	if (!r)
		return NULL;
	tell_facts(r, f, in, vote, keep);
	tell_figures(r, f, vote);
	tell_curve(r, f);
	if (f->ties)
		meed_report_note(r, MEED_NOTE_WARNING,
				 "%llu samples have several best outputs; the first of them is taken",
				 (unsigned long long)f->ties);
	if (f->failed_outputs)
		meed_report_note(r, MEED_NOTE_WARNING,
				 "%llu outputs have no score and are never chosen for it",
				 (unsigned long long)f->failed_outputs);
	if (f->unscored)
		meed_report_note(r, MEED_NOTE_ERROR,
				 "%llu samples have nothing to choose by; they are left as they are",
				 (unsigned long long)f->unscored);
	if (f->bad_lines)
		meed_report_note(r, MEED_NOTE_ERROR, "%llu lines are no samples",
				 (unsigned long long)f->bad_lines);
	return r;
}
