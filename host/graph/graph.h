/* graph.h - libconfig files -> a checked configuration -> a compiled plan.
 *
 * meed_conf_load reads everything and reports every error it can find. meed_plan_new takes one
 * name (composition, instance or model id) and makes the part of the graph that it needs:
 * instances created, names turned into indices. After that a plan is read-only and shared
 * by all threads. */
#ifndef MEED_GRAPH_H
#define MEED_GRAPH_H

#include "host/exec/exec.h"
#include "host/llm/llm.h"

/* ---- the configuration ---------------------------------------------------------------------- */

struct meed_run_conf {			/* group `run`; also set by options */
	uint32_t threads;		/* 0: one a core */
	uint32_t window;		/* samples in flight, default 1024 */
	uint64_t max_line_bytes;	/* default 128 MiB */
	uint64_t arena_bytes;		/* an evaluation's memory limit, default 256 MiB */
	uint32_t timeout_ms;		/* of one evaluation; 0: none */
	uint64_t seed;
	uint32_t checkpoint_ms;		/* between two marks of the journal, default 1000 */
	uint32_t sync_ms;		/* between two fsyncs, default 5000; 0: at the end alone */
};

struct meed_health_conf {		/* group `health`: what `meed health` lets pass */
	double errors;			/* share of outputs without a score, default 0.05 */
	double dominance;		/* one member's share of the variance, 0.9 */
	double collapse;		/* share of prompts whose outputs all score the same, 0.5 */
	double length;			/* correlation of length and score, without its sign, 0.5 */
	double saturation;		/* share of scores at one end of the scale, 0.9 */
	double ks, psi;			/* drift from the first run, 0.2 and 0.25 */
	double canary;			/* share of texts that say nothing and score well, 0 */
	double blind;			/* share of canaries where right does not beat wrong, 0.5 */
};
void meed_health_defaults(struct meed_health_conf *h);
/* False: there is no such limit, or x is out of its range; ret_wants says what would be right. */
bool meed_health_set(struct meed_health_conf *h, const char *key, double x, char ret_wants[160]);

struct meed_conf;
/* paths: files or folders, in order; a folder's *.conf in name order. Loads the plugins that
 * `plugins` names (plus plugin_dirs, which are searched after them). With no error in diags
 * the configuration is usable; a plugin that could not be loaded is a warning unless
 * an instance needs one of its models (or it was named by `path`). Everything is reported as
 * "file:line: what; what would be right". log is copied; NULL: nowhere. Returns MEED_E_PARAM if
 * diags has an error. */
int32_t meed_conf_load(const char *const *paths, size_t n, const char *const *plugin_dirs,
		       size_t n_dirs, const struct meed_log *log, struct meed_diags *diags,
		       struct meed_conf **ret);
void meed_conf_free(struct meed_conf *c);
/* The search without -c: $MEED_CONF, ./conf.d, the installed one. Malloc'd; NULL if none. */
char *meed_conf_default_path(void);
const struct meed_registry *meed_conf_registry(const struct meed_conf *c);
const struct meed_run_conf *meed_conf_run(const struct meed_conf *c);
const struct meed_health_conf *meed_conf_health(const struct meed_conf *c);
/* The endpoints, and what the group llm says; borrowed from c. */
void meed_conf_llm(const struct meed_conf *c, struct meed_llm_conf *ret);
/* The groups `runtimes` and `sandbox`. */
const struct meed_exec_conf *meed_conf_exec(const struct meed_conf *c);
/* A limit as the configuration writes it: key is one of processes, wall, cpu, memory, disk, output;
 * "10s", "512M", and plain numbers, which are seconds and bytes. False: it is none, or out of
 * range; ret_wants then says what it should be. */
bool meed_exec_limit_set(struct meed_exec_limits *l, const char *key, const char *text,
			 char ret_wants[128]);

