/* math.c - the benchmark of math.verify: verifications a second, their percentiles and slowest rows,
 * beside Math-Verify on the same rows where it is installed.
 *
 *	make bench-math		MEED_BENCH_PYTHON: the python that has math_verify (python3)
 *
 * A verification is the engine's scoring of one row that is already in memory: both texts searched,
 * read and compared. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/bench/bench.h"

enum { PASSES = 21, SLOWEST = 5, SHOWN = 48 };

struct row {
	struct meed_line line;
	double median;			/* microseconds */
};

struct set {
	struct meed_buf text;
	struct row *v;
	size_t n;
};

struct host {
	struct meed_conf *conf;
	struct meed_plan *plan;
	struct meed_engine *engine;
	struct meed_arena arena;
	struct meed_diags diags;
};

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_math: %s: %s\n", what, why);
	exit(70);
}

static int slowest_first(const void *a, const void *b)
{
	double x = ((const struct row *)a)->median, y = ((const struct row *)b)->median;

	return (x < y) - (x > y);
}

/* The lines of a file, none of them if it is not there. */
static void load(struct set *s, const char *path)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	size_t at = 0, i;
	int32_t r;

	if (meed_input_open(&path, 1, 1u << 24, &err, &in) < 0)
		die(path, err.text);
	while ((r = meed_input_next(in, &b, 1000, 1u << 20, &err)) > 0) {
		for (i = 0; i < b.n; i++) {
			meed_buf_put(&s->text, b.lines[i].p, b.lines[i].n);
			s->v = realloc(s->v, (s->n + 1) * sizeof(*s->v));
			if (!s->v)
				die(path, "out of memory");
			s->v[s->n] = (struct row){ .line = b.lines[i] };
			s->v[s->n].line.number = s->n + 1;
			s->n++;
		}
	}
	if (r < 0)
		die(path, err.text);
	for (i = 0; i < s->n; at += s->v[i].line.n, i++)
		s->v[i].line.p = s->text.p + at;
	meed_block_release(&b);
	meed_input_close(in);
}

static void unload(struct set *s)
{
	free(s->v);
	meed_buf_release(&s->text);
}

static void open_host(struct host *h)
{
	struct meed_engine_opts o = { .want = MEED_WANT_REASON };
	char *path = meed_conf_default_path();
	struct meed_err err = { 0 };
	const char *p = path;

	if (!path || meed_conf_load(&p, 1, NULL, 0, NULL, &h->diags, &h->conf) < 0 ||
	    meed_plan_new(h->conf, "math_verify_reward", NULL, 0, &h->diags, &h->plan) < 0)
		die("configuration", h->diags.n ? h->diags.v[0].text : "none found");
	if (meed_engine_new(h->plan, &o, &err, &h->engine) < 0)
		die("math_verify_reward", err.text);
	free(path);
}

static void close_host(struct host *h)
{
	meed_engine_free(h->engine);
	meed_plan_free(h->plan);
	meed_conf_free(h->conf);
	meed_diags_release(&h->diags);
	meed_arena_release(&h->arena);
}

static double verify(struct host *h, const struct meed_row *row)
{
	struct meed_err err = { 0 };
	struct meed_result res;
	uint64_t t0 = meed_now_ns();

	if (meed_engine_score(h->engine, row, &h->arena, &err, &res) < 0)
		die("score", err.text);
	return (double)(meed_now_ns() - t0) / 1e3;
}

/* Times of every row, PASSES after one to get warm. Returns all of them, row by row. */
static double *measure(struct host *h, struct set *s, const char *map)
{
	double *t = calloc(s->n * PASSES, sizeof(*t)), copy[PASSES];
	struct meed_schema *schema = NULL;
	struct meed_parser *parser;
	struct meed_err err = { 0 };

	if (meed_schema_new(NULL, map, NULL, &err, &schema) < 0)
		die("map", err.text);
	parser = meed_parser_new(schema);
	if (!t || !parser)
		die("bench", "out of memory");
	for (int pass = -1; pass < PASSES; pass++) {
		for (size_t i = 0; i < s->n; i++) {
			struct meed_row *row = NULL;
			double us;

			if (meed_parser_row(parser, &s->v[i].line, 1, &h->arena, &err, &row) < 0)
				die("row", err.text);
			us = verify(h, row);
			meed_row_release(row);
			meed_arena_reset(&h->arena);
			if (pass >= 0)
				t[i * PASSES + (size_t)pass] = us;
		}
	}
	for (size_t i = 0; i < s->n; i++) {
		memcpy(copy, t + i * PASSES, sizeof(copy));
		s->v[i].median = bench_median(copy, PASSES);
	}
	meed_parser_free(parser);
	meed_schema_free(schema);
	return t;
}

