/* read_atom.c - numbers, words, constants, accents and what starts with a command. */
#include "config.h"
#include "plugins/math/read.h"

static bool is_word(const struct tok *t)
{
	return t->kind == T_WORD ||
	       (t->kind == T_ID && t->flags & F_TEXT && t->s.n == 1 && t[-1].kind == T_WORD &&
		(t[1].kind == T_WORD || t[1].kind == T_END));
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words side by side are one name. */
static struct mx *words(struct rd *r)
{
	meed_str v[3] = { r->t->s, MEED_S(" "), MEED_S("") };
	const struct tok *from = r->t++;
	struct mx *x;

	while (is_word(r->t) && r->t->flags & F_SPACE)
		r->t++;
	if (r->t - from > 1) {
		const struct tok *last = r->t - 1;

		if (last->s.p > from->s.p && last->at > from->at &&
		    (size_t)(last->s.p - from->s.p) == last->at - from->at)
			v[0].n = (size_t)(last->s.p - from->s.p) + last->s.n;
	}
	v[0] = mx_normal_words(r, v[0]);
	x = rd_meaning(r, v[0]);
	if (x || r->e->spent)
		return x;
	x = rd_leaf(r, MX_SYM, v[0]);
	if (!x)
		return NULL;
	mx_set_word(x);
	if (rd_is(r, T_OPEN, '(') && !(r->t->flags & F_SPACE) && r->t - from == 1)
		return rd_call(r, x);
	return x;
}

/* "area" in quotation marks: a word, but one letter is the variable. */
static struct mx *quoted(struct rd *r)
{
	struct mx *x = rd_leaf(r, MX_SYM, r->t->s), *known;

	r->t++;
	if (!x)
		return NULL;
	if (x->name.n && rd_is(r, T_OPEN, '(') && !(r->t->flags & F_SPACE))
		return rd_call(r, x);
	if (x->name.n == 1 && is_letter(x->name.p[0]))
		return x;
	x->name = mx_normal_words(r, x->name);
	if (!x->name.n)
		return rd_fail(r, "nothing between quotation marks");
	known = rd_meaning(r, x->name);
	if (known || r->e->spent)
		return known;
	mx_set_word(x);
	return x;
}

static struct mx *unknown(struct rd *r)
{
	struct mx *x = rd_leaf(r, MX_SYM, mx_normal_words(r, r->t->s)), *known;

	r->t++;
	if (!x)
		return NULL;
	if (!x->name.n)
		return rd_fail(r, "a sign that says nothing");
	if (rd_is(r, T_OPEN, '{'))
		return rd_call(r, x);
	known = rd_meaning(r, x->name);
	if (known || r->e->spent)
		return known;
	mx_set_word(x);
	return x;
}

/* An accent over one letter is part of its name, but a bar over z or w conjugates. */
static struct mx *accented(struct rd *r)
{
	meed_str v[3] = { MEED_S(""), MEED_S("_bar"), MEED_S("") };
	unsigned id = r->t->id;
	struct mx *x;
	bool conj;

	r->t++;
	if (id == 'v' && rd_is(r, T_OPEN, '{') && rd_ahead(r, 1)->kind == T_ID &&
	    rd_ahead(r, 2)->kind == T_CLOSE) {
		x = rd_leaf(r, MX_SYM, rd_ahead(r, 1)->s);
		r->t += 3;
		return x;
	}
	/* \bar x_1 and \bar{x}_1 are the same */
	if (r->t->kind == T_ID && !(r->t->s.n == 1 && strchr("ei", r->t->s.p[0])))
		x = rd_leaf(r, MX_SYM, (r->t++)->s);
	else
		x = rd_group(r);
	if (!x || x->kind != MX_SYM || mx_is_word(x)) {
		if (x && id == '-' && (x->kind == MX_ADD || x->kind == MX_I))
			return rd_func(r, "conj", x, NULL);
		return x;
	}
	conj = id == '-' && (meed_eq(x->name, MEED_S("z")) || meed_eq(x->name, MEED_S("w")));
	if (rd_op(r, '_')) {
		v[0] = x->name;
		v[2] = rd_subscript(r);
		x->name = rd_join(r, (meed_str[]){ v[0], v[2] }, 2);
	}
	if (conj)
		return rd_func(r, "conj", x, NULL);
	if (id == 'v' || x->name.n > 24)
		return x;
	if (id != '-')
		v[1] = id == '.' ? MEED_S("'") : MEED_S("_tilde");
	if (memchr(x->name.p, '_', x->name.n))
		v[1] = MEED_S("'");
	v[0] = x->name;
	x->name = rd_join(r, v, 2);
	return x;
}

/* 5C2 in one piece. */
static bool is_combination(const struct rd *r)
{
	const struct tok *c = rd_ahead(r, 1), *k = rd_ahead(r, 2);

	return c->kind == T_ID && !(c->flags & F_SPACE) && k->kind == T_NUM &&
	       !(k->flags & F_SPACE) && r->t->x->kind == MX_INT && k->x->kind == MX_INT &&
	       (meed_eq(c->s, MEED_S("C")) || meed_eq(c->s, MEED_S("P")));
}

static struct mx *number(struct rd *r)
{
	struct mx *x = r->t->x;

	if (is_combination(r)) {
		x = rd_func(r, r->t[1].s.p[0] == 'C' ? "binom" : "perm", x, r->t[2].x);
		r->t += 3;
		return x;
	}
	r->t++;
	return x;
}

/* _5C_2 and ^5C_2: a script in front of C or P. */
static struct mx *scripted(struct rd *r)
{
	struct mx *n, *k;
	bool choose;

	r->t++;
	n = rd_group(r);
	if (!n)
		return NULL;
	if (r->t->kind != T_ID || (!meed_eq(r->t->s, MEED_S("C")) && !meed_eq(r->t->s, MEED_S("P"))))
		return rd_fail(r, "nothing in front of a script");
	choose = r->t->s.p[0] == 'C';
	r->t++;
	if (!rd_op(r, '_'))
		return rd_fail(r, "nothing in front of a script");
	r->t++;
	k = rd_group(r);
	return k ? rd_func(r, choose ? "binom" : "perm", n, k) : NULL;
}

static struct mx *percent_of(struct rd *r)
{
	r->t++;
	return rd_1(r, MX_PERCENT, rd_power(r));
}

static struct mx *leaf(struct rd *r, enum mx_kind kind, meed_str name)
{
	r->t++;
	return rd_leaf(r, kind, name);
}

static struct mx *boolean(struct rd *r)
{
	bool yes = r->t->id != 0;

	r->t++;
	return rd_bool(r, yes);
}

static struct mx *atom(struct rd *r)
{
	const struct tok *t = r->t;

	switch (t->kind) {
	case T_NUM:
		return number(r);
	case T_ID:
		return rd_name(r);
	case T_WORD:
		return words(r);
	case T_QUOTE:
		return quoted(r);
	case T_UNKNOWN:
		return unknown(r);
	case T_CONST:
		return leaf(r, (enum mx_kind)t->id, MEED_S(""));
	case T_NUMSET:
		return leaf(r, MX_NUMSET, t->s);
	case T_EMPTY:
		return leaf(r, MX_SET, MEED_S(""));
	case T_PARTIAL:
		return leaf(r, MX_SYM, MEED_S("partial"));
	case T_BOOL:
		return boolean(r);
	case T_DOTS:
		r->t++;
		return rd_text_leaf(r, MEED_S("..."));
	case T_OPEN: case T_CLOSE:
		/* {}_5C_2 */
		if (t->id == '{' && t[1].kind == T_CLOSE && t[2].kind == T_OP &&
		    (t[2].id == '_' || t[2].id == '^')) {
			r->t += 2;
			return scripted(r);
		}
		return rd_bracket(r);
	case T_BAR:
		return rd_bars(r);
	case T_FUNC: case T_MOD:
		return rd_function(r);
	case T_FRAC:
		return rd_fraction(r);
	case T_SQRT:
		return rd_root(r);
	case T_BINOM:
		return rd_binom(r);
	case T_BIG:
		return rd_big(r);
	case T_BEGIN:
		return rd_environment(r);
	case T_SPECIAL:
		return rd_special(r);
	case T_CUR:
		return rd_currency(r);
	case T_REL:
		if (t->id == MX_LT)
			return rd_bracket(r);
		break;
	case T_ACCENT:
		return accented(r);
	case T_PERCENT:
		if (t->id == 1)
			return percent_of(r);
		break;
	case T_OP:
		if (t->id == '^' || t->id == '_')
			return scripted(r);
		if (t->id == '+' || t->id == '-')
			return rd_signed(r);
		break;
	case T_END:
		return rd_fail(r, "it ends where an operand belongs");
	default:
		break;
	}
	return rd_fail(r, "no operand");
}

struct mx *rd_atom(struct rd *r)
{
	struct mx *x;

	if (!rd_enter(r))
		return NULL;
	x = atom(r);
	rd_leave(r);
	return x;
}
