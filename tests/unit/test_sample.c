/* test_sample.c - canonical rows in and out, limits, and the examples of docs/formats.md. Other
 * shapes: test_shapes.c. JSON itself: test_json.c. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/samplefix.h"
#include "tests/unit/suites.h"

/* ---- canonical ------------------------------------------------------------------------ */

static void test_canonical_row_is_read(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(
		read_row(&f,
			 "{\"unique_id\":\"u1\",\"input\":[{\"role\":\"system\",\"content\":"
			 "\"s\"},{\"content\":\"q\",\"name\":\"n\"}],\"output\":[{\"answer\":"
			 "{\"role\":\"assistant\",\"content\":\"a\",\"label\":{\"reference\":"
			 "[\"x\",\"y\"]}},\"steps\":[{\"role\":\"r\",\"content\":\"one\"},"
			 "\"two\"]},{\"answer\":{\"content\":\"\"}}],\"task_category\":\"math\","
			 "\"source\":\"here\",\"metadata\":{\"k\":1}}"),
		0);
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_CANONICAL);
	STR_IS(f.row->id, "u1");
	STR_IS(f.row->task_category, "math");
	STR_IS(f.row->source, "here");
	CU_ASSERT_PTR_NOT_NULL(f.row->meta);
	CU_ASSERT_EQUAL_FATAL(f.row->n_prompt, 2);
	STR_IS(f.row->prompt[0].role, "system");
	STR_IS(f.row->prompt[1].role, "user");
	STR_IS(f.row->prompt[1].text, "q");
	CU_ASSERT_PTR_NOT_NULL(f.row->prompt[1].more);
	CU_ASSERT_EQUAL_FATAL(f.row->n_outs, 2);
	STR_IS(f.row->outs[0].cand.text, "a");
	CU_ASSERT_EQUAL_FATAL(f.row->outs[0].cand.n_refs, 2);
	STR_IS(f.row->outs[0].cand.refs[1], "y");
	CU_ASSERT_EQUAL_FATAL(f.row->outs[0].cand.n_steps, 2);
	STR_IS(f.row->outs[0].cand.steps[0].role, "r");
	STR_IS(f.row->outs[0].cand.steps[1].text, "two");
	CU_ASSERT_PTR_NOT_NULL(f.row->outs[0].cand.label);
	STR_IS(f.row->outs[1].cand.text, "");
	CU_ASSERT_PTR_NULL(f.row->outs[1].bad);
	CU_ASSERT_EQUAL(f.row->outs[1].cand.n_refs, 0);
	CU_ASSERT_PTR_NULL(f.row->outs[1].cand.label);
	fix_end(&f);
}

static void test_unknown_fields_and_their_order_survive(void)
{
	static const char text[] =
		"{\"zz\":[1,2.50,{\"a\":null}],\"output\":[{\"u\":1,\"answer\":{\"t\":true,"
		"\"content\":\"a\",\"w\":-0},\"v\":\"\xc3\xa9\"}],\"input\":[{\"y\":1e5,"
		"\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"}]}],"
		"\"big\":123456789012345678901234567890,\"metadata\":null,\"unique_id\":7}";
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	BECOMES(&f, text, text);
	STR_IS(f.row->prompt[0].text, "q");
	fix_end(&f);
}

static void test_row_without_outputs_is_valid(void)
{
	static const char *const texts[] = {
		"{\"input\":[{\"role\":\"user\",\"content\":\"q\"}],\"output\":[]}",
		"{\"input\":[],\"x\":1}", "{\"unique_id\":\"a\",\"output\":null}"
	};
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < 3; i++) {
		BECOMES(&f, texts[i], texts[i]);
		CU_ASSERT_EQUAL(f.row->n_outs, 0);
	}
	fix_end(&f);
}

static void test_content_may_be_more_than_a_string(void)
{
	static const struct {
		const char *content, *text, *bad;
	} cases[] = { { "\"a\"", "a", NULL },
		      { "12", "12", NULL },
		      { "1.50", "1.50", NULL },
		      { "99999999999999999999999", "99999999999999999999999", NULL },
		      { "true", "true", NULL },
		      { "[{\"type\":\"text\",\"text\":\"a\"}]", "a", NULL },
		      { "[\"a\",{\"type\":\"image_url\"},{\"text\":\"b\"}]", "ab", NULL },
		      { "null", "", "output[0].answer.content is null" },
		      { "{\"a\":1}", "", "output[0].answer.content is an object, expected a text" },
		      { "[]", "", "output[0].answer.content holds no text" },
		      { "[{\"type\":\"image\"}]", "", "output[0].answer.content holds no text" },
		      { "[\"a\",5]", "",
			"output[0].answer.content[1] is a number, expected a content part" },
		      { "[null]", "",
			"output[0].answer.content[0] is null, expected a content part" } };
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		const struct meed_output *o;

		(void)snprintf(text, sizeof(text), "{\"output\":[{\"answer\":{\"content\":%s}}]}",
			       cases[i].content);
		BECOMES(&f, text, text);
		o = &f.row->outs[0];
		CU_ASSERT(meed_str_eq(o->cand.text, meed_str_of(cases[i].text)));
		if (cases[i].bad)
			CU_ASSERT_STRING_EQUAL(o->bad ? o->bad : "", cases[i].bad)
		else
			CU_ASSERT_PTR_NULL(o->bad);
	}
	fix_end(&f);
}

