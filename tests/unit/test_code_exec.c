/* test_code_exec.c - code.execution over a sandbox that is played: what it posts for each shape of
 * tests, what it makes of what comes back. tests/code runs the same for real. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fakehost.h"
#include "tests/unit/suites.h"

#include <meed/helpers.h>

static const meed_rm *rm;

/* ---- the sandbox --------------------------------------------------------------------------- */

#define MAX_RUNS 64

/* What the runs of the next posts come to, in their order, and what was posted last. */
static struct {
	const meed_ran *ran, *partner;
	size_t n, next;			/* of ran; the last one is repeated */
	const meed_ran *compiled;
	int32_t status;			/* of the reply */
	const char *error;
	const char *missing;		/* a runtime that there is not */

	size_t n_posts, n_runs, n_files;
	uint32_t flags;
	bool pair;
	char runtime[64], code[4096], input[2048], job[8192], files[4096];
	const meed_ran *runs[MAX_RUNS], *partners[MAX_RUNS];
	meed_exec_result result;
	meed_reply reply;
} box;

static const meed_ran right = { .struct_size = sizeof(right), .outcome = MEED_RAN_EXIT,
				.out = { "42\n", 3 }, .err = { "", 0 } };

static void put(char *to, size_t size, meed_str s)
{
	(void)snprintf(to + strlen(to), size - strlen(to), "%.*s", (int)s.n, s.p);
}

static int32_t box_runtime(meed_ctx *c, const char *name, meed_runtime *ret)
{
	static const meed_limits max = { .struct_size = sizeof(max), .wall_ms = 60000,
					 .cpu_ms = 60000, .output = 1 << 20 };

	(void)c;
	if (box.missing && strcmp(name, box.missing) == 0) {
		ret->why = MEED_S("no such runtime");
		return MEED_E_UNSUPPORTED;
	}
	(void)snprintf(box.runtime, sizeof(box.runtime), "%s", name);
	ret->name = meed_s(box.runtime);
	ret->why = MEED_S("");
	ret->flags = strcmp(name, "cpp") == 0 ? MEED_RUNTIME_COMPILES : 0;
	ret->max = &max;
	return MEED_OK;
}

static int32_t box_post(meed_ctx *c, uint32_t tag, const meed_exec *e)
{
	size_t i;

	(void)c;
	(void)tag;
	box.n_posts++;
	box.n_runs = e->n_runs;
	box.flags = e->flags;
	box.pair = e->partner != NULL;
	box.code[0] = box.input[0] = box.job[0] = box.files[0] = '\0';
	put(box.code, sizeof(box.code), e->program->code);
	for (i = 0; i < e->program->n_files; i++) {
		if (strncmp(e->program->files[i].path, "harness.", 8) == 0)
			continue;
		put(box.files, sizeof(box.files), meed_s(e->program->files[i].path));
		put(box.files, sizeof(box.files), MEED_S("="));
		put(box.files, sizeof(box.files), e->program->files[i].data);
	}
	for (i = 0; i < e->n_runs && i < MAX_RUNS; i++) {
		put(box.input, sizeof(box.input), e->runs[i]->input);
		put(box.input, sizeof(box.input), MEED_S("|"));
		put(box.job, sizeof(box.job), e->runs[i]->partner_input);
		box.runs[i] = &box.ran[box.next < box.n ? box.next++ : box.n - 1];
		box.partners[i] = box.partner;
	}
	box.result = (meed_exec_result){ .struct_size = sizeof(box.result), .runs = box.runs,
					 .n_runs = e->n_runs, .compiled = box.compiled,
					 .partners = e->partner ? box.partners : NULL };
	return MEED_OK;
}

static const meed_exec_result *box_result(const meed_ctx *c, size_t i)
{
	(void)c;
	return i == 0 && box.status == MEED_OK ? &box.result : NULL;
}

static const meed_reply *box_reply(const meed_ctx *c, size_t i)
{
	(void)c;
	(void)i;
	box.reply = (meed_reply){ .struct_size = sizeof(box.reply), .status = box.status,
				  .error = meed_s(box.error) };
	return &box.reply;
}

