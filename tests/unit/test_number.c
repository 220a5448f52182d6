/* test_number.c - doubles to the shortest decimal and back. */
#include "config.h"
#include "host/base/base.h"
#include "tests/unit/suites.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);	/* splitmix64, S. Vigna */

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static double of_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static bool same(double a, double b)
{
	return a <= b && a >= b;
}

/* Digits that matter: without sign, point, exponent and zeros at either end. */
static int significant(const char *s)
{
	int n = 0, zeros = 0;

	for (; *s && *s != 'e'; s++) {
		if (*s < '0' || *s > '9' || (n == 0 && *s == '0'))
			continue;
		n += 1 + zeros;
		zeros = 0;
		if (*s == '0') {
			n--;
			zeros++;
			while (s[1] == '0' || s[1] == '.')
				zeros += *++s == '0';
			if (!(s[1] >= '1' && s[1] <= '9'))
				break;
		}
	}
	return n;
}

static bool is_json_number(const char *s)
{
	s += *s == '-';
	if (*s == '0' && s[1] >= '0' && s[1] <= '9')
		return false;
	if (*s < '0' || *s > '9')
		return false;
	while (*s >= '0' && *s <= '9')
		s++;
	if (*s == '.') {
		s++;
		if (*s < '0' || *s > '9')
			return false;
		while (*s >= '0' && *s <= '9')
			s++;
	}
	if (*s == 'e') {
		s++;
		s += *s == '-' || *s == '+';
		if (*s < '0' || *s > '9')
			return false;
		while (*s >= '0' && *s <= '9')
			s++;
	}
	return !*s;
}

/* 0 if x is written as it should be. */
static int check(double x, bool minimal)
{
	char out[33], other[64];
	size_t n = meed_dtoa(x, out);
	double back = 0;
	int precision = 1;

	if (n > 32)
		return 1;
	out[n] = '\0';
	if (!same(strtod(out, NULL), x) || !is_json_number(out))
		goto bad;
	if (meed_strtod(out, n, &back) != n || !same(back, x))
		goto bad;
	if (!minimal || same(x, 0))
		return 0;
	do
		snprintf(other, sizeof(other), "%.*e", precision++ - 1, x);
	while (!same(strtod(other, NULL), x));
	if (significant(out) <= significant(other))
		return 0;
bad:
	printf("\n\t%a is written %s\n", x, out);
	return 1;
}

