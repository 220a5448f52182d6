/* read_big.c - sums, products, integrals, limits, derivatives.
 *
 *	SUM, PROD	symbol, from, to, body; symbol, set, body; or condition, body
 *	INTEGRAL	symbol, from, to, body; or symbol, body
 *	LIM		symbol, target, body; and 1 or -1 from the right or the left
 *	DERIV		symbol, body; and the order
 *
 * As plain text they are sum(k, 1, n, k^2), prod(...), integral(x, 0, 1, f), lim(x, 0, f),
 * deriv(x, f). */
#include "config.h"
#include "plugins/math/read.h"

/* Is the token at t one that LaTeX's commands made, and no plain word? */
static bool is_command(const struct rd *r, const struct tok *t)
{
	return t->s.p > r->text.p && t->s.p <= r->text.p + r->text.n && t->s.p[-1] == '\\';
}

/* Binds the symbol at t, and releases it (by -1). */
static void bind(struct rd *r, const struct tok *t, uint32_t by)
{
	if (t && t->kind == T_ID && meed_eq(t->s, MEED_S("i")))
		r->bound_i += by;
	if (t && t->kind == T_ID && meed_eq(t->s, MEED_S("e")))
		r->bound_e += by;
}

static bool is_symbol(const struct mx *x)
{
	return x->kind == MX_SYM && !mx_is_word(x);
}

static bool count_fits(enum mx_kind kind, size_t n)
{
	switch (kind) {
	case MX_SUM: case MX_PROD:
		return n >= 2 && n <= 4;
	case MX_INTEGRAL:
		return n == 2 || n == 4;
	case MX_LIM:
		return n == 3 || n == 4;
	default:
		return n == 2 || n == 3;
	}
}

/* sum(k, 1, n, body): r->t is at the bracket. */
static struct mx *spelled(struct rd *r, enum mx_kind kind, meed_str name)
{
	const struct tok *sym = rd_ahead(r, 2)->kind == T_COMMA ? rd_ahead(r, 1) : NULL;
	size_t from = r->n;
	struct mx *x = NULL;
	bool fits;

	bind(r, sym, 1);
	if (rd_args(r)) {
		fits = count_fits(kind, r->n - from) &&
		       ((kind == MX_SUM || kind == MX_PROD) && r->n - from == 2
				? r->stack[from]->kind == MX_REL : is_symbol(r->stack[from]));
		x = rd_pop(r, fits ? kind : MX_CALL, from, false);
		if (x && !fits)
			x->name = name;
	}
	bind(r, sym, (uint32_t)-1);
	return x;
}

/* The bound symbol, what it runs from and to, out of what stands below the sign. */
static bool split_bounds(struct rd *r, const struct mx *below, struct mx *above)
{
	struct mx *const *a = below->arg;

	if (below->kind == MX_REL && below->n == 3 && is_symbol(a[1]) && !above &&
	    below->rel[0] == MX_LE && below->rel[1] == MX_LE)
		return rd_push(r, a[1]) && rd_push(r, a[0]) && rd_push(r, a[2]);
	if (below->kind != MX_REL || below->n != 2 || !is_symbol(a[0]))
		return false;
	if (below->rel[0] == MX_IN)
		return rd_push(r, a[0]) && rd_push(r, a[1]);
	return below->rel[0] == MX_EQ && above && rd_push(r, a[0]) && rd_push(r, a[1]) &&
	       rd_push(r, above);
}

/* "_" and "^" with their groups; the first symbol below, *ret_sym, is bound from there on. */
static bool limits(struct rd *r, struct mx **ret_below, struct mx **ret_above,
		   const struct tok **ret_sym)
{
	*ret_below = *ret_above = NULL;
	*ret_sym = NULL;
	while ((rd_op(r, '_') && !*ret_below) || (rd_op(r, '^') && !*ret_above)) {
		bool below = rd_op(r, '_');
		struct mx *x;

		r->t++;
		if (below && r->t->kind == T_OPEN && r->t[1].kind == T_ID) {
			*ret_sym = r->t + 1;
			bind(r, *ret_sym, 1);
		}
		/* \sum^n_{k=1}: the n takes no subscript */
		if (r->t->kind == T_ID && !(r->t->s.n == 1 && strchr("ei", r->t->s.p[0]))) {
			x = rd_leaf(r, MX_SYM, r->t->s);
			r->t++;
		} else {
			x = rd_group(r);
		}
		if (!x)
			return false;
		*(below ? ret_below : ret_above) = x;
	}
	return true;
}

static struct mx *signed_product(struct rd *r)
{
	bool minus = rd_op(r, '-');
	struct mx *x;

	r->t += minus;
	x = rd_product(r);
	return minus ? rd_1(r, MX_NEG, x) : x;
}

static struct mx *sum_or_product(struct rd *r, enum mx_kind kind, meed_str name)
{
	struct mx *below, *above, *x = NULL;
	bool condition = false;
	const struct tok *sym;
	size_t from = r->n;

