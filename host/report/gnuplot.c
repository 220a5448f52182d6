/* gnuplot.c - running gnuplot: no shell, no files, no user's settings, a limit of time and size. */
#include "config.h"
#include "host/report/page.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME_LIMIT_NS (UINT64_C(60) * 1000000000)
#define SIZE_LIMIT ((size_t)32 << 20)

/* A file without a name: what gnuplot reads, or where its complaints go. */
static int nameless(const struct meed_buf *content)
{
	int fd = memfd_create("meed-plot", MFD_CLOEXEC);
	const char *p = content ? content->p : NULL;
	size_t n = content ? content->n : 0;

	while (fd >= 0 && n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			(void)close(fd);
			return -1;
		}
		p += w;
		n -= (size_t)w;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Returns 0 or an errno. */
static int start(const int fds[3], pid_t *ret_pid)
{
	char *argv[] = { (char[]){ "gnuplot" }, (char[]){ "-d" }, (char[]){ "-" }, NULL };
	char *envp[] = { (char[]){ "LC_ALL=C.UTF-8" }, (char[]){ "PATH=/usr/bin:/bin" },
			 (char[]){ "HOME=/nonexistent" }, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int r, i;

	r = posix_spawn_file_actions_init(&fa);
	if (r)
		return r;
	r = posix_spawnattr_init(&attr);
	if (r)
		goto no_attr;
	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&attr, &defaults);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	for (i = 0; i < 3 && !r; i++)
		r = posix_spawn_file_actions_adddup2(&fa, fds[i], i);
	if (!r)
		r = posix_spawnp(ret_pid, "gnuplot", &fa, &attr, argv, envp);
	(void)posix_spawnattr_destroy(&attr);
no_attr:
	(void)posix_spawn_file_actions_destroy(&fa);
	return r;
}

/* Reads to the end of fd. */
static int32_t collect(int fd, struct meed_err *err, struct meed_buf *b)
{
	const uint64_t deadline = meed_now_ns() + TIME_LIMIT_NS;
	const size_t from = b->n;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = meed_now_ns();
		ssize_t n;

		if (now >= deadline)
			return meed_err_set(err, MEED_E_TIMEOUT,
					    "gnuplot took more than 60 s to draw; "
					    "--no-plots writes the page without plots");
		if (b->n - from > SIZE_LIMIT)
			return meed_err_set(err, MEED_E_LIMIT,
					    "gnuplot's drawing is larger than 32 MB; "
					    "--no-plots writes the page without plots");
		if (poll(&p, 1, (int)((deadline - now) / 1000000) + 1) <= 0)
			continue;
		if (!meed_buf_grow(b, 65536))
			return meed_err_nomem(err);
		n = read(fd, b->p + b->n, 65536);
		if (n == 0)
			return MEED_OK;
		if (n < 0 && errno != EINTR)
			return meed_err_set(err, MEED_E_INTERNAL, "cannot read from gnuplot: %m");
		b->n += n > 0 ? (size_t)n : 0;
	}
}

/* Waits for its end, and says what it complained about if that was not a good one. */
static int32_t finish(pid_t pid, int32_t code, int complaints, struct meed_err *err)
{
	char said[256];
	ssize_t n;
	int st = 0;

	if (code < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			return meed_err_set(err, MEED_E_INTERNAL, "cannot wait for gnuplot: %m");
	if (code < 0 || (WIFEXITED(st) && WEXITSTATUS(st) == 0))
		return code;
	n = pread(complaints, said, sizeof(said), 0);
	return meed_err_set(err, MEED_E_INTERNAL, "gnuplot failed: %.*s", n > 0 ? (int)n : 7,
			    n > 0 ? said : "no word");
}

int32_t report_gnuplot(const struct meed_buf *script, struct meed_err *err, struct meed_buf *b)
{
	int p[2] = { -1, -1 }, in, complaints, r;
	int32_t code;
	pid_t pid;

	in = nameless(script);
	complaints = nameless(NULL);
	if (in < 0 || complaints < 0 || pipe2(p, O_CLOEXEC) < 0) {
		code = meed_err_set(err, MEED_E_INTERNAL, "cannot talk to gnuplot: %m");
		goto out;
	}
	r = start((const int[3]){ in, p[1], complaints }, &pid);
	(void)close(p[1]);
	p[1] = -1;
	if (r == ENOENT) {
		code = meed_err_set(
			err, MEED_E_UNSUPPORTED,
			"no program `gnuplot` on the PATH: plots need it (Debian: apt "
			"install gnuplot-nox); --no-plots writes the page without plots");
		goto out;
	}
	if (r) {
		errno = r;
		code = meed_err_set(err, MEED_E_INTERNAL, "cannot run gnuplot: %m");
		goto out;
	}
	code = finish(pid, collect(p[0], err, b), complaints, err);
out:
	if (in >= 0)
		(void)close(in);
	if (complaints >= 0)
		(void)close(complaints);
	if (p[0] >= 0)
		(void)close(p[0]);
	if (p[1] >= 0)
		(void)close(p[1]);
	return code;
}
