/* pairs.c - the step pairs: samples with a better and a worse output each */
#include "config.h"

#include "host/data/pairs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const modes[] = { "labels", "best_worst", "all" };

const struct meed_data_param data_pairs_params[] = {
	{ "pairs", MEED_DATA_TEXT, "HOW",
	  "labels (default): each output labelled chosen with\n"
	  "each rejected; best_worst: by score; all: by score,\n"
	  "each with each" },
	{ "margin", MEED_DATA_NUMBER, "X",
	  "only pairs whose scores differ by at least X\n"
	  "(default: by more than 0)" },
	{ "max_pairs", MEED_DATA_COUNT, "N", "at most so many of a sample, widest margin first" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

int32_t data_pairing_init(struct data_pairing *p, const struct meed_data_args *a,
			  struct meed_err *err)
{
	const char *mode = data_text(a, "pairs", "labels");
	int k = data_word("pairs", mode, modes, DATA_COUNT(modes), err);

	if (k < 0)
		return MEED_E_PARAM;
	p->mode = (enum data_pair_mode)k;
	p->margin = data_num(a, "margin", 0);
	p->has_margin = data_is_set(a, "margin");
	p->max = data_uint(a, "max_pairs", UINT64_MAX);
	if (p->has_margin && !(p->margin > 0))
		return data_wrong(err, "margin", "must be above 0");
	if (p->has_margin && p->mode == DATA_BY_LABELS)
		return data_wrong(err, "margin",
				  "labels have no margin: give pairs best_worst or all");
	if (data_is_set(a, "max_pairs") && p->max == 0)
		return data_wrong(err, "max_pairs", "must be at least 1");
	return MEED_OK;
}

void data_pairing_release(struct data_pairing *p)
{
	free(p->v);
	memset(p, 0, sizeof(*p));
}

static bool add(struct data_pairing *p, size_t chosen, size_t rejected, double margin)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 16;
		struct data_pair *v = realloc(p->v, cap * sizeof(*v));

		if (!v)
			return false;
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n] = (struct data_pair){ chosen, rejected, margin, p->n };
	p->n++;
	return true;
}

static bool is_labelled(struct json_object *output, const char *word)
{
	struct json_object *v = data_label(output, "preference");

	return json_object_is_type(v, json_type_string) &&
	       meed_str_eq(data_view(v), meed_str_of(word));
}

static bool by_labels(struct data_pairing *p, struct json_object *outs, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; is_labelled(json_object_array_get_idx(outs, i), "chosen") && j < n; j++)
			if (is_labelled(json_object_array_get_idx(outs, j), "rejected") &&
			    !add(p, i, j, NAN))
				return false;
	return true;
}

static bool wide(const struct data_pairing *p, double d)
{
	return p->has_margin ? d >= p->margin : d > 0;
}

static bool best_worst(struct data_pairing *p, struct json_object *outs, size_t n)
{
	double hi = -INFINITY, lo = INFINITY, d;
	size_t best = n, worst = n, i;

	for (i = 0; i < n; i++) {
		if (!data_score(json_object_array_get_idx(outs, i), &d))
			continue;
		if (d > hi) {
			hi = d;
			best = i;
		}
		if (d < lo) {
			lo = d;
			worst = i;
		}
	}
	return best == n || !wide(p, hi - lo) || add(p, best, worst, hi - lo);
}

static bool all_pairs(struct data_pairing *p, struct json_object *outs, size_t n)
{
	double a, b;
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; data_score(json_object_array_get_idx(outs, i), &a) && j < n; j++)
			if (data_score(json_object_array_get_idx(outs, j), &b) && wide(p, a - b) &&
			    !add(p, i, j, a - b))
				return false;
	return true;
}

