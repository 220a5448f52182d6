/* test_general.c - the models of the plugin `general`, each alone under a fake host. */
#include "config.h"
#include "tests/unit/fakehost.h"

#include <CUnit/Basic.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const meed_plugin *plugin;

/* One model with its parameters, under a host of its own. */
struct bench {
	struct fake f;
	const meed_rm *rm;
	void *self;
};

static void open_bench(struct bench *b, const char *id, const char *params)
{
	fake_init(&b->f);
	b->self = NULL;
	b->rm = fake_model(plugin, id);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->rm);
	CU_ASSERT_EQUAL_FATAL(fake_create(&b->f, b->rm, params, &b->self), MEED_OK);
}

static void close_bench(struct bench *b)
{
	fake_reset(&b->f);
	if (b->rm->destroy)
		b->rm->destroy(&b->f.host, b->self);
}

static bool near(double a, double b)
{
	return a - b < 1e-12 && b - a < 1e-12;
}

static double score(struct bench *b, const char *text, const char *ref)
{
	int32_t r = fake_evaluate(&b->f, b->rm, b->self, text, strlen(text), ref);

	CU_ASSERT(r == MEED_OK && b->f.scored);
	return b->f.score;
}

static void expect(const char *id, const char *params, const char *text, const char *ref,
		   double want)
{
	struct bench b;
	double got;

	open_bench(&b, id, params);
	got = score(&b, text, ref);
	if (!near(got, want))
		printf("\n%s %s: %g, not %g: \"%.60s\" / \"%.60s\" (%s)", id,
		       params ? params : "", got, want, text, ref, b.f.reason);
	CU_ASSERT(near(got, want));
	close_bench(&b);
}

/* As fake_evaluate, with several references. */
static double score_refs(struct bench *b, const char *text, const char *const *refs, size_t n)
{
	meed_str v[8] = { { NULL, 0 } };
	meed_cand cand = { { text, strlen(text) }, v, n, NULL, 0, NULL, NULL };
	meed_sample s = { .struct_size = sizeof(s), .mode = MEED_POINTWISE, .want = b->f.want,
			  .id = { "", 0 }, .n_cands = 1, .cands = &cand,
			  .task_category = { "", 0 }, .source = { "", 0 } };
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = (meed_str){ refs[i], strlen(refs[i]) };
	fake_reset(&b->f);
	b->f.extra = json_object_new_object();
	CU_ASSERT_EQUAL(b->rm->evaluate(&b->f.host, (meed_ctx *)(void *)&b->f, b->self, &s, NULL),
			MEED_OK);
	return b->f.score;
}

static int64_t extra_int(const struct bench *b, const char *key)
{
	struct json_object *o = NULL;

	CU_ASSERT_TRUE(json_object_object_get_ex(b->f.extra, key, &o));
	return json_object_get_int64(o);
}

/* ---- accuracy, F1 ------------------------------------------------------------------------ */

static void test_accuracy_ignores_white_space_at_the_ends_alone(void)
{
	expect("general.accuracy", NULL, " a b\n", "a b", 1);
	expect("general.accuracy", NULL, "\xe3\x80\x80x\xc2\x85", "x", 1);
	expect("general.accuracy", NULL, "a  b", "a b", 0);
	expect("general.accuracy", NULL, "A", "a", 0);
	expect("general.accuracy", NULL, "", " ", 1);
	expect("general.accuracy", NULL, "", "a", 0);
}

static void test_f1_counts_tokens_once(void)
{
	expect("general.f1_score", NULL, "the the the", "the", 1);
	expect("general.f1_score", NULL, "the cat sat", "the cat sat on the mat", 0.75);
	expect("general.f1_score", NULL, "a b", "c d", 0);
	expect("general.f1_score", NULL, "", "", 1);
	expect("general.f1_score", NULL, "", "a", 0);
	expect("general.f1_score", NULL, "a", "", 0);
}

