/* meed/plugin.h - the binary contract between the Meed host and its plugins.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A plugin is one shared object that exports one constant, `meed_plugin_v1`.
 * This header is all that it needs: it links to nothing of ours. helpers.h
 * beside it is sugar. The plugin author's guide (docs/plugins.md) starts here.
 *
 * STATUS    ABI 1.0, candidate. It is frozen when the first release is cut;
 *           until then a change replaces it whole (header, proof, guide,
 *           template) and adds a line to the log below.
 * GROWTH    The major is in the symbol name. Within a major, structs marked
 *           [grows] begin with struct_size = sizeof as the writer compiled it,
 *           have no padding and only ever gain fields at the end. A reader asks
 *           MEED_HAS before touching a field newer than 1.0. Structs marked
 *           [frozen] never change. Arrays of [grows] structs are arrays of
 *           pointers. Flags and codes are fixed-width; unknown ones from a newer
 *           peer are refused by name, never ignored.
 * THREADS   [main] one thread, and no other call into this .so at the same time.
 *           [worker] any pool thread. Calls for one SAMPLE never overlap; calls
 *           for different samples into one instance do, unless it is
 *           MEED_SERIAL. [any] whatever thread the host called you on, and only
 *           during that call. A callback never blocks: no sleep, no I/O.
 * OWNERSHIP Nobody frees what the other side allocated. Host -> plugin pointers
 *           live until the evaluation ends (in create: until create returns).
 *           The host copies every argument before it returns, so stack memory
 *           is fine. `self` is yours from create to destroy.
 * STRINGS   (pointer, length), UTF-8, and may hold any code point, NUL included.
 *           From the host, p is never NULL and p[n] is NUL; to the host, any
 *           slice will do, and a plain `const char *` argument ends at its NUL.
 * ERRORS    0 or positive is success, negative is failure. Report one as
 *           `return h->fail(c, MEED_E_..., "what was wrong with what");`.
 *           Never exit, abort, throw or longjmp through the host.
 *
 * DECISIONS taken when 1.0 was drawn up (the reasons are in docs/abi.md)
 *   - Integers are told apart from other numbers (MEED_T_INT, i64): ids in
 *     metadata pass 2^53. num reads both.
 *   - Objects are walked with a cursor (next), so that no host has to index them.
 *   - A candidate carries its own references, several if the data has several:
 *     n_refs 0 is "none given", which an empty string is not.
 *   - Log-probabilities, finish reasons and token use of a chat reply are part of
 *     meed_reply, one meed_val a choice in the shape of the OpenAI chat API.
 *   - Tool calls, images and audio travel in `more` of a message (the row's own
 *     JSON), not in types of ours.
 *   - Text that several models read is tokenised once: extension meed.text/1.
 *   - A program and whoever judges it are two programs in two cages that talk over one
 *     socket: what a program can reach, it can forge. Extension meed.exec/1.
 *   - `want` tells a model what the run will write, so that it need not build
 *     reasons that nobody reads. Scores must not depend on it.
 *
 * ABI LOG   1.0  first version. */
#ifndef MEED_PLUGIN_H
#define MEED_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MEED_ABI_MAJOR 1
#define MEED_ABI_MINOR 0
#define MEED_EXPORT __attribute__((visibility("default")))

/* True if *p, which says how large its writer made it, has field f of struct T. */
#define MEED_HAS(T, p, f) ((p)->struct_size >= offsetof(T, f) + sizeof(((T *)0)->f))

/* As a step index: the whole candidate. */
#define MEED_NONE SIZE_MAX

