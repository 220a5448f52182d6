/* test_exec_post.c - extension meed.exec/1 as a plugin meets it: what is posted is checked and
 * copied whole, and outcomes live as long as the evaluation. */
#include "config.h"

#include "host/plugin/internal.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

static const struct meed_log quiet = { -1, MEED_LOG_ERROR };
static const meed_limits most = { sizeof(most), 8, 10000, 9000, 1 << 20, 1 << 16, 1 << 12 };

/* "py" compiles and checks, "sh" does neither. */
static int32_t find(const struct meed_runtimes *rt, const char *name, struct meed_arena *a,
		    meed_runtime *ret)
{
	(void)rt;
	if (strcmp(name, "py") != 0 && strcmp(name, "sh") != 0) {
		ret->why = meed_arena_printf(a, "no runtime \"%s\": py, sh are configured", name);
		return MEED_E_UNSUPPORTED;
	}
	ret->name = meed_arena_dup(a, meed_str_of(name));
	ret->flags = name[0] == 'p' ? MEED_RUNTIME_COMPILES | MEED_RUNTIME_CHECKS : 0;
	ret->max = &most;
	return ret->name.p ? MEED_OK : MEED_E_NOMEM;
}

static const struct meed_runtimes two = { .find = find };

struct fixture {
	struct meed_registry *r;
	const meed_ext_exec *x;
	struct meed_model m;
	struct meed_arena arena;
	struct meed_ctx c;
	/* a post that is right: change what a test is about */
	meed_program program, partner;
	meed_exec_run run;
	const meed_exec_run *runs[2];
	meed_limits limits;
	meed_exec e;
};

static void begin(struct fixture *f)
{
	meed_ctx_end(&f->c);
	meed_arena_reset(&f->arena);
	memset(&f->c, 0, sizeof(f->c));
	f->c.reg = f->r;
	f->c.model = &f->m;
	f->c.arena = &f->arena;
	CU_ASSERT_EQUAL_FATAL(meed_ctx_begin(&f->c, 1), 0);
	f->program = (meed_program){ .struct_size = sizeof(f->program),
				     .runtime = "py",
				     .code = MEED_STR("print(1)") };
	f->partner = (meed_program){ .struct_size = sizeof(f->partner),
				     .runtime = "sh",
				     .code = MEED_STR("cat") };
	f->run = (meed_exec_run){ .struct_size = sizeof(f->run), .input = MEED_STR("in") };
	f->runs[0] = f->runs[1] = &f->run;
	f->limits = (meed_limits){ .struct_size = sizeof(f->limits), .wall_ms = 10000 };
	f->e = (meed_exec){ .struct_size = sizeof(f->e),
			    .program = &f->program,
			    .run_limits = &f->limits,
			    .runs = f->runs,
			    .n_runs = 1 };
}

static void set_up(struct fixture *f)
{
	struct meed_err err = { 0 };

	memset(f, 0, sizeof(*f));
	CU_ASSERT_EQUAL_FATAL(meed_registry_new(&quiet, &err, &f->r), 0);
	f->r->runtimes = &two;
	f->x = f->r->host.extension(&f->r->host, MEED_EXT_EXEC);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->x);
	CU_ASSERT_EQUAL(f->x->revision, 1);
	f->m.rm.id = "test.model";
	f->m.rm.needs = MEED_NEEDS_EXEC;
	meed_arena_init(&f->arena, (size_t)256 << 20);
	begin(f);
}

static void tear_down(struct fixture *f)
{
	meed_ctx_end(&f->c);
	meed_arena_release(&f->arena);
	meed_registry_free(f->r);
}

/* The post fails with this code and a reason that has these words; then starts anew. */
static void refused(struct fixture *f, int32_t code, const char *words)
{
	CU_ASSERT_EQUAL(f->x->post(&f->c, 1, &f->e), code);
	CU_ASSERT_EQUAL(f->c.code, code);
	CU_ASSERT_EQUAL(f->c.n_reqs, 0);
	if (!f->c.why.p || !strstr(f->c.why.p, words)) {
		(void)fprintf(stderr, "\nexpected \"%s\", got \"%s\"\n", words,
			      f->c.why.p ? f->c.why.p : "(nothing)");
		CU_FAIL("reason");
	}
	begin(f);
}

