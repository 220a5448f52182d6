/* lex.c - tokens of a mathematical text: the loop, signs and digits. */
#include "config.h"
#include "plugins/math/lex_in.h"

const struct tok *lx_last(const struct lexer *l)
{
	return l->n ? &l->t[l->n - 1] : NULL;
}

static bool grow(struct lexer *l)
{
	size_t cap = l->cap ? 2 * l->cap : l->s.n / 2 + 16;
	struct tok *t;

	if (l->n >= MX_MAX_TOKENS) {
		l->why = MX_TOO_MANY;
		return false;
	}
	if (!l->cap && cap > 256)
		cap = 256;
	t = mx_alloc(l->e, cap * sizeof(*t));
	if (!t)
		return false;
	if (l->n)
		memcpy(t, l->t, l->n * sizeof(*t));
	l->t = t;
	l->cap = cap;
	return true;
}

bool lx_put(struct lexer *l, enum tk kind, unsigned id, meed_str s)
{
	struct tok *t;

	if (!mx_step(l->e, 1) || (l->n + 1 >= l->cap && !grow(l)))
		return false;
	t = &l->t[l->n++];
	*t = (struct tok){ .kind = (uint8_t)kind, .id = (uint16_t)id, .s = s };
	t->at = (uint32_t)(s.p >= l->s.p && s.p <= l->s.p + l->s.n ? (size_t)(s.p - l->s.p) : l->i);
	t->flags = l->space;
	if (l->text || (l->delims && l->outside))
		t->flags |= F_TEXT;
	if (l->roman)
		t->flags |= F_ROMAN;
	if (l->font)
		t->flags |= F_FONT;
	l->space = 0;
	return true;
}

/* Puts a token of n bytes at l->i and moves on. */
static bool put_here(struct lexer *l, enum tk kind, unsigned id, size_t n)
{
	meed_str s = meed_sub(l->s, l->i, l->i + n);

	l->i += n;
	return lx_put(l, kind, id, s);
}

void lx_skip_space(struct lexer *l)
{
	while (l->i < l->s.n && meed_is_space((unsigned char)l->s.p[l->i]) &&
	       (unsigned char)l->s.p[l->i] < 0x80)
		l->i++;
}

bool lx_open_brace(struct lexer *l, char what)
{
	if (l->n_braces == l->cap_braces) {
		size_t cap = l->cap_braces ? 2 * l->cap_braces : 64;
		char *b = mx_alloc(l->e, cap);

		if (!b)
			return false;
		if (l->n_braces)
			memcpy(b, l->braces, l->n_braces);
		l->braces = b;
		l->cap_braces = cap;
	}
	l->braces[l->n_braces++] = what;
	l->text += what == 't';
	l->roman += what == 'r';
	l->font += what == 'f';
	return true;
}

static bool close_brace(struct lexer *l)
{
	char what = 0;

	if (l->n_braces)
		what = l->braces[--l->n_braces];
	l->text -= what == 't';
	l->roman -= what == 'r';
	l->font -= what == 'f';
	if (what == 'b')
		return put_here(l, T_CLOSE, '}', 1);
	l->i++;
	if (what == 't')
		l->space |= F_SPACE;
	return true;
}

/* "{,}" is a thousands separator and "{.}" a point; other braces open a group. */
static bool open_brace(struct lexer *l)
{
	size_t j = l->i + 1;
	char c;

	while (j < l->s.n && j < l->i + 8 && l->s.p[j] == ' ')
		j++;
	c = j < l->s.n ? l->s.p[j++] : '\0';
	while (j < l->s.n && j < l->i + 8 && l->s.p[j] == ' ')
		j++;
	if ((c == ',' || c == '.') && j < l->s.n && l->s.p[j] == '}')
		return put_here(l, c == ',' ? T_GROUP : T_DOT, 0, j + 1 - l->i);
	return lx_open_brace(l, 'b') && put_here(l, T_OPEN, '{', 1);
}

/* What stands in quotation marks without what would read as something else. */
static bool clean(struct lexer *l, meed_str *s)
{
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < s->n && !n; i++)
		n = s->p[i] == '\\' || s->p[i] == '$' || (unsigned char)s->p[i] < ' ';
	if (!n)
		return true;
	p = mx_alloc(l->e, s->n);
	if (!p)
		return false;
	n = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i] != '\\' && s->p[i] != '$' && (unsigned char)s->p[i] >= ' ')
			p[n++] = s->p[i];
	*s = (meed_str){ p, n };
	return true;
}

