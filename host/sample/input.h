/* input.h - a stream of lines while it is read; used by input.c and input_open.c alone. */
#ifndef MEED_SAMPLE_INPUT_H
#define MEED_SAMPLE_INPUT_H

#include "host/sample/container.h"

struct meed_input {
	char **paths;
	size_t n_paths;
	size_t max_line;
	uint64_t total;			/* bytes of all files; 0: not known */
	uint64_t done;			/* bytes of the files before this one */
	size_t file;			/* the current one */
	bool open;
	const atomic_int *cancel;
	bool digesting;
	struct meed_digest digest;	/* of the bytes of all files, as they are on disk */
	struct meed_source src;
	struct meed_buf carry;		/* bytes after those that were handed out */
	size_t carry_at;
	uint64_t number, offset;	/* lines and bytes of this file that were handed out */
	bool skipping;			/* in a line that is too long */
	bool ends_in_cr;		/* its last byte so far */
	uint64_t skipped;		/* its bytes so far */
	enum meed_container wanted;
	const char *json_cells;
	char sep;			/* what stands between lines of this file */
	enum meed_unit unit;
	bool splits;			/* it is a JSON document */
	struct meed_split split;
	struct meed_err broken;		/* what is wrong after the bytes that were split */
	struct meed_maker maker;	/* next is NULL: it is none of those */
	struct meed_buf left_out;
};

/* What one call of meed_input_next is about. */
struct meed_filling {
	struct meed_input *in;
	struct meed_block *b;
	size_t max_lines, max_bytes;
	size_t start;			/* where in the block the current line begins */
	size_t scanned;			/* up to where there is no newline in it */
	bool waits;			/* a pipe gave less than it was asked for */
	bool made;			/* the block has rows of a maker: their p and why are
					 * offsets into it, why's plus 1 */
	struct meed_err *err;
};

#define MEED_SIZE_UNKNOWN UINT64_MAX

/* Says now what would be wrong later. Pipes are not opened: that would end their writers. Their
 * size is MEED_SIZE_UNKNOWN. */
int32_t meed_input_check(const char *path, struct meed_err *err, uint64_t *ret_size);
/* Finds out what the file is that has just been opened. */
int32_t meed_input_find(struct meed_input *in, struct meed_err *err);
/* Opens the next file and finds out what it is. */
int32_t meed_input_begin(struct meed_filling *f);
void meed_input_end(struct meed_input *in);
/* The error of the current file, with its place. */
int32_t meed_input_fail(const struct meed_filling *f, int32_t code, const struct meed_err *why);
/* Bytes of a JSON document; from where it is broken on, the rest is dropped. */
static inline size_t meed_input_split(struct meed_input *in, char *p, size_t n)
{
	return meed_split_bytes(&in->split, p, n, &in->broken);
}
static inline bool meed_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

#endif
