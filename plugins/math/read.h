/* read.h - inside the reader: its state, and what its files do for one another.
 *
 * A descent over tokens, loosest first; each level is a function:
 *
 *	rd_statement	items between , ; and or new rows: LIST, SYSTEM, ORREL	read_list.c
 *	rd_logic	implication, or, and, not				read_list.c
 *	rd_relation	chains of = < in ...; below them a : b			read_list.c
 *	rd_sets		union, intersection, difference				read_list.c
 *	rd_sum		+ - and plus-minus					read_sum.c
 *	rd_product	* / and what stands side by side, units			read_sum.c
 *	rd_power	^ ! % degrees subscripts primes				read_power.c
 *	rd_atom		numbers, names, brackets, commands			read_atom.c ...
 *
 * A function returns NULL once r->why or the environment's `spent` is set, and rd_node() returns
 * NULL for a NULL child, so that most callers need not look. No function reads a token twice but
 * for a look at the next few, so reading is linear; what nests deeper than RD_DEPTH is refused. */
#ifndef MEED_MATH_READ_H
#define MEED_MATH_READ_H

#include "plugins/math/lex.h"

#define RD_DEPTH 200			/* of the tree */
#define RD_TOO_DEEP "nested too deep"
#define RD_NEST 1800			/* of the functions: a bracket takes several */

/* Expressions as the reader makes them: it bounds how high they get. */
struct node {
	struct mx x;			/* first: a struct mx * of ours is a struct node * */
	uint32_t height;
	bool word;			/* SYM: was a word or unknown command: as an item, TEXT */
};

struct rd {
	struct mx_env *e;
	const struct tok *t;		/* the next token; the last is T_END */
	const struct tok *first;
	meed_str text;			/* folded */
	const char *why;
	size_t at;			/* where in the folded text */
	uint32_t depth;
	struct mx **stack;		/* children of what is being read */
	char *sep;			/* what stood before each: , ; a(nd) o(r), or new r(ow) */
	size_t n, cap;
	uint32_t bars;			/* | that are open in the innermost bracket */
	bool in_set;			/* in { }: | and : may divide */
	bool in_angle;			/* in < >: > ends */
	bool in_arg;			/* in a function's bare argument: the next function ends it */
	bool in_env;			/* rows and & belong to an environment */
	bool in_rev;			/* in ]a, b[: [ ends */
	bool in_lim;			/* in what a limit tends to: 0^+ */
	int side;			/* that + or - */
	uint32_t scopes;		/* open brackets */
	uint32_t integral_scopes;	/* when the innermost integral began */
	uint32_t integrals;		/* open; a d and a symbol end the innermost */
	struct mx *differential;	/* that symbol, once seen */
	uint32_t bound_i, bound_e;	/* open sums over i or e, which are no constants there */
};

/* ---- nodes: read.c ---- */
struct mx *mx_new(struct mx_env *e, enum mx_kind kind, size_t n);
struct mx *mx_int(struct mx_env *e, uint32_t v);
struct mx *rd_fail(struct rd *r, const char *why);
struct mx *rd_leaf(struct rd *r, enum mx_kind kind, meed_str name);
struct mx *rd_bool(struct rd *r, bool yes);
/* n children from v: NULL if one is NULL or the whole is too high. */
struct mx *rd_node(struct rd *r, enum mx_kind kind, struct mx **v, size_t n);
struct mx *rd_1(struct rd *r, enum mx_kind kind, struct mx *a);
struct mx *rd_2(struct rd *r, enum mx_kind kind, struct mx *a, struct mx *b);
struct mx *rd_func(struct rd *r, const char *name, struct mx *a, struct mx *b);	/* b may be NULL */
bool rd_push(struct rd *r, struct mx *x);	/* false if x is NULL or memory is short */
/* What was pushed since `from` as one node; as it is if there is one and `lone`. */
struct mx *rd_pop(struct rd *r, enum mx_kind kind, size_t from, bool lone);
bool rd_enter(struct rd *r);		/* one level deeper: false if that is too deep */
void rd_leave(struct rd *r);
bool mx_is_word(const struct mx *x);
void mx_set_word(struct mx *x);
meed_str rd_join(struct rd *r, const meed_str *v, size_t n);	/* concatenated */
bool mx_same(const struct mx *a, const struct mx *b);	/* structurally */

/* ---- tokens ---- */
static inline bool rd_is(const struct rd *r, enum tk kind, unsigned id)
{
	return r->t->kind == kind && r->t->id == id;
}

static inline bool rd_op(const struct rd *r, char c)
{
	return rd_is(r, T_OP, (unsigned char)c);
}

static inline const struct tok *rd_ahead(const struct rd *r, size_t k)
{
	const struct tok *t = r->t;

	while (k-- && t->kind != T_END)
		t++;
	return t;
}

