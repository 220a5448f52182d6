/* tokenize.c - sacrebleu's tokenizers for BLEU, and rouge_scorer's.
 *
 * The passes are those of NIST's mteval-v13a and v14. Each looks at what the one before left, from
 * left to right, and goes on behind what it changed. */
#include "config.h"
#include "passes.h"

#include <utf8proc.h>

struct out {
	char *p;
	size_t n;
};

static void put(struct out *o, char ch)
{
	o->p[o->n++] = ch;
}

static void put_bytes(struct out *o, const char *p, size_t n)
{
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

int32_t text_replace(struct text_job *j, meed_str *s, meed_str what, meed_str with)
{
	size_t at = meed_find(*s, 0, what), from = 0;
	struct out o = { NULL, 0 };

	if (at == MEED_NONE)
		return 0;
	o.p = text_alloc(j, s->n, 1);	/* nothing grows */
	if (!o.p)
		return MEED_E_NOMEM;
	for (; at != MEED_NONE; at = meed_find(*s, from, what)) {
		put_bytes(&o, s->p + from, at - from);
		put_bytes(&o, with.p, with.n);
		from = at + what.n;
	}
	put_bytes(&o, s->p + from, s->n - from);
	*s = (meed_str){ o.p, o.n };
	return 0;
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_stop(char ch)
{
	return ch == '.' || ch == ',';
}

/* ASCII's punctuation but for what the later passes look at, and the apostrophe. */
static bool is_mark(char ch)
{
	return (ch >= '{' && ch <= '~') || (ch >= '[' && ch <= '`') || (ch > ' ' && ch <= '&') ||
	       (ch >= '(' && ch <= '+') || (ch >= ':' && ch <= '@') || ch == '/';
}

static void part_marks(meed_str s, struct out *o)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (is_mark(s.p[i])) {
			put(o, ' ');
			put(o, s.p[i]);
			put(o, ' ');
		} else {
			put(o, s.p[i]);
		}
	}
}

static void part_after_nondigit(meed_str s, struct out *o)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		put(o, s.p[i]);
		if (i + 1 < s.n && !is_digit(s.p[i]) && is_stop(s.p[i + 1])) {
			put(o, ' ');
			put(o, s.p[++i]);
			put(o, ' ');
		}
	}
}

static void part_before_nondigit(meed_str s, struct out *o)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (i + 1 < s.n && is_stop(s.p[i]) && !is_digit(s.p[i + 1])) {
			put(o, ' ');
			put(o, s.p[i]);
			put(o, ' ');
			put(o, s.p[++i]);
		} else {
			put(o, s.p[i]);
		}
	}
}

static void part_dash(meed_str s, struct out *o)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		put(o, s.p[i]);
		if (i + 1 < s.n && is_digit(s.p[i]) && s.p[i + 1] == '-') {
			put(o, ' ');
			put(o, s.p[++i]);
			put(o, ' ');
		}
	}
}

int32_t text_western(struct text_job *j, bool possessive, meed_str *s)
{
	/* a full stop may become five bytes, anything else three */
	struct out a = { text_alloc(j, s->n + 2, 6), 0 }, b = { NULL, 0 };

	b.p = a.p ? text_alloc(j, s->n + 2, 6) : NULL;
	if (!b.p)
		return MEED_E_NOMEM;
	part_marks(*s, &a);
	if (possessive) {
		size_t i;

		for (i = 0; i < a.n; i++) {
			if (meed_starts((meed_str){ a.p + i, a.n - i }, MEED_S("'s ")))
				put(&b, ' ');
			put(&b, a.p[i]);
		}
		a.n = 0;
		part_after_nondigit((meed_str){ b.p, b.n }, &a);
		b.n = 0;
		part_before_nondigit((meed_str){ a.p, a.n }, &b);
		a.n = 0;
		part_dash((meed_str){ b.p, b.n }, &a);
		*s = (meed_str){ a.p, a.n };
		return 0;
	}
	part_after_nondigit((meed_str){ a.p, a.n }, &b);
	a.n = 0;
	part_before_nondigit((meed_str){ b.p, b.n }, &a);
	b.n = 0;
	part_dash((meed_str){ a.p, a.n }, &b);
	*s = (meed_str){ b.p, b.n };
	return 0;
}

