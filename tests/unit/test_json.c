/* test_json.c - the JSON reader and printer of the sample floor, and JSON pointers. */
#include "config.h"
#include "host/sample/sample.h"
#include "tests/unit/suites.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

static int32_t read_json(const char *text, size_t n, struct meed_err *err, struct json_object **ret)
{
	struct meed_buf scratch = { 0 };
	/* A copy of exactly n bytes, so that a sanitizer sees the first byte too many. */
	char *copy = malloc(n ? n : 1);
	int32_t r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, text, n);
	*err = (struct meed_err){ 0 };
	r = meed_json_read(&scratch, copy, n, err, ret);
	meed_buf_release(&scratch);
	free(copy);
	return r;
}

/* text is read and printed as want. */
static void becomes(const char *text, const char *want)
{
	struct json_object *o = NULL;
	struct meed_buf b = { 0 };
	struct meed_err err;
	int32_t r = read_json(text, strlen(text), &err, &o);

	if (r < 0)
		(void)fprintf(stderr, "\n%.60s: %s\n", text, err.text);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	meed_json_write(&b, o);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	CU_ASSERT_STRING_EQUAL(b.p, want);
	meed_buf_release(&b);
	json_object_put(o);
}

static void refuses_n(const char *text, size_t n, const char *why)
{
	struct json_object *o = NULL;
	struct meed_err err;

	CU_ASSERT_EQUAL(read_json(text, n, &err, &o), MEED_E_SAMPLE);
	CU_ASSERT_PTR_NULL(o);
	if (!strstr(err.text, why))
		(void)fprintf(stderr, "\n%.60s\n got %s\nwant %s\n", text, err.text, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, why));
}

static void refuses(const char *text, const char *why)
{
	refuses_n(text, strlen(text), why);
}

#define LONG_KEY                                                                                   \
	"{\"a key that is longer than sixty-four bytes, so that it is copied elsewhere\":1}"

