/* judge2.c - a judge in two rounds, the proof that an evaluation can be suspended: it asks for
 * criteria ("CRITERIA ..."), then posts `votes` requests that quote them ("VOTE i ..."), and
 * scores the mean of the numbers that come back. */
#include <stdlib.h>

#include <meed/helpers.h>
#include <meed/plugin.h>

enum {
	PROMPT_MAX = 4096
};

struct judge {
	uint32_t votes;
};

struct state {
	uint32_t round;
	char *criteria; /* malloc'd on purpose: what abandon is for */
};

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct judge *j = calloc(1, sizeof(*j));

	if (!j)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	j->votes = (uint32_t)h->i64(h->get(params, "votes"), 1);
	*self = j;
	return MEED_OK;
}

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static void forget(struct state *st)
{
	free(st->criteria);
	st->criteria = NULL;
}

/* The first max bytes of s, cut at a code point's start: requests are UTF-8. */
static meed_str head(meed_str s, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
		n--;
	return meed_sub(s, 0, n);
}

static int32_t ask(const meed_host *h, meed_ctx *c, uint32_t tag, const char *what, meed_str rest)
{
	char text[PROMPT_MAX];
	meed_msg msg = { MEED_S("user"), { text, 0 }, NULL };
	meed_chat chat = {
		.struct_size = sizeof(chat), .msgs = &msg, .n_msgs = 1, .temperature = 0
	};
	meed_str part = head(rest, 2000);
	int w = snprintf(text, sizeof(text), "%s %.*s", what, (int)part.n, part.p);

	msg.text.n = w < 0 ? 0 : (size_t)w < sizeof(text) ? (size_t)w : sizeof(text) - 1;
	return h->post_chat(c, tag, &chat);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	struct state *st = state;
	int32_t r;

	(void)self;
	r = ask(h, c, 1, "CRITERIA", s->n_prompt ? s->prompt[s->n_prompt - 1].text : MEED_S(""));
	if (r < 0)
		return r;
	st->round = 1;
	return MEED_PENDING;
}

/* The text of reply i, or why there is none. */
static int32_t read_reply(const meed_host *h, meed_ctx *c, size_t i, meed_str *ret)
{
	const meed_reply *q = h->reply(c, i);

	if (!q)
		return h->fail(c, MEED_E_INTERNAL, "a reply is missing");
	if (q->status < 0)
		return meed_failf(h, c, q->status, "reply %zu: %.*s", i, (int)q->error.n,
				  q->error.p);
	if (q->n_texts == 0)
		return meed_failf(h, c, MEED_E_PARSE, "reply %zu holds no text", i);
	*ret = q->texts[0];
	return MEED_OK;
}

static int32_t post_votes(const meed_host *h, meed_ctx *c, const struct judge *j,
			  const meed_sample *s, struct state *st)
{
	char what[256];
	meed_str text, part;
	uint32_t i;
	int32_t r;

	r = read_reply(h, c, 0, &text);
	if (r < 0)
		return r;
	st->criteria = malloc(text.n + 1);
	if (!st->criteria)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	memcpy(st->criteria, text.p, text.n);
	st->criteria[text.n] = '\0';
	part = head(meed_s(st->criteria), 200);
	for (i = 0; i < j->votes && r >= 0; i++) {
		(void)snprintf(what, sizeof(what), "VOTE %u by %.*s:", i, (int)part.n, part.p);
		r = ask(h, c, i, what, s->cands[0].text);
	}
	st->round = 2;
	return r < 0 ? r : MEED_PENDING;
}

static int32_t score_votes(const meed_host *h, meed_ctx *c, struct state *st)
{
	size_t n = h->n_replies(c), i;
	double sum = 0, x;
	meed_str text;
	int32_t r;

	for (i = 0; i < n; i++) {
		r = read_reply(h, c, i, &text);
		if (r < 0)
			return r;
		text = meed_strip(text);
		if (text.n == 0 || meed_read_num(text, &x) != text.n)
			return meed_failf(h, c, MEED_E_PARSE, "vote %zu is no number: %.*s", i,
					  (int)head(text, 80).n, text.p);
		if (!(x >= 0 && x <= 10))
			return meed_failf(h, c, MEED_E_PARSE, "vote %zu is not from 0 to 10", i);
		sum += x;
	}
	return h->put_score(c, 0, MEED_NONE, NULL, sum / (double)n, meed_s(st->criteria));
}

static int32_t resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
		      void *state)
{
	struct state *st = state;
	int32_t r;

	if (st->round == 1)
		r = post_votes(h, c, self, s, st);
	else
		r = score_votes(h, c, st);
	if (r != MEED_PENDING)
		forget(st);
	return r;
}

static void abandon(const meed_host *h, void *self, void *state)
{
	(void)h;
	(void)self;
	forget(state);
}

static const meed_rm judge_rm = {
	.struct_size = sizeof(meed_rm),
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_LLM,
	.traits = MEED_DETERMINISTIC,
	.id = "test.judge2",
	.version = "1.0.0",
	.summary = "A judge that asks for criteria, then for votes.",
	.license = "Apache-2.0",
	.source = "tests/plugins/judge2.c",
	.params_schema = "{\"type\":\"object\",\"properties\":{\"votes\":{\"type\":\"integer\","
			 "\"minimum\":1,\"maximum\":64,\"default\":1,"
			 "\"description\":\"Votes asked for in the second round.\"}}}",
	.score_min = 0,
	.score_max = 10,
	.state_size = sizeof(struct state),
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate,
	.resume = resume,
	.abandon = abandon,
};

static const meed_rm *const models[] = { &judge_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	.struct_size = sizeof(meed_plugin),
	.abi_minor = MEED_ABI_MINOR,
	.id = "org.meed.test.judge2",
	.version = "1.0.0",
	.vendor = "Meed",
	.license = "Apache-2.0",
	.models = models,
};
