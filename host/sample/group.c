/* group.c - rows of one prompt made into one sample: what each row says beside its outputs goes
 * into its outputs' metadata, unless the sample says the same. */
#include "config.h"
#include "host/sample/rows.h"

static bool same(struct json_object *a, struct json_object *b)
{
	return a == b || (a && b && json_object_equal(a, b));
}

static struct json_object *message_json(const meed_msg *m)
{
	struct json_object *o;

	if (m->more)
		return json_object_get((struct json_object *)(uintptr_t)m->more);
	o = json_object_new_object();
	if (o && meed_json_add_str(o, "role", m->role) &&
	    meed_json_add_str(o, "content", m->text))
		return o;
	json_object_put(o);
	return NULL;
}

static struct json_object *prompt_json(const struct meed_reading *r)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; list && i < r->n_prompt; i++) {
		struct json_object *m = message_json(&r->prompt[i]);

		if (!m || json_object_array_add(list, m) != 0) {
			json_object_put(m);
			json_object_put(list);
			return NULL;
		}
	}
	return list;
}

static bool same_prompt(const struct meed_reading *a, const struct meed_reading *b)
{
	if (a->n_prompt != b->n_prompt)
		return false;
	for (size_t i = 0; i < a->n_prompt; i++) {
		const meed_msg *x = &a->prompt[i], *y = &b->prompt[i];

		if (!meed_str_eq(x->role, y->role) || !meed_str_eq(x->text, y->text))
			return false;
		if (x->more && y->more &&
		    !json_object_equal((struct json_object *)(uintptr_t)x->more,
				       (struct json_object *)(uintptr_t)y->more))
			return false;
	}
	return true;
}

/* Adds to o under key, or under "row.key" as often as it takes. Consumes v. */
static bool add_free(struct meed_reading *r, struct json_object *o, const char *key,
		     struct json_object *v)
{
	while (json_object_object_get_ex(o, key, NULL)) {
		key = meed_arena_printf(r->arena, "row.%s", key).p;
		if (!key) {
			json_object_put(v);
			return false;
		}
	}
	return meed_json_add(o, key, v);
}

static bool add_str(struct meed_reading *r, struct json_object *o, const char *key, meed_str mine,
		    meed_str common)
{
	struct json_object *v;

	if (!mine.n || meed_str_eq(mine, common))
		return true;
	v = json_object_new_string_len(mine.p, (int)mine.n);
	return v && add_free(r, o, key, v);
}

static bool is_field(const char *key)
{
	static const char *const fields[] = { "unique_id", "input", "output", "task_category",
					      "source", "metadata" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(key, fields[i]) == 0)
			return true;
	return false;
}

/* What a canonical row has beside the fields that it must have. */
static bool add_unknown(struct meed_reading *first, struct meed_reading *r, struct json_object *o)
{
	bool ok = true;

	MEED_JSON_EACH(r->root, e) {
		const char *key = meed_entry_key(e);
		struct json_object *v = meed_entry_val(e), *theirs;

		if (!ok || is_field(key))
			continue;
		if (first->shape == MEED_SHAPE_CANONICAL &&
		    json_object_object_get_ex(first->root, key, &theirs) && same(v, theirs))
			continue;
		ok = add_free(r, o, key, json_object_get(v));
	}
	return ok;
}

static bool fill(struct meed_reading *first, struct meed_reading *r, struct json_object *o)
{
	struct json_object *theirs, *list;
	bool ok = true;

	if (r->meta) {
		MEED_JSON_EACH(r->meta, e) {
			const char *key = meed_entry_key(e);
			struct json_object *v = meed_entry_val(e);

			if (first->meta && json_object_object_get_ex(first->meta, key, &theirs) &&
			    same(v, theirs))
				continue;
			ok = ok && meed_json_add(o, key, json_object_get(v));
		}
	}
	ok = ok && add_str(r, o, "unique_id", r->id, first->id) &&
	     add_str(r, o, "task_category", r->task_category, first->task_category) &&
	     add_str(r, o, "source", r->source, first->source);
	if (ok && r->created_at && !same(r->created_at, first->created_at))
		ok = add_free(r, o, "created_at", json_object_get(r->created_at));
	if (ok && !same_prompt(first, r)) {
		list = prompt_json(r);
		ok = list && add_free(r, o, "input", list);
	}
	if (ok && r->shape == MEED_SHAPE_CANONICAL)
		ok = add_unknown(first, r, o);
	return ok;
}

static bool add_all(struct meed_reading *r, struct json_object *to, struct json_object *from)
{
	bool ok = true;

	MEED_JSON_EACH(from, e)
		ok = ok && add_free(r, to, meed_entry_key(e), json_object_get(meed_entry_val(e)));
	return ok;
}

/* Puts what the row says into the output's metadata. */
static bool give(struct meed_reading *r, struct json_object *own, struct meed_output *out)
{
	struct json_object *meta;

	if (!out->output) {
		if (out->extra)
			return add_all(r, out->extra, own);
		out->extra = own;
		return true;
	}
	meta = meed_json_get(out->output, "metadata");
	if (json_object_get_type(meta) == json_type_object)
		return add_all(r, meta, own);
	if (!meta)
		return meed_json_add(out->output, "metadata", json_object_get(own));
	return add_free(r, out->output, "metadata", json_object_get(own));
}

int32_t meed_join_group(struct meed_reading *first, struct meed_reading *r, size_t from)
{
	struct json_object *own = json_object_new_object();
	bool ok;

	if (!own || !meed_own(r->p, own))
		return meed_err_nomem(r->err);
	ok = fill(first, r, own);
	for (size_t i = from; ok && json_object_object_length(own) && i < r->p->n_outs; i++)
		ok = give(r, own, &r->p->outs[i]);
	return ok ? MEED_OK : meed_err_nomem(r->err);
}