static const void *box_extension(const meed_host *h, const char *id)
{
	static const meed_ext_exec table = { .struct_size = sizeof(table), .revision = 1,
					     .runtime = box_runtime, .post = box_post,
					     .result = box_result };

	(void)h;
	return strcmp(id, MEED_EXT_EXEC) == 0 ? &table : NULL;
}

/* ---- one evaluation ------------------------------------------------------------------------ */

static struct fake f;

static void begin(void)
{
	if (f.host.impl)
		fake_reset(&f);
	memset(&box, 0, sizeof(box));
	box.ran = &right;
	box.n = 1;
	box.partner = &right;
	fake_init(&f);
	f.host.extension = box_extension;
	f.host.reply = box_reply;
}

static int32_t drive(void *self, const char *answer, const char *label, const char *meta)
{
	meed_cand cand = { .text = meed_s(answer) };
	meed_msg prompt = { MEED_S("user"), meed_s(f.prompt), NULL };
	meed_sample s = { .struct_size = sizeof(s), .mode = MEED_POINTWISE, .want = f.want,
			  .id = { "", 0 }, .n_cands = 1, .cands = &cand, .n_prompt = f.prompt != NULL,
			  .prompt = &prompt, .task_category = { "", 0 }, .source = { "", 0 } };
	void *state = calloc(1, rm->state_size);
	int32_t r;

	fake_reset(&f);
	f.extra = json_object_new_object();
	cand.label = label ? f.host.parse((meed_ctx *)&f, meed_s(label)) : NULL;
	s.meta = meta ? f.host.parse((meed_ctx *)&f, meed_s(meta)) : NULL;
	r = rm->evaluate(&f.host, (meed_ctx *)&f, self, &s, state);
	while (r == MEED_PENDING && box.n_posts < 100)
		r = rm->resume(&f.host, (meed_ctx *)&f, self, &s, state);
	free(state);
	return r;
}

static int32_t eval(const char *params, const char *answer, const char *label, const char *meta)
{
	void *self = NULL;
	int32_t r = fake_create(&f, rm, params, &self);

	CU_ASSERT_EQUAL_FATAL(r, MEED_OK);
	r = drive(self, answer, label, meta);
	rm->destroy(&f.host, self);
	return r;
}

static bool scores(double expected)
{
	bool r = f.scored && f.score <= expected + 1e-12 && f.score >= expected - 1e-12;

	if (!r)
		printf("\n%g instead of %g: %s %s\n", f.score, expected, f.reason, f.why);
	return r;
}

static bool says(const char *text, const char *what)
{
	if (!strstr(text, what))
		printf("\n\"%s\" is not in \"%s\"\n", what, text);
	return strstr(text, what) != NULL;
}

#define CASES(in, out) "{\"inputs_outputs\":{\"inputs\":[" in "],\"outputs\":[" out "]}}"

/* ---- output -------------------------------------------------------------------------------- */

