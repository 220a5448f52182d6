/* test_llm_conn.c - requests to plain HTTP/1.1 endpoints: what goes over the connection, byte for
 * byte, and what comes of answers that a server of this file sends, byte for byte as well. */
#include "config.h"

#include <arpa/inet.h>
#include <CUnit/CUnit.h>
#include <json-c/json.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "host/llm/net.h"
#include "tests/unit/suites.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

/* ---- the server: one connection at a time, one answer a request -------------------------------- */

struct answer {
	const char *bytes;		/* NULL: none; the connection is closed */
	size_t n;			/* 0: as many as strlen */
	size_t piece;			/* bytes sent at a time; 0: all */
	bool close;			/* afterwards */
	bool early;			/* when the head of the request has come */
	const char *later;		/* bytes that follow when the answer has been taken */
};

struct server {
	const struct answer *answers;
	size_t n;
	int listener;
	pthread_t thread;
	char url[64];
	struct meed_buf heads[8];	/* of the requests that came */
	size_t body_n[8], n_came, n_connections;
	atomic_bool said_later;
	size_t n_let_down;		/* requests on a connection that had had its one */
};

/* A request's head to where it belongs; its body is only counted. False: the connection ended. */
static bool take_request(struct server *s, int fd, bool early)
{
	struct meed_buf *b = &s->heads[s->n_came];
	size_t want = 0, head_n = 0;
	char in[65536];

	b->n = 0;
	for (;;) {
		ssize_t n = recv(fd, in, sizeof(in), 0);
		char *end, *length;

		if (n <= 0)
			return false;
		meed_buf_put(b, in, (size_t)n);
		meed_buf_putc(b, '\0');
		end = strstr(b->p, "\r\n\r\n");
		length = strstr(b->p, "Content-Length: ");
		b->n--;
		if (!end)
			continue;
		head_n = (size_t)(end - b->p) + 4;
		want = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
		if (early || b->n >= head_n + want)
			break;
	}
	s->body_n[s->n_came++] = b->n - head_n;
	b->n = head_n;
	b->p[head_n] = '\0';
	return true;
}

static void send_answer(int fd, const struct answer *a)
{
	size_t n = a->n ? a->n : strlen(a->bytes), step = a->piece ? a->piece : n;

	for (size_t at = 0; at < n; at += step) {
		(void)!send(fd, a->bytes + at, n - at < step ? n - at : step, MSG_NOSIGNAL);
		if (a->piece)
			(void)sched_yield();
	}
}

static void doze(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void *serve(void *arg)
{
	struct server *s = arg;
	size_t done = 0;

	while (done < s->n) {
		int fd = accept(s->listener, NULL, NULL);
		bool open = fd >= 0;

		s->n_connections++;
		while (open && done < s->n && take_request(s, fd, s->answers[done].early)) {
			const struct answer *a = &s->answers[done++];

			open = a->bytes && !a->close;
			if (a->bytes)
				send_answer(fd, a);
			if (a->later) {
				doze();
				(void)!send(fd, a->later, strlen(a->later), MSG_NOSIGNAL);
				s->said_later = true;
			}
		}
		(void)close(fd);
	}
	return NULL;
}

static void server_start_as(struct server *s, void *(*serves)(void *),
			    const struct answer *answers, size_t n)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	*s = (struct server){ .answers = answers, .n = n };
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_FATAL(bind(s->listener, (struct sockaddr *)&a, sizeof(a)) == 0 &&
			listen(s->listener, 16) == 0 &&
			getsockname(s->listener, (struct sockaddr *)&a, &len) == 0);
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d/v1", ntohs(a.sin_port));
	CU_ASSERT_EQUAL_FATAL(pthread_create(&s->thread, NULL, serves, s), 0);
}

static void server_start(struct server *s, const struct answer *answers, size_t n)
{
	server_start_as(s, serve, answers, n);
}

/* What came may be looked at from here on. */
static void server_wait(struct server *s)
{
	(void)pthread_join(s->thread, NULL);
}

static void server_release(struct server *s)
{
	(void)close(s->listener);
	for (size_t i = 0; i < 8; i++)
		meed_buf_release(&s->heads[i]);
}

/* ---- requests ---------------------------------------------------------------------------------- */

