/* rows.h - what the files of the sample floor share; nobody else includes it. */
#ifndef MEED_SAMPLE_ROWS_H
#define MEED_SAMPLE_ROWS_H

#include <json-c/json.h>

#include "host/sample/sample.h"

/* ---- trees (json.c) ------------------------------------------------------------------- */

#define MEED_JSON_EACH(o, e) \
	for (struct lh_entry *e = lh_table_head(json_object_get_object(o)); e; e = lh_entry_next(e))

static inline struct json_object *meed_entry_val(const struct lh_entry *e)
{
	return lh_entry_v(e);
}

static inline const char *meed_entry_key(const struct lh_entry *e)
{
	return lh_entry_k(e);
}

static inline struct json_object *meed_json_get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static inline meed_str meed_json_text(struct json_object *o)
{
	return (meed_str){ json_object_get_string(o), (size_t)json_object_get_string_len(o) };
}

/* A key that rows often have, as a string that lives for ever; NULL if it is none of them. */
const char *meed_known_key(const char *p, size_t n);
/* "null", "a string", "a list", "an object", "a number", "true or false". */
const char *meed_json_kind(struct json_object *o);
/* Adds v to o and consumes it, whether or not that works. */
bool meed_json_add(struct json_object *o, const char *key, struct json_object *v);
/* The same with a key that outlives o and that o does not have yet. */
bool meed_json_add_new(struct json_object *o, const char *key, struct json_object *v);

bool meed_json_add_str(struct json_object *o, const char *key, meed_str s);

/* A JSON pointer cut into its parts. */
struct meed_pointer {
	char *text;			/* as the user wrote it */
	char **parts;
	size_t n_parts;
};

struct meed_hit {
	bool found;			/* true for a JSON null as well */
	struct json_object *v;
	struct json_object *parent;	/* what holds it; NULL: it is the root itself */
	struct lh_entry *entry;		/* its entry if parent is an object */
	struct lh_entry *top;		/* the root's entry that leads to it */
};

/* MEED_E_PARAM with what is wrong. */
int32_t meed_pointer_init(struct meed_pointer *p, const char *text, struct meed_err *err);
void meed_pointer_release(struct meed_pointer *p);
struct meed_hit meed_pointer_find(const struct meed_pointer *p, struct json_object *root);

/* ---- schema (schema.c) ------------------------------------------------------------------ */

enum meed_map_key {
	MEED_MAP_RESPONSE,
	MEED_MAP_REFERENCE,
	MEED_MAP_PROMPT,
	MEED_MAP_ID,
	MEED_MAP_TASK_CATEGORY,
	MEED_MAP_SOURCE,
	MEED_MAP_MESSAGES,
	MEED_MAP_METADATA,
	MEED_MAP_STEPS,
	MEED_MAP_N
};

struct meed_map_entry {
	enum meed_map_key key;
	struct meed_pointer ptr;
};

struct meed_schema {
	enum meed_shape shape;
	struct meed_map_entry *map;
	size_t n_map;
	bool groups;
	struct meed_pointer group;
};

const char *meed_map_key_name(enum meed_map_key k);

/* ---- rows (parse.c, shapes.c, mapped.c, canonical.c) -------------------------------------- */

struct meed_parser {
	const struct meed_schema *schema;
	struct meed_output *outs;	/* of the row that is being read; copied into the arena */
	size_t n_outs, cap_outs;
	struct json_object **owned;	/* likewise */
	size_t n_owned, cap_owned;
	struct meed_hit *hits;		/* one for each entry of the map */
	struct meed_buf scratch;
};

/* One row while it is read. */
struct meed_reading {
	struct meed_parser *p;
	struct meed_arena *arena;
	struct meed_err *err;
	struct json_object *root;
	size_t root_index;
	/* what it became; outs are in p */
	enum meed_shape shape;
	meed_str id, task_category, source;
	meed_msg *prompt;
	size_t n_prompt;
	struct json_object *meta;
	struct json_object *created_at;
};

