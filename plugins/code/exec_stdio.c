/* exec_stdio.c - programs that read their input and write their output: one run a case, compared
 * here or by a checker in a cage of its own. */
#include "config.h"
#include "exec.h"

#define GOT 200				/* bytes of a text in a verdict */

const meed_exec_result *exec_result(struct exec_run *x)
{
	const meed_reply *reply = x->h->reply(x->c, 0);

	if (reply->status < 0) {
		(void)meed_failf(x->h, x->c, reply->status, "%.*s", (int)reply->error.n,
				 reply->error.p);
		return NULL;
	}
	return x->m->exec->result(x->c, 0);
}

static uint64_t least(uint64_t wanted, uint64_t max)
{
	return max && wanted > max ? max : wanted;
}

double exec_timeout(const struct exec_run *x)
{
	return x->st->tests.timeout > 0 ? x->st->tests.timeout : x->m->timeout;
}

meed_limits exec_limits(const struct exec_run *x, double seconds)
{
	double ms = seconds * 1000 < 1e9 ? seconds * 1000 : 1e9;
	meed_limits l = { .struct_size = sizeof(l) };

	l.cpu_ms = (uint32_t)least((uint64_t)ms + 1, x->st->max.cpu_ms);
	l.wall_ms = (uint32_t)least((uint64_t)ms * 2 + 500, x->st->max.wall_ms);
	l.memory = least(x->m->memory, x->st->max.memory);
	return l;
}

void exec_ended(struct exec_run *x, const meed_ran *ran, struct exec_verdict *v)
{
	meed_str err = meed_strip(ran->err);
	size_t at = err.n;

	v->code = ran->code;
	switch (ran->outcome) {
	case MEED_RAN_EXIT:
		v->how = ran->code == 0 ? EXEC_PASSED : EXEC_EXITED;
		break;
	case MEED_RAN_SIGNAL:
		v->how = EXEC_SIGNALLED;
		break;
	case MEED_RAN_WALL:
	case MEED_RAN_CPU:
		v->how = EXEC_TIME;
		break;
	case MEED_RAN_MEMORY:
		v->how = EXEC_MEMORY;
		break;
	case MEED_RAN_OUTPUT:
		v->how = EXEC_OUTPUT;
		break;
	default:
		v->how = EXEC_NOT_RUN;
		break;
	}
	if (v->how != EXEC_EXITED && v->how != EXEC_SIGNALLED)
		return;
	while (at > 0 && err.p[at - 1] != '\n')
		at--;
	v->error = exec_short(x->h, x->c, meed_sub(err, at, err.n), GOT);
}

static enum exec_stop stop_after(const struct exec_run *x)
{
	if (x->m->stop != EXEC_STOP_AUTO)
		return x->m->stop;
	return x->m->continuous ? EXEC_STOP_LIMIT : EXEC_STOP_FAILURE;
}

