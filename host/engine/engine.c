/* engine.c - a plan made ready to run, and the scoring of single rows. */
#include "config.h"

#include <stdlib.h>

#include "host/engine/task.h"

int32_t meed_engine_new(const struct meed_plan *plan, const struct meed_engine_opts *o,
			struct meed_err *err, struct meed_engine **ret)
{
	struct meed_engine *e = calloc(1, sizeof(*e));

	if (!e)
		return meed_err_nomem(err);
	e->plan = plan;
	e->reg = meed_conf_registry(plan->conf);
	e->opts = *o;
	e->timed = o->timings;
	for (size_t i = 0; i < plan->n_nodes; i++) {
		const struct meed_node *n = &plan->nodes[i];

		if (!n->is_instance)
			continue;
		e->posts = e->posts || n->model->rm.resume;
		e->steps = e->steps || n->mode == MEED_STEPWISE;
	}
	meed_buf_json_str(&e->root_json, meed_str_of(plan->name));
	if (e->root_json.failed) {
		meed_engine_free(e);
		return meed_err_nomem(err);
	}
	*ret = e;
	return MEED_OK;
}

int32_t meed_engine_exec(const struct meed_plan *plan, const struct meed_log *log,
			 struct meed_err *err, struct meed_transport **ret)
{
	bool needed = false;

	*ret = NULL;
	for (size_t i = 0; i < plan->n_nodes; i++)
		if (plan->nodes[i].is_instance)
			needed = needed || (plan->nodes[i].model->rm.needs & MEED_NEEDS_EXEC);
	return needed ? meed_exec_transport_new(meed_conf_exec(plan->conf), log, err, ret) : MEED_OK;
}

void meed_engine_free(struct meed_engine *e)
{
	if (!e)
		return;
	meed_buf_release(&e->root_json);
	free(e);
}

int32_t meed_engine_score(struct meed_engine *e, const struct meed_row *row,
			  struct meed_arena *arena, struct meed_err *err, struct meed_result *ret)
{
	struct ready_queue q;
	struct task t;
	bool done;
	int32_t r;

	queue_init(&q);
	r = task_begin(&t, e, row, arena, &q);
	if (r < 0)
		goto out;
	done = task_advance(&t) || task_resume(&t);
	while (!done) {
		(void)pthread_mutex_lock(&q.lock);
		while (!queue_pop_locked(&q))
			(void)pthread_cond_wait(&q.cond, &q.lock);
		(void)pthread_mutex_unlock(&q.lock);
		done = task_resume(&t);
	}
	r = task_result(&t, ret);
	task_end(&t);
out:
	queue_destroy(&q);
	if (r < 0)
		return meed_err_nomem(err);
	return MEED_OK;
}
