/* test_cage.c - a real cage, spoken to as the host does: outcomes, limits, files, compilers,
 * partners, warm interpreters, and what it makes of a host that is out of its mind. */
#include "config.h"

#include "tests/unit/cagefix.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/suites.h"

static struct cagefix cage;
static bool warm;			/* Python jobs are */

static const meed_ran *first(const struct wire_answer *a)
{
	static const meed_ran none = { .out = { "", 0 }, .err = { "", 0 } };

	CU_ASSERT_EQUAL(a->status, MEED_OK);
	if (a->status != MEED_OK)
		(void)fprintf(stderr, "%.*s\n", (int)a->error.n, a->error.p);
	return a->status == MEED_OK && a->result.n_runs ? a->result.runs[0] : &none;
}

/* A job that must be answered. */
static struct wire_answer *answer(const struct wire_job *job)
{
	static struct wire_answer a;

	if (!cagefix_do(&cage, job, &a))
		CU_FAIL_FATAL("the cage did not answer");
	return &a;
}

static const meed_ran *shell(const char *code, const char *input)
{
	struct wire_program p = cagefix_shell(code);
	struct cagefix_job j;

	cagefix_job(&j, &p, input);
	return first(answer(&j.job));
}

static struct wire_program python_program(const char *code)
{
	struct wire_program p = cagefix_python(code);

	if (warm)
		p.warm = MEED_STR("python");
	return p;
}

static const meed_ran *python(const char *code, const char *input)
{
	struct wire_program p = python_program(code);
	struct cagefix_job j;

	cagefix_job(&j, &p, input);
	return first(answer(&j.job));
}

static bool is(meed_str s, const char *want)
{
	if (meed_str_eq(s, meed_str_of(want)))
		return true;
	(void)fprintf(stderr, "got: %.*s\n", (int)s.n, s.p);
	return false;
}

static bool has(meed_str s, const char *what)
{
	if (memmem(s.p, s.n, what, strlen(what)))
		return true;
	(void)fprintf(stderr, "got: %.*s\n", (int)s.n, s.p);
	return false;
}

/* ---- outcomes ---- */

static void test_output_and_status_come_back(void)
{
	const meed_ran *r = shell("echo out; echo err >&2; exit 3", "");

	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->code, 3);
	CU_ASSERT_EQUAL(r->cut, 0);
	CU_ASSERT(is(r->out, "out\n"));
	CU_ASSERT(is(r->err, "err\n"));
	CU_ASSERT(r->wall_us > 0);
	CU_ASSERT(r->memory_peak > 0);
}

static void test_a_signal_is_told(void)
{
	const meed_ran *r = shell("kill -TERM $$", "");

	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_SIGNAL);
	CU_ASSERT_EQUAL(r->code, 15);
	r = shell("kill -KILL $$", "");
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_SIGNAL);
	CU_ASSERT_EQUAL(r->code, 9);
}

static void test_input_is_fed_and_ends(void)
{
	static char big[3 << 20];
	const meed_ran *r;

	CU_ASSERT(is(shell("cat; echo end", "a\nb\n")->out, "a\nb\nend\n"));
	CU_ASSERT(is(shell("cat; echo end", "")->out, "end\n"));
	memset(big, 'x', sizeof(big) - 1);
	CU_ASSERT(is(shell("wc -c", big)->out, "3145727\n"));
	/* nobody reads */
	r = shell("exit 4", big);
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->code, 4);
	/* both ways at once, more than pipes hold */
	big[600000] = '\0';
	CU_ASSERT_EQUAL(shell("cat", big)->out.n, 600000);
}

static void test_output_is_kept_to_the_byte_of_its_limit(void)
{
	struct wire_program p = cagefix_shell("head -c 1000 /dev/zero");
	struct cagefix_job j;
	const meed_ran *r;

	cagefix_job(&j, &p, "");
	j.job.run_limits.output = 1000;
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->out.n, 1000);
	CU_ASSERT_EQUAL(r->cut, 0);
	j.job.run_limits.output = 999;
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_OUTPUT);
	CU_ASSERT_EQUAL(r->out.n, 999);
	CU_ASSERT_EQUAL(r->cut, 1);
	p.code = MEED_STR("head -c 1000 /dev/zero >&2; echo out");
	cagefix_job(&j, &p, "");
	j.job.run_limits.output = 999;
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_OUTPUT);
	CU_ASSERT_EQUAL(r->err.n, 999);
	CU_ASSERT_EQUAL(r->cut, 2);
}

