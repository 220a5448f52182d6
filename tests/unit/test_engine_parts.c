/* test_engine_parts.c - transforms and pairwise aggregation, against figures worked out by hand. */
#include "config.h"

#include <math.h>

#include "host/engine/task.h"
#include "tests/unit/suites.h"

#define NEAR(a, b) CU_ASSERT_DOUBLE_EQUAL(a, b, 1e-9)

static void apply(enum meed_transform_kind kind, double a, double b, double *v, size_t n)
{
	struct meed_transform x = { kind, a, b };
	double scratch[16];

	transform_all(&x, 1, v, n, scratch);
}

static void test_pointwise_transforms(void)
{
	double v[3] = { -2, 0.25, 7 };

	apply(MEED_X_CLIP, 0, 1, v, 3);
	NEAR(v[0], 0);
	NEAR(v[1], 0.25);
	NEAR(v[2], 1);
	apply(MEED_X_AFFINE, 2, -1, v, 3);
	NEAR(v[0], -1);
	NEAR(v[1], -0.5);
	NEAR(v[2], 1);
	apply(MEED_X_SIGMOID, 1, 0, v, 3);
	NEAR(v[2], 0.7310585786300049);
	apply(MEED_X_THRESHOLD, 0.5, 0, v, 3);
	NEAR(v[0], 0);
	NEAR(v[2], 1);
}

static void test_zscore_uses_the_population_deviation(void)
{
	double v[3] = { 1, 2, 3 }, same[3] = { 0.1, 0.1, 0.1 };

	apply(MEED_X_ZSCORE, 0, 0, v, 3);
	NEAR(v[0], -1.224744871391589);
	NEAR(v[1], 0);
	NEAR(v[2], 1.224744871391589);
	apply(MEED_X_ZSCORE, 0, 0, same, 3);
	for (int i = 0; i < 3; i++)
		CU_ASSERT(same[i] == 0);
}

static void test_rank_shares_ties_and_ends_at_0_and_1(void)
{
	double v[4] = { 3, 1, 2, 2 }, one[1] = { -5 };

	apply(MEED_X_RANK, 0, 0, v, 4);
	NEAR(v[0], 1);
	NEAR(v[1], 0);
	NEAR(v[2], 0.5);
	NEAR(v[3], 0.5);
	apply(MEED_X_RANK, 0, 0, one, 1);
	NEAR(one[0], 1);
}

static void test_minmax_of_equals_is_the_middle(void)
{
	double v[3] = { 4, 2, 3 }, same[2] = { 7, 7 };

	apply(MEED_X_MINMAX, 0, 0, v, 3);
	NEAR(v[0], 1);
	NEAR(v[1], 0);
	NEAR(v[2], 0.5);
	apply(MEED_X_MINMAX, 0, 0, same, 2);
	NEAR(same[0], 0.5);
}

/* A 3-output list: a beats b twice, b and c tie, a and c split. */
static const double wins3[9] = { 0, 2, 1, 0, 0, 1, 1, 1, 0 };
static const double games3[9] = { 0, 2, 2, 2, 0, 2, 2, 2, 0 };

static void aggregate(enum meed_aggregate how, const double *w, const double *g, size_t n,
		      double *ret)
{
	struct meed_arena a = { 0 };

	CU_ASSERT_EQUAL(aggregate_pairs(how, w, g, n, &a, ret), MEED_OK);
	meed_arena_release(&a);
}

static void test_win_rate_and_copeland(void)
{
	double v[3];

	aggregate(MEED_A_WIN_RATE, wins3, games3, 3, v);
	NEAR(v[0], 0.75);
	NEAR(v[1], 0.25);
	NEAR(v[2], 0.5);
	aggregate(MEED_A_COPELAND, wins3, games3, 3, v);
	NEAR(v[0], 0.75);
	NEAR(v[1], 0.25);
	NEAR(v[2], 0.5);
}

static void test_bradley_terry_of_two_is_the_smoothed_ratio(void)
{
	static const double w[4] = { 0, 3, 1, 0 }, g[4] = { 0, 4, 4, 0 };
	double v[2], p = sqrt(3.5 / 1.5);

	aggregate(MEED_A_BRADLEY_TERRY, w, g, 2, v);
	NEAR(v[0], p / (p + 1));
	NEAR(v[0] + v[1], 1);
}

