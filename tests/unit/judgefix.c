/* judgefix.c - judges in a real engine, whose upstream says what a test wants it to say. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/judgefix.h"

/* One test at a time runs: submit has no other way to find its fixture. */
static struct up *now;

static void find_nonce(const char *user, char ret[24])
{
	const char *p = strstr(user, " id=\"");
	size_t n = 0;

	for (p = p ? p + 5 : ""; p[n] && p[n] != '"' && n < 23; n++)
		ret[n] = p[n];
	ret[n] = '\0';
}

/* What stands between the delimiters of the answer (or of the first). */
static meed_str answer_in(const char *user, const char *nonce)
{
	char end[64];
	const char *p = strstr(user, "<answer"), *e;

	(void)snprintf(end, sizeof(end), " id=\"%s\">\n", nonce);
	p = p ? strstr(p, end) : NULL;
	p = p ? p + strlen(end) : user;
	e = strstr(p, "\n</answer");
	return (meed_str){ p, e ? (size_t)(e - p) : strlen(p) };
}

static void put_text(struct meed_buf *b, const char *says, const char *user, const char *nonce)
{
	while (*says) {
		meed_str s;

		if (strncmp(says, "@ID@", 4) == 0) {
			meed_buf_puts(b, nonce);
			says += 4;
		} else if (strncmp(says, "@ANSWER@", 8) == 0) {
			s = answer_in(user, nonce);
			meed_buf_put(b, s.p, s.n);
			says += 8;
		} else if (strncmp(says, "@USER@", 6) == 0) {
			meed_buf_puts(b, user);
			says += 6;
		} else {
			meed_buf_putc(b, *says++);
		}
	}
}

static char *copy(meed_str s)
{
	char *p = malloc(s.n + 1);

	if (!p)
		abort();
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static void on_submit(struct meed_transport *t, struct meed_request *r)
{
	struct up *u = now;
	size_t i = u->n_asked < UP_MAX - 1 ? u->n_asked++ : UP_MAX - 1;
	struct meed_buf b = { 0 };
	meed_str *texts = meed_arena_alloc(&r->answer, sizeof(*texts));
	const meed_val **choices = meed_arena_alloc(&r->answer, sizeof(void *));
	char *p;

	(void)t;
	free(u->user[i]);
	free(u->last[i]);
	u->user[i] = copy(r->chat.msgs[1].text);
	u->last[i] = copy(r->chat.msgs[r->chat.n_msgs - 1].text);
	free(u->sent[i]);
	u->sent[i] = NULL;
	if (r->chat.msgs[1].more)
		u->sent[i] = strdup(json_object_to_json_string_ext(
			(struct json_object *)(uintptr_t)r->chat.msgs[1].more,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	u->seed[i] = r->chat.seed;
	(void)snprintf(u->endpoint[i], sizeof(u->endpoint[i]), "%s",
		       r->chat.endpoint ? r->chat.endpoint : "");
	find_nonce(u->user[i], u->nonce[i]);
	put_text(&b, u->says[u->at], u->user[i], u->nonce[i]);
	if (u->at + 1 < u->n_says)
		u->at++;
	p = meed_arena_alloc(&r->answer, b.n + 1);
	if (!p || !texts || !choices)
		abort();
	memcpy(p, b.n ? b.p : "", b.n);
	*texts = (meed_str){ p, b.n };
	*choices = (const meed_val *)u->choice;
	r->reply.status = MEED_OK;
	r->reply.texts = texts;
	r->reply.n_texts = 1;
	r->reply.choices = u->choice ? choices : NULL;
	r->reply.tokens_in = 100;
	r->reply.tokens_out = 10;
	meed_buf_release(&b);
	r->done(r);
}

bool up_open(struct up *u, const char *model, const char *params)
{
	struct meed_buf b = { 0 };
	bool ok;

	memset(u, 0, sizeof(*u));
	now = u;
	meed_buf_puts(&b,
		      "endpoints = { e = { kind = \"script\"; file = \"@DIR@/script.json\"; };\n"
		      "  f = { kind = \"script\"; file = \"@DIR@/script.json\"; };\n"
		      "  default = { kind = \"script\"; file = \"@DIR@/script.json\"; }; };\n"
		      "instances = { j = { model = \"");
	meed_buf_puts(&b, model);
	meed_buf_puts(&b, "\"; params = { ");
	meed_buf_puts(&b, params);
	meed_buf_puts(&b, " }; }; };\n");
	meed_buf_putc(&b, '\0');
	ok = fix_open(&u->f, b.p, "[]", "j", NULL);
	if (ok)
		u->f.transport->submit = on_submit;
	meed_buf_release(&b);
	return ok;
}

void up_close(struct up *u)
{
	fix_close(&u->f);
	for (size_t i = 0; i < UP_MAX; i++) {
		free(u->user[i]);
		free(u->last[i]);
		free(u->sent[i]);
	}
}

void up_says(struct up *u, const char *const *says)
{
	now = u;
	u->at = u->n_says = u->n_asked = 0;
	for (; says[u->n_says] && u->n_says < UP_MAX; u->n_says++)
		u->says[u->n_says] = says[u->n_says];
}

double up_score(struct up *u, const char *row)
{
	const struct meed_reward *r;

	if (!fix_score(&u->f, row))
		return -1e6;
	r = &u->f.res.outs[0];
	return r->valid ? r->score : r->code;
}
