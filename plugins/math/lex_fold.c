/* lex_fold.c - spells Unicode mathematics and damaged LaTeX as plain LaTeX. */
#include "config.h"
#include "plugins/math/lex.h"

struct fold {
	meed_str s;
	char *out;			/* NULL: only count */
	size_t n;
	bool halve;			/* every backslash is doubled */
	bool changed;
};

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t name_end(meed_str s, size_t i)
{
	while (i < s.n && is_alpha(s.p[i]))
		i++;
	return i;
}

/* Is every command of s written with two backslashes? */
static bool is_doubled(meed_str s)
{
	bool twice = false;
	size_t i = 0, j, run;

	while ((i = meed_find(s, i, MEED_S("\\"))) != MEED_NONE) {
		for (run = 0; i < s.n && s.p[i] == '\\'; run++)
			i++;
		if (i == s.n)
			break;
		j = name_end(s, i);
		if (run % 2 && (j > i || strchr("{}%$", s.p[i])))
			return false;
		if (run == 2 && (strchr("{}%$([", s.p[i]) ||
				 (j > i + 1 && mx_command(meed_sub(s, i, j)))))
			twice = true;
		if (run == 2 && j > i + 1 && !mx_command(meed_sub(s, i, j)))
			return false;
	}
	return twice;
}

static void put(struct fold *f, meed_str s)
{
	if (f->out && s.n)
		memcpy(f->out + f->n, s.p, s.n);
	f->n += s.n;
}

static void put_char(struct fold *f, char c)
{
	put(f, (meed_str){ &c, 1 });
}

/* The ASCII character that cp is above or below the line, or 0. */
static char script(uint32_t cp, bool *ret_sub)
{
	static const struct {
		uint32_t cp;
		char c;
		bool sub;
	} odd[] = {
		{ 0xB9, '1', false }, { 0xB2, '2', false }, { 0xB3, '3', false },
		{ 0x2071, 'i', false }, { 0x207F, 'n', false }, { 0x1D40, 'T', false },
		{ 0x2E3, 'x', false }, { 0x2B8, 'y', false }, { 0x1D43, 'a', false },
		{ 0x1D47, 'b', false }, { 0x1D4F, 'k', false }, { 0x1D50, 'm', false },
		{ 0x2090, 'a', true }, { 0x2091, 'e', true }, { 0x2093, 'x', true },
		{ 0x2096, 'k', true }, { 0x2098, 'm', true }, { 0x2099, 'n', true },
		{ 0x1D62, 'i', true }, { 0x2C7C, 'j', true }, { 0x209C, 't', true },
	};

	*ret_sub = cp >= 0x2080 && cp <= 0x208E;
	if (cp == 0x2070 || (cp >= 0x2074 && cp <= 0x207E))
		return "0123456789+-=()"[cp - 0x2070];
	if (*ret_sub)
		return "0123456789+-=()"[cp - 0x2080];
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (odd[i].cp == cp) {
			*ret_sub = odd[i].sub;
			return odd[i].c;
		}
	}
	return 0;
}

/* A run of raised or lowered characters from i; returns where it ends, i if there is none. */
static size_t put_script(struct fold *f, size_t i)
{
	bool sub, first = false, any = false;
	uint32_t cp;
	size_t len;
	char c;

	while (i < f->s.n) {
		len = meed_utf8_next(f->s.p + i, f->s.n - i, &cp);
		c = script(cp, &sub);
		if (!c || (any && sub != first))
			break;
		if (!any)
			put(f, sub ? MEED_S("_{") : MEED_S("^{"));
		first = sub;
		any = true;
		put_char(f, c);
		i += len;
	}
	if (any)
		put_char(f, '}');
	return i;
}

