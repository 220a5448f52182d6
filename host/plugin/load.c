/* load.c - from a path to a checked module: safe to load, loadable, exporting a descriptor that
 * passes the gate, and initialised. */
#include "config.h"

#include "host/plugin/internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <json-c/json.h>
#include <libgen.h>
#include <limits.h>
#include <link.h>
#include <ltdl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SYMBOL "meed_plugin_v1"

/* ---- may it be loaded? ---- */

int32_t meed_check_mode(const char *path, bool sticky_ok, struct meed_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return meed_err_set(err, MEED_E_PARAM, "%s: %s", path, strerror(errno));
	if ((st.st_mode & S_IWOTH) && !(sticky_ok && (st.st_mode & S_ISVTX)))
		return meed_err_set(err, MEED_E_PARAM,
				    "%s: mode %04o: everybody may write it, so anybody could put "
				    "code there; run chmod o-w on it",
				    path, (unsigned)(st.st_mode & 07777));
	return 0;
}

static int32_t check_parent(const char *path, struct meed_err *err)
{
	char *copy = strdup(path);
	int32_t r;

	if (!copy)
		return meed_err_nomem(err);
	r = meed_check_mode(dirname(copy), true, err);
	free(copy);
	return r;
}

/* The file, its folder, and those of what it links to. */
static int32_t check_file(const char *path, struct meed_err *err)
{
	char *real = NULL;
	struct stat st;
	int32_t r;

	if (stat(path, &st) < 0)
		return meed_err_set(err, MEED_E_PARAM, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return meed_err_set(err, MEED_E_PARAM, "is not a regular file");
	real = realpath(path, NULL);
	if (!real)
		return meed_err_set(err, MEED_E_PARAM, "%s", strerror(errno));
	r = meed_check_mode(real, false, err);
	if (r == 0)
		r = check_parent(real, err);
	if (r == 0)
		r = check_parent(path, err);
	free(real);
	return r;
}

/* ---- opening ---- */

/* dlerror says "PATH: reason"; the path is ours to print. */
static const char *dl_reason(const char *path)
{
	const char *e = dlerror();
	size_t n = strlen(path);

	if (!e)
		return "the dynamic linker gave no reason";
	if (strncmp(e, path, n) == 0 && strncmp(e + n, ": ", 2) == 0)
		return e + n + 2;
	return e;
}

/* A path that dlopen does not search for. */
static char *dl_path(const char *path)
{
	char *p = NULL;

	if (strchr(path, '/'))
		return strdup(path);
	if (asprintf(&p, "./%s", path) < 0)
		p = NULL;
	return p;
}

/* libltdl answers "file not found" whatever went wrong, and opens lazily. So the dynamic
 * linker is asked first, with RTLD_NOW: its words are the true ones, and its handle is kept. */
static int32_t open_both(const char *path, struct meed_module *m, struct meed_err *err)
{
	lt_dladvise advise = NULL;
	int32_t r = 0;

	m->dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!m->dl)
		return meed_err_set(err, MEED_E_PARAM, "%s", dl_reason(path));
	if (lt_dladvise_init(&advise) != 0 || lt_dladvise_local(&advise) != 0)
		r = meed_err_nomem(err);
	if (r == 0) {
		m->lt = lt_dlopenadvise(path, advise);
		if (!m->lt)
			r = meed_err_set(err, MEED_E_PARAM, "libltdl cannot open it: %s",
					 lt_dlerror());
	}
	if (advise)
		(void)lt_dladvise_destroy(&advise);
	return r;
}

/* Says which other major the plugin was built for, if any. */
static int32_t no_symbol(struct meed_module *m, struct meed_err *err)
{
	char name[32];
	int major;

	for (major = 2; major < 100; major++) {
		(void)snprintf(name, sizeof(name), "meed_plugin_v%d", major);
		if (dlsym(m->dl, name))
			return meed_err_set(err, MEED_E_UNSUPPORTED,
					    "needs Meed ABI %d, this host speaks %d.%d", major,
					    MEED_ABI_MAJOR, MEED_ABI_MINOR);
	}
	return meed_err_set(err, MEED_E_PARAM, "is not a Meed plugin: it does not export " SYMBOL);
}

/* dlsym also looks into the libraries that a plugin links to: the descriptor must lie in the
 * plugin itself. */
static int32_t find_symbol(struct meed_module *m, const meed_plugin **ret, size_t *ret_size,
			   struct meed_err *err)
{
	struct link_map *map = NULL;
	const ElfW(Sym) *sym = NULL;
	void *extra = NULL;
	Dl_info info;
	void *p = lt_dlsym(m->lt, SYMBOL);

	if (!p)
		return no_symbol(m, err);
	*ret_size = 0;
	if (dlinfo(m->dl, RTLD_DI_LINKMAP, &map) == 0 && map &&
	    dladdr1(p, &info, &extra, RTLD_DL_SYMENT) != 0) {
		sym = extra;
		if (info.dli_fname && map->l_name && strcmp(info.dli_fname, map->l_name) != 0)
			return meed_err_set(err, MEED_E_PARAM,
					    "does not export " SYMBOL " itself: the one found lies "
					    "in %s, which it links to",
					    info.dli_fname);
	}
	if (sym && ELF64_ST_TYPE(sym->st_info) != STT_OBJECT &&
	    ELF64_ST_TYPE(sym->st_info) != STT_NOTYPE)
		return meed_err_set(err, MEED_E_PARAM,
				    SYMBOL " is not an object: must be a "
					   "const meed_plugin");
	if (sym)
		*ret_size = (size_t)sym->st_size;
	*ret = p;
	return 0;
}

