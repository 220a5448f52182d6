/* test_judge.c - judges: what they ask, and how their verdicts are read. */
#include "config.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/judgefix.h"
#include "tests/unit/suites.h"

#define ONE "{\"prompt\":\"2+2?\",\"response\":\"It is 4.\",\"reference\":\"four\"}"
#define TWO "{\"prompt\":\"2+2?\",\"responses\":[\"It is 4.\",\"It is 5.\"]}"
#define THREE "{\"prompt\":\"2+2?\",\"responses\":[\"first\",\"second\",\"third\"]}"
#define STEPS                                                                                      \
	"{\"input\":[{\"role\":\"user\",\"content\":\"q\"}],\"output\":[{\"answer\":{\"role\":"    \
	"\"assistant\","                                                                           \
	"\"content\":\"a\"},\"steps\":[{\"role\":\"assistant\",\"content\":\"one\"},"              \
	"{\"role\":\"assistant\",\"content\":\"two\"},{\"role\":\"assistant\",\"content\":"        \
	"\"three\"}]}]}"
#define RUBRICS                                                                                    \
	"rubrics = ( { name = \"right\"; text = \"Is right.\"; weight = 3.0; }, \"Is short.\" ); "
#define NEAR(a, b) CU_ASSERT_DOUBLE_EQUAL(a, b, 1e-9)

struct reading {
	const char *params, *says;
	double want[3]; /* of the outputs; negative: a code */
};

static void check_readings(const char *model, const char *row, size_t n_outs,
			   const struct reading *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *says[2] = { v[i].says, NULL };
		struct up u;
		double got;

		CU_ASSERT_FATAL(up_open(&u, model, v[i].params));
		up_says(&u, says);
		got = up_score(&u, row);
		for (size_t k = 0; k < n_outs; k++) {
			const struct meed_reward *r = &u.f.res.outs[k];
			double x = r->valid ? r->score : r->code;

			if (x > v[i].want[k] + 1e-9 || x < v[i].want[k] - 1e-9)
				(void)fprintf(stderr, "%s, %s: output %zu has %g, not %g: %s\n",
					      v[i].params, v[i].says, k, x, v[i].want[k],
					      u.f.json.p);
			NEAR(x, v[i].want[k]);
		}
		if (got == MEED_E_PARSE)
			CU_ASSERT(u.n_asked >= 3);
		up_close(&u);
	}
}
#define CHECK(model, row, n_outs, v)                                                               \
	check_readings(model, row, n_outs, v, sizeof(v) / sizeof((v)[0]))
#define PARSE                                                                                      \
	{                                                                                          \
		MEED_E_PARSE, MEED_E_PARSE, MEED_E_PARSE                                           \
	}

