/* match_index.c - the longest common block of any part of two texts, from one index.
 *
 * All suffixes of b lie in order, with the length that each has in common with the one before; for
 * each place in a it is known where it would stand among them. The suffix of b[lo..hi) that is most
 * like a's is then the nearest above or below, which a wavelet matrix finds. `most` holds for each
 * place in a how long a block from there can be at most; as regions only split, a bound once found
 * stays one, and places are looked at anew only when they come first. */
#include "config.h"
#include "match.h"

#include <stdlib.h>

#define RMQ_BLOCK 32
#define NEAR 8				/* neighbours tried before the wavelet matrix */
#define MAX_LEVELS 25
#define MAX_LOOKS ((uint64_t)1 << 24)

struct bits {				/* of one level: a word, and the ones before it */
	uint64_t word;
	uint64_t before;
};

struct match_index {
	size_t na, nb, n_tree;
	uint32_t *sa;			/* b's suffixes in order */
	uint32_t *lcp;			/* of sa[k - 1] and sa[k]; lcp[0] is 0 */
	uint32_t *stand;		/* of a's suffix i: b's suffixes before it */
	uint32_t *up, *down;		/* what it has in common with sa[stand - 1], sa[stand] */
	uint32_t *most;			/* a tree of maxima; leaves from n_tree on */
	uint32_t *rmq[MAX_LEVELS];	/* of lcp, over blocks: rmq[k][i] of 2^k from i */
	unsigned n_rmq, n_levels;
	struct bits *levels[MAX_LEVELS]; /* ranks of b's suffixes by place, highest bit first */
	size_t zeros[MAX_LEVELS];
};

void match_index_free(struct match_index *x)
{
	unsigned i;

	if (!x)
		return;
	for (i = 0; i < MAX_LEVELS; i++) {
		free(x->rmq[i]);
		free(x->levels[i]);
	}
	free(x->sa);
	free(x->lcp);
	free(x->stand);
	free(x->up);
	free(x->down);
	free(x->most);
	free(x);
}

/* ---- making it ------------------------------------------------------------------------------ */

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static bool matters(const struct match *m, uint32_t ch)
{
	return ch != MATCH_NO_CHAR && !m->popular[ch];
}

/* a, a character of its own, b, an end; what starts no block is one character in a and
 * another in b. */
static void join(const struct match *m, uint32_t *t)
{
	size_t i;

	for (i = 0; i < m->na; i++)
		t[i] = matters(m, m->a[i]) ? m->a[i] + 4 : 1;
	t[m->na] = 3;
	for (i = 0; i < m->nb; i++)
		t[m->na + 1 + i] = matters(m, m->b[i]) ? m->b[i] + 4 : 2;
	t[m->na + 1 + m->nb] = 0;
}

/* Kasai's: lcp[k] of sa[k - 1] and sa[k]. */
static void common_lengths(const uint32_t *t, size_t n, const uint32_t *sa, uint32_t *rank,
			   uint32_t *lcp)
{
	size_t i, j, len = 0;

	for (i = 0; i < n; i++)
		rank[sa[i]] = (uint32_t)i;
	lcp[0] = 0;
	for (i = 0; i < n; i++) {
		if (rank[i] == 0) {
			len = 0;
			continue;
		}
		j = sa[rank[i] - 1];
		while (i + len < n && j + len < n && t[i + len] == t[j + len])
			len++;
		lcp[rank[i]] = (uint32_t)len;
		len -= len > 0;
	}
}

/* Takes a's and b's suffixes apart. */
static void part(struct match_index *x, const uint32_t *sa, const uint32_t *lcp)
{
	size_t n = x->na + x->nb + 2, i, k = 0;
	uint32_t run = 0;

	for (i = 0; i < n; i++) {
		run = min_u32(run, lcp[i]);
		if (sa[i] > x->na && sa[i] < n - 1) {
			x->sa[k] = sa[i] - (uint32_t)x->na - 1;
			x->lcp[k++] = run;
			run = UINT32_MAX;
		} else if (sa[i] < x->na) {
			x->stand[sa[i]] = (uint32_t)k;
			x->up[sa[i]] = run;
		}
	}
	run = 0;
	for (i = n; i-- > 0;) {
		if (sa[i] > x->na && sa[i] < n - 1)
			run = UINT32_MAX;
		else if (sa[i] < x->na)
			x->down[sa[i]] = run;
		run = min_u32(run, lcp[i]);
	}
}

