/* cgroup.h - a control group for each cage, where this process may make one.
 *
 * Below the host's own group (version 1), or beside it (version 2, in which a group with processes
 * cannot share out its controllers), as root or in a tree that was delegated to the user. The cage and
 * all that it runs are in it. The cage sets its limits for each run, over descriptors that it
 * inherits: MEED_CGROUP_FD the folder of the memory group, the one after it that of the processes'
 * group. Without groups the cage watches by itself. */
#ifndef MEED_EXEC_CGROUP_H
#define MEED_EXEC_CGROUP_H

#include "host/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MEED_CGROUP_FD 4		/* and the next; only one of them, or none, may be there */
#define MEED_CGROUP_MEMORY 0
#define MEED_CGROUP_PIDS 1

struct meed_cgroup {
	char folder[2][512];		/* "": none; both the same in version 2 */
	int fd[2];			/* -1: none */
};

/* Makes what can be made, for a cage that will run as uid; what cannot is left out in silence.
 * Groups that a killed host left behind are removed. */
void meed_cgroup_make(struct meed_cgroup *g, uint32_t uid);
/* The calling process, a child that is to become the cage, enters. Safe after a fork. */
void meed_cgroup_enter(const struct meed_cgroup *g);
/* Removes the groups; what has not ended in them is killed. */
void meed_cgroup_remove(struct meed_cgroup *g);

#ifdef __cplusplus
}
#endif
#endif
