/* test_tools.c - tools.call_match: how calls are read, compared and counted. */
#include "config.h"
#include "tests/unit/fakehost.h"

#include <CUnit/Basic.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suites.h"

static const meed_plugin *plugin;

struct bench {
	struct fake f;
	const meed_rm *rm;
	void *self;
};

static void open_bench(struct bench *b, const char *params)
{
	fake_init(&b->f);
	b->rm = fake_model(plugin, "tools.call_match");
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->rm);
	CU_ASSERT_EQUAL_FATAL(fake_create(&b->f, b->rm, params, &b->self), MEED_OK);
}

static void close_bench(struct bench *b)
{
	fake_reset(&b->f);
	b->rm->destroy(&b->f.host, b->self);
}

/* A response of text, and of a message's JSON if more is not NULL, to a row's metadata. */
static int32_t evaluate(struct bench *b, const char *meta, const char *more, const char *text)
{
	int32_t r;

	b->f.meta = json_tokener_parse(meta);
	b->f.more = more ? json_tokener_parse(more) : NULL;
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->f.meta);
	CU_ASSERT_FATAL(!more || b->f.more);
	r = fake_evaluate(&b->f, b->rm, b->self, text, strlen(text), NULL);
	json_object_put(b->f.meta);
	json_object_put(b->f.more);
	return r;
}

