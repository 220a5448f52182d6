/* cage.h - the process meed-cage, within.
 *
 * One thread. The cage reads a job (job.c), takes a box for each of its runs (maker.c), fills its
 * folder (folder.c), starts the program in it and watches over it (run.c, watch.c), kills the box,
 * and answers. Boxes are made by the maker, a child that was forked before the first job came: a
 * box's init is a copy of it, and so holds nothing of any job. The next box is made while a
 * program runs. */
#ifndef MEED_EXEC_CAGE_H
#define MEED_EXEC_CAGE_H

#include "host/base/base.h"
#include "host/exec/cage/box.h"
#include "host/exec/wire.h"

#include <sys/types.h>

#define CAGE_PATH "/usr/local/bin:/usr/bin:/bin"

/* One box; all its members are owned. */
struct box {
	pid_t pid;			/* its init; 0: not known yet */
	int pidfd, ctl;
	int work, proc;			/* folders: the program's, its /proc; -1 not confined */
	bool asked;			/* the maker's answer is still to be read */
	char folder[64];		/* not confined: where it is; "" otherwise */
};

struct zygote;

/* The host's control groups for this cage, if it could make any; group.c. */
struct group {
	bool v2, memory, processes;	/* what is limited by them */
	int limit, usage, events, pids_max, pids;
	uint64_t kills;
	char text[32];
};

struct cage {
	struct box_rules *rules;	/* shared memory, read-only after the start */
	int host, maker, rules_fd;
	pid_t maker_pid;
	struct box *spare;		/* being made, or ready */
	struct zygote *zygotes;
	struct group group;
	uint32_t cpus;
	bool broken;			/* boxes cannot be made any more: end, for another cage */
	uint64_t answer_left;		/* bytes of programs' output that the answer may yet hold */
};

/* ---- main.c ---- */

/* Offers the calling process, and its children to come, to the kernel that lacks memory: 1000 before
 * all others. */
void cage_offer(int score);

/* ---- maker.c ---- */

int maker_start(struct cage *c);
/* Asks for a spare box, if there is none; says nothing of failure. */
void box_prepare(struct cage *c);
/* A box that is ready; waits for it. NULL: err says why. */
struct box *box_take(struct cage *c, struct meed_err *err);
/* Kills all that is in it and waits until it is gone; what its init and all that init reaped used
 * is added to *cpu_us, the greatest process to *peak (bytes). The folder stays readable. */
void box_kill(struct cage *c, struct box *b, uint64_t *cpu_us, uint64_t *peak);
void box_free(struct cage *c, struct box *b);

/* ---- folder.c ---- */

/* Writes files, parents made as needed; nothing that is there already is followed. */
int32_t folder_put(int dir, const meed_file *files, size_t n, struct meed_err *err);
/* Copies all of a folder but what is neither file, folder nor link. */
int32_t folder_copy(int from, int to, struct meed_err *err);
/* What a folder holds. */
void folder_size(int dir, uint64_t *bytes, uint64_t *inodes);
/* Reads those of names that are plain files, as long as the sum is within *budget, into a. */
int32_t folder_fetch(struct meed_arena *a, int dir, const char *const *names, size_t n,
		     uint64_t *budget, const meed_file **ret, size_t *ret_n);
void folder_remove(const char *path);

/* ---- watch.c ---- */

struct usage {
	uint64_t cpu_us, memory;
	uint32_t processes;		/* threads counted */
};
/* What a box's processes use now. limit: the memory beyond which mappings are looked at. */
bool box_usage(const struct cage *c, const struct box *b, uint64_t limit, struct usage *ret);
/* Nanoseconds until looking again can be put off, given what was used last. */
uint64_t box_look_again(const struct cage *c, const struct usage *u, const meed_limits *l);
/* Kills the descendants of pid, where no namespace does. */
void kill_tree(pid_t pid);

/* ---- group.c ---- */

void group_open(struct group *g);
/* From now on boxes may use so much more than is used now. */
void group_begin(struct group *g, uint64_t bytes, uint64_t processes);
/* True if the kernel has killed for want of memory since it was asked last. */
bool group_killed(struct group *g);
void group_end(struct group *g);

/* ---- run.c ---- */

/* One program to be run in a box, and what became of it. */
struct side {
	const meed_str *argv, *args_after;
	size_t n_argv;
	const char *const *args;
	size_t n_args;
	const meed_str *env;
	size_t n_env;
	meed_str input;
	meed_limits limits;
	struct zygote *zygote;		/* fork it from there; NULL: start it */
	bool native;			/* it is machine code, which likes a larger stack */
	uint64_t given_bytes, given_files; /* in its folder before it starts */

	struct box *box;		/* filled by the caller; freed by the caller */

	int ctl;			/* where its notes come from */
	int in, out, err;		/* our ends; -1: closed */
	size_t in_done;
	struct meed_buf out_buf, err_buf;
	bool sent, started, ended, failed;
	int status;			/* its wait status */
	uint32_t outcome, cut;		/* 0 while it runs */
	uint64_t start_ns, end_ns, look_ns;
	uint64_t cpu_us, peak, seen_cpu_us;
	struct meed_err why;		/* failed: the box, not the program */
};

/* Runs one or two programs, whose boxes are filled, to their ends. Each side then has an outcome,
 * or has failed. MEED_E_CANCELLED: the host is gone. */
int32_t run_sides(struct cage *c, struct side *sides, size_t n, uint32_t flags);
void side_init(struct side *s);
void side_release(struct side *s);

/* ---- job.c ---- */

/* Does a whole job; the answer points into job and arena. */
int32_t cage_job(struct cage *c, struct meed_arena *a, const struct wire_job *job,
		 struct wire_answer *ret);

/* ---- zygote.c ---- */

/* A started interpreter for p, or NULL where there is none to be had: start it cold then. */
struct zygote *zygote_get(struct cage *c, const struct wire_program *p);
/* Asks for a run in the box of pidfd. ctl, and fds, are the program's ends. */
bool zygote_order(struct zygote *z, int pidfd, int ctl, const int *fds, size_t n_fds,
		  const struct box_order *head, const char *text);
/* It did not do what it should: it is killed, and not asked again. */
void zygote_drop(struct cage *c, struct zygote *z);
void zygotes_end(struct cage *c);

#endif
