/* csv.c - rows of CSV (RFC 4180) and TSV: a record becomes a JSON object by the header's names. */
#include "config.h"
#include "host/sample/container.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#define READ_BYTES ((size_t)64 << 10)
#define MAX_COLUMNS 65536

enum where { AT_START, BARE, QUOTED, AFTER_QUOTE };

struct csv {
	struct meed_source *src;
	char delimiter;
	const char *json_cells;
	size_t max_row;
	/* bytes that were read and not yet used */
	struct meed_buf in;
	size_t at;
	bool at_end;
	uint64_t line, offset;		/* of the next byte; lines from 1 */
	/* the record: its bytes as they stand, and its cells without quotes */
	struct meed_buf raw, cells;
	size_t *ends;			/* of each cell, in cells */
	size_t n_cells, cap_ends;
	bool too_long;			/* raw and cells are not kept */
	size_t length;			/* its bytes */
	const char *bad;		/* why it is no record, or NULL */
	/* the header: ,"name": for each column */
	struct meed_buf names;
	size_t *name_ends;
	bool *is_json;			/* for each column */
	size_t n_columns;
};

/* ---- bytes --------------------------------------------------------------------------------- */

/* The next byte, or -1 at the end, -2 on an error. */
static int peek(struct csv *c, struct meed_err *err)
{
	int64_t n;

	if (c->at < c->in.n)
		return (unsigned char)c->in.p[c->at];
	if (c->at_end)
		return -1;
	c->in.n = c->at = 0;
	if (!meed_buf_grow(&c->in, READ_BYTES)) {
		(void)meed_err_nomem(err);
		return -2;
	}
	n = meed_source_read(c->src, c->in.p, READ_BYTES, err);
	if (n < 0)
		return -2;
	c->at_end = n == 0;
	c->in.n = (size_t)n;
	return n ? (unsigned char)c->in.p[0] : -1;
}

/* Takes the byte that peek showed. */
static void take(struct csv *c)
{
	char b = c->in.p[c->at++];

	c->offset++;
	c->line += b == '\n';
	c->length++;
	if (c->length > c->max_row)
		c->too_long = true;
	if (!c->too_long)
		meed_buf_putc(&c->raw, b);
}

static void put(struct csv *c, char b)
{
	if (!c->too_long)
		meed_buf_putc(&c->cells, b);
}

/* ---- records ---------------------------------------------------------------------------- */

static int32_t end_cell(struct csv *c, struct meed_err *err)
{
	if (c->n_cells == c->cap_ends) {
		size_t cap = c->cap_ends ? 2 * c->cap_ends : 16;
		size_t *v;

		if (c->n_cells >= MAX_COLUMNS) {
			c->bad = "the record has more than 65536 cells";
			return MEED_OK;
		}
		v = realloc(c->ends, cap * sizeof(*v));
		if (!v)
			return meed_err_nomem(err);
		c->ends = v;
		c->cap_ends = cap;
	}
	c->ends[c->n_cells++] = c->cells.n;
	return MEED_OK;
}

/* A byte that ends neither cell nor record. */
static enum where inside(struct csv *c, enum where w, char b)
{
	if (w == AT_START && b == '"')
		return QUOTED;
	if (w == QUOTED && b == '"')
		return AFTER_QUOTE;
	if (w == AFTER_QUOTE && b == '"') {
		put(c, b);
		return QUOTED;
	}
	if (w == AFTER_QUOTE)
		c->bad = "text after a cell's closing quote; a quote within quotes is "
			 "written twice";
	put(c, b);
	return w == QUOTED ? QUOTED : w == AFTER_QUOTE ? AFTER_QUOTE : BARE;
}

static void begin_record(struct csv *c)
{
	c->raw.n = c->cells.n = 0;
	c->raw.failed = c->cells.failed = false;
	c->n_cells = c->length = 0;
	c->too_long = false;
	c->bad = NULL;
}

