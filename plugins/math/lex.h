/* lex.h - inside `math`: text as tokens.
 *
 *	bytes --fold--> ASCII and words --lex--> tokens --join--> tokens with whole numbers
 *
 * Folding spells Unicode mathematics as LaTeX ("²" is "^{2}", "≤" is "\le "), full-width forms as
 * ASCII, and undoes doubled backslashes and the damage of a JSON round trip (a form feed and "rac"
 * is "\frac"). It happens only where something of the kind occurs.
 *
 * Lexing settles what letters are: "sinx" is a function and a letter, "xy" two letters, "pi" a
 * constant, "apples" a word. Inside \text{}, and outside the dollars of a text that has them,
 * letters are words. What cannot matter (\left, \displaystyle, \color{red}, ...) is dropped.
 *
 * Joining makes numbers of digits, points and thousands separators; see read_num.c for the rules.
 * All of it is linear in the text, which may have at most MX_MAX_TOKENS tokens. */
#ifndef MEED_MATH_LEX_H
#define MEED_MATH_LEX_H

#include "plugins/math/math.h"

#define MX_MAX_TOKENS 65536
#define MX_TOO_MANY "more than 65536 symbols"

enum tk {
	T_END,
	T_DIGITS,			/* s; gone after joining */
	T_NUM,				/* x: an INT, DEC or BASE */
	T_ID,				/* s: one letter, or the name of a Greek one */
	T_WORD,				/* s */
	T_QUOTE,			/* s: what stood in quotation marks, verbatim */
	T_FUNC,				/* s: a name from math.h */
	T_CONST,			/* id: its kind */
	T_OP,				/* id: + - * / ^ _ ! */
	T_OPEN, T_CLOSE,		/* id: ( [ { | or B_...; CLOSE with id 0 closes anything */
	T_BAR,				/* id: | or B_NORM; opens or closes */
	T_MID, T_COMMA, T_GROUP, T_SEMI, T_COLON, T_DOT,
	T_REL,				/* id: enum mx_rel */
	T_NOTREL,			/* \not */
	T_AND, T_OR,			/* the words: between items */
	T_ANDL, T_ORL, T_NOT, T_IMPLIES, T_IFF, T_TO,
	T_UNION, T_INTER, T_MINUS,
	T_PM,				/* id: 0 plus-minus, 1 minus-plus */
	T_PRIME, T_FRAC, T_BINOM, T_OVER, T_CHOOSE, T_SQRT,
	T_BIG,				/* id: MX_SUM, MX_PROD, MX_INTEGRAL, MX_LIM, MX_DERIV */
	T_PARTIAL, T_DEG, T_PERCENT, T_DOTS, T_EMPTY,
	T_NUMSET,			/* s: R Q Z N C */
	T_BOOL,				/* id */
	T_CUR,				/* s: USD */
	T_ACCENT,			/* id: - overline, . dot, v vector or hat, ~ others */
	T_MOD, T_PMOD,
	T_BEGIN, T_ENDENV,		/* id: enum env */
	T_ROW, T_AMP, T_GAP,
	T_SPECIAL,			/* id: the kind that list( system( either( make */
	T_AMPM,				/* id: 0 am, 1 pm */
	T_UNKNOWN,			/* s: a command that nobody knows */
	/* what only the lexer sees */
	K_TEXT, K_FONT, K_ROMAN, K_BB, K_DROP, K_SKIP, K_LEFT, K_RIGHT, K_GAP, K_SPACE, K_BEGIN,
	K_END
};
enum { B_SET = 1, B_ANGLE, B_FLOOR, B_CEIL, B_NORM };
enum env { ENV_MATRIX, ENV_DET, ENV_NORM, ENV_CASES, ENV_ARRAY, ENV_LINES };
enum {
	F_SPACE = 1,			/* white space or a spacing command before it */
	F_THIN = 2,			/* that space is thin: \, */
	F_NEG = 4,			/* \! before it */
	F_TEXT = 8,			/* in \text{} or outside the dollars */
	F_ROMAN = 16,			/* in \mathrm{} */
	F_FONT = 32,			/* in \mathbf{} and the like: never a constant */
	F_SPACED = 64,			/* OPEN: some comma in it has white space behind it */
	F_INNER = 128			/* COMMA: in brackets */
};

struct tok {
	uint8_t kind, flags;
	uint16_t id;
	uint32_t at;			/* byte offset in the folded text */
	uint32_t opener;		/* COMMA: 1 + the index of the bracket that it is in */
	meed_str s;
	struct mx *x;
};

struct tokens {
	struct tok *v;			/* ends with T_END */
	size_t n;			/* without it */
	meed_str text;			/* folded */
	const char *why;		/* set when there are none */
};

/* Tokens of text, numbers joined; false with out->why or e->spent set. */
bool mx_lex(struct mx_env *e, meed_str text, struct tokens *out);
/* The offset in text of what is at `at` in its folded form. */
size_t mx_unfold(meed_str text, size_t at);
/* Second half of mx_lex: read_num.c. */
bool mx_join_numbers(struct mx_env *e, struct tokens *t);

/* ---- folding (fold.c's place is lex_fold.c) and the tables (words.c, words_tex.c) ---------------- */

/* text folded, or text itself if nothing needs it. */
bool mx_fold(struct mx_env *e, meed_str text, meed_str *ret);

struct entry {
	const char *name;
	uint8_t kind;
	uint16_t id;
	const char *s;
};
const struct entry *mx_command(meed_str name);	/* by LaTeX name without backslash, or NULL */
const struct entry *mx_plain(meed_str word);	/* by plain word, case told apart, or NULL */
/* Is a code point beyond ASCII a letter, and no Chinese one? */
static inline bool mx_is_letter(uint32_t cp)
{
	return (cp >= 0xC0 && cp <= 0x2AF) || (cp >= 0x300 && cp < 0x2000);
}

/* The longest Chinese word at the start of s, or NULL; its length in bytes is strlen(name). */
const struct entry *mx_cjk(meed_str s);
/* The ASCII spelling of a code point, or NULL. */
const char *mx_spelling(uint32_t cp);
/* The name of an environment: false if nobody knows it. */
bool mx_environment(meed_str name, enum env *ret);

/* ---- units (units.c) ---------------------------------------------------------------------------- */

/* The canonical name of one unit word ("centimeters" is "cm", "dollars" is "USD"), or an empty
 * string. sure: whether a bare word can be meant even in formulas ("cm"); else ("m", "in") only
 * text or a place behind a number tells. */
meed_str mx_unit(meed_str word, bool *ret_sure);
/* 10^n for million (6), 亿 (8) and the like, or -1. */
int mx_scale_word(meed_str word);
/* 0 to 20 and the tens spelled out, or -1. */
int mx_number_word(meed_str word);
/* All of s as a number in words, English or Chinese, that is num/den: words_number.c. */
bool mx_spelled(meed_str s, int64_t *ret_num, int64_t *ret_den);
/* The Chinese numerals at the start of s: how many bytes; 0 if there are none. */
size_t mx_chinese_number(meed_str s, int64_t *ret);

#endif
