/* equal_value.c - two scalars: the cheap layers, and which of the strong ones is asked. */
#include "config.h"

#include "plugins/math/equal.h"

#include <math.h>

/* -1, 1: infinite; 0: finite or unknown; 2: undefined (inf - inf). */
static int infinity(struct eq *q, const struct mx *x)
{
	int r = 0, s;
	uint32_t i;
	fmpq_t v;

	switch (x->kind) {
	case MX_INF:
		return 1;
	case MX_NEG:
		s = x->n == 1 ? infinity(q, x->arg[0]) : 0;
		return s == 2 ? 2 : -s;
	case MX_ADD:
		for (i = 0; i < x->n; i++) {
			s = infinity(q, x->arg[i]);
			if (s == 2 || (s && r && s != r))
				return 2;
			r = s ? s : r;
		}
		return r;
	case MX_MUL:
		for (i = 0, r = 1, s = 0; i < x->n && r != 2; i++) {
			int t = infinity(q, x->arg[i]);

			if (t) {
				s = 1;
				r = t == 2 ? 2 : r * t;
				continue;
			}
			fmpq_init(v);
			if (mxq_eval(q, x->arg[i], NULL, v) != EQ_OK)
				r = 2;
			else
				r = fmpq_is_zero(v) ? 2 : r * fmpq_sgn(v);
			fmpq_clear(v);
		}
		return s ? r : 0;
	default:
		return 0;
	}
}

/* Is infinity one of x's parts, and not just where a sum or limit goes? */
static bool has_infinity(const struct mx *x)
{
	uint32_t i;

	if (x->kind == MX_INF)
		return true;
	if (x->kind == MX_LIM || x->kind == MX_SUM || x->kind == MX_PROD || x->kind == MX_INTEGRAL)
		return false;
	for (i = 0; i < x->n; i++)
		if (has_infinity(x->arg[i]))
			return true;
	return false;
}

/* What may be infinite without saying so. */
static bool may_diverge(const struct mx *x)
{
	uint32_t i;

	if (x->kind == MX_LIM || x->kind == MX_INTEGRAL ||
	    ((x->kind == MX_SUM || x->kind == MX_PROD) && mxt_has_kind(x, MX_INF)))
		return true;
	for (i = 0; i < x->n; i++)
		if (may_diverge(x->arg[i]))
			return true;
	return false;
}

static bool by_infinity(struct eq *q, const struct mx *a, const struct mx *b,
			struct mx_outcome *ret)
{
	int x, y;
	bool ia = has_infinity(a), ib = has_infinity(b);

	if (!ia && !ib)
		return false;
	x = infinity(q, a);
	y = infinity(q, b);
	if (x == 2 || y == 2 || (!x && ia) || (!y && ib) || (x && !y && may_diverge(b)) ||
	    (y && !x && may_diverge(a)))
		eq_say(ret, MX_UNDECIDED, "not decided: arithmetic with infinity");
	else if (x == y)
		eq_say(ret, MX_YES, "the same infinity");
	else
		eq_say(ret, MX_NO, x && y ? "opposite infinities" : "one is infinite");
	return true;
}

/* ---- decimals ------------------------------------------------------------------------------- */

static uint32_t least_decimals(const struct eq *q)
{
	return q->e->opts ? q->e->opts->decimals : 6;
}

static uint32_t significant(const struct mx *x)
{
	size_t i = 0;

	while (x->n > 0)
		x = x->arg[0];
	while (i < x->name.n && x->name.p[i] == '0')
		i++;
	return x->name.n - i > UINT32_MAX ? UINT32_MAX : (uint32_t)(x->name.n - i);
}

/* Does `dec` with its last place 10^-places stand for the exact value in `exact`? Yes if the value
 * rounds to it (half a unit either way) or is cut to it. 1, 0; -1: too close to tell. */
static int rounds_to(const arb_t exact, const fmpq_t dec, int64_t places, slong prec)
{
	arb_t d, unit, lo, hi;
	int r = -1;

	arb_init(d);
	arb_init(unit);
	arb_init(lo);
	arb_init(hi);
	arb_set_ui(unit, 10);
	arb_pow_ui(unit, unit, (ulong)(places < 0 ? -places : places), prec);
	if (places > 0)
		arb_inv(unit, unit, prec);
	arb_set_fmpq(d, dec, prec);
	arb_sub(d, exact, d, prec);
	if (fmpq_sgn(dec) < 0)
		arb_neg(d, d);
	/* -unit/2 <= d < unit: rounded either way, or cut towards zero */
	arb_mul_2exp_si(lo, unit, -1);
	arb_neg(lo, lo);
	if (arb_ge(d, lo) && arb_lt(d, unit))
		r = 1;
	else if (arb_lt(d, lo) || arb_ge(d, unit))
		r = 0;
	arb_clear(d);
	arb_clear(unit);
	arb_clear(lo);
	arb_clear(hi);
	return r;
}