struct one {
	struct meed_request r;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

static void on_done(struct meed_request *r)
{
	struct one *o = (struct one *)r;

	(void)pthread_mutex_lock(&o->lock);
	o->done = true;
	(void)pthread_cond_signal(&o->cond);
	(void)pthread_mutex_unlock(&o->lock);
}

static void submit(struct meed_transport *t, struct one *o)
{
	o->done = false;
	(void)pthread_mutex_init(&o->lock, NULL);
	(void)pthread_cond_init(&o->cond, NULL);
	o->r.endpoint = MEED_STR("");
	o->r.reply = (meed_reply){ .struct_size = sizeof(o->r.reply), .error = MEED_STR("") };
	if (!o->r.done)
		o->r.done = on_done;
	t->submit(t, &o->r);
}

static void wait_for(struct one *o)
{
	(void)pthread_mutex_lock(&o->lock);
	while (!o->done)
		(void)pthread_cond_wait(&o->cond, &o->lock);
	(void)pthread_mutex_unlock(&o->lock);
}

static struct one one_http(const char *method, const char *path, meed_str body)
{
	return (struct one){ .r = { .kind = MEED_REQ_HTTP,
				    .http = { .struct_size = sizeof(meed_http),
					      .method = method,
					      .path = path,
					      .body = body } } };
}

static void ask_http(struct meed_transport *t, struct one *o, const char *method, const char *path,
		     meed_str body)
{
	*o = one_http(method, path, body);
	submit(t, o);
	wait_for(o);
}

static struct meed_endpoint endpoint(char *url)
{
	return (struct meed_endpoint){ .name = (char *)(uintptr_t) "a",
				       .kind = (char *)(uintptr_t) "openai",
				       .where = (char *)(uintptr_t) "test",
				       .url = url,
				       .backoff_ms = 1,
				       .proxy = (char *)(uintptr_t) "" };
}

static struct meed_transport *open_one(const struct meed_endpoint *e)
{
	static const struct meed_log quiet = { .fd = -1 };
	static struct meed_llm_conf conf;
	struct meed_transport *t = NULL;
	struct meed_err err = { 0 };

