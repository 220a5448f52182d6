/* sample.h - the data model: rows in, samples in memory, scored rows out.
 *
 * A row is a line of JSONL in any shape that docs/formats.md lists. It becomes a
 * struct meed_row: plain views that plugins read, over a json-c tree that is kept so that
 * every field we do not know survives. The writer turns row + result into the canonical
 * form, one line.
 *
 * Threads: a schema is immutable and shared. A parser belongs to one thread. An input is
 * used under the caller's lock. A row belongs to whoever parsed it. */
#ifndef MEED_SAMPLE_H
#define MEED_SAMPLE_H

#include <stdatomic.h>

#include "host/base/base.h"

struct json_object;

/* ---- JSON ------------------------------------------------------------------------------- */

/* Strict JSON into json-c's trees, by a parser of our own. It refuses, with the byte (from 1) in
 * the message: NUL bytes, control characters in strings, ill-formed UTF-8, lone surrogates, NaN
 * and Infinity, comments, text after the value, nesting deeper than MEED_JSON_DEPTH. It keeps
 * integers of any size and the spelling of numbers with a fraction or exponent.
 * Of keys that stand twice in an object the last one counts. *ret is NULL for a JSON null.
 * scratch: memory for strings with escapes, reused from call to call; NULL for none. */
#define MEED_JSON_DEPTH 128
int32_t meed_json_read(struct meed_buf *scratch, const char *p, size_t n, struct meed_err *err,
		       struct json_object **ret);
/* Appends compact JSON; numbers keep the spelling they were read with. */
void meed_json_write(struct meed_buf *b, struct json_object *o);
/* RFC 6901. ptr "" is the whole. NULL if absent (or null). */
struct json_object *meed_json_pointer(struct json_object *o, const char *ptr);
/* True and the text if o is a string; false else. Borrowed. */
bool meed_json_str(struct json_object *o, meed_str *ret);

/* ---- how rows are read ------------------------------------------------------------------ */

enum meed_shape {
	MEED_SHAPE_AUTO,	/* told apart by keys, row by row */
	MEED_SHAPE_CANONICAL,	/* input[], output[] */
	MEED_SHAPE_PREFERENCE,	/* prompt, chosen, rejected */
	MEED_SHAPE_RESPONSES,	/* prompt (or question ...), response(s), completion(s) ... */
	MEED_SHAPE_MESSAGES,	/* messages, with responses or the last assistant turn */
	MEED_SHAPE_VERL,	/* data_source, prompt, reward_model.ground_truth, extra_info */
	/* rows of benchmarks, as they are published */
	MEED_SHAPE_REWARDBENCH,
	MEED_SHAPE_REWARDBENCH2,
	MEED_SHAPE_RMBENCH,
	MEED_SHAPE_RMB_PAIRWISE,
	MEED_SHAPE_RMB_BON,
	MEED_SHAPE_JUDGEBENCH,
	MEED_SHAPE_LLMBAR,
	MEED_SHAPE_PANDALM,
	MEED_SHAPE_PRMBENCH,
	MEED_SHAPE_BON_MATH,
	MEED_SHAPE_HELPSTEER2,		/* one rated response a row */
	MEED_SHAPE_HELPSTEER2_PAIRWISE,	/* the same; neighbours with one prompt are one sample */
	MEED_SHAPE_HELPSTEER2_PREFERENCE,
	MEED_SHAPE_HELPSTEER3,
	MEED_SHAPE_TRL,			/* of a trainer: with label or labels; others as above */
	MEED_SHAPE_MAPPED	/* --map */
};

struct meed_schema;
/* "helpsteer2_pairwise" groups by "/prompt" if group_by is NULL.
 * format: NULL or a shape's name, as meed_shape_name gives it ("auto", "rmbench", ...).
 * map: NULL or "response=/path,reference=/path,prompt=/path,id=/path,task_category=/path,
 * source=/path,messages=/path,metadata=/path,steps=/path" (JSON pointers; response, reference
 * and steps may repeat). group_by: NULL or a JSON pointer. MEED_E_PARAM with what is wrong. */
