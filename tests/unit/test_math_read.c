/* test_math_read.c - mathematics as text to expressions and back, in `math`. */
#include "config.h"
#include "plugins/math/math.h"
#include "plugins/math/read.h"
#include "tests/unit/math_read_cases.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1000000u

/* An arena whose `fail_at`th allocation fails (1 is the first; 0: none). */
struct arena {
	void **blocks;
	size_t n, cap, bytes, fail_at;
};

static void *arena_alloc(void *ctx, size_t n)
{
	struct arena *a = ctx;
	void *p;

	if (a->fail_at && a->n + 1 >= a->fail_at)
		return NULL;
	if (a->n == a->cap) {
		size_t cap = a->cap ? 2 * a->cap : 64;
		void **v = realloc(a->blocks, cap * sizeof(*v));

		if (!v)
			return NULL;
		a->blocks = v;
		a->cap = cap;
	}
	p = calloc(1, n ? n : 1);
	if (!p)
		return NULL;
	a->blocks[a->n++] = p;
	a->bytes += n;
	return p;
}

static void arena_release(struct arena *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->blocks[i]);
	free(a->blocks);
	*a = (struct arena){ 0 };
}

static const struct mx_opts opts = { .rel_tol = 0 };

static struct mx_env env_of(struct arena *a, uint64_t steps)
{
	return (struct mx_env){ .alloc = arena_alloc, .ctx = a, .steps = steps, .opts = &opts };
}

/* text reads as an expression that prints as want, and that reads back as the same. */
static void expect(const char *text, const char *want)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 10000000);
	char buf[1024];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	const char *why;
	size_t at;
	struct mx *x = mx_read(&e, meed_s(text), &why, &at), *y = NULL;
	bool same = x ? false : !want;

	if (x) {
		mx_print(&t, x);
		same = want && meed_eq(meed_text_get(&t), meed_s(want));
		y = mx_read(&e, meed_text_get(&t), &why, &at);
	}
	if (!same)
		printf("\n%s: %.*s, not %s", text, x ? (int)t.n : 4, x ? buf : "NULL",
		       want ? want : "NULL");
	CU_ASSERT(same);
	if (x) {
		if (!y || !mx_same(x, y))
			printf("\n%s: does not read back from %.*s", text, (int)t.n, buf);
		CU_ASSERT(y && mx_same(x, y));
	} else {
		CU_ASSERT(why && *why && at <= strlen(text) && !e.spent);
	}
	arena_release(&a);
}

static void expect_all(const struct reading *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(v[i].text, v[i].want);
}

#define CLAIM(table)                                                  \
	static void test_reads_##table(void)                          \
	{                                                             \
		expect_all(table, sizeof(table) / sizeof(table[0]));  \
	}

CLAIM(whole_numbers)
CLAIM(decimals)
CLAIM(bases)
CLAIM(fractions)
CLAIM(roots_and_powers)
CLAIM(names)
CLAIM(products)
CLAIM(functions)
CLAIM(sums_limits_integrals)
CLAIM(constants)
CLAIM(percent_and_degrees)
CLAIM(units)
CLAIM(tuples_sets_intervals)
CLAIM(matrices)
CLAIM(relations)
CLAIM(lists_and_words)
CLAIM(as_models_write)
CLAIM(nonsense)

/* ---- structure that printing does not show ---- */

static struct mx *read_in(struct mx_env *e, const char *text)
{
	const char *why;
	size_t at;
	struct mx *x = mx_read(e, meed_s(text), &why, &at);

	CU_ASSERT_PTR_NOT_NULL_FATAL(x);
	return x;
}

