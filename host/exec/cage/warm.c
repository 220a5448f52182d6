/* warm.c - meed-warm.so: makes a CPython interpreter serve runs, each in a fork of itself.
 *
 * The cage starts the interpreter with the very command line of a run, and this object preloaded.
 * When the interpreter, all set up, opens the program's file, that call does not return: it imports
 * the preload modules and then waits for orders. For each it forks; the fork enters the box that the
 * order names, locks itself in, and there the call returns with the box's file. So a warm program
 * runs as a cold one does, from the same point in the interpreter: no frame, module or descriptor of
 * ours is there for it to find.
 *
 * The interpreter is spoken to through its C API, found when it is needed: this object links to
 * libc alone, and does nothing in a process that is not asked to serve. */
#include "config.h"

#include "host/exec/cage/box.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/exec/cage/warm.h"

#define MOST_CHILDREN 8

#define EXPORT __attribute__((visibility("default")))

EXPORT FILE *fopen(const char *path, const char *mode);
EXPORT FILE *fopen64(const char *path, const char *mode);

typedef struct _object object;

/* What is used of the interpreter's C API. */
struct python {
	int (*ensure)(void);		/* the interpreter's lock, let go of while a file opens */
	void (*release)(int);
	void (*before_fork)(void);
	void (*after_fork_parent)(void);
	void (*after_fork_child)(void);
	object *(*import)(const char *name);
	object *(*call)(object *o, const char *method, const char *format, ...);
	void (*clear)(void);
	int (*sys_set)(const char *name, object *value);
	object *(*sys_get)(const char *name);
	object *(*list_new)(long n);
	int (*list_set)(object *list, long i, object *item);
	object *(*decode)(const char *text, long n);
	object *(*dict_get)(object *dict, const char *key); /* borrowed */
	object *(*module_new)(const char *name);
	object *(*module_dict)(object *module); /* borrowed */
	int (*dict_update)(object *to, object *from);
	int (*dict_set)(object *dict, const char *key, object *value);
	int (*dict_del)(object *dict, const char *key);
	void (*dec_ref)(object *o);
};

struct child {
	pid_t pid;			/* 0: none */
	int pidfd, ctl;
};

struct server {
	const struct box_rules *rules;
	struct python py;
	struct child children[MOST_CHILDREN];
	int own_pids;			/* our pid namespace */
};

/* Taken from the environment, which is then without it, before the interpreter reads that: nothing
 * else can be handed to the call that is taken over. Written once, when the object is loaded. */
static struct {
	char file[256], preload[4096];
	bool on;
} asked;

static void take(const char *name, char *p, size_t n)
{
	const char *v = getenv(name);

	(void)snprintf(p, n, "%s", v ? v : "");
	(void)unsetenv(name);
}