static int by_margin(const void *pa, const void *pb)
{
	const struct data_pair *a = pa, *b = pb;

	if (a->margin != b->margin)
		return a->margin > b->margin ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

int32_t data_pairing_find(struct data_pairing *p, struct json_object *root, const char **ret_why,
			  struct meed_err *err)
{
	struct json_object *outs = data_outputs(root);
	size_t n = outs ? json_object_array_length(outs) : 0;
	bool ok;

	p->n = 0;
	ok = p->mode == DATA_BY_LABELS	  ? by_labels(p, outs, n)
	     : p->mode == DATA_BEST_WORST ? best_worst(p, outs, n)
					  : all_pairs(p, outs, n);
	if (!ok)
		return meed_err_nomem(err);
	if (p->n > p->max) {
		if (p->mode != DATA_BY_LABELS)
			qsort(p->v, p->n, sizeof(*p->v), by_margin);
		p->n = (size_t)p->max;
	}
	if (p->n == 0)
		*ret_why = p->mode == DATA_BY_LABELS
				   ? "no output is labelled chosen and another rejected"
				   : "no two outputs have scores that differ enough";
	return MEED_OK;
}

/* ---- the step ---------------------------------------------------------------------------- */

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	return data_pairing_init(self, a, err);
}

static void release(void *self)
{
	data_pairing_release(self);
}

/* Appends a copy of an output with this preference in its label. */
static bool add_labelled(struct json_object *to, struct json_object *output, const char *word)
{
	struct json_object *copy = data_clone(output), *label;

	if (!copy || json_object_array_add(to, copy) != 0) {
		json_object_put(copy);
		return false;
	}
	label = data_make_label(to, json_object_array_length(to) - 1);
	return label && data_add(label, "preference", json_object_new_string(word));
}

static struct json_object *pair_sample(struct json_object *root, const struct data_pair *p,
				       size_t i, size_t n)
{
	struct json_object *ret = NULL, *outs = json_object_new_array(), *id;
	struct json_object *all = data_outputs(root);
	char name[64];

	if (!outs || !add_labelled(outs, json_object_array_get_idx(all, p->chosen), "chosen") ||
	    !add_labelled(outs, json_object_array_get_idx(all, p->rejected), "rejected"))
		goto fail;
	ret = data_clone(root);
	if (!ret)
		goto fail;
	id = data_get(ret, "unique_id");
	if (n > 1 && json_object_is_type(id, json_type_string)) {
		struct meed_buf b = { 0 };

		meed_buf_put(&b, data_view(id).p, data_view(id).n);
		(void)snprintf(name, sizeof(name), "#%zu", i + 1);
		meed_buf_puts(&b, name);
		if (b.failed ||
		    !data_add(ret, "unique_id", json_object_new_string_len(b.p, (int)b.n))) {
			meed_buf_release(&b);
			goto fail;
		}
		meed_buf_release(&b);
	}
	if (!data_add(ret, "output", outs)) {
		outs = NULL;
		goto fail;
	}
	return ret;
fail:
	json_object_put(ret);
	json_object_put(outs);
	return NULL;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err);
	struct data_pairing *p = s->self;
	struct data_rec pair = { .part = r->part };
	const char *why = NULL;
	int32_t st = root ? data_pairing_find(p, root, &why, err) : err->code;
	size_t i;

	if (st == MEED_OK && p->n == 0)
		return data_drop(s, r, err);
	for (i = 0; st == MEED_OK && i < p->n; i++) {
		struct json_object *o = pair_sample(root, &p->v[i], i, p->n);

		if (!o) {
			st = meed_err_nomem(err);
			break;
		}
		data_rec_own(&pair, o);
		st = data_pass(s, &pair, err);
	}
	data_rec_release(&pair);
	return st;
}

const struct data_kind data_pairs = {
	.pub = { .name = "pairs",
		 .summary = "Make samples of one better and one worse output.",
		 .params = data_pairs_params },
	.size = sizeof(struct data_pairing),
	.init = init,
	.release = release,
	.push = push,
};
