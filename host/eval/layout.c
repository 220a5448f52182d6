/* layout.c - tables of figures, before any figure is known. */
#include "config.h"
#include "host/eval/bench.h"

#include <stdlib.h>

struct meed_table_plan *meed_plan_table(struct meed_eval *e, const char *id, const char *title,
					const char *first)
{
	struct meed_table_plan *t = &e->tables[e->n_tables++];

	*t = (struct meed_table_plan){ .id = id, .title = title, .first = first };
	return t;
}

void meed_plan_column(struct meed_table_plan *t, const char *id, const char *heading, bool percent)
{
	t->cols[t->n_cols].id = id;
	t->cols[t->n_cols].heading = heading;
	t->cols[t->n_cols].percent = percent;
	t->cols[t->n_cols].digits = percent ? 1 : 3;
	t->n_cols++;
}

struct meed_row_plan *meed_plan_row(struct meed_table_plan *t, const char *name, bool strong,
				    const uint32_t *subsets, size_t n)
{
	struct meed_row_plan *row;

	if (t->n_rows == t->cap_rows) {
		size_t cap = t->cap_rows ? t->cap_rows * 2 : 16;
		struct meed_row_plan *v = realloc(t->rows, cap * sizeof(*v));

		if (!v)
			return NULL;
		t->rows = v;
		t->cap_rows = cap;
	}
	row = &t->rows[t->n_rows];
	*row = (struct meed_row_plan){ .strong = strong, .n_subsets = n };
	for (size_t i = 0; i < MEED_MAX_COLS; i++)
		row->fig[i] = MEED_FIG_NONE;
	row->name = strdup(name);
	row->subsets = calloc(n ? n : 1, sizeof(*row->subsets));
	if (!row->name || !row->subsets) {
		free(row->name);
		free(row->subsets);
		return NULL;
	}
	if (n)
		memcpy(row->subsets, subsets, n * sizeof(*subsets));
	t->n_rows++;
	return row;
}

static int by_name(const void *a, const void *b, void *data)
{
	const struct meed_tally *t = data;

	return strcmp(t->names[*(const uint32_t *)a], t->names[*(const uint32_t *)b]);
}

uint32_t *meed_subsets_sorted(const struct meed_eval *e)
{
	uint32_t *v = calloc(e->t->n_names + 1, sizeof(*v));

	if (!v)
		return NULL;
	for (size_t i = 0; i < e->t->n_names; i++)
		v[i] = (uint32_t)i;
	qsort_r(v, e->t->n_names, sizeof(*v), by_name, e->t);
	return v;
}

size_t meed_subsets_with(const struct meed_eval *e, const uint32_t *v, size_t n, const char *prefix,
			 uint32_t *ret)
{
	size_t len = strlen(prefix), k = 0;

	for (size_t i = 0; i < n; i++)
		if (strncmp(e->t->names[v[i]], prefix, len) == 0)
			ret[k++] = v[i];
	return k;
}

int32_t meed_layout_simple(struct meed_eval *e, const char *id, const char *title,
			   const char *heading, struct meed_err *err)
{
	struct meed_table_plan *t = meed_plan_table(e, id, title, "subset");
	uint32_t *v = meed_subsets_sorted(e);
	struct meed_row_plan *row;
	size_t n = e->t->n_names;
	int32_t r = MEED_E_NOMEM;

	meed_plan_column(t, id, heading, true);
	t->counts = t->without = t->plot = true;
	for (size_t i = 0; v && n > 1 && i < n; i++) {
		row = meed_plan_row(t, e->t->names[v[i]], false, &v[i], 1);
		if (!row)
			goto out;
		row->fig[0] = meed_figs_ratio(&e->figs, 0, MEED_CH_ITEMS, &v[i], 1);
	}
	row = v ? meed_plan_row(t, "all", true, v, n) : NULL;
	if (!row)
		goto out;
	row->fig[0] = meed_figs_ratio(&e->figs, 0, MEED_CH_ITEMS, v, n);
	r = MEED_OK;
out:
	free(v);
	return r < 0 ? meed_err_nomem(err) : r;
}