struct meed_keys;
int32_t meed_read_canonical(struct meed_reading *r, struct meed_keys *k);
/* One of the other shapes; r->shape says which. */
int32_t meed_read_shape(struct meed_reading *r, struct meed_keys *k);
int32_t meed_read_mapped(struct meed_reading *r, struct meed_keys *k);
/* Tells shapes apart; MEED_SHAPE_AUTO if it is none. */
enum meed_shape meed_find_shape(const struct meed_keys *k);
/* The same for the rows of benchmarks alone (bench.c). */
enum meed_shape meed_find_bench(const struct meed_keys *k);
int32_t meed_read_bench(struct meed_reading *r, struct meed_keys *k);
/* Rows of helpsteer2_pairwise have become one sample: says which output is better. */
int32_t meed_bench_compare(struct meed_reading *r);
static inline bool meed_is_bench(enum meed_shape shape)
{
	return shape >= MEED_SHAPE_REWARDBENCH && shape < MEED_SHAPE_MAPPED;
}
/* The prompt from its usual keys, a text `input` beside an `instruction` below it. */
int32_t meed_read_question(struct meed_reading *r, struct meed_keys *k);
bool meed_has_responses(const struct meed_keys *k);
/* A conversation's last turn is the answer, the rest is the prompt. */
struct meed_shared;
int32_t meed_read_last_turn(struct meed_reading *r, const char *key, struct json_object *list,
			    const struct meed_shared *shared);
/* Makes the label {"preference": P, "reference": R} over what base has (its own win) and reads
 * the references; each of the three may be NULL. */
int32_t meed_make_shared(struct meed_reading *r, struct json_object *base, const char *preference,
			 struct json_object *reference, struct meed_shared *ret);

/* Adds a row to the group that first began; its outputs are those from `from` on. */
int32_t meed_join_group(struct meed_reading *first, struct meed_reading *r, size_t from);

/* An output's slot, cleared; NULL when out of memory. Valid until the next call. */
struct meed_output *meed_add_output(struct meed_reading *r);
/* The parser keeps the reference until the row is released; false when out of memory (the
 * reference is then put). */
bool meed_own(struct meed_parser *p, struct json_object *o);

/* ---- keys of rows that are not canonical (keys.c) ------------------------------------------ */

enum meed_key {
	MEED_K_UNIQUE_ID, MEED_K_ID, MEED_K_TASK_CATEGORY, MEED_K_SOURCE, MEED_K_CREATED_AT,
	MEED_K_METADATA, MEED_K_INPUT, MEED_K_PROMPT, MEED_K_QUESTION, MEED_K_INSTRUCTION,
	MEED_K_QUERY, MEED_K_MESSAGES, MEED_K_CHOSEN, MEED_K_REJECTED, MEED_K_RESPONSES,
	MEED_K_RESPONSE, MEED_K_COMPLETIONS, MEED_K_COMPLETION, MEED_K_OUTPUTS, MEED_K_OUTPUT,
	MEED_K_SOLUTION_STR, MEED_K_ANSWER, MEED_K_REFERENCE, MEED_K_REFERENCES,
	MEED_K_REFERENCE_ANSWER, MEED_K_GROUND_TRUTH, MEED_K_LABEL, MEED_K_DATA_SOURCE,
	MEED_K_REWARD_MODEL, MEED_K_EXTRA_INFO,
	/* what tells the rows of benchmarks */
	MEED_K_SUBSET, MEED_K_DOMAIN, MEED_K_TOTAL_COMPLETIONS, MEED_K_CHOSEN_MODEL, MEED_K_REJECT,
	MEED_K_BON_BEST, MEED_K_RESPONSE_A, MEED_K_OUTPUT_1, MEED_K_RESPONSE1,
	MEED_K_ORIGINAL_PROCESS, MEED_K_CODE, MEED_K_CONTEXT, MEED_K_HELPFULNESS,
	MEED_K_RESPONSE_1, MEED_K_LABELS,
	MEED_K_N			/* at most 64 */
};

struct meed_keys {
	struct json_object *root;
	struct lh_entry *e[MEED_K_N];	/* NULL: absent */
	uint64_t taken;			/* bit k: found its place, so it is no metadata */
};

