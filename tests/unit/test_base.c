/* test_base.c - errors, log, arena, buffer. Numbers: test_number.c, text: test_base_text.c. */
#include "config.h"
#include "host/base/base.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define STR_IS(s, lit) CU_ASSERT(meed_str_eq((s), MEED_STR(lit)))

static meed_str of_buf(const struct meed_buf *b)
{
	return (meed_str){ b->p, b->n };
}

/* ---- errors ------------------------------------------------------------------------------ */

static void test_error_keeps_code_and_text(void)
{
	struct meed_err e = { 0 };

	CU_ASSERT_EQUAL(meed_err_set(&e, MEED_E_PARAM, "%s:%d: bad", "a.conf", 3), MEED_E_PARAM);
	CU_ASSERT_EQUAL(e.code, MEED_E_PARAM);
	CU_ASSERT_STRING_EQUAL(e.text, "a.conf:3: bad");
	CU_ASSERT_EQUAL(meed_err_set(NULL, MEED_E_LIMIT, "x"), MEED_E_LIMIT);
	CU_ASSERT_EQUAL(meed_err_nomem(&e), MEED_E_NOMEM);
	CU_ASSERT_EQUAL(e.code, MEED_E_NOMEM);
}

static void test_error_may_wrap_itself(void)
{
	struct meed_err e = { 0 };

	meed_err_set(&e, MEED_E_PARAM, "inner");
	meed_err_set(&e, e.code, "outer: %s", e.text);
	CU_ASSERT_STRING_EQUAL(e.text, "outer: inner");
}

static void test_long_error_is_cut_between_characters(void)
{
	struct meed_err e = { 0 };
	char *text = malloc(3001);
	size_t n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', 3000);
		for (size_t i = shift; i + 3 <= 3000; i += 3)
			memcpy(text + i, "\xe4\xb8\xad", 3);
		text[3000] = '\0';
		meed_err_set(&e, MEED_E_SAMPLE, "%s", text);
		n = strlen(e.text);
		CU_ASSERT(n < sizeof(e.text) && n > sizeof(e.text) - 8);
		CU_ASSERT_STRING_EQUAL(e.text + n - 3, "...");
		CU_ASSERT_EQUAL(meed_utf8_check(e.text, n), n);
		CU_ASSERT_PTR_NULL(strchr(e.text, '?'));
	}
	memset(text, 'x', 1023);
	text[1023] = '\0';
	meed_err_set(&e, MEED_E_SAMPLE, "%s", text);
	CU_ASSERT_STRING_EQUAL(e.text, text);
	free(text);
}

static void test_error_is_one_line_of_utf8(void)
{
	struct meed_err e = { 0 };

	meed_err_set(&e, MEED_E_SAMPLE, "a\nb\033[1m\xff\xe4\xb8z\x7f");
	CU_ASSERT_STRING_EQUAL(e.text, "a b [1m???z ");
}

static void test_every_code_has_a_name_and_a_status(void)
{
	static const struct {
		int32_t code;
		const char *name;
		int status;
	} t[] = {
		{ MEED_OK, "ok", 0 },
		{ MEED_ABSTAIN, "abstain", 0 },
		{ MEED_E_PARAM, "param", EX_CONFIG },
		{ MEED_E_SAMPLE, "sample", EX_DATAERR },
		{ MEED_E_PARSE, "parse", EX_DATAERR },
		{ MEED_E_UPSTREAM, "upstream", EX_UNAVAILABLE },
		{ MEED_E_TIMEOUT, "timeout", EX_TEMPFAIL },
		{ MEED_E_CANCELLED, "cancelled", 130 },
		{ MEED_E_LIMIT, "limit", EX_DATAERR },
		{ MEED_E_NOMEM, "nomem", EX_OSERR },
		{ MEED_E_RANGE, "range", EX_SOFTWARE },
		{ MEED_E_UNSUPPORTED, "unsupported", EX_UNAVAILABLE },
		{ MEED_E_INTERNAL, "internal", EX_SOFTWARE },
		{ -99, "unknown", EX_SOFTWARE },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CU_ASSERT_STRING_EQUAL(meed_err_name(t[i].code), t[i].name);
		CU_ASSERT_EQUAL(meed_err_exit(t[i].code), t[i].status);
	}
}