static void test_what_the_first_process_leaves_running_is_killed(void)
{
	const meed_ran *r = shell("(while :; do sleep 0.01; done) & (sleep 100; echo late) & echo now",
				  "");

	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT(is(r->out, "now\n"));
}

static void test_clocks_end_what_does_not_end(void)
{
	struct wire_program p = cagefix_shell("while :; do :; done");
	struct cagefix_job j;
	const meed_ran *r;

	cagefix_job(&j, &p, "");
	j.job.run_limits.cpu_ms = 100;
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_CPU);
	CU_ASSERT_EQUAL(r->code, 0);
	CU_ASSERT(r->cpu_us >= 100000);
	p.code = MEED_STR("echo begun; sleep 100");
	cagefix_job(&j, &p, "");
	j.job.run_limits.wall_ms = 300;
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_WALL);
	CU_ASSERT(is(r->out, "begun\n"));
	CU_ASSERT(r->wall_us >= 300000);
}

static void test_memory_is_limited(void)
{
	struct wire_program p = python_program("import time\nb = []\n"
					       "for i in range(400):\n b.append(bytes([1]) * (1 << 20))\n"
					       "print('all')");
	struct cagefix_job j;
	const meed_ran *r;

	cagefix_job(&j, &p, "");
	j.job.run_limits.memory = (uint64_t)64 << 20;
	r = first(answer(&j.job));
	/* whichever is first: the cage's look, or the kernel's refusal */
	CU_ASSERT(r->outcome == MEED_RAN_MEMORY ||
		  (r->outcome == MEED_RAN_EXIT && r->code == 1 && has(r->err, "MemoryError")));
	j.job.run_limits.memory = (uint64_t)1 << 30;
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT(r->memory_peak >= (uint64_t)400 << 20);
	CU_ASSERT(r->memory_peak <= (uint64_t)500 << 20);
}

static void test_processes_are_limited(void)
{
	struct wire_program p = python_program(
		"import os, time\nn = 0\ntry:\n while True:\n"
		"  if os.fork() == 0: time.sleep(100)\n  n += 1\nexcept BlockingIOError: print(n)");
	struct cagefix_job j;

	cagefix_job(&j, &p, "");
	j.job.run_limits.processes = 10;
	CU_ASSERT(is(first(answer(&j.job))->out, "9\n"));
}

static void test_the_disk_is_limited(void)
{
	struct wire_program p = cagefix_shell("head -c 3000000 /dev/zero >a && echo a\n"
					      "head -c 3000000 /dev/zero >/tmp/b || echo full");
	struct cagefix_job j;
	const meed_ran *r;

	cagefix_job(&j, &p, "");
	j.job.run_limits.disk = 4 << 20;
	r = first(answer(&j.job));
	CU_ASSERT(is(r->out, "a\nfull\n"));
}

static void test_a_program_that_is_not_there_is_told(void)
{
	static const meed_str run[] = { { "./main", 6 } };
	struct wire_program p = cagefix_shell("");
	struct cagefix_job j;
	const meed_ran *r;

	p.run = run;
	p.n_run = 1;
	cagefix_job(&j, &p, "");
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->code, 127);
	CU_ASSERT(is(r->err, "./main: No such file or directory\n"));
}

/* ---- folders ---- */

