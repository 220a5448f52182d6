/* test_base.c - errors, log, arena, buffer, text, hash, clock. Numbers: test_number.c. */
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

/* ---- text -------------------------------------------------------------------------------- */

/* RFC 3629 the slow way: decode, then look at the value. */
static bool is_scalar(const unsigned char *s, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = s[0];

	if (n == 1)
		return c < 0x80;
	if ((n == 2 && (c & 0xe0) != 0xc0) || (n == 3 && (c & 0xf0) != 0xe0) ||
	    (n == 4 && (c & 0xf8) != 0xf0))
		return false;
	c &= 0xffu >> (n + 1);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return false;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static size_t plain_utf8_check(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t len = 1;

		while (len <= 4 && !(i + len <= n && is_scalar(s + i, len)))
			len++;
		if (len > 4)
			break;
		i += len;
	}
	return i;
}

static void test_utf8_agrees_with_the_definition(void)
{
	static const unsigned char edge[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
					      0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
					      0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff };
	const size_t m = sizeof(edge);
	int bad = 0;

	for (size_t i = 0; i < m * m * m * m; i++) {
		unsigned char s[4] = { edge[i % m], edge[i / m % m], edge[i / m / m % m],
				       edge[i / m / m / m] };

		for (size_t n = 1; n <= 4; n++)
			bad += meed_utf8_check((const char *)s, n) != plain_utf8_check(s, n);
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void test_utf8_finds_a_bad_byte_anywhere(void)
{
	char *text = malloc(300);
	int bad = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_EQUAL(meed_utf8_check(NULL, 0), 0);
	for (size_t n = 1; n <= 300; n++) {
		char *p = text + 300 - n;

		memset(p, 'x', n);
		bad += meed_utf8_check(p, n) != n;
		for (size_t at = 0; at < n; at += 1 + n / 50) {
			p[at] = (char)0x80;
			bad += meed_utf8_check(p, n) != at;
			p[at] = 'x';
		}
		p[n - 1] = (char)0xe4;
		bad += meed_utf8_check(p, n) != n - 1;
	}
	CU_ASSERT_EQUAL(bad, 0);
	free(text);
}

static void test_scrub_replaces_each_bad_byte(void)
{
	struct meed_buf b = { 0 };

	meed_utf8_scrub(&b, MEED_STR("a\xff\xe4\xb8z\xe4\xb8\xad\xc3"));
	STR_IS(of_buf(&b), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xe4\xb8\xad\xef\xbf\xbd");
	CU_ASSERT_EQUAL(meed_utf8_check(b.p, b.n), b.n);
	meed_buf_release(&b);
}

static void test_base64_vectors_of_rfc_4648(void)
{
	static const char *const t[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xef\xbf", "/++/" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct meed_buf b = { 0 };

		meed_base64(&b, t[i][0], strlen(t[i][0]));
		CU_ASSERT(meed_str_eq(of_buf(&b), meed_str_of(t[i][1])));
		meed_buf_release(&b);
	}
}

static void test_edit_distance(void)
{
	char a[301], b[301];

	CU_ASSERT_EQUAL(meed_edit_distance("kitten", "sitting", 10), 3);
	CU_ASSERT_EQUAL(meed_edit_distance("sitting", "kitten", 10), 3);
	CU_ASSERT_EQUAL(meed_edit_distance("", "abc", 10), 3);
	CU_ASSERT_EQUAL(meed_edit_distance("abc", "", SIZE_MAX), 3);
	CU_ASSERT_EQUAL(meed_edit_distance("same", "same", 0), 0);
	CU_ASSERT_EQUAL(meed_edit_distance("abcdef", "uvwxyz", 2), 3);
	CU_ASSERT_EQUAL(meed_edit_distance("a", "abcdefgh", 2), 3);
	memset(a, 'a', 300);
	memset(b, 'a', 300);
	a[300] = b[300] = '\0';
	b[7] = 'b';
	b[290] = 'b';
	CU_ASSERT_EQUAL(meed_edit_distance(a, b, 300), 2);
}

static void test_nearest_name(void)
{
	static const char *const v[] = { "accuracy", "rouge", "f1_score", "general.number_accuracy",
					 "format.reasoning", "ab" };
	const size_t n = sizeof(v) / sizeof(v[0]);

	CU_ASSERT_PTR_EQUAL(meed_nearest("acuracy", v, n), v[0]);
	CU_ASSERT_PTR_EQUAL(meed_nearest("ROUGE", v, n), v[1]);
	CU_ASSERT_PTR_EQUAL(meed_nearest("f1-score", v, n), v[2]);
	CU_ASSERT_PTR_EQUAL(meed_nearest("number_accuracy", v, n), v[3]);
	CU_ASSERT_PTR_EQUAL(meed_nearest("reasonning", v, n), v[4]);
	CU_ASSERT_PTR_NULL(meed_nearest("helpfulness", v, n));
	CU_ASSERT_PTR_NULL(meed_nearest("xy", v, n));
	CU_ASSERT_PTR_NULL(meed_nearest("z", v, n));
	CU_ASSERT_PTR_NULL(meed_nearest("", v, n));
	CU_ASSERT_PTR_NULL(meed_nearest("rouge", NULL, 0));
}

static void test_glob(void)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} t[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "math*", "math_rl", true },
		{ "math*", "amath", false },
		{ "*.txt", "a.txt.txt", true },
		{ "a*b*c", "a--b--b-c", true },
		{ "a*b*c", "a--b--b-", false },
		{ "?", "", false },
		{ "?", "a", true },
		{ "?", "\xe4\xb8\xad", true },
		{ "??", "\xe4\xb8\xad", false },
		{ "*??b*", "\xe4\xb8\xad" "bc", false },
		{ "?", "\xff", true },
		{ "[abc]x", "bx", true },
		{ "[abc]x", "dx", false },
		{ "[!abc]", "d", true },
		{ "[^abc]", "a", false },
		{ "[a-c]", "b", true },
		{ "[a-c]", "-", false },
		{ "[a-]", "-", true },
		{ "[]]", "]", true },
		{ "[!]]", "]", false },
		{ "[\\]]", "]", true },
		{ "[\xe4\xb8\x80-\xe9\xbf\xbf]", "\xe4\xb8\xad", true },
		{ "[", "[", true },
		{ "[ab", "[ab", true },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "\\", "\\", true },
		{ "*?", "abc", true },
		{ "*a", "aaaaaaaaab", false },
	};
	char text[5001], pattern[201];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (meed_glob(t[i].pattern, meed_str_of(t[i].text)) != t[i].match) {
			printf("\n\t%s on %s\n", t[i].pattern, t[i].text);
			CU_FAIL("glob");
		}
	}
	CU_ASSERT_TRUE(meed_glob("*", (meed_str){ NULL, 0 }));

	/* exponential in a naive matcher */
	memset(text, 'a', 5000);
	text[5000] = '\0';
	for (size_t i = 0; i < 200; i += 2)
		memcpy(pattern + i, "a*", 3);
	pattern[199] = 'b';
	CU_ASSERT_FALSE(meed_glob(pattern, meed_str_of(text)));
}

