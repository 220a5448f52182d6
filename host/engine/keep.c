/* keep.c - what makes a run survive: opening what was begun, marks on the way, names at the end. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/engine/binding.h"
#include "host/engine/run.h"

#define MARK_BYTES ((uint64_t)64 << 20)	 /* of output between two marks */
#define SYNC_BYTES ((uint64_t)256 << 20) /* and between two syncs */
#define CHECKPOINT_MS 1000
#define NS_IN_MS UINT64_C(1000000)

void keep_init(struct keeper *k)
{
	pthread_condattr_t attr;

	memset(k, 0, sizeof(*k));
	journal_init(&k->journal);
	(void)pthread_mutex_init(&k->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&k->cond, &attr);
	(void)pthread_condattr_destroy(&attr);
}

void keep_release(struct keeper *k)
{
	journal_release(&k->journal);
	(void)pthread_cond_destroy(&k->cond);
	(void)pthread_mutex_destroy(&k->lock);
}

/* ---- opening
 * -------------------------------------------------------------------------------------- */

/* Says why a run cannot be gone on with later; false if it can. */
static bool cannot_be_kept(const struct meed_run_opts *o, struct meed_err *err)
{
	struct stat st;

	err->code = 0;
	if (!sink_is_file(o->output))
		(void)meed_err_set(err, MEED_E_PARAM, "the output is no file: name one with -o");
	else if (o->rejects && !sink_is_file(o->rejects))
		(void)meed_err_set(err, MEED_E_PARAM, "--rejects %s is no file", o->rejects);
	for (size_t i = 0; i < o->n_inputs && !err->code; i++) {
		if (strcmp(o->inputs[i], "-") == 0)
			(void)meed_err_set(err, MEED_E_PARAM,
					   "standard input cannot be read a second time: put the "
					   "samples into a file and name it");
		else if (stat(o->inputs[i], &st) == 0 && !S_ISREG(st.st_mode))
			(void)meed_err_set(err, MEED_E_PARAM,
					   "%s is no regular file and cannot be read a second time",
					   o->inputs[i]);
	}
	return err->code != 0;
}

static char *name_with(const char *path, const char *tail)
{
	char *s = NULL;

	return asprintf(&s, "%s%s", path, tail) < 0 ? NULL : s;
}

static int32_t sinks_open(struct run *r, bool keep, struct meed_err *err)
{
	const struct meed_run_opts *o = r->o;
	char *table = NULL;
	int32_t st;

	for (size_t i = 0; i < N_SINKS; i++)
		sink_close(&r->sinks[i]);
	st = sink_open(&r->sinks[SINK_OUT], o->output, keep, err);
	if (st == MEED_OK && o->rejects)
		st = sink_open(&r->sinks[SINK_REJECTS], o->rejects, keep, err);
	if (st == MEED_OK && o->n_shards > 1) {
		table = name_with(o->output, ".shard");
		st = table ? sink_open(&r->sinks[SINK_BLOCKS], table, keep, err)
			   : meed_err_nomem(err);
		free(table);
	}
	for (size_t i = 0; i < N_SINKS; i++)
		r->sinks[i].digesting = r->keeper.journal.fd >= 0;
	return st;
}

/* True if what is there would be lost. A run that had all its names but not its last words (its
 * summary) is whole. */
static bool is_precious(const struct run *r)
{
	const struct journal *j = &r->keeper.journal;
	char *part;
	bool there;

	if (!j->n_found || !j->found[j->n_found - 1].mark.complete)
		return j->n_found > 0;
	part = name_with(r->o->output, ".part");
	there = !part || access(part, F_OK) == 0;
	free(part);
	return there;
}

static int32_t refuse(const struct run *r, struct meed_err *err)
{
	const struct journal *j = &r->keeper.journal;
	const struct mark *m = &j->found[j->n_found - 1].mark;

	return meed_err_set(err, MEED_E_CANTCREAT,
			    "%s.part: an unfinished run is there, with %llu samples; --resume goes "
			    "on with it, --restart drops it",
			    r->o->output, (unsigned long long)m->n_samples);
}