/* Reads a record. 1, 0 at the end of the file. */
static int32_t read_record(struct csv *c, struct meed_err *err)
{
	uint64_t from = c->line;
	enum where w = AT_START;
	bool cr = false;		/* a carriage return that may belong to the newline */

	begin_record(c);
	for (;;) {
		int b = peek(c, err);

		if (b == -2)
			return err->code;
		if (b == -1 && w == QUOTED)
			return meed_err_set(err, MEED_E_SAMPLE,
					    "line %llu: a quote of the record that begins here is "
					    "not closed", (unsigned long long)from);
		if (b == -1 && !c->length)
			return 0;
		if (b >= 0)
			take(c);
		if (b == -1 || (w != QUOTED && b == '\n'))
			break;
		if (cr && w != QUOTED)
			w = inside(c, w, '\r');
		cr = w != QUOTED && b == '\r';
		if (cr)
			continue;
		if (w != QUOTED && b == c->delimiter) {
			if (end_cell(c, err) < 0)
				return err->code;
			w = AT_START;
		} else {
			w = inside(c, w, (char)b);
		}
	}
	if (end_cell(c, err) < 0)
		return err->code;
	if (c->raw.failed || c->cells.failed)
		return meed_err_nomem(err);
	return 1;
}

static meed_str cell(const struct csv *c, size_t i)
{
	size_t from = i ? c->ends[i - 1] : 0;

	return (meed_str){ c->cells.n ? c->cells.p + from : "", c->ends[i] - from };
}

static bool is_blank(const struct csv *c)
{
	return c->n_cells == 1 && !c->ends[0] && c->length <= 2 && !c->too_long;
}

/* ---- the header --------------------------------------------------------------------------- */

static int32_t check_name(const struct csv *c, size_t i, struct meed_err *err)
{
	meed_str name = cell(c, i);

	if (meed_utf8_check(name.p, name.n) < name.n)
		return meed_err_set(err, MEED_E_SAMPLE,
				    "line 1: the name of column %zu is not UTF-8", i + 1);
	for (size_t k = 0; k < i; k++)
		if (meed_str_eq(cell(c, k), name))
			return meed_err_set(err, MEED_E_SAMPLE,
					    "line 1: columns %zu and %zu of the header are both "
					    "\"%.*s\"", k + 1, i + 1,
					    (int)(name.n < 64 ? name.n : 64), name.p);
	return MEED_OK;
}

/* The columns that json_cells names. */
static int32_t find_json_columns(struct csv *c, struct meed_err *err)
{
	const char *p = c->json_cells ? c->json_cells : "";
	bool all = strcmp(p, "*") == 0;

	for (size_t i = 0; i < c->n_cells; i++)
		c->is_json[i] = all;
	while (*p && !all) {
		size_t n = strcspn(p, ","), i = 0;

		while (i < c->n_cells && !meed_str_eq(cell(c, i), (meed_str){ p, n }))
			i++;
		if (i == c->n_cells)
			return meed_err_set(err, MEED_E_SAMPLE,
					    "line 1: the header has no \"%.*s\", whose cells are "
					    "said to be JSON", (int)n, p);
		c->is_json[i] = true;
		p += n;
		p += *p == ',';
	}
	return MEED_OK;
}

static int32_t read_header(struct csv *c, struct meed_err *err)
{
	int32_t r = read_record(c, err);

	if (r <= 0)
		return r;
	if (c->bad || c->too_long)
		return meed_err_set(err, MEED_E_SAMPLE, "line 1: no header: %s",
				    c->bad ? c->bad : "the line is too long");
	c->name_ends = calloc(c->n_cells, sizeof(*c->name_ends));
	c->is_json = calloc(c->n_cells, sizeof(*c->is_json));
	if (!c->name_ends || !c->is_json)
		return meed_err_nomem(err);
	for (size_t i = 0; i < c->n_cells; i++) {
		r = check_name(c, i, err);
		if (r < 0)
			return r;
		meed_buf_putc(&c->names, i ? ',' : '{');
		meed_buf_json_str(&c->names, cell(c, i));
		meed_buf_putc(&c->names, ':');
		c->name_ends[i] = c->names.n;
	}
	r = find_json_columns(c, err);
	if (r < 0)
		return r;
	c->n_columns = c->n_cells;
	return c->names.failed ? meed_err_nomem(err) : 1;
}

