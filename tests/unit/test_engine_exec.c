/* test_engine_exec.c - samples whose evaluations run programs: suspended, answered, cancelled,
 * whatever the cages do and however many threads there are. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/enginefix.h"
#include "tests/unit/suites.h"

static const char template[] =
	"sandbox = { unconfined = true; workers = 2; cage = \"%s/%s\"; };\n"
	"runtimes = { bash = { file = \"main.sh\"; run = [ \"/bin/bash\", \"main.sh\" ]; }; };\n"
	"instances = { i = { model = \"test.runs\"; timeout_ms = %d; }; };\n";

/* With the fake cage, which prints a program's own code; cage: what it is called in the build. */
static void open_fix(struct fix *f, const char *cage, int timeout_ms)
{
	const char *build = getenv("top_builddir");
	char conf[1024];

	(void)snprintf(conf, sizeof(conf), template, build ? build : ".", cage, timeout_ms);
	if (!fix_open(f, conf, NULL, "i", NULL))
		abort();
}

static void rows(struct meed_buf *b, size_t n, const char *last)
{
	for (size_t i = 0; i < n; i++)
		meed_buf_printf(
			b,
			"{\"prompt\":\"p\",\"responses\":[\"print %zu\",\"%s\",\"echo %zu\"],"
			"\"reference\":\"print %zu\"}\n",
			i, i % 100 == 99 ? last : "other", i, i);
}

static void test_thousands_wait_and_threads_change_nothing(void)
{
	static const uint32_t ways[][2] = { { 1, 1024 }, { 2, 64 }, { 4, 1 }, { 8, 4096 } };
	struct meed_buf in = { 0 }, first = { 0 }, out = { 0 };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	struct fix f;

	rows(&in, 1000, "die-always");
	open_fix(&f, "tests/unit/fakecage", 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct meed_run_opts o = { .threads = ways[i][0], .window = ways[i][1] };

		CU_ASSERT_FATAL(fix_run(&f, in.p, in.n, o, i ? &out : &first, &st, &err));
		CU_ASSERT_EQUAL(st.n_samples, 1000);
		CU_ASSERT_EQUAL(st.n_outputs, 3000);
		CU_ASSERT_EQUAL(st.n_posts, 3000);
		CU_ASSERT_EQUAL(st.n_failed, 10);
		if (i)
			CU_ASSERT(out.n == first.n && memcmp(out.p, first.p, out.n) == 0);
	}
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&first);
	meed_buf_release(&out);
}

static void test_one_row_is_scored_by_what_it_prints(void)
{
	struct fix f;

	open_fix(&f, "tests/unit/fakecage", 0);
	CU_ASSERT_FATAL(fix_score(
		&f, "{\"prompt\":\"p\",\"responses\":[\"print 1\",\"print 2\",\"too-few\"],"
		    "\"reference\":\"print 1\"}"));
	CU_ASSERT(f.res.outs[0].valid && f.res.outs[0].score == 1);
	CU_ASSERT(f.res.outs[1].valid && f.res.outs[1].score == 0);
	CU_ASSERT_FALSE(f.res.outs[2].valid);
	CU_ASSERT_EQUAL(f.res.outs[2].code, MEED_E_UPSTREAM);
	fix_close(&f);
}

static void test_where_nothing_can_be_run_every_evaluation_says_why(void)
{
	struct meed_buf in = { 0 }, out = { 0 };
	struct meed_run_opts o = { .threads = 2 };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	struct fix f;

	rows(&in, 100, "other");
	open_fix(&f, "no-such-cage", 0);
	CU_ASSERT_FATAL(fix_run(&f, in.p, in.n, o, &out, &st, &err));
	CU_ASSERT_EQUAL(st.n_failed, 300);
	meed_buf_putc(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(out.p, "\"code\":\"unsupported\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(out.p, "no-such-cage is not there"));
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&out);
}

/* A row that waits its turn longer than it may take itself is not late. */
static void test_waiting_for_a_cage_is_no_part_of_the_time(void)
{
	struct meed_buf in = { 0 }, out = { 0 };
	struct meed_run_opts o = { .threads = 2, .window = 2000 };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	struct fix f;

	rows(&in, 1500, "other");
	open_fix(&f, "tests/unit/fakecage", 1000);
	CU_ASSERT_FATAL(fix_run(&f, in.p, in.n, o, &out, &st, &err));
	CU_ASSERT_EQUAL(st.n_failed, 0);
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&out);
}

struct canceller {
	char mark[256];
	atomic_int flag;
};

/* Cancels as soon as a cage is at work. */
static void *canceller_main(void *arg)
{
	const struct timespec ts = { 0, 1000000 };
	struct canceller *k = arg;

	while (access(k->mark, R_OK) != 0)
		(void)nanosleep(&ts, NULL);
	atomic_store(&k->flag, 1);
	return NULL;
}

static void test_a_run_that_is_cancelled_ends_although_its_programs_do_not(void)
{
	struct canceller k = { .flag = 0 };
	struct meed_run_opts o = { .threads = 3, .window = 500, .cancel = &k.flag };
	struct meed_buf in = { 0 }, out = { 0 };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	pthread_t id;
	struct fix f;

	open_fix(&f, "tests/unit/fakecage", 0);
	(void)snprintf(k.mark, sizeof(k.mark), "/tmp/meed-cancel-%d", (int)getpid());
	for (size_t i = 0; i < 400; i++)
		meed_buf_printf(&in, "{\"prompt\":\"p\",\"responses\":[\"%s%s\"]}\n",
				i == 20 ? "hang " : "print", i == 20 ? k.mark : "");
	CU_ASSERT_EQUAL_FATAL(pthread_create(&id, NULL, canceller_main, &k), 0);
	/* the output is not renamed: what there is stands in its part */
	CU_ASSERT_FALSE(fix_run(&f, in.p, in.n, o, &out, &st, &err));
	(void)pthread_join(id, NULL);
	CU_ASSERT_TRUE(st.cancelled);
	/* what was cut short is not written as a failure: it is to be scored when the run goes on */
	CU_ASSERT(st.n_samples < 400);
	CU_ASSERT_EQUAL(st.n_failed, 0);
	(void)unlink(k.mark);
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&out);
}

int main(void)
{
	CU_TestInfo tests[] = { { "thousands wait, and threads change nothing",
				  test_thousands_wait_and_threads_change_nothing },
				{ "one row is scored by what it prints",
				  test_one_row_is_scored_by_what_it_prints },
				{ "where nothing can be run every evaluation says why",
				  test_where_nothing_can_be_run_every_evaluation_says_why },
				{ "waiting for a cage is no part of the time",
				  test_waiting_for_a_cage_is_no_part_of_the_time },
				{ "a run that is cancelled ends although its programs do not",
				  test_a_run_that_is_cancelled_ends_although_its_programs_do_not },
				CU_TEST_INFO_NULL };
	CU_SuiteInfo suites[] = { { "engine with programs", NULL, NULL, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