static void test_one_answer_is_read_in_every_form(void)
{
	static const struct reading v[] = {
		{ "", "{\"id\":\"@ID@\",\"critique\":\"so\",\"score\":10}", { 1 } },
		{ "", "{\"id\":\"@ID@\",\"critique\":\"so\",\"score\":5.5}", { 0.5 } },
		{ "", "{\"id\":\"@ID@\",\"critique\":\"so\",\"score\":\"1\"}", { 0 } },
		{ "", "{\"id\":\"@ID@\",\"critique\":\"so\",\"score\":\"10/10\"}", { 1 } },
		{ "",
		  "```json\n{\"id\":\"@ID@\",\n\"critique\":\"so\",\"score\":10,}\n```",
		  { 1 } },
		{ "",
		  "Sure! {\"id\":\"@ID@\",\"critique\":\"a\nb\",\"score\":10} Hope it helps "
		  "{really}",
		  { 1 } },
		{ "",
		  "<think>score 1 "
		  "{\"id\":\"@ID@\",\"score\":1}</think>{\"id\":\"@ID@\",\"score\":10}",
		  { 1 } },
		{ "",
		  "thought without a beginning</think>\n{\"id\":\"@ID@\",\"score\":10}",
		  { 1 } },
		{ "",
		  "{\"id\":\"@ID@\",\"critique\":\"it says </think> twice\",\"score\":10}",
		  { 1 } },
		{ "", "{\"id\":\"@ID@\",\"score\":10,\"critique\":\"cut off in the mid", { 1 } },
		{ "",
		  "First {\"id\":\"@ID@\",\"score\":1}, no: {\"id\":\"@ID@\",\"score\":10}",
		  { 1 } },
		{ "scale = { min = 0.0; max = 5.0; };", "{\"id\":\"@ID@\",\"score\":2}", { 0.4 } },
		/* not to be read */
		{ "", "", PARSE },
		{ "", "10", PARSE },
		{ "", "{\"score\":10}", PARSE },
		{ "", "{\"id\":\"other\",\"score\":10}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":11}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":0}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":\"7/5\"}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":\"high\"}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":null}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":NaN}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"score\":1e999}", PARSE },
		{ "", "{\"id\":\"@ID@\",\"critique\":\"so\"}", PARSE },
		/* 1 of 10? */
		{ "", "{\"id\":\"@ID@\",\"critique\":\"so\",\"score\":1", PARSE },
		/* a quotation that was not escaped */
		{ "",
		  "{\"id\":\"@ID@\",\"score\":1,\"critique\":\"it says \",\"score\":10,\"x\":\"\"}",
		  PARSE },
		{ "", "<think>never ends {\"id\":\"@ID@\",\"score\":10}", PARSE },
		/* other formats */
		{ "format = \"tags\";", "<critique>x</critique><score>10</score>", { 1 } },
		{ "format = \"tags\";", "<score>3</score> no, <score>10</score>", { 1 } },
		{ "format = \"tags\";", "no tags, 10", PARSE },
		{ "format = \"verdict\";", "It is fine.\nRating: [[10]]", { 1 } },
		{ "format = \"verdict\";", "[[3]] or [[10]]?\nwho knows", PARSE },
		{ "format = \"verdict\"; scale = { min = 0.0; max = 5.0; };", "Score: 4/10",
		  PARSE },
		{ "format = \"text\";", " **10** ", { 1 } },
		{ "format = \"text\";", "10/10", { 1 } },
		{ "format = \"text\";", "ten", PARSE },
		{ "contract = \"yes_no\";",
		  "{\"id\":\"@ID@\",\"critique\":\"\",\"verdict\":\"Yes.\"}",
		  { 1 } },
		{ "contract = \"yes_no\"; format = \"text\";", "no", { 0 } },
		{ "contract = \"yes_no\"; format = \"text\";", "yes and no", PARSE },
	};

	CHECK("judge.pointwise", ONE, 1, v);
}

/* Each brace reads on to the end: were every one of them tried, this would not end today. */
static void test_braces_that_lead_nowhere_end_soon(void)
{
	static const char part[] = "{\\\"";
	enum {
		PARTS = 500000
	};
	char *text = malloc(PARTS * 3 + 1);
	const char *says[2] = { text, NULL };
	struct up u;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < PARTS; i++)
		memcpy(text + i * 3, part, 3);
	text[PARTS * 3] = '\0';
	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "reasks = 0;"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), MEED_E_PARSE);
	up_close(&u);
	free(text);
}

