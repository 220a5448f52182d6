/* stats.c - random numbers, the normal distribution, quantiles, intervals, tests. */
#include "config.h"
#include "host/eval/stats.h"

#include <math.h>
#include <stdlib.h>

/* ---- random numbers ------------------------------------------------------------------------ */

void meed_rng_init(struct meed_rng *g, uint64_t seed)
{
	for (size_t i = 0; i < 4; i++) {
		uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		g->s[i] = z ^ z >> 31;
	}
}

static uint64_t rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

uint64_t meed_rng_u64(struct meed_rng *g)
{
	uint64_t *s = g->s;
	uint64_t r = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return r;
}

uint64_t meed_rng_below(struct meed_rng *g, uint64_t n)
{
	__extension__ typedef unsigned __int128 u128;
	u128 m = (u128)meed_rng_u64(g) * n;

	if ((uint64_t)m < n) {
		uint64_t least = (0 - n) % n;

		while ((uint64_t)m < least)
			m = (u128)meed_rng_u64(g) * n;
	}
	return (uint64_t)(m >> 64);
}

/* ---- the normal distribution ----------------------------------------------------------------- */

double meed_normal_cdf(double z)
{
	return 0.5 * erfc(-z / 1.4142135623730951);
}

static double horner(const double *c, size_t n, double x)
{
	double r = 0;

	while (n)
		r = r * x + c[--n];
	return r;
}

double meed_normal_quantile(double p)
{
	static const double a[] = { 3.3871328727963666080e0, 1.3314166789178437745e2,
				    1.9715909503065514427e3, 1.3731693765509461125e4,
				    4.5921953931549871457e4, 6.7265770927008700853e4,
				    3.3430575583588128105e4, 2.5090809287301226727e3 };
	static const double b[] = { 1.0,
				    4.2313330701600911252e1,
				    6.8718700749205790830e2,
				    5.3941960214247511077e3,
				    2.1213794301586595867e4,
				    3.9307895800092710610e4,
				    2.8729085735721942674e4,
				    5.2264952788528545610e3 };
	static const double c[] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
				    5.76949722146069140550e0,  3.64784832476320460504e0,
				    1.27045825245236838258e0,  2.41780725177450611770e-1,
				    2.27238449892691845833e-2, 7.74545014278341407640e-4 };
	static const double d[] = { 1.0,
				    2.05319162663775882187e0,
				    1.67638483018380384940e0,
				    6.89767334985100004550e-1,
				    1.48103976427480074590e-1,
				    1.51986665636164571966e-2,
				    5.47593808499534494600e-4,
				    1.05075007164441684324e-9 };
	static const double e[] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
				    1.78482653991729133580e0,  2.96560571828504891230e-1,
				    2.65321895265761230930e-2, 1.24266094738807843860e-3,
				    2.71155556874348757815e-5, 2.01033439929228813265e-7 };
	static const double f[] = { 1.0,
				    5.99832206555887937690e-1,
				    1.36929880922735805310e-1,
				    1.48753612908506148525e-2,
				    7.86869131145613259100e-4,
				    1.84631831751005468180e-5,
				    1.42151175831644588870e-7,
				    2.04426310338993978564e-15 };
	double q = p - 0.5, r, x;

	if (fabs(q) <= 0.425) {
		r = 0.180625 - q * q;
		return q * horner(a, 8, r) / horner(b, 8, r);
	}
	r = sqrt(-log(q < 0 ? p : 1 - p));
	if (r <= 5)
		x = horner(c, 8, r - 1.6) / horner(d, 8, r - 1.6);
	else
		x = horner(e, 8, r - 5) / horner(f, 8, r - 5);
	return q < 0 ? -x : x;
}

/* ---- order --------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void meed_sort_doubles(double *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), by_value);
}

double meed_quantile(const double *sorted, size_t n, double p)
{
	double at;
	size_t i;

	if (!n)
		return NAN;
	at = p * (double)(n - 1);
	i = at > 0 ? (size_t)at : 0;
	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

/* ---- intervals ----------------------------------------------------------------------------- */

void meed_percentile(double *reps, size_t n, double alpha, double *ret_low, double *ret_high)
{
	meed_sort_doubles(reps, n);
	*ret_low = meed_quantile(reps, n, alpha / 2);
	*ret_high = meed_quantile(reps, n, 1 - alpha / 2);
}

