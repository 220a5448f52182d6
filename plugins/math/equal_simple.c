/* equal_simple.c - constants by simpler ones: roots of a + b sqrt(c), logarithms of powers, powers of
 * e that are logarithms or angles. Only what holds for sure is rewritten. */
#include "config.h"

#include "plugins/math/equal.h"

/* ---- sqrt(a + b sqrt(c)) ------------------------------------------------------------------------------ */

static bool rational(struct eq *q, const struct mx *x, fmpq_t v)
{
	return mxq_eval(q, x, NULL, v) == EQ_OK && fmpz_bits(fmpq_numref(v)) < 200 &&
	       fmpz_bits(fmpq_denref(v)) < 200;
}

/* Is x = 1/n? */
static bool is_one_over(struct eq *q, const struct mx *x, ulong n)
{
	bool is;
	fmpq_t v;

	fmpq_init(v);
	is = mxq_eval(q, x, NULL, v) == EQ_OK && fmpz_is_one(fmpq_numref(v)) &&
	     fmpz_equal_ui(fmpq_denref(v), n);
	fmpq_clear(v);
	return is;
}

static bool surd(struct eq *q, const struct mx *x, fmpq_t b, fmpq_t c);

/* One of x's factors is b sqrt(c), the others are rational. */
static bool surd_product(struct eq *q, const struct mx *x, fmpq_t b, fmpq_t c)
{
	bool found = false, ok = true;
	fmpq_t v, w, t;
	uint32_t i;

	fmpq_init(v);
	fmpq_init(w);
	fmpq_init(t);
	fmpq_one(w);
	for (i = 0; i < x->n && ok; i++) {
		bool below = x->kind == MX_DIV && i == 1;

		if (!rational(q, x->arg[i], v)) {
			ok = !found && surd(q, x->arg[i], v, c);
			found = true;
			if (ok && below)	/* 1 / (b sqrt(c)) = sqrt(c) / (b c) */
				fmpq_mul(v, v, c);
		}
		ok = ok && !fmpq_is_zero(v);
		if (ok && below)
			fmpq_div(w, w, v);
		else if (ok)
			fmpq_mul(w, w, v);
	}
	fmpq_set(b, w);
	fmpq_clear(v);
	fmpq_clear(w);
	fmpq_clear(t);
	return ok && found;
}

/* x = b sqrt(c) with c > 0 */
static bool surd(struct eq *q, const struct mx *x, fmpq_t b, fmpq_t c)
{
	bool ok;

	if (x->kind == MX_NEG) {
		ok = surd(q, x->arg[0], b, c);
		fmpq_neg(b, b);
		return ok;
	}
	if (x->kind == MX_MUL || (x->kind == MX_DIV && x->n == 2))
		return surd_product(q, x, b, c);
	if ((mxt_is(x, "sqrt") && x->n == 1) ||
	    (x->kind == MX_POW && x->n == 2 && is_one_over(q, x->arg[1], 2))) {
		fmpq_one(b);
		return rational(q, x->arg[0], c) && fmpq_sgn(c) > 0;
	}
	return false;
}

/* x = a + b sqrt(c) */
static bool sum_of_two(struct eq *q, const struct mx *x, fmpq_t a, fmpq_t b, fmpq_t c)
{
	bool ok;
	fmpq_t d;

	if (x->kind == MX_DIV && x->n == 2) {
		fmpq_init(d);
		ok = rational(q, x->arg[1], d) && !fmpq_is_zero(d) &&
		     sum_of_two(q, x->arg[0], a, b, c);
		if (ok) {
			fmpq_div(a, a, d);
			fmpq_div(b, b, d);
		}
		fmpq_clear(d);
		return ok;
	}
	if (x->kind != MX_ADD || x->n != 2)
		return false;
	return rational(q, x->arg[0], a) ? surd(q, x->arg[1], b, c) :
	       rational(q, x->arg[1], a) && surd(q, x->arg[0], b, c);
}

static struct mx *root_of_half(struct eq *q, const fmpq_t a, const fmpq_t d, bool plus)
{
	struct mx *r;
	fmpq_t v;

