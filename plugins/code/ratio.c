/* ratio.c - how alike two texts are, character by character. */
#include "config.h"
#include "match.h"
#include "ratio.h"

#include <stdlib.h>

struct numbers {
	uint32_t ascii[128];		/* number + 1; 0: none yet */
	uint32_t *keys, *values;	/* the others, by open addressing; key 0: free */
	size_t mask;
	uint32_t n;
};

static size_t slot(const struct numbers *t, uint32_t cp)
{
	size_t i = (cp * UINT32_C(2654435769)) >> 7 & t->mask;

	while (t->keys[i] != 0 && t->keys[i] != cp)
		i = (i + 1) & t->mask;
	return i;
}

static uint32_t number_of(struct numbers *t, uint32_t cp, bool add)
{
	uint32_t *v;
	size_t i;

	if (cp < 128) {
		v = &t->ascii[cp];
	} else {
		i = slot(t, cp);
		if (t->keys[i] == 0 && !add)
			return MATCH_NO_CHAR;
		t->keys[i] = cp;
		v = &t->values[i];
	}
	if (*v == 0 && !add)
		return MATCH_NO_CHAR;
	if (*v == 0)
		*v = ++t->n;
	return *v - 1;
}

static size_t read_chars(struct numbers *t, meed_str s, bool add, uint32_t *out)
{
	size_t i = 0, n = 0;
	uint32_t cp;

	while (i < s.n) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		out[n++] = number_of(t, cp, add);
	}
	return n;
}

/* As read_chars() will read them: a byte that is no UTF-8 is a character. */
static size_t count_chars(meed_str s)
{
	size_t i = 0, n;
	uint32_t cp;

	for (n = 0; i < s.n; n++)
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
	return n;
}

static size_t count_wide(meed_str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += (unsigned char)s.p[i] >= 0x80;
	return n;
}

static int32_t number_chars(struct match *m, meed_str a, meed_str b)
{
	struct numbers t = { .mask = 1 };
	size_t wide = count_wide(b);
	int32_t r = 0;

	while (t.mask + 1 < 2 * wide + 2 && t.mask < 0x3fffff)
		t.mask = 2 * t.mask + 1;
	t.keys = calloc(t.mask + 1, sizeof(*t.keys));
	t.values = calloc(t.mask + 1, sizeof(*t.values));
	m->a = malloc((a.n + 1) * sizeof(*m->a));
	m->b = malloc((b.n + 1) * sizeof(*m->b));
	if (t.keys && t.values && m->a && m->b) {
		m->nb = read_chars(&t, b, true, m->b);
		m->na = read_chars(&t, a, false, m->a);
		m->n_chars = t.n;
	} else {
		r = m->h->fail(m->c, MEED_E_NOMEM, "out of memory");
	}
	free(t.keys);
	free(t.values);
	return r;
}

int32_t code_ratio(const meed_host *h, meed_ctx *c, meed_str a, meed_str b, bool autojunk,
		   size_t max_chars, struct code_ratio *ret)
{
	struct match m = { .h = h, .c = c };
	struct match_block *v = NULL;
	int32_t r = 0;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->n_a = count_chars(a);
	ret->n_b = count_chars(b);
	if (ret->n_a > max_chars || ret->n_b > max_chars)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu characters: at most %zu are compared",
				  ret->n_a > ret->n_b ? ret->n_a : ret->n_b, max_chars);
	if (meed_eq(a, b)) {
		ret->matched = ret->n_a;
		ret->n_blocks = ret->n_a > 0;
		ret->ratio = 1.0;
		return 0;
	}
	if (a.n > 0 && b.n > 0) {
		r = number_chars(&m, a, b);
		if (r == 0)
			r = match_blocks(&m, autojunk, &v, &ret->n_blocks);
		if (r < 0)
			goto out;
		for (i = 0; i < ret->n_blocks; i++)
			ret->matched += v[i].n;
	}
	ret->ratio = 2.0 * (double)ret->matched / (double)(ret->n_a + ret->n_b);
out:
	free(v);
	match_release(&m);
	return r;
}