/* ---- rows --------------------------------------------------------------------------------- */

static void put_cell(bool json, struct meed_buf *to, meed_str s)
{
	struct json_object *o = NULL;

	if (json && s.n && strchr("{[\"-0123456789tfn", s.p[0]) && s.p[0] &&
	    meed_json_read(NULL, s.p, s.n, NULL, &o) >= 0)
		meed_json_write(to, o);
	else
		meed_buf_json_str(to, s);
	json_object_put(o);
}

static void put_row(const struct csv *c, struct meed_buf *to)
{
	for (size_t i = 0; i < c->n_columns; i++) {
		size_t from = i ? c->name_ends[i - 1] : 0;

		meed_buf_put(to, c->names.p + from, c->name_ends[i] - from);
		put_cell(c->is_json[i], to, cell(c, i));
	}
	meed_buf_putc(to, '}');
}

/* Says why the record is no row; false if it is one. */
static bool is_bad(struct meed_maker *m)
{
	struct csv *c = m->self;

	m->why[0] = '\0';
	if (c->bad)
		(void)snprintf(m->why, sizeof(m->why), "%s", c->bad);
	else if (c->n_cells != c->n_columns)
		(void)snprintf(m->why, sizeof(m->why),
			       "the record has %zu cell%s, and the header has %zu", c->n_cells,
			       c->n_cells == 1 ? "" : "s", c->n_columns);
	else if (meed_utf8_check(c->raw.p, c->raw.n) < c->raw.n) /* cells lie side by side */
		(void)snprintf(m->why, sizeof(m->why), "ill-formed UTF-8 in the record");
	return m->why[0];
}

static int32_t next(struct meed_maker *m, struct meed_buf *to, struct meed_line *ret,
		    struct meed_err *err)
{
	struct csv *c = m->self;
	size_t from = to->n, n;
	int32_t r;

	if (!c->n_columns) {
		r = read_header(c, err);
		if (r <= 0)
			return r;
	}
	do {
		*ret = (struct meed_line){ .number = c->line, .offset = c->offset };
		r = read_record(c, err);
	} while (r == 1 && is_blank(c));
	if (r <= 0)
		return r;
	ret->end = c->offset;
	if (c->too_long) {
		ret->status = MEED_E_LIMIT;
		ret->n = c->length;
		return 1;
	}
	if (is_bad(m)) {
		ret->status = MEED_E_SAMPLE;
		ret->why = m->why;
		n = c->raw.n;
		while (n && (c->raw.p[n - 1] == '\n' || c->raw.p[n - 1] == '\r'))
			n--;
		meed_buf_put(to, c->raw.p, n);
	} else {
		put_row(c, to);
	}
	ret->n = to->n - from;
	if (ret->status == MEED_OK && ret->n > c->max_row) {
		to->n = from;
		ret->status = MEED_E_LIMIT;
	}
	return to->failed ? meed_err_nomem(err) : 1;
}

static void close_csv(struct meed_maker *m)
{
	struct csv *c = m->self;

	if (!c)
		return;
	meed_buf_release(&c->in);
	meed_buf_release(&c->raw);
	meed_buf_release(&c->cells);
	meed_buf_release(&c->names);
	free(c->ends);
	free(c->name_ends);
	free(c->is_json);
	free(c);
	*m = (struct meed_maker){ 0 };
}

int32_t meed_csv_open(struct meed_maker *m, struct meed_source *src, const char *head, size_t n,
		      char delimiter, const char *json_cells, size_t max_row, struct meed_err *err)
{
	struct csv *c = calloc(1, sizeof(*c));

	if (!c)
		return meed_err_nomem(err);
	*m = (struct meed_maker){ .next = next, .close = close_csv, .self = c };
	c->src = src;
	c->delimiter = delimiter;
	c->json_cells = json_cells;
	c->max_row = max_row;
	c->line = 1;
	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
		head += 3;
		n -= 3;
		c->offset = 3;
	}
	meed_buf_put(&c->in, head, n);
	if (!c->in.failed)
		return MEED_OK;
	close_csv(m);
	return meed_err_nomem(err);
}
