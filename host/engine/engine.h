/* engine.h - runs a plan over samples.
 *
 * The unit of work is the sample: everything that belongs to one sample happens on one thread
 * at a time, so models need no locks; different samples run in parallel. An evaluation
 * that posts requests suspends its sample, which then costs its arena and nothing else. */
#ifndef MEED_ENGINE_H
#define MEED_ENGINE_H

#include "host/graph/graph.h"

/* ---- one sample ------------------------------------------------------------------------------ */

struct meed_engine;
struct meed_engine_opts {
	uint64_t seed;
	uint32_t want;			/* MEED_WANT_* */
	uint32_t timeout_ms;
	size_t arena_bytes;
	bool timings;
	const atomic_int *cancel;	/* may be NULL */
	struct meed_transport *transport; /* may be NULL: posts fail */
	struct meed_transport *exec;	/* the same for programs, see meed_engine_exec */
};
int32_t meed_engine_new(const struct meed_plan *plan, const struct meed_engine_opts *o,
			struct meed_err *err, struct meed_engine **ret);
void meed_engine_free(struct meed_engine *e);
/* A transport for the programs of a plan's models, from its configuration; NULL if none of them may
 * post any. The caller frees it, after the engine. */
int32_t meed_engine_exec(const struct meed_plan *plan, const struct meed_log *log,
			 struct meed_err *err, struct meed_transport **ret);

/* Scores a row that lies in arena, waiting for replies if need be. The result lies in the
 * arena too. Fails only for want of memory; what fails in a model is in the result. */
int32_t meed_engine_score(struct meed_engine *e, const struct meed_row *row,
			  struct meed_arena *arena, struct meed_err *err,
			  struct meed_result *ret);

/* The order of n outputs, best first, that contradicts their comparisons least (minimum feedback arc
 * set): exact by dynamic programming over subsets up to 14, by moving single outputs beyond. wins is
 * n x n: how often the row beat the column. order has n places. MEED_E_NOMEM. */
int32_t meed_least_order(const double *wins, size_t n, struct meed_arena *arena, size_t *order);

/* ---- a run from files to a file ------------------------------------------------------------------ */

struct meed_columns;			/* the summary's statistics, see summary.h */

#define MEED_SHARD_BLOCK 64

/* What is done about an unfinished run of the same output. */
enum meed_start {
	MEED_START_NEW,			/* refuse to write over it */
	MEED_START_AGAIN,		/* drop it */
	MEED_START_RESUME,		/* go on with it; there may be none */
	MEED_START_FORCE		/* the same, in spite of changes that can be told */
};

struct meed_run_opts {
	const char *const *inputs;
	size_t n_inputs;
	const char *output;		/* NULL or "-": standard output */
	const char *rejects;		/* NULL: bad lines go to the output */
	const char *format, *map, *group_by;
	bool strict;			/* stop at the first bad line */
	enum meed_level level;
	bool timings;
	bool summarise;
	uint32_t threads, window;
	uint64_t max_line_bytes;
	enum { MEED_PROGRESS_NONE, MEED_PROGRESS_AUTO, MEED_PROGRESS_JSON } progress;
	bool colour, utf8;		/* of progress on a terminal */
	const atomic_int *cancel;	/* non-zero: drain and stop */
	const struct meed_log *log;
	enum meed_start start;
	uint32_t checkpoint_ms;		/* how often the journal says how far the run is; 0: 1000 */
	uint32_t sync_ms;		/* how often all is brought to the disk; 0: at the end alone */
	uint32_t shard, n_shards;	/* every n-th block of MEED_SHARD_BLOCK samples, from the
					 * shard-th, 1 to n; n 0 or 1: all */
};

struct meed_run_stats {
	uint64_t n_lines, n_samples, n_outputs;
	uint64_t n_bad_lines;		/* lines that were no sample */
	uint64_t n_failed;		/* outputs without a valid score */
	uint64_t n_posts;		/* requests posted */
	struct meed_llm_stats llm;	/* what those to endpoints came to */
	uint64_t ns;
	uint64_t n_before;		/* of n_samples, those of an earlier process */
	bool cancelled;
	bool nothing_to_do;		/* resume: the output is there, and no run is unfinished */
	bool journal;			/* there is OUT.journal */
	bool resumable;			/* ended early: what was written can be gone on with */
	struct meed_columns *columns;	/* if summarise; the caller frees it */
};

/* Streams inputs to the output in input order. Returns 0 if the run went through (bad lines
 * and failed outputs are in the stats), or a negative code with the reason: output is
 * then what was written so far, in OUT.part.
 *
 * Where inputs and outputs are regular files the run keeps OUT.journal beside it, and can be
 * gone on with after any end of the process or the machine: the outputs are then those of an
 * undisturbed run, byte for byte. After a run that went through the journal is still there,
 * so that its statistics are not lost: meed_run_forget removes it when they have been used. */
int32_t meed_run(struct meed_engine *e, const struct meed_run_opts *o, struct meed_err *err,
		 struct meed_run_stats *ret);
void meed_run_forget(const char *output);

#endif
