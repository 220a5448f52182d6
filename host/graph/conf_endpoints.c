/* conf_endpoints.c - the groups endpoints and llm */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* Whom a key is for. */
enum { SCRIPT = 1, OPENAI = 2, HTTP = 4, GROUP = 8, NET = OPENAI | HTTP };

enum type { T_STR, T_PATH, T_U32, T_U64, T_NUM, T_BOOL, T_OTHER };

struct key {
	const char *name;
	unsigned kinds;
	enum type type;
	size_t at;			/* of the field */
	uint64_t min, max;
	size_t has;			/* of a flag that it was set; 0: none */
};

#define AT(f) offsetof(struct meed_endpoint, f)
#define HOUR_MS 3600000u

static const struct key keys[] = {
	{ "kind", SCRIPT | NET | GROUP, T_OTHER, 0, 0, 0, 0 },
	{ "description", SCRIPT | NET | GROUP, T_OTHER, 0, 0, 0, 0 },
	{ "file", SCRIPT, T_PATH, AT(file), 0, 0, 0 },
	{ "url", NET, T_STR, AT(url), 0, 0, 0 },
	{ "model", OPENAI, T_STR, AT(model), 0, 0, 0 },
	{ "key", NET, T_STR, AT(key), 0, 0, 0 },
	{ "headers", NET, T_OTHER, 0, 0, 0, 0 },
	{ "proxy", NET, T_STR, AT(proxy), 0, 0, 0 },
	{ "no_proxy", NET, T_STR, AT(no_proxy), 0, 0, 0 },
	{ "ca_file", NET, T_PATH, AT(ca_file), 0, 0, 0 },
	{ "client_cert", NET, T_PATH, AT(client_cert), 0, 0, 0 },
	{ "client_key", NET, T_PATH, AT(client_key), 0, 0, 0 },
	{ "insecure", NET, T_BOOL, AT(insecure), 0, 0, 0 },
	{ "http", NET, T_STR, AT(http), 0, 0, 0 },
	{ "timeout_ms", NET, T_U32, AT(timeout_ms), 1, 24 * HOUR_MS, 0 },
	{ "connect_timeout_ms", NET, T_U32, AT(connect_timeout_ms), 1, HOUR_MS, 0 },
	{ "max_answer", NET, T_U64, AT(max_answer), 1024, (uint64_t)1 << 31, 0 },
	{ "concurrency", NET, T_U32, AT(concurrency), 1, 100000, 0 },
	{ "rpm", NET, T_U32, AT(rpm), 1, 10000000, 0 },
	{ "tpm", NET, T_U64, AT(tpm), 1, (uint64_t)1 << 50, 0 },
	{ "retries", NET, T_U32, AT(retries), 0, 100, AT(has_retries) },
	{ "backoff_ms", NET, T_U32, AT(backoff_ms), 1, HOUR_MS, 0 },
	{ "backoff_max_ms", NET, T_U32, AT(backoff_max_ms), 1, HOUR_MS, 0 },
	{ "hedge_ms", NET, T_OTHER, 0, 0, 0, 0 },
	{ "breaker_failures", NET, T_U32, AT(breaker_failures), 1, 1000000, 0 },
	{ "breaker_ms", NET, T_U32, AT(breaker_ms), 1, HOUR_MS, 0 },
	{ "temperature", OPENAI, T_NUM, AT(temperature), 0, 10, AT(has_temperature) },
	{ "top_p", OPENAI, T_NUM, AT(top_p), 0, 1, AT(has_top_p) },
	{ "seed", OPENAI, T_U64, AT(seed), 0, INT64_MAX, AT(has_seed) },
	{ "max_tokens", OPENAI, T_U32, AT(max_tokens), 1, INT32_MAX, 0 },
	{ "max_tokens_name", OPENAI, T_STR, AT(max_tokens_name), 0, 0, 0 },
	{ "extra", OPENAI, T_OTHER, 0, 0, 0, 0 },
	{ "structured", OPENAI, T_OTHER, 0, 0, 0, 0 },
	{ "stream", OPENAI, T_BOOL, AT(stream), 0, 0, 0 },
	{ "price_in", OPENAI, T_NUM, AT(price_in), 0, 1000000, 0 },
	{ "price_out", OPENAI, T_NUM, AT(price_out), 0, 1000000, 0 },
	{ "members", GROUP, T_OTHER, 0, 0, 0, 0 },
};

