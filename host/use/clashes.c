/* clashes.c - preference labels over a whole file as comparisons: who was chosen over whom, prompt by
 * prompt, wherever in the file it stands. */
#include "config.h"

#include "host/use/use.h"

#include <json-c/json.h>
#include <stdlib.h>

struct edge {
	uint64_t prompt, better, worse;
	uint64_t line;			/* of the sample, counted over all files from 1 */
};

struct meed_clashes {
	struct edge *v;
	size_t n, cap;
	struct edge *against;		/* sorted as v is: those that the least order drops */
	size_t n_against;
};

static int compare(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->prompt != y->prompt)
		return x->prompt < y->prompt ? -1 : 1;
	if (x->better != y->better)
		return x->better < y->better ? -1 : 1;
	if (x->worse != y->worse)
		return x->worse < y->worse ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

struct meed_clashes *meed_clashes_new(void)
{
	return calloc(1, sizeof(struct meed_clashes));
}

void meed_clashes_free(struct meed_clashes *c)
{
	if (!c)
		return;
	free(c->v);
	free(c->against);
	free(c);
}

/* 1 chosen, -1 rejected, 0 neither. */
int meed_label_preference(const struct meed_scored_output *o)
{
	meed_str p = meed_scored_str(meed_scored_get(o->label, "preference"));

	return meed_str_eq(p, MEED_STR("chosen")) ? 1 : meed_str_eq(p, MEED_STR("rejected")) ? -1 : 0;
}

static bool push(struct meed_clashes *c, struct edge e)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 1024;
		struct edge *v = realloc(c->v, cap * sizeof(*v));

		if (!v)
			return false;
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = e;
	return true;
}

int32_t meed_clashes_add(struct meed_clashes *c, const struct meed_scored *s, uint64_t line,
			 size_t *ret_n)
{
	*ret_n = 0;
	for (size_t i = 0; i < s->n_outs; i++) {
		if (meed_label_preference(&s->outs[i]) <= 0)
			continue;
		for (size_t j = 0; j < s->n_outs; j++) {
			const meed_str x = s->outs[i].text, y = s->outs[j].text;

			if (meed_label_preference(&s->outs[j]) >= 0)
				continue;
			if (!push(c, (struct edge){ s->prompt_hash, meed_hash(x.p, x.n, 1),
						    meed_hash(y.p, y.n, 1), line }))
				return MEED_E_NOMEM;
			++*ret_n;
		}
	}
	return MEED_OK;
}

/* ---- prompt by prompt ------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t place(const uint64_t *nodes, size_t n, uint64_t h)
{
	const uint64_t *p = bsearch(&h, nodes, n, sizeof(*nodes), by_hash);

	return p ? (size_t)(p - nodes) : 0;
}

/* The distinct responses of edges [from, to), sorted. */
static uint64_t *find_nodes(const struct edge *v, size_t n, struct meed_arena *arena, size_t *ret_n)
{
	uint64_t *all = meed_arena_raw(arena, 2 * n * sizeof(*all));
	size_t k = 0;

	*ret_n = 0;
	if (!all)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		all[2 * i] = v[i].better;
		all[2 * i + 1] = v[i].worse;
	}
	qsort(all, 2 * n, sizeof(*all), by_hash);
	for (size_t i = 0; i < 2 * n; i++)
		if (i == 0 || all[i] != all[k - 1])
			all[k++] = all[i];
	*ret_n = k;
	return all;
}

/* How often better was chosen over worse, in edges sorted by both. */
static size_t times(const struct edge *v, size_t n, uint64_t better, uint64_t worse)
{
	size_t lo = 0, hi = n, k;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].better < better || (v[mid].better == better && v[mid].worse < worse))
			lo = mid + 1;
		else
			hi = mid;
	}
	for (k = lo; k < n && v[k].better == better && v[k].worse == worse; k++)
		continue;
	return k - lo;
}

/* Behind in the order, or nobody's: as often said the other way round, or of one text. */
static bool is_against(const struct edge *v, size_t n, const struct edge *e, size_t better,
		       size_t worse)
{
	return e->better == e->worse || better > worse ||
	       times(v, n, e->better, e->worse) == times(v, n, e->worse, e->better);
}

static int32_t note_against(struct meed_clashes *c, const struct edge *v, size_t n,
			    const uint64_t *nodes, const struct meed_conflicts *found,
			    struct meed_arena *arena)
{
	size_t *rank = meed_arena_raw(arena, found->n_nodes * sizeof(*rank));
	struct edge *more;

	if (!rank)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < found->n_nodes; i++)
		rank[found->order[i]] = i;
	for (size_t i = 0; i < n; i++) {
		if (!is_against(v, n, &v[i], rank[place(nodes, found->n_nodes, v[i].better)],
				rank[place(nodes, found->n_nodes, v[i].worse)]))
			continue;
		if ((c->n_against & (c->n_against - 1)) == 0) {
			more = realloc(c->against, (c->n_against ? 2 * c->n_against : 1) *
							   sizeof(*more));
			if (!more)
				return MEED_E_NOMEM;
			c->against = more;
		}
		c->against[c->n_against++] = v[i];
	}
	return MEED_OK;
}

int32_t meed_clashes_next(struct meed_clashes *c, size_t *at, struct meed_duels *duels,
			  struct meed_arena *arena, struct meed_conflicts *ret, uint64_t *ret_line)
{
	size_t from = *at, to, n_nodes;
	uint64_t *nodes;
	int32_t r;

	if (from == 0 && c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), compare);
	if (from >= c->n)
		return 0;
	for (to = from; to < c->n && c->v[to].prompt == c->v[from].prompt; to++)
		continue;
	*at = to;
	nodes = find_nodes(&c->v[from], to - from, arena, &n_nodes);
	if (!nodes)
		return MEED_E_NOMEM;
	meed_duels_clear(duels);
	duels->n_nodes = n_nodes;
	*ret_line = c->v[from].line;
	for (size_t i = from; i < to; i++) {
		*ret_line = c->v[i].line < *ret_line ? c->v[i].line : *ret_line;
		meed_duels_add(duels, (struct meed_duel){
			.a = (uint32_t)place(nodes, n_nodes, c->v[i].better),
			.b = (uint32_t)place(nodes, n_nodes, c->v[i].worse),
			.weight = 1, .won = 1 });
	}
	r = meed_conflicts_find(duels, arena, ret);
	if (r == MEED_OK)
		r = note_against(c, &c->v[from], to - from, nodes, ret, arena);
	return r < 0 ? r : 1;
}

bool meed_clashes_against(const struct meed_clashes *c, const struct meed_scored *s, uint64_t line)
{
	struct edge e;

	for (size_t i = 0; i < s->n_outs; i++) {
		if (meed_label_preference(&s->outs[i]) <= 0)
			continue;
		for (size_t j = 0; j < s->n_outs; j++) {
			const meed_str x = s->outs[i].text, y = s->outs[j].text;

			if (meed_label_preference(&s->outs[j]) >= 0)
				continue;
			e = (struct edge){ s->prompt_hash, meed_hash(x.p, x.n, 1),
					   meed_hash(y.p, y.n, 1), line };
			if (c->n_against &&
			    bsearch(&e, c->against, c->n_against, sizeof(e), compare))
				return true;
		}
	}
	return false;
}
