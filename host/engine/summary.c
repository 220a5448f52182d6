/* summary.c - statistics of a run: the figures, the table and the JSON object. */
#include "config.h"
#include "host/engine/summary.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "host/engine/pack.h"
#include "host/engine/sketch.h"

#define N_CODES 12			/* MEED_E_* are -1 .. -11; 0 takes what is unknown */
#define N_BINS 8

struct column {
	char *label;
	uint64_t n, n_abstained, n_idle, n_timed;
	uint64_t n_by_code[N_CODES];
	double mean, m2;
	double ns;
	struct meed_sketch sketch;
};

struct meed_columns {
	struct column **v;
	size_t n, cap;
};

/* ---- figures ----------------------------------------------------------------------------- */

struct meed_columns *meed_columns_new(void)
{
	return calloc(1, sizeof(struct meed_columns));
}

static void column_free(struct column *col)
{
	if (!col)
		return;
	meed_sketch_release(&col->sketch);
	free(col->label);
	free(col);
}

void meed_columns_free(struct meed_columns *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		column_free(c->v[i]);
	free(c->v);
	free(c);
}

/* A copy that is well-formed and stays in one line. */
static char *label_dup(const char *label)
{
	struct meed_buf b = { 0 };

	meed_utf8_scrub(&b, meed_str_of(label));
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < 0x20 || b.p[i] == 0x7f)
			b.p[i] = '?';
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		return b.p;
	meed_buf_release(&b);
	return NULL;
}

int meed_columns_add(struct meed_columns *c, const char *label)
{
	struct column *col = NULL, **v;
	int ret = -1;

	if (c->n == INT32_MAX)
		goto out;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 8, bytes;

		if (meed_mul_overflow(cap, sizeof(struct column *), &bytes))
			goto out;
		v = realloc(c->v, bytes);
		if (!v)
			goto out;
		c->v = v;
		c->cap = cap;
	}
	col = calloc(1, sizeof(*col));
	if (!col)
		goto out;
	meed_sketch_init(&col->sketch);
	col->label = label_dup(label);
	if (!col->label)
		goto out;
	ret = (int)c->n;
	c->v[c->n++] = col;
	col = NULL;
out:
	column_free(col);
	return ret;
}

size_t meed_columns_count(const struct meed_columns *c)
{
	return c->n;
}

void meed_columns_put(struct meed_columns *c, size_t i, double x)
{
	struct column *col = c->v[i];
	double n, delta;

	if (!isfinite(x)) {
		meed_columns_miss(c, i, MEED_E_RANGE);
		return;
	}
	n = (double)++col->n;
	delta = x - col->mean;
	if (isfinite(delta))
		col->mean += delta / n;
	else
		col->mean += x / n - col->mean / n;
	col->m2 += delta * (x - col->mean);
	if (!(col->m2 <= DBL_MAX))
		col->m2 = DBL_MAX;	/* beyond the range of squares: say "huge", not infinite */
	meed_sketch_put(&col->sketch, x);
}

void meed_columns_miss(struct meed_columns *c, size_t i, int32_t code)
{
	struct column *col = c->v[i];

	if (code == MEED_ABSTAIN)
		col->n_abstained++;
	else if (code == 0)
		col->n_idle++;
	else
		col->n_by_code[code < 0 && code > -N_CODES ? -code : 0]++;
}

void meed_columns_time(struct meed_columns *c, size_t i, uint64_t ns)
{
	c->v[i]->ns += (double)ns;
	c->v[i]->n_timed++;
}

static uint64_t n_errors(const struct column *col)
{
	uint64_t n = 0;

	for (size_t i = 0; i < N_CODES; i++)
		n += col->n_by_code[i];
	return n;
}

void meed_columns_stats(const struct meed_columns *c, size_t i, struct meed_column_stats *ret)
{
	const struct column *col = c->v[i];

	*ret = (struct meed_column_stats){
		.label = col->label,
		.n = col->n,
		.n_missing = col->n_abstained + col->n_idle,
		.n_errors = n_errors(col),
		.mean = col->mean,
		.min = col->sketch.min,
		.max = col->sketch.max,
	};
	if (col->n > 1 && col->m2 > 0)
		ret->sd = sqrt(col->m2 / (double)(col->n - 1));
	if (col->n_timed)
		ret->us = col->ns / 1e3 / (double)col->n_timed;
}

double meed_columns_quantile(const struct meed_columns *c, size_t i, double q)
{
	return meed_sketch_quantile(&c->v[i]->sketch, q);
}

/* ---- the figures as bytes ------------------------------------------------------------------ */

