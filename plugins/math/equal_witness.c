/* equal_witness.c - relations side by side: one a multiple of the other, or a point that satisfies
 * only one of them. */
#include "config.h"

#include "plugins/math/equal.h"

#include <math.h>

enum {
	PROPORTION_POINTS = 4,
	PROPORTION_FIELDS = 8,
	WITNESSES = 24
};

const struct mx *eq_difference(struct eq *q, const struct mx *x)
{
	if (!mxt_is_scalar(x->arg[0]) || !mxt_is_scalar(x->arg[1]))
		return NULL;
	return mxt_sub(q->e, x->arg[0], x->arg[1]);
}

/* How unlikely it is that a ratio that is not constant is the same at all points tried in one random
 * field, as -log2: see trust() in equal_value.c. */
static double ratio_trust(const struct eq_sig_info *info)
{
	double degree = info->degree / PROPORTION_POINTS, bits = info->bits / PROPORTION_POINTS;
	double zeros = (PROPORTION_POINTS - 1) * (60 - log2(degree + 1));
	double primes = 54 - log2(bits / 60 + 1);

	return zeros < primes ? zeros : primes;
}

static double same_ratio(struct eq *q, const struct mx *ratio)
{
	struct eq_sig_info info = { false, false, 0, 0, 0 };
	struct eq_sig s, first = { 0, 0 };
	uint64_t k;

	for (k = 1; k <= PROPORTION_POINTS; k++) {
		mxs_point(q, k);
		if (!mxs_eval(q, ratio, &s, &info) || !(s.re || s.im) ||
		    (k > 1 && (s.re != first.re || s.im != first.im)))
			return 0;
		first = s;
	}
	return ratio_trust(&info);
}

int eq_proportional(struct eq *q, const struct mx *d1, const struct mx *d2)
{
	struct mx *ratio = mxt_2(q->e, MX_DIV, d1, d2);
	double bits = 0, t = 0;
	uint64_t round;

	for (round = 0; ratio && round < PROPORTION_FIELDS && bits < 64; round++) {
		mxs_field(q, round);
		t = same_ratio(q, ratio);
		if (t < 4)
			break;
		bits += t;
	}
	mxs_field(q, 0);
	return t < 4 || bits < 64 ? 0 : (int)bits;
}

/* The sign of the constant that d1/d2 is: 0 if it is not known. */
int eq_factor_sign(struct eq *q, const struct mx *d1, const struct mx *d2)
{
	struct mx *ratio = mxt_2(q->e, MX_DIV, d1, d2);
	struct eq_bind bind[EQ_SYMS];
	struct eq_at at = { NULL, EQ_REAL, 128, 1 };
	struct eq_syms s;
	int sign = 0, t;
	size_t i;
	acb_t x;
	fmpq *v;

	if (!ratio)
		return 0;
	memset(&s, 0, sizeof(s));
	mxt_syms(ratio, &s);
	v = _fmpq_vec_init(EQ_SYMS);
	acb_init(x);
	for (t = 0; t < 6 && sign == 0 && !s.over; t++) {
		for (i = 0; i < s.n; i++) {
			uint64_t h = eq_mix_str(q->e->seed + (uint64_t)t, s.v[i]);

			fmpq_set_si(&v[i], (slong)(h >> 40) + 1, 1ul << 20);
			bind[i].name = s.v[i];
			bind[i].v = &v[i];
			bind[i].next = i + 1 < s.n ? &bind[i + 1] : NULL;
		}
		at.bind = s.n > 0 ? bind : NULL;
		if (mxb_eval(q, ratio, &at, x) != EQ_OK)
			continue;
		sign = arb_is_positive(acb_realref(x)) ? 1 :
		       arb_is_negative(acb_realref(x)) ? -1 : 0;
	}
	acb_clear(x);
	_fmpq_vec_clear(v, EQ_SYMS);
	return sign;
}

/* ---- witnesses: a point where one holds and the other does not ---------------------------------- */

struct witness {
	struct eq *q;
	struct eq_bind bind[EQ_SYMS];
	struct eq_syms s;
	fmpq *v;
	uint64_t t;
};

/* Is v in s? -1: not known. */
static int inside(struct eq *q, const struct eq_spans *s, const struct mx *v)
{
	size_t i;
	int lo, hi;

	for (i = 0; i < s->n; i++) {
		lo = mxb_order(q, s->v[i].lo, v);
		hi = mxb_order(q, v, s->v[i].hi);
		if (lo == 2 || hi == 2)
			return -1;
		if ((lo < 0 || (lo == 0 && !s->v[i].open_lo)) &&
		    (hi < 0 || (hi == 0 && !s->v[i].open_hi)))
			return 1;
	}
	return 0;
}