/* What `meed list` and `meed info` show. */
enum meed_entry_kind { MEED_ENTRY_COMPOSITION, MEED_ENTRY_INSTANCE, MEED_ENTRY_MODEL };
struct meed_entry {
	enum meed_entry_kind kind;
	const char *name;
	const char *model;		/* instance: the model's id; composition: its combiner */
	const char *where;		/* "file:line"; a model: its plugin's path */
	const char *summary;		/* `description` in the configuration, or the model's summary */
	const struct meed_model *rm;	/* instance and model; NULL for a composition */
	struct json_object *params;	/* instance: resolved; NULL else */
	/* instance: who gets its requests, "" if nobody is named or default; NULL: it has none, or its
	 * parameters name who gets them */
	const char *endpoint;
};
size_t meed_conf_entries(const struct meed_conf *c, const struct meed_entry **ret);
/* Composition, then instance, then model id. NULL if there is none. */
const struct meed_entry *meed_conf_find(const struct meed_conf *c, const char *name);
/* Why find has nothing of that name, to end a message with, in buf: `; did you mean "x"?`, or that
 * it is an optional instance without its plugin, or "". */
const char *meed_conf_why_not(const struct meed_conf *c, const char *name, char *buf, size_t n);

/* A pipeline over samples, as the group `pipelines` has it: the floor host/data knows what its
 * steps and parameters mean. Borrowed from the configuration. */