/* An earlier run with other facts is another run. */
static int32_t compare(struct run *r, meed_str facts, struct meed_err *err)
{
	struct meed_buf b = { 0 };
	int32_t st = MEED_OK;

	binding_diff(&b, r->keeper.journal.old_head, facts);
	if (b.failed) {
		st = meed_err_nomem(err);
	} else if (b.n && r->o->start == MEED_START_FORCE) {
		meed_log(r->o->log, MEED_LOG_WARN, "%s: goes on although %.*s", r->o->output,
			 (int)b.n, b.p);
	} else if (b.n) {
		st = meed_err_set(err, MEED_E_PARAM,
				  "cannot resume %s: %.*s; --restart begins anew, --resume=force "
				  "goes on all the same",
				  r->o->output, (int)(b.n < 700 ? b.n : 700), b.p);
	}
	meed_buf_release(&b);
	return st;
}

/* What requests have cost, as numbers of a mark. */
static void llm_pack(const struct meed_llm_stats *s, uint64_t v[MARK_LLM])
{
	const uint64_t x[MARK_LLM] = {
		s->n_requests, s->n_done,    s->n_failed,   s->n_attempts,
		s->n_retries,  s->n_hedges,  s->n_cached,   s->n_merged,
		s->n_replayed, s->tokens_in, s->tokens_out, s->n_over_budget
	};

	memcpy(v, x, sizeof(x));
	memcpy(&v[MARK_LLM - 1], &s->money, sizeof(v[0]));
}

static struct meed_llm_stats llm_unpack(const uint64_t v[MARK_LLM])
{
	struct meed_llm_stats s = { .n_requests = v[0],
				    .n_done = v[1],
				    .n_failed = v[2],
				    .n_attempts = v[3],
				    .n_retries = v[4],
				    .n_hedges = v[5],
				    .n_cached = v[6],
				    .n_merged = v[7],
				    .n_replayed = v[8],
				    .tokens_in = v[9],
				    .tokens_out = v[10],
				    .n_over_budget = v[11] };

	memcpy(&s.money, &v[MARK_LLM - 1], sizeof(s.money));
	return s;
}

/* Takes up the run where a mark says it was. */
static int32_t go_to(struct run *r, const struct found *f, struct meed_err *err)
{
	struct mark *m = &r->keeper.mark;
	struct meed_run_stats *st = r->st;
	struct meed_llm_stats llm = llm_unpack(f->mark.llm);
	int32_t res = MEED_OK;

	*m = f->mark;
	/* what was spent before the start is less than nothing: so the sum is right */
	meed_llm_stats_since(&r->llm_before, &llm);
	if (st->columns && !meed_columns_load(st->columns, f->columns))
		return meed_err_set(err, MEED_E_INTERNAL, "%s: the statistics in it cannot be read",
				    r->keeper.journal.path);
	for (size_t i = 0; i < N_SINKS && res == MEED_OK; i++)
		if (r->sinks[i].path)
			res = sink_go_to(&r->sinks[i], &m->sinks[i], err);
	if (res == MEED_OK)
		res = meed_input_seek(r->in, &m->input, (uint32_t)m->file, m->line, m->offset, err);
	if (res == MEED_E_PARAM)
		return meed_err_set(err, res, "cannot resume %s: %s; --restart begins anew",
				    r->o->output, err->text);
	r->n_records = m->records;
	r->eof = m->complete;
	st->n_lines = m->n_lines;
	st->n_samples = st->n_before = m->n_samples;
	st->n_outputs = m->n_outputs;
	st->n_bad_lines = m->n_bad_lines;
	st->n_failed = m->n_failed;
	st->n_posts = m->n_posts;
	return res;
}

