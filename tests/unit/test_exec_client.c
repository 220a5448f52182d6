/* test_exec_client.c - the pool of cages as its users see it, with a cage that runs nothing but
 * does all that a cage should not. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/exec/internal.h"
#include "tests/unit/suites.h"

static const struct meed_log quiet = { .fd = -1 };

/* ---- a folder with the fake cage under several names ---- */

static char dir[] = "/tmp/meed-test-exec-XXXXXX";

struct path {
	char p[512];
};

static struct path in_dir(const char *name)
{
	struct path r;

	(void)snprintf(r.p, sizeof(r.p), "%s/%s", dir, name);
	return r;
}

static void copy_cage(const char *name)
{
	const char *build = getenv("top_builddir");
	struct path from, to = in_dir(name);
	char buf[65536];
	ssize_t n;
	int in, out;

	(void)snprintf(from.p, sizeof(from.p), "%s/tests/unit/fakecage", build ? build : ".");
	in = open(from.p, O_RDONLY | O_CLOEXEC);
	out = open(to.p, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (in < 0 || out < 0)
		abort();
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			abort();
	(void)close(in);
	(void)close(out);
}

static void remove_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		(void)unlink(in_dir(e->d_name).p);
	if (d)
		(void)closedir(d);
	(void)rmdir(dir);
}

/* ---- a pool ---- */

struct pool {
	struct meed_exec_conf conf;
	struct meed_exec_runtime runtimes[2];
	struct meed_transport *t;
	struct path cage;
	/* answered requests */
	pthread_mutex_t lock;
	pthread_cond_t cond;
	size_t n_open;
};

struct post {
	struct meed_request r; /* first: done leads back here */
	struct pool *pool;
	struct path code;
	meed_program program;
	meed_exec_run run;
	const meed_exec_run *runs[8];
	meed_exec e;
	int n_done;
};

static char name_fake[] = "fake", name_gone[] = "gone", file_main[] = "main.x",
	    where[] = "t.conf:1";
static char program_true[] = "/bin/true", program_gone[] = "/nowhere/cobol", deb[] = "cobol-deb";
static char alias_f[] = "f";
static char *run_true[] = { program_true, NULL }, *run_gone[] = { program_gone, NULL };
static char *aliases[] = { alias_f, NULL };

static void open_pool(struct pool *p, const char *cage, uint32_t workers)
{
	struct meed_err err = { 0 };

	memset(p, 0, sizeof(*p));
	meed_exec_conf_init(&p->conf);
	p->cage = in_dir(cage);
	p->conf.sandbox.cage = p->cage.p;
	p->conf.sandbox.unconfined = true;
	p->conf.sandbox.workers = workers;
	p->conf.sandbox.where = where;
	p->runtimes[0] = (struct meed_exec_runtime){ .name = name_fake,
						     .aliases = aliases,
						     .file = file_main,
						     .run = run_true,
						     .where = where };
	p->runtimes[1] = (struct meed_exec_runtime){ .name = name_gone,
						     .file = file_main,
						     .run = run_gone,
						     .package = deb,
						     .where = where };
	p->conf.runtimes = p->runtimes;
	p->conf.n_runtimes = 2;
	meed_exec_conf_seal(&p->conf);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->cond, NULL);
	CU_ASSERT_EQUAL_FATAL(meed_exec_transport_new(&p->conf, &quiet, &err, &p->t), MEED_OK);
}

static void close_pool(struct pool *p)
{
	p->t->free(p->t);
	(void)pthread_cond_destroy(&p->cond);
	(void)pthread_mutex_destroy(&p->lock);
}

static void on_done(struct meed_request *r)
{
	struct post *x = (struct post *)r;

	(void)pthread_mutex_lock(&x->pool->lock);
	x->n_done++;
	x->pool->n_open--;
	(void)pthread_cond_signal(&x->pool->cond);
	(void)pthread_mutex_unlock(&x->pool->lock);
}

