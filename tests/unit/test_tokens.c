/* test_tokens.c - tokenizers, vocabularies and the cache of extension meed.text/1. */
#include "config.h"
#include "host/sample/tokens.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One sample's worth of state. */
struct bench {
	struct meed_tokenizers *t;
	struct meed_arena arena;
	struct meed_token_cache cache;
	struct meed_err err;
	uint32_t id;
};

static int32_t open_with(struct bench *b, const char *type, uint32_t flags, const char *data)
{
	meed_tokenizer spec = { sizeof(spec), flags, type, data };

	return meed_tokenizers_open(b->t, &spec, &b->err, &b->id);
}

static void bench_open(struct bench *b, const char *type, uint32_t flags)
{
	*b = (struct bench){ 0 };
	b->t = meed_tokenizers_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->t);
	CU_ASSERT_EQUAL_FATAL(open_with(b, type, flags | MEED_TOK_SPANS, NULL), 0);
}

static void bench_close(struct bench *b)
{
	meed_arena_release(&b->arena);
	meed_tokenizers_free(b->t);
}

static const meed_tokens *read_n(struct bench *b, const char *text, size_t n)
{
	meed_str s = meed_arena_dup(&b->arena, (meed_str){ text, n });
	const meed_tokens *k = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s.p);
	CU_ASSERT_EQUAL_FATAL(meed_tokenize(b->t, &b->cache, &b->arena, b->id, s, &b->err, &k), 0);
	return k;
}

static const meed_tokens *read_text(struct bench *b, const char *text)
{
	return read_n(b, text, strlen(text));
}

/* The tokens of text, joined by '|', are want. */
static void expect(struct bench *b, const char *text, const char *want)
{
	const meed_tokens *k = read_text(b, text);
	struct meed_buf got = { 0 };
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (i > 0)
			meed_buf_putc(&got, '|');
		meed_buf_put(&got, k->spans[i].p, k->spans[i].n);
		CU_ASSERT_EQUAL(k->spans[i].p[k->spans[i].n], '\0');
		CU_ASSERT(k->ids[i] < k->n_vocab);
	}
	if (got.n != strlen(want) || memcmp(got.p ? got.p : "", want, got.n) != 0) {
		printf("\n\"%s\": \"%.*s\", not \"%s\"", text, (int)got.n,
		       got.p ? got.p : "", want);
		CU_FAIL("tokens differ");
	}
	meed_buf_release(&got);
}

/* ---- simple -------------------------------------------------------------------------------- */

static void test_white_space_is_pythons(void)
{
	struct bench b;

	bench_open(&b, "simple", 0);
	expect(&b, "", "");
	expect(&b, " \t\r\n\v\f", "");
	expect(&b, "a", "a");
	expect(&b, "  a  b ", "a|b");
	expect(&b, "a\x1c" "b\x1d" "c\x1e" "d\x1f" "e", "a|b|c|d|e");
	expect(&b, "a\xc2\x85" "b\xc2\xa0" "c", "a|b|c");
	expect(&b, "a\xe1\x9a\x80" "b\xe2\x80\x80" "c\xe2\x80\x8a" "d", "a|b|c|d");
	expect(&b, "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c\xe2\x80\xaf" "d\xe2\x81\x9f" "e\xe3\x80\x80",
	       "a|b|c|d|e");
	/* U+200B, U+FEFF and U+180E are none */
	expect(&b, "a\xe2\x80\x8b" "b\xef\xbb\xbf" "c\xe1\xa0\x8e" "d",
	       "a\xe2\x80\x8b" "b\xef\xbb\xbf" "c\xe1\xa0\x8e" "d");
	bench_close(&b);
}