static void test_the_best_of_several_references_counts(void)
{
	const char *const refs[] = { "x", "a b 1", "a b c 2 #### 3", "y" };
	static const char *const ids[] = { "general.accuracy", "general.f1_score", "general.rouge",
					   "general.number_accuracy" };
	static const double want[] = { 1, 1, 1, 1 };
	struct bench b;
	size_t i;

	for (i = 0; i < 4; i++) {
		open_bench(&b, ids[i], NULL);
		CU_ASSERT(near(score_refs(&b, "a b 1", refs, 4), want[i]));
		if (i > 0)
			CU_ASSERT_EQUAL(extra_int(&b, "reference"), 1);
		close_bench(&b);
	}
	open_bench(&b, "general.f1_score", NULL);
	CU_ASSERT(near(score_refs(&b, "a b c 2", refs, 4), 0.8));
	CU_ASSERT_EQUAL(extra_int(&b, "reference"), 2);
	close_bench(&b);
	open_bench(&b, "general.final_number", NULL);
	CU_ASSERT(near(score_refs(&b, "so 3", refs, 4), 1));
	CU_ASSERT_EQUAL(extra_int(&b, "reference"), 2);
	CU_ASSERT(near(score_refs(&b, "so 4", refs, 4), 0));
	CU_ASSERT_EQUAL(extra_int(&b, "reference"), 1);
	close_bench(&b);
}

static void test_reasons_and_extras_come_only_when_wanted(void)
{
	size_t i;
	struct bench b;

	for (i = 0; plugin->models[i]; i++) {
		open_bench(&b, plugin->models[i]->id, NULL);
		(void)score(&b, "a 1", "a 2");
		CU_ASSERT_NOT_EQUAL(b.f.reason[0], '\0');
		b.f.want = 0;
		(void)score(&b, "a 1", "a 2");
		CU_ASSERT_EQUAL(b.f.reason[0], '\0');
		CU_ASSERT_EQUAL(json_object_object_length(b.f.extra), 0);
		close_bench(&b);
	}
}

/* ---- ROUGE-L ----------------------------------------------------------------------------- */

static unsigned roll(uint64_t *x, unsigned n)
{
	*x = *x * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*x >> 33) % n;
}

/* The textbook's table, two rows of it. */
static size_t lcs_slow(const unsigned *a, size_t n_a, const unsigned *b, size_t n_b)
{
	size_t *row = calloc(n_b + 1, sizeof(*row)), i, j, diag, keep, r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	for (i = 0; i < n_a; i++) {
		diag = 0;
		for (j = 0; j < n_b; j++) {
			keep = row[j + 1];
			if (a[i] == b[j])
				row[j + 1] = diag + 1;
			else if (row[j] > row[j + 1])
				row[j + 1] = row[j];
			diag = keep;
		}
	}
	r = row[n_b];
	free(row);
	return r;
}

static char *words(const unsigned *v, size_t n)
{
	char *text = malloc(n * 8 + 1), *p = text;
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	*p = '\0';
	for (i = 0; i < n; i++)
		p += snprintf(p, 9, "w%u ", v[i]);
	return text;
}

static void test_lcs_is_the_textbooks(void)
{
	static const size_t sizes[] = { 0, 1, 2, 63, 64, 65, 127, 130, 200, 256, 321, 449,
					511, 512, 513, 700, 1024, 1100 };
	const size_t n_sizes = sizeof(sizes) / sizeof(sizes[0]);
	unsigned a[1100], b[1100];
	uint64_t seed = 7;
	struct bench k;
	size_t i, n_a, n_b, j;
	int round;

	open_bench(&k, "general.rouge", NULL);
	for (round = 0; round < 150; round++) {
		unsigned kinds = round % 3 == 0 ? 2 : round % 3 == 1 ? 20 : 200;
		char *x, *y;

		n_a = sizes[roll(&seed, (unsigned)n_sizes)];
		n_b = sizes[roll(&seed, (unsigned)n_sizes)];
		for (i = 0; i < n_a; i++)
			a[i] = roll(&seed, kinds);
		for (i = 0; i < n_b; i++)
			b[i] = roll(&seed, kinds);
		/* common ends and stretches, in some */
		for (j = 0; j < n_a && j < n_b && round % 4 == 0; j++)
			if (roll(&seed, 5) != 0)
				b[j] = a[j];
		x = words(a, n_a);
		y = words(b, n_b);
		(void)score(&k, x, y);
		CU_ASSERT_EQUAL(extra_int(&k, "lcs_length"), (int64_t)lcs_slow(a, n_a, b, n_b));
		CU_ASSERT_EQUAL(extra_int(&k, "generated_length"), (int64_t)n_a);
		CU_ASSERT_EQUAL(extra_int(&k, "reference_length"), (int64_t)n_b);
		free(x);
		free(y);
	}
	close_bench(&k);
}

static void test_rouge_scores(void)
{
	expect("general.rouge", NULL, "the cat sat", "the cat sat on the mat", 2.0 / 3);
	expect("general.rouge", NULL, "a b c", "c b a", 1.0 / 3);
	expect("general.rouge", NULL, "", "", 1);
	expect("general.rouge", NULL, "", "a", 0);
	expect("general.rouge", NULL, "a", "", 0);
}