/* The same for a rational. */
static int cuts_to(const fmpq_t exact, const fmpq_t dec, int64_t places)
{
	fmpq_t d, unit;
	fmpz_t ten;
	int r;

	fmpq_init(d);
	fmpq_init(unit);
	fmpz_init(ten);
	fmpz_set_ui(ten, 10);
	fmpq_one(unit);
	fmpz_pow_ui(places < 0 ? fmpq_numref(unit) : fmpq_denref(unit), ten,
		    (ulong)(places < 0 ? -places : places));
	fmpq_sub(d, exact, dec);
	if (fmpq_sgn(dec) < 0)
		fmpq_neg(d, d);
	r = fmpq_cmp(d, unit) < 0;
	fmpq_div_2exp(unit, unit, 1);
	fmpq_neg(unit, unit);
	r = r && fmpq_cmp(d, unit) >= 0;
	fmpq_clear(d);
	fmpq_clear(unit);
	fmpz_clear(ten);
	return r;
}

/* More digits than are worth reading here; the helper process has room for as many. */
static bool is_long(const struct eq *q, const struct mx *x)
{
	while ((x->kind == MX_NEG || x->kind == MX_PERCENT) && x->n == 1)
		x = x->arg[0];
	return x->kind == MX_DEC && x->rep == 0 &&
	       (x->name.n > q->max_bits / 8 || (q->max_prec < 16384 && x->scale > 4000));
}

/* A decimal against something exact. False: the rule does not apply. */
static bool by_rounding(struct eq *q, const struct mx *dec, const struct mx *exact,
			struct mx_outcome *ret)
{
	struct eq_at at = { NULL, EQ_REAL, 0, 0 };
	int64_t places, other_places;
	uint32_t decimals, other;
	bool applies = false;
	int r = -1;
	fmpq_t v, w;
	acb_t x;

	fmpq_init(v);
	fmpq_init(w);
	acb_init(x);
	if (is_long(q, dec) && !mxq_decimal(q, exact, w, &other_places, &other)) {
		q->helps = true;
		eq_say(ret, MX_UNDECIDED, "not decided: a decimal with too many digits");
		applies = true;
		goto out;
	}
	if (!mxq_decimal(q, dec, v, &places, &decimals) ||
	    mxq_decimal(q, exact, w, &other_places, &other))
		goto out;
	if (decimals < least_decimals(q) || decimals == 0 || significant(dec) < least_decimals(q) ||
	    fmpq_is_zero(v) || places < -4000)
		goto out;
	if (mxq_eval(q, exact, NULL, w) == EQ_OK)
		r = cuts_to(w, v, places);
	for (at.prec = 64 + (places > 0 ? 4 * places : 64); at.prec < 200000 && r < 0;
	     at.prec *= 2) {
		if (mxb_eval(q, exact, &at, x) != EQ_OK)
			goto out;
		r = rounds_to(acb_realref(x), v, places, at.prec);
	}
	applies = true;
	if (r < 0)
		eq_say(ret, MX_UNDECIDED, "too close to the decimal's half unit to tell");
	else
		eq_sayf(ret, r ? MX_YES : MX_NO, r ? "rounds or is cut to the decimal" :
			"does not round to the decimal", "%u decimals", (unsigned)decimals);
out:
	acb_clear(x);
	fmpq_clear(v);
	fmpq_clear(w);
	return applies;
}

static bool within_tolerance(struct eq *q, const fmpq_t a, const fmpq_t b)
{
	double tol = q->e->opts ? q->e->opts->rel_tol : 0;
	bool r = false;
	fmpq_t d, m;
	arf_t t;

	if (!(tol > 0) || tol > 1)
		return false;
	fmpq_init(d);
	fmpq_init(m);
	arf_init(t);
	arf_set_d(t, tol);
	arf_get_fmpq(d, t);
	fmpq_abs(m, a);
	fmpq_mul(m, m, d);
	fmpq_sub(d, a, b);
	fmpq_abs(d, d);
	r = fmpq_cmp(d, m) <= 0;
	arf_set_d(t, tol);
	arf_get_fmpq(m, t);
	fmpq_mul(m, m, b);
	fmpq_abs(m, m);
	r = r || fmpq_cmp(d, m) <= 0;
	fmpq_clear(d);
	fmpq_clear(m);
	arf_clear(t);
	return r;
}

/* ---- rationals --------------------------------------------------------------------------------- */

static bool by_rationals(struct eq *q, const struct mx *a, const struct mx *b,
			 struct mx_outcome *ret)
{
	uint32_t da, db;
	int64_t pa, pb;
	enum eq_get ga, gb;
	bool done = true;
	fmpq_t x, y;

