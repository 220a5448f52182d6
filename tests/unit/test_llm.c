/* test_llm.c - the floor llm against a server that misbehaves (tests/llm/upstream.c). */
#include "config.h"

#include <CUnit/CUnit.h>
#include <json-c/json.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/llm/net.h"
#include "tests/unit/suites.h"

/* ---- the server, and requests ---- */

static struct {
	pid_t pid;
	int in;
	char url[64];
} up;

static int start_server(void)
{
	const char *dir = getenv("top_builddir");
	char path[1024], port[16] = "";
	int to[2], from[2];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/tests/llm/upstream", dir ? dir : ".");
	if (pipe(to) < 0 || pipe(from) < 0)
		return 1;
	up.pid = fork();
	if (up.pid == 0) {
		(void)dup2(to[0], 0);
		(void)dup2(from[1], 1);
		(void)close(to[1]);
		(void)close(from[0]);
		(void)execl(path, path, (char *)NULL);
		_exit(127);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	up.in = to[1];
	n = read(from[0], port, sizeof(port) - 1);
	(void)close(from[0]);
	if (up.pid < 0 || n <= 0)
		return 1;
	(void)snprintf(up.url, sizeof(up.url), "http://127.0.0.1:%d/v1", atoi(port));
	return 0;
}

static int stop_server(void)
{
	(void)close(up.in);
	return waitpid(up.pid, NULL, 0) == up.pid ? 0 : 1;
}

struct job {
	struct meed_request r;
	struct batch *b;
	meed_msg msg;
	char text[300];
	unsigned n_done;
};

struct batch {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	size_t left, n;
	struct job *v;
	struct meed_transport *t;
};

static void on_done(struct meed_request *r)
{
	struct job *j = (struct job *)r;

	(void)pthread_mutex_lock(&j->b->lock);
	j->n_done++;
	j->b->left--;
	(void)pthread_cond_signal(&j->b->cond);
	(void)pthread_mutex_unlock(&j->b->lock);
}

static void batch_init(struct batch *b, struct meed_transport *t, size_t n)
{
	*b = (struct batch){ .t = t, .n = n, .v = calloc(n, sizeof(*b->v)) };
	(void)pthread_mutex_init(&b->lock, NULL);
	(void)pthread_cond_init(&b->cond, NULL);
	for (size_t i = 0; i < n; i++) {
		struct job *j = &b->v[i];

		j->b = b;
		j->msg.role = MEED_STR("user");
		j->r.kind = MEED_REQ_CHAT;
		j->r.endpoint = MEED_STR("");
		j->r.chat = (meed_chat){ .struct_size = sizeof(meed_chat),
					 .msgs = &j->msg,
					 .n_msgs = 1,
					 .temperature = -1.0 };
		j->r.reply.struct_size = sizeof(j->r.reply);
		j->r.reply.error = MEED_STR("");
		j->r.done = on_done;
	}
}

static void batch_wait(struct batch *b)
{
	(void)pthread_mutex_lock(&b->lock);
	while (b->left)
		(void)pthread_cond_wait(&b->cond, &b->lock);
	(void)pthread_mutex_unlock(&b->lock);
}

static void batch_submit(struct batch *b)
{
	b->left = b->n;
	for (size_t i = 0; i < b->n; i++) {
		b->v[i].msg.text = meed_str_of(b->v[i].text);
		b->t->submit(b->t, &b->v[i].r);
	}
}

static void batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		json_object_put(b->v[i].r.owned);
	free(b->v);
	(void)pthread_mutex_destroy(&b->lock);
	(void)pthread_cond_destroy(&b->cond);
}

static struct meed_endpoint endpoint(const char *name)
{
	return (struct meed_endpoint){ .name = (char *)(uintptr_t)name,
				       .kind = (char *)(uintptr_t) "openai",
				       .where = (char *)(uintptr_t) "test",
				       .url = up.url,
				       .model = (char *)(uintptr_t) "m",
				       .timeout_ms = 3000,
				       .concurrency = 50,
				       .backoff_ms = 1,
				       .backoff_max_ms = 4,
				       .breaker_failures = 1000000 };
}

static const struct meed_log quiet = { .fd = -1 };

static struct meed_transport *open_conf(const struct meed_llm_conf *conf)
{
	struct meed_transport *t = NULL;
	struct meed_err err = { 0 };

