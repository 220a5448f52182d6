/* bwrap.c - the command line that starts a cage under bubblewrap. */
#include "config.h"

#include "host/exec/bwrap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct words {
	char **v;
	size_t n, cap;
	bool failed;
};

static void add_n(struct words *w, const char *s, size_t n)
{
	char **v;

	if (w->failed)
		return;
	if (w->n + 1 >= w->cap) {
		w->cap = w->cap ? 2 * w->cap : 64;
		v = realloc(w->v, w->cap * sizeof(*v));
		if (!v) {
			w->failed = true;
			return;
		}
		w->v = v;
	}
	w->v[w->n] = strndup(s, n);
	if (w->v[w->n])
		w->n++;
	else
		w->failed = true;
	w->v[w->n] = NULL;
}

/* Words parted by single spaces. */
static void add(struct words *w, const char *s)
{
	const char *end;

	for (; s; s = end ? end + 1 : NULL) {
		end = strchr(s, ' ');
		add_n(w, s, end ? (size_t)(end - s) : strlen(s));
	}
}

static void add_bind(struct words *w, const char *how, const char *from, const char *to)
{
	add(w, how);
	add_n(w, from, strlen(from));
	add_n(w, to, strlen(to));
}

/* /bin and its like: links into /usr on a merged system, folders elsewhere. */
static void add_system(struct words *w)
{
	static const char *const names[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32" };
	char to[256];
	struct stat st;
	ssize_t n;

	add(w, "--ro-bind /usr /usr");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (lstat(names[i], &st) < 0)
			continue;
		if (!S_ISLNK(st.st_mode)) {
			add_bind(w, "--ro-bind", names[i], names[i]);
			continue;
		}
		n = readlink(names[i], to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		add_bind(w, "--symlink", to, names[i]);
	}
	add(w, "--dir /etc");
	add(w, "--ro-bind-try /etc/ld.so.cache /etc/ld.so.cache");
	add(w, "--ro-bind-try /etc/alternatives /etc/alternatives");
	add(w, "--ro-bind-try /etc/localtime /etc/localtime");
}

static void add_devices(struct words *w)
{
	static const char *const names[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random",
					     "/dev/urandom" };

	add(w, "--tmpfs /dev");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_bind(w, "--dev-bind", names[i], names[i]);
	add(w, "--symlink /proc/self/fd /dev/fd");
	add(w, "--symlink /proc/self/fd/0 /dev/stdin");
	add(w, "--symlink /proc/self/fd/1 /dev/stdout");
	add(w, "--symlink /proc/self/fd/2 /dev/stderr");
	add(w, "--symlink /box/shm /dev/shm");
}

/* Beside the cage, or where libtool builds it. */
static void add_warm(struct words *w, const char *cage)
{
	static const char *const names[] = { "meed-warm.so", ".libs/meed-warm.so" };
	const char *slash = strrchr(cage, '/');
	size_t n = slash ? (size_t)(slash + 1 - cage) : 0;
	char path[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (n + strlen(names[i]) >= sizeof(path))
			return;
		memcpy(path, cage, n);
		memcpy(path + n, names[i], strlen(names[i]) + 1);
		if (access(path, R_OK) == 0) {
			add_bind(w, "--ro-bind", path, "/meed/meed-warm.so");
			return;
		}
	}
}

static void add_bwrap(struct words *w, const struct meed_exec_sandbox *s)
{
	add_n(w, s->bwrap, strlen(s->bwrap));
	add(w, "--unshare-user --unshare-pid --unshare-net --unshare-ipc --unshare-uts");
	add(w, "--unshare-cgroup-try --uid 0 --gid 0 --cap-add ALL --hostname box");
	add(w, "--die-with-parent --new-session --clearenv --chdir /");
	add_system(w);
	add(w, "--proc /proc");
	add_devices(w);
	add(w, "--dir /box --symlink box/tmp /tmp");
	for (char **b = s->binds; b && *b; b++)
		add_bind(w, "--ro-bind", *b, *b);
	add_bind(w, "--ro-bind", s->cage, "/meed/meed-cage");
	add_warm(w, s->cage);
	add(w, "-- /meed/meed-cage");
}

int32_t meed_bwrap_argv(const struct meed_exec_sandbox *s, const char *const *words,
			struct meed_err *err, char ***ret_argv)
{
	struct words w = { 0 };
	int32_t r = MEED_OK;

	if (s->unconfined) {
		add_n(&w, s->cage, strlen(s->cage));
		add(&w, "--unconfined");
	} else {
		add_bwrap(&w, s);
	}
	for (; words && *words; words++)
		add_n(&w, *words, strlen(*words));
	if (w.failed) {
		meed_bwrap_free(w.v);
		r = meed_err_nomem(err);
		goto out;
	}
	*ret_argv = w.v;
out:
	return r;
}

void meed_bwrap_free(char **argv)
{
	for (char **a = argv; a && *a; a++)
		free(*a);
	free(argv);
}
