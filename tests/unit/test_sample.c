/* test_sample.c - rows of every shape in, canonical rows out. JSON itself: test_json.c. */
#include "config.h"
#include "host/sample/sample.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

#define STR_IS(s, lit) CU_ASSERT(meed_str_eq((s), MEED_STR(lit)))

/* A schema, a parser and the row that was read last. */
struct fix {
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_arena arena;
	struct meed_err err;
	struct meed_row *row;
	struct meed_buf out;
};

static void begin(struct fix *f, const char *format, const char *map, const char *group_by)
{
	*f = (struct fix){ 0 };
	CU_ASSERT_EQUAL_FATAL(meed_schema_new(format, map, group_by, &f->err, &f->schema), 0);
	f->parser = meed_parser_new(f->schema);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->parser);
}

static void drop_row(struct fix *f)
{
	meed_row_release(f->row);
	f->row = NULL;
	meed_arena_reset(&f->arena);
	f->out.n = 0;
}

static void end(struct fix *f)
{
	drop_row(f);
	meed_parser_free(f->parser);
	meed_schema_free(f->schema);
	meed_arena_release(&f->arena);
	meed_buf_release(&f->out);
}

/* Reads rows that go away at once: the row may not point into them. */
static int32_t read_rows(struct fix *f, const char *const *texts, size_t n)
{
	struct meed_line lines[8] = { { 0 } };
	int32_t r;

	drop_row(f);
	f->err = (struct meed_err){ 0 };
	for (size_t i = 0; i < n; i++) {
		lines[i].p = strdup(texts[i]);
		lines[i].n = strlen(texts[i]);
		lines[i].number = i + 1;
		CU_ASSERT_PTR_NOT_NULL_FATAL(lines[i].p);
	}
	r = meed_parser_row(f->parser, lines, n, &f->arena, &f->err, &f->row);
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)lines[i].p);
	return r;
}

static int32_t read_row(struct fix *f, const char *text)
{
	return read_rows(f, &text, 1);
}

/* The row as it is written, without its newline. */
static const char *written(struct fix *f, const struct meed_result *res, enum meed_level level,
			   bool timings)
{
	f->out.n = 0;
	meed_row_write(f->row, res, level, timings, &f->out);
	CU_ASSERT_FATAL(!f->out.failed && f->out.n > 0 && f->out.p[f->out.n - 1] == '\n');
	f->out.p[f->out.n - 1] = '\0';
	CU_ASSERT_PTR_NULL(strchr(f->out.p, '\n'));
	return f->out.p;
}

static void same_text(const char *got, const char *want, int line)
{
	if (strcmp(got, want) != 0)
		(void)fprintf(stderr, "\nline %d\n got %s\nwant %s\n", line, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

/* The row is written as want, and want as itself. */
static void becomes(struct fix *f, const char *text, const char *want, int line)
{
	struct fix again;
	int32_t r = read_row(f, text);

	if (r < 0)
		(void)fprintf(stderr, "\nline %d: %s\n", line, f->err.text);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	same_text(written(f, NULL, MEED_LEVEL_REASON, false), want, line);
	begin(&again, NULL, NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&again, want), 0);
	CU_ASSERT_EQUAL(again.row->shape, MEED_SHAPE_CANONICAL);
	CU_ASSERT_EQUAL(meed_row_hash(again.row), meed_row_hash(f->row));
	CU_ASSERT_EQUAL(again.row->n_outs, f->row->n_outs);
	same_text(written(&again, NULL, MEED_LEVEL_REASON, false), want, line);
	end(&again);
}
#define BECOMES(f, text, want) becomes(f, text, want, __LINE__)

static void refuses(struct fix *f, const char *text, const char *why, int line)
{
	CU_ASSERT_EQUAL(read_row(f, text), MEED_E_SAMPLE);
	if (!strstr(f->err.text, why))
		(void)fprintf(stderr, "\nline %d\n got %s\nwant %s\n", line, f->err.text, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(f->err.text, why));
	CU_ASSERT_PTR_NULL(f->row);
}
#define REFUSES(f, text, why) refuses(f, text, why, __LINE__)

/* ---- canonical ------------------------------------------------------------------------ */

static void test_canonical_row_is_read(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
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
	end(&f);
}

static void test_unknown_fields_and_their_order_survive(void)
{
	static const char text[] =
		"{\"zz\":[1,2.50,{\"a\":null}],\"output\":[{\"u\":1,\"answer\":{\"t\":true,"
		"\"content\":\"a\",\"w\":-0},\"v\":\"\xc3\xa9\"}],\"input\":[{\"y\":1e5,"
		"\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"}]}],"
		"\"big\":123456789012345678901234567890,\"metadata\":null,\"unique_id\":7}";
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	BECOMES(&f, text, text);
	STR_IS(f.row->prompt[0].text, "q");
	end(&f);
}

