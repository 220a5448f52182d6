/* host_post.c - requests that plugins post: checked, copied whole into the arena, queued. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <math.h>

enum {
	TEXTS_MAX = 1 << 20,
	NAME_MAX_BYTES = 1024
};

struct meed_request *meed_request_new(meed_ctx *c, const char *function, uint32_t need,
				      const char *need_name, uint32_t tag)
{
	struct meed_request *q;

	if (c->phase != MEED_PHASE_EVALUATE) {
		(void)meed_ctx_failf(c, MEED_E_UNSUPPORTED,
				     "%s called %s outside evaluate and resume",
				     meed_ctx_model_id(c), function);
		return NULL;
	}
	if (!(c->model->rm.needs & need)) {
		(void)meed_ctx_failf(c, MEED_E_UNSUPPORTED,
				     "%s called %s, but its needs do not declare %s",
				     meed_ctx_model_id(c), function, need_name);
		return NULL;
	}
	if (c->n_reqs >= MEED_POSTS_MAX) {
		(void)meed_ctx_failf(c, MEED_E_LIMIT,
				     "%s posted more than %d requests in one round",
				     meed_ctx_model_id(c), MEED_POSTS_MAX);
		return NULL;
	}
	q = meed_arena_alloc(c->arena, sizeof(*q));
	if (!q) {
		(void)meed_ctx_nomem(c);
		return NULL;
	}
	q->ctx = c;
	q->endpoint = MEED_STR("");
	q->reply.struct_size = sizeof(q->reply);
	q->reply.tag = tag;
	q->reply.error = MEED_STR("");
	return q;
}

void meed_request_enqueue(meed_ctx *c, struct meed_request *q)
{
	if (c->req_last)
		c->req_last->next = q;
	else
		c->req_first = q;
	c->req_last = q;
	c->n_reqs++;
}

static int32_t misuse(meed_ctx *c, const char *function, const char *what)
{
	return meed_ctx_failf(c, MEED_E_INTERNAL, "%s called %s %s", meed_ctx_model_id(c), function,
			      what);
}

static bool copy_text(meed_ctx *c, meed_str *s)
{
	*s = meed_ctx_text(c, *s, SIZE_MAX);
	return s->p != NULL;
}

/* A C string that may be NULL. */
static bool copy_cstr(meed_ctx *c, const char **s)
{
	meed_str r;

	if (!*s)
		return true;
	r = meed_ctx_text(c, meed_str_of(*s), SIZE_MAX);
	*s = r.p;
	return r.p != NULL;
}

static bool set_endpoint(meed_ctx *c, struct meed_request *q, const char *endpoint)
{
	if (!endpoint)
		return true;
	q->endpoint = meed_ctx_text(c, meed_str_of(endpoint), NAME_MAX_BYTES);
	return q->endpoint.p != NULL;
}

/* ---- chat ---- */

static int32_t check_response_schema(meed_ctx *c, const char *schema)
{
	struct json_object *o = NULL;
	struct meed_err why = { 0 };
	int32_t r;

	r = meed_json_read(NULL, schema, strlen(schema), &why, &o);
	if (r == 0 && !json_object_is_type(o, json_type_object))
		r = meed_err_set(&why, MEED_E_INTERNAL, "must be an object");
	json_object_put(o);
	if (r == MEED_E_NOMEM)
		return meed_ctx_nomem(c);
	if (r < 0)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s called post_chat with a json_schema "
				      "that is no JSON Schema: %s",
				      meed_ctx_model_id(c), why.text);
	return 0;
}

static int32_t check_chat(meed_ctx *c, const meed_chat *r)
{
	size_t i;

	if (r->n_msgs == 0 || !r->msgs)
		return misuse(c, "post_chat", "without a message");
	if (r->n_msgs > TEXTS_MAX)
		return misuse(c, "post_chat", "with more than a million messages");
	for (i = 0; i < r->n_msgs; i++)
		if (r->msgs[i].role.n == 0 && !r->msgs[i].more)
			return meed_ctx_failf(c, MEED_E_INTERNAL,
					      "%s called post_chat with a message (%zu) that has "
					      "no role",
					      meed_ctx_model_id(c), i);
	if (!isfinite(r->temperature))
		return misuse(c, "post_chat", "with a temperature that is not a finite number");
	if (r->flags != 0)
		return misuse(c, "post_chat", "with unknown flags: must be 0");
	return r->json_schema ? check_response_schema(c, r->json_schema) : 0;
}

static bool copy_msgs(meed_ctx *c, meed_chat *chat)
{
	meed_msg *v = meed_arena_raw(c->arena, chat->n_msgs * sizeof(*v));
	size_t i;

	if (!v)
		return false;
	for (i = 0; i < chat->n_msgs; i++) {
		v[i] = chat->msgs[i];
		if (!copy_text(c, &v[i].role) || !copy_text(c, &v[i].text))
			return false;
	}
	chat->msgs = v;
	return true;
}