static void test_rubrics_are_weighed(void)
{
	static const struct reading v[] = {
		{ RUBRICS "contract = \"rubrics\";",
		  "{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":1,\"critique\":\"a\",\"score\":10},"
		  "{\"rubric\":2,\"critique\":\"b\",\"score\":1}]}",
		  { 0.75 } },
		{ RUBRICS "contract = \"rubrics\";",
		  "{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":2,\"score\":1},{\"rubric\":1,"
		  "\"score\":10}]}",
		  { 0.75 } },
		{ RUBRICS "contract = \"rubrics\"; format = \"tags\";",
		  "<scores>[10, 1]</scores>",
		  { 0.75 } },
		{ "rubrics = ( { text = \"x\"; veto = true; }, \"y\" ); contract = \"rubrics\";",
		  "{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":1,\"score\":1},{\"rubric\":2,"
		  "\"score\":10}]}",
		  { 0 } },
		{ RUBRICS "contract = \"rubrics\";",
		  "{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":1,\"score\":10}]}", PARSE },
		{ RUBRICS "contract = \"rubrics\";",
		  "{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":1,\"score\":10},{\"rubric\":1,"
		  "\"score\":10}]}",
		  PARSE },
		{ RUBRICS "contract = \"rubrics\";",
		  "{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":1,\"score\":10},{\"rubric\":3,"
		  "\"score\":10}]}",
		  PARSE },
		{ RUBRICS "contract = \"violations\";",
		  "{\"id\":\"@ID@\",\"violations\":[]}",
		  { 1 } },
		{ RUBRICS "contract = \"violations\";",
		  "{\"id\":\"@ID@\",\"violations\":[2]}",
		  { 0.5 } },
		{ RUBRICS "contract = \"violations\";",
		  "{\"id\":\"@ID@\",\"violations\":[1,2,2]}",
		  { 0 } },
		{ RUBRICS "contract = \"violations\";", "{\"id\":\"@ID@\",\"violations\":[3]}",
		  PARSE },
		{ RUBRICS "contract = \"violations\";", "{\"id\":\"@ID@\",\"violations\":\"none\"}",
		  PARSE },
		{ RUBRICS "contract = \"violations\";", "{\"id\":\"@ID@\",\"violations\":[",
		  PARSE },
		{ RUBRICS "contract = \"violations\";", "{\"id\":\"@ID@\",\"violations\":[1",
		  PARSE },
		{ RUBRICS "contract = \"violations\"; format = \"tags\";",
		  "<violation>[1]</violation>",
		  { 0.5 } },
		{ RUBRICS "contract = \"violations\"; format = \"tags\";",
		  "<violation>__import__('os')</violation>", PARSE },
	};

	CHECK("judge.pointwise", ONE, 1, v);
}

static void test_a_list_is_read_in_every_form(void)
{
	static const struct reading v[] = {
		{ "",
		  "{\"id\":\"@ID@\",\"answers\":[{\"answer\":1,\"score\":1},{\"answer\":2,"
		  "\"score\":10},"
		  "{\"answer\":3,\"score\":5.5}]}",
		  { 0, 1, 0.5 } },
		{ "",
		  "{\"id\":\"@ID@\",\"answers\":[{\"answer\":3,\"score\":1},{\"answer\":2,"
		  "\"score\":10},"
		  "{\"answer\":1,\"score\":5.5}]}",
		  { 0.5, 1, 0 } },
		{ "",
		  "{\"id\":\"@ID@\",\"answers\":[{\"answer\":1,\"score\":1},{\"answer\":2,"
		  "\"score\":10}]}",
		  PARSE },
		{ "",
		  "{\"id\":\"@ID@\",\"answers\":[{\"answer\":1,\"score\":1},{\"answer\":2,"
		  "\"score\":10},"
		  "{\"answer\":4,\"score\":1}]}",
		  PARSE },
		{ "",
		  "{\"id\":\"@ID@\",\"answers\":[{\"answer\":1,\"score\":1},{\"answer\":2,"
		  "\"score\":10},"
		  "{\"answer\":3,\"score\":1",
		  PARSE },
		{ "format = \"tags\";", "<scores>[1, 10, 5.5]</scores>", { 0, 1, 0.5 } },
		{ "contract = \"rank\";",
		  "{\"id\":\"@ID@\",\"ranking\":[[2],[1],[3]]}",
		  { 0.5, 1, 0 } },
		{ "contract = \"rank\";",
		  "{\"id\":\"@ID@\",\"ranking\":[[2,3],[1]]}",
		  { 0, 0.75, 0.75 } },
		{ "contract = \"rank\";", "{\"id\":\"@ID@\",\"ranking\":[2,3,1]}", { 0, 1, 0.5 } },
		{ "contract = \"rank\";", "{\"id\":\"@ID@\",\"ranking\":[2,3]}", PARSE },
		{ "contract = \"rank\";", "{\"id\":\"@ID@\",\"ranking\":[2,3,3]}", PARSE },
		{ "contract = \"rank\"; format = \"tags\";",
		  "<ranking>3 > 1 = 2</ranking>",
		  { 0.25, 0.25, 1 } },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[2]}", { 0, 1, 0 } },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":2}", { 0, 1, 0 } },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[1,3]}", { 0.5, 0, 0.5 } },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[0]}", PARSE },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[-1]}", PARSE },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[4]}", PARSE },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[1,1]}", PARSE },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[]}", PARSE },
		{ "contract = \"best\";", "{\"id\":\"@ID@\",\"best\":[1", PARSE },
		{ "contract = \"best\"; format = \"tags\";", "<best>2</best>", { 0, 1, 0 } },
	};

	CHECK("judge.listwise", THREE, 3, v);
}