bool exec_enough(const struct exec_run *x)
{
	enum exec_stop stop = stop_after(x);
	size_t i;

	if (x->st->compile_error.n > 0)
		return true;
	for (i = 0; i < x->st->done; i++) {
		if (x->st->verdicts[i].how == EXEC_PASSED)
			continue;
		if (stop == EXEC_STOP_FAILURE ||
		    (stop == EXEC_STOP_LIMIT && x->st->verdicts[i].how == EXEC_TIME))
			return true;
	}
	return x->st->done == x->st->n;
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* A wrong output is seen here, not by the sandbox: where it ends the matter, rounds are small at
 * first. What compiles would do so in each of them. */
static size_t next_round(const struct exec_run *x)
{
	size_t n = x->st->round ? x->st->round * 4 : x->st->compiles ? 8 : 2;
	size_t left = x->st->n - x->st->done;

	if (stop_after(x) != EXEC_STOP_FAILURE || n > left)
		return left;
	return n;
}

static uint32_t stop_flags(const struct exec_run *x)
{
	switch (stop_after(x)) {
	case EXEC_STOP_LIMIT:
		return MEED_EXEC_STOP_LIMIT;
	case EXEC_STOP_FAILURE:
		return MEED_EXEC_STOP;
	default:
		return 0;
	}
}

static bool contest(const struct exec_run *x)
{
	return x->m->preamble == EXEC_YES ||
	       (x->m->preamble == EXEC_AUTO && x->st->tests.contest);
}

/* The program as it is run: with what the tests put before it, and a launcher if it expects the
 * usual modules to be there. */
static int32_t fill_program(struct exec_run *x, meed_program *p)
{
	const struct exec_tests *t = &x->st->tests;
	meed_file *files = x->h->alloc(x->c, (t->n_files + 1) * sizeof(*files));
	struct exec_buf b;
	meed_str code = x->st->program;

	if (!files)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	if (t->prefix.n > 0) {
		exec_buf_init(&b, x->h, x->c);
		exec_buf_add(&b, t->prefix);
		exec_buf_lit(&b, "\n");
		exec_buf_add(&b, code);
		if (b.failed)
			return b.failed;
		code = exec_buf_get(&b);
	}
	p->struct_size = sizeof(*p);
	p->runtime = x->st->language.p;
	p->code = code;
	p->files = files;
	p->n_files = t->n_files;
	if (t->n_files > 0)
		memcpy(files, t->files, t->n_files * sizeof(*files));
	if (contest(x) && meed_eq(x->st->language, MEED_S("python"))) {
		files[p->n_files].path = "solution.py";
		files[p->n_files++].data = code;
		p->code = exec_launch_py;
	}
	return MEED_OK;
}

/* n runs that read from inputs, in one request. */
static int32_t post_runs(struct exec_run *x, const meed_program *p, const meed_exec_run *runs,
			 size_t n, const meed_limits *limits, uint32_t flags)
{
	const meed_exec_run **v = x->h->alloc(x->c, n * sizeof(meed_exec_run *));
	meed_exec e = { .struct_size = sizeof(e), .flags = flags, .program = p,
			.run_limits = limits, .runs = v, .n_runs = n };
	size_t i;

	if (!v)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < n; i++)
		v[i] = &runs[i];
	return x->m->exec->post(x->c, 1, &e);
}

int32_t exec_stdio_post(struct exec_run *x)
{
	meed_limits limits = exec_limits(x, exec_timeout(x));
	meed_program p = { 0 };
	meed_exec_run *runs;
	size_t i;
	int32_t r;

	x->st->round = next_round(x);
	runs = x->h->alloc(x->c, x->st->round * sizeof(*runs));
	if (!runs)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < x->st->round; i++) {
		runs[i].struct_size = sizeof(*runs);
		runs[i].input = x->st->tests.cases[x->st->done + i].input;
	}
	r = fill_program(x, &p);
	return r < 0 ? r : post_runs(x, &p, runs, x->st->round, &limits, stop_flags(x));
}

static int32_t take_compiled(struct exec_run *x, const meed_exec_result *res)
{
	const meed_ran *ran = res->compiled;
	struct exec_verdict v = { .how = EXEC_NOT_RUN };
	meed_str said;

	if (!ran || (ran->outcome == MEED_RAN_EXIT && ran->code == 0))
		return MEED_OK;
	exec_ended(x, ran, &v);
	said = meed_strip(ran->err.n > 0 ? ran->err : ran->out);
	x->st->compile_error = said.n > 0 ? exec_short(x->h, x->c, said, 400)
					  : MEED_S("the compiler was stopped at a limit");
	return MEED_OK;
}

/* What one run came to; the output of one that ended well is left to a checker, if there is one. */
static int32_t take_run(struct exec_run *x, const meed_ran *ran, size_t i)
{
	struct exec_tests *t = &x->st->tests;
	struct exec_case *c = &t->cases[x->st->done + i];
	struct exec_verdict *v = &x->st->verdicts[x->st->done + i];
	bool nomem = false;

	exec_ended(x, ran, v);
	v->input = exec_short(x->h, x->c, c->input, GOT);
	v->want = exec_short(x->h, x->c, c->want, GOT);
	v->got = exec_short(x->h, x->c, ran->out, GOT);
	if (v->how != EXEC_PASSED)
		return MEED_OK;
	if (t->checker == EXEC_PROGRAM)
		x->st->outputs[i] = ran->out;
	else if (!exec_check(x, t->checker, ran->out, c->want, &nomem))
		v->how = EXEC_WRONG;
	return nomem ? x->h->fail(x->c, MEED_E_NOMEM, "out of memory") : MEED_OK;
}

