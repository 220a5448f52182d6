/* data.h - samples on their way from files to files: filtered, deduplicated, split, drawn, put in
 * order, changed; and written in the shapes that others read.
 *
 * A chain is a reader, steps, and a format. The reader takes every shape that docs/formats.md lists
 * and makes canonical samples of them; each step passes a sample on, changed or not, or drops
 * it; the format writes what arrives. Steps and formats are described by tables, from which the
 * command line, its help and the checks of the configuration all come.
 *
 * Everything is deterministic: the same input, parameters and seed give the same bytes. Memory is
 * bounded by memory_bytes a step, however long the input: what needs all samples at once goes to
 * temporary files that have no name and so are gone when the process is.
 *
 * Threads: a chain belongs to one thread. Errors: 0 or a negative MEED_E_* code with its reason. */
#ifndef MEED_DATA_H
#define MEED_DATA_H

#include "host/engine/engine.h"
#include "host/report/report.h"

/* ---- what there is ----------------------------------------------------------------------- */

enum meed_data_type {
	MEED_DATA_COUNT,		/* a whole number, 0 or more */
	MEED_DATA_NUMBER,
	MEED_DATA_TEXT,
	MEED_DATA_LIST,			/* texts, in the order given */
	MEED_DATA_FLAG			/* true or false */
};

struct meed_data_param {
	const char *name;		/* as the configuration writes it: "min_chars" */
	enum meed_data_type type;
	const char *arg;		/* what its value is called; NULL for a flag */
	const char *help;		/* lines of at most 50 characters */
};

/* One kind of step or one format. */
struct meed_data_kind {
	const char *name;
	const char *summary;
	const struct meed_data_param *params; /* ends with a NULL name */
	const char *operand;		/* the parameter that the command line takes as its first
					 * operand; NULL: none */
	bool operand_optional;		/* another parameter may stand for it */
	bool parts;			/* a step that sends samples to several outputs */
};

/* All of them, in the order in which help shows them. */
const struct meed_data_kind *const *meed_data_steps(size_t *ret_n);
const struct meed_data_kind *const *meed_data_formats(size_t *ret_n);
/* By name; NULL if there is none, with the nearest name in *ret_near (NULL if none is near). */
const struct meed_data_kind *meed_data_find_step(const char *name, const char **ret_near);
const struct meed_data_kind *meed_data_find_format(const char *name, const char **ret_near);

/* ---- parameters -------------------------------------------------------------------------- */

struct meed_data_args;
struct meed_data_args *meed_data_args_new(const struct meed_data_kind *kind);
void meed_data_args_free(struct meed_data_args *a);
/* Sets a parameter from text; a list grows by one. MEED_E_PARAM says what is wrong, without the
 * parameter's name, if it has one by that name: "must be a whole number, 0 or more". */
int32_t meed_data_args_set(struct meed_data_args *a, const char *name, const char *text,
			   struct meed_err *err);
bool meed_data_args_has(const struct meed_data_args *a, const char *name);
bool meed_data_args_knows(const struct meed_data_args *a, const char *name);
bool meed_data_args_is_list(const struct meed_data_args *a, const char *name);

/* ---- a chain ----------------------------------------------------------------------------- */

struct meed_data_opts {
	const char *const *inputs;
	size_t n_inputs;
	const char *format, *map;	/* how rows are read: meed_schema_new */
	const char *output;		/* NULL or "-": standard output; else through PATH.part */
	const char *rejects;		/* lines that are no samples; NULL: they are only told */
	const char *dropped;		/* samples that steps dropped; NULL: only counted */
	bool strict;			/* stop at the first line that is no sample */
	uint64_t seed;
	uint64_t memory_bytes;		/* a step's bound; 0: 32 MiB */
	uint64_t max_line_bytes;	/* 0: 128 MiB */
	int progress;			/* MEED_PROGRESS_* */
	const atomic_int *cancel;	/* not zero: stop soon */
	const struct meed_log *log;	/* the first bad lines are told here */
};