/* u in a set of numbers, u = one of a list */
static int is_member(struct witness *w, const struct mx *x)
{
	const struct mx *v;
	struct eq_spans s;
	int r = -1;
	fmpq_t u;

	if (!mxt_is_scalar(x->arg[0]) || eq_spans_of(w->q, x->arg[1], &s) != EQ_OK)
		return -1;
	fmpq_init(u);
	if (mxq_eval(w->q, x->arg[0], w->bind, u) == EQ_OK) {
		v = mxt_fmpq(w->q->e, u);
		r = v ? inside(w->q, &s, v) : -1;
	}
	fmpq_clear(u);
	return r;
}

/* 1 holds, 0 does not, -1 not known. */
static int holds(struct witness *w, const struct mx *x)
{
	struct eq_at at = { w->bind, EQ_REAL, 192, 1 };
	enum mx_rel rel = (enum mx_rel)x->rel[0];
	const struct mx *d = eq_difference(w->q, x);
	int r = -1, sign = 2;
	fmpq_t exact;
	acb_t v;

	if (x->n != 2)
		return -1;
	if (rel == MX_IN || rel == MX_NOTIN || (rel == MX_EQ && (x->arg[1]->kind == MX_LIST ||
								 x->arg[1]->kind == MX_SET))) {
		r = is_member(w, x);
		return r >= 0 && rel == MX_NOTIN ? !r : r;
	}
	if (!d)
		return -1;
	fmpq_init(exact);
	acb_init(v);
	if (mxq_eval(w->q, d, w->bind, exact) == EQ_OK)
		sign = fmpq_sgn(exact);
	else if (mxb_eval(w->q, d, &at, v) == EQ_OK)
		sign = arb_is_positive(acb_realref(v)) ? 1 : arb_is_negative(acb_realref(v)) ? -1 : 2;
	if (sign != 2) {
		switch (rel) {
		case MX_EQ:
			r = sign == 0;
			break;
		case MX_NE:
			r = sign != 0;
			break;
		case MX_LT:
			r = sign < 0;
			break;
		case MX_LE:
			r = sign <= 0;
			break;
		case MX_GT:
			r = sign > 0;
			break;
		case MX_GE:
			r = sign >= 0;
			break;
		default:
			break;
		}
	}
	fmpq_clear(exact);
	acb_clear(v);
	return r;
}

/* "x = 1, x = 2" may be alternatives or hold together. */
static bool is_ambiguous(const struct mx *x)
{
	struct eq_syms s;
	uint32_t i;

	if (x->kind != MX_SYSTEM)
		return false;
	memset(&s, 0, sizeof(s));
	mxt_syms(x, &s);
	for (i = 0; i < x->n; i++)
		if (x->arg[i]->kind != MX_REL || x->arg[i]->n != 2 || x->arg[i]->rel[0] != MX_EQ)
			return false;
	return s.n < x->n;
}

/* The same for what relations make up. */
static int holds_all(struct witness *w, const struct mx *x)
{
	const struct mx *link;
	bool any = x->kind == MX_OR || x->kind == MX_ORREL;
	int r = any ? 0 : 1, h;
	uint32_t i;

	if (!eq_enter(w->q))
		return -1;
	if (x->kind == MX_REL && x->n > 2) {
		for (i = 0; i + 1 < x->n && r == 1; i++) {
			link = mxt_rel(w->q->e, (enum mx_rel)x->rel[i], x->arg[i], x->arg[i + 1]);
			r = link ? holds(w, link) : -1;
		}
	} else if (x->kind == MX_REL) {
		r = holds(w, x);
	} else if (x->kind == MX_NOT && x->n == 1) {
		h = holds_all(w, x->arg[0]);
		r = h < 0 ? h : !h;
	} else if (x->kind == MX_SETOF && x->n == 2) {
		r = holds_all(w, x->arg[1]);
	} else if (is_ambiguous(x)) {
		r = -1;
	} else if (any || x->kind == MX_AND || x->kind == MX_SYSTEM) {
		for (i = 0; i < x->n; i++) {
			h = holds_all(w, x->arg[i]);
			if (h < 0 || h == (int)any) {
				r = h;
				if (h >= 0)
					break;
			}
		}
	} else {
		r = -1;
	}
	eq_leave(w->q);
	return r;
}