static void test_one_bad_output_leaves_the_others(void)
{
	struct fix f;

	fix_begin(&f, "canonical", NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&f,
				       "{\"output\":[{\"answer\":{\"content\":\"a\"}},null,{},5,"
				       "{\"answer\":{}},{\"answer\":\"b\",\"steps\":3},"
				       "{\"answer\":{\"tool_calls\":[{}],\"content\":null}}]}"),
			      0);
	CU_ASSERT_EQUAL_FATAL(f.row->n_outs, 7);
	CU_ASSERT_PTR_NULL(f.row->outs[0].bad);
	CU_ASSERT_STRING_EQUAL(f.row->outs[1].bad, "output[1].answer.content is null");
	CU_ASSERT_STRING_EQUAL(f.row->outs[2].bad, "output[2].answer.content is missing");
	CU_ASSERT_PTR_NULL(f.row->outs[3].bad);
	STR_IS(f.row->outs[3].cand.text, "5");
	CU_ASSERT_STRING_EQUAL(f.row->outs[4].bad, "output[4].answer.content is missing");
	STR_IS(f.row->outs[5].cand.text, "b");
	CU_ASSERT_STRING_EQUAL(f.row->outs[5].bad,
			       "output[5].steps is a number, expected a list of steps");
	CU_ASSERT_PTR_NULL(f.row->outs[6].bad);
	fix_end(&f);
}

static void test_references_of_every_kind(void)
{
	static const struct {
		const char *reference;
		size_t n;
		const char *first;
	} cases[] = { { "\"a\"", 1, "a" },
		      { "\"\"", 1, "" },
		      { "42", 1, "42" },
		      { "0.10", 1, "0.10" },
		      { "false", 1, "false" },
		      { "null", 0, NULL },
		      { "[]", 0, NULL },
		      { "[null]", 0, NULL },
		      { "[1,null,\"b\"]", 2, "1" },
		      { "{\"a\":[1]}", 1, "{\"a\":[1]}" } };
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const meed_cand *c;
		char text[256];

		(void)snprintf(text, sizeof(text),
			       "{\"output\":[{\"answer\":{\"content\":\"x\","
			       "\"label\":{\"reference\":%s}}}]}",
			       cases[i].reference);
		BECOMES(&f, text, text);
		c = &f.row->outs[0].cand;
		CU_ASSERT_EQUAL_FATAL(c->n_refs, cases[i].n);
		if (c->n_refs)
			CU_ASSERT(meed_str_eq(c->refs[0], meed_str_of(cases[i].first)));
	}
	fix_end(&f);
}

static void test_rows_that_are_no_samples_say_why(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	REFUSES(&f, "[]", "a row is a JSON object, and this is a list");
	REFUSES(&f, "null", "and this is null");
	REFUSES(&f, "{\"text\":\"a\",\"kind\":1}", "its keys are: text, kind. Rows need output");
	REFUSES(&f, "{\"text\":\"a\"}", "--map response=/PATH");
	REFUSES(&f, "{}", "its keys are: none");
	REFUSES(&f, "{\"a\":1", "the text ends at byte 6");
	REFUSES(&f, "{\"input\":[5],\"output\":[]}", "input[0] is a number; expected a message");
	REFUSES(&f, "{\"input\":[{\"from\":\"human\"}]}", "input[0] has neither role nor content");
	REFUSES(&f, "{\"input\":{\"from\":\"human\"},\"output\":[]}",
		"input has neither role nor content");
	REFUSES(&f, "{\"prompt\":{\"x\":2},\"response\":\"a\"}",
		"prompt has neither role nor content; expected a message");
	REFUSES(&f, "{\"prompt\":5,\"response\":\"a\"}",
		"prompt is a number, expected a text or a list");
	REFUSES(&f, "{\"prompt\":[\"a\",\"b\"],\"response\":\"a\"}",
		"prompt[0] is a string; expected a");
	fix_end(&f);
	fix_begin(&f, "preference", NULL, NULL);
	REFUSES(&f, "{\"prompt\":1}", "it has neither chosen nor rejected; its keys are: prompt");
	fix_end(&f);
	fix_begin(&f, "canonical", NULL, NULL);
	REFUSES(&f, "{\"output\":\"a\"}", "output is a string, expected a list");
	REFUSES(&f, "{\"x\":\"a\"}", "it has neither input nor output");
	fix_end(&f);
	fix_begin(&f, "messages", NULL, NULL);
	REFUSES(&f, "{\"messages\":\"a\"}", "messages is a string, expected a list of messages");
	fix_end(&f);
}

