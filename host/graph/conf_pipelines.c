/* conf_pipelines.c - the group pipelines, as it was written */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static const char *const pipeline_keys[] = {
	"description", "input", "format", "map",     "steps",	"export",
	"output",      "seed",	"strict", "rejects", "dropped", "memory",
};

/* A scalar as text. */
static const char *scalar_text(struct conf_reader *r, const config_setting_t *s, const char *what)
{
	struct conf_str str = { 0 };
	char buf[CONF_NUM];

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_STRING:
		return conf_get_str(r, s, what, &str) ? str.p : NULL;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		(void)snprintf(buf, sizeof(buf), "%lld", config_setting_get_int64(s));
		return conf_dup(r->c, buf);
	case CONFIG_TYPE_FLOAT:
		return conf_dup(r->c, conf_num(config_setting_get_float(s), buf));
	case CONFIG_TYPE_BOOL:
		return config_setting_get_bool(s) ? "true" : "false";
	default:
		conf_error(r->c, r->diags, conf_at(r, s),
			   "%s is %s: must be a string, a number, true or false, or an array of "
			   "those",
			   what, conf_type_text(s));
		return NULL;
	}
}

/* The texts of a scalar, or of each item of an array or list. */
static bool read_texts(struct conf_reader *r, const config_setting_t *s, const char *what,
		       const char *const **ret, size_t *ret_n)
{
	bool many = config_setting_is_array(s) || config_setting_is_list(s);
	size_t n = many ? (size_t)config_setting_length(s) : 1, i;
	const char **v = conf_alloc(r->c, n + 1, sizeof(*v));

	for (i = 0; v && i < n; i++) {
		v[i] = scalar_text(r, many ? config_setting_get_elem(s, (unsigned)i) : s, what);
		if (!v[i])
			return false;
	}
	*ret = v;
	*ret_n = n;
	return v != NULL;
}

static void read_setting(struct conf_reader *r, const config_setting_t *s, struct meed_stage *stage)
{
	struct conf_place at = conf_at(r, s);
	struct meed_setting *to = &stage->settings[stage->n];
	char what[160];

	(void)snprintf(what, sizeof(what), "%.60s of %.60s", config_setting_name(s), stage->kind);
	to->name = conf_dup(r->c, config_setting_name(s));
	to->file = at.file;
	to->line = at.line;
	if (to->name && read_texts(r, s, what, &to->values, &to->n))
		stage->n++;
}

/* { step = "filter"; min_chars = 10; }; key is "step" or "format". */
static bool read_stage(struct conf_reader *r, const config_setting_t *s, const char *key,
		       const char *what, struct meed_stage *ret)
{
	const config_setting_t *kind;
	struct conf_place at = conf_at(r, s);
	struct conf_str name = { 0 };
	int i;

	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP))
		return false;
	kind = config_setting_get_member(s, key);
	if (!kind) {
		conf_error(r->c, r->diags, at, "%s does not say which: write %s = \"NAME\"", what,
			   key);
		return false;
	}
	if (!conf_get_str(r, kind, key, &name))
		return false;
	ret->kind = name.p;
	ret->file = at.file;
	ret->line = at.line;
	ret->settings =
		conf_alloc(r->c, (size_t)config_setting_length(s) + 1, sizeof(*ret->settings));
	for (i = 0; ret->settings && i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned)i);

		if (k != kind)
			read_setting(r, k, ret);
	}
	return ret->settings != NULL;
}

static void read_steps(struct conf_reader *r, const config_setting_t *s, const char *name,
		       struct meed_pipeline *p)
{
	char what[96];
	size_t n;
	int i;

	(void)snprintf(what, sizeof(what), "steps of pipeline \"%.60s\"", name);
	if (!conf_is(r, s, what, CONFIG_TYPE_LIST))
		return;
	n = (size_t)config_setting_length(s);
	p->stages = conf_alloc(r->c, n + 1, sizeof(*p->stages));
	(void)snprintf(what, sizeof(what), "a step of pipeline \"%.60s\"", name);
	for (i = 0; p->stages && i < (int)n; i++)
		if (read_stage(r, config_setting_get_elem(s, (unsigned)i), "step", what,
			       &p->stages[p->n_stages]))
			p->n_stages++;
}