static void test_diagnostics_are_kept_in_order(void)
{
	struct meed_diags d = { 0 };

	for (int i = 0; i < 100; i++)
		meed_diags_add(&d, i % 4 == 0, "line %d", i);
	CU_ASSERT_EQUAL(d.n, 100);
	CU_ASSERT_EQUAL(d.n_errors, 75);
	CU_ASSERT_STRING_EQUAL(d.v[42].text, "line 42");
	CU_ASSERT_FALSE(d.v[42].warning);
	CU_ASSERT_TRUE(d.v[44].warning);
	meed_diags_release(&d);
	CU_ASSERT_EQUAL(d.n, 0);
	meed_diags_release(&d);
}

static void test_numbers_in_messages_ignore_the_locale(void)
{
	static const char *const comma[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE" };
	struct meed_err e = { 0 };
	locale_t loc = (locale_t)0, old;

	for (size_t i = 0; i < sizeof(comma) / sizeof(comma[0]) && !loc; i++)
		loc = newlocale(LC_ALL_MASK, comma[i], (locale_t)0);
	old = loc ? uselocale(loc) : (locale_t)0;
	errno = ENOENT;
	meed_err_set(&e, MEED_E_PARAM, "%.1f %m", 1.5);
	CU_ASSERT_STRING_EQUAL(e.text, "1.5 No such file or directory");
	CU_ASSERT_EQUAL(errno, ENOENT);
	if (loc) {
		CU_ASSERT_EQUAL(uselocale(old), loc);
		freelocale(loc);
	}
}

/* ---- log --------------------------------------------------------------------------------- */

static size_t logged(uint32_t level, uint32_t at, const char *text, char *ret, size_t cap)
{
	struct meed_log l = { .level = level };
	size_t n;
	FILE *f = tmpfile();

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	l.fd = fileno(f);
	meed_log(&l, at, "%s", text);
	rewind(f);
	n = fread(ret, 1, cap - 1, f);
	ret[n] = '\0';
	fclose(f);
	return n;
}

static void test_log_writes_one_line_from_its_level_up(void)
{
	struct meed_log nowhere = { .fd = -1 };
	char text[8192], big[5001];

	CU_ASSERT_EQUAL(logged(MEED_LOG_WARN, MEED_LOG_INFO, "x", text, sizeof(text)), 0);
	logged(MEED_LOG_WARN, MEED_LOG_WARN, "a\nb", text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "meed: warning: a b\n");
	logged(MEED_LOG_DEBUG, MEED_LOG_ERROR, "x", text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "meed: error: x\n");
	meed_log(&nowhere, MEED_LOG_ERROR, "x");
	meed_log(NULL, MEED_LOG_ERROR, "x");

	for (size_t n = 2000; n <= 5000; n += n < 2060 ? 1 : 2940) {
		memset(big, 'y', n);
		big[n] = '\0';
		CU_ASSERT_EQUAL(logged(0, MEED_LOG_INFO, big, text, sizeof(text)), n + 7);
		CU_ASSERT_EQUAL(text[n + 5], 'y');
		CU_ASSERT_EQUAL(text[n + 6], '\n');
	}
}

/* ---- arena ------------------------------------------------------------------------------- */

static void test_arena_pieces_are_aligned_and_apart(void)
{
	struct meed_arena a = { 0 };
	unsigned char *p[500];

	for (size_t i = 0; i < 500; i++) {
		size_t n = i * i % 977;

		p[i] = meed_arena_raw(&a, n);
		CU_ASSERT_PTR_NOT_NULL_FATAL(p[i]);
		CU_ASSERT_EQUAL((uintptr_t)p[i] % 16, 0);
		memset(p[i], (int)(i & 255), n);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t j = 0; j < i * i % 977; j++)
			if (p[i][j] != (i & 255))
				CU_FAIL("a piece was overwritten");
	meed_arena_release(&a);
	meed_arena_release(&a);
}

static void test_arena_alloc_is_zeroed_after_reset(void)
{
	struct meed_arena a = { 0 };

	for (int round = 0; round < 3; round++) {
		unsigned char *raw, *z;

		z = meed_arena_alloc(&a, 3000);
		CU_ASSERT_PTR_NOT_NULL_FATAL(z);
		for (size_t i = 0; i < 3000; i++)
			if (z[i])
				CU_FAIL("not zeroed");
		raw = meed_arena_raw(&a, 20000);
		CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
		memset(z, 0xaa, 3000);
		memset(raw, 0xaa, 20000);
		meed_arena_reset(&a);
		CU_ASSERT_EQUAL(a.used, 0);
	}
	meed_arena_release(&a);
}

static void test_arena_limit_holds_and_reset_renews_it(void)
{
	struct meed_arena a;

	meed_arena_init(&a, 1000);
	for (int round = 0; round < 2; round++) {
		CU_ASSERT_PTR_NOT_NULL(meed_arena_raw(&a, 500));
		CU_ASSERT_PTR_NULL(meed_arena_raw(&a, 500));
		CU_ASSERT_PTR_NOT_NULL(meed_arena_raw(&a, 480));
		CU_ASSERT_PTR_NULL(meed_arena_raw(&a, 1));
		CU_ASSERT(a.used <= 1000);
		meed_arena_reset(&a);
	}
	meed_arena_release(&a);
	CU_ASSERT_EQUAL(a.limit, 1000);
}

static void test_arena_refuses_impossible_sizes(void)
{
	struct meed_arena a = { 0 };
	meed_str s;

	CU_ASSERT_PTR_NULL(meed_arena_raw(&a, SIZE_MAX));
	CU_ASSERT_PTR_NULL(meed_arena_raw(&a, SIZE_MAX - 15));
	CU_ASSERT_PTR_NULL(meed_arena_raw(&a, SIZE_MAX / 2 + 1));
	CU_ASSERT_PTR_NULL(meed_arena_alloc(&a, SIZE_MAX - 40));
	s = meed_arena_dup(&a, (meed_str){ "", SIZE_MAX });
	CU_ASSERT_PTR_NULL(s.p);
	CU_ASSERT_EQUAL(a.used, 0);
	CU_ASSERT_PTR_NOT_NULL(meed_arena_raw(&a, 0));
	CU_ASSERT_PTR_NOT_NULL(meed_arena_alloc(&a, 0));
	meed_arena_release(&a);
}

static void test_arena_takes_large_pieces_first_and_last(void)
{
	struct meed_arena a = { 0 };

	for (int round = 0; round < 3; round++) {
		char *small, *large = meed_arena_raw(&a, 5000000);

		CU_ASSERT_PTR_NOT_NULL_FATAL(large);
		small = meed_arena_raw(&a, 10);
		CU_ASSERT_PTR_NOT_NULL_FATAL(small);
		memset(small, 1, 10);
		memset(large, 2, 5000000);
		CU_ASSERT_EQUAL(small[9], 1);
		large = meed_arena_raw(&a, 70000);
		CU_ASSERT_PTR_NOT_NULL_FATAL(large);
		memset(large, 3, 70000);
		meed_arena_reset(&a);
	}
	meed_arena_release(&a);
}

static void test_arena_text(void)
{
	struct meed_arena a = { 0 };
	meed_str s;

	s = meed_arena_dup(&a, (meed_str){ "a\0b", 3 });
	CU_ASSERT_EQUAL(s.n, 3);
	CU_ASSERT_EQUAL(memcmp(s.p, "a\0b", 4), 0);
	s = meed_arena_dup(&a, (meed_str){ NULL, 0 });
	CU_ASSERT_PTR_NOT_NULL_FATAL(s.p);
	CU_ASSERT_EQUAL(s.p[0], '\0');
	s = meed_arena_printf(&a, "%d-%s", 7, "x");
	STR_IS(s, "7-x");
	for (int n = 250; n < 260; n++) {
		s = meed_arena_printf(&a, "%*d", n, 5);
		CU_ASSERT_EQUAL(s.n, (size_t)n);
		CU_ASSERT_EQUAL(s.p[s.n - 1], '5');
		CU_ASSERT_EQUAL(s.p[s.n], '\0');
	}
	meed_arena_release(&a);
	meed_arena_init(&a, 16);
	s = meed_arena_printf(&a, "%*d", 300, 5);
	CU_ASSERT_PTR_NULL(s.p);
	CU_ASSERT_EQUAL(s.n, 0);
	meed_arena_release(&a);
}

/* ---- buffer ------------------------------------------------------------------------------ */

static void test_buffer_grows_and_keeps_bytes(void)
{
	struct meed_buf b = { 0 };

	meed_buf_put(&b, NULL, 0);
	CU_ASSERT_EQUAL(b.n, 0);
	for (int i = 0; i < 10000; i++) {
		meed_buf_putc(&b, (char)('a' + i % 26));
		meed_buf_puts(&b, "01");
		MEED_BUF_LIT(&b, "xyz");
	}
	CU_ASSERT_EQUAL(b.n, 60000);
	CU_ASSERT_EQUAL(memcmp(b.p + 6 * 27, "b01xyz", 6), 0);
	meed_buf_release(&b);
	CU_ASSERT_PTR_NULL(b.p);
	for (int n = 0; n < 600; n++) {
		meed_buf_printf(&b, "%*s", n, "");
		CU_ASSERT_EQUAL(b.n, (size_t)n);
		b.n = 0;
	}
	meed_buf_u64(&b, 0);
	meed_buf_putc(&b, ' ');
	meed_buf_u64(&b, UINT64_MAX);
	STR_IS(of_buf(&b), "0 18446744073709551615");
	meed_buf_release(&b);
}

static void test_failed_buffer_takes_no_more(void)
{
	struct meed_buf b = { 0 };

	meed_buf_puts(&b, "abc");
	CU_ASSERT_FALSE(meed_buf_grow(&b, SIZE_MAX));
	CU_ASSERT_TRUE(b.failed);
	meed_buf_putc(&b, 'd');
	meed_buf_puts(&b, "def");
	meed_buf_json_str(&b, MEED_STR("x"));
	meed_buf_csv(&b, MEED_STR("x,"), false);
	meed_buf_json_num(&b, 1);
	meed_buf_u64(&b, 1);
	meed_buf_printf(&b, "%d", 1);
	meed_base64(&b, "abc", 3);
	STR_IS(of_buf(&b), "abc");
	meed_buf_release(&b);
	CU_ASSERT_FALSE(b.failed);
}

/* The same, a byte at a time. */
static void plain_json_str(struct meed_buf *b, meed_str s)
{
	meed_buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *named = "\b\b\t\t\n\n\f\f\r\r\"\"\\\\", *hit = strchr(named, c);

		if (c && hit && *hit)
			meed_buf_printf(b, "\\%c", "btnfr\"\\"[(hit - named) / 2]);
		else if (c < 0x20)
			meed_buf_printf(b, "\\u%04x", c);
		else
			meed_buf_putc(b, (char)c);
	}
	meed_buf_putc(b, '"');
}