/* ---- hash and clock ---------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void test_hash_depends_on_every_bit_the_length_and_the_seed(void)
{
	enum { N = 130 };
	char *text = calloc(1, N);
	uint64_t *seen = malloc(sizeof(uint64_t) * (N * 9 + 300));
	size_t n_seen = 0, worst = 64;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
	for (size_t n = 0; n <= N; n++) {
		char *p = text + N - n;
		uint64_t h = meed_hash(p, n, 1);

		seen[n_seen++] = h;
		seen[n_seen++] = meed_hash(p, n, 2);
		for (size_t bit = 0; bit < n * 8; bit++) {
			size_t diff;

			p[bit / 8] ^= (char)(1 << bit % 8);
			diff = (size_t)__builtin_popcountll(h ^ meed_hash(p, n, 1));
			worst = diff < worst ? diff : worst;
			if (n == N)
				seen[n_seen++] = meed_hash(p, n, 1);
			p[bit / 8] ^= (char)(1 << bit % 8);
		}
	}
	CU_ASSERT(worst >= 6);	/* of 64 bits, 32 expected; over 68,000 tries 6 is far out */
	qsort(seen, n_seen, sizeof(*seen), by_value);
	for (size_t i = 1; i < n_seen; i++)
		if (seen[i] == seen[i - 1])
			CU_FAIL("two hashes are equal");
	free(text);
	free(seen);
}

