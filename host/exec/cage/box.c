/* box.c - what happens inside a box: its namespaces' set-up, its locks, and its init. */
#include "config.h"

#include "host/exec/cage/box.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_FREE_FD 16		/* descriptors on their way to 0..3 are parked above */

const char *box_step_text(uint32_t step)
{
	static const char *const texts[] = {
		[BOX_STEP_IDS] = "map user and group",
		[BOX_STEP_FOLDER] = "mount the box's folder",
		[BOX_STEP_PROC] = "mount /proc",
		[BOX_STEP_OPEN] = "open the box's folder",
		[BOX_STEP_RESIZE] = "set the folder's size",
		[BOX_STEP_JOIN] = "enter the box",
		[BOX_STEP_CAPS] = "give up capabilities",
		[BOX_STEP_LANDLOCK] = "apply Landlock",
		[BOX_STEP_SECCOMP] = "apply seccomp",
		[BOX_STEP_STDIO] = "arrange descriptors",
		[BOX_STEP_LIMITS] = "set limits",
		[BOX_STEP_CHDIR] = "enter the folder",
		[BOX_STEP_FORK] = "fork",
		[BOX_STEP_ORDER] = "read what to run",
	};
	const char *t = step < sizeof(texts) / sizeof(texts[0]) ? texts[step] : NULL;

	return t ? t : "set up the box";
}

uint64_t box_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- messages ---- */

bool box_send(int fd, const void *p, size_t n, const int *fds, size_t n_fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(BOX_MAX_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)p, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t k;

	if (n_fds > BOX_MAX_FDS)
		return false;
	if (n_fds > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	}
	while (iov.iov_len > 0) {
		k = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		iov.iov_base = (char *)iov.iov_base + k;
		iov.iov_len -= (size_t)k;
		m.msg_control = NULL;
		m.msg_controllen = 0;
	}
	return true;
}

static bool take_fds(struct msghdr *m, int *fds, size_t n_fds)
{
	bool fits = !(m->msg_flags & MSG_CTRUNC);
	size_t n;
	int got;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (i < n_fds && fds[i] < 0) {
				fds[i] = got;
			} else {
				(void)close(got);
				fits = false;
			}
		}
	}
	return fits;
}

bool box_recv(int fd, void *p, size_t n, int *fds, size_t n_fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(BOX_MAX_FDS * sizeof(int))];
	} control;
	struct iovec iov = { p, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t k;

	for (size_t i = 0; i < n_fds; i++)
		fds[i] = -1;
	while (iov.iov_len > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		m.msg_flags = 0;
		k = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0 || !take_fds(&m, fds, n_fds))
			return false;
		iov.iov_base = (char *)iov.iov_base + k;
		iov.iov_len -= (size_t)k;
	}
	return true;
}

static void note(int ctl, uint32_t kind, int32_t value, uint32_t step, const int *fds, size_t n_fds)
{
	struct box_note n = { .kind = kind, .value = value, .step = step, .ns = box_now() };

	(void)box_send(ctl, &n, sizeof(n), fds, n_fds);
}

static void fail(int ctl, int r, uint32_t step) __attribute__((noreturn));
static void fail(int ctl, int r, uint32_t step)
{
	note(ctl, BOX_FAILED, -r, step, NULL, 0);
	_exit(125);
}

/* ---- setting up ---- */

static int put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, n) != (ssize_t)n)
		r = errno ? -errno : -EIO;
	(void)close(fd);
	return r;
}

/* One user and one group; whoever made the namespace is both outside. */
static int map_ids(uint32_t uid, uint32_t gid)
{
	char text[64];
	int r;

	(void)snprintf(text, sizeof(text), "%d %u 1", BOX_ID, uid);
	r = put_file("/proc/self/uid_map", text);
	if (r < 0)
		return r;
	r = put_file("/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return r;
	(void)snprintf(text, sizeof(text), "%d %u 1", BOX_ID, gid);
	return put_file("/proc/self/gid_map", text);
}

static int size_folder(const char *where, const struct box_limits *l, unsigned long flags)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "size=%llu,nr_inodes=%llu,mode=0755",
		       (unsigned long long)l->disk, (unsigned long long)l->inodes);
	return mount("box", where, "tmpfs", MS_NOSUID | MS_NODEV | flags, text) < 0 ? -errno : 0;
}

static int make_folder(void)
{
	/* until the program's own limits are known only the cage writes here */
	const struct box_limits wide = { .disk = (uint64_t)4 << 30, .inodes = 1 << 20 };
	int r = size_folder(BOX_DIR, &wide, 0);

	if (r < 0)
		return r;
	if (mkdir(BOX_WORK, 0755) < 0 || mkdir(BOX_DIR "/tmp", 0755) < 0 ||
	    mkdir(BOX_DIR "/shm", 0755) < 0)
		return -errno;
	return 0;
}

