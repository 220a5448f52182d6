/* sketch.c - quantiles of a stream of numbers in bounded memory. */
#include "config.h"
#include "host/engine/sketch.h"

#include <math.h>
#include <stdlib.h>

#include "host/engine/pack.h"

#define BUCKETS 256
#define BUCKET_SHIFT 44			/* the top 8 bits of the fraction */
#define OCTAVE_SHIFT 52
#define EXPONENT_MASK 0x7ff
#define SIGN_BIT 0x800

struct meed_sketch_octave {
	uint32_t key;			/* sign and biased exponent */
	struct meed_sketch_bucket buckets[BUCKETS];
};

/* A range of buckets in rising order of their values. */
struct run {
	const struct meed_sketch_bucket *b;
	size_t n;
	int32_t order;
	bool reversed;
};

void meed_sketch_init(struct meed_sketch *s)
{
	memset(s, 0, sizeof(*s));
	s->floor = -1;
	s->max_octaves = MEED_SKETCH_OCTAVES;
}

void meed_sketch_release(struct meed_sketch *s)
{
	for (uint32_t i = 0; i < s->n_octaves; i++)
		free(s->octaves[i]);
	meed_sketch_init(s);
}

static int32_t exponent_of(uint32_t key)
{
	return (int32_t)(key & EXPONENT_MASK);
}

static void bucket_put(struct meed_sketch_bucket *b, double x)
{
	if (b->n++ == 0)
		b->first = x;
	else
		b->rest += x - b->first;
}

static double bucket_mean(const struct meed_sketch *s, const struct meed_sketch_bucket *b)
{
	double x = b->first + b->rest / (double)b->n;

	return x < s->min ? s->min : x > s->max ? s->max : x;
}

static void bucket_merge(struct meed_sketch_bucket *to, const struct meed_sketch_bucket *from)
{
	if (!from->n)
		return;
	if (!to->n) {
		*to = *from;
		return;
	}
	to->rest += from->rest + (from->first - to->first) * (double)from->n;
	to->n += from->n;
}

/* Makes all values up to biased exponent e part of the bucket near zero. */
static void raise_floor(struct meed_sketch *s, int32_t e)
{
	uint32_t kept = 0;

	s->floor = e;
	for (uint32_t i = 0; i < s->n_octaves; i++) {
		struct meed_sketch_octave *o = s->octaves[i];

		if (exponent_of(o->key) > e) {
			s->octaves[kept++] = o;
			s->index[o->key] = (uint8_t)kept;
			continue;
		}
		for (size_t j = 0; j < BUCKETS; j++)
			bucket_merge(&s->near_zero, &o->buckets[j]);
		s->index[o->key] = 0;
		free(o);
	}
	s->n_octaves = kept;
}

static int32_t lowest_exponent(const struct meed_sketch *s)
{
	int32_t least = EXPONENT_MASK;

	for (uint32_t i = 0; i < s->n_octaves; i++)
		if (exponent_of(s->octaves[i]->key) < least)
			least = exponent_of(s->octaves[i]->key);
	return least;
}

/* The octave of a key that has none yet; NULL: it counts as near zero. */
static struct meed_sketch_octave *octave_new(struct meed_sketch *s, uint32_t key)
{
	int32_t e = exponent_of(key), least;
	struct meed_sketch_octave *o = NULL;

	while (e > s->floor) {
		if (s->n_octaves < s->max_octaves) {
			o = calloc(1, sizeof(*o));
			if (o)
				break;
			s->max_octaves = s->n_octaves;
		}
		least = lowest_exponent(s);
		raise_floor(s, e < least ? e : least);
	}
	if (!o)
		return NULL;
	o->key = key;
	s->octaves[s->n_octaves++] = o;
	s->index[key] = (uint8_t)s->n_octaves;
	return o;
}

void meed_sketch_put(struct meed_sketch *s, double x)
{
	struct meed_sketch_octave *o = NULL;
	uint64_t bits;
	uint32_t key;

	if (s->n++ == 0)
		s->min = s->max = x;
	if (x < s->min)
		s->min = x;
	if (x > s->max)
		s->max = x;

	memcpy(&bits, &x, sizeof(bits));
	key = (uint32_t)(bits >> OCTAVE_SHIFT);
	if (x < 0 || x > 0) {
		if (s->index[key])
			o = s->octaves[s->index[key] - 1];
		else
			o = octave_new(s, key);
	}
	bucket_put(o ? &o->buckets[(bits >> BUCKET_SHIFT) & (BUCKETS - 1)] : &s->near_zero, x);
}