/* Moves the point onto x's boundary where x is linear in some symbol, then by `off` aside. */
static bool to_boundary(struct witness *w, const struct mx *x, int off)
{
	const struct mx *d, *a, *b, *r;
	size_t i, k;
	bool ok = false;
	fmpq_t v, step;

	while (x->kind != MX_REL && x->n > 0)
		x = x->arg[w->t / 6 % x->n];
	d = x->kind == MX_REL ? eq_difference(w->q, x) : NULL;
	if (!d)
		return false;
	fmpq_init(v);
	fmpq_init(step);
	for (k = 0; k < w->s.n && !ok; k++) {
		i = (k + w->t) % w->s.n;
		a = eq_derivative(w->q, d, w->s.v[i]);
		if (!a || mxt_has_sym(a, w->s.v[i]))
			continue;
		b = mxt_subst(w->q->e, d, w->s.v[i], mxt_int(w->q->e, 0));
		r = b ? mxt_1(w->q->e, MX_NEG, mxt_2(w->q->e, MX_DIV, b, a)) : NULL;
		if (!r || mxq_eval(w->q, r, w->bind, v) != EQ_OK)
			continue;
		fmpq_set_si(step, off, 64);
		fmpq_add(&w->v[i], v, step);
		ok = true;
	}
	fmpq_clear(v);
	fmpq_clear(step);
	return ok;
}

static void place(struct witness *w)
{
	size_t i;

	for (i = 0; i < w->s.n; i++) {
		uint64_t h = eq_mix_str(eq_mix(w->q->e->seed ^ w->t), w->s.v[i]);

		/* whole numbers small and large, of both signs, and fractions */
		fmpq_set_si(&w->v[i], (slong)(h >> 32) % (w->t % 3 == 0 ? 7 : 1000) -
			    (w->t % 3 == 0 ? 3 : 500), w->t % 3 == 2 ? 37 : 1);
	}
}

bool eq_tell_apart(struct eq *q, const struct mx *a, const struct mx *b)
{
	const struct mx *x;
	struct witness w;
	bool found = false;
	int ha, hb, off;
	size_t i;

	memset(&w, 0, sizeof(w));
	w.q = q;
	mxt_syms(a, &w.s);
	mxt_syms(b, &w.s);
	if (w.s.n == 0 || w.s.over)
		return false;
	w.v = _fmpq_vec_init(EQ_SYMS);
	for (i = 0; i < w.s.n; i++) {
		w.bind[i].name = w.s.v[i];
		w.bind[i].v = &w.v[i];
		w.bind[i].next = i + 1 < w.s.n ? &w.bind[i + 1] : NULL;
	}
	for (w.t = 0; w.t < WITNESSES && !found && !q->e->spent; w.t++) {
		x = w.t & 1 ? a : b;
		off = (int)(w.t / 2 % 3) - 1;
		place(&w);
		if (w.t < WITNESSES - 6)
			(void)to_boundary(&w, x, off);
		ha = holds_all(&w, a);
		hb = holds_all(&w, b);
		found = ha >= 0 && hb >= 0 && ha != hb;
	}
	_fmpq_vec_clear(w.v, EQ_SYMS);
	return found;
}

/* Points to try: near and at the ends, and whole numbers. */
static bool candidate(struct eq *q, const struct eq_spans *s, uint64_t t, fmpq_t ret)
{
	const struct mx *end;
	struct eq_at at = { NULL, EQ_REAL, 64, 0 };
	bool ok = false;
	fmpq_t step;
	acb_t v;

	if (t >= 6 * s->n) {
		fmpq_set_si(ret, (slong)(t - 6 * s->n) - 10, 1);
		return true;
	}
	end = t & 1 ? s->v[t / 6].hi : s->v[t / 6].lo;
	if (mxt_inf(end))
		return false;
	fmpq_init(step);
	acb_init(v);
	fmpq_set_si(step, (slong)(t % 6 / 2) - 1, 1024);
	if (mxq_eval(q, end, NULL, ret) == EQ_OK) {
		ok = true;
	} else if (mxb_eval(q, end, &at, v) == EQ_OK &&
		   fmpz_bits(ARF_EXPREF(arb_midref(acb_realref(v)))) < 8) {
		arf_get_fmpq(ret, arb_midref(acb_realref(v)));
		ok = true;
	}
	if (ok)
		fmpq_add(ret, ret, step);
	fmpq_clear(step);
	acb_clear(v);
	return ok;
}

bool eq_spans_refute(struct eq *q, const struct eq_spans *s, const struct mx *cond)
{
	const struct mx *v;
	struct witness w;
	bool found = false;
	int in, sat;
	fmpq_t at;

	memset(&w, 0, sizeof(w));
	w.q = q;
	if (cond->kind == MX_SETOF && cond->n == 2)
		mxt_syms(cond->arg[1], &w.s);
	else
		mxt_syms(cond, &w.s);
	if (w.s.n != 1 || s->n > 16)
		return false;
	fmpq_init(at);
	w.bind[0].name = w.s.v[0];
	w.bind[0].v = at;
	for (w.t = 0; w.t < 6 * s->n + 21 && !found && !q->e->spent; w.t++) {
		if (!candidate(q, s, w.t, at))
			continue;
		v = mxt_fmpq(q->e, at);
		in = v ? inside(q, s, v) : -1;
		sat = holds_all(&w, cond);
		found = in >= 0 && sat >= 0 && in != sat;
	}
	fmpq_clear(at);
	return found;
}
