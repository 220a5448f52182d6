/* spill.h - sequences and sorted sets of records that outgrow memory. */
#ifndef MEED_DATA_SPILL_H
#define MEED_DATA_SPILL_H

#include "host/base/base.h"

/* A file without a name in $TMPDIR (or /tmp). */
int32_t meed_spill_open(int *ret_fd, struct meed_err *err);
/* All n bytes, at an offset. */
int32_t meed_spill_put(int fd, const void *p, size_t n, uint64_t at, struct meed_err *err);
int32_t meed_spill_get(int fd, void *p, size_t n, uint64_t at, struct meed_err *err);

/* Records, written once and then read once in the same order. */
struct meed_spool {
	int fd;				/* -1: not open yet */
	struct meed_buf buf;		/* written: not in the file yet; read: a stretch of it */
	size_t at;			/* reading: in buf */
	uint64_t size;			/* of the file */
	uint64_t from;			/* reading: how much of the file has been taken into buf */
	uint64_t n;			/* records */
	bool reading;
};
#define MEED_SPOOL_INIT { .fd = -1 }
int32_t meed_spool_add(struct meed_spool *s, const void *p, size_t n, struct meed_err *err);
/* 1 and the next record, borrowed until the next call; 0 at the end; or a code. */
int meed_spool_next(struct meed_spool *s, meed_str *ret, struct meed_err *err);
void meed_spool_release(struct meed_spool *s);

/* Records by key: bytes in memcmp order, the shorter first if one begins the other. Equal keys
 * come out in no particular order. */
struct meed_sorter;
struct meed_sorter *meed_sorter_new(uint64_t memory_bytes);
void meed_sorter_free(struct meed_sorter *s);
int32_t meed_sorter_add(struct meed_sorter *s, const void *key, size_t n_key, const void *p,
			size_t n, struct meed_err *err);
/* 1, key and record, borrowed until the next call; 0 at the end. Nothing is added after
 * the first call. */
int meed_sorter_next(struct meed_sorter *s, meed_str *ret_key, meed_str *ret, struct meed_err *err);

/* Numbers as keys: big-endian. */
static inline void meed_key_u64(unsigned char *to, uint64_t x)
{
	int i;

	for (i = 7; i >= 0; i--, x >>= 8)
		to[i] = (unsigned char)x;
}
static inline uint64_t meed_key_to_u64(const char *from)
{
	uint64_t x = 0;
	int i;

	for (i = 0; i < 8; i++)
		x = x << 8 | (unsigned char)from[i];
	return x;
}

#endif
