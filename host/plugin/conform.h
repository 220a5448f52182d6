/* conform.h - what the files of the conformance kit share. The kit runs in a child process, so
 * that a plugin that crashes, hangs or exits is a line of the report and not the end of it. */
#ifndef MEED_PLUGIN_CONFORM_H
#define MEED_PLUGIN_CONFORM_H

#include "host/plugin/internal.h"

/* Lies in memory that parent and child share: what the child is doing, should it die. */
struct meed_conform_shared {
	atomic_uint beat; /* changes whenever doing does */
	char doing[256];
};

/* One run of the kit, on the child's side. */
struct meed_conform {
	int fd; /* to the parent */
	struct meed_conform_shared *shared;
	struct meed_registry *r;
	const struct meed_model *model; /* under test */
	uint32_t threads, rounds;
	/* of the main thread: a sample, and an evaluation on it; reset after each use */
	struct meed_arena arena, scratch;
};

/* Sends one line of the report; why may be an empty text. */
void meed_conform_line(struct meed_conform *k, bool ok, const char *what, const char *why_fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Says what comes next. */
void meed_conform_doing(struct meed_conform *k, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- samples ---- */

/* A sample of the battery, in an arena; its JSON trees are put by release. */
struct meed_conform_sample {
	meed_sample s;
	meed_cand *cands;
	size_t *n_steps; /* per candidate */
	struct json_object *meta;
};
size_t meed_conform_n_cases(void);
const char *meed_conform_case_name(size_t i);
bool meed_conform_case_small(size_t i); /* cheap enough to run thousands of times */
/* 1: made; 0: the case says nothing about this model and mode; negative: out of memory. */
int meed_conform_sample(size_t i, const struct meed_model *m, uint32_t mode,
			struct meed_arena *arena, struct meed_conform_sample *ret);
void meed_conform_sample_release(struct meed_conform_sample *s);

/* ---- evaluations ---- */

/* How posted requests are answered: with a text that a careful plugin might read, with one that
 * it cannot, or with a failure. */
size_t meed_conform_n_answers(void);
const char *meed_conform_answer_name(size_t i);
/* The status of a failing answer, MEED_OK for the others. */
int32_t meed_conform_answer_status(size_t i);

struct meed_conform_eval {
	/* in */
	void *self;
	const struct meed_conform_sample *sample;
	struct meed_arena *arena; /* the caller resets it */
	uint32_t want;
	size_t answer;
	uint32_t drop_at;	  /* abandon at this round of requests; 0: never */
	const atomic_int *cancel; /* may be NULL */
	/* out */
	int32_t verdict; /* MEED_PENDING: it was dropped */
	const char *why;
	bool silent;	 /* it failed without a reason */
	uint64_t digest; /* of the verdict and all scores */
	double score;	 /* of candidate 0 */
	uint32_t rounds, n_scrubbed;
	uint64_t ns;
};
/* Runs one evaluation to its verdict. */
void meed_conform_eval(const struct meed_conform *k, struct meed_conform_eval *e);
/* NULL if a verdict is one that a right plugin may give, else what is wrong with it, in buf. */
const char *meed_conform_judge(const struct meed_conform_eval *e, char *buf, size_t n);

/* ---- programs ---- */

/* Knows a runtime by any name but "" and "no-such-runtime". */
extern const struct meed_runtimes meed_conform_runtimes;
/* Answers a posted meed_exec: text is what its runs print, turn where in the list of outcomes they
 * begin. */
void meed_conform_answer_exec(struct meed_request *q, meed_str text, size_t turn);

/* ---- checks ---- */

/* Parameters that do for a first try: the defaults, and something for each that is required.
 * Owned by the caller; NULL if nothing that was tried passes the schema. */
struct json_object *meed_conform_params(const struct meed_model *m);
int32_t meed_conform_create(const struct meed_conform *k, struct json_object *params,
			    struct meed_err *err, void **ret_self);
/* An instance with those parameters. */
int32_t meed_conform_instance(struct meed_conform *k, void **ret_self);

void meed_conform_check_schema(struct meed_conform *k);
void meed_conform_check_params(struct meed_conform *k);
void meed_conform_check_mode(struct meed_conform *k, uint32_t mode);
void meed_conform_check_threads(struct meed_conform *k, uint32_t mode);
void meed_conform_check_requests(struct meed_conform *k, uint32_t mode);
void meed_conform_check_leaks(struct meed_conform *k, uint32_t mode);
void meed_conform_check_latency(struct meed_conform *k, uint32_t mode);

#endif
