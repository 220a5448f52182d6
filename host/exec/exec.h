/* exec.h - programs in cages: what posts of extension meed.exec/1 become. A transport, like
 * that of the floor llm, over a pool of cage processes.
 *
 * The host never runs a program itself. It starts `meed-cage` (host/exec/cage, installed in
 * libexec) under bubblewrap, one for each worker, and talks to it over one socket in the frames
 * of wire.h. The cage makes a box for every run: namespaces, a folder in memory, limits, a
 * seccomp filter; it kills and reaps the whole box, and answers. A cage does one job (one
 * meed_exec: its compilations and its runs, in order) at a time; so a pool of n cages runs n
 * programs at a time, whatever number of evaluations wait. A cage that dies or does not answer
 * in time is killed with all that it holds, another is started, and its job is tried once more
 * there, then fails with MEED_E_UPSTREAM.
 *
 * Threads: submit and cancel_all from any; done is called from the transport's own thread. An
 * answer must not be put into the sample's arena, which other evaluations of the sample use while
 * the request is open: it lies in the request's arena `answer`, which the evaluation's end frees. */
#ifndef MEED_EXEC_H
#define MEED_EXEC_H

#include "host/llm/llm.h"

/* Limits as configured; 0 in a runtime's: the sandbox's default. */
struct meed_exec_limits {
	uint32_t processes, wall_ms, cpu_ms;
	uint64_t memory, disk, output;	/* bytes */
};

/* A language, or whatever else can be run: an entry of `runtimes` in the configuration. */
struct meed_exec_runtime {
	char *name;
	char **aliases;			/* NULL-terminated; "py", "c++" */
	char *file;			/* where the code goes: "main.py" */
	char **compile, **run, **check;	/* argument vectors, NULL-terminated; NULL: none. The first
					 * word is an absolute path, or one in the folder ("./main") */
	char *warm;			/* "python": runs are forked from a started interpreter, which
					 * is run[0]; NULL: not */
	char **preload;			/* warm: modules that it imports beforehand */
	char **env;			/* NAME=value, beside the cage's own PATH, HOME, LANG */
	char *package;			/* the Debian package that has its programs; or NULL */
	struct meed_exec_limits compile_limits, limits;
	char *where;			/* "file:line", for messages */
};

/* The group `sandbox`. */
struct meed_exec_sandbox {
	bool unconfined;		/* run without a cage: only where the operator says so */
	uint32_t workers;		/* cages; 0: as many as CPUs */
	uint32_t uid;			/* when the host is root, whom cages run as; 0: 65534 */
	char **binds;			/* further folders to show, read-only */
	char *bwrap, *cage;		/* paths; NULL: found on PATH; $MEED_CAGE or in libexec */
	struct meed_exec_limits limits;	/* the default where a runtime has none */
	struct meed_exec_limits max;	/* the most that anybody may ask for */
	char *where;
};

struct meed_exec_conf {
	struct meed_runtimes face;	/* first: what a registry is given to look runtimes up */
	struct meed_exec_sandbox sandbox;
	struct meed_exec_runtime *runtimes; /* by name */
	size_t n_runtimes;
	meed_limits max;		/* sandbox.max as the ABI has it; by meed_exec_conf_seal */
};

/* Fills in the limits that hold where the configuration says nothing, and the face. */
void meed_exec_conf_init(struct meed_exec_conf *c);
/* After reading: sorts the runtimes by name; the conf is read-only from then on. */
void meed_exec_conf_seal(struct meed_exec_conf *c);
/* Frees what lies in c, all of it malloc'd, but not c. */
void meed_exec_conf_release(struct meed_exec_conf *c);

/* What this machine can do: for `meed doctor`, and for the reason in a refusal. */
struct meed_exec_probe {
	bool able;			/* a cage was started, and a program ran in it */
	bool memory_limit, pids_limit;	/* by a cgroup; else by watching */
	char bwrap_version[32];		/* "" : not found */
	char cgroups[32];		/* "v2", "v1 memory pids", "none" */
	char why[512];			/* not able: what is missing, and what to install or set */
};
void meed_exec_probe(const struct meed_exec_sandbox *s, struct meed_exec_probe *ret);

/* The runtime of that name or alias, or NULL. */
const struct meed_exec_runtime *meed_exec_find(const struct meed_exec_conf *c, meed_str name);
/* Why a runtime's programs (of its check with check, else of its compile and run lines) cannot be
 * started on this machine, in buf; NULL if they can. */
const char *meed_exec_missing(const struct meed_exec_runtime *r, bool check, char *buf, size_t n);
/* What a post gets: what it asks for, else the runtime's, else the sandbox's. No field is 0. */
void meed_exec_limits(const struct meed_exec_conf *c, const struct meed_exec_limits *runtimes,
		      const meed_limits *asked, meed_limits *ret);

/* A transport for MEED_REQ_EXEC; conf and log must outlive it. Starts nothing before the first
 * submit. cancel_all kills what runs. Where no cage can be started, each request is done with
 * MEED_E_UNSUPPORTED and why, and the log is told once. */
int32_t meed_exec_transport_new(const struct meed_exec_conf *conf, const struct meed_log *log,
				struct meed_err *err, struct meed_transport **ret);

/* Posts e and waits for the answer, which lies in q->answer until the caller releases that. e must
 * be as meed.exec/1 has it (paths checked, no NULL strings). */
void meed_exec_ask(struct meed_transport *t, const meed_exec *e, struct meed_request *q);
/* The outcome of a post of one run as SandboxFusion's /run_code answers: status "Success", "Failed"
 * or "SandboxError"; beside its fields each result has `outcome` (meed_ran_name), `cpu_time`,
 * `memory_peak` and `cut`. What a program printed is made UTF-8. One line. */
void meed_exec_json(const struct meed_request *q, struct meed_buf *b);
/* "exit", "memory limit": a MEED_RAN_* in words. */
const char *meed_ran_name(uint32_t outcome);

#endif
