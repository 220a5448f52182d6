/* text.c - a report on a terminal: facts, tables fitted to its width, notes. */
#include "config.h"
#include "host/report/text.h"

#include <stdlib.h>

const char *report_paint(const struct report_page *p, const char *code)
{
	return p->how->colour ? code : "";
}

void report_blanks(struct meed_buf *b, size_t n)
{
	while (n--)
		meed_buf_putc(b, ' ');
}

/* Bytes of s that fit into width columns. */
static size_t bytes_within(meed_str s, size_t width)
{
	size_t at = 0, sum = 0, w;

	while (at < s.n) {
		size_t len = report_char((meed_str){ s.p + at, s.n - at }, &w);

		if (sum + w > width)
			break;
		sum += w;
		at += len;
	}
	return at;
}

/* Bytes to leave out so that what is left fits into width columns. */
static size_t bytes_before(meed_str s, size_t width)
{
	size_t at = 0, left = report_width(s), w;

	while (left > width) {
		at += report_char((meed_str){ s.p + at, s.n - at }, &w);
		left -= w;
	}
	return at;
}

size_t report_shorten(struct meed_buf *b, meed_str s, size_t width, bool utf8)
{
	const char *dots = utf8 ? "\xe2\x80\xa6" : "..";
	size_t dots_width = utf8 ? 1 : 2, head, from;
	meed_str kept;

	if (report_width(s) <= width) {
		meed_buf_put(b, s.p, s.n);
		return report_width(s);
	}
	if (width <= dots_width) {
		meed_buf_puts(b, width == dots_width ? dots : "");
		return width == dots_width ? width : 0;
	}
	/* both ends tell names apart: the folder and the seed */
	head = bytes_within(s, (width - dots_width) / 2);
	kept = (meed_str){ s.p, head };
	from = bytes_before(s, width - dots_width - report_width(kept));
	meed_buf_put(b, s.p, head);
	meed_buf_puts(b, dots);
	meed_buf_put(b, s.p + from, s.n - from);
	return report_width(kept) + dots_width + report_width((meed_str){ s.p + from, s.n - from });
}

meed_str report_line(meed_str *rest, size_t width)
{
	size_t n = bytes_within(*rest, width), end = n, w;
	meed_str line = { rest->p, 0 };

	if (n < rest->n) {
		while (end > 0 && rest->p[end] != ' ')
			end--;
		if (end > 0)
			n = end;
		else if (n == 0)
			n = report_char(*rest, &w);
	}
	line.n = n;
	rest->p += n;
	rest->n -= n;
	while (rest->n > 0 && *rest->p == ' ') {
		rest->p++;
		rest->n--;
	}
	while (line.n > 0 && line.p[line.n - 1] == ' ')
		line.n--;
	return line;
}

void report_wrapped(const struct report_page *p, meed_str s, size_t indent, struct meed_buf *b)
{
	size_t width = p->how->width;
	struct meed_buf clean = { 0 };
	meed_str rest, line;
	bool first = true;

	report_clean(&clean, s, p->how->utf8);
	b->failed |= clean.failed;
	rest = (meed_str){ clean.p ? clean.p : "", clean.n };
	width = !width ? SIZE_MAX : width > indent + 16 ? width - indent : 16;
	do {
		if (!first)
			report_blanks(b, indent);
		first = false;
		line = report_line(&rest, width);
		meed_buf_put(b, line.p, line.n);
		meed_buf_putc(b, '\n');
	} while (rest.n > 0);
	meed_buf_release(&clean);
}

static void put_facts(const struct report_page *p, struct meed_buf *b)
{
	const struct meed_report *r = p->report;
	size_t i, k, widest = 0;

	for (i = 0; i < r->n_facts; i++)
		if (r->facts[i].key.n > widest)
			widest = r->facts[i].key.n;
	for (i = 0; i < r->n_facts; i++) {
		const struct report_fact *f = &r->facts[i];
		char number[32];
		meed_str text = f->text;

		if (f->is_num)
			text = (meed_str){ number, meed_dtoa(f->x, number) };
		if (f->is_num && meed_str_eq(text, MEED_STR("null")))
			text = MEED_STR("-");
		MEED_BUF_LIT(b, "  ");
		meed_buf_puts(b, report_paint(p, "\033[2m"));
		for (k = 0; k < f->key.n; k++)
			meed_buf_putc(b, f->key.p[k] == '_' ? ' ' : f->key.p[k]);
		meed_buf_puts(b, report_paint(p, "\033[0m"));
		report_blanks(b, widest - f->key.n + 2);
		report_wrapped(p, text, widest + 4, b);
	}
}

/* The word carries the colour: yellow text is hard to read on a light ground. */
static void put_note(const struct report_page *p, const struct report_note *n, struct meed_buf *b)
{
	if (n->kind == MEED_NOTE_INFO) {
		report_wrapped(p, n->text, 0, b);
		return;
	}
	meed_buf_puts(b, report_paint(p, n->kind == MEED_NOTE_ERROR ? "\033[1;31m" : "\033[1;33m"));
	meed_buf_puts(b, report_note_name(n->kind));
	meed_buf_putc(b, ':');
	meed_buf_puts(b, report_paint(p, "\033[0m"));
	meed_buf_putc(b, ' ');
	report_wrapped(p, n->text, strlen(report_note_name(n->kind)) + 2, b);
}

void report_title(const struct report_page *p, meed_str s, struct meed_buf *b)
{
	meed_buf_puts(b, report_paint(p, "\033[1m"));
	report_wrapped(p, s, 0, b);
	/* before the end of the line, so that nothing of it is left on the next */
	if (b->n > 0 && !b->failed && *report_paint(p, "x")) {
		b->n--;
		MEED_BUF_LIT(b, "\033[0m\n");
	}
}

int32_t meed_report_text(const struct meed_report *r, const struct meed_report_text *how,
			 struct meed_buf *b)
{
	struct report_page page = { .report = r, .how = how };
	size_t i;

	if (!r || r->failed)
		return MEED_E_NOMEM;
	if (r->title.n)
		report_title(&page, r->title, b);
	put_facts(&page, b);
	for (i = 0; i < r->n_tables; i++) {
		meed_buf_putc(b, '\n');
		report_text_table(&page, r->tables[i], b);
	}
	if (r->n_notes > 0)
		meed_buf_putc(b, '\n');
	for (i = 0; i < r->n_notes; i++)
		put_note(&page, &r->notes[i], b);
	return report_whole(r, b);
}
