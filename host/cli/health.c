/* health.c - meed health: whether a reward is fit to be trained on. */
#include "config.h"

#include "host/cli/cli.h"
#include "host/cli/report_out.h"
#include "host/cli/runs_in.h"
#include "host/cli/scoring.h"
#include "host/engine/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXIT_FINDINGS 1

enum {
	OPT_LIMIT = CLI_LONG,
	OPT_RANGE,
	OPT_CANARIES,
	OPT_KEEP
};

struct args {
	struct runs_in in;
	struct cli_report_out out;
	struct scoring scoring;
	struct cli_strings limits;
	const char *canaries, *keep;
	bool scores; /* an option that is for scoring was given */
	int argc;
};

static int take_range(struct cli *c, struct runs_in *in, const char *value)
{
	const char *colon = strchr(value, ':');
	size_t n = strlen(value), left = colon ? (size_t)(colon - value) : 0;
	double low, high;

	if (!colon || meed_strtod(value, left, &low) != left || left == 0 ||
	    meed_strtod(colon + 1, n - left - 1, &high) != n - left - 1 || n - left == 1 ||
	    !isfinite(low) || !isfinite(high) || !(low < high))
		return cli_usage(
			c, "--range %s: must be LOW:HIGH, two numbers, the lower one first", value);
	in->opts.has_range = true;
	in->opts.low = low;
	in->opts.high = high;
	return CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;
	int status;

	if (cli_report_take(&a->out, id, value) || runs_in_take(&a->in, id, value))
		return CLI_GO;
	switch (id) {
	case OPT_LIMIT:
		return cli_strings_add(c, &a->limits, a->argc, value);
	case OPT_RANGE:
		return take_range(c, &a->in, value);
	case OPT_CANARIES:
		a->canaries = value;
		return CLI_GO;
	case OPT_KEEP:
		a->keep = value;
		return CLI_GO;
	}
	a->scores = true;
	status = scoring_take(c, &a->scoring, id, value);
	return status == SCORING_NOT_MINE ? cli_usage(c, "an option that is not known") : status;
}

/* KEY=NUMBER of --limit. */
static int set_limit(const struct cli *c, struct meed_health_conf *h, const char *s)
{
	const char *eq = strchr(s, '=');
	char key[32], wants[160];
	double x = NAN;
	size_t n;

	if (!eq || eq == s || (size_t)(eq - s) >= sizeof(key))
		return cli_usage(c, "--limit %s: must be NAME=NUMBER, as length=0.6", s);
	memcpy(key, s, (size_t)(eq - s));
	key[eq - s] = '\0';
	n = strlen(eq + 1);
	if (n == 0 || meed_strtod(eq + 1, n, &x) != n)
		x = NAN;
	if (!meed_health_set(h, key, x, wants))
		return cli_usage(c, "--limit %s: %s", s, wants);
	return EX_OK;
}

/* The configuration's, if there is one, then the options'. */
static int read_limits(struct cli *c, const struct args *a, struct meed_health_conf *h)
{
	struct meed_conf *conf = NULL;
	char *path = c->confs.n ? NULL : meed_conf_default_path();
	int status = EX_OK;
	size_t i;

	meed_health_defaults(h);
	if (c->confs.n || path) {
		status = cli_conf_open(c, &conf);
		if (status == EX_OK)
			*h = *meed_conf_health(conf);
	}
	for (i = 0; status == EX_OK && i < a->limits.n; i++)
		status = set_limit(c, h, a->limits.v[i]);
	meed_conf_free(conf);
	free(path);
	return status;
}

static int finish(const struct cli *c, const struct args *a, const struct meed_report *r,
		  size_t n_findings)
{
	int status = cli_report_emit(c, &a->out, r);

	return status == EX_OK && n_findings > 0 ? EXIT_FINDINGS : status;
}

/* ---- runs ---- */

static int look_at_runs(struct cli *c, struct args *a, char *const *paths, size_t n,
			const struct meed_health_conf *limits)
{
	struct meed_report *r = NULL;
	struct meed_err err = { 0 };
	size_t i, n_findings = 0;
	int status;

	status = runs_in_read(c, &a->in, paths, n);
	for (i = 0; status == EX_OK && i < a->in.n; i++) {
		if (meed_run_file_scored(a->in.v[i]) > 0)
			continue;
		runs_in_no_score(c, &a->in, i, paths[i]);
		status = EX_DATAERR;
	}
	if (status != EX_OK)
		return status;
	r = meed_report_new("health", "Reward health");
	if (meed_runs_health(a->in.v, a->in.n, limits, &err, r, &n_findings) < 0) {
		cli_say(c, "%s", err.text);
		status = meed_err_exit(err.code);
	} else {
		status = finish(c, a, r, n_findings);
	}
	meed_report_free(r);
	return status;
}

/* ---- canaries ---- */

struct canaries {
	char rows[4096], scored[4096]; /* files; "" if not made */
	bool keep;		       /* scored is the user's */
};

