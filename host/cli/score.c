/* score.c - meed score: runs a plan over files of samples. */
#include "config.h"

#include "host/cli/score.h"
#include "host/engine/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens each input for a moment: a missing file is told at once, before plugins are loaded. */
static int check_inputs(const struct cli *c, const struct score_args *a)
{
	int status = EX_OK, fd;
	struct stat st;
	size_t i;

	for (i = 0; i < a->inputs.n; i++) {
		const char *path = a->inputs.v[i];

		if (strcmp(path, "-") == 0)
			continue;
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			cli_say(c, "cannot read %s: it is a folder", path);
			status = EX_NOINPUT;
			continue;
		}
		if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
			continue; /* opening a FIFO twice would lose its writer */
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			cli_say(c, "cannot read %s: %s", path, strerror(errno));
			status = EX_NOINPUT;
		} else {
			(void)close(fd);
		}
	}
	return status;
}

static uint32_t count_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (uint32_t)CPU_COUNT(&set);
	return 1;
}

static void fill_run_opts(const struct cli *c, const struct score_args *a,
			  const struct meed_run_conf *rc, struct meed_run_opts *o)
{
	o->inputs = a->inputs.v;
	o->n_inputs = a->inputs.n;
	o->output = a->output;
	o->rejects = a->rejects;
	o->format = a->format;
	o->map = a->map.n ? a->map.p : NULL;
	o->group_by = a->group_by;
	o->strict = a->strict;
	o->level = a->level;
	o->timings = a->timings;
	o->summarise = a->summary || a->summary_json;
	o->threads = a->threads ? a->threads : rc->threads ? rc->threads : count_cpus();
	o->window = a->window ? a->window : rc->window;
	o->max_line_bytes = rc->max_line_bytes;
	o->log = &c->log;
	o->progress = MEED_PROGRESS_NONE;
	if (a->progress == MEED_PROGRESS_JSON)
		o->progress = MEED_PROGRESS_JSON;
	else if (a->progress == MEED_PROGRESS_AUTO || (a->progress < 0 && !a->quiet))
		o->progress = MEED_PROGRESS_AUTO;
}

static bool goes_to_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* True for outputs that are written as PATH.part. */
static bool is_renamed(const char *path)
{
	struct stat st;

	return !goes_to_stdout(path) && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
}

static int print_summary(const struct cli *c, const struct score_args *a,
			 const struct meed_columns *columns)
{
	struct meed_buf b = { 0 };
	bool to_err = goes_to_stdout(a->output) || goes_to_stdout(a->summary_json);
	int status = EX_OK;

	if (a->summary) {
		meed_columns_table(columns, to_err ? c->colour_err : c->colour_out, c->utf8, &b);
		if (b.failed)
			status = cli_nomem(c);
		else if (to_err)
			(void)cli_write(STDERR_FILENO, b.p, b.n);
		else
			status = cli_emit(c, &b);
	}
	if (a->summary_json && status == EX_OK) {
		b.n = 0;
		meed_columns_json(columns, &b);
		if (b.n > 0 && b.p[b.n - 1] != '\n')
			meed_buf_putc(&b, '\n');
		status = cli_emit_file(c, a->summary_json, &b);
	}
	meed_buf_release(&b);
	return status;
}

static void put_count(struct meed_buf *b, uint64_t n, const char *one, const char *many)
{
	meed_buf_u64(b, n);
	meed_buf_puts(b, n == 1 ? one : many);
}

static void closing_line(const struct cli *c, const struct score_args *a,
			 const struct meed_run_stats *s)
{
	double secs = (double)s->ns / 1e9;
	struct meed_buf b = { 0 };

	put_count(&b, s->n_samples, " sample, ", " samples, ");
	put_count(&b, s->n_outputs, " output, ", " outputs, ");
	put_count(&b, s->n_bad_lines, " bad line, ", " bad lines, ");
	put_count(&b, s->n_failed, " failed", " failed");
	if (s->n_posts > 0)
		meed_buf_printf(&b, ", %llu request%s", (unsigned long long)s->n_posts,
				s->n_posts == 1 ? "" : "s");
	meed_buf_printf(&b, "; %.3f s", secs);
	if (s->ns > 0)
		meed_buf_printf(&b, ", %.0f samples/s", (double)s->n_samples / secs);
	if (s->n_bad_lines > 0 && a->rejects)
		meed_buf_printf(&b, "; bad lines are in %s", a->rejects);
	else if (s->n_bad_lines > 0)
		meed_buf_puts(&b, "; bad lines are in the output, as {\"error\": ...}");
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		cli_say(c, "%s", b.p);
	meed_buf_release(&b);
}

