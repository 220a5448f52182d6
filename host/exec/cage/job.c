/* job.c - a job: its compilations or checks, then its runs, in order. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define ANSWER_MOST ((uint64_t)192 << 20) /* of programs' bytes; a frame holds more */
#define PAGE 4096u

/* One of the job's programs, ready to run. */
struct made {
	const struct wire_program *p;
	struct box *box;		/* whose folder is the compiled one; NULL: not compiled */
	bool fit;			/* to be run */
};

/* What a program, or one run of it, puts into a folder. */
struct fill {
	int from;			/* a folder to copy; -1: none */
	const struct wire_program *p;	/* whose files; NULL: none */
	const meed_file *files;
	size_t n_files;
};

/* What is given does not count as written. */
static void room_for(const struct fill *f, struct side *s)
{
	const size_t n[2] = { f->n_files, f->p ? f->p->n_files : 0 };
	const meed_file *files[2] = { f->files, f->p ? f->p->files : NULL };

	if (f->from >= 0)
		folder_size(f->from, &s->given_bytes, &s->given_files);
	if (f->p)
		s->given_bytes += f->p->code.n + PAGE;
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < n[k]; i++)
			/* a path may need folders: they have a page each, too */
			s->given_bytes += files[k][i].data.n + PAGE * 2;
		s->given_files += n[k] * 4;
	}
}

static int32_t fill_folder(struct box *b, const struct fill *f, struct meed_err *err)
{
	meed_file code;
	int32_t r = MEED_OK;

	if (f->from >= 0)
		r = folder_copy(f->from, b->work, err);
	if (r == MEED_OK && f->p && f->p->has_code) {
		code = (meed_file){ f->p->file.p, f->p->code };
		r = folder_put(b->work, &code, 1, err);
	}
	if (r == MEED_OK && f->p)
		r = folder_put(b->work, f->p->files, f->p->n_files, err);
	if (r == MEED_OK)
		r = folder_put(b->work, f->files, f->n_files, err);
	return r;
}

/* A box for a side, its folder filled. */
static int32_t fill_side(struct cage *c, struct side *s, const struct fill *f, struct meed_err *err)
{
	s->box = box_take(c, err);
	if (!s->box)
		return err->code;
	room_for(f, s);
	return fill_folder(s->box, f, err);
}

static void keep(struct cage *c, struct meed_arena *a, struct meed_buf *b, uint32_t bit,
		 meed_ran *ran, meed_str *ret)
{
	size_t n = b->n;

	if (n > c->answer_left) {
		n = (size_t)c->answer_left;
		ran->cut |= bit;
	}
	c->answer_left -= n;
	*ret = meed_arena_dup(a, (meed_str){ b->p ? b->p : "", n });
}

/* What became of a side, as it is answered. */
static meed_ran *result(struct cage *c, struct meed_arena *a, struct side *s)
{
	meed_ran *r = meed_arena_alloc(a, sizeof(*r));

	if (!r)
		return NULL;
	r->struct_size = sizeof(*r);
	r->outcome = s->outcome;
	if (s->outcome == MEED_RAN_EXIT)
		r->code = (s->status >> 8) & 0xff;
	else if (s->outcome == MEED_RAN_SIGNAL)
		r->code = s->status & 0x7f;
	r->cut = s->cut;
	r->wall_us = (s->end_ns - s->start_ns) / 1000u;
	r->cpu_us = s->cpu_us;
	r->memory_peak = s->peak;
	keep(c, a, &s->out_buf, 1, r, &r->out);
	keep(c, a, &s->err_buf, 2, r, &r->err);
	return r->out.p && r->err.p ? r : NULL;
}

static meed_ran *not_run(struct meed_arena *a)
{
	meed_ran *r = meed_arena_alloc(a, sizeof(*r));

	if (r) {
		r->struct_size = sizeof(*r);
		r->out = r->err = MEED_STR("");
	}
	return r;
}

