/* regex.h - regular expressions, by PCRE2; without it there are none. */
#ifndef TEXT_REGEX_H
#define TEXT_REGEX_H

#include "text.h"

struct text_regex;

enum {
	TEXT_RE_CASELESS = 1,
	TEXT_RE_UNICODE = 2,		/* \w, \d, \b know all of Unicode, as in Python */
	TEXT_RE_ANCHORED = 4,
	TEXT_RE_WHOLE = 8		/* ... to the end of the text too */
};

/* Compiles a pattern; code is what a bad one fails with. Freed by text_regex_free. */
int32_t text_regex_new(const meed_host *h, meed_ctx *c, meed_str pattern, uint32_t flags,
		       int32_t code, struct text_regex **ret);
void text_regex_free(struct text_regex *re);
/* 1 if it is found in s, 0 if not; MEED_E_LIMIT if that would take too many steps. */
int32_t text_regex_find(const meed_host *h, meed_ctx *c, const struct text_regex *re, meed_str s);

#endif