static void test_row_without_outputs_is_valid(void)
{
	static const char *const texts[] = {
		"{\"input\":[{\"role\":\"user\",\"content\":\"q\"}],\"output\":[]}",
		"{\"input\":[],\"x\":1}", "{\"unique_id\":\"a\",\"output\":null}"
	};
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < 3; i++) {
		BECOMES(&f, texts[i], texts[i]);
		CU_ASSERT_EQUAL(f.row->n_outs, 0);
	}
	end(&f);
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

	begin(&f, NULL, NULL, NULL);
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
	end(&f);
}

static void test_one_bad_output_leaves_the_others(void)
{
	struct fix f;

	begin(&f, "canonical", NULL, NULL);
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
	end(&f);
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

	begin(&f, NULL, NULL, NULL);
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
	end(&f);
}

static void test_rows_that_are_no_samples_say_why(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	REFUSES(&f, "[]", "a row is a JSON object, and this is a list");
	REFUSES(&f, "null", "and this is null");
	REFUSES(&f, "{\"text\":\"a\",\"kind\":1}", "its keys are: text, kind. Rows need output");
	REFUSES(&f, "{\"text\":\"a\"}", "--map response=/PATH");
	REFUSES(&f, "{}", "its keys are: none");
	REFUSES(&f, "{\"a\":1", "the text ends at byte 6");
	REFUSES(&f, "{\"input\":[5],\"output\":[]}", "input[0] is a number; expected a message");
	REFUSES(&f, "{\"input\":[{\"from\":\"human\"}]}", "input[0] has neither role nor content");
	REFUSES(&f, "{\"prompt\":5,\"response\":\"a\"}",
		"prompt is a number, expected a text or a list");
	REFUSES(&f, "{\"prompt\":[\"a\",\"b\"],\"response\":\"a\"}",
		"prompt[0] is a string; expected a");
	end(&f);
	begin(&f, "preference", NULL, NULL);
	REFUSES(&f, "{\"prompt\":1}", "it has neither chosen nor rejected; its keys are: prompt");
	end(&f);
	begin(&f, "canonical", NULL, NULL);
	REFUSES(&f, "{\"output\":\"a\"}", "output is a string, expected a list");
	REFUSES(&f, "{\"x\":\"a\"}", "it has neither input nor output");
	end(&f);
	begin(&f, "messages", NULL, NULL);
	REFUSES(&f, "{\"messages\":\"a\"}", "messages is a string, expected a list of messages");
	end(&f);
}

static void test_too_long_line_is_no_sample(void)
{
	struct meed_line line = { .p = "", .n = 1000, .status = MEED_E_LIMIT };
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	CU_ASSERT_EQUAL(meed_parser_row(f.parser, &line, 1, &f.arena, &f.err, &f.row),
			MEED_E_LIMIT);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.err.text, "1000 bytes"));
	end(&f);
}

/* ---- other shapes ------------------------------------------------------------------------ */

#define A(text) "{\"answer\":{\"role\":\"assistant\",\"content\":" text "}}"
#define AL(text, label)                                                                            \
	"{\"answer\":{\"role\":\"assistant\",\"content\":" text ",\"label\":" label "}}"
#define Q "\"input\":[{\"role\":\"user\",\"content\":\"q\"}]"
#define CHOSEN "{\"preference\":\"chosen\"}"
#define REJECTED "{\"preference\":\"rejected\"}"

