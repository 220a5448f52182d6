/* llm.h - where posted requests go. The floor of endpoints; today it offers the scripted
 * endpoint, which answers from a file, and the interface that the network layer fills.
 *
 * Threads: submit and cancel may be called from any thread; done is called from the
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

/* One endpoint as configured. */
struct meed_endpoint {
	char *name;
	char *kind;			/* "script" */
	char *file;			/* script: the file of replies */
	char *where;			/* "file:line", for messages */
};

/* A transport over the configured endpoints, with one thread of its own once something is
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

#endif
