/* select.c - what is in a sample: paths, texts, scores, labels */
#include "config.h"

#include "host/data/internal.h"

#include <math.h>
#include <stdlib.h>

/* ---- small tools ------------------------------------------------------------------------- */

struct json_object *data_get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

bool data_add(struct json_object *o, const char *key, struct json_object *v)
{
	if (o && json_object_object_add(o, key, v) == 0)
		return true;
	json_object_put(v);
	return false;
}

meed_str data_view(struct json_object *s)
{
	return (meed_str){ json_object_get_string(s), (size_t)json_object_get_string_len(s) };
}

struct json_object *data_clone(struct json_object *o)
{
	struct json_object *ret = NULL;
	struct meed_buf b = { 0 };

	meed_json_write(&b, o);
	if (b.failed || meed_json_read(NULL, b.p, b.n, NULL, &ret) < 0)
		ret = NULL;
	meed_buf_release(&b);
	return ret;
}

struct json_object *data_outputs(struct json_object *root)
{
	struct json_object *v = data_get(root, "output");

	return json_object_is_type(v, json_type_array) ? v : NULL;
}

struct json_object *data_answer(struct json_object *output)
{
	return json_object_is_type(output, json_type_string) ? output : data_get(output, "answer");
}

static void put_value(struct json_object *v, struct meed_buf *b)
{
	if (json_object_is_type(v, json_type_string))
		meed_buf_put(b, data_view(v).p, data_view(v).n);
	else if (v)
		meed_json_write(b, v);
}

void data_content(struct json_object *message, struct meed_buf *b)
{
	struct json_object *c = json_object_is_type(message, json_type_object)
					? data_get(message, "content")
					: message;
	size_t i;

	if (json_object_is_type(c, json_type_array)) {
		for (i = 0; i < json_object_array_length(c); i++) {
			struct json_object *part = json_object_array_get_idx(c, i);
			struct json_object *text = json_object_is_type(part, json_type_object)
							   ? data_get(part, "text")
							   : part;

			if (json_object_is_type(text, json_type_string))
				put_value(text, b);
		}
	} else if (!json_object_is_type(c, json_type_object)) {
		put_value(c, b);
	}
}

bool data_score(struct json_object *output, double *ret)
{
	struct json_object *reward = data_get(data_answer(output), "reward");
	struct json_object *score = data_get(reward, "score");

	if (!json_object_is_type(score, json_type_double) &&
	    !json_object_is_type(score, json_type_int))
		return false;
	*ret = json_object_get_double(score);
	return isfinite(*ret);
}

struct json_object *data_label(struct json_object *output, const char *key)
{
	return data_get(data_get(data_answer(output), "label"), key);
}

/* A string that stands for an answer becomes one. */
static bool open_out(struct json_object *outs, size_t i)
{
	struct json_object *out = json_object_array_get_idx(outs, i), *answer = data_answer(out);
	struct json_object *full, *whole;

	if (json_object_is_type(answer, json_type_object))
		return true;
	full = json_object_new_object();
	if (!data_add(full, "role", json_object_new_string("assistant")) ||
	    (answer && !data_add(full, "content", json_object_get(answer)))) {
		json_object_put(full);
		return false;
	}
	if (json_object_is_type(out, json_type_object))
		return data_add(out, "answer", full);
	whole = json_object_new_object();
	if (!data_add(whole, "answer", full) || json_object_array_put_idx(outs, i, whole) != 0) {
		json_object_put(whole);
		return false;
	}
	return true;
}

struct json_object *data_make_label(struct json_object *outs, size_t i)
{
	struct json_object *answer, *label;

	if (!open_out(outs, i))
		return NULL;
	answer = data_answer(json_object_array_get_idx(outs, i));
	label = data_get(answer, "label");
	if (json_object_is_type(label, json_type_object))
		return label;
	label = json_object_new_object();
	return data_add(answer, "label", label) ? label : NULL;
}

/* ---- paths ------------------------------------------------------------------------------- */

/* A part without its escapes, in place. */
static bool unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s != '~') {
			*to++ = *s;
			continue;
		}
		s++;
		if (*s != '0' && *s != '1')
			return false;
		*to++ = *s == '0' ? '~' : '/';
	}
	*to = '\0';
	return true;
}

