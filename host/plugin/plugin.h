/* plugin.h - plugins: loading, the ABI gate, the registry, parameters, and the host side of
 * the ABI (the functions that a plugin calls).
 *
 * Threads: a registry is filled on one thread, then read by all. A meed_ctx belongs to the
 * evaluation it was made for. */
#ifndef MEED_PLUGIN_HOST_H
#define MEED_PLUGIN_HOST_H

#include <stdatomic.h>

#include "host/sample/sample.h"

/* ---- the registry ------------------------------------------------------------------------- */

/* One reward model that a loaded plugin offers. */
struct meed_model {
	meed_rm rm;			/* clamped copy: fields newer than the plugin are zero */
	const struct meed_module *module;
	struct json_object *schema;	/* params_schema, parsed */
};

struct meed_module {
	char *path;			/* as loaded */
	meed_plugin desc;		/* clamped copy */
	char build_id[64];		/* hex of the ELF note, or "" */
	struct meed_model **models;
	size_t n_models;
	void *dl, *lt;			/* preflight handle; lt_dlhandle */
	bool inited;
};

struct meed_load_failure {
	char *path, *reason;
};

/* What can be run for posts of extension meed.exec/1. The floor exec fills it in. */
struct meed_runtimes {
	/* By name or alias: MEED_OK, or MEED_E_UNSUPPORTED with ret->why, which lists what there is.
	 * ret comes cleared but for its struct_size; what is put into it lies in the arena or lives
	 * as long as the runtimes do; with MEED_OK, ret->max is set. Any thread. */
	int32_t (*find)(const struct meed_runtimes *rt, const char *name, struct meed_arena *a,
			meed_runtime *ret);
};

/* What is wrong with the path of a program's file ("is absolute"); NULL: nothing. */
const char *meed_path_trouble(const char *path);

struct meed_registry {
	struct meed_module **modules;
	size_t n_modules;
	struct meed_model **models;	/* of all modules, sorted by id; borrowed */
	size_t n_models;
	struct meed_load_failure *failures;
	size_t n_failures;
	struct meed_tokenizers *tokenizers;
	const struct meed_runtimes *runtimes; /* NULL: none is configured */
	const struct meed_log *log;
	meed_host host;			/* handed to every plugin */
	bool lt_inited;
};

/* log outlives the registry. */
int32_t meed_registry_new(const struct meed_log *log, struct meed_err *err,
			  struct meed_registry **ret);
/* destroy of every instance must have been called before. */
void meed_registry_free(struct meed_registry *r);
/* Loads one file. A failure is also kept in failures. The reason is the dynamic linker's own
 * ("undefined symbol: nowhere"), or names the descriptor's field and value. */
int32_t meed_registry_load(struct meed_registry *r, const char *path, struct meed_err *err);
/* Loads every *.so of a folder in name order. MEED_E_PARAM if the folder cannot be read, or
 * if others can write it; files that fail are only kept in failures. */
int32_t meed_registry_load_dir(struct meed_registry *r, const char *dir, struct meed_err *err);
const struct meed_model *meed_registry_find(const struct meed_registry *r, const char *id);
/* The id nearest to a wrong one, or NULL. */
const char *meed_registry_nearest(const struct meed_registry *r, const char *id);

/* "pointwise, listwise": bit sets in words; "none" if empty. */
const char *meed_modes_text(uint32_t modes, char *buf, size_t n);
const char *meed_needs_text(uint32_t needs, char *buf, size_t n);

/* ---- parameters ------------------------------------------------------------------------------ */

/* Where a parameter was set: prefix of messages, such as "conf.d/a.conf:12". */
typedef const char *(*meed_where_fn)(void *ctx, const char *param, char *buf, size_t n);

/* Checks params (NULL: none) against the model's schema and returns a new object with the
 * defaults filled in. Every problem is added to diags as "WHERE: parameter "x": ..." with the
 * allowed values and the nearest known name. NULL if there was any.
 * The JSON Schema subset: type (string, integer, number, boolean, array, object), default,
 * minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum, minLength, maxLength, pattern
 * (POSIX extended), items, minItems, maxItems, properties, additionalProperties, required,
 * description, deprecated. A whole number is a fine "number". */
struct json_object *meed_params_resolve(const struct meed_model *m, struct json_object *params,
					meed_where_fn where, void *where_ctx,
					struct meed_diags *diags);
/* Checks that a params_schema is one we can use: MEED_E_PARAM with what is wrong in it. */
int32_t meed_schema_check(struct json_object *schema, struct meed_err *err);

/* ---- the context: what a plugin holds during a call ------------------------------------------- */

