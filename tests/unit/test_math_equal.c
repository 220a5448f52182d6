/* test_math_equal.c - the plugin `math`: what is equal to what, by which rule. */
#include "config.h"

#include "tests/unit/mathtree.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <flint/flint.h>

static const char verdict_name[3][12] = { "NO", "YES", "UNDECIDED" };

static enum mx_verdict ask(const char *a, const char *b, struct mx_opts *opts, bool show)
{
	struct mx_outcome o = { MX_UNDECIDED, "", "" };
	struct tree_env t;
	struct mx *x, *y;

	tree_env_init(&t);
	if (opts)
		t.opts = *opts;
	x = tree(&t, a);
	y = tree(&t, b);
	if (!x || !y)
		printf("\nnot well-formed: %s | %s\n", a, b);
	else
		mx_equal(&t.e, x, y, &o);
	if (show)
		printf("\n%s | %s: %s: %s %s (spent %d)\n", a, b, verdict_name[o.verdict], o.rule,
		       o.detail, (int)t.e.spent);
	tree_env_release(&t);
	return o.verdict;
}

static void check(const char *a, const char *b, enum mx_verdict want, bool both, int line)
{
	enum mx_verdict r = ask(a, b, NULL, false), s = both ? ask(b, a, NULL, false) : want;

	if (r != want || s != want) {
		printf("\nline %d: want %s", line, verdict_name[want]);
		(void)ask(a, b, NULL, true);
		(void)ask(b, a, NULL, true);
	}
	CU_ASSERT_EQUAL(r, want);
	CU_ASSERT_EQUAL(s, want);
}

#define SAME(a, b) check(a, b, MX_YES, true, __LINE__)
#define DIFF(a, b) check(a, b, MX_NO, true, __LINE__)
#define OPEN(a, b) check(a, b, MX_UNDECIDED, true, __LINE__)

static void test_rationals_are_exact(void)
{
	SAME("(/ 1 2)", "0.5");
	SAME("(+ 3 4)", "7");
	SAME("0.r3", "(/ 1 3)");
	SAME("0.1r6", "(/ 1 6)");
	SAME("(^ 2 10)", "1024");
	SAME("(* 1.2 (^ 10 5))", "120000");
	SAME("(/ 207 64)", "(/ 414 128)");
	DIFF("(/ 3 8)", "(/ 5 16)");
	DIFF("1000", "1001");
	SAME("(binom 5 2)", "10");
	SAME("(factorial 5)", "120");
	SAME("(perm 5 2)", "20");
	SAME("(gcd 12 18 27)", "3");
	SAME("(floor 2.5)", "2");
	SAME("(abs (- 5))", "5");
	SAME("(sum k 1 3 k)", "6");
	SAME("(prod k 1 5 k)", "120");
	SAME("(sum k 1 100 (^ k 2))", "338350");
	SAME("(mod 17 5)", "2");
	SAME("(base 2 1011)", "11");
	SAME("(root 27 3)", "3");
	SAME("(- (root 27 3))", "(root (- 27) 3)");
}

static void test_decimals_are_judged_by_their_digits(void)
{
	DIFF("0.1234567", "0.1234568");
	DIFF("0.333", "(/ 1 3)");
	SAME("0.3333333", "(/ 1 3)");
	SAME("0.6666667", "(/ 2 3)");
	SAME("0.6666666", "(/ 2 3)");
	DIFF("0.6666668", "(/ 2 3)");
	SAME("(- 0.6666667)", "(/ (- 2) 3)");
	DIFF("0.6666667", "(/ (- 2) 3)");
	DIFF("3.14159", "pi");
	SAME("3.1415927", "pi");
	SAME("3.1415926", "pi");
	DIFF("3.1415928", "pi");
	SAME("1.414214", "(sqrt 2)");
	DIFF("1.414215", "(sqrt 2)");
	SAME("(pct 33.3333333)", "(/ 1 3)");
	DIFF("2.9999999", "3");
	SAME("3.000", "3");
}

static void test_tolerance_is_between_decimals_only(void)
{
	struct mx_opts o = { 1e-3, 6, true, true, false, false, 0, 0, 0 };

	CU_ASSERT_EQUAL(ask("1.0005", "1.0", &o, false), MX_YES);
	CU_ASSERT_EQUAL(ask("1.002", "1.0", &o, false), MX_NO);
	CU_ASSERT_EQUAL(ask("1001", "1000", &o, false), MX_NO);
}

