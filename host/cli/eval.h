/* eval.h - the parts of meed eval: its command line, the runs that it scores itself, the report. */
#ifndef MEED_CLI_EVAL_H
#define MEED_CLI_EVAL_H

#include "host/cli/report_out.h"
#include "host/cli/scoring.h"
#include "host/eval/eval.h"

/* What the command line says. All strings are borrowed. */
struct eval_args {
	struct scoring s;	    /* -m and all that scoring needs */
	const char *bench, *output; /* output: -o; NULL: runs are not kept */
	struct cli_strings against, also;
	struct meed_eval_opts o;
	struct meed_scored_opts in;
	struct cli_report_out out;
	uint64_t repeat;
	bool list, both_orders;
};

extern const struct cli_opt eval_opts[];

/* Reads the command line. CLI_GO, or the status to exit with. */
int eval_parse(struct cli *c, int argc, char **argv, struct eval_args *a);
void eval_args_release(struct eval_args *a);

/* The files that a scoring made: RUN, RUN.2, ... or temporary ones, deleted by release. */
struct eval_runs {
	char **paths;
	size_t n;
	bool temporary;
	uint64_t n_bad_lines, n_failed;
	char *turned; /* the inputs in both orders, temporary */
};
/* Scores the inputs a->repeat times. EX_OK, or the status to exit with after saying why. */
int eval_score(struct cli *c, struct eval_args *a, struct eval_runs *ret);
void eval_runs_release(struct eval_runs *r);

#endif
