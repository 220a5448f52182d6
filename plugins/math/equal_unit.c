/* equal_unit.c - quantities: units by their dimensions and exact factors. */
#include "config.h"

#include "plugins/math/equal.h"

/* name = num/den of base (a product of powers of base units, "" for a pure number). Exact by
 * definition only: what is measured has no factor. */
static const struct {
	const char *name, *base;
	int64_t num, den;
} units[] = {
	{ "nm", "m", 1, 1000000000 }, { "mm", "m", 1, 1000 }, { "cm", "m", 1, 100 },
	{ "dm", "m", 1, 10 }, { "m", "m", 1, 1 }, { "km", "m", 1000, 1 },
	{ "in", "m", 254, 10000 }, { "ft", "m", 3048, 10000 }, { "yd", "m", 9144, 10000 },
	{ "mi", "m", 1609344, 1000 }, { "mg", "kg", 1, 1000000 }, { "g", "kg", 1, 1000 },
	{ "kg", "kg", 1, 1 }, { "t", "kg", 1000, 1 }, { "lb", "kg", 45359237, 100000000 },
	{ "oz", "kg", 45359237, 1600000000 }, { "ms", "s", 1, 1000 }, { "s", "s", 1, 1 },
	{ "min", "s", 60, 1 }, { "h", "s", 3600, 1 }, { "day", "s", 86400, 1 },
	{ "week", "s", 604800, 1 }, { "L", "m^3", 1, 1000 }, { "mL", "m^3", 1, 1000000 },
	{ "cL", "m^3", 1, 100000 }, { "dL", "m^3", 1, 10000 }, { "ha", "m^2", 10000, 1 },
	{ "gal", "m^3", 3785411784, 1000000000000 }, { "qt", "m^3", 946352946, 1000000000000 },
	{ "acre", "m^2", 40468564224, 10000000 }, { "N", "kg*m/s^2", 1, 1 },
	{ "J", "kg*m^2/s^2", 1, 1 }, { "kJ", "kg*m^2/s^2", 1000, 1 },
	{ "W", "kg*m^2/s^3", 1, 1 }, { "kW", "kg*m^2/s^3", 1000, 1 },
	{ "kWh", "kg*m^2/s^2", 3600000, 1 }, { "Pa", "kg/m*s^2", 1, 1 },
	{ "kPa", "kg/m*s^2", 1000, 1 }, { "atm", "kg/m*s^2", 101325, 1 },
	{ "Hz", "1/s", 1, 1 }, { "kHz", "1/s", 1000, 1 }, { "MHz", "1/s", 1000000, 1 },
	{ "cal", "kg*m^2/s^2", 4184, 1000 }, { "kcal", "kg*m^2/s^2", 4184, 1 },
	{ "cent", "USD", 1, 100 }, { "dozen", "", 12, 1 }, { "knot", "m/s", 1852, 3600 },
	{ "month", "month", 1, 1 }, { "year", "month", 12, 1 }, { "rad", "", 1, 1 },
	{ "unit", "", 1, 1 },
};

enum {
	DIMS = 8
};

struct dims {
	struct {
		meed_str name;
		int64_t pow;
	} v[DIMS];
	size_t n;
};

static bool dims_add(struct dims *d, meed_str name, int64_t pow)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (!meed_eq(d->v[i].name, name))
			continue;
		d->v[i].pow += pow;
		return true;
	}
	if (d->n == DIMS)
		return false;
	d->v[d->n].name = name;
	d->v[d->n++].pow = pow;
	return true;
}

/* One factor "cm^2" of a unit's name. */
static bool factor(meed_str s, int64_t sign, bool deep, fmpq_t f, struct dims *d);

/* "kg*m/s^2": what follows / up to the end divides. */
static bool product(meed_str s, int64_t sign, bool deep, fmpq_t f, struct dims *d)
{
	size_t i, from = 0;
	int64_t side = sign;

	for (i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] != '*' && s.p[i] != '/')
			continue;
		if (!factor(meed_sub(s, from, i), side, deep, f, d))
			return false;
		if (i < s.n && s.p[i] == '/')
			side = -sign;
		from = i + 1;
	}
	return true;
}

static bool factor(meed_str s, int64_t sign, bool deep, fmpq_t f, struct dims *d)
{
	size_t at = meed_find(s, 0, MEED_S("^")), i;
	int64_t pow = 1;
	double p;
	fmpq_t t;
	bool ok;

	if (at != MEED_NONE) {
		if (meed_read_num(meed_sub(s, at + 1, s.n), &p) == 0 || !(p >= -12 && p <= 12))
			return false;
		pow = (int64_t)p;
		s = meed_sub(s, 0, at);
	}
	if (s.n == 0 || meed_eq(s, MEED_S("1")))
		return true;
	if (deep)
		return dims_add(d, s, pow * sign);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (meed_eq(s, meed_s(units[i].name)))
			break;
	if (i == sizeof(units) / sizeof(units[0]))
		return dims_add(d, s, pow * sign);
	fmpq_init(t);
	fmpq_set_si(t, units[i].num, (ulong)units[i].den);
	fmpq_pow_si(t, t, pow * sign);
	fmpq_mul(f, f, t);
	fmpq_clear(t);
	ok = true;
	for (; pow != 0 && ok; pow -= pow > 0 ? 1 : -1)
		ok = product(meed_s(units[i].base), pow > 0 ? sign : -sign, true, f, d);
	return ok;
}