int32_t meed_ctx_post_chat(meed_ctx *c, uint32_t tag, const meed_chat *r)
{
	struct meed_request *q = meed_request_new(c, "post_chat", MEED_NEEDS_LLM, "MEED_NEEDS_LLM", tag);
	struct meed_err why = { 0 };

	if (!q)
		return c->code;
	if (!r)
		return misuse(c, "post_chat", "with a NULL request");
	if (meed_gate_clamp("meed_chat", r, MEED_CHAT_MIN, sizeof(q->chat), &q->chat, &why) < 0)
		return misuse(c, "post_chat with a bad", why.text);
	if (check_chat(c, &q->chat) < 0)
		return c->code;
	q->kind = MEED_REQ_CHAT;
	q->chat.struct_size = sizeof(q->chat);
	if (!set_endpoint(c, q, q->chat.endpoint) || !copy_cstr(c, &q->chat.endpoint) ||
	    !copy_cstr(c, &q->chat.json_schema) || !copy_msgs(c, &q->chat))
		return meed_ctx_nomem(c);
	meed_request_enqueue(c, q);
	return MEED_OK;
}

/* ---- embeddings ---- */

int32_t meed_ctx_post_embed(meed_ctx *c, uint32_t tag, const char *endpoint, const meed_str *texts,
			    size_t n)
{
	struct meed_request *q =
		meed_request_new(c, "post_embed", MEED_NEEDS_EMBED, "MEED_NEEDS_EMBED", tag);
	meed_str *v;
	size_t i;

	if (!q)
		return c->code;
	if (n == 0 || !texts)
		return misuse(c, "post_embed", "without a text");
	if (n > TEXTS_MAX)
		return misuse(c, "post_embed", "with more than a million texts");
	q->kind = MEED_REQ_EMBED;
	v = meed_arena_raw(c->arena, n * sizeof(*v));
	if (!v || !set_endpoint(c, q, endpoint))
		return meed_ctx_nomem(c);
	for (i = 0; i < n; i++) {
		v[i] = texts[i];
		if (!copy_text(c, &v[i]))
			return meed_ctx_nomem(c);
	}
	q->texts = v;
	q->n_texts = n;
	meed_request_enqueue(c, q);
	return MEED_OK;
}

/* ---- http ---- */

static bool method_ok(const char *m)
{
	static const char *const known[] = { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD" };
	size_t i;

	for (i = 0; m && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(m, known[i]) == 0)
			return true;
	return false;
}

/* The path goes into a request line behind the endpoint's base URL. */
static bool path_ok(const char *p)
{
	size_t i;

	if (!p || *p == '\0')
		return true;
	for (i = 0; p[i] != '\0'; i++)
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] >= 127)
			return false;
	return *p == '/';
}

int32_t meed_ctx_post_http(meed_ctx *c, uint32_t tag, const meed_http *r)
{
	struct meed_request *q =
		meed_request_new(c, "post_http", MEED_NEEDS_HTTP, "MEED_NEEDS_HTTP", tag);
	struct meed_err why = { 0 };

	if (!q)
		return c->code;
	if (!r)
		return misuse(c, "post_http", "with a NULL request");
	if (meed_gate_clamp("meed_http", r, MEED_HTTP_MIN, sizeof(q->http), &q->http, &why) < 0)
		return misuse(c, "post_http with a bad", why.text);
	if (!method_ok(q->http.method))
		return misuse(c, "post_http",
			      "with a method that is none of GET, POST, PUT, "
			      "PATCH, DELETE, HEAD");
	if (!path_ok(q->http.path))
		return misuse(c, "post_http",
			      "with a bad path: must begin with / and be "
			      "percent-encoded");
	q->kind = MEED_REQ_HTTP;
	q->http.struct_size = sizeof(q->http);
	if (!q->http.body.p)
		q->http.body = MEED_STR("");
	q->http.body = meed_arena_dup(c->arena, q->http.body);
	if (!q->http.body.p || !set_endpoint(c, q, q->http.endpoint) ||
	    !copy_cstr(c, &q->http.endpoint) || !copy_cstr(c, &q->http.method) ||
	    !copy_cstr(c, &q->http.path))
		return meed_ctx_nomem(c);
	meed_request_enqueue(c, q);
	return MEED_OK;
}

/* ---- replies ---- */

size_t meed_ctx_n_replies(const meed_ctx *c)
{
	return c->n_replies;
}

const meed_reply *meed_ctx_reply(const meed_ctx *c, size_t i)
{
	return i < c->n_replies ? &c->replies[i]->reply : NULL;
}