static double acceleration(const double *jack, size_t n)
{
	double mean = 0, two = 0, three = 0;

	for (size_t i = 0; i < n; i++)
		mean += jack[i];
	mean /= (double)n;
	for (size_t i = 0; i < n; i++) {
		double d = mean - jack[i];

		two += d * d;
		three += d * d * d;
	}
	return two > 0 ? three / (6 * two * sqrt(two)) : 0;
}

void meed_bca(double *reps, size_t n, const double *jack, size_t n_jack, double figure,
	      double alpha, double *ret_low, double *ret_high)
{
	double below = 0, z0, a, at[2];

	meed_percentile(reps, n, alpha, ret_low, ret_high);
	/* Half of what equals the figure counts as below: scores are often lattices. */
	for (size_t i = 0; i < n; i++)
		below += reps[i] < figure ? 1 : reps[i] > figure ? 0 : 0.5;
	if (!n || !n_jack || !(below > 0) || !(below < (double)n) || !(reps[0] < reps[n - 1]))
		return;
	z0 = meed_normal_quantile(below / (double)n);
	a = acceleration(jack, n_jack);
	for (int i = 0; i < 2; i++) {
		double z = z0 + meed_normal_quantile(i ? 1 - alpha / 2 : alpha / 2);

		if (!(1 - a * z > 0))
			return;
		at[i] = meed_normal_cdf(z0 + z / (1 - a * z));
	}
	*ret_low = meed_quantile(reps, n, at[0]);
	*ret_high = meed_quantile(reps, n, at[1]);
}

void meed_wilson(double k, double n, double alpha, double *ret_low, double *ret_high)
{
	double z = meed_normal_quantile(1 - alpha / 2), p, mid, half;

	if (!(n > 0)) {
		*ret_low = *ret_high = NAN;
		return;
	}
	p = k / n;
	mid = (p + z * z / (2 * n)) / (1 + z * z / n);
	half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
	*ret_low = mid - half > 0 ? mid - half : 0;
	*ret_high = mid + half < 1 ? mid + half : 1;
}

/* ---- tests
 * ---------------------------------------------------------------------------------------- */

/* P(X <= k) and P(X = k) for X binomial(n, 1/2). */
static void binomial_half(uint64_t n, uint64_t k, double *ret_cdf, double *ret_pmf)
{
	double dn = (double)n, dk = (double)k;
	double pmf = exp(lgamma(dn + 1) - lgamma(dk + 1) - lgamma(dn - dk + 1) -
			 dn * 0.6931471805599453);
	double term = pmf, sum = 0;

	for (uint64_t i = k;; i--) {
		sum += term;
		if (i == 0 || term < sum * 1e-18)
			break;
		term *= (double)i / (dn - (double)i + 1);
	}
	*ret_cdf = sum;
	*ret_pmf = pmf;
}

void meed_mcnemar(uint64_t b, uint64_t c, double *ret_exact, double *ret_mid)
{
	double cdf, pmf;

	*ret_exact = *ret_mid = 1;
	if (b + c == 0)
		return;
	binomial_half(b + c, b < c ? b : c, &cdf, &pmf);
	if (b == c) {
		*ret_mid = 1 - 0.5 * pmf;
		return;
	}
	*ret_exact = 2 * cdf < 1 ? 2 * cdf : 1;
	*ret_mid = 2 * cdf - pmf < 1 ? 2 * cdf - pmf : 1;
}

struct numbered {
	double p;
	size_t i;
};

static int by_p(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->p < y->p || x->p > y->p)
		return x->p < y->p ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

int32_t meed_holm(double *p, size_t n)
{
	struct numbered *v = calloc(n ? n : 1, sizeof(*v));
	double worst = 0;
	size_t m = 0;

	if (!v)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			v[m++] = (struct numbered){ p[i], i };
	qsort(v, m, sizeof(*v), by_p);
	for (size_t i = 0; i < m; i++) {
		double adjusted = v[i].p * (double)(m - i);

		worst = adjusted > worst ? adjusted : worst;
		p[v[i].i] = worst < 1 ? worst : 1;
	}
	free(v);
	return MEED_OK;
}

double meed_pass_at_k(uint64_t n, uint64_t c, uint64_t k)
{
	double miss = 1;

	if (n < k || c > n)
		return NAN;
	if (n - c < k)
		return 1;
	for (uint64_t i = n - c + 1; i <= n; i++)
		miss *= 1 - (double)k / (double)i;
	return 1 - miss;
}
