/* exec_find.c - where the tests of a sample are: paths into its label, references and metadata. */
#include "config.h"
#include "exec.h"

#define MAX_KEY 128

/* One step of a path, with ~0 and ~1 for ~ and / (RFC 6901). Returns what is left of it. */
static const char *step(const char *path, char *key)
{
	size_t n = 0;

	for (; *path && *path != '/'; path++) {
		char ch = *path;

		if (ch == '~' && (path[1] == '0' || path[1] == '1'))
			ch = *++path == '0' ? '~' : '/';
		if (n < MAX_KEY - 1)
			key[n++] = ch;
	}
	key[n] = '\0';
	return *path ? path + 1 : path;
}

/* What a path leads to. */
static const meed_val *walk(const struct exec_run *x, const char *path)
{
	const meed_val *v;
	char key[MAX_KEY];

	path = step(path + 1, key);
	v = strcmp(key, "label") == 0 ? x->s->cands[0].label : x->s->meta;
	while (*path && v) {
		path = step(path, key);
		v = x->h->get(v, key);
	}
	return v;
}

/* A reference counts only if it is tests beyond doubt: many are solutions. */
static int32_t from_references(struct exec_run *x, struct exec_tests *t)
{
	const meed_cand *cand = &x->s->cands[0];
	const meed_val *v;
	meed_str ref;

	if (cand->n_refs == 0)
		return MEED_OK;
	ref = meed_strip(cand->refs[0]);
	if (meed_starts(ref, MEED_S("{")) || meed_starts(ref, MEED_S("["))) {
		v = x->h->parse(x->c, ref);
		return v ? exec_shape(x, v, t) : MEED_OK;
	}
	if (!meed_starts(ref, MEED_S("assert ")) && !meed_starts(ref, MEED_S("assert(")))
		return MEED_OK;
	t->texts = x->h->alloc(x->c, sizeof(*t->texts));
	if (!t->texts)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	t->texts[0] = ref;
	t->n_texts = 1;
	t->kind = EXEC_CHECK;
	return MEED_OK;
}

/* "HumanEval-X": CPP/12; MultiPL-E and others: a field of its own. */
static void find_language(struct exec_run *x)
{
	static const char *const keys[] = { "language", "lang", "programming_language" };
	struct exec_tests *t = &x->st->tests;
	meed_str id;
	size_t i, slash;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && t->language.n == 0; i++)
		t->language = x->h->str(x->h->get(x->s->meta, keys[i]));
	id = x->h->str(x->h->get(x->s->meta, "task_id"));
	slash = meed_find(id, 0, MEED_S("/"));
	if (t->language.n == 0 && slash != MEED_NONE &&
	    code_lang_find(meed_sub(id, 0, slash)) != CODE_UNKNOWN)
		t->language = meed_sub(id, 0, slash);
}

static int32_t nothing_found(struct exec_run *x)
{
	char buf[400];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	size_t i;

	for (i = 0; i < x->m->n_paths; i++) {
		meed_text_str(&t, i > 0 ? MEED_S(", ") : MEED_S(""));
		meed_text_str(&t, meed_s(x->m->paths[i]));
	}
	return meed_failf(x->h, x->c, MEED_E_SAMPLE,
			  "the sample has no tests: looked in %.*s (parameter tests)", (int)t.n,
			  buf);
}

static int32_t cut_cases(struct exec_run *x)
{
	struct exec_tests *t = &x->st->tests;
	size_t max = x->m->max_cases ? (size_t)x->m->max_cases : SIZE_MAX;

	if (t->n_cases > max) {
		t->n_cases = max;
		t->packed = MEED_S("");
	}
	if (t->kind == EXEC_ASSERTS && t->n_texts > max)
		t->n_texts = max;
	return MEED_OK;
}

int32_t exec_find_tests(struct exec_run *x)
{
	struct exec_tests *t = &x->st->tests;
	const meed_val *v;
	int32_t r = MEED_OK;
	size_t i;

	for (i = 0; i < x->m->n_paths; i++) {
		memset(t, 0, sizeof(*t));
		t->checker = x->m->checker;
		t->rtol = x->m->rtol;
		t->atol = x->m->atol;
		t->where = meed_s(x->m->paths[i]);
		if (strcmp(x->m->paths[i], "/reference") == 0) {
			r = from_references(x, t);
		} else {
			v = walk(x, x->m->paths[i]);
			if (v)
				r = exec_shape(x, v, t);
		}
		if (r < 0)
			return r;
		if (t->kind != EXEC_NONE)
			break;
	}
	if (t->kind == EXEC_NONE)
		return nothing_found(x);
	if (t->entry.n == 0)
		t->entry = x->h->str(x->h->get(x->s->meta, "entry_point"));
	if (t->prompt.n == 0 && x->s->n_prompt > 0)
		t->prompt = x->s->prompt[x->s->n_prompt - 1].text;
	find_language(x);
	return cut_cases(x);
}
