/* annotations.c - what Label Studio exports (JSON, JSON-MIN) in our words */
#include "config.h"

#include "host/data/annotations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	CHUNK = 64 << 10
};
#define TASK_MAX ((size_t)128 << 20)

/* ---- cutting a list into its objects ----------------------------------------------------- */

struct cutter {
	struct meed_buf text; /* the object so far */
	size_t depth;
	bool in_string, escaped;
	uint64_t n;
};

/* Takes one byte: 1 if an object is whole now, 0, or -1 if it cannot stand there. */
static int cut_byte(struct cutter *c, char x)
{
	if (c->depth == 0) {
		if (x != '{')
			return strchr("[], \t\r\n", x) && x ? 0 : -1;
		c->text.n = 0;
	}
	meed_buf_putc(&c->text, x);
	if (c->in_string) {
		if (!c->escaped && x == '"')
			c->in_string = false;
		c->escaped = !c->escaped && x == '\\';
	} else if (x == '"') {
		c->in_string = true;
	} else if (x == '{' || x == '[') {
		c->depth++;
	} else if (x == '}' || x == ']') {
		c->depth--;
	}
	return c->depth == 0;
}

int32_t data_export_each(const char *path,
			 int32_t (*each)(void *ctx, meed_str text, uint64_t number,
					 struct meed_err *err),
			 void *ctx, struct meed_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), k;
	char *chunk = malloc(CHUNK);
	struct cutter c = { 0 };
	struct meed_err why = { 0 };
	int32_t r = MEED_OK;
	ssize_t n = 1, i;

	if (!chunk)
		r = meed_err_nomem(err);
	else if (fd < 0)
		r = meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
	while (r == MEED_OK && n > 0) {
		n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			r = meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
		for (i = 0; i < n && r == MEED_OK; i++) {
			k = cut_byte(&c, chunk[i]);
			if (k < 0 || c.text.n > TASK_MAX)
				r = meed_err_set(err, MEED_E_SAMPLE, "%s: task %llu: %s", path,
						 (unsigned long long)c.n + 1,
						 k < 0 ? "this is no list of tasks as Label Studio "
							 "exports them (JSON or JSON-MIN)"
						       : "it is larger than 128 MiB");
			if (k <= 0 || r < 0)
				continue;
			c.n++;
			r = c.text.failed ? meed_err_nomem(&why)
					  : each(ctx, (meed_str){ c.text.p, c.text.n }, c.n, &why);
			if (r < 0)
				(void)meed_err_set(err, r, "%s: task %llu: %s", path,
						   (unsigned long long)c.n, why.text);
		}
	}
	if (r == MEED_OK && c.depth > 0)
		r = meed_err_set(err, MEED_E_SAMPLE, "%s: the file ends in the midst of task %llu",
				 path, (unsigned long long)c.n + 1);
	meed_buf_release(&c.text);
	free(chunk);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* ---- one annotation ----------------------------------------------------------------------------
 */

struct reading {
	size_t order[MEED_LABEL_OUTPUTS]; /* shown place -> output */
	size_t n;			  /* outputs */
	struct json_object *to;		  /* the annotation in our words */
	bool nomem;
};

static void put(struct reading *r, const char *key, struct json_object *v)
{
	if (!data_add(r->to, key, v))
		r->nomem = true;
}

/* The list by output under key (a name of ours), made on first use; within "aspects" if aspect. */
static struct json_object *list_of(struct reading *r, const char *key, bool aspect)
{
	struct json_object *in = r->to, *v;
	size_t i;

	if (aspect) {
		in = data_get(r->to, "aspects");
		if (!in) {
			in = json_object_new_object();
			put(r, "aspects", in);
			if (r->nomem)
				return NULL;
		}
	}
	v = data_get(in, key);
	if (v)
		return v;
	v = json_object_new_array();
	for (i = 0; v && i < r->n; i++)
		if (json_object_array_add(v, NULL) != 0)
			r->nomem = true;
	if (!data_add(in, key, v))
		r->nomem = true;
	return r->nomem ? NULL : v;
}

/* "answer_2", "Answer 2" or "2": the shown place, from 0. */
static bool shown_place(meed_str s, const struct reading *r, size_t *ret)
{
	size_t i = s.n, x = 0, unit = 1;

	while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9' && s.n - i < 4) {
		x += unit * (size_t)(s.p[--i] - '0');
		unit *= 10;
	}
	*ret = x - 1;
	return i < s.n && x >= 1 && x <= r->n;
}

static bool is(meed_str s, const char *word)
{
	return meed_str_eq(s, meed_str_of(word));
}

