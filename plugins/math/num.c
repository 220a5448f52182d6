/* num.c - expressions whose value is an exact rational. */
#include "config.h"

#include "plugins/math/equal.h"

static bool too_big(const struct eq *q, const fmpq_t v)
{
	return fmpz_bits(fmpq_numref(v)) > q->max_bits || fmpz_bits(fmpq_denref(v)) > q->max_bits;
}

static uint64_t bits_of(const fmpq_t v)
{
	return fmpz_bits(fmpq_numref(v)) + fmpz_bits(fmpq_denref(v));
}

/* The digits of s in `base` as an integer. */
static enum eq_get digits(struct eq *q, meed_str s, int base, fmpz_t ret)
{
	char small[64], *p = small;
	size_t i;
	int d;

	if (s.n == 0)
		return EQ_NOT;
	if ((uint64_t)s.n * (base > 16 ? 6 : base > 8 ? 4 : base > 4 ? 3 : 2) > q->max_bits)
		return EQ_BIG;
	if (s.n >= sizeof(small)) {
		p = mx_alloc(q->e, s.n + 1);
		if (!p || !mx_step(q->e, s.n / 16))
			return EQ_BIG;
	}
	for (i = 0; i < s.n; i++) {
		d = s.p[i] >= '0' && s.p[i] <= '9' ? s.p[i] - '0' :
		    s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 'a' + 10 :
		    s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 10 : 99;
		if (d >= base)
			return EQ_NOT;
		p[i] = s.p[i];
	}
	p[s.n] = '\0';
	return fmpz_set_str(ret, p, base) == 0 ? EQ_OK : EQ_NOT;
}

/* v *= 10^k */
static enum eq_get scale10(struct eq *q, fmpq_t v, int64_t k)
{
	uint64_t n = k < 0 ? (uint64_t)0 - (uint64_t)k : (uint64_t)k;
	fmpz_t t;

	if (fmpq_is_zero(v))
		return EQ_OK;
	if (n > q->max_bits / 4)
		return EQ_BIG;
	fmpz_init(t);
	fmpz_ui_pow_ui(t, 10, n);
	if (k < 0)
		fmpq_div_fmpz(v, v, t);
	else
		fmpq_mul_fmpz(v, v, t);
	fmpz_clear(t);
	return EQ_OK;
}

static enum eq_get decimal(struct eq *q, const struct mx *x, fmpq_t ret)
{
	enum eq_get g;
	fmpz_t head, nines;

	fmpz_init(head);
	fmpz_init(nines);
	g = digits(q, x->name, 10, fmpq_numref(ret));
	fmpz_one(fmpq_denref(ret));
	if (g == EQ_OK && x->rep > 0 && x->rep <= x->name.n && x->rep <= x->scale) {
		if (x->rep < x->name.n)
			g = digits(q, meed_sub(x->name, 0, x->name.n - x->rep), 10, head);
		if (g == EQ_OK) {
			fmpz_sub(fmpq_numref(ret), fmpq_numref(ret), head);
			fmpz_ui_pow_ui(nines, 10, x->rep);
			fmpz_sub_ui(nines, nines, 1);
			fmpq_div_fmpz(ret, ret, nines);
			g = scale10(q, ret, (int64_t)x->exp10 - x->scale + x->rep);
		}
	} else if (g == EQ_OK) {
		g = scale10(q, ret, (int64_t)x->exp10 - x->scale);
	}
	fmpz_clear(head);
	fmpz_clear(nines);
	return g;
}

/* ret = v^(1/n), exactly, for v >= 0. */
static enum eq_get exact_root(fmpq_t ret, const fmpq_t v, uint64_t n)
{
	enum eq_get g = EQ_NOT;
	fmpq_t r;

	if (fmpq_sgn(v) < 0 || n == 0 || n > 64)
		return EQ_NOT;
	fmpq_init(r);
	if (fmpz_root(fmpq_numref(r), fmpq_numref(v), (slong)n) &&
	    fmpz_root(fmpq_denref(r), fmpq_denref(v), (slong)n)) {
		fmpq_set(ret, r);
		g = EQ_OK;
	}
	fmpq_clear(r);
	return g;
}

