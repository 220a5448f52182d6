/* test_llm_wire.c - what is sent to an endpoint, byte for byte, and how answers with several
 * choices are read, whole and streamed. */
#include "config.h"

#include <CUnit/CUnit.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/llm/net.h"
#include "tests/unit/suites.h"

static struct meed_endpoint endpoint(void)
{
	return (struct meed_endpoint){ .name = (char *)(uintptr_t) "a",
				       .kind = (char *)(uintptr_t) "openai",
				       .where = (char *)(uintptr_t) "test",
				       .url = (char *)(uintptr_t) "http://127.0.0.1/v1",
				       .model = (char *)(uintptr_t) "m" };
}

static const meed_msg hello = { { "user", 4 }, { "say \"hi\"\n", 9 }, NULL };

static struct meed_request request(void)
{
	return (struct meed_request){ .kind = MEED_REQ_CHAT,
				      .chat = { .struct_size = sizeof(meed_chat),
						.msgs = &hello,
						.n_msgs = 1,
						.temperature = -1.0 } };
}

#define HEAD "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\n\"}]"

static void check_body(const struct meed_request *r, const struct meed_endpoint *e, bool stream,
		       const char *rest)
{
	struct member m;
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	char want[2000];

	CU_ASSERT_EQUAL_FATAL(member_init(&m, e, &err), 0);
	body_make(r, &m, e->structured, stream, &b);
	meed_buf_putc(&b, '\0');
	(void)snprintf(want, sizeof(want), HEAD "%s}", rest);
	CU_ASSERT_STRING_EQUAL(b.p, want);
	if (strcmp(b.p, want) != 0)
		(void)fprintf(stderr, "sent %s\nwant %s\n", b.p, want);
	meed_buf_release(&b);
	member_release(&m);
}

static void test_what_nobody_says_is_not_sent(void)
{
	struct meed_request r = request();
	struct meed_endpoint e = endpoint();

	check_body(&r, &e, false, "");
}

static void test_temperature_0_and_the_seed_are_sent_as_such(void)
{
	struct meed_request r = request();
	struct meed_endpoint e = endpoint();

	r.chat.temperature = 0.0;
	r.chat.seed = 42;
	check_body(&r, &e, false, ",\"temperature\":0,\"seed\":42");
	/* the largest that servers take: a signed one of 64 bits */
	r.chat.seed = UINT64_MAX;
	check_body(&r, &e, false, ",\"temperature\":0,\"seed\":9223372036854775807");
	r = request();
	e.has_temperature = true;
	e.has_seed = true;
	check_body(&r, &e, false, ",\"temperature\":0,\"seed\":0");
	r.chat.temperature = 0.25;
	r.chat.seed = 7;
	check_body(&r, &e, false, ",\"temperature\":0.25,\"seed\":7");
}

static void test_the_rest_has_its_names(void)
{
	struct meed_request r = request();
	struct meed_endpoint e = endpoint();

	r.chat.n_choices = 3;
	r.chat.top_logprobs = 20;
	r.chat.max_tokens = 64;
	check_body(&r, &e, false,
		   ",\"max_tokens\":64,\"n\":3,\"logprobs\":true,\"top_logprobs\":20");
	e.max_tokens_name = (char *)(uintptr_t) "max_completion_tokens";
	e.has_top_p = true;
	e.top_p = 0.5;
	e.extra = (char *)(uintptr_t) "{\"top_k\":1}";
	check_body(&r, &e, true,
		   ",\"top_p\":0.5,\"max_completion_tokens\":64,\"n\":3,\"logprobs\":true,\"top_"
		   "logprobs\":20,"
		   "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"top_k\":1");
}

static void test_structure_is_asked_for_as_the_endpoint_takes_it(void)
{
	struct meed_request r = request();
	struct meed_endpoint e = endpoint();

	r.chat.json_schema = "{\"type\":\"object\"}";
	check_body(&r, &e, false,
		   ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
		   "\"answer\","
		   "\"strict\":true,\"schema\":{\"type\":\"object\"}}}");
	e.structured = MEED_STRUCTURED_OBJECT;
	check_body(&r, &e, false, ",\"response_format\":{\"type\":\"json_object\"}");
	e.structured = MEED_STRUCTURED_NONE;
	check_body(&r, &e, false, "");
}

