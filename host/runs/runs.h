/* runs.h - what scored files look like: statistics of a run, runs side by side, and whether a
 * reward is fit to be trained on.
 *
 * A run is a scored JSONL file (`meed score -o`). Each is read once, as a stream; what is kept does
 * not grow with it: moments, quantile sketches, and the 65,536 outputs whose keys have the lowest
 * hashes. As two runs keep the same keys (bottom-k sampling; Cohen and Kaplan, PVLDB 1(1), 2008),
 * outputs that both have are found without holding either run. An output's key is the sample's
 * id and the output's place in it; the prompt and the text where there is no id.
 *
 * Threads: a run belongs to one thread. */
#ifndef MEED_RUNS_H
#define MEED_RUNS_H

#include <stdatomic.h>

#include "host/graph/graph.h"
#include "host/report/report.h"

struct meed_run_file;

struct meed_run_file_opts {
	const char *composition;	/* whose reward; NULL: the one on top */
	const char *format, *map;	/* as meed_scored_opts */
	bool has_range;			/* low and high: the scale's ends; else what is seen */
	double low, high;
	const atomic_int *cancel;	/* may be NULL */
	/* now and then; may be NULL */
	void (*tick)(void *data, uint64_t done, uint64_t total);
	void *tick_data;
};
/* Reads a run; name is what reports call it. Fails if the file cannot be read, or holds no line at
 * all. A line that is no sample, and an output without a score, are counted. */
int32_t meed_run_file_read(const char *path, const char *name, const struct meed_run_file_opts *o,
			   struct meed_err *err, struct meed_run_file **ret);
void meed_run_file_free(struct meed_run_file *f);

/* Outputs with a score; lines that are no sample. */
uint64_t meed_run_file_scored(const struct meed_run_file *f);
uint64_t meed_run_file_bad(const struct meed_run_file *f);

/* Fills r: runs, categories, members, what the labels say, lengths, errors, and for each two runs
 * how they agree on the outputs that both have. */
int32_t meed_runs_compare(struct meed_run_file *const *v, size_t n, struct meed_err *err,
			  struct meed_report *r);

/* Fills r with what was looked at and what was found; the first run is what the others have drifted
 * from. *ret_findings: how many values are past their limits. */
int32_t meed_runs_health(struct meed_run_file *const *v, size_t n,
			 const struct meed_health_conf *limits, struct meed_err *err,
			 struct meed_report *r, size_t *ret_findings);

/* ---- canaries ------------------------------------------------------------------------------- */

/* Appends the shipped set as canonical rows: questions, each with a right answer, a wrong one, and
 * texts that say nothing but have been seen to please judges. */
void meed_canaries_rows(struct meed_buf *b);
/* Fills r from those rows once `name` has scored them: a text is a finding if it scores above the
 * middle between the wrong and the right answer. */
int32_t meed_canaries_judge(const char *path, const char *name,
			    const struct meed_health_conf *limits, const atomic_int *cancel,
			    struct meed_err *err, struct meed_report *r, size_t *ret_findings);
/* True if text, without the blanks around it, is one of those that say nothing. */
bool meed_canaries_known(meed_str text);

#endif