int32_t text_entities(struct text_job *j, meed_str *s)
{
	static const meed_str names[][2] = { { { "&quot;", 6 }, { "\"", 1 } },
					     { { "&amp;", 5 }, { "&", 1 } },
					     { { "&lt;", 4 }, { "<", 1 } },
					     { { "&gt;", 4 }, { ">", 1 } } };
	int32_t r = 0;
	size_t i;

	for (i = 0; i < 4 && r == 0; i++)
		r = text_replace(j, s, names[i][0], names[i][1]);
	return r;
}

/* s with a blank at each end. */
int32_t text_pad(struct text_job *j, meed_str *s)
{
	struct out o = { text_alloc(j, s->n + 2, 1), 0 };

	if (!o.p)
		return MEED_E_NOMEM;
	put(&o, ' ');
	put_bytes(&o, s->p, s->n);
	put(&o, ' ');
	*s = (meed_str){ o.p, o.n };
	return 0;
}

static int32_t tokenize_13a(struct text_job *j, meed_str *s)
{
	int32_t r = text_replace(j, s, MEED_S("<skipped>"), MEED_S(""));

	if (r == 0)
		r = text_replace(j, s, MEED_S("-\n"), MEED_S(""));
	if (r == 0)
		r = text_replace(j, s, MEED_S("\n"), MEED_S(" "));
	if (r == 0)
		r = text_entities(j, s);
	if (r == 0)
		r = text_pad(j, s);
	return r < 0 ? r : text_western(j, false, s);
}

/* sacrebleu's ranges. The two beyond U+FFFF were written with four hexadecimal digits, so that they
 * are U+2001..U+2A6D and U+2F81..U+2FA1: those are what published scores were made with. */
static bool is_chinese(uint32_t cp)
{
	static const uint16_t ranges[][2] = {
		{ 0x2001, 0x2A6D }, { 0x2E80, 0x2EFF }, { 0x2F00, 0x2FDF }, { 0x2FF0, 0x303F },
		{ 0x3100, 0x312F }, { 0x31A0, 0x31BF }, { 0x31C0, 0x31EF }, { 0x3200, 0x33FF },
		{ 0x3400, 0x4DB5 }, { 0x4E00, 0x9FBB }, { 0xF900, 0xFA2D }, { 0xFA30, 0xFA6A },
		{ 0xFA70, 0xFAD9 }, { 0xFE10, 0xFE1F }, { 0xFE30, 0xFE4F }, { 0xFF00, 0xFFEF },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	}
	return false;
}

static int32_t tokenize_zh(struct text_job *j, meed_str *s)
{
	struct out o = { text_alloc(j, s->n, 3), 0 };
	size_t i, len;
	uint32_t cp;

	if (!o.p)
		return MEED_E_NOMEM;
	*s = meed_strip(*s);
	for (i = 0; i < s->n; i += len) {
		len = meed_utf8_next(s->p + i, s->n - i, &cp);
		if (cp >= 0x80 && is_chinese(cp)) {
			put(&o, ' ');
			put_bytes(&o, s->p + i, len);
			put(&o, ' ');
		} else {
			put_bytes(&o, s->p + i, len);
		}
	}
	*s = (meed_str){ o.p, o.n };
	return text_western(j, false, s);
}

static int32_t tokenize_char(struct text_job *j, meed_str *s)
{
	struct out o = { text_alloc(j, s->n, 2), 0 };
	size_t i, len;
	uint32_t cp;

	if (!o.p)
		return MEED_E_NOMEM;
	for (i = 0; i < s->n; i += len) {
		len = meed_utf8_next(s->p + i, s->n - i, &cp);
		put_bytes(&o, s->p + i, len);
		put(&o, ' ');
	}
	*s = (meed_str){ o.p, o.n };
	return 0;
}

/* ---- v14, international ---------------------------------------------------------------------- */

enum kind { OTHER, NUMBER, PUNCT, SYMBOL };

static enum kind kind_of(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return NUMBER;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
		return PUNCT;
	case UTF8PROC_CATEGORY_SM:
	case UTF8PROC_CATEGORY_SC:
	case UTF8PROC_CATEGORY_SK:
	case UTF8PROC_CATEGORY_SO:
		return SYMBOL;
	default:
		return OTHER;
	}
}

/* The character at i: its bytes and what it is; 0 at the end. */
static size_t look(meed_str s, size_t i, enum kind *ret)
{
	uint32_t cp;
	size_t len;

	*ret = OTHER;
	if (i >= s.n)
		return 0;
	len = meed_utf8_next(s.p + i, s.n - i, &cp);
	*ret = cp < 0x80 && ((cp | 0x20) - 'a' < 26 || cp == ' ') ? OTHER : kind_of(cp);
	return len;
}

