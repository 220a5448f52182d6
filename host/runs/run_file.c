/* run_file.c - reading a run, once, as a stream. */
#include "config.h"
#include "host/runs/run_file.h"

#include <math.h>
#include <stdlib.h>

#include "host/eval/scored.h"

#define OTHERS "(others)"
#define TICK 256
#define PAIRS_OUTPUTS_MAX ((size_t)2048) /* of a sample */

double text_length(meed_str s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return (double)n;
}

double member_share(const struct meed_run_file *f, const struct member *m)
{
	return m->with_score.x.n > 0 && f->score.m2 > 0 ? m->with_score.cxy / f->score.m2 : NAN;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9); /* splitmix64's, S. Vigna */
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t output_key(const struct meed_scored *s, size_t i)
{
	const meed_str text = s->outs[i].text;

	if (s->id.n > 0)
		return mix(meed_hash(s->id.p, s->id.n, 1) + UINT64_C(0x9e3779b97f4a7c15) * (i + 1));
	return mix(meed_hash(text.p, text.n, s->prompt_hash ^ 2));
}

/* ---- lists by name: each entry begins with its name ---- */

static size_t find_name(const void *v, size_t n, size_t size, meed_str name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *const *at = (char *const *)(const void *)((const char *)v + i * size);

		if (meed_str_eq(meed_str_of(*at), name))
			break;
	}
	return i;
}

/* The entry of that name, a new one if need be; SIZE_MAX when out of memory. */
static size_t entry(void **v, size_t *n, size_t *cap, size_t size, meed_str name)
{
	size_t i = find_name(*v, *n, size, name), want;
	char *copy, *p;

	if (i < *n)
		return i;
	if (*n == NAMES_MAX && !meed_str_eq(name, MEED_STR(OTHERS)))
		return entry(v, n, cap, size, MEED_STR(OTHERS));
	if (*n == *cap) {
		want = *cap ? 2 * *cap : 8;
		p = realloc(*v, want * size);
		if (!p)
			return SIZE_MAX;
		*v = p;
		*cap = want;
	}
	copy = strndup(name.n ? name.p : "", name.n);
	if (!copy)
		return SIZE_MAX;
	p = (char *)*v + *n * size;
	memset(p, 0, size);
	memcpy(p, &copy, sizeof(copy));
	return (*n)++;
}
#define ENTRY(v, n, cap, name) entry((void **)&(v), &(n), &(cap), sizeof(*(v)), (name))

static bool count_failure(struct meed_run_file *f, meed_str code)
{
	size_t i = ENTRY(f->failures, f->n_failures, f->cap_failures,
			 code.n ? code : MEED_STR("unknown"));

	if (i == SIZE_MAX)
		return false;
	f->failures[i].n++;
	return true;
}

/* ---- groups ---- */

static void end_group(struct meed_run_file *f)
{
	struct group *g = &f->group;

	if (g->begun && g->lengths.x.n >= 2) {
		f->n_groups++;
		if (!g->texts_differ)
			f->n_alike++;
		else if (g->max <= g->min)
			f->n_collapsed++;
		f->sxx += g->lengths.x.m2;
		f->syy += g->lengths.y.m2;
		f->sxy += g->lengths.cxy;
	}
	*g = (struct group){ .begun = false };
}

static void group_output(struct group *g, meed_str text, double score)
{
	uint64_t hash = meed_hash(text.p, text.n, 3);

	if (g->lengths.x.n == 0) {
		g->first_text = hash;
		g->min = g->max = score;
	}
	g->texts_differ |= hash != g->first_text;
	g->min = score < g->min ? score : g->min;
	g->max = score > g->max ? score : g->max;
	comoments_put(&g->lengths, text_length(text), score);
}

/* A sample without a prompt is a group of its own. */
static void begin_group(struct meed_run_file *f, const struct meed_scored *s)
{
	if (f->group.begun && s->n_prompt > 0 && f->group.prompt == s->prompt_hash)
		return;
	end_group(f);
	f->group.begun = true;
	f->group.prompt = s->n_prompt > 0 ? s->prompt_hash : 0;
}

/* ---- labels ---- */

