/* test_stats.c - the statistics of evaluations against values that scipy 1.16 and statsmodels 0.14
 * give for the same numbers, or that are known in closed form. */
#include "config.h"
#include "host/eval/stats.h"
#include "host/eval/tally.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>

#define NEAR 1e-12 /* a few roundings of double */

static const double X[] = { 1, 2, 2, 3, 5, 4, 7, 7 }, Y[] = { 2, 1, 3, 3, 4, 6, 5, 7 };

static void test_correlations_are_those_of_scipy(void)
{
	double r = NAN;

	CU_ASSERT_DOUBLE_EQUAL(meed_pearson(X, Y, 8), 0.8236097173228103, NEAR);
	CU_ASSERT_EQUAL(meed_spearman(X, Y, 8, &r), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(r, 0.8545611491092096, NEAR);
	CU_ASSERT_EQUAL(meed_kendall(X, Y, 8, &r), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(r, 0.7171087882915773, NEAR);
}

static void test_a_correlation_with_a_constant_is_undefined(void)
{
	const double c[] = { 1, 1, 1 };
	double r = 0;

	CU_ASSERT(isnan(meed_pearson(c, X, 3)) && isnan(meed_pearson(X, Y, 1)));
	CU_ASSERT(meed_kendall(c, X, 3, &r) == MEED_OK && isnan(r));
	CU_ASSERT(meed_spearman(X, c, 3, &r) == MEED_OK && isnan(r));
	CU_ASSERT(meed_kendall(X, Y, 0, &r) == MEED_OK && isnan(r));
}

static void test_kendall_counts_pairs_as_the_definition_does(void)
{
	struct meed_rng g;
	double x[60], y[60], r = NAN;

	meed_rng_init(&g, 7);
	for (int trial = 0; trial < 50; trial++) {
		double agree = 0, tx = 0, ty = 0;
		size_t n = 2 + meed_rng_below(&g, 59);

		for (size_t i = 0; i < n; i++) {
			x[i] = (double)meed_rng_below(&g, 5 + (uint64_t)trial);
			y[i] = (double)meed_rng_below(&g, 5 + (uint64_t)trial);
		}
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < i; k++) {
				double a = (x[i] > x[k]) - (x[i] < x[k]);
				double b = (y[i] > y[k]) - (y[i] < y[k]);

				agree += a * b;
				tx += a * a;
				ty += b * b;
			}
		}
		CU_ASSERT_EQUAL(meed_kendall(x, y, n, &r), MEED_OK);
		if (tx > 0 && ty > 0)
			CU_ASSERT_DOUBLE_EQUAL(r, agree / sqrt(tx) / sqrt(ty), NEAR);
	}
}

static void test_quantiles_of_the_normal_are_exact(void)
{
	const double p[] = { 1e-10, 0.01, 0.3, 0.975, 0.9999 };
	const double z[] = { -6.361340902404056, -2.3263478740408408, -0.5244005127080409,
			     1.959963984540054, 3.719016485455709 };

	for (int i = 0; i < 5; i++) {
		CU_ASSERT_DOUBLE_EQUAL(meed_normal_quantile(p[i]), z[i],
				       1e-13 * fabs(z[i]) + 1e-15);
		CU_ASSERT_DOUBLE_EQUAL(meed_normal_cdf(z[i]), p[i], 1e-12);
	}
}

