/* map.c - the step map: sets, copies, renames and removes fields */
#include "config.h"

#include "host/data/internal.h"

#include <stdlib.h>

enum op {
	MAP_COPY,
	MAP_RENAME,
	MAP_SET,
	MAP_REMOVE,
	MAP_OPS
};

struct change {
	enum op op;
	struct data_path to, from;
	struct json_object *value; /* owned */
};

struct map {
	struct change *v;
	size_t n;
	bool used; /* a sample had something to change */
};

static const char *const names[] = { "copy", "rename", "set", "remove" };

static const struct meed_data_param params[] = {
	{ "copy", MEED_DATA_LIST, "TO=FROM", "copy a value from one JSON pointer to another" },
	{ "rename", MEED_DATA_LIST, "FROM=TO", "move a value" },
	{ "set", MEED_DATA_LIST, "TO=VALUE",
	  "set a value: JSON, or else a text. Copies are made\n"
	  "first, then values moved, set, and removed" },
	{ "remove", MEED_DATA_LIST, "POINTER", "take a value out" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t init_path(struct data_path *p, const char *param, const char *text, size_t n,
			 struct meed_err *err)
{
	struct meed_err why = { 0 };
	char *copy = strndup(text, n);
	int32_t r = copy ? data_path_init(p, copy, &why) : meed_err_nomem(&why);

	free(copy);
	if (r == MEED_E_NOMEM)
		return meed_err_nomem(err);
	if (r < 0)
		return data_wrong(err, param, "%s", why.text);
	if (p->n == 0)
		return data_wrong(err, param,
				  "the sample as a whole cannot be changed: give a "
				  "JSON pointer, as /metadata/level");
	return MEED_OK;
}

static int32_t init_change(struct change *x, const char *text, struct meed_err *err)
{
	const char *param = names[x->op], *eq = strchr(text, '='), *right;
	size_t left = eq ? (size_t)(eq - text) : strlen(text);
	int32_t r;

	if (!eq && x->op != MAP_REMOVE)
		return data_wrong(err, param, "\"%s\" has no =", text);
	if (x->op == MAP_REMOVE)
		return init_path(&x->to, param, text, strlen(text), err);
	right = eq + 1;
	r = init_path(x->op == MAP_RENAME ? &x->from : &x->to, param, text, left, err);
	if (r < 0)
		return r;
	if (x->op != MAP_SET)
		return init_path(x->op == MAP_RENAME ? &x->to : &x->from, param, right,
				 strlen(right), err);
	if (meed_json_read(NULL, right, strlen(right), NULL, &x->value) < 0 &&
	    !(x->value = json_object_new_string(right)))
		return meed_err_nomem(err);
	return MEED_OK;
}

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct map *m = self;
	size_t n = 0, i, op;
	int32_t r = MEED_OK;

	for (op = 0; op < MAP_OPS; op++)
		n += data_arg(a, names[op])->n;
	if (n == 0)
		return meed_err_set(err, MEED_E_PARAM,
				    "nothing to change: give copy, rename, set or "
				    "remove");
	m->v = calloc(n, sizeof(*m->v));
	if (!m->v)
		return meed_err_nomem(err);
	for (op = 0; op < MAP_OPS; op++) {
		const struct data_value *v = data_arg(a, names[op]);

		for (i = 0; i < v->n && r == MEED_OK; i++) {
			m->v[m->n].op = (enum op)op;
			r = init_change(&m->v[m->n++], v->v[i], err);
		}
	}
	return r;
}

static void release(void *self)
{
	struct map *m = self;
	size_t i;

	for (i = 0; i < m->n; i++) {
		data_path_release(&m->v[i].to);
		data_path_release(&m->v[i].from);
		json_object_put(m->v[i].value);
	}
	free(m->v);
}

struct found {
	struct json_object *v;
	bool any;
};

static bool take_first(void *ctx, struct json_object *v)
{
	struct found *f = ctx;

	f->v = v;
	f->any = true;
	return false;
}

static int32_t copy_of(struct json_object *v, struct json_object **ret, struct meed_err *err)
{
	*ret = v ? data_clone(v) : NULL;
	return *ret || !v ? MEED_OK : meed_err_nomem(err);
}

static int32_t change(const struct change *x, struct json_object *root, bool *ret,
		      struct meed_err *err)
{
	struct found f = { NULL, false };
	struct json_object *v = NULL;
	int32_t r = MEED_OK;

	switch (x->op) {
	case MAP_REMOVE:
		*ret = data_path_take(&x->to, root, &v);
		json_object_put(v);
		return MEED_OK;
	case MAP_RENAME:
		f.any = data_path_take(&x->from, root, &v);
		break;
	case MAP_COPY:
		data_path_each(&x->from, root, take_first, &f);
		r = copy_of(f.v, &v, err);
		break;
	default:
		f.any = true;
		r = copy_of(x->value, &v, err);
	}
	*ret = f.any;
	return r == MEED_OK && f.any ? data_path_put(&x->to, root, v, err) : r;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err);
	struct map *m = s->self;
	int32_t st = root ? MEED_OK : err->code;
	size_t i;

	for (i = 0; i < m->n && st == MEED_OK; i++) {
		bool changed = false;

		st = change(&m->v[i], root, &changed, err);
		r->stale = r->stale || changed;
	}
	return st == MEED_OK ? data_pass(s, r, err) : st;
}

const struct data_kind data_map = {
	.pub = { .name = "map",
		 .summary = "Set, copy, rename and remove fields.",
		 .params = params },
	.size = sizeof(struct map),
	.init = init,
	.release = release,
	.push = push,
};
