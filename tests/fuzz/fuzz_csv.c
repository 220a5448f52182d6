/* fuzz_csv.c - fuzz target: records of CSV to JSON objects.
 *
 * Each row is an object with as many texts as the header has names, or says why not. The rows
 * written as CSV, every cell in quotes, are read as the same rows. */
#include "config.h"
#include "host/sample/container.h"

#include <stdlib.h>

#include <json-c/json.h>

#define MAX_ROW 4096

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put_cell(struct meed_buf *to, const char *p, size_t n)
{
	meed_buf_putc(to, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			meed_buf_putc(to, '"');
		meed_buf_putc(to, p[i]);
	}
	meed_buf_putc(to, '"');
}

/* A row as CSV; the header first if it is the first one. */
static void put_record(struct meed_buf *to, struct json_object *o)
{
	bool first = true;

	if (!to->n) {
		json_object_object_foreach(o, key, v)
		{
			(void)v;
			if (!first)
				meed_buf_putc(to, ',');
			first = false;
			put_cell(to, key, strlen(key));
		}
		meed_buf_puts(to, "\r\n");
	}
	first = true;
	json_object_object_foreach(o, name, v)
	{
		(void)name;
		if (!first)
			meed_buf_putc(to, ',');
		first = false;
		must(json_object_get_type(v) == json_type_string);
		put_cell(to, json_object_get_string(v), (size_t)json_object_get_string_len(v));
	}
	meed_buf_puts(to, "\r\n");
}

/* Reads all rows: their JSON, a line each, goes to rows, and as CSV to csv. */
static void read_all(const char *p, size_t n, const char *json_cells, struct meed_buf *rows,
		     struct meed_buf *csv)
{
	struct meed_source src = { .fd = -1, .at_end = true };
	struct meed_maker m;
	struct meed_line line;
	struct meed_err err = { 0 };
	uint64_t last = 0;
	int32_t r;

	must(meed_csv_open(&m, &src, p, n, ',', json_cells, MAX_ROW, &err) == 0);
	for (;;) {
		struct json_object *o = NULL;
		size_t from = rows->n;

		r = m.next(&m, rows, &line, &err);
		if (r <= 0)
			break;
		must(line.number > last && line.end > line.offset && line.end <= n);
		last = line.number;
		if (line.status < 0) {
			must(line.status == MEED_E_LIMIT || line.why);
			rows->n = from;
			continue;
		}
		must(line.n == rows->n - from);
		r = meed_json_read(NULL, rows->p + from, line.n, NULL, &o);
		must(r >= 0 || memchr(rows->p, '\\', rows->n));
		if (r < 0) { /* \u0000 in a name */
			rows->n = from;
			continue;
		}
		must(json_object_get_type(o) == json_type_object);
		meed_buf_putc(rows, '\n');
		if (csv)
			put_record(csv, o);
		json_object_put(o);
	}
	must(r == 0 || (err.code == r && err.text[0]));
	m.close(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct meed_buf rows = { 0 }, csv = { 0 }, again = { 0 }, json = { 0 };

	read_all((const char *)p, n, NULL, &rows, &csv);
	/* quotes and escapes make rows longer than they were */
	if (csv.n && csv.n < MAX_ROW) {
		read_all(csv.p, csv.n, NULL, &again, NULL);
		must(rows.n == again.n && memcmp(rows.p, again.p, rows.n) == 0);
	}
	read_all((const char *)p, n, "*", &json, NULL);
	meed_buf_release(&rows);
	meed_buf_release(&csv);
	meed_buf_release(&again);
	meed_buf_release(&json);
	return 0;
}
