/* test_text.c - the models of the plugin `text`, each alone under a fake host.
 * tests/text/text_cases has what upstream asserts. */
#include "config.h"
#include "tests/unit/fakehost.h"
#include "tests/unit/suites.h"

#include <CUnit/Basic.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const meed_plugin *plugin;
static struct fake f;

static bool near(double a, double b)
{
	return a - b < 1e-12 && b - a < 1e-12;
}

/* Creates, evaluates and destroys; the code of whichever failed. */
static int32_t run(const char *id, const char *params, const char *text, size_t n, const char *ref)
{
	const meed_rm *rm = fake_model(plugin, id);
	void *self = NULL;
	int32_t r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(rm);
	r = fake_create(&f, rm, params, &self);
	if (r == 0)
		r = fake_evaluate(&f, rm, self, text, n, ref);
	if (self && rm->destroy)
		rm->destroy(&f.host, self);
	return r;
}

static void expect(const char *id, const char *params, const char *text, const char *ref,
		   double want)
{
	int32_t r = run(id, params, text, strlen(text), ref);

	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT(near(f.score, want));
	if (r != 0 || !near(f.score, want))
		printf("\n%s %s: %g (%s%s), not %g: \"%.60s\" / \"%.60s\"", id,
		       params ? params : "", f.score, f.reason, r ? f.why : "", want, text,
		       ref ? ref : "");
}

static void expect_error(const char *id, const char *params, const char *text, const char *ref,
			 int32_t code, const char *why)
{
	int32_t r = run(id, params, text, strlen(text), ref);

	CU_ASSERT_EQUAL(r, code);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.why, why));
	if (r != code || !strstr(f.why, why))
		printf("\n%s %s: %d \"%s\"", id, params ? params : "", (int)r, f.why);
}

/* ---- what each measure is ---------------------------------------------------------------- */

static void test_equal_texts_are_as_alike_as_can_be(void)
{
	static const char *const ids[] = { "text.bleu",		"text.sentence_bleu",
					   "text.gleu",		"text.chrf",
					   "text.ter",		"text.rouge",
					   "text.exact_match",	"text.prefix_match",
					   "text.suffix_match", "text.substring_match",
					   "text.contains_all", "text.contains_any",
					   "text.containment",	"text.token_f1",
					   "text.word_overlap", "text.char_overlap",
					   "text.jaccard",	"text.cosine",
					   "text.fuzzy_match",	"text.edit_distance" };
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		expect(ids[i], NULL, "four quick brown foxes jump", "four quick brown foxes jump",
		       1);
}

static void test_empty_texts_are_no_trouble(void)
{
	static const char *const ids[] = { "text.bleu",		"text.sentence_bleu",
					   "text.gleu",		"text.chrf",
					   "text.meteor",	"text.rouge",
					   "text.token_f1",	"text.word_overlap",
					   "text.char_overlap", "text.cosine" };
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		expect(ids[i], NULL, "", "some words", 0);
		expect(ids[i], NULL, "some words", "", 0);
	}
	expect("text.ter", NULL, "", "some words", 0);
	expect("text.ter", NULL, "", "", 1);
	expect("text.jaccard", NULL, "", "", 1);
	expect("text.fuzzy_match", NULL, "", "", 1);
	expect("text.edit_distance", NULL, "", "", 1);
}

static void test_ter_counts_a_shift_as_one_edit(void)
{
	expect("text.ter", NULL, "d e f a b c", "a b c d e f", 5.0 / 6);
	expect("text.ter", NULL, "x y z u v w", "a", 0);
}

static void test_normalisation_is_squads(void)
{
	const char *n = "{\"normalize\":true,\"case_sensitive\":false}";

	expect("text.exact_match", n, "The  Cat, a dog!", "cat dog", 1);
	expect("text.exact_match", n, "theatre", "atre", 0);
	expect("text.exact_match", n, "a-n b", "b", 1);
	expect("text.exact_match", "{\"extract_answer\":true}",
	       "<think>5</think>so <answer> 4 </answer>.", "4", 1);
	expect("text.token_f1", NULL, "the cat sat", "a cat", 2.0 / 3);
}

static void test_ratios_are_rapidfuzzs(void)
{
	expect("text.fuzzy_match", "{\"normalize\":false}", "ab", "ba", 0.5);
	expect("text.fuzzy_match", "{\"method\":\"partial_ratio\"}", "brown fox",
	       "quick brown fox jumps", 1);
	expect("text.fuzzy_match", "{\"method\":\"token_sort_ratio\"}", "fox brown", "brown fox",
	       1);
	expect("text.fuzzy_match", "{\"method\":\"token_set_ratio\"}", "fox fox brown x",
	       "brown fox", 1);
	expect("text.edit_distance", NULL, "kitten", "sitting", 1 - 3.0 / 7);
	expect("text.edit_distance", "{\"normalize_by_length\":false}", "kitten", "sitting", 0.25);
}

