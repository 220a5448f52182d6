/* test_parquet.c - Parquet through DuckDB's library, where there is one. */
#include "config.h"
#include "host/sample/duckdb.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/meed-parquet-XXXXXX";

static int make_dir(void)
{
	return mkdtemp(dir) ? 0 : 1;
}

static int remove_dir(void)
{
	return rmdir(dir) == 0 ? 0 : 1;
}

/* Writes what the query gives as a Parquet file. */
static void put_parquet(const char *path, const char *query)
{
	struct meed_duckdb *d = NULL;
	struct meed_err err = { 0 };
	struct meed_buf sql = { 0 };

	CU_ASSERT_EQUAL_FATAL(meed_duckdb_open(&err, &d), 0);
	meed_buf_printf(&sql, "COPY (%s) TO ", query);
	meed_duckdb_quote(&sql, path);
	meed_buf_puts(&sql, " (FORMAT parquet)");
	meed_buf_putc(&sql, '\0');
	CU_ASSERT_EQUAL(meed_duckdb_run(d, sql.p, &err), 0);
	if (err.code)
		(void)fprintf(stderr, "%s\n", err.text);
	meed_buf_release(&sql);
	meed_duckdb_close(d);
}

/* All rows, a line each, and "#" and what went wrong. */
static void read_all(const char *path, struct meed_buf *to, uint64_t *ret_last)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	int32_t r = meed_input_open(&path, 1, (size_t)1 << 20, &err, &in);

	*ret_last = 0;
	while (r >= 0 && (r = meed_input_next(in, &b, 100, 4096, &err)) == 1)
		for (size_t i = 0; i < b.n; i++) {
			CU_ASSERT_EQUAL(b.lines[i].unit, MEED_UNIT_ROW);
			CU_ASSERT_EQUAL(b.lines[i].number, *ret_last + 1);
			*ret_last = b.lines[i].number;
			meed_buf_put(to, b.lines[i].p, b.lines[i].n);
			meed_buf_putc(to, '\n');
		}
	if (r < 0)
		meed_buf_printf(to, "#%s", err.text + strlen(path));
	meed_buf_putc(to, '\0');
	meed_block_release(&b);
	meed_input_close(in);
}

static void test_rows_are_json(void)
{
	struct meed_buf got = { 0 };
	uint64_t last;
	char path[128];

	/* a name that SQL and DuckDB's patterns would trip over */
	(void)snprintf(path, sizeof(path), "%s/it's [a].parquet", dir);
	put_parquet(path, "SELECT 1 AS id, 'a \"q\" é' AS prompt, ['x', NULL] AS chosen, "
			  "{'k': 1.5, 'l': [{'m': true}]} AS t, NULL::VARCHAR AS n, "
			  "DATE '2020-01-02' AS d, 18446744073709551615::UBIGINT AS u, "
			  "'the whole row, longer than twelve' AS \"the\"");
	read_all(path, &got, &last);
	CU_ASSERT_STRING_EQUAL(
		got.p,
		"{\"id\":1,\"prompt\":\"a \\\"q\\\" é\",\"chosen\":[\"x\",null],\"t\":{\"k\":"
		"1.5,\"l\":[{\"m\":true}]},\"n\":null,\"d\":\"2020-01-02\",\"u\":"
		"18446744073709551615,\"the\":\"the whole row, longer than twelve\"}\n");
	CU_ASSERT_EQUAL(last, 1);
	meed_buf_release(&got);
	(void)unlink(path);
}

static void test_rows_come_in_order_and_all(void)
{
	struct meed_buf got = { 0 }, want = { 0 };
	uint64_t last;
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/a", dir);
	put_parquet(path, "SELECT range AS i, repeat('x', (range % 40)::INT) AS s FROM "
			  "range(300000)");
	read_all(path, &got, &last);
	for (int i = 0; i < 300000; i++)
		meed_buf_printf(&want, "{\"i\":%d,\"s\":\"%.*s\"}\n", i, i % 40,
				"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	meed_buf_putc(&want, '\0');
	CU_ASSERT_EQUAL(last, 300000);
	CU_ASSERT(got.n == want.n && memcmp(got.p, want.p, got.n) == 0);
	meed_buf_release(&got);
	meed_buf_release(&want);
	put_parquet(path, "SELECT 1 AS i WHERE false");
	read_all(path, &got, &last);
	CU_ASSERT_STRING_EQUAL(got.p, "");
	meed_buf_release(&got);
	(void)unlink(path);
}

static void test_a_damaged_file_is_told(void)
{
	struct meed_buf got = { 0 };
	uint64_t last;
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/a", dir);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	(void)fputs("PAR1 and no more than that, but long enough PAR1", f);
	CU_ASSERT_EQUAL(fclose(f), 0);
	read_all(path, &got, &last);
	CU_ASSERT_EQUAL(strncmp(got.p, "#: DuckDB says: ", 16), 0);
	meed_buf_release(&got);
	(void)unlink(path);
}

/* What a run had read of a file before, it goes past. */
static void test_a_run_can_go_on_within_a_file(void)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	struct meed_input_mark mark;
	struct meed_line last = { .number = 0 };
	char path[64];
	const char *paths[2] = { path, path };

	(void)snprintf(path, sizeof(path), "%s/a", dir);
	put_parquet(path, "SELECT range AS i FROM range(5000)");
	CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, 2, 1000, &err, &in), 0);
	meed_input_digest(in);
	for (int i = 0; i < 60; i++) {
		CU_ASSERT_EQUAL_FATAL(meed_input_next(in, &b, 100, 1 << 20, &err), 1);
		last = b.lines[b.n - 1];
	}
	CU_ASSERT_EQUAL(last.file, 1);
	meed_input_mark(in, &mark);
	meed_input_close(in);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, 2, 1000, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_seek(in, &mark, last.file, last.number, last.end, &err), 0);
	CU_ASSERT_EQUAL_FATAL(meed_input_next(in, &b, 1, 1000, &err), 1);
	CU_ASSERT_EQUAL(b.lines[0].number, last.number + 1);
	meed_block_release(&b);
	meed_input_close(in);
	(void)unlink(path);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "rows are JSON", test_rows_are_json },
		{ "rows come in order and all", test_rows_come_in_order_and_all },
		{ "a damaged file is told", test_a_damaged_file_is_told },
		{ "a run can go on within a file", test_a_run_can_go_on_within_a_file },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "Parquet", make_dir, remove_dir, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };
	struct meed_duckdb *d = NULL;
	struct meed_err err = { 0 };

	if (meed_duckdb_open(&err, &d) < 0) {
		(void)printf("skipped: %s\n", err.text);
		return 77;
	}
	meed_duckdb_close(d);
	return suites_run(suites);
}
