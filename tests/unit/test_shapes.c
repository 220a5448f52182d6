/* test_shapes.c - rows of every other shape, --map and groups: in, and out as canonical ones. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/samplefix.h"
#include "tests/unit/suites.h"

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

	fix_begin(&f, NULL, NULL, NULL);
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
	fix_end(&f);
}

static void test_rows_of_responses(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
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
	fix_end(&f);
}

static void test_other_fields_become_metadata(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
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
	fix_end(&f);
}

static void test_rows_of_messages(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
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
	fix_end(&f);
}

static void test_verl_rows(void)
{
	struct fix f;

	fix_begin(&f, NULL, NULL, NULL);
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
	fix_end(&f);
}

static void test_id_is_made_from_the_row(void)
{
	struct fix f;
	char id[17] = "";

	fix_begin(&f, NULL, NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"response\":\"a\"}"), 0);
	CU_ASSERT_EQUAL_FATAL(f.row->id.n, 16);
	memcpy(id, f.row->id.p, 16);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"response\":\"b\"}"), 0);
	CU_ASSERT(memcmp(id, f.row->id.p, 16) != 0);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"response\":\"a\"}"), 0);
	CU_ASSERT(memcmp(id, f.row->id.p, 16) == 0);
	CU_ASSERT_EQUAL_FATAL(read_row(&f, "{\"output\":[]}"), 0);
	CU_ASSERT_EQUAL(f.row->id.n, 0);
	fix_end(&f);
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

	fix_begin(&f, NULL, NULL, NULL);
	for (size_t i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL_FATAL(read_row(&f, texts[i]), 0);
		hash[i] = meed_row_hash(f.row);
	}
	CU_ASSERT_NOT_EQUAL(hash[0], hash[1]);
	CU_ASSERT_NOT_EQUAL(hash[0], hash[2]);
	CU_ASSERT_NOT_EQUAL(hash[0], hash[3]);
	CU_ASSERT_EQUAL(hash[0], hash[4]);
	fix_end(&f);
}

/* ---- --map -------------------------------------------------------------------------------- */

static void test_map_reads_any_row(void)
{
	struct fix f;

	fix_begin(&f, NULL, "response=/solution,reference=/answer,prompt=/question,id=/n", NULL);
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
	fix_end(&f);
}

static void test_map_takes_nested_values_out_of_their_objects(void)
{
	struct fix f;

	fix_begin(&f, NULL, "response=/c/0/m,reference=/x/gold,prompt=/x/q,metadata=/y/meta,id=/i",
	      NULL);
	BECOMES(&f,
		"{\"i\":\"x\",\"c\":[{\"m\":{\"role\":\"assistant\",\"content\":\"a\"},\"r\":1}],"
		"\"x\":{\"q\":\"q\",\"gold\":\"g\"},\"y\":{\"meta\":{\"k\":1},\"z\":2}}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" AL(
			"\"a\"", "{\"reference\":\"g\"}") "],"
							  "\"metadata\":{\"k\":1,\"c\":[{\"r\":1}],"
							  "\"y\":{\"z\":2}}}");
	fix_end(&f);
	fix_begin(&f, NULL, "response=/a/0,metadata=/b/0,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a\":[\"t\",\"u\"],\"b\":[{\"k\":1}]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[" A(
			"\"t\"") "],\"metadata\":{\"k\":1,"
				 "\"a\":[\"t\",\"u\"],\"b\":[{\"k\":1}]}}");
	fix_end(&f);
	fix_begin(&f, NULL, "response=/a/t,prompt=/a/t,reference=/a,id=/i", NULL);
	CU_ASSERT_EQUAL(read_row(&f, "{\"i\":\"x\",\"a\":{\"t\":\"u\"}}"), 0);
	STR_IS(f.row->outs[0].cand.text, "u");
	STR_IS(f.row->prompt[0].text, "u");
	fix_end(&f);
}

