/* plan.c - compiles a name of the configuration into a plan */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

/* What the engine sees, and what it lies in. */
struct full_plan {
	struct meed_plan pub; /* must be first */
	struct meed_arena arena;
};

struct builder {
	const struct meed_conf *c;
	struct meed_diags *diags;
	struct full_plan *p;
	size_t cap;
	uint32_t *node_of; /* entry -> node, or CONF_NO_NAME */
	struct plan_sets sets;
	bool dry; /* check only: create no instance */
	bool all; /* of a whole configuration: what concerns many is said once, by the caller */
	bool failed;
};

static const struct conf_place nowhere = { NULL, 0 };

static void no_memory(struct builder *b)
{
	if (!b->failed)
		conf_error(b->c, b->diags, nowhere, "out of memory");
	b->failed = true;
}

static char *dup_text(struct builder *b, const char *s)
{
	meed_str r = meed_arena_dup(&b->p->arena, meed_str_of(s));
	char *p = NULL;

	if (r.p)
		memcpy(&p, &r.p, sizeof(p)); /* the arena's own bytes: ours to write */
	else
		no_memory(b);
	return p;
}

static void *new_array(struct builder *b, size_t n, size_t size)
{
	size_t bytes;
	void *p = NULL;

	if (!meed_mul_overflow(n, size, &bytes))
		p = meed_arena_alloc(&b->p->arena, bytes);
	if (!p)
		no_memory(b);
	return p;
}

static struct meed_transform *dup_transforms(struct builder *b, const struct meed_transform *v,
					     size_t n)
{
	struct meed_transform *p = NULL;

	if (n > 0)
		p = new_array(b, n, sizeof(*p));
	if (p)
		memcpy(p, v, n * sizeof(*p));
	return p;
}

static bool over_outputs(const struct meed_transform *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].kind == MEED_X_MINMAX || v[i].kind == MEED_X_ZSCORE ||
		    v[i].kind == MEED_X_RANK)
			return true;
	return false;
}

/* Adds an empty node; its index, or CONF_NO_NAME. */
static uint32_t add_node(struct builder *b, uint32_t entry)
{
	struct meed_plan *p = &b->p->pub;
	struct meed_node *n;

	if (!CONF_GROW(&p->nodes, &b->cap, p->n_nodes)) {
		no_memory(b);
		return CONF_NO_NAME;
	}
	n = &p->nodes[p->n_nodes];
	*n = (struct meed_node){ .chooser = -1, .otherwise = -1 };
	n->name = dup_text(b, b->c->entries[entry].name);
	b->node_of[entry] = (uint32_t)p->n_nodes;
	return (uint32_t)p->n_nodes++;
}

/* ---- instances ---- */

static bool may_post(const struct meed_model *m)
{
	return (m->rm.needs & (MEED_NEEDS_LLM | MEED_NEEDS_EMBED | MEED_NEEDS_HTTP)) != 0;
}

static const char *default_endpoint(struct builder *b, const struct conf_instance *x,
				    const struct meed_model *m)
{
	const struct meed_conf *c = b->c;

	if (x && x->endpoint.p)
		return x->endpoint.p;
	if (!may_post(m))
		return "";
	if (!b->dry && !b->all)
		conf_warn_endpoint(c, x, m, x ? x->at : nowhere, b->diags);
	return conf_implied_endpoint(c);
}

static void add_lock(struct builder *b, struct meed_node *n)
{
	pthread_mutex_t *lock;

	if (!(n->model->rm.traits & MEED_SERIAL))
		return;
	lock = malloc(sizeof(*lock));
	if (!lock || pthread_mutex_init(lock, NULL) != 0) {
		free(lock);
		no_memory(b);
		return;
	}
	n->serial = lock;
}

/* A model refuses its parameters in words of its own, which begin with the parameter's name where one
 * is to blame: that one's line is the place. */
static void refused(struct builder *b, uint32_t entry, const char *name, const char *why)
{
	struct plan_where where = { conf_instance_of(b->c, entry), name, &b->sets, entry };
	struct meed_diags own = { 0 };
	char param[64], at[512];
	size_t n = strspn(why, "abcdefghijklmnopqrstuvwxyz0123456789_");

	(void)snprintf(param, sizeof(param), "%.*s", (int)n, why);
	meed_diags_add(&own, false, "%s: %s", plan_where(&where, param, at, sizeof(at)), why);
	conf_diags_move(b->c, &own, b->diags);
	b->failed = true;
}

