/* svg_bars.c - bars lie on their side, so that labels can be read; and matrices. */
#include "config.h"
#include "host/report/svg.h"

#include <math.h>

#define BARS_MAX 200 /* categories in one drawing; all are in the data below it */
#define LABEL_WIDTH 30
#define HEAT_TEXT_COLS 12 /* up to so many a cell shows its number */

static void widen(double x, double *low, double *high)
{
	if (!isfinite(x))
		return;
	if (!(x >= *low))
		*low = x;
	if (!(x <= *high))
		*high = x;
}

/* The ends of the value axis. */
static void range_of(const struct meed_report_plot *p, double *ret_low, double *ret_high)
{
	double low = 0, high = 0, pad;
	size_t i, k;

	for (i = 0; i < p->n_series; i++) {
		for (k = 0; k < p->series[i].n; k++) {
			widen(p->series[i].points[k].y, &low, &high);
			widen(p->series[i].points[k].low, &low, &high);
			widen(p->series[i].points[k].high, &low, &high);
		}
	}
	pad = 0.03 * (high - low);
	if (low < 0)
		low -= pad;
	if (high > 0 || low >= 0)
		high += pad;
	*ret_low = isfinite(p->low) ? p->low : low;
	*ret_high = isfinite(p->high) ? p->high : high;
	if (!(*ret_high > *ret_low))
		*ret_high = *ret_low + 1;
}

static void category_tics(struct draw *d, const char *axis, size_t n)
{
	size_t i;

	meed_buf_printf(&d->script, "set %stics () noenhanced scale 0\n", axis);
	for (i = 0; i < n; i++) {
		meed_buf_printf(&d->script, "set %stics add (", axis);
		draw_text(d, d->labels[i], LABEL_WIDTH);
		meed_buf_printf(&d->script, " %zu)\n", i);
	}
}

static size_t widest_label(const struct draw *d)
{
	size_t i, w, widest = 0;

	for (i = 0; i < d->n_labels; i++) {
		w = report_width(d->labels[i]);
		if (w > widest)
			widest = w;
	}
	return widest < LABEL_WIDTH ? widest : LABEL_WIDTH;
}

/* gnuplot allows more than labels of many characters take. */
static void left_margin(struct draw *d, size_t widest, bool titled)
{
	meed_buf_printf(&d->script, "set lmargin at screen %.3f\n",
			(24 + (titled ? 22 : 0) + 7.7 * (double)widest) / REPORT_SVG_WIDTH);
}

/* Data of series i: y, then the bar's box; and whether one has an interval. */
static bool bars_data(struct draw *d, size_t i, double base, size_t n)
{
	const struct meed_report_plot *p = d->plot;
	const double thick = 0.8 / (double)p->n_series;
	bool intervals = false;
	size_t k;

	meed_buf_printf(&d->script, "$s%zu << EOD\n", i);
	for (k = 0; k < p->series[i].n; k++) {
		const struct report_point *v = &p->series[i].points[k];
		size_t place = draw_place(d, v->label);
		double at = (double)place - 0.4 + thick * ((double)i + 0.5);

		if (place >= n || !isfinite(v->y))
			continue;
		intervals |= isfinite(v->low) && isfinite(v->high);
		draw_num(d, v->y);
		draw_num(d, at);
		draw_num(d, v->y < base ? v->y : base);
		draw_num(d, v->y < base ? base : v->y);
		draw_num(d, at - 0.46 * thick);
		draw_num(d, at + 0.46 * thick);
		draw_num(d, isfinite(v->high) ? v->low : NAN);
		draw_num(d, isfinite(v->low) ? v->high : NAN);
		meed_buf_putc(&d->script, '\n');
	}
	MEED_BUF_LIT(&d->script, "EOD\n");
	return intervals;
}

