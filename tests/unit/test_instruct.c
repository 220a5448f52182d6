/* test_instruct.c - instruct.ifeval: each instruction, its parameters, its reasons, what goes wrong. */
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
	b->rm = fake_model(plugin, "instruct.ifeval");
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->rm);
	CU_ASSERT_EQUAL_FATAL(fake_create(&b->f, b->rm, params, &b->self), MEED_OK);
}

static void close_bench(struct bench *b)
{
	fake_reset(&b->f);
	b->rm->destroy(&b->f.host, b->self);
}

/* One instruction with its kwargs on a text. */
static int32_t evaluate(struct bench *b, const char *id, const char *kwargs, const char *text)
{
	struct json_object *meta = json_object_new_object(), *ids = json_object_new_array();
	struct json_object *list = json_object_new_array();
	int32_t r;

	json_object_array_add(ids, json_object_new_string(id));
	json_object_array_add(list, json_tokener_parse(kwargs));
	json_object_object_add(meta, "instruction_id_list", ids);
	json_object_object_add(meta, "kwargs", list);
	b->f.meta = meta;
	r = fake_evaluate(&b->f, b->rm, b->self, text, strlen(text), NULL);
	json_object_put(meta);
	return r;
}

struct one {
	const char *id, *kwargs, *text;
	int want;			/* 1, 0; -1: refused */
};

static void run_in(const char *params, const struct one *v, size_t n)
{
	struct bench b;
	size_t i;
	int got;

	open_bench(&b, params);
	for (i = 0; i < n; i++) {
		got = evaluate(&b, v[i].id, v[i].kwargs, v[i].text) < 0 ? -1 : b.f.score > 0.5;
		if (got != v[i].want)
			printf("\n%s %s: %d, not %d: %.80s (%s%s)", v[i].id, v[i].kwargs, got,
			       v[i].want, v[i].text, b.f.reason, b.f.why);
		CU_ASSERT_EQUAL(got, v[i].want);
	}
	close_bench(&b);
}

#define RUN(params, v) run_in(params, v, sizeof(v) / sizeof(v[0]))

static void test_words_and_letters(void)
{
	static const struct one v[] = {
		{ "keywords:existence", "{\"keywords\":[\"Cat\",\"dog\"]}", "CATALOG, hotdogs", 1 },
		{ "keywords:existence", "{\"keywords\":[\"cat\",\"dog\"]}", "a cat", 0 },
		{ "keywords:existence", "{\"keywords\":[\"a.b\"]}", "axb", 0 },
		{ "keywords:existence", "{\"keywords\":[\"stra\\u00dfe\"]}", "Eine Straße", 1 },
		{ "keywords:existence", "{\"keywords\":[]}", "x", -1 },
		{ "keywords:existence", "{}", "x", -1 },
		{ "keywords:forbidden_words", "{\"forbidden_words\":[\"cat\"]}", "Catalog", 1 },
		{ "keywords:forbidden_words", "{\"forbidden_words\":[\"cat\"]}", "a CAT.", 0 },
		{ "keywords:forbidden_words", "{\"forbidden_words\":[\"cat\"]}", "catcat cat", 0 },
		{ "keywords:frequency", "{\"keyword\":\"ana\",\"frequency\":2,"
		  "\"relation\":\"at least\"}", "banana Ana", 1 },
		{ "keywords:frequency", "{\"keyword\":\"ana\",\"frequency\":2,"
		  "\"relation\":\"less than\"}", "banana", 1 },
		{ "keywords:frequency", "{\"keyword\":\"ana\",\"frequency\":2.0,"
		  "\"relation\":\"less than\"}", "banana", 1 },
		{ "keywords:frequency", "{\"keyword\":\"ana\",\"frequency\":2,"
		  "\"relation\":\"at most\"}", "banana", -1 },
		{ "keywords:frequency", "{\"keyword\":\"ana\",\"frequency\":-1,"
		  "\"relation\":\"at least\"}", "banana", -1 },
		{ "keywords:letter_frequency", "{\"letter\":\"A\",\"let_frequency\":3,"
		  "\"let_relation\":\"at least\"}", "aAb a", 1 },
		{ "keywords:letter_frequency", "{\"letter\":\"!\",\"let_frequency\":2,"
		  "\"let_relation\":\"at least\"}", "a!", 0 },
		{ "keywords:letter_frequency", "{\"letter\":\"ab\",\"let_frequency\":2,"
		  "\"let_relation\":\"at least\"}", "a!", -1 },
		{ "change_case:capital_word_frequency", "{\"capital_frequency\":3,"
		  "\"capital_relation\":\"at least\"}", "NASA (USA) and I", 1 },
		{ "change_case:capital_word_frequency", "{\"capital_frequency\":3,"
		  "\"capital_relation\":\"at least\"}", "CANNOT, A", 1 },
		{ "change_case:capital_word_frequency", "{\"capital_frequency\":3,"
		  "\"capital_relation\":\"less than\"}", "A-B and \"C3\", iPod", 1 },
		{ "length_constraints:number_words", "{\"num_words\":4,"
		  "\"relation\":\"at least\"}", "It's three_words, so: 4?", 1 },
		{ "length_constraints:number_words", "{\"num_words\":5,"
		  "\"relation\":\"at least\"}", "día 中文 - ½ x", 0 },
		{ "punctuation:no_comma", "{}", "no\xEF\xBC\x8C ASCII comma", 1 },
		{ "punctuation:no_comma", "{}", "a, b", 0 },
	};

	RUN(NULL, v);
}

