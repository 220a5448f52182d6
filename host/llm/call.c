/* call.c - a request's way: known already, else queued, admitted, sent, tried again. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/llm/net.h"

#define MS ((uint64_t)1000000)

enum {
	FALLS_MAX = 3,			/* from one way of asking for structure to the next */
	STALE_MAX = 2,			/* dead connections in a row that are nobody's fault */
	RETRIES = 4
};

static void count(struct llm *l, uint64_t *n)
{
	(void)pthread_mutex_lock(&l->stats_lock);
	++*n;
	(void)pthread_mutex_unlock(&l->stats_lock);
}

/* ---- queues ----------------------------------------------------------------------------------- */

static void enqueue(struct call *c, bool in_front)
{
	struct target *t = c->target;

	c->waiting = true;
	c->next = in_front ? t->first : NULL;
	if (in_front)
		t->first = c;
	else if (t->last)
		t->last->next = c;
	else
		t->first = c;
	if (!t->last || !in_front)
		t->last = c;
	t->n_waiting++;
}

static void unqueue(struct call *c)
{
	struct target *t = c->target;
	struct call *before = NULL;

	if (!c->waiting)
		return;
	for (struct call *x = t->first; x != c; x = x->next)
		before = x;
	if (before)
		before->next = c->next;
	else
		t->first = c->next;
	if (t->last == c)
		t->last = before;
	c->waiting = false;
	t->n_waiting--;
}

static void set_timer(struct call *c, uint64_t at_ns)
{
	if (at_ns > c->deadline_ns)
		at_ns = c->deadline_ns;
	/* Without memory for the timer those of attempts remain. */
	(void)heap_set(c->llm, c, at_ns);
}

void call_enqueue(struct call *c)
{
	enqueue(c, false);
	set_timer(c, NEVER);
}

static void attempt_free(struct attempt *a)
{
	meed_buf_release(&a->body);
	meed_buf_release(&a->answer);
	free(a);
}

/* Gives an attempt up that nobody waits for any more. */
static void attempt_drop(struct call *c, struct attempt **at)
{
	struct attempt *a = *at;

	if (!a)
		return;
	*at = NULL;
	http_abort(a);
	conn_abort(a);
	a->m->in_flight--;
	if (a->probe)
		a->m->probing = false;
	(void)pthread_mutex_lock(&c->llm->stats_lock);
	c->llm->stats.in_flight--;
	(void)pthread_mutex_unlock(&c->llm->stats_lock);
	budget_unhold(c->llm, a);
	attempt_free(a);
}

static void give_up(struct call *c, int32_t status, uint32_t http_status, const char *why)
{
	unqueue(c);
	attempt_drop(c, &c->first);
	attempt_drop(c, &c->second);
	call_failed(c, status, http_status, why);
}

/* ---- whom to ask ------------------------------------------------------------------------------- */

static uint64_t draw(struct llm *l)
{
	l->rng ^= l->rng << 13;
	l->rng ^= l->rng >> 7;
	l->rng ^= l->rng << 17;
	return l->rng;
}

/* The members that are in the running: those not excluded, of the best priority that has any. */
static uint64_t runners(const struct call *c, uint64_t excluded, uint64_t now)
{
	const struct target *t = c->target;
	uint32_t best = UINT32_MAX;
	uint64_t set = 0;

	for (size_t i = 0; i < t->n_members; i++) {
		if (excluded >> i & 1 || !member_healthy(t->members[i], now))
			continue;
		if (t->priorities[i] < best) {
			best = t->priorities[i];
			set = 0;
		}
		if (t->priorities[i] == best)
			set |= (uint64_t)1 << i;
	}
	return set;
}

/* One of the set that admits now, by weight; -1, and when one may. */
static int pick(const struct call *c, uint64_t set, uint64_t now, uint64_t *ret_when)
{
	const struct target *t = c->target;
	uint64_t total = 0, at, when;
	uint64_t open = 0;

	*ret_when = NEVER;
	for (size_t i = 0; i < t->n_members; i++) {
		if (!(set >> i & 1))
			continue;
		if (member_admits(t->members[i], now, &when)) {
			open |= (uint64_t)1 << i;
			total += t->weights[i];
		} else if (when < *ret_when) {
			*ret_when = when;
		}
	}
	if (!open)
		return -1;
	at = draw(c->llm) % total;
	for (size_t i = 0;; i++) {
		if (!(open >> i & 1))
			continue;
		if (at < t->weights[i])
			return (int)i;
		at -= t->weights[i];
	}
}