static void take_choice(struct reading *r, const char *key, meed_str s)
{
	size_t place;

	if (is(s, "1>2") || is(s, "2>1"))
		s = is(s, "1>2") ? MEED_STR("answer_1") : MEED_STR("answer_2");
	if (is(s, "tie") || is(s, "all_equal") || is(s, "all equal") || is(s, "All equal") ||
	    is(s, "Equally good"))
		put(r, key, json_object_new_string("tie"));
	else if (is(s, "neither") || is(s, "Neither") || is(s, "Both bad"))
		put(r, key, json_object_new_string("neither"));
	else if (shown_place(s, r, &place))
		put(r, key, json_object_new_int64((int64_t)r->order[place]));
	else
		put(r, key, json_object_new_string_len(s.p, (int)s.n));
}

/* "answer2_rating": which answer, from 0, and what is said of it. */
static const char *answer_field(const char *name, const struct reading *r, size_t *ret_place)
{
	size_t x = 0;

	if (strncmp(name, "answer", 6) != 0)
		return NULL;
	for (name += 6; *name >= '0' && *name <= '9' && x < 1000; name++)
		x = x * 10 + (size_t)(*name - '0');
	*ret_place = x - 1;
	return *name == '_' && x >= 1 && x <= r->n ? name + 1 : NULL;
}

/* A number, or a text that is one. */
static struct json_object *number_of(struct json_object *v)
{
	double x;

	if (json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double))
		return json_object_get(v);
	if (json_object_is_type(v, json_type_string) && data_view(v).n > 0 &&
	    meed_strtod(data_view(v).p, data_view(v).n, &x) == data_view(v).n)
		return x == (double)(int64_t)x ? json_object_new_int64((int64_t)x)
					       : json_object_new_double(x);
	return NULL;
}

/* A field's value: the first of a list, or the value itself. */
static struct json_object *one_of(struct json_object *v)
{
	return json_object_is_type(v, json_type_array) ? json_object_array_get_idx(v, 0) : v;
}

/* One answer to one question. */
static void take_field(struct reading *r, const char *name, struct json_object *v)
{
	struct json_object *one = one_of(v), *number, *list;
	const char *what;
	size_t place;

	if (strcmp(name, "preference") == 0 || strcmp(name, "answer_ranking") == 0 ||
	    strcmp(name, "best_answer") == 0) {
		if (json_object_is_type(one, json_type_string))
			take_choice(r, strcmp(name, "best_answer") == 0 ? "best" : "preference",
				    data_view(one));
		return;
	}
	if (strcmp(name, "comments") == 0 || strcmp(name, "additional_comments") == 0) {
		if (json_object_is_type(one, json_type_string) && data_view(one).n > 0)
			put(r, "comment", json_object_get(one));
		return;
	}
	what = answer_field(name, r, &place);
	number = what ? number_of(one) : NULL;
	if (!number)
		return;
	list = strcmp(what, "rating") == 0 ? list_of(r, "ratings", false)
	       : strcmp(what, "rank") == 0 ? list_of(r, "ranks", false)
					   : list_of(r, what, true);
	if (!list || json_object_array_put_idx(list, r->order[place], number) != 0) {
		json_object_put(number);
		r->nomem = true;
	}
}

static void put_annotator(struct reading *r, struct json_object *who)
{
	struct meed_buf b = { 0 };

	if (json_object_is_type(who, json_type_object))
		who = data_get(who, "email") ? data_get(who, "email") : data_get(who, "id");
	if (json_object_is_type(who, json_type_string))
		meed_buf_put(&b, data_view(who).p, data_view(who).n);
	else if (who)
		meed_json_write(&b, who);
	else
		MEED_BUF_LIT(&b, "unknown");
	if (b.failed)
		r->nomem = true;
	else
		put(r, "annotator", json_object_new_string_len(b.p, (int)b.n));
	meed_buf_release(&b);
}

static void put_kept(struct reading *r, struct json_object *from)
{
	static const char *const kept[][2] = { { "created_at", "created_at" },
					       { "lead_time", "seconds" } };
	size_t i;

	for (i = 0; i < DATA_COUNT(kept); i++) {
		struct json_object *v = data_get(from, kept[i][0]);

		if (v)
			put(r, kept[i][1], json_object_get(v));
	}
}

/* ---- a task
 * -------------------------------------------------------------------------------------- */

static void read_order(struct reading *r, struct json_object *data)
{
	struct json_object *order = data_get(data, "order"),
			   *count = data_get(data, "answer_count");
	struct json_object *n = number_of(count);
	char name[32];
	size_t i, k;

	r->n = n ? (size_t)json_object_get_int64(n) : 0;
	json_object_put(n);
	if (json_object_is_type(order, json_type_array))
		r->n = json_object_array_length(order);
	for (i = 1; i <= MEED_LABEL_OUTPUTS; i++) {
		(void)snprintf(name, sizeof(name), "answer%zu", i);
		if (!data_get(data, name))
			break;
	}
	if (r->n == 0)
		r->n = i > 1 ? i - 1 : 2;
	r->n = r->n < MEED_LABEL_OUTPUTS ? r->n : MEED_LABEL_OUTPUTS;
	for (i = 0; i < r->n; i++) {
		struct json_object *v = json_object_is_type(order, json_type_array)
						? json_object_array_get_idx(order, i)
						: NULL;

		k = v ? (size_t)json_object_get_int64(v) : i;
		r->order[i] = k < r->n ? k : i;
	}
}

