/* warm.h - what the cage and meed-warm.so agree on, beside box.h.
 *
 * The cage starts the interpreter with these in its environment and descriptors. The first thing on
 * WARM_FD is a box_note: BOX_READY. Then each order is a box_order with its descriptors, the box's
 * pidfd and the socket for its notes after them, and its text. */
#ifndef MEED_EXEC_WARM_H
#define MEED_EXEC_WARM_H

#define WARM_FILE "MEED_WARM_FILE"	/* the program's file, as it stands in the command line */
#define WARM_PRELOAD "MEED_WARM_PRELOAD" /* modules, parted by spaces */
#define WARM_OBJECT "/meed/meed-warm.so"

#define WARM_FD 3
#define WARM_RULES_FD 4
#define WARM_STDERR_FD 5		/* the cage's stderr */

#endif
