/* report_out.h - how a command shows what it found out: the table on standard output, and the
 * options --html, --json, --csv, --csv-table and --no-plots.
 *
 * A command puts CLI_REPORT_OPTS into its table, gives what its take() does not know to
 * cli_report_take, calls cli_report_check once the options are read, and cli_report_emit at its
 * end. */
#ifndef MEED_CLI_REPORT_OUT_H
#define MEED_CLI_REPORT_OUT_H

#include "host/cli/cli.h"
#include "host/report/report.h"

enum {
	CLI_REPORT_HTML = CLI_LONG + 900,
	CLI_REPORT_JSON,
	CLI_REPORT_CSV,
	CLI_REPORT_CSV_TABLE,
	CLI_REPORT_NO_PLOTS
};

#define CLI_REPORT_OPTS                                                                            \
	{ CLI_REPORT_HTML, "html", "FILE",                                                         \
	  "write the report as a page that opens without a\nnetwork (plots need gnuplot)" },       \
	{ CLI_REPORT_JSON, "json", "FILE", "write the report as JSON" },                           \
	{ CLI_REPORT_CSV, "csv", "FILE", "write the report's tables as CSV" },                     \
	{ CLI_REPORT_CSV_TABLE, "csv-table", "ID", "only this table in the CSV" },                 \
	{ CLI_REPORT_NO_PLOTS, "no-plots", NULL, "a page with tables in place of plots" }

/* Zero-initialised: the table on standard output alone. Borrows from argv. */
struct cli_report_out {
	const char *html, *json, *csv, *csv_table;
	bool no_plots;
};

/* True if the option is one of them. */
bool cli_report_take(struct cli_report_out *o, int id, const char *value);
/* CLI_GO, or EX_USAGE after saying which options do not go together. Finds out now, not after
 * hours of work, whether there is a gnuplot: EX_UNAVAILABLE if it is wanted and missing. */
int cli_report_check(const struct cli *c, const struct cli_report_out *o);
/* Writes the forms that are asked for; the table goes to standard output unless one of them does.
 * r may be NULL (memory was lacking). EX_OK, or a status after saying why. */
int cli_report_emit(const struct cli *c, const struct cli_report_out *o,
		    const struct meed_report *r);

#endif
