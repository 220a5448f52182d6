/* connfix.c - see connfix.h. */
#include "config.h"

#include <arpa/inet.h>
#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/connfix.h"
#include "tests/unit/suites.h"

/* ---- the server -------------------------------------------------------------------------------- */

bool take_request(struct server *s, int fd, bool early)
{
	struct meed_buf *b = &s->heads[s->n_came];
	size_t want = 0, head_n = 0;
	char in[65536];

	b->n = 0;
	for (;;) {
		ssize_t n = recv(fd, in, sizeof(in), 0);
		char *end, *length;

		if (n <= 0)
			return false;
		meed_buf_put(b, in, (size_t)n);
		meed_buf_putc(b, '\0');
		end = strstr(b->p, "\r\n\r\n");
		length = strstr(b->p, "Content-Length: ");
		b->n--;
		if (!end)
			continue;
		head_n = (size_t)(end - b->p) + 4;
		want = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
		if (early || b->n >= head_n + want)
			break;
	}
	s->body_n[s->n_came++] = b->n - head_n;
	b->n = head_n;
	b->p[head_n] = '\0';
	return true;
}

void send_answer(int fd, const struct answer *a)
{
	size_t n = a->n ? a->n : strlen(a->bytes), step = a->piece ? a->piece : n;

	for (size_t at = 0; at < n; at += step) {
		(void)!send(fd, a->bytes + at, n - at < step ? n - at : step, MSG_NOSIGNAL);
		if (a->piece)
			(void)sched_yield();
	}
}

void doze(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void *serve(void *arg)
{
	struct server *s = arg;
	size_t done = 0;

	while (done < s->n) {
		int fd = accept(s->listener, NULL, NULL);
		bool open = fd >= 0;

		s->n_connections++;
		while (open && done < s->n && take_request(s, fd, s->answers[done].early)) {
			const struct answer *a = &s->answers[done++];

			open = a->bytes && !a->close;
			if (a->bytes)
				send_answer(fd, a);
			if (a->later) {
				doze();
				(void)!send(fd, a->later, strlen(a->later), MSG_NOSIGNAL);
				s->said_later = true;
			}
		}
		(void)close(fd);
	}
	return NULL;
}

void server_start_as(struct server *s, void *(*serves)(void *),
			    const struct answer *answers, size_t n)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	*s = (struct server){ .answers = answers, .n = n };
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_FATAL(bind(s->listener, (struct sockaddr *)&a, sizeof(a)) == 0 &&
			listen(s->listener, 16) == 0 &&
			getsockname(s->listener, (struct sockaddr *)&a, &len) == 0);
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d/v1", ntohs(a.sin_port));
	CU_ASSERT_EQUAL_FATAL(pthread_create(&s->thread, NULL, serves, s), 0);
}

void server_start(struct server *s, const struct answer *answers, size_t n)
{
	server_start_as(s, serve, answers, n);
}

void server_wait(struct server *s)
{
	(void)pthread_join(s->thread, NULL);
}

void server_release(struct server *s)
{
	(void)close(s->listener);
	for (size_t i = 0; i < 8; i++)
		meed_buf_release(&s->heads[i]);
}

/* ---- requests ---------------------------------------------------------------------------------- */

void one_done(struct meed_request *r)
{
	struct one *o = (struct one *)r;

	(void)pthread_mutex_lock(&o->lock);
	o->done = true;
	(void)pthread_cond_signal(&o->cond);
	(void)pthread_mutex_unlock(&o->lock);
}

void one_submit(struct meed_transport *t, struct one *o)
{
	o->done = false;
	(void)pthread_mutex_init(&o->lock, NULL);
	(void)pthread_cond_init(&o->cond, NULL);
	o->r.endpoint = MEED_STR("");
	o->r.reply = (meed_reply){ .struct_size = sizeof(o->r.reply), .error = MEED_STR("") };
	if (!o->r.done)
		o->r.done = one_done;
	t->submit(t, &o->r);
}

void one_wait(struct one *o)
{
	(void)pthread_mutex_lock(&o->lock);
	while (!o->done)
		(void)pthread_cond_wait(&o->cond, &o->lock);
	(void)pthread_mutex_unlock(&o->lock);
}

struct one one_http(const char *method, const char *path, meed_str body)
{
	return (struct one){ .r = { .kind = MEED_REQ_HTTP,
				    .http = { .struct_size = sizeof(meed_http),
					      .method = method,
					      .path = path,
					      .body = body } } };
}

void ask_http(struct meed_transport *t, struct one *o, const char *method, const char *path,
		     meed_str body)
{
	*o = one_http(method, path, body);
	one_submit(t, o);
	one_wait(o);
}

struct meed_endpoint endpoint(char *url)
{
	return (struct meed_endpoint){ .name = (char *)(uintptr_t) "a",
				       .kind = (char *)(uintptr_t) "openai",
				       .where = (char *)(uintptr_t) "test",
				       .url = url,
				       .backoff_ms = 1,
				       .proxy = (char *)(uintptr_t) "" };
}

struct meed_transport *open_one(const struct meed_endpoint *e)
{
	static const struct meed_log quiet = { .fd = -1 };
	static struct meed_llm_conf conf;
	struct meed_transport *t = NULL;
	struct meed_err err = { 0 };

	conf = (struct meed_llm_conf){ .endpoints = e, .n_endpoints = 1 };
	CU_ASSERT_EQUAL_FATAL(meed_llm_new(&conf, &quiet, &err, &t), 0);
	return t;
}

const char *json_of(const struct one *o)
{
	return o->r.owned ? json_object_to_json_string_ext(o->r.owned, JSON_C_TO_STRING_PLAIN) : "";
}

int conn_tests_run(CU_SuiteInfo *suites)
{
	(void)signal(SIGPIPE, SIG_IGN);
	/* a server that waits in vain would wait for ever */
	(void)alarm(120);
	return suites_run(suites);
}
