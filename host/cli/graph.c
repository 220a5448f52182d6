/* graph.c - meed graph: the compiled plan as text, DOT or SVG. */
#include "config.h"

#include "host/cli/cli.h"

#include <stdlib.h>

enum format {
	TEXT,
	DOT,
	SVG
};
static const char *const format_names[] = { "text", "dot", "svg" };

struct args {
	enum format format;
	const char *out;
	struct cli_strings sets;
	int argc;
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;
	size_t i;

	switch (id) {
	case 'o':
		a->out = value;
		return CLI_GO;
	case 's':
		return cli_strings_add(c, &a->sets, a->argc, value);
	}
	for (i = 0; i < 3; i++) {
		if (strcmp(value, format_names[i]) == 0) {
			a->format = (enum format)i;
			return CLI_GO;
		}
	}
	return cli_usage(c, "--format %s: must be text, dot or svg", value);
}

static int emit_svg(const struct cli *c, const char *out, const struct meed_buf *dot)
{
	struct cli_file f;
	int status;

	status = cli_file_open(c, out, &f);
	if (status != EX_OK)
		return status;
	return cli_file_close(c, &f, cli_dot_svg(c, dot, f.fd));
}

static int print(struct cli *c, const struct args *a, const struct meed_conf *conf,
		 const char *name)
{
	struct meed_diags d = { 0 };
	struct meed_plan *plan = NULL;
	struct meed_buf b = { 0 };
	int32_t r;
	int status = EX_CONFIG;

	if (!cli_conf_entry(c, conf, name))
		goto out;
	r = meed_plan_new(conf, name, a->sets.v, a->sets.n, &d, &plan);
	cli_diags(c, &d);
	if (r < 0)
		goto out;
	meed_plan_print(plan, a->format == TEXT ? MEED_GRAPH_TEXT : MEED_GRAPH_DOT, &b);
	if (b.failed)
		status = cli_nomem(c);
	else if (a->format == SVG)
		status = emit_svg(c, a->out, &b);
	else
		status = cli_emit_file(c, a->out, &b);
out:
	meed_plan_free(plan);
	meed_buf_release(&b);
	meed_diags_release(&d);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .format = TEXT, .out = "-", .argc = argc };
	struct meed_conf *conf = NULL;
	int status, first;

	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status != CLI_GO)
		goto out;
	if (argc - first != 1) {
		status = cli_usage(c, first == argc ? "which composition, instance or model?"
						    : "one NAME at a time");
		goto out;
	}
	status = cli_conf_open(c, &conf);
	if (status == EX_OK)
		status = print(c, &a, conf, argv[first]);
out:
	meed_conf_free(conf);
	free(a.sets.v);
	return status;
}

static const struct cli_opt opts[] = {
	{ 'f', "format", "FORMAT", "text (default), dot, or svg (needs graphviz)" },
	{ 'o', "output", "FILE", "write here instead of to standard output" },
	{ 's', "set", "PARAM=VALUE",
	  "override a parameter, as in `meed score`\n(may be repeated)" },
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_graph = {
	.name = "graph",
	.synopsis = "NAME",
	.summary = "Show how a composition is wired, as text, DOT or SVG.",
	.opts = opts,
	.conf = true,
	.run = run,
};