static void test_a_digest_knows_the_stream_not_its_pieces(void)
{
	enum { N = 3 * MEED_DIGEST_BLOCK + 777 };
	static char p[N];
	struct meed_digest whole = { 0 };
	uint64_t s = 1, want;

	for (size_t i = 0; i < N; i++)
		p[i] = (char)meed_hash(&i, sizeof(i), 3);
	meed_digest_put(&whole, p, N);
	want = meed_digest_value(&whole);
	for (size_t round = 0; round < 50; round++) {
		struct meed_digest d = { 0 }, again = { 0 };
		size_t i = 0, n;

		for (; i < N; i += n) {
			s = meed_hash(&s, sizeof(s), 4);
			n = s % 5000 < N - i ? s % 5000 : N - i;
			meed_digest_put(&d, p + i, n);
			/* taken up again from the chain and the bytes after the last whole block */
			again = (struct meed_digest){ d.chain, d.bytes, "" };
			memcpy(again.tail, p + i + n - (i + n) % MEED_DIGEST_BLOCK,
			       (i + n) % MEED_DIGEST_BLOCK);
			CU_ASSERT_EQUAL(meed_digest_value(&again), meed_digest_value(&d));
			d = again;
		}
		CU_ASSERT_EQUAL(meed_digest_value(&d), want);
		/* one bit anywhere, one byte less */
		d = (struct meed_digest){ 0 };
		p[s % N] ^= (char)(1 << s % 7);
		meed_digest_put(&d, p, N);
		CU_ASSERT_NOT_EQUAL(meed_digest_value(&d), want);
		p[s % N] ^= (char)(1 << s % 7);
		d = (struct meed_digest){ 0 };
		meed_digest_put(&d, p, N - 1);
		CU_ASSERT_NOT_EQUAL(meed_digest_value(&d), want);
	}
}

static void test_hash_is_the_same_on_every_machine(void)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	CU_ASSERT_EQUAL(meed_hash("", 0, 0), UINT64_C(0xb21022aa651066b0));
	CU_ASSERT_EQUAL(meed_hash(text, 3, 0), UINT64_C(0xc595e761a3199e71));
	CU_ASSERT_EQUAL(meed_hash(text, 20, 7), UINT64_C(0xe141c9bdee048965));
	CU_ASSERT_EQUAL(meed_hash(text, 62, 7), UINT64_C(0x84576d5473c372de));
}

static void test_clock_does_not_run_back(void)
{
	uint64_t a = meed_now_ns(), b = meed_now_ns();

	CU_ASSERT(a > 0);
	CU_ASSERT(b >= a);
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
		CU_TEST_INFO_NULL,
	};
	static CU_TestInfo text[] = {
		{ "UTF-8 agrees with the definition", test_utf8_agrees_with_the_definition },
		{ "UTF-8: a bad byte is found anywhere", test_utf8_finds_a_bad_byte_anywhere },
		{ "scrub replaces each bad byte", test_scrub_replaces_each_bad_byte },
		{ "base64 vectors of RFC 4648", test_base64_vectors_of_rfc_4648 },
		{ "edit distance", test_edit_distance },
		{ "the nearest name, or none", test_nearest_name },
		{ "glob", test_glob },
		{ "a hash depends on every bit, the length and the seed",
		  test_hash_depends_on_every_bit_the_length_and_the_seed },
		{ "a digest knows the stream, not its pieces",
		  test_a_digest_knows_the_stream_not_its_pieces },
		{ "a hash is the same on every machine", test_hash_is_the_same_on_every_machine },
		{ "the clock does not run back", test_clock_does_not_run_back },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "errors", NULL, NULL, NULL, NULL, errors },
		{ "memory", NULL, NULL, NULL, NULL, memory },
		{ "text", NULL, NULL, NULL, NULL, text },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
