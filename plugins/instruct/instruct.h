/* instruct.h - what the parts of the plugin `instruct` share.
 *
 * One model, instruct.ifeval: does a response do what the prompt's checkable instructions ask? The
 * 25 kinds of instruction, their parameters and what counts as following them are IFEval's (Zhou et
 * al. 2023, arXiv 2311.07911, and its published checkers). Where those lean on Python, on NLTK or on
 * langdetect, the parts below do what these do: text.c, sentence.c, words.c, language.c, json.c. */
#ifndef INSTRUCT_H
#define INSTRUCT_H

#include <meed/helpers.h>

#define INSTRUCT_VERSION "1.0.0"
#define INSTRUCT_LICENSE "Apache-2.0"

extern const meed_rm instruct_ifeval;

/* ---- text.c: characters and strings as Python has them ------------------------------------ */

/* \w: letters, marks that count as letters, numerals, '_'. */
bool text_is_word(uint32_t cp);
/* \d: decimal digits of any script. */
bool text_is_digit(uint32_t cp);
/* str.isalpha of one character, or '_': [^\W\d]. */
bool text_is_letter(uint32_t cp);
bool text_is_lower(uint32_t cp);
bool text_is_upper(uint32_t cp);
/* str.islower and str.isupper: some cased character, and no other case. */
bool text_islower(meed_str s);
bool text_isupper(meed_str s);
/* str.lower of one character; İ, which becomes two, comes back as i. */
uint32_t text_lower_cp(uint32_t cp);
/* str.lower: never more than twice s.n bytes go to buf; returns how many did. */
size_t text_lower(meed_str s, char *buf);
/* Writes cp to p and returns how many bytes that took, 4 at most. */
size_t text_put(uint32_t cp, char *p);
/* The first place at or after from where what stands, characters compared as by re.IGNORECASE, or
 * MEED_NONE; *ret_end is where it ends. what is not empty. */
size_t text_find_nocase(meed_str s, size_t from, meed_str what, size_t *ret_end);
/* \b at byte i, which begins a character or is s.n. */
bool text_boundary(meed_str s, size_t i);
/* How many runs of \w there are. */
size_t text_count_words(meed_str s);

/* ---- json.c ------------------------------------------------------------------------------- */

/* Would Python's json.loads take it? That is JSON, with NaN, Infinity, -Infinity and lone
 * surrogates. Too deep (1000) is no. */
bool json_is_json(meed_str s);

/* ---- tables.c: what was counted in real text (tables.py says where it is from) ------------- */

struct gram {
	uint64_t key;			/* its characters from bit 32 down, 16 bits each */
	uint32_t first;			/* of its entries */
};

struct tables {
	unsigned char *bytes;		/* owned: all that points below points into it */
	const char *names;		/* 8 bytes a language */
	size_t n_langs;
	const unsigned char *sums;	/* u32s: runs of 1, 2 and 3 characters counted in each */
	size_t n_grams;
	struct gram *grams;		/* owned; rising */
	const unsigned char *langs;	/* entries: language, top bit set in a gram's last */
	const unsigned char *counts;	/* four columns of n_entries: lowest bytes first */
	size_t n_entries;
	size_t n_cjk;
	const unsigned char *cjk_from, *cjk_to;
	/* words, by a hash of their lower-case bytes; rising. Two tables of the first two kinds
	 * hold no equal hash. */
	size_t n_lower, n_both, n_start;
	uint64_t *lower, *both, *start;	/* owned */
};

int32_t tables_load(const meed_host *h, meed_ctx *c, struct tables **ret);
void tables_free(struct tables *t);
uint64_t tables_hash(meed_str word);
/* The entries of a gram, or NULL. */
const struct gram *tables_gram(const struct tables *t, uint64_t key);
/* How often an entry's gram of len characters is seen in its language, among all such. */
double tables_share(const struct tables *t, size_t entry, size_t len);
bool tables_has(const uint64_t *v, size_t n, uint64_t hash);
/* What counts as this character of the CJK block. */
uint32_t tables_cjk(const struct tables *t, uint32_t cp);

