/* client.c - the transport over a pool of cages: one thread, a queue, a poll loop. */
#include "config.h"

#include "host/exec/bwrap.h"
#include "host/exec/internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

enum {
	READY_MS = 20000, /* from a cage's start to its HELLO */
	GRACE_MS = 5000,  /* beyond a job's own limits: the machine may be busy */
	END_MS = 1000,	  /* from the end of its socket to its end */
	TRIES = 2,	  /* of one job */
	FIRST_TRIES = 2,  /* of the first cage: there may be no cages here */
	START_TRIES = 5,  /* in a row, once one has been ready */
	LOOK_MS = 2,	  /* how often those that end are looked at */
	CAGES_MAX = 1024
};

struct queue {
	struct exec_job *first, *last;
	size_t n;
};

struct exec_client {
	struct meed_transport face;
	const struct meed_exec_conf *conf;
	const struct meed_log *log;
	int wake; /* eventfd */
	pthread_t thread;
	/* guarded by lock */
	pthread_mutex_t lock;
	struct queue inbox;
	bool started, stop, cancel;
	bool ready; /* a cage has said hello; hello is set */
	struct wire_hello hello;
	char cgroups[32];
	/* the thread's own */
	struct queue queue;
	struct cage *cages;
	size_t n_cages;
	char **argv;
	uint64_t last_id, ready_ms, grace_ms;
	unsigned n_failed; /* starts that failed, in a row */
	uint64_t start_after_ns;
	int32_t broken; /* no cage can be had: what requests are answered with */
	char why[800];
};

/* ---- the queue ---- */

static void queue_put(struct queue *q, struct exec_job *j)
{
	j->next = NULL;
	if (q->last)
		q->last->next = j;
	else
		q->first = j;
	q->last = j;
	q->n++;
}

static void queue_put_first(struct queue *q, struct exec_job *j)
{
	j->next = q->first;
	q->first = j;
	if (!q->last)
		q->last = j;
	q->n++;
}

static struct exec_job *queue_take(struct queue *q)
{
	struct exec_job *j = q->first;

	if (!j)
		return NULL;
	q->first = j->next;
	if (!q->first)
		q->last = NULL;
	q->n--;
	return j;
}

static void queue_fail(struct queue *q, int32_t code, const char *why)
{
	struct exec_job *j;

	while ((j = queue_take(q)))
		exec_job_fail(j, code, "%s", why);
}

/* ---- cages that fail ---- */

static void give_up(struct exec_client *k, int32_t code, const char *why)
{
	if (k->broken)
		return;
	k->broken = code;
	(void)snprintf(k->why, sizeof(k->why), "programs cannot be run: %.700s", why);
	meed_log(k->log, MEED_LOG_WARN, "%s (meed doctor says more)", k->why);
}

static void start_failed(struct exec_client *k, const char *why)
{
	k->n_failed++;
	if (!k->ready && k->n_failed >= FIRST_TRIES)
		give_up(k, MEED_E_UNSUPPORTED, why);
	else if (k->n_failed >= START_TRIES)
		give_up(k, MEED_E_UPSTREAM, why);
	else
		k->start_after_ns = meed_now_ns() + (50 * MS << k->n_failed);
}

/* Ends a cage that died, sent what is no answer, or does not answer; its job is tried once more. */
static void cage_failed(struct exec_client *k, struct cage *c, const char *what)
{
	char said[256], why[700];
	struct exec_job *j = c->job;
	bool starting = c->state == CAGE_STARTING;

	cage_listen(c);
	(void)cage_said(c, said, sizeof(said));
	/* one that hangs is not asked */
	cage_end(c, true, meed_now_ns() + END_MS * MS);
	if (starting) {
		exec_explain(&k->conf->sandbox, said, why, sizeof(why));
		start_failed(k, why);
		return;
	}
	(void)snprintf(why, sizeof(why), "a cage %s%s%s", what, *said ? ": " : "", said);
	if (!j) {
		meed_log(k->log, MEED_LOG_WARN, "%s; another is started when needed", why);
		return;
	}
	if (++j->tries < TRIES) {
		meed_log(k->log, MEED_LOG_WARN, "%s; its program is tried once more", why);
		queue_put_first(&k->queue, j);
	} else {
		exec_job_fail(j, MEED_E_UPSTREAM, "%s, twice with this program", why);
	}
}

/* ---- what cages say ---- */