void meed_columns_save(const struct meed_columns *c, struct meed_buf *b)
{
	pack_u64(b, c->n);
	for (size_t i = 0; i < c->n; i++) {
		const struct column *col = c->v[i];

		pack_u64(b, col->n);
		pack_u64(b, col->n_abstained);
		pack_u64(b, col->n_idle);
		pack_u64(b, col->n_timed);
		for (size_t k = 0; k < N_CODES; k++)
			pack_u64(b, col->n_by_code[k]);
		pack_f64(b, col->mean);
		pack_f64(b, col->m2);
		pack_f64(b, col->ns);
		meed_sketch_save(&col->sketch, b);
	}
}

static bool column_load(struct column *col, meed_str *in)
{
	bool ok = unpack_u64(in, &col->n) && unpack_u64(in, &col->n_abstained) &&
		  unpack_u64(in, &col->n_idle) && unpack_u64(in, &col->n_timed);

	for (size_t k = 0; ok && k < N_CODES; k++)
		ok = unpack_u64(in, &col->n_by_code[k]);
	return ok && unpack_f64(in, &col->mean) && unpack_f64(in, &col->m2) &&
	       unpack_f64(in, &col->ns) && meed_sketch_load(&col->sketch, in);
}

bool meed_columns_load(struct meed_columns *c, meed_str in)
{
	uint64_t n;
	bool ok = unpack_u64(&in, &n) && n == c->n;

	for (size_t i = 0; ok && i < c->n; i++)
		ok = column_load(c->v[i], &in);
	return ok && !in.n;
}

/* ---- the table --------------------------------------------------------------------------- */

enum {
	COL_LABEL,
	COL_N,
	COL_ERRORS,
	COL_MISSING,
	COL_MEAN,
	COL_SD,
	COL_MIN,
	COL_P5,
	COL_P25,
	COL_P50,
	COL_P75,
	COL_P95,
	COL_MAX,
	COL_US,
	COL_HISTOGRAM,
	N_COLS
};

static const char *const headings[N_COLS] = {
	"member", "n",	 "errors", "missing", "mean", "sd",  "min",	  "p5",
	"p25",	  "p50", "p75",	   "p95",     "max",  "us", "histogram",
};

static const struct {
	const char *name;
	int column;
	double q;
} quantiles[] = {
	{ "p5", COL_P5, 0.05 },	  { "p25", COL_P25, 0.25 }, { "p50", COL_P50, 0.5 },
	{ "p75", COL_P75, 0.75 }, { "p95", COL_P95, 0.95 },
};
#define N_QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

struct cell {
	size_t at, n, width;
};

struct table {
	struct meed_buf text;
	struct cell (*rows)[N_COLS];
	size_t n_rows;
	size_t widths[N_COLS];
	bool shown[N_COLS];
	bool colour, utf8;
};

/* Terminal cells that a text takes; combining marks take none, wide characters two. */
static size_t display_width(const char *p, size_t n)
{
	size_t at = 0, width = 0;

	while (at < n) {
		utf8proc_int32_t ch;
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)p + at,
							(utf8proc_ssize_t)(n - at), &ch);

		if (len < 1)
			break;
		width += (size_t)utf8proc_charwidth(ch);
		at += (size_t)len;
	}
	return width;
}

/* A figure for reading: as it is if short, else four significant digits. */
static void put_figure(struct meed_buf *b, double x)
{
	double size = fabs(x);
	char text[32];
	size_t n = meed_dtoa(x, text);

	if (n <= 6)
		meed_buf_put(b, text, n);
	else if (size >= 1e7 || size < 1e-3)
		meed_buf_printf(b, "%.3e", x);
	else if (size >= 999.95)
		meed_buf_printf(b, "%.0f", x);
	else if (size >= 99.995)
		meed_buf_printf(b, "%.1f", x);
	else if (size >= 9.9995)
		meed_buf_printf(b, "%.2f", x);
	else if (size >= 1)
		meed_buf_printf(b, "%.3f", x);
	else if (size >= 0.01)
		meed_buf_printf(b, "%.4f", x);
	else
		meed_buf_printf(b, "%.5f", x);
}

/* The bins as bars, the tallest full; a bin that holds anything shows. */
static void put_bars(struct meed_buf *b, const uint64_t *bins, bool utf8)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
	uint64_t most = 1;

	for (size_t i = 0; i < N_BINS; i++)
		if (bins[i] > most)
			most = bins[i];
	meed_buf_putc(b, '|');
	for (size_t i = 0; i < N_BINS; i++) {
		double part = (double)bins[i] / (double)most;
		size_t height = (size_t)ceil(part * 8);

		if (height > 8)
			height = 8;
		meed_buf_puts(b, utf8 ? blocks[height] : ascii[height]);
	}
	meed_buf_putc(b, '|');
}

/* Ends the cell whose text has been put at the end of t->text since at. */
static void cell_end(struct table *t, size_t row, size_t col, size_t at)
{
	struct cell *cell = &t->rows[row][col];

	cell->at = at;
	cell->n = t->text.n - at;
	cell->width = t->text.failed ? 0 : display_width(t->text.p + at, cell->n);
	if (cell->width > t->widths[col])
		t->widths[col] = cell->width;
}