/* Too large here; small enough for the helper process? */
static enum eq_get helped(struct eq *q, uint64_t factors, uint64_t bits)
{
	if (bits > 0 && factors <= (1u << 24) / bits)
		q->helps = true;
	return EQ_BIG;
}

static enum eq_get power(struct eq *q, fmpq_t ret, const fmpq_t base, const fmpq_t expo)
{
	uint64_t k, den;
	enum eq_get g;
	fmpq_t b;

	if (fmpq_is_zero(base)) {
		if (fmpq_sgn(expo) < 0)
			return EQ_UNDEF;
		fmpq_set_si(ret, fmpq_sgn(expo) == 0, 1);
		return EQ_OK;
	}
	if (fmpq_is_one(base)) {
		fmpq_one(ret);
		return EQ_OK;
	}
	if (!fmpz_abs_fits_ui(fmpq_numref(expo)) || !fmpz_abs_fits_ui(fmpq_denref(expo))) {
		if (fmpz_is_pm1(fmpq_numref(base)) && fmpz_is_one(fmpq_denref(base)) &&
		    fmpz_is_one(fmpq_denref(expo))) {
			fmpq_set_si(ret, fmpz_is_even(fmpq_numref(expo)) ? 1 : -1, 1);
			return EQ_OK;
		}
		return EQ_BIG;
	}
	den = fmpz_get_ui(fmpq_denref(expo));
	k = fmpz_get_ui(fmpq_numref(expo)); /* of the absolute value */
	fmpq_init(b);
	fmpq_set(b, base);
	g = den == 1 ? EQ_OK : exact_root(b, base, den);
	if (g == EQ_OK) {
		if (!(fmpz_is_pm1(fmpq_numref(b)) && fmpz_is_one(fmpq_denref(b))) &&
		    k > q->max_bits / bits_of(b))
			g = helped(q, k, bits_of(b));
	}
	if (g == EQ_OK) {
		if (fmpz_is_pm1(fmpq_numref(b)) && fmpz_is_one(fmpq_denref(b)))
			k &= 1;
		if (!mx_step(q->e, 1 + k * bits_of(b) / 1024))
			g = EQ_BIG;
	}
	if (g == EQ_OK) {
		fmpz_pow_ui(fmpq_numref(ret), fmpq_numref(b), k);
		fmpz_pow_ui(fmpq_denref(ret), fmpq_denref(b), k);
		if (fmpq_sgn(expo) < 0)
			fmpq_inv(ret, ret);
	}
	fmpq_clear(b);
	return g;
}

/* n! and the like: what n log2(n) says of its size. */
static bool fits_product(const struct eq *q, uint64_t factors, uint64_t largest)
{
	return factors == 0 || FLINT_BIT_COUNT(largest) <= q->max_bits / factors;
}

static bool natural(const fmpq_t v, uint64_t *ret)
{
	if (!fmpz_is_one(fmpq_denref(v)) || fmpz_sgn(fmpq_numref(v)) < 0 ||
	    !fmpz_abs_fits_ui(fmpq_numref(v)))
		return false;
	*ret = fmpz_get_ui(fmpq_numref(v));
	return true;
}

static enum eq_get factorial(struct eq *q, fmpq_t v)
{
	uint64_t n;

	if (fmpz_is_one(fmpq_denref(v)) && fmpq_sgn(v) < 0)
		return EQ_UNDEF;
	if (!fmpz_is_one(fmpq_denref(v)))
		return EQ_NOT;
	if (!natural(v, &n) || !fits_product(q, n, n) || !mx_step(q->e, 1 + n / 8))
		return natural(v, &n) ? helped(q, n, FLINT_BIT_COUNT(n)) : EQ_BIG;
	fmpz_fac_ui(fmpq_numref(v), n);
	return EQ_OK;
}

