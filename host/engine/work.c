/* work.c - a worker's part of a run: parse, score and serialise records. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/engine/run.h"

/* ---- statistics ---------------------------------------------------------------------------- */

/* Columns: the result, then every node below it, members in order. */
static int32_t columns_below(struct run *r, uint32_t node, bool *seen)
{
	const struct meed_plan *plan = r->e->plan;
	const struct meed_node *n = &plan->nodes[node];
	int col;

	if (seen[node])
		return MEED_OK;
	seen[node] = true;
	col = meed_columns_add(r->st->columns, n->name);
	if (col < 0)
		return MEED_E_NOMEM;
	r->node_col[node] = (uint32_t)col;
	for (size_t i = 0; !n->is_instance && i < n->n_members; i++)
		if (columns_below(r, n->members[i].node, seen) < 0)
			return MEED_E_NOMEM;
	return MEED_OK;
}

int32_t run_columns(struct run *r)
{
	size_t n = r->e->plan->n_nodes;
	bool *seen = calloc(n, sizeof(*seen));
	int32_t st = MEED_E_NOMEM;

	r->st->columns = meed_columns_new();
	r->node_col = calloc(n, sizeof(*r->node_col));
	if (seen && r->st->columns && r->node_col)
		st = columns_below(r, r->e->plan->root, seen);
	/* a chooser of a route is no member */
	for (uint32_t i = 0; st == MEED_OK && i < n; i++)
		st = columns_below(r, i, seen);
	free(seen);
	return st;
}

static void stat_put(struct meed_buf *b, uint32_t col, const struct slot *s)
{
	struct stat_entry e;

	memset(&e, 0, sizeof(e));
	e.col = col;
	e.has = s->state == SLOT_OK;
	e.x = s->score;
	e.code = s->state == SLOT_FAILED ? s->code : s->state == SLOT_ABSTAIN ? MEED_ABSTAIN : 0;
	e.ns = s->time_ns;
	meed_buf_put(b, &e, sizeof(e));
}

static void stats_put(const struct run *r, const struct task *t, struct meed_buf *b)
{
	for (size_t i = 0; i < t->n_live; i++)
		for (uint32_t k = 0; k < r->e->plan->n_nodes; k++)
			stat_put(b, r->node_col[k], task_slot(t, k, t->live[i]));
	for (size_t i = 0; i < t->row->n_outs; i++) {
		struct slot bad = { .state = SLOT_FAILED, .code = MEED_E_SAMPLE };

		if (t->row->outs[i].bad)
			stat_put(b, r->node_col[r->e->plan->root], &bad);
	}
}

/* ---- records ------------------------------------------------------------------------------------ */

static void note(struct run *r, struct meed_buf *notes, const struct meed_line *l,
		 const char *text)
{
	meed_line_place(l, meed_input_name(r->in, l->file), notes);
	meed_buf_printf(notes, ": %s", text);
	meed_buf_putc(notes, '\0');
	if (notes->failed)
		notes->n = 0;
}

static void note_failure(struct run *r, struct meed_buf *notes, const struct meed_line *l,
			 const struct meed_result *res, size_t out)
{
	const struct meed_reward *w = &res->outs[out];
	char text[512];

	(void)snprintf(text, sizeof(text), "output %zu: %.*s%s%.*s (%s)", out,
		       (int)(w->member.n < 80 ? w->member.n : 80), w->member.p ? w->member.p : "",
		       w->member.n ? ": " : "", (int)(w->error.n < 300 ? w->error.n : 300),
		       w->error.p ? w->error.p : "", meed_err_name(w->code));
	note(r, notes, l, text);
}

/* Whatever the record has to say goes into its batch; several workers may be at one batch, but
 * a late record writes to its own buffers and only counts are shared. */
