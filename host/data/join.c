/* join.c - the step annotations: what annotators said comes to the samples it was said of */
#include "config.h"

#include "host/data/annotations.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct join {
	char *file;
	bool no_labels, started;
	uint64_t n;		  /* samples */
	struct meed_sorter *ids;  /* hash of the id, number */
	struct meed_sorter *said; /* hash of the id, number of the task -> annotations */
	struct meed_spool spool;
	uint64_t n_tasks, n_annotations, n_cancelled, n_strangers, n_annotated;
	struct meed_buf text;
};

static const struct meed_data_param params[] = {
	{ "file", MEED_DATA_TEXT, "FILE", "Label Studio's export: JSON or JSON-MIN" },
	{ "no_labels", MEED_DATA_FLAG, NULL,
	  "only metadata.annotations, not the majority's\n"
	  "preference and the mean rating as labels" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	const char *file = data_text(a, "file", NULL);
	struct join *x = self;

	x->spool = (struct meed_spool)MEED_SPOOL_INIT;
	if (!file)
		return data_wrong(err, "file", "which file did Label Studio export?");
	x->no_labels = data_flag(a, "no_labels");
	x->file = strdup(file);
	return x->file ? MEED_OK : meed_err_nomem(err);
}

static void release(void *self)
{
	struct join *x = self;

	free(x->file);
	meed_sorter_free(x->ids);
	meed_sorter_free(x->said);
	meed_spool_release(&x->spool);
	meed_buf_release(&x->text);
}

/* The key of an id: its hash and a number. */
static bool key_of(struct join *x, struct json_object *id, uint64_t number, unsigned char key[24])
{
	struct data_hash h;

	x->text.n = 0;
	if (json_object_is_type(id, json_type_string))
		meed_buf_put(&x->text, data_view(id).p, data_view(id).n);
	else if (id)
		meed_json_write(&x->text, id);
	h = data_hash((meed_str){ x->text.p, x->text.n });
	meed_key_u64(key, h.a);
	meed_key_u64(key + 8, h.b);
	meed_key_u64(key + 16, number);
	return !x->text.failed;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct join *x = s->self;
	struct json_object *root = data_rec_root(r, err), *id;
	unsigned char key[24];
	int32_t st = MEED_OK;

	if (!root)
		return err->code;
	if (!x->ids && !(x->ids = meed_sorter_new(data_memory(s))))
		return meed_err_nomem(err);
	id = data_get(root, "unique_id");
	if (!key_of(x, id, x->n++, key))
		return meed_err_nomem(err);
	if (id)
		st = meed_sorter_add(x->ids, key, sizeof(key), NULL, 0, err);
	return st == MEED_OK ? data_spool_rec(&x->spool, r, err) : st;
}

/* ---- the export ---------------------------------------------------------------------------------
 */

static int32_t take_task(void *ctx, meed_str text, uint64_t number, struct meed_err *err)
{
	struct join *x = ctx;
	struct json_object *root = NULL;
	struct data_task t = { 0 };
	unsigned char key[24];
	int32_t st = meed_json_read(NULL, text.p, text.n, err, &root);

	if (st == MEED_OK)
		st = data_task_read(root, &t, err);
	if (st == MEED_OK && !data_get(t.data, "unique_id"))
		st = meed_err_set(err, MEED_E_SAMPLE,
				  "it has no unique_id: was it made by meed "
				  "annotate out?");
	x->n_tasks++;
	x->n_cancelled += t.n_cancelled;
	if (st == MEED_OK && json_object_array_length(t.annotations) > 0) {
		x->n_annotations += json_object_array_length(t.annotations);
		if (!key_of(x, data_get(t.data, "unique_id"), number, key))
			st = meed_err_nomem(err);
		x->text.n = 0;
		meed_json_write(&x->text, t.annotations);
		if (st == MEED_OK)
			st = meed_sorter_add(x->said, key, sizeof(key), x->text.p, x->text.n, err);
	}
	data_task_release(&t);
	json_object_put(root);
	return st;
}

/* What was said by the number of the sample, into ret. Ids that several samples have get it all. */
static int32_t match(struct join *x, struct meed_sorter *ret, struct meed_err *err)
{
	meed_str id, none, key = { "", 0 }, said = { "", 0 };
	struct meed_buf all = { 0 };
	char hash[16] = { 0 };
	int more = meed_sorter_next(x->said, &key, &said, err), ids = 0;
	int32_t st = more < 0 ? more : MEED_OK;

	while (st == MEED_OK && (ids = meed_sorter_next(x->ids, &id, &none, err)) > 0) {
		if (all.n == 0 || memcmp(hash, id.p, sizeof(hash)) != 0) {
			all.n = 0;
			memcpy(hash, id.p, sizeof(hash));
			while (more > 0 && memcmp(key.p, hash, sizeof(hash)) <= 0) {
				bool same = memcmp(key.p, hash, sizeof(hash)) == 0;

				x->n_strangers += !same;
				if (same) {
					meed_buf_put(&all, said.p, said.n);
					meed_buf_putc(&all, '\n');
				}
				more = meed_sorter_next(x->said, &key, &said, err);
			}
			if (more < 0 || all.failed)
				st = more < 0 ? more : meed_err_nomem(err);
		}
		if (st == MEED_OK && all.n > 0)
			st = meed_sorter_add(ret, id.p + 16, 8, all.p, all.n, err);
	}
	for (; st == MEED_OK && ids == 0 && more > 0; x->n_strangers++)
		more = meed_sorter_next(x->said, &key, &said, err);
	meed_buf_release(&all);
	return st < 0 ? st : ids < 0 ? ids : more < 0 ? more : MEED_OK;
}

/* ---- a sample
 * ------------------------------------------------------------------------------------- */

/* Lists of annotations, a line each, as one. */
static struct json_object *list_of(meed_str lines)
{
	struct json_object *ret = json_object_new_array(), *one;

	while (ret && lines.n > 0) {
		const char *end = memchr(lines.p, '\n', lines.n);
		size_t n = end ? (size_t)(end - lines.p) : lines.n, i;

		if (meed_json_read(NULL, lines.p, n, NULL, &one) < 0)
			break;
		for (i = 0; i < json_object_array_length(one); i++)
			(void)json_object_array_add(
				ret, json_object_get(json_object_array_get_idx(one, i)));
		json_object_put(one);
		lines.p += n + 1;
		lines.n -= n + 1;
	}
	return ret;
}

static bool set_label(struct json_object *outs, size_t i, const char *key, struct json_object *v)
{
	struct json_object *label = data_make_label(outs, i);

	if (label)
		return data_add(label, key, v);
	json_object_put(v);
	return false;
}

/* The output that more annotators prefer than any other, and than call it a tie; or n. */
static size_t preferred(struct json_object *said, size_t n)
{
	size_t votes[MEED_LABEL_OUTPUTS + 1] = { 0 }, i, best = 0;
	bool single = true;

	for (i = 0; i < json_object_array_length(said); i++) {
		struct json_object *a = json_object_array_get_idx(said, i);
		struct json_object *v = data_get(a, "preference");
		int64_t k;

		v = v ? v : data_get(a, "best");
		k = json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : (int64_t)n;
		if (v && k >= 0 && (size_t)k <= n)
			votes[k]++;
	}
	for (i = 1; i <= n; i++) {
		single = votes[i] == votes[best] ? false : votes[i] > votes[best] ? true : single;
		best = votes[i] > votes[best] ? i : best;
	}
	return single && votes[best] > 0 ? best : n;
}

static bool mean_rating(struct json_object *said, size_t output, double *ret)
{
	double sum = 0;
	size_t n = 0, i;

	for (i = 0; i < json_object_array_length(said); i++) {
		struct json_object *v = data_get(json_object_array_get_idx(said, i), "ratings");

		v = json_object_is_type(v, json_type_array) ? json_object_array_get_idx(v, output)
							    : NULL;
		if (!v)
			continue;
		sum += json_object_get_double(v);
		n++;
	}
	*ret = n ? sum / (double)n : 0;
	return n > 0;
}

static bool set_labels(struct json_object *root, struct json_object *said)
{
	struct json_object *outs = data_outputs(root);
	size_t n = outs ? json_object_array_length(outs) : 0, best, i;
	bool ok = true;
	double x;

	if (n > MEED_LABEL_OUTPUTS)
		return true;
	best = preferred(said, n);
	for (i = 0; i < n && ok; i++) {
		if (best < n)
			ok = set_label(outs, i, "preference",
				       json_object_new_string(i == best ? "chosen" : "rejected"));
		if (ok && mean_rating(said, i, &x))
			ok = set_label(outs, i, "rating", json_object_new_double(x));
	}
	return ok;
}

static int32_t annotate(struct join *x, struct data_rec *r, meed_str lines, struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err), *meta, *said;

	if (!root)
		return err->code;
	said = list_of(lines);
	if (!said)
		return meed_err_nomem(err);
	r->stale = true;
	meta = data_get(root, "metadata");
	if (!json_object_is_type(meta, json_type_object)) {
		meta = json_object_new_object();
		if (!data_add(root, "metadata", meta)) {
			json_object_put(said);
			return meed_err_nomem(err);
		}
	}
	x->n_annotated++;
	if (!data_add(meta, "annotations", said) || (!x->no_labels && !set_labels(root, said)))
		return meed_err_nomem(err);
	return MEED_OK;
}

