/* test_bench_rows.c - rows of benchmarks: what each becomes, and what is no such row. The rows are
 * written for the tests, in the fields of the published ones. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/samplefix.h"
#include "tests/unit/suites.h"

#define Q "\"input\":[{\"role\":\"user\",\"content\":\"q\"}]"
#define OUT(text, label)                                                                           \
	"{\"answer\":{\"role\":\"assistant\",\"content\":\"" text "\",\"label\":{" label "}}}"
#define CHOSEN "\"preference\":\"chosen\""
#define REJECTED "\"preference\":\"rejected\""
#define TIE "\"preference\":\"tie\""

/* Told apart without a format, and read the same with it. */
static void both(const char *format, const char *text, const char *want, int line)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	becomes(&f, text, want, line);
	CU_ASSERT_STRING_EQUAL(meed_shape_name(f.row->shape), format);
	fix_end(&f);
	fix_begin(&f, format, NULL, NULL);
	becomes(&f, text, want, line);
	fix_end(&f);
}
#define BOTH(format, text, want) both(format, text, want, __LINE__)

static void no_row(const char *format, const char *text, const char *why, int line)
{
	struct fix f;

	fix_begin(&f, format, NULL, NULL);
	refuses(&f, text, why, line);
	fix_end(&f);
}
#define NO_ROW(format, text, why) no_row(format, text, why, __LINE__)

static void test_rewardbench(void)
{
	BOTH("rewardbench",
	     "{\"id\":30,\"prompt\":\"q\",\"chosen\":\"a\",\"chosen_model\":\"m\",\"rejected\":"
	     "\"b\","
	     "\"rejected_model\":\"n\",\"subset\":\"math-prm\",\"x\":{\"y\":1.50}}",
	     "{\"unique_id\":\"30\"," Q ",\"output\":[" OUT("a", CHOSEN ",\"model\":\"m\"") "," OUT(
		     "b", REJECTED ",\"model\":\"n\"") "],\"task_category\":\"math-prm\","
						       "\"source\":\"rewardbench\",\"metadata\":{"
						       "\"x\":{\"y\":1.50}}}");
	/* the same, as turns of a conversation */
	BOTH("rewardbench",
	     "{\"id\":30,\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"chosen\":[{\"role\":"
	     "\"assistant\",\"content\":\"a\"}],\"chosen_model\":\"m\",\"rejected\":[{\"role\":"
	     "\"assistant\",\"content\":\"b\"}],\"rejected_model\":\"n\",\"subset\":\"s\"}",
	     "{\"unique_id\":\"30\"," Q ",\"output\":[" OUT("a", CHOSEN ",\"model\":\"m\"") "," OUT(
		     "b", REJECTED ",\"model\":\"n\"") "],\"task_category\":\"s\",\"source\":"
						       "\"rewardbench\"}");
	NO_ROW("rewardbench", "{\"prompt\":\"q\",\"chosen\":\"a\"}",
	       "rewardbench: rejected is missing");
}

