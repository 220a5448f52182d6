/* test_data_kappa.c - agreement between annotators against published examples. */
#include <math.h>
#include <stdlib.h>

#include "host/data/kappa.h"
#include "tests/unit/suites.h"

#define N KAPPA_NONE

/* Rows of codes to patterns: one unit each. */
struct fix {
	uint16_t codes[16 * KAPPA_RATERS];
	double w[16], values[8], scratch[8 * 9];
	struct kappa_data d;
};

static void fix_init(struct fix *f, size_t n_raters, size_t n_categories, size_t n_units)
{
	size_t i;

	memset(f->codes, 0xff, sizeof(f->codes));
	for (i = 0; i < 16; i++)
		f->w[i] = 1;
	for (i = 0; i < 8; i++)
		f->values[i] = (double)i + 1;
	f->d = (struct kappa_data){ n_raters, n_categories, n_units, f->codes, f->values };
}

/* Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", the example with four
 * observers, twelve units and missing data. */
static void test_krippendorff_of_his_own_example(void)
{
	static const uint16_t said[4][12] = {
		{ 1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N },
		{ 1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3 },
		{ N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N },
		{ 1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N },
	};
	struct fix f;
	size_t r, u;

	fix_init(&f, 4, 5, 12);
	for (r = 0; r < 4; r++)
		for (u = 0; u < 12; u++)
			if (said[r][u] != N)
				f.codes[u * KAPPA_RATERS + r] = (uint16_t)(said[r][u] - 1);
	CU_ASSERT_DOUBLE_EQUAL(kappa_krippendorff(&f.d, f.w, KAPPA_NOMINAL, f.scratch), 0.743,
			       5e-4);
	CU_ASSERT_DOUBLE_EQUAL(kappa_krippendorff(&f.d, f.w, KAPPA_ORDINAL, f.scratch), 0.815,
			       5e-4);
	CU_ASSERT_DOUBLE_EQUAL(kappa_krippendorff(&f.d, f.w, KAPPA_INTERVAL, f.scratch), 0.849,
			       5e-4);
}

/* The worked example that follows Fleiss 1971: ten subjects, fourteen raters, five categories. */
static void test_fleiss_of_the_worked_example(void)
{
	static const unsigned said[10][5] = {
		{ 0, 0, 0, 0, 14 }, { 0, 2, 6, 4, 2 }, { 0, 0, 3, 5, 6 }, { 0, 3, 9, 2, 0 },
		{ 2, 2, 8, 1, 1 },  { 7, 7, 0, 0, 0 }, { 3, 2, 6, 3, 0 }, { 2, 5, 3, 2, 2 },
		{ 6, 5, 2, 1, 0 },  { 0, 2, 2, 3, 7 },
	};
	double units = 0;
	struct fix f;
	size_t u, c, r;
	unsigned k;

	fix_init(&f, 14, 5, 10);
	for (u = 0; u < 10; u++)
		for (c = 0, r = 0; c < 5; c++)
			for (k = 0; k < said[u][c]; k++)
				f.codes[u * KAPPA_RATERS + r++] = (uint16_t)c;
	CU_ASSERT_DOUBLE_EQUAL(kappa_fleiss(&f.d, f.w, 14, &units), 0.210, 5e-4);
	CU_ASSERT_EQUAL(units, 10);
	CU_ASSERT_DOUBLE_EQUAL(kappa_agreement(&f.d, f.w), 0.378, 5e-4);
}

/* Two raters, fifty cases: 20 both yes, 15 both no, 5 and 10 apart; kappa is 0.4. */
static void test_cohen_of_a_two_by_two_table(void)
{
	static const uint16_t said[4][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } };
	static const double times[] = { 20, 5, 10, 15 };
	double units = 0, same = 0;
	struct fix f;
	size_t i;

	fix_init(&f, 2, 2, 4);
	for (i = 0; i < 4; i++) {
		memcpy(f.codes + i * KAPPA_RATERS, said[i], sizeof(said[i]));
		f.w[i] = times[i];
	}
	CU_ASSERT_DOUBLE_EQUAL(
		kappa_cohen(&f.d, f.w, 0, 1, KAPPA_UNWEIGHTED, f.scratch, &same, &units), 0.4,
		1e-12);
	CU_ASSERT_DOUBLE_EQUAL(same, 0.7, 1e-12);
	CU_ASSERT_EQUAL(units, 50);
}

/* Values of scikit-learn 1.x's cohen_kappa_score. */
static void test_cohen_with_weights(void)
{
	static const uint16_t said[8][2] = { { 0, 0 }, { 1, 2 }, { 2, 2 }, { 2, 1 },
					     { 1, 1 }, { 0, 1 }, { 2, 2 }, { 0, 0 } };
	double units, same;
	struct fix f;
	size_t i;

	fix_init(&f, 2, 3, 8);
	for (i = 0; i < 8; i++)
		memcpy(f.codes + i * KAPPA_RATERS, said[i], sizeof(said[i]));
	CU_ASSERT_DOUBLE_EQUAL(
		kappa_cohen(&f.d, f.w, 0, 1, KAPPA_UNWEIGHTED, f.scratch, &same, &units),
		0.4418604651162791, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(kappa_cohen(&f.d, f.w, 0, 1, KAPPA_LINEAR, f.scratch, &same, &units),
			       0.5862068965517242, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(
		kappa_cohen(&f.d, f.w, 0, 1, KAPPA_QUADRATIC, f.scratch, &same, &units),
		0.7272727272727273, 1e-12);
}

static void test_what_is_not_defined_is_no_number(void)
{
	double units, same;
	struct fix f;

	fix_init(&f, 2, 1, 2);
	f.codes[0] = f.codes[1] = 0;
	CU_ASSERT(isnan(kappa_cohen(&f.d, f.w, 0, 1, KAPPA_UNWEIGHTED, f.scratch, &same, &units)));
	CU_ASSERT(isnan(kappa_krippendorff(&f.d, f.w, KAPPA_NOMINAL, f.scratch)));
	CU_ASSERT(isnan(kappa_fleiss(&f.d, f.w, 2, &units)));
	CU_ASSERT_EQUAL(kappa_agreement(&f.d, f.w), 1);
	fix_init(&f, 2, 2, 1); /* nobody said anything */
	CU_ASSERT(isnan(kappa_agreement(&f.d, f.w)));
	CU_ASSERT(isnan(kappa_cohen(&f.d, f.w, 0, 1, KAPPA_LINEAR, f.scratch, &same, &units)));
	CU_ASSERT_EQUAL(units, 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "krippendorff_of_his_own_example", test_krippendorff_of_his_own_example },
		{ "fleiss_of_the_worked_example", test_fleiss_of_the_worked_example },
		{ "cohen_of_a_two_by_two_table", test_cohen_of_a_two_by_two_table },
		{ "cohen_with_weights", test_cohen_with_weights },
		{ "what_is_not_defined_is_no_number", test_what_is_not_defined_is_no_number },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "kappa", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
