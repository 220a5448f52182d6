/* conf_asked.c - who answers what an instance asks: endpoints that it names, and the one that it
 * gets */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

const struct meed_endpoint *conf_endpoint(const struct meed_conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_endpoints; i++)
		if (c->endpoints[i].name && strcmp(c->endpoints[i].name, name) == 0)
			return &c->endpoints[i];
	return NULL;
}

static bool posts(const struct meed_model *m)
{
	return (m->rm.needs & (MEED_NEEDS_LLM | MEED_NEEDS_EMBED | MEED_NEEDS_HTTP)) != 0;
}

/* The endpoint that cannot answer such a model, e or a member of e; NULL: all can. Any endpoint
 * takes what is plain HTTP; one of kind http has neither chat nor embeddings. */
static const struct meed_endpoint *unfit(const struct meed_conf *c, const struct meed_endpoint *e,
					 const struct meed_model *m)
{
	const struct meed_endpoint *x;

	if (!(m->rm.needs & (MEED_NEEDS_LLM | MEED_NEEDS_EMBED)))
		return NULL;
	if (e->kind && strcmp(e->kind, "http") == 0)
		return e;
	for (size_t i = 0; i < e->n_members; i++) {
		x = conf_endpoint(c, e->members[i].use);
		if (x && x->kind && strcmp(x->kind, "http") == 0)
			return x;
	}
	return NULL;
}

const char *conf_implied_endpoint(const struct meed_conf *c)
{
	if (c->n_endpoints == 1 && c->endpoints[0].name)
		return c->endpoints[0].name;
	return conf_endpoint(c, "default") ? "default" : "";
}

/* ---- what an instance names ----------------------------------------------------------------- */

/* Who names an endpoint, as messages say it: "conf:3", "endpoint", "of instance "x"" around it. */
struct naming {
	const struct meed_conf *c;
	struct meed_diags *d;
	const struct meed_model *m;
	meed_where_fn where; /* of a parameter */
	void *ctx;
	size_t n; /* endpoints named */
	bool ok;
};

const char *conf_near_endpoint(const struct meed_conf *c, const char *name,
			       bool (*fits)(const struct meed_endpoint *e), char *hint, size_t n)
{
	const char **names = calloc(c->n_endpoints + 1, sizeof(*names));
	const char *near;
	size_t n_names = 0;

	for (size_t i = 0; names && i < c->n_endpoints; i++)
		if (c->endpoints[i].name && (!fits || fits(&c->endpoints[i])))
			names[n_names++] = c->endpoints[i].name;
	near = names ? meed_nearest(name, names, n_names) : NULL;
	free(names);
	return conf_hint(near, hint, n);
}

void conf_check_endpoint(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x)
{
	const struct meed_endpoint *e, *bad;
	char hint[256], text[64];

	if (!x->endpoint.p)
		return;
	if (!posts(x->rm)) {
		x->broken = true;
		conf_error(c, d, x->endpoint.at,
			   "endpoint of instance \"%s\" does not apply: model "
			   "%s asks none (it needs: %s)",
			   x->name, x->rm->rm.id,
			   meed_needs_text(x->rm->rm.needs, text, sizeof(text)));
		return;
	}
	e = conf_endpoint(c, x->endpoint.p);
	if (!e) {
		x->broken = true;
		if (!c->partial)
			conf_error(c, d, x->endpoint.at,
				   "unknown endpoint \"%s\" of instance \"%s\"%s", x->endpoint.raw,
				   x->name,
				   conf_near_endpoint(c, x->endpoint.raw, NULL, hint,
						      sizeof(hint)));
		return;
	}
	bad = unfit(c, e, x->rm);
	if (!bad)
		return;
	x->broken = true;
	conf_error(
		c, d, x->endpoint.at,
		"endpoint \"%s\" of instance \"%s\"%s%s%s is of kind http: model %s needs one of "
		"kind openai",
		x->endpoint.raw, x->name, bad == e ? "" : ": its member \"",
		bad == e ? "" : bad->name, bad == e ? "" : "\"", x->rm->rm.id);
}

static void check_name(struct naming *g, const char *param, struct json_object *v)
{
	const char *name = json_object_get_string(v);
	const struct meed_endpoint *e, *bad;
	char at[512], hint[256];

	g->n++;
	e = conf_endpoint(g->c, name);
	bad = e ? unfit(g->c, e, g->m) : NULL;
	if ((e && !bad) || g->c->n_endpoints == 0 || g->c->partial)
		return;
	g->ok = false;
	if (e)
		meed_diags_add(
			g->d, false,
			"%s: parameter \"%s\" = \"%s\": that endpoint is of kind http: must be "
			"of kind openai",
			g->where(g->ctx, param, at, sizeof(at)), param, name);
	else
		meed_diags_add(g->d, false, "%s: parameter \"%s\" = \"%s\": no such endpoint%s",
			       g->where(g->ctx, param, at, sizeof(at)), param, name,
			       conf_near_endpoint(g->c, name, NULL, hint, sizeof(hint)));
}

static bool is_endpoint(struct json_object *schema)
{
	struct json_object *f = NULL;

	return json_object_object_get_ex(schema, "format", &f) &&
	       json_object_is_type(f, json_type_string) &&
	       strcmp(json_object_get_string(f), "endpoint") == 0;
}

