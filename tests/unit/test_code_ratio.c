/* test_code_ratio.c - Ratcliff/Obershelp in `code`.
 *
 * Built twice: as it is, and with every block asked of the index. Against what Python 3.11's
 * difflib says of a table of texts, and against a plain search of ours on random ones. With "-" as
 * its argument it compares what stands on standard input, for tests/code/property.py. */
#include "config.h"
#include "plugins/code/ratio.h"
#include "tests/unit/codefix.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY ((size_t)1 << 24)

static double ratio_of(meed_str a, meed_str b, bool autojunk, struct code_ratio *ret)
{
	struct codefix f;
	int32_t r;

	codefix_init(&f);
	r = code_ratio(&f.host, (meed_ctx *)&f, a, b, autojunk, MANY, ret);
	CU_ASSERT_EQUAL(r, MEED_OK);
	codefix_release(&f);
	return ret->ratio;
}

/* ---- the table ------------------------------------------------------------------------------ */

struct row {
	const char *a, *b;
	double ratio;
};

static const struct row rows[] = {
	{ "", "", 1.0 },
	{ "", "a", 0.0 },
	{ "a", "", 0.0 },
	{ "abcd", "bcde", 0.75 },
	{ "abcabc", "abc", 0.66666666666666663 },
	{ "private", "privatize", 0.875 },
	{ "tide", "diet", 0.25 },
	{ "diet", "tide", 0.5 },
	{ "GESTALT PATTERN MATCHING", "GESTALT PRACTICE", 0.59999999999999998 },
	{ "x\r\ny", "x\ny", 0.8571428571428571 },
	{ "\xC3\xA9", "e\xCC\x81", 0.0 },
	{ "\xE4\xB8\x80\xE4\xBA\x8C", "\xE4\xBA\x8C\xE4\xB8\x80", 0.5 },
	{ "aXbXc", "abc", 0.75 },
	{ "the quick brown fox", "the quack brawn fix", 0.84210526315789469 },
	{ "def f():\n    return 1", "def f():\n    return 2", 0.95238095238095233 },
};

static void test_ratios_of_the_table(void)
{
	struct code_ratio x;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double got = ratio_of(meed_s(rows[i].a), meed_s(rows[i].b), true, &x);

		if (got < rows[i].ratio || got > rows[i].ratio)
			printf("\n%s | %s: %.17g", rows[i].a, rows[i].b, got);
		CU_ASSERT(!(got < rows[i].ratio) && !(got > rows[i].ratio));
	}
}

/* ---- a plain search ------------------------------------------------------------------------- */

struct plain {
	const unsigned char *a, *b;
	size_t na, nb;
	bool popular[256];
};

static void plain_longest(const struct plain *t, const size_t r[4], size_t ret[3])
{
	size_t i, j, k;

	ret[0] = r[0];
	ret[1] = r[2];
	ret[2] = 0;
	for (i = r[0]; i < r[1]; i++) {
		for (j = r[2]; j < r[3]; j++) {
			for (k = 0; i + k < r[1] && j + k < r[3] && t->a[i + k] == t->b[j + k] &&
				    !t->popular[t->b[j + k]];)
				k++;
			if (k > ret[2]) {
				ret[0] = i;
				ret[1] = j;
				ret[2] = k;
			}
		}
	}
}

static size_t plain_matched(const struct plain *t, size_t alo, size_t ahi, size_t blo, size_t bhi)
{
	size_t r[4] = { alo, ahi, blo, bhi }, m[3];

	if (alo == ahi || blo == bhi)
		return 0;
	plain_longest(t, r, m);
	while (m[0] > alo && m[1] > blo && t->a[m[0] - 1] == t->b[m[1] - 1]) {
		m[0]--;
		m[1]--;
		m[2]++;
	}
	while (m[0] + m[2] < ahi && m[1] + m[2] < bhi && t->a[m[0] + m[2]] == t->b[m[1] + m[2]])
		m[2]++;
	if (m[2] == 0)
		return 0;
	return m[2] + plain_matched(t, alo, m[0], blo, m[1]) +
	       plain_matched(t, m[0] + m[2], ahi, m[1] + m[2], bhi);
}

