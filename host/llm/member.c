/* member.c - the state of an endpoint: what its limits admit, and whether it is worth asking. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/llm/net.h"

#define SECOND ((uint64_t)1000000000)
/* A minute and what clocks and networks may differ by. */
#define MINUTE (60 * SECOND + SECOND / 4)
#define TRIPS_GIVE_UP 4
#define COOLING_MAX_MS 60000u
#define FIRST_TOKENS 1000.0	/* what a call is thought to take while few have told */

/* ---- limits --------------------------------------------------------------------------------- */

static void bucket_fill(struct bucket *b, uint64_t now)
{
	if (b->cap <= 0.0)
		return;
	b->left += (double)(now - b->at_ns) * b->per_ns;
	if (b->left > b->cap)
		b->left = b->cap;
	b->at_ns = now;
}

static uint64_t bucket_when(const struct bucket *b, double want, uint64_t now)
{
	if (b->cap <= 0.0)
		return now;
	want = want > b->cap ? b->cap : want;
	return b->left >= want ? now : now + 1 + (uint64_t)((want - b->left) / b->per_ns);
}

static uint64_t minute_when(const struct minute *m, uint64_t now)
{
	uint64_t oldest = m->at ? m->at[m->next] : 0;

	return oldest && oldest + MINUTE > now ? oldest + MINUTE : now;
}

static void minute_take(struct minute *m, uint64_t now)
{
	if (!m->at)
		return;
	m->at[m->next] = now;
	m->next = (m->next + 1) % m->n;
}

/* ---- life ------------------------------------------------------------------------------------ */

static int32_t add_header(struct member *m, const char *line, struct meed_err *err)
{
	struct curl_slist *s = curl_slist_append(m->headers, line);

	if (!s)
		return meed_err_nomem(err);
	m->headers = s;
	return MEED_OK;
}

static int32_t make_headers(struct member *m, struct meed_err *err)
{
	const struct meed_endpoint *ep = m->ep;
	struct meed_buf b = { 0 };
	int32_t r = add_header(m, "Content-Type: application/json", err);

	if (r == 0)
		r = add_header(m, "Expect:", err);
	if (r == 0 && ep->key && *ep->key) {
		meed_buf_printf(&b, "Authorization: Bearer %s", ep->key);
		meed_buf_putc(&b, '\0');
		r = b.failed ? meed_err_nomem(err) : add_header(m, b.p, err);
	}
	for (char **h = ep->headers; r == 0 && h && *h; h++)
		r = add_header(m, *h, err);
	meed_buf_release(&b);
	return r;
}

int32_t member_init(struct member *m, const struct meed_endpoint *ep, struct meed_err *err)
{
	*m = (struct member){ .ep = ep, .structured = ep->structured, .tokens_per_call = FIRST_TOKENS };
	if (ep->rpm) {
		m->minute.n = ep->rpm;
		m->minute.at = calloc(ep->rpm, sizeof(*m->minute.at));
		if (!m->minute.at)
			return meed_err_nomem(err);
	}
	if (ep->tpm) {
		m->tokens.cap = (double)ep->tpm / 10.0;
		m->tokens.left = m->tokens.cap;
		m->tokens.per_ns = (double)ep->tpm * 0.85 / (double)(60 * SECOND);
		m->tokens.at_ns = meed_now_ns();
	}
	return make_headers(m, err);
}

void member_release(struct member *m)
{
	for (size_t i = 0; i < m->n_idle; i++)
		http_drop(m->idle[i]);
	free(m->idle);
	meed_buf_release(&m->route.fields);
	free(m->minute.at);
	curl_slist_free_all(m->headers);
}

/* ---- admission -------------------------------------------------------------------------------- */

bool member_given_up(const struct member *m)
{
	return m->trips >= TRIPS_GIVE_UP;
}

bool member_healthy(const struct member *m, uint64_t now)
{
	return !m->open_until_ns || (now >= m->open_until_ns && !m->probing);
}

