/* conform.c - the conformance kit: a child process loads the plugin and runs the battery; the
 * parent prints what it reports, and what became of it if it died. */
#include "config.h"

#include "host/plugin/conform.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	HANG_S = 120,
	ARENA_MIB = 256,
	LINE_WHAT = 256,
	LINE_WHY = 2048
};

/* What goes through the pipe: a head, then both texts. */
enum line_kind {
	LINE_OK,
	LINE_BAD,
	LINE_NOT_LOADED,
	LINE_END
};
struct line_head {
	uint32_t kind;
	int32_t code;
	uint32_t n_what, n_why;
};

/* LeakSanitizer, where it is linked in. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* ---- the child ---- */

static void send(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			_exit(1); /* the parent is gone */
		at += w;
		n -= (size_t)w;
	}
}

static void send_line(int fd, enum line_kind kind, int32_t code, const char *what, const char *why)
{
	struct line_head h = { kind, code, (uint32_t)strnlen(what, LINE_WHAT - 1),
			       (uint32_t)strnlen(why, LINE_WHY - 1) };

	send(fd, &h, sizeof(h));
	send(fd, what, h.n_what);
	send(fd, why, h.n_why);
}

void meed_conform_line(struct meed_conform *k, bool ok, const char *what, const char *why_fmt, ...)
{
	char why[LINE_WHY], full[LINE_WHAT];
	va_list ap;

	va_start(ap, why_fmt);
	if (vsnprintf(why, sizeof(why), why_fmt, ap) < 0)
		why[0] = '\0';
	va_end(ap);
	(void)snprintf(full, sizeof(full), "%s%s%s", k->model ? k->model->rm.id : "",
		       k->model ? " " : "", what);
	send_line(k->fd, ok ? LINE_OK : LINE_BAD, 0, full, why);
}

void meed_conform_doing(struct meed_conform *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(k->shared->doing, sizeof(k->shared->doing), fmt, ap);
	va_end(ap);
	atomic_fetch_add(&k->shared->beat, 1);
}

static bool check_create(struct meed_conform *k)
{
	struct json_object *params = meed_conform_params(k->model);
	struct meed_err err = { 0 };
	void *self = NULL;
	bool ok = false;

	meed_conform_doing(k, "%s, created with its defaults", k->model->rm.id);
	if (!params)
		meed_conform_line(k, false, "created with its defaults",
				  "no value could be found for a required parameter: give it a "
				  "default or an example that its own schema takes");
	else if (meed_conform_create(k, params, &err, &self) < 0)
		meed_conform_line(k, false, "created with its defaults", "%s", err.text);
	else
		ok = true;
	if (ok) {
		meed_conform_line(k, true, "created with its defaults", "%s", "");
		meed_instance_destroy(k->r, k->model, self);
	}
	json_object_put(params);
	return ok;
}

static void check_model(struct meed_conform *k)
{
	uint32_t mode;

	meed_conform_check_schema(k);
	if (!check_create(k))
		return;
	meed_conform_check_params(k);
	for (mode = MEED_POINTWISE; mode <= MEED_STEPWISE; mode <<= 1) {
		if (!(k->model->rm.modes & mode))
			continue;
		meed_conform_check_mode(k, mode);
		meed_conform_check_requests(k, mode);
		meed_conform_check_threads(k, mode);
		meed_conform_check_leaks(k, mode);
		meed_conform_check_latency(k, mode);
	}
}

static void describe(struct meed_conform *k, const struct meed_module *m)
{
	k->model = NULL;
	meed_conform_line(k, true, "descriptor", "%s %s by %s, %s, models: %zu, build id %s",
			  m->desc.id, m->desc.version, m->desc.vendor, m->desc.license, m->n_models,
			  m->build_id[0] ? m->build_id : "none");
}

static void check_memory(struct meed_conform *k)
{
	k->model = NULL;
	if (!__lsan_do_recoverable_leak_check)
		return;
	meed_conform_doing(k, "the sanitizer's leak check");
	if (__lsan_do_recoverable_leak_check() != 0)
		meed_conform_line(k, false, "leaks", "LeakSanitizer found some: see its report");
	else
		meed_conform_line(k, true, "leaks", "LeakSanitizer found none");
}

static void child(struct meed_conform *k, const char *path)
{
	static const struct meed_log quiet = { -1, MEED_LOG_ERROR };
	struct meed_err err = { 0 };
	const struct meed_module *m;
	size_t i;
	int32_t r;

	r = meed_registry_new(&quiet, &err, &k->r);
	if (r == 0)
		k->r->runtimes = &meed_conform_runtimes;
	if (r == 0)
		r = meed_registry_load(k->r, path, &err);
	if (r < 0) {
		send_line(k->fd, LINE_NOT_LOADED, r, "", err.text);
		meed_registry_free(k->r);
		return;
	}
	m = k->r->modules[0];
	describe(k, m);
	for (i = 0; i < m->n_models; i++) {
		k->model = m->models[i];
		check_model(k);
	}
	k->model = NULL;
	meed_conform_doing(k, "deinit");
	meed_registry_free(k->r);
	meed_arena_release(&k->scratch);
	meed_arena_release(&k->arena);
	check_memory(k);
	send_line(k->fd, LINE_END, 0, "", "");
}