static const struct {
	const char *name;
	unsigned bit;
} kinds[] = { { "script", SCRIPT }, { "openai", OPENAI }, { "http", HTTP }, { "group", GROUP } };

struct reading {
	struct conf_reader *r;
	struct meed_endpoint *e;
	const char *what;		/* endpoint "x" */
	bool bad_members;		/* there are some, and what is wrong was said */
};

static char *owned(struct meed_conf *c, const char *s)
{
	char *p = s ? strdup(s) : NULL;

	if (s && !p)
		c->nomem = true;
	return p;
}

static void set(struct reading *g, char **to, const char *s)
{
	free(*to);
	*to = owned(g->r->c, s);
}

/* ---- single values ------------------------------------------------------------------------------ */

static void read_number(struct reading *g, const config_setting_t *k, const struct key *key,
			const char *what)
{
	char *to = (char *)g->e + key->at, num[CONF_NUM];
	uint64_t u;
	double x;

	if (key->type == T_NUM) {
		if (!conf_get_num(g->r, k, what, &x))
			return;
		if (x < (double)key->min || x > (double)key->max) {
			conf_error(g->r->c, g->r->diags, conf_at(g->r, k),
				   "%s = %s: must be from %llu to %llu", what, conf_num(x, num),
				   (unsigned long long)key->min, (unsigned long long)key->max);
			return;
		}
		memcpy(to, &x, sizeof(x));
		return;
	}
	if (!conf_get_uint(g->r, k, what, key->min, key->max, &u))
		return;
	if (key->type == T_U64)
		memcpy(to, &u, sizeof(u));
	else
		memcpy(to, &(uint32_t){ (uint32_t)u }, sizeof(uint32_t));
}

static void read_plain(struct reading *g, const config_setting_t *k, const struct key *key)
{
	struct conf_str s = { 0 };
	char what[300];
	char **text = (char **)(void *)((char *)g->e + key->at);

	(void)snprintf(what, sizeof(what), "%s of %.200s", key->name, g->what);
	if (key->has)
		*((bool *)g->e + key->has) = true;
	switch (key->type) {
	case T_STR:
		if (conf_get_str(g->r, k, what, &s))
			set(g, text, s.p);
		break;
	case T_PATH:
		if (conf_get_str(g->r, k, what, &s))
			set(g, text, conf_path_from(g->r->c, s.at.file, s.p));
		break;
	case T_BOOL:
		(void)conf_get_bool(g->r, k, what, (bool *)g->e + key->at);
		break;
	case T_OTHER:
		break;
	default:
		read_number(g, k, key, what);
		break;
	}
}

/* ---- what has a form of its own --------------------------------------------------------------------- */

static void read_headers(struct reading *g, const config_setting_t *s)
{
	int n = config_setting_length(s);
	size_t at = 0;

	if (!conf_is(g->r, s, "headers", CONFIG_TYPE_GROUP))
		return;
	g->e->headers = calloc((size_t)n + 1, sizeof(char *));
	for (int i = 0; g->e->headers && i < n; i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);
		struct conf_str v = { 0 };
		struct meed_buf b = { 0 };
		char what[200];

		(void)snprintf(what, sizeof(what), "header %.150s", config_setting_name(k));
		if (!conf_get_str(g->r, k, what, &v))
			continue;
		if (strpbrk(v.p, "\r\n")) {
			conf_error(g->r->c, g->r->diags, v.at, "%s holds a line break", what);
			continue;
		}
		meed_buf_printf(&b, "%s: %s", config_setting_name(k), v.p);
		meed_buf_putc(&b, '\0');
		if (b.failed)
			g->r->c->nomem = true;
		else
			g->e->headers[at++] = b.p;
	}
	if (!g->e->headers)
		g->r->c->nomem = true;
}

