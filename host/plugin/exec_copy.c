/* exec_copy.c - a posted meed_exec, checked and copied whole into the arena. */
#include "config.h"

#include "host/plugin/internal.h"

#include <stdlib.h>

enum {
	FILES_MAX = 4096, /* of one list */
	WORDS_MAX = 4096,
	WORD_MAX = 128 << 10, /* bytes of an argument: the kernel takes no longer one */
	RUNS_MAX = 16384,
	PATH_BYTES = 255
};
#define BYTES_MAX ((size_t)128 << 20) /* of all strings of one post */

/* One post on its way: how many bytes it has taken. */
struct copy {
	meed_ctx *c;
	size_t bytes;
};

static int32_t refuse(struct copy *k, const char *what)
{
	return meed_ctx_failf(k->c, MEED_E_INTERNAL, "%s called " MEED_EXT_EXEC " post with %s",
			      meed_ctx_model_id(k->c), what);
}

static int32_t too_many(struct copy *k, size_t n, size_t max, const char *what)
{
	return meed_ctx_failf(k->c, MEED_E_LIMIT,
			      "%s posted a program with %zu %s: at most %zu are taken",
			      meed_ctx_model_id(k->c), n, what, max);
}

static int32_t clamp(struct copy *k, const char *what, const void *theirs, size_t min, size_t ours,
		     void *ret)
{
	struct meed_err why = { 0 };

	if (!theirs) {
		(void)meed_err_set(&why, MEED_E_INTERNAL, "a NULL %s", what);
		return refuse(k, why.text);
	}
	if (meed_gate_clamp(what, theirs, min, ours, ret, &why) < 0)
		return meed_ctx_failf(k->c, MEED_E_INTERNAL,
				      "%s called " MEED_EXT_EXEC " post with a bad %s",
				      meed_ctx_model_id(k->c), why.text);
	return MEED_OK;
}

static int32_t take_bytes(struct copy *k, meed_str *s)
{
	if (!s->p && s->n)
		return refuse(k, "a text whose p is NULL and whose n is not 0");
	if (s->n > BYTES_MAX - k->bytes)
		return meed_ctx_failf(
			k->c, MEED_E_LIMIT,
			"%s posted a program with more than %zu MiB of code, files and "
			"input",
			meed_ctx_model_id(k->c), BYTES_MAX >> 20);
	k->bytes += s->n;
	if (!s->p)
		*s = MEED_STR("");
	*s = meed_arena_dup(k->c->arena, *s);
	return s->p ? MEED_OK : meed_ctx_nomem(k->c);
}

static int32_t take_word(struct copy *k, const char **word, size_t max, const char *what)
{
	meed_str s;
	int32_t r;

	if (!*word)
		return refuse(k, what);
	s.p = *word;
	s.n = strnlen(*word, max + 1);
	if (s.n > max)
		return meed_ctx_failf(k->c, MEED_E_LIMIT,
				      "%s posted a program with a word of more than %zu bytes: "
				      "\"%.40s...\"",
				      meed_ctx_model_id(k->c), max, *word);
	r = take_bytes(k, &s);
	*word = s.p;
	return r;
}

static int32_t take_words(struct copy *k, const char *const **ret, size_t n, const char *what)
{
	const char **v;
	int32_t r = MEED_OK;

	if (n > WORDS_MAX)
		return too_many(k, n, WORDS_MAX, what);
	if (n && !*ret)
		return refuse(k, "a NULL list that is to have items");
	v = meed_arena_alloc(k->c->arena, (n + 1) * sizeof(char *));
	if (!v)
		return meed_ctx_nomem(k->c);
	for (size_t i = 0; i < n && r == MEED_OK; i++) {
		v[i] = (*ret)[i];
		r = take_word(k, &v[i], WORD_MAX, "a NULL among its words");
	}
	*ret = v;
	return r;
}

/* ---- paths: they may come from a sample, so that a bad one is the sample's failure ---- */

