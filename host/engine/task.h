/* task.h - one sample on its way through a plan (internal to the engine).
 *
 * A task is demand-driven: task_settle asks the root for every output, nodes ask their
 * members, and what is already known answers at once. So a suspended sample is simply asked
 * again when replies are in, and members that a cascade, a gate or a route does not need
 * are never run. One thread at a time works on a task. */
#ifndef MEED_TASK_H
#define MEED_TASK_H

#include <pthread.h>

#include "host/engine/engine.h"

enum slot_state { SLOT_NEW, SLOT_WAIT, SLOT_RAW, SLOT_OK, SLOT_ABSTAIN, SLOT_FAILED };

/* A node's outcome on one output. */
struct slot {
	enum slot_state state;
	int32_t code;			/* failed */
	double raw, score;		/* before and after the node's own transforms */
	meed_str why;			/* reason; failed or abstained: the message */
	meed_str extra;			/* pairwise: what each comparison said, JSON; else empty */
	meed_str culprit;		/* failed: the instance's name */
	uint64_t time_ns;
	struct meed_cost *cost;		/* instance: of the evaluations behind it; NULL: none */
	struct eval *eval;		/* instance: where its details are; else NULL */
	struct part *parts;		/* composition: n_members, once combined */
	uint32_t cand;			/* which candidate of eval this output was */
};

/* A member's part in a composition's outcome. */
struct part {
	enum meed_detail_state state;
	double score, contribution;
	int32_t code;
};

/* One evaluation: a context and what it is about. */
struct eval {
	struct meed_ctx ctx;		/* first: requests lead back here */
	struct task *task;
	const struct meed_node *node;
	struct eval *next;		/* in the task's mailbox */
	meed_sample sample;
	void *state;
	size_t out_a, out_b;		/* pointwise, stepwise: out_a; pairwise: both */
	uint32_t node_index;
	bool resuming;
	bool finished;
	int32_t verdict;		/* once finished: OK, ABSTAIN or a failure */
	uint64_t time_ns;
	struct meed_cost *cost;		/* of its requests so far; NULL: none */
	uint64_t caged_ns;		/* when it last posted a program; 0: none is open */
	atomic_uint n_open;		/* requests not yet answered */
};

/* Evaluations of one pairwise node on one sample. */
struct pairing {
	struct eval **evals;
	size_t n_evals, n_open;
};

struct ready_queue {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	struct task *first, *last;
};

enum task_state { TASK_IDLE, TASK_RUNNING, TASK_QUEUED };

struct task {
	const struct meed_engine *engine;
	struct meed_arena *arena;
	const struct meed_row *row;
	struct slot *slots;		/* n_nodes x n_outs */
	struct pairing **pairings;	/* n_nodes; made on first use */
	size_t *live;			/* outputs that can be scored */
	size_t n_live;
	struct eval *proto;		/* copied for every evaluation; made on first use */
	meed_cand *live_cands;		/* their candidates, for listwise */
	size_t n_waiting;		/* evaluations suspended */
	struct meed_token_cache tokens;
	uint64_t n_posts;
	bool nomem;
	bool stopped;			/* the run was cancelled, and an evaluation with it */
	/* wake-up: guarded by queue->lock */
	struct ready_queue *queue;
	enum task_state state;
	struct eval *mailbox;		/* evaluations whose replies are all in */
	struct task *next;
	/* for the run */
	void *record;
};

struct meed_engine {
	const struct meed_plan *plan;
	const struct meed_registry *reg;
	struct meed_engine_opts opts;
	bool timed;
	bool posts;			/* some node may post requests */
	bool steps;			/* some node scores steps */
	struct meed_buf root_json;	/* the root's name as a JSON string */
};

/* task.c */
int32_t task_begin(struct task *t, const struct meed_engine *e, const struct meed_row *row,
		   struct meed_arena *arena, struct ready_queue *queue);
/* Works as far as it goes: true when every output is settled, false if it waits. */
bool task_advance(struct task *t);
/* Takes the replies that have come in, resumes their evaluations, then advances. */
bool task_resume(struct task *t);
int32_t task_result(struct task *t, struct meed_result *ret);
void task_end(struct task *t);		/* drops what the arena does not own */
bool task_settle(struct task *t, uint32_t node, size_t out);

static inline struct slot *task_slot(const struct task *t, uint32_t node, size_t out)
{
	return &t->slots[node * t->row->n_outs + out];
}

void queue_init(struct ready_queue *q);
void queue_destroy(struct ready_queue *q);
/* Waits until a task is ready; NULL only if `until` (may be NULL) says so. */
struct task *queue_pop_locked(struct ready_queue *q);

/* eval.c */
bool eval_instance(struct task *t, uint32_t node, size_t out);
void eval_resume(struct eval *e);
void slot_fail(struct task *t, struct slot *s, int32_t code, meed_str why, meed_str culprit);
/* s fails, or abstains, as e did. */
void slot_take_failure(struct slot *s, const struct eval *e);
/* The node's slots fail for want of memory. True. */
bool nomem_slots(struct task *t, uint32_t node);
/* Makes an evaluation (NULL: no memory), and begins it: true if it is finished. */
struct eval *eval_new(struct task *t, uint32_t node, const meed_cand *cands, size_t n_cands);
bool eval_start(struct eval *e);
/* Adds c (may be NULL) to a sum, made if need be. */
struct meed_cost *cost_add(struct task *t, struct meed_cost *to, const struct meed_cost *c);

/* pairs.c */
bool pairs_start(struct task *t, uint32_t node);
/* One of the node's comparisons is over; the last one settles its slots. */
void pairs_finish(struct task *t, uint32_t node);

/* combine.c */
bool combine_node(struct task *t, uint32_t node, size_t out);
double transform_one(const struct meed_transform *x, double v);
bool transform_is_group(const struct meed_transform *x);
bool transforms_have_group(const struct meed_transform *x, size_t n);
/* Applies transforms to v[0..n) in place; v holds the outputs' values in order. */
void transform_all(const struct meed_transform *x, size_t n_x, double *v, size_t n,
		   double *scratch);

/* aggregate.c: wins is n x n, wins[i * n + j] = how much i beat j (1, 0.5, 0), games likewise
 * how many verdicts there were. ret has n places, in [0, 1]. scratch comes from arena. */
int32_t aggregate_pairs(enum meed_aggregate how, const double *wins, const double *games, size_t n,
			struct meed_arena *arena, double *ret);

/* result.c */
int32_t result_build(struct task *t, struct meed_result *ret);

#endif
