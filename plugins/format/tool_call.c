/* tool_call.c - format.reasoning_tool_call: a thought, then either an answer or tool calls.
 *
 * Accepted, with white space alone between and around the elements:
 *   <think>..</think> <answer>..</answer>		each tag once in the whole text
 *   <think>..</think> <tool_call>{..}</tool_call> ...	one thought; every call's body is a JSON
 *							object with "name" and "arguments"
 * A text that has both an answer and a call, or neither, is refused. Tags count wherever they
 * stand, inside the thought too: whoever extracts them afterwards will not know better. */
#include "config.h"
#include "format.h"

#include <stdlib.h>

enum { THINK, ANSWER, CALL, N_TAGS };

static const struct format_tag tags[N_TAGS] = {
	{ { "<think>", 7 }, { "</think>", 8 } },
	{ { "<answer>", 8 }, { "</answer>", 9 } },
	{ { "<tool_call>", 11 }, { "</tool_call>", 12 } },
};

struct tool_call {
	bool object_arguments;
};

/* What one pass over the text finds. */
struct shape {
	size_t opens[N_TAGS], closes[N_TAGS];
	bool pair[N_TAGS];		/* an opening tag with a closing one after it */
	size_t n_calls;			/* <tool_call>...</tool_call>, from left to right */
	bool tangled;			/* a call in a call, or an end without a start */
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"object_arguments\": {\"type\": \"boolean\", \"default\": false,"
	" \"description\": \"the value of arguments must be an object\"}}}";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct tool_call *m;

	m = malloc(sizeof(*m));
	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->object_arguments = meed_param_bool(h, params, "object_arguments");
	*self = m;
	return MEED_OK;
}

/* Which tag starts at rest, or N_TAGS. */
static size_t tag_at(meed_str rest, bool *ret_close)
{
	size_t k;

	*ret_close = rest.n > 1 && rest.p[1] == '/';
	for (k = 0; k < N_TAGS; k++) {
		if (meed_starts(rest, *ret_close ? tags[k].close : tags[k].open))
			break;
	}
	return k;
}

static void survey(meed_str text, struct shape *ret)
{
	size_t k, at = 0;
	bool close, in_call = false;
	const char *p;

	memset(ret, 0, sizeof(*ret));
	while (at < text.n) {
		p = memchr(text.p + at, '<', text.n - at);
		if (!p)
			break;
		at = (size_t)(p - text.p);
		k = tag_at(meed_sub(text, at, text.n), &close);
		at++;
		if (k == N_TAGS)
			continue;
		if (close) {
			ret->closes[k]++;
			ret->pair[k] = ret->pair[k] || ret->opens[k] > 0;
		} else {
			ret->opens[k]++;
		}
		if (k != CALL)
			continue;
		ret->tangled = ret->tangled || close != in_call;
		ret->n_calls += close && in_call;
		in_call = !close;
	}
	ret->tangled = ret->tangled || in_call;
}

/* Skips white space, one element and white space; false if that element is not there. */
static bool element(meed_str *rest, const struct format_tag *tag)
{
	meed_str body, s = meed_strip_left(*rest);

	if (!meed_starts(s, tag->open) || !format_pair(s, 0, tag, &body))
		return false;
	*rest = meed_strip_left(meed_sub(s, format_after(s, body, tag), s.n));
	return true;
}

static bool once(const struct shape *sh, size_t k)
{
	return sh->opens[k] == 1 && sh->closes[k] == 1;
}

/* NULL if the text is a thought and an answer, else what is wrong. */
static const char *check_answer(meed_str text, const struct shape *sh)
{
	meed_str rest = text;

	if (!once(sh, THINK) || !once(sh, ANSWER))
		return "more than one think or answer tag";
	if (!element(&rest, &tags[THINK]) || !element(&rest, &tags[ANSWER]) || rest.n > 0)
		return "text outside the thought and the answer";
	return NULL;
}

