/* run.h - a run's own parts (internal to the engine): batches, sinks, progress.
 *
 * Workers pull: whoever is free reads the next batch of lines, parses, scores and serialises it.
 * Finished batches are written in reading order by whichever worker finds the head of the
 * line done. So one thread needs no other, and reading, parsing and writing scale with the
 * threads. A sample that waits for replies leaves its worker at once; its batch is
 * written when the last of its samples is done. */
#ifndef MEED_RUN_H
#define MEED_RUN_H

#include "host/engine/summary.h"
#include "host/engine/task.h"

/* ---- where lines go -------------------------------------------------------------------------- */

struct sink {
	char *path;			/* for messages */
	char *part;			/* regular file: written under this name until it is whole */
	int fd;
	bool owned;
	uint64_t bytes;			/* written and whole */
};
/* path NULL or "-": standard output. A regular file is written as PATH.part. */
int32_t sink_open(struct sink *s, const char *path, struct meed_err *err);
int32_t sink_write(struct sink *s, const char *p, size_t n, struct meed_err *err);
/* Renames PATH.part to PATH. */
int32_t sink_commit(struct sink *s, struct meed_err *err);
/* Closes; PATH.part stays, cut to whole lines. */
void sink_close(struct sink *s);

/* ---- progress --------------------------------------------------------------------------------- */

struct progress {
	int mode;			/* MEED_PROGRESS_* */
	bool live;			/* stderr is a terminal */
	uint64_t t0, last;		/* ns */
	bool shown;
	const struct meed_transport *transport; /* whose tokens and cost are told; may be NULL */
	struct meed_llm_stats before;
};
void progress_begin(struct progress *p, int mode, const struct meed_transport *t);
/* Cheap: looks at the clock, writes at most twice a second (live) or every ten. */
void progress_tick(struct progress *p, const struct meed_run_stats *st, uint64_t done,
		   uint64_t total, bool last);

/* ---- batches ------------------------------------------------------------------------------------ */

struct stat_entry {
	uint32_t col;
	int32_t code;			/* with has false: why */
	bool has;
	double x;
	uint64_t ns;
};

struct record {
	size_t first, n_lines;		/* in the batch's block */
	size_t off;			/* where its output begins in the batch's buffer */
	size_t stat_off, stat_len, note_off;
	struct meed_buf own, own_stats, own_notes; /* instead, if the sample had been suspended */
	bool late;			/* its output is in own */
};

struct batch {
	struct batch *next;
	struct meed_block block;
	struct record *recs;
	size_t n, cap;
	struct meed_buf out, rejects, stats, notes; /* notes: lines for the log, NUL after each */
	atomic_size_t n_open;		/* records not done, and one for the worker at it */
	atomic_uint_fast64_t n_bad, n_failed, n_outputs, n_posts;
	bool done;			/* guarded by the queue's lock */
};

struct job {
	struct task task;
	struct meed_arena arena;
	struct meed_row *row;
	struct batch *batch;
	size_t rec;
	struct job *next;
};

struct run {
	struct meed_engine *e;
	const struct meed_run_opts *o;
	struct meed_schema *schema;
	struct meed_input *in;
	struct sink out, rejects;
	struct progress progress;
	struct meed_run_stats *st;
	uint32_t *node_col;		/* per node: its column */
	/* guarded by q.lock */
	struct ready_queue q;
	struct batch *first, *last, *spare;
	struct job *jobs;		/* free ones */
	size_t in_flight;		/* records read and not yet written */
	bool reading, writing, eof, stop;
	bool cancelling;		/* the sandbox has been told */
	uint32_t n_logged;
	struct meed_err err;
	/* used by the reader only */
	struct meed_block ahead;	/* grouping: lines not yet taken */
	size_t ahead_at;
	struct meed_parser *group_parser;
	struct meed_arena group_arena;
};

/* batch.c */
struct batch *batch_new(void);
void batch_clear(struct batch *b);
void batch_free(struct batch *b);
/* Reads the next records: 1, 0 at the end, or a code. Called by one worker at a time. */
int32_t batch_read(struct run *r, struct batch *b, size_t max, struct meed_err *err);
/* Writes a done batch and adds it to the statistics. */
int32_t batch_write(struct run *r, struct batch *b, struct meed_err *err);

/* work.c */
struct worker {
	struct run *run;
	struct meed_parser *parser;
	struct job *job;
};
void work_batch(struct worker *w, struct batch *b);
void work_finish(struct job *j, bool late);
void job_free(struct job *j);
int32_t run_columns(struct run *r);

#endif