static void test_preference_rows(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	BECOMES(&f, "{\"rejected\":\"b\",\"prompt\":\"q\",\"id\":1,\"chosen\":\"a\"}",
		"{\"unique_id\":\"1\"," Q
		",\"output\":[" AL("\"a\"", CHOSEN) "," AL("\"b\"", REJECTED) "]}");
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_PREFERENCE);
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"chosen\":[\"a\",\"b\"],\"rejected\":[\"c\"],"
		"\"reference\":\"r\"}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" AL("\"a\"", "{\"preference\":\"chosen\","
								      "\"reference\":\"r\"}") "," AL(
			"\"b\"",
			"{\"preference\":\"chosen\",\"reference\":\"r\"}") "," AL("\"c\"",
										  "{\"preference\":"
										  "\"rejected\","
										  "\"reference\":"
										  "\"r\"}") "]}");
	STR_IS(f.row->outs[2].cand.refs[0], "r");
	/* Conversations that repeat the prompt, or that hold it. */
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"chosen\":[{\"role\":\"user\",\"content\":\"q\"},"
		"{\"role\":\"assistant\",\"content\":\"a\"}],\"rejected\":[{\"role\":\"assistant\","
		"\"content\":\"b\"}]}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" AL("\"a\"", CHOSEN) "," AL("\"b\"", REJECTED) "]}");
	BECOMES(&f,
		"{\"id\":\"x\",\"chosen\":[{\"role\":\"user\",\"content\":\"q\"},"
		"{\"role\":\"assistant\",\"content\":\"a\"}],\"rejected\":[{\"role\":\"user\","
		"\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"}]}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" AL("\"a\"", CHOSEN) "," AL("\"b\"", REJECTED) "]}");
	/* What has no other place is kept with its output. */
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"chosen\":[{\"role\":\"user\",\"content\":\"z\"},"
		"{\"role\":\"assistant\",\"content\":\"a\"}]}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"a\",\"label\":" CHOSEN "},\"metadata\":{\"messages\":[{\"role\":"
		"\"user\",\"content\":\"z\"},{\"role\":\"assistant\",\"content\":\"a\"}]}}]}");
	end(&f);
}

static void test_rows_of_responses(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	BECOMES(&f, "{\"id\":\"x\",\"prompt\":\"q\",\"response\":\"a\",\"reference\":4}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" AL("\"a\"", "{\"reference\":4}") "]}");
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_RESPONSES);
	STR_IS(f.row->outs[0].cand.refs[0], "4");
	BECOMES(&f, "{\"id\":\"x\",\"question\":\"q\",\"responses\":[\"a\",null,7]}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" A("\"a\"") "," A("null") "," A("7") "]}");
	CU_ASSERT_STRING_EQUAL(f.row->outs[1].bad, "output[1].answer.content is null");
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"completions\":[[{\"role\":\"assistant\","
		"\"content\":\"a\"}],[{\"role\":\"assistant\",\"content\":\"b\"}]]}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" A("\"a\"") "," A("\"b\"") "]}");
	BECOMES(&f, "{\"id\":\"x\",\"instruction\":\"q\",\"input\":\"more\",\"output\":\"a\"}",
		"{\"unique_id\":\"x\",\"input\":[{\"role\":\"user\",\"content\":\"q\\n\\nmore\"}],"
		"\"output\":[" A("\"a\"") "]}");
	BECOMES(&f, "{\"id\":\"x\",\"instruction\":\"q\",\"input\":\"\",\"output\":\"a\"}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" A("\"a\"") "]}");
	BECOMES(&f, "{\"id\":\"x\",\"answer\":\"a\",\"reference\":[\"r\",\"s\"]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[" AL(
			"\"a\"", "{\"reference\":[\"r\",\"s\"]}") "]}");
	CU_ASSERT_EQUAL(f.row->outs[0].cand.n_refs, 2);
	/* answer is not taken for the response if there is another; nor for the reference */
	BECOMES(&f, "{\"id\":\"x\",\"prompt\":\"q\",\"answer\":\"4\",\"response\":\"a\"}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" A("\"a\"") "],\"metadata\":{\"answer\":\"4\"}}");
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"label\":{\"reference\":1,\"z\":2},\"response\":"
		"{\"role\":\"assistant\",\"content\":\"a\",\"label\":{\"z\":3}}}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" AL("\"a\"", "{\"z\":3,\"reference\":1,\"row.z\":2}") "]}");
	STR_IS(f.row->outs[0].cand.refs[0], "1");
	/* Without an output there is no place for a label. */
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"responses\":[],\"reference\":\"r\",\"label\":{"
		"\"z\":1}}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[],\"metadata\":{\"reference\":\"r\",\"label\":"
		"{\"z\":1}}}");
	BECOMES(&f,
		"{\"id\":\"x\",\"prompt\":\"q\",\"response\":[{\"type\":\"text\",\"text\":\"a\"}]}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" A("[{\"type\":\"text\",\"text\":\"a\"}]") "]}");
	end(&f);
}

