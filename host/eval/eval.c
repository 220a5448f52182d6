/* eval.c - an evaluation from its first sample to its figures. */
#include "config.h"
#include "host/eval/bench.h"
#include "host/eval/points.h"

#include <math.h>
#include <stdlib.h>

static const struct meed_eval_bench *bench_of(const char *name)
{
	const struct meed_bench_info *info = meed_bench_named(name);

	return info ? (const struct meed_eval_bench *)(const void *)info : NULL;
}

static int32_t check_pointer(const char *what, const char *p, struct meed_err *err)
{
	if (p && *p != '/')
		return meed_err_set(err, MEED_E_PARAM,
				    "%s: \"%s\" is no JSON pointer; one begins with /", what, p);
	return MEED_OK;
}

static int32_t check(const struct meed_eval_opts *o, struct meed_err *err)
{
	const struct {
		const char *what, *p;
	} pointers[] = { { "--by", o->by },
			 { "--label-at", o->label_at },
			 { "--verdict-at", o->verdict_at },
			 { "--correct-at", o->correct_at },
			 { "--answer-at", o->answer_at },
			 { "--group-at", o->group_at } };
	int32_t r = MEED_OK;

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]) && r >= 0; i++)
		r = check_pointer(pointers[i].what, pointers[i].p, err);
	return r;
}

int32_t meed_eval_new(const struct meed_eval_opts *o, struct meed_err *err, struct meed_eval **ret)
{
	struct meed_eval *e;
	size_t n_ch;
	int32_t r = check(o, err);

	if (r < 0)
		return r;
	e = calloc(1, sizeof(*e));
	if (!e)
		return meed_err_nomem(err);
	e->o = *o;
	e->bench = bench_of(o->bench);
	if (!e->bench) {
		meed_eval_free(e);
		return meed_err_set(err, MEED_E_PARAM, "no benchmark is named \"%s\"", o->bench);
	}
	if (!e->o.n_ks)
		e->o.ks[e->o.n_ks++] = 1;
	n_ch = e->bench->channels ? e->bench->channels(&e->o) : e->bench->n_ch;
	e->t = meed_tally_new(n_ch);
	if (!n_ch)
		e->points = meed_points_new();
	if (!e->t || (!n_ch && !e->points)) {
		meed_eval_free(e);
		return meed_err_nomem(err);
	}
	*ret = e;
	return MEED_OK;
}

void meed_eval_free(struct meed_eval *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_tables; i++) {
		for (size_t k = 0; k < e->tables[i].n_rows; k++) {
			free(e->tables[i].rows[k].name);
			free(e->tables[i].rows[k].subsets);
		}
		free(e->tables[i].rows);
	}
	for (size_t i = 0; i < e->n_notes; i++)
		free((char *)(uintptr_t)e->notes[i].p);
	free(e->notes);
	meed_tally_free(e->t);
	meed_points_free(e->points);
	meed_figs_release(&e->figs);
	meed_map_release(&e->map);
	meed_buf_release(&e->scratch);
	free(e->pending);
	free(e->bad);
	free(e->failed);
	free(e->value);
	free(e);
}

/* "FILE:LINE: WHY", owned by the caller; NULL when out of memory. */
static char *place_text(const struct meed_scored *s, meed_str why)
{
	struct meed_buf b = { 0 };

	meed_buf_printf(&b, "%s:%llu: ", s->file, (unsigned long long)s->line);
	meed_buf_put(&b, why.p, why.n);
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		return b.p;
	meed_buf_release(&b);
	return NULL;
}

static int32_t note_bad(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	if (e->n_bad++)
		return MEED_OK;
	e->bad = place_text(s, s->why);
	return e->bad ? MEED_OK : meed_err_nomem(err);
}

static int32_t note_failed(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	for (size_t i = 0; i < s->n_outs && !e->failed; i++) {
		const struct meed_scored_reward *w = &s->outs[i].reward;

		if (!w->present || w->valid)
			continue;
		e->failed = place_text(s, w->error);
		if (!e->failed)
			return meed_err_nomem(err);
	}
	return MEED_OK;
}

int32_t meed_eval_take(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	int32_t r;

	e->n_samples++;
	if (s->code < 0)
		return note_bad(e, s, err);
	r = e->failed ? MEED_OK : note_failed(e, s, err);
	return r < 0 ? r : e->bench->take(e, s, err);
}

static int32_t nothing(const struct meed_eval *e, struct meed_err *err)
{
	if (!e->n_samples)
		return meed_err_set(err, MEED_E_SAMPLE, "the input has no line");
	if (e->bad)
		return meed_err_set(err, MEED_E_SAMPLE, "no line is a sample of %s; %s",
				    e->bench->info.name, e->bad);
	return meed_err_set(
		err, MEED_E_SAMPLE,
		"none of %llu samples has what %s needs (%s): docs/eval.md tells more",
		(unsigned long long)e->n_samples, e->bench->info.name, e->bench->info.summary);
}

static int32_t compute(struct meed_eval *e, struct meed_err *err)
{
	size_t n = e->figs.n;

	e->value = calloc(3 * n + 1, sizeof(*e->value));
	if (!e->value || e->figs.failed)
		return meed_err_nomem(err);
	e->low = e->value + n;
	e->high = e->low + n;
	if (e->points)
		return meed_points_figures(e->points, &e->o, err, e->value, e->low, e->high);
	return meed_tally_figures(e->t, &e->figs, &e->o.boot, err, e->value, e->low, e->high);
}

int32_t meed_eval_end(struct meed_eval *e, struct meed_err *err)
{
	int32_t r = MEED_OK;

	if (e->bench->end)
		r = e->bench->end(e, err);
	if (r >= 0 && !e->points)
		r = meed_tally_finish(e->t, err);
	if (r >= 0 && !(e->points ? meed_points_count(e->points) : e->t->n))
		return nothing(e, err);
	if (r >= 0)
		r = e->bench->layout(e, err);
	return r < 0 ? r : compute(e, err);
}

int32_t meed_eval_read(struct meed_eval *e, const char *const *paths, size_t n,
		       const struct meed_scored_opts *o, struct meed_err *err)
{
	struct meed_scored_reader *reader = NULL;
	const struct meed_scored *s;
	int32_t r = meed_scored_open(paths, n, o, err, &reader);

	if (r < 0)
		return r;
	while ((r = meed_scored_next(reader, err, &s)) > 0) {
		r = meed_eval_take(e, s, err);
		if (r < 0)
			break;
	}
	meed_scored_close(reader);
	return r < 0 ? r : meed_eval_end(e, err);
}

void meed_eval_count(const struct meed_eval *e, struct meed_eval_counts *ret)
{
	*ret = (struct meed_eval_counts){ .samples = e->n_samples,
					  .bad_lines = e->n_bad,
					  .first_failure = e->failed };
	if (e->points) {
		ret->items = meed_points_count(e->points);
		ret->errors = meed_points_errors(e->points);
		return;
	}
	ret->items = e->t->n;
	for (size_t i = 0; i < e->t->n_names; i++)
		ret->errors += e->t->counts[i].errors;
}

double meed_eval_headline(const struct meed_eval *e)
{
	for (size_t i = e->n_tables ? e->tables[0].n_rows : 0; i > 0; i--) {
		const struct meed_row_plan *row = &e->tables[0].rows[i - 1];

		if (row->strong && row->fig[0] != MEED_FIG_NONE)
			return e->value[row->fig[0]];
	}
	return NAN;
}