	if (meed_llm_new(conf, &quiet, &err, &t) < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	return t;
}

static bool has(meed_str s, const char *what)
{
	return s.n && memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/* One request alone; its text is the body's. */
static struct job *ask(struct batch *b, struct meed_transport *t, const char *text)
{
	batch_init(b, t, 1);
	(void)snprintf(b->v[0].text, sizeof(b->v[0].text), "%s", text);
	batch_submit(b);
	batch_wait(b);
	CU_ASSERT_EQUAL(b->v[0].n_done, 1);
	return &b->v[0];
}

static bool said(const struct job *j, const char *text)
{
	return j->r.reply.status == MEED_OK && j->r.reply.n_texts == 1 &&
	       meed_str_eq(j->r.reply.texts[0], meed_str_of(text));
}

/* ---- claims ---- */

static const char *const troubles[] = {
	"",	       "[[status 500 2]]",    "[[status 503 1]]", "[[retry-after 429 0 2]]",
	"[[status 429 1]]", "[[reset 2]]",    "[[close 1]]",	  "[[truncate 2]]",
	"[[html 1]]",  "[[badjson 2]]",	      "[[badutf8 1]]",	  "[[empty 1]]",
	"[[stream]]",  "[[brokenstream 1]]", "[[delay 3]]",	  "[[status 408 1]]",
};
#define N_TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

static void get_stats(struct meed_transport *t, long ret[5])
{
	static const char *const names[] = { "requests", "in_flight_max", "minute_max",
					     "second_max", "early" };
	struct batch b;
	struct job *j;

	batch_init(&b, t, 1);
	j = &b.v[0];
	j->r.kind = MEED_REQ_HTTP;
	j->r.http = (meed_http){ .struct_size = sizeof(meed_http), .method = "GET", .path = "/../stats" };
	j->r.http.path = "/stats";
	j->r.endpoint = MEED_STR("stats");
	j->r.http.body = MEED_STR("");
	batch_submit(&b);
	batch_wait(&b);
	CU_ASSERT_EQUAL_FATAL(j->r.reply.status, MEED_OK);
	for (int i = 0; i < 5; i++) {
		struct json_object *v = NULL;

		(void)json_object_object_get_ex((struct json_object *)(uintptr_t)(const void *)j->r.reply.json,
						names[i], &v);
		ret[i] = v ? (long)json_object_get_int64(v) : -1;
	}
	batch_free(&b);
}

static void test_every_request_of_2000_gets_its_own_answer_whatever_goes_wrong(void)
{
	char root[64];
	struct meed_endpoint e[2] = { endpoint("a"), endpoint("stats") };
	struct meed_llm_conf conf = { .endpoints = e, .n_endpoints = 2 };
	struct meed_transport *t;
	struct meed_llm_stats s;
	struct batch b;
	size_t wrong = 0;
	long n[5];

	(void)snprintf(root, sizeof(root), "%s", up.url);
	root[strlen(root) - 3] = '\0';
	e[1].kind = (char *)(uintptr_t) "http";
	e[1].url = root;
	t = open_conf(&conf);
	batch_init(&b, t, 2000);
	for (size_t i = 0; i < b.n; i++) {
		b.v[i].r.endpoint = MEED_STR("a");
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "%s [[answer n%zu]]",
			       troubles[i % N_TROUBLES], i);
	}
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++) {
		char want[32];

		(void)snprintf(want, sizeof(want), "n%zu", i);
		if (b.v[i].n_done != 1 || !said(&b.v[i], want)) {
			if (wrong++ < 5)
				(void)fprintf(stderr, "%s: %d %.*s\n", b.v[i].text, b.v[i].r.reply.status,
					      (int)b.v[i].r.reply.error.n, b.v[i].r.reply.error.p);
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.n_requests, 2000);
	CU_ASSERT_EQUAL(s.n_done, 2000);
	CU_ASSERT_EQUAL(s.n_failed, 0);
	CU_ASSERT_EQUAL(s.in_flight, 0);
	CU_ASSERT(s.n_retries > 1000);
	get_stats(t, n);
	CU_ASSERT(n[0] >= 2000);
	CU_ASSERT(n[1] > 1 && n[1] <= 50);
	batch_free(&b);
	t->free(t);
}

static void test_what_never_gets_better_ends_with_its_reason(void)
{
	static const struct {
		const char *text, *why;
		int32_t status;
	} v[] = {
		{ "[[status 500 99]]", "answered 500: as you asked (after 3 attempts)", MEED_E_UPSTREAM },
		{ "[[status 400 99]]", "answered 400: as you asked", MEED_E_UPSTREAM },
		{ "[[status 401 99]]", "answered 401", MEED_E_UPSTREAM },
		{ "[[status 301 99]]", "answered 301", MEED_E_UPSTREAM },
		{ "[[reset 99]]", "(after 3 attempts)", MEED_E_UPSTREAM },
		{ "[[close 99]]", "(after 3 attempts)", MEED_E_UPSTREAM },
		{ "[[truncate 99]]", "(after 3 attempts)", MEED_E_UPSTREAM },
		{ "[[html 99]]", "not JSON: byte 1: unexpected \"<\"; it begins: <html>", MEED_E_UPSTREAM },
		{ "[[badjson 99]]", "not JSON", MEED_E_UPSTREAM },
		{ "[[badutf8 99]]", "not JSON", MEED_E_UPSTREAM },
		{ "[[empty 99]]", "the answer is empty", MEED_E_UPSTREAM },
		{ "[[huge 99]]", "more than 1048576 bytes", MEED_E_UPSTREAM },
		{ "[[brokenstream 99]]", "broke off", MEED_E_UPSTREAM },
		{ "[[hang 99]]", "(after 3 attempts)", MEED_E_TIMEOUT },
		{ "[[drip 99]]", "(after 3 attempts)", MEED_E_TIMEOUT },
	};
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t;
	struct batch b;

	e.has_retries = true;
	e.retries = 2;
	e.timeout_ms = 400;
	e.max_answer = 1 << 20;
	t = open_conf(&conf);
	batch_init(&b, t, sizeof(v) / sizeof(v[0]));
	for (size_t i = 0; i < b.n; i++)
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "%s", v[i].text);
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++) {
		const meed_reply *r = &b.v[i].r.reply;

		CU_ASSERT_EQUAL(r->status, v[i].status);
		CU_ASSERT(has(r->error, v[i].why));
		if (r->status != v[i].status || !has(r->error, v[i].why))
			(void)fprintf(stderr, "%s: %d %.*s\n", v[i].text, r->status, (int)r->error.n,
				      r->error.p);
	}
	batch_free(&b);
	t->free(t);
}