static void test_rational_functions(void)
{
	SAME("(^ (+ x 1) 2)", "(+ (^ x 2) (* 2 x) 1)");
	SAME("(/ (- (^ x 2) 1) (- x 1))", "(+ x 1)");
	DIFF("(+ (^ x 2) (* 2 x) 1)", "(+ (^ x 3) (* 2 x) 1)");
	SAME("(* a b)", "(* b a)");
	DIFF("x", "y");
	DIFF("(+ x (* 2 n) 1)", "(+ x 1)");
	SAME("(/ (* pi r) (+ h r))", "(/ (* r pi) (+ r h))");
	SAME("(^ (+ a b c d) 12)", "(^ (+ d c b a) 12)");
	DIFF("(^ (+ a b c d) 12)", "(^ (+ d c b (* 2 a)) 12)");
	SAME("(^ (+ a b c d f) 900)", "(* (^ (+ a b c d f) 450) (^ (+ f d c b a) 450))");
	DIFF("(^ (+ a b c d f) 900)", "(* (^ (+ a b c d f) 450) (^ (+ f d c b a) 449))");
	SAME("(/ 1 (- (/ 1 x) (/ 1 y)))", "(/ (* x y) (- y x))");
	SAME("(- a_1 a_2)", "(- (- a_2 a_1))");
}

static void test_roots_and_constants(void)
{
	SAME("(sqrt 12)", "(* 2 (sqrt 3))");
	SAME("(* 3 (sqrt 13))", "(sqrt 117)");
	SAME("(/ 1 (sqrt 2))", "(/ (sqrt 2) 2)");
	SAME("(+ (sqrt 2) (sqrt 3))", "(sqrt (+ 5 (* 2 (sqrt 6))))");
	SAME("(- (root (+ 2 (sqrt 5)) 3) (root (- (sqrt 5) 2) 3))", "1");
	SAME("(/ (sqrt (+ (sqrt 11) (sqrt 194))) (+ 15 (* 2 (sqrt 33))))",
	     "(/ (sqrt (+ (sqrt 194) (sqrt 11))) (+ (* 2 (sqrt 33)) 15))");
	DIFF("(/ (+ 3 (* 2 (sqrt 3))) 3)", "(+ 2 (sqrt 3))");
	SAME("(/ (+ 3 (* 2 (sqrt 3))) 3)", "(+ 1 (/ (* 2 (sqrt 3)) 3))");
	SAME("(^ 2 (/ 1 2))", "(sqrt 2)");
	SAME("(^ 8 (/ 2 3))", "4");
	SAME("(root 54 3)", "(* 3 (root 2 3))");
	SAME("(* (root 2 3) (root 4 3))", "2");
	SAME("(^ e (* i pi))", "(- 1)");
	SAME("(sin (/ pi 6))", "(/ 1 2)");
	SAME("(cos (deg 60))", "(/ 1 2)");
	SAME("(tan (/ pi 4))", "1");
	SAME("(sin (/ pi 12))", "(/ (- (sqrt 6) (sqrt 2)) 4)");
	SAME("(cos (/ pi 5))", "(/ (+ 1 (sqrt 5)) 4)");
	SAME("(log 8 2)", "3");
	SAME("(/ (log 8) (log 2))", "3");
	SAME("(ln e)", "1");
	SAME("(ln 6)", "(+ (ln 2) (ln 3))");
	SAME("(log 100)", "2");
	SAME("(exp (ln 5))", "5");
	SAME("(* (sqrt (- 4)) 1)", "(* 2 i)");
	SAME("(^ (+ 1 i) 2)", "(* 2 i)");
	SAME("(abs (+ 3 (* 4 i)))", "5");
	DIFF("(- 1 (/ 1 e))", "(+ 1 (/ 1 e))");
	DIFF("pi", "(/ 22 7)");
	DIFF("(- (sqrt 3) (* 5 i))", "(+ (sqrt 3) (* 5 i))");
	DIFF("(exp (exp (- (^ 10 9))))", "2");
	SAME("(arctan 1)", "(/ pi 4)");
	SAME("(* 2 (arccos 0))", "pi");
}

static void test_huge_numbers(void)
{
	DIFF("(/ 1 (factorial 2004))", "(/ 1 (factorial 2006))");
	DIFF("(/ 1 (^ 2 99))", "(/ 1 (^ 2 98))");
	SAME("(/ (factorial 1000000) (factorial 999999))", "1000000");
	DIFF("(/ (factorial 1000000) (factorial 999999))", "1000001");
	DIFF("(factorial 1000000000)", "(factorial 1000000001)");
	DIFF("(^ 9 (^ 9 (^ 9 9)))", "(^ 9 (^ 9 (^ 9 8)))");
	SAME("(^ 9 (^ 9 (^ 9 9)))", "(^ 9 (^ 9 (^ 9 9)))");
	DIFF("(^ 9 (^ 9 (^ 9 9)))", "1");
	SAME("(^ 10 100000)", "(* (^ 10 50000) (^ 10 50000))");
	DIFF("(^ 2 (^ 10 9))", "(^ 3 (^ 10 9))");
}

