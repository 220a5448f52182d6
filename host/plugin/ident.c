/* ident.c - the shapes of ids, versions and licence expressions. */
#include "config.h"

#include "host/plugin/internal.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
	return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool meed_ident_ok(const char *id)
{
	size_t i;

	for (i = 0; id[i] != '\0'; i++) {
		bool ok = digit(id[i]) || (id[i] >= 'a' && id[i] <= 'z') || id[i] == '.' ||
			  id[i] == '_' || id[i] == '-';

		if (!ok || i >= MEED_ID_MAX)
			return false;
	}
	return i > 0;
}

/* A number without leading zeros. NULL if there is none. */
static const char *skip_number(const char *p)
{
	const char *from = p;

	while (digit(*p))
		p++;
	if (p == from || (*from == '0' && p - from > 1))
		return NULL;
	return p;
}

/* Dot-separated identifiers of a pre-release (numeric: those may not begin with 0) or build. */
static const char *skip_idents(const char *p, bool numeric)
{
	for (;;) {
		const char *from = p;
		bool digits = true;

		for (; alnum(*p) || *p == '-'; p++)
			digits = digits && digit(*p);
		if (p == from || (numeric && digits && *from == '0' && p - from > 1))
			return NULL;
		if (*p != '.')
			return p;
		p++;
	}
}

bool meed_semver_ok(const char *v)
{
	const char *p = v;
	int i;

	for (i = 0; i < 3 && p; i++) {
		p = skip_number(p);
		if (p && i < 2)
			p = *p == '.' ? p + 1 : NULL;
	}
	if (p && *p == '-')
		p = skip_idents(p + 1, true);
	if (p && *p == '+')
		p = skip_idents(p + 1, false);
	return p && *p == '\0' && p - v <= MEED_ID_MAX;
}

static const char *skip_blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

static size_t word_len(const char *p)
{
	size_t n = 0;

	while (alnum(p[n]) || p[n] == '-' || p[n] == '.' || p[n] == ':' || p[n] == '+')
		n++;
	return n;
}

static bool word_is(const char *p, const char *word)
{
	return word_len(p) == strlen(word) && memcmp(p, word, strlen(word)) == 0;
}

static bool is_operator(const char *p)
{
	return word_is(p, "AND") || word_is(p, "OR") || word_is(p, "WITH");
}

bool meed_spdx_ok(const char *e)
{
	const char *p = skip_blanks(e);
	int open = 0;

	for (;;) {
		for (; *p == '('; p = skip_blanks(p + 1))
			open++;
		if (word_len(p) == 0 || !alnum(*p) || is_operator(p))
			return false;
		p = skip_blanks(p + word_len(p));
		if (word_is(p, "WITH")) {
			p = skip_blanks(p + 4);
			if (word_len(p) == 0 || is_operator(p))
				return false;
			p = skip_blanks(p + word_len(p));
		}
		for (; *p == ')' && open > 0; p = skip_blanks(p + 1))
			open--;
		if (*p == '\0')
			return open == 0;
		if (!word_is(p, "AND") && !word_is(p, "OR"))
			return false;
		p = skip_blanks(p + word_len(p));
	}
}