/* Is a the same dimension as b? *ratio: one of a in ones of b. */
static bool convert(meed_str a, meed_str b, fmpq_t ratio)
{
	struct dims d = { { { { NULL, 0 }, 0 } }, 0 };
	fmpq_t f;
	size_t i;
	bool ok;

	fmpq_one(ratio);
	fmpq_init(f);
	fmpq_one(f);
	ok = product(a, 1, false, ratio, &d) && product(b, -1, false, f, &d);
	fmpq_mul(ratio, ratio, f);
	fmpq_clear(f);
	for (i = 0; i < d.n && ok; i++)
		ok = d.v[i].pow == 0;
	return ok;
}

/* 5 ft + 3 in in inches: how many; NULL if they do not go together. */
static struct mx *summed(struct eq *q, const struct mx *x, meed_str unit)
{
	struct mx *sum = NULL, *part;
	fmpq_t ratio;
	bool ok = true;
	uint32_t i;

	fmpq_init(ratio);
	for (i = 0; i < x->n && ok; i++) {
		ok = convert(x->arg[i]->name, unit, ratio);
		part = ok ? mxt_2(q->e, MX_MUL, mxt_fmpq(q->e, ratio), x->arg[i]->arg[0]) : NULL;
		sum = !part ? NULL : sum ? mxt_2(q->e, MX_ADD, sum, part) : part;
		ok = ok && sum;
	}
	fmpq_clear(ratio);
	return ok ? sum : NULL;
}

/* -(5 cm) as (-5) cm, 3 (10^8 m/s) as (3 10^8) m/s, 5 ft + 3 in as 63 in; else x. */
const struct mx *eq_measure(struct eq *q, const struct mx *x)
{
	const struct mx *unit = NULL;
	uint32_t i, at = 0, n = 0;
	struct mx *in, *r;

	for (i = 0; i < x->n; i++) {
		if (x->arg[i]->kind != MX_UNIT || x->arg[i]->n != 1)
			continue;
		unit = x->arg[i];
		at = i;
		n++;
	}
	if (!unit || n != (x->kind == MX_MUL || x->kind == MX_DIV ? 1 : x->n) ||
	    (x->kind == MX_DIV && at > 0))
		return x;
	if (x->kind == MX_ADD) {
		in = summed(q, x, unit->name);
	} else {
		in = mxt_copy(q->e, x);
		if (in)
			mxt_set(in, at, unit->arg[0]);
	}
	if (!in)
		return q->e->spent ? NULL : x;
	r = mxt_1(q->e, MX_UNIT, in);
	if (r)
		r->name = unit->name;
	return r;
}

static bool units_free(const struct eq *q)
{
	return !q->e->opts || q->e->opts->units_free;
}

static bool percent_free(const struct eq *q)
{
	return !q->e->opts || q->e->opts->percent_free;
}

static bool is_quantity(const struct mx *x)
{
	return (x->kind == MX_UNIT || x->kind == MX_PERCENT || x->kind == MX_DEGREE) && x->n == 1;
}

/* "pounds" is money or weight. */
static bool are_pounds(meed_str a, meed_str b)
{
	return (meed_eq(a, MEED_S("lb")) && meed_eq(b, MEED_S("GBP"))) ||
	       (meed_eq(a, MEED_S("GBP")) && meed_eq(b, MEED_S("lb")));
}

static void both_units(struct eq *q, const struct mx *a, const struct mx *b,
		       struct mx_outcome *ret)
{
	const struct mx *x = a->arg[0];
	fmpq_t ratio;

	fmpq_init(ratio);
	if (are_pounds(a->name, b->name)) {
		eq_any(q, x, b->arg[0], ret);
	} else if (!convert(a->name, b->name, ratio)) {
		eq_sayf(ret, MX_NO, "different units", "%.*s against %.*s",
			(int)(a->name.n > 40 ? 40 : a->name.n), a->name.p,
			(int)(b->name.n > 40 ? 40 : b->name.n), b->name.p);
	} else {
		if (!fmpq_is_one(ratio))
			x = mxt_2(q->e, MX_MUL, mxt_fmpq(q->e, ratio), x);
		if (x)
			eq_any(q, x, b->arg[0], ret);
	}
	fmpq_clear(ratio);
}

