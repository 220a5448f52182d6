/* exec_shape.c - the shapes that tests come in: RM-Gallery, APPS, PRIME, LiveCodeBench, HumanEval,
 * EvalPlus, MBPP, MultiPL-E, and our own. docs/code.md shows each. */
#include "config.h"
#include "exec.h"

static const meed_val *get(const struct exec_run *x, const meed_val *v, const char *key)
{
	return x->h->get(v, key);
}

static meed_str get_str(const struct exec_run *x, const meed_val *v, const char *key)
{
	return x->h->str(x->h->get(v, key));
}

static int32_t bad(struct exec_run *x, const struct exec_tests *t, const char *what)
{
	return meed_failf(x->h, x->c, MEED_E_SAMPLE, "%.*s: %s", (int)t->where.n, t->where.p, what);
}

static int32_t no_memory(struct exec_run *x)
{
	return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
}

/* ---- texts --------------------------------------------------------------------------------- */

/* A list of strings, or one string, as texts behind those that are there. */
static int32_t add_texts(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	bool one = x->h->type(v) == MEED_T_STR;
	size_t i, n = one ? 1 : x->h->len(v);
	meed_str *texts = x->h->alloc(x->c, (t->n_texts + n) * sizeof(*texts));

	if (!texts)
		return no_memory(x);
	if (t->n_texts > 0)
		memcpy(texts, t->texts, t->n_texts * sizeof(*texts));
	t->texts = texts;
	for (i = 0; i < n; i++) {
		const meed_val *item = one ? v : x->h->at(v, i);

		if (x->h->type(item) != MEED_T_STR)
			return bad(x, t, "a test that is no string");
		t->texts[t->n_texts++] = x->h->str(item);
	}
	return MEED_OK;
}

/* Strings of a list put together, one a line; a string is itself. */
static int32_t join(struct exec_run *x, const meed_val *v, meed_str *ret)
{
	struct exec_buf b;
	size_t i;

	*ret = x->h->str(v);
	if (x->h->type(v) != MEED_T_ARR)
		return MEED_OK;
	exec_buf_init(&b, x->h, x->c);
	for (i = 0; i < x->h->len(v); i++) {
		if (i > 0)
			exec_buf_lit(&b, "\n");
		exec_buf_add(&b, x->h->str(x->h->at(v, i)));
	}
	*ret = exec_buf_get(&b);
	return b.failed;
}

/* ---- cases --------------------------------------------------------------------------------- */

/* Input and output of a program: a text, a list of lines, or anything, as its JSON text. */
static int32_t case_text(struct exec_run *x, const meed_val *v, meed_str *ret)
{
	struct exec_buf b;
	uint32_t type = x->h->type(v);
	size_t i, n = x->h->len(v);

	if (type == MEED_T_STR) {
		*ret = x->h->str(v);
		return MEED_OK;
	}
	exec_buf_init(&b, x->h, x->c);
	for (i = 0; type == MEED_T_ARR && i < n; i++) {
		const meed_val *line = x->h->at(v, i);

		if (i > 0)
			exec_buf_lit(&b, "\n");
		if (x->h->type(line) == MEED_T_STR)
			exec_buf_add(&b, x->h->str(line));
		else
			exec_buf_json(&b, line);
	}
	if (type != MEED_T_ARR && type != MEED_T_NULL)
		exec_buf_json(&b, v);
	*ret = exec_buf_get(&b);
	return b.failed;
}

/* Arguments and result of a function: JSON in a text, one argument a line, or trees. */
static int32_t case_call(const meed_host *h, const meed_val *in, const meed_val *out,
			 struct exec_case *c)
{
	if (h->type(in) == MEED_T_STR)
		c->input = h->str(in);
	else
		c->args = in;
	if (h->type(out) == MEED_T_STR)
		c->want = h->str(out);
	else
		c->value = out;
	c->has_value = h->type(out) != MEED_T_STR;
	return MEED_OK;
}

static int32_t put_case(struct exec_run *x, struct exec_tests *t, const meed_val *in,
			const meed_val *out)
{
	struct exec_case *c = &t->cases[t->n_cases++];
	int32_t r;

	if (t->kind == EXEC_CALLS) {
		if (x->h->type(in) != MEED_T_STR && x->h->type(in) != MEED_T_ARR)
			return bad(x, t, "the input of a call must be a list of arguments, or a "
				   "text with one JSON value a line");
		return case_call(x->h, in, out, c);
	}
	r = case_text(x, in, &c->input);
	return r < 0 ? r : case_text(x, out, &c->want);
}

