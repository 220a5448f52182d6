/* conf_reach.c - how an endpoint is reached: its URL, its proxy, its PEM files */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/graph/conf.h"

enum {
	PEM_MAX = 4 << 20 /* a bundle of all authorities has a quarter of a MiB */
};

struct reach {
	struct conf_reader *r;
	struct conf_place at;
	const char *what;
};

/* ---- URLs ----------------------------------------------------------------------------------- */

/* What is wrong with HOST, HOST:PORT or [IPv6]:PORT, with a name and a password before an @; NULL:
 * nothing. */
static const char *authority(const char *p, size_t n)
{
	const char *host = p, *end = p + n, *port;
	long v = 0;

	for (const char *q = p; q < end; q++)
		if (*q == '@')
			host = q + 1;
	port = host;
	if (port < end && *port == '[') {
		while (port < end && *port != ']')
			port++;
		if (port == end)
			return "has a [ without its ]";
		port++;
	} else {
		while (port < end && *port != ':')
			port++;
	}
	if (port == host)
		return "names no host";
	if (port == end)
		return NULL;
	if (*port != ':' || port + 1 == end)
		return "has no port behind the colon";
	for (port++; port < end; port++) {
		if (*port < '0' || *port > '9')
			return "has a port that is no number: an IPv6 address stands in [ ]";
		v = v * 10 + (*port - '0');
		if (v > 65535)
			return "has a port above 65535";
	}
	return v ? NULL : "has the port 0";
}

/* The route that the URL ends with, although it is put behind it. */
static const char *route_at_end(const char *url)
{
	static const char *const routes[] = { "/chat/completions", "/completions", "/embeddings" };
	size_t n = strlen(url);

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		size_t k = strlen(routes[i]);

		if (n > k && strcmp(url + n - k, routes[i]) == 0)
			return routes[i];
	}
	return NULL;
}

static void check_url(const struct reach *g, char *u, bool chat)
{
	size_t n = u ? strlen(u) : 0, scheme;
	const char *why;

	if (!n) {
		conf_error(g->r->c, g->r->diags, g->at, "%s has no url: write %s", g->what,
			   chat ? "url = \"https://HOST/v1\", the part before /chat/completions"
				: "url = \"http://HOST:PORT\", the part before the route");
		return;
	}
	while (n && u[n - 1] == '/')
		u[--n] = '\0';
	scheme = strncmp(u, "http://", 7) == 0 ? 7 : strncmp(u, "https://", 8) == 0 ? 8 : 0;
	if (!scheme) {
		conf_error(g->r->c, g->r->diags, g->at,
			   "url of %s begins with neither http:// nor https://", g->what);
		return;
	}
	if (strpbrk(u, " \t\r\n?#")) {
		conf_error(g->r->c, g->r->diags, g->at, "url of %s holds a blank, ? or #", g->what);
		return;
	}
	why = authority(u + scheme, strcspn(u + scheme, "/"));
	if (why)
		conf_error(g->r->c, g->r->diags, g->at, "url of %s %s", g->what, why);
	why = chat ? route_at_end(u) : NULL;
	if (why)
		conf_error(g->r->c, g->r->diags, g->at,
			   "url of %s ends with %s: leave that out, each request says it", g->what,
			   why);
}

/* libcurl knows more schemes of proxies than stand here, and says which. */
static void check_proxy(const struct reach *g, const char *proxy)
{
	const char *host;

	if (!proxy || !*proxy)
		return;
	host = strstr(proxy, "://");
	host = host ? host + 3 : proxy;
	if (strpbrk(proxy, " \t\r\n") || authority(host, strcspn(host, "/")))
		conf_error(g->r->c, g->r->diags, g->at,
			   "proxy of %s is no URL: write \"http://HOST:PORT\", or \"\" for none",
			   g->what);
}

/* ---- PEM files ------------------------------------------------------------------------------ */

/* A file as a text, malloc'd; NULL: the reason is in errno. */
static char *slurp(const char *path)
{
	struct stat st;
	char *text = NULL;
	size_t n = 0;
	ssize_t k = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (st.st_size > PEM_MAX)
		errno = EFBIG;
	else
		text = calloc(1, PEM_MAX + 1);
	while (text && k > 0 && n < PEM_MAX) {
		k = read(fd, text + n, PEM_MAX - n);
		n += k > 0 ? (size_t)k : 0;
	}
	(void)close(fd);
	return text;
}

/* Has the text a block of PEM whose name ends so? */
static bool has_block(const char *text, const char *name)
{
	static const char begin[] = "-----BEGIN ";
	size_t k = strlen(name);

	while ((text = strstr(text, begin))) {
		size_t n;

		text += sizeof(begin) - 1;
		n = strcspn(text, "-\r\n");
		if (n >= k && memcmp(text + n - k, name, k) == 0)
			return true;
	}
	return false;
}

/* The file of a key must hold such blocks, and such. */
static void check_pem(const struct reach *g, const char *key, const char *path, const char *block,
		      const char *also)
{
	char *text = path ? slurp(path) : NULL;

	if (path && !text)
		conf_error(g->r->c, g->r->diags, g->at, "%s of %s: %s: %s", key, g->what, path,
			   strerror(errno));
	else if (path && (!has_block(text, block) || (also && !has_block(text, also))))
		conf_error(g->r->c, g->r->diags, g->at,
			   "%s of %s: %s holds no \"-----BEGIN %s-----\": must be a PEM file", key,
			   g->what, path, has_block(text, block) ? also : block);
	free(text);
}

static void check_tls(const struct reach *g, const struct meed_endpoint *e)
{
	check_pem(g, "ca_file", e->ca_file, "CERTIFICATE", NULL);
	check_pem(g, "client_cert", e->client_cert, "CERTIFICATE",
		  e->client_key ? NULL : "PRIVATE KEY");
	check_pem(g, "client_key", e->client_key, "PRIVATE KEY", NULL);
	if (e->client_key && !e->client_cert)
		conf_error(g->r->c, g->r->diags, g->at, "%s has a client_key and no client_cert",
			   g->what);
	if (e->insecure)
		meed_diags_add(
			g->r->diags, true,
			"%s:%u: %s is insecure: nobody checks whom it talks to; who sits on the "
			"way reads its key and all samples, and writes the scores; name the "
			"authority with ca_file instead",
			g->at.file, g->at.line, g->what);
}

void conf_check_reach(struct conf_reader *r, struct meed_endpoint *e, const char *what, bool chat,
		      struct conf_place at)
{
	struct reach g = { r, at, what };

	check_url(&g, e->url, chat);
	check_proxy(&g, e->proxy);
	check_tls(&g, e);
	if (e->key && !*e->key)
		meed_diags_add(r->diags, true,
			       "%s:%u: key of %s is empty: no key is sent; is its variable set?",
			       at.file, at.line, what);
}
