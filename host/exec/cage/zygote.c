/* zygote.c - the cage's side of interpreters that are kept warm (warm.c is theirs). */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/exec/cage/warm.h"

#define READY_MS 60000			/* preload modules may take their time */
#define MOST_ZYGOTES 8

struct zygote {
	struct zygote *next;
	struct meed_buf key;		/* all that makes it what it is */
	pid_t pid;			/* 0: it could not be started, or was dropped */
	int fd;
};

static void put_strs(struct meed_buf *b, const meed_str *v, size_t n)
{
	meed_buf_u64(b, n);
	for (size_t i = 0; i < n; i++)
		meed_buf_put(b, v[i].p, v[i].n + 1);
}

static void make_key(struct meed_buf *b, const struct wire_program *p)
{
	put_strs(b, &p->runtime, 1);
	put_strs(b, &p->warm, 1);
	put_strs(b, &p->file, 1);
	put_strs(b, p->run, p->n_run);
	put_strs(b, p->env, p->n_env);
	put_strs(b, p->preload, p->n_preload);
}

/* ---- starting one ---- */

/* As a box looks from inside, for what an interpreter asks about its program before it opens it. */
static bool like_a_box(const struct wire_program *p)
{
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || mount("box", BOX_DIR, "tmpfs", 0, "size=64k") < 0 ||
	    mkdir(BOX_WORK, 0755) < 0 || mkdir(BOX_DIR "/tmp", 0755) < 0 || chdir(BOX_WORK) < 0)
		return false;
	fd = open(p->file.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* Standard streams are pipes, as a program's are: the interpreter looks at them once. */
static bool arrange(int socket, int rules)
{
	const int want[] = { socket, rules, STDERR_FILENO };
	int parked[3], in[2], out[2];

	for (size_t i = 0; i < 3; i++) {
		parked[i] = fcntl(want[i], F_DUPFD_CLOEXEC, 32);
		if (parked[i] < 0)
			return false;
	}
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || dup2(in[0], 0) < 0 ||
	    dup2(out[1], 1) < 0 || dup2(out[1], 2) < 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (dup2(parked[i], WARM_FD + i) < 0)
			return false;
	return syscall(SYS_close_range, (unsigned int)WARM_FD + 3, ~0u, 0) == 0;
}

static void begin(const struct cage *c, const struct wire_program *p, int socket, char **argv,
		  char **env) __attribute__((noreturn));
static void begin(const struct cage *c, const struct wire_program *p, int socket, char **argv,
		  char **env)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_DFL);
	cage_offer(900);
	if (like_a_box(p) && arrange(socket, c->rules_fd))
		(void)execve(argv[0], argv, env);
	_exit(127);
}

static void put_word(struct meed_buf *b, const char *p)
{
	meed_buf_put(b, p, strlen(p) + 1);
}

/* n strings, each with its NUL, as a vector; its owner frees *v alone. */
static char **vector(struct meed_buf *text, size_t n)
{
	char **v = calloc(n + 1, sizeof(*v)), *p = text->p;

	for (size_t i = 0; v && i < n; i++, p += strlen(p) + 1)
		v[i] = p;
	return v;
}

static void write_words(const struct wire_program *p, struct meed_buf *argv, struct meed_buf *env,
			size_t *n_env)
{
	for (size_t i = 0; i < p->n_run; i++)
		put_word(argv, p->run[i].p);
	put_word(env, "PATH=" CAGE_PATH);
	put_word(env, "LANG=C.UTF-8");
	put_word(env, "HOME=" BOX_WORK);
	for (size_t i = 0; i < p->n_env; i++)
		put_word(env, p->env[i].p);
	put_word(env, "LD_PRELOAD=" WARM_OBJECT);
	meed_buf_puts(env, WARM_FILE "=");
	put_word(env, p->file.p);
	meed_buf_puts(env, WARM_PRELOAD "=");
	for (size_t i = 0; i < p->n_preload; i++) {
		meed_buf_puts(env, i ? " " : "");
		meed_buf_puts(env, p->preload[i].p);
	}
	meed_buf_putc(env, '\0');
	*n_env = 6 + p->n_env;
}

