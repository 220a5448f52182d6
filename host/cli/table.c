/* table.c - aligned columns of text. */
#include "config.h"

#include "host/cli/cli.h"

void cli_table_cell_n(struct cli_table *t, meed_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		meed_buf_putc(&t->text,
			      (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
	meed_buf_putc(&t->text, '\0');
	t->n_cells++;
}

void cli_table_cell(struct cli_table *t, const char *s)
{
	cli_table_cell_n(t, meed_str_of(s));
}

/* Code points; good enough for names, which are ASCII, and for the prose of other columns. */
static size_t columns_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void measure(const struct cli_table *t, size_t width[CLI_TABLE_COLS])
{
	const char *s = t->text.p;
	size_t i;

	for (i = 0; i < t->n_cells; i++, s += strlen(s) + 1)
		if (columns_of(s) > width[i % t->n_cols])
			width[i % t->n_cols] = columns_of(s);
}

void cli_table_print(const struct cli_table *t, size_t indent, bool head, struct meed_buf *b)
{
	size_t width[CLI_TABLE_COLS] = { 0 };
	const char *s = t->text.p;
	size_t i, pad = 0, col;

	if (t->text.failed) {
		b->failed = true;
		return;
	}
	measure(t, width);
	for (i = 0; i < t->n_cells; i++, s += strlen(s) + 1) {
		col = i % t->n_cols;
		if (col == 0) {
			pad = indent;
			if (head && i == 0)
				MEED_BUF_LIT(b, "\033[1m");
		}
		if (*s) {
			meed_buf_printf(b, "%*s", (int)pad, "");
			pad = 0;
		}
		meed_buf_puts(b, s);
		pad += width[col] - columns_of(s) + 2;
		if (col + 1 == t->n_cols) {
			if (head && i + 1 == t->n_cols)
				MEED_BUF_LIT(b, "\033[0m");
			meed_buf_putc(b, '\n');
		}
	}
}

void cli_table_release(struct cli_table *t)
{
	meed_buf_release(&t->text);
}
