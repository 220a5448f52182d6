/* order.c - the steps shuffle, sort and limit */
#include "config.h"

#include "host/data/internal.h"

#include <math.h>
#include <stdlib.h>

/* ---- shuffle: sorted by random numbers --------------------------------------------------- */

struct shuffle {
	struct meed_sorter *sorter;
	uint64_t n;
};

static void shuffle_release(void *self)
{
	struct shuffle *x = self;

	meed_sorter_free(x->sorter);
}

static int32_t shuffle_push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct shuffle *x = s->self;
	unsigned char key[16];

	if (!x->sorter && !(x->sorter = meed_sorter_new(data_memory(s))))
		return meed_err_nomem(err);
	meed_key_u64(key, data_random(data_seed(s), x->n));
	meed_key_u64(key + 8, x->n++);
	return data_sort_rec(x->sorter, key, sizeof(key), r, err);
}

static int32_t shuffle_end(struct data_step *s, struct meed_err *err)
{
	struct shuffle *x = s->self;

	return x->sorter ? data_pass_sorted(s, x->sorter, err) : MEED_OK;
}

const struct data_kind data_shuffle = {
	.pub = { .name = "shuffle", .summary = "Put the samples in random order." },
	.size = sizeof(struct shuffle),
	.release = shuffle_release,
	.push = shuffle_push,
	.end = shuffle_end,
};

/* ---- sort ---------------------------------------------------------------------------------------
 */

struct sort {
	struct data_path path; /* with what DATA_PATH */
	struct data_sel by;
	bool descending, length, by_score;
	struct meed_sorter *sorter;
	struct meed_buf text, key;
	uint64_t n;
};

static const struct meed_data_param sort_params[] = {
	{ "by", MEED_DATA_TEXT, "WHAT",
	  "id, category, source, input, output, text, prompt,\n"
	  "score (the best output's), or a JSON pointer" },
	{ "length", MEED_DATA_FLAG, NULL, "by how many characters there are" },
	{ "descending", MEED_DATA_FLAG, NULL, "greatest first" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t sort_init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	const char *by = data_text(a, "by", NULL);
	struct sort *x = self;

	x->descending = data_flag(a, "descending");
	x->length = data_flag(a, "length");
	if (!by)
		return data_wrong(err, "by", "by what? as id or /metadata/level");
	x->by_score = strcmp(by, "score") == 0;
	if (x->by_score && x->length)
		return data_wrong(err, "length", "a score has no length");
	return x->by_score ? MEED_OK : data_sel_init(&x->by, "by", by, err);
}

static void sort_release(void *self)
{
	struct sort *x = self;

	data_sel_release(&x->by);
	data_path_release(&x->path);
	meed_sorter_free(x->sorter);
	meed_buf_release(&x->text);
	meed_buf_release(&x->key);
}

/* Doubles in the order of their bits. */
static uint64_t ordered(double d)
{
	uint64_t u;

	if (d == 0)
		d = 0; /* no negative zero */
	memcpy(&u, &d, sizeof(u));
	return u >> 63 ? ~u : u | UINT64_C(1) << 63;
}

static bool take_first(void *ctx, struct json_object *v)
{
	struct json_object **ret = ctx;

	*ret = v;
	return false;
}

static bool best_score(struct json_object *root, double *ret)
{
	struct json_object *outs = data_outputs(root);
	size_t n = outs ? json_object_array_length(outs) : 0, i;
	bool any = false;
	double d;

	for (i = 0; i < n; i++) {
		if (!data_score(json_object_array_get_idx(outs, i), &d))
			continue;
		*ret = any && *ret > d ? *ret : d;
		any = true;
	}
	return any;
}

/* A key begins with its class, so that numbers come before texts, and what has none last whichever
 * way; then the number's or the text's bytes. Turned around, texts end in 255, so that of two
 * that begin alike the longer still comes first. */
static void make_key(struct sort *x, struct json_object *root)
{
	struct json_object *v = NULL;
	unsigned char bits[8];
	char class = 2;
	double d = 0;
	size_t i;

	x->text.n = x->key.n = 0;
	if (x->by_score) {
		class = best_score(root, &d) ? 0 : 2;
	} else if (!x->length && x->by.what == DATA_PATH) {
		data_path_each(&x->by.path, root, take_first, &v);
		if (json_object_is_type(v, json_type_int) ||
		    json_object_is_type(v, json_type_double)) {
			d = json_object_get_double(v);
			class = 0;
		} else if (v && data_sel_text(&x->by, root, &x->text) > 0) {
			class = 1;
		}
	} else if (data_sel_text(&x->by, root, &x->text) > 0) {
		class = x->length ? 0 : 1;
		for (i = 0; x->length && i < x->text.n; i++)
			d += ((unsigned char)x->text.p[i] & 0xc0) != 0x80;
	}
	meed_buf_putc(&x->key, class == 2 ? 2 : x->descending ? (char)(1 - class) : class);
	if (class == 0) {
		meed_key_u64(bits, x->descending ? ~ordered(d) : ordered(d));
		meed_buf_put(&x->key, bits, sizeof(bits));
	} else if (class == 1) {
		for (i = 0; x->descending && i < x->text.n; i++)
			x->text.p[i] = (char)~x->text.p[i];
		meed_buf_put(&x->key, x->text.p, x->text.n);
		meed_buf_putc(&x->key, x->descending ? (char)255 : '\0');
	}
}

static int32_t sort_push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct sort *x = s->self;
	struct json_object *root = data_rec_root(r, err);
	unsigned char number[8];

	if (!root)
		return err->code;
	if (!x->sorter && !(x->sorter = meed_sorter_new(data_memory(s))))
		return meed_err_nomem(err);
	make_key(x, root);
	meed_key_u64(number, x->n++); /* equal ones stay in their order */
	meed_buf_put(&x->key, number, sizeof(number));
	if (x->key.failed || x->text.failed)
		return meed_err_nomem(err);
	return data_sort_rec(x->sorter, x->key.p, x->key.n, r, err);
}