static void test_lower_case_is_pythons(void)
{
	struct bench b;

	bench_open(&b, "simple", MEED_TOK_LOWER);
	expect(&b, "AZ az @[ `{ 09", "az|az|@[|`{|09");
	expect(&b, "\xc4\xb0", "i\xcc\x87");				/* U+0130 */
	expect(&b, "\xce\xa3\xce\xa3 \xce\xa3", "\xcf\x83\xcf\x82|\xcf\x83");	/* final sigma */
	expect(&b, "a\xce\xa3' b\xce\xa3'c", "a\xcf\x82'|b\xcf\x83'c");
	expect(&b, "\xe2\x84\xaa \xc3\x89", "k|\xc3\xa9");		/* KELVIN SIGN */
	expect(&b, "\xc8\xba", "\xe2\xb1\xa5");			/* grows by a byte */
	expect(&b, "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xc3\x89", "abcdefghijklmnopqrstuvwxyz\xc3\xa9");
	bench_close(&b);
}

/* Wherever blocks and batches end, tokens are the same: a word of every length at every place. */
static void test_words_cross_blocks_whole(void)
{
	char text[2400], low[40];
	size_t at, len, i;
	struct bench b;

	bench_open(&b, "simple", MEED_TOK_LOWER);
	for (at = 0; at < 2200; at += at > 40 && at < 980 ? 17 : at > 1100 ? 23 : 1) {
		for (len = 1; len < 34; len += len == 18 ? 15 : 1) {
			const meed_tokens *k;

			memset(text, ' ', sizeof(text));
			for (i = 0; i < len; i++) {
				text[at + i] = (char)('A' + (at + i) % 26);
				low[i] = (char)(text[at + i] + 32);
			}
			k = read_n(&b, text, at + len);
			CU_ASSERT_EQUAL(k->n, 1);
			CU_ASSERT(k->n == 1 && k->spans[0].n == len &&
				  memcmp(k->spans[0].p, low, len) == 0);
			k = read_n(&b, text, at + len + 1);
			CU_ASSERT_EQUAL(k->n, 1);
		}
		meed_arena_reset(&b.arena);
		b.cache = (struct meed_token_cache){ 0 };
	}
	bench_close(&b);
}

static void test_wide_space_crosses_blocks(void)
{
	char text[80];
	size_t at;
	struct bench b;

	bench_open(&b, "simple", 0);
	for (at = 58; at < 68; at++) {
		const meed_tokens *k;

		memset(text, 'x', sizeof(text));
		memcpy(text + at, "\xe3\x80\x80", 3);
		k = read_n(&b, text, sizeof(text));
		CU_ASSERT_EQUAL_FATAL(k->n, 2);
		CU_ASSERT_EQUAL(k->spans[0].n, at);
		CU_ASSERT_EQUAL(k->spans[1].n, sizeof(text) - at - 3);
	}
	bench_close(&b);
}

static void test_nul_is_a_byte_like_others(void)
{
	struct bench b;
	const meed_tokens *k;

	bench_open(&b, "simple", MEED_TOK_LOWER);
	k = read_n(&b, "a a\0 a\0\0 \0a A\0", 14);
	CU_ASSERT_EQUAL_FATAL(k->n, 5);
	CU_ASSERT_EQUAL(k->n_distinct, 4);
	CU_ASSERT_EQUAL(k->ids[1], k->ids[4]);
	CU_ASSERT_EQUAL(k->spans[2].n, 3);
	bench_close(&b);
}

static void test_ill_formed_bytes_are_kept(void)
{
	struct bench b;

	bench_open(&b, "simple", MEED_TOK_LOWER);
	expect(&b, "\xff\xfe A\xc3 \xe3\x80", "\xff\xfe|a\xc3|\xe3\x80");
	bench_close(&b);
}

/* ---- vocabularies and the cache ------------------------------------------------------------ */

