/* test_data_spill.c - sorting and spooling through temporary files loses and moves nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/data/spill.h"
#include "tests/unit/suites.h"

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* n records with random keys, each with its key and number in it, come out sorted. */
static void sort_records(uint64_t memory, size_t n, size_t size)
{
	struct meed_sorter *s = meed_sorter_new(memory);
	char *p = calloc(1, size), last[16] = { 0 };
	uint64_t x = 88172645463325252u, sum = 0, seen = 0;
	struct meed_err err = { 0 };
	meed_str key, rec;
	size_t i, count = 0;
	bool ordered = true, whole = true;
	int r = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (i = 0; i < n; i++) {
		unsigned char k[16];

		meed_key_u64(k, next_random(&x) % (n / 2 + 1));
		meed_key_u64(k + 8, i);
		memcpy(p, k, sizeof(k));
		sum += i;
		CU_ASSERT_EQUAL_FATAL(meed_sorter_add(s, k, sizeof(k), p, size - i % 7, &err), 0);
	}
	while ((r = meed_sorter_next(s, &key, &rec, &err)) > 0) {
		ordered = ordered && (count == 0 || memcmp(last, key.p, 16) < 0);
		memcpy(last, key.p, 16);
		i = (size_t)meed_key_to_u64(key.p + 8);
		whole = whole && key.n == 16 && rec.n == size - i % 7 &&
			memcmp(rec.p, key.p, 16) == 0;
		seen += i;
		count++;
	}
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(count, n);
	CU_ASSERT_EQUAL(seen, sum);
	CU_ASSERT(ordered);
	CU_ASSERT(whole);
	CU_ASSERT_EQUAL(meed_sorter_next(s, &key, &rec, &err), 0);
	meed_sorter_free(s);
	free(p);
}

static void test_records_sort_in_memory(void)
{
	sort_records(64 << 20, 0, 32);
	sort_records(64 << 20, 1, 32);
	sort_records(64 << 20, 5000, 32);
}

static void test_records_sort_through_a_file(void)
{
	sort_records(1 << 20, 20000, 200);
}

/* The least memory is 256 KiB: 30 MiB make more runs than are merged at once. */
static void test_many_runs_are_merged_in_turns(void)
{
	sort_records(1, 50000, 600);
}

static void test_a_record_may_be_larger_than_the_memory(void)
{
	sort_records(1, 12, 1 << 20);
}

static void test_shorter_keys_come_first(void)
{
	static const char *const keys[] = { "b", "", "ab", "a", "aba" };
	static const char *const want[] = { "", "a", "ab", "aba", "b" };
	struct meed_sorter *s = meed_sorter_new(0);
	struct meed_err err = { 0 };
	meed_str key, rec;
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	for (i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(meed_sorter_add(s, keys[i], strlen(keys[i]), NULL, 0, &err), 0);
	for (i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL_FATAL(meed_sorter_next(s, &key, &rec, &err), 1);
		CU_ASSERT(meed_str_eq(key, meed_str_of(want[i])));
	}
	meed_sorter_free(s);
}

static void spool_records(size_t n, size_t size)
{
	struct meed_spool s = MEED_SPOOL_INIT;
	struct meed_err err = { 0 };
	char *p = calloc(1, size + 8);
	meed_str rec;
	size_t i;
	bool whole = true;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (i = 0; i < n; i++) {
		memcpy(p, &i, sizeof(i));
		CU_ASSERT_EQUAL_FATAL(meed_spool_add(&s, p, 8 + i % (size + 1), &err), 0);
	}
	for (i = 0; i < n && meed_spool_next(&s, &rec, &err) > 0; i++)
		whole = whole && rec.n == 8 + i % (size + 1) && memcmp(rec.p, &i, sizeof(i)) == 0;
	CU_ASSERT_EQUAL(i, n);
	CU_ASSERT(whole);
	CU_ASSERT_EQUAL(meed_spool_next(&s, &rec, &err), 0);
	meed_spool_release(&s);
	free(p);
}

static void test_a_spool_gives_back_what_was_put_in(void)
{
	spool_records(0, 0);
	spool_records(10, 5);
	spool_records(20000, 300);
	spool_records(9, 1 << 20);
}

static void test_a_missing_folder_is_told(void)
{
	struct meed_spool s = MEED_SPOOL_INIT;
	struct meed_err err = { 0 };
	char big[1 << 12] = { 0 };
	int32_t r = 0;
	size_t i;

	CU_ASSERT_EQUAL(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
	for (i = 0; i < 100 && r == 0; i++)
		r = meed_spool_add(&s, big, sizeof(big), &err);
	CU_ASSERT_EQUAL(r, MEED_E_CANTCREAT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "set TMPDIR"));
	CU_ASSERT_EQUAL(unsetenv("TMPDIR"), 0);
	meed_spool_release(&s);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "records_sort_in_memory", test_records_sort_in_memory },
		{ "records_sort_through_a_file", test_records_sort_through_a_file },
		{ "many_runs_are_merged_in_turns", test_many_runs_are_merged_in_turns },
		{ "a_record_may_be_larger_than_the_memory",
		  test_a_record_may_be_larger_than_the_memory },
		{ "shorter_keys_come_first", test_shorter_keys_come_first },
		{ "a_spool_gives_back_what_was_put_in", test_a_spool_gives_back_what_was_put_in },
		{ "a_missing_folder_is_told", test_a_missing_folder_is_told },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "spill", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
