/* read_sum.c - sums, products, quotients and factors side by side. */
#include "config.h"
#include "plugins/math/read.h"

bool rd_numeric(const struct mx *x)
{
	if (x->kind == MX_NEG)
		x = x->arg[0];
	return x->kind == MX_INT || x->kind == MX_DEC;
}

/* Signs at r->t: how many minus signs; *ret_pm: a plus-minus ended them (1) or a minus-plus (2). */
static bool take_signs(struct rd *r, int *ret_pm)
{
	bool minus = false;

	*ret_pm = 0;
	while (rd_op(r, '-') || rd_op(r, '+') || (r->t->kind == T_PM && !*ret_pm)) {
		if (r->t->kind == T_PM)
			*ret_pm = r->t->id ? 2 : 1;
		else
			minus ^= r->t->id == '-';
		r->t++;
	}
	return minus;
}

static struct mx *apply_signs(struct rd *r, struct mx *x, bool minus, int pm)
{
	if (minus)
		x = rd_1(r, MX_NEG, x);
	if (pm)
		x = rd_1(r, pm == 2 ? MX_MP : MX_PM, x);
	return x;
}

static struct mx *term(struct rd *r)
{
	int pm;
	bool minus = take_signs(r, &pm);

	return apply_signs(r, rd_product(r), minus, pm);
}

struct mx *rd_signed(struct rd *r)
{
	int pm;
	bool minus = take_signs(r, &pm);

	return apply_signs(r, rd_factors(r), minus, pm);
}

/* Has the innermost integral seen its d x? */
static bool integral_done(const struct rd *r)
{
	return r->integrals && r->differential && r->scopes == r->integral_scopes;
}

struct mx *rd_sum(struct rd *r)
{
	size_t from = r->n;
	struct mx *x, *y;
	bool minus;

	if (!rd_enter(r))
		return NULL;
	if (!rd_push(r, term(r)))
		goto fail;
	while ((rd_op(r, '+') || rd_op(r, '-') || r->t->kind == T_PM) && !integral_done(r)) {
		/* one-sided limits: 0^+ was taken, "5 +" ends a line */
		if (r->t->kind == T_PM) {
			enum mx_kind kind = r->t->id ? MX_MP : MX_PM;

			r->t++;
			x = rd_pop(r, MX_ADD, from, true);
			x = rd_2(r, kind, x, rd_product(r));
		} else {
			minus = r->t->id == '-';
			r->t++;
			y = term(r);
			x = minus ? rd_1(r, MX_NEG, y) : y;
		}
		if (!rd_push(r, x))
			goto fail;
	}
	rd_leave(r);
	x = rd_pop(r, MX_ADD, from, true);
	if (x && x->kind == MX_ADD && x->n == 2 && x->arg[1]->kind == MX_NEG &&
	    x->arg[1]->arg[0]->kind == MX_SET)
		x = rd_2(r, MX_MINUS, x->arg[0], x->arg[1]->arg[0]);
	return x;
fail:
	rd_leave(r);
	return NULL;
}

static struct mx *divided(struct rd *r, struct mx *x, bool *ret_split)
{
	struct mx *y;

	*ret_split = rd_numeric(x) && r->t->kind == T_NUM && !x->bracketed;
	if (!*ret_split)
		return rd_2(r, MX_DIV, x, rd_signed(r));
	y = rd_power(r);
	/* 270/7 degrees and 1/2 % are of the quotient */
	if (y && (y->kind == MX_DEGREE || y->kind == MX_PERCENT) && rd_numeric(y->arg[0]) &&
	    !y->bracketed)
		return rd_1(r, y->kind, rd_2(r, MX_DIV, x, y->arg[0]));
	return rd_unit(r, rd_2(r, MX_DIV, x, y));
}

/* The factors of a product that no brackets hold together, or x. */
static bool push_flat(struct rd *r, struct mx *x)
{
	if (!x || x->kind != MX_MUL || x->bracketed)
		return rd_push(r, x);
	for (uint32_t i = 0; i < x->n; i++)
		if (!rd_push(r, x->arg[i]))
			return false;
	return true;
}

/* 1/2x is (1/2)x where both are numbers, else x/2y is x/(2y). */
struct mx *rd_product(struct rd *r)
{
	size_t from = r->n;
	bool split = false;
	struct mx *x;

	if (!push_flat(r, rd_factors(r)))
		return NULL;
	for (;;) {
		if (rd_op(r, '*')) {
			r->t++;
			x = rd_signed(r);
			split = false;
		} else if (rd_op(r, '/')) {
			r->t++;
			x = rd_pop(r, MX_MUL, from, true);
			x = x ? divided(r, x, &split) : NULL;
		} else if (split && rd_starts(r) && r->t->kind != T_NUM && !integral_done(r)) {
			x = rd_factors(r);
			split = false;
		} else {
			break;
		}
		if (!push_flat(r, x))
			return NULL;
	}
	return rd_pop(r, MX_MUL, from, true);
}

