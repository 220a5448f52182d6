/* bench_orders.c - benchmarks that ask a judge in both orders: JudgeBench and LLMBar. */
#include "config.h"
#include "host/eval/bench.h"

#include <stdlib.h>

#include <json-c/json.h>

/* What was decided in one order: the better output, the other one, neither, or nothing. */
enum verdict {
	RIGHT,
	WRONG,
	EVEN,
	NOTHING
};

struct pair {
	uint64_t id, cluster;
	uint32_t subset;
	bool seen[2];
	uint8_t verdict[2];
};

/* ---- one order ----------------------------------------------------------------------------- */

/* Which output is better by the labels, or by a recorded "A>B" with the order in which the two
 * were shown; false if neither tells. */
static bool better_one(const struct meed_scored *s, bool swapped, size_t *ret)
{
	struct json_object *label = meed_scored_get(s->root, "label");
	meed_str text = meed_scored_str(label);
	double number = 0;
	int a;

	if (s->n_outs >= 2 && meed_label_side(&s->outs[0], &a) && a != 0) {
		*ret = a > 0 ? 0 : 1;
		return true;
	}
	if (meed_str_eq(text, MEED_STR("A>B")) || meed_str_eq(text, MEED_STR("B>A"))) {
		*ret = (text.p[0] == 'B') != swapped;
		return true;
	}
	if (!text.n && meed_scored_num(label, &number) && (number > 0.5 && number < 2.5)) {
		*ret = (number > 1.5) != swapped;
		return true;
	}
	return false;
}

static enum verdict decide(const struct meed_scored *s, size_t better)
{
	const struct meed_scored_output *good, *bad;

	if (s->n_outs != 2)
		return NOTHING;
	good = &s->outs[better];
	bad = &s->outs[1 - better];
	if (!meed_has_score(good) || !meed_has_score(bad))
		return NOTHING;
	if (good->reward.score > bad->reward.score)
		return RIGHT;
	return good->reward.score < bad->reward.score ? WRONG : EVEN;
}

static meed_str field(const struct meed_scored *s, const char *key)
{
	struct json_object *v = meed_scored_get(s->metadata, key);

	return meed_scored_str(v ? v : meed_scored_get(s->root, key));
}

/* The pair: its id, and who answered and who judged where a file has several. */
static uint64_t pair_key(const struct meed_scored *s)
{
	static const char *const keys[] = { "response_model", "judge_name", "judge_model",
					    "evaluator", "method" };
	uint64_t h = meed_sample_id(s);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		meed_str v = field(s, keys[i]);

		if (v.n)
			h = meed_hash(v.p, v.n, h + i);
	}
	return h;
}

static int32_t put(struct meed_eval *e, const struct meed_scored *s, const char *by, size_t order,
		   bool told, enum verdict v, struct meed_err *err)
{
	struct pair *p;
	uint64_t key = pair_key(s);
	uint32_t at, subset;
	bool fresh;
	int32_t r = meed_tally_subset(e->t, meed_sample_subset(e, s, by), err, &subset);

	if (r >= 0)
		r = meed_map_put(&e->map, key, err, &at, &fresh);
	if (r < 0)
		return r;
	if (fresh && !meed_pending_add(e, sizeof(*p)))
		return meed_err_nomem(err);
	p = (struct pair *)e->pending + at;
	if (fresh) {
		p->id = key;
		p->cluster = meed_sample_cluster(s);
		p->subset = subset;
	}
	if (!told && p->seen[order])
		order = 1;
	if (p->seen[order])
		e->n_alone++; /* asked again in the same order: the last one counts */
	p->seen[order] = true;
	p->verdict[order] = (uint8_t)v;
	return MEED_OK;
}

static int32_t take_judgebench(struct meed_eval *e, const struct meed_scored *s,
			       struct meed_err *err)
{
	meed_str order = field(s, "order");
	bool swapped = meed_str_eq(order, MEED_STR("BA"));
	size_t better;

