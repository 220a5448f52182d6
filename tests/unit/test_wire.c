/* test_wire.c - frames between the host and meed-cage: what is written reads back, and no bytes
 * that could arrive do harm. */
#include "config.h"

#include <stdlib.h>

#include "host/exec/wire.h"
#include "tests/unit/suites.h"

#define STR_IS(s, lit) CU_ASSERT_TRUE(meed_str_eq((s), MEED_STR(lit)) && (s).p[(s).n] == '\0')

static const meed_str run_words[] = { { "/usr/bin/python3", 16 }, { "main.py", 7 } };
static const meed_str modules[] = { { "json", 4 } };
static const meed_str environment[] = { { "A=b", 3 } };
static const meed_file files[] = { { "a/b.txt", { "x\0y", 3 } }, { "empty", { "", 0 } } };
static const char *const args[] = { "-v", "" };
static const char *const fetch[] = { "out.txt" };
static const meed_exec_run full_run = { .struct_size = sizeof(full_run),
					.args = args,
					.n_args = 2,
					.input = { "in\0put", 6 },
					.partner_input = { "p", 1 },
					.files = files,
					.n_files = 2,
					.fetch = fetch,
					.n_fetch = 1 };
static const meed_exec_run empty_run = { .struct_size = sizeof(empty_run) };
static const meed_exec_run *const runs[] = { &full_run, &empty_run };
static const meed_limits limits = { sizeof(limits), 3, 1000, 900, UINT64_MAX, 5, 6 };

static struct wire_job job_full(void)
{
	struct wire_job j = {
		.id = UINT64_C(0x0123456789abcdef),
		.flags = MEED_EXEC_STOP | MEED_EXEC_CROSS,
		.program = { .runtime = MEED_STR("python"),
			     .file = MEED_STR("main.py"),
			     .run = run_words,
			     .n_run = 2,
			     .check = run_words,
			     .n_check = 1,
			     .warm = MEED_STR("python"),
			     .preload = modules,
			     .n_preload = 1,
			     .env = environment,
			     .n_env = 1,
			     .code = MEED_STR("print(1)\n"),
			     .has_code = true,
			     .files = files,
			     .n_files = 2 },
		.partner = { .runtime = MEED_STR("bash"), .compile = run_words, .n_compile = 2 },
		.has_partner = true,
		.compile_limits = limits,
		.run_limits = limits,
		.runs = runs,
		.n_runs = 2
	};

	return j;
}

static const meed_ran ran_exit = { .struct_size = sizeof(ran_exit),
				   .outcome = MEED_RAN_EXIT,
				   .code = -1,
				   .cut = 3,
				   .wall_us = UINT64_MAX,
				   .cpu_us = 2,
				   .memory_peak = 3,
				   .out = { "o\0", 2 },
				   .err = { "e", 1 },
				   .files = files,
				   .n_files = 2 };
static const meed_ran ran_not = { .struct_size = sizeof(ran_not), .outcome = MEED_RAN_NOT };
static const meed_ran *const rans[] = { &ran_exit, &ran_not };
static const meed_ran *const partners[] = { &ran_not, &ran_exit };

static struct wire_answer answer_full(void)
{
	struct wire_answer a = { .id = 7,
				 .status = MEED_OK,
				 .error = MEED_STR("why"),
				 .result = { .struct_size = sizeof(a.result),
					     .compiled = &ran_exit,
					     .partner_compiled = &ran_not,
					     .runs = rans,
					     .partners = partners,
					     .n_runs = 2 } };

	return a;
}

static meed_str body_of(const struct meed_buf *b, enum wire_kind want)
{
	enum wire_kind kind = 0;
	uint64_t n = 0;
	meed_str s = { b->p + WIRE_HEADER, b->n - WIRE_HEADER };

	CU_ASSERT_EQUAL_FATAL(wire_header(b->p, &kind, &n), MEED_OK);
	CU_ASSERT_EQUAL(kind, want);
	CU_ASSERT_EQUAL_FATAL(n, s.n);
	return s;
}

static void test_a_hello_reads_back(void)
{
	struct wire_hello h = { 1, true, false, MEED_STR("v1 memory pids") }, got = { 0 };
	struct meed_buf b = { 0 };

	wire_put_hello(&b, &h);
	CU_ASSERT_FALSE_FATAL(b.failed);
	CU_ASSERT_EQUAL_FATAL(wire_get_hello(body_of(&b, WIRE_HELLO), &got), MEED_OK);
	CU_ASSERT_EQUAL(got.version, 1);
	CU_ASSERT_TRUE(got.memory_limit);
	CU_ASSERT_FALSE(got.pids_limit);
	STR_IS(got.cgroups, "v1 memory pids");
	meed_buf_release(&b);
}

