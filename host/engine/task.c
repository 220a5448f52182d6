/* task.c - one sample through the plan: demand, suspension, wake-up. */
#include "config.h"

#include "host/engine/task.h"

void queue_init(struct ready_queue *q)
{
	(void)pthread_mutex_init(&q->lock, NULL);
	(void)pthread_cond_init(&q->cond, NULL);
	q->first = q->last = NULL;
}

void queue_destroy(struct ready_queue *q)
{
	(void)pthread_cond_destroy(&q->cond);
	(void)pthread_mutex_destroy(&q->lock);
}

struct task *queue_pop_locked(struct ready_queue *q)
{
	struct task *t = q->first;

	if (!t)
		return NULL;
	q->first = t->next;
	if (!q->first)
		q->last = NULL;
	t->next = NULL;
	t->state = TASK_RUNNING;
	return t;
}

int32_t task_begin(struct task *t, const struct meed_engine *e, const struct meed_row *row,
		   struct meed_arena *arena, struct ready_queue *queue)
{
	const struct meed_plan *plan = e->plan;
	size_t n_slots, bytes;

	memset(t, 0, sizeof(*t));
	t->engine = e;
	t->row = row;
	t->arena = arena;
	t->queue = queue;
	t->state = TASK_RUNNING;
	if (row->n_outs == 0)
		return MEED_OK;
	if (meed_mul_overflow(plan->n_nodes, row->n_outs, &n_slots) ||
	    meed_mul_overflow(n_slots, sizeof(*t->slots), &bytes))
		return MEED_E_NOMEM;
	t->slots = meed_arena_alloc(arena, bytes);
	t->live = meed_arena_raw(arena, row->n_outs * sizeof(*t->live));
	if (!t->slots || !t->live)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < row->n_outs; i++)
		if (!row->outs[i].bad)
			t->live[t->n_live++] = i;
	return MEED_OK;
}

/* A node's own transforms, once its raw value (of all live outputs if one looks at the group) is
 * known. */
static bool settle_transforms(struct task *t, uint32_t node, size_t out)
{
	const struct meed_node *n = &t->engine->plan->nodes[node];
	struct slot *s = task_slot(t, node, out);
	double *v, *scratch;
	size_t k = 0;

	if (!transforms_have_group(n->transforms, n->n_transforms)) {
		double one = s->raw, none;

		transform_all(n->transforms, n->n_transforms, &one, 1, &none);
		s->score = one;
		s->state = SLOT_OK;
		return true;
	}
	v = meed_arena_raw(t->arena, 2 * t->n_live * sizeof(*v));
	if (!v) {
		t->nomem = true;
		slot_fail(t, s, MEED_E_NOMEM, MEED_STR("out of memory"), meed_str_of(n->name));
		return true;
	}
	scratch = v + t->n_live;
	for (size_t i = 0; i < t->n_live; i++)
		if (task_slot(t, node, t->live[i])->state == SLOT_RAW)
			v[k++] = task_slot(t, node, t->live[i])->raw;
	transform_all(n->transforms, n->n_transforms, v, k, scratch);
	k = 0;
	for (size_t i = 0; i < t->n_live; i++) {
		s = task_slot(t, node, t->live[i]);
		if (s->state == SLOT_RAW) {
			s->score = v[k++];
			s->state = SLOT_OK;
		}
	}
	return true;
}

static bool settle_raw(struct task *t, uint32_t node, size_t out)
{
	const struct meed_node *n = &t->engine->plan->nodes[node];
	struct slot *s = task_slot(t, node, out);

	if (s->state == SLOT_WAIT)
		return false;
	if (s->state != SLOT_NEW)
		return true;
	return n->is_instance ? eval_instance(t, node, out) : combine_node(t, node, out);
}

bool task_settle(struct task *t, uint32_t node, size_t out)
{
	const struct meed_node *n = &t->engine->plan->nodes[node];
	struct slot *s = task_slot(t, node, out);
	bool all = true;

	if (s->state >= SLOT_OK)
		return true;
	if (n->n_transforms && transforms_have_group(n->transforms, n->n_transforms)) {
		for (size_t i = 0; i < t->n_live; i++)
			all = settle_raw(t, node, t->live[i]) && all;
	} else {
		all = settle_raw(t, node, out);
	}
	if (!all)
		return false;
	if (s->state == SLOT_RAW) {
		if (n->n_transforms)
			return settle_transforms(t, node, out);
		s->score = s->raw;
		s->state = SLOT_OK;
	}
	return true;
}

bool task_advance(struct task *t)
{
	bool all = true;

	for (size_t i = 0; i < t->n_live; i++)
		all = task_settle(t, t->engine->plan->root, t->live[i]) && all;
	return all && t->n_waiting == 0;
}

bool task_resume(struct task *t)
{
	struct eval *e, *next;

	for (;;) {
		(void)pthread_mutex_lock(&t->queue->lock);
		e = t->mailbox;
		t->mailbox = NULL;
		if (!e)
			t->state = TASK_IDLE;
		(void)pthread_mutex_unlock(&t->queue->lock);
		if (!e)
			return false;
		for (; e; e = next) {
			next = e->next;
			e->next = NULL;
			eval_resume(e);
		}
		if (task_advance(t))
			return true;
	}
}

int32_t task_result(struct task *t, struct meed_result *ret)
{
	return result_build(t, ret);
}

void task_end(struct task *t)
{
	const struct meed_plan *plan = t->engine->plan;

	if (!t->slots)
		return;
	for (uint32_t k = 0; k < plan->n_nodes; k++) {
		struct eval *last = NULL;

		if (t->pairings && t->pairings[k]) {
			for (size_t i = 0; i < t->pairings[k]->n_evals; i++)
				if (t->pairings[k]->evals[i])
					meed_ctx_end(&t->pairings[k]->evals[i]->ctx);
			continue;
		}
		for (size_t i = 0; i < t->row->n_outs; i++) {
			struct slot *s = task_slot(t, k, i);

			if (s->eval && s->eval != last)
				meed_ctx_end(&s->eval->ctx);
			last = s->eval ? s->eval : last;
		}
	}
}
