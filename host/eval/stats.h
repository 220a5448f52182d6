/* stats.h - statistics of evaluations: correlation, calibration, tests, intervals.
 *
 * Functions that need scratch memory return MEED_E_NOMEM; what is undefined (a correlation with a
 * constant) is NAN in *ret, which a report shows as missing. Everything is deterministic: what
 * draws, draws from a struct meed_rng that the caller seeds. Inputs are finite.
 *
 * Threads: no state; an rng is used by one thread at a time. */
#ifndef MEED_STATS_H
#define MEED_STATS_H

#include "host/base/base.h"

/* ---- random numbers ---------------------------------------------------------------------- */

/* xoshiro256** 1.0 (Blackman and Vigna, doi:10.1145/3460772), seeded by splitmix64. */
struct meed_rng {
	uint64_t s[4];
};
void meed_rng_init(struct meed_rng *g, uint64_t seed);
uint64_t meed_rng_u64(struct meed_rng *g);
/* Uniform in [0, n), without bias (Lemire, doi:10.1145/3230636); n > 0. */
uint64_t meed_rng_below(struct meed_rng *g, uint64_t n);

/* ---- the normal distribution ------------------------------------------------------------- */

double meed_normal_cdf(double z);
/* Its inverse, to about 1e-15 (Wichura, algorithm AS 241, doi:10.2307/2347330); p in (0, 1). */
double meed_normal_quantile(double p);

/* ---- order -------------------------------------------------------------------------------- */

void meed_sort_doubles(double *v, size_t n);
/* Quantile of sorted values by linear interpolation (Hyndman and Fan's type 7); NAN if n is 0. */
double meed_quantile(const double *sorted, size_t n, double p);

/* ---- agreement of two numeric ratings ------------------------------------------------------ */

/* Pearson's r; NAN if n < 2 or either is constant. Two passes, O(n). */
double meed_pearson(const double *x, const double *y, size_t n);
/* Spearman's rho: Pearson's r of mid-ranks. O(n log n) time, O(n) memory. */
int32_t meed_spearman(const double *x, const double *y, size_t n, double *ret);
/* Mid-ranks, from 1. */
int32_t meed_ranks(const double *x, size_t n, double *ret_ranks);
/* Kendall's tau-b (Kendall 1945), by Knight's merge sort (doi:10.1080/01621459.1966.10480879):
 * O(n log n) time, O(n) memory. */
int32_t meed_kendall(const double *x, const double *y, size_t n, double *ret);

/* ---- probabilities against outcomes ---------------------------------------------------------- */

/* Brier score: mean of (p - y)^2, y 0 or 1. NAN if n is 0. */
double meed_brier(const double *p, const double *y, size_t n);
/* Expected calibration error (Naeini et al. 2015; Guo et al. 2017, arXiv 1706.04599): n_bins bins
 * of one width over [0, 1], (k/b, (k+1)/b] with 0 in the first; the sum over bins of |mean y - mean
 * p| weighted by their share. bins, if not NULL, get each bin's count, mean p and mean y. */
struct meed_bin {
	size_t n;
	double p, y; /* means; NAN if n is 0 */
};
int32_t meed_ece(const double *p, const double *y, size_t n, size_t n_bins, struct meed_bin *bins,
		 double *ret);
/* Area under the ROC curve: P(score of a 1 > score of a 0), ties one half. NAN with one class. */
int32_t meed_auc(const double *score, const double *y, size_t n, double *ret);

/* ---- sets of samples ------------------------------------------------------------------------ */

/* pass@k (Chen et al. 2021, arXiv 2107.03374, eq. 1): 1 - C(n-c, k) / C(n, k), the unbiased
 * estimate of the chance that at least one of k drawn samples is right when c of n are. NAN if n <
 * k. */
double meed_pass_at_k(uint64_t n, uint64_t c, uint64_t k);

/* ---- tests --------------------------------------------------------------------------------- */

/* McNemar's test that two paired classifiers are right equally often; b and c: how often only the
 * one, or only the other, is right. exact: two-sided binomial; mid: the mid-p of it (Fagerland et
 * al. 2013, doi:10.1186/1471-2288-13-91). Both 1 if b + c is 0. */
void meed_mcnemar(uint64_t b, uint64_t c, double *ret_exact, double *ret_mid);
/* Holm's step-down correction (Holm 1979): adjusts p in place. NAN entries are left out. */
int32_t meed_holm(double *p, size_t n);
/* Wilson's interval for k of n at confidence 1 - alpha (doi:10.1080/01621459.1927.10502953). */
void meed_wilson(double k, double n, double alpha, double *ret_low, double *ret_high);

/* ---- bootstrap intervals --------------------------------------------------------------------- */

struct meed_boot {
	size_t n;     /* replicates; 0: no intervals */
	double alpha; /* 0.05: 95 % intervals */
	uint64_t seed;
	bool percentile; /* not BCa */
};

/* The percentile interval of bootstrap replicates, which are sorted in place. */
void meed_percentile(double *reps, size_t n, double alpha, double *ret_low, double *ret_high);
/* The bias-corrected and accelerated interval (Efron 1987, doi:10.1080/01621459.1987.10478410).
 * jack: the figure with each unit left out in turn. Falls back on the percentile interval where the
 * correction is undefined (all replicates alike, or all on one side). Sorts reps. */
void meed_bca(double *reps, size_t n, const double *jack, size_t n_jack, double figure,
	      double alpha, double *ret_low, double *ret_high);

#endif