static void test_rouge_stops_when_the_run_does(void)
{
	const size_t n = 200000;
	char *x = malloc(2 * n + 3), *y = malloc(2 * n + 3);
	struct bench b;
	size_t i;

	CU_ASSERT_FATAL(x && y);
	for (i = 0; i < n; i++) {
		memcpy(x + 2 * i, i % 2 ? "a " : "b ", 3);
		memcpy(y + 2 * i, i % 3 ? "a " : "b ", 3);
	}
	memcpy(y + 2 * n, "a", 2);
	open_bench(&b, "general.rouge", NULL);
	b.f.cancelled = true;
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, x, 2 * n, y), MEED_E_CANCELLED);
	CU_ASSERT_NOT_EQUAL(b.f.why[0], '\0');
	close_bench(&b);
	free(x);
	free(y);
}

/* ---- number_accuracy --------------------------------------------------------------------- */

static void test_numbers_are_compared_by_place(void)
{
	const char *id = "general.number_accuracy";

	expect(id, NULL, "1 9 3", "1 2 3", 2.0 / 3);
	expect(id, NULL, "1 2 3 4", "1 2 3", 1);
	expect(id, NULL, "41 then 42", "42", 0);
	expect(id, NULL, "1,000", "1 0", 1);
	expect(id, NULL, "1.2.3", "1.2 3", 1);
	expect(id, NULL, ".5", "5", 1);
	expect(id, NULL, "3-2", "3 -2", 1);
	expect(id, NULL, "--5", "-5", 1);
	expect(id, NULL, "5 no", "", 0);
	expect(id, NULL, "no", "5", 0);
	expect(id, NULL, "\xef\xbc\x91\xef\xbc\x92", "12", 1);
	expect(id, NULL, "\xd9\xa1\xd9\xa2.\xd9\xa5", "12.5", 1);
	expect(id, NULL, "\xc2\xbd", "0.5", 0);
	expect(id, "{\"tolerance\": 0.5}", "10 20", "10.4 20.6", 0.5);
	expect(id, "{\"tolerance\": 0}", "0.30000000000000004", "0.3", 0);
	expect(id, "{\"tolerance\": 0}", "9007199254740993", "9007199254740992", 1);
	expect(id, NULL, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx7", "7", 1);
}

static void test_numbers_beyond_a_double_are_compared_by_digits(void)
{
	char a[402], b[402];

	memset(a, '9', sizeof(a));
	a[401] = '\0';
	memcpy(b, a, sizeof(a));
	expect("general.number_accuracy", NULL, a, b, 1);
	b[400] = '8';
	expect("general.number_accuracy", NULL, a, b, 0);
	a[0] = '-';
	expect("general.number_accuracy", NULL, a, b, 0);
}

/* ---- final_number ------------------------------------------------------------------------ */

struct pair {
	const char *text, *ref;
};

static void all(const char *params, const struct pair *v, size_t n, double want)
{
	size_t i;

	for (i = 0; i < n; i++)
		expect("general.final_number", params, v[i].text, v[i].ref, want);
}
#define ALL(params, v, want) all(params, v, sizeof(v) / sizeof((v)[0]), want)

static void test_final_number_reads_anchors_in_order(void)
{
	static const struct pair v[] = {
		{ "1 2\n#### 320", "#### 320" },
		{ "#### 5\nso 6 is wrong", "5" },
		{ "#### 2. Next step\nThe answer is 7.", "7" },
		{ "#### Step 2\n\\boxed{7} 8", "7" },
		{ "#### 12 apples", "12" },
		{ "\\boxed{1} then \\boxed{x = 2}", "2" },
		{ "\\boxed{}\nA: 4", "4" },
		{ "\\boxed{5", "5" },
		{ "\\fbox{7} 8", "7" },
		{ "The answer is 3 + 4 = 7. Not 9.", "7" },
		{ "final ANSWER: **42**\n1", "42" },
		{ "**Answer**: 42.", "42" },
		{ "The answer is:\n\n42\n", "42" },
		{ "A: 5 (because 2+2=4)", "5" },
		{ "A: 5\nthanks 6", "5" },
		{ "NASA: 5 or 6", "6" },
		{ "the answer is unknown; 6", "6" },
		{ "\xe7\xad\x94\xe6\xa1\x88\xe6\x98\xaf 12\xe3\x80\x82", "12" },
		{ "first 1\nlast 2 3\n\n", "3" },
	};
	struct bench b;

	ALL(NULL, v, 1);
	expect("general.final_number", "{\"anchors\": [\"last\"]}", "#### 5 and 6", "6", 1);
	expect("general.final_number", "{\"phrases\": [\"Result \"]}", "Result 1\nA: 2 result 3\n4",
	       "1", 1);
	open_bench(&b, "general.final_number", NULL);
	CU_ASSERT(near(score(&b, "A: 200", "x #### 320"), 0));
	CU_ASSERT_STRING_EQUAL(b.f.reason, "200 (after \"A:\") is not the reference's 320 (after "
					   "\"####\")");
	CU_ASSERT(near(score(&b, "none", "320"), 0));
	CU_ASSERT_STRING_EQUAL(b.f.reason, "the response has no number; the reference has 320 (the "
					   "last number)");
	close_bench(&b);
}

static void test_final_number_is_exact(void)
{
	static const struct pair same[] = {
		{ "5.00", "5" }, { "1,000", "1000" }, { "$5.00", "5" }, { "-$5", "-5" },
		{ "$-5", "-5" }, { "\xe2\x88\x92" "5", "-5" }, { "x = - 5", "-5" },
		{ "- 5 apples", "5" }, { "so 5-3 is 2", "2" }, { "10-$3", "3" }, { "-0", "0" },
		{ ".5", "0.5" }, { "5.", "5" }, { "+7", "7" }, { "007", "7" }, { "1e3", "1000" },
		{ "1.5E-3", "0.0015" }, { "2 \\times 10^{5}", "200000" },
		{ "2\xc3\x97" "10^-1", "0.2" }, { "3/4", "0.75" }, { "\\frac{3}{4}", "6/8" },
		{ "\\dfrac12", "0.5" }, { "1 3/4", "1.75" }, { "1\\frac{3}{4}", "7/4" },
		{ "-1/2", "-0.5" }, { "\\frac{-3}{4}", "-0.75" }, { "0/5", "0" }, { "1/0", "0" },
		{ "2/6", "1/3" }, { "10/4", "2.5" }, { "05/06/2024", "2024" }, { "50%", "50" },
		{ "50\\%", "50" }, { "1{,}000", "1000" }, { "1\\,000", "1000" },
		{ "1\xe2\x80\xaf" "000", "1000" }, { "1,2", "2" }, { "25 m^2", "25" },
		{ "25 cm2", "25" }, { "USD25", "25" }, { "Rs5", "5" },
		{ "\xef\xbc\x91\xef\xbc\x92", "12" },
		{ "0.1000000000000000000000000000000000000", "0.1" },
		{ "123456789012345678901234567890", "123,456,789,012,345,678,901,234,567,890" },
	};
	static const struct pair other[] = {
		{ "5", "-5" }, { "0.3333333333333333", "1/3" }, { "1,00", "100" }, { "x2", "2" },
		{ "0.1", "0.10000000000000000000000000000001" }, { "50%", "0.5" },
		{ "9007199254740993", "9007199254740992" }, { "1e3", "1e4" }, { "1e3", "100" },
		{ "10", "1" }, { "0", "10" },
	};
	static const struct pair scaled[] = { { "50%", "0.5" }, { "50 %", "1/2" }, { "5%", "5%" } };
	static const struct pair comma[] = { { "1.000,5", "1000,50" }, { "0,5", "1/2" },
					     { "1.000", "1000" } };
	static const struct pair whole[] = { { "3/4", "4" }, { "\\frac{3}{4}", "4" } };

	ALL(NULL, same, 1);
	ALL(NULL, other, 0);
	ALL("{\"percent\": \"scale\"}", scaled, 1);
	ALL("{\"decimal_point\": \",\"}", comma, 1);
	ALL("{\"fractions\": false}", whole, 1);
}

static void test_final_number_wants_a_number_in_the_reference(void)
{
	struct bench b;

	open_bench(&b, "general.final_number", NULL);
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, "5", 1, "five"), MEED_E_SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.f.why, "\"five\""));
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, "", 0, ""), MEED_E_SAMPLE);
	close_bench(&b);
}

