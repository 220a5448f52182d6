/* rewards.c - the test server in the part of reward servers: vLLM, SGLang, Text Embeddings
 *Inference, OpenRLHF, slime, eval-protocol, NeMo-Gym and open-instruct, each under its name:
 * /vllm/classify; and /embed/embeddings, whose vectors count the letters a, b and c, in base64 if a
 *text has
 * [[base64]], without the last if one has [[short]].
 *
 * What it thinks of a text is the last [[points X]] in it, else 0.5: the raw value of the first
 * output. A model called "three" has three: x, 0 and -x, called good, so-so, bad. In a text:
 *	[[raw BYTES[[end]]	exactly these bytes are the answer
 *	[[too long]]		that server's error for a text that is too long
 *	[[backend]]		that server's error for a fault of its own
 *	[[invalid]]		eval-protocol: a score that is not valid; NeMo-Gym: a failure
 * A body in another form than the server reads gets the error that the server gives. */
#include "tests/llm/rewards.h"

#include <json-c/json.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEI_BATCH = 32
};

typedef struct json_object J;

struct ask {
	J *body;
	const char *head;
	int status;
};

static J *get(J *o, const char *name)
{
	J *v = NULL;

	return json_object_object_get_ex(o, name, &v) ? v : NULL;
}

static const char *str(J *o)
{
	return json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";
}

static size_t len(J *o)
{
	return json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
}

static J *at(J *o, size_t i)
{
	return i < len(o) ? json_object_array_get_idx(o, i) : NULL;
}

__attribute__((format(printf, 1, 2))) static J *json(const char *fmt, ...)
{
	char buf[2000];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return json_tokener_parse(buf);
}

static void add(J *o, const char *name, J *v)
{
	(void)json_object_object_add(o, name, v);
}

static void push(J *a, J *v)
{
	(void)json_object_array_add(a, v);
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* The last place of what in any text of the body; NULL. */
static const char *find(J *o, const char *what)
{
	const char *found = NULL, *p;

	if (json_object_is_type(o, json_type_string)) {
		for (p = json_object_get_string(o); (p = strstr(p, what)); p++)
			found = p;
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, key, v)
		{
			(void)key;
			p = find(v, what);
			found = p ? p : found;
		}
	} else {
		for (size_t i = 0; i < len(o); i++) {
			p = find(at(o, i), what);
			found = p ? p : found;
		}
	}
	return found;
}

static double points(J *o)
{
	const char *p = find(o, "[[points ");

	return p ? strtod(p + 9, NULL) : 0.5;
}

static double sigmoid(double x)
{
	return 1.0 / (1.0 + exp(-x));
}

/* ---- errors ---------------------------------------------------------------------------------- */

static J *fail(struct ask *a, int status, J *body)
{
	a->status = status;
	return body;
}

static J *vllm_error(struct ask *a, int status, const char *type, const char *text)
{
	return fail(a, status,
		    json("{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,"
			 "\"code\":%d}}",
			 text, type, status));
}

static J *old_error(struct ask *a, int status, const char *type, const char *text)
{
	return fail(a, status,
		    json("{\"object\":\"error\",\"message\":\"%s\",\"type\":\"%s\","
			 "\"param\":null,\"code\":%d}",
			 text, type, status));
}

static J *tei_error(struct ask *a, int status, const char *type, const char *text)
{
	return fail(a, status, json("{\"error\":\"%s\",\"error_type\":\"%s\"}", text, type));
}

static J *missing(struct ask *a, const char *field)
{
	return fail(a, 422,
		    json("{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"%s\"],"
			 "\"msg\":\"Field required\",\"input\":{}}]}",
			 field));
}

/* ---- vLLM, SGLang ---------------------------------------------------------------------------- */

/* One text or several, or one conversation. */
static J *inputs(struct ask *a, const char *name)
{
	J *v = get(a->body, name), *list = json_object_new_array();

	if (json_object_is_type(v, json_type_array))
		for (size_t i = 0; i < len(v); i++)
			push(list, json_object_get(at(v, i)));
	else if (json_object_is_type(v, json_type_string))
		push(list, json_object_get(v));
	else if (get(a->body, "messages"))
		push(list, json_object_get(get(a->body, "messages")));
	return list;
}