static bool quoted(struct lexer *l)
{
	const struct tok *last = lx_last(l);
	meed_str inner;
	size_t end;

	if (last && last->kind == T_DIGITS && !l->space) {
		l->i++;
		return lx_put(l, T_WORD, 0, MEED_S("in"));
	}
	end = l->no_quote ? MEED_NONE : meed_find(l->s, l->i + 1, MEED_S("\""));
	if (end == MEED_NONE) {
		l->no_quote = true;
		l->i++;
		return true;
	}
	inner = meed_sub(l->s, l->i + 1, end);
	l->i = end + 1;
	return clean(l, &inner) && lx_put(l, T_QUOTE, 0, inner);
}

static bool dollar(struct lexer *l)
{
	const struct tok *last = lx_last(l);
	bool space = l->space & F_SPACE;

	if (!l->text && l->delims) {
		l->i += lx_peek(l, 1) == '$' ? 2 : 1;
		l->outside = !l->outside;
		l->space |= F_SPACE;
		return true;
	}
	if (l->price && !l->text &&
	    (lx_digit(lx_peek(l, 1)) || lx_peek(l, 1) == '.' ||
	     (last && last->kind == T_DIGITS && space)))
		return put_here(l, T_CUR, 0, 1) && (l->t[l->n - 1].s = MEED_S("USD"), true);
	l->i++;
	return true;
}

/* < > = ! and what is made of them. */
static bool relation(struct lexer *l)
{
	static const struct {
		const char *s;
		enum tk kind;
		unsigned id;
	} rels[] = {
		{ "===", T_REL, MX_CONG }, { "<=>", T_IFF, 0 }, { "==>", T_IMPLIES, 0 },
		{ "==", T_REL, MX_EQ }, { "=>", T_IMPLIES, 0 }, { "=<", T_REL, MX_LE },
		{ "=", T_REL, MX_EQ }, { "<=", T_REL, MX_LE }, { "<>", T_REL, MX_NE },
		{ "<", T_REL, MX_LT }, { ">=", T_REL, MX_GE }, { ">", T_REL, MX_GT },
		{ "!=", T_REL, MX_NE }, { "~=", T_REL, MX_APPROX }, { "!", T_OP, '!' },
	};
	const struct tok *last = lx_last(l);
	meed_str rest = meed_sub(l->s, l->i, l->s.n);
	bool factorial = rest.p[0] == '!' && !l->space && last &&
			 (last->kind == T_DIGITS || last->kind == T_CLOSE ||
			  (last->kind == T_OP && last->id == '!'));

	for (size_t k = 0; k < sizeof(rels) / sizeof(rels[0]); k++)
		if (meed_starts(rest, meed_s(rels[k].s)) &&
		    !(factorial && rels[k].id == MX_NE && rels[k].kind == T_REL))
			return put_here(l, rels[k].kind, rels[k].id, strlen(rels[k].s));
	l->i++;
	return true;
}

static bool ends_operand(const struct tok *t)
{
	return t && (t->kind == T_DIGITS || t->kind == T_ID || t->kind == T_CLOSE ||
		     t->kind == T_CONST || t->kind == T_WORD);
}

static bool sign(struct lexer *l)
{
	char c = lx_peek(l, 0), d = lx_peek(l, 1);
	bool tight = ends_operand(lx_last(l)) && !l->space;

	if (c == '+' && d == '/' && lx_peek(l, 2) == '-')
		return put_here(l, T_PM, 0, 3);
	if (c == '+' && d == '-' && !tight)
		return put_here(l, T_PM, 0, 2);
	if (c == '-' && d == '/' && lx_peek(l, 2) == '+')
		return put_here(l, T_PM, 1, 3);
	if (c == '-' && d == '>')
		return put_here(l, T_TO, 0, 2);
	if (c == '*' && d == '*')
		return put_here(l, T_OP, '^', 2);
	return put_here(l, T_OP, (unsigned char)c, 1);
}

static bool ampersand(struct lexer *l)
{
	meed_str rest = meed_sub(l->s, l->i, l->s.n);

	if (meed_starts(rest, MEED_S("&lt;")))
		return put_here(l, T_REL, MX_LT, 4);
	if (meed_starts(rest, MEED_S("&gt;")))
		return put_here(l, T_REL, MX_GT, 4);
	if (meed_starts(rest, MEED_S("&le;")))
		return put_here(l, T_REL, MX_LE, 4);
	if (meed_starts(rest, MEED_S("&ge;")))
		return put_here(l, T_REL, MX_GE, 4);
	if (meed_starts(rest, MEED_S("&amp;")))
		return put_here(l, T_AMP, 0, 5);
	return put_here(l, T_AMP, 0, 1);
}

