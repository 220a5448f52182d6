/* stats.c - moments, ranks and distances. */
#include "config.h"
#include "host/runs/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define Z95 1.959963984540054

void moments_put(struct moments *m, double x)
{
	double d = x - m->mean;

	m->n++;
	m->mean += d / (double)m->n;
	m->m2 += d * (x - m->mean);
}

double moments_sd(const struct moments *m)
{
	return m->n > 1 ? sqrt(m->m2 / (double)(m->n - 1)) : NAN;
}

void comoments_put(struct comoments *c, double x, double y)
{
	double dx = x - c->x.mean;

	moments_put(&c->x, x);
	moments_put(&c->y, y);
	c->cxy += dx * (y - c->y.mean);
}

double pearson_of(double sxx, double syy, double sxy)
{
	double r;

	if (!(sxx > 0) || !(syy > 0))
		return NAN;
	r = sxx * syy > 0 && isfinite(sxx * syy) ? sxy / sqrt(sxx * syy)
						 : sxy / sqrt(sxx) / sqrt(syy);
	return r > 1 ? 1 : r < -1 ? -1 : r;
}

double comoments_r(const struct comoments *c)
{
	return c->x.n < 3 ? NAN : pearson_of(c->x.m2, c->y.m2, c->cxy);
}

struct place {
	double x;
	size_t at;
};

static int by_x(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->x < q->x || p->x > q->x)
		return p->x < q->x ? -1 : 1;
	return (p->at > q->at) - (p->at < q->at);
}

static void ranks(const double *x, size_t n, struct place *scratch, double *ret)
{
	size_t i, k, end;

	for (i = 0; i < n; i++)
		scratch[i] = (struct place){ x[i], i };
	qsort(scratch, n, sizeof(*scratch), by_x);
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && scratch[end].x <= scratch[i].x; end++)
			;
		for (k = i; k < end; k++)
			ret[scratch[k].at] = (double)(i + end - 1) / 2;
	}
}

bool spearman(const double *x, const double *y, size_t n, double *ret)
{
	struct place *scratch = calloc(n + 1, sizeof(*scratch));
	double *rx = calloc(n + 1, sizeof(*rx)), *ry = calloc(n + 1, sizeof(*ry));
	struct comoments c = { .cxy = 0 };
	bool ok = scratch && rx && ry;
	size_t i;

	*ret = NAN;
	if (ok) {
		ranks(x, n, scratch, rx);
		ranks(y, n, scratch, ry);
		for (i = 0; i < n; i++)
			comoments_put(&c, rx[i], ry[i]);
		*ret = comoments_r(&c);
	}
	free(scratch);
	free(rx);
	free(ry);
	return ok;
}

void correlation_interval(double r, uint64_t n, double *ret_low, double *ret_high)
{
	double z, half;

	*ret_low = *ret_high = NAN;
	if (!isfinite(r) || n < 4 || fabs(r) >= 1)
		return;
	z = atanh(r);
	half = Z95 / sqrt((double)(n - 3));
	*ret_low = tanh(z - half);
	*ret_high = tanh(z + half);
}

void share_interval(double share, double n, double *ret_low, double *ret_high)
{
	const double z2 = Z95 * Z95;
	double middle, half;

	*ret_low = *ret_high = NAN;
	if (!(n > 0) || !isfinite(share))
		return;
	middle = (share + z2 / (2 * n)) / (1 + z2 / n);
	half = Z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
	*ret_low = middle - half < 0 ? 0 : middle - half;
	*ret_high = middle + half > 1 ? 1 : middle + half;
}

/* ---- distances of distributions ---- */

struct step {
	double x;
	uint64_t n;
};
struct steps {
	struct step *v;
	size_t n, cap;
	bool failed;
};

static void take_step(void *data, double x, uint64_t n)
{
	struct steps *s = data;
	struct step *v;

	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 512;
		v = s->failed ? NULL : realloc(s->v, s->cap * sizeof(*v));
		if (!v) {
			s->failed = true;
			s->cap = s->n;
			return;
		}
		s->v = v;
	}
	s->v[s->n++] = (struct step){ x, n };
}

