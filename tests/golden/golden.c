/* golden.c - the reference's own scores against ours, through the whole host.
 *
 * Each row of a file holds an answer, perhaps a reference and parameters, and what RM-Gallery 0.1.4
 * gives: `score`, or `error` where it raises. Ours must be equal within 1e-9, or the row stands
 * in docs/differences.md with the score (or "error") that we give and the reason:
 *
 *	- FILE:LINE | ours: SCORE or error | reason
 *
 * A line there whose row matches after all is stale and fails, as does one that gives another
 * score than we do. At most one row in ten, rounded up, may stand there of each model's file, and
 * one in ten of all rows together; of code_execution one in four, whose rows were picked for what the
 * reference gets wrong. Where the reference raises, any score or error that is ours is right. */
#include "config.h"

#include <CUnit/Basic.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "host/engine/engine.h"

/* Our sums and the reference's run in the same order, so most rows agree to the last bit. */
static const double tolerance = 1e-9;

#define MAX_LINE (1 << 20)

struct difference {
	char file[64];
	long line;
	bool is_error, used;
	double score;
};

struct outcome {
	bool failed, skipped;
	size_t n_scores;
	double scores[8];
	size_t n_details;
	double details[16];
	char why[1024];
};

static struct {
	struct difference *v;
	size_t n;
	long n_rows, n_listed;		/* of all files */
	struct meed_conf *conf;
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_transport *exec;	/* NULL until a model needs it */
	bool no_sandbox;
	char dir[64];
} g;

/* ---- set up ------------------------------------------------------------------------------- */

static const char *root(void)
{
	const char *s = getenv("srcdir");

	return s ? s : ".";
}

static bool read_differences(void)
{
	struct difference *d;
	char path[4096], *line = NULL, *bar;
	size_t cap = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/docs/differences.md", root());
	f = fopen(path, "r");
	if (!f)
		return false;
	while (getline(&line, &cap, f) > 0) {
		if (strncmp(line, "- ", 2) != 0 || !strstr(line, ".jsonl:"))
			continue;
		g.v = realloc(g.v, (g.n + 1) * sizeof(*g.v));
		d = &g.v[g.n++];
		memset(d, 0, sizeof(*d));
		bar = strstr(line, " | ours: ");
		if (sscanf(line, "- %63[a-z0-9_.]:%ld", d->file, &d->line) != 2 || !bar ||
		    !strstr(bar + 9, " | ")) {
			printf("\n%s: not FILE:LINE | ours: SCORE | reason: %s", path, line);
			g.n--;
			continue;
		}
		d->is_error = strncmp(bar + 9, "error", 5) == 0;
		if (!d->is_error &&
		    meed_strtod(bar + 9, strcspn(bar + 9, " "), &d->score) == 0)
			printf("\n%s: no score: %s", path, line);
	}
	free(line);
	(void)fclose(f);
	return true;
}

static struct difference *listed(const char *file, long line)
{
	size_t i;

	for (i = 0; i < g.n; i++) {
		if (g.v[i].line == line && strcmp(g.v[i].file, file) == 0)
			return &g.v[i];
	}
	return NULL;
}

static void print_diags(struct meed_diags *d, char *why, size_t n)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (!d->v[i].warning && !*why)
			(void)snprintf(why, n, "%s", d->v[i].text);
	}
	meed_diags_release(d);
}

/* Loads the configuration at path (NULL: none) over the built plugins. */
static struct meed_conf *load(const char *path, char *why, size_t n)
{
	const char *p = getenv("MEED_PLUGIN_PATH");
	char *dirs = strdup(p ? p : "");
	const char *v[32];
	size_t n_dirs = 0;
	struct meed_diags diags = { 0 };
	static const struct meed_log quiet = { -1, MEED_LOG_ERROR };
	struct meed_conf *conf = NULL;
	char *at = dirs, *end;

	while (at && *at && n_dirs < 32) {
		end = strchrnul(at, ':');
		v[n_dirs++] = at;
		at = *end ? end + 1 : end;
		*end = '\0';
	}
	*why = '\0';
	if (meed_conf_load(&path, path ? 1 : 0, v, n_dirs, &quiet, &diags, &conf) < 0) {
		meed_conf_free(conf);
		conf = NULL;
	}
	print_diags(&diags, why, n);
	free(dirs);
	return conf;
}