/* Letters and digits of the mathematical alphabets and full-width forms, or 0. */
static char wide(uint32_t cp)
{
	uint32_t k;

	if (cp > 0xFF00 && cp < 0xFF5F)
		return (char)(cp - 0xFEE0);
	if (cp >= 0x1D400 && cp < 0x1D6A4) {
		k = (cp - 0x1D400) % 52;
		return (char)(k < 26 ? 'A' + k : 'a' + k - 26);
	}
	/* Arabic-Indic, Persian, Devanagari, Bengali, Thai */
	if ((cp >= 0x660 && cp < 0x66A) || (cp >= 0x6F0 && cp < 0x6FA))
		return (char)('0' + cp % 16);
	if ((cp >= 0x966 && cp < 0x970) || (cp >= 0x9E6 && cp < 0x9F0))
		return (char)('0' + cp % 16 - 6);
	if (cp >= 0xE50 && cp < 0xE5A)
		return (char)('0' + cp - 0xE50);
	if (cp >= 0x1D7CE && cp < 0x1D800)
		return (char)('0' + (cp - 0x1D7CE) % 10);
	return 0;
}

static size_t put_wide(struct fold *f, size_t i)
{
	uint32_t cp;
	size_t len = meed_utf8_next(f->s.p + i, f->s.n - i, &cp), end;
	const char *s = mx_spelling(cp);
	char c = wide(cp);

	end = put_script(f, i);
	if (end > i)
		return end;
	if (c == ',')
		put(f, MEED_S(", "));
	else if (c)
		put_char(f, c);
	else if (s)
		put(f, meed_s(s));
	else if (cp == 0xFFFD && len == 1)
		put_char(f, ' ');
	else
		put(f, meed_sub(f->s, i, i + len));
	return i + len;
}

/* What a control character and the letters behind it were before some layer read "\f" as one. */
static char lost_escape(meed_str s, size_t i)
{
	static const struct {
		char c, was;
		const char *rest[6];
	} lost[] = {
		{ '\f', 'f', { "rac", "lat" } },
		{ '\b', 'b', { "inom", "egin", "oxed", "ar", "eta", "mod" } },
		{ '\v', 'v', { "ec", "ert", "arnothing", "ee" } },
		{ '\t', 't', { "ext", "imes", "frac", "heta", "riangle", "o " } },
		{ '\r', 'r', { "ight", "ho", "angle", "floor", "ceil", "vert" } },
		{ '\n', 'n', { "eq" } },
	};
	meed_str rest = meed_sub(s, i + 1, s.n);

	for (size_t k = 0; k < sizeof(lost) / sizeof(lost[0]); k++)
		for (size_t j = 0; lost[k].c == s.p[i] && j < 6 && lost[k].rest[j]; j++)
			if (meed_starts(rest, meed_s(lost[k].rest[j])))
				return lost[k].was;
	return 0;
}

/* Folds from the start until the result is longer than `upto`; returns where in s that is. */
static size_t fold(struct fold *f, size_t upto)
{
	size_t i = 0, last = 0;
	char c;

	while (i < f->s.n && f->n <= upto) {
		last = i;
		c = f->s.p[i];
		if ((unsigned char)c >= 0x80) {
			i = put_wide(f, i);
			f->changed = true;
			continue;
		}
		i++;
		if (c == '\\' && f->halve && i < f->s.n && f->s.p[i] == '\\') {
			i++;
			f->changed = true;
		} else if (!c) {
			c = ' ';
			f->changed = true;
		} else if (c < 0x20 && (c = lost_escape(f->s, i - 1)) != 0) {
			if (i < 2 || f->s.p[i - 2] != '\\')
				put_char(f, '\\');
			f->changed = true;
		} else {
			c = f->s.p[i - 1];
		}
		put_char(f, c);
	}
	return f->n > upto ? last : i;
}

bool mx_fold(struct mx_env *e, meed_str text, meed_str *ret)
{
	struct fold f = { .s = text, .halve = is_doubled(text) };

	fold(&f, SIZE_MAX);
	*ret = text;
	if (!f.changed)
		return true;
	f.out = mx_alloc(e, f.n + 1);
	f.n = 0;
	if (!f.out)
		return false;
	fold(&f, SIZE_MAX);
	ret->p = f.out;
	ret->n = f.n;
	return true;
}

size_t mx_unfold(meed_str text, size_t at)
{
	struct fold f = { .s = text, .halve = is_doubled(text) };

	return fold(&f, at);
}