int32_t data_path_init(struct data_path *p, const char *text, struct meed_err *err)
{
	char *copy, *part;
	size_t n = 0, i;

	if (*text && *text != '/')
		return meed_err_set(err, MEED_E_PARAM,
				    "\"%s\" is no JSON pointer: one begins with /, as in "
				    "/metadata/level",
				    text);
	for (i = 0; text[i]; i++)
		n += text[i] == '/';
	p->text = strdup(text);
	p->parts = calloc(n + 1, sizeof(*p->parts));
	copy = strdup(text);
	if (!p->text || !p->parts || !copy) {
		free(copy);
		return meed_err_nomem(err);
	}
	p->parts[n] = copy; /* owns the text of all parts */
	for (part = n ? copy : NULL; part;) {
		char *next = strchr(part + 1, '/');

		if (next)
			*next = '\0';
		p->parts[p->n++] = part + 1;
		if (!unescape(part + 1))
			return meed_err_set(
				err, MEED_E_PARAM,
				"\"%s\" is no JSON pointer: ~ is written ~0, and / in a "
				"key ~1",
				text);
		part = next;
	}
	return MEED_OK;
}

void data_path_release(struct data_path *p)
{
	size_t n = 0, i;

	for (i = 0; p->text && p->text[i]; i++)
		n += p->text[i] == '/';
	if (p->parts && p->text)
		free(p->parts[n]);
	free(p->parts);
	free(p->text);
	memset(p, 0, sizeof(*p));
}

static bool list_index(const char *part, size_t len, size_t *ret)
{
	size_t x = 0;

	if (!*part || (part[0] == '0' && part[1]))
		return false;
	for (; *part; part++) {
		if (*part < '0' || *part > '9' || x > len)
			return false;
		x = x * 10 + (size_t)(*part - '0');
	}
	*ret = x;
	return x < len;
}

struct walk {
	const struct data_path *p;
	bool (*each)(void *ctx, struct json_object *v);
	void *ctx;
};

/* There are as many levels as a sample may nest, which the reader bounds. */
static bool walk(const struct walk *w, size_t i, struct json_object *o)
{
	const char *part = w->p->parts[i];
	bool all = i < w->p->n && strcmp(part, "*") == 0;
	struct json_object *v;
	size_t k;

	if (i == w->p->n)
		return w->each(w->ctx, o);
	if (json_object_is_type(o, json_type_array)) {
		for (k = 0; all && k < json_object_array_length(o); k++)
			if (!walk(w, i + 1, json_object_array_get_idx(o, k)))
				return false;
		if (!all && list_index(part, json_object_array_length(o), &k))
			return walk(w, i + 1, json_object_array_get_idx(o, k));
		return true;
	}
	if (!json_object_is_type(o, json_type_object))
		return true;
	if (!all)
		return json_object_object_get_ex(o, part, &v) ? walk(w, i + 1, v) : true;
	for (struct lh_entry *e = lh_table_head(json_object_get_object(o)); e; e = lh_entry_next(e))
		if (!walk(w, i + 1, lh_entry_v(e)))
			return false;
	return true;
}

void data_path_each(const struct data_path *p, struct json_object *root,
		    bool (*each)(void *ctx, struct json_object *v), void *ctx)
{
	struct walk w = { p, each, ctx };

	(void)walk(&w, 0, root);
}

int32_t data_path_put(const struct data_path *p, struct json_object *root, struct json_object *v,
		      struct meed_err *err)
{
	struct json_object *o = root, *next;
	size_t i, k;

	for (i = 0; i + 1 < p->n; i++) {
		if (json_object_is_type(o, json_type_array)) {
			if (!list_index(p->parts[i], json_object_array_length(o), &k))
				break;
			o = json_object_array_get_idx(o, k);
		} else if (!json_object_is_type(o, json_type_object)) {
			break;
		} else if (json_object_object_get_ex(o, p->parts[i], &next) && next) {
			o = next;
		} else {
			next = json_object_new_object();
			if (!next || !data_add(o, p->parts[i], next)) {
				json_object_put(v);
				return meed_err_nomem(err);
			}
			o = next;
		}
	}
	if (i + 1 == p->n && json_object_is_type(o, json_type_object))
		return data_add(o, p->parts[i], v) ? MEED_OK : meed_err_nomem(err);
	if (i + 1 == p->n && json_object_is_type(o, json_type_array) &&
	    list_index(p->parts[i], json_object_array_length(o), &k)) {
		if (json_object_array_put_idx(o, k, v) == 0)
			return MEED_OK;
		json_object_put(v);
		return meed_err_nomem(err);
	}
	json_object_put(v);
	return meed_err_set(err, MEED_E_SAMPLE,
			    "nothing can be put at %s: what is above it is "
			    "no object, or a list without that item",
			    p->text);
}