static void test_a_post_is_copied_whole(void)
{
	struct fixture f;
	char code[] = "print(2)", runtime[] = "py", path[] = "d/f", arg[] = "-x", want[] = "o";
	char data[] = "data";
	const char *args[] = { arg }, *fetch[] = { want };
	meed_file file = { path, { data, 4 } };
	const meed_exec *e;

	set_up(&f);
	f.program.code.p = code;
	f.program.runtime = runtime;
	f.program.files = &file;
	f.program.n_files = 1;
	f.run.args = args;
	f.run.n_args = 1;
	f.run.fetch = fetch;
	f.run.n_fetch = 1;
	f.e.partner = &f.partner;
	f.e.flags = MEED_EXEC_CROSS | MEED_EXEC_STOP;
	f.e.n_runs = 2;
	CU_ASSERT_EQUAL_FATAL(f.x->post(&f.c, 7, &f.e), MEED_OK);
	memset(code, 'x', sizeof(code) - 1);
	memset(path, 'x', sizeof(path) - 1);
	memset(arg, 'x', sizeof(arg) - 1);
	memset(want, 'x', sizeof(want) - 1);
	memset(data, 'x', sizeof(data) - 1);
	memset(&f.program, 0xff, sizeof(f.program));
	memset(&f.run, 0xff, sizeof(f.run));
	memset(&f.limits, 0xff, sizeof(f.limits));
	CU_ASSERT_EQUAL_FATAL(f.c.n_reqs, 1);
	CU_ASSERT_EQUAL(f.c.req_first->kind, MEED_REQ_EXEC);
	CU_ASSERT_EQUAL(f.c.req_first->reply.tag, 7);
	e = f.c.req_first->exec;
	CU_ASSERT_EQUAL(e->flags, MEED_EXEC_CROSS | MEED_EXEC_STOP);
	CU_ASSERT_STRING_EQUAL(e->program->runtime, "py");
	CU_ASSERT_STRING_EQUAL(e->program->code.p, "print(2)");
	CU_ASSERT_STRING_EQUAL(e->program->files[0].path, "d/f");
	CU_ASSERT_STRING_EQUAL(e->program->files[0].data.p, "data");
	CU_ASSERT_STRING_EQUAL(e->partner->code.p, "cat");
	CU_ASSERT_EQUAL(e->run_limits->wall_ms, 10000);
	CU_ASSERT_PTR_NULL(e->compile_limits);
	CU_ASSERT_EQUAL_FATAL(e->n_runs, 2);
	CU_ASSERT_STRING_EQUAL(e->runs[1]->args[0], "-x");
	CU_ASSERT_STRING_EQUAL(e->runs[1]->input.p, "in");
	CU_ASSERT_STRING_EQUAL(e->runs[1]->partner_input.p, "");
	CU_ASSERT_STRING_EQUAL(e->runs[1]->fetch[0], "o");
	tear_down(&f);
}

static void test_only_who_declares_it_may_post(void)
{
	struct fixture f;
	meed_runtime rt = { .struct_size = sizeof(rt) };

	set_up(&f);
	f.m.rm.needs = MEED_NEEDS_LLM;
	refused(&f, MEED_E_UNSUPPORTED,
		"called meed.exec/1 post, but its needs do not declare "
		"MEED_NEEDS_EXEC");
	CU_ASSERT_EQUAL(f.x->runtime(&f.c, "py", &rt), MEED_E_UNSUPPORTED);
	CU_ASSERT(f.c.code < 0);
	tear_down(&f);
}

