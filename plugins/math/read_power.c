/* read_power.c - names with subscripts and primes; powers, factorials, percent, degrees. */
#include "config.h"
#include "plugins/math/read.h"

/* What names keep of s: letters, digits, signs and commas; \text and its kin go. */
static meed_str name_of(struct rd *r, meed_str s)
{
	char *p = mx_alloc(r->e, s.n + 1);
	const struct entry *en;
	size_t n = 0, j;

	if (!p || !mx_step(r->e, 1 + s.n / 16))
		return MEED_S("");
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\') {
			for (j = i + 1; j < s.n && ((s.p[j] >= 'a' && s.p[j] <= 'z') ||
						    (s.p[j] >= 'A' && s.p[j] <= 'Z')); j++)
				;
			en = mx_command(meed_sub(s, i + 1, j));
			if (en && en->kind >= K_TEXT)
				i = j - 1;
		} else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			   (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
			   (c && strchr("+-*/,", c))) {
			p[n++] = c;
		}
	}
	return n == 1 && p[0] == ',' ? MEED_S("") : (meed_str){ p, n };
}

/* What stands in the braces at r->t, as part of a name. */
static meed_str braced_name(struct rd *r)
{
	const struct tok *t = r->t + 1;
	size_t depth = 0, from = r->t->at + 1;

	for (; t->kind != T_END; t++) {
		depth += t->kind == T_OPEN && t->id == '{';
		if (t->kind == T_CLOSE && t->id == '}' && depth-- == 0)
			break;
	}
	r->t = t->kind == T_END ? t : t + 1;
	return name_of(r, meed_sub(r->text, from, t->at));
}