static int set_up(void)
{
	char why[1024], runtimes[4096];
	struct meed_err err = { 0 };
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(g.dir, sizeof(g.dir), "%.32s/meed-golden-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(g.dir) || !read_differences())
		return 1;
	(void)snprintf(runtimes, sizeof(runtimes), "%s/conf.d/runtimes.conf", root());
	g.conf = load(runtimes, why, sizeof(why));
	if (!g.conf)
		printf("\nno configuration: %s", why);
	if (!g.conf || meed_schema_new("canonical", NULL, NULL, &err, &g.schema) < 0)
		return 1;
	g.parser = meed_parser_new(g.schema);
	return g.parser == NULL;
}

static int tear_down(void)
{
	if (g.exec)
		g.exec->free(g.exec);
	meed_parser_free(g.parser);
	meed_schema_free(g.schema);
	meed_conf_free(g.conf);
	free(g.v);
	(void)rmdir(g.dir);
	return 0;
}

/* ---- one row -------------------------------------------------------------------------------- */

static struct json_object *field(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	(void)json_object_object_get_ex(o, key, &v);
	return v;
}

static struct json_object *ref(struct json_object *o)
{
	return json_object_get(o);
}

/* Adds one output with this answer. */
static void add_output(struct json_object *outputs, struct json_object *row,
		       struct json_object *content)
{
	struct json_object *answer = json_object_new_object(), *label, *out, *reference;

	json_object_object_add(answer, "role", json_object_new_string("assistant"));
	json_object_object_add(answer, "content", ref(content));
	label = field(row, "label");
	if (label)
		json_object_object_add(answer, "label", ref(label));
	if (json_object_object_get_ex(row, "reference", &reference)) {
		label = json_object_new_object();
		json_object_object_add(label, "reference", ref(reference));
		json_object_object_add(answer, "label", label);
	}
	out = json_object_new_object();
	json_object_object_add(out, "answer", answer);
	json_object_array_add(outputs, out);
}

/* The row as a canonical sample. */
static struct json_object *canonical(struct json_object *row)
{
	struct json_object *sample = json_object_new_object(), *message, *list;
	struct json_object *answers = field(row, "answers");
	size_t i;

	message = json_object_new_object();
	json_object_object_add(message, "role", json_object_new_string("user"));
	json_object_object_add(message, "content", json_object_new_string("q"));
	list = json_object_new_array();
	json_object_array_add(list, message);
	json_object_object_add(sample, "input", list);
	list = json_object_new_array();
	for (i = 0; answers && i < json_object_array_length(answers); i++)
		add_output(list, row, json_object_array_get_idx(answers, i));
	if (!answers)
		add_output(list, row, field(row, "answer"));
	json_object_object_add(sample, "output", list);
	if (field(row, "metadata"))
		json_object_object_add(sample, "metadata", ref(field(row, "metadata")));
	return sample;
}

static void fail(struct outcome *o, const char *why, size_t n)
{
	o->failed = true;
	(void)snprintf(o->why, sizeof(o->why), "%.*s", (int)n, why);
}

static void keep(struct outcome *o, const struct meed_result *res)
{
	const struct meed_reward *r;
	size_t i, k;

	for (i = 0; i < res->n_outs && i < 8 && !o->failed; i++) {
		r = &res->outs[i];
		if (!r->valid)
			fail(o, r->error.p ? r->error.p : "", r->error.n);
		o->scores[o->n_scores++] = r->score;
		for (k = 0; i == 0 && k < r->n_details && k < 16; k++)
			o->details[o->n_details++] = r->details[k].score;
	}
}

/* Scores the row by a plan. */
static void score(const struct meed_plan *plan, struct json_object *row, struct outcome *o)
{
	struct meed_engine_opts opts = { .arena_bytes = (size_t)64 << 20,
					 .want = MEED_WANT_REASON | MEED_WANT_EXTRA,
					 .exec = g.exec };
	struct json_object *sample = canonical(row);
	struct meed_line line = { 0 };
	struct meed_engine *e = NULL;
	struct meed_arena arena;
	struct meed_row *parsed = NULL;
	struct meed_result res = { 0 };
	struct meed_err err = { 0 };

	meed_arena_init(&arena, 0);
	line.p = json_object_to_json_string_ext(sample, JSON_C_TO_STRING_PLAIN);
	line.n = strlen(line.p);
	line.number = 1;
	if (meed_engine_new(plan, &opts, &err, &e) < 0 ||
	    meed_parser_row(g.parser, &line, 1, &arena, &err, &parsed) < 0 ||
	    meed_engine_score(e, parsed, &arena, &err, &res) < 0)
		fail(o, err.text, strlen(err.text));
	else
		keep(o, &res);
	if (parsed)
		meed_row_release(parsed);
	meed_engine_free(e);
	meed_arena_release(&arena);
	json_object_put(sample);
}

/* Makes the sandbox ready if the plan's model needs it; false if this machine has none. */
static bool sandbox(const struct meed_plan *plan)
{
	static const struct meed_log quiet = { -1, MEED_LOG_ERROR };
	struct meed_exec_probe probe;
	struct meed_err err = { 0 };

	if (!(plan->nodes[plan->root].model->rm.needs & MEED_NEEDS_EXEC))
		return true;
	if (g.exec || g.no_sandbox)
		return !g.no_sandbox;
	if (meed_engine_exec(plan, &quiet, &err, &g.exec) < 0) {
		printf("\nno sandbox: %s", err.text);
		g.no_sandbox = true;
		return false;
	}
	if (!g.exec)
		return true;
	meed_exec_probe(&meed_conf_exec(g.conf)->sandbox, &probe);
	g.no_sandbox = !probe.able;
	return probe.able;
}

/* Scores a row of one model by the model's id, its parameters given as with --set. */
static void score_model(const char *model, struct json_object *row, struct outcome *o)
{
	struct json_object *params = field(row, "params"), *tok = field(params, "tokenizer_type");
	struct meed_diags diags = { 0 };
	struct meed_plan *plan = NULL;
	char *sets[16];
	size_t n = 0;

	if (params) {
		json_object_object_foreach(params, key, value) {
			/* `name` is not a parameter here: the instance's name is */
			if (strcmp(key, "name") != 0 && n < 16 &&
			    asprintf(&sets[n], "%s=%s", key,
				     json_object_to_json_string_ext(
					     value, JSON_C_TO_STRING_PLAIN)) > 0)
				n++;
		}
	}
	/* one row is a program that never ends */
	if (strcmp(model, "code.execution") == 0 && n < 16 && asprintf(&sets[n], "timeout=3") > 0)
		n++;
	if (meed_plan_new(g.conf, model, (const char *const *)sets, n, &diags, &plan) < 0)
		o->failed = true;
	else if (sandbox(plan))
		score(plan, row, o);
	else
		o->skipped = true;
	print_diags(&diags, o->why, sizeof(o->why));
	/* its data is another package's, which may be absent */
	if (o->failed && tok && strcmp(json_object_get_string(tok), "jieba") == 0 &&
	    access("/usr/lib/python3/dist-packages/jieba/dict.txt", R_OK) < 0)
		o->skipped = true;
	meed_plan_free(plan);
	while (n > 0)
		free(sets[--n]);
}

/* ---- compositions --------------------------------------------------------------------------- */

static void put_setting(FILE *f, const char *key, struct json_object *value)
{
	if (json_object_is_type(value, json_type_double))
		fprintf(f, " %s = %.17e;", key, json_object_get_double(value));
	else
		fprintf(f, " %s = %s;", key,
			json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
}

static void put_instance(FILE *f, const char *name, struct json_object *reward)
{
	static const char *const ids[][2] = {
		{ "accuracy", "general.accuracy" },
		{ "f1_score", "general.f1_score" },
		{ "rouge", "general.rouge" },
		{ "number_accuracy", "general.number_accuracy" },
		{ "reasoning_format", "format.reasoning" },
		{ "length_penalty", "format.length_penalty" },
		{ "ngram_repetition_penalty", "format.ngram_repetition_penalty" },
	};
	const char *cls = json_object_get_string(field(reward, "cls"));
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (strcmp(cls, ids[i][0]) == 0)
			cls = ids[i][1];
	}
	fprintf(f, "  %s = { model = \"%s\"; params = {", name, cls);
	if (field(reward, "params")) {
		json_object_object_foreach(field(reward, "params"), key, value)
			put_setting(f, key, value);
	}
	fprintf(f, " }; };\n");
}

/* The row's rewards and weights as a user would write them down. A weight that names no reward
 * is written as the member that it means. */
static bool write_conf(const char *path, struct json_object *row)
{
	struct json_object *rewards = field(row, "rewards"), *weights = field(row, "weights"), *w;
	const char *sep = "";
	FILE *f = fopen(path, "w");

	if (!f)
		return false;
	fprintf(f, "instances = {\n");
	{
		json_object_object_foreach(rewards, name, reward)
			put_instance(f, name, reward);
	}
	fprintf(f, "};\ncompositions = { golden = { combine = \"mean\"; members = (");
	{
		json_object_object_foreach(rewards, name, reward) {
			(void)reward;
			fprintf(f, "%s\n  { use = \"%s\";", sep, name);
			w = field(weights, name);
			if (w)
				put_setting(f, "weight", w);
			fprintf(f, " }");
			sep = ",";
		}
	}
	json_object_object_foreach(weights, name, weight) {
		if (!field(rewards, name)) {
			fprintf(f, "%s\n  { use = \"%s\";", sep, name);
			put_setting(f, "weight", weight);
			fprintf(f, " }");
			sep = ",";
		}
	}
	fprintf(f, " ); }; };\n");
	return fclose(f) == 0;
}

static void score_composition(const char *model, struct json_object *row, struct outcome *o)
{
	struct meed_diags diags = { 0 };
	struct meed_conf *conf = NULL;
	struct meed_plan *plan = NULL;
	char path[128];

	(void)model;
	(void)snprintf(path, sizeof(path), "%s/golden.conf", g.dir);
	if (write_conf(path, row))
		conf = load(path, o->why, sizeof(o->why));
	if (conf && meed_plan_new(conf, "golden", NULL, 0, &diags, &plan) == 0)
		score(plan, row, o);
	else
		o->failed = true;
	print_diags(&diags, o->why, sizeof(o->why));
	meed_plan_free(plan);
	meed_conf_free(conf);
	(void)unlink(path);
}

/* ---- a file --------------------------------------------------------------------------------- */

/* NaN for what is no number, which nothing of ours equals: "-inf" as the rows write it. */
static double expected(struct json_object *v)
{
	if (json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int))
		return json_object_get_double(v);
	return NAN;
}

