/* progress.c - how a run tells how far it is, on standard error. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "host/engine/run.h"

enum { LIVE_NS = 500000000 };
#define PLAIN_NS UINT64_C(10000000000)
#define JSON_NS UINT64_C(1000000000)

void progress_begin(struct progress *p, int mode, const struct meed_transport *t)
{
	memset(p, 0, sizeof(*p));
	p->transport = t;
	meed_llm_stats(t, &p->before);
	p->mode = mode;
	p->live = isatty(STDERR_FILENO) == 1;
	p->t0 = p->last = meed_now_ns();
}

static void put(const char *s, int n)
{
	if (n > 0 && write(STDERR_FILENO, s, (size_t)n) < 0)
		return;
}

static void spent(const struct progress *p, struct meed_llm_stats *ret)
{
	meed_llm_stats(p->transport, ret);
	meed_llm_stats_since(ret, &p->before);
}

static void tick_json(const struct progress *p, const struct meed_run_stats *st, uint64_t done,
		      uint64_t total, double secs, double eta, bool last)
{
	struct meed_llm_stats llm;
	struct meed_buf more = { 0 };
	char line[1024];
	int n = snprintf(line, sizeof(line),
			 "{\"samples\":%llu,\"bad_lines\":%llu,\"failed_outputs\":%llu,"
			 "\"bytes\":%llu,\"total_bytes\":%llu,\"seconds\":%.3f,"
			 "\"samples_per_second\":%.1f,\"eta_seconds\":%.0f,\"done\":%s",
			 (unsigned long long)st->n_samples, (unsigned long long)st->n_bad_lines,
			 (unsigned long long)st->n_failed, (unsigned long long)done,
			 (unsigned long long)total, secs,
			 secs > 0 ? (double)st->n_samples / secs : 0.0, eta,
			 last ? "true" : "false");

	spent(p, &llm);
	meed_buf_put(&more, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
	if (llm.n_requests) {
		MEED_BUF_LIT(&more, ",\"llm\":");
		meed_llm_stats_json(&llm, &more);
	}
	MEED_BUF_LIT(&more, "}\n");
	if (!more.failed)
		put(more.p, (int)more.n);
	meed_buf_release(&more);
}

static void tick_text(struct progress *p, const struct meed_run_stats *st, uint64_t done,
		      uint64_t total, double secs, double eta)
{
	char share[64] = "", cost[128] = "", line[400];
	unsigned left = (unsigned)eta;
	struct meed_llm_stats llm;
	int n;

	if (total)
		(void)snprintf(share, sizeof(share), "  %3.0f %%  ETA %u:%02u:%02u",
			       100 * (double)done / (double)total, left / 3600, left / 60 % 60,
			       left % 60);
	spent(p, &llm);
	if (llm.n_requests) {
		n = snprintf(cost, sizeof(cost), "  tokens %llu",
			     (unsigned long long)(llm.tokens_in + llm.tokens_out));
		if (llm.priced)
			(void)snprintf(cost + n, sizeof(cost) - (size_t)n, "  cost %.4f", llm.money);
	}
	n = snprintf(line, sizeof(line), "%s%llu samples  %.0f/s%s  errors %llu%s%s",
		     p->live ? "\r" : "", (unsigned long long)st->n_samples,
		     secs > 0 ? (double)st->n_samples / secs : 0.0, share,
		     (unsigned long long)(st->n_bad_lines + st->n_failed), cost,
		     p->live ? "\033[K" : "\n");
	put(line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
	p->shown = true;
}

void progress_tick(struct progress *p, const struct meed_run_stats *st, uint64_t done,
		   uint64_t total, bool last)
{
	uint64_t now, every;
	double secs, eta;

	if (p->mode == MEED_PROGRESS_NONE)
		return;
	now = meed_now_ns();
	every = p->mode == MEED_PROGRESS_JSON ? JSON_NS : p->live ? LIVE_NS : PLAIN_NS;
	if (!last && now - p->last < every)
		return;
	p->last = now;
	secs = (double)(now - p->t0) / 1e9;
	eta = done && total > done ? secs * (double)(total - done) / (double)done : 0;
	eta = eta < 3.6e6 ? eta : 3.6e6;
	if (p->mode == MEED_PROGRESS_JSON)
		tick_json(p, st, done, total, secs, eta, last);
	else if (!last)
		tick_text(p, st, done, total, secs, eta);
	else if (p->shown && p->live)
		put("\r\033[K", 4);
}
