/* exec_judge.c - functions and classes: the shim with the answer in one cage, the judge with the
 * tests in another, and what the judge says. */
#include "config.h"
#include "exec.h"

#define GRACE 2				/* seconds to load the answer and to start */
#define MAX_FRAME (16u << 20)		/* bytes of one message from the answer's cage */
#define JUDGE_OUTPUT ((uint64_t)8 << 20)
#define SHOWN 300

/* ---- the job ------------------------------------------------------------------------------- */

static void key(struct exec_buf *b, const char *name)
{
	if (b->n > 1)
		exec_buf_lit(b, ",");
	exec_buf_json_str(b, meed_s(name));
	exec_buf_lit(b, ":");
}

static void put_str(struct exec_buf *b, const char *name, meed_str s)
{
	key(b, name);
	exec_buf_json_str(b, s);
}

static void put_num(struct exec_buf *b, const char *name, double v)
{
	key(b, name);
	exec_buf_num(b, v);
}

static void put_bool(struct exec_buf *b, const char *name, bool v)
{
	key(b, name);
	exec_buf_add(b, v ? MEED_S("true") : MEED_S("false"));
}

static void put_case(struct exec_buf *b, const struct exec_tests *t, const struct exec_case *c)
{
	exec_buf_lit(b, "{\"loose\":");
	exec_buf_add(b, t->loose ? MEED_S("true") : MEED_S("false"));
	if (c->args) {
		key(b, "args");
		exec_buf_json(b, c->args);
	} else {
		put_str(b, "lines", c->input);
	}
	if (c->kwargs) {
		key(b, "kwargs");
		exec_buf_json(b, c->kwargs);
	}
	if (c->has_value) {
		key(b, "want");
		exec_buf_json(b, c->value);
	} else {
		put_str(b, "want_text", c->want);
	}
	exec_buf_lit(b, "}");
}

static void put_tests(struct exec_buf *b, const struct exec_tests *t)
{
	size_t i;

	key(b, t->kind == EXEC_CALLS ? "cases" : "tests");
	exec_buf_lit(b, "[");
	for (i = 0; t->kind == EXEC_CALLS && i < t->n_cases; i++) {
		if (i > 0)
			exec_buf_lit(b, ",");
		put_case(b, t, &t->cases[i]);
	}
	for (i = 0; t->kind != EXEC_CALLS && i < t->n_texts; i++) {
		if (i > 0)
			exec_buf_lit(b, ",");
		exec_buf_json_str(b, t->texts[i]);
	}
	exec_buf_lit(b, "]");
}

static void put_modules(struct exec_buf *b, const struct exec_model *m)
{
	size_t i;

	key(b, "modules");
	exec_buf_lit(b, "[");
	for (i = 0; i < m->n_modules; i++) {
		if (i > 0)
			exec_buf_lit(b, ",");
		exec_buf_json_str(b, meed_s(m->modules[i]));
	}
	exec_buf_lit(b, "]");
}

static const char *mode(enum exec_kind kind)
{
	return kind == EXEC_CALLS ? "calls" : kind == EXEC_ASSERTS ? "asserts"
	     : kind == EXEC_UNIT ? "unit" : "check";
}

static int32_t make_job(struct exec_run *x, double timeout, meed_str *ret)
{
	const struct exec_model *m = x->m;
	const struct exec_tests *t = &x->st->tests;
	bool stop = m->stop == EXEC_STOP_FAILURE || (m->stop == EXEC_STOP_AUTO && !m->continuous);
	bool contest = m->preamble == EXEC_YES || (m->preamble == EXEC_AUTO && t->contest);
	struct exec_buf b;

	exec_buf_init(&b, x->h, x->c);
	exec_buf_lit(&b, "{");
	put_str(&b, "mode", meed_s(mode(t->kind)));
	put_str(&b, "setup", t->setup);
	put_str(&b, "prelude", t->prefix);
	put_str(&b, "entry", t->entry);
	put_bool(&b, "preamble", contest);
	put_bool(&b, "stop", stop);
	put_num(&b, "limit", timeout);
	put_num(&b, "grace", GRACE);
	put_num(&b, "rtol", m->value_rtol);
	put_num(&b, "atol", m->value_atol);
	key(&b, "max_frame");
	exec_buf_u64(&b, MAX_FRAME);
	put_modules(&b, m);
	put_tests(&b, t);
	exec_buf_lit(&b, "}");
	*ret = exec_buf_get(&b);
	return b.failed;
}

