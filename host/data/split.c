/* split.c - the step split: samples go to parts, groups whole, strata evenly */
#include "config.h"

#include "host/data/internal.h"
#include "host/data/strata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	PARTS_MAX = 64
};

struct split {
	double ends[PARTS_MAX]; /* where each part ends, in (0, 1] */
	const char *names[PARTS_MAX];
	size_t n;
	struct meed_arena arena;
	struct data_sel by, group;
	bool has_by, stream;
	struct data_path mark;
	bool has_mark;
	struct meed_buf text;
	struct data_strata strata;
	uint64_t n_in, n_groups;
	struct meed_sorter *members; /* group, number -> stratum */
	struct meed_spool spool;
};

static const struct meed_data_param params[] = {
	{ "parts", MEED_DATA_LIST, "SHARES", "the parts' shares, as 0.8,0.1,0.1; they sum to 1" },
	{ "names", MEED_DATA_LIST, "NAMES",
	  "their names (default: train,test for two, and\n"
	  "train,validation,test for three, else part1 ...)" },
	{ "by", MEED_DATA_TEXT, "WHAT",
	  "split each stratum alike: category, source, or a\n"
	  "JSON pointer" },
	{ "group", MEED_DATA_TEXT, "WHAT",
	  "samples that are equal here stay together: input\n"
	  "(default), prompt, id, a JSON pointer; none: each\n"
	  "sample for itself" },
	{ "stream", MEED_DATA_FLAG, NULL,
	  "by the group's hash alone: shares are near, not\n"
	  "exact, and more samples change no old one's part" },
	{ "mark", MEED_DATA_TEXT, "POINTER", "write the part's name there, too" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

/* ---- set-up -----------------------------------------------------------------------------------
 */

/* The items of a list whose texts may hold several, parted by commas. */
static int32_t items(struct split *x, const struct data_value *v, const char *param,
		     const char **ret, size_t *ret_n, struct meed_err *err)
{
	size_t n = 0, i;

	for (i = 0; i < v->n; i++) {
		const char *p = v->v[i];

		for (;;) {
			size_t k = strcspn(p, ",");
			meed_str s = meed_arena_dup(&x->arena, (meed_str){ p, k });

			if (!s.p)
				return meed_err_nomem(err);
			if (n == PARTS_MAX)
				return data_wrong(err, param, "more than %d", PARTS_MAX);
			ret[n++] = s.p;
			if (!p[k])
				break;
			p += k + 1;
		}
	}
	*ret_n = n;
	return MEED_OK;
}

static int32_t read_shares(struct split *x, const struct meed_data_args *a, struct meed_err *err)
{
	const char *texts[PARTS_MAX];
	double sum = 0, share;
	size_t i;
	int32_t r = items(x, data_arg(a, "parts"), "parts", texts, &x->n, err);

	if (r < 0)
		return r;
	if (x->n < 2)
		return data_wrong(err, "parts", "give at least two shares, as 0.8,0.2");
	for (i = 0; i < x->n; i++) {
		size_t len = strlen(texts[i]);

		if (!len || meed_strtod(texts[i], len, &share) != len || !(share > 0 && share < 1))
			return data_wrong(err, "parts",
					  "\"%s\" must be a share above 0 and below 1", texts[i]);
		sum += share;
		x->ends[i] = sum;
	}
	if (fabs(sum - 1) > 1e-6) {
		char text[32];
		int n = (int)meed_dtoa(round(sum * 1e9) / 1e9, text);

		return data_wrong(err, "parts", "the shares sum to %.*s: they must sum to 1", n,
				  text);
	}
	x->ends[x->n - 1] = 1;
	return MEED_OK;
}

static bool good_name(const char *s)
{
	return *s && *s != '.' && !strchr(s, '/');
}

static int32_t read_names(struct split *x, const struct meed_data_args *a, struct meed_err *err)
{
	static const char *const usual[] = { "train", "validation", "test" };
	size_t n = 0, i, j;
	int32_t r = items(x, data_arg(a, "names"), "names", x->names, &n, err);

	if (r < 0)
		return r;
	if (n > 0 && n != x->n)
		return data_wrong(err, "names", "%zu names for %zu parts", n, x->n);
	for (i = 0; i < n; i++) {
		if (!good_name(x->names[i]))
			return data_wrong(err, "names", "\"%s\" cannot be part of a file's name",
					  x->names[i]);
		for (j = 0; j < i; j++)
			if (strcmp(x->names[i], x->names[j]) == 0)
				return data_wrong(err, "names", "\"%s\" stands twice", x->names[i]);
	}
	for (i = 0; n == 0 && i < x->n; i++) {
		x->names[i] = x->n == 3		    ? usual[i]
			      : x->n == 2 && i == 1 ? usual[2]
			      : x->n == 2	    ? usual[0]
					  : meed_arena_printf(&x->arena, "part%zu", i + 1).p;
		if (!x->names[i])
			return meed_err_nomem(err);
	}
	return MEED_OK;
}

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	const char *by = data_text(a, "by", NULL), *group = data_text(a, "group", "input");
	const char *mark = data_text(a, "mark", NULL);
	struct split *x = self;
	int32_t r;

	x->spool = (struct meed_spool)MEED_SPOOL_INIT;
	if (!data_is_set(a, "parts"))
		return data_wrong(err, "parts", "which shares? as 0.8,0.1,0.1");
	r = read_shares(x, a, err);
	if (r == MEED_OK)
		r = read_names(x, a, err);
	x->has_by = by != NULL;
	x->stream = data_flag(a, "stream");
	if (r == MEED_OK && by)
		r = data_sel_init(&x->by, "by", by, err);
	if (r == MEED_OK && by && x->stream)
		return data_wrong(err, "stream",
				  "by a hash alone strata cannot be held: leave out "
				  "by or stream");
	/* "none": every sample is its own group, told apart by its number */
	if (r == MEED_OK && strcmp(group, "none") == 0)
		x->group.what = DATA_PATH;
	else if (r == MEED_OK)
		r = data_sel_init(&x->group, "group", group, err);
	if (r == MEED_OK && x->stream && !x->group.path.text && x->group.what == DATA_PATH)
		return data_wrong(err, "group", "stream needs a group to hash");
	x->has_mark = mark != NULL;
	if (r == MEED_OK && mark) {
		struct meed_err why = { 0 };

		if (data_path_init(&x->mark, mark, &why) < 0 || x->mark.n == 0)
			return data_wrong(err, "mark", "%s",
					  why.code ? why.text : "give a JSON pointer");
	}
	return r;
}

static void release(void *self)
{
	struct split *x = self;

	data_sel_release(&x->by);
	data_sel_release(&x->group);
	data_path_release(&x->mark);
	data_strata_release(&x->strata);
	meed_sorter_free(x->members);
	meed_spool_release(&x->spool);
	meed_buf_release(&x->text);
	meed_arena_release(&x->arena);
}

static size_t parts(const void *self, const char *const **ret)
{
	const struct split *x = self;

	*ret = x->names;
	return x->n;
}

/* ---- samples ------------------------------------------------------------------------------------
 */

static bool alone(const struct split *x)
{
	return x->group.what == DATA_PATH && !x->group.path.text;
}

/* The group's hash; a sample without the field is a group of its own. */
static struct data_hash group_of(struct split *x, struct json_object *root)
{
	x->text.n = 0;
	if (alone(x) || data_sel_text(&x->group, root, &x->text) == 0) {
		struct data_hash h = { UINT64_MAX, x->n_in };

		return h;
	}
	return data_hash((meed_str){ x->text.p, x->text.n });
}

static uint32_t part_at(const struct split *x, double place)
{
	uint32_t i = 0;

	while (i + 1 < x->n && place >= x->ends[i])
		i++;
	return i;
}

static int32_t send(struct data_step *s, struct data_rec *r, uint32_t part, struct meed_err *err)
{
	struct split *x = s->self;
	struct json_object *root;
	int32_t st;

	r->part = part;
	if (x->has_mark) {
		root = data_rec_root(r, err);
		if (!root)
			return err->code;
		st = data_path_put(&x->mark, root, json_object_new_string(x->names[part]), err);
		if (st < 0)
			return st;
		r->stale = true;
	}
	return data_pass(s, r, err);
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct split *x = s->self;
	struct json_object *root = data_rec_root(r, err);
	struct data_hash h;
	unsigned char key[24];
	uint32_t stratum = 0;
	int32_t st = MEED_OK;

	if (!root)
		return err->code;
	h = group_of(x, root);
	if (x->text.failed)
		return meed_err_nomem(err);
	if (x->stream) {
		uint64_t u = data_random(data_seed(s), h.a ^ data_random(h.b, 0));

		return send(s, r, part_at(x, (double)(u >> 11) * 0x1p-53), err);
	}
	if (x->has_by)
		st = data_strata_of(&x->strata, &x->by, root, "by", &stratum, err);
	if (st == MEED_OK && !x->members && !(x->members = meed_sorter_new(data_memory(s) / 4)))
		st = meed_err_nomem(err);
	meed_key_u64(key, h.a);
	meed_key_u64(key + 8, h.b);
	meed_key_u64(key + 16, x->n_in++);
	if (st == MEED_OK)
		st = meed_sorter_add(x->members, key, sizeof(key), &stratum, sizeof(stratum), err);
	return st == MEED_OK ? data_spool_rec(&x->spool, r, err) : st;
}

/* ---- which group goes where -------------------------------------------------------------- */

/* Shares as whole numbers of samples: in each stratum a part gets its share rounded down or up, and
 * those are rounded up that have had too little so far, so that the sums over all strata are near
 * their shares, too. */
struct quota {
	double owed[PARTS_MAX]; /* over all strata so far: what shares say less what was given */
	double ends[PARTS_MAX]; /* in this stratum: where each part ends, in samples */
	double done;		/* samples of this stratum that have been given */
};

struct deal {
	struct quota quota;
	struct meed_sorter *groups;  /* stratum, chance, group -> size */
	struct meed_sorter *given;   /* group -> part */
	struct meed_sorter *numbers; /* sample -> part */
	struct meed_spool members;   /* samples by group */
	double *sizes;		     /* of the strata */
};

static int32_t add_group(struct data_step *s, struct deal *d, const char hash[16], uint64_t number,
			 uint64_t size, uint32_t stratum, struct meed_err *err)
{
	unsigned char key[20];

	meed_key_u64(key, (uint64_t)stratum << 32);
	meed_key_u64(key + 4, data_random(data_seed(s), meed_hash(hash, 16, 0)));
	meed_key_u64(key + 12, number);
	d->sizes[stratum] += (double)size;
	return meed_sorter_add(d->groups, key, sizeof(key), &size, sizeof(size), err);
}

/* Groups out of members: a group's stratum is that of its first sample. */
static int32_t make_groups(struct data_step *s, struct deal *d, struct meed_err *err)
{
	struct split *x = s->self;
	uint64_t size = 0, group = 0, number;
	uint32_t stratum = 0;
	char hash[16] = { 0 };
	meed_str key, rest;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_sorter_next(x->members, &key, &rest, err)) > 0) {
		if (size > 0 && memcmp(hash, key.p, sizeof(hash)) != 0) {
			st = add_group(s, d, hash, group++, size, stratum, err);
			size = 0;
		}
		if (size++ == 0) {
			memcpy(hash, key.p, sizeof(hash));
			memcpy(&stratum, rest.p, sizeof(stratum));
		}
		number = meed_key_to_u64(key.p + 16);
		if (st == MEED_OK)
			st = meed_spool_add(&d->members, (uint64_t[2]){ group, number }, 16, err);
	}
	if (st == MEED_OK && more == 0 && size > 0)
		st = add_group(s, d, hash, group++, size, stratum, err);
	x->n_groups = group;
	return st < 0 ? st : more;
}

