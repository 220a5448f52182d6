/* agree.c - how two runs score the outputs that both have. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "host/runs/run_file.h"

/* The outputs of both runs, as two columns. */
struct shared {
	double *x, *y;
	size_t n;
	bool all; /* not only those with low keys */
};

static bool join(const struct meed_run_file *a, const struct meed_run_file *b, struct shared *s)
{
	struct kept_output *v = kept_sorted(&a->kept), *w = kept_sorted(&b->kept);
	const uint64_t limit = a->kept.limit < b->kept.limit ? a->kept.limit : b->kept.limit;
	size_t i = 0, k = 0, room = (a->kept.n < b->kept.n ? a->kept.n : b->kept.n) + 1;
	bool ok;

	*s = (struct shared){ .all = limit == UINT64_MAX };
	s->x = calloc(room, sizeof(*s->x));
	s->y = calloc(room, sizeof(*s->y));
	ok = v && w && s->x && s->y;
	while (ok && i < a->kept.n && k < b->kept.n && v[i].key <= limit && w[k].key <= limit) {
		if (v[i].key == w[k].key) {
			s->x[s->n] = v[i++].score;
			s->y[s->n++] = w[k++].score;
		} else if (v[i].key < w[k].key) {
			i++;
		} else {
			k++;
		}
	}
	free(v);
	free(w);
	return ok;
}

struct agreement {
	size_t n;
	bool all;
	double pearson, low, high, spearman;
	struct moments difference;
};

static bool agree(const struct meed_run_file *a, const struct meed_run_file *b,
		  struct agreement *ret)
{
	struct comoments c = { .cxy = 0 };
	struct shared s;
	bool ok = join(a, b, &s);
	size_t i;

	*ret = (struct agreement){ .n = s.n, .all = s.all, .spearman = NAN };
	for (i = 0; i < s.n; i++) {
		comoments_put(&c, s.x[i], s.y[i]);
		moments_put(&ret->difference, s.y[i] - s.x[i]);
	}
	ret->pearson = comoments_r(&c);
	correlation_interval(ret->pearson, s.n, &ret->low, &ret->high);
	ok = ok && spearman(s.x, s.y, s.n, &ret->spearman);
	free(s.x);
	free(s.y);
	return ok;
}

static void put_agreement(const struct meed_run_file *a, const struct meed_run_file *b,
			  const struct agreement *g, struct meed_report_table *t)
{
	double half = 1.96 * moments_sd(&g->difference) / sqrt((double)g->n);
	const double mean = g->n ? g->difference.mean : NAN;

	meed_table_row(t);
	meed_table_text(t, "%s", a->name);
	meed_table_text(t, "%s", b->name);
	meed_table_num(t, (double)g->n);
	meed_table_interval(t, g->pearson, g->low, g->high);
	meed_table_num(t, g->spearman);
	meed_table_interval(t, mean, mean - half, mean + half);
}

static void plot_matrix(struct meed_run_file *const *v, size_t n, const double *rho,
			struct meed_report *r)
{
	struct meed_report_plot *p = meed_report_plot(
		r, "correlation", "Correlation between runs (Spearman)", MEED_PLOT_HEAT, "", "");
	size_t i, k;

	for (i = 0; i < n; i++) {
		meed_plot_series(p, v[i]->name);
		for (k = 0; k < n; k++)
			meed_plot_point(p, v[k]->name, (double)k, rho[i * n + k], NAN, NAN);
	}
}

bool runs_agree(struct meed_run_file *const *v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t = meed_report_table(
		r, "agreement", "Agreement between runs",
		"Over the outputs that both runs have scored: same id of the sample and same place "
		"in "
		"it. Beyond 65,536 outputs, those whose keys have the lowest hashes. Intervals: 95 "
		"%, "
		"Pearson's by Fisher's z, the difference (second minus first) by the normal "
		"approximation.");
	double *rho = calloc(n * n, sizeof(*rho));
	struct agreement g;
	bool ok = rho != NULL;
	size_t i, k;

	meed_table_column(t, "first", "first run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "second", "second run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "shared", "shared", MEED_CELL_COUNT, 0);
	meed_table_column(t, "pearson", "Pearson", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "spearman", "Spearman", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "difference", "difference", MEED_CELL_NUMBER, 4);
	for (i = 0; ok && i < n; i++) {
		rho[i * n + i] = 1;
		for (k = i + 1; ok && k < n; k++) {
			ok = agree(v[i], v[k], &g);
			rho[i * n + k] = rho[k * n + i] = g.spearman;
			put_agreement(v[i], v[k], &g, t);
			if (ok && g.n == 0)
				meed_report_note(
					r, MEED_NOTE_WARNING,
					"%s and %s share no scored output: their ids differ",
					v[i]->name, v[k]->name);
		}
	}
	if (ok && n > 2)
		plot_matrix(v, n, rho, r);
	free(rho);
	return ok;
}
