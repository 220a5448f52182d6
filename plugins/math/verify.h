/* verify.h - from a reference and a response to a verdict: what the model and `meed math` share. */
#ifndef MEED_MATH_VERIFY_H
#define MEED_MATH_VERIFY_H

#include "math.h"

/* The helper program: $MEED_MATH_HELPER, or where the build puts it. */
const char *mx_helper_path(void);

/* Memory of one evaluation: small pieces out of large blocks, and never more than a limit. */
struct mx_memory {
	void *(*block)(void *ctx, size_t n);	/* zeroed; NULL: no more */
	void *ctx;
	char *p;
	size_t left, next;
	size_t used, limit;
	bool over;				/* the limit was reached */
};
void *mx_memory_alloc(void *memory, size_t n);	/* for mx_env.alloc */

struct mx_model {
	struct mx_opts opts;
	enum mx_anchor order[MX_A_N + 1];
	uint32_t timeout_ms, candidates;
	uint64_t steps;
	size_t memory;
	bool restated;				/* the task's own expression is an answer, too */
	struct mx_helper *helper;		/* owned; may be NULL */
};
/* The defaults of all parameters. */
void mx_model_init(struct mx_model *m);
/* An environment for one evaluation over mem. */
void mx_env_begin(struct mx_env *e, const struct mx_model *m, struct mx_memory *mem, uint64_t seed);

/* One side of a comparison: what was found and how it was read. */
struct mx_side {
	bool found;
	struct mx_candidate cand;
	const struct mx *x;			/* NULL: not read, or not readable */
	const char *why;			/* not readable: why */
	size_t at;				/* and where, in cand.text */
};

struct mx_result {
	enum mx_verdict verdict;
	const char *rule;
	char detail[160];
	struct mx_side gold, pred;
	size_t ref;				/* which reference this is about */
};

/* Is response a right answer where any of refs is expected? 0 with *ret filled; MEED_E_SAMPLE if no
 * reference has an answer that can be read (ret->gold tells of the first); else what was
 * spent. */
int32_t mx_verify(struct mx_env *e, const struct mx_model *m, const meed_str *refs, size_t n_refs,
		  meed_str response, struct mx_result *ret);

/* Is the answer of an equal verdict nothing but an expression of the task, with something in it to
 * work out, while the reference's form does not stand there? "Expand (x+1)^2" is not answered
 * by (x+1)^2. False when something is spent. */
bool mx_restates(struct mx_env *e, meed_str task, const struct mx_result *v);

/* Reads what was decided without reading, for a reason to tell of; never fails. */
void mx_read_sides(struct mx_env *e, struct mx_result *v);

/* Why a spent budget fails an evaluation, in words. */
const char *mx_spent_text(const struct mx_env *e, const struct mx_memory *mem);
/* The code to fail with: the evaluation's own limit of memory is a limit, not a want of memory. */
int32_t mx_spent_code(const struct mx_env *e, const struct mx_memory *mem);
/* A side's text, cut to max bytes at the end of a character, dots where it is cut. */
void mx_side_text(struct meed_text *t, meed_str s, size_t max);

/* The table of extension meed.math/1. */
const void *mx_extension(const char *id);

#endif
