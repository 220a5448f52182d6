/* run.c - one run of a chain: opening, progress, writing, closing */
#include "config.h"

#include "host/data/chain.h"
#include "host/sample/duckdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_LINE ((size_t)128 << 20)
#define LIVE_NS UINT64_C(500000000)
#define PLAIN_NS UINT64_C(10000000000)
#define JSON_NS UINT64_C(1000000000)

/* ---- progress ---------------------------------------------------------------------------- */

static void show(const struct meed_data_chain *c, double secs, bool last)
{
	uint64_t done = 0, total = 0, n = c->stats->n_samples, n_out = c->stats->n_written;
	struct meed_buf b = { 0 };
	double eta;

	meed_input_progress(c->in, &done, &total);
	eta = done && total > done ? secs * (double)(total - done) / (double)done : 0;
	if (c->o->progress == MEED_PROGRESS_JSON) {
		meed_buf_printf(&b,
				"{\"samples\":%llu,\"written\":%llu,\"bad_lines\":%llu,"
				"\"bytes\":%llu,\"total_bytes\":%llu,\"seconds\":%.3f,"
				"\"samples_per_second\":%.1f,\"eta_seconds\":%.0f,\"done\":%s}\n",
				(unsigned long long)n, (unsigned long long)n_out,
				(unsigned long long)c->stats->n_bad_lines, (unsigned long long)done,
				(unsigned long long)total, secs, secs > 0 ? (double)n / secs : 0.0,
				eta, last ? "true" : "false");
	} else {
		unsigned left = eta < 3.6e6 ? (unsigned)eta : 3600000;

		meed_buf_printf(&b, "%s%llu samples  %.0f/s", c->live ? "\r" : "",
				(unsigned long long)n, secs > 0 ? (double)n / secs : 0.0);
		if (total && done < total)
			meed_buf_printf(&b, "  %3.0f %%  ETA %u:%02u:%02u",
					100 * (double)done / (double)total, left / 3600,
					left / 60 % 60, left % 60);
		meed_buf_printf(&b, "  written %llu%s", (unsigned long long)n_out,
				c->live ? "\033[K" : "\n");
	}
	if (!b.failed && write(STDERR_FILENO, b.p, b.n) < 0)
		b.n = 0;
	meed_buf_release(&b);
}

