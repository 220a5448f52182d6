/* equal.h - inside comparing: the layers, from the cheapest to the strongest.
 *
 * equal.c        takes both trees apart: text, choices, units, lists, sets, relations
 * equal_list.c   lists, sets, tuples; equal_matrix.c matrices and vectors
 * equal_rel.c    equations, inequalities, systems; equal_span.c, equal_solve.c subsets of the line
 * equal_unit.c   units; equal_derive.c, equal_integral.c, equal_calc.c derivatives, integrals, limits
 * equal_kind.c   what is never equal because it is of another kind
 * equal_value.c  two scalars, by the layers below
 *   num.c        exact rationals
 *   sig.c        values in a field of p^2 elements: linear time, whatever the degree
 *   poly.c       rational functions, expanded
 *   ball.c       values with proven error bounds
 *   ca.c         exact real and complex constants
 * limits.c       what each of them may cost
 *
 * A layer answers yes, no or "don't know"; only a proof or a stated error bound gives a yes, only a
 * proof gives a no. */
#ifndef MEED_MATH_EQUAL_H
#define MEED_MATH_EQUAL_H

#include <acb.h>
#include <flint/fmpq.h>
#include <flint/fmpz_poly.h>
#include <flint/nmod_vec.h>

#include "plugins/math/math.h"

enum {
	EQ_SYMS = 24,			/* different symbols in one comparison */
	EQ_LIST = 512,			/* members of a list, set or tuple */
	EQ_DEPTH = 400,			/* nesting of what is compared */
	EQ_NODES = 50000		/* of what derivatives, matrices and limits come to */
};

/* The field of p^2 elements, p = 3 mod 4, as F_p(i). */
struct eq_field {
	nmod_t mod;
	uint64_t seed;			/* of the values of what is hashed whole */
	uint64_t point;			/* of the symbols' values */
};

/* One comparison. */
struct eq {
	struct mx_env *e;
	uint32_t max_bits;		/* of an exact integer */
	uint32_t max_degree, max_terms;	/* of an expanded polynomial */
	uint32_t max_sum;		/* terms of a finite sum or product */
	int64_t max_prec;		/* of a ball, in bits */
	int64_t gamma_prec;		/* of a ball of the gamma function */
	int32_t ca_degree, ca_prec;	/* limits inside Calcium */
	uint32_t ca_weight;		/* of the roots and functions that Calcium may be given */
	uint32_t depth;
	bool log10;			/* "log x" is to base 10 */
	bool helps;			/* more work might decide: ask the helper process */
	struct eq_field field;
	bool field_made;
};

/* ---- limits.c ----------------------------------------------------------------------------- */

void eq_limits(struct eq *q, struct mx_env *e);
void eq_limits_strong(struct eq *q);	/* in the helper process */
/* Enters one level of nesting: false (and MEED_E_LIMIT) when too deep. */
bool eq_enter(struct eq *q);
void eq_leave(struct eq *q);
/* A mixing of 64 bits, and of a string into it. */
uint64_t eq_mix(uint64_t h);
uint64_t eq_mix_str(uint64_t h, meed_str s);

/* ---- outcomes ------------------------------------------------------------------------------ */

