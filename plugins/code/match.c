/* match.c - Ratcliff/Obershelp as difflib.SequenceMatcher has it, over numbers.
 *
 * Small regions are searched pair by pair, as difflib does; when that has cost more than an index
 * over both texts would, the index is made and used from then on. Both give the same blocks. */
#include "config.h"
#include "match.h"

#include <stdlib.h>

#define MIN_AUTOJUNK 200
/* A test sets both to 0, so that all is asked of the index. */
#ifndef INDEX_COST
#define INDEX_COST 32			/* pairs that may be looked at for each character first */
#define SMALL_PAIRS 1024		/* as quick to look at as to ask the index */
#endif
#define POLL 32768

struct walk {
	struct match *m;
	struct match_region *todo;
	size_t n_todo, cap_todo;
	struct match_block *found;
	size_t n_found, cap_found;
};

bool match_stops(struct match *m)
{
	if (m->work < m->next_poll)
		return false;
	m->next_poll = m->work + POLL;
	if (!m->h->cancelled(m->c))
		return false;
	(void)m->h->fail(m->c, MEED_E_CANCELLED, "the run is stopping");
	return true;
}

/* Where b has which character, and which are too frequent to start a block. */
static bool list_places(struct match *m, bool autojunk)
{
	size_t most = autojunk && m->nb >= MIN_AUTOJUNK ? m->nb / 100 + 1 : SIZE_MAX, i, n;
	uint32_t sum = 0;

	m->popular = calloc(m->n_chars + 1, sizeof(*m->popular));
	m->first = calloc(m->n_chars + 2, sizeof(*m->first));
	m->places = malloc((m->nb + 1) * sizeof(*m->places));
	m->pairs = malloc((m->na + 1) * sizeof(*m->pairs));
	if (!m->popular || !m->first || !m->places || !m->pairs)
		return false;
	for (i = 0; i < m->nb; i++)
		m->first[m->b[i] + 1]++;
	for (i = 0; i < m->n_chars; i++) {
		n = m->first[i + 1];
		m->popular[i] = n > most;
		m->first[i + 1] = sum;
		sum += (uint32_t)n;
	}
	/* first[ch + 1] is where ch begins, and runs up to where it ends */
	for (i = 0; i < m->nb; i++)
		m->places[m->first[m->b[i] + 1]++] = (uint32_t)i;
	m->pairs[0] = 0;
	for (i = 0; i < m->na; i++) {
		n = 0;
		if (m->a[i] != MATCH_NO_CHAR && !m->popular[m->a[i]])
			n = m->first[m->a[i] + 1] - m->first[m->a[i]];
		m->pairs[i + 1] = m->pairs[i] + n;
	}
	return true;
}

/* ---- the longest block ---------------------------------------------------------------------- */

