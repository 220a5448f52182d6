/* reportfix.c - writes a report of every kind of table and plot in the form that is asked for:
 * reportfix text|wide|plain|json|csv|html FILE [WIDTH]. For tests/cli/test_report_page.sh, and to
 * look at. */
#include "config.h"
#include "host/report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const subsets[] = {
	"alpacaeval-easy",
	"alpacaeval-hard",
	"mt-bench-easy",
	"mt-bench-med",
	"mt-bench-hard",
	"llmbar-natural",
	"llmbar-adver-neighbor",
	"refusals-dangerous",
	"xstest-should-refuse",
	"math-prm",
	"hep-python",
	"<script>alert('x')</script> & \"friends\"",
};
#define N_SUBSETS (sizeof(subsets) / sizeof(subsets[0]))

static double wave(size_t i, double phase)
{
	return 0.72 + 0.2 * sin(1.7 * (double)i + phase);
}

static void add_tables(struct meed_report *r)
{
	struct meed_report_table *t = meed_report_table(r, "subsets", "Accuracy by subset",
							"Intervals: 95 % bootstrap, 1,000 "
							"resamples, seed 1. Ties count one half.");
	size_t i;

	meed_table_column(t, "subset", "subset", MEED_CELL_TEXT, 0);
	meed_table_column(t, "n", "n", MEED_CELL_COUNT, 0);
	meed_table_column(t, "ties", "ties", MEED_CELL_COUNT, 0);
	meed_table_column(t, "errors", "errors", MEED_CELL_COUNT, 0);
	meed_table_column(t, "accuracy", "accuracy", MEED_CELL_PERCENT, 1);
	meed_table_column(t, "margin", "mean margin", MEED_CELL_NUMBER, 3);
	for (i = 0; i < N_SUBSETS; i++) {
		double a = wave(i, 0);

		meed_table_row(t);
		meed_table_text(t, "%s", subsets[i]);
		meed_table_num(t, 100 + 17 * (double)i);
		meed_table_num(t, (double)(i % 3));
		meed_table_num(t, i == 4 ? 12 : 0);
		if (i == 9)
			meed_table_missing(t);
		else
			meed_table_interval(t, a, a - 0.05, a + 0.06 > 1 ? 1 : a + 0.06);
		meed_table_num(t, i == 9 ? NAN : a - 0.5);
	}
	meed_table_row(t);
	meed_table_strong(t);
	meed_table_text(t, "all");
	meed_table_num(t, 2322);
	meed_table_num(t, 11);
	meed_table_num(t, 12);
	meed_table_interval(t, 0.7312, 0.7123, 0.7498);
	meed_table_num(t, 0.231);

	t = meed_report_table(r, "findings", "Findings", NULL);
	meed_table_column(t, "check", "check", MEED_CELL_TEXT, 0);
	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "value", "value", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "means", "what it means", MEED_CELL_PROSE, 0);
	meed_table_column(t, "do", "what to do", MEED_CELL_PROSE, 0);
	for (i = 0; i < 3; i++) {
		meed_table_row(t);
		meed_table_text(t, "length correlation");
		meed_table_text(
			t, "results/2026-11-25/qwen2.5-7b-instruct/helpfulness-seed-%zu.jsonl", i);
		meed_table_num(t, 0.61 + 0.1 * (double)i);
		meed_table_text(
			t, "Longer outputs score higher whatever they say; a policy trained on "
			   "this reward will learn to be verbose.");
		meed_table_text(t, "Add general.length_penalty, or judge with a length-controlled "
				   "rubric.");
	}
}

