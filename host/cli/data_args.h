/* data_args.h - what meed data, meed export and meed data run have in common. */
#ifndef MEED_CLI_DATA_ARGS_H
#define MEED_CLI_DATA_ARGS_H

#include "host/cli/cli.h"
#include "host/data/data.h"

/* Options that every step and format takes. Zero-initialised, then used as take's data. */
struct data_common {
	int argc;
	struct cli_strings inputs;
	struct meed_buf map;		/* all --map, joined by commas; NUL-terminated if any */
	struct meed_data_opts o;
	int progress;			/* MEED_PROGRESS_*; -1: not given */
	bool quiet, has_seed;
};

enum {
	DATA_OPT_FIRST = CLI_LONG + 400,
	DATA_OPT_FORMAT = DATA_OPT_FIRST,
	DATA_OPT_MAP,
	DATA_OPT_REJECTS,
	DATA_OPT_DROPPED,
	DATA_OPT_STRICT,
	DATA_OPT_SEED,
	DATA_OPT_MEMORY,
	DATA_OPT_PROGRESS
};

/* clang-format off */
#define DATA_READ_OPTS									\
	{ DATA_OPT_FORMAT, "format", "FORMAT", "shape of the rows, as for meed score" },	\
	{ DATA_OPT_MAP, "map", "FIELD=POINTER,...",					\
	  "read fields from JSON pointers, as for meed score" },			\
	{ DATA_OPT_REJECTS, "rejects", "FILE", "lines that are no samples go here" },	\
	{ DATA_OPT_STRICT, "strict", NULL,						\
	  "stop at the first line that is no sample" },				\
	{ DATA_OPT_SEED, "seed", "N", "seed of all random choices (default 0)" },	\
	{ DATA_OPT_PROGRESS, "progress", "KIND", "auto (default), none, or json" },	\
	{ 'q', "quiet", NULL, "no closing lines, no progress" }
#define DATA_COMMON_OPTS								\
	{ 'o', "output", "FILE",							\
	  "write here (through FILE.part) instead of to\n"				\
	  "standard output; FILE.gz and FILE.zst are packed" },				\
	{ DATA_OPT_DROPPED, "dropped", "FILE", "samples that are dropped go here" },	\
	{ DATA_OPT_MEMORY, "memory", "SIZE",						\
	  "what a step may hold in memory before it takes a\n"				\
	  "temporary file: 64M, 2G (default 32M)" },					\
	DATA_READ_OPTS
/* clang-format on */

extern const struct cli_opt data_common_opts[];
/* One of those options. */
int data_common_take(struct cli *c, struct data_common *d, int id, const char *value);
/* What is left of argv: the inputs. */
int data_common_inputs(struct cli *c, struct data_common *d, int first, int argc, char **argv);
/* Before a run of another kind: log, signals, progress. */
void data_common_ready(struct cli *c, struct data_common *d);
/* After one that failed: says why. The exit status. */
int data_common_failed(struct cli *c, const struct meed_data_stats *s, int32_t r,
		       const struct meed_err *err);
/* Runs a chain, says how it went. The exit status. */
int data_common_run(struct cli *c, struct data_common *d, struct meed_data_chain *chain);
void data_common_release(struct data_common *d);

/* A command whose first word names a step or a format. */
struct data_command {
	const char *name, *what;	/* "data", "step" */
	const struct meed_data_kind *(*find)(const char *name, const char **ret_near);
	int (*help)(struct cli *c);
};
/* `meed data KIND ...` or `meed export KIND ...`: argv[1] is the kind's name, "near-dedup" as
 * well as "near_dedup". The exit status. */
int data_kind_run(struct cli *c, const struct data_command *d, int argc, char **argv);

#endif
