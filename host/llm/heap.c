/* heap.c - calls by the time at which something is due for them. */
#include "config.h"

#include <stdlib.h>

#include "host/llm/net.h"

static void put(struct llm *l, size_t i, struct call *c)
{
	l->heap[i] = c;
	c->heap_at = i + 1;
}

static void up(struct llm *l, size_t i)
{
	struct call *c = l->heap[i];

	while (i && c->timer_ns < l->heap[(i - 1) / 2]->timer_ns) {
		put(l, i, l->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(l, i, c);
}

static void down(struct llm *l, size_t i)
{
	struct call *c = l->heap[i];

	for (;;) {
		size_t k = 2 * i + 1;

		if (k + 1 < l->n_heap && l->heap[k + 1]->timer_ns < l->heap[k]->timer_ns)
			k++;
		if (k >= l->n_heap || l->heap[k]->timer_ns >= c->timer_ns)
			break;
		put(l, i, l->heap[k]);
		i = k;
	}
	put(l, i, c);
}

static void take_out(struct llm *l, struct call *c)
{
	size_t i = c->heap_at - 1;
	struct call *last = l->heap[--l->n_heap];

	c->heap_at = 0;
	if (last == c)
		return;
	put(l, i, last);
	up(l, i);
	down(l, last->heap_at - 1);
}

bool heap_set(struct llm *l, struct call *c, uint64_t at_ns)
{
	if (c->heap_at)
		take_out(l, c);
	c->timer_ns = at_ns;
	if (at_ns == NEVER)
		return true;
	if (l->n_heap == l->cap_heap) {
		size_t cap = l->cap_heap ? 2 * l->cap_heap : 256;
		struct call **v = realloc(l->heap, cap * sizeof(struct call *));

		if (!v)
			return false;
		l->heap = v;
		l->cap_heap = cap;
	}
	put(l, l->n_heap++, c);
	up(l, l->n_heap - 1);
	return true;
}
