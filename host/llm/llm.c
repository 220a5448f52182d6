/* llm.c - the transport over all endpoints: names, inbox, the I/O thread. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/llm/net.h"

static bool is_kind(const struct meed_endpoint *e, const char *kind)
{
	return strcmp(e->kind, kind) == 0;
}

/* ---- the thread ----------------------------------------------------------------------------------- */

static bool take_inbox(struct llm *l)
{
	struct meed_request *r, *next;
	bool stop, cancel;

	(void)pthread_mutex_lock(&l->lock);
	r = l->inbox_first;
	l->inbox_first = l->inbox_last = NULL;
	cancel = l->cancel;
	l->cancel = false;
	stop = l->stop;
	(void)pthread_mutex_unlock(&l->lock);
	for (; r; r = next) {
		next = r->transport_data;
		call_submit(l, r);
	}
	if (cancel)
		call_cancel_all(l);
	return !stop || l->all;
}

static bool waiting(struct llm *l)
{
	bool any;

	(void)pthread_mutex_lock(&l->lock);
	any = l->inbox_first != NULL;
	(void)pthread_mutex_unlock(&l->lock);
	return any;
}

static void *llm_main(void *arg)
{
	struct llm *l = arg;

	while (take_inbox(l)) {
		uint64_t until;

		call_timers(l);
		call_pump_all(l);
		until = call_next_ns(l);
		if (!l->all)
			cache_flush(l->cache);
		http_turn(l, waiting(l) ? 0 : until);
	}
	cache_flush(l->cache);
	return NULL;
}

static void wake(struct llm *l)
{
	uint64_t one = 1;

	(void)!write(l->wake_fd, &one, sizeof(one));
}

static void llm_submit(struct meed_transport *t, struct meed_request *r)
{
	struct llm *l = t->impl;
	struct target *to = call_target(l, r->endpoint);
	bool ok;

	if (to && to->scripted) {
		l->scripts->submit(l->scripts, r);
		return;
	}
	r->transport_data = NULL;
	(void)pthread_mutex_lock(&l->lock);
	ok = l->started || (l->started = pthread_create(&l->thread, NULL, llm_main, l) == 0);
	if (ok) {
		bool was_empty = !l->inbox_last;

		if (l->inbox_last)
			l->inbox_last->transport_data = r;
		else
			l->inbox_first = r;
		l->inbox_last = r;
		/* The I/O thread itself looks before it sleeps. */
		if (was_empty && !pthread_equal(pthread_self(), l->thread))
			wake(l);
	}
	(void)pthread_mutex_unlock(&l->lock);
	if (!ok) {
		r->reply.status = MEED_E_NOMEM;
		r->reply.error = MEED_STR("out of memory or threads");
		r->done(r);
	}
}

static void llm_cancel_all(struct meed_transport *t)
{
	struct llm *l = t->impl;

	if (l->scripts)
		l->scripts->cancel_all(l->scripts);
	(void)pthread_mutex_lock(&l->lock);
	l->cancel = true;
	if (l->started)
		wake(l);
	(void)pthread_mutex_unlock(&l->lock);
}

/* ---- life ------------------------------------------------------------------------------------------- */

static void llm_free(struct meed_transport *t)
{
	struct llm *l = t->impl;
	struct meed_err err = { 0 };

	llm_cancel_all(t);
	(void)pthread_mutex_lock(&l->lock);
	l->stop = true;
	if (l->started)
		wake(l);
	(void)pthread_mutex_unlock(&l->lock);
	if (l->started)
		(void)pthread_join(l->thread, NULL);
	conn_release(l);
	for (size_t i = 0; i < l->n_members; i++)
		member_release(&l->members[i]);
	http_release(l);
	cache_close(l->cache);
	if (record_close(l->record, &err) < 0)
		meed_log(l->log, MEED_LOG_ERROR, "%s", err.text);
	for (size_t i = 0; i < l->n_targets; i++) {
		free(l->targets[i].members);
		free(l->targets[i].weights);
		free(l->targets[i].priorities);
	}
	if (l->scripts)
		l->scripts->free(l->scripts);
	free(l->targets);
	free(l->members);
	free(l->heap);
	free(l->table);
	(void)pthread_mutex_destroy(&l->lock);
	(void)pthread_mutex_destroy(&l->stats_lock);
	free(l);
}

static struct member *find_member(struct llm *l, const char *name)
{
	for (size_t i = 0; i < l->n_members; i++)
		if (strcmp(l->members[i].ep->name, name) == 0)
			return &l->members[i];
	return NULL;
}

static bool target_room(struct target *t, size_t n)
{
	t->members = calloc(n, sizeof(struct member *));
	t->weights = calloc(n, sizeof(*t->weights));
	t->priorities = calloc(n, sizeof(*t->priorities));
	t->wake_ns = NEVER;
	return t->members && t->weights && t->priorities;
}