/* Of a member that is in a body twice a server takes one, and nobody knows which. */
static void check_extra(struct reading *g, const config_setting_t *s)
{
	static const struct {
		const char *name, *instead;
	} written[] = {
		{ "model", "the endpoint's key model" },
		{ "messages", "what the model asks" },
		{ "input", "what the model asks" },
		{ "encoding_format", "what the model asks" },
		{ "temperature", "the instance's parameter or the endpoint's key temperature" },
		{ "top_p", "the endpoint's key top_p" },
		{ "seed", "the endpoint's key seed" },
		{ "max_tokens", "the endpoint's key max_tokens" },
		{ "max_completion_tokens", "the endpoint's key max_tokens_name" },
		{ "n", "what the model asks" },
		{ "logprobs", "the instance's parameter logprobs" },
		{ "top_logprobs", "the instance's parameter logprobs" },
		{ "response_format", "the endpoint's key structured" },
		{ "stream", "the endpoint's key stream" },
		{ "stream_options", "the endpoint's key stream" },
	};

	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);

		for (size_t j = 0; j < COUNT(written); j++)
			if (strcmp(config_setting_name(k), written[j].name) == 0)
				conf_error(g->r->c, g->r->diags, conf_at(g->r, k),
					   "extra of %s holds \"%s\", which comes from %s", g->what,
					   written[j].name, written[j].instead);
	}
}

static void read_extra(struct reading *g, const config_setting_t *s)
{
	struct json_object *o = NULL;
	struct meed_buf b = { 0 };

	if (!conf_is(g->r, s, "extra", CONFIG_TYPE_GROUP))
		return;
	check_extra(g, s);
	if (!conf_get_json(g->r, s, true, &o))
		return;
	meed_json_write(&b, o);
	meed_buf_putc(&b, '\0');
	json_object_put(o);
	if (b.failed)
		g->r->c->nomem = true;
	else
		g->e->extra = b.p;
}

static void read_word(struct reading *g, const config_setting_t *k, const char *name,
		      const char *const *words, size_t n, size_t *ret)
{
	struct conf_str s = { 0 };
	char what[300], hint[256], list[256];
	const char *near;

	(void)snprintf(what, sizeof(what), "%s of %.200s", name, g->what);
	if (!conf_get_str(g->r, k, what, &s))
		return;
	for (size_t i = 0; i < n; i++)
		if (strcmp(s.p, words[i]) == 0) {
			*ret = i;
			return;
		}
	near = meed_nearest(s.raw, words, n);
	if (near)
		conf_error(g->r->c, g->r->diags, s.at, "unknown %s \"%s\" of %s%s", name, s.raw,
			   g->what, conf_hint(near, hint, sizeof(hint)));
	else
		conf_error(g->r->c, g->r->diags, s.at, "unknown %s \"%s\" of %s: may be %s", name,
			   s.raw, g->what, conf_words(words, n, list, sizeof(list)));
}

static void read_structured(struct reading *g, const config_setting_t *k)
{
	static const char *const words[] = { "json_schema", "json_object", "none" };
	size_t at = 0;

	read_word(g, k, "structured", words, COUNT(words), &at);
	g->e->structured = (enum meed_structured)at;
}

/* A time in ms, or "p95". */
static void read_hedge(struct reading *g, const config_setting_t *k)
{
	static const char *const words[] = { "p95" };
	uint64_t u;
	size_t at = 1;

	if (config_setting_type(k) == CONFIG_TYPE_STRING) {
		read_word(g, k, "hedge_ms", words, COUNT(words), &at);
		g->e->hedge_ms = at == 0 ? UINT32_MAX : 0;
	} else if (conf_get_uint(g->r, k, "hedge_ms", 0, HOUR_MS, &u)) {
		g->e->hedge_ms = (uint32_t)u;
	}
}