/* After the run: what to say and the exit status. r and err are meed_run's. */
static int finish(const struct cli *c, const struct score_args *a, int32_t r,
		  const struct meed_err *err, const struct meed_run_stats *s)
{
	int status = EX_OK, sig = cli_signals_got();

	if (s->columns)
		status = print_summary(c, a, s->columns);
	if (r >= 0 && !s->n_lines && !s->cancelled)
		cli_say(c, "warning: the input has no line: nothing was scored");
	if (!a->quiet)
		closing_line(c, a, s);
	if (s->cancelled || (sig && r < 0)) {
		if (is_renamed(a->output))
			cli_say(c, "interrupted; what was done is in %s.part", a->output);
		else
			cli_say(c, "interrupted");
		return 128 + (sig ? sig : SIGINT);
	}
	if (r < 0) {
		cli_say(c, "%s", err->text);
		return meed_err_exit(r);
	}
	if (status != EX_OK)
		return status;
	return s->n_bad_lines > 0 || s->n_failed > 0 ? EX_DATAERR : EX_OK;
}

static int run_plan(struct cli *c, const struct score_args *a, const struct meed_conf *conf,
		    const struct meed_plan *plan)
{
	const struct meed_run_conf *rc = meed_conf_run(conf);
	struct meed_engine_opts eo = { 0 };
	struct meed_run_opts ro = { 0 };
	struct meed_run_stats stats = { 0 };
	struct meed_transport *transport = NULL, *exec = NULL;
	struct meed_engine *engine = NULL;
	struct meed_err err = { 0 };
	struct meed_llm_conf llm;
	int status;
	int32_t r;

	meed_conf_llm(conf, &llm);
	llm.record = a->record;
	llm.replay = a->replay;
	if (a->cache)
		llm.cache = a->cache;
	if (a->no_cache)
		llm.cache = NULL;
	r = meed_llm_new(&llm, &c->log, &err, &transport);
	if (r == MEED_OK)
		r = meed_engine_exec(plan, &c->log, &err, &exec);
	if (r < 0)
		goto fail;
	fill_run_opts(c, a, rc, &ro);
	eo.seed = a->has_seed ? a->seed : rc->seed;
	eo.want = a->level == MEED_LEVEL_FULL	  ? MEED_WANT_REASON | MEED_WANT_EXTRA
		  : a->level == MEED_LEVEL_REASON ? MEED_WANT_REASON
						  : 0;
	eo.timeout_ms = rc->timeout_ms;
	eo.arena_bytes = rc->arena_bytes;
	eo.timings = a->timings;
	eo.transport = transport;
	eo.exec = exec;
	eo.cancel = ro.cancel = cli_signals_catch();
	r = meed_engine_new(plan, &eo, &err, &engine);
	if (r < 0)
		goto fail;
	r = meed_run(engine, &ro, &err, &stats);
	status = finish(c, a, r, &err, &stats);
	goto out;
fail:
	cli_say(c, "%s", err.text);
	status = meed_err_exit(r);
out:
	meed_columns_free(stats.columns);
	meed_engine_free(engine);
	if (transport)
		transport->free(transport);
	if (exec)
		exec->free(exec);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct score_args a = { 0 };
	struct meed_diags d = { 0 };
	struct meed_conf *conf = NULL;
	struct meed_plan *plan = NULL;
	int status;
	int32_t r;

	status = score_parse(c, argc, argv, &a);
	if (status != CLI_GO)
		goto out;
	status = check_inputs(c, &a);
	if (status != EX_OK)
		goto out;
	status = cli_conf_open(c, &conf);
	if (status != EX_OK)
		goto out;
	if (!cli_conf_entry(c, conf, a.name)) {
		status = EX_CONFIG;
		goto out;
	}
	r = meed_plan_new(conf, a.name, a.sets.v, a.sets.n, &d, &plan);
	cli_diags(c, &d);
	status = r < 0 ? meed_err_exit(r) : run_plan(c, &a, conf, plan);
out:
	meed_plan_free(plan);
	meed_conf_free(conf);
	meed_diags_release(&d);
	score_args_release(&a);
	return status;
}

const struct cli_command cli_score = {
	.name = "score",
	.synopsis = "-m NAME [FILE]...",
	.summary = "Score samples from files or standard input.",
	.opts = score_opts,
	.conf = true,
	.notes = "Ends with 0 if every output of every sample got a score, with 65 if a line was "
		 "no\n"
		 "sample or an output could not be scored; see meed-score(1) for the rest.",
	.run = run,
};