static bool near(double ours, double theirs)
{
	return fabs(ours - theirs) <= tolerance;
}

static bool agrees(struct json_object *row, const struct outcome *o)
{
	struct json_object *scores = field(row, "scores"), *details = field(row, "details"), *v;
	bool r = !o->failed && near(o->scores[0], expected(field(row, "score")));
	size_t i;

	for (i = 0; r && scores && i < json_object_array_length(scores); i++)
		r = i < o->n_scores &&
		    near(o->scores[i], expected(json_object_array_get_idx(scores, i)));
	for (i = 0; r && details && i < json_object_array_length(details); i++) {
		v = field(json_object_array_get_idx(details, i), "score");
		r = i < o->n_details && near(o->details[i], expected(v));
	}
	return r;
}

static void complain(const char *file, long line, struct json_object *row, const struct outcome *o,
		     const char *what)
{
	char ours[1100];

	if (o->failed)
		(void)snprintf(ours, sizeof(ours), "error: %s", o->why);
	else
		(void)snprintf(ours, sizeof(ours), "%.17g", o->scores[0]);
	printf("\n%s:%ld: %s: theirs %s, ours %s", file, line, what,
	       json_object_to_json_string(field(row, "score")), ours);
}

/* Judges one row; returns whether it is a listed difference. */
static bool judge(const char *file, long line, struct json_object *row, const struct outcome *o)
{
	struct difference *d = listed(file, line);
	const char *wrong = NULL;
	bool same = agrees(row, o);

	if (d)
		d->used = true;
	if (field(row, "error")) {
		if (d)
			wrong = "listed, but the reference has no score to differ from";
		else if (!o->failed && !isfinite(o->scores[0]))
			wrong = "not a score";
	} else if (same && d) {
		wrong = "listed in docs/differences.md, but it matches";
	} else if (!same && !d) {
		wrong = "differs";
	} else if (d && (d->is_error != o->failed ||
			 (!d->is_error && !near(o->scores[0], d->score)))) {
		wrong = "docs/differences.md gives another score";
	}
	if (wrong)
		complain(file, line, row, o, wrong);
	CU_ASSERT(wrong == NULL);
	return d != NULL;
}

