/* spawn.c - running another program, without a shell. */
#include "config.h"

#include "host/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool cli_which(const char *prog, char *buf, size_t n)
{
	const char *path = getenv("PATH"), *end;
	struct stat st;

	for (; path && *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		if (end == path)
			continue;
		if ((size_t)snprintf(buf, n, "%.*s/%s", (int)(end - path), path, prog) >= n)
			continue;
		if (stat(buf, &st) == 0 && S_ISREG(st.st_mode) && access(buf, X_OK) == 0)
			return true;
	}
	return false;
}

/* Starts dot; its standard input is the pipe's reading end. Returns 0 or an errno. */
static int start_dot(int in_fd, int out_fd, pid_t *ret_pid)
{
	char *argv[] = { (char[]){ "dot" }, (char[]){ "-Tsvg" }, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int r;

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
	r = posix_spawn_file_actions_adddup2(&fa, in_fd, STDIN_FILENO);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&fa, out_fd, STDOUT_FILENO);
	if (!r)
		r = posix_spawnp(ret_pid, "dot", &fa, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
no_attr:
	(void)posix_spawn_file_actions_destroy(&fa);
	return r;
}

static int wait_dot(const struct cli *c, pid_t pid, bool fed)
{
	int st = 0;

	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR) {
			cli_say(c, "cannot wait for dot: %s", strerror(errno));
			return EX_OSERR;
		}
	if (WIFSIGNALED(st) && WTERMSIG(st) == SIGPIPE)
		cli_say(c, "cannot write to standard output: %s", strerror(EPIPE));
	else if (WIFSIGNALED(st))
		cli_say(c, "dot was killed by signal %d", WTERMSIG(st));
	else if (WEXITSTATUS(st) != 0)
		cli_say(c, "dot ended with exit status %d; the picture is not complete",
			WEXITSTATUS(st));
	else if (!fed)
		cli_say(c, "dot did not read the whole graph");
	else
		return EX_OK;
	return EX_IOERR;
}

int cli_dot_svg(const struct cli *c, const struct meed_buf *dot, int out_fd)
{
	int p[2] = { -1, -1 }, r, status;
	pid_t pid = 0;
	bool fed;

	if (pipe2(p, O_CLOEXEC) < 0) {
		cli_say(c, "cannot make a pipe: %s", strerror(errno));
		return EX_OSERR;
	}
	r = start_dot(p[0], out_fd, &pid);
	(void)close(p[0]);
	if (r == ENOENT) {
		cli_say(c, "no program `dot` on the PATH: SVG needs graphviz "
			   "(Debian: apt install graphviz); --format dot needs nothing");
		status = EX_UNAVAILABLE;
		goto out;
	}
	if (r) {
		cli_say(c, "cannot run dot: %s", strerror(r));
		status = EX_OSERR;
		goto out;
	}
	fed = cli_write(p[1], dot->p, dot->n);
	(void)close(p[1]);
	p[1] = -1;
	status = wait_dot(c, pid, fed);
out:
	if (p[1] >= 0)
		(void)close(p[1]);
	return status;
}