static void test_rewardbench2(void)
{
	BOTH("rewardbench2",
	     "{\"id\":\"tied:3\",\"prompt\":\"q\",\"chosen\":[\"a\",\"b\"],\"rejected\":[\"c\"],"
	     "\"num_correct\":2,\"num_incorrect\":1,\"total_completions\":3,\"models\":[\"m\","
	     "\"m\","
	     "\"n\"],\"subset\":\"Ties\"}",
	     "{\"unique_id\":\"tied:3\"," Q
	     ",\"output\":[" OUT("a", CHOSEN) "," OUT("b", CHOSEN) "," OUT(
		     "c", REJECTED) "],\"task_category\":\"Ties\",\"source\":"
				    "\"rewardbench2\",\"metadata\":{\"num_correct\":2,\"num_"
				    "incorrect\":1,"
				    "\"total_completions\":3,\"models\":[\"m\",\"m\",\"n\"]}}");
	NO_ROW("rewardbench2", "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":[\"b\"]}",
	       "rewardbench2: chosen is a string, expected a list");
	NO_ROW("rewardbench2", "{\"prompt\":\"q\",\"chosen\":[\"a\"],\"rejected\":[]}",
	       "rewardbench2: rejected is an empty list");
}

static void test_rmbench(void)
{
	static const char outs[] =
		"\"output\":[" OUT("a", CHOSEN ",\"style\":\"concise\"") "," OUT("b", CHOSEN ",\"st"
											     "yle\""
											     ":\"de"
											     "taile"
											     "d\"") "," OUT(
			"c", CHOSEN
			",\"style\":\"markdown\"") "," OUT("d", REJECTED
							   ",\"style\":\"concise\"") "," OUT("e",
											     REJECTED
											     ",\"st"
											     "yle\""
											     ":\"de"
											     "taile"
											     "d\"") "," OUT("f",
													    REJECTED
													    ",\"style\":\"markdown\"") "]";
	char want[2048];

	(void)snprintf(want, sizeof(want),
		       "{\"unique_id\":\"8\"," Q ",%s,\"task_category\":\"alpacaeval\",\"source\":"
		       "\"rmbench\",\"metadata\":{\"error_key\":\"k\"}}",
		       outs);
	BOTH("rmbench",
	     "{\"id\":8,\"subset\":\"alpacaeval\",\"prompt\":\"q\",\"chosen\":[\"a\",\"b\",\"c\"],"
	     "\"rejected\":[\"d\",\"e\",\"f\"],\"error_key\":\"k\"}",
	     want);
	(void)snprintf(want, sizeof(want),
		       "{\"unique_id\":\"8\"," Q ",%s,\"task_category\":\"chat\",\"source\":"
		       "\"rmbench\",\"metadata\":{\"subset\":\"s\"}}",
		       outs);
	BOTH("rmbench",
	     "{\"id\":8,\"subset\":\"s\",\"domain\":\"chat\",\"prompt\":\"q\",\"chosen\":[\"a\","
	     "\"b\",\"c\"],\"rejected\":[\"d\",\"e\",\"f\"]}",
	     want);
	NO_ROW("rmbench", "{\"prompt\":\"q\",\"chosen\":[\"a\",\"b\"],\"rejected\":[\"c\"]}",
	       "rmbench: chosen is no list of 3: one for each style");
}

static void test_rmb(void)
{
	BOTH("rmb_pairwise",
	     "{\"pair_uid\":\"p\",\"conversation_input\":[{\"content\":\"q\",\"language\":"
	     "\"English\","
	     "\"role\":\"user\"}],\"chosen\":{\"llm_name\":\"m\",\"answer\":\"a\"},\"reject\":{"
	     "\"llm_name\":\"n\",\"answer\":\"b\",\"z\":[1]},\"category_path\":\"Pairwise_set/C\"}",
	     "{\"unique_id\":\"p\",\"input\":[{\"content\":\"q\",\"language\":\"English\",\"role\":"
	     "\"user\"}],\"output\":[" OUT(
		     "a", CHOSEN
		     ",\"model\":\"m\"") ",{\"answer\":{\"role\":"
					 "\"assistant\",\"content\":\"b\",\"label\":{" REJECTED
					 ",\"model\":\"n\"}},\"metadata\":"
					 "{\"z\":[1]}}],\"task_category\":\"Pairwise_set/"
					 "C\",\"source\":\"rmb_pairwise\"}");
	BOTH("rmb_bon",
	     "{\"bon_uid\":18,\"conversation_input\":[{\"content\":\"q\",\"role\":\"user\"}],"
	     "\"bon_best\":{\"llm_name\":\"m\",\"answer\":\"a\"},\"loser_list\":[{\"llm_name\":"
	     "\"n\","
	     "\"answer\":\"b\"},{\"llm_name\":\"o\",\"answer\":\"c\"}],\"category_path\":\"B\","
	     "\"k\":null}",
	     "{\"unique_id\":\"18\",\"input\":[{\"content\":\"q\",\"role\":\"user\"}],\"output\":"
	     "[" OUT("a", CHOSEN ",\"model\":\"m\"") "," OUT(
		     "b", REJECTED
		     ",\"model\":\"n\"") "," OUT("c", REJECTED
						 ",\"model\":\"o\"") "],\"task_category\":\"B\","
								     "\"source\":\"rmb_bon\","
								     "\"metadata\":{\"k\":null}}");
	NO_ROW("rmb_pairwise", "{\"chosen\":{\"answer\":\"a\"},\"reject\":\"b\"}",
	       "rmb_pairwise: reject is no {\"llm_name\": ..., \"answer\": ...}");
	NO_ROW("rmb_bon", "{\"bon_best\":{\"answer\":\"a\"},\"loser_list\":{}}",
	       "rmb_bon: loser_list is an object, expected a list");
	NO_ROW("rmb_bon", "{\"bon_best\":{\"answer\":\"a\"},\"loser_list\":[{\"llm_name\":\"n\"}]}",
	       "rmb_bon: loser_list is no");
}

static void test_judgebench(void)
{
	static const struct {
		const char *label, *a, *b;
	} cases[] = { { "A>B", CHOSEN, REJECTED },
		      { "B>A", REJECTED, CHOSEN },
		      { "A=B", TIE, TIE } };
	char row[512], want[1024];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(
			row, sizeof(row),
			"{\"pair_id\":\"p\",\"original_id\":null,\"source\":\"mmlu-pro-law\","
			"\"question\":\"q\",\"response_model\":\"m\",\"response_A\":\"a\","
			"\"response_B\":\"b\",\"label\":\"%s\"}",
			cases[i].label);
		(void)snprintf(
			want, sizeof(want),
			"{\"unique_id\":\"p\"," Q ",\"output\":[" OUT("a", "%s") "," OUT(
				"b", "%s") "],\"task_category\":\"mmlu-pro-law\",\"source\":"
					   "\"judgebench\",\"metadata\":{\"original_id\":null,"
					   "\"response_model\":\"m\",\"label\":\"%s\"}}",
			cases[i].a, cases[i].b, cases[i].label);
		BOTH("judgebench", row, want);
	}
	NO_ROW("judgebench", "{\"question\":\"q\",\"response_A\":\"a\",\"label\":\"A>B\"}",
	       "judgebench: response_B is missing");
	NO_ROW("judgebench",
	       "{\"question\":\"q\",\"response_A\":\"a\",\"response_B\":\"b\",\"label\":\"A\"}",
	       "judgebench: label is no \"A>B\", \"B>A\" or \"A=B\"");
}