static void test_outputs_are_compared(void)
{
	static const struct {
		const char *checker, *got, *want;
		bool same;
	} v[] = {
		{ "tokens", "a b\nc\n", "a  b \n\nc", true },
		{ "tokens", "a\nb", "a b", false },
		{ "tokens", "", "", true },
		{ "tokens", "\n \n", "", true },
		{ "tokens", "a", "", false },
		{ "tokens", "", "a", false },
		{ "tokens", "0.30000000000000004", "0.3", true },
		{ "tokens", "1.0", "1", true },
		{ "tokens", "1.1", "1", false },
		{ "tokens", "1000001", "1000000", false },
		{ "tokens", "+007", "7", true },
		{ "tokens", "-0", "0", true },
		{ "tokens", "-7", "7", false },
		{ "tokens", "123456789012345678901234567890", "123456789012345678901234567891", false },
		{ "tokens", "nan", "nan", true },
		{ "tokens", "nan", "1", false },
		{ "tokens", "inf", "1e400", false },
		{ "tokens", "a b", "a", false },
		{ "tokens", "1.5x", "1.5", false },
		{ "tokens", "\r\n1\r\n2\r\n", "1\n2", true },
		{ "exact", "a\n", "a", false },
		{ "exact", "a\n", "a\n", true },
		{ "floats", "1 2\n3", "1\n2 3.00000001", true },
		{ "floats", "1000001", "1000000", true },
		{ "floats", "x", "1", false },
		{ "unordered", "b  1\na 2", "a 2\n\nb 1", true },
		{ "unordered", "a\na", "a\nb", false },
		{ "unordered", "a", "a\na", false },
	};
	char params[64], label[256];
	meed_ran ran = right;
	struct json_object *want;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		ran.out = meed_s(v[i].got);
		box.ran = &ran;
		(void)snprintf(params, sizeof(params), "{\"checker\":\"%s\"}", v[i].checker);
		want = json_object_new_string(v[i].want);
		(void)snprintf(label, sizeof(label), CASES("\"\"", "%s"),
			       json_object_to_json_string(want));
		json_object_put(want);
		CU_ASSERT_EQUAL(eval(params, "x", label, NULL), MEED_OK);
		if (!scores(v[i].same))
			printf("case %zu\n", i);
		CU_ASSERT(f.score > 0.5 ? v[i].same : !v[i].same);
		fake_reset(&f);
	}
}

static void test_only_an_end_with_0_counts(void)
{
	static const struct {
		uint32_t outcome;
		int32_t code;
		const char *says;
	} v[] = { { MEED_RAN_EXIT, 1, "exit status 1: boom" }, { MEED_RAN_SIGNAL, 11, "signal 11" },
		  { MEED_RAN_WALL, 0, "time limit" }, { MEED_RAN_CPU, 0, "time limit" },
		  { MEED_RAN_MEMORY, 0, "memory limit" }, { MEED_RAN_OUTPUT, 0, "output limit" },
		  { MEED_RAN_NOT, 0, "not run" } };
	meed_ran ran = right;

	ran.err = MEED_S("Traceback\nboom\n");
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		ran.outcome = v[i].outcome;
		ran.code = v[i].code;
		box.ran = &ran;
		CU_ASSERT_EQUAL(eval(NULL, "x", CASES("\"\"", "\"42\""), NULL), MEED_OK);
		CU_ASSERT(scores(0));
		CU_ASSERT(says(f.reason, v[i].says));
		fake_reset(&f);
	}
}

static void test_what_does_not_compile_fails_every_test(void)
{
	meed_ran ran = right;

	begin();
	ran.code = 1;
	ran.err = MEED_S("main.cpp:1: error");
	box.compiled = &ran;
	CU_ASSERT_EQUAL(eval(NULL, "```cpp\nx\n```", CASES("\"\",\"\"", "\"42\",\"42\""), NULL),
			MEED_OK);
	CU_ASSERT(scores(0));
	CU_ASSERT(says(f.reason, "does not compile: main.cpp:1: error"));
	CU_ASSERT(says(json_object_to_json_string(f.extra), "[ \"compile\", \"compile\" ]"));
	CU_ASSERT_EQUAL(box.n_posts, 1);
	fake_reset(&f);
}

static void test_rounds_are_small_where_a_failure_ends_it(void)
{
	static const char *const ten = CASES("1,2,3,4,5,6,7,8,9,10",
					     "42,42,42,42,42,42,42,42,42,42");
	meed_ran ran[3] = { right, right, right };

	begin();
	CU_ASSERT_EQUAL(eval(NULL, "x", ten, NULL), MEED_OK);
	CU_ASSERT(scores(1));
	CU_ASSERT_EQUAL(box.n_posts, 1);
	CU_ASSERT_EQUAL(box.n_runs, 10);
	CU_ASSERT_EQUAL(box.flags, MEED_EXEC_STOP_LIMIT);
	begin();
	CU_ASSERT_EQUAL(eval("{\"continuous\":false}", "x", ten, NULL), MEED_OK);
	CU_ASSERT(scores(1));
	CU_ASSERT_EQUAL(box.n_posts, 2);
	CU_ASSERT_EQUAL(box.flags, MEED_EXEC_STOP);
	begin();
	ran[1].out = MEED_S("41");
	box.ran = ran;
	box.n = 3;
	CU_ASSERT_EQUAL(eval("{\"continuous\":false}", "x", ten, NULL), MEED_OK);
	CU_ASSERT(scores(0));
	CU_ASSERT_EQUAL(box.n_posts, 1);
	CU_ASSERT_EQUAL(box.n_runs, 2);
	CU_ASSERT(says(json_object_to_json_string(f.extra), "\"ok\", \"wrong\", \"not run\""));
	fake_reset(&f);
}