/* At least and less than n: there are n sentences. */
static void sentences(struct bench *b, const char *text, int n)
{
	char kwargs[80];

	(void)snprintf(kwargs, sizeof(kwargs), "{\"num_sentences\":%d,\"relation\":\"at least\"}", n);
	CU_ASSERT_EQUAL(evaluate(b, "length_constraints:number_sentences", kwargs, text), MEED_OK);
	if (b->f.score < 1)
		printf("\n%s: %s", text, b->f.reason);
	CU_ASSERT_EQUAL(b->f.score, 1.0);
	(void)snprintf(kwargs, sizeof(kwargs), "{\"num_sentences\":%d,\"relation\":\"less than\"}",
		       n + 1);
	CU_ASSERT_EQUAL(evaluate(b, "length_constraints:number_sentences", kwargs, text), MEED_OK);
	if (b->f.score < 1)
		printf("\n%s: %s", text, b->f.reason);
	CU_ASSERT_EQUAL(b->f.score, 1.0);
}

static void test_sentences_end_where_punkt_ends_them(void)
{
	struct bench b;

	open_bench(&b, NULL);
	sentences(&b, "One. Two! Three? Four", 4);
	sentences(&b, "Dr. Smith met Mr. Jones at 5 p.m. They talked.", 2);
	sentences(&b, "The U.S. economy grew 3.5 percent. It did.", 2);
	sentences(&b, "Wait... what? Yes... Then he left.", 2);
	sentences(&b, "He said \"No.\" She left. (Really.) Then", 4);
	sentences(&b, "J. K. Rowling wrote it. I. Then", 3);
	sentences(&b, "1. First\n2. Second\n\nEnd", 3);
	sentences(&b, "What?!! No. . . Fine.", 5);
	sentences(&b, "no end", 1);
	close_bench(&b);
}

