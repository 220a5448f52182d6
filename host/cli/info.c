/* info.c - meed info: all that is known of one composition, instance or model. */
#include "config.h"

#include "host/cli/cli.h"
#include "host/cli/info.h"

#include <json-c/json.h>
#include <math.h>

enum {
	OPT_JSON = CLI_LONG,
	VALUE_MAX = 60 /* bytes of a value in the table; longer ones stand below it */
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	bool *json = data;

	(void)c;
	(void)id;
	(void)value;
	*json = true;
	return CLI_GO;
}

/* A bound of a model's range; infinities in words. */
static void put_bound(double x, struct meed_buf *b)
{
	if (isinf(x))
		meed_buf_puts(b, x < 0 ? "minus infinity" : "infinity");
	else
		meed_buf_json_num(b, x);
}

static void field(struct cli_table *t, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	cli_table_cell(t, name);
	cli_table_cell(t, value);
}

static void field_buf(struct cli_table *t, const char *name, struct meed_buf *value)
{
	cli_table_cell(t, name);
	cli_table_cell_n(t, (meed_str){ value->p, value->n });
	value->n = 0;
}

static void model_fields(struct cli_table *t, const struct meed_model *m)
{
	const meed_plugin *p = &m->module->desc;
	struct meed_buf b = { 0 };
	char words[128];

	field(t, "version", m->rm.version);
	field(t, "licence", m->rm.license);
	field(t, "source", m->rm.source);
	field(t, "modes", meed_modes_text(m->rm.modes, words, sizeof(words)));
	field(t, "needs", meed_needs_text(m->rm.needs, words, sizeof(words)));
	put_bound(m->rm.score_min, &b);
	MEED_BUF_LIT(&b, " to ");
	put_bound(m->rm.score_max, &b);
	field_buf(t, "range", &b);
	field(t, "traits", info_traits_text(m->rm.traits));
	field(t, "plugin", m->module->path);
	meed_buf_printf(&b, "%s %s, by %s, %s, ABI %d.%u", p->id, p->version, p->vendor, p->license,
			MEED_ABI_MAJOR, p->abi_minor);
	field_buf(t, "", &b);
	field(t, "build id", m->module->build_id);
	meed_buf_release(&b);
}

static bool is_long(struct json_object *values, const char *name)
{
	struct json_object *v = NULL;
	struct meed_buf b = { 0 };
	bool yes;

	if (json_object_object_get_ex(values, name, &v))
		meed_json_write(&b, v);
	yes = b.n > VALUE_MAX;
	meed_buf_release(&b);
	return yes;
}

/* A value for people to read: texts as they are, a line for each member and item. */
static void put_value(struct meed_buf *b, struct json_object *v, int indent)
{
	meed_str s;

	if (json_object_is_type(v, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(v); i++) {
			meed_buf_printf(b, "%s%*s%zu. ", i ? "\n" : "", i ? indent : 0, "", i + 1);
			put_value(b, json_object_array_get_idx(v, i), indent + 3);
		}
	} else if (json_object_is_type(v, json_type_object)) {
		bool first = true;

		json_object_object_foreach(v, name, member)
		{
			bool below = json_object_is_type(member, json_type_array) ||
				     json_object_is_type(member, json_type_object);

			meed_buf_printf(b, "%s%*s%s:", first ? "" : "\n", first ? 0 : indent, "",
					name);
			if (below)
				meed_buf_printf(b, "\n%*s", indent + 2, "");
			else
				meed_buf_putc(b, ' ');
			put_value(b, member, indent + 2);
			first = false;
		}
	} else if (meed_json_str(v, &s)) {
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] == '\n')
				meed_buf_printf(b, "\n%*s", indent, "");
			else
				meed_buf_putc(b, (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
	} else {
		meed_json_write(b, v);
	}
}

static void param_row(struct cli_table *t, const char *name, struct json_object *prop,
		      struct json_object *values)
{
	struct json_object *v = NULL;
	struct meed_buf b = { 0 };
	const char *help = "";

	cli_table_cell(t, name);
	cli_schema_type(prop, &b);
	cli_table_cell_n(t, (meed_str){ b.p, b.n });
	b.n = 0;
	if (json_object_object_get_ex(prop, "default", &v))
		meed_json_write(&b, v);
	cli_table_cell_n(t, (meed_str){ b.p, b.n });
	if (values) {
		b.n = 0;
		if (is_long(values, name))
			meed_buf_puts(&b, "see below");
		else if (json_object_object_get_ex(values, name, &v))
			meed_json_write(&b, v);
		cli_table_cell_n(t, (meed_str){ b.p, b.n });
	}
	b.n = 0;
	cli_schema_allowed(prop, &b);
	cli_table_cell_n(t, (meed_str){ b.p, b.n });
	if (json_object_object_get_ex(prop, "description", &v))
		help = json_object_get_string(v);
	cli_table_cell(t, help);
	if (b.failed)
		t->text.failed = true;
	meed_buf_release(&b);
}