void eq_say(struct mx_outcome *o, enum mx_verdict v, const char *rule);
/* With a detail made as by printf. */
void eq_sayf(struct mx_outcome *o, enum mx_verdict v, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- tree.c ------------------------------------------------------------------------------- */

/* Nodes in the evaluation's arena; NULL when it is spent, and for a NULL child. */
struct mx *mxt_new(struct mx_env *e, enum mx_kind kind, uint32_t n);
struct mx *mxt_1(struct mx_env *e, enum mx_kind kind, const struct mx *a);
struct mx *mxt_2(struct mx_env *e, enum mx_kind kind, const struct mx *a, const struct mx *b);
struct mx *mxt_func(struct mx_env *e, const char *name, const struct mx *a);
struct mx *mxt_func2(struct mx_env *e, const char *name, const struct mx *a, const struct mx *b);
struct mx *mxt_int(struct mx_env *e, int64_t v);
struct mx *mxt_sym(struct mx_env *e, meed_str name);
struct mx *mxt_fmpq(struct mx_env *e, const fmpq_t v);
struct mx *mxt_rel(struct mx_env *e, enum mx_rel rel, const struct mx *a, const struct mx *b);
/* a - b */
struct mx *mxt_sub(struct mx_env *e, const struct mx *a, const struct mx *b);
/* A copy of x's own node with room for its children, which are still x's. */
struct mx *mxt_copy(struct mx_env *e, const struct mx *x);
void mxt_set(struct mx *x, uint32_t i, const struct mx *child);
/* Has each node as many children as its kind needs? */
bool mxt_well_formed(const struct mx *x, uint32_t depth);
/* Has x at most max nodes, those that are shared counted each time? */
bool mxt_within(struct mx_env *e, const struct mx *x, uint64_t max);
/* The same node by node. */
bool mxt_same(const struct mx *a, const struct mx *b);
bool mxt_is(const struct mx *x, const char *name);	/* FUNC of this name */
bool mxt_has_kind(const struct mx *x, enum mx_kind kind);
bool mxt_has_sym(const struct mx *x, meed_str name);
bool mxt_has_func(const struct mx *x, const char *name);
/* Is x made of what has one value: no sets, relations, texts, units, ±? */
bool mxt_is_scalar(const struct mx *x);
/* x with y for each free `name`; x itself where there is none. */
struct mx *mxt_subst(struct mx_env *e, const struct mx *x, meed_str name, const struct mx *y);
/* INF +1, -INF -1, else 0. */
int mxt_inf(const struct mx *x);

/* The free symbols of what is compared. */
struct eq_syms {
	meed_str v[EQ_SYMS];
	size_t n;
	bool over;			/* there are more */
	bool has_i, has_dec, has_call;
};
void mxt_syms(const struct mx *x, struct eq_syms *s);	/* adds to s */

/* ---- num.c: exact rationals ---------------------------------------------------------------- */

/* Values of symbols. */
struct eq_bind {
	meed_str name;
	const fmpq *v;
	const struct eq_bind *next;
};
enum eq_get {
	EQ_OK,
	EQ_NOT,				/* not of this kind */
	EQ_BIG,				/* beyond the limits */
	EQ_UNDEF			/* division by zero and the like */
};
enum eq_get mxq_eval(struct eq *q, const struct mx *x, const struct eq_bind *b, fmpq_t ret);
/* x as a machine integer, if it is one. */
bool mxq_small(struct eq *q, const struct mx *x, const struct eq_bind *b, int64_t *ret);
/* A decimal as it was written: its value and 10^-places; false for anything else. */
bool mxq_decimal(struct eq *q, const struct mx *x, fmpq_t ret, int64_t *ret_places,
		 uint32_t *ret_decimals);

/* ---- sig.c: values in F_p(i) ------------------------------------------------------------------ */

struct eq_sig {
	uint64_t re, im;
};
struct eq_sig_info {
	bool opaque;			/* holds parts that were hashed whole: unequal proves nothing */
	bool undef;
	uint32_t transcendental;	/* bit 0: pi, bit 1: e */
	double degree, bits;		/* at most: the degree in the symbols, the bits of coefficients;
					 * summed over the calls that filled this */
};
void mxs_field(struct eq *q, uint64_t round);
/* Gives the symbols other values in the same field. */
void mxs_point(struct eq *q, uint64_t point);
/* False if spent or undefined at this point. */
bool mxs_eval(struct eq *q, const struct mx *x, struct eq_sig *ret, struct eq_sig_info *info);

/* ---- poly.c --------------------------------------------------------------------------------- */

/* EQ_OK: decided in *ret_same as rational functions of the symbols and of the roots, functions and
 * constants in them; `false` then proves nothing where there are such parts. */
enum eq_get mxp_same(struct eq *q, const struct mx *a, const struct mx *b, bool *ret_same);
/* Is a = 0 the same set as b = 0? Numerators, up to a factor and repeated factors. */
enum eq_get mxp_same_zeros(struct eq *q, const struct mx *a, const struct mx *b, bool *ret_same);
/* The rational function x in one symbol as numerator and denominator, coprime. */
enum eq_get mxp_univariate(struct eq *q, const struct mx *x, meed_str name, fmpz_poly_t num,
			   fmpz_poly_t den);

/* ---- ball.c ----------------------------------------------------------------------------------- */

enum eq_domain {
	EQ_REAL,			/* a value that is not real is undefined */
	EQ_COMPLEX			/* principal values */
};
struct eq_at {
	const struct eq_bind *bind;
	enum eq_domain domain;
	slong prec;
	uint64_t point;			/* of the values of unknown functions */
};
/* EQ_NOT: not a number (unsupported); EQ_UNDEF: undefined here, or not known to be defined. */
enum eq_get mxb_eval(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret);
/* -1, 0, 1 by proof, 2: unknown. Both must be real constants or infinite. */
int mxb_order(struct eq *q, const struct mx *a, const struct mx *b);
/* log or log log of a huge positive constant; level 1 or 2. */
enum eq_get mxb_log(struct eq *q, const struct mx *x, int level, slong prec, arb_t ret);

/* ball_func.c: a named function of its arguments' values. */
enum eq_get mxb_function(struct eq *q, const struct mx *x, const struct eq_at *at, acb_t ret);
enum eq_get mxb_power(struct eq *q, const struct mx *base, const struct mx *expo,
		      const struct eq_at *at, acb_t ret);

/* ---- ca.c --------------------------------------------------------------------------------------- */

void mxc_equal(struct eq *q, const struct mx *a, const struct mx *b, enum eq_domain domain,
	       struct mx_outcome *ret);

/* ---- equal*.c ------------------------------------------------------------------------------------ */

/* Everything; a is the gold where a rule names a side. */
void eq_any(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* Two scalars. */
void eq_value(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* Functions and constants by random points: equal_points.c. */
void eq_points(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* Has x a value, by proof, at some point? */
bool eq_defined_somewhere(struct eq *q, const struct mx *x);
void eq_constant(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* Are a and b lists of the same members? Ordered: one by one. */
void eq_members(struct eq *q, const struct mx *const *a, size_t na, const struct mx *const *b,
		size_t nb, bool ordered, bool repeats_count, struct mx_outcome *ret);

/* equal_norm.c: x without what does not change its meaning here (brackets, ± expanded, sums of
 * matrices, derivatives and finite limits taken); never NULL unless spent. */
const struct mx *eq_norm(struct eq *q, const struct mx *x);
/* -(5 cm) as -5 cm, 5 ft + 3 in as inches; else x: equal_unit.c. */
const struct mx *eq_measure(struct eq *q, const struct mx *x);
bool eq_pi_multiple(struct eq *q, const struct mx *x, fmpq_t c);	/* x = c pi by its form */
struct mx *eq_sine(struct eq *q, const fmpq_t c);	/* sin(c pi) by roots; NULL: not here */
/* equal_simple.c: a power, root or function of normal parts by simpler ones, or x itself. */
const struct mx *eq_simpler(struct eq *q, const struct mx *x);
/* equal_bound.c: a sum's names with the bound symbol in their subscript, as functions of it. */
const struct mx *eq_index_names(struct eq *q, const struct mx *sum);
/* "x = k pi, k in Z": drops what declares k and gives it one name on both sides. */
bool eq_parameters(struct eq *q, const struct mx **a, const struct mx **b);
/* a + b k against a' + b k over whole k. False: they are no such. */
bool eq_progressions(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* equal_value.c: the rational of small denominator that a constant provably is. */
bool eq_rational_value(struct eq *q, const struct mx *x, fmpq_t ret);
/* equal_matrix.c: sums and products of matrices and tuples as one; NULL: can't, or spent. */
const struct mx *eq_matrix_value(struct eq *q, const struct mx *x);
void eq_matrices(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);

/* NULL: can't, or spent. */
const struct mx *eq_derivative(struct eq *q, const struct mx *x, meed_str name); /* equal_derive.c */
/* equal_calc.c */
const struct mx *eq_calculus(struct eq *q, const struct mx *x);	/* DERIV, INTEGRAL, LIM */

/* equal_unit.c: units, percents and degrees; false if neither side has one. */
bool eq_quantities(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* equal_text.c: words, choices, truth values; false if neither side is one. */
bool eq_texts(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);

/* equal_kind.c: true with a no if the two, which nothing else could decide, are of kinds that are
 * never equal. */
bool eq_kinds_apart(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);

/* equal_rel.c */
void eq_relations(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* "x = 3", "f(x) = ...", "|AB| = 1": what stands for the answer, or NULL. */
const struct mx *eq_assigned(struct eq *q, const struct mx *x);
bool eq_is_relation(const struct mx *x);
bool eq_lone_left(const struct mx *x);	/* s = ..., f(x) = ... */
bool eq_one_symbol(const struct mx *a, const struct mx *b);
/* Where both are conditions on one symbol that can be solved: the same solutions? */
bool eq_by_solving(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);
/* equal_system.c */
void eq_several(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret);

/* equal_witness.c */
const struct mx *eq_difference(struct eq *q, const struct mx *rel);	/* NULL: not of scalars */
/* Is d1/d2 one constant, at random points of random finite fields? -log2 of the chance of error, at
 * least 64; 0: it is not, or not known to be. */
int eq_proportional(struct eq *q, const struct mx *d1, const struct mx *d2);
/* The sign of that constant; 0: not known. */
int eq_factor_sign(struct eq *q, const struct mx *d1, const struct mx *d2);
/* True if a point is found, by proof, that satisfies one relation and not the other. */
bool eq_tell_apart(struct eq *q, const struct mx *a, const struct mx *b);

/* equal_span.c: subsets of the real line as sorted, disjoint spans. */
struct eq_span {
	const struct mx *lo, *hi;	/* constants; INF and NEG INF too */
	bool open_lo, open_hi;
};
struct eq_spans {
	struct eq_span *v;
	size_t n;
};
enum eq_get eq_spans_of(struct eq *q, const struct mx *x, struct eq_spans *ret);
enum eq_get eq_spans_not(struct eq *q, const struct eq_spans *a, struct eq_spans *ret);
enum eq_get eq_spans_and(struct eq *q, const struct eq_spans *a, const struct eq_spans *b,
			 struct eq_spans *ret);
enum eq_get eq_spans_or(struct eq *q, const struct eq_spans *a, const struct eq_spans *b,
			struct eq_spans *ret);
void eq_spans_same(struct eq *q, const struct eq_spans *a, const struct eq_spans *b,
		   struct mx_outcome *ret);
/* equal_witness.c: true if a point is found, by proof, in s that does not satisfy the condition on
 * one symbol, or the other way round. */
bool eq_spans_refute(struct eq *q, const struct eq_spans *s, const struct mx *cond);
/* equal_solve.c: where a condition on one symbol holds. */
enum eq_get eq_solve(struct eq *q, const struct mx *cond, meed_str name, struct eq_spans *ret);

#endif