static void test_other_fields_become_metadata(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	BECOMES(&f,
		"{\"b\":{\"c\":[1.0]},\"id\":\"x\",\"prompt\":\"q\",\"response\":\"a\",\"z\":null,"
		"\"task_category\":\"t\",\"source\":\"s\",\"created_at\":\"c\"}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" A("\"a\"") "],\"task_category\":\"t\","
					   "\"source\":\"s\",\"created_at\":\"c\",\"metadata\":{"
					   "\"b\":{\"c\":[1.0]},\"z\":null}}");
	BECOMES(&f,
		"{\"k\":1,\"id\":\"x\",\"prompt\":\"q\",\"response\":\"a\",\"metadata\":{\"k\":2,"
		"\"row.k\":3},\"source\":{\"s\":1}}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" A("\"a\"") "],\"metadata\":{\"k\":2,"
					   "\"row.k\":3,\"row.row.k\":1,\"source\":{\"s\":1}}}");
	BECOMES(&f, "{\"id\":\"x\",\"prompt\":\"q\",\"response\":\"a\",\"metadata\":\"m\"}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" A("\"a\"") "],\"metadata\":{\"metadata\":\"m\"}}");
	end(&f);
}

static void test_rows_of_messages(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	BECOMES(&f,
		"{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":"
		"\"assistant\",\"content\":\"a\",\"extra\":1}],\"ground_truth\":\"r\"}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"a\",\"extra\":1,\"label\":{\"reference\":\"r\"}}}]}");
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_MESSAGES);
	BECOMES(&f,
		"{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],"
		"\"responses\":[\"a\",\"b\"],\"answer\":1}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" A("\"a\"") "," A("\"b\"") "],"
							  "\"metadata\":{\"answer\":1}}");
	BECOMES(&f, "{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[]}");
	end(&f);
}

static void test_verl_rows(void)
{
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	BECOMES(&f,
		"{\"data_source\":\"openai/"
		"gsm8k\",\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],"
		"\"ability\":\"math\",\"reward_model\":{\"style\":\"rule\",\"ground_truth\":\"72\"}"
		","
		"\"extra_info\":{\"split\":\"train\",\"index\":0},\"solution_str\":\"a\",\"id\":3}",
		"{\"unique_id\":\"3\"," Q ",\"output\":[" AL(
			"\"a\"", "{\"reference\":\"72\"}") "],"
							   "\"source\":\"openai/"
							   "gsm8k\",\"metadata\":{\"split\":"
							   "\"train\",\"index\":0,"
							   "\"ability\":\"math\",\"reward_model\":{"
							   "\"style\":\"rule\"}}}");
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_VERL);
	STR_IS(f.row->outs[0].cand.refs[0], "72");
	BECOMES(&f,
		"{\"id\":\"x\",\"data_source\":\"d\",\"solution_str\":\"a\",\"ground_truth\":\"r\","
		"\"extra_info\":{\"k\":1},\"metadata\":{\"k\":2}}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[" AL(
			"\"a\"", "{\"reference\":\"r\"}") "],\"source\":\"d\",\"metadata\":{\"k\":"
							  "2,\"extra_info\":{\"k\":1}}}");
	BECOMES(&f,
		"{\"id\":\"x\",\"data_source\":\"d\",\"prompt\":\"q\",\"responses\":[\"a\"],"
		"\"reward_model\":{\"ground_truth\":1}}",
		"{\"unique_id\":\"x\"," Q
		",\"output\":[" AL("\"a\"", "{\"reference\":1}") "],"
								 "\"source\":\"d\"}");
	/* A prompt of the training set, without responses: nothing to score, nothing lost. */
	BECOMES(&f,
		"{\"id\":\"x\",\"data_source\":\"d\",\"prompt\":\"q\",\"reward_model\":"
		"{\"ground_truth\":\"1\"}}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[],\"source\":\"d\",\"metadata\":"
		"{\"reward_model\":{\"ground_truth\":\"1\"}}}");
	end(&f);
}

