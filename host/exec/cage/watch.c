/* watch.c - what the processes of a box use, read from its /proc. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOONEST_NS 4000000u		/* looking costs some 30 us a process */
#define LATEST_NS 50000000u
#define BYTES_A_NS 4u			/* the most that one CPU can fill */
#define NO_LIMIT UINT64_MAX
#define FREE_FDS 24u
#define BYTES_A_FD (208u << 10)		/* net.core.wmem_default */
#define MOST_MAPS (4u << 20)

static ssize_t read_file(int dir, const char *name, char *p, size_t n)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t k;

	if (fd < 0)
		return -1;
	k = read(fd, p, n - 1);
	(void)close(fd);
	if (k >= 0)
		p[k] = '\0';
	return k;
}

static bool is_number(const char *s)
{
	return *s >= '1' && *s <= '9' && s[strspn(s, "0123456789")] == '\0';
}

/* The number after "name:" in /proc/PID/status. */
static uint64_t field(const char *status, const char *name)
{
	const char *p = strstr(status, name);

	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

/* Ticks of user and system time, of the process and of its reaped children. */
static uint64_t ticks_of(const char *stat)
{
	const char *p = strrchr(stat, ')');
	uint64_t sum = 0;
	char *end;

	/* after the name: state is field 3, the four times are 14 to 17 */
	for (int i = 2; p && i < 14; i++)
		p = strchr(p + 1, ' ');
	for (int i = 14; p && i < 18; i++, p = end)
		sum += strtoull(p, &end, 10);
	return sum;
}

/* Shared memory without a name counts nowhere once it is not mapped in, but its mapping shows. */
static uint64_t hidden(int dir, const char *pid)
{
	char path[64], *text = malloc(MOST_MAPS);
	unsigned long long from, to;
	uint64_t sum = 0;
	size_t n = 0;
	ssize_t k;
	int fd;

	if (!text)
		return 0;
	(void)snprintf(path, sizeof(path), "%.20s/maps", pid);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n < MOST_MAPS - 1 && (k = read(fd, text + n, MOST_MAPS - 1 - n)) > 0)
		n += (size_t)k;
	text[n] = '\0';
	if (fd >= 0)
		(void)close(fd);
	for (char *line = text, *end; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		if (strstr(line, "/dev/zero (deleted)") &&
		    sscanf(line, "%llx-%llx", &from, &to) == 2)
			sum += to - from;
	}
	free(text);
	return sum;
}

/* Sockets and what is on its way in them count for no process; so each descriptor beyond what
 * programs mostly have counts as the most that one may hold. */
static uint64_t descriptors(int dir, const char *pid)
{
	uint64_t n = 0;
	char path[64];
	struct dirent *e;
	struct stat st;
	DIR *d;
	int fd;

	(void)snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		n = (uint64_t)st.st_size; /* since Linux 6.2 */
		(void)close(fd);
	} else if ((d = fdopendir(fd)) != NULL) {
		while ((e = readdir(d)) != NULL)
			n += is_number(e->d_name) || e->d_name[0] == '0';
		(void)closedir(d);
	} else {
		(void)close(fd);
	}
	return n > FREE_FDS ? (n - FREE_FDS) * BYTES_A_FD : 0;
}

static void add_process(int dir, const char *pid, uint64_t limit, struct usage *u)
{
	const uint64_t tick_us = 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	char path[64], text[4096];

	(void)snprintf(path, sizeof(path), "%.20s/stat", pid);
	if (read_file(dir, path, text, sizeof(text)) <= 0)
		return;
	u->cpu_us += ticks_of(text) * tick_us;
	(void)snprintf(path, sizeof(path), "%.20s/status", pid);
	if (read_file(dir, path, text, sizeof(text)) <= 0)
		return;
	u->processes += (uint32_t)field(text, "\nThreads:");
	u->memory += 1024u * (field(text, "\nRssAnon:") + field(text, "\nRssShmem:") +
			      field(text, "\nVmPTE:") + field(text, "\nVmSwap:"));
	/* the rest a control group counts, if there is one */
	if (limit == NO_LIMIT)
		return;
	u->memory += descriptors(dir, pid);
	if (field(text, "\nVmSize:") * 1024u > limit)
		u->memory += hidden(dir, pid);
}

