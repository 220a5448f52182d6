/* batch.c - batches of records: reading them, grouping rows, writing them in order. */
#include "config.h"

#include <stdlib.h>

#include "host/engine/run.h"

enum {
	BATCH_BYTES = 256 * 1024,
	GROUP_MAX = 4096,	      /* rows of one group; more are split */
	KEEP_BYTES = 4 * 1024 * 1024, /* a buffer grown past this is not kept for reuse */
	LOGGED_MAX = 100
};

struct batch *batch_new(void)
{
	struct batch *b = calloc(1, sizeof(*b));

	return b;
}

static void buf_clear(struct meed_buf *b)
{
	if (b->cap > KEEP_BYTES || b->failed)
		meed_buf_release(b);
	b->n = 0;
}

void batch_clear(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		meed_buf_release(&b->recs[i].own);
		meed_buf_release(&b->recs[i].own_stats);
		meed_buf_release(&b->recs[i].own_notes);
	}
	b->n = 0;
	b->next = NULL;
	b->done = false;
	atomic_store(&b->cut, false);
	buf_clear(&b->out);
	buf_clear(&b->rejects);
	buf_clear(&b->stats);
	buf_clear(&b->notes);
	if (b->block.data.cap > KEEP_BYTES)
		meed_block_release(&b->block);
	atomic_store(&b->n_bad, 0);
	atomic_store(&b->n_failed, 0);
	atomic_store(&b->n_outputs, 0);
	atomic_store(&b->n_posts, 0);
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	batch_clear(b);
	meed_buf_release(&b->out);
	meed_buf_release(&b->rejects);
	meed_buf_release(&b->stats);
	meed_buf_release(&b->notes);
	meed_block_release(&b->block);
	free(b->recs);
	free(b);
}

static int32_t batch_room(struct batch *b, size_t n, struct meed_err *err)
{
	struct record *v;

	if (n <= b->cap)
		return MEED_OK;
	n = n < 2 * b->cap ? 2 * b->cap : n;
	v = realloc(b->recs, n * sizeof(*v));
	if (!v)
		return meed_err_nomem(err);
	b->recs = v;
	b->cap = n;
	return MEED_OK;
}

/* ---- grouping
 * ------------------------------------------------------------------------------------ */

/* The next line that has not been taken, or NULL; *ret_r says why. */
static struct meed_line *ahead_peek(struct run *r, struct meed_err *err, int32_t *ret_r)
{
	*ret_r = 1;
	if (r->ahead_at == r->ahead.n) {
		*ret_r = meed_input_next(r->in, &r->ahead, 64, BATCH_BYTES, err);
		r->ahead_at = 0;
		if (r->ahead.n == 0)
			return NULL;
	}
	return &r->ahead.lines[r->ahead_at];
}

/* Copies a line's bytes to the batch; p holds its offset until the batch is complete. */
static int32_t group_take(struct batch *b, const struct meed_line *l, struct meed_err *err)
{
	struct meed_block *k = &b->block;

	if (k->n == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 64;
		struct meed_line *v = realloc(k->lines, cap * sizeof(*v));

		if (!v)
			return meed_err_nomem(err);
		k->lines = v;
		k->cap = cap;
	}
	k->lines[k->n] = *l;
	k->lines[k->n].p = (const char *)(uintptr_t)k->data.n;
	if (l->status >= 0) {
		meed_buf_put(&k->data, l->p, l->n);
		meed_buf_putc(&k->data, '\0');
	}
	k->n++;
	return k->data.failed ? meed_err_nomem(err) : MEED_OK;
}

static void group_fix(struct batch *b)
{
	struct meed_block *k = &b->block;

	for (size_t i = 0; i < k->n; i++)
		k->lines[i].p = k->data.p ? k->data.p + (uintptr_t)k->lines[i].p : "";
}

/* One group: rows in a row that have the same key. A line without a key stands alone. */
static int32_t group_read(struct run *r, struct batch *b, struct meed_err *err)
{
	struct record *rec = &b->recs[b->n];
	meed_str first = { NULL, 0 }, key;
	struct meed_line *l;
	struct meed_err none;
	int32_t st;

	memset(rec, 0, sizeof(*rec));
	rec->first = b->block.n;
	meed_arena_reset(&r->group_arena);
	while ((l = ahead_peek(r, err, &st)) && rec->n_lines < GROUP_MAX) {
		if (l->status < 0 ||
		    meed_parser_group_key(r->group_parser, l, &r->group_arena, &none, &key) < 0)
			key = (meed_str){ NULL, 0 };
		if (rec->n_lines && !(key.p && first.p && meed_str_eq(key, first)))
			break;
		st = group_take(b, l, err);
		if (st < 0)
			return st;
		first = key;
		rec->n_lines++;
		r->ahead_at++;
		if (!key.p)
			break;
	}
	b->n += rec->n_lines > 0;
	return rec->n_lines ? 1 : st;
}

static int32_t batch_read_groups(struct run *r, struct batch *b, size_t max, struct meed_err *err)
{
	int32_t st = 1;

	b->block.n = 0;
	b->block.data.n = 0;
	while (st == 1 && b->n < max && b->block.data.n < BATCH_BYTES) {
		st = batch_room(b, b->n + 1, err);
		if (st == MEED_OK)
			st = group_read(r, b, err);
	}
	group_fix(b);
	return st < 0 ? st : b->n > 0;
}

