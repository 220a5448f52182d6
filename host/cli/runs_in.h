/* runs_in.h - the runs that `meed report` and `meed health` read. */
#ifndef MEED_CLI_RUNS_IN_H
#define MEED_CLI_RUNS_IN_H

#include "host/cli/cli.h"
#include "host/runs/runs.h"

enum {
	RUNS_FORMAT = CLI_LONG + 700,
	RUNS_MAP
};

#define RUNS_IN_OPTS                                                                               \
	{ 'm', "model", "NAME", "look at this composition's scores, where rows have\nseveral" }, \
	{ RUNS_FORMAT, "format", "FORMAT", "shape of the rows, as in `meed score`" },              \
	{ RUNS_MAP, "map", "FIELD=POINTER,...", "where fields stand, as in `meed score`" }

struct runs_in {
	struct meed_run_file_opts opts;
	struct meed_run_file **v;
	size_t n;
};

/* True if the option is one of them. */
bool runs_in_take(struct runs_in *in, int id, const char *value);
/* Reads all; each is called by its file's name, or by its path where two have the same. EX_OK, or
 * a status after saying why. */
int runs_in_read(const struct cli *c, struct runs_in *in, char *const *paths, size_t n);
/* Says that run i has no score, and what to do. */
void runs_in_no_score(const struct cli *c, const struct runs_in *in, size_t i, const char *path);
void runs_in_release(struct runs_in *in);

#endif