static void test_layout(void)
{
	static const struct one v[] = {
		{ "detectable_content:number_placeholders", "{\"num_placeholders\":2}",
		  "[a] and [b [c]", 1 },
		{ "detectable_content:number_placeholders", "{\"num_placeholders\":1}", "[a\n]", 0 },
		{ "detectable_format:number_bullet_lists", "{\"num_bullets\":3}",
		  "* a\n  - b\ntext\n\n\n*c", 1 },
		{ "detectable_format:number_bullet_lists", "{\"num_bullets\":1}", "** a\n*\nb", 1 },
		{ "detectable_format:number_bullet_lists", "{\"num_bullets\":0}", "a\n \n\n  ", 1 },
		{ "detectable_format:number_highlighted_sections", "{\"num_highlights\":2}",
		  "*a* and **b**", 1 },
		{ "detectable_format:number_highlighted_sections", "{\"num_highlights\":1}",
		  "* a\n* b ** **", 1 },
		{ "detectable_format:number_highlighted_sections", "{\"num_highlights\":1}",
		  "* a\n* b\n** **", 0 },
		{ "detectable_format:multiple_sections",
		  "{\"section_spliter\":\"Section\",\"num_sections\":2}", "Section 1\nSection2 x", 1 },
		{ "detectable_format:multiple_sections",
		  "{\"section_spliter\":\"Section\",\"num_sections\":2}", "Section 1 SECTION 2", 0 },
		{ "length_constraints:number_paragraphs", "{\"num_paragraphs\":2}", "a\n***\nb ***", 1 },
		{ "length_constraints:number_paragraphs", "{\"num_paragraphs\":2}", "a ****** b", 0 },
		{ "length_constraints:nth_paragraph_first_word", "{\"num_paragraphs\":2,"
		  "\"nth_paragraph\":2,\"first_word\":\"Well\"}", "a\n\n\"well, yes", 1 },
		{ "length_constraints:nth_paragraph_first_word", "{\"num_paragraphs\":2,"
		  "\"nth_paragraph\":2,\"first_word\":\"well\"}", "a\n\n\n\nwell", 0 },
		{ "length_constraints:nth_paragraph_first_word", "{\"num_paragraphs\":1,"
		  "\"nth_paragraph\":0,\"first_word\":\"well\"}", "a", -1 },
		{ "detectable_format:title", "{}", "x <<My title>>", 1 },
		{ "detectable_format:title", "{}", "<< >> <<\n>>", 0 },
		{ "detectable_format:json_format", "{}", "```json\n{\"a\": [1, NaN]}\n```", 1 },
		{ "detectable_format:json_format", "{}", "{\"a\": 01}", 0 },
		{ "detectable_format:json_format", "{}", "{\"a\": 1} x", 0 },
		{ "detectable_format:json_format", "{}", "{\"a\",}", 0 },
		{ "detectable_format:constrained_response", "{}", "Hm. My answer is maybe.", 1 },
		{ "detectable_format:constrained_response", "{}", "My answer is perhaps.", 0 },
		{ "detectable_content:postscript", "{\"postscript_marker\":\"P.S.\"}", "a p. s. b", 1 },
		{ "detectable_content:postscript", "{\"postscript_marker\":\"P.P.S\"}", "P.S. b", 0 },
		{ "detectable_content:postscript", "{\"postscript_marker\":\"P.P.S\"}", "p. p. s", 1 },
		{ "detectable_content:postscript", "{\"postscript_marker\":\"NB:\"}", "nb: x", 1 },
		{ "combination:two_responses", "{}", "a\n******\nb", 1 },
		{ "combination:two_responses", "{}", "a\n******\n a", 0 },
		{ "combination:two_responses", "{}", "a ****** ****** b", 0 },
		{ "combination:repeat_prompt", "{\"prompt_to_repeat\":\"Why? \"}", " WHY? So.", 1 },
		{ "combination:repeat_prompt", "{\"prompt_to_repeat\":\"Why?\"}", "So why?", 0 },
		{ "startend:end_checker", "{\"end_phrase\":\"the end.\"}", "\"It is The End.\"\n", 1 },
		{ "startend:end_checker", "{\"end_phrase\":\"the end.\"}", "the end. Or?", 0 },
		{ "startend:quotation", "{}", " \"a\" ", 1 },
		{ "startend:quotation", "{}", "\"", 0 },
	};

	RUN(NULL, v);
}

static void test_language_and_case(void)
{
	static const struct one v[] = {
		{ "language:response_language", "{\"language\":\"de\"}",
		  "Das Wetter ist heute sehr schön, und wir gehen in den Garten.", 1 },
		{ "language:response_language", "{\"language\":\"de\"}",
		  "The weather is lovely today and we go to the garden.", 0 },
		{ "language:response_language", "{\"language\":\"hi\"}",
		  "आज मौसम बहुत अच्छा है और हम बगीचे में जा रहे हैं।", 1 },
		{ "language:response_language", "{\"language\":\"ja\"}", "今日は天気がとても良いです。", 1 },
		{ "language:response_language", "{\"language\":\"ko\"}", "오늘은 날씨가 아주 좋습니다.", 1 },
		{ "language:response_language", "{\"language\":\"vi\"}",
		  "Hôm nay thời tiết rất đẹp và chúng tôi đi ra vườn.", 1 },
		{ "language:response_language", "{\"language\":\"ur\"}", "آج موسم بہت اچھا ہے اور ہم باغ میں جا رہے ہیں۔", 1 },
		{ "language:response_language", "{\"language\":\"de\"}", "12 + 3 = 15", 1 },
		{ "language:response_language", "{}", "x", -1 },
		{ "change_case:english_lowercase", "{}", "all of this is written in small letters", 1 },
		{ "change_case:english_lowercase", "{}", "Not all of this is", 0 },
		{ "change_case:english_lowercase", "{}", "das ist alles klein geschrieben worden", 0 },
		{ "change_case:english_capital", "{}", "ALL OF THIS IS WRITTEN IN CAPITALS", 1 },
		{ "change_case:english_capital", "{}", "1234", 0 },
	};

	RUN(NULL, v);
}

