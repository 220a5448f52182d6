/* plugin.c - the plugin `judge`: descriptors, and the schemas of parameters. */
#include "config.h"
#include "judge.h"

#define HELP(text) "\"description\":\"" text "\""
#define TEXT(name, help) "\"" name "\":{\"type\":\"string\",\"default\":\"\"," HELP(help) "},"
#define WORDS(name, dflt, list, help) \
	"\"" name "\":{\"type\":\"string\",\"default\":\"" dflt "\",\"enum\":[" list "]," \
	HELP(help) "},"
#define WHOLE(name, dflt, lo, hi, help) \
	"\"" name "\":{\"type\":\"integer\",\"default\":" dflt ",\"minimum\":" lo "," \
	"\"maximum\":" hi "," HELP(help) "},"
#define TRUTH(name, help) "\"" name "\":{\"type\":\"boolean\",\"default\":false," HELP(help) "},"

#define COMMON \
	TEXT("scenario", "what kind of task the answers are for") \
	TEXT("description", "what the judge has to do") \
	TEXT("system", "system message; empty: the built-in one") \
	TEXT("tie_rule", "when answers count as equally good") \
	TEXT("notes", "further guidance") \
	TEXT("template", "user message in the template language; empty: the built-in one") \
	TEXT("context_key", "key of metadata that holds a context, such as a document") \
	"\"rubrics\":{\"type\":\"array\",\"default\":[]," \
	HELP("texts, or groups { name, text, weight, veto, levels }") "}," \
	"\"failure_modes\":{\"type\":\"array\",\"default\":[],\"items\":{\"type\":\"string\"}," \
	HELP("what to look out for") "}," \
	"\"examples\":{\"type\":\"array\",\"default\":[]," \
	HELP("groups { prompt, answer or answers, verdict, reason }") "}," \
	"\"scale\":{\"type\":\"object\",\"default\":{},\"additionalProperties\":false," \
	"\"properties\":{" \
	"\"min\":{\"type\":\"number\",\"default\":1," HELP("worst score") "}," \
	"\"max\":{\"type\":\"number\",\"default\":10," HELP("best score") "}," \
	"\"labels\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}," \
	HELP("what points of the scale mean, lowest first, evenly spaced") "}}," \
	HELP("the scale of scores, which become 0 to 1") "}," \
	WORDS("format", "json", "\"json\",\"tags\",\"verdict\",\"text\"", \
	      "how the judge answers: JSON by schema, tags, [[verdict]], bare text") \
	WORDS("reference", "use", "\"use\",\"require\",\"ignore\"", \
	      "whether a reference answer is shown") \
	WORDS("images", "pass", "\"pass\",\"ignore\"", \
	      "whether images of the conversation and the answers are sent along") \
	WHOLE("votes", "1", "1", "64", "how often each judge is asked, with seeds of its own") \
	WHOLE("reasks", "2", "0", "10", "how often an answer that cannot be read is asked again") \
	WHOLE("max_tokens", "1024", "1", "1000000", "length of the judge's answer") \
	WHOLE("max_chars", "0", "0", "100000000", \
	      "longer answers are cut in the middle, visibly; 0: never") \
	"\"temperature\":{\"type\":\"number\",\"default\":0,\"minimum\":0,\"maximum\":2," \
	HELP("of the judge") "}," \
	"\"panel\":{\"type\":\"array\",\"default\":[]," \
	"\"items\":{\"type\":\"string\",\"format\":\"endpoint\"}," \
	HELP("endpoints that judge together; the mean counts") "}," \
	TRUTH("debate", "a second round, in which each judge sees what the others said")

#define CRITERIA TRUTH("criteria", "first write rubrics for the prompt (CARMO), then judge by them")

#define POINTWISE \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" COMMON CRITERIA \
	TRUTH("logprobs", "expected score by the log-probabilities of the first token") \
	WORDS("positions", "given", "\"given\"", "of no meaning for one answer") \
	"\"contract\":{\"type\":\"string\",\"default\":\"score\",\"enum\":[\"score\",\"rubrics\"," \
	"\"violations\",\"yes_no\"]," HELP("what the judge decides") "}}}"

#define PAIRWISE \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" COMMON CRITERIA \
	"\"contract\":{\"type\":\"string\",\"default\":\"preference\",\"enum\":[\"preference\"," \
	"\"scores\"]," HELP("what the judge decides") "}}}"

#define LISTWISE \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" COMMON CRITERIA \
	WORDS("positions", "given", "\"given\",\"shuffled\",\"rotated\"", \
	      "the order in which answers are shown") \
	WHOLE("permutations", "1", "1", "64", "orders that are asked, if positions is not given") \
	"\"contract\":{\"type\":\"string\",\"default\":\"scores\",\"enum\":[\"scores\",\"rank\"," \
	"\"best\"]," HELP("what the judge decides") "}}}"