static void test_secrets_are_kept(void)
{
	static const char *const label = CASES("\"in7\"", "\"sec9\"");

	begin();
	CU_ASSERT_EQUAL(eval("{\"reveal\":\"outcome\"}", "x", label, NULL), MEED_OK);
	CU_ASSERT_PTR_NULL(strstr(f.reason, "42"));
	CU_ASSERT_EQUAL(eval(NULL, "x", label, NULL), MEED_OK);
	CU_ASSERT(says(f.reason, "got 42"));
	CU_ASSERT_PTR_NULL(strstr(f.reason, "sec9"));
	CU_ASSERT_PTR_NULL(strstr(f.reason, "in7"));
	CU_ASSERT_PTR_NULL(strstr(json_object_to_json_string(f.extra), "sec9"));
	CU_ASSERT_EQUAL(eval("{\"reveal\":\"all\"}", "x", label, NULL), MEED_OK);
	CU_ASSERT(says(f.reason, "expected sec9; input in7"));
	fake_reset(&f);
}

/* ---- shapes -------------------------------------------------------------------------------- */

static void test_each_shape_is_read(void)
{
	static const struct {
		const char *label, *meta;
		bool pair;
		size_t runs;
		const char *input, *job; /* what is in them */
	} v[] = {
		{ CASES("\"a\",[\"b\",\"c\"]", "\"1\",\"2\""), NULL, false, 2, "a|b\nc|", "" },
		{ NULL, "{\"input_output\":\"{\\\"inputs\\\":[\\\"a\\\"],\\\"outputs\\\":[\\\"1\\\"]}\"}",
		  false, 1, "a|", "" },
		{ "{\"inputs_outputs\":{\"fn_name\":\"f\",\"inputs\":[\"1\\n2\"],\"outputs\":[\"3\"]}}",
		  NULL, true, 1, "|", "\"lines\":\"1\\u000a2\",\"want_text\":\"3\"" },
		{ "{\"inputs_outputs\":{\"fn_name\":\"f\",\"inputs\":[[1,2.0]],\"outputs\":[3]}}", NULL,
		  true, 1, "|", "\"args\":[1,2.0],\"want\":3" },
		{ NULL, "{\"test_list\":[\"assert a\",\"assert b\"],\"test_setup_code\":\"s\"}", true, 1,
		  "|", "\"tests\":[\"assert a\",\"assert b\"]" },
		{ NULL, "{\"test\":\"def check(candidate): pass\",\"entry_point\":\"g\"}", true, 1, "|",
		  "\"mode\":\"check\"" },
		{ NULL, "{\"test\":\"import solution\\ndef test_a(): pass\"}", true, 1, "|",
		  "\"mode\":\"unit\"" },
		{ NULL, "{\"tests\":\"int main(){}\",\"language\":\"cpp\"}", false, 1, "|", "" },
		{ NULL, "{\"test\":\"def check(x): pass\",\"task_id\":\"Java/3\"}", false, 1, "|", "" },
		{ "{\"tests\":{\"cases\":[{\"input\":\"a\",\"output\":\"b\"}]}}", NULL, false, 1, "a|", "" },
		{ "{\"tests\":{\"entry\":\"f\",\"cases\":[{\"args\":[1],\"kwargs\":{\"k\":2},\"output\":3}]}}",
		  NULL, true, 1, "|", "\"args\":[1],\"kwargs\":{\"k\":2},\"want\":3" },
		{ "{\"tests\":{\"asserts\":[\"assert x\"]}}", NULL, true, 1, "|", "\"mode\":\"asserts\"" },
		{ NULL, "{\"public_test_cases\":[{\"input\":\"a\",\"output\":\"b\",\"testtype\":\"stdin\"}],"
		  "\"private_test_cases\":\"[{\\\"input\\\":\\\"c\\\",\\\"output\\\":\\\"d\\\"}]\"}",
		  false, 2, "a|c|", "" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		(void)eval(NULL, "x", v[i].label, v[i].meta);
		if (box.n_posts == 0)
			printf("\nshape %zu: %s\n", i, f.why);
		CU_ASSERT_EQUAL(box.n_posts, 1);
		CU_ASSERT_EQUAL(box.pair, v[i].pair);
		CU_ASSERT_EQUAL(box.n_runs, v[i].runs);
		CU_ASSERT_STRING_EQUAL(box.input, v[i].input);
		CU_ASSERT(says(box.job, v[i].job));
		fake_reset(&f);
	}
}

static void test_tests_that_cannot_be_read_are_errors(void)
{
	static const struct {
		const char *label, *meta, *why;
	} v[] = {
		{ NULL, NULL, "no tests: looked in /label/tests" },
		{ "{\"inputs_outputs\":{}}", NULL, "no tests" },
		{ CASES("", ""), NULL, "no tests" },
		{ "{\"inputs_outputs\":[1]}", NULL, "/label/inputs_outputs: a case needs input" },
		{ CASES("1,2", "1"), NULL, "2 inputs and 1 outputs" },
		{ "{\"inputs_outputs\":{\"inputs\":1,\"outputs\":2}}", NULL, "must be lists" },
		{ NULL, "{\"test_list\":[1]}", "no string" },
		{ "{\"tests\":{\"asserts\":[\"a\"],\"unit\":\"b\"}}", NULL, "only one of them" },
		{ "{\"tests\":{\"cases\":[{\"input\":1}]}}", NULL, "needs output" },
		{ "{\"tests\":{\"cases\":[{\"args\":[],\"output\":1}]}}", NULL, "need entry" },
		{ "{\"tests\":{\"cases\":[{\"args\":[],\"output\":1},{\"input\":\"\",\"output\":1}],"
		  "\"entry\":\"f\"}}", NULL, "all cases have args" },
		{ "{\"tests\":{\"cases\":[],\"checker\":\"magic\"}}", NULL, "checker must be" },
		{ "{\"tests\":{\"asserts\":[\"a\"],\"timeout\":-1}}", NULL, "timeout must be" },
		{ "{\"tests\":{\"asserts\":[\"a\"],\"language\":\"cpp\"}}", NULL, "tests are for Python" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		CU_ASSERT_EQUAL(eval(NULL, "x", v[i].label, v[i].meta), MEED_E_SAMPLE);
		CU_ASSERT(says(f.why, v[i].why));
		CU_ASSERT(!f.scored);
		CU_ASSERT_EQUAL(box.n_posts, 0);
		fake_reset(&f);
	}
}

static void test_a_completion_goes_behind_its_prompt(void)
{
	static const char *const prompt = "import os\n\ndef f(x):\n    \"\"\"d\"\"\"\n";
	static const char *const meta = "{\"test\":\"def check(c): pass\",\"entry_point\":\"f\"}";
	static const struct {
		const char *answer, *program;
	} v[] = {
		{ "    return 1\n", "import os\n\ndef f(x):\n    \"\"\"d\"\"\"\n    return 1\n" },
		{ "```python\ndef f(x):\n    return 1\n```", "import os\n\n\ndef f(x):\n    return 1" },
		{ "def f(x): return 1", "import os\n\n\ndef f(x): return 1" },
		{ "return 1", "import os\n\ndef f(x):\n    \"\"\"d\"\"\"\n    return 1" },
		{ "y = 1\n    return y", "import os\n\ndef f(x):\n    \"\"\"d\"\"\"\n    y = 1\n    return y" },
		{ "if x:\n    y = 1\nreturn y",
		  "import os\n\ndef f(x):\n    \"\"\"d\"\"\"\n    if x:\n        y = 1\n    return y" },
		{ "<think>```\nno\n```</think>    return 2",
		  "import os\n\ndef f(x):\n    \"\"\"d\"\"\"\n    return 2" },
	};
	char expected[256];

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		f.prompt = prompt;
		(void)eval(NULL, v[i].answer, NULL, meta);
		(void)snprintf(expected, sizeof(expected), "solution.py=%s", v[i].program);
		CU_ASSERT_STRING_EQUAL(box.files, expected);
		fake_reset(&f);
	}
}

static void test_blocks_are_chosen(void)
{
	static const char *const two = "```js\nj\n```\n```python\np\n```\n```\nlonger one\n```\n"
				       "```python\nqq\n```\n```python\nr\n```";
	static const struct {
		const char *params, *program, *runtime;
	} v[] = { { "{\"language\":\"python\",\"preamble\":\"no\"}", "p", "python" },
		  { "{\"language\":\"python\",\"preamble\":\"no\",\"block\":\"last\"}", "r", "python" },
		  { "{\"language\":\"py\",\"preamble\":\"no\",\"block\":\"longest\"}", "qq", "python" },
		  { "{\"preamble\":\"no\"}", "j", "javascript" },
		  { "{\"language\":\"javascript\"}", "j", "javascript" },
		  { "{\"language\":\"ruby\"}", "longer one", "ruby" } };

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		CU_ASSERT_EQUAL(eval(v[i].params, two, CASES("\"\"", "\"42\""), NULL), MEED_OK);
		CU_ASSERT_STRING_EQUAL(box.code, v[i].program);
		CU_ASSERT_STRING_EQUAL(box.runtime, v[i].runtime);
		fake_reset(&f);
	}
}