int32_t meed_schema_new(const char *format, const char *map, const char *group_by,
			struct meed_err *err, struct meed_schema **ret);
void meed_schema_free(struct meed_schema *s);
bool meed_schema_groups(const struct meed_schema *s);
const char *meed_shape_name(enum meed_shape shape);

/* ---- a sample in memory ------------------------------------------------------------------ */

struct meed_output {
	meed_cand cand;			/* what plugins see */
	const char *bad;		/* why this output cannot be scored, or NULL:
					 * "answer.content is null" */
	struct json_object *output;	/* canonical: the output object as read, else NULL */
	struct json_object *answer;	/* canonical: the answer object as read, else NULL */
	struct json_object *content;	/* the answer's content where answer is NULL */
	struct json_object *steps;	/* the steps as read where output is NULL */
	size_t root;			/* which of roots it came from */
	struct json_object *extra;	/* written as the output's metadata where output is NULL;
					 * NULL, or the rest of a conversation or group's row */
};

struct meed_row {
	enum meed_shape shape;
	struct json_object **roots;	/* owned; one, or a group's rows */
	size_t n_roots;
	meed_str id, task_category, source; /* "" if absent */
	meed_msg *prompt;
	size_t n_prompt;
	struct meed_output *outs;
	size_t n_outs;			/* may be 0: nothing to score */
	const meed_val *meta;		/* what plugins see as metadata, or NULL */
	const struct meed_schema *schema;
	struct json_object *created_at;	/* a string, or NULL; not for canonical rows */
	struct json_object **owned;	/* trees made while reading; released with the row */
	size_t n_owned;
};

struct meed_parser;
struct meed_parser *meed_parser_new(const struct meed_schema *s);
void meed_parser_free(struct meed_parser *p);

struct meed_line;
/* Reads one row (n_lines 1) or one group. Everything but the json-c trees lies in arena; the
 * lines may go away. MEED_E_SAMPLE with what is wrong with the line ("byte 17: ..."). The
 * caller calls meed_row_release when done, before the arena is reset. */
int32_t meed_parser_row(struct meed_parser *p, const struct meed_line *lines, size_t n_lines,
			struct meed_arena *arena, struct meed_err *err, struct meed_row **ret);
void meed_row_release(struct meed_row *r);
/* Gives the sample another source or task_category (NULL: stays as it is). One that it had and that
 * differs goes into its metadata, under that name. */
int32_t meed_row_set(struct meed_row *r, const char *source, const char *category,
		     struct meed_arena *arena, struct meed_err *err);
/* A hash of prompt, outputs, references and steps, so that a scored row keeps it: what random
 * choices for the row are seeded with. Reads all of their bytes. */
uint64_t meed_row_hash(const struct meed_row *r);
/* The group key of a line, as JSON text in the arena; MEED_E_SAMPLE if it has none. */
int32_t meed_parser_group_key(struct meed_parser *p, const struct meed_line *line,
			      struct meed_arena *arena, struct meed_err *err, meed_str *ret);

/* ---- results ------------------------------------------------------------------------------- */

enum meed_detail_state {
	MEED_D_OK,
	MEED_D_SKIPPED,		/* failed, and on_error = "skip"; or abstained */
	MEED_D_VALUE,		/* failed, and on_error gave the score */
	MEED_D_FAILED,
	MEED_D_IDLE		/* not needed: a cascade was decided, a route went elsewhere */
};

/* What an evaluation's requests to language models and other services took. */
struct meed_cost {
	uint32_t n_requests;		/* answers that it waited for */
	uint32_t n_cached;		/* of them known already: nobody was asked for them */
	uint64_t tokens_in, tokens_out;	/* of all its answers, as the upstream counted them */
	double money;			/* paid now: nothing for what was known already */
	bool priced;			/* money means something: the endpoint has prices */
};

