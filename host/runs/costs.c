/* costs.c - what the requests of a run came to, by the costs that stand in its details. */
#include "config.h"

#include <json-c/json.h>
#include <math.h>

#include "host/eval/scored.h"
#include "host/runs/run_file.h"

static double number(struct json_object *o, const char *key)
{
	struct json_object *v = meed_scored_get(o, key);
	double x;

	if (!json_object_is_type(v, json_type_int) && !json_object_is_type(v, json_type_double))
		return 0.0;
	x = json_object_get_double(v);
	return x > 0.0 && isfinite(x) ? x : 0.0;
}

/* Members of members have costs of their own. */
static void take_detail(struct costs *c, struct json_object *detail)
{
	struct json_object *cost = meed_scored_get(detail, "cost");
	struct json_object *inner = meed_scored_get(detail, "details");

	if (json_object_is_type(cost, json_type_object)) {
		c->requests += number(cost, "requests");
		c->cached += number(cost, "cached");
		c->tokens_in += number(cost, "prompt_tokens");
		c->tokens_out += number(cost, "completion_tokens");
		c->money += number(cost, "money");
		c->priced = c->priced || meed_scored_get(cost, "money");
	}
	for (size_t i = 0;
	     json_object_is_type(inner, json_type_array) && i < json_object_array_length(inner);
	     i++)
		take_detail(c, json_object_array_get_idx(inner, i));
}

void costs_take(struct costs *c, const struct meed_scored_reward *reward)
{
	for (size_t i = 0; i < reward->n_details; i++)
		take_detail(c, reward->details[i].json);
}

void runs_costs(struct meed_run_file *const *v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t;
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || v[i]->costs.requests > 0.0;
	if (!any)
		return;
	t = meed_report_table(
		r, "costs", "What was asked of endpoints",
		"known: answers that nobody was asked for, from a cache or a recording; "
		"tokens are those of all answers. money: what was paid in this run, at "
		"the endpoints' prices.");
	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "requests", "requests", MEED_CELL_COUNT, 0);
	meed_table_column(t, "known", "known", MEED_CELL_COUNT, 0);
	meed_table_column(t, "tokens_in", "tokens in", MEED_CELL_COUNT, 0);
	meed_table_column(t, "tokens_out", "tokens out", MEED_CELL_COUNT, 0);
	meed_table_column(t, "money", "money", MEED_CELL_NUMBER, 4);
	meed_table_column(t, "money_1000", "for 1000 outputs", MEED_CELL_NUMBER, 4);
	for (size_t i = 0; i < n; i++) {
		const struct costs *c = &v[i]->costs;

		meed_table_row(t);
		meed_table_text(t, "%s", v[i]->name);
		meed_table_num(t, c->requests);
		meed_table_num(t, c->cached);
		meed_table_num(t, c->tokens_in);
		meed_table_num(t, c->tokens_out);
		meed_table_num(t, c->priced ? c->money : NAN);
		meed_table_num(t, c->priced && v[i]->n_outputs
					  ? c->money * 1000.0 / (double)v[i]->n_outputs
					  : NAN);
	}
}
