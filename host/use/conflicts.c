/* conflicts.c - contradictions among the comparisons of one group, and the order that contradicts
 * them least. */
#include "config.h"

#include "host/use/use.h"

#include <math.h>

#include "host/engine/engine.h"

/* ---- what was said of each pair ---------------------------------------------------------- */

struct table {
	size_t n;
	double *won;			/* n x n: how much the row beat the column */
	unsigned char *said;		/* n x n, SAID_* */
	uint32_t *times;		/* n x n, upper half: comparisons */
};

enum { SAID_WON = 1, SAID_LOST = 2, SAID_TIED = 4 };

static int32_t fill(const struct meed_duels *d, struct meed_arena *arena, struct table *t,
		    struct meed_conflicts *ret)
{
	size_t n = d->n_nodes;

	t->n = n;
	t->won = meed_arena_alloc(arena, n * n * sizeof(*t->won));
	t->said = meed_arena_alloc(arena, n * n);
	t->times = meed_arena_alloc(arena, n * n * sizeof(*t->times));
	if (!t->won || !t->said || !t->times)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < d->n; i++) {
		const struct meed_duel *x = &d->v[i];
		size_t lo = x->a < x->b ? x->a : x->b, hi = x->a < x->b ? x->b : x->a;
		double won = (double)x->won, lo_won = x->a == lo ? won : 1 - won;

		if (x->a == x->b || hi >= n)
			continue;
		t->won[x->a * n + x->b] += won * x->weight;
		t->won[x->b * n + x->a] += (1 - won) * x->weight;
		t->said[lo * n + hi] |= lo_won > 0.5 ? SAID_WON : lo_won < 0.5 ? SAID_LOST : SAID_TIED;
		t->times[lo * n + hi] += x->weight;
		ret->n_duels += x->weight;
		if (x->shown && (won > 0.5 || won < 0.5)) {
			ret->n_shown++;
			ret->n_first += won > 0.5;
		}
	}
	return MEED_OK;
}

static bool beats(const struct table *t, size_t a, size_t b)
{
	return t->won[a * t->n + b] > t->won[b * t->n + a];
}

static void count_pairs(const struct table *t, struct meed_conflicts *ret)
{
	for (size_t i = 0; i < t->n; i++) {
		for (size_t j = i + 1; j < t->n; j++) {
			unsigned said = t->said[i * t->n + j];

			if (!said)
				continue;
			ret->n_pairs++;
			ret->n_tied += !beats(t, i, j) && !beats(t, j, i);
			if (t->times[i * t->n + j] < 2)
				continue;
			ret->n_twice++;
			if ((said & SAID_WON) && (said & SAID_LOST))
				ret->n_contrary++;
			else if (said & (said - 1))
				ret->n_wavering++;
		}
	}
}

/* ---- triples ------------------------------------------------------------------------------- */

/* A triple with three winners is a cycle if each wins one: by rows of bits, one word at a time.
 * Each cycle is counted thrice, once from each of its edges i > j: the k with j > k and k > i. */
static int32_t count_triples(const struct table *t, struct meed_arena *arena,
			     struct meed_conflicts *ret)
{
	size_t n = t->n, words = (n + 63) / 64, cyclic = 0, ordered = 0;
	uint64_t *wins = meed_arena_alloc(arena, n * words * sizeof(*wins));
	uint64_t *loses = meed_arena_alloc(arena, n * words * sizeof(*loses));

	if (!wins || !loses)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			if (beats(t, i, j)) {
				wins[i * words + j / 64] |= (uint64_t)1 << j % 64;
				loses[j * words + i / 64] |= (uint64_t)1 << i % 64;
			}
		}
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			if (!beats(t, i, j))
				continue;
			for (size_t w = 0; w < words; w++) {
				uint64_t after = wins[j * words + w];

				cyclic += (size_t)__builtin_popcountll(after & loses[i * words + w]);
				ordered += (size_t)__builtin_popcountll(after & wins[i * words + w]);
			}
		}
	}
	ret->n_cyclic = cyclic / 3;
	ret->n_triples = ret->n_cyclic + ordered;
	return MEED_OK;
}

static double consistence(const struct meed_conflicts *c)
{
	double n = (double)c->n_nodes, most;

	if (c->n_nodes < 3 || c->n_tied || c->n_pairs != c->n_nodes * (c->n_nodes - 1) / 2)
		return NAN;
	most = c->n_nodes % 2 ? (n * n * n - n) / 24 : (n * n * n - 4 * n) / 24;
	return 1 - (double)c->n_cyclic / most;
}

/* ---- cycles: strongly connected components (Tarjan 1972), without recursion --------------- */

struct walk {
	const struct table *t;
	uint32_t *index, *low, *stack, *path, *next, *comp;
	size_t n_stack, n_path, n_index, n_comps;
};

