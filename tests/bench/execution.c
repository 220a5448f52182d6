/* execution.c - the benchmark of code.execution: trivial answers in Python with one test, through
 * meed score with one sandbox and with two, and one after the other for the time of each.
 *
 *	make bench-execution
 *
 * The reference (RM-Gallery 0.1.4, PRIME's harness, no isolation) takes 27 ms for one test that
 * passes, and 25 s for a loop with two tests. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

enum { ROWS = 400, SINGLE = 200, WARM_UP = 20, LOOPS = 5 };

static const struct kind {
	const char *name, *instance, *answer, *tests;
} kinds[] = {
	{ "input and output", "bench", "print(int(input()) + 1)",
	  "\"inputs_outputs\":{\"inputs\":[\"41\"],\"outputs\":[\"42\"]}" },
	{ "the same, cold", "bench_cold", "print(int(input()) + 1)",
	  "\"inputs_outputs\":{\"inputs\":[\"41\"],\"outputs\":[\"42\"]}" },
	{ "function, one assert", "bench", "def f(x):\\n    return x + 1",
	  "\"test_list\":[\"assert f(41) == 42\"]" },
};

static const struct kind loop = { "loop with two tests", "bench",
				  "def f(x):\\n    while True: pass",
				  "\"test_list\":[\"assert f(1) == 2\",\"assert f(2) == 3\"]" };

static char dir[64];

_Noreturn static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_execution: %s: %s\n", what, why);
	exit(1);
}

static char *path_of(const char *name)
{
	char *s;

	if (asprintf(&s, "%s/%s", dir, name) < 0)
		die("path", "out of memory");
	return s;
}

/* n copies of a kind's sample, or one line of it. */
static char *write_rows(const struct kind *k, size_t n)
{
	char *path = path_of("rows.jsonl");
	FILE *f = fopen(path, "w");

	if (!f)
		die(path, "cannot be written");
	for (size_t i = 0; i < n; i++)
		(void)fprintf(f, "{\"id\":%zu,\"prompt\":\"q\",\"completion\":\"```python\\n%s\\n"
			      "```\",%s}\n", i, k->answer, k->tests);
	if (fclose(f) != 0)
		die(path, "cannot be written");
	return path;
}

static char *write_conf(unsigned workers)
{
	char *path = path_of("bench.conf");
	FILE *f = fopen(path, "w");

	if (!f)
		die(path, "cannot be written");
	(void)fprintf(f,
		      "sandbox = { workers = %u; };\n"
		      "runtimes = { python_cold = { file = \"main.py\"; package = \"python3\";\n"
		      "  run = [ \"/usr/bin/python3\", \"main.py\" ]; }; };\n"
		      "instances = {\n"
		      "  bench = { model = \"code.execution\";\n"
		      "    params = { preamble = \"no\"; timeout = 1.0; }; };\n"
		      "  bench_cold = { model = \"code.execution\";\n"
		      "    params = { preamble = \"no\"; language = \"python_cold\"; }; };\n"
		      "};\n", workers);
	if (fclose(f) != 0)
		die(path, "cannot be written");
	return path;
}

/* ---- through the program ------------------------------------------------------------------- */

static double whole_rate(const struct kind *k, unsigned workers)
{
	char *rows = write_rows(k, ROWS), *conf = write_conf(workers);
	const char *meed = getenv("MEED_BIN"), *confd = getenv("MEED_CONF");
	const char *argv[] = { meed ? meed : "meed", "score", "-q", "-c", confd ? confd : "conf.d",
			       "-c", conf, "-m", k->instance, "-o", "/dev/null", rows, NULL };
	struct whole w = bench_run(argv, 3);

	free(rows);
	free(conf);
	return ROWS / w.seconds;
}

/* ---- one after the other ------------------------------------------------------------------- */

struct host {
	struct meed_conf *conf;
	struct meed_plan *plan;
	struct meed_engine *engine;
	struct meed_transport *exec;
	struct meed_parser *parser;
	struct meed_schema *schema;
	struct meed_arena arena;
	struct meed_diags diags;
};