/* The first of b's places of ch that is not before lo. */
static size_t place_from(const struct match *m, uint32_t ch, size_t lo)
{
	size_t from = m->first[ch], to = m->first[ch + 1], mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (m->places[mid] < lo)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static int32_t longest_by_pairs(struct match *m, const struct match_region *r,
				struct match_block *ret)
{
	size_t i, k, from, to, end_a = 0, end_b = 0;
	uint32_t j, len, best = 0;

	m->row++;			/* no row is next to one of another region */
	for (i = r->alo; i < r->ahi; i++) {
		m->row++;
		if (m->a[i] == MATCH_NO_CHAR || m->popular[m->a[i]])
			continue;
		from = place_from(m, m->a[i], r->blo);
		to = r->bhi < m->nb ? place_from(m, m->a[i], r->bhi) : m->first[m->a[i] + 1];
		m->work += to - from;
		if (match_stops(m))
			return MEED_E_CANCELLED;
		/* from the right, so that what ends at j - 1 is still the row before's */
		for (k = to; k-- > from;) {
			j = m->places[k];
			len = 1;
			if (j > r->blo && m->tails[j - 1].row == m->row - 1)
				len += m->tails[j - 1].len;
			m->tails[j] = (struct match_tail){ m->row, len };
			if (len > best || (len == best && end_a == i + 1)) {
				best = len;
				end_a = i + 1;
				end_b = (size_t)j + 1;
			}
		}
	}
	m->work += r->ahi - r->alo;
	*ret = (struct match_block){ end_a - best, end_b - best, best };
	return 0;
}

/* About how many pairs of equal characters the region has. */
static uint64_t count_pairs(const struct match *m, const struct match_region *r)
{
	double share = (double)(r->bhi - r->blo) / (double)m->nb;

	return (uint64_t)((double)(m->pairs[r->ahi] - m->pairs[r->alo]) * share);
}

static int32_t longest(struct match *m, const struct match_region *r, struct match_block *ret)
{
	uint64_t pairs = count_pairs(m, r) + (r->ahi - r->alo);
	int32_t e = 0;

	if (!m->index && pairs > SMALL_PAIRS && m->work + pairs > m->budget)
		e = match_index_new(m, &m->index);
	if (e < 0)
		return e;
	if (m->index && pairs > SMALL_PAIRS)
		e = match_index_longest(m, r, ret);
	else
		e = longest_by_pairs(m, r, ret);
	if (e < 0)
		return e;
	if (ret->n == 0) {
		ret->a = r->alo;
		ret->b = r->blo;
	}
	while (ret->a > r->alo && ret->b > r->blo && m->a[ret->a - 1] == m->b[ret->b - 1]) {
		ret->a--;
		ret->b--;
		ret->n++;
	}
	while (ret->a + ret->n < r->ahi && ret->b + ret->n < r->bhi &&
	       m->a[ret->a + ret->n] == m->b[ret->b + ret->n])
		ret->n++;
	m->work += ret->n;
	return 0;
}

/* ---- all blocks ----------------------------------------------------------------------------- */

static int32_t push(struct walk *w, size_t alo, size_t ahi, size_t blo, size_t bhi)
{
	struct match_region *v;
	size_t cap;

	if (alo >= ahi || blo >= bhi)
		return 0;
	if (w->n_todo == w->cap_todo) {
		cap = w->cap_todo ? 2 * w->cap_todo : 64;
		v = realloc(w->todo, cap * sizeof(*v));
		if (!v)
			return w->m->h->fail(w->m->c, MEED_E_NOMEM, "out of memory");
		w->todo = v;
		w->cap_todo = cap;
	}
	w->todo[w->n_todo++] = (struct match_region){ alo, ahi, blo, bhi };
	return 0;
}

static int32_t keep(struct walk *w, const struct match_block *k)
{
	struct match_block *v;
	size_t cap;

	if (w->n_found == w->cap_found) {
		cap = w->cap_found ? 2 * w->cap_found : 64;
		v = realloc(w->found, cap * sizeof(*v));
		if (!v)
			return w->m->h->fail(w->m->c, MEED_E_NOMEM, "out of memory");
		w->found = v;
		w->cap_found = cap;
	}
	w->found[w->n_found++] = *k;
	return 0;
}

static int32_t find_blocks(struct walk *w)
{
	struct match_region r;
	struct match_block k;
	int32_t e;

	e = push(w, 0, w->m->na, 0, w->m->nb);
	while (e == 0 && w->n_todo > 0) {
		r = w->todo[--w->n_todo];
		e = longest(w->m, &r, &k);
		if (e < 0 || k.n == 0)
			continue;
		e = keep(w, &k);
		if (e == 0)
			e = push(w, k.a + k.n, r.ahi, k.b + k.n, r.bhi);
		if (e == 0)
			e = push(w, r.alo, k.a, r.blo, k.b);
	}
	return e;
}

int32_t match_blocks(struct match *m, bool autojunk, struct match_block **ret, size_t *ret_n)
{
	struct walk w = { .m = m };
	int32_t r;

	m->tails = calloc(m->nb + 1, sizeof(*m->tails));
	if (!m->tails || !list_places(m, autojunk)) {
		r = m->h->fail(m->c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	m->budget = INDEX_COST * (m->na + m->nb);
	r = find_blocks(&w);
	if (r < 0)
		goto out;
	*ret = w.found;
	*ret_n = w.n_found;
	w.found = NULL;
out:
	free(w.todo);
	free(w.found);
	return r;
}

void match_release(struct match *m)
{
	match_index_free(m->index);
	free(m->tails);
	free(m->pairs);
	free(m->places);
	free(m->first);
	free(m->popular);
	free(m->b);
	free(m->a);
}
