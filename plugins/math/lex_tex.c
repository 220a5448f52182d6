/* lex_tex.c - LaTeX commands as tokens. */
#include "config.h"
#include "plugins/math/lex_in.h"

/* Behind "{...}" at l->i, braces balanced; nothing if there is none. */
static meed_str skip_group(struct lexer *l)
{
	size_t depth = 0, start;

	lx_skip_space(l);
	start = l->i + 1;
	if (lx_peek(l, 0) != '{')
		return (meed_str){ "", 0 };
	for (; l->i < l->s.n; l->i++) {
		if (l->s.p[l->i] == '{')
			depth++;
		else if (l->s.p[l->i] == '}' && --depth == 0)
			break;
	}
	l->i += l->i < l->s.n;
	return meed_sub(l->s, start, l->i - 1);
}

/* "[...]" at l->i, as behind \\ or \begin{array}: short or none at all. */
static void skip_option(struct lexer *l)
{
	size_t n = 1;

	if (lx_peek(l, 0) != '[')
		return;
	while (n < 12 && (lx_alpha(lx_peek(l, n)) || lx_digit(lx_peek(l, n)) ||
			  lx_peek(l, n) == '.' || lx_peek(l, n) == '-'))
		n++;
	if (lx_peek(l, n) == ']' && (n == 2 || lx_alpha(lx_peek(l, n - 1))))
		l->i += n + 1;
}

static bool begin(struct lexer *l, bool end)
{
	enum env env = ENV_LINES;
	meed_str name = meed_strip(skip_group(l));
	bool known = mx_environment(name, &env);

	if (!known)
		return true;
	if (end) {
		l->envs -= l->envs > 0;
		return lx_put(l, T_ENDENV, env, name);
	}
	l->envs++;
	skip_option(l);
	if (meed_eq(name, MEED_S("array")) || meed_eq(name, MEED_S("tabular")) ||
	    meed_starts(name, MEED_S("alignat")) || meed_starts(name, MEED_S("alignedat")))
		(void)skip_group(l);
	return lx_put(l, T_BEGIN, env, name);
}

/* \left and \right: a delimiter that they stand at is one for sure. */
static bool fence(struct lexer *l, bool right)
{
	enum tk kind = right ? T_CLOSE : T_OPEN;
	meed_str here;

	lx_skip_space(l);
	here = meed_sub(l->s, l->i, l->i + 1);
	switch (lx_peek(l, 0)) {
	case '.':
		l->i++;
		return !right || lx_put(l, T_CLOSE, 0, here);
	case '|':
		l->i++;
		return lx_put(l, kind, '|', here);
	case '<': case '>':
		l->i++;
		return lx_put(l, kind, B_ANGLE, here);
	case '\\':
		if (lx_peek(l, 1) != '|')
			return true;
		l->i += 2;
		return lx_put(l, kind, B_NORM, here);
	default:
		return true;
	}
}

/* A command that changes how letters in its braces are taken; without braces it does nothing. */
static bool styled(struct lexer *l, char what)
{
	size_t i = l->i;

	if (lx_peek(l, 0) == '*')
		l->i++;
	lx_skip_space(l);
	if (lx_peek(l, 0) != '{') {
		l->i = i;
		return true;
	}
	l->i++;
	if (what == 't')
		l->space |= F_SPACE;
	return lx_open_brace(l, what);
}

static bool blackboard(struct lexer *l)
{
	size_t i = l->i;
	meed_str name;

	lx_skip_space(l);
	name = lx_peek(l, 0) == '{' ? meed_sub(l->s, l->i + 1, l->i + 2)
				    : meed_sub(l->s, l->i, l->i + 1);
	if (name.n == 1 && strchr("RQZNC", name.p[0]) &&
	    (lx_peek(l, 0) != '{' || lx_peek(l, 2) == '}')) {
		l->i += lx_peek(l, 0) == '{' ? 3 : 1;
		return lx_put(l, T_NUMSET, 0, name);
	}
	l->i = i;
	return styled(l, 'f');
}