static void test_values_are_printed_as_they_were(void)
{
	static const char *const texts[] = { "null",
					     "true",
					     "false",
					     "0",
					     "-1",
					     "12345678901234567",
					     "9223372036854775807",
					     "-9223372036854775808",
					     "18446744073709551615",
					     "\"\"",
					     "\"a\"",
					     "[]",
					     "{}",
					     "[[],{}]",
					     "[1,2,3,4,5,6,7,8,9]",
					     "{\"a\":{\"b\":[null,true]},\"c\":\"d\"}",
					     "\"\\\"\\\\\\n\\t\\r\"",
					     "\"\\u0000x\"",
					     "{\"\":1}",
					     LONG_KEY,
					     "\"\xf0\x9f\x98\x80\xe4\xb8\xad\"",
					     "\"a/b\"" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		becomes(texts[i], texts[i]);
}

static void test_numbers_keep_their_spelling(void)
{
	static const char *const texts[] = {
		"18446744073709551616",
		"-9223372036854775809",
		"123456789012345678901234567890",
		"-0",
		"-0.0",
		"1.0",
		"1.50",
		"1e5",
		"1E+05",
		"-2.5e-07",
		"1e400",
		"0.1",
		"100000000000000000000000000000000000000000000000000000000000000000000000001",
		"[-0,{\"a\":18446744073709551616},1e+00,1e+000]"
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		becomes(texts[i], texts[i]);
	/* Whatever locale the program has. */
	if (setlocale(LC_ALL, "de_DE.UTF-8"))
		becomes("[1.5]", "[1.5]");
	(void)setlocale(LC_ALL, "C");
}

static void test_numbers_have_their_values(void)
{
	struct json_object *o = NULL;
	struct meed_err err;

	CU_ASSERT_EQUAL_FATAL(read_json("[1.5,-12,18446744073709551615,1e22]", 35, &err, &o), 0);
	CU_ASSERT(json_object_get_double(json_object_array_get_idx(o, 0)) == 1.5);
	CU_ASSERT_EQUAL(json_object_get_int64(json_object_array_get_idx(o, 1)), -12);
	CU_ASSERT_EQUAL(json_object_get_uint64(json_object_array_get_idx(o, 2)), UINT64_MAX);
	CU_ASSERT(json_object_get_double(json_object_array_get_idx(o, 3)) == 1e22);
	json_object_put(o);
}

static void test_white_space_and_escapes(void)
{
	becomes(" {\t\"a\" :\r\n[ 1 , 2 ] , \"b\":{ } } \n", "{\"a\":[1,2],\"b\":{}}");
	becomes("\"\\u00e9\\u4e2d\\ud83d\\ude00\\/\\b\\f\"",
		"\"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80/"
		"\\b\\f\"");
	becomes("{\"\\u0061b\":1}", "{\"ab\":1}");
	becomes("{\"c\\n\":1}", "{\"c\\n\":1}");
}

static void test_the_last_of_equal_keys_counts(void)
{
	becomes("{\"a\":1,\"b\":2,\"a\":{\"c\":3}}", "{\"a\":{\"c\":3},\"b\":2}");
	becomes("{\"input\":1,\"input\":null,\"zzz\":1,\"zzz\":2}", "{\"input\":null,\"zzz\":2}");
}

static void test_what_is_not_json_is_refused_with_its_place(void)
{
	static const struct {
		const char *text, *why;
	} cases[] = { { "", "the text ends at byte 0" },
		      { "  ", "the text ends at byte 2" },
		      { "{\"a\":1", "the text ends at byte 6, in an object" },
		      { "[1,", "the text ends at byte 3" },
		      { "[1", "at byte 2, in a list" },
		      { "\"ab", "at byte 3, in a string" },
		      { "\"ab\\", "at byte 4, in a string" },
		      { "{\"a\"", "at byte 4, in an object" },
		      { "{", "at byte 1, in an object" },
		      { "{\"a\":1} x", "byte 9: text after the value" },
		      { "{}{}", "byte 3: text after" },
		      { "[1,]", "byte 4: unexpected \"]\"" },
		      { "{\"a\":1,}", "byte 8: expected a key" },
		      { "{a:1}", "byte 2: expected a key in double quotes" },
		      { "{'a':1}", "byte 2: expected a key in double quotes" },
		      { "['a']", "byte 2: strings need double quotes" },
		      { "{\"a\" 1}", "byte 6: expected \":\" after the key" },
		      { "[1 2]", "byte 4: expected \",\" or \"]\"" },
		      { "{\"a\":1 \"b\":2}", "byte 8: expected \",\" or \"}\"" },
		      { "[NaN]", "byte 2: NaN is not JSON" },
		      { "[Infinity]", "byte 2: Infinity is not JSON" },
		      { "[-Infinity]", "byte 2: Infinity is not JSON" },
		      { "[nan]", "byte 2: neither true" },
		      { "[tru]", "byte 2: neither true, false nor null" },
		      { "// x\n1", "byte 1: comments are not JSON" },
		      { "[1/**/]", "byte 3: expected \",\"" },
		      { "01", "byte 1: no JSON number" },
		      { "-01", "byte 1: no JSON number" },
		      { "00", "byte 1: no JSON number" },
		      { "1.", "byte 1: no JSON number" },
		      { ".5", "byte 1: unexpected \".\"" },
		      { "1e", "byte 1: no JSON number" },
		      { "1e+", "byte 1: no JSON number" },
		      { "-", "byte 1: no JSON number" },
		      { "+1", "byte 1: unexpected \"+\"" },
		      { "1x", "byte 2: text after the value" },
		      { "\"\t\"", "byte 2: a control character in a string; write it as \\u0009" },
		      { "\"\x7f\"x", "byte 4: text after" },
		      { "\"\\x\"", "byte 2: an escape that JSON" },
		      { "\"\\u12g4\"", "byte 2: \\u needs four" },
		      { "\"\\u12", "byte 2: \\u needs four" },
		      { "\"\\ud800\"", "byte 2: \\ud800 is half of a surrogate pair" },
		      { "\"\\ud800\\u0041\"", "byte 2: \\ud800 is half" },
		      { "\"x\\udc00\"", "byte 3: \\udc00 is half of a surrogate pair" },
		      { "{\"a\\u0000b\":1}", "byte 2: a key that holds \\u0000" },
		      { "\"\xff\"", "byte 2: ill-formed UTF-8" },
		      { "\"a\xc3\"", "byte 3: ill-formed UTF-8" },
		      { "\"\xed\xa0\x80\"", "byte 2: ill-formed UTF-8" },
		      { "\xc3\xa9", "unexpected byte 0xc3" },
		      { "{\"\xfe\":1}", "byte 3: ill-formed UTF-8" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i].text, cases[i].why);
	refuses_n("{\"a\":\"x\0y\"}", 11, "byte 8: a NUL byte");
	refuses_n("{\"a\":1}\0", 8, "byte 8: text after the value");
	refuses_n("[\0]", 3, "byte 2: a NUL byte");
}

static void test_nesting_has_a_limit(void)
{
	char text[2 * MEED_JSON_DEPTH + 3];
	const size_t n = 100000;
	char *deep = malloc(n);

	CU_ASSERT_PTR_NOT_NULL_FATAL(deep);
	memset(text, '[', MEED_JSON_DEPTH);
	memset(text + MEED_JSON_DEPTH, ']', MEED_JSON_DEPTH);
	text[2 * MEED_JSON_DEPTH] = '\0';
	becomes(text, text);
	memset(text, '[', MEED_JSON_DEPTH + 1);
	memset(text + MEED_JSON_DEPTH + 1, ']', MEED_JSON_DEPTH + 1);
	refuses_n(text, 2 * MEED_JSON_DEPTH + 2, "byte 129: nested deeper than 128 levels");
	memset(deep, '[', n);
	refuses_n(deep, n, "byte 129: nested deeper than 128 levels");
	free(deep);
}

static void test_every_prefix_is_refused(void)
{
	static const char text[] = "{\"a\":[1,-2.5e3,true,null],\"b\\u00e9\":\"\\ud83d\\ude00\\n\","
				   "\"c\":{\"d\":\"\xe4\xb8"
				   "\xad\"},\"e\":18446744073709551616}";

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		refuses_n(text, n, "");
	becomes(text,
		"{\"a\":[1,-2.5e3,true,null],\"b\xc3\xa9\":\"\xf0\x9f\x98\x80\\n\",\"c\":{\"d\":"
		"\"\xe4\xb8\xad\"},\"e\":18446744073709551616}");
}

/* Strings of every length around the 16 bytes that are looked at together. */
static void test_strings_of_every_length(void)
{
	for (size_t n = 0; n < 70; n++) {
		char text[160], *p = text;

		*p++ = '"';
		for (size_t i = 0; i < n; i++)
			*p++ = (char)('a' + i % 26);
		*p++ = '"';
		*p = '\0';
		becomes(text, text);
		for (size_t i = 0; i < n; i++) {
			char saved = text[i + 1];

			text[i + 1] = '\x01';
			refuses(text, "a control character");
			text[i + 1] = '\xff';
			refuses(text, "ill-formed UTF-8");
			text[i + 1] = '"';
			refuses(text, "text after the value");
			text[i + 1] = saved;
		}
	}
}

/* ---- against json-c -------------------------------------------------------------------------- */

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t n)
{
	d->state = meed_hash(&d->state, sizeof(d->state), 7);
	return (uint32_t)(d->state % n);
}

static void random_string(struct dice *d, struct meed_buf *b, bool key)
{
	static const char *const pieces[] = {
		"a",	"role",		"\\n", "\\u00e9",	   "\\ud83d\\ude00",
		"\\\"", "\xe4\xb8\xad", " ",   "0123456789abcdef", "\\\\",
		"/",	"\\u0000"
	};
	uint32_t n = roll(d, 6);

	meed_buf_putc(b, '"');
	while (n--)
		meed_buf_puts(b, pieces[roll(d, key ? 11 : 12)]);
	meed_buf_putc(b, '"');
}

static void random_value(struct dice *d, struct meed_buf *b, uint32_t depth)
{
	static const char *const words[] = { "null",  "true",
					     "false", "0",
					     "-17",   "1.25",
					     "3e2",   "9007199254740993",
					     "-1e-3", "18446744073709551615" };
	uint32_t n = roll(d, 5);

	switch (roll(d, depth ? 4 : 2)) {
	case 0:
		meed_buf_puts(b, words[roll(d, 10)]);
		break;
	case 1:
		random_string(d, b, false);
		break;
	case 2:
		meed_buf_putc(b, '[');
		for (uint32_t i = 0; i < n; i++) {
			meed_buf_puts(b, i ? " , " : "");
			random_value(d, b, depth - 1);
		}
		meed_buf_putc(b, ']');
		break;
	default:
		meed_buf_putc(b, '{');
		for (uint32_t i = 0; i < n; i++) {
			meed_buf_puts(b, i ? "," : "");
			random_string(d, b, true);
			meed_buf_puts(b, ": ");
			random_value(d, b, depth - 1);
		}
		meed_buf_putc(b, '}');
		break;
	}
}

static void test_trees_are_those_of_json_c(void)
{
	struct dice d = { 42 };
	struct meed_buf b = { 0 }, out = { 0 };

	for (int i = 0; i < 3000; i++) {
		struct json_object *ours = NULL, *theirs, *again = NULL;
		struct meed_err err;

		b.n = out.n = 0;
		random_value(&d, &b, 5);
		meed_buf_putc(&b, '\0');
		CU_ASSERT_EQUAL_FATAL(read_json(b.p, b.n - 1, &err, &ours), 0);
		theirs = json_tokener_parse(b.p);
		CU_ASSERT(json_object_equal(ours, theirs));
		CU_ASSERT_STRING_EQUAL(json_object_to_json_string(ours),
				       json_object_to_json_string(theirs));
		meed_json_write(&out, ours);
		CU_ASSERT_EQUAL_FATAL(read_json(out.p, out.n, &err, &again), 0);
		CU_ASSERT(json_object_equal(ours, again));
		json_object_put(ours);
		json_object_put(theirs);
		json_object_put(again);
	}
	meed_buf_release(&b);
	meed_buf_release(&out);
}

/* ---- pointers -------------------------------------------------------------------------------- */

static void test_pointers_follow_rfc_6901(void)
{
	static const char text[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/"
				   "b\":1,\"c%d\":2,\"k\\\"l\":6,\" \":7,\"m~n\":8,"
				   "\"o\":{\"p\":[[1,{\"q\":9}]]},\"n\":null,\"~1\":10}";
	static const struct {
		const char *ptr, *want;
	} cases[] = { { "/foo", "[\"bar\",\"baz\"]" },
		      { "/foo/0", "\"bar\"" },
		      { "/", "0" },
		      { "/a~1b", "1" },
		      { "/c%d", "2" },
		      { "/k\"l", "6" },
		      { "/ ", "7" },
		      { "/m~0n", "8" },
		      { "/o/p/0/1/q", "9" },
		      { "/~01", "10" },
		      { "/foo/2", NULL },
		      { "/foo/00", NULL },
		      { "/foo/-", NULL },
		      { "/foo/x", NULL },
		      { "/nope", NULL },
		      { "/n", NULL },
		      { "/n/a", NULL },
		      { "/foo/0/a", NULL },
		      { "foo", NULL },
		      { "/fo", NULL },
		      { "/fooo", NULL },
		      { "/foo/99999999999999999999", NULL } };
	struct json_object *o = NULL;
	struct meed_buf b = { 0 };
	struct meed_err err;

	CU_ASSERT_EQUAL_FATAL(read_json(text, sizeof(text) - 1, &err, &o), 0);
	CU_ASSERT_PTR_EQUAL(meed_json_pointer(o, ""), o);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *v = meed_json_pointer(o, cases[i].ptr);

		if (!cases[i].want) {
			CU_ASSERT_PTR_NULL(v);
			continue;
		}
		b.n = 0;
		meed_json_write(&b, v);
		meed_buf_putc(&b, '\0');
		CU_ASSERT_STRING_EQUAL(b.p, cases[i].want);
	}
	meed_buf_release(&b);
	json_object_put(o);
}

static void test_str_tells_strings_alone(void)
{
	struct json_object *o = json_object_new_string("a"), *i = json_object_new_int(1);
	meed_str s = MEED_STR("before");

	CU_ASSERT(meed_json_str(o, &s) && s.n == 1);
	CU_ASSERT(!meed_json_str(i, &s) && !meed_json_str(NULL, &s));
	CU_ASSERT_EQUAL(s.n, 1);
	json_object_put(o);
	json_object_put(i);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "values are printed as they were", test_values_are_printed_as_they_were },
		{ "numbers keep their spelling", test_numbers_keep_their_spelling },
		{ "numbers have their values", test_numbers_have_their_values },
		{ "white space and escapes", test_white_space_and_escapes },
		{ "the last of equal keys counts", test_the_last_of_equal_keys_counts },
		{ "what is not JSON is refused with its place",
		  test_what_is_not_json_is_refused_with_its_place },
		{ "nesting has a limit", test_nesting_has_a_limit },
		{ "every prefix is refused", test_every_prefix_is_refused },
		{ "strings of every length", test_strings_of_every_length },
		{ "trees are those of json-c", test_trees_are_those_of_json_c },
		{ "pointers follow RFC 6901", test_pointers_follow_rfc_6901 },
		{ "str tells strings alone", test_str_tells_strings_alone },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "json", NULL, NULL, NULL, NULL, tests }, CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
