/* scored_input.c - files of scored samples, given or made. */
#include "config.h"

#include "host/cli/scored_input.h"
#include "host/engine/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int scored_input_operands(struct cli *c, struct scored_input *in, int first, int argc, char **argv)
{
	struct scoring *s = &in->scoring;
	int status, stdins = 0;

	if (s->start != MEED_START_NEW && (!in->keep || strcmp(in->keep, "-") == 0))
		return cli_usage(c, "--resume and --restart go with --run FILE");
	if (s->name)
		return scoring_operands(c, s, first, argc, argv);
	if (in->keep)
		return cli_usage(c, "--run %s keeps what -m NAME scores; there is no -m", in->keep);
	if (first == argc && isatty(STDIN_FILENO))
		return cli_usage(c, "which file? (- is standard input)");
	status = first == argc ? cli_strings_add(c, &s->inputs, argc + 1, "-") : CLI_GO;
	for (int i = first; i < argc && status == CLI_GO; i++) {
		stdins += strcmp(argv[i], "-") == 0;
		if (stdins > 1)
			return cli_usage(c, "standard input (-) can be read only once");
		if (strcmp(argv[i], "-") != 0 && access(argv[i], R_OK) < 0) {
			cli_say(c, "cannot read %s: %s", argv[i], strerror(errno));
			return EX_NOINPUT;
		}
		status = cli_strings_add(c, &s->inputs, argc + 1, argv[i]);
	}
	return status;
}

/* A file that nobody but us can read. */
static int make_temp(const struct cli *c, struct scored_input *in)
{
	const char *dir = getenv("TMPDIR");
	struct meed_buf b = { 0 };
	int fd;

	meed_buf_printf(&b, "%s/meed-run.XXXXXX", dir && *dir ? dir : "/tmp");
	meed_buf_putc(&b, '\0');
	if (b.failed) {
		meed_buf_release(&b);
		return cli_nomem(c);
	}
	in->temp = b.p;
	fd = mkstemp(in->temp);
	if (fd < 0) {
		cli_say(c, "cannot make a file beside %s: %s; set TMPDIR, or keep the scores with "
			   "--run FILE", in->temp, strerror(errno));
		free(in->temp);
		in->temp = NULL;
		return EX_CANTCREAT;
	}
	(void)close(fd);
	return EX_OK;
}

static int score(struct cli *c, struct scored_input *in)
{
	struct meed_run_stats stats;
	int status;

	if (!in->keep || strcmp(in->keep, "-") == 0) {
		status = make_temp(c, in);
		if (status != EX_OK)
			return status;
	}
	in->scoring.output = in->temp ? in->temp : in->keep;
	status = scoring_run(c, &in->scoring, &stats);
	meed_columns_free(stats.columns);
	in->failures = scoring_status(&stats) != EX_OK;
	in->paths = calloc(1, sizeof(*in->paths));
	if (!in->paths)
		return cli_nomem(c);
	in->paths[0] = in->scoring.output;
	in->n_paths = 1;
	return status;
}

int scored_input_ready(struct cli *c, struct scored_input *in, bool twice)
{
	if (in->scoring.name)
		return score(c, in);
	for (size_t i = 0; twice && i < in->scoring.inputs.n; i++)
		if (strcmp(in->scoring.inputs.v[i], "-") == 0)
			return cli_usage(c, "this reads its input twice: name a file instead of "
					    "standard input");
	in->paths = calloc(in->scoring.inputs.n + 1, sizeof(*in->paths));
	if (!in->paths)
		return cli_nomem(c);
	in->n_paths = in->scoring.inputs.n;
	for (size_t i = 0; i < in->n_paths; i++)
		in->paths[i] = in->scoring.inputs.v[i];
	return EX_OK;
}

int scored_each(struct cli *c, const char *const *paths, size_t n,
		const struct meed_scored_opts *opts,
		int (*each)(void *data, const struct meed_scored *s), void *data)
{
	struct meed_scored_reader *reader = NULL;
	struct meed_scored_opts o = *opts;
	const struct meed_scored *s;
	struct meed_err err = { 0 };
	int status = EX_OK;
	int32_t r;

	o.cancel = cli_signals_catch();
	r = meed_scored_open(paths, n, &o, &err, &reader);
	while (r >= 0 && status == EX_OK && (r = meed_scored_next(reader, &err, &s)) > 0)
		status = each(data, s);
	meed_scored_close(reader);
	if (r == MEED_E_CANCELLED && cli_signals_got()) {
		cli_say(c, "interrupted");
		return 128 + cli_signals_got();
	}
	if (r < 0) {
		cli_say(c, "%s", err.text);
		return meed_err_exit(r);
	}
	return status;
}

int scored_input_each(struct cli *c, const struct scored_input *in, struct meed_scored_opts opts,
		      int (*each)(void *data, const struct meed_scored *s), void *data)
{
	const struct scoring *s = &in->scoring;

	/* what was scored here is canonical */
	opts.format = s->name ? NULL : s->format;
	opts.map = s->name || !s->map.n ? NULL : s->map.p;
	return scored_each(c, in->paths, in->n_paths, &opts, each, data);
}

void scored_input_release(struct scored_input *in)
{
	if (in->temp)
		(void)unlink(in->temp);
	free(in->temp);
	free(in->paths);
	scoring_release(&in->scoring);
}
