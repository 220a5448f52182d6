/* main.c - meed-cage: runs programs in boxes for the host that started it.
 *
 * usage: meed-cage [--unconfined], with a socket to the host as descriptor 3 (wire.h); under
 * bubblewrap (bwrap.c) unless unconfined. Not for use by hand. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/exec/cage/filter.h"

#define HOST 3

static void say(const char *what, int r)
{
	(void)dprintf(STDERR_FILENO, "meed-cage: cannot %s: %s\n", what, strerror(-r));
}

void cage_offer(int score)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)dprintf(fd, "%d", score);
		(void)close(fd);
	}
}

/* ---- the start ---- */

static int put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444), r = 0;
	size_t n = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, n) != (ssize_t)n)
		r = -EIO;
	(void)close(fd);
	return r;
}

/* The few names that programs look up, in the folder that bwrap made; then nothing of it can be
 * written any more, by boxes or by us. */
static int finish_root(void)
{
	const unsigned long ro = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
	int r;

	r = put_text("/etc/passwd", "box:x:1000:1000:box:/box/work:/bin/sh\n"
				    "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n");
	if (r == 0)
		r = put_text("/etc/group", "box:x:1000:\nnogroup:x:65534:\n");
	if (r == 0)
		r = put_text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
	if (r == 0)
		r = put_text("/etc/hosts", "127.0.0.1 localhost box\n");
	if (r == 0 && mount(NULL, "/", NULL, ro, NULL) < 0)
		r = -errno;
	if (r == 0 && mount(NULL, "/dev", NULL, ro & ~(unsigned long)MS_NODEV, NULL) < 0)
		r = -errno;
	return r;
}

static bool kernel_is(unsigned int major, unsigned int minor)
{
	unsigned int a = 0, b = 0;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &a, &b) != 2)
		return false;
	return a > major || (a == major && b >= minor);
}

static int make_rules(struct cage *c, bool confined)
{
	struct box_rules *r;
	long abi;
	int e;

	c->rules_fd = memfd_create("rules", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (c->rules_fd < 0 || ftruncate(c->rules_fd, sizeof(*r)) < 0)
		return -errno;
	r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED, c->rules_fd, 0);
	if (r == MAP_FAILED)
		return -errno;
	c->rules = r;
	r->confined = confined;
	r->uid = geteuid();
	r->gid = getegid();
	r->count_processes = kernel_is(5, 14);
	r->proc_subset = kernel_is(5, 8);
	abi = syscall(444, NULL, 0, 1);	/* landlock_create_ruleset: which version? */
	r->landlock = abi > 0 ? (uint32_t)abi : 0;
	e = confined ? box_filter_make(r) : 0;
	if (e == 0 && mprotect(r, sizeof(*r), PROT_READ) < 0)
		e = -errno;
	return e;
}

static int start(struct cage *c, bool confined)
{
	struct rlimit files;
	cpu_set_t cpus;
	int r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(022);
	group_open(&c->group);
	/* it also bounds what may be on its way in sockets, by us and by all boxes of our user */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	(void)fcntl(c->host, F_SETFD, FD_CLOEXEC);
	c->cpus = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (uint32_t)CPU_COUNT(&cpus) : 1;
	r = confined ? finish_root() : 0;
	if (r < 0) {
		say("prepare the boxes' root folder", r);
		return r;
	}
	r = make_rules(c, confined);
	if (r < 0) {
		say("prepare the boxes' rules", r);
		return r;
	}
	r = maker_start(c);
	if (r < 0)
		say("start the maker of boxes", r);
	return r;
}

/* ---- the host ---- */

static bool write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static bool read_all(int fd, char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = read(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static int32_t hello(const struct cage *c)
{
	struct wire_hello h = { .version = 1,
				.memory_limit = c->group.memory,
				.pids_limit = c->group.processes,
				.cgroups = meed_str_of(c->group.text) };
	struct meed_buf b = { 0 };
	int32_t r = MEED_OK;

	wire_put_hello(&b, &h);
	if (b.failed || !write_all(c->host, b.p, b.n))
		r = MEED_E_UPSTREAM;
	meed_buf_release(&b);
	return r;
}

static int32_t serve(struct cage *c, struct meed_arena *a, meed_str body)
{
	struct wire_answer answer;
	struct meed_buf b = { 0 };
	struct wire_job job;
	int32_t r;

	r = wire_get_job(a, body, &job);
	if (r == MEED_OK)
		r = cage_job(c, a, &job, &answer);
	if (r < 0)
		return r;
	wire_put_answer(&b, &answer);
	r = b.failed ? MEED_E_NOMEM : MEED_OK;
	if (r == MEED_OK && !write_all(c->host, b.p, b.n))
		r = MEED_E_CANCELLED;
	meed_buf_release(&b);
	return r;
}

/* One job; MEED_E_CANCELLED at the end of the socket. */
static int32_t next_job(struct cage *c)
{
	struct meed_arena a = { 0 };
	char head[WIRE_HEADER], *body = NULL;
	enum wire_kind kind;
	uint64_t n;
	int32_t r;

	if (!read_all(c->host, head, sizeof(head)))
		return MEED_E_CANCELLED;
	r = wire_header(head, &kind, &n);
	if (r < 0 || kind != WIRE_JOB)
		return MEED_E_PARSE;
	body = malloc((size_t)n + 1);
	if (!body)
		return MEED_E_NOMEM;
	r = read_all(c->host, body, (size_t)n) ? MEED_OK : MEED_E_CANCELLED;
	if (r == MEED_OK)
		r = serve(c, &a, (meed_str){ body, (size_t)n });
	meed_arena_release(&a);
	free(body);
	return r;
}

/* A cage that cannot make a box says so at once. */
static int32_t try_box(struct cage *c)
{
	struct meed_err err = { 0 };

	c->spare = NULL;
	box_prepare(c);
	box_free(c, box_take(c, &err));
	if (err.code < 0)
		(void)dprintf(STDERR_FILENO, "meed-cage: %s\n", err.text);
	return err.code;
}

/* Whoever started the host may have signals ignored (nohup, a shell's background jobs): programs are
 * to meet the defaults, whether they start cold or warm. By the bare call, as the C library
 * keeps two signals to itself. */
static void default_signals(void)
{
	const struct {
		uint64_t handler, flags, restorer, mask;
	} dfl = { 0, 0, 0, 0 };

	for (int i = 1; i <= 64; i++)
		(void)syscall(SYS_rt_sigaction, i, &dfl, NULL, sizeof(dfl.mask));
}

int main(int argc, char **argv)
{
	struct cage c = { .host = HOST, .maker = -1, .rules_fd = -1 };
	bool confined = true;
	int32_t r;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--unconfined") != 0) {
			(void)dprintf(STDERR_FILENO, "meed-cage: unknown argument %s\n", argv[i]);
			return EX_USAGE;
		}
		confined = false;
	}
	if (fcntl(HOST, F_GETFD) < 0) {
		(void)dprintf(STDERR_FILENO, "meed-cage: is started by meed, not by hand\n");
		return EX_USAGE;
	}
	default_signals();
	if (start(&c, confined) < 0 || try_box(&c) < 0)
		return EX_UNAVAILABLE;
	r = hello(&c);
	while (r == MEED_OK) {
		box_prepare(&c);
		r = next_job(&c);
	}
	zygotes_end(&c);
	box_free(&c, c.spare);
	if (r != MEED_E_CANCELLED)
		(void)dprintf(STDERR_FILENO, "meed-cage: ends: %s\n", meed_err_name(r));
	return r == MEED_E_CANCELLED ? EX_OK : EX_PROTOCOL;
}
