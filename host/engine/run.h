/* run.h - a run's own parts (internal to the engine): batches, sinks, progress.
 *
 * Workers pull: whoever is free reads the next batch of lines, parses, scores and serialises it.
 * Finished batches are written in reading order by whichever worker finds the head of the
 * line done. So one thread needs no other, and reading, parsing and writing scale with the
 * threads. A sample that waits for replies leaves its worker at once; its batch is
 * written when the last of its samples is done. */
#ifndef MEED_RUN_H
#define MEED_RUN_H

#include "host/engine/journal.h"
#include "host/engine/task.h"

/* ---- progress --------------------------------------------------------------------------------- */

struct run;
struct progress {
	int mode;			/* MEED_PROGRESS_* */
	bool live;			/* stderr is a terminal */
	uint64_t t0, last;		/* ns */
	uint64_t n0, done0;		/* samples and bytes of an earlier process */
	bool shown;
};
/* All of whoever writes. */
void progress_begin(struct run *r);
/* Cheap: looks at the clock, writes at most twice a second (live) or every ten. */
void progress_tick(struct run *r, bool last);
/* Makes room for other lines: the live one comes again with the next tick. */
void progress_clear(struct progress *p);

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
	atomic_bool cut;		/* a record's programs were cancelled: not to be written */
	/* where the reader was after it */
	uint64_t records;
	struct meed_input_mark input;
};

struct job {
	struct task task;
	struct meed_arena arena;
	struct meed_row *row;
	struct batch *batch;
	size_t rec;
	struct job *next;
};

/* What makes a run survive: its journal, how far it is, and a thread that sees to both. */
struct keeper {
	struct journal journal;		/* fd -1: the run has none */
	struct mark mark;		/* all up to here is written; of whoever writes */
	bool dirty;			/* and no mark says so yet */
	uint64_t marked_ns;
	atomic_uint_fast64_t marked_bytes;
	uint64_t synced_ns, synced_bytes; /* of the thread */
	pthread_t thread;
	bool started, stop;		/* stop: guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t cond;
};

struct run {
	struct meed_engine *e;
	const struct meed_run_opts *o;
	struct meed_schema *schema;
	struct meed_input *in;
	struct sink sinks[N_SINKS];	/* SINK_REJECTS, SINK_BLOCKS: if path is set */
	struct progress progress;
	struct meed_llm_stats llm_before; /* so that what came since is this run's */
	struct keeper keeper;
	struct meed_run_stats *st;
	uint32_t *node_col;		/* per node: its column */
	/* guarded by q.lock */
	struct ready_queue q;
	struct batch *first, *last, *spare;
	struct job *jobs;		/* free ones */
	size_t in_flight;		/* records read and not yet written */
	bool reading, writing, eof, stop;
	atomic_bool cancelling;		/* the sandbox has been told; any thread may look */
	bool cut;			/* nothing more is written: something before is missing */
	uint32_t n_logged;
	struct meed_err err;
	/* used by the reader only */
	struct meed_block ahead;	/* grouping: lines not yet taken */
	size_t ahead_at;
	struct meed_parser *group_parser;
	struct meed_arena group_arena;
	uint64_t n_records;		/* read, with those of other shards */
	struct batch *skipped;		/* shards: what others score */
};

/* run.c; q.lock is held */
void run_fail_locked(struct run *r, const struct meed_err *err);
/* Writes what is done at the head of the line. One thread at a time; the lock is let go while
 * writing. */
void run_flush_locked(struct run *r);

/* keep.c */
void keep_init(struct keeper *k);
void keep_release(struct keeper *k);
/* Opens the outputs, and the journal where there can be one; goes to where an earlier process
 * was, if that is wanted. st->nothing_to_do: there is nothing to go on with. */
int32_t keep_open(struct run *r, struct meed_err *err);
void keep_start(struct run *r);
void keep_stop(struct run *r);
/* A batch is written: the run is that far. Of whoever writes. */
int32_t keep_note(struct run *r, const struct batch *b, struct meed_err *err);
/* Gives the outputs their names. */
int32_t keep_commit(struct run *r, struct meed_err *err);
/* The run has ended before its end. */
void keep_leave(struct run *r);

/* shard.c */
/* True if the records from number n on are this shard's; else *ret_left of them are not. */
bool shard_has(const struct run *r, uint64_t n, uint64_t *ret_left);
int32_t shard_open(struct run *r, struct meed_err *err);
/* Counts a written batch of so many bytes; ends the line of a block that is whole. */
int32_t shard_note(struct run *r, const struct batch *b, uint64_t bytes, uint64_t rejects,
		   struct meed_err *err);
int32_t shard_end(struct run *r, struct meed_err *err);

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
