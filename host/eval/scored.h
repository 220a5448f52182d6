/* scored.h - streams scored samples: a canonical file as `meed score` writes it, one sample at a
 * time, with the rewards read out of it.
 *
 * Any shape of row that docs/formats.md lists is read; what no composition has scored then simply
 * has no reward. A line that is no sample, and a line that `meed score` already wrote as such
 * ({"error": ..., "raw": ...}), come out as a sample with `code` set: whoever counts must count
 * them.
 *
 * Threads: a reader belongs to one thread. Ownership: what meed_scored_next returns is borrowed and
 * lives until the next call, or until the reader is closed. Memory: one sample and a block of
 * lines, however long the file. */
#ifndef MEED_SCORED_H
#define MEED_SCORED_H

#include <stdatomic.h>

#include "host/base/base.h"

struct json_object;

/* A member's line of a reward. */
struct meed_scored_detail {
	meed_str name;
	bool valid;	   /* score is there and means something */
	bool weighted;	   /* weight and contribution are there */
	double score, raw; /* raw: before transforms; the score where it is not told */
	double weight, contribution;
	meed_str state;		  /* "", "skipped", "value", "failed", "idle" */
	meed_str reason, error;	  /* error: its message */
	struct json_object *json; /* the whole detail: extra, nested details */
};

/* A reward of an output or a step. Either none (present false), a score (valid), or a failure. */
struct meed_scored_reward {
	bool present, valid;
	double score;
	meed_str composition;	      /* "" if the file does not tell */
	meed_str code, error, member; /* of a failure: code's name, message, who failed */
	struct meed_scored_detail *details;
	size_t n_details;
};

struct meed_scored_output {
	meed_str text;		    /* the answer's content; "" if it has none */
	meed_str role;		    /* as the row has it, or "" */
	struct json_object *label;  /* answer.label, an object, or NULL */
	struct json_object *answer; /* the answer as read, or NULL (not canonical) */
	struct meed_scored_reward reward;
	const meed_msg *steps;
	struct meed_scored_reward *step_rewards; /* n_steps; without details */
	struct json_object **step_labels;	 /* n_steps; objects or NULL */
	size_t n_steps;
};

struct meed_scored {
	int32_t code; /* 0; or why the line is no sample, the reason in `why` */
	meed_str why;
	const char *file; /* where it stood */
	uint64_t line;
	meed_str id, task_category, source; /* "" if absent */
	const meed_msg *prompt;
	size_t n_prompt;
	uint64_t prompt_hash;	      /* equal for equal prompts (roles and texts) */
	struct json_object *metadata; /* an object, or NULL */
	struct json_object *root;     /* the whole row as read; NULL if it is not JSON */
	struct meed_scored_output *outs;
	size_t n_outs;
};

struct meed_scored_opts {
	/* Whose reward: a composition's name, found on top or under reward.others; NULL: the one
	 * on top. */
	const char *composition;
	/* A member's name: its detail's score stands for the output's (not for steps). NULL: the
	 * composition's own. An output whose reward lacks it has a failed reward that says so. */
	const char *detail;
	/* Where recorded scores are, instead of rewards; NULL: rewards.
	 *   "/path"        from the row: a list with a score for each output (each a number, true
	 * or false, or a list that holds one), a number where there is one output, or "A>B", "B>A",
	 * "A=B" where there are two (1 and 0, 0 and 1, 0.5 each; ">>" counts as ">"). null or
	 * absent: a failed reward. "label:/path"  from each output's label. "answer:/path" from
	 * each output's answer (canonical rows). A row of no known shape is then taken too: its
	 * outputs have scores and nothing else. So are the two of a verdict in a row that has one
	 * output: the judge's own response. */
	const char *score_at;
	bool any_row;		  /* a JSON object of no known shape is a sample without
				   * outputs, whether or not score_at is given */
	const char *format, *map; /* as meed_schema_new has them; NULL: told by keys */
	size_t max_line;	  /* bytes; 0: 64 MiB */
	const atomic_int *cancel; /* may be NULL; not zero: meed_scored_next returns
				   * MEED_E_CANCELLED */
};

struct meed_scored_reader;
/* Opens a list of files ("-": standard input; gzip and zstd are seen through). o may be NULL.
 * MEED_E_NOINPUT, or MEED_E_PARAM for what is wrong with o. */
int32_t meed_scored_open(const char *const *paths, size_t n, const struct meed_scored_opts *o,
			 struct meed_err *err, struct meed_scored_reader **ret);
/* 1 with the next sample, 0 at the end, or a negative code (reading failed; out of memory). */
int32_t meed_scored_next(struct meed_scored_reader *r, struct meed_err *err,
			 const struct meed_scored **ret);
/* Bytes read and in all (0: unknown), as meed_input_progress. */
void meed_scored_progress(const struct meed_scored_reader *r, uint64_t *ret_done,
			  uint64_t *ret_total);
void meed_scored_close(struct meed_scored_reader *r); /* NULL is fine */

/* ---- helpers for what stands in labels and metadata ----------------------------------- */

/* The value under key of an object; NULL if absent, null, or o is no object. */
struct json_object *meed_scored_get(struct json_object *o, const char *key);
/* A string's text; "" if o is no string. */
meed_str meed_scored_str(struct json_object *o);
/* A number (true 1, false 0, and a list that holds one such); false if it is none, or not finite.
 */
bool meed_scored_num(struct json_object *o, double *ret);
/* The detail of that name, at any depth, first in the row's order; NULL. Nested details are read
 * from json and are not in `details`; *ret is then filled from them. */
bool meed_scored_find(const struct meed_scored_reward *rw, const char *name,
		      struct meed_scored_detail *ret);

#endif