static void test_id_is_made_from_the_row(void)
{
	struct fix f;
	char id[17] = "";

	begin(&f, NULL, NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"response\":\"a\"}"), 0);
	CU_ASSERT_EQUAL_FATAL(f.row->id.n, 16);
	memcpy(id, f.row->id.p, 16);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"response\":\"b\"}"), 0);
	CU_ASSERT(memcmp(id, f.row->id.p, 16) != 0);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"response\":\"a\"}"), 0);
	CU_ASSERT(memcmp(id, f.row->id.p, 16) == 0);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"output\":[]}"), 0);
	CU_ASSERT_EQUAL(f.row->id.n, 0);
	end(&f);
}

static void test_hash_is_of_what_models_see(void)
{
	static const char *const texts[] = {
		"{\"unique_id\":\"1\",\"input\":\"q\",\"output\":[{\"answer\":{\"content\":\"a\"}}]"
		"}",
		"{\"unique_id\":\"1\",\"input\":\"r\",\"output\":[{\"answer\":{\"content\":\"a\"}}]"
		"}",
		"{\"unique_id\":\"1\",\"input\":\"q\",\"output\":[{\"answer\":{\"content\":\"b\"}}]"
		"}",
		"{\"unique_id\":\"1\",\"input\":\"q\",\"output\":[{\"answer\":{\"content\":\"a\","
		"\"label\":{\"reference\":\"\"}}}]}",
		"{\"x\":1,\"unique_id\":\"2\",\"output\":[{\"answer\":{\"reward\":{\"score\":1},"
		"\"content\":"
		"\"a\"}}],\"input\":\"q\"}"
	};
	uint64_t hash[5];
	struct fix f;

	begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL_FATAL(read_row(&f, texts[i]), 0);
		hash[i] = meed_row_hash(f.row);
	}
	CU_ASSERT_NOT_EQUAL(hash[0], hash[1]);
	CU_ASSERT_NOT_EQUAL(hash[0], hash[2]);
	CU_ASSERT_NOT_EQUAL(hash[0], hash[3]);
	CU_ASSERT_EQUAL(hash[0], hash[4]);
	end(&f);
}

/* ---- --map -------------------------------------------------------------------------------- */

static void test_map_reads_any_row(void)
{
	struct fix f;

	begin(&f, NULL, "response=/solution,reference=/answer,prompt=/question,id=/n", NULL);
	BECOMES(&f,
		"{\"question\":\"q\",\"answer\":\"r\",\"solution\":\"a\",\"is_correct\":true,"
		"\"n\":7,\"id\":8}",
		"{\"unique_id\":\"7\"," Q ",\"output\":[" AL(
			"\"a\"",
			"{\"reference\":\"r\"}") "],"
						 "\"metadata\":{\"is_correct\":true,\"id\":8}}");
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_MAPPED);
	BECOMES(&f, "{\"solution\":[\"a\",\"b\"],\"answer\":null,\"n\":\"i\"}",
		"{\"unique_id\":\"i\",\"input\":[],\"output\":[" A("\"a\"") "," A("\"b\"") "]}");
	CU_ASSERT_EQUAL(f.row->outs[0].cand.n_refs, 0);
	BECOMES(&f, "{\"solution\":null,\"n\":\"i\"}",
		"{\"unique_id\":\"i\",\"input\":[],\"output\":[" A("null") "]}");
	CU_ASSERT_PTR_NOT_NULL(f.row->outs[0].bad);
	BECOMES(&f, "{\"solution\":[],\"answer\":\"r\",\"n\":1}",
		"{\"unique_id\":\"1\",\"input\":[],\"output\":[],\"metadata\":{\"answer\":\"r\"}}");
	REFUSES(&f, "{\"question\":\"q\"}",
		"nothing at /solution, where the map looks for the response");
	end(&f);
}

