/* chance.c - a verdict by the probabilities of its first token: the expected score of the scale's
 * whole points, or how likely yes is against no. */
#include "config.h"
#include "judge.h"

#include <math.h>

/* Less than this on tokens that count: the model was about to say something else. */
#define MASS_MIN 0.5

static meed_str bare(meed_str s)
{
	s = meed_strip(s);
	while (s.n && strchr("\"'*", s.p[0]))
		s = meed_sub(s, 1, s.n);
	return s;
}

static bool word(meed_str s, const char *lower)
{
	size_t n = strlen(lower);

	for (size_t i = 0; i < n; i++)
		if (i >= s.n || (s.p[i] | 32) != lower[i])
			return false;
	return s.n == n;
}

/* What a token stands for: a point of the scale, or 1 for yes and 0 for no. */
static bool value_of(const struct judge *j, meed_str token, double *ret)
{
	double x;

	token = bare(token);
	if (j->contract == C_YES_NO) {
		*ret = word(token, "yes") ? 1.0 : 0.0;
		return word(token, "yes") || word(token, "no");
	}
	if (token.n == 0 || meed_read_num(token, &x) != token.n || x < j->scale_min ||
	    x > j->scale_max)
		return false;
	*ret = (x - j->scale_min) / (j->scale_max - j->scale_min);
	return true;
}

static bool weigh(const meed_host *h, const struct judge *j, const meed_val *tops, double *ret)
{
	double mass = 0.0, sum = 0.0, x;

	for (size_t i = 0; i < h->len(tops); i++) {
		const meed_val *t = h->at(tops, i);
		double p = exp(h->num(h->get(t, "logprob"), -1e9));

		if (!value_of(j, h->str(h->get(t, "token")), &x) || !isfinite(p))
			continue;
		mass += p;
		sum += p * x;
	}
	if (mass < MASS_MIN)
		return false;
	*ret = sum / mass;
	return true;
}

bool chance_read(const meed_host *h, const struct judge *j, const meed_reply *r, double *ret)
{
	const meed_val *content;

	if (!r->choices || r->n_texts == 0)
		return false;
	content = h->get(h->get(r->choices[0], "logprobs"), "content");
	for (size_t i = 0; h->type(content) == MEED_T_ARR && i < h->len(content); i++) {
		const meed_val *token = h->at(content, i);

		if (bare(h->str(h->get(token, "token"))).n > 0)
			return weigh(h, j, h->get(token, "top_logprobs"), ret);
	}
	return false;
}
