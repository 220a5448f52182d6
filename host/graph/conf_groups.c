/* conf_groups.c - the groups run, plugins, and those kept for later releases */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* ---- run ---- */

static const char *const run_keys[] = { "threads",    "window", "max_line_bytes", "arena_bytes",
					"timeout_ms", "seed",	"checkpoint_ms",  "sync_ms" };

void conf_read_run(struct conf_reader *r, const config_setting_t *s)
{
	struct meed_run_conf *run = &r->c->run;
	int i;

	(void)conf_keys(r, s, "group run", run_keys, COUNT(run_keys));
	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);
		const char *name = config_setting_name(k);
		char what[64];
		uint64_t v = 0;

		(void)snprintf(what, sizeof(what), "run.%.40s", name);
		if (!conf_once(r->c, r->diags, "run's", what, conf_at(r, k)))
			continue;
		if (strcmp(name, "threads") == 0 && conf_get_uint(r, k, what, 0, 4096, &v))
			run->threads = (uint32_t)v;
		else if (strcmp(name, "window") == 0 && conf_get_uint(r, k, what, 1, 1 << 24, &v))
			run->window = (uint32_t)v;
		else if (strcmp(name, "max_line_bytes") == 0 &&
			 conf_get_uint(r, k, what, 1024, (uint64_t)1 << 40, &v))
			run->max_line_bytes = v;
		else if (strcmp(name, "arena_bytes") == 0 &&
			 conf_get_uint(r, k, what, 65536, (uint64_t)1 << 40, &v))
			run->arena_bytes = v;
		else if (strcmp(name, "timeout_ms") == 0 &&
			 conf_get_uint(r, k, what, 0, UINT32_MAX, &v))
			run->timeout_ms = (uint32_t)v;
		else if (strcmp(name, "seed") == 0 && conf_get_uint(r, k, what, 0, INT64_MAX, &v))
			run->seed = v;
		else if (strcmp(name, "checkpoint_ms") == 0 &&
			 conf_get_uint(r, k, what, 1, 3600000, &v))
			run->checkpoint_ms = (uint32_t)v;
		else if (strcmp(name, "sync_ms") == 0 &&
			 conf_get_uint(r, k, what, 0, 3600000, &v))
			run->sync_ms = (uint32_t)v;
	}
}

/* ---- plugins ---- */

static const char *const plugins_keys[] = { "dirs", "load" };
static const char *const load_keys[] = { "path" };

static void add_file(struct conf_reader *r, struct conf_file **v, size_t *cap, size_t *n,
		     const struct conf_str *s)
{
	const char *path = conf_path_from(r->c, s->at.file, s->p);

	if (s->p[0] == '\0') {
		conf_error(r->c, r->diags, s->at, "the path is empty");
		return;
	}
	if (!path || !CONF_GROW(v, cap, *n)) {
		r->c->nomem = true;
		return;
	}
	(*v)[(*n)++] = (struct conf_file){ path, s->raw, s->at };
}

static void read_dirs(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	if (!config_setting_is_array(s) && !config_setting_is_list(s)) {
		(void)conf_is(r, s, "plugins.dirs", CONFIG_TYPE_ARRAY);
		return;
	}
	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned int)i);
		struct conf_str dir = { 0 };

		if (conf_get_str(r, e, "a folder in plugins.dirs", &dir))
			add_file(r, &r->c->dirs, &r->c->cap_dirs, &r->c->n_dirs, &dir);
	}
}

static void read_load(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	if (!conf_is(r, s, "plugins.load", CONFIG_TYPE_LIST))
		return;
	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned int)i);
		const config_setting_t *k;
		struct conf_str path = { 0 };

		if (!conf_is(r, e, "an entry of plugins.load", CONFIG_TYPE_GROUP) ||
		    !conf_keys(r, e, "an entry of plugins.load", load_keys, COUNT(load_keys)))
			continue;
		k = config_setting_get_member(e, "path");
		if (!k)
			conf_error(
				r->c, r->diags, conf_at(r, e),
				"an entry of plugins.load has no path: write { path = \"x.so\"; }");
		else if (conf_get_str(r, k, "path", &path))
			add_file(r, &r->c->loads, &r->c->cap_loads, &r->c->n_loads, &path);
	}
}

void conf_read_plugins(struct conf_reader *r, const config_setting_t *s)
{
	const config_setting_t *k;

	(void)conf_keys(r, s, "group plugins", plugins_keys, COUNT(plugins_keys));
	k = config_setting_get_member(s, "dirs");
	if (k)
		read_dirs(r, k);
	k = config_setting_get_member(s, "load");
	if (k)
		read_load(r, k);
}

/* ---- policy, serve ---- */

void conf_read_reserved(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);

		conf_error(r->c, r->diags, conf_at(r, k),
			   "group %s has no key \"%s\" in this release: later releases fill it; "
			   "leave it empty",
			   config_setting_name(s), config_setting_name(k));
	}
}