/* ---- answers ---- */

static void check_choices(const char *body, size_t n)
{
	struct meed_request r = request();
	struct meed_err err = { 0 };
	struct usage u;

	CU_ASSERT_EQUAL(answer_read(&r, meed_str_of(body), &u, &err), MEED_OK);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	CU_ASSERT_EQUAL_FATAL(r.reply.n_texts, n);
	for (size_t i = 0; i < n; i++) {
		char want[24];

		(void)snprintf(want, sizeof(want), "c%zu", i);
		CU_ASSERT(meed_str_eq(r.reply.texts[i], meed_str_of(want)));
	}
	CU_ASSERT_EQUAL(u.in, 11);
	CU_ASSERT_EQUAL(u.out, 22);
	json_object_put(r.owned);
}

#define CHOICE(i)                                                                                  \
	"{\"index\":" #i ",\"message\":{\"content\":\"c" #i "\"},\"finish_reason\":\"stop\"}"
#define USAGE "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":22}"

static void test_choices_stand_in_the_order_of_their_index(void)
{
	check_choices("{\"choices\":[" CHOICE(0) "]," USAGE "}", 1);
	check_choices("{\"choices\":[" CHOICE(2) "," CHOICE(0) "," CHOICE(1) "]," USAGE "}", 3);
}

static void test_streamed_choices_are_put_together(void)
{
	static const char events[] =
		"data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"c\"}}]}\n\n"
		": a comment\r\n\r\n"
		"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"c\"}},"
		"{\"index\":2,\"delta\":{\"content\":\"c2\"}}]}\n\n"
		"data: "
		"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"0\"},\"finish_reason\":"
		"\"stop\"}]}\n\n"
		"data: {\"choices\":[{\"index\":2,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
		"data: "
		"{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"1\"},\"finish_reason\":"
		"\"stop\"}]}\n\n"
		"data: {\"choices\":[]," USAGE "}\n\n"
		"data: [DONE]\n\n";
	struct meed_buf b = { 0 };
	struct meed_err err = { 0 };

	CU_ASSERT_EQUAL_FATAL(answer_unstream(meed_str_of(events), &b, &err), MEED_OK);
	meed_buf_putc(&b, '\0');
	check_choices(b.p, 3);
	meed_buf_release(&b);
}

static void test_a_choice_that_never_ends_is_an_error(void)
{
	static const char events[] =
		"data: "
		"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":"
		"\"stop\"}]}\n\n"
		"data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n"
		"data: [DONE]\n\n";
	struct meed_buf b = { 0 };
	struct meed_err err = { 0 };

	CU_ASSERT_EQUAL(answer_unstream(meed_str_of(events), &b, &err), MEED_E_PARSE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "broke off"));
	meed_buf_release(&b);
}

static void test_an_answer_of_no_use_has_its_cost(void)
{
	struct meed_request r = request();
	struct meed_err err = { 0 };
	struct usage u;

	CU_ASSERT_EQUAL(answer_read(&r, MEED_STR("{\"choices\":[]," USAGE "}"), &u, &err),
			MEED_E_PARSE);
	CU_ASSERT_EQUAL(u.in, 11);
	CU_ASSERT_EQUAL(u.out, 22);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "what nobody says is not sent", test_what_nobody_says_is_not_sent },
		{ "temperature 0 and the seed are sent as such",
		  test_temperature_0_and_the_seed_are_sent_as_such },
		{ "the rest has its names", test_the_rest_has_its_names },
		{ "structure is asked for as the endpoint takes it",
		  test_structure_is_asked_for_as_the_endpoint_takes_it },
		{ "choices stand in the order of their index",
		  test_choices_stand_in_the_order_of_their_index },
		{ "streamed choices are put together", test_streamed_choices_are_put_together },
		{ "a choice that never ends is an error",
		  test_a_choice_that_never_ends_is_an_error },
		{ "an answer of no use has its cost", test_an_answer_of_no_use_has_its_cost },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = { { "what goes over the wire", NULL, NULL, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
