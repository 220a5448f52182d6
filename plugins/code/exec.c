/* exec.c - code.execution: runs an answer's program against its tests. */
#include "config.h"
#include "code.h"
#include "exec.h"

#include <stdlib.h>

/* ---- parameters ---------------------------------------------------------------------------- */

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"tests\": {\"type\": \"array\", \"maxItems\": 16, \"items\": {\"type\": \"string\","
	"  \"pattern\": \"^(/label|/metadata|/reference$)\", \"maxLength\": 500},"
	"  \"default\": [\"/label/tests\", \"/label/inputs_outputs\", \"/label\", \"/reference\","
	"    \"/metadata/tests\", \"/metadata/inputs_outputs\", \"/metadata\"],"
	"  \"description\": \"where tests are looked for, in order: JSON pointers that begin with"
	" /label or /metadata, or /reference\"},"
	"\"continuous\": {\"type\": \"boolean\", \"default\": true,"
	"  \"description\": \"the score is the share of tests that pass; false: 1 if all do,"
	" else 0\"},"
	"\"timeout\": {\"type\": \"number\", \"default\": 10, \"exclusiveMinimum\": 0,"
	"  \"maximum\": 3600, \"description\": \"seconds of CPU time that one test may take; on the"
	" clock, twice as many\"},"
	"\"memory\": {\"type\": \"integer\", \"default\": 0, \"minimum\": 0,"
	"  \"description\": \"bytes that a program may use; 0: what its runtime says\"},"
	"\"max_cases\": {\"type\": \"integer\", \"default\": 0, \"minimum\": 0,"
	"  \"description\": \"only so many cases are run, the first ones; 0: all\"},"
	"\"stop\": {\"type\": \"string\", \"default\": \"auto\","
	"  \"enum\": [\"auto\", \"never\", \"limit\", \"failure\"],"
	"  \"description\": \"after which test to leave out the others, which then count as failed:"
	" one that reaches the time limit, one that fails; auto: limit, and failure if not"
	" continuous\"},"
	"\"language\": {\"type\": \"string\", \"default\": \"auto\", \"minLength\": 1,"
	"  \"maxLength\": 40, \"description\": \"what answers are written in; auto: what the"
	" sample or the block of code says, else python\"},"
	"\"block\": {\"type\": \"string\", \"default\": \"first\","
	"  \"enum\": [\"first\", \"last\", \"longest\"],"
	"  \"description\": \"which of several blocks of code in the right language is the"
	" answer\"},"
	"\"after\": {\"type\": \"string\", \"default\": \"</think>\", \"maxLength\": 100,"
	"  \"description\": \"only what stands behind the last such text is read\"},"
	"\"checker\": {\"type\": \"string\", \"default\": \"tokens\","
	"  \"enum\": [\"tokens\", \"exact\", \"floats\", \"unordered\"],"
	"  \"description\": \"how output is compared, unless the tests say it\"},"
	"\"rtol\": {\"type\": \"number\", \"default\": 1e-5, \"minimum\": 0, \"maximum\": 1,"
	"  \"description\": \"relative tolerance of numbers in output\"},"
	"\"atol\": {\"type\": \"number\", \"default\": 1e-8, \"minimum\": 0,"
	"  \"description\": \"absolute tolerance of numbers in output\"},"
	"\"value_rtol\": {\"type\": \"number\", \"default\": 0, \"minimum\": 0, \"maximum\": 1,"
	"  \"description\": \"relative tolerance of numbers that a called function returns\"},"
	"\"value_atol\": {\"type\": \"number\", \"default\": 0, \"minimum\": 0,"
	"  \"description\": \"absolute tolerance of numbers that a called function returns\"},"
	"\"preamble\": {\"type\": \"string\", \"default\": \"auto\","
	"  \"enum\": [\"auto\", \"yes\", \"no\"],"
	"  \"description\": \"whether Python programs find math, collections and the like imported,"
	" and may recurse deeply; auto: where the tests are inputs and outputs as in APPS\"},"
	"\"challenge\": {\"type\": \"boolean\", \"default\": false,"
	"  \"description\": \"MBPP: run challenge_test_list as well\"},"
	"\"modules\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 16, \"items\": {"
	"  \"type\": \"string\", \"pattern\": \"^[A-Za-z_][A-Za-z0-9_]*$\"},"
	"  \"default\": [\"solution\", \"answer\", \"submission\", \"candidate\", \"main\"],"
	"  \"description\": \"names by which test files import the answer\"},"
	"\"reveal\": {\"type\": \"string\", \"default\": \"got\","
	"  \"enum\": [\"outcome\", \"got\", \"all\"],"
	"  \"description\": \"what reasons tell of a test that fails: how it failed; also what the"
	" program gave; also input and expected value\"}}}";

static size_t one_of(const meed_host *h, const meed_val *params, const char *name,
		     const char *const *words)
{
	meed_str s = meed_param_str(h, params, name);
	size_t i;

	for (i = 0; words[i + 1] && !meed_eq(s, meed_s(words[i])); i++)
		;
	return i;
}

static size_t copy_list(const meed_host *h, const meed_val *params, const char *name, char **list)
{
	const meed_val *v = h->get(params, name);
	size_t i, n = h->len(v);
	meed_str s;

	for (i = 0; i < n && i < EXEC_MAX_LIST; i++) {
		s = h->str(h->at(v, i));
		list[i] = strndup(s.p, s.n);
		if (!list[i])
			return SIZE_MAX;
	}
	return i;
}

