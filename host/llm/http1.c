/* http1.c - reads an HTTP/1.1 answer as it comes. */
#include "config.h"

#include "host/llm/http1.h"

#include <stdlib.h>
#include <strings.h>

#define CHUNK_LINE_MAX 4096

/* ---- fields ----------------------------------------------------------------------------------- */

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static meed_str trimmed(const char *p, size_t n)
{
	while (n && (blank(p[n - 1]) || p[n - 1] == '\r'))
		n--;
	while (n && blank(*p)) {
		p++;
		n--;
	}
	return (meed_str){ p, n };
}

/* Takes a line off the front of *s, its end included. */
static meed_str take_line(meed_str *s)
{
	const char *end = s->n ? memchr(s->p, '\n', s->n) : NULL;
	size_t n = end ? (size_t)(end - s->p) : s->n, used = end ? n + 1 : n;
	meed_str line = { s->p, n };

	s->p += used;
	s->n -= used;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* The next field of that name; *head goes on behind it. */
static bool next_field(meed_str *head, const char *name, meed_str *ret)
{
	size_t n = strlen(name);

	while (head->n) {
		meed_str line = take_line(head);

		if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
			continue;
		*ret = trimmed(line.p + n + 1, line.n - n - 1);
		return true;
	}
	return false;
}

bool http1_field(meed_str head, const char *name, meed_str *ret)
{
	return next_field(&head, name, ret);
}

bool http1_has(meed_str head, const char *name, const char *word)
{
	size_t n = strlen(word);
	meed_str v;

	while (next_field(&head, name, &v)) {
		while (v.n) {
			const char *comma = memchr(v.p, ',', v.n);
			size_t used = comma ? (size_t)(comma - v.p) : v.n;
			meed_str one = trimmed(v.p, used);

			if (one.n == n && strncasecmp(one.p, word, n) == 0)
				return true;
			used += comma ? 1 : 0;
			v.p += used;
			v.n -= used;
		}
	}
	return false;
}

/* ---- head ------------------------------------------------------------------------------------- */

static enum http1_event bad(struct http1 *h, const char *why)
{
	h->wrong = why;
	return HTTP1_BAD;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK" */
static bool status_line(struct http1 *h, meed_str line)
{
	const char *p = line.p;

	if (line.n < 12 || memcmp(p, "HTTP/1.", 7) != 0 || (p[7] != '0' && p[7] != '1') ||
	    p[8] != ' ' || !digit(p[9]) || !digit(p[10]) || !digit(p[11]) ||
	    (line.n > 12 && p[12] != ' '))
		return false;
	h->status = (uint16_t)((p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0'));
	h->keep = p[7] == '1';
	return h->status >= 100;
}

/* All Content-Length fields, which must agree. 0: there are none; < 0: wrong. */
static int content_length(meed_str head, uint64_t *ret)
{
	meed_str v;
	int found = 0;

	while (next_field(&head, "content-length", &v)) {
		uint64_t x = 0;

		if (!v.n || v.n > 18)
			return -1;
		for (size_t i = 0; i < v.n; i++) {
			if (!digit(v.p[i]))
				return -1;
			x = 10 * x + (uint64_t)(v.p[i] - '0');
		}
		if (found && x != *ret)
			return -1;
		*ret = x;
		found = 1;
	}
	return found;
}

/* How the body ends. */
static enum http1_event framing(struct http1 *h, meed_str head)
{
	meed_str v;
	int length = content_length(head, &h->left);

	if (http1_has(head, "connection", "close"))
		h->keep = false;
	else if (http1_has(head, "connection", "keep-alive"))
		h->keep = true;
	if (length < 0)
		return bad(h, "its Content-Length is no length");
	if (h->no_body || h->status == 204 || h->status == 304) {
		h->state = HTTP1_DONE;
	} else if (http1_field(head, "transfer-encoding", &v)) {
		if (v.n != 7 || strncasecmp(v.p, "chunked", 7) != 0)
			return bad(h, "it uses a Transfer-Encoding other than chunked");
		/* Both together are what smuggled answers look like. */
		if (length)
			h->keep = false;
		h->state = HTTP1_CHUNK_SIZE;
	} else if (length) {
		h->state = h->left ? HTTP1_LENGTH : HTTP1_DONE;
	} else {
		h->keep = false;
		h->state = HTTP1_TO_END;
	}
	return HTTP1_FIELDS;
}

/* Where a head ends: behind its empty line; 0: not yet. from: nothing before it needs a look. */
static size_t head_end(const char *p, size_t n, size_t from)
{
	const char *at = p + from;

	while ((at = memchr(at, '\n', (size_t)(p + n - at)))) {
		size_t i = (size_t)(at - p) + 1;

		if (i < n && p[i] == '\n')
			return i + 1;
		if (i + 1 < n && p[i] == '\r' && p[i + 1] == '\n')
			return i + 2;
		at++;
	}
	return 0;
}

/* The head that *in ends, or begins: in one piece in *ret, or MORE. */
static enum http1_event whole_head(struct http1 *h, meed_str *in, meed_str *ret)
{
	size_t had = h->line.n, n;

	/* An empty line before the status line. */
	while (!had && in->n && (*in->p == '\r' || *in->p == '\n')) {
		in->p++;
		in->n--;
	}
	if (!had) {
		n = head_end(in->p, in->n, 0);
		if (n) {
			*ret = (meed_str){ in->p, n };
			in->p += n;
			in->n -= n;
			return n <= HTTP1_HEAD_MAX ? HTTP1_FIELDS : bad(h, "its head is too long");
		}
	}
	meed_buf_put(&h->line, in->p, in->n);
	if (h->line.failed)
		return bad(h, "out of memory");
	n = had ? head_end(h->line.p, h->line.n, had > 3 ? had - 3 : 0) : 0;
	if ((n ? n : h->line.n) > HTTP1_HEAD_MAX)
		return bad(h, "its head is too long");
	if (!n) {
		in->p += in->n;
		in->n = 0;
		return HTTP1_MORE;
	}
	in->p += n - had;
	in->n -= n - had;
	h->line.n = 0;
	*ret = (meed_str){ h->line.p, n };
	return HTTP1_FIELDS;
}

static enum http1_event head(struct http1 *h, meed_str *in, meed_str *ret)
{
	enum http1_event e;
	meed_str rest;

	for (;;) {
		e = whole_head(h, in, ret);
		if (e != HTTP1_FIELDS)
			return e;
		rest = *ret;
		if (memchr(ret->p, '\0', ret->n) || !status_line(h, take_line(&rest)))
			return bad(h, "it is no HTTP/1.1");
		if (h->status == 101)
			return bad(h, "it switches to another protocol");
		if (h->status >= 200)
			return framing(h, *ret);
	}
}

/* ---- chunks ----------------------------------------------------------------------------------- */

/* A line in *ret, whole; MORE if its end is missing. */
static enum http1_event whole_line(struct http1 *h, meed_str *in, size_t most, meed_str *ret)
{
	const char *end = in->n ? memchr(in->p, '\n', in->n) : NULL;
	size_t n = end ? (size_t)(end - in->p) + 1 : in->n;

	if (h->line.n + n > most)
		return bad(h, "a line of its chunks is too long");
	*ret = (meed_str){ in->p, n };
	if (!end || h->line.n) {
		meed_buf_put(&h->line, in->p, n);
		if (h->line.failed)
			return bad(h, "out of memory");
		*ret = (meed_str){ h->line.p, h->line.n };
	}
	in->p += n;
	in->n -= n;
	if (!end)
		return HTTP1_MORE;
	h->line.n = 0;
	*ret = take_line(ret);
	return HTTP1_FIELDS;
}

static int hex(char c)
{
	if (digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "1a3f" and perhaps ";name=value" */
static bool chunk_size(struct http1 *h, meed_str line)
{
	size_t i = 0;

	h->left = 0;
	for (; i < line.n && hex(line.p[i]) >= 0; i++) {
		if (i >= 15)
			return false;
		h->left = 16 * h->left + (uint64_t)hex(line.p[i]);
	}
	while (i && i < line.n && blank(line.p[i]))
		i++;
	return i && (i == line.n || line.p[i] == ';');
}

static enum http1_event chunk_line(struct http1 *h, meed_str *in)
{
	size_t most = h->state == HTTP1_TRAILER ? HTTP1_HEAD_MAX - h->trailer_n : CHUNK_LINE_MAX;
	meed_str line;
	enum http1_event e = whole_line(h, in, most, &line);

	if (e != HTTP1_FIELDS)
		return e;
	switch (h->state) {
	case HTTP1_CHUNK_SIZE:
		if (!chunk_size(h, line))
			return bad(h, "a chunk's length is none");
		h->state = h->left ? HTTP1_CHUNK : HTTP1_TRAILER;
		break;
	case HTTP1_CHUNK_END:
		if (line.n)
			return bad(h, "a chunk is longer than it says");
		h->state = HTTP1_CHUNK_SIZE;
		break;
	default:
		h->trailer_n += line.n;
		h->state = line.n ? HTTP1_TRAILER : HTTP1_DONE;
		break;
	}
	return HTTP1_FIELDS;
}

/* ---- the whole -------------------------------------------------------------------------------- */

void http1_begin(struct http1 *h, bool no_body)
{
	struct meed_buf line = h->line;

	/* Connections are many: what one unusual answer needed is not kept. */
	if (line.cap > CHUNK_LINE_MAX)
		meed_buf_release(&line);
	line.n = 0;
	line.failed = false;
	*h = (struct http1){ .no_body = no_body, .line = line };
}

void http1_release(struct http1 *h)
{
	meed_buf_release(&h->line);
}

static enum http1_event body(struct http1 *h, meed_str *in, meed_str *ret)
{
	size_t n = h->state != HTTP1_TO_END && h->left < in->n ? (size_t)h->left : in->n;

	*ret = (meed_str){ in->p, n };
	in->p += n;
	in->n -= n;
	if (h->state == HTTP1_TO_END)
		return HTTP1_BODY;
	h->left -= n;
	if (!h->left)
		h->state = h->state == HTTP1_LENGTH ? HTTP1_DONE : HTTP1_CHUNK_END;
	return HTTP1_BODY;
}

enum http1_event http1_next(struct http1 *h, meed_str *in, meed_str *ret)
{
	for (;;) {
		enum http1_event e;

		if (h->state == HTTP1_DONE)
			return HTTP1_WHOLE;
		if (!in->n)
			return HTTP1_MORE;
		switch (h->state) {
		case HTTP1_HEAD:
			return head(h, in, ret);
		case HTTP1_LENGTH:
		case HTTP1_TO_END:
		case HTTP1_CHUNK:
			return body(h, in, ret);
		default:
			e = chunk_line(h, in);
			if (e != HTTP1_FIELDS)
				return e;
		}
	}
}

bool http1_at_end(struct http1 *h)
{
	if (h->state == HTTP1_TO_END)
		h->state = HTTP1_DONE;
	return h->state == HTTP1_DONE;
}
