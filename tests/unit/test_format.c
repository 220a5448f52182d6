/* test_format.c - the models of the plugin `format`, each alone under a fake host. */
#include "config.h"
#include "tests/unit/fakehost.h"

#include <CUnit/Basic.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const meed_plugin *plugin;

/* One model with its parameters, under a host of its own. */
struct bench {
	struct fake f;
	const meed_rm *rm;
	void *self;
};

static void open_bench(struct bench *b, const char *id, const char *params)
{
	fake_init(&b->f);
	b->self = NULL;
	b->rm = fake_model(plugin, id);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->rm);
	CU_ASSERT_EQUAL_FATAL(fake_create(&b->f, b->rm, params, &b->self), MEED_OK);
}

static void close_bench(struct bench *b)
{
	fake_reset(&b->f);
	b->rm->destroy(&b->f.host, b->self);
}

static double score_n(struct bench *b, const char *text, size_t n)
{
	int32_t r = fake_evaluate(&b->f, b->rm, b->self, text, n, NULL);

	CU_ASSERT(r == MEED_OK && b->f.scored);
	return b->f.score;
}

static double score(struct bench *b, const char *text)
{
	return score_n(b, text, strlen(text));
}

/* The score of text, created with params, is want. */
static void expect(const char *id, const char *params, const char *text, double want)
{
	struct bench b;
	double got;

	open_bench(&b, id, params);
	got = score(&b, text);
	if (!(got - want < 1e-12 && want - got < 1e-12))
		printf("\n%s %s: %g, not %g: %.80s", id, params ? params : "", got, want, text);
	CU_ASSERT(got - want < 1e-12 && want - got < 1e-12);
	close_bench(&b);
}

/* `what`, n times; the caller frees it. */
static char *repeat(const char *what, size_t n)
{
	size_t len = strlen(what), i;
	char *p = malloc(len * n + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (i = 0; i < n; i++)
		memcpy(p + i * len, what, len);
	p[len * n] = '\0';
	return p;
}

static int64_t extra_int(struct bench *b, const char *key)
{
	struct json_object *o = NULL;

	CU_ASSERT(json_object_object_get_ex(b->f.extra, key, &o));
	return json_object_get_int64(o);
}

static uint32_t random_below(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*state >> 33) % n);
}

/* ---- format.reasoning --------------------------------------------------------------------- */

#define REASONING "format.reasoning"

static void test_reasoning_wants_both_pairs_in_any_order(void)
{
	expect(REASONING, NULL, "<think>a</think><answer>b</answer>", 1);
	expect(REASONING, NULL, "x<answer>b</answer> <think>a</think>y", 1);
	expect(REASONING, NULL, "<think><answer></answer></think>", 1);
	expect(REASONING, NULL, "</think>a<think><answer>b</answer>", 0);
	expect(REASONING, NULL, "</think><think></think><answer></answer>", 1);
	expect(REASONING, NULL, "<think>a</think", 0);
	expect(REASONING, NULL, "", 0);
}

static void test_tag_names_are_literal(void)
{
	expect(REASONING, "{\"think_token\": \"a|b\", \"answer_token\": \"(\"}",
	       "<a|b>x</a|b><(>y</(>", 1);
	expect(REASONING, "{\"think_token\": \"[a-z]+\"}",
	       "<think>a</think><answer>b</answer>", 0);
	expect(REASONING, "{\"think_token\": \"\", \"answer_token\": \"\"}", "<>a</>", 1);
	expect(REASONING, "{\"think_token\": \"\u601d\u8003\", \"answer_token\": \"<\"}",
	       "<\u601d\u8003>a</\u601d\u8003><<<></<></>", 1);
}

static void test_reasoning_names_what_is_missing(void)
{
	struct bench b;

	open_bench(&b, REASONING, NULL);
	(void)score(&b, "<think>");
	CU_ASSERT_STRING_EQUAL(b.f.reason,
			       "no <think>...</think>; no <answer>...</answer>");
	close_bench(&b);
}

