/* general.h - what the models of the plugin `general` share.
 *
 * A model scores one response against each of its references and keeps the best one. */
#ifndef MEED_GENERAL_H
#define MEED_GENERAL_H

#include <meed/helpers.h>

extern const meed_rm meed_general_accuracy;
extern const meed_rm meed_general_f1_score;
extern const meed_rm meed_general_rouge;
extern const meed_rm meed_general_number_accuracy;
extern const meed_rm meed_general_final_number;

#define MEED_RMGALLERY "https://github.com/modelscope/RM-Gallery 0.1.4, general.py"

/* ---- tokens -------------------------------------------------------------------------------- */

struct meed_token_model {		/* a model whose only parameter is its tokenizer */
	const meed_ext_text *text;
	uint32_t id;
};
/* Makes one with a tokenizer of this type, flags MEED_TOK_*, and data (empty: the usual). */
int32_t meed_token_model_new(const meed_host *h, meed_ctx *c, const char *type, uint32_t flags,
			     const char *data, void **self);
void meed_free_self(const meed_host *h, void *self);

/* The length of the longest common subsequence of two token lists.
 *
 * formula   V' = (V + (V & M)) | (V & ~M): Hyyro 2004, "Bit-parallel LCS-length computation
 *           revisited"; Crochemore et al. 2001, doi:10.1016/S0020-0190(00)00214-X
 * cost      O(n*m/64) time for n and m tokens between the common prefix and suffix that occur on
 *           both sides; O(n + m) arena bytes
 * errors    MEED_E_NOMEM; MEED_E_CANCELLED, polled about every millisecond */
int32_t meed_lcs_length(const meed_host *h, meed_ctx *c, const meed_tokens *a,
			const meed_tokens *b, size_t *ret);

/* Harmonic mean of the shares that a match of `common` is of n_a and n_b. */
static inline double meed_f1(size_t common, size_t n_a, size_t n_b, double *ret_p, double *ret_r)
{
	double p, r;

	if (n_a == 0 || n_b == 0) {
		p = r = n_a == n_b ? 1.0 : 0.0;
	} else {
		p = (double)common / (double)n_a;
		r = (double)common / (double)n_b;
	}
	*ret_p = p;
	*ret_r = r;
	return p + r > 0.0 ? 2.0 * p * r / (p + r) : 0.0;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* meed_digit beyond ASCII. */
int meed_digit_wide(const char *p, const char *end, size_t *ret_len);

/* The value of the decimal digit (Unicode Nd) that starts at p, and its bytes; -1 if none does. */
static inline int meed_digit(const char *p, const char *end, size_t *ret_len)
{
	unsigned char b = p < end ? (unsigned char)*p : 0;

	*ret_len = 1;
	if (b < 0x80)
		return b >= '0' && b <= '9' ? b - '0' : -1;
	return meed_digit_wide(p, end, ret_len);
}

/* Where the next decimal digit starts in [p, end), or end. */
const char *meed_next_digit(const char *p, const char *end);

/* A number as (n / d) * 10^exp, exact. Digits are '0'..'9' without leading or trailing zeros; zero
 * has none. d NULL is 1. */
struct meed_decimal {
	const char *n, *d;
	size_t n_len, d_len;
	int64_t exp;
	bool neg;
};
/* Beyond this many digits in a part of a fraction meed_decimal_equal refuses it. */
#define MEED_FRACTION_DIGITS 10000
/* 1 or 0; MEED_E_LIMIT or MEED_E_NOMEM, with the reason in c. */
int32_t meed_decimal_equal(const meed_host *h, meed_ctx *c, const struct meed_decimal *a,
			   const struct meed_decimal *b);
/* Appends the digits of text to out (room for text.n bytes), whatever stands between them passed
 * over; returns how many. */
size_t meed_digits_copy(meed_str text, char *out);
/* Drops zeros at both ends; those at the right count in *exp. */
void meed_digits_trim(const char **p, size_t *n, int64_t *exp);

#endif
