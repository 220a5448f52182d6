/* score.c - meed score: runs a plan over files of samples. */
#include "config.h"

#include "host/cli/scoring.h"
#include "host/engine/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	OPT_REJECTS = CLI_LONG,
	OPT_STRICT,
	OPT_LEVEL,
	OPT_TIMINGS,
	OPT_SUMMARY,
	OPT_SUMMARY_JSON
};

static const struct cli_opt opts[] = {
	SCORING_MODEL_OPTS,
	{ 'o', "output", "FILE",
	  "write here (through FILE.part) instead of to\n"
	  "standard output" },
	SCORING_KEEP_OPTS,
	SCORING_ROWS_OPTS,
	{ OPT_REJECTS, "rejects", "FILE",
	  "lines that are no samples go here instead of to\n"
	  "the output" },
	{ OPT_STRICT, "strict", NULL, "stop at the first such line" },
	{ OPT_LEVEL, "level", "LEVEL", "how much to write: score, reason (default), full" },
	{ OPT_TIMINGS, "timings", NULL, "write how long each evaluation took" },
	{ OPT_SUMMARY, "summary", NULL,
	  "print a table of statistics at the end: on standard\n"
	  "output, or on standard error if the scores go there" },
	{ OPT_SUMMARY_JSON, "summary-json", "FILE", "write the statistics as JSON" },
	SCORING_RUN_OPTS,
	SCORING_SHARD_OPT,
	SCORING_LLM_OPTS,
	SCORING_QUIET_OPT,
	{ 0, NULL, NULL, NULL },
};

struct score_args {
	struct scoring s;
	bool summary;
	const char *summary_json;
};

static int take_level(struct cli *c, struct scoring *s, const char *value)
{
	if (strcmp(value, "score") == 0)
		s->level = MEED_LEVEL_SCORE;
	else if (strcmp(value, "reason") == 0)
		s->level = MEED_LEVEL_REASON;
	else if (strcmp(value, "full") == 0)
		s->level = MEED_LEVEL_FULL;
	else
		return cli_usage(c, "--level %s: must be score, reason or full", value);
	return CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct score_args *a = data;

	switch (id) {
	case 'o':
		a->s.output = value;
		break;
	case OPT_REJECTS:
		a->s.rejects = value;
		break;
	case OPT_STRICT:
		a->s.strict = true;
		break;
	case OPT_TIMINGS:
		a->s.timings = true;
		break;
	case OPT_SUMMARY:
		a->summary = true;
		break;
	case OPT_SUMMARY_JSON:
		a->summary_json = value;
		break;
	case OPT_LEVEL:
		return take_level(c, &a->s, value);
	default:
		return scoring_take(c, &a->s, id, value);
	}
	return CLI_GO;
}

static bool goes_to_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int print_summary(const struct cli *c, const struct score_args *a,
			 const struct meed_run_stats *stats)
{
	const struct meed_columns *columns = stats->columns;
	struct meed_buf b = { 0 };
	bool to_err = goes_to_stdout(a->s.output) || goes_to_stdout(a->summary_json);
	int status = EX_OK;

	if (a->summary) {
		meed_columns_table(columns, to_err ? c->colour_err : c->colour_out, c->utf8,
				   cli_width(to_err ? STDERR_FILENO : STDOUT_FILENO), &b);
		if (b.failed)
			status = cli_nomem(c);
		else if (to_err)
			(void)cli_write(STDERR_FILENO, b.p, b.n);
		else
			status = cli_emit(c, &b);
	}
	if (a->summary_json && status == EX_OK) {
		b.n = 0;
		meed_columns_json(columns, a->s.timings, &b);
		if (stats->llm.n_requests && b.n) {
			b.n--; /* into the object */
			MEED_BUF_LIT(&b, ",\"llm\":");
			meed_llm_stats_json(&stats->llm, &b);
			meed_buf_putc(&b, '}');
		}
		meed_buf_putc(&b, '\n');
		status = cli_emit_file(c, a->summary_json, &b);
	}
	meed_buf_release(&b);
	return status;
}

static int score(struct cli *c, const struct score_args *a)
{
	struct scoring_session ss = { 0 };
	struct meed_run_stats stats = { 0 };
	struct meed_err err = { 0 };
	int status, shown = EX_OK;
	int32_t r;

	status = scoring_open(c, &a->s, &ss);
	if (status != EX_OK)
		return status;
	r = scoring_pass(c, &a->s, &ss, &err, &stats);
	if (stats.columns && !stats.nothing_to_do)
		shown = print_summary(c, a, &stats);
	status = scoring_end(c, &a->s, r, &err, &stats);
	if (status == EX_OK && !stats.nothing_to_do)
		status = shown != EX_OK ? shown : scoring_status(&stats);
	meed_columns_free(stats.columns);
	scoring_close(&ss);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct score_args a = { 0 };
	int status, first = argc;

	scoring_init(&a.s, argc);
	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status == CLI_GO)
		status = scoring_operands(c, &a.s, first, argc, argv);
	if (status == CLI_GO)
		status = scoring_shard_name(c, &a.s, &a.summary_json);
	a.s.summarise = a.summary || a.summary_json;
	if (status == CLI_GO)
		status = score(c, &a);
	scoring_release(&a.s);
	return status;
}

const struct cli_command cli_score = {
	.name = "score",
	.synopsis = "-m NAME [FILE]...",
	.summary = "Score samples from files or standard input.",
	.opts = opts,
	.conf = true,
	.notes = "Ends with 0 if every output of every sample got a score, with 65 if a line was "
		 "no\n"
		 "sample or an output could not be scored; see meed-score(1) for the rest.",
	.run = run,
};
