/* text.h - what the models of the plugin `text` share.
 *
 * Every model is pointwise and deterministic: it looks at one response and at its references. The
 * definitions are those of the field's own programs, named in each model's `source`; docs/text.md
 * has the formulas. Characters and lower case are Python's, by plugins/instruct/text.c.
 *
 * Time and memory are linear in the texts but where two texts are aligned: there the model has a
 * parameter max_cells, and what would go beyond it fails with MEED_E_LIMIT. */
#ifndef TEXT_H
#define TEXT_H

#include <meed/helpers.h>

#include "../instruct/instruct.h"

#define TEXT_VERSION "1.0.0"
#define TEXT_LICENSE "Apache-2.0"
#define TEXT_GALLERY "github.com/modelscope/RM-Gallery, develop_metrics"
#define TEXT_SACREBLEU "sacrebleu 2.6.0; "
#define TEXT_NLTK "nltk 3.10.4; "

extern const meed_rm text_bleu, text_sentence_bleu, text_gleu, text_chrf, text_ter, text_meteor;
extern const meed_rm text_rouge;
extern const meed_rm text_exact_match, text_prefix_match, text_suffix_match, text_substring_match;
extern const meed_rm text_contains_all, text_contains_any, text_containment, text_regex_match;
extern const meed_rm text_token_f1, text_word_overlap, text_char_overlap, text_jaccard, text_cosine;
extern const meed_rm text_fuzzy_match, text_edit_distance;
extern const meed_rm text_json_match, text_json_validator, text_json_schema;

/* ---- parameters: model.c ------------------------------------------------------------------- */

/* Parts of a parameter schema. */
#define P_OPEN "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
#define P_CLOSE "}}"
#define P_BOOL(name, dflt, help)                                                       \
	"\"" name "\":{\"type\":\"boolean\",\"default\":" dflt ",\"description\":\"" help "\"}"
#define P_INT(name, dflt, min, max, help)                                              \
	"\"" name "\":{\"type\":\"integer\",\"default\":" dflt ",\"minimum\":" min         \
	",\"maximum\":" max ",\"description\":\"" help "\"}"
#define P_NUM(name, dflt, min, max, help)                                              \
	"\"" name "\":{\"type\":\"number\",\"default\":" dflt ",\"minimum\":" min          \
	",\"maximum\":" max ",\"description\":\"" help "\"}"
#define P_ENUM(name, dflt, list, help)                                                 \
	"\"" name "\":{\"type\":\"string\",\"default\":\"" dflt "\",\"enum\":[" list       \
	"],\"description\":\"" help "\"}"
#define P_STR(name, help)                                                              \
	"\"" name "\":{\"type\":\"string\",\"default\":\"\",\"description\":\"" help "\"}"
#define P_STRS(name, dflt, help)                                                       \
	"\"" name "\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"default\":"    \
	dflt ",\"description\":\"" help "\"}"
#define P_CASE(dflt) P_BOOL("case_sensitive", dflt, "tell upper from lower case")
#define P_NORMALIZE(dflt)                                                              \
	P_BOOL("normalize", dflt, "SQuAD's normalisation first: lower case, no ASCII"      \
	       " punctuation, no articles, single spaces")
#define P_ANSWER                                                                       \
	P_BOOL("extract_answer", "false", "look at what follows the last </think>, inside" \
	       " <answer> if that is there")
#define P_CELLS(dflt)                                                                  \
	P_INT("max_cells", dflt, "1", "1000000000000", "how many pairs of positions may"   \
	      " be compared; beyond, the evaluation fails")
#define P_TOGETHER                                                                     \
	P_ENUM("references", "together", "\"together\",\"best\"", "several references:"    \
	       " together, as the metric defines it, or the best of each alone")

/* An instance's parameters: what the model's schema lacks is 0. Owned by the instance; models with
 * more begin with it. */
struct text_options {
	bool case_sensitive, normalize, ignore_whitespace, extract_answer, lowercase;
	bool effective_order, whitespace, eps_smoothing, stemmer, unique, bidirectional, best;
	bool normalized, no_punct, asian_support, strict_order, ignore_extra_keys;
	bool process, use_ngrams, use_tfidf, normalize_by_length;
	int64_t order, char_order, word_order, min_len, n, n_max, smoothing;
	double smooth_value, alpha, beta, gamma, threshold;
	uint64_t max_cells;
	unsigned tokenize, smooth, measure, method, unit;	/* places in the enums below */
};

