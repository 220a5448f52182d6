/* cagefix.c - a real cage for tests. */
#include "config.h"

#include "tests/unit/cagefix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAGE_UID 65534

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0			/* whose shadow is larger than any limit */
#endif

static bool copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	char buf[65536];
	bool ok = false;
	ssize_t k = -1;

	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	while (out >= 0 && (k = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)k) != k)
			break;
	ok = out >= 0 && k == 0;
	if (out >= 0)
		ok = close(out) == 0 && ok;
	if (in >= 0)
		(void)close(in);
	return ok;
}

/* The build folder may be closed to the user that cages run as. */
static bool copy_cage(struct cagefix *f, char *cage, size_t n)
{
	const char *from = getenv("MEED_CAGE");
	char so[4200], to[128];
	const char *slash;

	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/meed-cagefix-XXXXXX");
	if (!from || !mkdtemp(f->folder) || chmod(f->folder, 0755) < 0) {
		(void)snprintf(f->why, sizeof(f->why), "MEED_CAGE is not set: no cage was built");
		return false;
	}
	(void)snprintf(cage, n, "%s/meed-cage", f->folder);
	if (!copy(from, cage)) {
		(void)snprintf(f->why, sizeof(f->why), "cannot copy %s: %s", from, strerror(errno));
		return false;
	}
	slash = strrchr(from, '/');
	(void)snprintf(so, sizeof(so), "%.*s/.libs/meed-warm.so", (int)(slash - from), from);
	(void)snprintf(to, sizeof(to), "%s/meed-warm.so", f->folder);
	(void)copy(so, to);
	return true;
}

static void remove_copies(struct cagefix *f)
{
	static const char *const names[] = { "meed-cage", "meed-warm.so" };
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->folder);
}

/* A hole in the cage shall cost a failed test, not the machine. */
static void bound(void)
{
	static const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_NPROC, 4096 },
		{ RLIMIT_FSIZE, (rlim_t)1 << 30 },
		{ RLIMIT_DATA, (rlim_t)8 << 30 },
		{ RLIMIT_CPU, 600 },
		{ RLIMIT_CORE, 0 },
	};
	struct rlimit l;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if ((UNDER_ASAN && limits[i].what == RLIMIT_DATA) ||
		    getrlimit((__rlimit_resource_t)limits[i].what, &l) < 0 ||
		    l.rlim_max < limits[i].most)
			continue;
		l.rlim_cur = l.rlim_max = limits[i].most;
		(void)setrlimit((__rlimit_resource_t)limits[i].what, &l);
	}
}

static void child(char **argv, int fd, int err, const struct meed_cgroup *g)
{
	char *env[] = { NULL };
	int group[2];

	bound();
	meed_cgroup_enter(g);
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(CAGE_UID, CAGE_UID, CAGE_UID) < 0 ||
			       setresuid(CAGE_UID, CAGE_UID, CAGE_UID) < 0))
		_exit(126);
	fd = fcntl(fd, F_DUPFD, 10);
	err = fcntl(err, F_DUPFD, 10);
	for (int i = 0; i < 2; i++)
		group[i] = g->fd[i] < 0 ? -1 : fcntl(g->fd[i], F_DUPFD_CLOEXEC, 10);
	(void)dup2(open("/dev/null", O_RDWR), 0);
	(void)dup2(err, 1);
	(void)dup2(err, 2);
	(void)dup2(fd, 3);
	for (int i = 0; i < 2; i++)
		if (group[i] < 0 || dup2(group[i], MEED_CGROUP_FD + i) < 0)
			(void)close(MEED_CGROUP_FD + i);
	(void)close(fd);
	(void)close(err);
	(void)execve(argv[0], argv, env);
	_exit(127);
}

static bool read_all(int fd, char *p, size_t n)
{
	ssize_t k;

	for (; n > 0; p += k, n -= (size_t)k) {
		k = read(fd, p, n);
		if (k <= 0)
			return false;
	}
	return true;
}

/* A frame's body, into f->body. */
static bool read_frame(struct cagefix *f, enum wire_kind want)
{
	char head[WIRE_HEADER];
	enum wire_kind kind;
	uint64_t n;

	if (!read_all(f->fd, head, sizeof(head)) || wire_header(head, &kind, &n) < 0 || kind != want)
		return false;
	f->body.n = 0;
	if (!meed_buf_grow(&f->body, (size_t)n + 1))
		return false;
	f->body.n = (size_t)n;
	return read_all(f->fd, f->body.p, (size_t)n);
}

bool cagefix_start(struct cagefix *f, bool unconfined)
{
	char cage[128], bwrap[] = "/usr/bin/bwrap";
	struct meed_exec_sandbox s = { .unconfined = unconfined, .bwrap = bwrap, .cage = cage };
	int pair[2], err[2];
	struct wire_hello h;
	char **argv = NULL;
	ssize_t k;

	*f = (struct cagefix){ .fd = -1, .group = { .fd = { -1, -1 } } };
	if (!copy_cage(f, cage, sizeof(cage)) || meed_bwrap_argv(&s, NULL, NULL, &argv) < 0)
		return false;
	if (access(argv[0], X_OK) < 0) {
		(void)snprintf(f->why, sizeof(f->why), "%s: %s", argv[0], strerror(errno));
		meed_bwrap_free(argv);
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || pipe2(err, O_CLOEXEC) < 0)
		abort();
	meed_cgroup_make(&f->group, geteuid() == 0 ? CAGE_UID : geteuid());
	f->pid = fork();
	if (f->pid == 0)
		child(argv, pair[1], err[1], &f->group);
	(void)close(pair[1]);
	(void)close(err[1]);
	meed_bwrap_free(argv);
	f->fd = pair[0];
	if (read_frame(f, WIRE_HELLO) && wire_get_hello((meed_str){ f->body.p, f->body.n }, &h) == 0) {
		(void)snprintf(f->groups, sizeof(f->groups), "%.*s", (int)h.cgroups.n, h.cgroups.p);
		/* what it says from now on is for whoever runs the test */
		(void)close(err[0]);
		return true;
	}
	k = read(err[0], f->why, sizeof(f->why) - 1);
	f->why[k > 0 ? k : 0] = '\0';
	(void)close(err[0]);
	(void)cagefix_stop(f);
	return false;
}

