/* call_match.c - tools.call_match: did the response make the calls that were expected? */
#include "config.h"
#include "tools.h"

#include <stdlib.h>

#define MAX_POINTER 255
#define MAX_TURNS 256

enum score { SCORE_ALL, SCORE_CALLS, SCORE_ARGUMENTS, SCORE_NAMES };
enum order { ORDER_AUTO, ORDER_ANY, ORDER_GIVEN };

struct call_match {
	enum format format;
	enum score score;
	enum order order;
	bool exact, extra, schema;
	char expected[MAX_POINTER + 1], tools[MAX_POINTER + 1];
};

/* What one turn came to. */
struct result {
	size_t made, want, right;	/* calls; pairs that are right */
	double share;			/* by the instance's measure, in [0, 1] */
	bool all;			/* nothing wrong */
};

static const char *const formats[] = { "auto", "openai", "hermes", "mistral", "json", "pythonic",
				       NULL };
static const char *const scores[] = { "all", "calls", "arguments", "names", NULL };
static const char *const orders[] = { "auto", "any", "given", NULL };

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"score\": {\"type\": \"string\", \"enum\": [\"all\", \"calls\", \"arguments\", \"names\"],"
	" \"default\": \"all\","
	" \"description\": \"all: 1 if every call is right and none is missing or too many, else 0;"
	" calls: the share of calls that are right; arguments: names and arguments count one by"
	" one; names: names alone\"},"
	"\"format\": {\"type\": \"string\", \"enum\": [\"auto\", \"openai\", \"hermes\","
	" \"mistral\", \"json\", \"pythonic\"], \"default\": \"auto\","
	" \"description\": \"how calls are written; auto: any of these ways\"},"
	"\"strings\": {\"type\": \"string\", \"enum\": [\"normalized\", \"exact\"],"
	" \"default\": \"normalized\","
	" \"description\": \"normalized: strings are equal without case, spaces and , . / - _ * ^;"
	" exact: to the byte\"},"
	"\"order\": {\"type\": \"string\", \"enum\": [\"auto\", \"any\", \"given\"],"
	" \"default\": \"auto\","
	" \"description\": \"order of the calls of a turn: any, as given, or auto: any, but as given"
	" if there are several turns\"},"
	"\"extra\": {\"type\": \"string\", \"enum\": [\"forbid\", \"allow\"], \"default\": \"forbid\","
	" \"description\": \"calls beyond the expected ones: forbid, or allow\"},"
	"\"check_schema\": {\"type\": \"boolean\", \"default\": true,"
	" \"description\": \"where any call is right, it must be one that the row's tools allow:"
	" name, required arguments, types, enums\"},"
	"\"expected\": {\"type\": \"string\", \"default\": \"\", \"maxLength\": 255,"
	" \"pattern\": \"^(/.*)?$\","
	" \"description\": \"JSON pointer into the metadata, or the answer's label, to the expected"
	" calls; empty: the reference, or ground_truth, possible_answer or expected_calls\"},"
	"\"tools\": {\"type\": \"string\", \"default\": \"\", \"maxLength\": 255,"
	" \"pattern\": \"^(/.*)?$\","
	" \"description\": \"JSON pointer into the metadata to the tools that were offered; empty:"
	" tools, function or functions\"}}}";

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

static size_t choice(const meed_host *h, const meed_val *params, const char *name,
		     const char *const *names)
{
	meed_str s = meed_param_str(h, params, name);
	size_t i = 0;

	while (names[i] && !meed_eq(s, meed_s(names[i])))
		i++;
	return names[i] ? i : 0;
}

static int32_t copy_pointer(const meed_host *h, meed_ctx *c, const meed_val *params,
			    const char *name, char *to)
{
	meed_str s = meed_param_str(h, params, name);

	if (s.n > MAX_POINTER || (s.n > 0 && memchr(s.p, '\0', s.n)))
		return meed_failf(h, c, MEED_E_PARAM, "%s: not a JSON pointer of at most %d bytes",
				  name, MAX_POINTER);
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return MEED_OK;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct call_match *m = calloc(1, sizeof(*m));
	int32_t r;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->format = (enum format)choice(h, params, "format", formats);
	m->score = (enum score)choice(h, params, "score", scores);
	m->order = (enum order)choice(h, params, "order", orders);
	m->exact = meed_eq(meed_param_str(h, params, "strings"), MEED_S("exact"));
	m->extra = meed_eq(meed_param_str(h, params, "extra"), MEED_S("allow"));
	m->schema = meed_param_bool(h, params, "check_schema");
	r = copy_pointer(h, c, params, "expected", m->expected);
	r = r < 0 ? r : copy_pointer(h, c, params, "tools", m->tools);
	if (r < 0) {
		free(m);
		return r;
	}
	*self = m;
	return MEED_OK;
}

