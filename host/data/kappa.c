/* kappa.c - Cohen's and Fleiss' kappa, Krippendorff's alpha */
#include "config.h"

#include "host/data/kappa.h"

#include <math.h>

static const uint16_t *row(const struct kappa_data *d, size_t i)
{
	return d->codes + i * KAPPA_RATERS;
}

size_t kappa_ratings(const struct kappa_data *d, size_t i)
{
	size_t n = 0, r;

	for (r = 0; r < d->n_raters; r++)
		n += row(d, i)[r] != KAPPA_NONE;
	return n;
}

/* How many ordered pairs of different raters of pattern i agree. */
static double agreeing(const struct kappa_data *d, size_t i)
{
	const uint16_t *v = row(d, i);
	size_t n = 0, a, b;

	for (a = 0; a < d->n_raters; a++)
		for (b = 0; b < d->n_raters && v[a] != KAPPA_NONE; b++)
			n += a != b && v[a] == v[b];
	return (double)n;
}

double kappa_agreement(const struct kappa_data *d, const double *w)
{
	double same = 0, all = 0;
	size_t i;

	for (i = 0; i < d->n_patterns; i++) {
		double m = (double)kappa_ratings(d, i);

		if (w[i] == 0)
			continue;
		same += w[i] * agreeing(d, i);
		all += w[i] * m * (m - 1);
	}
	return all > 0 ? same / all : NAN;
}

static double distance(size_t a, size_t b, enum kappa_weights weights)
{
	double x = a > b ? (double)(a - b) : (double)(b - a);

	return weights == KAPPA_UNWEIGHTED ? (x != 0) : weights == KAPPA_LINEAR ? x : x * x;
}

double kappa_cohen(const struct kappa_data *d, const double *w, size_t a, size_t b,
		   enum kappa_weights weights, double *scratch, double *ret_agreement,
		   double *ret_units)
{
	double *pa = scratch, *pb = scratch + d->n_categories, n = 0, seen = 0, chance = 0,
	       same = 0;
	size_t i, j;

	memset(scratch, 0, 2 * d->n_categories * sizeof(*scratch));
	for (i = 0; i < d->n_patterns; i++) {
		uint16_t x = row(d, i)[a], y = row(d, i)[b];

		if (x == KAPPA_NONE || y == KAPPA_NONE)
			continue;
		n += w[i];
		pa[x] += w[i];
		pb[y] += w[i];
		same += x == y ? w[i] : 0;
		seen += w[i] * distance(x, y, weights);
	}
	for (i = 0; i < d->n_categories; i++)
		for (j = 0; j < d->n_categories && pa[i] > 0; j++)
			chance += pa[i] * pb[j] * distance(i, j, weights);
	*ret_units = n;
	*ret_agreement = n > 0 ? same / n : NAN;
	return chance > 0 ? 1 - seen * n / chance : NAN;
}

double kappa_fleiss(const struct kappa_data *d, const double *w, size_t n_ratings,
		    double *ret_units)
{
	double n = 0, seen = 0, chance = 0, m = (double)n_ratings;
	double share[KAPPA_CATEGORIES] = { 0 };
	size_t i, r;

	for (i = 0; i < d->n_patterns; i++) {
		if (w[i] == 0 || kappa_ratings(d, i) != n_ratings)
			continue;
		n += w[i];
		seen += w[i] * agreeing(d, i) / (m * (m - 1));
		for (r = 0; r < d->n_raters; r++)
			if (row(d, i)[r] != KAPPA_NONE)
				share[row(d, i)[r]] += w[i];
	}
	*ret_units = n;
	if (!(n > 0) || n_ratings < 2)
		return NAN;
	for (i = 0; i < d->n_categories; i++)
		chance += share[i] / (n * m) * (share[i] / (n * m));
	seen /= n;
	return chance < 1 ? (seen - chance) / (1 - chance) : NAN;
}

/* The squared difference of two categories; n: how often each came. */
static double difference(const struct kappa_data *d, enum kappa_level level, const double *n,
			 size_t a, size_t b)
{
	size_t lo = a < b ? a : b, hi = a < b ? b : a, i;
	double x = 0;

	if (a == b)
		return 0;
	if (level == KAPPA_NOMINAL)
		return 1;
	if (level == KAPPA_INTERVAL)
		return (d->values[a] - d->values[b]) * (d->values[a] - d->values[b]);
	for (i = lo; i <= hi; i++)
		x += n[i];
	x -= (n[lo] + n[hi]) / 2;
	return x * x;
}

/* The coincidences of pattern i: each ordered pair of its ratings counts 1 / (ratings - 1). */
static void coincide(const struct kappa_data *d, size_t i, double w, double *o)
{
	const uint16_t *v = row(d, i);
	double m = (double)kappa_ratings(d, i);
	size_t a, b;

	for (a = 0; a < d->n_raters && m >= 2; a++)
		for (b = 0; b < d->n_raters && v[a] != KAPPA_NONE; b++)
			if (a != b && v[b] != KAPPA_NONE)
				o[v[a] * d->n_categories + v[b]] += w / (m - 1);
}

double kappa_krippendorff(const struct kappa_data *d, const double *w, enum kappa_level level,
			  double *scratch)
{
	size_t k = d->n_categories, i, j;
	double *o = scratch, *n = scratch + k * k, total = 0, seen = 0, chance = 0;

	memset(scratch, 0, k * (k + 1) * sizeof(*scratch));
	for (i = 0; i < d->n_patterns; i++)
		if (w[i] > 0)
			coincide(d, i, w[i], o);
	for (i = 0; i < k; i++)
		for (j = 0; j < k; j++) {
			n[i] += o[i * k + j];
			total += o[i * k + j];
		}
	for (i = 0; i < k; i++)
		for (j = 0; j < k && n[i] > 0; j++) {
			double x = difference(d, level, n, i, j);

			seen += o[i * k + j] * x;
			chance += n[i] * n[j] * x;
		}
	return chance > 0 && total > 1 ? 1 - (total - 1) * seen / chance : NAN;
}
