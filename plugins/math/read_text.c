/* read_text.c - answers in words: normal form, choices, what stands behind a formula. */
#include "config.h"
#include "plugins/math/read.h"

/* The bytes of a command that stands in words: \text{ and its kin go, \% stays. */
static size_t command(meed_str s, size_t i, bool *ret_space)
{
	size_t j = i + 1;

	*ret_space = true;
	while (j < s.n && ((s.p[j] >= 'a' && s.p[j] <= 'z') || (s.p[j] >= 'A' && s.p[j] <= 'Z')))
		j++;
	if (j > i + 1)
		return j - i;
	*ret_space = j < s.n && !strchr("%$&#_", s.p[j]);
	return *ret_space && j < s.n && (unsigned char)s.p[j] < 0x80 ? 2 : 1;
}

/* Lower case for ASCII and Latin-1. */
static void lower(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c >= 'A' && c <= 'Z')
			p[i] = (char)(c + 32);
		else if (i && (unsigned char)p[i - 1] == 0xC3 && c >= 0x80 && c <= 0x9E && c != 0x97)
			p[i] = (char)(c + 0x20);
	}
}

meed_str mx_normal_text(struct mx_env *e, meed_str text)
{
	char *p = mx_alloc(e, text.n + 1);
	size_t n = 0, start = 0, len;
	bool space = false, keep = e->opts && e->opts->text_case;
	uint32_t cp;

	if (!p || !mx_step(e, 1 + text.n / 16))
		return MEED_S("");
	for (size_t i = 0; i < text.n; i += len) {
		char c = text.p[i];
		bool drop = strchr("{}$\"`~", c) && c;

		len = meed_utf8_next(text.p + i, text.n - i, &cp);
		if (c == '\\') {
			len = command(text, i, &drop);
			space = space || drop;
			if (!drop || (drop = true))
				continue;
		}
		if (drop || meed_is_space(cp) || cp < 0x20 || cp == 0x7F) {
			space = space || c == '~' || !drop;
			continue;
		}
		if (space && n)
			p[n++] = ' ';
		space = false;
		memcpy(p + n, text.p + i, len);
		n += len;
	}
	while (n && strchr(" .,;:!*'", p[n - 1]))
		n--;
	while (start < n && strchr(" .,;:*'", p[start]) && !(n - start >= 3 && p[start] == '.'))
		start++;
	if (!keep)
		lower(p + start, n - start);
	return (meed_str){ p + start, n - start };
}

meed_str mx_normal_words(struct rd *r, meed_str text)
{
	return mx_normal_text(r->e, text);
}

struct mx *rd_text_leaf(struct rd *r, meed_str text)
{
	return rd_leaf(r, MX_TEXT, text);
}

bool rd_is_prose(const struct rd *r, size_t n)
{
	size_t words = 0;

	for (size_t i = 0; i < n; i++)
		words += r->first[i].kind == T_WORD;
	return words >= 5 && 10 * words >= 6 * n && r->first[0].kind != T_NUM;
}

static struct mx *whole_number(struct rd *r, int64_t v)
{
	char *p = mx_alloc(r->e, 24);
	struct meed_text t;

	if (!p)
		return NULL;
	t = meed_text_in(p, 24);
	meed_text_i64(&t, v);
	return rd_leaf(r, MX_INT, meed_text_get(&t));
}

struct mx *rd_spelled(struct rd *r, meed_str s)
{
	const char *why = r->why;
	int64_t num, den;
	struct mx *x;

	if (!mx_spelled(s, &num, &den))
		return NULL;
	r->why = NULL;			/* of another reading that came to nothing */
	x = whole_number(r, num < 0 ? -num : num);
	if (den > 1)
		x = rd_2(r, MX_DIV, x, whole_number(r, den));
	x = num < 0 ? rd_1(r, MX_NEG, x) : x;
	r->why = why;
	return x;
}