static void launch(struct cage *c, struct zygote *z, const struct wire_program *p)
{
	struct meed_buf argv = { 0 }, env = { 0 };
	char **a = NULL, **e = NULL;
	int pair[2] = { -1, -1 };
	size_t n_env;

	write_words(p, &argv, &env, &n_env);
	if (!argv.failed && !env.failed) {
		a = vector(&argv, p->n_run);
		e = vector(&env, n_env);
	}
	if (a && e && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
		z->pid = fork();
		if (z->pid == 0)
			begin(c, p, pair[1], a, e);
		(void)close(pair[1]);
		z->fd = pair[0];
	}
	if (z->pid < 0)
		z->pid = 0;
	free(a);
	free(e);
	meed_buf_release(&argv);
	meed_buf_release(&env);
}

static bool is_ready(struct zygote *z)
{
	struct pollfd p = { .fd = z->fd, .events = POLLIN };
	struct box_note n;

	return z->pid > 0 && poll(&p, 1, READY_MS) == 1 &&
	       box_recv(z->fd, &n, sizeof(n), NULL, 0) && n.kind == BOX_READY;
}

/* ---- */

void zygote_drop(struct cage *c, struct zygote *z)
{
	(void)c;
	if (z->fd >= 0)
		(void)close(z->fd);
	z->fd = -1;
	if (z->pid > 0) {
		(void)kill(z->pid, SIGKILL);
		(void)waitpid(z->pid, NULL, __WALL);
	}
	z->pid = 0;
}

static void forget(struct cage *c, struct zygote **at)
{
	struct zygote *z = *at;

	*at = z->next;
	zygote_drop(c, z);
	meed_buf_release(&z->key);
	free(z);
}

void zygotes_end(struct cage *c)
{
	while (c->zygotes)
		forget(c, &c->zygotes);
}

/* The one with that key, moved to the front; the last of too many goes. */
static struct zygote *known(struct cage *c, const struct meed_buf *key)
{
	struct zygote **at = &c->zygotes, *z;
	size_t n = 0;

	for (; (z = *at) != NULL; at = &z->next) {
		if (z->key.n == key->n && memcmp(z->key.p, key->p, key->n) == 0) {
			*at = z->next;
			z->next = c->zygotes;
			c->zygotes = z;
			return z;
		}
		if (++n >= MOST_ZYGOTES) {
			forget(c, at);
			break;
		}
	}
	return NULL;
}

static bool can_be_warm(const struct cage *c, const struct wire_program *p)
{
	bool has_file = false;

	for (size_t i = 1; i < p->n_run; i++)
		has_file = has_file || meed_str_eq(p->run[i], p->file);
	return c->rules->confined && meed_str_eq(p->warm, MEED_STR("python")) && has_file &&
	       !strchr(p->file.p, '/') && access(WARM_OBJECT, R_OK) == 0;
}

struct zygote *zygote_get(struct cage *c, const struct wire_program *p)
{
	struct meed_buf key = { 0 };
	struct zygote *z = NULL;

	if (!can_be_warm(c, p))
		return NULL;
	make_key(&key, p);
	if (key.failed)
		goto out;
	z = known(c, &key);
	if (z)
		goto out;
	z = calloc(1, sizeof(*z));
	if (!z)
		goto out;
	z->fd = -1;
	z->key = key;
	key = (struct meed_buf){ 0 };
	z->next = c->zygotes;
	c->zygotes = z;
	launch(c, z, p);
	if (!is_ready(z)) {
		(void)dprintf(STDERR_FILENO, "meed-cage: cannot keep %s warm: it is started anew "
					     "for each run\n", p->run[0].p);
		zygote_drop(c, z);
	}
out:
	meed_buf_release(&key);
	return z && z->pid > 0 ? z : NULL;
}

bool zygote_order(struct zygote *z, int pidfd, int ctl, const int *fds, size_t n_fds,
		  const struct box_order *head, const char *text)
{
	int all[BOX_MAX_FDS];

	if (z->pid <= 0 || n_fds + 2 > BOX_MAX_FDS)
		return false;
	memcpy(all, fds, n_fds * sizeof(*fds));
	all[n_fds] = pidfd;
	all[n_fds + 1] = ctl;
	return box_send(z->fd, head, sizeof(*head), all, n_fds + 2) &&
	       box_send(z->fd, text, head->n_text, NULL, 0);
}
