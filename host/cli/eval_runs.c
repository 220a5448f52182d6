/* eval_runs.c - the runs that meed eval scores itself. */
#include "config.h"

#include "host/cli/eval.h"
#include "host/engine/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A temporary run and what an unfinished one leaves beside it. */
static void drop(const char *path)
{
	static const char *const ends[] = { "", ".part", ".journal" };
	char *name;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (asprintf(&name, "%s%s", path, ends[i]) < 0)
			continue;
		(void)unlink(name);
		free(name);
	}
}

void eval_runs_release(struct eval_runs *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->temporary)
			drop(r->paths[i]);
		free(r->paths[i]);
	}
	free(r->paths);
	if (r->turned)
		(void)unlink(r->turned);
	free(r->turned);
}

/* A new file in $TMPDIR, or RUN.orders, which is the same for a run that is resumed; *ret_fd is
 * open for writing. NULL after saying why. */
static char *temporary(const struct cli *c, const char *run, int *ret_fd)
{
	const char *dir = getenv("TMPDIR");
	char *path = NULL;

	if (run ? asprintf(&path, "%s.orders", run) < 0
		: asprintf(&path, "%s/meed-eval-XXXXXX", dir && *dir ? dir : "/tmp") < 0) {
		(void)cli_nomem(c);
		return NULL;
	}
	*ret_fd = run ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : mkstemp(path);
	if (*ret_fd < 0) {
		cli_say(c, "cannot create a temporary file %s: %s", path, strerror(errno));
		free(path);
		return NULL;
	}
	return path;
}

/* Where run i goes: -o, with .2, .3 ... for the repetitions. */
static char *path_of(const struct cli *c, const struct eval_args *a, size_t i)
{
	char *path = NULL;
	int fd;

	if (!a->output) {
		path = temporary(c, NULL, &fd);
		if (path)
			(void)close(fd);
		return path;
	}
	if (i == 0 ? asprintf(&path, "%s", a->output) < 0
		   : asprintf(&path, "%s.%zu", a->output, i + 1) < 0) {
		(void)cli_nomem(c);
		return NULL;
	}
	return path;
}

static int turn_inputs(struct cli *c, struct eval_args *a, struct eval_runs *r)
{
	struct meed_err err = { 0 };
	int fd, status = EX_OK;
	int32_t code;

	r->turned = temporary(c, a->output, &fd);
	if (!r->turned)
		return EX_CANTCREAT;
	code = meed_eval_turn(a->s.inputs.v, a->s.inputs.n, a->s.format,
			      a->s.map.n ? a->s.map.p : NULL, 0, fd, &err);
	if (close(fd) < 0 && code >= 0)
		code = meed_err_set(&err, MEED_E_IO_OUT, "writing %s: %s", r->turned,
				    strerror(errno));
	if (code < 0) {
		cli_say(c, "%s", err.text);
		status = meed_err_exit(code);
	}
	a->s.inputs.v[0] = r->turned;
	a->s.inputs.n = 1;
	a->s.format = NULL;
	a->s.map.n = 0;
	return status;
}

int eval_score(struct cli *c, struct eval_args *a, struct eval_runs *r)
{
	int status = EX_OK;

	r->temporary = !a->output;
	r->paths = calloc(a->repeat, sizeof(*r->paths));
	if (!r->paths)
		return cli_nomem(c);
	if (a->both_orders)
		status = turn_inputs(c, a, r);
	for (size_t i = 0; i < a->repeat && status == EX_OK; i++) {
		struct meed_run_stats stats = { 0 };

		r->paths[i] = path_of(c, a, i);
		if (!r->paths[i])
			return EX_CANTCREAT;
		r->n++;
		a->s.output = r->paths[i];
		/* One seed for all repetitions would repeat one run. */
		if (a->repeat > 1) {
			a->s.seed = a->o.boot.seed + i;
			a->s.has_seed = true;
		}
		status = scoring_run(c, &a->s, &stats);
		r->n_bad_lines += stats.n_bad_lines;
		r->n_failed += stats.n_failed;
		meed_columns_free(stats.columns);
	}
	return status;
}