	conf = (struct meed_llm_conf){ .endpoints = e, .n_endpoints = 1 };
	CU_ASSERT_EQUAL_FATAL(meed_llm_new(&conf, &quiet, &err, &t), 0);
	return t;
}

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

static const char *json_of(const struct one *o)
{
	return o->r.owned ? json_object_to_json_string_ext(o->r.owned, JSON_C_TO_STRING_PLAIN) : "";
}

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

static void test_a_connection_that_died_at_rest_costs_no_retry(void)
{
	/* The first answer says that the connection stays, and then it does not. */
	static const struct answer v[] = { { .bytes = OK "Content-Length: 2\r\n\r\n{}" },
					   { .bytes = NULL },
					   { .bytes = OK "Content-Length: 2\r\n\r\n{}" } };
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;

	server_start(&s, v, 3);
	e = endpoint(s.url);
	e.has_retries = true;
	t = open_one(&e);
	for (int i = 0; i < 2; i++) {
		struct one o;

		ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
		CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
		json_object_put(o.r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_came, 3);
	server_release(&s);
}

/* Answers three requests once all are there. A request that comes on such a connection again is let
 * down with it, one that comes on a new one is answered. */
static void *serve_each_connection_once(void *arg)
{
	struct server *s = arg;
	struct pollfd at[4] = { { .fd = s->listener, .events = POLLIN } };
	size_t n_left = 3;
	char c;

	for (int i = 1; i < 4; i++) {
		at[i] = (struct pollfd){ .fd = accept(s->listener, NULL, NULL), .events = POLLIN };
		(void)take_request(s, at[i].fd, false);
	}
	for (int i = 1; i < 4; i++)
		send_answer(at[i].fd, &s->answers[0]);
	while (n_left && !(at[0].revents & POLLIN)) {
		(void)poll(at, 4, -1);
		for (int i = 1; i < 4; i++) {
			if (!(at[i].revents & POLLIN))
				continue;
			s->n_let_down += recv(at[i].fd, &c, 1, 0) > 0;
			(void)close(at[i].fd);
			at[i].fd = -1;
			n_left--;
		}
	}
	for (int i = 1; i < 4; i++)
		(void)close(at[i].fd);
	if (n_left) {
		int fd = accept(s->listener, NULL, NULL);

		(void)take_request(s, fd, false);
		send_answer(fd, &s->answers[0]);
		(void)close(fd);
	}
	return NULL;
}

static void behind_a_dead_connection_comes_a_new_one(char **headers)
{
	static const struct answer v[] = { { .bytes = OK "Content-Length: 2\r\n\r\n{}" } };
	static const char *const bodies[] = { "[1]", "[2]", "[3]", "[4]" };
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o[4];

	server_start_as(&s, serve_each_connection_once, v, 1);
	e = endpoint(s.url);
	e.headers = headers;
	e.has_retries = true;
	t = open_one(&e);
	for (size_t i = 0; i < 4; i++)
		o[i] = one_http("POST", "/x", meed_str_of(bodies[i]));
	for (size_t i = 0; i < 3; i++)
		submit(t, &o[i]);
	for (size_t i = 0; i < 3; i++)
		wait_for(&o[i]);
	submit(t, &o[3]);
	wait_for(&o[3]);
	for (size_t i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(o[i].r.reply.status, MEED_OK);
		json_object_put(o[i].r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_let_down, 1);
	CU_ASSERT_EQUAL(s.n_came, 4);
	server_release(&s);
}

static void test_behind_a_dead_connection_comes_a_new_one(void)
{
	behind_a_dead_connection_comes_a_new_one(NULL);
}

static void test_so_it_does_by_libcurl(void)
{
	char *headers[] = { (char *)(uintptr_t) "Accept-Encoding: identity", NULL };

	behind_a_dead_connection_comes_a_new_one(headers);
}

static sem_t taken, closed;

static void on_first_done(struct meed_request *r)
{
	(void)sem_post(&taken);
	(void)sem_wait(&closed);
	on_done(r);
}

/* Answers the second of two requests, and closes its connection, while the client is busy with the
 * first one's answer. */
static void *serve_and_close_unseen(void *arg)
{
	struct server *s = arg;
	int first = accept(s->listener, NULL, NULL), second;
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	(void)take_request(s, first, false);
	second = accept(s->listener, NULL, NULL);
	(void)take_request(s, second, false);
	send_answer(first, &s->answers[0]);
	(void)sem_wait(&taken);
	send_answer(second, &s->answers[0]);
	(void)shutdown(second, SHUT_WR);
	/* Until the client's side has it. */
	while (getsockopt(second, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 &&
	       info.tcpi_state != TCP_FIN_WAIT2)
		(void)sched_yield();
	(void)close(second);
	(void)sem_post(&closed);
	(void)sem_post(&closed);
	if (take_request(s, first, false))
		send_answer(first, &s->answers[0]);
	(void)close(first);
	return NULL;
}

static void test_a_connection_that_ends_with_its_answer_is_not_kept(void)
{
	static const struct answer v[] = { { .bytes = OK "Content-Length: 2\r\n\r\n{}" } };
	struct meed_llm_stats stats;
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o[3];

	(void)sem_init(&taken, 0, 0);
	(void)sem_init(&closed, 0, 0);
	server_start_as(&s, serve_and_close_unseen, v, 1);
	e = endpoint(s.url);
	e.has_retries = true;
	e.timeout_ms = 5000;
	t = open_one(&e);
	o[0] = one_http("POST", "/x", MEED_STR("[1]"));
	o[1] = one_http("POST", "/x", MEED_STR("[2]"));
	o[2] = one_http("POST", "/x", MEED_STR("[3]"));
	o[0].r.done = o[1].r.done = on_first_done;
	submit(t, &o[0]);
	submit(t, &o[1]);
	wait_for(&o[0]);
	wait_for(&o[1]);
	submit(t, &o[2]);
	wait_for(&o[2]);
	meed_llm_stats(t, &stats);
	CU_ASSERT_EQUAL(stats.n_retries, 0);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(o[i].r.reply.status, MEED_OK);
		json_object_put(o[i].r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_came, 3);
	server_release(&s);
}

/* Bytes that come when nothing was asked for are nobody's answer. */
static void test_an_answer_to_nothing_is_nobodys(void)
{
	static const struct answer v[] = {
		{ .bytes = OK "Content-Length: 7\r\n\r\n{\"a\":1}" OK
			      "Content-Length: 7\r\n\r\n{\"a\":9}" },
		{ .bytes = OK "Content-Length: 7\r\n\r\n{\"a\":2}" },
	};
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o;

	server_start(&s, v, 2);
	e = endpoint(s.url);
	t = open_one(&e);
	ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
	CU_ASSERT_STRING_EQUAL(json_of(&o), "{\"a\":1}");
	json_object_put(o.r.owned);
	ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
	CU_ASSERT_STRING_EQUAL(json_of(&o), "{\"a\":2}");
	json_object_put(o.r.owned);
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_connections, 2);
	server_release(&s);
}

static void test_what_comes_at_rest_ends_the_connection(void)
{
	static const struct answer v[] = {
		{ .bytes = OK "Content-Length: 7\r\n\r\n{\"a\":1}",
		  .later = OK "Content-Length: 7\r\n\r\n{\"a\":9}" },
		{ .bytes = OK "Content-Length: 7\r\n\r\n{\"a\":2}" },
	};
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o;

	server_start(&s, v, 2);
	e = endpoint(s.url);
	t = open_one(&e);
	ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
	CU_ASSERT_STRING_EQUAL(json_of(&o), "{\"a\":1}");
	json_object_put(o.r.owned);
	while (!s.said_later)
		doze();
	doze();
	ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
	CU_ASSERT_STRING_EQUAL(json_of(&o), "{\"a\":2}");
	json_object_put(o.r.owned);
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_connections, 2);
	server_release(&s);
}

/* The server waits for the client to close. */
static void test_a_connection_that_is_to_close_is_closed(void)
{
	static const struct answer v[] = {
		{ .bytes = OK "Connection: close\r\nContent-Length: 2\r\n\r\n{}" },
		{ .bytes = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n"
			   "Content-Length: 2\r\n\r\n{}" },
		{ .bytes = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n"
			   "Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}" },
		{ .bytes = OK "Content-Length: 2\r\n\r\n{}" },
	};
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;

	server_start(&s, v, 4);
	e = endpoint(s.url);
	t = open_one(&e);
	for (int i = 0; i < 4; i++) {
		struct one o;

		ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
		CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
		json_object_put(o.r.owned);
	}
	t->free(t);
	server_wait(&s);
	CU_ASSERT_EQUAL(s.n_connections, 3);
	server_release(&s);
}

/* The answer comes while a body that fills every buffer on the way is still being sent. */
static void test_an_answer_may_come_before_the_request_is_sent(void)
{
	static const struct answer v[] = {
		{ .bytes = "HTTP/1.1 413 No\r\nContent-Type: application/json\r\n"
			   "Content-Length: 32\r\n\r\n{\"error\":{\"message\":\"too much\"}}",
		  .early = true },
		{ .bytes = OK "Content-Length: 2\r\n\r\n{}" },
	};
	size_t n = (size_t)32 << 20;
	char *body = calloc(1, n);
	struct server s;
	struct meed_endpoint e;
	struct meed_transport *t;
	struct one o;

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	memset(body, ' ', n);
	server_start(&s, v, 2);
	e = endpoint(s.url);
	e.has_retries = true;
	t = open_one(&e);
	ask_http(t, &o, "POST", "/x", (meed_str){ body, n });
	CU_ASSERT_EQUAL(o.r.reply.status, MEED_E_UPSTREAM);
	json_object_put(o.r.owned);
	/* what was not sent has no place before the next request */
	ask_http(t, &o, "POST", "/x", MEED_STR("{}"));
	CU_ASSERT_EQUAL(o.r.reply.status, MEED_OK);
	json_object_put(o.r.owned);
	t->free(t);
	server_wait(&s);
	CU_ASSERT(s.body_n[0] < n);
	CU_ASSERT_EQUAL(s.n_connections, 2);
	server_release(&s);
	free(body);
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
	submit(t, &o);
	wait_for(&o);
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
		{ "a connection that died at rest costs no retry",
		  test_a_connection_that_died_at_rest_costs_no_retry },
		{ "behind a dead connection comes a new one",
		  test_behind_a_dead_connection_comes_a_new_one },
		{ "so it does by libcurl", test_so_it_does_by_libcurl },
		{ "a connection that ends with its answer is not kept",
		  test_a_connection_that_ends_with_its_answer_is_not_kept },
		{ "an answer to nothing is nobody's", test_an_answer_to_nothing_is_nobodys },
		{ "what comes at rest ends the connection",
		  test_what_comes_at_rest_ends_the_connection },
		{ "a connection that is to close is closed",
		  test_a_connection_that_is_to_close_is_closed },
		{ "an answer may come before the request is sent",
		  test_an_answer_may_come_before_the_request_is_sent },
		{ "fields say when to come back", test_fields_say_when_to_come_back },
		{ "a large body is sent whole", test_a_large_body_is_sent_whole },
		{ "a form that is refused as a failure is asked for otherwise",
		  test_a_form_that_is_refused_as_a_failure_is_asked_for_otherwise },
		{ "an encoded answer is asked for again by libcurl",
		  test_an_encoded_answer_is_asked_for_again_by_libcurl },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "connections", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	(void)signal(SIGPIPE, SIG_IGN);
	/* a server that waits in vain would wait for ever */
	(void)alarm(120);
	return suites_run(suites);
}