	fmpq_init(x);
	fmpq_init(y);
	ga = mxq_eval(q, a, NULL, x);
	gb = mxq_eval(q, b, NULL, y);
	if (ga == EQ_UNDEF && gb == EQ_UNDEF) {
		eq_say(ret, MX_YES, "both are undefined");
	} else if ((ga == EQ_UNDEF && gb == EQ_OK) || (ga == EQ_OK && gb == EQ_UNDEF)) {
		eq_say(ret, MX_NO, "one is undefined");
	} else if (ga != EQ_OK || gb != EQ_OK) {
		done = false;
	} else if (fmpq_equal(x, y)) {
		eq_say(ret, MX_YES, "the same rational number");
	} else if (mxq_decimal(q, a, x, &pa, &da) && mxq_decimal(q, b, y, &pb, &db)) {
		if (within_tolerance(q, x, y))
			eq_sayf(ret, MX_YES, "decimals within the tolerance", "relative %.3g",
				q->e->opts->rel_tol);
		else
			eq_say(ret, MX_NO, "different decimals");
	} else if (!by_rounding(q, a, b, ret) && !by_rounding(q, b, a, ret)) {
		eq_say(ret, MX_NO, "different rational numbers");
	}
	fmpq_clear(x);
	fmpq_clear(y);
	return done;
}

/* ---- long integers ------------------------------------------------------------------------------- */

/* A decimal's digits without zeros before and behind, and how many of them stand after the point. */
static meed_str bare_digits(const struct mx *x, int64_t *ret_places)
{
	meed_str s = x->name;

	*ret_places = x->kind == MX_DEC ? (int64_t)x->scale - x->exp10 : 0;
	while (s.n > 0 && s.p[0] == '0')
		s = meed_sub(s, 1, s.n);
	while (s.n > 0 && s.p[s.n - 1] == '0') {
		s.n--;
		--*ret_places;
	}
	return s;
}

/* Of whole numbers and decimals the digits say it all, however many there are. */
static bool by_digits(const struct eq *q, const struct mx *a, const struct mx *b,
		      struct mx_outcome *ret)
{
	bool na = a->kind == MX_NEG && a->n == 1, nb = b->kind == MX_NEG && b->n == 1, ints;
	int64_t pa, pb;
	meed_str sa, sb;

	a = na ? a->arg[0] : a;
	b = nb ? b->arg[0] : b;
	ints = a->kind == MX_INT && b->kind == MX_INT;
	if ((a->kind != MX_INT && a->kind != MX_DEC) || (b->kind != MX_INT && b->kind != MX_DEC) ||
	    a->rep > 0 || b->rep > 0 || (!ints && q->e->opts && q->e->opts->rel_tol > 0))
		return false;
	sa = bare_digits(a, &pa);
	sb = bare_digits(b, &pb);
	if (sa.n == 0 || sb.n == 0)
		return false;
	if (na == nb && pa == pb && meed_eq(sa, sb))
		eq_say(ret, MX_YES, "the same digits");
	else if (!ints && (a->kind != MX_DEC || b->kind != MX_DEC))
		return false;
	else
		eq_say(ret, MX_NO, ints ? "different integers" : "different decimals");
	return true;
}

/* ---- the field of p^2 elements --------------------------------------------------------------------- */

/* How unlikely it is, as -log2, that different expressions agree in one random field: the symbols'
 * values are zeros of the difference (Schwartz-Zippel: degree/p, p > 2^60), or p divides all its
 * coefficients (at most bits/60 of the more than 2^54 primes drawn from do). */
static double trust(const struct eq_sig_info *info)
{
	double zeros = 60 - log2(info->degree + 1), primes = 54 - log2(info->bits / 60 + 1);

	return zeros < primes ? zeros : primes;
}

enum sig_says { SIG_NOTHING, SIG_DIFFERENT, SIG_SAME };

static enum sig_says field_says(struct eq *q, const struct mx *a, const struct mx *b,
				struct eq_sig_info *info)
{
	struct eq_sig x, y;

	memset(info, 0, sizeof(*info));
	if (!mxs_eval(q, a, &x, info) || !mxs_eval(q, b, &y, info))
		return SIG_NOTHING;
	if (x.re == y.re && x.im == y.im)
		return SIG_SAME;
	return info->opaque || info->transcendental == 3 ? SIG_NOTHING : SIG_DIFFERENT;
}

enum {
	FIELDS = 8			/* in all */
};