static void test_files_come_and_are_fetched(void)
{
	static const char *const fetch[] = { "out/result.bin", "missing", "sub/a.txt", "fifo",
					     "link", "../../etc/passwd", "sub", "big" };
	const meed_file files[] = { { "sub/a.txt", MEED_STR("alpha") },
				    { "b", { "\0\1\2", 3 } } };
	const meed_file more[] = { { "sub/deep/er/c", MEED_STR("gamma") },
				   { "b", MEED_STR("newer") } };
	struct wire_program p = cagefix_shell(
		"cat sub/a.txt sub/deep/er/c b; mkdir out; printf '\\0\\377' >out/result.bin\n"
		"mkfifo fifo; ln -s /etc/passwd link; truncate -s 15M big");
	struct cagefix_job j;
	const meed_ran *r;

	p.files = files;
	p.n_files = 2;
	cagefix_job(&j, &p, "");
	j.run.files = more;
	j.run.n_files = 2;
	j.run.fetch = fetch;
	j.run.n_fetch = 8;
	r = first(answer(&j.job));
	CU_ASSERT(is(r->out, "alphagammanewer"));
	CU_ASSERT_EQUAL_FATAL(r->n_files, 3);
	CU_ASSERT_STRING_EQUAL(r->files[0].path, "out/result.bin");
	CU_ASSERT_EQUAL(r->files[0].data.n, 2);
	CU_ASSERT(memcmp(r->files[0].data.p, "\0\377", 2) == 0);
	CU_ASSERT_STRING_EQUAL(r->files[1].path, "sub/a.txt");
	CU_ASSERT_STRING_EQUAL(r->files[2].path, "big");
	CU_ASSERT_EQUAL(r->files[2].data.n, 15 << 20);
}

static void test_paths_that_lead_out_are_refused(void)
{
	static const char *const bad[] = { "../x", "a/../../x", "/etc/x", "a//b", ".", "" };
	struct wire_program p = cagefix_shell("true");
	struct wire_answer *a;
	struct cagefix_job j;
	meed_file f = { NULL, MEED_STR("x") };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.path = bad[i];
		p.files = &f;
		p.n_files = 1;
		cagefix_job(&j, &p, "");
		a = answer(&j.job);
		CU_ASSERT_EQUAL(a->status, MEED_E_LIMIT);
	}
}

static void test_each_run_begins_anew(void)
{
	struct wire_program p = cagefix_shell("ls /tmp /dev/shm/; ls; touch /tmp/t /dev/shm/s new; "
					      "rm main.sh");
	const meed_exec_run *runs[3];
	struct wire_answer *a;
	struct cagefix_job j;

	cagefix_job(&j, &p, "");
	for (size_t i = 0; i < 3; i++)
		runs[i] = &j.run;
	j.job.runs = runs;
	j.job.n_runs = 3;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->result.n_runs, 3);
	for (size_t i = 0; i < 3; i++)
		CU_ASSERT(is(a->result.runs[i]->out, "/dev/shm/:\n\n/tmp:\nmain.sh\n"));
}

static void test_the_rest_is_left_out_after_a_failure_if_asked(void)
{
	struct wire_program p = cagefix_shell("read x; exit $x");
	meed_exec_run run[3];
	const meed_exec_run *runs[3];
	struct wire_answer *a;
	struct cagefix_job j;

	cagefix_job(&j, &p, "");
	for (size_t i = 0; i < 3; i++) {
		run[i] = j.run;
		run[i].input = i == 1 ? MEED_STR("5\n") : MEED_STR("0\n");
		runs[i] = &run[i];
	}
	j.job.runs = runs;
	j.job.n_runs = 3;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->result.n_runs, 3);
	CU_ASSERT_EQUAL(a->result.runs[1]->code, 5);
	CU_ASSERT_EQUAL(a->result.runs[2]->outcome, MEED_RAN_EXIT);
	j.job.flags = MEED_EXEC_STOP;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->result.n_runs, 3);
	CU_ASSERT_EQUAL(a->result.runs[0]->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(a->result.runs[1]->code, 5);
	CU_ASSERT_EQUAL(a->result.runs[2]->outcome, MEED_RAN_NOT);
}

static void test_a_run_at_its_time_limit_stops_the_others(void)
{
	struct wire_program p = cagefix_shell("read x; [ $x = 0 ] || while :; do :; done");
	struct cagefix_job j;
	meed_exec_run run[3];
	const meed_exec_run *runs[3] = { &run[0], &run[1], &run[2] };
	const struct wire_answer *a;

	cagefix_job(&j, &p, "");
	for (size_t i = 0; i < 3; i++) {
		run[i] = j.run;
		run[i].input = i == 1 ? MEED_STR("1\n") : MEED_STR("0\n");
	}
	j.job.runs = runs;
	j.job.n_runs = 3;
	j.job.run_limits.cpu_ms = 200;
	j.job.flags = MEED_EXEC_STOP_LIMIT;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->result.n_runs, 3);
	CU_ASSERT_EQUAL(a->result.runs[0]->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(a->result.runs[1]->outcome, MEED_RAN_CPU);
	CU_ASSERT_EQUAL(a->result.runs[2]->outcome, MEED_RAN_NOT);
}

