/* agree.c - how far two ratings agree: correlations, calibration, discrimination. */
#include "config.h"
#include "host/eval/stats.h"

#include <math.h>
#include <stdlib.h>

double meed_pearson(const double *x, const double *y, size_t n)
{
	double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		mx += x[i];
		my += y[i];
	}
	mx /= (double)n;
	my /= (double)n;
	for (size_t i = 0; i < n; i++) {
		double dx = x[i] - mx, dy = y[i] - my;

		xx += dx * dx;
		yy += dy * dy;
		xy += dx * dy;
	}
	if (!(xx > 0) || !(yy > 0))
		return NAN;
	xy = xy / sqrt(xx) / sqrt(yy);
	return xy > 1 ? 1 : xy < -1 ? -1 : xy;
}

struct keyed {
	double x, y;
	size_t i;
};

static int by_x_y(const void *a, const void *b)
{
	const struct keyed *p = a, *q = b;

	if (p->x < q->x || p->x > q->x)
		return p->x < q->x ? -1 : 1;
	return p->y < q->y ? -1 : p->y > q->y;
}

static struct keyed *sorted_copy(const double *x, const double *y, size_t n)
{
	struct keyed *v = calloc(n ? n : 1, sizeof(*v));

	if (!v)
		return NULL;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct keyed){ x[i], y ? y[i] : 0, i };
	qsort(v, n, sizeof(*v), by_x_y);
	return v;
}

static bool same(double a, double b)
{
	return !(a < b) && !(a > b);
}

int32_t meed_ranks(const double *x, size_t n, double *ret_ranks)
{
	struct keyed *v = sorted_copy(x, NULL, n);

	if (!v)
		return MEED_E_NOMEM;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && same(v[end].x, v[i].x); end++)
			;
		for (size_t k = i; k < end; k++)
			ret_ranks[v[k].i] = ((double)i + (double)end + 1) / 2;
	}
	free(v);
	return MEED_OK;
}

int32_t meed_spearman(const double *x, const double *y, size_t n, double *ret)
{
	double *a = calloc(n ? n : 1, sizeof(*a)), *b = calloc(n ? n : 1, sizeof(*b));
	int32_t r = a && b ? MEED_OK : MEED_E_NOMEM;

	if (r >= 0)
		r = meed_ranks(x, n, a);
	if (r >= 0)
		r = meed_ranks(y, n, b);
	if (r >= 0)
		*ret = meed_pearson(a, b, n);
	free(a);
	free(b);
	return r;
}

/* Sorts y by merging and counts how many pairs were out of order; equal ones are in order. */
static double count_swaps(double *y, double *tmp, size_t n)
{
	double swaps = 0;

	for (size_t w = 1; w < n; w *= 2) {
		for (size_t lo = 0; lo + w < n; lo += 2 * w) {
			size_t mid = lo + w, hi = mid + w < n ? mid + w : n;
			size_t i = lo, j = mid, k = lo;

			while (i < mid && j < hi) {
				if (y[j] < y[i]) {
					swaps += (double)(mid - i);
					tmp[k++] = y[j++];
				} else {
					tmp[k++] = y[i++];
				}
			}
			while (i < mid)
				tmp[k++] = y[i++];
			while (j < hi)
				tmp[k++] = y[j++];
			memcpy(y + lo, tmp + lo, (hi - lo) * sizeof(*y));
		}
	}
	return swaps;
}

static double pairs(size_t n)
{
	return (double)n * ((double)n - 1) / 2;
}

int32_t meed_kendall(const double *x, const double *y, size_t n, double *ret)
{
	struct keyed *v = sorted_copy(x, y, n);
	double *w = calloc(n ? n : 1, 2 * sizeof(*w));
	double tied_x = 0, tied_y = 0, tied_xy = 0, swaps, all = pairs(n), a, b;
	int32_t r = v && w ? MEED_OK : MEED_E_NOMEM;

	if (r < 0)
		goto out;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && same(v[end].x, v[i].x); end++)
			;
		tied_x += pairs(end - i);
		for (size_t k = i, stop; k < end; k = stop) {
			for (stop = k + 1; stop < end && same(v[stop].y, v[k].y); stop++)
				;
			tied_xy += pairs(stop - k);
		}
	}
	for (size_t i = 0; i < n; i++)
		w[i] = v[i].y;
	swaps = count_swaps(w, w + n, n);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && same(w[end], w[i]); end++)
			;
		tied_y += pairs(end - i);
	}
	a = all - tied_x;
	b = all - tied_y;
	*ret = a > 0 && b > 0 ? (all - tied_x - tied_y + tied_xy - 2 * swaps) / sqrt(a) / sqrt(b)
			      : NAN;
	if (n < 2)
		*ret = NAN;
out:
	free(v);
	free(w);
	return r;
}

/* ---- probabilities against outcomes -------------------------------------------------------- */

double meed_brier(const double *p, const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (p[i] - y[i]) * (p[i] - y[i]);
	return n ? sum / (double)n : NAN;
}

static size_t bin_of(double p, size_t n_bins)
{
	double at = ceil(p * (double)n_bins) - 1;

	return !(at > 0) ? 0 : at >= (double)n_bins ? n_bins - 1 : (size_t)at;
}

int32_t meed_ece(const double *p, const double *y, size_t n, size_t n_bins, struct meed_bin *bins,
		 double *ret)
{
	struct meed_bin *v = calloc(n_bins, sizeof(*v));
	double sum = 0;

	if (!v)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct meed_bin *b = &v[bin_of(p[i], n_bins)];

		b->n++;
		b->p += p[i];
		b->y += y[i];
	}
	for (size_t k = 0; k < n_bins; k++) {
		sum += fabs(v[k].y - v[k].p);
		v[k].p = v[k].n ? v[k].p / (double)v[k].n : NAN;
		v[k].y = v[k].n ? v[k].y / (double)v[k].n : NAN;
	}
	if (bins)
		memcpy(bins, v, n_bins * sizeof(*v));
	*ret = n ? sum / (double)n : NAN;
	free(v);
	return MEED_OK;
}

int32_t meed_auc(const double *score, const double *y, size_t n, double *ret)
{
	double *ranks = calloc(n ? n : 1, sizeof(*ranks)), ones = 0, sum = 0, zeros;
	int32_t r = ranks ? meed_ranks(score, n, ranks) : MEED_E_NOMEM;

	if (r >= 0) {
		for (size_t i = 0; i < n; i++) {
			if (y[i] > 0.5) {
				ones++;
				sum += ranks[i];
			}
		}
		zeros = (double)n - ones;
		*ret = ones > 0 && zeros > 0 ? (sum - ones * (ones + 1) / 2) / (ones * zeros) : NAN;
	}
	free(ranks);
	return r;
}
