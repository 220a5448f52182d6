/* route.c - whether an endpoint can be spoken to without libcurl, and the head of such a request. */
#include "config.h"

#include <stdlib.h>

#include "host/llm/net.h"

#define SCHEME "http://"

/* ---- which way -------------------------------------------------------------------------------- */

static bool env_set(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

/* May libcurl find a proxy for it? Whether no_proxy takes it back is libcurl's to know. */
static bool proxied(const struct meed_endpoint *ep)
{
	if (ep->proxy)
		return *ep->proxy != '\0';
	return env_set("http_proxy") || env_set("all_proxy") || env_set("ALL_PROXY");
}

/* Only what needs no look at it to be sent: libcurl encodes and cleans paths. */
static bool plain(const char *p)
{
	if (strstr(p, "/.") || strchr(p, '#'))
		return false;
	for (; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return false;
	return true;
}

/* Host and port of a base URL. */
static meed_str authority(const char *url)
{
	const char *p = url + sizeof(SCHEME) - 1;

	return (meed_str){ p, strcspn(p, "/?") };
}

static bool direct(const struct meed_endpoint *ep)
{
	meed_str host;

	if (strncmp(ep->url, SCHEME, sizeof(SCHEME) - 1) != 0 || !plain(ep->url) || proxied(ep))
		return false;
	if (ep->http && strcmp(ep->http, "auto") != 0 && strcmp(ep->http, "1.1") != 0)
		return false;
	host = authority(ep->url);
	/* A name and a password would have to be sent. */
	return host.n && !memchr(host.p, '@', host.n);
}

/* ---- fields ----------------------------------------------------------------------------------- */

static bool is_name(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(line, name, n) == 0 && (line[n] == ':' || line[n] == ';');
}

static bool has(const struct curl_slist *s, const char *name)
{
	for (; s; s = s->next)
		if (is_name(s->data, name))
			return true;
	return false;
}

/* As libcurl reads such lines: "Name:" takes a field out, "Name;" is one without a value. False:
 * that is for libcurl to send. */
static bool put_line(struct meed_buf *b, const char *line)
{
	static const char *const framing[] = { "Content-Length", "Transfer-Encoding", "Connection",
					       "Upgrade", "TE", "Accept-Encoding" };
	const char *end = strpbrk(line, ":;");

	for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++)
		if (is_name(line, framing[i]))
			return false;
	if (!end || strpbrk(line, "\r\n"))
		return false;
	if (*end == ';') {
		if (end[1])
			return false;
		meed_buf_printf(b, "%.*s:\r\n", (int)(end - line), line);
	} else if (end[1 + strspn(end + 1, " \t")]) {
		meed_buf_printf(b, "%s\r\n", line);
	}
	return true;
}

static bool put_fields(struct meed_buf *b, const struct member *m)
{
	meed_str host = authority(m->ep->url);

	if (host.n > 3 && memcmp(host.p + host.n - 3, ":80", 3) == 0)
		host.n -= 3;
	if (!has(m->headers, "Host"))
		meed_buf_printf(b, "Host: %.*s\r\n", (int)host.n, host.p);
	if (!has(m->headers, "User-Agent"))
		MEED_BUF_LIT(b, "User-Agent: meed\r\n");
	if (!has(m->headers, "Accept"))
		MEED_BUF_LIT(b, "Accept: */*\r\n");
	for (const struct curl_slist *s = m->headers; s; s = s->next)
		if (!put_line(b, s->data))
			return false;
	return !b->failed;
}

/* ---- the face --------------------------------------------------------------------------------- */

bool route_direct(struct member *m, const char *path)
{
	struct route *r = &m->route;

	if (r->way == WAY_UNKNOWN) {
		meed_str host = authority(m->ep->url);

		r->way = direct(m->ep) && put_fields(&r->fields, m) ? WAY_DIRECT : WAY_LIBCURL;
		r->base = r->way == WAY_DIRECT ? host.p + host.n : NULL;
	}
	return r->way == WAY_DIRECT && plain(path);
}

void route_head(const struct member *m, const char *method, const char *path, size_t body_n,
		struct meed_buf *b)
{
	const struct route *r = &m->route;

	b->n = 0;
	meed_buf_puts(b, method);
	meed_buf_puts(b, *r->base == '/' || (!*r->base && *path == '/') ? " " : " /");
	meed_buf_puts(b, r->base);
	meed_buf_puts(b, path);
	MEED_BUF_LIT(b, " HTTP/1.1\r\n");
	meed_buf_put(b, r->fields.p, r->fields.n);
	if (body_n || strcmp(method, "POST") == 0) {
		MEED_BUF_LIT(b, "Content-Length: ");
		meed_buf_u64(b, body_n);
		MEED_BUF_LIT(b, "\r\n");
	}
	MEED_BUF_LIT(b, "\r\n");
}
