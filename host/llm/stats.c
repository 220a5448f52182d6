/* stats.c - what a transport's requests came to. */
#include "config.h"

#include "host/llm/net.h"

void meed_llm_stats(const struct meed_transport *t, struct meed_llm_stats *ret)
{
	struct llm *l;

	*ret = (struct meed_llm_stats){ 0 };
	if (!llm_is(t))
		return;
	l = t->impl;
	(void)pthread_mutex_lock(&l->stats_lock);
	*ret = l->stats;
	(void)pthread_mutex_unlock(&l->stats_lock);
}

void meed_llm_stats_since(struct meed_llm_stats *s, const struct meed_llm_stats *before)
{
	s->n_requests -= before->n_requests;
	s->n_done -= before->n_done;
	s->n_failed -= before->n_failed;
	s->n_attempts -= before->n_attempts;
	s->n_retries -= before->n_retries;
	s->n_hedges -= before->n_hedges;
	s->n_cached -= before->n_cached;
	s->n_merged -= before->n_merged;
	s->n_replayed -= before->n_replayed;
	s->n_over_budget -= before->n_over_budget;
	s->tokens_in -= before->tokens_in;
	s->tokens_out -= before->tokens_out;
	s->money -= before->money;
}

static void member(struct meed_buf *b, const char *name, uint64_t n)
{
	meed_buf_printf(b, ",\"%s\":%llu", name, (unsigned long long)n);
}

void meed_llm_stats_json(const struct meed_llm_stats *s, struct meed_buf *b)
{
	meed_buf_printf(b, "{\"requests\":%llu", (unsigned long long)s->n_requests);
	member(b, "failed", s->n_failed);
	member(b, "attempts", s->n_attempts);
	member(b, "retries", s->n_retries);
	member(b, "hedges", s->n_hedges);
	member(b, "cached", s->n_cached);
	member(b, "merged", s->n_merged);
	member(b, "replayed", s->n_replayed);
	member(b, "prompt_tokens", s->tokens_in);
	member(b, "completion_tokens", s->tokens_out);
	if (s->priced) {
		MEED_BUF_LIT(b, ",\"money\":");
		meed_buf_json_num(b, s->money);
	}
	meed_buf_printf(b, ",\"over_budget\":%llu}", (unsigned long long)s->n_over_budget);
}