static void test_nodes_carry_what_math_h_says(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 1000000);
	struct mx *x = read_in(&e, "0.1(6)");

	CU_ASSERT(x->kind == MX_DEC && meed_eq(x->name, MEED_S("16")));
	CU_ASSERT(x->scale == 2 && x->rep == 1 && x->exp10 == 0);
	x = read_in(&e, "1.50E-7");
	CU_ASSERT(x->kind == MX_DEC && meed_eq(x->name, MEED_S("150")));
	CU_ASSERT(x->scale == 2 && x->rep == 0 && x->exp10 == -7);
	x = read_in(&e, "1A3_{16}");
	CU_ASSERT(x->kind == MX_BASE && x->base == 16 && meed_eq(x->name, MEED_S("1A3")));
	x = read_in(&e, "(1, 2]");
	CU_ASSERT(x->kind == MX_INTERVAL && x->open_lo && !x->open_hi);
	x = read_in(&e, "\\begin{pmatrix}1&2&3\\\\4&5&6\\end{pmatrix}");
	CU_ASSERT(x->kind == MX_MATRIX && x->rows == 2 && x->cols == 3 && x->n == 6);
	x = read_in(&e, "1 < x \\le 2");
	CU_ASSERT(x->kind == MX_REL && x->n == 3 && x->rel[0] == MX_LT && x->rel[1] == MX_LE);
	x = read_in(&e, "6:30 p.m.");
	CU_ASSERT(x->kind == MX_TIME && meed_eq(x->arg[0]->name, MEED_S("18")));
	x = read_in(&e, "(x + 1)");
	CU_ASSERT(x->kind == MX_ADD && x->bracketed);
	x = read_in(&e, "a - b + c");
	CU_ASSERT(x->kind == MX_ADD && x->n == 3 && x->arg[1]->kind == MX_NEG);
	x = read_in(&e, "2xy");
	CU_ASSERT(x->kind == MX_MUL && x->n == 3);
	arena_release(&a);
}

static void test_case_of_words_is_kept_only_when_asked(void)
{
	struct arena a = { 0 };
	struct mx_opts kept = { .text_case = true };
	struct mx_env e = env_of(&a, 1000000);

	CU_ASSERT(meed_eq(read_in(&e, "\\text{Evelyn}")->name, MEED_S("evelyn")));
	e.opts = &kept;
	CU_ASSERT(meed_eq(read_in(&e, "\\text{Evelyn}")->name, MEED_S("Evelyn")));
	arena_release(&a);
}

static void test_tree_is_indented(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 1000000);
	char buf[256];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	mx_dump(&t, read_in(&e, "0.5 < x_1"));
	CU_ASSERT(meed_eq(meed_text_get(&t),
			  MEED_S("relation <\n  decimal 5, places 1\n  symbol x_1\n")));
	arena_release(&a);
}

static void test_a_short_buffer_cuts_and_never_overruns(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 1000000);
	struct mx *x = read_in(&e, "x^2/4 + y^2/3 = \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}");
	char buf[64];

	for (size_t cap = 0; cap < 40; cap++) {
		struct meed_text t = meed_text_in(buf, cap);

		memset(buf, '~', sizeof(buf));
		mx_print(&t, x);
		CU_ASSERT(t.n <= cap && buf[cap] == '~');
		t = meed_text_in(buf, cap);
		mx_dump(&t, x);
		CU_ASSERT(t.n <= cap && buf[cap] == '~');
	}
	arena_release(&a);
}

/* ---- limits ---- */

/* `unit` repeated to n bytes: refused or read, inside the step and memory bounds. */
static void expect_bounded(const char *unit, size_t n)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 20000000);
	size_t len = strlen(unit), at;
	char *p = malloc(n + 1);
	const char *why;
	struct mx *x;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (size_t i = 0; i < n; i++)
		p[i] = unit[i % len];
	p[n] = '\0';
	x = mx_read(&e, (meed_str){ p, n }, &why, &at);
	CU_ASSERT(x || (why && *why && at <= n));
	CU_ASSERT(e.steps > 10000000);
	CU_ASSERT(a.bytes < (size_t)96 << 20);
	free(p);
	arena_release(&a);
}