static void cell_text(struct table *t, size_t row, size_t col, const char *s)
{
	size_t at = t->text.n;

	meed_buf_puts(&t->text, s);
	cell_end(t, row, col, at);
}

static void cell_u64(struct table *t, size_t row, size_t col, uint64_t x)
{
	size_t at = t->text.n;

	meed_buf_u64(&t->text, x);
	cell_end(t, row, col, at);
}

static void cell_figure(struct table *t, size_t row, size_t col, bool any, double x)
{
	size_t at = t->text.n;

	if (any)
		put_figure(&t->text, x);
	else
		meed_buf_putc(&t->text, '-');
	cell_end(t, row, col, at);
}

static void fill_row(struct table *t, size_t row, const struct meed_columns *c, size_t i)
{
	const struct column *col = c->v[i];
	struct meed_column_stats st;
	uint64_t bins[N_BINS];
	bool any = col->n > 0;
	size_t at;

	meed_columns_stats(c, i, &st);
	cell_text(t, row, COL_LABEL, st.label);
	cell_u64(t, row, COL_N, st.n);
	cell_u64(t, row, COL_ERRORS, st.n_errors);
	cell_u64(t, row, COL_MISSING, st.n_missing);
	cell_figure(t, row, COL_MEAN, any, st.mean);
	cell_figure(t, row, COL_SD, any, st.sd);
	cell_figure(t, row, COL_MIN, any, st.min);
	for (size_t j = 0; j < N_QUANTILES; j++)
		cell_figure(t, row, (size_t)quantiles[j].column, any,
			    meed_sketch_quantile(&col->sketch, quantiles[j].q));
	cell_figure(t, row, COL_MAX, any, st.max);
	cell_figure(t, row, COL_US, col->n_timed > 0, st.us);
	t->shown[COL_MISSING] |= st.n_missing > 0;
	t->shown[COL_US] |= col->n_timed > 0;

	meed_sketch_histogram(&col->sketch, N_BINS, bins);
	at = t->text.n;
	put_bars(&t->text, bins, t->utf8);
	cell_end(t, row, COL_HISTOGRAM, at);
}

static void put_spaces(struct meed_buf *b, size_t n)
{
	while (n--)
		meed_buf_putc(b, ' ');
}

static void put_coloured(struct meed_buf *b, const char *p, size_t n, const char *colour)
{
	if (colour)
		meed_buf_puts(b, colour);
	meed_buf_put(b, p, n);
	if (colour)
		MEED_BUF_LIT(b, "\033[0m");
}

static void put_row(struct meed_buf *b, const struct table *t, size_t row)
{
	for (size_t col = 0; col < N_COLS; col++) {
		const struct cell *cell = &t->rows[row][col];
		const char *text = t->text.p + cell->at, *colour = NULL;
		bool left = col == COL_LABEL || col == COL_HISTOGRAM;

		if (!t->shown[col])
			continue;
		if (t->colour && row == 0)
			colour = "\033[1m";
		else if (t->colour && col == COL_ERRORS && !(cell->n == 1 && *text == '0'))
			colour = "\033[31m";
		if (col > 0)
			MEED_BUF_LIT(b, "  ");
		if (!left)
			put_spaces(b, t->widths[col] - cell->width);
		put_coloured(b, text, cell->n, colour);
		if (left && col != COL_HISTOGRAM)
			put_spaces(b, t->widths[col] - cell->width);
	}
	meed_buf_putc(b, '\n');
}

struct kind {
	const char *name;
	uint64_t n;
};
#define N_KINDS (N_CODES + 2)

/* What came instead of values; the last two kinds are no errors. */
static void kinds_of(const struct column *col, struct kind v[N_KINDS])
{
	for (int32_t i = 0; i < N_CODES; i++) {
		v[i].name = i ? meed_err_name(-i) : "unknown";
		v[i].n = col->n_by_code[i];
	}
	v[N_CODES] = (struct kind){ "abstained", col->n_abstained };
	v[N_CODES + 1] = (struct kind){ "not needed", col->n_idle };
}

static void put_kinds(struct meed_buf *b, const struct table *t, const struct meed_columns *c,
		      size_t from, size_t to, const char *title)
{
	bool titled = false;

	for (size_t i = 0; i < c->n; i++) {
		const struct cell *label = &t->rows[i + 1][COL_LABEL];
		struct kind kinds[N_KINDS];

		kinds_of(c->v[i], kinds);
		for (size_t k = from; k < to; k++) {
			if (!kinds[k].n)
				continue;
			if (!titled) {
				meed_buf_putc(b, '\n');
				put_coloured(b, title, strlen(title), t->colour ? "\033[1m" : NULL);
				meed_buf_putc(b, '\n');
				titled = true;
			}
			meed_buf_put(b, t->text.p + label->at, label->n);
			put_spaces(b, t->widths[COL_LABEL] - label->width + 2);
			meed_buf_printf(b, "%-11s  %10llu\n", kinds[k].name,
					(unsigned long long)kinds[k].n);
		}
	}
}

