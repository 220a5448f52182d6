/* shard.c - a part of a run: every n-th block, and the table of blocks that joins the parts again.
 *
 * OUT.shard holds JSON lines: a head with what the parts must agree about, a line a block, and
 * an end. meed merge reads it (host/engine/merge.c). */
#include "config.h"

#include "host/engine/binding.h"
#include "host/engine/run.h"

bool shard_has(const struct run *r, uint64_t n, uint64_t *ret_left)
{
	uint64_t of = r->o->n_shards, in_round;

	if (of < 2)
		return true;
	in_round = n / MEED_SHARD_BLOCK % of;
	*ret_left = MEED_SHARD_BLOCK - n % MEED_SHARD_BLOCK;
	return in_round + 1 == r->o->shard;
}

static int32_t put(struct run *r, const struct meed_buf *b, struct meed_err *err)
{
	if (b->failed)
		return meed_err_nomem(err);
	return sink_write(&r->sinks[SINK_BLOCKS], b->p, b->n, err);
}

int32_t shard_open(struct run *r, struct meed_err *err)
{
	struct meed_buf b = { 0 }, facts = { 0 };
	meed_str list, k, v;
	int32_t st = binding_put(&facts, r->e, r->o, err);

	if (st < 0)
		goto out;
	meed_buf_printf(&b, "{\"meed_shard\":1,\"shard\":%u,\"of\":%u,\"block\":%d,\"rejects\":",
			r->o->shard, r->o->n_shards, MEED_SHARD_BLOCK);
	if (r->o->rejects)
		meed_buf_json_str(&b, meed_str_of(r->o->rejects));
	else
		MEED_BUF_LIT(&b, "null");
	MEED_BUF_LIT(&b, ",\"run\":{");
	list = (meed_str){ facts.p, facts.n };
	for (size_t n = 0; binding_next(&list, &k, &v);) {
		/* these are each part's own */
		if (meed_str_eq(k, MEED_STR("--shard")) || meed_str_eq(k, MEED_STR("--rejects")))
			continue;
		meed_buf_puts(&b, n++ ? "," : "");
		meed_buf_json_str(&b, k);
		meed_buf_putc(&b, ':');
		meed_buf_json_str(&b, v);
	}
	MEED_BUF_LIT(&b, "}}\n");
	st = put(r, &b, err);
out:
	meed_buf_release(&b);
	meed_buf_release(&facts);
	return st;
}

static int32_t end_block(struct run *r, uint64_t index, struct meed_err *err)
{
	uint64_t *block = r->keeper.mark.block;
	struct meed_buf b = { 0 };
	int32_t st;

	meed_buf_printf(&b, "{\"block\":%llu,\"records\":%llu,\"bytes\":%llu,\"rejects\":%llu}\n",
			(unsigned long long)index, (unsigned long long)block[0],
			(unsigned long long)block[1], (unsigned long long)block[2]);
	st = put(r, &b, err);
	memset(block, 0, sizeof(r->keeper.mark.block));
	meed_buf_release(&b);
	return st;
}

int32_t shard_note(struct run *r, const struct batch *b, uint64_t bytes, uint64_t rejects,
		   struct meed_err *err)
{
	uint64_t *block = r->keeper.mark.block;

	block[0] += b->n;
	block[1] += bytes;
	block[2] += rejects;
	if (b->records % MEED_SHARD_BLOCK)
		return MEED_OK;
	return end_block(r, b->records / MEED_SHARD_BLOCK - 1, err);
}

int32_t shard_end(struct run *r, struct meed_err *err)
{
	struct sink_mark out, rejects = { 0 };
	struct meed_buf b = { 0 };
	int32_t st = MEED_OK;

	if (r->keeper.mark.block[0])
		st = end_block(r, r->keeper.mark.records / MEED_SHARD_BLOCK, err);
	if (st < 0)
		return st;
	sink_mark(&r->sinks[SINK_OUT], &out);
	if (r->sinks[SINK_REJECTS].path)
		sink_mark(&r->sinks[SINK_REJECTS], &rejects);
	meed_buf_printf(&b,
			"{\"records\":%llu,\"bytes\":%llu,\"digest\":\"%016llx\","
			"\"rejects\":%llu,\"rejects_digest\":\"%016llx\"}\n",
			(unsigned long long)r->n_records, (unsigned long long)out.bytes,
			(unsigned long long)out.digest, (unsigned long long)rejects.bytes,
			(unsigned long long)rejects.digest);
	st = put(r, &b, err);
	meed_buf_release(&b);
	return st;
}