static void test_elo_orders_as_bradley_terry(void)
{
	double e[3], b[3];

	aggregate(MEED_A_ELO, wins3, games3, 3, e);
	aggregate(MEED_A_BRADLEY_TERRY, wins3, games3, 3, b);
	CU_ASSERT(e[0] > e[2] && e[2] > e[1]);
	CU_ASSERT(b[0] > b[2] && b[2] > b[1]);
	for (int i = 0; i < 3; i++)
		CU_ASSERT(e[i] > 0 && e[i] < 1);
}

/* What an order of ranks contradicts: the sum of lost net wins. */
static double contradicted(const double *w, size_t n, const double *score)
{
	double c = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (score[i] > score[j] && w[j * n + i] > w[i * n + j])
				c += w[j * n + i] - w[i * n + j];
	return c;
}

static double best_by_permutation(const double *w, size_t n, size_t *perm, size_t k)
{
	double best = INFINITY, score[8] = { 0 };

	if (k == n) {
		for (size_t i = 0; i < n; i++)
			score[perm[i]] = (double)(n - i);
		return contradicted(w, n, score);
	}
	for (size_t i = k; i < n; i++) {
		size_t t = perm[k];

		perm[k] = perm[i];
		perm[i] = t;
		best = fmin(best, best_by_permutation(w, n, perm, k + 1));
		perm[i] = perm[k];
		perm[k] = t;
	}
	return best;
}

static void test_tournament_contradicts_as_little_as_any_order(void)
{
	uint64_t s = 1;
	double w[36], g[36], v[6];

	for (int trial = 0; trial < 40; trial++) {
		size_t n = 6, perm[8] = { 0, 1, 2, 3, 4, 5 };

		for (size_t i = 0; i < n; i++) {
			for (size_t j = i; j < n; j++) {
				s = meed_hash(&s, sizeof(s), 3);
				w[i * n + j] = i == j ? 0 : (double)(s % 3);
				w[j * n + i] = i == j ? 0 : 2 - (double)(s % 3);
				g[i * n + j] = g[j * n + i] = i == j ? 0 : 2;
			}
		}
		aggregate(MEED_A_TOURNAMENT, w, g, n, v);
		CU_ASSERT(contradicted(w, n, v) <= best_by_permutation(w, n, perm, 0) + 1e-12);
	}
}

static void test_tournament_of_many_ends_and_keeps_a_clear_order(void)
{
	enum { N = 40 };
	static double w[N * N], g[N * N], v[N];

	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			w[i * N + j] = i < j ? 2 : 0;
			g[i * N + j] = i == j ? 0 : 2;
		}
	aggregate(MEED_A_TOURNAMENT, w, g, N, v);
	for (size_t i = 1; i < N; i++)
		CU_ASSERT(v[i - 1] > v[i]);
	NEAR(v[0], 1);
	NEAR(v[N - 1], 0);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "pointwise_transforms", test_pointwise_transforms },
		{ "zscore_uses_the_population_deviation",
		  test_zscore_uses_the_population_deviation },
		{ "rank_shares_ties_and_ends_at_0_and_1",
		  test_rank_shares_ties_and_ends_at_0_and_1 },
		{ "minmax_of_equals_is_the_middle", test_minmax_of_equals_is_the_middle },
		{ "win_rate_and_copeland", test_win_rate_and_copeland },
		{ "bradley_terry_of_two_is_the_smoothed_ratio",
		  test_bradley_terry_of_two_is_the_smoothed_ratio },
		{ "elo_orders_as_bradley_terry", test_elo_orders_as_bradley_terry },
		{ "tournament_contradicts_as_little_as_any_order",
		  test_tournament_contradicts_as_little_as_any_order },
		{ "tournament_of_many_ends_and_keeps_a_clear_order",
		  test_tournament_of_many_ends_and_keeps_a_clear_order },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = { { .pName = "engine parts", .pTests = tests },
					 CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
