/* aggregate.c - from pairwise verdicts to one score an output. */
#include "config.h"

#include <math.h>

#include "host/engine/task.h"

/* Share of an output's comparisons that it won; a tie is half a win. */
static void win_rate(const double *wins, const double *games, size_t n, double *ret)
{
	for (size_t i = 0; i < n; i++) {
		double w = 0, g = 0;

		for (size_t j = 0; j < n; j++) {
			w += wins[i * n + j];
			g += games[i * n + j];
		}
		ret[i] = g > 0 ? w / g : 0.5;
	}
}

/* Opponents beaten minus opponents lost to (Copeland 1951), scaled from [-(n-1), n-1] to [0, 1]. */
static void copeland(const double *wins, const double *games, size_t n, double *ret)
{
	for (size_t i = 0; i < n; i++) {
		double net = 0;

		for (size_t j = 0; j < n; j++) {
			double w = wins[i * n + j], l = wins[j * n + i];

			if (i != j && games[i * n + j] > 0)
				net += w > l ? 1 : w < l ? -1 : 0;
		}
		ret[i] = n > 1 ? (net / (double)(n - 1) + 1) / 2 : 0.5;
	}
}

/* Bradley and Terry 1952 by Hunter's MM iteration (2004), one half-win each way added to every
 * pair that was compared so that an unbeaten output stays finite. The score is the chance to
 * beat an average opponent of the list: p_i / (p_i + geometric mean of all p). */
static void bradley_terry(const double *wins, const double *games, size_t n, double *ret)
{
	enum { ROUNDS = 1000 };
	double moved, mean;

	for (size_t i = 0; i < n; i++)
		ret[i] = 1;
	for (int round = 0; round < ROUNDS; round++) {
		moved = 0;
		mean = 0;
		for (size_t i = 0; i < n; i++) {
			double w = 0, d = 0, p;

			for (size_t j = 0; j < n; j++) {
				if (i == j || games[i * n + j] <= 0)
					continue;
				w += wins[i * n + j] + 0.5;
				d += (games[i * n + j] + 1) / (ret[i] + ret[j]);
			}
			p = d > 0 ? w / d : 1;
			moved = fmax(moved, fabs(log(p / ret[i])));
			ret[i] = p;
		}
		for (size_t i = 0; i < n; i++)
			mean += log(ret[i]) / (double)n;
		for (size_t i = 0; i < n; i++)
			ret[i] /= exp(mean);
		if (moved < 1e-12)
			break;
	}
	for (size_t i = 0; i < n; i++)
		ret[i] = ret[i] / (ret[i] + 1);
}

/* Elo ratings (K = 16, 400 points a decade) by repeated passes over the verdicts in list order
 * until they rest, so that the order of play does not matter; as the chance to beat an
 * output of average rating. */
static void elo(const double *wins, const double *games, size_t n, double *ret)
{
	enum { PASSES = 200 };
	double k = 16;

	for (size_t i = 0; i < n; i++)
		ret[i] = 0;
	for (int pass = 0; pass < PASSES; pass++, k *= 0.98) {
		for (size_t i = 0; i < n; i++) {
			for (size_t j = i + 1; j < n; j++) {
				double g = games[i * n + j], e, d;

				if (g <= 0)
					continue;
				e = 1 / (1 + pow(10, (ret[j] - ret[i]) / 400));
				d = k * (wins[i * n + j] / g - e);
				ret[i] += d;
				ret[j] -= d;
			}
		}
	}
	for (size_t i = 0; i < n; i++)
		ret[i] = 1 / (1 + pow(10, -ret[i] / 400));
}

/* How much is lost when i is placed before j: what j won more than i. */
static double against(const double *wins, size_t n, size_t i, size_t j)
{
	double d = wins[j * n + i] - wins[i * n + j];

	return d > 0 ? d : 0;
}

/* The order that contradicts least (minimum feedback arc set), exact, by dynamic programming over
 * the set of outputs already placed: O(2^n n^2). order[k] is the k-th best. */
