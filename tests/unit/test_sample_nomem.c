/* test_sample_nomem.c - reading and writing rows when memory runs out: for every n, the n-th
 * allocation fails. The linker hands our calls, and those for json-c's objects, to __wrap_NAME
 * (see sample.am). */
#include "config.h"
#include "host/sample/sample.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <json-c/json.h>

/* The n-th allocation fails; 0: none. */
static size_t fail_at, n_calls;

static bool fails(void)
{
	return fail_at && ++n_calls == fail_at;
}

#define WRAP(ret, name, params, args)  \
	ret __real_##name params;      \
	ret __wrap_##name params;      \
	ret __wrap_##name params       \
	{                              \
		if (fails())           \
			return 0;      \
		return __real_##name args; \
	}

WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t n), (p, n))
WRAP(char *, strdup, (const char *s), (s))
WRAP(struct json_object *, json_object_new_object, (void), ())
WRAP(struct json_object *, json_object_new_array, (void), ())
WRAP(struct json_object *, json_object_new_array_ext, (int n), (n))
WRAP(struct json_object *, json_object_new_boolean, (json_bool b), (b))
WRAP(struct json_object *, json_object_new_int64, (int64_t i), (i))
WRAP(struct json_object *, json_object_new_uint64, (uint64_t i), (i))
WRAP(struct json_object *, json_object_new_double_s, (double x, const char *s), (x, s))
WRAP(struct json_object *, json_object_new_string_len, (const char *s, const int n), (s, n))

int __real_json_object_object_add_ex(struct json_object *o, const char *const key,
				     struct json_object *const v, const unsigned int how);
int __wrap_json_object_object_add_ex(struct json_object *o, const char *const key,
				     struct json_object *const v, const unsigned int how);
int __wrap_json_object_object_add_ex(struct json_object *o, const char *const key,
				     struct json_object *const v, const unsigned int how)
{
	return fails() ? -1 : __real_json_object_object_add_ex(o, key, v, how);
}

int __real_json_object_array_add(struct json_object *o, struct json_object *v);
int __wrap_json_object_array_add(struct json_object *o, struct json_object *v);
int __wrap_json_object_array_add(struct json_object *o, struct json_object *v)
{
	return fails() ? -1 : __real_json_object_array_add(o, v);
}

static const char preference[] =
	"{\"prompt\":\"q\",\"chosen\":[\"a\",5],\"rejected\":[{\"role\":\"user\",\"content\":\"z\"},"
	"{\"role\":\"assistant\",\"content\":[\"b\",\"c\"],\"label\":{\"reference\":1}}],\"x\":1,"
	"\"metadata\":{\"x\":2},\"reference\":[1,2],\"n\":18446744073709551616}";
static const char instruction[] =
	"{\"instruction\":\"q\\n\",\"input\":\"i\",\"output\":[\"a\",null],\"metadata\":{\"x\":2}}";
static const char verl[] =
	"{\"data_source\":\"d\",\"prompt\":\"q\",\"solution_str\":\"a\",\"extra_info\":{\"k\":1},"
	"\"reward_model\":{\"ground_truth\":\"r\",\"s\":18446744073709551615}}";
static const char canonical[] =
	"{\"output\":[{\"answer\":{\"content\":\"a\",\"t\":true},\"steps\":[\"x\"],\"metadata\":3},{}],"
	"\"a key that is longer than sixty-four bytes, so that it is copied elsewhere\":1}";

static const char rmb[] =
	"{\"pair_uid\":7,\"conversation_input\":[{\"role\":\"user\",\"content\":\"q\"}],\"chosen\":"
	"{\"llm_name\":\"m\",\"answer\":\"a\",\"z\":1},\"reject\":{\"answer\":[{\"role\":\"user\","
	"\"content\":\"z\"},{\"role\":\"assistant\",\"content\":\"b\"}],\"z\":1},\"x\":1}";
static const char prm[] =
	"{\"idx\":1,\"question\":\"q\",\"original_process\":[\"a\",\"b\"],\"modified_process\":"
	"[\"a\",\"c\"],\"error_steps\":[2],\"x\":1,\"metadata\":{\"x\":2}}";
static const char bon[] =
	"{\"question\":\"q\",\"gt\":\"1\",\"code\":[\"a\",\"b\"],\"score\":[true,false],"
	"\"pred_score\":[[1],[2.5]],\"x\":1}";

static const char helpsteer[] =
	"{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":3,\"correctness\":1.5,\"x\":1}";
static const char trl[] =
	"{\"prompt\":\"q\",\"completions\":[\"a\",\"b\"],\"labels\":[true,false],\"x\":1}";