static bool make_tree(struct match_index *x)
{
	size_t i;

	for (x->n_tree = 1; x->n_tree < x->na;)
		x->n_tree *= 2;
	x->most = calloc(2 * x->n_tree, sizeof(*x->most));
	if (!x->most)
		return false;
	for (i = 0; i < x->na; i++)
		x->most[x->n_tree + i] = x->up[i] > x->down[i] ? x->up[i] : x->down[i];
	for (i = x->n_tree; i-- > 1;)
		x->most[i] = x->most[2 * i] > x->most[2 * i + 1] ? x->most[2 * i]
								 : x->most[2 * i + 1];
	return true;
}

static bool make_rmq(struct match_index *x)
{
	size_t n = (x->nb + RMQ_BLOCK - 1) / RMQ_BLOCK, i, half;
	unsigned k;

	for (k = 0; k < MAX_LEVELS && ((size_t)1 << k) <= n; k++) {
		x->rmq[k] = malloc(n * sizeof(**x->rmq));
		if (!x->rmq[k])
			return false;
		half = k > 0 ? (size_t)1 << (k - 1) : 0;
		for (i = 0; k == 0 && i < x->nb; i++) {
			if (i % RMQ_BLOCK == 0 || x->lcp[i] < x->rmq[0][i / RMQ_BLOCK])
				x->rmq[0][i / RMQ_BLOCK] = x->lcp[i];
		}
		for (i = 0; k > 0 && i + 2 * half <= n; i++)
			x->rmq[k][i] = min_u32(x->rmq[k - 1][i], x->rmq[k - 1][i + half]);
		x->n_rmq = k + 1;
	}
	return true;
}

/* Sorts v by one bit, zeros first, and remembers the bits. */
static bool make_level(struct match_index *x, unsigned level, uint32_t **v, uint32_t **out)
{
	unsigned shift = x->n_levels - 1 - level;
	size_t n_words = x->nb / 64 + 1, i, zeros = 0, ones = 0;
	struct bits *l = calloc(n_words, sizeof(*l));
	uint32_t *swap;

	x->levels[level] = l;
	if (!l)
		return false;
	for (i = 0; i < x->nb; i++) {
		if ((*v)[i] >> shift & 1)
			l[i / 64].word |= UINT64_C(1) << (i % 64);
	}
	for (i = 0; i < n_words; i++) {
		l[i].before = ones;
		ones += (size_t)__builtin_popcountll(l[i].word);
	}
	x->zeros[level] = x->nb - ones;
	ones = x->zeros[level];
	for (i = 0; i < x->nb; i++) {
		if ((*v)[i] >> shift & 1)
			(*out)[ones++] = (*v)[i];
		else
			(*out)[zeros++] = (*v)[i];
	}
	swap = *v;
	*v = *out;
	*out = swap;
	return true;
}

static bool make_wavelet(struct match_index *x)
{
	uint32_t *v = malloc((x->nb + 1) * sizeof(*v)), *out = malloc((x->nb + 1) * sizeof(*out));
	bool ok = v && out;
	unsigned k;
	size_t i;

	for (x->n_levels = 1; ((size_t)1 << x->n_levels) < x->nb;)
		x->n_levels++;
	for (i = 0; ok && i < x->nb; i++)
		v[x->sa[i]] = (uint32_t)i;
	for (k = 0; ok && k < x->n_levels; k++)
		ok = make_level(x, k, &v, &out);
	free(v);
	free(out);
	return ok;
}

static struct match_index *index_alloc(const struct match *m)
{
	struct match_index *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->na = m->na;
	x->nb = m->nb;
	x->sa = malloc((m->nb + 1) * sizeof(*x->sa));
	x->lcp = malloc((m->nb + 1) * sizeof(*x->lcp));
	x->stand = malloc((m->na + 1) * sizeof(*x->stand));
	x->up = malloc((m->na + 1) * sizeof(*x->up));
	x->down = malloc((m->na + 1) * sizeof(*x->down));
	if (!x->sa || !x->lcp || !x->stand || !x->up || !x->down) {
		match_index_free(x);
		return NULL;
	}
	return x;
}

int32_t match_index_new(struct match *m, struct match_index **ret)
{
	size_t n = m->na + m->nb + 2;
	struct match_index *x = index_alloc(m);
	uint32_t *t = malloc(n * sizeof(*t)), *sa = malloc(n * sizeof(*sa)), *lcp = NULL;
	int32_t r;

	r = MEED_E_NOMEM;
	if (!x || !t || !sa)
		goto out;
	join(m, t);
	r = match_suffixes(m, t, n, m->n_chars + 4, sa);
	if (r < 0)
		goto out;
	r = MEED_E_NOMEM;
	lcp = malloc(n * sizeof(*lcp));
	x->most = malloc(n * sizeof(*x->most));	/* for ranks, as long as there is no tree */
	if (!lcp || !x->most)
		goto out;
	common_lengths(t, n, sa, x->most, lcp);
	free(x->most);
	x->most = NULL;
	part(x, sa, lcp);
	m->work += 4 * n;
	if (match_stops(m)) {
		r = MEED_E_CANCELLED;
		goto out;
	}
	if (!make_tree(x) || !make_rmq(x) || !make_wavelet(x))
		goto out;
	*ret = x;
	x = NULL;
	r = 0;
out:
	if (r == MEED_E_NOMEM)
		(void)m->h->fail(m->c, r, "out of memory");
	free(lcp);
	free(sa);
	free(t);
	match_index_free(x);
	return r;
}