static bool steps_of(const struct meed_sketch *k, struct steps *s)
{
	meed_sketch_each(k, take_step, s);
	return !s->failed;
}

/* The sketch's buckets are the sign, the exponent and the top 8 bits of the fraction. */
static bool same_bucket(double x, double y)
{
	uint64_t a, b;

	memcpy(&a, &x, sizeof(a));
	memcpy(&b, &y, sizeof(b));
	return a >> 44 == b >> 44;
}

double ks_distance(const struct meed_sketch *a, const struct meed_sketch *b)
{
	struct steps s = { .n = 0 }, t = { .n = 0 };
	double gap = 0, f = 0, g = 0;
	size_t i = 0, k = 0;

	if (!a->n || !b->n || !steps_of(a, &s) || !steps_of(b, &t)) {
		gap = NAN;
		goto out;
	}
	while (i < s.n || k < t.n) {
		bool both = i < s.n && k < t.n && same_bucket(s.v[i].x, t.v[k].x);
		bool first = k == t.n || (i < s.n && s.v[i].x < t.v[k].x);

		if (both || first)
			f += (double)s.v[i++].n / (double)a->n;
		if (both || !first)
			g += (double)t.v[k++].n / (double)b->n;
		gap = fabs(f - g) > gap ? fabs(f - g) : gap;
	}
	gap = gap > 1 ? 1 : gap;
out:
	free(s.v);
	free(t.v);
	return gap;
}

double ks_chance(uint64_t n, uint64_t m)
{
	return n && m ? 1.358 * sqrt(((double)n + (double)m) / ((double)n * (double)m)) : NAN;
}

#define TENTHS 10

static void count_below(const struct steps *s, const double *edges, size_t n_edges, double *ret)
{
	size_t i, k;

	for (k = 0; k <= n_edges; k++)
		ret[k] = 0;
	for (i = 0; i < s->n; i++) {
		for (k = 0;
		     k < n_edges && !(s->v[i].x <= edges[k]) && !same_bucket(s->v[i].x, edges[k]);
		     k++)
			;
		ret[k] += (double)s->v[i].n;
	}
}

double psi(const struct meed_sketch *a, const struct meed_sketch *b)
{
	struct steps s = { .n = 0 }, t = { .n = 0 };
	double edges[TENTHS], p[TENTHS + 1], q[TENTHS + 1], sum = 0;
	size_t n_edges = 0, k;

	if (!a->n || !b->n || !steps_of(a, &s) || !steps_of(b, &t)) {
		sum = NAN;
		goto out;
	}
	for (k = 1; k < TENTHS; k++) {
		double x = meed_sketch_quantile(a, (double)k / TENTHS);

		if (n_edges == 0 || !same_bucket(x, edges[n_edges - 1]))
			edges[n_edges++] = x;
	}
	count_below(&s, edges, n_edges, p);
	count_below(&t, edges, n_edges, q);
	for (k = 0; k <= n_edges; k++) {
		double x = (p[k] > 0 ? p[k] : 0.5) / (double)a->n;
		double y = (q[k] > 0 ? q[k] : 0.5) / (double)b->n;

		if (p[k] > 0 || q[k] > 0)
			sum += (y - x) * log(y / x);
	}
out:
	free(s.v);
	free(t.v);
	return sum;
}

struct bins {
	double low, width;
	size_t n;
	uint64_t *counts;
};

static void take_bin(void *data, double x, uint64_t n)
{
	const struct bins *b = data;
	double at = b->width > 0 ? (x - b->low) / b->width : 0;
	size_t i = !(at > 0) ? 0 : at >= (double)b->n ? b->n - 1 : (size_t)at;

	b->counts[i] += n;
}

void histogram_in(const struct meed_sketch *s, double low, double high, size_t n, uint64_t *ret)
{
	struct bins b = { low, (high - low) / (double)n, n, ret };
	size_t i;

	for (i = 0; i < n; i++)
		ret[i] = 0;
	meed_sketch_each(s, take_bin, &b);
}