static void expect_in(const char *params, const char *meta, const char *more, const char *text,
		      double want)
{
	struct bench b;
	int32_t r;

	open_bench(&b, params);
	r = evaluate(&b, meta, more, text);
	if (r != MEED_OK || !(b.f.score - want < 1e-9 && want - b.f.score < 1e-9))
		printf("\n%s %s: %g, not %g: %s%s", more ? more : "", text, b.f.score, want,
		       b.f.reason, b.f.why);
	CU_ASSERT_EQUAL(r, MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(b.f.score, want, 1e-9);
	close_bench(&b);
}

static void expect(const char *meta, const char *text, double want)
{
	expect_in(NULL, meta, NULL, text, want);
}

static const char weather[] = "{\"ground_truth\":[{\"w.get\":{\"city\":[\"Paris\",\"Paris, FR\"],"
	"\"days\":[3],\"unit\":[\"c\",\"\"]}}],\"function\":[{\"name\":\"w.get\",\"parameters\":{"
	"\"type\":\"dict\",\"required\":[\"city\",\"days\"],\"properties\":{\"city\":{\"type\":"
	"\"string\"},\"days\":{\"type\":\"integer\"},\"unit\":{\"type\":\"string\"}}}}]}";

static void test_calls_are_read_as_models_write_them(void)
{
	static const char *const texts[] = {
		"<tool_call>{\"name\": \"w.get\", \"arguments\": {\"city\": \"Paris\", \"days\": 3}}"
		"</tool_call>",
		"Well.\n<tool_call>\n{\"name\":\"w.get\",\"arguments\":\"{\\\"city\\\":\\\"Paris\\\","
		"\\\"days\\\":3}\"}",
		"<function=w.get>{\"city\": \"Paris\", \"days\": 3}</function>",
		"[TOOL_CALLS] [{\"name\": \"w.get\", \"arguments\": {\"city\": \"Paris\", \"days\": 3}}]",
		"[TOOL_CALLS]w.get[ARGS]{\"city\": \"Paris\", \"days\": 3}</s>",
		"[TOOL_CALLS]w.get{\"city\": \"Paris\", \"days\": 3}",
		"<|python_tag|>{\"name\": \"w.get\", \"parameters\": {\"city\": \"Paris\", \"days\": 3}}"
		"<|eom_id|>",
		"{\"type\":\"function\",\"function\":{\"name\":\"w_get\",\"arguments\":{\"city\":\"Paris\","
		"\"days\":3}}}",
		"{\"tool_calls\":[{\"name\":\"w.get\",\"arguments\":{\"city\":\"Paris\",\"days\":3}}]}",
		"[{\"w.get\": {\"city\": \"Paris\", \"days\": 3}}]",
		"I call it:\n```json\n{\"name\": \"w.get\", \"arguments\": {\"city\": \"Paris\","
		" \"days\": 3}}\n```\nThere.",
		"[w.get(city='Paris', days=3)]",
		"w.get(city=\"Par\" 'is', days=1+2,)",
		"```python\n[w.get(city='''Paris''', days=3)]\n```",
		"So:\n[w.get(city='Paris', days=3)]\n",
		"<think>[w.get(city='Rome', days=3)]</think> [w.get(city='Paris', days=3)]",
	};
	static const char *const messages[] = {
		"{\"tool_calls\":[{\"function\":{\"name\":\"w_get\",\"arguments\":"
		"\"{\\\"city\\\":\\\"Paris\\\",\\\"days\\\":3}\"}}]}",
		"{\"tool_calls\":[{\"name\":\"w.get\",\"arguments\":{\"city\":\"Paris\",\"days\":3}}]}",
		"{\"function_call\":{\"name\":\"w.get\",\"arguments\":"
		"\"{\\\"city\\\":\\\"Paris\\\",\\\"days\\\":3}\"}}",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect(weather, texts[i], 1.0);
	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		expect_in(NULL, weather, messages[i], "", 1.0);
	expect(weather, "The weather (in Paris) is fine.", 0.0);
	expect(weather, "[see w.get]", 0.0);
	expect_in("{\"format\":\"hermes\"}", weather, NULL, texts[11], 0.0);
	expect_in("{\"format\":\"pythonic\"}", weather, NULL, texts[11], 1.0);
	expect_in("{\"format\":\"openai\"}", weather, messages[0], "", 1.0);
	expect_in("{\"format\":\"openai\"}", weather, NULL, texts[0], 0.0);
}

static void test_values_are_compared_by_type(void)
{
	expect(weather, "[w.get(city='paris', days=3, unit='C')]", 1.0);
	expect(weather, "[w.get(city='PARIS FR', days=3)]", 1.0);
	expect(weather, "[w.get(city='Paris', days=3.0)]", 0.0);
	expect(weather, "[w.get(city='Paris', days='3')]", 0.0);
	expect(weather, "[w.get(city='Paris', days=True)]", 0.0);
	expect(weather, "[w.get(city='Paris')]", 0.0);
	expect(weather, "[w.get(city='Paris', days=3, lang='en')]", 0.0);
	expect_in("{\"strings\":\"exact\"}", weather, NULL, "[w.get(city='paris', days=3)]", 0.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[1.5, 2]}}]}", "f(x=2)", 1.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[1.0]}}],\"function\":[{\"name\":\"f\","
	       "\"parameters\":{\"properties\":{\"x\":{\"type\":\"float\"}}}}]}", "f(x=1)", 1.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[[1.0,2.0]]}}],\"function\":[{\"name\":\"f\","
	       "\"parameters\":{\"properties\":{\"x\":{\"type\":\"array\",\"items\":{\"type\":"
	       "\"float\"}}}}}]}", "f(x=[1,2])", 1.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[true]}}]}", "f(x=1)", 1.0);
	expect("{\"ground_truth\":[{\"name\":\"f\",\"arguments\":{\"x\":true}}]}", "f(x=1)", 0.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[{\"a\":[\"U\",\"\"],\"b\":[1]}]}}]}",
	       "f(x={'b': 1})", 1.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[{\"a\":[\"U\",\"\"],\"b\":[1]}]}}]}",
	       "f(x={'a': 'u', 'b': 2})", 0.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[[{\"a\":[1]},{\"a\":[2]}]]}}]}",
	       "f(x=[{'a': 1}, {'a': 2}])", 1.0);
	/* a variable is compared to the letter */
	expect("{\"ground_truth\":[{\"f\":{\"x\":[\"myVar\"]}}],\"function\":[{\"name\":\"f\","
	       "\"parameters\":{\"properties\":{\"x\":{\"type\":\"dict\"}}}}]}", "f(x=myVar)", 1.0);
	expect("{\"ground_truth\":[{\"f\":{\"x\":[\"myVar\"]}}],\"function\":[{\"name\":\"f\","
	       "\"parameters\":{\"properties\":{\"x\":{\"type\":\"dict\"}}}}]}", "f(x=myvar)", 0.0);
	/* Java's numbers in strings */
	expect("{\"category\":\"simple_java\",\"ground_truth\":[{\"f\":{\"x\":[7],\"y\":[true]}}],"
	       "\"function\":[{\"name\":\"f\",\"parameters\":{\"properties\":{\"x\":{\"type\":"
	       "\"long\"},\"y\":{\"type\":\"boolean\"}}}}]}", "f(x='7L', y='true')", 1.0);
}

static const char several[] = "{\"ground_truth\":[{\"f\":{\"a\":[1,2]}},{\"f\":{\"a\":[1]}},"
	"{\"g\":{\"b\":[\"x\"],\"c\":[2]}}]}";

static void test_parallel_calls_are_paired_for_the_best(void)
{
	expect(several, "[f(a=1), f(a=2), g(b='x', c=2)]", 1.0);
	expect(several, "[g(b='x', c=2), f(a=2), f(a=1)]", 1.0);
	expect(several, "[f(a=2), f(a=2), g(b='x', c=2)]", 0.0);
	expect(several, "[f(a=1), f(a=2)]", 0.0);
	expect(several, "[f(a=1), f(a=2), g(b='x', c=2), h()]", 0.0);
	expect_in("{\"extra\":\"allow\"}", several, NULL,
		  "[f(a=1), f(a=2), g(b='x', c=2), h()]", 1.0);
	expect_in("{\"order\":\"given\"}", several, NULL, "[f(a=2), f(a=1), g(b='x', c=2)]", 1.0);
	expect_in("{\"order\":\"given\"}", several, NULL, "[f(a=1), f(a=2), g(b='x', c=2)]", 0.0);
}

static void test_parts_count_if_asked(void)
{
	expect_in("{\"score\":\"calls\"}", several, NULL, "[f(a=1), f(a=2), g(b='y', c=2)]", 2.0 / 3);
	expect_in("{\"score\":\"calls\"}", several, NULL, "[f(a=1), f(a=2), f(a=3), h()]", 0.5);
	expect_in("{\"score\":\"arguments\"}", several, NULL, "[f(a=1), f(a=2), g(b='y', c=2)]",
		  (1 + 1 + 2.0 / 3) / 3);
	expect_in("{\"score\":\"arguments\"}", several, NULL, "[f(a=9), f(a=2)]", (0.5 + 1) / 3);
	expect_in("{\"score\":\"names\"}", several, NULL, "[f(a=9), f(a=9), g()]", 1.0);
	expect_in("{\"score\":\"names\"}", several, NULL, "[g(), g()]", 1.0 / 3);
	expect_in("{\"score\":\"calls\"}", several, NULL, "none", 0.0);
}

static void test_no_call_or_any_call_may_be_what_is_wanted(void)
{
	static const char none[] = "{\"category\":\"irrelevance\",\"ground_truth\":null}";
	static const char empty[] = "{\"ground_truth\":[]}";
	static const char any[] = "{\"category\":\"live_relevance\",\"tools\":[{\"type\":\"function\","
		"\"function\":{\"name\":\"f\",\"parameters\":{\"required\":[\"a\"],\"properties\":{"
		"\"a\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]}}}}}]}";

	expect(none, "I cannot do that (sorry).", 1.0);
	expect(none, "f(a=1)", 0.0);
	expect(empty, "{\"answer\": 3}", 1.0);
	expect(empty, "{\"name\": \"f\", \"arguments\": {}}", 0.0);
	expect(any, "I cannot", 0.0);
	expect(any, "f(a='x')", 1.0);
	expect(any, "f(a='z')", 0.0);
	expect(any, "f()", 0.0);
	expect(any, "f(a=1)", 0.0);
	expect(any, "g(a='x')", 0.0);
	expect_in("{\"check_schema\":false}", any, NULL, "g(a='x')", 1.0);
}

static void test_turns(void)
{
	static const char meta[] = "{\"ground_truth\":[[\"cd(folder='a')\",\"ls()\"],[],[\"rm(f='x')\"]]}";
	static const meed_msg talk[] = {
		{ { "user", 4 }, { "go", 2 }, NULL },
		{ { "assistant", 9 }, { "[cd(folder='a')]", 16 }, NULL },
		{ { "tool", 4 }, { "ok()", 4 }, NULL },
		{ { "assistant", 9 }, { "[ls()]", 6 }, NULL },
		{ { "user", 4 }, { "thanks", 6 }, NULL },
		{ { "assistant", 9 }, { "welcome", 7 }, NULL },
		{ { "user", 4 }, { "remove x", 8 }, NULL },
	};
	struct bench b;

	expect(meta, "[[\"cd(folder='a')\", \"ls()\"], [], [\"rm(f='x')\"]]", 1.0);
	expect(meta, "[[\"ls()\", \"cd(folder='a')\"], [], [\"rm(f='x')\"]]", 0.0);
	expect_in("{\"order\":\"any\"}", meta, NULL,
		  "[[\"ls()\", \"cd(folder='a')\"], [], [\"rm(f='x')\"]]", 1.0);
	expect(meta, "[[\"cd(folder='a')\", \"ls()\"], [\"rm(f='x')\"]]", 0.0);
	expect(meta, "[cd(folder='a'), ls(), rm(f='x')]", 1.0);
	expect(meta, "[cd(folder='a'), rm(f='x'), ls()]", 0.0);
	expect_in("{\"score\":\"calls\"}", meta, NULL, "[[\"ls()\"], [], [\"rm(f='x')\"]]", 2.5 / 3);
	open_bench(&b, NULL);
	b.f.steps = talk;
	b.f.n_steps = sizeof(talk) / sizeof(talk[0]);
	CU_ASSERT_EQUAL(evaluate(&b, meta, NULL, "[rm(f='x')]"), MEED_OK);
	CU_ASSERT_EQUAL(b.f.score, 1.0);
	CU_ASSERT_EQUAL(evaluate(&b, meta, NULL, "[rm(f='y')]"), MEED_OK);
	CU_ASSERT_EQUAL(b.f.score, 0.0);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.f.reason, "turn 3 call 1 (rm): argument \"f\" is \"y\""));
	close_bench(&b);
}

static void test_reasons_say_what_is_wrong(void)
{
	static const char *const v[][2] = {
		{ "[w.get(city='Rome', days=3)]",
		  "argument \"city\" is \"Rome\", must be [\"Paris\", \"Paris, FR\"]" },
		{ "[w.get(city='Paris', days='3')]", "argument \"days\" is a string, must be an integer" },
		{ "[w.get(city='Paris')]", "argument \"days\" is missing" },
		{ "[w.get(city='Paris', days=3, x=1)]", "argument \"x\" is none that is expected" },
		{ "[v.get(city='Paris', days=3)]", "call 1 (v.get): not expected" },
		{ "<tool_call>{\"name\": \"w.get\", \"argum</tool_call>", "its body is not JSON" },
		{ "<tool_call>{\"arguments\": {}}</tool_call>", "" },
		{ "<tool_call>[1]</tool_call>", "it is not an object" },
		{ "<tool_call>{\"name\": 3}</tool_call>", "its name is not a string" },
		{ "<tool_call>{\"name\": \"f\", \"arguments\": \"{\"}</tool_call>",
		  "its arguments are not JSON" },
		{ "<tool_call>{\"name\": \"f\", \"arguments\": [1]}</tool_call>",
		  "its arguments are not an object" },
		{ "<|python_tag|>{\"name\"", "what follows <|python_tag|> is no call" },
		{ "none", "expected call 1 (w.get) was not made" },
	};
	struct bench b;
	size_t i;

	open_bench(&b, NULL);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CU_ASSERT_EQUAL(evaluate(&b, weather, NULL, v[i][0]), MEED_OK);
		CU_ASSERT_EQUAL(b.f.score, 0.0);
		if (!strstr(b.f.reason, v[i][1]))
			printf("\n%s: %s", v[i][0], b.f.reason);
		CU_ASSERT_PTR_NOT_NULL(strstr(b.f.reason, v[i][1]));
	}
	CU_ASSERT_EQUAL(evaluate(&b, weather, NULL, "[w.get(city='Paris', days=3)]"), MEED_OK);
	CU_ASSERT_STRING_EQUAL(b.f.reason, "1 of 1 expected calls right, 1 made");
	close_bench(&b);
}

static void test_rows_without_expectations_are_refused(void)
{
	struct bench b;

	open_bench(&b, NULL);
	CU_ASSERT_EQUAL(evaluate(&b, "{}", NULL, "f()"), MEED_E_SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.f.why, "no expected calls"));
	CU_ASSERT_EQUAL(evaluate(&b, "{\"ground_truth\":[3]}", NULL, "f()"), MEED_E_SAMPLE);
	CU_ASSERT_EQUAL(evaluate(&b, "{\"ground_truth\":\"some text\"}", NULL, "f()"), MEED_E_SAMPLE);
	CU_ASSERT_EQUAL(evaluate(&b, "{\"ground_truth\":\"f()\"}", NULL, "f()"), MEED_OK);
	CU_ASSERT_EQUAL(b.f.score, 1.0);
	close_bench(&b);
	open_bench(&b, "{\"expected\":\"/x/0\",\"tools\":\"/t\"}");
	CU_ASSERT_EQUAL(evaluate(&b, "{\"x\":[[\"f()\"]],\"t\":\"[]\"}", NULL, "f()"), MEED_OK);
	CU_ASSERT_EQUAL(b.f.score, 1.0);
	close_bench(&b);
}

static void test_every_refused_allocation_is_reported(void)
{
	struct bench b;
	size_t n;
	int32_t r = MEED_E_NOMEM;

	open_bench(&b, NULL);
	for (n = 1; n < 300 && r == MEED_E_NOMEM; n++) {
		b.f.refuse_alloc = n;
		r = evaluate(&b, several, NULL, "[f(a=1), f(a=2), g(b='x', c=(2))]");
	}
	CU_ASSERT_EQUAL(r, MEED_OK);
	CU_ASSERT_TRUE(n > 10);
	close_bench(&b);
}

static void test_hostile_responses_come_to_nothing(void)
{
	static const char *const units[] = { "[", "f(", "{\"a\":", "<tool_call>", "[TOOL_CALLS]", "```\n",
					     "f(), ", "'", "-", "(", "f(a=1)\n", "{}", "<function=",
					     "[f()]\n", "1+", "\\" };
	size_t i, k, len, n = 60000;
	char *text = malloc(n + 16);
	struct bench b;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	open_bench(&b, NULL);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		len = strlen(units[i]);
		for (k = 0; k + len <= n; k += len)
			memcpy(text + k, units[i], len);
		text[k] = '\0';
		CU_ASSERT_EQUAL(evaluate(&b, several, NULL, text), MEED_OK);
		CU_ASSERT_EQUAL(b.f.score, 0.0);
	}
	close_bench(&b);
	free(text);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "calls are read as models write them", test_calls_are_read_as_models_write_them },
		{ "values are compared by type", test_values_are_compared_by_type },
		{ "parallel calls are paired for the best", test_parallel_calls_are_paired_for_the_best },
		{ "parts count if asked", test_parts_count_if_asked },
		{ "no call or any call may be what is wanted",
		  test_no_call_or_any_call_may_be_what_is_wanted },
		{ "turns", test_turns },
		{ "reasons say what is wrong", test_reasons_say_what_is_wrong },
		{ "rows without expectations are refused", test_rows_without_expectations_are_refused },
		{ "every refused allocation is reported", test_every_refused_allocation_is_reported },
		{ "hostile responses come to nothing", test_hostile_responses_come_to_nothing },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "tools.call_match", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	plugin = fake_load("tools");
	return plugin ? suites_run(suites) : 1;
}
