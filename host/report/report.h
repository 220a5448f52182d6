/* report.h - what a command found out, and the forms it is shown in.
 *
 * A command fills a report: facts about the run, notes, tables, plots. The same report becomes a
 * table on the terminal, JSON, CSV, and one HTML page that needs no network. What is shown is
 * what was put in: nothing here computes.
 *
 * Threads: a report belongs to one thread. Ownership: all text is copied. Errors: building never
 * fails to its caller; memory that was lacking is remembered and every form then returns
 * MEED_E_NOMEM. A number that is not finite is written as missing (JSON null, an empty field,
 * "-"). */
#ifndef MEED_REPORT_H
#define MEED_REPORT_H

#include "host/base/base.h"

struct meed_report;
struct meed_report_table;
struct meed_report_plot;

/* kind: "eval", "best", "conflicts", "health", "compare" ...; title: one line for people. */
struct meed_report *meed_report_new(const char *kind, const char *title);
void meed_report_free(struct meed_report *r);

/* ---- facts and notes --------------------------------------------------------------------- */

/* What the run was: "model", "input", "seed". Shown in this order; key is its name in JSON. */
void meed_report_fact(struct meed_report *r, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void meed_report_fact_num(struct meed_report *r, const char *key, double x);

enum meed_note { MEED_NOTE_INFO, MEED_NOTE_WARNING, MEED_NOTE_ERROR };
void meed_report_note(struct meed_report *r, enum meed_note kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- tables -------------------------------------------------------------------------------- */

enum meed_cell {
	MEED_CELL_TEXT,
	MEED_CELL_COUNT,		/* a whole number */
	MEED_CELL_NUMBER,		/* `digits` after the point */
	MEED_CELL_PERCENT,		/* a fraction, shown times 100 with `digits` after the
					 * point; JSON and CSV keep the fraction; a heading without
					 * "%" gets one */
	MEED_CELL_PROSE			/* sentences: a terminal wraps them inside their column,
					 * while a TEXT that is too long loses its middle */
};

/* id: its name in JSON and CSV, [a-z0-9_]+, unique in the report. An id made from a name may hold
 * anything: it is put into that form ("Qwen 7B" is "qwen_7b"; a second one, "qwen_7b_2"). Functions
 * that take a table or plot do nothing with NULL, which stands for lacking memory. caption may be
 * NULL. */
struct meed_report_table *meed_report_table(struct meed_report *r, const char *id,
					    const char *title, const char *caption);
/* All columns before the first row. id as above; heading for people. */
void meed_table_column(struct meed_report_table *t, const char *id, const char *heading,
		       enum meed_cell kind, int digits);
/* Begins a row; its cells follow in column order, what is not given is missing. */
void meed_table_row(struct meed_report_table *t);
/* The row is a total or the figure that counts: set off from the others. */
void meed_table_strong(struct meed_report_table *t);
void meed_table_text(struct meed_report_table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void meed_table_str(struct meed_report_table *t, meed_str s);
void meed_table_num(struct meed_report_table *t, double x);
/* A number with its interval: "61.2 [58.0, 64.3]"; JSON {"value","low","high"}; CSV gives the two
 * ends columns of their own, ID_low and ID_high. */
void meed_table_interval(struct meed_report_table *t, double x, double low, double high);
void meed_table_missing(struct meed_report_table *t);

/* ---- plots ---------------------------------------------------------------------------------- */

enum meed_plot {
	MEED_PLOT_BARS,			/* labels and values, side by side; error bars */
	MEED_PLOT_LINES,		/* x, y; a band between low and high if given */
	MEED_PLOT_POINTS,
	MEED_PLOT_HISTOGRAM,		/* x: left edges of bins of one width; y: counts */
	MEED_PLOT_HEAT			/* a matrix: a series is a row, labels are columns */
};

struct meed_report_plot *meed_report_plot(struct meed_report *r, const char *id,
					  const char *title, enum meed_plot kind,
					  const char *x_label, const char *y_label);
/* Begins a series; name may be "" if there is but one. */
void meed_plot_series(struct meed_report_plot *p, const char *name);
/* A point of the last series. label may be NULL (LINES, POINTS, HISTOGRAM). low, high: NAN if
 * none. */
void meed_plot_point(struct meed_report_plot *p, const char *label, double x, double y,
		     double low, double high);
/* The y axis's ends; NAN: chosen from the data. */
void meed_plot_range(struct meed_report_plot *p, double low, double high);

/* ---- forms ---------------------------------------------------------------------------------- */

struct meed_report_text {
	bool colour, utf8;
	unsigned width;			/* of the terminal, in columns; 0: unlimited */
};
/* Appends to b. Facts, tables and notes; plots are left to the page. */
int32_t meed_report_text(const struct meed_report *r, const struct meed_report_text *how,
			 struct meed_buf *b);
/* One object and a newline:
 *   {"meed":"report/1","kind","title",
 *    "facts": {KEY: text or number},
 *    "tables": {ID: {"title","caption","columns":[{"id","heading","kind"}],
 *                    "rows":[{COLUMN: value}], "strong":[indices of rows, if any]}},
 *    "plots": {ID: {"title","kind","x_label","y_label","series":[{"name","points":
 *                    [{"label","x","y","low","high"}]}]}},
 *    "notes": [{"kind","text"}]}
 * Numbers are not rounded; what is missing is null in a row and left out in a point. */
int32_t meed_report_json(const struct meed_report *r, struct meed_buf *b);
/* RFC 4180. One table: its rows under a header. Several: each after a line "# id", a blank line
 * between; table_id not NULL picks one (MEED_E_PARAM if there is none by that name). */
int32_t meed_report_csv(const struct meed_report *r, const char *table_id, struct meed_err *err,
			struct meed_buf *b);
/* A page that opens without a network. Plots are drawn by gnuplot; MEED_E_UNSUPPORTED, with what to
 * install, where it is missing. Without plots their data stand there as tables. */
int32_t meed_report_html(const struct meed_report *r, bool plots, struct meed_err *err,
			 struct meed_buf *b);

#endif
