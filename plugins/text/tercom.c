/* tercom.c - Tercom's tokenizer as sacrebleu has it. */
#include "config.h"
#include "passes.h"

struct range {
	uint32_t first, last;
};

/* Asian punctuation and its full-width forms. */
static bool is_asian_punct(uint32_t cp)
{
	static const struct range v[] = {
		{ 0x3001, 0x3002 }, { 0x3008, 0x3011 }, { 0x3014, 0x301F }, { 0x30FB, 0x30FB },
		{ 0xFF01, 0xFF02 }, { 0xFF08, 0xFF09 }, { 0xFF0C, 0xFF0C }, { 0xFF0E, 0xFF0E },
		{ 0xFF1A, 0xFF1B }, { 0xFF1F, 0xFF1F }, { 0xFF61, 0xFF65 },
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (cp >= v[i].first && cp <= v[i].last)
			return true;
	}
	return false;
}

/* What stands alone with asian_support. The block of enclosed letters ends at U+3F22 there, not at
 * U+32FF. Kana are parted in no text: the patterns for them ask for the text's start twice. */
static bool stands_alone(uint32_t cp)
{
	return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) ||
	       (cp >= 0x31C0 && cp <= 0x31EF) || (cp >= 0x2E80 && cp <= 0x2EFF) ||
	       (cp >= 0x3200 && cp <= 0x3F22) || (cp >= 0xF900 && cp <= 0xFAFF) ||
	       (cp >= 0xFE30 && cp <= 0xFE4F) || is_asian_punct(cp);
}

static bool is_dropped(const struct text_options *o, uint32_t cp)
{
	if (cp < 0x80)
		return cp != 0 && strchr(".,?:;!\"()", (int)cp) != NULL;
	return o->asian_support && is_asian_punct(cp);
}

/* Parts what stands alone, or drops punctuation. */
static int32_t pass(struct text_job *j, bool drop, meed_str *s)
{
	char *out = text_alloc(j, s->n, 3);
	size_t i, n = 0, len;
	bool alone;
	uint32_t cp;

	if (!out)
		return MEED_E_NOMEM;
	for (i = 0; i < s->n; i += len) {
		len = meed_utf8_next(s->p + i, s->n - i, &cp);
		if (drop && is_dropped(j->o, cp))
			continue;
		alone = !drop && stands_alone(cp);
		if (alone)
			out[n++] = ' ';
		memcpy(out + n, s->p + i, len);
		n += len;
		if (alone)
			out[n++] = ' ';
	}
	*s = (meed_str){ out, n };
	return 0;
}

static int32_t normalize(struct text_job *j, meed_str *s)
{
	int32_t r = text_replace(j, s, MEED_S("\n-"), MEED_S(""));

	if (r == 0)
		r = text_replace(j, s, MEED_S("\n"), MEED_S(" "));
	if (r == 0)
		r = text_entities(j, s);
	if (r == 0)
		r = text_pad(j, s);
	if (r == 0)
		r = text_western(j, true, s);
	if (r == 0 && j->o->asian_support)
		r = pass(j, false, s);
	return r;
}

int32_t text_tercom(struct text_job *j, meed_str *s)
{
	int32_t r = 0;

	*s = meed_strip_right(*s);
	if (!j->o->case_sensitive)
		r = text_to_lower(j, s);
	if (r == 0 && j->o->normalized && s->n > 0)
		r = normalize(j, s);
	if (r == 0 && j->o->no_punct)
		r = pass(j, true, s);
	return r;
}
