/* rename.c - another source or task_category for a sample. */
#include "config.h"
#include "host/sample/rows.h"

/* Adds to o under key, or under "row.key" as often as it takes. Consumes v. */
static bool add_free(struct meed_arena *arena, struct json_object *o, const char *key,
		     struct json_object *v)
{
	while (json_object_object_get_ex(o, key, NULL)) {
		key = meed_arena_printf(arena, "row.%s", key).p;
		if (!key) {
			json_object_put(v);
			return false;
		}
	}
	return meed_json_add(o, key, v);
}

/* The metadata of a canonical row, made if it has none; NULL: out of memory. What is there and no
 * object moves to "row.metadata". */
static struct json_object *canonical_meta(struct meed_row *r, struct meed_arena *arena)
{
	struct json_object *root = r->roots[0], *old = NULL;
	struct json_object *meta = meed_json_get(root, "metadata");

	if (json_object_get_type(meta) == json_type_object)
		return meta;
	if (meta)
		old = json_object_get(meta);
	meta = json_object_new_object();
	if (!meta || !meed_json_add(root, "metadata", meta)) {
		json_object_put(old);
		return NULL;
	}
	if (old && !add_free(arena, root, "row.metadata", old))
		return NULL;
	return meta;
}

/* The metadata of another row; it owns the tree if it is made here. */
static struct json_object *other_meta(struct meed_row *r, struct meed_arena *arena)
{
	struct json_object *meta = (struct json_object *)(uintptr_t)r->meta, **owned;

	if (meta)
		return meta;
	owned = meed_arena_raw(arena, (r->n_owned + 1) * sizeof(*owned));
	meta = owned ? json_object_new_object() : NULL;
	if (!meta)
		return NULL;
	if (r->n_owned)
		memcpy(owned, r->owned, r->n_owned * sizeof(*owned));
	owned[r->n_owned++] = meta;
	r->owned = owned;
	return meta;
}

static int32_t set(struct meed_row *r, const char *key, const char *value, meed_str *field,
		   struct meed_arena *arena, struct meed_err *err)
{
	bool canonical = r->shape == MEED_SHAPE_CANONICAL;
	meed_str old = *field, now = meed_str_of(value);
	struct json_object *meta, *v;

	if (meed_str_eq(old, now))
		return MEED_OK;
	if (old.n) {
		meta = canonical ? canonical_meta(r, arena) : other_meta(r, arena);
		v = meta ? json_object_new_string_len(old.p, (int)old.n) : NULL;
		if (!v || !add_free(arena, meta, key, v))
			return meed_err_nomem(err);
		r->meta = (const meed_val *)meta;
	}
	*field = meed_arena_dup(arena, now);
	if (!field->p)
		return meed_err_nomem(err);
	if (!canonical)
		return MEED_OK;
	v = json_object_new_string_len(now.p, (int)now.n);
	return v && meed_json_add(r->roots[0], key, v) ? MEED_OK : meed_err_nomem(err);
}

int32_t meed_row_set(struct meed_row *r, const char *source, const char *category,
		     struct meed_arena *arena, struct meed_err *err)
{
	int32_t code = MEED_OK;

	if (source)
		code = set(r, "source", source, &r->source, arena, err);
	if (code >= 0 && category)
		code = set(r, "task_category", category, &r->task_category, arena, err);
	return code;
}