/* What callbacks and host functions return. */
enum {
	MEED_OK = 0,
	MEED_PENDING = 1,	/* requests are posted: call resume when all are answered */
	MEED_ABSTAIN = 2,	/* no opinion on this sample; the graph leaves the member out */
	MEED_E_PARAM = -1,	/* the configuration is wrong (create only) */
	MEED_E_SAMPLE = -2,	/* the sample lacks what this model needs */
	MEED_E_PARSE = -3,	/* an upstream answer could not be read */
	MEED_E_UPSTREAM = -4,	/* a posted request failed for good */
	MEED_E_TIMEOUT = -5,	/* a time or step budget was spent */
	MEED_E_CANCELLED = -6,	/* the run is stopping */
	MEED_E_LIMIT = -7,	/* the input is beyond a stated limit */
	MEED_E_NOMEM = -8,
	MEED_E_RANGE = -9,	/* a score was NaN, infinite or outside its range */
	MEED_E_UNSUPPORTED = -10, /* the host, or this run, does not offer that */
	MEED_E_INTERNAL = -11	/* a mistake of the plugin's own */
};

/* Modes: what one evaluation looks at. */
enum {
	MEED_POINTWISE = 1,	/* one candidate */
	MEED_PAIRWISE = 2,	/* two candidates; scores: cand 0 and cand 1 */
	MEED_LISTWISE = 4,	/* all candidates of the sample, one or more */
	MEED_STEPWISE = 8	/* one candidate with steps; scores: each step */
};

/* Needs: what the host must be able to offer. */
enum {
	MEED_NEEDS_REFERENCE = 1, /* every candidate seen has n_refs >= 1; the host checks */
	MEED_NEEDS_LLM = 2,	/* may call post_chat */
	MEED_NEEDS_EMBED = 4,	/* may call post_embed */
	MEED_NEEDS_HTTP = 8,	/* may call post_http */
	MEED_NEEDS_EXEC = 16	/* may use extension meed.exec/1 */
};

/* Traits. */
enum {
	MEED_DETERMINISTIC = 1,	/* same sample, params, seed => same bits: cacheable. A
				 * failure by the clock, MEED_E_TIMEOUT, is no score */
	MEED_SERIAL = 2		/* calls into one instance never overlap (the host locks) */
};

/* meed_sample.want: what the run will show. */
enum {
	MEED_WANT_REASON = 1,	/* the reason given to put_score */
	MEED_WANT_EXTRA = 2	/* what is given to put_extra */
};

enum { MEED_LOG_DEBUG, MEED_LOG_INFO, MEED_LOG_WARN, MEED_LOG_ERROR };

/* Kinds of a JSON-like node. MEED_T_INT fits an int64_t; MEED_T_NUM is any other number. */
enum {
	MEED_T_NULL,
	MEED_T_BOOL,
	MEED_T_NUM,
	MEED_T_STR,
	MEED_T_ARR,
	MEED_T_OBJ,
	MEED_T_INT
};

typedef struct meed_ctx meed_ctx;	/* one create call, or one evaluation */
typedef struct meed_val meed_val;	/* read-only JSON-like node */
typedef struct meed_host meed_host;

typedef struct {			/* [frozen] */
	const char *p;
	size_t n;			/* bytes */
} meed_str;

typedef struct {			/* [frozen] one message, or one reasoning step */
	meed_str role;			/* "user", "assistant", "system", "tool", ... */
	meed_str text;			/* content; the text parts joined if it had parts */
	const meed_val *more;		/* the message as the row has it, or NULL */
} meed_msg;

typedef struct {			/* [frozen] one response */
	meed_str text;			/* the answer's content */
	const meed_str *refs;		/* acceptable references, best first in the row's order */
	size_t n_refs;			/* 0: none given */
	const meed_msg *steps;		/* reasoning steps, NULL if n_steps is 0 */
	size_t n_steps;
	const meed_val *label;		/* the answer's label object, or NULL */
	const meed_val *more;		/* the answer as the row has it, or NULL */
} meed_cand;

typedef struct {			/* [grows] host -> plugin */
	uint32_t struct_size;
	uint32_t mode;			/* exactly one MEED_*WISE bit */
	uint32_t want;			/* MEED_WANT_* bits */
	uint32_t reserved;		/* 0 */
	meed_str id;			/* unique_id, or "" */
	size_t n_prompt, n_cands;	/* cands: 1 pointwise and stepwise, 2 pairwise */
	const meed_msg *prompt;		/* the conversation, oldest first */
	const meed_cand *cands;
	meed_str task_category;		/* "" if none */
	meed_str source;		/* "" if none */
	const meed_val *meta;		/* metadata object, or NULL */
} meed_sample;

