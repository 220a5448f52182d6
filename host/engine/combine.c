/* combine.c - a composition's outcome from its members', and the transforms. */
#include "config.h"

#include <fnmatch.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>

#include "host/engine/task.h"

/* ---- transforms ---------------------------------------------------------------------------- */

bool transform_is_group(const struct meed_transform *x)
{
	return x->kind == MEED_X_MINMAX || x->kind == MEED_X_ZSCORE || x->kind == MEED_X_RANK;
}

bool transforms_have_group(const struct meed_transform *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (transform_is_group(&x[i]))
			return true;
	return false;
}

double transform_one(const struct meed_transform *x, double v)
{
	switch (x->kind) {
	case MEED_X_CLIP:
		return v < x->a ? x->a : v > x->b ? x->b : v;
	case MEED_X_AFFINE:
		return v * x->a + x->b;
	case MEED_X_SIGMOID:
		return 1 / (1 + exp(-x->a * (v - x->b)));
	case MEED_X_THRESHOLD:
		return v >= x->a ? 1 : 0;
	default:
		return v;
	}
}

static void minmax(double *v, size_t n)
{
	double low = INFINITY, high = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		low = v[i] < low ? v[i] : low;
		high = v[i] > high ? v[i] : high;
	}
	for (size_t i = 0; i < n; i++)
		v[i] = high > low ? (v[i] - low) / (high - low) : 0.5;
}

static void zscore(double *v, size_t n)
{
	double mean = 0, var = 0, sd;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		var += (v[i] - mean) * (v[i] - mean) / (double)n;
	sd = sqrt(var);
	/* rounding leaves a trace of a deviation where all are equal */
	if (!(sd > 1e-12 * fabs(mean)))
		sd = 0;
	for (size_t i = 0; i < n; i++)
		v[i] = sd > 0 ? (v[i] - mean) / sd : 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Mean rank among equals, best 1, worst 0. */
static void rank(double *v, size_t n, double *sorted)
{
	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (size_t i = 0; i < n; i++) {
		size_t lo = 0, hi = n, first;

		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (sorted[mid] < v[i])
				lo = mid + 1;
			else
				hi = mid;
		}
		first = lo;
		hi = n;
		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (sorted[mid] <= v[i])
				lo = mid + 1;
			else
				hi = mid;
		}
		v[i] = n > 1 ? ((double)(first + lo - 1) / 2) / (double)(n - 1) : 1;
	}
}

void transform_all(const struct meed_transform *x, size_t n_x, double *v, size_t n, double *scratch)
{
	for (size_t k = 0; k < n_x; k++) {
		switch (x[k].kind) {
		case MEED_X_MINMAX:
			minmax(v, n);
			break;
		case MEED_X_ZSCORE:
			zscore(v, n);
			break;
		case MEED_X_RANK:
			rank(v, n, scratch);
			break;
		default:
			for (size_t i = 0; i < n; i++)
				v[i] = transform_one(&x[k], v[i]);
			break;
		}
	}
}

/* ---- members ------------------------------------------------------------------------------------ */

/* A composition at work on one output. */
struct comb {
	struct task *t;
	const struct meed_node *node;
	uint32_t index;
	size_t out;
	struct slot *slot;
	struct part *parts;
};

static bool member_has_group(const struct meed_member *m)
{
	return m->n_transforms && transforms_have_group(m->transforms, m->n_transforms);
}

/* Asks a member for what this output's score needs: for all outputs if it is ranked among them. */
static bool member_ask(struct comb *c, size_t i)
{
	const struct meed_member *m = &c->node->members[i];
	bool all = true;

	if (!member_has_group(m))
		return task_settle(c->t, m->node, c->out);
	for (size_t k = 0; k < c->t->n_live; k++)
		all = task_settle(c->t, m->node, c->t->live[k]) && all;
	return all;
}

static double member_score(struct comb *c, const struct meed_member *m, const struct slot *s)
{
	struct task *t = c->t;
	double one = s->score, none, *v;
	size_t k = 0, mine = 0;

	if (!m->n_transforms)
		return one;
	if (!member_has_group(m)) {
		transform_all(m->transforms, m->n_transforms, &one, 1, &none);
		return one;
	}
	v = meed_arena_raw(t->arena, 2 * t->n_live * sizeof(*v));
	if (!v) {
		t->nomem = true;
		return NAN;
	}
	for (size_t i = 0; i < t->n_live; i++) {
		const struct slot *o = task_slot(t, m->node, t->live[i]);

		if (t->live[i] == c->out)
			mine = k;
		if (o->state == SLOT_OK)
			v[k++] = o->score;
	}
	transform_all(m->transforms, m->n_transforms, v, k, v + t->n_live);
	return v[mine];
}

