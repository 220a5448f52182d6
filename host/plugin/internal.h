/* internal.h - what the files of the plugin floor share with each other and with their tests.
 * Nobody else includes it. */
#ifndef MEED_PLUGIN_INTERNAL_H
#define MEED_PLUGIN_INTERNAL_H

#include "host/plugin/plugin.h"

/* The size of struct T when f was its last field. Written out instead of sizeof, so that a
 * later minor, which only appends, leaves the 1.0 sizes below as they are. */
#define MEED_SIZE_TO(T, f) (offsetof(T, f) + sizeof(((T *)0)->f))
#define MEED_PLUGIN_MIN MEED_SIZE_TO(meed_plugin, deinit)
#define MEED_RM_MIN MEED_SIZE_TO(meed_rm, extension)
#define MEED_CHAT_MIN MEED_SIZE_TO(meed_chat, flags)
#define MEED_HTTP_MIN MEED_SIZE_TO(meed_http, body)
#define MEED_TOKENIZER_MIN MEED_SIZE_TO(meed_tokenizer, data)
#define MEED_LIMITS_MIN MEED_SIZE_TO(meed_limits, output)
#define MEED_PROGRAM_MIN MEED_SIZE_TO(meed_program, n_files)
#define MEED_EXEC_RUN_MIN MEED_SIZE_TO(meed_exec_run, n_fetch)
#define MEED_EXEC_MIN MEED_SIZE_TO(meed_exec, n_runs)
#define MEED_RUNTIME_MIN MEED_SIZE_TO(meed_runtime, max)

enum {
	MEED_STRUCT_MAX = 4096,	   /* no struct of the ABI will ever be larger */
	MEED_MODELS_MAX = 4096,	   /* models of one plugin */
	MEED_ID_MAX = 128,	   /* bytes of an id */
	MEED_LINE_MAX = 1024,	   /* bytes of a summary, a vendor, a source */
	MEED_SCHEMA_MAX = 1 << 20, /* bytes of a params_schema */
	MEED_STATE_MAX = 64 << 20, /* bytes of state_size */
	MEED_SCHEMA_DEPTH = 16,
	MEED_ROUNDS_MAX = 16,	 /* times an evaluation may return PENDING */
	MEED_POSTS_MAX = 65536,	 /* requests of one round */
	MEED_WHY_MAX = 4096,	 /* bytes of a failure's text */
	MEED_REASON_MAX = 65536, /* bytes of a score's reason */
	MEED_NAME_MAX = 256	 /* bytes of a detail's name or an extra's key */
};

/* ---- elf.c ---- */

/* Refuses a shared object whose segments reach beyond its end, which the dynamic linker would
 * map and then die reading (SIGBUS). Files that are no ELF pass: dlopen has the words for
 * them. Fills in the build id, "" if there is none. */
int32_t meed_elf_check(const char *path, char build_id[64], struct meed_err *err);

/* ---- gate.c ---- */

/* Copies the part of a growing struct that both sides know into ret (ours bytes, zeroed
 * first). theirs begins with its struct_size. Refuses a size below min or above MEED_STRUCT_MAX,
 * and bytes beyond ours that are not zero: a newer field that is in use. */
int32_t meed_gate_clamp(const char *what, const void *theirs, size_t min, size_t ours, void *ret,
			struct meed_err *err);
/* Checks what a plugin exports. sym_size: the symbol's size as linked; 0: unknown. */
int32_t meed_gate_plugin(const meed_plugin *theirs, size_t sym_size, meed_plugin *ret,
			 struct meed_err *err);
/* Checks models[index]. *ret_schema is owned by the caller. */
int32_t meed_gate_model(const meed_rm *theirs, size_t index, meed_rm *ret,
			struct json_object **ret_schema, struct meed_err *err);

bool meed_ident_ok(const char *id); /* [a-z0-9._-]+, at most MEED_ID_MAX bytes */
bool meed_semver_ok(const char *v); /* semver.org 2.0.0 */
bool meed_spdx_ok(const char *e);   /* an SPDX expression's grammar; ids are not looked up */

/* ---- load.c ---- */

int32_t meed_module_open(struct meed_registry *r, const char *path, struct meed_err *err,
			 struct meed_module **ret);
/* Calls deinit if init was called and lets the handles go. NULL is fine. */
void meed_module_free(struct meed_registry *r, struct meed_module *m);
/* MEED_E_PARAM if others can write path; sticky_ok: a sticky folder passes. */
int32_t meed_check_mode(const char *path, bool sticky_ok, struct meed_err *err);

/* ---- schema.c and params.c ---- */

enum {
	MEED_JT_NULL = 1,
	MEED_JT_BOOL = 2,
	MEED_JT_INT = 4,
	MEED_JT_NUM = 8,
	MEED_JT_STR = 16,
	MEED_JT_ARR = 32,
	MEED_JT_OBJ = 64,
	MEED_JT_ANY = 127
};
/* The types that a schema node allows, as a bit set; 0 if its "type" is none of JSON's. */
uint32_t meed_schema_types(struct json_object *schema);