static void check_files(const meed_file *v, size_t n)
{
	CU_ASSERT_EQUAL_FATAL(n, 2);
	CU_ASSERT_STRING_EQUAL(v[0].path, "a/b.txt");
	STR_IS(v[0].data, "x\0y");
	CU_ASSERT_STRING_EQUAL(v[1].path, "empty");
	STR_IS(v[1].data, "");
}

static void check_program(const struct wire_program *p)
{
	STR_IS(p->runtime, "python");
	STR_IS(p->file, "main.py");
	CU_ASSERT_EQUAL(p->n_compile, 0);
	CU_ASSERT_EQUAL_FATAL(p->n_run, 2);
	STR_IS(p->run[0], "/usr/bin/python3");
	STR_IS(p->run[1], "main.py");
	CU_ASSERT_EQUAL(p->n_check, 1);
	STR_IS(p->warm, "python");
	CU_ASSERT_EQUAL_FATAL(p->n_preload, 1);
	STR_IS(p->preload[0], "json");
	CU_ASSERT_EQUAL_FATAL(p->n_env, 1);
	STR_IS(p->env[0], "A=b");
	CU_ASSERT_TRUE(p->has_code);
	STR_IS(p->code, "print(1)\n");
	check_files(p->files, p->n_files);
}

static void check_run(const meed_exec_run *r)
{
	CU_ASSERT_EQUAL(r->struct_size, sizeof(*r));
	CU_ASSERT_EQUAL_FATAL(r->n_args, 2);
	CU_ASSERT_STRING_EQUAL(r->args[0], "-v");
	CU_ASSERT_STRING_EQUAL(r->args[1], "");
	STR_IS(r->input, "in\0put");
	STR_IS(r->partner_input, "p");
	check_files(r->files, r->n_files);
	CU_ASSERT_EQUAL_FATAL(r->n_fetch, 1);
	CU_ASSERT_STRING_EQUAL(r->fetch[0], "out.txt");
}

static void test_a_job_reads_back(void)
{
	struct wire_job j = job_full(), got = { 0 };
	struct meed_arena a = { 0 };
	struct meed_buf b = { 0 };

	wire_put_job(&b, &j);
	CU_ASSERT_FALSE_FATAL(b.failed);
	CU_ASSERT_EQUAL_FATAL(wire_get_job(&a, body_of(&b, WIRE_JOB), &got), MEED_OK);
	CU_ASSERT_EQUAL(got.id, j.id);
	CU_ASSERT_EQUAL(got.flags, j.flags);
	check_program(&got.program);
	CU_ASSERT_TRUE_FATAL(got.has_partner);
	STR_IS(got.partner.runtime, "bash");
	CU_ASSERT_EQUAL(got.partner.n_compile, 2);
	CU_ASSERT_FALSE(got.partner.has_code);
	CU_ASSERT_EQUAL(memcmp(&got.run_limits, &limits, sizeof(limits)), 0);
	CU_ASSERT_EQUAL(memcmp(&got.compile_limits, &limits, sizeof(limits)), 0);
	CU_ASSERT_EQUAL_FATAL(got.n_runs, 2);
	check_run(got.runs[0]);
	CU_ASSERT_EQUAL(got.runs[1]->n_args, 0);
	STR_IS(got.runs[1]->input, "");
	meed_buf_release(&b);
	meed_arena_release(&a);
}

static void check_ran(const meed_ran *r)
{
	CU_ASSERT_EQUAL(r->struct_size, sizeof(*r));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->code, -1);
	CU_ASSERT_EQUAL(r->cut, 3);
	CU_ASSERT_EQUAL(r->wall_us, UINT64_MAX);
	CU_ASSERT_EQUAL(r->cpu_us, 2);
	CU_ASSERT_EQUAL(r->memory_peak, 3);
	STR_IS(r->out, "o\0");
	STR_IS(r->err, "e");
	check_files(r->files, r->n_files);
}

static void test_an_answer_reads_back(void)
{
	struct wire_answer w = answer_full(), got = { 0 };
	struct meed_arena a = { 0 };
	struct meed_buf b = { 0 };

	wire_put_answer(&b, &w);
	CU_ASSERT_EQUAL_FATAL(wire_get_answer(&a, body_of(&b, WIRE_ANSWER), &got), MEED_OK);
	CU_ASSERT_EQUAL(got.id, 7);
	STR_IS(got.error, "why");
	check_ran(got.result.compiled);
	CU_ASSERT_EQUAL(got.result.partner_compiled->outcome, MEED_RAN_NOT);
	CU_ASSERT_EQUAL_FATAL(got.result.n_runs, 2);
	check_ran(got.result.runs[0]);
	check_ran(got.result.partners[1]);
	meed_buf_release(&b);
	meed_arena_release(&a);
}