static void test_long_texts_are_aligned_across_blocks(void)
{
	char a[1001], b[1001];
	size_t i;

	for (i = 0; i < 1000; i++)
		a[i] = b[i] = (char)('a' + i * i % 23);
	a[1000] = b[1000] = '\0';
	for (i = 5; i < 1000; i += 100)
		b[i] = '#';
	expect("text.edit_distance", NULL, a, b, 0.99);
	memmove(b, b + 1, 1000);
	expect("text.edit_distance", NULL, a, b, 1 - 11.0 / 1000);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void test_json_is_compared_by_value(void)
{
	expect("text.json_validator", NULL, " {\"a\": [1, null]} ", NULL, 1);
	expect("text.json_validator", NULL, "null", NULL, 1);
	expect("text.json_validator", NULL, "{a: 1}", NULL, 0);
	expect("text.json_match", NULL, "{\"b\":2.0,\"a\":[1]}", "{\"a\":[1],\"b\":2}", 1);
	expect("text.json_match", NULL, "{\"a\":null}", "{}", 1);
	expect("text.json_match", NULL, "true", "1", 0);
	expect("text.json_match", NULL, "[2,1]", "[1,2]", 0);
	expect("text.json_match", "{\"strict_order\":false}", "[2,1]", "[1,2]", 1);
	expect("text.json_match", NULL, "{\"a\":1,\"b\":2}", "{\"a\":1}", 0);
	expect("text.json_match", "{\"ignore_extra_keys\":true}", "{\"a\":1,\"b\":2}", "{\"a\":1}",
	       1);
	expect("text.json_match", NULL, "oops", "{}", 0);
	expect_error("text.json_match", NULL, "{}", "oops", MEED_E_SAMPLE, "reference is not JSON");
}

static void test_a_schema_decides(void)
{
	const char *s = "{\"schema\":\"{\\\"type\\\":\\\"object\\\",\\\"required\\\":[\\\"n\\\"],"
			"\\\"properties\\\":{\\\"n\\\":{\\\"$ref\\\":\\\"#/$defs/count\\\"}},"
			"\\\"additionalProperties\\\":false,"
			"\\\"$defs\\\":{\\\"count\\\":{\\\"type\\\":\\\"integer\\\","
			"\\\"minimum\\\":1}}}\"}";

	expect("text.json_schema", s, "{\"n\": 3}", NULL, 1);
	expect("text.json_schema", s, "{\"n\": 3.0}", NULL, 1);
	expect("text.json_schema", s, "{\"n\": 0}", NULL, 0);
	CU_ASSERT_STRING_EQUAL(f.reason, "/n: is too small (minimum)");
	expect("text.json_schema", s, "{}", NULL, 0);
	CU_ASSERT_STRING_EQUAL(f.reason, "the value: lacks \"n\" (required)");
	expect("text.json_schema", s, "{\"n\": 3, \"m\": 1}", NULL, 0);
	expect("text.json_schema", s, "not json", NULL, 0);
}

static void test_a_schema_that_is_not_understood_is_refused(void)
{
	static const struct {
		const char *schema, *why;
	} bad[] = {
		{ "{\\\"unevaluatedProperties\\\":false}", "unevaluatedProperties" },
		{ "{\\\"minimun\\\":3}", "minimun" },
		{ "{\\\"properties\\\":{\\\"a\\\":{\\\"oops\\\":1}}}", "oops" },
		{ "{\\\"type\\\":\\\"int\\\"}", "type" },
		{ "{\\\"$ref\\\":\\\"#/$defs/none\\\"}", "$ref" },
		{ "{\\\"$ref\\\":\\\"other.json\\\"}", "$ref" },
		{ "{\\\"items\\\":[{}]}", "prefixItems" },
		{ "{\\\"$schema\\\":\\\"http://json-schema.org/draft-07/schema#\\\"}", "2020-12" },
		{ "{\\\"multipleOf\\\":0}", "multipleOf" },
		{ "[1]", "schema" },
		{ "{", "not JSON" },
	};
	char params[300];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(params, sizeof(params), "{\"schema\":\"%s\"}", bad[i].schema);
		expect_error("text.json_schema", params, "1", NULL, MEED_E_PARAM, bad[i].why);
	}
	expect_error("text.json_schema", NULL, "1", NULL, MEED_E_SAMPLE, "no schema");
}

static void test_a_schema_that_runs_in_circles_ends(void)
{
	expect_error("text.json_schema", "{\"schema\":\"{\\\"$ref\\\":\\\"#\\\"}\"}", "1", NULL,
		     MEED_E_LIMIT, "nested");
	expect_error("text.json_schema",
		     "{\"schema\":\"{\\\"allOf\\\":[{\\\"$ref\\\":\\\"#\\\"},{\\\"$ref\\\":\\\"#"
		     "\\\"}]}\"}",
		     "1", NULL, MEED_E_LIMIT, "");
}

