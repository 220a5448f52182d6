/* wire.h - the frames between the host and meed-cage, over one stream socket (the cage's file
 * descriptor 3). Shared by both ends; it depends on base alone.
 *
 * A frame is u32 kind, u32 reserved, u64 length, then that many bytes; numbers are
 * little-endian; a string is u64 length, its bytes, and a NUL that length does not count, so that
 * what is read is a C string in place; a list is u32 count and its items. Each side checks all that it reads: a frame that does not parse ends the other side
 * (the host kills a cage that sends one; a cage exits).
 *
 * The host sends one JOB and waits for its ANSWER; after HELLO, which the cage sends when it
 * is ready. A cage whose socket ends kills what it runs, and exits. */
#ifndef MEED_EXEC_WIRE_H
#define MEED_EXEC_WIRE_H

#include "host/base/base.h"

#include <meed/plugin.h>

#define WIRE_MAX_FRAME ((uint64_t)256 << 20) /* bytes after the header */
#define WIRE_HEADER ((size_t)16)

enum wire_kind { WIRE_HELLO = 1, WIRE_JOB = 2, WIRE_ANSWER = 3 };

/* A runtime's command lines and a program for it: all that a cage needs to know. */
struct wire_program {
	meed_str runtime;		/* its name: what a warm interpreter is kept under */
	meed_str file;
	const meed_str *compile, *run, *check; /* argument vectors; n 0: none */
	size_t n_compile, n_run, n_check;
	meed_str warm;			/* "" or "python" */
	const meed_str *preload, *env;
	size_t n_preload, n_env;
	meed_str code;
	bool has_code;
	const meed_file *files;
	size_t n_files;
};

struct wire_job {
	uint64_t id;			/* the answer bears it */
	uint32_t flags;			/* MEED_EXEC_* */
	struct wire_program program, partner;
	bool has_partner;
	meed_limits compile_limits, run_limits; /* no field 0 */
	const meed_exec_run *const *runs;
	size_t n_runs;
};

struct wire_answer {
	uint64_t id;
	int32_t status;			/* MEED_OK, or why the cage could not do it */
	meed_str error;
	meed_exec_result result;
};

struct wire_hello {
	uint32_t version;		/* 1 */
	bool memory_limit, pids_limit;	/* by a cgroup; else by watching */
	meed_str cgroups;		/* "v2", "v1 memory pids", "none" */
};

/* Appends a whole frame, header included. The writer sees to it that what follows the header is
 * not above WIRE_MAX_FRAME. */
void wire_put_hello(struct meed_buf *b, const struct wire_hello *h);
void wire_put_job(struct meed_buf *b, const struct wire_job *j);
void wire_put_answer(struct meed_buf *b, const struct wire_answer *a);

/* The header's kind and length, from WIRE_HEADER bytes; MEED_E_PARSE if there is no such kind, or if it is
 * too long. */
int32_t wire_header(const char *p, enum wire_kind *ret_kind, uint64_t *ret_n);
/* A frame's body. Strings point into it and end with a NUL; argument vectors, paths and names have
 * none inside; lists lie in the arena, and take at most ten times the body's bytes there. Limits are
 * above 0, flags known, outcomes MEED_RAN_*, status MEED_OK or MEED_E_*: what is not is refused.
 * MEED_E_PARSE, MEED_E_NOMEM; *ret is then as it was. */
int32_t wire_get_hello(meed_str body, struct wire_hello *ret);
int32_t wire_get_job(struct meed_arena *a, meed_str body, struct wire_job *ret);
int32_t wire_get_answer(struct meed_arena *a, meed_str body, struct wire_answer *ret);

#endif