static int32_t more_cases(struct exec_run *x, struct exec_tests *t, size_t n)
{
	struct exec_case *cases = x->h->alloc(x->c, (t->n_cases + n) * sizeof(*cases));

	if (!cases)
		return no_memory(x);
	if (t->n_cases > 0)
		memcpy(cases, t->cases, t->n_cases * sizeof(*cases));
	t->cases = cases;
	return MEED_OK;
}

/* {"inputs": [...], "outputs": [...], "fn_name": "..."} */
static int32_t inputs_outputs(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	const meed_val *in = get(x, v, "inputs"), *out = get(x, v, "outputs");
	size_t i, n = x->h->len(in);
	int32_t r;

	if (x->h->type(in) != MEED_T_ARR || x->h->type(out) != MEED_T_ARR)
		return bad(x, t, "inputs and outputs must be lists");
	if (n != x->h->len(out))
		return meed_failf(x->h, x->c, MEED_E_SAMPLE, "%.*s: %zu inputs and %zu outputs",
				  (int)t->where.n, t->where.p, n, x->h->len(out));
	if (n == 0)
		return MEED_OK;
	if (t->entry.n == 0)
		t->entry = get_str(x, v, "fn_name");
	t->kind = t->entry.n > 0 ? EXEC_CALLS : EXEC_STDIO;
	t->loose = t->contest = true;
	r = more_cases(x, t, n);
	for (i = 0; r == MEED_OK && i < n; i++)
		r = put_case(x, t, x->h->at(in, i), x->h->at(out, i));
	return r;
}

static bool says(const struct exec_run *x, const meed_val *v, const char *word)
{
	return meed_find(get_str(x, v, "testtype"), 0, meed_s(word)) != MEED_NONE ||
	       meed_find(get_str(x, v, "type"), 0, meed_s(word)) != MEED_NONE;
}

int32_t exec_shape_list(struct exec_run *x, const meed_val *list, struct exec_tests *t)
{
	size_t i, n = x->h->len(list);
	const meed_val *v;
	int32_t r;

	for (i = 0; i < n; i++) {
		v = x->h->at(list, i);
		if (!get(x, v, "input") || !get(x, v, "output"))
			return bad(x, t, "a case needs input and output");
	}
	v = x->h->at(list, 0);
	if (t->entry.n == 0)
		t->entry = get_str(x, v, "fn_name");
	if (t->kind == EXEC_NONE && n > 0)
		t->kind = says(x, v, "function") ? EXEC_CALLS : EXEC_STDIO;
	if (t->kind == EXEC_CALLS && t->entry.n == 0)
		return bad(x, t, "cases of calls, but no name of a function (fn_name, func_name)");
	t->loose = t->contest = true;
	r = more_cases(x, t, n);
	for (i = 0; r == MEED_OK && i < n; i++) {
		v = x->h->at(list, i);
		r = put_case(x, t, get(x, v, "input"), get(x, v, "output"));
	}
	return r;
}

/* ---- LiveCodeBench ------------------------------------------------------------------------- */

static int32_t live_code_bench(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	const meed_val *list = get(x, v, "public_test_cases"), *more = get(x, v, "metadata");
	meed_str private_cases = get_str(x, v, "private_test_cases");
	int32_t r = MEED_OK;

	if (x->h->type(more) == MEED_T_STR)
		more = x->h->parse(x->c, x->h->str(more));
	t->entry = get_str(x, more, "func_name");
	if (t->entry.n == 0)
		t->entry = get_str(x, v, "func_name");
	if (x->h->type(list) == MEED_T_STR)
		list = x->h->parse(x->c, x->h->str(list));
	if (x->h->len(list) > 0)
		r = exec_shape_list(x, list, t);
	if (r < 0)
		return r;
	list = x->h->type(get(x, v, "private_test_cases")) == MEED_T_ARR
		       ? get(x, v, "private_test_cases")
	     : meed_starts(meed_strip(private_cases), MEED_S("["))
		       ? x->h->parse(x->c, private_cases) : NULL;
	if (list)
		return x->h->len(list) > 0 ? exec_shape_list(x, list, t) : MEED_OK;
	t->packed = meed_strip(private_cases);
	if (t->packed.n > 0 && t->kind == EXEC_NONE)
		t->kind = t->entry.n > 0 ? EXEC_CALLS : EXEC_STDIO;
	return r;
}

/* ---- lists of asserts, check, files of tests ----------------------------------------------- */