enum text_tokenize { TEXT_13A, TEXT_INTL, TEXT_CHAR, TEXT_NONE, TEXT_ZH, TEXT_GOOGLE };
enum text_smooth { TEXT_SMOOTH_EXP, TEXT_SMOOTH_FLOOR, TEXT_SMOOTH_ADD_K, TEXT_SMOOTH_NONE };
enum text_measure { TEXT_F, TEXT_PRECISION, TEXT_RECALL };
enum text_method { TEXT_RATIO, TEXT_PARTIAL, TEXT_TOKEN_SORT, TEXT_TOKEN_SET };
enum text_unit { TEXT_CHARS, TEXT_WORDS };

/* Reads the parameters into o. */
void text_options_read(const meed_host *h, const meed_val *params, struct text_options *o);
/* create and destroy of a model that has no more than these. */
int32_t text_create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self);
void text_destroy(const meed_host *h, void *self);

#define TEXT_MODEL(...)                                                                \
	MEED_MODEL(.version = TEXT_VERSION, .license = TEXT_LICENSE,                       \
		   .modes = MEED_POINTWISE, .traits = MEED_DETERMINISTIC, .score_min = 0,      \
		   .score_max = 1, __VA_ARGS__)
#define TEXT_PLAIN .create = text_create, .destroy = text_destroy

/* ---- one evaluation: model.c ---------------------------------------------------------------- */

struct text_job {
	const meed_host *h;
	meed_ctx *c;
	const meed_sample *s;
	const void *self;
	const struct text_options *o;	/* self, where it begins with them */
	uint64_t cells, polled;
	void *cand;			/* what a model has made of the response: NULL at first */
};

/* A figure beside the score: one number, or n of them. */
struct text_fact {
	const char *name;
	double x;
	const double *v;
	size_t n;
};

#define TEXT_MAX_FACTS 16
struct text_result {
	double score;
	const char *note;		/* or NULL: a reason in words */
	size_t n_facts, n_told;		/* the first n_told stand in the reason too */
	struct text_fact facts[TEXT_MAX_FACTS];
};

/* Scores the response against one reference. */
typedef int32_t text_pair(struct text_job *j, meed_str ref, struct text_result *ret);

void text_begin(struct text_job *j, const meed_host *h, meed_ctx *c, const void *self,
		const meed_sample *s);
/* Puts the best of all references, the first of equals. */
int32_t text_best(struct text_job *j, text_pair *pair);
/* For measures of all references together, refs[from..to): puts their score, or with the option
 * `references` the best of each alone. */
typedef int32_t text_span(struct text_job *j, size_t from, size_t to, struct text_result *ret);
int32_t text_together(struct text_job *j, text_span *span);
/* ref: which reference it was; MEED_NONE: all of them. */
int32_t text_put_result(struct text_job *j, const struct text_result *r, size_t ref);
void text_tell(struct text_result *r, const char *name, double x);	/* in the reason too */
void text_note(struct text_result *r, const char *name, double x);	/* in extra alone */
/* In extra alone; v must live as long as the evaluation. */
void text_note_list(struct text_result *r, const char *name, const double *v, size_t n);
/* Zeroed memory of the evaluation for n items of this size; NULL when the reason has been said. */
void *text_alloc(struct text_job *j, size_t n, size_t size);
/* About to compare so many pairs of positions; MEED_E_LIMIT or MEED_E_CANCELLED. */
int32_t text_spend(struct text_job *j, uint64_t cells);

#define TEXT_EVALUATE(name, pair)                                                      \
	static int32_t name(const meed_host *h, meed_ctx *c, void *self,                   \
			    const meed_sample *s, void *state)                             \
	{                                                                              \
		struct text_job j;                                                     \
                                                                                       \
		(void)state;                                                           \
		text_begin(&j, h, c, self, s);                                         \
		return text_best(&j, pair);                                            \
	}

/* ---- strings: words.c ------------------------------------------------------------------------ */

/* Each of these leaves *s alone, or lets it point into the evaluation's memory. */
int32_t text_to_lower(struct text_job *j, meed_str *s);
int32_t text_squad(struct text_job *j, bool lower, meed_str *s);
int32_t text_no_space(struct text_job *j, meed_str *s);
meed_str text_answer_of(meed_str s);
/* What normalize, case_sensitive and extract_answer (of the response alone) ask for. */
int32_t text_prepare(struct text_job *j, bool response, meed_str *s);

bool text_is_punct(uint32_t cp);		/* Python's string.punctuation */

/* The bytes of s between white space, one after the other; false at the end. */
bool text_next_word(meed_str s, size_t *at, meed_str *ret);

/* Words or characters numbered from 0, the same in all texts of the evaluation. */
struct text_vocab {
	meed_str *words;		/* by number; NULL for characters */
	uint32_t *chars;
	uint64_t *hashes;
	uint32_t *slots;		/* number + 1 by hash, 0: free */
	size_t mask, room;
	uint32_t n;
	uint32_t ascii[128];		/* characters: number + 1 */
	uint64_t key;
};

struct text_seq {
	uint32_t *v;			/* numbers */
	size_t n;
};

