/* text_table.c - one table on a terminal: columns fitted to its width, or cut into blocks. */
#include "config.h"
#include "host/report/text.h"

#include <stdlib.h>

#define GAP 2

/* A table as it will stand there. A cell's words are made when they are needed. */
struct fit {
	const struct report_page *page;
	const struct meed_report_table *t;
	size_t *width; /* of each column */
	size_t *part;  /* of a number with its interval: value, low, high; 3 a column */
	bool wrap_heads;
	struct meed_buf raw, clean; /* for one cell's words */
};

static bool is_text(const struct report_column *c)
{
	return c->kind == MEED_CELL_TEXT || c->kind == MEED_CELL_PROSE;
}

static meed_str cleaned(struct fit *f)
{
	f->clean.n = 0;
	report_clean(&f->clean, (meed_str){ f->raw.p ? f->raw.p : "", f->raw.n },
		     f->page->how->utf8);
	return (meed_str){ f->clean.p ? f->clean.p : "", f->clean.n };
}

static meed_str head_words(struct fit *f, size_t col)
{
	f->raw.n = 0;
	report_heading(&f->raw, &f->t->cols[col]);
	return cleaned(f);
}

/* A number padded so that points stand under points. */
static void put_padded(struct fit *f, double x, const struct report_column *c, size_t width)
{
	size_t from = f->raw.n, len;

	report_number(&f->raw, x, c->kind, c->digits);
	len = f->raw.n - from;
	if (f->raw.failed || len >= width || !meed_buf_grow(&f->raw, width))
		return;
	memmove(f->raw.p + from + width - len, f->raw.p + from, len);
	memset(f->raw.p + from, ' ', width - len);
	f->raw.n = from + width;
}

static meed_str cell_words(struct fit *f, size_t row, size_t col)
{
	const struct report_column *c = &f->t->cols[col];
	const struct report_cell *cell = &f->t->cells[row * f->t->n_cols + col];
	const size_t *part = f->part + 3 * col;

	f->raw.n = 0;
	if (cell->given == GIVEN_NOTHING && !c->intervals) {
		meed_buf_putc(&f->raw, '-');
	} else if (!c->intervals || cell->given == GIVEN_TEXT) {
		report_cell_words(&f->raw, c, cell);
	} else if (cell->given == GIVEN_NOTHING) {
		report_blanks(&f->raw, part[0] ? part[0] - 1 : 0);
		meed_buf_putc(&f->raw, '-');
		report_blanks(&f->raw, part[1] + part[2] + 5);
	} else {
		put_padded(f, cell->x, c, part[0]);
		if (cell->given == GIVEN_INTERVAL) {
			MEED_BUF_LIT(&f->raw, " [");
			put_padded(f, cell->low, c, part[1]);
			MEED_BUF_LIT(&f->raw, ", ");
			put_padded(f, cell->high, c, part[2]);
			MEED_BUF_LIT(&f->raw, "]");
		} else {
			report_blanks(&f->raw, part[1] + part[2] + 5);
		}
	}
	return cleaned(f);
}

static void max_of(size_t *x, size_t y)
{
	if (y > *x)
		*x = y;
}

static void measure_parts(struct fit *f, size_t col)
{
	const struct report_column *c = &f->t->cols[col];
	size_t *part = f->part + 3 * col, row;

	for (row = 0; row < f->t->n_rows; row++) {
		const struct report_cell *cell = &f->t->cells[row * f->t->n_cols + col];
		const double v[3] = { cell->x, cell->low, cell->high };
		size_t k, n = cell->given == GIVEN_INTERVAL ? 3 : cell->given == GIVEN_NUMBER;

		for (k = 0; k < n; k++) {
			f->raw.n = 0;
			report_number(&f->raw, v[k], c->kind, c->digits);
			max_of(&part[k], f->raw.n);
		}
	}
}

static size_t longest_word(meed_str s)
{
	size_t at = 0, from = 0, widest = 0;

	for (at = 0; at <= s.n; at++) {
		if (at < s.n && s.p[at] != ' ')
			continue;
		max_of(&widest, report_width((meed_str){ s.p + from, at - from }));
		from = at + 1;
	}
	return widest;
}

