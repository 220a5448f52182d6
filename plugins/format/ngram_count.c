/* ngram_count.c - counting different n-grams exactly, in linear time.
 *
 * The ids of an n-gram are packed into one integer where they fit; else runs of 2, 4, 8 ...
 * tokens are numbered first, so that an n-gram is a pair of numbers: O(tokens * log n). The integers
 * go into an open hash table, less than half full. */
#include "config.h"
#include "format.h"

/* Multiply-shift hashing (Dietzfelbinger 1997). The multiplier is made of the sample's seed, so
 * that nobody can write a text whose n-grams collide. */
struct hasher {
	uint64_t mul;			/* odd */
	unsigned shift;			/* 64 - log2(slots) */
};

static size_t slot_of(const struct hasher *k, uint64_t key)
{
	return (size_t)(key * k->mul >> k->shift);
}

/* Fits a table to n keys and returns how many slots it has. */
static size_t hasher_init(struct hasher *k, const meed_host *h, meed_ctx *c, size_t n)
{
	uint64_t z = h->seed(c) + 0x9E3779B97F4A7C15u;
	size_t slots = 16;

	k->shift = 60;
	while (slots < 2 * n) {
		slots *= 2;
		k->shift--;
	}
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	k->mul = (z ^ z >> 31) | 1;
	return slots;
}

static int32_t no_memory(const meed_host *h, meed_ctx *c, size_t tokens)
{
	return meed_failf(h, c, MEED_E_LIMIT, "no memory for the n-grams of %zu tokens", tokens);
}

static bool stop(const meed_host *h, meed_ctx *c, size_t i)
{
	return (i & 0xFFFF) == 0xFFFF && h->cancelled(c);
}

/* The packed n-gram that ends at token i, from the one that ends before it. */
#define NEXT(key) (((key) << bits | t->ids[i]) & mask)

static int32_t count_packed32(const meed_host *h, meed_ctx *c, const meed_tokens *t, size_t n,
			      unsigned bits, size_t *ret_unique)
{
	const uint32_t mask = (uint32_t)(((uint64_t)1 << (n * bits)) - 1);
	uint32_t key = 0, *slots;
	size_t i, at, n_slots, unique = 0;
	struct hasher k;

	n_slots = hasher_init(&k, h, c, t->n - n + 1);
	slots = h->alloc(c, n_slots * sizeof(*slots));
	if (!slots)
		return no_memory(h, c, t->n);
	for (i = 0; i < n - 1; i++)
		key = NEXT(key);
	for (; i < t->n; i++) {
		key = NEXT(key);
		at = slot_of(&k, key);
		while ((slots[at] != 0) & (slots[at] != key + 1))
			at = (at + 1) & (n_slots - 1);
		unique += slots[at] == 0;
		slots[at] = key + 1;
		if (stop(h, c, i))
			return h->fail(c, MEED_E_CANCELLED, "stopped");
	}
	*ret_unique = unique;
	return MEED_OK;
}

static int32_t count_packed64(const meed_host *h, meed_ctx *c, const meed_tokens *t, size_t n,
			      unsigned bits, size_t *ret_unique)
{
	const uint64_t mask = ((uint64_t)1 << (n * bits)) - 1;
	uint64_t key = 0, *slots;
	size_t i, at, n_slots, unique = 0;
	struct hasher k;

	n_slots = hasher_init(&k, h, c, t->n - n + 1);
	slots = h->alloc(c, n_slots * sizeof(*slots));
	if (!slots)
		return no_memory(h, c, t->n);
	for (i = 0; i < n - 1; i++)
		key = NEXT(key);
	for (; i < t->n; i++) {
		key = NEXT(key);
		at = slot_of(&k, key);
		while ((slots[at] != 0) & (slots[at] != key + 1))
			at = (at + 1) & (n_slots - 1);
		unique += slots[at] == 0;
		slots[at] = key + 1;
		if (stop(h, c, i))
			return h->fail(c, MEED_E_CANCELLED, "stopped");
	}
	*ret_unique = unique;
	return MEED_OK;
}

/* Numbers the pairs (rank[i], rank[i + gap]) for i < count in order of first appearance, puts
 * the numbers into rank and returns how many there are; SIZE_MAX if the run is stopping. */
static size_t number_pairs(const meed_host *h, meed_ctx *c, const struct hasher *k,
			   uint64_t *keys, uint32_t *numbers, size_t n_slots, uint32_t *rank,
			   size_t gap, size_t count)
{
	uint64_t key;
	size_t i, at;
	uint32_t n = 0;

	memset(keys, 0, n_slots * sizeof(*keys));
	for (i = 0; i < count; i++) {
		key = ((uint64_t)rank[i] << 32 | rank[i + gap]) + 1;
		at = slot_of(k, key);
		while (keys[at] != 0 && keys[at] != key)
			at = (at + 1) & (n_slots - 1);
		if (keys[at] == 0) {
			keys[at] = key;
			numbers[at] = n++;
		}
		rank[i] = numbers[at];
		if (stop(h, c, i))
			return SIZE_MAX;
	}
	return n;
}

static int32_t count_doubling(const meed_host *h, meed_ctx *c, const meed_tokens *t, size_t n,
			      size_t *ret_unique)
{
	size_t n_slots, step, unique = 0;
	struct hasher k;
	uint64_t *keys;
	uint32_t *numbers, *rank;

	n_slots = hasher_init(&k, h, c, t->n);
	keys = h->alloc(c, n_slots * sizeof(*keys));
	numbers = h->alloc(c, n_slots * sizeof(*numbers));
	rank = h->alloc(c, t->n * sizeof(*rank));
	if (!keys || !numbers || !rank)
		return no_memory(h, c, t->n);
	memcpy(rank, t->ids, t->n * sizeof(*rank));
	for (step = 1; step <= n / 2 && unique != SIZE_MAX; step *= 2)
		unique = number_pairs(h, c, &k, keys, numbers, n_slots, rank, step,
				      t->n - 2 * step + 1);
	if (unique != SIZE_MAX)
		unique = number_pairs(h, c, &k, keys, numbers, n_slots, rank, n - step,
				      t->n - n + 1);
	if (unique == SIZE_MAX)
		return h->fail(c, MEED_E_CANCELLED, "stopped");
	*ret_unique = unique;
	return MEED_OK;
}

int32_t format_ngram_count(const meed_host *h, meed_ctx *c, const meed_tokens *t, size_t n,
			   size_t *ret_unique)
{
	unsigned bits = 0;

	if (n == 1) {
		*ret_unique = t->n_distinct;
		return MEED_OK;
	}
	if (t->n > SIZE_MAX / 64)
		return no_memory(h, c, t->n);
	while (bits < 32 && ((uint64_t)t->n_vocab - 1) >> bits)
		bits++;
	if (n * bits < 32 && n < 32)
		return count_packed32(h, c, t, n, bits, ret_unique);
	if (n * bits < 64 && n < 64)
		return count_packed64(h, c, t, n, bits, ret_unique);
	return count_doubling(h, c, t, n, ret_unique);
}