static void test_an_answer_without_runs_reads_back(void)
{
	struct wire_answer w = { .id = 1, .status = MEED_E_UPSTREAM }, got = { 0 };
	struct meed_arena a = { 0 };
	struct meed_buf b = { 0 };

	wire_put_answer(&b, &w);
	CU_ASSERT_EQUAL_FATAL(wire_get_answer(&a, body_of(&b, WIRE_ANSWER), &got), MEED_OK);
	CU_ASSERT_EQUAL(got.status, MEED_E_UPSTREAM);
	CU_ASSERT_PTR_NULL(got.result.compiled);
	CU_ASSERT_PTR_NULL(got.result.partners);
	CU_ASSERT_EQUAL(got.result.n_runs, 0);
	meed_buf_release(&b);
	meed_arena_release(&a);
}

/* Reads a body as whatever it is, from memory of just its size; 0 if it parsed. */
static int32_t read_exact(enum wire_kind kind, meed_str body)
{
	char *copy = malloc(body.n ? body.n : 1);
	struct meed_arena a = { 0 };
	struct wire_hello h;
	struct wire_job j;
	struct wire_answer w;
	meed_str s = { copy, body.n };
	int32_t r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, body.p, body.n);
	if (kind == WIRE_HELLO)
		r = wire_get_hello(s, &h);
	else if (kind == WIRE_JOB)
		r = wire_get_job(&a, s, &j);
	else
		r = wire_get_answer(&a, s, &w);
	meed_arena_release(&a);
	free(copy);
	return r;
}

static void put_kind(struct meed_buf *b, enum wire_kind kind)
{
	struct wire_hello h = { 1, true, true, MEED_STR("v2") };
	struct wire_job j = job_full();
	struct wire_answer w = answer_full();

	b->n = 0;
	if (kind == WIRE_HELLO)
		wire_put_hello(b, &h);
	else if (kind == WIRE_JOB)
		wire_put_job(b, &j);
	else
		wire_put_answer(b, &w);
}

static void test_a_frame_cut_short_anywhere_is_refused(void)
{
	struct meed_buf b = { 0 };

	for (enum wire_kind kind = WIRE_HELLO; kind <= WIRE_ANSWER; kind++) {
		meed_str body;

		put_kind(&b, kind);
		body = body_of(&b, kind);
		CU_ASSERT_EQUAL(read_exact(kind, body), MEED_OK);
		while (body.n) {
			body.n--;
			CU_ASSERT_EQUAL(read_exact(kind, body), MEED_E_PARSE);
		}
	}
	meed_buf_release(&b);
}

static void test_bytes_after_the_end_are_refused(void)
{
	struct meed_buf b = { 0 };

	for (enum wire_kind kind = WIRE_HELLO; kind <= WIRE_ANSWER; kind++) {
		meed_str body;

		put_kind(&b, kind);
		body = body_of(&b, kind);
		meed_buf_putc(&b, '\0');
		body.p = b.p + WIRE_HEADER;
		body.n++;
		CU_ASSERT_EQUAL(read_exact(kind, body), MEED_E_PARSE);
	}
	meed_buf_release(&b);
}

/* Every byte set to each of a few values: it may parse or not, but does no harm (which the
 * sanitizers see), and takes no memory out of proportion. */
static void test_any_byte_may_be_anything(void)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct meed_buf b = { 0 };

	for (enum wire_kind kind = WIRE_HELLO; kind <= WIRE_ANSWER; kind++) {
		meed_str body;

		put_kind(&b, kind);
		body = body_of(&b, kind);
		for (size_t i = 0; i < body.n; i++) {
			char was = b.p[WIRE_HEADER + i];

			for (size_t k = 0; k < sizeof(values); k++) {
				b.p[WIRE_HEADER + i] = (char)values[k];
				(void)read_exact(kind, body);
			}
			b.p[WIRE_HEADER + i] = was;
		}
	}
	meed_buf_release(&b);
}

static void test_a_count_takes_no_memory_that_the_frame_has_not_paid_for(void)
{
	struct wire_answer w = { .id = 1, .status = MEED_OK, .error = MEED_STR("") }, got;
	struct meed_arena a = { 0 };
	struct meed_buf b = { 0 };

	wire_put_answer(&b, &w);
	memset(b.p + b.n - 4, 0x7f, 4);
	CU_ASSERT_EQUAL(wire_get_answer(&a, body_of(&b, WIRE_ANSWER), &got), MEED_E_PARSE);
	CU_ASSERT_EQUAL(a.used, 0);
	meed_buf_release(&b);
	meed_arena_release(&a);
}

