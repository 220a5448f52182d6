/* plugin.c - the plugin `remote`: descriptors, and the schemas of parameters. */
#include "config.h"
#include "remote.h"

#include <math.h>

#define HELP(text) "\"description\":\"" text "\""
#define TEXT(name, dflt, help) \
	"\"" name "\":{\"type\":\"string\",\"default\":\"" dflt "\"," HELP(help) "}"
#define WORDS(name, dflt, list, help) \
	"\"" name "\":{\"type\":\"string\",\"default\":\"" dflt "\",\"enum\":[" list "]," \
	HELP(help) "}"
#define TRUTH(name, dflt, help) \
	"\"" name "\":{\"type\":\"boolean\",\"default\":" dflt "," HELP(help) "}"
#define LIST(name, of, help) \
	"\"" name "\":{\"type\":\"array\",\"default\":[],\"maxItems\":256,\"items\":{" of "}," \
	HELP(help) "}"
#define SCHEMA(props) \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" props "}}"
#define SCHEMA_TOKENS(props) \
	"{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"label_token_ids\"]," \
	"\"properties\":{" props "}}"

/* What every format has. */
#define COMMON(dflt_path) \
	TEXT("model", "", "sent as model; empty: not sent") "," \
	TEXT("path", dflt_path, "behind the endpoint's url") "," \
	"\"extra\":{\"type\":\"object\",\"default\":{}," \
	HELP("members that join each request's body") "}"
#define BATCH \
	"\"batch\":{\"type\":\"integer\",\"default\":32,\"minimum\":1,\"maximum\":4096," \
	HELP("responses or steps in a request at most") "}"
#define TEMPLATE(dflt) \
	TEXT("template", dflt, \
	     "the text that is scored: server (messages are sent), chatml, qwen, qwen3, llama3, " \
	     "llama3.1, gemma, mistral, plain, response, or a template with {{response}}") "," \
	WORDS("special", "refuse", "\"refuse\",\"remove\",\"pass\"", \
	      "what is done with a named template's own marks in texts of the sample")
#define BOS(dflt) \
	TRUTH("bos", dflt, "begin with the template's BOS; false where the server puts it there")
#define QUERY(help) TEXT("query", "{{prompt}}", help)
#define ACTIVATION(raw) \
	WORDS("activation", "server", "\"server\",\"none\",\"sigmoid\",\"softmax\"", \
	      "server: as the server gives them; " raw \
	      "; sigmoid, softmax: applied here to raw values")
#define ACTIVATION1(raw) \
	WORDS("activation", "server", "\"server\",\"none\",\"sigmoid\"", \
	      "server: as the server gives it; " raw "; sigmoid: applied here to the raw value")
#define CHOICE \
	LIST("labels", "\"type\":\"string\",\"minLength\":1", \
	     "which of several values count, by name or place (\\\"0\\\", \\\"-1\\\": last)") "," \
	LIST("names", "\"type\":\"string\",\"minLength\":1", \
	     "what the values are called, in order") "," \
	LIST("weights", "\"type\":\"number\"", \
	     "a weight for each value; their weighted sum counts") "," \
	WORDS("combine", "max", "\"max\",\"sum\",\"mean\"", "several labels into one") "," \
	TRUTH("invert", "false", "1 - score")
#define STEPS(dflt, list, help) \
	WORDS("per_step", dflt, list, help) "," \
	TEXT("step_end", "\\n", "what follows each step in the text of all")
#define STEPS_ONE \
	STEPS("prefix", "\"prefix\",\"alone\"", \
	      "stepwise: each step is sent with all before it, or alone")
#define TOKENS(least) \
	"\"label_token_ids\":{\"type\":\"array\",\"minItems\":" least ",\"maxItems\":256," \
	"\"items\":{\"type\":\"integer\",\"minimum\":0}," \
	HELP("ids of the tokens whose chances are compared") "}," \
	TRUTH("item_first", "false", "the item stands before the query")

#define RAW "none: raw values are asked for"
#define AS_IS "none: likewise"

#define CLASSIFY(path, template, raw) \
	SCHEMA(COMMON(path) "," BATCH "," TEMPLATE(template) "," BOS("false") "," \
	       ACTIVATION(raw) "," CHOICE "," STEPS_ONE)
#define RERANK(path, activation) \
	SCHEMA(COMMON(path) "," BATCH "," QUERY("the query: a template") "," \
	       TEMPLATE("response") "," activation "," STEPS_ONE "," \
	       TRUTH("invert", "false", "1 - score"))