static void test_a_pair_is_read_in_every_form(void)
{
	/* the judge sees both orders and says the same: that evens out, unless it is a tie */
	static const struct reading v[] = {
		{ "", "{\"id\":\"@ID@\",\"preference\":\"tie\"}", { 0.5, 0.5 } },
		{ "", "{\"id\":\"@ID@\",\"preference\":\"A\"}", { 0.5, 0.5 } },
		{ "", "{\"id\":\"@ID@\",\"preference\":\"both\"}", PARSE },
		{ "contract = \"scores\";", "{\"id\":\"@ID@\",\"A\":7,\"B\":7}", { 0.5, 0.5 } },
		{ "contract = \"scores\";", "{\"id\":\"@ID@\",\"A\":7}", PARSE },
		{ "format = \"verdict\";", "so [[C]]", { 0.5, 0.5 } },
		{ "format = \"verdict\";", "[[A]] or [[B]]", PARSE },
		{ "format = \"text\";", "tie", { 0.5, 0.5 } },
	};

	CHECK("judge.pairwise", TWO, 2, v);
}

static void test_steps_are_read_in_every_form(void)
{
	static const struct reading v[] = {
		{ "",
		  "{\"id\":\"@ID@\",\"steps\":[{\"step\":1,\"verdict\":\"correct\"},{\"step\":2,"
		  "\"verdict\":"
		  "\"neutral\"},{\"step\":3,\"verdict\":\"incorrect\"}]}",
		  { 0.5 } },
		{ "", "{\"id\":\"@ID@\",\"steps\":[{\"step\":1,\"verdict\":\"correct\"}]}", PARSE },
		{ "",
		  "{\"id\":\"@ID@\",\"steps\":[{\"step\":1,\"verdict\":\"correct\"},{\"step\":2,"
		  "\"verdict\":"
		  "\"fine\"},{\"step\":3,\"verdict\":\"incorrect\"}]}",
		  PARSE },
		{ "format = \"tags\";",
		  "<verdicts>[correct, correct, incorrect]</verdicts>",
		  { 2.0 / 3 } },
		{ "contract = \"first_error\";", "{\"id\":\"@ID@\",\"first_error\":0}", { 1 } },
		{ "contract = \"first_error\";",
		  "{\"id\":\"@ID@\",\"first_error\":2}",
		  { 1.0 / 3 } },
		{ "contract = \"first_error\";", "{\"id\":\"@ID@\",\"first_error\":4}", PARSE },
		{ "contract = \"first_error\";", "{\"id\":\"@ID@\",\"first_error\":1.5}", PARSE },
	};

	CHECK("judge.stepwise", STEPS, 1, v);
}