struct meed_data_count {
	const char *name;		/* of a step, or of a part; lives as long as the chain */
	uint64_t n_in, n_out, n_dropped;
	const char *note;		/* what else there is to say, or NULL */
};

struct meed_data_stats {
	uint64_t n_samples, n_bad_lines;
	uint64_t n_written;		/* samples, or rows of the format */
	uint64_t n_passed_over;		/* samples of which the format can make no row */
	const char *why_passed_over;	/* NULL */
	struct meed_data_count *steps;	/* owned by the chain */
	size_t n_steps;
	struct meed_data_count *parts;
	size_t n_parts;			/* 0: one output */
	uint64_t ns;
	bool cancelled;
};

struct meed_data_chain;
struct meed_data_chain *meed_data_chain_new(void);
void meed_data_chain_free(struct meed_data_chain *c);
/* Appends a step, or sets the format (canonical JSONL without it). a is consumed in every case.
 * MEED_E_PARAM if the parameters do not fit together. */
int32_t meed_data_chain_add(struct meed_data_chain *c, struct meed_data_args *a,
			    struct meed_err *err);
/* Reads, works, writes. Once a chain. */
int32_t meed_data_chain_run(struct meed_data_chain *c, const struct meed_data_opts *o,
			    struct meed_err *err, struct meed_data_stats *ret);

/* "64M": a size with K, M or G; false if it is none, or less than 1M. */
bool meed_data_size(const char *text, uint64_t *ret);

/* ---- annotation -------------------------------------------------------------------------- */

#define MEED_LABEL_OUTPUTS 26	/* answers of one task */

enum {
	MEED_ASK_PREFERENCE = 1,	/* which of two is better */
	MEED_ASK_BEST = 2,		/* which is best */
	MEED_ASK_RANK = 4,
	MEED_ASK_RATING = 8,
	MEED_ASK_COMMENT = 16
};
struct meed_label_opts {
	size_t n_outputs;		/* answers that a task shows */
	uint32_t ask;			/* MEED_ASK_* */
	unsigned scale;			/* stars of a rating */
	const char *const *aspects;	/* more ratings of each answer: "helpfulness" */
	size_t n_aspects;
	const char *instruction;	/* NULL: none */
};
/* Label Studio's labelling configuration, XML. MEED_E_PARAM: "PARAMETER: what is wrong". */
int32_t meed_data_label_config(const struct meed_label_opts *o, struct meed_err *err,
			       struct meed_buf *b);
/* Agreement between annotators, over what `annotations` put into samples or over values at JSON
 * pointers, one an annotator. */
struct meed_agree_opts {
	const char *of;			/* "preference", "best", "rating", "rank", or an aspect */
	const char *const *raters;	/* pointers; none: metadata.annotations */
	size_t n_raters;
	const char *const *order;	/* the values, from least to greatest; none: as numbers */
	size_t n_order;
	int weights;			/* Cohen's: 0 none, 1 linear, 2 quadratic */
	uint64_t n_boot, seed;		/* bootstrap: samples of units */
};
int32_t meed_data_agree(const struct meed_data_opts *o, const struct meed_agree_opts *how,
			struct meed_err *err, struct meed_data_stats *stats,
			struct meed_report **ret);
/* The samples that the tasks of an export were made of, as far as the export holds them, into a
 * file without a name; the caller closes *ret_fd. */
int32_t meed_data_rebuild(const char *path, int *ret_fd, struct meed_err *err);

/* ---- pipelines of the configuration ------------------------------------------------------ */

/* Checks all of them, as `meed check` does: unknown steps, parameters and formats. */
void meed_data_check(const struct meed_conf *conf, struct meed_diags *diags);
/* The chain of one. Its inputs, output and how to read are put into o, borrowed from conf. */
int32_t meed_data_pipeline(const struct meed_conf *conf, const struct meed_pipeline *p,
			   struct meed_diags *diags, struct meed_data_opts *o,
			   struct meed_data_chain **ret);

#endif