static bool take_hello(struct exec_client *k, struct cage *c)
{
	meed_str body = { c->body, c->n_body };
	struct wire_hello h;

	if (c->state != CAGE_STARTING || wire_get_hello(body, &h) < 0 || h.version != 1)
		return false;
	(void)pthread_mutex_lock(&k->lock);
	if (!k->ready) {
		(void)snprintf(k->cgroups, sizeof(k->cgroups), "%.31s", h.cgroups.p);
		k->hello = h;
		k->hello.cgroups = meed_str_of(k->cgroups);
		k->ready = true;
	}
	(void)pthread_mutex_unlock(&k->lock);
	k->n_failed = 0;
	c->state = CAGE_IDLE;
	c->deadline_ns = 0;
	return true;
}

static bool take_answer(struct cage *c)
{
	meed_str body = { c->body, c->n_body };

	if (c->state != CAGE_BUSY || c->sent < c->out.n ||
	    exec_job_answer(c->job, body, &c->in) != MEED_OK)
		return false;
	c->job = NULL;
	c->state = CAGE_IDLE;
	c->deadline_ns = 0;
	return true;
}

static void cage_readable(struct exec_client *k, struct cage *c)
{
	int32_t r = cage_receive(c);
	bool good;

	if (r == MEED_PENDING)
		return;
	if (r < 0) {
		cage_failed(k, c,
			    r == MEED_E_UPSTREAM ? "died"
			    : r == MEED_E_NOMEM	 ? "had an answer for which there is no memory"
						 : "sent what is no frame");
		return;
	}
	good = c->kind == WIRE_HELLO ? take_hello(k, c) : c->kind == WIRE_ANSWER && take_answer(c);
	if (good)
		cage_frame_done(c);
	else
		cage_failed(k, c, "sent what is no answer");
}

static void cage_overdue(struct exec_client *k, struct cage *c)
{
	if (c->state == CAGE_ENDING)
		(void)cage_reap(c, true);
	else
		cage_failed(k, c,
			    c->state == CAGE_STARTING ? "was not ready in time"
						      : "did not answer in time");
}

/* ---- giving out work ---- */

static void start_one(struct exec_client *k, struct cage *c)
{
	struct meed_err err = { 0 };

	if (!k->argv && exec_setup(&k->conf->sandbox, &err, &k->argv) < 0) {
		give_up(k, err.code, err.text);
		return;
	}
	if (cage_start(c, k->argv, k->conf->sandbox.uid, &err) < 0) {
		start_failed(k, err.text);
		return;
	}
	c->deadline_ns = meed_now_ns() + k->ready_ms * MS;
}

/* As many as there is work for that no idle or starting one will do; one until it is known that
 * they can be had. */
static void start_cages(struct exec_client *k)
{
	size_t coming = 0, most = k->ready ? k->queue.n : k->queue.n > 0;

	for (size_t i = 0; i < k->n_cages; i++)
		coming += k->cages[i].state == CAGE_STARTING;
	for (size_t i = 0; i < k->n_cages && coming < most && !k->broken; i++) {
		if (k->cages[i].state != CAGE_NONE || meed_now_ns() < k->start_after_ns)
			continue;
		start_one(k, &k->cages[i]);
		coming++;
	}
}

/* The idle cage that suits best: one that has run this before. */
static struct cage *idle_cage(struct exec_client *k, uint64_t bit)
{
	struct cage *any = NULL;

	for (size_t i = 0; i < k->n_cages; i++) {
		struct cage *c = &k->cages[i];

		if (c->state != CAGE_IDLE)
			continue;
		if (c->seen & bit)
			return c;
		any = any ? any : c;
	}
	return any;
}

static uint64_t bit_of(const struct exec_client *k, const struct meed_exec_runtime *r)
{
	size_t i = (size_t)(r - k->conf->runtimes);

	return i < 64 ? UINT64_C(1) << i : 0;
}

static void give_job(struct exec_client *k, struct cage *c, struct exec_job *j)
{
	j->id = ++k->last_id;
	c->sent = 0;
	if (!exec_job_frame(k->conf, j, &c->out)) {
		meed_buf_release(&c->out);
		return;
	}
	c->job = j;
	c->state = CAGE_BUSY;
	c->seen |= bit_of(k, j->program);
	c->deadline_ns = meed_now_ns() + (j->ms + k->grace_ms) * MS;
	if (cage_send(c) < 0)
		cage_failed(k, c, "died");
}

static void give_jobs(struct exec_client *k)
{
	struct cage *c;

	while (k->queue.first && !k->broken) {
		struct exec_job *j = k->queue.first;

		if (!j->program) {
			(void)queue_take(&k->queue);
			if (exec_job_open(k->conf, j))
				queue_put_first(&k->queue, j);
			continue;
		}
		c = idle_cage(k, bit_of(k, j->program));
		if (!c)
			break;
		give_job(k, c, queue_take(&k->queue));
	}
}

