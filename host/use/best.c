/* best.c - what the best of k of n is worth. */
#include "config.h"

#include "host/use/use.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The chance that the i-th smallest (from 1) of n is the largest of k drawn:
 * C(i-1, k-1) / C(n, k), by the ratio of neighbours so that nothing overflows. */
static double weight(size_t i, size_t n, size_t k)
{
	double w = (double)k / (double)n;

	if (i < k)
		return 0;
	/* at i = n: k / n; each step down multiplies by (i - k) / (i - 1) of the one above */
	for (size_t m = n; m > i; m--)
		w *= (double)(m - k) / (double)(m - 1);
	return w;
}

double meed_best_expected(double *v, size_t n, size_t k)
{
	double sum = 0;

	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = k; i <= n; i++)
		sum += weight(i, n, k) * v[i - 1];
	return sum;
}

double meed_best_expected_of(const double *x, const double *y, size_t n, size_t k, size_t *order)
{
	double sum = 0;
	size_t from, to, i;

	for (i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && x[order[at - 1]] > x[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (from = 0; from < n; from = to) {
		double w = 0, mean = 0;

		for (to = from; to < n && x[order[to]] <= x[order[from]]; to++) {
			w += weight(to + 1, n, k);
			mean += y[order[to]];
		}
		sum += w * mean / (double)(to - from);
	}
	return sum;
}