static void test_functions_of_symbols(void)
{
	SAME("(+ (^ (sin x) 2) (^ (cos x) 2))", "1");
	SAME("(tan x)", "(/ (sin x) (cos x))");
	SAME("(sin (* 2 x))", "(* 2 (sin x) (cos x))");
	DIFF("(sqrt (^ x 2))", "x");
	SAME("(sqrt (^ x 2))", "(abs x)");
	SAME("(ln (* x y))", "(+ (ln x) (ln y))");
	SAME("(* (^ e x) (^ e y))", "(^ e (+ x y))");
	DIFF("(^ (sin t) 2)", "(^ (tan t) 2)");
	SAME("(^ 2 (+ n 1))", "(* 2 (^ 2 n))");
	SAME("(/ (factorial (+ n 1)) (factorial n))", "(+ n 1)");
	SAME("(binom n 2)", "(/ (* n (- n 1)) 2)");
	SAME("(cos (* n pi))", "(^ (- 1) n)");
	SAME("(sin (- x))", "(- (sin x))");
	SAME("(call f (+ x 1))", "(call f (+ 1 x))");
	DIFF("(call f x)", "(call g x)");
	SAME("(* (sqrt x) (sqrt x))", "x");
	SAME("(^ x (/ 3 2))", "(* x (sqrt x))");
	SAME("(sum k 1 n k)", "(sum j 1 n j)");
	SAME("(+ (^ e (* i x)) (^ e (- (* i x))))", "(* 2 (cos x))");
	DIFF("(conj z)", "z");
	SAME("(* z (conj z))", "(^ (abs z) 2)");
	/* what only differs far out, or by little */
	DIFF("(max x 1000)", "1000");
	DIFF("(abs (- x 1000))", "(- 1000 x)");
	DIFF("(sqrt (^ (- x 5000) 2))", "(- 5000 x)");
	DIFF("(abs (- (^ x 2) 1000000))", "(- 1000000 (^ x 2))");
	DIFF("(+ (sin x) (^ 10 (- 200)))", "(sin x)");
	DIFF("(floor (/ x 100000))", "(floor (/ x 100001))");
	SAME("(abs (- x 1000))", "(abs (- 1000 x))");
}

static void test_lists_sets_and_tuples(void)
{
	SAME("(set 1 2 3)", "(set 3 2 1)");
	SAME("(set 1 2 2)", "(set 2 1)");
	SAME("(list 1 2 3)", "(set 1 2 3)");
	SAME("(list 21 16 11)", "(list 16 11 21)");
	DIFF("(list 19 46 82)", "(list 21 36 82)");
	DIFF("(list 1 2)", "(list 1 2 3)");
	DIFF("(list 1 1 2)", "(list 1 2)");
	DIFF("(tuple 1 2)", "(tuple 2 1)");
	SAME("(tuple 1 (/ 9 2))", "(tuple 1 4.5)");
	SAME("(tuple 1 3)", "(list 1 3)");
	DIFF("(tuple 1 3)", "(list 3 1)");
	SAME("(list (tuple 2 2) (tuple 6 2))", "(list (tuple 6 2) (tuple 2 2))");
	SAME("(list (tuple 1 2) (tuple 3 4))", "(list (tuple 3 4) (tuple 1 2) (tuple 1 2))");
	SAME("(pm 2)", "(set (- 2) 2)");
	SAME("(pm 1 (sqrt 19))", "(list (+ 1 (sqrt 19)) (- 1 (sqrt 19)))");
	SAME("empty", "empty");
	DIFF("empty", "(set 0)");
	SAME("(set 5)", "5");
	DIFF("(list (sqrt 67) (- (sqrt 85)))", "(sqrt 67)");
	SAME("(list (= a 4) (- 8) (- 10))", "(list (- 10) (- 8) 4)");
	DIFF("(list (= n 2) 3 4)", "(list (= n 1) 2 3)");
	DIFF("(= n (list 2 3 4))", "(= n (list 1 2 3))");
	SAME("(= n (list 1 2 3))", "(list 3 2 1)");
	SAME("(list (unit cm 35) 4)", "(list 35 4)");
}

