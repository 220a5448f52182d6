/* test_math_property.c - the plugin `math`: random expressions written in two ways are equal, and are
 * not once a number is added.
 *
 * Both ways are made side by side, each node by an identity, so no oracle is needed. "Undecided" is
 * never wrong; it is counted, and bounded. */
#include "config.h"

#include "tests/unit/mathtree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <CUnit/CUnit.h>
#include <flint/flint.h>

#include "tests/unit/suites.h"

enum {
	PAIRS = 1500,			/* of each family */
	OPEN_PER_THOUSAND = 10
};

static uint64_t next(uint64_t *s)
{
	uint64_t z = (*s += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static unsigned below(uint64_t *s, unsigned n)
{
	return (unsigned)(next(s) % n);
}

/* One value written in two ways, in prefix form. */
struct two {
	char *a, *b;
};

static char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *fmt, ...)
{
	char *p = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) < 0)
		abort();
	va_end(ap);
	return p;
}

static void drop(struct two t)
{
	free(t.a);
	free(t.b);
}

/* A value as its own two ways, as copies. */
static struct two same(const char *s)
{
	return (struct two){ text("%s", s), text("%s", s) };
}

enum family { RATIONAL, CONSTANT, FUNCTION, COMPLEX };

static struct two expression(uint64_t *s, enum family f, int depth);

/* ---- leaves ------------------------------------------------------------------------------------------ */

static struct two number(uint64_t *s)
{
	unsigned n = 1 + below(s, 12), d = 1 + below(s, 9), k = 1 + below(s, 5);

	switch (below(s, 7)) {
	case 0:
		return (struct two){ text("%u", n), text("(- %u %u)", n + k, k) };
	case 1:
		return (struct two){ text("(/ %u %u)", n, d), text("(/ %u %u)", n * k, d * k) };
	case 2:
		return (struct two){ text("(- %u)", n), text("(* (- 1) %u)", n) };
	case 3:
		return (struct two){ text("0.%u", 10 + below(s, 89)), NULL };
	case 4:
		return (struct two){ text("(/ %u 9)", d), text("%u.r%u", d / 9, d % 9) };
	case 5:
		return (struct two){ text("(^ %u %u)", n, k), text("(* (^ %u %u) %u)", n, k - 1, n) };
	default:
		return (struct two){ text("(factorial %u)", k), text("(prod j 1 %u j)", k) };
	}
}

static struct two irrational(uint64_t *s)
{
	static const char *const known[][2] = {
		{ "(sin (/ pi 6))", "0.5" }, { "(cos (/ pi 4))", "(/ (sqrt 2) 2)" },
		{ "(tan (/ pi 3))", "(sqrt 3)" }, { "(sin (/ pi 5))", "(cos (/ (* 3 pi) 10))" },
		{ "(ln 6)", "(+ (ln 3) (ln 2))" }, { "(log 8 4)", "(/ 3 2)" },
		{ "(exp 2)", "(* e e)" }, { "(exp (ln 7))", "7" }, { "(deg 30)", "(/ pi 6)" },
		{ "(arctan 1)", "(/ pi 4)" }, { "(ln (sqrt 5))", "(/ (ln 5) 2)" },
		{ "(sqrt (+ 3 (* 2 (sqrt 2))))", "(+ 1 (sqrt 2))" },
		{ "(sqrt (- 7 (* 4 (sqrt 3))))", "(- 2 (sqrt 3))" },
		{ "(root (+ 7 (* 5 (sqrt 2))) 3)", "(+ 1 (sqrt 2))" },
		{ "(/ 1 (- (sqrt 3) (sqrt 2)))", "(+ (sqrt 3) (sqrt 2))" },
		{ "(root 16 3)", "(* 2 (root 2 3))" }, { "(^ 27 (/ 2 3))", "9" },
	};
	unsigned n = 2 + below(s, 20), m = 2 + below(s, 5), i;

	if (below(s, 3) == 0)
		return (struct two){ text("(sqrt %u)", n * m * m), text("(* %u (sqrt %u))", m, n) };
	if (below(s, 3) == 0)
		return (struct two){ text("(/ %u (sqrt %u))", m, n),
				     text("(/ (* %u (sqrt %u)) %u)", m, n, n) };
	i = below(s, sizeof(known) / sizeof(known[0]));
	return (struct two){ text("%s", known[i][0]), text("%s", known[i][1]) };
}

static struct two leaf(uint64_t *s, enum family f)
{
	static const char *const names[] = { "x", "y", "z" };
	struct two t;

