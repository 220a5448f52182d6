/* eval.c - runs one instance on one sample: an output, a list or steps; pairs are in pairs.c. */
#include "config.h"

#include <math.h>

#include "host/engine/task.h"

void slot_fail(struct task *t, struct slot *s, int32_t code, meed_str why, meed_str culprit)
{
	(void)t;
	s->state = SLOT_FAILED;
	s->code = code;
	s->why = why;
	s->culprit = culprit;
}

/* ---- from verdicts to slots ------------------------------------------------------------------ */

void slot_take_failure(struct slot *s, const struct eval *e)
{
	s->state = e->verdict == MEED_ABSTAIN ? SLOT_ABSTAIN : SLOT_FAILED;
	s->code = e->verdict == MEED_ABSTAIN ? 0 : e->verdict;
	s->why = e->ctx.why;
	if (!s->why.n)
		s->why = e->verdict == MEED_ABSTAIN ? MEED_STR("no opinion on this sample")
						    : meed_str_of(meed_err_name(e->verdict));
	s->culprit = meed_str_of(e->node->name);
}

static void slot_take_score(struct slot *s, const struct eval *e, size_t cand)
{
	const struct meed_score *sc = &e->ctx.scores[cand];

	s->eval = NULL;
	if (e->verdict != MEED_OK) {
		slot_take_failure(s, e);
	} else if (!sc->set) {
		s->state = SLOT_FAILED;
		s->code = MEED_E_INTERNAL;
		s->why = MEED_STR("the model gave this output no score");
		s->culprit = meed_str_of(e->node->name);
	} else {
		s->state = SLOT_RAW;
		s->raw = sc->score;
		s->why = sc->reason;
	}
}

static bool steps_aggregate(const struct eval *e, double *ret)
{
	const struct meed_score *st = e->ctx.steps ? e->ctx.steps[0] : NULL;
	size_t n = e->sample.cands[0].n_steps, k = 0;
	double sum = 0, product = 1, low = INFINITY, last = 0;

	for (size_t i = 0; st && i < n; i++) {
		if (!st[i].set)
			continue;
		k++;
		sum += st[i].score;
		product *= st[i].score;
		low = st[i].score < low ? st[i].score : low;
		last = st[i].score;
	}
	if (!k)
		return false;
	switch (e->node->steps_agg) {
	case MEED_S_MIN:
		*ret = low;
		break;
	case MEED_S_LAST:
		*ret = last;
		break;
	case MEED_S_PRODUCT:
		*ret = product;
		break;
	case MEED_S_SUM:
		*ret = sum;
		break;
	case MEED_S_MEAN:
	default:
		*ret = sum / (double)k;
		break;
	}
	return true;
}

static void settle_steps(struct slot *s, const struct eval *e)
{
	if (e->verdict != MEED_OK) {
		slot_take_failure(s, e);
		return;
	}
	if (e->ctx.scores[0].set) {
		slot_take_score(s, e, 0);
		return;
	}
	if (!steps_aggregate(e, &s->raw)) {
		s->state = SLOT_ABSTAIN;
		s->why = MEED_STR("no step was scored");
		return;
	}
	s->state = SLOT_RAW;
	s->why = meed_arena_printf(e->task->arena, "%s of %zu steps",
				   meed_steps_agg_name(e->node->steps_agg),
				   e->sample.cands[0].n_steps);
}

/* ---- costs ------------------------------------------------------------------------------------- */

struct meed_cost *cost_add(struct task *t, struct meed_cost *to, const struct meed_cost *c)
{
	if (!c || !c->n_requests)
		return to;
	if (!to)
		to = meed_arena_alloc(t->arena, sizeof(*to));
	if (!to) {
		t->nomem = true;
		return NULL;
	}
	to->n_requests += c->n_requests;
	to->n_cached += c->n_cached;
	to->tokens_in += c->tokens_in;
	to->tokens_out += c->tokens_out;
	to->money += c->money;
	to->priced |= c->priced;
	return to;
}

/* ---- the end of an evaluation --------------------------------------------------------------------- */

/* Hands a finished evaluation's verdict to the slots that waited for it. */
static bool is_cancelled(const struct task *t)
{
	const atomic_int *cancel = t->engine->opts.cancel;

	return cancel && atomic_load_explicit(cancel, memory_order_relaxed);
}

