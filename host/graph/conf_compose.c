/* conf_compose.c - the group compositions: what belongs to a composition as a whole */
#include "config.h"

#include <stdio.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static const char *const plain_keys[] = { "combine", "members", "transform", "description" };
static const char *const vote_keys[] = { "combine", "members", "threshold", "transform",
					 "description" };
static const char *const bound_keys[] = { "combine", "members", "k", "transform", "description" };
static const char *const route_keys[] = { "combine",   "key",	    "by",	  "routes",
					  "otherwise", "transform", "description" };
static const char *const all_keys[] = { "combine",   "members",	   "threshold", "k",
					"key",	     "by",	   "routes",	"otherwise",
					"transform", "description" };

static void read_combine(struct conf_reader *r, struct conf_composition *k,
			 const config_setting_t *s)
{
	const config_setting_t *e = config_setting_get_member(s, "combine");
	struct conf_str word = { 0 };
	char hint[256], all[256];
	const char *const *words;
	const char *near;
	size_t n;
	int found;

	words = conf_combine_words(&n);
	conf_words(words, n, all, sizeof(all));
	if (!e) {
		conf_error(r->c, r->diags, k->at, "composition \"%s\" has no combine: may be %s",
			   k->name, all);
		return;
	}
	if (!conf_get_str(r, e, "combine", &word))
		return;
	found = conf_combine_find(word.p);
	if (found >= 0) {
		k->combine = (enum meed_combine)found;
		k->combine_known = true;
		return;
	}
	near = meed_nearest(word.raw, words, n);
	conf_error(r->c, r->diags, word.at, "unknown combine \"%s\" of composition \"%s\"%s%s",
		   word.raw, k->name, near ? conf_hint(near, hint, sizeof(hint)) : ": may be ",
		   near ? "" : all);
}

/* Keys that another combiner knows get a message of their own. */
static bool check_keys(struct conf_reader *r, struct conf_composition *k, const config_setting_t *s)
{
	const char *const *keys = plain_keys;
	size_t n = COUNT(plain_keys);
	char what[200], words[256];
	bool ok;
	int i;

	(void)snprintf(what, sizeof(what), "composition \"%.100s\"", k->name);
	ok = conf_keys(r, s, what, all_keys, COUNT(all_keys));
	if (!k->combine_known)
		return ok;
	if (k->combine == MEED_C_VOTE) {
		keys = vote_keys;
		n = COUNT(vote_keys);
	} else if (k->combine == MEED_C_LOWER_BOUND) {
		keys = bound_keys;
		n = COUNT(bound_keys);
	} else if (k->combine == MEED_C_ROUTE) {
		keys = route_keys;
		n = COUNT(route_keys);
	}
	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned int)i);
		const char *name = config_setting_name(e);
		bool known = false, here = false;
		size_t j;

		for (j = 0; j < COUNT(all_keys); j++)
			known = known || strcmp(all_keys[j], name) == 0;
		for (j = 0; j < n; j++)
			here = here || strcmp(keys[j], name) == 0;
		if (!known || here)
			continue;
		conf_error(r->c, r->diags, conf_at(r, e),
			   "key \"%s\" of composition \"%s\" does not apply to combine = \"%s\": "
			   "may be %s",
			   name, k->name, meed_combine_name(k->combine),
			   conf_words(keys, n, words, sizeof(words)));
		ok = false;
	}
	return ok;
}

static bool read_threshold(struct conf_reader *r, struct conf_composition *k,
			   const config_setting_t *s)
{
	const config_setting_t *e = config_setting_get_member(s, "threshold");
	char what[200];

	(void)snprintf(what, sizeof(what), "threshold of composition \"%.100s\"", k->name);
	k->threshold = 0.5;
	return !e || conf_get_num(r, e, what, &k->threshold);
}

static bool read_k(struct conf_reader *r, struct conf_composition *k, const config_setting_t *s)
{
	const config_setting_t *e = config_setting_get_member(s, "k");
	char what[200], num[CONF_NUM];

	k->k = 1.0;
	if (!e)
		return true;
	(void)snprintf(what, sizeof(what), "k of composition \"%.100s\"", k->name);
	if (!conf_get_num(r, e, what, &k->k))
		return false;
	if (k->k >= 0)
		return true;
	conf_error(r->c, r->diags, conf_at(r, e), "k = %s of composition \"%s\": must be 0 or more",
		   conf_num(k->k, num), k->name);
	return false;
}

static bool read_key_text(struct conf_reader *r, const config_setting_t *s, const char *key,
			  struct conf_str *ret)
{
	const config_setting_t *e = config_setting_get_member(s, key);
	char what[200];

	(void)snprintf(what, sizeof(what), "%s of a composition", key);
	return !e || conf_get_str(r, e, what, ret);
}

static bool read_body(struct conf_reader *r, struct conf_composition *k, const config_setting_t *s)
{
	const config_setting_t *e = config_setting_get_member(s, "transform");
	char what[200];
	bool ok;

	(void)snprintf(what, sizeof(what), "composition \"%.100s\"", k->name);
	ok = read_threshold(r, k, s);
	ok = read_k(r, k, s) && ok;
	ok = read_key_text(r, s, "key", &k->key) && ok;
	ok = read_key_text(r, s, "by", &k->by) && ok;
	ok = read_key_text(r, s, "description", &k->description) && ok;
	if (e)
		ok = conf_read_transforms(r, e, what, &k->transforms, &k->n_transforms) && ok;
	if (k->combine_known)
		ok = conf_read_members(r, k, s) && ok;
	return ok;
}

static void read_composition(struct conf_reader *r, const config_setting_t *s)
{
	struct meed_conf *c = r->c;
	struct conf_composition *k = conf_alloc(c, 1, sizeof(*k));
	const char *name = conf_dup(c, config_setting_name(s));
	char what[200];

	if (!name || !k)
		return;
	if (!CONF_GROW(&c->compositions, &c->cap_compositions, c->n_compositions)) {
		c->nomem = true;
		return;
	}
	c->compositions[c->n_compositions++] = k;
	k->name = name;
	k->at = conf_at(r, s);
	k->otherwise = -1;
	k->chooser_ref = CONF_NO_NAME;
	(void)snprintf(what, sizeof(what), "composition \"%.100s\"", name);
	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP)) {
		k->broken = true;
		return;
	}
	read_combine(r, k, s);
	k->broken = !k->combine_known;
	if (!check_keys(r, k, s))
		k->broken = true;
	if (!read_body(r, k, s))
		k->broken = true;
}

void conf_read_compositions(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	for (i = 0; i < config_setting_length(s); i++)
		read_composition(r, config_setting_get_elem(s, (unsigned int)i));
}
