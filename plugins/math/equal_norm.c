/* equal_norm.c - expressions as they are compared: plus-minus as two, sums of matrices, derivatives
 * and limits taken, sines of simple angles by their roots. */
#include "config.h"

#include "plugins/math/equal.h"

/* Members have signs of their own. */
static bool has_members(const struct mx *x)
{
	return x->kind == MX_LIST || x->kind == MX_SET || x->kind == MX_TUPLE ||
	       x->kind == MX_SYSTEM || x->kind == MX_ORREL || x->kind == MX_UNION ||
	       x->kind == MX_SETOF || x->kind == MX_AND || x->kind == MX_OR;
}

static bool has_pm(struct eq *q, const struct mx *x)
{
	uint32_t i;

	if (x->kind == MX_PM || x->kind == MX_MP)
		return true;
	for (i = 0; i < x->n && !has_members(x) && mx_step(q->e, 1); i++)
		if (has_pm(q, x->arg[i]))
			return true;
	return false;
}

/* x with each ± as +, each ∓ as -; or the other way round. */
static const struct mx *choose(struct eq *q, const struct mx *x, bool upper)
{
	struct mx *r;
	const struct mx *c;
	uint32_t i;
	bool plus;

	if (!eq_enter(q))
		return NULL;
	r = mxt_copy(q->e, x);
	for (i = 0; r && i < x->n; i++) {
		c = choose(q, x->arg[i], upper);
		if (!c)
			r = NULL;
		else
			mxt_set(r, i, c);
	}
	eq_leave(q);
	if (!r || (x->kind != MX_PM && x->kind != MX_MP) || x->n == 0)
		return r;
	plus = (x->kind == MX_PM) == upper;
	if (x->n == 1)
		return plus ? r->arg[0] : mxt_1(q->e, MX_NEG, r->arg[0]);
	return plus ? mxt_2(q->e, MX_ADD, r->arg[0], r->arg[1]) :
		      mxt_sub(q->e, r->arg[0], r->arg[1]);
}

/* c with x = c pi. */
bool eq_pi_multiple(struct eq *q, const struct mx *x, fmpq_t c)
{
	bool ok = false, found = false;
	uint32_t i;
	fmpq_t t;

	switch (x->kind) {
	case MX_PI:
		fmpq_one(c);
		return true;
	case MX_DEGREE:
		if (mxq_eval(q, x->arg[0], NULL, c) != EQ_OK)
			return false;
		fmpq_div_2exp(c, c, 2);
		fmpz_mul_ui(fmpq_denref(c), fmpq_denref(c), 45);
		fmpq_canonicalise(c);
		return true;
	case MX_NEG:
		ok = eq_pi_multiple(q, x->arg[0], c);
		fmpq_neg(c, c);
		return ok;
	case MX_INT:
		fmpq_zero(c);
		return meed_eq(x->name, MEED_S("0"));
	case MX_ADD:
	case MX_MUL:
	case MX_DIV:
		break;
	default:
		return false;
	}
	fmpq_init(t);
	fmpq_set_si(c, x->kind != MX_ADD, 1);
	for (i = 0, ok = true; i < x->n && ok; i++) {
		if (x->kind == MX_ADD) {
			ok = eq_pi_multiple(q, x->arg[i], t);
			fmpq_add(c, c, t);
			found = true;
		} else if (mxq_eval(q, x->arg[i], NULL, t) == EQ_OK) {
			if (x->kind == MX_DIV && i == 1) {
				ok = !fmpq_is_zero(t);
				if (ok)
					fmpq_div(c, c, t);
			} else {
				fmpq_mul(c, c, t);
			}
		} else {
			ok = !found && !(x->kind == MX_DIV && i == 1) &&
			     eq_pi_multiple(q, x->arg[i], t);
			fmpq_mul(c, c, t);
			found = true;
		}
	}
	fmpq_clear(t);
	return ok && found;
}

static struct mx *root(struct eq *q, int64_t v)
{
	return mxt_func(q->e, "sqrt", mxt_int(q->e, v));
}

static struct mx *over(struct eq *q, struct mx *a, int64_t d)
{
	return mxt_2(q->e, MX_DIV, a, mxt_int(q->e, d));
}

/* sin(k pi/12), 0 <= k <= 6 */
static struct mx *sine12(struct eq *q, int64_t k)
{
	switch (k) {
	case 0:
		return mxt_int(q->e, 0);
	case 1:
		return over(q, mxt_sub(q->e, root(q, 6), root(q, 2)), 4);
	case 2:
		return over(q, mxt_int(q->e, 1), 2);
	case 3:
		return over(q, root(q, 2), 2);
	case 4:
		return over(q, root(q, 3), 2);
	case 5:
		return over(q, mxt_2(q->e, MX_ADD, root(q, 6), root(q, 2)), 4);
	default:
		return mxt_int(q->e, 1);
	}
}

/* sin(k pi/10), 0 <= k <= 5 */
static struct mx *sine10(struct eq *q, int64_t k)
{
	struct mx_env *e = q->e;
	struct mx *t;

