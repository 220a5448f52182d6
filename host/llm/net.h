/* net.h - what the sources of the floor share: the state of endpoints, calls and attempts.
 *
 *   llm.c	the transport: inbox, thread, names
 *   submit.c	a request's beginning: whom it names, whether its answer is known
 *   call.c	its way: admission, attempts, retries, hedges
 *   budget.c	what it costs, and whether there is room for it
 *   finish.c	its end: an answer or a failure, for it and its twins
 *   stats.c	what it all came to
 *   heap.c	calls by the time at which something is due
 *   member.c	an endpoint's state: limits, health, prices
 *   http.c	libcurl: easy handles, connections, sockets, the loop
 *   route.c	which requests go without libcurl, and their heads
 *   conn.c	those, over connections that libcurl made
 *   http1.c	their answers, as they come (http1.h)
 *   fields.c	what header fields say
 *   body.c	what is sent; the key of a request
 *   answer.c	what came back; events.c: as a stream
 *   cache.c	answers on disk
 *   record.c	recordings: written, and answered from
 *
 * Threads: everything here belongs to the I/O thread, but for the inbox and the statistics. */
#ifndef MEED_LLM_NET_H
#define MEED_LLM_NET_H

#include <curl/curl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>

#include "host/llm/http1.h"
#include "host/llm/llm.h"

struct cache;
struct record;
struct llm;
struct call;
struct attempt;
struct conn;

#define NEVER UINT64_MAX
#define MEMBERS_MAX 64		/* of a group */

/* A member of an object; NULL if there is none, or if o is no object. */
static inline struct json_object *json_get(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, name, &v) ? v : NULL;
}

/* ---- endpoints ---------------------------------------------------------------------------- */

/* When the last n requests began: no more than n in any minute. */
struct minute {
	uint64_t *at;			/* ring of n times; NULL: no limit */
	uint32_t n, next;
};

/* Tokens that come back with time. What a call takes is known only afterwards, so that left may
 * fall below 0. A tenth of a minute's may be taken at once and 17 twentieths come back in a minute:
 * no minute sees more than the limit, though some calls take more than was thought. */
struct bucket {
	double cap, left, per_ns;	/* cap 0: no limit */
	uint64_t at_ns;
};

/* libcurl looks through all connections to a host for each request: handles are dealt out to so
 * many multi handles that none has many. Those of a host that shares connections stay together. */
struct shard {
	struct llm *llm;
	CURLM *multi;
	uint32_t index, n_easy; /* easy handles that belong here */
	uint64_t timer_ns;	/* when libcurl wants to be called; NEVER */
	bool ran;		/* something may have ended */
};

struct idle {
	CURL *easy;
	struct shard *shard;
};

/* Plain HTTP/1.1 that no proxy stands before is spoken by conn.c; libcurl does the rest. */
struct route {
	enum { WAY_UNKNOWN, WAY_DIRECT, WAY_LIBCURL } way;
	const char *base;		/* of the URL: all behind host and port */
	struct meed_buf fields;		/* that all requests have */
};

struct member {
	const struct meed_endpoint *ep;
	struct curl_slist *headers;
	struct idle *idle; /* easy handles for reuse */
	size_t n_idle, cap_idle;
	struct route route;
	struct conn *resting;		/* connections for reuse, the latest first */
	struct attempt *oldest, *newest; /* of conn.c */
	uint32_t in_flight;
	struct minute minute;
	struct bucket tokens;
	uint64_t not_before_ns;		/* it asked to be left alone till then */
	/* health */
	uint32_t failures;		/* in a row */
	uint32_t trips;			/* times in a row that the breaker opened */
	uint64_t open_until_ns;		/* breaker; 0: closed */
	bool probing;			/* one attempt is out to see whether it is back */
	char last_error[256];
	/* what has been learned */
	enum meed_structured structured;
	bool no_stream_usage;
	double tokens_per_call;		/* rises at once and falls slowly: what admission charges
					 * beforehand, rather too much */
	uint64_t latency[64];		/* the last ones, ns */
	uint32_t n_latency;
};

/* Whom a request may name: an endpoint, or a group of them. */
struct target {
	const char *name;
	bool priced; /* some member has prices */
	struct member **members;
	uint32_t *weights, *priorities;
	size_t n_members;
	struct call *first, *last;	/* waiting for admission, oldest first */
	size_t n_waiting;
	uint64_t wake_ns;		/* when admission may work again; NEVER */
	bool scripted;
};

/* ---- calls -------------------------------------------------------------------------------- */

