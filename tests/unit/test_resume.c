/* test_resume.c - runs that are killed, interrupted or out of disk go on as if nothing had been.
 *
 * Each round ends the real program at a random moment, perhaps damages what it left as a loss of
 * power would, and lets it go on. The moments come from a seed, which is printed.
 * MEED_RESUME_ROUNDS, MEED_RESUME_SAMPLES and MEED_RESUME_SEED: more of it (make soak-resume). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "host/base/base.h"
#include "tests/unit/suites.h"

static const char conf[] =
	"run = { checkpoint_ms = 10; sync_ms = 100; };\n"
	"endpoints = { judge = { kind = \"script\"; file = \"replies.json\"; }; };\n"
	"instances = {\n"
	"  acc = { model = \"general.accuracy\"; };\n"
	"  f1 = { model = \"general.f1_score\"; };\n"
	"  len = { model = \"format.length_penalty\"; };\n"
	"  jdg = { model = \"judge.pointwise\"; params = { contract = \"score\"; format = "
	"\"text\";\n"
	"          description = \"How good.\"; reasks = 0; }; };\n"
	"};\n"
	"compositions = { all = { combine = \"mean\"; members = (\n"
	"  { use = \"acc\"; }, { use = \"f1\"; weight = 2.0; transform = \"zscore\"; },\n"
	"  { use = \"len\"; weight = 0.5; }, { use = \"jdg\"; weight = 1.5; } ); }; };\n";

static const char replies[] =
	"[{\"match\":\"product equals\",\"delay_ms\":3,\"text\":\"8\"},"
	"{\"match\":\"number\",\"delay_ms\":1,\"text\":\"6\"},"
	"{\"match\":\"what is 77?\",\"status\":\"upstream\",\"error\":\"busy\"},"
	"{\"delay_ms\":2,\"text\":\"3\"}]";

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t draw(uint64_t *s)
{
	uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64, Steele et al. 2014 */

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t below(uint64_t *s, uint64_t n)
{
	return draw(s) % n;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v && *v ? strtoull(v, NULL, 10) : otherwise;
}

/* ---- files ------------------------------------------------------------------------------------
 */

static bool get_file(const char *path, struct meed_buf *b)
{
	FILE *f = fopen(path, "rb");
	char page[65536];
	size_t n;

	b->n = 0;
	if (!f)
		return false;
	while ((n = fread(page, 1, sizeof(page), f)) > 0)
		meed_buf_put(b, page, n);
	return fclose(f) == 0 && !b->failed;
}

static bool put_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	bool ok = f && (!n || fwrite(p, 1, n, f) == n);

	return f && fclose(f) == 0 && ok;
}

