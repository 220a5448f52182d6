/* transport.c - takes requests, answers them in due time from one thread of its own. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "host/llm/script.h"

struct due {
	uint64_t at_ns, order;		/* equal times: in order of arrival */
	struct meed_request *r;
	const struct script_answer *answer; /* NULL: failed, see status and error */
	int32_t status;
	meed_str error;
};

struct scripted {
	struct meed_transport face;
	struct meed_endpoint *endpoints; /* copies of the names */
	struct script **scripts;
	size_t n;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_t thread;
	bool started, stop;
	struct due *heap;
	size_t n_due, cap_due;
	uint64_t order;
};

static bool due_before(const struct due *a, const struct due *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void heap_up(struct due *h, size_t i)
{
	while (i && due_before(&h[i], &h[(i - 1) / 2])) {
		struct due t = h[i];

		h[i] = h[(i - 1) / 2];
		h[(i - 1) / 2] = t;
		i = (i - 1) / 2;
	}
}

static void heap_down(struct due *h, size_t n)
{
	for (size_t i = 0;;) {
		size_t k = 2 * i + 1;
		struct due t;

		if (k + 1 < n && due_before(&h[k + 1], &h[k]))
			k++;
		if (k >= n || !due_before(&h[k], &h[i]))
			return;
		t = h[i];
		h[i] = h[k];
		h[k] = t;
		i = k;
	}
}

static void due_answer(const struct due *d)
{
	meed_reply *rep = &d->r->reply;
	const struct script_answer *a = d->answer;

	rep->status = d->status;
	rep->error = d->error.p ? d->error : MEED_STR("");
	if (a) {
		rep->http_status = a->http_status;
		rep->texts = a->texts;
		rep->n_texts = a->n_texts;
		rep->choices = a->choices;
		rep->vecs = a->vecs;
		rep->n_vecs = a->n_vecs;
		rep->dim = a->dim;
		rep->json = a->json;
	}
	d->r->done(d->r);
}

static void wait_until(struct scripted *s, uint64_t at_ns)
{
	struct timespec ts = { .tv_sec = (time_t)(at_ns / 1000000000),
			       .tv_nsec = (long)(at_ns % 1000000000) };

	(void)pthread_cond_timedwait(&s->cond, &s->lock, &ts);
}

static void *scripted_main(void *arg)
{
	struct scripted *s = arg;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop || s->n_due) {
		struct due d;

		if (!s->n_due) {
			(void)pthread_cond_wait(&s->cond, &s->lock);
			continue;
		}
		if (s->heap[0].at_ns > meed_now_ns()) {
			wait_until(s, s->heap[0].at_ns);
			continue;
		}
		d = s->heap[0];
		s->heap[0] = s->heap[--s->n_due];
		heap_down(s->heap, s->n_due);
		(void)pthread_mutex_unlock(&s->lock);
		due_answer(&d);
		(void)pthread_mutex_lock(&s->lock);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* All that a request says, for the rules to look at. */
static void request_text(const struct meed_request *r, struct meed_buf *b)
{
	size_t i;

	switch (r->kind) {
	case MEED_REQ_CHAT:
		for (i = 0; i < r->chat.n_msgs; i++) {
			meed_buf_put(b, r->chat.msgs[i].text.p, r->chat.msgs[i].text.n);
			meed_buf_putc(b, '\n');
		}
		break;
	case MEED_REQ_EMBED:
		for (i = 0; i < r->n_texts; i++) {
			meed_buf_put(b, r->texts[i].p, r->texts[i].n);
			meed_buf_putc(b, '\n');
		}
		break;
	case MEED_REQ_HTTP:
		meed_buf_puts(b, r->http.path ? r->http.path : "");
		meed_buf_putc(b, '\n');
		meed_buf_put(b, r->http.body.p, r->http.body.n);
		break;
	case MEED_REQ_EXEC:		/* goes to the floor exec */
		break;
	}
}

static struct script *find_script(struct scripted *s, meed_str name, meed_str *ret_error)
{
	if (!name.n && s->n == 1)
		return s->scripts[0];
	for (size_t i = 0; i < s->n; i++)
		if (meed_str_eq(name, meed_str_of(s->endpoints[i].name)))
			return s->scripts[i];
	*ret_error = !s->n ? MEED_STR("no endpoint is configured; add one to `endpoints`")
		     : !name.n
			     ? MEED_STR("several endpoints are configured; give the instance one "
					"with endpoint = \"NAME\"")
			     : MEED_STR("no endpoint of that name is configured");
	return NULL;
}

static uint32_t timeout_of(const struct meed_request *r)
{
	return r->kind == MEED_REQ_HTTP ? r->http.timeout_ms : r->chat.timeout_ms;
}

static void due_fill(struct scripted *s, struct due *d)
{
	struct script *sc = find_script(s, d->r->endpoint, &d->error);
	struct meed_buf text = { 0 };
	uint32_t delay = 0, timeout = timeout_of(d->r);

	d->status = MEED_E_UPSTREAM;
	if (sc) {
		request_text(d->r, &text);
		d->answer = text.failed ? NULL
					: script_answer(sc, (meed_str){ text.p ? text.p : "",
									text.n });
		d->error = MEED_STR("no rule of the script matches this request");
		meed_buf_release(&text);
	}
	if (d->answer) {
		d->status = d->answer->status;
		d->error = d->answer->error;
		delay = d->answer->delay_ms;
	}
	if (timeout && delay > timeout) {
		d->answer = NULL;
		d->status = MEED_E_TIMEOUT;
		d->error = MEED_STR("the endpoint did not answer in time");
		delay = timeout;
	}
	d->at_ns = meed_now_ns() + (uint64_t)delay * 1000000;
}

static bool room(struct scripted *s)
{
	size_t cap = s->cap_due ? 2 * s->cap_due : 64;
	struct due *v;

	if (s->n_due < s->cap_due)
		return true;
	v = realloc(s->heap, cap * sizeof(*v));
	if (!v)
		return false;
	s->heap = v;
	s->cap_due = cap;
	return true;
}

static void scripted_submit(struct meed_transport *t, struct meed_request *r)
{
	struct scripted *s = t->impl;
	struct due d = { .r = r };
	bool ok;

	(void)pthread_mutex_lock(&s->lock);
	ok = room(s);
	if (ok && !s->started)
		ok = s->started = pthread_create(&s->thread, NULL, scripted_main, s) == 0;
	if (ok) {
		due_fill(s, &d);
		d.order = s->order++;
		s->heap[s->n_due++] = d;
		heap_up(s->heap, s->n_due - 1);
		(void)pthread_cond_signal(&s->cond);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (!ok) {
		d.status = MEED_E_NOMEM;
		d.error = MEED_STR("out of memory or threads");
		due_answer(&d);
	}
}

static void scripted_cancel_all(struct meed_transport *t)
{
	struct scripted *s = t->impl;

	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_due; i++) {
		s->heap[i].at_ns = 0;
		s->heap[i].order = i;
		s->heap[i].answer = NULL;
		s->heap[i].status = MEED_E_CANCELLED;
		s->heap[i].error = MEED_STR("the run was stopped");
	}
	(void)pthread_cond_signal(&s->cond);
	(void)pthread_mutex_unlock(&s->lock);
}

static void scripted_free(struct meed_transport *t)
{
	struct scripted *s = t->impl;

	scripted_cancel_all(t);
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_signal(&s->cond);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->started)
		(void)pthread_join(s->thread, NULL);
	for (size_t i = 0; i < s->n; i++) {
		free(s->endpoints[i].name);
		script_free(s->scripts[i]);
	}
	free(s->endpoints);
	free(s->scripts);
	free(s->heap);
	(void)pthread_cond_destroy(&s->cond);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct scripted *scripted_new(size_t n)
{
	struct scripted *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	s->face = (struct meed_transport){ .impl = s,
					   .submit = scripted_submit,
					   .cancel_all = scripted_cancel_all,
					   .free = scripted_free };
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	s->endpoints = calloc(n ? n : 1, sizeof(*s->endpoints));
	s->scripts = calloc(n ? n : 1, sizeof(struct script *));
	if (s->endpoints && s->scripts)
		return s;
	scripted_free(&s->face);
	return NULL;
}

int32_t meed_transport_new(const struct meed_endpoint *endpoints, size_t n, struct meed_err *err,
			   struct meed_transport **ret)
{
	struct scripted *s = scripted_new(n);
	struct meed_err why = { 0 };
	int32_t st = MEED_OK;

	if (!s)
		return meed_err_nomem(err);
	for (size_t i = 0; i < n && st == MEED_OK; i++) {
		s->endpoints[i].name = strdup(endpoints[i].name);
		s->n = i + 1;
		if (!s->endpoints[i].name)
			st = meed_err_nomem(err);
		else if (strcmp(endpoints[i].kind, "script") != 0)
			st = meed_err_set(err, MEED_E_UNSUPPORTED,
					  "%s: endpoint \"%s\" has kind \"%s\": this build has "
					  "only \"script\"",
					  endpoints[i].where ? endpoints[i].where : "endpoints",
					  endpoints[i].name, endpoints[i].kind);
		else
			st = script_load(endpoints[i].file, &why, &s->scripts[i]);
		if (why.code)
			st = meed_err_set(err, why.code, "%s: endpoint \"%s\": %s",
					  endpoints[i].where ? endpoints[i].where : "endpoints",
					  endpoints[i].name, why.text);
	}
	if (st < 0) {
		scripted_free(&s->face);
		return st;
	}
	*ret = &s->face;
	return MEED_OK;
}