static const char *check_call(const meed_host *h, meed_ctx *c, const struct tool_call *m,
			      meed_str body)
{
	const meed_val *call, *v;
	const void *cursor = NULL;
	bool name = false, arguments = false;
	meed_str key;

	call = h->parse(c, meed_strip(body));
	if (h->type(call) != MEED_T_OBJ)
		return "a tool call is not a JSON object";
	for (;;) {
		v = h->next(call, &cursor, &key);
		if (!cursor)
			break;
		if (meed_eq(key, MEED_S("name")))
			name = h->type(v) == MEED_T_STR;
		else if (meed_eq(key, MEED_S("arguments")))
			arguments = !m->object_arguments || h->type(v) == MEED_T_OBJ;
	}
	if (!name)
		return "a tool call has no name that is a string";
	if (!arguments)
		return m->object_arguments ? "a tool call's arguments are not an object"
					   : "a tool call has no arguments";
	return NULL;
}

/* NULL if the text is a thought and tool calls, else what is wrong. */
static const char *check_calls(meed_str text, const struct shape *sh)
{
	meed_str rest = text;

	if (!once(sh, THINK))
		return "more than one think tag";
	if (sh->tangled)
		return "tool_call tags do not pair up";
	if (!element(&rest, &tags[THINK]))
		return "text before the thought";
	if (rest.n == 0)
		return "no tool call after the thought";
	while (rest.n > 0) {
		if (!element(&rest, &tags[CALL]))
			return "text outside the thought and the tool calls";
	}
	return NULL;
}

/* NULL if every call is one, those inside the thought too, else what is wrong. */
static const char *check_bodies(const meed_host *h, meed_ctx *c, const struct tool_call *m,
				meed_str text)
{
	const char *wrong = NULL;
	meed_str body;
	size_t at = 0;

	while (!wrong && format_pair(text, at, &tags[CALL], &body)) {
		at = format_after(text, body, &tags[CALL]);
		wrong = check_call(h, c, m, body);
	}
	return wrong;
}

static void put_flag(const meed_host *h, meed_ctx *c, const char *key, bool yes)
{
	(void)h->put_extra(c, 0, key, yes ? MEED_S("true") : MEED_S("false"));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	meed_str text = s->cands[0].text;
	const char *layout = NULL, *json = NULL, *why;
	struct shape sh;
	char buf[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	(void)state;
	survey(text, &sh);
	if (!sh.pair[THINK])
		layout = "no <think>...</think>";
	else if (sh.pair[ANSWER] && sh.n_calls > 0)
		layout = "both an answer and a tool call";
	else if (!sh.pair[ANSWER] && sh.n_calls == 0)
		layout = "neither an answer nor a tool call";
	else if (sh.n_calls == 0)
		layout = check_answer(text, &sh);
	else
		layout = check_calls(text, &sh);
	if (!layout && sh.n_calls > 0)
		json = check_bodies(h, c, self, text);
	why = layout ? layout : json;
	if (s->want & MEED_WANT_EXTRA) {
		put_flag(h, c, "has_think_tag", sh.pair[THINK]);
		put_flag(h, c, "has_answer_tag", sh.pair[ANSWER]);
		put_flag(h, c, "has_tool_call_tag", sh.n_calls > 0);
		put_flag(h, c, "valid_format", !layout);
		put_flag(h, c, "valid_tool_call_json", !layout && !json && sh.n_calls > 0);
		meed_text_u64(&t, sh.n_calls);
		(void)h->put_extra(c, 0, "tool_call_count", meed_text_get(&t));
	}
	if (!why)
		why = sh.n_calls > 0 ? "a thought and tool calls" : "a thought and an answer";
	return h->put_score(c, 0, MEED_NONE, NULL, layout || json ? 0.0 : 1.0, meed_s(why));
}

const meed_rm format_reasoning_tool_call = MEED_MODEL(
	.id = "format.reasoning_tool_call",
	.version = FORMAT_VERSION,
	.summary = "1 if the answer is a thought and then an answer or valid tool calls, else 0",
	.license = FORMAT_LICENSE,
	.source = FORMAT_SOURCE,
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = 0.0,
	.score_max = 1.0,
	.create = create,
	.destroy = format_free,
	.evaluate = evaluate);