typedef struct {			/* [grows] plugin -> host; 0 or NULL: the endpoint's default */
	uint32_t struct_size;
	uint32_t n_choices;		/* completions wanted; 0 is 1 */
	const char *endpoint;		/* name in the configuration; NULL: the instance's */
	const meed_msg *msgs;		/* `more`, if set, is sent as the whole message */
	size_t n_msgs;
	const char *json_schema;	/* ask for structured output; NULL: free text */
	double temperature;		/* < 0: the endpoint's default; 0 is sent as 0 */
	uint64_t seed;			/* 0: none */
	uint32_t max_tokens;
	uint32_t top_logprobs;		/* alternatives a token; 0: no log-probabilities */
	uint32_t timeout_ms;
	uint32_t flags;			/* 0 */
} meed_chat;

typedef struct {			/* [grows] plugin -> host */
	uint32_t struct_size, timeout_ms;
	const char *endpoint, *method, *path;	/* base URL and keys stay in the config */
	meed_str body;
} meed_http;

typedef struct {			/* [grows] host -> plugin, one per posted request */
	uint32_t struct_size, tag;	/* tag as given to post_* */
	int32_t status;			/* MEED_OK or MEED_E_*, after the host's retries */
	uint32_t http_status;		/* 0: none was received */
	meed_str error;			/* what failed, in words; "" if nothing did */
	size_t n_texts;
	const meed_str *texts;		/* chat: completions; http: 1 body */
	const meed_val *const *choices;	/* chat: n_texts nodes: logprobs, finish_reason; or NULL */
	size_t n_vecs, dim;		/* embed: n_vecs rows of dim floats */
	const float *vecs;
	const meed_val *json;		/* parsed structured output or body, or NULL */
	uint64_t tokens_in, tokens_out;	/* as the upstream counts them; 0: not told */
} meed_reply;

struct meed_host {			/* [grows] valid from init to deinit */
	uint32_t struct_size, abi_minor;
	void *impl;			/* the host's own */
	const char *name, *version;	/* "meed", semver */

	/* A newer facility by id, e.g. "meed.text/1"; NULL if absent. [any] */
	const void *(*extension)(const meed_host *h, const char *id);

	/* Read a tree. NULL in is fine; absent or of another type: NULL, dflt, "". [any] */
	uint32_t (*type)(const meed_val *v);
	size_t (*len)(const meed_val *v);		/* items of an array or object */
	const meed_val *(*get)(const meed_val *obj, const char *key);
	const meed_val *(*at)(const meed_val *arr, size_t i);
	/* Walks an object in the row's order: start with *cursor NULL, stop when it is NULL
	 * again. A value that is JSON null comes back as NULL, whose type is MEED_T_NULL. */
	const meed_val *(*next)(const meed_val *obj, const void **cursor, meed_str *ret_key);
	double (*num)(const meed_val *v, double dflt);	/* booleans are 0 and 1 */
	int64_t (*i64)(const meed_val *v, int64_t dflt);
	meed_str (*str)(const meed_val *v);
	const meed_val *(*parse)(meed_ctx *c, meed_str json); /* NULL: not JSON */

	/* The call's context. [any] */
	void (*log)(meed_ctx *c, uint32_t level, const char *text);
	int32_t (*fail)(meed_ctx *c, int32_t code, const char *why); /* returns code */
	void *(*alloc)(meed_ctx *c, size_t n);	/* zeroed, 16-aligned; NULL: over the limit */
	uint64_t (*seed)(const meed_ctx *c);	/* of (run seed, node, sample), not of time */
	int32_t (*cancelled)(const meed_ctx *c); /* poll in loops longer than ~1 ms */