static bool same_file(const char *a, const char *b)
{
	struct meed_buf x = { 0 }, y = { 0 };
	bool same = get_file(a, &x) && get_file(b, &y) && x.n == y.n && x.n > 0 &&
		    memcmp(x.p, y.p, x.n) == 0;

	meed_buf_release(&x);
	meed_buf_release(&y);
	return same;
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void put_words(struct meed_buf *b, uint64_t *s, uint64_t n)
{
	static const char *const words[] = { "the",	"a",	  "of",	  "number", "sum",
					     "product", "equals", "then", "second", "so" };

	while (n--) {
		meed_buf_puts(b, words[below(s, 10)]);
		meed_buf_putc(b, ' ');
	}
}

/* Rows of one to three answers, in groups of three rows; some lines are none, or empty. */
static bool put_input(uint64_t n)
{
	struct meed_buf b = { 0 };
	uint64_t s = 7;
	gzFile gz;
	bool ok;

	for (uint64_t i = 0; i < n; i++) {
		if (i % 97 == 5) {
			meed_buf_printf(&b, "no row %u\n%s", (unsigned)i, i % 2 ? "\r\n" : "");
			continue;
		}
		meed_buf_printf(&b,
				"{\"id\":\"s%u\",\"group\":%u,\"prompt\":\"what is %u?\","
				"\"reference\":\"the sum 7\",\"responses\":[",
				(unsigned)i, (unsigned)i / 3, (unsigned)i);
		for (uint64_t k = below(&s, 3) + 1; k; k--) {
			meed_buf_putc(&b, '"');
			put_words(&b, &s, below(&s, 20));
			meed_buf_printf(&b, "%u\"%s", (unsigned)below(&s, 9), k > 1 ? "," : "");
		}
		/* the last line has no end */
		meed_buf_puts(&b, i + 1 < n ? "]}\n" : "]}");
	}
	ok = !b.failed && put_file("in.jsonl", b.p, b.n);
	gz = gzopen("in.jsonl.gz", "wb1");
	ok = ok && gz && gzwrite(gz, b.p, (unsigned)b.n) == (int)b.n;
	ok = gz && gzclose(gz) == Z_OK && ok;
	meed_buf_release(&b);
	return ok;
}

/* ---- the program -------------------------------------------------------------------------------
 */

struct way {
	const char *name;
	const char *extra[6];
	const char *input;
	bool shard;
	uint64_t ns; /* how long it takes undisturbed */
};

static struct way ways[] = {
	{ "plain", { NULL }, "../in.jsonl", false, 0 },
	{ "grouped", { "--group-by", "/group", NULL }, "../in.jsonl", false, 0 },
	{ "packed", { "--level", "full", NULL }, "../in.jsonl.gz", false, 0 },
	{ "a shard", { "--shard", "2/3", NULL }, "../in.jsonl", true, 0 },
};
#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

static char program[4096];

/* Starts it with outputs in dir. limit: bytes that a file may have; 0: any. */
static pid_t start(const struct way *w, const char *dir, bool resume, unsigned threads,
		   uint64_t limit)
{
	const char *argv[32];
	size_t n = 0;
	char t[16];
	pid_t pid;

	(void)snprintf(t, sizeof(t), "%u", threads);
	for (const char *const *p =
		     (const char *const[]){ program, "score", "-c", "../a.conf", "-m", "all", "-q",
					    "-o", "o", "--rejects", "o.rejects", "--summary-json",
					    "o.summary", "-t", t, NULL };
	     *p; p++)
		argv[n++] = *p;
	for (size_t i = 0; w->extra[i]; i++)
		argv[n++] = w->extra[i];
	if (resume)
		argv[n++] = "--resume";
	argv[n++] = w->input;
	argv[n] = NULL;
	pid = fork();
	if (pid == 0) {
		int fd = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666);
		struct rlimit rl = { limit, limit };

		(void)dup2(fd, STDERR_FILENO);
		(void)signal(SIGINT, SIG_DFL);
		if (limit)
			(void)setrlimit(RLIMIT_FSIZE, &rl);
		if (chdir(dir) < 0)
			_exit(126);
		(void)execv(program, (char *const *)(uintptr_t)argv);
		_exit(126);
	}
	return pid;
}

/* The exit status; -N: ended by signal N. */
static int wait_for(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void say_err(void)
{
	struct meed_buf b = { 0 };

	if (get_file("err", &b))
		(void)printf("    it said: %.*s\n", (int)(b.n < 600 ? b.n : 600), b.p);
	meed_buf_release(&b);
}

static const char *const outputs[] = { "o", "o.rejects", "o.summary", "o.shard" };

static void clear(const char *dir)
{
	static const char *const tails[] = { "", ".part", ".journal", ".journal.new" };
	char path[300];

	for (size_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < 4; k++) {
			(void)snprintf(path, sizeof(path), "%s/%s%s", dir, outputs[i], tails[k]);
			(void)unlink(path);
		}
	}
}

/* True if what is in dir is what the undisturbed run of this way left. */
static bool is_same(const struct way *w, const char *dir)
{
	char a[300], b[300];
	bool same = true;

	for (size_t i = 0; i < 4; i++) {
		if (i == 3 && !w->shard)
			continue;
		(void)snprintf(a, sizeof(a), "%s/%s", dir, outputs[i]);
		(void)snprintf(b, sizeof(b), "ref-%zu/%s", (size_t)(w - ways), outputs[i]);
		if (!same_file(a, b)) {
			(void)printf("    %s differs from %s\n", a, b);
			same = false;
		}
	}
	(void)snprintf(a, sizeof(a), "%s/o.journal", dir);
	if (access(a, F_OK) == 0) {
		(void)printf("    %s is still there\n", a);
		same = false;
	}
	return same;
}

