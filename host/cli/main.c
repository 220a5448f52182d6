/* main.c - the program `meed`: finds the subcommand and runs it. */
#include "config.h"

#include "host/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

static const struct cli_command *const commands[] = {
	&cli_score,  &cli_list, &cli_info, &cli_graph, &cli_check,
	&cli_merge,
	&cli_doctor, &cli_run,	&cli_math, &cli_plugin,
	&cli_best,   &cli_conflicts,
	&cli_refine, &cli_correct,
	&cli_data,   &cli_export,
	&cli_report, &cli_health,
	&cli_import, &cli_annotate,
	&cli_eval,
};
static const size_t n_commands = sizeof(commands) / sizeof(commands[0]);

/* A descriptor that the caller closed must fail when used, and must not become some file that
 * is opened later: it is opened the wrong way round. */
static void reserve_std_fds(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	}
}

static bool env_set(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

static bool locale_is_utf8(void)
{
	static const char *const vars[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *v = NULL;
	size_t i;

	for (i = 0; i < 3 && !(v && *v); i++)
		v = getenv(vars[i]);
	return v && (strcasestr(v, "utf-8") || strcasestr(v, "utf8"));
}

static void context_init(struct cli *c)
{
	const char *term = getenv("TERM");
	bool plain = env_set("NO_COLOR") || !term || strcmp(term, "dumb") == 0;

	c->colour_out = !plain && isatty(STDOUT_FILENO);
	c->colour_err = !plain && isatty(STDERR_FILENO);
	c->utf8 = locale_is_utf8();
	c->log.fd = STDERR_FILENO;
	c->log.level = MEED_LOG_WARN;
}

static void print_help(struct meed_buf *b)
{
	size_t i;

	meed_buf_puts(b, "Usage: meed COMMAND [OPTION]... [ARGUMENT]...\n"
			 "Scores model outputs with reward models from plugins.\n\nCommands:\n");
	for (i = 0; i < n_commands; i++)
		meed_buf_printf(b, "  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	meed_buf_puts(
		b, "\n  -h, --help     this text; `meed COMMAND --help` for a command's options\n"
		   "  -V, --version  the program's version and the plugin ABI's\n\n"
		   "Start with `meed list`, then `meed score -m NAME FILE`. See meed(1).\n");
}

static void print_version(struct meed_buf *b)
{
	meed_buf_printf(b, "meed %s (plugin ABI %d.%d)\n", PACKAGE_VERSION, MEED_ABI_MAJOR,
			MEED_ABI_MINOR);
}

static const struct cli_command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < n_commands; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown_command(const struct cli *c, const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])], *near;
	size_t i;

	for (i = 0; i < n_commands; i++)
		names[i] = commands[i]->name;
	near = name[0] == '-' ? NULL : meed_nearest(name, names, n_commands);
	return cli_usage(c, "unknown %s \"%s\"%s%s%s", name[0] == '-' ? "option" : "command", name,
			 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* `meed help [COMMAND]` is `meed [COMMAND] --help`. */
static int run_help(struct cli *c, int argc, char **argv, struct meed_buf *b)
{
	const struct cli_command *cmd;

	if (argc < 2) {
		print_help(b);
		return cli_emit(c, b);
	}
	cmd = find_command(argv[1]);
	if (!cmd)
		return unknown_command(c, argv[1]);
	cli_help(cmd, b);
	return cli_emit(c, b);
}

static int run(struct cli *c, int argc, char **argv)
{
	const struct cli_command *cmd;
	struct meed_buf b = { 0 };
	const char *word = argc > 1 ? argv[1] : NULL;
	int status;

	if (!word) {
		status = cli_usage(c, "which command?");
	} else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		print_version(&b);
		status = cli_emit(c, &b);
	} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_help(&b);
		status = cli_emit(c, &b);
	} else if (strcmp(word, "help") == 0) {
		status = run_help(c, argc - 1, argv + 1, &b);
	} else if ((cmd = find_command(word))) {
		c->cmd = cmd;
		status = cmd->run(c, argc - 1, argv + 1);
	} else {
		status = unknown_command(c, word);
	}
	meed_buf_release(&b);
	return status;
}

static void on_nothing(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	struct cli c = { 0 };
	int status;

	reserve_std_fds();
	(void)signal(SIGPIPE, SIG_IGN);
	/* past a limit of file size write fails; a handler, as what is ignored stays so in others */
	(void)signal(SIGXFSZ, on_nothing);
	context_init(&c);
	status = run(&c, argc, argv);
	free(c.confs.v);
	free(c.plugin_dirs.v);
	if (close(STDOUT_FILENO) < 0 && status == EX_OK) {
		cli_say(&c, "cannot write to standard output: %s", strerror(errno));
		status = EX_IOERR;
	}
	return status;
}