/* ---- posting ------------------------------------------------------------------------------- */

/* All tests share one run: each may take the time limit, and the first that does is the last. */
static meed_limits run_limits(const struct exec_run *x, double timeout)
{
	meed_limits l = exec_limits(x, timeout * (double)(x->st->n ? x->st->n : 1) + GRACE);

	l.output = JUDGE_OUTPUT;
	if (x->st->max.output && l.output > x->st->max.output)
		l.output = x->st->max.output;
	return l;
}

/* boot, a harness, the sample's files, and a file more if there is one. */
static int32_t fill(struct exec_run *x, meed_program *p, meed_str text, meed_str bytecode,
		    const meed_file *more)
{
	const struct exec_tests *t = &x->st->tests;
	meed_file *files = x->h->alloc(x->c, (t->n_files + 3) * sizeof(*files));
	size_t n = 0;

	if (!files)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	files[n++] = (meed_file){ "harness.py", text };
	files[n++] = (meed_file){ "harness.bin", bytecode };
	if (more)
		files[n++] = *more;
	if (t->n_files > 0)
		memcpy(files + n, t->files, t->n_files * sizeof(*files));
	p->struct_size = sizeof(*p);
	p->runtime = x->st->language.p;
	p->code = exec_boot_py;
	p->files = files;
	p->n_files = n + t->n_files;
	return MEED_OK;
}

int32_t exec_judge_post(struct exec_run *x)
{
	double timeout = exec_timeout(x);
	meed_limits limits = run_limits(x, timeout);
	meed_file solution = { "solution.py", x->st->program };
	meed_program program = { 0 }, judge = { 0 };
	meed_exec_run run = { .struct_size = sizeof(run) };
	const meed_exec_run *runs[1] = { &run };
	meed_exec e = { .struct_size = sizeof(e), .flags = MEED_EXEC_CHANNEL, .program = &program,
			.partner = &judge, .run_limits = &limits, .runs = runs, .n_runs = 1 };
	int32_t r;

	r = fill(x, &program, exec_shim_py, exec_shim_bin, &solution);
	if (r == MEED_OK)
		r = fill(x, &judge, exec_judge_py, exec_judge_bin, NULL);
	if (r == MEED_OK)
		r = make_job(x, timeout, &run.partner_input);
	x->st->round = x->st->n;
	return r < 0 ? r : x->m->exec->post(x->c, 1, &e);
}

/* ---- what the judge says ------------------------------------------------------------------- */

struct told {
	bool ready, end;
	size_t n;			/* tests that it told of */
	struct exec_verdict *stuck;	/* the one that the answer did not come back from */
};

static meed_str text(struct exec_run *x, const meed_val *v, const char *name)
{
	return exec_short(x->h, x->c, x->h->str(x->h->get(v, name)), SHOWN);
}

static enum exec_how how_of(meed_str s)
{
	static const struct {
		const char *name;
		enum exec_how how;
	} v[] = { { "wrong", EXEC_WRONG }, { "raised", EXEC_RAISED }, { "load", EXEC_LOADING },
		  { "missing", EXEC_MISSING }, { "gone", EXEC_GONE } };
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (meed_eq(s, meed_s(v[i].name)))
			return v[i].how;
	}
	return EXEC_WRONG;
}

static int32_t more_verdicts(struct exec_run *x, size_t n)
{
	struct exec_verdict *v = x->h->alloc(x->c, n * sizeof(*v));

	if (!v)
		return x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
	if (x->st->n > 0)
		memcpy(v, x->st->verdicts, (x->st->n < n ? x->st->n : n) * sizeof(*v));
	x->st->verdicts = v;
	x->st->n = n;
	return MEED_OK;
}

/* A file of tests: how many there are is known only now. */
static int32_t take_plan(struct exec_run *x, const meed_val *plan)
{
	size_t i, n = x->h->len(plan);
	int32_t r = more_verdicts(x, n);

	for (i = 0; r == MEED_OK && i < n; i++)
		x->st->verdicts[i].test =
			exec_short(x->h, x->c, x->h->str(x->h->at(plan, i)), SHOWN);
	return r;
}

