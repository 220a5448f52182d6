/* tokens.h - inside the tokenizers: vocabularies, and what each kind of tokenizer offers.
 * Private to host/sample; everybody else includes sample.h.
 *
 * A vocabulary gives every different token of a sample a number, dense from 0 in order of
 * first appearance. It is an open-addressing table of 32-bit slots over an array of words, both
 * in the sample's arena. A word of up to 16 bytes is its own key, so that a look-up compares
 * three integers and follows no pointer. The hash is multiply-shift with multipliers drawn at
 * start-up: nobody can write a text that makes it slow, and no result depends on it.
 *
 * Threads: struct meed_tokenizers is read-only once all models are made; a vocabulary and an
 * output belong to the sample that is being read. */
#ifndef MEED_TOKENS_H
#define MEED_TOKENS_H

#include "host/sample/sample.h"

/* A token's key has this many bytes in place; longer ones are kept by address. */
#define MEED_TOKEN_INLINE 16
#define MEED_TOKEN_FREE UINT32_MAX

struct meed_token_word {
	uint64_t k0, k1;	/* len <= 16: the bytes, then zeros; longer: hash and address */
	uint64_t len;
};

struct meed_token_vocab {
	struct meed_token_vocab *next;
	struct meed_token_word *words;
	uint32_t *slots;	/* ids, or MEED_TOKEN_FREE */
	size_t n_slots;		/* a power of two */
	const meed_str *names;	/* by id, as far as spans were asked for */
	uint64_t c0, c1;	/* hash multipliers */
	uint32_t core;		/* which tokenizer, flags for the output apart */
	uint32_t n, cap;	/* words */
	uint32_t shift;		/* 64 - log2(slots) */
	uint32_t n_names;
};

/* Where a tokenizer puts what it finds. */
struct meed_token_out {
	struct meed_arena *arena;
	struct meed_token_vocab *v;
	uint32_t *ids;
	size_t n, cap;
	char *scratch;		/* room for words that are not in the text as such */
	size_t scratch_cap;
};

/* Each returns 0 or MEED_E_NOMEM. */
int32_t meed_token_room(struct meed_token_out *o, size_t extra);	/* for more ids */
int32_t meed_token_scratch(struct meed_token_out *o, size_t n);		/* for n bytes */
/* Adds a token. The bytes must lie still as long as the arena, unless they are o->scratch, which
 * is then used up if the word is new. */
int32_t meed_token_put(struct meed_token_out *o, const char *p, size_t n);
/* Adds a word that the vocabulary lacks; *ret_id is its number. May move words and slots. */
int32_t meed_token_add(struct meed_token_out *o, uint64_t k0, uint64_t k1, uint64_t len,
		       uint32_t *ret_id);

/* Appends a file. MEED_E_UNSUPPORTED and errno if it cannot be read; MEED_E_LIMIT beyond 1 GiB. */
int32_t meed_token_file(const char *path, struct meed_buf *ret, struct meed_err *err);

/* One opened tokenizer. */
struct meed_jieba;
struct meed_tiktoken;
struct meed_tokenizer_kind;
struct meed_tokenizer_open {
	const struct meed_tokenizer_kind *kind;
	uint32_t flags;
	uint32_t core;		/* the first one that differs in MEED_TOK_SPANS at most */
	char *path;		/* owned; NULL: the usual place */
	bool owner;		/* of the data below, which others share */
	struct meed_jieba *jieba;
	struct meed_tiktoken *tiktoken;
};

struct meed_tokenizer_kind {
	const char *name;
	/* Loads data into z (whose flags and path are set); NULL: needs none. */
	int32_t (*load)(struct meed_tokenizer_open *z, struct meed_err *err);
	void (*unload)(struct meed_tokenizer_open *z);
	/* text is stripped, filtered and, unless the kind folds, lower-cased already. */
	int32_t (*run)(const struct meed_tokenizer_open *z, struct meed_token_out *o,
		       meed_str text);
	bool folds;		/* run does MEED_TOK_LOWER itself */
};

extern const struct meed_tokenizer_kind meed_tok_simple;
extern const struct meed_tokenizer_kind meed_tok_jieba;
extern const struct meed_tokenizer_kind meed_tok_tiktoken;

/* ---- text, as Python's str sees it ---------------------------------------------------------- */

/* Bytes of the white space that starts at p[0], 0 if none does: the code points for which
 * str.isspace() holds. */
size_t meed_uni_space(const char *p, size_t n);
meed_str meed_uni_strip(meed_str s);
/* Decodes one code point; ill-formed bytes count one each and give U+FFFD. n > 0. */
uint32_t meed_uni_next(const char *p, size_t n, size_t *ret_len);
size_t meed_uni_put(char *out, uint32_t cp);	/* at most 4 bytes; returns how many */
/* str.lower(): full mapping with U+0130 and the final sigma. out has room for
 * MEED_LOWER_MAX(n) bytes and does not overlap s. Returns the bytes written. */
#define MEED_LOWER_MAX(n) ((n) + (n) / 2 + 4)
size_t meed_uni_lower(meed_str s, char *out);

#endif