static void test_map_takes_nested_values_out_of_their_objects(void)
{
	struct fix f;

	begin(&f, NULL, "response=/c/0/m,reference=/x/gold,prompt=/x/q,metadata=/y/meta,id=/i",
	      NULL);
	BECOMES(&f,
		"{\"i\":\"x\",\"c\":[{\"m\":{\"role\":\"assistant\",\"content\":\"a\"},\"r\":1}],"
		"\"x\":{\"q\":\"q\",\"gold\":\"g\"},\"y\":{\"meta\":{\"k\":1},\"z\":2}}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" AL(
			"\"a\"", "{\"reference\":\"g\"}") "],"
							  "\"metadata\":{\"k\":1,\"c\":[{\"r\":1}],"
							  "\"y\":{\"z\":2}}}");
	end(&f);
	begin(&f, NULL, "response=/a/0,metadata=/b/0,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a\":[\"t\",\"u\"],\"b\":[{\"k\":1}]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[" A(
			"\"t\"") "],\"metadata\":{\"k\":1,"
				 "\"a\":[\"t\",\"u\"],\"b\":[{\"k\":1}]}}");
	end(&f);
	begin(&f, NULL, "response=/a/t,prompt=/a/t,reference=/a,id=/i", NULL);
	CU_ASSERT_EQUAL(read_row(&f, "{\"i\":\"x\",\"a\":{\"t\":\"u\"}}"), 0);
	STR_IS(f.row->outs[0].cand.text, "u");
	STR_IS(f.row->prompt[0].text, "u");
	end(&f);
}

static void test_map_keys_may_repeat(void)
{
	struct fix f;

	begin(&f, NULL,
	      "response=/a, response=/b,reference=/r,reference=/s,steps=/t,steps=/u,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a\":\"1\",\"b\":\"2\",\"r\":\"R\",\"s\":5,\"t\":[\"x\",\"y\"]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"1\",\"label\":{\"reference\":[\"R\",5]}},\"steps\":[\"x\",\"y\"]}"
		"," AL("\"2\"", "{\"reference\":[\"R\",5]}") "]}");
	CU_ASSERT_EQUAL(f.row->outs[0].cand.n_steps, 2);
	CU_ASSERT_EQUAL(f.row->outs[1].cand.n_refs, 2);
	end(&f);
	begin(&f, NULL, "response=/a,steps=/t,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a\":[\"1\",\"2\"],\"t\":[[\"x\"],[\"y\",\"z\"]]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"1\"},\"steps\":[\"x\"]},{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"2\"},\"steps\":[\"y\",\"z\"]}]}");
	REFUSES(&f, "{\"a\":[\"1\",\"2\"],\"t\":[\"x\"]}", "expected a list of 2 lists");
	end(&f);
}

static void test_map_of_messages_and_of_odd_names(void)
{
	struct fix f;

	begin(&f, NULL, "messages=/m,id=/i", NULL);
	BECOMES(&f,
		"{\"i\":\"x\",\"m\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\","
		"\"content\":\"a\"}]}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" A("\"a\"") "]}");
	REFUSES(&f, "{\"i\":1}", "nothing at /m, where the map looks for the messages");
	end(&f);
	begin(&f, NULL, "response=/a\\,b~1c~0,source=/d\\\\e,task_category=/t,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a,b/c~\":\"1\",\"d\\\\e\":2,\"t\":true}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[" A(
			"\"1\"") "],\"task_category\":"
				 "\"true\",\"source\":\"2\"}");
	end(&f);
}

