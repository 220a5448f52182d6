/* strata.c - numbers for the values of a field */
#include "config.h"

#include "host/data/strata.h"

#include <stdlib.h>

static bool grow(struct data_strata *s)
{
	size_t cap = s->cap ? 2 * s->cap : 64, n_slots = 4 * cap, i, k;
	struct data_hash *v = realloc(s->v, cap * sizeof(*v));
	uint32_t *slots = calloc(n_slots, sizeof(*slots));

	if (v)
		s->v = v;
	if (!v || !slots) {
		free(slots);
		return false;
	}
	for (i = 0; i < s->n; i++) {
		for (k = v[i].a % n_slots; slots[k]; k = (k + 1) % n_slots)
			;
		slots[k] = (uint32_t)i + 1;
	}
	free(s->slots);
	s->slots = slots;
	s->n_slots = n_slots;
	s->cap = cap;
	return true;
}

int32_t data_strata_of(struct data_strata *s, const struct data_sel *sel, struct json_object *root,
		       const char *param, uint32_t *ret, struct meed_err *err)
{
	struct data_hash h;
	size_t k;

	s->text.n = 0;
	if (data_sel_text(sel, root, &s->text) == 0)
		meed_buf_putc(&s->text, '\0'); /* no text has one */
	if (s->text.failed || (s->n == s->cap && !grow(s)))
		return meed_err_nomem(err);
	h = data_hash((meed_str){ s->text.p, s->text.n });
	for (k = h.a % s->n_slots; s->slots[k]; k = (k + 1) % s->n_slots) {
		*ret = s->slots[k] - 1;
		if (s->v[*ret].a == h.a && s->v[*ret].b == h.b)
			return MEED_OK;
	}
	if (s->n == DATA_STRATA_MAX)
		return meed_err_set(err, MEED_E_LIMIT,
				    "%s: more than %d different values: strata must be few; take a "
				    "coarser field",
				    param, DATA_STRATA_MAX);
	*ret = (uint32_t)s->n;
	s->slots[k] = (uint32_t)s->n + 1;
	s->v[s->n++] = h;
	return MEED_OK;
}

void data_strata_release(struct data_strata *s)
{
	free(s->v);
	free(s->slots);
	meed_buf_release(&s->text);
	memset(s, 0, sizeof(*s));
}