static J *outputs(struct ask *a, J *text)
{
	bool raw = get(a->body, "use_activation") &&
		   !json_object_get_boolean(get(a->body, "use_activation"));
	bool three = strcmp(str(get(a->body, "model")), "three") == 0;
	double x[3] = { points(text), 0, -points(text) }, sum = 0;
	J *v = json_object_new_array();

	for (size_t i = 0; i < 3; i++)
		sum += exp(x[i]);
	for (size_t i = 0; i < (three ? 3u : 1u); i++)
		push(v, json_object_new_double(raw     ? x[i]
					       : three ? exp(x[i]) / sum
						       : sigmoid(x[i])));
	return v;
}

static J *listed(struct ask *a, const char *id, J *data)
{
	J *o = json("{\"id\":\"%s-1\",\"object\":\"list\",\"created\":1764000000,\"model\":\"%s\"}",
		    id, str(get(a->body, "model")));

	add(o, "data", data);
	add(o, "usage",
	    json("{\"prompt_tokens\":%zu,\"total_tokens\":%zu,\"completion_tokens\":0,"
		 "\"prompt_tokens_details\":null}",
		 len(data), len(data)));
	return o;
}

static J *classify(struct ask *a)
{
	J *list = inputs(a, "input"), *data = json_object_new_array();
	static const char *const names[] = { "good", "so-so", "bad" };

	for (size_t i = 0; i < len(list); i++) {
		J *probs = outputs(a, at(list, i)), *e;
		size_t top = 0;

		for (size_t k = 0; k < len(probs); k++)
			top = json_object_get_double(at(probs, k)) >
					      json_object_get_double(at(probs, top))
				      ? k
				      : top;
		e = json("{\"index\":%zu,\"label\":\"%s\",\"num_classes\":%zu}", i,
			 len(probs) == 3 ? names[top] : "LABEL_0", len(probs));
		add(e, "probs", probs);
		push(data, e);
	}
	json_object_put(list);
	return listed(a, "classify", data);
}

/* Words are tokens; a step ends with ";", whose id is 7. */
static J *tokens(J *text)
{
	const char *p = str(text);
	J *v = json_object_new_array();

	while (*p) {
		if (*p == ';')
			push(v, json_object_new_int(7));
		else if (*p != ' ' && (p[1] == ' ' || p[1] == ';' || !p[1]))
			push(v, json_object_new_int(100 + *p));
		p++;
	}
	return v;
}

static J *rows_of(struct ask *a, J *text)
{
	J *v = json_object_new_array(), *toks = tokens(text);
	bool all = strcmp(str(get(a->body, "model")), "every-token") == 0;
	size_t step = 0;

	for (size_t i = 0; i < len(toks); i++) {
		bool end = json_object_get_int(at(toks, i)) == 7;
		J *row = json_object_new_array();

		step += end;
		push(row, json_object_new_double(end ? 1.0 - 0.25 * (double)step : 0.01));
		push(row, json_object_new_double(end ? 0.25 * (double)step : 0.99));
		if (all || end)
			push(v, row);
		else
			json_object_put(row);
	}
	json_object_put(toks);
	return v;
}

static J *pooling(struct ask *a)
{
	bool rows = strcmp(str(get(a->body, "task")), "token_classify") == 0;
	J *list = inputs(a, "input"), *data = json_object_new_array();

	rows = rows || strcmp(str(get(a->body, "model")), "every-token") == 0;
	for (size_t i = 0; i < len(list); i++) {
		J *e = json("{\"index\":%zu,\"object\":\"pooling\"}", i);

		add(e, "data", rows ? rows_of(a, at(list, i)) : outputs(a, at(list, i)));
		push(data, e);
	}
	json_object_put(list);
	return listed(a, "pool", data);
}