static void test_structs_are_clamped_at_every_level(void)
{
	struct {
		meed_exec e;
		uint64_t newer;
	} big;
	struct fixture f;

	set_up(&f);
	f.e.struct_size = 8;
	refused(&f, MEED_E_INTERNAL, "meed_exec: struct_size = 8: must be 56");
	f.program.struct_size = 0;
	refused(&f, MEED_E_INTERNAL, "meed_program: struct_size = 0");
	f.run.struct_size = 5000;
	refused(&f, MEED_E_INTERNAL, "meed_exec_run: struct_size = 5000");
	f.limits.struct_size = 39;
	refused(&f, MEED_E_INTERNAL, "meed_limits: struct_size = 39");
	f.partner.struct_size = 1;
	f.e.partner = &f.partner;
	refused(&f, MEED_E_INTERNAL, "meed_program: struct_size = 1");
	big.e = f.e;
	big.e.struct_size = sizeof(big);
	big.newer = 0;
	CU_ASSERT_EQUAL(f.x->post(&f.c, 1, &big.e), MEED_OK);
	big.newer = 1;
	CU_ASSERT_EQUAL(f.x->post(&f.c, 1, &big.e), MEED_E_INTERNAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.c.why.p, "a field that ABI 1.0 does not have"));
	tear_down(&f);
}

static void test_what_is_missing_or_contradicts_is_refused(void)
{
	struct fixture f;
	const char *hole[1] = { NULL };

	set_up(&f);
	CU_ASSERT_EQUAL(f.x->post(&f.c, 1, NULL), MEED_E_INTERNAL);
	begin(&f);
	f.e.program = NULL;
	refused(&f, MEED_E_INTERNAL, "a NULL meed_program");
	f.e.runs = NULL;
	refused(&f, MEED_E_INTERNAL, "a NULL list that is to have items");
	f.runs[0] = NULL;
	refused(&f, MEED_E_INTERNAL, "a NULL meed_exec_run");
	f.program.runtime = NULL;
	refused(&f, MEED_E_INTERNAL, "names no runtime");
	f.program.code.p = NULL;
	f.program.code.n = 0;
	refused(&f, MEED_E_INTERNAL, "neither code nor files");
	f.program.code.p = NULL;
	refused(&f, MEED_E_INTERNAL, "neither code nor files");
	f.run.args = hole;
	f.run.n_args = 1;
	refused(&f, MEED_E_INTERNAL, "a NULL among its words");
	f.run.partner_input = MEED_STR("x");
	refused(&f, MEED_E_INTERNAL, "input for the partner");
	f.e.flags = MEED_EXEC_CHANNEL;
	refused(&f, MEED_E_INTERNAL, "without a partner");
	f.e.flags = MEED_EXEC_CHECK;
	refused(&f, MEED_E_INTERNAL, "a syntax check has none");
	f.e.flags = 1u << 31;
	refused(&f, MEED_E_UNSUPPORTED, "unknown bits 2147483648");
	f.program.flags = 1;
	refused(&f, MEED_E_UNSUPPORTED, "flags of a program");
	f.run.flags = 1;
	refused(&f, MEED_E_UNSUPPORTED, "flags of a run");
	f.run.input.p = NULL;
	refused(&f, MEED_E_INTERNAL, "whose p is NULL");
	tear_down(&f);
}

static void test_paths_are_relative_and_sane(void)
{
	static const char *const bad[] = {
		"",    "/a",	"..",	"../a", "a/..", "a/../b", ".",
		"./a", "a/./b", "a//b", "a/",	"a\nb", "a\x7f",  "\xff"
	};
	static const char *const good[] = { "a",   "a/b/c.txt", "..a",	      "a..",
					    "...", ".hidden",	"with space", "\xc3\xa9" };
	struct fixture f;
	meed_file file = { NULL, MEED_STR("") };
	char longest[257];

	set_up(&f);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		file.path = bad[i];
		f.program.files = &file;
		f.program.n_files = 1;
		refused(&f, MEED_E_SAMPLE, "must be relative");
		f.run.fetch = &bad[i];
		f.run.n_fetch = 1;
		refused(&f, MEED_E_SAMPLE, "must be relative");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		file.path = good[i];
		f.program.files = &file;
		f.program.n_files = 1;
		CU_ASSERT_EQUAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
		begin(&f);
	}
	memset(longest, 'a', 256);
	longest[256] = '\0';
	file.path = longest;
	f.run.files = &file;
	f.run.n_files = 1;
	refused(&f, MEED_E_LIMIT, "more than 255 bytes");
	tear_down(&f);
}