/* The last words of a round: it goes on to its end, and nothing shows. */
static bool ends_well(const struct way *w, const char *dir, unsigned threads)
{
	int status = wait_for(start(w, dir, true, threads, 0));

	/* 65: there are lines that are no rows; 0: it had been through and was killed after that */
	if ((status == 65 || status == 0) && is_same(w, dir))
		return true;
	(void)printf("    %s: ended with %d\n", w->name, status);
	say_err();
	return false;
}

static void sleep_ns(uint64_t ns)
{
	struct timespec ts = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

/* ---- set-up
 * -------------------------------------------------------------------------------------- */

static uint64_t seed, rounds;
static char home[64];

static int set_up(void)
{
	const char *bin = getenv("MEED_BIN");
	char dir[32];

	rounds = setting("MEED_RESUME_ROUNDS", 6);
	seed = setting("MEED_RESUME_SEED", 20261125);
	(void)printf("  seed %llu, %llu rounds\n", (unsigned long long)seed,
		     (unsigned long long)rounds);
	if (!realpath(bin ? bin : "./meed", program)) {
		(void)printf("  no program: set MEED_BIN\n");
		return 1;
	}
	(void)snprintf(home, sizeof(home), "/tmp/meed-resume-XXXXXX");
	if (!mkdtemp(home) || chdir(home) < 0 || !put_input(setting("MEED_RESUME_SAMPLES", 2000)) ||
	    !put_file("a.conf", conf, sizeof(conf) - 1) ||
	    !put_file("replies.json", replies, sizeof(replies) - 1) || mkdir("run", 0777) < 0)
		return 1;
	for (size_t i = 0; i < N_WAYS; i++) {
		uint64_t t0;
		int status;

		(void)snprintf(dir, sizeof(dir), "ref-%zu", i);
		if (mkdir(dir, 0777) < 0)
			return 1;
		(void)fflush(stdout);
		t0 = meed_now_ns();
		status = wait_for(start(&ways[i], dir, false, 2, 0));
		ways[i].ns = meed_now_ns() - t0;
		if (status != 65) {
			(void)printf("  %s: ended with %d\n", ways[i].name, status);
			say_err();
			return 1;
		}
	}
	return 0;
}

static int tear_down(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", home);
	return chdir("/") == 0 && strncmp(home, "/tmp/meed-resume-", 17) == 0 &&
			       system(command) == 0
		       ? 0
		       : 1;
}

/* ---- rounds
 * --------------------------------------------------------------------------------------- */

/* What a loss of power may leave of a file that was not yet on the disk. */
static void damage(uint64_t *s)
{
	static const char *const victims[] = { "run/o.part", "run/o.rejects.part",
					       "run/o.shard.part", "run/o.journal" };
	const char *path = victims[below(s, 4)];
	uint64_t size = size_of(path), at;
	int fd;

	if (!size)
		return;
	at = below(s, 2) ? size - below(s, size < 5000 ? size : 5000) : below(s, size);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;
	/* shorter; or as long, with zeroes; or longer, with what was never marked */
	switch (below(s, 3)) {
	case 0:
		(void)!ftruncate(fd, (off_t)at);
		break;
	case 1:
		(void)!ftruncate(fd, (off_t)at);
		(void)!ftruncate(fd, (off_t)size);
		break;
	default:
		(void)!pwrite(fd, "{\"half a li", 11, (off_t)size);
	}
	(void)close(fd);
}

static void test_a_killed_run_goes_on_as_if_it_had_not_been(void)
{
	uint64_t s = seed;

	for (uint64_t i = 0; i < rounds; i++) {
		const struct way *w = &ways[i % N_WAYS];
		bool resume = false;

		clear("run");
		for (uint64_t kills = below(&s, 3) + 1; kills; kills--) {
			pid_t pid = start(w, "run", resume, 1 + (unsigned)below(&s, 3), 0);

			sleep_ns(below(&s, w->ns));
			(void)kill(pid, SIGKILL);
			(void)wait_for(pid);
			if (below(&s, 2) == 0)
				damage(&s);
			resume = true;
		}
		CU_ASSERT_TRUE(ends_well(w, "run", 1 + (unsigned)below(&s, 3)));
	}
}

static void test_an_interrupted_run_says_130_and_goes_on(void)
{
	uint64_t s = seed + 1;

	for (uint64_t i = 0; i < rounds; i++) {
		const struct way *w = &ways[i % N_WAYS];
		pid_t pid;
		int status;

		clear("run");
		pid = start(w, "run", false, 2, 0);
		/* not before its handlers are there: by then the journal is */
		while (access("run/o.journal", F_OK) < 0 && access("run/o", F_OK) < 0)
			sleep_ns(100000);
		sleep_ns(below(&s, w->ns));
		(void)kill(pid, SIGINT);
		if (i % 3 == 0)
			(void)kill(pid, SIGINT);
		status = wait_for(pid);
		CU_ASSERT_TRUE(status == 130 || (status == 65 && access("run/o", F_OK) == 0));
		CU_ASSERT_TRUE(ends_well(w, "run", 2));
	}
}

static void test_a_file_too_large_is_said_and_the_run_goes_on(void)
{
	uint64_t s = seed + 2, n = rounds / 4 + 1;

	for (uint64_t i = 0; i < n; i++) {
		const struct way *w = &ways[i % 3];
		char ref[32];
		uint64_t limit;
		struct meed_buf b = { 0 };

		(void)snprintf(ref, sizeof(ref), "ref-%zu/o", (size_t)(w - ways));
		limit = 4096 + below(&s, size_of(ref) - 8192);
		clear("run");
		CU_ASSERT_EQUAL(wait_for(start(w, "run", false, 2, limit)), 74);
		CU_ASSERT_TRUE_FATAL(get_file("err", &b));
		meed_buf_putc(&b, '\0');
		CU_ASSERT_PTR_NOT_NULL(strstr(b.p, "File too large"));
		meed_buf_release(&b);
		CU_ASSERT_TRUE(ends_well(w, "run", 2));
	}
}

static bool own_mounts(void)
{
	char map[64];
	unsigned id = (unsigned)geteuid();

	if (unshare(CLONE_NEWNS) < 0) {
		(void)snprintf(map, sizeof(map), "0 %u 1", id);
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
		    !put_file("/proc/self/uid_map", map, strlen(map)))
			return false;
	}
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* In a name space of our own a small disk can be had. 0: all is well; 2: cannot be had. */
static int on_small_disk(uint64_t *s)
{
	const struct way *w = &ways[0];
	struct meed_buf b = { 0 };
	char options[64];
	int status;

	if (!own_mounts() || (mkdir("disk", 0777) < 0 && errno != EEXIST))
		return 2;
	(void)snprintf(options, sizeof(options), "size=%lluk",
		       (unsigned long long)(below(s, size_of("ref-0/o") / 1024 - 64) + 32));
	if (mount("none", "disk", "tmpfs", 0, options) < 0)
		return 2;
	status = wait_for(start(w, "disk", false, 2, 0));
	if (status != 74 || !get_file("err", &b)) {
		(void)printf("    %s: ended with %d\n", options, status);
		return 1;
	}
	meed_buf_putc(&b, '\0');
	if (!strstr(b.p, "No space left on device")) {
		say_err();
		return 1;
	}
	meed_buf_release(&b);
	/* nothing has changed: it must not get worse */
	if (wait_for(start(w, "disk", true, 2, 0)) != 74)
		return 1;
	if (mount("none", "disk", "tmpfs", MS_REMOUNT, "size=1g") < 0)
		return 2;
	return ends_well(w, "disk", 2) ? 0 : 1;
}

static void test_a_full_disk_is_said_and_the_run_goes_on(void)
{
	uint64_t s = seed + 3, n = rounds / 4 + 1;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t mine = draw(&s);
		pid_t pid;
		int status;

		(void)fflush(stdout);
		pid = fork();
		if (pid == 0) {
			status = on_small_disk(&mine);
			(void)fflush(stdout);
			_exit(status);
		}
		status = wait_for(pid);
		(void)rmdir("disk");
		if (status == 2) {
			(void)printf("    no disk of our own can be had here: left out\n");
			return;
		}
		CU_ASSERT_EQUAL(status, 0);
	}
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "a killed run goes on as if it had not been",
		  test_a_killed_run_goes_on_as_if_it_had_not_been },
		{ "an interrupted run says 130 and goes on",
		  test_an_interrupted_run_says_130_and_goes_on },
		{ "a file too large is said, and the run goes on",
		  test_a_file_too_large_is_said_and_the_run_goes_on },
		{ "a full disk is said, and the run goes on",
		  test_a_full_disk_is_said_and_the_run_goes_on },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "resume", set_up, tear_down, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
