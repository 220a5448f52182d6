/* ca.c - exact constants: Calcium proves them equal or different, or says that it does not know.
 *
 * A context is made for each question: what Calcium has seen before must not change an answer. */
#include "config.h"

#include "plugins/math/equal.h"

#include <calcium/ca.h>

struct cal {
	struct eq *q;
	ca_ctx_t ctx;
	enum eq_domain domain;
};

static enum eq_get eval(struct cal *c, const struct mx *x, ca_t ret);

/* What the question will cost: its different roots, those of roots twice, and its functions. */
struct cost {
	const struct mx *root[16];
	size_t roots, weight;
	bool over;
};

static bool rational(struct cal *c, const struct mx *x, fmpq_t v)
{
	return mxq_eval(c->q, x, NULL, v) == EQ_OK;
}

static void weigh_root(struct cal *c, struct cost *k, const struct mx *x)
{
	size_t i;
	fmpq_t v;

	for (i = 0; i < k->roots; i++)
		if (mxt_same(k->root[i], x))
			return;
	if (k->roots == sizeof(k->root) / sizeof(k->root[0])) {
		k->over = true;
		return;
	}
	k->root[k->roots++] = x;
	fmpq_init(v);
	k->weight += rational(c, x->arg[0], v) ? 1 : 2;
	fmpq_clear(v);
}

static void weigh(struct cal *c, const struct mx *x, struct cost *k)
{
	fmpq_t v;
	uint32_t i;

	if (!mx_step(c->q->e, 1)) {
		k->over = true;
		return;
	}
	fmpq_init(v);
	if (rational(c, x, v)) {
		if (fmpz_bits(fmpq_numref(v)) + fmpz_bits(fmpq_denref(v)) > 4096)
			k->over = true;
		goto out;
	}
	if (x->kind == MX_POW && x->n == 2) {
		if (!rational(c, x->arg[1], v) || !fmpz_is_one(fmpq_denref(v)))
			weigh_root(c, k, x);
		else if (fmpz_bits(fmpq_numref(v)) > 10)
			k->over = true;
		if (fmpz_bits(fmpq_denref(v)) > 4)
			k->over = true;
	} else if (mxt_is(x, "sqrt") || mxt_is(x, "root")) {
		weigh_root(c, k, x);
	} else if (x->kind == MX_FUNC) {
		k->weight++;
		/* the sine of pi/n lies in a field of a degree near n */
		if (x->n == 1 && eq_pi_multiple(c->q, x->arg[0], v) &&
		    fmpz_cmp_si(fmpq_denref(v), c->q->ca_degree) > 0)
			k->over = true;
	} else if (x->kind == MX_SUM || x->kind == MX_PROD || x->kind == MX_CALL) {
		k->over = true;
	}
	for (i = 0; i < x->n; i++)
		weigh(c, x->arg[i], k);
out:
	fmpq_clear(v);
}

/* x^(1/n), real for a negative x and odd n over the reals or written as a root. */
static enum eq_get nth_root(struct cal *c, ca_t x, int64_t n, bool as_root)
{
	truth_t negative = T_FALSE;
	fmpq_t e;

	if (n < 1 || n > 64)
		return EQ_NOT;
	if ((n & 1) && (as_root || c->domain == EQ_REAL))
		negative = ca_check_is_negative_real(x, c->ctx);
	if (negative == T_UNKNOWN)
		return EQ_NOT;
	if (negative == T_TRUE)
		ca_neg(x, x, c->ctx);
	fmpq_init(e);
	fmpq_set_si(e, 1, (ulong)n);
	if (n == 2)
		ca_sqrt(x, x, c->ctx);
	else
		ca_pow_fmpq(x, x, e, c->ctx);
	fmpq_clear(e);
	if (negative == T_TRUE)
		ca_neg(x, x, c->ctx);
	return EQ_OK;
}

static enum eq_get power(struct cal *c, const struct mx *x, ca_t ret)
{
	enum eq_get g = eval(c, x->arg[0], ret);
	fmpq_t v;
	ca_t t;

	if (g != EQ_OK)
		return g;
	fmpq_init(v);
	ca_init(t, c->ctx);
	if (!rational(c, x->arg[1], v)) {
		g = eval(c, x->arg[1], t);
		if (g == EQ_OK)
			ca_pow(ret, ret, t, c->ctx);
	} else if (fmpz_is_one(fmpq_denref(v))) {
		ca_pow_fmpz(ret, ret, fmpq_numref(v), c->ctx);
	} else if (c->domain == EQ_REAL && fmpz_fits_si(fmpq_denref(v))) {
		g = nth_root(c, ret, fmpz_get_si(fmpq_denref(v)), false);
		if (g == EQ_OK)
			ca_pow_fmpz(ret, ret, fmpq_numref(v), c->ctx);
	} else {
		ca_pow_fmpq(ret, ret, v, c->ctx);
	}
	ca_clear(t, c->ctx);
	fmpq_clear(v);
	return g;
}

