/* conn.c - requests to plain HTTP/1.1 endpoints over connections that libcurl has made.
 *
 * Thousands of short requests a second are more than libcurl's way of doing each can carry on one
 * thread (docs/architecture.md has the figures). Names, addresses and connecting stay its business;
 * a connection that is made is kept here, and a request on it takes one send and one receive. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/llm/net.h"

/* Servers, and what keeps track of connections on the way to them, forget those that rest. */
#define REST_MAX_NS ((uint64_t)100 * 1000000000)

enum { IN_SIZE = 65536 };

struct conn {
	struct llm *llm;
	struct member *m;
	struct attempt *a;		/* NULL: at rest */
	struct conn *prev, *next;	/* at rest: the latest first; or closed */
	int fd;				/* < 0: closed */
	bool used;			/* it has carried an answer */
	bool answering;			/* something of the answer has come */
	bool ends;			/* the other end sends no more than what is there */
	uint64_t rest_since_ns;
	struct http1 in;
	struct meed_buf head;
	size_t n_sent;			/* of head and body */
};

/* ---- time ------------------------------------------------------------------------------------- */

static uint64_t timeout_ms(const struct member *m)
{
	return m->ep->timeout_ms ? m->ep->timeout_ms : 60000;
}

/* Attempts at a member have equal time, so that the oldest one is due first. */
static void track(struct attempt *a)
{
	struct member *m = a->m;

	a->prev = m->newest;
	*(m->newest ? &m->newest->next : &m->oldest) = a;
	m->newest = a;
	a->tracked = true;
}

static void untrack(struct attempt *a)
{
	struct member *m = a->m;

	if (!a->tracked)
		return;
	*(a->prev ? &a->prev->next : &m->oldest) = a->next;
	*(a->next ? &a->next->prev : &m->newest) = a->prev;
	a->prev = a->next = NULL;
	a->tracked = false;
}

static uint64_t due_ns(const struct member *m)
{
	return m->oldest ? m->oldest->start_ns + timeout_ms(m) * 1000000 : NEVER;
}

uint64_t conn_next_ns(const struct llm *l)
{
	uint64_t at = NEVER;

	for (size_t i = 0; i < l->n_members; i++)
		at = due_ns(&l->members[i]) < at ? due_ns(&l->members[i]) : at;
	return at;
}

/* ---- life ------------------------------------------------------------------------------------- */

static void unrest(struct conn *c)
{
	*(c->prev ? &c->prev->next : &c->m->resting) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->prev = c->next = NULL;
}

/* An event of this turn may still name it: it goes when the turn ends. */
static void conn_close(struct conn *c)
{
	if (c->fd < 0)
		return;
	(void)close(c->fd);
	c->fd = -1;
	c->a = NULL;
	c->prev = NULL;
	c->next = c->llm->closed;
	c->llm->closed = c;
}

static void rest(struct conn *c)
{
	struct member *m = c->m;

	c->a = NULL;
	c->used = true;
	c->rest_since_ns = c->llm->now_ns;
	c->prev = NULL;
	c->next = m->resting;
	if (m->resting)
		m->resting->prev = c;
	m->resting = c;
}

static struct conn *conn_new(struct llm *l, struct member *m, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c || http_watch(l, fd, c) < 0) {
		free(c);
		(void)close(fd);
		return NULL;
	}
	c->llm = l;
	c->m = m;
	c->fd = fd;
	return c;
}

static void free_closed(struct llm *l)
{
	struct conn *c, *next;

	for (c = l->closed; c; c = next) {
		next = c->next;
		http1_release(&c->in);
		meed_buf_release(&c->head);
		free(c);
	}
	l->closed = NULL;
}

void conn_release(struct llm *l)
{
	for (size_t i = 0; i < l->n_members; i++) {
		struct conn *c, *next;

		for (c = l->members[i].resting; c; c = next) {
			next = c->next;
			conn_close(c);
		}
		l->members[i].resting = NULL;
	}
	free_closed(l);
	free(l->in);
	l->in = NULL;
}