/* ---- the loop ---- */

static void cancel_everything(struct exec_client *k)
{
	static const char why[] = "the run was stopped";

	queue_fail(&k->queue, MEED_E_CANCELLED, why);
	for (size_t i = 0; i < k->n_cages; i++) {
		struct cage *c = &k->cages[i];
		struct exec_job *j = c->job;

		if (c->state != CAGE_BUSY)
			continue;
		cage_end(c, false, meed_now_ns() + END_MS * MS);
		exec_job_fail(j, MEED_E_CANCELLED, "%s", why);
	}
}

/* Takes what was submitted; false: the transport is to end. */
static bool take_inbox(struct exec_client *k)
{
	bool stop, cancel;
	struct exec_job *j;

	(void)pthread_mutex_lock(&k->lock);
	while ((j = queue_take(&k->inbox)))
		queue_put(&k->queue, j);
	stop = k->stop;
	cancel = k->cancel;
	k->cancel = false;
	(void)pthread_mutex_unlock(&k->lock);
	if (cancel || stop)
		cancel_everything(k);
	return !stop;
}

static int wait_ms(const struct exec_client *k)
{
	uint64_t now = meed_now_ns(), first = UINT64_MAX;

	for (size_t i = 0; i < k->n_cages; i++) {
		const struct cage *c = &k->cages[i];

		if (c->state == CAGE_ENDING && now + LOOK_MS * MS < first)
			first = now + LOOK_MS * MS;
		if (c->state != CAGE_NONE && c->deadline_ns && c->deadline_ns < first)
			first = c->deadline_ns;
	}
	if (k->queue.n && !k->broken && k->start_after_ns > now && k->start_after_ns < first)
		first = k->start_after_ns;
	if (first == UINT64_MAX)
		return -1;
	return first <= now ? 0 : (int)((first - now + MS - 1) / MS);
}

static void look_at(struct exec_client *k, struct cage *c, short events, short err_events)
{
	if (err_events)
		cage_listen(c);
	if (c->state == CAGE_ENDING) {
		(void)cage_reap(c, false);
		return;
	}
	if (c->state == CAGE_BUSY && (events & POLLOUT) && cage_send(c) < 0) {
		cage_failed(k, c, "died");
		return;
	}
	if (events & (POLLIN | POLLHUP | POLLERR))
		cage_readable(k, c);
}

static void turn(struct exec_client *k, struct pollfd *v)
{
	uint64_t n, now;

	v[0] = (struct pollfd){ .fd = k->wake, .events = POLLIN };
	for (size_t i = 0; i < k->n_cages; i++) {
		const struct cage *c = &k->cages[i];
		bool live = c->state != CAGE_NONE;
		bool ending = c->state == CAGE_ENDING;
		short out = c->state == CAGE_BUSY && c->sent < c->out.n ? POLLOUT : 0;

		/* a shut socket is always ready: of one that ends, only the process counts */
		v[1 + 2 * i] = (struct pollfd){ .fd = live && !ending ? c->fd : -1,
						.events = (short)(POLLIN | out) };
		v[2 + 2 * i] = (struct pollfd){ .fd = live ? c->err_fd : -1, .events = POLLIN };
	}
	if (poll(v, 1 + 2 * k->n_cages, wait_ms(k)) < 0 && errno != EINTR)
		return;
	if (v[0].revents && read(k->wake, &n, sizeof(n)) < 0)
		v[0].revents = 0;
	now = meed_now_ns();
	for (size_t i = 0; i < k->n_cages; i++) {
		struct cage *c = &k->cages[i];

		if (c->state != CAGE_NONE)
			look_at(k, c, v[1 + 2 * i].revents, v[2 + 2 * i].revents);
		if (c->state != CAGE_NONE && c->deadline_ns && c->deadline_ns <= now)
			cage_overdue(k, c);
	}
}

static bool any_cage(const struct exec_client *k)
{
	for (size_t i = 0; i < k->n_cages; i++)
		if (k->cages[i].state != CAGE_NONE)
			return true;
	return false;
}

static void end_cages(struct exec_client *k, struct pollfd *v)
{
	for (size_t i = 0; i < k->n_cages; i++)
		if (k->cages[i].state != CAGE_NONE && k->cages[i].state != CAGE_ENDING)
			cage_end(&k->cages[i], false, meed_now_ns() + END_MS * MS);
	while (any_cage(k))
		turn(k, v);
}

