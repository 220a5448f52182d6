/* tally.c - items of a benchmark, by subset and cluster. */
#include "config.h"
#include "host/eval/tally.h"

#include <math.h>
#include <stdlib.h>

struct meed_tally *meed_tally_new(size_t n_ch)
{
	struct meed_tally *t = calloc(1, sizeof(*t));

	if (t) {
		t->n_ch = n_ch;
		t->size = sizeof(struct meed_item) + n_ch * sizeof(double);
	}
	return t;
}

void meed_tally_free(struct meed_tally *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_names; i++)
		free(t->names[i]);
	free(t->names);
	free(t->counts);
	free(t->slots);
	free(t->items);
	free(t->sums);
	free(t->first);
	free(t);
}

/* ---- subsets ----------------------------------------------------------------------------- */

static size_t slot_of(const struct meed_tally *t, meed_str name)
{
	size_t i = (size_t)meed_hash(name.p, name.n, 0) & (t->n_slots - 1);

	while (t->slots[i] && !meed_str_eq(meed_str_of(t->names[t->slots[i] - 1]), name))
		i = (i + 1) & (t->n_slots - 1);
	return i;
}

uint32_t meed_tally_find(const struct meed_tally *t, meed_str name)
{
	size_t i;

	if (!t->n_slots)
		return UINT32_MAX;
	i = slot_of(t, name);
	return t->slots[i] ? t->slots[i] - 1 : UINT32_MAX;
}

static bool grow_names(struct meed_tally *t)
{
	size_t cap = t->cap_names ? t->cap_names * 2 : 16;
	char **names = realloc(t->names, cap * sizeof(*names));
	struct meed_counts *counts;
	uint32_t *slots;

	if (!names)
		return false;
	t->names = names;
	counts = realloc(t->counts, cap * sizeof(*counts));
	if (!counts)
		return false;
	t->counts = counts;
	slots = calloc(cap * 4, sizeof(*slots));
	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->n_slots = cap * 4;
	t->cap_names = cap;
	for (size_t i = 0; i < t->n_names; i++)
		t->slots[slot_of(t, meed_str_of(t->names[i]))] = (uint32_t)i + 1;
	return true;
}

int32_t meed_tally_subset(struct meed_tally *t, meed_str name, struct meed_err *err, uint32_t *ret)
{
	size_t clean = 0;

	while (clean < name.n && name.p[clean])
		clean++;
	name.n = clean;
	*ret = meed_tally_find(t, name);
	if (*ret != UINT32_MAX)
		return MEED_OK;
	if (t->n_names == MEED_MAX_SUBSETS)
		return meed_err_set(
			err, MEED_E_LIMIT,
			"more than %d subsets; the field that --by names should have fewer "
			"values",
			MEED_MAX_SUBSETS);
	if (t->n_names == t->cap_names && !grow_names(t))
		return meed_err_nomem(err);
	t->names[t->n_names] = strndup(name.p, name.n);
	if (!t->names[t->n_names])
		return meed_err_nomem(err);
	t->counts[t->n_names] = (struct meed_counts){ 0 };
	t->slots[slot_of(t, name)] = (uint32_t)t->n_names + 1;
	*ret = (uint32_t)t->n_names++;
	return MEED_OK;
}

/* ---- items ---------------------------------------------------------------------------------- */

static struct meed_item *item_at(const struct meed_tally *t, size_t i)
{
	return (struct meed_item *)(void *)(t->items + i * t->size);
}

int32_t meed_tally_add(struct meed_tally *t, uint32_t subset, uint64_t id, uint64_t cluster,
		       uint32_t flags, const double *ch, struct meed_err *err)
{
	struct meed_counts *c = &t->counts[subset];
	struct meed_item *it;

	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 256, bytes;
		char *items;

		if (meed_mul_overflow(cap, t->size, &bytes) || !(items = realloc(t->items, bytes)))
			return meed_err_nomem(err);
		t->items = items;
		t->cap = cap;
	}
	it = item_at(t, t->n++);
	*it = (struct meed_item){ .id = id, .cluster = cluster, .subset = subset, .flags = flags };
	memcpy(it->ch, ch, t->n_ch * sizeof(*ch));
	c->n++;
	c->errors += (flags & MEED_ITEM_ERROR) != 0;
	c->ties += (flags & MEED_ITEM_TIE) != 0;
	if (!flags) {
		c->clean++;
		c->clean_sum += ch[0];
	}
	return MEED_OK;
}

