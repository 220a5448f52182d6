/* csv.c - a report's tables as comma-separated values, RFC 4180. */
#include "config.h"
#include "host/report/parts.h"

#include <math.h>

/* A # at the start is a table's name here, and many readers cut spaces off a field. */
static void put_text(struct meed_buf *b, meed_str s)
{
	meed_buf_csv(b, s, s.n > 0 && (s.p[0] == ' ' || s.p[s.n - 1] == ' ' || s.p[0] == '#'));
}

static void put_number(struct meed_buf *b, double x)
{
	if (isfinite(x))
		meed_buf_json_num(b, x);
}

static void put_head(const struct meed_report_table *t, struct meed_buf *b)
{
	size_t k;

	for (k = 0; k < t->n_cols; k++) {
		const meed_str id = t->cols[k].id;

		meed_buf_puts(b, k ? "," : "");
		meed_buf_put(b, id.p, id.n);
		if (t->cols[k].intervals)
			meed_buf_printf(b, ",%.*s_low,%.*s_high", (int)id.n, id.p, (int)id.n, id.p);
	}
	MEED_BUF_LIT(b, "\r\n");
}

static void put_row(const struct meed_report_table *t, size_t row, struct meed_buf *b)
{
	size_t k;

	for (k = 0; k < t->n_cols; k++) {
		const struct report_cell *c = &t->cells[row * t->n_cols + k];

		meed_buf_puts(b, k ? "," : "");
		if (c->given == GIVEN_TEXT)
			put_text(b, c->text);
		else if (c->given != GIVEN_NOTHING)
			put_number(b, c->x);
		if (!t->cols[k].intervals)
			continue;
		meed_buf_putc(b, ',');
		if (c->given == GIVEN_INTERVAL)
			put_number(b, c->low);
		meed_buf_putc(b, ',');
		if (c->given == GIVEN_INTERVAL)
			put_number(b, c->high);
	}
	MEED_BUF_LIT(b, "\r\n");
}

static void put_table(const struct meed_report_table *t, struct meed_buf *b)
{
	size_t i;

	put_head(t, b);
	for (i = 0; i < t->n_rows; i++)
		put_row(t, i, b);
}

static int32_t no_such_table(const struct meed_report *r, const char *id, struct meed_err *err)
{
	struct meed_buf names = { 0 };
	int32_t code;
	size_t i;

	for (i = 0; i < r->n_tables; i++)
		meed_buf_printf(&names, "%s%s", i ? ", " : "", r->tables[i]->id.p);
	code = meed_err_set(err, MEED_E_PARAM, "no table \"%s\" in the report; it has %.*s", id,
			    (int)names.n, names.p ? names.p : "");
	meed_buf_release(&names);
	return code;
}

int32_t meed_report_csv(const struct meed_report *r, const char *table_id, struct meed_err *err,
			struct meed_buf *b)
{
	size_t i;

	if (!r || r->failed)
		return meed_err_nomem(err);
	for (i = 0; i < r->n_tables; i++) {
		const struct meed_report_table *t = r->tables[i];

		if (table_id && !meed_str_eq(t->id, meed_str_of(table_id)))
			continue;
		if (!table_id && r->n_tables > 1)
			meed_buf_printf(b, "%s# %.*s\r\n", i ? "\r\n" : "", (int)t->id.n, t->id.p);
		put_table(t, b);
		if (table_id)
			break;
	}
	if (table_id && i == r->n_tables)
		return no_such_table(r, table_id, err);
	return b->failed ? meed_err_nomem(err) : MEED_OK;
}