#define TEXT_NO_ID UINT32_MAX

void text_vocab_init(struct text_job *j, struct text_vocab *v);
/* The number of a word, whose bytes must live on.
 * A negative code goes to *r. */
uint32_t text_number(struct text_job *j, struct text_vocab *v, meed_str word, int32_t *r);
/* The words of s between white space. */
int32_t text_words(struct text_job *j, struct text_vocab *v, meed_str s, struct text_seq *ret);
/* The characters of s; with keep_space those of white space too. */
int32_t text_chars(struct text_job *j, struct text_vocab *v, meed_str s, bool keep_space,
		   struct text_seq *ret);

/* ---- n-grams: grams.c ------------------------------------------------------------------------ */

/* Numbers for n-grams of growing n: an (n+1)-gram is an n-gram and a token. Exact. */
struct text_grams {
	uint64_t *keys;			/* key + 1; 0: free */
	uint32_t *values;
	size_t mask;
	uint32_t n, order;
	uint32_t *count, *most;		/* by number, all 0 between calls */
	uint64_t salt;
};

/* One text in it: ids[0..n_ids) are its n-grams. */
struct text_run {
	struct text_seq tokens;
	uint32_t *ids;			/* TEXT_NO_ID: an n-gram that no adding text has */
	size_t n_ids;
};

/* For texts that add `room` tokens together, numbered below n_vocab. order is 1. */
int32_t text_grams_init(struct text_job *j, struct text_grams *g, size_t n_vocab, size_t room);
int32_t text_run_init(struct text_job *j, struct text_run *r, struct text_seq tokens);
/* On to the next order: first this, then each text, the adding ones first. */
void text_grams_next(struct text_grams *g);
void text_run_next(struct text_grams *g, struct text_run *r, bool add);
/* Sum over n-grams of the lesser count. */
size_t text_common(struct text_grams *g, const struct text_run *a, const struct text_run *b);
/* The same, where b's count is the greatest among several texts. */
size_t text_common_most(struct text_grams *g, const struct text_run *a, const struct text_run *b,
			size_t n);
/* Different n-grams of b, of a (which must have been added), and of both. */
void text_distinct(struct text_grams *g, const struct text_run *a, const struct text_run *b,
		   size_t *ret_a, size_t *ret_b, size_t *ret_both);

/* ---- tokenizers: tokenize.c, tercom.c ---------------------------------------------------- */

/* The text as sacrebleu's tokenizer leaves it: tokens between white space. */
int32_t text_sacre(struct text_job *j, enum text_tokenize how, meed_str *s);
/* Google's rouge_scorer: runs of [a-z0-9] of the lower-case text, stemmed if longer than 3. */
int32_t text_google_words(struct text_job *j, struct text_vocab *v, meed_str s, bool stem,
			  struct text_seq *ret);
int32_t text_tercom(struct text_job *j, meed_str *s);

/* ---- stems: porter.c ------------------------------------------------------------------------- */

/* Porter's stem of a lower-case word as NLTK has it; w is changed and may grow by one character.
 * Returns the new length. */
size_t text_porter(uint32_t *w, size_t n);
/* The same for UTF-8: out has room for word.n + 4 bytes, and cps for as many characters. */
size_t text_porter_word(meed_str word, uint32_t *cps, char *out);

/* ---- alignments: align.c, lsum.c --------------------------------------------------------- */

/* Length of the longest common subsequence of texts numbered below n_vocab. */
int32_t text_lcs(struct text_job *j, struct text_seq a, struct text_seq b, size_t n_vocab,
		 size_t *ret);
/* Levenshtein's distance. formula: Hyyro 2003, "A bit-vector algorithm for computing Levenshtein
 * and Damerau edit distances", in blocks of 64 rows. */
int32_t text_levenshtein(struct text_job *j, struct text_seq a, struct text_seq b, size_t n_vocab,
			 size_t *ret);
/* The greatest normalised indel similarity of the shorter text with a part of the longer one:
 * rapidfuzz's partial_ratio. */
int32_t text_partial(struct text_job *j, struct text_seq a, struct text_seq b, size_t n_vocab,
		     double *ret);
/* Marks in hit the places of ref that are on rouge_scorer's longest common subsequence with can.
 * m is for many calls: row has an item for each number of the vocabulary, all else is 0. */
struct text_marks {
	uint32_t *row;
	uint64_t *rows, *masks;
	size_t room_rows, room_masks;
};
int32_t text_lcs_mark(struct text_job *j, struct text_marks *m, struct text_seq ref,
		      struct text_seq can, uint8_t *hit);
/* Tercom's number of edits, shifts among them. */
int32_t text_ter_edits(struct text_job *j, struct text_seq hyp, struct text_seq ref, size_t *ret);

#endif