/* Says so if more had been marked than holds: a file was changed, or a loss of power. */
static void tell_lost(const struct run *r, const struct found *f)
{
	const struct journal *j = &r->keeper.journal;
	const struct mark *last = &j->found[j->n_found - 1].mark;
	uint64_t n = f ? f->mark.n_samples : 0;

	if (f && f->mark.records == last->records)
		return;
	meed_log(r->o->log, MEED_LOG_WARN,
		 "%s.part is not what its journal says after sample %llu, as after a loss of "
		 "power: %llu samples are scored again",
		 r->o->output, (unsigned long long)n, (unsigned long long)(last->n_samples - n));
}

/* Opens the outputs; goes on where an earlier process was. */
static int32_t take_up(struct run *r, meed_str facts, struct meed_err *err)
{
	struct journal *j = &r->keeper.journal;
	const struct found *f = NULL;
	bool resume = r->o->start >= MEED_START_RESUME && j->n_found;
	int32_t st = resume ? compare(r, facts, err) : MEED_OK;

	if (st == MEED_OK)
		st = sinks_open(r, resume, err);
	if (st == MEED_OK && resume) {
		f = journal_choose(j, r->sinks, err, &st);
		if (st == MEED_OK)
			tell_lost(r, f);
	}
	if (st == MEED_OK && f)
		st = go_to(r, f, err);
	else if (st == MEED_OK && resume)
		st = sinks_open(r, false, err);
	if (st == MEED_OK && !f)
		meed_input_digest(r->in);
	if (st == MEED_OK)
		st = journal_begin(j, facts, f ? &f->mark : NULL, f ? f->columns : MEED_STR(""),
				   err);
	if (st == MEED_OK && !f && r->o->n_shards > 1)
		st = shard_open(r, err);
	meed_buf_release(&j->old);
	r->st->journal = st == MEED_OK;
	return st;
}

static int32_t open_kept(struct run *r, struct meed_err *err)
{
	struct journal *j = &r->keeper.journal;
	struct meed_buf facts = { 0 };
	bool resume = r->o->start >= MEED_START_RESUME;
	int32_t st = binding_put(&facts, r->e, r->o, err);

	if (st == MEED_OK)
		st = journal_open(j, r->o->output, !resume || access(r->o->output, F_OK) < 0, err);
	if (st == MEED_OK && j->fd < 0)
		r->st->nothing_to_do = true;
	else if (st == MEED_OK && r->o->start == MEED_START_NEW && is_precious(r))
		st = refuse(r, err);
	else if (st == MEED_OK)
		st = take_up(r, (meed_str){ facts.p, facts.n }, err);
	meed_buf_release(&facts);
	return st;
}

/* A run that keeps no journal must not write over one that does. */
static int32_t drop_old(struct run *r, struct meed_err *err)
{
	struct journal *j = &r->keeper.journal;
	int32_t st = journal_open(j, r->o->output, false, err);

	if (st == MEED_OK && r->o->start == MEED_START_NEW && is_precious(r))
		st = refuse(r, err);
	if (st == MEED_OK && j->fd >= 0)
		(void)unlink(j->path);
	journal_release(j);
	journal_init(j);
	return st;
}

int32_t keep_open(struct run *r, struct meed_err *err)
{
	struct meed_err why;
	int32_t st;

	if (!cannot_be_kept(r->o, &why))
		return open_kept(r, err);
	if (r->o->start >= MEED_START_RESUME)
		return meed_err_set(err, MEED_E_PARAM, "cannot resume: %s", why.text);
	if (r->o->n_shards > 1)
		return meed_err_set(err, MEED_E_PARAM, "cannot be sharded: %s", why.text);
	st = sink_is_file(r->o->output) ? drop_old(r, err) : MEED_OK;
	return st == MEED_OK ? sinks_open(r, false, err) : st;
}

