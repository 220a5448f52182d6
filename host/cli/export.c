/* export.c - meed export: samples in the shapes that others read */
#include "config.h"

#include "host/cli/data_args.h"

static int help(struct cli *c)
{
	const struct meed_data_kind *const *v;
	struct meed_buf b = { 0 };
	size_t n, i;
	int status;

	v = meed_data_formats(&n);
	meed_buf_puts(&b, "Usage: meed export FORMAT [OPTION]... [FILE]...\n"
			  "Writes samples in the shapes that others read.\n\nFormats:\n");
	for (i = 0; i < n; i++)
		meed_buf_printf(&b, "  %-21s  %s\n", v[i]->name, v[i]->summary);
	meed_buf_puts(&b, "\n`meed export FORMAT --help` tells a format's options; see "
			  "meed-export(1).\n");
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	static const struct data_command formats = { "export", "format", meed_data_find_format,
						     help };

	return data_kind_run(c, &formats, argc, argv);
}

const struct cli_command cli_export = {
	.name = "export",
	.synopsis = "FORMAT [FILE]...",
	.summary = "Write samples in the shapes that others read.",
	.run = run,
};
