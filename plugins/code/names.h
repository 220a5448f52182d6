/* names.h - the names that a program gives, found without parsing it. */
#ifndef CODE_NAMES_H
#define CODE_NAMES_H

#include "fence.h"

struct code_names {
	size_t n;			/* names given, each as often as it is */
	size_t snake;			/* of them in snake_case */
	size_t camel;			/* of them in camelCase, PascalCase or UPPER_CASE */
	size_t upper;			/* of them in UPPER_CASE with a letter at least */
	meed_str odd;			/* the first that is not in snake_case */
	meed_str odd_camel;		/* the first that has underscores but is not UPPER_CASE */
};

/* Counts names that follow a word for a function ("def", "fn", "func", "function", "fun", "sub")
 * and stand before a "(", and names directly before an assignment's "=". What stands in strings
 * and comments is none, nor is the "=" of "==", "<=", "+=" and the like, nor a keyword argument
 * in a call. Letters outside ASCII have no case. */
void code_names_count(meed_str program, enum code_lang lang, struct code_names *ret);

#endif