static void test_mcnemar_is_exact_and_has_its_mid_p(void)
{
	double exact, mid;

	meed_mcnemar(3, 10, &exact, &mid);
	CU_ASSERT_DOUBLE_EQUAL(exact, 0.09228515625, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(mid, 0.05737304687500002, NEAR);
	meed_mcnemar(550, 450, &exact, &mid);
	CU_ASSERT_DOUBLE_EQUAL(exact, 0.0017305360849763027, 1e-11);
	meed_mcnemar(2, 2, &exact, &mid);
	CU_ASSERT_DOUBLE_EQUAL(exact, 1, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(mid, 1 - 0.5 * 6 / 16, NEAR);
	meed_mcnemar(0, 0, &exact, &mid);
	CU_ASSERT(exact >= 1 && mid >= 1);
	meed_mcnemar(400000, 600000, &exact, &mid);
	CU_ASSERT(exact >= 0 && exact < 1e-100 && mid <= exact);
}

static void test_holm_steps_down_and_skips_what_is_missing(void)
{
	double p[] = { 0.01, 0.04, NAN, 0.03, 0.005 };
	const double q[] = { 0.03, 0.06, 0, 0.06, 0.02 };

	CU_ASSERT_EQUAL(meed_holm(p, 5), MEED_OK);
	for (int i = 0; i < 5; i++)
		if (i != 2)
			CU_ASSERT_DOUBLE_EQUAL(p[i], q[i], NEAR);
	CU_ASSERT(isnan(p[2]));
}

static void test_calibration_and_discrimination(void)
{
	const double p[] = { 0.1, 0.35, 0.8, 0.8, 1 }, y[] = { 0, 1, 1, 0, 1 };
	struct meed_bin bins[10];
	double r = NAN;

	CU_ASSERT_DOUBLE_EQUAL(meed_brier(p, y, 5), (0.01 + 0.65 * 0.65 + 0.04 + 0.64 + 0) / 5,
			       NEAR);
	CU_ASSERT_EQUAL(meed_ece(p, y, 5, 10, bins, &r), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(r, (0.1 + 0.65 + 0.6 + 0) / 5, NEAR);
	CU_ASSERT(bins[0].n == 1 && bins[7].n == 2 && bins[9].n == 1 && isnan(bins[5].p));
	CU_ASSERT_EQUAL(meed_auc(p, y, 5, &r), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(r, 4.5 / 6, NEAR);
}

static void test_pass_at_k_is_unbiased(void)
{
	CU_ASSERT_DOUBLE_EQUAL(meed_pass_at_k(10, 3, 1), 0.3, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(meed_pass_at_k(5, 2, 2), 1 - 3.0 / 10, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(meed_pass_at_k(4, 2, 3), 1, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(meed_pass_at_k(4, 0, 3), 0, NEAR);
	CU_ASSERT(isnan(meed_pass_at_k(2, 1, 3)));
}

static void test_quantiles_and_wilson(void)
{
	const double v[] = { 1, 2, 4, 8 };
	double low, high;

	CU_ASSERT_DOUBLE_EQUAL(meed_quantile(v, 4, 0.025), 1.075, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(meed_quantile(v, 4, 0.5), 3, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(meed_quantile(v, 4, 0.9), 6.8, NEAR);
	meed_wilson(8, 10, 0.05, &low, &high);
	CU_ASSERT_DOUBLE_EQUAL(low, 0.49016247153664183, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(high, 0.9433178485456247, NEAR);
}

static void test_draws_are_the_same_for_a_seed_and_cover_the_range(void)
{
	struct meed_rng a, b;
	size_t seen[7] = { 0 };

	meed_rng_init(&a, 3);
	meed_rng_init(&b, 3);
	for (int i = 0; i < 7000; i++) {
		uint64_t x = meed_rng_below(&a, 7);

		CU_ASSERT_EQUAL_FATAL(x, meed_rng_below(&b, 7));
		seen[x]++;
	}
	for (int i = 0; i < 7; i++)
		CU_ASSERT(seen[i] > 850 && seen[i] < 1150); /* five deviations of 1000 */
}

/* ---- tallies ------------------------------------------------------------------------------ */

static struct meed_tally *tally(size_t n, uint64_t step)
{
	struct meed_tally *t = meed_tally_new(1);
	struct meed_err err = { 0 };
	uint32_t s[2];

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(meed_tally_subset(t, MEED_STR("one"), &err, &s[0]), MEED_OK);
	CU_ASSERT_EQUAL(meed_tally_subset(t, MEED_STR("two"), &err, &s[1]), MEED_OK);
	for (size_t i = 0; i < n; i++) {
		double ch = (i * step) % 3 == 0;

		CU_ASSERT_EQUAL(meed_tally_add(t, s[i % 2], i, i / 4, 0, &ch, &err), MEED_OK);
	}
	CU_ASSERT_EQUAL(meed_tally_finish(t, &err), MEED_OK);
	return t;
}

static void test_figures_are_ratios_and_weighted_means(void)
{
	struct meed_tally *t = tally(60, 1);
	struct meed_figs f = { 0 };
	struct meed_boot none = { .n = 0, .alpha = 0.05 };
	struct meed_err err = { 0 };
	const uint32_t both[] = { 0, 1 };
	const double w[] = { 3, 1 };
	uint32_t parts[2];
	double v[5], low[5], high[5];

	parts[0] = meed_figs_ratio(&f, 0, MEED_CH_ITEMS, &both[0], 1);
	parts[1] = meed_figs_ratio(&f, 0, MEED_CH_ITEMS, &both[1], 1);
	(void)meed_figs_ratio(&f, 0, MEED_CH_ITEMS, both, 2);
	(void)meed_figs_combine(&f, MEED_FIG_MEAN, parts, w, 2);
	(void)meed_figs_combine(&f, MEED_FIG_SUM, parts, w, 2);
	CU_ASSERT_FALSE(f.failed);
	CU_ASSERT_EQUAL(meed_tally_figures(t, &f, &none, &err, v, low, high), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(v[0], 10.0 / 30, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(v[2], 20.0 / 60, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(v[3], (3 * v[0] + v[1]) / 4, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(v[4], 3 * v[0] + v[1], NEAR);
	CU_ASSERT(isnan(low[0]) && isnan(high[0]));
	meed_figs_release(&f);
	meed_tally_free(t);
}

static void test_items_of_a_cluster_are_drawn_together(void)
{
	struct meed_tally *t = meed_tally_new(1);
	struct meed_figs f = { 0 };
	struct meed_boot boot = { .n = 500, .alpha = 0.05, .seed = 1, .percentile = true };
	struct meed_err err = { 0 };
	double v, low, high;
	uint32_t s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(meed_tally_subset(t, MEED_STR("one"), &err, &s), MEED_OK);
	/* Each cluster has as many hits as misses: whatever is drawn, the mean is one half. */
	for (uint64_t i = 0; i < 40; i++) {
		double ch = (double)(i % 2);

		CU_ASSERT_EQUAL(meed_tally_add(t, s, i, i / 2, 0, &ch, &err), MEED_OK);
	}
	CU_ASSERT_EQUAL(meed_tally_finish(t, &err), MEED_OK);
	CU_ASSERT_EQUAL(t->n_clusters, 20);
	(void)meed_figs_ratio(&f, 0, MEED_CH_ITEMS, &s, 1);
	CU_ASSERT_EQUAL(meed_tally_figures(t, &f, &boot, &err, &v, &low, &high), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(low, 0.5, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(high, 0.5, NEAR);
	meed_figs_release(&f);
	meed_tally_free(t);
}

static void test_two_runs_are_joined_by_id(void)
{
	struct meed_tally *a = tally(40, 1), *b = tally(44, 2), *j = NULL;
	struct meed_boot boot = { .n = 200, .alpha = 0.05, .seed = 1 };
	struct meed_figs f = { 0 };
	struct meed_err err = { 0 };
	struct meed_diff d;
	uint64_t alone[2], only_a, only_b;
	const uint32_t both[] = { 0, 1 };

	CU_ASSERT_EQUAL_FATAL(meed_tally_join(a, b, &err, &j, alone), MEED_OK);
	CU_ASSERT(j->n == 40 && alone[0] == 0 && alone[1] == 4);
	CU_ASSERT(meed_tally_discordant(j, both, 2, &only_a, &only_b));
	CU_ASSERT(only_a == 0 && only_b == 0); /* 2 i is a multiple of 3 when i is */
	(void)meed_figs_ratio(&f, 0, MEED_CH_ITEMS, both, 2);
	CU_ASSERT_EQUAL(meed_tally_diffs(j, &f, &boot, &err, &d), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(d.a, d.b, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(d.p, 1, NEAR);
	meed_figs_release(&f);
	meed_tally_free(a);
	meed_tally_free(b);
	meed_tally_free(j);
}

int main(void)
{
	CU_TestInfo stats[] = {
		{ "correlations are those of scipy", test_correlations_are_those_of_scipy },
		{ "a correlation with a constant is undefined",
		  test_a_correlation_with_a_constant_is_undefined },
		{ "Kendall counts pairs as the definition does",
		  test_kendall_counts_pairs_as_the_definition_does },
		{ "quantiles of the normal are exact", test_quantiles_of_the_normal_are_exact },
		{ "McNemar is exact and has its mid-p", test_mcnemar_is_exact_and_has_its_mid_p },
		{ "Holm steps down and skips what is missing",
		  test_holm_steps_down_and_skips_what_is_missing },
		{ "calibration and discrimination", test_calibration_and_discrimination },
		{ "pass@k is unbiased", test_pass_at_k_is_unbiased },
		{ "quantiles and Wilson", test_quantiles_and_wilson },
		{ "draws are the same for a seed and cover the range",
		  test_draws_are_the_same_for_a_seed_and_cover_the_range },
		CU_TEST_INFO_NULL
	};
	CU_TestInfo tallies[] = { { "figures are ratios and weighted means",
				    test_figures_are_ratios_and_weighted_means },
				  { "items of a cluster are drawn together",
				    test_items_of_a_cluster_are_drawn_together },
				  { "two runs are joined by id", test_two_runs_are_joined_by_id },
				  CU_TEST_INFO_NULL };
	CU_SuiteInfo suites[] = { { "statistics", NULL, NULL, NULL, NULL, stats },
				  { "tallies", NULL, NULL, NULL, NULL, tallies },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
