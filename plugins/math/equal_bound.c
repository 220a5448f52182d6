/* equal_bound.c - names that depend on a whole number: F_{n-k-1} within a sum over k, and the k of
 * "x = k pi, k in Z", whatever its letter. */
#include "config.h"

#include "plugins/math/equal.h"

/* ---- subscripts with the bound symbol ---------------------------------------------------------- */

/* "n-k-1" as an expression; NULL if it is no sum of letters and whole numbers. */
static struct mx *subscript(struct eq *q, meed_str s)
{
	struct mx *sum = mxt_new(q->e, MX_ADD, 0), *t;
	size_t i = 0, from;
	bool minus = false;

	if (s.n > 1 && s.p[0] == '{' && s.p[s.n - 1] == '}')
		s = meed_sub(s, 1, s.n - 1);
	while (i < s.n && sum) {
		if (s.p[i] == '+' || s.p[i] == '-') {
			minus = s.p[i++] == '-';
			continue;
		}
		from = i;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		t = mxt_new(q->e, i > from ? MX_INT : MX_SYM, 0);
		if (i == from && ((s.p[i] >= 'a' && s.p[i] <= 'z') ||
				  (s.p[i] >= 'A' && s.p[i] <= 'Z')))
			i++;
		if (i == from || !t || (i < s.n && s.p[i] != '+' && s.p[i] != '-'))
			return NULL;
		t->name = meed_sub(s, from, i);
		sum = mxt_2(q->e, MX_ADD, sum, minus ? mxt_1(q->e, MX_NEG, t) : t);
		minus = false;
	}
	return sum;
}

/* x with each name_{... bound ...} as a function of its subscript. */
static const struct mx *indexed(struct eq *q, const struct mx *x, meed_str bound)
{
	const struct mx *c, *r = x;
	struct mx *copy = NULL, *t;
	uint32_t i;
	size_t at;

	if (!eq_enter(q))
		return NULL;
	if (x->kind == MX_SYM) {
		at = meed_find(x->name, 0, MEED_S("_"));
		if (at == MEED_NONE || at == 0 || meed_find(x->name, at, bound) == MEED_NONE)
			goto out;
		t = subscript(q, meed_sub(x->name, at + 1, x->name.n));
		if (t && mxt_has_sym(t, bound)) {
			t = mxt_1(q->e, MX_CALL, t);
			if (t)
				t->name = meed_sub(x->name, 0, at + 1);
			r = t;
		}
		goto out;
	}
	for (i = 0; r && i < x->n; i++) {
		c = indexed(q, x->arg[i], bound);
		if (c && c != x->arg[i] && !copy)
			copy = mxt_copy(q->e, x);
		if (!c || (c != x->arg[i] && !copy))
			r = NULL;
		else if (copy)
			mxt_set(copy, i, c);
	}
	r = r && copy ? copy : r;
out:
	eq_leave(q);
	return r;
}

const struct mx *eq_index_names(struct eq *q, const struct mx *x)
{
	if (x->n != 4 || x->arg[0]->kind != MX_SYM)
		return x;
	return indexed(q, x, x->arg[0]->name);
}

/* ---- parameters that run over the whole numbers ------------------------------------------------- */

static bool declares(const struct mx *x)
{
	return x->kind == MX_REL && x->n == 2 && x->rel[0] == MX_IN && x->arg[0]->kind == MX_SYM &&
	       x->arg[1]->kind == MX_NUMSET && meed_eq(x->arg[1]->name, MEED_S("Z"));
}

static const char parameter[] = "n'";

/* x without "k in Z", k renamed; x itself if it declares no such k, or more than one. */
static const struct mx *strip(struct eq *q, const struct mx *x, bool *found)
{
	const struct mx *r = x, *k = NULL;
	struct mx *rest;
	uint32_t i, n = 0;

	if (x->kind != MX_SYSTEM && x->kind != MX_LIST && x->kind != MX_AND)
		return x;
	for (i = 0; i < x->n; i++) {
		if (declares(x->arg[i])) {
			if (k)
				return x;
			k = x->arg[i]->arg[0];
		}
	}
	if (!k || x->n < 2)
		return x;
	rest = mxt_new(q->e, x->kind, x->n - 1);
	for (i = 0; rest && i < x->n; i++)
		if (!declares(x->arg[i]))
			rest->arg[n++] = x->arg[i];
	r = rest && n == 1 ? rest->arg[0] : rest;
	if (!r || !mxt_has_sym(r, k->name))
		return rest ? x : NULL;
	*found = true;
	return mxt_subst(q->e, r, k->name, mxt_sym(q->e, meed_s(parameter)));
}

/* The other side did not say that its k is whole. */
static const struct mx *assume(struct eq *q, const struct mx *x)
{
	static const char *const letters[] = { "k", "n", "m" };
	struct mx *p;
	size_t i;

	if (!eq_is_relation(x) && !mxt_is_scalar(x))
		return x;
	for (i = 0; i < 3; i++) {
		if (!mxt_has_sym(x, meed_s(letters[i])))
			continue;
		p = mxt_sym(q->e, meed_s(parameter));
		return p ? mxt_subst(q->e, x, meed_s(letters[i]), p) : NULL;
	}
	return x;
}

bool eq_parameters(struct eq *q, const struct mx **a, const struct mx **b)
{
	bool in_a = false, in_b = false;

	*a = strip(q, *a, &in_a);
	*b = *a ? strip(q, *b, &in_b) : NULL;
	if (*a && *b && in_b && !in_a)
		*a = assume(q, *a);
	if (*a && *b && in_a && !in_b)
		*b = assume(q, *b);
	return *a && *b;
}

bool eq_progressions(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	meed_str k = meed_s(parameter);
	const struct mx *da, *db, *a0, *b0, *zero = mxt_int(q->e, 0);
	struct mx_outcome o;
	fmpq_t v;
	bool whole = false;

	if (!mxt_has_sym(a, k) || !mxt_has_sym(b, k) || !mxt_is_scalar(a) || !mxt_is_scalar(b) ||
	    !zero)
		return false;
	da = eq_derivative(q, a, k);
	db = eq_derivative(q, b, k);
	if (!da || !db || mxt_has_sym(da, k) || mxt_has_sym(db, k))
		return false;
	eq_value(q, da, db, &o);
	if (o.verdict != MX_YES) {
		db = mxt_1(q->e, MX_NEG, db);
		if (!db)
			return false;
		eq_value(q, da, db, &o);
	}
	if (o.verdict != MX_YES)
		return false;
	a0 = mxt_subst(q->e, a, k, zero);
	b0 = mxt_subst(q->e, b, k, zero);
	a0 = a0 && b0 ? mxt_sub(q->e, a0, b0) : NULL;
	a0 = mxt_2(q->e, MX_DIV, a0, da);
	if (!a0)
		return false;
	/* the shift in steps: a whole number proves the same set, any other number another */
	fmpq_init(v);
	whole = eq_rational_value(q, a0, v);
	if (whole)
		eq_say(ret, fmpz_is_one(fmpq_denref(v)) ? MX_YES : MX_NO,
		       fmpz_is_one(fmpq_denref(v)) ? "the same progression" :
		       "progressions shifted by a part of a step");
	fmpq_clear(v);
	return whole;
}
