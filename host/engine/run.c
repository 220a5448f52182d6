/* run.c - a run from files to a file: workers, the window, the order. */
#include "config.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "host/engine/run.h"

enum {
	BATCH_RECORDS = 64,
	THREADS_MAX = 1024,
	LOOK_NS = 100000000
};

static bool cancelled(const struct run *r)
{
	return r->o->cancel && atomic_load_explicit(r->o->cancel, memory_order_relaxed);
}

void run_fail_locked(struct run *r, const struct meed_err *err)
{
	if (!r->err.code)
		r->err = *err;
	r->stop = true;
}

void run_flush_locked(struct run *r)
{
	if (r->writing)
		return;
	r->writing = true;
	while (r->first && r->first->done) {
		struct batch *b = r->first;
		struct meed_err err = { 0 };
		bool drop;
		int32_t st = MEED_OK;

		r->cut = r->cut || atomic_load(&b->cut);
		drop = r->cut || (r->err.code && !r->o->strict);
		r->first = b->next;
		if (!r->first)
			r->last = NULL;
		(void)pthread_mutex_unlock(&r->q.lock);
		if (!drop)
			st = batch_write(r, b, &err);
		(void)pthread_mutex_lock(&r->q.lock);
		if (st < 0) {
			run_fail_locked(r, &err);
			r->cut = true;
		}
		r->in_flight -= b->n;
		batch_clear(b);
		b->next = r->spare;
		r->spare = b;
		(void)pthread_cond_broadcast(&r->q.cond);
	}
	r->writing = false;
}

/* A suspended sample has come to its end: maybe its batch has, too. */
static void finish_late(struct run *r, struct task *t)
{
	struct job *j = (struct job *)t;
	struct batch *b = j->batch;
	bool last;

	work_finish(j, true);
	last = atomic_fetch_sub(&b->n_open, 1) == 1;
	(void)pthread_mutex_lock(&r->q.lock);
	j->next = r->jobs;
	r->jobs = j;
	b->done = b->done || last;
	run_flush_locked(r);
}

/* Reads and works one batch; q.lock is held on entry and on return. */
static void pull_locked(struct worker *w)
{
	struct run *r = w->run;
	size_t room = r->o->window > r->in_flight ? r->o->window - r->in_flight : 1;
	struct batch *b = r->spare;
	struct meed_err err = { 0 };
	int32_t st = MEED_E_NOMEM;

	if (b)
		r->spare = b->next;
	r->reading = true;
	(void)pthread_mutex_unlock(&r->q.lock);
	if (!b)
		b = batch_new();
	if (b) {
		b->next = NULL;
		st = batch_read(r, b, room < BATCH_RECORDS ? room : BATCH_RECORDS, &err);
	} else {
		(void)meed_err_nomem(&err);
	}
	(void)pthread_mutex_lock(&r->q.lock);
	r->reading = false;
	if (st <= 0)
		r->eof = true;
	if (st < 0 && st != MEED_E_CANCELLED)
		run_fail_locked(r, &err);
	if (!b || !b->n) {
		if (b) {
			b->next = r->spare;
			r->spare = b;
		}
		(void)pthread_cond_broadcast(&r->q.cond);
		return;
	}
	if (r->last)
		r->last->next = b;
	else
		r->first = b;
	r->last = b;
	r->in_flight += b->n;
	(void)pthread_cond_signal(&r->q.cond);
	(void)pthread_mutex_unlock(&r->q.lock);
	work_batch(w, b);
	(void)pthread_mutex_lock(&r->q.lock);
	run_flush_locked(r);
}

/* No more is read, and no program is run to its end for an evaluation that will be dropped. */
static void cancel_locked(struct run *r)
{
	struct meed_transport *exec = r->e->opts.exec;

	r->eof = true;
	if (!atomic_exchange(&r->cancelling, true) && exec)
		exec->cancel_all(exec);
}

