/* run_file.h - what is kept of a run. Private to host/runs. */
#ifndef MEED_RUNS_RUN_FILE_H
#define MEED_RUNS_RUN_FILE_H

#include "host/runs/kept.h"
#include "host/runs/runs.h"
#include "host/runs/stats.h"

#define NAMES_MAX 200			/* categories or members of a run; others share one entry */
#define CANARIES_SHOWN 20

/* Pairs of one sample's outputs that its labels put in an order. */
struct pairs {
	uint64_t n, right, ties, unscored;
};

struct category {
	char *name;
	struct moments score;
	uint64_t n_failed;
	struct pairs pairs;
};

struct member {
	char *name;
	uint64_t n_missing;		/* it failed or was skipped */
	struct moments score, weight, size;	/* size: of its contribution, without the sign */
	double min, max;		/* of score */
	struct comoments with_score;	/* its contribution and the output's score */
};

struct failure {
	char *code;
	uint64_t n;
};

/* Outputs of one prompt, in one sample or in adjacent ones. */
struct group {
	bool begun;
	uint64_t prompt;
	struct comoments lengths;	/* length and score */
	double min, max;
	uint64_t first_text;
	bool texts_differ;
};

struct canary_hit {
	char *text;
	double score;
};

/* What the requests of a run came to: numbers as files have them, whole up to 2^53. */
struct costs {
	double requests, cached, tokens_in, tokens_out, money;
	bool priced;
};

struct meed_run_file {
	char *name, *path, *composition;
	bool has_range;
	double low, high;		/* of the scale: given, or seen */
	uint64_t n_samples, n_bad, n_outputs, n_unscored, n_failed;
	struct moments score;
	struct meed_sketch sketch;
	uint64_t n_low, n_high;		/* scores at the ends */
	struct comoments lengths;	/* length and score */
	double sxx, syy, sxy;		/* the same within prompts */
	struct group group;
	uint64_t n_groups, n_collapsed, n_alike;	/* alike: all texts are the same */
	struct category *categories;
	struct member *members;
	struct failure *failures;
	size_t n_categories, n_members, n_failures;
	size_t cap_categories, cap_members, cap_failures;
	struct pairs pairs;
	uint64_t n_canaries;
	struct canary_hit canaries[CANARIES_SHOWN];	/* the first ones seen */
	struct meed_sketch canary_scores;
	struct kept kept;
	struct costs costs;
};

/* A member's share in the variance of the score: its contribution's covariance with the score over
 * the score's variance. Shares of a sum or mean add up to 1. NAN if nothing varies. */
double member_share(const struct meed_run_file *f, const struct member *m);
/* Spearman's correlation of length and score over the outputs kept; false: memory is lacking. */
bool run_length_spearman(const struct meed_run_file *f, double *ret);
/* Tables of how each two runs agree; false: memory is lacking. */
bool runs_agree(struct meed_run_file *const *v, size_t n, struct meed_report *r);
struct meed_scored_reward;
/* Adds what a reward's details say that they cost; each cost stands once in a sample. */
void costs_take(struct costs *c, const struct meed_scored_reward *reward);
/* A table of them; none where nobody was asked. */
void runs_costs(struct meed_run_file *const *v, size_t n, struct meed_report *r);
/* A table of the runs' files and who scored them. */
void runs_files(struct meed_run_file *const *v, size_t n, struct meed_report *r);
void runs_histogram(struct meed_run_file *const *v, size_t n, struct meed_report *r);
/* Characters. */
double text_length(meed_str s);

#endif
