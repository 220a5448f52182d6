/* bench.c - the benchmark: whole runs from file to file, and what they are made of.
 *
 *	make bench
 *
 * Figures are medians. Speed is stated as a ratio to json-c's parse and print of the same lines in the
 * same run (the floor), and to RM-Gallery's recorded figures. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

static struct whole score(const char *bin, const char *in, const char *out, const char *threads,
			  unsigned times)
{
	const char *argv[] = { bin,	    "score",	 "-m",	  "rule_suite", "--quiet",
			       "--map",	    "response=/answer,reference=/reference",
			       "--threads", threads, "-o",	  out,		in,
			       NULL };

	return bench_run(argv, times);
}

static void whole_runs(const char *bin, const char *dir, FILE *out)
{
	static const size_t rows[3] = { 400000, 100000, 20000 };
	char in[512], to[512];

	(void)fprintf(out, "From file to file, composition rule_suite (seven rules)\n");
	(void)fprintf(out, "%-7s %6s %11s %11s %11s %9s %11s %11s %9s %9s\n", "rows", "bytes",
		      "1 thread/s", "per CPU s", "2 threads/s", "aim/s", "x reference", "json-c/s",
		      "x json-c", "aim");
	(void)snprintf(to, sizeof(to), "%s/out.jsonl", dir);
	for (size_t i = 0; i < 3; i++) {
		const struct profile *p = &profiles[i];
		double two, fl;
		struct whole one;
		uint64_t bytes;

		(void)snprintf(in, sizeof(in), "%s/%s.jsonl", dir, p->name);
		bytes = bench_file(in, p, rows[i]);
		fl = bench_floor(p);
		one = score(bin, in, to, "1", 7);
		fl = (fl + bench_floor(p)) / 2;
		two = (double)rows[i] / score(bin, in, to, "2", 5).seconds;
		(void)fprintf(out, "%-7s %6.0f %11.0f %11.0f %11.0f %9.0f %11.0f %11.0f %9.2f %9.2f\n",
			      p->name, (double)bytes / (double)rows[i],
			      (double)rows[i] / one.seconds, (double)rows[i] / one.cpu, two,
			      p->aim, (double)rows[i] / one.seconds / p->reference, 1e6 / fl,
			      1e6 * one.cpu / (double)rows[i] / fl, p->floor / p->aim);
		(void)unlink(in);
	}
	(void)unlink(to);
	(void)fprintf(out,
		      "x json-c: CPU time of the whole run, files included, over json-c's parse and "
		      "print of the same\nlines from memory, measured before and after it; aim: the "
		      "same for the aim on an idle machine.\n");
}

static void start_up(const char *bin, const char *dir, FILE *out)
{
	char in[512], to[512];
	const char *version[] = { bin, "--version", NULL };

	(void)snprintf(in, sizeof(in), "%s/one.jsonl", dir);
	(void)snprintf(to, sizeof(to), "%s/out.jsonl", dir);
	(void)bench_file(in, &profiles[0], 1);
	(void)fprintf(out, "\nStart-up: meed --version %.1f ms, meed score of one row %.1f ms\n",
		      1e3 * bench_run(version, 21).seconds, 1e3 * score(bin, in, to, "1", 21).seconds);
	(void)unlink(in);
	(void)unlink(to);
}

static void memory(const char *bin, const char *dir, FILE *out)
{
	static const size_t rows[2] = { 100000, 1000000 };
	char in[512], to[512];

	(void)snprintf(in, sizeof(in), "%s/mem.jsonl", dir);
	(void)snprintf(to, sizeof(to), "%s/out.jsonl", dir);
	(void)fprintf(out, "\nPeak memory, 2 threads, short rows:");
	for (size_t i = 0; i < 2; i++) {
		(void)bench_file(in, &profiles[0], rows[i]);
		(void)fprintf(out, " %zu samples %.1f MB%s", rows[i],
			      (double)score(bin, in, to, "2", 1).rss_kb / 1024, i ? "\n" : ",");
	}
	(void)unlink(in);
	(void)unlink(to);
}

#define N_TIMES 60			/* the file of real responses is read so often */