static void test_no_path_is_there_twice(void)
{
	struct fixture f;
	meed_file two_files[] = { { "a", MEED_STR("1") }, { "a", MEED_STR("2") } };
	meed_file nested[] = { { "a/x", MEED_STR("1") },
			       { "a-b", MEED_STR("") },
			       { "a", MEED_STR("2") } };
	meed_file apart[] = { { "ab", MEED_STR("1") },
			      { "a", MEED_STR("2") },
			      { "a.b", MEED_STR("2") },
			      { "c/a", MEED_STR("2") } };

	set_up(&f);
	f.program.files = two_files;
	f.program.n_files = 2;
	refused(&f, MEED_E_SAMPLE, "two files at the path \"a\"");
	f.program.files = nested;
	f.program.n_files = 3;
	refused(&f, MEED_E_SAMPLE, "a file at \"a\" and one in it, \"a/x\"");
	f.program.files = two_files;
	f.program.n_files = 1;
	f.run.files = nested;
	f.run.n_files = 1;
	refused(&f, MEED_E_SAMPLE, "a file at \"a\" and one in it");
	f.program.files = apart;
	f.program.n_files = 4;
	CU_ASSERT_EQUAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
	tear_down(&f);
}

static void test_runtimes_and_limits_are_looked_up(void)
{
	struct fixture f;

	set_up(&f);
	f.program.runtime = "cobol";
	refused(&f, MEED_E_UNSUPPORTED, "no runtime \"cobol\": py, sh are configured");
	f.e.partner = &f.partner;
	f.partner.runtime = "cobol";
	refused(&f, MEED_E_UNSUPPORTED, "no runtime \"cobol\"");
	f.program.runtime = "sh";
	f.e.flags = MEED_EXEC_CHECK;
	f.e.n_runs = 0;
	refused(&f, MEED_E_UNSUPPORTED, "the runtime \"sh\" has no syntax check");
	f.limits.memory = most.memory + 1;
	refused(&f, MEED_E_LIMIT, "memory = 1048577: at most 1048576 is granted");
	f.e.compile_limits = &f.limits;
	f.e.run_limits = NULL;
	f.limits.processes = 9;
	refused(&f, MEED_E_LIMIT, "processes = 9");
	f.r->runtimes = NULL;
	refused(&f, MEED_E_UNSUPPORTED, "no runtime is configured");
	tear_down(&f);
}

static void test_a_runtime_is_described_in_the_size_asked_for(void)
{
	struct {
		meed_runtime rt;
		uint64_t newer;
	} big;
	meed_runtime rt = { .struct_size = sizeof(rt) };
	struct fixture f;

	set_up(&f);
	CU_ASSERT_EQUAL(f.x->runtime(&f.c, "py", &rt), MEED_OK);
	CU_ASSERT_STRING_EQUAL(rt.name.p, "py");
	CU_ASSERT_EQUAL(rt.flags, MEED_RUNTIME_COMPILES | MEED_RUNTIME_CHECKS);
	CU_ASSERT_EQUAL(rt.max->wall_ms, 10000);
	CU_ASSERT_STRING_EQUAL(rt.why.p, "");
	memset(&big, 0xff, sizeof(big));
	big.rt.struct_size = sizeof(big);
	CU_ASSERT_EQUAL(f.x->runtime(&f.c, "cobol", &big.rt), MEED_E_UNSUPPORTED);
	CU_ASSERT_PTR_NOT_NULL(strstr(big.rt.why.p, "no runtime \"cobol\""));
	CU_ASSERT_EQUAL(big.newer, 0);
	CU_ASSERT_EQUAL(big.rt.struct_size, sizeof(big));
	CU_ASSERT_EQUAL(f.c.code, 0);
	rt.struct_size = 12;
	CU_ASSERT_EQUAL(f.x->runtime(&f.c, "py", &rt), MEED_E_INTERNAL);
	tear_down(&f);
}

static void test_huge_posts_are_limits_not_crashes(void)
{
	struct fixture f;
	char *big = calloc(1, (size_t)129 << 20);

	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	set_up(&f);
	f.run.input = (meed_str){ big, (size_t)129 << 20 };
	refused(&f, MEED_E_LIMIT, "more than 128 MiB");
	f.run.input = (meed_str){ big, (size_t)70 << 20 };
	f.e.n_runs = 2;
	refused(&f, MEED_E_LIMIT, "more than 128 MiB");
	f.e.n_runs = SIZE_MAX / 8;
	refused(&f, MEED_E_LIMIT, "runs: at most");
	f.program.n_files = SIZE_MAX;
	refused(&f, MEED_E_LIMIT, "files: at most");
	f.run.n_args = SIZE_MAX;
	refused(&f, MEED_E_LIMIT, "arguments: at most");
	free(big);
	tear_down(&f);
}