/* When the first of the cooling members may be asked again; NEVER if none may. */
static uint64_t cooled(const struct call *c, const struct member **ret_worst)
{
	const struct target *t = c->target;
	uint64_t when = NEVER;

	for (size_t i = 0; i < t->n_members; i++) {
		const struct member *m = t->members[i];

		if (c->refused >> i & 1)
			continue;
		*ret_worst = m;
		if (!member_given_up(m) && m->open_until_ns < when)
			when = m->open_until_ns;
	}
	return when;
}

/* ---- attempts ------------------------------------------------------------------------------------ */

static void attempt_begin(struct call *c, uint32_t index, bool hedging)
{
	struct llm *l = c->llm;
	struct member *m = c->target->members[index];
	struct attempt *a = calloc(1, sizeof(*a));
	const char *method, *path = body_path(c->r, &method);
	int32_t r;

	if (!a) {
		give_up(c, MEED_E_NOMEM, 0, "out of memory");
		return;
	}
	a->call = c;
	a->m = m;
	a->index = index;
	a->structured = m->structured;
	a->stream = c->r->kind == MEED_REQ_CHAT && m->ep->stream;
	body_make(c->r, m, a->structured, a->stream, &a->body);
	r = a->body.failed		? MEED_E_NOMEM
	    : route_direct(m, path)	? conn_start(l, a, method, path)
					: http_start(l, a, method, path);
	if (r < 0) {
		attempt_free(a);
		give_up(c, MEED_E_NOMEM, 0, "out of memory");
		return;
	}
	member_begin(m, a, l->now_ns);
	budget_hold(l, a);
	*(hedging ? &c->second : &c->first) = a;
	(void)pthread_mutex_lock(&l->stats_lock);
	l->stats.n_attempts++;
	l->stats.in_flight++;
	l->stats.n_hedges += hedging ? 1 : 0;
	(void)pthread_mutex_unlock(&l->stats_lock);
	if (hedging)
		set_timer(c, NEVER);
	else if (member_hedge_after(m) != NEVER)
		set_timer(c, l->now_ns + member_hedge_after(m));
	else
		set_timer(c, NEVER);
}

/* Starts the call if it may be; else says when to look again. True if it left the queue. */
static bool start(struct call *c, uint64_t *ret_when)
{
	struct llm *l = c->llm;
	const struct member *worst = NULL;
	uint64_t set;
	char why[600];
	int i;

	switch (budget_state(l)) {
	case BUDGET_SPENT:
		count(l, &l->stats.n_over_budget);
		give_up(c, MEED_E_LIMIT, 0,
			"the budget for requests is spent (llm.budget_tokens, "
			"llm.budget_money)");
		return true;
	case BUDGET_MAYBE:
		return false;
	case BUDGET_WITHIN:
		break;
	}
	set = runners(c, c->tried | c->refused, l->now_ns);
	if (!set) {
		c->tried = 0;
		set = runners(c, c->refused, l->now_ns);
	}
	if (set) {
		i = pick(c, set, l->now_ns, ret_when);
		if (i < 0)
			return false;
		unqueue(c);
		attempt_begin(c, (uint32_t)i, false);
		return true;
	}
	*ret_when = cooled(c, &worst);
	if (*ret_when != NEVER || !worst)
		return false;
	(void)snprintf(why, sizeof(why), "endpoint \"%s\" is given up after many failures; the last: %s",
		       worst->ep->name, worst->last_error);
	give_up(c, MEED_E_UPSTREAM, 0, why);
	return true;
}

static void pump(struct target *t)
{
	struct call *c, *next;

	t->wake_ns = NEVER;
	for (c = t->first; c; c = next) {
		uint64_t when = NEVER;

		next = c->next;
		if (start(c, &when))
			continue;
		if (when < t->wake_ns)
			t->wake_ns = when;
		/* What holds a fresh call up holds up the ones behind it. */
		if (!c->tried && !c->refused)
			break;
	}
}

void call_pump_all(struct llm *l)
{
	l->now_ns = meed_now_ns();
	for (size_t i = 0; i < l->n_targets; i++)
		if (l->targets[i].first)
			pump(&l->targets[i]);
}

uint64_t call_next_ns(const struct llm *l)
{
	uint64_t at = l->n_heap ? l->heap[0]->timer_ns : NEVER;

	for (size_t i = 0; i < l->n_targets; i++)
		if (l->targets[i].first && l->targets[i].wake_ns < at)
			at = l->targets[i].wake_ns;
	return at;
}

/* ---- what came back --------------------------------------------------------------------------------- */

static bool mentions(const struct attempt *a, const char *what)
{
	return a->answer.n && memmem(a->answer.p, a->answer.n, what, strlen(what)) != NULL;
}