static bool whole(const struct tok *t)
{
	return t->kind == T_NUM && t->x->kind == MX_INT;
}

static bool less(const struct mx *a, const struct mx *b)
{
	if (a->name.n != b->name.n)
		return a->name.n < b->name.n;
	return memcmp(a->name.p, b->name.p, a->name.n) < 0;
}

static const struct tok *braced(const struct tok *t, const struct tok **ret_num)
{
	*ret_num = t;
	if (whole(t))
		return t + 1;
	if (t->kind != T_OPEN || t->id != '{' || !whole(t + 1) || t[2].kind != T_CLOSE)
		return NULL;
	*ret_num = t + 1;
	return t + 3;
}

bool rd_proper(const struct rd *r)
{
	const struct tok *t = r->t, *a, *b;

	if (t->kind == T_FRAC) {
		t = braced(t + 1, &a);
		return t && braced(t, &b) && less(a->x, b->x);
	}
	return whole(t) && t->flags & F_SPACE && t[1].kind == T_OP && t[1].id == '/' &&
	       whole(t + 2) && less(t->x, t[2].x);
}

/* 3\frac12 and 3 1/2. */
static struct mx *mixed(struct rd *r, struct mx *x)
{
	struct mx *y;

	if (r->t->kind == T_FRAC) {
		y = rd_fraction(r);
	} else {
		y = rd_2(r, MX_DIV, r->t->x, r->t[2].x);
		r->t += 3;
	}
	y = rd_2(r, MX_ADD, x, y);
	if (y)
		y->bracketed = true;
	return y;
}

/* The d x of an integral at r->t: takes it. */
static bool take_differential(struct rd *r)
{
	const struct tok *d = r->t, *x = rd_ahead(r, 1);

	if (!r->integrals || r->differential || d->kind != T_ID || !meed_eq(d->s, MEED_S("d")) ||
	    x->kind != T_ID || meed_eq(x->s, MEED_S("i")) || meed_eq(x->s, MEED_S("e")))
		return false;
	r->t++;
	r->differential = rd_name(r);
	if (r->differential && r->differential->kind != MX_SYM)
		r->differential = rd_fail(r, "a differential that is no symbol");
	return r->differential != NULL;
}

static bool is_range(const struct mx *x)
{
	return x->kind == MX_INTERVAL || x->kind == MX_SET || x->kind == MX_TUPLE ||
	       x->kind == MX_NUMSET;
}

/* May the next token be one more factor behind x? */
static bool follows(const struct rd *r, const struct mx *x)
{
	const struct tok *t = r->t;

	if (t->kind == T_DOTS && t[-1].kind == T_CLOSE && t[1].kind == T_OPEN)
		return true;
	if (!rd_starts(r) || rd_side_by_side(r) || integral_done(r))
		return false;
	if (r->in_arg) {
		if (t->kind == T_FUNC || t->kind == T_BIG)
			return false;
		if (t->kind == T_OPEN && t->id != '{' && t[-1].kind != T_NUM)
			return false;
	}
	if (mx_is_word(x))
		return false;
	if (x->kind == MX_UNIT)
		return t->kind != T_NUM && t->kind != T_ID;
	if (is_range(x) && t->kind == T_ID && meed_eq(t->s, MEED_S("U")))
		return false;
	if (rd_condition(r))
		return false;
	/* (mod 7) belongs to the relation */
	return !(t->kind == T_OPEN && t->id == '(' && t[1].kind == T_MOD);
}

/* Points and sets side by side are no product. */
static bool all_ranges(const struct rd *r, size_t from)
{
	for (size_t i = from; i < r->n; i++)
		if (!is_range(r->stack[i]) || r->stack[i]->kind == MX_NUMSET)
			return false;
	return r->n - from > 1;
}

static struct mx *close_factors(struct rd *r, size_t from)
{
	bool ranges = all_ranges(r, from);

	return rd_pop(r, ranges ? MX_LIST : MX_MUL, from, true);
}

struct mx *rd_factors(struct rd *r)
{
	size_t from = r->n;
	struct mx *x;

	if (take_differential(r))
		x = mx_int(r->e, 1);
	else
		x = rd_power(r);
	if (x && x->kind == MX_INT && !x->bracketed && rd_proper(r))
		x = rd_suffixes(r, mixed(r, x));
	if (!rd_push(r, x))
		return NULL;
	while (!take_differential(r)) {
		if (rd_unit_starts(r, r->stack[r->n - 1])) {
			x = rd_unit(r, close_factors(r, from));
			if (!rd_push(r, x))
				return NULL;
		}
		if (!follows(r, r->stack[r->n - 1]))
			break;
		if (!rd_push(r, rd_power(r)))
			return NULL;
	}
	return r->why ? NULL : close_factors(r, from);
}