static void test_loose_looks_at_eight_forms(void)
{
	static const struct one v[] = {
		{ "startend:quotation", "{}", "Sure:\n\"a\"", 1 },
		{ "startend:quotation", "{}", "Sure:\n*\"a\"*\nBye", 1 },
		{ "startend:quotation", "{}", "Sure: \"a\"\nBye", 0 },
		{ "punctuation:no_comma", "{}", "Sure, here:\na b", 1 },
		{ "punctuation:no_comma", "{}", "one, line", 0 },
		{ "detectable_format:number_bullet_lists", "{\"num_bullets\":2}", "- a\n- b\n- c", 1 },
	};
	static const struct one strict[] = {
		{ "startend:quotation", "{}", "Sure:\n\"a\"", 0 },
		{ "punctuation:no_comma", "{}", " \n ", 0 },
	};

	RUN("{\"mode\":\"loose\"}", v);
	RUN(NULL, strict);
}

static int32_t with_meta(struct bench *b, const char *meta, const char *text)
{
	struct json_object *o = json_tokener_parse(meta);
	int32_t r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	b->f.meta = o;
	r = fake_evaluate(&b->f, b->rm, b->self, text, strlen(text), NULL);
	json_object_put(o);
	return r;
}

static const char two[] = "{\"instruction_id_list\":[\"en:punctuation:no_comma\","
	"\"startend:quotation\",\"startend:quotation\"],\"kwargs\":[{},{\"x\":null},{}]}";