/* ---- on the way
 * ---------------------------------------------------------------------------------- */

static uint64_t written(const struct run *r)
{
	return r->sinks[SINK_OUT].bytes + r->sinks[SINK_REJECTS].bytes;
}

static int32_t put_mark(struct run *r, struct meed_err *err)
{
	struct keeper *k = &r->keeper;
	struct meed_llm_stats llm;
	int32_t st;

	meed_llm_stats(r->e->opts.transport, &llm);
	meed_llm_stats_since(&llm, &r->llm_before);
	llm_pack(&llm, k->mark.llm);
	st = journal_put(&k->journal, r->sinks, &k->mark, r->st->columns, err);

	k->marked_ns = meed_now_ns();
	atomic_store(&k->marked_bytes, written(r));
	k->dirty = k->dirty && st < 0;
	return st;
}

static uint64_t checkpoint_ns(const struct run *r)
{
	return (r->o->checkpoint_ms ? r->o->checkpoint_ms : CHECKPOINT_MS) * NS_IN_MS;
}

static bool is_due(const struct run *r)
{
	const struct keeper *k = &r->keeper;

	return written(r) - atomic_load(&k->marked_bytes) >= MARK_BYTES ||
	       meed_now_ns() - k->marked_ns >= checkpoint_ns(r);
}

int32_t keep_note(struct run *r, const struct batch *b, struct meed_err *err)
{
	const struct meed_line *last = b->block.n ? &b->block.lines[b->block.n - 1] : NULL;
	struct keeper *k = &r->keeper;
	struct mark *m = &k->mark;

	if (k->journal.fd < 0)
		return MEED_OK;
	if (last) {
		m->file = last->file;
		m->line = last->number;
		m->offset = last->end;
	}
	m->input = b->input;
	m->records = b->records;
	m->n_lines = r->st->n_lines;
	m->n_samples = r->st->n_samples;
	m->n_outputs = r->st->n_outputs;
	m->n_bad_lines = r->st->n_bad_lines;
	m->n_failed = r->st->n_failed;
	m->n_posts = r->st->n_posts;
	for (size_t i = 0; i < N_SINKS; i++)
		if (r->sinks[i].path)
			sink_mark(&r->sinks[i], &m->sinks[i]);
	k->dirty = true;
	return is_due(r) ? put_mark(r, err) : MEED_OK;
}

/* Where nothing is written for a while, nobody else would mark what was written last. */
static void mark_idle(struct run *r)
{
	struct meed_err err = { 0 };
	int32_t st = MEED_OK;

	(void)pthread_mutex_lock(&r->q.lock);
	if (!r->writing && !r->cut) {
		r->writing = true;
		(void)pthread_mutex_unlock(&r->q.lock);
		if (r->keeper.dirty && is_due(r))
			st = put_mark(r, &err);
		progress_tick(r, false);
		(void)pthread_mutex_lock(&r->q.lock);
		r->writing = false;
		if (st < 0)
			run_fail_locked(r, &err);
		run_flush_locked(r);
	}
	(void)pthread_mutex_unlock(&r->q.lock);
}

static void sync_if_due(struct run *r)
{
	struct keeper *k = &r->keeper;
	uint64_t now = meed_now_ns(), bytes = atomic_load(&k->marked_bytes);

	if (!r->o->sync_ms || bytes == k->synced_bytes ||
	    (now - k->synced_ns < r->o->sync_ms * NS_IN_MS && bytes - k->synced_bytes < SYNC_BYTES))
		return;
	journal_sync(&k->journal, r->sinks);
	k->synced_ns = meed_now_ns();
	k->synced_bytes = bytes;
}