static size_t plain_ratio(meed_str a, meed_str b, bool autojunk)
{
	struct plain t = { (const unsigned char *)a.p, (const unsigned char *)b.p, a.n, b.n,
			   { false } };
	size_t count[256] = { 0 }, i;

	for (i = 0; i < b.n; i++)
		count[t.b[i]]++;
	for (i = 0; autojunk && b.n >= 200 && i < 256; i++)
		t.popular[i] = count[i] > b.n / 100 + 1;
	return plain_matched(&t, 0, a.n, 0, b.n);
}

static uint64_t state = 88172645463325252u;

static size_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* b is a with pieces moved, doubled, dropped and changed. */
static size_t mutate(const char *a, size_t n, char *b, size_t cap, size_t n_chars)
{
	size_t k, at, len, to;

	memcpy(b, a, n);
	for (k = below(8); k > 0 && n > 0; k--) {
		at = below(n);
		len = 1 + below(n - at < 20 ? n - at : 20);
		to = below(n + 1);
		switch (below(3)) {
		case 0:
			memmove(b + at, b + at + len, n - at - len);
			n -= len;
			break;
		case 1:
			b[at] = (char)('a' + below(n_chars));
			break;
		default:
			if (n + len > cap)
				break;
			memmove(b + to + len, b + to, n - to);
			memcpy(b + to, a + (at < 100 ? at : 100), len);
			n += len;
		}
	}
	return n;
}

static void test_blocks_are_those_of_a_plain_search(void)
{
	static const size_t sizes[] = { 3, 10, 40, 150, 260 };
	char a[512], b[1024];
	size_t i, k, na, nb, n_chars, want;
	struct code_ratio x;
	bool autojunk;

	memset(a, 'a', sizeof(a));
	for (i = 0; i < 3000; i++) {
		n_chars = 2 + below(i % 3 == 0 ? 90 : 6);
		na = below(sizes[i % 5]);
		for (k = 0; k < na; k++)
			a[k] = (char)('a' - (n_chars > 20 ? 60 : 0) + (int)below(n_chars));
		nb = mutate(a, na, b, sizeof(b), n_chars < 20 ? n_chars : 20);
		if (i % 4 == 3) {
			for (k = 0; k < nb; k++)
				b[k] = (char)('a' + below(n_chars < 20 ? n_chars : 20));
		}
		autojunk = below(2) == 0;
		want = plain_ratio((meed_str){ a, na }, (meed_str){ b, nb }, autojunk);
		(void)ratio_of((meed_str){ a, na }, (meed_str){ b, nb }, autojunk, &x);
		if (x.matched != want)
			printf("\n%.*s\n%.*s\nautojunk %d: %zu, not %zu", (int)na, a, (int)nb, b,
			       autojunk, x.matched, want);
		CU_ASSERT_EQUAL(x.matched, want);
	}
}

static void test_frequent_characters_start_no_block(void)
{
	char a[400], b[400];
	struct code_ratio x;
	size_t i;

	for (i = 0; i < 400; i++) {
		a[i] = (char)('a' + i % 26);
		b[i] = (char)('a' + (i + 1) % 26);
	}
	CU_ASSERT(ratio_of((meed_str){ a, 400 }, (meed_str){ b, 400 }, true, &x) <= 0);
	CU_ASSERT_EQUAL(x.matched, 0);
	(void)ratio_of((meed_str){ a, 400 }, (meed_str){ b, 400 }, false, &x);
	CU_ASSERT_EQUAL(x.matched, 399);
	/* but adjoin */
	(void)ratio_of((meed_str){ a, 400 }, (meed_str){ a, 399 }, true, &x);
	CU_ASSERT_EQUAL(x.matched, 399);
}

/* ---- long texts ----------------------------------------------------------------------------- */

static void test_a_million_characters_are_compared(void)
{
	const size_t n = 1000000;
	char *a = malloc(n), *b = malloc(n);
	struct code_ratio x;
	size_t i;

	CU_ASSERT_FATAL(a && b);
	for (i = 0; i < n; i++)
		a[i] = (char)('!' + below(80));
	memcpy(b, a, n);
	for (i = 0; i < 500; i++)
		b[below(n)] = '~';
	(void)ratio_of((meed_str){ a, n }, (meed_str){ b, n }, false, &x);
	CU_ASSERT(x.matched >= n - 500 && x.matched < n);
	memset(a, 'a', n);
	memset(b, 'a', n);
	b[n / 2] = 'b';
	(void)ratio_of((meed_str){ a, n }, (meed_str){ b, n }, false, &x);
	CU_ASSERT_EQUAL(x.matched, n - 1);
	free(a);
	free(b);
}