/* values: what an instance has made of them; NULL for a bare model. */
static void put_params(const struct cli *c, const struct meed_model *m, struct json_object *values,
		       struct meed_buf *b)
{
	struct cli_table t = { .n_cols = values ? 6 : 5 };
	struct json_object *props = NULL;

	if (!json_object_object_get_ex(m->schema, "properties", &props) ||
	    json_object_object_length(props) == 0) {
		meed_buf_puts(b, "\nno parameters\n");
		return;
	}
	cli_table_cell(&t, "PARAMETER");
	cli_table_cell(&t, "TYPE");
	cli_table_cell(&t, "DEFAULT");
	if (values)
		cli_table_cell(&t, "VALUE");
	cli_table_cell(&t, "ALLOWED");
	cli_table_cell(&t, "MEANING");
	json_object_object_foreach(props, name, prop) param_row(&t, name, prop, values);
	meed_buf_putc(b, '\n');
	cli_table_print(&t, 0, c->colour_out, b);
	cli_table_release(&t);
	json_object_object_foreach(props, each, unused)
	{
		struct json_object *v = NULL;

		(void)unused;
		if (!values || !is_long(values, each) ||
		    !json_object_object_get_ex(values, each, &v))
			continue;
		meed_buf_printf(b, "\n%s\n  ", each);
		put_value(b, v, 2);
		meed_buf_putc(b, '\n');
	}
}

/* A composition is best told by its plan. */
static int put_plan(struct cli *c, const struct meed_conf *conf, const char *name,
		    struct meed_buf *b)
{
	struct meed_diags d = { 0 };
	struct meed_plan *plan = NULL;
	int32_t r;

	r = meed_plan_new(conf, name, NULL, 0, &d, &plan);
	cli_diags(c, &d);
	if (r >= 0) {
		meed_buf_putc(b, '\n');
		meed_plan_print(plan, MEED_GRAPH_TEXT, b);
	}
	meed_plan_free(plan);
	meed_diags_release(&d);
	return r < 0 ? EX_CONFIG : EX_OK;
}

static int put_text(struct cli *c, const struct meed_conf *conf, const struct meed_entry *e,
		    struct meed_buf *b)
{
	struct cli_table t = { .n_cols = 2 };
	int status = EX_OK;

	if (c->colour_out)
		meed_buf_printf(b, "\033[1m%s\033[0m\n", e->name);
	else
		meed_buf_printf(b, "%s\n", e->name);
	field(&t, "kind", cli_kind_name(e->kind));
	field(&t, "summary", e->summary);
	if (e->kind == MEED_ENTRY_COMPOSITION)
		field(&t, "combine", e->model);
	if (e->kind == MEED_ENTRY_INSTANCE)
		field(&t, "model", e->model);
	if (e->kind != MEED_ENTRY_MODEL)
		field(&t, "defined", e->where);
	if (e->endpoint)
		field(&t, "endpoint", *e->endpoint ? e->endpoint : "none: meed check says why");
	if (e->rm)
		model_fields(&t, e->rm);
	cli_table_print(&t, 2, false, b);
	if (e->rm)
		put_params(c, e->rm, e->params, b);
	else
		status = put_plan(c, conf, e->name, b);
	cli_table_release(&t);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	const struct meed_entry *e;
	struct meed_conf *conf = NULL;
	struct meed_buf b = { 0 };
	bool json = false;
	int status, first, wrong = EX_OK;

	status = cli_parse(c, argc, argv, take, &json, &first);
	if (status != CLI_GO)
		goto out;
	if (argc - first != 1) {
		status = cli_usage(c, first == argc ? "which composition, instance or model?"
						    : "one NAME at a time");
		goto out;
	}
	status = cli_conf_open(c, &conf);
	if (status != EX_OK)
		goto out;
	e = cli_conf_entry(c, conf, argv[first]);
	if (!e) {
		status = EX_CONFIG;
		goto out;
	}
	if (json)
		wrong = info_json(c, conf, e, &b);
	else
		wrong = put_text(c, conf, e, &b);
	status = cli_emit(c, &b);
	if (status == EX_OK)
		status = wrong;
out:
	meed_conf_free(conf);
	meed_buf_release(&b);
	return status;
}

static const struct cli_opt opts[] = {
	{ OPT_JSON, "json", NULL, "a JSON object instead of text" },
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_info = {
	.name = "info",
	.synopsis = "NAME",
	.summary = "Tell everything about a composition, an instance or a model.",
	.opts = opts,
	.conf = true,
	.run = run,
};
