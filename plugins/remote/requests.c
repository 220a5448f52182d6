/* requests.c - bodies, in the bytes that each server reads. */
#include "config.h"
#include "remote.h"

/* What each body has of its own, beside `model`: `extra` may not say it a second time. */
static const char *const written[][8] = {
	[W_VLLM_CLASSIFY] = { "messages", "add_generation_prompt", "input", "use_activation",
			      "activation" },
	[W_VLLM_POOLING] = { "messages", "add_generation_prompt", "input", "use_activation",
			     "activation", "encoding_format", "task" },
	[W_VLLM_SCORE] = { "text_1", "text_2", "use_activation", "activation" },
	[W_VLLM_RERANK] = { "query", "documents", "use_activation", "activation" },
	[W_VLLM_GENERATIVE] = { "query", "items", "label_token_ids", "apply_softmax",
				"item_first" },
	[W_SGLANG_CLASSIFY] = { "text" },
	[W_SGLANG_V1_CLASSIFY] = { "input" },
	[W_SGLANG_EMBEDDINGS] = { "input" },
	[W_SGLANG_RERANK] = { "query", "documents" },
	[W_SGLANG_SCORE] = { "query", "items", "label_token_ids", "apply_softmax", "item_first" },
	[W_TEI_PREDICT] = { "inputs", "raw_scores" },
	[W_TEI_RERANK] = { "query", "texts", "raw_scores" },
	[W_OPENRLHF] = { "query", "prompts", "labels" },
	[W_SLIME] = { "prompt", "response", "label" },
	[W_EVAL_PROTOCOL] = { "messages", "ground_truth", "kwargs" },
	[W_NEMO_GYM] = { "responses_create_params", "response" },
	[W_OPEN_INSTRUCT] = { "program", "tests", "max_execution_time" },
};

bool request_writes(const struct remote *m, meed_str name)
{
	if (meed_eq(name, MEED_S("model")))
		return true;
	for (size_t i = 0; i < 8 && written[m->wire][i]; i++)
		if (meed_eq(name, meed_s(written[m->wire][i])))
			return true;
	for (size_t i = 0; i < m->n_fields; i++)
		if (meed_eq(name, m->fields[i]))
			return true;
	return m->wire == W_NEMO_GYM && meed_eq(name, m->reference_field);
}

static void key(struct out *o, const char *name)
{
	if (o->n && o->p[o->n - 1] != '{')
		OUT(o, ",");
	out_json(o, meed_s(name));
	OUT(o, ":");
}

static void text(struct out *o, const char *name, meed_str s)
{
	key(o, name);
	out_json(o, s);
}

static void truth(struct out *o, const char *name, bool x)
{
	key(o, name);
	out_put(o, x ? MEED_S("true") : MEED_S("false"));
}

static void begin(struct out *o, const struct remote *m)
{
	OUT(o, "{");
	if (m->model.n)
		text(o, "model", m->model);
}

static void end(struct out *o, const struct remote *m)
{
	if (m->extra.n) {
		if (o->n && o->p[o->n - 1] != '{')
			OUT(o, ",");
		out_put(o, m->extra);
	}
	OUT(o, "}");
}

/* A list of the items' texts. */
static void texts(struct out *o, const char *name, const struct item *it, size_t n)
{
	key(o, name);
	OUT(o, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			OUT(o, ",");
		out_json(o, it[i].text);
	}
	OUT(o, "]");
}

/* vLLM called it `activation` once; it passes over the name that it does not know. */
static void vllm_activation(struct out *o, const struct remote *m)
{
	if (m->activation == A_SERVER)
		return;
	truth(o, "use_activation", false);
	truth(o, "activation", false);
}

static void vllm_input(struct out *o, const struct remote *m, const meed_sample *s,
		       const struct item *it, size_t n)
{
	begin(o, m);
	if (m->server_template) {
		key(o, "messages");
		chat_messages(o, s, it, true);
		truth(o, "add_generation_prompt", false);
	} else {
		texts(o, "input", it, n);
	}
	vllm_activation(o, m);
	if (m->wire == W_VLLM_POOLING) {
		text(o, "encoding_format", MEED_S("float"));
		if (m->task.n)
			text(o, "task", m->task);
	}
	end(o, m);
}

static void label_tokens(struct out *o, const struct remote *m)
{
	key(o, "label_token_ids");
	OUT(o, "[");
	for (size_t i = 0; i < m->n_label_tokens; i++) {
		if (i)
			OUT(o, ",");
		out_u64(o, (uint64_t)m->label_tokens[i]);
	}
	OUT(o, "]");
	truth(o, "apply_softmax", true);
	truth(o, "item_first", m->item_first);
}