static void test_arguments_and_environment(void)
{
	static const meed_str env[] = { { "ANSWER=42", 9 } };
	static const char *const args[] = { "one", "", "thr ee" };
	struct wire_program p = cagefix_shell("printf '<%s>' \"$@\"; echo; env | sort; pwd");
	struct cagefix_job j;

	p.env = env;
	p.n_env = 1;
	cagefix_job(&j, &p, "");
	j.run.args = args;
	j.run.n_args = 3;
	CU_ASSERT(is(first(answer(&j.job))->out,
		     "<one><><thr ee>\nANSWER=42\nHOME=/box/work\nLANG=C.UTF-8\nPATH=/usr/local/bin:"
		     "/usr/bin:/bin\nPWD=/box/work\nSHLVL=1\n_=/usr/bin/env\n/box/work\n"));
}

/* ---- compilers ---- */

/* A "language" that is compiled by a shell script: main.in becomes main, to be run. */
static struct wire_program compiled(const char *script)
{
	static meed_str compile[] = { { "/bin/sh", 7 }, { "-c", 2 }, { "", 0 } };
	static const meed_str run[] = { { "./main", 6 } }, check[] = { { "/bin/grep", 9 }, { "ok", 2 },
								       { "main.in", 7 } };
	struct wire_program p = { .runtime = MEED_STR("toy"), .file = MEED_STR("main.in"),
				  .compile = compile, .n_compile = 3, .run = run, .n_run = 1,
				  .check = check, .n_check = 3, .warm = MEED_STR(""),
				  .code = MEED_STR("ok\n"), .has_code = true };

	compile[2] = meed_str_of(script);
	return p;
}

static void test_what_is_compiled_once_is_run_in_copies(void)
{
	struct wire_program p = compiled("(echo '#!/bin/sh'; echo 'ls; rm -f main.in deep/*; cat'; ) "
					 ">main; chmod +x main; mkdir deep; echo x >deep/file; "
					 "ln -s deep/file sym; echo done >&2");
	const meed_exec_run *runs[2];
	struct wire_answer *a;
	struct cagefix_job j;

	cagefix_job(&j, &p, "in\n");
	runs[0] = runs[1] = &j.run;
	j.job.runs = runs;
	j.job.n_runs = 2;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->status, MEED_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a->result.compiled);
	CU_ASSERT_EQUAL(a->result.compiled->outcome, MEED_RAN_EXIT);
	CU_ASSERT(is(a->result.compiled->err, "done\n"));
	for (size_t i = 0; i < 2; i++)
		CU_ASSERT(is(a->result.runs[i]->out, "deep\nmain\nmain.in\nsym\nin\n"));
}

static void test_what_does_not_compile_is_not_run(void)
{
	struct wire_program p = compiled("echo wrong >&2; exit 1");
	struct wire_answer *a;
	struct cagefix_job j;

	cagefix_job(&j, &p, "");
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->status, MEED_OK);
	CU_ASSERT_EQUAL(a->result.compiled->code, 1);
	CU_ASSERT(is(a->result.compiled->err, "wrong\n"));
	CU_ASSERT_EQUAL(a->result.runs[0]->outcome, MEED_RAN_NOT);
}

static void test_a_compiler_has_its_own_limits(void)
{
	struct wire_program p = compiled("while :; do :; done");
	struct wire_answer *a;
	struct cagefix_job j;

	cagefix_job(&j, &p, "");
	j.job.compile_limits.cpu_ms = 100;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->status, MEED_OK);
	CU_ASSERT_EQUAL(a->result.compiled->outcome, MEED_RAN_CPU);
	CU_ASSERT_EQUAL(a->result.runs[0]->outcome, MEED_RAN_NOT);
}