static void test_llmbar_and_pandalm(void)
{
	struct fix f;

	BOTH("llmbar",
	     "{\"id\":1,\"input\":\"q\",\"output_1\":\"a\",\"output_2\":\"b\",\"label\":2,"
	     "\"subset\":"
	     "\"Natural\",\"index\":4}",
	     "{\"unique_id\":\"1\"," Q ",\"output\":[" OUT("a", REJECTED) "," OUT(
		     "b",
		     CHOSEN) "],\"task_category\":\"Natural\",\"source\":\"llmbar\",\"metadata\":"
			     "{\"label\":2,\"index\":4}}");
	NO_ROW("llmbar", "{\"input\":\"q\",\"output_1\":\"a\",\"output_2\":\"b\",\"label\":3}",
	       "llmbar: label is neither 1 nor 2");
	BOTH("pandalm",
	     "{\"idx\":5,\"motivation_app\":\"Mail\",\"instruction\":\"q\",\"input\":\"\","
	     "\"response1\":\"a\",\"response2\":\"b\",\"annotator1\":2,\"annotator2\":0,"
	     "\"annotator3\":2}",
	     "{\"unique_id\":\"5\"," Q ",\"output\":[" OUT("a", REJECTED) "," OUT(
		     "b",
		     CHOSEN) "],\"task_category\":\"Mail\",\"source\":\"pandalm\",\"metadata\":{"
			     "\"annotator1\":2,\"annotator2\":0,\"annotator3\":2}}");
	fix_begin(&f, NULL, NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"instruction\":\"q\",\"input\":\"i\",\"response1\":"
					   "\"a\",\"response2\":\"b\",\"annotator1\":2,"
					   "\"annotator2\":0,\"annotator3\":1}"),
			      0);
	/* no majority, so no label */
	CU_ASSERT_PTR_NULL(f.row->outs[0].cand.label);
	STR_IS(f.row->prompt[0].text, "q\n\ni");
	fix_end(&f);
	NO_ROW("pandalm",
	       "{\"instruction\":\"q\",\"response1\":\"a\",\"response2\":\"b\",\"annotator1\":"
	       "\"1\"}",
	       "pandalm: annotator1 is none of 0, 1 and 2");
}

