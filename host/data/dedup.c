/* dedup.c - the step dedup: of samples that are equal in chosen fields the first is kept */
#include "config.h"

#include "host/data/internal.h"

#include <stdlib.h>
#include <utf8proc.h>

struct dedup {
	struct data_sel *on;
	size_t n_on;
	bool fold;
	uint64_t n;		    /* samples so far */
	struct meed_sorter *sorter; /* by hash and number */
	struct meed_spool spool;
	struct meed_buf text, folded;
};

static const struct meed_data_param params[] = {
	{ "on", MEED_DATA_LIST, "WHAT",
	  "what must be equal: input and output (default);\n"
	  "also text, prompt, id, category, source, a JSON\n"
	  "pointer; may be repeated" },
	{ "fold", MEED_DATA_FLAG, NULL,
	  "case, white space and Unicode's compatible forms\n"
	  "make no difference" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	static const char *const usual[] = { "input", "output" };
	const struct data_value *v = data_arg(a, "on");
	struct dedup *d = self;
	size_t n = v->n ? v->n : DATA_COUNT(usual);
	int32_t r = MEED_OK;

	d->spool = (struct meed_spool)MEED_SPOOL_INIT;
	d->fold = data_flag(a, "fold");
	d->on = calloc(n, sizeof(*d->on));
	if (!d->on)
		return meed_err_nomem(err);
	for (; d->n_on < n && r == MEED_OK; d->n_on++)
		r = data_sel_init(&d->on[d->n_on], "on", v->n ? v->v[d->n_on] : usual[d->n_on],
				  err);
	return r;
}

static void release(void *self)
{
	struct dedup *d = self;
	size_t i;

	for (i = 0; i < d->n_on; i++)
		data_sel_release(&d->on[i]);
	free(d->on);
	meed_sorter_free(d->sorter);
	meed_spool_release(&d->spool);
	meed_buf_release(&d->text);
	meed_buf_release(&d->folded);
}

/* NFKC with case folded, runs of white space as one blank, none at the ends. */
static bool fold(struct meed_buf *from, struct meed_buf *to)
{
	const utf8proc_option_t how =
		UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STABLE;
	utf8proc_uint8_t *text = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)from->p,
					  (utf8proc_ssize_t)from->n, &text, how);
	utf8proc_ssize_t i;
	bool blank = false;

	to->n = 0;
	if (n < 0)
		return false;
	for (i = 0; i < n; i++) {
		bool space = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');

		if (!space && blank && to->n > 0)
			meed_buf_putc(to, ' ');
		if (!space)
			meed_buf_putc(to, (char)text[i]);
		blank = space;
	}
	free(text);
	return !to->failed;
}

/* The key of what must be equal: each field's text, folded if asked for, with its length. */
static int32_t key_of(struct dedup *d, struct json_object *root, struct data_hash *ret,
		      struct meed_err *err)
{
	struct data_hash h = { 0, 0 }, part[2];
	size_t i;

	for (i = 0; i < d->n_on; i++) {
		const struct meed_buf *b = &d->text;
		size_t n;

		d->text.n = 0;
		n = data_sel_text(&d->on[i], root, &d->text);
		if (d->text.failed)
			return meed_err_nomem(err);
		if (d->fold && d->text.n > 0) {
			if (!fold(&d->text, &d->folded))
				return meed_err_nomem(err);
			b = &d->folded;
		}
		part[0] = h;
		part[1] = data_hash((meed_str){ b->p, b->n });
		part[1].a += n == 0; /* absent is not empty */
		h = data_hash((meed_str){ (const char *)part, sizeof(part) });
	}
	*ret = h;
	return MEED_OK;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct dedup *d = s->self;
	struct json_object *root = data_rec_root(r, err);
	struct data_hash h = { 0, 0 };
	unsigned char key[24];
	int32_t st = root ? key_of(d, root, &h, err) : err->code;

	if (st == MEED_OK && !d->sorter && !(d->sorter = meed_sorter_new(data_memory(s))))
		st = meed_err_nomem(err);
	meed_key_u64(key, h.a);
	meed_key_u64(key + 8, h.b);
	meed_key_u64(key + 16, d->n++);
	if (st == MEED_OK)
		st = meed_sorter_add(d->sorter, key, sizeof(key), NULL, 0, err);
	return st == MEED_OK ? data_spool_rec(&d->spool, r, err) : st;
}

/* The numbers of the samples that are not the first of their kind, by number. */
static int32_t find_doubles(struct data_step *s, struct meed_sorter *ret, struct meed_err *err)
{
	struct dedup *d = s->self;
	char last[16] = { 0 };
	bool any = false;
	meed_str key, none;
	int more = 0;
	int32_t st = MEED_OK;

	while (st == MEED_OK && (more = meed_sorter_next(d->sorter, &key, &none, err)) > 0) {
		if (any && memcmp(last, key.p, sizeof(last)) == 0)
			st = meed_sorter_add(ret, key.p + 16, 8, NULL, 0, err);
		memcpy(last, key.p, sizeof(last));
		any = true;
	}
	return st < 0 ? st : more;
}

int32_t data_pass_but(struct data_step *s, struct meed_spool *spool, struct meed_sorter *numbers,
		      struct meed_err *err)
{
	uint64_t n = 0, next = UINT64_MAX;
	struct data_rec r = { 0 };
	meed_str key, packed;
	int more = meed_sorter_next(numbers, &key, &packed, err);
	int32_t st = more < 0 ? more : MEED_OK;

	next = more > 0 ? meed_key_to_u64(key.p) : UINT64_MAX;
	for (; st == MEED_OK && (more = meed_spool_next(spool, &packed, err)) > 0; n++) {
		bool drop = n == next;

		st = data_unpack(&r, packed, err);
		while (st == MEED_OK && next <= n) {
			more = meed_sorter_next(numbers, &key, &packed, err);
			next = more > 0 ? meed_key_to_u64(key.p) : UINT64_MAX;
			if (more < 0)
				st = more;
		}
		if (st == MEED_OK)
			st = drop ? data_drop(s, &r, err) : data_pass(s, &r, err);
	}
	data_rec_release(&r);
	return st < 0 ? st : more < 0 ? more : MEED_OK;
}

static int32_t end(struct data_step *s, struct meed_err *err)
{
	struct dedup *d = s->self;
	struct meed_sorter *doubles = NULL;
	int32_t st = MEED_OK;

	if (!d->sorter)
		return MEED_OK;
	doubles = meed_sorter_new(data_memory(s));
	if (!doubles)
		return meed_err_nomem(err);
	st = find_doubles(s, doubles, err);
	meed_sorter_free(d->sorter);
	d->sorter = NULL;
	if (st == MEED_OK)
		st = data_pass_but(s, &d->spool, doubles, err);
	meed_sorter_free(doubles);
	meed_spool_release(&d->spool);
	return st;
}

const struct data_kind data_dedup = {
	.pub = { .name = "dedup",
		 .summary = "Of samples that are equal in chosen fields keep the first.",
		 .params = params },
	.size = sizeof(struct dedup),
	.init = init,
	.release = release,
	.push = push,
	.end = end,
};