struct figures {
	double rate, p50, p90, p99, max;
};

static void put(FILE *out, const char *name, const char *rows, const struct figures *f)
{
	(void)fprintf(out, "%-22s %-18s %10.0f %9.1f %9.1f %9.1f %9.1f\n", name, rows, f->rate, f->p50,
		      f->p90, f->p99, f->max);
}

/* The rate is that of the rows' medians, so that what else runs on the machine does not count. */
static struct figures summarise(const struct set *s, double *t)
{
	struct figures f = { 0, 0, 0, 0, 0 };
	size_t n = s->n * PASSES;
	double sum = 0;

	bench_sort(t, n);
	for (size_t i = 0; i < s->n; i++)
		sum += s->v[i].median;
	f.rate = (double)s->n * 1e6 / sum;
	f.p50 = t[n / 2];
	f.p90 = t[n * 9 / 10];
	f.p99 = t[n * 99 / 100];
	f.max = t[n - 1];
	return f;
}

static void slowest(FILE *out, struct set *s)
{
	qsort(s->v, s->n, sizeof(*s->v), slowest_first);
	(void)fprintf(out, "  slowest:");
	for (size_t i = 0; i < SLOWEST && i < s->n; i++)
		(void)fprintf(out, "%s line %u %.0f us", i ? "," : "", (unsigned)s->v[i].line.number,
			      s->v[i].median);
	(void)fprintf(out, "\n");
}

/* Math-Verify's own figures, from the script beside this; what is said when there are none. */
static void peer(FILE *out, size_t n, const struct figures *ours)
{
	FILE *f = popen("\"${MEED_BENCH_PYTHON:-python3}\" \"$top_srcdir/tests/bench/math_peer.py\""
			" \"$top_srcdir/tests/data/math_triples.jsonl.gz\"", "r");
	char version[32], name[64];
	struct figures m;
	unsigned passes, right;	/* read, not shown */
	double total;
	int got, status;

	if (!f) {
		(void)fprintf(out, "Math-Verify: not measured: %s\n", strerror(errno));
		return;
	}
	got = fscanf(f, "%31s %u %lf %lf %lf %lf %lf %u", version, &passes, &m.p50, &m.p90, &m.p99,
		     &m.max, &total, &right);
	status = pclose(f);
	if (got != 8 || status != 0 || !(total > 0)) {
		(void)fprintf(out, "Math-Verify: %s\n",
			      WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127) ?
			      "not installed (MEED_BENCH_PYTHON names a python that has it)" :
			      "could not be measured");
		return;
	}
	m.rate = 1e6 * (double)n / total;
	(void)snprintf(name, sizeof(name), "Math-Verify %s", version);
	put(out, name, "math_triples", &m);
	(void)fprintf(out, "  math.verify does %.0f times as many a second (aim: 200)\n",
		      ours->rate / m.rate);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *map;
	} files[] = {
		{ "math_triples", "response=/pred,reference=/gold" },
		{ "math_model_preds", "response=/pred,reference=/gold" },
		{ "math_generations", "response=/generation,reference=/expected_answer" },
		{ "gsm8k_solutions", "response=/solution,reference=/answer" },
	};
	const char *top = getenv("top_srcdir");
	FILE *out = argc > 1 ? fopen(argv[1], "a") : stdout;
	struct host h = { 0 };
	char path[4096];

	if (!top || !out) {
		(void)fprintf(stderr, "bench_math: run it by `make bench-math`\n");
		return 64;
	}
	open_host(&h);
	(void)fprintf(out, "\nMathematics, one thread, microseconds a verification\n");
	(void)fprintf(out, "%-22s %-18s %10s %9s %9s %9s %9s\n", "", "rows", "a second", "p50", "p90",
		      "p99", "max");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct set s = { 0 };
		struct figures f;
		double *t;

		(void)snprintf(path, sizeof(path), "%s/tests/data/%s.jsonl.gz", top, files[i].name);
		load(&s, path);
		t = measure(&h, &s, files[i].map);
		f = summarise(&s, t);
		put(out, "math.verify", files[i].name, &f);
		slowest(out, &s);
		if (i == 0)
			peer(out, s.n, &f);
		free(t);
		unload(&s);
	}
	close_host(&h);
	return fclose(out) == 0 ? 0 : 74;
}