/* They agree in one field: prove it, or try more until the chance of error is below 2^-64. */
static void same_in_field(struct eq *q, const struct mx *a, const struct mx *b, double bits,
			  bool opaque, struct mx_outcome *ret)
{
	struct eq_sig_info info;
	bool same = false;
	uint64_t round;

	if (mxp_same(q, a, b, &same) == EQ_OK && same) {
		eq_say(ret, MX_YES, opaque ? "equal as rational functions of their symbols, roots and "
		       "functions" : "equal as rational functions");
		return;
	}
	for (round = 1; round < FIELDS && (round < 3 || bits < 64) && bits > 8 && !q->e->spent;
	     round++) {
		mxs_field(q, round);
		if (field_says(q, a, b, &info) != SIG_SAME)
			break;
		bits += trust(&info);
		same = round >= 2 && bits >= 64;
	}
	mxs_field(q, 0);
	if (same)
		eq_sayf(ret, MX_YES, "equal in random finite fields",
			"%d of them, chance of error below 2^-%d", (int)round, (int)bits);
}

static bool by_field(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct eq_sig_info info;

	ret->verdict = MX_UNDECIDED;
	if (!q->field_made)
		mxs_field(q, 0);
	switch (field_says(q, a, b, &info)) {
	case SIG_DIFFERENT:
		eq_sayf(ret, MX_NO, "different values in a finite field", "p = %lu",
			(unsigned long)q->field.mod.n);
		return true;
	case SIG_SAME:
		same_in_field(q, a, b, trust(&info), info.opaque, ret);
		return ret->verdict != MX_UNDECIDED;
	case SIG_NOTHING:
	default:
		return false;
	}
}

bool eq_rational_value(struct eq *q, const struct mx *x, fmpq_t ret)
{
	struct eq_at at = { NULL, EQ_REAL, 128, 0 };
	struct mx_outcome o;
	const struct mx *r;
	bool ok = false;
	fmpz_t k;
	acb_t v;

	if (mxq_eval(q, x, NULL, ret) == EQ_OK)
		return true;
	fmpz_init(k);
	acb_init(v);
	if (mxb_eval(q, x, &at, v) == EQ_OK) {
		acb_mul_ui(v, v, 5040, 128);
		if (arb_get_unique_fmpz(k, acb_realref(v))) {
			fmpq_set_fmpz(ret, k);
			fmpz_set_ui(k, 5040);
			fmpq_div_fmpz(ret, ret, k);
			r = mxt_fmpq(q->e, ret);
			if (r)
				eq_value(q, x, r, &o);
			ok = r && o.verdict == MX_YES;
		}
	}
	fmpz_clear(k);
	acb_clear(v);
	return ok;
}

/* ---- what has no value ----------------------------------------------------------------------------- */

static bool by_undefined(struct eq *q, const struct mx *a, const struct mx *b,
			 struct mx_outcome *ret)
{
	bool ua, ub;
	fmpq_t v;

	fmpq_init(v);
	ua = mxq_eval(q, a, NULL, v) == EQ_UNDEF;
	ub = mxq_eval(q, b, NULL, v) == EQ_UNDEF;
	fmpq_clear(v);
	if (ua == ub || !eq_defined_somewhere(q, ua ? b : a))
		return false;
	eq_say(ret, MX_NO, "one is undefined");
	return true;
}

/* ---- all of them ------------------------------------------------------------------------------- */

static void decide(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct eq_syms s;

	if (by_infinity(q, a, b, ret) || by_digits(q, a, b, ret) || by_rationals(q, a, b, ret))
		return;
	memset(&s, 0, sizeof(s));
	mxt_syms(a, &s);
	mxt_syms(b, &s);
	if (s.n == 0 && !s.has_call &&
	    (by_rounding(q, a, b, ret) || by_rounding(q, b, a, ret)))
		return;
	if (by_field(q, a, b, ret) || by_undefined(q, a, b, ret) || q->e->spent)
		return;
	if (s.n == 0 && !s.has_call)
		eq_constant(q, a, b, ret);
	else
		eq_points(q, a, b, ret);
}

static bool plain_log(const struct mx *x)
{
	uint32_t i;

	if (mxt_is(x, "log") && x->n == 1)
		return true;
	for (i = 0; i < x->n; i++)
		if (plain_log(x->arg[i]))
			return true;
	return false;
}

void eq_value(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct mx_outcome alt;

	eq_say(ret, MX_UNDECIDED, "not decided");
	if (!eq_enter(q))
		return;
	if (mxt_same(a, b)) {
		eq_say(ret, MX_YES, "the same expression");
	} else if (!eq_progressions(q, a, b, ret)) {
		decide(q, a, b, ret);
		/* "log" without a base: natural first, else common where only one side says log */
		if (ret->verdict != MX_YES && !q->log10 && !q->e->spent &&
		    plain_log(a) != plain_log(b)) {
			q->log10 = true;
			decide(q, a, b, &alt);
			q->log10 = false;
			if (alt.verdict == MX_YES)
				eq_sayf(ret, MX_YES, alt.rule, "with log to base 10");
		}
	}
	eq_leave(q);
}