static int32_t sort_end(struct data_step *s, struct meed_err *err)
{
	struct sort *x = s->self;

	return x->sorter ? data_pass_sorted(s, x->sorter, err) : MEED_OK;
}

const struct data_kind data_sort = {
	.pub = { .name = "sort",
		 .summary = "Sort by a field; equal samples keep their order.",
		 .params = sort_params,
		 .operand = "by" },
	.size = sizeof(struct sort),
	.init = sort_init,
	.release = sort_release,
	.push = sort_push,
	.end = sort_end,
};

/* ---- limit
 * --------------------------------------------------------------------------------------- */

struct limit {
	uint64_t skip, max, seen;
};

static const struct meed_data_param limit_params[] = {
	{ "count", MEED_DATA_COUNT, "N", "how many samples are let through" },
	{ "skip", MEED_DATA_COUNT, "N", "after leaving out the first N" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t limit_init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct limit *x = self;

	x->skip = data_uint(a, "skip", 0);
	x->max = data_uint(a, "count", UINT64_MAX);
	if (!data_is_set(a, "count") && !data_is_set(a, "skip"))
		return data_wrong(err, "count", "how many?");
	return MEED_OK;
}

static int32_t limit_push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct limit *x = s->self;
	uint64_t i = x->seen++;

	return i >= x->skip && i - x->skip < x->max ? data_pass(s, r, err) : data_drop(s, r, err);
}

const struct data_kind data_limit = {
	.pub = { .name = "limit",
		 .summary = "Let the first samples through.",
		 .params = limit_params,
		 .operand = "count",
		 .operand_optional = true },
	.size = sizeof(struct limit),
	.init = limit_init,
	.push = limit_push,
};