/* Fills a post of n runs; what stands in it may be changed before it is sent. */
static void prepare(struct pool *p, struct post *x, size_t n, const char *code)
{
	memset(x, 0, sizeof(*x));
	x->pool = p;
	(void)snprintf(x->code.p, sizeof(x->code.p), "%s", code);
	x->program = (meed_program){ .struct_size = sizeof(x->program),
				     .runtime = name_fake,
				     .code = meed_str_of(x->code.p) };
	x->run = (meed_exec_run){ .struct_size = sizeof(x->run),
				  .input = MEED_STR("in"),
				  .partner_input = MEED_STR("") };
	for (size_t i = 0; i < n; i++)
		x->runs[i] = &x->run;
	x->e = (meed_exec){
		.struct_size = sizeof(x->e), .program = &x->program, .runs = x->runs, .n_runs = n
	};
	x->r.kind = MEED_REQ_EXEC;
	x->r.exec = &x->e;
	x->r.done = on_done;
	x->r.reply.error = MEED_STR("");
}

static void send_post(struct post *x)
{
	(void)pthread_mutex_lock(&x->pool->lock);
	x->pool->n_open++;
	(void)pthread_mutex_unlock(&x->pool->lock);
	x->pool->t->submit(x->pool->t, &x->r);
}

static void wait_all(struct pool *p)
{
	(void)pthread_mutex_lock(&p->lock);
	while (p->n_open)
		(void)pthread_cond_wait(&p->cond, &p->lock);
	(void)pthread_mutex_unlock(&p->lock);
}

/* Posts code with one run and waits; the answer is released by forget. */
static void ask(struct pool *p, struct post *x, const char *code)
{
	prepare(p, x, 1, code);
	send_post(x);
	wait_all(p);
	CU_ASSERT_EQUAL(x->n_done, 1);
}

static void forget(struct post *x)
{
	meed_arena_release(&x->r.answer);
}

static bool says(const struct post *x, const char *words)
{
	if (strstr(x->r.reply.error.p, words))
		return true;
	(void)fprintf(stderr, "\nexpected \"%s\", got \"%s\"\n", words, x->r.reply.error.p);
	return false;
}

/* The pool does its work: a program's outcome is right. */
static void check_works(struct pool *p)
{
	struct post x;

	ask(p, &x, "print");
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(x.r.ran);
	CU_ASSERT_STRING_EQUAL(x.r.ran->runs[0]->out.p, "print");
	forget(&x);
}

static void nap(void)
{
	const struct timespec ts = { 0, 1000000 };

	(void)nanosleep(&ts, NULL);
}

/* Waits until a cage has written its pid there. */
static pid_t pid_in(const char *path)
{
	char buf[32];

	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

		if (fd >= 0)
			(void)close(fd);
		if (n > 0) {
			buf[n] = '\0';
			return (pid_t)strtol(buf, NULL, 10);
		}
		nap();
	}
}

static size_t count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		(void)closedir(d);
	return n;
}

static bool has_children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

/* ---- tests ---- */

static void test_outcomes_come_back(void)
{
	struct pool p;
	struct post x;

	open_pool(&p, "fakecage", 2);
	prepare(&p, &x, 3, "count up");
	send_post(&x);
	wait_all(&p);
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(x.r.ran);
	CU_ASSERT_EQUAL_FATAL(x.r.ran->n_runs, 3);
	CU_ASSERT_EQUAL(x.r.ran->runs[2]->outcome, MEED_RAN_EXIT);
	CU_ASSERT_EQUAL(x.r.ran->runs[2]->code, 2);
	CU_ASSERT_STRING_EQUAL(x.r.ran->runs[2]->out.p, "count up");
	CU_ASSERT_STRING_EQUAL(x.r.ran->runs[2]->err.p, "in");
	forget(&x);
	ask(&p, &x, "big 3000000");
	CU_ASSERT_EQUAL(x.r.ran->runs[0]->out.n, 3000000 + strlen("big 3000000"));
	forget(&x);
	close_pool(&p);
}