static void test_regular_expressions_are_searched(void)
{
	if (!fake_model(plugin, "text.regex_match"))
		return;
	expect("text.regex_match", NULL, "the answer is 42.", "\\d+", 1);
	expect("text.regex_match", "{\"match\":\"whole\"}", "the answer is 42.", "\\d+", 0);
	expect("text.regex_match", "{\"pattern\":\"ANSWER\",\"case_sensitive\":false}", "an answer",
	       NULL, 1);
	expect("text.regex_match", "{\"pattern\":\"^\\\\w+$\"}", "\xc3\xa9t\xc3\xa9", NULL, 1);
	expect_error("text.regex_match", "{\"pattern\":\"(\"}", "x", NULL, MEED_E_PARAM, "byte 1");
	expect_error("text.regex_match", NULL, "x", "(", MEED_E_SAMPLE, "byte 1");
	expect_error("text.regex_match", "{\"pattern\":\"(a+)+$\"}",
		     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", NULL, MEED_E_LIMIT,
		     "cannot be decided");
}

/* ---- limits ------------------------------------------------------------------------------ */

static void test_what_is_too_long_to_align_is_an_error_with_a_name(void)
{
	const size_t n = 400000;
	char *a = malloc(n + 1), *b = malloc(n + 1);
	size_t i;

	CU_ASSERT_FATAL(a && b);
	for (i = 0; i < n; i++) {
		a[i] = i % 2 ? ' ' : (char)('a' + i * 7 % 26);
		b[i] = i % 3 ? 'x' : ' ';
	}
	a[n] = b[n] = '\0';
	expect_error("text.edit_distance", NULL, a, b, MEED_E_LIMIT, "max_cells");
	expect_error("text.fuzzy_match", NULL, a, b, MEED_E_LIMIT, "max_cells");
	expect_error("text.fuzzy_match", "{\"method\":\"partial_ratio\"}", a, b, MEED_E_LIMIT,
		     "max_cells");
	expect_error("text.ter", "{\"max_cells\":1000000}", a, b, MEED_E_LIMIT, "max_cells");
	expect_error("text.rouge", "{\"rouge_types\":[\"rougeL\"],\"max_cells\":100000}", a, b,
		     MEED_E_LIMIT, "max_cells");
	expect("text.edit_distance", NULL, a, a, 1);
	free(a);
	free(b);
}

static void test_a_stopping_run_is_left(void)
{
	const size_t n = 60000;
	char *a = malloc(n + 1), *b = malloc(n + 1);

	CU_ASSERT_FATAL(a && b);
	memset(a, 'a', n);
	memset(b, 'b', n);
	a[n] = b[n] = '\0';
	f.cancelled = true;
	expect_error("text.edit_distance", NULL, a, b, MEED_E_CANCELLED, "stopping");
	f.cancelled = false;
	free(a);
	free(b);
}

static void test_every_refused_allocation_is_reported(void)
{
	const char *text =
		"{\"a\": [1, 2, \"x y\"]} the quick brown foxes, running.\nAnd \xe4\xb8\xad.";
	const char *ref = "{\"a\": [1, 2, \"x y\"]}";
	size_t i, k;
	int32_t r;

	for (i = 0; plugin->models[i]; i++) {
		for (k = 1; k < 200; k++) {
			f.refuse_alloc = k;
			r = run(plugin->models[i]->id, NULL, text, strlen(text), ref);
			f.refuse_alloc = 0;
			if (f.n_allocs < k)
				break;
			CU_ASSERT_EQUAL(r, MEED_E_NOMEM);
			if (r != MEED_E_NOMEM)
				printf("\n%s: allocation %zu: %d", plugin->models[i]->id, k,
				       (int)r);
		}
	}
}

static CU_TestInfo tests[] = {
	{ "equal texts are as alike as can be", test_equal_texts_are_as_alike_as_can_be },
	{ "empty texts are no trouble", test_empty_texts_are_no_trouble },
	{ "TER counts a shift as one edit", test_ter_counts_a_shift_as_one_edit },
	{ "normalisation is SQuAD's", test_normalisation_is_squads },
	{ "ratios are rapidfuzz's", test_ratios_are_rapidfuzzs },
	{ "long texts are aligned across blocks", test_long_texts_are_aligned_across_blocks },
	{ "JSON is compared by value", test_json_is_compared_by_value },
	{ "a schema decides", test_a_schema_decides },
	{ "a schema that is not understood is refused",
	  test_a_schema_that_is_not_understood_is_refused },
	{ "a schema that runs in circles ends", test_a_schema_that_runs_in_circles_ends },
	{ "regular expressions are searched", test_regular_expressions_are_searched },
	{ "what is too long to align is an error with a name",
	  test_what_is_too_long_to_align_is_an_error_with_a_name },
	{ "a stopping run is left", test_a_stopping_run_is_left },
	{ "every refused allocation is reported", test_every_refused_allocation_is_reported },
	CU_TEST_INFO_NULL
};

static CU_SuiteInfo suites[] = {
	{ "text", NULL, NULL, NULL, NULL, tests },
	CU_SUITE_INFO_NULL
};

int main(void)
{
	fake_init(&f);
	f.want = MEED_WANT_REASON | MEED_WANT_EXTRA;
	plugin = fake_load("text");
	return plugin ? suites_run(suites) : 99;
}