/* ---- the row ------------------------------------------------------------------------------------- */

static const meed_val *item(const meed_host *h, const meed_val *v, const char *key)
{
	size_t i = 0, k;

	for (k = 0; key[k] >= '0' && key[k] <= '9' && k < 9; k++)
		i = i * 10 + (size_t)(key[k] - '0');
	return k > 0 && key[k] == '\0' ? h->at(v, i) : NULL;
}

/* What a JSON pointer (RFC 6901) leads to, or NULL. */
static const meed_val *follow(const meed_host *h, const meed_val *v, const char *pointer)
{
	char key[MAX_POINTER + 1];
	size_t n;

	while (v && *pointer == '/') {
		for (pointer++, n = 0; *pointer && *pointer != '/'; pointer++) {
			key[n] = *pointer;
			if (*pointer == '~' && (pointer[1] == '0' || pointer[1] == '1'))
				key[n] = *++pointer == '0' ? '~' : '/';
			n++;
		}
		key[n] = '\0';
		v = h->type(v) == MEED_T_ARR ? item(h, v, key) : h->get(v, key);
	}
	return v;
}

static const meed_val *find_expected(const meed_host *h, const struct call_match *m,
				     const meed_sample *s)
{
	static const char *const names[] = { "ground_truth", "possible_answer", "expected_calls" };
	const meed_val *v;
	size_t i;

	if (m->expected[0]) {
		v = follow(h, s->meta, m->expected);
		return v ? v : follow(h, s->cands[0].label, m->expected);
	}
	v = h->get(s->cands[0].label, "reference");
	for (i = 0; !v && i < sizeof(names) / sizeof(names[0]); i++)
		v = h->get(s->meta, names[i]);
	return v;
}

static const meed_val *find_tools(const meed_host *h, const struct call_match *m,
				  const meed_sample *s)
{
	static const char *const names[] = { "tools", "function", "functions" };
	const meed_val *v = m->tools[0] ? follow(h, s->meta, m->tools) : NULL;
	size_t i;

	for (i = 0; !m->tools[0] && !v && i < sizeof(names) / sizeof(names[0]); i++)
		v = h->get(s->meta, names[i]);
	return v;
}

/* Does the row's category, or its id, which begins with it in the leaderboard, hold this word? */
static bool category_has(const meed_host *h, const meed_sample *s, const char *word)
{
	meed_str w = meed_s(word);

	return meed_find(h->str(h->get(s->meta, "category")), 0, w) != MEED_NONE ||
	       meed_find(s->task_category, 0, w) != MEED_NONE ||
	       meed_find(s->id, 0, w) != MEED_NONE;
}

/* The expected turns. Without any, the category says whether a call is wanted at all. */
static int32_t read_expected(struct env *e, const struct call_match *m, const meed_sample *s,
			     struct turns *ret)
{
	const meed_val *v = find_expected(e->h, m, s);
	const char *why;
	struct val tree;

	if (e->h->type(v) == MEED_T_NULL) {
		ret->n = 1;
		ret->v = env_alloc(e, sizeof(*ret->v));
		if (!ret->v)
			return e->code;
		if (category_has(e->h, s, "irrelevance"))
			return MEED_OK;
		ret->v[0].any = category_has(e->h, s, "relevance");
		if (ret->v[0].any)
			return MEED_OK;
		return e->h->fail(e->c, MEED_E_SAMPLE, "the row says of no expected calls (an empty"
				  " list: none should be made); name their field with `expected`");
	}
	if (!val_from_json(e, v, &tree)) {
		(void)env_fail(e, MEED_E_LIMIT, "the expected calls are nested too deeply");
		return e->code;
	}
	if (expect_read(e, &tree, ret, &why))
		return MEED_OK;
	return e->failed ? e->code :
	       meed_failf(e->h, e->c, MEED_E_SAMPLE, "an expected call cannot be read: %s", why);
}