static void test_final_number_refuses_endless_fractions(void)
{
	const size_t n = 20001;
	char *text = malloc(n + 3);
	struct bench b;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, '7', n);
	memcpy(text + n, "/3", 3);
	open_bench(&b, "general.final_number", NULL);
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, text, n + 2, "1/3"), MEED_E_LIMIT);
	/* plain decimals have no limit */
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, text, n, text + 2), MEED_E_LIMIT);
	text[n] = '\0';
	CU_ASSERT(near(score(&b, text, text), 1));
	CU_ASSERT(near(score(&b, text + 1, text), 0));
	close_bench(&b);
	free(text);
}

static void test_final_number_stays_linear(void)
{
	static const char *const bits[] = { "answer is ", "answer is\n", "#### ", "\\boxed{", "{",
					    "\\", "A: x\n\n", "1/", "1,", "= ", "5e", "\\frac{1",
					    "-", "1,000", "\\boxed{\\boxed" };
	const size_t n = 1 << 19;
	char *text = malloc(n + 64);
	struct bench b;
	size_t i, at, len;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	open_bench(&b, "general.final_number", NULL);
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		len = strlen(bits[i]);
		for (at = 0; at < n; at += len)
			memcpy(text + at, bits[i], len);
		CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, text, at, "5"), MEED_OK);
	}
	close_bench(&b);
	free(text);
}

