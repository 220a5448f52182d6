/* svg_curves.c - lines, points and histograms. */
#include "config.h"
#include "host/report/svg.h"

#include <math.h>

#define POINTS_MAX 4000 /* of a series in a drawing: every k-th of more */
#define MARKS_MAX 30	/* a line of so few points shows them */
#define LABELS_MAX 16

/* Shapes and dashes tell series apart where colours do not. */
static const int shapes[REPORT_COLOURS] = { 7, 5, 9, 11, 13, 6, 4, 8 };
static const char *const dashes[REPORT_COLOURS] = { "solid",	     "(12,4)", "(4,3)",
						    "(12,3,3,3)",    "(18,5)", "(2,3)",
						    "(8,3,2,3,2,3)", "(6,6)" };

static void begin(struct draw *d)
{
	const struct meed_report_plot *p = d->plot;

	draw_begin(d, (unsigned)(320 + (p->n_series > 1 ? 24 * ((p->n_series + 2) / 3) : 0)));
	draw_axis(d, "x", p->x_label);
	draw_axis(d, "y", p->y_label);
	MEED_BUF_LIT(&d->script, "set grid y back lw 1 dt solid lc ");
	draw_role(d, REPORT_GRID);
	MEED_BUF_LIT(&d->script, "\n");
}

static void y_range(struct draw *d)
{
	MEED_BUF_LIT(&d->script, " [");
	if (isfinite(d->plot->low))
		draw_num(d, d->plot->low);
	meed_buf_putc(&d->script, ':');
	if (isfinite(d->plot->high))
		draw_num(d, d->plot->high);
	MEED_BUF_LIT(&d->script, "] ");
}

static bool curve_data(struct draw *d, size_t i)
{
	const struct report_series *s = &d->plot->series[i];
	const size_t step = s->n > POINTS_MAX ? (s->n + POINTS_MAX - 1) / POINTS_MAX : 1;
	bool band = false;
	size_t k;

	meed_buf_printf(&d->script, "$s%zu << EOD\n", i);
	for (k = 0; k < s->n; k += step) {
		const struct report_point *v = &s->points[k];

		/* an empty line breaks the curve */
		if (isfinite(v->x) && isfinite(v->y)) {
			band |= isfinite(v->low) && isfinite(v->high);
			draw_num(d, v->x);
			draw_num(d, v->y);
			draw_num(d, v->low);
			draw_num(d, v->high);
		}
		meed_buf_putc(&d->script, '\n');
	}
	MEED_BUF_LIT(&d->script, "EOD\n");
	return band;
}

/* Where the points of the first series have names, they stand on the axis. */
static void name_tics(struct draw *d)
{
	const struct report_series *s = &d->plot->series[0];
	size_t k;

	if (s->n > LABELS_MAX)
		return;
	for (k = 0; k < s->n; k++)
		if (s->points[k].label.n == 0 || !isfinite(s->points[k].x))
			return;
	MEED_BUF_LIT(&d->script, "set xtics ()\n");
	for (k = 0; k < s->n; k++) {
		MEED_BUF_LIT(&d->script, "set xtics add (");
		draw_text(d, s->points[k].label, 16);
		meed_buf_putc(&d->script, ' ');
		draw_num(d, s->points[k].x);
		MEED_BUF_LIT(&d->script, ")\n");
	}
}

static void curve(struct draw *d, size_t i)
{
	const struct meed_report_plot *p = d->plot;
	const size_t k = i % REPORT_COLOURS;

	meed_buf_printf(&d->script, "$s%zu using 1:2 with ", i);
	if (p->kind == MEED_PLOT_POINTS)
		meed_buf_printf(&d->script, "points pt %d ps %s", shapes[k],
				p->series[i].n > 500 ? "0.3" : "0.6");
	else if (p->series[i].n <= MARKS_MAX)
		meed_buf_printf(&d->script, "linespoints lw 2 dt %s pt %d ps 0.7", dashes[k],
				shapes[k]);
	else
		meed_buf_printf(&d->script, "lines lw 2 dt %s", dashes[k]);
	MEED_BUF_LIT(&d->script, " lc ");
	draw_colour(d, i);
	MEED_BUF_LIT(&d->script, " title ");
	draw_text(d, p->series[i].name, 30);
}

