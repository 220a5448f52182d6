/* options.c - option tables: one table gives the parser, --help and the hints. */
#include "config.h"

#include "host/cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	OPT_PLUGIN_DIR = CLI_LONG + 1000
};
enum {
	MAX_OPTS = 48
};

static const struct cli_opt conf_opts[] = {
	{ 'c', "config", "PATH",
	  "configuration file or folder (may be repeated);\n"
	  "without it $MEED_CONF, ./conf.d, or the installed one" },
	{ OPT_PLUGIN_DIR, "plugin-dir", "DIR",
	  "load the plugins of this folder too (may be\n"
	  "repeated)" },
	{ 0, NULL, NULL, NULL },
};
static const struct cli_opt common_opts[] = {
	{ 'v', "verbose", NULL, "log more; twice: everything" },
	{ 'h', "help", NULL, "this text" },
	{ 0, NULL, NULL, NULL },
};

/* All options of a command in the order that --help shows them. Returns how many. */
static size_t all_opts(const struct cli_command *cmd, const struct cli_opt *v[MAX_OPTS])
{
	const struct cli_opt *parts[3] = { cmd->opts, cmd->conf ? conf_opts : NULL, common_opts };
	const struct cli_opt *o;
	size_t n = 0, i;

	for (i = 0; i < 3; i++)
		for (o = parts[i]; o && o->name && n < MAX_OPTS; o++)
			v[n++] = o;
	return n;
}

static void help_opt(const struct cli_opt *o, struct meed_buf *b)
{
	const char *line = o->help, *end;
	char left[64];
	int n;

	n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", o->id < CLI_LONG ? '-' : ' ',
		     o->id < CLI_LONG ? o->id : ' ', o->id < CLI_LONG ? ", " : "  ", o->name,
		     o->arg && o->arg[0] != '[' ? " " : "", o->arg ? o->arg : "");
	if (n > 27)
		meed_buf_printf(b, "%s\n%-29s", left, "");
	else
		meed_buf_printf(b, "%-29s", left);
	while ((end = strchr(line, '\n'))) {
		meed_buf_put(b, line, (size_t)(end - line));
		meed_buf_printf(b, "\n%-29s", "");
		line = end + 1;
	}
	meed_buf_printf(b, "%s\n", line);
}

void cli_help(const struct cli_command *cmd, struct meed_buf *b)
{
	const struct cli_opt *v[MAX_OPTS];
	size_t n = all_opts(cmd, v), i;

	meed_buf_printf(b, "Usage: meed %s [OPTION]...%s%s\n%s\n\n", cmd->name,
			*cmd->synopsis ? " " : "", cmd->synopsis, cmd->summary);
	for (i = 0; i < n; i++)
		help_opt(v[i], b);
	if (cmd->notes)
		meed_buf_printf(b, "\n%s\n", cmd->notes);
}

static const char *opt_name(const struct cli_opt *const *v, size_t n, int id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i]->id == id)
			return v[i]->name;
	return "?";
}

/* Says what getopt did not like: c is ':' or '?', and optopt the option if it is a known one. */
static int bad_option(const struct cli *c, const struct cli_opt *const *v, size_t n, int kind,
		      const char *word)
{
	const char *names[MAX_OPTS], *near;
	char given[64];
	size_t i, len;

	if (kind == ':')
		return cli_usage(c, "option --%s needs an argument", opt_name(v, n, optopt));
	if (strncmp(word, "--", 2) != 0)
		return cli_usage(c, "unknown option -%c", optopt);
	len = strcspn(word + 2, "=");
	(void)snprintf(given, sizeof(given), "%.*s", (int)(len < 60 ? len : 60), word + 2);
	if (optopt)
		return cli_usage(c, "option --%s takes no argument", opt_name(v, n, optopt));
	for (i = 0; i < n; i++) {
		names[i] = v[i]->name;
		if (strncmp(names[i], given, len) == 0)
			return cli_usage(c, "option --%s is ambiguous: write it in full", given);
	}
	near = meed_nearest(given, names, n);
	return cli_usage(c, "unknown option --%s%s%s%s", given, near ? "; did you mean --" : "",
			 near ? near : "", near ? "?" : "");
}

static int show_help(const struct cli *c)
{
	struct meed_buf b = { 0 };
	int status;

	cli_help(c->cmd, &b);
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int take_common(struct cli *c, int id, int argc, char *value)
{
	switch (id) {
	case 'h':
		return show_help(c);
	case 'v':
		c->verbose++;
		c->log.level = c->verbose > 1 ? MEED_LOG_DEBUG : MEED_LOG_INFO;
		return CLI_GO;
	case 'c':
		return cli_strings_add(c, &c->confs, argc, value);
	default:
		return cli_strings_add(c, &c->plugin_dirs, argc, value);
	}
}

/* getopt's two forms of the table. shorts has room for ":" and two bytes an option. */
static void getopt_tables(const struct cli_opt *const *v, size_t n, struct option *longs,
			  char *shorts)
{
	size_t i;

	*shorts++ = ':';
	for (i = 0; i < n; i++) {
		longs[i] = (struct option){ v[i]->name,
					    !v[i]->arg		  ? no_argument
					    : v[i]->arg[0] == '[' ? optional_argument
								  : required_argument,
					    NULL, v[i]->id };
		if (v[i]->id >= CLI_LONG)
			continue;
		*shorts++ = (char)v[i]->id;
		if (v[i]->arg)
			*shorts++ = ':';
	}
	longs[n] = (struct option){ NULL, 0, NULL, 0 };
	*shorts = '\0';
}

int cli_parse(struct cli *c, int argc, char **argv,
	      int (*take)(struct cli *c, void *data, int id, const char *value), void *data,
	      int *ret_first)
{
	const struct cli_opt *v[MAX_OPTS];
	struct option longs[MAX_OPTS + 1];
	char shorts[2 * MAX_OPTS + 2];
	size_t n = all_opts(c->cmd, v), n_own = 0;
	int id, status = CLI_GO;

	while (c->cmd->opts && c->cmd->opts[n_own].name)
		n_own++;
	getopt_tables(v, n, longs, shorts);
	opterr = 0;
	optind = 0;
	while (status == CLI_GO && (id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = 0;

		if (id == ':' || id == '?') {
			status = bad_option(c, v, n, id, argv[optind - 1]);
			break;
		}
		while (i < n_own && c->cmd->opts[i].id != id)
			i++;
		status = i < n_own ? take(c, data, id, optarg) : take_common(c, id, argc, optarg);
	}
	*ret_first = optind;
	return status;
}

int cli_strings_add(struct cli *c, struct cli_strings *l, int argc, const char *value)
{
	if (!l->v)
		l->v = calloc((size_t)argc, sizeof(*l->v));
	if (!l->v)
		return cli_nomem(c);
	l->v[l->n++] = value;
	return CLI_GO;
}

bool cli_u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t x = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, (uint64_t)(*s - '0'), &x) || x > max)
			return false;
	}
	*ret = x;
	return true;
}
