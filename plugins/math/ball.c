/* ball.c - values with proven error bounds. */
#include "config.h"

#include "plugins/math/equal.h"

/* A whole number too long to be read exactly: its leading digits and the rest as error. */
static enum eq_get long_int(struct eq *q, meed_str digits, slong prec, arb_t ret)
{
	char head[33];
	fmpz_t k;
	arb_t t;
	size_t i;

	if (digits.n < sizeof(head) || !mx_step(q->e, digits.n / 64))
		return EQ_NOT;
	for (i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return EQ_NOT;
	memcpy(head, digits.p, sizeof(head) - 1);
	head[sizeof(head) - 1] = '\0';
	fmpz_init(k);
	arb_init(t);
	(void)fmpz_set_str(k, head, 10);
	arb_set_fmpz(ret, k);
	arb_set_d(t, 0.5);
	arb_add(ret, ret, t, prec);
	mag_set_ui_2exp_si(arb_radref(t), 1, -1);
	arf_zero(arb_midref(t));
	arb_add(ret, ret, t, prec);
	arb_set_ui(t, 10);
	fmpz_set_ui(k, digits.n - (sizeof(head) - 1));
	arb_pow_fmpz(t, t, k, prec);
	arb_mul(ret, ret, t, prec);
	fmpz_clear(k);
	arb_clear(t);
	return EQ_OK;
}

static enum eq_get rational(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g;
	fmpq_t v;

	fmpq_init(v);
	g = mxq_eval(q, x, at->bind, v);
	if (g == EQ_OK)
		acb_set_fmpq(ret, v, at->prec);
	fmpq_clear(v);
	if (g == EQ_BIG && x->kind == MX_INT) {
		arb_zero(acb_imagref(ret));
		g = long_int(q, x->name, at->prec, acb_realref(ret));
	}
	return g;
}

static enum eq_get nary(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g = EQ_OK;
	uint32_t i;
	acb_t t;

	acb_init(t);
	acb_set_si(ret, x->kind == MX_MUL);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = mxb_eval(q, x->arg[i], at, t);
		if (g != EQ_OK)
			break;
		if (x->kind == MX_ADD)
			acb_add(ret, ret, t, at->prec);
		else
			acb_mul(ret, ret, t, at->prec);
	}
	acb_clear(t);
	return g;
}

static enum eq_get quotient(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g;
	acb_t t;

	if (x->n != 2)
		return EQ_NOT;
	acb_init(t);
	g = mxb_eval(q, x->arg[0], at, ret);
	if (g == EQ_OK)
		g = mxb_eval(q, x->arg[1], at, t);
	if (g == EQ_OK && acb_contains_zero(t))
		g = EQ_UNDEF;
	if (g == EQ_OK)
		acb_div(ret, ret, t, at->prec);
	acb_clear(t);
	return g;
}

static enum eq_get series(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	struct eq_bind here = { MEED_S(""), NULL, at->bind };
	struct eq_at in = *at;
	int64_t lo, hi, k;
	enum eq_get g = EQ_OK;
	fmpq_t v;
	acb_t t;

	if (x->n != 4 || x->arg[0]->kind != MX_SYM || !mxq_small(q, x->arg[1], at->bind, &lo) ||
	    !mxq_small(q, x->arg[2], at->bind, &hi))
		return EQ_NOT;
	if (hi >= lo && (uint64_t)hi - (uint64_t)lo >= q->max_sum)
		return EQ_BIG;
	here.name = x->arg[0]->name;
	in.bind = &here;
	fmpq_init(v);
	acb_init(t);
	here.v = v;
	acb_set_si(ret, x->kind == MX_PROD);
	for (k = lo; k <= hi && g == EQ_OK; k++) {
		fmpq_set_si(v, k, 1);
		g = mxb_eval(q, x->arg[3], &in, t);
		if (g != EQ_OK)
			break;
		if (x->kind == MX_SUM)
			acb_add(ret, ret, t, at->prec);
		else
			acb_mul(ret, ret, t, at->prec);
	}
	acb_clear(t);
	fmpq_clear(v);
	return g;
}

/* An unknown function: one value a name, point and argument; the argument must be one whose
 * equality the field of p^2 elements decides. */
