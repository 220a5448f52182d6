/* judge.h - the plugin `judge`: models that ask a language model, and read its verdict.
 *
 *	params.c	an instance's parameters
 *	text.h		text, and the template language: out.c, template.c
 *	prompt.c	what is asked: system and user message, nonce, delimiters
 *	images.c	images that are sent along
 *	contract.c	how a verdict must look: JSON Schema and words
 *	find.c		where in an answer the verdict stands
 *	read.c		a verdict's fields into scores
 *	verdicts.c	verdicts in other people's formats: [[A>>B]], Output (a), Rating: 7
 *	criteria.c	rubrics that are written for one prompt
 *	chance.c	scores by log-probabilities
 *	ask.c		evaluate and resume: votes, panel, permutations, questions asked again
 *	settle.c	many readings into scores and reasons
 *	rewrite.c	an answer, criticised and rewritten
 *	plugin.c	descriptors and schemas
 *
 * Threads: an instance is read-only once it is made. Text goes into the context's arena. */
#ifndef MEED_JUDGE_H
#define MEED_JUDGE_H

#include <meed/helpers.h>

#include "plugins/judge/text.h"

#define JUDGE_VERSION "1.0.0"

enum {
	RUBRICS_MAX = 64,
	ANSWERS_MAX = 64,		/* of a sample, for listwise */
	STEPS_MAX = 256,
	PANEL_MAX = 16,
	ASKS_MAX = 1024			/* questions of one evaluation */
};

enum contract {
	C_SCORE,			/* pointwise: one number on the scale */
	C_RUBRICS,			/* pointwise: a critique and a number per rubric */
	C_VIOLATIONS,			/* pointwise: which rubrics are violated */
	C_YES_NO,			/* pointwise */
	C_PREFERENCE,			/* pairwise: A, B or tie */
	C_PAIR_SCORES,			/* pairwise: a number each */
	C_SCORES,			/* listwise: a number each */
	C_RANK,				/* listwise: an order with ties */
	C_BEST,				/* listwise: the best, or several */
	C_STEPS,			/* stepwise: a verdict per step */
	C_FIRST_ERROR			/* stepwise: which step is the first wrong one */
};

enum format { F_JSON, F_TAGS, F_VERDICT, F_TEXT };
enum reference_use { R_USE, R_REQUIRE, R_IGNORE };
enum positions { P_GIVEN, P_SHUFFLED, P_ROTATED };

struct rubric {
	meed_str name, text;
	double weight;
	bool veto;
	const meed_str *levels;		/* what points of the scale mean, lowest first */
	size_t n_levels;
};

struct example {
	meed_str prompt, verdict, reason;
	const meed_str *answers;
	size_t n_answers;
};

struct judge {
	struct block *memory;		/* all strings below */
	uint32_t mode;
	enum contract contract;
	enum format format;
	meed_str scenario, description, system, tie_rule, notes;
	meed_str template, system_template;
	struct rubric *rubrics;
	size_t n_rubrics;
	meed_str *failure_modes;
	size_t n_failure_modes;
	struct example *examples;
	size_t n_examples;
	double scale_min, scale_max;
	meed_str *labels;		/* of the scale's points, lowest first */
	size_t n_labels;
	enum reference_use reference;
	meed_str context_key;		/* in metadata; "" : none */
	uint32_t votes, permutations, reasks, max_tokens, max_chars;
	enum positions positions;
	bool logprobs, criteria, debate, images;
	double temperature;
	char **panel;			/* endpoints; each votes */
	size_t n_panel;
};

/* What one answer of the judge said, in the order in which it was shown. */
struct reading {
	double v[ANSWERS_MAX > STEPS_MAX ? ANSWERS_MAX : STEPS_MAX]; /* 0..1 each */
	size_t n;
	double rubric[RUBRICS_MAX];	/* 0..1; C_RUBRICS and C_VIOLATIONS */
	meed_str item_why[RUBRICS_MAX];	/* critique of each rubric, or of each answer */
	meed_str why;			/* its critique */
	bool vetoed;
};

/* ---- params.c -------------------------------------------------------------------------------- */

int32_t judge_pointwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self);
int32_t judge_pairwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self);
int32_t judge_listwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self);
int32_t judge_stepwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self);
void judge_destroy(const meed_host *h, void *self);

/* ---- prompt.c -------------------------------------------------------------------------------- */

/* What one question shows. */
struct question {
	const meed_sample *s;
	const size_t *order;		/* the candidate shown at each place */
	size_t n;			/* candidates shown */
	meed_str nonce;
	meed_str critiques;		/* debate: what the others said; "" in the first round */
	const struct rubric *rubrics;	/* the instance's, or written for this prompt */
	size_t n_rubrics;
};
/* Letters and digits that no text of the sample holds. */
meed_str prompt_nonce(const meed_host *h, meed_ctx *c, const struct judge *j,
		      const meed_sample *s);