/* ---- the response ---------------------------------------------------------------------------------- */

/* A JSON list of lists of calls in the answer, one list a turn. */
static bool listed_turns(struct env *e, meed_str text, struct turns *ret)
{
	struct val v;
	size_t i;

	text = meed_strip(text);
	if (!meed_starts(text, MEED_S("[")) || !val_parse(e, text, &v) || v.kind != V_LIST ||
	    v.n == 0 || v.n > MAX_TURNS)
		return false;
	for (i = 0; i < v.n; i++) {
		if (v.items[i].kind != V_LIST)
			return false;
	}
	ret->n = v.n;
	ret->v = env_alloc(e, v.n * sizeof(*ret->v));
	for (i = 0; ret->v && i < v.n; i++) {
		if (!read_json_calls(e, &v.items[i], &ret->v[i]))
			return false;
	}
	ret->listed = true;
	return ret->v != NULL;
}

/* Turns of a conversation: a user's message begins one; without any, each message is one. */
static bool step_turns(struct env *e, const struct call_match *m, const meed_cand *cand,
		       struct turns *ret)
{
	const meed_msg *step;
	bool users = false, in_turn = false;
	size_t i;

	ret->v = env_alloc(e, (cand->n_steps + 1) * sizeof(*ret->v));
	if (!ret->v)
		return false;
	ret->n = 0;
	for (i = 0; i < cand->n_steps; i++)
		users = users || meed_eq(cand->steps[i].role, MEED_S("user"));
	for (i = 0; i < cand->n_steps; i++) {
		step = &cand->steps[i];
		if (meed_eq(step->role, MEED_S("user"))) {
			/* the first may come after the assistant's, whose prompt it was then not */
			ret->n += in_turn;
			in_turn = true;
			continue;
		}
		if (meed_eq(step->role, MEED_S("tool")) || meed_eq(step->role, MEED_S("system")))
			continue;
		in_turn = true;
		if (!read_calls(e, m->format, step->more, step->text, &ret->v[ret->n]))
			return false;
		if (!users) {
			ret->n++;
			in_turn = false;
		}
	}
	i = ret->v[ret->n].n;
	if (!read_calls(e, m->format, cand->more, cand->text, &ret->v[ret->n]))
		return false;
	ret->n += in_turn || ret->v[ret->n].n > i;
	return true;
}

static bool read_made(struct env *e, const struct call_match *m, const meed_cand *cand,
		      bool several, struct turns *ret)
{
	if (several && listed_turns(e, cand->text, ret))
		return true;
	if (e->failed)
		return false;
	if (several && cand->n_steps > 0) {
		ret->listed = true;
		return step_turns(e, m, cand, ret);
	}
	ret->n = 1;
	ret->v = env_alloc(e, sizeof(*ret->v));
	return ret->v && read_calls(e, m->format, cand->more, cand->text, &ret->v[0]);
}

/* A response without turns is measured by the calls of all turns in a row. */
static bool join_turns(struct env *e, struct turns *want)
{
	struct calls all = { 0 };
	size_t i, k;

	for (i = 0; i < want->n; i++) {
		for (k = 0; k < want->v[i].n; k++) {
			if (!calls_push(e, &all, &want->v[i].v[k]))
				return false;
		}
	}
	if (all.n > TOOLS_MAX_CALLS)
		return env_fail(e, MEED_E_LIMIT, "more than 128 calls are expected in all, and the"
				" response has no turns");
	want->n = 1;
	want->v[0] = all;
	return true;
}

/* ---- one turn ----------------------------------------------------------------------------------------- */

/* What a pair is worth: with any part right more than with none, and a right one more than any number
 * of halves, unless halves are what counts. */
static double worth(const struct call_match *m, const struct verdict *v)
{
	double share = v->name ? (1.0 + (double)v->args_right) / (1.0 + (double)v->args) : 0.0;

	if (m->score == SCORE_ARGUMENTS)
		return share;
	if (m->score == SCORE_NAMES)
		return v->name ? 1.0 + share / 1024.0 : 0.0;
	return v->right ? 1024.0 : share;
}