/* What is listed of a row that cannot be tried here is not stale for that. */
static void skip(const char *file, long line)
{
	struct difference *d = listed(file, line);

	if (d)
		d->used = true;
}

static void golden(const char *name, const char *model,
		   void (*run)(const char *model, struct json_object *row, struct outcome *o))
{
	char path[4096], file[64], *text = malloc(MAX_LINE);
	long line = 0, n_listed = 0, n_skipped = 0;
	long share = strcmp(name, "code_execution") == 0 ? 4 : 10;
	struct json_object *row;
	struct outcome o;
	gzFile f;

	(void)snprintf(file, sizeof(file), "%s.jsonl", name);
	(void)snprintf(path, sizeof(path), "%s/tests/golden/%s", root(), file);
	if (access(path, R_OK) < 0)
		(void)snprintf(path, sizeof(path), "%s/tests/golden/%s.gz", root(), file);
	f = gzopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (gzgets(f, text, MAX_LINE)) {
		line++;
		row = json_tokener_parse(text);
		CU_ASSERT_PTR_NOT_NULL_FATAL(row);
		memset(&o, 0, sizeof(o));
		run(model, row, &o);
		if (o.skipped) {
			n_skipped++;
			skip(file, line);
		} else {
			n_listed += judge(file, line, row, &o);
		}
		json_object_put(row);
	}
	(void)gzclose(f);
	free(text);
	CU_ASSERT(line > 0);
	if (run == score_model)
		CU_ASSERT(n_listed * share < line + share);
	g.n_rows += line;
	g.n_listed += n_listed;
	printf("\n%-28s %3ld rows, %ld on the list of differences", name, line, n_listed);
	if (n_skipped > 0)
		printf(", %ld SKIPPED for want of %s", n_skipped,
		       g.no_sandbox ? "a sandbox" : "the package python3-jieba");
	printf(" ... ");
}

