/* parts.h - what a report is made of. Private to host/report. */
#ifndef MEED_REPORT_PARTS_H
#define MEED_REPORT_PARTS_H

#include "host/report/report.h"

/* All text is well-formed UTF-8 and lies in the report's arena. */
struct report_fact {
	meed_str key, text;
	bool is_num;
	double x;
};

struct report_note {
	enum meed_note kind;
	meed_str text;
};

enum report_given {
	GIVEN_NOTHING,
	GIVEN_TEXT,
	GIVEN_NUMBER,
	GIVEN_INTERVAL
};
struct report_cell {
	enum report_given given;
	meed_str text;
	double x, low, high;		/* x is finite if given; an end may be NAN */
};

struct report_column {
	meed_str id, heading;
	enum meed_cell kind;
	int digits;
	bool intervals;			/* a cell of it has one */
};

struct meed_report_table {
	struct meed_report *report;
	meed_str id, title, caption;
	struct report_column *cols;
	struct report_cell *cells;	/* n_rows * n_cols */
	bool *strong;			/* n_rows */
	size_t n_cols, n_rows, at;	/* at: the column that the next cell goes to */
	size_t cap_cols, cap_cells, cap_rows;
};

struct report_point {
	meed_str label;
	double x, y, low, high;		/* NAN: missing */
};
struct report_series {
	meed_str name;
	struct report_point *points;
	size_t n, cap;
};
struct meed_report_plot {
	struct meed_report *report;
	meed_str id, title, x_label, y_label;
	enum meed_plot kind;
	struct report_series *series;
	size_t n_series, cap_series;
	double low, high;		/* NAN: from the data */
};

struct meed_report {
	struct meed_arena arena;
	bool failed;			/* memory was lacking somewhere */
	meed_str kind, title;
	struct report_fact *facts;
	struct report_note *notes;
	struct meed_report_table **tables;
	struct meed_report_plot **plots;
	size_t n_facts, n_notes, n_tables, n_plots;
	size_t cap_facts, cap_notes, cap_tables, cap_plots;
};

/* ---- for people (words.c) ---------------------------------------------------------------- */

/* Appends s with each character that does not print (controls, format and bidirectional marks,
 * line separators) replaced; without utf8, each one beyond ASCII too. */
void report_clean(struct meed_buf *b, meed_str s, bool utf8);
/* How many columns of a terminal well-formed text takes. */
size_t report_width(meed_str s);
/* The first character of s and its columns; returns its bytes (s is not empty). */
size_t report_char(meed_str s, size_t *ret_width);
/* x as a cell of that kind shows it. */
void report_number(struct meed_buf *b, double x, enum meed_cell kind, int digits);
/* A column's heading, with the unit. */
void report_heading(struct meed_buf *b, const struct report_column *col);
/* The cell, but for how text is escaped; nothing if it is missing. */
void report_cell_words(struct meed_buf *b, const struct report_column *col,
		       const struct report_cell *cell);
const char *report_note_name(enum meed_note kind);
const char *report_cell_name(enum meed_cell kind);
const char *report_plot_name(enum meed_plot kind);

/* MEED_E_NOMEM if memory was lacking for the report or for b. */
int32_t report_whole(const struct meed_report *r, const struct meed_buf *b);

#endif