static int32_t pass_all(struct data_step *s, struct meed_sorter *found, struct meed_err *err)
{
	struct join *x = s->self;
	struct data_rec r = { 0 };
	meed_str key = { "", 0 }, lines = { "", 0 }, packed;
	int more = meed_sorter_next(found, &key, &lines, err), next = 0;
	int32_t st = more < 0 ? more : MEED_OK;
	uint64_t n = 0;

	for (; st == MEED_OK && (next = meed_spool_next(&x->spool, &packed, err)) > 0; n++) {
		st = data_unpack(&r, packed, err);
		if (st == MEED_OK && more > 0 && meed_key_to_u64(key.p) == n) {
			st = annotate(x, &r, lines, err);
			if (st == MEED_OK)
				more = meed_sorter_next(found, &key, &lines, err);
			if (more < 0)
				st = more;
		}
		if (st == MEED_OK)
			st = data_pass(s, &r, err);
	}
	data_rec_release(&r);
	return st < 0 ? st : next;
}

static int32_t end(struct data_step *s, struct meed_err *err)
{
	struct join *x = s->self;
	struct meed_sorter *found = meed_sorter_new(data_memory(s));
	int32_t st = MEED_OK;

	x->said = meed_sorter_new(data_memory(s));
	if (!x->ids)
		x->ids = meed_sorter_new(data_memory(s));
	if (!found || !x->said || !x->ids)
		st = meed_err_nomem(err);
	if (st == MEED_OK)
		st = data_export_each(x->file, take_task, x, err);
	if (st == MEED_OK)
		st = match(x, found, err);
	if (st == MEED_OK)
		st = pass_all(s, found, err);
	meed_sorter_free(found);
	(void)snprintf(s->note, sizeof(s->note),
		       "%llu annotations of %llu tasks, %llu samples annotated, %llu tasks of no "
		       "sample, %llu skipped",
		       (unsigned long long)x->n_annotations, (unsigned long long)x->n_tasks,
		       (unsigned long long)x->n_annotated, (unsigned long long)x->n_strangers,
		       (unsigned long long)x->n_cancelled);
	return st;
}