static void test_thousands_wait_for_two_cages(void)
{
	enum {
		N = 3000
	};
	struct post *v = calloc(N, sizeof(*v));
	struct pool p;
	char code[32];

	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	open_pool(&p, "fakecage", 2);
	for (int i = 0; i < N; i++) {
		(void)snprintf(code, sizeof(code), "number %d", i);
		prepare(&p, &v[i], 1, code);
	}
	for (int i = 0; i < N; i++)
		send_post(&v[i]);
	wait_all(&p);
	for (int i = 0; i < N; i++) {
		(void)snprintf(code, sizeof(code), "number %d", i);
		CU_ASSERT_EQUAL(v[i].n_done, 1);
		CU_ASSERT_EQUAL_FATAL(v[i].r.reply.status, MEED_OK);
		CU_ASSERT_STRING_EQUAL(v[i].r.ran->runs[0]->out.p, code);
		forget(&v[i]);
	}
	close_pool(&p);
	free(v);
}

static void test_a_cage_that_dies_costs_nothing(void)
{
	struct path mark = in_dir("died"), code;
	struct pool p;
	struct post x;

	(void)snprintf(code.p, sizeof(code.p), "die-once %.400s", mark.p);
	open_pool(&p, "fakecage", 2);
	ask(&p, &x, code.p);
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(x.r.ran);
	CU_ASSERT_STRING_EQUAL(x.r.ran->runs[0]->out.p, code.p);
	CU_ASSERT_EQUAL(access(mark.p, F_OK), 0);
	forget(&x);
	check_works(&p);
	close_pool(&p);
}

static void test_a_cage_killed_from_outside_costs_nothing(void)
{
	struct pool p;
	struct post x;
	char first[32];

	open_pool(&p, "fakecage", 1);
	ask(&p, &x, "pid");
	(void)snprintf(first, sizeof(first), "%s", x.r.ran->runs[0]->out.p);
	forget(&x);
	CU_ASSERT_EQUAL(kill((pid_t)strtol(first, NULL, 10), SIGKILL), 0);
	ask(&p, &x, "pid");
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_OK);
	CU_ASSERT_STRING_NOT_EQUAL(x.r.ran->runs[0]->out.p, first);
	forget(&x);
	close_pool(&p);
}

static void test_what_kills_every_cage_fails_alone(void)
{
	static const struct {
		const char *code, *words;
	} bad[] = {
		{ "die-always", "a cage died: fakecage: dying as told, twice with this program" },
		{ "junk", "sent what is no frame" },
		{ "hello", "sent what is no answer" },
		{ "wrong-id", "sent what is no answer" },
		{ "too-few", "sent what is no answer" },
		{ "half", "did not answer in time" },
	};
	struct pool p;
	struct post x;

	open_pool(&p, "fakecage", 2);
	exec_transport_patience(p.t, 20000, 1500);
	p.conf.sandbox.limits.wall_ms = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ask(&p, &x, bad[i].code);
		CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UPSTREAM);
		CU_ASSERT_TRUE(says(&x, bad[i].words));
		CU_ASSERT_PTR_NULL(x.r.ran);
		forget(&x);
		check_works(&p);
	}
	close_pool(&p);
}

static void test_a_cage_that_hangs_is_killed_and_gone(void)
{
	struct path mark = in_dir("hung"), code;
	struct pool p;
	struct post x;
	pid_t pid;

	(void)snprintf(code.p, sizeof(code.p), "hang %.400s", mark.p);
	open_pool(&p, "fakecage", 1);
	exec_transport_patience(p.t, 20000, 1000);
	p.conf.sandbox.limits.wall_ms = 1;
	ask(&p, &x, code.p);
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UPSTREAM);
	CU_ASSERT_TRUE(says(&x, "did not answer in time"));
	forget(&x);
	check_works(&p);
	close_pool(&p);
	pid = pid_in(mark.p);
	CU_ASSERT_EQUAL(kill(pid, 0), -1);
	CU_ASSERT_EQUAL(errno, ESRCH);
	CU_ASSERT_FALSE(has_children());
}