	/* Results. dim NULL: the score the graph weighs; else a named detail of yours.
	 * Higher is better. step MEED_NONE: the whole candidate. Last call wins.
	 * MEED_E_RANGE if not finite, or outside [score_min, score_max] for dim NULL:
	 * the evaluation has then failed. reason may be empty. [worker] */
	int32_t (*put_score)(meed_ctx *c, size_t cand, size_t step, const char *dim,
			     double score, meed_str reason);
	/* A value for the result's `extra` object of this model and candidate; json must
	 * be one JSON value. Dropped unless MEED_WANT_EXTRA. [worker] */
	int32_t (*put_extra)(meed_ctx *c, size_t cand, const char *key, meed_str json);

	/* Post a request; the host queues, retries, caches, rate-limits. Then return
	 * MEED_PENDING. MEED_E_UNSUPPORTED unless `needs` declared it. [worker] */
	int32_t (*post_chat)(meed_ctx *c, uint32_t tag, const meed_chat *r);
	int32_t (*post_embed)(meed_ctx *c, uint32_t tag, const char *endpoint,
			      const meed_str *texts, size_t n);
	int32_t (*post_http)(meed_ctx *c, uint32_t tag, const meed_http *r);
	/* In resume: the replies to what the last call posted, in posting order. */
	size_t (*n_replies)(const meed_ctx *c);
	const meed_reply *(*reply)(const meed_ctx *c, size_t i);
};

typedef struct {			/* [grows] one reward model */
	uint32_t struct_size, modes, needs, traits;	/* bit sets of the enums above */
	const char *id;			/* [a-z0-9._-]+, unique among all plugins: "family.name" */
	const char *version;		/* semver; a change of any score bumps it */
	const char *summary;		/* one line */
	const char *license;		/* SPDX expression of the method and prompts */
	const char *source;		/* where the formula is from: DOI, URL, file */
	const char *params_schema;	/* JSON Schema object with defaults; "{}": none */
	double score_min, score_max;	/* closed range, infinities allowed */
	size_t state_size;		/* zeroed bytes per evaluation, kept across resume */
	/* params: validated, defaults filled in. On failure leave *self NULL. NULL if there are
	 * neither parameters nor anything to prepare: self is then NULL. [main] */
	int32_t (*create)(const meed_host *h, meed_ctx *c, const meed_val *params, void **self);
	void (*destroy)(const meed_host *h, void *self);	/* NULL: nothing to do [main] */
	/* Put scores and return MEED_OK, or post and return MEED_PENDING. [worker] */
	int32_t (*evaluate)(const meed_host *h, meed_ctx *c, void *self,
			    const meed_sample *s, void *state);
	/* All replies are in. Same answers as evaluate. NULL if it never posts. [worker] */
	int32_t (*resume)(const meed_host *h, meed_ctx *c, void *self,
			  const meed_sample *s, void *state);
	/* Instead of resume when a pending evaluation is dropped; needed only if state
	 * holds something alloc() did not give. May be NULL. [worker] */
	void (*abandon)(const meed_host *h, void *self, void *state);
	const void *(*extension)(const char *id);	/* optional abilities; may be NULL [any] */
} meed_rm;

typedef struct {			/* [grows] what the .so exports: constant data */
	uint32_t struct_size, abi_minor;	/* sizeof(meed_plugin), MEED_ABI_MINOR */
	const char *id, *version, *vendor, *license;	/* "org.example.math", semver, SPDX */
	const meed_rm *const *models;	/* NULL-terminated */
	int32_t (*init)(const meed_host *h, meed_ctx *c);	/* once; may be NULL [main] */
	void (*deinit)(const meed_host *h);	/* after a good init; may be NULL [main] */
} meed_plugin;

/* Extension meed.text/1 (host): tokens of a text, made once a sample and shared by
 * every model that asks for the same tokenizer. */
#define MEED_EXT_TEXT "meed.text/1"

typedef struct {			/* [grows] host -> plugin */
	uint32_t struct_size;
	uint32_t n_distinct;		/* different tokens in this text */
	uint32_t n_vocab;		/* ids handed out so far in this sample: every id is below */
	uint32_t reserved;		/* 0 */
	size_t n;			/* tokens */
	const uint32_t *ids;		/* equal bytes <=> equal id, across all texts of the sample
					 * that were read by the same tokenizer */
	const meed_str *spans;		/* n tokens' bytes, as the tokenizer gives them; NULL
					 * unless asked for */
} meed_tokens;