static void test_prmbench(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	/* a step beyond the last one is in the published rows */
	CU_ASSERT_EQUAL_FATAL(
		read_row(&f, "{\"idx\":\"i\",\"original_question\":\"o\",\"question\":\"o\","
			     "\"modified_question\":\"q\",\"original_process\":[\"x\",\"y\"],"
			     "\"modified_process\":[\"x\",\"z\",\"y\"],\"modified_steps\":[2],"
			     "\"error_steps\":[2,4],\"classification\":\"circular\"}"),
		0);
	CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_PRMBENCH);
	CU_ASSERT_EQUAL_FATAL(f.row->n_outs, 2);
	STR_IS(f.row->prompt[0].text, "q");
	STR_IS(f.row->outs[0].cand.text, "x\ny");
	STR_IS(f.row->outs[1].cand.text, "x\nz\ny");
	CU_ASSERT_EQUAL(f.row->outs[0].cand.n_steps, 2);
	CU_ASSERT_EQUAL(f.row->outs[1].cand.n_steps, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(
		written(&f, NULL, MEED_LEVEL_REASON, false),
		"\"content\":\"x\\nz\\ny\",\"label\":{" REJECTED ",\"process\":\"modified\","
		"\"is_correct\":false}},\"steps\":[{\"role\":\"assistant\",\"content\":\"x\","
		"\"label\":{\"is_correct\":true}},{\"role\":\"assistant\",\"content\":\"z\","
		"\"label\":"
		"{\"is_correct\":false}},{"));
	/* without an error neither is better */
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"question\":\"q\",\"original_process\":[\"x\"],"
					   "\"modified_process\":[\"y\"],\"error_steps\":[]}"),
			      0);
	CU_ASSERT_PTR_NOT_NULL(strstr(written(&f, NULL, MEED_LEVEL_REASON, false),
				      "\"label\":{\"process\":\"modified\",\"is_correct\":true}"));
	fix_end(&f);
	NO_ROW("prmbench", "{\"original_process\":[\"x\"],\"error_steps\":[]}",
	       "prmbench: modified_process is missing, expected a list");
	NO_ROW("prmbench",
	       "{\"original_process\":[\"x\",1],\"modified_process\":[],\"error_steps\":[]}",
	       "prmbench: original_process[1] is a number, expected a text");
	NO_ROW("prmbench", "{\"original_process\":[],\"modified_process\":[],\"error_steps\":[0]}",
	       "prmbench: error_steps holds what is no step's number");
	NO_ROW("prmbench", "{\"original_process\":[],\"modified_process\":[]}",
	       "prmbench: error_steps is no list");
}