#define POOLING \
	SCHEMA(COMMON("/pooling") "," BATCH "," TEMPLATE("server") "," BOS("false") "," \
	       ACTIVATION(RAW) "," CHOICE "," \
	       STEPS("prefix", "\"prefix\",\"alone\",\"rows\",\"tokens\"", \
		     "stepwise: each step is sent with all before it, or alone; all in one text, " \
		     "and the server answers for each step (rows) or each token (tokens)") "," \
	       "\"step_token\":{\"type\":\"integer\",\"default\":-1,\"minimum\":-1," \
	       HELP("per_step = tokens: the id of the token that ends a step") "}," \
	       TEXT("task", "", \
		    "vLLM's task: classify, token_classify, ...; empty: its own choice") "," \
	       WORDS("reduce", "none", "\"none\",\"last\",\"mean\",\"min\",\"product\"", \
		     "values of all tokens of a response into one"))
#define PREDICT \
	SCHEMA(COMMON("/predict") "," BATCH "," TEMPLATE("response") "," BOS("false") "," \
	       TRUTH("pairs", "false", "send (query, text) pairs") "," \
	       QUERY("pairs: the first text, a template") "," \
	       ACTIVATION(RAW) "," CHOICE "," STEPS_ONE)
#define OPENRLHF \
	SCHEMA(COMMON("/get_reward") "," BATCH "," TEMPLATE("plain") "," BOS("false") "," \
	       QUERY("sent as prompts: a template") "," \
	       WORDS("take", "rewards", "\"rewards\",\"scores\"", \
		     "which list of the answer counts") "," \
	       STEPS_ONE)
#define SLIME \
	SCHEMA(COMMON("") "," \
	       WORDS("template", "", "\"\",\"server\"", \
		     "server: the prompt is sent as messages; empty: as the text of query") "," \
	       QUERY("sent as prompt: a template") "," \
	       TEXT("reward_key", "", \
		    "the answer's member that is the score; empty: it is a number") "," \
	       STEPS_ONE)
#define EVAL_PROTOCOL \
	SCHEMA(COMMON("/evaluate") "," \
	       "\"kwargs\":{\"type\":\"object\",\"default\":{}," \
	       HELP("sent as kwargs") "}," \
	       STEPS("prefix", "\"prefix\",\"alone\",\"outputs\"", \
		     "stepwise: each step is sent with all before it, or alone; all at once, and " \
		     "step_outputs tell of each"))
#define NEMO_GYM \
	SCHEMA(COMMON("/verify") "," \
	       TEXT("reference_field", "expected_answer", \
		    "the reference is sent under this name") "," \
	       LIST("fields", "\"type\":\"string\",\"minLength\":1", \
		    "keys of metadata that are sent") "," \
	       STEPS_ONE)
#define OPEN_INSTRUCT \
	SCHEMA(COMMON("/test_program") "," \
	       "\"tests_key\":{\"type\":\"string\",\"default\":\"tests\",\"minLength\":1," \
	       HELP("key of the response's label, or of metadata, that holds the tests") "}," \
	       "\"max_execution_time\":{\"type\":\"number\",\"default\":1.0," \
	       "\"exclusiveMinimum\":0,\"maximum\":600," HELP("seconds for each test") "}")

#define GENERATIVE \
	SCHEMA_TOKENS(COMMON("/generative_scoring") "," BATCH "," \
		      QUERY("the query: a template") "," \
		      TEMPLATE("response") "," TOKENS("2") "," STEPS_ONE "," \
		      TRUTH("invert", "false", "1 - score"))
#define NEXT_TOKEN \
	SCHEMA_TOKENS(COMMON("/v1/score") "," BATCH "," QUERY("the query: a template") "," \
		      TEMPLATE("response") "," TOKENS("1") "," CHOICE "," STEPS_ONE)

#define VLLM "vLLM, docs.vllm.ai, "
#define SGLANG "SGLang, docs.sglang.ai, "
#define TEI "Text Embeddings Inference, github.com/huggingface/text-embeddings-inference, "

/* A create for each, since it is not told whose it is. */
#define MODEL(var, wire, name, about, from, schema, how) \
	static int32_t var##_create(const meed_host *h, meed_ctx *c, const meed_val *p, \
				    void **self) \
	{ \
		return remote_create(h, c, p, wire, self); \
	} \
	static const meed_rm var = MEED_MODEL( \
		.id = "remote." name, \
		.version = REMOTE_VERSION, \
		.summary = about, \
		.license = "Apache-2.0", \
		.source = from, \
		.params_schema = schema, \
		.modes = how, \
		.needs = MEED_NEEDS_HTTP, \
		.traits = 0, \
		.score_min = -INFINITY, \
		.score_max = INFINITY, \
		.state_size = sizeof(struct state), \
		.create = var##_create, \
		.destroy = remote_destroy, \
		.evaluate = remote_evaluate, \
		.resume = remote_resume)

#define ALL (MEED_POINTWISE | MEED_LISTWISE | MEED_STEPWISE)