void draw_curves(struct draw *d)
{
	const struct meed_report_plot *p = d->plot;
	bool band = false;
	size_t i;

	begin(d);
	name_tics(d);
	for (i = 0; i < p->n_series; i++)
		band |= curve_data(d, i);
	/* some room, so that the first and the last mark are whole */
	MEED_BUF_LIT(&d->script,
		     "set autoscale xfix\nset offsets graph 0.02, graph 0.02, 0, 0\nplot []");
	y_range(d);
	for (i = 0; band && i < p->n_series; i++) {
		meed_buf_printf(&d->script,
				"$s%zu using 1:3:4 with filledcurves fs transparent solid 0.18 "
				"noborder lc ",
				i);
		draw_colour(d, i);
		MEED_BUF_LIT(&d->script, " notitle, ");
	}
	for (i = 0; i < p->n_series; i++) {
		meed_buf_puts(&d->script, i ? ", " : "");
		curve(d, i);
	}
	meed_buf_putc(&d->script, '\n');
}

/* ---- histograms ---- */

static double bin_width(const struct meed_report_plot *p)
{
	double w = NAN;
	size_t i, k;

	for (i = 0; i < p->n_series; i++)
		for (k = 1; k < p->series[i].n; k++) {
			double gap = p->series[i].points[k].x - p->series[i].points[k - 1].x;

			if (gap > 0 && !(gap >= w))
				w = gap;
		}
	return isfinite(w) ? w : 1;
}

static void put_xy(struct draw *d, double x, double y)
{
	draw_num(d, x);
	draw_num(d, y);
	meed_buf_putc(&d->script, '\n');
}

/* The outline of the bins, from the ground and back to it. */
static void outline_data(struct draw *d, size_t i, double width)
{
	const struct report_series *s = &d->plot->series[i];
	double end = NAN;
	size_t k;

	meed_buf_printf(&d->script, "$s%zu << EOD\n", i);
	for (k = 0; k < s->n; k++) {
		const struct report_point *v = &s->points[k];

		if (!isfinite(v->x) || !isfinite(v->y))
			continue;
		if (!isfinite(end)) {
			put_xy(d, v->x, 0);
		} else if (v->x > end + width / 2) {
			put_xy(d, end, 0);
			put_xy(d, v->x, 0);
		}
		put_xy(d, v->x, v->y);
		put_xy(d, v->x + width, v->y);
		end = v->x + width;
	}
	put_xy(d, end, 0);
	MEED_BUF_LIT(&d->script, "EOD\n");
}

void draw_histogram(struct draw *d)
{
	const struct meed_report_plot *p = d->plot;
	const double width = bin_width(p);
	size_t i;

	begin(d);
	for (i = 0; i < p->n_series; i++)
		outline_data(d, i, width);
	MEED_BUF_LIT(&d->script,
		     "set autoscale xfix\nset offsets graph 0.02, graph 0.02, 0, 0\nplot []");
	if (isfinite(p->low) || isfinite(p->high))
		y_range(d);
	else
		MEED_BUF_LIT(&d->script, " [0:] ");
	for (i = 0; i < p->n_series; i++) {
		meed_buf_printf(&d->script,
				"%s$s%zu using 1:2 with filledcurves y1=0 fs transparent solid %s "
				"noborder lc ",
				i ? ", " : "", i, p->n_series > 1 ? "0.15" : "0.35");
		draw_colour(d, i);
		MEED_BUF_LIT(&d->script, " notitle");
	}
	for (i = 0; i < p->n_series; i++) {
		meed_buf_printf(&d->script, ", $s%zu using 1:2 with lines lw 1.8 dt %s lc ", i,
				dashes[i % REPORT_COLOURS]);
		draw_colour(d, i);
		MEED_BUF_LIT(&d->script, " title ");
		draw_text(d, p->series[i].name, 30);
	}
	meed_buf_putc(&d->script, '\n');
}