__attribute__((constructor)) static void load(void)
{
	take(WARM_FILE, asked.file, sizeof(asked.file));
	take(WARM_PRELOAD, asked.preload, sizeof(asked.preload));
	(void)unsetenv("LD_PRELOAD");
	asked.on = asked.file[0] != '\0';
	for (int fd = WARM_FD; asked.on && fd <= WARM_STDERR_FD; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* ---- what /proc says of us ---- */

/* Numbers of /proc/self/stat, the last of which is of what comes after the name. */
static bool read_stat(uint64_t *v, size_t n)
{
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	char text[2048], *p;
	ssize_t k;

	if (fd < 0)
		return false;
	k = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (k <= 0)
		return false;
	text[k] = '\0';
	p = strrchr(text, ')');
	if (!p || strlen(p) < 4)
		return false;
	/* the name is field 2, the state, a letter, 3 */
	p += 3;
	for (size_t i = 4; i < n; i++)
		v[i] = strtoull(p, &p, 10);
	return true;
}

/* /proc/self/cmdline and environ become those of a cold start. They are read from the process's own
 * memory, from a copy of text, which stays. Where the kernel does not let us it says more than it
 * should, which harms nobody. */
static void show_words(const char *text, size_t n_argv, size_t n_env)
{
	struct prctl_mm_map m = { 0 };
	uint64_t v[52] = { 0 };
	const char *p = text, *middle = text;
	char *copy;

	for (size_t i = 0; i < n_argv + n_env; i++) {
		p += strlen(p) + 1;
		if (i + 1 == n_argv)
			middle = p;
	}
	copy = mmap(NULL, (size_t)(p - text) + 1, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED || !read_stat(v, 52))
		return;
	memcpy(copy, text, (size_t)(p - text));
	m.start_code = v[26];
	m.end_code = v[27];
	m.start_stack = v[28];
	m.start_data = v[45];
	m.end_data = v[46];
	m.start_brk = v[47];
	m.brk = (uint64_t)(uintptr_t)sbrk(0);
	m.arg_start = (uint64_t)(uintptr_t)copy;
	m.arg_end = m.env_start = m.arg_start + (uint64_t)(middle - text);
	m.env_end = m.arg_start + (uint64_t)(p - text);
	m.exe_fd = (uint32_t)-1;
	(void)prctl(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof(m), 0);
}

/* ---- the interpreter ---- */

static bool find(void *slot, const char *name)
{
	void *f = dlsym(RTLD_DEFAULT, name);

	memcpy(slot, &f, sizeof(f));
	return f != NULL;
}

static bool find_python(struct python *py)
{
	return find(&py->ensure, "PyGILState_Ensure") && find(&py->release, "PyGILState_Release") &&
	       find(&py->before_fork, "PyOS_BeforeFork") &&
	       find(&py->after_fork_parent, "PyOS_AfterFork_Parent") &&
	       find(&py->after_fork_child, "PyOS_AfterFork_Child") &&
	       find(&py->import, "PyImport_ImportModule") &&
	       find(&py->call, "PyObject_CallMethod") && find(&py->clear, "PyErr_Clear") &&
	       find(&py->sys_set, "PySys_SetObject") && find(&py->sys_get, "PySys_GetObject") &&
	       find(&py->list_new, "PyList_New") && find(&py->list_set, "PyList_SetItem") &&
	       find(&py->decode, "PyUnicode_DecodeFSDefaultAndSize") &&
	       find(&py->dict_get, "PyDict_GetItemString") &&
	       find(&py->module_new, "PyModule_New") &&
	       find(&py->module_dict, "PyModule_GetDict") &&
	       find(&py->dict_update, "PyDict_Update") &&
	       find(&py->dict_set, "PyDict_SetItemString") &&
	       find(&py->dict_del, "PyDict_DelItemString") && find(&py->dec_ref, "Py_DecRef");
}

static void do_call(const struct python *py, const char *module, const char *method)
{
	object *m = py->import(module), *r = m ? py->call(m, method, NULL) : NULL;

	if (!r)
		py->clear();
	py->dec_ref(r);
	py->dec_ref(m);
}

/* What takes time once is done once; then all that exists is put where collections do not touch
 * it, so that forks go on sharing it. */
static void prepare(const struct python *py)
{
	char *name = asked.preload, *end;
	object *m, *cache, *modules;

	for (; *name; name = end) {
		end = name + strcspn(name, " ");
		if (*end)
			*end++ = '\0';
		m = py->import(name);
		if (!m) {
			py->clear();
			(void)dprintf(WARM_STDERR_FD, "meed-cage: cannot preload %s\n", name);
		}
		py->dec_ref(m);
	}
	cache = py->sys_get("path_importer_cache");
	if (cache && py->dict_del(cache, BOX_WORK) < 0)
		py->clear();
	do_call(py, "gc", "collect");
	do_call(py, "gc", "freeze");
	modules = py->sys_get("modules");
	if (modules && py->dict_del(modules, "gc") < 0)
		py->clear();
}

static void set_words(const struct python *py, const char *name, char *text, size_t n)
{
	object *list = py->list_new((long)n);

	for (size_t i = 0; list && i < n; i++, text += strlen(text) + 1)
		(void)py->list_set(list, (long)i, py->decode(text, (long)strlen(text)));
	if (list)
		(void)py->sys_set(name, list);
	py->dec_ref(list);
}

/* The interpreter's own words are those before the program's file. */
static void set_argv(const struct python *py, const struct box_order *o, char *text)
{
	size_t n = o->n_argv;
	char *p = text;

	show_words(text, n, o->n_env);
	set_words(py, "orig_argv", text, n);
	while (n > 1 && strcmp(p, asked.file) != 0) {
		p += strlen(p) + 1;
		n--;
	}
	set_words(py, "argv", p, n);
}

/* The program's own module is a new one: collections at its end look at it, as they should. */
static void renew_main(const struct python *py)
{
	object *modules = py->sys_get("modules"), *old, *m;

	old = modules ? py->dict_get(modules, "__main__") : NULL;
	m = old ? py->module_new("__main__") : NULL;
	if (!m || py->dict_update(py->module_dict(m), py->module_dict(old)) < 0 ||
	    py->dict_set(modules, "__main__", m) < 0)
		py->clear();
	py->dec_ref(m);
}

/* A fork shares the state of numpy's generator, which does not know of forks. */
static void reseed(const struct python *py)
{
	object *modules = py->sys_get("modules"), *m, *r;

	m = modules ? py->dict_get(modules, "numpy.random") : NULL;
	if (!m)
		return;
	r = py->call(m, "seed", NULL);
	if (!r)
		py->clear();
	py->dec_ref(r);
}

/* ---- children ---- */

struct order {
	struct box_order head;
	int fds[BOX_MAX_FDS];		/* stdin, stdout, stderr, perhaps the channel; pidfd, ctl */
	size_t n_fds;
	char *text;
};

static void note(int ctl, const struct box_note *n)
{
	(void)box_send(ctl, n, sizeof(*n), NULL, 0);
}

static void fail(int ctl, int r, uint32_t step) __attribute__((noreturn));
static void fail(int ctl, int r, uint32_t step)
{
	struct box_note n = { .kind = BOX_FAILED, .value = -r, .step = step, .ns = box_now() };

	note(ctl, &n);
	_exit(125);
}

/* Where memory is short it is the program that goes, not the interpreter that is kept. */
static void offer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!write(fd, "1000", 4);
		(void)close(fd);
	}
}

