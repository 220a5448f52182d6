/* finish.c - the end of a call: its answer or its failure reaches it and its twins. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/llm/net.h"

void call_forget(struct call *c)
{
	struct call **at;

	if (!c->hashed)
		return;
	at = &c->llm->table[c->hash & (c->llm->table_cap - 1)];
	while (*at != c)
		at = &(*at)->bucket_next;
	*at = c->bucket_next;
	c->hashed = false;
	c->llm->n_hashed--;
}

static void call_free(struct call *c)
{
	struct llm *l = c->llm;

	call_forget(c);
	(void)heap_set(l, c, NEVER);
	if (c->all_prev)
		c->all_prev->all_next = c->all_next;
	else
		l->all = c->all_next;
	if (c->all_next)
		c->all_next->all_prev = c->all_prev;
	free(c->text);
	free(c);
}

static void count_end(struct llm *l, bool ok)
{
	(void)pthread_mutex_lock(&l->stats_lock);
	l->stats.n_done++;
	l->stats.n_failed += ok ? 0 : 1;
	(void)pthread_mutex_unlock(&l->stats_lock);
}

/* known: of an answer that was known already; NULL: it was asked for. */
static void tell_cost(struct call *c, const struct usage *known)
{
	struct meed_cost *to = &c->r->cost;

	*to = c->cost;
	to->n_requests = 1;
	to->priced = c->target && c->target->priced;
	if (!known)
		return;
	to->n_cached = 1;
	to->tokens_in = known->in;
	to->tokens_out = known->out;
}

static void fail_one(struct call *c, int32_t status, uint32_t http_status, const char *why)
{
	meed_reply *rep = &c->r->reply;
	struct json_object *text = json_object_new_string(why);

	rep->status = status;
	rep->http_status = http_status;
	rep->error = MEED_STR("the request failed");
	if (text && meed_json_str(text, &rep->error))
		c->r->owned = text;
	tell_cost(c, NULL);
	count_end(c->llm, false);
	c->r->done(c->r);
	call_free(c);
}

void call_failed(struct call *c, int32_t status, uint32_t http_status, const char *why)
{
	struct call *twins = c->twins, *t;

	while ((t = twins)) {
		twins = t->twins;
		fail_one(t, status, http_status, why);
	}
	fail_one(c, status, http_status, why);
}

/* Who asked has read the answer already; others have it from a body that was known. */
static void answer_one(struct call *c, meed_str body, uint32_t http_status)
{
	struct meed_err err = { 0 };
	bool known = !c->r->owned;
	struct usage u;

	if (known && answer_read(c->r, body, &u, &err) < 0) {
		fail_one(c, err.code, http_status, err.text);
		return;
	}
	tell_cost(c, known ? &u : NULL);
	c->r->reply.status = MEED_OK;
	c->r->reply.http_status = http_status;
	count_end(c->llm, true);
	c->r->done(c->r);
	call_free(c);
}

void call_answered(struct call *c, meed_str key, meed_str body, uint32_t http_status, bool keep)
{
	struct llm *l = c->llm;
	struct call *twins = c->twins, *t;

	if (keep && l->cache)
		cache_put(l->cache, meed_hash(key.p, key.n, 0), key, body);
	if (keep && l->record)
		record_put(l->record, key, http_status, body);
	while ((t = twins)) {
		twins = t->twins;
		answer_one(t, body, http_status);
	}
	answer_one(c, body, http_status);
}
