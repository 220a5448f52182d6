/* eval.h - benchmarks: scored samples in, figures with intervals out.
 *
 * A benchmark takes the samples of a run one by one (scored.h), keeps a small record of each item
 * (tally.h), and lays its figures out as its paper does. An item that could not be judged counts as
 * wrong; how many there are, how many were decided by equal scores, and the figure without
 * either stand beside it.
 *
 * Memory: 32 bytes an item where a benchmark has one number for each (pairs, best of n), 40 to 110
 * for the others; and as much again while intervals are made. Nothing else grows with the input.
 * Threads: an evaluation belongs to one thread. */
#ifndef MEED_EVAL_H
#define MEED_EVAL_H

#include "host/eval/scored.h"
#include "host/eval/stats.h"
#include "host/report/report.h"

/* ---- which benchmarks there are ------------------------------------------------------------ */

struct meed_bench_info {
	const char *name;
	const char *format;  /* shape of its raw rows for meed_schema_new; NULL: any */
	const char *summary; /* one line */
	const char *source;  /* where its formula is from */
	bool any_row;	     /* takes recorded results in rows that are no samples */
};
/* The i-th; NULL past the last. */
const struct meed_bench_info *meed_bench_info(size_t i);
/* By name; NULL if there is none. */
const struct meed_bench_info *meed_bench_named(const char *name);

/* ---- options -------------------------------------------------------------------------------- */

#define MEED_EVAL_KS 16

struct meed_eval_opts {
	const char *bench;
	const char *by;		/* JSON pointer into the row: what tells subsets; NULL: the
				 * benchmark's own, mostly task_category */
	const char *label_at;	/* pointwise: pointer into an output's label, NULL: /score */
	const char *verdict_at; /* pandalm: JSON pointer into the row to a recorded verdict */
	const char *correct_at; /* sets: pointer into the row to what is right, a list or a value */
	const char *answer_at;	/* sets: pointer into the row to the answers, for votes */
	const char *group_at;	/* pass@k: pointer into the row to what says which rows belong
				 * together; NULL: the prompt */
	double threshold;	/* NAN: the benchmark's own */
	double tie;		/* what a tie of scores counts where the paper does not say: 0 */
	uint64_t ks[MEED_EVAL_KS]; /* sets: k of pass@k and so on */
	size_t n_ks;		   /* 0: one, which is 1 */
	size_t n_bins;		   /* pointwise: bins of the calibration error; 0: 10 */
	struct meed_boot boot;
};

/* ---- both orders --------------------------------------------------------------------------- */

/* Writes the samples of files to fd, each pair twice: as it is, and with its outputs in the other
 * order; metadata.order says "AB" or "BA". Other samples and lines go through once. */
int32_t meed_eval_turn(const char *const *paths, size_t n, const char *format, const char *map,
		       size_t max_line, int fd, struct meed_err *err);

/* ---- one evaluation ------------------------------------------------------------------------ */

struct meed_eval;
/* The options' strings are borrowed. MEED_E_PARAM with what is wrong. */
int32_t meed_eval_new(const struct meed_eval_opts *o, struct meed_err *err, struct meed_eval **ret);
void meed_eval_free(struct meed_eval *e);
/* Takes a sample. Fails only for want of memory or beyond a limit. */
int32_t meed_eval_take(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err);
/* After the last sample: joins what belongs together. MEED_E_SAMPLE if there was no item at all. */
int32_t meed_eval_end(struct meed_eval *e, struct meed_err *err);
/* All of it from files. o may be NULL. */
int32_t meed_eval_read(struct meed_eval *e, const char *const *paths, size_t n,
		       const struct meed_scored_opts *o, struct meed_err *err);

struct meed_eval_counts {
	uint64_t samples, bad_lines, items, errors;
	const char *first_failure; /* "FILE:LINE: why" of the first output whose scoring failed;
				    * NULL. Borrowed from the evaluation. */
};
void meed_eval_count(const struct meed_eval *e, struct meed_eval_counts *ret);

/* Appends the benchmark's tables, plots and notes. */
int32_t meed_eval_report(struct meed_eval *e, struct meed_err *err, struct meed_report *r);
/* Appends the paired differences of two evaluations of one benchmark. */
int32_t meed_eval_compare(struct meed_eval *a, struct meed_eval *b, struct meed_err *err,
			  struct meed_report *r);
/* Appends mean, standard deviation and range of n runs' figures. */
int32_t meed_eval_spread(struct meed_eval *const *v, size_t n, struct meed_err *err,
			 struct meed_report *r);
/* The headline: the last strong row's first figure; NAN if it is undefined. After meed_eval_end. */
double meed_eval_headline(const struct meed_eval *e);

#endif
