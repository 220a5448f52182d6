/* inside.c - what a sample's time is made of, measured in one process from memory. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/bench.h"

enum { ROWS = 2000, REPEATS = 9, MODELS_MAX = 16 };

/* The lines of one profile, and the host opened on the benchmark's configuration. */
struct bench {
	struct meed_buf text;
	struct meed_line lines[ROWS];
	struct meed_conf *conf;
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_arena arena;
};

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(70);
}

static void fill(struct bench *k, const struct profile *p)
{
	size_t ends[ROWS], at = 0;
	uint64_t s = 11;

	for (size_t i = 0; i < ROWS; i++) {
		bench_row(&k->text, p, &s);
		ends[i] = k->text.n;
	}
	for (size_t i = 0; i < ROWS; i++) {
		k->lines[i] = (struct meed_line){ .p = k->text.p + at, .n = ends[i] - at - 1,
						  .number = i + 1 };
		at = ends[i];
	}
}

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds of CPU time a line: json-c alone, parse and plain print. */
static double floor_us(struct bench *k)
{
	struct json_tokener *tok = json_tokener_new();
	double v[REPEATS];
	size_t n, sum = 0;

	for (size_t r = 0; r < REPEATS; r++) {
		double t0 = cpu_us();

		for (size_t i = 0; i < ROWS; i++) {
			struct json_object *o = json_tokener_parse_ex(tok, k->lines[i].p,
								      (int)k->lines[i].n);

			(void)json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &n);
			sum += n;
			(void)json_object_put(o);
			json_tokener_reset(tok);
		}
		v[r] = (cpu_us() - t0) / ROWS;
	}
	json_tokener_free(tok);
	return sum ? bench_median(v, REPEATS) : 0;
}

double bench_floor(const struct profile *p)
{
	struct bench *k = calloc(1, sizeof(*k));
	double us;

	if (!k)
		die("bench", "out of memory");
	fill(k, p);
	us = floor_us(k);
	meed_buf_release(&k->text);
	free(k);
	return us;
}

struct parts {
	double parse, score, write;	/* microseconds a sample */
};

static void pass(struct bench *k, struct meed_engine *e, struct meed_buf *out, uint64_t t[3])
{
	for (size_t i = 0; i < ROWS; i++) {
		struct meed_row *row = NULL;
		struct meed_result res;
		struct meed_err err = { 0 };
		uint64_t t0 = meed_now_ns(), t1, t2;

		if (meed_parser_row(k->parser, &k->lines[i], 1, &k->arena, &err, &row) < 0)
			die("parse", err.text);
		t1 = meed_now_ns();
		if (meed_engine_score(e, row, &k->arena, &err, &res) < 0)
			die("score", err.text);
		t2 = meed_now_ns();
		out->n = 0;
		meed_row_write(row, &res, MEED_LEVEL_REASON, false, out);
		meed_row_release(row);
		meed_arena_reset(&k->arena);
		t[0] += t1 - t0;
		t[1] += t2 - t1;
		t[2] += meed_now_ns() - t2;
	}
}

static struct parts measure(struct bench *k, const char *name)
{
	struct meed_engine_opts o = { .want = MEED_WANT_REASON };
	struct meed_diags diags = { 0 };
	struct meed_engine *e = NULL;
	struct meed_plan *plan = NULL;
	struct meed_err err = { 0 };
	struct meed_buf out = { 0 };
	double v[3][REPEATS];
	struct parts r;

	if (meed_plan_new(k->conf, name, NULL, 0, &diags, &plan) < 0)
		die(name, diags.n ? diags.v[0].text : "no plan");
	if (meed_engine_new(plan, &o, &err, &e) < 0)
		die(name, err.text);
	for (size_t i = 0; i < REPEATS; i++) {
		uint64_t t[3] = { 0 };

		pass(k, e, &out, t);
		for (size_t j = 0; j < 3; j++)
			v[j][i] = (double)t[j] / 1e3 / ROWS;
	}
	r = (struct parts){ bench_median(v[0], REPEATS), bench_median(v[1], REPEATS),
			    bench_median(v[2], REPEATS) };
	meed_engine_free(e);
	meed_plan_free(plan);
	meed_diags_release(&diags);
	meed_buf_release(&out);
	return r;
}

static void open_all(struct bench *k)
{
	char *path = meed_conf_default_path();
	struct meed_diags diags = { 0 };
	struct meed_err err = { 0 };
	const char *p = path;

	if (!path || meed_conf_load(&p, 1, NULL, 0, NULL, &diags, &k->conf) < 0)
		die("configuration", diags.n ? diags.v[0].text : "none found");
	if (meed_schema_new(NULL, "response=/answer,reference=/reference", NULL, &err,
			    &k->schema) < 0)
		die("map", err.text);
	k->parser = meed_parser_new(k->schema);
	if (!k->parser)
		die("parser", "out of memory");
	meed_diags_release(&diags);
	free(path);
}

void bench_inside(const struct profile *p, FILE *out)
{
	static const char *const models[] = { "accuracy", "f1_score", "rouge", "number_accuracy",
					      "final_number", "reasoning_format",
					      "reasoning_tool_call_format", "length_penalty",
					      "ngram_repetition_penalty", "privacy_leakage" };
	struct bench *k = calloc(1, sizeof(*k));
	struct parts all;
	double fl;

	if (!k)
		die("bench", "out of memory");
	open_all(k);
	fill(k, p);
	fl = floor_us(k);
	all = measure(k, "rule_suite");
	(void)fprintf(out, "\nInside, %s rows, microseconds a sample, one thread\n", p->name);
	(void)fprintf(out,
		      "  json-c parse + print (the floor)  %7.2f  = %.0f lines/s\n"
		      "  read %.2f + models %.2f + write %.2f = %.2f  = %.2f x the floor; reading and "
		      "writing %.0f %%\n",
		      fl, 1e6 / fl, all.parse, all.score, all.write,
		      all.parse + all.score + all.write, (all.parse + all.score + all.write) / fl,
		      100 * (all.parse + all.write) / (all.parse + all.score + all.write));
	(void)fprintf(out, "  nanoseconds a model (alone, with the engine's share):\n");
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++)
		(void)fprintf(out, "    %-28s %8.0f\n", models[i],
			      1e3 * measure(k, models[i]).score);
	meed_parser_free(k->parser);
	meed_schema_free(k->schema);
	meed_conf_free(k->conf);
	meed_arena_release(&k->arena);
	meed_buf_release(&k->text);
	free(k);
}
