/* conf.h - what the sources of the graph floor share: the configuration as it was written.
 *
 * Reading goes through four steps: conf_text.c makes one text of a file and what it includes and
 * finds what libconfig would pass over in silence; conf_read.c has libconfig parse it and
 * hands each top-level group to its reader (conf_groups.c, conf_instances.c, conf_members.c,
 * conf_compose.c), which fill the structs below; conf_plugins.c loads the plugins; conf_check.c
 * ties names to what they name.
 *
 * Everything lies in the configuration's arena unless its comment says otherwise.
 * Threads: one thread loads; afterwards everything is read-only. */
#ifndef MEED_GRAPH_CONF_H
#define MEED_GRAPH_CONF_H

#include <libconfig.h>

#include "host/graph/graph.h"

#define MEED_CONF_MAX_BYTES ((size_t)16 << 20) /* of a file with all that it includes */
#define MEED_CONF_MAX_NESTING 64	       /* of brackets in a file */
#define MEED_CONF_MAX_INCLUDES 8	       /* files that include each other */
#define MEED_CONF_MAX_DEPTH 64		       /* compositions within compositions */
#define MEED_CONF_MAX_ERRORS 200	       /* printed; the rest is only counted */

/* ---- where something stands --------------------------------------------------------- */

struct conf_place {
	const char *file; /* NULL: nowhere */
	uint32_t line;
};

/* ---- the text of a file ------------------------------------------------------------- */

/* From output line `at` on, lines are those of file from `line` on. */
struct conf_run {
	uint32_t at;
	const char *file;
	uint32_t line;
};

/* A file and all that it includes as one text that libconfig reads, with the way back. */
struct conf_text {
	struct meed_buf text;  /* ends with a NUL that n does not count */
	struct conf_run *runs; /* malloc'd; by at */
	size_t n_runs, cap_runs;
	const char *path; /* the outermost file */
};

/* ---- names -------------------------------------------------------------------------- */

/* A hash table from names to numbers. Keys are borrowed. Zero-initialised is empty. */
struct conf_names {
	struct conf_name {
		const char *name;
		uint64_t space; /* tells equal names in different groups apart */
		uint32_t value;
	} * v;
	size_t n, cap;
};
#define CONF_NO_NAME UINT32_MAX
/* The number of a name, or CONF_NO_NAME. */
uint32_t conf_names_get(const struct conf_names *t, uint64_t space, const char *name);
/* Adds a name that is not there yet; false: out of memory. */
bool conf_names_put(struct conf_names *t, uint64_t space, const char *name, uint32_t value);
void conf_names_release(struct conf_names *t);

/* ---- what was written --------------------------------------------------------------- */

/* A string setting: as written, and with ${NAME} put in. Messages show only `raw`. */
struct conf_str {
	const char *p; /* NULL: not set */
	const char *raw;
	struct conf_place at;
};

struct conf_param {
	const char *name;
	struct conf_place at;
};

struct conf_instance {
	const char *name;
	struct conf_place at;
	bool broken; /* an error was reported: spare the rest */
	struct conf_str description, model, mode, endpoint, aggregate, steps;
	struct json_object *params;	/* owned; as written, environment put in; may be NULL */
	struct json_object *raw_params; /* owned; the same without */
	struct conf_param *places;	/* of the parameters */
	size_t n_places;
	bool both_orders, optional;
	struct conf_place both_orders_at;
	uint32_t timeout_ms;
	/* from conf_check.c */
	const struct meed_model *rm;
	struct json_object *shown; /* owned; resolved, secrets left as ${NAME} */
	uint32_t mode_bit;
	enum meed_aggregate aggregate_kind;
	enum meed_steps_agg steps_kind;
};

struct conf_member {
	struct conf_str use, name;
	const char *label; /* name, or use */
	struct conf_place at;
	double weight;
	struct conf_place weight_at; /* file NULL: not set */
	enum meed_on_error on_error;
	double on_error_value;
	struct conf_place on_error_at;
	struct meed_transform *transforms;
	size_t n_transforms;
	double below, above; /* NaN: not set */
	struct conf_place below_at, above_at;
	bool is_gate;
	enum meed_match_kind match_kind;
	struct conf_str pattern;
	double from, to;
	uint32_t ref; /* entry, from conf_check.c; CONF_NO_NAME */
};

struct conf_composition {
	const char *name;
	struct conf_place at;
	bool broken;
	struct conf_str description, key, by;
	enum meed_combine combine;
	bool combine_known;
	struct conf_member *members; /* routes come first, then `otherwise` */
	size_t n_members;
	struct meed_transform *transforms;
	size_t n_transforms;
	double k, threshold;
	int32_t otherwise;
	uint32_t chooser_ref; /* entry; CONF_NO_NAME */
	uint32_t depth;	      /* compositions below it, from conf_check.c */
};

