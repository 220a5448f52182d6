/* http.c - libcurl's multi interface: easy handles, connections, sockets under epoll, the loop. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/llm/net.h"

enum {
	EVENTS = 64, /* of a turn: what ends first is followed by others soon */
	STREAMS_MAX = 1000, /* of a connection, if the server takes so many */
	SHARD = 128	    /* easy handles of a shard whose connections are not shared */
};
#define WAKE ((uint32_t)INT32_MAX) /* in the place of a shard's index: wake_fd */

bool http_body(struct attempt *a, const char *p, size_t n)
{
	uint64_t most = a->m->ep->max_answer ? a->m->ep->max_answer : (uint64_t)16 << 20;

	a->too_long = a->answer.n + n > most;
	if (!a->too_long)
		meed_buf_put(&a->answer, p, n);
	return !a->too_long && !a->answer.failed;
}

/* ---- callbacks of libcurl ---------------------------------------------------------------------- */

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
	n *= size;
	return http_body(data, p, n) ? n : 0;
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
	a->stale = a->sent;
	a->sent = true;
	return a->stale ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* ---- shards ------------------------------------------------------------------------------------ */

/* The socket's pointer is not NULL once it is under epoll. */
static int on_socket(CURL *e, curl_socket_t s, int what, void *data, void *known)
{
	struct shard *sh = data;
	int epoll_fd = sh->llm->epoll_fd;
	struct epoll_event ev = { .data.u64 = (uint64_t)sh->index << 32 | (uint32_t)s };

	(void)e;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, s, NULL);
		return 0;
	}
	ev.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
		    (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
	if (epoll_ctl(epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, s, &ev) < 0 &&
	    epoll_ctl(epoll_fd, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, s, &ev) < 0)
		return -1;
	if (!known)
		(void)curl_multi_assign(sh->multi, s, sh);
	return 0;
}

static int on_timer(CURLM *m, long ms, void *data)
{
	struct shard *sh = data;

	(void)m;
	sh->timer_ns = ms < 0 ? NEVER : meed_now_ns() + (uint64_t)ms * 1000000;
	return 0;
}

static void shard_free(struct shard *sh)
{
	if (sh && sh->multi)
		(void)curl_multi_cleanup(sh->multi);
	free(sh);
}

/* One more, for so many connections; NULL: out of memory. */
static struct shard *shard_new(struct llm *l, long most)
{
	struct shard *sh = calloc(1, sizeof(*sh)), **v;

