/* points.h - scores against numeric labels, for the pointwise benchmarks. */
#ifndef MEED_EVAL_POINTS_H
#define MEED_EVAL_POINTS_H

#include "host/eval/eval.h"

struct meed_points;
struct meed_eval;

struct meed_points *meed_points_new(void);
void meed_points_free(struct meed_points *p);
size_t meed_points_count(const struct meed_points *p);
uint64_t meed_points_errors(const struct meed_points *p);

/* Columns of a row's figures. */
enum {
	MEED_P_PEARSON,
	MEED_P_SPEARMAN,
	MEED_P_KENDALL,
	MEED_P_ACCURACY,
	MEED_P_AUC,
	MEED_P_BRIER,
	MEED_P_ECE,
	MEED_P_COLS
};

/* Rows of MEED_P_COLS figures, a row for each subset in order of appearance, then, if there are
 * several and they are of one kind, one of all. Above MEED_POINTS_BOOT points intervals are by
 * formula where there is one: Fisher's z for correlations (with Fieller, Hartley and Pearson's
 * variances, doi:10.1093/biomet/44.3-4.470), Wilson's for accuracy. */
#define MEED_POINTS_BOOT 5000
int32_t meed_points_figures(struct meed_points *p, const struct meed_eval_opts *o,
			    struct meed_err *err, double *ret, double *ret_low, double *ret_high);
/* Appends differences of the correlations of two runs over the points they share. */
int32_t meed_points_compare(struct meed_eval *a, struct meed_eval *b, struct meed_err *err,
			    struct meed_report *r);

#endif