static void test_a_strict_list_is_ordered(void)
{
	struct mx_opts o = { 0, 6, true, true, false, true, 0, 0, 0 };

	CU_ASSERT_EQUAL(ask("(list 1 2)", "(list 2 1)", &o, false), MX_NO);
	CU_ASSERT_EQUAL(ask("(set 1 2)", "(set 2 1)", &o, false), MX_YES);
}

static void test_intervals_keep_their_ends(void)
{
	SAME("(tuple 1 2)", "(oo 1 2)");
	DIFF("(oo 1 2)", "(cc 1 2)");
	SAME("(cc 1 2)", "(cc 1 2)");
	SAME("(cc 1 2)", "(<= 1 x 2)");
	SAME("(in x (cc 1 2))", "(<= 1 x 2)");
	SAME("(oo 1 2)", "(< 1 x 2)");
	SAME("(union (oo (- inf) 2) (oo 3 inf))", "(union (oo 3 inf) (oo (- inf) 2))");
	SAME("(union (cc 1 2) (cc 2 3))", "(cc 1 3)");
	DIFF("(union (co 1 2) (oc 2 3))", "(cc 1 3)");
	SAME("(union (oo (- inf) 1) (oo 1 inf))", "(!= x 1)");
	SAME("(minus R (set 1))", "(union (oo (- inf) 1) (oo 1 inf))");
	SAME("(<= 1 (abs z) (/ 3 2))", "(in z (union (cc (/ (- 3) 2) (- 1)) (cc 1 (/ 3 2))))");
	SAME("(< (^ x 2) 2)", "(oo (- (sqrt 2)) (sqrt 2))");
	SAME("(>= (- (+ (^ x 2) x) 6) 0)", "(union (oc (- inf) (- 3)) (co 2 inf))");
	DIFF("(cc (- 3) 2)", "(union (oc (- inf) (- 3)) (co 2 inf))");
	SAME("(> (/ 1 (- x 1)) 0)", "(oo 1 inf)");
	SAME("(setof x (> x 1))", "(oo 1 inf)");
	SAME("(> (* 2 x) pi)", "(oo (/ pi 2) inf)");
	SAME("R", "(oo (- inf) inf)");
	SAME("(inter (cc 0 3) (cc 1 5))", "(cc 1 3)");
	DIFF("(oo (- 6) 10)", "(oo (- 6) 11)");
	DIFF("(> (^ x 3) (+ x 1))", "(oo 1 inf)");
	DIFF("(< (sqrt x) 2)", "(co 0 9)");
}