static double measure(const struct call_match *m, const struct verdict *v)
{
	if (m->score == SCORE_ARGUMENTS)
		return worth(m, v);
	return m->score == SCORE_NAMES ? (double)v->name : (double)v->right;
}

static void say_call(struct meed_text *t, const char *what, size_t i, meed_str name)
{
	meed_text_lit(t, "; ");
	meed_text_str(t, meed_s(what));
	meed_text_u64(t, i + 1);
	if (name.n > 0) {
		meed_text_lit(t, " (");
		meed_text_str(t, meed_sub(name, 0, 60));
		meed_text_lit(t, ")");
	}
}

/* Says what is wrong with each made call, and which expected ones nobody made. */
static void explain(struct meed_text *t, const struct calls *made, const struct calls *want,
		    const size_t *of, const struct verdict *v, bool extra)
{
	size_t i, j;

	for (i = 0; i < made->n; i++) {
		if (of[i] != MEED_NONE && v[i * want->n + of[i]].right)
			continue;
		if (of[i] == MEED_NONE && extra && !made->v[i].why)
			continue;
		say_call(t, "call ", i, made->v[i].name);
		meed_text_lit(t, ": ");
		if (made->v[i].why)
			meed_text_str(t, meed_s(made->v[i].why));
		else if (of[i] == MEED_NONE)
			meed_text_lit(t, "not expected");
		else
			meed_text_str(t, meed_s(v[i * want->n + of[i]].why));
	}
	for (j = 0; j < want->n; j++) {
		for (i = 0; i < made->n && of[i] != j; i++)
			continue;
		if (i == made->n) {
			say_call(t, "expected call ", j, want->v[j].name);
			meed_text_lit(t, " was not made");
		}
	}
}

/* Any call will do, if it is one. */
static void judge_any(struct env *e, const struct call_match *m, const struct tools *tools,
		      const struct calls *made, struct result *r, struct meed_text *t)
{
	char buf[200];
	struct meed_text why;
	size_t i;
	bool ok;

	r->want = 1;
	for (i = 0; i < made->n; i++) {
		why = meed_text_in(buf, sizeof(buf));
		ok = !made->v[i].why;
		if (!ok)
			meed_text_str(&why, meed_s(made->v[i].why));
		else if (m->schema)
			ok = compare_schema(e, tools, &made->v[i], &why);
		r->right += ok;
		if (!ok) {
			say_call(t, "call ", i, made->v[i].name);
			meed_text_lit(t, ": ");
			meed_text_str(t, meed_text_get(&why));
		}
	}
	if (made->n == 0)
		meed_text_lit(t, "; a call was expected, none was made");
	r->all = made->n > 0 && r->right == made->n;
	r->share = made->n > 0 ? (double)r->right / (double)made->n : 0;
}

static bool judge_turn(struct env *e, const struct call_match *m, const struct tools *tools,
		       bool in_order, const struct calls *made, const struct calls *want,
		       struct result *r, struct meed_text *t)
{
	size_t i, j, k, n = made->n, most;
	struct verdict *v;
	double *gain;
	size_t *of;

	memset(r, 0, sizeof(*r));
	r->made = n;
	r->want = want->n;
	if (n > TOOLS_MAX_CALLS) {
		meed_text_lit(t, "; more than 128 calls were made");
		return true;
	}
	if (want->any) {
		judge_any(e, m, tools, made, r, t);
		return true;
	}
	v = env_alloc(e, (n * want->n + 1) * sizeof(*v));
	gain = env_alloc(e, (n * want->n + 1) * sizeof(*gain));
	of = env_alloc(e, (n + 1) * sizeof(*of));
	if (e->failed)
		return false;
	for (i = 0, k = 0; i < n; i++) {
		for (j = 0; j < want->n; j++, k++) {
			compare_call(e, tools, m->exact, &made->v[i], &want->v[j], &v[k]);
			gain[k] = worth(m, &v[k]);
		}
	}
	if (e->failed || !match_best(e, gain, n, want->n, in_order, of))
		return false;
	for (i = 0; i < n; i++) {
		if (of[i] == MEED_NONE) {
			r->made -= m->extra && !made->v[i].why;
			continue;
		}
		r->right += v[i * want->n + of[i]].right;
		r->share += measure(m, &v[i * want->n + of[i]]);
	}
	most = r->made > want->n ? r->made : want->n;
	r->all = r->right == most;
	r->share = most > 0 ? r->share / (double)most : 1.0;
	explain(t, made, want, of, v, m->extra);
	return true;
}