MODEL(vllm_classify, W_VLLM_CLASSIFY, "vllm_classify",
      "a classifier or reward model at vLLM's /classify", VLLM "Classification API",
      CLASSIFY("/classify", "server", RAW), ALL);
MODEL(vllm_pooling, W_VLLM_POOLING, "vllm_pooling",
      "a reward model at vLLM's /pooling, by response, step or token", VLLM "Pooling API", POOLING,
      ALL);
MODEL(vllm_score, W_VLLM_SCORE, "vllm_score", "a cross-encoder at vLLM's /score", VLLM "Score API",
      RERANK("/score", ACTIVATION1(RAW)), ALL);
MODEL(vllm_rerank, W_VLLM_RERANK, "vllm_rerank", "a reranker at vLLM's /v1/rerank",
      VLLM "Re-rank API", RERANK("/v1/rerank", ACTIVATION1(RAW)), ALL);
MODEL(vllm_generative, W_VLLM_GENERATIVE, "vllm_generative_scoring",
      "how likely a language model goes on with a label, at vLLM's /generative_scoring",
      VLLM "Generative Scoring",
      GENERATIVE, ALL);
MODEL(sglang_classify, W_SGLANG_CLASSIFY, "sglang_classify", "a reward model at SGLang's /classify",
      SGLANG "Classify (reward model)", CLASSIFY("/classify", "chatml", AS_IS), ALL);
MODEL(sglang_v1_classify, W_SGLANG_V1_CLASSIFY, "sglang_v1_classify",
      "a classifier at SGLang's /v1/classify", SGLANG "Classification API",
      CLASSIFY("/v1/classify", "chatml", AS_IS), ALL);
MODEL(sglang_embeddings, W_SGLANG_EMBEDDINGS, "sglang_embeddings",
      "a reward model at SGLang's /v1/embeddings, as verl serves it",
      "verl, reward model router, github.com/volcengine/verl",
      CLASSIFY("/v1/embeddings", "chatml", AS_IS), ALL);
MODEL(sglang_rerank, W_SGLANG_RERANK, "sglang_rerank", "a reranker at SGLang's /v1/rerank",
      SGLANG "Rerank API", RERANK("/v1/rerank", ACTIVATION1(AS_IS)), ALL);
MODEL(sglang_score, W_SGLANG_SCORE, "sglang_score",
      "how likely a language model goes on with a label, at SGLang's /v1/score", SGLANG "Score API",
      NEXT_TOKEN, ALL);
MODEL(tei_predict, W_TEI_PREDICT, "tei_predict",
      "a classifier at Text Embeddings Inference's /predict", TEI "/predict", PREDICT, ALL);
MODEL(tei_rerank, W_TEI_RERANK, "tei_rerank", "a reranker at Text Embeddings Inference's /rerank",
      TEI "/rerank", RERANK("/rerank", ACTIVATION1(RAW)), ALL);
MODEL(openrlhf, W_OPENRLHF, "openrlhf", "a reward server that speaks OpenRLHF's /get_reward",
      "OpenRLHF, openrlhf/cli/serve_rm.py", OPENRLHF, ALL);
MODEL(slime, W_SLIME, "slime", "a reward server that speaks slime's remote_rm",
      "slime, slime/rollout/rm_hub", SLIME, MEED_POINTWISE | MEED_STEPWISE);
MODEL(eval_protocol, W_EVAL_PROTOCOL, "eval_protocol",
      "a reward function at eval-protocol's /evaluate",
      "eval-protocol, eval_protocol/generic_server.py", EVAL_PROTOCOL,
      MEED_POINTWISE | MEED_STEPWISE);
MODEL(nemo_gym, W_NEMO_GYM, "nemo_gym", "a resource server's /verify, as NeMo-Gym has them",
      "NeMo-Gym, nemo_gym/base_resources_server.py", NEMO_GYM, MEED_POINTWISE | MEED_STEPWISE);
MODEL(open_instruct, W_OPEN_INSTRUCT, "open_instruct",
      "the share of tests that a program passes, at open-instruct's /test_program",
      "open-instruct, open_instruct/code_utils/api.py", OPEN_INSTRUCT, MEED_POINTWISE);

static const meed_rm *const models[] = {
	&embed_similarity, &vllm_classify,  &vllm_pooling,   &vllm_score,
	&vllm_rerank,	   &vllm_generative, &sglang_classify, &sglang_v1_classify,
	&sglang_embeddings, &sglang_rerank, &sglang_score,   &tei_predict,
	&tei_rerank,	   &openrlhf,	    &slime,	     &eval_protocol,
	&nemo_gym,	   &open_instruct,  NULL,
};

const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "meed.remote",
	.version = REMOTE_VERSION,
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models);