static void check_param(struct naming *g, const char *name, struct json_object *schema,
			struct json_object *v)
{
	struct json_object *items = NULL;
	char path[300];

	if (json_object_is_type(v, json_type_string) && is_endpoint(schema) &&
	    json_object_get_string_len(v) > 0)
		check_name(g, name, v);
	if (!json_object_is_type(v, json_type_array) ||
	    !json_object_object_get_ex(schema, "items", &items) || !is_endpoint(items))
		return;
	for (size_t i = 0; i < json_object_array_length(v); i++) {
		struct json_object *e = json_object_array_get_idx(v, i);

		(void)snprintf(path, sizeof(path), "%.200s[%zu]", name, i);
		if (json_object_is_type(e, json_type_string))
			check_name(g, path, e);
	}
}

static void each_param(struct naming *g, struct json_object *params)
{
	struct json_object *props = NULL, *v = NULL;

	if (!json_object_object_get_ex(g->m->schema, "properties", &props) || !params)
		return;
	json_object_object_foreach(props, name,
				   schema) if (json_object_object_get_ex(params, name, &v))
		check_param(g, name, schema, v);
}

bool conf_check_named(const struct meed_conf *c, const struct meed_model *m,
		      struct json_object *params, meed_where_fn where, void *ctx,
		      struct meed_diags *d)
{
	struct naming g = { .c = c, .d = d, .m = m, .where = where, .ctx = ctx, .ok = true };

	each_param(&g, params);
	return g.ok;
}

static const char *quiet(void *ctx, const char *param, char *buf, size_t n)
{
	(void)ctx;
	(void)param;
	(void)n;
	buf[0] = '\0';
	return buf;
}

static bool names_any(const struct meed_conf *c, const struct conf_instance *x)
{
	struct meed_diags none = { 0 };
	struct naming g = { .c = c, .d = &none, .m = x->rm, .where = quiet };

	each_param(&g, x->params);
	meed_diags_release(&none);
	return g.n > 0;
}

const char *conf_asked(const struct meed_conf *c, const struct conf_instance *x)
{
	if (!x->rm || !posts(x->rm))
		return NULL;
	if (x->endpoint.p)
		return x->endpoint.raw;
	return names_any(c, x) ? NULL : conf_implied_endpoint(c);
}

/* ---- what it gets --------------------------------------------------------------------------- */

enum gap {
	GAP_NONE,
	GAP_ENDPOINT,
	GAP_DEFAULT,
	GAP_KIND
};

static enum gap gap_of(const struct meed_conf *c, const struct conf_instance *x,
		       const struct meed_model *m)
{
	const char *name = conf_implied_endpoint(c);
	const struct meed_endpoint *e;

	if (!posts(m) || (x && x->endpoint.p))
		return GAP_NONE;
	if (c->n_endpoints == 0)
		return GAP_ENDPOINT;
	if (x && names_any(c, x))
		return GAP_NONE;
	e = conf_endpoint(c, name);
	if (!e)
		return GAP_DEFAULT;
	return unfit(c, e, m) ? GAP_KIND : GAP_NONE;
}

static void warn(const struct meed_conf *c, struct meed_diags *d, struct conf_place at,
		 enum gap gap, const char *name, const char *more)
{
	const char *to = conf_implied_endpoint(c);

	if (gap == GAP_ENDPOINT)
		conf_warn(c, d, at,
			  "\"%s\"%s may ask an endpoint, but none is configured: requests will "
			  "fail; add one to endpoints",
			  name, more);
	if (gap == GAP_DEFAULT)
		conf_warn(c, d, at,
			  "\"%s\"%s may ask an endpoint, but there are %zu, and none is called "
			  "default: requests will fail; write endpoint = \"NAME\"",
			  name, more, c->n_endpoints);
	if (gap == GAP_KIND)
		conf_warn(
			c, d, at,
			"\"%s\"%s may ask for chat or embeddings, but endpoint \"%s\" is or holds "
			"one of kind http: requests will fail; add one of kind openai",
			name, more, to);
}

void conf_warn_endpoint(const struct meed_conf *c, const struct conf_instance *x,
			const struct meed_model *m, struct conf_place at, struct meed_diags *d)
{
	warn(c, d, at, gap_of(c, x, m), x ? x->name : m->rm.id, "");
}

/* One line of each kind, however many there are: a configuration that is installed brings judges
 * along. */
void conf_warn_endpoints(const struct meed_conf *c, struct meed_diags *d)
{
	for (int gap = GAP_ENDPOINT; gap <= GAP_KIND; gap++) {
		const struct conf_instance *first = NULL;
		char more[60] = "";
		size_t n = 0;

		for (size_t i = 0; i < c->n_instances; i++) {
			const struct conf_instance *x = c->instances[i];

			if (x->broken || !x->rm || gap_of(c, x, x->rm) != (enum gap)gap)
				continue;
			first = first ? first : x;
			n++;
		}
		if (n > 1)
			(void)snprintf(more, sizeof(more), " and %zu more", n - 1);
		if (first)
			warn(c, d, first->at, (enum gap)gap, first->name, more);
	}
}