static void begin_stratum(const struct split *x, struct quota *q, double size)
{
	double low[PARTS_MAX], left = size, begin = 0, end = 0;
	bool up[PARTS_MAX] = { false };
	size_t i;

	for (i = 0; i < x->n; i++) {
		double ideal = size * (x->ends[i] - begin);

		begin = x->ends[i];
		low[i] = floor(ideal + 1e-9);
		left -= low[i];
		q->owed[i] += ideal;
	}
	for (; left > 0.5; left--) {
		size_t best = x->n;

		for (i = 0; i < x->n; i++)
			if (!up[i] &&
			    (best == x->n || q->owed[i] - low[i] > q->owed[best] - low[best]))
				best = i;
		if (best == x->n)
			break;
		up[best] = true;
	}
	for (i = 0; i < x->n; i++) {
		end += low[i] + up[i];
		q->ends[i] = end;
	}
	q->done = 0;
}

/* A group lies where its middle lies. */
static uint32_t place_group(const struct split *x, struct quota *q, double size)
{
	double middle = q->done + size / 2;
	uint32_t i = 0;

	while (i + 1 < x->n && middle >= q->ends[i])
		i++;
	q->done += size;
	q->owed[i] -= size;
	return i;
}

/* In each stratum groups in random order fill the parts one after the other. */
static int32_t give_parts(struct data_step *s, struct deal *d, struct meed_err *err)
{
	struct split *x = s->self;
	uint32_t stratum = UINT32_MAX, part;
	unsigned char to[8];
	meed_str key, rest;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_sorter_next(d->groups, &key, &rest, err)) > 0) {
		uint32_t k = (uint32_t)(meed_key_to_u64(key.p) >> 32);
		uint64_t size;

		if (k != stratum)
			begin_stratum(x, &d->quota, d->sizes[k]);
		stratum = k;
		memcpy(&size, rest.p, sizeof(size));
		part = place_group(x, &d->quota, (double)size);
		meed_key_u64(to, meed_key_to_u64(key.p + 12));
		st = meed_sorter_add(d->given, to, sizeof(to), &part, sizeof(part), err);
	}
	return st < 0 ? st : more;
}

