/* result.c - what a settled task says about each output and step. */
#include "config.h"

#include <math.h>

#include "host/engine/task.h"

/* A result under construction. */
struct build {
	struct task *t;
	const struct meed_plan *plan;
	size_t out;
	bool *shown;			/* per node: its details stand already in this output's result */
	bool nomem;
};

static void *build_alloc(struct build *b, size_t n, size_t size)
{
	void *p = NULL;
	size_t bytes;

	if (!meed_mul_overflow(n, size, &bytes))
		p = meed_arena_alloc(b->t->arena, bytes);
	if (!p)
		b->nomem = true;
	return p;
}

static meed_str build_extra(struct build *b, const struct eval *e, size_t cand)
{
	struct meed_buf buf = { 0 };
	meed_str r = { NULL, 0 };
	const struct meed_extra **order;
	size_t n = 0, k = 0;

	for (const struct meed_extra *x = e->ctx.extras; x; x = x->next)
		n += x->cand == cand;
	order = n ? build_alloc(b, n, sizeof(*order)) : NULL;
	if (!order)
		return r;
	for (const struct meed_extra *x = e->ctx.extras; x; x = x->next)
		if (x->cand == cand)
			order[n - ++k] = x;
	for (k = 0; k < n; k++) {
		meed_buf_putc(&buf, k ? ',' : '{');
		meed_buf_json_str(&buf, order[k]->key);
		meed_buf_putc(&buf, ':');
		meed_buf_put(&buf, order[k]->json.p, order[k]->json.n);
	}
	meed_buf_putc(&buf, '}');
	if (!buf.failed)
		r = meed_arena_dup(b->t->arena, (meed_str){ buf.p, buf.n });
	if (!r.p)
		b->nomem = true;
	meed_buf_release(&buf);
	return r;
}

/* The named details that a model gave beside its score, as details of its detail. */
static void build_dims(struct build *b, const struct eval *e, size_t cand, size_t step,
		       struct meed_detail *d)
{
	struct meed_detail *v;
	size_t n = 0, k = 0;

	for (const struct meed_dim *x = e->ctx.dims; x; x = x->next)
		n += x->cand == cand && x->step == step;
	v = n ? build_alloc(b, n, sizeof(*v)) : NULL;
	if (!v)
		return;
	for (const struct meed_dim *x = e->ctx.dims; x; x = x->next) {
		struct meed_buf buf = { 0 };
		struct meed_detail *at;

		if (x->cand != cand || x->step != step)
			continue;
		at = &v[n - ++k];
		meed_buf_json_str(&buf, x->name);
		if (!buf.failed)
			at->name_json = meed_arena_dup(b->t->arena, (meed_str){ buf.p, buf.n });
		meed_buf_release(&buf);
		if (!at->name_json.p) {
			b->nomem = true;
			at->name_json = MEED_STR("\"\"");
		}
		at->score = at->raw = x->score;
		at->reason = x->reason;
	}
	d->details = v;
	d->n_details = n;
}

static bool combine_weighs(enum meed_combine c)
{
	return c == MEED_C_SUM || c == MEED_C_MEAN || c == MEED_C_VOTE || c == MEED_C_GATE ||
	       c == MEED_C_LOWER_BOUND;
}

static const struct meed_cost *cost_taken(struct build *b, const struct meed_cost *c)
{
	struct meed_cost *own = build_alloc(b, 1, sizeof(*own));

	if (own)
		*own = *c;
	return own;
}

static struct meed_detail *build_members(struct build *b, uint32_t node, size_t *ret_n);

/* What a node says of itself: reason, extra, named details, or its members' details. */
static void build_node(struct build *b, uint32_t node, struct meed_detail *d)
{
	const struct slot *s = task_slot(b->t, node, b->out);

	d->time_ns = s->time_ns;
	/* Once a sample, though several outputs or parents may show it: sums over a file are right. */
	if (s->cost && s->cost->n_requests) {
		d->cost = cost_taken(b, s->cost);
		s->cost->n_requests = 0;
	}
	if (s->state == SLOT_OK || s->state == SLOT_RAW)
		d->reason = s->why;
	else if (d->state != MEED_D_IDLE)
		d->error = s->why;
	if (s->eval) {
		if (s->eval->ctx.extras)
			d->extra = build_extra(b, s->eval, s->cand);
		if (s->eval->ctx.dims)
			build_dims(b, s->eval, s->cand, MEED_NONE, d);
	} else if (s->extra.n) {
		d->extra = s->extra;
	} else if (s->parts) {
		if (!b->shown)
			b->shown = build_alloc(b, b->plan->n_nodes, sizeof(*b->shown));
		if (!b->shown || b->shown[node])
			return;
		b->shown[node] = true;
		d->details = build_members(b, node, &d->n_details);
	}
}