static int32_t add_annotation(struct data_task *t, struct reading *r, struct meed_err *err)
{
	if (r->nomem || json_object_array_add(t->annotations, r->to) != 0) {
		json_object_put(r->to);
		return meed_err_nomem(err);
	}
	return MEED_OK;
}

/* JSON: results by question. */
static int32_t read_full(struct data_task *t, struct reading *r, struct json_object *v,
			 struct meed_err *err)
{
	struct json_object *results = data_get(v, "result"),
			   *cancelled = data_get(v, "was_cancelled");
	size_t n = json_object_is_type(results, json_type_array) ? json_object_array_length(results)
								 : 0,
	       i;

	if (cancelled && json_object_get_boolean(cancelled)) {
		t->n_cancelled++;
		return MEED_OK;
	}
	r->to = json_object_new_object();
	put_annotator(r, data_get(v, "completed_by"));
	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(results, i);
		struct json_object *name = data_get(one, "from_name"),
				   *value = data_get(one, "value");
		struct json_object *type = data_get(one, "type");
		const char *key = json_object_is_type(type, json_type_string)
					  ? json_object_get_string(type)
					  : "";

		/* a text area's value is under "text" */
		if (strcmp(key, "textarea") == 0)
			key = "text";
		if (json_object_is_type(name, json_type_string) && data_get(value, key))
			take_field(r, json_object_get_string(name), data_get(value, key));
	}
	put_kept(r, v);
	return add_annotation(t, r, err);
}

/* JSON-MIN: the task's own fields and the answers side by side; several answers to a choice are
 * {"choices": [...]}. */
static int32_t read_min(struct data_task *t, struct reading *r, struct json_object *root,
			struct meed_err *err)
{
	r->to = json_object_new_object();
	put_annotator(r, data_get(root, "annotator"));
	for (struct lh_entry *e = lh_table_head(json_object_get_object(root)); e;
	     e = lh_entry_next(e)) {
		struct json_object *v = lh_entry_v(e), *choices = data_get(v, "choices");

		if (v)
			take_field(r, lh_entry_k(e), choices ? choices : v);
	}
	put_kept(r, root);
	return add_annotation(t, r, err);
}

int32_t data_task_read(struct json_object *root, struct data_task *ret, struct meed_err *err)
{
	struct json_object *list = data_get(root, "annotations");
	struct reading r = { 0 };
	int32_t st = MEED_OK;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	if (!list)
		list = data_get(root, "completions"); /* releases before 1.0 */
	ret->data = data_get(root, "data");
	ret->annotations = json_object_new_array();
	if (!ret->annotations)
		return meed_err_nomem(err);
	if (!json_object_is_type(ret->data, json_type_object)) {
		ret->data = root;
		read_order(&r, root);
		return read_min(ret, &r, root, err);
	}
	read_order(&r, ret->data);
	for (i = 0; json_object_is_type(list, json_type_array) &&
		    i < json_object_array_length(list) && st == MEED_OK;
	     i++)
		st = read_full(ret, &r, json_object_array_get_idx(list, i), err);
	return st;
}

void data_task_release(struct data_task *t)
{
	json_object_put(t->annotations);
	memset(t, 0, sizeof(*t));
}

static bool add_answer(struct json_object *outs, struct json_object *text, size_t place)
{
	struct json_object *out = json_object_new_object(), *answer = json_object_new_object();

	if (data_add(answer, "role", json_object_new_string("assistant")) &&
	    data_add(answer, "content", json_object_get(text)) && out &&
	    data_add(out, "answer", json_object_get(answer)) &&
	    json_object_array_put_idx(outs, place, out) == 0) {
		json_object_put(answer);
		return true;
	}
	json_object_put(answer);
	json_object_put(out);
	return false;
}

struct json_object *data_task_sample(const struct data_task *t)
{
	static const char *const kept[][2] = { { "unique_id", "unique_id" },
					       { "input_messages", "input" },
					       { "task_category", "task_category" },
					       { "source", "source" } };
	struct json_object *root = json_object_new_object(), *outs = json_object_new_array();
	struct reading r = { 0 };
	bool ok = root && outs;
	char name[32];
	size_t i;

	read_order(&r, t->data);
	for (i = 0; ok && i < DATA_COUNT(kept); i++) {
		struct json_object *v = data_get(t->data, kept[i][0]);

		ok = !v || data_add(root, kept[i][1], json_object_get(v));
	}
	for (i = 0; ok && i < r.n; i++) {
		(void)snprintf(name, sizeof(name), "answer%zu", i + 1);
		if (data_get(t->data, name))
			ok = add_answer(outs, data_get(t->data, name), r.order[i]);
	}
	if (ok && data_add(root, "output", outs))
		return root;
	if (!ok)
		json_object_put(outs);
	json_object_put(root);
	return NULL;
}
