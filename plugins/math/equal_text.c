/* equal_text.c - answers in words, choice letters, truth values. */
#include "config.h"

#include "plugins/math/equal.h"

enum {
	WORD = 400
};

static bool text_case(const struct eq *q)
{
	return q->e->opts && q->e->opts->text_case;
}

static bool is_edge(char c)
{
	return c == ' ' || c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '"' ||
	       c == '\'' || c == '(' || c == ')' || c == '*' || c == '\t' || c == '\n';
}

/* "odd function" is odd, an "equilateral triangle" equilateral: a noun that the question has named. */
static meed_str without_noun(meed_str s)
{
	static const char *const nouns[] = {
		" function", " functions", " triangle", " quadrilateral", " number", " numbers",
		" sequence", " series", " angle", "\xe5\x87\xbd\xe6\x95\xb0", "\xe6\x9d\xa1\xe4\xbb\xb6",
		"\xe4\xb8\x89\xe8\xa7\x92\xe5\xbd\xa2", "\xe6\x95\xb0\xe5\x88\x97"
	};
	size_t i, n;

	for (i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++) {
		n = strlen(nouns[i]);
		if (s.n > n && memcmp(s.p + s.n - n, nouns[i], n) == 0)
			return meed_sub(s, 0, s.n - n);
	}
	return s;
}

static meed_str trim(meed_str s)
{
	static const char *const articles[] = { "the ", "a ", "an " };
	size_t i;

	while (s.n > 0 && is_edge(s.p[0]))
		s = meed_sub(s, 1, s.n);
	while (s.n > 0 && is_edge(s.p[s.n - 1]))
		s.n--;
	for (i = 0; i < 3; i++)
		if (meed_starts(s, meed_s(articles[i])))
			return meed_sub(s, strlen(articles[i]), s.n);
	return s;
}

/* Letters side by side as the word they may have been; false for anything else. */
static bool spell(const struct mx *x, struct meed_text *t)
{
	uint32_t i;

	switch (x->kind) {
	case MX_TEXT:
	case MX_CHOICE:
	case MX_SYM:
	case MX_BOOL:
		meed_text_str(t, x->name);
		return true;
	case MX_E:
		meed_text_char(t, 'e');
		return true;
	case MX_I:
		meed_text_char(t, 'i');
		return true;
	case MX_MUL:
		for (i = 0; i < x->n; i++)
			if (!spell(x->arg[i], t))
				return false;
		return x->n > 0;
	case MX_UNDEF:
		meed_text_lit(t, "undefined");
		return true;
	case MX_INF:
		meed_text_lit(t, "infinity");
		return true;
	case MX_SET:
		meed_text_lit(t, "no solution");
		return x->n == 0;
	default:
		return false;
	}
}

static bool alike(const struct eq *q, meed_str a, meed_str b, bool fold)
{
	size_t i = 0, j = 0;
	unsigned char c, d;

	a = trim(a);
	b = trim(b);
	if (a.n == 0 || b.n == 0)
		return a.n == b.n;
	fold = fold || !text_case(q);
	while (i < a.n && j < b.n) {
		c = (unsigned char)a.p[i++];
		d = (unsigned char)b.p[j++];
		if (c == ' ' || d == ' ') {
			if (c != d)
				return false;
			while (i < a.n && a.p[i] == ' ')
				i++;
			while (j < b.n && b.p[j] == ' ')
				j++;
			continue;
		}
		if (fold && c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
		if (fold && d >= 'A' && d <= 'Z')
			d = (unsigned char)(d + 32);
		if (c != d)
			return false;
	}
	return i == a.n && j == b.n;
}

/* Different words for one thing: the words of each row. */
static bool synonyms(const struct eq *q, meed_str a, meed_str b)
{
	static const char *const rows[][8] = {
		{ "undefined", "dne", "does not exist", "not defined", "nonexistent", NULL },
		{ "infinity", "infinite", "inf", "infinitely many", NULL },
		{ "no solution", "no solutions", "none", "empty set", "no real solution",
		  "no real solutions", NULL },
		{ "true", "t", NULL },
		{ "false", "f", NULL },
	};
	bool in_a, in_b;
	size_t r, i;

	for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		in_a = in_b = false;
		for (i = 0; i < 8 && rows[r][i]; i++) {
			in_a = in_a || alike(q, a, meed_s(rows[r][i]), true);
			in_b = in_b || alike(q, b, meed_s(rows[r][i]), true);
		}
		if (in_a && in_b)
			return true;
	}
	return false;
}

static bool is_text(const struct mx *x)
{
	return x->kind == MX_TEXT || x->kind == MX_CHOICE || x->kind == MX_BOOL;
}

bool eq_texts(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	char ba[WORD], bb[WORD];
	struct meed_text ta = meed_text_in(ba, sizeof(ba)), tb = meed_text_in(bb, sizeof(bb));
	meed_str sa = a->name, sb = b->name;
	bool one;

	if (!is_text(a) && !is_text(b))
		return false;
	/* choice E is not Euler's number */
	if ((a->kind == MX_CHOICE && (b->kind == MX_E || b->kind == MX_I)) ||
	    (b->kind == MX_CHOICE && (a->kind == MX_E || a->kind == MX_I))) {
		eq_say(ret, MX_NO, "a choice against a number");
		return true;
	}
	if (!is_text(a)) {
		if (!spell(a, &ta))
			goto kinds;
		sa = meed_text_get(&ta);
	}
	if (!is_text(b)) {
		if (!spell(b, &tb))
			goto kinds;
		sb = meed_text_get(&tb);
	}
	one = a->kind == MX_CHOICE || b->kind == MX_CHOICE || a->kind == MX_BOOL ||
	      b->kind == MX_BOOL;
	if (alike(q, sa, sb, one))
		eq_say(ret, MX_YES, a->kind == MX_CHOICE || b->kind == MX_CHOICE ?
		       "the same choice" : "the same words");
	else if (synonyms(q, sa, sb) || alike(q, without_noun(sa), without_noun(sb), one))
		eq_say(ret, MX_YES, "words for the same thing");
	else
		eq_say(ret, MX_NO, a->kind == MX_CHOICE && b->kind == MX_CHOICE ?
		       "different choices" : "different words");
	return true;
kinds:
	eq_say(ret, MX_NO, "words against mathematics");
	return true;
}
