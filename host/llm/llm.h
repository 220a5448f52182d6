/* llm.h - where posted requests go: endpoints, and the one thread that keeps thousands of
 * requests in flight.
 *
 * A chat, embeddings or HTTP request is queued for an endpoint or a group of them, admitted when
 * limits allow, sent over HTTP, and tried again where that may help; every request ends with an
 * answer or a named error. What is known already (the cache, a recording, an equal request in
 * flight) is not asked again. Beside that there is the scripted endpoint, which answers from a
 * file.
 *
 * Threads: submit, cancel_all and stats may be called from any thread; done is called from the
 * transport's own thread, once a request; from inside submit only for want of memory. */
#ifndef MEED_LLM_H
#define MEED_LLM_H

#include "host/plugin/plugin.h"

struct meed_transport {
	void *impl;
	/* Takes the request; the caller leaves it alone until done. Never fails: what is wrong
	 * (an unknown endpoint) comes back as the reply's status and error. */
	void (*submit)(struct meed_transport *t, struct meed_request *r);
	/* Asks for an early end of everything in flight: each is done with MEED_E_CANCELLED. */
	void (*cancel_all)(struct meed_transport *t);
	void (*free)(struct meed_transport *t);
};

/* How an endpoint is asked for an answer that fits a JSON Schema. */
enum meed_structured {
	MEED_STRUCTURED_SCHEMA,		/* response_format json_schema; the first refusal turns it
					 * into the next, for good */
	MEED_STRUCTURED_OBJECT,		/* response_format json_object */
	MEED_STRUCTURED_NONE		/* by the prompt alone */
};

/* One endpoint as configured. Numbers are 0 where the configuration says nothing. */
struct meed_endpoint {
	char *name;
	char *kind;			/* "script", "openai", "http", "group" */
	char *where;			/* "file:line", for messages */
	char *file;			/* script: the file of replies */

	/* openai, http */
	char *url;			/* base, "https://api.example.org/v1"; no / at its end */
	char *model;
	char *key;			/* sent as a bearer token; a secret */
	char **headers;			/* "Name: value", NULL-terminated; may hold secrets */
	char *proxy;			/* NULL: as http_proxy and so on say; "": none */
	char *no_proxy;			/* hosts that are asked without one, with commas between */
	char *ca_file;			/* PEM; NULL: the system's authorities */
	char *client_cert, *client_key; /* PEM; key NULL: it stands in the same file */
	bool insecure;			/* no check of certificates */
	char *http;			/* "auto", "1.1", "2", "2-prior-knowledge"; NULL is auto */
	uint32_t timeout_ms;		/* of one attempt; 0: 60,000 */
	uint32_t connect_timeout_ms;	/* 0: 10,000 */
	uint64_t max_answer;		/* bytes; 0: 16 MiB */

	uint32_t concurrency;		/* attempts in flight; 0: 64 */
	uint32_t rpm;			/* requests a minute; 0: no limit */
	uint64_t tpm;			/* tokens a minute, both ways; 0: no limit */
	bool has_retries;
	uint32_t retries;		/* attempts after the first; not set: 4 */
	uint32_t backoff_ms, backoff_max_ms; /* 0: 500, 30,000; doubled each time, with jitter */
	uint32_t hedge_ms;		/* a second attempt elsewhere after that; 0: never;
					 * UINT32_MAX: after the 95th percentile of its answers */
	uint32_t breaker_failures;	/* in a row, before it is left alone; 0: 5 */
	uint32_t breaker_ms;		/* for how long at first; 0: 5,000 */

	/* openai */
	bool has_temperature, has_seed, has_top_p;
	double temperature, top_p;	/* what a request does not say itself */
	uint64_t seed;
	uint32_t max_tokens;
	char *max_tokens_name;		/* NULL: "max_tokens" */
	char *extra;			/* JSON object whose members join every body; NULL */
	enum meed_structured structured;
	bool stream;			/* ask for server-sent events */
	double price_in, price_out;	/* money a million tokens */

	/* group */
	struct meed_endpoint_member {
		char *use;		/* an endpoint that is no group */
		uint32_t weight;	/* share among members of equal priority; 0: 1 */
		uint32_t priority;	/* lower first */
	} *members;
	size_t n_members;
};

/* A transport over scripted endpoints alone, with one thread of its own once something is
 * submitted.
 *
 * A script is a JSON array of rules, tried in order; a rule that has `times` left is used:
 *   {"match": "substring of the request's text", "times": 1, "delay_ms": 5,
 *    "text": "the answer" | "texts": [...], "choices": [...], "json": {...},
 *    "vectors": [[...]], "http_status": 200, "status": "upstream" | "timeout" | ...,
 *    "error": "why"}
 * A request that no rule matches fails with MEED_E_UPSTREAM and says so. */
int32_t meed_transport_new(const struct meed_endpoint *endpoints, size_t n, struct meed_err *err,
			   struct meed_transport **ret);

/* What stands beside the endpoints: the group `llm`, and the command line. */
struct meed_llm_conf {
	const struct meed_endpoint *endpoints;
	size_t n_endpoints;
	const char *cache;		/* file of answers; NULL: none */
	uint64_t cache_ttl_s;		/* older answers are asked again; 0: never */
	uint64_t budget_tokens;		/* 0: none. Spent: requests fail with MEED_E_LIMIT */
	double budget_money;
	const char *record;		/* file to write every answer to; NULL */
	bool record_more;		/* add to what is in it */
	const char *replay;		/* file to answer from, and from nothing else; NULL */
};

struct meed_llm_stats {
	uint64_t n_requests, n_done, n_failed;
	uint64_t n_attempts, n_retries, n_hedges;
	uint64_t n_cached, n_merged, n_replayed;
	uint64_t n_over_budget;		/* failed, for the budget was spent */
	uint64_t tokens_in, tokens_out;	/* paid for in this run: not those from cache */
	double money;
	bool priced;			/* some endpoint has prices */
	uint32_t in_flight;		/* attempts */
};

/* A transport over all endpoints. What conf points to must outlive it. */
int32_t meed_llm_new(const struct meed_llm_conf *conf, const struct meed_log *log,
		     struct meed_err *err, struct meed_transport **ret);
/* Zero for a transport that meed_llm_new did not make. */
void meed_llm_stats(const struct meed_transport *t, struct meed_llm_stats *ret);
/* Could that file be a run's cache? Makes nothing. */
int32_t meed_llm_check_cache(const char *path, struct meed_err *err);
/* Is that file one of a script's replies? */
int32_t meed_llm_check_script(const char *path, struct meed_err *err);
/* What came since before. */
void meed_llm_stats_since(struct meed_llm_stats *s, const struct meed_llm_stats *before);
/* As one JSON object. */
void meed_llm_stats_json(const struct meed_llm_stats *s, struct meed_buf *b);

#endif
