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

enum { DATA_OPT_FIRST = CLI_LONG + 400 };
extern const struct cli_opt data_common_opts[];
/* One of those options. */
int data_common_take(struct cli *c, struct data_common *d, int id, const char *value);
/* What is left of argv: the inputs. */
int data_common_inputs(struct cli *c, struct data_common *d, int first, int argc, char **argv);
/* Runs a chain, says how it went. The exit status. */
int data_common_run(struct cli *c, struct data_common *d, struct meed_data_chain *chain);
void data_common_release(struct data_common *d);

/* A step's or format's name as the tables have it: "near-dedup" is near_dedup. */
enum { DATA_NAME = 64 };
const char *data_kind_name(const char *word, char buf[DATA_NAME]);
/* `meed data KIND ...` or `meed export FORMAT ...`: argv[0] is the kind's name. */
int data_kind_run(struct cli *c, const char *command, const struct meed_data_kind *kind,
		  int argc, char **argv);

#endif