void meed_data_tick(struct meed_data_chain *c, bool last)
{
	uint64_t now, every;

	if (c->o->progress == MEED_PROGRESS_NONE)
		return;
	now = meed_now_ns();
	every = c->o->progress == MEED_PROGRESS_JSON ? JSON_NS : c->live ? LIVE_NS : PLAIN_NS;
	if (!last && now - c->last < every)
		return;
	c->last = now;
	if (!last || c->o->progress == MEED_PROGRESS_JSON)
		show(c, (double)(now - c->t0) / 1e9, last);
	else if (c->shown && c->live && write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return;
	c->shown = true;
}

/* ---- writing ----------------------------------------------------------------------------- */

int32_t meed_data_write(struct meed_data_chain *c, struct data_rec *r, struct meed_err *err)
{
	struct data_out *o = &c->outs[r->part < c->n_outs ? r->part : 0];
	const struct data_kind *k = c->format.kind;
	const char *why = NULL;
	int64_t n;

	n = k->rows(c->format.self, o, r, &why, err);
	if (n < 0)
		return (int32_t)n;
	if (n == 0) {
		c->stats->n_passed_over++;
		if (!c->stats->why_passed_over)
			c->stats->why_passed_over = why;
	}
	o->n_rows += (uint64_t)n;
	c->stats->n_written += (uint64_t)n;
	if (c->n_outs > 1 && c->part_counts)
		c->part_counts[r->part < c->n_outs ? r->part : 0].n_out++;
	return data_out_tick(o, err);
}

/* ---- opening and closing ----------------------------------------------------------------- */

static const struct data_step *parting_step(const struct meed_data_chain *c)
{
	size_t i;

	for (i = 0; i < c->n_steps; i++)
		if (c->steps[i].kind->pub.parts)
			return &c->steps[i];
	return NULL;
}

/* That DuckDB is missing is told before anything is read. */
static int32_t find_duckdb(struct meed_err *err)
{
	struct meed_duckdb *db = NULL;
	int32_t r = meed_duckdb_open(err, &db);

	meed_duckdb_close(db);
	return r;
}

static int32_t open_one(struct meed_data_chain *c, struct data_out *o, const char *path,
			struct meed_err *err)
{
	const struct data_kind *k = c->format.kind;
	int32_t r;

	if (path && data_is_parquet(path) && k->no_json)
		return meed_err_set(err, MEED_E_PARAM,
				    "%s: %s has no rows that Parquet could hold: "
				    "give another name",
				    path, k->pub.name);
	if (path && data_is_parquet(path)) {
		r = find_duckdb(err);
		if (r < 0)
			return r;
	}
	o->columns = k->columns;
	r = data_out_open(o, path, err);
	return r == MEED_OK && k->begin ? k->begin(c->format.self, o, err) : r;
}

static int32_t open_outs(struct meed_data_chain *c, struct meed_err *err)
{
	const struct data_step *split = parting_step(c);
	const char *const *names = NULL;
	size_t n = 1, i;
	int32_t r = MEED_OK;

	if (split)
		n = split->kind->parts(split->self, &names);
	if (split && (!c->o->output || strcmp(c->o->output, "-") == 0))
		return meed_err_set(
			err, MEED_E_PARAM,
			"a split needs an output file: its parts are FILE-%s.jsonl and so "
			"on",
			names[0]);
	c->outs = calloc(n, sizeof(*c->outs));
	c->part_counts = calloc(n, sizeof(*c->part_counts));
	if (!c->outs || !c->part_counts)
		return meed_err_nomem(err);
	for (i = 0; i < n; i++)
		c->outs[i].fd = -1;
	c->n_outs = n;
	for (i = 0; i < n && r == MEED_OK; i++) {
		char *path = split ? data_part_path(c->o->output, names[i]) : NULL;

		if (split && !path)
			return meed_err_nomem(err);
		r = open_one(c, &c->outs[i], split ? path : c->o->output, err);
		c->part_counts[i].name = split ? names[i] : NULL;
		free(path);
	}
	if (r == MEED_OK && c->o->rejects)
		r = data_out_open(&c->rejects, c->o->rejects, err);
	if (r == MEED_OK && c->o->dropped)
		r = data_out_open(&c->dropped, c->o->dropped, err);
	return r;
}

static int32_t commit(struct meed_data_chain *c, struct meed_err *err)
{
	const struct data_kind *k = c->format.kind;
	int32_t r = MEED_OK;
	size_t i;

	for (i = 0; i < c->n_outs && r == MEED_OK; i++) {
		if (k->finish)
			r = k->finish(c->format.self, &c->outs[i], err);
		if (r == MEED_OK)
			r = data_out_commit(&c->outs[i], err);
	}
	if (r == MEED_OK && c->o->rejects)
		r = data_out_commit(&c->rejects, err);
	if (r == MEED_OK && c->o->dropped)
		r = data_out_commit(&c->dropped, err);
	return r;
}

static int32_t run_steps(struct meed_data_chain *c, struct meed_err *err)
{
	int32_t r = meed_data_read(c, err);
	size_t i;

	for (i = 0; i < c->n_steps && r == MEED_OK; i++)
		if (c->steps[i].kind->end)
			r = c->steps[i].kind->end(&c->steps[i], err);
	return r;
}

static int32_t prepare(struct meed_data_chain *c, struct meed_err *err)
{
	int32_t r = MEED_OK;
	size_t i;

	c->counts = calloc(c->n_steps + 1, sizeof(*c->counts));
	if (!c->counts)
		return meed_err_nomem(err);
	for (i = 0; i < c->n_steps; i++) {
		c->steps[i].chain = c;
		c->steps[i].index = i;
	}
	if (!c->format.kind) {
		struct meed_data_args *a = meed_data_args_new(&data_jsonl.pub);

		r = meed_data_chain_add(c, a, err);
	}
	return r;
}

static void fill_stats(struct meed_data_chain *c)
{
	struct meed_data_stats *st = c->stats;
	size_t i;

	for (i = 0; c->counts && i < c->n_steps; i++) {
		c->counts[i] = c->steps[i].count;
		c->counts[i].note = c->steps[i].note[0] ? c->steps[i].note : NULL;
	}
	st->steps = c->counts;
	st->n_steps = c->counts ? c->n_steps : 0;
	st->parts = c->part_counts;
	st->n_parts = c->n_outs > 1 ? c->n_outs : 0;
	st->cancelled = meed_data_stopped(c);
	st->ns = meed_now_ns() - c->t0;
}

int32_t meed_data_chain_run(struct meed_data_chain *c, const struct meed_data_opts *o,
			    struct meed_err *err, struct meed_data_stats *ret)
{
	size_t max_line = o->max_line_bytes ? o->max_line_bytes : MAX_LINE, i;
	int32_t r;

	memset(ret, 0, sizeof(*ret));
	c->o = o;
	c->stats = ret;
	c->t0 = c->last = meed_now_ns();
	c->live = isatty(STDERR_FILENO) == 1;
	c->rejects.fd = c->dropped.fd = -1;
	r = prepare(c, err);
	if (r == MEED_OK)
		r = meed_input_open(o->inputs, o->n_inputs, max_line, err, &c->in);
	if (r == MEED_OK) {
		if (o->cancel)
			meed_input_watch(c->in, o->cancel);
		r = open_outs(c, err);
	}
	if (r == MEED_OK)
		r = run_steps(c, err);
	if (r == MEED_OK)
		r = commit(c, err);
	if (c->in)
		meed_data_tick(c, true);
	fill_stats(c);
	for (i = 0; i < c->n_outs; i++)
		data_out_close(&c->outs[i]);
	free(c->outs);
	c->outs = NULL;
	data_out_close(&c->rejects);
	data_out_close(&c->dropped);
	meed_input_close(c->in);
	c->in = NULL;
	return r;
}
