/* scored_input.h - files of scored samples for a command that reads them: given as they are, or made
 * first with -m NAME. */
#ifndef MEED_CLI_SCORED_INPUT_H
#define MEED_CLI_SCORED_INPUT_H

#include "host/cli/scoring.h"
#include "host/eval/scored.h"

/* Zero-initialised but for scoring, which scoring_init makes ready. */
struct scored_input {
	struct scoring scoring;		/* scoring.name NULL: the inputs are scored already */
	const char *keep;		/* where the scored file stays; NULL: nowhere */
	char *temp;			/* its name where it does not; without a name on disk once open */
	const char **paths;		/* what to read */
	size_t n_paths;
	bool failures;			/* scoring met bad lines or outputs without a score */
};

/* Takes the operands (none: standard input). CLI_GO or a status after saying what is wrong. */
int scored_input_operands(struct cli *c, struct scored_input *in, int first, int argc, char **argv);
/* Scores if -m was given; then paths say what to read. EX_OK or a status. Standard input that is read
 * as it is can be read once: twice says that it will be read again, and refuses it. */
int scored_input_ready(struct cli *c, struct scored_input *in, bool twice);
/* Calls each for every sample of these files until it returns another status than EX_OK. Says what
 * could not be read, and that it was interrupted. EX_OK, or a status. */
int scored_each(struct cli *c, const char *const *paths, size_t n,
		const struct meed_scored_opts *opts,
		int (*each)(void *data, const struct meed_scored *s), void *data);
/* The same over what scored_input_ready left to be read; opts' format and map are the command
 * line's. */
int scored_input_each(struct cli *c, const struct scored_input *in, struct meed_scored_opts opts,
		      int (*each)(void *data, const struct meed_scored *s), void *data);
void scored_input_release(struct scored_input *in);

#endif