	if (!better_one(s, swapped, &better)) {
		e->n_unlabelled++;
		return MEED_OK;
	}
	return put(e, s, "source", swapped, order.n > 0, decide(s, better), err);
}

/* ---- LLMBar's own result files
 * -------------------------------------------------------------------- */

/* The winner, "1" or "2" of the outputs as they stand in the file, whatever order they were shown
 * in. */
static enum verdict recorded(struct json_object *order, double label)
{
	struct json_object *winner = meed_scored_get(order, "winner");
	meed_str s = meed_scored_str(winner);
	double w = 0;

	if (s.n == 1 && (s.p[0] == '1' || s.p[0] == '2'))
		w = s.p[0] - '0';
	else if (!meed_scored_num(winner, &w))
		return NOTHING;
	if (!(w > 0.5))
		return EVEN;
	return (w < 1.5) == (label < 1.5) ? RIGHT : WRONG;
}

static int32_t take_llmbar(struct meed_eval *e, const struct meed_scored *s, struct meed_err *err)
{
	struct json_object *results = meed_scored_get(s->root, "results"), *last;
	double label = 0;
	int32_t r = MEED_OK;

	if (json_object_get_type(results) != json_type_array ||
	    !meed_scored_num(meed_scored_get(s->root, "label"), &label)) {
		meed_str order = field(s, "order");
		bool swapped = meed_str_eq(order, MEED_STR("BA"));
		size_t better;

		if (better_one(s, swapped, &better))
			return put(e, s, "subset", swapped, order.n > 0, decide(s, better), err);
		e->n_unlabelled++;
		return MEED_OK;
	}
	last = json_object_array_length(results)
		       ? json_object_array_get_idx(results, json_object_array_length(results) - 1)
		       : NULL;
	for (size_t i = 0; i < 2 && r >= 0; i++)
		r = put(e, s, "subset", i, true,
			recorded(meed_scored_get(last, i ? "swap = True" : "swap = False"), label),
			err);
	return r;
}

/* ---- JudgeBench
 * ---------------------------------------------------------------------------------- */

/* Tan et al. 2025, arXiv 2410.12784; ScalerLab/JudgeBench, utils/metrics.py: of the two orders,
 * each right decision counts +1, each wrong one -1, a tie or none 0; the pair is right if the sum
 * is above 0. A pair that was asked in one order is right if that decision is. */
enum {
	J_RIGHT,
	J_WRONG,
	J_EVEN,
	J_INCONSISTENT,
	J_BOTH,
	J_NULL,
	J_ALL_RIGHT,
	J_TOLD,
	J_N
};

static void judge(const struct pair *p, double ch[J_N], uint32_t *ret_flags)
{
	int sum = 0, n = 0, nulls = 0, right = 0;

	memset(ch, 0, J_N * sizeof(*ch));
	for (int i = 0; i < 2; i++) {
		if (!p->seen[i])
			continue;
		n++;
		sum += p->verdict[i] == RIGHT ? 1 : p->verdict[i] == WRONG ? -1 : 0;
		nulls += p->verdict[i] == NOTHING;
		right += p->verdict[i] == RIGHT;
	}
	ch[J_RIGHT] = sum > 0;
	ch[J_WRONG] = sum < 0;
	ch[J_EVEN] = sum == 0;
	ch[J_BOTH] = n == 2;
	ch[J_INCONSISTENT] = n == 2 && p->verdict[0] != p->verdict[1];
	ch[J_NULL] = nulls > 0;
	ch[J_ALL_RIGHT] = n == 2 && right == 2;
	ch[J_TOLD] = n == 2 || !nulls;
	*ret_flags = nulls ? MEED_ITEM_ERROR : sum == 0 ? MEED_ITEM_TIE : 0;
}

static int32_t end_judgebench(struct meed_eval *e, struct meed_err *err)
{
	const struct pair *v = e->pending;
	int32_t r = MEED_OK;

	for (size_t i = 0; i < e->n_pending && r >= 0; i++) {
		double ch[J_N];
		uint32_t flags;

		judge(&v[i], ch, &flags);
		r = meed_tally_add(e->t, v[i].subset, v[i].id, v[i].cluster, flags, ch, err);
	}
	return r;
}

