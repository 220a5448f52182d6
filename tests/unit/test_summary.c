/* test_summary.c - the quantile sketch, the figures of a run, their table and JSON. */
#include "config.h"
#include "host/engine/summary.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>
#include <utf8proc.h>

#include "host/engine/sketch.h"
#include "tests/unit/suites.h"

static double uniform(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);	/* splitmix64, S. Vigna */

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((x ^ x >> 31) >> 11) * 0x1p-53;
}

static int by_value(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static bool same(double a, double b)
{
	return a <= b && a >= b;
}

static bool near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b));
}

static double exact_quantile(const double *sorted, size_t n, double q)
{
	double rank = q * (double)(n - 1);
	size_t i = (size_t)rank;

	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (rank - (double)i) * (sorted[i + 1] - sorted[i]);
}

/* ---- sketch ------------------------------------------------------------------------------ */

static const double levels[] = { 0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1 };
#define N_LEVELS (sizeof(levels) / sizeof(levels[0]))

static double shape(int kind, uint64_t *state)
{
	double u = uniform(state);

	switch (kind) {
	case 0:
		return u;
	case 1:
		return -u;
	case 2:
		return -log(1 - u) * 1000;
	case 3:
		return exp(20 * u - 10);
	case 4:
		return -exp(20 * u - 10);
	default:
		return 1e6 * (u - 0.2) * (u - 0.2) * (u - 0.2);
	}
}

static void test_quantiles_are_within_half_a_percent(void)
{
	enum { N = 50001 };
	double *v = malloc(N * sizeof(*v));
	struct meed_sketch *s = malloc(sizeof(*s));
	uint64_t state = 1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (int kind = 0; kind < 6; kind++) {
		meed_sketch_init(s);
		for (size_t i = 0; i < N; i++) {
			v[i] = shape(kind, &state);
			meed_sketch_put(s, v[i]);
		}
		qsort(v, N, sizeof(*v), by_value);
		for (size_t i = 0; i < N_LEVELS; i++) {
			double want = exact_quantile(v, N, levels[i]);
			double got = meed_sketch_quantile(s, levels[i]);

			if (!near(got, want, 0.005)) {
				printf("\n\tkind %d q %g: %g for %g\n", kind, levels[i], got, want);
				CU_FAIL("quantile");
			}
		}
		CU_ASSERT(same(meed_sketch_quantile(s, 0), v[0]));
		CU_ASSERT(same(meed_sketch_quantile(s, 1), v[N - 1]));
		meed_sketch_release(s);
	}
	free(v);
	free(s);
}

static void test_repeated_values_come_out_exactly(void)
{
	static const double v[] = { -2.7, -1.0 / 3, 0, 0.1, 0.7, 1 };
	struct meed_sketch *s = malloc(sizeof(*s));

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	meed_sketch_init(s);
	for (int i = 0; i < 100000; i++)
		for (size_t j = 0; j < 6; j++)
			meed_sketch_put(s, v[j]);
	for (size_t j = 0; j < 6; j++)
		CU_ASSERT(same(meed_sketch_quantile(s, ((double)j + 0.5) / 6), v[j]));
	meed_sketch_release(s);
	free(s);
}

static void test_few_values_are_interpolated(void)
{
	struct meed_sketch *s = malloc(sizeof(*s));

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	meed_sketch_init(s);
	CU_ASSERT(same(meed_sketch_quantile(s, 0.5), 0));
	meed_sketch_put(s, 3);
	for (size_t i = 0; i < N_LEVELS; i++)
		CU_ASSERT(same(meed_sketch_quantile(s, levels[i]), 3));
	meed_sketch_put(s, 1);
	CU_ASSERT(same(meed_sketch_quantile(s, 0.5), 2));
	meed_sketch_put(s, -8);
	CU_ASSERT(same(meed_sketch_quantile(s, 0.5), 1));
	CU_ASSERT(same(meed_sketch_quantile(s, 0.25), -3.5));
	CU_ASSERT(same(meed_sketch_quantile(s, -1), -8));
	CU_ASSERT(same(meed_sketch_quantile(s, 2), 3));
	CU_ASSERT(same(meed_sketch_quantile(s, NAN), -8));
	meed_sketch_release(s);
	free(s);
}