typedef struct {			/* [grows] plugin -> host */
	uint32_t struct_size;
	uint32_t flags;			/* MEED_TOK_* */
	const char *type;		/* "simple" (runs between Unicode white space), "jieba",
					 * "tiktoken" */
	const char *data;		/* where a tokenizer's data lies; NULL: its usual place */
} meed_tokenizer;

enum {
	MEED_TOK_LOWER = 1,		/* Unicode lower case first */
	MEED_TOK_CHINESE_ONLY = 2,	/* keep only U+4E00..U+9FFF first */
	MEED_TOK_SPANS = 4		/* fill meed_tokens.spans */
};

typedef struct {			/* [grows] the extension's table */
	uint32_t struct_size, revision;	/* 1 */
	/* Finds or opens a tokenizer; in create only. On failure the reason is in the
	 * context, as if you had called fail. [main] */
	int32_t (*open)(meed_ctx *c, const meed_tokenizer *t, uint32_t *ret_id);
	/* Tokens of a text, white space at both ends stripped first. The text must be one
	 * that the host gave you for this sample, or one that you allocated with alloc. It is
	 * known by its address: do not change its bytes afterwards. [worker] */
	int32_t (*tokens)(meed_ctx *c, uint32_t id, meed_str text, const meed_tokens **ret);
} meed_ext_text;

/* Extension meed.exec/1 (host): programs, each run in a cage of its own. A caged program sees no
 * network, no environment, no file but its own folder and the system's (read-only), no process
 * but its own; time, memory, disk, processes and output are bounded, and when its first process
 * ends, or a limit is reached, all that it started is killed. Declare MEED_NEEDS_EXEC; post in
 * evaluate or resume, return MEED_PENDING, and read the outcome in resume. Where this machine
 * cannot cage, the reply's status is MEED_E_UNSUPPORTED and its error says what is missing. */
#define MEED_EXT_EXEC "meed.exec/1"

/* How a run ended: meed_ran.outcome. */
enum {
	MEED_RAN_NOT = 0,		/* needless: its compilation or an earlier run failed */
	MEED_RAN_EXIT = 1,		/* by itself, with exit status `code` */
	MEED_RAN_SIGNAL = 2,		/* by signal `code`, not sent by the cage */
	MEED_RAN_WALL = 3,		/* killed: the wall clock limit */
	MEED_RAN_CPU = 4,		/* killed: the CPU time limit, summed over its processes */
	MEED_RAN_MEMORY = 5,		/* killed: the memory limit */
	MEED_RAN_OUTPUT = 6		/* killed: stdout or stderr beyond the limit */
};

/* meed_exec.flags. */
enum {
	MEED_EXEC_STOP = 1,		/* leave out the runs after one that is not MEED_RAN_EXIT with 0 */
	MEED_EXEC_CHECK = 2,		/* run nothing: only the runtime's syntax check, result in
					 * `compiled` */
	MEED_EXEC_CHANNEL = 4,		/* program and partner find each other at file descriptor 3, a
					 * stream socket */
	MEED_EXEC_CROSS = 8,		/* stdout of each is stdin of the other (interactive problems) */
	MEED_EXEC_STOP_LIMIT = 16	/* leave out the runs after one that is MEED_RAN_WALL or _CPU */
};

/* meed_runtime.flags. */
enum {
	MEED_RUNTIME_COMPILES = 1,	/* has a compile step */
	MEED_RUNTIME_CHECKS = 2,	/* has a syntax check */
	MEED_RUNTIME_WARM = 4		/* runs begin in a copy of a started interpreter */
};

typedef struct {			/* [frozen] a file in a program's folder */
	const char *path;		/* relative, without . and .., at most 255 bytes */
	meed_str data;
} meed_file;

