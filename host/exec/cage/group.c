/* group.c - the control groups that the host put the cage into: what bounds a run from outside. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/exec/cgroup.h"

#ifndef CGROUP_SUPER_MAGIC
#define CGROUP_SUPER_MAGIC 0x27e0eb
#endif
#ifndef CGROUP2_SUPER_MAGIC
#define CGROUP2_SUPER_MAGIC 0x63677270
#endif

#define MEMORY_SLACK ((uint64_t)48 << 20) /* files that are read, the cage's own work */
#define PIDS_SLACK 8u

/* What lies on the descriptor is a group's folder: nobody else hands us one. */
static int open_folder(int fd, bool *ret_v2)
{
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return -1;
	*ret_v2 = (unsigned long)st.f_type == CGROUP2_SUPER_MAGIC;
	if (!*ret_v2 && (unsigned long)st.f_type != CGROUP_SUPER_MAGIC)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static uint64_t get(int fd)
{
	char text[64];
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

static bool put(int fd, const char *text)
{
	return fd >= 0 && pwrite(fd, text, strlen(text), 0) == (ssize_t)strlen(text);
}

static bool put_number(int fd, uint64_t x)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)x);
	return put(fd, text);
}

void group_open(struct group *g)
{
	int memory, pids;
	bool v2 = false;

	*g = (struct group){ .limit = -1, .usage = -1, .events = -1, .pids_max = -1, .pids = -1 };
	memory = open_folder(MEED_CGROUP_FD + MEED_CGROUP_MEMORY, &g->v2);
	if (memory >= 0) {
		g->limit = openat(memory, g->v2 ? "memory.max" : "memory.limit_in_bytes",
				  O_WRONLY | O_CLOEXEC);
		g->usage = openat(memory, g->v2 ? "memory.current" : "memory.usage_in_bytes",
				  O_RDONLY | O_CLOEXEC);
		g->events = openat(memory, g->v2 ? "memory.events" : "memory.oom_control",
				   O_RDONLY | O_CLOEXEC);
		/* only a limit that can be set is one */
		g->memory = g->usage >= 0 && g->events >= 0 && put(g->limit, g->v2 ? "max" : "-1");
	}
	pids = open_folder(MEED_CGROUP_FD + MEED_CGROUP_PIDS, &v2);
	if (pids >= 0) {
		g->pids_max = openat(pids, "pids.max", O_WRONLY | O_CLOEXEC);
		g->pids = openat(pids, "pids.current", O_RDONLY | O_CLOEXEC);
		g->processes = g->pids >= 0 && put(g->pids_max, "max");
	}
	(void)snprintf(g->text, sizeof(g->text), "%s%s%s",
		       !g->memory && !g->processes ? "none" :
		       (g->memory ? g->v2 : v2) ? "v2" : "v1",
		       g->memory ? " memory" : "", g->processes ? " pids" : "");
}

/* How many of the group were killed for want of memory; ever. */
static uint64_t kills(const struct group *g)
{
	char text[512], *p;
	ssize_t n = pread(g->events, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strstr(text, "oom_kill ");
	return p ? strtoull(p + 9, NULL, 10) : 0;
}

void group_begin(struct group *g, uint64_t bytes, uint64_t processes)
{
	if (g->memory) {
		g->kills = kills(g);
		(void)put_number(g->limit, get(g->usage) + bytes + MEMORY_SLACK);
	}
	if (g->processes)
		(void)put_number(g->pids_max, get(g->pids) + processes + PIDS_SLACK);
}

bool group_killed(struct group *g)
{
	uint64_t n;

	if (!g->memory)
		return false;
	n = kills(g);
	if (n == g->kills)
		return false;
	g->kills = n;
	return true;
}

void group_end(struct group *g)
{
	if (g->memory)
		(void)put(g->limit, g->v2 ? "max" : "-1");
	if (g->processes)
		(void)put(g->pids_max, "max");
}
