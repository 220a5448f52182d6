/* match.c - which made call stands for which expected one. */
#include "config.h"
#include "tools.h"

/* Pairs in order: the best common subsequence, by dynamic programming. */
static bool in_sequence(struct env *e, const double *gain, size_t n, size_t m, size_t *ret_of)
{
	double *best = env_alloc(e, (n + 1) * (m + 1) * sizeof(*best)), pair;
	size_t i, j, w = m + 1;

	if (!best)
		return false;
	/* best[i * w + j]: of the calls from i and the expectations from j on */
	for (i = n; i-- > 0;) {
		for (j = m; j-- > 0;) {
			pair = gain[i * m + j] > 0 ? gain[i * m + j] + best[(i + 1) * w + j + 1] : 0;
			best[i * w + j] = best[(i + 1) * w + j];
			if (best[i * w + j + 1] > best[i * w + j])
				best[i * w + j] = best[i * w + j + 1];
			if (pair > best[i * w + j])
				best[i * w + j] = pair;
		}
	}
	for (i = 0, j = 0; i < n && j < m;) {
		pair = gain[i * m + j] + best[(i + 1) * w + j + 1];
		if (gain[i * m + j] > 0 && !(pair < best[i * w + j]))
			ret_of[i++] = j++;
		else if (!(best[(i + 1) * w + j] < best[i * w + j]))
			i++;
		else
			j++;
	}
	return true;
}

/* Kuhn's assignment with potentials (the Hungarian method), O(k^3) for k = max(n, m): rows
 * are made calls, columns expected ones, both filled up with pairs of no gain. */
struct hungarian {
	size_t k;
	double *u, *v, *slack;
	size_t *row_of, *from;
	bool *used;
};

static double cost(const double *gain, size_t n, size_t m, size_t i, size_t j)
{
	return i < n && j < m ? -gain[i * m + j] : 0;
}

/* Gives row i (from 1) a column; index 0 stands for none. */
static void place(struct hungarian *x, const double *gain, size_t n, size_t m, size_t i)
{
	size_t j0 = 0, j1, j;
	double delta, now;

	x->row_of[0] = i;
	for (j = 0; j <= x->k; j++) {
		x->slack[j] = 1e300;
		x->used[j] = false;
	}
	do {
		x->used[j0] = true;
		delta = 1e300;
		for (j = 1, j1 = 0; j <= x->k; j++) {
			if (x->used[j])
				continue;
			now = cost(gain, n, m, x->row_of[j0] - 1, j - 1) - x->u[x->row_of[j0]] -
			      x->v[j];
			if (now < x->slack[j]) {
				x->slack[j] = now;
				x->from[j] = j0;
			}
			if (x->slack[j] < delta) {
				delta = x->slack[j];
				j1 = j;
			}
		}
		for (j = 0; j <= x->k; j++) {
			if (x->used[j]) {
				x->u[x->row_of[j]] += delta;
				x->v[j] -= delta;
			} else {
				x->slack[j] -= delta;
			}
		}
		j0 = j1;
	} while (x->row_of[j0] != 0);
	for (; j0 != 0; j0 = j1) {
		j1 = x->from[j0];
		x->row_of[j0] = x->row_of[j1];
	}
}

static bool assign(struct env *e, const double *gain, size_t n, size_t m, size_t *ret_of)
{
	struct hungarian x = { .k = n > m ? n : m };
	size_t i, j;

	x.u = env_alloc(e, (x.k + 1) * sizeof(double));
	x.v = env_alloc(e, (x.k + 1) * sizeof(double));
	x.slack = env_alloc(e, (x.k + 1) * sizeof(double));
	x.row_of = env_alloc(e, (x.k + 1) * sizeof(size_t));
	x.from = env_alloc(e, (x.k + 1) * sizeof(size_t));
	x.used = env_alloc(e, (x.k + 1) * sizeof(bool));
	if (e->failed)
		return false;
	for (i = 1; i <= x.k; i++)
		place(&x, gain, n, m, i);
	for (j = 1; j <= m; j++) {
		i = x.row_of[j];
		if (i >= 1 && i <= n && gain[(i - 1) * m + j - 1] > 0)
			ret_of[i - 1] = j - 1;
	}
	return true;
}

bool match_best(struct env *e, const double *gain, size_t n, size_t m, bool in_order,
		size_t *ret_of)
{
	size_t i;

	for (i = 0; i < n; i++)
		ret_of[i] = MEED_NONE;
	if (n == 0 || m == 0)
		return true;
	return in_order ? in_sequence(e, gain, n, m, ret_of) : assign(e, gain, n, m, ret_of);
}
