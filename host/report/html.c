/* html.c - a report as one page that opens without a network. */
#include "config.h"
#include "host/report/page.h"

#include <math.h>
#include <stdio.h>

#define DATA_POINTS_MAX 2000 /* that a plot's own table shows */

void report_html_text(struct meed_buf *b, meed_str s)
{
	struct meed_buf clean = { 0 };
	size_t i;

	report_clean(&clean, s, true);
	b->failed |= clean.failed;
	for (i = 0; i < clean.n; i++) {
		switch (clean.p[i]) {
		case '&':
			MEED_BUF_LIT(b, "&amp;");
			break;
		case '<':
			MEED_BUF_LIT(b, "&lt;");
			break;
		case '>':
			MEED_BUF_LIT(b, "&gt;");
			break;
		case '"':
			MEED_BUF_LIT(b, "&quot;");
			break;
		case '\'':
			MEED_BUF_LIT(b, "&#39;");
			break;
		default:
			meed_buf_putc(b, clean.p[i]);
		}
	}
	meed_buf_release(&clean);
}

static void put_head(const struct meed_report *r, struct meed_buf *b)
{
	meed_buf_printf(
		b,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"generator\" content=\"meed %s\">\n<title>",
		report_style_hash, PACKAGE_VERSION);
	report_html_text(b, r->title);
	meed_buf_printf(b, "</title>\n<style>%s</style>\n</head>\n<body>\n", report_style);
}

static void put_facts(const struct meed_report *r, struct meed_buf *b)
{
	size_t i, k;

	if (r->n_facts == 0)
		return;
	MEED_BUF_LIT(b, "<dl class=\"facts\">\n");
	for (i = 0; i < r->n_facts; i++) {
		const struct report_fact *f = &r->facts[i];
		char number[32];

		MEED_BUF_LIT(b, "<dt>");
		for (k = 0; k < f->key.n; k++)
			meed_buf_putc(b, f->key.p[k] == '_' ? ' ' : f->key.p[k]);
		MEED_BUF_LIT(b, "</dt><dd>");
		if (!f->is_num)
			report_html_text(b, f->text);
		else if (isfinite(f->x))
			meed_buf_put(b, number, meed_dtoa(f->x, number));
		else
			MEED_BUF_LIT(b, "\xe2\x80\x93");
		MEED_BUF_LIT(b, "</dd>\n");
	}
	MEED_BUF_LIT(b, "</dl>\n");
}

static void put_link(const char *kind, meed_str id, meed_str title, struct meed_buf *b)
{
	meed_buf_printf(b, "<li><a href=\"#%s-%.*s\">", kind, (int)id.n, id.p);
	report_html_text(b, title);
	MEED_BUF_LIT(b, "</a></li>\n");
}

static void put_nav(const struct meed_report *r, struct meed_buf *b)
{
	size_t i;

	if (r->n_tables + r->n_plots < 3)
		return;
	MEED_BUF_LIT(b, "<nav aria-label=\"Contents\">\n<ul>\n");
	for (i = 0; i < r->n_tables; i++)
		put_link("table", r->tables[i]->id, r->tables[i]->title, b);
	for (i = 0; i < r->n_plots; i++)
		put_link("plot", r->plots[i]->id, r->plots[i]->title, b);
	MEED_BUF_LIT(b, "</ul>\n</nav>\n");
}

static void put_notes(const struct meed_report *r, struct meed_buf *b)
{
	size_t i;

	if (r->n_notes == 0)
		return;
	MEED_BUF_LIT(b, "<section aria-label=\"Notes\">\n");
	for (i = 0; i < r->n_notes; i++) {
		const struct report_note *n = &r->notes[i];

		meed_buf_printf(b, "<p class=\"note %s\">", report_note_name(n->kind));
		if (n->kind != MEED_NOTE_INFO)
			meed_buf_printf(b, "<b>%s</b> ",
					n->kind == MEED_NOTE_ERROR ? "Error:" : "Warning:");
		report_html_text(b, n->text);
		MEED_BUF_LIT(b, "</p>\n");
	}
	MEED_BUF_LIT(b, "</section>\n");
}

/* ---- tables ---- */

static bool is_text(const struct report_column *c)
{
	return c->kind == MEED_CELL_TEXT || c->kind == MEED_CELL_PROSE;
}

static void put_columns(const struct meed_report_table *t, struct meed_buf *b)
{
	struct meed_buf words = { 0 };
	size_t k;

	MEED_BUF_LIT(b, "<thead><tr>");
	for (k = 0; k < t->n_cols; k++) {
		words.n = 0;
		report_heading(&words, &t->cols[k]);
		meed_buf_printf(b, "<th scope=\"col\"%s>",
				!is_text(&t->cols[k]) ? " class=\"n\""
				: k == 0	      ? " class=\"row\""
						      : "");
		report_html_text(b, (meed_str){ words.p ? words.p : "", words.n });
		MEED_BUF_LIT(b, "</th>");
	}
	MEED_BUF_LIT(b, "</tr></thead>\n");
	b->failed |= words.failed;
	meed_buf_release(&words);
}

