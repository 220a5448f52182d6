/* bench.h - what the readers of benchmarks' rows share; see docs/formats.md for what each row
 * becomes. Used by bench*.c alone.
 *
 * A reader takes fields out of a row one by one. What it takes has a place in the sample;
 * meed_bench_end makes metadata of the rest. */
#ifndef MEED_SAMPLE_BENCH_H
#define MEED_SAMPLE_BENCH_H

#include "host/sample/rows.h"

#define MEED_BENCH_TAKEN 16

struct meed_bench {
	struct meed_reading *r;
	struct meed_keys *k;
	const char *name;		/* the format's */
	struct lh_entry *taken[MEED_BENCH_TAKEN];
	size_t n_taken;
};

/* The value of a field, which stays metadata; NULL if it is absent or null. */
struct json_object *meed_bench_see(const struct meed_bench *b, const char *key);
/* The same, and the field is no metadata. */
struct json_object *meed_bench_take(struct meed_bench *b, const char *key);
/* Takes a field of that type; MEED_E_SAMPLE if it is something else or absent. */
int32_t meed_bench_need(struct meed_bench *b, const char *key, enum json_type type,
			struct json_object **ret);
/* Takes a text or a whole number, if the field is one and *ret is still empty. */
int32_t meed_bench_text(struct meed_bench *b, const char *key, meed_str *ret);
/* MEED_E_SAMPLE: "rmbench: KEY WHAT". */
int32_t meed_bench_fail(const struct meed_bench *b, const char *key, const char *what);

/* An empty label; the row owns it. NULL: out of memory. */
struct json_object *meed_bench_label(const struct meed_bench *b);
/* Adds a text to a label. */
int32_t meed_bench_say(const struct meed_bench *b, struct json_object *label, const char *key,
		       const char *text);
/* Adds a value to a label; nothing if it is NULL. The value is shared, not consumed. */
int32_t meed_bench_put(const struct meed_bench *b, struct json_object *label, const char *key,
		       struct json_object *v);
int32_t meed_bench_flag(const struct meed_bench *b, struct json_object *label, const char *key,
			bool v);
/* Appends the output (or the outputs, if v is a list) of v with that label. */
int32_t meed_bench_output(struct meed_bench *b, struct json_object *v, struct json_object *label);
/* The outputs of two fields, and which one is better: > 0 the first, < 0 the second, 0 neither;
 * MEED_BENCH_UNKNOWN: not known. */
#define MEED_BENCH_UNKNOWN 2
int32_t meed_bench_pair(struct meed_bench *b, const char *first, const char *second, int better);

/* Appends one output that is made of steps: a list of texts, which stands at key. is_right tells of
 * a step, counted from 1, by what list says. */
int32_t meed_bench_steps(struct meed_bench *b, const char *key, struct json_object *texts,
			 struct json_object *list,
			 bool (*is_right)(struct json_object *list, size_t step),
			 struct json_object *label);

/* The readers. */
int32_t meed_bench_pairs(struct meed_bench *b);
int32_t meed_bench_prm(struct meed_bench *b);
int32_t meed_bench_bon_math(struct meed_bench *b);
int32_t meed_bench_helpsteer(struct meed_bench *b);
int32_t meed_bench_trl(struct meed_bench *b);

#endif
