/* duckdb.h - DuckDB's C library, opened at run time where there is one: Parquet files in, and out.
 *
 * Meed does not link to it and does not need it for anything else. It is looked for at
 * $MEED_DUCKDB, else as libduckdb.so on the loader's path. */
#ifndef MEED_SAMPLE_DUCKDB_H
#define MEED_SAMPLE_DUCKDB_H

#include "host/sample/sample.h"

/* A database in memory and a connection. Belongs to one thread. */
struct meed_duckdb;

/* MEED_E_UNSUPPORTED with what is missing and how to get it. */
int32_t meed_duckdb_open(struct meed_err *err, struct meed_duckdb **ret);
void meed_duckdb_close(struct meed_duckdb *d);
/* Runs statements whose results nobody wants. MEED_E_SAMPLE with what DuckDB says. */
int32_t meed_duckdb_run(struct meed_duckdb *d, const char *sql, struct meed_err *err);
/* Begins a query for one column of texts. An earlier one is ended. */
int32_t meed_duckdb_select(struct meed_duckdb *d, const char *sql, struct meed_err *err);
/* The next text of the query, valid until the next call; {NULL, 0} for NULL. 1; 0 at the end. Texts
 * come in portions of some thousand rows, so that memory does not grow with the table. */
int32_t meed_duckdb_next(struct meed_duckdb *d, meed_str *ret, struct meed_err *err);
/* Appends 'text' as SQL writes it. */
void meed_duckdb_quote(struct meed_buf *b, const char *text);

#endif