static struct meed_row_plan *judge_row(struct meed_eval *e, struct meed_table_plan *t,
				       const char *name, bool strong, const uint32_t *v, size_t n)
{
	struct meed_row_plan *row = meed_plan_row(t, name, strong, v, n);

	if (!row)
		return NULL;
	row->fig[0] = meed_figs_ratio(&e->figs, J_RIGHT, MEED_CH_ITEMS, v, n);
	row->fig[1] = meed_figs_ratio(&e->figs, J_WRONG, MEED_CH_ITEMS, v, n);
	row->fig[2] = meed_figs_ratio(&e->figs, J_INCONSISTENT, J_BOTH, v, n);
	row->fig[3] = meed_figs_ratio(&e->figs, J_ALL_RIGHT, J_BOTH, v, n);
	row->fig[4] = meed_figs_ratio(&e->figs, J_RIGHT, J_TOLD, v, n);
	return row;
}

static int32_t notes(struct meed_eval *e, struct meed_err *err)
{
	int32_t r = MEED_OK;

	if (e->n_unlabelled)
		r = meed_eval_note(e, err,
				   "%llu samples do not say which output is better and are in no "
				   "figure",
				   (unsigned long long)e->n_unlabelled);
	if (r >= 0 && e->n_alone)
		r = meed_eval_note(e, err,
				   "%llu judgments repeat a pair in the same order: the last one "
				   "counts",
				   (unsigned long long)e->n_alone);
	return r;
}

static int32_t layout_judgebench(struct meed_eval *e, struct meed_err *err)
{
	static const struct {
		const char *name, *prefix;
	} groups[] = { { "Knowledge", "mmlu-pro" },
		       { "Reasoning", "livebench-reasoning" },
		       { "Math", "livebench-math" },
		       { "Coding", "livecodebench" } };
	struct meed_table_plan *t = meed_plan_table(e, "judgebench", "JudgeBench", "source");
	uint32_t *v = meed_subsets_sorted(e), *of = calloc(e->t->n_names + 1, sizeof(*of));
	size_t n = e->t->n_names;
	bool ok = v && of;

	meed_plan_column(t, "accuracy", "accuracy", true);
	meed_plan_column(t, "wrong", "wrong", true);
	meed_plan_column(t, "inconsistent", "inconsistent", true);
	meed_plan_column(t, "both_right", "both right", true);
	meed_plan_column(t, "without_nulls", "as RM-Gallery", true);
	t->counts = t->plot = true;
	t->caption =
		"accuracy: pairs with more right than wrong decisions; inconsistent and both "
		"right: of "
		"pairs asked in both orders; errors: pairs with an order that gave no decision; as "
		"RM-Gallery: pairs asked once and without a decision are left out.";
	for (size_t i = 0; ok && i < n; i++)
		ok = judge_row(e, t, e->t->names[v[i]], false, &v[i], 1);
	for (size_t i = 0; ok && !e->o.by && i < sizeof(groups) / sizeof(groups[0]); i++) {
		size_t many = meed_subsets_with(e, v, n, groups[i].prefix, of);

		if (many)
			ok = judge_row(e, t, groups[i].name, true, of, many);
	}
	ok = ok && judge_row(e, t, "all", true, v, n);
	free(v);
	free(of);
	return ok ? notes(e, err) : meed_err_nomem(err);
}

/* ---- LLMBar
 * ---------------------------------------------------------------------------------------- */

/* Zeng et al. 2024, arXiv 2310.07641, section 3: accuracy is the mean over both orders, positional
 * agreement the share of pairs with the same preference in both. */
enum {
	L_RIGHT,
	L_AGREE,
	L_BOTH,
	L_N
};

