/* plugin_check.c - meed plugin check: the conformance battery, as a readable report. */
#include "config.h"

#include "host/cli/cli.h"

#include <errno.h>
#include <unistd.h>

enum {
	OPT_ROUNDS = CLI_LONG
};

struct args {
	const struct cli *c;
	bool quiet, broken; /* broken: standard output cannot be written */
	uint32_t threads, rounds;
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;
	uint64_t x = 0;

	switch (id) {
	case 'q':
		a->quiet = true;
		return CLI_GO;
	case 't':
		if (!cli_u64(value, 256, &x) || x == 0)
			return cli_usage(c, "--threads %s: must be a whole number from 1 to 256",
					 value);
		a->threads = (uint32_t)x;
		return CLI_GO;
	}
	if (!cli_u64(value, 1u << 20, &x) || x == 0)
		return cli_usage(c, "--rounds %s: must be a whole number from 1 to 1048576", value);
	a->rounds = (uint32_t)x;
	return CLI_GO;
}

static void put_text(struct meed_buf *b, const char *s)
{
	for (; *s; s++)
		meed_buf_putc(b, (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

/* Written line by line: a plugin that crashes the process leaves what went before to read. */
static void report(void *data, bool ok, const char *what, const char *why)
{
	struct args *a = data;
	struct meed_buf b = { 0 };
	bool colour = a->c->colour_out;

	if (ok && a->quiet)
		return;
	meed_buf_puts(&b, colour ? (ok ? "\033[32m" : "\033[31m") : "");
	meed_buf_puts(&b, ok ? "ok  " : "FAIL");
	meed_buf_puts(&b, colour ? "\033[0m  " : "  ");
	put_text(&b, what);
	if (why && *why) {
		meed_buf_puts(&b, ok ? " (" : ": ");
		put_text(&b, why);
		meed_buf_puts(&b, ok ? ")" : "");
	}
	meed_buf_putc(&b, '\n');
	if (!a->broken && cli_emit(a->c, &b) != EX_OK)
		a->broken = true;
	meed_buf_release(&b);
}

static int check(struct cli *c, struct args *a, const char *path)
{
	struct meed_conformance k = {
		.report = report, .data = a, .threads = a->threads, .rounds = a->rounds
	};
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	int status;

	if (access(path, R_OK) < 0) {
		cli_say(c, "cannot read %s: %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	if (meed_conformance_run(&k, path, &err) < 0) {
		cli_say(c, "%s", err.text);
		return EX_DATAERR;
	}
	meed_buf_printf(&b, "%s: %zu passed, %zu failed\n", path, k.n_passed, k.n_failed);
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	if (status == EX_OK && a->broken)
		status = EX_IOERR;
	if (status == EX_OK && k.n_failed > 0)
		status = 1;
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .c = c };
	int status, first;

	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status != CLI_GO)
		return status;
	if (argc - first != 1)
		return cli_usage(c, first == argc ? "which plugin file?" : "one FILE at a time");
	return check(c, &a, argv[first]);
}

static const struct cli_opt opts[] = {
	{ 't', "threads", "N", "threads that use one instance at once (default 8)" },
	{ OPT_ROUNDS, "rounds", "N", "evaluations a thread (default 200)" },
	{ 'q', "quiet", NULL, "only what failed, and the last line" },
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_plugin_check = {
	.name = "plugin check",
	.synopsis = "FILE",
	.summary = "Put a plugin through the conformance battery.",
	.opts = opts,
	.notes = "Ends with 0 if all is well, with 1 if something failed, with 65 if the file "
		 "cannot be\n"
		 "loaded. The plugin's code runs in this process: check what you trust to run.",
	.run = run,
};