	fmpq_init(v);
	if (plus)
		fmpq_add(v, a, d);
	else
		fmpq_sub(v, a, d);
	fmpq_div_2exp(v, v, 1);
	r = mxt_func(q->e, "sqrt", mxt_fmpq(q->e, v));
	fmpq_clear(v);
	return r;
}

/* sqrt(a + b sqrt(c)) = sqrt((a + d)/2) +- sqrt((a - d)/2) where d = sqrt(a^2 - b^2 c) is rational. */
static const struct mx *denested(struct eq *q, const struct mx *x, const struct mx *u)
{
	const struct mx *r = x;
	struct mx *s, *t;
	fmpq_t a, b, c, d;

	fmpq_init(a);
	fmpq_init(b);
	fmpq_init(c);
	fmpq_init(d);
	if (!sum_of_two(q, u, a, b, c) || fmpq_sgn(a) <= 0)
		goto out;
	fmpq_mul(d, b, b);
	fmpq_mul(d, d, c);
	fmpq_mul(c, a, a);
	fmpq_sub(d, c, d);
	if (fmpq_sgn(d) < 0 || !fmpz_is_square(fmpq_numref(d)) || !fmpz_is_square(fmpq_denref(d)))
		goto out;
	fmpz_sqrt(fmpq_numref(d), fmpq_numref(d));
	fmpz_sqrt(fmpq_denref(d), fmpq_denref(d));
	s = root_of_half(q, a, d, true);
	t = root_of_half(q, a, d, false);
	r = s && t ? fmpq_sgn(b) < 0 ? mxt_sub(q->e, s, t) : mxt_2(q->e, MX_ADD, s, t) : NULL;
out:
	fmpq_clear(a);
	fmpq_clear(b);
	fmpq_clear(c);
	fmpq_clear(d);
	return r;
}

/* The rational of small denominator next to ((a + b sqrt(c))^(1/3) + n / the same) / 2. */
static bool guess(struct eq *q, const struct mx *u, const fmpq_t n, fmpq_t ret)
{
	struct eq_at at = { NULL, EQ_REAL, 128, 0 };
	const struct mx *r = mxt_func2(q->e, "root", u, mxt_int(q->e, 3));
	bool ok = false;
	acb_t x, y;
	fmpz_t k;

	acb_init(x);
	acb_init(y);
	fmpz_init(k);
	if (r && mxb_eval(q, r, &at, x) == EQ_OK && !acb_contains_zero(x)) {
		acb_set_fmpq(y, n, 128);
		acb_div(y, y, x, 128);
		acb_add(x, x, y, 128);
		acb_mul_ui(x, x, 30, 128);
		ok = arb_get_unique_fmpz(k, acb_realref(x));
		fmpq_set_fmpz(ret, k);
		fmpz_set_ui(k, 60);
		fmpq_div_fmpz(ret, ret, k);
	}
	fmpz_clear(k);
	acb_clear(x);
	acb_clear(y);
	return ok;
}

/* v^(1/3) exactly. */
static bool cube_root(fmpq_t v)
{
	return fmpz_root(fmpq_numref(v), fmpq_numref(v), 3) &&
	       fmpz_root(fmpq_denref(v), fmpq_denref(v), 3);
}

/* (a + b sqrt(c))^(1/3) = x + y sqrt(c), where n^3 = a^2 - b^2 c, 4 x^3 - 3 n x = a, y (4 x^2 - n) = b:
 * x is guessed, then proved. */
static const struct mx *denested_cube(struct eq *q, const struct mx *x, const struct mx *u)
{
	const struct mx *r = x;
	fmpq_t a, b, c, n, v, t;

	fmpq_init(a);
	fmpq_init(b);
	fmpq_init(c);
	fmpq_init(n);
	fmpq_init(v);
	fmpq_init(t);
	if (!sum_of_two(q, u, a, b, c))
		goto out;
	fmpq_mul(n, a, a);
	fmpq_mul(t, b, b);
	fmpq_mul(t, t, c);
	fmpq_sub(n, n, t);
	if (!cube_root(n) || !guess(q, u, n, v))
		goto out;
	fmpq_mul(t, v, v);
	fmpq_mul_ui(t, t, 4);
	fmpq_sub(t, t, n);		/* 4 x^2 - n */
	if (fmpq_is_zero(t))
		goto out;
	fmpq_div(b, b, t);
	fmpq_mul_ui(n, n, 2);
	fmpq_sub(t, t, n);
	fmpq_mul(t, t, v);		/* x (4 x^2 - 3 n) */
	if (fmpq_equal(t, a)) {
		r = mxt_2(q->e, MX_MUL, mxt_fmpq(q->e, b), mxt_func(q->e, "sqrt", mxt_fmpq(q->e, c)));
		r = mxt_2(q->e, MX_ADD, mxt_fmpq(q->e, v), r);
	}
out:
	fmpq_clear(a);
	fmpq_clear(b);
	fmpq_clear(c);
	fmpq_clear(n);
	fmpq_clear(v);
	fmpq_clear(t);
	return r;
}

