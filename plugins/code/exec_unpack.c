/* exec_unpack.c - LiveCodeBench's private cases: base64 of zlib of a pickled JSON text. A program
 * in a cage unpacks them, so that the plugin needs no library for it. */
#include "config.h"
#include "exec.h"

#define SECONDS 20

int32_t exec_unpack_post(struct exec_run *x)
{
	meed_runtime rt = { .struct_size = sizeof(rt) };
	meed_limits limits;
	meed_program p = { .struct_size = sizeof(p), .runtime = "python", .code = exec_unpack_py };
	meed_exec_run run = { .struct_size = sizeof(run), .input = x->st->tests.packed };
	const meed_exec_run *runs[1] = { &run };
	meed_exec e = { .struct_size = sizeof(e), .program = &p, .run_limits = &limits,
			.runs = runs, .n_runs = 1 };
	int32_t r = x->m->exec->runtime(x->c, p.runtime, &rt);

	if (r < 0)
		return meed_failf(x->h, x->c, r, "packed test cases: %.*s", (int)rt.why.n,
				  rt.why.p);
	if (rt.max)
		x->st->max = *rt.max;
	limits = exec_limits(x, SECONDS);
	limits.output = x->st->max.output;
	return x->m->exec->post(x->c, 1, &e);
}

int32_t exec_unpack_take(struct exec_run *x)
{
	const meed_exec_result *res = exec_result(x);
	struct exec_tests *t = &x->st->tests;
	struct exec_verdict end = { .how = EXEC_NOT_RUN };
	struct exec_buf b;
	const meed_val *list;

	if (!res)
		return x->h->reply(x->c, 0)->status;
	t->packed = MEED_S("");
	if (res->n_runs > 0)
		exec_ended(x, res->runs[0], &end);
	if (end.how == EXEC_OUTPUT)
		return meed_failf(x->h, x->c, MEED_E_LIMIT,
				  "%.*s: the packed cases are larger than the output that the "
				  "sandbox grants", (int)t->where.n, t->where.p);
	if (end.how != EXEC_PASSED)
		return meed_failf(x->h, x->c, MEED_E_SAMPLE,
				  "%.*s: the packed cases cannot be unpacked: %.*s",
				  (int)t->where.n, t->where.p, (int)end.error.n, end.error.p);
	exec_buf_init(&b, x->h, x->c);
	exec_buf_add(&b, res->runs[0]->out);
	if (b.failed)
		return b.failed;
	list = x->h->parse(x->c, exec_buf_get(&b));
	if (x->h->type(list) != MEED_T_ARR)
		return meed_failf(x->h, x->c, MEED_E_SAMPLE, "%.*s: the packed cases are no list",
				  (int)t->where.n, t->where.p);
	if (x->h->len(list) > 0 && exec_shape_list(x, list, t) < 0)
		return MEED_E_SAMPLE;
	if (x->m->max_cases && t->n_cases > x->m->max_cases)
		t->n_cases = (size_t)x->m->max_cases;
	return MEED_OK;
}