static void test_equations_have_solution_sets(void)
{
	SAME("(= x 3)", "(= (* 2 x) 6)");
	SAME("(= x 3)", "3");
	SAME("(= x 3)", "(= 3 x)");
	DIFF("(= x 3)", "4");
	DIFF("(= x 3)", "(= y 3)");
	SAME("(= (call f x) (^ x 2))", "(^ x 2)");
	SAME("(= y (+ (* 2 x) 1))", "(+ (* 2 x) 1)");
	SAME("(= (call f x) (^ x 2))", "(= y (^ x 2))");
	SAME("(= (+ 3 4) 7)", "7");
	SAME("(= (abs (* A B)) 1)", "1");
	SAME("(= (ratio A B) 1)", "1");
	DIFF("(= (+ (* 2 x) z) 1)", "1");
	DIFF("(= 7 (+ (* 11 a) c))", "(+ (* 11 a) c)");
	SAME("(= (+ (/ (^ x 2) 4) (/ (^ y 2) 3)) 1)",
	     "(= (+ (/ (^ x 2) 16) (/ (^ y 2) 12)) (/ 1 4))");
	SAME("(= (+ (* 34 x) (* 45 y) (- (* 20 z)) 100) 0)",
	     "(= (+ (- (* 34 x)) (- (* 45 y)) (* 20 z) (- 100)) 0)");
	DIFF("(= (+ x y) 1)", "(= (+ x y) 2)");
	DIFF("(= y (+ (* 2 x) 1))", "(= y (+ (* 2 x) 2))");
	SAME("(= y (+ (* 2 x) 1))", "(= (- y (* 2 x)) 1)");
	SAME("(= x (+ 5 5 1) 7 11)", "(= x 11)");
	SAME("(~ x 11)", "11");
	SAME("(or (= x 1) (= x 2))", "(list (= x 2) (= x 1))");
	SAME("(or (= x 1) (= x 2))", "(set 1 2)");
	DIFF("(or (= x 1) (= x 2))", "(or (= x 1) (= x 3))");
	SAME("(list (= k 45) (= n 2))", "(list (= n 2) (= k 45))");
	DIFF("(list (= k 45) (= n 2))", "(list (= n 45) (= k 2))");
	SAME("(sys (= (+ x y) 3) (= (- x y) 1))", "(sys (= x 2) (= y 1))");
	DIFF("(sys (= (+ x y) 3) (= (- x y) 1))", "(sys (= x 1) (= y 2))");
	SAME("(list (= x_1 (+ (/ 1 2) (sqrt 5))) (= x_2 (- (/ 1 2) (sqrt 5))))",
	     "(list (/ (- 1 (* 2 (sqrt 5))) 2) (/ (+ 1 (* 2 (sqrt 5))) 2))");
	DIFF("(or (sys (= p 5) (= q 2)) (sys (= p 7) (= q 3)))",
	     "(or (sys (= p 5) (= q 3)) (sys (= p 7) (= q 2)))");
	SAME("(= (tuple x y) (tuple 1 2))", "(tuple 1 2)");
	SAME("(= (/ (* N O) (* B O)) (/ 1 (sqrt 6)))", "(/ 1 (sqrt 6))");
	SAME("(= (^ (- x 1) 2) 0)", "(= x 1)");
	DIFF("(= (^ x 2) 4)", "(= x 2)");
	SAME("(= (* (sqrt 2) x) 2)", "(= x (sqrt 2))");
	OPEN("(sys (= (+ x y) 2) (= (* x y) 1))", "(sys (= x 1) (= y 1))");
	DIFF("(list (= (* A B) 3) (= (* B C) 4))", "(list (= (* A B) 3) (= (* B C) 5))");
	DIFF("(sys (= (+ x y) 3) (= (* x y) 2))", "(sys (= (+ x y) 3) (= (* x y) 3))");
	SAME("(cong x (mod 3 7))", "(cong x (mod 10 7))");
	DIFF("(cong x (mod 3 7))", "(cong x (mod 4 7))");
	SAME("(= x (pm 2))", "(list 2 (- 2))");
	SAME("(cong (+ (^ 129 34) (^ 96 38)) (mod 9 11))", "9");
	SAME("(= (* 2 pi r) C)", "(* 2 pi r)");
	DIFF("(= x (+ x 1))", "(+ x 1)");
	SAME("(or (= x 0.5) (= x (/ 1 2)))", "0.5");
	DIFF("(list (/ 1 2) 1)", "(/ 1 2)");
	SAME("(= (^ x 2) 4)", "(= x (pm 2))");
	SAME("(= (ratio V_1 V_2) (ratio 11 21))", "(ratio 11 21)");
}

static void test_inequalities(void)
{
	SAME("(<= x 1)", "(>= (- x) (- 1))");
	DIFF("(>= x 5)", "(<= x 5)");
	DIFF("(> x 5)", "(>= x 5)");
	SAME("(< (+ x y) 1)", "(> (- 2 (+ (* 2 x) (* 2 y))) 0)");
	SAME("(< (+ x y) 1)", "(< (+ (* 2 x) (* 2 y)) 2)");
	DIFF("(< (+ x y) 1)", "(< (+ x y) 2)");
	DIFF("(< (+ x y) 1)", "(> (+ x y) 1)");
	SAME("(sys (> x 1) (< x 2))", "(oo 1 2)");
}

static void test_quantities(void)
{
	SAME("(pct 50)", "(pct 50)");
	SAME("(pct 50)", "50");
	SAME("(pct 50)", "0.5");
	DIFF("(pct 50)", "(pct 51)");
	DIFF("(unit cm 5)", "(unit m 5)");
	SAME("(unit mm 50)", "(unit cm 5)");
	SAME("(unit cm 5)", "5");
	SAME("(unit km/h 36)", "(unit m/s 10)");
	SAME("(unit m^2 1)", "(unit cm^2 10000)");
	DIFF("(unit cm 5)", "(unit kg 5)");
	SAME("(deg 90)", "90");
	SAME("(deg 90)", "(/ pi 2)");
	DIFF("(deg 90)", "(/ pi 3)");
	SAME("(unit USD 5)", "5");
	SAME("(unit cent 50)", "(unit USD 0.5)");
	DIFF("(unit USD 5)", "(unit EUR 5)");
	SAME("(time 12 30)", "(time 12 30)");
	DIFF("(time 12 30)", "(time 12 31)");
	SAME("(ratio 3 4)", "(/ 3 4)");
	SAME("(ratio 3 4)", "(ratio 6 8)");
	DIFF("(ratio 3 4)", "(ratio 4 3)");
	SAME("(ratio 1 2 3)", "(ratio 2 4 6)");
}

