/* exec_report.c - the score, and what is said about it. */
#include "config.h"
#include "exec.h"

static const struct {
	const char *word, *phrase;
} hows[] = {
	[EXEC_NOT_RUN] = { "not run", "was not run" },
	[EXEC_PASSED] = { "ok", "passed" },
	[EXEC_WRONG] = { "wrong", "wrong answer" },
	[EXEC_RAISED] = { "raised", "raised an exception" },
	[EXEC_LOADING] = { "load", "cannot be loaded" },
	[EXEC_MISSING] = { "missing", "is not defined" },
	[EXEC_EXITED] = { "exit", "ended with exit status" },
	[EXEC_SIGNALLED] = { "signal", "was killed by signal" },
	[EXEC_TIME] = { "time", "time limit exceeded" },
	[EXEC_MEMORY] = { "memory", "memory limit exceeded" },
	[EXEC_OUTPUT] = { "output", "output limit exceeded" },
	[EXEC_GONE] = { "gone", "broke off" },
	[EXEC_COMPILING] = { "compile", "does not compile" },
};

static size_t count_passed(const struct exec_state *st)
{
	size_t i, n = 0;

	for (i = 0; i < st->n; i++)
		n += st->verdicts[i].how == EXEC_PASSED;
	return n;
}

static const struct exec_verdict *first_failure(const struct exec_state *st, size_t *ret_i)
{
	for (*ret_i = 0; *ret_i < st->n; (*ret_i)++) {
		if (st->verdicts[*ret_i].how != EXEC_PASSED)
			return &st->verdicts[*ret_i];
	}
	return NULL;
}

/* What is said of a test beyond how it went. Expected values and the tests' own words are secret
 * unless asked for: reasons may be shown to the model that is trained. */
static bool may_show(const struct exec_run *x, enum exec_how how, bool expected)
{
	if (x->m->reveal == EXEC_REVEAL_ALL)
		return true;
	if (expected || x->m->reveal == EXEC_REVEAL_OUTCOME)
		return false;
	return how != EXEC_WRONG;
}

static void part(struct exec_buf *b, const char *name, meed_str s)
{
	if (s.n == 0)
		return;
	exec_buf_add(b, meed_s(name));
	exec_buf_add(b, s);
}

static void describe(const struct exec_run *x, const struct exec_verdict *v, struct exec_buf *b)
{
	exec_buf_add(b, meed_s(hows[v->how].phrase));
	if (v->how == EXEC_EXITED || v->how == EXEC_SIGNALLED) {
		exec_buf_lit(b, " ");
		exec_buf_u64(b, (uint64_t)(v->code < 0 ? 0 : v->code));
	}
	if (may_show(x, v->how, false))
		part(b, ": ", v->error);
	if (x->m->reveal != EXEC_REVEAL_OUTCOME && v->how == EXEC_WRONG)
		part(b, "; got ", v->got);
	if (x->m->reveal == EXEC_REVEAL_ALL) {
		if (v->how == EXEC_WRONG)
			part(b, "; expected ", v->want);
		part(b, "; input ", v->input);
		part(b, "; in ", v->said.n > 0 ? v->said : MEED_S(""));
	}
}

static void reason(struct exec_run *x, size_t passed, struct exec_buf *b)
{
	const struct exec_state *st = x->st;
	const struct exec_verdict *v;
	size_t i;

	if (st->program.n == 0) {
		exec_buf_lit(b, "the answer has no program");
		return;
	}
	if (st->compile_error.n > 0) {
		exec_buf_lit(b, "the program does not compile");
		if (x->m->reveal != EXEC_REVEAL_OUTCOME)
			part(b, ": ", st->compile_error);
		return;
	}
	exec_buf_u64(b, passed);
	exec_buf_lit(b, " of ");
	exec_buf_u64(b, st->n);
	exec_buf_add(b, st->n == 1 ? MEED_S(" test passed") : MEED_S(" tests passed"));
	v = first_failure(st, &i);
	if (!v)
		return;
	exec_buf_lit(b, "; test ");
	exec_buf_u64(b, i + 1);
	if (v->test.n > 0 && (st->tests.kind == EXEC_UNIT || x->m->reveal == EXEC_REVEAL_ALL)) {
		exec_buf_lit(b, " (");
		exec_buf_add(b, v->test);
		exec_buf_lit(b, ")");
	}
	exec_buf_lit(b, ": ");
	describe(x, v, b);
}

static void results(const struct exec_run *x, struct exec_buf *b)
{
	const struct exec_state *st = x->st;
	size_t i;

	exec_buf_lit(b, "[");
	for (i = 0; i < st->n; i++) {
		const struct exec_verdict *v = &st->verdicts[i];

		if (i > 0)
			exec_buf_lit(b, ",");
		exec_buf_lit(b, "\"");
		exec_buf_add(b, meed_s(hows[v->how].word));
		if (v->how == EXEC_EXITED || v->how == EXEC_SIGNALLED) {
			exec_buf_lit(b, " ");
			exec_buf_u64(b, (uint64_t)(v->code < 0 ? 0 : v->code));
		}
		exec_buf_lit(b, "\"");
	}
	exec_buf_lit(b, "]");
}

static int32_t extra(struct exec_run *x, size_t passed)
{
	const struct exec_state *st = x->st;
	struct exec_buf b;
	int32_t r;

	exec_buf_init(&b, x->h, x->c);
	exec_buf_u64(&b, passed);
	r = b.failed ? b.failed : x->h->put_extra(x->c, 0, "passed", exec_buf_get(&b));
	exec_buf_init(&b, x->h, x->c);
	exec_buf_u64(&b, st->n);
	if (r == MEED_OK)
		r = b.failed ? b.failed : x->h->put_extra(x->c, 0, "total", exec_buf_get(&b));
	exec_buf_init(&b, x->h, x->c);
	results(x, &b);
	if (r == MEED_OK)
		r = b.failed ? b.failed : x->h->put_extra(x->c, 0, "results", exec_buf_get(&b));
	exec_buf_init(&b, x->h, x->c);
	exec_buf_json_str(&b, st->language);
	if (r == MEED_OK && st->language.n > 0)
		r = b.failed ? b.failed : x->h->put_extra(x->c, 0, "language", exec_buf_get(&b));
	return r;
}

int32_t exec_report(struct exec_run *x)
{
	struct exec_state *st = x->st;
	size_t i, passed;
	double score;
	struct exec_buf b;
	int32_t r;

	for (i = 0; st->compile_error.n > 0 && i < st->n; i++)
		st->verdicts[i].how = EXEC_COMPILING;
	passed = count_passed(st);
	score = x->m->continuous ? (double)passed / (double)(st->n ? st->n : 1)
				 : passed == st->n && st->n > 0 ? 1.0 : 0.0;
	exec_buf_init(&b, x->h, x->c);
	if (x->s->want & MEED_WANT_REASON)
		reason(x, passed, &b);
	r = b.failed;
	if (r == MEED_OK && (x->s->want & MEED_WANT_EXTRA))
		r = extra(x, passed);
	if (r == MEED_OK)
		r = x->h->put_score(x->c, 0, MEED_NONE, NULL, score, exec_buf_get(&b));
	return r;
}
