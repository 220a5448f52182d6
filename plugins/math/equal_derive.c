/* equal_derive.c - derivatives, and the sums and products that they are made of. */
#include "config.h"

#include "plugins/math/calc.h"

/* ---- sums and products without what is 0 or 1 --------------------------------------------------- */

bool calc_is(const struct mx *x, const char *digits)
{
	return x->kind == MX_INT && meed_eq(x->name, meed_s(digits));
}

const struct mx *calc_int(struct eq *q, int64_t v)
{
	return mxt_int(q->e, v);
}

const struct mx *calc_add(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	return calc_is(a, "0") ? b : calc_is(b, "0") ? a : mxt_2(q->e, MX_ADD, a, b);
}

const struct mx *calc_neg(struct eq *q, const struct mx *a)
{
	return a && calc_is(a, "0") ? a : mxt_1(q->e, MX_NEG, a);
}

const struct mx *calc_mul(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	if (calc_is(a, "0") || calc_is(b, "1"))
		return a;
	return calc_is(b, "0") || calc_is(a, "1") ? b : mxt_2(q->e, MX_MUL, a, b);
}

const struct mx *calc_over(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	if (b->kind == MX_DIV && b->n == 2) {
		a = calc_mul(q, a, b->arg[1]);
		b = b->arg[0];
		if (!a)
			return NULL;
	}
	return calc_is(a, "0") || calc_is(b, "1") ? a : mxt_2(q->e, MX_DIV, a, b);
}

const struct mx *calc_raised(struct eq *q, const struct mx *a, const struct mx *b)
{
	if (!a || !b)
		return NULL;
	return calc_is(b, "1") ? a : calc_is(b, "0") ? calc_int(q, 1) : mxt_2(q->e, MX_POW, a, b);
}

const struct mx *calc_fn(struct eq *q, const char *name, const struct mx *a)
{
	return mxt_func(q->e, name, a);
}

const struct mx *calc_square(struct eq *q, const struct mx *a)
{
	return calc_raised(q, a, calc_int(q, 2));
}

/* ---- derivatives ---------------------------------------------------------------------------------- */

static const struct mx *derive(struct eq *q, const struct mx *x, meed_str s);

/* sqrt(1 - u^2) */
static const struct mx *beside_one(struct eq *q, const struct mx *u)
{
	return calc_fn(q, "sqrt", calc_add(q, calc_int(q, 1), calc_neg(q, calc_square(q, u))));
}

/* f'(u) for a named function. */
static const struct mx *outer(struct eq *q, const struct mx *x)
{
	const struct mx *u = x->arg[0], *one = calc_int(q, 1);

	if (mxt_is(x, "sin"))
		return calc_fn(q, "cos", u);
	if (mxt_is(x, "cos"))
		return calc_neg(q, calc_fn(q, "sin", u));
	if (mxt_is(x, "tan"))
		return calc_over(q, one, calc_square(q, calc_fn(q, "cos", u)));
	if (mxt_is(x, "cot"))
		return calc_neg(q, calc_over(q, one, calc_square(q, calc_fn(q, "sin", u))));
	if (mxt_is(x, "sec"))
		return calc_mul(q, x, calc_fn(q, "tan", u));
	if (mxt_is(x, "csc"))
		return calc_neg(q, calc_mul(q, x, calc_fn(q, "cot", u)));
	if (mxt_is(x, "exp"))
		return x;
	if (mxt_is(x, "ln") || (mxt_is(x, "log") && !q->log10))
		return calc_over(q, one, u);
	if (mxt_is(x, "lg") || mxt_is(x, "log"))
		return calc_over(q, one, calc_mul(q, u, calc_fn(q, "ln", calc_int(q, 10))));
	if (mxt_is(x, "sqrt"))
		return calc_over(q, one, calc_mul(q, calc_int(q, 2), x));
	if (mxt_is(x, "arcsin"))
		return calc_over(q, one, beside_one(q, u));
	if (mxt_is(x, "arccos"))
		return calc_neg(q, calc_over(q, one, beside_one(q, u)));
	if (mxt_is(x, "arctan"))
		return calc_over(q, one, calc_add(q, one, calc_square(q, u)));
	if (mxt_is(x, "sinh"))
		return calc_fn(q, "cosh", u);
	if (mxt_is(x, "cosh"))
		return calc_fn(q, "sinh", u);
	if (mxt_is(x, "tanh"))
		return calc_over(q, one, calc_square(q, calc_fn(q, "cosh", u)));
	if (mxt_is(x, "abs"))
		return calc_over(q, u, x);
	return NULL;
}