static void enter(struct walk *w, uint32_t v)
{
	w->index[v] = w->low[v] = (uint32_t)++w->n_index;
	w->next[v] = 0;
	w->stack[w->n_stack++] = v;
	w->path[w->n_path++] = v;
}

/* v has no more successors to look at. */
static void leave(struct walk *w, uint32_t v)
{
	uint32_t x;

	w->n_path--;
	if (w->n_path > 0) {
		uint32_t up = w->path[w->n_path - 1];

		w->low[up] = w->low[v] < w->low[up] ? w->low[v] : w->low[up];
	}
	if (w->low[v] != w->index[v])
		return;
	w->n_comps++;
	do {
		x = w->stack[--w->n_stack];
		w->comp[x] = (uint32_t)w->n_comps;
	} while (x != v);
}

static void walk_from(struct walk *w, uint32_t root)
{
	enter(w, root);
	while (w->n_path > 0) {
		uint32_t v = w->path[w->n_path - 1], u;

		for (u = w->next[v]; u < w->t->n; u++)
			if (beats(w->t, v, u) && !w->comp[u])
				break;
		w->next[v] = u + 1;
		if (u >= w->t->n)
			leave(w, v);
		else if (!w->index[u])
			enter(w, u);
		else if (w->index[u] < w->low[v])
			w->low[v] = w->index[u];
	}
}

static int32_t find_cycles(const struct table *t, struct meed_arena *arena,
			   struct meed_conflicts *ret)
{
	size_t n = t->n, best = 0, k = 0;
	uint32_t *m = meed_arena_alloc(arena, 8 * (n + 1) * sizeof(*m)), *size, *cycle;
	struct walk w = { .t = t };

	if (!m)
		return MEED_E_NOMEM;
	w.index = m;
	w.low = m + n;
	w.stack = m + 2 * n;
	w.path = m + 3 * n;
	w.next = m + 4 * n;
	w.comp = m + 5 * n;
	size = m + 6 * n;		/* n + 1 of them: components count from 1 */
	cycle = m + 7 * n + 1;
	for (uint32_t v = 0; v < n; v++)
		if (!w.index[v])
			walk_from(&w, v);
	for (size_t v = 0; v < n; v++)
		size[w.comp[v]]++;
	for (size_t c = 1; c <= w.n_comps; c++) {
		ret->n_cycles += size[c] > 1;
		best = size[c] > size[best] ? c : best;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			ret->n_in_cycles += w.comp[i] == w.comp[j] && beats(t, i, j);
	if (ret->n_cycles == 0)
		return MEED_OK;
	for (uint32_t v = 0; v < n; v++)
		if (w.comp[v] == best)
			cycle[k++] = v;
	ret->largest = k;
	ret->cycle = cycle;
	return MEED_OK;
}

/* ---- the order that contradicts least, and what is left ------------------------------------ */

static int32_t project(const struct table *t, struct meed_arena *arena, struct meed_conflicts *ret)
{
	size_t n = t->n, *order = meed_arena_raw(arena, n * sizeof(*order));
	double *net = meed_arena_alloc(arena, n * sizeof(*net)), most = 0;
	uint32_t *out = meed_arena_raw(arena, n * sizeof(*out));
	int32_t r;

	if (!order || !net || !out)
		return MEED_E_NOMEM;
	r = meed_least_order(t->won, n, arena, order);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		out[i] = (uint32_t)order[i];
		for (size_t j = i + 1; j < n; j++) {
			size_t a = order[i], b = order[j];

			if (beats(t, a, b)) {
				net[a]++;
				net[b]--;
			} else if (beats(t, b, a)) {
				ret->n_removed++;
				ret->weight_removed += t->won[b * n + a] - t->won[a * n + b];
			}
		}
	}
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(net[i]));
	for (size_t i = 0; i < n && most > 0; i++)
		net[i] /= most;
	ret->order = out;
	ret->net = net;
	return MEED_OK;
}

int32_t meed_conflicts_find(const struct meed_duels *d, struct meed_arena *arena,
			    struct meed_conflicts *ret)
{
	struct table t = { 0 };
	int32_t r;

	*ret = (struct meed_conflicts){ .n_nodes = d->n_nodes, .consistence = NAN };
	if (d->nomem)
		return MEED_E_NOMEM;
	if (d->n_nodes > MEED_CONFLICT_NODES)
		return MEED_E_LIMIT;
	r = fill(d, arena, &t, ret);
	if (r < 0)
		return r;
	count_pairs(&t, ret);
	r = count_triples(&t, arena, ret);
	ret->consistence = consistence(ret);
	if (r == MEED_OK)
		r = find_cycles(&t, arena, ret);
	if (r == MEED_OK)
		r = project(&t, arena, ret);
	return r;
}
