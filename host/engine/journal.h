/* journal.h - how a run survives: OUT.journal (internal to the engine).
 *
 * The journal lies beside OUT.part and holds frames, each with its length and a hash: first a head
 * with all that the run's bytes depend on (binding.h), then marks. A mark says how far a run is:
 * up to which line of the input everything is written, how long each output was then and what
 * its digest was, and the state of the statistics. Marks are appended; when they take more than
 * JOURNAL_MAX bytes the file is made anew with the last one.
 *
 * A crash may leave outputs longer than the last mark, half a frame, or, after a loss of power,
 * outputs that are shorter or hold zeroes where a mark says there was text. So a mark is
 * believed only if the outputs have its digests: a run goes on from the last one that holds.
 *
 * The journal is locked as long as its run lives. It is removed by whoever has finished with
 * the run's statistics (meed_run_forget); a mark that says `complete` tells a crash between.
 *
 * Threads: one at a time, but for journal_sync. */
#ifndef MEED_JOURNAL_H
#define MEED_JOURNAL_H

#include <pthread.h>

#include "host/engine/summary.h"
#include "host/engine/sink.h"
#include "host/sample/sample.h"

#define JOURNAL_MAX ((uint64_t)16 << 20)

enum { SINK_OUT, SINK_REJECTS, SINK_BLOCKS, N_SINKS };

#define MARK_LLM 14

struct mark {
	uint64_t complete;		/* 1: this is all */
	uint64_t file, line, offset;	/* of the input: the next line, its number less 1 */
	struct meed_input_mark input;
	uint64_t records;		/* read, with those of other shards */
	uint64_t n_lines, n_samples, n_outputs, n_bad_lines, n_failed, n_posts;
	uint64_t llm[MARK_LLM];		/* what requests cost until then */
	uint64_t block[3];		/* of the block that is not whole: records, bytes, rejects */
	struct sink_mark sinks[N_SINKS];
};

struct found {				/* a mark in a journal that was there */
	struct mark mark;
	meed_str columns;		/* in journal.old */
	bool bad;
};

struct journal {
	char *path;
	int fd;				/* -1: there is no journal */
	uint64_t size;
	struct meed_buf head, frame;	/* whole frames */
	struct meed_buf old;		/* what was there */
	struct found *found;
	size_t n_found;
	meed_str old_head;		/* facts, in old */
	pthread_mutex_t lock;		/* of fd and sync_errno, for journal_sync */
	int sync_errno;			/* of a sync that failed */
};

void journal_init(struct journal *j);
void journal_release(struct journal *j);

/* Opens OUT.journal, locks it, and reads what is in it: old_head.p is NULL if there is none or
 * nothing of use. create false: MEED_OK with fd -1 if there is none. */
int32_t journal_open(struct journal *j, const char *out, bool create, struct meed_err *err);
/* Begins anew with these facts, and a mark if it is not NULL: columns as bytes. */
int32_t journal_begin(struct journal *j, meed_str facts, const struct mark *m, meed_str columns,
		      struct meed_err *err);
/* Appends a mark. columns may be NULL. */
int32_t journal_put(struct journal *j, const struct sink *sinks, const struct mark *m,
		    const struct meed_columns *columns, struct meed_err *err);
/* Brings outputs and journal to the disk. From any thread. */
void journal_sync(struct journal *j, const struct sink *sinks);
/* The last mark whose digests all sinks have; NULL: none. */
const struct found *journal_choose(struct journal *j, struct sink *sinks, struct meed_err *err,
				   int32_t *ret_r);

#endif
