/* test_llm_conn.c - connections to plain HTTP/1.1 endpoints: which of them carry further requests, and what
 * comes of requests whose connection dies. */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/connfix.h"

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
		one_submit(t, &o[i]);
	for (size_t i = 0; i < 3; i++)
		one_wait(&o[i]);
	one_submit(t, &o[3]);
	one_wait(&o[3]);
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
	one_done(r);
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
	one_submit(t, &o[0]);
	one_submit(t, &o[1]);
	one_wait(&o[0]);
	one_wait(&o[1]);
	one_submit(t, &o[2]);
	one_wait(&o[2]);
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

int main(void)
{
	CU_TestInfo tests[] = {
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
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "connections", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return conn_tests_run(suites);
}
