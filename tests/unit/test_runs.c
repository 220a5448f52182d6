/* test_runs.c - statistics of runs against figures worked out elsewhere. */
#include "config.h"
#include "host/runs/run_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/suites.h"

static bool near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

static void test_correlations(void)
{
	static const double x[] = { 1, 2, 3, 4, 5, 6, 7 }, y[] = { 2, 1, 4, 3, 7, 5, 3.5 };
	static const double tied[] = { 1, 1, 2, 2, 3, 3, 3 };
	struct comoments c = { .cxy = 0 };
	double rho, low, high;
	size_t i;

	for (i = 0; i < 7; i++)
		comoments_put(&c, x[i], y[i]);
	CU_ASSERT(near(comoments_r(&c), 0.606098, 1e-6));
	CU_ASSERT(spearman(x, y, 7, &rho));
	CU_ASSERT(near(rho, 0.642857, 1e-6));
	CU_ASSERT(spearman(x, tied, 7, &rho));
	CU_ASSERT(near(rho, 0.944911, 1e-6));
	CU_ASSERT(spearman(tied, tied, 2, &rho));
	CU_ASSERT(isnan(rho));
	correlation_interval(0.5, 28, &low, &high);
	CU_ASSERT(near(low, 0.156028, 1e-6) && near(high, 0.735818, 1e-6));
	correlation_interval(1, 28, &low, &high);
	CU_ASSERT(isnan(low));
}

/* Wilson 1927: 8 of 10 is [0.4902, 0.9433]. */
static void test_share_interval(void)
{
	double low, high;

	share_interval(0.8, 10, &low, &high);
	CU_ASSERT(near(low, 0.4902, 0.0001) && near(high, 0.9433, 0.0001));
	share_interval(1, 5, &low, &high);
	CU_ASSERT(high <= 1 && near(low, 0.5655, 0.0001));
	share_interval(NAN, 0, &low, &high);
	CU_ASSERT(isnan(low));
}

static void fill(struct meed_sketch *s, const double *v, size_t n, size_t times)
{
	size_t i, k;

	meed_sketch_init(s);
	for (k = 0; k < times; k++)
		for (i = 0; i < n; i++)
			meed_sketch_put(s, v[i]);
}

static void test_distances(void)
{
	static const double a[] = { 0.1, 0.2, 0.3, 0.4 }, b[] = { 0.3, 0.4, 0.5, 0.6 };
	struct meed_sketch s, t, e;

	fill(&s, a, 4, 1);
	fill(&t, b, 4, 1);
	meed_sketch_init(&e);
	CU_ASSERT(near(ks_distance(&s, &t), 0.5, 1e-12));
	CU_ASSERT(near(ks_distance(&s, &s), 0, 1e-12));
	CU_ASSERT(isnan(ks_distance(&s, &e)));
	CU_ASSERT(near(psi(&s, &s), 0, 1e-12));
	CU_ASSERT(isnan(psi(&e, &s)));
	meed_sketch_release(&s);
	meed_sketch_release(&t);
	/* half of the first lies in what is a tenth of the second: two values, 50/50 and 90/10 */
	static const double even[] = { 0, 1 }, odd[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

	fill(&s, even, 2, 500);
	fill(&t, odd, 10, 100);
	CU_ASSERT(near(ks_distance(&s, &t), 0.4, 1e-12));
	CU_ASSERT(near(psi(&s, &t), 0.4 * log(0.9 / 0.5) - 0.4 * log(0.1 / 0.5), 1e-9));
	meed_sketch_release(&s);
	meed_sketch_release(&t);
}

/* Two runs keep the same keys however many there are. */
static void test_kept_outputs_join(void)
{
	struct kept a, b;
	struct kept_output *v, *w;
	uint64_t x = 88172645463325252u, i;
	size_t n = 0, k;

	CU_ASSERT_FATAL(kept_init(&a) && kept_init(&b));
	for (i = 0; i < 300000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		kept_put(&a, x, (double)i, 0);
		if (i % 3 != 0)
			kept_put(&b, x, (double)i, 0);
	}
	CU_ASSERT(a.n < KEPT_MAX && a.n > KEPT_MAX / 3);
	kept_put(&a, 1, 0, 0);
	kept_put(&a, 1, 5, 0);
	CU_ASSERT_EQUAL(a.n_twice, 1);
	v = kept_sorted(&a);
	w = kept_sorted(&b);
	CU_ASSERT_FATAL(v && w);
	for (i = 0, k = 0; i < a.n && v[i].key <= b.limit; i++) {
		while (k < b.n && w[k].key < v[i].key)
			k++;
		if (k < b.n && w[k].key == v[i].key) {
			CU_ASSERT(w[k].score <= v[i].score && w[k].score >= v[i].score);
			n++;
		}
	}
	/* two thirds of those that the lower limit lets through */
	CU_ASSERT(near((double)n / (double)i, 2.0 / 3, 0.02));
	free(v);
	free(w);
	kept_release(&a);
	kept_release(&b);
}

static void test_canaries_are_known(void)
{
	struct meed_buf b = { 0 };

	CU_ASSERT(meed_canaries_known(MEED_STR(" :\n")));
	CU_ASSERT(meed_canaries_known(MEED_STR("Thought process:")));
	CU_ASSERT(meed_canaries_known(MEED_STR("")));
	CU_ASSERT_FALSE(meed_canaries_known(MEED_STR("Thought process: 2 + 2 = 4")));
	meed_canaries_rows(&b);
	CU_ASSERT(b.n > 1000 && !b.failed);
	meed_buf_release(&b);
}

/* Writes rows to a file and reads them as a run. */
static struct meed_run_file *run_of(const char *rows)
{
	const struct meed_run_file_opts o = { .composition = NULL };
	char path[] = "/tmp/meed-runs.XXXXXX";
	struct meed_run_file *f = NULL;
	struct meed_err err = { 0 };
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, rows, strlen(rows)) != (ssize_t)strlen(rows))
		return NULL;
	(void)close(fd);
	if (meed_run_file_read(path, "run", &o, &err, &f) < 0)
		printf("%s ", err.text);
	(void)unlink(path);
	return f;
}

