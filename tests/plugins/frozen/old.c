/* old.c - the proof of compatibility: a plugin as an author wrote it for ABI 1.0, compiled from
 * plugin-1.0.h, a copy of the header of that day. Neither file ever changes again once 1.0 is
 * frozen; whatever the host becomes, this one must load, be configured and score. It uses
 * every kind of thing that 1.0 has: parameters, trees, rounds of requests, tokens, details. */
#include <stdlib.h>
#include <string.h>

#include "plugin-1.0.h"

struct old {
	double bonus;
	uint32_t tokenizer;
	const meed_ext_text *text;
};

struct old_state {
	uint32_t round;
};

static const meed_str none = { "", 0 };

static int32_t open_tokenizer(const meed_host *h, meed_ctx *c, struct old *o)
{
	const meed_tokenizer t = { sizeof(t), MEED_TOK_LOWER, "simple", NULL };
	const meed_ext_text *x = (const meed_ext_text *)h->extension(h, MEED_EXT_TEXT);

	if (!x || !MEED_HAS(meed_ext_text, x, tokens) || x->revision < 1)
		return h->fail(c, MEED_E_UNSUPPORTED, "the host has no meed.text/1");
	o->text = x;
	return x->open(c, &t, &o->tokenizer);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct old *o = calloc(1, sizeof(*o));
	int32_t r;

	if (!o)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	if (!MEED_HAS(meed_host, h, reply)) {
		free(o);
		return h->fail(c, MEED_E_UNSUPPORTED, "the host's table is too short");
	}
	o->bonus = h->num(h->get(params, "bonus"), 0);
	r = open_tokenizer(h, c, o);
	if (r < 0) {
		free(o);
		return r;
	}
	*self = o;
	return MEED_OK;
}

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

/* The number of tokens, and how many keys the metadata has. */
static int32_t count(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *state)
{
	const struct old *o = (const struct old *)self;
	const meed_tokens *t = NULL;
	const void *cursor = NULL;
	meed_str key;
	double keys = 0;
	int32_t r;

	(void)state;
	r = o->text->tokens(c, o->tokenizer, s->cands[0].text, &t);
	if (r < 0)
		return r;
	for (;;) {
		(void)h->next(s->meta, &cursor, &key);
		if (!cursor)
			break;
		keys += 1;
	}
	r = h->put_score(c, 0, MEED_NONE, "keys", keys, none);
	if (r < 0)
		return r;
	return h->put_score(c, 0, MEED_NONE, NULL, (double)t->n + o->bonus, none);
}

static int32_t ask(const meed_host *h, meed_ctx *c, const meed_sample *s)
{
	meed_msg msg = { { "user", 4 }, s->cands[0].text, NULL };
	meed_chat chat;

	memset(&chat, 0, sizeof(chat));
	chat.struct_size = sizeof(chat);
	chat.msgs = &msg;
	chat.n_msgs = 1;
	return h->post_chat(c, 5, &chat) < 0 ? MEED_E_UPSTREAM : MEED_PENDING;
}

static int32_t judge(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *state)
{
	(void)self;
	(void)state;
	return ask(h, c, s);
}

static int32_t judge_more(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			  void *state)
{
	struct old_state *st = (struct old_state *)state;
	const meed_reply *q = h->reply(c, 0);

	(void)self;
	if (!q || q->tag != 5 || q->status != MEED_OK)
		return h->fail(c, MEED_E_UPSTREAM, "no answer");
	if (++st->round < 2)
		return ask(h, c, s);
	return h->put_score(c, 0, MEED_NONE, NULL, (double)q->n_texts, none);
}

static const char schema[] = "{\"type\":\"object\",\"properties\":{\"bonus\":{"
			     "\"type\":\"number\",\"minimum\":0,\"maximum\":1000,\"default\":0.5,"
			     "\"description\":\"Added to the count.\"}}}";

static const meed_rm count_rm = {
	sizeof(meed_rm),
	MEED_POINTWISE,
	0,
	MEED_DETERMINISTIC,
	"old.count",
	"1.0.0",
	"Counts tokens, as in the days of ABI 1.0.",
	"MIT",
	"",
	schema,
	0,
	1e9,
	0,
	create,
	destroy,
	count,
	NULL,
	NULL,
	NULL,
};

static const meed_rm judge_rm = {
	sizeof(meed_rm),
	MEED_POINTWISE,
	MEED_NEEDS_LLM,
	MEED_DETERMINISTIC,
	"old.judge",
	"1.0.0",
	"Asks twice, as in the days of ABI 1.0.",
	"MIT",
	"",
	"{}",
	0,
	1e9,
	sizeof(struct old_state),
	NULL,
	NULL,
	judge,
	judge_more,
	NULL,
	NULL,
};

static const meed_rm *const models[] = { &count_rm, &judge_rm, NULL };

MEED_EXPORT const meed_plugin meed_plugin_v1 = {
	sizeof(meed_plugin), 0, "org.meed.test.old", "1.0.0", "Meed", "MIT", models, NULL, NULL,
};
