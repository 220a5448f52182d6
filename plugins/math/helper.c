/* helper.c - the pool of helper processes: what may blow up or abort runs there. */
#include "config.h"

#include "plugins/math/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <flint/flint.h>

enum {
	POOL = 16
};

struct process {
	pid_t pid;			/* 0: none */
	int fd;
	bool busy;
};

struct mx_helper {
	char *path;
	uint64_t memory_bytes;
	pthread_mutex_t lock;		/* of proc[]; held for a few instructions only */
	pthread_cond_t idle;
	pthread_key_t thread;		/* its destructor frees FLINT's memory of a thread */
	struct process proc[POOL];
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void thread_ends(void *unused)
{
	(void)unused;
	flint_cleanup();
}

struct mx_helper *mx_helper_new(const char *path, uint64_t memory_bytes)
{
	struct mx_helper *h = calloc(1, sizeof(*h));
	pthread_condattr_t attr;

	if (!h)
		return NULL;
	h->memory_bytes = memory_bytes;
	h->path = strdup(path ? path : "");
	if (!h->path)
		goto no_path;
	if (pthread_key_create(&h->thread, thread_ends) != 0)
		goto no_key;
	if (pthread_mutex_init(&h->lock, NULL) != 0)
		goto no_lock;
	if (pthread_condattr_init(&attr) != 0)
		goto no_attr;
	if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&h->idle, &attr) != 0)
		goto no_cond;
	(void)pthread_condattr_destroy(&attr);
	return h;
no_cond:
	(void)pthread_condattr_destroy(&attr);
no_attr:
	(void)pthread_mutex_destroy(&h->lock);
no_lock:
	(void)pthread_key_delete(h->thread);
no_key:
	free(h->path);
no_path:
	free(h);
	return NULL;
}

void mx_helper_thread(struct mx_helper *h)
{
	if (h && !pthread_getspecific(h->thread))
		(void)pthread_setspecific(h->thread, h);
}

/* Ends a process and reaps it, whatever the host does about SIGCHLD. */
static void stop(struct process *p)
{
	pid_t r;

	if (p->pid <= 0)
		return;
	(void)close(p->fd);
	r = waitpid(p->pid, NULL, WNOHANG);
	if (r == 0) {
		(void)kill(p->pid, SIGKILL);
		do {
			r = waitpid(p->pid, NULL, 0);
		} while (r < 0 && errno == EINTR);
	}
	p->pid = 0;
	p->fd = -1;
}

void mx_helper_free(struct mx_helper *h)
{
	size_t i;

	if (!h)
		return;
	for (i = 0; i < POOL; i++)
		stop(&h->proc[i]);
	(void)pthread_cond_destroy(&h->idle);
	(void)pthread_mutex_destroy(&h->lock);
	(void)pthread_key_delete(h->thread);
	free(h->path);
	free(h);
}

/* A child with the socket as its standard input and output and nothing else of the host's. */
static bool start(const struct mx_helper *h, struct process *p)
{
	extern char **environ;
	char memory[24], name[] = "meed-math";
	char *argv[] = { name, memory, NULL };
	struct meed_text t = meed_text_in(memory, sizeof(memory) - 1);
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	int fd[2], r = -1;
	sigset_t all, none;
	pid_t pid;

	meed_text_u64(&t, h->memory_bytes);
	memory[t.n] = '\0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return false;
	if (posix_spawn_file_actions_init(&fa) != 0)
		goto no_actions;
	if (posix_spawnattr_init(&at) != 0)
		goto no_attr;
	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	if (posix_spawn_file_actions_adddup2(&fa, fd[1], 0) == 0 &&
	    posix_spawn_file_actions_adddup2(&fa, fd[1], 1) == 0 &&
	    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0) == 0 &&
	    posix_spawn_file_actions_addclosefrom_np(&fa, 3) == 0 &&
	    posix_spawnattr_setsigdefault(&at, &all) == 0 &&
	    posix_spawnattr_setsigmask(&at, &none) == 0 && posix_spawnattr_setpgroup(&at, 0) == 0 &&
	    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
				     POSIX_SPAWN_SETPGROUP) == 0)
		r = posix_spawn(&pid, h->path, &fa, &at, argv, environ);
	(void)posix_spawnattr_destroy(&at);
no_attr:
	(void)posix_spawn_file_actions_destroy(&fa);
no_actions:
	(void)close(fd[1]);
	if (r != 0) {
		(void)close(fd[0]);
		return false;
	}
	p->pid = pid;
	p->fd = fd[0];
	return true;
}

/* A slot for this call alone, with or without a process; NULL if none gets free in time. */
static struct process *take(struct mx_helper *h, uint64_t until_ms)
{
	struct timespec ts = { (time_t)(until_ms / 1000), (long)(until_ms % 1000) * 1000000 };
	struct process *p = NULL, *empty = NULL;
	size_t i;
	int r = 0;

