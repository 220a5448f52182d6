/* edit.c - changes by file. */
#include "config.h"
#include "edit.h"
#include "ratio.h"

#include <stdlib.h>

int32_t code_fault_set(struct code_fault *fault, size_t line, const char *fmt, ...)
{
	va_list ap;

	fault->line = line;
	va_start(ap, fmt);
	(void)vsnprintf(fault->why, sizeof(fault->why), fmt, ap);
	va_end(ap);
	return 0;
}

bool code_lines_next(struct code_lines *l)
{
	const char *end;
	size_t to;

	if (l->next >= l->text.n)
		return false;
	l->at = l->next;
	end = memchr(l->text.p + l->at, '\n', l->text.n - l->at);
	to = end ? (size_t)(end - l->text.p) : l->text.n;
	l->next = to + (end != NULL);
	l->line = meed_sub(l->text, l->at, to);
	if (l->line.n > 0 && l->line.p[l->line.n - 1] == '\r')
		l->line.n--;
	l->number++;
	return true;
}

int32_t code_piece_add(struct code_pieces *p, meed_str path, meed_str text)
{
	struct code_change *v;
	size_t cap;

	if (p->n == p->cap) {
		cap = p->cap ? 2 * p->cap : 16;
		v = p->h->alloc(p->c, cap * sizeof(*v));
		if (!v)
			return p->h->fail(p->c, MEED_E_NOMEM, "out of memory");
		if (p->n > 0)
			memcpy(v, p->v, p->n * sizeof(*v));
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = (struct code_change){ path, text };
	return 0;
}

static int compare_paths(meed_str a, meed_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

static int by_path(const void *x, const void *y)
{
	const struct code_change *const *a = x, *const *b = y;
	int r = compare_paths((*a)->path, (*b)->path);

	return r != 0 ? r : (*a > *b) - (*a < *b);
}

int32_t code_pieces_join(struct code_pieces *p, struct code_changes *ret)
{
	const struct code_change **order = p->h->alloc(p->c, (p->n + 1) * sizeof(*order));
	struct code_change *v = p->h->alloc(p->c, (p->n + 1) * sizeof(*v));
	size_t i, k, to, n = 0, total;
	char *text;

	if (!order || !v)
		return p->h->fail(p->c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < p->n; i++)
		order[i] = &p->v[i];
	if (p->n > 0)
		qsort(order, p->n, sizeof(*order), by_path);
	for (i = 0; i < p->n; i = to) {
		total = 0;
		for (to = i; to < p->n && meed_eq(order[to]->path, order[i]->path); to++)
			total += order[to]->text.n;
		if (total == 0)
			continue;
		v[n] = *order[i];
		if (total > v[n].text.n) {
			text = p->h->alloc(p->c, total);
			if (!text)
				return p->h->fail(p->c, MEED_E_NOMEM, "out of memory");
			for (total = 0, k = i; k < to; k++) {
				memcpy(text + total, order[k]->text.p, order[k]->text.n);
				total += order[k]->text.n;
			}
			v[n].text = (meed_str){ text, total };
		}
		n++;
	}
	*ret = (struct code_changes){ v, n };
	return 0;
}

int32_t code_files_diff(const meed_host *h, meed_ctx *c, const struct code_files *before,
			const struct code_files *after, size_t max_lines,
			struct code_changes *ret)
{
	struct code_pieces p = { .h = h, .c = c };
	const void *cursor = NULL;
	const meed_val *v;
	meed_str path, text;
	int32_t r;

	for (;;) {
		v = h->next(after->v, &cursor, &path);
		if (!cursor)
			break;
		r = code_line_diff(h, c, h->str(h->get(before->v, path.p)), h->str(v), max_lines,
				   &text);
		if (r == 0)
			r = code_piece_add(&p, path, text);
		if (r < 0)
			return r;
	}
	return code_pieces_join(&p, ret);
}
