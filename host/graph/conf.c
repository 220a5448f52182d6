/* conf.c - loading a configuration, and what it answers */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/graph/conf.h"

static void set_defaults(struct meed_run_conf *r)
{
	r->window = 1024;
	r->max_line_bytes = (uint64_t)128 << 20;
	r->arena_bytes = (uint64_t)256 << 20;
	r->checkpoint_ms = 1000;
	r->sync_ms = 5000;
}

/* Of the optional instances those whose model no plugin has are as if not written. */
static void drop_absent(struct meed_conf *c)
{
	struct conf_instance *x;
	size_t i, n = 0;

	c->absent = conf_alloc(c, c->n_instances, sizeof(*c->absent));
	if (!c->absent)
		return;
	for (i = 0; i < c->n_instances; i++) {
		x = c->instances[i];
		if (x->optional && x->model.p && c->reg &&
		    !meed_registry_find(c->reg, x->model.p)) {
			conf_instance_release(x);
			c->absent[c->n_absent++] = x;
		} else {
			c->instances[n++] = x;
		}
	}
	c->n_instances = n;
}

static void check_names(struct meed_conf *c, struct meed_diags *d)
{
	size_t i;

	drop_absent(c);
	for (i = 0; i < c->n_instances; i++)
		conf_check_instance(c, d, c->instances[i]);
	conf_check_endpoints(c, d);
	conf_make_entries(c, d);
	if (!c->nomem)
		conf_check_compositions(c, d);
}

int32_t meed_conf_load(const char *const *paths, size_t n, const char *const *plugin_dirs,
		       size_t n_dirs, const struct meed_log *log, struct meed_diags *diags,
		       struct meed_conf **ret)
{
	size_t before = diags->n_errors;
	struct meed_conf *c;

	c = calloc(1, sizeof(*c));
	if (!c) {
		meed_diags_add(diags, false, "out of memory");
		goto out;
	}
	c->log = log ? *log : (struct meed_log){ .fd = -1 };
	set_defaults(&c->run);
	meed_health_defaults(&c->health);
	meed_exec_conf_init(&c->exec);
	conf_read_paths(c, diags, paths, n);
	conf_check_exec(c, diags);
	conf_load_plugins(c, diags, plugin_dirs, n_dirs);
	if (c->reg)
		c->reg->runtimes = &c->exec.face;
	if (!c->nomem)
		check_names(c, diags);
	if (c->nomem)
		meed_diags_add(diags, false, "out of memory");
	/* With errors nobody comes to compile this: tell now what creating would find. */
	if (diags->n_errors != before && !c->nomem && c->reg)
		conf_try_instances(c, diags);
	if (diags->n_errors == before) {
		*ret = c;
		c = NULL;
	}
out:
	meed_conf_free(c);
	return diags->n_errors == before ? MEED_OK : MEED_E_PARAM;
}

void meed_conf_free(struct meed_conf *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n_instances; i++)
		conf_instance_release(c->instances[i]);
	for (i = 0; i < c->n_endpoints; i++)
		conf_endpoint_release(&c->endpoints[i]);
	meed_registry_free(c->reg);
	conf_names_release(&c->seen);
	conf_names_release(&c->by_name);
	free(c->places);
	free(c->endpoints);
	meed_exec_conf_release(&c->exec);
	free(c->limits);
	free(c->dirs);
	free(c->loads);
	free(c->instances);
	free(c->compositions);
	free(c->pipelines);
	free(c->secrets);
	meed_arena_release(&c->arena);
	free(c);
}

static char *existing(const char *path)
{
	return access(path, R_OK) == 0 ? strdup(path) : NULL;
}

char *meed_conf_default_path(void)
{
	const char *env = getenv("MEED_CONF");
	char *path;

	/* One that is named but not there is an error to report, not to pass over. */
	if (env && env[0])
		return strdup(env);
	path = existing("conf.d");
#ifdef MEED_CONFDIR
	if (!path)
		path = existing(MEED_CONFDIR);
#endif
	return path;
}

const struct meed_registry *meed_conf_registry(const struct meed_conf *c)
{
	return c->reg;
}

const struct meed_run_conf *meed_conf_run(const struct meed_conf *c)
{
	return &c->run;
}

const struct meed_health_conf *meed_conf_health(const struct meed_conf *c)
{
	return &c->health;
}

void meed_conf_llm(const struct meed_conf *c, struct meed_llm_conf *ret)
{
	*ret = c->llm;
	ret->endpoints = c->endpoints;
	ret->n_endpoints = c->n_endpoints;
}

const struct meed_exec_conf *meed_conf_exec(const struct meed_conf *c)
{
	return &c->exec;
}

size_t meed_conf_entries(const struct meed_conf *c, const struct meed_entry **ret)
{
	*ret = c->entries;
	return c->n_entries;
}

const struct meed_entry *meed_conf_find(const struct meed_conf *c, const char *name)
{
	uint32_t entry = conf_names_get(&c->by_name, 0, name);

	return entry == CONF_NO_NAME ? NULL : &c->entries[entry];
}

const char *meed_conf_why_not(const struct meed_conf *c, const char *name, char *buf, size_t n)
{
	const struct conf_instance *x;
	size_t i;

	for (i = 0; i < c->n_absent; i++) {
		x = c->absent[i];
		if (strcmp(x->name, name) != 0)
			continue;
		(void)snprintf(buf, n, ": it is optional (%s:%u), and no plugin has its model \"%s\"",
			       x->at.file, x->at.line, x->model.raw);
		return buf;
	}
	return conf_hint(meed_nearest(name, c->entry_names, c->n_entries), buf, n);
}