void meed_keys_find(struct json_object *root, struct meed_keys *k);
const char *meed_key_name(enum meed_key k);
static inline struct json_object *meed_key_val(const struct meed_keys *k, enum meed_key i)
{
	return k->e[i] ? meed_entry_val(k->e[i]) : NULL;
}
static inline void meed_key_take(struct meed_keys *k, enum meed_key i)
{
	k->taken |= UINT64_C(1) << i;
}
/* id, task_category, source and created_at from their usual keys, unless r has them already. */
int32_t meed_read_fields(struct meed_reading *r, struct meed_keys *k);
/* r->meta: `base` (NULL: none) with every entry of the root that is neither taken nor in skip. */
int32_t meed_read_rest(struct meed_reading *r, const struct meed_keys *k, struct json_object *base,
		       struct lh_entry *const *skip, size_t n_skip);

/* ---- texts (content.c) --------------------------------------------------------------------- */

/* Where a value stands in its row, for messages: "output[2].answer.content". */
struct meed_place {
	const struct meed_place *in;
	const char *key;		/* NULL: an index */
	size_t index;
};

/* The text of a content. *ret_bad says why there is none; negative only for want of memory. */
int32_t meed_content_text(struct meed_reading *r, const struct meed_place *at,
			  struct json_object *v, meed_str *ret, const char **ret_bad);
/* A number or boolean as its JSON text, a string as it is, anything else as JSON. */
int32_t meed_scalar_text(struct meed_reading *r, struct json_object *v, meed_str *ret);
int32_t meed_read_refs(struct meed_reading *r, struct json_object *v, const meed_str **ret,
		       size_t *ret_n);
int32_t meed_read_messages(struct meed_reading *r, const struct meed_place *at,
			   struct json_object *v, size_t n, meed_msg **ret, size_t *ret_n);
/* A prompt: a string, a message or a list of messages. */
int32_t meed_read_prompt(struct meed_reading *r, const char *key, struct json_object *v);
int32_t meed_read_steps(struct meed_reading *r, const struct meed_place *at,
			struct json_object *v, struct meed_output *out);
/* "PLACE is WHAT" in the arena; NULL when out of memory. */
const char *meed_place_text(struct meed_reading *r, const struct meed_place *at, const char *what);

/* ---- responses (responses.c) ----------------------------------------------------------- */

/* What every output of one key has in common. */
struct meed_shared {
	struct json_object *label;	/* or NULL */
	const meed_str *refs;
	size_t n_refs;
};

/* Appends the outputs that v holds: a text, a message, a conversation, or a list of those. */
int32_t meed_read_responses(struct meed_reading *r, struct json_object *v,
			    const struct meed_shared *shared);
/* Content without a message around it. */
int32_t meed_read_content(struct meed_reading *r, const struct meed_place *at,
			  struct json_object *content, struct meed_output *out);
/* Reads a message object as the answer of out. */
int32_t meed_read_answer(struct meed_reading *r, const struct meed_place *at,
			 struct json_object *answer, struct meed_output *out);
bool meed_message_is(struct json_object *message, const char *role);

/* ---- writing (write.c, reward.c) --------------------------------------------------------- */

struct meed_writing {
	struct meed_buf *b;
	meed_str name;			/* the composition */
	enum meed_level level;
	bool timings;
};

/* Writes "key": and the comma before it. */
void meed_key_write(struct meed_buf *b, const char *key, bool *first);
/* The same for a key of ours, which needs no escapes. */
#define MEED_KEY_LIT(b, key, first)                                                    \
	do {                                                                           \
		bool *first_ = (first);                                                \
		const char *text_ = ",\"" key "\":";                                   \
		meed_buf_put((b), text_ + *first_, sizeof(",\"" key "\":") - 1 - *first_); \
		*first_ = false;                                                       \
	} while (0)
/* Writes "reward": and its value, made of the new reward and of what is kept of the old one;
 * nothing at all if there is nothing to say. rw NULL: the old one as it is. */
void meed_reward_write(const struct meed_writing *w, const struct meed_reward *rw,
		       struct json_object *old, bool *first);

#endif