static int32_t make_group(struct llm *l, struct target *t, const struct meed_endpoint *e,
			  struct meed_err *err)
{
	if (e->n_members == 0 || e->n_members > MEMBERS_MAX)
		return meed_err_set(err, MEED_E_PARAM, "%s: group \"%s\" must have 1 to %d members",
				    e->where, e->name, MEMBERS_MAX);
	if (!target_room(t, e->n_members))
		return meed_err_nomem(err);
	for (size_t i = 0; i < e->n_members; i++) {
		t->members[i] = find_member(l, e->members[i].use);
		if (!t->members[i])
			return meed_err_set(err, MEED_E_PARAM,
					    "%s: group \"%s\" uses \"%s\", which is no endpoint of "
					    "kind openai or http",
					    e->where, e->name, e->members[i].use);
		t->weights[i] = e->members[i].weight ? e->members[i].weight : 1;
		t->priorities[i] = e->members[i].priority;
		t->n_members++;
	}
	return MEED_OK;
}

static int32_t make_target(struct llm *l, const struct meed_endpoint *e, struct meed_err *err)
{
	struct target *t = &l->targets[l->n_targets++];

	t->name = e->name;
	t->scripted = is_kind(e, "script");
	if (t->scripted)
		return MEED_OK;
	if (is_kind(e, "group"))
		return make_group(l, t, e, err);
	if (!target_room(t, 1))
		return meed_err_nomem(err);
	t->members[0] = find_member(l, e->name);
	t->weights[0] = 1;
	t->n_members = 1;
	return MEED_OK;
}

static int32_t make_scripts(struct llm *l, const struct meed_llm_conf *conf, struct meed_err *err)
{
	struct meed_endpoint *v = calloc(conf->n_endpoints ? conf->n_endpoints : 1, sizeof(*v));
	size_t n = 0;
	int32_t r = MEED_OK;

	if (!v)
		return meed_err_nomem(err);
	for (size_t i = 0; i < conf->n_endpoints; i++)
		if (is_kind(&conf->endpoints[i], "script"))
			v[n++] = conf->endpoints[i];
	if (n)
		r = meed_transport_new(v, n, err, &l->scripts);
	free(v);
	return r;
}

static void take_prices(struct llm *l, struct target *t, const struct meed_endpoint *e)
{
	double most = e->price_in > e->price_out ? e->price_in : e->price_out;

	t->priced |= most > 0.0;
	l->stats.priced |= most > 0.0;
	l->dearest = most > l->dearest ? most : l->dearest;
}

static int32_t make_names(struct llm *l, const struct meed_llm_conf *conf, struct meed_err *err)
{
	size_t n = conf->n_endpoints;
	int32_t r = make_scripts(l, conf, err);

	l->members = calloc(n ? n : 1, sizeof(*l->members));
	l->targets = calloc(n ? n : 1, sizeof(*l->targets));
	if (r == 0 && (!l->members || !l->targets))
		r = meed_err_nomem(err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct meed_endpoint *e = &conf->endpoints[i];

		if (is_kind(e, "openai") || is_kind(e, "http"))
			r = member_init(&l->members[l->n_members++], e, err);
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct target *t = &l->targets[l->n_targets];

		r = make_target(l, &conf->endpoints[i], err);
		for (size_t k = 0; k < t->n_members; k++)
			take_prices(l, t, t->members[k]->ep);
	}
	if (r == 0 && l->n_targets == 1)
		l->only = &l->targets[0];
	return r;
}

/* Every connection is a file: as many as the system lets this process have. */
static void raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

int32_t meed_llm_new(const struct meed_llm_conf *conf, const struct meed_log *log,
		     struct meed_err *err, struct meed_transport **ret)
{
	struct llm *l = calloc(1, sizeof(*l));
	int32_t r;

	if (!l)
		return meed_err_nomem(err);
	l->face = (struct meed_transport){ .impl = l,
					   .submit = llm_submit,
					   .cancel_all = llm_cancel_all,
					   .free = llm_free };
	l->conf = *conf;
	l->log = log;
	l->rng = meed_now_ns() | 1;
	l->wake_fd = l->epoll_fd = -1;
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_mutex_init(&l->stats_lock, NULL);
	r = make_names(l, conf, err);
	if (r == 0)
		r = http_init(l, err);
	if (r == 0 && l->n_members)
		raise_files();
	if (r == 0 && conf->cache)
		r = cache_open(conf->cache, conf->cache_ttl_s, err, &l->cache);
	if (r == 0 && (conf->record || conf->replay))
		r = record_open(conf->record, conf->record_more, conf->replay, err, &l->record);
	if (r < 0) {
		llm_free(&l->face);
		return r;
	}
	*ret = &l->face;
	return MEED_OK;
}

bool llm_is(const struct meed_transport *t)
{
	return t && t->submit == llm_submit;
}