/* ---- sentence.c: NLTK's English Punkt sentence tokenizer ----------------------------------- */

/* Finds the next sentence: at->... is zeroed before the first call. False when there is none. */
struct sentences {
	const struct tables *t;
	meed_str text;
	/* the rest is the reader's own */
	size_t scan, last_break, realign;
	size_t prev_from, prev_at, prev_after;	/* the possible end not yet judged */
	meed_str slice, next;		/* sentences before brackets and quotes are moved */
	bool have_prev, started, at_end, has_slice, has_next;
};

void sentences_begin(struct sentences *s, const struct tables *t, meed_str text);
bool sentences_next(struct sentences *s, meed_str *ret);

/* ---- words.c: NLTK's word_tokenize ---------------------------------------------------------- */

/* How many tokens are in capitals (str.isupper). A negative code if there is no memory. */
int32_t words_count_capital(const meed_host *h, meed_ctx *c, const struct tables *t, meed_str text,
			    size_t *ret_n);

/* ---- language.c: langdetect ----------------------------------------------------------------- */

/* The language's code ("en", "zh-cn"), "unknown" if none is likely, or "" if the text has nothing to
 * go by. */
int32_t language_detect(const meed_host *h, meed_ctx *c, const struct tables *t, meed_str text,
			meed_str *ret_code);

/* ---- check.c, check_words.c, check_layout.c: the 25 instructions ------------------------------ */

/* One instruction on one text. */
struct check {
	const meed_host *h;
	meed_ctx *c;
	const struct tables *t;
	const meed_val *kwargs;
	size_t number;			/* of the instruction, from 1 */
	meed_str id;			/* without language prefix */
	meed_str text;
	bool explain;			/* fill reason */
	struct meed_text reason;	/* what was asked and found */
};

struct instruction {
	const char *id;
	/* 1 followed, 0 not, or a negative code that the host has been told. */
	int32_t (*follows)(struct check *k);
};

/* By its id with or without "en:"; NULL if there is none. */
const struct instruction *check_find(meed_str id);

/* A parameter; null counts as absent. A negative code if it is absent or of another type or
 * below min. */
int32_t check_int(struct check *k, const char *name, int64_t min, int64_t *ret);
int32_t check_str(struct check *k, const char *name, meed_str *ret);	/* stripped, not empty */
int32_t check_list(struct check *k, const char *name, const meed_val **ret); /* of strings, not empty */
/* "less than" or "at least" in `relation`, a number from 0 in `bound`: is n right? Explains. */
int32_t check_relation(struct check *k, const char *relation, const char *bound, size_t n,
		       const char *what);
/* Explains "asked: .., found: N what". */
void check_say(struct check *k, const char *asked, int64_t bound, size_t n, const char *what);

int32_t check_keywords(struct check *k);
int32_t check_keyword_frequency(struct check *k);
int32_t check_forbidden(struct check *k);
int32_t check_letter_frequency(struct check *k);
int32_t check_language(struct check *k);
int32_t check_sentences(struct check *k);
int32_t check_words(struct check *k);
int32_t check_capital_words(struct check *k);
int32_t check_capital(struct check *k);
int32_t check_lowercase(struct check *k);
int32_t check_no_comma(struct check *k);

int32_t check_paragraphs(struct check *k);
int32_t check_nth_paragraph(struct check *k);
int32_t check_placeholders(struct check *k);
int32_t check_postscript(struct check *k);
int32_t check_bullets(struct check *k);
int32_t check_constrained(struct check *k);
int32_t check_highlights(struct check *k);
int32_t check_sections(struct check *k);
int32_t check_json(struct check *k);
int32_t check_title(struct check *k);
int32_t check_two_responses(struct check *k);
int32_t check_repeat_prompt(struct check *k);
int32_t check_end(struct check *k);
int32_t check_quotation(struct check *k);

#endif
