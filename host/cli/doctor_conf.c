/* doctor_conf.c - meed doctor: configuration, plugins, and what models ask the system for. */
#include "config.h"

#include "host/cli/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *there(const char *path)
{
	return access(path, R_OK) == 0 ? "there" : errno == ENOENT ? "not there" : strerror(errno);
}

static void put_search(struct doctor *d)
{
	const char *env = getenv("MEED_CONF");
	char *path = NULL;
	size_t i;

	for (i = 0; i < d->c->confs.n; i++)
		doctor_put(d, DOCTOR_OK, "configuration", "%s (-c): %s", d->c->confs.v[i],
			   there(d->c->confs.v[i]));
	if (d->c->confs.n > 0)
		return;
	path = meed_conf_default_path();
	doctor_put(d, DOCTOR_OK, "searched", "$MEED_CONF: %s; ./conf.d: %s; %s: %s",
		   env && *env ? there(env) : "not set", there("conf.d"), MEED_CONFDIR,
		   there(MEED_CONFDIR));
	if (path)
		doctor_put(d, DOCTOR_OK, "configuration", "%s", path);
	else
		doctor_put(d, DOCTOR_FAIL, "configuration",
			   "none found: run make install, set "
			   "MEED_CONF, or name one with -c");
	free(path);
}

static void put_plugins(struct doctor *d, const struct meed_conf *conf)
{
	const struct meed_registry *r = meed_conf_registry(conf);
	size_t i;

	for (i = 0; i < r->n_modules; i++) {
		const struct meed_module *m = r->modules[i];

		doctor_put(d, DOCTOR_OK, "plugin", "%s: %s %s, %zu model%s", m->path, m->desc.id,
			   m->desc.version, m->n_models, m->n_models == 1 ? "" : "s");
	}
	if (r->n_modules == 0)
		doctor_put(d, DOCTOR_WARN, "plugin",
			   "none is loaded: there is nothing to score with; "
			   "name a folder of plugins in the configuration, in MEED_PLUGIN_PATH or "
			   "with --plugin-dir (the installed one is %s, which is %s)",
			   MEED_PLUGINDIR, there(MEED_PLUGINDIR));
}

static void put_counts(struct doctor *d, const struct meed_conf *conf)
{
	const struct meed_entry *v;
	size_t n = meed_conf_entries(conf, &v), kinds[3] = { 0 }, i;

	for (i = 0; i < n; i++)
		kinds[v[i].kind]++;
	doctor_put(d, DOCTOR_OK, "to score with", "compositions: %zu, instances: %zu, models: %zu",
		   kinds[MEED_ENTRY_COMPOSITION], kinds[MEED_ENTRY_INSTANCE],
		   kinds[MEED_ENTRY_MODEL]);
}

void doctor_conf(struct doctor *d)
{
	struct meed_diags diags = { 0 };
	struct meed_conf *conf = NULL;
	size_t i;

	put_search(d);
	(void)cli_conf_load(d->c, &diags, &conf);
	if (conf)
		meed_conf_check_all(conf, &diags);
	if (conf)
		put_plugins(d, conf);
	for (i = 0; i < diags.n; i++)
		doctor_put(d, diags.v[i].warning ? DOCTOR_WARN : DOCTOR_FAIL,
			   diags.v[i].warning ? "warning" : "error", "%s",
			   diags.v[i].text ? diags.v[i].text : "(out of memory)");
	if (conf) {
		put_counts(d, conf);
		doctor_exec(d, conf);
	}
	meed_conf_free(conf);
	meed_diags_release(&diags);
}

static void put_tokenizer(struct doctor *d, const char *type, const char *without)
{
	struct meed_tokenizers *t = meed_tokenizers_new();
	meed_tokenizer spec = { .struct_size = sizeof(spec), .type = type };
	struct meed_err err = { 0 };
	uint32_t id;

	if (!t) {
		doctor_put(d, DOCTOR_FAIL, type, "out of memory");
		return;
	}
	if (meed_tokenizers_open(t, &spec, &err, &id) < 0)
		doctor_put(d, DOCTOR_WARN, type, "%s (%s)", err.text, without);
	else
		doctor_put(d, DOCTOR_OK, type, "its data are there");
	meed_tokenizers_free(t);
}

void doctor_tools(struct doctor *d)
{
	char path[4096];

	put_tokenizer(d, "jieba", "needed by tokenizer_type = \"jieba\" alone");
	if (cli_which("dot", path, sizeof(path)))
		doctor_put(d, DOCTOR_OK, "graphviz", "%s", path);
	else
		doctor_put(d, DOCTOR_WARN, "graphviz",
			   "no `dot` on the PATH: meed graph --format svg "
			   "needs it (Debian: apt install graphviz)");
	if (cli_find_template(path, sizeof(path)))
		doctor_put(d, DOCTOR_OK, "template", "%s", path);
	else
		doctor_put(d, DOCTOR_WARN, "template",
			   "%s is not there: `meed plugin new` needs it; "
			   "run make install, or set MEED_TEMPLATE",
			   MEED_TEMPLATEDIR);
}
