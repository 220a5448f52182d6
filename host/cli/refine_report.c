/* refine_report.c - what a refinement came to. */
#include "config.h"

#include "host/cli/refine.h"

#include <math.h>

static double over(double sum, uint64_t n)
{
	return n ? sum / (double)n : NAN;
}

static void tell_outcome(struct meed_report *r, const struct refine_rules *rules,
			 const struct refine_counts *k)
{
	struct meed_report_table *t = meed_report_table(r, "score", "Scores", NULL);

	meed_table_column(t, "samples", "samples", MEED_CELL_COUNT, 0);
	meed_table_column(t, "before", "before", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "after", "after", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "gain", "gain", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "reached", "at the target", MEED_CELL_COUNT, 0);
	meed_table_row(t);
	meed_table_strong(t);
	meed_table_num(t, (double)k->n_scores);
	meed_table_num(t, over(k->first, k->n_scores));
	meed_table_num(t, over(k->last, k->n_scores));
	meed_table_num(t, over(k->last - k->first, k->n_scores));
	meed_table_num(t, (double)k->stops[REFINE_TARGET]);
	(void)rules;
}

static void tell_rounds(struct meed_report *r, const struct refine_rules *rules,
			const struct refine_counts *k)
{
	struct meed_report_table *t =
		meed_report_table(r, "rounds", "Rounds", "Round 0 is the answer as it came.");
	struct meed_report_plot *p = meed_report_plot(r, "rounds", "Best score so far, by round",
						      MEED_PLOT_LINES, "round", "score");

	meed_table_column(t, "round", "round", MEED_CELL_COUNT, 0);
	meed_table_column(t, "scored", "scored", MEED_CELL_COUNT, 0);
	meed_table_column(t, "better", "better", MEED_CELL_COUNT, 0);
	meed_table_column(t, "before", "best before", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "after", "best after", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "asked", "sent on", MEED_CELL_COUNT, 0);
	meed_table_column(t, "failed", "writer failed", MEED_CELL_COUNT, 0);
	meed_plot_series(p, "of those scored in the round");
	for (uint32_t i = 0; i <= rules->rounds; i++) {
		const struct refine_round *x = &k->rounds[i];

		if (!x->n)
			continue;
		meed_table_row(t);
		meed_table_num(t, (double)i);
		meed_table_num(t, (double)x->n);
		if (i)
			meed_table_num(t, (double)x->better);
		else
			meed_table_missing(t);
		if (i)
			meed_table_num(t, over(x->before, x->n));
		else
			meed_table_missing(t);
		meed_table_num(t, over(x->after, x->n));
		meed_table_num(t, (double)x->asked);
		meed_table_num(t, (double)x->failed);
		meed_plot_point(p, NULL, (double)i, over(x->after, x->n), NAN, NAN);
	}
}

static void tell_stops(struct meed_report *r, const struct refine_counts *k)
{
	static const char *const why[REFINE_STOPS] = {
		[REFINE_TARGET] = "the score is good enough",
		[REFINE_PLATEAU] = "several rounds brought nothing",
		[REFINE_ROUNDS] = "no round is left",
		[REFINE_UNCHANGED] = "the writer would change nothing",
		[REFINE_BUDGET] = "the budget is spent",
		[REFINE_HOPELESS] = "the first score is below --drop-below",
		[REFINE_WRITER] = "the writer failed",
		[REFINE_UNSCORED] = "no output has a score",
		[REFINE_BAD] = "the line is no sample",
	};
	struct meed_report_table *t = meed_report_table(r, "stops", "Why samples left", NULL);

	meed_table_column(t, "stopped", "stopped", MEED_CELL_TEXT, 0);
	meed_table_column(t, "samples", "samples", MEED_CELL_COUNT, 0);
	meed_table_column(t, "why", "for", MEED_CELL_TEXT, 0);
	for (size_t i = 0; i < REFINE_STOPS; i++) {
		if (!k->stops[i])
			continue;
		meed_table_row(t);
		meed_table_text(t, "%s", refine_stop_name((enum refine_stop)i));
		meed_table_num(t, (double)k->stops[i]);
		meed_table_text(t, "%s", why[i]);
	}
}

struct meed_report *refine_report(const char *kind, const struct refine_rules *rules,
				  const struct refine_counts *k, const struct meed_llm_stats *llm)
{
	struct meed_report *r = meed_report_new(kind, "Refinement");

	if (!r)
		return NULL;
	meed_report_fact(r, "model", "%s", rules->scorer);
	meed_report_fact(r, "writer", "%s", rules->writer);
	if (isfinite(rules->target))
		meed_report_fact_num(r, "target", rules->target);
	meed_report_fact_num(r, "requests", (double)llm->n_done);
	meed_report_fact_num(r, "tokens", (double)(llm->tokens_in + llm->tokens_out));
	if (llm->priced)
		meed_report_fact_num(r, "money", llm->money);
	tell_outcome(r, rules, k);
	tell_rounds(r, rules, k);
	tell_stops(r, k);
	if (rules->drops)
		meed_report_note(r, MEED_NOTE_INFO, "%llu samples are kept, %llu dropped",
				 (unsigned long long)k->kept, (unsigned long long)k->dropped);
	return r;
}