static void test_map_keys_may_repeat(void)
{
	struct fix f;

	fix_begin(&f, NULL,
	      "response=/a, response=/b,reference=/r,reference=/s,steps=/t,steps=/u,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a\":\"1\",\"b\":\"2\",\"r\":\"R\",\"s\":5,\"t\":[\"x\",\"y\"]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"1\",\"label\":{\"reference\":[\"R\",5]}},\"steps\":[\"x\",\"y\"]}"
		"," AL("\"2\"", "{\"reference\":[\"R\",5]}") "]}");
	CU_ASSERT_EQUAL(f.row->outs[0].cand.n_steps, 2);
	CU_ASSERT_EQUAL(f.row->outs[1].cand.n_refs, 2);
	fix_end(&f);
	fix_begin(&f, NULL, "response=/a,steps=/t,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a\":[\"1\",\"2\"],\"t\":[[\"x\"],[\"y\",\"z\"]]}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"1\"},\"steps\":[\"x\"]},{\"answer\":{\"role\":\"assistant\","
		"\"content\":\"2\"},\"steps\":[\"y\",\"z\"]}]}");
	REFUSES(&f, "{\"a\":[\"1\",\"2\"],\"t\":[\"x\"]}", "expected a list of 2 lists");
	fix_end(&f);
}

static void test_map_of_messages_and_of_odd_names(void)
{
	struct fix f;

	fix_begin(&f, NULL, "messages=/m,id=/i", NULL);
	BECOMES(&f,
		"{\"i\":\"x\",\"m\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\","
		"\"content\":\"a\"}]}",
		"{\"unique_id\":\"x\"," Q ",\"output\":[" A("\"a\"") "]}");
	REFUSES(&f, "{\"i\":1}", "nothing at /m, where the map looks for the messages");
	fix_end(&f);
	fix_begin(&f, NULL, "response=/a\\,b~1c~0,source=/d\\\\e,task_category=/t,id=/i", NULL);
	BECOMES(&f, "{\"i\":\"x\",\"a,b/c~\":\"1\",\"d\\\\e\":2,\"t\":true}",
		"{\"unique_id\":\"x\",\"input\":[],\"output\":[" A(
			"\"1\"") "],\"task_category\":"
				 "\"true\",\"source\":\"2\"}");
	fix_end(&f);
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

	fix_begin(&f, NULL, NULL, "/uid");
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
	fix_end(&f);
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

	fix_begin(&f, NULL, NULL, "/metadata/g");
	CU_ASSERT_EQUAL_FATAL(read_rows(&f, rows, 2), 0);
	same_text(written(&f, NULL, MEED_LEVEL_REASON, false),
		  "{\"unique_id\":\"1\",\"x\":1,\"output\":[{\"answer\":{\"content\":\"a\"}},"
		  "{\"answer\":{\"content\":\"b\"},\"metadata\":{\"k\":5,\"row.k\":2,\"x\":2}},"
		  "{\"answer\":{\"content\":\"c\"},\"metadata\":{\"k\":2,\"x\":2}}],\"metadata\":"
		  "{\"g\":1,\"k\":1}}",
		  __LINE__);
	fix_end(&f);
}

static void test_group_key_is_json(void)
{
	struct meed_line line = { .p = "{\"a\":{\"b\":[1.0,\"x\"]}}", .n = 21 };
	struct fix f;
	meed_str key;

	fix_begin(&f, NULL, NULL, "/a/b");
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
	fix_end(&f);
}

int main(void)
{
	static CU_TestInfo shapes[] = {
		{ "preference rows", test_preference_rows },
		{ "rows of responses", test_rows_of_responses },
		{ "other fields become metadata", test_other_fields_become_metadata },
		{ "rows of messages", test_rows_of_messages },
		{ "verl rows", test_verl_rows },
		{ "an id is made from the row", test_id_is_made_from_the_row },
		{ "the hash is of what models see", test_hash_is_of_what_models_see },
		CU_TEST_INFO_NULL
	};
	static CU_TestInfo map[] = {
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
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "shapes", NULL, NULL, NULL, NULL, shapes },
				  { "--map", NULL, NULL, NULL, NULL, map },
				  { "groups", NULL, NULL, NULL, NULL, groups },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