static void put_value(const struct report_column *col, const struct report_cell *c,
		      struct meed_buf *b)
{
	if (c->given == GIVEN_TEXT) {
		report_html_text(b, c->text);
	} else if (c->given == GIVEN_NUMBER) {
		report_number(b, c->x, col->kind, col->digits);
	} else if (c->given == GIVEN_INTERVAL) {
		report_number(b, c->x, col->kind, col->digits);
		MEED_BUF_LIT(b, " <span class=\"ci\">[");
		report_number(b, c->low, col->kind, col->digits);
		MEED_BUF_LIT(b, ", ");
		report_number(b, c->high, col->kind, col->digits);
		MEED_BUF_LIT(b, "]</span>");
	} else {
		MEED_BUF_LIT(b, "<span class=\"none\">\xe2\x80\x93</span>");
	}
}

static void put_row(const struct meed_report_table *t, size_t row, struct meed_buf *b)
{
	size_t k;

	meed_buf_puts(b, t->strong[row] ? "<tr class=\"strong\">" : "<tr>");
	for (k = 0; k < t->n_cols; k++) {
		const struct report_column *col = &t->cols[k];
		bool head = k == 0 && is_text(col);

		if (head)
			MEED_BUF_LIT(b, "<th scope=\"row\">");
		else
			meed_buf_printf(b, "<td class=\"%s\">",
					!is_text(col)		      ? "n"
					: col->kind == MEED_CELL_TEXT ? "t"
								      : "t p");
		put_value(col, &t->cells[row * t->n_cols + k], b);
		meed_buf_puts(b, head ? "</th>" : "</td>");
	}
	MEED_BUF_LIT(b, "</tr>\n");
}

static void put_table(const struct meed_report_table *t, size_t number, struct meed_buf *b)
{
	const int n = (int)t->id.n;
	size_t i;

	meed_buf_printf(b, "<section id=\"table-%.*s\">\n<h2 id=\"title-%.*s\">Table %zu. ", n,
			t->id.p, n, t->id.p, number);
	report_html_text(b, t->title);
	MEED_BUF_LIT(b, "</h2>\n");
	if (t->n_rows == 0) {
		MEED_BUF_LIT(b, "<p class=\"none\">No rows.</p>\n");
	} else {
		meed_buf_printf(b,
				"<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
				"aria-labelledby=\"title-%.*s\">\n"
				"<table aria-labelledby=\"title-%.*s\"",
				n, t->id.p, n, t->id.p);
		if (t->caption.n)
			meed_buf_printf(b, " aria-describedby=\"caption-%.*s\"", n, t->id.p);
		MEED_BUF_LIT(b, ">\n");
		put_columns(t, b);
		MEED_BUF_LIT(b, "<tbody>\n");
		for (i = 0; i < t->n_rows; i++)
			put_row(t, i, b);
		MEED_BUF_LIT(b, "</tbody>\n</table>\n</div>\n");
	}
	if (t->caption.n) {
		meed_buf_printf(b, "<p class=\"caption\" id=\"caption-%.*s\">", n, t->id.p);
		report_html_text(b, t->caption);
		MEED_BUF_LIT(b, "</p>\n");
	}
	MEED_BUF_LIT(b, "</section>\n");
}

/* ---- plots ---- */

/* Which columns a plot's data fill. */
struct data_columns {
	bool series, label, x, interval;
};

static struct data_columns data_columns(const struct meed_report_plot *p, size_t *ret_points)
{
	struct data_columns c = { .series = p->n_series > 1 };
	size_t i, k;

	*ret_points = 0;
	for (i = 0; i < p->n_series; i++) {
		*ret_points += p->series[i].n;
		for (k = 0; k < p->series[i].n; k++) {
			const struct report_point *v = &p->series[i].points[k];

			c.label |= v->label.n > 0;
			c.interval |= isfinite(v->low) || isfinite(v->high);
		}
	}
	/* where there are labels, x is but their order */
	c.x = !c.label;
	return c;
}

static void put_data_head(const struct meed_report_plot *p, const struct data_columns *c,
			  struct meed_buf *b)
{
	const meed_str x = p->x_label.n ? p->x_label : MEED_STR("x");

	MEED_BUF_LIT(b, "<thead><tr>");
	if (c->series)
		MEED_BUF_LIT(b, "<th scope=\"col\">series</th>");
	if (c->label || c->x) {
		meed_buf_printf(b, "<th scope=\"col\"%s>", c->label ? "" : " class=\"n\"");
		report_html_text(b, x);
		MEED_BUF_LIT(b, "</th>");
	}
	MEED_BUF_LIT(b, "<th scope=\"col\" class=\"n\">");
	report_html_text(b, p->y_label.n ? p->y_label : MEED_STR("y"));
	MEED_BUF_LIT(b, "</th>");
	if (c->interval)
		MEED_BUF_LIT(b, "<th scope=\"col\" class=\"n\">low</th>"
				"<th scope=\"col\" class=\"n\">high</th>");
	MEED_BUF_LIT(b, "</tr></thead>\n");
}

