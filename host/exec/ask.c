/* ask.c - one post, awaited; and its outcome in the words of SandboxFusion's API. */
#include "config.h"

#include "host/exec/exec.h"

#include <pthread.h>
#include <stdio.h>

struct wait {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

static void wait_done(struct meed_request *r)
{
	struct wait *w = (struct wait *)(void *)r->ctx;

	(void)pthread_mutex_lock(&w->lock);
	w->done = true;
	(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&w->lock);
}

void meed_exec_ask(struct meed_transport *t, const meed_exec *e, struct meed_request *q)
{
	struct wait w = { .done = false };

	*q = (struct meed_request){ .kind = MEED_REQ_EXEC,
				    .exec = e,
				    .reply = { .struct_size = sizeof(q->reply),
					       .error = MEED_STR("") },
				    .done = wait_done,
				    .ctx = (struct meed_ctx *)(void *)&w };
	(void)pthread_mutex_init(&w.lock, NULL);
	(void)pthread_cond_init(&w.cond, NULL);
	t->submit(t, q);
	(void)pthread_mutex_lock(&w.lock);
	while (!w.done)
		(void)pthread_cond_wait(&w.cond, &w.lock);
	(void)pthread_mutex_unlock(&w.lock);
	(void)pthread_cond_destroy(&w.cond);
	(void)pthread_mutex_destroy(&w.lock);
	q->ctx = NULL;
}

/* ---- outcomes ---- */

const char *meed_ran_name(uint32_t outcome)
{
	static const char *const names[] = { "not run",		 "exit",	   "signal",
					     "wall clock limit", "CPU time limit", "memory limit",
					     "output limit" };

	return outcome < sizeof(names) / sizeof(names[0]) ? names[outcome] : "unknown";
}

static bool is_good(const meed_ran *r)
{
	return !r || (r->outcome == MEED_RAN_EXIT && r->code == 0);
}

static void put_text(struct meed_buf *b, meed_str s)
{
	struct meed_buf clean = { 0 };

	meed_utf8_scrub(&clean, s);
	meed_buf_json_str(b, (meed_str){ clean.p ? clean.p : "", clean.n });
	if (clean.failed)
		b->failed = true;
	meed_buf_release(&clean);
}

/* As Python's subprocess says it: a signal is negative, and what was killed was killed by 9. */
static void put_code(struct meed_buf *b, const meed_ran *r)
{
	if (r->outcome == MEED_RAN_WALL || r->outcome == MEED_RAN_CPU)
		MEED_BUF_LIT(b, "null");
	else
		meed_buf_printf(b, "%d",
				r->outcome == MEED_RAN_EXIT	? r->code
				: r->outcome == MEED_RAN_SIGNAL ? -r->code
								: -9);
}

static void put_ran(struct meed_buf *b, const meed_ran *r)
{
	bool late;

	if (!r || r->outcome == MEED_RAN_NOT) {
		MEED_BUF_LIT(b, "null");
		return;
	}
	late = r->outcome == MEED_RAN_WALL || r->outcome == MEED_RAN_CPU;
	meed_buf_printf(b, "{\"status\":\"%s\",\"execution_time\":",
			late ? "TimeLimitExceeded" : "Finished");
	meed_buf_json_num(b, (double)r->wall_us / 1e6);
	MEED_BUF_LIT(b, ",\"return_code\":");
	put_code(b, r);
	MEED_BUF_LIT(b, ",\"stdout\":");
	put_text(b, r->out);
	MEED_BUF_LIT(b, ",\"stderr\":");
	put_text(b, r->err);
	meed_buf_printf(b, ",\"outcome\":\"%s\",\"cpu_time\":", meed_ran_name(r->outcome));
	meed_buf_json_num(b, (double)r->cpu_us / 1e6);
	meed_buf_printf(b, ",\"memory_peak\":%llu,\"cut\":%s}", (unsigned long long)r->memory_peak,
			r->cut ? "true" : "false");
}

static void put_message(struct meed_buf *b, const meed_ran *compiled, const meed_ran *run)
{
	const meed_ran *bad = is_good(compiled) ? run : compiled;

	if (is_good(bad)) {
		MEED_BUF_LIT(b, "\"\"");
		return;
	}
	meed_buf_printf(b, "\"%s: ", bad == run ? "run" : "compile");
	if (bad->outcome == MEED_RAN_EXIT)
		meed_buf_printf(b, "exit status %d\"", bad->code);
	else if (bad->outcome == MEED_RAN_SIGNAL)
		meed_buf_printf(b, "signal %d\"", bad->code);
	else
		meed_buf_printf(b, "%s\"", meed_ran_name(bad->outcome));
}

static void put_files(struct meed_buf *b, const meed_ran *r)
{
	MEED_BUF_LIT(b, ",\"files\":{");
	for (size_t i = 0; r && i < r->n_files; i++) {
		if (i)
			meed_buf_putc(b, ',');
		put_text(b, meed_str_of(r->files[i].path));
		MEED_BUF_LIT(b, ":\"");
		meed_base64(b, r->files[i].data.p, r->files[i].data.n);
		meed_buf_putc(b, '"');
	}
	meed_buf_putc(b, '}');
}

void meed_exec_json(const struct meed_request *q, struct meed_buf *b)
{
	const meed_exec_result *x = q->reply.status == MEED_OK ? q->ran : NULL;
	const meed_ran *run = x && x->n_runs ? x->runs[0] : NULL;
	const meed_ran *compiled = x ? x->compiled : NULL;

	meed_buf_printf(b, "{\"status\":\"%s\",\"message\":",
			!x				    ? "SandboxError"
			: is_good(compiled) && is_good(run) ? "Success"
							    : "Failed");
	if (x)
		put_message(b, compiled, run);
	else
		put_text(b, q->reply.error);
	MEED_BUF_LIT(b, ",\"compile_result\":");
	put_ran(b, compiled);
	MEED_BUF_LIT(b, ",\"run_result\":");
	put_ran(b, run);
	MEED_BUF_LIT(b, ",\"executor_pod_name\":null");
	put_files(b, run);
	MEED_BUF_LIT(b, "}\n");
}
