/* bench.h - what the benchmarks share; nobody outside host/eval includes it. */
#ifndef MEED_EVAL_BENCH_H
#define MEED_EVAL_BENCH_H

#include "host/eval/eval.h"
#include "host/eval/tally.h"

/* ---- tables of figures --------------------------------------------------------------------- */

#define MEED_MAX_COLS 12

struct meed_row_plan {
	char *name;
	bool strong;
	uint32_t *subsets; /* whose items it counts */
	size_t n_subsets;
	uint32_t fig[MEED_MAX_COLS]; /* MEED_FIG_NONE: nothing */
};

struct meed_table_plan {
	const char *id, *title, *caption, *first; /* first: the heading of names */
	struct {
		const char *id, *heading;
		bool percent;
		int digits;
	} cols[MEED_MAX_COLS];
	size_t n_cols;
	bool counts;  /* n, errors, ties */
	bool without; /* and column 0 without errors and ties */
	bool plot;    /* bars of column 0 */
	bool heat;    /* all columns as a matrix */
	struct meed_row_plan *rows;
	size_t n_rows, cap_rows;
};

#define MEED_MAX_TABLES 4

/* ---- keys to numbers --------------------------------------------------------------------- */

/* 64-bit keys, numbered in the order they come. */
struct meed_map {
	uint64_t *keys; /* by number */
	uint32_t *slots;
	size_t n, cap, n_slots;
};
int32_t meed_map_put(struct meed_map *m, uint64_t key, struct meed_err *err, uint32_t *ret,
		     bool *ret_fresh);
void meed_map_release(struct meed_map *m);

/* ---- an evaluation -------------------------------------------------------------------------- */

struct meed_eval;

struct meed_eval_bench {
	struct meed_bench_info info;
	size_t n_ch;					    /* channels; 0: a pointwise one */
	size_t (*channels)(const struct meed_eval_opts *o); /* instead of n_ch; may be NULL */
	/* Takes a sample that is one. */
	int32_t (*take)(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err);
	/* After the last sample, before the tally is finished; may be NULL. */
	int32_t (*end)(struct meed_eval *e, struct meed_err *err);
	/* Makes figures and tables. */
	int32_t (*layout)(struct meed_eval *e, struct meed_err *err);
};

struct meed_points;

struct meed_eval {
	struct meed_eval_opts o;
	const struct meed_eval_bench *bench;
	struct meed_tally *t;
	struct meed_figs figs;
	struct meed_table_plan tables[MEED_MAX_TABLES];
	size_t n_tables;
	uint64_t n_samples, n_bad, n_unlabelled, n_alone;
	char *bad;	     /* what was wrong with the first bad line, and where */
	char *failed; /* why the first output without a score has none, and where */
	struct meed_map map; /* what waits for its other half, and its records */
	void *pending;
	size_t n_pending, cap_pending;
	struct meed_points *points; /* of pointwise benchmarks, instead of t */
	double *value, *low, *high; /* figs.n each; NULL: not computed yet */
	struct meed_buf scratch;
	meed_str *notes; /* owned texts */
	size_t n_notes;
};

extern const struct meed_eval_bench meed_eval_on_rewardbench, meed_eval_on_rewardbench2,
	meed_eval_on_rmbench, meed_eval_on_rmb_pairwise, meed_eval_on_rmb_bon,
	meed_eval_on_judgebench, meed_eval_on_llmbar, meed_eval_on_pandalm, meed_eval_on_prmbench,
	meed_eval_on_pairwise, meed_eval_on_best, meed_eval_on_pass, meed_eval_on_helpsteer,
	meed_eval_on_pointwise;

/* ---- what samples say (bench.c) -------------------------------------------------------- */

/* Which row it is, for pairing runs; which prompt, for clusters. */
uint64_t meed_sample_id(const struct meed_scored *s);
uint64_t meed_sample_cluster(const struct meed_scored *s);
/* Its subset's name: o.by, else task_category, else the row's field `key` (may be NULL), else
 * "all". Valid until the next call. */
meed_str meed_sample_subset(struct meed_eval *e, const struct meed_scored *s, const char *key);
/* +1 chosen, -1 rejected, 0 tie; false if the label does not say. */
bool meed_label_side(const struct meed_scored_output *o, int *ret);
/* Right or wrong, of label.is_correct; false if the label does not say. */
bool meed_label_right(const struct meed_scored_output *o, bool *ret);
static inline bool meed_has_score(const struct meed_scored_output *o)
{
	return o->reward.present && o->reward.valid;
}
/* Room for one more record of `size` bytes in e->pending, cleared; NULL when out of memory. */
void *meed_pending_add(struct meed_eval *e, size_t size);
/* A note for the report. */
int32_t meed_eval_note(struct meed_eval *e, struct meed_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- layouts (layout.c) ---------------------------------------------------------------------- */

/* A table; a column; a row, whose figures the caller sets. NULL when out of memory. */
struct meed_table_plan *meed_plan_table(struct meed_eval *e, const char *id, const char *title,
					const char *first);
void meed_plan_column(struct meed_table_plan *t, const char *id, const char *heading, bool percent);
struct meed_row_plan *meed_plan_row(struct meed_table_plan *t, const char *name, bool strong,
				    const uint32_t *subsets, size_t n);
/* Indices of all subsets in order of their names; the caller frees. NULL when out of memory. */
uint32_t *meed_subsets_sorted(const struct meed_eval *e);
/* Indices of the subsets with that prefix, of those in v; how many. */
size_t meed_subsets_with(const struct meed_eval *e, const uint32_t *v, size_t n, const char *prefix,
			 uint32_t *ret);
/* A row for each subset with the mean of channel 0, and one for all of them. */
int32_t meed_layout_simple(struct meed_eval *e, const char *id, const char *title,
			   const char *heading, struct meed_err *err);

#endif