/* One request at a time, the first of which makes the server ask for a pause. */
static void check_pause(const char *trouble)
{
	struct meed_endpoint e[2] = { endpoint("a"), endpoint("stats") };
	struct meed_llm_conf conf = { .endpoints = e, .n_endpoints = 2 };
	struct meed_transport *t;
	struct batch b;
	long before[5], after[5];
	char root[64];

	(void)snprintf(root, sizeof(root), "%s", up.url);
	root[strlen(root) - 3] = '\0';
	e[0].concurrency = 1;
	e[1].kind = (char *)(uintptr_t) "http";
	e[1].url = root;
	t = open_conf(&conf);
	get_stats(t, before);
	batch_init(&b, t, 3);
	for (size_t i = 0; i < b.n; i++) {
		b.v[i].r.endpoint = MEED_STR("a");
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "%s [[answer late]] %zu",
			       i ? "" : trouble, i);
	}
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++)
		CU_ASSERT(said(&b.v[i], "late"));
	get_stats(t, after);
	CU_ASSERT_EQUAL(after[4], before[4]);
	batch_free(&b);
	t->free(t);
}

static void test_retry_after_is_honoured(void)
{
	uint64_t t0 = meed_now_ns();

	check_pause("[[retry-after 429 1 1]]");
	CU_ASSERT(meed_now_ns() - t0 >= 1000000000);
	check_pause("[[retry-after 503 1 1]]");
	check_pause("[[retry-date 429 2 1]]");
}

static void test_what_is_left_of_a_limit_is_honoured(void)
{
	uint64_t t0 = meed_now_ns();

	check_pause("[[limits 1]]");
	CU_ASSERT(meed_now_ns() - t0 >= 1000000000);
}

