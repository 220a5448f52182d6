/* list.c - meed list: what can be named in -m. */
#include "config.h"

#include "host/cli/cli.h"

enum {
	OPT_JSON = CLI_LONG,
	OPT_NAMES
};

enum {
	PIPELINES = MEED_ENTRY_MODEL + 1
};

struct args {
	bool json, names;
	int kind; /* enum meed_entry_kind, PIPELINES, or -1: all */
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
	if (strcmp(value, "pipeline") == 0)
		return CLI_GO; /* a->kind is PIPELINES now */
	return cli_usage(c, "--kind %s: must be composition, instance, model or pipeline", value);
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

/* "filter, dedup, trl_preference" */
static void put_stages(const struct meed_pipeline *p, struct meed_buf *b)
{
	size_t i;

	for (i = 0; i < p->n_stages; i++)
		meed_buf_printf(b, "%s%s", i ? ", " : "", p->stages[i].kind);
	if (p->has_export)
		meed_buf_printf(b, "%s%s", p->n_stages ? ", " : "", p->export_to.kind);
	meed_buf_putc(b, '\0');
}

static void print_json_pipeline(const struct meed_pipeline *p, struct meed_buf *b)
{
	struct meed_buf text = { 0 };

	put_stages(p, &text);
	MEED_BUF_LIT(b, "{\"kind\":\"pipeline\",\"name\":");
	meed_buf_json_str(b, meed_str_of(p->name));
	MEED_BUF_LIT(b, ",\"steps\":");
	meed_buf_json_str(b, meed_str_of(text.failed ? "" : text.p));
	MEED_BUF_LIT(b, ",\"summary\":");
	meed_buf_json_str(b, meed_str_of(p->description));
	text.n = 0;
	meed_buf_printf(&text, "%s:%u", p->file, p->line);
	meed_buf_putc(&text, '\0');
	MEED_BUF_LIT(b, ",\"where\":");
	meed_buf_json_str(b, meed_str_of(text.failed ? "" : text.p));
	meed_buf_putc(b, '}');
	meed_buf_release(&text);
}

static void print_json(const struct args *a, const struct meed_entry *v, size_t n,
		       const struct meed_conf *conf, struct meed_buf *b)
{
	const struct meed_pipeline *p;
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
	n = meed_conf_pipelines(conf, &p);
	for (i = 0; (a->kind < 0 || a->kind == PIPELINES) && i < n; i++) {
		meed_buf_puts(b, first ? "\n  " : ",\n  ");
		print_json_pipeline(&p[i], b);
		first = false;
	}
	meed_buf_puts(b, first ? "]\n" : "\n]\n");
}

static void print_table(const struct cli *c, const struct args *a, const struct meed_entry *v,
			size_t n, const struct meed_conf *conf, struct meed_buf *b)
{
	struct cli_table t = { .n_cols = 4 };
	const struct meed_pipeline *p;
	struct meed_buf text = { 0 };
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
	n = meed_conf_pipelines(conf, &p);
	for (i = 0; (a->kind < 0 || a->kind == PIPELINES) && i < n; i++) {
		text.n = 0;
		put_stages(&p[i], &text);
		cli_table_cell(&t, "pipeline");
		cli_table_cell(&t, p[i].name);
		cli_table_cell(&t, text.failed ? "" : text.p);
		cli_table_cell(&t, p[i].description);
	}
	cli_table_print(&t, 0, c->colour_out, b);
	meed_buf_release(&text);
	cli_table_release(&t);
}

/* What can be given to -m, unless pipelines are asked for. */
static void print_names(const struct args *a, const struct meed_entry *v, size_t n,
			const struct meed_conf *conf, struct meed_buf *b)
{
	const struct meed_pipeline *p;
	size_t i;

	for (i = 0; i < n; i++)
		if (a->kind < 0 || (int)v[i].kind == a->kind)
			meed_buf_printf(b, "%s\n", v[i].name);
	n = meed_conf_pipelines(conf, &p);
	for (i = 0; a->kind == PIPELINES && i < n; i++)
		meed_buf_printf(b, "%s\n", p[i].name);
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
		print_json(&a, v, n, conf, &b);
	else if (a.names)
		print_names(&a, v, n, conf, &b);
	else
		print_table(c, &a, v, n, conf, &b);
	status = cli_emit(c, &b);
out:
	meed_conf_free(conf);
	meed_buf_release(&b);
	return status;
}

static const struct cli_opt opts[] = {
	{ OPT_JSON, "json", NULL, "a JSON array instead of a table" },
	{ OPT_NAMES, "names", NULL, "names alone, one a line" },
	{ 'k', "kind", "KIND", "only this kind: composition, instance, model or\n"
				    "pipeline" },
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_list = {
	.name = "list",
	.synopsis = "",
	.summary = "List compositions, instances, models and pipelines.",
	.opts = opts,
	.conf = true,
	.run = run,
};