	if (pthread_mutex_lock(&h->lock) != 0)
		return NULL;
	while (!p && r == 0) {
		empty = NULL;
		for (i = 0; i < POOL && !p; i++) {
			if (!h->proc[i].busy && h->proc[i].pid > 0)
				p = &h->proc[i];
			else if (!h->proc[i].busy && !empty)
				empty = &h->proc[i];
		}
		p = p ? p : empty;
		if (!p)
			r = pthread_cond_timedwait(&h->idle, &h->lock, &ts);
	}
	if (p)
		p->busy = true;
	(void)pthread_mutex_unlock(&h->lock);
	return p;
}

static void give(struct mx_helper *h, struct process *p)
{
	(void)pthread_mutex_lock(&h->lock);
	p->busy = false;
	(void)pthread_cond_signal(&h->idle);
	(void)pthread_mutex_unlock(&h->lock);
}

/* Waits until fd is ready: 1, or 0 on time-out, -1 on error. */
static int ready(int fd, short events, uint64_t until_ms)
{
	struct pollfd pf = { fd, events, 0 };
	uint64_t now;
	int r;

	do {
		now = now_ms();
		r = now >= until_ms ? 0 :
		    poll(&pf, 1, until_ms - now > 60000 ? 60000 : (int)(until_ms - now));
	} while ((r < 0 && errno == EINTR) || (r == 0 && now_ms() < until_ms));
	return r;
}

enum io { IO_OK, IO_DEAD, IO_LATE };

static enum io send_all(int fd, const unsigned char *p, size_t n, uint64_t until_ms)
{
	ssize_t k;
	int r;

	while (n > 0) {
		r = ready(fd, POLLOUT, until_ms);
		if (r <= 0)
			return r == 0 ? IO_LATE : IO_DEAD;
		k = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (k < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (k <= 0)
			return IO_DEAD;
		p += k;
		n -= (size_t)k;
	}
	return IO_OK;
}

static enum io receive_all(int fd, unsigned char *p, size_t n, uint64_t until_ms)
{
	ssize_t k;
	int r;

	while (n > 0) {
		r = ready(fd, POLLIN, until_ms);
		if (r <= 0)
			return r == 0 ? IO_LATE : IO_DEAD;
		k = recv(fd, p, n, MSG_DONTWAIT);
		if (k < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (k <= 0)
			return IO_DEAD;
		p += k;
		n -= (size_t)k;
	}
	return IO_OK;
}

static enum io exchange(struct process *p, const struct wire *request, struct wire *reply,
			uint64_t until_ms)
{
	uint32_t n = (uint32_t)request->n;
	unsigned char head[sizeof(n)];
	enum io r;

	memcpy(head, &n, sizeof(n));
	r = send_all(p->fd, head, sizeof(head), until_ms);
	if (r == IO_OK)
		r = send_all(p->fd, request->p, request->n, until_ms);
	if (r == IO_OK)
		r = receive_all(p->fd, head, sizeof(head), until_ms);
	if (r != IO_OK)
		return r;
	memcpy(&n, head, sizeof(n));
	if (n > WIRE_MAX)
		return IO_DEAD;
	reply->p = mx_alloc(reply->e, n + 1);
	if (!reply->p)
		return IO_DEAD;
	reply->n = n;
	return receive_all(p->fd, reply->p, n, until_ms);
}

static void say(struct mx_outcome *o, const char *rule)
{
	o->verdict = MX_UNDECIDED;
	o->rule = rule;
	o->detail[0] = '\0';
}

void mx_helper_ask(struct mx_helper *h, struct mx_env *e, const struct mx *gold,
		   const struct mx *pred, uint32_t timeout_ms, struct mx_outcome *ret)
{
	const struct mx_opts none = { 0, 6, true, true, false, false, 0, 0, 0 };
	struct wire request = { e, NULL, 0, 0, false }, reply = { e, NULL, 0, 0, false };
	struct wire_request q;
	uint64_t until = now_ms() + timeout_ms;
	struct process *p;
	enum io r;

	say(ret, "not decided: no helper process could be started");
	memset(&q, 0, sizeof(q));
	q.seed = e->seed;
	q.steps = 1u << 30;
	q.timeout_ms = timeout_ms;
	q.opts = e->opts ? *e->opts : none;
	wire_put_request(&request, &q, gold, pred);
	if (request.bad) {
		say(ret, "not decided: too large for the helper process");
		return;
	}
	p = take(h, until);
	if (!p) {
		say(ret, "not decided: all helper processes were busy");
		return;
	}
	if (p->pid > 0 || start(h, p)) {
		r = exchange(p, &request, &reply, until);
		if (r == IO_OK && !wire_get_outcome(&reply, ret))
			r = IO_DEAD;
		if (r == IO_LATE)
			say(ret, "not decided: the helper process took too long");
		else if (r == IO_DEAD)
			say(ret, "not decided: the helper process ended at its limits");
		if (r != IO_OK)
			stop(p);
	}
	give(h, p);
}