static struct meed_detail *build_members(struct build *b, uint32_t node, size_t *ret_n)
{
	const struct meed_node *n = &b->plan->nodes[node];
	const struct part *parts = task_slot(b->t, node, b->out)->parts;
	struct meed_detail *v = build_alloc(b, n->n_members, sizeof(*v));

	*ret_n = 0;
	if (!v)
		return NULL;
	for (size_t i = 0; i < n->n_members; i++) {
		const struct meed_member *m = &n->members[i];
		struct meed_detail *d = &v[i];

		d->name_json = m->name_json;
		d->state = parts[i].state;
		d->weighted = combine_weighs(n->combine) && !m->is_gate;
		d->weight = m->weight;
		d->contribution = parts[i].contribution;
		d->score = parts[i].score;
		d->raw = task_slot(b->t, m->node, b->out)->score;
		d->code = parts[i].code;
		if (d->state != MEED_D_IDLE)
			build_node(b, m->node, d);
		if (d->state == MEED_D_FAILED && !d->code) {
			d->code = task_slot(b->t, node, b->out)->code;
			d->error = task_slot(b->t, node, b->out)->why;
		}
	}
	*ret_n = n->n_members;
	return v;
}

static void build_reward(struct build *b, struct meed_reward *r)
{
	uint32_t root = b->plan->root;
	const struct slot *s = task_slot(b->t, root, b->out);
	struct meed_detail *d;

	r->present = true;
	r->valid = s->state == SLOT_OK;
	r->score = r->valid ? s->score : 0;
	if (!r->valid) {
		r->code = s->state == SLOT_ABSTAIN ? MEED_ABSTAIN : s->code;
		r->error = s->why;
		r->member = s->culprit;
	}
	if (s->parts) {
		r->details = build_members(b, root, &r->n_details);
		return;
	}
	d = build_alloc(b, 1, sizeof(*d));
	if (!d)
		return;
	d->name_json = (meed_str){ b->t->engine->root_json.p, b->t->engine->root_json.n };
	d->state = r->valid ? MEED_D_OK : MEED_D_FAILED;
	d->weighted = true;
	d->weight = 1;
	d->score = d->contribution = r->score;
	d->raw = s->raw;
	d->code = r->code;
	build_node(b, root, d);
	r->details = d;
	r->n_details = 1;
}

/* ---- steps ------------------------------------------------------------------------------------ */

static bool step_value(struct build *b, uint32_t node, size_t step, struct meed_detail *d);

/* Steps are combined over the members that scored them: as sum, product, min or max if
 * the composition is one of these, else as weighted mean. */
static bool step_combine(struct build *b, uint32_t node, size_t step, struct meed_detail **ret_v,
			 size_t *ret_n, double *ret)
{
	const struct meed_node *n = &b->plan->nodes[node];
	const struct part *parts = task_slot(b->t, node, b->out)->parts;
	struct meed_detail *v = build_alloc(b, n->n_members, sizeof(*v));
	double sum = 0, total = 0, product = 1, low = INFINITY, high = -INFINITY;
	size_t k = 0;

	for (size_t i = 0; v && parts && i < n->n_members; i++) {
		const struct meed_member *m = &n->members[i];
		struct meed_detail *d = &v[k];

		memset(d, 0, sizeof(*d));
		if (parts[i].state != MEED_D_OK || !step_value(b, m->node, step, d))
			continue;
		d->name_json = m->name_json;
		d->weight = m->weight;
		d->weighted = combine_weighs(n->combine);
		for (size_t x = 0; x < m->n_transforms; x++)
			d->score = transform_one(&m->transforms[x], d->score);
		d->contribution = d->weight * d->score;
		sum += d->contribution;
		total += d->weight;
		product *= d->score;
		low = d->score < low ? d->score : low;
		high = d->score > high ? d->score : high;
		k++;
	}
	*ret_v = v;
	*ret_n = k;
	if (!k)
		return false;
	switch (n->combine) {
	case MEED_C_SUM:
		*ret = sum;
		break;
	case MEED_C_PRODUCT:
		*ret = product;
		break;
	case MEED_C_MIN:
		*ret = low;
		break;
	case MEED_C_MAX:
		*ret = high;
		break;
	default:
		if (!(total > 0))
			return false;
		for (size_t i = 0; i < k; i++)
			v[i].contribution /= total;
		*ret = sum / total;
		break;
	}
	return isfinite(*ret);
}

