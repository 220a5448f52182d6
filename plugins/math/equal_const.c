/* equal_const.c - two constants that are not both rational. */
#include "config.h"

#include "plugins/math/equal.h"

/* Both values at one precision. The domain is the reals unless i occurs or a value is not real;
 * then *domain becomes the complex numbers. */
static enum eq_get both(struct eq *q, const struct mx *a, const struct mx *b, struct eq_at *at,
			acb_t x, acb_t y)
{
	enum eq_get g = mxb_eval(q, a, at, x);

	if (g == EQ_OK)
		g = mxb_eval(q, b, at, y);
	if (g == EQ_UNDEF && at->domain == EQ_REAL && !q->e->spent) {
		at->domain = EQ_COMPLEX;
		g = mxb_eval(q, a, at, x);
		if (g == EQ_OK)
			g = mxb_eval(q, b, at, y);
		if (g != EQ_OK)
			at->domain = EQ_REAL;
	}
	return g;
}

/* "1.5", "1.5e+300"; beyond that the number of bits. */
static void put_value(char *buf, size_t cap, const arb_t x)
{
	double d = arf_get_d(arb_midref(x), ARF_RND_NEAR);
	const fmpz *e = ARF_EXPREF(arb_midref(x));

	if (d - d == 0 && (d != 0 || arf_is_zero(arb_midref(x))))
		(void)snprintf(buf, cap, "%.12g", d);
	else if (fmpz_bits(e) < 60)
		(void)snprintf(buf, cap, "%s2^%ld", arf_sgn(arb_midref(x)) < 0 ? "-" : "",
			       (long)fmpz_get_si(e));
	else
		(void)snprintf(buf, cap, "%s", fmpz_sgn(e) > 0 ? "a huge one" : "a tiny one");
}

static void say_apart(struct mx_outcome *ret, const acb_t x, const acb_t y)
{
	char a[32], b[32];
	slong bits = acb_rel_accuracy_bits(x), other = acb_rel_accuracy_bits(y);
	bool real = acb_is_real(x) && acb_is_real(y);

	put_value(a, sizeof(a), acb_realref(x));
	put_value(b, sizeof(b), acb_realref(y));
	eq_sayf(ret, MX_NO, "different numbers", "%s%s against %s, errors below 2^%ld", a,
		real ? "" : " (real part)", b, -(long)(bits < other ? bits : other));
}

/* Numbers too large for a ball: by their logarithms, once or twice. */
static void by_logs(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	int level;
	slong prec;
	arb_t x, y;

	arb_init(x);
	arb_init(y);
	for (level = 1; level <= 2 && ret->verdict == MX_UNDECIDED; level++) {
		for (prec = 64; prec <= 1024; prec *= 4) {
			if (mxb_log(q, a, level, prec, x) != EQ_OK ||
			    mxb_log(q, b, level, prec, y) != EQ_OK)
				break;
			if (arb_overlaps(x, y))
				continue;
			eq_say(ret, MX_NO, level == 1 ? "different logarithms" :
			       "different logarithms of logarithms");
			break;
		}
	}
	arb_clear(x);
	arb_clear(y);
}

void eq_constant(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct eq_at at = { NULL, EQ_REAL, 64, 0 };
	enum eq_get g = EQ_NOT;
	bool same = false;
	acb_t x, y;

	if (mxt_has_kind(a, MX_I) || mxt_has_kind(b, MX_I))
		at.domain = EQ_COMPLEX;
	eq_say(ret, MX_UNDECIDED, "not decided: no value with a proven error");
	acb_init(x);
	acb_init(y);
	for (; at.prec <= q->max_prec && !q->e->spent; at.prec *= 4) {
		g = both(q, a, b, &at, x, y);
		if (g == EQ_UNDEF && at.prec < 1024)
			continue;
		if (g != EQ_OK)
			break;
		if (!acb_overlaps(x, y)) {
			say_apart(ret, x, y);
			goto out;
		}
		if (at.prec == 64 && mxp_same(q, a, b, &same) == EQ_OK && same) {
			eq_say(ret, MX_YES, "the same in terms of their roots, functions and constants");
			goto out;
		}
		if (at.prec == 256) {
			mxc_equal(q, a, b, at.domain, ret);
			if (ret->verdict != MX_UNDECIDED)
				goto out;
		}
		eq_sayf(ret, MX_UNDECIDED, "agree as far as computed, not proven equal",
			"to %ld bits", (long)(acb_rel_accuracy_bits(x) < at.prec ?
					      acb_rel_accuracy_bits(x) : at.prec));
	}
	if (g != EQ_OK && !q->e->spent && mxp_same(q, a, b, &same) == EQ_OK && same)
		eq_say(ret, MX_YES, "the same in terms of their roots, functions and constants");
	else if (g != EQ_OK && !q->e->spent)
		by_logs(q, a, b, ret);
out:
	acb_clear(x);
	acb_clear(y);
}
