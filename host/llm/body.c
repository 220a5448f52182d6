/* body.c - what is sent to an endpoint: chat and embeddings bodies in the shape of the OpenAI API. */
#include "config.h"

#include <json-c/json.h>

#include "host/llm/net.h"

static void key(struct meed_buf *b, const char *name)
{
	if (b->n && b->p[b->n - 1] != '{')
		meed_buf_putc(b, ',');
	meed_buf_putc(b, '"');
	meed_buf_puts(b, name);
	MEED_BUF_LIT(b, "\":");
}

static void tree(struct meed_buf *b, const meed_val *v)
{
	meed_json_write(b, (struct json_object *)(uintptr_t)(const void *)v);
}

static void messages(struct meed_buf *b, const meed_chat *c)
{
	key(b, "messages");
	meed_buf_putc(b, '[');
	for (size_t i = 0; i < c->n_msgs; i++) {
		const meed_msg *m = &c->msgs[i];

		if (i)
			meed_buf_putc(b, ',');
		if (m->more) {
			tree(b, m->more);
			continue;
		}
		MEED_BUF_LIT(b, "{\"role\":");
		meed_buf_json_str(b, m->role);
		MEED_BUF_LIT(b, ",\"content\":");
		meed_buf_json_str(b, m->text);
		meed_buf_putc(b, '}');
	}
	meed_buf_putc(b, ']');
}

static void sampling(struct meed_buf *b, const meed_chat *c, const struct meed_endpoint *ep)
{
	uint32_t most = c->max_tokens ? c->max_tokens : ep->max_tokens;

	if (c->temperature >= 0.0 || ep->has_temperature) {
		key(b, "temperature");
		meed_buf_json_num(b, c->temperature >= 0.0 ? c->temperature : ep->temperature);
	}
	if (ep->has_top_p) {
		key(b, "top_p");
		meed_buf_json_num(b, ep->top_p);
	}
	if (c->seed || ep->has_seed) {
		key(b, "seed");
		meed_buf_u64(b, (c->seed ? c->seed : ep->seed) & INT64_MAX);
	}
	if (most) {
		key(b, ep->max_tokens_name ? ep->max_tokens_name : "max_tokens");
		meed_buf_u64(b, most);
	}
	if (c->n_choices > 1) {
		key(b, "n");
		meed_buf_u64(b, c->n_choices);
	}
	if (c->top_logprobs) {
		key(b, "logprobs");
		MEED_BUF_LIT(b, "true");
		key(b, "top_logprobs");
		meed_buf_u64(b, c->top_logprobs);
	}
}

static void response_format(struct meed_buf *b, const char *schema, enum meed_structured how)
{
	if (how == MEED_STRUCTURED_NONE)
		return;
	key(b, "response_format");
	if (how == MEED_STRUCTURED_OBJECT) {
		MEED_BUF_LIT(b, "{\"type\":\"json_object\"}");
		return;
	}
	MEED_BUF_LIT(b, "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\","
			"\"strict\":true,\"schema\":");
	meed_buf_puts(b, schema);
	MEED_BUF_LIT(b, "}}");
}

/* The members of the endpoint's `extra`, which was checked when it was configured. */
static void extra(struct meed_buf *b, const char *json)
{
	meed_str s = meed_str_of(json);

	while (s.n && s.p[0] != '{') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] != '}')
		s.n--;
	if (s.n < 2)
		return;
	s.p++;
	s.n -= 2;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] > ' ') {
			meed_buf_putc(b, ',');
			meed_buf_put(b, s.p, s.n);
			return;
		}
}

static void chat(const meed_chat *c, const struct member *m, enum meed_structured how, bool stream,
		 struct meed_buf *b)
{
	meed_buf_putc(b, '{');
	if (m->ep->model) {
		key(b, "model");
		meed_buf_json_str(b, meed_str_of(m->ep->model));
	}
	messages(b, c);
	sampling(b, c, m->ep);
	if (c->json_schema)
		response_format(b, c->json_schema, how);
	if (stream) {
		key(b, "stream");
		MEED_BUF_LIT(b, "true");
		if (!m->no_stream_usage) {
			key(b, "stream_options");
			MEED_BUF_LIT(b, "{\"include_usage\":true}");
		}
	}
	if (m->ep->extra)
		extra(b, m->ep->extra);
	meed_buf_putc(b, '}');
}

static void embed(const struct meed_request *r, const struct member *m, struct meed_buf *b)
{
	meed_buf_putc(b, '{');
	if (m->ep->model) {
		key(b, "model");
		meed_buf_json_str(b, meed_str_of(m->ep->model));
	}
	key(b, "input");
	meed_buf_putc(b, '[');
	for (size_t i = 0; i < r->n_texts; i++) {
		if (i)
			meed_buf_putc(b, ',');
		meed_buf_json_str(b, r->texts[i]);
	}
	meed_buf_putc(b, ']');
	key(b, "encoding_format");
	MEED_BUF_LIT(b, "\"float\"");
	if (m->ep->extra)
		extra(b, m->ep->extra);
	meed_buf_putc(b, '}');
}

void body_make(const struct meed_request *r, const struct member *m, enum meed_structured how,
	       bool stream, struct meed_buf *b)
{
	switch (r->kind) {
	case MEED_REQ_CHAT:
		chat(&r->chat, m, how, stream, b);
		break;
	case MEED_REQ_EMBED:
		embed(r, m, b);
		break;
	default:
		meed_buf_put(b, r->http.body.p, r->http.body.n);
		break;
	}
}

const char *body_path(const struct meed_request *r, const char **ret_method)
{
	*ret_method = "POST";
	if (r->kind == MEED_REQ_CHAT)
		return "/chat/completions";
	if (r->kind == MEED_REQ_EMBED)
		return "/embeddings";
	*ret_method = r->http.method;
	return r->http.path ? r->http.path : "";
}

void body_key(const struct meed_request *r, const struct member *m, struct meed_buf *b)
{
	const char *method, *path = body_path(r, &method);

	meed_buf_puts(b, method);
	meed_buf_putc(b, ' ');
	meed_buf_puts(b, m->ep->url);
	meed_buf_puts(b, path);
	meed_buf_putc(b, '\n');
	body_make(r, m, m->ep->structured, false, b);
	meed_buf_putc(b, '\n');
}
