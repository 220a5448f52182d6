/* test_remote_answers.c - reward models elsewhere: how answers are read, and which are not. */
#include "config.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/servedfix.h"
#include "tests/unit/suites.h"

/* ---- what is read ---------------------------------------------------------------------------- */

struct reading {
	const char *model, *keys, *params, *row, *says;
	double want[2];
};

static void check_reading(const struct reading *v, size_t n)
{
	struct served s;

	CU_ASSERT_FATAL(served_open(&s, v->model, v->keys, v->params));
	CU_ASSERT(served_score(&s, v->row, SAYS(v->says)));
	for (size_t i = 0; i < n; i++) {
		const struct meed_reward *r = &s.f.res.outs[i];

		if (!r->valid || fabs(r->score - v->want[i]) > 1e-12)
			(void)fprintf(stderr, "%s, %s: not %g: %s\n", v->model, v->says, v->want[i],
				      s.f.json.p);
		CU_ASSERT(r->valid && fabs(r->score - v->want[i]) <= 1e-12);
	}
	served_close(&s);
}

#define PROBS(a, b)                                                                                \
	"{\"data\":[{\"index\":1,\"label\":\"y\",\"probs\":" b "},{\"index\":0,\"label\":\"x\","   \
	"\"probs\":" a "}]}"

