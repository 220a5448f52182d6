/* report_out.c - a report on the terminal and in files. */
#include "config.h"

#include "host/cli/report_out.h"

#include <sys/ioctl.h>
#include <unistd.h>

bool cli_report_take(struct cli_report_out *o, int id, const char *value)
{
	switch (id) {
	case CLI_REPORT_HTML:
		o->html = value;
		return true;
	case CLI_REPORT_JSON:
		o->json = value;
		return true;
	case CLI_REPORT_CSV:
		o->csv = value;
		return true;
	case CLI_REPORT_CSV_TABLE:
		o->csv_table = value;
		return true;
	case CLI_REPORT_NO_PLOTS:
		o->no_plots = true;
		return true;
	default:
		return false;
	}
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

int cli_report_check(const struct cli *c, const struct cli_report_out *o)
{
	const char *const files[] = { o->html, o->json, o->csv };
	char path[4096];
	size_t i, k;

	if (is_stdout(o->html) + is_stdout(o->json) + is_stdout(o->csv) > 1)
		return cli_usage(c, "only one of --html, --json and --csv can be standard output");
	for (i = 0; i < 3; i++)
		for (k = 0; k < i; k++)
			if (files[i] && files[k] && !is_stdout(files[i]) &&
			    strcmp(files[i], files[k]) == 0)
				return cli_usage(c, "two reports cannot be written to one file, %s",
						 files[i]);
	if (o->csv_table && !o->csv)
		return cli_usage(c, "--csv-table %s: says which table --csv FILE writes",
				 o->csv_table);
	if (o->html && !o->no_plots && !cli_which("gnuplot", path, sizeof(path))) {
		cli_say(c, "no program `gnuplot` on the PATH: the plots of --html need it (Debian: "
			   "apt install gnuplot-nox); --no-plots writes the page without them");
		return EX_UNAVAILABLE;
	}
	return CLI_GO;
}

static int emit_text(const struct cli *c, const struct meed_report *r)
{
	struct meed_report_text how = { .colour = c->colour_out, .utf8 = c->utf8 };
	struct meed_buf b = { 0 };
	struct winsize ws = { 0 };
	int status;

	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		how.width = ws.ws_col;
	status = meed_report_text(r, &how, &b) < 0 ? cli_nomem(c) : cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int emit_html(const struct cli *c, const struct cli_report_out *o,
		     const struct meed_report *r)
{
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	int status;

	if (meed_report_html(r, !o->no_plots, &err, &b) < 0) {
		cli_say(c, "cannot write %s: %s", o->html, err.text);
		status = meed_err_exit(err.code);
	} else {
		status = cli_emit_file(c, o->html, &b);
	}
	meed_buf_release(&b);
	return status;
}

static int emit_json(const struct cli *c, const char *path, const struct meed_report *r)
{
	struct meed_buf b = { 0 };
	int status;

	status = meed_report_json(r, &b) < 0 ? cli_nomem(c) : cli_emit_file(c, path, &b);
	meed_buf_release(&b);
	return status;
}

static int emit_csv(const struct cli *c, const struct cli_report_out *o,
		    const struct meed_report *r)
{
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	int32_t code = meed_report_csv(r, o->csv_table, &err, &b);
	int status;

	if (code == MEED_E_PARAM)
		status = cli_usage(c, "--csv-table: %s", err.text);
	else
		status = code < 0 ? cli_nomem(c) : cli_emit_file(c, o->csv, &b);
	meed_buf_release(&b);
	return status;
}

/* Every form is tried, so that one bad path does not cost the others; the first failure stays. */
int cli_report_emit(const struct cli *c, const struct cli_report_out *o,
		    const struct meed_report *r)
{
	int status = EX_OK, s;

	if (!r)
		return cli_nomem(c);
	if (!is_stdout(o->html) && !is_stdout(o->json) && !is_stdout(o->csv))
		status = emit_text(c, r);
	if (o->json && (s = emit_json(c, o->json, r)) != EX_OK && status == EX_OK)
		status = s;
	if (o->csv && (s = emit_csv(c, o, r)) != EX_OK && status == EX_OK)
		status = s;
	if (o->html && (s = emit_html(c, o, r)) != EX_OK && status == EX_OK)
		status = s;
	return status;
}