static void test_ids_are_dense_by_first_appearance(void)
{
	const uint32_t want[] = { 0, 1, 0, 2 };
	const meed_tokens *k, *m;
	struct bench b;

	bench_open(&b, "simple", MEED_TOK_LOWER);
	k = read_text(&b, "the cat The dog");
	CU_ASSERT_EQUAL_FATAL(k->n, 4);
	CU_ASSERT(memcmp(k->ids, want, sizeof(want)) == 0);
	CU_ASSERT_EQUAL(k->n_distinct, 3);
	CU_ASSERT_EQUAL(k->n_vocab, 3);
	m = read_text(&b, "dog dog bird THE");
	CU_ASSERT_EQUAL_FATAL(m->n, 4);
	CU_ASSERT_EQUAL(m->ids[0], 2);
	CU_ASSERT_EQUAL(m->ids[2], 3);
	CU_ASSERT_EQUAL(m->ids[3], 0);
	CU_ASSERT_EQUAL(m->n_distinct, 3);
	CU_ASSERT_EQUAL(m->n_vocab, 4);
	bench_close(&b);
}

static void test_many_words_stay_apart(void)
{
	const size_t n = 30000;
	struct meed_buf text = { 0 };
	const meed_tokens *k;
	struct bench b;
	size_t i, bad = 0;

	bench_open(&b, "simple", 0);
	for (i = 0; i < n; i++)
		meed_buf_printf(&text, i % 3 ? "w%zu " : "a-rather-long-word-%zu ", i);
	for (i = 0; i < n; i++)
		meed_buf_printf(&text, i % 3 ? "w%zu " : "a-rather-long-word-%zu ", i);
	CU_ASSERT_FALSE_FATAL(text.failed);
	k = read_n(&b, text.p, text.n);
	CU_ASSERT_EQUAL_FATAL(k->n, 2 * n);
	for (i = 0; i < n; i++)
		bad += k->ids[i] != i || k->ids[n + i] != i;
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(k->n_distinct, n);
	meed_buf_release(&text);
	bench_close(&b);
}

static void test_a_text_is_read_once(void)
{
	struct meed_str_pair {
		meed_str text;
		const meed_tokens *k;
	} v[200];
	const meed_tokens *again;
	struct bench b;
	char buf[16];
	size_t i;

	bench_open(&b, "simple", 0);
	for (i = 0; i < 200; i++) {
		(void)snprintf(buf, sizeof(buf), "t%zu x", i);
		v[i].text = meed_arena_dup(&b.arena, meed_str_of(buf));
		CU_ASSERT_EQUAL_FATAL(meed_tokenize(b.t, &b.cache, &b.arena, b.id, v[i].text,
						    &b.err, &v[i].k), 0);
	}
	for (i = 0; i < 200; i++) {
		CU_ASSERT_EQUAL(meed_tokenize(b.t, &b.cache, &b.arena, b.id, v[i].text, &b.err,
					      &again), 0);
		CU_ASSERT_PTR_EQUAL(again, v[i].k);
	}
	/* part of a text is another text */
	v[0].text.n = 2;
	CU_ASSERT_EQUAL(meed_tokenize(b.t, &b.cache, &b.arena, b.id, v[0].text, &b.err, &again), 0);
	CU_ASSERT_EQUAL(again->n, 1);
	bench_close(&b);
}

static void test_spans_come_when_asked_for(void)
{
	const meed_tokens *k, *m;
	uint32_t plain, spans;
	struct bench b = { 0 };
	meed_str s;

	b.t = meed_tokenizers_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(b.t);
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "simple", 0, NULL), 0);
	plain = b.id;
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "simple", MEED_TOK_SPANS, NULL), 0);
	spans = b.id;
	CU_ASSERT_NOT_EQUAL(plain, spans);
	s = meed_arena_dup(&b.arena, MEED_STR("a bb a"));
	CU_ASSERT_EQUAL_FATAL(meed_tokenize(b.t, &b.cache, &b.arena, plain, s, &b.err, &k), 0);
	CU_ASSERT_PTR_NULL(k->spans);
	CU_ASSERT_EQUAL_FATAL(meed_tokenize(b.t, &b.cache, &b.arena, spans, s, &b.err, &m), 0);
	CU_ASSERT_PTR_EQUAL(k, m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m->spans);
	CU_ASSERT(meed_str_eq(m->spans[1], MEED_STR("bb")));
	bench_close(&b);
}