static void test_bon_math(void)
{
	BOTH("bon_math",
	     "{\"idx\":2,\"question\":\"q\",\"gt\":\"7\",\"level\":\"Level "
	     "2\",\"code\":[\"a\",\"b\"],"
	     "\"pred\":[\"7\",\"\"],\"report\":[null,null],\"score\":[true,false],\"pred_score\":"
	     "[[4.50],[-1]]}",
	     "{\"unique_id\":\"2\"," Q
	     ",\"output\":[" OUT("a", "\"reference\":\"7\",\"is_correct\":true,\"prediction\":"
				      "\"7\",\"score\":4.50") "," OUT(
		     "b", "\"reference\":\"7\",\"is_correct\":false,\"prediction\":\"\",\"score\":-"
			  "1") "],\"task_category\":\"Level "
			       "2\",\"source\":\"bon_math\",\"metadata\":{\"report\":[null,"
			       "null]}}");
	NO_ROW("bon_math", "{\"question\":\"q\",\"code\":[\"a\"],\"pred\":[\"a\",\"b\"]}",
	       "bon_math: pred is no list of 1: one for each item of code");
	NO_ROW("bon_math", "{\"question\":\"q\",\"gt\":1}", "bon_math: code is missing");
}

static void test_helpsteer(void)
{
	BOTH("helpsteer2",
	     "{\"id\":1,\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":3,\"correctness\":4,"
	     "\"coherence\":4,\"complexity\":2,\"verbosity\":1.5,\"z\":0}",
	     "{\"unique_id\":\"1\"," Q ",\"output\":[" OUT(
		     "a", "\"helpfulness\":3,\"correctness\":4,\"coherence\":4,\"complexity\":2,"
			  "\"verbosity\":1.5,\"score\":3") "],\"source\":\"helpsteer2\","
							   "\"metadata\":{\"z\":"
							   "0}}");
	NO_ROW("helpsteer2", "{\"prompt\":\"q\",\"response\":\"a\"}",
	       "helpsteer2: helpfulness is missing");
	NO_ROW("helpsteer2", "{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":\"3\"}",
	       "helpsteer2: helpfulness is no number");
	BOTH("helpsteer2_preference",
	     "{\"id\":1,\"prompt\":\"q\",\"response_1\":\"a\",\"response_2\":\"b\","
	     "\"preference_strength\":-2,\"preference_statement\":\"s\"}",
	     "{\"unique_id\":\"1\"," Q ",\"output\":[" OUT("a", CHOSEN) "," OUT(
		     "b",
		     REJECTED) "],\"source\":\"helpsteer2\",\"metadata\":{\"preference_strength\":"
			       "-2,\"preference_statement\":\"s\"}}");
	BOTH("helpsteer3",
	     "{\"id\":1,\"domain\":\"code\",\"language\":\"python\",\"context\":[{\"role\":"
	     "\"user\","
	     "\"content\":\"q\"}],\"response1\":\"a\",\"response2\":\"b\",\"overall_preference\":1,"
	     "\"individual_preference\":[{\"score\":1}]}",
	     "{\"unique_id\":\"1\"," Q ",\"output\":[" OUT("a", REJECTED) "," OUT(
		     "b", CHOSEN) "],\"task_category\":\"code\",\"source\":\"helpsteer3\","
				  "\"metadata\":{\"language\":\"python\",\"overall_preference\":1,"
				  "\"individual_preference\":[{\"score\":1}]}}");
	BOTH("helpsteer3",
	     "{\"id\":1,\"context\":[{\"role\":\"user\",\"content\":\"q\"}],\"response1\":\"a\","
	     "\"response2\":\"b\",\"overall_preference\":0}",
	     "{\"unique_id\":\"1\"," Q ",\"output\":[" OUT("a", TIE) "," OUT(
		     "b",
		     TIE) "],\"source\":\"helpsteer3\",\"metadata\":{\"overall_preference\":0}}");
	NO_ROW("helpsteer3", "{\"context\":\"q\",\"response1\":\"a\"}",
	       "helpsteer3: response2 is missing");
	NO_ROW("helpsteer3", "{\"context\":\"q\",\"response1\":\"a\",\"overall_preference\":\"1\"}",
	       "helpsteer3: overall_preference is no number");
}