struct meed_setting {			/* one parameter; every value as text */
	const char *name;
	const char *file;
	uint32_t line;
	const char *const *values;
	size_t n;
};
struct meed_stage {
	const char *kind;		/* "filter" */
	const char *file;
	uint32_t line;
	struct meed_setting *settings;
	size_t n;
};
struct meed_pipeline {
	const char *name;
	const char *file;
	uint32_t line;
	const char *description;	/* "" if there is none */
	const char *const *inputs;	/* may be none */
	size_t n_inputs;
	const char *format, *map, *output, *rejects, *dropped, *memory; /* NULL: not set */
	uint64_t seed;
	bool strict;
	struct meed_stage *stages;
	size_t n_stages;
	bool has_export;
	struct meed_stage export_to;
};
size_t meed_conf_pipelines(const struct meed_conf *c, const struct meed_pipeline **ret);
/* Reports a mistake in one of them: "file:line: text", without secrets. */
void meed_conf_error(const struct meed_conf *c, struct meed_diags *d, const char *file,
		     uint32_t line, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* ---- the plan ---------------------------------------------------------------------------------- */

enum meed_combine {
	MEED_C_SUM, MEED_C_MEAN, MEED_C_PRODUCT, MEED_C_MIN, MEED_C_MAX, MEED_C_VOTE,
	MEED_C_GATE, MEED_C_CASCADE, MEED_C_FALLBACK, MEED_C_ROUTE, MEED_C_LOWER_BOUND
};

enum meed_transform_kind {
	MEED_X_CLIP,			/* a = lowest, b = highest */
	MEED_X_AFFINE,			/* x * a + b */
	MEED_X_SIGMOID,			/* 1 / (1 + exp(-a * (x - b))) */
	MEED_X_THRESHOLD,		/* x >= a ? 1 : 0 */
	MEED_X_MINMAX,			/* over the sample's outputs: 0..1; all equal: 0.5 */
	MEED_X_ZSCORE,			/* over the outputs: (x - mean) / population deviation; 0 if none */
	MEED_X_RANK			/* over the outputs: mean rank, best 1, worst 0; one output: 1 */
};
struct meed_transform {
	enum meed_transform_kind kind;
	double a, b;
};

enum meed_on_error { MEED_ON_FAIL, MEED_ON_SKIP, MEED_ON_VALUE };

enum meed_match_kind { MEED_MATCH_GLOB, MEED_MATCH_REGEX, MEED_MATCH_RANGE, MEED_MATCH_SHARE };

/* How n outputs' pairwise verdicts become n scores. */
enum meed_aggregate {
	MEED_A_WIN_RATE, MEED_A_COPELAND, MEED_A_ELO, MEED_A_BRADLEY_TERRY, MEED_A_TOURNAMENT
};
/* How step scores become an output's score. */
enum meed_steps_agg { MEED_S_MEAN, MEED_S_MIN, MEED_S_LAST, MEED_S_PRODUCT, MEED_S_SUM };

struct meed_member {
	uint32_t node;			/* index into the plan's nodes */
	char *name;			/* how details call it: `name`, default `use` */
	meed_str name_json;		/* the same as a JSON string, with quotes */
	double weight;			/* >= 0 */
	enum meed_on_error on_error;
	double on_error_value;
	struct meed_transform *transforms;
	size_t n_transforms;
	/* gate: the member whose score below `below` stands as the result; cascade: decided if
	 * score < below or score > above (NaN: no such bound) */
	double below, above;
	bool is_gate;
	/* route */
	enum meed_match_kind match_kind;
	char *pattern;			/* glob or regular expression */
	void *regex;			/* compiled regex_t */
	double from, to;		/* range of the chooser's score [from, to), or of shares */
};

struct meed_node {
	char *name;
	bool is_instance;
	bool group;			/* needs all outputs of a sample at once: listwise or pairwise,
					 * or anything with a transform over outputs below it */
	uint32_t depth;			/* longest way to a leaf */
	struct meed_transform *transforms; /* on the node's own result */
	size_t n_transforms;
	/* instance */
	const struct meed_model *model;
	void *self;
	struct json_object *params;
	uint32_t mode;			/* the one it is run in */
	char *endpoint;			/* default endpoint, or "" */
	enum meed_aggregate aggregate;	/* pairwise */
	bool both_orders;		/* pairwise: ask (i,j) and (j,i); default true */
	enum meed_steps_agg steps_agg;	/* stepwise */
	uint32_t timeout_ms;		/* 0: the run's */
	void *serial;			/* pthread_mutex_t * if MEED_SERIAL, else NULL */
	/* composition */
	enum meed_combine combine;
	struct meed_member *members;
	size_t n_members;
	double k;			/* lower_bound: mean - k * population deviation */
	double threshold;		/* vote: a member votes yes at or above it */
	int32_t chooser;		/* route by a member's score: its node; -1: by key */
	char *key;			/* route: a field ("task_category", "source", "id") or a JSON
					 * pointer into metadata ("/lang"); NULL: share */
	int32_t otherwise;		/* route: index of the member for no match; -1: error */
};

struct meed_plan {
	const struct meed_conf *conf;
	const char *name;
	struct meed_node *nodes;	/* members before the nodes that use them */
	size_t n_nodes;
	uint32_t root;
};

/* Compiles NAME. sets: "param=value" overrides; for an instance or model its parameters, for a
 * composition "member.param=value" (dots name the path of members; an instance used in
 * several places is overridden in all). Creates the instances. Everything wrong is in diags. */
int32_t meed_plan_new(const struct meed_conf *c, const char *name, const char *const *sets,
		      size_t n_sets, struct meed_diags *diags, struct meed_plan **ret);
void meed_plan_free(struct meed_plan *p);
/* Checks every composition and instance by compiling it: what `meed check` does. */
void meed_conf_check_all(const struct meed_conf *c, struct meed_diags *diags);

enum meed_graph_format { MEED_GRAPH_TEXT, MEED_GRAPH_DOT };
void meed_plan_print(const struct meed_plan *p, enum meed_graph_format f, struct meed_buf *out);

/* Names used by both the reader and the printer. */
const char *meed_combine_name(enum meed_combine c);
const char *meed_transform_name(enum meed_transform_kind k);
const char *meed_aggregate_name(enum meed_aggregate a);
const char *meed_steps_agg_name(enum meed_steps_agg a);

#endif