struct meed_detail {
	meed_str name_json;		/* the member's name as a JSON string, with quotes */
	enum meed_detail_state state;
	bool weighted;			/* weight and contribution mean something */
	double score, raw;		/* after and before the member's transforms */
	double weight, contribution;	/* contribution: this member's part of the parent's score */
	meed_str reason;
	meed_str extra;			/* JSON object text, or empty */
	const struct meed_cost *cost;	/* NULL: none, or told elsewhere in the sample */
	uint64_t time_ns;
	int32_t code;			/* why it failed; 0 */
	meed_str error;
	const struct meed_detail *details; /* of a composition; NULL */
	size_t n_details;
};

/* The reward of one output, or of one step. */
struct meed_reward {
	bool valid;			/* score means something */
	bool present;			/* false: nothing is written (a step no model scored) */
	double score;
	struct meed_detail *details;
	size_t n_details;
	int32_t code;			/* if not valid */
	meed_str error;
	meed_str member;		/* who failed, "" if nobody in particular */
};

struct meed_result {
	const char *name;		/* the composition's or instance's name */
	size_t n_outs;
	struct meed_reward *outs;	/* n_outs */
	struct meed_reward **steps;	/* n_outs arrays of cand.n_steps, or NULL; may be NULL */
};

/* How much of a result is written. */
enum meed_level {
	MEED_LEVEL_SCORE,	/* score only, no details */
	MEED_LEVEL_REASON,	/* details with reasons; the default */
	MEED_LEVEL_FULL		/* extra as well */
};

/* Appends row + result as one canonical line with its newline. Rewards that other
 * compositions wrote before are kept under reward.others; the same composition's are
 * replaced. timings: write time_us, which makes two runs differ. */
void meed_row_write(const struct meed_row *row, const struct meed_result *res,
		    enum meed_level level, bool timings, struct meed_buf *b);
/* Appends a line for input that is no sample: {"error":{"code","message","file","line"},
 * "raw":"..."} (raw_base64 if it is not UTF-8; neither if it was too long to keep). */
void meed_reject_write(struct meed_buf *b, const char *file, const struct meed_line *line,
		       const struct meed_err *err);

/* ---- reading files --------------------------------------------------------------------------- */

/* What a file is made of. */
enum meed_container {
	MEED_CONTAINER_AUTO,		/* told by the file's name and first bytes */
	MEED_CONTAINER_JSONL,		/* a row a line */
	MEED_CONTAINER_JSON,		/* one list of rows; an object with such a list; rows of
					 * several lines each */
	MEED_CONTAINER_CSV,		/* with a header; TSV: the same with tabs */
	MEED_CONTAINER_TSV,
	MEED_CONTAINER_PARQUET		/* through DuckDB's library */
};

/* What a row's number counts. */
enum meed_unit {
	MEED_UNIT_LINE,			/* lines; of CSV: the one where the record begins */
	MEED_UNIT_ELEMENT,		/* elements of JSON */
	MEED_UNIT_ROW			/* rows of a table */
};

struct meed_line {
	const char *p;			/* without the newline; borrowed from the block */
	size_t n;
	uint64_t number;		/* 1-based, in its file */
	uint64_t offset;		/* of its first byte in the file (after decompression) */
	uint64_t end;			/* of the next line's first byte; of a Parquet file: number */
	uint32_t file;			/* index into the input's paths */
	int32_t status;			/* MEED_OK; MEED_E_LIMIT: longer than max_line, p is empty
					 * and n is its length; MEED_E_SAMPLE: why says why */
	enum meed_unit unit;
	const char *why;		/* borrowed likewise */
};
/* Appends where a row stands: "FILE:12", "FILE: element 12 (byte 3456)", "FILE: row 12". */
void meed_line_place(const struct meed_line *line, const char *file, struct meed_buf *b);
/* MEED_OK, or the line's status with what is wrong. */
int32_t meed_line_check(const struct meed_line *line, struct meed_err *err);

struct meed_block {
	struct meed_buf data;
	struct meed_line *lines;
	size_t n, cap;
};
void meed_block_release(struct meed_block *b);

