/* read.c - finds the calls in what a model wrote. */
#include "config.h"
#include "tools.h"

static bool bad_call(struct env *e, struct calls *ret, const char *why)
{
	struct call one = { .name = { "", 0 }, .args = { .kind = V_DICT }, .why = why };

	return calls_push(e, ret, &one);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

/* The arguments of a call as an object: OpenAI writes them as JSON in a string. */
static void read_arguments(struct env *e, const struct val *v, struct call *one)
{
	one->args.kind = V_DICT;
	if (!v || v->kind == V_NULL)
		return;
	if (v->kind == V_DICT) {
		one->args = *v;
	} else if (v->kind != V_STR) {
		one->why = "its arguments are not an object";
	} else if (meed_strip(v->s).n > 0) {
		if (!val_parse(e, v->s, &one->args))
			one->why = "its arguments are not JSON";
		else if (one->args.kind != V_DICT)
			one->why = "its arguments are not an object";
	}
	if (one->why)
		one->args = (struct val){ .kind = V_DICT };
}

static const struct val *first_of(const struct val *v, const char *const *names)
{
	const struct val *r = NULL;

	for (; *names && !r; names++)
		r = val_get(v, meed_s(*names));
	return r;
}

static bool read_one(struct env *e, const struct val *v, struct calls *ret)
{
	static const char *const args[] = { "arguments", "parameters", "args", "input", NULL };
	const struct val *name = val_get(v, MEED_S("name"));
	const struct val *function = val_get(v, MEED_S("function"));
	struct call one = { .name = { "", 0 }, .args = { .kind = V_DICT } };

	if (v->kind == V_STR) {
		if (python_calls(e, v->s, ret))
			return true;
		return bad_call(e, ret, "it is a text that is no call");
	}
	if (v->kind != V_DICT)
		return bad_call(e, ret, "it is not an object");
	if (function && function->kind == V_DICT)
		return read_one(e, function, ret);
	if (!name && function && function->kind == V_STR)
		name = function;
	if (name && name->kind == V_STR && name->s.n > 0) {
		one.name = name->s;
		read_arguments(e, first_of(v, args), &one);
		return calls_push(e, ret, &one);
	}
	if (!name && v->n == 1 && v->items[0].kind == V_DICT) {
		one.name = v->keys[0];
		one.args = v->items[0];
		return calls_push(e, ret, &one);
	}
	return bad_call(e, ret, name ? "its name is not a string" : "it has no name");
}

bool read_json_calls(struct env *e, const struct val *v, struct calls *ret)
{
	const struct val *list = val_get(v, MEED_S("tool_calls"));
	size_t i;

	if (!list && val_get(v, MEED_S("function_call")))
		return read_one(e, val_get(v, MEED_S("function_call")), ret);
	if (!list)
		list = v;
	if (list->kind != V_LIST)
		return read_one(e, list, ret);
	for (i = 0; i < list->n; i++) {
		if (!read_one(e, &list->items[i], ret))
			return false;
	}
	return true;
}

/* Whether a value looks like calls at all: an object that only happens to be JSON is an answer. */
static bool looks_like_call(const struct val *v)
{
	static const char *const args[] = { "arguments", "parameters", "args", NULL };
	const struct val *function = val_get(v, MEED_S("function"));

	if (v->kind == V_LIST)
		return v->n > 0 && looks_like_call(&v->items[0]);
	if (v->kind != V_DICT)
		return false;
	if (val_get(v, MEED_S("tool_calls")) || val_get(v, MEED_S("function_call")))
		return true;
	if (function && function->kind == V_DICT)
		return true;
	if (val_get(v, MEED_S("name")))
		return first_of(v, args) != NULL;
	return v->n == 1 && v->items[0].kind == V_DICT;
}

/* Where the JSON value that begins at i ends, by its brackets and strings. */
static size_t json_end(meed_str s, size_t i)
{
	size_t depth = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '"') {
			for (i++; i < s.n && s.p[i] != '"'; i++)
				i += s.p[i] == '\\';
		} else if (s.p[i] == '{' || s.p[i] == '[') {
			depth++;
		} else if (s.p[i] == '}' || s.p[i] == ']') {
			if (--depth == 0)
				return i + 1;
		}
	}
	return s.n;
}

/* Calls in JSON, one value or several parted by white space, ';' or ','. Sets *ret_is if that is what s
 * is; a false return is no memory. */
