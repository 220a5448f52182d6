/* equal_system.c - several relations against several: the same ones, the same solutions of one
 * symbol, the same linear system, other values for the same quantities. */
#include "config.h"

#include "plugins/math/equal.h"

#include <flint/fmpq_mat.h>

static size_t count(const struct mx *x)
{
	size_t n = 0;
	uint32_t i;

	if (x->kind == MX_REL)
		return x->n - 1;
	for (i = 0; i < x->n; i++)
		n += count(x->arg[i]);
	return n;
}

/* Chains as their links, nested lists as one. */
static bool links(struct eq *q, const struct mx *x, const struct mx **v, size_t *n)
{
	uint32_t i;

	if (x->kind != MX_REL) {
		for (i = 0; i < x->n; i++)
			if (!links(q, x->arg[i], v, n))
				return false;
		return true;
	}
	if (x->n == 2) {
		v[(*n)++] = x;
		return true;
	}
	for (i = 0; i + 1 < x->n; i++) {
		v[*n] = mxt_rel(q->e, (enum mx_rel)x->rel[i], x->arg[i], x->arg[i + 1]);
		if (!v[(*n)++])
			return false;
	}
	return true;
}

/* The system's coefficients, if each equation is linear: rank form by rref. */
static bool linear_form(struct eq *q, const struct mx **v, size_t n, const struct eq_syms *s,
			fmpq_mat_t m)
{
	const struct mx *d, *a, *zero = mxt_int(q->e, 0);
	size_t i, j;

	for (i = 0; i < n; i++) {
		d = v[i]->rel[0] == MX_EQ ? eq_difference(q, v[i]) : NULL;
		if (!d || !zero)
			return false;
		for (j = 0; j < s->n; j++) {
			a = eq_derivative(q, d, s->v[j]);
			if (!a || mxq_eval(q, a, NULL, fmpq_mat_entry(m, (slong)i, (slong)j)) != EQ_OK)
				return false;
		}
		for (j = 0; j < s->n && d; j++)
			d = mxt_subst(q->e, d, s->v[j], zero);
		if (!d || mxq_eval(q, d, NULL, fmpq_mat_entry(m, (slong)i, (slong)s->n)) != EQ_OK)
			return false;
	}
	return true;
}

static bool by_elimination(struct eq *q, const struct mx **a, size_t na, const struct mx **b,
			   size_t nb, struct mx_outcome *ret)
{
	struct eq_syms s;
	fmpq_mat_t x, y;
	slong rx, ry, i, j;
	bool ok, same;
	size_t k;

	memset(&s, 0, sizeof(s));
	for (k = 0; k < na; k++)
		mxt_syms(a[k], &s);
	for (k = 0; k < nb; k++)
		mxt_syms(b[k], &s);
	if (s.over || s.n == 0 || s.n > 16 || na > 400 || nb > 400)
		return false;
	fmpq_mat_init(x, (slong)na, (slong)s.n + 1);
	fmpq_mat_init(y, (slong)nb, (slong)s.n + 1);
	ok = linear_form(q, a, na, &s, x) && linear_form(q, b, nb, &s, y);
	if (ok) {
		rx = fmpq_mat_rref(x, x);
		ry = fmpq_mat_rref(y, y);
		same = rx == ry;
		for (i = 0; i < rx && same; i++)
			for (j = 0; j <= (slong)s.n && same; j++)
				same = fmpq_equal(fmpq_mat_entry(x, i, j), fmpq_mat_entry(y, i, j));
		eq_say(ret, same ? MX_YES : MX_NO, same ? "the same linear system" :
		       "linear systems with different solutions");
	}
	fmpq_mat_clear(x);
	fmpq_mat_clear(y);
	return ok;
}

/* "p = 1, q = 2 or p = 3, q = 4": which belong together matters. */
static bool is_nested(const struct mx *x)
{
	uint32_t i;

	for (i = 0; i < x->n && x->kind != MX_REL; i++)
		if (x->arg[i]->kind != MX_REL)
			return true;
	return false;
}

/* Do equations name the same quantities and give them other values? Quantities that are named by
 * one letter or function each are as good as different. */
static bool give_other_values(struct eq *q, const struct mx **a, size_t na, const struct mx **b,
			      size_t nb)
{
	const struct mx *v, *w;
	struct mx_outcome o;
	bool lone = true, other = false;
	size_t i, j;

	for (i = 0; i < nb; i++)
		lone = lone && eq_assigned(q, b[i]) && eq_lone_left(b[i]);
	for (i = 0; i < na; i++) {
		v = eq_assigned(q, a[i]);
		if (!v)
			return false;
		lone = lone && eq_lone_left(a[i]);
		for (j = 0; j < nb && !mxt_same(a[i]->arg[0], b[j]->arg[0]); j++)
			;
		w = j < nb ? eq_assigned(q, b[j]) : NULL;
		if (!w && !lone)
			return false;
		if (!w)
			continue;
		eq_any(q, v, w, &o);
		if (o.verdict == MX_UNDECIDED)
			return false;
		other = other || o.verdict == MX_NO;
	}
	return other || lone;
}

static bool is_either(const struct mx *x)
{
	return x->kind == MX_ORREL || x->kind == MX_OR;
}

void eq_several(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	size_t na = 0, nb = 0;
	const struct mx **va = mx_alloc(q->e, (count(a) + 1) * sizeof(*va));
	const struct mx **vb = mx_alloc(q->e, (count(b) + 1) * sizeof(*vb));
	bool alternatives = is_either(a) || is_either(b);

	eq_say(ret, MX_UNDECIDED, "not decided: too many relations");
	if (!va || !vb || !links(q, a, va, &na) || !links(q, b, vb, &nb) || na > EQ_LIST ||
	    nb > EQ_LIST)
		return;
	if (is_nested(a) && is_nested(b)) {
		eq_members(q, (const struct mx *const *)a->arg, a->n,
			   (const struct mx *const *)b->arg, b->n, false, false, ret);
		return;
	}
	/* x > 1 and x < 2 is not x > 1 or x < 2, though they say the same things */
	if (is_either(a) != is_either(b) && na > 1 && eq_one_symbol(a, b) && eq_by_solving(q, a, b, ret))
		return;
	eq_members(q, va, na, vb, nb, false, false, ret);
	if (ret->verdict == MX_YES) {
		eq_say(ret, MX_YES, "the same relations");
		return;
	}
	if (eq_one_symbol(a, b) && eq_by_solving(q, a, b, ret))
		return;
	if (!alternatives && by_elimination(q, va, na, vb, nb, ret))
		return;
	if (ret->verdict == MX_NO && !give_other_values(q, va, na, vb, nb))
		eq_say(ret, MX_UNDECIDED, "not decided: systems of different form");
}
