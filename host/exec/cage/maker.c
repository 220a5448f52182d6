/* maker.c - boxes: the process that makes them, and the cage's hold on each. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 20000			/* a box takes one; a machine may be busy */

struct request {
	char folder[64];
};

/* ---- the maker ---- */

static void child(const struct box_rules *rules, int ctl, const char *folder)
	__attribute__((noreturn));
static void child(const struct box_rules *rules, int ctl, const char *folder)
{
	if (dup2(ctl, 3) < 0)
		_exit(125);
	(void)fcntl(3, F_SETFD, FD_CLOEXEC);
	(void)syscall(SYS_close_range, 0u, 2u, 0);
	(void)syscall(SYS_close_range, 4u, ~0u, 0);
	box_init(rules, 3, folder);
}

/* The cage is the parent of what is made, not the maker. */
static void serve(const struct box_rules *rules, int fd) __attribute__((noreturn));
static void serve(const struct box_rules *rules, int fd)
{
	const unsigned long spaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC |
				     CLONE_NEWUTS | CLONE_NEWCGROUP;
	unsigned long flags = CLONE_PARENT | SIGCHLD | (rules->confined ? spaces : 0);
	struct request q;
	int ctl;
	int32_t pid;

	while (box_recv(fd, &q, sizeof(q), &ctl, 1) && ctl >= 0) {
		q.folder[sizeof(q.folder) - 1] = '\0';
		pid = (int32_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
		if (pid == 0)
			child(rules, ctl, q.folder[0] ? q.folder : NULL);
		if (pid < 0)
			pid = -errno;
		(void)close(ctl);
		if (!box_send(fd, &pid, sizeof(pid), NULL, 0))
			break;
	}
	_exit(0);
}

int maker_start(struct cage *c)
{
	int pair[2], r = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		r = -errno;
		(void)close(pair[0]);
		goto out;
	}
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(pair[0]);
		(void)close(c->host);
		cage_offer(1000);
		serve(c->rules, pair[1]);
	}
	c->maker = pair[0];
	c->maker_pid = pid;
out:
	(void)close(pair[1]);
	return r;
}

/* ---- the cage's side ---- */

static struct box *box_new(void)
{
	struct box *b = calloc(1, sizeof(*b));

	if (b)
		b->pidfd = b->ctl = b->work = b->proc = -1;
	return b;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int ask(struct cage *c, struct box *b)
{
	struct request q = { { 0 } };
	int pair[2], r = 0;

	if (!c->rules->confined) {
		(void)snprintf(b->folder, sizeof(b->folder), "/tmp/meed-box-XXXXXX");
		if (!mkdtemp(b->folder)) {
			b->folder[0] = '\0';
			return -errno;
		}
		memcpy(q.folder, b->folder, sizeof(q.folder));
		b->work = open(b->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	b->ctl = pair[0];
	b->asked = box_send(c->maker, &q, sizeof(q), &pair[1], 1);
	if (!b->asked)
		r = -EPIPE;
	(void)close(pair[1]);
	return r;
}

void box_prepare(struct cage *c)
{
	if (c->spare)
		return;
	c->spare = box_new();
	if (c->spare && ask(c, c->spare) < 0) {
		box_free(c, c->spare);
		c->spare = NULL;
	}
}

static int32_t say(struct meed_err *err, const char *what, int r)
{
	return meed_err_set(err, MEED_E_UNSUPPORTED, "cannot make a box: cannot %s: %s", what,
			    strerror(-r));
}

static int32_t wait_ready(struct cage *c, struct box *b, struct meed_err *err)
{
	struct pollfd p = { .fd = b->ctl, .events = POLLIN };
	struct box_note n;
	int fds[2], r;
	int32_t pid;

	b->asked = false;
	if (!box_recv(c->maker, &pid, sizeof(pid), NULL, 0)) {
		c->broken = true;
		return say(err, "ask the maker of boxes", -EPIPE);
	}
	if (pid < 0)
		return say(err, "create its namespaces", pid);
	b->pid = pid;
	b->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (b->pidfd < 0)
		return say(err, "open its pidfd", -errno);
	do
		r = poll(&p, 1, READY_MS);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return say(err, "wait for it", -ETIMEDOUT);
	if (!box_recv(b->ctl, &n, sizeof(n), fds, 2))
		return say(err, "hear from it", -EPIPE);
	if (n.kind != BOX_READY)
		return say(err, box_step_text(n.step), -n.value);
	if (c->rules->confined) {
		b->work = fds[0];
		b->proc = fds[1];
	}
	return MEED_OK;
}

struct box *box_take(struct cage *c, struct meed_err *err)
{
	struct box *b;
	int r = 0;

	b = c->spare;
	c->spare = NULL;
	if (!b) {
		b = box_new();
		if (!b) {
			(void)meed_err_nomem(err);
			goto out;
		}
		r = ask(c, b);
		c->broken = r == -EPIPE;
		if (r < 0) {
			(void)say(err, "ask for it", r);
			goto drop;
		}
	}
	if (wait_ready(c, b, err) == MEED_OK)
		goto out;
drop:
	box_free(c, b);
	b = NULL;
out:
	return b;
}

void box_kill(struct cage *c, struct box *b, uint64_t *cpu_us, uint64_t *peak)
{
	struct rusage u = { 0 };
	uint64_t most;
	pid_t p;

	if (b->pid <= 0)
		return;
	if (!c->rules->confined)
		kill_tree(b->pid);
	(void)kill(b->pid, SIGKILL);
	do
		p = wait4(b->pid, NULL, __WALL, &u);
	while (p < 0 && errno == EINTR);
	b->pid = 0;
	close_fd(&b->pidfd);
	close_fd(&b->proc);
	*cpu_us += (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000u +
		   (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	most = (uint64_t)u.ru_maxrss * 1024u;
	if (*peak < most)
		*peak = most;
}

void box_free(struct cage *c, struct box *b)
{
	uint64_t cpu = 0, peak = 0;
	int32_t pid;

	if (!b)
		return;
	if (b->asked && box_recv(c->maker, &pid, sizeof(pid), NULL, 0) && pid > 0)
		b->pid = pid;
	box_kill(c, b, &cpu, &peak);
	close_fd(&b->pidfd);
	close_fd(&b->ctl);
	close_fd(&b->work);
	close_fd(&b->proc);
	if (b->folder[0])
		folder_remove(b->folder);
	free(b);
}
