/* remote.h - the plugin `remote`: reward models that are served elsewhere, each in the bytes that
 *its server speaks.
 *
 *	params.c	an instance's parameters
 *	chat.c		the text of a conversation: named chat templates, templates of one's own
 *	items.c		what of a sample is scored: responses, or steps of one
 *	requests.c	bodies, by format
 *	values.c	answers that are numbers for each item: /classify, /score, /rerank, ...
 *	verdicts.c	answers that are a verdict: /get_reward, /evaluate, /verify, ...
 *	reader.c	how both read: by place, with complaints that name it
 *	choose.c	many values into one: activation, labels, weights
 *	score.c		evaluate and resume
 *	embed.c		embed.similarity
 *	plugin.c	descriptors and schemas
 *
 * Threads: an instance is read-only once it is made. Text goes into the context's arena. */
#ifndef MEED_REMOTE_H
#define MEED_REMOTE_H

#include <meed/helpers.h>

#include "plugins/judge/text.h"

#define REMOTE_VERSION "1.0.0"

enum {
	LABELS_MAX = 256,   /* of a parameter */
	VALUES_MAX = 4096,  /* one item's: more is an embedding, no score */
	ROWS_MAX = 1 << 20, /* tokens of one item */
	STEPS_MAX = 4096
};

enum wire {
	W_VLLM_CLASSIFY,
	W_VLLM_POOLING,
	W_VLLM_SCORE,
	W_VLLM_RERANK,
	W_VLLM_GENERATIVE,
	W_SGLANG_CLASSIFY,
	W_SGLANG_V1_CLASSIFY,
	W_SGLANG_EMBEDDINGS,
	W_SGLANG_RERANK,
	W_SGLANG_SCORE,
	W_TEI_PREDICT,
	W_TEI_RERANK,
	W_OPENRLHF,
	W_SLIME,
	W_EVAL_PROTOCOL,
	W_NEMO_GYM,
	W_OPEN_INSTRUCT
};

enum activation {
	A_SERVER,
	A_NONE,
	A_SIGMOID,
	A_SOFTMAX
};
enum combine {
	C_MAX,
	C_SUM,
	C_MEAN
};
enum per_step {
	S_PREFIX,
	S_ALONE,
	S_ROWS,
	S_TOKENS,
	S_OUTPUTS
};
enum reduce {
	R_NONE,
	R_LAST,
	R_MEAN,
	R_MIN,
	R_PRODUCT
};
enum special {
	T_REFUSE,
	T_REMOVE,
	T_PASS
};

struct chat;

struct remote {
	struct block *memory; /* all strings below */
	enum wire wire;
	meed_str model, task, extra; /* extra: an object's members, without braces */
	char *path;
	size_t batch;
	const struct chat *chat; /* a template by name; NULL: `text` is one of one's own */
	meed_str text, query;
	bool server_template, pairs, bos;
	enum special special;
	meed_str step_end;
	enum per_step per_step;
	int64_t step_token;
	enum activation activation;
	meed_str *labels, *names;
	size_t n_labels, n_names;
	double *weights;
	size_t n_weights;
	enum combine combine;
	enum reduce reduce;
	bool invert;
	/* single formats */
	meed_str take;	 /* openrlhf: rewards or scores; slime: the key */
	meed_str kwargs; /* eval_protocol, nemo_gym: JSON, or "" */
	meed_str reference_field, tests_key;
	meed_str *fields; /* nemo_gym: keys of metadata */
	size_t n_fields;
	int64_t *label_tokens;
	size_t n_label_tokens;
	bool item_first;
	double max_time;
};

/* One thing to score: a response, or as much of it as belongs to a step. */
struct item {
	const meed_cand *cand;
	size_t at;   /* of the candidate in the sample */
	size_t step; /* or MEED_NONE */
	meed_str response;
	/* what it was asked with, for wires that send text */
	meed_str text;
};

/* A named part of a verdict: it becomes a detail. */
struct part {
	const char *name;
	double score;
	meed_str reason;
};

/* What an answer says of one item. */
struct answer {
	bool there;
	double *x; /* n values; of a row each if n_rows */
	size_t n, n_rows;
	const meed_str *labels; /* of the values, or NULL */
	meed_str top;		/* vLLM: the label of the greatest, or "" */
	meed_str reason;
	struct part *parts;
	size_t n_parts;
	double *steps; /* eval_protocol: each step's reward */
	size_t n_steps;
};

/* ---- params.c -------------------------------------------------------------------------------- */

