/* answer.c - what came back: chat completions, embeddings, any other body; events; error bodies. */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "host/llm/net.h"

#define CHOICES_MAX 1024
#define DIM_MAX ((size_t)1 << 20)

/* What a reply points to beside the tree; freed with the tree's root. */
struct holder {
	struct json_object *json;	/* structured output, parsed */
	meed_str *texts;
	const meed_val **choices;
	float *vecs;
};

static void holder_free(struct json_object *root, void *data)
{
	struct holder *h = data;

	(void)root;
	json_object_put(h->json);
	free(h->texts);
	free(h->choices);
	free(h->vecs);
	free(h);
}

static const meed_val *val(struct json_object *o)
{
	return (const meed_val *)(const void *)o;
}

static bool is(struct json_object *o, enum json_type t)
{
	return o && json_object_get_type(o) == t;
}

static uint64_t count_of(struct json_object *o, const char *name)
{
	struct json_object *v = json_get(o, name);
	int64_t n = is(v, json_type_int) ? json_object_get_int64(v) : 0;

	return n > 0 ? (uint64_t)n : 0;
}

static void read_usage(struct json_object *root, struct usage *ret)
{
	struct json_object *u = json_get(root, "usage");

	*ret = (struct usage){ count_of(u, "prompt_tokens"), count_of(u, "completion_tokens") };
	if (!ret->in && !ret->out)
		ret->in = count_of(u, "total_tokens");
}

/* ---- chat ---------------------------------------------------------------------------------------- */

/* A message's content: text, parts of which the text ones count, or none at all. */
static int32_t content(struct json_object *message, struct meed_err *err, meed_str *ret)
{
	struct json_object *c = json_get(message, "content"), *joined;
	struct meed_buf b = { 0 };

	*ret = MEED_STR("");
	if (!c || meed_json_str(c, ret))
		return MEED_OK;
	if (!is(c, json_type_array))
		return meed_err_set(err, MEED_E_PARSE, "a message's content is neither text nor a list");
	for (size_t i = 0; i < json_object_array_length(c); i++) {
		struct json_object *part = json_object_array_get_idx(c, i);
		meed_str s;

		if (meed_json_str(json_get(part, "text"), &s))
			meed_buf_put(&b, s.p, s.n);
	}
	joined = b.failed ? NULL : json_object_new_string_len(b.n ? b.p : "", (int)b.n);
	meed_buf_release(&b);
	if (!joined || json_object_object_add(message, "content", joined) != 0) {
		json_object_put(joined);
		return meed_err_nomem(err);
	}
	(void)meed_json_str(joined, ret);
	return MEED_OK;
}

static int32_t read_choice(struct json_object *c, size_t at, size_t n, struct holder *h,
			   struct meed_err *err)
{
	struct json_object *index = json_get(c, "index"), *message = json_get(c, "message");
	size_t to = at;

	if (!is(message, json_type_object))
		return meed_err_set(err, MEED_E_PARSE, "choice %zu has no message", at);
	if (is(index, json_type_int) && json_object_get_int64(index) >= 0 &&
	    (uint64_t)json_object_get_int64(index) < n)
		to = (size_t)json_object_get_int64(index);
	if (h->choices[to])
		return meed_err_set(err, MEED_E_PARSE, "two choices have the index %zu", to);
	h->choices[to] = val(c);
	return content(message, err, &h->texts[to]);
}

static int32_t read_chat(struct meed_request *r, struct json_object *root, struct holder *h,
			 struct meed_err *err)
{
	struct json_object *v = json_get(root, "choices");
	size_t n = is(v, json_type_array) ? json_object_array_length(v) : 0;
	int32_t st = MEED_OK;

	if (n == 0 || n > CHOICES_MAX)
		return meed_err_set(err, MEED_E_PARSE, "the answer has no choices");
	h->texts = calloc(n, sizeof(*h->texts));
	h->choices = calloc(n, sizeof(meed_val *));
	if (!h->texts || !h->choices)
		return meed_err_nomem(err);
	for (size_t i = 0; st == 0 && i < n; i++)
		st = read_choice(json_object_array_get_idx(v, i), i, n, h, err);
	if (st < 0)
		return st;
	r->reply.texts = h->texts;
	r->reply.n_texts = n;
	r->reply.choices = h->choices;
	if (r->chat.json_schema && n == 1 &&
	    meed_json_read(NULL, h->texts[0].p, h->texts[0].n, NULL, &h->json) == 0)
		r->reply.json = val(h->json);
	return MEED_OK;
}

/* ---- embeddings ------------------------------------------------------------------------------------- */