static int32_t mbpp(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	const meed_val *setup = get(x, v, "test_setup_code");
	int32_t r;

	if (!setup)
		setup = get(x, v, "test_imports");
	r = join(x, setup, &t->setup);
	if (r == MEED_OK)
		r = add_texts(x, get(x, v, "test_list"), t);
	if (r == MEED_OK && x->m->challenge)
		r = add_texts(x, get(x, v, "challenge_test_list"), t);
	if (t->n_texts > 0)
		t->kind = EXEC_ASSERTS;
	return r;
}

static bool has(meed_str s, const char *what)
{
	return meed_find(s, 0, meed_s(what)) != MEED_NONE;
}

/* One text of tests in Python: what kind it is. */
static int32_t test_text(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	meed_str text = x->h->str(v);

	t->kind = has(text, "def check(") ? EXEC_CHECK
		: has(text, "def test") || has(text, "unittest") ? EXEC_UNIT : EXEC_CHECK;
	return add_texts(x, v, t);
}

static bool all_strings(const struct exec_run *x, const meed_val *v)
{
	size_t i, n = x->h->len(v);

	for (i = 0; i < n && x->h->type(x->h->at(v, i)) == MEED_T_STR; i++)
		;
	return x->h->type(v) == MEED_T_ARR && n > 0 && i == n;
}

/* ---- our own ------------------------------------------------------------------------------- */

static int32_t own_checker(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	static const char *const names[] = { "tokens", "exact", "floats", "unordered" };
	const meed_val *c = get(x, v, "checker");
	meed_str kind = x->h->type(c) == MEED_T_OBJ ? get_str(x, c, "kind") : x->h->str(c);
	size_t i;

	if (!c)
		return MEED_OK;
	t->checker_code = get_str(x, c, "code");
	t->checker_language = get_str(x, c, "language");
	t->rtol = x->h->num(get(x, c, "rtol"), t->rtol);
	t->atol = x->h->num(get(x, c, "atol"), t->atol);
	if (t->checker_code.n > 0) {
		t->checker = EXEC_PROGRAM;
		return MEED_OK;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]) && kind.n > 0; i++) {
		if (meed_eq(kind, meed_s(names[i]))) {
			t->checker = (enum exec_checker)i;
			return MEED_OK;
		}
	}
	return kind.n == 0 && x->h->type(c) == MEED_T_OBJ
		       ? MEED_OK
		       : bad(x, t, "checker must be tokens, exact, floats, unordered, or an object "
			     "with kind, or with code and language");
}

static int32_t own_cases(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	const meed_val *list = get(x, v, "cases"), *item, *args;
	struct exec_case *c;
	size_t i, n = x->h->len(list);
	int32_t r;

	if (x->h->type(list) != MEED_T_ARR)
		return bad(x, t, "cases must be a list");
	r = more_cases(x, t, n);
	for (i = 0; r == MEED_OK && i < n; i++) {
		item = x->h->at(list, i);
		args = get(x, item, "args");
		c = &t->cases[t->n_cases++];
		t->kind = i == 0 ? args ? EXEC_CALLS : EXEC_STDIO : t->kind;
		if ((args != NULL) != (t->kind == EXEC_CALLS))
			return bad(x, t, "either all cases have args, or none");
		if (!args) {
			if (!get(x, item, "output"))
				return bad(x, t, "a case needs output");
			r = case_text(x, get(x, item, "input"), &c->input);
			if (r == MEED_OK)
				r = case_text(x, get(x, item, "output"), &c->want);
			continue;
		}
		if (x->h->type(args) != MEED_T_ARR)
			return bad(x, t, "args must be a list");
		c->args = args;
		c->kwargs = get(x, item, "kwargs");
		c->value = get(x, item, "output");
		c->has_value = true;
	}
	if (r == MEED_OK && t->kind == EXEC_CALLS && t->entry.n == 0)
		return bad(x, t, "cases with args need entry, the name of the function");
	return r;
}

static int32_t own_files(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	const meed_val *files = get(x, v, "files"), *item;
	const void *cursor = NULL;
	meed_str key;
	char *path;

	t->files = x->h->alloc(x->c, x->h->len(files) * sizeof(*t->files));
	if (!t->files)
		return no_memory(x);
	while (files) {
		item = x->h->next(files, &cursor, &key);
		if (!cursor)
			break;
		path = x->h->alloc(x->c, key.n + 1);
		if (!path)
			return no_memory(x);
		memcpy(path, key.p, key.n);
		if (x->h->type(item) != MEED_T_STR || memchr(path, '\0', key.n))
			return bad(x, t, "files must be an object of texts by name");
		t->files[t->n_files].path = path;
		t->files[t->n_files++].data = x->h->str(item);
	}
	return MEED_OK;
}

