/* test_conform.c - the conformance kit: right plugins pass, and each kind of wrong one fails at the
 * check that is there for it, with a reason that helps its author. */
#include "config.h"

#include "host/plugin/plugin.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct seen {
	struct meed_conformance k;
	struct meed_err err;
	int32_t code;
	char failed[65536]; /* the failed lines */
	char passed[65536];
};

static void report(void *data, bool ok, const char *what, const char *why)
{
	struct seen *s = data;
	char *to = ok ? s->passed : s->failed;
	size_t n = strlen(to);

	(void)snprintf(to + n, 65536 - n, "%s: %s\n", what, why);
}

static const char *plugin_dir(void)
{
	const char *d = getenv("MEED_TEST_PLUGINS");

	return d ? d : "tests/plugins/.libs";
}

static struct seen *check(const char *name)
{
	struct seen *s = calloc(1, sizeof(*s));
	char path[512];

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	s->k.report = report;
	s->k.data = s;
	s->k.threads = 4;
	s->k.rounds = 20;
	(void)snprintf(path, sizeof(path), "%s/%s", plugin_dir(), name);
	s->code = meed_conformance_run(&s->k, path, &s->err);
	return s;
}

static void passes(const char *name)
{
	struct seen *s = check(name);

	CU_ASSERT_EQUAL(s->code, 0);
	CU_ASSERT(s->k.n_passed > 30);
	CU_ASSERT_EQUAL(s->k.n_failed, 0);
	if (s->k.n_failed > 0)
		(void)fprintf(stderr, "\n%s: %s", name, s->failed);
	free(s);
}

static void test_right_plugins_of_every_mode_pass(void)
{
	passes("good.so");
	passes("pairwise.so");
	passes("listwise.so");
	passes("stepwise.so");
	passes("judge2.so");
	passes("runs.so");
}

static void test_plugin_of_the_frozen_header_passes(void)
{
	passes("old.so");
}

static void test_rounds_of_requests_are_answered_and_dropped(void)
{
	struct seen *s = check("judge2.so");

	CU_ASSERT_PTR_NOT_NULL(strstr(s->passed, "answered with a number: score 7 after 2 rounds"));
	CU_ASSERT_PTR_NOT_NULL(strstr(s->passed, "answered with a timeout: fails after 1 rounds"));
	CU_ASSERT_PTR_NOT_NULL(strstr(s->passed, "dropped while pending: 2 times"));
	free(s);
}

/* Run with this misbehaviour, one failed line holds this text. */
static void fails(const char *how, const char *text)
{
	struct seen *s;

	CU_ASSERT_EQUAL(setenv("MEED_TEST_ROGUE", how, 1), 0);
	s = check("rogue.so");
	CU_ASSERT_EQUAL(s->code, 0);
	CU_ASSERT(s->k.n_failed > 0);
	if (!strstr(s->failed, text)) {
		(void)fprintf(stderr, "\n%s: expected \"%s\" in: %.2000s\n", how, text, s->failed);
		CU_FAIL("another report");
	}
	CU_ASSERT_EQUAL(unsetenv("MEED_TEST_ROGUE"), 0);
	free(s);
}

static void test_wrong_scores_are_found(void)
{
	fails("nan", "plain sample: test.rogue gave candidate 0 the score nan");
	fails("infinite", "the score inf");
	fails("above", "the score 1.5: must be finite and in [0, 1]");
	fails("below", "the score -0.5");
	fails("nan_detail", "\"detail\" = nan");
	fails("no_score", "returned MEED_OK without a score for candidate 0");
	fails("bad_candidate", "candidate 9 of 1");
	fails("bad_step", "step 9 of candidate 0, which has 0 steps");
	fails("bad_extra", "must be one JSON value");
	fails("bad_text", "text that is not UTF-8");
}

static void test_wrong_verdicts_are_found(void)
{
	fails("fail_silently", "without a reason: report failures with h->fail");
	fails("unknown_code", "returned 42, which is no code");
	fails("unknown_error", "returned -99, which is no code");
	fails("pending_without_post", "returned MEED_PENDING without posting");
	fails("ok_with_post", "posted 1 requests and returned MEED_OK");
	fails("endless", "still posting requests after 16 rounds");
	fails("no_create", "created with its defaults: test.rogue refused");
}

static void test_false_claims_are_found(void)
{
	fails("drifting", "a second run gives the same bits: not on");
	fails("by_want", "scores do not depend on `want`: not on \"plain sample\"");
}

static void test_leaks_are_found(void)
{
	if (SANITIZED) {
		(void)printf("(left to the sanitizer) ");
		return;
	}
	fails("leak", "evaluations leak nothing: the heap grows by");
	fails("pending_leak", "evaluations leak nothing: the heap grows by");
}

static void test_crash_and_exit_are_lines_of_the_report(void)
{
	fails("crash", "plain sample: ");
	fails("exit", "plain sample: ended the process (exit status 3); nothing after");
}

static void test_plugin_that_cannot_load_is_told_with_the_reason(void)
{
	struct seen *s = check("undefined.so");

	CU_ASSERT(s->code < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(s->err.text, "undefined symbol: nowhere"));
	CU_ASSERT_EQUAL(s->k.n_passed + s->k.n_failed, 0);
	free(s);
	s = check("major2.so");
	CU_ASSERT_EQUAL(s->code, MEED_E_UNSUPPORTED);
	free(s);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "right plugins of every mode pass", test_right_plugins_of_every_mode_pass },
		{ "plugin of the frozen header passes", test_plugin_of_the_frozen_header_passes },
		{ "rounds of requests are answered and dropped",
		  test_rounds_of_requests_are_answered_and_dropped },
		{ "wrong scores are found", test_wrong_scores_are_found },
		{ "wrong verdicts are found", test_wrong_verdicts_are_found },
		{ "false claims are found", test_false_claims_are_found },
		{ "leaks are found", test_leaks_are_found },
		{ "crash and exit are lines of the report",
		  test_crash_and_exit_are_lines_of_the_report },
		{ "plugin that cannot load is told with the reason",
		  test_plugin_that_cannot_load_is_told_with_the_reason },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "conformance", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
