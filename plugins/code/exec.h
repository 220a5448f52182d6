/* exec.h - the parts of code.execution.
 *
 *   exec.c          the model: parameters, the order of things
 *   exec_find.c     where a sample's tests are
 *   exec_shape.c    the shapes that tests come in
 *   exec_program.c  the program that an answer is, and its language
 *   exec_stdio.c    programs that read input and write output: runs, checkers in other programs
 *   exec_check.c    checkers: is this output the expected one
 *   exec_judge.c    functions and classes: two Python programs, the judge and the shim
 *   exec_append.c   tests in the answer's own language, appended to it
 *   exec_report.c   score, reason, extra
 *   exec_buf.c      texts and JSON in the evaluation's arena
 *
 * WHO SEES WHAT  What a program can reach it can forge, so tests and expected values never enter
 * the cage of the answer. Programs run alone, and their output is compared here. Functions are
 * called by exec_shim.py in the answer's cage; exec_judge.py, in a cage of its own, holds the tests
 * and decides. Only appended tests share a process with the answer. */
#ifndef CODE_EXEC_H
#define CODE_EXEC_H

#include "fence.h"

/* ---- texts --------------------------------------------------------------------------------- */

/* Grows in the arena of c. After a failure it stays as it is, and `failed` is the code. */
struct exec_buf {
	const meed_host *h;
	meed_ctx *c;
	char *p;
	size_t n, cap;
	int32_t failed;
};

void exec_buf_init(struct exec_buf *b, const meed_host *h, meed_ctx *c);
void exec_buf_add(struct exec_buf *b, meed_str s);
#define exec_buf_lit(b, lit) exec_buf_add((b), MEED_S(lit))
void exec_buf_u64(struct exec_buf *b, uint64_t x);
void exec_buf_num(struct exec_buf *b, double x);
/* As a JSON string; bytes that are no UTF-8 become U+FFFD. */
void exec_buf_json_str(struct exec_buf *b, meed_str s);
/* A tree as JSON. Numbers beyond 64 bits that are no integers of the host's are doubles. */
void exec_buf_json(struct exec_buf *b, const meed_val *v);
meed_str exec_buf_get(const struct exec_buf *b);

/* A copy of s, cut to at most max bytes at the end of a character, with "..." if it was cut; ""
 * where there is no memory. What replies hold does not outlive the next round. */
meed_str exec_short(const meed_host *h, meed_ctx *c, meed_str s, size_t max);

/* ---- parameters ---------------------------------------------------------------------------- */

enum exec_checker { EXEC_TOKENS, EXEC_EXACT, EXEC_FLOATS, EXEC_UNORDERED, EXEC_PROGRAM };
enum exec_stop { EXEC_STOP_AUTO, EXEC_STOP_NEVER, EXEC_STOP_LIMIT, EXEC_STOP_FAILURE };
enum exec_reveal { EXEC_REVEAL_OUTCOME, EXEC_REVEAL_GOT, EXEC_REVEAL_ALL };
enum exec_pick { EXEC_FIRST, EXEC_LAST, EXEC_LONGEST };
enum exec_maybe { EXEC_AUTO, EXEC_YES, EXEC_NO };

#define EXEC_MAX_LIST 16		/* paths, modules */

struct exec_model {
	const meed_ext_exec *exec;
	char *paths[EXEC_MAX_LIST], *modules[EXEC_MAX_LIST];
	size_t n_paths, n_modules;
	char *language, *after;
	enum exec_pick block;
	enum exec_checker checker;
	enum exec_stop stop;
	enum exec_reveal reveal;
	enum exec_maybe preamble;
	bool continuous, challenge;
	double timeout, rtol, atol, value_rtol, value_atol;
	uint64_t memory, max_cases;
};

/* ---- tests --------------------------------------------------------------------------------- */

enum exec_kind {
	EXEC_NONE,
	EXEC_STDIO,			/* cases: input and output of a program */
	EXEC_CALLS,			/* cases: arguments and result of `entry` */
	EXEC_ASSERTS,			/* texts: Python statements, each a test */
	EXEC_CHECK,			/* texts[0]: Python with or without check(candidate) */
	EXEC_UNIT,			/* texts[0]: a file for unittest or pytest */
	EXEC_APPEND			/* texts[0]: goes behind the program; it ends with 0 */
};

struct exec_case {
	meed_str input, want;		/* texts; of EXEC_CALLS: JSON, one argument a line */
	const meed_val *args, *kwargs, *value; /* EXEC_CALLS: as trees; args NULL: see above */
	bool has_value;
};