/* In the fork: from here to the program. */
static void enter(struct server *s, struct order *o)
{
	struct box_note started = { .kind = BOX_STARTED };
	int ctl = o->fds[o->n_fds - 1], r;
	uint32_t step;

	s->py.after_fork_child();
	offer();
	set_argv(&s->py, &o->head, o->text);
	reseed(&s->py);
	renew_main(&s->py);
	r = box_join(o->fds[o->n_fds - 2], &o->head.limits, &step);
	if (r == 0)
		r = box_lock(s->rules, false, &step);
	if (r == 0)
		r = box_start(s->rules, &o->head.limits, o->fds, o->n_fds - 2, &ctl, BOX_WORK,
			      &step);
	if (r < 0)
		fail(ctl, r, step);
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	(void)munmap((void *)(uintptr_t)s->rules, sizeof(*s->rules));
	(void)munmap(o->text, o->head.n_text + 1u);
	started.ns = box_now();
	note(ctl, &started);
	(void)close(ctl);
}

static struct child *free_child(struct server *s)
{
	for (size_t i = 0; i < MOST_CHILDREN; i++)
		if (s->children[i].pid == 0)
			return &s->children[i];
	return NULL;
}

static void reap(struct child *c)
{
	struct box_note n = { .kind = BOX_ENDED };
	struct rusage u;
	int status = 0;

	if (wait4(c->pid, &status, __WALL, &u) == c->pid) {
		n.value = status;
		n.cpu_us = (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000u +
			   (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
		n.peak = (uint64_t)u.ru_maxrss * 1024u;
		n.ns = box_now();
		note(c->ctl, &n);
	}
	(void)close(c->ctl);
	(void)close(c->pidfd);
	c->pid = 0;
}

/* True in the fork. */
static bool obey(struct server *s, struct order *o)
{
	struct child *c = free_child(s);
	int ctl = o->fds[o->n_fds - 1];
	struct box_note n = { .kind = BOX_FAILED, .step = BOX_STEP_FORK };
	pid_t pid;

	if (!c || setns(o->fds[o->n_fds - 2], CLONE_NEWPID) < 0) {
		n.value = c ? errno : EAGAIN;
		note(ctl, &n);
		(void)close(ctl);
		return false;
	}
	s->py.before_fork();
	pid = fork();
	if (pid == 0)
		return true;
	n.value = errno;
	s->py.after_fork_parent();
	(void)setns(s->own_pids, CLONE_NEWPID);
	if (pid < 0) {
		note(ctl, &n);
		(void)close(ctl);
		return false;
	}
	*c = (struct child){ pid, (int)syscall(SYS_pidfd_open, pid, 0), ctl };
	return false;
}

static bool read_order(struct order *o)
{
	*o = (struct order){ .n_fds = 0 };
	if (!box_recv(WARM_FD, &o->head, sizeof(o->head), o->fds, BOX_MAX_FDS))
		return false;
	while (o->n_fds < BOX_MAX_FDS && o->fds[o->n_fds] >= 0)
		o->n_fds++;
	if (o->n_fds < 5 || o->head.n_text > BOX_MAX_TEXT)
		return false;
	o->text = mmap(NULL, o->head.n_text + 1u, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return o->text != MAP_FAILED && box_recv(WARM_FD, o->text, o->head.n_text, NULL, 0);
}

/* One order, or the end of a child. True in a fork. */
static bool step(struct server *s)
{
	struct pollfd p[MOST_CHILDREN + 1] = { { .fd = WARM_FD, .events = POLLIN } };
	struct order o;

	for (size_t i = 0; i < MOST_CHILDREN; i++)
		p[i + 1] = (struct pollfd){ s->children[i].pid ? s->children[i].pidfd : -1, POLLIN,
					    0 };
	if (poll(p, MOST_CHILDREN + 1, -1) < 0)
		return false;
	for (size_t i = 0; i < MOST_CHILDREN; i++)
		if (p[i + 1].revents)
			reap(&s->children[i]);
	if (!p[0].revents)
		return false;
	if (!read_order(&o))
		_exit(0);
	if (obey(s, &o)) {
		enter(s, &o);
		return true;
	}
	for (size_t i = 0; i + 1 < o.n_fds; i++)
		(void)close(o.fds[i]);
	(void)munmap(o.text, o.head.n_text + 1u);
	return false;
}

static void serve(void)
{
	struct box_note ready = { .kind = BOX_READY };
	struct server s = { .own_pids = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC) };
	void *rules;
	int lock;

	rules = mmap(NULL, sizeof(struct box_rules), PROT_READ, MAP_SHARED, WARM_RULES_FD, 0);
	(void)close(WARM_RULES_FD);
	if (s.own_pids < 0 || rules == MAP_FAILED || !find_python(&s.py))
		_exit(126);
	s.rules = rules;
	lock = s.py.ensure();
	prepare(&s.py);
	note(WARM_FD, &ready);
	while (!step(&s))
		continue;
	s.py.release(lock);
}

/* ---- what is taken over ---- */

static bool is_file(const char *path)
{
	const size_t n = sizeof(BOX_WORK "/") - 1;

	if (strncmp(path, BOX_WORK "/", n) == 0)
		path += n;
	return strcmp(path, asked.file) == 0;
}

static FILE *open_as(const char *name, const char *path, const char *mode)
{
	FILE *(*real)(const char *, const char *) = NULL;
	void *f = dlsym(RTLD_NEXT, name);

	memcpy(&real, &f, sizeof(f));
	if (asked.on && path && is_file(path)) {
		asked.on = false;
		serve();
	}
	if (!real) {
		errno = ENOSYS;
		return NULL;
	}
	return real(path, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	return open_as("fopen", path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return open_as("fopen64", path, mode);
}