static void test_values_become_one_as_asked(void)
{
	static const struct reading v[] = {
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\";",
		  TWO,
		  PROBS("[0.25]", "[-3]"),
		  { 0.25, -3 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; activation = \"sigmoid\";",
		  TWO,
		  PROBS("[0]", "[1000]"),
		  { 0.5, 1 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; activation = \"sigmoid\";",
		  TWO,
		  PROBS("[-1000]", "[-1e300]"),
		  { 0, 0 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; activation = \"softmax\"; labels = [\"1\"];",
		  TWO,
		  PROBS("[1e300, 1e300]", "[0, 1000]"),
		  { 0.5, 1 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; labels = [\"-2\"];",
		  TWO,
		  PROBS("[1, 2, 3]", "[4, 5, 6]"),
		  { 2, 5 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; labels = [\"0\", \"2\"];",
		  TWO,
		  PROBS("[1, 2, 3]", "[6, 5, 4]"),
		  { 3, 6 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; labels = [\"0\", \"2\"]; combine = \"mean\";",
		  TWO,
		  PROBS("[1, 2, 3]", "[6, 5, 4]"),
		  { 2, 5 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; labels = [\"x\", \"y\"]; names = [\"y\", \"x\"]; combine "
		  "= \"sum\"; "
		  "invert = true;",
		  TWO,
		  PROBS("[0.25, 0.5]", "[0.5, 0.125]"),
		  { 0.25, 0.375 } },
		{ "vllm_classify",
		  LIST,
		  "template = \"plain\"; weights = [1.0, -2.0];",
		  TWO,
		  PROBS("[3, 1]", "[0, 0.5]"),
		  { 1, -1 } },
		{ "tei_predict",
		  LIST,
		  "labels = [\"b\"];",
		  TWO,
		  "[[{\"score\":0.9,\"label\":\"a\"},{\"score\":0.1,\"label\":\"b\"}],"
		  "[{\"score\":0.8,\"label\":\"b\"},{\"score\":0.2,\"label\":\"a\"}]]",
		  { 0.1, 0.8 } },
		{ "tei_predict", "", "", ONE, "[{\"score\":0.75,\"label\":\"only\"}]", { 0.75 } },
		{ "tei_predict", "", "", ONE, "[[{\"score\":0.75,\"label\":\"only\"}]]", { 0.75 } },
		{ "vllm_generative_scoring",
		  LIST,
		  "label_token_ids = [1, 2];",
		  TWO,
		  "{\"data\":[{\"index\":0,\"object\":\"score\",\"score\":0.5},{\"index\":1,"
		  "\"score\":1}]}",
		  { 0.5, 1 } },
		{ "sglang_classify",
		  LIST,
		  "",
		  TWO,
		  "[{\"embedding\":[2.5]},{\"embedding\":-1}]",
		  { 2.5, -1 } },
		{ "openrlhf",
		  LIST,
		  "",
		  TWO,
		  "{\"rewards\":[1,-2],\"scores\":[0.5,0.25]}",
		  { 1, -2 } },
		{ "openrlhf",
		  LIST,
		  "take = \"scores\";",
		  TWO,
		  "{\"rewards\":[1,-2],\"scores\":[0.5,0.25],\"extra_logs\":{\"x\":[1],\"y\":3}}",
		  { 0.5, 0.25 } },
		{ "slime", "", "", ONE, "-0.125", { -0.125 } },
		{ "slime", "", "reward_key = \"acc\";", ONE, "{\"acc\":1,\"x\":null}", { 1 } },
		{ "eval_protocol", "", "", ONE, "{\"score\":0.0,\"is_score_valid\":true}", { 0 } },
		{ "eval_protocol",
		  "",
		  "",
		  ONE,
		  "{\"score\":0.5,\"metrics\":{\"m\":{\"score\":null}}}",
		  { 0.5 } },
		{ "nemo_gym", "", "", ONE, "{\"reward\":1.0,\"response\":{}}", { 1 } },
		{ "open_instruct", "", "", ONE, "{\"results\":[0,1],\"runtimes\":[1,2]}", { 0.5 } },
		{ "vllm_pooling",
		  "",
		  "reduce = \"min\";",
		  ONE,
		  "{\"data\":[{\"index\":0,\"data\":[[3],[1],[2]]}]}",
		  { 1 } },
		{ "vllm_pooling",
		  "",
		  "reduce = \"product\";",
		  ONE,
		  "{\"data\":[{\"index\":0,\"data\":[[3],[1],[2]]}]}",
		  { 6 } },
		{ "vllm_pooling",
		  "",
		  "reduce = \"mean\"; labels = [\"1\"];",
		  ONE,
		  "{\"data\":[{\"index\":0,\"data\":[[9,3],[9,1],[9,2]]}]}",
		  { 2 } },
		{ "vllm_pooling",
		  STEP "steps = \"last\";",
		  "per_step = \"rows\"; labels = [\"1\"];",
		  STEPS,
		  "{\"data\":[{\"index\":0,\"data\":[[0.5,0.5],[0.75,0.25]]}]}",
		  { 0.25 } },
		{ "vllm_pooling",
		  STEP "steps = \"product\";",
		  "per_step = \"rows\";",
		  STEPS,
		  "{\"data\":[{\"index\":0,\"data\":[0.5,0.25]}]}",
		  { 0.125 } },
		{ "eval_protocol",
		  STEP "steps = \"min\";",
		  "per_step = \"outputs\";",
		  STEPS,
		  "{\"score\":1,\"step_outputs\":[{\"base_reward\":0.5},{\"base_reward\":1}]}",
		  { 0.5 } },
		{ "eval_protocol",
		  STEP "steps = \"last\";",
		  "per_step = \"outputs\";",
		  STEPS,
		  "{\"score\":1,\"step_outputs\":[{\"step_index\":7,\"base_reward\":1},"
		  "{\"step_index\":-2,\"base_reward\":0.5}]}",
		  { 1 } },
		{ "eval_protocol",
		  STEP "steps = \"last\";",
		  "per_step = \"outputs\";",
		  STEPS,
		  "{\"score\":1,\"step_outputs\":[{\"step_index\":\"z\",\"base_reward\":1},"
		  "{\"step_index\":\"a\",\"base_reward\":0.5}]}",
		  { 0.5 } },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check_reading(&v[i], strcmp(v[i].row, TWO) == 0 ? 2 : 1);
}

static void test_tokens_tell_where_steps_end(void)
{
	static const char rows[] = "{\"data\":[{\"index\":0,\"data\":[[9],[0.5],[9],[0.25]]}]}";
	static const struct {
		const char *tokens, *error;
	} v[] = {
		{ "{\"count\":4,\"tokens\":[5,7,6,7]}", NULL },
		{ "{\"count\":4,\"tokens\":[5,7,6,8]}",
		  "has the token 7 (step_token) 1 times for 2" },
		{ "{\"count\":4,\"tokens\":[7,7,6,7]}",
		  "has the token 7 (step_token) 3 times for 2" },
		{ "{\"count\":3,\"tokens\":[5,7,7]}", "4 rows for the 3 tokens" },
		{ "{\"count\":4,\"tokens\":[5,\"7\",6,7]}", "tokens[1] is a text" },
		{ "{\"count\":4,\"tokens\":null}", "tokens is null or missing" },
		{ "[]", "tokens is null or missing" },
	};
	struct served s;

	CU_ASSERT_FATAL(
		served_open(&s, "vllm_pooling", STEP "steps = \"min\";",
			    "template = \"plain\"; per_step = \"tokens\"; step_token = 7;"));
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CU_ASSERT(served_score(&s, STEPS, SAYS(rows, v[i].tokens)));
		CU_ASSERT(strcmp(s.path[1], "/tokenize") == 0);
		CU_ASSERT(strcmp(s.body[1], "{\"prompt\":\"Q\\n\\none\\ntwo\\n\"}") == 0);
		if (v[i].error) {
			CU_ASSERT(!s.f.res.outs[0].valid && strstr(s.f.json.p, v[i].error));
		} else {
			CU_ASSERT(s.f.res.outs[0].valid);
			CU_ASSERT_DOUBLE_EQUAL(s.f.res.outs[0].score, 0.25, 0);
		}
	}
	served_close(&s);
}

/* ---- what is not read ------------------------------------------------------------------------ */

struct hostile {
	const char *says, *error;
};

static void refuses(const char *model, const char *keys, const char *params, const char *row,
		    const struct hostile *v, size_t n)
{
	struct served s;

	CU_ASSERT_FATAL(served_open(&s, model, keys, params));
	for (size_t i = 0; i < n; i++) {
		bool ok = served_score(&s, row, SAYS(v[i].says));

		for (size_t k = 0; ok && k < s.f.res.n_outs; k++)
			ok = !s.f.res.outs[k].valid;
		ok = ok && strstr(s.f.json.p, v[i].error);
		if (!ok)
			(void)fprintf(stderr, "%s, %s: not \"%s\": %s\n", model, v[i].says,
				      v[i].error, s.f.json.p);
		CU_ASSERT(ok);
	}
	served_close(&s);
}
#define REFUSES(model, keys, params, row, v)                                                       \
	refuses(model, keys, params, row, v, sizeof(v) / sizeof((v)[0]))

/* What each list of items may be instead of one; %s: the list's place. */
static void test_lists_that_are_none_are_refused(void)
{
	static const struct {
		const char *model, *params, *wrap;
	} v[] = {
		{ "vllm_classify", "template = \"plain\";", "{\"data\":%s}" },
		{ "vllm_pooling", "template = \"plain\";", "{\"data\":%s}" },
		{ "vllm_score", "", "{\"data\":%s}" },
		{ "vllm_rerank", "", "{\"results\":%s}" },
		{ "vllm_generative_scoring", "label_token_ids = [1, 2];", "{\"data\":%s}" },
		{ "sglang_classify", "", "%s" },
		{ "sglang_v1_classify", "", "{\"data\":%s}" },
		{ "sglang_embeddings", "", "{\"data\":%s}" },
		{ "sglang_rerank", "", "%s" },
		{ "sglang_score", "label_token_ids = [1];", "{\"scores\":%s}" },
		{ "tei_predict", "", "%s" },
		{ "tei_rerank", "", "%s" },
		{ "openrlhf", "", "{\"rewards\":%s}" },
		{ "openrlhf", "take = \"scores\";", "{\"scores\":%s}" },
	};
	static const char *const lists[] = {
		"null",
		"1",
		"\"x\"",
		"{}",
		"[]",
		"[1]",
		"[null,null]",
		"[{},{}]",
		"[[],[]]",
		"[\"a\",\"b\"]",
		"[true,false]",
		"[[[1]],[[1]]]",
		"[1,2,3]",
		"[{\"index\":0},{\"index\":1}]",
		"[{\"index\":0,\"score\":\"1\"},{\"index\":1,\"score\":\"1\"}]",
		"[{\"index\":0,\"score\":1,\"relevance_score\":1,\"probs\":[1],\"data\":[1],"
		"\"embedding\":[1]},{\"index\":0,\"score\":1,\"relevance_score\":1,\"probs\":[1],"
		"\"data\":[1],\"embedding\":[1]}]",
		"[{\"index\":0,\"score\":1,\"relevance_score\":1,\"probs\":[1],\"data\":[1],"
		"\"embedding\":[1]},{\"index\":99999999999,\"score\":1,\"relevance_score\":1,"
		"\"probs\":[1],\"data\":[1],\"embedding\":[1]}]",
		"[{\"index\":0.0,\"score\":1,\"relevance_score\":1,\"probs\":[1],\"data\":[1],"
		"\"embedding\":[1]},{\"index\":1,\"score\":1,\"relevance_score\":1,\"probs\":[1],"
		"\"data\":[1],\"embedding\":[1]}]",
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct served s;

		CU_ASSERT_FATAL(served_open(&s, v[i].model, LIST, v[i].params));
		for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
			char says[1000];
			bool ok;

			(void)snprintf(says, sizeof(says), "%.*s%s%s", (int)strcspn(v[i].wrap, "%"),
				       v[i].wrap, lists[k],
				       v[i].wrap + strcspn(v[i].wrap, "%") + 2);
			ok = served_score(&s, TWO, SAYS(says)) && !s.f.res.outs[0].valid &&
			     !s.f.res.outs[1].valid && s.f.res.outs[0].code < 0 &&
			     strstr(s.f.json.p, "POST ");
			if (!ok)
				(void)fprintf(stderr, "%s takes %s: %s\n", v[i].model, says,
					      s.f.json.p);
			CU_ASSERT(ok);
		}
		served_close(&s);
	}
}

static void test_complaints_say_what_and_where(void)
{
	static const struct hostile classify[] = {
		{ PROBS("[1]", "[null]"), "data[0].probs[0] is null or missing: must be a number" },
		{ PROBS("[1]", "[\\\"1\\\"]"), "not JSON" },
		{ PROBS("[1]", "[\"nan\"]"), "data[0].probs[0] is a text" },
		{ PROBS("[1]", "[NaN]"), "NaN" },
		{ PROBS("[1]", "[Infinity]"), "not JSON" },
		{ PROBS("[1]", "[]"), "data[0].probs is an empty list" },
		{ PROBS("[1]", "[[1]]"), "data[0].probs[0] is a list" },
		{ PROBS("[1]", "[1,2]"), "2 values for one text: say which count" },
		{ PROBS("[1]", "1"), "data[0].probs is a number: must be a list of numbers" },
		{ "{\"data\":[{\"index\":0,\"probs\":[1],\"num_classes\":2},{\"index\":1,\"probs\":"
		  "[1]}]}",
		  "data[0].probs has 1 values, num_classes says 2" },
		{ "{\"error\":{\"message\":\"no\"}}", "the answer is an error: no" },
		{ "{\"error\":null}", "data is null or missing: must be a list" },
	};
	static const struct hostile softmax[] = {
		{ PROBS("[1]", "[1]"), "softmax of one value is always 1" },
		{ PROBS("[1,2]", "[1,2]"), "there is no label \\\"x\\\"; there are 2: 0, 1" },
	};
	static const struct hostile weights[] = {
		{ PROBS("[1]", "[1]"), "has 1 values, the parameter weights has 2" },
		{ PROBS("[1e308,1e308]", "[1,1]"), "beyond the range of numbers" },
	};
	static const struct hostile verdicts[] = {
		{ "{\"score\":0,\"is_score_valid\":false,\"reason\":\"why not\"}",
		  "says that its score is not valid: why not" },
		{ "{\"score\":1,\"error\":\"broke\"}", "the evaluator failed: broke" },
		{ "{\"score\":null}", "score is null or missing" },
		{ "{\"score\":1,\"is_score_valid\":0}", "is_score_valid is a number" },
		{ "{\"score\":1,\"metrics\":{\"m\":{\"score\":\"x\"}}}",
		  "metrics.m.score is a text" },
		{ "{\"score\":1,\"step_outputs\":[{\"base_reward\":null}]}",
		  "step_outputs[0].base_reward is null" },
		{ "[1]", "the answer is a list: must be an object" },
	};
	static const struct hostile steps[] = {
		{ "{\"data\":[{\"index\":0,\"data\":[[1],[1],[1]]}]}", "3 rows for 2 steps" },
		{ "{\"data\":[{\"index\":0,\"data\":[[1],[]]}]}",
		  "not a list of 1 values like the first" },
		{ "{\"data\":[{\"index\":0,\"data\":[[1,2],[3,4]]}]}", "2 values for one text" },
		{ "{\"data\":[{\"index\":0,\"data\":[[],[]]}]}", "2 rows of 0 values" },
	};
	static const struct hostile outputs[] = {
		{ "{\"score\":1}", "step_outputs has 0 entries for 2 steps" },
		{ "{\"score\":1,\"step_outputs\":[{\"base_reward\":1}]}",
		  "step_outputs has 1 entries for 2 steps" },
		{ "{\"score\":1,\"step_outputs\":[{\"step_index\":1,\"base_reward\":1},"
		  "{\"step_index\":1,\"base_reward\":0}]}",
		  "step_outputs[0] and [1] have one step_index" },
		{ "{\"score\":1,\"step_outputs\":[{\"step_index\":\"a\",\"base_reward\":1},"
		  "{\"step_index\":\"a\",\"base_reward\":0}]}",
		  "step_outputs[0] and [1] have one step_index" },
		{ "{\"score\":1,\"step_outputs\":[{\"step_index\":1,\"base_reward\":1},"
		  "{\"base_reward\":0}]}",
		  "step_outputs[1].step_index is null or missing, unlike the first" },
		{ "{\"score\":1,\"step_outputs\":[{\"step_index\":1.5,\"base_reward\":1},"
		  "{\"step_index\":2,\"base_reward\":0}]}",
		  "step_outputs[0].step_index is a number: must be an integer or a text" },
	};
	static const struct hostile gym[] = {
		{ "{\"reward\":0,\"_ng_failure_class\":\"judge_failed\"}",
		  "the verifier failed (judge_failed)" },
		{ "{}", "reward is null or missing" },
		{ "{\"reward\":1,\"reward_components\":{\"a\":\"b\"}}",
		  "reward_components.a is a text" },
	};
	static const struct hostile programs[] = {
		{ "{\"results\":[1]}", "1 results for 2 tests" },
		{ "{\"results\":[1,2]}", "results[1] is neither 0 nor 1" },
		{ "{\"results\":[1,null]}", "results[1] is null" },
		{ "{\"results\":[]}", "results is empty" },
		{ "{}", "results is null or missing" },
	};
	static const struct hostile bare[] = {
		{ "\"1\"", "the answer is a text: must be a number" },
		{ "true", "the answer is true or false" },
		{ "[1]", "the answer is a list" },
		{ "{\"score\":1}", "name its score in reward_key" },
		{ "null", "null" },
		{ "", "the answer is empty" },
		{ "1 2", "not JSON" },
	};

	REFUSES("vllm_classify", LIST, "template = \"plain\";", TWO, classify);
	REFUSES("vllm_classify", LIST,
		"template = \"plain\"; activation = \"softmax\"; labels = [\"x\"];", TWO, softmax);
	REFUSES("vllm_classify", LIST, "template = \"plain\"; weights = [1.0, 1.0];", TWO, weights);
	REFUSES("eval_protocol", "", "", ONE, verdicts);
	REFUSES("vllm_pooling", STEP, "per_step = \"rows\";", STEPS, steps);
	REFUSES("eval_protocol", STEP, "per_step = \"outputs\";", STEPS, outputs);
	REFUSES("nemo_gym", "", "", ONE, gym);
	REFUSES("open_instruct", "", "", ONE, programs);
	REFUSES("slime", "", "", ONE, bare);
}

static void test_no_beginning_of_an_answer_is_an_answer(void)
{
	static const char *const v[][2] = {
		{ "vllm_classify", "{\"data\":[{\"index\":0,\"label\":\"x\",\"probs\":[0.5]}]}" },
		{ "tei_predict", "[[{\"score\":0.5,\"label\":\"only\"}]]" },
		{ "openrlhf", "{\"rewards\":[0.5],\"scores\":[0.5]}" },
		{ "eval_protocol", "{\"score\":0.5,\"is_score_valid\":true,\"metrics\":{}}" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct served s;
		size_t n = strlen(v[i][1]);
		char says[200];

		CU_ASSERT_FATAL(served_open(&s, v[i][0], "", ""));
		for (size_t k = 0; k <= n; k++) {
			(void)snprintf(says, sizeof(says), "%.*s", (int)k, v[i][1]);
			CU_ASSERT(served_score(&s, ONE, SAYS(says)));
			CU_ASSERT(s.f.res.outs[0].valid == (k == n));
		}
		served_close(&s);
	}
}

static void test_large_answers_are_bounded(void)
{
	struct meed_buf b = { 0 };
	struct served s;

	meed_buf_puts(&b, "[{\"embedding\":[0");
	for (int i = 0; i < 100000; i++)
		meed_buf_puts(&b, ",0.5");
	meed_buf_puts(&b, "]}]");
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FATAL(!b.failed && served_open(&s, "sglang_classify", "", ""));
	CU_ASSERT(served_score(&s, ONE, SAYS(b.p)));
	CU_ASSERT(!s.f.res.outs[0].valid && strstr(s.f.json.p, "an embedding, not a score"));
	served_close(&s);
	b.n = 0;
	for (int i = 0; i < 100000; i++)
		meed_buf_putc(&b, '[');
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FATAL(!b.failed && served_open(&s, "tei_predict", "", ""));
	CU_ASSERT(served_score(&s, ONE, SAYS(b.p)));
	CU_ASSERT(!s.f.res.outs[0].valid);
	served_close(&s);
	meed_buf_release(&b);
}

static void test_vectors_are_read_as_strictly(void)
{
#define EMBED(a, b)                                                                                \
	"{\"data\":[{\"index\":0,\"embedding\":" a "},{\"index\":1,\"embedding\":" b "}]}"
	static const struct hostile v[] = {
		{ EMBED("[1,0]", "[0,0]"), "the embedding of text 1 is all zeros" },
		{ EMBED("[1,0]", "[1]"), "embedding 1 has another length" },
		{ EMBED("[1,0]", "[1,null]"), "holds more than numbers" },
		{ EMBED("[1,0]", "[1,1e39]"), "an embedding holds 1e+39" },
		{ EMBED("[]", "[]"), "neither a list of numbers nor base64" },
		{ EMBED("\"AACAPw==\"", "\"AADAfw==\""), "an embedding holds nan" },
		{ EMBED("\"AACAPw==\"", "\"AACA?w==\""), "neither a list nor base64" },
		{ EMBED("\"AACAPw==\"", "\"AACAPwAA\""), "embedding 1 has another length" },
		{ EMBED("\"AACAP\"", "\"AACAP\""), "neither a list of numbers nor base64" },
		{ "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
		  "embedding 1 has another's index" },
		{ "{\"data\":[{\"index\":2,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
		  "embedding 0 has a bad index" },
		{ "{\"data\":[{\"index\":-1,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
		  "embedding 0 has a bad index" },
		{ "{\"data\":[{\"embedding\":[1]}]}", "2 texts were sent, 1 embeddings came back" },
		{ "{\"error\":{\"message\":\"busy\"}}", "the answer is an error: busy" },
		{ "{\"data\":null}", "2 texts were sent, 0 embeddings came back" },
	};
	static const struct {
		const char *says;
		double want;
	} good[] = {
		{ EMBED("[1,0]", "[0.6,0.8]"), 0.6 },
		{ EMBED("[1e-30,0]", "[-3e30,0]"), -1 },
		{ EMBED("\"AACAPwAAAAA=\"", "\"AACAPwAAgD8\""), 0.70710678118654752 },
		{ EMBED("\"AACAPw==\"", "[2]"), 1 },
	};
	struct served s;

	REFUSES("embed.similarity", "", "", ONE, v);
	CU_ASSERT_FATAL(served_open(&s, "embed.similarity", "", ""));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CU_ASSERT(served_score(&s, ONE, SAYS(good[i].says)));
		CU_ASSERT(s.f.res.outs[0].valid);
		CU_ASSERT_DOUBLE_EQUAL(s.f.res.outs[0].score, good[i].want, 1e-7);
	}
	/* vectors of one sample must be alike, whatever request brought them */
	served_close(&s);
	CU_ASSERT_FATAL(served_open(&s, "embed.similarity", "", "batch = 1;"));
	CU_ASSERT(served_score(
		&s, ONE,
		SAYS("{\"data\":[{\"embedding\":[1]}]}", "{\"data\":[{\"embedding\":[1,2]}]}")));
	CU_ASSERT(!s.f.res.outs[0].valid && strstr(s.f.json.p, "vectors of 1 and of 2 numbers"));
	CU_ASSERT(served_score(&s, "{\"prompt\":\"p\",\"response\":\"\",\"reference\":\"r\"}",
			       SAYS("{}")));
	CU_ASSERT(!s.f.res.outs[0].valid && strstr(s.f.json.p, "is empty: it has no embedding"));
	served_close(&s);
}

int main(void)
{
	CU_TestInfo read[] = {
		{ "values become one as asked", test_values_become_one_as_asked },
		{ "tokens tell where steps end", test_tokens_tell_where_steps_end },
		{ "lists that are none are refused", test_lists_that_are_none_are_refused },
		{ "complaints say what and where", test_complaints_say_what_and_where },
		{ "no beginning of an answer is an answer",
		  test_no_beginning_of_an_answer_is_an_answer },
		{ "large answers are bounded", test_large_answers_are_bounded },
		{ "vectors are read as strictly", test_vectors_are_read_as_strictly },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "what is read", NULL, NULL, NULL, NULL, read },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
