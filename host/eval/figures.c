/* figures.c - figures out of sums, their bootstrap intervals, and differences of two runs. */
#include "config.h"
#include "host/eval/tally.h"

#include <math.h>
#include <stdlib.h>

static uint32_t add(struct meed_figs *f, struct meed_fig fig, const uint32_t *of, const double *w)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 32;
		struct meed_fig *v = realloc(f->v, cap * sizeof(*v));

		if (!v) {
			f->failed = true;
			return 0;
		}
		f->v = v;
		f->cap = cap;
	}
	fig.of = calloc(fig.n ? fig.n : 1, sizeof(*fig.of));
	fig.w = w ? calloc(fig.n ? fig.n : 1, sizeof(*fig.w)) : NULL;
	if (!fig.of || (w && !fig.w)) {
		free(fig.of);
		free(fig.w);
		f->failed = true;
		return 0;
	}
	if (fig.n) {
		memcpy(fig.of, of, fig.n * sizeof(*of));
		if (w)
			memcpy(fig.w, w, fig.n * sizeof(*w));
	}
	f->v[f->n] = fig;
	return (uint32_t)f->n++;
}

uint32_t meed_figs_ratio(struct meed_figs *f, uint32_t num, uint32_t den, const uint32_t *of,
			 size_t n)
{
	return add(f, (struct meed_fig){ .kind = MEED_FIG_RATIO, .num = num, .den = den, .n = n },
		   of, NULL);
}

uint32_t meed_figs_combine(struct meed_figs *f, enum meed_fig_kind kind, const uint32_t *of,
			   const double *w, size_t n)
{
	return add(f, (struct meed_fig){ .kind = kind, .n = n }, of, w);
}

void meed_figs_release(struct meed_figs *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].of);
		free(f->v[i].w);
	}
	free(f->v);
	*f = (struct meed_figs){ 0 };
}

static double ratio(const struct meed_fig *g, const double *sums, size_t stride, size_t at)
{
	double num = 0, den = 0;

	for (size_t i = 0; i < g->n; i++) {
		const double *row = sums + g->of[i] * stride;

		num += row[at + g->num];
		den += g->den == MEED_CH_ITEMS ? row[stride - 1] : row[at + g->den];
	}
	return den > 0 ? num / den : NAN;
}

static double combine(const struct meed_fig *g, const double *known)
{
	double sum = 0, total = 0;

	for (size_t i = 0; i < g->n; i++) {
		double x = known[g->of[i]], w = g->w ? g->w[i] : 1;

		if (isnan(x)) {
			if (g->kind == MEED_FIG_SUM)
				return NAN;
			continue;
		}
		sum += w * x;
		total += w;
	}
	if (g->kind == MEED_FIG_SUM)
		return sum;
	return total > 0 ? sum / total : NAN;
}

void meed_figs_eval(const struct meed_figs *f, const double *sums, size_t stride, size_t at,
		    double *ret)
{
	for (size_t i = 0; i < f->n; i++)
		ret[i] = f->v[i].kind == MEED_FIG_RATIO ? ratio(&f->v[i], sums, stride, at)
							: combine(&f->v[i], ret);
}

/* ---- replicates ------------------------------------------------------------------------------ */

struct scratch {
	const struct meed_tally *t;
	const struct meed_figs *figs;
	size_t stride;
	double *sums; /* n_names rows */
	double *row;  /* figs->n, twice */
	double *reps; /* figs->n rows of boot->n */
};

static int32_t scratch_init(struct scratch *s, const struct meed_tally *t,
			    const struct meed_figs *figs, size_t n_reps, struct meed_err *err)
{
	size_t n;

	*s = (struct scratch){ .t = t, .figs = figs, .stride = t->n_ch + 1 };
	if (meed_mul_overflow(figs->n + 1, n_reps + 1, &n))
		return meed_err_nomem(err);
	s->sums = calloc((t->n_names + 1) * s->stride, sizeof(*s->sums));
	s->row = calloc(2 * figs->n + 1, sizeof(*s->row));
	s->reps = calloc(n, sizeof(*s->reps));
	return s->sums && s->row && s->reps ? MEED_OK : meed_err_nomem(err);
}

static void scratch_release(struct scratch *s)
{
	free(s->sums);
	free(s->row);
	free(s->reps);
}

static void put_cluster(struct scratch *s, size_t subset, size_t k, double sign)
{
	const double *from = s->t->sums + k * s->stride;
	double *to = s->sums + subset * s->stride;

	for (size_t c = 0; c < s->stride; c++)
		to[c] += sign * from[c];
}

static void clear_sums(struct scratch *s)
{
	memset(s->sums, 0, s->t->n_names * s->stride * sizeof(*s->sums));
}

static void sum_all(struct scratch *s)
{
	clear_sums(s);
	for (size_t i = 0; i < s->t->n_names; i++)
		for (size_t k = s->t->first[i]; k < s->t->first[i + 1]; k++)
			put_cluster(s, i, k, 1);
}

static void draw(struct scratch *s, struct meed_rng *g)
{
	clear_sums(s);
	for (size_t i = 0; i < s->t->n_names; i++) {
		size_t from = s->t->first[i], n = s->t->first[i + 1] - from;

		for (size_t k = 0; k < n; k++)
			put_cluster(s, i, from + meed_rng_below(g, n), 1);
	}
}

/* The defined ones of a figure's replicates, moved to the front; how many. */
static size_t defined(double *v, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[k++] = v[i];
	return k;
}

