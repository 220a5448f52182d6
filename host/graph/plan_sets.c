/* plan_sets.c - parameters given on the command line: --set path.param=value */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

static const struct conf_place nowhere = { NULL, 0 };

/* The model behind an entry that is no composition. */
static const struct meed_model *model_of(const struct meed_conf *c, uint32_t entry)
{
	return c->entries[entry].rm;
}

/* True if path begins with name and a dot; the longest such wins. */
static bool leads(const char *path, size_t n, const char *name, size_t *best)
{
	size_t len = strlen(name);

	if (len <= *best || len >= n || path[len] != '.' || strncmp(path, name, len) != 0)
		return false;
	*best = len;
	return true;
}

static void report_member(const struct meed_conf *c, const struct conf_composition *k,
			  const char *text, const char *path, size_t n, struct meed_diags *d)
{
	size_t len = 0, i;
	const char **names = calloc(k->n_members + 1, sizeof(*names));
	char first[128], hint[256], words[512];
	const char *near = NULL;

	while (len < n && path[len] != '.')
		len++;
	(void)snprintf(first, sizeof(first), "%.*s", (int)(len > 100 ? 100 : len), path);
	for (i = 0; names && i < k->n_members; i++)
		names[i] = k->members[i].label;
	if (names)
		near = meed_nearest(first, names, k->n_members);
	if (len == n)
		conf_error(c, d, nowhere,
			   "--set %s: \"%s\" is a composition and has no parameters of "
			   "its own: write MEMBER.PARAM=VALUE with a member of %s",
			   text, k->name,
			   names ? conf_words(names, k->n_members, words, sizeof(words)) : "it");
	else
		conf_error(c, d, nowhere, "--set %s: composition \"%s\" has no member \"%s\"%s",
			   text, k->name, first, conf_hint(near, hint, sizeof(hint)));
	free(names);
}

/* Follows the members that path names; leaves the parameter's name. */
static bool find_entry(const struct meed_conf *c, uint32_t root, const char *text, size_t n_path,
		       struct meed_diags *d, uint32_t *ret_entry, const char **ret_param)
{
	const struct conf_composition *k;
	const char *path = text;
	uint32_t entry = root;
	size_t i;

	while ((k = conf_composition_of(c, entry)) != NULL) {
		size_t n = n_path - (size_t)(path - text);
		size_t best = 0;

		for (i = 0; i < k->n_members; i++)
			if (leads(path, n, k->members[i].label, &best))
				entry = k->members[i].ref;
		if (k->by.p && leads(path, n, k->by.p, &best))
			entry = k->chooser_ref;
		if (best == 0) {
			report_member(c, k, text, path, n, d);
			return false;
		}
		path += best + 1;
	}
	*ret_entry = entry;
	*ret_param = path;
	return true;
}

/* True if the schema has only strings there: then 4 is text, and needs no quotes. */
static bool wants_text(const struct meed_model *m, const char *param)
{
	struct json_object *o = NULL;

	return m && m->schema && json_object_object_get_ex(m->schema, "properties", &o) &&
	       json_object_object_get_ex(o, param, &o) &&
	       json_object_object_get_ex(o, "type", &o) &&
	       json_object_is_type(o, json_type_string) &&
	       strcmp(json_object_get_string(o), "string") == 0;
}

/* JSON, or else the bare text as a string. */
static bool parse_value(const struct meed_model *m, const char *param, const char *text,
			struct json_object **ret)
{
	int32_t r = meed_json_read(NULL, text, strlen(text), NULL, ret);
	bool json = r == MEED_OK;

	if (r == MEED_E_NOMEM)
		return false;
	if (json && *ret && wants_text(m, param) && !json_object_is_type(*ret, json_type_string)) {
		json_object_put(*ret);
		json = false;
	}
	if (!json)
		*ret = json_object_new_string(text);
	return json || *ret;
}

static bool parse_one(const struct meed_conf *c, uint32_t root, const char *text,
		      struct meed_diags *d, struct plan_set *ret)
{
	const char *eq = strchr(text, '=');
	const char *param = NULL;
	bool ok = false;

