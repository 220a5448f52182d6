/* read_unit.c - units behind quantities and currencies in front of them. */
#include "config.h"
#include "plugins/math/read.h"

#define MAX_PARTS 16

/* A unit as it is put together. */
struct parts {
	meed_str v[2 * MAX_PARTS];
	size_t n;
};

bool rd_quantity(const struct mx *x)
{
	if (x->kind == MX_SYM || x->kind == MX_CALL || x->kind == MX_REL || x->kind == MX_UNIT ||
	    x->kind == MX_TEXT || x->kind == MX_SET || x->kind == MX_MATRIX ||
	    x->kind == MX_BOOL || x->kind == MX_NUMSET)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (!rd_quantity(x->arg[i]))
			return false;
	return true;
}

/* Words behind a number that begin a clause and are no unit. */
static bool is_connector(meed_str s)
{
	static const char *const words[] = {
		"for", "where", "when", "if", "with", "as", "since", "because", "given", "such",
		"that", "is", "to", "are", "was", "so", "then", "which", "but", "therefore", "thus",
		"by", "from", "at", "of", "on", "the", "has", "have", "than", "?", "@", "#", "while",
		"when", "hence", "only", "respectively", "there",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (meed_eq(s, meed_s(words[i])))
			return true;
	return false;
}

static bool is_function_unit(const struct tok *t)
{
	return (t->kind == T_FUNC || t->kind == T_UNION) &&
	       (meed_eq(t->s, MEED_S("min")) || meed_eq(t->s, MEED_S("sec")) ||
		meed_eq(t->s, MEED_S("cup"))) &&
	       t[1].kind != T_OPEN && t[1].kind != T_ID && t[1].kind != T_NUM &&
	       !(t[1].kind == T_OP && t[1].id == '_');
}

/* "5 m": a number and one letter are all there is, but for a power and a second unit. */
static bool letter_alone(const struct rd *r)
{
	const struct tok *t = r->t;
	const struct tok *b = r->first;
	bool sure;

	for (; b < t && (b->kind == T_NUM || b->kind == T_OP || (b->kind == T_OPEN && b->id == '{') ||
			 (b->kind == T_CLOSE && b->id == '}')); b++)
		;
	if (b < t || !(t->flags & F_SPACE) || !strchr("mgsLhV", t->s.p[0]) || t == r->first ||
	    (t[-1].kind != T_NUM && t[-1].kind != T_CLOSE))
		return false;
	t++;
	if (t->kind == T_NUM && (t[1].kind == T_WORD || is_function_unit(t + 1)))
		return rd_same_measure(t[-1].s, mx_unit(t[1].s, &sure));
	if (t->kind == T_OP && t->id == '/' && (t[1].kind == T_ID || t[1].kind == T_WORD))
		t += 2;
	if (t->kind == T_OP && t->id == '^' && t[1].kind == T_NUM)
		t += 2;
	else if (t->kind == T_OP && t->id == '^' && t[1].kind == T_OPEN && t[2].kind == T_NUM &&
		 t[3].kind == T_CLOSE)
		t += 4;
	return t->kind == T_END;
}

/* "(cm)" and "(units)" behind a number. */
static bool is_bracketed(const struct tok *t)
{
	bool sure;

	return t->kind == T_OPEN && t->id == '(' && t[1].kind == T_WORD && t[2].kind == T_CLOSE &&
	       (t[1].flags & F_TEXT || mx_unit(t[1].s, &sure).n > 0);
}

static const struct tok *word_in_braces(const struct tok *t)
{
	bool sure;

	if (t->kind != T_OPEN || t->id != '{' || t[2].kind != T_CLOSE ||
	    !(t[1].kind == T_WORD ||
	      (t[1].kind == T_ID && t[1].flags & (F_TEXT | F_ROMAN) && mx_unit(t[1].s, &sure).n)))
		return NULL;
	return t + 3;
}

/* \frac{\text{km}}{\text{h}} */
static bool is_unit_fraction(const struct tok *t)
{
	const struct tok *below = t->kind == T_FRAC ? word_in_braces(t + 1) : NULL;

	return below && word_in_braces(below);
}

bool rd_unit_starts(const struct rd *r, const struct mx *x)
{
	const struct tok *t = r->t;
	bool sure, text = t->flags & (F_TEXT | F_ROMAN);
	meed_str u;

	if (mx_is_word(x))
		return false;
	if (is_bracketed(t) || is_unit_fraction(t))
		return rd_quantity(x);
	if (t->kind == T_QUOTE || t->kind == T_CUR)
		return true;
	if (t->kind == T_WORD) {
		u = mx_unit(t->s, &sure);
		if (is_connector(t->s))
			return false;
		return rd_quantity(x) || (u.n && (text || (sure && t->s.n > 1)));
	}
	if (is_function_unit(t))
		return rd_quantity(x);
	if (t->kind != T_ID || t->s.n != 1 || !rd_quantity(x) || !mx_unit(t->s, &sure).n)
		return false;
	if (text)
		return !(t->flags & F_ROMAN && (t->s.p[0] == 'd' || t->s.p[0] == 'h') &&
			 t[1].kind == T_ID);
	return letter_alone(r);
}

/* May t be a unit word inside a unit? */
static bool is_unit_word(const struct tok *t)
{
	bool sure;

	return (t->kind == T_WORD && !is_connector(t->s)) || is_function_unit(t) ||
	       (t->kind == T_ID && t->s.n == 1 && mx_unit(t->s, &sure).n);
}

static void add(struct parts *p, meed_str s)
{
	if (p->n < 2 * MAX_PARTS)
		p->v[p->n++] = s;
}

/* An unknown unit word in lower case and singular. */
static meed_str singular(struct rd *r, meed_str s)
{
	s = mx_normal_words(r, s);
	if (s.n > 3 && s.p[s.n - 1] == 's' && s.p[s.n - 2] != 's' && s.p[s.n - 2] != 'u' &&
	    s.p[s.n - 2] != 'i') {
		if (s.n > 4 && s.p[s.n - 2] == 'e' &&
		    (s.p[s.n - 3] == 'x' || s.p[s.n - 3] == 's' ||
		     (s.p[s.n - 3] == 'h' && (s.p[s.n - 4] == 'c' || s.p[s.n - 4] == 's'))))
			return meed_sub(s, 0, s.n - 2);
		return meed_sub(s, 0, s.n - 1);
	}
	return s;
}

/* "square", "cubic" in front or "squared" behind: the power they mean. */
static meed_str word_power(meed_str s, bool behind)
{
	if (behind)
		return meed_eq(s, MEED_S("squared")) ? MEED_S("^2")
		       : meed_eq(s, MEED_S("cubed")) ? MEED_S("^3") : MEED_S("");
	if (meed_eq(s, MEED_S("square")) || meed_eq(s, MEED_S("sq")))
		return MEED_S("^2");
	return meed_eq(s, MEED_S("cubic")) || meed_eq(s, MEED_S("cu")) ? MEED_S("^3") : MEED_S("");
}

/* "^2", "^{2}" or "^{-1}" at r->t, taken. */
static void symbol_power(struct rd *r, struct parts *p)
{
	const struct tok *t = r->t + 1;
	bool open, minus;

	if (!rd_op(r, '^'))
		return;
	open = t->kind == T_OPEN && t->id == '{';
	t += open;
	minus = t->kind == T_OP && t->id == '-';
	t += minus;
	if (t->kind != T_NUM || t->x->kind != MX_INT || (open && t[1].kind != T_CLOSE))
		return;
	add(p, minus ? MEED_S("^-") : MEED_S("^"));
	add(p, t->x->name);
	r->t = t + 1 + open;
}

/* One unit with its power. */
static void one_unit(struct rd *r, struct parts *p, bool *ret_known)
{
	const struct tok *t = r->t;
	meed_str power = MEED_S(""), name;
	bool sure;

	if (t->kind == T_WORD && word_power(t->s, false).n && is_unit_word(t + 1)) {
		power = word_power(t->s, false);
		r->t++;
	}
	name = mx_unit(r->t->s, &sure);
	*ret_known = name.n > 0;
	add(p, name.n ? name : singular(r, r->t->s));
	r->t++;
	if (!power.n && r->t->kind == T_WORD && word_power(r->t->s, true).n) {
		power = word_power(r->t->s, true);
		r->t++;
	}
	if (power.n)
		add(p, power);
	else
		symbol_power(r, p);
}

/* What joins one more unit: "/", "per", "*" or a space; nothing if none follows. */
static meed_str joint(struct rd *r, bool known)
{
	const struct tok *next = rd_ahead(r, 1);

	if (rd_op(r, '/') && is_unit_word(next) && !(next->flags & F_SPACE && next->kind == T_ID)) {
		r->t++;
		return MEED_S("/");
	}
	if (r->t->kind == T_WORD && (meed_eq(r->t->s, MEED_S("per")) ||
				     meed_eq(r->t->s, MEED_S("每"))) && is_unit_word(next)) {
		r->t++;
		return MEED_S("/");
	}
	if (known && rd_op(r, '*') && is_unit_word(next) && next->flags & (F_TEXT | F_ROMAN)) {
		r->t++;
		return MEED_S("*");
	}
	if (r->t->kind == T_WORD && !is_connector(r->t->s) &&
	    !meed_eq(r->t->s, MEED_S("per")))
		return known ? MEED_S("*") : MEED_S(" ");
	return MEED_S("");
}

static meed_str unit_name(struct rd *r)
{
	struct parts p = { .n = 0 };
	bool known = true, all = true;
	meed_str by;

	if (r->t->kind == T_QUOTE || r->t->kind == T_CUR)
		return (r->t++)->s;
	if (is_bracketed(r->t)) {
		r->t++;
		one_unit(r, &p, &known);
		r->t++;
		return rd_join(r, p.v, p.n);
	}
	if (is_unit_fraction(r->t)) {
		r->t += 2;
		one_unit(r, &p, &known);
		r->t += 2;
		add(&p, MEED_S("/"));
		one_unit(r, &p, &known);
		r->t++;
		return rd_join(r, p.v, p.n);
	}
	do {
		bool this;

		one_unit(r, &p, &this);
		all = all && this;
		known = all;
		by = p.n + 4 < 2 * MAX_PARTS ? joint(r, known) : MEED_S("");
		if (by.n)
			add(&p, by);
	} while (by.n);
	return rd_join(r, p.v, p.n);
}

static struct mx *scaled(struct rd *r, struct mx *x)
{
	struct mx *ten;
	char *digits;
	int n;

	while (x && r->t->kind == T_WORD && (n = mx_scale_word(r->t->s)) > 0) {
		digits = mx_alloc(r->e, 16);
		ten = digits ? mx_new(r->e, MX_INT, 0) : NULL;
		if (!ten)
			return NULL;
		memset(digits, '0', 16);
		digits[0] = '1';
		ten->name = (meed_str){ digits, (size_t)n + 1 };
		x = rd_2(r, MX_MUL, x, ten);
		r->t++;
	}
	return x;
}

bool rd_same_measure(meed_str a, meed_str b)
{
	static const char *const measures[] = {
		" year month week day h min s ", " mi yd ft in ", " km m cm mm ", " ton lb oz ",
		" t kg g mg ", " USD cent ", " gal qt pint cup ", " L mL ",
	};
	char key[2][16];
	const meed_str name[2] = { a, b };

	if (a.n > 12 || b.n > 12 || meed_eq(a, b))
		return false;
	for (size_t i = 0; i < 2; i++)
		(void)snprintf(key[i], sizeof(key[i]), " %.*s ", (int)name[i].n, name[i].p);
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
		if (strstr(measures[i], key[0]) && strstr(measures[i], key[1]))
			return true;
	return false;
}

/* 5 ft 3 in: one more number with a smaller unit of the same measure. */
struct mx *rd_compound(struct rd *r, struct mx *x)
{
	const struct tok *t = r->t;
	size_t from = r->n;
	bool sure;
	meed_str last = x->name, next;
	struct mx *y;

	if (!rd_push(r, x))
		return NULL;
	if (t->kind == T_NUM && t[1].kind == T_PRIME && t[2].kind == T_PRIME &&
	    meed_eq(last, MEED_S("ft"))) {
		r->t += 3;
		y = rd_1(r, MX_UNIT, t->x);
		if (!rd_push(r, y))
			return NULL;
		y->name = MEED_S("in");
		t = r->t;
	}
	while (t->kind == T_NUM && (t[1].kind == T_WORD || is_function_unit(t + 1))) {
		next = mx_unit(t[1].s, &sure);
		if (!next.n || !rd_same_measure(last, next))
			break;
		r->t += 2;
		y = rd_1(r, MX_UNIT, t->x);
		if (!rd_push(r, y))
			return NULL;
		y->name = last = next;
		t = r->t;
	}
	return rd_pop(r, MX_ADD, from, true);
}

struct mx *rd_unit(struct rd *r, struct mx *x)
{
	struct mx *y;
	meed_str name;

	if (!x)
		return NULL;
	x = scaled(r, x);
	if (!x || !rd_unit_starts(r, x))
		return x;
	name = unit_name(r);
	y = rd_1(r, MX_UNIT, x);
	if (!y)
		return NULL;
	y->name = name;
	return rd_compound(r, y);
}

/* $5, €2.50 per hour, $5 million: r->t is at the sign. */
static struct mx *priced(struct rd *r, meed_str currency)
{
	meed_str v[3] = { currency, MEED_S("/"), MEED_S("") };
	bool minus = rd_op(r, '-'), known;
	struct parts p = { .n = 0 };
	struct mx *x;

	r->t += minus;
	x = rd_starts(r) ? scaled(r, rd_power(r)) : rd_fail(r, "a currency without a number");
	if (x && ((r->t->kind == T_WORD && meed_eq(r->t->s, MEED_S("per"))) || rd_op(r, '/')) &&
	    is_unit_word(rd_ahead(r, 1))) {
		r->t++;
		one_unit(r, &p, &known);
		v[2] = rd_join(r, p.v, p.n);
		v[0] = rd_join(r, v, 3);
	} else if (x && r->t->kind == T_WORD && meed_eq(mx_unit(r->t->s, &known), currency)) {
		r->t++;
	}
	x = rd_1(r, MX_UNIT, x);
	if (x)
		x->name = v[0];
	return minus ? rd_1(r, MX_NEG, x) : x;
}

struct mx *rd_currency(struct rd *r)
{
	meed_str currency = r->t->s;

	r->t++;
	return priced(r, currency);
}

bool rd_plain_unit(meed_str name)
{
	bool sure = false;
	size_t n = 0;

	while (n < name.n && ((name.p[n] >= 'a' && name.p[n] <= 'z') ||
			      (name.p[n] >= 'A' && name.p[n] <= 'Z')))
		n++;
	if (!meed_eq(mx_unit(meed_sub(name, 0, n), &sure), meed_sub(name, 0, n)) || !sure || !n)
		return false;
	if (name.n == n || (name.n == n + 2 && name.p[n] == '^' && name.p[n + 1] > '1' &&
			    name.p[n + 1] < '4'))
		return true;
	return meed_eq(name, MEED_S("km/h")) || meed_eq(name, MEED_S("mi/h"));
}