static void test_what_no_writer_may_send_is_refused(void)
{
	struct meed_buf b = { 0 };
	struct wire_job j = job_full();
	struct wire_answer w = answer_full();
	meed_ran odd = ran_exit;

	j.run_limits.disk = 0;
	wire_put_job(&b, &j);
	CU_ASSERT_EQUAL(read_exact(WIRE_JOB, body_of(&b, WIRE_JOB)), MEED_E_PARSE);
	b.n = 0;
	j = job_full();
	j.flags = 1u << 8;
	wire_put_job(&b, &j);
	CU_ASSERT_EQUAL(read_exact(WIRE_JOB, body_of(&b, WIRE_JOB)), MEED_E_PARSE);
	b.n = 0;
	j = job_full();
	j.program.file = MEED_STR("a\0b");
	wire_put_job(&b, &j);
	CU_ASSERT_EQUAL(read_exact(WIRE_JOB, body_of(&b, WIRE_JOB)), MEED_E_PARSE);
	b.n = 0;
	odd.outcome = MEED_RAN_OUTPUT + 1;
	w.result.compiled = &odd;
	wire_put_answer(&b, &w);
	CU_ASSERT_EQUAL(read_exact(WIRE_ANSWER, body_of(&b, WIRE_ANSWER)), MEED_E_PARSE);
	b.n = 0;
	w = answer_full();
	w.status = 1;
	wire_put_answer(&b, &w);
	CU_ASSERT_EQUAL(read_exact(WIRE_ANSWER, body_of(&b, WIRE_ANSWER)), MEED_E_PARSE);
	meed_buf_release(&b);
}

static void test_a_header_is_checked(void)
{
	struct meed_buf b = { 0 };
	enum wire_kind kind = 0;
	uint64_t n = 5;

	put_kind(&b, WIRE_HELLO);
	b.p[0] = 0;
	CU_ASSERT_EQUAL(wire_header(b.p, &kind, &n), MEED_E_PARSE);
	b.p[0] = 4;
	CU_ASSERT_EQUAL(wire_header(b.p, &kind, &n), MEED_E_PARSE);
	b.p[0] = 1;
	b.p[4] = 1;
	CU_ASSERT_EQUAL(wire_header(b.p, &kind, &n), MEED_E_PARSE);
	b.p[4] = 0;
	b.p[12] = 1;
	CU_ASSERT_EQUAL(wire_header(b.p, &kind, &n), MEED_E_PARSE);
	CU_ASSERT_EQUAL(n, 5);
	meed_buf_release(&b);
}

/* Memory that runs out at any of its allocations is told, and nothing else happens. */
static void test_memory_that_runs_out_is_told(void)
{
	struct meed_buf b = { 0 };
	meed_str body;
	size_t need;
	struct meed_arena a = { 0 };
	struct wire_job j;

	put_kind(&b, WIRE_JOB);
	body = body_of(&b, WIRE_JOB);
	CU_ASSERT_EQUAL_FATAL(wire_get_job(&a, body, &j), MEED_OK);
	need = a.used;
	meed_arena_release(&a);
	for (size_t limit = 16; limit < need; limit += 16) {
		meed_arena_init(&a, limit);
		CU_ASSERT_EQUAL(wire_get_job(&a, body, &j), MEED_E_NOMEM);
		meed_arena_release(&a);
	}
	meed_buf_release(&b);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "a hello reads back", test_a_hello_reads_back },
		{ "a job reads back", test_a_job_reads_back },
		{ "an answer reads back", test_an_answer_reads_back },
		{ "an answer without runs reads back", test_an_answer_without_runs_reads_back },
		{ "a frame cut short anywhere is refused",
		  test_a_frame_cut_short_anywhere_is_refused },
		{ "bytes after the end are refused", test_bytes_after_the_end_are_refused },
		{ "any byte may be anything", test_any_byte_may_be_anything },
		{ "a count takes no memory that the frame has not paid for",
		  test_a_count_takes_no_memory_that_the_frame_has_not_paid_for },
		{ "what no writer may send is refused", test_what_no_writer_may_send_is_refused },
		{ "a header is checked", test_a_header_is_checked },
		{ "memory that runs out is told", test_memory_that_runs_out_is_told },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "wire", NULL, NULL, NULL, NULL, tests }, CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
