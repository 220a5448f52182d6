/* conf_check.c - ties instances to models, and checks what depends on the model */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>

#include "host/graph/conf.h"

#define MODES_TEXT 64
#define MAX_FAILURES_TOLD 3

static const struct {
	const char *word;
	uint32_t bit;
} modes[] = { { "pointwise", MEED_POINTWISE },
	      { "listwise", MEED_LISTWISE },
	      { "pairwise", MEED_PAIRWISE },
	      { "stepwise", MEED_STEPWISE } };

uint32_t conf_default_mode(uint32_t bits)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (bits & modes[i].bit)
			return modes[i].bit;
	return 0;
}

/* What of the plugins did not load, to add to "unknown model": in full the first time. */
static void failures_text(struct meed_conf *c, char *buf, size_t n)
{
	const struct meed_registry *reg = c->reg;
	size_t i, used = 0;

	buf[0] = '\0';
	if (c->failures_told) {
		if (reg->n_failures > 0)
			(void)snprintf(buf, n,
				       "; it may be in a plugin that did not load, see above");
		return;
	}
	c->failures_told = true;
	for (i = 0; i < reg->n_failures && i < MAX_FAILURES_TOLD && used < n; i++) {
		int w = snprintf(buf + used, n - used, "%s%.300s: %.300s",
				 i ? "; " : "; a plugin that did not load may have it: ",
				 reg->failures[i].path, reg->failures[i].reason);

		used += w > 0 ? (size_t)w : 0;
	}
	if (reg->n_models == 0 && reg->n_failures == 0)
		(void)snprintf(buf, n,
			       "; no plugin is loaded: name their folder in plugins.dirs or "
			       "in $MEED_PLUGIN_PATH");
}

static void check_model(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x)
{
	char why[1024], hint[256];
	const char *near;

	x->rm = meed_registry_find(c->reg, x->model.p);
	if (x->rm)
		return;
	x->broken = true;
	if (c->partial)
		return;
	near = meed_registry_nearest(c->reg, x->model.raw);
	failures_text(c, why, sizeof(why));
	conf_error(c, d, x->model.at, "unknown model \"%s\" of instance \"%s\"%s%s", x->model.raw,
		   x->name, conf_hint(near, hint, sizeof(hint)), why);
}

static void check_mode(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x)
{
	char text[MODES_TEXT];
	size_t i;

	x->mode_bit = conf_default_mode(x->rm->rm.modes);
	if (!x->mode.p)
		return;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].word, x->mode.p) == 0)
			break;
	if (i < sizeof(modes) / sizeof(modes[0]) && (x->rm->rm.modes & modes[i].bit)) {
		x->mode_bit = modes[i].bit;
		return;
	}
	x->broken = true;
	conf_error(c, d, x->mode.at, "mode = \"%s\" of instance \"%s\": model %s offers %s",
		   x->mode.raw, x->name, x->rm->rm.id,
		   meed_modes_text(x->rm->rm.modes, text, sizeof(text)));
}

static void not_applicable(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x,
			   struct conf_place at, const char *key, const char *mode)
{
	char text[MODES_TEXT];

	x->broken = true;
	conf_error(c, d, at, "%s of instance \"%s\" does not apply: it is %s, not %s%s", key,
		   x->name, meed_modes_text(x->mode_bit, text, sizeof(text)), mode,
		   x->mode.p || !(x->rm->rm.modes & ~x->mode_bit) ? "" : "; set mode first");
}

static bool unknown_word(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x,
			 const struct conf_str *s, const char *key, const char *const *words,
			 size_t n)
{
	const char *near = meed_nearest(s->raw, words, n);
	char hint[256], all[256];

	x->broken = true;
	conf_error(c, d, s->at, "unknown %s \"%s\" of instance \"%s\"%s%s", key, s->raw, x->name,
		   near ? conf_hint(near, hint, sizeof(hint)) : ": may be ",
		   near ? "" : conf_words(words, n, all, sizeof(all)));
	return false;
}

static void check_aggregation(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x)
{
	const char *const *words;
	int found;
	size_t n;

	if (x->aggregate.p) {
		words = conf_aggregate_words(&n);
		found = conf_aggregate_find(x->aggregate.p);
		if (found < 0)
			(void)unknown_word(c, d, x, &x->aggregate, "aggregate", words, n);
		else
			x->aggregate_kind = (enum meed_aggregate)found;
		if (x->mode_bit != MEED_PAIRWISE)
			not_applicable(c, d, x, x->aggregate.at, "aggregate", "pairwise");
	}
	if (x->both_orders_at.file && x->mode_bit != MEED_PAIRWISE)
		not_applicable(c, d, x, x->both_orders_at, "both_orders", "pairwise");
	if (x->steps.p) {
		words = conf_steps_words(&n);
		found = conf_steps_find(x->steps.p);
		if (found < 0)
			(void)unknown_word(c, d, x, &x->steps, "steps", words, n);
		else
			x->steps_kind = (enum meed_steps_agg)found;
		if (x->mode_bit != MEED_STEPWISE)
			not_applicable(c, d, x, x->steps.at, "steps", "stepwise");
	}
}

/* Puts the text as written where the environment has changed it. */
static void hide(struct json_object *shown, struct json_object *full, struct json_object *raw)
{
	struct json_object_iterator it, end;
	size_t i;

	if (json_object_is_type(raw, json_type_object) &&
	    json_object_is_type(full, json_type_object)) {
		it = json_object_iter_begin(raw);
		end = json_object_iter_end(raw);
		for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
			const char *key = json_object_iter_peek_name(&it);

			hide(json_object_object_get(shown, key), json_object_object_get(full, key),
			     json_object_iter_peek_value(&it));
		}
	} else if (json_object_is_type(raw, json_type_array) &&
		   json_object_is_type(full, json_type_array)) {
		for (i = 0; i < json_object_array_length(raw); i++)
			hide(json_object_array_get_idx(shown, i),
			     json_object_array_get_idx(full, i), json_object_array_get_idx(raw, i));
	} else if (json_object_is_type(raw, json_type_string) &&
		   json_object_is_type(shown, json_type_string) &&
		   strcmp(json_object_get_string(raw), json_object_get_string(full)) != 0) {
		(void)json_object_set_string(shown, json_object_get_string(raw));
	}
}

static void check_params(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x)
{
	struct plan_where where = { x, x->name, NULL, 0 };
	struct meed_diags own = { 0 };
	struct json_object *full;

	full = meed_params_resolve(x->rm, x->params, plan_where, &where, &own);
	if (!full || !conf_check_named(c, x->rm, full, plan_where, &where, &own))
		x->broken = true;
	conf_diags_move(c, &own, d);
	if (full && json_object_deep_copy(full, &x->shown, NULL) < 0)
		c->nomem = true;
	if (x->shown)
		hide(x->shown, x->params, x->raw_params);
	json_object_put(full);
}

void conf_check_instance(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x)
{
	if (!x->model.p || !c->reg)
		return;
	check_model(c, d, x);
	if (!x->rm)
		return;
	check_mode(c, d, x);
	check_aggregation(c, d, x);
	conf_check_endpoint(c, d, x);
	check_params(c, d, x);
}
