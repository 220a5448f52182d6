/* http.c - attempts over libcurl's multi interface: easy handles, sockets under epoll, the loop. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/llm/net.h"

enum {
	EVENTS = 256,
	FIELD_MAX = 64,
	STREAMS_MAX = 1000		/* of a connection, if the server takes so many */
};

/* ---- callbacks of libcurl ---------------------------------------------------------------------- */

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
	struct attempt *a = data;
	uint64_t most = a->m->ep->max_answer ? a->m->ep->max_answer : (uint64_t)16 << 20;

	n *= size;
	if (a->answer.n + n > most) {
		a->too_long = true;
		return 0;
	}
	meed_buf_put(&a->answer, p, n);
	return a->answer.failed ? 0 : n;
}

/* libcurl sends a request again by itself when a connection that it kept turns out to be dead. That
 * would pass by the limits: the attempt ends instead, and another one is admitted. */
static int on_request(void *data, char *ip, char *local_ip, int port, int local_port)
{
	struct attempt *a = data;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	return a->n_sent++ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* "12", "1.5s", "250ms", "6m0s", "1h2m": a length of time in ns; false if it is none. */
static bool read_span(const char *s, double unit, uint64_t *ret)
{
	double total = 0.0, x;
	size_t n = strlen(s), used;
	bool any = false;

	while (n) {
		used = meed_strtod(s, n, &x);
		if (!used || x < 0.0)
			return false;
		s += used;
		n -= used;
		any = true;
		if (n >= 2 && s[0] == 'm' && s[1] == 's') {
			total += x * 1e6;
			used = 2;
		} else if (n && (*s == 'h' || *s == 'm' || *s == 's')) {
			total += x * (*s == 'h' ? 3600e9 : *s == 'm' ? 60e9 : 1e9);
			used = 1;
		} else if (n == 0) {
			total += x * unit;
			used = 0;
		} else {
			return false;
		}
		s += used;
		n -= used;
	}
	*ret = total < 86400e9 ? (uint64_t)total : (uint64_t)86400e9;
	return any;
}

static void on_retry_after(struct attempt *a, const char *v, double unit)
{
	uint64_t span, now = meed_now_ns();
	time_t t;

	if (read_span(v, unit, &span)) {
		a->retry_after_ns = now + span;
		return;
	}
	t = curl_getdate(v, NULL);
	if (t > 0) {
		time_t wall = time(NULL);

		a->retry_after_ns = now + (t > wall ? (uint64_t)(t - wall) * 1000000000 : 0);
	}
}

/* What is left of a limit, and when it comes back. */
static void on_limits(struct attempt *a)
{
	static const char *const kinds[] = { "requests", "tokens" };
	char name[FIELD_MAX];
	struct curl_header *h;
	uint64_t span;

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(name, sizeof(name), "x-ratelimit-remaining-%s", kinds[i]);
		if (curl_easy_header(a->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK ||
		    strcmp(h->value, "0") != 0)
			continue;
		(void)snprintf(name, sizeof(name), "x-ratelimit-reset-%s", kinds[i]);
		if (curl_easy_header(a->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
		    read_span(h->value, 1e9, &span) && meed_now_ns() + span > a->reset_ns)
			a->reset_ns = meed_now_ns() + span;
	}
}

static void read_headers(struct attempt *a, long http_status)
{
	struct curl_header *h;

	if (curl_easy_header(a->easy, "retry-after-ms", 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
		on_retry_after(a, h->value, 1e6);
	else if (curl_easy_header(a->easy, "retry-after", 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
		on_retry_after(a, h->value, 1e9);
	if (http_status == 200 || http_status == 429)
		on_limits(a);
	a->event_stream =
		curl_easy_header(a->easy, "content-type", 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
		strncasecmp(h->value, "text/event-stream", 17) == 0;
}

/* The socket's pointer is 1 once it is under epoll. */
static int on_socket(CURL *e, curl_socket_t s, int what, void *data, void *known)
{
	struct llm *l = data;
	struct epoll_event ev = { .data.fd = s };

	(void)e;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, s, NULL);
		return 0;
	}
	ev.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
		    (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
	if (epoll_ctl(l->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, s, &ev) < 0 &&
	    epoll_ctl(l->epoll_fd, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, s, &ev) < 0)
		return -1;
	if (!known)
		(void)curl_multi_assign(l->multi, s, l);
	return 0;
}

static int on_timer(CURLM *m, long ms, void *data)
{
	struct llm *l = data;

	(void)m;
	l->curl_timer_ns = ms < 0 ? NEVER : meed_now_ns() + (uint64_t)ms * 1000000;
	return 0;
}

/* ---- easy handles ------------------------------------------------------------------------------- */

static long http_version(const struct meed_endpoint *ep)
{
	if (!ep->http || strcmp(ep->http, "auto") == 0)
		return CURL_HTTP_VERSION_2TLS;
	if (strcmp(ep->http, "1.1") == 0)
		return CURL_HTTP_VERSION_1_1;
	return strcmp(ep->http, "2") == 0 ? CURL_HTTP_VERSION_2_0
					  : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
}

#define SET(e, o, v) (curl_easy_setopt((e), (o), (v)) != CURLE_OK)

/* A handle with all that an endpoint's attempts have in common. */
static CURL *easy_new(struct llm *l, struct member *m)
{
	const struct meed_endpoint *ep = m->ep;
	CURL *e = curl_easy_init();
	long timeout = ep->timeout_ms ? (long)ep->timeout_ms : 60000;
	long connect = ep->connect_timeout_ms ? (long)ep->connect_timeout_ms : 10000;
	bool bad = !e;

	bad = bad || SET(e, CURLOPT_NOSIGNAL, 1L) || SET(e, CURLOPT_WRITEFUNCTION, on_body) ||
	      SET(e, CURLOPT_HTTPHEADER, m->headers) || SET(e, CURLOPT_TIMEOUT_MS, timeout) ||
	      SET(e, CURLOPT_CONNECTTIMEOUT_MS, connect) || SET(e, CURLOPT_SHARE, l->share) ||
	      SET(e, CURLOPT_PROTOCOLS_STR, "http,https") || SET(e, CURLOPT_USERAGENT, "meed") ||
	      SET(e, CURLOPT_ACCEPT_ENCODING, "") || SET(e, CURLOPT_TCP_NODELAY, 1L) ||
	      SET(e, CURLOPT_PREREQFUNCTION, on_request) || SET(e, CURLOPT_TCP_KEEPALIVE, 1L) || SET(e, CURLOPT_FOLLOWLOCATION, 0L);
	/* Without HTTP/2 in this libcurl the default stands. With it, a request waits until it is known
	 * whether a connection that is being made can be shared. */
	if (!bad)
		(void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION, http_version(ep));
	if (!bad && http_version(ep) != CURL_HTTP_VERSION_1_1 && strncmp(ep->url, "https", 5) == 0)
		(void)curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	if (!bad && ep->proxy)
		bad = SET(e, CURLOPT_PROXY, ep->proxy);
	if (!bad && ep->no_proxy)
		bad = SET(e, CURLOPT_NOPROXY, ep->no_proxy);
	if (!bad && ep->ca_file)
		bad = SET(e, CURLOPT_CAINFO, ep->ca_file);
	if (!bad && ep->client_cert)
		bad = SET(e, CURLOPT_SSLCERT, ep->client_cert);
	if (!bad && ep->client_key)
		bad = SET(e, CURLOPT_SSLKEY, ep->client_key);
	if (!bad && ep->insecure)
		bad = SET(e, CURLOPT_SSL_VERIFYPEER, 0L) || SET(e, CURLOPT_SSL_VERIFYHOST, 0L);
	if (!bad)
		return e;
	if (e)
		curl_easy_cleanup(e);
	return NULL;
}

static void easy_keep(struct member *m, CURL *e)
{
	if (m->n_idle == m->cap_idle) {
		size_t cap = m->cap_idle ? 2 * m->cap_idle : 16;
		CURL **v = realloc(m->idle, cap * sizeof(CURL *));

		if (!v) {
			curl_easy_cleanup(e);
			return;
		}
		m->idle = v;
		m->cap_idle = cap;
	}
	m->idle[m->n_idle++] = e;
}

static bool set_method(CURL *e, const char *method, const struct meed_buf *body)
{
	bool bare = body->n == 0 && strcmp(method, "POST") != 0;

	if (strcmp(method, "HEAD") == 0)
		return !SET(e, CURLOPT_NOBODY, 1L);
	if (bare)
		return !SET(e, CURLOPT_HTTPGET, 1L) && !SET(e, CURLOPT_CUSTOMREQUEST, method);
	return !SET(e, CURLOPT_POST, 1L) &&
	       !SET(e, CURLOPT_CUSTOMREQUEST, strcmp(method, "POST") == 0 ? NULL : method) &&
	       !SET(e, CURLOPT_POSTFIELDS, body->n ? body->p : "") &&
	       !SET(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->n);
}

int32_t http_start(struct llm *l, struct attempt *a, const char *method, const char *path)
{
	struct member *m = a->m;
	struct meed_buf url = { 0 };
	bool ok;

	a->easy = m->n_idle ? m->idle[--m->n_idle] : easy_new(l, m);
	meed_buf_printf(&url, "%s%s", m->ep->url, path);
	meed_buf_putc(&url, '\0');
	ok = a->easy && !url.failed && !SET(a->easy, CURLOPT_URL, url.p) &&
	     set_method(a->easy, method, &a->body) && !SET(a->easy, CURLOPT_WRITEDATA, a) &&
	     !SET(a->easy, CURLOPT_PREREQDATA, a) && !SET(a->easy, CURLOPT_PRIVATE, a) && !SET(a->easy, CURLOPT_ERRORBUFFER, a->error) &&
	     curl_multi_add_handle(l->multi, a->easy) == CURLM_OK;
	meed_buf_release(&url);
	if (ok)
		return MEED_OK;
	if (a->easy)
		curl_easy_cleanup(a->easy);
	a->easy = NULL;
	return MEED_E_NOMEM;
}

void http_abort(struct llm *l, struct attempt *a)
{
	if (!a->easy)
		return;
	(void)curl_multi_remove_handle(l->multi, a->easy);
	curl_easy_cleanup(a->easy);
	a->easy = NULL;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

static void finished(struct llm *l)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(l->multi, &left))) {
		struct attempt *a = NULL;
		CURL *e = m->easy_handle;
		CURLcode code = m->data.result;
		long status = 0;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(e, CURLINFO_PRIVATE, &a);
		(void)curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
		read_headers(a, status);
		(void)curl_multi_remove_handle(l->multi, e);
		a->easy = NULL;
		/* A HEAD or GET would be remembered by the handle. */
		if (a->call->r->kind == MEED_REQ_HTTP &&
		    strcmp(a->call->r->http.method, "POST") != 0)
			curl_easy_cleanup(e);
		else
			easy_keep(a->m, e);
		call_attempt_done(l, a, code, status);
	}
}

void http_turn(struct llm *l, uint64_t until_ns)
{
	struct epoll_event ev[EVENTS];
	uint64_t now = meed_now_ns(), until = until_ns;
	int n, running, ms = -1;

	if (l->curl_timer_ns < until)
		until = l->curl_timer_ns;
	if (until != NEVER) {
		uint64_t span = until > now ? until - now : 0;

		/* Rounded up: waking too early would spin. */
		ms = span / 1000000 >= 60000 ? 60000 : (int)((span + 999999) / 1000000);
	}
	n = epoll_wait(l->epoll_fd, ev, EVENTS, ms);
	for (int i = 0; i < n; i++) {
		int mask = 0;
		uint64_t drained;

		if (ev[i].data.fd == l->wake_fd) {
			(void)!read(l->wake_fd, &drained, sizeof(drained));
			continue;
		}
		mask |= ev[i].events & EPOLLIN ? CURL_CSELECT_IN : 0;
		mask |= ev[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
		mask |= ev[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0;
		(void)curl_multi_socket_action(l->multi, ev[i].data.fd, mask, &running);
	}
	l->now_ns = meed_now_ns();
	if (l->curl_timer_ns <= l->now_ns) {
		l->curl_timer_ns = NEVER;
		(void)curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	finished(l);
}

static int32_t watch(struct llm *l)
{
	struct epoll_event ev = { .events = EPOLLIN };

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->wake_fd < 0)
		return MEED_E_NOMEM;
	ev.data.fd = l->wake_fd;
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd, &ev) < 0 ? MEED_E_NOMEM : MEED_OK;
}

int32_t http_init(struct llm *l, struct meed_err *err)
{
	long most = 0;

	l->epoll_fd = l->wake_fd = -1;
	l->curl_timer_ns = NEVER;
	for (size_t i = 0; i < l->n_members; i++)
		most += l->members[i].ep->concurrency ? (long)l->members[i].ep->concurrency : 64;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return meed_err_set(err, MEED_E_INTERNAL, "libcurl cannot be initialised");
	l->multi = curl_multi_init();
	l->share = curl_share_init();
	if (!l->multi || !l->share || watch(l) < 0)
		return meed_err_nomem(err);
	(void)curl_share_setopt(l->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	(void)curl_share_setopt(l->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	(void)curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	(void)curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
	(void)curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	(void)curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
	(void)curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, most + 16);
	(void)curl_multi_setopt(l->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	(void)curl_multi_setopt(l->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
	return MEED_OK;
}

void http_release(struct llm *l)
{
	if (l->multi)
		(void)curl_multi_cleanup(l->multi);
	if (l->share)
		(void)curl_share_cleanup(l->share);
	if (l->epoll_fd >= 0)
		(void)close(l->epoll_fd);
	if (l->wake_fd >= 0)
		(void)close(l->wake_fd);
}