#define STEPWISE \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" COMMON \
	"\"contract\":{\"type\":\"string\",\"default\":\"steps\"," \
	"\"enum\":[\"steps\",\"first_error\"]," \
	HELP("what the judge decides") "}}}"

#define REWRITE \
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" \
	TEXT("scenario", "what kind of task the answers are for") \
	TEXT("description", "what the writer has to do") \
	TEXT("system", "system message; empty: the built-in one") \
	TEXT("notes", "further guidance") \
	TEXT("context_key", "key of metadata that holds a context, such as a document") \
	"\"rubrics\":{\"type\":\"array\",\"default\":[]," \
	HELP("what a good answer does: texts, or groups { name, text }") "}," \
	"\"failure_modes\":{\"type\":\"array\",\"default\":[],\"items\":{\"type\":\"string\"}," \
	HELP("what to look out for") "}," \
	WHOLE("reasks", "2", "0", "10", "how often an answer that cannot be used is asked again") \
	WHOLE("max_tokens", "4096", "1", "1000000", "length of critique and new answer") \
	WHOLE("max_chars", "0", "0", "100000000", \
	      "longer answers are cut in the middle, visibly; 0: never") \
	"\"temperature\":{\"type\":\"number\",\"default\":0,\"minimum\":0,\"maximum\":2," \
	HELP("of the writer") "}}}"

#define SOURCE "LLM as a judge (arXiv 2306.05685); the rubric rewards of RM-Gallery"

static const meed_rm pointwise = MEED_MODEL(
	.id = "judge.pointwise",
	.version = JUDGE_VERSION,
	.summary = "asks a language model about one answer",
	.license = "Apache-2.0",
	.source = SOURCE,
	.params_schema = POINTWISE,
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.score_min = 0.0,
	.score_max = 1.0,
	.state_size = sizeof(struct state),
	.create = judge_pointwise_create,
	.destroy = judge_destroy,
	.evaluate = judge_evaluate,
	.resume = judge_resume);

static const meed_rm pairwise = MEED_MODEL(
	.id = "judge.pairwise",
	.version = JUDGE_VERSION,
	.summary = "asks a language model which of two answers is better",
	.license = "Apache-2.0",
	.source = SOURCE,
	.params_schema = PAIRWISE,
	.modes = MEED_PAIRWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.score_min = 0.0,
	.score_max = 1.0,
	.state_size = sizeof(struct state),
	.create = judge_pairwise_create,
	.destroy = judge_destroy,
	.evaluate = judge_evaluate,
	.resume = judge_resume);

static const meed_rm listwise = MEED_MODEL(
	.id = "judge.listwise",
	.version = JUDGE_VERSION,
	.summary = "asks a language model to compare all answers",
	.license = "Apache-2.0",
	.source = SOURCE,
	.params_schema = LISTWISE,
	.modes = MEED_LISTWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.score_min = 0.0,
	.score_max = 1.0,
	.state_size = sizeof(struct state),
	.create = judge_listwise_create,
	.destroy = judge_destroy,
	.evaluate = judge_evaluate,
	.resume = judge_resume);

static const meed_rm stepwise = MEED_MODEL(
	.id = "judge.stepwise",
	.version = JUDGE_VERSION,
	.summary = "asks a language model about each step of an answer",
	.license = "Apache-2.0",
	.source = SOURCE,
	.params_schema = STEPWISE,
	.modes = MEED_STEPWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.score_min = 0.0,
	.score_max = 1.0,
	.state_size = sizeof(struct state),
	.create = judge_stepwise_create,
	.destroy = judge_destroy,
	.evaluate = judge_evaluate,
	.resume = judge_resume);

static const meed_rm rewrite = MEED_MODEL(
	.id = "judge.rewrite",
	.version = JUDGE_VERSION,
	.summary = "has a language model criticise and rewrite an answer (for meed refine)",
	.license = "Apache-2.0",
	.source = "Self-Refine (arXiv 2303.17651)",
	.params_schema = REWRITE,
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.score_min = 0.0,
	.score_max = 1.0,
	.state_size = sizeof(struct state),
	.create = judge_pointwise_create,
	.destroy = judge_destroy,
	.evaluate = rewrite_evaluate,
	.resume = rewrite_resume);

static const meed_rm *const models[] = { &pointwise, &pairwise, &listwise, &stepwise, &rewrite,
					 NULL };

const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "meed.judge",
	.version = JUDGE_VERSION,
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models);
