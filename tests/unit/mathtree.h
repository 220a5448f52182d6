/* mathtree.h - expressions for tests, written in prefix form: "(= y (+ (* 2 x) 1))". */
#ifndef MEED_TESTS_MATHTREE_H
#define MEED_TESTS_MATHTREE_H

#include "plugins/math/math.h"

/* An environment with an arena of its own. */
struct tree_env {
	struct mx_env e;
	struct mx_opts opts;
	struct tree_chunk *top;
	size_t allocated;
};
void tree_env_init(struct tree_env *t);
void tree_env_release(struct tree_env *t);

/* Numbers, names, pi e i inf undef empty R; (+ ...) (* ...) (- a) (- a b) (/ a b) (^ a b) (pm a b)
 * (sqrt x) and other functions, (call f x), (list ...) (set ...) (tuple ...) (or ...) (sys ...)
 * (union ...) (inter ...) (minus a b) (cc a b) (oo a b) (co a b) (oc a b), (= a b c) (< ...) (<= ...)
 * (> ...) (>= ...) (!= ...) (~ ...) (in a b) (cong a b), (unit cm x) (pct x) (deg x) (ratio ...)
 * (time h m) (base 2 1011) (mat 2 2 a b c d) (text words) (choice A) (bool true),
 * (sum k lo hi x) (prod ...) (int x f) (int x lo hi f) (lim x to f) (deriv x f) (setof x c).
 * A repeating decimal is 0.1(6 written 0.1r6. NULL when it is not well-formed. */
struct mx *tree(struct tree_env *t, const char *text);

/* A random expression at most `depth` deep; *s is the generator's state. mathrandom.c */
struct mx *random_tree(struct tree_env *t, uint64_t *s, int depth);

#endif