static bool order_exact(const double *wins, size_t n, struct meed_arena *arena, size_t *order)
{
	size_t all = (size_t)1 << n;
	double *cost = meed_arena_raw(arena, all * sizeof(*cost));
	unsigned char *last = meed_arena_raw(arena, all);

	if (!cost || !last)
		return false;
	cost[0] = 0;
	for (size_t set = 1; set < all; set++) {
		cost[set] = INFINITY;
		last[set] = 0;
		/* the worst of the set comes last: everybody else of the set is before it */
		for (size_t i = n; i-- > 0;) {
			double c;

			if (!(set >> i & 1))
				continue;
			c = cost[set & ~((size_t)1 << i)];
			for (size_t j = 0; j < n; j++)
				if (j != i && (set >> j & 1))
					c += against(wins, n, j, i);
			if (c < cost[set]) {
				cost[set] = c;
				last[set] = (unsigned char)i;
			}
		}
	}
	for (size_t k = n, set = all - 1; k-- > 0;) {
		order[k] = last[set];
		set &= ~((size_t)1 << last[set]);
	}
	return true;
}

/* For more outputs: by win rate, then moving single outputs while that contradicts less. */
static void order_local(const double *wins, const double *rate, size_t n, size_t *order)
{
	bool moved = true;

	for (size_t i = 0; i < n; i++) {
		size_t k = i;

		for (; k > 0 && rate[order[k - 1]] < rate[i]; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	for (size_t round = 0; moved && round < n; round++) {
		moved = false;
		for (size_t k = 0; k < n; k++) {
			size_t x = order[k], best = k;
			double gain = 0, best_gain = 1e-12;

			for (size_t to = k; to-- > 0;) {
				gain += against(wins, n, order[to], x) -
					against(wins, n, x, order[to]);
				if (gain > best_gain) {
					best_gain = gain;
					best = to;
				}
			}
			if (best != k) {
				memmove(&order[best + 1], &order[best], (k - best) * sizeof(*order));
				order[best] = x;
				moved = true;
			}
		}
	}
}

int32_t meed_least_order(const double *wins, size_t n, struct meed_arena *arena, size_t *order)
{
	enum { EXACT_MAX = 14 };
	double *rate;

	if (n <= EXACT_MAX)
		return order_exact(wins, n, arena, order) ? MEED_OK : MEED_E_NOMEM;
	rate = meed_arena_alloc(arena, n * sizeof(*rate));
	if (!rate)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		double w = 0, g = 0;

		for (size_t j = 0; j < n; j++) {
			w += wins[i * n + j];
			g += wins[i * n + j] + wins[j * n + i];
		}
		rate[i] = g > 0 ? w / g : 0.5;
	}
	order_local(wins, rate, n, order);
	return MEED_OK;
}

/* The tournament without its contradictions: rank in the least contradicting order, best 1,
 * worst 0; neighbours that nothing tells apart share the mean of their ranks. */
static int32_t tournament(const double *wins, size_t n, struct meed_arena *arena, double *ret)
{
	size_t *order = meed_arena_raw(arena, n * sizeof(*order));
	size_t from, to;

	if (!order || meed_least_order(wins, n, arena, order) < 0)
		return MEED_E_NOMEM;
	for (from = 0; from < n; from = to) {
		double rank;

		for (to = from + 1; to < n; to++) {
			bool tied = true;

			for (size_t k = from; k < to && tied; k++)
				tied = wins[order[k] * n + order[to]] == wins[order[to] * n + order[k]];
			if (!tied)
				break;
		}
		rank = (double)(from + to - 1) / 2;
		for (size_t k = from; k < to; k++)
			ret[order[k]] = n > 1 ? 1 - rank / (double)(n - 1) : 0.5;
	}
	return MEED_OK;
}

int32_t aggregate_pairs(enum meed_aggregate how, const double *wins, const double *games, size_t n,
			struct meed_arena *arena, double *ret)
{
	switch (how) {
	case MEED_A_COPELAND:
		copeland(wins, games, n, ret);
		return MEED_OK;
	case MEED_A_ELO:
		elo(wins, games, n, ret);
		return MEED_OK;
	case MEED_A_BRADLEY_TERRY:
		bradley_terry(wins, games, n, ret);
		return MEED_OK;
	case MEED_A_TOURNAMENT:
		return tournament(wins, n, arena, ret);
	case MEED_A_WIN_RATE:
	default:
		win_rate(wins, games, n, ret);
		return MEED_OK;
	}
}