static int by_order(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

/* All buckets, lowest values first. */
static size_t runs_of(const struct meed_sketch *s, struct run runs[MEED_SKETCH_OCTAVES + 1])
{
	size_t n = 0;

	runs[n++] = (struct run){ .b = &s->near_zero, .n = 1 };
	for (uint32_t i = 0; i < s->n_octaves; i++) {
		const struct meed_sketch_octave *o = s->octaves[i];
		bool negative = (o->key & SIGN_BIT) != 0;
		int32_t e = exponent_of(o->key) + 1;

		runs[n++] = (struct run){ .b = o->buckets,
					  .n = BUCKETS,
					  .order = negative ? -e : e,
					  .reversed = negative };
	}
	qsort(runs, n, sizeof(runs[0]), by_order);
	return n;
}

static const struct meed_sketch_bucket *run_at(const struct run *r, size_t i)
{
	return &r->b[r->reversed ? r->n - 1 - i : i];
}

/* The values of rank r and r + 1, counted from 0. */
static void at_rank(const struct meed_sketch *s, uint64_t r, double ret[2])
{
	struct run runs[MEED_SKETCH_OCTAVES + 1];
	size_t n = runs_of(s, runs);
	uint64_t seen = 0;
	int found = 0;

	ret[0] = ret[1] = s->max;
	for (size_t i = 0; i < n && found < 2; i++) {
		for (size_t j = 0; j < runs[i].n && found < 2; j++) {
			const struct meed_sketch_bucket *b = run_at(&runs[i], j);

			seen += b->n;
			while (found < 2 && b->n && r + (uint64_t)found < seen)
				ret[found++] = bucket_mean(s, b);
		}
	}
	if (r == 0)
		ret[0] = s->min;
	if (r + 2 >= s->n)
		ret[1] = s->max;
}

double meed_sketch_quantile(const struct meed_sketch *s, double q)
{
	double rank, below, part, v[2];

	if (!s->n)
		return 0;
	if (!(q > 0))
		return s->min;
	if (q >= 1)
		return s->max;
	rank = q * (double)(s->n - 1);
	below = floor(rank);
	part = rank - below;
	at_rank(s, (uint64_t)below, v);
	if (!(part > 0) || !(v[0] < v[1]))
		return v[0];
	return v[0] * (1 - part) + v[1] * part;
}

void meed_sketch_histogram(const struct meed_sketch *s, size_t n, uint64_t *ret_counts)
{
	struct run runs[MEED_SKETCH_OCTAVES + 1];
	size_t n_runs = runs_of(s, runs);
	double half = s->max / 2 - s->min / 2;	/* the whole may be beyond a double */

	for (size_t i = 0; i < n; i++)
		ret_counts[i] = 0;
	for (size_t i = 0; n && i < n_runs; i++) {
		for (size_t j = 0; j < runs[i].n; j++) {
			const struct meed_sketch_bucket *b = run_at(&runs[i], j);
			size_t bin = 0;

			if (!b->n)
				continue;
			if (half > 0)
				bin = (size_t)((bucket_mean(s, b) / 2 - s->min / 2) / half *
					       (double)n);
			ret_counts[bin < n ? bin : n - 1] += b->n;
		}
	}
}

void meed_sketch_each(const struct meed_sketch *s, void (*take)(void *data, double x, uint64_t n),
		      void *data)
{
	struct run runs[MEED_SKETCH_OCTAVES + 1];
	size_t n = runs_of(s, runs);

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < runs[i].n; j++) {
			const struct meed_sketch_bucket *b = run_at(&runs[i], j);

			if (b->n)
				take(data, bucket_mean(s, b), b->n);
		}
	}
}

/* ---- the state as bytes ---------------------------------------------------------------------- */

static void bucket_save(const struct meed_sketch_bucket *k, struct meed_buf *b)
{
	pack_u64(b, k->n);
	pack_f64(b, k->first);
	pack_f64(b, k->rest);
}

static bool bucket_load(struct meed_sketch_bucket *k, meed_str *in)
{
	return unpack_u64(in, &k->n) && unpack_f64(in, &k->first) && unpack_f64(in, &k->rest);
}

void meed_sketch_save(const struct meed_sketch *s, struct meed_buf *b)
{
	pack_u64(b, s->n);
	pack_f64(b, s->min);
	pack_f64(b, s->max);
	pack_u32(b, (uint32_t)s->floor);
	pack_u32(b, s->n_octaves);
	pack_u32(b, s->max_octaves);
	bucket_save(&s->near_zero, b);
	for (uint32_t i = 0; i < s->n_octaves; i++) {
		const struct meed_sketch_octave *o = s->octaves[i];
		uint32_t used = 0;

		for (size_t j = 0; j < BUCKETS; j++)
			used += o->buckets[j].n != 0;
		pack_u32(b, o->key);
		pack_u32(b, used);
		for (uint32_t j = 0; j < BUCKETS; j++) {
			if (!o->buckets[j].n)
				continue;
			pack_u32(b, j);
			bucket_save(&o->buckets[j], b);
		}
	}
}

static bool octave_load(struct meed_sketch *s, meed_str *in)
{
	struct meed_sketch_octave *o;
	uint32_t key, used, j;

	if (!unpack_u32(in, &key) || !unpack_u32(in, &used) || key >= sizeof(s->index) ||
	    s->index[key] || used > BUCKETS)
		return false;
	o = calloc(1, sizeof(*o));
	if (!o)
		return false;
	o->key = key;
	s->octaves[s->n_octaves++] = o;
	s->index[key] = (uint8_t)s->n_octaves;
	while (used--)
		if (!unpack_u32(in, &j) || j >= BUCKETS || !bucket_load(&o->buckets[j], in))
			return false;
	return true;
}

bool meed_sketch_load(struct meed_sketch *s, meed_str *in)
{
	uint32_t floor_bits, n, max;

	if (!unpack_u64(in, &s->n) || !unpack_f64(in, &s->min) || !unpack_f64(in, &s->max) ||
	    !unpack_u32(in, &floor_bits) || !unpack_u32(in, &n) || !unpack_u32(in, &max) ||
	    !bucket_load(&s->near_zero, in) || n > max || max > MEED_SKETCH_OCTAVES)
		return false;
	s->floor = (int32_t)floor_bits;
	s->max_octaves = max;
	while (n--)
		if (!octave_load(s, in))
			return false;
	return true;
}