static void test_a_million_of_anything_stays_bounded(void)
{
	static const char *const many[] = {
		"(", "[", "{", "\\{", "|", "\\left(", "\\frac", "\\sqrt", "-", "+", "!", "^", "x^",
		"x_{", "1/", "1,", "=", "x=1,", "$", "\"", "'", "%", "\\", "\\\\", "&", "\\text{",
		"\\begin{pmatrix}", "1&", "A(", "A(x,", "f(", "word ", "1A", "\xE5\x92\x8C",
		"\xC2\xB2", "\xFF", "\\sum_{", "\\int ", "\\lim_{x\\to", "<", "]", " ", "\f",
		"{a\\over", "\\color{", "5 cm per ", "3 1/2 ", "0.(3)", "[1,2]U", "_", "x'", "word: ", "not ", "\\bar", "p:", "\\pm", "\\neg ",
	};

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		expect_bounded(many[i], MANY);
		expect_bounded(many[i], 20000);
	}
}

static void test_a_million_digits_are_read_whole(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 1000000);
	char *p = malloc(MANY);
	const char *why;
	size_t at;
	struct mx *x;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p, '7', MANY);
	x = mx_read(&e, (meed_str){ p, MANY }, &why, &at);
	CU_ASSERT_PTR_NOT_NULL_FATAL(x);
	CU_ASSERT(x->kind == MX_INT && x->name.n == MANY);
	CU_ASSERT(memcmp(x->name.p, p, MANY) == 0);
	free(p);
	arena_release(&a);
}

static void test_deep_nesting_is_refused_with_the_place(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 1000000);
	char p[4001];
	const char *why;
	size_t at;

	memset(p, '(', sizeof(p));
	CU_ASSERT_PTR_NULL(mx_read(&e, (meed_str){ p, sizeof(p) }, &why, &at));
	CU_ASSERT_STRING_EQUAL(why, "nested too deep");
	CU_ASSERT(at > 100 && at < 1000);
	memset(p, '!', sizeof(p));
	p[0] = '5';
	CU_ASSERT_PTR_NULL(mx_read(&e, (meed_str){ p, sizeof(p) }, &why, &at));
	arena_release(&a);
}

static void test_the_place_of_an_error_is_in_the_text_as_given(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 1000000);
	const char *why;
	size_t at;

	/* five characters of three bytes each before the bracket that closes nothing */
	CU_ASSERT_PTR_NULL(mx_read(&e, MEED_S("\xEF\xBC\x91\xEF\xBC\x8B\xEF\xBC\x92\xEF\xBC\x8B"
					      "\xEF\xBC\x93)+4"), &why, &at));
	CU_ASSERT(at == 16);
	arena_release(&a);
}

static void test_spent_steps_and_memory_are_told(void)
{
	static const char text[] = "\\frac{x^2-1}{x-1} \\text{ or } \\{1,2,3\\}, \\sum_{i=1}^n i";
	size_t fails = 0, at;
	const char *why;

	for (uint64_t steps = 0;; steps++) {
		struct arena a = { 0 };
		struct mx_env e = env_of(&a, steps);
		const struct mx *x = mx_read(&e, meed_s(text), &why, &at);

		CU_ASSERT(x ? !e.spent : e.spent == MEED_E_LIMIT && why);
		arena_release(&a);
		if (x)
			break;
	}
	for (size_t n = 1;; n++) {
		struct arena a = { .fail_at = n };
		struct mx_env e = env_of(&a, 1000000);
		const struct mx *x = mx_read(&e, meed_s(text), &why, &at);

		CU_ASSERT(x ? !e.spent : e.spent == MEED_E_NOMEM && why);
		arena_release(&a);
		if (x)
			break;
		fails++;
	}
	CU_ASSERT(fails > 20);
}