/* A digit of base64; -1: it is none. */
static int digit64(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* How many floats a base64 text holds; 0 if that is no whole number of them. */
static size_t floats64(meed_str s)
{
	size_t bytes;

	while (s.n && s.p[s.n - 1] == '=')
		s.n--;
	bytes = s.n / 4 * 3 + (s.n % 4 ? s.n % 4 - 1 : 0);
	return s.n % 4 == 1 ? 0 : bytes % 4 ? 0 : bytes / 4;
}

/* Little-endian floats in base64, which some servers send whatever was asked for. */
static int32_t read_base64(meed_str s, size_t dim, float *to, struct meed_err *err)
{
	uint32_t bits = 0, word = 0;
	unsigned have = 0;
	size_t n_bytes = 0;

	for (size_t i = 0; i < s.n && n_bytes < 4 * dim; i++) {
		int d = digit64(s.p[i]);

		if (d < 0)
			return meed_err_set(err, MEED_E_PARSE,
					    "an embedding is neither a list nor "
					    "base64");
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		word |= (bits >> have & 0xFF) << 8 * (n_bytes % 4);
		if (++n_bytes % 4)
			continue;
		memcpy(&to[n_bytes / 4 - 1], &word, sizeof(word));
		word = 0;
		if (!isfinite(to[n_bytes / 4 - 1]))
			return meed_err_set(err, MEED_E_PARSE, "an embedding holds %g",
					    (double)to[n_bytes / 4 - 1]);
	}
	return MEED_OK;
}

static size_t dim_of(struct json_object *v)
{
	meed_str s;

	if (is(v, json_type_array))
		return json_object_array_length(v);
	return meed_json_str(v, &s) ? floats64(s) : 0;
}

static int32_t read_vector(struct json_object *v, size_t dim, float *to, struct meed_err *err)
{
	meed_str s;

	if (meed_json_str(v, &s))
		return read_base64(s, dim, to, err);
	for (size_t i = 0; i < dim; i++) {
		struct json_object *x = json_object_array_get_idx(v, i);
		double d;

		if (!is(x, json_type_double) && !is(x, json_type_int))
			return meed_err_set(err, MEED_E_PARSE, "an embedding holds more than numbers");
		d = json_object_get_double(x);
		to[i] = (float)d;
		if (!isfinite(to[i]))
			return meed_err_set(err, MEED_E_PARSE, "an embedding holds %g", d);
	}
	return MEED_OK;
}

static int32_t read_embeddings(struct meed_request *r, struct json_object *root, struct holder *h,
			       struct meed_err *err)
{
	struct json_object *data = json_get(root, "data"), *row = NULL, *v = NULL;
	size_t n = is(data, json_type_array) ? json_object_array_length(data) : 0, dim = 0, size;
	bool *seen = NULL;
	int32_t st = MEED_OK;

	if (n != r->n_texts)
		return meed_err_set(err, MEED_E_PARSE, "%zu texts were sent, %zu embeddings came back",
				    r->n_texts, n);
	dim = dim_of(json_get(json_object_array_get_idx(data, 0), "embedding"));
	if (dim == 0 || dim > DIM_MAX || meed_mul_overflow(n, dim * sizeof(float), &size))
		return meed_err_set(err, MEED_E_PARSE,
				    "the first embedding is neither a list of numbers nor base64");
	h->vecs = malloc(size);
	seen = calloc(n, sizeof(*seen));
	if (!h->vecs || !seen)
		st = meed_err_nomem(err);
	for (size_t i = 0; st == 0 && i < n; i++) {
		size_t to = i;

		row = json_object_array_get_idx(data, i);
		v = json_get(row, "embedding");
		if (is(json_get(row, "index"), json_type_int))
			to = (size_t)json_object_get_int64(json_get(row, "index"));
		if (dim_of(v) != dim)
			st = meed_err_set(err, MEED_E_PARSE, "embedding %zu has another length", i);
		else if (to >= n || seen[to])
			st = meed_err_set(err, MEED_E_PARSE, "embedding %zu has %s index", i,
					  to >= n ? "a bad" : "another's");
		else
			st = read_vector(v, dim, h->vecs + to * dim, err);
		if (st == 0)
			seen[to] = true;
	}
	free(seen);
	if (st < 0)
		return st;
	r->reply.vecs = h->vecs;
	r->reply.n_vecs = n;
	r->reply.dim = dim;
	return MEED_OK;
}

/* ---- any body ------------------------------------------------------------------------------------------ */

/* The body as text, held as a JSON string of its own. */
static int32_t read_http(struct meed_request *r, meed_str body, struct holder *h,
			 struct meed_err *err)
{
	h->texts = calloc(1, sizeof(*h->texts));
	h->json = body.n < INT32_MAX ? json_object_new_string_len(body.p, (int)body.n) : NULL;
	if (!h->texts || !h->json)
		return meed_err_nomem(err);
	(void)meed_json_str(h->json, &h->texts[0]);
	r->reply.texts = h->texts;
	r->reply.n_texts = 1;
	return MEED_OK;
}

/* A HEAD has no body, and what changes something at the server need not have one. */
static bool may_be_empty(const struct meed_request *r)
{
	return r->kind == MEED_REQ_HTTP && strcmp(r->http.method, "GET") != 0 &&
	       strcmp(r->http.method, "POST") != 0;
}

/* Text of an upstream on one line, as much as fits. */
static void show(meed_str s, char *out, size_t n)
{
	struct meed_buf b = { 0 };

	s.n = s.n > n - 1 ? n - 1 : s.n;
	meed_utf8_scrub(&b, s);
	s.n = b.n > n - 1 ? n - 1 : b.n;
	for (size_t i = 0; i < s.n; i++)
		out[i] = (unsigned char)b.p[i] < ' ' ? ' ' : b.p[i];
	while (s.n && ((unsigned char)out[s.n - 1] & 0xC0) == 0x80 &&
	       meed_utf8_check(out, s.n) != s.n)
		s.n--;
	out[meed_utf8_check(out, s.n)] = '\0';
	meed_buf_release(&b);
}

/* A page of a proxy, say, tells by its beginning whose it is. */
static int32_t no_json(meed_str body, const char *why, struct meed_err *err)
{
	char text[80];
	size_t at = 0;

	while (at < body.n && memchr(" \t\r\n", body.p[at], 4))
		at++;
	if (at == body.n)
		return meed_err_set(err, MEED_E_PARSE, "the answer is empty");
	if (body.p[at] == '{' || body.p[at] == '[' || strcmp(why, "it is null") == 0)
		return meed_err_set(err, MEED_E_PARSE, "the answer is not JSON: %s", why);
	show((meed_str){ body.p + at, body.n - at }, text, sizeof(text));
	return meed_err_set(err, MEED_E_PARSE, "the answer is not JSON: %s; it begins: %s", why, text);
}

int32_t answer_read(struct meed_request *r, meed_str body, struct usage *ret, struct meed_err *err)
{
	struct json_object *root = NULL, *e;
	struct holder *h = calloc(1, sizeof(*h));
	struct meed_err why = { 0 };
	char text[200];
	int32_t st;

	*ret = (struct usage){ 0, 0 };
	if (!h)
		return meed_err_nomem(err);
	if (!body.n && may_be_empty(r))
		st = meed_json_read(NULL, "{}", 2, &why, &root);
	else
		st = meed_json_read(NULL, body.p, body.n, &why, &root);
	if (st < 0 || !root) {
		free(h);
		return no_json(body, why.code ? why.text : "it is null", err);
	}
	json_object_set_userdata(root, h, holder_free);
	/* An answer that is of no use has been paid for as well. */
	read_usage(root, ret);
	e = json_get(root, "error");
	if (e && !is(e, json_type_null) && r->kind != MEED_REQ_HTTP) {
		answer_error(body, text, sizeof(text));
		st = meed_err_set(err, MEED_E_PARSE, "the answer is an error: %s", text);
	} else if (r->kind == MEED_REQ_CHAT) {
		st = read_chat(r, root, h, err);
	} else if (r->kind == MEED_REQ_EMBED) {
		st = read_embeddings(r, root, h, err);
	} else {
		st = read_http(r, body, h, err);
		r->reply.json = body.n ? val(root) : NULL;
	}
	if (st < 0) {
		json_object_put(root);
		return st;
	}
	r->reply.tokens_in = ret->in;
	r->reply.tokens_out = ret->out;
	r->owned = root;
	return MEED_OK;
}

/* FastAPI's list of what is wrong with a request: "body.input: Field required; ...". */
static void put_detail(struct meed_buf *b, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list) && i < 3; i++) {
		struct json_object *e = json_object_array_get_idx(list, i),
				   *loc = json_get(e, "loc");
		meed_str s;

		if (b->n)
			MEED_BUF_LIT(b, "; ");
		for (size_t k = 0; is(loc, json_type_array) && k < json_object_array_length(loc);
		     k++) {
			if (k)
				meed_buf_putc(b, '.');
			meed_buf_puts(b, json_object_get_string(json_object_array_get_idx(loc, k)));
		}
		if (!meed_json_str(json_get(e, "msg"), &s) && !meed_json_str(e, &s))
			continue;
		if (loc)
			MEED_BUF_LIT(b, ": ");
		meed_buf_put(b, s.p, s.n);
	}
}

void answer_error(meed_str body, char *out, size_t n)
{
	struct json_object *root = NULL, *e;
	meed_str s = { 0 };
	struct meed_buf list = { 0 };

	if (meed_json_read(NULL, body.p, body.n, NULL, &root) == 0) {
		e = json_get(root, "error");
		if (!meed_json_str(json_get(e, "message"), &s) && !meed_json_str(e, &s) &&
		    !meed_json_str(json_get(root, "message"), &s) &&
		    !meed_json_str(json_get(root, "detail"), &s) &&
		    is(json_get(root, "detail"), json_type_array)) {
			put_detail(&list, json_get(root, "detail"));
			s = (meed_str){ list.p, list.n };
		}
	}
	show(s.p ? s : body, out, n);
	meed_buf_release(&list);
	json_object_put(root);
}