static int32_t give_numbers(struct deal *d, struct meed_err *err)
{
	uint64_t group = UINT64_MAX, member[2];
	unsigned char to[8];
	uint32_t part = 0;
	meed_str key, rest, m;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_spool_next(&d->members, &m, err)) > 0) {
		memcpy(member, m.p, sizeof(member));
		if (member[0] != group) {
			more = meed_sorter_next(d->given, &key, &rest, err);
			if (more < 0)
				break;
			memcpy(&part, rest.p, sizeof(part));
			group = member[0];
		}
		meed_key_u64(to, member[1]);
		st = meed_sorter_add(d->numbers, to, sizeof(to), &part, sizeof(part), err);
	}
	return st < 0 ? st : more;
}

static int32_t send_all(struct data_step *s, struct deal *d, struct meed_err *err)
{
	struct split *x = s->self;
	struct data_rec r = { 0 };
	meed_str key, rest, packed;
	uint32_t part;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_spool_next(&x->spool, &packed, err)) > 0) {
		st = data_unpack(&r, packed, err);
		if (st == MEED_OK) {
			more = meed_sorter_next(d->numbers, &key, &rest, err);
			if (more < 0)
				break;
			memcpy(&part, rest.p, sizeof(part));
			st = send(s, &r, part, err);
		}
	}
	data_rec_release(&r);
	return st < 0 ? st : more;
}

