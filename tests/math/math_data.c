/* math_data.c - math.verify on real data: the verdicts of the data against ours.
 *
 * Each row has a reference, a response and what the data say (right or not). Ours must be the same,
 * or the row stands in docs/math-differences.md with our verdict and the reason:
 *
 *	- FILE:LINE | ours: 0, 1 or error | reason
 *
 * A line there whose row agrees after all is stale and fails, as does one with another verdict
 * than ours. Of each file a stated share must agree as it is. Files come from $MEED_SHARED/data
 * where that is set, else from tests/data. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "tests/unit/fakehost.h"

/* What upstream's own call asks for, where its rows depend on it. */
struct profile {
	const char *source;		/* beginning of the row's source; NULL: every row */
	const char *params;
};

static const struct profile profiles[] = {
	/* these graders look into boxes alone */
	{ "rllm-org/rllm:tests/rewards/test_math_reward.py", "{\"anchors\":[\"boxed\"]}" },
	{ "NVIDIA-NeMo/RL:tests/unit/rewards/test_geo3k_reward.py", "{\"anchors\":[\"boxed\"]}" },
	{ "NVIDIA/NeMo-Skills:tests/data/output-rs", "{\"anchors\":[\"boxed\"]}" },
	{ NULL, NULL },
};
#define N_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

struct file {
	const char *name, *shared;	/* shared: in $MEED_SHARED; NULL: data/NAME_dev.jsonl */
	const char *reference, *response, *expected;
	unsigned at_least;		/* of a thousand rows; 0: any row may be a listed difference */
	bool bare;			/* responses are answers alone: no profile */
};

static const struct file files[] = {
	{ "math_triples", NULL, "gold", "pred", "expected", 980, false },
	{ "math_model_preds", NULL, "gold", "pred", "expected", 990, true },
	{ "math_generations", NULL, "expected_answer", "generation", "symbolic_correct", 980, false },
	{ "gsm8k_solutions", NULL, "answer", "solution", "is_correct", 1000, false },
	{ "math_verify_reward", "golden/math_verify_reward.jsonl", "reference", "answer", "score", 0, false },
};

enum { ERROR = -1 };

struct difference {
	char file[64];
	long line;
	int ours;
	bool used;
};

static struct {
	struct difference *v;
	size_t n;
	const meed_rm *rm;
	void *self[N_PROFILES];
	struct fake fake;
	bool verbose;
	unsigned bad;
} g;

static const char *root(void)
{
	const char *s = getenv("top_srcdir");

	return s ? s : ".";
}

static void complain(const char *file, long line, const char *what, const char *more)
{
	printf("%s.jsonl:%ld: %s%s%s\n", file, line, what, *more ? ": " : "", more);
	g.bad++;
}

/* ---- the list of differences -------------------------------------------------------------------- */

static bool read_differences(void)
{
	char path[4096], *line = NULL, *bar;
	struct difference *d;
	size_t cap = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/docs/math-differences.md", root());
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		return false;
	}
	while (getline(&line, &cap, f) > 0) {
		bar = strstr(line, " | ours: ");
		if (strncmp(line, "- ", 2) != 0 || !strstr(line, ".jsonl:"))
			continue;
		g.v = realloc(g.v, (g.n + 1) * sizeof(*g.v));
		if (!g.v)
			abort();
		d = &g.v[g.n];
		memset(d, 0, sizeof(*d));
		if (sscanf(line, "- %63[a-z0-9_.]:%ld", d->file, &d->line) != 2 || !bar ||
		    !strstr(bar + 9, " | ")) {
			printf("%s: not FILE:LINE | ours: 0, 1 or error | reason: %s", path, line);
			g.bad++;
			continue;
		}
		d->ours = bar[9] == 'e' ? ERROR : bar[9] - '0';
		g.n++;
	}
	free(line);
	(void)fclose(f);
	return true;
}

static struct difference *listed(const char *file, long line)
{
	size_t i, n = strlen(file);

