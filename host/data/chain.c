/* chain.c - reader, steps, format: what a run is made of and how samples go through it */
#include "config.h"

#include "host/data/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	BLOCK_LINES = 256,
	BLOCK_BYTES = 1 << 20,
	TOLD_LINES = 10,
	STEPS_MAX = 256
};

/* ---- what there is ----------------------------------------------------------------------- */

static const struct meed_data_kind *const steps[] = {
	&data_filter.pub, &data_dedup.pub,   &data_near_dedup.pub,  &data_split.pub,
	&data_sample.pub, &data_shuffle.pub, &data_sort.pub,	    &data_limit.pub,
	&data_map.pub,	  &data_pairs.pub,   &data_annotations.pub,
};
static const struct meed_data_kind *const formats[] = {
	&data_jsonl.pub,
	&data_preference.pub,
	&data_trl_preference.pub,
	&data_trl_kto.pub,
	&data_trl_prompt_completion.pub,
	&data_verl.pub,
	&data_sft.pub,
	&data_csv.pub,
	&data_label_studio.pub,
};

const struct meed_data_kind *const *meed_data_steps(size_t *ret_n)
{
	*ret_n = DATA_COUNT(steps);
	return steps;
}

const struct meed_data_kind *const *meed_data_formats(size_t *ret_n)
{
	*ret_n = DATA_COUNT(formats);
	return formats;
}

static const struct meed_data_kind *find(const struct meed_data_kind *const *v, size_t n,
					 const char *name, const char **ret_near)
{
	const char *names[32];
	size_t i;

	for (i = 0; i < n && i < DATA_COUNT(names); i++) {
		names[i] = v[i]->name;
		if (strcmp(v[i]->name, name) == 0)
			return v[i];
	}
	*ret_near = meed_nearest(name, names, i);
	return NULL;
}

const struct meed_data_kind *meed_data_find_step(const char *name, const char **ret_near)
{
	return find(steps, DATA_COUNT(steps), name, ret_near);
}

const struct meed_data_kind *meed_data_find_format(const char *name, const char **ret_near)
{
	return find(formats, DATA_COUNT(formats), name, ret_near);
}

/* ---- building ---------------------------------------------------------------------------- */

struct meed_data_chain *meed_data_chain_new(void)
{
	return calloc(1, sizeof(struct meed_data_chain));
}

static void step_release(struct data_step *s)
{
	if (s->kind && s->kind->release)
		s->kind->release(s->self);
	free(s->self);
	memset(s, 0, sizeof(*s));
}

void meed_data_chain_free(struct meed_data_chain *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n_steps; i++)
		step_release(&c->steps[i]);
	step_release(&c->format);
	free(c->steps);
	free(c->counts);
	free(c->part_counts);
	free(c);
}

static const struct data_kind *kind_of(const struct meed_data_kind *pub)
{
	const void *p = pub; /* its first member */

	return p;
}

static int32_t step_init(struct data_step *s, const struct meed_data_args *a, struct meed_err *err)
{
	const struct data_kind *k = kind_of(a->kind);

	s->self = calloc(1, k->size ? k->size : 1);
	if (!s->self)
		return meed_err_nomem(err);
	s->kind = k;
	s->count.name = k->pub.name;
	return k->init ? k->init(s->self, a, err) : MEED_OK;
}

static int32_t add_step(struct meed_data_chain *c, const struct meed_data_args *a,
			struct meed_err *err)
{
	struct data_step *grown;
	size_t i;

	if (c->n_steps == STEPS_MAX)
		return meed_err_set(err, MEED_E_PARAM, "more than %d steps", STEPS_MAX);
	for (i = 0; a->kind->parts && i < c->n_steps; i++)
		if (c->steps[i].kind->pub.parts)
			return meed_err_set(err, MEED_E_PARAM,
					    "a second %s: the samples have their outputs already",
					    a->kind->name);
	grown = realloc(c->steps, (c->n_steps + 1) * sizeof(*grown));
	if (!grown)
		return meed_err_nomem(err);
	c->steps = grown;
	memset(&grown[c->n_steps], 0, sizeof(*grown));
	return step_init(&grown[c->n_steps++], a, err);
}

int32_t meed_data_chain_add(struct meed_data_chain *c, struct meed_data_args *a,
			    struct meed_err *err)
{
	int32_t r;

	if (!a)
		return meed_err_nomem(err);
	if (kind_of(a->kind)->rows) {
		step_release(&c->format);
		r = step_init(&c->format, a, err);
	} else {
		r = add_step(c, a, err);
	}
	meed_data_args_free(a);
	return r;
}

void *meed_data_chain_self(struct meed_data_chain *c)
{
	return c->steps[c->n_steps - 1].self;
}

/* ---- samples going through ----------------------------------------------------------------------
 */

uint64_t data_seed(const struct data_step *s)
{
	return s->chain->o->seed + s->index * UINT64_C(0x9e3779b97f4a7c15);
}

uint64_t data_memory(const struct data_step *s)
{
	return s->chain->o->memory_bytes ? s->chain->o->memory_bytes : (uint64_t)32 << 20;
}

bool data_cancelled(const struct data_step *s)
{
	return meed_data_stopped(s->chain);
}

