/* agree.c - how far annotators agree: gathers what they said, and reports */
#include "config.h"

#include "host/data/internal.h"
#include "host/data/kappa.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	PATTERNS_MAX = 1 << 20
};

/* What is gathered while samples go by. Codes are in the order of first sight until the end. */
struct gathered {
	const struct meed_agree_opts *o;
	struct data_path *paths; /* of the raters, if they are given */
	struct meed_arena arena; /* names */
	meed_str raters[KAPPA_RATERS];
	size_t n_raters;
	meed_str categories[KAPPA_CATEGORIES];
	size_t n_categories;
	uint16_t *codes; /* patterns, KAPPA_RATERS each */
	double *counts;
	size_t n, cap;
	uint32_t *slots; /* open addressing: pattern + 1 */
	size_t n_slots;
	uint64_t n_units;
	struct meed_buf text;
};

/* ---- patterns ---------------------------------------------------------------------------------
 */

static bool grow(struct gathered *g)
{
	size_t cap = g->cap ? 2 * g->cap : 256, n_slots = 4 * cap, i, k;
	uint16_t *codes = realloc(g->codes, cap * KAPPA_RATERS * sizeof(*codes));
	double *counts;
	uint32_t *slots;

	if (!codes)
		return false;
	g->codes = codes;
	counts = realloc(g->counts, cap * sizeof(*counts));
	if (!counts)
		return false;
	g->counts = counts;
	slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		return false;
	for (i = 0; i < g->n; i++) {
		k = meed_hash(codes + i * KAPPA_RATERS, KAPPA_RATERS * sizeof(*codes), 0) % n_slots;
		while (slots[k])
			k = (k + 1) % n_slots;
		slots[k] = (uint32_t)i + 1;
	}
	free(g->slots);
	g->slots = slots;
	g->n_slots = n_slots;
	g->cap = cap;
	return true;
}

static int32_t add_unit(struct gathered *g, const uint16_t codes[KAPPA_RATERS],
			struct meed_err *err)
{
	size_t size = KAPPA_RATERS * sizeof(*codes), k;

	if (g->n == g->cap && !grow(g))
		return meed_err_nomem(err);
	g->n_units++;
	for (k = meed_hash(codes, size, 0) % g->n_slots; g->slots[k]; k = (k + 1) % g->n_slots) {
		size_t i = g->slots[k] - 1;

		if (memcmp(g->codes + i * KAPPA_RATERS, codes, size) != 0)
			continue;
		g->counts[i]++;
		return MEED_OK;
	}
	if (g->n == PATTERNS_MAX)
		return meed_err_set(err, MEED_E_LIMIT, "more than %d different sets of ratings",
				    PATTERNS_MAX);
	memcpy(g->codes + g->n * KAPPA_RATERS, codes, size);
	g->counts[g->n] = 1;
	g->slots[k] = (uint32_t)++g->n;
	return MEED_OK;
}

/* The place of a name in a list that grows. */
static int32_t place_of(struct gathered *g, meed_str *v, size_t *n, size_t max, meed_str name,
			const char *what, size_t *ret, struct meed_err *err)
{
	for (*ret = 0; *ret < *n; ++*ret)
		if (meed_str_eq(v[*ret], name))
			return MEED_OK;
	if (*n == max)
		return meed_err_set(err, MEED_E_LIMIT, "more than %zu %s", max, what);
	v[*n] = meed_arena_dup(&g->arena, name);
	if (!v[*n].p)
		return meed_err_nomem(err);
	++*n;
	return MEED_OK;
}

/* rater said v of the unit. */
static int32_t say(struct gathered *g, uint16_t codes[KAPPA_RATERS], size_t rater,
		   struct json_object *v, struct meed_err *err)
{
	size_t k;
	int32_t st;

	if (!v)
		return MEED_OK;
	g->text.n = 0;
	if (json_object_is_type(v, json_type_string))
		meed_buf_put(&g->text, data_view(v).p, data_view(v).n);
	else if (json_object_is_type(v, json_type_double))
		meed_buf_json_num(&g->text, json_object_get_double(v));
	else
		meed_json_write(&g->text, v);
	if (g->text.failed)
		return meed_err_nomem(err);
	st = place_of(g, g->categories, &g->n_categories, KAPPA_CATEGORIES,
		      (meed_str){ g->text.p, g->text.n },
		      "different values: these measures are for few", &k, err);
	if (st == MEED_OK)
		codes[rater] = (uint16_t)k;
	return st;
}