/* \frac12 and \binom52 take one digit each, \log_28 has the base 2; \frac12{5} is a slip. */
static bool one_digit(const struct lexer *l, size_t n)
{
	const struct tok *t = lx_last(l);
	size_t i = l->i + n;

	if (!t || n < 2)
		return false;
	if (t->kind == T_FRAC || t->kind == T_BINOM)
		return lx_peek(l, n) != '{';
	if (t->kind == T_OP && t->id == '_' && l->n > 1 && t[-1].kind == T_FUNC) {
		while (i < l->s.n && l->s.p[i] == ' ')
			i++;
		return i == l->s.n || !(lx_alpha(l->s.p[i]) || strchr("({\\", l->s.p[i]));
	}
	return l->n > 1 && t->kind == T_DIGITS && t->s.n == 1 &&
	       (t[-1].kind == T_FRAC || t[-1].kind == T_BINOM);
}

static bool digits(struct lexer *l)
{
	size_t n = 0;

	while (lx_digit(lx_peek(l, n)))
		n++;
	return put_here(l, T_DIGITS, 0, one_digit(l, n) ? 1 : n);
}

static bool punctuation(struct lexer *l, char c)
{
	switch (c) {
	case '(': case '[':
		return put_here(l, T_OPEN, (unsigned char)c, 1);
	case ')': case ']':
		return put_here(l, T_CLOSE, (unsigned char)c, 1);
	case '|':
		return put_here(l, T_BAR, '|', 1);
	case ',':
		return put_here(l, T_COMMA, 0, 1);
	case ';':
		return put_here(l, T_SEMI, 0, 1);
	case ':':
		if (lx_peek(l, 1) == '=')
			return put_here(l, T_REL, MX_EQ, 2);
		return put_here(l, T_COLON, 0, 1);
	case '.':
		if (lx_peek(l, 1) == '.' && lx_peek(l, 2) == '.')
			return put_here(l, T_DOTS, 0, 3);
		return put_here(l, T_DOT, 0, 1);
	case '\'':
		return put_here(l, T_PRIME, 0, 1);
	case '%':
		return put_here(l, T_PERCENT, 0, 1);
	case '@': case '?': case '#':
		return put_here(l, T_WORD, 0, 1);
	default:
		l->i++;
		return true;
	}
}

static bool one(struct lexer *l)
{
	char c = l->s.p[l->i];

	if ((unsigned char)c < 0x80 && meed_is_space((unsigned char)c)) {
		l->i++;
		l->space = (uint8_t)((l->space & F_NEG) | F_SPACE);
		return true;
	}
	if (lx_digit(c))
		return digits(l);
	if (lx_alpha(c) || (unsigned char)c >= 0x80)
		return lx_letters(l);
	switch (c) {
	case '\\':
		return lx_command(l);
	case '{':
		return open_brace(l);
	case '}':
		return close_brace(l);
	case '$':
		return dollar(l);
	case '"':
		return quoted(l);
	case '~':
		if (lx_peek(l, 1) == '=')
			return relation(l);
		l->i++;
		l->space |= F_SPACE;
		return true;
	case '<': case '>': case '=': case '!':
		return relation(l);
	case '+': case '-': case '*': case '/': case '^': case '_':
		return sign(l);
	case '&':
		return ampersand(l);
	default:
		return punctuation(l, c);
	}
}

/* Are the dollars of the text pairs around formulas, or prices? */
static void weigh_dollars(struct lexer *l)
{
	size_t i = 0, count = 0;

	while ((i = meed_find(l->s, i, MEED_S("$"))) != MEED_NONE) {
		bool escaped = i > 0 && l->s.p[i - 1] == '\\';
		bool twice = i + 1 < l->s.n && l->s.p[i + 1] == '$';

		if (!escaped && count % 2 && i > 0 && l->s.p[i - 1] == ' ' && i + 1 < l->s.n &&
		    lx_digit(l->s.p[i + 1]))
			l->price = true;
		count += !escaped;
		i += twice ? 2 : 1;
	}
	if (count % 2)
		l->price = true;
	l->delims = (count && !l->price) ||
		    (!count && (meed_find(l->s, 0, MEED_S("\\(")) != MEED_NONE ||
				meed_find(l->s, 0, MEED_S("\\[")) != MEED_NONE));
	l->outside = l->delims;
}

bool mx_lex(struct mx_env *e, meed_str text, struct tokens *out)
{
	struct lexer l = { .e = e };
	bool ok = false;

	*out = (struct tokens){ 0 };
	if (text.n > UINT32_MAX / 8) {
		out->why = "longer than 512 MiB";
		goto out;
	}
	if (!mx_step(e, 1 + text.n / 64) || !mx_fold(e, text, &l.s))
		goto out;
	weigh_dollars(&l);
	while (l.i < l.s.n)
		if (!one(&l))
			goto out;
	if (!lx_put(&l, T_END, 0, meed_sub(l.s, l.s.n, l.s.n)))
		goto out;
	out->v = l.t;
	out->n = l.n - 1;
	out->text = l.s;
	ok = mx_join_numbers(e, out);
out:
	if (l.why)
		out->why = l.why;
	return ok;
}