/* Values over the whole range of doubles: octaves are bounded, order and counts stay. */
static void test_any_range_of_values_stays_bounded(void)
{
	struct meed_sketch *s = malloc(sizeof(*s));
	uint64_t state = 4, bins[8], n = 0;
	double last;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (int rising = 0; rising < 2; rising++) {
		meed_sketch_init(s);
		for (int i = 0; i < 60000; i++) {
			int e = (rising ? i : 60000 - i) * 2000 / 60000 - 1000;

			meed_sketch_put(s, ldexp(1 + uniform(&state), e) * (i % 3 ? 1 : -1));
			CU_ASSERT_FATAL(s->n_octaves <= MEED_SKETCH_OCTAVES);
		}
		last = -HUGE_VAL;
		for (int i = 0; i <= 100; i++) {
			double x = meed_sketch_quantile(s, i / 100.0);

			CU_ASSERT(x >= last && x <= s->max);
			last = x;
		}
		CU_ASSERT(near(meed_sketch_quantile(s, 0.999), ldexp(1, 997), 0.9));
		meed_sketch_histogram(s, 8, bins);
		n = 0;
		for (size_t i = 0; i < 8; i++)
			n += bins[i];
		CU_ASSERT_EQUAL(n, 60000);
		meed_sketch_release(s);
	}
	free(s);
}

static void test_a_full_sketch_keeps_its_octaves(void)
{
	struct meed_sketch *s = malloc(sizeof(*s));

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	meed_sketch_init(s);
	for (int e = 0; e < MEED_SKETCH_OCTAVES; e++)
		meed_sketch_put(s, ldexp(1, e));
	meed_sketch_put(s, 0x1p-5);
	meed_sketch_put(s, 0x1p-3);
	CU_ASSERT_EQUAL(s->n_octaves, MEED_SKETCH_OCTAVES);
	CU_ASSERT(same(meed_sketch_quantile(s, 2.0 / 65), 1));
	meed_sketch_put(s, 0x1p64);
	CU_ASSERT_EQUAL(s->n_octaves, MEED_SKETCH_OCTAVES);
	CU_ASSERT(same(meed_sketch_quantile(s, 65.0 / 66), 0x1p63));
	meed_sketch_release(s);
	free(s);
}

static void test_histogram_counts_equal_parts(void)
{
	struct meed_sketch *s = malloc(sizeof(*s));
	uint64_t bins[8];

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	meed_sketch_init(s);
	meed_sketch_histogram(s, 8, bins);
	CU_ASSERT_EQUAL(bins[0] + bins[7], 0);
	for (int i = -4; i <= 4; i++)
		for (int j = 0; j < 10 + i; j++)
			meed_sketch_put(s, i);
	meed_sketch_histogram(s, 8, bins);
	for (size_t i = 0; i < 7; i++)
		CU_ASSERT_EQUAL(bins[i], 6 + i);
	CU_ASSERT_EQUAL(bins[7], 13 + 14);
	meed_sketch_put(s, -DBL_MAX);
	meed_sketch_put(s, DBL_MAX);
	meed_sketch_histogram(s, 8, bins);
	CU_ASSERT_EQUAL(bins[0], 1);
	CU_ASSERT_EQUAL(bins[7], 1);
	meed_sketch_release(s);
	free(s);
}

/* ---- figures ----------------------------------------------------------------------------- */

static void test_mean_and_deviation(void)
{
	struct meed_columns *c = meed_columns_new();
	struct meed_column_stats st;
	int a, b;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	a = meed_columns_add(c, "a");
	b = meed_columns_add(c, "b");
	CU_ASSERT_EQUAL(a, 0);
	CU_ASSERT_EQUAL(b, 1);
	CU_ASSERT_EQUAL(meed_columns_count(c), 2);

	/* a large offset, where a sum of squares would lose everything */
	for (int i = 0; i < 1000; i++)
		meed_columns_put(c, 0, 1e9 + i % 2);
	meed_columns_stats(c, 0, &st);
	CU_ASSERT_EQUAL(st.n, 1000);
	CU_ASSERT(near(st.mean, 1e9 + 0.5, 1e-15));
	CU_ASSERT(near(st.sd, sqrt(250.0 / 999), 1e-9));
	CU_ASSERT(same(st.min, 1e9) && same(st.max, 1e9 + 1));
	CU_ASSERT(same(st.us, 0));

	meed_columns_stats(c, 1, &st);
	CU_ASSERT_EQUAL(st.n, 0);
	CU_ASSERT(same(st.mean, 0) && same(st.sd, 0) && same(st.min, 0) && same(st.max, 0));
	CU_ASSERT(same(meed_columns_quantile(c, 1, 0.5), 0));
	meed_columns_put(c, 1, 0.1);
	meed_columns_stats(c, 1, &st);
	CU_ASSERT(same(st.mean, 0.1) && same(st.sd, 0) && same(st.min, 0.1));
	for (int i = 0; i < 100000; i++)
		meed_columns_put(c, 1, 0.1);
	meed_columns_stats(c, 1, &st);
	CU_ASSERT(same(st.mean, 0.1) && same(st.sd, 0));
	meed_columns_free(c);
	meed_columns_free(NULL);
}

