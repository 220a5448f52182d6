/* test_helpers.c - meed/helpers.h: what plugins lean on. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <meed/helpers.h>

#include "tests/unit/suites.h"

static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static double from_bits(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

/* The text is read whole, and as the C library reads it. */
static void check_num(const char *text)
{
	double ours = 0, theirs = strtod(text, NULL);

	CU_ASSERT_EQUAL(meed_read_num(meed_s(text), &ours), strlen(text));
	if (memcmp(&ours, &theirs, sizeof(ours)) != 0)
		printf("\n%s: %.17g, not %.17g", text, ours, theirs);
	CU_ASSERT(memcmp(&ours, &theirs, sizeof(ours)) == 0);
}

static void test_read_num_is_the_nearest_double(void)
{
	static const char *const fixed[] = {
		"0", "-0", ".5", "5.", "+1e-3", "1e400", "-1e400", "1e-400", "4.9e-324",
		"2.4703282292062327208e-324", "2.4703282292062328e-324",
		"1.7976931348623158e308", "1.7976931348623159e308", "9007199254740993",
		"9007199254740992.99999999999999999999999999", "9007199254740993.0000000000000001",
		"1e99999999999999999999", "1e-99999999999999999999", "0e99999999999999",
		"0.000000000000000000000000000000000000000000000000000000000000000000001e70",
	};
	char text[64];
	uint64_t s = 88172645463325252u;
	size_t i;
	double d;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		check_num(fixed[i]);
	for (i = 0; i < 20000; i++) {
		d = from_bits(next_random(&s));
		if (!isfinite(d))
			continue;
		(void)snprintf(text, sizeof(text), "%.*g", (int)(i % 20) + 1, d);
		check_num(text);
	}
}

/* Written with all their digits, the middles between two doubles are ties; one more digit
 * decides them. */
static void test_read_num_decides_ties_exactly(void)
{
	static char text[1400];
	uint64_t s = 1, bits;
	double a, b;
	int i;

	for (i = 0; i < 2000; i++) {
		bits = next_random(&s) >> (i % 3 ? 1 : 12 + i % 50);
		a = from_bits(bits);
		b = from_bits(bits + 1);
		if (!isfinite(a) || !isfinite(b) || sizeof(long double) <= sizeof(double))
			continue;
		(void)snprintf(text, sizeof(text), "%.1200Le", ((long double)a + b) / 2);
		check_num(text);
		strchr(text, 'e')[-1] = '1';
		check_num(text);
	}
}

static void test_read_num_stops_where_the_number_ends(void)
{
	double d = 7;

	CU_ASSERT_EQUAL(meed_read_num(MEED_S(""), &d), 0);
	CU_ASSERT_EQUAL(meed_read_num(MEED_S("."), &d), 0);
	CU_ASSERT_EQUAL(meed_read_num(MEED_S("-x"), &d), 0);
	CU_ASSERT_EQUAL(meed_read_num(MEED_S("e5"), &d), 0);
	CU_ASSERT_EQUAL(d, 7);
	CU_ASSERT_EQUAL(meed_read_num(MEED_S("1e+"), &d), 1);
	CU_ASSERT_EQUAL(meed_read_num(MEED_S("1.2.3"), &d), 3);
	CU_ASSERT_EQUAL(meed_read_num(meed_sub(MEED_S("1234"), 0, 2), &d), 2);
	CU_ASSERT_EQUAL(d, 12);
}

static void check_text_num(double x, const char *want)
{
	char buf[64];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	double back;

	meed_text_num(&t, x);
	CU_ASSERT(!want || meed_eq(meed_text_get(&t), meed_s(want)));
	CU_ASSERT(!isfinite(x) || (meed_read_num(meed_text_get(&t), &back) == t.n && back == x));
}

static void test_text_num_reads_back(void)
{
	uint64_t s = 99;
	int i;
	double d;

	check_text_num(0, "0");
	check_text_num(-1000, "-1000");
	check_text_num(-0.25, "-0.25");
	check_text_num(0.1 + 0.2, "0.30000000000000004");
	check_text_num(1e-9, "1e-09");
	check_text_num(2.0 / 3, NULL);
	check_text_num((double)INFINITY, "inf");
	check_text_num(-(double)INFINITY, "-inf");
	check_text_num((double)NAN, "nan");
	for (i = 0; i < 20000; i++) {
		d = from_bits(next_random(&s));
		check_text_num(d, NULL);
		check_text_num((double)(int64_t)(next_random(&s) % 2000000000) / 1e5, NULL);
	}
}

static void test_text_numbers(void)
{
	char buf[128];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_fixed(&t, -0.0004, 3);
	meed_text_lit(&t, " ");
	meed_text_fixed(&t, 2.0 / 3, 3);
	meed_text_lit(&t, " ");
	meed_text_fixed(&t, -1.5, 0);
	meed_text_lit(&t, " ");
	meed_text_fixed(&t, 1e300, 2);
	meed_text_lit(&t, " ");
	meed_text_i64(&t, INT64_MIN);
	meed_text_lit(&t, " ");
	meed_text_u64(&t, UINT64_MAX);
	CU_ASSERT(meed_eq(meed_text_get(&t), MEED_S("0.000 0.667 -2 1e+300 "
						    "-9223372036854775808 "
						    "18446744073709551615")));
}

static void test_text_is_cut_at_a_character(void)
{
	char buf[8];
	size_t cap;
	struct meed_text t;

	for (cap = 0; cap <= 8; cap++) {
		t = meed_text_in(buf, cap);
		meed_text_lit(&t, "a\u4f60\u597dz");
		meed_text_lit(&t, "!");
		CU_ASSERT_EQUAL(t.n, cap < 1 ? 0 : cap < 4 ? 1 : cap < 7 ? 4 : cap);
	}
}