static void test_units_can_be_demanded(void)
{
	struct mx_opts o = { 0, 6, false, false, false, false, 0, 0, 0 };

	CU_ASSERT_EQUAL(ask("(unit cm 5)", "5", &o, false), MX_NO);
	CU_ASSERT_EQUAL(ask("(pct 50)", "50", &o, false), MX_NO);
	CU_ASSERT_EQUAL(ask("(pct 50)", "0.5", &o, false), MX_YES);
}

static void test_names_that_depend_on_whole_numbers(void)
{
	SAME("(= F_n (sum k 0 (- n 1) (* F_k F_{n-k-1})))",
	     "(= F_n (sum k 0 (- n 1) (* F_k F_{n-1-k})))");
	DIFF("(= F_n (sum k 0 (- n 1) (* F_k F_{n-k-1})))",
	     "(= F_n (sum k 0 (- n 2) (* F_k F_{n-k-2})))");
	SAME("(sys (= x (* k pi)) (in k Z))", "(sys (= x (* n pi)) (in n Z))");
	SAME("(sys (= x (* k pi)) (in k Z))", "(= x (* n pi))");
	DIFF("(sys (= x (* k pi)) (in k Z))", "(sys (= x (* 2 n pi)) (in n Z))");
	SAME("(sys (= x (+ (/ pi 4) (* k pi))) (in k Z))",
	     "(sys (= x (+ (/ (* 5 pi) 4) (* n pi))) (in n Z))");
	DIFF("(sys (= x (+ (/ pi 4) (* k pi))) (in k Z))",
	     "(sys (= x (+ (/ pi 3) (* n pi))) (in n Z))");
	SAME("(sum k 1 n k)", "(/ (* n (+ n 1)) 2)");
	SAME("(sum k 0 n (binom n k))", "(^ 2 n)");
}

static void test_what_is_of_another_kind_is_different(void)
{
	DIFF("(* (- 12) x)", "(union (oo (- inf) 2) (oo 3 inf))");
	DIFF("(- (* 12 x))", "(union (oo (- inf) 2) (oo 3 inf))");
	DIFF("(- (^ x 2) 1)", "(cc (- 3) 2)");
	DIFF("(cc a b)", "(+ a b)");
	DIFF("(unit mi 125)", "(cc (- 3) 2)");
	DIFF("R", "(set 1 2)");
	DIFF("(= (+ (/ (^ x 2) 4) (/ (^ y 2) 3)) 1)", "(list (- 2) 1)");
	DIFF("(= (+ x y) 1)", "(cc 1 2)");
	DIFF("(list (= k 45) (= n 2))", "(oo (- inf) 3)");
	DIFF("(= x (/ 1 3))", "(= D (tuple 0 1))");
	DIFF("(>= k 2)", "(or (= x 2) (= x (- 3)))");
	DIFF("(in z (cc 1 2))", "(= x (/ 1 3))");
	DIFF("(in x (cc (- 2) 7))", "(= (+ x y) 1)");
	DIFF("(= n (list 2 3 4))", "(= 7 (+ (* 11 n) c))");
	DIFF("(= (+ (* 2 x) 1) 3)", "(list (unit cm 35) 4)");
	DIFF("(> x 5)", "(list (tuple 2 2) (tuple 6 2))");
	DIFF("(= (abs (* A B)) 1)", "(= (ratio A B) 1)");
	DIFF("(/ 1 0)", "(sqrt 2)");
	DIFF("(/ 1 0)", "(sin x)");
	SAME("(cc 2 2)", "2");
	SAME("(= (^ x 2) 4)", "(list 2 (- 2))");
	SAME("(setof x (= (^ x 2) 4))", "(set 2 (- 2))");
}

static void test_words_choices_and_truth(void)
{
	SAME("(text Evelyn)", "(text evelyn)");
	DIFF("(text Evelyn)", "(text Briana)");
	SAME("(choice A)", "A");
	SAME("(choice A)", "(text (A)");
	DIFF("(choice A)", "(choice C)");
	SAME("(bool true)", "(text True)");
	DIFF("(bool true)", "(bool false)");
	SAME("(text Even)", "(* E v e n)");
	SAME("undef", "(text does not exist)");
	SAME("undef", "(/ 1 0)");
	DIFF("(/ 1 0)", "inf");
	OPEN("(sum n 1 inf (/ 1 n))", "inf");
	OPEN("undef", "(ln 0)");
	DIFF("undef", "(ln 2)");
	DIFF("inf", "(- inf)");
	SAME("inf", "inf");
	DIFF("(text none of these)", "4");
	SAME("empty", "(text no solution)");
}

