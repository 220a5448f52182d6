/* use.h - what scores are put to: contradictions among comparisons, the best of n, and what their
 * commands share.
 *
 * Threads: nothing here keeps state of its own. Errors: 0 or a negative MEED_E_* code. */
#ifndef MEED_USE_H
#define MEED_USE_H

#include "host/eval/scored.h"

/* ---- comparisons (duels.c) -------------------------------------------------------------- */

/* One comparison of two of a group's nodes. */
struct meed_duel {
	uint32_t a, b;			/* a was shown first, if shown */
	uint32_t weight;		/* how often it was said; 1 */
	float won;			/* a's: 1, 0.5 or 0 */
	bool shown;			/* the order in which they were shown is known */
};

/* The comparisons of one group: a sample's outputs, or the responses to one prompt. */
struct meed_duels {
	struct meed_duel *v;
	size_t n, cap;
	size_t n_nodes;
	size_t n_failed;		/* comparisons without a verdict */
	bool nomem;
};
void meed_duels_clear(struct meed_duels *d);
void meed_duels_release(struct meed_duels *d);
void meed_duels_add(struct meed_duels *d, struct meed_duel one);
/* What a pairwise model said of a sample: extra.pairs of its details, which `meed score --level
 * full` writes. member: the model's name, at any depth; NULL: the first that has any. False if the
 * sample has none. */
bool meed_duels_pairs(const struct meed_scored *s, const char *member, struct meed_duels *ret);
/* Each member of a composition compares every two outputs by its scores. False if no reward has
 * details. */
bool meed_duels_members(const struct meed_scored *s, struct meed_duels *ret);

/* ---- contradictions (conflicts.c) ------------------------------------------------------- */

#define MEED_CONFLICT_NODES 1024

/* What is wrong with a group's comparisons. "Beats" is by the sum of what was said of a pair. */
struct meed_conflicts {
	size_t n_nodes, n_duels;
	size_t n_pairs, n_tied;		/* pairs that were compared; of these, without a winner */
	size_t n_twice;			/* pairs compared in both orders, or by several */
	size_t n_contrary;		/* of these: each was said to beat the other */
	size_t n_wavering;		/* of these: a tie once, a winner once */
	size_t n_first, n_shown;	/* decided comparisons whose order is known; won by the first */
	size_t n_triples, n_cyclic;	/* triples with three winners; of these, a > b > c > a */
	double consistence;		/* Kendall and Babington Smith 1940: zeta = 1 - d / d_max; NAN unless
					 * every pair has a winner and there are three nodes */
	size_t n_cycles, largest;	/* strongly connected components of two or more; the largest */
	size_t n_in_cycles;		/* pairs with a winner inside such a component */
	const uint32_t *cycle;		/* the largest component's nodes, `largest` of them */
	const uint32_t *order;		/* best first: contradicts the comparisons least */
	size_t n_removed;		/* pairs whose winner stands behind the loser there */
	double weight_removed;		/* by how much they were won */
	const double *net;		/* a node's wins minus losses without those, over the largest of
					 * the group's: -1 to 1; 0 for all if nobody wins */
};
/* All of it. What ret points to lies in arena. MEED_E_LIMIT: more than MEED_CONFLICT_NODES nodes;
 * MEED_E_NOMEM. The order is exact (minimum feedback arc set) up to 14 nodes, a local optimum
 * beyond. Intransitive triples are counted for all sizes. */
int32_t meed_conflicts_find(const struct meed_duels *d, struct meed_arena *arena,
			    struct meed_conflicts *ret);

/* ---- preference labels over a whole file (clashes.c) ------------------------------------------ */

/* 1: labelled as chosen; -1: as rejected; 0: neither. */
int meed_label_preference(const struct meed_scored_output *o);

/* Who was chosen over whom, for each prompt, wherever in the files that was said. Costs 32 bytes a
 * comparison. Responses are told apart by a 64-bit hash of their text. */
struct meed_clashes;
struct meed_clashes *meed_clashes_new(void); /* NULL: no memory */
void meed_clashes_free(struct meed_clashes *c);
/* Adds a sample's labels; line: its number over all files, from 1. *ret_n: how many comparisons. */
int32_t meed_clashes_add(struct meed_clashes *c, const struct meed_scored *s, uint64_t line,
			 size_t *ret_n);
/* The contradictions of the next prompt: 1, 0 after the last, or a code (MEED_E_LIMIT: too many
 * responses to one prompt; going on is fine). *at begins with 0. ret and duels lie in arena, which the
 * caller resets in between. *ret_line: the first sample of that prompt. */
int32_t meed_clashes_next(struct meed_clashes *c, size_t *at, struct meed_duels *duels,
			  struct meed_arena *arena, struct meed_conflicts *ret, uint64_t *ret_line);
/* After the last: true if one of the sample's comparisons is against the order that contradicts its
 * prompt's least. The same sample and line as were added. */
bool meed_clashes_against(const struct meed_clashes *c, const struct meed_scored *s, uint64_t line);

/* ---- best of n (best.c) ------------------------------------------------------------------ */

/* The expected largest of k of n values drawn without replacement: sum over i of
 * C(i-1, k-1) / C(n, k) x_(i), x ascending. v need not be sorted and is. 0 < k <= n. */
double meed_best_expected(double *v, size_t n, size_t k);
/* The expected y of the largest x of k of n pairs drawn without replacement; equal x share. The
 * pairs are x[i], y[i]; order is scratch of n places. */
double meed_best_expected_of(const double *x, const double *y, size_t n, size_t k, size_t *order);

#endif