/* ---- the parent ---- */

/* All n bytes; false at the end of the pipe or if the child was silent for too long. */
static bool receive(int fd, void *p, size_t n, const struct meed_conform_shared *shared,
		    bool *ret_hung)
{
	unsigned beat = atomic_load(&shared->beat), quiet_s = 0;
	char *at = p;

	while (n > 0) {
		struct pollfd pfd = { fd, POLLIN, 0 };
		int ready = poll(&pfd, 1, 1000);
		ssize_t r;

		if (ready < 0 && errno != EINTR)
			return false;
		if (ready == 0) {
			quiet_s = atomic_load(&shared->beat) == beat ? quiet_s + 1 : 0;
			beat = atomic_load(&shared->beat);
			if (quiet_s >= HANG_S) {
				*ret_hung = true;
				return false;
			}
		}
		if (ready <= 0)
			continue;
		r = read(fd, at, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		at += r;
		n -= (size_t)r;
	}
	return true;
}

static void report(struct meed_conformance *k, bool ok, const char *what, const char *why)
{
	if (ok)
		k->n_passed++;
	else
		k->n_failed++;
	if (k->report)
		k->report(k->data, ok, what, why);
}

struct watch {
	struct meed_conformance *k;
	const struct meed_conform_shared *shared;
	struct meed_err *err;
	bool loaded, ended, hung;
	int32_t refused; /* not loaded: the code */
};

static void follow(struct watch *w, int fd)
{
	char what[LINE_WHAT], why[LINE_WHY];
	struct line_head h;

	while (!w->ended && receive(fd, &h, sizeof(h), w->shared, &w->hung)) {
		if (h.n_what >= sizeof(what) || h.n_why >= sizeof(why) ||
		    !receive(fd, what, h.n_what, w->shared, &w->hung) ||
		    !receive(fd, why, h.n_why, w->shared, &w->hung))
			return;
		what[h.n_what] = '\0';
		why[h.n_why] = '\0';
		if (h.kind == LINE_NOT_LOADED)
			w->refused = meed_err_set(w->err, h.code, "%s", why);
		if (h.kind == LINE_OK || h.kind == LINE_BAD) {
			w->loaded = true;
			report(w->k, h.kind == LINE_OK, what, why);
		}
		w->ended = h.kind == LINE_END || h.kind == LINE_NOT_LOADED;
	}
}

/* How the child ended, in words. */
static void end_text(const struct watch *w, int status, char *buf, size_t n)
{
	if (w->hung)
		(void)snprintf(buf, n, "still running after %d seconds", HANG_S);
	else if (WIFSIGNALED(status))
		(void)snprintf(buf, n, "crashed (%s)", strsignal(WTERMSIG(status)));
	else
		(void)snprintf(buf, n, "ended the process (exit status %d)",
			       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static int32_t conclude(struct watch *w, int status, const char *path)
{
	char how[128], doing[256], why[512];

	if (w->refused < 0)
		return w->refused;
	if (w->ended)
		return 0;
	end_text(w, status, how, sizeof(how));
	memcpy(doing, w->shared->doing, sizeof(doing));
	doing[sizeof(doing) - 1] = '\0';
	if (!w->loaded)
		return meed_err_set(w->err, MEED_E_INTERNAL, "%s: %s while it was loaded", path,
				    how);
	(void)snprintf(why, sizeof(why), "%s; nothing after that was checked", how);
	report(w->k, false, doing, why);
	return 0;
}

static void run_child(const struct meed_conformance *k, int fd, struct meed_conform_shared *shared,
		      const char *path)
{
	struct meed_conform c = {
		.fd = fd,
		.shared = shared,
		.threads = k->threads ? k->threads : 8,
		.rounds = k->rounds ? k->rounds : 200,
	};

	(void)signal(SIGPIPE, SIG_IGN);
	meed_arena_init(&c.arena, 0);
	meed_arena_init(&c.scratch, (size_t)ARENA_MIB << 20);
	child(&c, path);
	_exit(0);
}

int32_t meed_conformance_run(struct meed_conformance *k, const char *path, struct meed_err *err)
{
	struct meed_conform_shared *shared;
	struct watch w = { .k = k, .err = err };
	int fds[2] = { -1, -1 }, status = 0;
	int32_t r;
	pid_t pid;

	k->n_passed = 0;
	k->n_failed = 0;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return meed_err_nomem(err);
	w.shared = shared;
	if (pipe(fds) < 0) {
		r = meed_err_set(err, MEED_E_INTERNAL, "cannot make a pipe: %s", strerror(errno));
		goto out;
	}
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		run_child(k, fds[1], shared, path);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		r = meed_err_set(err, MEED_E_INTERNAL, "cannot start a process: %s",
				 strerror(errno));
	} else {
		follow(&w, fds[0]);
		if (!w.ended && w.hung)
			(void)kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		r = conclude(&w, status, path);
	}
	(void)close(fds[0]);
out:
	(void)munmap(shared, sizeof(*shared));
	return r;
}