static void *keeper_main(void *arg)
{
	struct run *r = arg;
	struct keeper *k = &r->keeper;
	uint64_t ns = checkpoint_ns(r);
	struct timespec ts;

	(void)pthread_mutex_lock(&k->lock);
	while (!k->stop) {
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
		ns += (uint64_t)ts.tv_nsec;
		ts.tv_sec += (time_t)(ns / 1000000000);
		ts.tv_nsec = (long)(ns % 1000000000);
		ns = checkpoint_ns(r);
		if (pthread_cond_timedwait(&k->cond, &k->lock, &ts) != ETIMEDOUT)
			continue;
		(void)pthread_mutex_unlock(&k->lock);
		mark_idle(r);
		sync_if_due(r);
		(void)pthread_mutex_lock(&k->lock);
	}
	(void)pthread_mutex_unlock(&k->lock);
	return NULL;
}

void keep_start(struct run *r)
{
	struct keeper *k = &r->keeper;

	k->marked_ns = k->synced_ns = meed_now_ns();
	k->synced_bytes = written(r);
	atomic_store(&k->marked_bytes, k->synced_bytes);
	/* without the thread there are still the marks of whoever writes */
	if (k->journal.fd >= 0)
		k->started = pthread_create(&k->thread, NULL, keeper_main, r) == 0;
}

void keep_stop(struct run *r)
{
	struct keeper *k = &r->keeper;

	if (!k->started)
		return;
	(void)pthread_mutex_lock(&k->lock);
	k->stop = true;
	(void)pthread_cond_signal(&k->cond);
	(void)pthread_mutex_unlock(&k->lock);
	(void)pthread_join(k->thread, NULL);
	k->started = false;
}

/* ---- the end
 * -------------------------------------------------------------------------------------- */

/* The last mark, which says that this is all, reaches the disk before any name is changed. */
static int32_t seal(struct run *r, struct meed_err *err)
{
	struct keeper *k = &r->keeper;
	const struct mark before = k->mark;
	int32_t st = MEED_OK;

	if (before.complete)
		return MEED_OK;
	if (r->o->n_shards > 1)
		st = shard_end(r, err);
	for (size_t i = 0; i < N_SINKS && st == MEED_OK; i++) {
		if (r->sinks[i].path)
			sink_mark(&r->sinks[i], &k->mark.sinks[i]);
		st = sink_sync(&r->sinks[i], err);
	}
	k->mark.complete = 1;
	if (st == MEED_OK)
		st = put_mark(r, err);
	if (st == MEED_OK && fdatasync(k->journal.fd) < 0)
		st = meed_err_set(err, MEED_E_IO_OUT, "%s: cannot write: %s", k->journal.path,
				  strerror(errno));
	if (st < 0)
		k->mark = before;
	return st;
}

int32_t keep_commit(struct run *r, struct meed_err *err)
{
	static const size_t order[N_SINKS] = { SINK_REJECTS, SINK_BLOCKS, SINK_OUT };
	int32_t st = MEED_OK;

	if (r->keeper.journal.fd >= 0)
		st = seal(r, err);
	for (size_t i = 0; i < N_SINKS && st == MEED_OK; i++) {
		struct sink *s = &r->sinks[order[i]];

		if (!s->path)
			continue;
		st = sink_commit(s, err);
		if (st == MEED_OK && s->part && r->keeper.journal.fd >= 0)
			sink_sync_folder(s->path);
	}
	return st;
}

void keep_leave(struct run *r)
{
	struct keeper *k = &r->keeper;
	struct meed_err none;

	if (k->journal.fd < 0)
		return;
	for (size_t i = 0; i < N_SINKS; i++)
		if (r->sinks[i].path)
			r->sinks[i].bytes = k->mark.sinks[i].bytes;
	if (k->dirty)
		(void)put_mark(r, &none);
	if (k->mark.records) {
		r->st->resumable = true;
		journal_sync(&k->journal, r->sinks);
	} else {
		(void)unlink(k->journal.path);
	}
}

void meed_run_forget(const char *output)
{
	char *path = name_with(output, ".journal");

	if (path)
		(void)unlink(path);
	free(path);
}