/* Texts that mean a set or a value. */
struct mx *rd_meaning(struct rd *r, meed_str s)
{
	static const struct {
		const char *words;
		enum mx_kind kind;
		const char *name;
	} known[] = {
		{ "all real numbers", MX_NUMSET, "R" }, { "real numbers", MX_NUMSET, "R" },
		{ "all reals", MX_NUMSET, "R" }, { "all real", MX_NUMSET, "R" },
		{ "any real number", MX_NUMSET, "R" }, { "全体实数", MX_NUMSET, "R" },
		{ "实数集", MX_NUMSET, "R" }, { "all integers", MX_NUMSET, "Z" },
		{ "empty set", MX_SET, "" }, { "the empty set", MX_SET, "" },
		{ "does not exist", MX_UNDEF, "" }, { "not defined", MX_UNDEF, "" },
		{ "infinitely many", MX_TEXT, "infinitely many" },
		{ "正确", MX_BOOL, "true" }, { "对", MX_BOOL, "true" },
		{ "错误", MX_BOOL, "false" }, { "错", MX_BOOL, "false" },
		{ "不正确", MX_BOOL, "false" }, { "不对", MX_BOOL, "false" },
	};
	struct mx *n = rd_spelled(r, s);

	if (n || r->e->spent)
		return n;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (meed_eq(s, meed_s(known[i].words))) {
			struct mx *x = mx_new(r->e, known[i].kind, 0);

			if (x)
				x->name = meed_s(known[i].name);
			return x;
		}
	return NULL;
}

struct mx *rd_words(struct rd *r, meed_str text)
{
	struct mx *x;
	meed_str s;
	bool word = false;

	for (const struct tok *t = r->first; t->kind != T_END && !word; t++)
		word = t->kind == T_WORD || (t->kind == T_QUOTE && t->s.n > 1);
	if (!word)
		return NULL;
	s = mx_normal_text(r->e, text);
	if (!s.n || r->e->spent)
		return NULL;
	x = rd_meaning(r, s);
	if (x || r->e->spent)
		return x;
	x = mx_new(r->e, MX_TEXT, 0);
	if (x)
		x->name = s;
	return x;
}

static bool is_capital(const struct mx *x)
{
	return x->kind == MX_SYM && x->name.n == 1 && x->name.p[0] >= 'A' && x->name.p[0] <= 'Z';
}

struct mx *rd_finish_item(struct rd *r, struct mx *x)
{
	const struct tok *last = r->t - 1;

	if (!x || x->kind != MX_SYM)
		return x;
	if (mx_is_word(x))
		return rd_text_leaf(r, x->name);
	if (is_capital(x) && (x->bracketed || (last->kind == T_ID && last->flags & F_TEXT &&
					       (last == r->first || last[-1].kind != T_OPEN))))
		x->kind = MX_CHOICE;
	return x;
}

/* Does what is left begin a clause that does not change x? */
static bool is_clause(const struct rd *r)
{
	return r->t->kind == T_WORD || r->t->kind == T_DOT || r->t->kind == T_QUOTE ||
	       (r->t->kind == T_REL && rd_ahead(r, 1)->kind == T_WORD) ||
	       (r->t->flags & F_TEXT && r->t->kind == T_ID);
}

struct mx *rd_leftover(struct rd *r, struct mx *x, meed_str text)
{
	const struct tok *t = r->t;
	struct mx *whole;
	bool closed = false;

	while (t->kind == T_CLOSE || t->kind == T_DOT) {
		closed = closed || t->kind == T_CLOSE;
		t++;
	}
	if (is_capital(x) && t > r->t && (t->kind != T_END || closed)) {
		x->kind = MX_CHOICE;
		return x;
	}
	if (t->kind == T_END)
		return x;
	r->t = t;
	if (!is_clause(r))
		return rd_fail(r, "no operator and no word between two operands");
	if (x->kind == MX_CHOICE)
		return x;
	if (x->kind == MX_SYM || x->kind == MX_TEXT || x->kind == MX_LIST || x->kind == MX_MUL) {
		whole = rd_words(r, text);
		if (whole)
			return whole;
	}
	return x;
}