struct meed_score {
	bool set;
	double score;
	meed_str reason;
};
struct meed_dim {			/* a named detail */
	struct meed_dim *next;
	meed_str name;
	size_t cand, step;
	double score;
	meed_str reason;
};
struct meed_extra {
	struct meed_extra *next;
	size_t cand;
	meed_str key, json;
};

enum meed_request_kind { MEED_REQ_CHAT, MEED_REQ_EMBED, MEED_REQ_HTTP, MEED_REQ_EXEC };

/* One posted request: a deep copy of what the plugin gave, in the sample's arena. */
struct meed_request {
	struct meed_request *next;	/* of the same round, in posting order */
	enum meed_request_kind kind;
	meed_str endpoint;		/* "" : the instance's */
	meed_chat chat;
	meed_http http;
	const meed_str *texts;		/* embed */
	size_t n_texts;
	const meed_exec *exec;
	meed_reply reply;		/* filled by the transport before done */
	const meed_exec_result *ran;	/* exec, if reply.status is MEED_OK */
	/* What the answer lives in, until the evaluation ends: the transport's to fill before done.
	 * Never the sample's arena, which other evaluations use meanwhile. */
	struct json_object *owned;
	struct meed_arena answer;
	struct meed_cost cost;		/* with n_requests 0: the transport knows none */
	struct meed_request *kept;	/* the context's list of answers */
	void (*done)(struct meed_request *r); /* called once, by any thread */
	struct meed_ctx *ctx;
	void *transport_data;
};

enum meed_phase { MEED_PHASE_CREATE, MEED_PHASE_EVALUATE };

struct meed_ctx {
	const struct meed_registry *reg;
	const struct meed_model *model;
	const char *instance;		/* its name, for logs */
	enum meed_phase phase;
	struct meed_arena *arena;
	struct meed_token_cache *tokens;
	const atomic_int *cancel;	/* non-zero: stop; may be NULL */
	uint64_t deadline_ns;		/* meed_now_ns clock; 0: none */
	uint64_t seed_key[3];		/* of run seed, node and place; with the row they make the */
	const struct meed_row *seed_row; /* seed, when a model asks for it; NULL: no row */
	uint32_t want;
	uint32_t rounds;		/* times that PENDING was returned */
	/* failure: first one wins */
	int32_t code;
	meed_str why;
	/* results */
	size_t n_cands;
	const size_t *n_steps;		/* per cand; NULL: none */
	struct meed_score *scores;	/* n_cands */
	struct meed_score **steps;	/* per cand n_steps, made on first use */
	struct meed_dim *dims;		/* newest first */
	struct meed_extra *extras;	/* newest first */
	/* requests of this round */
	struct meed_request *req_first, *req_last;
	size_t n_reqs;
	struct meed_request **replies;	/* of the round before, in posting order */
	size_t n_replies;
	struct meed_request *kept;	/* whose answer arenas are in use */
	struct json_object **owned;	/* trees made by parse() or by replies; put at the end */
	size_t n_owned, cap_owned;
	/* the floor's own: finds a detail or extra by its name */
	struct meed_index {
		struct meed_index_slot *slots;
		size_t n, cap;
	} dim_index, extra_index;
	uint32_t n_scrubbed;		/* texts of the plugin that were not UTF-8 */
};

/* Prepares c (zeroed by the caller) for one evaluation over n_cands candidates. */
int32_t meed_ctx_begin(struct meed_ctx *c, size_t n_cands);
/* Moves this round's requests to replies, before resume. */
int32_t meed_ctx_next_round(struct meed_ctx *c);
/* Drops what the arena does not own (json-c trees). */
void meed_ctx_end(struct meed_ctx *c);
/* Calls create with resolved params. err gets the plugin's own reason. */
int32_t meed_instance_create(const struct meed_registry *r, const struct meed_model *m,
			     const char *name, struct json_object *params, struct meed_err *err,
			     void **ret_self);
void meed_instance_destroy(const struct meed_registry *r, const struct meed_model *m, void *self);
/* Checks what evaluate or resume returned against what was posted and put: turns misbehaviour
 * (PENDING without a post, OK with a post, OK without a score, an unknown code) into
 * MEED_E_INTERNAL with the reason. Returns the verdict. */
int32_t meed_ctx_verdict(struct meed_ctx *c, int32_t returned, const meed_sample *s);

/* ---- conformance ---------------------------------------------------------------------------- */

struct meed_conformance {
	size_t n_passed, n_failed;
	void (*report)(void *data, bool ok, const char *what, const char *why);
	void *data;
	uint32_t threads;		/* 0: 8 */
	uint32_t rounds;		/* evaluations a thread; 0: 200 */
};
/* Loads a plugin alone and runs the battery of `meed plugin check`. Negative only if
 * it could not be loaded. */
int32_t meed_conformance_run(struct meed_conformance *k, const char *path, struct meed_err *err);

#endif
