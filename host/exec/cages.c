/* cages.c - one cage process: starting, talking, ending. */
#include "config.h"

#include "host/exec/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CAGE_FD = 3, /* its end of the socket, on its side */
	LAST_FD = MEED_CGROUP_FD + 1,
	CAGE_NOBODY = 65534
};

/* ---- starting ---- */

struct birth {
	char *const *argv;
	int fd, err_fd, null_fd; /* all above LAST_FD */
	const struct meed_cgroup *group;
	uint32_t uid;
	pid_t parent;
};

/* In the child: nothing but what is safe after a fork of one thread of many. */
static void complain(const char *what, const char *path, int error)
{
	const char *why = strerrordesc_np(error);
	const char *const parts[] = { what, path, ": ", why ? why : "unknown error", "\n" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		ssize_t n = write(STDERR_FILENO, parts[i], strlen(parts[i]));

		(void)n;
	}
	_exit(127);
}

static void calm_signals(void)
{
	static const int reset[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD,
				     SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t none;

	for (size_t i = 0; i < sizeof(reset) / sizeof(reset[0]); i++)
		(void)signal(reset[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(const struct birth *b)
{
	static char *const no_environment[] = { NULL };
	const struct rlimit no_core = { 0, 0 };

	(void)setsid();
	calm_signals();
	if (dup2(b->err_fd, STDERR_FILENO) < 0 || dup2(b->null_fd, STDIN_FILENO) < 0 ||
	    dup2(b->null_fd, STDOUT_FILENO) < 0 || dup2(b->fd, CAGE_FD) < 0)
		complain("cannot set the descriptors of ", b->argv[0], errno);
	meed_cgroup_enter(b->group);
	for (int i = 0; i < 2; i++)
		if (b->group->fd[i] < 0 || dup2(b->group->fd[i], MEED_CGROUP_FD + i) < 0)
			(void)close(MEED_CGROUP_FD + i);
	if (syscall(SYS_close_range, LAST_FD + 1, ~0U, 0) < 0)
		for (int fd = LAST_FD + 1; fd < 65536; fd++)
			(void)close(fd);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (b->uid && (setgroups(0, NULL) < 0 || setresgid(b->uid, b->uid, b->uid) < 0 ||
		       setresuid(b->uid, b->uid, b->uid) < 0))
		complain("cannot give up being root for ", b->argv[0], errno);
	if (chdir("/") < 0)
		complain("cannot enter ", "/", errno);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != b->parent)
		_exit(127);
	(void)execve(b->argv[0], b->argv, no_environment);
	complain("cannot start ", b->argv[0], errno);
	_exit(127);
}

/* A descriptor that the child's own do not overwrite. */
static int raise_fd(int fd)
{
	int high;

	if (fd < 0 || fd > LAST_FD)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, LAST_FD + 1);
	(void)close(fd);
	return high;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int32_t cage_start(struct cage *c, char *const *argv, uint32_t uid, struct meed_err *err)
{
	int sv[2] = { -1, -1 }, ep[2] = { -1, -1 }, null_fd = -1;
	struct birth b = { .argv = argv, .parent = getpid() };
	struct meed_cgroup group = { .fd = { -1, -1 } };
	int32_t r = MEED_OK;
	pid_t pid = -1;

	null_fd = raise_fd(open("/dev/null", O_RDWR | O_CLOEXEC));
	if (null_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0 ||
	    pipe2(ep, O_CLOEXEC) < 0)
		goto fail;
	sv[1] = raise_fd(sv[1]);
	ep[1] = raise_fd(ep[1]);
	if (sv[1] < 0 || ep[1] < 0 || fcntl(sv[0], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(ep[0], F_SETFL, O_NONBLOCK) < 0)
		goto fail;
	b.fd = sv[1];
	b.err_fd = ep[1];
	b.null_fd = null_fd;
	if (getuid() == 0)
		b.uid = uid ? uid : CAGE_NOBODY;
	meed_cgroup_make(&group, b.uid ? b.uid : getuid());
	for (int i = 0; i < 2; i++)
		group.fd[i] = raise_fd(group.fd[i]);
	b.group = &group;
	pid = fork();
	if (pid == 0)
		child(&b);
	if (pid < 0)
		goto fail;
	*c = (struct cage){
		.state = CAGE_STARTING, .pid = pid, .fd = sv[0], .err_fd = ep[0], .group = group
	};
	sv[0] = ep[0] = -1;
	goto out;
fail:
	r = meed_err_set(err, MEED_E_UPSTREAM, "cannot start a cage: %s", strerror(errno));
	meed_cgroup_remove(&group);
out:
	close_fd(&null_fd);
	close_fd(&sv[0]);
	close_fd(&sv[1]);
	close_fd(&ep[0]);
	close_fd(&ep[1]);
	return r;
}

/* ---- talking ---- */

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int32_t cage_send(struct cage *c)
{
	while (c->sent < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);

		if (n < 0)
			return would_wait() ? MEED_PENDING : MEED_E_UPSTREAM;
		c->sent += (size_t)n;
	}
	meed_buf_release(&c->out);
	c->sent = 0;
	return MEED_OK;
}

/* Fills p[*have..want): MEED_OK when it is full. */
static int32_t fill(struct cage *c, char *p, size_t *have, size_t want)
{
	while (*have < want) {
		ssize_t n = recv(c->fd, p + *have, want - *have, 0);

		if (n < 0)
			return would_wait() ? MEED_PENDING : MEED_E_UPSTREAM;
		if (n == 0)
			return MEED_E_UPSTREAM;
		*have += (size_t)n;
	}
	return MEED_OK;
}

int32_t cage_receive(struct cage *c)
{
	uint64_t n;
	int32_t r = MEED_OK;

	if (!c->body) {
		r = fill(c, c->header, &c->n_header, sizeof(c->header));
		if (r == MEED_OK)
			r = wire_header(c->header, &c->kind, &n);
		if (r != MEED_OK)
			return r;
		c->body_size = (size_t)n;
		c->n_body = 0;
		c->body = meed_arena_raw(&c->in, c->body_size);
		if (!c->body)
			return MEED_E_NOMEM;
	}
	return fill(c, c->body, &c->n_body, c->body_size);
}

void cage_frame_done(struct cage *c)
{
	meed_arena_release(&c->in);
	c->body = NULL;
	c->n_body = c->body_size = 0;
	c->n_header = 0;
}

void cage_listen(struct cage *c)
{
	char buf[sizeof(c->said)];

	while (c->err_fd >= 0) {
		ssize_t n = read(c->err_fd, buf, sizeof(buf));
		size_t keep;

		if (n < 0 && would_wait())
			return;
		if (n <= 0) {
			close_fd(&c->err_fd);
			return;
		}
		keep = sizeof(c->said) - (size_t)n;
		if (c->n_said > keep) {
			memmove(c->said, c->said + c->n_said - keep, keep);
			c->n_said = keep;
		}
		memcpy(c->said + c->n_said, buf, (size_t)n);
		c->n_said += (size_t)n;
	}
}

const char *cage_said(const struct cage *c, char *buf, size_t n)
{
	size_t end = c->n_said, from, len = 0;

	while (end && (unsigned char)c->said[end - 1] <= ' ')
		end--;
	for (from = end; from && c->said[from - 1] != '\n'; from--)
		;
	for (; from < end && len + 1 < n; from++)
		buf[len++] = c->said[from] >= ' ' && c->said[from] < 127 ? c->said[from] : '?';
	buf[len] = '\0';
	return buf;
}

/* ---- ending ---- */

void cage_end(struct cage *c, bool at_once, uint64_t deadline_ns)
{
	if (c->fd >= 0)
		(void)shutdown(c->fd, SHUT_RDWR);
	if (at_once && c->pid)
		(void)kill(c->pid, SIGKILL);
	c->state = CAGE_ENDING;
	c->deadline_ns = deadline_ns;
	c->job = NULL;
	cage_frame_done(c);
	meed_buf_release(&c->out);
	c->sent = 0;
}

/* The end of its stderr says that all it held has ended too: what is killed from outside ends
 * from the outermost process inwards. */
bool cage_reap(struct cage *c, bool kill_it)
{
	pid_t r = 0;

	if (kill_it && c->pid)
		(void)kill(c->pid, SIGKILL);
	while (c->pid && (r = waitpid(c->pid, NULL, kill_it ? 0 : WNOHANG)) < 0 && errno == EINTR)
		;
	if (c->pid && r == 0)
		return false;
	c->pid = 0;
	cage_listen(c);
	if (c->err_fd >= 0 && !kill_it)
		return false;
	close_fd(&c->fd);
	close_fd(&c->err_fd);
	meed_cgroup_remove(&c->group);
	c->state = CAGE_NONE;
	c->seen = 0;
	return true;
}