static void test_matrices(void)
{
	SAME("(mat 2 2 1 2 3 4)", "(mat 2 2 1 2 3 (+ 2 2))");
	DIFF("(mat 2 2 1 2 3 4)", "(mat 2 2 1 2 3 5)");
	DIFF("(mat 2 2 1 2 3 4)", "(mat 1 4 1 2 3 4)");
	SAME("(mat 3 1 1 2 3)", "(tuple 1 2 3)");
	SAME("(+ (mat 2 2 1 2 3 4) (mat 2 2 5 6 7 8))", "(mat 2 2 6 8 10 12)");
	SAME("(* (mat 2 2 1 0 0 1) (mat 2 2 1 0 0 1))", "(mat 2 2 1 0 0 1)");
	SAME("(* 2 (tuple 1 2))", "(tuple 2 4)");
	SAME("(det (mat 2 2 1 2 3 4))", "(- 2)");
	SAME("(^ (mat 2 2 1 2 3 4) (- 1))", "(mat 2 2 (- 2) 1 1.5 (- 0.5))");
	DIFF("14", "(mat 3 1 2 1 3)");
}

static void test_calculus(void)
{
	SAME("(int x x)", "(/ (^ x 2) 2)");
	SAME("(int x 0 1 (^ x 2))", "(/ 1 3)");
	SAME("(int x 0 pi (sin x))", "2");
	SAME("(int x 1 e (/ 1 x))", "1");
	OPEN("(int x (- 1) 1 (/ 1 x))", "0");
	SAME("(deriv x (^ x 3))", "(* 3 (^ x 2))");
	SAME("(deriv x (sin (* 2 x)))", "(* 2 (cos (* 2 x)))");
	SAME("(lim x 0 (/ (sin x) x))", "1");
	SAME("(lim n inf (/ (+ (* 2 n) 1) n))", "2");
	SAME("(lim n inf (^ (+ 1 (/ 1 n)) n))", "e");
	SAME("(lim x 2 (/ (- (^ x 2) 4) (- x 2)))", "4");
	DIFF("(lim x 0 (/ (sin x) x))", "2");
}

static void test_random_trees_are_survived_and_symmetric(void)
{
	struct mx_outcome o, back;
	struct tree_env t;
	struct mx *x, *y;
	uint64_t s;
	int i;

	for (i = 0; i < 3000; i++) {
		s = (uint64_t)i * 1000003u;
		tree_env_init(&t);
		t.e.steps = 20000;
		x = random_tree(&t, &s, 1 + i % 4);
		y = i % 3 == 0 ? x : random_tree(&t, &s, 1 + i % 3);
		mx_equal(&t.e, x, y, &o);
		CU_ASSERT(y != x || o.verdict != MX_NO);
		if (t.e.spent == 0) {
			mx_equal(&t.e, y, x, &back);
			if (t.e.spent == 0 && o.verdict != back.verdict) {
				printf("\nrandom tree %d: %s (%s) against %s (%s)\n", i,
				       verdict_name[o.verdict], o.rule, verdict_name[back.verdict],
				       back.rule);
				CU_FAIL("not symmetric");
			}
		}
		tree_env_release(&t);
	}
}

/* An arena that fails from the n-th allocation on. */
struct failing {
	struct mx_env *inner;
	long left;
};

static void *failing_alloc(void *ctx, size_t n)
{
	struct failing *f = ctx;

	return f->left-- > 0 ? f->inner->alloc(f->inner->ctx, n) : NULL;
}

static void test_no_memory_is_undecided(void)
{
	static const char *const pairs[][2] = {
		{ "(> (* x (- x 1) (- (^ x 2) 2)) 0)", "(oo 1 2)" },
		{ "(sys (= (+ x y) 3) (= (- x y) 1))", "(sys (= x 2) (= y 1))" },
		{ "(* (mat 2 2 1 0 0 1) (mat 2 2 1 x 0 1))", "(mat 2 2 1 x 0 1)" },
		{ "(lim x 0 (/ (sin x) x))", "(int x 0 1 (* 2 x))" },
		{ "(list (pm x 1) (sum k 1 n F_k))", "(list 1 2 (sqrt x))" },
		{ "(+ (sqrt 2) (sqrt 3) (sin (/ pi 12)))", "(root (+ 5 (* 2 (sqrt 6))) 3)" },
		{ "(sys (= x (* k pi)) (in k Z))", "(< (+ x y) (unit cm 3))" },
	};
	struct mx_outcome want, o;
	struct tree_env t;
	struct failing f;
	struct mx_env e;
	struct mx *x, *y;
	size_t i;
	long n;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		tree_env_init(&t);
		x = tree(&t, pairs[i][0]);
		y = tree(&t, pairs[i][1]);
		mx_equal(&t.e, x, y, &want);
		for (n = 0; n < 5000; n++) {
			e = t.e;
			f.inner = &t.e;
			f.left = n;
			e.alloc = failing_alloc;
			e.ctx = &f;
			mx_equal(&e, x, y, &o);
			if (e.spent == 0)
				break;
			CU_ASSERT_EQUAL(e.spent, MEED_E_NOMEM);
			CU_ASSERT_EQUAL(o.verdict, MX_UNDECIDED);
		}
		CU_ASSERT_EQUAL(e.spent, 0);
		CU_ASSERT_EQUAL(o.verdict, want.verdict);
		tree_env_release(&t);
	}
}

