/* input.c - files as one stream of lines, in blocks.
 *
 * Bytes are read straight into the block that the lines will point into. What a block does not
 * take, because it has its lines or is full, is kept in `carry` for the next one. JSON documents
 * are cut into lines by split.c; containers that make rows of their own (CSV, Parquet) fill
 * blocks in fill_rows. */
#include "config.h"
#include "host/sample/input.h"

#include <stdlib.h>

#define MIN_ROOM ((size_t)16 << 10)
#define MAX_ROOM ((size_t)1 << 20)

/* ---- lines ---------------------------------------------------------------------------------- */

static int32_t add_line(struct meed_filling *f, struct meed_line line)
{
	struct meed_block *b = f->b;

	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 64, bytes;
		struct meed_line *v;

		if (meed_mul_overflow(cap, sizeof(*v), &bytes) || !(v = realloc(b->lines, bytes)))
			return meed_err_nomem(f->err);
		b->lines = v;
		b->cap = cap;
	}
	line.number = f->in->number;
	line.unit = f->in->unit;
	line.file = (uint32_t)f->in->file;
	b->lines[b->n++] = line;
	return MEED_OK;
}

static int32_t add_skipped(struct meed_filling *f, uint64_t n)
{
	struct meed_input *in = f->in;
	struct meed_line line = { .p = "", .n = (size_t)(n - in->ends_in_cr),
				  .offset = in->offset, .status = MEED_E_LIMIT };

	in->skipping = false;
	in->number++;
	in->offset += n + 1;
	line.end = in->offset;
	return add_line(f, line);
}

static bool is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

/* As take_line, of a JSON document: blanks around rows are no part of them, and do not count. */
static int32_t take_element(struct meed_filling *f, size_t n)
{
	struct meed_input *in = f->in;
	struct meed_line line = { .p = f->b->data.p + f->start, .n = n, .offset = in->offset };

	if (n > in->max_line) {
		in->ends_in_cr = false;
		return add_skipped(f, n);
	}
	in->offset += n + 1;
	line.end = in->offset;
	while (line.n && meed_is_space(line.p[line.n - 1]))
		line.n--;
	while (line.n && meed_is_space(*line.p)) {
		line.p++;
		line.n--;
		line.offset++;
	}
	if (!line.n)
		return MEED_OK;
	in->number++;
	return add_line(f, line);
}

/* A whole line of n bytes at start; its newline, if it has one, is not among them. */
static int32_t take_line(struct meed_filling *f, size_t n)
{
	struct meed_input *in = f->in;
	struct meed_line line = { .p = f->b->data.p + f->start, .n = n, .offset = in->offset };

	if (in->splits)
		return take_element(f, n);
	if (n > in->max_line) {
		in->ends_in_cr = line.p[n - 1] == '\r';
		return add_skipped(f, n);
	}
	in->number++;
	in->offset += n + 1;
	line.end = in->offset;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (in->number == 1 && line.n >= 3 && memcmp(line.p, "\xef\xbb\xbf", 3) == 0) {
		line.p += 3;
		line.n -= 3;
		line.offset += 3;
	}
	if (line.n == 0 || (line.p[0] <= ' ' && is_blank(line.p, line.n)))
		return MEED_OK;
	return add_line(f, line);
}

/* Cuts what is in the block into lines, until it has enough of them. */
static int32_t cut_lines(struct meed_filling *f)
{
	struct meed_buf *d = &f->b->data;
	int32_t r = MEED_OK;

	while (r >= 0 && f->b->n < f->max_lines && f->scanned < d->n) {
		const char *p = d->p + f->scanned;
		const char *nl = memchr(p, f->in->sep, d->n - f->scanned);
		size_t end = nl ? (size_t)(nl - d->p) : d->n;

		if (f->in->skipping && end > f->start)
			f->in->ends_in_cr = d->p[end - 1] == '\r';
		f->scanned = end;
		if (!nl)
			break;
		if (f->in->skipping)
			r = add_skipped(f, f->in->skipped + (end - f->start));
		else
			r = take_line(f, end - f->start);
		f->start = f->scanned = end + 1;
	}
	return r;
}

