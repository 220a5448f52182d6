/* page.h - what the parts of the page share. Private to host/report. */
#ifndef MEED_REPORT_PAGE_H
#define MEED_REPORT_PAGE_H

#include "host/report/parts.h"

/* The page's one style sheet and, for its security policy, the base64 of its SHA-256. */
extern const char report_style[];
extern const char report_style_hash[];

/* Text between tags or in a quoted attribute: nothing in it is markup, nothing is invisible. */
void report_html_text(struct meed_buf *b, meed_str s);
/* Colours are the style sheet's, which knows light from dark: a script names them by colours that
 * nothing else has, (red, 0, n), and report_svg_clean puts in the style sheet's. */
#define REPORT_COLOURS 8		/* of series: --s0 to --s7 */
#define REPORT_SERIES_RED 11
#define REPORT_ROLE_RED 10
enum {
	REPORT_INK = 1,
	REPORT_SOFT,
	REPORT_GRID,
	REPORT_GROUND
};

/* The plot as an <svg> element whose ids begin with the plot's own. MEED_E_UNSUPPORTED if there is
 * no gnuplot. */
int32_t report_svg(const struct meed_report_plot *p, struct meed_err *err, struct meed_buf *b);
/* Runs gnuplot on a script (its standard input); what it writes to standard output is appended to
 * b, at most 32 MB, in at most 60 s. */
int32_t report_gnuplot(const struct meed_buf *script, struct meed_err *err, struct meed_buf *b);
/* What gnuplot wrote, made fit to stand in the page: elements and attributes that a drawing needs
 * and no others, ids made the plot's own, colours taken from the style sheet. */
int32_t report_svg_clean(const struct meed_report_plot *p, meed_str svg, struct meed_err *err,
			 struct meed_buf *b);

#endif
