/* summary.h - statistics of a run, a column a member: bounded memory, the same figures
 * whatever the number of threads (values are added in input order). */
#ifndef MEED_SUMMARY_H
#define MEED_SUMMARY_H

#include "host/base/base.h"

struct meed_columns;
struct meed_columns *meed_columns_new(void);
void meed_columns_free(struct meed_columns *c);
/* Adds a column; label is copied. Returns its index, or -1 when out of memory. */
int meed_columns_add(struct meed_columns *c, const char *label);
size_t meed_columns_count(const struct meed_columns *c);

/* One value; finite. O(1): count, mean and variance by Welford's update, minimum, maximum, and
 * a quantile sketch with relative error 0.5 % (DDSketch, Masson et al. 2019, logarithmic
 * buckets; a bucket keeps its sum, so that values which repeat are reported exactly). */
void meed_columns_put(struct meed_columns *c, size_t col, double x);
/* One evaluation without a value. code: MEED_E_*; MEED_ABSTAIN; 0: not needed. */
void meed_columns_miss(struct meed_columns *c, size_t col, int32_t code);
void meed_columns_time(struct meed_columns *c, size_t col, uint64_t ns);

struct meed_column_stats {
	const char *label;
	uint64_t n, n_missing, n_errors;
	double mean, sd;		/* sample deviation (n - 1); 0 for n < 2 */
	double min, max;
	double us;			/* mean time of an evaluation; 0 if not measured */
};
void meed_columns_stats(const struct meed_columns *c, size_t col, struct meed_column_stats *ret);
/* Quantile q in [0, 1]; 0 if the column is empty. */
double meed_columns_quantile(const struct meed_columns *c, size_t col, double q);

/* The table of `--summary`: a row a column: n, errors, mean, sd, min, p5, p25, p50, p75, p95,
 * max and a histogram of eight block characters (ASCII if not utf8); then errors by kind. Time a
 * column only if it was measured. width: cells of the terminal, in which columns are left out
 * until a row fits; 0: there is none. */
void meed_columns_table(const struct meed_columns *c, bool colour, bool utf8, size_t width,
			struct meed_buf *b);
/* The same as one JSON object; with times only if they are wanted: they make two runs differ. */
void meed_columns_json(const struct meed_columns *c, bool timings, struct meed_buf *b);
/* The figures of all columns as bytes, appended to b; and back from them, into the same columns
 * without a value. Load is false if in is not that. */
void meed_columns_save(const struct meed_columns *c, struct meed_buf *b);
bool meed_columns_load(struct meed_columns *c, meed_str in);

#endif
