/* parse.c - a parser: lines of JSONL to rows. */
#include "config.h"
#include "host/sample/rows.h"

#include <stdlib.h>

#define MAX_KEYS_NAMED 12

struct meed_parser *meed_parser_new(const struct meed_schema *s)
{
	struct meed_parser *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->schema = s;
	p->hits = calloc(s->n_map ? s->n_map : 1, sizeof(*p->hits));
	if (!p->hits) {
		meed_parser_free(p);
		return NULL;
	}
	return p;
}

static void drop_owned(struct meed_parser *p)
{
	while (p->n_owned)
		json_object_put(p->owned[--p->n_owned]);
}

void meed_parser_free(struct meed_parser *p)
{
	if (!p)
		return;
	drop_owned(p);
	meed_buf_release(&p->scratch);
	free(p->hits);
	free(p->outs);
	free(p->owned);
	free(p);
}

static bool more(void **v, size_t *cap, size_t size)
{
	size_t bytes, n = *cap ? *cap * 2 : 16;
	void *grown;

	if (meed_mul_overflow(n, size, &bytes) || !(grown = realloc(*v, bytes)))
		return false;
	*v = grown;
	*cap = n;
	return true;
}

struct meed_output *meed_add_output(struct meed_reading *r)
{
	struct meed_parser *p = r->p;
	void *v = p->outs;

	if (p->n_outs == p->cap_outs && !more(&v, &p->cap_outs, sizeof(*p->outs)))
		return NULL;
	p->outs = v;
	p->outs[p->n_outs] = (struct meed_output){ .cand.text = MEED_STR(""),
						   .root = r->root_index };
	return &p->outs[p->n_outs++];
}

bool meed_own(struct meed_parser *p, struct json_object *o)
{
	void *v = p->owned;

	if (p->n_owned == p->cap_owned && !more(&v, &p->cap_owned, sizeof(struct json_object *))) {
		json_object_put(o);
		return false;
	}
	p->owned = v;
	p->owned[p->n_owned++] = o;
	return true;
}

/* ---- one line ------------------------------------------------------------------------ */

static int32_t fail_shape(struct meed_reading *r, const char *what)
{
	char keys[512] = "";
	size_t n = 0, n_keys = 0;

	MEED_JSON_EACH(r->root, e) {
		size_t len = strlen(meed_entry_key(e));

		if (n_keys++ >= MAX_KEYS_NAMED || n + len + 8 > sizeof(keys)) {
			memcpy(keys + n, ", ...", 6);
			break;
		}
		if (n) {
			memcpy(keys + n, ", ", 2);
			n += 2;
		}
		memcpy(keys + n, meed_entry_key(e), len + 1);
		n += len;
	}
	return meed_err_set(r->err, MEED_E_SAMPLE,
			    "%s; its keys are: %s. Rows need output (canonical), chosen and "
			    "rejected, response(s) or completion(s), messages, or verl's "
			    "data_source; for others say where things are: "
			    "--map response=/PATH,reference=/PATH", what, n ? keys : "none");
}

static int32_t check_forced(struct meed_reading *r, const struct meed_keys *k)
{
	switch (r->shape) {
	case MEED_SHAPE_CANONICAL:
		if (!k->e[MEED_K_OUTPUT] && !k->e[MEED_K_INPUT])
			return fail_shape(r, "no canonical row: it has neither input nor output");
		break;
	case MEED_SHAPE_PREFERENCE:
		if (!k->e[MEED_K_CHOSEN] && !k->e[MEED_K_REJECTED])
			return fail_shape(r, "no preference row: it has neither chosen nor "
					     "rejected");
		break;
	case MEED_SHAPE_RESPONSES:
		if (!meed_has_responses(k))
			return fail_shape(r, "no row of responses: it has none");
		break;
	case MEED_SHAPE_MESSAGES:
		if (!k->e[MEED_K_MESSAGES])
			return fail_shape(r, "no row of messages: it has no messages");
		break;
	case MEED_SHAPE_VERL:
		if (!k->e[MEED_K_DATA_SOURCE] && !k->e[MEED_K_REWARD_MODEL] &&
		    !k->e[MEED_K_SOLUTION_STR])
			return fail_shape(r, "no verl row: it has none of data_source, "
					     "reward_model and solution_str");
		break;
	default:
		break;
	}
	return MEED_OK;
}

static int32_t read_root(struct meed_reading *r)
{
	struct meed_keys k;
	int32_t code;

	if (json_object_get_type(r->root) != json_type_object)
		return meed_err_set(r->err, MEED_E_SAMPLE, "a row is a JSON object, and this is %s",
				    meed_json_kind(r->root));
	meed_keys_find(r->root, &k);
	r->shape = r->p->schema->shape;
	if (r->shape == MEED_SHAPE_AUTO) {
		r->shape = meed_find_shape(&k);
		if (r->shape == MEED_SHAPE_AUTO)
			return fail_shape(r, "no shape of row that is known");
	}
	code = check_forced(r, &k);
	if (code < 0)
		return code;
	switch (r->shape) {
	case MEED_SHAPE_CANONICAL:
		return meed_read_canonical(r, &k);
	case MEED_SHAPE_MAPPED:
		return meed_read_mapped(r, &k);
	default:
		return meed_is_bench(r->shape) ? meed_read_bench(r, &k) : meed_read_shape(r, &k);
	}
}