static void test_structure_that_is_refused_is_asked_for_otherwise(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t = open_conf(&conf);
	struct meed_llm_stats s;
	struct batch b;
	struct job *j;

	batch_init(&b, t, 1);
	j = &b.v[0];
	j->r.chat.json_schema = "{\"type\":\"object\"}";
	(void)snprintf(j->text, sizeof(j->text), "[[noformat]] [[answer {\\\"a\\\":1}]]");
	/* The text stands escaped in the body, the answer unescapes it once. */
	batch_submit(&b);
	batch_wait(&b);
	CU_ASSERT_EQUAL(j->r.reply.status, MEED_OK);
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.n_attempts, 3);
	batch_free(&b);
	t->free(t);
}

static void test_embeddings_come_in_the_texts_order(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t = open_conf(&conf);
	const meed_str texts[] = { MEED_STR("x"), MEED_STR("y, \"z\""), MEED_STR("") };
	struct batch b;
	struct job *j;

	batch_init(&b, t, 1);
	j = &b.v[0];
	j->r.kind = MEED_REQ_EMBED;
	j->r.texts = texts;
	j->r.n_texts = 3;
	batch_submit(&b);
	batch_wait(&b);
	CU_ASSERT_EQUAL_FATAL(j->r.reply.status, MEED_OK);
	CU_ASSERT_EQUAL(j->r.reply.n_vecs, 3);
	CU_ASSERT_EQUAL(j->r.reply.dim, 3);
	CU_ASSERT_EQUAL(j->r.reply.vecs[6], 2.0f);
	CU_ASSERT_EQUAL(j->r.reply.tokens_in, 3);
	batch_free(&b);
	t->free(t);
}

static void test_equal_requests_are_asked_once(void)
{
	struct meed_endpoint e = endpoint("a");
	char path[] = "/tmp/meed-llm-XXXXXX";
	int fd = mkstemp(path);
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1, .cache = path };
	struct meed_transport *t = open_conf(&conf);
	struct meed_llm_stats s;
	struct batch b;

	batch_init(&b, t, 100);
	for (size_t i = 0; i < b.n; i++)
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "[[delay 50]] same %zu [[answer one]]",
			       i % 2);
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++)
		CU_ASSERT(said(&b.v[i], "one"));
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.n_attempts, 2);
	CU_ASSERT_EQUAL(s.n_merged + s.n_cached, 98);
	CU_ASSERT_EQUAL(s.tokens_out, 6);
	batch_free(&b);
	t->free(t);
	/* another run finds the answer on disk */
	t = open_conf(&conf);
	CU_ASSERT(said(ask(&b, t, "[[delay 50]] same 0 [[answer one]]"), "one"));
	batch_free(&b);
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.n_attempts, 0);
	CU_ASSERT_EQUAL(s.n_cached, 1);
	t->free(t);
	(void)close(fd);
	(void)unlink(path);
}

static void test_a_recording_answers_without_an_endpoint(void)
{
	struct meed_endpoint e = endpoint("a");
	char path[] = "/tmp/meed-llm-XXXXXX";
	int fd = mkstemp(path);
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1, .record = path };
	struct meed_transport *t = open_conf(&conf);
	struct batch b;

	CU_ASSERT(said(ask(&b, t, "[[answer seven]]"), "seven"));
	batch_free(&b);
	t->free(t);
	conf.record = NULL;
	conf.replay = path;
	t = open_conf(&conf);
	CU_ASSERT(said(ask(&b, t, "[[answer seven]]"), "seven"));
	batch_free(&b);
	CU_ASSERT(has(ask(&b, t, "[[answer eight]]")->r.reply.error, "the recording has no such request"));
	batch_free(&b);
	t->free(t);
	(void)close(fd);
	(void)unlink(path);
}

static struct meed_endpoint_member both[] = { { (char *)(uintptr_t) "dead", 1, 0 },
					      { (char *)(uintptr_t) "good", 1, 1 } };

static struct meed_endpoint group(struct meed_endpoint_member *v, size_t n)
{
	return (struct meed_endpoint){ .name = (char *)(uintptr_t) "default",
				       .kind = (char *)(uintptr_t) "group",
				       .where = (char *)(uintptr_t) "test",
				       .members = v,
				       .n_members = n };
}