static void open_host(struct host *h, const char *instance)
{
	static const struct meed_log quiet = { -1, MEED_LOG_ERROR };
	struct meed_engine_opts o = { .want = MEED_WANT_REASON };
	char *conf = write_conf(1);
	const char *confd = getenv("MEED_CONF"), *paths[2] = { confd ? confd : "conf.d", conf };
	struct meed_err err = { 0 };

	memset(h, 0, sizeof(*h));
	meed_arena_init(&h->arena, 0);
	if (meed_conf_load(paths, 2, NULL, 0, NULL, &h->diags, &h->conf) < 0 ||
	    meed_plan_new(h->conf, instance, NULL, 0, &h->diags, &h->plan) < 0)
		die("configuration", h->diags.n ? h->diags.v[0].text : "none found");
	if (meed_engine_exec(h->plan, &quiet, &err, &h->exec) < 0)
		die("sandbox", err.text);
	o.exec = h->exec;
	if (meed_engine_new(h->plan, &o, &err, &h->engine) < 0 ||
	    meed_schema_new(NULL, NULL, NULL, &err, &h->schema) < 0)
		die("code.execution", err.text);
	h->parser = meed_parser_new(h->schema);
	if (!h->parser)
		die("bench", "out of memory");
	free(conf);
}

static void close_host(struct host *h)
{
	meed_parser_free(h->parser);
	meed_schema_free(h->schema);
	meed_engine_free(h->engine);
	if (h->exec)
		h->exec->free(h->exec);
	meed_plan_free(h->plan);
	meed_conf_free(h->conf);
	meed_diags_release(&h->diags);
	meed_arena_release(&h->arena);
}

/* Milliseconds that the sample takes; it must get this score. */
static double one(struct host *h, const struct kind *k, double expected)
{
	char text[1024];
	struct meed_line line = { .p = text, .number = 1 };
	struct meed_row *row = NULL;
	struct meed_result res;
	struct meed_err err = { 0 };
	uint64_t t0 = meed_now_ns();

	line.n = (size_t)snprintf(text, sizeof(text),
				  "{\"prompt\":\"q\",\"completion\":\"```python\\n%s\\n```\",%s}",
				  k->answer, k->tests);
	if (meed_parser_row(h->parser, &line, 1, &h->arena, &err, &row) < 0 ||
	    meed_engine_score(h->engine, row, &h->arena, &err, &res) < 0)
		die(k->name, err.text);
	if (!res.outs[0].valid)
		die(k->name, res.outs[0].error.p);
	if (res.outs[0].score < expected || res.outs[0].score > expected)
		die(k->name, "the score is not as it should be");
	meed_row_release(row);
	meed_arena_reset(&h->arena);
	return (double)(meed_now_ns() - t0) / 1e6;
}

static void latencies(const struct kind *k, double *ret_p50, double *ret_p99)
{
	static double t[SINGLE];
	struct host h;

	open_host(&h, k->instance);
	for (int i = 0; i < WARM_UP; i++)
		(void)one(&h, k, 1);
	for (int i = 0; i < SINGLE; i++)
		t[i] = one(&h, k, 1);
	close_host(&h);
	bench_sort(t, SINGLE);
	*ret_p50 = t[SINGLE / 2];
	*ret_p99 = t[SINGLE * 99 / 100];
}

static double loops(void)
{
	double t[LOOPS];
	struct host h;

	open_host(&h, loop.instance);
	for (int i = 0; i < LOOPS; i++)
		t[i] = one(&h, &loop, 0);
	close_host(&h);
	return bench_median(t, LOOPS);
}

int main(int argc, char **argv)
{
	FILE *out = argc > 1 ? fopen(argv[1], "a") : stdout;
	double p50 = 0, p99 = 0;

	(void)snprintf(dir, sizeof(dir), "/tmp/meed-bench-XXXXXX");
	if (!out || !mkdtemp(dir))
		die("bench", "cannot write");
	(void)fprintf(out, "\n%-21s %17s %12s %9s %9s\n", "code.execution", "runs/s, 1 sandbox",
		      "2 sandboxes", "p50 ms", "p99 ms");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		latencies(&kinds[i], &p50, &p99);
		(void)fprintf(out, "%-21s %17.0f %12.0f %9.1f %9.1f\n", kinds[i].name,
			      whole_rate(&kinds[i], 1), whole_rate(&kinds[i], 2), p50, p99);
	}
	(void)fprintf(out, "%-21s %.0f ms beyond its limit of 1 s\n", loop.name, loops() - 1000);
	(void)fprintf(out, "  RM-Gallery: 27 ms a run, no isolation; the loop 25 s\n");
	(void)unlink(path_of("rows.jsonl"));
	(void)unlink(path_of("bench.conf"));
	(void)rmdir(dir);
	return out == stdout || fclose(out) == 0 ? 0 : 1;
}
