/* meed/meed.h - libmeed: the reward-model host inside your program.
 * SPDX-License-Identifier: Apache-2.0
 *
 *	struct meed *m = NULL;
 *	struct meed_scores *s = NULL;
 *	char why[256];
 *
 *	if (meed_open("conf.d", "rouge", NULL, &m, why, sizeof(why)) < 0)
 *		die(why);
 *	if (meed_score_text(m, "Capital of France?", "Paris.", "Paris", &s, why, sizeof(why)) < 0)
 *		die(why);
 *	printf("%g\n", meed_scores_value(s, 0));
 *
 * Build with `pkg-config --cflags --libs libmeed`.
 *
 * ERRORS    Functions return 0, or a negative MEED_E_* code (meed/plugin.h) and one line of
 *           text in why (cut to n bytes, always terminated; why may be NULL).
 * THREADS   A struct meed may be used by several threads at once, except in meed_close.
 *           A struct meed_scores belongs to one thread.
 * OWNERSHIP What a function returns through a `**ret` is yours to free; strings got from
 *           a struct meed_scores live as long as it does. */
#ifndef MEED_MEED_H
#define MEED_MEED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct meed;
struct meed_scores;

const char *meed_version(void);

/* Loads the configuration at conf (a file or folder; NULL: $MEED_CONF, ./conf.d, the installed
 * one), its plugins, and compiles name: a composition, an instance or a model id. sets: NULL, or
 * "param=value" overrides ending with a NULL pointer. */
int32_t meed_open(const char *conf, const char *name, const char *const *sets, struct meed **ret,
		  char *why, size_t n);
void meed_close(struct meed *m);

/* Scores one row of JSON in any shape that `meed score` reads. A row that is no sample is
 * MEED_E_SAMPLE; an output that could not be scored is not an error here: meed_scores_error. */
int32_t meed_score_json(struct meed *m, const char *json, size_t n_json,
			struct meed_scores **ret, char *why, size_t n);
/* Scores one response to one prompt. reference may be NULL. All end at their NUL. */
int32_t meed_score_text(struct meed *m, const char *prompt, const char *response,
			const char *reference, struct meed_scores **ret, char *why, size_t n);
/* Scores n_rows rows on up to threads threads (0: one a core). ret has n_rows places; a row
 * that failed leaves NULL there and its code in codes (which may be NULL). Returns how many
 * rows were scored, or a negative code if nothing could be started. */
int64_t meed_score_many(struct meed *m, const char *const *rows, const size_t *lens,
			size_t n_rows, uint32_t threads, struct meed_scores **ret,
			int32_t *codes);

void meed_scores_free(struct meed_scores *s);
size_t meed_scores_count(const struct meed_scores *s);	/* outputs of the sample */
/* The score of output i; NAN if it has none. */
double meed_scores_value(const struct meed_scores *s, size_t i);
/* Why output i has no score; NULL if it has one. */
const char *meed_scores_error(const struct meed_scores *s, size_t i);
size_t meed_scores_n_details(const struct meed_scores *s, size_t i);
/* Member k of output i: its name, score (NAN: none) and reason. NULL if there is no such. */
const char *meed_scores_detail(const struct meed_scores *s, size_t i, size_t k, double *ret_score,
			       const char **ret_reason);
/* The scored sample as canonical JSON, one line without newline. */
const char *meed_scores_json(const struct meed_scores *s, size_t *ret_n);

#ifdef __cplusplus
}
#endif
#endif