static void test_a_deadline_in_the_past_ends_it(void)
{
	struct arena a = { 0 };
	struct mx_env e = env_of(&a, 100000000);

	e.deadline_ns = 1;
	while (mx_step(&e, 1))
		;
	CU_ASSERT(e.spent == MEED_E_TIMEOUT);
	CU_ASSERT(e.steps > 90000000);
	CU_ASSERT_PTR_NULL(mx_alloc(&e, 8));
	arena_release(&a);
}

static void test_random_strings_read_twice_the_same(void)
{
	static const char *const parts[] = {
		"x", "y", "e", "i", "1", "23", ".", ",", " ", "+", "-", "*", "/", "^", "_", "!", "(",
		")", "[", "]", "{", "}", "\\{", "\\}", "|", "=", "<", ">", "\\frac", "\\sqrt",
		"\\text{", "cm", "or", "and", "\\sin", "\\log", "\\sum_{", "\\int", "\\infty", ":",
		"\\cup", "\\pm", "%", "\\circ", "$", "\\\\", "&", "\\begin{cases}", "\\end{cases}",
		"word", "\"", "'", "\xC2\xB2", "\xC2\xBD", "\\left", "\\right", "\\overline{",
	};
	const size_t n_parts = sizeof(parts) / sizeof(parts[0]);
	uint64_t seed = 42;
	size_t at, read = 0;

	for (size_t round = 0; round < 20000; round++) {
		struct arena a = { 0 };
		struct mx_env e = env_of(&a, 1000000);
		char buf[256] = "", out[8192];
		struct meed_text in = meed_text_in(buf, sizeof(buf) - 1);
		struct meed_text t = meed_text_in(out, sizeof(out));
		const struct mx *x, *y;
		const char *why;

		for (size_t k = 0; k < 2 + round % 12; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			meed_text_str(&in, meed_s(parts[(seed >> 33) % n_parts]));
		}
		x = mx_read(&e, meed_text_get(&in), &why, &at);
		if (x) {
			mx_print(&t, x);
			y = mx_read(&e, meed_text_get(&t), &why, &at);
			if (!y || !mx_same(x, y))
				printf("\n%.*s: %.*s", (int)in.n, buf, (int)t.n, out);
			CU_ASSERT(y && mx_same(x, y));
			read++;
		}
		arena_release(&a);
	}
	CU_ASSERT(read > 2000);
}

#define TEST(name) { #name, test_##name }

int main(void)
{
	static CU_TestInfo reads[] = {
		TEST(reads_whole_numbers), TEST(reads_decimals), TEST(reads_bases),
		TEST(reads_fractions), TEST(reads_roots_and_powers), TEST(reads_names),
		TEST(reads_products), TEST(reads_functions), TEST(reads_sums_limits_integrals),
		TEST(reads_constants), TEST(reads_percent_and_degrees), TEST(reads_units),
		TEST(reads_tuples_sets_intervals), TEST(reads_matrices), TEST(reads_relations),
		TEST(reads_lists_and_words), TEST(reads_as_models_write), TEST(reads_nonsense),
		TEST(nodes_carry_what_math_h_says), TEST(case_of_words_is_kept_only_when_asked),
		TEST(tree_is_indented), TEST(a_short_buffer_cuts_and_never_overruns),
		CU_TEST_INFO_NULL,
	};
	static CU_TestInfo limits[] = {
		TEST(a_million_of_anything_stays_bounded), TEST(a_million_digits_are_read_whole),
		TEST(deep_nesting_is_refused_with_the_place),
		TEST(the_place_of_an_error_is_in_the_text_as_given),
		TEST(spent_steps_and_memory_are_told), TEST(a_deadline_in_the_past_ends_it),
		TEST(random_strings_read_twice_the_same), CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "math_read", NULL, NULL, NULL, NULL, reads },
		{ "math_read_limits", NULL, NULL, NULL, NULL, limits },
		CU_SUITE_INFO_NULL,
	};
	unsigned failed;

	if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}