static void test_a_bad_answer_is_asked_again_with_the_complaint(void)
{
	static const char *const says[] = { "I like it.", "{\"id\":\"@ID@\",\"score\":12}",
					    "{\"id\":\"@ID@\",\"score\":10}", NULL };
	static const char *const never[] = { "I like it.", NULL };
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "reasks = 2;"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 1.0);
	CU_ASSERT_EQUAL(u.n_asked, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(u.last[1], "no JSON object"));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.last[2], "outside the scale"));
	up_says(&u, never);
	NEAR(up_score(&u, ONE), MEED_E_PARSE);
	CU_ASSERT_EQUAL(u.n_asked, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(u.f.json.p, "I like it."));
	up_close(&u);
}

/* The score belongs to the text, wherever it was shown. */
static void test_orders_map_back_to_the_candidates(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"answers\":[{\"answer\":1,\"score\":"
					    "10},{\"answer\":2,\"score\":1},"
					    "{\"answer\":3,\"score\":1}]}",
					    NULL };
	struct up u;

	CU_ASSERT_FATAL(
		up_open(&u, "judge.listwise", "positions = \"rotated\"; permutations = 3;"));
	up_says(&u, says);
	NEAR(up_score(&u, THREE), 1.0 / 3);
	CU_ASSERT_EQUAL(u.n_asked, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[0], "\">\nfirst\n</answer_1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[1], "\">\nsecond\n</answer_1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[2], "\">\nthird\n</answer_1"));
	up_close(&u);

	CU_ASSERT_FATAL(up_open(&u, "judge.listwise", "positions = \"shuffled\";"));
	up_says(&u, says);
	(void)up_score(&u, THREE);
	for (size_t i = 0; i < 3; i++) {
		static const char *const texts[] = { "\">\nfirst\n</answer_1",
						     "\">\nsecond\n</answer_1",
						     "\">\nthird\n</answer_1" };

		NEAR(u.f.res.outs[i].score, strstr(u.user[0], texts[i]) ? 1.0 : 0.0);
	}
	up_close(&u);
}

static void test_votes_have_seeds_of_their_own(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"score\":10}",
					    "{\"id\":\"@ID@\",\"score\":1}",
					    "{\"id\":\"@ID@\",\"score\":1}", NULL };
	uint64_t seeds[3];
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "votes = 3;"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 1.0 / 3);
	CU_ASSERT_EQUAL(u.n_asked, 3);
	CU_ASSERT(u.seed[0] != u.seed[1] && u.seed[1] != u.seed[2] && u.seed[0] != u.seed[2]);
	CU_ASSERT(u.seed[0] && u.seed[1] && u.seed[2]);
	memcpy(seeds, u.seed, sizeof(seeds));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.f.json.p, "\"votes\":[1,0,0]"));
	up_says(&u, says);
	(void)up_score(&u, ONE);
	CU_ASSERT_EQUAL(memcmp(seeds, u.seed, sizeof(seeds)), 0);
	up_close(&u);
}

static void test_a_panel_asks_each_endpoint(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"score\":10}",
					    "{\"id\":\"@ID@\",\"score\":1}", NULL };
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "panel = ( \"e\", \"f\" );"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 0.5);
	CU_ASSERT_STRING_EQUAL(u.endpoint[0], "e");
	CU_ASSERT_STRING_EQUAL(u.endpoint[1], "f");
	up_close(&u);
}