/* For every allocation: memory runs out there, which is told. */
static void test_memory_that_runs_out_is_told(void)
{
	struct fixture f;
	static const char *const words[] = { "w" };
	meed_file file = { "f", MEED_STR("d") };
	size_t need = 0, base;

	set_up(&f);
	base = f.arena.used;
	for (size_t limit = 0;; limit += 16) {
		f.run.args = f.run.fetch = words;
		f.run.n_args = f.run.n_fetch = 1;
		f.run.files = f.program.files = &file;
		f.program.n_files = 1;
		f.e.partner = &f.partner;
		if (!limit) {
			f.run.n_files = 0;
			CU_ASSERT_EQUAL_FATAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
			need = f.arena.used;
			begin(&f);
			continue;
		}
		if (base + limit >= need)
			break;
		f.arena.limit = base + limit;
		CU_ASSERT_EQUAL(f.x->post(&f.c, 1, &f.e), MEED_E_NOMEM);
		f.arena.limit = 0;
		begin(&f);
	}
	tear_down(&f);
}

static void answer(struct meed_request *q, const char *text)
{
	meed_exec_result *x = meed_arena_alloc(&q->answer, sizeof(*x));

	if (!x)
		abort();
	x->struct_size = sizeof(*x);
	x->compiled = NULL;
	q->reply.error = meed_arena_dup(&q->answer, meed_str_of(text));
	q->ran = x;
}

static void test_outcomes_live_as_long_as_the_evaluation(void)
{
	struct fixture f;
	const meed_exec_result *first;
	meed_str text;

	set_up(&f);
	CU_ASSERT_EQUAL_FATAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
	answer(f.c.req_first, "first");
	CU_ASSERT_EQUAL_FATAL(meed_ctx_next_round(&f.c), 0);
	first = f.x->result(&f.c, 0);
	text = f.c.replies[0]->reply.error;
	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	CU_ASSERT_PTR_NULL(f.x->result(&f.c, 1));
	CU_ASSERT_EQUAL_FATAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
	CU_ASSERT_EQUAL_FATAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
	answer(f.c.req_first, "second");
	f.c.req_last->reply.status = MEED_E_UPSTREAM;
	CU_ASSERT_EQUAL_FATAL(meed_ctx_next_round(&f.c), 0);
	CU_ASSERT_STRING_EQUAL(text.p, "first");
	CU_ASSERT_EQUAL(first->struct_size, sizeof(*first));
	CU_ASSERT_PTR_NOT_NULL(f.x->result(&f.c, 0));
	CU_ASSERT_PTR_NULL(f.x->result(&f.c, 1));
	/* a round that was answered, but never resumed */
	CU_ASSERT_EQUAL_FATAL(f.x->post(&f.c, 1, &f.e), MEED_OK);
	answer(f.c.req_first, "third");
	tear_down(&f);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "a post is copied whole", test_a_post_is_copied_whole },
		{ "only who declares it may post", test_only_who_declares_it_may_post },
		{ "structs are clamped at every level", test_structs_are_clamped_at_every_level },
		{ "what is missing or contradicts is refused",
		  test_what_is_missing_or_contradicts_is_refused },
		{ "paths are relative and sane", test_paths_are_relative_and_sane },
		{ "no path is there twice", test_no_path_is_there_twice },
		{ "runtimes and limits are looked up", test_runtimes_and_limits_are_looked_up },
		{ "a runtime is described in the size asked for",
		  test_a_runtime_is_described_in_the_size_asked_for },
		{ "huge posts are limits, not crashes", test_huge_posts_are_limits_not_crashes },
		{ "memory that runs out is told", test_memory_that_runs_out_is_told },
		{ "outcomes live as long as the evaluation",
		  test_outcomes_live_as_long_as_the_evaluation },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "meed.exec/1", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