/* ---- the tests ------------------------------------------------------------------------------ */

static void test_accuracy(void)
{
	golden("accuracy", "general.accuracy", score_model);
}

static void test_f1_score(void)
{
	golden("f1_score", "general.f1_score", score_model);
}

static void test_rouge(void)
{
	golden("rouge", "general.rouge", score_model);
}

static void test_number_accuracy(void)
{
	golden("number_accuracy", "general.number_accuracy", score_model);
}

static void test_reasoning_format(void)
{
	golden("reasoning_format", "format.reasoning", score_model);
}

static void test_reasoning_tool_call_format(void)
{
	golden("reasoning_tool_call_format", "format.reasoning_tool_call", score_model);
}

static void test_length_penalty(void)
{
	golden("length_penalty", "format.length_penalty", score_model);
}

static void test_ngram_repetition_penalty(void)
{
	golden("ngram_repetition_penalty", "format.ngram_repetition_penalty", score_model);
}

static void test_privacy_leakage(void)
{
	golden("privacy_leakage", "format.privacy_leakage", score_model);
}

static void test_code_execution(void)
{
	golden("code_execution", "code.execution", score_model);
}

static void test_code_patch_similarity(void)
{
	golden("code_patch_similarity", "code.patch_similarity", score_model);
}

static void test_code_style(void)
{
	golden("code_style", "code.style", score_model);
}

static void test_code_syntax_check(void)
{
	golden("code_syntax_check", "code.syntax_check", score_model);
}

static void test_composition(void)
{
	golden("composition", NULL, score_composition);
}

static void test_list_is_short_and_fresh(void)
{
	size_t i;

	for (i = 0; i < g.n; i++) {
		if (!g.v[i].used)
			printf("\ndocs/differences.md: there is no row %s:%ld", g.v[i].file,
			       g.v[i].line);
		CU_ASSERT(g.v[i].used);
	}
	CU_ASSERT(g.n_listed * 10 <= g.n_rows);
}

int main(void)
{
	CU_pSuite s;
	unsigned failed;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	s = CU_add_suite("golden", set_up, tear_down);
	CU_ADD_TEST(s, test_accuracy);
	CU_ADD_TEST(s, test_f1_score);
	CU_ADD_TEST(s, test_rouge);
	CU_ADD_TEST(s, test_number_accuracy);
	CU_ADD_TEST(s, test_reasoning_format);
	CU_ADD_TEST(s, test_reasoning_tool_call_format);
	CU_ADD_TEST(s, test_length_penalty);
	CU_ADD_TEST(s, test_ngram_repetition_penalty);
	CU_ADD_TEST(s, test_privacy_leakage);
	CU_ADD_TEST(s, test_code_execution);
	CU_ADD_TEST(s, test_code_patch_similarity);
	CU_ADD_TEST(s, test_code_style);
	CU_ADD_TEST(s, test_code_syntax_check);
	CU_ADD_TEST(s, test_composition);
	CU_ADD_TEST(s, test_list_is_short_and_fresh);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	(void)CU_basic_run_tests();
	failed = CU_get_number_of_tests_failed() + CU_get_number_of_suites_failed();
	CU_cleanup_registry();
	return failed ? 1 : 0;
}