static void destroy(const meed_host *h, void *self)
{
	struct exec_model *m = self;
	size_t i;

	(void)h;
	if (!m)
		return;
	for (i = 0; i < EXEC_MAX_LIST; i++) {
		free(m->paths[i]);
		free(m->modules[i]);
	}
	free(m->language);
	free(m->after);
	free(m);
}

static void read_choices(const meed_host *h, const meed_val *params, struct exec_model *m)
{
	static const char *const blocks[] = { "first", "last", "longest", NULL };
	static const char *const checkers[] = { "tokens", "exact", "floats", "unordered", NULL };
	static const char *const stops[] = { "auto", "never", "limit", "failure", NULL };
	static const char *const maybes[] = { "auto", "yes", "no", NULL };
	static const char *const reveals[] = { "outcome", "got", "all", NULL };

	m->block = (enum exec_pick)one_of(h, params, "block", blocks);
	m->checker = (enum exec_checker)one_of(h, params, "checker", checkers);
	m->stop = (enum exec_stop)one_of(h, params, "stop", stops);
	m->preamble = (enum exec_maybe)one_of(h, params, "preamble", maybes);
	m->reveal = (enum exec_reveal)one_of(h, params, "reveal", reveals);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct exec_model *m = calloc(1, sizeof(*m));
	meed_str s;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->exec = h->extension(h, MEED_EXT_EXEC);
	m->continuous = meed_param_bool(h, params, "continuous");
	m->challenge = meed_param_bool(h, params, "challenge");
	m->timeout = meed_param_num(h, params, "timeout");
	m->memory = (uint64_t)meed_param_int(h, params, "memory");
	m->max_cases = (uint64_t)meed_param_int(h, params, "max_cases");
	m->rtol = meed_param_num(h, params, "rtol");
	m->atol = meed_param_num(h, params, "atol");
	m->value_rtol = meed_param_num(h, params, "value_rtol");
	m->value_atol = meed_param_num(h, params, "value_atol");
	read_choices(h, params, m);
	s = meed_param_str(h, params, "language");
	m->language = strndup(s.p, s.n);
	s = meed_param_str(h, params, "after");
	m->after = strndup(s.p, s.n);
	m->n_paths = copy_list(h, params, "tests", m->paths);
	m->n_modules = copy_list(h, params, "modules", m->modules);
	if (!m->language || !m->after || m->n_paths == SIZE_MAX || m->n_modules == SIZE_MAX) {
		destroy(h, m);
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	}
	*self = m;
	return MEED_OK;
}

/* ---- one answer ---------------------------------------------------------------------------- */

/* As many verdicts as tests; of a file of tests the judge will say how many there are. */
static int32_t make_verdicts(struct exec_run *x)
{
	struct exec_state *st = x->st;
	const struct exec_tests *t = &st->tests;

	st->n = t->kind == EXEC_STDIO || t->kind == EXEC_CALLS ? t->n_cases
	      : t->kind == EXEC_ASSERTS ? t->n_texts : 1;
	if (st->n == 0)
		return meed_failf(x->h, x->c, MEED_E_SAMPLE, "%.*s has no test", (int)t->where.n,
				  t->where.p);
	st->verdicts = x->h->alloc(x->c, st->n * sizeof(*st->verdicts));
	return st->verdicts ? MEED_OK : x->h->fail(x->c, MEED_E_NOMEM, "out of memory");
}

static int32_t post(struct exec_run *x)
{
	switch (x->st->tests.kind) {
	case EXEC_STDIO:
		return exec_stdio_post(x);
	case EXEC_APPEND:
		return exec_append_post(x);
	default:
		return exec_judge_post(x);
	}
}

static int32_t take(struct exec_run *x)
{
	switch (x->st->tests.kind) {
	case EXEC_STDIO:
		return exec_stdio_take(x);
	case EXEC_APPEND:
		return exec_append_take(x);
	default:
		return exec_judge_take(x);
	}
}

static int32_t begin(struct exec_run *x)
{
	if (!x->m->exec)
		return x->h->fail(x->c, MEED_E_UNSUPPORTED, "this host runs no programs");
	return exec_find_tests(x);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	struct exec_state *st = state;
	struct exec_run run = { h, c, self, s, st }, *x = &run;
	int32_t r;

	MEED_BEGIN(st);
	r = begin(x);
	if (r < 0)
		return r;
	if (st->tests.packed.n > 0) {
		r = exec_unpack_post(x);
		if (r < 0)
			return r;
		MEED_AWAIT(st);
		r = exec_unpack_take(x);
		if (r < 0)
			return r;
	}
	r = make_verdicts(x);
	if (r == MEED_OK)
		r = exec_program(x);
	if (r < 0)
		return r;
	while (st->program.n > 0 && !exec_enough(x)) {
		r = post(x);
		if (r < 0)
			return r;
		MEED_AWAIT(st);
		r = take(x);
		if (r < 0)
			return r;
		if (st->tests.kind == EXEC_STDIO && exec_stdio_needs_checker(x)) {
			r = exec_checker_post(x);
			if (r < 0)
				return r;
			MEED_AWAIT(st);
			r = exec_checker_take(x);
			if (r < 0)
				return r;
		}
	}
	r = exec_report(x);
	MEED_END(st);
	return r;
}

const meed_rm code_execution = MEED_MODEL(
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_EXEC,
	.id = "code.execution",
	.version = CODE_VERSION,
	.summary = "share of the tests that the answer's program passes, run in a sandbox",
	.license = CODE_LICENSE,
	.source = CODE_SOURCE "/code.py",
	.params_schema = schema,
	.score_min = 0,
	.score_max = 1,
	.state_size = sizeof(struct exec_state),
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate,
	.resume = evaluate);
