/* duels.c - comparisons out of scored samples. */
#include "config.h"

#include "host/use/use.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

void meed_duels_clear(struct meed_duels *d)
{
	d->n = d->n_nodes = d->n_failed = 0;
	d->nomem = false;
}

void meed_duels_release(struct meed_duels *d)
{
	free(d->v);
	*d = (struct meed_duels){ 0 };
}

void meed_duels_add(struct meed_duels *d, struct meed_duel one)
{
	if (d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 64;
		struct meed_duel *v = realloc(d->v, cap * sizeof(*v));

		if (!v) {
			d->nomem = true;
			return;
		}
		d->v = v;
		d->cap = cap;
	}
	d->v[d->n++] = one;
}

/* extra.pairs of the detail, or of one inside it. */
static struct json_object *find_pairs(struct json_object *detail, const char *member)
{
	struct json_object *pairs = meed_scored_get(meed_scored_get(detail, "extra"), "pairs");
	struct json_object *inner = meed_scored_get(detail, "details");
	meed_str name = meed_scored_str(meed_scored_get(detail, "name"));

	if (json_object_is_type(pairs, json_type_array) &&
	    (!member || meed_str_eq(name, meed_str_of(member))))
		return pairs;
	if (!json_object_is_type(inner, json_type_array))
		return NULL;
	for (size_t i = 0; i < json_object_array_length(inner); i++) {
		pairs = find_pairs(json_object_array_get_idx(inner, i), member);
		if (pairs)
			return pairs;
	}
	return NULL;
}

/* Takes the comparisons in which the output was shown first: the other one tells them too. */
static void take_pairs(struct json_object *pairs, size_t out, size_t n_outs, struct meed_duels *ret)
{
	double other, shown, won;

	for (size_t i = 0; i < json_object_array_length(pairs); i++) {
		struct json_object *p = json_object_array_get_idx(pairs, i);

		if (!meed_scored_num(meed_scored_get(p, "output"), &other) || other < 0 ||
		    other >= (double)n_outs || !meed_scored_num(meed_scored_get(p, "shown"), &shown) ||
		    (size_t)other == out || shown > 1)
			continue;
		if (!meed_scored_num(meed_scored_get(p, "won"), &won) || won < 0 || won > 1) {
			ret->n_failed++;
			continue;
		}
		meed_duels_add(ret, (struct meed_duel){ .a = (uint32_t)out, .b = (uint32_t)other,
							.weight = 1, .won = (float)won,
							.shown = true });
	}
}

bool meed_duels_pairs(const struct meed_scored *s, const char *member, struct meed_duels *ret)
{
	bool found = false;

	meed_duels_clear(ret);
	ret->n_nodes = s->n_outs;
	for (size_t i = 0; i < s->n_outs; i++) {
		const struct meed_scored_reward *rw = &s->outs[i].reward;
		struct json_object *pairs = NULL;

		for (size_t k = 0; k < rw->n_details && !pairs; k++)
			pairs = find_pairs(rw->details[k].json, member);
		if (pairs)
			take_pairs(pairs, i, s->n_outs, ret);
		found = found || pairs;
	}
	return found;
}

static const struct meed_scored_detail *same_detail(const struct meed_scored_reward *rw,
						    meed_str name)
{
	for (size_t i = 0; i < rw->n_details; i++)
		if (rw->details[i].valid && meed_str_eq(rw->details[i].name, name))
			return &rw->details[i];
	return NULL;
}

bool meed_duels_members(const struct meed_scored *s, struct meed_duels *ret)
{
	bool found = false;

	meed_duels_clear(ret);
	ret->n_nodes = s->n_outs;
	for (size_t i = 0; i < s->n_outs; i++) {
		const struct meed_scored_reward *a = &s->outs[i].reward;

		for (size_t k = 0; k < a->n_details; k++) {
			if (!a->details[k].valid)
				continue;
			found = true;
			for (size_t j = i + 1; j < s->n_outs; j++) {
				const struct meed_scored_detail *y =
					same_detail(&s->outs[j].reward, a->details[k].name);
				double x = a->details[k].score;

				if (!y) {
					ret->n_failed++;
					continue;
				}
				meed_duels_add(ret, (struct meed_duel){
					.a = (uint32_t)i, .b = (uint32_t)j, .weight = 1,
					.won = x > y->score ? 1 : x < y->score ? 0 : 0.5f });
			}
		}
	}
	return found;
}
