/* tools_data.c - tools.call_match on the Berkeley leaderboard's rows: what is right, and what is not.
 *
 * Of each row with expected calls a right answer is made of their first alternatives, and scores 1, in
 * each way to write calls and in any order. Then one thing is changed: a name, an argument dropped,
 * added, or with another value or type, a call doubled or dropped: each scores 0. Rows that
 * expect no call are answered by none (1) and by one (0). Several turns likewise. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fakehost.h"
#include "tests/unit/gzrows.h"

static struct {
	struct fake fake;
	const meed_rm *rm;
	void *self;
	long right, changed, bad;
} g;

/* ---- writing calls -------------------------------------------------------------------------------- */

enum style { OPENAI, HERMES, MISTRAL, FENCED, PYTHON, POSSIBLE, N_STYLES };

struct text {
	char *p;
	size_t n;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	t->p = realloc(t->p, t->n + n + 1);
	if (!t->p)
		abort();
	memcpy(t->p + t->n, s, n + 1);
	t->n += n;
}

static const char *json(struct json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					     JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void add_python(struct text *t, const char *name, struct json_object *args)
{
	bool first = true;

	add(t, name);
	add(t, "(");
	json_object_object_foreach(args, key, v) {
		add(t, first ? "" : ", ");
		add(t, key);
		add(t, "=");
		add(t, json(v));	/* JSON's true, false and null are read too */
		first = false;
	}
	add(t, ")");
}

/* calls: [[name, args], ...] */
static struct text write_text(struct json_object *calls, enum style style)
{
	struct text t = { NULL, 0 };
	size_t i, n = json_object_array_length(calls);

	add(&t, style == HERMES ? "<think>f(a=1)</think>" : style == MISTRAL ? "[TOOL_CALLS] [" :
		style == FENCED ? "Here you are:\n```json\n[" : "[");
	for (i = 0; i < n; i++) {
		struct json_object *call = json_object_array_get_idx(calls, i);
		const char *name = json_object_get_string(json_object_array_get_idx(call, 0));
		struct json_object *args = json_object_array_get_idx(call, 1);

		if (style != HERMES && i > 0)
			add(&t, ", ");
		if (style == PYTHON) {
			add_python(&t, name, args);
			continue;
		}
		add(&t, style == HERMES ? "\n<tool_call>" : "");
		add(&t, style == POSSIBLE ? "{\"" : "{\"name\": \"");
		add(&t, name);
		add(&t, style == POSSIBLE ? "\":" : "\", \"arguments\": ");
		add(&t, json(args));
		add(&t, style == HERMES ? "}</tool_call>" : "}");
	}
	add(&t, style == HERMES ? "" : style == FENCED ? "]\n```" : "]");
	return t;
}

static struct json_object *write_message(struct json_object *calls)
{
	struct json_object *m = json_object_new_object(), *list = json_object_new_array(), *one, *f;
	size_t i;

	for (i = 0; i < json_object_array_length(calls); i++) {
		struct json_object *call = json_object_array_get_idx(calls, i);

		f = json_object_new_object();
		json_object_object_add(f, "name",
				       json_object_get(json_object_array_get_idx(call, 0)));
		json_object_object_add(f, "arguments", json_object_new_string(
					json(json_object_array_get_idx(call, 1))));
		one = json_object_new_object();
		json_object_object_add(one, "type", json_object_new_string("function"));
		json_object_object_add(one, "function", f);
		json_object_array_add(list, one);
	}
	json_object_object_add(m, "tool_calls", list);
	return m;
}

static double score_text(struct json_object *row, const char *text, struct json_object *more)
{
	int32_t r;

	g.fake.meta = row;
	g.fake.more = more;
	r = fake_evaluate(&g.fake, g.rm, g.self, text, strlen(text), NULL);
	return r < 0 ? -1.0 : g.fake.score;
}

static void expect(struct json_object *row, struct json_object *calls, enum style style, double want,
		   const char *what)
{
	struct json_object *id = NULL, *more = style == OPENAI ? write_message(calls) : NULL;
	struct text t = write_text(calls, style);
	double got = score_text(row, style == OPENAI ? "" : t.p, more);

	if (!(got - want < 0.1 && want - got < 0.1)) {
		(void)json_object_object_get_ex(row, "id", &id);
		printf("%s: %s, style %d: %g, not %g: %s%s\n  %s\n", json_object_get_string(id),
		       what, (int)style, got, want, g.fake.reason, got < 0 ? g.fake.why : "", t.p);
		g.bad++;
	}
	if (want > 0.5)
		g.right++;
	else
		g.changed++;
	json_object_put(more);
	free(t.p);
}

/* ---- right answers --------------------------------------------------------------------------------- */

static bool is_empty(struct json_object *o)
{
	return json_object_is_type(o, json_type_string) && json_object_get_string_len(o) == 0;
}

static struct json_object *first_of(struct json_object *alternatives)
{
	size_t i;

	for (i = 0; i < json_object_array_length(alternatives); i++) {
		if (!is_empty(json_object_array_get_idx(alternatives, i)))
			return json_object_array_get_idx(alternatives, i);
	}
	return NULL;
}

/* A value to write: dictionaries have alternatives for each of their keys. */
static struct json_object *chosen(struct json_object *v)
{
	struct json_object *r, *one;
	size_t i;

	if (json_object_is_type(v, json_type_object)) {
		r = json_object_new_object();
		json_object_object_foreach(v, key, alternatives) {
			one = json_object_is_type(alternatives, json_type_array)
				      ? first_of(alternatives) : alternatives;
			if (one)
				json_object_object_add(r, key, json_object_get(one));
		}
		return r;
	}
	if (json_object_is_type(v, json_type_array) && json_object_array_length(v) > 0 &&
	    json_object_is_type(json_object_array_get_idx(v, 0), json_type_object)) {
		r = json_object_new_array();
		for (i = 0; i < json_object_array_length(v); i++)
			json_object_array_add(r, chosen(json_object_array_get_idx(v, i)));
		return r;
	}
	return json_object_get(v);
}

static struct json_object *right_calls(struct json_object *truth)
{
	struct json_object *calls = json_object_new_array(), *call, *args, *one;
	size_t i;

	for (i = 0; i < json_object_array_length(truth); i++) {
		json_object_object_foreach(json_object_array_get_idx(truth, i), name, alternatives) {
			args = json_object_new_object();
			json_object_object_foreach(alternatives, key, values) {
				one = first_of(values);
				if (one || json_object_array_length(values) == 0)
					json_object_object_add(args, key, chosen(one));
			}
			call = json_object_new_array();
			json_object_array_add(call, json_object_new_string(name));
			json_object_array_add(call, args);
			json_object_array_add(calls, call);
		}
	}
	return calls;
}

/* ---- wrong ones -------------------------------------------------------------------------------------- */

static struct json_object *copy_of(struct json_object *o)
{
	struct json_object *r = NULL;

	if (json_object_deep_copy(o, &r, NULL) != 0)
		abort();
	return r;
}

/* The same kind of value, another one. */
static struct json_object *other_value(struct json_object *v)
{
	struct json_object *r;

	switch (json_object_get_type(v)) {
	case json_type_boolean:
		return json_object_new_boolean(!json_object_get_boolean(v));
	case json_type_int:
		return json_object_new_int64(json_object_get_int64(v) + 7919);
	case json_type_double:
		return json_object_new_double(json_object_get_double(v) + 7919);
	case json_type_array:
		r = copy_of(v);
		json_object_array_add(r, json_object_array_length(v) > 0
				      ? json_object_get(json_object_array_get_idx(v, 0))
				      : json_object_new_string("zz"));
		return r;
	case json_type_object:
		r = copy_of(v);
		json_object_object_add(r, "zz", json_object_new_int(1));
		return r;
	default:
		return json_object_new_string("zz no such value");
	}
}

/* The value's text, or a text in a list: another type. */
static struct json_object *other_type(struct json_object *v)
{
	struct json_object *r;

	if (!json_object_is_type(v, json_type_string))
		return json_object_new_string(json(v));
	r = json_object_new_array();
	json_object_array_add(r, json_object_get(v));
	return r;
}

static bool among(struct json_object *v, struct json_object *alternatives)
{
	size_t i;

	for (i = 0; i < json_object_array_length(alternatives); i++) {
		if (json_object_equal(v, json_object_array_get_idx(alternatives, i)))
			return true;
	}
	return false;
}

static bool may_go(struct json_object *alternatives)
{
	struct json_object *empty = json_object_new_string("");
	bool r = among(empty, alternatives);

	json_object_put(empty);
	return r;
}

static void change(struct json_object *row, struct json_object *calls, size_t i, const char *key,
		   struct json_object *value, const char *what)
{
	struct json_object *other = copy_of(calls);
	struct json_object *call = json_object_array_get_idx(other, i);
	struct json_object *args = json_object_array_get_idx(call, 1);

	if (value)
		json_object_object_add(args, key, value);
	else
		json_object_object_del(args, key);
	expect(row, other, (enum style)((size_t)g.changed % N_STYLES), 0.0, what);
	json_object_put(other);
}

static void change_arguments(struct json_object *row, struct json_object *calls, size_t i,
			     struct json_object *truth, bool code)
{
	struct json_object *args = json_object_array_get_idx(json_object_array_get_idx(calls, i), 1);
	struct json_object *of = NULL, *values = NULL, *v;

	json_object_object_foreach(json_object_array_get_idx(truth, i), name, alternatives) {
		(void)name;
		of = alternatives;
	}
	change(row, calls, i, "zz_more", json_object_new_int(1), "an argument added");
	json_object_object_foreach(args, key, value) {
		(void)json_object_object_get_ex(of, key, &values);
		if (!may_go(values))
			change(row, calls, i, key, NULL, "an argument dropped");
		v = other_value(value);
		if (!among(v, values))
			change(row, calls, i, key, json_object_get(v), "another value");
		json_object_put(v);
		/* values of Java and JavaScript may be written as code in strings */
		if (!code || json_object_is_type(value, json_type_string))
			change(row, calls, i, key, other_type(value), "another type");
	}
}

static void change_calls(struct json_object *row, struct json_object *calls, size_t i)
{
	struct json_object *other = copy_of(calls), *call;

	call = json_object_array_get_idx(other, i);
	json_object_array_put_idx(call, 0, json_object_new_string("zz_other_name"));
	expect(row, other, (enum style)(i % N_STYLES), 0.0, "another name");
	json_object_put(other);
	other = copy_of(calls);
	json_object_array_add(other, copy_of(json_object_array_get_idx(calls, i)));
	expect(row, other, (enum style)((i + 1) % N_STYLES), 0.0, "a call doubled");
	json_object_put(other);
	other = copy_of(calls);
	json_object_array_del_idx(other, i, 1);
	expect(row, other, (enum style)((i + 2) % N_STYLES), 0.0, "a call dropped");
	json_object_put(other);
}

static void without_truth(struct json_object *row, const char *category)
{
	struct json_object *calls = json_object_new_array(), *tools = NULL, *name = NULL, *call;
	bool wanted = !strstr(category, "irrelevance");

	expect(row, calls, PYTHON, wanted ? 0.0 : 1.0, "no call");
	(void)json_object_object_get_ex(row, "function", &tools);
	if (!wanted && json_object_array_length(tools) > 0) {
		(void)json_object_object_get_ex(json_object_array_get_idx(tools, 0), "name", &name);
		call = json_object_new_array();
		json_object_array_add(call, json_object_get(name));
		json_object_array_add(call, json_object_new_object());
		json_object_array_add(calls, call);
		expect(row, calls, OPENAI, 0.0, "a call");
		expect(row, calls, PYTHON, 0.0, "a call");
	}
	json_object_put(calls);
}

static void one_row(void *ctx, long line, struct json_object *row)
{
	struct json_object *truth = NULL, *category = NULL, *calls, *turned;
	size_t i, n;
	bool code;

	(void)ctx;
	(void)line;
	(void)json_object_object_get_ex(row, "ground_truth", &truth);
	(void)json_object_object_get_ex(row, "category", &category);
	if (!truth) {
		without_truth(row, json_object_get_string(category));
		return;
	}
	code = strstr(json_object_get_string(category), "java") != NULL;
	calls = right_calls(truth);
	n = json_object_array_length(calls);
	turned = json_object_new_array();
	for (i = n; i-- > 0;)
		json_object_array_add(turned, copy_of(json_object_array_get_idx(calls, i)));
	for (i = 0; i < N_STYLES; i++) {
		expect(row, calls, (enum style)i, 1.0, "the right calls");
		expect(row, turned, (enum style)i, 1.0, "the right calls in another order");
	}
	for (i = 0; i < n; i++) {
		change_calls(row, calls, i);
		change_arguments(row, calls, i, truth, code);
	}
	json_object_put(turned);
	json_object_put(calls);
}

/* ---- several turns -------------------------------------------------------------------------------------- */

static void expect_turns(struct json_object *row, struct json_object *turns, double want,
			 const char *what)
{
	double got = score_text(row, json(turns), NULL);
	struct json_object *id = NULL;

	(void)json_object_object_get_ex(row, "id", &id);
	if (!(got - want < 0.1 && want - got < 0.1)) {
		printf("%s: %s: %g, not %g: %s\n", json_object_get_string(id), what, got, want,
		       got < 0 ? g.fake.why : g.fake.reason);
		g.bad++;
	}
	if (want > 0.5)
		g.right++;
	else
		g.changed++;
}

static void one_conversation(void *ctx, long line, struct json_object *row)
{
	struct json_object *truth = NULL, *other, *turn;
	size_t i, n;

	(void)ctx;
	(void)line;
	(void)json_object_object_get_ex(row, "ground_truth", &truth);
	n = json_object_array_length(truth);
	expect_turns(row, truth, 1.0, "the right turns");
	for (i = 0; i < n; i++) {
		if (json_object_array_length(json_object_array_get_idx(truth, i)) == 0)
			continue;
		other = copy_of(truth);
		turn = json_object_array_get_idx(other, i);
		json_object_array_put_idx(turn, 0, json_object_new_string("zz_other(a='b')"));
		expect_turns(row, other, 0.0, "another call");
		json_object_array_del_idx(turn, 0, 1);
		expect_turns(row, other, 0.0, "a call dropped");
		json_object_put(other);
	}
	other = copy_of(truth);
	json_object_array_add(other, json_object_new_array());
	json_object_array_add(json_object_array_get_idx(other, n), json_object_new_string("ls()"));
	expect_turns(row, other, 0.0, "a turn more");
	json_object_put(other);
}

int main(void)
{
	g.rm = fake_model(fake_load("tools"), "tools.call_match");
	fake_init(&g.fake);
	if (!g.rm || fake_create(&g.fake, g.rm, NULL, &g.self) < 0) {
		printf("cannot set up: %s\n", g.fake.why);
		return 1;
	}
	g.bad += !gz_rows("bfcl_calls", one_row, NULL);
	g.bad += !gz_rows("bfcl_multi_turn", one_conversation, NULL);
	printf("%ld right answers, %ld wrong ones, %ld not scored as they should be\n", g.right,
	       g.changed, g.bad);
	g.rm->destroy(&g.fake.host, g.self);
	fake_reset(&g.fake);
	return g.bad ? 1 : 0;
}
