/* test_http1.c - HTTP/1.1 answers, read in every way in which they can come in two pieces, and byte
 * by byte. */
#include "config.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/llm/http1.h"
#include "tests/unit/suites.h"

struct got {
	enum http1_event end;		/* WHOLE, MORE or BAD */
	struct http1 h;
	struct meed_buf body, type;	/* of the last head: the field content-type */
	size_t heads, rest;		/* rest: bytes behind the answer */
};

static void feed(struct got *g, const char *p, size_t n)
{
	meed_str in = { p, n }, part, v;

	if (g->end != HTTP1_MORE) {
		g->rest += n;
		return;
	}
	for (;;) {
		g->end = http1_next(&g->h, &in, &part);
		if (g->end == HTTP1_FIELDS) {
			g->heads++;
			g->type.n = 0;
			if (http1_field(part, "Content-Type", &v))
				meed_buf_put(&g->type, v.p, v.n);
		} else if (g->end == HTTP1_BODY) {
			meed_buf_put(&g->body, part.p, part.n);
		} else {
			g->rest += in.n;
			return;
		}
	}
}

static void got_release(struct got *g)
{
	http1_release(&g->h);
	meed_buf_release(&g->body);
	meed_buf_release(&g->type);
}

struct want {
	const char *bytes;
	bool head;			/* it answers a HEAD */
	enum http1_event end;
	int status;
	const char *body;
	bool keep;
	size_t rest;
	const char *wrong;
};

static bool fits(const struct got *g, const struct want *w)
{
	if (g->end != w->end || g->body.n != strlen(w->body) ||
	    (g->body.n && memcmp(g->body.p, w->body, g->body.n) != 0))
		return false;
	if (w->end == HTTP1_BAD)
		return g->h.wrong && strstr(g->h.wrong, w->wrong);
	return g->h.status == w->status && g->h.keep == w->keep && g->rest == w->rest;
}

/* Cut into pieces of `step` after a first one of `first`. */
static bool read_in(const struct want *w, size_t first, size_t step)
{
	struct got g = { .end = HTTP1_MORE };
	size_t n = strlen(w->bytes), at = first;
	bool ok;

	http1_begin(&g.h, w->head);
	feed(&g, w->bytes, first);
	for (; at < n; at += step)
		feed(&g, w->bytes + at, n - at < step ? n - at : step);
	ok = fits(&g, w);
	if (!ok)
		(void)fprintf(stderr, "first %zu, then %zu: event %d, status %d, rest %zu, wrong %s: %s\n",
			      first, step, (int)g.end, g.h.status, g.rest,
			      g.h.wrong ? g.h.wrong : "-", w->bytes);
	got_release(&g);
	return ok;
}

static void check(const struct want *w)
{
	size_t n = strlen(w->bytes);

	for (size_t cut = 0; cut <= n; cut++)
		CU_ASSERT(read_in(w, cut, n));
	CU_ASSERT(read_in(w, 0, 1));
	CU_ASSERT(read_in(w, 0, 3));
}

#define OK "HTTP/1.1 200 OK\r\n"
#define WHOLE(bytes, body, keep, rest) { bytes, false, HTTP1_WHOLE, 200, body, keep, rest, NULL }
#define BAD(bytes, body, wrong) { bytes, false, HTTP1_BAD, 0, body, false, 0, wrong }