static void test_opening_twice_gives_one_tokenizer(void)
{
	struct bench b = { 0 };
	uint32_t first;

	b.t = meed_tokenizers_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(b.t);
	CU_ASSERT_EQUAL(open_with(&b, "simple", MEED_TOK_LOWER, NULL), 0);
	first = b.id;
	CU_ASSERT_EQUAL(open_with(&b, "simple", 0, NULL), 0);
	CU_ASSERT_NOT_EQUAL(b.id, first);
	CU_ASSERT_EQUAL(open_with(&b, "simple", MEED_TOK_LOWER, ""), 0);
	CU_ASSERT_EQUAL(b.id, first);
	bench_close(&b);
}

static void test_unknown_kinds_and_flags_are_named(void)
{
	struct bench b = { 0 };

	b.t = meed_tokenizers_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(b.t);
	CU_ASSERT_EQUAL(open_with(&b, "bad", 0, NULL), MEED_E_PARAM);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "\"bad\""));
	CU_ASSERT_EQUAL(open_with(&b, NULL, 0, NULL), MEED_E_PARAM);
	CU_ASSERT_EQUAL(open_with(&b, "simple", 1u << 30, NULL), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "0x40000000"));
	bench_close(&b);
}

static void test_memory_limits_are_errors(void)
{
	struct meed_buf text = { 0 };
	const meed_tokens *k;
	struct bench b;
	size_t limit, i, failed = 0;
	int32_t r;

	bench_open(&b, "simple", MEED_TOK_LOWER);
	for (i = 0; i < 400; i++)
		meed_buf_printf(&text, "WORD%zu a-much-longer-word-%zu \xc3\x89%zu ", i, i, i);
	for (limit = 16; limit < 400000; limit += limit < 4096 ? 64 : 4096) {
		meed_arena_release(&b.arena);
		meed_arena_init(&b.arena, limit);
		b.cache = (struct meed_token_cache){ 0 };
		r = meed_tokenize(b.t, &b.cache, &b.arena, b.id, (meed_str){ text.p, text.n },
				  &b.err, &k);
		CU_ASSERT(r == 0 || r == MEED_E_NOMEM);
		CU_ASSERT(r < 0 || k->n == 1200);
		failed += r < 0;
	}
	CU_ASSERT(failed > 10);
	CU_ASSERT_EQUAL(r, 0);
	meed_buf_release(&text);
	bench_close(&b);
}

/* ---- jieba --------------------------------------------------------------------------------- */

static char dir[] = "/tmp/meed-tokens-XXXXXX";

static void put_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fputs(text, f) >= 0 && fclose(f) == 0, 1);
}

/* A dictionary of a few words, and a model that prefers words of two characters. */
static void put_data(void)
{
	struct meed_buf b = { 0 };
	const char *state = "BEMS";
	unsigned cp, i;

	put_file("dict.txt", "\xe4\xb8\xad\xe5\x9b\xbd 100 ns\n"		/* zhong guo */
			     "\xe5\x9b\xbd\xe4\xba\xba 20 n\n"			/* guo ren */
			     "\xe4\xb8\xad\xe5\x9b\xbd\xe4\xba\xba 60 n\n"
			     "\xe4\xba\xba 50 n\n"
			     "C++ 5 nz\n"
			     "AT&T 3 nz\n");
	put_file("finalseg/prob_start.py",
		 "P={'B': -0.1,\n 'E': -3.14e+100,\n 'M': -3.14e+100,\n 'S': -2.0}\n");
	put_file("finalseg/prob_trans.py",
		 "P={'B': {'E': -0.1, 'M': -3.0},\n 'E': {'B': -0.5, 'S': -0.9},\n"
		 " 'M': {'E': -0.3, 'M': -1.2},\n 'S': {'B': -0.7, 'S': -0.6}}\n");
	meed_buf_puts(&b, "from __future__ import unicode_literals\n\nP={");
	for (i = 0; i < 4; i++) {
		meed_buf_printf(&b, "'%c': {", state[i]);
		for (cp = 0x4e00; cp < 0x4e00 + 300; cp++)
			meed_buf_printf(&b, "'\\u%04x': -5.5,\n ", cp);
		meed_buf_puts(&b, "},\n");
	}
	meed_buf_puts(&b, "}\n");
	meed_buf_putc(&b, '\0');
	put_file("finalseg/prob_emit.py", b.p);
	meed_buf_release(&b);
}