static void test_limits_and_cancelling(void)
{
	struct codefix f;
	struct code_ratio x;
	char a[30000], b[30000];
	size_t i;

	codefix_init(&f);
	CU_ASSERT_EQUAL(code_ratio(&f.host, (meed_ctx *)&f, MEED_S("abcd"), MEED_S("x"), true,
				   3, &x),
			MEED_E_LIMIT);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.why, "4 characters: at most 3"));
	for (i = 0; i < sizeof(a); i++) {
		a[i] = (char)('a' + below(26));
		b[i] = (char)('a' + below(26));
	}
	f.cancelled = true;
	CU_ASSERT_EQUAL(code_ratio(&f.host, (meed_ctx *)&f, (meed_str){ a, sizeof(a) },
				   (meed_str){ b, sizeof(b) }, false, MANY, &x),
			MEED_E_CANCELLED);
	codefix_release(&f);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void expect_diff(const char *a, const char *b, const char *want)
{
	struct codefix f;
	meed_str got = { "", 0 };

	codefix_init(&f);
	CU_ASSERT_EQUAL(code_line_diff(&f.host, (meed_ctx *)&f, meed_s(a), meed_s(b), MANY, &got),
			MEED_OK);
	if (!meed_eq(got, meed_s(want)))
		printf("\n%.*snot\n%s", (int)got.n, got.p, want);
	CU_ASSERT(meed_eq(got, meed_s(want)));
	codefix_release(&f);
}

static void test_line_diffs(void)
{
	struct codefix f;
	meed_str got;

	expect_diff("", "", "");
	expect_diff("a\nb\n", "a\nb", "");
	expect_diff("a\r\nb\r\n", "a\nb\n", "");
	expect_diff("a\nb\nc\n", "a\nB\nc\nd\n", "-b\n+B\n+d\n");
	expect_diff("", "a\n\nb", "+a\n+\n+b\n");
	expect_diff("x\n", "", "-x\n");
	expect_diff("a\nb\nc\nd\n", "c\nd\na\nb\n", "+c\n+d\n-c\n-d\n");
	codefix_init(&f);
	CU_ASSERT_EQUAL(code_line_diff(&f.host, (meed_ctx *)&f, MEED_S("a\nb\n"), MEED_S("c"), 1,
				       &got), MEED_E_LIMIT);
	codefix_release(&f);
}

/* ---- for property.py ------------------------------------------------------------------------ */

/* Lines "AUTOJUNK BYTES_A BYTES_B", each with the two texts' bytes behind it. */
static int answer(void)
{
	struct codefix f;
	struct code_ratio x;
	size_t na, nb;
	int autojunk, r = 0;
	char *a, *b;

	while (r == 0 && scanf("%d %zu %zu", &autojunk, &na, &nb) == 3 && getchar() == '\n') {
		codefix_init(&f);
		a = malloc(na + 1);
		b = malloc(nb + 1);
		if (!a || !b || fread(a, 1, na, stdin) != na || fread(b, 1, nb, stdin) != nb ||
		    code_ratio(&f.host, (meed_ctx *)&f, (meed_str){ a, na }, (meed_str){ b, nb },
			       autojunk != 0, MANY, &x) < 0)
			r = 1;
		else
			printf("%.17g\n", x.ratio);
		free(a);
		free(b);
		codefix_release(&f);
	}
	return r;
}

int main(int argc, char **argv)
{
	CU_TestInfo ratio[] = {
		{ "ratios of the table", test_ratios_of_the_table },
		{ "blocks are those of a plain search", test_blocks_are_those_of_a_plain_search },
		{ "frequent characters start no block", test_frequent_characters_start_no_block },
		{ "a million characters are compared", test_a_million_characters_are_compared },
		{ "limits and cancelling", test_limits_and_cancelling },
		{ "line diffs", test_line_diffs },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "ratio", NULL, NULL, NULL, NULL, ratio },
		CU_SUITE_INFO_NULL,
	};

	if (argc > 1 && strcmp(argv[1], "-") == 0)
		return answer();
	return suites_run(suites);
}