static int32_t end(struct data_step *s, struct meed_err *err)
{
	struct split *x = s->self;
	struct deal d = { .members = MEED_SPOOL_INIT };
	uint64_t memory = data_memory(s) / 4;
	int32_t st = MEED_OK;

	if (!x->members)
		return MEED_OK;
	d.groups = meed_sorter_new(memory);
	d.given = meed_sorter_new(memory);
	d.numbers = meed_sorter_new(memory);
	d.sizes = calloc(x->strata.n + 1, sizeof(*d.sizes));
	if (!d.groups || !d.given || !d.numbers || !d.sizes)
		st = meed_err_nomem(err);
	if (st == MEED_OK)
		st = make_groups(s, &d, err);
	meed_sorter_free(x->members);
	x->members = NULL;
	if (st == MEED_OK)
		st = give_parts(s, &d, err);
	if (st == MEED_OK)
		st = give_numbers(&d, err);
	if (st == MEED_OK)
		st = send_all(s, &d, err);
	(void)snprintf(s->note, sizeof(s->note), "%llu groups, %zu strata",
		       (unsigned long long)x->n_groups, x->strata.n ? x->strata.n : 1);
	meed_sorter_free(d.groups);
	meed_sorter_free(d.given);
	meed_sorter_free(d.numbers);
	meed_spool_release(&d.members);
	free(d.sizes);
	return st;
}

const struct data_kind data_split = {
	.pub = { .name = "split",
		 .summary = "Split into parts: groups stay whole, strata are split alike.",
		 .params = params,
		 .operand = "parts",
		 .parts = true },
	.size = sizeof(struct split),
	.init = init,
	.release = release,
	.push = push,
	.end = end,
	.parts = parts,
};
