/* cage.c - the benchmark of meed-cage: what a run costs, cold and warm, on one cage and on two, and
 * how soon what does not end is ended. Also a soak, to see what many runs leave.
 *
 *	make bench-cage
 *	make soak		10,000 runs (SOAK=n), then what is there that was not there before
 *
 * A run is one job over the cage's socket: a box is made, filled, run in, emptied. The programs are
 * trivial, so that what is measured is ours. */
#include "config.h"

#include "tests/unit/cagefix.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

enum { RUNS = 400, WARM_UP = 20, LOOPS = 20 };

struct kind {
	const char *name;
	struct wire_program (*program)(void);
};

static struct wire_program cold_python(void)
{
	return cagefix_python("def add(a, b):\n    return a + b\nprint(add(40, 2))\n");
}

static struct wire_program warm_python(void)
{
	struct wire_program p = cold_python();

	p.warm = MEED_STR("python");
	return p;
}

static struct wire_program shell(void)
{
	return cagefix_shell("echo 42");
}

static struct wire_program machine_code(void)
{
	static const meed_str run[] = { { "/bin/echo", 9 }, { "42", 2 } };
	struct wire_program p = cagefix_shell("");

	p.run = run;
	p.n_run = 2;
	return p;
}

static struct wire_program node(void)
{
	static const meed_str run[] = { { "/usr/bin/node", 13 }, { "main.js", 7 } };
	struct wire_program p = cagefix_shell("console.log(42)");

	p.file = MEED_STR("main.js");
	p.run = run;
	p.n_run = 2;
	return p;
}

static const struct kind kinds[] = {
	{ "Python, warm", warm_python }, { "Python, cold", cold_python },
	{ "bash", shell },		 { "machine code", machine_code },
	{ "node", node },
};

static void die(const char *what)
{
	(void)fprintf(stderr, "bench_cage: %s\n", what);
	exit(1);
}

/* ms of each of n runs, in v. */
static void measure(struct cagefix *c, const struct cagefix_job *j, double *v, size_t n)
{
	struct wire_answer a;

	for (size_t i = 0; i < n; i++) {
		uint64_t at = meed_now_ns();

		if (!cagefix_do(c, &j->job, &a) || a.status != MEED_OK ||
		    !meed_str_eq(a.result.runs[0]->out, MEED_STR("42\n")))
			die("a run went wrong");
		v[i] = (double)(meed_now_ns() - at) / 1e6;
	}
}

static void start(struct cagefix *c)
{
	if (!cagefix_start(c, false))
		die(c->why);
}

static void latency(const struct kind *k, FILE *out)
{
	struct wire_program p = k->program();
	static double v[RUNS];
	struct cagefix_job j;
	struct cagefix c;
	double sum = 0;

	cagefix_job(&j, &p, "");
	j.job.run_limits.memory = (uint64_t)1 << 30;
	start(&c);
	measure(&c, &j, v, WARM_UP);
	measure(&c, &j, v, RUNS);
	(void)cagefix_stop(&c);
	for (size_t i = 0; i < RUNS; i++)
		sum += v[i];
	bench_sort(v, RUNS);
	(void)fprintf(out, "  %-14s p50 %6.2f ms   p99 %6.2f ms   least %6.2f ms   %6.0f runs/s, 1 cage",
		      k->name, v[RUNS / 2], v[RUNS * 99 / 100], v[0], RUNS / sum * 1e3);
}

/* Runs a second of n cages, each with a process that feeds it. */
static void throughput(const struct kind *k, size_t n, FILE *out)
{
	struct wire_program p = k->program();
	static double v[RUNS];
	struct cagefix_job j;
	struct cagefix c[4];
	uint64_t at;
	pid_t pid;

	cagefix_job(&j, &p, "");
	j.job.run_limits.memory = (uint64_t)1 << 30;
	for (size_t i = 0; i < n; i++) {
		start(&c[i]);
		measure(&c[i], &j, v, WARM_UP);
	}
	at = meed_now_ns();
	for (size_t i = 0; i < n; i++) {
		pid = fork();
		if (pid < 0)
			die("cannot fork");
		if (pid == 0) {
			measure(&c[i], &j, v, RUNS);
			_exit(0);
		}
	}
	for (size_t i = 0; i < n; i++)
		(void)wait(NULL);
	(void)fprintf(out, "   %6.0f, %zu cages\n", (double)(n * RUNS) / ((double)(meed_now_ns() - at) / 1e9),
		      n);
	for (size_t i = 0; i < n; i++)
		(void)cagefix_stop(&c[i]);
}