/* ---- asking it ------------------------------------------------------------------------------ */

static size_t ones_before(const struct bits *l, size_t i)
{
	return (size_t)l[i / 64].before +
	       (size_t)__builtin_popcountll(l[i / 64].word & ((UINT64_C(1) << (i % 64)) - 1));
}

/* How many of b[lo..hi) have a rank below bound. */
static size_t ranks_below(const struct match_index *x, size_t lo, size_t hi, size_t bound)
{
	size_t n = 0, l1, h1;
	unsigned k;

	if (bound >= (size_t)1 << x->n_levels)
		return hi - lo;
	for (k = 0; k < x->n_levels && lo < hi; k++) {
		l1 = ones_before(x->levels[k], lo);
		h1 = ones_before(x->levels[k], hi);
		if (bound >> (x->n_levels - 1 - k) & 1) {
			n += (hi - lo) - (h1 - l1);
			lo = x->zeros[k] + l1;
			hi = x->zeros[k] + h1;
		} else {
			lo -= l1;
			hi -= h1;
		}
	}
	return n;
}

/* The rank that q of the others in b[lo..hi) are below. */
static size_t rank_at(const struct match_index *x, size_t lo, size_t hi, size_t q)
{
	size_t l1, h1, zeros, rank = 0;
	unsigned k;

	for (k = 0; k < x->n_levels; k++) {
		l1 = ones_before(x->levels[k], lo);
		h1 = ones_before(x->levels[k], hi);
		zeros = (hi - lo) - (h1 - l1);
		rank <<= 1;
		if (q < zeros) {
			lo -= l1;
			hi -= h1;
		} else {
			q -= zeros;
			rank |= 1;
			lo = x->zeros[k] + l1;
			hi = x->zeros[k] + h1;
		}
	}
	return rank;
}

/* The least of lcp[from..to]. */
static uint32_t lcp_min(const struct match_index *x, size_t from, size_t to)
{
	uint32_t r = UINT32_MAX;
	size_t first = from / RMQ_BLOCK + 1, last = to / RMQ_BLOCK;
	unsigned k;

	if (first >= last) {
		for (; from <= to; from++)
			r = min_u32(r, x->lcp[from]);
		return r;
	}
	for (; from < first * RMQ_BLOCK; from++)
		r = min_u32(r, x->lcp[from]);
	for (from = last * RMQ_BLOCK; from <= to; from++)
		r = min_u32(r, x->lcp[from]);
	k = 63 - (unsigned)__builtin_clzll(last - first);
	r = min_u32(r, x->rmq[k][first]);
	return min_u32(r, x->rmq[k][last - ((size_t)1 << k)]);
}

/* The most that a's suffix i has in common with one that begins in b[lo..hi). Exact if it is
 * at least `enough`, or nothing better is; else any value below `enough` that is not too small. */
static uint32_t most_common(const struct match_index *x, size_t i, size_t lo, size_t hi)
{
	size_t at = x->stand[i], k, below;
	uint32_t run, best = 0;
	bool found_up = false, found_down = false;

	if (lo >= hi)
		return 0;
	for (k = at, run = x->up[i]; k > 0 && at - k < NEAR && !found_up; k--) {
		if (k < at)
			run = min_u32(run, x->lcp[k]);
		found_up = run == 0 || (x->sa[k - 1] >= lo && x->sa[k - 1] < hi);
	}
	if (found_up)
		best = run;
	found_up = found_up || k == 0;
	for (k = at, run = x->down[i]; k < x->nb && k - at < NEAR && !found_down; k++) {
		if (k > at)
			run = min_u32(run, x->lcp[k]);
		found_down = run <= best || (x->sa[k] >= lo && x->sa[k] < hi);
	}
	if (found_down && run > best)
		best = run;
	found_down = found_down || k == x->nb;
	if (found_up && found_down)
		return best;
	below = ranks_below(x, lo, hi, at);
	if (!found_up && below > 0) {
		k = rank_at(x, lo, hi, below - 1);
		run = k + 1 < at ? min_u32(x->up[i], lcp_min(x, k + 1, at - 1)) : x->up[i];
		best = run > best ? run : best;
	}
	if (!found_down && below < hi - lo) {
		k = rank_at(x, lo, hi, below);
		run = k > at ? min_u32(x->down[i], lcp_min(x, at + 1, k)) : x->down[i];
		best = run > best ? run : best;
	}
	return best;
}

