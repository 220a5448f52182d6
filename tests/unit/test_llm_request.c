/* test_llm_request.c - requests to plain HTTP/1.1 endpoints: what goes over the connection, byte for
 * byte, and what comes of answers that a server of these tests sends, byte for byte as well. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "tests/unit/connfix.h"

/* ---- what is sent ------------------------------------------------------------------------------ */

static void test_a_request_is_these_bytes(void)
{
	static const struct answer v[] = { { .bytes = OK "Content-Length: 2\r\n\r\n{}" },
					   { .bytes = OK "Content-Length: 2\r\n\r\n{}" },
					   { .bytes = OK "Content-Length: 2\r\n\r\n" },
					   { .bytes = OK "Content-Length: 2\r\n\r\n{}" } };
	char *headers[] = { (char *)(uintptr_t) "X-Team: red", (char *)(uintptr_t) "user-agent: us",
			    (char *)(uintptr_t) "Accept:", (char *)(uintptr_t) "host: b",
			    (char *)(uintptr_t) "X-Empty;", NULL };
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o;
	char want[500];

	server_start(&s, v, 4);
	e = endpoint(s.url);
	e.key = (char *)(uintptr_t) "secret";
	t = open_one(&e);
	ask_http(t, &o, "POST", "/score?x=1", MEED_STR("{\"a\":1}"));
	CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
	json_object_put(o.r.owned);
	ask_http(t, &o, "GET", "", MEED_STR(""));
	json_object_put(o.r.owned);
	ask_http(t, &o, "HEAD", "/health", MEED_STR(""));
	CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
	CU_ASSERT(o.r.reply.n_texts == 1 && o.r.reply.texts[0].n == 0 && !o.r.reply.json);
	json_object_put(o.r.owned);
	t->free(t);
	e.headers = headers;
	t = open_one(&e);
	ask_http(t, &o, "POST", "/", MEED_STR(""));
	json_object_put(o.r.owned);
	t->free(t);
	server_wait(&s);
	(void)snprintf(want, sizeof(want),
		       "POST /v1/score?x=1 HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: meed\r\nAccept: */*\r\n"
		       "Content-Type: application/json\r\nAuthorization: Bearer secret\r\n"
		       "Content-Length: 7\r\n\r\n",
		       (int)strlen(s.url) - 10, s.url + 7);
	CU_ASSERT_STRING_EQUAL(s.heads[0].p, want);
	CU_ASSERT_EQUAL(s.body_n[0], 7);
	CU_ASSERT_PTR_EQUAL(strstr(s.heads[1].p, "GET /v1 HTTP/1.1\r\n"), s.heads[1].p);
	CU_ASSERT_PTR_NULL(strstr(s.heads[1].p, "Content-Length"));
	CU_ASSERT_PTR_EQUAL(strstr(s.heads[2].p, "HEAD /v1/health HTTP/1.1\r\n"), s.heads[2].p);
	(void)snprintf(want, sizeof(want),
		       "POST /v1/ HTTP/1.1\r\nContent-Type: application/json\r\n"
		       "Authorization: Bearer secret\r\nX-Team: red\r\nuser-agent: us\r\nhost: b\r\n"
		       "X-Empty:\r\nContent-Length: 0\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(s.heads[3].p, want);
	CU_ASSERT_EQUAL(s.n_connections, 2);
	server_release(&s);
}

static bool goes_direct(const char *url, const char *http, const char *proxy, char **headers,
			const char *path)
{
	struct meed_endpoint e = endpoint((char *)(uintptr_t)url);
	struct meed_err err = { 0 };
	struct member m;
	bool r;

	e.http = (char *)(uintptr_t)http;
	e.proxy = (char *)(uintptr_t)proxy;
	e.headers = headers;
	CU_ASSERT_EQUAL_FATAL(member_init(&m, &e, &err), 0);
	r = route_direct(&m, path);
	meed_buf_release(&m.route.fields);
	curl_slist_free_all(m.headers);
	return r;
}

static void test_what_is_not_plain_is_for_libcurl(void)
{
	char *odd[] = { (char *)(uintptr_t) "Transfer-Encoding: chunked", NULL };
	char *half[] = { (char *)(uintptr_t) "X-A;b", NULL };
	char *empty[] = { (char *)(uintptr_t) "X-A;", (char *)(uintptr_t) "Host: b", NULL };

	CU_ASSERT(goes_direct("http://a:1/v1", NULL, "", NULL, "/x"));
	CU_ASSERT(goes_direct("http://[::1]:1", "1.1", "", empty, "/x?y=%20"));
	CU_ASSERT_FALSE(goes_direct("https://a/v1", NULL, "", NULL, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", "2", "", NULL, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", "2-prior-knowledge", "", NULL, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "http://p:3128", NULL, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://me:word@a/v1", NULL, "", NULL, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", odd, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", half, "/x"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", NULL, "/a b"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", NULL, "/a\r\nX: y"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", NULL, "/../secret"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", NULL, "/x#y"));
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, "", NULL, "/\xc3\xa4"));
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	CU_ASSERT_FALSE(goes_direct("http://a/v1", NULL, NULL, NULL, "/x"));
	CU_ASSERT(goes_direct("http://a/v1", NULL, "", NULL, "/x"));
	(void)unsetenv("http_proxy");
}

/* ---- what comes back ---------------------------------------------------------------------------- */

static void test_answers_of_every_make_are_read(void)
{
	static const struct answer v[] = {
		{ .bytes = OK "Content-Length: 7\r\n\r\n{\"a\":1}", .piece = 1 },
		{ .bytes = OK "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":2}\r\n0\r\n\r\n",
		  .piece = 5 },
		{ .bytes = "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 7\r\n\r\n{\"a\":3}" },
		{ .bytes = "HTTP/1.0 200 OK\r\n\r\n{\"a\":4}", .close = true },
		{ .bytes = OK "Connection: close\r\n\r\n{\"a\":5}", .close = true },
		{ .bytes = OK "Content-Length: 7\r\n\r\n{\"a\":6}" },
	};
	static const char *const want[] = { "{\"a\":1}", "{\"a\":2}", "{\"a\":3}",
					    "{\"a\":4}", "{\"a\":5}", "{\"a\":6}" };
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;

	server_start(&s, v, 6);
	e = endpoint(s.url);
	t = open_one(&e);
	for (size_t i = 0; i < 6; i++) {
		struct one o;

		ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
		CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
		CU_ASSERT_STRING_EQUAL(json_of(&o), want[i]);
		json_object_put(o.r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_connections, 3);
	server_release(&s);
}

static void test_a_bad_answer_is_tried_again_and_named(void)
{
	static const struct {
		struct answer a;
		const char *why;
	} v[] = {
		{ { .bytes = "220 smtp ready\r\n\r\n", .close = true }, "it is no HTTP/1.1" },
		{ { .bytes = OK "Content-Length: 9\r\n\r\n{}", .close = true },
		  "closed before the answer was whole" },
		{ { .bytes = OK "Transfer-Encoding: chunked\r\n\r\nzz\r\n", .close = true },
		  "a chunk's length is none" },
		{ { .bytes = NULL }, "closed without an answer" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct answer twice[2] = { v[i].a, v[i].a };
		struct server s;
		struct meed_endpoint e;
		struct meed_transport *t;
		struct one o;

		server_start(&s, twice, 2);
		e = endpoint(s.url);
		e.has_retries = true;
		e.retries = 1;
		t = open_one(&e);
		ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
		CU_ASSERT_EQUAL(o.r.reply.status, MEED_E_UPSTREAM);
		CU_ASSERT_PTR_NOT_NULL(memmem(o.r.reply.error.p, o.r.reply.error.n, v[i].why,
					      strlen(v[i].why)));
		json_object_put(o.r.owned);
		t->free(t);
		server_wait(&s);
		CU_ASSERT_EQUAL(s.n_came, 2);
		server_release(&s);
	}
}

static void test_a_large_body_is_sent_whole(void)
{
	static const struct answer v[] = { { .bytes = OK "Content-Length: 2\r\n\r\n{}" },
					   { .bytes = OK "Content-Length: 2\r\n\r\n{}" } };
	size_t n = (size_t)16 << 20;
	char *body = malloc(n);
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	memset(body, ' ', n);
	server_start(&s, v, 2);
	e = endpoint(s.url);
	t = open_one(&e);
	for (int i = 0; i < 2; i++) {
		struct one o;

		ask_http(t, &o, "POST", "/x", (meed_str){ body, n });
		CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
		json_object_put(o.r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT(s.body_n[0] == n && s.body_n[1] == n);
	CU_ASSERT_EQUAL(s.n_connections, 1);
	server_release(&s);
	free(body);
}

/* Is t so long after the time from, or as much later as this took? */
static bool after(uint64_t t, uint64_t from, uint64_t ms)
{
	return t >= from + ms * 1000000 && t <= meed_now_ns() + ms * 1000000;
}

static void test_fields_say_when_to_come_back(void)
{
	static const struct {
		const char *head;
		long status;
		uint64_t retry_ms, reset_ms;	/* 0: nothing is said */
	} v[] = {
		{ "x\r\nRetry-After: 9\r\n\r\n", 429, 9000, 0 },
		{ "x\r\nRetry-After: 9\r\nretry-after-ms:250\r\n\r\n", 503, 250, 0 },
		{ "x\r\nRetry-After: soon\r\n\r\n", 429, 0, 0 },
		{ "x\r\nX-RateLimit-Remaining-Requests: 0\r\n"
		  "X-RateLimit-Reset-Requests: 1m1.5s\r\n\r\n",
		  429, 0, 61500 },
		{ "x\r\nx-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 20ms\r\n\r\n",
		  200, 0, 20 },
		{ "x\r\nx-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 20ms\r\n\r\n",
		  500, 0, 0 },
		{ "x\r\nx-ratelimit-remaining-tokens: 1\r\nx-ratelimit-reset-tokens: 20ms\r\n\r\n",
		  200, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct attempt a = { .retry_after_ns = 0 };
		meed_str head = meed_str_of(v[i].head);
		uint64_t from = meed_now_ns();

		fields_read(&a, &head, v[i].status);
		CU_ASSERT(v[i].retry_ms ? after(a.retry_after_ns, from, v[i].retry_ms)
					: a.retry_after_ns == 0);
		CU_ASSERT(v[i].reset_ms ? after(a.reset_ns, from, v[i].reset_ms)
					: a.reset_ns == 0);
		CU_ASSERT_FALSE(a.event_stream);
	}
}

/* As llama-cpp-python answers, which knows json_object alone. */
static void test_a_form_that_is_refused_as_a_failure_is_asked_for_otherwise(void)
{
	static const char why[] =
		"{\"error\":{\"message\":\"1 validation error:\\n  {'type': 'literal_error', 'loc': "
		"('body', 'response_format', 'type'), 'msg': \\\"Input should be 'text' or "
		"'json_object'\\\", 'input': 'json_schema'}\",\"type\":\"internal_server_error\"}}";
	static const char chat[] = "{\"choices\":[{\"message\":{\"content\":\"{}\"}}]}";
	meed_msg msg = { .role = MEED_STR("user"), .text = MEED_STR("hi") };
	char bytes[2][600];
	struct answer v[2] = { { .bytes = bytes[0] }, { .bytes = bytes[1] } };
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o = { .r = { .kind = MEED_REQ_CHAT } };

	(void)snprintf(bytes[0], sizeof(bytes[0]),
		       "HTTP/1.1 500 No\r\nContent-Length: %zu\r\n\r\n%s", sizeof(why) - 1, why);
	(void)snprintf(bytes[1], sizeof(bytes[1]), OK "Content-Length: %zu\r\n\r\n%s",
		       sizeof(chat) - 1, chat);
	o.r.chat = (meed_chat){ .struct_size = sizeof(meed_chat),
				.msgs = &msg,
				.n_msgs = 1,
				.json_schema = "{\"type\":\"object\"}" };
	server_start(&s, v, 2);
	e = endpoint(s.url);
	e.has_retries = true;
	t = open_one(&e);
	one_submit(t, &o);
	one_wait(&o);
	CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
	json_object_put(o.r.owned);
	t->free(t);
	server_wait(&s);
	CU_ASSERT(s.n_came == 2 && s.body_n[1] < s.body_n[0]);
	server_release(&s);
}

static size_t gzip(const char *text, char *out, size_t n)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text,
		       .avail_in = (unsigned)strlen(text),
		       .next_out = (unsigned char *)out,
		       .avail_out = (unsigned)n };

	CU_ASSERT_EQUAL(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	CU_ASSERT_EQUAL(deflate(&z, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&z);
	return z.total_out;
}

/* Some servers encode what nobody asked them to. */
static void test_an_encoded_answer_is_asked_for_again_by_libcurl(void)
{
	char packed[200], bytes[500];
	size_t n = gzip("{\"a\":1}", packed, sizeof(packed)), head;
	struct answer v[3];
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;

	head = (size_t)snprintf(bytes, sizeof(bytes),
				OK "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", n);
	memcpy(bytes + head, packed, n);
	for (int i = 0; i < 3; i++)
		v[i] = (struct answer){ .bytes = bytes, .n = head + n };
	server_start(&s, v, 3);
	e = endpoint(s.url);
	e.has_retries = true;
	t = open_one(&e);
	for (int i = 0; i < 2; i++) {
		struct one o;

		ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
		CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
		CU_ASSERT_STRING_EQUAL(json_of(&o), "{\"a\":1}");
		json_object_put(o.r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT_PTR_NULL(strstr(s.heads[0].p, "Accept-Encoding"));
	CU_ASSERT_PTR_NOT_NULL(strstr(s.heads[1].p, "Accept-Encoding"));
	CU_ASSERT_EQUAL(s.n_connections, 2);
	server_release(&s);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "a request is these bytes", test_a_request_is_these_bytes },
		{ "what is not plain is for libcurl", test_what_is_not_plain_is_for_libcurl },
		{ "answers of every make are read", test_answers_of_every_make_are_read },
		{ "a bad answer is tried again, and named",
		  test_a_bad_answer_is_tried_again_and_named },
		{ "fields say when to come back", test_fields_say_when_to_come_back },
		{ "a large body is sent whole", test_a_large_body_is_sent_whole },
		{ "a form that is refused as a failure is asked for otherwise",
		  test_a_form_that_is_refused_as_a_failure_is_asked_for_otherwise },
		{ "an encoded answer is asked for again by libcurl",
		  test_an_encoded_answer_is_asked_for_again_by_libcurl },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "requests", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return conn_tests_run(suites);
}