static void test_in_a_debate_each_sees_the_other_without_the_id(void)
{
	static const char *const says[] = {
		"{\"id\":\"@ID@\",\"critique\":\"I am the first\",\"score\":10}",
		"{\"id\":\"@ID@\",\"critique\":\"I am the second\",\"score\":1}",
		"{\"id\":\"@ID@\",\"critique\":\"now\",\"score\":1}",
		"nothing",
		"{\"id\":\"@ID@\",\"critique\":\"now\",\"score\":1}",
		NULL
	};
	char own[64];
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "panel = ( \"e\", \"f\" ); debate = true;"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 0.0);
	CU_ASSERT_EQUAL(u.n_asked, 5);
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[2], "I am the second"));
	CU_ASSERT_PTR_NULL(strstr(u.user[2], "I am the first"));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[3], "I am the first"));
	/* asked again, it sees what it saw before */
	CU_ASSERT_STRING_EQUAL(u.user[3], u.user[4]);
	(void)snprintf(own, sizeof(own), "\"id\":\"%s\",\"critique\":\"I am", u.nonce[0]);
	CU_ASSERT_PTR_NULL(strstr(u.user[2], own));
	up_close(&u);
}

static void test_criteria_are_written_before_the_answers_are_seen(void)
{
	static const char *const says[] = {
		"no",
		"{\"id\":\"@ID@\",\"criteria\":[{\"criterion\":\"Says four.\",\"weight\":3},"
		"{\"criterion\":\"Is short.\",\"weight\":1}]}",
		"{\"id\":\"@ID@\",\"rubrics\":[{\"rubric\":1,\"score\":10},{\"rubric\":2,\"score\":"
		"1}]}",
		NULL
	};
	static const char *const other[] = { "{\"id\":\"x\",\"criteria\":[{\"criterion\":\"a\"}]}",
					     NULL };
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "contract = \"rubrics\"; criteria = true;"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 0.75);
	CU_ASSERT_EQUAL(u.n_asked, 3);
	CU_ASSERT_PTR_NULL(strstr(u.user[0], "It is 4."));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[2], "1. Says four."));
	up_says(&u, other);
	NEAR(up_score(&u, ONE), MEED_E_PARSE);
	up_close(&u);
}

static void test_log_probabilities_give_the_expected_score(void)
{
	static const char *const ten[] = { "10", NULL };
	static const struct {
		const char *choice;
		double want;
	} v[] = {
		/* 10 with 0.75, 1 with 0.25; a token that is no number does not count */
		{ "{\"logprobs\":{\"content\":[{\"token\":\"10\",\"top_logprobs\":[{\"token\":"
		  "\"10\",\"logprob\":"
		  "-0.5108256237659907},{\"token\":\" "
		  "1\",\"logprob\":-1.6094379124341003},{\"token\":\"The\","
		  "\"logprob\":-2.5}]}]}}",
		  0.75 },
		/* not enough on numbers, and none at all: what was said counts */
		{ "{\"logprobs\":{\"content\":[{\"token\":\"The\",\"top_logprobs\":[{\"token\":"
		  "\"1\",\"logprob\":"
		  "-3.0}]}]}}",
		  1.0 },
		{ "{\"finish_reason\":\"stop\"}", 1.0 },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct up u;

		CU_ASSERT_FATAL(
			up_open(&u, "judge.pointwise", "logprobs = true; format = \"text\";"));
		u.choice = json_tokener_parse(v[i].choice);
		up_says(&u, ten);
		CU_ASSERT_DOUBLE_EQUAL(up_score(&u, ONE), v[i].want, 1e-9);
		json_object_put(u.choice);
		up_close(&u);
	}
}

static void test_references_are_shown_required_or_ignored(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"score\":10}", NULL };
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", ""));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 1.0);
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[0], "\">\nfour\n</reference"));
	up_close(&u);
	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "reference = \"ignore\";"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 1.0);
	CU_ASSERT_PTR_NULL(strstr(u.user[0], "four"));
	up_close(&u);
	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "reference = \"require\";"));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 1.0);
	NEAR(up_score(&u, "{\"prompt\":\"p\",\"response\":\"r\"}"), MEED_E_SAMPLE);
	up_close(&u);
}