static J *tokenize(struct ask *a)
{
	J *v = tokens(get(a->body, "prompt"));
	J *o = json("{\"count\":%zu,\"max_model_len\":4096,\"token_strs\":null}", len(v));

	add(o, "tokens", v);
	return o;
}

static int by_score(const void *a, const void *b)
{
	double x = json_object_get_double(get(*(J *const *)a, "score"));
	double y = json_object_get_double(get(*(J *const *)b, "score"));

	return x < y ? 1 : x > y ? -1 : 0;
}

/* [{"index", "score"}], the best first. */
static J *ranked(J *docs, bool raw)
{
	J *v = json_object_new_array();

	for (size_t i = 0; i < len(docs); i++) {
		J *e = json("{\"index\":%zu}", i);
		double x = points(at(docs, i));

		add(e, "score", json_object_new_double(raw ? x : sigmoid(x)));
		push(v, e);
	}
	json_object_array_sort(v, by_score);
	return v;
}

static bool is_raw(struct ask *a)
{
	J *v = get(a->body, "use_activation");

	return (v && !json_object_get_boolean(v)) ||
	       json_object_get_boolean(get(a->body, "raw_scores"));
}

static J *score(struct ask *a)
{
	J *docs = get(a->body, "text_2"), *data = json_object_new_array();

	if (!get(a->body, "text_1") || len(docs) == 0)
		return vllm_error(a, 400, "BadRequestError", "text_1 and text_2 are needed");
	for (size_t i = 0; i < len(docs); i++) {
		J *e = json("{\"index\":%zu,\"object\":\"score\"}", i);
		double x = points(at(docs, i));

		add(e, "score", json_object_new_double(is_raw(a) ? x : sigmoid(x)));
		push(data, e);
	}
	return listed(a, "score", data);
}

static J *generative(struct ask *a)
{
	J *docs = get(a->body, "items"), *data = json_object_new_array();

	if (len(get(a->body, "label_token_ids")) == 0)
		return vllm_error(a, 400, "BadRequestError", "label_token_ids must not be empty");
	for (size_t i = 0; i < len(docs); i++) {
		J *e = json("{\"index\":%zu,\"object\":\"score\"}", i);

		add(e, "score", json_object_new_double(sigmoid(points(at(docs, i)))));
		push(data, e);
	}
	return listed(a, "generative-scoring", data);
}

static J *vllm_rerank(struct ask *a)
{
	J *docs = get(a->body, "documents"), *sorted = ranked(docs, is_raw(a));
	J *o = json("{\"id\":\"rerank-1\",\"model\":\"%s\",\"usage\":{\"prompt_tokens\":9,"
		    "\"total_tokens\":9}}",
		    str(get(a->body, "model")));
	J *v = json_object_new_array();

	for (size_t i = 0; i < len(sorted); i++) {
		J *e = json_object_new_object(), *doc = json_object_new_object();
		size_t to = (size_t)json_object_get_int64(get(at(sorted, i), "index"));

		add(doc, "text", json_object_get(at(docs, to)));
		add(e, "index", json_object_new_int64((int64_t)to));
		add(e, "document", doc);
		add(e, "relevance_score", json_object_get(get(at(sorted, i), "score")));
		push(v, e);
	}
	json_object_put(sorted);
	add(o, "results", v);
	return o;
}

static J *vllm(struct ask *a, const char *route)
{
	if (find(a->body, "[[too long]]"))
		return vllm_error(a, 400, "BadRequestError",
				  "This model's maximum context length is 512 tokens.");
	if (strcmp(str(get(a->body, "model")), "nobody") == 0)
		return old_error(a, 404, "NotFoundError", "The model `nobody` does not exist.");
	if (strcmp(route, "/classify") == 0)
		return classify(a);
	if (strcmp(route, "/pooling") == 0)
		return pooling(a);
	if (strcmp(route, "/tokenize") == 0)
		return tokenize(a);
	if (strcmp(route, "/score") == 0)
		return score(a);
	if (strcmp(route, "/v1/rerank") == 0)
		return vllm_rerank(a);
	if (strcmp(route, "/generative_scoring") == 0)
		return generative(a);
	return fail(a, 404, json("{\"detail\":\"Not Found\"}"));
}

