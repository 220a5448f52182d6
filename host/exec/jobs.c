/* jobs.c - a request as a job for a cage, and a cage's answer as its reply. */
#include "config.h"

#include "host/exec/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The request may be gone as soon as done was called. */
static void job_done(struct exec_job *j)
{
	struct meed_request *r = j->r;

	free(j);
	r->done(r);
}

void exec_job_fail(struct exec_job *j, int32_t code, const char *fmt, ...)
{
	struct meed_request *r = j->r;
	struct meed_err err = { 0 };
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)meed_err_set(&err, code, "%s", text);
	meed_arena_release(&r->answer);
	r->reply.status = code;
	r->reply.error = meed_arena_dup(&r->answer, meed_str_of(err.text));
	if (!r->reply.error.p)
		r->reply.error = MEED_STR("out of memory");
	job_done(j);
}

/* ---- request to frame ---- */

/* A copy of a runtime's words as the wire wants them. */
static bool words(struct meed_arena *a, char *const *v, const meed_str **ret, size_t *ret_n)
{
	meed_str *s;
	size_t n = 0;

	while (v && v[n])
		n++;
	s = meed_arena_alloc(a, n * sizeof(*s));
	for (size_t i = 0; s && i < n; i++)
		s[i] = meed_str_of(v[i]);
	*ret = s;
	*ret_n = n;
	return s != NULL;
}

static bool fill_program(struct meed_arena *a, const struct meed_exec_runtime *r,
			 const meed_program *p, struct wire_program *ret)
{
	ret->runtime = meed_str_of(r->name);
	ret->file = meed_str_of(r->file);
	ret->warm = meed_str_of(r->warm);
	ret->has_code = p->code.p != NULL;
	ret->code = p->code;
	ret->files = p->files;
	ret->n_files = p->n_files;
	return words(a, r->compile, &ret->compile, &ret->n_compile) &&
	       words(a, r->run, &ret->run, &ret->n_run) &&
	       words(a, r->check, &ret->check, &ret->n_check) &&
	       words(a, r->preload, &ret->preload, &ret->n_preload) &&
	       words(a, r->env, &ret->env, &ret->n_env);
}

/* The code goes to the runtime's own file: no other may be there, nor lie in it. */
static const char *taken(const meed_file *v, size_t n, const char *file)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < n; i++)
		if (strncmp(v[i].path, file, len) == 0 &&
		    (v[i].path[len] == '\0' || v[i].path[len] == '/'))
			return v[i].path;
	return NULL;
}

static bool check_program(struct exec_job *j, const struct meed_exec_runtime *r,
			  const meed_program *p)
{
	bool check = j->r->exec->flags & MEED_EXEC_CHECK;
	const char *file = p->code.p ? taken(p->files, p->n_files, r->file) : NULL;
	char why[512];

	for (size_t i = 0; p->code.p && !file && i < j->r->exec->n_runs; i++)
		file = taken(j->r->exec->runs[i]->files, j->r->exec->runs[i]->n_files, r->file);
	if (file) {
		exec_job_fail(
			j, MEED_E_SAMPLE,
			"a file of the program is called \"%.255s\", where the runtime \"%s\" "
			"puts the code",
			file, r->name);
		return false;
	}
	if (meed_exec_missing(r, check, why, sizeof(why))) {
		exec_job_fail(j, MEED_E_UNSUPPORTED, "%s", why);
		return false;
	}
	return true;
}

bool exec_job_open(const struct meed_exec_conf *c, struct exec_job *j)
{
	const meed_exec *e = j->r->exec;

	j->program = meed_exec_find(c, meed_str_of(e->program->runtime));
	j->partner = e->partner ? meed_exec_find(c, meed_str_of(e->partner->runtime)) : NULL;
	if (!j->program || (e->partner && !j->partner)) {
		exec_job_fail(j, MEED_E_UNSUPPORTED, "no runtime \"%.64s\" is configured",
			      j->program ? e->partner->runtime : e->program->runtime);
		return false;
	}
	return check_program(j, j->program, e->program) &&
	       (!e->partner || check_program(j, j->partner, e->partner));
}

enum {
	BOX_MS = 500 /* to make a box, on a busy machine */
};

static uint64_t time_of(const struct wire_job *w)
{
	uint64_t n = 0, ms;
	bool check = w->flags & MEED_EXEC_CHECK;

	if (check || w->program.n_compile)
		n++;
	if (w->has_partner && w->partner.n_compile)
		n++;
	ms = n * w->compile_limits.wall_ms + w->n_runs * (uint64_t)w->run_limits.wall_ms;
	return ms + BOX_MS * (n + w->n_runs * (w->has_partner ? 2 : 1));
}

bool exec_job_frame(const struct meed_exec_conf *c, struct exec_job *j, struct meed_buf *b)
{
	const meed_exec *e = j->r->exec;
	struct meed_arena a = { 0 };
	struct wire_job w = { .id = j->id,
			      .flags = e->flags,
			      .has_partner = e->partner != NULL,
			      .runs = e->runs,
			      .n_runs = e->n_runs };
	bool ok;

	ok = fill_program(&a, j->program, e->program, &w.program) &&
	     (!e->partner || fill_program(&a, j->partner, e->partner, &w.partner));
	if (ok) {
		meed_exec_limits(c, &j->program->compile_limits, e->compile_limits,
				 &w.compile_limits);
		meed_exec_limits(c, &j->program->limits, e->run_limits, &w.run_limits);
		wire_put_job(b, &w);
		j->ms = time_of(&w);
	}
	meed_arena_release(&a);
	if (!ok || b->failed) {
		exec_job_fail(j, MEED_E_NOMEM, "out of memory");
		return false;
	}
	if (b->n - WIRE_HEADER > WIRE_MAX_FRAME) {
		exec_job_fail(j, MEED_E_LIMIT,
			      "the program, its files and all its inputs have more than %llu MiB: "
			      "post fewer runs at once",
			      (unsigned long long)(WIRE_MAX_FRAME >> 20));
		return false;
	}
	return true;
}

/* ---- answer to reply ---- */

/* A good answer has an outcome for each run that was asked for. */
static bool fits(const meed_exec *e, const meed_exec_result *x)
{
	if (x->n_runs != e->n_runs || (x->partners != NULL) != (e->partner && e->n_runs))
		return false;
	return !(e->flags & MEED_EXEC_CHECK) || x->compiled;
}

int32_t exec_job_answer(struct exec_job *j, meed_str body, struct meed_arena *in)
{
	struct meed_request *r = j->r;
	struct wire_answer w;
	meed_exec_result *x;
	int32_t st = wire_get_answer(in, body, &w);

	if (st == MEED_OK && (w.id != j->id || (w.status == MEED_OK && !fits(r->exec, &w.result))))
		st = MEED_E_PARSE;
	if (st < 0 && st != MEED_E_NOMEM)
		return st;
	x = st == MEED_OK ? meed_arena_raw(in, sizeof(*x)) : NULL;
	if (!x) {
		exec_job_fail(j, MEED_E_NOMEM, "out of memory");
		return MEED_OK;
	}
	*x = w.result;
	r->answer = *in;
	*in = (struct meed_arena){ 0 };
	r->reply.status = w.status;
	r->reply.error = w.error;
	if (w.status == MEED_OK)
		r->ran = x;
	job_done(j);
	return MEED_OK;
}
