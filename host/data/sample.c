/* sample.c - the step sample: draws samples without putting back, of each stratum alike */
#include "config.h"

#include "host/data/internal.h"
#include "host/data/strata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A sample has a random number for its priority; those with the least are drawn. That is what
 * a reservoir keeps, and needs no more memory than a sort. */
struct sample {
	uint64_t count;
	double share;
	bool has_by, has_share, shuffled;
	struct data_sel by;
	struct data_strata strata;
	struct meed_sorter *sorter; /* stratum, priority, number */
	uint64_t n;
	uint64_t *sizes; /* of the strata */
	size_t cap_sizes;
	/* without strata: the greatest of the `count` least priorities so far, a heap */
	uint64_t *least;
	size_t n_least;
};

enum {
	HEAP_MAX = 1 << 16
};

static const struct meed_data_param params[] = {
	{ "count", MEED_DATA_COUNT, "N", "how many samples; with by: of each stratum" },
	{ "share", MEED_DATA_NUMBER, "X", "or which share of them, above 0 and up to 1" },
	{ "by", MEED_DATA_TEXT, "WHAT", "from each stratum: category, source, a JSON pointer" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	const char *by = data_text(a, "by", NULL);
	struct sample *x = self;

	x->count = data_uint(a, "count", 0);
	x->share = data_num(a, "share", 0);
	x->has_share = data_is_set(a, "share");
	x->has_by = by != NULL;
	if (data_is_set(a, "count") == x->has_share)
		return data_wrong(err, "count", "give either count or share");
	if (x->has_share && !(x->share > 0 && x->share <= 1))
		return data_wrong(err, "share", "must be above 0 and at most 1");
	return by ? data_sel_init(&x->by, "by", by, err) : MEED_OK;
}

static void release(void *self)
{
	struct sample *x = self;

	data_sel_release(&x->by);
	data_strata_release(&x->strata);
	meed_sorter_free(x->sorter);
	free(x->sizes);
	free(x->least);
}

static bool count_stratum(struct sample *x, uint32_t k)
{
	if (k >= x->cap_sizes) {
		size_t cap = x->cap_sizes ? 2 * x->cap_sizes : 64;
		uint64_t *v;

		cap = cap > k ? cap : (size_t)k + 1;
		v = realloc(x->sizes, cap * sizeof(*v));
		if (!v)
			return false;
		memset(v + x->cap_sizes, 0, (cap - x->cap_sizes) * sizeof(*v));
		x->sizes = v;
		x->cap_sizes = cap;
	}
	x->sizes[k]++;
	return true;
}

static void heap_down(uint64_t *v, size_t n)
{
	size_t i = 0;

	for (;;) {
		size_t l = 2 * i + 1, most = i;
		uint64_t t;

		if (l < n && v[l] > v[most])
			most = l;
		if (l + 1 < n && v[l + 1] > v[most])
			most = l + 1;
		if (most == i)
			return;
		t = v[i];
		v[i] = v[most];
		v[most] = t;
		i = most;
	}
}

/* True if `count` samples with less are known already, so that this one is not drawn: a sort of
 * all samples is spared. */
static bool hopeless(struct sample *x, uint64_t priority)
{
	size_t i;

	if (x->has_by || x->has_share || x->count == 0 || x->count > HEAP_MAX)
		return x->count == 0 && !x->has_share;
	if (!x->least && !(x->least = calloc((size_t)x->count, sizeof(*x->least))))
		return false; /* the sort will do */
	if (x->n_least < x->count) {
		i = x->n_least++;
		for (; i > 0 && x->least[(i - 1) / 2] < priority; i = (i - 1) / 2)
			x->least[i] = x->least[(i - 1) / 2];
		x->least[i] = priority;
		return false;
	}
	if (priority > x->least[0])
		return true;
	x->least[0] = priority;
	heap_down(x->least, x->n_least);
	return false;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct sample *x = s->self;
	uint64_t priority = data_random(data_seed(s), x->n), number = x->n++;
	struct json_object *root;
	unsigned char key[20];
	uint32_t k = 0;
	int32_t st = MEED_OK;

	if (hopeless(x, priority))
		return data_drop(s, r, err);
	if (x->has_by) {
		root = data_rec_root(r, err);
		st = root ? data_strata_of(&x->strata, &x->by, root, "by", &k, err) : err->code;
	}
	if (st == MEED_OK && !count_stratum(x, k))
		st = meed_err_nomem(err);
	if (st == MEED_OK && !x->sorter && !(x->sorter = meed_sorter_new(data_memory(s))))
		st = meed_err_nomem(err);
	meed_key_u64(key, (uint64_t)k << 32);
	meed_key_u64(key + 4, priority);
	meed_key_u64(key + 12, number);
	return st == MEED_OK ? data_sort_rec(x->sorter, key, sizeof(key), r, err) : st;
}

/* How many of a stratum's n are drawn. */
static uint64_t quota(const struct sample *x, uint64_t n)
{
	uint64_t want = x->has_share ? (uint64_t)floor((double)n * x->share + 0.5) : x->count;

	return want < n ? want : n;
}

/* Those drawn, by number, into ret. */
static int32_t draw(struct data_step *s, struct meed_sorter *ret, struct meed_err *err)
{
	struct sample *x = s->self;
	struct data_rec r = { 0 };
	uint32_t stratum = UINT32_MAX;
	uint64_t left = 0;
	meed_str key, packed;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_sorter_next(x->sorter, &key, &packed, err)) > 0) {
		uint32_t k = (uint32_t)(meed_key_to_u64(key.p) >> 32);

		if (k != stratum)
			left = quota(x, x->sizes[k]);
		stratum = k;
		if (left > 0) {
			left--;
			st = meed_sorter_add(ret, key.p + 12, 8, packed.p, packed.n, err);
			continue;
		}
		st = data_unpack(&r, packed, err);
		if (st == MEED_OK)
			st = data_drop(s, &r, err);
	}
	data_rec_release(&r);
	return st < 0 ? st : more;
}

static int32_t end(struct data_step *s, struct meed_err *err)
{
	struct sample *x = s->self;
	struct meed_sorter *drawn;
	int32_t st;

	if (!x->sorter)
		return MEED_OK;
	drawn = meed_sorter_new(data_memory(s));
	if (!drawn)
		return meed_err_nomem(err);
	st = draw(s, drawn, err);
	meed_sorter_free(x->sorter);
	x->sorter = NULL;
	if (st == MEED_OK)
		st = data_pass_sorted(s, drawn, err);
	meed_sorter_free(drawn);
	if (x->has_by)
		(void)snprintf(s->note, sizeof(s->note), "%zu strata", x->strata.n);
	return st;
}

const struct data_kind data_sample = {
	.pub = { .name = "sample",
		 .summary = "Draw samples at random; they stay in their order.",
		 .params = params,
		 .operand = "count",
		 .operand_optional = true },
	.size = sizeof(struct sample),
	.init = init,
	.release = release,
	.push = push,
	.end = end,
};