/* Fills the member's part from its slot: true if it has a score, false if it is left out or, with
 * on_error "fail", if the composition has failed with it (then the slot says so). */
static bool member_take(struct comb *c, size_t i)
{
	const struct meed_member *m = &c->node->members[i];
	const struct slot *s = task_slot(c->t, m->node, c->out);
	struct part *p = &c->parts[i];

	p->state = MEED_D_OK;
	if (s->state == SLOT_OK) {
		p->score = member_score(c, m, s);
		if (isfinite(p->score))
			return true;
		slot_fail(c->t, c->slot, c->t->nomem ? MEED_E_NOMEM : MEED_E_RANGE,
			  c->t->nomem ? MEED_STR("out of memory")
				      : MEED_STR("a transform gave no finite number"),
			  meed_str_of(m->name));
		p->state = MEED_D_FAILED;
		return false;
	}
	p->code = s->state == SLOT_ABSTAIN ? MEED_ABSTAIN : s->code;
	if (s->state == SLOT_ABSTAIN || m->on_error == MEED_ON_SKIP) {
		p->state = MEED_D_SKIPPED;
		return false;
	}
	if (m->on_error == MEED_ON_VALUE) {
		p->state = MEED_D_VALUE;
		p->score = m->on_error_value;
		return true;
	}
	p->state = MEED_D_FAILED;
	if (c->slot->state != SLOT_FAILED)
		slot_fail(c->t, c->slot, s->code, s->why, s->culprit);
	return false;
}

static bool part_present(const struct part *p)
{
	return p->state == MEED_D_OK || p->state == MEED_D_VALUE;
}

static bool ask_all(struct comb *c)
{
	bool all = true;

	for (size_t i = 0; i < c->node->n_members; i++)
		all = member_ask(c, i) && all;
	return all;
}

static size_t take_all(struct comb *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->node->n_members; i++)
		n += member_take(c, i);
	return n;
}

static void comb_set(struct comb *c, double x)
{
	if (!isfinite(x)) {
		slot_fail(c->t, c->slot, MEED_E_RANGE,
			  MEED_STR("the combined score is not a finite number"),
			  meed_str_of(c->node->name));
		return;
	}
	c->slot->state = SLOT_RAW;
	c->slot->raw = x;
}

/* Nobody has a score: an abstention if that is all there was, else a failure. */
static void comb_empty(struct comb *c)
{
	for (size_t i = 0; i < c->node->n_members; i++) {
		const struct slot *s = task_slot(c->t, c->node->members[i].node, c->out);

		if (c->parts[i].state == MEED_D_SKIPPED && c->parts[i].code < 0) {
			slot_fail(c->t, c->slot, s->code, s->why, s->culprit);
			return;
		}
	}
	c->slot->state = SLOT_ABSTAIN;
	c->slot->why = MEED_STR("no member had an opinion");
}

/* ---- combiners that look at all members ------------------------------------------------------------ */

static void combine_weighted(struct comb *c, bool votes)
{
	const struct meed_node *n = c->node;
	double sum = 0, total = 0;

	for (size_t i = 0; i < n->n_members; i++) {
		struct part *p = &c->parts[i];
		double w = n->members[i].weight;

		/* a gate that was passed has had its say */
		if (n->members[i].is_gate || !part_present(p))
			continue;
		p->contribution = w * (votes ? (p->score >= n->threshold ? 1.0 : 0.0) : p->score);
		sum += p->contribution;
		total += w;
	}
	if (n->combine == MEED_C_SUM) {
		comb_set(c, sum);
		return;
	}
	if (!(total > 0)) {
		slot_fail(c->t, c->slot, MEED_E_SAMPLE,
			  MEED_STR("the members that have a score have no weight"),
			  meed_str_of(n->name));
		return;
	}
	for (size_t i = 0; i < n->n_members; i++)
		c->parts[i].contribution /= total;
	comb_set(c, sum / total);
}

static void combine_lower_bound(struct comb *c)
{
	const struct meed_node *n = c->node;
	double mean, var = 0, total = 0;

	combine_weighted(c, false);
	if (c->slot->state != SLOT_RAW)
		return;
	mean = c->slot->raw;
	for (size_t i = 0; i < n->n_members; i++) {
		if (!part_present(&c->parts[i]))
			continue;
		var += n->members[i].weight * (c->parts[i].score - mean) *
		       (c->parts[i].score - mean);
		total += n->members[i].weight;
	}
	comb_set(c, mean - n->k * sqrt(var / total));
}