static bool step_value(struct build *b, uint32_t node, size_t step, struct meed_detail *d)
{
	const struct meed_node *n = &b->plan->nodes[node];
	const struct slot *s = task_slot(b->t, node, b->out);
	struct meed_detail *v = NULL;
	bool ok;

	if (n->is_instance) {
		const struct meed_score *sc;

		if (n->mode != MEED_STEPWISE || !s->eval || !s->eval->ctx.steps ||
		    !s->eval->ctx.steps[0])
			return false;
		sc = &s->eval->ctx.steps[0][step];
		if (!sc->set || s->eval->verdict != MEED_OK)
			return false;
		d->raw = d->score = sc->score;
		d->reason = sc->reason;
		build_dims(b, s->eval, 0, step, d);
		return true;
	}
	ok = step_combine(b, node, step, &v, &d->n_details, &d->score);
	d->details = v;
	d->raw = d->score;
	return ok;
}

static struct meed_reward *build_steps(struct build *b, size_t n_steps)
{
	const struct meed_plan *plan = b->plan;
	struct meed_reward *v = build_alloc(b, n_steps, sizeof(*v));

	for (size_t k = 0; v && k < n_steps; k++) {
		struct meed_reward *r = &v[k];
		struct meed_detail *d = build_alloc(b, 1, sizeof(*d));

		if (!d)
			break;
		if (!plan->nodes[plan->root].is_instance) {
			r->present = step_combine(b, plan->root, k, &r->details, &r->n_details,
						  &r->score);
		} else {
			r->present = step_value(b, plan->root, k, d);
			d->name_json = (meed_str){ b->t->engine->root_json.p,
						   b->t->engine->root_json.n };
			d->weighted = true;
			d->weight = 1;
			d->contribution = d->score;
			r->score = d->score;
			r->details = d;
			r->n_details = 1;
		}
		r->valid = r->present;
	}
	return v;
}

static int32_t build_all(struct task *t, struct meed_result *ret)
{
	struct build b = { .t = t, .plan = t->engine->plan };
	size_t n = t->row->n_outs;

	memset(ret, 0, sizeof(*ret));
	ret->name = t->engine->plan->name;
	ret->n_outs = n;
	if (!n)
		return MEED_OK;
	ret->outs = build_alloc(&b, n, sizeof(*ret->outs));
	if (t->engine->steps)
		ret->steps = build_alloc(&b, n, sizeof(*ret->steps));
	if (b.nomem)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct meed_output *o = &t->row->outs[i];

		b.out = i;
		if (o->bad) {
			ret->outs[i].present = true;
			ret->outs[i].code = MEED_E_SAMPLE;
			ret->outs[i].error = meed_str_of(o->bad);
			continue;
		}
		if (b.shown)
			memset(b.shown, 0, b.plan->n_nodes * sizeof(*b.shown));
		build_reward(&b, &ret->outs[i]);
		if (ret->steps && o->cand.n_steps)
			ret->steps[i] = build_steps(&b, o->cand.n_steps);
	}
	return b.nomem ? MEED_E_NOMEM : MEED_OK;
}

/* An evaluation that filled the arena has failed, and its sample says so: that takes a little more. */
int32_t result_build(struct task *t, struct meed_result *ret)
{
	size_t limit = t->arena->limit;
	int32_t r;

	t->arena->limit = 0;
	r = build_all(t, ret);
	t->arena->limit = limit;
	return r;
}