typedef struct {			/* [grows] plugin -> host; 0: what the runtime's configuration says */
	uint32_t struct_size;
	uint32_t processes;		/* alive at once, threads counted; more: fork fails (EAGAIN) */
	uint32_t wall_ms, cpu_ms;	/* from the moment that the program starts */
	uint64_t memory;		/* bytes, all its processes together */
	uint64_t disk;			/* bytes that it can write; more: write fails (ENOSPC) */
	uint64_t output;		/* bytes of stdout, and of stderr */
} meed_limits;

typedef struct {			/* [grows] plugin -> host; a program in some language */
	uint32_t struct_size, flags;	/* flags 0 */
	const char *runtime;		/* name or alias in the configuration: "python", "c++" */
	meed_str code;			/* goes into the runtime's source file; NULL: it is in files */
	const meed_file *files;		/* beside it */
	size_t n_files;
} meed_program;

typedef struct {			/* [grows] plugin -> host; one run, in a fresh copy of the folder */
	uint32_t struct_size, flags;	/* flags 0 */
	const char *const *args;	/* after the runtime's own */
	size_t n_args;
	meed_str input, partner_input;	/* stdin; ended after it */
	const meed_file *files;		/* added to the program's for this run */
	size_t n_files;
	const char *const *fetch;	/* files to bring back when it has ended */
	size_t n_fetch;
} meed_exec_run;

typedef struct {			/* [grows] plugin -> host */
	uint32_t struct_size, flags;	/* MEED_EXEC_* */
	const meed_program *program;
	const meed_program *partner;	/* run beside it in a cage of its own, anew for each run; or NULL */
	const meed_limits *compile_limits, *run_limits; /* or NULL */
	const meed_exec_run *const *runs;	/* in this order, one after the other */
	size_t n_runs;
} meed_exec;

typedef struct {			/* [grows] host -> plugin; one run's outcome */
	uint32_t struct_size, outcome;	/* MEED_RAN_* */
	int32_t code;			/* exit status or signal; 0 with the other outcomes */
	uint32_t cut;			/* 1: out was cut at the limit; 2: err was */
	uint64_t wall_us, cpu_us, memory_peak; /* memory_peak in bytes; 0: not known */
	meed_str out, err;		/* any bytes */
	const meed_file *files;		/* those of fetch that were there */
	size_t n_files;
} meed_ran;

typedef struct {			/* [grows] host -> plugin; in the order of runs */
	uint32_t struct_size, reserved;	/* 0 */
	const meed_ran *compiled;	/* compile step or syntax check; NULL: the runtime has none */
	const meed_ran *partner_compiled;
	const meed_ran *const *runs;
	const meed_ran *const *partners; /* NULL: no partner */
	size_t n_runs;
} meed_exec_result;

typedef struct {			/* [grows] host -> plugin */
	uint32_t struct_size, flags;	/* MEED_RUNTIME_* */
	meed_str name;			/* as configured, whatever alias was asked for */
	meed_str why;			/* why it cannot be had; "" if it can */
	const meed_limits *max;		/* the most that a post may ask for; NULL if unknown */
} meed_runtime;

typedef struct {			/* [grows] the extension's table */
	uint32_t struct_size, revision;	/* 1 */
	/* Looks a runtime up. MEED_OK, or MEED_E_UNSUPPORTED with why (which lists the configured
	 * ones if the name is wrong); the context has not failed. ret->struct_size is yours to set.
	 * [main] [worker] */
	int32_t (*runtime)(meed_ctx *c, const char *name, meed_runtime *ret);
	/* Posts. MEED_E_UNSUPPORTED for an unknown runtime, MEED_E_LIMIT beyond what the
	 * configuration grants. [worker] */
	int32_t (*post)(meed_ctx *c, uint32_t tag, const meed_exec *e);
	/* In resume: the outcome behind reply i; NULL if its status is not MEED_OK, or if it answers
	 * another kind of request. [worker] */
	const meed_exec_result *(*result)(const meed_ctx *c, size_t i);
} meed_ext_exec;

extern MEED_EXPORT const meed_plugin meed_plugin_v1;	/* the one exported symbol */

#ifdef __cplusplus
}
#endif
#endif /* MEED_PLUGIN_H */
