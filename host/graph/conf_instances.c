/* conf_instances.c - the group instances */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>

#include "host/graph/conf.h"

static const char *const keys[] = { "model",	"params",     "mode",
				    "endpoint", "aggregate",  "both_orders",
				    "steps",	"timeout_ms", "description", "optional" };

void conf_instance_release(struct conf_instance *x)
{
	json_object_put(x->params);
	json_object_put(x->raw_params);
	json_object_put(x->shown);
	x->params = NULL;
	x->raw_params = NULL;
	x->shown = NULL;
}

static void read_params(struct conf_reader *r, struct conf_instance *x, const config_setting_t *s)
{
	int i, n = config_setting_length(s);

	x->places = conf_alloc(r->c, (size_t)n, sizeof(*x->places));
	for (i = 0; x->places && i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned int)i);
		const char *name = conf_dup(r->c, config_setting_name(e));

		if (!name)
			return;
		x->places[x->n_places++] = (struct conf_param){ name, conf_at(r, e) };
	}
	if (!conf_get_json(r, s, true, &x->params) || !conf_get_json(r, s, false, &x->raw_params))
		x->broken = true;
}

static void read_key(struct conf_reader *r, struct conf_instance *x, const config_setting_t *k)
{
	static const struct {
		const char *key;
		size_t offset;
	} texts[] = {
		{ "model", offsetof(struct conf_instance, model) },
		{ "mode", offsetof(struct conf_instance, mode) },
		{ "endpoint", offsetof(struct conf_instance, endpoint) },
		{ "aggregate", offsetof(struct conf_instance, aggregate) },
		{ "steps", offsetof(struct conf_instance, steps) },
		{ "description", offsetof(struct conf_instance, description) },
	};
	const char *name = config_setting_name(k);
	char what[200];
	uint64_t v = 0;
	bool ok = true;
	size_t i;

	(void)snprintf(what, sizeof(what), "%s of instance \"%.100s\"", name, x->name);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(name, texts[i].key) == 0)
			ok = conf_get_str(r, k, what,
					  (struct conf_str *)(void *)((char *)x + texts[i].offset));
	if (strcmp(name, "params") == 0) {
		ok = conf_is(r, k, what, CONFIG_TYPE_GROUP);
		if (ok)
			read_params(r, x, k);
	} else if (strcmp(name, "both_orders") == 0) {
		x->both_orders_at = conf_at(r, k);
		ok = conf_get_bool(r, k, what, &x->both_orders);
	} else if (strcmp(name, "optional") == 0) {
		ok = conf_get_bool(r, k, what, &x->optional);
	} else if (strcmp(name, "timeout_ms") == 0) {
		ok = conf_get_uint(r, k, what, 0, UINT32_MAX, &v);
		x->timeout_ms = (uint32_t)v;
	}
	if (!ok)
		x->broken = true;
}

static void read_instance(struct conf_reader *r, const config_setting_t *s)
{
	struct meed_conf *c = r->c;
	const char *name = conf_dup(c, config_setting_name(s));
	struct conf_instance *x = conf_alloc(c, 1, sizeof(*x));
	char what[200];
	int i;

	if (!name || !x)
		return;
	if (!CONF_GROW(&c->instances, &c->cap_instances, c->n_instances)) {
		c->nomem = true;
		return;
	}
	c->instances[c->n_instances++] = x;
	x->name = name;
	x->at = conf_at(r, s);
	x->both_orders = true;
	(void)snprintf(what, sizeof(what), "instance \"%.100s\"", name);
	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP)) {
		x->broken = true;
		return;
	}
	if (!conf_keys(r, s, what, keys, sizeof(keys) / sizeof(keys[0])))
		x->broken = true;
	for (i = 0; i < config_setting_length(s); i++)
		read_key(r, x, config_setting_get_elem(s, (unsigned int)i));
	if (!config_setting_get_member(s, "model")) {
		conf_error(c, r->diags, x->at, "%s has no model: write model = \"FAMILY.NAME\"",
			   what);
		x->broken = true;
	}
}

void conf_read_instances(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	for (i = 0; i < config_setting_length(s); i++)
		read_instance(r, config_setting_get_elem(s, (unsigned int)i));
}