	if ((f == RATIONAL || f == FUNCTION) && below(s, 3) > 0)
		return same(names[below(s, 3)]);
	if (f == COMPLEX && below(s, 3) == 0)
		return (struct two){ text("i"), text("(^ e (/ (* i pi) 2))") };
	if (f == CONSTANT && below(s, 2) == 0)
		return irrational(s);
	t = number(s);
	if (!t.b)
		t.b = text("(/ %s 100)", t.a + 2);
	return t;
}

/* ---- identities ----------------------------------------------------------------------------------------- */

static struct two sum(struct two u, struct two v, struct two w, unsigned way)
{
	switch (way) {
	case 0:
		return (struct two){ text("(+ %s %s %s)", u.a, v.a, w.a),
				     text("(+ %s (+ %s %s))", w.b, v.b, u.b) };
	case 1:
		return (struct two){ text("(- %s %s)", u.a, v.a),
				     text("(- (- %s %s))", v.b, u.b) };
	case 2:
		return (struct two){ text("(+ %s %s)", u.a, v.a),
				     text("(- (+ %s %s %s) %s)", v.b, w.b, u.b, w.a) };
	default:
		return (struct two){ text("(* 2 %s)", u.a), text("(+ %s %s)", u.b, u.b) };
	}
}

static struct two product(struct two u, struct two v, struct two w, unsigned way)
{
	switch (way) {
	case 0:
		return (struct two){ text("(* %s (+ %s %s))", u.a, v.a, w.a),
				     text("(+ (* %s %s) (* %s %s))", u.b, v.b, w.b, u.b) };
	case 1:
		return (struct two){ text("(^ %s 2)", u.a), text("(* %s %s)", u.b, u.b) };
	case 2:
		return (struct two){ text("(^ (+ %s %s) 2)", u.a, v.a),
				     text("(+ (^ %s 2) (* 2 %s %s) (^ %s 2))", v.b, u.b, v.b, u.b) };
	case 3:
		return (struct two){ text("(* (+ %s %s) (- %s %s))", u.a, v.a, u.a, v.a),
				     text("(- (^ %s 2) (^ %s 2))", u.b, v.b) };
	case 4:
		return (struct two){ text("(/ %s (+ (^ %s 2) 3))", u.a, w.a),
				     text("(* (^ (+ 3 (* %s %s)) (- 1)) %s)", w.b, w.b, u.b) };
	default:
		return (struct two){ text("(+ (/ %s 3) (/ %s 7))", u.a, v.a),
				     text("(/ (+ (* 7 %s) (* 3 %s)) 21)", u.b, v.b) };
	}
}

/* Of a real argument. */
static struct two called(struct two u, struct two v, unsigned way)
{
	switch (way) {
	case 0:
		return (struct two){ text("(sin (* 2 %s))", u.a),
				     text("(* 2 (cos %s) (sin %s))", u.b, u.b) };
	case 1:
		return (struct two){ text("(cos (* 2 %s))", u.a),
				     text("(- 1 (* 2 (^ (sin %s) 2)))", u.b) };
	case 2:
		return (struct two){ text("%s", u.a),
				     text("(* %s (+ (^ (sin %s) 2) (^ (cos %s) 2)))", u.b, v.b, v.a) };
	case 3:
		return (struct two){ text("(cos (- %s %s))", u.a, v.a), text("(cos (- %s %s))", v.b, u.b) };
	case 4:
		return (struct two){ text("(sin (- %s %s))", u.a, v.a),
				     text("(- (* (sin %s) (cos %s)) (* (cos %s) (sin %s)))", u.b, v.b,
					  u.b, v.b) };
	case 5:
		return (struct two){ text("(ln (* 3 (+ 1 (^ %s 2))))", u.a),
				     text("(+ (ln (+ (^ %s 2) 1)) (ln 3))", u.b) };
	case 6:
		return (struct two){ text("(sqrt (+ 1 (^ %s 2)))", u.a),
				     text("(^ (+ (* %s %s) 1) (/ 1 2))", u.b, u.b) };
	case 7:
		return (struct two){ text("(sqrt (^ (- %s %s) 2))", u.a, v.a),
				     text("(abs (- %s %s))", v.b, u.b) };
	case 8:
		return (struct two){ text("(arctan %s)", u.a), text("(- (arctan (- %s)))", u.b) };
	default:
		return (struct two){ text("(/ 1 (+ 2 (sin %s)))", u.a), text("(^ (+ (sin %s) 2) (- 1))", u.b) };
	}
}

static struct two complex(struct two u, struct two v, unsigned way)
{
	switch (way) {
	case 0:
		return (struct two){ text("(* i (+ %s (* i %s)))", u.a, v.a),
				     text("(- (* i %s) %s)", u.b, v.b) };
	case 1:
		return (struct two){ text("(^ i %u)", 3u), text("(- i)") };
	case 2:
		return (struct two){ text("(conj (conj %s))", u.a), text("%s", u.b) };
	case 3:
		return (struct two){ text("(* %s (conj %s))", u.a, u.a), text("(^ (abs %s) 2)", u.b) };
	default:
		return (struct two){ text("(re %s)", u.a), text("(/ (+ %s (conj %s)) 2)", u.b, u.b) };
	}
}