/* ---- ends ------------------------------------------------------------------------------------- */

static void ended(struct attempt *a, CURLcode code, long http_status)
{
	untrack(a);
	a->conn = NULL;
	call_attempt_done(a->call->llm, a, code, http_status);
}

static void broken(struct conn *c, CURLcode code)
{
	struct attempt *a = c->a;

	conn_close(c);
	ended(a, code, 0);
}

/* The other end is gone; reason: an errno, or 0. */
static void lost(struct conn *c, int reason)
{
	struct attempt *a = c->a;

	/* It rested too long: nobody has read the request. */
	a->stale = c->used && !c->answering;
	if (reason)
		(void)snprintf(a->error, sizeof(a->error), "%s", strerror(reason));
	else if (!c->answering)
		(void)snprintf(a->error, sizeof(a->error),
			       "the connection was closed without an answer");
	else
		(void)snprintf(a->error, sizeof(a->error),
			       "the connection was closed before the answer was whole");
	broken(c, c->answering ? CURLE_PARTIAL_FILE : CURLE_GOT_NOTHING);
}

static void whole(struct conn *c, bool rest_came)
{
	struct attempt *a = c->a;
	long status = c->in.status;

	if (c->in.keep && !rest_came && !c->ends && c->n_sent == c->head.n + a->body.n)
		rest(c);
	else
		conn_close(c);
	ended(a, CURLE_OK, status);
}

void conn_abort(struct attempt *a)
{
	untrack(a);
	if (a->conn)
		conn_close(a->conn);
	a->conn = NULL;
}

/* ---- sending ---------------------------------------------------------------------------------- */