	if (!limits(r, &below, &above, &sym))
		goto out;
	if (!below) {
		x = rd_1(r, MX_CALL, signed_product(r));
		if (x)
			x->name = name;
		goto out;
	}
	if (!split_bounds(r, below, above)) {
		r->n = from;
		if (!rd_push(r, below))
			goto out;
		condition = true;
	}
	if (rd_push(r, signed_product(r)))
		x = rd_pop(r, condition && below->kind != MX_REL ? MX_CALL : kind, from, false);
	if (x && x->kind == MX_CALL)
		x->name = name;
out:
	bind(r, sym, (uint32_t)-1);
	return x;
}

static struct mx *integral(struct rd *r)
{
	struct mx *below, *above, *x = NULL, *body, *outer = r->differential;
	bool was = r->in_arg, ok;
	uint32_t scopes = r->integral_scopes;
	const struct tok *sym;
	size_t from = r->n;

	ok = limits(r, &below, &above, &sym);
	bind(r, sym, (uint32_t)-1);
	if (!ok)
		return NULL;
	r->integrals++;
	r->integral_scopes = r->scopes;
	r->differential = NULL;
	r->in_arg = false;
	body = rd_sum(r);
	r->in_arg = was;
	r->integrals--;
	r->integral_scopes = scopes;
	if (body && !r->differential)
		body = rd_fail(r, "an integral without its d");
	if (body && !below != !above)
		body = rd_fail(r, "an integral with one bound");
	if (body && rd_push(r, r->differential) &&
	    (!below || (rd_push(r, below) && rd_push(r, above))) && rd_push(r, body))
		x = rd_pop(r, MX_INTEGRAL, from, false);
	r->differential = outer;
	return x;
}

/* "_{x \to 0^+}" or "x -> 0" in other brackets: symbol and target pushed. */
static bool tends_to(struct rd *r)
{
	bool script = rd_op(r, '_'), was = r->in_lim, ok = false;
	struct scope s;
	unsigned open;

	r->t += script;
	open = r->t->kind == T_OPEN ? r->t->id : 0;
	r->t += open != 0;
	s = rd_scope(r);
	r->in_lim = true;
	r->side = 0;
	if (rd_push(r, rd_sum(r)) && is_symbol(r->stack[r->n - 1]) &&
	    (r->t->kind == T_TO || r->t->kind == T_IMPLIES || rd_is(r, T_REL, MX_EQ))) {
		r->t++;
		ok = rd_push(r, rd_sum(r));
	}
	if (ok && open && r->t->kind == T_CLOSE)
		r->t++;
	if (!ok)
		(void)rd_fail(r, "a limit of what going where");
	r->in_lim = was;
	rd_unscope(r, s);
	return ok;
}

static struct mx *lim(struct rd *r)
{
	const struct tok *sym = rd_ahead(r, 1)->kind == T_OPEN ? rd_ahead(r, 2) : NULL;
	size_t from = r->n;
	struct mx *x = NULL, *side;
	int towards;

	bind(r, sym, 1);
	if (tends_to(r)) {
		towards = r->side;
		if (!rd_push(r, signed_product(r)))
			goto out;
		if (towards) {
			side = mx_int(r->e, 1);
			if (towards < 0)
				side = side ? rd_1(r, MX_NEG, side) : NULL;
			if (!rd_push(r, side))
				goto out;
		}
		x = rd_pop(r, MX_LIM, from, false);
	}
out:
	bind(r, sym, (uint32_t)-1);
	return x;
}

struct mx *rd_big(struct rd *r)
{
	const struct tok *t = r->t;
	enum mx_kind kind = (enum mx_kind)t->id;
	struct mx *x;

	if (!rd_enter(r))
		return NULL;
	r->t++;
	if (!is_command(r, t) && !rd_is(r, T_OPEN, '(') && !rd_op(r, '_') && !rd_op(r, '^') &&
	    !(kind == MX_LIM && rd_ahead(r, 1)->kind == T_TO)) {
		x = rd_leaf(r, MX_SYM, t->s);
		if (x)
			mx_set_word(x);
	} else if (!is_command(r, t) && rd_is(r, T_OPEN, '('))
		x = spelled(r, kind, t->s);
	else if (kind == MX_LIM)
		x = lim(r);
	else if (kind == MX_INTEGRAL)
		x = integral(r);
	else if (kind == MX_DERIV)
		x = rd_fail(r, "a derivative of nothing");
	else
		x = sum_or_product(r, kind, is_command(r, t) && kind == MX_PROD
			   ? MEED_S("product") : kind == MX_SUM ? MEED_S("sum") : MEED_S("product"));
	rd_leave(r);
	return x;
}

/* list(1, 2), system(...), either(...), allof(...), anyof(...): what has no other plain form. */
struct mx *rd_special(struct rd *r)
{
	enum mx_kind kind = (enum mx_kind)r->t->id;
	meed_str name = r->t->s;
	size_t from = r->n;
	struct mx *x;

	r->t++;
	if (!rd_is(r, T_OPEN, '(')) {
		x = rd_leaf(r, MX_SYM, name);
		if (x)
			mx_set_word(x);
		return x;
	}
	return rd_args(r) ? rd_pop(r, kind, from, false) : NULL;
}