/* How long the longest block from i is that lies in the region and is at most `len` long. */
static size_t longest_from(const struct match_index *x, size_t i, const struct match_region *r,
			   size_t len)
{
	size_t lo, hi, mid, got;

	got = most_common(x, i, r->blo, r->bhi - len + 1);
	if (got >= len)
		return len;
	/* a shorter block may begin further to the right */
	lo = got;
	hi = len - 1;
	if (lo < hi) {
		got = most_common(x, i, r->blo, r->bhi - lo);
		hi = got < hi ? got : hi;
	}
	while (lo < hi) {
		mid = lo + (hi - lo + 1) / 2;
		if (most_common(x, i, r->blo, r->bhi - mid + 1) >= mid)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* The suffixes of b that have at least len in common with a's suffix i: sa[*lo..*hi). */
static void interval(const struct match_index *x, size_t i, size_t len, size_t *lo, size_t *hi)
{
	size_t at = x->stand[i], step, k;

	k = at;
	if (x->up[i] >= len) {
		for (k = at - 1, step = 1; step > 0;) {
			if (step <= k && lcp_min(x, k - step + 1, k) >= len) {
				k -= step;
				step *= 2;
			} else {
				step /= 2;
			}
		}
	}
	*lo = k;
	k = at;
	if (x->down[i] >= len) {
		for (k = at, step = 1; step > 0;) {
			if (k + step < x->nb && lcp_min(x, k + 1, k + step) >= len) {
				k += step;
				step *= 2;
			} else {
				step /= 2;
			}
		}
		k++;
	}
	*hi = k;
}

/* The first place in b[lo..hi) whose suffix is among sa[from..to): there is one. */
static size_t first_place(const struct match_index *x, size_t lo, size_t hi, size_t from,
			  size_t to)
{
	size_t k, best = hi, mid;

	if (to - from <= 4 * RMQ_BLOCK) {
		for (k = from; k < to; k++) {
			if (x->sa[k] >= lo && x->sa[k] < best)
				best = x->sa[k];
		}
		return best;
	}
	for (k = lo; k + 1 < best;) {
		mid = k + (best - k) / 2;
		if (ranks_below(x, k, mid, to) > ranks_below(x, k, mid, from))
			best = mid;
		else
			k = mid;
	}
	return k;
}

/* The first place in a[lo..hi) with the greatest bound. */
static size_t greatest(const struct match_index *x, size_t lo, size_t hi)
{
	size_t l = lo + x->n_tree, r = hi + x->n_tree, best = l, right[64], n = 0;

	for (; l < r; l /= 2, r /= 2) {
		if (l & 1) {
			best = x->most[l] > x->most[best] ? l : best;
			l++;
		}
		if (r & 1)
			right[n++] = --r;
	}
	while (n > 0) {
		n--;
		best = x->most[right[n]] > x->most[best] ? right[n] : best;
	}
	while (best < x->n_tree)
		best = x->most[2 * best] >= x->most[2 * best + 1] ? 2 * best : 2 * best + 1;
	return best - x->n_tree;
}

static void set_most(struct match_index *x, size_t i, size_t v)
{
	uint32_t max;

	i += x->n_tree;
	x->most[i] = (uint32_t)v;
	for (i /= 2; i > 0; i /= 2) {
		max = x->most[2 * i] > x->most[2 * i + 1] ? x->most[2 * i] : x->most[2 * i + 1];
		if (x->most[i] == max)
			break;
		x->most[i] = max;
	}
}

int32_t match_index_longest(struct match *m, const struct match_region *r,
			    struct match_block *ret)
{
	struct match_index *x = m->index;
	size_t i, bound, len, room_b = r->bhi - r->blo, room, from, to;

	for (;;) {
		i = greatest(x, r->alo, r->ahi);
		bound = x->most[x->n_tree + i];
		ret->n = 0;
		if (bound == 0)
			return 0;
		room = r->ahi - i < room_b ? r->ahi - i : room_b;
		len = bound;
		m->work += 8;
		if (room < bound) {
			set_most(x, i, room);
			continue;
		}
		m->work += 32;
		if (match_stops(m))
			return MEED_E_CANCELLED;
		if (m->looks++ > MAX_LOOKS)
			return m->h->fail(m->c, MEED_E_LIMIT,
					  "the texts have too much in common in too many places");
		len = longest_from(x, i, r, bound);
		if (len == bound)
			break;
		set_most(x, i, len);
	}
	interval(x, i, len, &from, &to);
	ret->a = i;
	ret->b = first_place(x, r->blo, r->bhi - len + 1, from, to);
	ret->n = len;
	return 0;
}