static void test_two_million_doubles_survive(void)
{
	uint64_t state = 1;
	int bad = 0;

	for (int i = 0; i < 2000000 && bad < 10; i++) {
		double x = of_bits(next(&state));

		if (isfinite(x))
			bad += check(x, i % 100 == 0);
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void test_scores_survive_in_the_fewest_digits(void)
{
	uint64_t state = 2;
	int bad = 0;

	for (int i = 0; i < 20000 && bad < 10; i++) {
		double x = (double)(int64_t)(next(&state) % 20001 - 10000);

		bad += check(x / 10000, true);
		bad += check((double)(next(&state) >> 11) * 0x1p-53, true);
		bad += check(x / (double)(1 + next(&state) % 1000), true);
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void test_powers_and_their_neighbours_survive(void)
{
	int bad = 0;

	for (int e = -1074; e < 1024; e++) {
		double x = ldexp(1, e);

		bad += check(x, true) + check(nextafter(x, 0), true);
		bad += check(nextafter(x, HUGE_VAL) < DBL_MAX ? nextafter(x, HUGE_VAL) : x, true);
	}
	for (int e = -323; e < 309; e++) {
		char text[16];
		double x;

		snprintf(text, sizeof(text), "1e%d", e);
		x = strtod(text, NULL);
		bad += check(x, true) + check(nextafter(x, 0), true);
		bad += check(nextafter(x, HUGE_VAL), true);
	}
	for (uint64_t bits = 1; bits < 3000; bits++)
		bad += check(of_bits(bits), true);
	CU_ASSERT_EQUAL(bad, 0);
}

static void test_spelling(void)
{
	static const struct {
		double x;
		const char *text;
	} t[] = {
		{ 0, "0" },
		{ -0.0, "0" },
		{ 1, "1" },
		{ -3, "-3" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ -0.5, "-0.5" },
		{ 123.456, "123.456" },
		{ 1e-5, "0.00001" },
		{ 1.25e-5, "0.0000125" },
		{ 9.9e-6, "9.9e-06" },
		{ 1e-7, "1e-07" },
		{ -1.5e-300, "-1.5e-300" },
		{ 100, "100" },
		{ 1e16, "10000000000000000" },
		{ 9007199254740993e1, "90071992547409940" },
		{ 99999999999999984.0, "99999999999999980" },
		{ 1e17, "1e+17" },
		{ 1.5e17, "1.5e+17" },
		{ 1e22, "1e+22" },
		{ 1e23, "1e+23" },
		{ 9007199254740991, "9007199254740991" },
		{ 9007199254740992, "9007199254740992" },
		{ 9007199254740994, "9007199254740994" },
		{ 2251799813685248.5, "2251799813685248.5" },
		{ 1125899906842624.25, "1125899906842624.2" },	/* as near to .3: the even one */
		{ 1125899906842624.75, "1125899906842624.8" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ DBL_MIN, "2.2250738585072014e-308" },
		{ -5e-324, "-5e-324" },
		{ 2e-323, "2e-323" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 2.0 / 3, "0.6666666666666666" },
		{ NAN, "null" },
		{ -HUGE_VAL, "null" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char out[33];

		out[meed_dtoa(t[i].x, out)] = '\0';
		CU_ASSERT_STRING_EQUAL(out, t[i].text);
	}
}

static void test_reading_stops_where_the_number_does(void)
{
	static const struct {
		const char *text;
		size_t used;
		double x;
	} t[] = {
		{ "", 0, 0 },
		{ "abc", 0, 0 },
		{ ".", 0, 0 },
		{ "-", 0, 0 },
		{ "+.e5", 0, 0 },
		{ "inf", 0, 0 },
		{ "nan", 0, 0 },
		{ " 1", 0, 0 },
		{ "0x10", 1, 0 },
		{ "12abc", 2, 12 },
		{ "1,5", 1, 1 },
		{ "1.5.5", 3, 1.5 },
		{ "+7", 2, 7 },
		{ ".5", 2, 0.5 },
		{ "5.", 2, 5 },
		{ "5.e1", 4, 50 },
		{ "-.25x", 4, -0.25 },
		{ "007", 3, 7 },
		{ "1e", 1, 1 },
		{ "1e+", 1, 1 },
		{ "1e5", 3, 1e5 },
		{ "1E-2", 4, 0.01 },
		{ "1--2", 1, 1 },
		{ "0e999999999999999999999", 23, 0 },
		{ "1e-999999999999999999999", 24, 0 },
		{ "0.000000000000000000000000000001e30", 35, 1 },
		{ "1000000000000000000000000000000e-30", 35, 1 },
	};
	double x = 42;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		x = 42;
		CU_ASSERT_EQUAL(meed_strtod(t[i].text, strlen(t[i].text), &x), t[i].used);
		CU_ASSERT(same(x, t[i].used ? t[i].x : 42));
	}
	CU_ASSERT_EQUAL(meed_strtod("123456", 3, &x), 3);
	CU_ASSERT(same(x, 123));
	CU_ASSERT_EQUAL(meed_strtod("-1e999", 6, &x), 6);
	CU_ASSERT(same(x, -HUGE_VAL));
	CU_ASSERT_EQUAL(meed_strtod("-0", 2, &x), 2);
	CU_ASSERT(same(x, 0) && signbit(x));
	CU_ASSERT_EQUAL(meed_strtod(NULL, 0, &x), 0);
}

static void test_reading_rounds_to_the_nearest(void)
{
	static const char *const hard[] = {
		"9007199254740993", "9007199254740993.00000000000000000000000000000000001",
		"9007199254740992.99999999999999999999999999999999999", "1.7976931348623158e308",
		"1.7976931348623159e308", "2.2250738585072011e-308", "2.4703282292062327e-324",
		"2.4703282292062328e-324",
		"0.500000000000000166533453693773481063544750213623046875",
		"3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10",
		"1.50000000000000011102230246251565", "179769313486231580793728971405301e276",
		"6929495644600919.5", "3.7455744005952583e15", "123456789012345678901234567890e-40",
		"8683743616876023e-21", "1e23", "8.5e22", "5e-324", "4.9406564584124654e-324",
	};
	uint64_t state = 3;
	int bad = 0;

	for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++) {
		double x = 0;

		CU_ASSERT_EQUAL(meed_strtod(hard[i], strlen(hard[i]), &x), strlen(hard[i]));
		CU_ASSERT(same(x, strtod(hard[i], NULL)));
	}
	for (int i = 0; i < 200000; i++) {
		char text[80];
		double x = 0;
		size_t n = (size_t)snprintf(text, sizeof(text), "%llu.%llue%d",
					    (unsigned long long)(next(&state) >> next(&state) % 64),
					    (unsigned long long)(next(&state) >> next(&state) % 64),
					    (int)(next(&state) % 700) - 350);

		bad += meed_strtod(text, n, &x) != n || !same(x, strtod(text, NULL));
	}
	CU_ASSERT_EQUAL(bad, 0);
}

/* Halfway between two doubles, and a hair above, where the hair is the last of many digits. */
static void test_reading_sees_the_last_of_many_digits(void)
{
	char text[3000];
	double x = 0;
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "9007199254740993.%02000d", 0);
	CU_ASSERT_EQUAL(meed_strtod(text, n, &x), n);
	CU_ASSERT(same(x, 9007199254740992));
	text[n - 1] = '1';
	CU_ASSERT_EQUAL(meed_strtod(text, n, &x), n);
	CU_ASSERT(same(x, 9007199254740994));

	n = (size_t)snprintf(text, sizeof(text), "0.%02000d12345e2000", 0);
	CU_ASSERT_EQUAL(meed_strtod(text, n, &x), n);
	CU_ASSERT(same(x, 0.12345));
	n = (size_t)snprintf(text, sizeof(text), "12345%02000de-2000", 0);
	CU_ASSERT_EQUAL(meed_strtod(text, n, &x), n);
	CU_ASSERT(same(x, 12345));
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "two million doubles survive", test_two_million_doubles_survive },
		{ "scores survive, in the fewest digits",
		  test_scores_survive_in_the_fewest_digits },
		{ "powers and their neighbours survive", test_powers_and_their_neighbours_survive },
		{ "spelling", test_spelling },
		{ "reading stops where the number does", test_reading_stops_where_the_number_does },
		{ "reading rounds to the nearest", test_reading_rounds_to_the_nearest },
		{ "reading sees the last of many digits",
		  test_reading_sees_the_last_of_many_digits },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "numbers", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
