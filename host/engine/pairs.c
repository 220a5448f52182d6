/* pairs.c - runs a pairwise instance over all pairs of a sample's outputs. */
#include "config.h"

#include "host/engine/task.h"

static bool was_decided(const struct eval *e)
{
	return e->verdict == MEED_OK && e->ctx.scores[0].set && e->ctx.scores[1].set;
}

static void pair_add(const struct eval *e, double *wins, double *games, size_t n, size_t a, size_t b)
{
	double x = e->ctx.scores[0].score, y = e->ctx.scores[1].score;

	games[a * n + b] += 1;
	games[b * n + a] += 1;
	wins[a * n + b] += x > y ? 1.0 : x == y ? 0.5 : 0.0;
	wins[b * n + a] += y > x ? 1.0 : x == y ? 0.5 : 0.0;
}

/* One comparison as output `out` saw it. */
static void tell_pair(struct meed_buf *b, const struct eval *e, size_t out)
{
	bool first = e->out_a == out;
	double x, y;

	meed_buf_printf(b, "{\"output\":%zu,\"shown\":%d,", first ? e->out_b : e->out_a,
			first ? 1 : 2);
	if (!was_decided(e)) {
		MEED_BUF_LIT(b, "\"failed\":");
		meed_buf_json_str(b, e->verdict == MEED_ABSTAIN
					     ? MEED_STR("abstained")
					     : meed_str_of(meed_err_name(e->verdict)));
	} else {
		x = e->ctx.scores[first ? 0 : 1].score;
		y = e->ctx.scores[first ? 1 : 0].score;
		meed_buf_printf(b, "\"won\":%s", x > y ? "1" : x < y ? "0" : "0.5");
	}
	meed_buf_putc(b, '}');
}

/* An output's comparisons, {"pairs":[{"output","shown","won"}]}: output is the other one's place in
 * the sample, from 0; shown says which of the two this one was, first or second; won is 1, 0.5 or
 * 0; "failed" with a code stands in its place where there was no verdict. */
static meed_str pairs_told(struct task *t, const struct pairing *p, size_t out)
{
	struct meed_buf b = { 0 };
	meed_str told;
	bool first = true;

	MEED_BUF_LIT(&b, "{\"pairs\":[");
	for (size_t i = 0; i < p->n_evals; i++) {
		const struct eval *e = p->evals[i];

		if (e->out_a != out && e->out_b != out)
			continue;
		if (!first)
			meed_buf_putc(&b, ',');
		tell_pair(&b, e, out);
		first = false;
	}
	MEED_BUF_LIT(&b, "]}");
	told = b.failed ? MEED_STR("") : meed_arena_dup(t->arena, (meed_str){ b.p, b.n });
	t->nomem = t->nomem || !told.n;
	meed_buf_release(&b);
	return told;
}

/* One failed comparison leaves its pair out; an output with none left has failed. */
static void settle_pairs(struct task *t, uint32_t node)
{
	const struct meed_node *nd = &t->engine->plan->nodes[node];
	const struct pairing *p = t->pairings[node];
	const struct eval *bad = NULL;
	size_t n = t->n_live, *pos;
	double *m = meed_arena_alloc(t->arena, (2 * n * n + n) * sizeof(*m));
	int32_t r = MEED_E_NOMEM;

	pos = meed_arena_alloc(t->arena, t->row->n_outs * sizeof(*pos));
	if (m && pos) {
		for (size_t i = 0; i < n; i++)
			pos[t->live[i]] = i;
		for (size_t i = 0; i < p->n_evals; i++) {
			const struct eval *e = p->evals[i];

			if (was_decided(e))
				pair_add(e, m, m + n * n, n, pos[e->out_a], pos[e->out_b]);
			else if (!bad || bad->verdict == MEED_ABSTAIN)
				bad = e;
		}
		r = aggregate_pairs(nd->aggregate, m, m + n * n, n, t->arena, m + 2 * n * n);
	}
	for (size_t i = 0; i < n; i++) {
		struct slot *s = task_slot(t, node, t->live[i]);
		double won = 0, played = 0;

		if (r < 0) {
			slot_fail(t, s, r, MEED_STR("out of memory"), meed_str_of(nd->name));
			continue;
		}
		for (size_t j = 0; j < n; j++) {
			won += m[i * n + j];
			played += m[n * n + i * n + j];
		}
		if (played <= 0) {
			slot_take_failure(s, bad);
			continue;
		}
		if (t->engine->opts.want & MEED_WANT_EXTRA)
			s->extra = pairs_told(t, p, t->live[i]);
		s->state = SLOT_RAW;
		s->raw = m[2 * n * n + i];
		s->why = meed_arena_printf(t->arena, "%g of %g comparisons won (%s)", won, played,
					   meed_aggregate_name(nd->aggregate));
	}
}

/* All comparisons of a sample together. */
static struct meed_cost *pairs_cost(struct task *t, uint32_t node)
{
	const struct pairing *p = t->pairings[node];
	struct meed_cost *sum = NULL;

	for (size_t i = 0; i < p->n_evals; i++)
		sum = cost_add(t, sum, p->evals[i]->cost);
	return sum;
}

void pairs_finish(struct task *t, uint32_t node)
{
	struct meed_cost *cost;

	if (--t->pairings[node]->n_open)
		return;
	settle_pairs(t, node);
	cost = pairs_cost(t, node);
	for (size_t i = 0; i < t->n_live; i++)
		task_slot(t, node, t->live[i])->cost = cost;
}

static struct eval *pair_eval(struct task *t, uint32_t node, size_t a, size_t b)
{
	meed_cand *two = meed_arena_raw(t->arena, 2 * sizeof(*two));
	struct eval *e;

	if (!two)
		return NULL;
	two[0] = t->row->outs[a].cand;
	two[1] = t->row->outs[b].cand;
	e = eval_new(t, node, two, 2);
	if (e) {
		e->out_a = a;
		e->out_b = b;
	}
	return e;
}

bool pairs_start(struct task *t, uint32_t node)
{
	const struct meed_node *n = &t->engine->plan->nodes[node];
	size_t k = 0, count = t->n_live * (t->n_live - 1);
	struct pairing *p;
	bool all = true;

	if (t->n_live < 2) {
		task_slot(t, node, t->live[0])->state = SLOT_ABSTAIN;
		task_slot(t, node, t->live[0])->why =
			MEED_STR("one output only: there is nothing to compare it with");
		return true;
	}
	count = n->both_orders ? count : count / 2;
	if (!t->pairings)
		t->pairings = meed_arena_alloc(t->arena, t->engine->plan->n_nodes * sizeof(void *));
	p = t->pairings ? meed_arena_alloc(t->arena, sizeof(*p)) : NULL;
	if (p)
		p->evals = meed_arena_alloc(t->arena, count * sizeof(struct eval *));
	if (!p || !p->evals)
		return nomem_slots(t, node);
	t->pairings[node] = p;
	for (size_t i = 0; i < t->n_live; i++) {
		for (size_t j = n->both_orders ? 0 : i + 1; j < t->n_live; j++) {
			if (i == j)
				continue;
			p->evals[k] = pair_eval(t, node, t->live[i], t->live[j]);
			if (!p->evals[k++])
				return nomem_slots(t, node);
		}
	}
	for (size_t i = 0; i < t->n_live; i++)
		task_slot(t, node, t->live[i])->state = SLOT_WAIT;
	p->n_evals = p->n_open = count;
	for (size_t i = 0; i < count; i++)
		all = eval_start(p->evals[i]) && all;
	return all;
}
