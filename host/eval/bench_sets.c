/* bench_sets.c - sets of responses to one prompt: best@k, maj@k and pass@k. */
#include "config.h"
#include "host/eval/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "host/sample/sample.h"

/* ---- right or wrong ------------------------------------------------------------------------ */

static double threshold_of(const struct meed_eval *e)
{
	return isnan(e->o.threshold) ? 0.5 : e->o.threshold;
}

/* The i-th value of what stands at a pointer: of a list, or the value itself. */
static struct json_object *nth(const struct meed_scored *s, const char *pointer, size_t i)
{
	struct json_object *v = meed_json_pointer(s->root, pointer);

	if (json_object_get_type(v) == json_type_array)
		return i < json_object_array_length(v) ? json_object_array_get_idx(v, i) : NULL;
	return i == 0 ? v : NULL;
}

/* Whether response i is right: recorded at --correct-at, else by its label. */
static bool right_by_label(const struct meed_eval *e, const struct meed_scored *s, size_t i,
			   bool *ret)
{
	double x;

	if (!e->o.correct_at)
		return i < s->n_outs && meed_label_right(&s->outs[i], ret);
	if (!meed_scored_num(nth(s, e->o.correct_at, i), &x))
		return false;
	*ret = x > 0.5;
	return true;
}

/* ---- best of k, and votes
 * ------------------------------------------------------------------------ */

struct response {
	double score; /* -INFINITY: none */
	bool right;
	size_t at; /* its place in the row */
	meed_str answer;
};

/* Channels: maj, whether there are answers; then for each k: best, pass, whether there are k. */
enum {
	BEST_ALL,
	MAJ,
	HAS_ANSWERS,
	FIRST_K
};
enum {
	K_BEST,
	K_PASS,
	K_HAS,
	PER_K
};

static size_t best_channels(const struct meed_eval_opts *o)
{
	return FIRST_K + PER_K * o->n_ks;
}

static int by_score(const void *a, const void *b)
{
	double x = ((const struct response *)a)->score, y = ((const struct response *)b)->score;

	return x > y ? -1 : x < y;
}

/* The chance that the best-scored of k responses, drawn from all without replacement, is right; of
 * several that share the best score each is as likely to be taken. v is sorted. */
static double best_at_k(const struct response *v, size_t n, size_t k)
{
	double sum = 0, above = 1; /* above: P(the best of k is not among what was passed) */

	for (size_t i = 0, end; i < n; i = end) {
		double right = 0, after = 1;

		for (end = i; end < n && !(v[end].score < v[i].score); end++)
			right += v[end].right;
		/* C(n - end, k) / C(n, k): none of the first `end` is drawn */
		for (size_t j = 0; j < k; j++)
			after *= n - j > end ? (double)(n - end - j) / (double)(n - j) : 0;
		if (end >= n)
			after = 0;
		if (isfinite(v[i].score))
			sum += (above - after) * right / (double)(end - i);
		above = after;
	}
	return sum;
}

static int by_answer(const void *a, const void *b)
{
	const struct response *x = a, *y = b;
	size_t n = x->answer.n < y->answer.n ? x->answer.n : y->answer.n;
	int d = n ? memcmp(x->answer.p, y->answer.p, n) : 0;

	if (d == 0 && x->answer.n != y->answer.n)
		d = x->answer.n < y->answer.n ? -1 : 1;
	if (d == 0)
		d = x->at < y->at ? -1 : x->at > y->at;
	return d;
}

/* Whether the answer that most responses give is right; of several the first to appear. Spaces
 * around it do not count. Sorts v. */
static double majority(struct response *v, size_t n)
{
	size_t best = 0, best_n = 0;

	qsort(v, n, sizeof(*v), by_answer);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && meed_str_eq(v[end].answer, v[i].answer); end++)
			;
		if (end - i > best_n || (end - i == best_n && v[i].at < v[best].at)) {
			best = i;
			best_n = end - i;
		}
	}
	return n ? v[best].right : 0;
}