static inline bool rd_take(struct rd *r, enum tk kind, unsigned id)
{
	bool yes = rd_is(r, kind, id);

	r->t += yes;
	return yes;
}

/* Two numbers without a sign between them; 2^6 3^5 are factors. */
static inline bool rd_side_by_side(const struct rd *r)
{
	return r->t->kind == T_NUM && r->t[-1].kind == T_NUM &&
	       !(r->t > r->first + 1 && r->t[-2].kind == T_OP && r->t[-2].id == '^');
}

/* "(k in Z)" behind a formula. */
static inline bool rd_condition(const struct rd *r)
{
	return rd_is(r, T_OPEN, '(') && r->t[1].kind == T_ID && r->t[2].kind == T_REL &&
	       r->t[2].id == MX_IN;
}

/* ---- levels ---- */
struct mx *rd_statement(struct rd *r);
struct mx *rd_item(struct rd *r);
struct mx *rd_logic(struct rd *r);
struct mx *rd_relation(struct rd *r);
struct mx *rd_sum(struct rd *r);
struct mx *rd_product(struct rd *r);
struct mx *rd_factors(struct rd *r);	/* side by side only */
struct mx *rd_signed(struct rd *r);	/* -x^2 */
struct mx *rd_power(struct rd *r);
struct mx *rd_suffixes(struct rd *r, struct mx *x);	/* ^ ! % degrees behind x */
struct mx *rd_atom(struct rd *r);
bool rd_starts(const struct rd *r);	/* may the next token start an operand? */
bool rd_begins(const struct rd *r);	/* or an item: signs and words as well */
bool rd_numeric(const struct mx *x);	/* an INT, DEC or the like, perhaps negative */
/* What brackets reset, and put back behind them. */
struct scope {
	uint32_t bars;
	bool in_set, in_angle, in_arg, in_env, in_rev;
};
struct scope rd_scope(struct rd *r);
void rd_unscope(struct rd *r, struct scope s);

/* ---- kinds of atoms ---- */
struct mx *rd_bracket(struct rd *r);	/* read_bracket.c */
struct mx *rd_bars(struct rd *r);
struct mx *rd_group(struct rd *r);	/* { } or the one token that LaTeX would take */
bool rd_proper(const struct rd *r);	/* does a proper fraction of whole numbers follow? */
struct mx *rd_fraction(struct rd *r);	/* read_func.c */
struct mx *rd_root(struct rd *r);
struct mx *rd_binom(struct rd *r);
struct mx *rd_function(struct rd *r);
struct mx *rd_call(struct rd *r, struct mx *name);
struct mx *rd_big(struct rd *r);	/* read_big.c */
struct mx *rd_special(struct rd *r);
struct mx *rd_environment(struct rd *r);	/* read_env.c */
struct mx *rd_rows(struct rd *r);		/* [[1, 2], [3, 4]] */
struct mx *rd_name(struct rd *r);	/* read_power.c: a letter with its subscripts and primes */
meed_str rd_subscript(struct rd *r);
struct mx *rd_unit(struct rd *r, struct mx *x);	/* x with its unit, if one follows: read_unit.c */
bool rd_unit_starts(const struct rd *r, const struct mx *x);
bool rd_quantity(const struct mx *x);	/* a number of some kind, with no symbol in it */
bool rd_plain_unit(meed_str name);	/* does it read as a unit without quotation marks? */
struct mx *rd_compound(struct rd *r, struct mx *x);	/* 5 ft with 3 in behind it */
struct mx *rd_currency(struct rd *r);
bool rd_same_measure(meed_str a, meed_str b);	/* hours and minutes, dollars and cents */
/* Items up to what cannot be one, pushed with what separates them: false on failure. */
bool rd_items(struct rd *r);
/* The items since `from` as a list, a system or alternatives: read_collect.c. */
struct mx *rd_collect(struct rd *r, size_t from);
/* Arguments in ( ) or \{ \} at r->t, pushed: false on failure. */
bool rd_args(struct rd *r);
/* A word alone is a text, a number word a number, (A) a choice. */
struct mx *rd_finish_item(struct rd *r, struct mx *x);
/* s as a number in words, or NULL. */
struct mx *rd_spelled(struct rd *r, meed_str s);
/* What the words s mean if that is a number or a set, or NULL. */
struct mx *rd_meaning(struct rd *r, meed_str s);
/* What to make of x when tokens are left behind it: read_text.c. */
struct mx *rd_leftover(struct rd *r, struct mx *x, meed_str text);
bool rd_is_prose(const struct rd *r, size_t n);
/* The normal form of words: see MX_TEXT. */
meed_str mx_normal_text(struct mx_env *e, meed_str text);
/* text as a TEXT, or NULL if it has no words. */
struct mx *rd_words(struct rd *r, meed_str text);

meed_str mx_normal_words(struct rd *r, meed_str text);	/* the same in the state of r */
struct mx *rd_text_leaf(struct rd *r, meed_str text);

#endif
