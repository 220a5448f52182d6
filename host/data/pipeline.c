/* pipeline.c - pipelines of the configuration: checked, and made into chains */
#include "config.h"

#include "host/data/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/graph/graph.h"

bool meed_data_size(const char *s, uint64_t *ret)
{
	static const char units[] = "KMG";
	uint64_t x = 0;
	unsigned shift = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, (uint64_t)(*s - '0'), &x))
			return false;
	if (*s && strchr(units, *s))
		shift = 10 * (unsigned)(1 + strchr(units, *s++) - units);
	if (*s || x > UINT64_C(1) << 44 >> shift)
		return false;
	*ret = x << shift;
	return *ret >= UINT64_C(1) << 20;
}

/* The parameters of a step or export; NULL after reporting. */
static struct meed_data_args *read_args(const struct meed_conf *conf,
					const struct meed_data_kind *kind,
					const struct meed_stage *s, struct meed_diags *d)
{
	struct meed_data_args *a = meed_data_args_new(kind);
	size_t before = d->n_errors, i, j;

	if (!a)
		meed_diags_add(d, false, "out of memory");
	for (i = 0; a && i < s->n; i++) {
		const struct meed_setting *k = &s->settings[i];

		for (j = 0; j < k->n; j++) {
			struct meed_err err = { 0 };
			const char *what = k->values[j];

			if (j > 0 && !meed_data_args_is_list(a, k->name)) {
				meed_conf_error(conf, d, k->file, k->line,
						"%s of %s takes one value, not %zu", k->name,
						kind->name, k->n);
				break;
			}
			if (meed_data_args_set(a, k->name, what, &err) == MEED_OK)
				continue;
			if (meed_data_args_knows(a, k->name))
				meed_conf_error(conf, d, k->file, k->line, "%s of %s is %s: %s",
						k->name, kind->name, what, err.text);
			else
				meed_conf_error(conf, d, k->file, k->line,
						"unknown parameter \"%s\": %s", k->name, err.text);
			break;
		}
	}
	if (d->n_errors == before)
		return a;
	meed_data_args_free(a);
	return NULL;
}

static void add_stage(const struct meed_conf *conf, const struct meed_stage *s,
		      const struct meed_data_kind *kind, const char *near, const char *what,
		      struct meed_diags *d, struct meed_data_chain *chain)
{
	struct meed_data_args *a;
	struct meed_err err = { 0 };

	if (!kind) {
		meed_conf_error(conf, d, s->file, s->line, "unknown %s \"%s\"%s%s%s", what, s->kind,
				near ? "; did you mean \"" : "", near ? near : "",
				near ? "\"?" : "");
		return;
	}
	a = read_args(conf, kind, s, d);
	if (a && meed_data_chain_add(chain, a, &err) < 0)
		meed_conf_error(conf, d, s->file, s->line, "%s \"%s\": %s", what, s->kind,
				err.text);
}

/* What the other settings say, checked. */
static void read_rest(const struct meed_conf *conf, const struct meed_pipeline *p,
		      struct meed_diags *d, struct meed_data_opts *o)
{
	struct meed_schema *schema = NULL;
	struct meed_err err = { 0 };

	o->inputs = p->inputs;
	o->n_inputs = p->n_inputs;
	o->format = p->format;
	o->map = p->map;
	o->output = p->output;
	o->rejects = p->rejects;
	o->dropped = p->dropped;
	o->seed = p->seed;
	o->strict = p->strict;
	if (p->memory && !meed_data_size(p->memory, &o->memory_bytes))
		meed_conf_error(conf, d, p->file, p->line,
				"memory of pipeline \"%s\" is %s: must be a size from 1M on, as "
				"\"64M\"",
				p->name, p->memory);
	if (meed_schema_new(p->format, p->map, NULL, &err, &schema) < 0)
		meed_conf_error(conf, d, p->file, p->line, "pipeline \"%s\": %s", p->name,
				err.text);
	meed_schema_free(schema);
}

int32_t meed_data_pipeline(const struct meed_conf *conf, const struct meed_pipeline *p,
			   struct meed_diags *diags, struct meed_data_opts *o,
			   struct meed_data_chain **ret)
{
	struct meed_data_chain *chain = meed_data_chain_new();
	size_t before = diags->n_errors, i;
	const char *near = NULL;

	if (!chain) {
		meed_diags_add(diags, false, "out of memory");
		return MEED_E_NOMEM;
	}
	for (i = 0; i < p->n_stages; i++) {
		const struct meed_data_kind *k = meed_data_find_step(p->stages[i].kind, &near);

		add_stage(conf, &p->stages[i], k, near, "step", diags, chain);
	}
	if (p->has_export) {
		const struct meed_data_kind *k = meed_data_find_format(p->export_to.kind, &near);

		add_stage(conf, &p->export_to, k, near, "format", diags, chain);
	}
	read_rest(conf, p, diags, o);
	if (diags->n_errors == before) {
		*ret = chain;
		return MEED_OK;
	}
	meed_data_chain_free(chain);
	return MEED_E_PARAM;
}

void meed_data_check(const struct meed_conf *conf, struct meed_diags *diags)
{
	const struct meed_pipeline *v;
	size_t n = meed_conf_pipelines(conf, &v), i;

	for (i = 0; i < n; i++) {
		struct meed_data_chain *chain = NULL;
		struct meed_data_opts o = { 0 };

		if (meed_data_pipeline(conf, &v[i], diags, &o, &chain) == MEED_OK)
			meed_data_chain_free(chain);
	}
}
