/* fuzz_http.c - fuzz target: HTTP/1.1 answers.
 *
 * However the bytes are cut, what is read is the same; what is read is part of what came. The first
 * byte says how they are cut, and whether a HEAD is answered. */
#include "config.h"
#include "host/llm/http1.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct got {
	struct http1 h;
	struct meed_buf body, heads;
	enum http1_event end;
	size_t rest;
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void feed(struct got *g, const char *p, size_t n)
{
	meed_str in = { p, n }, part = { NULL, 0 }, v;

	if (g->end != HTTP1_MORE) {
		g->rest += n;
		return;
	}
	for (;;) {
		g->end = http1_next(&g->h, &in, &part);
		must(in.p + in.n == p + n);
		switch (g->end) {
		case HTTP1_FIELDS:
			must(g->h.status >= 200 && g->h.status <= 999 && part.n <= HTTP1_HEAD_MAX);
			meed_buf_put(&g->heads, part.p, part.n);
			if (http1_field(part, "content-length", &v))
				must(v.p >= part.p && v.p + v.n <= part.p + part.n);
			(void)http1_has(part, "connection", "close");
			break;
		case HTTP1_BODY:
			must(part.n && part.p >= p && part.p + part.n <= p + n);
			meed_buf_put(&g->body, part.p, part.n);
			break;
		case HTTP1_BAD:
			must(g->h.wrong != NULL);
			return;
		default:
			must(g->end == HTTP1_WHOLE || !in.n);
			g->rest += in.n;
			return;
		}
	}
}

static void release(struct got *g)
{
	http1_release(&g->h);
	meed_buf_release(&g->body);
	meed_buf_release(&g->heads);
}

static bool same(const struct meed_buf *a, const struct meed_buf *b)
{
	return a->n == b->n && (!a->n || memcmp(a->p, b->p, a->n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct got one = { .end = HTTP1_MORE }, cut = { .end = HTTP1_MORE };
	size_t step;

	if (!n)
		return 0;
	step = 1 + p[0] % 32;
	http1_begin(&one.h, p[0] & 0x80);
	http1_begin(&cut.h, p[0] & 0x80);
	feed(&one, (const char *)p + 1, n - 1);
	for (size_t at = 1; at < n; at += step)
		feed(&cut, (const char *)p + at, n - at < step ? n - at : step);
	must(one.end == cut.end && same(&one.heads, &cut.heads) && same(&one.body, &cut.body));
	if (one.end == HTTP1_BAD)
		must(strcmp(one.h.wrong, cut.h.wrong) == 0);
	else
		must(one.h.state == cut.h.state && one.h.keep == cut.h.keep &&
		     one.h.left == cut.h.left && one.rest == cut.rest &&
		     http1_at_end(&one.h) == http1_at_end(&cut.h));
	release(&one);
	release(&cut);
	return 0;
}
