/* test_base_text.c - UTF-8, base64, names and patterns, hashes, the clock. */
#include "config.h"
#include "host/base/base.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

#define STR_IS(s, lit) CU_ASSERT(meed_str_eq((s), MEED_STR(lit)))

static meed_str of_buf(const struct meed_buf *b)
{
	return (meed_str){ b->p, b->n };
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
	static CU_TestInfo text[] = {
		{ "UTF-8 agrees with the definition", test_utf8_agrees_with_the_definition },
		{ "UTF-8: a bad byte is found anywhere", test_utf8_finds_a_bad_byte_anywhere },
		{ "scrub replaces each bad byte", test_scrub_replaces_each_bad_byte },
		{ "base64 vectors of RFC 4648", test_base64_vectors_of_rfc_4648 },
		{ "edit distance", test_edit_distance },
		{ "the nearest name, or none", test_nearest_name },
		{ "glob", test_glob },
		CU_TEST_INFO_NULL,
	};
	static CU_TestInfo sums[] = {
		{ "a hash depends on every bit, the length and the seed",
		  test_hash_depends_on_every_bit_the_length_and_the_seed },
		{ "a digest knows the stream, not its pieces",
		  test_a_digest_knows_the_stream_not_its_pieces },
		{ "a hash is the same on every machine", test_hash_is_the_same_on_every_machine },
		{ "the clock does not run back", test_clock_does_not_run_back },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "text", NULL, NULL, NULL, NULL, text },
		{ "hashes and the clock", NULL, NULL, NULL, NULL, sums },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