/* By the order of enum wire. */
typedef int32_t remote_create_fn(const meed_host *h, meed_ctx *c, const meed_val *p, void **self);
int32_t remote_create(const meed_host *h, meed_ctx *c, const meed_val *p, enum wire w, void **self);
void remote_destroy(const meed_host *h, void *self);
/* Does the format take several items in a request? */
bool wire_takes_many(const struct remote *m);
/* The route as messages name it: "POST /classify". */
const char *wire_path(enum wire w);

/* ---- chat.c ---------------------------------------------------------------------------------- */

const struct chat *chat_find(meed_str name);
/* The names that a template of one's own may use, NULL-terminated. */
extern const char *const chat_names[];
/* Fills it->text. */
int32_t chat_text(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_sample *s,
		  struct item *it);
/* A template of one's own, filled. */
int32_t chat_fill(const meed_host *h, meed_ctx *c, meed_str template, const meed_sample *s,
		  const struct item *it, meed_str *ret);
/* The conversation and the response as a JSON list of messages. */
void chat_messages(struct out *o, const meed_sample *s, const struct item *it, bool with_response);

/* ---- items.c --------------------------------------------------------------------------------- */

int32_t items_make(const meed_host *h, meed_ctx *c, const struct remote *m, const meed_sample *s,
		   struct item **ret, size_t *ret_n);

/* ---- requests.c ------------------------------------------------------------------------------ */

/* The body that asks about n items. */
int32_t request_body(struct out *o, const struct remote *m, const meed_sample *s,
		     const struct item *it, size_t n);
/* Does such a body have that member anyway? */
bool request_writes(const struct remote *m, meed_str name);
/* open-instruct: the sample's tests; NULL: there are none. */
const meed_val *request_tests(const meed_host *h, const struct remote *m, const meed_sample *s,
			      const struct item *it);
/* vLLM's /tokenize, for where the steps of a text end. */
void request_tokenize(struct out *o, const struct remote *m, const struct item *it);

/* ---- reader.c -------------------------------------------------------------------------------- */

struct reader {
	const meed_host *h;
	meed_ctx *c;
	const struct remote *m;
	const meed_sample *s;
	const struct item *items; /* that were asked about, */
	const meed_val *root;	  /* and what was answered */
	struct answer *answers;
	size_t n;     /* items */
	int32_t code; /* MEED_OK, or the failure, which the context holds */
};
/* Fails: "POST /classify: data[2] ...". Returns MEED_E_PARSE. */
__attribute__((format(printf, 2, 3))) int32_t bad(struct reader *r, const char *fmt, ...);
/* A finite number; where: what it is, for the complaint. */
__attribute__((format(printf, 4, 5))) bool read_number(struct reader *r, const meed_val *v,
						       double *ret, const char *where, ...);
/* "null", "a text", "an object", ... */
const char *kind_name(const meed_host *h, const meed_val *v);
/* The list v of exactly n items. */
bool read_list(struct reader *r, const meed_val *v, size_t n, const char *where);
/* The place that an entry is for: its "index", or `at` if the first has none. Not twice the same.
 */
bool read_place(struct reader *r, const meed_val *entry, size_t at, const char *list, size_t *ret);
/* A list of numbers into a->x. */
bool read_vector(struct reader *r, const meed_val *v, struct answer *a, const char *where);
bool answer_one(struct reader *r, struct answer *a, double x);

/* values.c, verdicts.c: read r->root into r->answers. */
int32_t values_read(struct reader *r);
int32_t verdicts_read(struct reader *r);
static inline bool wire_gives_verdict(enum wire w)
{
	return w >= W_OPENRLHF;
}

/* ---- choose.c -------------------------------------------------------------------------------- */

/* Checks labels and weights against each other; NULL, or what is wrong. */
const char *choose_check(const struct remote *m, char *buf, size_t n);
/* One row of an answer into a score. */
bool choose_row(struct reader *r, const struct answer *a, size_t row, double *ret);
/* All of an answer: one row, or many folded by m->reduce. */
bool choose(struct reader *r, const struct answer *a, double *ret);

/* ---- score.c, embed.c ------------------------------------------------------------------------ */

struct state {
	struct item *items;
	size_t n_items;
	uint64_t tokens_in;
};
int32_t remote_evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *st);
int32_t remote_resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *st);
/* A reply that failed, told with its route. */
int32_t remote_failed(const meed_host *h, meed_ctx *c, const char *path, const meed_reply *r);

extern const meed_rm embed_similarity;

#endif
