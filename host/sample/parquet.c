/* parquet.c - rows of Parquet files, made JSON by DuckDB: lists and structs nest. */
#include "config.h"
#include "host/sample/container.h"
#include "host/sample/duckdb.h"

#include <stdlib.h>

struct parquet {
	struct meed_duckdb *db;
	uint64_t row;
	size_t max_row;
};

static int32_t next(struct meed_maker *m, struct meed_buf *to, struct meed_line *ret,
		    struct meed_err *err)
{
	struct parquet *p = m->self;
	meed_str text;
	int32_t r = meed_duckdb_next(p->db, &text, err);

	if (r <= 0)
		return r;
	p->row++;
	*ret = (struct meed_line){ .number = p->row, .end = p->row, .n = text.n };
	if (text.n > p->max_row)
		ret->status = MEED_E_LIMIT;
	else
		meed_buf_put(to, text.p, text.n);
	return to->failed ? meed_err_nomem(err) : 1;
}

static void close_parquet(struct meed_maker *m)
{
	struct parquet *p = m->self;

	if (!p)
		return;
	meed_duckdb_close(p->db);
	free(p);
	*m = (struct meed_maker){ 0 };
}

/* DuckDB takes *, ? and [ in a path for a pattern. */
static void put_path(struct meed_buf *b, const char *path)
{
	struct meed_buf plain = { 0 };

	for (; *path; path++) {
		if (strchr("*?[", *path))
			meed_buf_printf(&plain, "[%c]", *path);
		else
			meed_buf_putc(&plain, *path);
	}
	meed_buf_putc(&plain, '\0');
	if (!plain.failed)
		meed_duckdb_quote(b, plain.p);
	b->failed |= plain.failed;
	meed_buf_release(&plain);
}

/* The rows' source. Canonical samples have input, output and metadata as JSON in texts, which are
 * then what they say: a column's type cannot hold what differs from sample to sample. */
static int32_t put_source(struct parquet *p, const char *path, struct meed_buf *sql,
			  struct meed_err *err)
{
	struct meed_buf q = { 0 };
	meed_str found = { 0 };
	int32_t r;

	meed_buf_puts(&q, "SELECT CASE WHEN count(*) FILTER (column_name IN ('unique_id', 'input', "
			  "'output')) = 3 THEN string_agg('CASE WHEN left(' || column_name || "
			  "', 1) IN (''['', ''{'', ''\"'') AND json_valid(' || column_name || ') THEN json('"
			  " || column_name || ') ELSE to_json(' || column_name || ') END AS ' || "
			  "column_name, ', ') FILTER (column_name <> 'unique_id') ELSE '' END FROM "
			  "(DESCRIBE SELECT * FROM read_parquet(");
	put_path(&q, path);
	meed_buf_puts(&q, ")) WHERE column_type = 'VARCHAR' AND column_name IN ('unique_id', "
			  "'input', 'output', 'metadata')");
	meed_buf_putc(&q, '\0');
	r = q.failed ? meed_err_nomem(err) : meed_duckdb_select(p->db, q.p, err);
	if (r >= 0)
		r = meed_duckdb_next(p->db, &found, err);
	if (r >= 0 && found.n > 0) {
		meed_buf_puts(sql, "(SELECT * REPLACE (");
		meed_buf_put(sql, found.p, found.n);
		meed_buf_puts(sql, ") FROM read_parquet(");
		put_path(sql, path);
		meed_buf_puts(sql, "))");
	} else if (r >= 0) {
		meed_buf_puts(sql, "read_parquet(");
		put_path(sql, path);
		meed_buf_puts(sql, ")");
	}
	meed_buf_release(&q);
	return r < 0 ? r : MEED_OK;
}

int32_t meed_parquet_open(struct meed_maker *m, const char *path, size_t max_row,
			  struct meed_err *err)
{
	struct meed_buf sql = { 0 };
	struct parquet *p = calloc(1, sizeof(*p));
	int32_t r;

	if (!p)
		return meed_err_nomem(err);
	*m = (struct meed_maker){ .next = next, .close = close_parquet, .self = p };
	p->max_row = max_row;
	/* a name that no column has, or it would mean that column */
	meed_buf_puts(&sql, "SELECT to_json(\"the whole row\")::VARCHAR FROM ");
	r = meed_duckdb_open(err, &p->db);
	if (r >= 0)
		r = put_source(p, path, &sql, err);
	meed_buf_puts(&sql, " \"the whole row\"");
	meed_buf_putc(&sql, '\0');
	if (r >= 0)
		r = sql.failed ? meed_err_nomem(err) : meed_duckdb_select(p->db, sql.p, err);
	if (r < 0)
		close_parquet(m);
	meed_buf_release(&sql);
	return r;
}