const char *meed_path_trouble(const char *p)
{
	const char *part = p;
	size_t len = strlen(p);

	if (*p == '\0')
		return "is empty";
	if (*p == '/')
		return "is absolute";
	if (len > PATH_BYTES)
		return "is too long";
	if (meed_utf8_check(p, len) != len)
		return "is not UTF-8";
	for (;; p++) {
		size_t n = (size_t)(p - part);

		if (*p != '\0' && ((unsigned char)*p < ' ' || *p == 127))
			return "has a control character";
		if (*p != '\0' && *p != '/')
			continue;
		if (n == 0)
			return "has an empty part";
		if ((n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
			return "has a part . or ..";
		if (*p == '\0')
			return NULL;
		part = p + 1;
	}
}

static int32_t take_path(struct copy *k, const char **path)
{
	const char *trouble;
	int32_t r = take_word(k, path, PATH_BYTES, "a file that has no path");

	if (r < 0)
		return r;
	trouble = meed_path_trouble(*path);
	if (trouble)
		return meed_ctx_failf(k->c, MEED_E_SAMPLE,
				      "the path \"%s\" of a program's file %s: must be relative, "
				      "such as \"data/in.txt\"",
				      *path, trouble);
	return MEED_OK;
}

static int32_t take_files(struct copy *k, const meed_file **ret, size_t n)
{
	meed_file *v;
	int32_t r = MEED_OK;

	if (n > FILES_MAX)
		return too_many(k, n, FILES_MAX, "files");
	if (n && !*ret)
		return refuse(k, "a NULL list that is to have items");
	v = meed_arena_alloc(k->c->arena, n * sizeof(*v));
	if (!v)
		return meed_ctx_nomem(k->c);
	for (size_t i = 0; i < n && r == MEED_OK; i++) {
		v[i] = (*ret)[i];
		r = take_path(k, &v[i].path);
		if (r == MEED_OK)
			r = take_bytes(k, &v[i].data);
	}
	*ret = v;
	return r;
}

/* By bytes, but the end first and / next: what lies in a folder comes right behind its name. */
static int path_order(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	if (*x == *y)
		return 0;
	if (!*x || !*y)
		return *x ? 1 : -1;
	if (*x == '/' || *y == '/')
		return *x == '/' ? -1 : 1;
	return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
}

/* No path twice, and none that is both a file and a folder. */
static int32_t check_unique(struct copy *k, const meed_file *a, size_t n_a, const meed_file *b,
			    size_t n_b)
{
	size_t n = n_a + n_b;
	const char **v;

	if (n < 2)
		return MEED_OK;
	v = meed_arena_raw(k->c->arena, n * sizeof(char *));
	if (!v)
		return meed_ctx_nomem(k->c);
	for (size_t i = 0; i < n; i++)
		v[i] = i < n_a ? a[i].path : b[i - n_a].path;
	qsort(v, n, sizeof(char *), path_order);
	for (size_t i = 1; i < n; i++) {
		size_t len = strlen(v[i - 1]);

		if (strncmp(v[i - 1], v[i], len) != 0)
			continue;
		if (v[i][len] == '\0')
			return meed_ctx_failf(k->c, MEED_E_SAMPLE,
					      "a program has two files at the path \"%s\"", v[i]);
		if (v[i][len] == '/')
			return meed_ctx_failf(
				k->c, MEED_E_SAMPLE,
				"a program has a file at \"%s\" and one in it, \"%s\"", v[i - 1],
				v[i]);
	}
	return MEED_OK;
}

/* ---- the structs ---- */

static int32_t take_limits(struct copy *k, const meed_limits **ret)
{
	meed_limits *l;
	int32_t r;

	if (!*ret)
		return MEED_OK;
	l = meed_arena_alloc(k->c->arena, sizeof(*l));
	if (!l)
		return meed_ctx_nomem(k->c);
	r = clamp(k, "meed_limits", *ret, MEED_LIMITS_MIN, sizeof(*l), l);
	l->struct_size = sizeof(*l);
	*ret = l;
	return r;
}

static int32_t take_program(struct copy *k, const meed_program **ret)
{
	meed_program *p = meed_arena_alloc(k->c->arena, sizeof(*p));
	int32_t r;

	if (!p)
		return meed_ctx_nomem(k->c);
	r = clamp(k, "meed_program", *ret, MEED_PROGRAM_MIN, sizeof(*p), p);
	p->struct_size = sizeof(*p);
	*ret = p;
	if (r == MEED_OK && p->flags)
		r = meed_ctx_failf(k->c, MEED_E_UNSUPPORTED,
				   "%s called " MEED_EXT_EXEC " post with flags of a program: must "
				   "be 0",
				   meed_ctx_model_id(k->c));
	if (r == MEED_OK)
		r = take_word(k, &p->runtime, MEED_NAME_MAX, "a program that names no runtime");
	if (r == MEED_OK && !p->code.p && !p->n_files)
		r = refuse(k, "a program that has neither code nor files");
	if (r == MEED_OK && (p->code.p || p->code.n))
		r = take_bytes(k, &p->code);
	if (r == MEED_OK)
		r = take_files(k, &p->files, p->n_files);
	return r < 0 ? r : check_unique(k, p->files, p->n_files, NULL, 0);
}

static int32_t take_fetch(struct copy *k, const char *const **ret, size_t n)
{
	const char **v;
	int32_t r = MEED_OK;

	if (n > FILES_MAX)
		return too_many(k, n, FILES_MAX, "files to fetch");
	if (n && !*ret)
		return refuse(k, "a NULL list that is to have items");
	v = meed_arena_alloc(k->c->arena, (n + 1) * sizeof(char *));
	if (!v)
		return meed_ctx_nomem(k->c);
	for (size_t i = 0; i < n && r == MEED_OK; i++) {
		v[i] = (*ret)[i];
		r = take_path(k, &v[i]);
	}
	*ret = v;
	return r;
}

static int32_t take_run(struct copy *k, const meed_exec *e, const meed_exec_run *theirs,
			meed_exec_run *x)
{
	int32_t r = clamp(k, "meed_exec_run", theirs, MEED_EXEC_RUN_MIN, sizeof(*x), x);

	x->struct_size = sizeof(*x);
	if (r == MEED_OK && x->flags)
		r = meed_ctx_failf(k->c, MEED_E_UNSUPPORTED,
				   "%s called " MEED_EXT_EXEC
				   " post with flags of a run: must be 0",
				   meed_ctx_model_id(k->c));
	if (r == MEED_OK && x->partner_input.n && !e->partner)
		r = refuse(k, "an input for the partner, but without a partner");
	if (r == MEED_OK)
		r = take_words(k, &x->args, x->n_args, "arguments");
	if (r == MEED_OK)
		r = take_bytes(k, &x->input);
	if (r == MEED_OK)
		r = take_bytes(k, &x->partner_input);
	if (r == MEED_OK)
		r = take_files(k, &x->files, x->n_files);
	if (r == MEED_OK && x->n_files)
		r = check_unique(k, e->program->files, e->program->n_files, x->files, x->n_files);
	return r < 0 ? r : take_fetch(k, &x->fetch, x->n_fetch);
}

static int32_t take_runs(struct copy *k, meed_exec *e)
{
	const meed_exec_run *const *theirs = e->runs;
	const meed_exec_run **v;
	meed_exec_run *x;
	int32_t r = MEED_OK;

	if (e->n_runs > RUNS_MAX)
		return too_many(k, e->n_runs, RUNS_MAX, "runs");
	if (e->n_runs && !theirs)
		return refuse(k, "a NULL list that is to have items");
	x = meed_arena_alloc(k->c->arena, e->n_runs * sizeof(*x));
	v = meed_arena_alloc(k->c->arena, e->n_runs * sizeof(meed_exec_run *));
	if (!x || !v)
		return meed_ctx_nomem(k->c);
	for (size_t i = 0; i < e->n_runs && r == MEED_OK; i++) {
		v[i] = &x[i];
		r = take_run(k, e, theirs[i], &x[i]);
	}
	e->runs = v;
	return r;
}

int32_t meed_exec_copy(meed_ctx *c, const meed_exec *theirs, meed_exec **ret)
{
	struct copy k = { .c = c };
	meed_exec *e = meed_arena_alloc(c->arena, sizeof(*e));
	int32_t r;

	if (!e)
		return meed_ctx_nomem(c);
	r = clamp(&k, "meed_exec", theirs, MEED_EXEC_MIN, sizeof(*e), e);
	e->struct_size = sizeof(*e);
	if (r == MEED_OK)
		r = take_program(&k, &e->program);
	if (r == MEED_OK && e->partner)
		r = take_program(&k, &e->partner);
	if (r == MEED_OK)
		r = take_limits(&k, &e->compile_limits);
	if (r == MEED_OK)
		r = take_limits(&k, &e->run_limits);
	if (r == MEED_OK)
		r = take_runs(&k, e);
	if (r == MEED_OK)
		*ret = e;
	return r;
}
