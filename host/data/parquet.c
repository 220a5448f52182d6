/* parquet.c - rows of JSON as a Parquet file, through DuckDB's library */
#include "config.h"

#include "host/data/internal.h"
#include "host/sample/duckdb.h"

#include <stdio.h>
#include <stdlib.h>

/* No row is longer than a line may be. */
#define ROW_MAX "268435456"

/* read_json('PATH', ...) with the columns that are given, or found out. */
static void put_source(struct meed_buf *b, int fd, const char *columns, size_t n)
{
	meed_buf_printf(b,
			"read_json('/proc/self/fd/%d', format = 'newline_delimited', "
			"maximum_object_size = " ROW_MAX ", ",
			fd);
	if (columns)
		meed_buf_printf(b, "columns = {%.*s})", (int)n, columns);
	else
		MEED_BUF_LIT(b, "auto_detect = true, sample_size = -1)");
}

/* The columns' types as DuckDB finds them, but texts stay texts: it would take some for dates. */
static int32_t find_columns(struct meed_duckdb *db, int fd, struct meed_buf *ret,
			    struct meed_err *err)
{
	struct meed_buf sql = { 0 };
	meed_str text;
	int32_t r;

	MEED_BUF_LIT(&sql, "SELECT '''' || replace(column_name, '''', '''''') || ''': ''' || "
			   "replace(regexp_replace(column_type, '(^| )(DATE|TIMESTAMP|TIME|UUID)"
			   "([,)\\[]|$)', '\\1VARCHAR\\3', 'g'), '''', '''''') || '''' "
			   "FROM (DESCRIBE SELECT * FROM ");
	put_source(&sql, fd, NULL, 0);
	MEED_BUF_LIT(&sql, ")");
	meed_buf_putc(&sql, '\0');
	r = sql.failed ? meed_err_nomem(err) : meed_duckdb_select(db, sql.p, err);
	while (r == MEED_OK && (r = meed_duckdb_next(db, &text, err)) > 0) {
		if (ret->n > 0)
			MEED_BUF_LIT(ret, ", ");
		meed_buf_put(ret, text.p, text.n);
		r = MEED_OK;
	}
	meed_buf_release(&sql);
	return r < 0 ? r : ret->failed ? meed_err_nomem(err) : MEED_OK;
}

int32_t data_parquet_write(int fd, const char *path, const char *columns, struct meed_err *err)
{
	const char *bar = columns ? strchr(columns, '|') : NULL;
	struct meed_buf sql = { 0 }, found = { 0 };
	struct meed_duckdb *db = NULL;
	struct meed_err why = { 0 };
	int32_t r = meed_duckdb_open(&why, &db);

	if (r == MEED_OK && !columns)
		r = find_columns(db, fd, &found, &why);
	if (r == MEED_OK) {
		meed_buf_printf(&sql, "COPY (SELECT %.*s FROM ", bar ? (int)(bar - columns) : 1,
				bar ? columns : "*");
		put_source(&sql, fd, bar ? bar + 1 : found.p, bar ? strlen(bar + 1) : found.n);
		MEED_BUF_LIT(&sql, ") TO ");
		meed_duckdb_quote(&sql, path);
		MEED_BUF_LIT(&sql, " (FORMAT parquet)");
		meed_buf_putc(&sql, '\0');
		r = sql.failed ? meed_err_nomem(&why) : meed_duckdb_run(db, sql.p, &why);
	}
	if (r < 0)
		(void)meed_err_set(err, r == MEED_E_SAMPLE ? MEED_E_IO_OUT : r, "%s: %s", path,
				   why.text);
	meed_duckdb_close(db);
	meed_buf_release(&sql);
	meed_buf_release(&found);
	return r < 0 ? err->code : MEED_OK;
}