/* Real responses, strict and loose; N_TIMES their number. */
static void ifeval(const char *bin, const char *to, FILE *out)
{
	static const char *const modes[2] = { "mode=strict", "mode=loose" };
	const char *argv[12 + N_TIMES] = { bin, "score", "-m", "ifeval", "--quiet", "--threads", "1",
					   "-o", to, "--set", NULL };
	const char *root = getenv("top_srcdir");
	const double n = 139.0 * N_TIMES;
	char in[512];

	(void)snprintf(in, sizeof(in), "%s/tests/data/ifeval_responses.jsonl.gz", root ? root : ".");
	for (size_t i = 0; i < N_TIMES; i++)
		argv[11 + i] = in;
	(void)fprintf(out, "\nRules on one thread, responses a CPU second: ifeval");
	for (size_t i = 0; i < 2; i++) {
		argv[10] = modes[i];
		(void)fprintf(out, " %s %.0f,", modes[i] + 5, n / bench_run(argv, 3).cpu);
	}
}

/* Two parallel calls with a schema, written as Hermes does. */
static void tool_calls(const char *bin, const char *to, const char *dir, FILE *out)
{
	static const char row[] =
		"{\"prompt\":\"Weather?\",\"response\":\"<think>Two cities.</think>\\n<tool_call>"
		"{\\\"name\\\": \\\"get\\\", \\\"arguments\\\": {\\\"city\\\": \\\"Rome\\\", "
		"\\\"days\\\": 3}}</tool_call>\\n<tool_call>{\\\"name\\\": \\\"get\\\", "
		"\\\"arguments\\\": {\\\"city\\\": \\\"Paris\\\", \\\"days\\\": 3}}</tool_call>\","
		"\"ground_truth\":[{\"get\":{\"city\":[\"Paris\"],\"days\":[3],\"unit\":[\"\",\"C\"]}},"
		"{\"get\":{\"city\":[\"Rome\"],\"days\":[3],\"unit\":[\"\",\"C\"]}}],\"tools\":["
		"{\"name\":\"get\",\"parameters\":{\"required\":[\"city\"],\"properties\":{\"city\":"
		"{\"type\":\"string\"},\"days\":{\"type\":\"integer\"},\"unit\":{\"type\":"
		"\"string\"}}}}]}\n";
	const size_t n = 100000;
	char in[512];
	const char *argv[] = { bin, "score", "-m", "tool_call_match", "--quiet", "--threads", "1",
			       "-o", to, in, NULL };
	FILE *f;

	(void)snprintf(in, sizeof(in), "%s/calls.jsonl", dir);
	f = fopen(in, "w");
	for (size_t i = 0; f && i < n; i++)
		(void)fputs(row, f);
	if (!f || fclose(f) != 0) {
		(void)fprintf(stderr, "bench: %s: %s\n", in, strerror(errno));
		exit(74);
	}
	(void)fprintf(out, " tool_call_match %.0f\n", (double)n / bench_run(argv, 3).cpu);
	(void)unlink(in);
}

static void rules(const char *bin, const char *dir, FILE *out)
{
	char to[512];

	(void)snprintf(to, sizeof(to), "%s/out.jsonl", dir);
	ifeval(bin, to, out);
	tool_calls(bin, to, dir, out);
	(void)unlink(to);
}

int main(int argc, char **argv)
{
	const char *bin = getenv("MEED_BIN"), *where = getenv("TMPDIR");
	char dir[256];
	FILE *out = stdout;

	/* in memory if there is such a folder: a disk's write-back is not what is measured */
	if (!where)
		where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(dir, sizeof(dir), "%s/meed-bench-XXXXXX", where);
	if (!bin || !mkdtemp(dir)) {
		(void)fprintf(stderr, "bench: run it by `make bench`\n");
		return 64;
	}
	if (argc > 1)
		out = fopen(argv[1], "w");
	if (!out) {
		(void)fprintf(stderr, "bench: %s: %s\n", argv[1], strerror(errno));
		return 73;
	}
	whole_runs(bin, dir, out);
	start_up(bin, dir, out);
	memory(bin, dir, out);
	rules(bin, dir, out);
	for (size_t i = 0; i < 3; i++)
		bench_inside(&profiles[i], out);
	(void)rmdir(dir);
	return fclose(out) == 0 ? 0 : 74;
}