struct conf_file {	  /* a plugin named by path, or a folder of them */
	const char *path; /* relative to the working directory, or absolute */
	const char *raw;
	struct conf_place at;
};

/* A limit that must not be above sandbox.max. */
struct conf_limit {
	struct conf_place at;
	const char *what;
	size_t index;
	uint64_t value;
};

struct conf_secret {
	const char *value, *name;
};

struct meed_conf {
	struct meed_arena arena;
	struct meed_log log;
	struct meed_registry *reg;
	struct meed_run_conf run;
	struct meed_health_conf health;
	struct conf_names seen; /* keys that may stand once in all files -> index in places */
	struct conf_place *places;
	size_t n_places, cap_places;
	struct meed_endpoint *endpoints;
	size_t n_endpoints, cap_endpoints;
	struct meed_llm_conf llm;
	struct conf_place cache_at, budget_at;
	struct meed_exec_conf exec; /* malloc'd inside; its runtimes are an array that grows */
	size_t cap_runtimes;
	struct conf_limit *limits;
	size_t n_limits, cap_limits;
	struct conf_file *dirs, *loads;
	size_t n_dirs, cap_dirs, n_loads, cap_loads;
	struct conf_instance **instances;
	size_t n_instances, cap_instances;
	struct conf_instance **absent; /* optional, without their model; of use for messages alone */
	size_t n_absent;
	struct conf_composition **compositions; /* by name */
	struct conf_composition **as_read;	/* the same in the files' order */
	size_t n_compositions, cap_compositions;
	struct meed_pipeline *pipelines; /* malloc'd, in the files' order */
	size_t n_pipelines, cap_pipelines;
	struct conf_secret *secrets;
	size_t n_secrets, cap_secrets;
	struct meed_entry *entries; /* compositions, instances, models, each by name */
	const char **entry_names;   /* the same names, for nearest */
	size_t n_entries;
	struct conf_names by_name; /* name -> entry */
	bool partial;		   /* a file could not be read: names may be missing */
	bool failures_told;	   /* which plugins did not load has been said */
	bool nomem;
};

/* One file being read. */
struct conf_reader {
	struct meed_conf *c;
	struct meed_diags *diags;
	const struct conf_text *text;
};

/* ---- reporting (conf_error.c) ------------------------------------------------------- */