static int make_temp(const struct cli *c, char *path, size_t n, const struct meed_buf *content)
{
	const char *dir = getenv("TMPDIR");
	int fd, status = EX_OK;

	if ((size_t)snprintf(path, n, "%s/meed-canaries.XXXXXX", dir && *dir ? dir : "/tmp") >= n) {
		path[0] = '\0';
		cli_say(c, "the path in $TMPDIR is too long");
		return EX_CANTCREAT;
	}
	fd = mkstemp(path);
	if (fd < 0) {
		cli_say(c, "cannot create %s: %m", path);
		path[0] = '\0';
		return EX_CANTCREAT;
	}
	if (content && !cli_write(fd, content->p, content->n)) {
		cli_say(c, "cannot write %s: %m", path);
		status = EX_IOERR;
	}
	(void)close(fd);
	return status;
}

static int score_canaries(struct cli *c, struct args *a, struct canaries *files)
{
	struct scoring *s = &a->scoring;
	struct meed_run_stats stats = { 0 };
	struct meed_buf b = { 0 };
	int status;

	meed_canaries_rows(&b);
	status = b.failed ? cli_nomem(c) : make_temp(c, files->rows, sizeof(files->rows), &b);
	if (status == EX_OK && a->keep)
		(void)snprintf(files->scored, sizeof(files->scored), "%s", a->keep);
	else if (status == EX_OK)
		status = make_temp(c, files->scored, sizeof(files->scored), NULL);
	files->keep = a->keep != NULL;
	if (status != EX_OK)
		goto out;
	s->name = a->canaries;
	s->quiet = true;
	s->output = files->scored;
	status = cli_strings_add(c, &s->inputs, 1, files->rows);
	if (status == CLI_GO)
		status = scoring_check(c, s);
	if (status == CLI_GO)
		status = scoring_run(c, s, &stats);
	meed_columns_free(stats.columns);
out:
	meed_buf_release(&b);
	return status;
}

static int look_at_canaries(struct cli *c, struct args *a, const struct meed_health_conf *limits)
{
	struct canaries files = { .keep = false };
	struct meed_report *r = NULL;
	struct meed_err err = { 0 };
	size_t n_findings = 0;
	int status;

	status = score_canaries(c, a, &files);
	if (status != EX_OK)
		goto out;
	r = meed_report_new("health", "Canaries: what texts that say nothing score");
	meed_report_fact(r, "model", "%s", a->canaries);
	if (meed_canaries_judge(files.scored, a->canaries, limits, cli_signals_catch(), &err, r,
				&n_findings) < 0) {
		cli_say(c, "%s", err.text);
		status = meed_err_exit(err.code);
	} else {
		status = finish(c, a, r, n_findings);
	}
out:
	if (files.rows[0])
		(void)unlink(files.rows);
	if (files.scored[0] && !files.keep)
		(void)unlink(files.scored);
	meed_report_free(r);
	return status;
}

/* What goes with what. */
static int check_args(const struct cli *c, const struct args *a, int n_runs)
{
	if (a->canaries && n_runs > 0)
		return cli_usage(c, "--canaries %s scores a set of its own: give no RUN",
				 a->canaries);
	if (!a->canaries && (a->scores || a->keep))
		return cli_usage(c, "options of scoring and --keep go with --canaries NAME");
	if (!a->canaries && n_runs == 0)
		return cli_usage(c, "which runs? A run is a file that `meed score -o` wrote; "
				    "--canaries NAME looks at an instance");
	if (a->canaries &&
	    (a->in.opts.composition || a->in.opts.format || a->in.opts.map || a->in.opts.has_range))
		return cli_usage(
			c, "-m, --format, --map and --range are for runs, not for --canaries");
	if (a->keep && strcmp(a->keep, "-") == 0)
		return cli_usage(c, "--keep needs a file: standard output has the report");
	return cli_report_check(c, &a->out);
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .argc = argc };
	struct meed_health_conf limits;
	int status, first;

	scoring_init(&a.scoring, argc);
	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status == CLI_GO)
		status = check_args(c, &a, argc - first);
	if (status != CLI_GO)
		goto out;
	status = read_limits(c, &a, &limits);
	if (status == EX_OK && a.canaries)
		status = look_at_canaries(c, &a, &limits);
	else if (status == EX_OK)
		status = look_at_runs(c, &a, argv + first, (size_t)(argc - first), &limits);
out:
	runs_in_release(&a.in);
	scoring_release(&a.scoring);
	free(a.limits.v);
	return status;
}

static const struct cli_opt opts[] = {
	{ OPT_LIMIT, "limit", "NAME=NUMBER",
	  "what is let pass: errors, dominance, collapse, length,\n"
	  "saturation, ks, psi, canary, blind (may be repeated)" },
	{ OPT_RANGE, "range", "LOW:HIGH", "the scale's ends (default: what is seen)" },
	RUNS_IN_OPTS,
	{ OPT_CANARIES, "canaries", "NAME",
	  "score texts that say nothing with this composition,\n"
	  "instance or model, beside right and wrong answers" },
	{ OPT_KEEP, "keep", "FILE", "keep the scored canaries" },
	{ 's', "set", "PARAM=VALUE", "as in `meed score`, for --canaries" },
	SCORING_LLM_OPTS,
	SCORING_RUN_OPTS,
	CLI_REPORT_OPTS,
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_health = {
	.name = "health",
	.synopsis = "RUN... | --canaries NAME",
	.summary = "Tell whether a reward is fit to be trained on.",
	.opts = opts,
	.conf = true,
	.notes = "Exit status 1 if a value is past its limit, 0 if none is. Drift is measured from "
		 "the\n"
		 "first RUN.",
	.run = run,
};