static void test_a_check_runs_nothing(void)
{
	struct wire_program p = compiled("echo compiled");
	struct wire_answer *a;
	struct cagefix_job j;

	cagefix_job(&j, &p, "");
	j.job.flags = MEED_EXEC_CHECK;
	j.job.n_runs = 0;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->status, MEED_OK);
	CU_ASSERT(is(a->result.compiled->out, "ok\n"));
	p.code = MEED_STR("no\n");
	cagefix_job(&j, &p, "");
	j.job.flags = MEED_EXEC_CHECK;
	j.job.n_runs = 0;
	a = answer(&j.job);
	CU_ASSERT_EQUAL_FATAL(a->status, MEED_OK);
	CU_ASSERT_EQUAL(a->result.compiled->code, 1);
}

/* ---- partners ---- */

static struct wire_answer *together(const char *program, const char *partner, uint32_t flags)
{
	struct wire_program p = python_program(program);
	static struct cagefix_job j;

	cagefix_job(&j, &p, "to the program\n");
	j.job.partner = python_program(partner);
	j.job.has_partner = true;
	j.job.flags = flags;
	j.run.partner_input = MEED_STR("to the partner\n");
	j.job.run_limits.wall_ms = 5000;
	return answer(&j.job);
}

static void test_a_channel_joins_program_and_partner(void)
{
	struct wire_answer *a;

	a = together("import os\nos.write(3, b'41')\nprint(os.read(3, 9), input())",
		     "import os\nn = int(os.read(3, 9))\nos.write(3, b'%d' % (n + 1))\n"
		     "print(n, input())", MEED_EXEC_CHANNEL);
	CU_ASSERT(is(first(a)->out, "b'42' to the program\n"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(a->result.partners);
	CU_ASSERT(is(a->result.partners[0]->out, "41 to the partner\n"));
}

static void test_the_end_of_one_is_the_end_of_its_channel(void)
{
	struct wire_answer *a;

	a = together("import os\nos._exit(7)", "import os\nprint(os.read(3, 9))\n",
		     MEED_EXEC_CHANNEL);
	CU_ASSERT_EQUAL(first(a)->code, 7);
	CU_ASSERT(is(a->result.partners[0]->out, "b''\n"));
	/* what it left running does not hold it open */
	a = together("import os\nif os.fork() == 0:\n import time; time.sleep(100)\n",
		     "import os\nprint(os.read(3, 9))\n", MEED_EXEC_CHANNEL);
	CU_ASSERT_EQUAL(first(a)->outcome, MEED_RAN_EXIT);
	CU_ASSERT(is(a->result.partners[0]->out, "b''\n"));
}

static void test_crossed_streams(void)
{
	struct wire_answer *a;

	a = together("print('ping', flush=True)\nimport sys\nsys.stderr.write(input())",
		     "import sys\nsys.stderr.write(input())\nprint('pong')", MEED_EXEC_CROSS);
	CU_ASSERT(is(first(a)->err, "pong"));
	CU_ASSERT_EQUAL(first(a)->out.n, 0);
	CU_ASSERT(is(a->result.partners[0]->err, "ping"));
}

static void test_partners_do_not_see_each_other(void)
{
	static const char code[] =
		"import os\n"
		"open('/tmp/mark', 'w').close()\n"
		"os.write(3, b'.')\nos.read(3, 1)\n"
		"print(len([p for p in os.listdir('/proc') if p.isdigit()]), os.listdir('/tmp'))";
	struct wire_answer *a = together(code, code, MEED_EXEC_CHANNEL);

	CU_ASSERT(is(first(a)->out, "2 ['mark']\n"));
	CU_ASSERT(is(a->result.partners[0]->out, "2 ['mark']\n"));
}

static void test_a_partner_that_fails_does_not_change_the_program_s_outcome(void)
{
	struct wire_answer *a = together("print(input())", "raise SystemExit(9)", 0);

	CU_ASSERT_EQUAL(first(a)->outcome, MEED_RAN_EXIT);
	CU_ASSERT(is(first(a)->out, "to the program\n"));
	CU_ASSERT_EQUAL(a->result.partners[0]->code, 9);
}

/* ---- Python, cold and warm: the same ---- */

static void test_python_ends_as_it_should(void)
{
	CU_ASSERT_EQUAL(python("raise SystemExit(5)", "")->code, 5);
	CU_ASSERT_EQUAL(python("import os; os._exit(6)", "")->code, 6);
	CU_ASSERT_EQUAL(python("1/0", "")->code, 1);
	CU_ASSERT_EQUAL(python("import os; os.abort()", "")->code, SIGABRT);
	CU_ASSERT(is(python("raise SystemExit('why')", "")->err, "why\n"));
	CU_ASSERT(is(python("1/0", "")->err,
		     "Traceback (most recent call last):\n  File \"/box/work/main.py\", line 1, in "
		     "<module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n"));
	CU_ASSERT(is(python("x = (", "")->err,
		     "  File \"/box/work/main.py\", line 1\n    x = (\n        ^\n"
		     "SyntaxError: '(' was never closed\n"));
}

static void test_python_runs_its_last_things(void)
{
	CU_ASSERT(is(python("import atexit\natexit.register(print, 'bye')\nprint('hi')", "")->out,
		     "hi\nbye\n"));
	CU_ASSERT(is(python("import threading, time\n"
			    "threading.Thread(target=lambda: (time.sleep(0.05), print('later'))).start()\n"
			    "print('first')", "")->out, "first\nlater\n"));
	CU_ASSERT(is(python("class C:\n def __del__(self): print('gone')\nc = C()", "")->out,
		     "gone\n"));
	CU_ASSERT(is(python("f = open('/dev/stdout', 'w'); f.write('flushed')", "")->out,
		     "flushed"));
	CU_ASSERT(is(python("import subprocess\nprint(subprocess.run(['echo', 'sub'], "
			    "capture_output=True).stdout)", "")->out, "b'sub\\n'\n"));
	CU_ASSERT(is(python("from multiprocessing import Pool\nimport math\n"
			    "with Pool(2) as p: print(p.map(math.factorial, [3, 4]))", "")->out,
		     "[6, 24]\n"));
	CU_ASSERT(is(python("import asyncio\nasync def f():\n await asyncio.sleep(0)\n return 5\n"
			    "print(asyncio.run(f()))", "")->out, "5\n"));
}

static void test_python_sees_no_difference(void)
{
	static const char code[] =
		"import sys, os\n"
		"print(sys.argv, sys.orig_argv, sys.path, __file__, __name__, __spec__, __loader__.path)\n"
		"print(sorted(globals()), sys._getframe().f_back, sys.stdin.name, sys.stdout.line_buffering)\n"
		"print(sorted(os.environ.items()), os.getcwd(), os.listdir('.'))\n"
		"print(sorted(sys.modules), os.listdir('/proc/self/fd'), os.getpid())\n"
		"print([open('/proc/self/' + f).read() for f in ('cmdline', 'environ')])\n"
		"print(open('/proc/self/comm').read(), os.readlink('/proc/self/exe'))\n"
		"print([l for l in open('/proc/self/status') if l.startswith(('Cap', 'Sec', 'Sig', 'NoN', 'Uid'))])\n";
	static const char *const args[] = { "a", "" };
	struct wire_program p = cagefix_python(code);
	struct cagefix_job j;
	meed_str cold;
	char *copy;

	cagefix_job(&j, &p, "x");
	j.run.args = args;
	j.run.n_args = 2;
	cold = first(answer(&j.job))->out;
	CU_ASSERT(has(cold, "['main.py', 'a', '']"));
	copy = strndup(cold.p, cold.n);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	j.job.program.warm = MEED_STR("python");
	if (!is(first(answer(&j.job))->out, copy))
		CU_FAIL(copy);
	free(copy);
}

static void test_warm_runs_do_not_share_chance(void)
{
	struct wire_program p = cagefix_python("import random, os\nprint(random.random(), os.urandom(4))");
	static const meed_str preload[] = { { "random", 6 } };
	struct cagefix_job j;
	char *copy;

	p.warm = MEED_STR("python");
	p.preload = preload;
	p.n_preload = 1;
	cagefix_job(&j, &p, "");
	copy = strdup(first(answer(&j.job))->out.p);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	CU_ASSERT_STRING_NOT_EQUAL(copy, first(answer(&j.job))->out.p);
	free(copy);
}

static void test_preloaded_modules_are_there(void)
{
	static const meed_str preload[] = { { "json", 4 }, { "no_such_module", 14 } };
	struct wire_program p = cagefix_python("import sys\nprint('json' in sys.modules)\n"
					       "import json\nprint(json.loads('[1]'))\n"
					       "import no_such_module");
	struct cagefix_job j;
	const meed_ran *r;

	p.warm = MEED_STR("python");
	p.preload = preload;
	p.n_preload = 2;
	cagefix_job(&j, &p, "");
	r = first(answer(&j.job));
	CU_ASSERT(is(r->out, "True\n[1]\n"));
	CU_ASSERT_EQUAL(r->code, 1);
	CU_ASSERT(has(r->err, "No module named 'no_such_module'"));
}

static void test_an_interpreter_that_cannot_be_warm_is_started_cold(void)
{
	static const meed_str run[] = { { "/bin/bash", 9 }, { "main.py", 7 } };
	struct wire_program p = cagefix_python("echo not python");
	struct cagefix_job j;

	p.run = run;
	p.n_run = 2;
	p.warm = MEED_STR("python");
	cagefix_job(&j, &p, "");
	CU_ASSERT(is(first(answer(&j.job))->out, "not python\n"));
}

static int go_warm(void)
{
	warm = true;
	return 0;
}

/* ---- the cage itself ---- */

static void test_garbage_ends_the_cage(void)
{
	static const char frames[][24] = {
		{ 9 }, { 2, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 },
		{ 2, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1 },
		{ 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4 },
	};
	struct cagefix c;
	char b;

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		CU_ASSERT_FATAL(cagefix_start(&c, false));
		CU_ASSERT_EQUAL(send(c.fd, frames[i], sizeof(frames[i]), MSG_NOSIGNAL),
				sizeof(frames[i]));
		/* it hangs up */
		CU_ASSERT(recv(c.fd, &b, 1, 0) <= 0);
		CU_ASSERT_EQUAL(cagefix_stop(&c), 76);
	}
}

static void test_hanging_up_ends_what_runs(void)
{
	struct wire_program p = cagefix_shell("while :; do :; done");
	struct meed_buf b = { 0 };
	struct cagefix_job j;
	struct cagefix c;

	CU_ASSERT_FATAL(cagefix_start(&c, false));
	cagefix_job(&j, &p, "");
	j.job.run_limits.wall_ms = j.job.run_limits.cpu_ms = 100000;
	wire_put_job(&b, &j.job);
	CU_ASSERT_EQUAL(send(c.fd, b.p, b.n, MSG_NOSIGNAL), (ssize_t)b.n);
	meed_buf_release(&b);
	/* it ends long before the program would */
	CU_ASSERT_EQUAL(cagefix_stop(&c), 0);
}

/* The maker of boxes is the cage's first child, the one process beside it that is called so. */
static void test_a_cage_that_can_make_no_boxes_ends(void)
{
	struct wire_program p = cagefix_shell("true");
	pid_t family[64], maker = 0;
	struct wire_answer a;
	struct cagefix_job j;
	struct cagefix c;
	char path[64], comm[32];
	FILE *f;
	size_t n;

	CU_ASSERT_FATAL(cagefix_start(&c, false));
	cagefix_job(&j, &p, "");
	CU_ASSERT(cagefix_do(&c, &j.job, &a));
	n = cagefix_family(&c, family, 64);
	for (size_t i = 0; i < n && maker == 0; i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)family[i]);
		f = fopen(path, "re");
		if (f && fscanf(f, "%31s", comm) == 1 && strcmp(comm, "1000") == 0)
			maker = family[i];
		if (f)
			(void)fclose(f);
	}
	CU_ASSERT_FATAL(maker > 0);
	CU_ASSERT_EQUAL(kill(maker, SIGKILL), 0);
	/* a spare box may be there yet */
	for (int i = 0; i < 3 && cagefix_do(&c, &j.job, &a); i++)
		CU_ASSERT_EQUAL(a.status, MEED_OK);
	CU_ASSERT_FALSE(cagefix_do(&c, &j.job, &a));
	(void)cagefix_stop(&c);
}