/* Adds "file:line: text" (or the text alone) to diags with every secret taken out. */
void conf_error(const struct meed_conf *c, struct meed_diags *d, struct conf_place at,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void conf_warn(const struct meed_conf *c, struct meed_diags *d, struct conf_place at,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Moves what src holds to dst, secrets taken out. */
void conf_diags_move(const struct meed_conf *c, struct meed_diags *src, struct meed_diags *dst);
/* `; did you mean "x"?` in buf, or "" if hint is NULL. */
const char *conf_hint(const char *hint, char *buf, size_t n);
/* A number as the configuration would write it, in buf. */
#define CONF_NUM 40
const char *conf_num(double x, char buf[CONF_NUM]);
/* "a, b, c" of a list of words, in buf. */
const char *conf_words(const char *const *v, size_t n, char *buf, size_t size);

/* ---- small tools (conf_util.c) ------------------------------------------------------ */

/* Makes room for one more in the malloc'd array whose pointer lies at v, a T **; false: out of
 * memory. */
bool conf_grow(void *v, size_t *cap, size_t n, size_t size);
#define CONF_GROW(v, cap, n) conf_grow((v), (cap), (n), sizeof(**(v)))
/* A copy in the arena; NULL and c->nomem if there is no memory. */
const char *conf_dup(struct meed_conf *c, const char *s);
void *conf_alloc(struct meed_conf *c, size_t n, size_t size);
/* path as seen from the folder of file; absolute paths as they are. NULL: no memory. */
const char *conf_path_from(struct meed_conf *c, const char *file, const char *path);
/* Notes that key stands at `at`; an error naming both places if it already stood somewhere. */
bool conf_once(struct meed_conf *c, struct meed_diags *d, const char *what, const char *key,
	       struct conf_place at);

/* ---- text (conf_text.c, conf_scan.c) ------------------------------------------------ */

/* Reads path and what it includes. False if an error was reported. */
bool conf_text_load(struct meed_conf *c, struct meed_diags *d, const char *path,
		    struct conf_text *ret);
struct conf_place conf_text_place(const struct conf_text *t, uint32_t line);
void conf_text_release(struct conf_text *t);
/* Looks for what libconfig reads wrong in silence or reports badly: numbers out of range,
 * names set twice, strings and brackets that are not closed, \x00. False if there was any. */
bool conf_scan(struct meed_conf *c, struct meed_diags *d, const struct conf_text *t);

/* ---- values (conf_value.c) ---------------------------------------------------------- */

struct conf_place conf_at(const struct conf_reader *r, const config_setting_t *s);
const char *conf_type_text(const config_setting_t *s);
/* True if every key of group s is one of keys; reports those that are not. */
bool conf_keys(struct conf_reader *r, const config_setting_t *s, const char *what,
	       const char *const *keys, size_t n);
/* Each reads a setting of one type. what names it in messages: `weight of member "boxed"`.
 * False if it is of another type or out of range, which has then been reported. */
bool conf_get_str(struct conf_reader *r, const config_setting_t *s, const char *what,
		  struct conf_str *ret);
bool conf_get_num(struct conf_reader *r, const config_setting_t *s, const char *what, double *ret);
bool conf_get_uint(struct conf_reader *r, const config_setting_t *s, const char *what, uint64_t min,
		   uint64_t max, uint64_t *ret);
bool conf_get_bool(struct conf_reader *r, const config_setting_t *s, const char *what, bool *ret);
/* A setting as JSON. expand: put in the environment (reports what is not set). */
bool conf_get_json(struct conf_reader *r, const config_setting_t *s, bool expand,
		   struct json_object **ret);
bool conf_is(struct conf_reader *r, const config_setting_t *s, const char *what, int type);

/* ---- groups ------------------------------------------------------------------------- */

void conf_read_health(struct conf_reader *r, const config_setting_t *s);
void conf_read_run(struct conf_reader *r, const config_setting_t *s);
void conf_read_endpoints(struct conf_reader *r, const config_setting_t *s);
void conf_endpoint_release(struct meed_endpoint *e);
/* Ties groups to their members, once all files are read. */
void conf_check_endpoints(struct meed_conf *c, struct meed_diags *d);
void conf_check_scripts(const struct meed_conf *c, struct meed_diags *d);
/* conf_reach.c: the URL, the proxy and the PEM files of an endpoint, as far as they can be judged
 * without asking it. what: endpoint "x"; chat: of kind openai. Takes slashes off the URL's end. */
void conf_check_reach(struct conf_reader *r, struct meed_endpoint *e, const char *what, bool chat,
		      struct conf_place at);
void conf_read_llm(struct conf_reader *r, const config_setting_t *s);
void conf_read_plugins(struct conf_reader *r, const config_setting_t *s);
void conf_read_runtimes(struct conf_reader *r, const config_setting_t *s);
void conf_read_sandbox(struct conf_reader *r, const config_setting_t *s);
/* What of both can only be told when all files are read; makes them ready. */
void conf_check_exec(struct meed_conf *c, struct meed_diags *d);
void conf_read_pipelines(struct conf_reader *r, const config_setting_t *s);
void conf_read_reserved(struct conf_reader *r, const config_setting_t *s);
void conf_read_instances(struct conf_reader *r, const config_setting_t *s);
void conf_instance_release(struct conf_instance *x);
void conf_read_compositions(struct conf_reader *r, const config_setting_t *s);
/* A composition's members and routes; s is the composition's group. */
bool conf_read_members(struct conf_reader *r, struct conf_composition *k,
		       const config_setting_t *s);
bool conf_read_transforms(struct conf_reader *r, const config_setting_t *s, const char *what,
			  struct meed_transform **ret, size_t *ret_n);
/* What of a composition's members makes no sense together; true if all does. */
bool conf_check_members(struct conf_reader *r, struct conf_composition *k);
/* The same for routes, of which n come before `otherwise`. */
bool conf_check_routes(struct conf_reader *r, struct conf_composition *k, size_t n);
/* A regular expression compiled (POSIX extended, no subexpressions) in *ret_regex, malloc'd;
 * conf_regex_free frees it. MEED_E_PARAM, MEED_E_LIMIT or MEED_E_NOMEM with the reason. */
int32_t conf_regex_new(const char *pattern, struct meed_err *err, void **ret_regex);
void conf_regex_free(void *regex);
/* conf_limits.c: limits of programs by number, in the order of struct meed_exec_limits. */
#define CONF_N_LIMITS 6
/* Reads a group of limits into ret; places[i], if not NULL: where limit i stands. */
void conf_read_limits(struct conf_reader *r, const config_setting_t *s, const char *what,
		      struct meed_exec_limits *ret, struct conf_place *places);
const char *conf_limit_name(size_t i);
uint64_t conf_limit_get(const struct meed_exec_limits *l, size_t i);
/* A limit as the configuration would write it, in buf. */
const char *conf_limit_text(size_t i, uint64_t x, char *buf, size_t n);
/* Reads paths, files or folders. */
void conf_read_paths(struct meed_conf *c, struct meed_diags *d, const char *const *paths, size_t n);

/* ---- plugins, checks ---------------------------------------------------------------- */

void conf_load_plugins(struct meed_conf *c, struct meed_diags *d, const char *const *dirs,
		       size_t n_dirs);
/* Makes the entries; reports names that are taken twice. */
void conf_make_entries(struct meed_conf *c, struct meed_diags *d);
void conf_check_instance(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x);
void conf_check_compositions(struct meed_conf *c, struct meed_diags *d);
/* conf_asked.c: the endpoint of that name, or NULL; the nearest to a name that is none, of those that fit
 * (fits NULL: all), as conf_hint says it. */
const struct meed_endpoint *conf_endpoint(const struct meed_conf *c, const char *name);
const char *conf_near_endpoint(const struct meed_conf *c, const char *name,
			       bool (*fits)(const struct meed_endpoint *e), char *hint, size_t n);
/* The endpoint that an instance names; those that its parameters name (their schema has
 * "format": "endpoint"), false if one is not there or cannot answer; the one that others get, or "". */
void conf_check_endpoint(struct meed_conf *c, struct meed_diags *d, struct conf_instance *x);
bool conf_check_named(const struct meed_conf *c, const struct meed_model *m,
		      struct json_object *params, meed_where_fn where, void *ctx,
		      struct meed_diags *d);
const char *conf_implied_endpoint(const struct meed_conf *c);
/* struct meed_entry's endpoint. */
const char *conf_asked(const struct meed_conf *c, const struct conf_instance *x);
/* Warns if requests are bound to fail: of one model (x: its instance, or NULL), of all instances. */
void conf_warn_endpoint(const struct meed_conf *c, const struct conf_instance *x,
			const struct meed_model *m, struct conf_place at, struct meed_diags *d);
void conf_warn_endpoints(const struct meed_conf *c, struct meed_diags *d);
/* Calls create of every instance that is not broken, and destroys it again. */
void conf_try_instances(const struct meed_conf *c, struct meed_diags *d);
/* The first mode of pointwise, listwise, pairwise, stepwise among modes. */
uint32_t conf_default_mode(uint32_t modes);
/* Which kind an entry is, by its number. */
static inline const struct conf_composition *conf_composition_of(const struct meed_conf *c,
								 uint32_t entry)
{
	return entry < c->n_compositions ? c->compositions[entry] : NULL;
}
static inline const struct conf_instance *conf_instance_of(const struct meed_conf *c,
							   uint32_t entry)
{
	return entry >= c->n_compositions && entry - c->n_compositions < c->n_instances
		       ? c->instances[entry - c->n_compositions]
		       : NULL;
}
/* True if a combiner looks at its members' weights. */
bool conf_combine_weighs(enum meed_combine c);

/* ---- names.c: words to numbers; -1 if unknown --------------------------------------- */

int conf_combine_find(const char *s);
int conf_aggregate_find(const char *s);
int conf_steps_find(const char *s);
const char *const *conf_combine_words(size_t *ret_n);
const char *const *conf_aggregate_words(size_t *ret_n);
const char *const *conf_steps_words(size_t *ret_n);
const char *const *conf_transform_words(size_t *ret_n);

/* ---- plan_sets.c -------------------------------------------------------------------- */

/* One --set, tied to the entry whose parameter it sets. */
struct plan_set {
	uint32_t entry;
	const char *text;	   /* "n=4", as given */
	char *param;		   /* malloc'd */
	struct json_object *value; /* owned; NULL: back to the default */
};
struct plan_sets {
	struct plan_set *v; /* malloc'd */
	size_t n;
};
/* Parses the sets of a plan of entry root. False if an error was reported. */
bool plan_sets_parse(const struct meed_conf *c, uint32_t root, const char *const *sets, size_t n,
		     struct meed_diags *d, struct plan_sets *ret);
void plan_sets_release(struct plan_sets *s);
/* The resolved parameters of an entry (instance or model), overrides put in. NULL if an error
 * was reported. The caller owns it. */
struct json_object *plan_params(const struct meed_conf *c, uint32_t entry,
				const struct plan_sets *sets, struct meed_diags *d);
/* Where an instance's parameter is set, for meed_params_resolve; ctx is a struct plan_where. */
struct plan_where {
	const struct conf_instance *i; /* NULL: a bare model */
	const char *name;
	const struct plan_sets *sets;
	uint32_t entry;
};
const char *plan_where(void *ctx, const char *param, char *buf, size_t n);

#endif
