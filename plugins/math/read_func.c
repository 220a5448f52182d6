/* read_func.c - fractions, roots, binomials, functions and calls. */
#include "config.h"
#include "plugins/math/read.h"

static bool is_d(const struct tok *t)
{
	return t->kind == T_PARTIAL || (t->kind == T_ID && meed_eq(t->s, MEED_S("d")));
}

/* "^2" or "^{2}" at t: its number, one token after it in *ret_t. NULL number if there is none. */
static struct mx *order_at(const struct tok *t, const struct tok **ret_t)
{
	*ret_t = t;
	if (t->kind != T_OP || t->id != '^')
		return NULL;
	if (t[1].kind == T_NUM) {
		*ret_t = t + 2;
		return t[1].x;
	}
	if (t[1].kind != T_OPEN || t[2].kind != T_NUM || t[3].kind != T_CLOSE)
		return NULL;
	*ret_t = t + 4;
	return t[2].x;
}

/* \frac{d}{dx} f, \frac{dy}{dx}, \frac{d^2 y}{dx^2}: r->t is behind \frac. */
static struct mx *derivative(struct rd *r)
{
	const struct tok *t = r->t, *below;
	struct mx *of = NULL, *order, *x, *v[3];
	const struct tok *var;

	if (t[0].kind != T_OPEN || t[0].id != '{' || !is_d(&t[1]))
		return NULL;
	order = order_at(t + 2, &t);
	var = t->kind == T_ID ? t++ : NULL;
	if (t[0].kind != T_CLOSE || t[1].kind != T_OPEN || !is_d(&t[2]) || t[3].kind != T_ID ||
	    meed_eq(t[3].s, MEED_S("i")) || meed_eq(t[3].s, MEED_S("e")))
		return NULL;
	below = &t[3];
	(void)order_at(t + 4, &t);
	if (t->kind != T_CLOSE)
		return NULL;
	r->t = t + 1;
	of = var ? rd_leaf(r, MX_SYM, var->s) : rd_factors(r);
	x = rd_leaf(r, MX_SYM, below->s);
	v[0] = x;
	v[1] = of;
	v[2] = order;
	return rd_node(r, MX_DERIV, v, order ? 3 : 2);
}

struct mx *rd_fraction(struct rd *r)
{
	struct mx *x, *y;

	r->t++;
	x = derivative(r);
	if (x || r->why)
		return x;
	x = rd_group(r);
	y = x ? rd_group(r) : NULL;
	return y ? rd_2(r, MX_DIV, x, y) : NULL;
}

struct mx *rd_binom(struct rd *r)
{
	struct mx *x, *y;

	r->t++;
	x = rd_group(r);
	y = x ? rd_group(r) : NULL;
	return y ? rd_func(r, "binom", x, y) : NULL;
}

struct mx *rd_root(struct rd *r)
{
	struct mx *n = NULL, *x;

	if (!rd_enter(r))
		return NULL;
	r->t++;
	if (rd_is(r, T_OPEN, '[')) {
		struct scope s = rd_scope(r);

		r->t++;
		n = rd_sum(r);
		(void)rd_take(r, T_CLOSE, ']');
		rd_unscope(r, s);
	}
	x = r->why ? NULL : rd_group(r);
	rd_leave(r);
	if (!x)
		return NULL;
	return n ? rd_func(r, "root", x, n) : rd_func(r, "sqrt", x, NULL);
}

struct mx *rd_call(struct rd *r, struct mx *name)
{
	size_t from = r->n;
	struct mx *x;

	if (!rd_args(r))
		return NULL;
	x = rd_pop(r, MX_CALL, from, false);
	if (x)
		x->name = name->name;
	return x;
}

/* How many arguments a function takes. */
static void arity(meed_str name, size_t *ret_min, size_t *ret_max)
{
	static const struct {
		const char *name;
		uint8_t min, max;
	} known[] = {
		{ "log", 1, 2 }, { "root", 2, 2 }, { "binom", 2, 2 }, { "perm", 2, 2 },
		{ "mod", 2, 2 }, { "iff", 2, 2 }, { "gcd", 1, 255 }, { "lcm", 1, 255 },
		{ "max", 1, 255 }, { "min", 1, 255 }, { "cases", 2, 255 },
	};

	*ret_min = *ret_max = 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (meed_eq(name, meed_s(known[i].name))) {
			*ret_min = known[i].min;
			*ret_max = known[i].max == 255 ? SIZE_MAX : known[i].max;
		}
	}
}