static void test_helpsteer2_prompts_may_have_turns(void)
{
	BOTH("helpsteer2",
	     "{\"id\":1,\"prompt\":\"a<\\n<extra_id_1>Assistant\\nb\\n\\n<extra_id_1>User\\nc\","
	     "\"response\":"
	     "\"d\",\"helpfulness\":3,\"correctness\":4}",
	     "{\"unique_id\":\"1\",\"input\":[{\"role\":\"user\",\"content\":\"a<\"},{\"role\":"
	     "\"assistant\",\"content\":\"b\\n\"},{\"role\":\"user\",\"content\":\"c\"}],"
	     "\"output\":[" OUT(
		     "d", "\"helpfulness\":3,\"correctness\":4,\"score\":3") "],\"source\":"
									     "\"helpsteer2\"}");
	BOTH("helpsteer2",
	     "{\"id\":1,\"prompt\":\"a\\n<extra_id_1>User\\n\",\"response\":\"d\",\"helpfulness\":"
	     "3,"
	     "\"correctness\":4}",
	     "{\"unique_id\":\"1\",\"input\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":"
	     "\"user\","
	     "\"content\":\"\"}],\"output\":[" OUT(
		     "d", "\"helpfulness\":3,\"correctness\":4,\"score\":3") "],\"source\":"
									     "\"helpsteer2\"}");
}

static const char *preference_of(const struct meed_output *out)
{
	struct json_object *label = (struct json_object *)(uintptr_t)out->cand.label, *v = NULL;

	return json_object_object_get_ex(label, "preference", &v) ? json_object_get_string(v) : "";
}

static void test_helpsteer2_neighbours_are_a_pair(void)
{
	static const char *const rows[] = {
		"{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":3,\"correctness\":4}",
		"{\"prompt\":\"q\",\"response\":\"b\",\"helpfulness\":4,\"correctness\":1}",
		"{\"prompt\":\"q\",\"response\":\"c\",\"helpfulness\":3,\"correctness\":1}"
	};
	struct fix f;

	fix_begin(&f, "helpsteer2_pairwise", NULL, NULL);
	CU_ASSERT(meed_schema_groups(f.schema));
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, 2), 0);
	CU_ASSERT_EQUAL_FATAL(f.row->n_outs, 2);
	CU_ASSERT_STRING_EQUAL(preference_of(&f.row->outs[0]), "rejected");
	CU_ASSERT_STRING_EQUAL(preference_of(&f.row->outs[1]), "chosen");
	STR_IS(f.row->source, "helpsteer2");
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, 3), 0);
	CU_ASSERT_STRING_EQUAL(preference_of(&f.row->outs[2]), "rejected");
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, 1), 0);
	CU_ASSERT_STRING_EQUAL(preference_of(&f.row->outs[0]), "");
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, (const char *const[]){ rows[0], rows[2] }, 2), 0);
	CU_ASSERT_STRING_EQUAL(preference_of(&f.row->outs[0]), "tie");
	CU_ASSERT_STRING_EQUAL(preference_of(&f.row->outs[1]), "tie");
	fix_end(&f);
}

