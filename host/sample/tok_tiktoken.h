/* tok_tiktoken.h - the ranks of the tokenizer "tiktoken". Private to tok_tiktoken*.c. Read-only
 * once loaded. */
#ifndef MEED_TOK_TIKTOKEN_H
#define MEED_TOK_TIKTOKEN_H

#include "host/sample/tokens.h"

struct meed_rank {
	uint32_t at, len;		/* the token's bytes in blob; len 0: free */
	uint32_t rank;
};

struct meed_tiktoken {
	char *blob;
	struct meed_rank *slots;	/* open addressing */
	size_t n_slots, n;
	size_t max_len;			/* of a token */
};

/* Reads a file of ranks, a line each: base64, space, rank. MEED_E_UNSUPPORTED if it cannot be
 * read, MEED_E_PARAM with file and line if it is no such file. */
int32_t meed_tiktoken_load(const char *path, struct meed_err *err, struct meed_tiktoken **ret);
void meed_tiktoken_free(struct meed_tiktoken *t);
/* True and the rank of n bytes (at least one), if they are a token. */
bool meed_tiktoken_rank(const struct meed_tiktoken *t, const char *p, size_t n, uint32_t *ret);

#endif