bool meed_data_stopped(const struct meed_data_chain *c)
{
	return c->o->cancel && atomic_load_explicit(c->o->cancel, memory_order_relaxed);
}

static int32_t push(struct meed_data_chain *c, size_t i, struct data_rec *r, struct meed_err *err)
{
	struct data_step *s;

	if (meed_data_stopped(c))
		return meed_err_set(err, MEED_E_CANCELLED, "interrupted");
	if (i == c->n_steps)
		return meed_data_write(c, r, err);
	s = &c->steps[i];
	s->count.n_in++;
	return s->kind->push(s, r, err);
}

int32_t data_pass(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	s->count.n_out++;
	meed_data_tick(s->chain, false);
	return push(s->chain, s->index + 1, r, err);
}

int32_t data_drop(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct data_out *o = &s->chain->dropped;
	int32_t st = MEED_OK;

	s->count.n_dropped++;
	if (s->chain->o->dropped) {
		st = data_rec_line(r, err);
		if (st == MEED_OK) {
			meed_buf_put(&o->text, r->line.p, r->line.n);
			meed_buf_putc(&o->text, '\n');
			st = data_out_tick(o, err);
		}
	}
	return st;
}

/* ---- reading
 * -------------------------------------------------------------------------------------- */

struct reader {
	struct meed_data_chain *c;
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_block block;
	struct meed_arena arena;
	struct data_rec rec;
};

static int32_t bad_line(struct reader *r, const struct meed_line *line, const struct meed_err *why,
			struct meed_err *err)
{
	struct meed_data_chain *c = r->c;
	const char *file = meed_input_name(c->in, line->file);

	c->stats->n_bad_lines++;
	if (c->o->strict)
		return meed_err_set(err, MEED_E_SAMPLE, "%s:%llu: %s", file,
				    (unsigned long long)line->number, why->text);
	if (c->o->log && c->stats->n_bad_lines <= TOLD_LINES)
		meed_log(c->o->log, MEED_LOG_WARN, "%s:%llu: %s%s", file,
			 (unsigned long long)line->number, why->text,
			 c->stats->n_bad_lines == TOLD_LINES ? " (more bad lines are only counted)"
							     : "");
	if (!c->o->rejects)
		return MEED_OK;
	meed_reject_write(&c->rejects.text, file, line, why);
	return data_out_tick(&c->rejects, err);
}

/* A row becomes a canonical line; one that is canonical keeps its tree. */
static int32_t take_row(struct reader *r, struct meed_row *row, struct meed_err *err)
{
	struct data_rec *rec = &r->rec;

	rec->part = 0;
	if (row->shape == MEED_SHAPE_CANONICAL && row->n_roots == 1) {
		data_rec_own(rec, json_object_get(row->roots[0]));
		return MEED_OK;
	}
	json_object_put(rec->root);
	rec->root = NULL;
	rec->stale = false;
	rec->line.n = 0;
	meed_row_write(row, NULL, MEED_LEVEL_FULL, false, &rec->line);
	if (rec->line.failed)
		return meed_err_nomem(err);
	if (rec->line.n > 0 && rec->line.p[rec->line.n - 1] == '\n')
		rec->line.n--;
	return MEED_OK;
}

static int32_t read_row(struct reader *r, const struct meed_line *line, struct meed_err *err)
{
	struct meed_err why = { 0 };
	struct meed_row *row = NULL;
	int32_t st = line->status;

	if (st == MEED_E_LIMIT)
		(void)meed_err_set(&why, MEED_E_SAMPLE, "the line has %zu bytes, more than allowed",
				   line->n);
	else
		st = meed_parser_row(r->parser, line, 1, &r->arena, &why, &row);
	if (st == MEED_E_NOMEM)
		return meed_err_nomem(err);
	if (st < 0)
		return bad_line(r, line, &why, err);
	st = take_row(r, row, err);
	meed_row_release(row);
	meed_arena_reset(&r->arena);
	if (st < 0)
		return st;
	r->c->stats->n_samples++;
	meed_data_tick(r->c, false);
	return push(r->c, 0, &r->rec, err);
}

static int32_t read_block(struct reader *r, struct meed_err *err)
{
	int32_t st = MEED_OK;
	size_t i;

	for (i = 0; i < r->block.n && st == MEED_OK; i++)
		st = meed_data_stopped(r->c) ? meed_err_set(err, MEED_E_CANCELLED, "interrupted")
					     : read_row(r, &r->block.lines[i], err);
	return st;
}

int32_t meed_data_read(struct meed_data_chain *c, struct meed_err *err)
{
	struct reader r = { .c = c };
	int32_t st = meed_schema_new(c->o->format, c->o->map, NULL, err, &r.schema);
	int32_t more = 1;

	if (st == MEED_OK && !(r.parser = meed_parser_new(r.schema)))
		st = meed_err_nomem(err);
	while (st == MEED_OK && more > 0) {
		more = meed_input_next(c->in, &r.block, BLOCK_LINES, BLOCK_BYTES, err);
		st = read_block(&r, more < 0 ? NULL : err);
		if (more < 0)
			st = more;
	}
	data_rec_release(&r.rec);
	meed_block_release(&r.block);
	meed_arena_release(&r.arena);
	meed_parser_free(r.parser);
	meed_schema_free(r.schema);
	return st;
}
