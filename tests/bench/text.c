/* text.c - the benchmark of the plugin text: microseconds of CPU time a pair of texts, beside
 * sacrebleu, nltk, rouge-score, rapidfuzz and scikit-learn on the same pairs in the same run.
 *
 *	make bench-text		MEED_BENCH_PYTHON: a python that has them (python3)
 *
 * The pairs are GSM8K's answers beside models' solutions (about 50 words), and eight of these
 * joined (about 400). */
#include "config.h"
#include "tests/bench/bench.h"
#include "tests/unit/fakehost.h"
#include "tests/unit/gzrows.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PAIRS = 500, JOINED = 8, ROUNDS = 5 };

static const struct measure {
	const char *name, *id, *params;
} measures[] = {
	{ "bleu", "text.bleu", NULL },
	{ "sentence_bleu", "text.sentence_bleu", NULL },
	{ "chrf", "text.chrf", NULL },
	{ "chrf++", "text.chrf", "{\"word_order\":2}" },
	{ "ter", "text.ter", NULL },
	{ "meteor", "text.meteor", NULL },
	{ "rouge1,2,L", "text.rouge", NULL },
	{ "rougeLsum", "text.rouge", "{\"rouge_types\":[\"rougeLsum\"]}" },
	{ "cosine", "text.cosine", NULL },
	{ "ratio", "text.fuzzy_match", "{\"normalize\":false,\"case_sensitive\":true}" },
	{ "partial_ratio", "text.fuzzy_match",
	  "{\"normalize\":false,\"case_sensitive\":true,\"method\":\"partial_ratio\"}" },
	{ "edit_distance", "text.edit_distance", NULL },
};

#define N_MEASURES (sizeof(measures) / sizeof(measures[0]))

struct pairs {
	char *text[MAX_PAIRS], *ref[MAX_PAIRS];
	size_t n;
};

static struct fake fake;
static const meed_plugin *plugin;

static void die(const char *why)
{
	(void)fprintf(stderr, "bench_text: %s\n", why);
	exit(70);
}

static const char *field(struct json_object *row, const char *name)
{
	struct json_object *o = NULL;

	return json_object_object_get_ex(row, name, &o) ? json_object_get_string(o) : "";
}

static void one_row(void *ctx, long line, struct json_object *row)
{
	struct pairs *p = ctx;

	(void)line;
	if (p->n == MAX_PAIRS)
		return;
	p->text[p->n] = strdup(field(row, "solution"));
	p->ref[p->n] = strdup(field(row, "answer"));
	if (!p->text[p->n] || !p->ref[p->n])
		die("out of memory");
	p->n++;
}

static char *join(char *const *v)
{
	size_t n = 1, i;
	char *out;

	for (i = 0; i < JOINED; i++)
		n += strlen(v[i]) + 1;
	out = malloc(n);
	if (!out)
		die("out of memory");
	for (i = 0, n = 0; i < JOINED; i++) {
		memcpy(out + n, v[i], strlen(v[i]));
		n += strlen(v[i]);
		out[n++] = '\n';
	}
	out[n] = '\0';
	return out;
}

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Median microseconds a pair; sums[i] is the sum of the first i + 1 scores. */
static double measure(const struct measure *m, const struct pairs *p, double *sums)
{
	const meed_rm *rm = fake_model(plugin, m->id);
	double us[ROUNDS], sum = 0, spent = 0, t0;
	void *self = NULL;
	size_t i, k;

	if (!rm || fake_create(&fake, rm, m->params, &self) < 0)
		die(fake.why);
	for (k = 0; k < ROUNDS && (k == 0 || spent < 1e6); k++) {
		t0 = cpu_us();
		for (i = 0, sum = 0; i < p->n; i++) {
			if (fake_evaluate(&fake, rm, self, p->text[i], strlen(p->text[i]),
					  p->ref[i]) < 0)
				die(fake.why);
			sum += fake.score;
			sums[i] = sum;
		}
		us[k] = (cpu_us() - t0) / (double)p->n;
		spent += us[k] * (double)p->n;
	}
	rm->destroy(&fake.host, self);
	return bench_median(us, k);
}

static void write_pairs(FILE *f, const struct pairs *p)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < p->n; i++) {
		row = json_object_new_array();
		json_object_array_add(row, json_object_new_string(p->text[i]));
		json_object_array_add(row, json_object_new_string(p->ref[i]));
		(void)fprintf(f, "%s\n",
			      json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN));
		json_object_put(row);
	}
}

static void bench(const char *name, const struct pairs *p, FILE *out)
{
	char path[] = "/tmp/meed-bench-XXXXXX", command[4096], who[64];
	static double sums[N_MEASURES][MAX_PAIRS];
	double us[N_MEASURES], theirs, score, ours;
	size_t n;
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	size_t i;

	if (!f)
		die("no temporary file");
	for (i = 0; i < N_MEASURES; i++)
		us[i] = measure(&measures[i], p, sums[i]);
	write_pairs(f, p);
	(void)fclose(f);
	(void)snprintf(
		command, sizeof(command),
		"\"${MEED_BENCH_PYTHON:-python3}\" \"$top_srcdir/tests/bench/text_peer.py\" '%s'",
		path);
	f = popen(command, "r");
	if (!f)
		die("popen");
	(void)fprintf(out, "%s, %zu pairs\n", name, p->n);
	for (i = 0; i < N_MEASURES; i++) {
		(void)fprintf(out, "  %-14s %10.1f", measures[i].name, us[i]);
		if (fscanf(f, "%63s %lf %zu %lf", who, &theirs, &n, &score) != 4 || n == 0 ||
		    n > p->n) {
			(void)fprintf(out, "   (the package is not there)\n");
			continue;
		}
		(void)fflush(out);
		ours = sums[i][n - 1] / (double)n;
		(void)fprintf(out, " %12.1f %8.1fx  %-12s %4zu %s\n", theirs, theirs / us[i], who,
			      n,
			      score - ours < 1e-9 && ours - score < 1e-9 ? "same scores"
									 : "OTHER SCORES");
	}
	(void)fflush(out);
	(void)pclose(f);
	(void)unlink(path);
}

int main(int argc, char **argv)
{
	FILE *out = argc > 1 ? fopen(argv[1], "a") : stdout;
	struct pairs words = { .n = 0 }, pages = { .n = 0 };
	size_t i;

	fake_init(&fake);
	plugin = fake_load("text");
	if (!out || !plugin || !gz_rows("gsm8k_solutions", one_row, &words))
		die("cannot start");
	for (i = 0; i + JOINED <= words.n; i += JOINED) {
		pages.text[pages.n] = join(words.text + i);
		pages.ref[pages.n++] = join(words.ref + i);
	}
	(void)fprintf(out, "\ntext   microseconds of CPU time a pair, median of up to %d rounds\n"
			   "                        meed      package\n", ROUNDS);
	bench("about 50 words", &words, out);
	bench("about 400 words", &pages, out);
	fake_reset(&fake);
	return out == stdout || fclose(out) == 0 ? 0 : 70;
}