/* Gives up on a line that is too long: its bytes are counted, not kept. */
static void shed(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	size_t n = d->n - f->start;

	if (f->scanned < d->n)
		return;
	if (!in->skipping && n <= in->max_line)
		return;
	if (!in->skipping) {
		in->skipping = true;
		in->skipped = 0;
		in->ends_in_cr = d->p[d->n - 1] == '\r';
	}
	in->skipped += n;
	d->n = f->scanned = f->start;
}

/* ---- bytes -------------------------------------------------------------------------- */

/* Moves bytes from carry to the block: up to the last line that it may have, so that what
 * is left need not come back. */
static size_t from_carry(struct meed_filling *f, char *to, size_t room)
{
	struct meed_input *in = f->in;
	const char *p = in->carry.p + in->carry_at, *end = in->carry.p + in->carry.n, *q = p;
	size_t n;

	if ((size_t)(end - p) > room)
		end = p + room;
	for (size_t lines = f->b->n; lines < f->max_lines && q < end; lines++) {
		const char *nl = memchr(q, in->sep, (size_t)(end - q));

		q = nl ? nl + 1 : end;
	}
	n = (size_t)(q - p);
	memcpy(to, p, n);
	in->carry_at += n;
	if (in->carry_at == in->carry.n)
		in->carry.n = in->carry_at = 0;
	return n;
}

/* Puts back what the block does not take. */
static int32_t to_carry(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	size_t n = d->n - f->start;

	if (!n)
		return MEED_OK;
	d->n = f->start;
	if (in->carry.n > in->carry_at)
		in->carry_at -= n;	/* that is where they came from */
	else
		meed_buf_put(&in->carry, d->p + f->start, n);
	return in->carry.failed ? meed_err_nomem(f->err) : MEED_OK;
}

static bool make_room(struct meed_filling *f, size_t *ret)
{
	struct meed_buf *d = &f->b->data;
	size_t want = f->max_bytes > d->n ? f->max_bytes - d->n : d->n / 2;

	if (want > MAX_ROOM)
		want = MAX_ROOM;
	if (want < MIN_ROOM)
		want = MIN_ROOM;
	if (d->cap - d->n < MIN_ROOM && !meed_buf_grow(d, want))
		return false;
	*ret = d->cap - d->n < want ? d->cap - d->n : want;
	return true;
}

/* The file is at its end: what is left is its last line. */
static int32_t end_file(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	int32_t r = MEED_OK;

	if (in->skipping)
		r = add_skipped(f, in->skipped + (d->n - f->start));
	else if (d->n > f->start)
		r = take_line(f, d->n - f->start);
	f->start = f->scanned = d->n;
	meed_input_end(in);
	return r;
}

/* Brings more bytes. Returns 1; 0 if the block should go out as it is; or a negative code. */
static int32_t more_bytes(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	struct meed_err why = { 0 };
	size_t room;
	int64_t n;

	/* Lines point into the block: it must not move any more. */
	if (f->b->n && (d->n >= f->max_bytes || d->cap - d->n < MIN_ROOM))
		return 0;
	if (!make_room(f, &room))
		return meed_err_nomem(f->err);
	if (in->carry.n > in->carry_at) {
		d->n += from_carry(f, d->p + d->n, room);
		return 1;
	}
	if (in->broken.code) {
		why = in->broken;
		n = why.code;
	} else {
		n = meed_source_read(&in->src, d->p + d->n, room, &why);
	}
	if (n == 0 && in->splits)
		n = meed_split_end(&in->split, &why);
	if (n < 0) {
		int32_t r = meed_input_fail(f, (int32_t)n, &why);

		/* a row of a broken document that is whole itself */
		if (in->splits && in->split.state == MEED_SPLIT_AFTER && !in->skipping &&
		    d->n > f->start && take_line(f, d->n - f->start) == MEED_OK)
			f->start = f->scanned = d->n;

		d->n = f->start;
		meed_input_end(in);
		return r;
	}
	if (n == 0) {
		int32_t r = end_file(f);

		return r < 0 ? r : 1;
	}
	f->waits = !in->src.regular && (size_t)n < room;
	d->n += in->splits ? meed_input_split(in, d->p + d->n, (size_t)n) : (size_t)n;
	return 1;
}

