/* eval.c - meed eval: what a benchmark says about a model. */
#include "config.h"

#include "host/cli/eval.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

static int list(const struct cli *c)
{
	struct cli_table t = { .n_cols = 2 };
	struct meed_buf b = { 0 };
	int status;

	cli_table_cell(&t, "benchmark");
	cli_table_cell(&t, "what it measures");
	for (size_t i = 0; meed_bench_info(i); i++) {
		cli_table_cell(&t, meed_bench_info(i)->name);
		cli_table_cell(&t, meed_bench_info(i)->summary);
	}
	cli_table_print(&t, 0, c->colour_out, &b);
	status = t.text.failed || b.failed ? cli_nomem(c) : cli_emit(c, &b);
	cli_table_release(&t);
	meed_buf_release(&b);
	return status;
}

static int say(const struct cli *c, int32_t r, const struct meed_err *err)
{
	int sig = cli_signals_got();

	if (r == MEED_E_CANCELLED && sig) {
		cli_say(c, "interrupted");
		return 128 + sig;
	}
	cli_say(c, "%s", err->text);
	return meed_err_exit(r);
}

/* Reads files as one run. *ret is the caller's whatever happens. */
static int read_run(struct cli *c, const struct eval_args *a, const char *const *paths, size_t n,
		    bool made, struct meed_eval **ret)
{
	struct meed_scored_opts in = a->in;
	struct meed_eval_counts counts;
	struct meed_err err = { 0 };
	int32_t r = meed_eval_new(&a->o, &err, ret);

	in.cancel = cli_signals_catch();
	if (made)
		in.format = in.map = NULL;
	if (r >= 0)
		r = meed_eval_read(*ret, paths, n, &in, &err);
	if (r < 0)
		return say(c, r, &err);
	meed_eval_count(*ret, &counts);
	if (counts.items != counts.errors)
		return EX_OK;
	if (counts.first_failure)
		cli_say(c, "no item has the scores that it needs; the first: %s",
			counts.first_failure);
	else if (made)
		cli_say(c,
			"no item has the scores that it needs: %s does not give what %s looks at "
			"(prmbench: scores of steps)",
			a->s.name, a->bench);
	else
		cli_say(c,
			"%s: no item has the scores that it needs; score it with -m NAME, or say "
			"where they are recorded with --score-at",
			paths[0]);
	return EX_DATAERR;
}

static void facts(const struct eval_args *a, const struct eval_runs *runs, struct meed_report *r)
{
	if (a->s.name)
		meed_report_fact(r, "model", "%s", a->s.name);
	if (a->in.composition)
		meed_report_fact(r, "composition", "%s", a->in.composition);
	if (a->in.detail)
		meed_report_fact(r, "detail", "%s", a->in.detail);
	if (a->in.score_at)
		meed_report_fact(r, "scores", "recorded at %s", a->in.score_at);
	for (size_t i = 0; i < a->s.inputs.n; i++)
		if (!runs->turned || i)
			meed_report_fact(r, i ? "input_more" : "input", "%s", a->s.inputs.v[i]);
	if (a->output)
		meed_report_fact(r, "run", "%s", a->output);
	if (a->both_orders)
		meed_report_fact(r, "orders", "both");
}

/* The other runs of the same benchmark: repetitions, and --also. */
static int spread(struct cli *c, const struct eval_args *a, const struct eval_runs *runs,
		  struct meed_eval *first, struct meed_report *r)
{
	size_t n = (runs->n ? runs->n : 1) + a->also.n, k = 1;
	struct meed_eval **v = calloc(n, sizeof(struct meed_eval *));
	struct meed_err err = { 0 };
	int status = v ? EX_OK : cli_nomem(c);

	if (v)
		v[0] = first;
	for (size_t i = 1; i < runs->n && status == EX_OK; i++, k++)
		status = read_run(c, a, (const char *const *)&runs->paths[i], 1, true, &v[k]);
	for (size_t i = 0; i < a->also.n && status == EX_OK; i++, k++)
		status = read_run(c, a, &a->also.v[i], 1, false, &v[k]);
	if (status == EX_OK && meed_eval_spread(v, n, &err, r) < 0)
		status = say(c, err.code, &err);
	for (size_t i = 1; v && i < n; i++)
		meed_eval_free(v[i]);
	free(v);
	return status;
}

static int compare(struct cli *c, const struct eval_args *a, struct meed_eval *e,
		   struct meed_report *r)
{
	struct meed_eval *other = NULL;
	struct meed_err err = { 0 };
	int status = read_run(c, a, a->against.v, a->against.n, false, &other);
	int32_t code;

	if (status == EX_OK) {
		meed_report_fact(r, "against", "%s", a->against.v[0]);
		code = meed_eval_compare(e, other, &err, r);
		if (code < 0)
			status = say(c, code, &err);
	}
	meed_eval_free(other);
	return status;
}

static int report(struct cli *c, const struct eval_args *a, const struct eval_runs *runs,
		  struct meed_eval *e)
{
	struct meed_report *r = meed_report_new("eval", a->bench);
	struct meed_err err = { 0 };
	int status = r ? EX_OK : cli_nomem(c);
	int32_t code;

	if (status == EX_OK) {
		facts(a, runs, r);
		code = meed_eval_report(e, &err, r);
		if (code < 0)
			status = say(c, code, &err);
	}
	if (status == EX_OK && (runs->n > 1 || a->also.n))
		status = spread(c, a, runs, e, r);
	if (status == EX_OK && a->against.n)
		status = compare(c, a, e, r);
	if (status == EX_OK)
		status = cli_report_emit(c, &a->out, r);
	meed_report_free(r);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct eval_args a;
	struct eval_runs runs = { 0 };
	struct meed_eval *e = NULL;
	struct meed_eval_counts counts;
	int status = eval_parse(c, argc, argv, &a);

	if (status == CLI_GO && a.list)
		status = list(c);
	else if (status == CLI_GO) {
		status = a.s.name ? eval_score(c, &a, &runs) : EX_OK;
		if (status == EX_OK && a.s.name)
			status = read_run(c, &a, (const char *const *)runs.paths, 1, true, &e);
		else if (status == EX_OK)
			status = read_run(c, &a, a.s.inputs.v, a.s.inputs.n, false, &e);
		if (status == EX_OK)
			status = report(c, &a, &runs, e);
		if (status == EX_OK) {
			meed_eval_count(e, &counts);
			if (counts.bad_lines || (a.s.name && counts.errors))
				status = EX_DATAERR;
		}
	}
	meed_eval_free(e);
	eval_runs_release(&runs);
	eval_args_release(&a);
	return status;
}

const struct cli_command cli_eval = {
	.name = "eval",
	.synopsis = "BENCHMARK [-m NAME] [FILE]...",
	.summary = "Measure a model by a benchmark.",
	.opts = eval_opts,
	.conf = true,
	.notes = "FILE is scored with -m, or is scored already. Ends with 0; with 65 if a line was "
		 "no "
		 "sample,\nor with -m an item has no score; see meed-eval(1) for the rest.",
	.run = run,
};