static void test_json_str_stays_a_string_when_cut(void)
{
	char buf[64];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	size_t cap;

	meed_text_json_str(&t, MEED_S("a\"\\\n\x01\xFF\u4f60"));
	CU_ASSERT(meed_eq(meed_text_get(&t), MEED_S("\"a\\\"\\\\\\u000a\\u0001\uFFFD\u4f60\"")));
	for (cap = 0; cap < 12; cap++) {
		t = meed_text_in(buf, cap);
		meed_text_json_str(&t, MEED_S("\n\u4f60\""));
		meed_text_lit(&t, "x");
		CU_ASSERT(t.n <= cap && (cap < 2 ? t.n == 0 : t.n >= 2));
		CU_ASSERT(t.n == 0 || (buf[0] == '"' && buf[t.n - 1] == '"'));
	}
}

static void test_strip_takes_unicode_space(void)
{
	CU_ASSERT(meed_eq(meed_strip(MEED_S("\u3000 \t a\u00a0b \u2028\xC2\x85\x1c")),
			  MEED_S("a\u00a0b")));
	CU_ASSERT(meed_eq(meed_strip(MEED_S("\u200b \u200b")), MEED_S("\u200b \u200b")));
	CU_ASSERT_EQUAL(meed_strip(MEED_S(" \n")).n, 0);
	CU_ASSERT(meed_eq(meed_strip(MEED_S(" \x80\xa0 ")), MEED_S("\x80\xa0")));
}

static void test_find_and_sub(void)
{
	meed_str s = MEED_S("abcabc");

	CU_ASSERT_EQUAL(meed_find(s, 0, MEED_S("c")), 2);
	CU_ASSERT_EQUAL(meed_find(s, 3, MEED_S("abc")), 3);
	CU_ASSERT_EQUAL(meed_find(s, 4, MEED_S("abc")), MEED_NONE);
	CU_ASSERT_EQUAL(meed_find(s, 6, MEED_S("")), 6);
	CU_ASSERT_EQUAL(meed_find(s, 7, MEED_S("")), MEED_NONE);
	CU_ASSERT_EQUAL(meed_find(MEED_S(""), 0, MEED_S("a")), MEED_NONE);
	CU_ASSERT(meed_eq(meed_sub(s, 4, 99), MEED_S("bc")));
	CU_ASSERT_EQUAL(meed_sub(s, 9, 12).n, 0);
	CU_ASSERT(meed_starts(s, MEED_S("abca")) && !meed_starts(MEED_S("a"), s));
}

/* Every sequence of up to three bytes that starts outside ASCII, and samples of four. */
static void test_utf8_takes_only_what_is_well_formed(void)
{
	uint32_t cp, again, i;
	char b[4];
	size_t len, k;

	for (i = 0x800000; i < 0x1000000; i++) {
		b[0] = (char)(i >> 16);
		b[1] = (char)(i >> 8);
		b[2] = (char)i;
		b[3] = (char)0x80;
		len = meed_utf8_next(b, i & 1 ? 4 : 3, &cp);
		if (len == 1) {
			if (cp != 0xFFFD)
				break;
			continue;
		}
		again = (unsigned char)b[0] & (len == 2 ? 0x1Fu : len == 3 ? 0xFu : 7u);
		for (k = 1; k < len; k++)
			again = again << 6 | ((unsigned char)b[k] & 0x3Fu);
		if (again != cp || cp < (len == 2 ? 0x80u : len == 3 ? 0x800u : 0x10000u) ||
		    cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
			break;
	}
	CU_ASSERT_EQUAL(i, 0x1000000);
	CU_ASSERT_EQUAL(meed_utf8_len(MEED_S("a\u4f60\U0001F642")), 3);
}

struct steps {
	int line;
	int n;
};

static int32_t three_rounds(struct steps *st)
{
	MEED_BEGIN(st);
	for (st->n = 1; st->n < 3; st->n++)
		MEED_AWAIT(st);
	st->n = 10;
	MEED_AWAIT(st);
	st->n++;
	MEED_END(st);
	return MEED_OK;
}

static void test_await_goes_on_where_it_stopped(void)
{
	struct steps st = { 0, 0 };

	CU_ASSERT(three_rounds(&st) == MEED_PENDING && st.n == 1);
	CU_ASSERT(three_rounds(&st) == MEED_PENDING && st.n == 2);
	CU_ASSERT(three_rounds(&st) == MEED_PENDING && st.n == 10);
	CU_ASSERT(three_rounds(&st) == MEED_OK && st.n == 11);
	st.line = -1;
	CU_ASSERT_EQUAL(three_rounds(&st), MEED_E_INTERNAL);
}

#define TEST(name) { #name, name }

int main(void)
{
	static CU_TestInfo tests[] = {
		TEST(test_read_num_is_the_nearest_double),
		TEST(test_read_num_decides_ties_exactly),
		TEST(test_read_num_stops_where_the_number_ends),
		TEST(test_text_num_reads_back),
		TEST(test_text_numbers),
		TEST(test_text_is_cut_at_a_character),
		TEST(test_json_str_stays_a_string_when_cut),
		TEST(test_strip_takes_unicode_space),
		TEST(test_find_and_sub),
		TEST(test_utf8_takes_only_what_is_well_formed),
		TEST(test_await_goes_on_where_it_stopped),
		CU_TEST_INFO_NULL
	};
	static CU_SuiteInfo suites[] = {
		{ "helpers", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL
	};

	return suites_run(suites);
}