static void test_json_string_escapes_what_must_be_and_nothing_else(void)
{
	struct meed_buf b = { 0 }, want = { 0 };
	char all[256];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	meed_buf_json_str(&b, (meed_str){ all, 256 });
	plain_json_str(&want, (meed_str){ all, 256 });
	CU_ASSERT(meed_str_eq(of_buf(&b), of_buf(&want)));
	b.n = 0;
	meed_buf_json_str(&b, MEED_STR("a\"b\\c\n\t\r\b\f\x01\x7f/\xe4\xb8\xad"));
	STR_IS(of_buf(&b), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\x7f/\xe4\xb8\xad\"");
	b.n = 0;
	meed_buf_json_str(&b, (meed_str){ NULL, 0 });
	STR_IS(of_buf(&b), "\"\"");
	meed_buf_release(&b);
	meed_buf_release(&want);
}

static void test_json_string_is_right_at_every_length_and_place(void)
{
	static const char special[] = { '"', '\\', '\n', 1, 0x1f, 0x20, 0x7f, (char)0x80, '!', '#',
					'[', ']', (char)0xff, 0 };
	struct meed_buf b = { 0 }, want = { 0 };
	char *text = malloc(100);
	int bad = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t n = 0; n <= 100; n++) {
		for (size_t at = 0; at < n; at++) {
			for (size_t k = 0; k < sizeof(special); k++) {
				/* so placed that a read past the end leaves the allocation */
				char *p = text + 100 - n;

				memset(p, 'x', n);
				p[at] = special[k];
				p[n - 1 - at / 2] = special[(k + at) % sizeof(special)];
				meed_buf_release(&b);
				want.n = 0;
				meed_buf_json_str(&b, (meed_str){ p, n });
				plain_json_str(&want, (meed_str){ p, n });
				bad += !meed_str_eq(of_buf(&b), of_buf(&want));
			}
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
	free(text);
	meed_buf_release(&b);
	meed_buf_release(&want);
}

static void test_csv_field_is_quoted_where_it_must_be_or_is_asked_to(void)
{
	static const struct {
		meed_str s;
		bool quoted;
		meed_str want;
	} t[] = {
		{ { NULL, 0 }, false, { "", 0 } },
		{ { NULL, 0 }, true, { "\"\"", 2 } },
		{ { "plain", 5 }, false, { "plain", 5 } },
		{ { "plain", 5 }, true, { "\"plain\"", 7 } },
		{ { " # ;\t'\0\xe4\xb8\xad ", 11 }, false, { " # ;\t'\0\xe4\xb8\xad ", 11 } },
		{ { "a,b", 3 }, false, { "\"a,b\"", 5 } },
		{ { "a\rb", 3 }, false, { "\"a\rb\"", 5 } },
		{ { "ab\n", 3 }, false, { "\"ab\n\"", 5 } },
		{ { "\"", 1 }, false, { "\"\"\"\"", 4 } },
		{ { "\"a\" b\"\"", 7 }, true, { "\"\"\"a\"\" b\"\"\"\"\"", 13 } },
	};
	struct meed_buf b = { 0 };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		b.n = 0;
		meed_buf_csv(&b, t[i].s, t[i].quoted);
		CU_ASSERT(meed_str_eq(of_buf(&b), t[i].want));
	}
	meed_buf_release(&b);
}