	if (!eq || eq == text) {
		conf_error(c, d, nowhere, "--set %s: must be PARAM=VALUE", text);
		goto out;
	}
	if (meed_utf8_check(text, strlen(text)) != strlen(text)) {
		conf_error(c, d, nowhere, "--set %s: is not UTF-8", text);
		goto out;
	}
	if (!find_entry(c, root, text, (size_t)(eq - text), d, &ret->entry, &param))
		goto out;
	if (param == eq) {
		conf_error(c, d, nowhere, "--set %s: names no parameter", text);
		goto out;
	}
	ret->text = text;
	ret->param = strndup(param, (size_t)(eq - param));
	if (!ret->param || !parse_value(model_of(c, ret->entry), ret->param, eq + 1, &ret->value)) {
		conf_error(c, d, nowhere, "out of memory");
		goto out;
	}
	ok = true;
out:
	return ok;
}

bool plan_sets_parse(const struct meed_conf *c, uint32_t root, const char *const *sets, size_t n,
		     struct meed_diags *d, struct plan_sets *ret)
{
	bool ok = true;
	size_t i;

	ret->v = calloc(n ? n : 1, sizeof(*ret->v));
	if (!ret->v) {
		conf_error(c, d, nowhere, "out of memory");
		return false;
	}
	ret->n = n;
	for (i = 0; i < n; i++) {
		ret->v[i].entry = CONF_NO_NAME;
		ok = parse_one(c, root, sets[i], d, &ret->v[i]) && ok;
	}
	return ok;
}

void plan_sets_release(struct plan_sets *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].param);
		json_object_put(s->v[i].value);
	}
	free(s->v);
	*s = (struct plan_sets){ 0 };
}

/* A nested parameter is called "a.b" or "a[0]"; it stands where "a" does. */
static bool is_param(const char *param, const char *name)
{
	size_t n = strlen(name);

	return strncmp(param, name, n) == 0 &&
	       (param[n] == '\0' || param[n] == '.' || param[n] == '[' || param[n] == '/');
}

const char *plan_where(void *ctx, const char *param, char *buf, size_t n)
{
	const struct plan_where *w = ctx;
	struct conf_place at = w->i ? w->i->at : nowhere;
	size_t i;

	for (i = w->sets ? w->sets->n : 0; i > 0; i--) {
		const struct plan_set *s = &w->sets->v[i - 1];

		if (s->entry == w->entry && s->param && param && is_param(param, s->param)) {
			(void)snprintf(buf, n, "--set %s", s->text);
			return buf;
		}
	}
	for (i = 0; w->i && param && i < w->i->n_places; i++)
		if (is_param(param, w->i->places[i].name))
			at = w->i->places[i].at;
	if (at.file)
		(void)snprintf(buf, n, "%s:%u: instance \"%s\"", at.file, at.line, w->name);
	else
		(void)snprintf(buf, n, "model \"%s\"", w->name);
	return buf;
}

struct json_object *plan_params(const struct meed_conf *c, uint32_t entry,
				const struct plan_sets *sets, struct meed_diags *d)
{
	const struct conf_instance *x = conf_instance_of(c, entry);
	struct plan_where where = { x, c->entries[entry].name, sets, entry };
	struct json_object *params = NULL, *ret = NULL;
	struct meed_diags own = { 0 };
	bool ok = true;
	size_t i;

	if (x && x->params)
		ok = json_object_deep_copy(x->params, &params, NULL) == 0;
	else
		ok = (params = json_object_new_object()) != NULL;
	for (i = 0; ok && sets && i < sets->n; i++) {
		const struct plan_set *s = &sets->v[i];

		if (s->entry != entry)
			continue;
		if (!s->value)
			json_object_object_del(params, s->param);
		else
			ok = json_object_object_add(params, s->param, json_object_get(s->value)) ==
			     0;
	}
	if (ok)
		ret = meed_params_resolve(model_of(c, entry), params, plan_where, &where, &own);
	else
		conf_error(c, d, nowhere, "out of memory");
	/* What stands in the configuration was checked with it. */
	if (ret && sets && sets->n &&
	    !conf_check_named(c, model_of(c, entry), ret, plan_where, &where, &own)) {
		json_object_put(ret);
		ret = NULL;
	}
	conf_diags_move(c, &own, d);
	json_object_put(params);
	return ret;
}