static void test_jieba_cuts_by_route_and_model(void)
{
	struct bench b = { 0 };

	put_data();
	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "jieba", MEED_TOK_SPANS, dir), 0);
	/* the whole word: log(60) - log(238) beats two parts */
	expect(&b, "\xe4\xb8\xad\xe5\x9b\xbd\xe4\xba\xba",
	       "\xe4\xb8\xad\xe5\x9b\xbd\xe4\xba\xba");
	/* unknown characters: the model pairs them */
	expect(&b, "\xe4\xb8\x80\xe4\xb8\x81\xe4\xb8\x83\xe4\xb8\x87",
	       "\xe4\xb8\x80\xe4\xb8\x81|\xe4\xb8\x83\xe4\xb8\x87");
	expect(&b, "C++ AT&T", "C++| |AT&T");
	expect(&b, "x1.5% ab.c\r\n#", "x1.5%| |ab|.|c|\r\n|#");
	expect(&b, "\xef\xbc\x8c\xe3\x80\x82", "\xef\xbc\x8c|\xe3\x80\x82");
	expect(&b, "  \xe4\xba\xba  ", "\xe4\xba\xba");
	bench_close(&b);
}

static void test_jieba_options_filter_and_fold(void)
{
	struct bench b = { 0 };

	put_data();
	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "jieba", MEED_TOK_SPANS | MEED_TOK_CHINESE_ONLY, dir),
			      0);
	expect(&b, "C++\xe4\xb8\xad x\xe5\x9b\xbd\xef\xbc\x8c", "\xe4\xb8\xad\xe5\x9b\xbd");
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "jieba", MEED_TOK_SPANS | MEED_TOK_LOWER, dir), 0);
	expect(&b, "ABC \xc3\x89", "abc| |\xc3\xa9");
	bench_close(&b);
}

static void test_jieba_without_data_says_what_to_do(void)
{
	struct bench b = { 0 };

	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL(open_with(&b, "jieba", 0, "/nonexistent"), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "apt install python3-jieba"));
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "jieba_data"));
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "/nonexistent/dict.txt"));
	bench_close(&b);
}

static void test_jieba_names_the_bad_line(void)
{
	struct bench b = { 0 };

	put_data();
	put_file("dict.txt", "\xe4\xba\xba 5 n\n\xe4\xb8\xad\n");
	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL(open_with(&b, "jieba", 0, dir), MEED_E_PARAM);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "dict.txt:2:"));
	put_data();
	put_file("finalseg/prob_trans.py", "P = {'B': {}}");
	CU_ASSERT_EQUAL(open_with(&b, "jieba", 0, dir), MEED_E_PARAM);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "prob_trans.py"));
	bench_close(&b);
}

/* With the real data, where it is installed: what jieba 0.42.1 itself answers. */
static void test_jieba_agrees_with_jieba(void)
{
	struct bench b = { 0 };

	b.t = meed_tokenizers_new();
	if (open_with(&b, "jieba", MEED_TOK_SPANS, NULL) == MEED_E_UNSUPPORTED) {
		printf("(no python3-jieba: skipped) ");
	} else {
		expect(&b, "\xe6\x88\x91\xe7\x88\xb1\xe5\x8c\x97\xe4\xba\xac\xe5\xa4\xa9\xe5\xae"
			   "\x89\xe9\x97\xa8",
		       "\xe6\x88\x91|\xe7\x88\xb1|\xe5\x8c\x97\xe4\xba\xac|"
		       "\xe5\xa4\xa9\xe5\xae\x89\xe9\x97\xa8");
		expect(&b, "\xe4\xbb\x96\xe6\x9d\xa5\xe5\x88\xb0\xe4\xba\x86\xe7\xbd\x91\xe6\x98"
			   "\x93\xe6\x9d\xad\xe7\xa0\x94\xe5\xa4\xa7\xe5\x8e\xa6",
		       "\xe4\xbb\x96|\xe6\x9d\xa5\xe5\x88\xb0|\xe4\xba\x86|\xe7\xbd\x91\xe6\x98"
		       "\x93|\xe6\x9d\xad\xe7\xa0\x94|\xe5\xa4\xa7\xe5\x8e\xa6");
	}
	bench_close(&b);
}