/* ---- logarithms and powers of e --------------------------------------------------------------------------- */

static bool is_log(const struct eq *q, const struct mx *x)
{
	return x->n == 1 && (mxt_is(x, "ln") || (mxt_is(x, "log") && !q->log10));
}

/* ln(2e) is ln 2 + 1. */
static const struct mx *log_of_e(struct eq *q, const struct mx *x)
{
	const struct mx *m = x->arg[0];
	struct mx *rest;
	uint32_t i, k, w = 0;

	if (m->kind == MX_E)
		return mxt_int(q->e, 1);
	if (m->kind != MX_MUL || m->n < 2)
		return x;
	for (i = 0; i < m->n && m->arg[i]->kind != MX_E; i++)
		;
	if (i == m->n)
		return x;
	rest = mxt_copy(q->e, m);
	if (!rest)
		return NULL;
	for (k = 0; k < m->n; k++)
		if (k != i)
			mxt_set(rest, w++, m->arg[k]);
	rest->n = w;
	return mxt_2(q->e, MX_ADD, mxt_func(q->e, "ln", w == 1 ? rest->arg[0] : rest),
		     mxt_int(q->e, 1));
}

static const struct mx *log_of_power(struct eq *q, const struct mx *x);

/* ln(u v) = ln u + ln v for constants u, v > 0. */
static const struct mx *log_of_product(struct eq *q, const struct mx *x)
{
	const struct mx *u = x->arg[0], *zero = mxt_int(q->e, 0), *t;
	struct eq_syms s;
	struct mx *sum;
	fmpq_t v;
	bool plain;
	uint32_t i;

	memset(&s, 0, sizeof(s));
	mxt_syms(u, &s);
	fmpq_init(v);
	plain = rational(q, u, v);
	fmpq_clear(v);
	if (plain || s.n > 0 || s.has_call || !zero || (u->kind == MX_DIV && u->n != 2))
		return log_of_e(q, x);
	sum = mxt_new(q->e, MX_ADD, u->n);
	for (i = 0; sum && i < u->n; i++) {
		if (mxb_order(q, u->arg[i], zero) != 1)
			return x;
		t = mxt_func(q->e, "ln", u->arg[i]);
		t = t ? log_of_power(q, t) : NULL;
		t = t && u->kind == MX_DIV && i == 1 ? mxt_1(q->e, MX_NEG, t) : t;
		if (!t)
			return NULL;
		mxt_set(sum, i, t);
	}
	return sum;
}

/* ln(v^r) = r ln v for a rational v > 0. */
static const struct mx *log_of_power(struct eq *q, const struct mx *x)
{
	const struct mx *u = x->arg[0], *v, *r = NULL;
	fmpq_t t;

	if (mxt_is(u, "sqrt") && u->n == 1)
		r = mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), mxt_int(q->e, 2));
	else if (mxt_is(u, "root") && u->n == 2)
		r = mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), u->arg[1]);
	else if (u->kind == MX_POW && u->n == 2)
		r = u->arg[1];
	if (!r)
		return u->kind == MX_MUL || u->kind == MX_DIV ? log_of_product(q, x) :
								log_of_e(q, x);
	v = u->arg[0];
	fmpq_init(t);
	if (!rational(q, v, t) || fmpq_sgn(t) <= 0 || !rational(q, r, t))
		r = x;
	else
		r = mxt_2(q->e, MX_MUL, r, mxt_func(q->e, "ln", v));
	fmpq_clear(t);
	return r;
}

