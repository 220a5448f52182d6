/* grams.c - n-grams as numbers. */
#include "config.h"
#include "text.h"

int32_t text_grams_init(struct text_job *j, struct text_grams *g, size_t n_vocab, size_t room)
{
	size_t most = (n_vocab > room ? n_vocab : room) + 1;

	memset(g, 0, sizeof(*g));
	g->mask = 15;
	while (g->mask < 2 * room)
		g->mask = 2 * g->mask + 1;
	g->order = 1;
	g->salt = j->h->seed(j->c) | 1;
	g->keys = text_alloc(j, g->mask + 1, sizeof(*g->keys));
	g->values = text_alloc(j, g->mask + 1, sizeof(*g->values));
	g->count = text_alloc(j, most, sizeof(*g->count));
	g->most = text_alloc(j, most, sizeof(*g->most));
	return g->keys && g->values && g->count && g->most ? 0 : MEED_E_NOMEM;
}

int32_t text_run_init(struct text_job *j, struct text_run *r, struct text_seq tokens)
{
	r->tokens = tokens;
	r->n_ids = tokens.n;
	r->ids = text_alloc(j, tokens.n, sizeof(*r->ids));
	if (!r->ids)
		return MEED_E_NOMEM;
	if (tokens.n > 0)
		memcpy(r->ids, tokens.v, tokens.n * sizeof(*r->ids));
	return 0;
}

void text_grams_next(struct text_grams *g)
{
	memset(g->keys, 0, (g->mask + 1) * sizeof(*g->keys));
	g->n = 0;
	g->order++;
}

static uint32_t number_pair(struct text_grams *g, uint32_t gram, uint32_t token, bool add)
{
	uint64_t key = (uint64_t)gram << 32 | token, h = (key ^ g->salt) * 0x9E3779B97F4A7C15u;
	size_t at = (h ^ h >> 32) & g->mask;

	for (; g->keys[at]; at = (at + 1) & g->mask) {
		if (g->keys[at] == key + 1)
			return g->values[at];
	}
	if (!add)
		return TEXT_NO_ID;
	g->keys[at] = key + 1;
	g->values[at] = g->n;
	return g->n++;
}

void text_run_next(struct text_grams *g, struct text_run *r, bool add)
{
	size_t i, last = g->order - 1;

	r->n_ids = r->tokens.n > last ? r->tokens.n - last : 0;
	for (i = 0; i < r->n_ids; i++) {
		if (r->ids[i] != TEXT_NO_ID)
			r->ids[i] = number_pair(g, r->ids[i], r->tokens.v[i + last], add);
	}
}

size_t text_common(struct text_grams *g, const struct text_run *a, const struct text_run *b)
{
	return text_common_most(g, a, b, 1);
}

size_t text_common_most(struct text_grams *g, const struct text_run *a, const struct text_run *b,
			size_t n)
{
	size_t i, k, common = 0;
	uint32_t id;

	for (k = 0; k < n; k++) {
		for (i = 0; i < b[k].n_ids; i++) {
			id = b[k].ids[i];
			if (id != TEXT_NO_ID && ++g->count[id] > g->most[id])
				g->most[id] = g->count[id];
		}
		for (i = 0; i < b[k].n_ids; i++) {
			if (b[k].ids[i] != TEXT_NO_ID)
				g->count[b[k].ids[i]] = 0;
		}
	}
	for (i = 0; i < a->n_ids; i++) {
		id = a->ids[i];
		if (id != TEXT_NO_ID && g->most[id] > 0) {
			g->most[id]--;
			common++;
		}
	}
	for (k = 0; k < n; k++) {
		for (i = 0; i < b[k].n_ids; i++) {
			if (b[k].ids[i] != TEXT_NO_ID)
				g->most[b[k].ids[i]] = 0;
		}
	}
	return common;
}

void text_distinct(struct text_grams *g, const struct text_run *a, const struct text_run *b,
		   size_t *ret_a, size_t *ret_b, size_t *ret_both)
{
	size_t i;

	*ret_a = *ret_b = *ret_both = 0;
	for (i = 0; i < a->n_ids; i++)
		*ret_a += g->count[a->ids[i]]++ == 0;
	for (i = 0; i < b->n_ids; i++) {
		if (g->most[b->ids[i]]++ > 0)
			continue;
		++*ret_b;
		*ret_both += g->count[b->ids[i]] > 0;
	}
	for (i = 0; i < a->n_ids; i++)
		g->count[a->ids[i]] = 0;
	for (i = 0; i < b->n_ids; i++)
		g->most[b->ids[i]] = 0;
}
