/* tally.h - items of a benchmark, the figures made of them, and how sure those are.
 *
 * An item is the smallest thing that a benchmark counts: a pair, a best-of-n set, a process. It has
 * numbers (channels) that are summed over a subset; a figure is a ratio of such sums, or a weighted
 * mean or sum of other figures. So every figure of a benchmark, however it nests, is known from the
 * subsets' sums alone, and a bootstrap replicate costs one pass over the clusters.
 *
 * Clusters: items of one subset that share a prompt are drawn together. Replicates are drawn
 * within each subset (its number of clusters stays what it is), since benchmarks fix the subsets'
 * weights, not their shares.
 *
 * Memory: 24 bytes an item and 8 a channel, and as much again for sums of clusters.
 * Threads: a tally belongs to one thread. */
#ifndef MEED_TALLY_H
#define MEED_TALLY_H

#include "host/eval/stats.h"

/* ---- items ----------------------------------------------------------------------------------- */

enum {
	MEED_ITEM_ERROR = 1, /* something had no score */
	MEED_ITEM_TIE = 2    /* decided by nothing but equal scores */
};

struct meed_item {
	uint64_t id; /* pairs items of two runs */
	uint64_t cluster;
	uint32_t subset, flags;
	double ch[];
};

struct meed_counts {
	uint64_t n, errors, ties, clean; /* clean: neither error nor tie */
	double clean_sum;		 /* channel 0 over the clean ones */
};

struct meed_tally {
	size_t n_ch, size; /* channels; bytes of an item */
	char *items;
	size_t n, cap;
	char **names; /* of subsets, in order of appearance */
	size_t n_names, cap_names;
	struct meed_counts *counts; /* one a subset */
	uint32_t *slots;	    /* names' hash table: index + 1, 0 is free */
	size_t n_slots;
	/* by meed_tally_finish: */
	size_t n_clusters;
	double *sums;  /* n_clusters rows of n_ch + 1: the channels, then the items */
	size_t *first; /* n_names + 1: where a subset's clusters begin */
};

#define MEED_MAX_SUBSETS 10000

struct meed_tally *meed_tally_new(size_t n_ch);
void meed_tally_free(struct meed_tally *t);
/* The subset of that name, made if need be. MEED_E_LIMIT beyond MEED_MAX_SUBSETS. */
int32_t meed_tally_subset(struct meed_tally *t, meed_str name, struct meed_err *err, uint32_t *ret);
/* The subset of that name, or UINT32_MAX. */
uint32_t meed_tally_find(const struct meed_tally *t, meed_str name);
int32_t meed_tally_add(struct meed_tally *t, uint32_t subset, uint64_t id, uint64_t cluster,
		       uint32_t flags, const double *ch, struct meed_err *err);
static inline const struct meed_item *meed_tally_item(const struct meed_tally *t, size_t i)
{
	return (const struct meed_item *)(const void *)(t->items + i * t->size);
}
/* Sorts the items by subset and cluster and sums the clusters. Once, after the last item. */
int32_t meed_tally_finish(struct meed_tally *t, struct meed_err *err);
/* The items that two finished tallies have in common, as one whose items have the channels of a,
 * then those of b; subsets are a's, found in b by name. The k-th item of an id goes with the k-th.
 * ret_alone: how many items of a and of b found no partner. */
int32_t meed_tally_join(const struct meed_tally *a, const struct meed_tally *b,
			struct meed_err *err, struct meed_tally **ret, uint64_t ret_alone[2]);

/* ---- figures -------------------------------------------------------------------------------- */

#define MEED_CH_ITEMS UINT32_MAX /* as a denominator: the number of items */
#define MEED_FIG_NONE UINT32_MAX

enum meed_fig_kind {
	MEED_FIG_RATIO, /* sum of num / sum of den over subsets; no den: undefined */
	MEED_FIG_MEAN,	/* sum of w f / sum of w over the defined ones of figures */
	MEED_FIG_SUM	/* sum of w f; undefined if one of them is */
};

struct meed_fig {
	enum meed_fig_kind kind;
	uint32_t num, den; /* channels */
	uint32_t *of;	   /* subsets or figures */
	double *w;	   /* weights of figures; NULL: 1 each */
	size_t n;
};

struct meed_figs {
	struct meed_fig *v;
	size_t n, cap;
	bool failed; /* memory was lacking: the caller looks once, at the end */
};
/* Each returns the figure's index; of and w are copied. Members of a mean or sum come first. */
uint32_t meed_figs_ratio(struct meed_figs *f, uint32_t num, uint32_t den, const uint32_t *of,
			 size_t n);
uint32_t meed_figs_combine(struct meed_figs *f, enum meed_fig_kind kind, const uint32_t *of,
			   const double *w, size_t n);
void meed_figs_release(struct meed_figs *f);
/* All figures from the subsets' sums: rows of stride numbers, of which those from `at` on are the
 * channels and the last is the number of items. NAN: undefined. */
void meed_figs_eval(const struct meed_figs *f, const double *sums, size_t stride, size_t at,
		    double *ret);

/* ---- intervals and tests ------------------------------------------------------------------- */

/* The figures of a finished tally with their intervals, three arrays of figs->n. BCa needs each
 * cluster left out in turn; beyond MEED_JACK_MAX clusters, where the two differ by less than
 * what is shown, the percentile interval is given. */
#define MEED_JACK_MAX 20000
int32_t meed_tally_figures(const struct meed_tally *t, const struct meed_figs *figs,
			   const struct meed_boot *boot, struct meed_err *err, double *ret,
			   double *ret_low, double *ret_high);

/* What two runs differ by, of a joined tally: a's figure minus b's. */
struct meed_diff {
	double a, b, low, high; /* low, high: paired bootstrap percentile interval of a - b */
	double p;		/* paired permutation test: the runs swapped within clusters at
				 * random, (1 + as far or farther) / (1 + n), two-sided */
};
int32_t meed_tally_diffs(const struct meed_tally *joined, const struct meed_figs *figs,
			 const struct meed_boot *boot, struct meed_err *err, struct meed_diff *ret);
/* Of a joined tally: how many items of these subsets are right in a alone, and in b alone; false if
 * some channel 0 is neither 0 nor 1, and McNemar's test does not fit. */
bool meed_tally_discordant(const struct meed_tally *joined, const uint32_t *subsets, size_t n,
			   uint64_t *ret_a, uint64_t *ret_b);

#endif
