/* source.h - the bytes of one file, gzip and zstd undone; used by input*.c alone. */
#ifndef MEED_SAMPLE_SOURCE_H
#define MEED_SAMPLE_SOURCE_H

#include <zlib.h>
#include <zstd.h>

#include "host/sample/sample.h"

enum meed_packing { MEED_PLAIN, MEED_GZIP, MEED_ZSTD };

struct meed_source {
	int fd;				/* -1: closed */
	bool owned;			/* fd is ours to close */
	bool regular;			/* a file, not a pipe or a terminal */
	const atomic_int *cancel;	/* not zero: do not wait any longer; may be NULL */
	struct meed_digest *digest;	/* gets what is read from fd; may be NULL */
	bool at_end;			/* fd has no more bytes */
	bool inside;			/* a gzip member or zstd frame is not finished */
	bool pending;			/* zstd: more output waits without more input */
	enum meed_packing packing;
	uint64_t raw;			/* bytes read from fd */
	unsigned char *in;		/* bytes read and not yet used: in[at..n) */
	size_t at, n;
	z_stream gz;
	bool gz_open;
	ZSTD_DStream *zs;
};

/* path "-" is standard input; cancel and digest may be NULL. On failure s is closed. Errors say
 * what is wrong, not where. */
int32_t meed_source_open(struct meed_source *s, const char *path, const atomic_int *cancel,
			 struct meed_digest *digest, struct meed_err *err);
/* Of a plain regular file just opened: goes to a byte of it, or to its end if that comes first. The
 * digest is then the caller's to set right. */
int32_t meed_source_seek(struct meed_source *s, uint64_t offset, struct meed_err *err);
/* Returns how many bytes it read, 0 at the end, or a negative code. room is positive. */
int64_t meed_source_read(struct meed_source *s, char *to, size_t room, struct meed_err *err);
void meed_source_close(struct meed_source *s);

#endif