struct exec_tests {
	enum exec_kind kind;
	meed_str where;			/* for messages: the path */
	meed_str language, entry, setup, prefix, prompt; /* "" if not given */
	struct exec_case *cases;
	size_t n_cases;
	meed_str *texts;
	size_t n_texts;
	meed_str packed;		/* further cases, as LiveCodeBench packs them */
	meed_file *files;
	size_t n_files;
	enum exec_checker checker;
	meed_str checker_code, checker_language;
	double rtol, atol, timeout;	/* timeout 0: the parameter */
	bool loose;			/* outputs of calls are compared as RM-Gallery does */
	bool contest;			/* answers expect the usual modules: see preamble */
};

/* What one test came to. */
enum exec_how {
	EXEC_NOT_RUN,
	EXEC_PASSED,
	EXEC_WRONG,
	EXEC_RAISED,			/* an exception that the test does not expect */
	EXEC_LOADING,			/* an exception while the program was loaded */
	EXEC_MISSING,			/* it does not define what is tested */
	EXEC_EXITED,			/* with code */
	EXEC_SIGNALLED,
	EXEC_TIME,
	EXEC_MEMORY,
	EXEC_OUTPUT,
	EXEC_GONE,			/* it ended, or broke off, in the middle of a call */
	EXEC_COMPILING			/* it does not compile */
};

struct exec_verdict {
	enum exec_how how;
	int32_t code;			/* of EXEC_EXITED, EXEC_SIGNALLED */
	meed_str test, said;		/* its name; the expression that was not true */
	meed_str input, got, want, error; /* "" if not known; shortened */
};

/* ---- one evaluation ------------------------------------------------------------------------ */

struct exec_state {
	int line;			/* MEED_BEGIN's */
	struct exec_tests tests;
	meed_str program;		/* "" : the answer has none */
	meed_str language;		/* the runtime's name */
	meed_limits max;		/* what the runtime may be asked for; 0: not known */
	bool compiles, fenced;		/* fenced: the program stood in a block of code */
	size_t n, done, round;		/* tests; settled ones; those of the round under way */
	struct exec_verdict *verdicts;	/* n */
	meed_str *outputs;		/* of the round, for a checker program; NULL: not for it */
	meed_str compile_error;
	meed_str nonce;
};

struct exec_run {			/* what all functions below are handed */
	const meed_host *h;
	meed_ctx *c;
	const struct exec_model *m;
	const meed_sample *s;
	struct exec_state *st;
};

/* Fills st->tests, or fails with MEED_E_SAMPLE. st->tests.packed may be left to unpack. */
int32_t exec_find_tests(struct exec_run *x);
/* Reads tests from a tree. EXEC_NONE in t->kind: there are none in it. MEED_E_SAMPLE: there are,
 * and they cannot be read. */
int32_t exec_shape(struct exec_run *x, const meed_val *v, struct exec_tests *t);
/* Adds the cases of a list of objects with input and output. */
int32_t exec_shape_list(struct exec_run *x, const meed_val *list, struct exec_tests *t);
/* Cases that LiveCodeBench has packed: a round of their own. */
int32_t exec_unpack_post(struct exec_run *x);
int32_t exec_unpack_take(struct exec_run *x);

/* Fills st->program and st->language. */
int32_t exec_program(struct exec_run *x);

/* Each posts a round of tests (st->done on), and takes what it came to. */
int32_t exec_stdio_post(struct exec_run *x);
int32_t exec_stdio_take(struct exec_run *x);
bool exec_stdio_needs_checker(const struct exec_run *x);
int32_t exec_checker_post(struct exec_run *x);
int32_t exec_checker_take(struct exec_run *x);
int32_t exec_judge_post(struct exec_run *x);
int32_t exec_judge_take(struct exec_run *x);
int32_t exec_append_post(struct exec_run *x);
int32_t exec_append_take(struct exec_run *x);

/* The reply's result, or NULL after failing with the host's reason. */
const meed_exec_result *exec_result(struct exec_run *x);
/* Limits for a run of `seconds` of CPU time; the wall clock may take twice as long. */
meed_limits exec_limits(const struct exec_run *x, double seconds);
/* The time limit of one test in seconds. */
double exec_timeout(const struct exec_run *x);
/* How a run ended, but for EXEC_PASSED, which is only that it ended with 0. */
void exec_ended(struct exec_run *x, const meed_ran *ran, struct exec_verdict *v);
/* Whether no further test need be run. */
bool exec_enough(const struct exec_run *x);

bool exec_check(const struct exec_run *x, enum exec_checker kind, meed_str got, meed_str want,
		bool *ret_nomem);

int32_t exec_report(struct exec_run *x);

/* The programs in Python, as text: made from exec_*.py. boot runs one of the first two, which lie
 * beside it as harness.py and harness.bin. */
extern const meed_str exec_judge_py, exec_shim_py, exec_boot_py, exec_launch_py, exec_unpack_py;
/* Bytecode; n 0 if Meed was built without Python. */
extern const meed_str exec_judge_bin, exec_shim_bin;

#endif