	if (l->n_shards == l->cap_shards) {
		size_t cap = l->cap_shards ? 2 * l->cap_shards : 16;

		v = realloc(l->shards, cap * sizeof(*v));
		if (!v)
			goto fail;
		l->shards = v;
		l->cap_shards = cap;
	}
	if (!sh)
		goto fail;
	*sh = (struct shard){ .llm = l, .index = (uint32_t)l->n_shards, .timer_ns = NEVER };
	sh->multi = curl_multi_init();
	if (!sh->multi)
		goto fail;
	(void)curl_multi_setopt(sh->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	(void)curl_multi_setopt(sh->multi, CURLMOPT_SOCKETDATA, sh);
	(void)curl_multi_setopt(sh->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	(void)curl_multi_setopt(sh->multi, CURLMOPT_TIMERDATA, sh);
	(void)curl_multi_setopt(sh->multi, CURLMOPT_MAXCONNECTS, most + 16);
	(void)curl_multi_setopt(sh->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	(void)curl_multi_setopt(sh->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
	l->shards[l->n_shards++] = sh;
	return sh;
fail:
	shard_free(sh);
	return NULL;
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

/* May requests to it share a connection? */
static bool shares(const struct meed_endpoint *ep)
{
	long v = http_version(ep);

	return v != CURL_HTTP_VERSION_1_1 &&
	       (v == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE || strncmp(ep->url, "https", 5) == 0);
}

static struct shard *shard_for(struct llm *l, const struct meed_endpoint *ep)
{
	if (shares(ep))
		return l->shards[0];
	for (size_t i = 1; i < l->n_shards; i++)
		if (l->shards[i]->n_easy < SHARD)
			return l->shards[i];
	return shard_new(l, SHARD);
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
	      SET(e, CURLOPT_PREREQFUNCTION, on_request) || SET(e, CURLOPT_TCP_KEEPALIVE, 1L) ||
	      SET(e, CURLOPT_FOLLOWLOCATION, 0L);
	/* Without HTTP/2 in this libcurl the default stands. With it, a request waits until it is
	 * known whether a connection that is being made can be shared. */
	if (!bad)
		(void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION, http_version(ep));
	if (!bad && shares(ep))
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

void http_drop(struct idle h)
{
	h.shard->n_easy--;
	curl_easy_cleanup(h.easy);
}

static void easy_keep(struct member *m, struct idle h)
{
	if (m->n_idle == m->cap_idle) {
		size_t cap = m->cap_idle ? 2 * m->cap_idle : 16;
		struct idle *v = realloc(m->idle, cap * sizeof(*v));

		if (!v) {
			http_drop(h);
			return;
		}
		m->idle = v;
		m->cap_idle = cap;
	}
	m->idle[m->n_idle++] = h;
}

/* One that is idle, else a new one. */
static bool easy_take(struct llm *l, struct attempt *a)
{
	struct member *m = a->m;

	if (m->n_idle) {
		a->easy = m->idle[--m->n_idle].easy;
		a->shard = m->idle[m->n_idle].shard;
		return true;
	}
	a->shard = shard_for(l, m->ep);
	a->easy = a->shard ? easy_new(l, m) : NULL;
	if (a->easy)
		a->shard->n_easy++;
	return a->easy != NULL;
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

/* Has libcurl do it all. */
static bool transfer(struct attempt *a, const char *method)
{
	/* Where one connection was dead others may be, and the new one never is. */
	return set_method(a->easy, method, &a->body) && !SET(a->easy, CURLOPT_WRITEDATA, a) &&
	       !SET(a->easy, CURLOPT_FRESH_CONNECT, a->call->n_stale ? 1L : 0L);
}

/* A new handle that makes a connection and leaves it at that. */
static bool connection(struct llm *l, struct attempt *a)
{
	a->shard = l->shards[0];
	a->easy = easy_new(l, a->m);
	if (!a->easy)
		return false;
	a->shard->n_easy++;
	a->connecting = true;
	return !SET(a->easy, CURLOPT_CONNECT_ONLY, 1L) && !SET(a->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static int32_t begin(struct llm *l, struct attempt *a, const char *method, const char *path)
{
	struct meed_buf url = { 0 };
	bool ok = method ? easy_take(l, a) && transfer(a, method) : connection(l, a);

	meed_buf_printf(&url, "%s%s", a->m->ep->url, path);
	meed_buf_putc(&url, '\0');
	ok = ok && !url.failed && !SET(a->easy, CURLOPT_URL, url.p) &&
	     !SET(a->easy, CURLOPT_PREREQDATA, a) && !SET(a->easy, CURLOPT_PRIVATE, a) &&
	     !SET(a->easy, CURLOPT_ERRORBUFFER, a->error) &&
	     curl_multi_add_handle(a->shard->multi, a->easy) == CURLM_OK;
	meed_buf_release(&url);
	if (ok)
		return MEED_OK;
	if (a->easy)
		http_drop((struct idle){ a->easy, a->shard });
	a->easy = NULL;
	return MEED_E_NOMEM;
}

int32_t http_start(struct llm *l, struct attempt *a, const char *method, const char *path)
{
	return begin(l, a, method, path);
}

int32_t http_connect(struct llm *l, struct attempt *a, const char *path)
{
	return begin(l, a, NULL, path);
}

void http_abort(struct attempt *a)
{
	if (!a->easy)
		return;
	(void)curl_multi_remove_handle(a->shard->multi, a->easy);
	http_drop((struct idle){ a->easy, a->shard });
	a->easy = NULL;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

/* The connection that a handle has made, taken from it; -1: it cannot be had. */
static int take_socket(struct llm *l, CURL *e)
{
	curl_socket_t s = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(e, CURLINFO_ACTIVESOCKET, &s) != CURLE_OK || s == CURL_SOCKET_BAD)
		return -1;
	/* What epoll knows of the socket would outlive libcurl's descriptor. */
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, s, NULL);
	return fcntl(s, F_DUPFD_CLOEXEC, 0);
}

static void connected(struct shard *sh, struct attempt *a, CURLcode code)
{
	int fd = code == CURLE_OK ? take_socket(sh->llm, a->easy) : -1;

	if (code == CURLE_OK && fd < 0)
		(void)snprintf(a->error, sizeof(a->error), "the connection cannot be kept: %s",
			       strerror(errno));
	http_abort(a);
	a->connecting = false;
	conn_made(sh->llm, a, fd, code == CURLE_OK && fd < 0 ? CURLE_COULDNT_CONNECT : code);
}

static void transferred(struct shard *sh, struct attempt *a, CURLcode code)
{
	struct idle h = { a->easy, sh };
	long status = 0;

	(void)curl_easy_getinfo(h.easy, CURLINFO_RESPONSE_CODE, &status);
	fields_read(a, NULL, status);
	(void)curl_multi_remove_handle(sh->multi, h.easy);
	a->easy = NULL;
	/* A HEAD or GET would be remembered by the handle. */
	if (a->call->r->kind == MEED_REQ_HTTP && strcmp(a->call->r->http.method, "POST") != 0)
		http_drop(h);
	else
		easy_keep(a->m, h);
	call_attempt_done(sh->llm, a, code, status);
}

static void finished(struct shard *sh)
{
	CURLMsg *m;
	int left;

	sh->ran = false;
	while ((m = curl_multi_info_read(sh->multi, &left))) {
		struct attempt *a = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &a);
		if (a->connecting)
			connected(sh, a, m->data.result);
		else
			transferred(sh, a, m->data.result);
	}
}

static int wait_ms(const struct llm *l, uint64_t until)
{
	uint64_t now = meed_now_ns(), span, due = conn_next_ns(l);

	until = due < until ? due : until;

	for (size_t i = 0; i < l->n_shards; i++)
		until = l->shards[i]->timer_ns < until ? l->shards[i]->timer_ns : until;
	if (until == NEVER)
		return -1;
	span = until > now ? until - now : 0;
	/* Rounded up: waking too early would spin. */
	return span / 1000000 >= 60000 ? 60000 : (int)((span + 999999) / 1000000);
}

static void on_event(struct llm *l, const struct epoll_event *ev)
{
	uint32_t index = (uint32_t)(ev->data.u64 >> 32);
	int fd = (int)(uint32_t)ev->data.u64, mask = 0, running;
	uint64_t drained;

	if (index == WAKE) {
		(void)!read(l->wake_fd, &drained, sizeof(drained));
		return;
	}
	mask |= ev->events & EPOLLIN ? CURL_CSELECT_IN : 0;
	mask |= ev->events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
	mask |= ev->events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0;
	(void)curl_multi_socket_action(l->shards[index]->multi, fd, mask, &running);
	l->shards[index]->ran = true;
}

/* Connections of our own are told from libcurl's sockets by a bit that neither address nor index
 * has. */
#define OWN ((uint64_t)1 << 63)

int http_watch(struct llm *l, int fd, struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				  .data.u64 = OWN | (uint64_t)(uintptr_t)c };

	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

void http_turn(struct llm *l, uint64_t until_ns)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(l->epoll_fd, ev, EVENTS, wait_ms(l, until_ns)), running;

	l->now_ns = meed_now_ns();
	for (int i = 0; i < n; i++) {
		if (ev[i].data.u64 & OWN)
			conn_event((struct conn *)(uintptr_t)(ev[i].data.u64 & ~OWN), ev[i].events);
		else
			on_event(l, &ev[i]);
	}
	l->now_ns = meed_now_ns();
	for (size_t i = 0; i < l->n_shards; i++) {
		struct shard *sh = l->shards[i];

		if (sh->timer_ns <= l->now_ns) {
			sh->timer_ns = NEVER;
			(void)curl_multi_socket_action(sh->multi, CURL_SOCKET_TIMEOUT, 0, &running);
			sh->ran = true;
		}
		if (sh->ran)
			finished(sh);
	}
	conn_timers(l);
}

static int32_t watch(struct llm *l)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = (uint64_t)WAKE << 32 };

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->wake_fd < 0)
		return MEED_E_NOMEM;
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd, &ev) < 0 ? MEED_E_NOMEM : MEED_OK;
}

int32_t http_init(struct llm *l, struct meed_err *err)
{
	long most = 0;

	l->epoll_fd = l->wake_fd = -1;
	for (size_t i = 0; i < l->n_members; i++)
		most += l->members[i].ep->concurrency ? (long)l->members[i].ep->concurrency : 64;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return meed_err_set(err, MEED_E_INTERNAL, "libcurl cannot be initialised");
	l->share = curl_share_init();
	if (!l->share || watch(l) < 0 || !shard_new(l, most))
		return meed_err_nomem(err);
	(void)curl_share_setopt(l->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	(void)curl_share_setopt(l->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return MEED_OK;
}

void http_release(struct llm *l)
{
	for (size_t i = 0; i < l->n_shards; i++)
		shard_free(l->shards[i]);
	free(l->shards);
	if (l->share)
		(void)curl_share_cleanup(l->share);
	if (l->epoll_fd >= 0)
		(void)close(l->epoll_fd);
	if (l->wake_fd >= 0)
		(void)close(l->wake_fd);
}