void work_finish(struct job *j, bool late)
{
	struct batch *b = j->batch;
	struct record *rec = &b->recs[j->rec];
	struct run *r = j->task.record;
	struct meed_buf *out = late ? &rec->own : &b->out;
	struct meed_buf *stats = late ? &rec->own_stats : &b->stats;
	size_t failed = 0;
	struct meed_result res;

	/* on_error may hide it, but it is not the result of an undisturbed run */
	if (j->task.stopped ||
	    (r->e->opts.exec && j->task.n_posts && atomic_load(&r->cancelling)))
		atomic_store(&b->cut, true);
	if (task_result(&j->task, &res) < 0) {
		out->failed = true;
	} else {
		meed_row_write(j->row, &res, r->o->level, r->o->timings, out);
		for (size_t i = 0; i < res.n_outs; i++) {
			if (res.outs[i].valid)
				continue;
			if (!failed++)
				note_failure(r, late ? &rec->own_notes : &b->notes,
					     &b->block.lines[rec->first], &res, i);
		}
		if (r->st->columns && j->row->n_outs)
			stats_put(r, &j->task, stats);
		(void)atomic_fetch_add(&b->n_outputs, res.n_outs);
	}
	rec->late = late;
	if (!late)
		rec->stat_len = b->stats.n - rec->stat_off;
	(void)atomic_fetch_add(&b->n_failed, failed);
	(void)atomic_fetch_add(&b->n_posts, j->task.n_posts);
	task_end(&j->task);
	meed_row_release(j->row);
	j->row = NULL;
	meed_arena_reset(&j->arena);
}

void job_free(struct job *j)
{
	if (!j)
		return;
	meed_arena_release(&j->arena);
	free(j);
}

static struct job *job_get(struct run *r)
{
	struct job *j;

	(void)pthread_mutex_lock(&r->q.lock);
	j = r->jobs;
	if (j)
		r->jobs = j->next;
	(void)pthread_mutex_unlock(&r->q.lock);
	if (j)
		return j;
	j = calloc(1, sizeof(*j));
	if (j)
		meed_arena_init(&j->arena, r->e->opts.arena_bytes);
	return j;
}

static void reject(struct run *r, struct batch *b, const struct meed_line *lines, size_t n,
		   const struct meed_err *err)
{
	struct meed_buf *to = r->o->rejects ? &b->rejects : &b->out;

	for (size_t i = 0; i < n; i++)
		meed_reject_write(to, meed_input_name(r->in, lines[i].file), &lines[i], err);
	note(r, &b->notes, &lines[0], err->text);
	(void)atomic_fetch_add(&b->n_bad, 1);
	if (!r->o->strict)
		return;
	(void)pthread_mutex_lock(&r->q.lock);
	r->stop = true;
	if (!r->err.code) {
		struct meed_buf at = { 0 };

		meed_line_place(&lines[0], meed_input_name(r->in, lines[0].file), &at);
		meed_buf_putc(&at, '\0');
		(void)meed_err_set(&r->err, MEED_E_SAMPLE, "%s: %s (stopped: --strict)",
				   at.failed ? "" : at.p, err->text);
		meed_buf_release(&at);
	}
	(void)pthread_mutex_unlock(&r->q.lock);
}

/* True if the record is done; false if its job has been left waiting. */
static bool work_record(struct worker *w, struct batch *b, size_t i)
{
	struct run *r = w->run;
	struct record *rec = &b->recs[i];
	const struct meed_line *lines = &b->block.lines[rec->first];
	struct meed_err err;		/* not cleared: a kilobyte, for each row */
	struct job *j = w->job ? w->job : job_get(r);
	int32_t st;

	err.code = 0;
	err.text[0] = '\0';
	rec->off = b->out.n;
	rec->stat_off = b->stats.n;
	rec->note_off = b->notes.n;
	w->job = j;
	if (!j) {
		b->out.failed = true;
		return true;
	}
	st = meed_parser_row(w->parser, lines, rec->n_lines, &j->arena, &err, &j->row);
	if (st == MEED_OK)
		st = task_begin(&j->task, r->e, j->row, &j->arena, &r->q);
	if (st == MEED_E_NOMEM)
		(void)meed_err_set(&err, MEED_E_NOMEM,
				   "out of memory: the row needs more than run.arena_bytes");
	if (st < 0) {
		reject(r, b, lines, rec->n_lines, &err);
		meed_row_release(j->row);
		j->row = NULL;
		meed_arena_reset(&j->arena);
		return true;
	}
	j->batch = b;
	j->rec = i;
	j->task.record = r;
	if (!task_advance(&j->task)) {
		/* from here on another worker may take the job, and with it j */
		w->job = NULL;
		if (!task_resume(&j->task))
			return false;
		w->job = j;
	}
	work_finish(j, false);
	return true;
}

void work_batch(struct worker *w, struct batch *b)
{
	size_t done = 1;

	atomic_store(&b->n_open, b->n + 1);
	for (size_t i = 0; i < b->n; i++)
		done += work_record(w, b, i);
	if (atomic_fetch_sub(&b->n_open, done) == done) {
		(void)pthread_mutex_lock(&w->run->q.lock);
		b->done = true;
		(void)pthread_mutex_unlock(&w->run->q.lock);
	}
}
