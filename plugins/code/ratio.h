/* ratio.h - how alike two texts are, as Python's difflib.SequenceMatcher has it. */
#ifndef CODE_RATIO_H
#define CODE_RATIO_H

#include <meed/helpers.h>

struct code_ratio {
	size_t n_a, n_b;		/* characters */
	size_t matched;			/* of them in matching blocks, counted once */
	size_t n_blocks;		/* matching blocks, as they were found */
	double ratio;			/* 2 * matched / (n_a + n_b); 1 if both are empty */
};

/* What SequenceMatcher(None, a, b, autojunk).ratio() returns, to the last bit: the longest block
 * that both texts have (the first such in a, then in b), then the same to its left and to its
 * right. With autojunk and 200 or more characters in b, those that make up more than 1 % of b
 * start no block, but lengthen what they adjoin. Not symmetric in a and b.
 *
 * units     code points
 * source    Ratcliff and Metzener 1988; Python 3.11's documentation of difflib
 * cost      O(n log^2 n) on texts as they occur, where difflib's is O(n^2) to O(n^3); 64 bytes a
 *           character at most, from malloc
 * errors    MEED_E_LIMIT beyond max_chars in a or b, or when the texts have so much in common in so
 *           many places that it would take more than some ten seconds; MEED_E_NOMEM;
 *           MEED_E_CANCELLED. All said to the host. */
int32_t code_ratio(const meed_host *h, meed_ctx *c, meed_str a, meed_str b, bool autojunk,
		   size_t max_chars, struct code_ratio *ret);

/* What Python's difflib.unified_diff(a, b, n=0) says of two texts' lines, without its headers and
 * hunks' heads: a line "-..." for each line of a that is taken out, "+..." for each of b that is
 * put in, in their order. Lines end with LF or CR LF; a last one without an end counts as one.
 * Errors as above; the limit is on lines. */
int32_t code_line_diff(const meed_host *h, meed_ctx *c, meed_str a, meed_str b, size_t max_lines,
		       meed_str *ret);

#endif