static void test_wrong_schema_is_told(void)
{
	static const struct {
		const char *format, *map, *group_by, *why;
	} cases[] = { { "cannonical", NULL, NULL, "did you mean \"canonical\"?" },
		      { "mapped", NULL, NULL, "format \"mapped\" is not known" },
		      { "verl", "response=/a", NULL, "exclude each other" },
		      { NULL, "respons=/a", NULL, "did you mean \"response\"?" },
		      { NULL, "zzz=/a", NULL, "the keys are response, reference, prompt" },
		      { NULL, "response", NULL, "has no \"=\"; write KEY=/path" },
		      { NULL, "response=", NULL, "response= names no path" },
		      { NULL, "response=a", NULL, "begins with \"/\", as in \"/a\"" },
		      { NULL, "response=/a~2", NULL, "after \"~\" comes 0 or 1" },
		      { NULL, "reference=/a", NULL, "there is nothing to score" },
		      { NULL, "", NULL, "there is nothing to score" },
		      { NULL, "response=/a,id=/b,id=/c", NULL, "id is given twice" },
		      { NULL, "response=/a,messages=/b,prompt=/c", NULL,
			"prompt and messages exclude" },
		      { NULL, "response=/a,steps=/b,steps=/c", NULL, "2 steps for 1 response" },
		      { NULL, NULL, "uid", "group-by: \"uid\" is no JSON pointer" },
		      { NULL, NULL, "", "group-by: it names no path" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct meed_schema *s = NULL;
		struct meed_err err = { 0 };

		CU_ASSERT_EQUAL(
			meed_schema_new(cases[i].format, cases[i].map, cases[i].group_by, &err, &s),
			MEED_E_PARAM);
		CU_ASSERT_PTR_NULL(s);
		if (!strstr(err.text, cases[i].why))
			(void)fprintf(stderr, "\n got %s\nwant %s\n", err.text, cases[i].why);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].why));
	}
}

/* ---- groups -------------------------------------------------------------------------------- */

static void test_group_becomes_one_sample(void)
{
	static const char *const rows[] = {
		"{\"uid\":\"g\",\"id\":\"1\",\"prompt\":\"q\",\"response\":\"a\",\"n\":1,"
		"\"reference\":\"r\"}",
		"{\"uid\":\"g\",\"id\":\"2\",\"prompt\":\"q\",\"response\":\"b\",\"n\":2,"
		"\"reference\":\"r\"}",
		"{\"uid\":\"g\",\"id\":\"1\",\"prompt\":\"z\",\"response\":\"c\",\"n\":1}"
	};
	struct fix f;

	begin(&f, NULL, NULL, "/uid");
	CU_ASSERT(meed_schema_groups(f.schema));
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, 3), 0);
	CU_ASSERT_EQUAL(f.row->n_roots, 3);
	CU_ASSERT_EQUAL(f.row->outs[2].root, 2);
	same_text(written(&f, NULL, MEED_LEVEL_REASON, false),
		  "{\"unique_id\":\"1\"," Q ",\"output\":[" AL(
			  "\"a\"",
			  "{\"reference\":\"r\"}") ","
						   "{\"answer\":{\"role\":\"assistant\","
						   "\"content\":\"b\",\"label\":{\"reference\":"
						   "\"r\"}},\"metadata\":{\"n\":2,\"unique_id\":"
						   "\"2\"}},{\"answer\":{\"role\":"
						   "\"assistant\",\"content\":\"c\"},\"metadata\":{"
						   "\"input\":[{\"role\":\"user\","
						   "\"content\":\"z\"}]}}],\"metadata\":{\"uid\":"
						   "\"g\",\"n\":1}}",
		  __LINE__);
	end(&f);
}

static void test_group_of_canonical_rows(void)
{
	static const char *const rows[] = {
		"{\"unique_id\":\"1\",\"x\":1,\"output\":[{\"answer\":{\"content\":\"a\"}}],"
		"\"metadata\":"
		"{\"g\":1,\"k\":1}}",
		"{\"unique_id\":\"1\",\"x\":2,\"output\":[{\"answer\":{\"content\":\"b\"},"
		"\"metadata\":"
		"{\"k\":5}},{\"answer\":{\"content\":\"c\"}}],\"metadata\":{\"g\":1,\"k\":2}}"
	};
	struct fix f;

	begin(&f, NULL, NULL, "/metadata/g");
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, 2), 0);
	same_text(written(&f, NULL, MEED_LEVEL_REASON, false),
		  "{\"unique_id\":\"1\",\"x\":1,\"output\":[{\"answer\":{\"content\":\"a\"}},"
		  "{\"answer\":{\"content\":\"b\"},\"metadata\":{\"k\":5,\"row.k\":2,\"x\":2}},"
		  "{\"answer\":{\"content\":\"c\"},\"metadata\":{\"k\":2,\"x\":2}}],\"metadata\":"
		  "{\"g\":1,\"k\":1}}",
		  __LINE__);
	end(&f);
}