static struct two expression(uint64_t *s, enum family f, int depth)
{
	struct two u, v, w, r;

	if (depth <= 0)
		return leaf(s, f);
	u = expression(s, f, depth - 1);
	v = expression(s, f, depth - 1 - (int)below(s, 2));
	w = leaf(s, f);
	if (f == FUNCTION && below(s, 3) == 0)
		r = called(u, v, below(s, 10));
	else if (f == COMPLEX && below(s, 3) == 0)
		r = complex(u, v, below(s, 5));
	else if (below(s, 2))
		r = sum(u, v, w, below(s, 4));
	else
		r = product(u, v, w, below(s, 6));
	drop(u);
	drop(v);
	drop(w);
	return r;
}

/* ---- what is asked ------------------------------------------------------------------------------------------ */

struct tally {
	unsigned asked, open, wrong;
};

static void ask(struct tally *n, const char *a, const char *b, enum mx_verdict want)
{
	struct mx_outcome o = { MX_UNDECIDED, "", "" };
	struct tree_env t;
	struct mx *x, *y;

	tree_env_init(&t);
	x = tree(&t, a);
	y = tree(&t, b);
	CU_ASSERT_PTR_NOT_NULL(x);
	CU_ASSERT_PTR_NOT_NULL(y);
	if (x && y)
		mx_equal(&t.e, x, y, &o);
	n->asked++;
	if (getenv("MATH_PROPERTY_V") && o.verdict == MX_UNDECIDED)
		printf("\nopen: %s | %s: %s %s (spent %d)", a, b, o.rule, o.detail, (int)t.e.spent);
	if (o.verdict == MX_UNDECIDED) {
		n->open++;
	} else if (o.verdict != want) {
		n->wrong++;
		printf("\nwant %s: %s | %s: %s %s\n", want == MX_YES ? "equal" : "different", a, b,
		       o.rule, o.detail);
	}
	tree_env_release(&t);
}

static void ask_text(struct tally *n, char *a, char *b, enum mx_verdict want)
{
	ask(n, a, b, want);
	free(a);
	free(b);
}

/* What may be added so that the value is another one. */
static const char *shift(uint64_t *s)
{
	static const char *const by[] = { "1", "(/ 1 1000)", "(- 2)", "(^ 10 (- 30))", "(sqrt 2)", "pi",
					  "(- (ln 2))" };

	return by[below(s, sizeof(by) / sizeof(by[0]))];
}

static void finish(const struct tally *n)
{
	CU_ASSERT_EQUAL(n->wrong, 0);
	if (n->open * 1000 > n->asked * OPEN_PER_THOUSAND)
		printf("\n%u of %u undecided", n->open, n->asked);
	CU_ASSERT(n->open * 1000 <= n->asked * OPEN_PER_THOUSAND);
}

static void values(enum family f, int depth)
{
	struct tally n = { 0, 0, 0 };
	struct two t;
	uint64_t s;
	unsigned i;

	for (i = 0; i < PAIRS; i++) {
		s = i * 1000003u + f;
		t = expression(&s, f, 1 + (int)(i % (unsigned)depth));
		ask(&n, t.a, t.b, MX_YES);
		ask_text(&n, text("%s", t.b), text("(+ %s %s)", t.a, shift(&s)), MX_NO);
		drop(t);
	}
	finish(&n);
}

static void test_rational_functions_in_three_symbols(void)
{
	values(RATIONAL, 4);
}

static void test_constants(void)
{
	values(CONSTANT, 3);
}

static void test_functions(void)
{
	values(FUNCTION, 3);
}

static void test_complex_numbers(void)
{
	values(COMPLEX, 3);
}

