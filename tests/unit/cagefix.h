/* cagefix.h - a real cage for tests: started as the host starts it, spoken to over wire.h. */
#ifndef MEED_TESTS_CAGEFIX_H
#define MEED_TESTS_CAGEFIX_H

#include "host/exec/bwrap.h"
#include "host/exec/cgroup.h"
#include "host/exec/wire.h"

#include <sys/types.h>

struct cagefix {
	pid_t pid;			/* bwrap, or the cage itself */
	int fd;
	char folder[64];		/* copies of the cage's files, readable by whoever runs it */
	char why[1024];			/* not started: the reason */
	struct meed_cgroup group;
	char groups[32];		/* as its hello says */
	struct meed_buf body;		/* the last answer's bytes */
	struct meed_arena arena;	/* and what was read from it */
};

/* Starts one, as user 65534 if we are root. False: why says what is missing. */
bool cagefix_start(struct cagefix *f, bool unconfined);
/* Sends a job, waits for its answer; false if the cage did not answer. The answer is good until
 * the next job. */
bool cagefix_do(struct cagefix *f, const struct wire_job *job, struct wire_answer *ret);
/* Hangs up and waits for the cage's end; its exit status, -1 if a signal ended it. */
int cagefix_stop(struct cagefix *f);

/* The processes that the cage is, bwrap's included: its own, its maker, a spare box, warm
 * interpreters; and how many. */
size_t cagefix_family(const struct cagefix *f, pid_t *family, size_t most);
size_t cagefix_leftovers(const struct cagefix *f);
/* Waits, as a spare box may be on its way, until they are as many as want; says so if not. */
bool cagefix_quiet(const struct cagefix *f, size_t want);

/* Programs and jobs to begin from; the words live as long as the process. */
struct wire_program cagefix_python(const char *code);
struct wire_program cagefix_shell(const char *code);
meed_limits cagefix_limits(void);

/* A job of one run with stdin input. */
struct cagefix_job {
	struct wire_job job;
	meed_exec_run run;
	const meed_exec_run *runs[1];
};
void cagefix_job(struct cagefix_job *j, const struct wire_program *p, const char *input);

#endif