/* How good the label says that an output is; false if it does not say. */
static bool worth(struct json_object *label, double *ret)
{
	meed_str preference = meed_scored_str(meed_scored_get(label, "preference"));

	if (meed_str_eq(preference, MEED_STR("chosen"))) {
		*ret = 1;
		return true;
	}
	if (meed_str_eq(preference, MEED_STR("rejected"))) {
		*ret = 0;
		return true;
	}
	if (meed_scored_num(meed_scored_get(label, "is_correct"), ret))
		return true;
	if (meed_scored_num(meed_scored_get(label, "rank"), ret)) {
		*ret = -*ret;
		return true;
	}
	return meed_scored_num(meed_scored_get(label, "score"), ret);
}

static void count_pair(struct pairs *p, const struct meed_scored_reward *better,
		       const struct meed_scored_reward *worse)
{
	p->n++;
	if (!better->valid || !worse->valid)
		p->unscored++;
	else if (better->score > worse->score)
		p->right++;
	else if (better->score >= worse->score)
		p->ties++;
}

static void count_pairs(const struct meed_scored *s, struct pairs *all, struct pairs *of_category)
{
	size_t n = s->n_outs < PAIRS_OUTPUTS_MAX ? s->n_outs : PAIRS_OUTPUTS_MAX, i, k;
	double x, y;

	for (i = 0; i < n; i++) {
		if (!s->outs[i].label || !worth(s->outs[i].label, &x))
			continue;
		for (k = 0; k < i; k++) {
			const bool known = s->outs[k].label && worth(s->outs[k].label, &y);
			const size_t better = known && x > y ? i : k, worse = better == i ? k : i;

			if (!known || (x <= y && x >= y))
				continue;
			count_pair(all, &s->outs[better].reward, &s->outs[worse].reward);
			count_pair(of_category, &s->outs[better].reward, &s->outs[worse].reward);
		}
	}
}

/* ---- one output ---- */

static void count_ends(struct meed_run_file *f, double x)
{
	if (f->has_range) {
		f->n_low += x <= f->low;
		f->n_high += x >= f->high;
		return;
	}
	if (f->score.n == 0 || x < f->low) {
		f->low = x;
		f->n_low = 0;
	}
	if (f->score.n == 0 || x > f->high) {
		f->high = x;
		f->n_high = 0;
	}
	f->n_low += x <= f->low;
	f->n_high += x >= f->high;
}

static bool take_member(struct meed_run_file *f, const struct meed_scored_detail *d, double score)
{
	size_t i = ENTRY(f->members, f->n_members, f->cap_members,
			 d->name.n ? d->name : MEED_STR("(no name)"));
	struct member *m;

	if (i == SIZE_MAX)
		return false;
	m = &f->members[i];
	if (!d->valid) {
		m->n_missing += !meed_str_eq(d->state, MEED_STR("idle"));
		return true;
	}
	if (m->score.n == 0)
		m->min = m->max = d->score;
	m->min = d->score < m->min ? d->score : m->min;
	m->max = d->score > m->max ? d->score : m->max;
	moments_put(&m->score, d->score);
	if (!d->weighted)
		return true;
	moments_put(&m->weight, d->weight);
	moments_put(&m->size, fabs(d->contribution));
	comoments_put(&m->with_score, d->contribution, score);
	return true;
}

static bool take_canary(struct meed_run_file *f, meed_str text, double score)
{
	if (!meed_canaries_known(text))
		return true;
	meed_sketch_put(&f->canary_scores, score);
	if (f->n_canaries < CANARIES_SHOWN) {
		char *copy = strndup(text.n ? text.p : "", text.n < 200 ? text.n : 200);

		if (!copy)
			return false;
		f->canaries[f->n_canaries] = (struct canary_hit){ copy, score };
	}
	f->n_canaries++;
	return true;
}

static bool take_output(struct meed_run_file *f, const struct meed_scored *s, size_t i,
			struct category *c)
{
	const struct meed_scored_output *out = &s->outs[i];
	const double x = out->reward.score, length = text_length(out->text);
	size_t k;

	f->n_outputs++;
	if (!out->reward.present) {
		f->n_unscored++;
		return true;
	}
	costs_take(&f->costs, &out->reward);
	if (!out->reward.valid) {
		f->n_failed++;
		c->n_failed++;
		return count_failure(f, out->reward.code);
	}
	count_ends(f, x);
	moments_put(&f->score, x);
	meed_sketch_put(&f->sketch, x);
	moments_put(&c->score, x);
	comoments_put(&f->lengths, length, x);
	group_output(&f->group, out->text, x);
	kept_put(&f->kept, output_key(s, i), x, length);
	for (k = 0; k < out->reward.n_details; k++)
		if (!take_member(f, &out->reward.details[k], x))
			return false;
	return take_canary(f, out->text, x);
}