static void command(struct side *s, const struct wire_program *p, const meed_str *argv, size_t n,
		    const meed_limits *limits)
{
	side_init(s);
	s->argv = argv;
	s->n_argv = n;
	s->env = p->env;
	s->n_env = p->n_env;
	s->limits = *limits;
	s->native = argv[0].p[0] != '/';
	s->input = MEED_STR("");
}

/* ---- before the runs ---- */

/* Compiles, or checks, one program. */
static int32_t prepare(struct cage *c, struct meed_arena *a, const struct wire_job *job,
		       const struct wire_program *p, struct made *m, const meed_ran **ret_ran,
		       struct meed_err *err)
{
	bool check = job->flags & MEED_EXEC_CHECK;
	const meed_str *argv = check ? p->check : p->compile;
	size_t n = check ? p->n_check : p->n_compile;
	struct fill f = { .from = -1, .p = p };
	struct side s;
	int32_t r;

	*m = (struct made){ .p = p, .fit = !check };
	if (n == 0)
		return MEED_OK;
	command(&s, p, argv, n, &job->compile_limits);
	r = fill_side(c, &s, &f, err);
	if (r == MEED_OK)
		r = run_sides(c, &s, 1, 0);
	if (r == MEED_OK && s.failed) {
		*err = s.why;
		r = err->code;
	}
	if (r == MEED_OK) {
		*ret_ran = result(c, a, &s);
		if (!*ret_ran)
			r = meed_err_nomem(err);
		else
			m->fit = !check && s.outcome == MEED_RAN_EXIT && (*ret_ran)->code == 0;
	}
	m->box = s.box;
	side_release(&s);
	return r;
}

/* ---- runs ---- */

struct round {
	const struct wire_job *job;
	const meed_exec_run *run;
	const struct made *made;	/* one or two */
	size_t n;
};


static int32_t set_up(struct cage *c, const struct round *q, size_t i, struct side *s,
		      struct meed_err *err)
{
	const struct made *m = &q->made[i];
	bool partner = i == 1;
	struct fill f = {
		.from = m->box ? m->box->work : -1,
		.p = m->box ? NULL : m->p,
		.files = partner ? NULL : q->run->files,
		.n_files = partner ? 0 : q->run->n_files,
	};

	command(s, m->p, m->p->run, m->p->n_run, &q->job->run_limits);
	s->input = partner ? q->run->partner_input : q->run->input;
	if (!partner) {
		s->args = q->run->args;
		s->n_args = q->run->n_args;
	}
	if (m->p->warm.n > 0)
		s->zygote = zygote_get(c, m->p);
	return fill_side(c, s, &f, err);
}

static int32_t bring_back(struct cage *c, struct meed_arena *a, const struct round *q,
			  struct side *s, meed_ran *ran)
{
	uint64_t before = c->answer_left < s->limits.disk ? c->answer_left : s->limits.disk;
	uint64_t left = before;
	int32_t r;

	r = folder_fetch(a, s->box->work, q->run->fetch, q->run->n_fetch, &left, &ran->files,
			 &ran->n_files);
	c->answer_left -= before - left;
	return r;
}

static int32_t attempt(struct cage *c, struct meed_arena *a, const struct round *q,
		       const meed_ran **ret, struct meed_err *err, bool *ret_dropped)
{
	struct side s[2];
	meed_ran *ran;
	int32_t r = MEED_OK;

	side_init(&s[0]);
	side_init(&s[1]);
	for (size_t i = 0; r == MEED_OK && i < q->n; i++)
		r = set_up(c, q, i, &s[i], err);
	if (r == MEED_OK)
		r = run_sides(c, s, q->n, q->job->flags);
	for (size_t i = 0; r == MEED_OK && i < q->n; i++) {
		if (s[i].failed) {
			if (s[i].zygote) {
				zygote_drop(c, s[i].zygote);
				*ret_dropped = true;
			}
			*err = s[i].why;
			r = err->code;
			break;
		}
		ran = result(c, a, &s[i]);
		if (!ran || (i == 0 && bring_back(c, a, q, &s[i], ran) < 0)) {
			r = meed_err_nomem(err);
			break;
		}
		ret[i] = ran;
	}
	for (size_t i = 0; i < 2; i++) {
		box_free(c, s[i].box);
		side_release(&s[i]);
	}
	return r;
}

