/* mapped.c - rows that --map describes. */
#include "config.h"
#include "host/sample/rows.h"

/* Takes a nested value out of its object, so that it does not stand in metadata as well. Values in
 * lists stay, since the places of their neighbours mean something. */
static int32_t detach(struct meed_reading *r, const struct meed_map_entry *e,
		      const struct meed_hit *h)
{
	const char *key = e->ptr.n_parts ? e->ptr.parts[e->ptr.n_parts - 1] : NULL;

	if (!h->found || e->ptr.n_parts < 2 ||
	    json_object_get_type(h->parent) != json_type_object ||
	    !json_object_object_get_ex(h->parent, key, NULL))
		return MEED_OK;
	if (h->v && !meed_own(r->p, json_object_get(h->v)))
		return meed_err_nomem(r->err);
	json_object_object_del(h->parent, key);
	return MEED_OK;
}

/* The k-th value (from 0) that a key was mapped to, as index into map and hits. */
static size_t nth(const struct meed_schema *s, enum meed_map_key key, size_t k)
{
	for (size_t i = 0; i < s->n_map; i++)
		if (s->map[i].key == key && k-- == 0)
			return i;
	return s->n_map;
}

static struct json_object *mapped(const struct meed_reading *r, enum meed_map_key key, size_t k)
{
	const struct meed_schema *s = r->p->schema;
	size_t i = nth(s, key, k);

	return i < s->n_map ? r->p->hits[i].v : NULL;
}

static bool push(struct json_object *list, struct json_object *v)
{
	if (json_object_array_add(list, json_object_get(v)) == 0)
		return true;
	json_object_put(v);
	return false;
}

/* One reference as it stands, or several in a list. */
static int32_t find_reference(struct meed_reading *r, struct json_object **ret)
{
	const struct meed_schema *s = r->p->schema;
	struct json_object *all = NULL, *one = NULL;

	for (size_t i = 0; i < s->n_map; i++) {
		struct json_object *v = r->p->hits[i].v;

		if (s->map[i].key != MEED_MAP_REFERENCE || !v)
			continue;
		if (!one) {
			one = v;
			continue;
		}
		if (!all) {
			all = json_object_new_array();
			if (!all || !meed_own(r->p, all) || !push(all, one))
				return meed_err_nomem(r->err);
		}
		if (!push(all, v))
			return meed_err_nomem(r->err);
	}
	*ret = all ? all : one;
	return MEED_OK;
}

/* Steps of the outputs from..n_outs: of the one output, or a list for each. */
static int32_t read_steps(struct meed_reading *r, struct json_object *steps, size_t from)
{
	struct meed_place in = { .key = "output" };
	size_t n = r->p->n_outs - from;
	int32_t code = MEED_OK;

	if (!steps)
		return MEED_OK;
	if (n != 1 && (json_object_get_type(steps) != json_type_array ||
		       json_object_array_length(steps) != n))
		return meed_err_set(r->err, MEED_E_SAMPLE,
				    "the mapped steps are %s, expected a list of %zu lists: one "
				    "for each response", meed_json_kind(steps), n);
	for (size_t i = 0; i < n && code >= 0; i++) {
		struct meed_place at = { .in = &in, .index = from + i };
		struct meed_place in_steps = { .in = &at, .key = "steps" };
		struct json_object *v = steps;

		if (n != 1)
			v = json_object_array_get_idx(steps, i);
		code = meed_read_steps(r, &in_steps, v, &r->p->outs[from + i]);
	}
	return code;
}

static int32_t read_responses(struct meed_reading *r, const struct meed_shared *shared)
{
	const struct meed_schema *s = r->p->schema;
	size_t k = 0;
	int32_t code = MEED_OK;

	for (size_t i = 0; i < s->n_map && code >= 0; i++) {
		size_t from = r->p->n_outs;

		if (s->map[i].key != MEED_MAP_RESPONSE)
			continue;
		if (!r->p->hits[i].found)
			return meed_err_set(r->err, MEED_E_SAMPLE,
					    "nothing at %s, where the map looks for the response",
					    s->map[i].ptr.text);
		code = meed_read_responses(r, r->p->hits[i].v, shared);
		if (code >= 0)
			code = read_steps(r, mapped(r, MEED_MAP_STEPS, k++), from);
	}
	return code;
}

static int32_t read_fields(struct meed_reading *r)
{
	static const enum meed_map_key keys[] = { MEED_MAP_ID, MEED_MAP_TASK_CATEGORY,
						  MEED_MAP_SOURCE };
	meed_str *const to[] = { &r->id, &r->task_category, &r->source };
	int32_t code = MEED_OK;

	for (size_t i = 0; i < 3 && code >= 0; i++) {
		struct json_object *v = mapped(r, keys[i], 0);

		if (v)
			code = meed_scalar_text(r, v, to[i]);
	}
	return code;
}

