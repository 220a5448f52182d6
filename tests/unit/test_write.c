/* test_write.c - results into rows: rewards beside earlier rewards, details, rejected lines. */
#include "config.h"
#include "host/sample/sample.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#define MAX_OUTS 8
#define MAX_STEPS 4

static meed_str dup_str(const struct meed_buf *b)
{
	char *p = malloc(b->n + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memcpy(p, b->p, b->n);
	p[b->n] = '\0';
	return (meed_str){ p, b->n };
}

/* What a run does with one line: every good output scores `score`, under the name. */
struct scoring {
	const char *name;
	double score;
	enum meed_level level;
	bool timings, invalid, steps, no_step_1;
	const struct meed_detail *details;
	size_t n_details;
};

static struct meed_reward reward_of(const struct scoring *s, const struct meed_output *o)
{
	static struct meed_detail one;
	struct meed_reward rw = {
		.present = true, .valid = true, .score = s->score, .member = MEED_STR("")
	};

	one = (struct meed_detail){ .name_json = MEED_STR("\"m\""),
				    .score = s->score,
				    .raw = s->score,
				    .reason = MEED_STR("why") };
	rw.details = &one;
	rw.n_details = 1;
	if (s->details) {
		rw.details = (struct meed_detail *)(uintptr_t)s->details;
		rw.n_details = s->n_details;
	}
	if (o->bad || s->invalid) {
		rw.valid = false;
		rw.code = o->bad ? MEED_E_SAMPLE : MEED_E_TIMEOUT;
		rw.error = o->bad ? meed_str_of(o->bad) : MEED_STR("took 5 s");
		rw.member = o->bad ? MEED_STR("") : MEED_STR("judge");
		rw.n_details = 0;
	}
	return rw;
}

/* The line as it is written after scoring, malloc'd, without its newline. */
static char *scored(const char *line, const struct scoring *s)
{
	struct meed_reward outs[MAX_OUTS], step_rws[MAX_OUTS][MAX_STEPS], *steps[MAX_OUTS];
	struct meed_result res = { .name = s->name,
				   .outs = outs,
				   .steps = s->steps ? steps : NULL };
	struct meed_line in = { .p = line, .n = strlen(line), .number = 1 };
	struct meed_schema *schema = NULL;
	struct meed_parser *parser;
	struct meed_arena arena = { 0 };
	struct meed_row *row = NULL;
	struct meed_buf b = { 0 };
	struct meed_err err = { 0 };
	meed_str text;

	CU_ASSERT_EQUAL_FATAL(meed_schema_new(NULL, NULL, NULL, &err, &schema), 0);
	parser = meed_parser_new(schema);
	CU_ASSERT_PTR_NOT_NULL_FATAL(parser);
	CU_ASSERT_EQUAL_FATAL(meed_parser_row(parser, &in, 1, &arena, &err, &row), 0);
	CU_ASSERT_FATAL(row->n_outs <= MAX_OUTS);
	for (size_t i = 0; i < row->n_outs; i++) {
		const struct meed_output *o = &row->outs[i];

		CU_ASSERT_FATAL(o->cand.n_steps <= MAX_STEPS);
		outs[i] = reward_of(s, o);
		steps[i] = o->cand.n_steps ? step_rws[i] : NULL;
		for (size_t k = 0; k < o->cand.n_steps; k++) {
			step_rws[i][k] = reward_of(s, o);
			if (k == 1 && s->no_step_1)
				step_rws[i][k].present = false;
		}
	}
	res.n_outs = row->n_outs;
	meed_row_write(row, &res, s->level, s->timings, &b);
	CU_ASSERT_FATAL(!b.failed && b.n && b.p[b.n - 1] == '\n');
	b.n--;
	text = dup_str(&b);
	meed_row_release(row);
	meed_parser_free(parser);
	meed_schema_free(schema);
	meed_arena_release(&arena);
	meed_buf_release(&b);
	return (char *)(uintptr_t)text.p;
}

static void same_text(const char *got, const char *want, int line)
{
	if (strcmp(got, want) != 0)
		(void)fprintf(stderr, "\nline %d\n got %s\nwant %s\n", line, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

static void gives(const char *line, const struct scoring *s, const char *want, int at)
{
	char *once = scored(line, s), *twice = scored(once, s);

	same_text(once, want, at);
	same_text(twice, want, at);
	free(once);
	free(twice);
}
#define GIVES(line, s, want) gives(line, s, want, __LINE__)

static const struct scoring by_a = { .name = "A", .score = 0.5, .level = MEED_LEVEL_REASON };
static const struct scoring by_b = { .name = "B", .score = 2, .level = MEED_LEVEL_REASON };

#define DETAIL(score) "[{\"name\":\"m\",\"score\":" score ",\"reason\":\"why\",\"raw\":" score "}]"
#define REWARD_A "\"score\":0.5,\"composition\":\"A\",\"details\":" DETAIL("0.5")
#define ANSWER(reward) "{\"output\":[{\"answer\":{\"content\":\"a\"" reward "}}]}"

static void test_reward_goes_into_the_answer(void)
{
	GIVES(ANSWER(""), &by_a, ANSWER(",\"reward\":{" REWARD_A "}"));
	GIVES("{\"output\":[{\"answer\":{\"reward\":null,\"content\":\"a\",\"z\":1}}],\"y\":2}",
	      &by_a,
	      "{\"output\":[{\"answer\":{\"reward\":{" REWARD_A
	      "},\"content\":\"a\",\"z\":1}}],\"y\":2}");
	GIVES("{\"output\":[{\"answer\":{\"content\":\"b\"}},\"a\"]}", &by_a,
	      "{\"output\":[{\"answer\":{\"content\":\"b\",\"reward\":{" REWARD_A
	      "}}},{\"answer\":{"
	      "\"role\":\"assistant\",\"content\":\"a\",\"reward\":{" REWARD_A "}}}]}");
	GIVES("{\"output\":[{\"answer\":\"a\",\"x\":1}]}", &by_a,
	      "{\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":\"a\",\"reward\":"
	      "{" REWARD_A "}},\"x\":1}]}");
	GIVES("{\"output\":[],\"x\":1.0}", &by_a, "{\"output\":[],\"x\":1.0}");
}

static void test_scoring_a_row_of_any_shape_twice_changes_nothing(void)
{
	static const char *const lines[] = {
		"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":[\"b\",null],\"x\":1}",
		"{\"prompt\":\"q\",\"responses\":[\"a\",{\"x\":1},[],[{\"role\":\"user\","
		"\"content\":\"b\"}]]}",
		"{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\"}]}",
		"{\"data_source\":\"d\",\"prompt\":\"q\",\"solution_str\":5,\"reward_model\":"
		"{\"ground_truth\":[1]}}",
		"{\"output\":[{},null,7,{\"answer\":null},{\"answer\":{\"content\":\"x\"},"
		"\"steps\":4},"
		"{\"answer\":[3]}]}"
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *once = scored(lines[i], &by_a), *twice = scored(once, &by_a);

		same_text(twice, once, __LINE__);
		free(once);
		free(twice);
	}
}

static void test_failed_output_has_no_score(void)
{
	struct scoring s = by_a;

	s.invalid = true;
	GIVES(ANSWER(""), &s,
	      ANSWER(",\"reward\":{\"valid\":false,\"error\":{\"code\":\"timeout\",\"message\":"
		     "\"took 5 s\","
		     "\"member\":\"judge\"},\"composition\":\"A\",\"details\":[]}"));
	GIVES("{\"output\":[{\"answer\":{\"content\":null}},{}]}", &by_a,
	      "{\"output\":[{\"answer\":{\"content\":null,\"reward\":{\"valid\":false,\"error\":{"
	      "\"code\":"
	      "\"sample\",\"message\":\"output[0].answer.content is null\"},\"composition\":\"A\","
	      "\"details\":[]}}},{\"answer\":{\"reward\":{\"valid\":false,\"error\":{\"code\":"
	      "\"sample\","
	      "\"message\":\"output[1].answer.content is "
	      "missing\"},\"composition\":\"A\",\"details\":[]"
	      "}}}]}");
}

static void test_the_same_composition_is_replaced(void)
{
	GIVES(ANSWER(",\"reward\":{\"score\":9,\"composition\":\"A\",\"details\":[1],\"others\":{"
		     "\"B\":"
		     "{\"score\":1}}}"),
	      &by_a, ANSWER(",\"reward\":{" REWARD_A ",\"others\":{\"B\":{\"score\":1}}}"));
	GIVES(ANSWER(",\"reward\":{\"valid\":false,\"error\":{},\"composition\":\"A\"}"), &by_a,
	      ANSWER(",\"reward\":{" REWARD_A "}"));
}

static void test_another_composition_is_kept(void)
{
	GIVES(ANSWER(",\"reward\":{\"score\":9.50,\"composition\":\"B\",\"details\":[{\"k\":1}],"
		     "\"others\":{\"A\":{\"score\":1},\"C\":{\"score\":3}}}"),
	      &by_a,
	      ANSWER(",\"reward\":{" REWARD_A ",\"others\":{\"C\":{\"score\":3},\"B\":{\"score\":"
		     "9.50,\"details\":[{\"k\":1}]}}}"));
	GIVES(ANSWER(",\"reward\":{\"valid\":false,\"error\":{\"code\":\"x\"},\"composition\":"
		     "\"B\"}"),
	      &by_a,
	      ANSWER(",\"reward\":{" REWARD_A ",\"others\":{\"B\":{\"valid\":false,\"error\":"
		     "{\"code\":\"x\"}}}}"));
}

static void test_rewards_without_a_name(void)
{
	/* what the reference writes for "not scored" */
	GIVES(ANSWER(",\"reward\":{\"score\":0.0,\"details\":[]}"), &by_a,
	      ANSWER(",\"reward\":{" REWARD_A "}"));
	GIVES(ANSWER(",\"reward\":{}"), &by_a, ANSWER(",\"reward\":{" REWARD_A "}"));
	GIVES(ANSWER(",\"reward\":{\"score\":0.7,\"details\":[]}"), &by_a,
	      ANSWER(",\"reward\":{" REWARD_A
		     ",\"others\":{\"unnamed\":{\"score\":0.7,\"details\":[]}}}"));
	GIVES(ANSWER(",\"reward\":{\"score\":0.0,\"details\":[{\"name\":\"n\"}]}"), &by_a,
	      ANSWER(",\"reward\":{" REWARD_A ",\"others\":{\"unnamed\":{\"score\":0.0,\"details\":"
		     "[{\"name\":\"n\"}]}}}"));
	GIVES(ANSWER(",\"reward\":0.7"), &by_a,
	      ANSWER(",\"reward\":{" REWARD_A ",\"others\":{\"unnamed\":0.7}}"));
	GIVES(ANSWER(",\"reward\":{\"score\":0,\"mine\":1}"), &by_a,
	      ANSWER(",\"reward\":{" REWARD_A
		     ",\"others\":{\"unnamed\":{\"score\":0,\"mine\":1}}}"));
}

static void test_composition_may_be_called_unnamed(void)
{
	struct scoring s = by_a;

	s.name = "unnamed";
	GIVES(ANSWER(",\"reward\":{\"score\":7}"), &s,
	      ANSWER(",\"reward\":{\"score\":0.5,\"composition\":\"unnamed\",\"details\":" DETAIL(
		      "0.5") "}"));
}

/* others' members in any order. */
static bool same_json(const char *a, const char *b)
{
	struct json_object *x = json_tokener_parse(a), *y = json_tokener_parse(b);
	bool same = json_object_equal(x, y);

	json_object_put(x);
	json_object_put(y);
	return same;
}

static void test_order_of_compositions_does_not_matter(void)
{
	static const char line[] = "{\"output\":[{\"answer\":{\"content\":\"a\"},\"steps\":[{"
				   "\"content\":\"s\"},\"t\"]}]}";
	const struct scoring *const a[] = { &by_a, &by_b };
	struct scoring s[2];
	char *aba, *ba, *t;

	for (size_t i = 0; i < 2; i++) {
		s[i] = *a[i];
		s[i].steps = true;
	}
	t = scored(line, &s[0]);
	aba = scored(t, &s[1]);
	free(t);
	t = aba;
	aba = scored(t, &s[0]);
	free(t);
	t = scored(line, &s[1]);
	ba = scored(t, &s[0]);
	free(t);
	CU_ASSERT(same_json(aba, ba));
	CU_ASSERT_PTR_NOT_NULL(strstr(ba, "\"others\":{\"B\":{\"score\":2,"));
	free(aba);
	free(ba);
}

static void test_steps_have_rewards_of_their_own(void)
{
	static const char line[] = "{\"output\":[{\"answer\":{\"content\":\"a\"},\"steps\":[{"
				   "\"content\":\"s\",\"reward\":"
				   "{\"score\":0.0,\"details\":[]},\"z\":1},\"t\"]}]}";
	struct scoring s = by_a;

	GIVES(line, &s,
	      "{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{" REWARD_A "}},\"steps\":"
	      "[{\"content\":\"s\",\"reward\":{\"score\":0.0,\"details\":[]},\"z\":1},\"t\"]}]}");
	s.steps = true;
	GIVES(line, &s,
	      "{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{" REWARD_A
	      "}},\"steps\":[{\"content\":"
	      "\"s\",\"reward\":{" REWARD_A
	      "},\"z\":1},{\"role\":\"assistant\",\"content\":\"t\",\"reward\":{" REWARD_A
	      "}}]}]}");
	s.no_step_1 = true;
	GIVES(line, &s,
	      "{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{" REWARD_A
	      "}},\"steps\":[{\"content\":"
	      "\"s\",\"reward\":{" REWARD_A "},\"z\":1},\"t\"]}]}");
}

static void test_step_that_is_scored_no_more_loses_our_reward_alone(void)
{
	struct scoring s = by_a;

	s.steps = s.no_step_1 = true;
	GIVES("{\"output\":[{\"answer\":{\"content\":\"a\"},\"steps\":[\"s\",{\"content\":\"t\","
	      "\"reward\":"
	      "{\"score\":1,\"composition\":\"A\"}}]}]}",
	      &s,
	      "{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{" REWARD_A
	      "}},\"steps\":[{\"role\":"
	      "\"assistant\",\"content\":\"s\",\"reward\":{" REWARD_A "}},{\"content\":\"t\"}]}]}");
	GIVES("{\"output\":[{\"answer\":{\"content\":\"a\"},\"steps\":[\"s\",{\"reward\":{"
	      "\"score\":1,"
	      "\"composition\":\"A\",\"others\":{\"B\":2}},\"content\":\"t\"}]}]}",
	      &s,
	      "{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{" REWARD_A
	      "}},\"steps\":[{\"role\":"
	      "\"assistant\",\"content\":\"s\",\"reward\":{" REWARD_A
	      "}},{\"reward\":{\"others\":{\"B\":2}},"
	      "\"content\":\"t\"}]}]}");
	GIVES("{\"output\":[{\"answer\":{\"content\":\"a\"},\"steps\":[\"s\",{\"content\":\"t\","
	      "\"reward\":"
	      "{\"score\":1,\"composition\":\"B\"}}]}]}",
	      &s,
	      "{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{" REWARD_A
	      "}},\"steps\":[{\"role\":"
	      "\"assistant\",\"content\":\"s\",\"reward\":{" REWARD_A
	      "}},{\"content\":\"t\",\"reward\":"
	      "{\"score\":1,\"composition\":\"B\"}}]}]}");
}

static void test_details_tell_what_happened(void)
{
	static const struct meed_detail inner = {
		.name_json = MEED_STR("\"in\""), .score = 1, .raw = 2, .reason = MEED_STR("")
	};
	static const struct meed_detail details[] = { { .name_json = MEED_STR("\"ok\""),
							.weighted = true,
							.score = 0.25,
							.raw = 0.5,
							.weight = 2,
							.contribution = 0.125,
							.reason = MEED_STR("be\"cause"),
							.extra = MEED_STR("{\"k\":[1]}"),
							.time_ns = 1500,
							.details = &inner,
							.n_details = 1 },
						      { .name_json = MEED_STR("\"skip\""),
							.state = MEED_D_SKIPPED,
							.weighted = true,
							.weight = 1,
							.code = MEED_ABSTAIN,
							.error = MEED_STR("no opinion") },
						      { .name_json = MEED_STR("\"val\""),
							.state = MEED_D_VALUE,
							.score = -0.0,
							.code = MEED_E_PARSE,
							.error = MEED_STR("bad"),
							.reason = MEED_STR("") },
						      { .name_json = MEED_STR("\"fail\""),
							.state = MEED_D_FAILED,
							.code = MEED_E_RANGE,
							.error = MEED_STR("NaN") },
						      { .name_json = MEED_STR("\"idle\""),
							.state = MEED_D_IDLE,
							.weighted = true,
							.weight = 1 } };
	struct scoring s = by_a;

	s.details = details;
	s.n_details = 5;
#define TAIL                                                                                       \
	"{\"name\":\"skip\",\"state\":\"skipped\",\"error\":{\"code\":\"abstain\",\"message\":"    \
	"\"no "                                                                                    \
	"opinion\"},\"weight\":1%s},{\"name\":\"val\",\"state\":\"value\",\"score\":0,\"reason\":" \
	"\"\","                                                                                    \
	"\"error\":{\"code\":\"parse\",\"message\":\"bad\"}%s},{\"name\":\"fail\",\"state\":"      \
	"\"failed\","                                                                              \
	"\"error\":{\"code\":\"range\",\"message\":\"NaN\"}%s},{\"name\":\"idle\",\"state\":"      \
	"\"idle\"}]}}}]}"
	{
		char want[1500];

		(void)snprintf(
			want, sizeof(want),
			"{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{\"score\":0.5,"
			"\"composition\":\"A\",\"details\":[{\"name\":\"ok\",\"score\":0.25,"
			"\"reason\":"
			"\"be\\\"cause\",\"raw\":0.5,\"weight\":2,\"contribution\":0.125,"
			"\"details\":"
			"[{\"name\":\"in\",\"score\":1,\"reason\":\"\",\"raw\":2}]}," TAIL,
			"", "", "");
		GIVES(ANSWER(""), &s, want);
		s.level = MEED_LEVEL_FULL;
		s.timings = true;
		(void)snprintf(
			want, sizeof(want),
			"{\"output\":[{\"answer\":{\"content\":\"a\",\"reward\":{\"score\":0.5,"
			"\"composition\":\"A\",\"details\":[{\"name\":\"ok\",\"score\":0.25,"
			"\"reason\":"
			"\"be\\\"cause\",\"raw\":0.5,\"weight\":2,\"contribution\":0.125,\"extra\":"
			"{\"k\":[1]},\"time_us\":1.5,\"details\":[{\"name\":\"in\",\"score\":1,"
			"\"reason\":\"\",\"raw\":2,\"time_us\":0}]}," TAIL,
			",\"time_us\":0", ",\"time_us\":0", ",\"time_us\":0");
		GIVES(ANSWER(""), &s, want);
	}
	s.level = MEED_LEVEL_SCORE;
	GIVES(ANSWER(""), &s, ANSWER(",\"reward\":{\"score\":0.5,\"composition\":\"A\"}"));
}

static void test_nothing_but_numbers_is_written_for_numbers(void)
{
	struct scoring s = by_a;

	s.score = NAN;
	GIVES(ANSWER(""), &s,
	      ANSWER(",\"reward\":{\"score\":null,\"composition\":\"A\",\"details\":" DETAIL(
		      "null") "}"));
}

static void rejects(const struct meed_line *line, const char *file, const char *want)
{
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };

	(void)meed_err_set(&err, line->status < 0 ? line->status : MEED_E_SAMPLE,
			   "byte 2: \"bad\"");
	meed_reject_write(&b, file, line, &err);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	same_text(b.p, want, __LINE__);
	meed_buf_release(&b);
}

static void test_rejected_lines_are_kept_as_they_were(void)
{
	struct meed_line line = { .p = "{\"a\x01", .n = 4, .number = 7 };

	rejects(&line, "f.jsonl",
		"{\"error\":{\"code\":\"sample\",\"message\":\"byte 2: \\\"bad\\\"\",\"file\":"
		"\"f.jsonl\",\"line\":7},\"raw\":\"{\\\"a\\u0001\"}\n");
	line.p = "\xff\x00z";
	line.n = 3;
	rejects(&line, "f\xfe",
		"{\"error\":{\"code\":\"sample\",\"message\":\"byte 2: \\\"bad\\\"\",\"file\":"
		"\"f\xef\xbf\xbd\",\"line\":7},\"raw_base64\":\"/wB6\"}\n");
	line = (struct meed_line){ .p = "", .n = 1000000, .number = 8, .status = MEED_E_LIMIT };
	rejects(&line, "f",
		"{\"error\":{\"code\":\"limit\",\"message\":\"byte 2: \\\"bad\\\"\",\"file\":\"f\","
		"\"line\":8}}\n");
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "a reward goes into the answer", test_reward_goes_into_the_answer },
		{ "scoring a row of any shape twice changes nothing",
		  test_scoring_a_row_of_any_shape_twice_changes_nothing },
		{ "a failed output has no score", test_failed_output_has_no_score },
		{ "the same composition is replaced", test_the_same_composition_is_replaced },
		{ "another composition is kept", test_another_composition_is_kept },
		{ "rewards without a name", test_rewards_without_a_name },
		{ "a composition may be called unnamed", test_composition_may_be_called_unnamed },
		{ "the order of compositions does not matter",
		  test_order_of_compositions_does_not_matter },
		{ "steps have rewards of their own", test_steps_have_rewards_of_their_own },
		{ "a step that is scored no more loses our reward alone",
		  test_step_that_is_scored_no_more_loses_our_reward_alone },
		{ "details tell what happened", test_details_tell_what_happened },
		{ "nothing but numbers is written for numbers",
		  test_nothing_but_numbers_is_written_for_numbers },
		{ "rejected lines are kept as they were",
		  test_rejected_lines_are_kept_as_they_were },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "write", NULL, NULL, NULL, NULL, tests }, CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