static int mount_proc(const struct box_rules *rules)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;

	if (rules->proc_subset && mount("proc", "/proc", "proc", flags, "subset=pid") == 0)
		return 0;
	return mount("proc", "/proc", "proc", flags, NULL) < 0 ? -errno : 0;
}

int box_join(int pidfd, const struct box_limits *limits, uint32_t *ret_step)
{
	const int spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
			   CLONE_NEWCGROUP;

	*ret_step = BOX_STEP_JOIN;
	if (setns(pidfd, spaces) < 0)
		return -errno;
	*ret_step = BOX_STEP_RESIZE;
	return size_folder(BOX_DIR, limits, MS_REMOUNT);
}

/* ---- starting ---- */

static int limit(int what, uint64_t soft, uint64_t hard)
{
	struct rlimit now, want = { soft, hard };

	/* what the host was already held to is not raised */
	if (getrlimit((__rlimit_resource_t)what, &now) == 0) {
		want.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
		want.rlim_cur = soft < want.rlim_max ? soft : want.rlim_max;
	}
	return setrlimit((__rlimit_resource_t)what, &want) < 0 ? -errno : 0;
}

static int set_limits(const struct box_rules *rules, const struct box_limits *l)
{
	const struct {
		int what;
		uint64_t soft, hard;
	} all[] = {
		{ RLIMIT_CORE, 0, 0 },
		{ RLIMIT_MSGQUEUE, 0, 0 },
		{ RLIMIT_MEMLOCK, 0, 0 },
		{ RLIMIT_NICE, 0, 0 },
		{ RLIMIT_RTPRIO, 0, 0 },
		{ RLIMIT_SIGPENDING, 1024, 1024 },
		{ RLIMIT_LOCKS, 1024, 1024 },
		{ RLIMIT_CPU, l->cpu_s, l->cpu_s },
		{ RLIMIT_DATA, l->data, l->data },
		{ RLIMIT_FSIZE, l->file, l->file },
		{ RLIMIT_STACK, l->stack, l->stack_most },
		{ RLIMIT_NOFILE, l->fds, l->fds },
	};
	int r;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].hard == 0 && all[i].what != RLIMIT_CORE && i >= 6)
			continue;
		r = limit(all[i].what, all[i].soft, all[i].hard);
		if (r < 0)
			return r;
	}
	/* init counts too */
	if (rules->confined && rules->count_processes)
		return limit(RLIMIT_NPROC, l->processes + 1, l->processes + 1);
	return 0;
}