static void test_expected_values_stay_out_of_the_answers_cage(void)
{
	static const struct {
		const char *label, *meta;
	} v[] = {
		{ CASES("\"1\"", "\"sec9\""), NULL },
		{ "{\"inputs_outputs\":{\"fn_name\":\"f\",\"inputs\":[\"1\"],\"outputs\":[\"\\\"sec9\\\"\"]}}",
		  NULL },
		{ NULL, "{\"test_list\":[\"assert f(1) == 'sec9'\"]}" },
		{ NULL, "{\"test\":\"def check(c): assert c(1) == 'sec9'\",\"entry_point\":\"f\"}" },
		{ NULL, "{\"test\":\"def test_a(): assert f(1) == 'sec9'\"}" },
		{ "{\"tests\":{\"asserts\":[\"assert f(x)\"],\"setup\":\"x = 'sec9'\"}}", NULL },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		(void)eval(NULL, "x", v[i].label, v[i].meta);
		CU_ASSERT_EQUAL(box.n_posts, 1);
		CU_ASSERT_PTR_NULL(strstr(box.code, "sec9"));
		CU_ASSERT_PTR_NULL(strstr(box.files, "sec9"));
		CU_ASSERT_PTR_NULL(strstr(box.input, "sec9"));
		fake_reset(&f);
	}
}

