/* internal.h - what the sources of the data floor share. */
#ifndef MEED_DATA_INTERNAL_H
#define MEED_DATA_INTERNAL_H

#include <json-c/json.h>
#include <regex.h>

#include "host/data/data.h"
#include "host/data/spill.h"

#define DATA_COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* ---- parameters (args.c) ----------------------------------------------------------------- */

struct data_value {
	bool set;
	uint64_t u;
	double x;
	bool yes;
	const char **v;			/* texts; one unless a list */
	size_t n;
};

struct meed_data_args {
	const struct meed_data_kind *kind;
	struct meed_arena arena;
	struct data_value *values;	/* one for each of the kind's parameters */
};

/* By name; the kind must have it. */
const struct data_value *data_arg(const struct meed_data_args *a, const char *name);
/* What the parameter says, or the default. */
const char *data_text(const struct meed_data_args *a, const char *name, const char *otherwise);
uint64_t data_uint(const struct meed_data_args *a, const char *name, uint64_t otherwise);
double data_num(const struct meed_data_args *a, const char *name, double otherwise);
bool data_flag(const struct meed_data_args *a, const char *name);
bool data_is_set(const struct meed_data_args *a, const char *name);
/* MEED_E_PARAM: "PARAMETER: text". On the command line the name is written as an option. */
int32_t data_wrong(struct meed_err *err, const char *param, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The index of text in words; -1 after saying which there are. */
int data_word(const char *param, const char *text, const char *const *words, size_t n,
	      struct meed_err *err);

/* ---- samples on their way (rec.c) -------------------------------------------------------- */

struct data_rec {
	struct meed_buf line;		/* canonical, without newline; not of use while stale */
	struct json_object *root;	/* owned; NULL: not parsed yet */
	bool stale;			/* root was changed */
	uint32_t part;			/* which output it goes to */
};

/* Becomes the sample of this line. */
int32_t data_rec_set(struct data_rec *r, meed_str line, struct meed_err *err);
/* Takes over root. */
void data_rec_own(struct data_rec *r, struct json_object *root);
/* The tree, an object; NULL with err. */
struct json_object *data_rec_root(struct data_rec *r, struct meed_err *err);
/* The line, made anew if stale. */
int32_t data_rec_line(struct data_rec *r, struct meed_err *err);
void data_rec_release(struct data_rec *r);

/* ---- what is in a sample (select.c) ------------------------------------------------------ */

struct json_object *data_get(struct json_object *o, const char *key);
bool data_add(struct json_object *o, const char *key, struct json_object *v);
/* The list of outputs, or NULL; the answer of one: an object, a string, or NULL. */
struct json_object *data_outputs(struct json_object *root);
struct json_object *data_answer(struct json_object *output);
/* Appends the text of a message's content: a string, a scalar, or the texts of a list of parts. */
void data_content(struct json_object *message, struct meed_buf *b);
meed_str data_view(struct json_object *string);
/* A tree of its own with the same text; NULL when out of memory (or o is NULL). */
struct json_object *data_clone(struct json_object *o);

/* A JSON pointer whose part * stands for every item of a list or object. */
struct data_path {
	char *text;			/* as written */
	char **parts;
	size_t n;
};
int32_t data_path_init(struct data_path *p, const char *text, struct meed_err *err);
void data_path_release(struct data_path *p);
/* Calls each for every value there is (NULL: a JSON null) until it returns false. */
void data_path_each(const struct data_path *p, struct json_object *root,
		    bool (*each)(void *ctx, struct json_object *v), void *ctx);
/* Puts v (consumed) there, making objects on the way; MEED_E_SAMPLE if something else is in the
 * way. No *. v may be NULL: a JSON null. */
int32_t data_path_put(const struct data_path *p, struct json_object *root, struct json_object *v,
		      struct meed_err *err);
/* Takes the value out; false if there was none. The caller owns *ret. */
bool data_path_take(const struct data_path *p, struct json_object *root, struct json_object **ret);

/* Which part of a sample is meant: "input", "output", "text" (both), "prompt" (the last message of
 * the user), "id", "category", "source", or a path. */
enum data_what {
	DATA_INPUT,
	DATA_OUTPUT,
	DATA_TEXT,
	DATA_PROMPT,
	DATA_PATH
};
struct data_sel {
	enum data_what what;
	struct data_path path;
};
int32_t data_sel_init(struct data_sel *s, const char *param, const char *text,
		      struct meed_err *err);
void data_sel_release(struct data_sel *s);
/* Appends the text of what is meant, the texts of several messages parted by newlines; values
 * that are no strings as JSON. Returns how many there are. */
size_t data_sel_text(const struct data_sel *s, struct json_object *root, struct meed_buf *b);

/* An output's score and label. */
bool data_score(struct json_object *output, double *ret);
struct json_object *data_label(struct json_object *output, const char *key);
/* The label object of output i, made if there is none; borrowed. NULL: no memory. */
struct json_object *data_make_label(struct json_object *outs, size_t i);

/* ---- chance (rec.c) ---------------------------------------------------------------------- */

struct data_hash {
	uint64_t a, b;
};
/* 128 bits of what was read. */
struct data_hash data_hash(meed_str s);
/* A random number of (seed, x). */
uint64_t data_random(uint64_t seed, uint64_t x);

/* ---- steps and formats ------------------------------------------------------------------- */

struct data_step;
struct data_out;

struct data_kind {
	struct meed_data_kind pub;
	size_t size;			/* of self */
	bool no_json;			/* a format whose rows are no JSON */
	const char *columns;		/* a format's columns in Parquet, as DuckDB's SELECT and
					 * column types, parted by |; NULL: what its rows have */
	/* Parameters into self, which is zeroed; release is called whatever it returns. */
	int32_t (*init)(void *self, const struct meed_data_args *a, struct meed_err *err);
	void (*release)(void *self);
	/* step */
	int32_t (*push)(struct data_step *s, struct data_rec *r, struct meed_err *err);
	int32_t (*end)(struct data_step *s, struct meed_err *err); /* may be NULL */
	/* The names of its parts, if pub.parts. */
	size_t (*parts)(const void *self, const char *const **ret);
	/* format: opens, appends the rows of r to o->text (returns how many, 0 with *ret_why, or a
	 * code) and ends an output. begin and finish may be NULL. */
	int32_t (*begin)(void *self, struct data_out *o, struct meed_err *err);
	int64_t (*rows)(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
			struct meed_err *err);
	int32_t (*finish)(void *self, struct data_out *o, struct meed_err *err);
};

struct data_step {
	const struct data_kind *kind;
	void *self;
	struct meed_data_chain *chain;
	size_t index;
	struct meed_data_count count;
	char note[128];
};

/* Hands r on to the step after s. r is the caller's and may have been changed. */
int32_t data_pass(struct data_step *s, struct data_rec *r, struct meed_err *err);
/* s drops r. */
int32_t data_drop(struct data_step *s, struct data_rec *r, struct meed_err *err);
/* This step's seed and memory; true when the user wants it to stop. */
uint64_t data_seed(const struct data_step *s);
uint64_t data_memory(const struct data_step *s);
bool data_cancelled(const struct data_step *s);
/* The sorter's samples (line, part) in key order to the next step: with limit, as many of them. */
int32_t data_pass_sorted(struct data_step *s, struct meed_sorter *sorter, struct meed_err *err);
/* Adds r to the sorter. */
int32_t data_sort_rec(struct meed_sorter *sorter, const void *key, size_t n_key,
		      struct data_rec *r, struct meed_err *err);
/* r from what such a record holds. */
int32_t data_unpack(struct data_rec *r, meed_str packed, struct meed_err *err);
/* Adds r to the spool in the same form. */
int32_t data_spool_rec(struct meed_spool *sp, struct data_rec *r, struct meed_err *err);

/* The spool's samples (packed, numbered from 0) in order; those whose numbers are the sorter's keys
 * are dropped. A number may be there more than once. */
int32_t data_pass_but(struct data_step *s, struct meed_spool *spool, struct meed_sorter *numbers,
		      struct meed_err *err);

/* The state of the step that was added last. */
void *meed_data_chain_self(struct meed_data_chain *c);

extern const struct data_kind data_filter, data_dedup, data_near_dedup, data_split, data_sample,
	data_shuffle, data_sort, data_limit, data_map, data_pairs, data_annotations;
extern const struct data_kind data_jsonl, data_preference, data_trl_preference, data_trl_kto,
	data_trl_prompt_completion, data_verl, data_sft, data_csv,
	data_label_studio;

/* ---- conditions (cond.c) ----------------------------------------------------------------- */

/* "POINTER OP VALUE", "POINTER", "!POINTER". */
struct data_cond;
struct data_cond *data_cond_new(const char *text, struct meed_err *err);
void data_cond_free(struct data_cond *c);
/* 1, 0, or MEED_E_NOMEM. */
int data_cond_holds(struct data_cond *c, struct json_object *root);
/* A regular expression (POSIX extended). The caller regfree()s it. */
int32_t data_regex(regex_t *ret, const char *param, const char *text, struct meed_err *err);

/* ---- languages (lang.c) ------------------------------------------------------------------ */

struct data_lang;
int32_t data_lang_open(struct data_lang **ret, struct meed_err *err);
void data_lang_close(struct data_lang *l);
/* Whether the code (ISO 639: "en", "zh") is one that can be told. */
bool data_lang_knows(const struct data_lang *l, const char *code);
/* The language of a text in ret ("en"); "" if it cannot be told. */
void data_lang_of(struct data_lang *l, meed_str text, char *ret, size_t n);

/* ---- outputs (out.c) --------------------------------------------------------------------- */

struct data_out {
	const char *columns;		/* see struct data_kind; set before it is opened */
	const char *name;		/* of the part, or NULL */
	char *path, *partial;		/* partial NULL: path is written itself */
	int fd;
	bool owned;
	struct meed_buf text;		/* not packed yet */
	struct data_pack *pack;		/* gzip or zstd; NULL: plain */
	bool parquet;			/* rows go to a file without a name first */
	void *state;			/* the format's */
	uint64_t n_rows;
};
int32_t data_out_open(struct data_out *o, const char *path, struct meed_err *err);
/* Whether a file of that name is Parquet. */
bool data_is_parquet(const char *path);
/* Makes path of the rows of JSON that lie in fd; columns as in struct data_kind. (parquet.c) */
int32_t data_parquet_write(int fd, const char *path, const char *columns, struct meed_err *err);
/* Writes text if there is much of it. */
int32_t data_out_tick(struct data_out *o, struct meed_err *err);
/* Packs and writes all, and gives the file its name. */
int32_t data_out_commit(struct data_out *o, struct meed_err *err);
/* Removes PATH.part if it is not whole. */
void data_out_close(struct data_out *o);
/* PATH with "-NAME" before its endings; malloc'd. */
char *data_part_path(const char *path, const char *name);

#endif