/* ---- format.reasoning_tool_call ----------------------------------------------------------- */

#define TOOL_CALL "format.reasoning_tool_call"
#define THOUGHT "<think>t</think>"
#define CALL "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>"

static void test_tool_calls_follow_a_thought(void)
{
	expect(TOOL_CALL, NULL, THOUGHT CALL, 1);
	expect(TOOL_CALL, NULL, " " THOUGHT "\n" CALL "\u3000" CALL "\n", 1);
	expect(TOOL_CALL, NULL, CALL THOUGHT, 0);
	expect(TOOL_CALL, NULL, CALL, 0);
	expect(TOOL_CALL, NULL, "x" THOUGHT CALL, 0);
	expect(TOOL_CALL, NULL, THOUGHT CALL "x", 0);
	expect(TOOL_CALL, NULL, THOUGHT "x" CALL, 0);
	expect(TOOL_CALL, NULL, THOUGHT "<think></think>" CALL, 0);
	expect(TOOL_CALL, NULL, THOUGHT CALL "<answer>a</answer>", 0);
	expect(TOOL_CALL, NULL, THOUGHT, 0);
}

static void test_text_between_tool_calls_fails(void)
{
	expect(TOOL_CALL, NULL, THOUGHT CALL "x" CALL, 0);
	expect(TOOL_CALL, NULL, THOUGHT CALL "</tool_call>" CALL, 0);
	expect(TOOL_CALL, NULL, THOUGHT CALL "<tool_call>" CALL "</tool_call>", 0);
	expect(TOOL_CALL, NULL,
	       THOUGHT "<tool_call>{\"name\": \"<tool_call>\", \"arguments\": 0}</tool_call>", 0);
}

static void test_calls_in_the_thought_count(void)
{
	expect(TOOL_CALL, NULL, "<think>" CALL "</think>" CALL, 1);
	expect(TOOL_CALL, NULL, "<think><tool_call>x</tool_call></think>" CALL, 0);
	expect(TOOL_CALL, NULL, "<think>the <tool_call> tag</think>" CALL, 0);
	expect(TOOL_CALL, NULL, "<think>" CALL "</think>", 0);
}

static void test_a_call_is_an_object_with_name_and_arguments(void)
{
	static const char *const bad[] = {
		"", "null", "true", "3", "\"name arguments\"", "[\"name\", \"arguments\"]", "{}",
		"{\"name\": \"f\"}", "{\"arguments\": {}}", "{\"name\": null, \"arguments\": {}}",
		"{\"name\": 3, \"arguments\": {}}", "{\"name\": \"f\", \"arguments\": {},}",
		"{\"name\": \"f\", \"arguments\": {}} x", "{\"name\": \"f\" \"arguments\": {}}",
		"{\"name\": \"f\", \"arguments\": {}}{}", "{'name': 'f', 'arguments': {}}",
	};
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), THOUGHT "<tool_call>%s</tool_call>", bad[i]);
		expect(TOOL_CALL, NULL, text, 0);
	}
	expect(TOOL_CALL, NULL,
	       THOUGHT "<tool_call>\u3000{\"x\": 1, \"arguments\": null, \"name\": \"f\"}\n"
	       "</tool_call>", 1);
	expect(TOOL_CALL, "{\"object_arguments\": true}",
	       THOUGHT "<tool_call>{\"name\": \"f\", \"arguments\": \"{}\"}</tool_call>", 0);
	expect(TOOL_CALL, "{\"object_arguments\": true}", THOUGHT CALL, 1);
}

static void test_an_answer_stands_alone_after_its_thought(void)
{
	expect(TOOL_CALL, NULL, THOUGHT "\n<answer>a</answer>\n", 1);
	expect(TOOL_CALL, NULL, "<think></think><answer></answer>", 1);
	expect(TOOL_CALL, NULL, "<answer>a</answer>" THOUGHT, 0);
	expect(TOOL_CALL, NULL, THOUGHT "<answer>a</answer><answer>a</answer>", 0);
	expect(TOOL_CALL, NULL, THOUGHT "<answer>a</answer>x", 0);
	expect(TOOL_CALL, NULL, "<think>a<answer>b</think>c</answer>", 0);
}