static J *sglang_embeddings(struct ask *a, const char *name, bool openai)
{
	J *list = inputs(a, name), *v = json_object_new_array();

	for (size_t i = 0; i < len(list); i++) {
		J *e = openai ? json("{\"object\":\"embedding\",\"index\":%zu}", i)
			      : json("{\"meta_info\":{\"id\":\"x%zu\",\"prompt_tokens\":3}}", i);
		J *x = json_object_new_array();

		push(x, json_object_new_double(points(at(list, i))));
		add(e, "embedding", x);
		push(v, e);
	}
	json_object_put(list);
	return openai ? listed(a, "embd", v) : v;
}

static J *sglang(struct ask *a, const char *route)
{
	J *v;

	if (find(a->body, "[[too long]]"))
		return old_error(a, 400, "BadRequestError",
				 "The input is longer than the model's "
				 "context length");
	if (strcmp(route, "/classify") == 0)
		return sglang_embeddings(a, "text", false);
	if (strcmp(route, "/v1/embeddings") == 0)
		return sglang_embeddings(a, "input", true);
	if (strcmp(route, "/v1/classify") == 0)
		return classify(a);
	if (strcmp(route, "/v1/rerank") == 0) {
		v = ranked(get(a->body, "documents"), true);
		for (size_t i = 0; i < len(v); i++) {
			J *e = at(v, i);
			size_t to = (size_t)json_object_get_int64(get(e, "index"));

			add(e, "document", json_object_get(at(get(a->body, "documents"), to)));
			add(e, "meta_info", NULL);
		}
		return v;
	}
	if (strcmp(route, "/v1/score") == 0) {
		J *o = json("{\"model\":\"x\",\"object\":\"scoring\"}");

		v = json_object_new_array();
		for (size_t i = 0; i < len(get(a->body, "items")); i++) {
			double p = sigmoid(points(at(get(a->body, "items"), i)));
			J *row = json_object_new_array();

			for (size_t k = 0; k < len(get(a->body, "label_token_ids")); k++)
				push(row, json_object_new_double(k == 0 ? p : 1.0 - p));
			push(v, row);
		}
		add(o, "scores", v);
		return o;
	}
	return fail(a, 404, json("{\"detail\":\"Not Found\"}"));
}

/* ---- Text Embeddings Inference --------------------------------------------------------------- */

/* As a model with two labels, x and -x, has them: the greatest first; softmax unless raw. */
static J *tei_labels(J *text, bool raw)
{
	double x = points(text), top = fabs(x);
	J *v = json_object_new_array();

	for (int i = 0; i < 2; i++) {
		double y = i == 0 ? top : -top;
		J *e = json("{\"label\":\"%s\"}", (x < 0) == (i == 0) ? "threat" : "toxicity");

		add(e, "score", json_object_new_double(raw ? y : sigmoid(2 * y)));
		push(v, e);
	}
	return v;
}

static J *tei_predict(struct ask *a)
{
	J *in = get(a->body, "inputs"), *v;
	bool raw = is_raw(a);

	if (!in)
		return tei_error(a, 422, "validation", "missing field `inputs`");
	/* a text, and a flat list of two, are one input */
	if (json_object_is_type(in, json_type_string) ||
	    (len(in) == 2 && json_object_is_type(at(in, 0), json_type_string)))
		return tei_labels(in, raw);
	if (len(in) > TEI_BATCH)
		return tei_error(a, 413, "Validation",
				 "batch size 33 > maximum allowed batch size 32");
	v = json_object_new_array();
	for (size_t i = 0; i < len(in); i++)
		push(v, tei_labels(at(in, i), raw));
	return v;
}