/* A signal wakes nobody, and the programs of others may take long: look now and then. */
static void wait_locked(struct run *r)
{
	struct timespec ts;

	if (!r->o->cancel || !r->e->opts.exec || r->cancelling) {
		(void)pthread_cond_wait(&r->q.cond, &r->q.lock);
		return;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += LOOK_NS;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	(void)pthread_cond_clockwait(&r->q.cond, &r->q.lock, CLOCK_MONOTONIC, &ts);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;
	struct task *t;

	(void)pthread_mutex_lock(&r->q.lock);
	for (;;) {
		t = queue_pop_locked(&r->q);
		if (t) {
			(void)pthread_mutex_unlock(&r->q.lock);
			if (task_resume(t))
				finish_late(r, t);
			else
				(void)pthread_mutex_lock(&r->q.lock);
			continue;
		}
		if (cancelled(r))
			cancel_locked(r);
		if ((r->eof || r->stop) && !r->reading && !r->in_flight)
			break;
		if (!r->eof && !r->stop && !r->reading && r->in_flight < r->o->window) {
			pull_locked(w);
			continue;
		}
		wait_locked(r);
	}
	(void)pthread_cond_broadcast(&r->q.cond);
	(void)pthread_mutex_unlock(&r->q.lock);
	return NULL;
}

/* ---- set-up -------------------------------------------------------------------------------------
 */

static int32_t run_open(struct run *r, struct meed_err *err)
{
	const struct meed_run_opts *o = r->o;
	int32_t st = meed_schema_new(o->format, o->map, o->group_by, err, &r->schema);

	if (st == MEED_OK)
		st = meed_input_open(o->inputs, o->n_inputs, o->max_line_bytes, err, &r->in);
	if (st == MEED_OK)
		meed_input_watch(r->in, o->cancel);
	if (st == MEED_OK && meed_schema_groups(r->schema)) {
		r->group_parser = meed_parser_new(r->schema);
		if (!r->group_parser)
			st = meed_err_nomem(err);
	}
	if (st == MEED_OK && o->summarise && run_columns(r) < 0)
		st = meed_err_nomem(err);
	if (st == MEED_OK && o->n_shards > 1) {
		r->skipped = batch_new();
		if (!r->skipped)
			st = meed_err_nomem(err);
	}
	return st == MEED_OK ? keep_open(r, err) : st;
}

static uint32_t worker_count(const struct run *r)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t n = r->o->threads ? r->o->threads : cores > 0 ? (uint32_t)cores : 1;

	/* one may sit in read() on a slow pipe while replies come in */
	n += r->e->posts ? 1 : 0;
	return n < THREADS_MAX ? n : THREADS_MAX;
}

static int32_t workers_run(struct run *r, struct meed_err *err)
{
	uint32_t n = worker_count(r), started = 0, ready = 0;
	struct worker *w = calloc(n, sizeof(*w));
	pthread_t *ids = calloc(n, sizeof(*ids));
	int32_t st = MEED_OK;

	for (; w && ids && ready < n; ready++) {
		w[ready].run = r;
		w[ready].parser = meed_parser_new(r->schema);
		if (!w[ready].parser)
			break;
	}
	if (!ready) {
		st = meed_err_nomem(err);
		goto out;
	}
	/* fewer threads than asked for still do the work */
	for (uint32_t i = 1; i < ready; i++, started++)
		if (pthread_create(&ids[i], NULL, worker_main, &w[i]) != 0)
			break;
	(void)worker_main(&w[0]);
	for (uint32_t i = 1; i <= started; i++)
		(void)pthread_join(ids[i], NULL);
out:
	for (uint32_t i = 0; w && i < n; i++) {
		meed_parser_free(w[i].parser);
		job_free(w[i].job);
	}
	free(w);
	free(ids);
	return st;
}

static void run_release(struct run *r)
{
	struct batch *b;
	struct job *j;

	while ((b = r->spare)) {
		r->spare = b->next;
		batch_free(b);
	}
	while ((j = r->jobs)) {
		r->jobs = j->next;
		job_free(j);
	}
	meed_parser_free(r->group_parser);
	meed_arena_release(&r->group_arena);
	meed_block_release(&r->ahead);
	meed_input_close(r->in);
	meed_schema_free(r->schema);
	batch_free(r->skipped);
	for (size_t i = 0; i < N_SINKS; i++)
		sink_close(&r->sinks[i]);
	keep_release(&r->keeper);
	queue_destroy(&r->q);
	free(r->node_col);
}

int32_t meed_run(struct meed_engine *e, const struct meed_run_opts *o, struct meed_err *err,
		 struct meed_run_stats *ret)
{
	struct run r = { .e = e, .o = o, .st = ret };
	uint64_t t0 = meed_now_ns();
	int32_t st;

	memset(ret, 0, sizeof(*ret));
	meed_llm_stats(e->opts.transport, &r.llm_before);
	for (size_t i = 0; i < N_SINKS; i++)
		r.sinks[i].fd = -1;
	keep_init(&r.keeper);
	queue_init(&r.q);
	meed_arena_init(&r.group_arena, 0);
	e->timed = e->opts.timings || o->timings || o->summarise;
	st = run_open(&r, err);
	if (st < 0 || ret->nothing_to_do)
		goto out;
	progress_begin(&r);
	keep_start(&r);
	st = workers_run(&r, err);
	keep_stop(&r);
	progress_tick(&r, true);
	if (meed_input_left_out(r.in))
		meed_log(o->log, MEED_LOG_WARN, "fields beside the list of rows were left out: %s",
			 meed_input_left_out(r.in));
	if (st == MEED_OK && r.err.code) {
		st = r.err.code;
		*err = r.err;
	}
	ret->cancelled = cancelled(&r);
	if (st == MEED_OK && !ret->cancelled)
		st = keep_commit(&r, err);
	if (st < 0 || ret->cancelled)
		keep_leave(&r);
out:
	meed_llm_stats(e->opts.transport, &ret->llm);
	meed_llm_stats_since(&ret->llm, &r.llm_before);
	ret->ns = meed_now_ns() - t0;
	run_release(&r);
	return st;
}