static void test_where_no_cage_starts_it_is_said_why(void)
{
	static const struct {
		const char *cage, *words;
	} bad[] = {
		{ "exits", "Creating new namespace failed: it is forbidden" },
		{ "mute", "a cage ended without a word" },
		{ "future", "a cage ended without a word" },
		{ "not-there", "not-there is not there: it comes with Meed" },
	};
	struct pool p;
	struct post x, y;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_pool(&p, bad[i].cage, 2);
		if (strcmp(bad[i].cage, "mute") == 0)
			exec_transport_patience(p.t, 100, 100);
		prepare(&p, &x, 1, "print");
		prepare(&p, &y, 1, "print");
		send_post(&x);
		send_post(&y);
		wait_all(&p);
		CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UNSUPPORTED);
		CU_ASSERT_EQUAL(y.r.reply.status, MEED_E_UNSUPPORTED);
		CU_ASSERT_TRUE(says(&x, bad[i].words));
		CU_ASSERT_TRUE(says(&x, "programs cannot be run: "));
		forget(&x);
		forget(&y);
		close_pool(&p);
	}
}

static void test_without_bwrap_it_is_said_what_to_install(void)
{
	struct path no = in_dir("no-bwrap");
	const char *path = getenv("PATH");
	char *before = path ? strdup(path) : NULL;
	struct pool p;
	struct post x;

	open_pool(&p, "fakecage", 1);
	p.conf.sandbox.unconfined = false;
	(void)setenv("PATH", dir, 1);
	ask(&p, &x, "print");
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UNSUPPORTED);
	CU_ASSERT_TRUE(says(&x, "install Debian's bubblewrap"));
	forget(&x);
	close_pool(&p);
	open_pool(&p, "fakecage", 1);
	p.conf.sandbox.unconfined = false;
	p.conf.sandbox.bwrap = no.p;
	ask(&p, &x, "print");
	CU_ASSERT_TRUE(says(&x, "t.conf:1: sandbox.bwrap"));
	forget(&x);
	close_pool(&p);
	if (before)
		(void)setenv("PATH", before, 1);
	free(before);
}

static void test_a_cage_may_refuse(void)
{
	struct pool p;
	struct post x;

	open_pool(&p, "fakecage", 1);
	ask(&p, &x, "refuse");
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UNSUPPORTED);
	CU_ASSERT_STRING_EQUAL(x.r.reply.error.p, "no boxes here");
	CU_ASSERT_PTR_NULL(x.r.ran);
	forget(&x);
	close_pool(&p);
}

static void test_cancelling_ends_what_runs_and_what_waits(void)
{
	enum {
		N = 20
	};
	struct path mark = in_dir("cancelled"), code;
	struct post *v = calloc(N, sizeof(*v));
	struct pool p;
	pid_t pid;

	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	(void)snprintf(code.p, sizeof(code.p), "hang %.400s", mark.p);
	open_pool(&p, "fakecage", 1);
	for (int i = 0; i < N; i++) {
		prepare(&p, &v[i], 1, i ? "print" : code.p);
		send_post(&v[i]);
	}
	pid = pid_in(mark.p);
	p.t->cancel_all(p.t);
	wait_all(&p);
	for (int i = 0; i < N; i++) {
		CU_ASSERT_EQUAL(v[i].n_done, 1);
		CU_ASSERT_EQUAL(v[i].r.reply.status, MEED_E_CANCELLED);
		forget(&v[i]);
	}
	check_works(&p);
	close_pool(&p);
	CU_ASSERT_EQUAL(kill(pid, 0), -1);
	free(v);
}