static void read_member(struct reading *g, const config_setting_t *s)
{
	static const char *const member_keys[] = { "use", "weight", "priority" };
	struct meed_endpoint_member *m = &g->e->members[g->e->n_members];
	const config_setting_t *k;
	struct conf_str use = { 0 };
	uint64_t u;
	char what[300];

	(void)snprintf(what, sizeof(what), "a member of %.200s", g->what);
	if (!conf_is(g->r, s, what, CONFIG_TYPE_GROUP))
		return;
	(void)conf_keys(g->r, s, what, member_keys, COUNT(member_keys));
	k = config_setting_get_member(s, "use");
	if (!k) {
		conf_error(g->r->c, g->r->diags, conf_at(g->r, s), "%s has no use: name an endpoint",
			   what);
		return;
	}
	if (!conf_get_str(g->r, k, "use", &use))
		return;
	for (size_t i = 0; i < g->e->n_members; i++)
		if (strcmp(g->e->members[i].use, use.p) == 0) {
			conf_error(g->r->c, g->r->diags, use.at,
				   "member \"%s\" of %s stands twice: keep it once, with a weight",
				   use.raw, g->what);
			return;
		}
	m->use = owned(g->r->c, use.p);
	m->weight = 1;
	(void)snprintf(what, sizeof(what), "weight of member \"%.100s\"", use.raw);
	k = config_setting_get_member(s, "weight");
	if (k && conf_get_uint(g->r, k, what, 1, 1000000, &u))
		m->weight = (uint32_t)u;
	(void)snprintf(what, sizeof(what), "priority of member \"%.100s\"", use.raw);
	k = config_setting_get_member(s, "priority");
	if (k && conf_get_uint(g->r, k, what, 0, 1000000, &u))
		m->priority = (uint32_t)u;
	if (m->use)
		g->e->n_members++;
}

static void read_members(struct reading *g, const config_setting_t *s)
{
	int n = config_setting_length(s);
	char what[300];

	(void)snprintf(what, sizeof(what), "members of %.200s", g->what);
	g->bad_members = true; /* which is said here */
	if (!conf_is(g->r, s, what, CONFIG_TYPE_LIST))
		return;
	if (n < 1 || n > 64) {
		conf_error(g->r->c, g->r->diags, conf_at(g->r, s), "%s has %d members: must be 1 to 64",
			   g->what, n);
		return;
	}
	g->e->members = calloc((size_t)n, sizeof(*g->e->members));
	if (!g->e->members)
		g->r->c->nomem = true;
	for (int i = 0; g->e->members && i < n; i++)
		read_member(g, config_setting_get_elem(s, (unsigned int)i));
}

static void read_other(struct reading *g, const config_setting_t *k, const char *name)
{
	struct conf_str about = { 0 };

	if (strcmp(name, "headers") == 0)
		read_headers(g, k);
	else if (strcmp(name, "extra") == 0)
		read_extra(g, k);
	else if (strcmp(name, "structured") == 0)
		read_structured(g, k);
	else if (strcmp(name, "hedge_ms") == 0)
		read_hedge(g, k);
	else if (strcmp(name, "members") == 0)
		read_members(g, k);
	else if (strcmp(name, "description") == 0)
		(void)conf_get_str(g->r, k, "description", &about);
}

/* ---- one endpoint ----------------------------------------------------------------------------------- */

