/* test_cage.c - a real cage, spoken to as the host does: outcomes, limits, files, partners. */
#include "config.h"

#include "tests/unit/cagefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/suites.h"

static struct cagefix cage;

/* The run's outcome, of a job that must be answered. */
static const meed_ran *run(const struct cagefix_job *j)
{
	static const meed_ran none = { .out = { "", 0 }, .err = { "", 0 } };
	static struct wire_answer a;

	if (!cagefix_do(&cage, &j->job, &a)) {
		CU_FAIL_FATAL("the cage did not answer");
		return &none;
	}
	CU_ASSERT_EQUAL(a.status, MEED_OK);
	if (a.status != MEED_OK)
		(void)fprintf(stderr, "%.*s\n", (int)a.error.n, a.error.p);
	return a.status == MEED_OK ? a.result.runs[0] : &none;
}

static const meed_ran *shell(const char *code)
{
	struct wire_program p = cagefix_shell(code);
	static struct cagefix_job j;

	cagefix_job(&j, &p, "");
	return run(&j);
}

static bool is(meed_str s, const char *want)
{
	if (meed_str_eq(s, meed_str_of(want)))
		return true;
	(void)fprintf(stderr, "got: %.*s\n", (int)s.n, s.p);
	return false;
}

static void test_a_program_s_output_and_status_come_back(void)
{
	const meed_ran *r = shell("echo out; echo err >&2; exit 3");

	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->code, 3);
	CU_ASSERT(is(r->out, "out\n"));
	CU_ASSERT(is(r->err, "err\n"));
	CU_ASSERT(r->wall_us > 0);
	CU_ASSERT(r->memory_peak > 0);
}

static void test_a_signal_is_told(void)
{
	const meed_ran *r = shell("kill -TERM $$");

	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_SIGNAL);
	CU_ASSERT_EQUAL(r->code, 15);
}

int main(void)
{
	CU_TestInfo outcomes[] = {
		{ "a program's output and status come back",
		  test_a_program_s_output_and_status_come_back },
		{ "a signal is told", test_a_signal_is_told },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "outcomes", NULL, NULL, NULL, NULL, outcomes },
		CU_SUITE_INFO_NULL,
	};
	int r;

	if (!cagefix_start(&cage, false)) {
		(void)fprintf(stderr, "skipped, this machine cannot cage: %s\n", cage.why);
		return 77;
	}
	r = suites_run(suites);
	return cagefix_stop(&cage) == 0 ? r : 1;
}