/* ---- models ---- */

static void model_free(struct meed_model *m)
{
	if (m)
		json_object_put(m->schema);
	free(m);
}

/* Says which file had an id first. */
static int32_t check_unique(const struct meed_registry *r, const struct meed_module *m,
			    const char *id, struct meed_err *err)
{
	const struct meed_model *other = meed_registry_find(r, id);
	size_t i;

	if (other)
		return meed_err_set(err, MEED_E_PARAM, "model \"%s\": %s had this id first", id,
				    other->module->path);
	for (i = 0; i < m->n_models; i++)
		if (strcmp(m->models[i]->rm.id, id) == 0)
			return meed_err_set(err, MEED_E_PARAM,
					    "model \"%s\": the id stands twice, at models %zu and "
					    "%zu",
					    id, i, m->n_models);
	return 0;
}

static int32_t add_model(const struct meed_registry *r, struct meed_module *m,
			 const meed_rm *theirs, struct meed_err *err)
{
	struct meed_model *model = calloc(1, sizeof(*model));
	int32_t ret;

	if (!model)
		return meed_err_nomem(err);
	model->module = m;
	ret = meed_gate_model(theirs, m->n_models, &model->rm, &model->schema, err);
	if (ret == 0)
		ret = check_unique(r, m, model->rm.id, err);
	if (ret < 0) {
		model_free(model);
		return ret;
	}
	m->models[m->n_models++] = model;
	return 0;
}

static int32_t add_models(const struct meed_registry *r, struct meed_module *m,
			  struct meed_err *err)
{
	size_t n = 0, i;
	int32_t ret = 0;

	while (n <= MEED_MODELS_MAX && m->desc.models[n])
		n++;
	if (n > MEED_MODELS_MAX)
		return meed_err_set(err, MEED_E_PARAM,
				    SYMBOL ": models has no NULL within %d entries",
				    MEED_MODELS_MAX);
	m->models = calloc(n, sizeof(struct meed_model *));
	if (!m->models)
		return meed_err_nomem(err);
	for (i = 0; i < n && ret == 0; i++)
		ret = add_model(r, m, m->desc.models[i], err);
	return ret;
}

/* ---- init and the whole ---- */

static int32_t init(struct meed_registry *r, struct meed_module *m, struct meed_err *err)
{
	struct meed_arena arena;
	struct meed_ctx c = { 0 };
	int32_t ret;

	if (!m->desc.init) {
		m->inited = true;
		return 0;
	}
	meed_arena_init(&arena, (size_t)MEED_STATE_MAX);
	c.reg = r;
	c.instance = m->desc.id;
	c.phase = MEED_PHASE_CREATE;
	c.arena = &arena;
	ret = m->desc.init(&r->host, &c);
	if (ret >= 0 && c.code < 0)
		ret = c.code;
	if (ret < 0)
		ret = meed_err_set(err, ret, "init failed: %s",
				   c.why.n ? c.why.p : "the plugin gave no reason");
	m->inited = ret >= 0;
	meed_ctx_end(&c);
	meed_arena_release(&arena);
	return ret < 0 ? ret : 0;
}

static bool already_loaded(const struct meed_registry *r, const void *dl)
{
	size_t i;

	for (i = 0; i < r->n_modules; i++)
		if (r->modules[i]->dl == dl)
			return true;
	return false;
}

/* Once accepted, the code stays mapped until the process ends: what a plugin leaves behind (an
 * atexit handler, a thread) never runs into a hole. libltdl's own "resident" would do that
 * too, but then it loses its handle in lt_dlexit. */
static void stay(const char *path)
{
	void *h = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE);

	if (h)
		(void)dlclose(h);
}

static int32_t module_fill(struct meed_registry *r, struct meed_module *m, struct meed_err *err)
{
	const meed_plugin *theirs = NULL;
	size_t size = 0;
	int32_t ret;

	ret = find_symbol(m, &theirs, &size, err);
	if (ret == 0)
		ret = meed_gate_plugin(theirs, size, &m->desc, err);
	if (ret == 0)
		ret = add_models(r, m, err);
	if (ret == 0)
		ret = init(r, m, err);
	return ret;
}

/* 1: the file is loaded already, and there is nothing to do. */
int32_t meed_module_open(struct meed_registry *r, const char *path, struct meed_err *err,
			 struct meed_module **ret)
{
	struct meed_module *m = calloc(1, sizeof(*m));
	char *p = dl_path(path);
	int32_t code;

	if (!m || !p) {
		code = meed_err_nomem(err);
		goto out;
	}
	m->path = strdup(path);
	if (!m->path) {
		code = meed_err_nomem(err);
		goto out;
	}
	code = check_file(path, err);
	if (code == 0)
		code = meed_elf_check(path, m->build_id, err);
	if (code == 0)
		code = open_both(p, m, err);
	if (code == 0 && already_loaded(r, m->dl))
		code = 1;
	if (code == 0)
		code = module_fill(r, m, err);
	if (code == 0) {
		stay(p);
		*ret = m;
		m = NULL;
	}
out:
	meed_module_free(r, m);
	free(p);
	return code;
}

void meed_module_free(struct meed_registry *r, struct meed_module *m)
{
	size_t i;

	if (!m)
		return;
	if (m->inited && m->desc.deinit)
		m->desc.deinit(&r->host);
	for (i = 0; i < m->n_models; i++)
		model_free(m->models[i]);
	free(m->models);
	if (m->lt)
		(void)lt_dlclose(m->lt);
	if (m->dl)
		(void)dlclose(m->dl);
	free(m->path);
	free(m);
}
