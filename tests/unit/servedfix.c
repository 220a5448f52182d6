/* servedfix.c - see servedfix.h. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/llm/net.h"
#include "tests/unit/servedfix.h"

/* One test at a time runs: submit has no other way to find its fixture. */
static struct served *now;

static void on_submit(struct meed_transport *t, struct meed_request *r)
{
	struct served *s = now;
	size_t i = s->n_sent < SENT_MAX - 1 ? s->n_sent++ : SENT_MAX - 1;
	const char *says = s->says[s->at];
	struct meed_err err = { 0 };
	struct usage u;
	int32_t e;

	(void)t;
	free(s->body[i]);
	s->body[i] = NULL;
	if (r->kind == MEED_REQ_HTTP) {
		s->body[i] = strndup(r->http.body.p, r->http.body.n);
		(void)snprintf(s->path[i], sizeof(s->path[i]), "%s", r->http.path);
	}
	if (s->says[s->at + 1])
		s->at++;
	e = answer_read(r, meed_str_of(says), &u, &err);
	if (e < 0) {
		char *why = meed_arena_alloc(&r->answer, strlen(err.text) + 1);

		if (why)
			memcpy(why, err.text, strlen(err.text));
		r->reply.status = MEED_E_UPSTREAM;
		r->reply.error = meed_str_of(why ? why : "");
	}
	r->done(r);
}

bool served_open(struct served *s, const char *model, const char *keys, const char *params)
{
	char conf[2000];
	bool ok;

	memset(s, 0, sizeof(*s));
	(void)snprintf(conf, sizeof(conf),
		       "endpoints = { e = { kind = \"%s\"; url = \"http://127.0.0.1:1\"; }; };\n"
		       "instances = { r = { model = \"%s%s\"; endpoint = \"e\"; %s "
		       "params = { %s }; }; };\n",
		       strncmp(model, "embed.", 6) == 0 ? "openai" : "http",
		       strchr(model, '.') ? "" : "remote.", model, keys, params);
	ok = fix_open(&s->f, conf, NULL, "r", NULL);
	if (ok)
		s->f.transport->submit = on_submit;
	return ok;
}

void served_close(struct served *s)
{
	fix_close(&s->f);
	for (size_t i = 0; i < SENT_MAX; i++)
		free(s->body[i]);
}

bool served_score(struct served *s, const char *row, const char *const *says)
{
	now = s;
	s->says = says;
	s->at = s->n_sent = 0;
	return fix_score(&s->f, row);
}