/* c (l - r) = 0 for l = r; another right side for a left side that only the unknown makes up. */
static void test_equations(void)
{
	static const char *const factors[] = { "2", "(- 3)", "(/ 5 7)", "(sqrt 2)", "(- pi)" };
	struct tally n = { 0, 0, 0 };
	struct two l, r;
	const char *c;
	uint64_t s;
	unsigned i;

	for (i = 0; i < PAIRS; i++) {
		s = i * 1000003u + 17;
		l = expression(&s, RATIONAL, 1 + (int)(i % 3));
		r = expression(&s, RATIONAL, 1 + (int)(i % 2));
		c = factors[below(&s, 5)];
		ask_text(&n, text("(= (+ w %s) %s)", l.a, r.a),
			 text("(= (* %s (- (+ w %s) %s)) 0)", c, l.b, r.b), MX_YES);
		ask_text(&n, text("(= (+ w %s) %s)", l.a, r.a),
			 text("(= (+ w %s) (+ %s %s))", l.b, r.b, shift(&s)), MX_NO);
		ask_text(&n, text("(< (+ w %s) %s)", l.a, r.a),
			 text("(> (* (- 2) (+ w %s)) (* (- 2) %s))", l.b, r.b), MX_YES);
		ask_text(&n, text("(< (+ w %s) %s)", l.a, r.a),
			 text("(< (* (- 2) (+ w %s)) (* (- 2) %s))", l.b, r.b), MX_NO);
		drop(l);
		drop(r);
	}
	finish(&n);
}

static void test_sets_tuples_and_intervals(void)
{
	struct tally n = { 0, 0, 0 };
	struct two u;
	uint64_t s;
	unsigned i;
	const char *k;

	for (i = 0; i < PAIRS / 2; i++) {
		s = i * 1000003u + 23;
		u = expression(&s, CONSTANT, (int)(i % 3));
		k = i % 2 ? "set" : "list";
		ask_text(&n, text("(%s %s (+ %s 1) (* 2 %s))", k, u.a, u.a, "100"),
			 text("(%s 200 %s (+ 1 %s))", k, u.b, u.b), MX_YES);
		ask_text(&n, text("(%s %s (+ %s 1))", k, u.a, u.a),
			 text("(%s (+ %s 1) (+ %s 2))", k, u.b, u.b), MX_NO);
		ask_text(&n, text("(tuple %s (+ %s 1))", u.a, u.a),
			 text("(tuple %s (+ 1 %s))", u.b, u.b), MX_YES);
		ask_text(&n, text("(tuple %s (+ %s 1))", u.a, u.a),
			 text("(tuple (+ 1 %s) %s)", u.b, u.b), MX_NO);
		ask_text(&n, text("(cc %s (+ %s 1))", u.a, u.a),
			 text("(union (cc (+ %s 0.5) (+ 1 %s)) (cc %s (+ %s 0.6)))", u.b, u.b, u.b,
			      u.b), MX_YES);
		ask_text(&n, text("(co %s (+ %s 1))", u.a, u.a),
			 text("(cc %s (+ 1 %s))", u.b, u.b), MX_NO);
		ask_text(&n, text("(oo %s inf)", u.a), text("(> t %s)", u.b), MX_YES);
		ask_text(&n, text("(oo %s inf)", u.a), text("(> t (+ %s %s))", u.b, shift(&s)), MX_NO);
		drop(u);
	}
	finish(&n);
}

static void test_matrices(void)
{
	struct tally n = { 0, 0, 0 };
	struct two u, v;
	uint64_t s;
	unsigned i;

	for (i = 0; i < PAIRS / 3; i++) {
		s = i * 1000003u + 31;
		u = expression(&s, i % 2 ? CONSTANT : RATIONAL, (int)(i % 3));
		v = expression(&s, RATIONAL, (int)(i % 2));
		ask_text(&n, text("(* (mat 2 2 %s 1 0 %s) (mat 2 2 1 2 3 %s))", u.a, v.a, u.a),
			 text("(mat 2 2 (+ %s 3) (+ (* 2 %s) %s) (* 3 %s) (* %s %s))", u.b, u.b, u.b,
			      v.b, v.b, u.b), MX_YES);
		ask_text(&n, text("(det (mat 2 2 %s 1 2 %s))", u.a, v.a),
			 text("(- (* %s %s) 2)", v.b, u.b), MX_YES);
		ask_text(&n, text("(mat 2 2 %s %s 0 1)", u.a, v.a),
			 text("(mat 2 2 %s (+ %s %s) 0 1)", u.b, v.b, shift(&s)), MX_NO);
		ask_text(&n, text("(+ (mat 2 1 %s %s) (mat 2 1 1 2))", u.a, v.a),
			 text("(tuple (+ 1 %s) (+ %s 2))", u.b, v.b), MX_YES);
		drop(u);
		drop(v);
	}
	finish(&n);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "rational functions in three symbols", test_rational_functions_in_three_symbols },
		{ "constants", test_constants },
		{ "functions", test_functions },
		{ "complex numbers", test_complex_numbers },
		{ "equations and inequalities", test_equations },
		{ "sets, tuples and intervals", test_sets_tuples_and_intervals },
		{ "matrices", test_matrices },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ .pName = "math property", .pTests = tests },
		CU_SUITE_INFO_NULL,
	};
	int r = suites_run(suites);

	flint_cleanup();
	return r;
}