	for (i = 0; i < g.n; i++)
		if (g.v[i].line == line && strncmp(g.v[i].file, file, n) == 0 &&
		    strcmp(g.v[i].file + n, ".jsonl") == 0)
			return &g.v[i];
	return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static int expected_of(struct json_object *row, const char *key)
{
	struct json_object *o = NULL;

	if (!json_object_object_get_ex(row, key, &o))
		return ERROR;
	if (json_object_is_type(o, json_type_boolean))
		return json_object_get_boolean(o) ? 1 : 0;
	return json_object_get_double(o) > 0.5;
}

static const char *text_of(struct json_object *row, const char *key, size_t *ret_n)
{
	struct json_object *o = NULL;

	*ret_n = 0;
	if (!json_object_object_get_ex(row, key, &o) || !o)
		return NULL;
	*ret_n = (size_t)json_object_get_string_len(o);
	return json_object_get_string(o);
}

static void *self_for(const struct file *f, struct json_object *row)
{
	const char *source;
	size_t i, n;

	source = f->bare ? NULL : text_of(row, "source", &n);
	for (i = 0; i + 1 < N_PROFILES; i++)
		if (source && strncmp(source, profiles[i].source, strlen(profiles[i].source)) == 0)
			break;
	return g.self[i];
}

static int verdict(const struct file *f, struct json_object *row, void *self)
{
	const char *reference, *response;
	size_t n, n_ref, n_task;

	g.fake.prompt = text_of(row, "problem", &n_task);
	if (!g.fake.prompt)
		g.fake.prompt = text_of(row, "question", &n_task);

	reference = text_of(row, f->reference, &n_ref);
	response = text_of(row, f->response, &n);
	if (!reference || !response)
		return ERROR;
	if (fake_evaluate(&g.fake, g.rm, self, response, n, reference) < 0)
		return ERROR;
	return g.fake.scored ? g.fake.score > 0.5 : ERROR;
}

/* As it is by default, and what upstream's own settings make of it. */
struct tally {
	long rows, agree, agree_default, listed;
};

static void one_row(const struct file *f, long line, const char *text, struct tally *t)
{
	struct json_object *row = json_tokener_parse(text);
	struct difference *d = listed(f->name, line);
	int want, ours;
	void *self;

	if (!row) {
		complain(f->name, line, "not JSON", "");
		return;
	}
	want = expected_of(row, f->expected);
	self = self_for(f, row);
	if (self != g.self[N_PROFILES - 1]) {
		ours = verdict(f, row, g.self[N_PROFILES - 1]);
		t->agree_default += ours == want;
	}
	ours = verdict(f, row, self);
	if (self == g.self[N_PROFILES - 1])
		t->agree_default += ours == want;
	t->rows++;
	t->agree += ours == want;
	if (g.verbose)
		printf("%s:%ld %s want %d: %s%s\n", f->name, line, ours == want ? "ok" : "DIFFERS", want,
		       g.fake.why, g.fake.reason);
	if (d) {
		d->used = true;
		t->listed += d->ours == ours && ours != want;
	}
	if (ours == want && d)
		complain(f->name, line, "agrees with the data: drop its line from the list", "");
	else if (d && d->ours != ours)
		complain(f->name, line, "is listed with another verdict than ours",
			 ours == ERROR ? g.fake.why : g.fake.reason);
	else if (ours != want && !d)
		complain(f->name, line, want == 1 ? "ours is not 1" : "ours is not 0",
			 ours == ERROR ? g.fake.why : g.fake.reason);
	json_object_put(row);
}

/* False if the file is nowhere. */
static bool run_file(const struct file *f)
{
	const char *shared = getenv("MEED_SHARED");
	struct tally t = { 0, 0, 0, 0 };
	size_t cap = 1u << 20;
	char path[4096], *line;
	gzFile z = NULL;
	long n = 0;

	if (shared && *shared) {
		if (f->shared)
			(void)snprintf(path, sizeof(path), "%s/%s", shared, f->shared);
		else
			(void)snprintf(path, sizeof(path), "%s/data/%s_dev.jsonl", shared, f->name);
		z = gzopen(path, "rb");
	}
	if (!z) {
		(void)snprintf(path, sizeof(path), "%s/tests/data/%s.jsonl.gz", root(), f->name);
		z = gzopen(path, "rb");
	}
	if (!z) {
		(void)snprintf(path, sizeof(path), "%s/tests/golden/%s.jsonl", root(), f->name);
		z = gzopen(path, "rb");
	}
	line = malloc(cap);
	if (!z || !line) {
		printf("%s: cannot be read\n", path);
		free(line);
		return false;
	}
	while (gzgets(z, line, (int)cap))
		one_row(f, ++n, line, &t);
	(void)gzclose(z);
	free(line);
	printf("%-20s %ld rows: %ld agree, %ld differ for a reason; %ld agree by default parameters\n",
	       f->name, t.rows, t.agree, t.listed, t.agree_default);
	if (t.rows == 0 || t.agree * 1000 < t.rows * (long)f->at_least) {
		printf("%s: less than %u of 1000 agree\n", f->name, f->at_least);
		g.bad++;
	}
	return true;
}

/* ---- main ------------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
	const meed_plugin *p;
	size_t i;

	g.verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	p = fake_load("math");
	if (!p) {
		printf("the plugin math was left out of this build\n");
		return 77;
	}
	g.rm = fake_model(p, "math.verify");
	fake_init(&g.fake);
	g.fake.want = MEED_WANT_REASON;
	if (!g.rm || !read_differences())
		return 1;
	for (i = 0; i < N_PROFILES; i++) {
		if (fake_create(&g.fake, g.rm, profiles[i].params, &g.self[i]) < 0) {
			printf("cannot create math.verify: %s\n", g.fake.why);
			return 1;
		}
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		g.bad += !run_file(&files[i]);
	for (i = 0; i < g.n; i++) {
		if (g.v[i].used)
			continue;
		printf("docs/math-differences.md: there is no row %s:%ld\n", g.v[i].file, g.v[i].line);
		g.bad++;
	}
	for (i = 0; i < N_PROFILES; i++)
		g.rm->destroy(&g.fake.host, g.self[i]);
	fake_reset(&g.fake);
	free(g.v);
	return g.bad ? 1 : 0;
}