static bool is_plain_name(meed_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		      (s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return s.n > 0;
}

/* "_1" at r->t as it stands in names: "_1", "_{n+1}". */
meed_str rd_subscript(struct rd *r)
{
	meed_str v[3] = { MEED_S("_"), MEED_S(""), MEED_S("") };

	r->t++;
	if (rd_is(r, T_OPEN, '{')) {
		v[1] = braced_name(r);
	} else if (r->t->kind == T_NUM || r->t->kind == T_ID || r->t->kind == T_WORD ||
		   r->t->kind == T_CONST || r->t->kind == T_FUNC) {
		v[1] = name_of(r, r->t->s);
		r->t++;
	}
	if (is_plain_name(v[1]))
		return rd_join(r, v, 2);
	if (!v[1].n)
		return MEED_S("");
	v[0] = MEED_S("_{");
	v[2] = MEED_S("}");
	return rd_join(r, v, 3);
}

/* May name be a function of what stands in brackets behind it? */
static bool callable(struct rd *r, meed_str name, bool primed)
{
	const struct tok *t = r->t, *arg = rd_ahead(r, 1);
	size_t k = 2;

	if (t->kind != T_OPEN || t->id != '(' || (t->flags & F_SPACE && name.n > 1))
		return false;
	if (primed || strchr("fghFGH", name.p[0]) || meed_eq(name, MEED_S("phi")) ||
	    meed_eq(name, MEED_S("psi")))
		return name.n == 1 || primed || name.p[1] == '_' || name.p[1] == 'h' ||
		       name.p[1] == 's' || name.p[1] == '^';
	if (name.n > 1 || t->flags & F_SPACE ||
	    !(name.p[0] == 'p' || name.p[0] == 'q' || (name.p[0] >= 'A' && name.p[0] <= 'Z')))
		return false;
	if (arg->kind == T_OP && arg->id == '-') {
		arg++;
		k++;
	}
	return (arg->kind == T_ID || arg->kind == T_NUM) && rd_ahead(r, k)->kind == T_CLOSE;
}

/* f^{-1} before a bracket is the inverse function. */
static bool inverse(struct rd *r, meed_str name)
{
	const struct tok *t = r->t;
	size_t n = t[0].kind != T_OP || t[0].id != '^' || t[1].kind == T_END ? 0
		   : t[1].kind == T_OPEN && t[1].id == '{' ? 5 : 3;

	if (!n || name.n != 1 || !strchr("fghFGH", name.p[0]))
		return false;
	t += n == 5 ? 2 : 1;
	if (t[0].kind != T_OP || t[0].id != '-' || t[1].kind != T_NUM ||
	    !meed_eq(t[1].s, MEED_S("1")) || (n == 5 && t[2].kind != T_CLOSE) ||
	    r->t[n].kind != T_OPEN || r->t[n].id != '(')
		return false;
	r->t += n;
	return true;
}

static bool is_constant(const struct rd *r, const struct tok *t)
{
	const struct tok *next = rd_ahead(r, 0);

	if (t->s.n != 1 || (t->s.p[0] != 'e' && t->s.p[0] != 'i') || t->flags & F_FONT)
		return false;
	if ((t->s.p[0] == 'i' ? r->bound_i : r->bound_e) || next->kind == T_PRIME)
		return false;
	return !(next->kind == T_OP && next->id == '_');
}

static struct mx *point(struct rd *r, struct mx *name)
{
	size_t from = r->n;
	struct mx *x;
	bool choose;

	if (!rd_args(r))
		return NULL;
	if (r->n - from > 1) {
		choose = name->name.p[0] == 'C' && r->n - from == 2 && name->name.n == 1 &&
			 (rd_numeric(r->stack[from]) ? rd_numeric(r->stack[from + 1])
						     : r->stack[from]->kind != MX_NEG);
		x = rd_pop(r, choose ? MX_FUNC : MX_CALL, from, false);
		if (x)
			x->name = choose ? MEED_S("binom") : name->name;
		return x;
	}
	if (r->n == from)
		return rd_fail(r, "nothing in the brackets");
	x = rd_pop(r, MX_ADD, from, true);
	return x ? rd_2(r, MX_MUL, name, x) : NULL;
}

/* Is the bracket at r->t one with a comma in it: P(1, 2)? Looks a few tokens ahead. */
static bool is_pair(const struct rd *r)
{
	size_t depth = 0;
	const struct tok *t = r->t;

	if (t->kind != T_OPEN || t->id != '(' || t->flags & F_SPACE)
		return false;
	for (size_t k = 0; k < 24 && t->kind != T_END; k++, t++) {
		depth += t->kind == T_OPEN;
		depth -= t->kind == T_CLOSE;
		if (!depth)
			break;
		if (depth == 1 && t->kind == T_COMMA)
			return true;
	}
	return false;
}

/* A whole number behind the sign `op` at t, in braces or not: its token; *ret: what follows. */
static const struct tok *script(const struct tok *t, unsigned op, const struct tok **ret)
{
	bool open;

	if (t->kind != T_OP || t->id != op)
		return NULL;
	open = t[1].kind == T_OPEN && t[1].id == '{';
	t += 1 + open;
	if (t->kind != T_NUM || t->x->kind != MX_INT || (open && t[1].kind != T_CLOSE))
		return NULL;
	*ret = t + 1 + open;
	return t;
}

static struct mx *chosen(struct rd *r, char name, const struct tok *n, const struct tok *k)
{
	if (n->s.n < k->s.n || (n->s.n == k->s.n && memcmp(n->s.p, k->s.p, n->s.n) < 0))
		return rd_func(r, name == 'C' ? "binom" : "perm", k->x, n->x);
	return rd_func(r, name == 'C' ? "binom" : "perm", n->x, k->x);
}

/* C_5^2, C^2_5, P_5^2, A_5^2 at r->t: how many one can choose, or arrange. NULL: something else. */
static struct mx *counted(struct rd *r)
{
	const struct tok *t = r->t, *n, *k, *end = t;
	char name = t->s.n == 1 ? t->s.p[0] : ' ';

	if ((name != 'C' && name != 'P' && name != 'A') || t[1].kind != T_OP)
		return NULL;
	n = script(t + 1, t[1].id, &end);
	k = n ? script(end, t[1].id == '_' ? '^' : '_', &end) : NULL;
	if (!n || !k)
		return NULL;
	r->t = end;
	return chosen(r, name, n, k);
}

struct mx *rd_name(struct rd *r)
{
	const struct tok *t = r->t;
	struct mx *many = counted(r);
	meed_str v[2] = { t->s, MEED_S("") };
	bool primed = false;
	struct mx *x;

	if (many || r->why || r->e->spent)
		return many;
	r->t++;
	if (is_constant(r, t))
		return rd_leaf(r, t->s.p[0] == 'e' ? MX_E : MX_I, MEED_S(""));
	for (size_t k = 0; k < 32; k++) {
		if (rd_op(r, '_')) {
			v[1] = rd_subscript(r);
		} else if (r->t->kind == T_PRIME) {
			v[1] = MEED_S("'");
			primed = true;
			r->t++;
		} else {
			break;
		}
		v[0] = rd_join(r, v, 2);
	}
	if (inverse(r, v[0])) {
		v[1] = MEED_S("^-1");
		v[0] = rd_join(r, v, 2);
	}
	x = rd_leaf(r, MX_SYM, v[0]);
	if (x && v[0].n && callable(r, v[0], primed))
		return rd_call(r, x);
	if (x && v[0].n && v[0].p[0] >= 'A' && v[0].p[0] <= 'Z' && v[0].p[0] != 'U' && is_pair(r))
		return point(r, x);
	return x;
}

/* "^" has been taken: what is raised to; a sign and one operand, or a group. */
static struct mx *exponent(struct rd *r)
{
	bool minus = false;
	struct mx *x;

	if (!rd_enter(r))
		return NULL;
	while (rd_op(r, '-') || rd_op(r, '+')) {
		minus ^= r->t->id == '-';
		r->t++;
	}
	x = rd_group(r);
	if (x && rd_op(r, '^')) {
		r->t++;
		x = rd_2(r, MX_POW, x, exponent(r));
	}
	if (minus)
		x = rd_1(r, MX_NEG, x);
	rd_leave(r);
	return x;
}

/* Can no operand start at t? */
static bool ends_term(const struct tok *t)
{
	return t->kind == T_END || t->kind == T_CLOSE || t->kind == T_COMMA ||
	       t->kind == T_REL || t->kind == T_UNION || t->kind == T_INTER ||
	       t->kind == T_MINUS || t->kind == T_AND || t->kind == T_OR || t->kind == T_SEMI ||
	       t->kind == T_BAR || t->kind == T_MID || t->kind == T_ROW || t->kind == T_AMP;
}

/* The sign of a one-sided limit or of R^+: taken with its braces. */
static int lone_sign(struct rd *r)
{
	const struct tok *t = r->t;
	bool open = t->kind == T_OPEN && t->id == '{';

	t += open;
	if (t->kind != T_OP || (t->id != '+' && t->id != '-') ||
	    (open ? t[1].kind != T_CLOSE : !ends_term(&t[1])))
		return 0;
	r->t = t + 1 + open;
	return t->id == '+' ? 1 : -1;
}

/* Is the raised thing at r->t of this kind, in braces or not? Then it is taken. */
static bool raised(struct rd *r, enum tk kind, unsigned id)
{
	const struct tok *t = r->t;
	bool open = t->kind == T_OPEN && t->id == '{';

	t += open;
	if (t->kind != kind || t->id != id || (open && t[1].kind != T_CLOSE))
		return false;
	r->t = t + 1 + open;
	return true;
}

/* Minutes and seconds of arc behind x degrees. */
static struct mx *arc_minutes(struct rd *r, struct mx *x)
{
	uint32_t part = 60;

	for (size_t marks = 1; marks <= 2; marks++, part *= 60) {
		const struct tok *t = r->t;

		if (t->kind != T_NUM || t[1].kind != T_PRIME ||
		    (marks == 2 ? t[2].kind != T_PRIME : t[2].kind == T_PRIME))
			break;
		r->t += 1 + marks;
		x = rd_2(r, MX_ADD, x, rd_2(r, MX_DIV, t->x, mx_int(r->e, part)));
	}
	return x;
}

static struct mx *degrees(struct rd *r, struct mx *x)
{
	const struct tok *t = r->t;
	bool sure;
	struct mx *u;

	if ((t->kind == T_ID && t->s.n == 1 && strchr("CF", t->s.p[0])) ||
	    t->kind == T_WORD) {
		meed_str name = mx_unit(t->s, &sure);

		if (meed_eq(name, MEED_S("C")) || meed_eq(name, MEED_S("degC")))
			name = MEED_S("degC");
		else if (meed_eq(name, MEED_S("F")) || meed_eq(name, MEED_S("degF")))
			name = MEED_S("degF");
		else
			name = MEED_S("");
		if (name.n) {
			r->t++;
			u = rd_1(r, MX_UNIT, x);
			if (u)
				u->name = name;
			return u;
		}
	}
	return rd_1(r, MX_DEGREE, arc_minutes(r, x));
}

static struct mx *power(struct rd *r, struct mx *x)
{
	const struct tok *caret = r->t++;
	int side;

	if (raised(r, T_DEG, 0))
		return degrees(r, x);
	if (raised(r, T_PRIME, 0) || raised(r, T_OP, '*'))
		return rd_func(r, "conj", x, NULL);
	side = lone_sign(r);
	if (side && r->in_lim) {
		r->side = side;
		return x;
	}
	if (side && x->kind == MX_NUMSET && x->name.n == 1) {
		meed_str v[2] = { x->name, side > 0 ? MEED_S("+") : MEED_S("-") };

		x->name = rd_join(r, v, 2);
		return x;
	}
	if (side) {
		r->t = caret;
		return rd_fail(r, "a sign that nothing follows");
	}
	return rd_2(r, MX_POW, x, exponent(r));
}

static struct mx *factorial(struct rd *r, struct mx *x)
{
	bool twice = rd_op(r, '!') && rd_ahead(r, 1)->kind == T_OP && rd_ahead(r, 1)->id == '!' &&
		     !(rd_ahead(r, 1)->flags & F_SPACE);

	r->t += twice ? 2 : 1;
	if (x->kind == MX_CHOICE)
		x->kind = MX_SYM;
	return rd_func(r, twice ? "factorial2" : "factorial", x, NULL);
}

/* 5' and 5'' are feet and inches. */
static struct mx *feet(struct rd *r, struct mx *x)
{
	bool inches = rd_ahead(r, 1)->kind == T_PRIME;

	r->t += inches ? 2 : 1;
	x = rd_1(r, MX_UNIT, x);
	if (x)
		x->name = inches ? MEED_S("in") : MEED_S("ft");
	return x ? rd_compound(r, x) : NULL;
}

struct mx *rd_suffixes(struct rd *r, struct mx *x)
{
	while (x) {
		if (rd_op(r, '^'))
			x = power(r, x);
		else if (rd_op(r, '!'))
			x = factorial(r, x);
		else if (rd_is(r, T_PERCENT, 0)) {
			r->t++;
			x = rd_1(r, MX_PERCENT, x);
		} else if (r->t->kind == T_DEG) {
			r->t++;
			x = degrees(r, x);
		} else if (r->t->kind == T_PRIME && rd_numeric(x)) {
			x = feet(r, x);
		} else if (r->t->kind == T_PRIME) {
			r->t++;
		} else if (rd_op(r, '_')) {
			x = x->kind == MX_INT || x->kind == MX_DEC
				? rd_fail(r, "digits that do not fit their base")
				: rd_fail(r, "a subscript of what is no name");
		} else {
			break;
		}
	}
	return x;
}

struct mx *rd_power(struct rd *r)
{
	struct mx *x;

	if (!rd_enter(r))
		return NULL;
	x = rd_suffixes(r, rd_atom(r));
	rd_leave(r);
	return x;
}
