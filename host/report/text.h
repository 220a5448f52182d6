/* text.h - what the terminal's form shares. Private to host/report. */
#ifndef MEED_REPORT_TEXT_H
#define MEED_REPORT_TEXT_H

#include "host/report/parts.h"

struct report_page {
	const struct meed_report *report;
	const struct meed_report_text *how;
};

/* The escape sequence, or "" without colours. */
const char *report_paint(const struct report_page *p, const char *code);
void report_blanks(struct meed_buf *b, size_t n);
/* s, its middle replaced by an ellipsis if it is wider than width. Returns the columns used. */
size_t report_shorten(struct meed_buf *b, meed_str s, size_t width, bool utf8);
/* The first line of rest when it is wrapped at blanks to width columns; rest is what follows. A
 * word that is wider than a line is broken. */
meed_str report_line(meed_str *rest, size_t width);
void report_title(const struct report_page *p, meed_str s, struct meed_buf *b);
/* Wrapped at blanks, every line but the first indented. */
void report_wrapped(const struct report_page *p, meed_str s, size_t indent, struct meed_buf *b);
void report_text_table(const struct report_page *p, const struct meed_report_table *t,
		       struct meed_buf *b);

#endif
