/* scoring.c - a configuration, a plan and files: one run, for every command that scores. */
#include "config.h"

#include "host/cli/scoring.h"
#include "host/engine/summary.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

/* ---- the session ------------------------------------------------------------------------------
 */

static int load_plan(struct cli *c, const struct scoring *s, struct scoring_session *ss)
{
	struct meed_diags d = { 0 };
	int status = cli_conf_open(c, &ss->conf);
	int32_t r;

	if (status != EX_OK)
		return status;
	if (!cli_conf_entry(c, ss->conf, s->name))
		return EX_CONFIG;
	r = meed_plan_new(ss->conf, s->name, s->sets.v, s->sets.n, &d, &ss->plan);
	cli_diags(c, &d);
	meed_diags_release(&d);
	return r < 0 ? meed_err_exit(r) : EX_OK;
}

static int32_t open_transports(struct cli *c, const struct scoring *s, struct scoring_session *ss,
			       struct meed_err *err)
{
	struct meed_llm_conf llm;
	int32_t r;

	meed_conf_llm(ss->conf, &llm);
	llm.record = s->record;
	llm.record_more = s->start >= MEED_START_RESUME;
	llm.replay = s->replay;
	if (s->cache)
		llm.cache = s->cache;
	if (s->no_cache)
		llm.cache = NULL;
	if (s->budget_tokens && (!llm.budget_tokens || s->budget_tokens < llm.budget_tokens))
		llm.budget_tokens = s->budget_tokens;
	if (s->budget_money > 0 && (!(llm.budget_money > 0) || s->budget_money < llm.budget_money))
		llm.budget_money = s->budget_money;
	r = meed_llm_new(&llm, &c->log, err, &ss->llm);
	if (r == MEED_OK)
		r = meed_engine_exec(ss->plan, &c->log, err, &ss->exec);
	return r;
}

int scoring_open(struct cli *c, const struct scoring *s, struct scoring_session *ret)
{
	struct meed_engine_opts eo = { 0 };
	struct meed_err err = { 0 };
	const struct meed_run_conf *rc;
	int status;
	int32_t r;

	*ret = (struct scoring_session){ 0 };
	status = load_plan(c, s, ret);
	if (status != EX_OK)
		goto out;
	r = open_transports(c, s, ret, &err);
	if (r < 0)
		goto fail;
	rc = meed_conf_run(ret->conf);
	eo.seed = s->has_seed ? s->seed : rc->seed;
	eo.want = s->level == MEED_LEVEL_FULL	  ? MEED_WANT_REASON | MEED_WANT_EXTRA
		  : s->level == MEED_LEVEL_REASON ? MEED_WANT_REASON
						  : 0;
	eo.timeout_ms = rc->timeout_ms;
	eo.arena_bytes = rc->arena_bytes;
	eo.timings = s->timings;
	eo.transport = ret->llm;
	eo.exec = ret->exec;
	eo.cancel = cli_signals_catch();
	r = meed_engine_new(ret->plan, &eo, &err, &ret->engine);
	if (r == MEED_OK)
		return EX_OK;
fail:
	cli_say(c, "%s", err.text);
	status = meed_err_exit(r);
out:
	scoring_close(ret);
	return status;
}

void scoring_close(struct scoring_session *ss)
{
	meed_engine_free(ss->engine);
	if (ss->llm)
		ss->llm->free(ss->llm);
	if (ss->exec)
		ss->exec->free(ss->exec);
	meed_plan_free(ss->plan);
	meed_conf_free(ss->conf);
	*ss = (struct scoring_session){ 0 };
}

/* ---- a pass -------------------------------------------------------------------------------------
 */

static uint32_t count_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (uint32_t)CPU_COUNT(&set);
	return 1;
}

int32_t scoring_pass(const struct cli *c, const struct scoring *s, const struct scoring_session *ss,
		     struct meed_err *err, struct meed_run_stats *stats)
{
	const struct meed_run_conf *rc = meed_conf_run(ss->conf);
	struct meed_run_opts o = { 0 };

	o.inputs = s->inputs.v;
	o.n_inputs = s->inputs.n;
	o.output = s->output;
	o.rejects = s->rejects;
	o.format = s->format;
	o.map = s->map.n ? s->map.p : NULL;
	o.group_by = s->group_by;
	o.strict = s->strict;
	o.level = s->level;
	o.timings = s->timings;
	o.summarise = s->summarise;
	o.threads = s->threads ? s->threads : rc->threads ? rc->threads : count_cpus();
	o.window = s->window ? s->window : rc->window;
	o.max_line_bytes = rc->max_line_bytes;
	o.start = s->start;
	o.checkpoint_ms = rc->checkpoint_ms;
	o.sync_ms = rc->sync_ms;
	o.shard = s->shard;
	o.n_shards = s->n_shards;
	o.log = &c->log;
	o.cancel = cli_signals_catch();
	o.colour = c->colour_err;
	o.utf8 = c->utf8;
	o.progress = MEED_PROGRESS_NONE;
	if (s->progress == MEED_PROGRESS_JSON)
		o.progress = MEED_PROGRESS_JSON;
	else if (s->progress == MEED_PROGRESS_AUTO || (s->progress < 0 && !s->quiet))
		o.progress = MEED_PROGRESS_AUTO;
	return meed_run(ss->engine, &o, err, stats);
}