/* ---- rows that a container makes ---------------------------------------------------------- */

static bool is_cancelled(const struct meed_input *in)
{
	return in->cancel && atomic_load_explicit(in->cancel, memory_order_relaxed);
}

/* One row. 1; 0 at the end of the file; or a negative code. */
static int32_t make_row(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	struct meed_line line = { .number = 0 };
	struct meed_err why = { 0 };
	size_t from = d->n, why_at;
	int32_t r = in->maker.next(&in->maker, d, &line, &why);

	if (r < 0)
		return meed_input_fail(f, r, &why);
	if (r == 0)
		return 0;
	line.p = (const char *)(uintptr_t)from;
	if (line.why) {
		why_at = d->n;
		meed_buf_puts(d, line.why);
		meed_buf_putc(d, '\0');
		line.why = (const char *)(uintptr_t)(why_at + 1);
	}
	in->number = line.number;
	r = d->failed ? meed_err_nomem(f->err) : add_line(f, line);
	return r < 0 ? r : 1;
}

/* Fills the block, which has no lines of other files. As make_row. */
static int32_t fill_rows(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	int32_t r = 1;

	f->made = true;
	while (r == 1 && f->b->n < f->max_lines && (!f->b->n || f->b->data.n < f->max_bytes)) {
		if (is_cancelled(in))
			r = meed_err_set(f->err, MEED_E_CANCELLED, "cancelled");
		else
			r = make_row(f);
	}
	if (r <= 0)
		meed_input_end(in);
	return r;
}

static void fix_rows(struct meed_filling *f)
{
	const char *p = f->b->data.p ? f->b->data.p : "";

	for (size_t i = 0; i < f->b->n; i++) {
		struct meed_line *l = &f->b->lines[i];

		l->p = p + (uintptr_t)l->p;
		if (l->why)
			l->why = p + (uintptr_t)l->why - 1;
	}
}

/* ---- blocks ------------------------------------------------------------------------------- */

/* Brings bytes and cuts them. As more_bytes. */
static int32_t fill_lines(struct meed_filling *f)
{
	int32_t r = more_bytes(f);

	if (r != 1 || !f->in->open)
		return r;
	r = cut_lines(f);
	shed(f);
	if (r < 0)
		return r;
	/* More of a pipe's bytes may be long in coming. */
	return f->b->n && f->waits ? 0 : 1;
}

int32_t meed_input_next(struct meed_input *in, struct meed_block *b, size_t max_lines,
			size_t max_bytes, struct meed_err *err)
{
	struct meed_filling f = { .in = in, .b = b, .max_lines = max_lines ? max_lines : 1,
			     .max_bytes = max_bytes, .err = err };
	int32_t r = 1, kept = MEED_OK;

	b->n = 0;
	b->data.n = 0;
	b->data.failed = false;
	while (r == 1 && b->n < f.max_lines) {
		if (!in->open) {
			if (in->file == in->n_paths || (f.made && b->n))
				break;
			f.made = false;
			r = meed_input_begin(&f);
			if (r < 0)
				return r;
		}
		if (in->maker.next && b->n && (!f.made || b->data.n >= max_bytes))
			break;
		r = in->maker.next ? fill_rows(&f) : fill_lines(&f);
		if (f.made && r == 0)
			r = 1;
	}
	if (f.made)
		fix_rows(&f);
	else
		kept = to_carry(&f);
	if (r < 0 || kept < 0)
		return r < 0 ? r : kept;
	return b->n ? 1 : 0;
}