/* One request on its way. */
struct call {
	struct llm *llm;
	struct meed_request *r;
	struct target *target;
	struct call *next;		/* waiting for admission */
	struct call *twins;		/* equal requests that wait for this one's answer */
	struct call *twin_of;
	struct call *all_prev, *all_next;
	uint64_t hash;			/* of what shapes the answer */
	char *text;			/* that itself, the key: malloc'd */
	size_t text_n;
	struct call *bucket_next;	/* in the table of calls in flight */
	uint64_t deadline_ns;		/* NEVER: none */
	uint64_t not_before_ns;		/* back-off */
	uint64_t tried;			/* bit per member of the target: failed there */
	uint64_t refused;		/* bit per member: will never do it */
	uint64_t asked;			/* bit per member: has failed there at any time */
	uint32_t n_failed;		/* attempts that failed and count */
	uint32_t structured_falls;
	uint32_t n_stale;		/* attempts that met a dead connection */
	struct attempt *first, *second;	/* running; second: the hedge */
	uint64_t timer_ns;		/* when something is due: back-off, hedge, deadline */
	size_t heap_at;			/* place in the timer heap + 1; 0: not in */
	bool waiting, hashed;
	struct meed_cost cost;		/* of its attempts */
	int32_t status;			/* of the last failure */
	char error[512];
};

/* What is laid by of the budget for an attempt whose cost nobody knows yet. */
struct hold {
	double tokens, money;
};

struct attempt {
	struct call *call;
	struct member *m;
	uint32_t index;			/* of the member in the target */
	CURL *easy;			/* libcurl is at it, or */
	struct shard *shard; /* of easy */
	struct conn *conn;		/* it is sent and received here */
	struct attempt *prev, *next;	/* of the member's in order of beginning */
	struct meed_buf body, answer;
	enum meed_structured structured;
	uint64_t start_ns;
	double charged;			/* tokens taken beforehand */
	struct hold held;
	bool probe, too_long, stream;
	bool connecting;		/* easy makes a connection for conn.c */
	bool tracked;			/* among the member's */
	bool sent;			/* libcurl has set out to send it */
	bool stale;			/* its connection, kept from before, was dead */
	bool rerouted;			/* is to go the other way */
	/* from headers */
	uint64_t retry_after_ns;	/* as a time; 0: none */
	uint64_t reset_ns;		/* x-ratelimit-*: nothing before then; 0: none */
	bool event_stream;
	char error[CURL_ERROR_SIZE];
};

/* ---- the whole ---------------------------------------------------------------------------- */

struct llm {
	struct meed_transport face;
	struct meed_llm_conf conf; /* what it points to is the caller's */
	const struct meed_log *log;
	struct meed_transport *scripts;
	struct member *members;
	size_t n_members;
	struct target *targets;
	size_t n_targets;
	struct target *only;		/* NULL: there are several, or none */

	pthread_t thread;
	pthread_mutex_t lock;		/* of the inbox */
	struct meed_request *inbox_first, *inbox_last;
	bool started, stop, cancel;
	int wake_fd, epoll_fd;

	struct shard **shards; /* the first for connections that are shared */
	size_t n_shards, cap_shards;
	CURLSH *share;
	struct conn *closed;		/* in this turn */
	char *in;			/* what was received last */
	struct call **heap;		/* by timer_ns */
	size_t n_heap, cap_heap;
	struct call **table;		/* calls in flight by hash */
	size_t table_cap, n_hashed;
	struct call *all;
	struct cache *cache;
	struct record *record;
	uint64_t rng;
	double dearest;			/* price of a million tokens */
	struct hold held;		/* by attempts in flight */
	struct hold mean;		/* moving mean of what an attempt took; 0: not known yet */
	uint64_t now_ns;		/* as of this turn of the loop */

	pthread_mutex_t stats_lock;
	struct meed_llm_stats stats;
};

/* llm.c: is t one of this floor's own, with statistics? */
bool llm_is(const struct meed_transport *t);

/* member.c */
int32_t member_init(struct member *m, const struct meed_endpoint *ep, struct meed_err *err);
void member_release(struct member *m);
/* Is it worth asking: neither cooling nor given up? */
bool member_healthy(const struct member *m, uint64_t now);
/* May it take one more now? If not, *ret_when is when to ask again (NEVER: once one ends). */
bool member_admits(struct member *m, uint64_t now, uint64_t *ret_when);
void member_begin(struct member *m, struct attempt *a, uint64_t now);
enum verdict {
	V_OK,
	V_RETRY,			/* may go better another time, or elsewhere */
	V_AGAIN,			/* at once, asked otherwise: does not count */
	V_FATAL				/* will be refused again */
};
void member_end(struct member *m, const struct attempt *a, enum verdict v, const char *error,
		uint64_t tokens, uint64_t now);
/* Has it been tried often enough that waiting for it makes no sense? */
bool member_given_up(const struct member *m);
uint64_t member_hedge_after(const struct member *m); /* ns; NEVER: not */

/* http.c */
int32_t http_init(struct llm *l, struct meed_err *err);
void http_release(struct llm *l);
/* Starts a's transfer: body, path and method are set. */
int32_t http_start(struct llm *l, struct attempt *a, const char *method, const char *path);
void http_abort(struct attempt *a);
void http_drop(struct idle h);
/* Makes a connection for a and hands it to conn_made. */
int32_t http_connect(struct llm *l, struct attempt *a, const char *path);
/* Another piece of the answer. False: it is too long, see too_long, or there is no memory. */
bool http_body(struct attempt *a, const char *p, size_t n);
/* Has events of a connection go to conn_event. < 0: errno. */
int http_watch(struct llm *l, int fd, struct conn *c);
/* Waits until something is due and works it off, calling call_attempt_done. */
void http_turn(struct llm *l, uint64_t until_ns);