static void check_whole(struct reading *g, unsigned kind, struct conf_place at)
{
	static const char *const versions[] = { "auto", "1.1", "2", "2-prior-knowledge" };
	char list[100];
	size_t i;

	if (kind & NET)
		conf_check_reach(g->r, g->e, g->what, kind == OPENAI, at);
	if (kind == SCRIPT && !g->e->file)
		conf_error(g->r->c, g->r->diags, at,
			   "%s has no file: a script needs the file of its replies", g->what);
	if (g->e->backoff_ms && g->e->backoff_max_ms && g->e->backoff_max_ms < g->e->backoff_ms)
		conf_error(g->r->c, g->r->diags, at,
			   "backoff_max_ms = %u of %s is below its backoff_ms = %u",
			   g->e->backoff_max_ms, g->what, g->e->backoff_ms);
	if (kind == GROUP && !g->e->members && !g->bad_members)
		conf_error(g->r->c, g->r->diags, at,
			   "%s has no members: write members = ( { use = \"NAME\"; } )", g->what);
	for (i = 0; g->e->http && i < COUNT(versions) && strcmp(g->e->http, versions[i]) != 0; i++)
		;
	if (i == COUNT(versions))
		conf_error(g->r->c, g->r->diags, at, "unknown http \"%s\" of %s: may be %s", g->e->http,
			   g->what, conf_words(versions, COUNT(versions), list, sizeof(list)));
}

static unsigned read_kind(struct reading *g, const config_setting_t *s)
{
	static const char *const words[] = { "script", "openai", "http", "group" };
	const config_setting_t *k = config_setting_get_member(s, "kind");
	size_t at = COUNT(words);

	if (!k)
		conf_error(g->r->c, g->r->diags, conf_at(g->r, s),
			   "%s has no kind: may be script, openai, http, group", g->what);
	else
		read_word(g, k, "kind", words, COUNT(words), &at);
	set(g, &g->e->kind, at < COUNT(words) ? words[at] : "script");
	return at < COUNT(words) ? kinds[at].bit : 0;
}

static void read_keys(struct reading *g, const config_setting_t *s, unsigned kind)
{
	const char *names[COUNT(keys)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].kinds & kind)
			names[n++] = keys[i].name;
	(void)conf_keys(g->r, s, g->what, names, n);
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);

		for (size_t j = 0; j < COUNT(keys); j++) {
			if (!(keys[j].kinds & kind) ||
			    strcmp(keys[j].name, config_setting_name(k)) != 0)
				continue;
			if (keys[j].type == T_OTHER)
				read_other(g, k, keys[j].name);
			else
				read_plain(g, k, &keys[j]);
		}
	}
}

static void read_endpoint(struct conf_reader *r, const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	struct meed_conf *c = r->c;
	struct conf_place at = conf_at(r, s);
	struct reading g = { .r = r };
	char what[200], key[200], where[512];
	unsigned kind;

	(void)snprintf(what, sizeof(what), "endpoint \"%.100s\"", name);
	(void)snprintf(key, sizeof(key), "endpoint.%.150s", name);
	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP) ||
	    !conf_once(c, r->diags, "endpoint", key, at))
		return;
	if (!CONF_GROW(&c->endpoints, &c->cap_endpoints, c->n_endpoints)) {
		c->nomem = true;
		return;
	}
	/* A wrong endpoint still has its name, so that nothing else complains. */
	g.e = &c->endpoints[c->n_endpoints++];
	*g.e = (struct meed_endpoint){ 0 };
	g.what = what;
	(void)snprintf(where, sizeof(where), "%.480s:%u", at.file, at.line);
	set(&g, &g.e->name, name);
	set(&g, &g.e->where, where);
	kind = read_kind(&g, s);
	if (!kind)
		return;
	read_keys(&g, s, kind);
	check_whole(&g, kind, at);
}

void conf_read_endpoints(struct conf_reader *r, const config_setting_t *s)
{
	for (int i = 0; i < config_setting_length(s); i++)
		read_endpoint(r, config_setting_get_elem(s, (unsigned int)i));
}

void conf_endpoint_release(struct meed_endpoint *e)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].type == T_STR || keys[i].type == T_PATH)
			free(*(char **)(void *)((char *)e + keys[i].at));
	for (char **h = e->headers; h && *h; h++)
		free(*h);
	for (size_t i = 0; i < e->n_members; i++)
		free(e->members[i].use);
	free(e->headers);
	free(e->members);
	free(e->extra);
	free(e->name);
	free(e->kind);
	free(e->where);
}