static enum eq_get unknown(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	struct eq_sig_info info = { false, false, 0, 0, 0 };
	uint64_t h = eq_mix_str(at->point ^ 0xCA11, x->name);
	struct eq_sig s;
	uint32_t i;

	for (i = 0; i < x->n; i++) {
		if (!mxs_eval(q, x->arg[i], &s, &info) || info.opaque)
			return EQ_NOT;
		h = eq_mix(eq_mix(h ^ s.re) ^ s.im);
	}
	acb_set_ui(ret, 1 + (h >> 44));
	acb_mul_2exp_si(ret, ret, -18);
	return EQ_OK;
}

static enum eq_get degrees(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g = x->n == 1 ? mxb_eval(q, x->arg[0], at, ret) : EQ_NOT;
	arb_t pi;

	if (g != EQ_OK)
		return g;
	arb_init(pi);
	arb_const_pi(pi, at->prec);
	acb_mul_arb(ret, ret, pi, at->prec);
	acb_div_ui(ret, ret, 180, at->prec);
	arb_clear(pi);
	return EQ_OK;
}

static enum eq_get node(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g;

	switch (x->kind) {
	case MX_INT:
	case MX_DEC:
	case MX_BASE:
	case MX_SYM:
		return rational(q, x, at, ret);
	case MX_PI:
		acb_const_pi(ret, at->prec);
		return EQ_OK;
	case MX_E:
		arb_const_e(acb_realref(ret), at->prec);
		arb_zero(acb_imagref(ret));
		return EQ_OK;
	case MX_I:
		acb_onei(ret);
		return EQ_OK;
	case MX_NEG:
		g = x->n == 1 ? mxb_eval(q, x->arg[0], at, ret) : EQ_NOT;
		if (g == EQ_OK)
			acb_neg(ret, ret);
		return g;
	case MX_PERCENT:
		g = x->n == 1 ? mxb_eval(q, x->arg[0], at, ret) : EQ_NOT;
		if (g == EQ_OK)
			acb_div_ui(ret, ret, 100, at->prec);
		return g;
	case MX_DEGREE:
		return degrees(q, x, at, ret);
	case MX_ADD:
	case MX_MUL:
		return nary(q, x, at, ret);
	case MX_DIV:
	case MX_RATIO:
		return quotient(q, x, at, ret);
	case MX_POW:
		return x->n == 2 ? mxb_power(q, x->arg[0], x->arg[1], at, ret) : EQ_NOT;
	case MX_FUNC:
		return mxb_function(q, x, at, ret);
	case MX_CALL:
		return unknown(q, x, at, ret);
	case MX_SUM:
	case MX_PROD:
		return series(q, x, at, ret);
	default:
		return EQ_NOT;
	}
}

enum eq_get mxb_eval(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret)
{
	enum eq_get g;

	if (!eq_enter(q))
		return EQ_BIG;
	if (mx_step(q->e, (uint64_t)at->prec / 256))
		g = node(q, x, at, ret);
	else
		g = EQ_BIG;
	if (g == EQ_OK && !acb_is_finite(ret))
		g = EQ_UNDEF;
	if (g == EQ_OK && at->domain == EQ_REAL && !arb_is_zero(acb_imagref(ret)) &&
	    x->kind != MX_I)
		g = EQ_UNDEF;
	eq_leave(q);
	return g;
}

/* Where plain arithmetic tells the order: -1, 0, 1; 2 if it does not. */
static int order_exact(struct eq *q, const struct mx *a, const struct mx *b)
{
	int r = 2, ia = mxt_inf(a), ib = mxt_inf(b);
	fmpq_t v, w;

	if (ia || ib)
		return ia < ib ? -1 : ia > ib;
	fmpq_init(v);
	fmpq_init(w);
	if (mxq_eval(q, a, NULL, v) == EQ_OK && mxq_eval(q, b, NULL, w) == EQ_OK) {
		r = fmpq_cmp(v, w);
		r = r < 0 ? -1 : r > 0;
	}
	fmpq_clear(v);
	fmpq_clear(w);
	return r;
}