static void combine_extreme(struct comb *c)
{
	const struct meed_node *n = c->node;
	bool max = n->combine == MEED_C_MAX;
	size_t best = n->n_members;

	for (size_t i = 0; i < n->n_members; i++) {
		if (!part_present(&c->parts[i]))
			continue;
		if (best == n->n_members || (max ? c->parts[i].score > c->parts[best].score
						 : c->parts[i].score < c->parts[best].score))
			best = i;
	}
	c->parts[best].contribution = c->parts[best].score;
	comb_set(c, c->parts[best].score);
}

static void combine_product(struct comb *c)
{
	double x = 1;

	for (size_t i = 0; i < c->node->n_members; i++)
		if (part_present(&c->parts[i]))
			x *= c->parts[i].score;
	comb_set(c, x);
}

static bool combine_all(struct comb *c)
{
	if (!ask_all(c))
		return false;
	if (take_all(c) == 0 && c->slot->state != SLOT_FAILED)
		comb_empty(c);
	if (c->slot->state != SLOT_NEW)
		return true;
	switch (c->node->combine) {
	case MEED_C_PRODUCT:
		combine_product(c);
		break;
	case MEED_C_MIN:
	case MEED_C_MAX:
		combine_extreme(c);
		break;
	case MEED_C_LOWER_BOUND:
		combine_lower_bound(c);
		break;
	default:
		combine_weighted(c, c->node->combine == MEED_C_VOTE);
		break;
	}
	return true;
}

/* ---- combiners that may leave members alone ------------------------------------------------------------ */

static void part_decides(struct comb *c, size_t i)
{
	c->parts[i].contribution = c->parts[i].score;
	comb_set(c, c->parts[i].score);
}

static bool beyond(const struct meed_member *m, double x)
{
	return (!isnan(m->below) && x < m->below) || (!isnan(m->above) && x > m->above);
}

static bool combine_gate(struct comb *c)
{
	const struct meed_node *n = c->node;
	bool all = true, any = false;

	for (size_t i = 0; i < n->n_members; i++)
		if (n->members[i].is_gate)
			all = member_ask(c, i) && all;
	if (!all)
		return false;
	for (size_t i = 0; i < n->n_members; i++) {
		if (!n->members[i].is_gate)
			continue;
		if (member_take(c, i) && beyond(&n->members[i], c->parts[i].score)) {
			part_decides(c, i);
			return true;
		}
		if (c->slot->state == SLOT_FAILED)
			return true;
	}
	for (size_t i = 0; i < n->n_members; i++)
		if (!n->members[i].is_gate)
			all = member_ask(c, i) && all;
	if (!all)
		return false;
	for (size_t i = 0; i < n->n_members; i++)
		if (!n->members[i].is_gate)
			any = member_take(c, i) || any;
	if (c->slot->state == SLOT_FAILED)
		return true;
	if (!any) {
		comb_empty(c);
		return true;
	}
	combine_weighted(c, false);
	return true;
}

static bool combine_cascade(struct comb *c, bool fallback)
{
	const struct meed_node *n = c->node;
	size_t last = n->n_members;

	for (size_t i = 0; i < n->n_members; i++) {
		if (!member_ask(c, i))
			return false;
		if (member_take(c, i)) {
			last = i;
			if (fallback || beyond(&n->members[i], c->parts[i].score))
				break;
		} else if (c->slot->state == SLOT_FAILED && fallback && i + 1 < n->n_members) {
			c->slot->state = SLOT_NEW;
			c->parts[i].state = MEED_D_SKIPPED;
		} else if (c->slot->state == SLOT_FAILED) {
			return true;
		}
	}
	if (last == n->n_members)
		comb_empty(c);
	else
		part_decides(c, last);
	return true;
}

/* ---- routes ------------------------------------------------------------------------------------------------ */

static struct json_object *meta_pointer(const struct meed_row *row, const char *ptr)
{
	const void *meta = row->meta;

	return meed_json_pointer((struct json_object *)(uintptr_t)meta, ptr);
}

static bool route_key(struct comb *c, meed_str *ret)
{
	const struct meed_row *row = c->t->row;
	struct json_object *o;
	struct meed_buf b = { 0 };

	if (strcmp(c->node->key, "task_category") == 0) {
		*ret = row->task_category;
	} else if (strcmp(c->node->key, "source") == 0) {
		*ret = row->source;
	} else if (strcmp(c->node->key, "id") == 0 || strcmp(c->node->key, "unique_id") == 0) {
		*ret = row->id;
	} else {
		o = meta_pointer(row, c->node->key);
		if (!o)
			return false;
		if (!meed_json_str(o, ret)) {
			meed_json_write(&b, o);
			*ret = meed_arena_dup(c->t->arena, (meed_str){ b.p, b.n });
			meed_buf_release(&b);
			return ret->p != NULL;
		}
	}
	return ret->n > 0;
}

