/* conf_members.c - the lists members and routes of a composition */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))
#define BIT(c) (1u << (c))
#define ALL UINT32_MAX

static const char *const keys[] = { "use",  "name",  "transform", "on_error", "weight",
				    "gate", "below", "above",	  "match",    "regex",
				    "from", "to",    "share" };
static const uint32_t applies[] = {
	ALL,
	ALL,
	ALL,
	ALL,
	ALL,
	BIT(MEED_C_GATE),
	BIT(MEED_C_GATE) | BIT(MEED_C_CASCADE),
	BIT(MEED_C_CASCADE),
	BIT(MEED_C_ROUTE),
	BIT(MEED_C_ROUTE),
	BIT(MEED_C_ROUTE),
	BIT(MEED_C_ROUTE),
	BIT(MEED_C_ROUTE),
};

struct reading {
	struct conf_reader *r;
	struct conf_composition *k;
	struct conf_member *m;
	char what[160]; /* member "boxed" of composition "math" */
};

static bool check_keys(struct reading *g, const config_setting_t *s)
{
	struct conf_reader *r = g->r;
	bool ok = conf_keys(r, s, g->what, keys, COUNT(keys));
	int i;

	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned int)i);
		size_t j;

		for (j = 0; j < COUNT(keys); j++) {
			if (strcmp(keys[j], config_setting_name(e)) != 0 ||
			    (applies[j] & BIT(g->k->combine)))
				continue;
			conf_error(r->c, r->diags, conf_at(r, e),
				   "key \"%s\" of %s does not apply to combine = \"%s\"", keys[j],
				   g->what, meed_combine_name(g->k->combine));
			ok = false;
		}
	}
	return ok;
}

static bool get_str(struct reading *g, const config_setting_t *s, const char *key,
		    struct conf_str *ret)
{
	const config_setting_t *e = config_setting_get_member(s, key);
	char what[200];

	(void)snprintf(what, sizeof(what), "%s of %s", key, g->what);
	return !e || conf_get_str(g->r, e, what, ret);
}

static bool get_num(struct reading *g, const config_setting_t *s, const char *key, double *ret,
		    struct conf_place *ret_at)
{
	const config_setting_t *e = config_setting_get_member(s, key);
	char what[200];

	if (!e)
		return true;
	*ret_at = conf_at(g->r, e);
	(void)snprintf(what, sizeof(what), "%s of %s", key, g->what);
	return conf_get_num(g->r, e, what, ret);
}

static bool read_weight(struct reading *g, const config_setting_t *s)
{
	struct conf_member *m = g->m;
	struct conf_reader *r = g->r;
	char num[CONF_NUM];

	if (!get_num(g, s, "weight", &m->weight, &m->weight_at))
		return false;
	if (m->weight < 0) {
		conf_error(r->c, r->diags, m->weight_at, "weight = %s of %s: must be 0 or more",
			   conf_num(m->weight, num), g->what);
		return false;
	}
	if (m->weight_at.file && !conf_combine_weighs(g->k->combine) && m->weight != 1.0) {
		conf_error(r->c, r->diags, m->weight_at,
			   "weight = %s of %s: combine = \"%s\" has no weights; leave it out",
			   conf_num(m->weight, num), g->what, meed_combine_name(g->k->combine));
		return false;
	}
	return true;
}

static bool read_on_error(struct reading *g, const config_setting_t *s)
{
	const config_setting_t *e = config_setting_get_member(s, "on_error");
	struct conf_member *m = g->m;
	struct conf_reader *r = g->r;
	char what[200];
	const char *word;

	if (!e)
		return true;
	m->on_error_at = conf_at(r, e);
	(void)snprintf(what, sizeof(what), "on_error of %s", g->what);
	if (config_setting_is_number(e)) {
		m->on_error = MEED_ON_VALUE;
		return conf_get_num(r, e, what, &m->on_error_value);
	}
	word = config_setting_type(e) == CONFIG_TYPE_STRING ? config_setting_get_string(e) : "";
	if (strcmp(word, "fail") == 0)
		m->on_error = MEED_ON_FAIL;
	else if (strcmp(word, "skip") == 0)
		m->on_error = MEED_ON_SKIP;
	else
		conf_error(r->c, r->diags, m->on_error_at,
			   "%s: must be \"fail\", \"skip\" or a number to score instead", what);
	return m->on_error == MEED_ON_SKIP || strcmp(word, "fail") == 0;
}

static bool read_pattern(struct reading *g, const config_setting_t *s)
{
	const config_setting_t *share = config_setting_get_member(s, "share");
	struct conf_member *m = g->m;
	struct conf_place from_at = { 0 }, to_at = { 0 }, share_at = { 0 };
	struct conf_str glob = { 0 }, regex = { 0 };
	bool ok;

	ok = get_str(g, s, "match", &glob) && get_str(g, s, "regex", &regex) &&
	     get_num(g, s, "from", &m->from, &from_at) && get_num(g, s, "to", &m->to, &to_at) &&
	     get_num(g, s, "share", &m->to, &share_at);
	if (!ok)
		return false;
	if ((glob.p != NULL) + (regex.p != NULL) + (from_at.file || to_at.file) + (share != NULL) !=
	    1) {
		conf_error(g->r->c, g->r->diags, m->at,
			   "%s: must have one of match, regex, from and to, or share", g->what);
		return false;
	}
	m->pattern = regex.p ? regex : glob;
	m->match_kind = glob.p	  ? MEED_MATCH_GLOB
			: regex.p ? MEED_MATCH_REGEX
			: share	  ? MEED_MATCH_SHARE
				  : MEED_MATCH_RANGE;
	return true;
}