/* Reads rows as one sample and writes it. Returns the code; the text is in out if it is 0. */
static int32_t run(const char *map, const char *const *rows, size_t n, struct meed_buf *out)
{
	struct meed_schema *s = NULL;
	struct meed_parser *p = NULL;
	struct meed_arena a = { 0 };
	struct meed_row *row = NULL;
	struct meed_err err = { 0 };
	struct meed_line lines[4] = { { 0 } };
	int32_t r = meed_schema_new(NULL, map, "/x", &err, &s);

	for (size_t i = 0; i < n; i++)
		lines[i] = (struct meed_line){ .p = rows[i], .n = strlen(rows[i]) };
	if (r >= 0) {
		p = meed_parser_new(s);
		r = p ? meed_parser_row(p, lines, n, &a, &err, &row) : MEED_E_NOMEM;
	}
	if (r >= 0) {
		meed_row_write(row, NULL, MEED_LEVEL_FULL, true, out);
		r = out->failed ? MEED_E_NOMEM : MEED_OK;
	}
	meed_row_release(row);
	meed_parser_free(p);
	meed_schema_free(s);
	meed_arena_release(&a);
	return r;
}

/* Either it is an error, or the text is the one that a run without failures gives. */
static void try_all(const char *map, const char *const *rows, size_t n)
{
	struct meed_buf want = { 0 };

	fail_at = 0;
	CU_ASSERT_EQUAL_FATAL(run(map, rows, n, &want), 0);
	for (size_t k = 1;; k++) {
		struct meed_buf got = { 0 };
		size_t calls;
		int32_t r;

		fail_at = k;
		n_calls = 0;
		r = run(map, rows, n, &got);
		calls = n_calls;
		fail_at = 0;
		if (r != MEED_OK)
			CU_ASSERT_EQUAL(r, MEED_E_NOMEM)
		else
			CU_ASSERT(got.n == want.n && memcmp(got.p, want.p, got.n) == 0);
		meed_buf_release(&got);
		if (calls < k)
			break;
	}
	meed_buf_release(&want);
}

static void test_rows_are_whole_or_an_error(void)
{
	static const char *const all[] = { preference, instruction, verl, canonical };
	static const char *const benches[] = { rmb, prm, bon, helpsteer, trl };

	for (size_t i = 0; i < 4; i++)
		try_all(NULL, &all[i], 1);
	try_all(NULL, all, 4);
	for (size_t i = 0; i < 5; i++)
		try_all(NULL, &benches[i], 1);
	try_all("response=/output/0,reference=/metadata/x,reference=/input,prompt=/instruction",
		&all[1], 1);
	try_all("response=/solution_str,metadata=/extra_info,reference=/reward_model/ground_truth",
		&all[2], 1);
}

static int32_t read_all(const char *path, size_t *ret_lines)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	int32_t r = meed_input_open(&path, 1, 100, &err, &in);

	*ret_lines = 0;
	while (r >= 0 && (r = meed_input_next(in, &b, 3, 64, &err)) == 1)
		*ret_lines += b.n;
	meed_block_release(&b);
	meed_input_close(in);
	return r;
}

static void write_rows(FILE *f, const char *name)
{
	bool list = strstr(name, ".json"), csv = strstr(name, ".csv");

	(void)fputs(list ? "[\n" : csv ? "i,j\n" : "", f);
	for (int i = 0; i < 200; i++) {
		if (csv)
			(void)fprintf(f, "%d,\"%0*d\"\n", i, i % 90, i);
		else
			(void)fprintf(f, "%s{\"i\":%0*d}\n", list && i ? "," : "", i % 90, i);
	}
	(void)fputs(list ? "]" : "", f);
}

static void all_or_an_error(const char *path)
{
	for (size_t k = 1;; k++) {
		size_t lines, calls;
		int32_t r;

		fail_at = k;
		n_calls = 0;
		r = read_all(path, &lines);
		calls = n_calls;
		fail_at = 0;
		CU_ASSERT(r == MEED_E_NOMEM || (r == 0 && lines == 200));
		if (calls < k)
			break;
	}
}

static void test_lines_are_all_read_or_an_error(void)
{
	static const char *const ends[] = { "", ".json", ".csv" };

	for (size_t i = 0; i < 3; i++) {
		char path[40];
		int fd;
		FILE *f;

		(void)snprintf(path, sizeof(path), "/tmp/meed-nomem-XXXXXX%s", ends[i]);
		fd = mkstemps(path, (int)strlen(ends[i]));
		f = fd < 0 ? NULL : fdopen(fd, "w");
		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		write_rows(f, ends[i]);
		CU_ASSERT_EQUAL(fclose(f), 0);
		all_or_an_error(path);
		(void)unlink(path);
	}
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "rows are whole or an error", test_rows_are_whole_or_an_error },
		{ "lines are all read or an error", test_lines_are_all_read_or_an_error },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "out of memory", NULL, NULL, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