bool member_admits(struct member *m, uint64_t now, uint64_t *ret_when)
{
	uint32_t most = m->ep->concurrency ? m->ep->concurrency : 64;
	uint64_t when = now, w;

	*ret_when = NEVER;
	if (m->open_until_ns && m->probing)
		return false;
	if (m->in_flight >= most)
		return false;
	if (m->open_until_ns > when)
		when = m->open_until_ns;
	if (m->not_before_ns > when)
		when = m->not_before_ns;
	w = minute_when(&m->minute, now);
	when = w > when ? w : when;
	bucket_fill(&m->tokens, now);
	w = bucket_when(&m->tokens, m->tokens_per_call, now);
	when = w > when ? w : when;
	if (when > now)
		*ret_when = when;
	return when <= now;
}

void member_begin(struct member *m, struct attempt *a, uint64_t now)
{
	m->in_flight++;
	minute_take(&m->minute, now);
	if (m->tokens.cap > 0.0) {
		a->charged = m->tokens_per_call;
		m->tokens.left -= a->charged;
	}
	a->start_ns = now;
	a->probe = m->open_until_ns != 0;
	m->probing |= a->probe;
}

/* ---- health -------------------------------------------------------------------------------------- */

static void trip(struct member *m, uint64_t now)
{
	uint64_t ms = m->ep->breaker_ms ? m->ep->breaker_ms : 5000;

	for (uint32_t i = 0; i < m->trips && ms < COOLING_MAX_MS; i++)
		ms *= 2;
	ms = ms > COOLING_MAX_MS && m->trips ? COOLING_MAX_MS : ms;
	m->trips++;
	m->open_until_ns = now + ms * 1000000;
}

static void failed(struct member *m, const struct attempt *a, enum verdict v, const char *error,
		   uint64_t now)
{
	uint32_t most = m->ep->breaker_failures ? m->ep->breaker_failures : 5;

	(void)snprintf(m->last_error, sizeof(m->last_error), "%s", error);
	if (v != V_RETRY || a->retry_after_ns)
		return;
	m->failures++;
	if (a->probe || (!m->open_until_ns && m->failures >= most))
		trip(m, now);
}

void member_end(struct member *m, const struct attempt *a, enum verdict v, const char *error,
		uint64_t tokens, uint64_t now)
{
	m->in_flight--;
	if (a->probe)
		m->probing = false;
	if (m->tokens.cap > 0.0)
		m->tokens.left += a->charged - (double)tokens;
	if (a->retry_after_ns > m->not_before_ns)
		m->not_before_ns = a->retry_after_ns;
	if (a->reset_ns > m->not_before_ns)
		m->not_before_ns = a->reset_ns;
	/* A connection that was dead says nothing of who was at its end. */
	if (v == V_AGAIN && (a->stale || a->rerouted))
		return;
	if (v == V_OK || v == V_FATAL || v == V_AGAIN) {
		m->failures = 0;
		m->trips = 0;
		m->open_until_ns = 0;
	}
	if (v != V_OK) {
		failed(m, a, v, error, now);
		return;
	}
	if ((double)tokens > m->tokens_per_call)
		m->tokens_per_call = (double)tokens;
	else if (tokens)
		m->tokens_per_call = 0.95 * m->tokens_per_call + 0.05 * (double)tokens;
	m->latency[m->n_latency++ % 64] = now - a->start_ns;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t member_hedge_after(const struct member *m)
{
	uint64_t v[64];
	size_t n = m->n_latency < 64 ? m->n_latency : 64;

	if (m->ep->hedge_ms == 0)
		return NEVER;
	if (m->ep->hedge_ms != UINT32_MAX)
		return (uint64_t)m->ep->hedge_ms * 1000000;
	if (n < 20)
		return NEVER;
	memcpy(v, m->latency, n * sizeof(v[0]));
	qsort(v, n, sizeof(v[0]), by_size);
	return v[(n * 95) / 100];
}