static int32_t end_llmbar(struct meed_eval *e, struct meed_err *err)
{
	const struct pair *v = e->pending;
	int32_t r = MEED_OK;

	for (size_t i = 0; i < e->n_pending && r >= 0; i++) {
		const struct pair *p = &v[i];
		double ch[L_N] = { 0 };
		uint32_t flags = 0;
		int n = 0, right = 0;

		for (int k = 0; k < 2; k++) {
			if (!p->seen[k])
				continue;
			n++;
			right += p->verdict[k] == RIGHT;
			flags |= p->verdict[k] == NOTHING ? MEED_ITEM_ERROR
				 : p->verdict[k] == EVEN  ? MEED_ITEM_TIE
							  : 0;
		}
		ch[L_RIGHT] = (double)right / n;
		ch[L_BOTH] = n == 2;
		ch[L_AGREE] =
			n == 2 && !(flags & MEED_ITEM_ERROR) && p->verdict[0] == p->verdict[1];
		r = meed_tally_add(e->t, p->subset, p->id, p->cluster, flags, ch, err);
	}
	return r;
}

static int32_t layout_llmbar(struct meed_eval *e, struct meed_err *err)
{
	struct meed_table_plan *t = meed_plan_table(e, "llmbar", "LLMBar", "subset");
	size_t n = e->t->n_names, n_adv = 0;
	uint32_t *v = meed_subsets_sorted(e);
	uint32_t *of = calloc(4 * n + 4, sizeof(*of)), *in = of ? of + 3 * n + 3 : NULL;
	struct meed_row_plan *row = NULL;

	meed_plan_column(t, "accuracy", "accuracy", true);
	meed_plan_column(t, "agreement", "agreement", true);
	t->counts = t->without = t->plot = true;
	t->caption = "accuracy: mean over the orders asked; agreement: the same output preferred "
		     "in both; "
		     "Adversarial and score are means of their subsets.";
	for (size_t i = 0; v && of && i < n; i++) {
		row = meed_plan_row(t, e->t->names[v[i]], false, &v[i], 1);
		if (!row)
			break;
		of[i] = row->fig[0] = meed_figs_ratio(&e->figs, L_RIGHT, MEED_CH_ITEMS, &v[i], 1);
		of[n + i] = row->fig[1] = meed_figs_ratio(&e->figs, L_AGREE, L_BOTH, &v[i], 1);
		if (strncmp(row->name, "Adversarial", 11) == 0) {
			of[2 * n + n_adv] = (uint32_t)i;
			in[n_adv++] = v[i];
		}
	}
	if (row && n_adv > 1 && n_adv < n) {
		row = meed_plan_row(t, "Adversarial", true, in, n_adv);
		for (size_t k = 0; row && k < 2; k++) {
			for (size_t i = 0; i < n_adv; i++)
				in[i] = of[k * n + of[2 * n + i]];
			row->fig[k] = meed_figs_combine(&e->figs, MEED_FIG_MEAN, in, NULL, n_adv);
		}
	}
	if (row)
		row = meed_plan_row(t, "score", true, v, n);
	for (size_t k = 0; row && k < 2; k++)
		row->fig[k] = meed_figs_combine(&e->figs, MEED_FIG_MEAN, of + k * n, NULL, n);
	free(v);
	free(of);
	return row ? notes(e, err) : meed_err_nomem(err);
}

const struct meed_eval_bench meed_eval_on_judgebench = {
	.info = { "judgebench", "judgebench",
		  "JudgeBench: pairs judged in both orders, with what is inconsistent",
		  "Tan et al. 2025, arXiv 2410.12784; ScalerLab/JudgeBench, utils/metrics.py",
		  true },
	.n_ch = J_N,
	.take = take_judgebench,
	.end = end_judgebench,
	.layout = layout_judgebench
};

const struct meed_eval_bench meed_eval_on_llmbar = {
	.info = { "llmbar", "llmbar", "LLMBar: natural and adversarial pairs, positional agreement",
		  "Zeng et al. 2024, arXiv 2310.07641", true },
	.n_ch = L_N,
	.take = take_llmbar,
	.end = end_llmbar,
	.layout = layout_llmbar
};