static void *client_main(void *arg)
{
	struct exec_client *k = arg;
	struct pollfd *v = calloc(1 + 2 * k->n_cages, sizeof(*v));

	if (!v)
		give_up(k, MEED_E_NOMEM, "out of memory");
	while (take_inbox(k)) {
		if (!k->broken)
			give_jobs(k);
		if (!k->broken)
			start_cages(k);
		if (k->broken)
			queue_fail(&k->queue, k->broken, k->why);
		if (v) {
			turn(k, v);
		} else {
			uint64_t n;

			(void)!read(k->wake, &n, sizeof(n));
		}
	}
	if (v)
		end_cages(k, v);
	free(v);
	return NULL;
}

/* ---- the face ---- */

static void wake_up(const struct exec_client *k)
{
	uint64_t one = 1;
	ssize_t n = write(k->wake, &one, sizeof(one));

	(void)n; /* full: it is awake */
}

/* Signals are for the program's own threads. */
static bool start_thread(struct exec_client *k)
{
	sigset_t all, before;
	bool ok;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&k->thread, NULL, client_main, k) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static void client_submit(struct meed_transport *t, struct meed_request *r)
{
	struct exec_client *k = t->impl;
	struct exec_job *j = calloc(1, sizeof(*j));
	bool ok = j != NULL;

	(void)pthread_mutex_lock(&k->lock);
	if (ok && !k->started)
		ok = k->started = start_thread(k);
	if (ok) {
		j->r = r;
		queue_put(&k->inbox, j);
	}
	(void)pthread_mutex_unlock(&k->lock);
	if (ok) {
		wake_up(k);
		return;
	}
	free(j);
	r->reply.status = MEED_E_NOMEM;
	r->reply.error = MEED_STR("out of memory or threads");
	r->done(r);
}

static void client_cancel_all(struct meed_transport *t)
{
	struct exec_client *k = t->impl;

	(void)pthread_mutex_lock(&k->lock);
	k->cancel = true;
	(void)pthread_mutex_unlock(&k->lock);
	wake_up(k);
}

static void client_free(struct meed_transport *t)
{
	struct exec_client *k = t->impl;

	(void)pthread_mutex_lock(&k->lock);
	k->stop = true;
	(void)pthread_mutex_unlock(&k->lock);
	wake_up(k);
	if (k->started)
		(void)pthread_join(k->thread, NULL);
	if (k->wake >= 0)
		(void)close(k->wake);
	meed_bwrap_free(k->argv);
	free(k->cages);
	(void)pthread_mutex_destroy(&k->lock);
	free(k);
}

bool exec_transport_hello(struct meed_transport *t, char cgroups[32], bool *ret_memory,
			  bool *ret_pids)
{
	struct exec_client *k = t->impl;
	bool ready;

	(void)pthread_mutex_lock(&k->lock);
	ready = k->ready;
	if (ready) {
		memcpy(cgroups, k->cgroups, sizeof(k->cgroups));
		*ret_memory = k->hello.memory_limit;
		*ret_pids = k->hello.pids_limit;
	}
	(void)pthread_mutex_unlock(&k->lock);
	return ready;
}

void exec_transport_patience(struct meed_transport *t, uint64_t ready_ms, uint64_t grace_ms)
{
	struct exec_client *k = t->impl;

	k->ready_ms = ready_ms;
	k->grace_ms = grace_ms;
}

static size_t count_cages(const struct meed_exec_sandbox *s)
{
	cpu_set_t set;
	size_t n = s->workers;

	if (!n && sched_getaffinity(0, sizeof(set), &set) == 0)
		n = (size_t)CPU_COUNT(&set);
	return n < 1 ? 1 : n > CAGES_MAX ? CAGES_MAX : n;
}

int32_t meed_exec_transport_new(const struct meed_exec_conf *conf, const struct meed_log *log,
				struct meed_err *err, struct meed_transport **ret)
{
	struct exec_client *k = calloc(1, sizeof(*k));

	if (!k)
		return meed_err_nomem(err);
	k->face = (struct meed_transport){ .impl = k,
					   .submit = client_submit,
					   .cancel_all = client_cancel_all,
					   .free = client_free };
	k->conf = conf;
	k->log = log;
	k->ready_ms = READY_MS;
	k->grace_ms = GRACE_MS;
	(void)pthread_mutex_init(&k->lock, NULL);
	k->n_cages = count_cages(&conf->sandbox);
	k->cages = calloc(k->n_cages, sizeof(*k->cages));
	k->wake = eventfd(0, EFD_CLOEXEC);
	if (!k->cages || k->wake < 0) {
		client_free(&k->face);
		return meed_err_nomem(err);
	}
	*ret = &k->face;
	return MEED_OK;
}