	switch (k) {
	case 1:
		return over(q, mxt_sub(e, root(q, 5), mxt_int(e, 1)), 4);
	case 3:
		return over(q, mxt_2(e, MX_ADD, root(q, 5), mxt_int(e, 1)), 4);
	case 2:
	case 4:
		t = mxt_2(e, MX_MUL, mxt_int(e, k == 2 ? -2 : 2), root(q, 5));
		t = mxt_2(e, MX_ADD, mxt_int(e, 10), t);
		return over(q, mxt_func(e, "sqrt", t), 4);
	default:
		return sine12(q, k == 0 ? 0 : 6);
	}
}

/* sin(c pi), exactly, for multiples of pi/12 and pi/10; NULL for others. */
struct mx *eq_sine(struct eq *q, const fmpq_t c)
{
	struct mx *r = NULL;
	int64_t k, n = 0;
	fmpq_t t;

	fmpq_init(t);
	if (fmpz_divisible_si(fmpq_denref(c), 7) || fmpz_cmp_ui(fmpq_denref(c), 12) > 0)
		goto out;
	n = 12 % fmpz_get_si(fmpq_denref(c)) == 0 ? 12 :
	    10 % fmpz_get_si(fmpq_denref(c)) == 0 ? 10 : 0;
	if (n == 0)
		goto out;
	/* k of a whole turn of 2n */
	fmpz_mul_si(fmpq_numref(t), fmpq_numref(c), n);
	fmpz_divexact(fmpq_numref(t), fmpq_numref(t), fmpq_denref(c));
	k = (int64_t)fmpz_fdiv_ui(fmpq_numref(t), (ulong)(2 * n));
	r = n == 12 ? sine12(q, k % n <= 6 ? k % n : 12 - k % n) :
		      sine10(q, k % n <= 5 ? k % n : 10 - k % n);
	if (k > n)
		r = mxt_1(q->e, MX_NEG, r);
out:
	fmpq_clear(t);
	return r;
}

static const struct mx *angle(struct eq *q, const struct mx *x)
{
	const struct mx *r = x, *s, *k;
	fmpq_t c, half;

	fmpq_init(c);
	fmpq_init(half);
	fmpq_set_si(half, 1, 2);
	if (!eq_pi_multiple(q, x->arg[0], c))
		goto out;
	s = eq_sine(q, c);
	fmpq_add(c, c, half);
	k = eq_sine(q, c);
	if (!s || !k)
		goto out;
	if (mxt_is(x, "sin"))
		r = s;
	else if (mxt_is(x, "cos"))
		r = k;
	else if (mxt_is(x, "tan") || mxt_is(x, "cot"))
		r = mxt_is(x, "tan") ? mxt_2(q->e, MX_DIV, s, k) : mxt_2(q->e, MX_DIV, k, s);
	else
		r = mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), mxt_is(x, "sec") ? k : s);
out:
	fmpq_clear(c);
	fmpq_clear(half);
	return r;
}

static bool is_trig(const struct mx *x)
{
	return x->n == 1 && (mxt_is(x, "sin") || mxt_is(x, "cos") || mxt_is(x, "tan") ||
			     mxt_is(x, "cot") || mxt_is(x, "sec") || mxt_is(x, "csc"));
}

static bool is_arithmetic(const struct mx *x)
{
	return x->kind == MX_ADD || x->kind == MX_MUL || x->kind == MX_NEG || x->kind == MX_DIV ||
	       x->kind == MX_POW || x->kind == MX_FUNC;
}

static bool of_matrices(struct eq *q, const struct mx *x)
{
	uint32_t i;

	if (!is_arithmetic(x))
		return false;
	for (i = 0; i < x->n && mx_step(q->e, 1); i++)
		if (x->arg[i]->kind == MX_MATRIX || x->arg[i]->kind == MX_TUPLE ||
		    of_matrices(q, x->arg[i]))
			return true;
	return false;
}

/* n!! of a number written out: a quotient of factorials and a power of two. */
static const struct mx *double_factorial(struct eq *q, const struct mx *x)
{
	const struct mx *n = x->arg[0], *k, *two;
	double v = 0;
	int64_t half;

	if (n->kind != MX_INT || n->name.n > 4 || meed_read_num(n->name, &v) == 0)
		return x;
	half = ((int64_t)v + 1) / 2;
	k = mxt_func(q->e, "factorial", mxt_int(q->e, half));
	two = mxt_2(q->e, MX_POW, mxt_int(q->e, 2), mxt_int(q->e, half));
	k = two && k ? mxt_2(q->e, MX_MUL, two, k) : NULL;
	if (k && (int64_t)v % 2 != 0)
		k = mxt_2(q->e, MX_DIV, mxt_func(q->e, "factorial", mxt_int(q->e, 2 * half)), k);
	return k;
}

/* cis x is cos x + i sin x. */
static const struct mx *cis(struct eq *q, const struct mx *x)
{
	const struct mx *s = eq_norm(q, mxt_func(q->e, "sin", x->arg[0]));
	const struct mx *c = eq_norm(q, mxt_func(q->e, "cos", x->arg[0]));

	return s && c ? mxt_2(q->e, MX_ADD, c, mxt_2(q->e, MX_MUL, mxt_new(q->e, MX_I, 0), s)) : NULL;
}

