/* info_json.c - meed info --json. */
#include "config.h"

#include "host/cli/info.h"

#include <math.h>

struct bit {
	uint32_t bit;
	const char *name;
};
static const struct bit mode_bits[] = {
	{ MEED_POINTWISE, "pointwise" },
	{ MEED_PAIRWISE, "pairwise" },
	{ MEED_LISTWISE, "listwise" },
	{ MEED_STEPWISE, "stepwise" },
	{ 0, NULL },
};
static const struct bit need_bits[] = {
	{ MEED_NEEDS_REFERENCE, "reference" }, { MEED_NEEDS_LLM, "llm" },
	{ MEED_NEEDS_EMBED, "embeddings" },    { MEED_NEEDS_HTTP, "http" },
	{ MEED_NEEDS_EXEC, "exec" },	       { 0, NULL },
};

const char *info_traits_text(uint32_t traits)
{
	switch (traits & (MEED_DETERMINISTIC | MEED_SERIAL)) {
	case MEED_DETERMINISTIC:
		return "deterministic";
	case MEED_SERIAL:
		return "serial";
	case MEED_DETERMINISTIC | MEED_SERIAL:
		return "deterministic, serial";
	}
	return "none";
}

static void put_key(struct meed_buf *b, const char *key)
{
	if (b->n > 0 && b->p[b->n - 1] != '{')
		meed_buf_putc(b, ',');
	meed_buf_json_str(b, meed_str_of(key));
	meed_buf_putc(b, ':');
}

static void put_str(struct meed_buf *b, const char *key, const char *value)
{
	put_key(b, key);
	if (value)
		meed_buf_json_str(b, meed_str_of(value));
	else
		MEED_BUF_LIT(b, "null");
}

/* JSON has no infinity: null is "no bound". */
static void put_num(struct meed_buf *b, const char *key, double x)
{
	put_key(b, key);
	if (isfinite(x))
		meed_buf_json_num(b, x);
	else
		MEED_BUF_LIT(b, "null");
}

static void put_bool(struct meed_buf *b, const char *key, bool x)
{
	put_key(b, key);
	meed_buf_puts(b, x ? "true" : "false");
}

static void put_bits(struct meed_buf *b, const char *key, const struct bit *v, uint32_t set)
{
	bool first = true;

	put_key(b, key);
	meed_buf_putc(b, '[');
	for (; v->name; v++) {
		if (!(set & v->bit))
			continue;
		if (!first)
			meed_buf_putc(b, ',');
		meed_buf_json_str(b, meed_str_of(v->name));
		first = false;
	}
	meed_buf_putc(b, ']');
}

static void put_model(struct meed_buf *b, const struct meed_model *m)
{
	const meed_plugin *p = &m->module->desc;

	put_str(b, "version", m->rm.version);
	put_str(b, "license", m->rm.license);
	put_str(b, "source", m->rm.source);
	put_bits(b, "modes", mode_bits, m->rm.modes);
	put_bits(b, "needs", need_bits, m->rm.needs);
	put_bool(b, "deterministic", m->rm.traits & MEED_DETERMINISTIC);
	put_bool(b, "serial", m->rm.traits & MEED_SERIAL);
	put_num(b, "score_min", m->rm.score_min);
	put_num(b, "score_max", m->rm.score_max);
	put_key(b, "params_schema");
	meed_json_write(b, m->schema);
	put_key(b, "plugin");
	meed_buf_putc(b, '{');
	put_str(b, "path", m->module->path);
	put_str(b, "id", p->id);
	put_str(b, "version", p->version);
	put_str(b, "vendor", p->vendor);
	put_str(b, "license", p->license);
	put_str(b, "build_id", m->module->build_id);
	put_key(b, "abi");
	meed_buf_printf(b, "\"%d.%u\"}", MEED_ABI_MAJOR, p->abi_minor);
}

static const char *on_error_text(const struct meed_member *m, struct meed_buf *b)
{
	b->n = 0;
	if (m->on_error == MEED_ON_FAIL)
		return "fail";
	if (m->on_error == MEED_ON_SKIP)
		return "skip";
	meed_buf_json_num(b, m->on_error_value);
	meed_buf_putc(b, '\0');
	return b->failed ? "" : b->p;
}

static void put_members(struct meed_buf *b, const struct meed_plan *plan)
{
	const struct meed_node *root = &plan->nodes[plan->root];
	struct meed_buf tmp = { 0 };
	size_t i;

	put_key(b, "members");
	meed_buf_putc(b, '[');
	for (i = 0; i < root->n_members; i++) {
		const struct meed_member *m = &root->members[i];

		meed_buf_puts(b, i ? ",{" : "{");
		put_str(b, "name", m->name);
		put_str(b, "use", plan->nodes[m->node].name);
		put_num(b, "weight", m->weight);
		put_str(b, "on_error", on_error_text(m, &tmp));
		meed_buf_putc(b, '}');
	}
	meed_buf_putc(b, ']');
	meed_buf_release(&tmp);
}

static int put_plan(struct cli *c, const struct meed_conf *conf, const char *name,
		    struct meed_buf *b)
{
	struct meed_diags d = { 0 };
	struct meed_plan *plan = NULL;
	int32_t r;

	r = meed_plan_new(conf, name, NULL, 0, &d, &plan);
	cli_diags(c, &d);
	if (r >= 0)
		put_members(b, plan);
	meed_plan_free(plan);
	meed_diags_release(&d);
	return r < 0 ? EX_CONFIG : EX_OK;
}

int info_json(struct cli *c, const struct meed_conf *conf, const struct meed_entry *e,
	      struct meed_buf *b)
{
	int status = EX_OK;

	meed_buf_putc(b, '{');
	put_str(b, "kind", cli_kind_name(e->kind));
	put_str(b, "name", e->name);
	put_str(b, "summary", e->summary);
	put_str(b, "where", e->where);
	if (e->kind == MEED_ENTRY_COMPOSITION)
		put_str(b, "combine", e->model);
	else
		put_str(b, "model", e->kind == MEED_ENTRY_MODEL ? e->name : e->model);
	if (e->endpoint)
		put_str(b, "endpoint", e->endpoint);
	if (e->params) {
		put_key(b, "params");
		meed_json_write(b, e->params);
	}
	if (e->rm)
		put_model(b, e->rm);
	else
		status = put_plan(c, conf, e->name, b);
	meed_buf_puts(b, "}\n");
	return status;
}