/* What of the configuration is likely to blame. */
static const char *status_note(const struct call *c, const struct attempt *a, long status)
{
	const struct meed_endpoint *ep = a->m->ep;

	if ((status == 401 || status == 403) && !(ep->key && *ep->key) &&
	    !(ep->headers && ep->headers[0]))
		return " (it has no key)";
	if ((status == 404 || status == 405) && c->r->kind == MEED_REQ_CHAT)
		return " to its url and /chat/completions";
	if ((status == 404 || status == 405) && c->r->kind == MEED_REQ_EMBED)
		return " to its url and /embeddings";
	return "";
}

/* May it be that the form of the request is refused? llama-cpp-python calls that its own failure;
 * others that fail may quote the request, though not where the error begins. */
static bool refuses_form(long status, const char *text)
{
	return status == 400 || status == 422 ||
	       (status == 500 && strstr(text, "response_format") != NULL);
}

static enum verdict judge_status(struct call *c, struct attempt *a, long status)
{
	meed_str body = { a->answer.n ? a->answer.p : "", a->answer.n };
	char text[300];

	answer_error(body, text, sizeof(text));
	(void)snprintf(c->error, sizeof(c->error), "endpoint \"%s\" answered %ld%s%s%s",
		       a->m->ep->name, status, status_note(c, a, status), *text ? ": " : "", text);
	c->status = MEED_E_UPSTREAM;
	if (refuses_form(status, text) && c->r->kind == MEED_REQ_CHAT &&
	    c->structured_falls < FALLS_MAX) {
		c->structured_falls++;
		if (a->stream && mentions(a, "stream_options")) {
			a->m->no_stream_usage = true;
			return V_AGAIN;
		}
		if (c->r->chat.json_schema && a->structured != MEED_STRUCTURED_NONE &&
		    (mentions(a, "response_format") || mentions(a, "json_schema") ||
		     mentions(a, "json_object") || mentions(a, "guided"))) {
			if (a->m->structured <= a->structured)
				a->m->structured = a->structured == MEED_STRUCTURED_SCHEMA
							   ? MEED_STRUCTURED_OBJECT
							   : MEED_STRUCTURED_NONE;
			return V_AGAIN;
		}
	}
	if (status == 429 && mentions(a, "insufficient_quota"))
		return V_FATAL;
	return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500 ||
			       status < 300
		       ? V_RETRY
		       : V_FATAL;
}

static enum verdict judge_transfer(struct call *c, struct attempt *a, CURLcode code)
{
	const char *name = a->m->ep->name;
	uint64_t most = a->m->ep->max_answer ? a->m->ep->max_answer : (uint64_t)16 << 20;

	c->status = code == CURLE_OPERATION_TIMEDOUT ? MEED_E_TIMEOUT : MEED_E_UPSTREAM;
	if (a->too_long) {
		(void)snprintf(c->error, sizeof(c->error),
			       "endpoint \"%s\" sent an answer of more than %llu bytes "
			       "(max_answer)",
			       name, (unsigned long long)most);
		return V_FATAL;
	}
	if (a->rerouted)
		return V_AGAIN;
	if (a->stale) {
		(void)snprintf(c->error, sizeof(c->error), "endpoint \"%s\" closes its connections",
			       name);
		return c->n_stale++ < STALE_MAX ? V_AGAIN : V_RETRY;
	}
	(void)snprintf(c->error, sizeof(c->error), "endpoint \"%s\": %s%s", name,
		       *a->error ? a->error : curl_easy_strerror(code),
		       strstr(a->error, "wrong version number") ? ": does it speak TLS? Else its url "
								  "begins with http://"
								: "");
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return V_FATAL;
	default:
		return V_RETRY;
	}
}

/* Reads a good status's body into the reply. */
static enum verdict judge_answer(struct call *c, struct attempt *a, struct usage *u)
{
	meed_str body = { a->answer.n ? a->answer.p : "", a->answer.n };
	struct meed_buf whole = { 0 };
	struct meed_err err = { 0 };
	int32_t r = 0;

	if (a->event_stream && c->r->kind == MEED_REQ_CHAT) {
		r = answer_unstream(body, &whole, &err);
		meed_buf_release(&a->answer);
		a->answer = whole;
		body = (meed_str){ whole.n ? whole.p : "", whole.n };
	}
	if (r == 0)
		r = answer_read(c->r, body, u, &err);
	if (r == 0)
		return V_OK;
	(void)snprintf(c->error, sizeof(c->error), "endpoint \"%s\": %.400s", a->m->ep->name, err.text);
	c->status = r == MEED_E_NOMEM ? r : MEED_E_UPSTREAM;
	return r == MEED_E_NOMEM ? V_FATAL : V_RETRY;
}

static uint64_t back_off(struct call *c, const struct member *m)
{
	uint64_t base = m->ep->backoff_ms ? m->ep->backoff_ms : 500;
	uint64_t most = m->ep->backoff_max_ms ? m->ep->backoff_max_ms : 30000;

	for (uint32_t i = 1; i < c->n_failed && base < most; i++)
		base *= 2;
	base = base > most ? most : base;
	return base * MS / 2 + draw(c->llm) % (base * MS / 2 + 1);
}