/* A place in a tree of parameters. */
struct meed_param_path {
	const struct meed_param_path *up;
	const char *name; /* NULL: an array's item */
	size_t index;
};

/* Where the problems of one check go: all of them to diags, or the first to err. */
struct meed_param_check {
	const char *noun; /* "parameter", "default of" */
	const char *model_id;
	meed_where_fn where;
	void *where_ctx;
	struct meed_diags *diags;
	struct meed_err *err;
	size_t n_problems;
	bool nomem;
};
/* Checks one value and makes a copy with the defaults of nested properties filled in. False if
 * there was a problem. A JSON null is a NULL pointer. */
bool meed_param_value(struct meed_param_check *ck, const struct meed_param_path *path,
		      struct json_object *schema, struct json_object *value,
		      struct json_object **ret);
/* Reports a problem, or a warning; value: NULL or what stands behind " = ". */
void meed_param_problem(struct meed_param_check *ck, const struct meed_param_path *p, bool warning,
			const char *value, const char *what);
/* The same for a value that is at hand. what: a text without its NUL; released. */
void meed_param_value_problem(struct meed_param_check *ck, const struct meed_param_path *p,
			      struct json_object *value, struct meed_buf *what);
/* A value as a message shows it: strings quoted and cut, containers by their kind. */
void meed_param_put_value(struct meed_buf *b, struct json_object *o);
void meed_param_put_number(struct meed_buf *b, struct json_object *o);
const char *meed_param_type_name(struct json_object *o);	 /* "a string" */
void meed_param_types_text(uint32_t types, char *buf, size_t n); /* "a string or null" */
/* A fresh tree of the same values. False: out of memory. */
bool meed_param_copy(struct json_object *o, struct json_object **ret);

/* ---- host_*.c ---- */

/* Fills in the table that plugins get. */
void meed_host_fill(struct meed_registry *r);

uint32_t meed_tree_type(const meed_val *v);
size_t meed_tree_len(const meed_val *v);
const meed_val *meed_tree_get(const meed_val *obj, const char *key);
const meed_val *meed_tree_at(const meed_val *arr, size_t i);
const meed_val *meed_tree_next(const meed_val *obj, const void **cursor, meed_str *ret_key);
double meed_tree_num(const meed_val *v, double dflt);
int64_t meed_tree_i64(const meed_val *v, int64_t dflt);
meed_str meed_tree_str(const meed_val *v);
const meed_val *meed_ctx_parse(meed_ctx *c, meed_str json);

int32_t meed_ctx_post_chat(meed_ctx *c, uint32_t tag, const meed_chat *r);
int32_t meed_ctx_post_embed(meed_ctx *c, uint32_t tag, const char *endpoint, const meed_str *texts,
			    size_t n);
int32_t meed_ctx_post_http(meed_ctx *c, uint32_t tag, const meed_http *r);
size_t meed_ctx_n_replies(const meed_ctx *c);
const meed_reply *meed_ctx_reply(const meed_ctx *c, size_t i);

/* An empty request, if one may be posted now; NULL: the context has failed. */
struct meed_request *meed_request_new(meed_ctx *c, const char *function, uint32_t need,
				      const char *need_name, uint32_t tag);
void meed_request_enqueue(meed_ctx *c, struct meed_request *q);

/* The table of extension meed.exec/1. */
const meed_ext_exec *meed_host_exec(void);
int32_t meed_ctx_post_exec(meed_ctx *c, uint32_t tag, const meed_exec *e);
const meed_exec_result *meed_ctx_exec_result(const meed_ctx *c, size_t i);
/* exec_copy.c: checks and copies all that a post points to. On failure the context has failed. */
int32_t meed_exec_copy(meed_ctx *c, const meed_exec *theirs, meed_exec **ret);

/* The table of extension meed.text/1. */
const meed_ext_text *meed_host_text(void);

/* ---- ctx.c ---- */

int32_t meed_ctx_fail(meed_ctx *c, int32_t code, const char *why);
int32_t meed_ctx_failf(meed_ctx *c, int32_t code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Fails with MEED_E_NOMEM. */
int32_t meed_ctx_nomem(meed_ctx *c);
/* A copy in the arena with a NUL after it, ill-formed UTF-8 replaced, cut to max bytes.
 * {NULL, 0} when out of memory. */
meed_str meed_ctx_text(meed_ctx *c, meed_str s, size_t max);
/* Keeps a tree until the evaluation ends. On failure the tree is put. */
int32_t meed_ctx_own(meed_ctx *c, struct json_object *o);
/* "0.5", "nan", "-inf": whatever the locale. */
const char *meed_num_text(double x, char buf[40]);
/* The name of the model or plugin that is being called, for messages. */
const char *meed_ctx_model_id(const meed_ctx *c);

#endif