static int by_cluster(const void *a, const void *b)
{
	const struct meed_item *x = a, *y = b;

	if (x->subset != y->subset)
		return x->subset < y->subset ? -1 : 1;
	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

int32_t meed_tally_finish(struct meed_tally *t, struct meed_err *err)
{
	const struct meed_item *was = NULL;
	size_t stride = t->n_ch + 1, k = 0, bytes;

	if (t->n)
		qsort(t->items, t->n, t->size, by_cluster);
	for (size_t i = 0; i < t->n; i++) {
		const struct meed_item *it = item_at(t, i);

		t->n_clusters += !was || was->subset != it->subset || was->cluster != it->cluster;
		was = it;
	}
	t->first = calloc(t->n_names + 1, sizeof(*t->first));
	if (meed_mul_overflow(t->n_clusters + 1, stride, &bytes))
		return meed_err_nomem(err);
	t->sums = calloc(bytes, sizeof(*t->sums));
	if (!t->first || !t->sums)
		return meed_err_nomem(err);
	was = NULL;
	for (size_t i = 0; i < t->n; i++) {
		const struct meed_item *it = item_at(t, i);
		double *row;

		if (!was || was->subset != it->subset || was->cluster != it->cluster) {
			k++;
			t->first[it->subset + 1]++;
		}
		row = t->sums + (k - 1) * stride;
		for (size_t c = 0; c < t->n_ch; c++)
			row[c] += it->ch[c];
		row[t->n_ch]++;
		was = it;
	}
	for (size_t s = 0; s < t->n_names; s++)
		t->first[s + 1] += t->first[s];
	return MEED_OK;
}

/* ---- two runs ------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
	const struct meed_item *x = *(const struct meed_item *const *)a;
	const struct meed_item *y = *(const struct meed_item *const *)b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x < y ? -1 : x > y;
}

static const struct meed_item **sorted(const struct meed_tally *t)
{
	const struct meed_item **v = calloc(t->n ? t->n : 1, sizeof(*v));

	if (!v)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		v[i] = item_at(t, i);
	qsort(v, t->n, sizeof(*v), by_id);
	return v;
}

static int32_t join_item(struct meed_tally *t, const struct meed_tally *a,
			 const struct meed_item *x, const struct meed_item *y, double *ch,
			 struct meed_err *err)
{
	uint32_t subset;
	int32_t r = meed_tally_subset(t, meed_str_of(a->names[x->subset]), err, &subset);

	if (r < 0)
		return r;
	memcpy(ch, x->ch, a->n_ch * sizeof(*ch));
	memcpy(ch + a->n_ch, y->ch, a->n_ch * sizeof(*ch));
	return meed_tally_add(t, subset, x->id, x->cluster, x->flags | y->flags, ch, err);
}

int32_t meed_tally_join(const struct meed_tally *a, const struct meed_tally *b,
			struct meed_err *err, struct meed_tally **ret, uint64_t ret_alone[2])
{
	const struct meed_item **x = sorted(a), **y = sorted(b);
	struct meed_tally *t = meed_tally_new(2 * a->n_ch);
	double *ch = calloc(2 * a->n_ch, sizeof(*ch));
	int32_t r = x && y && t && ch ? MEED_OK : meed_err_nomem(err);
	size_t i = 0, j = 0;
	uint32_t unused;

	ret_alone[0] = ret_alone[1] = 0;
	for (size_t s = 0; s < a->n_names && r >= 0; s++)
		r = meed_tally_subset(t, meed_str_of(a->names[s]), err, &unused);
	while (r >= 0 && i < a->n && j < b->n) {
		if (x[i]->id == y[j]->id)
			r = join_item(t, a, x[i++], y[j++], ch, err);
		else if (x[i]->id < y[j]->id)
			ret_alone[0]++, i++;
		else
			ret_alone[1]++, j++;
	}
	ret_alone[0] += a->n - i;
	ret_alone[1] += b->n - j;
	if (r >= 0)
		r = meed_tally_finish(t, err);
	if (r >= 0) {
		*ret = t;
		t = NULL;
	}
	meed_tally_free(t);
	free(x);
	free(y);
	free(ch);
	return r;
}

static bool is_binary(double x)
{
	return !(x < 0) && !(x > 0) ? true : !(x < 1) && !(x > 1);
}

bool meed_tally_discordant(const struct meed_tally *t, const uint32_t *subsets, size_t n,
			   uint64_t *ret_a, uint64_t *ret_b)
{
	bool *in = calloc(t->n_names + 1, sizeof(*in)), fits = in != NULL;

	*ret_a = *ret_b = 0;
	for (size_t i = 0; i < n && in; i++)
		in[subsets[i]] = true;
	for (size_t i = 0; i < t->n && fits; i++) {
		const struct meed_item *it = item_at(t, i);
		double a = it->ch[0], b = it->ch[t->n_ch / 2];

		if (!in[it->subset])
			continue;
		fits = is_binary(a) && is_binary(b);
		*ret_a += a > b;
		*ret_b += b > a;
	}
	free(in);
	return fits;
}