/* A query and what is scored for it. */
static int32_t query_and(struct out *o, const struct remote *m, const meed_sample *s,
			 const struct item *it, size_t n)
{
	meed_str query;
	int32_t r = chat_fill(o->h, o->c, m->query, s, &it[0], &query);

	if (r < 0)
		return r;
	begin(o, m);
	switch (m->wire) {
	case W_VLLM_SCORE:
		text(o, "text_1", query);
		texts(o, "text_2", it, n);
		vllm_activation(o, m);
		break;
	case W_TEI_RERANK:
		text(o, "query", query);
		texts(o, "texts", it, n);
		truth(o, "raw_scores", m->activation != A_SERVER);
		break;
	case W_VLLM_GENERATIVE:
	case W_SGLANG_SCORE:
		text(o, "query", query);
		texts(o, "items", it, n);
		label_tokens(o, m);
		break;
	default:
		text(o, "query", query);
		texts(o, "documents", it, n);
		if (m->wire == W_VLLM_RERANK)
			vllm_activation(o, m);
		break;
	}
	end(o, m);
	return MEED_OK;
}

/* A flat list of two texts would be one pair: items are always lists of their own. */
static int32_t tei_predict(struct out *o, const struct remote *m, const meed_sample *s,
			   const struct item *it, size_t n)
{
	begin(o, m);
	key(o, "inputs");
	OUT(o, "[");
	for (size_t i = 0; i < n; i++) {
		out_put(o, i ? MEED_S(",[") : MEED_S("["));
		if (m->pairs) {
			meed_str query;
			int32_t r = chat_fill(o->h, o->c, m->query, s, &it[i], &query);

			if (r < 0)
				return r;
			out_json(o, query);
			OUT(o, ",");
		}
		out_json(o, it[i].text);
		OUT(o, "]");
	}
	OUT(o, "]");
	truth(o, "raw_scores", m->activation != A_SERVER);
	end(o, m);
	return MEED_OK;
}

static meed_str reference(const struct item *it)
{
	return it->cand->n_refs ? it->cand->refs[0] : MEED_S("");
}

static int32_t openrlhf(struct out *o, const struct remote *m, const meed_sample *s,
			const struct item *it, size_t n)
{
	begin(o, m);
	texts(o, "query", it, n);
	key(o, "prompts");
	OUT(o, "[");
	for (size_t i = 0; i < n; i++) {
		meed_str prompt;
		int32_t r = chat_fill(o->h, o->c, m->query, s, &it[i], &prompt);

		if (r < 0)
			return r;
		if (i)
			OUT(o, ",");
		out_json(o, prompt);
	}
	OUT(o, "]");
	key(o, "labels");
	OUT(o, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			OUT(o, ",");
		out_json(o, reference(&it[i]));
	}
	OUT(o, "]");
	end(o, m);
	return MEED_OK;
}

static int32_t slime(struct out *o, const struct remote *m, const meed_sample *s,
		     const struct item *it)
{
	begin(o, m);
	key(o, "prompt");
	if (m->server_template) {
		chat_messages(o, s, it, false);
	} else {
		meed_str prompt;
		int32_t r = chat_fill(o->h, o->c, m->query, s, it, &prompt);

		if (r < 0)
			return r;
		out_json(o, prompt);
	}
	text(o, "response", it->response);
	text(o, "label", reference(it));
	end(o, m);
	return MEED_OK;
}

static void eval_protocol(struct out *o, const struct remote *m, const meed_sample *s,
			  const struct item *it)
{
	begin(o, m);
	key(o, "messages");
	chat_messages(o, s, it, true);
	key(o, "ground_truth");
	if (it->cand->n_refs)
		out_json(o, it->cand->refs[0]);
	else
		OUT(o, "null");
	key(o, "kwargs");
	out_put(o, m->kwargs.n ? m->kwargs : MEED_S("{}"));
	end(o, m);
}

