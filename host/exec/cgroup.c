/* cgroup.c - a control group for each cage, where this process may make one. */
#include "config.h"

#include "host/exec/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "meed-cage-"

/* The files that a cage writes; it reads what all may read. */
static const char *const files[2][4] = {
	{ "memory.max", "memory.swap.max", "memory.limit_in_bytes", NULL },
	{ "pids.max", NULL },
};
static const char *const controllers[2] = { "memory", "pids" };

/* Where our own group lies, for a controller of version 1 or (v2) the unified hierarchy. */
struct place {
	char mount[256], root[256];	/* the mount, and what of the hierarchy it shows */
	char group[256];
	bool v2;
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)) != NULL; p += n)
		if ((p == list || p[-1] == ',' || p[-1] == ' ') &&
		    (p[n] == '\0' || p[n] == ',' || p[n] == '\n' || p[n] == ' '))
			return true;
	return false;
}

/* /proc/self/mountinfo: "... ROOT MOUNTPOINT OPTIONS - TYPE SOURCE SUPEROPTIONS". */
static bool find_mount(const char *controller, bool v2, struct place *p)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[2048], type[32], options[512], *dash;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		dash = strstr(line, " - ");
		if (!dash || sscanf(dash, " - %31s %*s %511s", type, options) != 2)
			continue;
		if (strcmp(type, v2 ? "cgroup2" : "cgroup") != 0 ||
		    (!v2 && !has_word(options, controller)))
			continue;
		found = sscanf(line, "%*s %*s %*s %255s %255s", p->root, p->mount) == 2;
	}
	if (f)
		(void)fclose(f);
	return found;
}

/* /proc/self/cgroup: "ID:CONTROLLERS:PATH", no controllers in version 2. */
static bool find_group(const char *controller, bool v2, struct place *p)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[1024], *list, *path;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		list = strchr(line, ':');
		path = list ? strchr(list + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		list++;
		if (v2 ? *list != '\0' : !has_word(list, controller))
			continue;
		path[strcspn(path, "\n")] = '\0';
		(void)snprintf(p->group, sizeof(p->group), "%.255s", path);
		found = true;
	}
	if (f)
		(void)fclose(f);
	return found;
}

/* The folder of our own group, as it is mounted here. */
static bool own_folder(const struct place *p, char *out, size_t n)
{
	const char *rest = p->group;
	size_t k = strlen(p->root);
	int len;

	if (k > 1) {
		if (strncmp(rest, p->root, k) != 0)
			return false;
		rest += k;
	}
	len = snprintf(out, n, "%s%s", p->mount, strcmp(rest, "/") == 0 ? "" : rest);
	return len > 0 && (size_t)len < n;
}

/* ---- making ---- */

/* Those whose host, named by its process, is no more. */
static void sweep(const char *parent)
{
	DIR *d = opendir(parent);
	struct dirent *e;
	char path[1024];
	pid_t pid;

	while (d && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, PREFIX, sizeof(PREFIX) - 1) != 0)
			continue;
		pid = (pid_t)strtol(e->d_name + sizeof(PREFIX) - 1, NULL, 10);
		if (pid <= 0 || kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", parent, e->d_name);
		(void)rmdir(path);
	}
	if (d)
		(void)closedir(d);
}

static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, W_OK, 0) == 0;
}

/* A folder that is a group with the controller's limit in it, or none. */
static bool make_one(struct meed_cgroup *g, int what, const char *parent, uint64_t serial,
		     uint32_t uid)
{
	char *path = g->folder[what];
	int fd, len;

	len = snprintf(path, sizeof(g->folder[what]), "%s/" PREFIX "%d-%llx", parent, (int)getpid(),
		       (unsigned long long)serial);
	if (len < 0 || (size_t)len >= sizeof(g->folder[what]) ||
	    (mkdir(path, 0755) < 0 && errno != EEXIST))
		goto none;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && (exists(fd, files[what][0]) || exists(fd, "memory.limit_in_bytes")) &&
	    exists(fd, "cgroup.procs")) {
		for (const char *const *f = files[what]; *f; f++)
			(void)!fchownat(fd, *f, uid, (gid_t)-1, 0);
		g->fd[what] = fd;
		return true;
	}
	if (fd >= 0)
		(void)close(fd);
	(void)rmdir(path);
none:
	path[0] = '\0';
	return false;
}

static void make(struct meed_cgroup *g, int what, uint64_t serial, uint32_t uid)
{
	struct place p;
	char own[512], *slash;

	p = (struct place){ .v2 = false };
	if (find_mount(controllers[what], false, &p) && find_group(controllers[what], false, &p) &&
	    own_folder(&p, own, sizeof(own))) {
		sweep(own);
		(void)make_one(g, what, own, serial, uid);
		return;
	}
	p = (struct place){ .v2 = true };
	if (!find_mount(controllers[what], true, &p) || !find_group(controllers[what], true, &p) ||
	    !own_folder(&p, own, sizeof(own)))
		return;
	/* beside us, unless we are at the root of what is shown */
	slash = strrchr(own, '/');
	if (slash && strlen(own) > strlen(p.mount))
		*slash = '\0';
	sweep(own);
	(void)make_one(g, what, own, serial, uid);
}

void meed_cgroup_make(struct meed_cgroup *g, uint32_t uid)
{
	uint64_t serial = meed_now_ns();

	*g = (struct meed_cgroup){ .fd = { -1, -1 } };
	make(g, MEED_CGROUP_MEMORY, serial, uid);
	make(g, MEED_CGROUP_PIDS, serial, uid);
}

void meed_cgroup_enter(const struct meed_cgroup *g)
{
	int fd;

	for (int i = 0; i < 2; i++) {
		if (g->fd[i] < 0)
			continue;
		fd = openat(g->fd[i], "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		(void)!write(fd, "0", 1);
		(void)close(fd);
	}
}

/* Whatever is in a group ends with it. */
static void kill_all(const char *folder)
{
	char path[600];
	FILE *f;
	int pid;

	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	f = fopen(path, "re");
	while (f && fscanf(f, "%d", &pid) == 1)
		if (pid > 0)
			(void)kill(pid, SIGKILL);
	if (f)
		(void)fclose(f);
}

void meed_cgroup_remove(struct meed_cgroup *g)
{
	for (int i = 0; i < 2; i++) {
		if (g->fd[i] >= 0)
			(void)close(g->fd[i]);
		g->fd[i] = -1;
		/* a cage that was killed from outside takes a moment to fall in on itself */
		for (int k = 0; g->folder[i][0] && rmdir(g->folder[i]) < 0 && errno == EBUSY && k < 400;
		     k++) {
			if (k % 20 == 10)
				kill_all(g->folder[i]);
			(void)usleep(5000);
		}
		g->folder[i][0] = '\0';
	}
}
