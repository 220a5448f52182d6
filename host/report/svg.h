/* svg.h - writing gnuplot scripts. Private to host/report. */
#ifndef MEED_REPORT_SVG_H
#define MEED_REPORT_SVG_H

#include "host/report/page.h"

#define REPORT_SVG_WIDTH 560u

/* A script and what it needs to know of the plot. */
struct draw {
	const struct meed_report_plot *plot;
	struct meed_buf script;
	meed_str *labels;		/* of categories, in order of first appearance */
	size_t n_labels;
};

/* A quoted string of at most width columns. No character in it means anything to gnuplot: those
 * that might are sent in the private use area and come back in report_svg_clean. */
void draw_text(struct draw *d, meed_str s, size_t width);
void draw_num(struct draw *d, double x);	/* "NaN" if it is not finite */
/* rgb '#0b00NN', of series i */
void draw_colour(struct draw *d, size_t series);
void draw_role(struct draw *d, unsigned role);
/* The place of a label among d->labels. */
size_t draw_place(const struct draw *d, meed_str label);
/* The terminal and what all plots have in common; a key if there are several series. */
void draw_begin(struct draw *d, unsigned height);
void draw_axis(struct draw *d, const char *axis, meed_str label);

/* One a kind of plot. */
void draw_bars(struct draw *d);
void draw_curves(struct draw *d);	/* LINES and POINTS */
void draw_histogram(struct draw *d);
void draw_heat(struct draw *d);

#endif
