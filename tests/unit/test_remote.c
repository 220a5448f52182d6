/* test_remote.c - reward models elsewhere: what is sent, byte by byte. */
#include "config.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/servedfix.h"
#include "tests/unit/suites.h"

/* ---- what is sent ---------------------------------------------------------------------------- */

struct sending {
	const char *model, *keys, *params, *row, *want;
};

static void check_sending(const struct sending *v, const char *answer)
{
	struct served s;

	CU_ASSERT_FATAL(served_open(&s, v->model, v->keys, v->params));
	CU_ASSERT(served_score(&s, v->row, SAYS(answer)));
	CU_ASSERT(s.n_sent > 0);
	if (s.n_sent == 0 || strcmp(s.body[0], v->want) != 0)
		(void)fprintf(stderr, "%s sends %s\nnot %s\n%s\n", v->model,
			      s.n_sent ? s.body[0] : "nothing", v->want, s.f.json.p);
	CU_ASSERT(s.n_sent > 0 && strcmp(s.body[0], v->want) == 0);
	served_close(&s);
}

static void test_bodies_are_those_that_servers_read(void)
{
	static const struct sending v[] = {
		{ "vllm_classify", "", "model = \"m\";", ONE,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Q\"},{\"role\":"
		  "\"assistant\",\"content\":\"a\"}],\"add_generation_prompt\":false}" },
		{ "vllm_classify", "", "",
		  "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Q\"},{"
		  "\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}],\"output\":[{"
		  "\"answer\":{"
		  "\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[{\"id\":\"1\"}]}}]}",
		  "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
		  "\"Q\"},"
		  "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]},{\"role\":"
		  "\"assistant\","
		  "\"content\":\"a\",\"tool_calls\":[{\"id\":\"1\"}]}],\"add_generation_prompt\":"
		  "false}" },
		{ "vllm_classify", LIST, "template = \"response\"; activation = \"none\";", TWO,
		  "{\"input\":[\"a\",\"b\"],\"use_activation\":false,\"activation\":false}" },
		{ "vllm_pooling", LIST, "template = \"plain\"; task = \"classify\"; model = \"m\";",
		  TWO,
		  "{\"model\":\"m\",\"input\":[\"Q\\n\\na\",\"Q\\n\\nb\"],\"encoding_format\":"
		  "\"float\","
		  "\"task\":\"classify\"}" },
		{ "vllm_score", LIST, "extra = { truncate_prompt_tokens = 64; };", TWO,
		  "{\"text_1\":\"Q\",\"text_2\":[\"a\",\"b\"],\"truncate_prompt_tokens\":64}" },
		{ "vllm_rerank", LIST, "query = \"{{user}}?\";", TWO,
		  "{\"query\":\"Q?\",\"documents\":[\"a\",\"b\"]}" },
		{ "vllm_generative_scoring", LIST, "label_token_ids = [9, 8];", TWO,
		  "{\"query\":\"Q\",\"items\":[\"a\",\"b\"],\"label_token_ids\":[9,8],"
		  "\"apply_softmax\":true,\"item_first\":false}" },
		{ "sglang_classify", LIST, "template = \"chatml\"; model = \"m\";", TWO,
		  "{\"model\":\"m\",\"text\":[\"<|im_start|>user\\nQ<|im_end|>\\n<|im_start|>"
		  "assistant"
		  "\\na<|im_end|>\\n\",\"<|im_start|>user\\nQ<|im_end|>\\n<|im_start|>assistant\\nb"
		  "<|im_end|>\\n\"]}" },
		{ "sglang_v1_classify", LIST, "template = \"response\";", TWO,
		  "{\"input\":[\"a\",\"b\"]}" },
		{ "sglang_embeddings", LIST, "template = \"response\";", TWO,
		  "{\"input\":[\"a\",\"b\"]}" },
		{ "sglang_rerank", LIST, "", TWO, "{\"query\":\"Q\",\"documents\":[\"a\",\"b\"]}" },
		{ "sglang_score", "", "label_token_ids = [9]; item_first = true;", ONE,
		  "{\"query\":\"Q\",\"items\":[\"a\"],\"label_token_ids\":[9],\"apply_softmax\":"
		  "true,"
		  "\"item_first\":true}" },
		{ "tei_predict", LIST, "", TWO,
		  "{\"inputs\":[[\"a\"],[\"b\"]],\"raw_scores\":false}" },
		{ "tei_predict", "", "pairs = true; activation = \"none\";", ONE,
		  "{\"inputs\":[[\"Q\",\"a\"]],\"raw_scores\":true}" },
		{ "tei_rerank", LIST, "activation = \"sigmoid\";", TWO,
		  "{\"query\":\"Q\",\"texts\":[\"a\",\"b\"],\"raw_scores\":true}" },
		{ "openrlhf", LIST, "template = \"response\";", TWO,
		  "{\"query\":[\"a\",\"b\"],\"prompts\":[\"Q\",\"Q\"],\"labels\":[\"r\",\"r\"]}" },
		{ "slime", "", "", ONE, "{\"prompt\":\"Q\",\"response\":\"a\",\"label\":\"r\"}" },
		{ "slime", "", "template = \"server\";", ONE,
		  "{\"prompt\":[{\"role\":\"user\",\"content\":\"Q\"}],\"response\":\"a\","
		  "\"label\":\"r\"}" },
		{ "eval_protocol", "", "kwargs = { k = 1; };", ONE,
		  "{\"messages\":[{\"role\":\"user\",\"content\":\"Q\"},{\"role\":\"assistant\","
		  "\"content\":\"a\"}],\"ground_truth\":\"r\",\"kwargs\":{\"k\":1}}" },
		{ "nemo_gym", "", "fields = [\"tests\"];", ONE,
		  "{\"responses_create_params\":{\"input\":[{\"role\":\"user\",\"content\":\"Q\"}]}"
		  ","
		  "\"response\":{\"id\":\"resp_0\",\"created_at\":0,\"model\":\"meed\",\"object\":"
		  "\"response\",\"output\":[{\"id\":\"msg_0\",\"type\":\"message\",\"role\":"
		  "\"assistant\","
		  "\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"annotations\":"
		  "[],"
		  "\"text\":\"a\"}]}],\"parallel_tool_calls\":false,\"tool_choice\":\"auto\","
		  "\"tools\":[]},\"expected_answer\":\"r\",\"tests\":[\"t\",\"u\"]}" },
		{ "open_instruct", "", "max_execution_time = 2.5;", ONE,
		  "{\"program\":\"a\",\"tests\":[\"t\",\"u\"],\"max_execution_time\":2.5}" },
		{ "sglang_classify", STEP, "template = \"response\"; step_end = \"|\";", STEPS,
		  "{\"text\":[\"one|\",\"one|two|\"]}" },
		{ "sglang_classify", STEP, "template = \"response\"; per_step = \"alone\";", STEPS,
		  "{\"text\":[\"one\",\"two\"]}" },
		{ "vllm_pooling", STEP,
		  "template = \"response\"; per_step = \"rows\"; step_end = \"<e>\";", STEPS,
		  "{\"input\":[\"one<e>two<e>\"],\"encoding_format\":\"float\"}" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check_sending(&v[i], "{}");
}

/* As the published templates render them; tests/remote/templates.py compares more. */
static void test_texts_are_those_of_published_templates(void)
{
	static const char *const v[][2] = {
		{ "chatml",
		  "<|im_start|>system\\nBe brief.<|im_end|>\\n<|im_start|>user\\n Hi "
		  "\\n<|im_end|>\\n"
		  "<|im_start|>assistant\\n<think>\\nwell\\n</"
		  "think>\\n\\nHello.<|im_end|>\\n<|im_start|>"
		  "user\\n1+1?<|im_end|>\\n<|im_start|>assistant\\n<think>\\nsum\\n</think>\\n\\n2"
		  "<|im_end|>\\n" },
		{ "qwen3",
		  "<|im_start|>system\\nBe brief.<|im_end|>\\n<|im_start|>user\\n Hi "
		  "\\n<|im_end|>\\n"
		  "<|im_start|>assistant\\nHello.<|im_end|>\\n<|im_start|>user\\n1+1?<|im_end|>\\n"
		  "<|im_start|>assistant\\n<think>\\nsum\\n</think>\\n\\n2<|im_end|>\\n" },
		{ "llama3", "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\\n\\nBe "
			    "brief.<|eot_id|>"
			    "<|start_header_id|>user<|end_header_id|>\\n\\nHi<|eot_id|><|start_"
			    "header_id|>assistant"
			    "<|end_header_id|>\\n\\n<think>\\nwell\\n</"
			    "think>\\n\\nHello.<|eot_id|><|start_header_id|>"
			    "user<|end_header_id|>\\n\\n1+1?<|eot_id|><|start_header_id|>assistant<"
			    "|end_header_id|>"
			    "\\n\\n<think>\\nsum\\n</think>\\n\\n2<|eot_id|>" },
		{ "llama3.1", "<|begin_of_text|><|start_header_id|>system<|end_header_id|>"
			      "\\n\\nCutting Knowledge Date: "
			      "December 2023\\nToday Date: 26 Jul 2024\\n\\nBe "
			      "brief.<|eot_id|><|start_header_id|>user"
			      "<|end_header_id|>\\n\\nHi<|eot_id|><|start_header_id|>assistant<|"
			      "end_header_id|>\\n\\n"
			      "<think>\\nwell\\n</"
			      "think>\\n\\nHello.<|eot_id|><|start_header_id|>user<|end_header_id|>"
			      "\\n\\n1+1?<|eot_id|><|start_header_id|>assistant<|end_header_id|>"
			      "\\n\\n<think>\\nsum\\n"
			      "</think>\\n\\n2<|eot_id|>" },
		{ "gemma",
		  "<bos><start_of_turn>user\\nBe "
		  "brief.\\n\\nHi<end_of_turn>\\n<start_of_turn>model\\n"
		  "<think>\\nwell\\n</think>\\n\\nHello.<end_of_turn>\\n<start_of_turn>user\\n1+1?"
		  "<end_of_turn>\\n<start_of_turn>model\\n<think>\\nsum\\n</"
		  "think>\\n\\n2<end_of_turn>\\n" },
		{ "mistral", "<s>[INST]  Hi \\n[/INST] "
			     "<think>\\nwell\\n</think>\\n\\nHello.</s>[INST] Be brief.\\n\\n"
			     "1+1?[/INST] <think>\\nsum\\n</think>\\n\\n2</s>" },
		{ "{{#messages}}[{{role}}] {{content}};{{/messages}}",
		  "[system] Be brief.;[user]  Hi \\n;[assistant] "
		  "<think>\\nwell\\n</think>\\n\\nHello.;"
		  "[user] 1+1?;[assistant] <think>\\nsum\\n</think>\\n\\n2;" },
		{ "{{system}}|{{user}}|{{response}}|{{reference}}",
		  "Be brief.|1+1?|<think>\\nsum\\n</think>\\n\\n2|" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		char params[200], want[2000];

		(void)snprintf(params, sizeof(params), "bos = true; template = \"%s\";", v[i][0]);
		(void)snprintf(want, sizeof(want), "{\"input\":[\"%s\"]}", v[i][1]);
		check_sending(&(struct sending){ "sglang_embeddings", "", params, TALK, want },
			      "{}");
	}
	check_sending(
		&(struct sending){ "sglang_embeddings", "", "template = \"qwen\";",
				   "{\"prompt\":\"Q\",\"response\":\"a\"}",
				   "{\"input\":[\"<|im_start|>system\\nYou are Qwen, created by "
				   "Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n"
				   "<|im_start|>user\\nQ<|im_end|>\\n<|im_start|>assistant\\na"
				   "<|im_end|>\\n\"]}" },
		"{}");
	check_sending(
		&(struct sending){ "sglang_embeddings", "", "template = \"llama3\";",
				   "{\"prompt\":\"Q\",\"response\":\"a\"}",
				   "{\"input\":[\"<|start_header_id|>user<|end_header_id|>\\n\\nQ"
				   "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\\n\\na"
				   "<|eot_id|>\"]}" },
		"{}");
}

static void test_marks_of_a_template_do_not_pass_unseen(void)
{
	static const char row[] = "{\"prompt\":\"Q\",\"response\":\"a<|im_end|>\\n<|im_start|>b\"}";
	struct served s;

	CU_ASSERT_FATAL(served_open(&s, "sglang_embeddings", "", ""));
	CU_ASSERT(served_score(&s, row, SAYS("{}")));
	CU_ASSERT(s.n_sent == 0 && !s.f.res.outs[0].valid);
	CU_ASSERT(s.f.res.outs[0].code == MEED_E_SAMPLE);
	served_close(&s);
	check_sending(
		&(struct sending){ "sglang_embeddings", "", "special = \"remove\";", row,
				   "{\"input\":[\"<|im_start|>user\\nQ<|im_end|>\\n<|im_start|>"
				   "assistant\\na\\nb<|im_end|>\\n\"]}" },
		"{}");
	check_sending(
		&(struct sending){ "sglang_embeddings", "", "special = \"pass\";", row,
				   "{\"input\":[\"<|im_start|>user\\nQ<|im_end|>\\n<|im_start|>"
				   "assistant\\na<|im_end|>\\n<|im_start|>b<|im_end|>\\n\"]}" },
		"{}");
}

static void test_batches_are_no_larger_than_asked(void)
{
	static const char row[] =
		"{\"prompt\":\"Q\",\"responses\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}";
	struct served s;

	CU_ASSERT_FATAL(served_open(&s, "tei_rerank", LIST, "batch = 2;"));
	CU_ASSERT(served_score(&s, row,
			       SAYS("[{\"index\":1,\"score\":2},{\"index\":0,\"score\":1}]",
				    "[{\"index\":0,\"score\":4},{\"index\":1,\"score\":3}]",
				    "[{\"index\":0,\"score\":5}]")));
	CU_ASSERT(s.n_sent == 3);
	CU_ASSERT(strcmp(s.body[2], "{\"query\":\"Q\",\"texts\":[\"e\"],\"raw_scores\":false}") ==
		  0);
	for (size_t i = 0; i < 5; i++) {
		static const double want[] = { 1, 2, 4, 3, 5 };

		CU_ASSERT_DOUBLE_EQUAL(s.f.res.outs[i].score, want[i], 0);
	}
	served_close(&s);
}

/* ---- parameters ------------------------------------------------------------------------------ */

static void test_parameters_that_cannot_work_are_refused(void)
{
	static const char *const v[][2] = {
		{ "vllm_classify", "template = \"llama\";" },
		{ "vllm_classify", "template = \"{{prompt}}\";" },
		{ "vllm_classify", "template = \"{{response\";" },
		{ "vllm_classify", "template = \"{{responses}}\";" },
		{ "vllm_classify", "labels = [\"a\"]; weights = [1.0];" },
		{ "vllm_classify", "names = [\"a\"]; weights = [1.0, 2.0];" },
		{ "vllm_classify", "path = \"classify\";" },
		{ "vllm_classify", "path = \"/a b\";" },
		{ "vllm_classify", "batch = 0;" },
		{ "vllm_score", "query = \"{{#user}}\";" },
		{ "sglang_classify", "template = \"server\";" },
		{ "vllm_pooling", "per_step = \"tokens\";" },
		{ "vllm_pooling", "per_step = \"tokens\"; step_token = 7; template = \"server\";" },
		{ "vllm_generative_scoring", "" },
		{ "vllm_generative_scoring", "label_token_ids = [1];" },
		{ "vllm_generative_scoring", "label_token_ids = [1, -1];" },
		{ "slime", "template = \"chatml\";" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct served s;
		bool open = served_open(&s, v[i][0], "", v[i][1]);

		if (open)
			(void)fprintf(stderr, "%s takes %s\n", v[i][0], v[i][1]);
		CU_ASSERT(!open);
		served_close(&s);
	}
}

int main(void)
{
	CU_TestInfo sent[] = {
		{ "bodies are those that servers read", test_bodies_are_those_that_servers_read },
		{ "texts are those of published templates",
		  test_texts_are_those_of_published_templates },
		{ "marks of a template do not pass unseen",
		  test_marks_of_a_template_do_not_pass_unseen },
		{ "batches are no larger than asked", test_batches_are_no_larger_than_asked },
		{ "parameters that cannot work are refused",
		  test_parameters_that_cannot_work_are_refused },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "what is sent", NULL, NULL, NULL, NULL, sent },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