static void test_freeing_answers_what_is_open(void)
{
	enum {
		N = 20
	};
	struct path mark = in_dir("freed"), code;
	struct post *v = calloc(N, sizeof(*v));
	struct pool p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(v);
	(void)snprintf(code.p, sizeof(code.p), "hang %.400s", mark.p);
	open_pool(&p, "fakecage", 2);
	for (int i = 0; i < N; i++) {
		prepare(&p, &v[i], 1, i ? "print" : code.p);
		send_post(&v[i]);
	}
	(void)pid_in(mark.p);
	p.t->free(p.t);
	for (int i = 0; i < N; i++) {
		CU_ASSERT_EQUAL(v[i].n_done, 1);
		CU_ASSERT_TRUE(v[i].r.reply.status == MEED_OK ||
			       v[i].r.reply.status == MEED_E_CANCELLED);
		forget(&v[i]);
	}
	CU_ASSERT_EQUAL(v[0].r.reply.status, MEED_E_CANCELLED);
	CU_ASSERT_FALSE(has_children());
	free(v);
}

static void test_a_pool_that_was_never_used_starts_nothing(void)
{
	struct pool p;

	open_pool(&p, "fakecage", 4);
	CU_ASSERT_FALSE(has_children());
	close_pool(&p);
}

static void test_a_cage_inherits_nothing(void)
{
	int open_fd = open("/dev/null", O_RDONLY); /* not close-on-exec */
	const char *out;
	struct pool p;
	struct post x;

	open_pool(&p, "fakecage", 1);
	ask(&p, &x, "surroundings");
	CU_ASSERT_PTR_NOT_NULL_FATAL(x.r.ran);
	/* 4 and 5 are its control groups, where we may make any */
	out = x.r.ran->runs[0]->out.p;
	CU_ASSERT(strcmp(out, "1 2 3 sid own") == 0 || strcmp(out, "1 2 3 4 5 sid own") == 0);
	forget(&x);
	close_pool(&p);
	(void)close(open_fd);
}

static void test_nothing_is_left_behind(void)
{
	size_t before;
	struct pool p;
	struct post x;

	open_pool(&p, "fakecage", 1);
	check_works(&p);
	close_pool(&p);
	before = count_fds();
	for (int i = 0; i < 5; i++) {
		open_pool(&p, i == 4 ? "exits" : "fakecage", 2);
		ask(&p, &x, i % 2 ? "die-always" : "print");
		forget(&x);
		close_pool(&p);
	}
	CU_ASSERT_EQUAL(count_fds(), before);
	CU_ASSERT_FALSE(has_children());
}

static void test_a_post_is_refused_before_a_cage_sees_it(void)
{
	const meed_file twice = { file_main, MEED_STR("x") };
	struct pool p;
	struct post x;

	open_pool(&p, "exits", 1); /* never started: nothing comes to a cage */
	prepare(&p, &x, 1, "print");
	x.program.runtime = "cobol";
	send_post(&x);
	wait_all(&p);
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UNSUPPORTED);
	CU_ASSERT_TRUE(says(&x, "no runtime \"cobol\" is configured"));
	forget(&x);
	prepare(&p, &x, 1, "print");
	x.program.runtime = name_gone;
	send_post(&x);
	wait_all(&p);
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_UNSUPPORTED);
	CU_ASSERT_TRUE(says(&x, "/nowhere/cobol of the runtime \"gone\" (t.conf:1) is not on this "
				"machine: install Debian's cobol-deb"));
	forget(&x);
	prepare(&p, &x, 1, "print");
	x.program.files = &twice;
	x.program.n_files = 1;
	send_post(&x);
	wait_all(&p);
	CU_ASSERT_EQUAL(x.r.reply.status, MEED_E_SAMPLE);
	CU_ASSERT_TRUE(says(&x, "a file of the program is called \"main.x\""));
	forget(&x);
	close_pool(&p);
}