static bool json_calls(struct env *e, meed_str s, struct calls *ret, bool *ret_is)
{
	struct calls all = { 0 };
	struct val v;
	size_t i, end;

	*ret_is = false;
	s = meed_strip(s);
	for (i = 0; i < s.n; i = end) {
		if (s.p[i] != '{' && s.p[i] != '[')
			return !e->failed;
		end = json_end(s, i);
		if (!val_parse(e, meed_sub(s, i, end), &v) || !looks_like_call(&v))
			return !e->failed;
		if (!read_json_calls(e, &v, &all))
			return false;
		while (end < s.n && (s.p[end] == ';' || s.p[end] == ',' || s.p[end] == ' ' ||
				     s.p[end] == '\n' || s.p[end] == '\r' || s.p[end] == '\t'))
			end++;
	}
	*ret_is = all.n > 0;
	for (i = 0; i < all.n; i++) {
		if (!calls_push(e, ret, &all.v[i < TOOLS_MAX_CALLS ? i : 0]))
			return false;
	}
	return true;
}

/* ---- the message ------------------------------------------------------------------------------------ */

static bool message_calls(struct env *e, const meed_val *message, struct calls *ret)
{
	static const char *const names[] = { "tool_calls", "function_call" };
	const meed_val *v;
	struct val calls;
	size_t k;

	for (k = 0; k < 2; k++) {
		v = e->h->get(message, names[k]);
		if (e->h->type(v) != MEED_T_ARR && e->h->type(v) != MEED_T_OBJ)
			continue;
		if (!val_from_json(e, v, &calls)) {
			if (e->failed || !bad_call(e, ret, "it is nested too deeply"))
				return false;
		} else if (!read_json_calls(e, &calls, ret)) {
			return false;
		}
	}
	return true;
}

/* ---- text in tags ------------------------------------------------------------------------------------ */

/* One call's body: JSON, or a name and JSON arguments, as <function=NAME> has it. */
static bool body_call(struct env *e, meed_str body, meed_str name, struct calls *ret)
{
	struct call one = { .name = name, .args = { .kind = V_DICT } };
	struct val v;

	if (!val_parse(e, body, &v))
		return !e->failed && bad_call(e, ret, "its body is not JSON");
	if (name.n == 0)
		return read_json_calls(e, &v, ret);
	read_arguments(e, &v, &one);
	return calls_push(e, ret, &one);
}

static bool hermes_calls(struct env *e, meed_str s, struct calls *ret)
{
	const meed_str open = MEED_S("<tool_call>"), close = MEED_S("</tool_call>");
	size_t i = 0, end;

	while ((i = meed_find(s, i, open)) != MEED_NONE) {
		i += open.n;
		end = meed_find(s, i, close);
		if (end == MEED_NONE)
			end = s.n;
		if (!body_call(e, meed_sub(s, i, end), (meed_str){ "", 0 }, ret))
			return false;
		i = end;
	}
	return true;
}

static bool function_calls(struct env *e, meed_str s, struct calls *ret)
{
	const meed_str open = MEED_S("<function="), close = MEED_S("</function>");
	size_t i = 0, end, body;

	while ((i = meed_find(s, i, open)) != MEED_NONE) {
		i += open.n;
		body = meed_find(s, i, MEED_S(">"));
		if (body == MEED_NONE)
			return bad_call(e, ret, "its <function=NAME> tag does not end");
		end = meed_find(s, body, close);
		if (end == MEED_NONE)
			end = s.n;
		if (!body_call(e, meed_sub(s, body + 1, end),
			       meed_strip(meed_sub(s, i, body)), ret))
			return false;
		i = end;
	}
	return true;
}

/* [TOOL_CALLS][{...}, ...], or [TOOL_CALLS]NAME{...} or [TOOL_CALLS]NAME[ARGS]{...}, again and again. */
static bool mistral_calls(struct env *e, meed_str s, struct calls *ret)
{
	const meed_str mark = MEED_S("[TOOL_CALLS]"), args = MEED_S("[ARGS]");
	size_t i = 0, brace, end;
	meed_str name;

	while ((i = meed_find(s, i, mark)) != MEED_NONE) {
		i += mark.n;
		while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n'))
			i++;
		name = (meed_str){ "", 0 };
		if (i < s.n && s.p[i] != '[' && s.p[i] != '{') {
			brace = meed_find(s, i, MEED_S("{"));
			if (brace == MEED_NONE)
				return bad_call(e, ret, "no arguments follow its name");
			name = meed_strip(meed_sub(s, i, brace));
			if (name.n > args.n && meed_eq(meed_sub(name, name.n - args.n, name.n), args))
				name = meed_strip(meed_sub(name, 0, name.n - args.n));
			i = brace;
		}
		end = json_end(s, i);
		if (!body_call(e, meed_sub(s, i, end), name, ret))
			return false;
		i = end;
	}
	return true;
}