/* How long after its limit an infinite loop is over and answered. */
static void loops(FILE *out)
{
	struct wire_program p = cagefix_python("while True: pass");
	struct wire_answer a;
	struct cagefix_job j;
	struct cagefix c;
	double v[LOOPS];

	cagefix_job(&j, &p, "");
	j.job.run_limits.wall_ms = 200;
	start(&c);
	for (size_t i = 0; i < LOOPS; i++) {
		uint64_t at = meed_now_ns();

		if (!cagefix_do(&c, &j.job, &a) || a.result.runs[0]->outcome != MEED_RAN_WALL)
			die("a loop went wrong");
		v[i] = (double)(meed_now_ns() - at) / 1e6 - 200;
	}
	(void)cagefix_stop(&c);
	bench_sort(v, LOOPS);
	(void)fprintf(out, "  an infinite loop is answered %.1f ms after its limit (median of %d; most %.1f "
		      "ms)\n", v[LOOPS / 2], LOOPS, v[LOOPS - 1]);
}

/* ---- the soak ---- */

static size_t count_entries(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);
	size_t n = 0;

	while (d && (e = readdir(d)) != NULL)
		n++;
	if (d)
		(void)closedir(d);
	return n;
}

static size_t count_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n = 0;
	int c;

	while (f && (c = fgetc(f)) != EOF)
		n += c == '\n';
	if (f)
		(void)fclose(f);
	return n;
}

struct state {
	size_t processes, fds, mounts, shm, ipc, groups;
	long rss_kb;
};

static struct state look(const struct cagefix *c)
{
	struct state s = { .processes = cagefix_leftovers(c) };
	char path[96];
	pid_t pids[64];
	long pages;
	FILE *f;
	size_t n = cagefix_family(c, pids, 64);

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pids[i]);
		s.fds += count_entries(path);
		(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pids[i]);
		s.mounts += count_lines(path);
		(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pids[i]);
		f = fopen(path, "re");
		if (f && fscanf(f, "%*s %ld", &pages) == 1)
			s.rss_kb += pages * (sysconf(_SC_PAGESIZE) / 1024);
		if (f)
			(void)fclose(f);
	}
	s.shm = count_entries("/dev/shm");
	s.ipc = count_lines("/proc/sysvipc/shm") + count_lines("/proc/sysvipc/sem") +
		count_lines("/proc/sysvipc/msg");
	s.groups = count_lines("/proc/self/mountinfo");
	return s;
}

static void show(const char *when, const struct state *s)
{
	printf("%-7s processes %zu, their descriptors %zu, mounts %zu, memory %ld kB; the host's "
	       "/dev/shm %zu, System V objects %zu, mounts %zu\n", when, s->processes, s->fds,
	       s->mounts, s->rss_kb, s->shm, s->ipc, s->groups);
}

static int soak(size_t n)
{
	static double v[RUNS];
	struct cagefix_job j[2];
	struct state before, after;
	struct cagefix c;

	for (size_t i = 0; i < 2; i++) {
		struct wire_program p = i ? warm_python() : shell();

		cagefix_job(&j[i], &p, "");
	}
	start(&c);
	for (size_t i = 0; i < 2; i++)
		measure(&c, &j[i], v, WARM_UP);
	(void)usleep(200000);
	before = look(&c);
	for (size_t done = 0; done < n; done += 100)
		measure(&c, &j[done / 100 % 2], v, 100);
	(void)cagefix_quiet(&c, before.processes);
	(void)usleep(200000);
	after = look(&c);
	show("before:", &before);
	show("after:", &after);
	(void)cagefix_stop(&c);
	return after.processes == before.processes && after.fds == before.fds &&
	       after.mounts == before.mounts && after.rss_kb < before.rss_kb + 4096 &&
	       after.shm <= before.shm && after.ipc <= before.ipc && after.groups <= before.groups ?
		       0 : 1;
}

int main(int argc, char **argv)
{
	FILE *out = stdout;

	if (argc > 2 && strcmp(argv[1], "--soak") == 0)
		return soak((size_t)strtoul(argv[2], NULL, 10));
	if (argc > 1)
		out = fopen(argv[1], "ae");
	if (!out)
		die("cannot write the table");
	(void)fprintf(out, "\nprograms in cages (meed-cage), %d runs each\n", RUNS);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].program == node && access("/usr/bin/node", X_OK) < 0)
			continue;
		latency(&kinds[i], out);
		throughput(&kinds[i], 2, out);
		(void)fflush(out);
	}
	loops(out);
	return out == stdout || fclose(out) == 0 ? 0 : 1;
}