meed_str prompt_system(const meed_host *h, meed_ctx *c, const struct judge *j);
meed_str prompt_user(const meed_host *h, meed_ctx *c, const struct judge *j,
		     const struct question *q);
/* images.c: the user message as it is sent, if the sample has images; NULL: it has none. */
int32_t images_message(const meed_host *h, meed_ctx *c, const struct question *q, meed_str text,
		       const meed_val **ret);
/* The text under context_key in the metadata, or "". */
meed_str prompt_context(const meed_host *h, const struct judge *j, const meed_sample *s);
/* Untrusted text between its delimiters: <name id="nonce"> ... </name id="nonce">. */
void prompt_fence(struct out *o, const char *name, meed_str nonce, meed_str text, size_t max_chars);

/* ---- contract.c ------------------------------------------------------------------------------ */

/* How to answer, in words. */
void contract_words(struct out *o, const struct judge *j, const struct question *q);
/* The JSON Schema of the answer, NUL-terminated; NULL: no memory. */
const char *contract_schema(const meed_host *h, meed_ctx *c, const struct judge *j,
			    const struct question *q);

/* ---- find.c ---------------------------------------------------------------------------------- */

/* The answer without what the model thought before it: <think>...</think> and its like. */
meed_str find_said(meed_str text);
/* The JSON objects of a text, last first: the at-th, or NULL. Fences, prose around, a missing
 * end and trailing commas are forgiven. */
const meed_val *find_object(const meed_host *h, meed_ctx *c, meed_str text, size_t at);
/* The body of the last <name>...</name>; false if there is none. */
bool find_tag(meed_str text, const char *name, meed_str *ret);

/* ---- read.c, verdicts.c ---------------------------------------------------------------------- */

/* Reads an answer. NULL if it could be read, else the complaint, to be told to the judge. */
const char *judge_read(const meed_host *h, meed_ctx *c, const struct judge *j,
		       const struct question *q, meed_str text, struct reading *ret);

enum preference { PREF_NONE, PREF_A, PREF_B, PREF_TIE, PREF_AMBIGUOUS };
/* Who won, in any of the formats that judges are known to use: [[A>>B]], [[A]], [[C]] for a tie,
 * <best>1</best>, "Output (a)", "Response 2 is better", {"ordered_models": ...}. */
enum preference verdict_preference(meed_str text);
/* "Rating: [[7]]", "Score: 7/10", a number alone; of several that are labelled the last. What it is
 * out of in *ret_of, 0 if that is not said. False if there is none, or several in brackets that
 * differ. */
bool verdict_rating(meed_str text, double *ret, double *ret_of);

/* ---- criteria.c, chance.c, ask.c, settle.c --------------------------------------------------- */

/* One question that is put to one endpoint, with what came of it. */
struct ask {
	const char *endpoint;		/* NULL: the instance's */
	uint32_t vote, reasks;
	size_t order[ANSWERS_MAX];	/* which candidate stands at each place */
	bool read;
	meed_str said;			/* the last answer, */
	const char *complaint;		/* and what was wrong with it */
	meed_str argued;		/* debate: its first answer, without the nonce */
	struct reading reading;
};

struct state {
	enum { S_CRITERIA, S_JUDGE, S_DEBATE } phase;
	struct ask *asks;
	size_t n_asks;
	meed_str nonce, user;
	struct rubric *rubrics;		/* written for this prompt; NULL: the instance's */
	size_t n_rubrics;
	uint32_t reasks;		/* of the criteria */
	uint64_t tokens_in, tokens_out;
};

/* Asks for criteria that fit the prompt; reads them into st->rubrics: NULL, or what is wrong. */
int32_t criteria_ask(const meed_host *h, meed_ctx *c, const struct judge *j, const meed_sample *s,
		     struct state *st, meed_str said, const char *complaint);
const char *criteria_read(const meed_host *h, meed_ctx *c, struct state *st, meed_str text);
/* The expected score, or the chance of yes, by the log-probabilities of the answer's first token
 * that counts; false if they do not tell. */
bool chance_read(const meed_host *h, const struct judge *j, const meed_reply *r, double *ret);
/* Puts scores, details, reasons, extras. */
int32_t judge_settle(const meed_host *h, meed_ctx *c, const struct judge *j, const meed_sample *s,
		     const struct state *st);

int32_t judge_evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *st);
int32_t judge_resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *st);

/* True if the answer ended at the limit of tokens. (ask.c) */
bool judge_cut_off(const meed_host *h, const meed_reply *r);

/* ---- rewrite.c ------------------------------------------------------------------------------- */

int32_t rewrite_evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			 void *state);
int32_t rewrite_resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *state);

#endif