static void test_tool_calls_report_what_was_found(void)
{
	struct bench b;

	open_bench(&b, TOOL_CALL, NULL);
	(void)score(&b, THOUGHT CALL CALL);
	CU_ASSERT_EQUAL(extra_int(&b, "tool_call_count"), 2);
	CU_ASSERT_EQUAL(extra_int(&b, "valid_tool_call_json"), 1);
	(void)score(&b, THOUGHT CALL "<tool_call>{}</tool_call>");
	CU_ASSERT_EQUAL(extra_int(&b, "valid_format"), 1);
	CU_ASSERT_EQUAL(extra_int(&b, "valid_tool_call_json"), 0);
	CU_ASSERT_STRING_EQUAL(b.f.reason, "a tool call has no name that is a string");
	close_bench(&b);
}

/* ---- format.length_penalty ---------------------------------------------------------------- */

#define LENGTH "format.length_penalty"

static void test_length_counts_code_points(void)
{
	expect(LENGTH, NULL, "", -0.1);
	expect(LENGTH, NULL, "\u4f60\u597d\U0001F642", -0.07);
	expect(LENGTH, "{\"min_length\": 0, \"max_length\": 2, \"penalty_rate\": 2}",
	       "\u4f60\u597d\U0001F642", -2);
	expect(LENGTH, "{\"min_length\": 5, \"max_length\": 5, \"penalty_rate\": -1}", "abcdef", 1);
}

static void test_length_is_right_at_every_size_and_alignment(void)
{
	struct bench b;
	uint64_t seed = 1;
	char buf[9000];
	size_t i, n, from, want;

	open_bench(&b, LENGTH, NULL);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i < 4500 ? random_below(&seed, 256) : 0x80 + i % 64);
	for (n = 0; n < sizeof(buf) - 20; n = n < 80 ? n + 1 : n * 5 / 4) {
		for (from = 0; from < 17; from++) {
			for (i = from, want = 0; i < from + n; i++)
				want += ((unsigned char)buf[i] & 0xC0) != 0x80;
			(void)score_n(&b, buf + from, n);
			CU_ASSERT_EQUAL((size_t)extra_int(&b, "length"), want);
		}
	}
	close_bench(&b);
}

static void test_no_penalty_is_plain_zero(void)
{
	struct bench b;

	open_bench(&b, LENGTH, "{\"penalty_rate\": 0}");
	CU_ASSERT(score(&b, "") == 0 && !__builtin_signbit(b.f.score));
	close_bench(&b);
	open_bench(&b, "format.privacy_leakage", NULL);
	CU_ASSERT(score(&b, "") == 0 && !__builtin_signbit(b.f.score));
	close_bench(&b);
}

static void test_an_infinite_penalty_is_an_error_with_a_way_out(void)
{
	struct bench b;

	open_bench(&b, LENGTH, "{\"penalty_rate\": 1e308, \"min_length\": 1000}");
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, "x", 1, NULL), MEED_E_RANGE);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.f.why, "lower penalty_rate"));
	CU_ASSERT(!b.f.scored);
	close_bench(&b);
}

static void test_a_range_upside_down_is_warned_of(void)
{
	struct bench b;

	open_bench(&b, LENGTH, "{\"min_length\": 20, \"max_length\": 5}");
	CU_ASSERT_PTR_NOT_NULL(strstr(b.f.warning, "min_length 20 is above max_length 5"));
	CU_ASSERT(score(&b, "aaaaaaaaaaaaaaaaaaa") < 0);
	close_bench(&b);
}

/* ---- format.ngram_repetition_penalty ------------------------------------------------------ */

#define NGRAM "format.ngram_repetition_penalty"