/* R^+ and R^- as intervals. */
static const struct mx *half_line(struct eq *q, const struct mx *x)
{
	bool plus = meed_eq(x->name, MEED_S("R+"));
	struct mx *r, *inf;

	if (!plus && !meed_eq(x->name, MEED_S("R-")))
		return x;
	inf = mxt_new(q->e, MX_INF, 0);
	r = plus ? mxt_2(q->e, MX_INTERVAL, mxt_int(q->e, 0), inf) :
		   mxt_2(q->e, MX_INTERVAL, mxt_1(q->e, MX_NEG, inf), mxt_int(q->e, 0));
	if (r)
		r->open_lo = r->open_hi = true;
	return r;
}

/* (1, 2)^T is the same vector. */
static bool is_transposed(const struct mx *x)
{
	return x->n == 2 && x->arg[0]->kind == MX_TUPLE && x->arg[1]->kind == MX_SYM &&
	       (meed_eq(x->arg[1]->name, MEED_S("T")) || meed_eq(x->arg[1]->name, MEED_S("top")));
}

/* (x, y) = (1, 2) says x = 1 and y = 2. */
static const struct mx *by_coordinates(struct eq *q, const struct mx *x)
{
	const struct mx *a = x->n == 2 ? x->arg[0] : x, *b = x->n == 2 ? x->arg[1] : x;
	struct mx *r, *eq;
	uint32_t i;

	if (x->n != 2 || x->rel[0] != MX_EQ || a->kind != MX_TUPLE || b->kind != MX_TUPLE ||
	    a->n != b->n)
		return x;
	for (i = 0; i < a->n; i++)
		if (a->arg[i]->kind != MX_SYM)
			return x;
	r = mxt_new(q->e, MX_SYSTEM, a->n);
	for (i = 0; r && i < a->n; i++) {
		eq = mxt_copy(q->e, x);
		if (!eq)
			return NULL;
		mxt_set(eq, 0, a->arg[i]);
		mxt_set(eq, 1, b->arg[i]);
		mxt_set(r, i, eq);
	}
	return r;
}

static const struct mx *node(struct eq *q, const struct mx *x)
{
	const struct mx *r;

	switch (x->kind) {
	case MX_REL:
		return by_coordinates(q, x);
	case MX_POW:
		return is_transposed(x) ? x->arg[0] : eq_simpler(q, x);
	case MX_NUMSET:
		return half_line(q, x);
	case MX_NEG:
	case MX_ADD:
	case MX_MUL:
	case MX_DIV:
		return eq_measure(q, x);
	case MX_DERIV:
		/* dy/dx where nothing says what y is */
		if (x->n == 2 && x->arg[1]->kind == MX_SYM && !meed_eq(x->arg[0]->name, x->arg[1]->name))
			return x;
		/* fall through */
	case MX_INTEGRAL:
	case MX_LIM:
		r = eq_calculus(q, x);
		return r ? r : q->e->spent ? NULL : x;
	case MX_FUNC:
		if (is_trig(x))
			return angle(q, x);
		if (x->n == 1 && mxt_is(x, "cis"))
			return cis(q, x);
		if (x->n == 1 && mxt_is(x, "factorial2"))
			return double_factorial(q, x);
		return eq_simpler(q, x);
	case MX_SUM:
	case MX_PROD:
		return eq_index_names(q, x);
	case MX_UNION:
		return x->n == 1 ? x->arg[0] : x;
	default:
		return x;
	}
}

/* What was looked for above x, in all of it but members, and is not there. */
struct absent {
	bool pm, matrices;
};

static const struct mx *norm(struct eq *q, const struct mx *x, struct absent no)
{
	const struct mx *c, *r = x, *lo, *hi;
	struct mx *copy = NULL;
	bool grids;
	uint32_t i;

	if (!eq_enter(q))
		return NULL;
	if (!no.pm && has_pm(q, x)) {
		hi = choose(q, x, true);
		lo = hi ? choose(q, x, false) : NULL;
		r = lo ? mxt_2(q->e, MX_LIST, eq_norm(q, hi), eq_norm(q, lo)) : NULL;
		goto out;
	}
	grids = !no.matrices && of_matrices(q, x);
	if (grids) {
		r = eq_matrix_value(q, x);
		x = r ? r : x;
	}
	no.pm = !has_members(x);
	no.matrices = is_arithmetic(x) && !grids;
	r = q->e->spent ? NULL : x;
	for (i = 0; i < x->n && r; i++) {
		c = norm(q, x->arg[i], no);
		if (c && c != x->arg[i] && !copy)
			copy = mxt_copy(q->e, x);
		if (!c || (c != x->arg[i] && !copy))
			r = NULL;
		else if (c != x->arg[i])
			mxt_set(copy, i, c);
	}
	r = r ? node(q, copy ? copy : x) : NULL;
out:
	eq_leave(q);
	return r;
}

const struct mx *eq_norm(struct eq *q, const struct mx *x)
{
	return norm(q, x, (struct absent){ false, false });
}