static bool take_composition(struct meed_run_file *f, const struct meed_scored *s)
{
	if (f->composition || s->n_outs == 0 || s->outs[0].reward.composition.n == 0)
		return true;
	f->composition = strndup(s->outs[0].reward.composition.p, s->outs[0].reward.composition.n);
	return f->composition != NULL;
}

static bool take_sample(struct meed_run_file *f, const struct meed_scored *s)
{
	struct category *c;
	size_t i;

	if (s->code != 0) {
		f->n_bad++;
		return true;
	}
	f->n_samples++;
	if (!take_composition(f, s))
		return false;
	i = ENTRY(f->categories, f->n_categories, f->cap_categories, s->task_category);
	if (i == SIZE_MAX)
		return false;
	c = &f->categories[i];
	begin_group(f, s);
	for (i = 0; i < s->n_outs; i++)
		if (!take_output(f, s, i, c))
			return false;
	count_pairs(s, &f->pairs, &c->pairs);
	return true;
}

static int by_category(const void *a, const void *b)
{
	const struct category *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int32_t read_all(struct meed_run_file *f, struct meed_scored_reader *in,
			const struct meed_run_file_opts *o, struct meed_err *err)
{
	const struct meed_scored *s;
	uint64_t n = 0, done, total;
	int32_t code;

	while ((code = meed_scored_next(in, err, &s)) > 0) {
		if (!take_sample(f, s))
			return meed_err_nomem(err);
		if (++n % TICK == 0 && o->tick) {
			meed_scored_progress(in, &done, &total);
			o->tick(o->tick_data, done, total);
		}
	}
	end_group(f);
	if (code == 0 && f->n_categories > 1)
		qsort(f->categories, f->n_categories, sizeof(*f->categories), by_category);
	if (code == 0 && n == 0)
		code = meed_err_set(err, MEED_E_SAMPLE,
				    "%s holds no line: is it a file that `meed "
				    "score -o` wrote?",
				    f->path);
	return code;
}

int32_t meed_run_file_read(const char *path, const char *name, const struct meed_run_file_opts *o,
			   struct meed_err *err, struct meed_run_file **ret)
{
	const struct meed_scored_opts so = { .composition = o->composition,
					     .format = o->format,
					     .map = o->map,
					     .cancel = o->cancel };
	struct meed_run_file *f = calloc(1, sizeof(*f));
	struct meed_scored_reader *in = NULL;
	int32_t code;

	if (!f)
		return meed_err_nomem(err);
	meed_sketch_init(&f->sketch);
	meed_sketch_init(&f->canary_scores);
	f->has_range = o->has_range;
	f->low = o->low;
	f->high = o->high;
	f->name = strdup(name);
	f->path = strdup(path);
	if (!f->name || !f->path || !kept_init(&f->kept)) {
		code = meed_err_nomem(err);
		goto out;
	}
	code = meed_scored_open(&path, 1, &so, err, &in);
	if (code < 0)
		goto out;
	code = read_all(f, in, o, err);
	if (code < 0)
		goto out;
	*ret = f;
	f = NULL;
out:
	meed_scored_close(in);
	meed_run_file_free(f);
	return code;
}

void meed_run_file_free(struct meed_run_file *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n_categories; i++)
		free(f->categories[i].name);
	for (i = 0; i < f->n_members; i++)
		free(f->members[i].name);
	for (i = 0; i < f->n_failures; i++)
		free(f->failures[i].code);
	for (i = 0; i < CANARIES_SHOWN; i++)
		free(f->canaries[i].text);
	free(f->categories);
	free(f->members);
	free(f->failures);
	kept_release(&f->kept);
	meed_sketch_release(&f->sketch);
	meed_sketch_release(&f->canary_scores);
	free(f->name);
	free(f->path);
	free(f->composition);
	free(f);
}

uint64_t meed_run_file_scored(const struct meed_run_file *f)
{
	return f->score.n;
}

uint64_t meed_run_file_bad(const struct meed_run_file *f)
{
	return f->n_bad;
}