/* ---- tiktoken ------------------------------------------------------------------------------ */

/* All bytes, and tokens of my own in order of rank. */
static void put_ranks(const char *const *more, size_t n, int leave_out)
{
	struct meed_buf b = { 0 };
	size_t i;
	char c;

	for (i = 0; i < 256; i++) {
		c = (char)i;
		if ((int)i == leave_out)
			continue;
		meed_base64(&b, &c, 1);
		meed_buf_printf(&b, " %zu\n", i);
	}
	for (i = 0; i < n; i++) {
		meed_base64(&b, more[i], strlen(more[i]));
		meed_buf_printf(&b, " %zu\n", 256 + i);
	}
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	put_file("ranks", b.p);
	meed_buf_release(&b);
}

static const char *ranks_path(void)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/ranks", dir);
	return path;
}

static void test_tiktoken_merges_lowest_rank_first(void)
{
	static const char *const more[] = { "he", "ll", "lo",	"hell",		" w",
					    "aa", "aaaa", "\xe4\xb8", "hello" };
	struct bench b = { 0 };

	put_ranks(more, 9, -1);
	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "tiktoken", MEED_TOK_SPANS, ranks_path()), 0);
	expect(&b, "hello", "hello");
	expect(&b, "hellox wx", "hello|x| w|x");
	expect(&b, "aaaaaaa", "aaaa|aa|a");
	/* bytes that are no whole character read as U+FFFD, each token by itself */
	expect(&b, "\xe4\xb8\xad", "\xef\xbf\xbd|\xef\xbf\xbd");
	CU_ASSERT_EQUAL(read_text(&b, "\xe4\xb8\xad")->n_distinct, 1);
	bench_close(&b);
}

static void test_tiktoken_cuts_before_it_merges(void)
{
	static const char *const more[] = { "'s", "ab", " ab", "12", "123", "  ", "\n\n", "x'",
					    ".a", "ba", " .", "!!", "!!\n" };
	struct bench b = { 0 };

	put_ranks(more, 13, -1);
	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "tiktoken", MEED_TOK_SPANS, ranks_path()), 0);
	expect(&b, "x's", "x|'s");
	expect(&b, "1234", "123|4");
	expect(&b, "ab  ab", "ab| | ab");
	expect(&b, "ab   ab", "ab|  | ab");
	expect(&b, "ab \n\nab", "ab| |\n\n|ab");
	expect(&b, "ab .ab", "ab| .|ab");
	expect(&b, "ab.ab", "ab|.|ab");
	expect(&b, "!!\n", "!!");
	expect(&b, "!!\nab", "!!\n|ab");
	bench_close(&b);
}

static void test_tiktoken_takes_long_pieces(void)
{
	const size_t n = 300000;
	static const char *const more[] = { "aa", "aaaa" };
	char *text = malloc(n + 1);
	struct bench b = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'a', n);
	put_ranks(more, 2, -1);
	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL_FATAL(open_with(&b, "tiktoken", MEED_TOK_SPANS, ranks_path()), 0);
	CU_ASSERT_EQUAL(read_n(&b, text, n)->n, n / 4);
	bench_close(&b);
	free(text);
}