void draw_bars(struct draw *d)
{
	const struct meed_report_plot *p = d->plot;
	const size_t n = d->n_labels < BARS_MAX ? d->n_labels : BARS_MAX;
	const size_t each = p->n_series > 1 ? 11 * p->n_series + 9 : 21;
	double low, high, base;
	bool intervals = false;
	size_t i;

	range_of(p, &low, &high);
	base = low > 0 ? low : high < 0 ? high : 0;
	draw_begin(d, (unsigned)(90 + n * each +
				 (p->n_series > 1 ? 26 * ((p->n_series + 2) / 3) : 0)));
	draw_axis(d, "x", p->y_label);
	draw_axis(d, "y", p->x_label);
	category_tics(d, "y", n);
	left_margin(d, widest_label(d), p->x_label.n > 0);
	MEED_BUF_LIT(&d->script, "set grid x front lw 1 dt solid lc ");
	draw_role(d, REPORT_GRID);
	MEED_BUF_LIT(&d->script, "\nset grid back\nset style fill solid 0.9 noborder\n");
	for (i = 0; i < p->n_series; i++)
		intervals |= bars_data(d, i, base, n);
	MEED_BUF_LIT(&d->script, "plot [");
	draw_num(d, low);
	MEED_BUF_LIT(&d->script, ":");
	draw_num(d, high);
	meed_buf_printf(&d->script, "] [%zu.5:-0.5] ", n - 1);
	for (i = 0; i < p->n_series; i++) {
		meed_buf_printf(&d->script, "%s$s%zu using 1:2:3:4:5:6 with boxxyerror lc ",
				i ? ", " : "", i);
		draw_colour(d, i);
		MEED_BUF_LIT(&d->script, " title ");
		draw_text(d, p->series[i].name, LABEL_WIDTH);
	}
	for (i = 0; intervals && i < p->n_series; i++) {
		meed_buf_printf(&d->script, ", $s%zu using 1:2:7:8 with xerrorbars pt 0 lw 1.2 lc ",
				i);
		draw_role(d, REPORT_INK);
		MEED_BUF_LIT(&d->script, " notitle");
	}
	meed_buf_putc(&d->script, '\n');
}

/* ---- matrices ---- */

/* Dark blue over grey to yellow, in the manner of cividis (Nunez et al. 2018,
 * doi:10.1371/journal.pone.0199239): brightness alone orders it, for every eye and on paper. */
static const unsigned char ramp[5][3] = {
	{ 0, 45, 108 }, { 77, 87, 110 }, { 124, 123, 120 }, { 181, 168, 104 }, { 247, 225, 72 }
};

static unsigned ramp_colour(double share)
{
	double at = share < 0 ? 0 : share > 1 ? 4 : share * 4;
	size_t i = at >= 4 ? 3 : (size_t)at;
	unsigned rgb = 0;
	size_t k;

	for (k = 0; k < 3; k++)
		rgb = rgb << 8 | (unsigned)(ramp[i][k] +
					    (at - (double)i) * (ramp[i + 1][k] - ramp[i][k]) + 0.5);
	return rgb;
}

/* How a cell shows its number: few characters, enough of them. */
static void heat_number(struct draw *d, double x)
{
	struct meed_buf b = { 0 };
	double size = fabs(x);

	meed_buf_printf(&b,
			size >= 1000  ? "%.3g"
			: size >= 100 ? "%.0f"
			: size >= 10  ? "%.1f"
				      : "%.2f",
			x);
	d->script.failed |= b.failed;
	meed_buf_put(&d->script, b.p, b.n);
	meed_buf_release(&b);
}

static void heat_range(const struct meed_report_plot *p, double *ret_low, double *ret_high)
{
	double low = NAN, high = NAN;
	size_t i, k;

	for (i = 0; i < p->n_series; i++)
		for (k = 0; k < p->series[i].n; k++)
			widen(p->series[i].points[k].y, &low, &high);
	*ret_low = isfinite(p->low) ? p->low : low;
	*ret_high = isfinite(p->high) ? p->high : high;
	if (!(*ret_high > *ret_low))
		*ret_high = *ret_low + 1;
}

