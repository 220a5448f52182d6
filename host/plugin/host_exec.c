/* host_exec.c - extension meed.exec/1: programs that plugins post, checked, copied whole into the
 * arena, queued; and their outcomes. */
#include "config.h"

#include "host/plugin/internal.h"

/* What a runtime's look-up gives while none is configured. */
static int32_t no_runtime(meed_runtime *ret)
{
	ret->why = MEED_STR("no runtime is configured; add one to `runtimes`");
	return MEED_E_UNSUPPORTED;
}

static int32_t find_runtime(const meed_ctx *c, const char *name, meed_runtime *ret)
{
	const struct meed_runtimes *rt = c->reg->runtimes;

	memset(ret, 0, sizeof(*ret));
	ret->struct_size = sizeof(*ret);
	ret->name = MEED_STR("");
	ret->why = MEED_STR("");
	return rt ? rt->find(rt, name, c->arena, ret) : no_runtime(ret);
}

/* ---- runtime ---- */

static int32_t exec_runtime(meed_ctx *c, const char *name, meed_runtime *ret)
{
	meed_runtime found;
	uint32_t size = ret ? ret->struct_size : 0;
	int32_t r;

	if (!name || !ret)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s called " MEED_EXT_EXEC " runtime with NULL",
				      meed_ctx_model_id(c));
	if (size < MEED_RUNTIME_MIN || size > MEED_STRUCT_MAX)
		return meed_ctx_failf(
			c, MEED_E_INTERNAL,
			"%s called " MEED_EXT_EXEC " runtime with a bad meed_runtime: "
			"struct_size = %u: must be %zu (ABI 1.0) to %d; set it to sizeof",
			meed_ctx_model_id(c), size, MEED_RUNTIME_MIN, MEED_STRUCT_MAX);
	if (!(c->model && (c->model->rm.needs & MEED_NEEDS_EXEC)))
		return meed_ctx_failf(c, MEED_E_UNSUPPORTED,
				      "%s called " MEED_EXT_EXEC " runtime, but its needs do not "
				      "declare MEED_NEEDS_EXEC",
				      meed_ctx_model_id(c));
	r = find_runtime(c, name, &found);
	if (r == MEED_E_NOMEM)
		return meed_ctx_nomem(c);
	if (size > sizeof(found))
		memset((char *)ret + sizeof(found), 0, size - sizeof(found));
	memcpy(ret, &found, size < sizeof(found) ? size : sizeof(found));
	ret->struct_size = size;
	return r;
}

/* ---- post ---- */

static int32_t refuse(meed_ctx *c, const char *what)
{
	return meed_ctx_failf(c, MEED_E_INTERNAL, "%s called " MEED_EXT_EXEC " post %s",
			      meed_ctx_model_id(c), what);
}

static int32_t check_flags(meed_ctx *c, const meed_exec *e)
{
	static const uint32_t all = MEED_EXEC_STOP | MEED_EXEC_CHECK | MEED_EXEC_CHANNEL |
				    MEED_EXEC_CROSS | MEED_EXEC_STOP_LIMIT;

	if (e->flags & ~all)
		return meed_ctx_failf(c, MEED_E_UNSUPPORTED,
				      "%s called " MEED_EXT_EXEC " post with flags = %u, which has "
				      "the unknown bits %u",
				      meed_ctx_model_id(c), e->flags, e->flags & ~all);
	if (!e->partner && (e->flags & (MEED_EXEC_CHANNEL | MEED_EXEC_CROSS)))
		return refuse(c,
			      "with MEED_EXEC_CHANNEL or MEED_EXEC_CROSS, but without a partner");
	if ((e->flags & MEED_EXEC_CHECK) && (e->partner || e->n_runs))
		return refuse(c, "with MEED_EXEC_CHECK, and with a partner or runs: a syntax check "
				 "has none");
	return MEED_OK;
}

struct grant {
	const char *what, *name;
	uint64_t asked, max;
};

static int32_t check_limits(meed_ctx *c, const meed_limits *l, const meed_runtime *rt)
{
	const meed_limits *m = rt->max;
	const struct grant v[] = {
		{ "run at once", "processes", l->processes, m->processes },
		{ "of wall clock", "wall_ms", l->wall_ms, m->wall_ms },
		{ "of CPU time", "cpu_ms", l->cpu_ms, m->cpu_ms },
		{ "of memory", "memory", l->memory, m->memory },
		{ "of disk", "disk", l->disk, m->disk },
		{ "of output", "output", l->output, m->output },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		if (v[i].asked > v[i].max)
			return meed_ctx_failf(c, MEED_E_LIMIT,
					      "%s asks the sandbox for %s = %llu: at most %llu is "
					      "granted (sandbox.max in the configuration)",
					      meed_ctx_model_id(c), v[i].name,
					      (unsigned long long)v[i].asked,
					      (unsigned long long)v[i].max);
	return MEED_OK;
}

/* The runtime of a program, and whether it does what is asked. */
static int32_t check_runtime(meed_ctx *c, const meed_exec *e, const meed_program *p)
{
	meed_runtime rt;
	int32_t r = find_runtime(c, p->runtime, &rt);

	if (r == MEED_E_NOMEM)
		return meed_ctx_nomem(c);
	if (r < 0)
		return meed_ctx_failf(c, r, "%.*s", (int)rt.why.n, rt.why.p);
	if ((e->flags & MEED_EXEC_CHECK) && !(rt.flags & MEED_RUNTIME_CHECKS))
		return meed_ctx_failf(c, MEED_E_UNSUPPORTED,
				      "the runtime \"%.*s\" has no syntax check", (int)rt.name.n,
				      rt.name.p);
	if (e->compile_limits)
		r = check_limits(c, e->compile_limits, &rt);
	if (r == MEED_OK && e->run_limits)
		r = check_limits(c, e->run_limits, &rt);
	return r;
}

int32_t meed_ctx_post_exec(meed_ctx *c, uint32_t tag, const meed_exec *theirs)
{
	struct meed_request *q =
		meed_request_new(c, MEED_EXT_EXEC " post", MEED_NEEDS_EXEC, "MEED_NEEDS_EXEC", tag);
	meed_exec *e = NULL;
	int32_t r;

	if (!q)
		return c->code;
	if (!theirs)
		return refuse(c, "with a NULL request");
	r = meed_exec_copy(c, theirs, &e);
	if (r == MEED_OK)
		r = check_flags(c, e);
	if (r == MEED_OK)
		r = check_runtime(c, e, e->program);
	if (r == MEED_OK && e->partner)
		r = check_runtime(c, e, e->partner);
	if (r < 0)
		return r;
	q->kind = MEED_REQ_EXEC;
	q->exec = e;
	meed_request_enqueue(c, q);
	return MEED_OK;
}

/* ---- result ---- */

const meed_exec_result *meed_ctx_exec_result(const meed_ctx *c, size_t i)
{
	const struct meed_request *q = i < c->n_replies ? c->replies[i] : NULL;

	return q && q->kind == MEED_REQ_EXEC && q->reply.status == MEED_OK ? q->ran : NULL;
}

static const meed_ext_exec table = {
	.struct_size = sizeof(meed_ext_exec),
	.revision = 1,
	.runtime = exec_runtime,
	.post = meed_ctx_post_exec,
	.result = meed_ctx_exec_result,
};

const meed_ext_exec *meed_host_exec(void)
{
	return &table;
}
