/* words.c - how a report's values read: numbers, headings, what a terminal or page may show. */
#include "config.h"
#include "host/report/parts.h"

#include <math.h>

#include <utf8proc.h>

static utf8proc_int32_t decode(meed_str s, size_t *ret_len)
{
	utf8proc_int32_t ch = -1;
	utf8proc_ssize_t n =
		utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &ch);

	*ret_len = n > 0 ? (size_t)n : 1;
	return n > 0 ? ch : -1;
}

size_t report_char(meed_str s, size_t *ret_width)
{
	size_t len;
	utf8proc_int32_t ch = decode(s, &len);
	int w = ch < 0 ? 1 : utf8proc_charwidth(ch);

	*ret_width = w > 0 ? (size_t)w : 0;
	return len;
}

size_t report_width(meed_str s)
{
	size_t at = 0, sum = 0, w;

	while (at < s.n) {
		at += report_char((meed_str){ s.p + at, s.n - at }, &w);
		sum += w;
	}
	return sum;
}

static bool prints(utf8proc_int32_t ch)
{
	switch (utf8proc_category(ch)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return false;
	default:
		return true;
	}
}

void report_clean(struct meed_buf *b, meed_str s, bool utf8)
{
	size_t at = 0, len;

	while (at < s.n) {
		utf8proc_int32_t ch = decode((meed_str){ s.p + at, s.n - at }, &len);

		if (ch == '\n' || ch == '\t' || ch == '\r')
			meed_buf_putc(b, ' ');
		else if (ch >= 0 && prints(ch) && (utf8 || ch < 0x80))
			meed_buf_put(b, s.p + at, len);
		else
			meed_buf_puts(b, utf8 ? "\xef\xbf\xbd" : "?");
		at += len;
	}
}

void report_number(struct meed_buf *b, double x, enum meed_cell kind, int digits)
{
	double shown = kind == MEED_CELL_PERCENT ? x * 100 : x;

	if (kind == MEED_CELL_COUNT)
		digits = shown >= floor(shown) && shown <= floor(shown) ? 0 : 2;
	if (fabs(shown) >= 1e15) {
		meed_buf_printf(b, "%.6g", shown);
		return;
	}
	/* what rounds to zero has no sign */
	if (fabs(shown) < 0.5 * pow(10, -digits))
		shown = 0;
	meed_buf_printf(b, "%.*f", digits, shown);
}

void report_heading(struct meed_buf *b, const struct report_column *col)
{
	meed_buf_put(b, col->heading.p, col->heading.n);
	if (col->kind == MEED_CELL_PERCENT && !memchr(col->heading.p, '%', col->heading.n))
		meed_buf_puts(b, col->heading.n ? " %" : "%");
}

void report_cell_words(struct meed_buf *b, const struct report_column *col,
		       const struct report_cell *cell)
{
	switch (cell->given) {
	case GIVEN_NOTHING:
		break;
	case GIVEN_TEXT:
		meed_buf_put(b, cell->text.p, cell->text.n);
		break;
	case GIVEN_NUMBER:
		report_number(b, cell->x, col->kind, col->digits);
		break;
	case GIVEN_INTERVAL:
		report_number(b, cell->x, col->kind, col->digits);
		MEED_BUF_LIT(b, " [");
		report_number(b, cell->low, col->kind, col->digits);
		MEED_BUF_LIT(b, ", ");
		report_number(b, cell->high, col->kind, col->digits);
		MEED_BUF_LIT(b, "]");
		break;
	}
}

const char *report_note_name(enum meed_note kind)
{
	switch (kind) {
	case MEED_NOTE_WARNING:
		return "warning";
	case MEED_NOTE_ERROR:
		return "error";
	default:
		return "info";
	}
}

const char *report_cell_name(enum meed_cell kind)
{
	switch (kind) {
	case MEED_CELL_COUNT:
		return "count";
	case MEED_CELL_NUMBER:
		return "number";
	case MEED_CELL_PERCENT:
		return "fraction";
	case MEED_CELL_PROSE:
	case MEED_CELL_TEXT:
		break;
	}
	return "text";
}

const char *report_plot_name(enum meed_plot kind)
{
	static const char *const names[] = {
		[MEED_PLOT_BARS] = "bars",     [MEED_PLOT_LINES] = "lines",
		[MEED_PLOT_POINTS] = "points", [MEED_PLOT_HISTOGRAM] = "histogram",
		[MEED_PLOT_HEAT] = "heat",
	};

	return names[kind];
}
