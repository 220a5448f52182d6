/* box.h - what happens inside a box, from its first instruction to the program's: shared by the
 * cage and by the interpreters that it keeps warm, so that both set up the same box.
 *
 * A box begins as pid 1 of new namespaces, made by the maker (maker.c): its init. It maps one
 * user, mounts a folder in memory and its own /proc, and says that it is ready. When it is told what
 * to run it gives up every capability, locks itself in (no_new_privs, Landlock, seccomp), and forks
 * the program. A warm interpreter instead forks a process that enters the box's namespaces and locks
 * itself in by the same function; init then only reaps.
 *
 * Nothing here allocates or uses stdio: it runs in children of processes that it does not know. */
#ifndef MEED_EXEC_BOX_H
#define MEED_EXEC_BOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BOX_DIR "/box"			/* where a box's folder is mounted */
#define BOX_WORK "/box/work"		/* the program's own part of it */
#define BOX_ID 1000			/* user and group of what runs in a box */
#define BOX_FILTER_MAX 1024		/* BPF instructions */

/* What holds for every box of a cage; made once, given to warm interpreters as it is. */
struct box_rules {
	uint32_t confined;		/* 0: no namespaces, no locks: limits alone */
	uint32_t landlock;		/* the kernel's Landlock ABI; 0: none */
	uint32_t proc_subset;		/* /proc can be mounted with processes alone */
	uint32_t uid, gid;		/* the cage's own */
	uint32_t count_processes;	/* RLIMIT_NPROC counts in each user namespace (Linux 5.14) */
	uint32_t n_filter;
	struct sock_filter filter[BOX_FILTER_MAX];
};

/* What the kernel is asked to hold a program to. 0: leave it as it is. */
struct box_limits {
	uint64_t disk, inodes;		/* of the folder */
	uint64_t cpu_s, data, file, stack, stack_most;
	uint64_t processes, fds;
};

/* From a box to the cage, over its control socket. */
enum box_note_kind {
	BOX_READY = 1,			/* with descriptors: the folder, and the box's /proc */
	BOX_FAILED,			/* value: errno; step: BOX_STEP_* */
	BOX_STARTED,			/* ns: when, on the monotonic clock */
	BOX_NO_EXEC,			/* value: errno */
	BOX_ENDED			/* value: the program's wait status */
};
struct box_note {
	uint32_t kind;
	int32_t value;
	uint32_t step, reserved;
	uint64_t ns;
	uint64_t cpu_us, peak;		/* BOX_ENDED of a warm program: what its wait told */
};

/* Where setting up failed: see box_step_text. */
enum box_step {
	BOX_STEP_IDS = 1,
	BOX_STEP_FOLDER,
	BOX_STEP_PROC,
	BOX_STEP_OPEN,
	BOX_STEP_RESIZE,
	BOX_STEP_JOIN,
	BOX_STEP_CAPS,
	BOX_STEP_LANDLOCK,
	BOX_STEP_SECCOMP,
	BOX_STEP_STDIO,
	BOX_STEP_LIMITS,
	BOX_STEP_CHDIR,
	BOX_STEP_FORK,
	BOX_STEP_ORDER
};
const char *box_step_text(uint32_t step);

/* From the cage to a box: this, with stdin, stdout, stderr and perhaps the channel as descriptors,
 * then n_text bytes: n_argv + n_env strings, each with its NUL. */
struct box_order {
	uint32_t n_argv, n_env;
	uint32_t n_text;
	uint32_t warm;			/* a warm interpreter will come: only reap */
	struct box_limits limits;
};

#define BOX_MAX_FDS 8
#define BOX_MAX_TEXT (8u << 20)

/* Sends or receives bytes with descriptors; false at the end of the other side or on failure.
 * box_recv sets what is not sent to -1; what it receives is closed on exec. */
bool box_send(int fd, const void *p, size_t n, const int *fds, size_t n_fds);
bool box_recv(int fd, void *p, size_t n, int *fds, size_t n_fds);

/* Init's whole life, in the new namespaces (or, not confined, in a new process): never returns.
 * folder is the directory to work in when not confined. */
void box_init(const struct box_rules *rules, int ctl, const char *folder)
	__attribute__((noreturn));

/* A process enters the box of init, whose pidfd it is given (its pid namespace it is in already).
 * 0, or -errno and the step. */
int box_join(int pidfd, const struct box_limits *limits, uint32_t *ret_step);
/* Gives up all capabilities and goes under the rules; cannot be undone. only_reaps: what is left is
 * to wait for children. */
int box_lock(const struct box_rules *rules, bool only_reaps, uint32_t *ret_step);
/* The last step before the program: session, folder, limits, and no descriptor but those in fds
 * (n_fds of them, as 0, 1, ...) and *ctl, which moves to n_fds and closes on exec. */
int box_start(const struct box_rules *rules, const struct box_limits *limits, const int *fds,
	      size_t n_fds, int *ctl, const char *folder, uint32_t *ret_step);

uint64_t box_now(void);

#endif