/* A command without letters: l->i is at its second character. */
static bool sign(struct lexer *l)
{
	meed_str here = meed_sub(l->s, l->i, l->i + 1);
	char c = lx_peek(l, 0);

	l->i += l->i < l->s.n && (unsigned char)c < 0x80;
	switch (c) {
	case '\\':
		if (lx_peek(l, 0) == '*')
			l->i++;
		skip_option(l);
		return lx_put(l, T_ROW, 0, here);
	case '{':
		return lx_put(l, T_OPEN, B_SET, here);
	case '}':
		return lx_put(l, T_CLOSE, B_SET, here);
	case '|':
		return lx_put(l, T_BAR, B_NORM, here);
	case '%':
		return lx_put(l, T_PERCENT, 0, here);
	case '$':
		return lx_put(l, T_CUR, 0, here) && (l->t[l->n - 1].s = MEED_S("USD"), true);
	case '!':
		l->space |= F_NEG;
		return true;
	case ',':
		l->space |= l->space & F_SPACE ? F_SPACE : F_SPACE | F_THIN;
		return true;
	case '(': case '[': case ')': case ']':
		if (l->delims)
			l->outside = c == ')' || c == ']';
		l->space |= F_SPACE;
		return true;
	default:
		l->space |= F_SPACE;
		return true;
	}
}

static bool known(struct lexer *l, const struct entry *en, meed_str name)
{
	bool last_is_word = l->text > 0;

	switch (en->kind) {
	case K_TEXT:
		return styled(l, 't');
	case K_FONT:
		return styled(l, 'f');
	case K_ROMAN:
		return styled(l, 'r');
	case K_BB:
		return blackboard(l);
	case K_DROP:
		if (!meed_eq(name, MEED_S("textcolor")) && lx_peek(l, 0) == '*')
			l->i++;
		(void)skip_group(l);
		return true;
	case K_SKIP:
		return true;
	case K_LEFT:
		return fence(l, false);
	case K_RIGHT:
		return fence(l, true);
	case K_SPACE:
		l->space |= F_SPACE;
		return true;
	case K_GAP:
		l->space |= F_SPACE;
		return last_is_word || lx_put(l, T_GAP, 0, name);
	case K_BEGIN:
		return begin(l, false);
	case K_END:
		return begin(l, true);
	default:
		if (!lx_put(l, (enum tk)en->kind, en->id, name))
			return false;
		if (en->s[0])
			l->t[l->n - 1].s = meed_s(en->s);
		return true;
	}
}

/* The command that name begins with, when a letter ran into it: \quadx, \pir, \cdotx. */
static const struct entry *run_together(meed_str *name)
{
	const struct entry *en = NULL;
	meed_str part = *name;

	while (!en && part.n > 3 && part.n + 2 > name->n) {
		part.n--;
		en = mx_command(part);
	}
	if (!en && name->n == 3 && name->p[0] == 'p' && name->p[1] == 'i') {
		part.n = 2;
		en = mx_command(part);
	}
	if (en)
		*name = part;
	return en;
}

bool lx_command(struct lexer *l)
{
	const struct entry *en;
	meed_str name;
	size_t j;

	l->i++;
	/* In a text that doubles some backslashes only, \\frac is no new row. */
	if (lx_peek(l, 0) == '\\' && lx_alpha(lx_peek(l, 1)) && !l->envs) {
		for (j = l->i + 1; j < l->s.n && lx_alpha(l->s.p[j]); j++)
			;
		if (j > l->i + 2 && mx_command(meed_sub(l->s, l->i + 1, j)))
			l->i++;
	}
	if (!lx_alpha(lx_peek(l, 0)))
		return sign(l);
	for (j = l->i; j < l->s.n && lx_alpha(l->s.p[j]); j++)
		;
	name = meed_sub(l->s, l->i, j);
	en = mx_command(name);
	if (!en)
		en = run_together(&name);
	l->i += name.n;
	if (en)
		return known(l, en, name);
	if (name.n == 1 && strchr("nrt", name.p[0])) {
		l->space |= F_SPACE;	/* "\\n" that some layer left */
		return true;
	}
	return lx_put(l, T_UNKNOWN, 0, name);
}
