/* chat.c - the text of a conversation and a response, as a model was trained to see it.
 *
 * The formats are facts of the published chat templates: ChatML; Qwen 2.5 and 3; Llama 3 and 3.1;
 * Gemma 2 and 3; Mistral 7B Instruct v0.3. */
#include "config.h"
#include "remote.h"

enum kind {
	K_TURNS,
	K_QWEN3,
	K_LLAMA31,
	K_GEMMA,
	K_MISTRAL,
	K_PLAIN,
	K_RESPONSE
};

struct chat {
	const char *name;
	enum kind kind;
	const char *bos, *open, *mid, *close;
	const char *system; /* where there is no system message */
	bool trim;
	const char *marks[6]; /* what no text may hold */
};

#define CHATML_MARKS                                                                               \
	{                                                                                          \
		"<|im_start|>", "<|im_end|>", "<|endoftext|>", NULL                                \
	}
#define LLAMA3_MARKS                                                                               \
	{                                                                                          \
		"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",     \
			"<|end_of_text|>", NULL                                                    \
	}

static const struct chat chats[] = {
	{ "chatml", K_TURNS, "", "<|im_start|>", "\n", "<|im_end|>\n", NULL, false, CHATML_MARKS },
	{ "qwen", K_TURNS, "", "<|im_start|>", "\n", "<|im_end|>\n",
	  "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", false,
	  CHATML_MARKS },
	{ "qwen3", K_QWEN3, "", "<|im_start|>", "\n", "<|im_end|>\n", NULL, false, CHATML_MARKS },
	{ "llama3", K_TURNS, "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>\n\n",
	  "<|eot_id|>", NULL, true, LLAMA3_MARKS },
	{ "llama3.1", K_LLAMA31, "<|begin_of_text|>", "<|start_header_id|>",
	  "<|end_header_id|>\n\n", "<|eot_id|>", NULL, true, LLAMA3_MARKS },
	{ "gemma",
	  K_GEMMA,
	  "<bos>",
	  "<start_of_turn>",
	  "\n",
	  "<end_of_turn>\n",
	  NULL,
	  true,
	  { "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>", NULL } },
	{ "mistral",
	  K_MISTRAL,
	  "<s>",
	  "",
	  "",
	  "",
	  NULL,
	  false,
	  { "[INST]", "[/INST]", "</s>", NULL } },
	{ "plain", K_PLAIN, "", "", "", "", NULL, false, { NULL } },
	{ "response", K_RESPONSE, "", "", "", "", NULL, false, { NULL } },
};

const char *const chat_names[] = { "system",	"user",	    "prompt",	     "response",
				   "reference", "messages", "messages.role", "messages.content",
				   NULL };

const struct chat *chat_find(meed_str name)
{
	for (size_t i = 0; i < sizeof(chats) / sizeof(chats[0]); i++)
		if (meed_eq(name, meed_s(chats[i].name)))
			return &chats[i];
	return NULL;
}

/* ---- marks in texts of the sample ------------------------------------------------------------ */

struct text {
	struct out *o;
	const struct chat *chat;
	enum special special;
	const char *found; /* refused */
};

/* A text of the sample, without what would end its turn. */
static void put_text(struct text *t, meed_str s)
{
	size_t from = 0;

	if (t->chat->trim)
		s = meed_strip(s);
	while (t->special != T_PASS && from < s.n) {
		size_t first = MEED_NONE, len = 0;

		for (size_t i = 0; t->chat->marks[i]; i++) {
			size_t at = meed_find(s, from, meed_s(t->chat->marks[i]));

			if (at < first) {
				first = at;
				len = strlen(t->chat->marks[i]);
				if (t->special == T_REFUSE)
					t->found = t->chat->marks[i];
			}
		}
		if (first == MEED_NONE || t->found)
			break;
		out_put(t->o, meed_sub(s, from, first));
		from = first + len;
	}
	out_put(t->o, meed_sub(s, from, s.n));
}

/* ---- turns ----------------------------------------------------------------------------------- */

static bool is(meed_str role, const char *name)
{
	return meed_eq(role, meed_s(name));
}

static void put(struct text *t, const char *s)
{
	out_put(t->o, meed_s(s));
}

static void put_turn(struct text *t, meed_str role, meed_str content)
{
	put(t, t->chat->open);
	out_put(t->o, role);
	put(t, t->chat->mid);
	put_text(t, content);
	put(t, t->chat->close);
}