/* ---- samples
 * ------------------------------------------------------------------------------------- */

static bool take_first(void *ctx, struct json_object *v)
{
	struct json_object **ret = ctx;

	*ret = v;
	return false;
}

static int32_t gather_paths(struct gathered *g, struct json_object *root, struct meed_err *err)
{
	uint16_t codes[KAPPA_RATERS];
	int32_t st = MEED_OK;
	size_t i;

	memset(codes, 0xff, sizeof(codes));
	for (i = 0; i < g->n_raters && st == MEED_OK; i++) {
		struct json_object *v = NULL;

		data_path_each(&g->paths[i], root, take_first, &v);
		st = say(g, codes, i, v, err);
	}
	return st == MEED_OK ? add_unit(g, codes, err) : st;
}

/* What an annotation says: of the sample (output < 0), or of one output. */
static struct json_object *said_of(const struct gathered *g, struct json_object *a, int64_t output)
{
	const char *of = g->o->of;
	struct json_object *v;

	if (output < 0)
		return data_get(a, of);
	v = strcmp(of, "rating") == 0 ? data_get(a, "ratings")
	    : strcmp(of, "rank") == 0 ? data_get(a, "ranks")
				      : data_get(data_get(a, "aspects"), of);
	return json_object_is_type(v, json_type_array)
		       ? json_object_array_get_idx(v, (size_t)output)
		       : NULL;
}

static int32_t gather_unit(struct gathered *g, struct json_object *list, int64_t output,
			   struct meed_err *err)
{
	uint16_t codes[KAPPA_RATERS];
	int32_t st = MEED_OK;
	bool any = false;
	size_t i, rater;

	memset(codes, 0xff, sizeof(codes));
	for (i = 0; i < json_object_array_length(list) && st == MEED_OK; i++) {
		struct json_object *a = json_object_array_get_idx(list, i);
		struct json_object *who = data_get(a, "annotator"), *v = said_of(g, a, output);

		if (!v || !json_object_is_type(who, json_type_string))
			continue;
		st = place_of(g, g->raters, &g->n_raters, KAPPA_RATERS, data_view(who),
			      "annotators", &rater, err);
		if (st == MEED_OK)
			st = say(g, codes, rater, v, err);
		any = true;
	}
	return st == MEED_OK && any ? add_unit(g, codes, err) : st;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct gathered *g = *(struct gathered **)s->self;
	struct json_object *root = data_rec_root(r, err), *list, *outs;
	int32_t st = MEED_OK;
	size_t n, i;

	if (!root)
		return err->code;
	if (g->paths)
		return gather_paths(g, root, err);
	list = data_get(data_get(root, "metadata"), "annotations");
	if (!json_object_is_type(list, json_type_array))
		return MEED_OK;
	if (strcmp(g->o->of, "preference") == 0 || strcmp(g->o->of, "best") == 0)
		return gather_unit(g, list, -1, err);
	outs = data_outputs(root);
	n = outs ? json_object_array_length(outs) : 0;
	for (i = 0; i < n && st == MEED_OK; i++)
		st = gather_unit(g, list, (int64_t)i, err);
	return st;
}

static const struct data_kind gather = {
	.pub = { .name = "agree", .summary = "" },
	.size = sizeof(struct gathered *),
	.push = push,
};

/* ---- categories in order
 * ------------------------------------------------------------------------------ */

