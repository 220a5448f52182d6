/* format.h - what the models of the plugin `format` share.
 *
 * Every model is pointwise and deterministic: it looks at one answer's text and nothing else.
 * All of them run in time linear in the text. */
#ifndef FORMAT_H
#define FORMAT_H

#include <meed/helpers.h>

#define FORMAT_VERSION "1.0.0"
#define FORMAT_LICENSE "Apache-2.0"
#define FORMAT_SOURCE \
	"RM-Gallery 0.1.4 (github.com/modelscope/RM-Gallery), rm_gallery/gallery/rm/format"

extern const meed_rm format_reasoning;
extern const meed_rm format_reasoning_tool_call;
extern const meed_rm format_length_penalty;
extern const meed_rm format_ngram_repetition_penalty;
extern const meed_rm format_privacy_leakage;

/* destroy of every model whose instance is one block from malloc. */
void format_free(const meed_host *h, void *self);

/* ---- tags ------------------------------------------------------------------------------- */

/* <token> and </token>; the bytes belong to whoever made them. */
struct format_tag {
	meed_str open, close;
};

/* Offset of tag (which begins with '<') in text at or after from, or MEED_NONE. Fast where '<' is
 * rare; never worse than text times tag. */
size_t format_find(meed_str text, size_t from, meed_str tag);

/* The first <token> at or after from and the first </token> after it: what Python's
 * re.search("<token>(.*?)</token>", text, re.DOTALL) finds. False if there is no such pair. */
bool format_pair(meed_str text, size_t from, const struct format_tag *tag, meed_str *ret_body);

/* Where the text after the pair with this body goes on. */
static inline size_t format_after(meed_str text, meed_str body, const struct format_tag *tag)
{
	return (size_t)(body.p - text.p) + body.n + tag->close.n;
}

/* ---- characters ------------------------------------------------------------------------- */

/* Code points: the bytes that do not continue another. */
size_t format_count_chars(meed_str text);
/* The first byte at or after i that may be a digit of some script or an '@'; it may stop early. */
size_t format_skip_dull(meed_str text, size_t i);
/* Word characters as \w has them in Python: letters, digits and numerals of all scripts, '_'. */
bool format_is_word(uint32_t cp);
/* The value of a decimal digit of any script (\d in Python), or -1. */
int format_digit(uint32_t cp);

/* ---- n-grams ---------------------------------------------------------------------------- */

/* How many different n-grams the tokens hold; n is 1 or more and at most t->n. Exact: no two
 * different n-grams count as one. A negative code if there is no memory or the run is
 * stopping, said to the host. */
int32_t format_ngram_count(const meed_host *h, meed_ctx *c, const meed_tokens *t, size_t n,
			   size_t *ret_unique);

/* ---- personal data ---------------------------------------------------------------------- */

enum format_pii {
	FORMAT_EMAIL,
	FORMAT_PHONE,
	FORMAT_ID_CARD,
	FORMAT_CREDIT_CARD,
	FORMAT_IP,
	FORMAT_N_PII
};

#define FORMAT_MAX_LEAKS 64

struct format_leak {
	enum format_pii kind;
	size_t from, to;		/* bytes */
};

struct format_leaks {
	size_t count[FORMAT_N_PII];
	size_t n;			/* of v: the first FORMAT_MAX_LEAKS */
	struct format_leak v[FORMAT_MAX_LEAKS];
};

/* Finds personal data, each kind on its own, matches of one kind not overlapping, from left to
 * right. validate: also check what can be checked (Luhn, check digits, octets, number plans);
 * ascii_words: only ASCII letters and digits make a word, so that what touches Chinese
 * text is found. ret must be zeroed. */
void format_find_leaks(meed_str text, bool validate, bool ascii_words, struct format_leaks *ret);

#endif