static int32_t own(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	static const struct {
		const char *key;
		enum exec_kind kind;
	} kinds[] = { { "asserts", EXEC_ASSERTS }, { "check", EXEC_CHECK }, { "unit", EXEC_UNIT },
		      { "append", EXEC_APPEND } };
	size_t i, n = get(x, v, "cases") != NULL;
	int32_t r;

	t->language = get_str(x, v, "language");
	t->entry = get_str(x, v, "entry");
	t->setup = get_str(x, v, "setup");
	t->prefix = get_str(x, v, "prefix");
	t->prompt = get_str(x, v, "prompt");
	t->timeout = x->h->num(get(x, v, "timeout"), 0);
	if (!(t->timeout >= 0 && t->timeout <= 3600))
		return bad(x, t, "timeout must be from 0 to 3600 seconds");
	r = own_checker(x, v, t);
	if (r == MEED_OK)
		r = own_files(x, v, t);
	if (r == MEED_OK && n > 0)
		r = own_cases(x, v, t);
	for (i = 0; r == MEED_OK && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!get(x, v, kinds[i].key))
			continue;
		if (n++ > 0)
			return bad(x, t, "cases, asserts, check, unit, append: only one of them");
		r = add_texts(x, get(x, v, kinds[i].key), t);
		t->kind = t->n_texts > 0 ? kinds[i].kind : EXEC_NONE;
	}
	return r;
}

/* ---- which shape --------------------------------------------------------------------------- */

static int32_t shape_object(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	const meed_val *nested = get(x, v, "input_output");
	const meed_val *test = get(x, v, "test");
	int32_t r;

	if (get(x, v, "inputs") && get(x, v, "outputs"))
		return inputs_outputs(x, v, t);
	if (get(x, v, "cases") || get(x, v, "asserts") || get(x, v, "check") ||
	    get(x, v, "unit") || get(x, v, "append"))
		return own(x, v, t);
	if (get(x, v, "public_test_cases") || get(x, v, "private_test_cases"))
		return live_code_bench(x, v, t);
	if (x->h->type(get(x, v, "test_list")) == MEED_T_ARR)
		return mbpp(x, v, t);
	if (nested)
		return exec_shape(x, nested, t);
	if (x->h->type(get(x, v, "functional")) == MEED_T_STR)
		return test_text(x, get(x, v, "functional"), t);
	if (x->h->type(get(x, v, "tests")) == MEED_T_STR && get(x, v, "language")) {
		t->kind = EXEC_APPEND;
		return add_texts(x, get(x, v, "tests"), t);
	}
	if (x->h->type(test) != MEED_T_STR)
		return MEED_OK;
	t->entry = get_str(x, v, "entry_point");
	r = test_text(x, test, t);
	return r;
}

/* Tests of another language than Python are appended to the answer. */
static void other_language(struct exec_run *x, struct exec_tests *t)
{
	meed_str id = get_str(x, x->s->meta, "task_id");
	size_t slash = meed_find(id, 0, MEED_S("/"));
	enum code_lang lang = code_lang_find(t->language);

	if (lang == CODE_UNKNOWN && slash != MEED_NONE)
		lang = code_lang_find(meed_sub(id, 0, slash));
	if (lang == CODE_UNKNOWN)
		lang = code_lang_find(get_str(x, x->s->meta, "language"));
	if (lang != CODE_UNKNOWN && lang != CODE_PYTHON &&
	    (t->kind == EXEC_CHECK || t->kind == EXEC_UNIT))
		t->kind = EXEC_APPEND;
}

int32_t exec_shape(struct exec_run *x, const meed_val *v, struct exec_tests *t)
{
	meed_str text = x->h->str(v);
	const meed_val *tree;
	int32_t r = MEED_OK;

	switch (x->h->type(v)) {
	case MEED_T_STR:
		tree = text.n > 0 ? x->h->parse(x->c, text) : NULL;
		if (x->h->type(tree) == MEED_T_ARR || x->h->type(tree) == MEED_T_OBJ)
			r = exec_shape(x, tree, t);
		else if (has(text, "assert") || has(text, "def test") || has(text, "def check("))
			r = test_text(x, v, t);
		break;
	case MEED_T_OBJ:
		r = shape_object(x, v, t);
		break;
	case MEED_T_ARR:
		if (x->h->len(v) == 0)
			break;
		if (all_strings(x, v)) {
			t->kind = EXEC_ASSERTS;
			r = add_texts(x, v, t);
		} else {
			r = exec_shape_list(x, v, t);
		}
		break;
	default:
		break;
	}
	if (r == MEED_OK)
		other_language(x, t);
	return r;
}
