/* conf_plugins.c - finds and loads the plugins of a configuration */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "host/graph/conf.h"

struct search {
	struct meed_conf *c;
	struct meed_diags *diags;
	struct conf_names seen; /* file names: the first of a name wins */
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* True if path is the first of its file name. */
static bool is_first(struct search *s, const char *path)
{
	const char *base = base_of(path);

	if (conf_names_get(&s->seen, 0, base) != CONF_NO_NAME) {
		meed_log(&s->c->log, MEED_LOG_DEBUG, "%s: passed over, another %s comes first", path,
			 base);
		return false;
	}
	if (!conf_names_put(&s->seen, 0, base, 0)) {
		s->c->nomem = true;
		return false;
	}
	return true;
}

static void load_named(struct search *s, const struct conf_file *f)
{
	struct meed_err err = { 0 };

	if (!is_first(s, f->path))
		return;
	if (meed_registry_load(s->c->reg, f->path, &err) < 0)
		conf_error(s->c, s->diags, f->at, "plugin %s", err.text);
}

static int is_plugin(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 3 && strcmp(e->d_name + n - 3, ".so") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_file_of(struct search *s, const char *dir, const char *name)
{
	struct conf_place nowhere = { NULL, 0 };
	struct meed_err err = { 0 };
	meed_str path;

	path = meed_arena_printf(&s->c->arena, "%s%s%s", dir,
				 dir[strlen(dir) - 1] == '/' ? "" : "/", name);
	if (!path.p) {
		s->c->nomem = true;
		return;
	}
	if (is_first(s, path.p) && meed_registry_load(s->c->reg, path.p, &err) < 0)
		conf_warn(s->c, s->diags, nowhere, "plugin %s", err.text);
}

/* Loads what is in a folder; why it could not be read in err. */
static int32_t load_folder(struct search *s, const char *dir, struct meed_err *err)
{
	struct dirent **v = NULL;
	struct stat st;
	int32_t r = MEED_OK;
	int i, n;

	n = scandir(dir, &v, is_plugin, by_bytes);
	if (n < 0 || stat(dir, &st) < 0) {
		r = meed_err_set(err, MEED_E_PARAM, "%s", strerror(errno));
		goto out;
	}
	if (st.st_mode & S_IWOTH) {
		r = meed_err_set(err, MEED_E_PARAM,
				 "everybody may write it (mode %04o), so anybody "
				 "could put code there; run chmod o-w on it",
				 (unsigned int)(st.st_mode & 07777));
		goto out;
	}
	for (i = 0; i < n; i++)
		load_file_of(s, dir, v[i]->d_name);
out:
	for (i = 0; i < n; i++)
		free(v[i]);
	free(v);
	return r;
}

static void load_configured(struct search *s, const struct conf_file *f)
{
	struct meed_err err = { 0 };

	if (load_folder(s, f->path, &err) < 0)
		conf_error(s->c, s->diags, f->at, "plugin folder %s: %s", f->path, err.text);
}

static void load_env(struct search *s)
{
	struct conf_place at = { "MEED_PLUGIN_PATH", 0 };
	const char *p = getenv("MEED_PLUGIN_PATH");
	struct meed_err err = { 0 };

	while (p && *p) {
		size_t n = strcspn(p, ":");
		meed_str dir = meed_arena_dup(&s->c->arena, (meed_str){ p, n });

		if (!dir.p) {
			s->c->nomem = true;
			return;
		}
		if (n > 0 && load_folder(s, dir.p, &err) < 0)
			conf_warn(s->c, s->diags, at, "plugin folder %s: %s", dir.p, err.text);
		p += n + (p[n] == ':');
	}
}

static void load_installed(struct search *s)
{
#ifdef MEED_PLUGINDIR
	struct conf_place nowhere = { NULL, 0 };
	struct meed_err err = { 0 };
	struct stat st;

	if (stat(MEED_PLUGINDIR, &st) == 0 && load_folder(s, MEED_PLUGINDIR, &err) < 0)
		conf_warn(s->c, s->diags, nowhere, "plugin folder %s: %s", MEED_PLUGINDIR,
			  err.text);
#else
	(void)s;
#endif
}

void conf_load_plugins(struct meed_conf *c, struct meed_diags *d, const char *const *dirs,
		       size_t n_dirs)
{
	struct search s = { c, d, { 0 } };
	struct conf_place nowhere = { NULL, 0 };
	struct meed_err err = { 0 };
	size_t i;

	if (meed_registry_new(&c->log, &err, &c->reg) < 0) {
		conf_error(c, d, nowhere, "plugins cannot be loaded: %s", err.text);
		return;
	}
	for (i = 0; i < c->n_loads; i++)
		load_named(&s, &c->loads[i]);
	for (i = 0; i < c->n_dirs; i++)
		load_configured(&s, &c->dirs[i]);
	for (i = 0; i < n_dirs; i++) {
		struct conf_file f = { conf_dup(c, dirs[i]), dirs[i], nowhere };

		if (f.path && f.path[0])
			load_configured(&s, &f);
		else if (f.path)
			conf_error(c, d, nowhere, "plugin folder: the path is empty");
	}
	load_env(&s);
	load_installed(&s);
	conf_names_release(&s.seen);
}
