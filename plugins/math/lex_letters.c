/* lex_letters.c - what a run of letters is: a function, variables, a word, Chinese. */
#include "config.h"
#include "plugins/math/lex_in.h"

#define CJK 0x2E80

/* How many bytes the letter at offset i takes; 0 if there is none, or a Chinese one. */
static size_t letter_at(const struct lexer *l, size_t i)
{
	uint32_t cp;
	size_t len;

	if (i >= l->s.n)
		return 0;
	if (lx_alpha(l->s.p[i]))
		return 1;
	if ((unsigned char)l->s.p[i] < 0x80)
		return 0;
	len = meed_utf8_next(l->s.p + i, l->s.n - i, &cp);
	return mx_is_letter(cp) ? len : 0;
}

static meed_str run_at(const struct lexer *l, bool text)
{
	size_t j = l->i, len;

	for (;;) {
		while ((len = letter_at(l, j)) > 0)
			j += len;
		if (!(text || j - l->i > 1) || j >= l->s.n || j == l->i)
			break;
		if (l->s.p[j] != '\'' && !(text && l->s.p[j] == '-'))
			break;
		len = letter_at(l, j + 1);
		if (!len)
			break;
		j += 1 + len;
	}
	return meed_sub(l->s, l->i, j);
}

static bool put_letters(struct lexer *l, meed_str run)
{
	for (size_t i = 0, len; i < run.n; i += len) {
		uint32_t cp;

		len = meed_utf8_next(run.p + i, run.n - i, &cp);
		if (!lx_put(l, T_ID, 0, meed_sub(run, i, i + len)))
			return false;
	}
	return true;
}

/* The name of a function or of pi that run begins with. */
static const struct entry *prefix(meed_str run)
{
	for (size_t n = run.n < 6 ? run.n : 6; n >= 2; n--) {
		const struct entry *en = mx_plain(meed_sub(run, 0, n));

		if (en && en->kind == T_FUNC && (n > 2 || run.p[0] == 'l'))
			return en;
	}
	return NULL;
}

/* Is run functions and at most one variable behind each, as sinxcosx? puts: then put them. */
static bool run_of_functions(struct lexer *l, meed_str run, bool puts)
{
	size_t i = run.n > 1 && strchr("xyznt", run.p[0]) && prefix(meed_sub(run, 1, run.n)), n;
	bool any = false;

	if (i && puts && !put_letters(l, meed_sub(run, 0, i)))
		return false;
	while (i < run.n) {
		meed_str rest = meed_sub(run, i, run.n);
		const struct entry *en = prefix(rest);

		if (!en)
			return false;
		n = strlen(en->name);
		if (puts && !lx_put(l, T_FUNC, 0, meed_s(en->s)))
			return false;
		i += n;
		any = true;
		if (i < run.n && strchr("xyztnabcuvwABCXY", run.p[i]) &&
		    (i + 1 == run.n || prefix(meed_sub(run, i + 1, run.n)))) {
			if (puts && !put_letters(l, meed_sub(run, i, i + 1)))
				return false;
			i++;
		}
	}
	return any;
}

/* Letters in the order of the alphabet name things: abcd, wxyz, ABCD; longer runs are words
 * ("empty", "first") unless none is left out. */
static bool ascending(meed_str run)
{
	for (size_t i = 0; i < run.n; i++)
		if (!lx_alpha(run.p[i]) || (i && run.p[i] <= run.p[i - 1]) ||
		    (i && run.n > 4 && run.p[i] > run.p[i - 1] + 1))
			return false;
	return true;
}

static bool behind_number(const struct lexer *l)
{
	const struct tok *t = lx_last(l);

	if (t && t->kind == T_OP && t->id == '/' && l->n > 1 && t[-1].kind == T_WORD)
		return true;
	return t && (t->kind == T_DIGITS || t->kind == T_CONST || t->kind == T_CLOSE ||
		     t->kind == T_CUR || t->kind == T_WORD);
}

/* Does the run of n letters at l->i stand alone, with no operator in front of it? */
static bool stands_alone(const struct lexer *l, size_t n)
{
	const struct tok *t = lx_last(l);
	char next = lx_peek(l, n);

	if (next && !strchr(" \n\t.,;:?!}", next))
		return false;
	return !t || (l->space && !(t->kind == T_OP && t->id != '!') && t->kind != T_REL && t->kind != T_PM &&
		      t->kind != T_OPEN);
}

/* May the entry be what the run at l->i is? */
static bool applies(const struct lexer *l, const struct entry *en, meed_str run, bool text)
{
	const struct tok *t = lx_last(l);
	char next = lx_peek(l, run.n);

	switch (en->kind) {
	case T_WORD:
		return text || en->id || stands_alone(l, run.n);
	case T_AMPM:
		return t && t->kind == T_DIGITS;
	case T_REL:
		if (meed_eq(run, MEED_S("in")))
			return stands_alone(l, run.n) && !(behind_number(l) && (!next || next == '}'));
		return true;
	case T_FUNC:
	case T_BIG:
		if (text && !l->text && !l->roman)
			return next == '(' || next == '_';
		if (text && next == ' ')
			return false;
		return run.n > 2 || run.p[0] == 'l' || next == '(';
	default:
		return true;
	}
}

