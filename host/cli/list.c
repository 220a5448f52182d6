/* list.c - meed list: what can be named in -m. */
#include "config.h"

#include "host/cli/cli.h"

enum {
	OPT_JSON = CLI_LONG,
	OPT_NAMES
};

struct args {
	bool json, names;
	int kind; /* enum meed_entry_kind, or -1: all */
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;

	switch (id) {
	case OPT_JSON:
		a->json = true;
		return CLI_GO;
	case OPT_NAMES:
		a->names = true;
		return CLI_GO;
	}
	for (a->kind = MEED_ENTRY_COMPOSITION; a->kind <= MEED_ENTRY_MODEL; a->kind++)
		if (strcmp(value, cli_kind_name((enum meed_entry_kind)a->kind)) == 0)
			return CLI_GO;
	return cli_usage(c, "--kind %s: must be composition, instance or model", value);
}

static void print_json_entry(const struct meed_entry *e, struct meed_buf *b)
{
	MEED_BUF_LIT(b, "{\"kind\":");
	meed_buf_json_str(b, meed_str_of(cli_kind_name(e->kind)));
	MEED_BUF_LIT(b, ",\"name\":");
	meed_buf_json_str(b, meed_str_of(e->name));
	if (e->kind == MEED_ENTRY_COMPOSITION)
		MEED_BUF_LIT(b, ",\"combine\":");
	else
		MEED_BUF_LIT(b, ",\"model\":");
	meed_buf_json_str(b, meed_str_of(e->kind == MEED_ENTRY_MODEL ? e->name : e->model));
	MEED_BUF_LIT(b, ",\"summary\":");
	meed_buf_json_str(b, meed_str_of(e->summary));
	MEED_BUF_LIT(b, ",\"where\":");
	meed_buf_json_str(b, meed_str_of(e->where));
	meed_buf_putc(b, '}');
}

static void print_json(const struct args *a, const struct meed_entry *v, size_t n,
		       struct meed_buf *b)
{
	bool first = true;
	size_t i;

	meed_buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (a->kind >= 0 && (int)v[i].kind != a->kind)
			continue;
		meed_buf_puts(b, first ? "\n  " : ",\n  ");
		print_json_entry(&v[i], b);
		first = false;
	}
	meed_buf_puts(b, first ? "]\n" : "\n]\n");
}

static void print_table(const struct cli *c, const struct args *a, const struct meed_entry *v,
			size_t n, struct meed_buf *b)
{
	struct cli_table t = { .n_cols = 4 };
	size_t i;

	cli_table_cell(&t, "KIND");
	cli_table_cell(&t, "NAME");
	cli_table_cell(&t, "MODEL");
	cli_table_cell(&t, "SUMMARY");
	for (i = 0; i < n; i++) {
		if (a->kind >= 0 && (int)v[i].kind != a->kind)
			continue;
		cli_table_cell(&t, cli_kind_name(v[i].kind));
		cli_table_cell(&t, v[i].name);
		cli_table_cell(&t, v[i].kind == MEED_ENTRY_MODEL ? "" : v[i].model);
		cli_table_cell(&t, v[i].summary);
	}
	cli_table_print(&t, 0, c->colour_out, b);
	cli_table_release(&t);
}

static void print_names(const struct args *a, const struct meed_entry *v, size_t n,
			struct meed_buf *b)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (a->kind < 0 || (int)v[i].kind == a->kind)
			meed_buf_printf(b, "%s\n", v[i].name);
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .kind = -1 };
	const struct meed_entry *v;
	struct meed_conf *conf = NULL;
	struct meed_buf b = { 0 };
	int status, first;
	size_t n;

	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status != CLI_GO)
		goto out;
	if (first < argc) {
		status = cli_usage(c, "unexpected argument \"%s\"", argv[first]);
		goto out;
	}
	status = cli_conf_open(c, &conf);
	if (status != EX_OK)
		goto out;
	n = meed_conf_entries(conf, &v);
	if (a.json)
		print_json(&a, v, n, &b);
	else if (a.names)
		print_names(&a, v, n, &b);
	else
		print_table(c, &a, v, n, &b);
	status = cli_emit(c, &b);
out:
	meed_conf_free(conf);
	meed_buf_release(&b);
	return status;
}

static const struct cli_opt opts[] = {
	{ OPT_JSON, "json", NULL, "a JSON array instead of a table" },
	{ OPT_NAMES, "names", NULL, "names alone, one a line" },
	{ 'k', "kind", "KIND", "only this kind: composition, instance or model" },
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_list = {
	.name = "list",
	.synopsis = "",
	.summary = "List compositions, instances and models.",
	.opts = opts,
	.conf = true,
	.run = run,
};