/* route.c */
bool route_direct(struct member *m, const char *path);
/* All before the body, in place of what b holds. */
void route_head(const struct member *m, const char *method, const char *path, size_t body_n,
		struct meed_buf *b);

/* conn.c */
int32_t conn_start(struct llm *l, struct attempt *a, const char *method, const char *path);
void conn_abort(struct attempt *a);
/* fd: the connection, taken over; < 0: code and a's error say why there is none. */
void conn_made(struct llm *l, struct attempt *a, int fd, CURLcode code);
void conn_event(struct conn *c, uint32_t events);
/* Ends what has had its time; at the end of each turn. */
void conn_timers(struct llm *l);
uint64_t conn_next_ns(const struct llm *l);
void conn_release(struct llm *l);

/* fields.c: of an attempt's answer; head NULL: libcurl has it */
void fields_read(struct attempt *a, const meed_str *head, long http_status);

/* submit.c */
/* Whom a name means; of any thread. "": the only endpoint, or that named "default". */
struct target *call_target(struct llm *l, meed_str name);
void call_submit(struct llm *l, struct meed_request *r);

/* call.c */
void call_enqueue(struct call *c);	/* starts when call_pump_all finds that it may */
void call_attempt_done(struct llm *l, struct attempt *a, CURLcode code, long http_status);
/* Works off what is due. */
void call_timers(struct llm *l);
/* Starts what the limits admit now. */
void call_pump_all(struct llm *l);
/* When there is something to do without an event. */
uint64_t call_next_ns(const struct llm *l);
void call_cancel_all(struct llm *l);

/* heap.c: calls by timer_ns */
bool heap_set(struct llm *l, struct call *c, uint64_t at_ns); /* NEVER takes it out */

/* finish.c: a call's end. The call is gone afterwards. */
void call_answered(struct call *c, meed_str key, meed_str body, uint32_t http_status, bool keep);
void call_failed(struct call *c, int32_t status, uint32_t http_status, const char *why);
void call_forget(struct call *c);	/* out of the table of calls in flight */

/* budget.c */
struct usage {
	uint64_t in, out; /* tokens */
};
enum budget {
	BUDGET_WITHIN,
	BUDGET_MAYBE, /* what is in flight may take all that is left: the last go
		       * one by one, so that one answer at most is too much */
	BUDGET_SPENT
};
enum budget budget_state(const struct llm *l);
/* When an attempt begins; and when it has ended and is no longer counted as in flight. */
void budget_hold(struct llm *l, struct attempt *a);
void budget_unhold(struct llm *l, const struct attempt *a);
/* Ends an attempt that took so much. */
void budget_charge(struct call *c, const struct member *m, const struct usage *u);

/* body.c */
/* What shapes the answer of r at m, as text: endpoint, model, body. */
void body_key(const struct meed_request *r, const struct member *m, struct meed_buf *b);
/* The body to send. */
void body_make(const struct meed_request *r, const struct member *m, enum meed_structured how,
	       bool stream, struct meed_buf *b);
/* Method and path of r. */
const char *body_path(const struct meed_request *r, const char **ret_method);

/* answer.c */
/* Server-sent events of a chat into one chat.completion object. MEED_E_PARSE. */
int32_t answer_unstream(meed_str events, struct meed_buf *b, struct meed_err *err);
/* Reads a body of status 200 into r's reply; MEED_E_PARSE with what is wrong. */
int32_t answer_read(struct meed_request *r, meed_str body, struct usage *ret, struct meed_err *err);
/* The message of an error body, or its beginning. */
void answer_error(meed_str body, char *out, size_t n);

/* cache.c: by exact key. get: MEED_OK and the body (malloc'd by b), or MEED_E_NOINPUT. */
int32_t cache_open(const char *path, uint64_t ttl_s, struct meed_err *err, struct cache **ret);
void cache_close(struct cache *c);
int32_t cache_get(struct cache *c, uint64_t hash, meed_str key, struct meed_buf *b);
void cache_put(struct cache *c, uint64_t hash, meed_str key, meed_str body);
/* Writes what is still held back; called when the thread is about to wait. */
void cache_flush(struct cache *c);

/* record.c */
int32_t record_open(const char *record, bool more, const char *replay, struct meed_err *err,
		    struct record **ret);
int32_t record_close(struct record *r, struct meed_err *err);
void record_put(struct record *r, meed_str key, uint32_t http_status, meed_str body);
/* The recorded body of an equal request: MEED_OK or MEED_E_NOINPUT. Equal requests that were
 * answered several times give their answers in turn. */
int32_t record_get(struct record *r, meed_str key, struct meed_buf *b, uint32_t *ret_http_status);
bool record_replays(const struct record *r);

#endif