static void measure(struct fit *f)
{
	size_t col, row;

	for (col = 0; col < f->t->n_cols; col++) {
		meed_str head = head_words(f, col);

		f->width[col] = f->wrap_heads ? longest_word(head) : report_width(head);
		if (f->t->cols[col].intervals)
			measure_parts(f, col);
		for (row = 0; row < f->t->n_rows; row++)
			max_of(&f->width[col], report_width(cell_words(f, row, col)));
	}
}

static size_t total(const struct fit *f)
{
	size_t sum = 0, col;

	for (col = 0; col < f->t->n_cols; col++)
		sum += f->width[col] + (col ? GAP : 0);
	return sum;
}

/* Takes columns of that kind down, the widest first, until all fits or they are at least. */
static void squeeze(struct fit *f, enum meed_cell kind, size_t least)
{
	const size_t room = f->page->how->width;
	size_t over = total(f), col, widest;

	for (over = over > room ? over - room : 0; over > 0; over--) {
		widest = f->t->n_cols;
		for (col = 0; col < f->t->n_cols; col++)
			if (f->t->cols[col].kind == kind && f->width[col] > least &&
			    (widest == f->t->n_cols || f->width[col] > f->width[widest]))
				widest = col;
		if (widest == f->t->n_cols)
			return;
		f->width[widest]--;
	}
}

static void fit_width(struct fit *f)
{
	const size_t room = f->page->how->width;

	measure(f);
	if (room == 0 || total(f) <= room)
		return;
	f->wrap_heads = true;
	measure(f);
	squeeze(f, MEED_CELL_PROSE, 32);
	squeeze(f, MEED_CELL_TEXT, 20);
	squeeze(f, MEED_CELL_PROSE, 20);
	squeeze(f, MEED_CELL_TEXT, 12);
}

/* ---- lines ---- */

/* Columns first and [from, to): one block of a table that is too wide. */
struct block {
	bool first;
	size_t from, to;
};

/* The column after col, SIZE_MAX for the first; n_cols after the last. */
static size_t next_col(const struct fit *f, const struct block *k, size_t col)
{
	if (col == SIZE_MAX)
		return k->first ? 0 : k->from;
	if (k->first && col == 0 && k->from > 0)
		return k->from;
	return col + 1 < k->to ? col + 1 : f->t->n_cols;
}

/* One column's part of a line; pad: the blanks that are due before the next part. */
static void put_part(struct fit *f, size_t col, meed_str s, size_t *pad, struct meed_buf *b)
{
	size_t used = report_width(s), width = f->width[col];
	struct meed_buf cut = { 0 };

	if (used > width) {
		used = report_shorten(&cut, s, width, f->page->how->utf8);
		s = (meed_str){ cut.p ? cut.p : "", cut.n };
		b->failed |= cut.failed;
	}
	if (!is_text(&f->t->cols[col]))
		*pad += width - used;
	if (s.n > 0) {
		report_blanks(b, *pad);
		*pad = 0;
		meed_buf_put(b, s.p, s.n);
	}
	if (is_text(&f->t->cols[col]))
		*pad += width - used;
	*pad += GAP;
	meed_buf_release(&cut);
}

/* What stands in a column of a row. */
typedef meed_str words_fn(struct fit *f, size_t row, size_t col);

static bool wraps(const struct fit *f, size_t col, bool head)
{
	return head ? f->wrap_heads : f->t->cols[col].kind == MEED_CELL_PROSE;
}

/* The k-th line of a cell. */
static meed_str line_of(struct fit *f, size_t col, bool head, meed_str words, size_t k)
{
	meed_str line = { "", 0 };
	size_t i;

	if (!wraps(f, col, head))
		return k == 0 ? words : line;
	for (i = 0; i <= k; i++) {
		line = (meed_str){ "", 0 };
		if (words.n == 0)
			break;
		line = report_line(&words, f->width[col]);
	}
	return line;
}

static size_t lines_of(struct fit *f, size_t col, bool head, meed_str words)
{
	size_t n = 0;

	if (!wraps(f, col, head))
		return 1;
	for (; words.n > 0; n++)
		(void)report_line(&words, f->width[col]);
	return n ? n : 1;
}