int32_t exec_stdio_take(struct exec_run *x)
{
	const meed_exec_result *res = exec_result(x);
	int32_t r = MEED_OK;
	size_t i;

	if (!res)
		return x->h->reply(x->c, 0)->status;
	x->st->outputs = x->h->alloc(x->c, x->st->round * sizeof(meed_str));
	if (!x->st->outputs)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	r = take_compiled(x, res);
	for (i = 0; r == MEED_OK && i < x->st->round && i < res->n_runs; i++)
		r = take_run(x, res->runs[i], i);
	if (r == MEED_OK && !exec_stdio_needs_checker(x))
		x->st->done += x->st->round;
	return r;
}

/* ---- checkers in programs ------------------------------------------------------------------ */

bool exec_stdio_needs_checker(const struct exec_run *x)
{
	size_t i;

	if (x->st->tests.checker != EXEC_PROGRAM || x->st->compile_error.n > 0)
		return false;
	for (i = 0; i < x->st->round; i++) {
		if (x->st->outputs[i].p)
			return true;
	}
	return false;
}

static void checker_file(meed_file *f, const char *path, meed_str data)
{
	f->path = path;
	f->data = data;
}

int32_t exec_checker_post(struct exec_run *x)
{
	static const char *const args[] = { "input.txt", "output.txt", "answer.txt" };
	const struct exec_tests *t = &x->st->tests;
	meed_limits limits = exec_limits(x, exec_timeout(x));
	meed_program p = { .struct_size = sizeof(p), .code = t->checker_code };
	meed_runtime rt = { .struct_size = sizeof(rt) };
	enum code_lang lang = code_lang_find(t->checker_language);
	meed_exec_run *runs = x->h->alloc(x->c, x->st->round * sizeof(*runs));
	meed_file *files = x->h->alloc(x->c, x->st->round * 3 * sizeof(*files));
	size_t i, n = 0;
	int32_t r;

	if (!runs || !files)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	p.runtime = lang == CODE_UNKNOWN ? "python" : code_lang_name(lang);
	r = x->m->exec->runtime(x->c, p.runtime, &rt);
	if (r < 0)
		return meed_failf(x->h, x->c, r, "the checker: %.*s", (int)rt.why.n, rt.why.p);
	for (i = 0; i < x->st->round; i++) {
		const struct exec_case *c = &t->cases[x->st->done + i];

		if (!x->st->outputs[i].p)
			continue;
		checker_file(&files[3 * n], args[0], c->input);
		checker_file(&files[3 * n + 1], args[1], x->st->outputs[i]);
		checker_file(&files[3 * n + 2], args[2], c->want);
		runs[n].struct_size = sizeof(*runs);
		runs[n].args = args;
		runs[n].n_args = 3;
		runs[n].files = &files[3 * n];
		runs[n++].n_files = 3;
	}
	return post_runs(x, &p, runs, n, &limits, 0);
}

int32_t exec_checker_take(struct exec_run *x)
{
	const meed_exec_result *res = exec_result(x);
	struct exec_verdict said;
	size_t i, n = 0;

	if (!res)
		return x->h->reply(x->c, 0)->status;
	if (res->compiled && (res->compiled->outcome != MEED_RAN_EXIT || res->compiled->code != 0))
		return x->h->fail(x->c, MEED_E_SAMPLE, "the checker does not compile");
	for (i = 0; i < x->st->round; i++) {
		struct exec_verdict *v = &x->st->verdicts[x->st->done + i];

		if (!x->st->outputs[i].p || n >= res->n_runs)
			continue;
		exec_ended(x, res->runs[n++], &said);
		if (said.how == EXEC_PASSED)
			continue;
		/* testlib: 1 wrong, 2 ill-formed, 3 and more the checker's own trouble. One that
		 * breaks down over an output has not found it right. */
		if (said.how == EXEC_EXITED && said.code > 2)
			return meed_failf(x->h, x->c, MEED_E_SAMPLE,
					  "the checker failed on case %zu: %.*s",
					  x->st->done + i + 1, (int)said.error.n, said.error.p);
		v->how = EXEC_WRONG;
		v->error = said.error;
	}
	x->st->done += x->st->round;
	return MEED_OK;
}