static void test_what_is_no_value_is_counted_by_kind(void)
{
	struct meed_columns *c = meed_columns_new();
	struct meed_column_stats st;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_EQUAL_FATAL(meed_columns_add(c, "a"), 0);
	meed_columns_miss(c, 0, MEED_E_TIMEOUT);
	meed_columns_miss(c, 0, MEED_E_INTERNAL);
	meed_columns_miss(c, 0, -77);
	meed_columns_miss(c, 0, MEED_ABSTAIN);
	meed_columns_miss(c, 0, 0);
	meed_columns_put(c, 0, NAN);
	meed_columns_put(c, 0, HUGE_VAL);
	meed_columns_time(c, 0, 3000);
	meed_columns_time(c, 0, 1000);
	meed_columns_stats(c, 0, &st);
	CU_ASSERT_EQUAL(st.n, 0);
	CU_ASSERT_EQUAL(st.n_errors, 5);
	CU_ASSERT_EQUAL(st.n_missing, 2);
	CU_ASSERT(same(st.us, 2));
	meed_columns_free(c);
}

/* ---- table and JSON ---------------------------------------------------------------------- */

/* Five members with all that may happen to a column. */
static struct meed_columns *mixed(void)
{
	static const char *const labels[] = { "a", "format.reasoning_tool_call_format",
					      "\xe4\xb8\xad", "never", "huge\nline\xff" };
	struct meed_columns *c = meed_columns_new();
	uint64_t state = 7;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	for (int i = 0; i < 5; i++)
		CU_ASSERT_EQUAL_FATAL(meed_columns_add(c, labels[i]), i);
	for (int i = 0; i < 1000; i++) {
		meed_columns_put(c, 0, i % 4 ? 1 : 0);
		meed_columns_put(c, 1, -uniform(&state) * 1e-3);
		meed_columns_put(c, 2, uniform(&state) * 12345);
		meed_columns_put(c, 4, i % 2 ? DBL_MAX : -DBL_MAX);
	}
	for (int i = 0; i < 12; i++)
		meed_columns_miss(c, 1, MEED_E_SAMPLE);
	meed_columns_miss(c, 1, MEED_E_TIMEOUT);
	for (int i = 0; i < 1000; i++)
		meed_columns_miss(c, 3, i % 2 ? MEED_ABSTAIN : 0);
	return c;
}

static size_t cells(const char *p, size_t n)
{
	size_t width = 0;
	utf8proc_int32_t ch;

	while (n) {
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)p,
							(utf8proc_ssize_t)n, &ch);

		CU_ASSERT_FATAL(len > 0);
		width += (size_t)utf8proc_charwidth(ch);
		p += len;
		n -= (size_t)len;
	}
	return width;
}

static void test_rows_are_equally_wide(void)
{
	struct meed_columns *c = mixed();

	for (int timed = 0; timed < 2; timed++) {
		for (int utf8 = 0; utf8 < 2; utf8++) {
			struct meed_buf b = { 0 };
			const char *p, *end;
			size_t width = 0, rows = 0;

			meed_columns_table(c, false, utf8, 0, &b);
			meed_buf_putc(&b, '\0');
			CU_ASSERT_FALSE_FATAL(b.failed);
			for (p = b.p; *p != '\n'; p = end + 1, rows++) {
				end = strchr(p, '\n');
				if (rows == 1)
					width = cells(p, (size_t)(end - p));
				else if (rows > 1)
					CU_ASSERT_EQUAL(cells(p, (size_t)(end - p)), width);
			}
			CU_ASSERT_EQUAL(rows, 6);
			CU_ASSERT_PTR_NULL(strstr(b.p, "nan"));
			CU_ASSERT_PTR_NULL(strstr(b.p, "inf"));
			CU_ASSERT_PTR_NULL(strchr(b.p, '\033'));
			CU_ASSERT_EQUAL(strstr(b.p, "\xe2\x96\x88") != NULL, utf8);
			CU_ASSERT_EQUAL(strstr(b.p, "  us  ") != NULL, timed);
			CU_ASSERT_PTR_NOT_NULL(strstr(p, "errors by kind\n"));
			CU_ASSERT_PTR_NOT_NULL(strstr(p, "  sample               12\n"));
			CU_ASSERT_PTR_NOT_NULL(strstr(p, "  not needed          500\n"));
			meed_buf_release(&b);
		}
		meed_columns_time(c, 2, 1500);
	}
	meed_columns_free(c);
}