/* ---- the judge's word ---------------------------------------------------------------------- */

#define ASSERTS "{\"test_list\":[\"assert a\",\"assert b\"]}"

static int32_t judge(const char *out, uint32_t outcome, int32_t code, const meed_ran *answer)
{
	static meed_ran partner;

	begin();
	partner = right;
	partner.outcome = outcome;
	partner.code = code;
	partner.out = meed_s(out);
	box.partner = &partner;
	if (answer)
		box.ran = answer;
	return eval(NULL, "x", NULL, ASSERTS);
}

static void test_verdicts_are_counted(void)
{
	CU_ASSERT_EQUAL(judge("{\"ready\":true}\n{\"i\":0,\"ok\":true}\n{\"i\":1,\"ok\":true}\n"
			      "{\"end\":2}\n", MEED_RAN_EXIT, 0, NULL), MEED_OK);
	CU_ASSERT(scores(1));
	CU_ASSERT_EQUAL(judge("{\"ready\":true}\n{\"i\":0,\"ok\":false,\"how\":\"raised\","
			      "\"error\":\"E: x\"}\n{\"i\":1,\"ok\":true}\n{\"end\":2}\n",
			      MEED_RAN_EXIT, 0, NULL), MEED_OK);
	CU_ASSERT(scores(0.5));
	CU_ASSERT(says(f.reason, "test 1: raised an exception: E: x"));
	CU_ASSERT_EQUAL(judge("{\"ready\":true}\ngarbage\n{\"i\":7,\"ok\":true}\n{\"i\":-1,\"ok\":true}\n"
			      "{\"i\":1,\"ok\":true}\n{\"end\":2}\n", MEED_RAN_EXIT, 0, NULL), MEED_OK);
	CU_ASSERT(scores(0.5));
	fake_reset(&f);
}

