/* submit.c - a call's beginning: whom it names, and whether its answer is known already. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/llm/net.h"

struct target *call_target(struct llm *l, meed_str name)
{
	if (!name.n)
		name = l->only ? meed_str_of(l->only->name) : MEED_STR("default");
	for (size_t i = 0; i < l->n_targets; i++)
		if (meed_str_eq(name, meed_str_of(l->targets[i].name)))
			return &l->targets[i];
	return NULL;
}

static const char *no_target(const struct llm *l, meed_str name, char *buf, size_t n)
{
	if (!l->n_targets)
		return "no endpoint is configured; add one to `endpoints`";
	if (!name.n)
		return "several endpoints are configured; give the instance one with endpoint = \"NAME\"";
	(void)snprintf(buf, n, "no endpoint \"%.*s\" is configured", (int)(name.n < 100 ? name.n : 100),
		       name.p);
	return buf;
}

static uint32_t timeout_of(const struct meed_request *r)
{
	return r->kind == MEED_REQ_HTTP ? r->http.timeout_ms : r->chat.timeout_ms;
}

/* An endpoint of kind http has no chat; a HEAD has no answer to keep. */
static const char *unfit(const struct meed_request *r, const struct target *t)
{
	for (size_t i = 0; r->kind != MEED_REQ_HTTP && i < t->n_members; i++)
		if (strcmp(t->members[i]->ep->kind, "http") == 0)
			return "an endpoint of kind \"http\" answers no chat and no embeddings; use "
			       "kind = \"openai\"";
	return NULL;
}

static bool keepable(const struct meed_request *r)
{
	return r->kind != MEED_REQ_HTTP || strcmp(r->http.method, "POST") == 0;
}

/* ---- what is known already ------------------------------------------------------------------------ */

static bool known(struct call *c)
{
	struct llm *l = c->llm;
	struct meed_buf body = { 0 }, key = { 0 };
	uint32_t status = 200;
	bool hit = false;

	if (!l->cache && !(l->record && record_replays(l->record)))
		return false;
	for (size_t i = 0; !hit && i < c->target->n_members; i++) {
		meed_str k;

		key.n = 0;
		body_key(c->r, c->target->members[i], &key);
		if (key.failed)
			break;
		k = (meed_str){ key.p, key.n };
		body.n = 0;
		if (l->record && record_replays(l->record))
			hit = record_get(l->record, k, &body, &status) == MEED_OK;
		else if (l->cache)
			hit = cache_get(l->cache, meed_hash(k.p, k.n, 0), k, &body) == MEED_OK;
	}
	if (hit) {
		(void)pthread_mutex_lock(&l->stats_lock);
		if (l->record && record_replays(l->record))
			l->stats.n_replayed++;
		else
			l->stats.n_cached++;
		(void)pthread_mutex_unlock(&l->stats_lock);
		/* A hit is recorded as well: a recording is whole. */
		if (l->record && !record_replays(l->record))
			record_put(l->record, (meed_str){ key.p, key.n }, status,
				   (meed_str){ body.p, body.n });
		call_answered(c, (meed_str){ key.p, key.n },
			      (meed_str){ body.n ? body.p : "", body.n }, status, false);
	}
	meed_buf_release(&body);
	meed_buf_release(&key);
	return hit;
}

/* ---- equal requests in flight --------------------------------------------------------------------- */

static void table_grow(struct llm *l)
{
	size_t cap = l->table_cap ? 2 * l->table_cap : 1024;
	struct call **v = calloc(cap, sizeof(struct call *));

	if (!v)
		return;
	for (size_t i = 0; i < l->table_cap; i++) {
		struct call *c = l->table[i], *next;

		for (; c; c = next) {
			next = c->bucket_next;
			c->bucket_next = v[c->hash & (cap - 1)];
			v[c->hash & (cap - 1)] = c;
		}
	}
	free(l->table);
	l->table = v;
	l->table_cap = cap;
}

/* True if an equal call is on its way, whose answer c will have too. */
static bool merged(struct call *c)
{
	struct llm *l = c->llm;
	struct meed_buf key = { 0 };
	struct call *x;

	meed_buf_puts(&key, c->target->name);
	meed_buf_putc(&key, '\n');
	body_key(c->r, c->target->members[0], &key);
	if (key.failed) {
		meed_buf_release(&key);
		return false;
	}
	c->text = key.p;
	c->text_n = key.n;
	c->hash = meed_hash(key.p, key.n, 1);
	if (l->n_hashed >= l->table_cap)
		table_grow(l);
	if (!l->table_cap)
		return false;
	for (x = l->table[c->hash & (l->table_cap - 1)]; x; x = x->bucket_next)
		if (x->hash == c->hash && x->text_n == c->text_n &&
		    memcmp(x->text, c->text, c->text_n) == 0)
			break;
	if (x) {
		c->twin_of = x;
		c->twins = x->twins;
		x->twins = c;
		(void)pthread_mutex_lock(&l->stats_lock);
		l->stats.n_merged++;
		(void)pthread_mutex_unlock(&l->stats_lock);
		return true;
	}
	c->bucket_next = l->table[c->hash & (l->table_cap - 1)];
	l->table[c->hash & (l->table_cap - 1)] = c;
	c->hashed = true;
	l->n_hashed++;
	return false;
}

/* ---- the beginning ------------------------------------------------------------------------------------ */

static void at_once(struct meed_request *r, int32_t status, const char *why)
{
	r->reply.status = status;
	r->reply.error = meed_str_of(why);
	r->done(r);
}

void call_submit(struct llm *l, struct meed_request *r)
{
	struct target *t = call_target(l, r->endpoint);
	struct call *c;
	uint32_t ms = timeout_of(r);
	char buf[200];

	(void)pthread_mutex_lock(&l->stats_lock);
	l->stats.n_requests++;
	(void)pthread_mutex_unlock(&l->stats_lock);
	c = calloc(1, sizeof(*c));
	if (!c) {
		at_once(r, MEED_E_NOMEM, "out of memory");
		return;
	}
	c->llm = l;
	c->r = r;
	c->target = t;
	c->deadline_ns = ms ? meed_now_ns() + (uint64_t)ms * 1000000 : NEVER;
	c->timer_ns = NEVER;
	c->all_next = l->all;
	if (l->all)
		l->all->all_prev = c;
	l->all = c;
	if (!t || unfit(r, t)) {
		call_failed(c, MEED_E_UPSTREAM, 0,
			    t ? unfit(r, t) : no_target(l, r->endpoint, buf, sizeof(buf)));
		return;
	}
	if (keepable(r) && known(c))
		return;
	if (l->record && record_replays(l->record)) {
		call_failed(c, MEED_E_UPSTREAM, 0, "the recording has no such request");
		return;
	}
	if (keepable(r) && merged(c))
		return;
	call_enqueue(c);
}
