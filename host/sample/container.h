/* container.h - what a file is, by its name and its first bytes; and containers that give rows of
 * their own making. Used by input*.c alone. */
#ifndef MEED_SAMPLE_CONTAINER_H
#define MEED_SAMPLE_CONTAINER_H

#include "host/sample/source.h"
#include "host/sample/split.h"

/* So many bytes, or the first line that is not blank, are looked at. */
#define MEED_HEAD_BYTES ((size_t)64 << 10)

struct meed_found {
	enum meed_container container;	/* never AUTO */
	enum meed_split_mode mode;	/* of MEED_CONTAINER_JSON */
};

/* wanted: AUTO, or what it is said to be; path "-" has no name that tells. */
struct meed_found meed_container_find(enum meed_container wanted, const char *path,
				      const char *head, size_t n);

/* A container that makes rows: JSON objects, one at a time. */
struct meed_maker {
	/* Appends one row to `to` and says in *ret its number, offset (0: unknown), length and
	 * status; where the status is bad, ret->why (static, or in why) says why, and the text
	 * is what the file has there. 1, 0 at the end, or a code with what and where in err. */
	int32_t (*next)(struct meed_maker *m, struct meed_buf *to, struct meed_line *ret,
			struct meed_err *err);
	void (*close)(struct meed_maker *m); /* NULL: there is none */
	void *self;
	char why[128];
};

/* Rows of CSV and TSV. json_cells as for meed_input_set. The bytes of head come before those of src,
 * which stays the caller's. */
int32_t meed_csv_open(struct meed_maker *m, struct meed_source *src, const char *head, size_t n,
		      char delimiter, const char *json_cells, size_t max_row, struct meed_err *err);
/* Rows of a Parquet file, through DuckDB's library. */
int32_t meed_parquet_open(struct meed_maker *m, const char *path, size_t max_row,
			  struct meed_err *err);

#endif