static void create(struct builder *b, uint32_t entry, struct meed_node *n)
{
	struct meed_err err = { 0 };

	n->params = plan_params(b->c, entry, &b->sets, b->diags);
	if (!n->params) {
		b->failed = true;
		return;
	}
	if (b->dry)
		return;
	add_lock(b, n);
	if (meed_instance_create(b->c->reg, n->model, n->name, n->params, &err, &n->self) < 0)
		refused(b, entry, n->name, err.text);
}

static uint32_t build_leaf(struct builder *b, uint32_t entry)
{
	const struct conf_instance *x = conf_instance_of(b->c, entry);
	uint32_t index = add_node(b, entry);
	struct meed_node *n;

	if (index == CONF_NO_NAME)
		return index;
	n = &b->p->pub.nodes[index];
	n->is_instance = true;
	n->model = b->c->entries[entry].rm;
	n->mode = x ? x->mode_bit : conf_default_mode(n->model->rm.modes);
	n->group = n->mode == MEED_LISTWISE || n->mode == MEED_PAIRWISE;
	n->aggregate = x ? x->aggregate_kind : MEED_A_WIN_RATE;
	n->steps_agg = x ? x->steps_kind : MEED_S_MEAN;
	n->both_orders = x ? x->both_orders : true;
	n->timeout_ms = x ? x->timeout_ms : 0;
	n->endpoint = dup_text(b, default_endpoint(b, x, n->model));
	create(b, entry, n);
	return index;
}

/* ---- compositions ---- */

static uint32_t build(struct builder *b, uint32_t entry);

static void build_member(struct builder *b, const struct conf_member *s, struct meed_member *m)
{
	struct meed_buf json = { 0 };
	struct meed_err err = { 0 };

	m->node = b->node_of[s->ref];
	m->name = dup_text(b, s->label);
	meed_buf_json_str(&json, meed_str_of(s->label));
	if (!json.failed)
		m->name_json = meed_arena_dup(&b->p->arena, (meed_str){ json.p, json.n });
	if (!m->name_json.p)
		no_memory(b);
	meed_buf_release(&json);
	m->weight = s->weight;
	m->on_error = s->on_error;
	m->on_error_value = s->on_error_value;
	m->transforms = dup_transforms(b, s->transforms, s->n_transforms);
	m->n_transforms = s->n_transforms;
	m->below = s->below;
	m->above = s->above;
	m->is_gate = s->is_gate;
	m->match_kind = s->match_kind;
	m->from = s->from;
	m->to = s->to;
	if (s->pattern.p)
		m->pattern = dup_text(b, s->pattern.p);
	if (m->pattern && m->match_kind == MEED_MATCH_REGEX &&
	    conf_regex_new(m->pattern, &err, &m->regex) < 0) {
		conf_error(b->c, b->diags, s->pattern.at, "regex \"%s\": %s", s->pattern.raw,
			   err.text);
		b->failed = true;
	}
}

/* Members first. Nesting is bounded by MEED_CONF_MAX_DEPTH. */
static bool build_below(struct builder *b, const struct conf_composition *k)
{
	size_t i;

	for (i = 0; i < k->n_members; i++)
		if (build(b, k->members[i].ref) == CONF_NO_NAME)
			return false;
	return k->chooser_ref == CONF_NO_NAME || build(b, k->chooser_ref) != CONF_NO_NAME;
}

static void take_from(struct meed_plan *p, struct meed_node *n, uint32_t below)
{
	if (p->nodes[below].depth >= n->depth)
		n->depth = p->nodes[below].depth + 1;
	n->group = n->group || p->nodes[below].group;
}

static uint32_t build_composition(struct builder *b, uint32_t entry,
				  const struct conf_composition *k)
{
	struct meed_node *n;
	uint32_t index;
	size_t i;

	if (k->broken || !build_below(b, k))
		return CONF_NO_NAME;
	index = add_node(b, entry);
	if (index == CONF_NO_NAME)
		return index;
	n = &b->p->pub.nodes[index];
	n->combine = k->combine;
	n->k = k->k;
	n->threshold = k->threshold;
	n->otherwise = k->otherwise;
	n->key = k->key.p ? dup_text(b, k->key.p) : NULL;
	n->transforms = dup_transforms(b, k->transforms, k->n_transforms);
	n->n_transforms = k->n_transforms;
	n->group = over_outputs(k->transforms, k->n_transforms);
	n->members = new_array(b, k->n_members, sizeof(*n->members));
	if (!n->members)
		return CONF_NO_NAME;
	n->n_members = k->n_members;
	for (i = 0; i < k->n_members; i++) {
		build_member(b, &k->members[i], &n->members[i]);
		take_from(&b->p->pub, n, n->members[i].node);
		n->group = n->group ||
			   over_outputs(k->members[i].transforms, k->members[i].n_transforms);
	}
	if (k->chooser_ref != CONF_NO_NAME) {
		n->chooser = (int32_t)b->node_of[k->chooser_ref];
		take_from(&b->p->pub, n, b->node_of[k->chooser_ref]);
	}
	return index;
}