static void add_plots(struct meed_report *r)
{
	static const char *const models[] = { "helpfulness", "math + format \\ `id` $(id) 'q'",
					      "\xe6\xa8\xa1\xe5\x9e\x8b 7B" };
	struct meed_report_plot *p;
	size_t i, k;

	p = meed_report_plot(r, "accuracy", "Accuracy by subset", MEED_PLOT_BARS, "", "accuracy");
	meed_plot_series(p, "");
	for (i = 0; i < N_SUBSETS; i++)
		meed_plot_point(p, subsets[i], (double)i, i == 9 ? NAN : wave(i, 0),
				wave(i, 0) - 0.05, wave(i, 0) + 0.06);
	meed_plot_range(p, 0, 1);
	p = meed_report_plot(r, "compare", "Three models side by side", MEED_PLOT_BARS, "",
			     "accuracy");
	for (k = 0; k < 3; k++) {
		meed_plot_series(p, models[k]);
		for (i = 0; i < 6; i++)
			meed_plot_point(p, subsets[i], (double)i,
					wave(i, (double)k) - 0.6 * (i == 5), NAN, NAN);
	}
	p = meed_report_plot(r, "best_of_n", "Best of N: accuracy of the pick", MEED_PLOT_LINES,
			     "N outputs", "accuracy");
	for (k = 0; k < 3; k++) {
		meed_plot_series(p, models[k]);
		for (i = 0; i < 6; i++) {
			double y = 0.4 + 0.07 * (double)i + 0.05 * (double)k;

			meed_plot_point(p, NULL, (double)(1u << i), y, y - 0.03, y + 0.03);
		}
	}
	p = meed_report_plot(r, "length", "Reward and length", MEED_PLOT_POINTS, "characters",
			     "reward");
	meed_plot_series(p, models[0]);
	for (i = 0; i < 400; i++)
		meed_plot_point(p, NULL, 40 + 7 * (double)i,
				0.3 + 0.001 * (double)i + 0.2 * sin((double)(i * i)), NAN, NAN);
	p = meed_report_plot(r, "scores", "Scores", MEED_PLOT_HISTOGRAM, "score", "outputs");
	for (k = 0; k < 3; k++) {
		meed_plot_series(p, models[k]);
		for (i = 0; i < 20; i++) {
			double at = (double)i - 8 - 2 * (double)k;

			meed_plot_point(p, NULL, 0.05 * (double)i, floor(200 * exp(-at * at / 20)),
					NAN, NAN);
		}
	}
	p = meed_report_plot(r, "one", "Scores of one run", MEED_PLOT_HISTOGRAM, "score",
			     "outputs");
	meed_plot_series(p, "");
	for (i = 0; i < 20; i++)
		meed_plot_point(p, NULL, 0.05 * (double)i, (double)((i * 37) % 23), NAN, NAN);
	p = meed_report_plot(r, "matrix", "Correlation between runs", MEED_PLOT_HEAT, "", "");
	for (k = 0; k < 5; k++) {
		meed_plot_series(p, subsets[k]);
		for (i = 0; i < 5; i++)
			meed_plot_point(p, subsets[i], (double)i, i == k ? 1 : wave(i * k, 1), NAN,
					NAN);
	}
	p = meed_report_plot(r, "empty", "Nothing", MEED_PLOT_LINES, "x", "y");
	meed_plot_series(p, "");
}

int main(int argc, char **argv)
{
	struct meed_report *r = meed_report_new("eval", "RewardBench: helpfulness_listwise");
	struct meed_report_text how = { .colour = true, .utf8 = true };
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	const char *form = argc > 1 ? argv[1] : "text";
	int32_t code;

	meed_report_fact(r, "model", "helpfulness_listwise");
	meed_report_fact(r, "input", "%s",
			 "rewardbench.jsonl \033[31mred\033[0m \xe2\x80\xaetxt.exe");
	meed_report_fact_num(r, "seed", 1);
	add_tables(r);
	add_plots(r);
	meed_report_note(r, MEED_NOTE_WARNING,
			 "12 outputs could not be scored; they count as wrong in "
			 "every row that they belong to, as the paper has it");
	meed_report_note(r, MEED_NOTE_ERROR, "%s", "subset <math-prm> has no labels");
	meed_report_note(r, MEED_NOTE_INFO, "Lambert et al. 2024, arXiv:2403.13787.");
	if (argc > 2)
		how.width = (unsigned)strtoul(argv[2], NULL, 10);
	how.colour = strcmp(form, "plain") != 0;
	if (strcmp(form, "json") == 0)
		code = meed_report_json(r, &b);
	else if (strcmp(form, "csv") == 0)
		code = meed_report_csv(r, NULL, &err, &b);
	else if (strcmp(form, "html") == 0)
		code = meed_report_html(r, true, &err, &b);
	else
		code = meed_report_text(r, &how, &b);
	if (code < 0)
		(void)fprintf(stderr, "reportfix: %s\n", err.text);
	else
		(void)fwrite(b.p, 1, b.n, stdout);
	meed_buf_release(&b);
	meed_report_free(r);
	return code < 0;
}
