/* match.h - what the parts of ratio.h share: two texts as numbers, and an index over them. */
#ifndef CODE_MATCH_H
#define CODE_MATCH_H

#include <meed/helpers.h>

#define MATCH_NO_CHAR UINT32_MAX	/* a character of a that b lacks */

struct match_index;

struct match {
	const meed_host *h;
	meed_ctx *c;
	uint32_t *a, *b;		/* characters, numbered from 0 by where b has them first */
	size_t na, nb, n_chars;
	bool *popular;			/* of a character: starts no block */
	uint32_t *first, *places;	/* places[first[ch]..first[ch + 1]) of b hold ch */
	uint64_t *pairs;		/* of each i: pairs of equal characters before i, popular
					 * ones apart */
	struct match_index *index;
	uint64_t work, budget;		/* steps done; when an index is worth making */
	uint64_t looks;			/* at the index */
	uint64_t next_poll;
	struct match_tail *tails;	/* of each place in b */
	uint32_t row;			/* of tails: the last one in use */
};

/* What ends at a place in b: a block of len characters, found in row `row`. */
struct match_tail {
	uint32_t row, len;
};

struct match_region {
	size_t alo, ahi, blo, bhi;
};

struct match_block {
	size_t a, b, n;
};

/* All blocks, each to the left and right of a longer one, in no order; from malloc. a, b and
 * n_chars are set, the rest is 0. They are given to match_release(). */
int32_t match_blocks(struct match *m, bool autojunk, struct match_block **ret, size_t *ret_n);
void match_release(struct match *m);

/* Whether the run is stopping; asks seldom. */
bool match_stops(struct match *m);

/* The suffix array of s[0..n): s ends with its only 0, and its numbers are below k. 0, or
 * MEED_E_NOMEM, or MEED_E_CANCELLED. */
int32_t match_suffixes(struct match *m, const uint32_t *s, size_t n, size_t k, uint32_t *ret_sa);

int32_t match_index_new(struct match *m, struct match_index **ret);
void match_index_free(struct match_index *x);
/* The longest block of the region that no popular character is part of, the first such in a, then
 * in b; n 0: none. Regions must be asked for as they split. MEED_E_LIMIT, MEED_E_CANCELLED. */
int32_t match_index_longest(struct match *m, const struct match_region *r,
			    struct match_block *ret);

#endif