/* Numbers may overlap with those wanted: all are parked first. */
static int arrange_fds(const int *fds, size_t n_fds, int *ctl)
{
	int parked[BOX_MAX_FDS + 1];

	for (size_t i = 0; i <= n_fds; i++) {
		parked[i] = fcntl(i < n_fds ? fds[i] : *ctl, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
		if (parked[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < n_fds; i++)
		if (dup2(parked[i], (int)i) < 0)
			return -errno;
	if (dup3(parked[n_fds], (int)n_fds, O_CLOEXEC) < 0)
		return -errno;
	*ctl = (int)n_fds;
	return syscall(SYS_close_range, (unsigned int)n_fds + 1, ~0u, 0) < 0 ? -errno : 0;
}

int box_start(const struct box_rules *rules, const struct box_limits *limits, const int *fds,
	      size_t n_fds, int *ctl, const char *folder, uint32_t *ret_step)
{
	int r;

	(void)setsid();
	(void)umask(022);
	*ret_step = BOX_STEP_CHDIR;
	if (chdir(folder) < 0)
		return -errno;
	*ret_step = BOX_STEP_STDIO;
	r = arrange_fds(fds, n_fds, ctl);
	if (r < 0)
		return r;
	*ret_step = BOX_STEP_LIMITS;
	return set_limits(rules, limits);
}

/* ---- init ---- */

struct order {
	struct box_order head;
	int fds[BOX_MAX_FDS];
	size_t n_fds;
	char *text;
	char **argv, **env;
};

/* Cuts the text into argument vectors; it was checked by nobody. */
static bool cut(struct order *o, char **v)
{
	char *p = o->text, *end = o->text + o->head.n_text;
	size_t n = (size_t)o->head.n_argv + o->head.n_env, k = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == o->head.n_argv)
			v[k++] = NULL;
		v[k++] = p;
		p = memchr(p, '\0', (size_t)(end - p));
		if (!p++)
			return false;
	}
	if (o->head.n_env == 0)
		v[k++] = NULL;
	v[k] = NULL;
	o->argv = v;
	o->env = v + o->head.n_argv + 1;
	return true;
}

static bool read_order(int ctl, struct order *o)
{
	size_t room;
	char *p;

	if (!box_recv(ctl, &o->head, sizeof(o->head), o->fds, BOX_MAX_FDS))
		return false;
	while (o->n_fds < BOX_MAX_FDS && o->fds[o->n_fds] >= 0)
		o->n_fds++;
	if (o->head.n_text > BOX_MAX_TEXT || o->head.n_argv > o->head.n_text ||
	    o->head.n_env > o->head.n_text)
		return false;
	room = ((size_t)o->head.n_argv + o->head.n_env + 3) * sizeof(char *);
	p = mmap(NULL, room + o->head.n_text + 1, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	o->text = p + room;
	return box_recv(ctl, o->text, o->head.n_text, NULL, 0) && cut(o, (char **)(void *)p);
}

static void default_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void program(const struct box_rules *rules, struct order *o, int ctl, const char *folder)
	__attribute__((noreturn));
static void program(const struct box_rules *rules, struct order *o, int ctl, const char *folder)
{
	uint32_t step = 0;
	int r = box_start(rules, &o->head.limits, o->fds, o->n_fds, &ctl, folder, &step);

	if (r < 0)
		fail(ctl, r, step);
	default_signals();
	note(ctl, BOX_STARTED, 0, 0, NULL, 0);
	(void)execve(o->argv[0], o->argv, o->env);
	note(ctl, BOX_NO_EXEC, errno, 0, NULL, 0);
	_exit(127);
}

/* Reaps whatever ends, until pid does; its wait status. */
static int reap_until(pid_t pid)
{
	int status = 0;
	pid_t p;

	for (;;) {
		p = waitpid(-1, &status, __WALL);
		if (p == pid)
			return status;
		if (p < 0 && errno != EINTR)
			return SIGKILL;
	}
}

/* Not by ignoring SIGCHLD: the processor time of what is reaped is to be counted. SIGCHLD has been
 * blocked, so that none is missed. */
static void reap_forever(void) __attribute__((noreturn));
static void reap_forever(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	for (;;)
		if (waitpid(-1, NULL, __WALL) < 0)
			(void)sigwaitinfo(&set, NULL);
}

static void obey(const struct box_rules *rules, struct order *o, int ctl, const char *folder)
	__attribute__((noreturn));
static void obey(const struct box_rules *rules, struct order *o, int ctl, const char *folder)
{
	pid_t pid;

	if (o->head.warm)
		reap_forever();
	pid = fork();
	if (pid < 0)
		fail(ctl, -errno, BOX_STEP_FORK);
	if (pid == 0)
		program(rules, o, ctl, folder);
	/* else the program's last open end of a pipe would not be the last */
	for (size_t i = 0; i < o->n_fds; i++)
		(void)close(o->fds[i]);
	note(ctl, BOX_ENDED, reap_until(pid), 0, NULL, 0);
	_exit(0);
}

static void make(const struct box_rules *rules, int ctl)
{
	int fds[2], r;

	r = map_ids(rules->uid, rules->gid);
	if (r < 0)
		fail(ctl, r, BOX_STEP_IDS);
	r = make_folder();
	if (r < 0)
		fail(ctl, r, BOX_STEP_FOLDER);
	r = mount_proc(rules);
	if (r < 0)
		fail(ctl, r, BOX_STEP_PROC);
	fds[0] = open(BOX_WORK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds[1] = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fds[0] < 0 || fds[1] < 0)
		fail(ctl, -errno, BOX_STEP_OPEN);
	note(ctl, BOX_READY, 0, 0, fds, 2);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void block_sigchld(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

void box_init(const struct box_rules *rules, int ctl, const char *folder)
{
	struct order o = { 0 };
	uint32_t step = 0;
	int r;

	/* where a parent's end is not the namespace's */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (rules->confined)
		make(rules, ctl);
	else
		note(ctl, BOX_READY, 0, 0, NULL, 0);
	if (!read_order(ctl, &o))
		_exit(125);
	if (o.head.warm)
		block_sigchld();
	if (rules->confined) {
		r = o.head.warm ? 0 : size_folder(BOX_DIR, &o.head.limits, MS_REMOUNT);
		if (r < 0)
			fail(ctl, r, BOX_STEP_RESIZE);
		r = box_lock(rules, o.head.warm, &step);
		if (r < 0)
			fail(ctl, r, step);
	} else {
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	}
	obey(rules, &o, ctl, folder ? folder : BOX_WORK);
}