struct meed_input;
/* Opens a list of files ("-": standard input) as one stream of rows: lines of JSONL, elements of
 * JSON, records of CSV or TSV, rows of Parquet. A row of a container that is no JSONL comes as JSON.
 * gzip and zstd are told by their first bytes, the rest as docs/formats.md says. Every path is
 * checked before anything is read. */
int32_t meed_input_open(const char *const *paths, size_t n, size_t max_line, struct meed_err *err,
			struct meed_input **ret);
/* Fills a block (cleared first) with up to max_lines lines or about max_bytes, at least one
 * line unless at the end. Blank lines are passed over. A last line without a newline counts.
 * Returns 1, 0 at the end of all input, or a negative code; lines read before the
 * trouble are then in the block and are good. */
int32_t meed_input_next(struct meed_input *in, struct meed_block *b, size_t max_lines,
			size_t max_bytes, struct meed_err *err);
/* While cancel is not zero, waiting for a pipe or terminal ends with MEED_E_CANCELLED. To be
 * called before the first meed_input_next. */
void meed_input_watch(struct meed_input *in, const atomic_int *cancel);
/* How files are read; likewise before the first meed_input_next. json_cells: names of columns of
 * CSV, with commas between, whose cells become what they say where they are JSON; "*": all columns;
 * NULL: every cell is a text. Borrowed. */
void meed_input_set(struct meed_input *in, enum meed_container container, const char *json_cells);
/* "auto", "jsonl", "json", "csv", "tsv", "parquet"; MEED_E_PARAM with what is wrong. */
int32_t meed_container_named(const char *name, struct meed_err *err, enum meed_container *ret);
/* What was left out of the files read so far, in words ("in.json: name, metadata"), or NULL: fields
 * of objects beside their list of rows. */
const char *meed_input_left_out(const struct meed_input *in);
const char *meed_input_name(const struct meed_input *in, uint32_t file);

/* What has been read of all files, before decompression. */
struct meed_input_mark {
	uint64_t bytes, digest;
};
/* From here on keeps a digest of what is read. To be called before the first meed_input_next. */
void meed_input_digest(struct meed_input *in);
void meed_input_mark(const struct meed_input *in, struct meed_input_mark *ret);
/* Instead of the first meed_input_next: goes to a line that had been read before, as its file,
 * number and first byte say. Of all files that are no pipes, what mark says was read must be
 * there unchanged: else MEED_E_PARAM. Keeps a digest. */
int32_t meed_input_seek(struct meed_input *in, const struct meed_input_mark *mark, uint32_t file,
			uint64_t number, uint64_t offset, struct meed_err *err);

/* Bytes read so far and the total to read (0: unknown), before decompression. */
void meed_input_progress(const struct meed_input *in, uint64_t *ret_done, uint64_t *ret_total);
void meed_input_close(struct meed_input *in);

/* ---- tokens (extension meed.text/1) -------------------------------------------------- */

struct meed_tokenizers;			/* opened tokenizers; [main] to add, then read-only */
struct meed_tokenizers *meed_tokenizers_new(void);
void meed_tokenizers_free(struct meed_tokenizers *t);
/* Finds or opens; MEED_E_PARAM or MEED_E_UNSUPPORTED with what is missing and how to get it. */
int32_t meed_tokenizers_open(struct meed_tokenizers *t, const meed_tokenizer *spec,
			     struct meed_err *err, uint32_t *ret_id);

/* Per-sample cache of tokenised texts; lies in the sample's arena. Zero-initialised is valid. */
struct meed_token_cache {
	struct meed_token_entry *entries;
	struct meed_token_vocab *vocabs;
};
/* MEED_E_NOMEM, or MEED_E_LIMIT. The text is cached by its address: it lies still and keeps its
 * bytes until the arena is reset. */
int32_t meed_tokenize(const struct meed_tokenizers *t, struct meed_token_cache *cache,
		      struct meed_arena *arena, uint32_t id, meed_str text, struct meed_err *err,
		      const meed_tokens **ret);

#endif