static void test_a_judge_that_breaks_off_fails_the_rest(void)
{
	CU_ASSERT_EQUAL(judge("{\"ready\":true}\n{\"i\":0,\"ok\":true}\n{\"i\":1,\"o",
			      MEED_RAN_WALL, 0, NULL), MEED_OK);
	CU_ASSERT(scores(0.5));
	CU_ASSERT(says(f.reason, "test 2: time limit"));
	CU_ASSERT_EQUAL(judge("{\"ready\":true}\n", MEED_RAN_SIGNAL, 11, NULL), MEED_OK);
	CU_ASSERT(scores(0));
	CU_ASSERT_EQUAL(judge("", MEED_RAN_EXIT, 1, NULL), MEED_E_UPSTREAM);
	CU_ASSERT(says(f.why, "judge did not start"));
	CU_ASSERT(!f.scored);
	fake_reset(&f);
}

static void test_tests_at_fault_are_errors(void)
{
	CU_ASSERT_EQUAL(judge("{\"invalid\":\"test 1 is no Python\"}\n", MEED_RAN_EXIT, 0, NULL),
			MEED_E_SAMPLE);
	CU_ASSERT(says(f.why, "no Python"));
	CU_ASSERT_EQUAL(judge("{\"unsupported\":\"numpy\"}\n", MEED_RAN_EXIT, 0, NULL),
			MEED_E_UNSUPPORTED);
	CU_ASSERT(!f.scored);
	fake_reset(&f);
}

static void test_how_the_answer_ended_is_told(void)
{
	static const char *const gone = "{\"ready\":true}\n{\"i\":0,\"ok\":false,\"how\":\"gone\","
					"\"error\":\"it has ended\"}\n{\"end\":1}\n";
	meed_ran ran = right;

	ran.code = 3;
	CU_ASSERT_EQUAL(judge(gone, MEED_RAN_EXIT, 0, &ran), MEED_OK);
	CU_ASSERT(says(f.reason, "exit status 3"));
	ran.outcome = MEED_RAN_SIGNAL;
	ran.code = 27;
	CU_ASSERT_EQUAL(judge(gone, MEED_RAN_EXIT, 0, &ran), MEED_OK);
	CU_ASSERT(says(f.reason, "time limit"));
	ran.outcome = MEED_RAN_MEMORY;
	CU_ASSERT_EQUAL(judge(gone, MEED_RAN_EXIT, 0, &ran), MEED_OK);
	CU_ASSERT(says(f.reason, "memory limit"));
	fake_reset(&f);
}

/* ---- what is no answer's fault ------------------------------------------------------------- */

static void test_a_failing_sandbox_is_an_error(void)
{
	begin();
	box.status = MEED_E_UNSUPPORTED;
	box.error = "this machine cannot cage";
	CU_ASSERT_EQUAL(eval(NULL, "x", CASES("\"\"", "\"42\""), NULL), MEED_E_UNSUPPORTED);
	CU_ASSERT(says(f.why, "cannot cage"));
	box.status = MEED_E_UPSTREAM;
	CU_ASSERT_EQUAL(eval(NULL, "x", NULL, ASSERTS), MEED_E_UPSTREAM);
	CU_ASSERT(!f.scored);
	box.status = MEED_OK;
	box.missing = "cobol";
	CU_ASSERT_EQUAL(eval("{\"language\":\"cobol\"}", "x", CASES("\"\"", "\"42\""), NULL),
			MEED_E_UNSUPPORTED);
	CU_ASSERT(says(f.why, "no such runtime"));
	fake_reset(&f);
}

