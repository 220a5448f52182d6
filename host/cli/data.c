/* data.c - meed data: one step over samples, or a pipeline of the configuration */
#include "config.h"

#include "host/cli/data_args.h"

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
	meed_buf_puts(&b, "\n`meed data STEP --help` tells a step's options; see meed-data(1).\n");
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL, *near = NULL;
	const struct meed_data_kind *kind;
	char name[DATA_NAME];

	if (!word)
		return cli_usage(c, "which step?");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help(c);
	kind = meed_data_find_step(data_kind_name(word, name), &near);
	if (!kind)
		return cli_usage(c, "unknown step \"%s\"%s%s%s", word,
				 near ? "; did you mean \"" : "", near ? near : "",
				 near ? "\"?" : "");
	return data_kind_run(c, "data", kind, argc - 1, argv + 1);
}

const struct cli_command cli_data = {
	.name = "data",
	.synopsis = "STEP [FILE]...",
	.summary = "Filter, deduplicate, split, draw, order and change samples.",
	.run = run,
};