static void test_bodies_end_where_they_say(void)
{
	static const struct want v[] = {
		WHOLE(OK "Content-Length: 5\r\n\r\nhello", "hello", true, 0),
		WHOLE(OK "content-length:5 \r\nContent-Length: 5\r\n\r\nhello!", "hello", true, 1),
		WHOLE(OK "Content-Length: 0\r\n\r\n", "", true, 0),
		WHOLE(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello", true, 0),
		WHOLE(OK "transfer-encoding: Chunked\r\n\r\n"
			 "3;a=b\r\nhel\r\n2 ;c\r\nlo\r\n00\r\nX-Sum: 1\r\nY: 2\r\n\r\nHTTP",
		      "hello", true, 4),
		WHOLE(OK "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n",
		      "0123456789a", true, 0),
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check(&v[i]);
}

static void test_some_answers_have_no_body(void)
{
	static const struct want v[] = {
		{ "HTTP/1.1 204 No Content\r\n\r\n", false, HTTP1_WHOLE, 204, "", true, 0, NULL },
		{ "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", false, HTTP1_WHOLE, 304, "", true, 0,
		  NULL },
		{ OK "Content-Length: 9\r\n\r\n", true, HTTP1_WHOLE, 200, "", true, 0, NULL },
		{ OK "Transfer-Encoding: chunked\r\n\r\n", true, HTTP1_WHOLE, 200, "", true, 0, NULL },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check(&v[i]);
}

static void test_a_connection_is_kept_where_both_can(void)
{
	static const struct want v[] = {
		WHOLE(OK "Connection: close\r\nContent-Length: 1\r\n\r\nx", "x", false, 0),
		WHOLE(OK "Connection: foo, Close\r\nContent-Length: 1\r\n\r\nx", "x", false, 0),
		WHOLE("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", false, 0),
		WHOLE("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", "x",
		      true, 0),
		/* two lengths: what follows may be somebody's trick */
		WHOLE(OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
		      "x", false, 0),
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check(&v[i]);
}

static void test_what_may_be_forgiven_is(void)
{
	static const struct want v[] = {
		WHOLE("\r\n\n" OK "Content-Length: 1\r\n\r\nx", "x", true, 0),
		WHOLE("HTTP/1.1 200\nContent-Length: 1\n\nx", "x", true, 0),
		WHOLE(OK "A: b\r\n c\r\nContent-Length: 1\r\n\r\nx", "x", true, 0),
		WHOLE(OK "no colon\r\nContent-Length: 1\r\n\r\nx", "x", true, 0),
		WHOLE("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" OK
		      "Content-Length: 1\r\n\r\nx",
		      "x", true, 0),
		WHOLE(OK "Transfer-Encoding: chunked\n\n1\nx\n0\n\n", "x", true, 0),
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check(&v[i]);
}

static void test_the_rest_is_an_error_with_a_name(void)
{
	static const struct want v[] = {
		BAD("HTTP/2 200\r\n\r\n", "", "no HTTP/1.1"),
		BAD("SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "", "no HTTP/1.1"),
		BAD("HTTP/1.1 20\r\n\r\n", "", "no HTTP/1.1"),
		BAD("HTTP/1.1 099 x\r\n\r\n", "", "no HTTP/1.1"),
		BAD("HTTP/1.1 101 x\r\n\r\n", "", "another protocol"),
		BAD(OK "Content-Length: -1\r\n\r\n", "", "no length"),
		BAD(OK "Content-Length: \r\n\r\n", "", "no length"),
		BAD(OK "Content-Length: 1x\r\n\r\n", "", "no length"),
		BAD(OK "Content-Length: 1, 1\r\n\r\n", "", "no length"),
		BAD(OK "Content-Length: 99999999999999999999\r\n\r\n", "", "no length"),
		BAD(OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "", "no length"),
		BAD(OK "Transfer-Encoding: gzip\r\n\r\n", "", "Transfer-Encoding"),
		BAD(OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", "", "length is none"),
		BAD(OK "Transfer-Encoding: chunked\r\n\r\n\r\n", "", "length is none"),
		BAD(OK "Transfer-Encoding: chunked\r\n\r\n1 2\r\n", "", "length is none"),
		BAD(OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "", "length is none"),
		BAD(OK "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", "x", "longer than it says"),
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check(&v[i]);
}

static void test_a_nul_in_the_head_is_an_error(void)
{
	static const char bytes[] = OK "A: \0\r\n\r\n";
	struct got g = { .end = HTTP1_MORE };

	feed(&g, bytes, sizeof(bytes) - 1);
	CU_ASSERT_EQUAL(g.end, HTTP1_BAD);
	got_release(&g);
}

static void test_an_end_is_the_end_of_some_answers_alone(void)
{
	static const struct {
		const char *bytes, *body;
		bool whole;
	} v[] = {
		{ OK "\r\n", "", true },
		{ OK "\r\nhello", "hello", true },
		{ OK "Content-Length: 6\r\n\r\nhello", "hello", false },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "hello", false },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "hello", false },
		{ OK "Content-", "", false },
		{ "", "", false },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct got g = { .end = HTTP1_MORE };

		feed(&g, v[i].bytes, strlen(v[i].bytes));
		CU_ASSERT_EQUAL(g.end, HTTP1_MORE);
		CU_ASSERT_EQUAL(g.body.n, strlen(v[i].body));
		CU_ASSERT_EQUAL(http1_at_end(&g.h), v[i].whole);
		CU_ASSERT_FALSE(g.h.keep && v[i].whole);
		got_release(&g);
	}
}

static void test_lengths_of_heads_and_lines_have_an_end(void)
{
	static const char *const begins[] = { OK, OK "Transfer-Encoding: chunked\r\n\r\n",
					      OK "Transfer-Encoding: chunked\r\n\r\n0\r\n" };

	for (size_t i = 0; i < 3; i++) {
		struct got g = { .end = HTTP1_MORE };
		char x[1024];
		size_t n = 0;

		memset(x, '1', sizeof(x));
		feed(&g, begins[i], strlen(begins[i]));
		for (; g.end == HTTP1_MORE && n < 4 * HTTP1_HEAD_MAX; n += sizeof(x))
			feed(&g, x, sizeof(x));
		CU_ASSERT_EQUAL(g.end, HTTP1_BAD);
		CU_ASSERT_PTR_NOT_NULL(strstr(g.h.wrong, "too long"));
		CU_ASSERT(g.h.line.cap <= 4 * HTTP1_HEAD_MAX);
		/* what one long head took is not kept for the next */
		http1_begin(&g.h, false);
		CU_ASSERT(g.h.line.cap < HTTP1_HEAD_MAX);
		got_release(&g);
	}
}

static void test_trailers_have_an_end_together(void)
{
	static const char begin[] = OK "Transfer-Encoding: chunked\r\n\r\n0\r\n";
	static const char line[] = "X-Line: of which each is short enough, and there is no end\r\n";
	struct got g = { .end = HTTP1_MORE };
	size_t n = 0;

	feed(&g, begin, sizeof(begin) - 1);
	for (; g.end == HTTP1_MORE && n < 4 * HTTP1_HEAD_MAX; n += sizeof(line) - 1)
		feed(&g, line, sizeof(line) - 1);
	CU_ASSERT_EQUAL(g.end, HTTP1_BAD);
	CU_ASSERT(n < 2 * HTTP1_HEAD_MAX);
	got_release(&g);
}

static void test_a_connection_carries_answer_after_answer(void)
{
	struct got g = { .end = HTTP1_MORE };
	static const char one[] = OK "Content-Type:  text/plain\t\r\nContent-Length: 2\r\n\r\nab";

	for (int i = 0; i < 3; i++) {
		http1_begin(&g.h, false);
		g.end = HTTP1_MORE;
		for (size_t k = 0; k + 1 < sizeof(one); k++)
			feed(&g, one + k, 1);
		CU_ASSERT_EQUAL(g.end, HTTP1_WHOLE);
	}
	CU_ASSERT_EQUAL(g.heads, 3);
	CU_ASSERT(g.body.n == 6 && memcmp(g.body.p, "ababab", 6) == 0);
	CU_ASSERT(g.type.n == 10 && memcmp(g.type.p, "text/plain", 10) == 0);
	got_release(&g);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "bodies end where they say", test_bodies_end_where_they_say },
		{ "some answers have no body", test_some_answers_have_no_body },
		{ "a connection is kept where both can", test_a_connection_is_kept_where_both_can },
		{ "what may be forgiven is", test_what_may_be_forgiven_is },
		{ "the rest is an error with a name", test_the_rest_is_an_error_with_a_name },
		{ "a NUL in the head is an error", test_a_nul_in_the_head_is_an_error },
		{ "an end is the end of some answers alone",
		  test_an_end_is_the_end_of_some_answers_alone },
		{ "lengths of heads and lines have an end",
		  test_lengths_of_heads_and_lines_have_an_end },
		{ "trailers have an end together", test_trailers_have_an_end_together },
		{ "a connection carries answer after answer",
		  test_a_connection_carries_answer_after_answer },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "http1", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
