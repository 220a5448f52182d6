/* internal.h - what the files of the host's side of exec share. Nobody else includes it. */
#ifndef MEED_EXEC_INTERNAL_H
#define MEED_EXEC_INTERNAL_H

#include <sys/types.h>

#include "host/exec/cgroup.h"
#include "host/exec/exec.h"
#include "host/exec/wire.h"

/* ---- cages.c: one cage process, and the frames to and from it ---- */

enum cage_state {
	CAGE_NONE,			/* no process */
	CAGE_STARTING,			/* its HELLO is awaited */
	CAGE_IDLE,
	CAGE_BUSY,			/* the answer to `job` is awaited */
	CAGE_ENDING			/* its socket is shut; its end is awaited */
};

struct exec_job;

struct cage {
	enum cage_state state;
	pid_t pid;
	int fd, err_fd;			/* its socket and its stderr; -1: closed */
	uint64_t deadline_ns;		/* of what is awaited; idle: 0 */
	struct exec_job *job;
	uint64_t seen;			/* bit i: it has run runtime i (of the first 64) */
	/* going out */
	struct meed_buf out;
	size_t sent;
	/* coming in */
	char header[WIRE_HEADER];
	size_t n_header;
	enum wire_kind kind;
	char *body;
	size_t n_body, body_size;
	struct meed_arena in;		/* holds body; an answer's is given to its request */
	/* the last that it said on stderr */
	char said[512];
	size_t n_said;
	struct meed_cgroup group;	/* that it is in */
};

/* Starts argv with the socket as descriptor 3, in a session of its own, without our environment
 * and descriptors. When we are root it becomes uid. From the thread that lives as long as it may. */
int32_t cage_start(struct cage *c, char *const *argv, uint32_t uid, struct meed_err *err);
/* Sends what is left of `out`. Negative: the other end is gone. */
int32_t cage_send(struct cage *c);
/* Reads what there is: MEED_OK with a whole frame in kind and body, MEED_PENDING if more must come,
 * MEED_E_UPSTREAM at its end, MEED_E_PARSE for what is no frame, MEED_E_NOMEM. */
int32_t cage_receive(struct cage *c);
/* Forgets the frame that was read. */
void cage_frame_done(struct cage *c);
/* Reads its stderr into said, of which the end is kept. */
void cage_listen(struct cage *c);
/* Shuts its socket, which tells it to kill what it runs and to end; at once: kills it too. */
void cage_end(struct cage *c, bool at_once, uint64_t deadline_ns);
/* True if it has ended with all that it held; its descriptors are then closed. kill: whether it
 * has or not, as its deadline is over. */
bool cage_reap(struct cage *c, bool kill);
/* One line of what it said last, "" if nothing, in buf. */
const char *cage_said(const struct cage *c, char *buf, size_t n);

/* ---- jobs.c: a request as a job, an answer as its reply ---- */

struct exec_job {
	struct exec_job *next;
	struct meed_request *r;
	const struct meed_exec_runtime *program, *partner;
	uint64_t id;
	uint64_t ms;			/* how long its limits let it take, boxes made */
	uint32_t tries;
};

/* Finds its runtimes. False: it has been answered, and is gone. */
bool exec_job_open(const struct meed_exec_conf *c, struct exec_job *j);
/* Puts its frame into b and says in j->ms how long it may take. False: answered and gone. */
bool exec_job_frame(const struct meed_exec_conf *c, struct exec_job *j, struct meed_buf *b);
/* Takes an answer whose body lies in *in, which goes to the request. MEED_OK: it has been answered,
 * and is gone; MEED_E_PARSE: this is no answer to it, and it is as it was. */
int32_t exec_job_answer(struct exec_job *j, meed_str body, struct meed_arena *in);
/* Answers with a failure; the job is gone. */
void exec_job_fail(struct exec_job *j, int32_t code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- setup.c: the command line of a cage, and why there is none ---- */

/* The argument vector of a cage; MEED_E_UNSUPPORTED if something for it is not on this machine.
 * Freed by meed_bwrap_free. */
int32_t exec_setup(const struct meed_exec_sandbox *s, struct meed_err *err, char ***ret_argv);
/* The path of bwrap as exec_setup takes it, malloc'd; NULL: not found. */
char *exec_find_bwrap(const struct meed_exec_sandbox *s);
/* Why a cage ended before it was ready, from its last words: what is wrong and what to set. */
void exec_explain(const struct meed_exec_sandbox *s, const char *said, char *buf, size_t n);

/* ---- client.c ---- */

/* What the first cage said of itself; false while none has. For the probe. */
bool exec_transport_hello(struct meed_transport *t, char cgroups[32], bool *ret_memory,
			  bool *ret_pids);
/* For tests, before the first submit: how long a cage's HELLO is awaited, and an answer beyond the
 * job's own limits. */
void exec_transport_patience(struct meed_transport *t, uint64_t ready_ms, uint64_t grace_ms);

#endif