static void eval_finish(struct eval *e)
{
	struct task *t = e->task;
	struct slot *s;

	e->finished = true;
	t->stopped = t->stopped || (e->verdict == MEED_E_CANCELLED && is_cancelled(t));
	switch (e->sample.mode) {
	case MEED_LISTWISE:
		for (size_t i = 0; i < t->n_live; i++) {
			s = task_slot(t, e->node_index, t->live[i]);
			slot_take_score(s, e, i);
			s->eval = e;
			s->cand = (uint32_t)i;
			s->time_ns = e->time_ns;
			s->cost = e->cost;
		}
		break;
	case MEED_PAIRWISE:
		pairs_finish(t, e->node_index);
		break;
	case MEED_STEPWISE:
		s = task_slot(t, e->node_index, e->out_a);
		settle_steps(s, e);
		s->eval = e;
		s->time_ns = e->time_ns;
		s->cost = e->cost;
		break;
	default:
		s = task_slot(t, e->node_index, e->out_a);
		slot_take_score(s, e, 0);
		s->eval = e;
		s->time_ns = e->time_ns;
		s->cost = e->cost;
		break;
	}
}

/* ---- requests ------------------------------------------------------------------------------------ */

static void request_done(struct meed_request *r)
{
	struct eval *e = (struct eval *)r->ctx;
	struct task *t = e->task;

	if (atomic_fetch_sub_explicit(&e->n_open, 1, memory_order_acq_rel) != 1)
		return;
	(void)pthread_mutex_lock(&t->queue->lock);
	e->next = t->mailbox;
	t->mailbox = e;
	if (t->state == TASK_IDLE) {
		t->state = TASK_QUEUED;
		t->next = NULL;
		if (t->queue->last)
			t->queue->last->next = t;
		else
			t->queue->first = t;
		t->queue->last = t;
		(void)pthread_cond_signal(&t->queue->cond);
	}
	(void)pthread_mutex_unlock(&t->queue->lock);
}