static uint32_t build(struct builder *b, uint32_t entry)
{
	const struct conf_composition *k = conf_composition_of(b->c, entry);

	if (entry == CONF_NO_NAME)
		return CONF_NO_NAME;
	if (b->node_of[entry] != CONF_NO_NAME)
		return b->node_of[entry];
	return k ? build_composition(b, entry, k) : build_leaf(b, entry);
}

/* ---- the whole ---- */

static int32_t compile(const struct meed_conf *c, uint32_t entry, const char *const *sets,
		       size_t n_sets, bool dry, bool all, struct meed_diags *diags,
		       struct meed_plan **ret)
{
	struct builder b = { .c = c, .diags = diags, .dry = dry, .all = all };
	uint32_t root = CONF_NO_NAME;
	size_t i;

	b.p = calloc(1, sizeof(*b.p));
	b.node_of = malloc((c->n_entries + 1) * sizeof(*b.node_of));
	if (!b.p || !b.node_of) {
		no_memory(&b);
		goto out;
	}
	b.p->pub.conf = c;
	b.p->pub.name = c->entries[entry].name;
	for (i = 0; i < c->n_entries; i++)
		b.node_of[i] = CONF_NO_NAME;
	if (!plan_sets_parse(c, entry, sets, n_sets, diags, &b.sets)) {
		b.failed = true;
		goto out;
	}
	root = build(&b, entry);
	if (root == CONF_NO_NAME || b.failed)
		goto out;
	b.p->pub.root = root;
	*ret = &b.p->pub;
	b.p = NULL;
out:
	plan_sets_release(&b.sets);
	free(b.node_of);
	if (b.p)
		meed_plan_free(&b.p->pub);
	return root == CONF_NO_NAME || b.failed ? MEED_E_PARAM : MEED_OK;
}

int32_t meed_plan_new(const struct meed_conf *c, const char *name, const char *const *sets,
		      size_t n_sets, struct meed_diags *diags, struct meed_plan **ret)
{
	uint32_t entry = conf_names_get(&c->by_name, 0, name);
	char hint[1024];

	if (entry != CONF_NO_NAME)
		return compile(c, entry, sets, n_sets, false, false, diags, ret);
	conf_error(c, diags, nowhere, "no composition, instance or model is called \"%s\"%s", name,
		   meed_conf_why_not(c, name, hint, sizeof(hint)));
	return MEED_E_PARAM;
}

static void free_node(struct meed_plan *p, struct meed_node *n)
{
	size_t i;

	for (i = 0; i < n->n_members; i++)
		conf_regex_free(n->members[i].regex);
	if (n->self)
		meed_instance_destroy(p->conf->reg, n->model, n->self);
	if (n->serial)
		(void)pthread_mutex_destroy(n->serial);
	free(n->serial);
	json_object_put(n->params);
}

void meed_plan_free(struct meed_plan *p)
{
	struct full_plan *full = (struct full_plan *)(void *)p;
	size_t i;

	if (!p)
		return;
	for (i = p->n_nodes; i > 0; i--)
		free_node(p, &p->nodes[i - 1]);
	free(p->nodes);
	meed_arena_release(&full->arena);
	free(full);
}

static void check_entry(const struct meed_conf *c, uint32_t entry, bool dry,
			struct meed_diags *diags)
{
	struct meed_plan *p = NULL;

	if (compile(c, entry, NULL, 0, dry, true, diags, &p) == MEED_OK)
		meed_plan_free(p);
}

void conf_try_instances(const struct meed_conf *c, struct meed_diags *d)
{
	size_t i;

	conf_warn_endpoints(c, d);
	for (i = 0; i < c->n_instances; i++)
		if (!c->instances[i]->broken)
			check_entry(c, (uint32_t)(c->n_compositions + i), false, d);
}

/* Every instance is created once; a composition adds nothing that creating could find. */
void meed_conf_check_all(const struct meed_conf *c, struct meed_diags *diags)
{
	struct meed_err err = { 0 };
	size_t i;

	if (c->llm.cache && meed_llm_check_cache(c->llm.cache, &err) < 0)
		conf_error(c, diags, c->cache_at, "llm.cache: %s", err.text);
	conf_check_scripts(c, diags);

	conf_try_instances(c, diags);
	for (i = 0; i < c->n_compositions; i++)
		if (!c->compositions[i]->broken)
			check_entry(c, (uint32_t)i, true, diags);
}