static void heat_data(struct draw *d, double low, double high, bool numbers)
{
	const struct meed_report_plot *p = d->plot;
	size_t i, k;

	MEED_BUF_LIT(&d->script, "$cells << EOD\n");
	for (i = 0; i < p->n_series; i++) {
		for (k = 0; k < p->series[i].n; k++) {
			const struct report_point *v = &p->series[i].points[k];

			if (!isfinite(v->y))
				continue;
			meed_buf_printf(&d->script, "%zu %zu ", draw_place(d, v->label), i);
			draw_num(d, v->y);
			if (numbers)
				heat_number(d, v->y);
			meed_buf_printf(&d->script, " %u\n",
					(v->y - low) / (high - low) > 0.55 ? 0x111111u : 0xffffffu);
		}
	}
	MEED_BUF_LIT(&d->script, "EOD\n");
}

static void heat_palette(struct draw *d, double low, double high)
{
	size_t i;

	MEED_BUF_LIT(&d->script, "set palette maxcolors 64 defined (");
	for (i = 0; i < 5; i++)
		meed_buf_printf(&d->script, "%s%zu '#%06x'", i ? ", " : "", i,
				ramp_colour((double)i / 4));
	MEED_BUF_LIT(&d->script, ")\nset cbrange [");
	draw_num(d, low);
	meed_buf_putc(&d->script, ':');
	draw_num(d, high);
	MEED_BUF_LIT(&d->script,
		     "]\nset colorbox user origin graph 1.03, graph 0 size 0.025, graph 1 "
		     "noborder\nset cbtics () noenhanced scale 0\n");
	for (i = 0; i < 3; i++) {
		const double at = low + (high - low) * (double)i / 2;

		MEED_BUF_LIT(&d->script, "set cbtics add ('");
		heat_number(d, at);
		MEED_BUF_LIT(&d->script, "' ");
		draw_num(d, at);
		MEED_BUF_LIT(&d->script, ")\n");
	}
}

/* Rows are the series: their names label the y axis. */
static void heat_rows(struct draw *d)
{
	size_t i;

	MEED_BUF_LIT(&d->script, "set ytics () noenhanced scale 0\n");
	for (i = 0; i < d->plot->n_series; i++) {
		MEED_BUF_LIT(&d->script, "set ytics add (");
		draw_text(d, d->plot->series[i].name, LABEL_WIDTH);
		meed_buf_printf(&d->script, " %zu)\n", i);
	}
}

static size_t widest_row(const struct meed_report_plot *p)
{
	size_t i, w, widest = 0;

	for (i = 0; i < p->n_series; i++) {
		w = report_width(p->series[i].name);
		if (w > widest)
			widest = w;
	}
	return widest < LABEL_WIDTH ? widest : LABEL_WIDTH;
}

void draw_heat(struct draw *d)
{
	const struct meed_report_plot *p = d->plot;
	const bool numbers = d->n_labels <= HEAT_TEXT_COLS;
	const size_t widest = widest_label(d);
	const bool turned = widest * 8 * d->n_labels > 380;
	const size_t each = p->n_series > 40 ? 14 : p->n_series > 16 ? 20 : 34;
	double low, high;

	heat_range(p, &low, &high);
	draw_begin(d, (unsigned)(80 + p->n_series * each + (turned ? widest * 5 : 0)));
	MEED_BUF_LIT(&d->script, "unset key\nunset border\n");
	draw_axis(d, "x", p->x_label);
	draw_axis(d, "y", p->y_label);
	category_tics(d, "x", d->n_labels);
	if (turned)
		MEED_BUF_LIT(&d->script, "set xtics rotate by 40 right\n");
	heat_rows(d);
	left_margin(d, widest_row(p), p->y_label.n > 0);
	heat_palette(d, low, high);
	heat_data(d, low, high, numbers);
	meed_buf_printf(
		&d->script,
		"set rmargin 11\nset style fill solid 1 noborder\n"
		"plot [-0.5:%zu.5] [%zu.5:-0.5] $cells using 1:2:($1-0.49):($1+0.49):($2-0.47):"
		"($2+0.47):3 with boxxyerror lc palette",
		d->n_labels - 1, p->n_series - 1);
	if (numbers)
		MEED_BUF_LIT(&d->script, ", $cells using 1:2:4:5 with labels tc rgb variable");
	meed_buf_putc(&d->script, '\n');
}