static void test_an_empty_answer_scores_0_and_runs_nothing(void)
{
	begin();
	CU_ASSERT_EQUAL(eval(NULL, " \n", CASES("\"\"", "\"\""), NULL), MEED_OK);
	CU_ASSERT(scores(0));
	CU_ASSERT_EQUAL(box.n_posts, 0);
	fake_reset(&f);
}

/* Every allocation fails once: the evaluation does, too, or scores as if none had. */
static void test_memory_may_run_out(void)
{
	static const char *const v[][2] = {
		{ CASES("\"a\",\"b\"", "\"42\",\"42\""), NULL },
		{ "{\"tests\":{\"cases\":[{\"input\":\"a\",\"output\":\"42\"}],\"checker\":\"unordered\","
		  "\"files\":{\"x\":\"y\"},\"prefix\":\"p\"}}", NULL },
		{ NULL, ASSERTS },
		{ NULL, "{\"tests\":\"int main() {}\",\"language\":\"cpp\"}" },
	};
	static meed_ran partner;
	int32_t r;
	size_t n;

	partner = right;
	partner.out = MEED_S("{\"ready\":true}\n{\"i\":0,\"ok\":false,\"how\":\"wrong\",\"got\":\"1\"}\n"
			     "{\"i\":1,\"ok\":true}\n{\"end\":2}\n");
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		for (n = 1; n < 200; n++) {
			void *self = NULL;

			begin();
			box.partner = &partner;
			CU_ASSERT_EQUAL_FATAL(fake_create(&f, rm, NULL, &self), MEED_OK);
			f.refuse_alloc = n;
			r = drive(self, "```python\nx\n```", v[i][0], v[i][1]);
			CU_ASSERT(r == MEED_E_NOMEM || (r == MEED_OK && f.scored));
			rm->destroy(&f.host, self);
			if (f.n_allocs < n)
				break;
			fake_reset(&f);
		}
		CU_ASSERT(n < 200);
		fake_reset(&f);
	}
}

int main(void)
{
	CU_TestInfo output[] = {
		{ "outputs are compared", test_outputs_are_compared },
		{ "only an end with 0 counts", test_only_an_end_with_0_counts },
		{ "what does not compile fails every test", test_what_does_not_compile_fails_every_test },
		{ "rounds are small where a failure ends it",
		  test_rounds_are_small_where_a_failure_ends_it },
		{ "secrets are kept", test_secrets_are_kept },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo shapes[] = {
		{ "each shape is read", test_each_shape_is_read },
		{ "tests that cannot be read are errors", test_tests_that_cannot_be_read_are_errors },
		{ "a completion goes behind its prompt", test_a_completion_goes_behind_its_prompt },
		{ "blocks are chosen", test_blocks_are_chosen },
		{ "expected values stay out of the answer's cage",
		  test_expected_values_stay_out_of_the_answers_cage },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo word[] = {
		{ "verdicts are counted", test_verdicts_are_counted },
		{ "a judge that breaks off fails the rest", test_a_judge_that_breaks_off_fails_the_rest },
		{ "tests at fault are errors", test_tests_at_fault_are_errors },
		{ "how the answer ended is told", test_how_the_answer_ended_is_told },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo faults[] = {
		{ "a failing sandbox is an error", test_a_failing_sandbox_is_an_error },
		{ "an empty answer scores 0 and runs nothing",
		  test_an_empty_answer_scores_0_and_runs_nothing },
		{ "memory may run out", test_memory_may_run_out },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "output", NULL, NULL, NULL, NULL, output },
		{ "shapes", NULL, NULL, NULL, NULL, shapes },
		{ "the judge's word", NULL, NULL, NULL, NULL, word },
		{ "no answer's fault", NULL, NULL, NULL, NULL, faults },
		CU_SUITE_INFO_NULL,
	};

	rm = fake_model(fake_load("code"), "code.execution");
	return rm ? suites_run(suites) : 1;
}