int mxb_order(struct eq *q, const struct mx *a, const struct mx *b)
{
	struct eq_at at = { NULL, EQ_REAL, 64, 0 };
	struct mx_outcome o;
	int r = order_exact(q, a, b);
	acb_t x, y;

	if (r != 2)
		return r;
	acb_init(x);
	acb_init(y);
	for (; at.prec <= 1024 && r == 2; at.prec *= 4) {
		if (mxb_eval(q, a, &at, x) != EQ_OK || mxb_eval(q, b, &at, y) != EQ_OK)
			break;
		if (arb_lt(acb_realref(x), acb_realref(y)))
			r = -1;
		else if (arb_gt(acb_realref(x), acb_realref(y)))
			r = 1;
		else if (at.prec == 64) {
			eq_value(q, a, b, &o);
			if (o.verdict == MX_YES)
				r = 0;
			else if (o.verdict == MX_UNDECIDED)
				break;
		}
	}
	acb_clear(x);
	acb_clear(y);
	return r;
}

/* log of a positive constant that may be too large to hold. */
static enum eq_get log1(struct eq *q, const struct mx *x, slong prec, arb_t ret)
{
	struct eq_at at = { NULL, EQ_REAL, prec, 0 };
	enum eq_get g = EQ_NOT;
	uint32_t i;
	acb_t t, u;

	if (!eq_enter(q))
		return EQ_BIG;
	acb_init(t);
	acb_init(u);
	if (x->kind == MX_POW && x->n == 2) {
		g = log1(q, x->arg[0], prec, acb_realref(t));
		if (g == EQ_OK)
			g = mxb_eval(q, x->arg[1], &at, u);
		if (g == EQ_OK)
			arb_mul(ret, acb_realref(t), acb_realref(u), prec);
	} else if (x->kind == MX_MUL || (x->kind == MX_DIV && x->n == 2)) {
		arb_zero(ret);
		for (i = 0, g = EQ_OK; i < x->n && g == EQ_OK; i++) {
			g = log1(q, x->arg[i], prec, acb_realref(t));
			if (g == EQ_OK && x->kind == MX_DIV && i == 1)
				arb_sub(ret, ret, acb_realref(t), prec);
			else if (g == EQ_OK)
				arb_add(ret, ret, acb_realref(t), prec);
		}
	} else if (mxt_is(x, "factorial") && x->n == 1) {
		g = mxb_eval(q, x->arg[0], &at, t);
		if (g == EQ_OK && arb_is_positive(acb_realref(t))) {
			arb_add_ui(ret, acb_realref(t), 1, prec);
			arb_lgamma(ret, ret, prec > q->gamma_prec ? q->gamma_prec : prec);
		} else {
			g = EQ_NOT;
		}
	} else {
		g = mxb_eval(q, x, &at, t);
		if (g == EQ_OK && arb_is_positive(acb_realref(t)))
			arb_log(ret, acb_realref(t), prec);
		else
			g = EQ_NOT;
	}
	if (g == EQ_OK && !arb_is_finite(ret))
		g = EQ_UNDEF;
	acb_clear(t);
	acb_clear(u);
	eq_leave(q);
	return g;
}

enum eq_get mxb_log(struct eq *q, const struct mx *x, int level, slong prec, arb_t ret)
{
	enum eq_get g;
	arb_t t;

	if (level == 1)
		return log1(q, x, prec, ret);
	if (x->kind != MX_POW || x->n != 2) {
		g = log1(q, x, prec, ret);
		if (g == EQ_OK && !arb_is_positive(ret))
			g = EQ_NOT;
		if (g == EQ_OK)
			arb_log(ret, ret, prec);
		return g;
	}
	/* log log b^y = log y + log log b */
	arb_init(t);
	g = log1(q, x->arg[0], prec, t);
	if (g == EQ_OK && !arb_is_positive(t))
		g = EQ_NOT;
	if (g == EQ_OK)
		g = log1(q, x->arg[1], prec, ret);
	if (g == EQ_OK) {
		arb_log(t, t, prec);
		arb_add(ret, ret, t, prec);
		if (!arb_is_finite(ret))
			g = EQ_UNDEF;
	}
	arb_clear(t);
	return g;
}