static size_t naive_unique(const uint32_t *ids, size_t n_ids, size_t n)
{
	size_t i, k, unique = 0;

	for (i = 0; i + n <= n_ids; i++) {
		for (k = 0; k < i; k++) {
			if (memcmp(ids + i, ids + k, n * sizeof(*ids)) == 0)
				break;
		}
		unique += k == i;
	}
	return unique;
}

/* n_ids words out of vocab, many runs of them said again, some with a word changed. */
static void check_unique(uint32_t vocab, size_t n_ids, size_t n)
{
	uint32_t *ids = malloc(n_ids * sizeof(*ids));
	char *text = malloc(n_ids * 8 + 1), params[64];
	size_t i, len = 0, back;
	uint64_t seed = vocab * 31u + n;
	struct bench b;

	CU_ASSERT_FATAL(ids && text);
	for (i = 0; i < n_ids; i++) {
		back = random_below(&seed, 8) ? 0 : random_below(&seed, 200);
		ids[i] = random_below(&seed, vocab);
		if (back > 0 && back < i && i + 2 * n + 4 < n_ids) {
			size_t end = i + n + random_below(&seed, 4);

			for (; i < end; i++)
				ids[i] = random_below(&seed, 12) ? ids[i - back]
								 : random_below(&seed, vocab);
			i--;
		}
	}
	for (i = 0; i < n_ids; i++)
		len += (size_t)snprintf(text + len, 8, "%u ", ids[i]);
	(void)snprintf(params, sizeof(params), "{\"n\": %zu}", n);
	open_bench(&b, NGRAM, params);
	(void)score_n(&b, text, len);
	CU_ASSERT_EQUAL((size_t)extra_int(&b, "unique_ngrams"), naive_unique(ids, n_ids, n));
	CU_ASSERT_EQUAL((size_t)extra_int(&b, "total_ngrams"), n_ids - n + 1);
	close_bench(&b);
	free(text);
	free(ids);
}

static void test_ngrams_are_counted_exactly(void)
{
	static const uint32_t vocabs[] = { 1, 2, 3, 60, 1000, 5000 };
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 13, 16, 33, 64, 100 };
	size_t i, k;

	for (i = 0; i < sizeof(vocabs) / sizeof(vocabs[0]); i++) {
		for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
			check_unique(vocabs[i], 700, sizes[k]);
	}
	check_unique(4, 3, 3);
}

/* The same n words twice, the k-th replaced: no n-gram repeats. */
static void test_one_other_word_makes_another_ngram(void)
{
	static const size_t sizes[] = { 2, 3, 5, 12, 13, 16, 17, 24, 31, 32, 33, 48 };
	char text[1024], params[64];
	size_t i, k, at, n, len;
	struct bench b;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i];
		(void)snprintf(params, sizeof(params), "{\"n\": %zu}", n);
		open_bench(&b, NGRAM, params);
		for (k = 0; k <= n; k++) {
			for (at = len = 0; at < 2 * n; at++)
				len += (size_t)snprintf(text + len, sizeof(text) - len, "%zu ",
							at == n + k ? 999 : at % n);
			(void)score_n(&b, text, len);
			CU_ASSERT_EQUAL(extra_int(&b, "total_ngrams") - extra_int(&b, "unique_ngrams"),
					k == n);
		}
		close_bench(&b);
	}
}

static void test_hard_penalty_starts_above_the_threshold(void)
{
	expect(NGRAM, "{\"n\": 2, \"penalty_threshold\": 0.5}", "a a a", 0);
	expect(NGRAM, "{\"n\": 2, \"penalty_threshold\": 0.4}", "a a a", -0.1);
	expect(NGRAM, "{\"n\": 1, \"penalty_threshold\": 0, \"penalty_rate\": 3}", "a A", -1.5);
	expect(NGRAM, NULL, "a b", 0);
	expect(NGRAM, NULL, "", 0);
}

