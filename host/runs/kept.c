/* kept.c - the outputs of a run that have the lowest hashes. */
#include "config.h"
#include "host/runs/kept.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS (2 * KEPT_MAX) /* a power of two */

bool kept_init(struct kept *k)
{
	*k = (struct kept){ .limit = UINT64_MAX };
	k->v = calloc(SLOTS, sizeof(*k->v));
	return k->v != NULL;
}

void kept_release(struct kept *k)
{
	free(k->v);
	k->v = NULL;
}

/* Low keys are what is left, so that their low bits must spread them. */
static struct kept_output *slot(struct kept_output *v, uint64_t key)
{
	size_t i = (size_t)key & (SLOTS - 1);

	while (v[i].key != 0 && v[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return &v[i];
}

/* Leaves out what is above half the limit. In place: what stays is set in again from a copy. */
static void sink(struct kept *k)
{
	size_t i, n = 0;

	k->limit /= 2;
	for (i = 0; i < SLOTS; i++)
		if (k->v[i].key != 0 && k->v[i].key <= k->limit)
			k->v[n++] = k->v[i];
	memset(k->v + n, 0, (SLOTS - n) * sizeof(*k->v));
	k->n = n;
}

static int by_key(const void *a, const void *b)
{
	const struct kept_output *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

/* Packs, then spreads again from the end, which needs no second table. */
static void thin(struct kept *k)
{
	struct kept_output *packed;
	size_t i, n;

	while (k->n >= KEPT_MAX)
		sink(k);
	n = k->n;
	packed = malloc((n + 1) * sizeof(*packed));
	if (!packed) {
		/* keep nothing rather than something wrong */
		memset(k->v, 0, SLOTS * sizeof(*k->v));
		k->n = 0;
		k->limit = 0;
		return;
	}
	memcpy(packed, k->v, n * sizeof(*packed));
	memset(k->v, 0, SLOTS * sizeof(*k->v));
	for (i = 0; i < n; i++)
		*slot(k->v, packed[i].key) = packed[i];
	free(packed);
}

void kept_put(struct kept *k, uint64_t key, double score, double length)
{
	struct kept_output *s;

	if (key == 0)
		key = 1;
	if (key > k->limit)
		return;
	s = slot(k->v, key);
	if (s->key == key) {
		k->n_twice++;
		return;
	}
	*s = (struct kept_output){ key, score, length };
	if (++k->n >= KEPT_MAX)
		thin(k);
}

struct kept_output *kept_sorted(const struct kept *k)
{
	struct kept_output *v = malloc((k->n + 1) * sizeof(*v));
	size_t i, n = 0;

	if (!v)
		return NULL;
	for (i = 0; i < SLOTS; i++)
		if (k->v[i].key != 0)
			v[n++] = k->v[i];
	qsort(v, n, sizeof(*v), by_key);
	return v;
}