static void read_text(struct conf_reader *r, const config_setting_t *s, const char *what,
		      const char **ret)
{
	struct conf_str str = { 0 };

	if (conf_get_str(r, s, what, &str))
		*ret = str.p;
}

static void read_key(struct conf_reader *r, const config_setting_t *k, struct meed_pipeline *p)
{
	const char *name = config_setting_name(k);
	char what[160];

	(void)snprintf(what, sizeof(what), "%.60s of pipeline \"%.60s\"", name, p->name);
	if (strcmp(name, "description") == 0) {
		read_text(r, k, what, &p->description);
	} else if (strcmp(name, "input") == 0) {
		(void)read_texts(r, k, what, &p->inputs, &p->n_inputs);
	} else if (strcmp(name, "format") == 0) {
		read_text(r, k, what, &p->format);
	} else if (strcmp(name, "map") == 0) {
		read_text(r, k, what, &p->map);
	} else if (strcmp(name, "output") == 0) {
		read_text(r, k, what, &p->output);
	} else if (strcmp(name, "rejects") == 0) {
		read_text(r, k, what, &p->rejects);
	} else if (strcmp(name, "dropped") == 0) {
		read_text(r, k, what, &p->dropped);
	} else if (strcmp(name, "memory") == 0) {
		read_text(r, k, what, &p->memory);
	} else if (strcmp(name, "seed") == 0) {
		(void)conf_get_uint(r, k, what, 0, INT64_MAX, &p->seed);
	} else if (strcmp(name, "strict") == 0) {
		(void)conf_get_bool(r, k, what, &p->strict);
	} else if (strcmp(name, "steps") == 0) {
		read_steps(r, k, p->name, p);
	} else if (strcmp(name, "export") == 0) {
		p->has_export = read_stage(r, k, "format", what, &p->export_to);
	}
}

static void read_pipeline(struct conf_reader *r, const config_setting_t *s)
{
	const char *name = conf_dup(r->c, config_setting_name(s));
	struct conf_place at = conf_at(r, s);
	struct meed_pipeline *p;
	char what[96], key[96];
	int i;

	if (!name)
		return;
	(void)snprintf(what, sizeof(what), "pipeline \"%.60s\"", name);
	(void)snprintf(key, sizeof(key), "pipelines.%.60s", name);
	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP) ||
	    !conf_once(r->c, r->diags, "pipeline", key, at))
		return;
	(void)conf_keys(r, s, what, pipeline_keys, COUNT(pipeline_keys));
	if (!CONF_GROW(&r->c->pipelines, &r->c->cap_pipelines, r->c->n_pipelines)) {
		r->c->nomem = true;
		return;
	}
	p = &r->c->pipelines[r->c->n_pipelines++];
	*p = (struct meed_pipeline){
		.name = name, .file = at.file, .line = at.line, .description = ""
	};
	for (i = 0; i < config_setting_length(s); i++)
		read_key(r, config_setting_get_elem(s, (unsigned)i), p);
	if (p->n_stages == 0 && !p->has_export && !config_setting_get_member(s, "steps") &&
	    !config_setting_get_member(s, "export"))
		conf_error(r->c, r->diags, at, "%s does nothing: give it steps or an export", what);
}

void conf_read_pipelines(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	for (i = 0; i < config_setting_length(s); i++)
		read_pipeline(r, config_setting_get_elem(s, (unsigned)i));
}

size_t meed_conf_pipelines(const struct meed_conf *c, const struct meed_pipeline **ret)
{
	*ret = c->pipelines;
	return c->n_pipelines;
}

void meed_conf_error(const struct meed_conf *c, struct meed_diags *d, const char *file,
		     uint32_t line, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_error(c, d, (struct conf_place){ file, line }, "%s", text);
}