static void test_table_says_what_was_measured(void)
{
	static const char want[] =
		"member  n  errors  mean   sd  min      p5   p25  p50  p75  p95  max  histogram\n"
		"ok      4       0  0.75  0.5    0  0.1500  0.75    1    1    1    1  |-      #|\n";
	struct meed_columns *c = meed_columns_new();
	struct meed_buf b = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	meed_columns_table(c, true, true, 0, &b);
	CU_ASSERT_EQUAL(b.n, 0);
	CU_ASSERT_EQUAL_FATAL(meed_columns_add(c, "ok"), 0);
	for (int i = 0; i < 4; i++)
		meed_columns_put(c, 0, i > 0);
	meed_columns_table(c, false, false, 0, &b);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	CU_ASSERT_STRING_EQUAL(b.p, want);
	meed_buf_release(&b);

	/* too narrow for all of it: what is missed least goes */
	meed_columns_table(c, false, false, 60, &b);
	CU_ASSERT_FALSE_FATAL(b.failed);
	CU_ASSERT(strcspn(b.p, "\n") <= 60);
	CU_ASSERT_EQUAL(strncmp(b.p, "member  n  errors  mean   sd", 28), 0);
	meed_buf_release(&b);

	meed_columns_miss(c, 0, MEED_E_LIMIT);
	meed_columns_table(c, true, false, 0, &b);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.p, "\033[31m1\033[0m"));
	meed_buf_release(&b);
	meed_columns_free(c);
}

static double json_num(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	CU_ASSERT_FATAL(json_object_object_get_ex(o, key, &v));
	return v ? json_object_get_double(v) : NAN;
}

static void test_json_is_valid_and_has_the_same_figures(void)
{
	struct meed_columns *c = mixed();
	struct meed_buf b = { 0 };
	struct json_object *root, *list = NULL, *o, *v = NULL;
	struct meed_column_stats st;

	meed_columns_json(c, true, &b);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	root = json_tokener_parse(b.p);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT_FATAL(json_object_object_get_ex(root, "members", &list));
	CU_ASSERT_EQUAL_FATAL(json_object_array_length(list), 5);
	for (size_t i = 0; i < 5; i++) {
		o = json_object_array_get_idx(list, i);
		meed_columns_stats(c, i, &st);
		CU_ASSERT(json_object_object_get_ex(o, "member", &v));
		CU_ASSERT_STRING_EQUAL(json_object_get_string(v), st.label);
		CU_ASSERT(same(json_num(o, "n"), (double)st.n));
		CU_ASSERT(same(json_num(o, "errors"), (double)st.n_errors));
		if (st.n) {
			CU_ASSERT(same(json_num(o, "mean"), st.mean));
			CU_ASSERT(same(json_num(o, "sd"), st.sd) && isfinite(st.sd));
			CU_ASSERT(same(json_num(o, "p25"), meed_columns_quantile(c, i, 0.25)));
			CU_ASSERT(same(json_num(o, "max"), st.max));
		} else {
			CU_ASSERT(json_object_object_get_ex(o, "mean", &v) && !v);
		}
	}
	o = json_object_array_get_idx(list, 1);
	CU_ASSERT(json_object_object_get_ex(o, "errors_by_kind", &v));
	CU_ASSERT(same(json_num(v, "sample"), 12) && same(json_num(v, "timeout"), 1));
	o = json_object_array_get_idx(list, 3);
	CU_ASSERT(same(json_num(o, "abstained"), 500) && same(json_num(o, "not_needed"), 500));
	json_object_put(root);
	meed_buf_release(&b);
	meed_columns_free(c);
}

int main(void)
{
	static CU_TestInfo sketch[] = {
		{ "quantiles are within half a percent", test_quantiles_are_within_half_a_percent },
		{ "repeated values come out exactly", test_repeated_values_come_out_exactly },
		{ "few values are interpolated", test_few_values_are_interpolated },
		{ "any range of values stays bounded", test_any_range_of_values_stays_bounded },
		{ "a full sketch keeps its octaves", test_a_full_sketch_keeps_its_octaves },
		{ "a histogram counts equal parts", test_histogram_counts_equal_parts },
		CU_TEST_INFO_NULL,
	};
	static CU_TestInfo summary[] = {
		{ "mean and deviation", test_mean_and_deviation },
		{ "what is no value is counted by kind", test_what_is_no_value_is_counted_by_kind },
		{ "rows are equally wide", test_rows_are_equally_wide },
		{ "the table says what was measured", test_table_says_what_was_measured },
		{ "JSON is valid and has the same figures",
		  test_json_is_valid_and_has_the_same_figures },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "sketch", NULL, NULL, NULL, NULL, sketch },
		{ "summary", NULL, NULL, NULL, NULL, summary },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