/* binom(n, k), or perm(n, k) = k! binom(n, k) */
static enum eq_get choose(struct eq *q, fmpq_t v, const fmpq_t kk, bool ordered)
{
	uint64_t n, k;
	fmpz_t t;

	if (!fmpz_is_one(fmpq_denref(v)) || !fmpz_is_one(fmpq_denref(kk)) || fmpq_sgn(v) < 0)
		return EQ_NOT;
	if (fmpq_sgn(kk) < 0 || fmpq_cmp(kk, v) > 0) {
		fmpq_zero(v);
		return EQ_OK;
	}
	if (!natural(v, &n) || !natural(kk, &k))
		return EQ_BIG;
	if (!ordered && k > n - k)
		k = n - k;
	if (!(ordered ? fits_product(q, k, n) : n <= q->max_bits || fits_product(q, k, n)) ||
	    !mx_step(q->e, 1 + k / 8))
		return EQ_BIG;
	fmpz_bin_uiui(fmpq_numref(v), n, k);
	if (ordered) {
		fmpz_init(t);
		fmpz_fac_ui(t, k);
		fmpz_mul(fmpq_numref(v), fmpq_numref(v), t);
		fmpz_clear(t);
	}
	return EQ_OK;
}

/* Functions of one rational, in place. */
static enum eq_get unary(struct eq *q, const struct mx *x, fmpq_t v)
{
	meed_str f = x->name;
	uint64_t half = 2;

	if (meed_eq(f, MEED_S("abs"))) {
		fmpq_abs(v, v);
	} else if (meed_eq(f, MEED_S("floor"))) {
		fmpz_fdiv_q(fmpq_numref(v), fmpq_numref(v), fmpq_denref(v));
		fmpz_one(fmpq_denref(v));
	} else if (meed_eq(f, MEED_S("ceil"))) {
		fmpz_cdiv_q(fmpq_numref(v), fmpq_numref(v), fmpq_denref(v));
		fmpz_one(fmpq_denref(v));
	} else if (meed_eq(f, MEED_S("sgn"))) {
		fmpq_set_si(v, fmpq_sgn(v), 1);
	} else if (meed_eq(f, MEED_S("re")) || meed_eq(f, MEED_S("conj"))) {
		return EQ_OK;
	} else if (meed_eq(f, MEED_S("im"))) {
		fmpq_zero(v);
	} else if (meed_eq(f, MEED_S("sqrt"))) {
		return exact_root(v, v, half);
	} else if (meed_eq(f, MEED_S("factorial"))) {
		return factorial(q, v);
	} else {
		return EQ_NOT;
	}
	return EQ_OK;
}

static enum eq_get binary(struct eq *q, const struct mx *x, fmpq_t v, const fmpq_t w)
{
	meed_str f = x->name;
	uint64_t n;
	enum eq_get g;

	if (meed_eq(f, MEED_S("binom")) || meed_eq(f, MEED_S("perm")))
		return choose(q, v, w, meed_eq(f, MEED_S("perm")));
	if (meed_eq(f, MEED_S("max")) || meed_eq(f, MEED_S("min"))) {
		if ((fmpq_cmp(v, w) < 0) == meed_eq(f, MEED_S("max")))
			fmpq_set(v, w);
		return EQ_OK;
	}
	if (meed_eq(f, MEED_S("root"))) {
		if (!natural(w, &n))
			return EQ_NOT;
		if (fmpq_sgn(v) < 0 && (n & 1)) {
			fmpq_neg(v, v);
			g = exact_root(v, v, n);
			fmpq_neg(v, v);
			return g;
		}
		return exact_root(v, v, n);
	}
	if (!fmpz_is_one(fmpq_denref(v)) || !fmpz_is_one(fmpq_denref(w)))
		return EQ_NOT;
	if (meed_eq(f, MEED_S("gcd"))) {
		fmpz_gcd(fmpq_numref(v), fmpq_numref(v), fmpq_numref(w));
	} else if (meed_eq(f, MEED_S("lcm"))) {
		fmpz_lcm(fmpq_numref(v), fmpq_numref(v), fmpq_numref(w));
	} else if (meed_eq(f, MEED_S("mod"))) {
		if (fmpq_is_zero(w))
			return EQ_UNDEF;
		fmpz_fdiv_r(fmpq_numref(v), fmpq_numref(v), fmpq_numref(w));
	} else {
		return EQ_NOT;
	}
	return EQ_OK;
}