static void put_data_number(double x, struct meed_buf *b)
{
	MEED_BUF_LIT(b, "<td class=\"n\">");
	if (isfinite(x))
		meed_buf_printf(b, "%.6g", x);
	MEED_BUF_LIT(b, "</td>");
}

static void put_data_row(const struct report_series *s, const struct report_point *v,
			 const struct data_columns *c, struct meed_buf *b)
{
	MEED_BUF_LIT(b, "<tr>");
	if (c->series) {
		MEED_BUF_LIT(b, "<td>");
		report_html_text(b, s->name);
		MEED_BUF_LIT(b, "</td>");
	}
	if (c->label) {
		MEED_BUF_LIT(b, "<td>");
		report_html_text(b, v->label);
		MEED_BUF_LIT(b, "</td>");
	}
	if (c->x)
		put_data_number(v->x, b);
	put_data_number(v->y, b);
	if (c->interval) {
		put_data_number(v->low, b);
		put_data_number(v->high, b);
	}
	MEED_BUF_LIT(b, "</tr>\n");
}

/* The numbers behind a plot, for those who cannot see it or want to know them. */
static void put_data(const struct meed_report_plot *p, bool open, struct meed_buf *b)
{
	size_t n, i, k;
	const struct data_columns c = data_columns(p, &n);

	if (n > DATA_POINTS_MAX) {
		meed_buf_printf(b,
				"<p class=\"caption\">%zu points: the report's JSON form has "
				"them.</p>\n",
				n);
		return;
	}
	meed_buf_printf(b,
			"<details%s><summary>Data</summary>\n"
			"<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
			"aria-label=\"Data of the figure\">\n<table>\n",
			open ? " open" : "");
	put_data_head(p, &c, b);
	MEED_BUF_LIT(b, "<tbody>\n");
	for (i = 0; i < p->n_series; i++)
		for (k = 0; k < p->series[i].n; k++)
			put_data_row(&p->series[i], &p->series[i].points[k], &c, b);
	MEED_BUF_LIT(b, "</tbody>\n</table>\n</div></details>\n");
}

static int32_t put_plot(const struct meed_report_plot *p, size_t number, bool draw,
			struct meed_err *err, struct meed_buf *b)
{
	int32_t code = MEED_OK;

	meed_buf_printf(b, "<figure id=\"plot-%.*s\">\n<figcaption><h2>Figure %zu. ", (int)p->id.n,
			p->id.p, number);
	report_html_text(b, p->title);
	MEED_BUF_LIT(b, "</h2></figcaption>\n");
	if (draw) {
		MEED_BUF_LIT(b, "<div class=\"plot\">\n");
		code = report_svg(p, err, b);
		MEED_BUF_LIT(b, "</div>\n");
	}
	put_data(p, !draw, b);
	MEED_BUF_LIT(b, "</figure>\n");
	return code;
}

static int32_t put_plots(const struct meed_report *r, bool draw, struct meed_err *err,
			 struct meed_buf *b)
{
	int32_t code = MEED_OK;
	size_t i;

	if (r->n_plots == 0)
		return MEED_OK;
	MEED_BUF_LIT(b, "<div class=\"plots\">\n");
	for (i = 0; i < r->n_plots && code == MEED_OK; i++)
		code = put_plot(r->plots[i], i + 1, draw, err, b);
	MEED_BUF_LIT(b, "</div>\n");
	return code;
}

int32_t meed_report_html(const struct meed_report *r, bool plots, struct meed_err *err,
			 struct meed_buf *b)
{
	int32_t code = MEED_OK;
	size_t i;

	if (!r || r->failed)
		return meed_err_nomem(err);
	put_head(r, b);
	MEED_BUF_LIT(b, "<header>\n<h1>");
	report_html_text(b, r->title);
	MEED_BUF_LIT(b, "</h1>\n");
	put_facts(r, b);
	MEED_BUF_LIT(b, "</header>\n");
	put_nav(r, b);
	MEED_BUF_LIT(b, "<main>\n");
	put_notes(r, b);
	/* the first table is the result; pictures of it come before the details */
	if (r->n_tables > 0)
		put_table(r->tables[0], 1, b);
	code = put_plots(r, plots, err, b);
	if (code < 0)
		goto out;
	for (i = 1; i < r->n_tables; i++)
		put_table(r->tables[i], i + 1, b);
	meed_buf_printf(b,
			"</main>\n<footer>Written by meed %s. This page is complete in itself "
			"and loads nothing.</footer>\n</body>\n</html>\n",
			PACKAGE_VERSION);
	if (b->failed)
		code = meed_err_nomem(err);
out:
	return code;
}