/* after: punctuation that follows what is no number; else what precedes it. */
static void part_punct(meed_str s, bool after, struct out *o)
{
	enum kind k, next;
	size_t i, len, more;

	for (i = 0; i < s.n; i += len) {
		len = look(s, i, &k);
		more = look(s, i + len, &next);
		if (after && more > 0 && k != NUMBER && next == PUNCT) {
			put_bytes(o, s.p + i, len);
			put(o, ' ');
			put_bytes(o, s.p + i + len, more);
			put(o, ' ');
			len += more;
		} else if (!after && more > 0 && k == PUNCT && next != NUMBER) {
			put(o, ' ');
			put_bytes(o, s.p + i, len);
			put(o, ' ');
			put_bytes(o, s.p + i + len, more);
			len += more;
		} else {
			put_bytes(o, s.p + i, len);
		}
	}
}

static int32_t tokenize_intl(struct text_job *j, meed_str *s)
{
	struct out a = { text_alloc(j, s->n + 2, 6), 0 }, b = { NULL, 0 };
	enum kind k;
	size_t i, len;

	b.p = a.p ? text_alloc(j, s->n + 2, 6) : NULL;
	if (!b.p)
		return MEED_E_NOMEM;
	part_punct(*s, true, &a);
	part_punct((meed_str){ a.p, a.n }, false, &b);
	a.n = 0;
	for (i = 0; i < b.n; i += len) {
		len = look((meed_str){ b.p, b.n }, i, &k);
		if (k == SYMBOL)
			put(&a, ' ');
		put_bytes(&a, b.p + i, len);
		if (k == SYMBOL)
			put(&a, ' ');
	}
	*s = (meed_str){ a.p, a.n };
	return 0;
}

int32_t text_sacre(struct text_job *j, enum text_tokenize how, meed_str *s)
{
	int32_t r = j->o->lowercase ? text_to_lower(j, s) : 0;

	if (r < 0)
		return r;
	*s = meed_strip_right(*s);
	switch (how) {
	case TEXT_13A:
		return tokenize_13a(j, s);
	case TEXT_INTL:
		return tokenize_intl(j, s);
	case TEXT_CHAR:
		return tokenize_char(j, s);
	case TEXT_ZH:
		return tokenize_zh(j, s);
	default:
		return 0;
	}
}

/* ---- rouge_scorer ------------------------------------------------------------------------ */

/* The next run of [a-z0-9] of the lower-case text, written to buf; its length, 0 at the end. U+212A
 * and U+0130 have ASCII letters in lower case. */
static size_t google_run(meed_str s, size_t *at, char *buf)
{
	size_t i = *at, n = 0, len;
	uint32_t cp;
	bool ends;

	for (; i < s.n; i += len) {
		len = meed_utf8_next(s.p + i, s.n - i, &cp);
		ends = cp == 0x130;
		if (cp < 0x80 && cp - 'A' < 26)
			cp += 32;
		else if (cp == 0x212A || cp == 0x130)
			cp = cp == 0x130 ? 'i' : 'k';
		if (cp - 'a' < 26 || cp - '0' < 10) {
			buf[n++] = (char)cp;
			if (!ends)
				continue;
			i += len;
			break;
		}
		if (n > 0)
			break;
	}
	*at = i;
	return n;
}

int32_t text_google_words(struct text_job *j, struct text_vocab *v, meed_str s, bool stem,
			  struct text_seq *ret)
{
	/* a stem may be a character longer than its word, which has four; what parts them is one */
	char *buf = text_alloc(j, s.n + 8, 2);
	uint32_t *cps = buf && stem ? text_alloc(j, s.n + 8, sizeof(*cps)) : NULL, *ids;
	size_t at = 0, n = 0, len;
	int32_t r = 0;

	ids = buf && (cps || !stem) ? text_alloc(j, s.n / 2 + 1, sizeof(*ids)) : NULL;
	if (!ids)
		return MEED_E_NOMEM;
	while (r == 0 && (len = google_run(s, &at, buf)) > 0) {
		if (stem && len > 3)
			len = text_porter_word((meed_str){ buf, len }, cps, buf);
		ids[n++] = text_number(j, v, (meed_str){ buf, len }, &r);
		buf += len;
	}
	*ret = (struct text_seq){ ids, n };
	return r;
}
