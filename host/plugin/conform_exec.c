/* conform_exec.c - how the kit answers programs that a plugin posts: with outcomes made up from the
 * answer at hand. It runs nothing, so that the battery says the same on every machine. */
#include "config.h"

#include "host/plugin/conform.h"

/* Grants what a plugin may ask for anywhere. */
static const meed_limits most = { .struct_size = sizeof(most),
				  .processes = UINT32_MAX,
				  .wall_ms = UINT32_MAX,
				  .cpu_ms = UINT32_MAX,
				  .memory = UINT64_MAX,
				  .disk = UINT64_MAX,
				  .output = UINT64_MAX };

static int32_t find_any(const struct meed_runtimes *rt, const char *name, struct meed_arena *a,
			meed_runtime *ret)
{
	(void)rt;
	if (!*name || strcmp(name, "no-such-runtime") == 0) {
		ret->why = MEED_STR("the kit has no runtime of that name");
		return MEED_E_UNSUPPORTED;
	}
	ret->name = meed_arena_dup(a, meed_str_of(name));
	ret->flags = MEED_RUNTIME_COMPILES | MEED_RUNTIME_CHECKS | MEED_RUNTIME_WARM;
	ret->max = &most;
	return ret->name.p ? MEED_OK : MEED_E_NOMEM;
}

const struct meed_runtimes meed_conform_runtimes = { .find = find_any };

/* What the runs of one post come to, each in its turn, so that a model sees them mixed. */
static const struct {
	uint32_t outcome;
	int32_t code;
	uint32_t cut;
} outcomes[] = {
	{ MEED_RAN_EXIT, 0, 0 },   { MEED_RAN_EXIT, 1, 0 }, { MEED_RAN_SIGNAL, 11, 0 },
	{ MEED_RAN_WALL, 0, 0 },   { MEED_RAN_CPU, 0, 0 },  { MEED_RAN_MEMORY, 0, 0 },
	{ MEED_RAN_OUTPUT, 0, 3 }, { MEED_RAN_NOT, 0, 0 },
};

static void fill(meed_ran *r, size_t turn, meed_str text)
{
	size_t i = turn % (sizeof(outcomes) / sizeof(outcomes[0]));

	r->struct_size = sizeof(*r);
	r->outcome = outcomes[i].outcome;
	r->code = outcomes[i].code;
	r->cut = outcomes[i].cut;
	r->out = r->err = MEED_STR("");
	if (r->outcome == MEED_RAN_NOT)
		return;
	r->wall_us = 1000 * (turn + 1);
	r->cpu_us = 900 * (turn + 1);
	r->memory_peak = (uint64_t)8 << 20;
	r->out = text;
	if (turn % 2)
		r->err = text;
}

/* n outcomes from turn on. */
static const meed_ran *const *make(struct meed_arena *a, size_t n, size_t turn, meed_str text)
{
	const meed_ran **v = meed_arena_alloc(a, n * sizeof(meed_ran *));
	meed_ran *x = meed_arena_alloc(a, n * sizeof(*x));

	if (!v || !x)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		fill(&x[i], turn + i, text);
		v[i] = &x[i];
	}
	return v;
}

void meed_conform_answer_exec(struct meed_request *q, meed_str text, size_t turn)
{
	const meed_exec *e = q->exec;
	struct meed_arena *a = &q->answer;
	meed_exec_result *x = meed_arena_alloc(a, sizeof(*x));
	const meed_ran *const *compiled = make(a, 2, turn, text);
	meed_str own = meed_arena_dup(a, text);

	if (!x || !compiled || !own.p)
		goto nomem;
	x->struct_size = sizeof(*x);
	x->n_runs = e->n_runs;
	x->compiled = compiled[0];
	x->runs = make(a, e->n_runs, compiled[0]->outcome == MEED_RAN_EXIT ? turn : 7, own);
	if (!x->runs)
		goto nomem;
	if (e->partner) {
		x->partner_compiled = compiled[1];
		x->partners = make(a, e->n_runs, turn + 1, own);
		if (!x->partners)
			goto nomem;
	}
	q->ran = x;
	return;
nomem:
	q->reply.status = MEED_E_NOMEM;
	q->reply.error = MEED_STR("out of memory");
}