/* The canonical form wants an id: 16 hexadecimal digits. */
static int32_t make_id(struct meed_reading *r, uint64_t hash)
{
	char *p = meed_arena_raw(r->arena, 17);

	if (!p)
		return meed_err_nomem(r->err);
	r->id = (meed_str){ p, 16 };
	for (int shift = 60; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[hash >> shift & 15];
	*p = '\0';
	return MEED_OK;
}

static int32_t read_line(struct meed_reading *r, const struct meed_line *line)
{
	int32_t code = meed_line_check(line, r->err);

	if (code < 0)
		return code;
	r->id = r->task_category = r->source = MEED_STR("");
	code = meed_json_read(&r->p->scratch, line->p, line->n, r->err, &r->root);
	if (code < 0)
		return code;
	code = read_root(r);
	if (code >= 0 && !r->id.n && !r->root_index && r->shape != MEED_SHAPE_CANONICAL)
		code = make_id(r, meed_hash(line->p, line->n, 0));
	return code;
}

/* ---- rows ------------------------------------------------------------------------------ */

static uint64_t hash_str(meed_str s, uint64_t seed)
{
	return meed_hash(s.p, s.n, seed);
}

uint64_t meed_row_hash(const struct meed_row *row)
{
	uint64_t h = 0;

	for (size_t i = 0; i < row->n_prompt; i++)
		h = hash_str(row->prompt[i].text, hash_str(row->prompt[i].role, h));
	for (size_t i = 0; i < row->n_outs; i++) {
		const meed_cand *c = &row->outs[i].cand;

		h = hash_str(c->text, h);
		for (size_t k = 0; k < c->n_refs; k++)
			h = hash_str(c->refs[k], h + 1);
		for (size_t k = 0; k < c->n_steps; k++)
			h = hash_str(c->steps[k].text, h + 2);
	}
	return h;
}

static void *copy(struct meed_arena *arena, const void *v, size_t n, size_t size)
{
	size_t bytes;
	void *to;

	if (meed_mul_overflow(n, size, &bytes))
		return NULL;
	to = meed_arena_raw(arena, bytes);
	if (to && bytes)
		memcpy(to, v, bytes);
	return to;
}

static int32_t finish(struct meed_reading *first, struct meed_row *row)
{
	struct meed_parser *p = first->p;

	row->shape = first->shape;
	row->id = first->id;
	row->task_category = first->task_category;
	row->source = first->source;
	row->prompt = first->prompt;
	row->n_prompt = first->n_prompt;
	row->meta = (const meed_val *)first->meta;
	row->created_at = first->created_at;
	row->schema = p->schema;
	row->outs = copy(first->arena, p->outs, p->n_outs, sizeof(*p->outs));
	row->owned = copy(first->arena, p->owned, p->n_owned, sizeof(struct json_object *));
	if (!row->outs || !row->owned)
		return meed_err_nomem(first->err);
	row->n_outs = p->n_outs;
	row->n_owned = p->n_owned;
	p->n_owned = 0;			/* they are the row's now */
	return MEED_OK;
}

int32_t meed_parser_row(struct meed_parser *p, const struct meed_line *lines, size_t n_lines,
			struct meed_arena *arena, struct meed_err *err, struct meed_row **ret)
{
	struct meed_row *row = meed_arena_alloc(arena, sizeof(*row));
	struct meed_reading first = { .p = p, .arena = arena, .err = err };
	int32_t r = MEED_OK;
	size_t bytes;

	if (!row || meed_mul_overflow(n_lines, sizeof(struct json_object *), &bytes) ||
	    !(row->roots = meed_arena_alloc(arena, bytes)))
		return meed_err_nomem(err);
	p->n_outs = 0;
	for (size_t i = 0; i < n_lines && r >= 0; i++) {
		struct meed_reading next = { .p = p, .arena = arena, .err = err, .root_index = i };
		struct meed_reading *this = i ? &next : &first;
		size_t from = p->n_outs;

		r = read_line(this, &lines[i]);
		row->roots[i] = this->root;
		row->n_roots = i + 1;
		if (r >= 0 && i)
			r = meed_join_group(&first, this, from);
	}
	if (r >= 0 && p->schema->shape == MEED_SHAPE_HELPSTEER2_PAIRWISE)
		r = meed_bench_compare(&first);
	if (r >= 0)
		r = finish(&first, row);
	if (r < 0) {
		drop_owned(p);
		meed_row_release(row);
		return r;
	}
	*ret = row;
	return r;
}

void meed_row_release(struct meed_row *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_owned; i++)
		json_object_put(r->owned[i]);
	for (size_t i = 0; i < r->n_roots; i++)
		json_object_put(r->roots[i]);
	r->n_owned = r->n_roots = 0;
}

int32_t meed_parser_group_key(struct meed_parser *p, const struct meed_line *line,
			      struct meed_arena *arena, struct meed_err *err, meed_str *ret)
{
	struct json_object *root = NULL;
	struct meed_hit h;
	int32_t r;

	if (!p->schema->groups)
		return meed_err_set(err, MEED_E_INTERNAL, "rows are not grouped");
	r = meed_line_check(line, err);
	if (r < 0)
		return r;
	r = meed_json_read(&p->scratch, line->p, line->n, err, &root);
	if (r < 0)
		return r;
	h = meed_pointer_find(&p->schema->group, root);
	if (!h.v) {
		r = meed_err_set(err, MEED_E_SAMPLE,
				 "nothing at %s, by which rows are to be grouped",
				 p->schema->group.text);
		goto out;
	}
	p->scratch.n = 0;
	p->scratch.failed = false;
	meed_json_write(&p->scratch, h.v);
	*ret = p->scratch.failed ? (meed_str){ NULL, 0 }
				 : meed_arena_dup(arena, (meed_str){ p->scratch.p, p->scratch.n });
	if (!ret->p)
		r = meed_err_nomem(err);
out:
	json_object_put(root);
	return r;
}
