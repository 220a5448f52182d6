/* lang.c - which language a text is in, by libexttextcat's n-gram fingerprints */
#include "config.h"

#include "host/data/internal.h"

#ifdef MEED_HAVE_TEXTCAT

#include <stdio.h>
#include <stdlib.h>
#include <textcat.h>

/* Beyond this a text is not read on: its language is plain by then. */
enum {
	ENOUGH = 1000,
	CODES = 256,
	LETTERS = 12
};

struct data_lang {
	void *cat;
	char (*codes)[16];
	size_t n_codes;
};

/* fpdb.conf has lines "en.lm  en--utf8". */
static void read_codes(struct data_lang *l, FILE *f)
{
	char line[512];

	while (l->n_codes < CODES && fgets(line, sizeof(line), f)) {
		size_t stem = strcspn(line, " \t\n");
		const char *name = line + stem + strspn(line + stem, " \t");
		size_t n = strcspn(name, "-\n");

		if (line[0] == '#' || n == 0 || n >= sizeof(*l->codes))
			continue;
		memcpy(l->codes[l->n_codes], name, n);
		l->codes[l->n_codes++][n] = '\0';
	}
}

int32_t data_lang_open(struct data_lang **ret, struct meed_err *err)
{
	static const char conf[] = MEED_TEXTCAT_DIR "/fpdb.conf";
	struct data_lang *l = calloc(1, sizeof(*l));
	FILE *f = fopen(conf, "re");
	int32_t r = MEED_OK;

	if (l)
		l->codes = calloc(CODES, sizeof(*l->codes));
	if (!l || !l->codes) {
		r = meed_err_nomem(err);
		goto out;
	}
	if (f)
		read_codes(l, f);
	if (f)
		l->cat = special_textcat_Init(conf, MEED_TEXTCAT_DIR "/");
	if (!l->cat) {
		r = meed_err_set(
			err, MEED_E_UNSUPPORTED,
			"language: the fingerprints of %s cannot be read: install Debian's "
			"libexttextcat-data",
			MEED_TEXTCAT_DIR);
		goto out;
	}
	*ret = l;
	l = NULL;
out:
	if (f)
		(void)fclose(f);
	data_lang_close(l);
	return r;
}

void data_lang_close(struct data_lang *l)
{
	if (!l)
		return;
	if (l->cat)
		textcat_Done(l->cat);
	free(l->codes);
	free(l);
}

bool data_lang_knows(const struct data_lang *l, const char *code)
{
	size_t i;

	for (i = 0; i < l->n_codes; i++)
		if (strcmp(l->codes[i], code) == 0)
			return true;
	return false;
}

/* Figures and signs have no language: bytes of letters, all that are not ASCII among them. */
static bool has_letters(meed_str text)
{
	size_t n = 0, i;

	for (i = 0; i < text.n && n < LETTERS; i++)
		n += (unsigned char)text.p[i] >= 0x80 || (text.p[i] >= 'a' && text.p[i] <= 'z') ||
		     (text.p[i] >= 'A' && text.p[i] <= 'Z');
	return n == LETTERS;
}

void data_lang_of(struct data_lang *l, meed_str text, char *ret, size_t n)
{
	size_t len = text.n < ENOUGH ? text.n : ENOUGH;
	const char *found;

	while (len < text.n && len > 0 && ((unsigned char)text.p[len] & 0xc0) == 0x80)
		len--;
	found = has_letters(text) ? textcat_Classify(l->cat, text.p, len) : NULL;
	ret[0] = '\0';
	/* "[en--utf8][nl--utf8]", likeliest first; UNKNOWN, SHORT */
	if (found && found[0] == '[')
		(void)snprintf(ret, n, "%.*s", (int)strcspn(found + 1, "-]"), found + 1);
}

#else

int32_t data_lang_open(struct data_lang **ret, struct meed_err *err)
{
	(void)ret;
	return meed_err_set(err, MEED_E_UNSUPPORTED,
			    "language: this build is without libexttextcat: install Debian's "
			    "libexttextcat-dev and libexttextcat-data, and configure again");
}

void data_lang_close(struct data_lang *l)
{
	(void)l;
}

bool data_lang_knows(const struct data_lang *l, const char *code)
{
	(void)l;
	(void)code;
	return false;
}

void data_lang_of(struct data_lang *l, meed_str text, char *ret, size_t n)
{
	(void)l;
	(void)text;
	if (n)
		ret[0] = '\0';
}

#endif