/* The response in the shape of OpenAI's Responses API. */
static int32_t nemo_gym(struct out *o, const struct remote *m, const meed_sample *s,
			const struct item *it)
{
	begin(o, m);
	key(o, "responses_create_params");
	OUT(o, "{\"input\":");
	chat_messages(o, s, it, false);
	OUT(o, "}");
	key(o, "response");
	OUT(o, "{\"id\":\"resp_");
	out_u64(o, it->at);
	OUT(o, "\",\"created_at\":0,\"model\":\"meed\",\"object\":\"response\",\"output\":[{\"id\":"
	       "\"msg_");
	out_u64(o, it->at);
	OUT(o,
	    "\",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{"
	    "\"type\":\"output_text\",\"annotations\":[],\"text\":");
	out_json(o, it->response);
	OUT(o, "}]}],\"parallel_tool_calls\":false,\"tool_choice\":\"auto\",\"tools\":[]}");
	if (m->reference_field.n && it->cand->n_refs) {
		OUT(o, ",");
		out_json(o, m->reference_field);
		OUT(o, ":");
		out_json(o, it->cand->refs[0]);
	}
	for (size_t i = 0; i < m->n_fields; i++) {
		const meed_val *v = o->h->get(s->meta, m->fields[i].p);

		if (!v)
			return meed_failf(o->h, o->c, MEED_E_SAMPLE,
					  "metadata has no \"%s\", which is sent to %s",
					  m->fields[i].p, m->path);
		OUT(o, ",");
		out_json(o, m->fields[i]);
		OUT(o, ":");
		out_val(o, v);
	}
	end(o, m);
	return MEED_OK;
}

/* What stands in the last fenced block, else all of it. */
static meed_str program(meed_str s)
{
	size_t at = 0, open = MEED_NONE, close = MEED_NONE, from;
	bool inside = false;

	while ((at = meed_find(s, at, MEED_S("```"))) != MEED_NONE) {
		if (inside)
			close = at;
		else
			open = at;
		inside = !inside;
		at += 3;
	}
	if (close == MEED_NONE)
		return s;
	if (inside) {
		/* the last one is not closed: the one before counts */
		at = 0;
		for (open = MEED_NONE, inside = false;
		     (at = meed_find(s, at, MEED_S("```"))) != MEED_NONE && at < close; at += 3) {
			open = inside ? open : at;
			inside = !inside;
		}
	}
	from = meed_find(s, open, MEED_S("\n"));
	return from < close ? meed_sub(s, from + 1, close) : MEED_S("");
}

const meed_val *request_tests(const meed_host *h, const struct remote *m, const meed_sample *s,
			      const struct item *it)
{
	const meed_val *tests = h->get(it->cand->label, m->tests_key.p);

	return tests ? tests : h->get(s->meta, m->tests_key.p);
}

static int32_t open_instruct(struct out *o, const struct remote *m, const meed_sample *s,
			     const struct item *it)
{
	const meed_val *tests = request_tests(o->h, m, s, it);

	if (!tests)
		return meed_failf(o->h, o->c, MEED_E_SAMPLE,
				  "neither the response's label nor metadata has \"%s\", the tests",
				  m->tests_key.p);
	begin(o, m);
	text(o, "program", program(it->response));
	key(o, "tests");
	out_val(o, tests);
	key(o, "max_execution_time");
	out_num(o, m->max_time);
	end(o, m);
	return MEED_OK;
}

int32_t request_body(struct out *o, const struct remote *m, const meed_sample *s,
		     const struct item *it, size_t n)
{
	switch (m->wire) {
	case W_VLLM_CLASSIFY:
	case W_VLLM_POOLING:
		vllm_input(o, m, s, it, n);
		return MEED_OK;
	case W_SGLANG_CLASSIFY:
		begin(o, m);
		texts(o, "text", it, n);
		end(o, m);
		return MEED_OK;
	case W_SGLANG_V1_CLASSIFY:
	case W_SGLANG_EMBEDDINGS:
		begin(o, m);
		texts(o, "input", it, n);
		end(o, m);
		return MEED_OK;
	case W_TEI_PREDICT:
		return tei_predict(o, m, s, it, n);
	case W_OPENRLHF:
		return openrlhf(o, m, s, it, n);
	case W_SLIME:
		return slime(o, m, s, it);
	case W_EVAL_PROTOCOL:
		eval_protocol(o, m, s, it);
		return MEED_OK;
	case W_NEMO_GYM:
		return nemo_gym(o, m, s, it);
	case W_OPEN_INSTRUCT:
		return open_instruct(o, m, s, it);
	default:
		return query_and(o, m, s, it, n);
	}
}

void request_tokenize(struct out *o, const struct remote *m, const struct item *it)
{
	OUT(o, "{");
	if (m->model.n)
		text(o, "model", m->model);
	text(o, "prompt", it->text);
	OUT(o, "}");
}