/* sinh, cosh, tanh and their inverses by exp and log. */
static bool hyperbolic(struct cal *c, meed_str f, ca_t x)
{
	bool is_sinh = meed_eq(f, MEED_S("sinh")), is_cosh = meed_eq(f, MEED_S("cosh"));
	bool known = is_sinh || is_cosh || meed_eq(f, MEED_S("tanh"));
	ca_t s, t;

	if (!known)
		return false;
	ca_init(s, c->ctx);
	ca_init(t, c->ctx);
	ca_exp(s, x, c->ctx);
	ca_inv(t, s, c->ctx);
	ca_sub(x, s, t, c->ctx);
	ca_add(t, s, t, c->ctx);
	if (is_sinh)
		ca_div_ui(x, x, 2, c->ctx);
	else if (is_cosh)
		ca_div_ui(x, t, 2, c->ctx);
	else
		ca_div(x, x, t, c->ctx);
	ca_clear(s, c->ctx);
	ca_clear(t, c->ctx);
	return true;
}

static enum eq_get by_name(struct cal *c, meed_str f, ca_t x)
{
	static const struct {
		const char *name;
		void (*fn)(ca_t, const ca_t, ca_ctx_t);
		bool inverse;
	} fns[] = {
		{ "exp", ca_exp, false }, { "ln", ca_log, false },
		{ "sin", ca_sin, false }, { "csc", ca_sin, true },
		{ "cos", ca_cos, false }, { "sec", ca_cos, true },
		{ "tan", ca_tan, false }, { "cot", ca_tan, true },
		{ "arcsin", ca_asin, false }, { "arccos", ca_acos, false },
		{ "arctan", ca_atan, false }, { "asin", ca_asin, false },
		{ "acos", ca_acos, false }, { "atan", ca_atan, false },
		{ "abs", ca_abs, false }, { "re", ca_re, false },
		{ "im", ca_im, false }, { "conj", ca_conj, false },
		{ "sgn", ca_sgn, false }, { "floor", ca_floor, false },
		{ "ceil", ca_ceil, false },
	};
	size_t i;

	for (i = 0; i < sizeof(fns) / sizeof(fns[0]); i++) {
		if (!meed_eq(f, meed_s(fns[i].name)))
			continue;
		fns[i].fn(x, x, c->ctx);
		if (fns[i].inverse)
			ca_inv(x, x, c->ctx);
		return EQ_OK;
	}
	return hyperbolic(c, f, x) ? EQ_OK : EQ_NOT;
}

static enum eq_get function(struct cal *c, const struct mx *x, ca_t ret)
{
	enum eq_get g;
	int64_t n;
	ca_t t;

	if (x->n == 0 || x->n > 2)
		return EQ_NOT;
	g = eval(c, x->arg[0], ret);
	if (g != EQ_OK)
		return g;
	if (mxt_is(x, "sqrt") && x->n == 1)
		return nth_root(c, ret, 2, true);
	if (mxt_is(x, "root") && x->n == 2)
		return mxq_small(c->q, x->arg[1], NULL, &n) ? nth_root(c, ret, n, true) : EQ_NOT;
	if ((mxt_is(x, "log") && (x->n == 2 || c->q->log10)) || mxt_is(x, "lg")) {
		ca_init(t, c->ctx);
		ca_set_ui(t, 10, c->ctx);
		if (x->n == 2)
			g = eval(c, x->arg[1], t);
		if (g == EQ_OK) {
			ca_log(ret, ret, c->ctx);
			ca_log(t, t, c->ctx);
			ca_div(ret, ret, t, c->ctx);
		}
		ca_clear(t, c->ctx);
		return g;
	}
	if (x->n != 1)
		return EQ_NOT;
	return by_name(c, mxt_is(x, "log") ? MEED_S("ln") : x->name, ret);
}

static enum eq_get nary(struct cal *c, const struct mx *x, ca_t ret)
{
	enum eq_get g = EQ_OK;
	uint32_t i;
	ca_t t;

