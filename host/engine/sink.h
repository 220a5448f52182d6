/* sink.h - an output of a run: whole lines only, and its own name only when it is whole (internal
 * to the engine). */
#ifndef MEED_SINK_H
#define MEED_SINK_H

#include "host/base/base.h"

/* How long an output was and what it held; chain: its digest's, see struct meed_digest. */
struct sink_mark {
	uint64_t bytes, chain, digest;
};

struct sink {
	char *path;			/* for messages; NULL: not in use */
	char *part;			/* regular file: written under this name until it is whole */
	int fd;
	bool owned;
	bool named;			/* it has its own name already */
	bool digesting;
	uint64_t bytes;			/* written and whole */
	struct meed_digest digest;
};

/* path NULL or "-": standard output. A regular file is written as PATH.part. keep: what is in
 * PATH.part stays, and if there is none but PATH, that is opened. */
int32_t sink_open(struct sink *s, const char *path, bool keep, struct meed_err *err);
int32_t sink_write(struct sink *s, const char *p, size_t n, struct meed_err *err);
void sink_mark(const struct sink *s, struct sink_mark *ret);
/* Cuts the file to where it was and goes on from there. */
int32_t sink_go_to(struct sink *s, const struct sink_mark *m, struct meed_err *err);
/* To the disk. */
int32_t sink_sync(struct sink *s, struct meed_err *err);
/* Renames PATH.part to PATH. */
int32_t sink_commit(struct sink *s, struct meed_err *err);
/* Closes; PATH.part stays, cut to whole lines. */
void sink_close(struct sink *s);
/* True for what is, or would be, a regular file. */
bool sink_is_file(const char *path);
/* Brings the names of a file's folder to the disk. */
void sink_sync_folder(const char *path);

#endif