static int32_t records_read(struct run *r, struct batch *b, size_t max, struct meed_err *err)
{
	int32_t st;

	if (meed_schema_groups(r->schema))
		return batch_read_groups(r, b, max, err);
	st = meed_input_next(r->in, &b->block, max, BATCH_BYTES, err);
	if (batch_room(b, b->block.n, err) < 0)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < b->block.n; i++) {
		memset(&b->recs[i], 0, sizeof(b->recs[i]));
		b->recs[i].first = i;
		b->recs[i].n_lines = 1;
	}
	b->n = b->block.n;
	return st;
}

/* Passes over what other shards score. 1, 0 at the end, or a code. */
static int32_t others_skip(struct run *r, struct meed_err *err)
{
	uint64_t left;
	int32_t st = 1;

	while (st == 1 && !shard_has(r, r->n_records, &left)) {
		if (r->o->cancel && atomic_load_explicit(r->o->cancel, memory_order_relaxed))
			return 0;
		batch_clear(r->skipped);
		st = records_read(r, r->skipped, (size_t)left, err);
		r->n_records += r->skipped->n;
	}
	return st;
}

int32_t batch_read(struct run *r, struct batch *b, size_t max, struct meed_err *err)
{
	uint64_t left = UINT64_MAX;
	int32_t st = r->o->n_shards > 1 ? others_skip(r, err) : 1;

	if (st != 1)
		return st;
	(void)shard_has(r, r->n_records, &left);
	st = records_read(r, b, max < left ? max : (size_t)left, err);
	r->n_records += b->n;
	b->records = r->n_records;
	if (r->keeper.journal.fd >= 0)
		meed_input_mark(r->in, &b->input);
	return st;
}

/* ---- writing
 * ---------------------------------------------------------------------------------------- */

static void stats_add(struct run *r, const char *p, size_t n)
{
	struct stat_entry e;

	for (size_t i = 0; i + sizeof(e) <= n; i += sizeof(e)) {
		memcpy(&e, p + i, sizeof(e));
		if (e.has)
			meed_columns_put(r->st->columns, e.col, e.x);
		else
			meed_columns_miss(r->st->columns, e.col, e.code);
		if (e.ns)
			meed_columns_time(r->st->columns, e.col, e.ns);
	}
}

static void notes_log(struct run *r, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i += strlen(p + i) + 1) {
		if (r->n_logged == LOGGED_MAX)
			meed_log(r->o->log, MEED_LOG_WARN,
				 "further bad lines and failures are only counted and written");
		if (r->n_logged++ >= LOGGED_MAX)
			continue;
		progress_clear(&r->progress);
		meed_log(r->o->log, MEED_LOG_WARN, "%s", p + i);
	}
}

static void records_log(struct run *r, const struct batch *b)
{
	size_t from = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct record *rec = &b->recs[i];

		if (!rec->late)
			continue;
		if (rec->note_off > from && rec->note_off <= b->notes.n) {
			notes_log(r, b->notes.p + from, rec->note_off - from);
			from = rec->note_off;
		}
		notes_log(r, rec->own_notes.p, rec->own_notes.n);
	}
	if (b->notes.n > from)
		notes_log(r, b->notes.p + from, b->notes.n - from);
}

static int32_t records_write(struct run *r, const struct batch *b, struct meed_err *err)
{
	size_t from = 0;
	int32_t st = MEED_OK;

	for (size_t i = 0; i < b->n && st == MEED_OK; i++) {
		const struct record *rec = &b->recs[i];

		if (!rec->late)
			continue;
		/* what was done at once before this one: its place ends where the next began */
		if (rec->off > from)
			st = sink_write(&r->sinks[SINK_OUT], b->out.p + from, rec->off - from, err);
		from = rec->off;
		if (st == MEED_OK && rec->own.n)
			st = sink_write(&r->sinks[SINK_OUT], rec->own.p, rec->own.n, err);
	}
	if (st == MEED_OK && b->out.n > from)
		st = sink_write(&r->sinks[SINK_OUT], b->out.p + from, b->out.n - from, err);
	if (st == MEED_OK && b->rejects.n)
		st = sink_write(&r->sinks[SINK_REJECTS], b->rejects.p, b->rejects.n, err);
	return st;
}

static void records_count(struct run *r, const struct batch *b)
{
	struct meed_run_stats *st = r->st;

	for (size_t i = 0; i < b->n && st->columns; i++) {
		const struct record *rec = &b->recs[i];

		if (rec->late)
			stats_add(r, rec->own_stats.p, rec->own_stats.n);
		else if (rec->stat_len)
			stats_add(r, b->stats.p + rec->stat_off, rec->stat_len);
	}
	st->n_lines += b->block.n;
	st->n_bad_lines += atomic_load(&b->n_bad);
	st->n_samples += b->n - atomic_load(&b->n_bad);
	st->n_outputs += atomic_load(&b->n_outputs);
	st->n_failed += atomic_load(&b->n_failed);
	st->n_posts += atomic_load(&b->n_posts);
}

int32_t batch_write(struct run *r, struct batch *b, struct meed_err *err)
{
	uint64_t bytes = r->sinks[SINK_OUT].bytes, rejects = r->sinks[SINK_REJECTS].bytes;
	int32_t res;

	if (b->out.failed || b->rejects.failed)
		return meed_err_nomem(err);
	for (size_t i = 0; i < b->n; i++)
		if (b->recs[i].own.failed)
			return meed_err_nomem(err);
	records_log(r, b);
	res = records_write(r, b, err);
	if (res == MEED_OK && r->o->n_shards > 1)
		res = shard_note(r, b, r->sinks[SINK_OUT].bytes - bytes,
				 r->sinks[SINK_REJECTS].bytes - rejects, err);
	if (res < 0)
		return res;
	records_count(r, b);
	res = keep_note(r, b, err);
	if (res < 0)
		return res;
	progress_tick(r, false);
	return MEED_OK;
}
