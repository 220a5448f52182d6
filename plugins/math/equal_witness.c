/* equal_witness.c - relations side by side: one a multiple of the other, or a point that satisfies
 * only one of them. */
#include "config.h"

#include "plugins/math/equal.h"

enum {
	PROPORTION_POINTS = 4,
	WITNESSES = 24
};

const struct mx *eq_difference(struct eq *q, const struct mx *x)
{
	if (!mxt_is_scalar(x->arg[0]) || !mxt_is_scalar(x->arg[1]))
		return NULL;
	return mxt_sub(q->e, x->arg[0], x->arg[1]);
}

/* Is d1/d2 one constant at several random points of a finite field? */
bool eq_proportional(struct eq *q, const struct mx *d1, const struct mx *d2)
{
	struct eq_sig_info info = { false, false, 0, 0, 0 };
	struct mx *ratio = mxt_2(q->e, MX_DIV, d1, d2);
	struct eq_sig s, first = { 0, 0 };
	bool ok = ratio != NULL;
	uint64_t k;

	if (!q->field_made)
		mxs_field(q, 0);
	for (k = 1; k <= PROPORTION_POINTS && ok; k++) {
		mxs_point(q, k);
		ok = mxs_eval(q, ratio, &s, &info) && (s.re || s.im) &&
		     (k == 1 || (s.re == first.re && s.im == first.im));
		first = s;
	}
	mxs_point(q, 0);
	return ok;
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

/* 1 holds, 0 does not, -1 not known. */
static int holds(struct witness *w, const struct mx *x)
{
	struct eq_at at = { w->bind, EQ_REAL, 192, 1 };
	enum mx_rel rel = (enum mx_rel)x->rel[0];
	const struct mx *d = eq_difference(w->q, x);
	int r = -1, sign = 2;
	fmpq_t exact;
	acb_t v;

	if (!d || x->n != 2)
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

/* Moves the point onto x's boundary where x is linear in some symbol, then by `off` aside. */
static bool to_boundary(struct witness *w, const struct mx *x, int off)
{
	const struct mx *d = eq_difference(w->q, x), *a, *b, *r;
	size_t i, k;
	bool ok = false;
	fmpq_t v, step;

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
	if (w.s.n == 0 || w.s.over || a->n != 2 || b->n != 2)
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
		ha = holds(&w, a);
		hb = holds(&w, b);
		found = ha >= 0 && hb >= 0 && ha != hb;
	}
	_fmpq_vec_clear(w.v, EQ_SYMS);
	return found;
}

