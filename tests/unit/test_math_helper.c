/* test_math_helper.c - the helper process of the plugin `math`: whatever becomes of it, it is asked
 * again, and its death is no verdict. */
#include "config.h"

#include "tests/unit/mathtree.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CUnit/CUnit.h>
#include <flint/flint.h>

#include "tests/unit/suites.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0		/* whose shadow needs more than any limit */
#endif

static enum mx_verdict ask_helper(struct mx_helper *h, const char *a, const char *b,
				  uint32_t timeout_ms, const char **ret_rule)
{
	static const char *const rules[] = { "started", "busy", "too long", "ended at its limits" };
	struct mx_outcome o;
	struct tree_env t;
	size_t i;

	tree_env_init(&t);
	mx_helper_ask(h, &t.e, tree(&t, a), tree(&t, b), timeout_ms, &o);
	*ret_rule = "other";
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strstr(o.rule, rules[i]))
			*ret_rule = rules[i];
	tree_env_release(&t);
	return o.verdict;
}

static void test_any_death_of_the_helper_is_undecided(void)
{
	static const struct {
		const char *path, *rule;
		uint32_t timeout_ms;
	} bad[] = {
		{ "/nonexistent/helper", "started", 1000 },
		{ "", "started", 1000 },
		{ "/bin/false", "ended at its limits", 5000 },
		{ "/usr/bin/yes", "ended at its limits", 5000 },
		{ "/bin/sleep", "too long", 50 },
	};
	struct mx_helper *h;
	const char *rule;
	size_t i;
	int k;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		h = mx_helper_new(bad[i].path, 64 << 20);
		CU_ASSERT_PTR_NOT_NULL_FATAL(h);
		for (k = 0; k < 2; k++) {	/* a dead one is replaced */
			CU_ASSERT_EQUAL(ask_helper(h, "x", "y", bad[i].timeout_ms, &rule),
					MX_UNDECIDED);
			CU_ASSERT_STRING_EQUAL(rule, bad[i].rule);
		}
		mx_helper_free(h);
	}
	CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);	/* no zombie is left */
}

/* The helper process that this one has started; 0 if there is none. */
static pid_t find_helper(void)
{
	char path[64], text[256];
	struct dirent *d;
	DIR *proc = opendir("/proc");
	pid_t found = 0, pid, parent;
	FILE *f;

	while (proc && found == 0 && (d = readdir(proc))) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9' ||
		    snprintf(path, sizeof(path), "/proc/%.20s/stat", d->d_name) < 0)
			continue;
		f = fopen(path, "r");
		if (f && fgets(text, sizeof(text), f) && strstr(text, "(meed-math)") &&
		    sscanf(text, "%d (meed-math) %*c %d", &pid, &parent) == 2 && parent == getpid())
			found = pid;
		if (f)
			(void)fclose(f);
	}
	if (proc)
		(void)closedir(proc);
	return found;
}

static void *asks_once(void *helper)
{
	const char *rule;

	return ask_helper(helper, "(sqrt 12)", "(* 2 (sqrt 3))", 60000, &rule) == MX_UNDECIDED &&
	       strcmp(rule, "ended at its limits") == 0 ? NULL : helper;
}

/* Stopped, so that it has the request and no answer yet, then killed. */
static void test_a_helper_killed_at_work_is_undecided_and_replaced(void)
{
	const char *path = getenv("MEED_MATH_HELPER"), *rule;
	struct mx_helper *h;
	pthread_t thread;
	void *wrong;
	pid_t pid;
	int i;

	if (!path)
		return;
	h = mx_helper_new(path, 256 << 20);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	for (i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(ask_helper(h, "(sqrt 12)", "(* 2 (sqrt 3))", 60000, &rule), MX_YES);
		pid = find_helper();
		CU_ASSERT_FATAL(pid > 0);
		CU_ASSERT_EQUAL(kill(pid, SIGSTOP), 0);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, asks_once, h), 0);
		CU_ASSERT_EQUAL(kill(pid, SIGKILL), 0);
		(void)pthread_join(thread, &wrong);
		CU_ASSERT_PTR_NULL(wrong);
	}
	mx_helper_free(h);
	CU_ASSERT_EQUAL(find_helper(), 0);
}

/* Expanding it takes more than 64 MiB: FLINT aborts the process. */
static void test_a_helper_out_of_memory_is_undecided(void)
{
	const char *path = getenv("MEED_MATH_HELPER"), *rule;
	struct mx_helper *h;

	if (!path || UNDER_SANITIZER)
		return;
	h = mx_helper_new(path, 64 << 20);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	CU_ASSERT_EQUAL(ask_helper(h, "(^ (+ (* (^ 10 90) x) (* (^ 11 86) y) (* (^ 12 83) z) 1) 45)",
				   "(^ (+ (* (^ 12 83) z) 1 (* (^ 11 86) y) (* (^ 10 90) x)) 45)",
				   60000, &rule), MX_UNDECIDED);
	CU_ASSERT_STRING_EQUAL(rule, "ended at its limits");
	CU_ASSERT_EQUAL(ask_helper(h, "(sqrt 12)", "(* 2 (sqrt 3))", 60000, &rule), MX_YES);
	mx_helper_free(h);
	/* so little that it cannot start */
	h = mx_helper_new(path, 1 << 20);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	CU_ASSERT_EQUAL(ask_helper(h, "x", "x", 60000, &rule), MX_UNDECIDED);
	CU_ASSERT_STRING_EQUAL(rule, "ended at its limits");
	mx_helper_free(h);
}

static void *asks(void *helper)
{
	const char *rule;
	int i;
	long wrong = 0;

	for (i = 0; i < 4; i++) {
		wrong += ask_helper(helper, "(sqrt 12)", "(* 2 (sqrt 3))", 20000, &rule) != MX_YES;
		wrong += ask_helper(helper, "(sqrt 12)", "(* 3 (sqrt 3))", 20000, &rule) != MX_NO;
	}
	return wrong ? helper : NULL;
}

static void test_the_helper_decides_for_several_threads(void)
{
	const char *path = getenv("MEED_MATH_HELPER"), *rule;
	struct mx_helper *h;
	pthread_t thread[4];
	void *wrong;
	size_t i;

	if (!path)
		return;
	h = mx_helper_new(path, (uint64_t)256 << 20);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	for (i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, asks, h), 0);
	for (i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(pthread_join(thread[i], &wrong), 0);
		CU_ASSERT_PTR_NULL(wrong);
	}
	/* what takes more than the evaluation's own limits */
	CU_ASSERT_EQUAL(ask_helper(h, "(factorial 100000)", "(* 100000 (factorial 99999))", 20000,
				   &rule), MX_YES);
	CU_ASSERT_EQUAL(ask_helper(h, "(= (list (text a b) (pm x 1)) (oo 1 (unit cm 2)))", "x", 20000,
				   &rule), MX_NO);
	mx_helper_free(h);
	CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "any death of the helper is undecided",
		  test_any_death_of_the_helper_is_undecided },
		{ "a helper killed at work is undecided and replaced",
		  test_a_helper_killed_at_work_is_undecided_and_replaced },
		{ "a helper out of memory is undecided", test_a_helper_out_of_memory_is_undecided },
		{ "the helper decides for several threads",
		  test_the_helper_decides_for_several_threads },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ .pName = "math helper", .pTests = tests },
		CU_SUITE_INFO_NULL,
	};
	int r = suites_run(suites);

	flint_cleanup();
	return r;
}