static bool write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	for (; n > 0; p += k, n -= (size_t)k) {
		k = send(fd, p, n, MSG_NOSIGNAL);
		if (k <= 0)
			return false;
	}
	return true;
}

bool cagefix_do(struct cagefix *f, const struct wire_job *job, struct wire_answer *ret)
{
	struct meed_buf b = { 0 };
	bool ok;

	wire_put_job(&b, job);
	ok = !b.failed && write_all(f->fd, b.p, b.n) && read_frame(f, WIRE_ANSWER);
	meed_buf_release(&b);
	meed_arena_reset(&f->arena);
	return ok && wire_get_answer(&f->arena, (meed_str){ f->body.p, f->body.n }, ret) == MEED_OK;
}

int cagefix_stop(struct cagefix *f)
{
	int status = 0;

	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->pid > 0)
		(void)waitpid(f->pid, &status, 0);
	meed_cgroup_remove(&f->group);
	remove_copies(f);
	meed_buf_release(&f->body);
	meed_arena_release(&f->arena);
	f->fd = -1;
	f->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- what is there ---- */

static pid_t parent_of(const char *pid)
{
	char path[64], text[512], *p;
	ssize_t k = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		k = read(fd, text, sizeof(text) - 1);
		(void)close(fd);
	}
	if (k <= 0)
		return 0;
	text[k] = '\0';
	p = strrchr(text, ')');
	return p && strlen(p) > 4 ? (pid_t)strtol(p + 4, NULL, 10) : 0;
}

static bool is_in(const pid_t *family, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (family[i] == pid)
			return true;
	return false;
}

size_t cagefix_family(const struct cagefix *f, pid_t *family, size_t most)
{
	size_t n = 0, before;
	struct dirent *e;
	DIR *d = opendir("/proc");

	if (!d)
		return 0;
	family[n++] = f->pid;
	do {
		before = n;
		rewinddir(d);
		while ((e = readdir(d)) != NULL && n < most) {
			pid_t p = (pid_t)strtol(e->d_name, NULL, 10);

			if (p > 0 && !is_in(family, n, p) && is_in(family, n, parent_of(e->d_name)))
				family[n++] = p;
		}
	} while (n > before);
	(void)closedir(d);
	return n;
}

size_t cagefix_leftovers(const struct cagefix *f)
{
	pid_t family[1024];

	return cagefix_family(f, family, 1024);
}

bool cagefix_quiet(const struct cagefix *f, size_t want)
{
	size_t n = 0;

	for (int i = 0; i < 300; i++) {
		n = cagefix_leftovers(f);
		if (n == want)
			return true;
		(void)usleep(10000);
	}
	(void)fprintf(stderr, "%zu processes instead of %zu\n", n, want);
	return false;
}

/* ---- jobs ---- */

struct wire_program cagefix_python(const char *code)
{
	static const meed_str run[] = { { "/usr/bin/python3", 16 }, { "-I", 2 }, { "-S", 2 },
					{ "-B", 2 }, { "main.py", 7 } };
	struct wire_program p = { .runtime = MEED_STR("python"), .file = MEED_STR("main.py"),
				  .run = run, .n_run = 5, .warm = MEED_STR(""),
				  .code = meed_str_of(code), .has_code = true };

	return p;
}

struct wire_program cagefix_shell(const char *code)
{
	static const meed_str run[] = { { "/bin/bash", 9 }, { "main.sh", 7 } };
	struct wire_program p = { .runtime = MEED_STR("bash"), .file = MEED_STR("main.sh"),
				  .run = run, .n_run = 2, .warm = MEED_STR(""),
				  .code = meed_str_of(code), .has_code = true };

	return p;
}

meed_limits cagefix_limits(void)
{
	meed_limits l = { .struct_size = sizeof(l), .processes = 64, .wall_ms = 10000,
			  .cpu_ms = 10000, .memory = (uint64_t)256 << 20,
			  .disk = (uint64_t)16 << 20, .output = 1 << 20 };

	return l;
}

void cagefix_job(struct cagefix_job *j, const struct wire_program *p, const char *input)
{
	*j = (struct cagefix_job){ 0 };
	j->run.struct_size = sizeof(j->run);
	j->run.input = meed_str_of(input);
	j->run.partner_input = MEED_STR("");
	j->runs[0] = &j->run;
	j->job = (struct wire_job){ .id = 1, .program = *p, .compile_limits = cagefix_limits(),
				    .run_limits = cagefix_limits(), .runs = j->runs, .n_runs = 1 };
}
