/* filter.h - the system calls that a program in a box may make. */
#ifndef MEED_EXEC_FILTER_H
#define MEED_EXEC_FILTER_H

#include "host/exec/cage/box.h"

/* Compiles the filter into rules. What is not allowed fails: with EPERM where programs know that
 * it may be forbidden, else with ENOSYS, as on a kernel that lacks it. Another architecture's
 * calls kill. 0 or -errno. */
int box_filter_make(struct box_rules *rules);

#endif