static bool route_text_matches(struct comb *c, const struct meed_member *m, meed_str key)
{
	meed_str z;

	if (m->match_kind == MEED_MATCH_GLOB)
		return meed_glob(m->pattern, key);
	z = meed_arena_dup(c->t->arena, key);
	return z.p && regexec(m->regex, z.p, 0, NULL, 0) == 0;
}

/* A number in [0, 1) that depends on the sample and the seed alone. */
static double route_draw(const struct comb *c)
{
	uint64_t key[2] = { c->t->engine->opts.seed, meed_row_hash(c->t->row) };

	return (double)(meed_hash(key, sizeof(key), 77) >> 11) * 0x1p-53;
}

/* The member to take: its index, -1 if none matches, -2 if it must wait, -3 if the slot is settled. */
static int32_t route_pick(struct comb *c)
{
	const struct meed_node *n = c->node;
	meed_str key = { "", 0 };
	bool has_key = false;
	double x = 0;

	if (n->chooser >= 0) {
		const struct slot *s;

		if (!task_settle(c->t, (uint32_t)n->chooser, c->out))
			return -2;
		s = task_slot(c->t, (uint32_t)n->chooser, c->out);
		if (s->state != SLOT_OK && n->otherwise < 0) {
			slot_fail(c->t, c->slot, s->code ? s->code : MEED_E_SAMPLE, s->why,
				  s->culprit);
			return -3;
		}
		if (s->state != SLOT_OK)
			return -1;
		x = s->score;
	} else if (n->key) {
		has_key = route_key(c, &key);
	} else {
		x = route_draw(c);
	}
	for (size_t i = 0; i < n->n_members; i++) {
		const struct meed_member *m = &n->members[i];

		if ((int32_t)i == n->otherwise)
			continue;
		if (m->match_kind == MEED_MATCH_RANGE || m->match_kind == MEED_MATCH_SHARE) {
			if (x >= m->from && x < m->to)
				return (int32_t)i;
		} else if (has_key && route_text_matches(c, m, key)) {
			return (int32_t)i;
		}
	}
	return -1;
}

static bool combine_route(struct comb *c)
{
	const struct meed_node *n = c->node;
	int32_t i = route_pick(c);

	if (i == -2)
		return false;
	if (i == -3)
		return true;
	if (i < 0)
		i = n->otherwise;
	if (i < 0) {
		slot_fail(c->t, c->slot, MEED_E_SAMPLE,
			  meed_arena_printf(c->t->arena,
					    "no route matches (by %s), and there is no `otherwise`",
					    n->key ? n->key : "score"),
			  meed_str_of(n->name));
		return true;
	}
	if (!member_ask(c, (size_t)i))
		return false;
	if (member_take(c, (size_t)i))
		part_decides(c, (size_t)i);
	else if (c->slot->state != SLOT_FAILED)
		comb_empty(c);
	return true;
}

/* ---- */

bool combine_node(struct task *t, uint32_t node, size_t out)
{
	const struct meed_node *n = &t->engine->plan->nodes[node];
	struct comb c = { .t = t, .node = n, .index = node, .out = out };
	bool settled;

	c.slot = task_slot(t, node, out);
	c.parts = c.slot->parts;
	if (!c.parts)
		c.parts = meed_arena_raw(t->arena, n->n_members * sizeof(*c.parts));
	if (!c.parts) {
		t->nomem = true;
		slot_fail(t, c.slot, MEED_E_NOMEM, MEED_STR("out of memory"), meed_str_of(n->name));
		return true;
	}
	c.slot->parts = c.parts;
	for (size_t i = 0; i < n->n_members; i++)
		c.parts[i] = (struct part){ .state = MEED_D_IDLE };
	switch (n->combine) {
	case MEED_C_GATE:
		settled = combine_gate(&c);
		break;
	case MEED_C_CASCADE:
		settled = combine_cascade(&c, false);
		break;
	case MEED_C_FALLBACK:
		settled = combine_cascade(&c, true);
		break;
	case MEED_C_ROUTE:
		settled = combine_route(&c);
		break;
	default:
		settled = combine_all(&c);
		break;
	}
	return settled;
}