static void percent_against(struct eq *q, const struct mx *percent, const struct mx *plain,
			    bool swap, struct mx_outcome *ret)
{
	const struct mx *v = mxt_2(q->e, MX_DIV, percent->arg[0], mxt_int(q->e, 100));

	if (!v)
		return;
	if (mxt_is_scalar(percent) && mxt_is_scalar(plain))
		eq_value(q, swap ? plain : percent, swap ? percent : plain, ret);
	else
		eq_any(q, swap ? plain : v, swap ? v : plain, ret);
	if (ret->verdict == MX_YES || !percent_free(q))
		return;
	v = percent->arg[0];
	eq_any(q, swap ? plain : v, swap ? v : plain, ret);
	if (ret->verdict == MX_YES)
		eq_say(ret, MX_YES, "equal but for the percent sign");
}

static void degree_against(struct eq *q, const struct mx *degree, const struct mx *plain, bool swap,
			   struct mx_outcome *ret)
{
	bool radians = plain->kind == MX_UNIT && meed_eq(plain->name, MEED_S("rad"));
	const struct mx *v = degree->arg[0];

	if (plain->kind == MX_UNIT) {
		if (meed_eq(plain->name, MEED_S("rad")))
			plain = plain->arg[0];
		else if (meed_eq(plain->name, MEED_S("degC")) ||
			 meed_eq(plain->name, MEED_S("degF")) || meed_eq(plain->name, MEED_S("C")))
			degree = NULL;
		if (plain->kind == MX_UNIT)
			plain = plain->arg[0];
	}
	if (degree) {
		eq_any(q, swap ? plain : degree->arg[0], swap ? degree->arg[0] : plain, ret);
		if (ret->verdict == MX_YES && units_free(q) && !radians) {
			eq_say(ret, MX_YES, "equal but for the degree sign");
			return;
		}
		eq_value(q, degree, plain, ret);
		if (ret->verdict == MX_YES)
			eq_say(ret, MX_YES, "the same angle in degrees and radians");
		return;
	}
	eq_any(q, swap ? plain : v, swap ? v : plain, ret);
}

/* "5 N" may have been read as a product with a symbol N: the rest of it, or NULL. */
static const struct mx *without_symbol(struct eq *q, const struct mx *x, meed_str name)
{
	const struct mx *last = x->kind == MX_MUL && x->n > 1 ? x->arg[x->n - 1] : NULL;
	struct mx *r;
	uint32_t i;

	if (!last || last->kind != MX_SYM || !meed_eq(last->name, name))
		return NULL;
	if (x->n == 2)
		return x->arg[0];
	r = mxt_copy(q->e, x);
	for (i = 0; r && i + 1 < x->n; i++)
		mxt_set(r, i, x->arg[i]);
	if (r)
		r->n--;
	return r;
}

bool eq_quantities(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	bool qa = is_quantity(a), qb = is_quantity(b), swap;
	const struct mx *x, *y;

	if (!qa && !qb)
		return false;
	if (a->kind == MX_UNIT && b->kind == MX_UNIT) {
		both_units(q, a, b, ret);
		return true;
	}
	if (qa && qb && a->kind == b->kind) {
		eq_any(q, a->arg[0], b->arg[0], ret);
		return true;
	}
	swap = !(a->kind == MX_DEGREE || (a->kind != MX_DEGREE && b->kind != MX_DEGREE &&
					  (a->kind == MX_PERCENT ||
					   (a->kind == MX_UNIT && b->kind != MX_PERCENT))));
	x = swap ? b : a;
	y = swap ? a : b;
	if (!mxt_is_scalar(y) && y->kind != MX_UNIT)
		return false;
	if (x->kind == MX_DEGREE) {
		degree_against(q, x, y, swap, ret);
	} else if (x->kind == MX_PERCENT) {
		percent_against(q, x, y->kind == MX_UNIT ? y->arg[0] : y, swap, ret);
	} else if (x->kind == MX_UNIT && without_symbol(q, y, x->name)) {
		y = without_symbol(q, y, x->name);
		eq_any(q, swap ? y : x->arg[0], swap ? x->arg[0] : y, ret);
	} else if (units_free(q)) {
		eq_any(q, swap ? y : x->arg[0], swap ? x->arg[0] : y, ret);
		if (ret->verdict == MX_NO && meed_eq(x->name, MEED_S("dozen"))) {
			x = mxt_2(q->e, MX_MUL, mxt_int(q->e, 12), x->arg[0]);
			if (x)
				eq_any(q, swap ? y : x, swap ? x : y, ret);
			return true;
		}
		if (ret->verdict == MX_YES && ret->detail[0] == '\0')
			eq_sayf(ret, MX_YES, ret->rule, "one has no unit");
	} else {
		eq_say(ret, MX_NO, "one has no unit");
	}
	return true;
}
