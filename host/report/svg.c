/* svg.c - a plot as a gnuplot script: what all kinds have in common. */
#include "config.h"
#include "host/report/svg.h"

#include <math.h>
#include <stdlib.h>

#include "host/report/text.h"

static bool plain(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (unsigned char)c >= 0x80 || c == ' ' || c == '-' || c == '.' || c == ',' ||
	       c == ':' || c == '/' || c == '(' || c == ')';
}

void draw_text(struct draw *d, meed_str s, size_t width)
{
	struct meed_buf clean = { 0 }, cut = { 0 };
	size_t i;

	report_clean(&clean, s, true);
	(void)report_shorten(&cut, (meed_str){ clean.p ? clean.p : "", clean.n }, width, true);
	d->script.failed |= clean.failed | cut.failed;
	meed_buf_putc(&d->script, '\'');
	for (i = 0; i < cut.n; i++) {
		const unsigned char c = (unsigned char)cut.p[i];

		if (plain(cut.p[i])) {
			meed_buf_putc(&d->script, cut.p[i]);
			continue;
		}
		meed_buf_putc(&d->script, '\xee');
		meed_buf_putc(&d->script, (char)(0x80 | c >> 6));
		meed_buf_putc(&d->script, (char)(0x80 | (c & 0x3f)));
	}
	meed_buf_putc(&d->script, '\'');
	meed_buf_release(&clean);
	meed_buf_release(&cut);
}

void draw_num(struct draw *d, double x)
{
	if (isfinite(x))
		meed_buf_json_num(&d->script, x);
	else
		MEED_BUF_LIT(&d->script, "NaN");
	meed_buf_putc(&d->script, ' ');
}

void draw_colour(struct draw *d, size_t series)
{
	meed_buf_printf(&d->script, "rgb '#%02x00%02x'", REPORT_SERIES_RED,
			(unsigned)(series % REPORT_COLOURS));
}

void draw_role(struct draw *d, unsigned role)
{
	meed_buf_printf(&d->script, "rgb '#%02x00%02x'", REPORT_ROLE_RED, role);
}

size_t draw_place(const struct draw *d, meed_str label)
{
	size_t i;

	for (i = 0; i < d->n_labels; i++)
		if (meed_str_eq(d->labels[i], label))
			break;
	return i;
}

void draw_begin(struct draw *d, unsigned height)
{
	meed_buf_printf(&d->script,
			"set encoding utf8\n"
			"set terminal svg size %u,%u dynamic noenhanced font 'sans,13'\n",
			REPORT_SVG_WIDTH, height);
	MEED_BUF_LIT(&d->script, "set border 3 lw 1 lc ");
	draw_role(d, REPORT_SOFT);
	MEED_BUF_LIT(&d->script, "\nset tics nomirror out scale 0.5 tc ");
	draw_role(d, REPORT_INK);
	if (d->plot->n_series > 1) {
		MEED_BUF_LIT(&d->script,
			     "\nset key outside top left horizontal Left reverse samplen "
			     "1.5 spacing 1.1 tc ");
		draw_role(d, REPORT_INK);
		meed_buf_putc(&d->script, '\n');
	} else {
		MEED_BUF_LIT(&d->script, "\nunset key\n");
	}
}

void draw_axis(struct draw *d, const char *axis, meed_str label)
{
	if (label.n == 0)
		return;
	meed_buf_printf(&d->script, "set %slabel ", axis);
	draw_text(d, label, 60);
	MEED_BUF_LIT(&d->script, " tc ");
	draw_role(d, REPORT_SOFT);
	meed_buf_putc(&d->script, '\n');
}

/* The labels of all series, each once. */
static bool gather_labels(struct draw *d)
{
	size_t i, k, cap = 0;
	meed_str *v;

	for (i = 0; i < d->plot->n_series; i++) {
		for (k = 0; k < d->plot->series[i].n; k++) {
			const meed_str label = d->plot->series[i].points[k].label;

			if (draw_place(d, label) < d->n_labels)
				continue;
			if (d->n_labels == cap) {
				cap = cap ? 2 * cap : 32;
				v = realloc(d->labels, cap * sizeof(*v));
				if (!v)
					return false;
				d->labels = v;
			}
			d->labels[d->n_labels++] = label;
		}
	}
	return true;
}

static bool has_points(const struct meed_report_plot *p)
{
	size_t i, k;

	for (i = 0; i < p->n_series; i++)
		for (k = 0; k < p->series[i].n; k++)
			if (isfinite(p->series[i].points[k].y))
				return true;
	return false;
}

int32_t report_svg(const struct meed_report_plot *p, struct meed_err *err, struct meed_buf *b)
{
	struct draw d = { .plot = p };
	struct meed_buf drawn = { 0 };
	int32_t code;

	if (!has_points(p)) {
		MEED_BUF_LIT(b, "<p class=\"none\">Nothing to draw.</p>\n");
		return MEED_OK;
	}
	if ((p->kind == MEED_PLOT_BARS || p->kind == MEED_PLOT_HEAT) && !gather_labels(&d)) {
		code = meed_err_nomem(err);
		goto out;
	}
	switch (p->kind) {
	case MEED_PLOT_BARS:
		draw_bars(&d);
		break;
	case MEED_PLOT_LINES:
	case MEED_PLOT_POINTS:
		draw_curves(&d);
		break;
	case MEED_PLOT_HISTOGRAM:
		draw_histogram(&d);
		break;
	case MEED_PLOT_HEAT:
		draw_heat(&d);
		break;
	}
	if (d.script.failed) {
		code = meed_err_nomem(err);
		goto out;
	}
	code = report_gnuplot(&d.script, err, &drawn);
	if (code == MEED_OK)
		code = report_svg_clean(p, (meed_str){ drawn.p ? drawn.p : "", drawn.n }, err, b);
out:
	free(d.labels);
	meed_buf_release(&d.script);
	meed_buf_release(&drawn);
	return code;
}
