/* events.c - a chat that was streamed as server-sent events, put together again. */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "host/llm/net.h"

#define STREAM_CHOICES_MAX 64

struct streamed {
	struct meed_buf text, logprobs;
	meed_str finish;		/* as JSON; of the tree that is kept */
	char finish_buf[40];
	bool seen;
};

struct stream {
	struct streamed choice[STREAM_CHOICES_MAX];
	struct meed_buf usage;
	bool done;
};

static void take_logprobs(struct streamed *s, struct json_object *list)
{
	if (!json_object_is_type(list, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (s->logprobs.n)
			meed_buf_putc(&s->logprobs, ',');
		meed_json_write(&s->logprobs, json_object_array_get_idx(list, i));
	}
}

static int32_t take_choice(struct stream *st, struct json_object *c, struct meed_err *err)
{
	struct json_object *index = json_get(c, "index");
	int64_t i = index ? json_object_get_int64(index) : 0;
	struct streamed *s;
	meed_str t;

	if (i < 0 || i >= STREAM_CHOICES_MAX)
		return meed_err_set(err, MEED_E_PARSE, "an event has the choice %lld", (long long)i);
	s = &st->choice[i];
	s->seen = true;
	if (meed_json_str(json_get(json_get(c, "delta"), "content"), &t))
		meed_buf_put(&s->text, t.p, t.n);
	take_logprobs(s, json_get(json_get(c, "logprobs"), "content"));
	if (meed_json_str(json_get(c, "finish_reason"), &t)) {
		s->finish.n = t.n < sizeof(s->finish_buf) ? t.n : sizeof(s->finish_buf);
		memcpy(s->finish_buf, t.p, s->finish.n);
		s->finish.p = s->finish_buf;
	}
	return MEED_OK;
}

static int32_t take_event(struct stream *st, meed_str data, struct meed_err *err)
{
	struct json_object *o = NULL, *v, *e;
	struct meed_err why = { 0 };
	char text[200];
	int32_t r = MEED_OK;

	if (meed_str_eq(data, MEED_STR("[DONE]"))) {
		st->done = true;
		return MEED_OK;
	}
	if (meed_json_read(NULL, data.p, data.n, &why, &o) < 0)
		return meed_err_set(err, MEED_E_PARSE, "an event is not JSON: %s", why.text);
	e = json_get(o, "error");
	if (e && !json_object_is_type(e, json_type_null)) {
		answer_error(data, text, sizeof(text));
		r = meed_err_set(err, MEED_E_PARSE, "an event is an error: %s", text);
	}
	v = json_get(o, "choices");
	for (size_t i = 0; r == 0 && v && json_object_is_type(v, json_type_array) &&
			   i < json_object_array_length(v);
	     i++)
		r = take_choice(st, json_object_array_get_idx(v, i), err);
	v = json_get(o, "usage");
	if (r == 0 && v && json_object_is_type(v, json_type_object)) {
		st->usage.n = 0;
		meed_json_write(&st->usage, v);
	}
	json_object_put(o);
	return r;
}

static int32_t write_all(const struct stream *st, struct meed_buf *b, struct meed_err *err)
{
	size_t n = 0;

	MEED_BUF_LIT(b, "{\"choices\":[");
	for (size_t i = 0; i < STREAM_CHOICES_MAX; i++) {
		const struct streamed *s = &st->choice[i];

		if (!s->seen)
			continue;
		if (!s->finish.p)
			return meed_err_set(err, MEED_E_PARSE, "the stream of events broke off");
		if (s->text.failed || s->logprobs.failed)
			return meed_err_nomem(err);
		meed_buf_printf(b, "%s{\"index\":%zu,\"finish_reason\":", n++ ? "," : "", i);
		meed_buf_json_str(b, s->finish);
		MEED_BUF_LIT(b, ",\"message\":{\"role\":\"assistant\",\"content\":");
		meed_buf_json_str(b, (meed_str){ s->text.n ? s->text.p : "", s->text.n });
		meed_buf_putc(b, '}');
		if (s->logprobs.n) {
			MEED_BUF_LIT(b, ",\"logprobs\":{\"content\":[");
			meed_buf_put(b, s->logprobs.p, s->logprobs.n);
			MEED_BUF_LIT(b, "]}");
		}
		meed_buf_putc(b, '}');
	}
	meed_buf_putc(b, ']');
	if (st->usage.n) {
		MEED_BUF_LIT(b, ",\"usage\":");
		meed_buf_put(b, st->usage.p, st->usage.n);
	}
	meed_buf_putc(b, '}');
	if (n == 0)
		return meed_err_set(err, MEED_E_PARSE, "the stream of events holds no choice");
	return b->failed || st->usage.failed ? meed_err_nomem(err) : MEED_OK;
}

int32_t answer_unstream(meed_str events, struct meed_buf *b, struct meed_err *err)
{
	struct stream *st = calloc(1, sizeof(*st));
	int32_t r = MEED_OK;

	if (!st)
		return meed_err_nomem(err);
	while (r == 0 && events.n) {
		const char *nl = memchr(events.p, '\n', events.n);
		size_t n = nl ? (size_t)(nl - events.p) : events.n;
		meed_str line = { events.p, n };

		events.p += n + (nl ? 1 : 0);
		events.n -= n + (nl ? 1 : 0);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n < 5 || memcmp(line.p, "data:", 5) != 0)
			continue;
		line.p += 5;
		line.n -= 5;
		while (line.n && *line.p == ' ') {
			line.p++;
			line.n--;
		}
		r = take_event(st, line, err);
	}
	if (r == 0)
		r = write_all(st, b, err);
	for (size_t i = 0; i < STREAM_CHOICES_MAX; i++) {
		meed_buf_release(&st->choice[i].text);
		meed_buf_release(&st->choice[i].logprobs);
	}
	meed_buf_release(&st->usage);
	free(st);
	return r;
}