/* ---- where there is no pid namespace: descendants ---- */

struct family {
	pid_t *v;
	size_t n, cap;
};

static pid_t parent_of(int proc, const char *pid)
{
	char path[64], text[1024], *p;

	(void)snprintf(path, sizeof(path), "%.20s/stat", pid);
	if (read_file(proc, path, text, sizeof(text)) <= 0)
		return 0;
	p = strrchr(text, ')');
	return p && strlen(p) > 4 ? (pid_t)strtol(p + 4, NULL, 10) : 0;
}

static bool is_in(const struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i] == pid)
			return true;
	return false;
}

static void add_member(struct family *f, pid_t pid)
{
	pid_t *v;

	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		v = realloc(f->v, f->cap * sizeof(*v));
		if (!v) {
			f->cap = f->n;
			return;
		}
		f->v = v;
	}
	f->v[f->n++] = pid;
}

/* pid and all that descend from it, as far as they can be seen in passing. */
static void find_family(pid_t pid, struct family *f)
{
	size_t before;
	struct dirent *e;
	DIR *d = opendir("/proc");
	pid_t p;

	add_member(f, pid);
	do {
		before = f->n;
		if (d)
			rewinddir(d);
		while (d && (e = readdir(d)) != NULL) {
			if (!is_number(e->d_name))
				continue;
			p = (pid_t)strtol(e->d_name, NULL, 10);
			if (!is_in(f, p) && is_in(f, parent_of(dirfd(d), e->d_name)))
				add_member(f, p);
		}
	} while (f->n > before);
	if (d)
		(void)closedir(d);
}

/* pid itself, its subreaper, is stopped from making more only by its children's end. */
void kill_tree(pid_t pid)
{
	struct family f;
	size_t n;

	for (int i = 0; i < 1000; i++) {
		f = (struct family){ 0 };
		find_family(pid, &f);
		n = f.n;
		for (size_t k = 1; k < f.n; k++)
			(void)kill(f.v[k], SIGKILL);
		free(f.v);
		if (n <= 1)
			break;
		(void)usleep(200);
	}
}

static bool family_usage(pid_t pid, uint64_t limit, struct usage *ret)
{
	struct family f = { 0 };
	char name[24];
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	find_family(pid, &f);
	for (size_t i = 0; proc >= 0 && i < f.n; i++) {
		(void)snprintf(name, sizeof(name), "%d", (int)f.v[i]);
		add_process(proc, name, limit, ret);
	}
	free(f.v);
	if (proc >= 0)
		(void)close(proc);
	return proc >= 0;
}

/* ---- */

bool box_usage(const struct cage *c, const struct box *b, uint64_t limit, struct usage *ret)
{
	struct dirent *e;
	DIR *d;
	int fd;

	*ret = (struct usage){ 0 };
	if (c->group.memory)
		limit = NO_LIMIT;
	if (!c->rules->confined)
		return family_usage(b->pid, limit, ret);
	fd = openat(b->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while ((e = readdir(d)) != NULL)
		if (is_number(e->d_name))
			add_process(dirfd(d), e->d_name, limit, ret);
	(void)closedir(d);
	return true;
}

/* The earliest that a limit can be reached by what is there, were it to do its worst. */
uint64_t box_look_again(const struct cage *c, const struct usage *u, const meed_limits *l)
{
	uint64_t cpus = c->cpus < l->processes ? c->cpus : l->processes;
	uint64_t left_us = (uint64_t)l->cpu_ms * 1000u, memory = 0, t;

	left_us = left_us > u->cpu_us ? left_us - u->cpu_us : 0;
	if (l->memory > u->memory)
		memory = l->memory - u->memory;
	t = left_us * 1000u / cpus;
	if (memory / (BYTES_A_NS * cpus) < t)
		t = memory / (BYTES_A_NS * cpus);
	return t < SOONEST_NS ? SOONEST_NS : t > LATEST_NS ? LATEST_NS : t;
}