static void test_final_number_refuses_double_anchors(void)
{
	const meed_rm *rm = fake_model(plugin, "general.final_number");
	void *self = NULL;
	struct fake f;

	fake_init(&f);
	CU_ASSERT_PTR_NOT_NULL_FATAL(rm);
	CU_ASSERT_EQUAL(fake_create(&f, rm, "{\"anchors\": [\"hash\", \"hash\"]}", &self),
			MEED_E_PARAM);
	CU_ASSERT_PTR_NULL(self);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.why, "hash"));
	fake_reset(&f);
}

/* ---- failures ---------------------------------------------------------------------------- */

static void test_every_refused_allocation_is_an_error(void)
{
	static const char *const text = "a b c d \xef\xbc\x91 e 1 2/3";
	static const char *const ref = "b \xef\xbc\x91 x c 4/6";
	struct bench b;
	size_t i, k;
	int32_t r;

	for (i = 0; plugin->models[i]; i++) {
		open_bench(&b, plugin->models[i]->id, NULL);
		for (k = 1, r = -1; r < 0 && k < 100; k++) {
			b.f.refuse_alloc = k;
			r = fake_evaluate(&b.f, b.rm, b.self, text, strlen(text), ref);
			CU_ASSERT(r == MEED_OK || r == MEED_E_NOMEM);
			CU_ASSERT(r == MEED_OK || !b.f.scored);
		}
		CU_ASSERT_EQUAL(r, MEED_OK);
		close_bench(&b);
	}
}

static void test_a_host_without_tokens_is_told_at_create(void)
{
	const meed_rm *rm = fake_model(plugin, "general.rouge");
	void *self = NULL;
	struct fake f;

	CU_ASSERT_PTR_NOT_NULL_FATAL(rm);
	fake_init(&f);
	f.no_text = true;
	CU_ASSERT_EQUAL(fake_create(&f, rm, NULL, &self), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NULL(self);
	fake_reset(&f);
}

#define TEST(f) { #f, f }

int main(void)
{
	CU_TestInfo tests[] = { TEST(test_accuracy_ignores_white_space_at_the_ends_alone),
				TEST(test_f1_counts_tokens_once),
				TEST(test_the_best_of_several_references_counts),
				TEST(test_reasons_and_extras_come_only_when_wanted),
				TEST(test_lcs_is_the_textbooks),
				TEST(test_rouge_scores),
				TEST(test_rouge_stops_when_the_run_does),
				TEST(test_numbers_are_compared_by_place),
				TEST(test_numbers_beyond_a_double_are_compared_by_digits),
				TEST(test_final_number_reads_anchors_in_order),
				TEST(test_final_number_is_exact),
				TEST(test_final_number_wants_a_number_in_the_reference),
				TEST(test_final_number_refuses_endless_fractions),
				TEST(test_final_number_stays_linear),
				TEST(test_final_number_refuses_double_anchors),
				TEST(test_every_refused_allocation_is_an_error),
				TEST(test_a_host_without_tokens_is_told_at_create),
				CU_TEST_INFO_NULL };
	CU_SuiteInfo suites[] = { { "general", NULL, NULL, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };
	unsigned failed = 1;

	plugin = fake_load("general");
	if (plugin && CU_initialize_registry() == CUE_SUCCESS &&
	    CU_register_suites(suites) == CUE_SUCCESS) {
		CU_basic_set_mode(CU_BRM_NORMAL);
		(void)CU_basic_run_tests();
		failed = CU_get_number_of_failures();
	}
	CU_cleanup_registry();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