static int by_bytes(meed_str a, meed_str b)
{
	int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

struct category {
	meed_str name;
	double value; /* what it is as a number, or its place in --order */
	uint16_t old;
};

static int by_value(const void *pa, const void *pb)
{
	const struct category *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return by_bytes(a->name, b->name);
}

/* Sorts categories: by --order, as numbers if all are, else by their bytes; codes follow. */
static int32_t sort_categories(struct gathered *g, double *values, bool *ret_numeric,
			       struct meed_err *err)
{
	struct category *v = calloc(g->n_categories + 1, sizeof(*v));
	uint16_t *to = calloc(g->n_categories + 1, sizeof(*to));
	bool numeric = true;
	int32_t st = MEED_OK;
	size_t i, k;

	if (!v || !to) {
		st = meed_err_nomem(err);
		goto out;
	}
	for (i = 0; i < g->n_categories; i++) {
		v[i].name = g->categories[i];
		v[i].old = (uint16_t)i;
		numeric = numeric && v[i].name.n > 0 &&
			  meed_strtod(v[i].name.p, v[i].name.n, &v[i].value) == v[i].name.n &&
			  isfinite(v[i].value);
	}
	for (i = 0; i < g->n_categories; i++) {
		if (!numeric)
			v[i].value = 0;
		for (k = 0; k < g->o->n_order; k++)
			if (meed_str_eq(v[i].name, meed_str_of(g->o->order[k])))
				break;
		if (g->o->n_order > 0 && k == g->o->n_order) {
			st = meed_err_set(err, MEED_E_PARAM,
					  "the value \"%.*s\" is not in the order "
					  "that is given",
					  (int)v[i].name.n, v[i].name.p);
			goto out;
		}
		if (g->o->n_order > 0)
			v[i].value = (double)k;
	}
	qsort(v, g->n_categories, sizeof(*v), by_value);
	for (i = 0; i < g->n_categories; i++) {
		g->categories[i] = v[i].name;
		to[v[i].old] = (uint16_t)i;
		values[i] = numeric || g->o->n_order ? v[i].value : (double)i;
	}
	for (i = 0; i < g->n * KAPPA_RATERS; i++)
		if (g->codes[i] != KAPPA_NONE)
			g->codes[i] = to[g->codes[i]];
	*ret_numeric = numeric || g->o->n_order > 0;
out:
	free(v);
	free(to);
	return st;
}

/* ---- figures
 * ---------------------------------------------------------------------------------------------- */

enum {
	M_AGREEMENT,
	M_FLEISS,
	M_NOMINAL,
	M_ORDINAL,
	M_INTERVAL,
	M_FIRST_PAIR
};

struct figures {
	const struct gathered *g;
	struct kappa_data d;
	bool ordered; /* ordinal and interval mean something */
	enum kappa_weights weights;
	size_t n_ratings; /* of a unit, for Fleiss */
	double fleiss_units;
	double *scratch;
	size_t n;	      /* figures: M_* and a pair of raters each */
	double *now;	      /* n */
	double *units, *same; /* n: of pairs */
};

static void compute(struct figures *f, const double *w)
{
	size_t a, b, i = M_FIRST_PAIR;

	f->now[M_AGREEMENT] = kappa_agreement(&f->d, w);
	f->now[M_FLEISS] = kappa_fleiss(&f->d, w, f->n_ratings, &f->fleiss_units);
	f->now[M_NOMINAL] = kappa_krippendorff(&f->d, w, KAPPA_NOMINAL, f->scratch);
	f->now[M_ORDINAL] =
		f->ordered ? kappa_krippendorff(&f->d, w, KAPPA_ORDINAL, f->scratch) : NAN;
	f->now[M_INTERVAL] =
		f->ordered ? kappa_krippendorff(&f->d, w, KAPPA_INTERVAL, f->scratch) : NAN;
	for (a = 0; a < f->d.n_raters; a++)
		for (b = a + 1; b < f->d.n_raters; b++, i++)
			f->now[i] = kappa_cohen(&f->d, w, a, b, f->weights, f->scratch, &f->same[i],
						&f->units[i]);
}

/* A random draw of as many units, by Walker's and Vose's alias method. */
struct alias {
	double *cut;
	size_t *other;
	size_t n;
};

static bool alias_make(struct alias *a, const double *w, size_t n, double total)
{
	size_t *small = calloc(n, sizeof(*small)), *large = calloc(n, sizeof(*large));
	size_t n_small = 0, n_large = 0, i;

	a->cut = calloc(n, sizeof(*a->cut));
	a->other = calloc(n, sizeof(*a->other));
	a->n = n;
	if (!small || !large || !a->cut || !a->other) {
		free(small);
		free(large);
		return false;
	}
	for (i = 0; i < n; i++) {
		a->cut[i] = w[i] / total * (double)n;
		a->other[i] = i;
		if (a->cut[i] < 1)
			small[n_small++] = i;
		else
			large[n_large++] = i;
	}
	while (n_small > 0 && n_large > 0) {
		size_t s = small[--n_small], l = large[n_large - 1];

		a->other[s] = l;
		a->cut[l] -= 1 - a->cut[s];
		if (a->cut[l] < 1) {
			n_large--;
			small[n_small++] = l;
		}
	}
	while (n_large > 0)
		a->cut[large[--n_large]] = 1;
	while (n_small > 0)
		a->cut[small[--n_small]] = 1;
	free(small);
	free(large);
	return true;
}

static void alias_draw(const struct alias *a, uint64_t n, uint64_t seed, double *w)
{
	uint64_t i;

	memset(w, 0, a->n * sizeof(*w));
	for (i = 0; i < n; i++) {
		double u = (double)(data_random(seed, i) >> 11) * 0x1p-53 * (double)a->n;
		size_t k = (size_t)u < a->n ? (size_t)u : a->n - 1;

		w[u - (double)k < a->cut[k] ? k : a->other[k]]++;
	}
}

static int by_number(const void *pa, const void *pb)
{
	const double *a = pa, *b = pb;

	return *a < *b ? -1 : *a > *b;
}

/* The ends of the 95 % interval of n values, sorted in place; NaN are left out. */
static void percentiles(double *v, size_t n, double *ret_low, double *ret_high)
{
	size_t k = 0, i;

	for (i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[k++] = v[i];
	*ret_low = *ret_high = NAN;
	if (k == 0)
		return;
	qsort(v, k, sizeof(*v), by_number);
	*ret_low = v[(size_t)(0.025 * (double)(k - 1) + 0.5)];
	*ret_high = v[(size_t)(0.975 * (double)(k - 1) + 0.5)];
}

/* ---- the report
 * -----------------------------------------------------------------------------------------------
 */

static void put_interval(struct meed_report_table *t, double x, double low, double high)
{
	if (isnan(x))
		meed_table_missing(t);
	else if (isnan(low))
		meed_table_num(t, x);
	else
		meed_table_interval(t, x, low, high);
}

static void put_measures(struct meed_report *r, const struct figures *f, const double *values,
			 const double *low, const double *high)
{
	static const char *const names[] = { "agreement of pairs", "Fleiss' kappa",
					     "Krippendorff's alpha, nominal",
					     "Krippendorff's alpha, ordinal",
					     "Krippendorff's alpha, interval" };
	struct meed_report_table *t =
		meed_report_table(r, "agreement", "Agreement of all annotators",
				  "with 95 % intervals of a bootstrap over units");
	size_t i;

	meed_table_column(t, "measure", "Measure", MEED_CELL_TEXT, 0);
	meed_table_column(t, "value", "Value", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "units", "Units", MEED_CELL_COUNT, 0);
	for (i = 0; i < M_FIRST_PAIR; i++) {
		if ((i == M_ORDINAL || i == M_INTERVAL) && !f->ordered)
			continue;
		meed_table_row(t);
		meed_table_text(t, "%s", names[i]);
		put_interval(t, values[i], low[i], high[i]);
		meed_table_num(t, i == M_FLEISS ? f->fleiss_units : f->units[0]);
	}
}

static void put_pairs(struct meed_report *r, const struct figures *f, const double *values,
		      const double *low, const double *high)
{
	static const char *const how[] = { "unweighted", "linear weights", "quadratic weights" };
	struct meed_report_table *t =
		meed_report_table(r, "cohen", "Cohen's kappa of each pair", how[f->weights]);
	size_t a, b, i = M_FIRST_PAIR;

	meed_table_column(t, "rater_a", "Annotator", MEED_CELL_TEXT, 0);
	meed_table_column(t, "rater_b", "and", MEED_CELL_TEXT, 0);
	meed_table_column(t, "kappa", "Kappa", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "same", "Agree", MEED_CELL_PERCENT, 1);
	meed_table_column(t, "units", "Units", MEED_CELL_COUNT, 0);
	for (a = 0; a < f->d.n_raters; a++)
		for (b = a + 1; b < f->d.n_raters; b++, i++) {
			meed_table_row(t);
			meed_table_str(t, f->g->raters[a]);
			meed_table_str(t, f->g->raters[b]);
			put_interval(t, values[i], low[i], high[i]);
			meed_table_num(t, f->same[i]);
			meed_table_num(t, f->units[i]);
		}
}

static void put_values(struct meed_report *r, const struct figures *f)
{
	struct meed_report_table *t =
		meed_report_table(r, "values", "What each annotator said", NULL);
	size_t a, c, i;

	meed_table_column(t, "rater", "Annotator", MEED_CELL_TEXT, 0);
	meed_table_column(t, "value", "Value", MEED_CELL_TEXT, 0);
	meed_table_column(t, "count", "Times", MEED_CELL_COUNT, 0);
	for (a = 0; a < f->d.n_raters; a++)
		for (c = 0; c < f->d.n_categories; c++) {
			double n = 0;

			for (i = 0; i < f->d.n_patterns; i++)
				n += f->d.codes[i * KAPPA_RATERS + a] == c ? f->g->counts[i] : 0;
			if (n == 0)
				continue;
			meed_table_row(t);
			meed_table_str(t, f->g->raters[a]);
			meed_table_str(t, f->g->categories[c]);
			meed_table_num(t, n);
		}
}

static void put_notes(struct meed_report *r, const struct figures *f, double single)
{
	if (f->fleiss_units < f->units[0])
		meed_report_note(r, MEED_NOTE_INFO,
				 "Fleiss' kappa is over the %.0f units with %zu "
				 "ratings; the others have fewer",
				 f->fleiss_units, f->n_ratings);
	if (single > 0)
		meed_report_note(r, MEED_NOTE_INFO,
				 "%.0f units have one rating alone, and count for "
				 "nothing",
				 single);
	if (!f->ordered)
		meed_report_note(r, MEED_NOTE_INFO,
				 "the values are no numbers: give their order for "
				 "ordinal and interval measures");
	if (f->d.n_categories < 2)
		meed_report_note(r, MEED_NOTE_WARNING,
				 "all said the same: agreement beyond chance "
				 "is not defined");
}

/* ---- all of it
 * --------------------------------------------------------------------------------------------- */

static int32_t figures_init(struct figures *f, struct gathered *g, double *values,
			    struct meed_err *err)
{
	size_t k = g->n_categories, i;

	f->g = g;
	f->weights = (enum kappa_weights)g->o->weights;
	f->n = M_FIRST_PAIR + g->n_raters * (g->n_raters - 1) / 2;
	f->scratch = calloc(k * (k + 1) + 2 * k + 1, sizeof(*f->scratch));
	f->now = calloc(3 * f->n, sizeof(*f->now));
	if (!f->scratch || !f->now)
		return meed_err_nomem(err);
	f->units = f->now + f->n;
	f->same = f->units + f->n;
	f->d = (struct kappa_data){ g->n_raters, k, g->n, g->codes, values };
	for (i = 0; i < g->n; i++)
		if (kappa_ratings(&f->d, i) > f->n_ratings)
			f->n_ratings = kappa_ratings(&f->d, i);
	return MEED_OK;
}

/* values, low and high: f->n each, one after the other. */
static int32_t bootstrap(struct figures *f, double *values, struct meed_err *err)
{
	uint64_t n_boot = f->g->o->n_boot, b;
	double *low = values + f->n, *high = low + f->n, *w, *all;
	struct alias a = { 0 };
	int32_t st = MEED_OK;
	size_t i;

	w = calloc(f->g->n + 1, sizeof(*w));
	all = calloc(f->n * (n_boot + 1), sizeof(*all));
	if (!w || !all || !alias_make(&a, f->g->counts, f->g->n, (double)f->g->n_units))
		st = meed_err_nomem(err);
	for (b = 0; st == MEED_OK && b < n_boot; b++) {
		alias_draw(&a, f->g->n_units, data_random(f->g->o->seed, b), w);
		compute(f, w);
		for (i = 0; i < f->n; i++)
			all[i * n_boot + b] = f->now[i];
	}
	for (i = 0; st == MEED_OK && i < f->n; i++)
		percentiles(all + i * n_boot, n_boot, &low[i], &high[i]);
	compute(f, f->g->counts);
	memcpy(values, f->now, f->n * sizeof(*values));
	free(a.cut);
	free(a.other);
	free(w);
	free(all);
	return st;
}

static int32_t make_report(struct gathered *g, struct meed_err *err, struct meed_report **ret)
{
	double category_values[KAPPA_CATEGORIES], *v = NULL, single = 0;
	struct meed_report *r = meed_report_new("agree", "Agreement between annotators");
	struct figures f = { 0 };
	int32_t st = r ? sort_categories(g, category_values, &f.ordered, err) : meed_err_nomem(err);
	size_t i;

	if (st == MEED_OK)
		st = figures_init(&f, g, category_values, err);
	v = st == MEED_OK ? calloc(3 * f.n, sizeof(*v)) : NULL;
	if (st == MEED_OK)
		st = v ? bootstrap(&f, v, err) : meed_err_nomem(err);
	if (st < 0)
		goto out;
	for (i = 0; i < g->n; i++)
		single += kappa_ratings(&f.d, i) < 2 ? g->counts[i] : 0;
	f.units[0] = (double)g->n_units - single;
	meed_report_fact(r, "of", "%s", g->paths ? "values at pointers" : g->o->of);
	meed_report_fact_num(r, "annotators", (double)g->n_raters);
	meed_report_fact_num(r, "units", (double)g->n_units);
	meed_report_fact_num(r, "values", (double)g->n_categories);
	meed_report_fact_num(r, "bootstrap_samples", (double)g->o->n_boot);
	meed_report_fact(r, "seed", "%llu", (unsigned long long)g->o->seed);
	put_measures(r, &f, v, v + f.n, v + 2 * f.n);
	put_pairs(r, &f, v, v + f.n, v + 2 * f.n);
	put_values(r, &f);
	put_notes(r, &f, single);
	*ret = r;
	r = NULL;
out:
	free(v);
	free(f.scratch);
	free(f.now);
	meed_report_free(r);
	return st;
}

static int32_t init_raters(struct gathered *g, struct meed_err *err)
{
	size_t i;
	int32_t st = MEED_OK;

	if (g->o->n_raters == 0)
		return MEED_OK;
	if (g->o->n_raters < 2 || g->o->n_raters > KAPPA_RATERS)
		return data_wrong(err, "rater", "agreement is between 2 to %d annotators",
				  KAPPA_RATERS);
	g->paths = calloc(g->o->n_raters, sizeof(*g->paths));
	if (!g->paths)
		return meed_err_nomem(err);
	for (i = 0; i < g->o->n_raters && st == MEED_OK; i++) {
		struct meed_err why = { 0 };

		g->raters[i] = meed_str_of(g->o->raters[i]);
		g->n_raters = i + 1;
		if (data_path_init(&g->paths[i], g->o->raters[i], &why) < 0)
			st = data_wrong(err, "rater", "%s", why.text);
	}
	return st;
}

int32_t meed_data_agree(const struct meed_data_opts *o, const struct meed_agree_opts *how,
			struct meed_err *err, struct meed_data_stats *stats,
			struct meed_report **ret)
{
	struct meed_data_chain *chain = meed_data_chain_new();
	struct gathered *g = calloc(1, sizeof(*g)), **self;
	int32_t st = chain && g ? MEED_OK : meed_err_nomem(err);
	size_t i;

	if (st == MEED_OK) {
		g->o = how;
		st = init_raters(g, err);
	}
	if (st == MEED_OK)
		st = meed_data_chain_add(chain, meed_data_args_new(&gather.pub), err);
	if (st == MEED_OK) {
		self = meed_data_chain_self(chain);
		*self = g;
		st = meed_data_chain_run(chain, o, err, stats);
	}
	if (st == MEED_OK && (g->n_raters < 2 || g->n == 0))
		st = meed_err_set(
			err, MEED_E_SAMPLE,
			g->n_raters == 1
				? "there is one annotator: agreement is between two or more"
				: "no sample has annotations of \"%s\": see meed annotate in, --of "
				  "and "
				  "--rater",
			how->of);
	if (st == MEED_OK)
		st = make_report(g, err, ret);
	for (i = 0; g && g->paths && i < g->n_raters; i++)
		data_path_release(&g->paths[i]);
	if (g) {
		free(g->paths);
		free(g->codes);
		free(g->counts);
		free(g->slots);
		meed_buf_release(&g->text);
		meed_arena_release(&g->arena);
	}
	free(g);
	meed_data_chain_free(chain);
	return st;
}