bool data_path_take(const struct data_path *p, struct json_object *root, struct json_object **ret)
{
	struct json_object *o = root, *v = NULL;
	size_t i, k = 0;

	for (i = 0; i < p->n; i++) {
		if (i > 0)
			o = v;
		if (json_object_is_type(o, json_type_array)) {
			if (!list_index(p->parts[i], json_object_array_length(o), &k))
				return false;
			v = json_object_array_get_idx(o, k);
		} else if (!json_object_is_type(o, json_type_object) ||
			   !json_object_object_get_ex(o, p->parts[i], &v)) {
			return false;
		}
	}
	if (!p->n)
		return false;
	*ret = json_object_get(v);
	if (json_object_is_type(o, json_type_array))
		(void)json_object_array_del_idx(o, k, 1);
	else
		json_object_object_del(o, p->parts[p->n - 1]);
	return true;
}

/* ---- selectors --------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	enum data_what what;
	const char *path;
} words[] = {
	{ "input", DATA_INPUT, NULL },	    { "output", DATA_OUTPUT, NULL },
	{ "text", DATA_TEXT, NULL },	    { "prompt", DATA_PROMPT, NULL },
	{ "id", DATA_PATH, "/unique_id" },  { "category", DATA_PATH, "/task_category" },
	{ "source", DATA_PATH, "/source" },
};

int32_t data_sel_init(struct data_sel *s, const char *param, const char *text, struct meed_err *err)
{
	struct meed_err why = { 0 };
	size_t i;

	for (i = 0; i < DATA_COUNT(words); i++) {
		if (strcmp(words[i].name, text) != 0)
			continue;
		s->what = words[i].what;
		return words[i].path ? data_path_init(&s->path, words[i].path, err) : MEED_OK;
	}
	s->what = DATA_PATH;
	if (text[0] != '/')
		return data_wrong(
			err, param,
			"\"%s\" must be input, output, text, prompt, id, category, source or "
			"a JSON pointer, as /metadata/level",
			text);
	if (data_path_init(&s->path, text, &why) < 0)
		return data_wrong(err, param, "%s", why.text);
	return MEED_OK;
}

void data_sel_release(struct data_sel *s)
{
	data_path_release(&s->path);
}

struct gather {
	struct meed_buf *b;
	size_t n;
};

static void gather_begin(struct gather *g)
{
	if (g->n++ > 0)
		meed_buf_putc(g->b, '\n');
}

static bool gather_value(void *ctx, struct json_object *v)
{
	struct gather *g = ctx;

	if (!v)
		return true;
	gather_begin(g);
	put_value(v, g->b);
	return true;
}

static void gather_input(struct gather *g, struct json_object *root, bool last)
{
	struct json_object *in = data_get(root, "input");
	size_t n = json_object_is_type(in, json_type_array) ? json_object_array_length(in) : 0, i;

	if (json_object_is_type(in, json_type_string)) {
		gather_begin(g);
		data_content(in, g->b);
	}
	for (i = last ? n : 0; last && i-- > 0;) {
		struct json_object *m = json_object_array_get_idx(in, i);
		struct json_object *role = data_get(m, "role");

		if (role && !meed_str_eq(data_view(role), MEED_STR("user")))
			continue;
		gather_begin(g);
		data_content(m, g->b);
		return;
	}
	for (i = 0; !last && i < n; i++) {
		gather_begin(g);
		data_content(json_object_array_get_idx(in, i), g->b);
	}
}

static void gather_output(struct gather *g, struct json_object *root)
{
	struct json_object *out = data_outputs(root);
	size_t n = out ? json_object_array_length(out) : 0, i;

	for (i = 0; i < n; i++) {
		gather_begin(g);
		data_content(data_answer(json_object_array_get_idx(out, i)), g->b);
	}
}

size_t data_sel_text(const struct data_sel *s, struct json_object *root, struct meed_buf *b)
{
	struct gather g = { b, 0 };

	if (s->what == DATA_PATH)
		data_path_each(&s->path, root, gather_value, &g);
	if (s->what == DATA_PROMPT)
		gather_input(&g, root, true);
	if (s->what == DATA_INPUT || s->what == DATA_TEXT)
		gather_input(&g, root, false);
	if (s->what == DATA_OUTPUT || s->what == DATA_TEXT)
		gather_output(&g, root);
	return g.n;
}
