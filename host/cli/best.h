/* best.h - the parts of meed best. */
#ifndef MEED_CLI_BEST_H
#define MEED_CLI_BEST_H

#include "host/cli/report_out.h"
#include "host/cli/scored_input.h"
#include "host/use/use.h"
#include "plugins/math/math_ext.h"

#define BEST_CURVE 64			/* the curve goes up to so many outputs */

/* ---- votes (best_vote.c) ------------------------------------------------------------------- */

enum best_vote { BEST_BY_SCORE, BEST_MAJORITY, BEST_WEIGHTED };

struct best_answers {
	const char *at;			/* JSON pointer into the label; NULL: the response's text */
	bool last_line;			/* of the text: its last line that is not blank */
	const meed_ext_math *math;	/* equal as mathematics; NULL: the same characters */
};

/* Which answer an output gives, without blanks around it; false: none. A number is its JSON text. */
bool best_answer(const struct best_answers *how, const struct meed_scored_output *o,
		 struct meed_arena *arena, meed_str *ret);

/* Puts outputs with equal answers into one class. ret_class: n places, classes from 0 in order of
 * appearance; SIZE_MAX for what has no answer. Returns how many classes there are. */
size_t best_classes(const struct best_answers *how, const meed_str *answers, const bool *has, size_t n,
		    size_t *ret_class);
/* The class with the most votes: each output's weight (1, or its score), summed. Equal sums: the class
 * whose best output scores higher, then the first. SIZE_MAX if there is none. */
size_t best_winner(const size_t *classes, size_t n_classes, const double *weights,
		   const double *scores, size_t n);
/* The extension of the plugin math; NULL after saying what is missing. (math.c) */
const meed_ext_math *cli_math_extension(const struct cli *c, const struct meed_conf *conf);

/* ---- counting and telling (best_report.c) -------------------------------------------------- */

struct best_point {
	double score, right;		/* sums over samples of the expected best of k */
	uint64_t n, n_right;
	double oracle, vote;		/* of the labelled: any of k right; the vote's choice (k = n only) */
};

struct best_findings {
	uint64_t samples, outputs, bad_lines, failed_outputs, unscored, ties, kept;
	double mean, best;		/* sums over samples with scores */
	uint64_t scored, labelled, right, mean_n;
	double mean_right;
	uint64_t no_answer, classes, unanimous; /* votes */
	struct best_point curve[BEST_CURVE + 1];
	size_t longest;
};

struct meed_report *best_report(const struct best_findings *f, const struct scored_input *in,
				enum best_vote vote, uint64_t keep);

#endif
