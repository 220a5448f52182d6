/* tok_jieba.h - the data of the tokenizer "jieba": dictionary and hidden Markov model. Private to
 * tok_jieba*.c. Read-only once loaded. */
#ifndef MEED_TOK_JIEBA_H
#define MEED_TOK_JIEBA_H

#include "host/sample/tokens.h"

#define MEED_JIEBA_DIR "/usr/lib/python3/dist-packages/jieba"
#define MEED_HAN_FIRST 0x4e00u
#define MEED_HAN_LAST 0x9fd5u		/* what jieba 0.42.1 takes for Han */

/* The states in an order that makes "the larger letter" the larger number. */
enum { MEED_HMM_B, MEED_HMM_E, MEED_HMM_M, MEED_HMM_S, MEED_HMM_N };

/* A trie of code points: edges in one open-addressing table of (node, code point). */
struct meed_trie {
	uint64_t *keys;			/* node << 32 | code point; 0: free */
	uint32_t *to;
	size_t n_slots, n_edges;
	double *value;			/* by node */
	size_t n_nodes, cap_nodes;
};

struct meed_jieba {
	struct meed_trie trie;		/* value: log(frequency / total); above 0: not a word */
	double unknown;			/* log(1 / total) */
	double start[MEED_HMM_N], trans[MEED_HMM_N][MEED_HMM_N];
	double (*emit)[MEED_HMM_N];	/* by code point from MEED_HAN_FIRST */
};

/* The child of node by cp, 0 if there is none. */
static inline uint32_t meed_trie_step(const struct meed_trie *t, uint32_t node, uint32_t cp)
{
	uint64_t key = (uint64_t)node << 32 | cp;
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (t->n_slots - 1);

	while (t->keys[at] != key && t->keys[at] != 0)
		at = (at + 1) & (t->n_slots - 1);
	return t->keys[at] == key ? t->to[at] : 0;
}

/* Loads the data from a folder. MEED_E_UNSUPPORTED with where to get it, if it is not there. */
int32_t meed_jieba_load(const char *dir, struct meed_err *err, struct meed_jieba **ret);
void meed_jieba_free(struct meed_jieba *j);

#endif