/* ---- all turns ------------------------------------------------------------------------------------------- */

struct total {
	size_t made, want, right;
	double share;
	bool all;
};

static bool judge_turns(struct env *e, const struct call_match *m, const struct tools *tools,
			const struct turns *made, const struct turns *want, struct total *ret,
			struct meed_text *t)
{
	static const struct calls none;
	size_t i, n = made->n > want->n ? made->n : want->n;
	bool in_order = m->order == ORDER_GIVEN || (m->order == ORDER_AUTO && want->listed);
	struct result r;
	struct meed_text part;
	char buf[512];

	ret->all = true;
	for (i = 0; i < n; i++) {
		if (e->h->cancelled(e->c))
			return env_fail(e, MEED_E_CANCELLED, "the run is stopping");
		part = meed_text_in(buf, sizeof(buf));
		if (!judge_turn(e, m, tools, in_order, i < made->n ? &made->v[i] : &none,
				i < want->n ? &want->v[i] : &none, &r, &part))
			return false;
		ret->made += r.made;
		ret->want += r.want;
		ret->right += r.right;
		ret->share += r.share / (double)n;
		ret->all = ret->all && r.all;
		if (n > 1 && part.n > 0) {
			meed_text_lit(t, "; turn ");
			meed_text_u64(t, i + 1);
			meed_text_str(t, meed_sub(meed_text_get(&part), 1, part.n));
		} else {
			meed_text_str(t, meed_text_get(&part));
		}
	}
	return true;
}

static void put_count(const meed_host *h, meed_ctx *c, const char *key, size_t n)
{
	char buf[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_u64(&t, n);
	(void)h->put_extra(c, 0, key, meed_text_get(&t));
}

static int32_t put_result(const meed_host *h, meed_ctx *c, const struct call_match *m,
			  const struct total *sum, meed_str wrong)
{
	double score = m->score == SCORE_ALL || sum->all ? (double)sum->all : sum->share;
	char buf[900];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	put_count(h, c, "calls_made", sum->made);
	put_count(h, c, "calls_expected", sum->want);
	put_count(h, c, "calls_right", sum->right);
	if (sum->want == 0 && sum->made == 0) {
		meed_text_lit(&t, "no call expected, none made");
	} else {
		meed_text_u64(&t, sum->right);
		meed_text_lit(&t, " of ");
		meed_text_u64(&t, sum->want);
		meed_text_lit(&t, " expected calls right, ");
		meed_text_u64(&t, sum->made);
		meed_text_lit(&t, " made");
	}
	meed_text_str(&t, wrong);
	/* a sum of shares may be off by a last bit */
	return h->put_score(c, 0, MEED_NONE, NULL, score > 1.0 ? 1.0 : score, meed_text_get(&t));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct call_match *m = self;
	struct env e = { .h = h, .c = c };
	struct turns want = { 0 }, made = { 0 };
	struct tools tools;
	struct total sum = { 0 };
	char buf[800];
	struct meed_text wrong = meed_text_in(buf, sizeof(buf));
	int32_t r;

	(void)state;
	r = read_expected(&e, m, s, &want);
	if (r < 0)
		return r;
	expect_tools(&e, find_tools(h, m, s), &tools);
	tools.code = category_has(h, s, "java");
	if (e.failed || !read_made(&e, m, &s->cands[0], want.listed, &made) ||
	    (want.listed && want.n > 1 && !made.listed && !join_turns(&e, &want)) ||
	    !judge_turns(&e, m, &tools, &made, &want, &sum, &wrong))
		return e.code;
	return put_result(h, c, m, &sum, meed_text_get(&wrong));
}

const meed_rm tools_call_match = MEED_MODEL(
	.id = "tools.call_match",
	.version = TOOLS_VERSION,
	.summary = "1 if the response makes the tool calls that are expected and no other, else 0",
	.license = TOOLS_LICENSE,
	.source = "Berkeley Function-Calling Leaderboard v4 (gorilla.cs.berkeley.edu), AST checker",
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = 0.0,
	.score_max = 1.0,
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate);
