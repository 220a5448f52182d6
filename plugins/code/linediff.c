/* linediff.c - which lines of a text are new in another. */
#include "config.h"
#include "match.h"
#include "ratio.h"

#include <stdlib.h>

struct lines {
	meed_str *v;			/* without their ends */
	size_t n;
};

static int32_t split(const meed_host *h, meed_ctx *c, meed_str s, struct lines *ret)
{
	size_t at, to, n = 1;
	const char *end;

	for (at = 0; at < s.n; at++)
		n += s.p[at] == '\n';
	ret->v = h->alloc(c, n * sizeof(*ret->v));
	if (!ret->v)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	ret->n = 0;
	for (at = 0; at < s.n; at = to + 1) {
		end = memchr(s.p + at, '\n', s.n - at);
		to = end ? (size_t)(end - s.p) : s.n;
		ret->v[ret->n] = meed_sub(s, at, to);
		if (to > at && s.p[to - 1] == '\r')
			ret->v[ret->n].n--;
		ret->n++;
	}
	return 0;
}

static uint64_t hash(meed_str s)
{
	uint64_t x = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < s.n; i++)
		x = (x ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return x ^ x >> 29;
}

/* Equal lines get equal numbers; what b lacks gets none. */
static int32_t number_lines(struct match *m, const struct lines *a, const struct lines *b)
{
	size_t mask = 1, i, at;
	uint32_t *table;		/* line of b + 1 that has a number first; 0: free */

	while (mask + 1 < 2 * b->n)
		mask = 2 * mask + 1;
	table = calloc(mask + 1, sizeof(*table));
	m->a = malloc((a->n + 1) * sizeof(*m->a));
	m->b = malloc((b->n + 1) * sizeof(*m->b));
	if (!table || !m->a || !m->b) {
		free(table);
		return m->h->fail(m->c, MEED_E_NOMEM, "out of memory");
	}
	for (i = 0; i < b->n; i++) {
		at = hash(b->v[i]) & mask;
		while (table[at] != 0 && !meed_eq(b->v[table[at] - 1], b->v[i]))
			at = (at + 1) & mask;
		if (table[at] == 0) {
			table[at] = (uint32_t)i + 1;
			m->b[i] = (uint32_t)m->n_chars++;
		} else {
			m->b[i] = m->b[table[at] - 1];
		}
	}
	for (i = 0; i < a->n; i++) {
		at = hash(a->v[i]) & mask;
		while (table[at] != 0 && !meed_eq(b->v[table[at] - 1], a->v[i]))
			at = (at + 1) & mask;
		m->a[i] = table[at] != 0 ? m->b[table[at] - 1] : MATCH_NO_CHAR;
	}
	m->na = a->n;
	m->nb = b->n;
	free(table);
	return 0;
}

static int by_place(const void *x, const void *y)
{
	const struct match_block *a = x, *b = y;

	return a->a < b->a ? -1 : a->a > b->a;
}

static void put_lines(struct meed_text *t, char sign, const struct lines *l, size_t from, size_t to)
{
	for (; from < to; from++) {
		meed_text_char(t, sign);
		meed_text_str(t, l->v[from]);
		meed_text_char(t, '\n');
	}
}

int32_t code_line_diff(const meed_host *h, meed_ctx *c, meed_str a, meed_str b, size_t max_lines,
		       meed_str *ret)
{
	struct match m = { .h = h, .c = c };
	struct match_block *v = NULL, end;
	struct lines la = { 0 }, lb = { 0 };
	size_t n = 0, i, at_a = 0, at_b = 0, cap;
	struct meed_text t;
	int32_t r;
	char *out;

	r = split(h, c, a, &la);
	if (r == 0)
		r = split(h, c, b, &lb);
	if (r < 0)
		return r;
	if (la.n > max_lines || lb.n > max_lines)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu lines: at most %zu are compared",
				  la.n > lb.n ? la.n : lb.n, max_lines);
	r = number_lines(&m, &la, &lb);
	if (r == 0 && la.n > 0 && lb.n > 0)
		r = match_blocks(&m, true, &v, &n);
	if (r < 0)
		goto out;
	cap = a.n + b.n + 2 * (la.n + lb.n) + 1;
	out = h->alloc(c, cap);
	if (!out) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), by_place);
	t = meed_text_in(out, cap);
	for (i = 0; i <= n; i++) {
		end = i < n ? v[i] : (struct match_block){ la.n, lb.n, 0 };
		put_lines(&t, '-', &la, at_a, end.a);
		put_lines(&t, '+', &lb, at_b, end.b);
		at_a = end.a + end.n;
		at_b = end.b + end.n;
	}
	*ret = meed_text_get(&t);
out:
	free(v);
	match_release(&m);
	return r;
}