static void test_a_group_falls_back_and_leaves_a_dead_member_alone(void)
{
	struct meed_endpoint e[3] = { endpoint("dead"), endpoint("good"), group(both, 2) };
	struct meed_llm_conf conf = { .endpoints = e, .n_endpoints = 3 };
	struct meed_transport *t;
	struct meed_llm_stats s;
	struct batch b;

	e[0].url = (char *)(uintptr_t) "http://127.0.0.1:1/v1";
	e[0].concurrency = 1;
	e[0].breaker_failures = 3;
	e[0].breaker_ms = 60000;
	t = open_conf(&conf);
	batch_init(&b, t, 200);
	for (size_t i = 0; i < b.n; i++)
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "[[answer g%zu]]", i);
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++)
		CU_ASSERT(b.v[i].r.reply.status == MEED_OK);
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.n_attempts, 203);
	batch_free(&b);
	t->free(t);
}

static void test_an_endpoint_that_is_down_fails_all_in_bounded_time(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t;
	struct batch b;
	size_t given_up = 0;

	e.url = (char *)(uintptr_t) "http://127.0.0.1:1/v1";
	e.breaker_failures = 3;
	e.breaker_ms = 10;
	e.concurrency = 1;
	t = open_conf(&conf);
	batch_init(&b, t, 500);
	for (size_t i = 0; i < b.n; i++)
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "%zu", i);
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++) {
		CU_ASSERT(b.v[i].r.reply.status == MEED_E_UPSTREAM);
		given_up += has(b.v[i].r.reply.error, "given up after many failures; the last: ");
	}
	CU_ASSERT(given_up > 400);
	batch_free(&b);
	t->free(t);
}

/* The breaker is open, and its probe meets a kept connection that is dead. */
static void test_a_dead_connection_does_not_close_the_breaker(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_err err = { 0 };
	struct attempt a = { .stale = false };
	struct member m;
	uint64_t now = 1000000000;

	e.breaker_failures = 1;
	CU_ASSERT_EQUAL_FATAL(member_init(&m, &e, &err), 0);
	member_begin(&m, &a, now);
	member_end(&m, &a, V_RETRY, "down", 0, now);
	CU_ASSERT_FALSE(member_healthy(&m, now));
	now = m.open_until_ns;
	CU_ASSERT(member_healthy(&m, now));
	member_begin(&m, &a, now);
	CU_ASSERT_FALSE(member_healthy(&m, now));
	a.stale = true;
	member_end(&m, &a, V_AGAIN, "dead", 0, now);
	CU_ASSERT(m.open_until_ns != 0);
	CU_ASSERT(member_healthy(&m, now));
	a.stale = false;
	member_begin(&m, &a, now);
	member_end(&m, &a, V_OK, "", 10, now);
	CU_ASSERT_EQUAL(m.open_until_ns, 0);
	member_release(&m);
}

static void test_a_hedge_wins_when_the_first_is_slow(void)
{
	struct meed_endpoint_member v[] = { { (char *)(uintptr_t) "dead", 1, 0 },
					    { (char *)(uintptr_t) "good", 1, 0 } };
	struct meed_endpoint e[3] = { endpoint("dead"), endpoint("good"), group(v, 2) };
	struct meed_llm_conf conf = { .endpoints = e, .n_endpoints = 3 };
	struct meed_transport *t;
	struct meed_llm_stats s;
	struct batch b;

	e[0].hedge_ms = e[1].hedge_ms = 20;
	e[0].timeout_ms = e[1].timeout_ms = 20000;
	t = open_conf(&conf);
	/* the first time that it comes it is never answered */
	CU_ASSERT(said(ask(&b, t, "[[hang 1]] [[answer quick]]"), "quick"));
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.n_hedges, 1);
	CU_ASSERT_EQUAL(s.in_flight, 0);
	batch_free(&b);
	t->free(t);
}

static void test_cancelling_ends_everything_once(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t;
	struct batch b;

	e.timeout_ms = 60000;
	t = open_conf(&conf);
	batch_init(&b, t, 300);
	for (size_t i = 0; i < b.n; i++)
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "[[hang 9]] %zu", i % 200);
	batch_submit(&b);
	t->cancel_all(t);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++)
		CU_ASSERT(b.v[i].n_done == 1 && b.v[i].r.reply.status == MEED_E_CANCELLED);
	batch_free(&b);
	t->free(t);
}