static void test_result_names_every_instruction(void)
{
	struct bench b;

	open_bench(&b, "{\"score\":\"instruction\"}");
	CU_ASSERT_EQUAL(with_meta(&b, two, "a b"), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(b.f.score, 1.0 / 3.0, 1e-12);
	CU_ASSERT_EQUAL_FATAL(b.f.n_dims, 3);
	CU_ASSERT_STRING_EQUAL(b.f.dims[0].name, "punctuation:no_comma");
	CU_ASSERT_STRING_EQUAL(b.f.dims[2].name, "startend:quotation (2)");
	CU_ASSERT_EQUAL(b.f.dims[0].score, 1.0);
	CU_ASSERT_STRING_EQUAL(b.f.dims[1].reason, "it does not stand in double quotes");
	CU_ASSERT_PTR_NOT_NULL(strstr(b.f.reason, "1 of 3 instructions followed; not startend"));
	CU_ASSERT_STRING_EQUAL(json_object_to_json_string_ext(b.f.extra, JSON_C_TO_STRING_PLAIN),
			       "{\"followed\":[true,false,false]}");
	close_bench(&b);
	open_bench(&b, NULL);
	CU_ASSERT_EQUAL(with_meta(&b, two, "a b"), MEED_OK);
	CU_ASSERT_EQUAL(b.f.score, 0.0);
	CU_ASSERT_EQUAL(with_meta(&b, two, "\"a\""), MEED_OK);
	CU_ASSERT_EQUAL(b.f.score, 1.0);
	close_bench(&b);
}

static void test_rows_that_cannot_be_judged_are_refused(void)
{
	static const char *const bad[][2] = {
		{ "{}", "no list of instructions" },
		{ "{\"instruction_id_list\":[]}", "no list of instructions" },
		{ "{\"instruction_id_list\":[\"keywords:nothing\"]}", "is none of IFEval's 25" },
		{ "{\"instruction_id_list\":[3]}", "is none of IFEval's 25" },
		{ "{\"instruction_id_list\":[\"punctuation:no_comma\"],\"kwargs\":[{},{}]}",
		  "parameters for 2" },
		{ "{\"instruction_id_list\":[\"keywords:frequency\"],\"kwargs\":[[]]}",
		  "kwargs \"keyword\" must be a string" },
	};
	struct bench b;
	size_t i;

	open_bench(&b, NULL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(with_meta(&b, bad[i][0], "x"), MEED_E_SAMPLE);
		CU_ASSERT_PTR_NOT_NULL(strstr(b.f.why, bad[i][1]));
	}
	close_bench(&b);
}

static void test_pointers_find_the_lists(void)
{
	struct bench b;

	open_bench(&b, "{\"instructions\":\"/a~1b/1\",\"kwargs\":\"/none\"}");
	CU_ASSERT_EQUAL(with_meta(&b, "{\"a/b\":[0,[\"punctuation:no_comma\"]]}", "a"), MEED_OK);
	CU_ASSERT_EQUAL(with_meta(&b, "{\"a/b\":[0,\"[\\\"punctuation:no_comma\\\"]\"]}", "a"), MEED_OK);
	CU_ASSERT_EQUAL(with_meta(&b, "{\"a/b\":0}", "a"), MEED_E_SAMPLE);
	close_bench(&b);
}

static void test_every_refused_allocation_is_reported(void)
{
	static const char meta[] = "{\"instruction_id_list\":[\"startend:end_checker\","
		"\"language:response_language\",\"combination:repeat_prompt\"],\"kwargs\":["
		"{\"end_phrase\":\"a\"},{\"language\":\"en\"},{\"prompt_to_repeat\":\"a\"}]}";
	struct bench b;
	size_t n;
	int32_t r;

	open_bench(&b, "{\"mode\":\"loose\"}");
	for (n = 1; n < 200; n++) {
		b.f.refuse_alloc = n;
		r = with_meta(&b, meta, "line one\nline *two*\nline three");
		if (r == MEED_OK)
			break;
		CU_ASSERT_EQUAL(r, MEED_E_NOMEM);
	}
	CU_ASSERT_TRUE(n > 10 && n < 200);
	close_bench(&b);
}

/* All 25 on hostile texts of some size: nothing crashes, and nothing is quadratic. */
static void test_hostile_texts_pass_through_all_checks(void)
{
	static const char meta[] = "{\"instruction_id_list\":["
		"\"change_case:capital_word_frequency\",\"detectable_content:number_placeholders\","
		"\"detectable_format:number_bullet_lists\",\"detectable_format:title\","
		"\"detectable_format:number_highlighted_sections\",\"detectable_format:json_format\","
		"\"length_constraints:number_paragraphs\",\"length_constraints:number_sentences\","
		"\"language:response_language\",\"combination:two_responses\","
		"\"detectable_content:postscript\",\"keywords:forbidden_words\"],\"kwargs\":["
		"{\"capital_frequency\":1,\"capital_relation\":\"at least\"},{\"num_placeholders\":1},"
		"{\"num_bullets\":1},{},{\"num_highlights\":1},{},{\"num_paragraphs\":1},"
		"{\"num_sentences\":1,\"relation\":\"at least\"},{\"language\":\"en\"},{},"
		"{\"postscript_marker\":\"P.P.S\"},{\"forbidden_words\":[\"aaab\"]}]}";
	static const char *const units[] = { " ", "\n", "*", "* ", "[", "<<", ".", ". ", "! ?", "a",
					     "A.", "'", "\" ", "p.", "-", "\xC3\x9F", "\xCE\xA3",
					     "\xCC\x81", "x@", "{\"a\":", "``", ".)", "1,", "\xE2\x80\x9D" };
	struct bench b;
	size_t i, k, len, n = 200000;
	char *text = malloc(n + 16);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	open_bench(&b, "{\"mode\":\"loose\"}");
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		len = strlen(units[i]);
		for (k = 0; k + len <= n; k += len)
			memcpy(text + k, units[i], len);
		text[k] = '\0';
		CU_ASSERT_EQUAL(with_meta(&b, meta, text), MEED_OK);
	}
	close_bench(&b);
	free(text);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "words and letters", test_words_and_letters },
		{ "sentences end where Punkt ends them", test_sentences_end_where_punkt_ends_them },
		{ "layout", test_layout },
		{ "language and case", test_language_and_case },
		{ "loose looks at eight forms", test_loose_looks_at_eight_forms },
		{ "the result names every instruction", test_result_names_every_instruction },
		{ "rows that cannot be judged are refused",
		  test_rows_that_cannot_be_judged_are_refused },
		{ "pointers find the lists", test_pointers_find_the_lists },
		{ "every refused allocation is reported", test_every_refused_allocation_is_reported },
		{ "hostile texts pass through all checks", test_hostile_texts_pass_through_all_checks },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "instruct.ifeval", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	plugin = fake_load("instruct");
	return plugin ? suites_run(suites) : 1;
}