static void take_verdict(struct exec_run *x, const meed_val *v, struct told *told)
{
	int64_t i = x->h->i64(x->h->get(v, "i"), -1);
	struct exec_verdict *d;

	if (i < 0 || (size_t)i >= x->st->n)
		return;
	d = &x->st->verdicts[i];
	told->n = (size_t)i + 1;
	if (x->h->num(x->h->get(v, "ok"), 0) > 0) {
		d->how = EXEC_PASSED;
		return;
	}
	d->how = how_of(x->h->str(x->h->get(v, "how")));
	if (x->h->get(v, "test"))
		d->test = text(x, v, "test");
	d->said = text(x, v, "said");
	d->input = text(x, v, "in");
	d->got = text(x, v, "got");
	d->want = text(x, v, "want");
	d->error = text(x, v, "error");
	if (d->how == EXEC_GONE)
		told->stuck = d;
}

static int32_t take_line(struct exec_run *x, meed_str line, struct told *told)
{
	const meed_val *v = x->h->parse(x->c, line), *why;

	if (!v)
		return MEED_OK;		/* cut at the limit: what follows has no verdict */
	why = x->h->get(v, "invalid");
	if (why)
		return meed_failf(x->h, x->c, MEED_E_SAMPLE, "%s", x->h->str(why).p);
	why = x->h->get(v, "unsupported");
	if (why)
		return meed_failf(x->h, x->c, MEED_E_UNSUPPORTED, "%s", x->h->str(why).p);
	if (x->h->get(v, "ready"))
		told->ready = true;
	else if (x->h->get(v, "end"))
		told->end = true;
	else if (x->h->get(v, "plan"))
		return take_plan(x, x->h->get(v, "plan"));
	else
		take_verdict(x, v, told);
	return MEED_OK;
}

static bool by_timer(const meed_ran *ran)
{
	/* SIGALRM, SIGPROF: what the shim arms */
	return ran->outcome == MEED_RAN_SIGNAL && (ran->code == 14 || ran->code == 27);
}

/* Why the answer's cage fell silent: what the cage says of it, or what the judge saw. */
static void explain(struct exec_run *x, const meed_ran *ran, struct exec_verdict *v)
{
	struct exec_verdict end = { .how = EXEC_NOT_RUN };
	meed_str why = v->error;

	exec_ended(x, ran, &end);
	if (meed_eq(why, MEED_S("time")) || by_timer(ran)) {
		v->how = EXEC_TIME;
		v->error = MEED_S("");
	} else if (meed_eq(why, MEED_S("it has ended")) && end.how != EXEC_NOT_RUN) {
		v->how = end.how == EXEC_PASSED ? EXEC_EXITED : end.how;
		v->code = end.code;
		v->error = end.error;
	}
}

/* The judge did not come to its end: the answer's doing if it had begun with it. */
static int32_t judge_failed(struct exec_run *x, const meed_ran *ran, struct told *told)
{
	struct exec_verdict end = { .how = EXEC_NOT_RUN };

	exec_ended(x, ran, &end);
	if (!told->ready)
		return meed_failf(x->h, x->c, MEED_E_UPSTREAM,
				  "the judge did not start (outcome %u, code %d): %.*s",
				  ran->outcome, (int)ran->code, (int)end.error.n, end.error.p);
	if (told->n < x->st->n) {
		struct exec_verdict *v = &x->st->verdicts[told->n];

		v->how = end.how == EXEC_TIME || end.how == EXEC_MEMORY ? end.how : EXEC_GONE;
		v->error = MEED_S("the test did not end");
	}
	return MEED_OK;
}

int32_t exec_judge_take(struct exec_run *x)
{
	const meed_exec_result *res = exec_result(x);
	struct told told = { 0 };
	size_t at = 0, end;
	meed_str out;
	int32_t r = MEED_OK;

	if (!res)
		return x->h->reply(x->c, 0)->status;
	if (res->n_runs < 1 || !res->partners)
		return x->h->fail(x->c, MEED_E_UPSTREAM, "the sandbox ran no judge");
	out = res->partners[0]->out;
	while (r == MEED_OK && at < out.n) {
		end = meed_find(out, at, MEED_S("\n"));
		end = end == MEED_NONE ? out.n : end;
		r = take_line(x, meed_sub(out, at, end), &told);
		at = end + 1;
	}
	if (r == MEED_OK && !told.end)
		r = judge_failed(x, res->partners[0], &told);
	if (r == MEED_OK && told.stuck)
		explain(x, res->runs[0], told.stuck);
	x->st->done = x->st->n;
	return r;
}