static bool folds(meed_str f)
{
	return meed_eq(f, MEED_S("max")) || meed_eq(f, MEED_S("min")) ||
	       meed_eq(f, MEED_S("gcd")) || meed_eq(f, MEED_S("lcm"));
}

static enum eq_get eval(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret);

static enum eq_get function(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	enum eq_get g;
	uint32_t i;
	fmpq_t w;

	if (x->n == 0 || (x->n > 2 && !folds(x->name)))
		return EQ_NOT;
	g = eval(q, x->arg[0], b, ret);
	if (g != EQ_OK)
		return g;
	if (x->n == 1)
		return folds(x->name) ? EQ_OK : unary(q, x, ret);
	fmpq_init(w);
	for (i = 1; i < x->n && g == EQ_OK; i++) {
		g = eval(q, x->arg[i], b, w);
		if (g == EQ_OK)
			g = binary(q, x, ret, w);
	}
	fmpq_clear(w);
	return g;
}

static enum eq_get series(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	struct eq_bind here = { MEED_S(""), NULL, b };
	int64_t lo, hi, k;
	enum eq_get g = EQ_OK;
	fmpq_t at, t;

	if (x->n != 4 || x->arg[0]->kind != MX_SYM || !mxq_small(q, x->arg[1], b, &lo) ||
	    !mxq_small(q, x->arg[2], b, &hi))
		return EQ_NOT;
	if (hi >= lo && (uint64_t)hi - (uint64_t)lo >= q->max_sum) {
		q->helps = q->helps || (uint64_t)hi - (uint64_t)lo < 1000000;
		return EQ_BIG;
	}
	here.name = x->arg[0]->name;
	fmpq_init(at);
	fmpq_init(t);
	here.v = at;
	fmpq_set_si(ret, x->kind == MX_PROD, 1);
	for (k = lo; k <= hi && g == EQ_OK; k++) {
		fmpq_set_si(at, k, 1);
		g = eval(q, x->arg[3], &here, t);
		if (g != EQ_OK)
			break;
		if (x->kind == MX_SUM)
			fmpq_add(ret, ret, t);
		else
			fmpq_mul(ret, ret, t);
		if (too_big(q, ret) || !mx_step(q->e, 1 + bits_of(ret) / 512))
			g = EQ_BIG;
	}
	fmpq_clear(at);
	fmpq_clear(t);
	return g;
}

static enum eq_get nary(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	enum eq_get g = EQ_OK;
	uint32_t i;
	fmpq_t t;

	fmpq_init(t);
	fmpq_set_si(ret, x->kind == MX_MUL, 1);
	for (i = 0; i < x->n && g == EQ_OK; i++) {
		g = eval(q, x->arg[i], b, t);
		if (g != EQ_OK)
			break;
		if (x->kind == MX_ADD)
			fmpq_add(ret, ret, t);
		else
			fmpq_mul(ret, ret, t);
		if (too_big(q, ret) || !mx_step(q->e, bits_of(ret) / 512))
			g = EQ_BIG;
	}
	fmpq_clear(t);
	return g;
}

static enum eq_get two(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	enum eq_get g;
	fmpq_t s, t;

	if (x->n != 2)
		return EQ_NOT;
	fmpq_init(s);
	fmpq_init(t);
	g = eval(q, x->arg[0], b, s);
	if (g == EQ_OK)
		g = eval(q, x->arg[1], b, t);
	if (g != EQ_OK) {
		goto out;
	} else if (x->kind == MX_POW) {
		g = power(q, ret, s, t);
	} else if (fmpq_is_zero(t)) {
		g = EQ_UNDEF;
	} else {
		fmpq_div(ret, s, t);
	}
out:
	fmpq_clear(s);
	fmpq_clear(t);
	return g;
}

