/* rec.c - samples on their way, as text and as trees; hashes and chance */
#include "config.h"

#include "host/data/internal.h"

#include <stdlib.h>

int32_t data_rec_set(struct data_rec *r, meed_str line, struct meed_err *err)
{
	json_object_put(r->root);
	r->root = NULL;
	r->stale = false;
	r->line.n = 0;
	meed_buf_put(&r->line, line.p, line.n);
	return r->line.failed ? meed_err_nomem(err) : MEED_OK;
}

void data_rec_own(struct data_rec *r, struct json_object *root)
{
	json_object_put(r->root);
	r->root = root;
	r->stale = true;
}

struct json_object *data_rec_root(struct data_rec *r, struct meed_err *err)
{
	if (!r->root && meed_json_read(NULL, r->line.p, r->line.n, err, &r->root) < 0)
		return NULL;
	if (!json_object_is_type(r->root, json_type_object)) {
		(void)meed_err_set(err, MEED_E_SAMPLE, "the sample is no object");
		return NULL;
	}
	return r->root;
}

int32_t data_rec_line(struct data_rec *r, struct meed_err *err)
{
	if (!r->stale)
		return MEED_OK;
	r->line.n = 0;
	meed_json_write(&r->line, r->root);
	r->stale = false;
	return r->line.failed ? meed_err_nomem(err) : MEED_OK;
}

void data_rec_release(struct data_rec *r)
{
	json_object_put(r->root);
	meed_buf_release(&r->line);
	memset(r, 0, sizeof(*r));
}

/* A packed sample is its part, four bytes, and its line. */
static int32_t pack(struct data_rec *r, struct meed_err *err)
{
	int32_t st = data_rec_line(r, err);

	if (st < 0)
		return st;
	meed_buf_put(&r->line, &r->part, sizeof(r->part));
	return r->line.failed ? meed_err_nomem(err) : MEED_OK;
}

int32_t data_sort_rec(struct meed_sorter *sorter, const void *key, size_t n_key, struct data_rec *r,
		      struct meed_err *err)
{
	int32_t st = pack(r, err);

	if (st == MEED_OK)
		st = meed_sorter_add(sorter, key, n_key, r->line.p, r->line.n, err);
	return st;
}

int32_t data_spool_rec(struct meed_spool *sp, struct data_rec *r, struct meed_err *err)
{
	int32_t st = pack(r, err);

	if (st == MEED_OK)
		st = meed_spool_add(sp, r->line.p, r->line.n, err);
	return st;
}

int32_t data_unpack(struct data_rec *r, meed_str packed, struct meed_err *err)
{
	packed.n -= sizeof(r->part);
	memcpy(&r->part, packed.p + packed.n, sizeof(r->part));
	return data_rec_set(r, packed, err);
}

int32_t data_pass_sorted(struct data_step *s, struct meed_sorter *sorter, struct meed_err *err)
{
	struct data_rec r = { 0 };
	meed_str key, packed;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_sorter_next(sorter, &key, &packed, err)) > 0) {
		st = data_unpack(&r, packed, err);
		if (st == MEED_OK)
			st = data_pass(s, &r, err);
	}
	data_rec_release(&r);
	return st < 0 ? st : more;
}

struct data_hash data_hash(meed_str s)
{
	return (struct data_hash){ meed_hash(s.p, s.n, UINT64_C(0x6d6565642d64617a)),
				   meed_hash(s.p, s.n, UINT64_C(0x243f6a8885a308d3)) };
}

uint64_t data_random(uint64_t seed, uint64_t x)
{
	uint64_t z = seed + (x + 1) * UINT64_C(0x9e3779b97f4a7c15);

	/* Steele, Lea and Flood 2014: SplitMix64's finaliser, twice, so that neighbouring seeds
	 * have nothing in common */
	for (int i = 0; i < 2; i++) {
		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		z ^= z >> 31;
		z += seed;
	}
	return z;
}