static size_t row_width(const struct table *t)
{
	size_t n = 0;

	for (size_t col = 0; col < N_COLS; col++)
		n += t->shown[col] ? t->widths[col] + 2 : 0;
	return n - 2;
}

/* What is missed least goes first. */
static void make_fit(struct table *t, size_t width)
{
	static const size_t order[] = { COL_US,	 COL_P5,  COL_P95,	 COL_P25, COL_P75,
					COL_MIN, COL_MAX, COL_HISTOGRAM, COL_P50 };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && row_width(t) > width; i++)
		t->shown[order[i]] = false;
}

void meed_columns_table(const struct meed_columns *c, bool colour, bool utf8, size_t width,
			struct meed_buf *b)
{
	struct table t = { .n_rows = c->n + 1, .colour = colour, .utf8 = utf8 };

	if (!c->n)
		return;
	t.rows = calloc(t.n_rows, sizeof(*t.rows));
	if (!t.rows) {
		b->failed = true;
		return;
	}
	for (size_t col = 0; col < N_COLS; col++) {
		t.shown[col] = col != COL_MISSING && col != COL_US;
		cell_text(&t, 0, col, headings[col]);
	}
	for (size_t i = 0; i < c->n; i++)
		fill_row(&t, i + 1, c, i);
	if (t.text.failed) {
		b->failed = true;
		goto out;
	}

	if (width)
		make_fit(&t, width);
	for (size_t row = 0; row < t.n_rows; row++)
		put_row(b, &t, row);
	put_kinds(b, &t, c, 0, N_CODES, "errors by kind");
	put_kinds(b, &t, c, N_CODES, N_KINDS, "missing by kind");
out:
	meed_buf_release(&t.text);
	free(t.rows);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void json_figure(struct meed_buf *b, const char *name, bool any, double x)
{
	meed_buf_printf(b, ",\"%s\":", name);
	if (any)
		meed_buf_json_num(b, x);
	else
		MEED_BUF_LIT(b, "null");
}

static void json_kinds(struct meed_buf *b, const struct column *col)
{
	struct kind kinds[N_KINDS];
	bool first = true;

	kinds_of(col, kinds);
	MEED_BUF_LIT(b, ",\"errors_by_kind\":{");
	for (size_t k = 0; k < N_CODES; k++) {
		if (!kinds[k].n)
			continue;
		meed_buf_printf(b, "%s\"%s\":%llu", first ? "" : ",", kinds[k].name,
				(unsigned long long)kinds[k].n);
		first = false;
	}
	meed_buf_putc(b, '}');
}

static void json_column(struct meed_buf *b, const struct meed_columns *c, size_t i, bool timings)
{
	const struct column *col = c->v[i];
	struct meed_column_stats st;
	uint64_t bins[N_BINS];
	bool any = col->n > 0;

	meed_columns_stats(c, i, &st);
	meed_sketch_histogram(&col->sketch, N_BINS, bins);
	MEED_BUF_LIT(b, "{\"member\":");
	meed_buf_json_str(b, meed_str_of(st.label));
	meed_buf_printf(b, ",\"n\":%llu,\"errors\":%llu,\"abstained\":%llu,\"not_needed\":%llu",
			(unsigned long long)st.n, (unsigned long long)st.n_errors,
			(unsigned long long)col->n_abstained, (unsigned long long)col->n_idle);
	json_kinds(b, col);
	json_figure(b, "mean", any, st.mean);
	json_figure(b, "sd", any, st.sd);
	json_figure(b, "min", any, st.min);
	for (size_t j = 0; j < N_QUANTILES; j++)
		json_figure(b, quantiles[j].name, any,
			    meed_sketch_quantile(&col->sketch, quantiles[j].q));
	json_figure(b, "max", any, st.max);
	MEED_BUF_LIT(b, ",\"histogram\":[");
	for (size_t j = 0; j < N_BINS; j++) {
		if (j)
			meed_buf_putc(b, ',');
		meed_buf_u64(b, bins[j]);
	}
	meed_buf_putc(b, ']');
	if (timings && col->n_timed)
		json_figure(b, "time_us", true, st.us);
	meed_buf_putc(b, '}');
}

void meed_columns_json(const struct meed_columns *c, bool timings, struct meed_buf *b)
{
	MEED_BUF_LIT(b, "{\"members\":[");
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			meed_buf_putc(b, ',');
		json_column(b, c, i, timings);
	}
	MEED_BUF_LIT(b, "]}");
}