static meed_str strip_breaks(meed_str s)
{
	while (s.n && s.p[0] == '\n') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

/* Qwen 3 writes the last answer with its thoughts, were they empty, and those before it without. */
static void put_qwen3(struct text *t, meed_str content, bool last)
{
	size_t end = MEED_NONE, at = 0;
	meed_str thought = MEED_S("");

	while ((at = meed_find(content, at, MEED_S("</think>"))) != MEED_NONE)
		end = at++;
	if (end != MEED_NONE) {
		thought = meed_sub(content, 0, meed_find(content, 0, MEED_S("</think>")));
		while ((at = meed_find(thought, 0, MEED_S("<think>"))) != MEED_NONE)
			thought = meed_sub(thought, at + 7, thought.n);
		content = meed_sub(content, end + 8, content.n);
		while (content.n && content.p[0] == '\n')
			content = meed_sub(content, 1, content.n);
	}
	put(t, "<|im_start|>assistant\n");
	if (last) {
		put(t, "<think>\n");
		put_text(t, strip_breaks(thought));
		put(t, "\n</think>\n\n");
	}
	put_text(t, content);
	put(t, "<|im_end|>\n");
}

static void put_turns(struct text *t, const meed_sample *s, meed_str response)
{
	const struct chat *chat = t->chat;
	bool any = s->n_prompt && is(s->prompt[0].role, "system");
	size_t from = 0;

	if (chat->kind == K_LLAMA31) {
		put(t, "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: "
		       "December 2023\nToday Date: 26 Jul 2024\n\n");
		if (any)
			put_text(t, s->prompt[0].text);
		put(t, chat->close);
		from = any;
	} else if (chat->system && !any) {
		put_turn(t, MEED_S("system"), meed_s(chat->system));
	}
	for (size_t i = from; i < s->n_prompt; i++) {
		const meed_msg *m = &s->prompt[i];

		if (chat->kind == K_QWEN3 && is(m->role, "assistant"))
			put_qwen3(t, m->text, false);
		else
			put_turn(t, m->role, m->text);
	}
	if (chat->kind == K_QWEN3)
		put_qwen3(t, response, true);
	else
		put_turn(t, MEED_S("assistant"), response);
}

/* The system message goes in front of the first message of the user. */
static void put_gemma(struct text *t, const meed_sample *s, meed_str response)
{
	bool has = s->n_prompt && is(s->prompt[0].role, "system");

	for (size_t i = has; i < s->n_prompt; i++) {
		put(t, t->chat->open);
		out_put(t->o,
			is(s->prompt[i].role, "assistant") ? MEED_S("model") : s->prompt[i].role);
		put(t, t->chat->mid);
		if (has && i == 1) {
			put_text(t, s->prompt[0].text);
			put(t, "\n\n");
		}
		put_text(t, s->prompt[i].text);
		put(t, t->chat->close);
	}
	put_turn(t, MEED_S("model"), response);
}

/* The system message goes in front of the last message of the user. */
static void put_mistral(struct text *t, const meed_sample *s, meed_str response)
{
	bool has = s->n_prompt && is(s->prompt[0].role, "system");
	size_t last = MEED_NONE;

	for (size_t i = has; i < s->n_prompt; i++)
		if (is(s->prompt[i].role, "user"))
			last = i;
	for (size_t i = has; i < s->n_prompt; i++) {
		if (is(s->prompt[i].role, "assistant")) {
			put(t, " ");
			put_text(t, meed_strip(s->prompt[i].text));
			put(t, "</s>");
			continue;
		}
		put(t, "[INST] ");
		if (has && i == last) {
			put_text(t, s->prompt[0].text);
			put(t, "\n\n");
		}
		put_text(t, s->prompt[i].text);
		put(t, "[/INST]");
	}
	put(t, " ");
	put_text(t, meed_strip(response));
	put(t, "</s>");
}

static void put_named(struct text *t, const meed_sample *s, meed_str response)
{
	switch (t->chat->kind) {
	case K_RESPONSE:
		put_text(t, response);
		break;
	case K_PLAIN:
		for (size_t i = 0; i < s->n_prompt; i++) {
			put_text(t, s->prompt[i].text);
			put(t, "\n\n");
		}
		put_text(t, response);
		break;
	case K_GEMMA:
		put_gemma(t, s, response);
		break;
	case K_MISTRAL:
		put_mistral(t, s, response);
		break;
	default:
		put_turns(t, s, response);
		break;
	}
}

/* ---- templates of one's own ------------------------------------------------------------------ */

/* The only message's content, or all with their roles. */
static meed_str whole_prompt(struct out *o, const meed_sample *s)
{
	if (s->n_prompt == 1)
		return s->prompt[0].text;
	for (size_t i = 0; i < s->n_prompt; i++) {
		if (i)
			OUT(o, "\n\n");
		out_put(o, s->prompt[i].role);
		OUT(o, ": ");
		out_put(o, s->prompt[i].text);
	}
	return out_str(o);
}

int32_t chat_fill(const meed_host *h, meed_ctx *c, meed_str template, const meed_sample *s,
		  const struct item *it, meed_str *ret)
{
	struct out o = { h, c, NULL, 0, 0, false }, prompt = o;
	size_t n = s->n_prompt + 1;
	struct value *v = h->alloc(c, 3 * n * sizeof(*v));
	const struct value **rows = h->alloc(c, n * sizeof(*rows));
	meed_str system = MEED_S(""), user = MEED_S("");

	if (!v || !rows)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		bool last = i == s->n_prompt;
		meed_str role = last ? MEED_S("assistant") : s->prompt[i].role;
		meed_str text = last ? it->response : s->prompt[i].text;

		v[3 * i] = (struct value){ .name = "role", .text = role };
		v[3 * i + 1] = (struct value){ .name = "content", .text = text };
		rows[i] = &v[3 * i];
		system = i == 0 && is(role, "system") ? text : system;
		user = is(role, "user") ? text : user;
	}
	template_fill(&o, template,
		      (const struct value[]){
			      { .name = "system", .text = system },
			      { .name = "user", .text = user },
			      { .name = "prompt", .text = whole_prompt(&prompt, s) },
			      { .name = "response", .text = it->response },
			      { .name = "reference",
				.text = it->cand->n_refs ? it->cand->refs[0] : MEED_S("") },
			      { .name = "messages", .items = rows, .n_items = n, .is_list = true },
			      { .name = NULL } });
	*ret = out_str(&o);
	return o.failed || prompt.failed ? h->fail(c, MEED_E_NOMEM, "out of memory") : MEED_OK;
}