static void test_soft_penalty_has_no_jump(void)
{
	const char *params = "{\"use_soft_penalty\": true, \"min_scaling\": 0.5, \"n\": 1, "
			     "\"max_penalty\": -2}";

	expect(NGRAM, params, "a b", 0);
	expect(NGRAM, params, "a a", 0);
	expect(NGRAM, params, "a a a a", -1);
	expect(NGRAM, "{\"use_soft_penalty\": true, \"min_scaling\": 1, \"n\": 1}", "a a", 0);
}

static void test_thoughts_are_joined_by_a_space(void)
{
	const char *params = "{\"analyze_scope\": \"thought\", \"n\": 2, \"penalty_threshold\": 0}";

	expect(NGRAM, params, "x x x x", 0);
	expect(NGRAM, params, "<think></think>", 0);
	expect(NGRAM, params, "<think>a</think>q<think>b</think>q<think>a</think><think>b</think>",
	       -1.0 / 3);
	expect(NGRAM, params, "<think>a b a b</think> a b a b a b", -1.0 / 3);
}

static void test_ngram_fails_cleanly_without_memory_tokenizers_or_time(void)
{
	struct bench b;
	size_t n;
	int32_t r = MEED_E_NOMEM;
	char *text = repeat("a b c d e f g h ", 20000);

	open_bench(&b, NGRAM, "{\"n\": 90, \"analyze_scope\": \"full\"}");
	for (n = 1; r != MEED_OK && n < 20; n++) {
		b.f.refuse_alloc = n;
		r = fake_evaluate(&b.f, b.rm, b.self, text, 800, NULL);
		CU_ASSERT(r == MEED_OK || ((r == MEED_E_NOMEM || r == MEED_E_LIMIT) && *b.f.why));
	}
	CU_ASSERT(r == MEED_OK && n > 5);
	b.f.refuse_alloc = 0;
	b.f.cancelled = true;
	CU_ASSERT_EQUAL(fake_evaluate(&b.f, b.rm, b.self, text, strlen(text), NULL),
			MEED_E_CANCELLED);
	close_bench(&b);

	fake_init(&b.f);
	b.f.no_text = true;
	CU_ASSERT_EQUAL(fake_create(&b.f, b.rm, NULL, &b.self), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NULL(b.self);
	CU_ASSERT_EQUAL(fake_create(&b.f, b.rm, "{\"tokenizer_type\": \"jieba\"}", &b.self),
			MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NULL(b.self);
	fake_reset(&b.f);
	free(text);
}

/* ---- format.privacy_leakage --------------------------------------------------------------- */

#define PRIVACY "format.privacy_leakage"
#define ONE "{\"penalty_per_leak\": 1}"
#define VALIDATE "{\"penalty_per_leak\": 1, \"validate\": true}"
#define ASCII "{\"penalty_per_leak\": 1, \"ascii_words\": true}"

static void test_privacy_matches_what_the_patterns_match(void)
{
	expect(PRIVACY, ONE, "a@b.co|m a@b.c a@b..co x@y.com@z.com .j@e.com", 4);
	expect(PRIVACY, ONE, "555-123-4567 (555) 123.4567 +1 555 123 4567 15551234567", 4);
	expect(PRIVACY, ONE, "x(555)123-4567 x+15551234567 555-123-45678 x555-123-4567", 2);
	expect(PRIVACY, ONE, "11010119900307457x 110101199013074578 210101189912312345", 2);
	expect(PRIVACY, ONE, "4111111111111111 4111-1111\u30001111 1111 41111111111111112", 2);
	expect(PRIVACY, ONE, "8.8.8.8.8.8.8.8 999.1.1.1 172.1.1.1 10.0.0.1 1.2.3 1234.1.1.1", 3);
	expect(PRIVACY, ONE, "\u0664\u0664\u0664\u0664 1111 1111 1111", 1);
	expect(PRIVACY, ONE, "\u7535\u8bdd5551234567 \u90ae\u7bb1" "a@b.com\u8c22", 0);
}

static void test_digits_of_all_scripts_are_digits(void)
{
	static const char *const fours[] = {
		"\u0669", "\u06F4", "\u07C4", "\u096A", "\u0E54", "\u17E4", "\uA624", "\uFF14",
		"\U000104A4", "\U0001D7D2", "\U0001FBF4",
	};
	char *number, text[256];
	size_t i;

	for (i = 0; i < sizeof(fours) / sizeof(fours[0]); i++) {
		number = repeat(fours[i], 16);
		(void)snprintf(text, sizeof(text), "a text of no interest before %s", number);
		expect(PRIVACY, ONE, text, 1);
		(void)snprintf(text, sizeof(text), "a text of no interest before\u4e00%s", number);
		expect(PRIVACY, ONE, text, 0);
		free(number);
	}
	expect(PRIVACY, ONE, "\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2"
	       "\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2", 0);
}

static void test_validate_drops_what_cannot_be(void)
{
	expect(PRIVACY, VALIDATE, "3.1415926535 1700000000 0.5551234567 155-123-4567", 0);
	expect(PRIVACY, VALIDATE, "555-223-4567 13812345678", 2);
	expect(PRIVACY, VALIDATE, "11010519491231002X 110105194912310021", 1);
	expect(PRIVACY, VALIDATE, "110101199002304578", 0);
	expect(PRIVACY, VALIDATE, "4111111111111111 4111111111111112 0000000000000000", 1);
	expect(PRIVACY, VALIDATE, "8.8.8.8 256.1.1.1 172.15.0.1 172.16.0.1 01.2.3.4 0.0.0.0", 2);
	expect(PRIVACY, VALIDATE, "1.2.3.4.5 192.168.0.1 169.254.1.1 239.1.1.1", 0);
	expect(PRIVACY, VALIDATE, "a@b.com a@b.c|m a..b@c.com a@-b.com a@b-.com", 1);
}

static void test_ascii_words_finds_what_touches_chinese(void)
{
	expect(PRIVACY, ASCII, "\u7535\u8bdd5551234567 \u90ae\u7bb1" "a@b.com\u8c22", 2);
	expect(PRIVACY, ASCII, "x5551234567 _a@b.com_", 0);
}

static void test_leaks_are_masked(void)
{
	static const char text[] = "\u00e9 mail john.doe@example.com card 4111 1111 1111 1111";
	struct bench b;
	const char *said;

	open_bench(&b, PRIVACY, NULL);
	CU_ASSERT(score(&b, text) < -0.99);
	said = json_object_to_json_string(b.f.extra);
	CU_ASSERT_PTR_NULL(strstr(said, "john"));
	CU_ASSERT_PTR_NULL(strstr(said, "example"));
	CU_ASSERT_PTR_NULL(strstr(said, "4111"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "****.***@*******.***"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "\"offset\": 7"));
	CU_ASSERT_STRING_EQUAL(b.f.reason, "email: 1, credit_card: 1");
	close_bench(&b);
}

static void test_many_leaks_are_counted_beyond_the_list(void)
{
	char *text = repeat("8.8.8.8 ", 1000);
	struct bench b;

	open_bench(&b, PRIVACY, ONE);
	CU_ASSERT_EQUAL(score(&b, text), 1000);
	close_bench(&b);
	free(text);
}

/* ---- all of them -------------------------------------------------------------------------- */

static void all_models(const char *text, size_t n)
{
	struct bench b;
	size_t i;

	for (i = 0; plugin->models[i]; i++) {
		open_bench(&b, plugin->models[i]->id, NULL);
		(void)score_n(&b, text, n);
		CU_ASSERT(b.f.score >= b.rm->score_min && b.f.score <= b.rm->score_max);
		close_bench(&b);
	}
}

static void test_hostile_texts_are_scored(void)
{
	static const char *const ends[] = {
		"<", "</", "<think", "</think", "<tool_call>", "@", "a@", "a@b", "a@b.", "a@b.c", "1", "+",
		"+1", "(", "(1", "555123456", "1.1.1.", "1.1.1", "41111111111111", "\xE4", "\xE4\xBD",
		"\xF0\x9F\x99", "\xC0\x80", "\xED\xA0\x80", "\xFF", "\x80", "\xD9", "1\xD9", "\x80@b.co",
	};
	char all[512];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		all_models(ends[i], strlen(ends[i]));
	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	all_models(all, sizeof(all));
	memset(all, 0, sizeof(all));
	all_models(all, sizeof(all));
}

/* Each of these took the reference from seconds to for ever. */
static void test_long_texts_take_linear_time(void)
{
	static const char *const units[] = {
		"<think>", "<tool_call>", CALL, "<tool_call>x", "</think>", "a@", "a", "a.", "@", "1 ", "1",
		"1.", "(555", "<answer></answer>", "\u4f60", "555-123-", "4111-", "a.b@c.d ",
	};
	size_t i;
	char *text;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		text = repeat(units[i], 1000000 / strlen(units[i]));
		all_models(text, strlen(text));
		all_models(text + 1, strlen(text) - 1);
		text[strlen(text) - 1] = '\0';
		memcpy(text, THOUGHT, sizeof(THOUGHT) - 1);
		all_models(text, strlen(text));
		free(text);
	}
}

static void test_nothing_is_said_that_nobody_wants(void)
{
	struct bench b;
	size_t i;

	for (i = 0; plugin->models[i]; i++) {
		open_bench(&b, plugin->models[i]->id, NULL);
		b.f.want = 0;
		(void)score(&b, "a b c d e f");
		CU_ASSERT_EQUAL(json_object_object_length(b.f.extra), 0);
		close_bench(&b);
	}
}

#define TEST(name) { #name, name }

int main(void)
{
	static CU_TestInfo tests[] = {
		TEST(test_reasoning_wants_both_pairs_in_any_order),
		TEST(test_tag_names_are_literal),
		TEST(test_reasoning_names_what_is_missing),
		TEST(test_tool_calls_follow_a_thought),
		TEST(test_text_between_tool_calls_fails),
		TEST(test_calls_in_the_thought_count),
		TEST(test_a_call_is_an_object_with_name_and_arguments),
		TEST(test_an_answer_stands_alone_after_its_thought),
		TEST(test_tool_calls_report_what_was_found),
		TEST(test_length_counts_code_points),
		TEST(test_length_is_right_at_every_size_and_alignment),
		TEST(test_no_penalty_is_plain_zero),
		TEST(test_an_infinite_penalty_is_an_error_with_a_way_out),
		TEST(test_a_range_upside_down_is_warned_of),
		TEST(test_ngrams_are_counted_exactly),
		TEST(test_one_other_word_makes_another_ngram),
		TEST(test_hard_penalty_starts_above_the_threshold),
		TEST(test_soft_penalty_has_no_jump),
		TEST(test_thoughts_are_joined_by_a_space),
		TEST(test_ngram_fails_cleanly_without_memory_tokenizers_or_time),
		TEST(test_privacy_matches_what_the_patterns_match),
		TEST(test_digits_of_all_scripts_are_digits),
		TEST(test_validate_drops_what_cannot_be),
		TEST(test_ascii_words_finds_what_touches_chinese),
		TEST(test_leaks_are_masked),
		TEST(test_many_leaks_are_counted_beyond_the_list),
		TEST(test_hostile_texts_are_scored),
		TEST(test_long_texts_take_linear_time),
		TEST(test_nothing_is_said_that_nobody_wants),
		CU_TEST_INFO_NULL
	};
	static CU_SuiteInfo suites[] = {
		{ "format", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL
	};
	unsigned failed;

	plugin = fake_load("format");
	if (!plugin || CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	(void)CU_register_suites(suites);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	(void)CU_basic_run_tests();
	failed = CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}