/* Images are sent as parts, and nothing else of a part is. */
static void test_images_are_sent_along(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"score\":10}", NULL };
	static const char row[] =
		"{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"draw\"},"
		"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:a\\\"b\"},\"x\":1}]}],"
		"\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":[{\"type\":\"image_"
		"url\","
		"\"image_url\":\"http://i/1\"},{\"type\":\"text\",\"text\":\"there\"}]}}]}";
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", ""));
	up_says(&u, says);
	NEAR(up_score(&u, row), 1.0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(u.sent[0]);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(u.sent[0],
		       ",{\"type\":\"text\",\"text\":\"Image 1, of the conversation:\"},{\"type\":"
		       "\"image_url\",\"image_url\":{\"url\":\"data:a\\\"b\"}},{\"type\":\"text\","
		       "\"text\":\"Image 2, of answer:\"},{\"type\":\"image_url\",\"image_url\":"
		       "{\"url\":\"http://i/1\"}}]}"));
	CU_ASSERT_PTR_NULL(strstr(u.sent[0], "\"x\""));
	up_says(&u, says);
	NEAR(up_score(&u, ONE), 1.0);
	CU_ASSERT_PTR_NULL(u.sent[0]);
	up_close(&u);
	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "images = \"ignore\";"));
	up_says(&u, says);
	NEAR(up_score(&u, row), 1.0);
	CU_ASSERT_PTR_NULL(u.sent[0]);
	up_close(&u);
}

static void test_what_does_not_fit_is_cut_visibly(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"score\":10}", NULL };
	struct up u;

	CU_ASSERT_FATAL(up_open(&u, "judge.pointwise", "max_chars = 4;"));
	up_says(&u, says);
	NEAR(up_score(&u, "{\"prompt\":\"p\",\"response\":\"äbcdefgö\"}"), 1.0);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(u.user[0], "\">\näb\n[... 4 characters left out ...]\ngö\n</answer"));
	up_close(&u);
}

static void test_a_template_of_ones_own_replaces_the_message(void)
{
	static const char *const says[] = { "{\"id\":\"@ID@\",\"score\":10}", NULL };
	struct up u;

	CU_ASSERT_FATAL(up_open(
		&u, "judge.pointwise",
		RUBRICS "template = \"{{! a comment }}{{#rubrics}}{{number}}={{text}};{{/rubrics}}"
			"{{^notes}}no notes {{/notes}}{{#answers}}{{text}}{{/answers}} "
			"{{scale_max}} {{contract}}\";"));
	up_says(&u, says);
	NEAR(up_score(&u, "{\"prompt\":\"p\",\"response\":\"{{contract}}{{#rubrics}}\"}"), 1.0);
	CU_ASSERT_EQUAL(strncmp(u.user[0], "1=Is right.;2=Is short.;no notes <answer id=\"", 45),
			0);
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[0], "\n{{contract}}{{#rubrics}}\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(u.user[0], "> 10 Give the answer one score"));
	up_close(&u);
}

