/* score.h - the two halves of meed score. */
#ifndef MEED_CLI_SCORE_H
#define MEED_CLI_SCORE_H

#include "host/cli/cli.h"
#include "host/engine/engine.h"

/* What the command line of meed score says. Zero-initialised, then score_parse. */
struct score_args {
	int argc;
	const char *name;		/* -m */
	struct cli_strings sets, inputs;
	struct meed_buf map;		/* all --map, joined by commas; NUL-terminated if any */
	const char *format, *group_by, *output, *rejects, *summary_json;
	const char *cache, *record, *replay;
	bool strict, timings, summary, quiet, has_seed, no_cache;
	enum meed_level level;
	int progress;			/* MEED_PROGRESS_*; -1: not given */
	uint32_t threads, window;	/* 0: the configuration's */
	uint64_t seed;
};

extern const struct cli_opt score_opts[];

/* Reads the command line. CLI_GO, or the status to exit with. */
int score_parse(struct cli *c, int argc, char **argv, struct score_args *a);
void score_args_release(struct score_args *a);

#endif
