/* json.c - a report as one JSON object. */
#include "config.h"
#include "host/report/parts.h"

#include <math.h>

static void key_str(struct meed_buf *b, const char *key, meed_str s)
{
	meed_buf_printf(b, "\"%s\":", key);
	meed_buf_json_str(b, s);
}

static void number_or_null(struct meed_buf *b, double x)
{
	if (isfinite(x))
		meed_buf_json_num(b, x);
	else
		MEED_BUF_LIT(b, "null");
}

static void put_facts(const struct meed_report *r, struct meed_buf *b)
{
	size_t i;

	for (i = 0; i < r->n_facts; i++) {
		const struct report_fact *f = &r->facts[i];

		meed_buf_puts(b, i ? "," : "");
		meed_buf_json_str(b, f->key);
		meed_buf_putc(b, ':');
		if (f->is_num)
			number_or_null(b, f->x);
		else
			meed_buf_json_str(b, f->text);
	}
}

static void put_cell(const struct report_cell *c, bool intervals, struct meed_buf *b)
{
	if (c->given == GIVEN_NOTHING) {
		MEED_BUF_LIT(b, "null");
	} else if (c->given == GIVEN_TEXT) {
		meed_buf_json_str(b, c->text);
	} else if (!intervals) {
		meed_buf_json_num(b, c->x);
	} else {
		/* one shape a column */
		MEED_BUF_LIT(b, "{\"value\":");
		meed_buf_json_num(b, c->x);
		MEED_BUF_LIT(b, ",\"low\":");
		number_or_null(b, c->given == GIVEN_INTERVAL ? c->low : NAN);
		MEED_BUF_LIT(b, ",\"high\":");
		number_or_null(b, c->given == GIVEN_INTERVAL ? c->high : NAN);
		meed_buf_putc(b, '}');
	}
}

static void put_columns(const struct meed_report_table *t, struct meed_buf *b)
{
	size_t k;

	for (k = 0; k < t->n_cols; k++) {
		meed_buf_puts(b, k ? ",{" : "{");
		key_str(b, "id", t->cols[k].id);
		meed_buf_putc(b, ',');
		key_str(b, "heading", t->cols[k].heading);
		meed_buf_printf(b, ",\"kind\":\"%s\"}", report_cell_name(t->cols[k].kind));
	}
}

static void put_strong(const struct meed_report_table *t, struct meed_buf *b)
{
	bool any = false;
	size_t i;

	for (i = 0; i < t->n_rows; i++) {
		if (!t->strong[i])
			continue;
		meed_buf_puts(b, any ? "," : ",\"strong\":[");
		meed_buf_u64(b, i);
		any = true;
	}
	if (any)
		meed_buf_putc(b, ']');
}

static void put_table(const struct meed_report_table *t, struct meed_buf *b)
{
	size_t i, k;

	meed_buf_json_str(b, t->id);
	MEED_BUF_LIT(b, ":{");
	key_str(b, "title", t->title);
	if (t->caption.n) {
		meed_buf_putc(b, ',');
		key_str(b, "caption", t->caption);
	}
	MEED_BUF_LIT(b, ",\"columns\":[");
	put_columns(t, b);
	MEED_BUF_LIT(b, "],\"rows\":[");
	for (i = 0; i < t->n_rows; i++) {
		meed_buf_puts(b, i ? ",\n{" : "\n{");
		for (k = 0; k < t->n_cols; k++) {
			meed_buf_puts(b, k ? "," : "");
			meed_buf_json_str(b, t->cols[k].id);
			meed_buf_putc(b, ':');
			put_cell(&t->cells[i * t->n_cols + k], t->cols[k].intervals, b);
		}
		meed_buf_putc(b, '}');
	}
	meed_buf_putc(b, ']');
	put_strong(t, b);
	meed_buf_putc(b, '}');
}

static void put_point(const struct report_point *p, struct meed_buf *b)
{
	const struct {
		const char *key;
		double x;
	} v[] = { { "x", p->x }, { "y", p->y }, { "low", p->low }, { "high", p->high } };
	const char *between = "";
	size_t i;

	meed_buf_putc(b, '{');
	if (p->label.n) {
		key_str(b, "label", p->label);
		between = ",";
	}
	for (i = 0; i < 4; i++) {
		if (!isfinite(v[i].x))
			continue;
		meed_buf_printf(b, "%s\"%s\":", between, v[i].key);
		meed_buf_json_num(b, v[i].x);
		between = ",";
	}
	meed_buf_putc(b, '}');
}

static void put_plot(const struct meed_report_plot *p, struct meed_buf *b)
{
	size_t i, k;

	meed_buf_json_str(b, p->id);
	MEED_BUF_LIT(b, ":{");
	key_str(b, "title", p->title);
	meed_buf_printf(b, ",\"kind\":\"%s\",", report_plot_name(p->kind));
	key_str(b, "x_label", p->x_label);
	meed_buf_putc(b, ',');
	key_str(b, "y_label", p->y_label);
	MEED_BUF_LIT(b, ",\"series\":[");
	for (i = 0; i < p->n_series; i++) {
		meed_buf_puts(b, i ? ",\n{" : "\n{");
		key_str(b, "name", p->series[i].name);
		MEED_BUF_LIT(b, ",\"points\":[");
		for (k = 0; k < p->series[i].n; k++) {
			meed_buf_puts(b, k ? "," : "");
			put_point(&p->series[i].points[k], b);
		}
		MEED_BUF_LIT(b, "]}");
	}
	MEED_BUF_LIT(b, "]}");
}

int32_t meed_report_json(const struct meed_report *r, struct meed_buf *b)
{
	size_t i;

	if (!r)
		return MEED_E_NOMEM;
	MEED_BUF_LIT(b, "{\"meed\":\"report/1\",");
	key_str(b, "kind", r->kind);
	meed_buf_putc(b, ',');
	key_str(b, "title", r->title);
	MEED_BUF_LIT(b, ",\n\"facts\":{");
	put_facts(r, b);
	MEED_BUF_LIT(b, "},\n\"tables\":{");
	for (i = 0; i < r->n_tables; i++) {
		meed_buf_puts(b, i ? ",\n" : "\n");
		put_table(r->tables[i], b);
	}
	MEED_BUF_LIT(b, "},\n\"plots\":{");
	for (i = 0; i < r->n_plots; i++) {
		meed_buf_puts(b, i ? ",\n" : "\n");
		put_plot(r->plots[i], b);
	}
	MEED_BUF_LIT(b, "},\n\"notes\":[");
	for (i = 0; i < r->n_notes; i++) {
		meed_buf_printf(b, "%s{\"kind\":\"%s\",", i ? ",\n" : "\n",
				report_note_name(r->notes[i].kind));
		key_str(b, "text", r->notes[i].text);
		meed_buf_putc(b, '}');
	}
	MEED_BUF_LIT(b, "]}\n");
	return report_whole(r, b);
}