int32_t chat_text(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_sample *s,
		  struct item *it)
{
	struct out o = { h, c, NULL, 0, 0, false };
	struct text t = { &o, m->chat, m->special, NULL };

	if (!m->chat)
		return chat_fill(h, c, m->text, s, it, &it->text);
	if (m->bos)
		put(&t, m->chat->bos);
	put_named(&t, s, it->response);
	if (t.found)
		return meed_failf(h, c, MEED_E_SAMPLE,
				  "a text holds %s, which ends or begins turns in template \"%s\": "
				  "special = \"remove\" takes such marks out",
				  t.found, m->chat->name);
	it->text = out_str(&o);
	return o.failed ? h->fail(c, MEED_E_NOMEM, "out of memory") : MEED_OK;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* A message with what of the row's own the chat API knows: parts, such as images, and tool calls.
 */
static void put_message(struct out *o, meed_str role, meed_str text, const meed_val *more)
{
	static const char *const known[] = { "name", "tool_calls", "tool_call_id",
					     "reasoning_content" };
	const meed_val *parts = o->h->get(more, "content");

	OUT(o, "{\"role\":");
	out_json(o, role);
	OUT(o, ",\"content\":");
	if (o->h->type(parts) == MEED_T_ARR)
		out_val(o, parts);
	else
		out_json(o, text);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const meed_val *v = o->h->get(more, known[i]);

		if (!v)
			continue;
		OUT(o, ",\"");
		out_put(o, meed_s(known[i]));
		OUT(o, "\":");
		out_val(o, v);
	}
	OUT(o, "}");
}

void chat_messages(struct out *o, const meed_sample *s, const struct item *it, bool with_response)
{
	bool whole = it->response.p == it->cand->text.p;

	OUT(o, "[");
	for (size_t i = 0; i < s->n_prompt; i++) {
		if (i)
			OUT(o, ",");
		put_message(o, s->prompt[i].role, s->prompt[i].text, s->prompt[i].more);
	}
	if (with_response) {
		if (s->n_prompt)
			OUT(o, ",");
		put_message(o, MEED_S("assistant"), it->response, whole ? it->cand->more : NULL);
	}
	OUT(o, "]");
}