static void cap_timeout(uint32_t *timeout_ms, uint64_t deadline_ns)
{
	uint64_t now, left;

	if (!deadline_ns)
		return;
	now = meed_now_ns();
	left = deadline_ns > now ? (deadline_ns - now) / 1000000 : 0;
	left = left ? left : 1;
	if (!*timeout_ms || left < *timeout_ms)
		*timeout_ms = left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

static void submit(struct meed_transport *tr, struct meed_request *r)
{
	if (tr) {
		tr->submit(tr, r);
		return;
	}
	r->reply.status = MEED_E_UNSUPPORTED;
	r->reply.error = r->kind == MEED_REQ_EXEC ? MEED_STR("this run has no sandbox")
						  : MEED_STR("no endpoint is configured");
	r->done(r);
}

static void eval_submit(struct eval *e)
{
	const struct meed_engine_opts *o = &e->task->engine->opts;
	struct meed_request *r, *next;

	atomic_store_explicit(&e->n_open, (unsigned)e->ctx.n_reqs, memory_order_release);
	e->task->n_posts += e->ctx.n_reqs;
	for (r = e->ctx.req_first; r; r = next) {
		next = r->next;
		r->ctx = &e->ctx;
		r->done = request_done;
		if (!r->endpoint.n && e->node->endpoint)
			r->endpoint = meed_str_of(e->node->endpoint);
		if (r->kind == MEED_REQ_EXEC)
			e->caged_ns = meed_now_ns();
		else
			cap_timeout(r->kind == MEED_REQ_HTTP ? &r->http.timeout_ms
							     : &r->chat.timeout_ms,
				    e->ctx.deadline_ns);
		submit(r->kind == MEED_REQ_EXEC ? o->exec : o->transport, r);
	}
}

/* ---- running ---------------------------------------------------------------------------------------- */

static int32_t eval_call(struct eval *e)
{
	const struct meed_node *n = e->node;
	const meed_rm *rm = &n->model->rm;
	const meed_host *h = &e->task->engine->reg->host;
	bool timed = e->task->engine->timed;
	uint64_t t0 = timed ? meed_now_ns() : 0;
	int32_t r;

	if (n->serial)
		(void)pthread_mutex_lock(n->serial);
	r = e->resuming ? rm->resume(h, &e->ctx, n->self, &e->sample, e->state)
			: rm->evaluate(h, &e->ctx, n->self, &e->sample, e->state);
	if (n->serial)
		(void)pthread_mutex_unlock(n->serial);
	if (timed)
		e->time_ns += meed_now_ns() - t0;
	return r;
}

/* Plugins do not know who answered: an answer that could not be read is told with its endpoint.
 * Judges quote what was said, and have panels. */
static void name_endpoint(struct eval *e)
{
	const struct meed_request *q = e->ctx.n_replies ? e->ctx.replies[0] : NULL;

	if (!q || q->kind == MEED_REQ_CHAT || q->kind == MEED_REQ_EXEC || !q->endpoint.n)
		return;
	e->ctx.why = meed_arena_printf(e->task->arena, "%.*s (endpoint \"%.*s\")",
				       (int)e->ctx.why.n, e->ctx.why.p, (int)q->endpoint.n,
				       q->endpoint.p);
}

/* Calls the model and deals with its answer: true if the evaluation is finished. */
static bool eval_step(struct eval *e)
{
	int32_t r = meed_ctx_verdict(&e->ctx, eval_call(e), &e->sample);

	if (r == MEED_PENDING) {
		eval_submit(e);
		return false;
	}
	if (r == MEED_E_PARSE)
		name_endpoint(e);
	e->verdict = r;
	eval_finish(e);
	return true;
}

static void eval_drop(struct eval *e, int32_t code, meed_str why)
{
	const meed_rm *rm = &e->node->model->rm;

	if (rm->abandon)
		rm->abandon(&e->task->engine->reg->host, e->node->self, e->state);
	e->verdict = code;
	e->ctx.why = why;
	eval_finish(e);
}

/* Programs have limits of their own, and wait for a cage as long as others take: that is no part of
 * the time that an evaluation may take. */
static void forgive_cages(struct eval *e)
{
	if (e->caged_ns && e->ctx.deadline_ns)
		e->ctx.deadline_ns += meed_now_ns() - e->caged_ns;
	e->caged_ns = 0;
}

void eval_resume(struct eval *e)
{
	struct task *t = e->task;

	forgive_cages(e);
	for (const struct meed_request *r = e->ctx.req_first; r; r = r->next)
		e->cost = cost_add(t, e->cost, &r->cost);
	/* replies of endpoints have been paid for: they are used; programs have been stopped */
	if ((e->node->model->rm.needs & MEED_NEEDS_EXEC) && is_cancelled(t)) {
		eval_drop(e, MEED_E_CANCELLED, MEED_STR("the run was stopped"));
	} else if (meed_ctx_next_round(&e->ctx) < 0) {
		eval_drop(e, MEED_E_NOMEM, MEED_STR("out of memory"));
	} else {
		e->resuming = true;
		if (!eval_step(e))
			return;
	}
	t->n_waiting--;
}

/* What all evaluations of a sample have in common. */
static struct eval *proto_new(struct task *t)
{
	const struct meed_engine_opts *o = &t->engine->opts;
	const struct meed_row *row = t->row;
	struct eval *e = meed_arena_alloc(t->arena, sizeof(*e));
	meed_sample *s;

	if (!e)
		return NULL;
	e->task = t;
	e->verdict = MEED_OK;
	e->ctx.reg = t->engine->reg;
	e->ctx.phase = MEED_PHASE_EVALUATE;
	e->ctx.arena = t->arena;
	e->ctx.tokens = &t->tokens;
	e->ctx.cancel = o->cancel;
	e->ctx.want = o->want;
	e->ctx.seed_row = row;
	e->ctx.seed_key[0] = o->seed;
	s = &e->sample;
	s->struct_size = sizeof(*s);
	s->want = o->want;
	s->id = row->id;
	s->n_prompt = row->n_prompt;
	s->prompt = row->prompt;
	s->task_category = row->task_category;
	s->source = row->source;
	s->meta = row->meta;
	return e;
}

static int32_t ctx_fill(struct eval *e, struct task *t)
{
	const struct meed_engine_opts *o = &t->engine->opts;
	uint32_t timeout_ms = e->node->timeout_ms ? e->node->timeout_ms : o->timeout_ms;
	struct meed_ctx *c = &e->ctx;

	c->deadline_ns = timeout_ms ? meed_now_ns() + (uint64_t)timeout_ms * 1000000 : 0;
	c->seed_key[1] = e->node_index;
	c->seed_key[2] = e->out_a * 31 + e->out_b;
	if (e->sample.mode == MEED_STEPWISE)
		c->n_steps = &e->sample.cands[0].n_steps;
	if (c->model->rm.state_size) {
		e->state = meed_arena_alloc(t->arena, c->model->rm.state_size);
		if (!e->state)
			return MEED_E_NOMEM;
	}
	return meed_ctx_begin(c, e->sample.n_cands);
}

/* Makes an evaluation and says whether it may run: a failure found before is its verdict. */
struct eval *eval_new(struct task *t, uint32_t node, const meed_cand *cands, size_t n_cands)
{
	const struct meed_node *n = &t->engine->plan->nodes[node];
	struct eval *e;

	if (!t->proto)
		t->proto = proto_new(t);
	e = t->proto ? meed_arena_raw(t->arena, sizeof(*e)) : NULL;
	if (!e) {
		t->nomem = true;
		return NULL;
	}
	memcpy(e, t->proto, sizeof(*e));
	e->node = n;
	e->node_index = node;
	e->ctx.model = n->model;
	e->ctx.instance = n->name;
	e->sample.mode = n->mode;
	e->sample.cands = cands;
	e->sample.n_cands = n_cands;
	return e;
}

bool eval_start(struct eval *e)
{
	bool no_ref = false;

	if (ctx_fill(e, e->task) < 0) {
		e->task->nomem = true;
		e->verdict = MEED_E_NOMEM;
		e->ctx.why = MEED_STR("out of memory");
		eval_finish(e);
		return true;
	}
	for (size_t i = 0; i < e->sample.n_cands; i++)
		no_ref = no_ref || !e->sample.cands[i].n_refs;
	if (no_ref && (e->node->model->rm.needs & MEED_NEEDS_REFERENCE)) {
		e->verdict = MEED_E_SAMPLE;
		e->ctx.why = MEED_STR("the sample has no reference (answer.label.reference); name "
				      "its field with --map reference=/PATH");
		eval_finish(e);
		return true;
	}
	if (!eval_step(e)) {
		e->task->n_waiting++;
		return false;
	}
	return true;
}

bool nomem_slots(struct task *t, uint32_t node)
{
	meed_str who = meed_str_of(t->engine->plan->nodes[node].name);

	t->nomem = true;
	for (size_t i = 0; i < t->n_live; i++)
		slot_fail(t, task_slot(t, node, t->live[i]), MEED_E_NOMEM,
			  MEED_STR("out of memory"), who);
	return true;
}

static bool start_single(struct task *t, uint32_t node, size_t out)
{
	struct slot *s = task_slot(t, node, out);
	const meed_cand *cand = &t->row->outs[out].cand;
	struct eval *e;

	if (t->engine->plan->nodes[node].mode == MEED_STEPWISE && !cand->n_steps) {
		s->state = SLOT_ABSTAIN;
		s->why = MEED_STR("the output has no steps");
		return true;
	}
	e = eval_new(t, node, cand, 1);
	if (!e) {
		slot_fail(t, s, MEED_E_NOMEM, MEED_STR("out of memory"),
			  meed_str_of(t->engine->plan->nodes[node].name));
		return true;
	}
	e->out_a = e->out_b = out;
	s->state = SLOT_WAIT;
	s->eval = e;
	return eval_start(e);
}

static bool start_list(struct task *t, uint32_t node)
{
	struct eval *e;

	if (!t->live_cands) {
		t->live_cands = meed_arena_raw(t->arena, t->n_live * sizeof(*t->live_cands));
		if (!t->live_cands)
			return nomem_slots(t, node);
		for (size_t i = 0; i < t->n_live; i++)
			t->live_cands[i] = t->row->outs[t->live[i]].cand;
	}
	e = eval_new(t, node, t->live_cands, t->n_live);
	if (!e)
		return nomem_slots(t, node);
	for (size_t i = 0; i < t->n_live; i++) {
		struct slot *s = task_slot(t, node, t->live[i]);

		s->state = SLOT_WAIT;
		s->eval = e;
	}
	return eval_start(e);
}

bool eval_instance(struct task *t, uint32_t node, size_t out)
{
	switch (t->engine->plan->nodes[node].mode) {
	case MEED_LISTWISE:
		return start_list(t, node);
	case MEED_PAIRWISE:
		return pairs_start(t, node);
	default:
		return start_single(t, node, out);
	}
}
