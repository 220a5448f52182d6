/* data.c - meed data: one step over samples, or a pipeline of the configuration */
#include "config.h"

#include "host/cli/data_args.h"

#include <stdlib.h>

/* ---- meed data run ------------------------------------------------------------------------- */

static int take(struct cli *c, void *data, int id, const char *value)
{
	return data_common_take(c, data, id, value);
}

static const struct meed_pipeline *find_pipeline(struct cli *c, const struct meed_conf *conf,
						 const char *name)
{
	const struct meed_pipeline *v;
	size_t n = meed_conf_pipelines(conf, &v), i;
	const char **names = calloc(n + 1, sizeof(*names)), *near;

	for (i = 0; i < n; i++) {
		if (names)
			names[i] = v[i].name;
		if (strcmp(v[i].name, name) == 0)
			break;
	}
	near = names && i == n ? meed_nearest(name, names, n) : NULL;
	if (i == n)
		cli_say(c, "there is no pipeline \"%s\"%s%s%s%s", name,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
			near ? ""
			: n  ? "; `meed list` shows them"
			     : ": the configuration has none");
	free(names);
	return i < n ? &v[i] : NULL;
}

/* What the command line says goes before what the pipeline says. */
static int put_over(struct cli *c, const struct meed_pipeline *p, struct data_common *d,
		    const struct meed_data_opts *line)
{
	if (line->output)
		d->o.output = line->output;
	if (line->format)
		d->o.format = line->format;
	if (d->map.n > 0)
		d->o.map = d->map.p;
	if (line->rejects)
		d->o.rejects = line->rejects;
	if (line->dropped)
		d->o.dropped = line->dropped;
	if (d->has_seed)
		d->o.seed = line->seed;
	if (line->memory_bytes)
		d->o.memory_bytes = line->memory_bytes;
	d->o.strict = d->o.strict || line->strict;
	if (d->inputs.n > 0) {
		d->o.inputs = d->inputs.v;
		d->o.n_inputs = d->inputs.n;
	}
	if (d->o.n_inputs == 0)
		return cli_usage(c, "pipeline \"%s\" names no input: which file?", p->name);
	return CLI_GO;
}

static int run_pipeline(struct cli *c, int argc, char **argv)
{
	struct data_common d = { .argc = argc, .progress = -1 };
	const struct meed_pipeline *p = NULL;
	struct meed_data_chain *chain = NULL;
	struct meed_conf *conf = NULL;
	struct meed_diags diags = { 0 };
	struct meed_data_opts line;
	int status, first;

	status = cli_parse(c, argc, argv, take, &d, &first);
	if (status == CLI_GO && first >= argc)
		status = cli_usage(c, "which pipeline? `meed list` shows them");
	if (status == CLI_GO && first + 1 < argc)
		status = data_common_inputs(c, &d, first + 1, argc, argv);
	if (status != CLI_GO)
		goto out;
	status = cli_conf_open(c, &conf);
	if (status != EX_OK)
		goto out;
	p = find_pipeline(c, conf, argv[first]);
	line = d.o;
	status = EX_CONFIG;
	if (p && meed_data_pipeline(conf, p, &diags, &d.o, &chain) == MEED_OK)
		status = put_over(c, p, &d, &line);
	cli_diags(c, &diags);
	if (status == CLI_GO)
		status = data_common_run(c, &d, chain);
out:
	meed_data_chain_free(chain);
	meed_diags_release(&diags);
	meed_conf_free(conf);
	data_common_release(&d);
	return status;
}

static const struct cli_command data_run = {
	.name = "data run",
	.synopsis = "NAME [FILE]...",
	.summary = "Run a pipeline of the configuration.",
	.opts = data_common_opts,
	.conf = true,
	.notes = "Files and options go before what the pipeline says.",
	.run = run_pipeline,
};

static int help(struct cli *c)
{
	const struct meed_data_kind *const *v;
	struct meed_buf b = { 0 };
	size_t n, i;
	int status;

	v = meed_data_steps(&n);
	meed_buf_puts(&b, "Usage: meed data STEP [OPTION]... [FILE]...\n"
			  "Filters, deduplicates, splits, draws, orders and changes samples.\n\n"
			  "Steps:\n");
	for (i = 0; i < n; i++)
		meed_buf_printf(&b, "  %-10s  %s\n", v[i]->name, v[i]->summary);
	meed_buf_printf(&b, "\n  %-10s  %s\n", "run NAME", data_run.summary);
	meed_buf_puts(&b, "\n`meed data STEP --help` tells a step's options; see meed-data(1).\n");
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	static const struct data_command steps = { "data", "step", meed_data_find_step, help };
	const struct cli_command *outer = c->cmd;
	int status;

	if (argc < 2 || strcmp(argv[1], "run") != 0)
		return data_kind_run(c, &steps, argc, argv);
	c->cmd = &data_run;
	status = data_run.run(c, argc - 1, argv + 1);
	c->cmd = outer;
	return status;
}

const struct cli_command cli_data = {
	.name = "data",
	.synopsis = "STEP [FILE]...",
	.summary = "Filter, deduplicate, split, draw, order and change samples.",
	.run = run,
};