static void test_a_spent_budget_stops_asking(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1, .budget_tokens = 25 };
	struct meed_transport *t;
	struct meed_llm_stats s;
	struct batch b;
	size_t ok = 0;

	e.price_in = 1000000.0;
	t = open_conf(&conf);
	batch_init(&b, t, 10);
	for (size_t i = 0; i < b.n; i++)
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "%zu", i);
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++) {
		ok += b.v[i].r.reply.status == MEED_OK;
		CU_ASSERT(b.v[i].r.reply.status == MEED_OK || b.v[i].r.reply.status == MEED_E_LIMIT);
	}
	CU_ASSERT_EQUAL(ok, 3);
	meed_llm_stats(t, &s);
	CU_ASSERT_EQUAL(s.tokens_in + s.tokens_out, 30);
	CU_ASSERT_EQUAL(s.money, 21.0);
	CU_ASSERT_EQUAL(s.n_over_budget, 7);
	batch_free(&b);
	t->free(t);
}

static void test_a_deadline_ends_a_request_that_waits(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t;
	struct batch b;

	e.timeout_ms = 60000;
	e.concurrency = 1;
	t = open_conf(&conf);
	batch_init(&b, t, 3);
	for (size_t i = 0; i < b.n; i++) {
		(void)snprintf(b.v[i].text, sizeof(b.v[i].text), "[[hang 9]] %zu", i);
		b.v[i].r.chat.timeout_ms = 60;
	}
	batch_submit(&b);
	batch_wait(&b);
	for (size_t i = 0; i < b.n; i++)
		CU_ASSERT_EQUAL(b.v[i].r.reply.status, MEED_E_TIMEOUT);
	batch_free(&b);
	t->free(t);
}

static void test_tls_against_a_plain_port_is_named(void)
{
	struct meed_endpoint e = endpoint("a");
	struct meed_llm_conf conf = { .endpoints = &e, .n_endpoints = 1 };
	struct meed_transport *t;
	struct batch b;
	char url[80];

	(void)snprintf(url, sizeof(url), "https%s", up.url + 4);
	e.url = url;
	e.has_retries = true;
	t = open_conf(&conf);
	(void)ask(&b, t, "x");
	CU_ASSERT(has(b.v[0].r.reply.error, "SSL"));
	if (!has(b.v[0].r.reply.error, "SSL"))
		(void)fprintf(stderr, "%.*s\n", (int)b.v[0].r.reply.error.n, b.v[0].r.reply.error.p);
	batch_free(&b);
	t->free(t);
}

static void test_a_minute_sees_no_more_than_its_limit(void)
{
	struct meed_endpoint e = endpoint("a");
	struct member m;
	struct attempt a = { 0 };
	struct meed_err err = { 0 };
	uint64_t now = 1000000000, when, starts[300];
	size_t n = 0;

	e.rpm = 30;
	CU_ASSERT_EQUAL_FATAL(member_init(&m, &e, &err), 0);
	while (n < 300) {
		if (member_admits(&m, now, &when)) {
			starts[n++] = now;
			member_begin(&m, &a, now);
			member_end(&m, &a, V_OK, "", 0, now);
			now += 1000000;
		} else {
			CU_ASSERT_FATAL(when != NEVER && when > now);
			now = when;
		}
	}
	for (size_t i = 30; i < n; i++)
		CU_ASSERT(starts[i] - starts[i - 30] > (uint64_t)60 * 1000000000);
	member_release(&m);
}

static void test_tokens_really_used_are_charged(void)
{
	struct meed_endpoint e = endpoint("a");
	struct member m;
	struct attempt a = { 0 };
	struct meed_err err = { 0 };
	uint64_t now, when, used = 0, t0;

	e.tpm = 60000;
	CU_ASSERT_EQUAL_FATAL(member_init(&m, &e, &err), 0);
	t0 = now = m.tokens.at_ns;
	while (now < t0 + (uint64_t)60 * 1000000000) {
		if (member_admits(&m, now, &when)) {
			a.charged = 0;
			member_begin(&m, &a, now);
			member_end(&m, &a, V_OK, "", 700, now);
			used += 700;
		} else {
			now = when;
		}
	}
	CU_ASSERT(used <= 60000);
	CU_ASSERT(used >= 50000);
	member_release(&m);
}