static void test_group_key_is_json(void)
{
	struct meed_line line = { .p = "{\"a\":{\"b\":[1.0,\"x\"]}}", .n = 21 };
	struct fix f;
	meed_str key;

	begin(&f, NULL, NULL, "/a/b");
	line.n = strlen(line.p);
	CU_ASSERT_EQUAL_FATAL(meed_parser_group_key(f.parser, &line, &f.arena, &f.err, &key), 0);
	STR_IS(key, "[1.0,\"x\"]");
	line.p = "{\"a\":null}";
	line.n = strlen(line.p);
	CU_ASSERT_EQUAL(meed_parser_group_key(f.parser, &line, &f.arena, &f.err, &key),
			MEED_E_SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.err.text, "nothing at /a/b"));
	line.n = 3;
	CU_ASSERT_EQUAL(meed_parser_group_key(f.parser, &line, &f.arena, &f.err, &key),
			MEED_E_SAMPLE);
	end(&f);
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

			begin(&f, NULL, NULL, "/x");
			meed_arena_init(&f.arena, limit);
			r = read_row(&f, texts[i]);
			CU_ASSERT(r == 0 || r == MEED_E_NOMEM);
			ok = r == 0;
			end(&f);
		}
		CU_ASSERT(ok);
	}
}

static void test_parser_can_go_on_after_an_error(void)
{
	struct fix f;

	begin(&f, NULL, "response=/a/b,metadata=/m", NULL);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(read_row(&f, "{\"a\":{\"b\":\"x\"},\"m\":{}}"), 0);
		CU_ASSERT_EQUAL(f.row->n_outs, 1);
		CU_ASSERT_EQUAL(read_row(&f, "{\"a\":{\"b\":[\"x\",\"y\"]},\"prompt"),
				MEED_E_SAMPLE);
		CU_ASSERT_EQUAL(read_row(&f, "{\"m\":{}}"), MEED_E_SAMPLE);
	}
	end(&f);
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
	begin(&f, NULL, mapped ? "response=/solution,reference=/answer,prompt=/question" : NULL,
	      grouped ? "/uid" : NULL);
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, second ? 2 : 1), 0);
	same_text(written(&f, NULL, MEED_LEVEL_REASON, false), out, __LINE__);
	end(&f);
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
	CU_ASSERT_EQUAL(n_checked, 8);
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
	static CU_TestInfo shapes[] = {
		{ "preference rows", test_preference_rows },
		{ "rows of responses", test_rows_of_responses },
		{ "other fields become metadata", test_other_fields_become_metadata },
		{ "rows of messages", test_rows_of_messages },
		{ "verl rows", test_verl_rows },
		{ "an id is made from the row", test_id_is_made_from_the_row },
		{ "the hash is of what models see", test_hash_is_of_what_models_see },
		{ "a map reads any row", test_map_reads_any_row },
		{ "a map takes nested values out of their objects",
		  test_map_takes_nested_values_out_of_their_objects },
		{ "map keys may repeat", test_map_keys_may_repeat },
		{ "a map of messages, and of odd names", test_map_of_messages_and_of_odd_names },
		{ "a wrong schema is told", test_wrong_schema_is_told },
		CU_TEST_INFO_NULL
	};
	static CU_TestInfo groups[] = {
		{ "a group becomes one sample", test_group_becomes_one_sample },
		{ "a group of canonical rows", test_group_of_canonical_rows },
		{ "a group's key is JSON", test_group_key_is_json },
		{ "a full arena is an error and no leak", test_full_arena_is_an_error_and_no_leak },
		{ "a parser can go on after an error", test_parser_can_go_on_after_an_error },
		{ "examples of the documentation are true",
		  test_examples_of_the_documentation_are_true },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "canonical", NULL, NULL, NULL, NULL, canonical },
				  { "shapes", NULL, NULL, NULL, NULL, shapes },
				  { "groups and limits", NULL, NULL, NULL, NULL, groups },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