static void test_wrong_parameters_are_refused(void)
{
	static const char *const v[] = {
		"template = \"{{#rubrics}}{{#answers}}{{contract}}\";",
		"template = \"{{answers}} {{contract\";",
		"template = \"{{nonsense}}{{#answers}}{{text}}{{/answers}}{{contract}}\";",
		"template = \"{{/answers}}\";",
		"template = \"{{contract}}\";",
		"template = \"{{#answers}}{{text}}{{/answers}}\";",
		"template = \"{{text}}{{#answers}}{{text}}{{/answers}}{{contract}}\";",
		"template = \"{{#answers}}{{name}}{{/answers}}{{contract}}\";",
		"template = \"{{^answers}}{{text}}{{/answers}}{{#answers}}{{/answers}}{{id}}\";",
		"template = \"{{answers}}{{contract}}\";",
		"system = \"Judge by {{rubrics}}\";",
		"contract = \"rubrics\";",
		"contract = \"scores\";",
		"rubrics = ( \"\" );",
		"rubrics = ( { name = \"x\"; } );",
		"rubrics = ( { text = \"x\"; wieght = 1.0; } );",
		"rubrics = ( { text = \"x\"; weight = -1.0; } );",
		"rubrics = ( { text = \"x\"; weight = \"1\"; } );",
		"rubrics = ( { text = \"x\"; veto = \"yes\"; } );",
		"rubrics = ( { text = \"x\"; veto = 1; } );",
		"rubrics = ( { text = \"x\"; levels = \"y\"; } );",
		"rubrics = ( { text = \"x\"; levels = [ \"y\" ]; } );",
		"rubrics = ( { text = \"x\"; levels = [ 1, 2 ]; } );",
		"rubrics = ( { name = 3; text = \"x\"; } );",
		"rubrics = ( { name = \"n\"; text = \"x\"; }, { name = \"n\"; text = \"y\"; } );",
		"rubrics = ( 3 );",
		"rubrics = ( \"x\" ); criteria = true;",
		"panel = [ \"e\", \"e\" ];",
		"examples = ( { prompt = \"x\"; answer = \"y\"; verdict = 7; } );",
		"examples = ( { prompt = \"x\"; verdict = \"7\"; } );",
		"examples = ( { prompt = \"x\"; answer = \"y\"; answers = [ \"z\" ]; verdict = \"7\"; } );",
		"scale = { min = 5.0; max = 5.0; };",
		"scale = { labels = [ \"one\" ]; };",
		"logprobs = true;",
		"debate = true;",
		"format = \"text\"; contract = \"violations\"; rubrics = ( \"x\" );",
		"votes = 0;",
		"format = \"verdict\"; contract = \"yes_no\";",
	};
	static const char *const others[][2] = {
		{ "judge.listwise", "permutations = 4;" },
		{ "judge.pairwise",
		  "examples = ( { prompt = \"x\"; answers = [ \"y\" ]; verdict = \"A\"; } );" },
	};
	int keep = dup(2), null = open("/dev/null", O_WRONLY);

	(void)dup2(null, 2);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct up u;
		bool ok = up_open(&u, "judge.pointwise", v[i]);

		if (ok)
			(void)dprintf(keep, "taken: %s\n", v[i]);
		CU_ASSERT_FALSE(ok);
		up_close(&u);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct up u;

		CU_ASSERT_FALSE(up_open(&u, others[i][0], others[i][1]));
		up_close(&u);
	}
	(void)dup2(keep, 2);
	(void)close(keep);
	(void)close(null);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "one answer is read in every form", test_one_answer_is_read_in_every_form },
		{ "braces that lead nowhere end soon", test_braces_that_lead_nowhere_end_soon },
		{ "rubrics are weighed", test_rubrics_are_weighed },
		{ "a list is read in every form", test_a_list_is_read_in_every_form },
		{ "a pair is read in every form", test_a_pair_is_read_in_every_form },
		{ "steps are read in every form", test_steps_are_read_in_every_form },
		{ "a bad answer is asked again with the complaint",
		  test_a_bad_answer_is_asked_again_with_the_complaint },
		{ "orders map back to the candidates", test_orders_map_back_to_the_candidates },
		{ "votes have seeds of their own", test_votes_have_seeds_of_their_own },
		{ "a panel asks each endpoint", test_a_panel_asks_each_endpoint },
		{ "in a debate each sees the other, without the id",
		  test_in_a_debate_each_sees_the_other_without_the_id },
		{ "criteria are written before the answers are seen",
		  test_criteria_are_written_before_the_answers_are_seen },
		{ "log-probabilities give the expected score",
		  test_log_probabilities_give_the_expected_score },
		{ "references are shown, required or ignored",
		  test_references_are_shown_required_or_ignored },
		{ "images are sent along", test_images_are_sent_along },
		{ "what does not fit is cut visibly", test_what_does_not_fit_is_cut_visibly },
		{ "a template of one's own replaces the message",
		  test_a_template_of_ones_own_replaces_the_message },
		{ "wrong parameters are refused", test_wrong_parameters_are_refused },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "judge", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