static J *tei(struct ask *a, const char *route)
{
	if (find(a->body, "[[too long]]"))
		return tei_error(a, 413, "Validation",
				 "`inputs` must have less than 512 tokens. Given: 9000");
	if (find(a->body, "[[tokenizer]]"))
		return tei_error(a, 422, "Tokenizer", "Tokenization error");
	if (find(a->body, "[[backend]]"))
		return tei_error(a, 424, "Backend", "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS)");
	if (find(a->body, "[[overloaded]]"))
		return tei_error(a, 429, "Overloaded", "Model is overloaded");
	if (strcmp(route, "/predict") == 0)
		return tei_predict(a);
	if (strcmp(route, "/rerank") == 0) {
		if (len(get(a->body, "texts")) > TEI_BATCH)
			return tei_error(a, 413, "Validation",
					 "batch size 33 > maximum allowed batch size 32");
		return ranked(get(a->body, "texts"), is_raw(a));
	}
	return fail(a, 404, NULL);
}

/* ---- those of trainers ----------------------------------------------------------------------- */

static J *openrlhf(struct ask *a)
{
	J *q = get(a->body, "query"), *o = json_object_new_object(),
	  *logs = json_object_new_object();
	J *rewards = json_object_new_array(), *scores = json_object_new_array();

	if (!get(a->body, "prompts") || len(get(a->body, "labels")) != len(q))
		return missing(a, "prompts");
	for (size_t i = 0; i < len(q); i++) {
		push(rewards, json_object_new_double(points(at(q, i))));
		push(scores, json_object_new_double(sigmoid(points(at(q, i)))));
	}
	add(logs, "dummy_scores", json_object_get(rewards));
	add(o, "rewards", rewards);
	add(o, "scores", scores);
	add(o, "extra_logs", logs);
	return o;
}

static J *slime(struct ask *a)
{
	J *r = get(a->body, "response"), *o;

	if (!get(a->body, "prompt") || !r || !get(a->body, "label"))
		return missing(a, "response");
	if (!find(get(a->body, "prompt"), "[[object]]"))
		return json_object_new_double(points(r));
	o = json_object_new_object();
	add(o, "acc", json_object_new_double(points(r)));
	return o;
}

static J *evaluate(struct ask *a)
{
	J *msgs = get(a->body, "messages"), *o;
	double x;

	if (find(a->body, "[[key]]") && !strstr(a->head, "Bearer secret"))
		return fail(a, 401, json("{\"detail\":\"API key required but not provided.\"}"));
	if (!json_object_is_type(msgs, json_type_array))
		return missing(a, "messages");
	x = points(at(msgs, len(msgs) - 1));
	if (find(msgs, "[[invalid]]"))
		return json("{\"score\":0.0,\"is_score_valid\":false,\"reason\":\"no answer was "
			    "found\","
			    "\"metrics\":{},\"step_outputs\":null,\"error\":null}");
	if (find(msgs, "[[backend]]"))
		return fail(a, 500,
			    json("{\"detail\":\"Internal server error during evaluation: 'x'\"}"));
	o = json("{\"is_score_valid\":true,\"reason\":\"%s\",\"error\":null,\"trajectory_info\":"
		 "null,"
		 "\"metrics\":{\"form\":{\"score\":0.25,\"is_score_valid\":true,\"reason\":"
		 "\"seen\"},"
		 "\"broken\":{\"score\":0.0,\"is_score_valid\":false,\"reason\":\"not run\"}}}",
		 get(a->body, "ground_truth") ? "compared" : "no reference");
	add(o, "score", json_object_new_double(x));
	add(o, "step_outputs",
	    json("[{\"step_index\":0,\"base_reward\":0.5,\"terminated\":false},"
		 "{\"step_index\":1,\"base_reward\":1.0,\"terminated\":true}]"));
	return o;
}

static J *verify(struct ask *a)
{
	J *out = at(get(get(a->body, "response"), "output"), 0), *o;

	if (!get(a->body, "responses_create_params"))
		return missing(a, "responses_create_params");
	o = json_object_get(a->body);
	if (find(out, "[[invalid]]")) {
		add(o, "reward", json_object_new_double(0.0));
		add(o, "_ng_failure_class", json_object_new_string("judge_failed"));
		add(o, "_ng_failure_judge_error", json_object_new_string("ReadTimeout"));
		return o;
	}
	add(o, "reward", json_object_new_double(points(get(at(get(out, "content"), 0), "text"))));
	add(o, "reward_components", json("{\"format\":1.0,\"answer\":0.5}"));
	return o;
}