static enum eq_get symbol(const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	for (; b; b = b->next) {
		if (!meed_eq(b->name, x->name))
			continue;
		fmpq_set(ret, b->v);
		return EQ_OK;
	}
	return EQ_NOT;
}

static enum eq_get eval(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	enum eq_get g = EQ_NOT;

	if (!eq_enter(q))
		return EQ_BIG;
	switch (x->kind) {
	case MX_INT:
		g = digits(q, x->name, 10, fmpq_numref(ret));
		fmpz_one(fmpq_denref(ret));
		break;
	case MX_DEC:
		g = decimal(q, x, ret);
		break;
	case MX_BASE:
		if (x->base >= 2 && x->base <= 36)
			g = digits(q, x->n == 1 ? x->arg[0]->name : x->name, (int)x->base,
				   fmpq_numref(ret));
		fmpz_one(fmpq_denref(ret));
		break;
	case MX_SYM:
		g = symbol(x, b, ret);
		break;
	case MX_NEG:
		g = x->n == 1 ? eval(q, x->arg[0], b, ret) : EQ_NOT;
		if (g == EQ_OK)
			fmpq_neg(ret, ret);
		break;
	case MX_PERCENT:
		g = x->n == 1 ? eval(q, x->arg[0], b, ret) : EQ_NOT;
		if (g == EQ_OK)
			g = scale10(q, ret, -2);
		break;
	case MX_ADD:
	case MX_MUL:
		g = nary(q, x, b, ret);
		break;
	case MX_DIV:
	case MX_RATIO:
	case MX_POW:
		g = two(q, x, b, ret);
		break;
	case MX_FUNC:
		g = function(q, x, b, ret);
		break;
	case MX_SUM:
	case MX_PROD:
		g = series(q, x, b, ret);
		break;
	default:
		break;
	}
	if (g == EQ_OK && too_big(q, ret))
		g = EQ_BIG;
	eq_leave(q);
	return g;
}

enum eq_get mxq_eval(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret)
{
	return eval(q, x, b, ret);
}

bool mxq_small(struct eq *q, const struct mx *x, const struct eq_bind *b, int64_t *ret)
{
	bool ok;
	fmpq_t v;

	fmpq_init(v);
	ok = eval(q, x, b, v) == EQ_OK && fmpz_is_one(fmpq_denref(v)) &&
	     fmpz_fits_si(fmpq_numref(v));
	if (ok)
		*ret = fmpz_get_si(fmpq_numref(v));
	fmpq_clear(v);
	return ok;
}

bool mxq_decimal(struct eq *q, const struct mx *x, fmpq_t ret, int64_t *ret_places,
		 uint32_t *ret_decimals)
{
	int64_t shift = 0;
	bool neg = false;

	for (;; x = x->arg[0]) {
		if (x->kind == MX_NEG && x->n == 1) {
			neg = !neg;
		} else if (x->kind == MX_PERCENT && x->n == 1) {
			shift += 2;
		} else {
			break;
		}
	}
	/* 1.2 x 10^5 */
	if (x->kind == MX_MUL && x->n == 2 && x->arg[0]->kind == MX_DEC &&
	    x->arg[1]->kind == MX_POW && x->arg[1]->n == 2) {
		int64_t ten, k;

		if (!mxq_small(q, x->arg[1]->arg[0], NULL, &ten) || ten != 10 ||
		    !mxq_small(q, x->arg[1]->arg[1], NULL, &k) || k > 100000 || k < -100000)
			return false;
		shift -= k;
		x = x->arg[0];
	}
	if (x->kind != MX_DEC || x->rep > 0 || decimal(q, x, ret) != EQ_OK ||
	    scale10(q, ret, -shift) != EQ_OK)
		return false;
	if (neg)
		fmpq_neg(ret, ret);
	*ret_decimals = x->scale;
	*ret_places = (int64_t)x->scale - x->exp10 + shift;
	return true;
}