/* ---- bare and fenced text --------------------------------------------------------------------------------- */

static meed_str without_quotes(meed_str s)
{
	s = meed_strip(s);
	while (s.n >= 2 && (s.p[0] == '\'' || s.p[0] == '`') && s.p[s.n - 1] == s.p[0])
		s = meed_strip(meed_sub(s, 1, s.n - 1));
	return s;
}

/* What s is as a whole. */
static bool whole(struct env *e, enum format format, meed_str s, struct calls *ret, bool *ret_is)
{
	*ret_is = false;
	s = without_quotes(s);
	if (format != FORMAT_PYTHON && !json_calls(e, s, ret, ret_is))
		return false;
	if (!*ret_is && format != FORMAT_JSON)
		*ret_is = python_calls(e, s, ret);
	return !e->failed;
}

/* Every ``` block that is calls. */
static bool fenced(struct env *e, enum format format, meed_str s, struct calls *ret)
{
	const meed_str fence = MEED_S("```");
	size_t i = 0, line, end;
	bool is;

	while ((i = meed_find(s, i, fence)) != MEED_NONE) {
		i += fence.n;
		line = meed_find(s, i, MEED_S("\n"));
		end = meed_find(s, i, fence);
		if (end == MEED_NONE)
			end = s.n;
		if (line != MEED_NONE && line < end &&
		    !whole(e, format, meed_sub(s, line, end), ret, &is))
			return false;
		i = end + fence.n;
	}
	return true;
}

/* Every line that is a list of Python's calls, or a JSON call. */
static bool lines(struct env *e, enum format format, meed_str s, struct calls *ret)
{
	size_t from = 0, end;
	meed_str line;
	bool is;

	for (; from < s.n; from = end + 1) {
		end = meed_find(s, from, MEED_S("\n"));
		if (end == MEED_NONE)
			end = s.n;
		line = meed_strip(meed_sub(s, from, end));
		if (line.n > 4 && (line.p[0] == '[' || line.p[0] == '{') &&
		    !whole(e, format, line, ret, &is))
			return false;
	}
	return true;
}

static bool plain_calls(struct env *e, enum format format, meed_str s, struct calls *ret)
{
	const meed_str tag = MEED_S("<|python_tag|>");
	size_t at = meed_find(s, 0, tag), n = ret->n;
	bool is;

	if (at != MEED_NONE)
		s = meed_sub(s, at + tag.n, s.n);
	if (!whole(e, format, s, ret, &is))
		return false;
	if (is)
		return true;
	if (at != MEED_NONE && ret->n == n)
		return bad_call(e, ret, "what follows <|python_tag|> is no call");
	if (!fenced(e, format, s, ret))
		return false;
	return ret->n > n || lines(e, format, s, ret);
}

/* ---- all of it ----------------------------------------------------------------------------------------------- */

/* What is thought is not done. */
static meed_str after_thought(meed_str s)
{
	const meed_str close = MEED_S("</think>");
	size_t i = 0, at;

	while ((at = meed_find(s, i, close)) != MEED_NONE)
		i = at + close.n;
	return meed_sub(s, i, s.n);
}

/* Token names that models end their turn with, and that some servers leave in the text. */
static meed_str without_end(meed_str s)
{
	static const meed_str ends[] = { { "<|eom_id|>", 10 }, { "<|eot_id|>", 10 },
					 { "<|im_end|>", 10 }, { "</s>", 4 } };
	size_t k = 0;

	for (s = meed_strip(s); k < sizeof(ends) / sizeof(ends[0]); k++) {
		if (s.n >= ends[k].n && meed_eq(meed_sub(s, s.n - ends[k].n, s.n), ends[k])) {
			s = meed_strip(meed_sub(s, 0, s.n - ends[k].n));
			k = 0;
		}
	}
	return s;
}

bool read_calls(struct env *e, enum format format, const meed_val *message, meed_str text,
		struct calls *ret)
{
	bool all = format == FORMAT_AUTO;
	size_t n = ret->n;

	if (all || format == FORMAT_OPENAI) {
		if (!message_calls(e, message, ret))
			return false;
		if (ret->n > n || !all)
			return true;
	}
	text = without_end(after_thought(text));
	if (all || format == FORMAT_HERMES) {
		if (!hermes_calls(e, text, ret))
			return false;
		if (ret->n == n && !function_calls(e, text, ret))
			return false;
		if (ret->n > n || !all)
			return true;
	}
	if (all || format == FORMAT_MISTRAL) {
		if (!mistral_calls(e, text, ret))
			return false;
		if (ret->n > n || !all)
			return true;
	}
	return plain_calls(e, format, text, ret);
}