static const struct mx *derive_power(struct eq *q, const struct mx *u, const struct mx *v,
				     meed_str s)
{
	const struct mx *w, *du = derive(q, u, s), *dv = derive(q, v, s);

	if (!du || !dv)
		return NULL;
	if (!mxt_has_sym(v, s)) {
		w = calc_raised(q, u, calc_add(q, v, calc_int(q, -1)));
		return calc_mul(q, calc_mul(q, v, w), du);
	}
	w = calc_mul(q, dv, u->kind == MX_E ? calc_int(q, 1) : calc_fn(q, "ln", u));
	if (mxt_has_sym(u, s))
		w = calc_add(q, w, calc_over(q, calc_mul(q, v, du), u));
	return calc_mul(q, calc_raised(q, u, v), w);
}

static const struct mx *derive_product(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *sum = calc_int(q, 0), *t;
	uint32_t i, j;

	for (i = 0; i < x->n && sum; i++) {
		t = derive(q, x->arg[i], s);
		for (j = 0; j < x->n && t && !calc_is(t, "0"); j++)
			if (j != i)
				t = calc_mul(q, t, x->arg[j]);
		sum = t ? calc_add(q, sum, t) : NULL;
	}
	return sum;
}

static const struct mx *derive_function(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *f;

	if (mxt_is(x, "root") && x->n == 2)
		return derive_power(q, x->arg[0], calc_over(q, calc_int(q, 1), x->arg[1]), s);
	if (mxt_is(x, "log") && x->n == 2 && !mxt_has_sym(x->arg[1], s))
		return calc_over(q, derive(q, x->arg[0], s),
			    calc_mul(q, x->arg[0], calc_fn(q, "ln", x->arg[1])));
	f = x->n == 1 ? outer(q, x) : NULL;
	return f ? calc_mul(q, f, derive(q, x->arg[0], s)) : NULL;
}

static const struct mx *derive_node(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *r, *t;
	uint32_t i;

	switch (x->kind) {
	case MX_SYM:
		return calc_int(q, 1);
	case MX_NEG:
		return calc_neg(q, derive(q, x->arg[0], s));
	case MX_PERCENT:
		return calc_over(q, derive(q, x->arg[0], s), calc_int(q, 100));
	case MX_ADD:
		for (i = 0, r = calc_int(q, 0); i < x->n && r; i++)
			r = calc_add(q, r, derive(q, x->arg[i], s));
		return r;
	case MX_MUL:
		return derive_product(q, x, s);
	case MX_DIV:
	case MX_RATIO:
		if (x->n != 2)
			return NULL;
		r = calc_over(q, derive(q, x->arg[0], s), x->arg[1]);
		if (!r || !mxt_has_sym(x->arg[1], s))
			return r;
		t = calc_mul(q, x->arg[0], derive(q, x->arg[1], s));
		return calc_add(q, r, calc_neg(q, calc_over(q, t, calc_square(q, x->arg[1]))));
	case MX_POW:
		return x->n == 2 ? derive_power(q, x->arg[0], x->arg[1], s) : NULL;
	case MX_FUNC:
		return derive_function(q, x, s);
	default:
		return NULL;
	}
}

static const struct mx *derive(struct eq *q, const struct mx *x, meed_str s)
{
	const struct mx *r;

	if (!x || !eq_enter(q))
		return NULL;
	r = mxt_has_sym(x, s) ? derive_node(q, x, s) : calc_int(q, 0);
	eq_leave(q);
	return r;
}

const struct mx *eq_derivative(struct eq *q, const struct mx *x, meed_str name)
{
	return derive(q, x, name);
}