/* Returns how many lines it took. */
static size_t put_row(struct fit *f, const struct block *k, words_fn *words, size_t row, bool head,
		      const char *paint, struct meed_buf *b)
{
	size_t n_lines = 1, line, col, n, pad;

	for (col = next_col(f, k, SIZE_MAX); col < f->t->n_cols; col = next_col(f, k, col))
		max_of(&n_lines, lines_of(f, col, head, words(f, row, col)));
	for (line = 0; line < n_lines; line++) {
		pad = 0;
		meed_buf_puts(b, paint);
		for (col = next_col(f, k, SIZE_MAX); col < f->t->n_cols;
		     col = next_col(f, k, col)) {
			meed_str s = words(f, row, col);

			/* headings stand on the line below them, text hangs from the one above */
			n = head ? n_lines - lines_of(f, col, head, s) : 0;
			s = line < n ? (meed_str){ "", 0 } : line_of(f, col, head, s, line - n);
			put_part(f, col, s, &pad, b);
		}
		meed_buf_puts(b, *paint ? "\033[0m" : "");
		meed_buf_putc(b, '\n');
	}
	return n_lines;
}

static meed_str head_of(struct fit *f, size_t row, size_t col)
{
	(void)row;
	return head_words(f, col);
}

static void put_rule(struct fit *f, const struct block *k, struct meed_buf *b)
{
	size_t n = 0, col;

	for (col = next_col(f, k, SIZE_MAX); col < f->t->n_cols; col = next_col(f, k, col))
		n += f->width[col] + (n ? GAP : 0);
	meed_buf_puts(b, report_paint(f->page, "\033[2m"));
	while (n--)
		meed_buf_puts(b, f->page->how->utf8 ? "\xe2\x94\x80" : "-");
	meed_buf_puts(b, report_paint(f->page, "\033[0m"));
	meed_buf_putc(b, '\n');
}

static void put_block(struct fit *f, const struct block *k, struct meed_buf *b)
{
	const bool *strong = f->t->strong;
	const size_t n = f->t->n_rows;
	size_t row, lines;

	(void)put_row(f, k, head_of, 0, true, "", b);
	put_rule(f, k, b);
	for (row = 0; row < n; row++) {
		if (strong[row] && row > 0 && !strong[row - 1])
			put_rule(f, k, b);
		lines = put_row(f, k, cell_words, row, false,
				strong[row] ? report_paint(f->page, "\033[1m") : "", b);
		/* sentences run into each other without */
		if (lines > 1 && row + 1 < n)
			meed_buf_putc(b, '\n');
		if (strong[row] && row + 1 < n && !strong[row + 1] && (row == 0 || strong[0]))
			put_rule(f, k, b);
	}
}

/* As many columns as fit, the first one again at the head of each block. */
static void put_blocks(struct fit *f, struct meed_buf *b)
{
	const size_t room = f->page->how->width ? f->page->how->width : SIZE_MAX;
	const bool named = f->t->n_cols > 1 && is_text(&f->t->cols[0]);
	struct block k = { .from = 0 };
	size_t used;

	while (k.from < f->t->n_cols) {
		k.first = named && k.from > 0;
		used = k.first ? f->width[0] + GAP : 0;
		used += f->width[k.from];
		for (k.to = k.from + 1; k.to < f->t->n_cols; k.to++) {
			if (used + GAP + f->width[k.to] > room)
				break;
			used += GAP + f->width[k.to];
		}
		if (k.from > 0)
			meed_buf_putc(b, '\n');
		put_block(f, &k, b);
		k.from = k.to;
	}
}

void report_text_table(const struct report_page *p, const struct meed_report_table *t,
		       struct meed_buf *b)
{
	struct fit f = { .page = p, .t = t };

	f.width = calloc(t->n_cols + 1, sizeof(*f.width));
	f.part = calloc(t->n_cols + 1, 3 * sizeof(*f.part));
	if (!f.width || !f.part) {
		b->failed = true;
		goto out;
	}
	if (t->title.n)
		report_title(p, t->title, b);
	if (t->n_rows > 0 && t->n_cols > 0) {
		fit_width(&f);
		put_blocks(&f, b);
	} else {
		meed_buf_puts(b, "(no rows)\n");
	}
	if (t->caption.n)
		report_wrapped(p, t->caption, 0, b);
	b->failed |= f.raw.failed || f.clean.failed;
out:
	free(f.width);
	free(f.part);
	meed_buf_release(&f.raw);
	meed_buf_release(&f.clean);
}