static void test_trl(void)
{
	struct fix f;

	BOTH("trl", "{\"id\":1,\"prompt\":\"q\",\"completion\":\"a\",\"label\":true,\"z\":1}",
	     "{\"unique_id\":\"1\"," Q
	     ",\"output\":[" OUT("a", CHOSEN) "],\"metadata\":{\"z\":1}}");
	BOTH("trl",
	     "{\"id\":1,\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"completion\":[{"
	     "\"role\":"
	     "\"assistant\",\"content\":\"a\"}],\"label\":false}",
	     "{\"unique_id\":\"1\"," Q ",\"output\":[" OUT("a", REJECTED) "]}");
	BOTH("trl",
	     "{\"id\":1,\"prompt\":\"q\",\"completions\":[\"a\",\"b\"],\"labels\":[true,false]}",
	     "{\"unique_id\":\"1\"," Q
	     ",\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":"
	     "\"a\\nb\",\"label\":{\"is_correct\":false}},\"steps\":[{\"role\":\"assistant\","
	     "\"content\":\"a\",\"label\":{\"is_correct\":true}},{\"role\":\"assistant\","
	     "\"content\":"
	     "\"b\",\"label\":{\"is_correct\":false}}]}]}");
	NO_ROW("trl", "{\"prompt\":\"q\",\"completion\":\"a\",\"label\":1}",
	       "trl: label is neither true nor false");
	NO_ROW("trl", "{\"completions\":[\"a\"],\"labels\":[true,true]}",
	       "trl: labels is no list of 1: one for each of completions");
	NO_ROW("trl", "{\"completions\":[\"a\"],\"labels\":[1]}",
	       "trl: labels holds what is neither true nor false");
	NO_ROW("trl", "{\"prompt\":\"q\"}",
	       "trl: the row has neither chosen and rejected, completion(s) nor messages");
	fix_begin(&f, "trl", NULL, NULL);
	BECOMES(&f, "{\"id\":1,\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}",
		"{\"unique_id\":\"1\"," Q
		",\"output\":[" OUT("a", CHOSEN) "," OUT("b", REJECTED) "]}");
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"prompt\":\"q\",\"completion\":\"a\"}"), 0);
	CU_ASSERT_EQUAL(f.row->n_outs, 1);
	fix_end(&f);
	fix_begin(&f, "alpaca", NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(
		read_row(&f, "{\"instruction\":\"q\",\"input\":\"i\",\"output\":\"a\"}"), 0);
	STR_IS(f.row->prompt[0].text, "q\n\ni");
	fix_end(&f);
}

static void test_a_null_output_is_kept(void)
{
	struct fix f;

	fix_begin(&f, "judgebench", NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"question\":\"q\",\"response_A\":null,\"response_B\":"
					   "\"b\",\"label\":\"B>A\"}"),
			      0);
	CU_ASSERT_EQUAL_FATAL(f.row->n_outs, 2);
	CU_ASSERT_STRING_EQUAL(f.row->outs[0].bad, "output[0].answer.content is null");
	fix_end(&f);
}

static void test_a_plain_preference_row_stays_one(void)
{
	static const char *const rows[] = {
		"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"s\"}",
		"{\"prompt\":\"q\",\"chosen\":[\"a\",\"b\",\"c\"],\"rejected\":[\"d\",\"e\",\"f\"]}",
		"{\"prompt\":\"q\",\"chosen\":[\"a\"],\"rejected\":[\"b\"],\"subset\":\"s\"}"
	};
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL_FATAL(read_row(&f, rows[i]), 0);
		CU_ASSERT_EQUAL(f.row->shape, MEED_SHAPE_PREFERENCE);
		CU_ASSERT_EQUAL(f.row->source.n, 0);
	}
	fix_end(&f);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "RewardBench", test_rewardbench },
		{ "RewardBench 2", test_rewardbench2 },
		{ "RM-Bench", test_rmbench },
		{ "RMB", test_rmb },
		{ "JudgeBench", test_judgebench },
		{ "LLMBar and PandaLM", test_llmbar_and_pandalm },
		{ "PRMBench", test_prmbench },
		{ "best of N in mathematics", test_bon_math },
		{ "HelpSteer", test_helpsteer },
		{ "HelpSteer2's prompts may have turns", test_helpsteer2_prompts_may_have_turns },
		{ "HelpSteer2's neighbours are a pair", test_helpsteer2_neighbours_are_a_pair },
		{ "TRL", test_trl },
		{ "an output that is null is kept", test_a_null_output_is_kept },
		{ "a plain preference row stays one", test_a_plain_preference_row_stays_one },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "rows of benchmarks", NULL, NULL, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