/* Every figure with each cluster left out in turn, figure by figure. */
static double *jackknife(struct scratch *s, struct meed_err *err)
{
	size_t n = s->t->n_clusters, m = s->figs->n, bytes;
	double *jack = NULL;

	if (!meed_mul_overflow(n, m, &bytes))
		jack = calloc(bytes + 1, sizeof(*jack));
	if (!jack) {
		(void)meed_err_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < s->t->n_names; i++) {
		for (size_t k = s->t->first[i]; k < s->t->first[i + 1]; k++) {
			double *row = s->sums + i * s->stride;

			for (size_t c = 0; c < s->stride; c++)
				row[c] -= s->t->sums[k * s->stride + c];
			meed_figs_eval(s->figs, s->sums, s->stride, 0, s->row);
			for (size_t c = 0; c < s->stride; c++)
				row[c] += s->t->sums[k * s->stride + c];
			for (size_t f = 0; f < m; f++)
				jack[f * n + k] = s->row[f];
		}
	}
	return jack;
}

int32_t meed_tally_figures(const struct meed_tally *t, const struct meed_figs *figs,
			   const struct meed_boot *boot, struct meed_err *err, double *ret,
			   double *ret_low, double *ret_high)
{
	struct scratch s;
	struct meed_rng g;
	double *jack = NULL;
	bool bca = !boot->percentile && t->n_clusters <= MEED_JACK_MAX && boot->n;
	int32_t r = scratch_init(&s, t, figs, boot->n, err);

	if (r < 0)
		goto out;
	sum_all(&s);
	meed_figs_eval(figs, s.sums, s.stride, 0, ret);
	if (bca && !(jack = jackknife(&s, err))) {
		r = MEED_E_NOMEM;
		goto out;
	}
	meed_rng_init(&g, boot->seed);
	for (size_t b = 0; b < boot->n; b++) {
		draw(&s, &g);
		meed_figs_eval(figs, s.sums, s.stride, 0, s.row);
		for (size_t f = 0; f < figs->n; f++)
			s.reps[f * boot->n + b] = s.row[f];
	}
	for (size_t f = 0; f < figs->n; f++) {
		double *reps = s.reps + f * boot->n;
		size_t n = defined(reps, boot->n), n_jack = 0;

		ret_low[f] = ret_high[f] = NAN;
		if (!n || isnan(ret[f]))
			continue;
		if (bca)
			n_jack = defined(jack + f * t->n_clusters, t->n_clusters);
		meed_bca(reps, n, bca ? jack + f * t->n_clusters : NULL, n_jack, ret[f],
			 boot->alpha, &ret_low[f], &ret_high[f]);
	}
out:
	free(jack);
	scratch_release(&s);
	return r;
}

/* ---- two runs ------------------------------------------------------------------------------ */

static void eval_both(struct scratch *s)
{
	size_t half = s->t->n_ch / 2;

	meed_figs_eval(s->figs, s->sums, s->stride, 0, s->row);
	meed_figs_eval(s->figs, s->sums, s->stride, half, s->row + s->figs->n);
}

/* The runs change places in every cluster with chance one half. */
static void swap_some(struct scratch *s, struct meed_rng *g)
{
	size_t half = s->t->n_ch / 2;
	uint64_t bits = 0;
	size_t left = 0;

	clear_sums(s);
	for (size_t i = 0; i < s->t->n_names; i++) {
		double *to = s->sums + i * s->stride;

		for (size_t k = s->t->first[i]; k < s->t->first[i + 1]; k++) {
			const double *from = s->t->sums + k * s->stride;
			size_t a, b;

			if (!left) {
				bits = meed_rng_u64(g);
				left = 64;
			}
			a = bits & 1 ? half : 0;
			b = half - a;
			bits >>= 1;
			left--;
			for (size_t c = 0; c < half; c++) {
				to[c] += from[a + c];
				to[half + c] += from[b + c];
			}
			to[2 * half] += from[2 * half];
		}
	}
}

int32_t meed_tally_diffs(const struct meed_tally *t, const struct meed_figs *figs,
			 const struct meed_boot *boot, struct meed_err *err, struct meed_diff *ret)
{
	struct scratch s;
	struct meed_rng g;
	size_t m = figs->n;
	int32_t r = scratch_init(&s, t, figs, boot->n, err);

	if (r < 0)
		goto out;
	sum_all(&s);
	eval_both(&s);
	for (size_t f = 0; f < m; f++)
		ret[f] = (struct meed_diff){
			.a = s.row[f], .b = s.row[m + f], .low = NAN, .high = NAN, .p = 1
		};
	meed_rng_init(&g, boot->seed);
	for (size_t b = 0; b < boot->n; b++) {
		draw(&s, &g);
		eval_both(&s);
		for (size_t f = 0; f < m; f++)
			s.reps[f * boot->n + b] = s.row[f] - s.row[m + f];
	}
	for (size_t f = 0; f < m; f++) {
		size_t n = defined(s.reps + f * boot->n, boot->n);

		if (n)
			meed_percentile(s.reps + f * boot->n, n, boot->alpha, &ret[f].low,
					&ret[f].high);
	}
	for (size_t b = 0; b < boot->n; b++) {
		swap_some(&s, &g);
		eval_both(&s);
		for (size_t f = 0; f < m; f++) {
			double seen = fabs(ret[f].a - ret[f].b);
			double now = fabs(s.row[f] - s.row[m + f]);

			/* What differs by rounding alone is as far. */
			ret[f].p += now >= seen - 1e-12 * (1 + seen);
		}
	}
	for (size_t f = 0; f < m; f++) {
		ret[f].p /= (double)boot->n + 1;
		if (isnan(ret[f].a) || isnan(ret[f].b) || !boot->n)
			ret[f].p = NAN;
	}
out:
	scratch_release(&s);
	return r;
}