const struct data_kind data_annotations = {
	.pub = { .name = "annotations",
		 .summary = "Join what annotators said, as Label Studio exports it.",
		 .params = params,
		 .operand = "file" },
	.size = sizeof(struct join),
	.init = init,
	.release = release,
	.push = push,
	.end = end,
};

/* ---- samples out of an export alone
 * --------------------------------------------------------------- */

struct rebuild {
	int fd;
	uint64_t at;
	struct meed_buf text;
};

static int32_t flush(struct rebuild *x, struct meed_err *err)
{
	int32_t st = x->text.failed ? meed_err_nomem(err)
				    : meed_spill_put(x->fd, x->text.p, x->text.n, x->at, err);

	x->at += x->text.n;
	x->text.n = 0;
	return st;
}

static int32_t rebuild_task(void *ctx, meed_str text, uint64_t number, struct meed_err *err)
{
	struct rebuild *x = ctx;
	struct json_object *root = NULL, *sample = NULL;
	struct data_task t = { 0 };
	int32_t st = meed_json_read(NULL, text.p, text.n, err, &root);

	(void)number;
	if (st == MEED_OK)
		st = data_task_read(root, &t, err);
	if (st == MEED_OK && !(sample = data_task_sample(&t)))
		st = meed_err_nomem(err);
	if (st == MEED_OK) {
		meed_json_write(&x->text, sample);
		meed_buf_putc(&x->text, '\n');
		if (x->text.failed || x->text.n > 256 << 10)
			st = flush(x, err);
	}
	data_task_release(&t);
	json_object_put(sample);
	json_object_put(root);
	return st;
}

int32_t meed_data_rebuild(const char *path, int *ret_fd, struct meed_err *err)
{
	struct rebuild x = { .fd = -1 };
	int32_t st = meed_spill_open(&x.fd, err);

	if (st == MEED_OK)
		st = data_export_each(path, rebuild_task, &x, err);
	if (st == MEED_OK)
		st = flush(&x, err);
	meed_buf_release(&x.text);
	if (st == MEED_OK)
		*ret_fd = x.fd;
	else if (x.fd >= 0)
		(void)close(x.fd);
	return st;
}
