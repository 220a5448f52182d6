/* refine.h - the parts of meed refine and meed correct.
 *
 * Refinement goes in passes over files in a folder beside the output, OUT.refine: a round's samples
 * are scored (R.scored.jsonl), split into those that are done (R.done) and those that are to be
 * written anew (R.ask.jsonl), written anew (R.written.jsonl), and made the next round's samples
 * (R+1.in.jsonl; those that came to nothing are in R.left). So every sample's requests are in flight
 * together, memory does not grow with the input, and each pass can be gone on with.
 *
 * R.done and R.left hold a line for each sample that leaves: its number, a tab, what becomes of it
 * (KEEP or DROP), a tab, the row. They are in the order of numbers; the end merges them. */
#ifndef MEED_CLI_REFINE_H
#define MEED_CLI_REFINE_H

#include "host/cli/report_out.h"
#include "host/cli/scoring.h"
#include "host/eval/scored.h"

#define REFINE_MOST_ROUNDS 32

struct refine_rules {
	const char *scorer, *writer;	/* names in the configuration */
	double target;			/* a score that is good enough */
	double drop_below;		/* correct: a first score that is not worth the work; -INFINITY */
	bool drops;			/* correct: what does not reach the target is dropped */
	uint32_t rounds, patience;	/* at most; stop after so many without gain */
};

/* Why a sample left; names in refine_stop_name. */
enum refine_stop {
	REFINE_TARGET,			/* its score is good enough; at round 0: was from the start */
	REFINE_PLATEAU, REFINE_ROUNDS, REFINE_UNCHANGED, REFINE_BUDGET, REFINE_HOPELESS,
	REFINE_WRITER,			/* the writer failed */
	REFINE_UNSCORED,		/* no output has a score */
	REFINE_BAD,			/* the line is no sample */
	REFINE_STOPS
};
const char *refine_stop_name(enum refine_stop s);

struct refine_round {
	uint64_t n, asked, better, failed; /* scored; sent to the writer; improved; writer failed */
	double before, after;		/* sums of the best score so far, before and after */
};

struct refine_counts {
	uint64_t stops[REFINE_STOPS];
	uint64_t samples, kept, dropped;
	double first, last;		/* sums over samples that had a score from the start */
	uint64_t n_scores;
	struct refine_round rounds[REFINE_MOST_ROUNDS + 1];
};

/* ---- rows (refine_rows.c) -------------------------------------------------------------------- */

struct refine_pass {
	struct cli *c;
	const struct refine_rules *rules;
	struct refine_counts *counts;
	uint32_t round;
	const char *in, *out, *gone;	/* files: read; going on; leaving */
};
/* Scored samples into those that leave and those that are to be written anew. */
int refine_split(const struct refine_pass *p);
/* Written ones into the next round's samples and those that leave. */
int refine_next(const struct refine_pass *p);

/* ---- the end (refine_merge.c) ---------------------------------------------------------------- */

/* Merges files of leaving samples (those that exist) by number into out and dropped (NULL: out). */
int refine_merge(struct cli *c, const char *const *files, size_t n, const char *out,
		 const char *dropped);

/* ---- telling (refine_report.c) ---------------------------------------------------------------- */

struct meed_report *refine_report(const char *kind, const struct refine_rules *rules,
				  const struct refine_counts *k, const struct meed_llm_stats *llm);

#endif