static void test_unconfined_runs_too(void)
{
	struct wire_program p = cagefix_shell("echo here; sleep 100 & setsid sleep 100 & exit 2");
	struct cagefix saved = cage, c;
	struct cagefix_job j;
	const meed_ran *r;

	CU_ASSERT_FATAL(cagefix_start(&c, true));
	cage = c;
	cagefix_job(&j, &p, "");
	r = first(answer(&j.job));
	CU_ASSERT_EQUAL(r->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(r->code, 2);
	CU_ASSERT(is(r->out, "here\n"));
	p.code = MEED_STR("while :; do :; done");
	cagefix_job(&j, &p, "");
	j.job.run_limits.cpu_ms = 100;
	CU_ASSERT_EQUAL(first(answer(&j.job))->outcome, MEED_RAN_CPU);
	CU_ASSERT_EQUAL(cagefix_stop(&cage), 0);
	cage = saved;
}

static void test_a_thousand_runs_leave_nothing(void)
{
	struct wire_program p = python_program("print(6 * 7)");
	struct cagefix_job j;
	size_t wrong = 0, before;

	cagefix_job(&j, &p, "");
	(void)answer(&j.job);
	(void)usleep(100000);
	before = cagefix_leftovers(&cage);
	for (int i = 0; i < 1000; i++)
		wrong += !meed_str_eq(first(answer(&j.job))->out, MEED_STR("42\n"));
	CU_ASSERT_EQUAL(wrong, 0);
	/* descriptors, processes and memory that are not given back would have run out */
	CU_ASSERT(cagefix_quiet(&cage, before));
}

#define T(f) { #f, test_##f }

int main(void)
{
	CU_TestInfo outcomes[] = {
		T(output_and_status_come_back),
		T(a_signal_is_told),
		T(input_is_fed_and_ends),
		T(output_is_kept_to_the_byte_of_its_limit),
		T(what_the_first_process_leaves_running_is_killed),
		T(clocks_end_what_does_not_end),
		T(memory_is_limited),
		T(processes_are_limited),
		T(the_disk_is_limited),
		T(a_program_that_is_not_there_is_told),
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo folders[] = {
		T(files_come_and_are_fetched),
		T(paths_that_lead_out_are_refused),
		T(each_run_begins_anew),
		T(the_rest_is_left_out_after_a_failure_if_asked),
		T(a_run_at_its_time_limit_stops_the_others),
		T(arguments_and_environment),
		T(what_is_compiled_once_is_run_in_copies),
		T(what_does_not_compile_is_not_run),
		T(a_compiler_has_its_own_limits),
		T(a_check_runs_nothing),
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo pairs[] = {
		T(a_channel_joins_program_and_partner),
		T(the_end_of_one_is_the_end_of_its_channel),
		T(crossed_streams),
		T(partners_do_not_see_each_other),
		T(a_partner_that_fails_does_not_change_the_program_s_outcome),
		T(python_ends_as_it_should),
		T(python_runs_its_last_things),
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo only_warm[] = {
		T(memory_is_limited),
		T(processes_are_limited),
		T(python_sees_no_difference),
		T(warm_runs_do_not_share_chance),
		T(preloaded_modules_are_there),
		T(an_interpreter_that_cannot_be_warm_is_started_cold),
		T(a_thousand_runs_leave_nothing),
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo itself[] = {
		T(garbage_ends_the_cage),
		T(hanging_up_ends_what_runs),
		T(a_cage_that_can_make_no_boxes_ends),
		T(unconfined_runs_too),
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "outcomes", NULL, NULL, NULL, NULL, outcomes },
		{ "folders", NULL, NULL, NULL, NULL, folders },
		{ "pairs, cold", NULL, NULL, NULL, NULL, pairs },
		{ "the cage itself", NULL, NULL, NULL, NULL, itself },
		{ "pairs, warm", go_warm, NULL, NULL, NULL, pairs },
		{ "warm", go_warm, NULL, NULL, NULL, only_warm },
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
