/* plugin.c - meed plugin: the tools for plugin authors. */
#include "config.h"

#include "host/cli/cli.h"

static int help(struct cli *c)
{
	struct meed_buf b = { 0 };
	int status;

	meed_buf_printf(&b,
			"Usage: meed plugin new NAME [OPTION]...\n"
			"       meed plugin check FILE [OPTION]...\n\n"
			"  new    %s\n  check  %s\n\n"
			"`meed plugin new --help` and `meed plugin check --help` tell the "
			"options.\n",
			cli_plugin_new.summary, cli_plugin_check.summary);
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return cli_usage(c, "new or check?");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help(c);
	if (strcmp(word, "new") == 0)
		c->cmd = &cli_plugin_new;
	else if (strcmp(word, "check") == 0)
		c->cmd = &cli_plugin_check;
	else
		return cli_usage(c, "unknown command \"plugin %s\": must be new or check", word);
	return c->cmd->run(c, argc - 1, argv + 1);
}

const struct cli_command cli_plugin = {
	.name = "plugin",
	.synopsis = "new|check",
	.summary = "Start a plugin of your own, or put one through its paces.",
	.run = run,
};
