/* report.c - meed report: scored files side by side. */
#include "config.h"

#include "host/cli/cli.h"
#include "host/cli/report_out.h"
#include "host/cli/runs_in.h"

struct args {
	struct runs_in in;
	struct cli_report_out out;
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;

	(void)c;
	if (!cli_report_take(&a->out, id, value))
		(void)runs_in_take(&a->in, id, value);
	return CLI_GO;
}

/* Without any score there is nothing to report: the user gave the wrong file. */
static int nothing_scored(const struct cli *c, const struct runs_in *in, char *const *paths)
{
	size_t i;

	for (i = 0; i < in->n; i++)
		if (meed_run_file_scored(in->v[i]) > 0)
			return EX_OK;
	for (i = 0; i < in->n; i++)
		runs_in_no_score(c, in, i, paths[i]);
	return EX_DATAERR;
}

static int compare(const struct cli *c, const struct args *a, char *const *paths)
{
	struct meed_report *r;
	struct meed_err err = { 0 };
	int status;

	status = nothing_scored(c, &a->in, paths);
	if (status != EX_OK)
		return status;
	r = meed_report_new("compare", a->in.n > 1 ? "Runs compared" : "A run");
	if (meed_runs_compare(a->in.v, a->in.n, &err, r) < 0) {
		cli_say(c, "%s", err.text);
		status = meed_err_exit(err.code);
	} else {
		status = cli_report_emit(c, &a->out, r);
	}
	meed_report_free(r);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { 0 };
	int status, first;

	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status == CLI_GO && first == argc)
		status = cli_usage(c, "which runs? A run is a file that `meed score -o` wrote");
	if (status == CLI_GO)
		status = cli_report_check(c, &a.out);
	if (status == CLI_GO)
		status = runs_in_read(c, &a.in, argv + first, (size_t)(argc - first));
	if (status == EX_OK && a.in.n > 0)
		status = compare(c, &a, argv + first);
	runs_in_release(&a.in);
	return status;
}

static const struct cli_opt opts[] = {
	RUNS_IN_OPTS,
	CLI_REPORT_OPTS,
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_report = {
	.name = "report",
	.synopsis = "RUN...",
	.summary = "Compare scored files: scores, members, agreement, lengths.",
	.opts = opts,
	.notes = "RUN is a file that `meed score -o` wrote; \"-\" is standard input.",
	.run = run,
};