static meed_str trim(meed_str s)
{
	while (s.n && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* A text, or a number's digits as json-c keeps them with the value. */
static bool answer_of(const struct meed_eval *e, const struct meed_scored *s, size_t i,
		      meed_str *ret)
{
	struct json_object *v = e->o.answer_at ? nth(s, e->o.answer_at, i)
					       : meed_scored_get(s->outs[i].label, "prediction");

	if (!v)
		return false;
	*ret = meed_json_str(v, ret) ? *ret : meed_str_of(json_object_get_string(v));
	*ret = trim(*ret);
	return true;
}

static void fill(const struct meed_eval *e, struct response *v, size_t n, uint32_t *flags,
		 double *ch)
{
	if (ch[HAS_ANSWERS] > 0)
		ch[MAJ] = majority(v, n);
	qsort(v, n, sizeof(*v), by_score);
	ch[BEST_ALL] = best_at_k(v, n, n);
	if (!(*flags & MEED_ITEM_ERROR) && ch[BEST_ALL] > 0 && ch[BEST_ALL] < 1)
		*flags |= MEED_ITEM_TIE;
	for (size_t i = 0; i < e->o.n_ks; i++) {
		double *at = ch + FIRST_K + PER_K * i;
		size_t k = (size_t)e->o.ks[i], right = 0;

		if (k > n)
			continue;
		for (size_t j = 0; j < n; j++)
			right += v[j].right;
		at[K_HAS] = 1;
		at[K_BEST] = best_at_k(v, n, k);
		at[K_PASS] = meed_pass_at_k(n, right, k);
	}
}

static int32_t take_best(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	struct response *v = calloc(s->n_outs + 1, sizeof(*v));
	double *ch = calloc(e->t->n_ch, sizeof(*ch));
	uint32_t flags = 0, at;
	int32_t r = v && ch ? MEED_OK : meed_err_nomem(err);
	bool known = s->n_outs > 0;

	if (r < 0)
		goto out;
	ch[HAS_ANSWERS] = 1;
	for (size_t i = 0; i < s->n_outs && known; i++) {
		known = right_by_label(e, s, i, &v[i].right);
		v[i].at = i;
		v[i].score = meed_has_score(&s->outs[i]) ? s->outs[i].reward.score : -INFINITY;
		if (!meed_has_score(&s->outs[i]))
			flags |= MEED_ITEM_ERROR;
		if (!answer_of(e, s, i, &v[i].answer))
			ch[HAS_ANSWERS] = 0;
	}
	if (!known) {
		e->n_unlabelled++;
		goto out;
	}
	fill(e, v, s->n_outs, &flags, ch);
	r = meed_tally_subset(e->t, meed_sample_subset(e, s, NULL), err, &at);
	if (r >= 0)
		r = meed_tally_add(e->t, at, meed_sample_id(s), meed_sample_cluster(s), flags, ch,
				   err);
out:
	free(v);
	free(ch);
	return r;
}

/* ---- pass@k
 * --------------------------------------------------------------------------------------- */

struct group {
	uint64_t cluster;
	uint32_t subset;
	bool error;
	uint64_t n, right;
};

enum {
	P_MEAN,
	P_FIRST_K
};
enum {
	P_PASS,
	P_HAS,
	P_PER_K
};

static size_t pass_channels(const struct meed_eval_opts *o)
{
	return P_FIRST_K + P_PER_K * o->n_ks;
}

static uint64_t group_key(const struct meed_eval *e, const struct meed_scored *s)
{
	struct json_object *v = e->o.group_at ? meed_json_pointer(s->root, e->o.group_at) : NULL;
	const char *text = v ? json_object_get_string(v) : NULL;

	return text ? meed_hash(text, strlen(text), 7) : meed_sample_cluster(s);
}

/* What says it: --correct-at; the score, above the threshold; the label. */
static bool one_right(const struct meed_eval *e, const struct meed_scored *s, size_t i, bool *ret,
		      bool *ret_error)
{
	const struct meed_scored_reward *w = i < s->n_outs ? &s->outs[i].reward : NULL;

	*ret = false;
	if (e->o.correct_at || !w || !w->present)
		return right_by_label(e, s, i, ret);
	*ret_error |= !w->valid;
	*ret = w->valid && w->score > threshold_of(e);
	return true;
}

static size_t responses(const struct meed_eval *e, const struct meed_scored *s)
{
	struct json_object *v;

	if (!e->o.correct_at)
		return s->n_outs;
	v = meed_json_pointer(s->root, e->o.correct_at);
	return json_object_get_type(v) == json_type_array ? json_object_array_length(v) : v != NULL;
}

static int32_t take_pass(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	size_t n = responses(e, s), known = 0, right = 0;
	struct group *g;
	uint32_t at, subset;
	bool fresh, error = false, yes;
	int32_t r;

	for (size_t i = 0; i < n; i++) {
		known += one_right(e, s, i, &yes, &error);
		right += yes;
	}
	if (!known || known < n) {
		e->n_unlabelled++;
		return MEED_OK;
	}
	r = meed_tally_subset(e->t, meed_sample_subset(e, s, NULL), err, &subset);
	if (r >= 0)
		r = meed_map_put(&e->map, group_key(e, s), err, &at, &fresh);
	if (r < 0)
		return r;
	if (fresh && !meed_pending_add(e, sizeof(*g)))
		return meed_err_nomem(err);
	g = (struct group *)e->pending + at;
	if (fresh) {
		g->subset = subset;
		g->cluster = e->map.keys[at];
	}
	g->n += n;
	g->right += right;
	g->error |= error;
	return MEED_OK;
}

static int32_t end_pass(struct meed_eval *e, struct meed_err *err)
{
	const struct group *v = e->pending;
	double *ch = calloc(e->t->n_ch, sizeof(*ch));
	int32_t r = ch ? MEED_OK : meed_err_nomem(err);

	for (size_t i = 0; i < e->n_pending && r >= 0; i++) {
		ch[P_MEAN] = (double)v[i].right / (double)v[i].n;
		for (size_t k = 0; k < e->o.n_ks; k++) {
			double p = meed_pass_at_k(v[i].n, v[i].right, e->o.ks[k]);

			ch[P_FIRST_K + P_PER_K * k + P_PASS] = isnan(p) ? 0 : p;
			ch[P_FIRST_K + P_PER_K * k + P_HAS] = !isnan(p);
		}
		r = meed_tally_add(e->t, v[i].subset, v[i].cluster, v[i].cluster,
				   v[i].error ? MEED_ITEM_ERROR : 0, ch, err);
	}
	free(ch);
	return r;
}

/* ---- tables
 * ------------------------------------------------------------------------------------------ */

static int32_t note_sets(struct meed_eval *e, uint32_t first, uint32_t per, uint32_t has,
			 struct meed_err *err)
{
	int32_t r = MEED_OK;

	if (e->n_unlabelled)
		r = meed_eval_note(
			e, err,
			"%llu samples do not say which responses are right and are in no "
			"figure",
			(unsigned long long)e->n_unlabelled);
	for (size_t k = 0; k < e->o.n_ks && r >= 0; k++) {
		uint64_t few = 0;

		for (size_t i = 0; i < e->t->n; i++)
			few += !(meed_tally_item(e->t, i)->ch[first + per * k + has] > 0);
		if (few)
			r = meed_eval_note(
				e, err,
				"%llu of %zu sets have fewer than %llu responses: they are not "
				"in that k's figures",
				(unsigned long long)few, e->t->n, (unsigned long long)e->o.ks[k]);
	}
	return r;
}

static bool best_row(struct meed_eval *e, struct meed_table_plan *t, const char *name, bool strong,
		     const uint32_t *v, size_t n)
{
	struct meed_row_plan *row = meed_plan_row(t, name, strong, v, n);

	if (!row)
		return false;
	row->fig[0] = meed_figs_ratio(&e->figs, BEST_ALL, MEED_CH_ITEMS, v, n);
	row->fig[1] = meed_figs_ratio(&e->figs, MAJ, HAS_ANSWERS, v, n);
	return true;
}

static bool k_table(struct meed_eval *e, bool best, const uint32_t *v, size_t n)
{
	struct meed_table_plan *t = meed_plan_table(e, "by_k", best ? "By k" : "pass@k", "k");
	char name[32];

	if (best)
		meed_plan_column(t, "best", "best@k", true);
	meed_plan_column(t, "pass", "pass@k", true);
	t->counts = !best;
	t->plot = true;
	for (uint32_t k = 0; k < e->o.n_ks; k++) {
		uint32_t at = best ? FIRST_K + PER_K * k : P_FIRST_K + P_PER_K * k;
		struct meed_row_plan *row;

		(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)e->o.ks[k]);
		row = meed_plan_row(t, name, !best && k + 1 == e->o.n_ks, v, n);
		if (!row)
			return false;
		row->fig[0] = best ? meed_figs_ratio(&e->figs, at + K_BEST, at + K_HAS, v, n)
				   : meed_figs_ratio(&e->figs, at + P_PASS, at + P_HAS, v, n);
		if (best)
			row->fig[1] = meed_figs_ratio(&e->figs, at + K_PASS, at + K_HAS, v, n);
	}
	t->caption =
		best ? "Expected over all ways to draw k of a set's responses: best@k the one that "
		       "scores best is right, pass@k any of them is."
		     : "Chance that one of k drawn responses is right (unbiased estimate); a "
		       "response without a score is wrong.";
	return true;
}

static int32_t layout_best(struct meed_eval *e, struct meed_err *err)
{
	struct meed_table_plan *t = meed_plan_table(e, "best", "Best of n", "subset");
	uint32_t *v = meed_subsets_sorted(e);
	size_t n = e->t->n_names;
	bool ok = v != NULL;

	meed_plan_column(t, "best", "best@n", true);
	meed_plan_column(t, "maj", "maj@n", true);
	t->counts = t->without = t->plot = true;
	t->caption = "best@n: the response that scores best is right (of several, each is as "
		     "likely to be "
		     "taken); maj@n: the answer that most responses give is.";
	for (size_t i = 0; ok && n > 1 && i < n; i++)
		ok = best_row(e, t, e->t->names[v[i]], false, &v[i], 1);
	ok = ok && best_row(e, t, "all", true, v, n) && k_table(e, true, v, n);
	free(v);
	return ok ? note_sets(e, FIRST_K, PER_K, K_HAS, err) : meed_err_nomem(err);
}

static int32_t layout_pass(struct meed_eval *e, struct meed_err *err)
{
	uint32_t *v = meed_subsets_sorted(e);
	bool ok = v && k_table(e, false, v, e->t->n_names);

	free(v);
	return ok ? note_sets(e, P_FIRST_K, P_PER_K, P_HAS, err) : meed_err_nomem(err);
}

const struct meed_eval_bench meed_eval_on_best = {
	.info = { "best", NULL,
		  "best@k and maj@k on sets of responses that are labelled right or wrong",
		  "best@k: share of sets whose top-scored response is right; ties shared", true },
	.channels = best_channels,
	.take = take_best,
	.layout = layout_best
};

const struct meed_eval_bench meed_eval_on_pass = {
	.info = { "pass@k", NULL, "pass@k by the unbiased estimate, from scores or labels",
		  "Chen et al. 2021, arXiv 2107.03374, eq. 1", true },
	.channels = pass_channels,
	.take = take_pass,
	.end = end_pass,
	.layout = layout_pass
};
