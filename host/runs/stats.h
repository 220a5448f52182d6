/* stats.h - moments, ranks and distances. Private to host/runs. */
#ifndef MEED_RUNS_STATS_H
#define MEED_RUNS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/engine/sketch.h"

/* Mean and variance by Welford's update; zero-initialised is empty. */
struct moments {
	uint64_t n;
	double mean, m2;
};
void moments_put(struct moments *m, double x);
double moments_sd(const struct moments *m);	/* n - 1; NAN for n < 2 */

/* Two variables together. */
struct comoments {
	struct moments x, y;
	double cxy;
};
void comoments_put(struct comoments *c, double x, double y);
/* Pearson's r; NAN if either does not vary or n < 3. */
double comoments_r(const struct comoments *c);
/* The same of sums of squares and products. */
double pearson_of(double sxx, double syy, double sxy);

/* Spearman's rho: Pearson's r of ranks, equal values sharing the mean of theirs. NAN as above.
 * scratch: n pairs of size_t and 2 * n doubles. False if memory is lacking. */
bool spearman(const double *x, const double *y, size_t n, double *ret);
/* Fisher's z interval of a correlation over n pairs, 95 %. NAN where there is none. */
void correlation_interval(double r, uint64_t n, double *ret_low, double *ret_high);
/* Wilson's score interval of a share, 95 %. */
void share_interval(double share, double n, double *ret_low, double *ret_high);

/* The Kolmogorov-Smirnov distance of two samples: the largest gap between their distribution
 * functions. Values that one bucket of the sketches holds (within 0.4 %) count as equal. NAN if
 * either is empty or memory is lacking. */
double ks_distance(const struct meed_sketch *a, const struct meed_sketch *b);
/* What that distance exceeds by chance once in twenty: 1.358 sqrt((n + m) / (n m)), Smirnov
 * 1948. */
double ks_chance(uint64_t n, uint64_t m);
/* The population stability index of b against a: the sum of (q - p) ln(q / p) over the tenths of a
 * (Siddiqi, Credit Risk Scorecards, 2006); equal edges make one bin; an empty bin counts as half a
 * value. NAN if either is empty or memory is lacking. */
double psi(const struct meed_sketch *a, const struct meed_sketch *b);
/* How many values of s lie in each of n equal parts of [low, high]; those beyond count in the
 * nearest. */
void histogram_in(const struct meed_sketch *s, double low, double high, size_t n, uint64_t *ret);

#endif