static bool put_entry(struct lexer *l, const struct entry *en, meed_str run)
{
	if (!lx_put(l, (enum tk)en->kind, en->id, run))
		return false;
	if (en->s[0])
		l->t[l->n - 1].s = meed_s(en->s);
	return true;
}

/* Letters of a formula. */
static bool formula(struct lexer *l, meed_str run)
{
	bool sure;
	meed_str unit = mx_unit(run, &sure);

	if (run.n == 1 || letter_at(l, l->i) == run.n)
		return put_letters(l, run);
	if (meed_eq(run, MEED_S("in")) && behind_number(l))
		return lx_put(l, T_WORD, 0, run);
	if (unit.n && sure && (run.n > 3 || behind_number(l)))
		return lx_put(l, T_WORD, 0, run);
	if (run_of_functions(l, run, false))
		return run_of_functions(l, run, true);
	if (run.n == 3 && run.p[0] == 'p' && run.p[1] == 'i')
		return lx_put(l, T_CONST, MX_PI, run) && put_letters(l, meed_sub(run, 2, 3));
	if ((run.n < 4 && lx_alpha(run.p[0]) && lx_alpha(run.p[run.n - 1])) || ascending(run))
		return put_letters(l, run);
	return lx_put(l, T_WORD, 0, run);
}

/* "p.m." and "a.m.": how long, or 0. */
static size_t half_day(const struct lexer *l)
{
	char c = lx_peek(l, 0);
	const struct tok *t = lx_last(l);

	if (!t || t->kind != T_DIGITS || !strchr("apAP", c) || lx_peek(l, 1) != '.' ||
	    (lx_peek(l, 2) != 'm' && lx_peek(l, 2) != 'M'))
		return 0;
	return lx_peek(l, 3) == '.' ? 4 : 3;
}

/* Words that count things: "三个" is 3. */
static bool counts(meed_str s)
{
	static const char *const words[] = { "个", "次", "种", "人", "条", "只", "本", "倍", "名", "位" };
	bool sure;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (meed_eq(s, meed_s(words[i])))
			return true;
	return mx_unit(s, &sure).n > 0;
}

static bool put_number(struct lexer *l, int64_t v)
{
	char *p = mx_alloc(l->e, 24);
	struct meed_text t;

	if (!p)
		return false;
	t = meed_text_in(p, 24);
	meed_text_i64(&t, v);
	return lx_put(l, T_DIGITS, 0, meed_text_get(&t));
}

static bool chinese(struct lexer *l)
{
	const struct entry *en = mx_cjk(meed_sub(l->s, l->i, l->s.n));
	size_t start = l->i, n;
	uint32_t cp = 0;
	meed_str run;
	int64_t v;

	if (en) {
		l->i += strlen(en->name);
		return put_entry(l, en, meed_sub(l->s, start, l->i));
	}
	do {
		l->i += meed_utf8_next(l->s.p + l->i, l->s.n - l->i, &cp);
		if (l->i >= l->s.n)
			break;
		(void)meed_utf8_next(l->s.p + l->i, l->s.n - l->i, &cp);
	} while (cp >= CJK && !mx_cjk(meed_sub(l->s, l->i, l->s.n)));
	run = meed_sub(l->s, start, l->i);
	n = mx_chinese_number(run, &v);
	if (n > 0 && (n == run.n || counts(meed_sub(run, n, run.n))) && mx_scale_word(run) < 0)
		return put_number(l, v) &&
		       (n == run.n || lx_put(l, T_WORD, 0, meed_sub(run, n, run.n)));
	return lx_put(l, T_WORD, 0, run);
}

/* "frac{1}{2}": a command that has lost its backslash. */
static bool lost_backslash(struct lexer *l, meed_str run)
{
	const struct entry *en;

	if (run.n < 4 || lx_peek(l, run.n) != '{')
		return false;
	en = mx_command(run);
	return en && (en->kind == T_FRAC || en->kind == T_SQRT || en->kind == T_BINOM ||
		      en->kind == K_TEXT || en->kind == K_ROMAN);
}

bool lx_letters(struct lexer *l)
{
	bool text = l->text || (l->delims && l->outside);
	meed_str run = run_at(l, text);
	const struct entry *en;
	size_t n = half_day(l);
	uint32_t cp;
	bool ok;

	if (!run.n) {
		n = meed_utf8_next(l->s.p + l->i, l->s.n - l->i, &cp);
		if (cp >= CJK)
			return chinese(l);
		run = meed_sub(l->s, l->i, l->i + n);
		l->i += n;
		return lx_put(l, T_UNKNOWN, 0, run);
	}
	if (lost_backslash(l, run)) {
		l->i--;
		return lx_command(l);
	}
	if (n) {
		bool pm = lx_peek(l, 0) == 'p' || lx_peek(l, 0) == 'P';

		l->i += n;
		return lx_put(l, T_AMPM, pm, run);
	}
	text = text || (l->roman && run.n > 1);
	en = run.n > 1 ? mx_plain(run) : NULL;
	if (en && applies(l, en, run, text))
		ok = put_entry(l, en, run);
	else if (text && run.n > 1)
		ok = lx_put(l, T_WORD, 0, run);
	else
		ok = formula(l, run);
	l->i += run.n;
	return ok;
}