static void test_tiktoken_says_what_is_wrong_with_its_file(void)
{
	struct bench b = { 0 };

	b.t = meed_tokenizers_new();
	CU_ASSERT_EQUAL(open_with(&b, "tiktoken", 0, NULL), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "encoding_file"));
	CU_ASSERT_EQUAL(open_with(&b, "tiktoken", 0, "/nonexistent"), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "/nonexistent: No such file"));
	put_ranks(NULL, 0, 'q');
	CU_ASSERT_EQUAL(open_with(&b, "tiktoken", 0, ranks_path()), MEED_E_PARAM);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "0x71"));
	put_file("ranks", "YQ== 1\nYg==\n");
	CU_ASSERT_EQUAL(open_with(&b, "tiktoken", 0, ranks_path()), MEED_E_PARAM);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.text, "ranks:2:"));
	put_file("ranks", "YQ== 1\nYQ== 2\n");
	CU_ASSERT_EQUAL(open_with(&b, "tiktoken", 0, ranks_path()), MEED_E_PARAM);
	put_file("ranks", "Y*== 1\n");
	CU_ASSERT_EQUAL(open_with(&b, "tiktoken", 0, ranks_path()), MEED_E_PARAM);
	bench_close(&b);
}

static int setup(void)
{
	char path[64];

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/finalseg", dir);
	return mkdir(path, 0700);
}

static int teardown(void)
{
	const char *names[] = { "dict.txt", "finalseg/prob_start.py", "finalseg/prob_trans.py",
				"finalseg/prob_emit.py", "finalseg", "ranks" };
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)remove(path);
	}
	return rmdir(dir);
}

#define TEST(f) { #f, f }

int main(void)
{
	CU_TestInfo simple[] = { TEST(test_white_space_is_pythons),
				 TEST(test_lower_case_is_pythons),
				 TEST(test_words_cross_blocks_whole),
				 TEST(test_wide_space_crosses_blocks),
				 TEST(test_nul_is_a_byte_like_others),
				 TEST(test_ill_formed_bytes_are_kept), CU_TEST_INFO_NULL };
	CU_TestInfo vocab[] = { TEST(test_ids_are_dense_by_first_appearance),
				TEST(test_many_words_stay_apart),
				TEST(test_a_text_is_read_once),
				TEST(test_spans_come_when_asked_for),
				TEST(test_opening_twice_gives_one_tokenizer),
				TEST(test_unknown_kinds_and_flags_are_named),
				TEST(test_memory_limits_are_errors), CU_TEST_INFO_NULL };
	CU_TestInfo jieba[] = { TEST(test_jieba_cuts_by_route_and_model),
				TEST(test_jieba_options_filter_and_fold),
				TEST(test_jieba_without_data_says_what_to_do),
				TEST(test_jieba_names_the_bad_line),
				TEST(test_jieba_agrees_with_jieba), CU_TEST_INFO_NULL };
	CU_TestInfo tiktoken[] = { TEST(test_tiktoken_merges_lowest_rank_first),
				   TEST(test_tiktoken_cuts_before_it_merges),
				   TEST(test_tiktoken_takes_long_pieces),
				   TEST(test_tiktoken_says_what_is_wrong_with_its_file),
				   CU_TEST_INFO_NULL };
	CU_SuiteInfo suites[] = { { "simple", NULL, NULL, NULL, NULL, simple },
				  { "vocabularies", NULL, NULL, NULL, NULL, vocab },
				  { "jieba", NULL, NULL, NULL, NULL, jieba },
				  { "tiktoken", NULL, NULL, NULL, NULL, tiktoken },
				  CU_SUITE_INFO_NULL };
	unsigned failed = 1;

	if (setup() == 0 && CU_initialize_registry() == CUE_SUCCESS &&
	    CU_register_suites(suites) == CUE_SUCCESS) {
		CU_basic_set_mode(CU_BRM_NORMAL);
		(void)CU_basic_run_tests();
		failed = CU_get_number_of_failures();
	}
	CU_cleanup_registry();
	(void)teardown();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