/* e^(i c pi) = cos(c pi) + i sin(c pi) */
static const struct mx *rotation(struct eq *q, const struct mx *x, const struct mx *t)
{
	struct mx *rest, *s, *c;
	const struct mx *r = x;
	fmpq_t v, half;
	uint32_t i, k = 0, n = 0;

	if (t->kind == MX_NEG && t->n == 1) {
		c = mxt_2(q->e, MX_POW, mxt_new(q->e, MX_E, 0), t->arg[0]);
		r = c ? rotation(q, c, t->arg[0]) : NULL;
		return r == c ? x : r ? mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), r) : NULL;
	}
	if (t->kind == MX_DIV && t->n == 2) {
		c = mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), t->arg[1]);
		c = mxt_2(q->e, MX_MUL, t->arg[0], c);
		if (t->arg[0]->kind == MX_MUL && c) {
			c = mxt_new(q->e, MX_MUL, t->arg[0]->n + 1);
			for (i = 0; c && i < t->arg[0]->n; i++)
				c->arg[i] = t->arg[0]->arg[i];
			if (c)
				c->arg[i] = mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), t->arg[1]);
			if (!c || !c->arg[i])
				return NULL;
		}
		return c ? rotation(q, x, c) : NULL;
	}
	if (t->kind != MX_MUL || t->n < 2)
		return x;
	for (i = 0; i < t->n; i++)
		k += t->arg[i]->kind == MX_I;
	if (k != 1)
		return x;
	rest = mxt_new(q->e, MX_MUL, t->n - 1);
	for (i = 0; rest && i < t->n; i++)
		if (t->arg[i]->kind != MX_I)
			rest->arg[n++] = t->arg[i];
	if (!rest)
		return NULL;
	fmpq_init(v);
	fmpq_init(half);
	fmpq_set_si(half, 1, 2);
	if (eq_pi_multiple(q, rest->n == 1 ? rest->arg[0] : rest, v)) {
		s = eq_sine(q, v);
		fmpq_add(v, v, half);
		c = eq_sine(q, v);
		if (s && c)
			r = mxt_2(q->e, MX_ADD, c, mxt_2(q->e, MX_MUL, mxt_new(q->e, MX_I, 0), s));
	}
	fmpq_clear(v);
	fmpq_clear(half);
	return r;
}

/* base^t: e^(ln u), 2^(log_2 u), 10^(lg u) are u. */
static const struct mx *power(struct eq *q, const struct mx *x, const struct mx *t)
{
	const struct mx *base = x->kind == MX_POW ? x->arg[0] : NULL;
	bool natural = !base || base->kind == MX_E;

	if (natural && is_log(q, t))
		return t->arg[0];
	if (base && mxt_is(t, "log") && t->n == 2 && mxt_same(base, t->arg[1]))
		return t->arg[0];
	return natural ? rotation(q, x, t) : x;
}

const struct mx *eq_simpler(struct eq *q, const struct mx *x)
{
	int64_t n;

	if (x->kind == MX_POW && x->n == 2 && x->arg[0]->n > 0 && is_one_over(q, x->arg[1], 2))
		return denested(q, x, x->arg[0]);
	if (x->kind == MX_POW && x->n == 2 && x->arg[0]->n > 0 && is_one_over(q, x->arg[1], 3))
		return denested_cube(q, x, x->arg[0]);
	if (x->kind == MX_POW && x->n == 2)
		return power(q, x, x->arg[1]);
	if (mxt_is(x, "root") && x->n == 2 && mxq_small(q, x->arg[1], NULL, &n))
		return n == 2 ? denested(q, x, x->arg[0]) :
		       n == 3 ? denested_cube(q, x, x->arg[0]) : x;
	if (x->kind != MX_FUNC || x->n != 1)
		return x;
	if (mxt_is(x, "sqrt"))
		return denested(q, x, x->arg[0]);
	if (mxt_is(x, "exp"))
		return power(q, x, x->arg[0]);
	if (mxt_is(x, "conj") && mxt_is(x->arg[0], "conj") && x->arg[0]->n == 1)
		return x->arg[0]->arg[0];
	return is_log(q, x) ? log_of_power(q, x) : x;
}