static const char *inverse_of(meed_str name)
{
	static const char *const pairs[][2] = {
		{ "sin", "arcsin" }, { "cos", "arccos" }, { "tan", "arctan" }, { "cot", "arccot" },
		{ "sec", "arcsec" }, { "csc", "arccsc" }, { "sinh", "arsinh" },
		{ "cosh", "arcosh" }, { "tanh", "artanh" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (meed_eq(name, meed_s(pairs[i][0])))
			return pairs[i][1];
	return NULL;
}

static bool is_minus_one(const struct mx *x)
{
	return x->kind == MX_NEG && x->arg[0]->kind == MX_INT &&
	       meed_eq(x->arg[0]->name, MEED_S("1"));
}

/* The argument of a function, pushed: in brackets or what stands side by side. */
static bool arguments(struct rd *r, meed_str name)
{
	bool many, was, ok, minus;
	struct mx *x;
	size_t min, max;

	arity(name, &min, &max);
	many = max > 1;
	if (rd_is(r, T_OPEN, '(') || rd_is(r, T_OPEN, '[') || (many && rd_is(r, T_OPEN, B_SET)))
		return rd_args(r);
	if (rd_is(r, T_OPEN, '{')) {
		x = rd_group(r);
		if (x && many && x->kind == MX_LIST) {
			for (uint32_t i = 0; i < x->n; i++)
				if (!rd_push(r, x->arg[i]))
					return false;
			return true;
		}
		return rd_push(r, x);
	}
	minus = rd_op(r, '-');
	r->t += minus;
	if (!rd_starts(r) && r->t->kind != T_WORD && r->t->kind != T_QUOTE)
		return true;
	was = r->in_arg;
	r->in_arg = true;
	x = rd_factors(r);
	r->in_arg = was;
	ok = rd_push(r, minus ? rd_1(r, MX_NEG, x) : x);
	return ok;
}

/* Names that stand for another function of more or other arguments. */
static struct mx *settle(struct rd *r, meed_str name, struct mx *base, size_t from)
{
	size_t n = r->n - from, min, max;
	struct mx *x;

	if (n == 1 && meed_eq(name, MEED_S("cbrt")))
		return rd_func(r, "root", rd_pop(r, MX_LIST, from, true), mx_int(r->e, 3));
	if (n == 1 && meed_eq(name, MEED_S("lg")))
		return rd_func(r, "log", rd_pop(r, MX_LIST, from, true), mx_int(r->e, 10));
	if (n == 1 && base)
		return rd_func(r, "log", rd_pop(r, MX_LIST, from, true), base);
	arity(name, &min, &max);
	if (n < min || n > max || meed_eq(name, MEED_S("cbrt")) || meed_eq(name, MEED_S("lg"))) {
		x = rd_pop(r, MX_CALL, from, false);
	} else {
		x = rd_pop(r, MX_FUNC, from, false);
	}
	if (x)
		x->name = name;
	return x;
}

static struct mx *lone_name(struct rd *r, meed_str name)
{
	struct mx *x = rd_leaf(r, MX_SYM, name);

	if (x)
		mx_set_word(x);
	return x;
}

struct mx *rd_function(struct rd *r)
{
	meed_str name = r->t->kind == T_MOD ? MEED_S("mod") : r->t->s;
	struct mx *power = NULL, *base = NULL, *x = NULL;
	size_t from = r->n;

	if (!rd_enter(r))
		return NULL;
	r->t++;
	for (size_t k = 0; k < 2; k++) {
		if (rd_op(r, '_') && !base) {
			r->t++;
			base = rd_group(r);
			if (!base)
				goto out;
		} else if (rd_op(r, '^') && !power) {
			r->t++;
			power = rd_op(r, '-') ? rd_signed(r) : rd_group(r);
			if (!power)
				goto out;
		}
	}
	if (base && !meed_eq(name, MEED_S("log")))
		base = NULL;
	if (power && is_minus_one(power) && inverse_of(name)) {
		name = meed_s(inverse_of(name));
		power = NULL;
	}
	if (!arguments(r, name))
		goto out;
	if (r->n == from)
		x = lone_name(r, name);
	else
		x = settle(r, name, base, from);
	if (power)
		x = rd_2(r, MX_POW, x, power);
out:
	rd_leave(r);
	return x;
}