/* What the socket takes now. 0, or an errno. */
static int send_some(struct conn *c)
{
	const struct attempt *a = c->a;
	size_t total = c->head.n + a->body.n;

	while (c->n_sent < total) {
		size_t of_body = c->n_sent > c->head.n ? c->n_sent - c->head.n : 0;
		size_t of_head = c->n_sent < c->head.n ? c->n_sent : c->head.n;
		struct iovec v[2] = { { c->head.p + of_head, c->head.n - of_head },
				      { a->body.p + of_body, a->body.n - of_body } };
		struct msghdr msg = { .msg_iov = v, .msg_iovlen = a->body.n ? 2 : 1 };
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			c->n_sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

/* Begins a on c; 0, or an errno: c is of no use. */
static int give(struct conn *c, struct attempt *a, const char *method, const char *path)
{
	int r;

	c->a = a;
	c->answering = false;
	c->n_sent = 0;
	http1_begin(&c->in, strcmp(method, "HEAD") == 0);
	route_head(a->m, method, path, a->body.n, &c->head);
	r = c->head.failed ? ENOMEM : send_some(c);
	if (r == 0)
		a->conn = c;
	return r;
}

static bool begin_on_resting(struct attempt *a, const char *method, const char *path)
{
	struct member *m = a->m;

	while (m->resting) {
		struct conn *c = m->resting;
		bool old = c->rest_since_ns + REST_MAX_NS < c->llm->now_ns;

		unrest(c);
		if (!old && give(c, a, method, path) == 0)
			return true;
		conn_close(c);
	}
	return false;
}

int32_t conn_start(struct llm *l, struct attempt *a, const char *method, const char *path)
{
	if (!l->in)
		l->in = malloc(IN_SIZE);
	if (!l->in)
		return MEED_E_NOMEM;
	/* Where one connection was dead others may be, and the new one never is. */
	if ((a->call->n_stale || !begin_on_resting(a, method, path)) && http_connect(l, a, path) < 0)
		return MEED_E_NOMEM;
	track(a);
	return MEED_OK;
}

void conn_made(struct llm *l, struct attempt *a, int fd, CURLcode code)
{
	const char *method, *path = body_path(a->call->r, &method);
	struct conn *c = fd >= 0 ? conn_new(l, a->m, fd) : NULL;
	int r = c ? give(c, a, method, path) : ENOMEM;

	if (c && r == 0)
		return;
	if (fd >= 0) {
		(void)snprintf(a->error, sizeof(a->error), "%s", strerror(r));
		code = CURLE_SEND_ERROR;
	}
	if (c)
		conn_close(c);
	ended(a, code, 0);
}

/* ---- receiving -------------------------------------------------------------------------------- */

/* An encoding is not asked for; libcurl can read it, and does so from now on. */
static bool encoded(struct attempt *a, meed_str head)
{
	meed_str v;

	if (!http1_field(head, "content-encoding", &v) || meed_str_eq(v, MEED_STR("identity")))
		return false;
	a->m->route.way = WAY_LIBCURL;
	a->rerouted = true;
	return true;
}

/* What came. False: it ended the attempt. */
static bool take(struct conn *c, meed_str in)
{
	struct attempt *a = c->a;
	meed_str part;

	c->answering = true;
	for (;;) {
		switch (http1_next(&c->in, &in, &part)) {
		case HTTP1_MORE:
			return true;
		case HTTP1_FIELDS:
			if (encoded(a, part)) {
				broken(c, CURLE_BAD_CONTENT_ENCODING);
				return false;
			}
			fields_read(a, &part, c->in.status);
			break;
		case HTTP1_BODY:
			if (!http_body(a, part.p, part.n)) {
				broken(c, a->too_long ? CURLE_WRITE_ERROR : CURLE_OUT_OF_MEMORY);
				return false;
			}
			break;
		case HTTP1_WHOLE:
			whole(c, in.n > 0);
			return false;
		case HTTP1_BAD:
			(void)snprintf(a->error, sizeof(a->error), "its answer cannot be read: %s",
				       c->in.wrong);
			broken(c, CURLE_WEIRD_SERVER_REPLY);
			return false;
		}
	}
}

static void at_end(struct conn *c)
{
	if (http1_at_end(&c->in))
		whole(c, false);
	else
		lost(c, 0);
}

/* Everything that is there. The end of it is told by another event, if it is not told by this one. */
static void receive(struct conn *c)
{
	for (;;) {
		ssize_t n = recv(c->fd, c->llm->in, IN_SIZE, MSG_DONTWAIT);

		if (n == 0) {
			at_end(c);
			return;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				lost(c, errno);
			return;
		}
		if (!take(c, (meed_str){ c->llm->in, (size_t)n }) || (n < IN_SIZE && !c->ends))
			return;
	}
}

void conn_event(struct conn *c, uint32_t events)
{
	int r;

	if (c->fd < 0)
		return;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->ends = true;
	if (!c->a) {
		/* At rest nothing is expected but its end. */
		if (events & EPOLLIN || c->ends) {
			unrest(c);
			conn_close(c);
		}
		return;
	}
	/* What has been answered already need not be sent: an answer may come first. */
	if (events & EPOLLIN || c->ends)
		receive(c);
	if (!c->a || !(events & EPOLLOUT))
		return;
	r = send_some(c);
	if (r)
		receive(c);
	if (r && c->a)
		lost(c, r);
}

void conn_timers(struct llm *l)
{
	for (size_t i = 0; i < l->n_members; i++) {
		struct member *m = &l->members[i];

		while (due_ns(m) <= l->now_ns) {
			struct attempt *a = m->oldest;

			(void)snprintf(a->error, sizeof(a->error),
				       "no %s within %llu ms (timeout_ms)",
				       a->conn ? "whole answer" : "connection",
				       (unsigned long long)timeout_ms(m));
			http_abort(a);
			conn_abort(a);
			ended(a, CURLE_OPERATION_TIMEDOUT, 0);
		}
	}
	free_closed(l);
}