static void test_runtimes_are_found_by_name_and_alias(void)
{
	struct meed_arena a = { 0 };
	meed_runtime rt = { .struct_size = sizeof(rt) };
	struct pool p;

	open_pool(&p, "fakecage", 1);
	CU_ASSERT_EQUAL(p.conf.face.find(&p.conf.face, "f", &a, &rt), MEED_OK);
	CU_ASSERT_STRING_EQUAL(rt.name.p, "fake");
	CU_ASSERT_EQUAL(rt.max->wall_ms, 300000);
	rt.why = MEED_STR("");
	CU_ASSERT_EQUAL(p.conf.face.find(&p.conf.face, "gone", &a, &rt), MEED_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(rt.why.p, "install Debian's cobol-deb"));
	CU_ASSERT_EQUAL(p.conf.face.find(&p.conf.face, "cobol", &a, &rt), MEED_E_UNSUPPORTED);
	CU_ASSERT_STRING_EQUAL(rt.why.p,
			       "no runtime \"cobol\" is configured: there are fake, gone");
	meed_arena_release(&a);
	close_pool(&p);
}

static void test_limits_come_from_post_runtime_and_sandbox_in_turn(void)
{
	const struct meed_exec_limits runtimes = { .wall_ms = 7, .memory = 8 };
	const meed_limits asked = { .struct_size = sizeof(asked), .wall_ms = 5 };
	struct meed_exec_conf c;
	meed_limits l;

	meed_exec_conf_init(&c);
	meed_exec_limits(&c, &runtimes, &asked, &l);
	CU_ASSERT_EQUAL(l.wall_ms, 5);
	CU_ASSERT_EQUAL(l.memory, 8);
	CU_ASSERT_EQUAL(l.cpu_ms, 10000);
	CU_ASSERT_EQUAL(l.struct_size, sizeof(l));
	meed_exec_limits(&c, &runtimes, NULL, &l);
	CU_ASSERT_EQUAL(l.wall_ms, 7);
	CU_ASSERT_TRUE(l.processes && l.disk && l.output);
	meed_exec_conf_release(&c);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "outcomes come back", test_outcomes_come_back },
		{ "thousands wait for two cages", test_thousands_wait_for_two_cages },
		{ "a cage that dies costs nothing", test_a_cage_that_dies_costs_nothing },
		{ "a cage killed from outside costs nothing",
		  test_a_cage_killed_from_outside_costs_nothing },
		{ "what kills every cage fails alone", test_what_kills_every_cage_fails_alone },
		{ "a cage that hangs is killed and gone",
		  test_a_cage_that_hangs_is_killed_and_gone },
		{ "where no cage starts it is said why", test_where_no_cage_starts_it_is_said_why },
		{ "without bwrap it is said what to install",
		  test_without_bwrap_it_is_said_what_to_install },
		{ "a cage may refuse", test_a_cage_may_refuse },
		{ "cancelling ends what runs and what waits",
		  test_cancelling_ends_what_runs_and_what_waits },
		{ "freeing answers what is open", test_freeing_answers_what_is_open },
		{ "a pool that was never used starts nothing",
		  test_a_pool_that_was_never_used_starts_nothing },
		{ "a cage inherits nothing", test_a_cage_inherits_nothing },
		{ "nothing is left behind", test_nothing_is_left_behind },
		{ "a post is refused before a cage sees it",
		  test_a_post_is_refused_before_a_cage_sees_it },
		{ "runtimes are found by name and alias",
		  test_runtimes_are_found_by_name_and_alias },
		{ "limits come from post, runtime and sandbox in turn",
		  test_limits_come_from_post_runtime_and_sandbox_in_turn },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "exec client", NULL, NULL, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };
	int r;

	if (!mkdtemp(dir) || chmod(dir, 0777) < 0)
		return 99;
	copy_cage("fakecage");
	copy_cage("exits");
	copy_cage("mute");
	copy_cage("future");
	r = suites_run(suites);
	remove_dir();
	return r;
}