int main(void)
{
	static CU_TestInfo errors[] = {
		{ "an error keeps its code and text", test_error_keeps_code_and_text },
		{ "an error may wrap itself", test_error_may_wrap_itself },
		{ "a long error is cut between characters",
		  test_long_error_is_cut_between_characters },
		{ "an error is one line of UTF-8", test_error_is_one_line_of_utf8 },
		{ "every code has a name and a status", test_every_code_has_a_name_and_a_status },
		{ "diagnostics are kept in order", test_diagnostics_are_kept_in_order },
		{ "numbers in messages ignore the locale",
		  test_numbers_in_messages_ignore_the_locale },
		{ "the log writes one line, from its level up",
		  test_log_writes_one_line_from_its_level_up },
		CU_TEST_INFO_NULL,
	};
	static CU_TestInfo memory[] = {
		{ "arena pieces are aligned and apart", test_arena_pieces_are_aligned_and_apart },
		{ "arena alloc is zeroed after reset", test_arena_alloc_is_zeroed_after_reset },
		{ "the arena's limit holds, reset renews it",
		  test_arena_limit_holds_and_reset_renews_it },
		{ "the arena refuses impossible sizes", test_arena_refuses_impossible_sizes },
		{ "the arena takes large pieces, first and last",
		  test_arena_takes_large_pieces_first_and_last },
		{ "text in the arena", test_arena_text },
		{ "a buffer grows and keeps its bytes", test_buffer_grows_and_keeps_bytes },
		{ "a failed buffer takes no more", test_failed_buffer_takes_no_more },
		{ "a JSON string escapes what must be and nothing else",
		  test_json_string_escapes_what_must_be_and_nothing_else },
		{ "a JSON string is right at every length and place",
		  test_json_string_is_right_at_every_length_and_place },
		{ "a CSV field is quoted where it must be, or is asked to",
		  test_csv_field_is_quoted_where_it_must_be_or_is_asked_to },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "errors", NULL, NULL, NULL, NULL, errors },
		{ "memory", NULL, NULL, NULL, NULL, memory },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