static int32_t read_outputs(struct meed_reading *r, const struct meed_shared *shared)
{
	const struct meed_schema *s = r->p->schema;
	size_t i = nth(s, MEED_MAP_MESSAGES, 0);
	bool chat = i < s->n_map;
	struct json_object *messages = mapped(r, MEED_MAP_MESSAGES, 0);
	int32_t code;

	if (chat && nth(s, MEED_MAP_RESPONSE, 0) == s->n_map) {
		if (!messages)
			return meed_err_set(r->err, MEED_E_SAMPLE,
					    "nothing at %s, where the map looks for the messages",
					    s->map[i].ptr.text);
		code = meed_read_last_turn(r, "messages", messages, shared);
		return code < 0 ? code : read_steps(r, mapped(r, MEED_MAP_STEPS, 0), 0);
	}
	if (chat)
		code = meed_read_prompt(r, "messages", messages);
	else
		code = meed_read_prompt(r, "prompt", mapped(r, MEED_MAP_PROMPT, 0));
	return code < 0 ? code : read_responses(r, shared);
}

/* The mapped metadata, or the row's own. A value from within a list is copied, so that the
 * fields that join it do not turn up in the list. */
static int32_t metadata_base(struct meed_reading *r, struct meed_keys *k, struct json_object **ret)
{
	const struct meed_schema *s = r->p->schema;
	size_t i = nth(s, MEED_MAP_METADATA, 0);
	struct json_object *own = meed_key_val(k, MEED_K_METADATA), *copy;

	*ret = NULL;
	if (i == s->n_map || json_object_get_type(r->p->hits[i].v) != json_type_object) {
		if (json_object_get_type(own) == json_type_object) {
			meed_key_take(k, MEED_K_METADATA);
			*ret = own;
		}
		return MEED_OK;
	}
	*ret = r->p->hits[i].v;
	if (json_object_get_type(r->p->hits[i].parent) == json_type_object)
		return MEED_OK;
	copy = json_object_new_object();
	if (!copy || !meed_own(r->p, copy))
		return meed_err_nomem(r->err);
	MEED_JSON_EACH(*ret, e)
		if (!meed_json_add_new(copy, meed_entry_key(e), json_object_get(meed_entry_val(e))))
			return meed_err_nomem(r->err);
	*ret = copy;
	return MEED_OK;
}

/* A field that the map uses is not also taken for what its name says. */
static void forget_mapped(struct meed_keys *k, struct lh_entry *const *skip, size_t n_skip)
{
	static const unsigned char fields[] = {
		MEED_K_UNIQUE_ID, MEED_K_ID, MEED_K_TASK_CATEGORY, MEED_K_SOURCE,
		MEED_K_CREATED_AT, MEED_K_METADATA
	};

	for (size_t i = 0; i < sizeof(fields); i++)
		for (size_t j = 0; j < n_skip; j++)
			if (k->e[fields[i]] == skip[j])
				k->e[fields[i]] = NULL;
}

/* Without outputs there is no place for references and steps: they stay where they are. */
static void forget_labels(struct meed_reading *r)
{
	const struct meed_schema *s = r->p->schema;

	for (size_t i = 0; i < s->n_map; i++)
		if (s->map[i].key == MEED_MAP_REFERENCE || s->map[i].key == MEED_MAP_STEPS)
			r->p->hits[i].found = false;
}

/* What of the row is in its place now, and what is left of it is metadata. */
static int32_t read_rest(struct meed_reading *r, struct meed_keys *k)
{
	const struct meed_schema *s = r->p->schema;
	struct lh_entry **skip = meed_arena_raw(r->arena, s->n_map * sizeof(struct lh_entry *));
	struct json_object *base = NULL;
	size_t n_skip = 0;
	int32_t code = MEED_OK;

	if (!skip)
		return meed_err_nomem(r->err);
	for (size_t i = 0; i < s->n_map && code >= 0; i++)
		if (r->p->hits[i].found && s->map[i].ptr.n_parts == 1)
			skip[n_skip++] = r->p->hits[i].top;
	for (size_t i = 0; i < s->n_map && code >= 0; i++)
		code = detach(r, &s->map[i], &r->p->hits[i]);
	for (size_t i = 0; i < s->n_map && code >= 0; i++) {
		struct lh_entry *top = r->p->hits[i].top;

		if (r->p->hits[i].found && s->map[i].ptr.n_parts > 1 && top &&
		    json_object_get_type(meed_entry_val(top)) == json_type_object &&
		    !json_object_object_length(meed_entry_val(top)))
			skip[n_skip++] = top;
	}
	forget_mapped(k, skip, n_skip);
	if (code >= 0)
		code = meed_read_fields(r, k);
	if (code >= 0)
		code = metadata_base(r, k, &base);
	if (code >= 0)
		code = meed_read_rest(r, k, base, skip, n_skip);
	return code;
}

int32_t meed_read_mapped(struct meed_reading *r, struct meed_keys *k)
{
	const struct meed_schema *s = r->p->schema;
	struct json_object *reference = NULL;
	struct meed_shared shared;
	size_t from = r->p->n_outs;
	int32_t code;

	for (size_t i = 0; i < s->n_map; i++)
		r->p->hits[i] = meed_pointer_find(&s->map[i].ptr, r->root);
	code = find_reference(r, &reference);
	if (code >= 0)
		code = meed_make_shared(r, NULL, NULL, reference, &shared);
	if (code >= 0)
		code = read_fields(r);
	if (code >= 0)
		code = read_outputs(r, &shared);
	if (r->p->n_outs == from)
		forget_labels(r);
	if (code >= 0)
		code = read_rest(r, k);
	return code;
}
