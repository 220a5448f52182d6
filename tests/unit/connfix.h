/* connfix.h - the LLM layer's transport with one endpoint, and a server that answers it byte for byte. */
#ifndef CONNFIX_H
#define CONNFIX_H

#include <CUnit/CUnit.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>

#include "host/llm/net.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

/* ---- the server: one connection at a time, one answer a request -------------------------------- */

struct answer {
	const char *bytes;		/* NULL: none; the connection is closed */
	size_t n;			/* 0: as many as strlen */
	size_t piece;			/* bytes sent at a time; 0: all */
	bool close;			/* afterwards */
	bool early;			/* when the head of the request has come */
	const char *later;		/* bytes that follow when the answer has been taken */
};

struct server {
	const struct answer *answers;
	size_t n;
	int listener;
	pthread_t thread;
	char url[64];
	struct meed_buf heads[8];	/* of the requests that came */
	size_t body_n[8], n_came, n_connections;
	atomic_bool said_later;
	size_t n_let_down;		/* requests on a connection that had had its one */
};

/* answers are the caller's, until server_wait. */
void server_start(struct server *s, const struct answer *answers, size_t n);
/* As server_start, with a thread that does what serves does with the server. */
void server_start_as(struct server *s, void *(*serves)(void *), const struct answer *answers,
		     size_t n);
/* Ends with the server's thread: what came may be looked at from here on. */
void server_wait(struct server *s);
void server_release(struct server *s);

/* For servers of one's own. A request's head to where it belongs; its body is only counted. False: the
 * connection ended. */
bool take_request(struct server *s, int fd, bool early);
void send_answer(int fd, const struct answer *a);
/* 20 ms */
void doze(void);

/* ---- requests ---------------------------------------------------------------------------------- */

struct one {
	struct meed_request r;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

struct meed_endpoint endpoint(char *url);
struct meed_transport *open_one(const struct meed_endpoint *e);
struct one one_http(const char *method, const char *path, meed_str body);
/* o->r.done, if it is set, ends with one_done. */
void one_submit(struct meed_transport *t, struct one *o);
void one_done(struct meed_request *r);
void one_wait(struct one *o);
/* Makes o, submits it, waits. o->r.owned is the caller's then. */
void ask_http(struct meed_transport *t, struct one *o, const char *method, const char *path,
	      meed_str body);
/* The answer as JSON. */
const char *json_of(const struct one *o);

/* suites_run, which ends after two minutes, whatever waits. */
int conn_tests_run(CU_SuiteInfo *suites);

#endif
