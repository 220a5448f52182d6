/* conf_entries.c - one table of everything that has a name */
#include "config.h"

#include <stdlib.h>

#include "host/graph/conf.h"

static int by_composition(const void *a, const void *b)
{
	const struct conf_composition *const *x = a;
	const struct conf_composition *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int by_instance(const void *a, const void *b)
{
	const struct conf_instance *const *x = a;
	const struct conf_instance *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static struct conf_place place_of(const struct meed_conf *c, uint32_t i)
{
	return i < c->n_compositions ? c->compositions[i]->at
				     : c->instances[i - c->n_compositions]->at;
}

/* Notes a name; an error if it is taken. */
static bool claim(struct meed_conf *c, struct meed_diags *d, struct conf_names *names,
		  const char *what, const char *name, uint32_t index)
{
	uint32_t first = conf_names_get(names, 0, name);
	struct conf_place a, b;

	if (first == CONF_NO_NAME) {
		if (!conf_names_put(names, 0, name, index))
			c->nomem = true;
		return true;
	}
	a = place_of(c, first);
	b = place_of(c, index);
	conf_error(c, d, b, "%s \"%s\" is already defined at %s:%u%s: rename one of them", what,
		   name, a.file, a.line,
		   (first < c->n_compositions) == (index < c->n_compositions) ? ""
		   : first < c->n_compositions				      ? ", as a composition"
									      : ", as an instance");
	return false;
}

/* Leaves each name once, the first place where it stands. */
static void claim_all(struct meed_conf *c, struct meed_diags *d)
{
	struct conf_names names = { 0 };
	size_t i, n = 0, n_compositions = c->n_compositions;
	bool *keep = calloc(n_compositions + 1, sizeof(*keep));

	if (!keep) {
		c->nomem = true;
		return;
	}
	for (i = 0; i < n_compositions; i++)
		keep[i] = claim(c, d, &names, "composition", c->compositions[i]->name, (uint32_t)i);
	for (i = 0; i < c->n_instances; i++)
		if (claim(c, d, &names, "instance", c->instances[i]->name,
			  (uint32_t)(n_compositions + i)))
			c->instances[n++] = c->instances[i];
		else
			conf_instance_release(c->instances[i]);
	c->n_instances = n;
	for (i = 0, n = 0; i < n_compositions; i++)
		if (keep[i])
			c->compositions[n++] = c->compositions[i];
	c->n_compositions = n;
	free(keep);
	conf_names_release(&names);
}

static const char *where_text(struct meed_conf *c, struct conf_place at)
{
	meed_str s = meed_arena_printf(&c->arena, "%s:%u", at.file ? at.file : "?", at.line);

	if (!s.p)
		c->nomem = true;
	return s.p;
}

static void add_entry(struct meed_conf *c, const struct meed_entry *e)
{
	uint32_t index = (uint32_t)c->n_entries;

	c->entry_names[c->n_entries] = e->name;
	c->entries[c->n_entries++] = *e;
	/* A model whose id is also an instance's name hides behind it. */
	if (conf_names_get(&c->by_name, 0, e->name) == CONF_NO_NAME &&
	    !conf_names_put(&c->by_name, 0, e->name, index))
		c->nomem = true;
}

static void fill(struct meed_conf *c)
{
	struct meed_entry e;
	size_t i;

	for (i = 0; i < c->n_compositions; i++) {
		const struct conf_composition *k = c->compositions[i];

		e = (struct meed_entry){ MEED_ENTRY_COMPOSITION,
					 k->name,
					 meed_combine_name(k->combine),
					 where_text(c, k->at),
					 k->description.p ? k->description.raw : "",
					 NULL,
					 NULL,
					 NULL };
		add_entry(c, &e);
	}
	for (i = 0; i < c->n_instances; i++) {
		const struct conf_instance *x = c->instances[i];

		e = (struct meed_entry){ MEED_ENTRY_INSTANCE,
					 x->name,
					 x->model.p ? x->model.raw : "",
					 where_text(c, x->at),
					 x->description.p ? x->description.raw
					 : x->rm	  ? x->rm->rm.summary
							  : "",
					 x->rm,
					 x->shown,
					 conf_asked(c, x) };
		add_entry(c, &e);
	}
	for (i = 0; c->reg && i < c->reg->n_models; i++) {
		const struct meed_model *m = c->reg->models[i];

		e = (struct meed_entry){ MEED_ENTRY_MODEL, m->rm.id, m->rm.id, m->module->path,
					 m->rm.summary,	   m,	     NULL,	 NULL };
		add_entry(c, &e);
	}
}

void conf_make_entries(struct meed_conf *c, struct meed_diags *d)
{
	size_t i, n;

	claim_all(c, d);
	c->as_read = conf_alloc(c, c->n_compositions, sizeof(*c->as_read));
	if (!c->as_read)
		return;
	for (i = 0; i < c->n_compositions; i++)
		c->as_read[i] = c->compositions[i];
	if (c->n_compositions)
		qsort(c->compositions, c->n_compositions, sizeof(*c->compositions), by_composition);
	if (c->n_instances)
		qsort(c->instances, c->n_instances, sizeof(*c->instances), by_instance);
	for (i = 0; c->reg && i < c->n_compositions; i++) {
		const struct conf_composition *k = c->compositions[i];
		const struct meed_model *m = meed_registry_find(c->reg, k->name);

		if (m)
			conf_error(c, d, k->at,
				   "composition \"%s\" has the name of a model of %s: "
				   "rename it",
				   k->name, m->module->path);
	}
	n = c->n_compositions + c->n_instances + (c->reg ? c->reg->n_models : 0);
	c->entries = conf_alloc(c, n, sizeof(*c->entries));
	c->entry_names = conf_alloc(c, n, sizeof(*c->entry_names));
	if (c->entries && c->entry_names)
		fill(c);
}