static J *test_program(struct ask *a)
{
	J *tests = get(a->body, "tests"), *v = json_object_new_array(), *o;
	J *times = json_object_new_array();

	/* a test passes that stands in the program */
	for (size_t i = 0; i < len(tests); i++) {
		bool ok = strstr(str(get(a->body, "program")), str(at(tests, i))) != NULL;

		push(v, json_object_new_int(ok));
		push(times, json_object_new_double(ok ? 0.01 : -1.0));
	}
	o = json_object_new_object();
	add(o, "results", v);
	add(o, "runtimes", times);
	return o;
}

/* ---- embeddings ------------------------------------------------------------------------------ */

static J *base64(const float *v, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)v;
	char out[64];
	size_t k = 0;

	for (size_t i = 0; i < n * sizeof(*v); i += 3) {
		unsigned int x = (unsigned int)p[i] << 16 | (unsigned int)p[i + 1] << 8 | p[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			out[k++] = digits[x >> shift & 63];
	}
	return json_object_new_string_len(out, (int)k);
}

static J *embed(struct ask *a, const char *route)
{
	J *in = get(a->body, "input"), *data = json_object_new_array();

	(void)route;
	/* the last first: only the index tells */
	for (size_t i = len(in); i-- > 0;) {
		J *e = json("{\"object\":\"embedding\",\"index\":%zu}", i), *list;
		float v[3] = { 0, 0, 0 };

		for (const char *p = str(at(in, i)); *p; p++)
			if (*p >= 'a' && *p <= 'c')
				v[*p - 'a'] += 1;
		if (find(in, "[[short]]") && i + 1 == len(in)) {
			json_object_put(e);
			continue;
		}
		if (find(in, "[[base64]]")) {
			add(e, "embedding", base64(v, 3));
		} else {
			list = json_object_new_array();
			for (size_t k = 0; k < 3; k++)
				push(list, json_object_new_double((double)v[k]));
			add(e, "embedding", list);
		}
		push(data, e);
	}
	return listed(a, "embd", data);
}

static J *answer(struct ask *a, const char *path)
{
	static const struct {
		const char *prefix;
		J *(*many)(struct ask *a, const char *route);
		J *(*one)(struct ask *a);
	} servers[] = {
		{ "/vllm", vllm, NULL },
		{ "/sglang", sglang, NULL },
		{ "/tei", tei, NULL },
		{ "/embed", embed, NULL },
		{ "/openrlhf/get_reward", NULL, openrlhf },
		{ "/slime", NULL, slime },
		{ "/eval-protocol/evaluate", NULL, evaluate },
		{ "/nemo-gym/verify", NULL, verify },
		{ "/open-instruct/test_program", NULL, test_program },
	};

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		size_t n = strlen(servers[i].prefix);

		if (strncmp(path, servers[i].prefix, n) != 0)
			continue;
		if (servers[i].many && path[n] == '/')
			return servers[i].many(a, path + n);
		if (servers[i].one && path[n] == '\0')
			return servers[i].one(a);
	}
	a->status = 0;
	return NULL;
}

char *rewards_answer(const char *path, const char *head, const char *body, int *ret_status)
{
	struct ask a = { json_tokener_parse(body), head, 200 };
	const char *raw = find(a.body, "[[raw "), *end = raw ? strstr(raw, "[[end]]") : NULL;
	J *o = end ? NULL : answer(&a, path);
	char *ret = NULL;

	if (end) {
		ret = strndup(raw + 6, (size_t)(end - raw - 6));
	} else if (a.status) {
		ret = strdup(o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN) : "");
		json_object_put(o);
	}
	json_object_put(a.body);
	*ret_status = a.status;
	return ret;
}