/* ---- afterwards ----------------------------------------------------------------------------- */

/* True for outputs that are written as PATH.part. */
static bool is_renamed(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
}

static void put_count(struct meed_buf *b, uint64_t n, const char *one, const char *many)
{
	meed_buf_u64(b, n);
	meed_buf_puts(b, n == 1 ? one : many);
}

/* For people: to a millionth, without what adding up leaves behind. */
static void put_money(struct meed_buf *b, double money)
{
	char text[400];
	int n = snprintf(text, sizeof(text), "%.6f", money);

	while (n > 1 && text[n - 1] == '0')
		n--;
	if (n > 1 && text[n - 1] == '.')
		n--;
	meed_buf_put(b, text, (size_t)n);
}

/* What the requests to endpoints came to, in the closing line. */
static void put_llm(struct meed_buf *b, const struct meed_llm_stats *l)
{
	uint64_t known = l->n_cached + l->n_merged + l->n_replayed;

	if (!l->n_requests)
		return;
	meed_buf_printf(b, " (%llu already known, %llu tried again), %llu + %llu tokens",
			(unsigned long long)known, (unsigned long long)l->n_retries,
			(unsigned long long)l->tokens_in, (unsigned long long)l->tokens_out);
	if (l->priced) {
		MEED_BUF_LIT(b, ", cost ");
		put_money(b, l->money);
	}
	if (l->n_over_budget)
		meed_buf_printf(b, ", the budget is spent: %llu not asked",
				(unsigned long long)l->n_over_budget);
}

static void closing_line(const struct cli *c, const struct scoring *s,
			 const struct meed_run_stats *st)
{
	double secs = (double)st->ns / 1e9;
	struct meed_buf b = { 0 };

	put_count(&b, st->n_samples, " sample, ", " samples, ");
	put_count(&b, st->n_outputs, " output, ", " outputs, ");
	put_count(&b, st->n_bad_lines, " bad line, ", " bad lines, ");
	put_count(&b, st->n_failed, " failed", " failed");
	if (st->n_posts > 0)
		meed_buf_printf(&b, ", %llu request%s", (unsigned long long)st->n_posts,
				st->n_posts == 1 ? "" : "s");
	put_llm(&b, &st->llm);
	meed_buf_printf(&b, "; %.3f s", secs);
	if (st->ns > 0)
		meed_buf_printf(&b, ", %.0f samples/s",
				(double)(st->n_samples - st->n_before) / secs);
	if (st->n_before)
		meed_buf_printf(&b, "; resumed after %llu", (unsigned long long)st->n_before);
	if (st->n_bad_lines > 0 && s->rejects)
		meed_buf_printf(&b, "; bad lines are in %s", s->rejects);
	else if (st->n_bad_lines > 0)
		meed_buf_puts(&b, "; bad lines are in the output, as {\"error\": ...}");
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		cli_say(c, "%s", b.p);
	meed_buf_release(&b);
}

int scoring_end(const struct cli *c, const struct scoring *s, int32_t r, const struct meed_err *err,
		const struct meed_run_stats *stats)
{
	int sig = cli_signals_got();

	if (stats->nothing_to_do) {
		cli_say(c, "%s is there and no run of it is unfinished: nothing to do", s->output);
		return EX_OK;
	}
	if (r >= 0 && !stats->n_lines && !stats->cancelled)
		cli_say(c, "warning: the input has no line: nothing was scored");
	if (!s->quiet && (r >= 0 || stats->n_lines))
		closing_line(c, s, stats);
	if (stats->cancelled || (sig && r < 0)) {
		if (is_renamed(s->output))
			cli_say(c, "interrupted; what was done is in %s.part%s", s->output,
				stats->resumable ? "; --resume goes on with it" : "");
		else
			cli_say(c, "interrupted");
		return 128 + (sig ? sig : SIGINT);
	}
	if (r < 0) {
		cli_say(c, "%s", err->text);
		if (stats->resumable)
			cli_say(c, "what was done is in %s.part; --resume goes on with it",
				s->output);
		return meed_err_exit(r);
	}
	if (stats->journal)
		meed_run_forget(s->output);
	return EX_OK;
}

int scoring_status(const struct meed_run_stats *stats)
{
	return stats->n_bad_lines > 0 || stats->n_failed > 0 ? EX_DATAERR : EX_OK;
}

int scoring_run(struct cli *c, const struct scoring *s, struct meed_run_stats *stats)
{
	struct scoring_session ss = { 0 };
	struct meed_err err = { 0 };
	int status;
	int32_t r;

	*stats = (struct meed_run_stats){ 0 };
	status = scoring_open(c, s, &ss);
	if (status != EX_OK)
		return status;
	r = scoring_pass(c, s, &ss, &err, stats);
	status = scoring_end(c, s, r, &err, stats);
	scoring_close(&ss);
	return status;
}