#define OUT(text, score, label)                                                                    \
	"{\"answer\":{\"role\":\"assistant\",\"content\":\"" text "\",\"label\":" label            \
	",\"reward\":{\"composition\":\"c\",\"score\":" score ",\"details\":[{\"name\":\"a\","     \
	"\"score\":" score ",\"weight\":1,\"contribution\":" score                                 \
	"},{\"name\":\"b\",\"score\":1,"                                                           \
	"\"weight\":1,\"contribution\":0}]}}}"
#define FAILED                                                                                     \
	"{\"answer\":{\"role\":\"assistant\",\"content\":\"x\",\"label\":{\"preference\":"         \
	"\"rejected\"},\"reward\":{\"valid\":false,\"error\":{\"code\":\"timeout\",\"message\":"   \
	"\"m\"}}}}"
#define ROW(id, prompt, outs)                                                                      \
	"{\"unique_id\":\"" id "\",\"input\":[{\"role\":\"user\",\"content\":\"" prompt "\"}],"    \
	"\"output\":[" outs "],\"task_category\":\"t\"}\n"
#define CHOSEN "{\"preference\":\"chosen\"}"
#define REJECTED "{\"preference\":\"rejected\"}"

static void test_a_run_is_counted_whole(void)
{
	struct meed_run_file *f = run_of(
		ROW("1", "p", OUT("one", "1", CHOSEN) "," OUT("two", "0", REJECTED))
			ROW("2", "q", OUT("one", "0", CHOSEN) "," OUT("three", "0", REJECTED)) ROW(
				"3", "r", OUT("same", "1", CHOSEN) "," OUT("same", "1", REJECTED))
				ROW("4", "s", OUT(":", "1", CHOSEN) "," FAILED) "not a row\n");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->n_samples, 4);
	CU_ASSERT_EQUAL(f->n_bad, 1);
	CU_ASSERT_EQUAL(f->n_outputs, 8);
	CU_ASSERT_EQUAL(f->score.n, 7);
	CU_ASSERT_EQUAL(f->n_failed, 1);
	CU_ASSERT_EQUAL(f->n_groups, 3);
	CU_ASSERT_EQUAL(f->n_alike, 1);
	CU_ASSERT_EQUAL(f->n_collapsed, 1);
	CU_ASSERT_EQUAL(f->pairs.n, 4);
	CU_ASSERT_EQUAL(f->pairs.right, 1);
	CU_ASSERT_EQUAL(f->pairs.ties, 2);
	CU_ASSERT_EQUAL(f->pairs.unscored, 1);
	CU_ASSERT_EQUAL(f->n_low, 3);
	CU_ASSERT_EQUAL(f->n_high, 4);
	CU_ASSERT_EQUAL(f->n_canaries, 1);
	CU_ASSERT_EQUAL(f->n_members, 2);
	CU_ASSERT(near(member_share(f, &f->members[0]), 1, 1e-12));
	CU_ASSERT(near(member_share(f, &f->members[1]), 0, 1e-12));
	CU_ASSERT_STRING_EQUAL(f->failures[0].code, "timeout");
	CU_ASSERT_STRING_EQUAL(f->composition, "c");
	meed_run_file_free(f);
}

static void test_an_empty_file_is_no_run(void)
{
	CU_ASSERT_PTR_NULL(run_of(""));
}

int main(void)
{
	CU_TestInfo figures[] = {
		{ "correlations", test_correlations },
		{ "share_interval", test_share_interval },
		{ "distances", test_distances },
		{ "kept_outputs_join", test_kept_outputs_join },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo runs[] = {
		{ "canaries_are_known", test_canaries_are_known },
		{ "a_run_is_counted_whole", test_a_run_is_counted_whole },
		{ "an_empty_file_is_no_run", test_an_empty_file_is_no_run },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "figures", NULL, NULL, NULL, NULL, figures },
		{ "runs", NULL, NULL, NULL, NULL, runs },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
