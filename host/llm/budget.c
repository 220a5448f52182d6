/* budget.c - what requests cost, and whether the budget has room for another. */
#include "config.h"

#include "host/llm/net.h"

#define FIRST_TOKENS 1000.0 /* what a request is thought to take while none has told */

static struct hold likely(const struct llm *l)
{
	struct hold h = l->mean;

	if (h.tokens <= 0.0)
		h = (struct hold){ FIRST_TOKENS, FIRST_TOKENS * l->dearest / 1e6 };
	return h;
}

enum budget budget_state(const struct llm *l)
{
	const struct meed_llm_conf *k = &l->conf;
	double tokens = (double)(l->stats.tokens_in + l->stats.tokens_out), money = l->stats.money;
	struct hold h = likely(l);

	if ((k->budget_tokens && tokens >= (double)k->budget_tokens) ||
	    (k->budget_money > 0.0 && money >= k->budget_money))
		return BUDGET_SPENT;
	if (l->stats.in_flight == 0)
		return BUDGET_WITHIN;
	if ((k->budget_tokens && tokens + l->held.tokens + h.tokens > (double)k->budget_tokens) ||
	    (k->budget_money > 0.0 && money + l->held.money + h.money > k->budget_money))
		return BUDGET_MAYBE;
	return BUDGET_WITHIN;
}

void budget_hold(struct llm *l, struct attempt *a)
{
	a->held = likely(l);
	l->held.tokens += a->held.tokens;
	l->held.money += a->held.money;
}

void budget_unhold(struct llm *l, const struct attempt *a)
{
	bool last = l->stats.in_flight == 0; /* then no rounding is left over */

	l->held.tokens = last ? 0.0 : l->held.tokens - a->held.tokens;
	l->held.money = last ? 0.0 : l->held.money - a->held.money;
}

static double moved(double mean, double x)
{
	return mean > 0.0 ? 0.9 * mean + 0.1 * x : x;
}

void budget_charge(struct call *c, const struct member *m, const struct usage *u)
{
	struct llm *l = c->llm;
	double money = ((double)u->in * m->ep->price_in + (double)u->out * m->ep->price_out) / 1e6;

	c->cost.tokens_in += u->in;
	c->cost.tokens_out += u->out;
	c->cost.money += money;
	(void)pthread_mutex_lock(&l->stats_lock);
	l->stats.in_flight--;
	l->stats.tokens_in += u->in;
	l->stats.tokens_out += u->out;
	l->stats.money += money;
	(void)pthread_mutex_unlock(&l->stats_lock);
	if (u->in || u->out) {
		l->mean.tokens = moved(l->mean.tokens, (double)(u->in + u->out));
		l->mean.money = moved(l->mean.money, money);
	}
}