/* An hour of calls that take 50 to 2,050 tokens and half a second to four, a hundred at a time. */
static void test_no_minute_of_an_hour_sees_more_tokens_than_its_limit(void)
{
	enum {
		WIDTH = 100,
		MOST = 20000
	};
	static struct {
		uint64_t at, end, tokens;
		struct attempt a;
	} v[MOST];
	struct meed_endpoint e = endpoint("a");
	struct meed_err err = { 0 };
	struct member m;
	uint64_t now, when, t0, rng = 7, sum = 0, worst = 0, all = 0;
	size_t n = 0, open = 0, from = 0;

	e.tpm = 300000;
	e.concurrency = WIDTH;
	CU_ASSERT_EQUAL_FATAL(member_init(&m, &e, &err), 0);
	t0 = now = m.tokens.at_ns;
	while (now < t0 + (uint64_t)3600 * 1000000000) {
		size_t first = n;

		for (size_t i = open; i < n; i++)
			if (v[i].end && (first == n || v[i].end < v[first].end))
				first = i;
		while (n < MOST && member_admits(&m, now, &when)) {
			rng = rng * 6364136223846793005u + 1442695040888963407u;
			v[n].at = now;
			v[n].tokens = 50 + (rng >> 33) % 2001;
			v[n].end = now + 500000000 + (rng >> 20) % 3500000000u;
			member_begin(&m, &v[n++].a, now);
		}
		CU_ASSERT_FATAL(n < MOST);
		when = when == NEVER ? now + 50000000 : when;
		if (first < n && v[first].end && v[first].end <= when) {
			now = v[first].end > now ? v[first].end : now;
			v[first].end = 0;
			member_end(&m, &v[first].a, V_OK, "", v[first].tokens, now);
			while (open < n && !v[open].end)
				open++;
		} else {
			now = when;
		}
	}
	for (size_t i = 0; i < n; i++) {
		sum += v[i].tokens;
		all += v[i].tokens;
		while (v[from].at + (uint64_t)60 * 1000000000 <= v[i].at)
			sum -= v[from++].tokens;
		worst = sum > worst ? sum : worst;
	}
	CU_ASSERT(worst <= e.tpm);
	/* and what it may have is used */
	CU_ASSERT(all >= 60 * e.tpm * 8 / 10);
	member_release(&m);
}

static CU_TestInfo tests[] = {
	{ "every request of 2000 gets its own answer, whatever goes wrong",
	  test_every_request_of_2000_gets_its_own_answer_whatever_goes_wrong },
	{ "what never gets better ends with its reason",
	  test_what_never_gets_better_ends_with_its_reason },
	{ "Retry-After is honoured, in seconds and as a date", test_retry_after_is_honoured },
	{ "what is left of a limit is honoured", test_what_is_left_of_a_limit_is_honoured },
	{ "structure that is refused is asked for otherwise",
	  test_structure_that_is_refused_is_asked_for_otherwise },
	{ "embeddings come in the texts' order", test_embeddings_come_in_the_texts_order },
	{ "equal requests are asked once", test_equal_requests_are_asked_once },
	{ "a recording answers without an endpoint", test_a_recording_answers_without_an_endpoint },
	{ "a group falls back, and leaves a dead member alone",
	  test_a_group_falls_back_and_leaves_a_dead_member_alone },
	{ "an endpoint that is down fails all in bounded time",
	  test_an_endpoint_that_is_down_fails_all_in_bounded_time },
	{ "a dead connection does not close the breaker",
	  test_a_dead_connection_does_not_close_the_breaker },
	{ "a hedge wins when the first is slow", test_a_hedge_wins_when_the_first_is_slow },
	{ "cancelling ends everything, once", test_cancelling_ends_everything_once },
	{ "a spent budget stops asking", test_a_spent_budget_stops_asking },
	{ "a deadline ends a request that waits", test_a_deadline_ends_a_request_that_waits },
	{ "TLS against a plain port is named", test_tls_against_a_plain_port_is_named },
	{ "a minute sees no more than its limit", test_a_minute_sees_no_more_than_its_limit },
	{ "tokens really used are charged", test_tokens_really_used_are_charged },
	{ "no minute of an hour sees more tokens than its limit",
	  test_no_minute_of_an_hour_sees_more_tokens_than_its_limit },
	CU_TEST_INFO_NULL,
};

int main(void)
{
	CU_SuiteInfo suites[] = { { "llm", start_server, stop_server, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	(void)signal(SIGPIPE, SIG_IGN);
	return suites_run(suites);
}