static void test_budget_is_kept(void)
{
	struct mx_outcome o;
	struct tree_env t;
	struct timespec ts;

	tree_env_init(&t);
	t.e.steps = 10;
	mx_equal(&t.e, tree(&t, "(^ (+ (sin x) (cos y)) 5)"), tree(&t, "(^ (+ (cos y) (sin x)) 6)"),
		 &o);
	CU_ASSERT_EQUAL(o.verdict, MX_UNDECIDED);
	CU_ASSERT_EQUAL(t.e.spent, MEED_E_LIMIT);
	tree_env_release(&t);

	tree_env_init(&t);
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	t.e.deadline_ns = 1;
	mx_equal(&t.e, tree(&t, "(sum k 1 9999 (sin k))"), tree(&t, "2"), &o);
	CU_ASSERT_EQUAL(o.verdict, MX_UNDECIDED);
	CU_ASSERT_EQUAL(t.e.spent, MEED_E_TIMEOUT);
	tree_env_release(&t);
}

/* "a|b" a line, from standard input: verdict and rule, a line each, for tests/math/property.py. */
static int answer_lines(void)
{
	struct mx_outcome o;
	struct tree_env t;
	struct mx *x, *y;
	char *line = NULL, *bar;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		bar = strchr(line, '|');
		if (!bar)
			continue;
		*bar++ = '\0';
		tree_env_init(&t);
		x = tree(&t, line);
		y = tree(&t, bar);
		if (x && y)
			mx_equal(&t.e, x, y, &o);
		printf("%s|%s\n", x && y ? verdict_name[o.verdict] : "MALFORMED",
		       x && y ? o.rule : "");
		tree_env_release(&t);
	}
	free(line);
	flint_cleanup();
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		CU_TestFunc fn;
	} tests[] = {
		{ "rationals are exact", test_rationals_are_exact },
		{ "decimals are judged by their digits", test_decimals_are_judged_by_their_digits },
		{ "tolerance is between decimals only", test_tolerance_is_between_decimals_only },
		{ "rational functions", test_rational_functions },
		{ "roots and constants", test_roots_and_constants },
		{ "huge numbers", test_huge_numbers },
		{ "functions of symbols", test_functions_of_symbols },
		{ "lists, sets and tuples", test_lists_sets_and_tuples },
		{ "a strict list is ordered", test_a_strict_list_is_ordered },
		{ "intervals keep their ends", test_intervals_keep_their_ends },
		{ "equations have solution sets", test_equations_have_solution_sets },
		{ "inequalities", test_inequalities },
		{ "quantities", test_quantities },
		{ "units can be demanded", test_units_can_be_demanded },
		{ "names that depend on whole numbers", test_names_that_depend_on_whole_numbers },
		{ "words, choices and truth", test_words_choices_and_truth },
		{ "what is of another kind is different", test_what_is_of_another_kind_is_different },
		{ "matrices", test_matrices },
		{ "calculus", test_calculus },
		{ "random trees are survived and symmetric",
		  test_random_trees_are_survived_and_symmetric },
		{ "no memory is undecided", test_no_memory_is_undecided },
		{ "the budget is kept", test_budget_is_kept },
	};
	CU_pSuite s;
	unsigned failed;
	size_t i;

	if (argc == 2 && strcmp(argv[1], "-") == 0)
		return answer_lines();
	if (argc == 3) {
		(void)ask(argv[1], argv[2], NULL, true);
		flint_cleanup();
		return 0;
	}
	if (CU_initialize_registry() != CUE_SUCCESS)
		return (int)CU_get_error();
	s = CU_add_suite("math equal", NULL, NULL);
	for (i = 0; s && i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!CU_add_test(s, tests[i].name, tests[i].fn))
			s = NULL;
	if (!s) {
		CU_cleanup_registry();
		return 1;
	}
	CU_basic_set_mode(CU_BRM_NORMAL);
	(void)CU_basic_run_tests();
	failed = CU_get_number_of_failures();
	CU_cleanup_registry();
	flint_cleanup();
	return failed > 0;
}