/* ---- groups and their members ---------------------------------------------------------------------- */

static bool can_be_member(const struct meed_endpoint *e)
{
	return e->kind && (strcmp(e->kind, "openai") == 0 || strcmp(e->kind, "http") == 0);
}

static void check_use(struct meed_conf *c, struct meed_diags *d, const struct meed_endpoint *g,
		      const char *use)
{
	const struct meed_endpoint *found = conf_endpoint(c, use);
	char hint[256];

	if (!found)
		meed_diags_add(d, false, "%s: group \"%s\" uses unknown endpoint \"%s\"%s", g->where,
			       g->name, use,
			       conf_near_endpoint(c, use, can_be_member, hint, sizeof(hint)));
	else if (!can_be_member(found))
		meed_diags_add(d, false,
			       "%s: group \"%s\" uses \"%s\", which is of kind %s: must be openai or "
			       "http",
			       g->where, g->name, use, found->kind);
}

/* The files of replies, which a run would read. */
void conf_check_scripts(const struct meed_conf *c, struct meed_diags *d)
{
	for (size_t i = 0; i < c->n_endpoints; i++) {
		const struct meed_endpoint *e = &c->endpoints[i];
		struct meed_diags own = { 0 };
		struct meed_err err = { 0 };

		if (!e->file || !e->kind || strcmp(e->kind, "script") != 0)
			continue;
		if (meed_llm_check_script(e->file, &err) < 0)
			meed_diags_add(&own, false, "%s: endpoint \"%s\": %s", e->where, e->name,
				       err.text);
		conf_diags_move(c, &own, d);
	}
}

void conf_check_endpoints(struct meed_conf *c, struct meed_diags *d)
{
	bool priced = false;

	for (size_t i = 0; i < c->n_endpoints; i++)
		priced |= c->endpoints[i].price_in > 0.0 || c->endpoints[i].price_out > 0.0;
	if (c->llm.budget_money > 0.0 && c->n_endpoints && !priced)
		conf_warn(c, d, c->budget_at,
			  "llm.budget_money stops nothing: no endpoint has prices (price_in, "
			  "price_out)");
	for (size_t i = 0; i < c->n_endpoints; i++)
		for (size_t j = 0; j < c->endpoints[i].n_members; j++)
			check_use(c, d, &c->endpoints[i], c->endpoints[i].members[j].use);
}

/* ---- llm ---------------------------------------------------------------------------------------------- */

void conf_read_llm(struct conf_reader *r, const config_setting_t *s)
{
	static const char *const llm_keys[] = { "cache", "cache_ttl_s", "budget_tokens",
						"budget_money" };
	struct meed_llm_conf *l = &r->c->llm;

	(void)conf_keys(r, s, "group llm", llm_keys, COUNT(llm_keys));
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);
		const char *name = config_setting_name(k);
		struct conf_str path = { 0 };
		char what[64];
		double x;

		(void)snprintf(what, sizeof(what), "llm.%.40s", name);
		if (!conf_once(r->c, r->diags, "llm's", what, conf_at(r, k)))
			continue;
		if (strcmp(name, "cache") == 0 && conf_get_str(r, k, what, &path)) {
			l->cache = conf_path_from(r->c, path.at.file, path.p);
			r->c->cache_at = path.at;
		} else if (strcmp(name, "cache_ttl_s") == 0) {
			(void)conf_get_uint(r, k, what, 0, INT64_MAX, &l->cache_ttl_s);
		} else if (strcmp(name, "budget_tokens") == 0) {
			(void)conf_get_uint(r, k, what, 1, INT64_MAX, &l->budget_tokens);
		} else if (strcmp(name, "budget_money") == 0 && conf_get_num(r, k, what, &x)) {
			r->c->budget_at = conf_at(r, k);
			if (x > 0.0)
				l->budget_money = x;
			else
				conf_error(r->c, r->diags, conf_at(r, k), "%s must be above 0", what);
		}
	}
}