static void test_too_long_line_is_no_sample(void)
{
	struct meed_line line = { .p = "", .n = 1000, .status = MEED_E_LIMIT };
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	CU_ASSERT_EQUAL(meed_parser_row(f.parser, &line, 1, &f.arena, &f.err, &f.row),
			MEED_E_LIMIT);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.err.text, "1000 bytes"));
	fix_end(&f);
}

/* ---- limits -----------------------------------------------------------------------------------
 */

static void test_full_arena_is_an_error_and_no_leak(void)
{
	static const char *const texts[] = {
		"{\"prompt\":\"q\",\"chosen\":[\"a\",5],\"rejected\":null,\"x\":1,\"metadata\":{"
		"\"x\":2},"
		"\"reference\":[1,2]}",
		"{\"instruction\":\"q\",\"input\":\"i\",\"output\":[\"a\",\"b\"]}"
	};

	for (size_t i = 0; i < 2; i++) {
		bool ok = false;

		for (size_t limit = 16; !ok && limit < 16384; limit += 16) {
			struct fix f;
			int32_t r;

			fix_begin(&f, NULL, NULL, "/x");
			meed_arena_init(&f.arena, limit);
			r = read_row(&f, texts[i]);
			CU_ASSERT(r == 0 || r == MEED_E_NOMEM);
			ok = r == 0;
			fix_end(&f);
		}
		CU_ASSERT(ok);
	}
}

static void test_parser_can_go_on_after_an_error(void)
{
	struct fix f;

	fix_begin(&f, NULL, "response=/a/b,metadata=/m", NULL);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(read_row(&f, "{\"a\":{\"b\":\"x\"},\"m\":{}}"), 0);
		CU_ASSERT_EQUAL(f.row->n_outs, 1);
		CU_ASSERT_EQUAL(read_row(&f, "{\"a\":{\"b\":[\"x\",\"y\"]},\"prompt"),
				MEED_E_SAMPLE);
		CU_ASSERT_EQUAL(read_row(&f, "{\"m\":{}}"), MEED_E_SAMPLE);
	}
	fix_end(&f);
}

/* ---- docs/formats.md ---------------------------------------------------------------------------
 */

/* The next block between fences, cut off at its end; NULL if there is none. */
static char *next_block(char **text)
{
	char *begin = strstr(*text, "\n```\n"), *end;

	if (!begin)
		return NULL;
	begin += 5;
	end = strstr(begin, "\n```\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	*end = '\0';
	*text = end + 4;
	return begin;
}

static void check_example(char *in, const char *out)
{
	bool mapped = strstr(in, "\"solution\""), grouped = strstr(in, "\"uid\"");
	char *second = strchr(in, '\n');
	const char *rows[2] = { in, second ? second + 1 : NULL };
	struct fix f;

	if (second)
		*second = '\0';
	fix_begin(&f, NULL, mapped ? "response=/solution,reference=/answer,prompt=/question" : NULL,
	      grouped ? "/uid" : NULL);
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, second ? 2 : 1), 0);
	same_text(written(&f, NULL, MEED_LEVEL_REASON, false), out, __LINE__);
	fix_end(&f);
}

static void test_examples_of_the_documentation_are_true(void)
{
	const char *dir = getenv("srcdir"), canon[] = "{\"unique_id\"";
	char path[4096], *text, *last = NULL, *block, *at;
	size_t n_checked = 0, n;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/docs/formats.md", dir ? dir : ".");
	file = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	text = calloc(1, 65536);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	n = fread(text, 1, 65535, file);
	CU_ASSERT(n > 1000 && n < 65535);
	(void)fclose(file);
	at = text;
	while ((block = next_block(&at))) {
		if (last && *last == '{' && strncmp(last, canon, strlen(canon)) != 0 &&
		    strncmp(block, canon, strlen(canon)) == 0) {
			check_example(last, block);
			n_checked++;
		}
		last = block;
	}
	CU_ASSERT_EQUAL(n_checked, 12);
	free(text);
}

int main(void)
{
	static CU_TestInfo canonical[] = {
		{ "a canonical row is read", test_canonical_row_is_read },
		{ "unknown fields and their order survive",
		  test_unknown_fields_and_their_order_survive },
		{ "a row without outputs is valid", test_row_without_outputs_is_valid },
		{ "content may be more than a string", test_content_may_be_more_than_a_string },
		{ "one bad output leaves the others", test_one_bad_output_leaves_the_others },
		{ "references of every kind", test_references_of_every_kind },
		{ "rows that are no samples say why", test_rows_that_are_no_samples_say_why },
		{ "a too long line is no sample", test_too_long_line_is_no_sample },
		CU_TEST_INFO_NULL
	};
	static CU_TestInfo limits[] = {
		{ "a full arena is an error and no leak", test_full_arena_is_an_error_and_no_leak },
		{ "a parser can go on after an error", test_parser_can_go_on_after_an_error },
		{ "examples of the documentation are true",
		  test_examples_of_the_documentation_are_true },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "canonical", NULL, NULL, NULL, NULL, canonical },
				  { "limits and documentation", NULL, NULL, NULL, NULL, limits },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
