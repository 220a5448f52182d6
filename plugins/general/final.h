/* final.h - reading the final number of a text, for general.final_number.
 *
 * A number is digits with thousands separators (a comma, {,} or \, of LaTeX, a no-break or thin
 * space, before groups of exactly three), a decimal point, an exponent (1e5, 1.5 x 10^3, LaTeX
 * alike), a percent sign; or a fraction 3/4 or \frac{3}{4}, alone or after a whole number. A
 * minus sign counts unless it stands between two operands (5-3). Digits that belong to a word or
 * an exponent or index (x2, m^2) are no number; a currency code (USD5, Rs5) is not such a word. */
#ifndef MEED_FINAL_H
#define MEED_FINAL_H

#include "general.h"

struct meed_final_rules {
	char point;		/* '.' or ','; the other one separates thousands */
	bool fractions;
	bool percent;		/* 50% is 0.5; else the sign is passed over */
};

struct meed_final_number {
	const char *from, *to;	/* all that was read, sign and currency included */
	meed_str whole;		/* digits and separators; of a mixed number its whole part */
	meed_str after;		/* digits after the point */
	meed_str num, den;	/* of a fraction, else empty */
	int64_t exp;		/* from an exponent, or -2 for a percentage */
	bool neg;
};

/* The first number that starts in [p, end) of text; false if there is none. */
bool meed_final_next(const struct meed_final_rules *r, meed_str text, const char *p,
		     const char *end, struct meed_final_number *ret);
/* Its exact value, digits in the arena. MEED_E_NOMEM. */
int32_t meed_final_value(const meed_host *h, meed_ctx *c, const struct meed_final_number *x,
			 struct meed_decimal *ret);

/* Where the final number of a text is looked for. */
enum meed_anchor {
	MEED_ANCHOR_HASH,	/* after #### */
	MEED_ANCHOR_BOXED,	/* in \boxed{} or \fbox{} */
	MEED_ANCHOR_PHRASE,	/* after "answer is" and the like */
	MEED_ANCHOR_LAST,	/* the last number */
	MEED_N_ANCHORS
};

struct meed_final_model {
	struct meed_final_rules rules;
	size_t n_anchors;
	enum meed_anchor anchors[MEED_N_ANCHORS];
	size_t n_phrases;
	meed_str phrases[32];	/* owned; one with an upper-case letter minds case */
	uint32_t first[256];	/* which phrases may begin with a byte */
	uint32_t folds;		/* which phrases do not mind case */
};

struct meed_final {
	struct meed_final_number number;
	meed_str anchor;	/* as a reason names it: "after ####" */
};

/* The final number, by the first anchor that yields one. cost: linear. */
bool meed_final_find(const struct meed_final_model *m, meed_str text, struct meed_final *ret);

#endif