/* One run, with its partner if there is one. A warm interpreter that fails is given up, and the
 * run begun again without it. */
static int32_t one(struct cage *c, struct meed_arena *a, const struct round *q,
		   const meed_ran **ret, struct meed_err *err)
{
	bool dropped;
	int32_t r;

	do {
		dropped = false;
		r = attempt(c, a, q, ret, err, &dropped);
	} while (r < 0 && dropped);
	return r;
}

static bool went_well(const meed_ran *r)
{
	return r->outcome == MEED_RAN_EXIT && r->code == 0;
}

static bool took_too_long(const meed_ran *r)
{
	return r->outcome == MEED_RAN_WALL || r->outcome == MEED_RAN_CPU;
}

static int32_t all_runs(struct cage *c, struct meed_arena *a, const struct wire_job *job,
			const struct made *made, meed_exec_result *res, struct meed_err *err)
{
	size_t n = job->has_partner ? 2 : 1;
	const meed_ran **runs = meed_arena_alloc(a, (job->n_runs + 1) * sizeof(*runs));
	const meed_ran **partners = meed_arena_alloc(a, (job->n_runs + 1) * sizeof(*partners));
	bool stop = !made[0].fit || (n == 2 && !made[1].fit);
	struct round q = { .job = job, .made = made, .n = n };
	const meed_ran *ran[2];
	int32_t r = MEED_OK;

	if (!runs || !partners)
		return meed_err_nomem(err);
	for (size_t i = 0; i < job->n_runs; i++) {
		q.run = job->runs[i];
		ran[0] = ran[1] = NULL;
		if (!stop)
			r = one(c, a, &q, ran, err);
		if (r < 0)
			return r;
		runs[i] = ran[0] ? ran[0] : not_run(a);
		partners[i] = ran[1] ? ran[1] : not_run(a);
		if (!runs[i] || !partners[i])
			return meed_err_nomem(err);
		stop = stop || ((job->flags & MEED_EXEC_STOP) && !went_well(runs[i])) ||
		       ((job->flags & MEED_EXEC_STOP_LIMIT) && took_too_long(runs[i]));
	}
	res->runs = runs;
	res->partners = n == 2 ? partners : NULL;
	res->n_runs = job->n_runs;
	return MEED_OK;
}

int32_t cage_job(struct cage *c, struct meed_arena *a, const struct wire_job *job,
		 struct wire_answer *ret)
{
	struct made made[2] = { { 0 } };
	struct meed_err err = { 0 };
	int32_t r;

	*ret = (struct wire_answer){ .id = job->id, .error = MEED_STR("") };
	ret->result.struct_size = sizeof(ret->result);
	c->answer_left = ANSWER_MOST;
	r = prepare(c, a, job, &job->program, &made[0], &ret->result.compiled, &err);
	if (r == MEED_OK && job->has_partner)
		r = prepare(c, a, job, &job->partner, &made[1], &ret->result.partner_compiled,
			    &err);
	if (r == MEED_OK)
		r = all_runs(c, a, job, made, &ret->result, &err);
	group_end(&c->group);
	for (size_t i = 0; i < 2; i++)
		box_free(c, made[i].box);
	if (c->broken)
		return MEED_E_INTERNAL;
	if (r == MEED_OK || r == MEED_E_CANCELLED)
		return r;
	ret->status = r;
	ret->error = meed_arena_dup(a, meed_str_of(err.text));
	ret->result = (meed_exec_result){ .struct_size = sizeof(ret->result) };
	return ret->error.p ? MEED_OK : MEED_E_NOMEM;
}