/* Another attempt, now or later; or the end. */
static void try_again(struct call *c, const struct attempt *a, enum verdict v, long http_status)
{
	struct llm *l = c->llm;
	const struct meed_endpoint *ep = a->m->ep;
	uint64_t all = c->target->n_members == 64 ? UINT64_MAX
						  : ((uint64_t)1 << c->target->n_members) - 1;
	uint32_t most = ep->has_retries ? ep->retries : RETRIES;

	if (c->first || c->second)
		return;			/* the other one may still make it */
	if (v == V_FATAL)
		c->refused |= (uint64_t)1 << a->index;
	if (v == V_RETRY) {
		c->tried |= (uint64_t)1 << a->index;
		c->n_failed++;
	}
	c->asked |= c->tried | c->refused;
	/* Whoever is well and was not asked yet is, however few retries the last one has. */
	if (c->refused == all || (c->n_failed > most && !runners(c, c->asked, l->now_ns))) {
		if (c->n_failed > most && most) {
			size_t n = strlen(c->error);

			(void)snprintf(c->error + n, sizeof(c->error) - n, " (after %u attempts)",
				       c->n_failed);
		}
		give_up(c, c->status, (uint32_t)http_status, c->error);
		return;
	}
	count(l, &l->stats.n_retries);
	if (v != V_RETRY || (c->tried | c->refused) != all) {
		enqueue(c, true);
		set_timer(c, NEVER);
		return;
	}
	c->not_before_ns = l->now_ns + back_off(c, a->m);
	set_timer(c, c->not_before_ns);
}

void call_attempt_done(struct llm *l, struct attempt *a, CURLcode code, long http_status)
{
	struct call *c = a->call;
	struct usage u = { 0, 0 };
	struct meed_buf key = { 0 };
	enum verdict v;

	if (c->first == a)
		c->first = NULL;
	else
		c->second = NULL;
	if (code != CURLE_OK)
		v = judge_transfer(c, a, code);
	else if (http_status >= 200 && http_status < 300)
		v = judge_answer(c, a, &u);
	else
		v = judge_status(c, a, http_status);
	budget_charge(c, a->m, &u);
	budget_unhold(l, a);
	member_end(a->m, a, v, c->error, u.in + u.out, l->now_ns);
	if (v != V_OK) {
		try_again(c, a, v, http_status);
		attempt_free(a);
		return;
	}
	attempt_drop(c, &c->first);
	attempt_drop(c, &c->second);
	if (l->cache || l->record)
		body_key(c->r, a->m, &key);
	call_answered(c, (meed_str){ key.n ? key.p : "", key.n },
		      (meed_str){ a->answer.n ? a->answer.p : "", a->answer.n },
		      (uint32_t)http_status, !key.failed);
	meed_buf_release(&key);
	attempt_free(a);
}

/* ---- timers ------------------------------------------------------------------------------------------- */

static void hedge(struct call *c)
{
	struct target *t = c->target;
	uint64_t same = t->n_members > 1 ? (uint64_t)1 << c->first->index : 0, when;
	uint64_t set = runners(c, c->tried | c->refused | same, c->llm->now_ns);
	int i = set ? pick(c, set, c->llm->now_ns, &when) : -1;

	set_timer(c, NEVER);
	if (i >= 0 && budget_state(c->llm) == BUDGET_WITHIN)
		attempt_begin(c, (uint32_t)i, true);
}

static void timer(struct call *c)
{
	uint64_t now = c->llm->now_ns;

	if (now >= c->deadline_ns) {
		char why[600];

		(void)snprintf(why, sizeof(why), "no answer in time%s%s", *c->error ? "; the last: " : "",
			       c->error);
		give_up(c, MEED_E_TIMEOUT, 0, why);
	} else if (c->first && !c->second) {
		hedge(c);
	} else if (!c->first && !c->second && !c->waiting && now >= c->not_before_ns) {
		set_timer(c, NEVER);
		enqueue(c, true);
	} else {
		set_timer(c, NEVER);
	}
}

void call_timers(struct llm *l)
{
	l->now_ns = meed_now_ns();
	while (l->n_heap && l->heap[0]->timer_ns <= l->now_ns)
		timer(l->heap[0]);
}

void call_cancel_all(struct llm *l)
{
	struct call *c = l->all, *next;

	for (; c; c = next) {
		next = c->all_next;
		while (next && next->twin_of)
			next = next->all_next;
		if (!c->twin_of)
			give_up(c, MEED_E_CANCELLED, 0, "the run was stopped");
	}
}