	ca_init(t, c->ctx);
	ca_set_si(ret, x->kind == MX_MUL, c->ctx);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = eval(c, x->arg[i], t);
		if (g == EQ_OK && x->kind == MX_ADD)
			ca_add(ret, ret, t, c->ctx);
		else if (g == EQ_OK)
			ca_mul(ret, ret, t, c->ctx);
	}
	ca_clear(t, c->ctx);
	return g;
}

static enum eq_get node(struct cal *c, const struct mx *x, ca_t ret)
{
	enum eq_get g;
	ca_t t;

	switch (x->kind) {
	case MX_PI:
		ca_pi(ret, c->ctx);
		return EQ_OK;
	case MX_E:
		ca_one(ret, c->ctx);
		ca_exp(ret, ret, c->ctx);
		return EQ_OK;
	case MX_I:
		ca_i(ret, c->ctx);
		return EQ_OK;
	case MX_NEG:
		g = x->n == 1 ? eval(c, x->arg[0], ret) : EQ_NOT;
		if (g == EQ_OK)
			ca_neg(ret, ret, c->ctx);
		return g;
	case MX_PERCENT:
	case MX_DEGREE:
		g = x->n == 1 ? eval(c, x->arg[0], ret) : EQ_NOT;
		if (g != EQ_OK)
			return g;
		ca_div_ui(ret, ret, x->kind == MX_DEGREE ? 180 : 100, c->ctx);
		if (x->kind == MX_PERCENT)
			return EQ_OK;
		ca_init(t, c->ctx);
		ca_pi(t, c->ctx);
		ca_mul(ret, ret, t, c->ctx);
		ca_clear(t, c->ctx);
		return EQ_OK;
	case MX_ADD:
	case MX_MUL:
		return nary(c, x, ret);
	case MX_DIV:
	case MX_RATIO:
		if (x->n != 2)
			return EQ_NOT;
		g = eval(c, x->arg[0], ret);
		ca_init(t, c->ctx);
		if (g == EQ_OK)
			g = eval(c, x->arg[1], t);
		if (g == EQ_OK)
			ca_div(ret, ret, t, c->ctx);
		ca_clear(t, c->ctx);
		return g;
	case MX_POW:
		return x->n == 2 ? power(c, x, ret) : EQ_NOT;
	case MX_FUNC:
		return function(c, x, ret);
	default:
		return EQ_NOT;
	}
}

static enum eq_get eval(struct cal *c, const struct mx *x, ca_t ret)
{
	enum eq_get g;
	fmpq_t v;

	if (!eq_enter(c->q))
		return EQ_BIG;
	fmpq_init(v);
	g = mxq_eval(c->q, x, NULL, v);
	if (g == EQ_OK)
		ca_set_fmpq(ret, v, c->ctx);
	else if (g == EQ_NOT)
		g = mx_step(c->q->e, 50) ? node(c, x, ret) : EQ_BIG;
	fmpq_clear(v);
	if (g == EQ_OK && ca_check_is_number(ret, c->ctx) != T_TRUE)
		g = EQ_UNDEF;
	eq_leave(c->q);
	return g;
}

static void decide(struct cal *c, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	enum eq_get g;
	truth_t t;
	ca_t x, y;

	ca_init(x, c->ctx);
	ca_init(y, c->ctx);
	g = eval(c, a, x);
	if (g == EQ_OK)
		g = eval(c, b, y);
	if (g == EQ_OK && mx_step(c->q->e, 500)) {
		t = ca_check_equal(x, y, c->ctx);
		if (t == T_TRUE)
			eq_say(ret, MX_YES, "proven to be the same number");
		else if (t == T_FALSE)
			eq_say(ret, MX_NO, "proven to be different numbers");
		else
			eq_say(ret, MX_UNDECIDED, "not known to be the same number");
	}
	ca_clear(x, c->ctx);
	ca_clear(y, c->ctx);
}

void mxc_equal(struct eq *q, const struct mx *a, const struct mx *b, enum eq_domain domain,
	       struct mx_outcome *ret)
{
	struct cost k = { { NULL }, 0, 0, false };
	struct cal c;

	c.q = q;
	c.domain = domain;
	eq_say(ret, MX_UNDECIDED, "beyond exact arithmetic's limits here");
	weigh(&c, a, &k);
	weigh(&c, b, &k);
	q->helps = true;
	if (k.over || k.weight > q->ca_weight)
		return;
	ca_ctx_init(c.ctx);
	ca_ctx_set_option(c.ctx, CA_OPT_PREC_LIMIT, q->ca_prec);
	ca_ctx_set_option(c.ctx, CA_OPT_QQBAR_DEG_LIMIT, q->ca_degree);
	decide(&c, a, b, ret);
	ca_ctx_clear(c.ctx);
}