static bool read_gate(struct reading *g, const config_setting_t *s)
{
	const config_setting_t *e = config_setting_get_member(s, "gate");
	char what[200];

	(void)snprintf(what, sizeof(what), "gate of %s", g->what);
	return !e || conf_get_bool(g->r, e, what, &g->m->is_gate);
}

static bool read_group(struct reading *g, const config_setting_t *s, bool is_route)
{
	const config_setting_t *t = config_setting_get_member(s, "transform");
	struct conf_member *m = g->m;
	bool ok;

	ok = get_str(g, s, "use", &m->use);
	ok = get_str(g, s, "name", &m->name) && ok;
	m->label = m->name.p ? m->name.p : m->use.p;
	if (m->label)
		(void)snprintf(g->what, sizeof(g->what), "%s \"%.100s\"",
			       is_route ? "route" : "member", m->name.p ? m->name.raw : m->use.raw);
	if (ok && !m->use.p) {
		conf_error(g->r->c, g->r->diags, m->at, "%s has no use: write use = \"NAME\"",
			   g->what);
		ok = false;
	}
	if (m->label && !m->label[0]) {
		conf_error(g->r->c, g->r->diags, m->at, "%s: the name is empty", g->what);
		ok = false;
	}
	ok = check_keys(g, s) && ok;
	ok = read_weight(g, s) && ok;
	ok = read_on_error(g, s) && ok;
	ok = read_gate(g, s) && ok;
	ok = get_num(g, s, "below", &m->below, &m->below_at) && ok;
	ok = get_num(g, s, "above", &m->above, &m->above_at) && ok;
	if (t)
		ok = conf_read_transforms(g->r, t, g->what, &m->transforms, &m->n_transforms) && ok;
	if (is_route)
		ok = read_pattern(g, s) && ok;
	return ok;
}

/* A member: a group, or a string that stands for { use = "..."; }. */
static bool read_member(struct conf_reader *r, struct conf_composition *k,
			const config_setting_t *s, bool is_route, struct conf_member *m)
{
	struct reading g = { .r = r, .k = k, .m = m };

	(void)snprintf(g.what, sizeof(g.what), "%s of composition \"%.100s\"",
		       is_route ? "a route" : "a member", k->name);
	*m = (struct conf_member){ .at = conf_at(r, s),
				   .weight = 1.0,
				   .below = NAN,
				   .above = NAN,
				   .from = -INFINITY,
				   .to = INFINITY,
				   .ref = CONF_NO_NAME };
	if (config_setting_is_group(s))
		return read_group(&g, s, is_route);
	if (is_route || config_setting_type(s) != CONFIG_TYPE_STRING) {
		conf_error(r->c, r->diags, m->at, "%s is %s: must be a group, { use = \"NAME\"; }",
			   g.what, conf_type_text(s));
		return false;
	}
	if (!conf_get_str(r, s, g.what, &m->use))
		return false;
	m->label = m->use.p;
	return true;
}

static const config_setting_t *list_of(struct conf_reader *r, struct conf_composition *k,
				       const config_setting_t *s, const char *key)
{
	const config_setting_t *v = config_setting_get_member(s, key);

	if (!v) {
		conf_error(r->c, r->diags, k->at,
			   "composition \"%s\" has no %s: write %s = ( { use = "
			   "\"NAME\"; } )",
			   k->name, key, key);
		return NULL;
	}
	if (config_setting_is_list(v) || config_setting_is_array(v)) {
		if (config_setting_length(v) > 0)
			return v;
		conf_error(r->c, r->diags, conf_at(r, v), "%s of composition \"%s\" is empty", key,
			   k->name);
		return NULL;
	}
	conf_error(r->c, r->diags, conf_at(r, v),
		   "%s of composition \"%s\" is %s: must be a list ( )", key, k->name,
		   conf_type_text(v));
	return NULL;
}

bool conf_read_members(struct conf_reader *r, struct conf_composition *k, const config_setting_t *s)
{
	bool is_route = k->combine == MEED_C_ROUTE;
	const config_setting_t *v = list_of(r, k, s, is_route ? "routes" : "members");
	const config_setting_t *other = config_setting_get_member(s, "otherwise");
	struct conf_member *members;
	bool ok = v != NULL;
	int i, n;

	if (!v)
		return false;
	n = config_setting_length(v);
	members = conf_alloc(r->c, (size_t)n + 1, sizeof(*members));
	if (!members)
		return false;
	for (i = 0; i < n; i++)
		ok = read_member(r, k, config_setting_get_elem(v, (unsigned int)i), is_route,
				 &members[i]) &&
		     ok;
	k->members = members;
	k->n_members = (size_t)n;
	if (is_route && other) {
		ok = read_member(r, k, other, false, &members[n]) && ok;
		k->otherwise = n;
		k->n_members++;
	}
	if (!ok)
		return false;
	return is_route ? conf_check_routes(r, k, (size_t)n) : conf_check_members(r, k);
}
