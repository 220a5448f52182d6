/* search_replace.c - reads SEARCH/REPLACE blocks, and applies them. */
#include "config.h"
#include "edit.h"
#include "ratio.h"

struct edit {
	meed_str path, search, replace;	/* without the last end of line */
	size_t line;			/* of the SEARCH marker */
};

struct file {
	meed_str path, before, now;
	char *room[2];			/* for what is next, and for what is now */
};

struct reader {
	const meed_host *h;
	meed_ctx *c;
	struct code_lines l;
	struct code_fault *fault;
	struct edit *v;
	size_t n, cap;
	meed_str path;			/* of the next block */
};

/* ch five to nine times, then word. */
static bool is_marker(meed_str s, char ch, const char *word)
{
	size_t n = 0;

	s = meed_strip_right(s);
	while (n < s.n && s.p[n] == ch)
		n++;
	if (n < 5 || n > 9)
		return false;
	return meed_eq(meed_sub(s, n, s.n), meed_s(word));
}

bool code_has_edits(meed_str text)
{
	struct code_lines l = { .text = text };

	while (code_lines_next(&l)) {
		if (is_marker(l.line, '<', " SEARCH"))
			return true;
	}
	return false;
}

/* A path that a line names: after "### ", or alone in it. */
static bool names_path(meed_str s, meed_str *ret)
{
	size_t i;
	bool dotted = false;

	s = meed_strip(s);
	if (meed_starts(s, MEED_S("### "))) {
		*ret = meed_strip(meed_sub(s, 4, s.n));
		if (ret->n > 2 && ret->p[0] == '`' && ret->p[ret->n - 1] == '`')
			*ret = meed_sub(*ret, 1, ret->n - 1);
		return ret->n > 0;
	}
	if (s.n > 2 && s.p[0] == '`' && s.p[s.n - 1] == '`')
		s = meed_sub(s, 1, s.n - 1);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' || s.p[i] == '`' || s.p[i] == '<' || s.p[i] == '>')
			return false;
		dotted = dotted || s.p[i] == '/' || (s.p[i] == '.' && i + 1 < s.n);
	}
	*ret = s;
	return dotted;
}

static meed_str lines_between(const struct reader *d, size_t from, size_t to)
{
	meed_str s = meed_sub(d->l.text, from, to);

	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static int32_t add(struct reader *d, const struct edit *e)
{
	struct edit *v;
	size_t cap;

	if (d->n == d->cap) {
		cap = d->cap ? 2 * d->cap : 8;
		v = d->h->alloc(d->c, cap * sizeof(*v));
		if (!v)
			return d->h->fail(d->c, MEED_E_NOMEM, "out of memory");
		if (d->n > 0)
			memcpy(v, d->v, d->n * sizeof(*v));
		d->v = v;
		d->cap = cap;
	}
	d->v[d->n++] = *e;
	return 1;
}

/* From the SEARCH marker to the REPLACE marker. */
static int32_t read_block(struct reader *d)
{
	struct edit e = { .path = d->path, .line = d->l.number };
	size_t from = d->l.next;
	bool in_replace = false;

	if (e.path.n == 0)
		return code_fault_set(d->fault, e.line, "SEARCH without a file's path before it");
	while (code_lines_next(&d->l)) {
		if (is_marker(d->l.line, '<', " SEARCH"))
			return code_fault_set(d->fault, d->l.number,
					      "SEARCH within the block of line %zu", e.line);
		if (!in_replace && is_marker(d->l.line, '=', "")) {
			e.search = lines_between(d, from, d->l.at);
			from = d->l.next;
			in_replace = true;
		} else if (is_marker(d->l.line, '>', " REPLACE")) {
			if (!in_replace)
				return code_fault_set(d->fault, d->l.number,
						      "REPLACE without ======= in the block of "
						      "line %zu", e.line);
			e.replace = lines_between(d, from, d->l.at);
			if (meed_eq(e.search, e.replace))
				return code_fault_set(d->fault, e.line,
						      "SEARCH and REPLACE are the same");
			return add(d, &e);
		}
	}
	return code_fault_set(d->fault, e.line, "SEARCH without %s",
			      in_replace ? ">>>>>>> REPLACE" : "=======");
}

static int32_t read_blocks(struct reader *d)
{
	int32_t r = 1;
	meed_str path;

	while (r == 1 && code_lines_next(&d->l)) {
		if (is_marker(d->l.line, '<', " SEARCH"))
			r = read_block(d);
		else if (is_marker(d->l.line, '>', " REPLACE"))
			r = code_fault_set(d->fault, d->l.number, "REPLACE without SEARCH");
		else if (names_path(d->l.line, &path))
			d->path = path;
	}
	if (r == 1 && d->n == 0)
		r = code_fault_set(d->fault, 0, "no SEARCH block in it");
	return r;
}

/* ---- applying ------------------------------------------------------------------------------- */

/* Where the lines of what stand in s as whole lines, or MEED_NONE. */
static size_t find_lines(meed_str s, meed_str what)
{
	size_t at, end;

	for (at = meed_find(s, 0, what); at != MEED_NONE; at = meed_find(s, at + 1, what)) {
		end = at + what.n;
		if ((at == 0 || s.p[at - 1] == '\n') &&
		    (end == s.n || s.p[end] == '\n' || s.p[end] == '\r'))
			return at;
	}
	return MEED_NONE;
}

static int32_t apply(struct reader *d, const struct edit *e, struct file *f)
{
	size_t at, rest;
	char *out;

	if (meed_strip(e->search).n == 0) {
		if (meed_strip(f->now).n > 0)
			return code_fault_set(d->fault, e->line,
					      "SEARCH is empty, but the file is not");
		f->now = e->replace;
		return 1;
	}
	at = find_lines(f->now, e->search);
	if (at == MEED_NONE)
		return code_fault_set(d->fault, e->line, "the lines of SEARCH are not in %.*s",
				      (int)(e->path.n < 100 ? e->path.n : 100), e->path.p);
	out = f->room[0];
	rest = f->now.n - at - e->search.n;
	memcpy(out, f->now.p, at);
	if (e->replace.n > 0)
		memcpy(out + at, e->replace.p, e->replace.n);
	memcpy(out + at + e->replace.n, f->now.p + at + e->search.n, rest);
	f->now = (meed_str){ out, at + e->replace.n + rest };
	f->room[0] = f->room[1];
	f->room[1] = out;
	return 1;
}

/* Applies the edits of the file that v[first] names, and marks them. */
static int32_t apply_file(struct reader *d, const struct code_files *files, size_t first,
			  bool *done, struct file *f)
{
	char *path = d->h->alloc(d->c, d->v[first].path.n + 1);
	size_t k, room;
	int32_t r = 1;

	f->path = d->v[first].path;
	if (!path)
		return d->h->fail(d->c, MEED_E_NOMEM, "out of memory");
	memcpy(path, f->path.p, f->path.n);
	f->before = f->now = d->h->str(d->h->get(files->v, path));
	for (k = first, room = f->before.n + 1; k < d->n; k++)
		room += meed_eq(d->v[k].path, f->path) ? d->v[k].replace.n : 0;
	f->room[0] = d->h->alloc(d->c, room);
	f->room[1] = d->h->alloc(d->c, room);
	if (!f->room[0] || !f->room[1])
		return d->h->fail(d->c, MEED_E_NOMEM, "out of memory");
	for (k = first; k < d->n && r == 1; k++) {
		if (!meed_eq(d->v[k].path, f->path))
			continue;
		done[k] = true;
		if (d->h->cancelled(d->c))
			return d->h->fail(d->c, MEED_E_CANCELLED, "the run is stopping");
		r = apply(d, &d->v[k], f);
	}
	return r;
}

static int32_t apply_all(struct reader *d, const struct code_files *files, size_t max_lines,
			 struct code_pieces *p)
{
	bool *done = d->h->alloc(d->c, d->n);
	struct file f;
	int32_t r = 1;
	meed_str text;
	size_t i;

	if (!done)
		return d->h->fail(d->c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < d->n && r == 1; i++) {
		if (done[i])
			continue;
		r = apply_file(d, files, i, done, &f);
		if (r != 1)
			break;
		r = code_line_diff(d->h, d->c, f.before, f.now, max_lines, &text);
		if (r == 0)
			r = code_piece_add(p, f.path, text);
		r = r < 0 ? r : 1;
	}
	return r;
}

int32_t code_edits_read(const meed_host *h, meed_ctx *c, meed_str text,
			const struct code_files *files, size_t max_lines,
			struct code_changes *ret, struct code_fault *fault)
{
	struct reader d = { .h = h, .c = c, .l = { .text = text }, .fault = fault };
	struct code_pieces p = { .h = h, .c = c };
	meed_str change;
	int32_t r;
	size_t i;

	memset(fault, 0, sizeof(*fault));
	r = read_blocks(&d);
	if (r == 1 && files->v)
		r = apply_all(&d, files, max_lines, &p);
	for (i = 0; r == 1 && !files->v && i < d.n; i++) {
		r = code_line_diff(h, c, d.v[i].search, d.v[i].replace, max_lines, &change);
		if (r == 0)
			r = code_piece_add(&p, d.v[i].path, change);
		r = r < 0 ? r : 1;
	}
	if (r == 1) {
		r = code_pieces_join(&p, ret);
		r = r < 0 ? r : 1;
	}
	if (r == 1 && ret->n == 0)
		r = code_fault_set(fault, 0, "it changes no line");
	return r;
}
