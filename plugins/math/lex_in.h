/* lex_in.h - between lex.c (signs), lex_tex.c (commands) and lex_letters.c (letters). */
#ifndef MEED_MATH_LEX_IN_H
#define MEED_MATH_LEX_IN_H

#include "plugins/math/lex.h"

struct lexer {
	struct mx_env *e;
	meed_str s;
	size_t i;			/* next byte */
	struct tok *t;
	size_t n, cap;
	const char *why;
	uint8_t space;			/* F_SPACE, F_THIN, F_NEG for the next token */
	char *braces;			/* what each open brace is: b, or t text, r roman, f font */
	size_t n_braces, cap_braces;
	uint32_t text, roman, font;	/* how many of those are open */
	uint32_t envs;			/* open environments */
	bool delims, outside;		/* the text has dollars; we are outside them */
	bool price;			/* a dollar is a currency */
	bool no_quote;			/* no closing quotation mark is left */
};

bool lx_put(struct lexer *l, enum tk kind, unsigned id, meed_str s);
bool lx_open_brace(struct lexer *l, char what);
bool lx_command(struct lexer *l);	/* l->i is at a backslash */
bool lx_letters(struct lexer *l);	/* l->i is at a letter */
void lx_skip_space(struct lexer *l);
/* The last token if nothing but white space can have been since, or NULL. */
const struct tok *lx_last(const struct lexer *l);

static inline bool lx_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool lx_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char lx_peek(const struct lexer *l, size_t k)
{
	return l->i + k < l->s.n ? l->s.p[l->i + k] : '\0';
}

#endif
