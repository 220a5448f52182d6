/* registry.c - the plugins of one host and the models that they offer, sorted by id. */
#include "config.h"

#include "host/plugin/internal.h"

#include <dirent.h>
#include <errno.h>
#include <ltdl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* libltdl keeps one list of handles for the whole process and takes no locks: two hosts in
 * one program share it, so they must share this. It is the only state of its kind here. */
static pthread_mutex_t lt_lock = PTHREAD_MUTEX_INITIALIZER;

int32_t meed_registry_new(const struct meed_log *log, struct meed_err *err,
			  struct meed_registry **ret)
{
	struct meed_registry *r = calloc(1, sizeof(*r));
	int32_t code = 0;

	if (!r)
		return meed_err_nomem(err);
	r->log = log;
	meed_host_fill(r);
	r->tokenizers = meed_tokenizers_new();
	if (!r->tokenizers) {
		code = meed_err_nomem(err);
		goto out;
	}
	(void)pthread_mutex_lock(&lt_lock);
	r->lt_inited = lt_dlinit() == 0;
	if (!r->lt_inited)
		code = meed_err_set(err, MEED_E_INTERNAL, "libltdl cannot start: %s", lt_dlerror());
	(void)pthread_mutex_unlock(&lt_lock);
	if (code < 0)
		goto out;
	*ret = r;
	r = NULL;
out:
	meed_registry_free(r);
	return code;
}

void meed_registry_free(struct meed_registry *r)
{
	size_t i;

	if (!r)
		return;
	(void)pthread_mutex_lock(&lt_lock);
	for (i = r->n_modules; i > 0; i--)
		meed_module_free(r, r->modules[i - 1]);
	if (r->lt_inited)
		(void)lt_dlexit();
	(void)pthread_mutex_unlock(&lt_lock);
	for (i = 0; i < r->n_failures; i++) {
		free(r->failures[i].path);
		free(r->failures[i].reason);
	}
	free(r->failures);
	free(r->models);
	free(r->modules);
	meed_tokenizers_free(r->tokenizers);
	free(r);
}

/* ---- loading ---- */

/* Out of memory here loses the record, not the error, which the caller still returns. */
static void add_failure(struct meed_registry *r, const char *path, const char *reason)
{
	struct meed_load_failure *v, f;

	v = realloc(r->failures, (r->n_failures + 1) * sizeof(*v));
	if (!v)
		return;
	r->failures = v;
	f.path = strdup(path);
	f.reason = strdup(reason);
	if (!f.path || !f.reason) {
		free(f.path);
		free(f.reason);
		return;
	}
	v[r->n_failures++] = f;
}

/* The place of id among the sorted models; *ret_found: it is there. */
static size_t find_place(const struct meed_registry *r, const char *id, bool *ret_found)
{
	size_t lo = 0, hi = r->n_models;

	*ret_found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = strcmp(r->models[mid]->rm.id, id);

		if (d == 0) {
			*ret_found = true;
			return mid;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Room for one more module and its models; nothing changes if there is none. */
static int32_t reserve(struct meed_registry *r, size_t n_models, struct meed_err *err)
{
	struct meed_module **modules;
	struct meed_model **models;

	modules = realloc(r->modules, (r->n_modules + 1) * sizeof(*modules));
	if (!modules)
		return meed_err_nomem(err);
	r->modules = modules;
	models = realloc(r->models, (r->n_models + n_models) * sizeof(*models));
	if (!models)
		return meed_err_nomem(err);
	r->models = models;
	return 0;
}

static void add_module(struct meed_registry *r, struct meed_module *m)
{
	size_t i, at;
	bool found;

	r->modules[r->n_modules++] = m;
	for (i = 0; i < m->n_models; i++) {
		at = find_place(r, m->models[i]->rm.id, &found);
		memmove(&r->models[at + 1], &r->models[at],
			(r->n_models - at) * sizeof(r->models[0]));
		r->models[at] = m->models[i];
		r->n_models++;
	}
}

int32_t meed_registry_load(struct meed_registry *r, const char *path, struct meed_err *err)
{
	struct meed_module *m = NULL;
	struct meed_err why = { 0 };
	int32_t ret;

	(void)pthread_mutex_lock(&lt_lock);
	ret = meed_module_open(r, path, &why, &m);
	if (ret == 0) {
		ret = reserve(r, m->n_models, &why);
		if (ret == 0)
			add_module(r, m);
		else
			meed_module_free(r, m);
	}
	(void)pthread_mutex_unlock(&lt_lock);
	if (ret < 0) {
		add_failure(r, path, why.text);
		return meed_err_set(err, ret, "%s: %s", path, why.text);
	}
	if (m)
		meed_log(r->log, MEED_LOG_DEBUG, "%s: loaded %s %s, build id %s, models: %zu", path,
			 m->desc.id, m->desc.version, m->build_id[0] ? m->build_id : "none",
			 m->n_models);
	return 0;
}

static int is_module(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 3 && strcmp(e->d_name + n - 3, ".so") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int32_t meed_registry_load_dir(struct meed_registry *r, const char *dir, struct meed_err *err)
{
	struct dirent **v = NULL;
	int32_t ret = 0;
	char *path;
	int n, i;

	n = scandir(dir, &v, is_module, by_bytes);
	if (n < 0)
		return meed_err_set(err, MEED_E_PARAM, "%s: cannot read the folder: %s", dir,
				    strerror(errno));
	ret = meed_check_mode(dir, false, err);
	for (i = 0; i < n; i++) {
		if (ret == 0) {
			path = NULL;
			if (asprintf(&path, "%s/%s", dir, v[i]->d_name) < 0)
				ret = meed_err_nomem(err);
			else
				(void)meed_registry_load(r, path, NULL);
			if (ret == 0)
				free(path);
		}
		free(v[i]);
	}
	free(v);
	return ret;
}

/* ---- asking ---- */

const struct meed_model *meed_registry_find(const struct meed_registry *r, const char *id)
{
	bool found;
	size_t at = find_place(r, id, &found);

	return found ? r->models[at] : NULL;
}

const char *meed_registry_nearest(const struct meed_registry *r, const char *id)
{
	const char *best = NULL;
	const char **v;
	size_t i;

	v = calloc(r->n_models ? r->n_models : 1, sizeof(*v));
	if (!v)
		return NULL;
	for (i = 0; i < r->n_models; i++)
		v[i] = r->models[i]->rm.id;
	best = meed_nearest(id, v, r->n_models);
	free(v);
	return best;
}

static const char *bits_text(uint32_t bits, const char *const *names, size_t n_names, char *buf,
			     size_t n)
{
	size_t at = 0, i;

	if (n == 0)
		return "";
	(void)snprintf(buf, n, "%s", "none");
	for (i = 0; i < n_names; i++) {
		int w;

		if (!(bits & (1u << i)) || at >= n)
			continue;
		w = snprintf(buf + at, n - at, "%s%s", at ? ", " : "", names[i]);
		at += w > 0 ? (size_t)w : 0;
	}
	return buf;
}

const char *meed_modes_text(uint32_t modes, char *buf, size_t n)
{
	static const char *const names[] = { "pointwise", "pairwise", "listwise", "stepwise" };

	return bits_text(modes, names, sizeof(names) / sizeof(names[0]), buf, n);
}

const char *meed_needs_text(uint32_t needs, char *buf, size_t n)
{
	static const char *const names[] = { "reference", "llm", "embeddings", "http", "exec" };

	return bits_text(needs, names, sizeof(names) / sizeof(names[0]), buf, n);
}
