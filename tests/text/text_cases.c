/* text_cases.c - the plugin text on the test cases of the programs that it takes its definitions
 * from: sacrebleu, Google's rouge_scorer, pltrdy's rouge, lighteval, open-instruct.
 *
 * Every case must come out as upstream asserts, within its own places or tolerance. A suite that no
 * measure of a text can answer must stand in docs/differences.md:
 *
 *	- text SUITE | reason
 *
 * Such a line for a suite that is answered here is stale and fails. */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fakehost.h"
#include "tests/unit/gzrows.h"

#define MAX_REFS 8
#define MAX_ORDER 16

static struct {
	struct fake fake;
	const meed_plugin *plugin;
	char suites[40][64];		/* that stand in docs/differences.md */
	size_t n_suites;
	long rows, right, listed, bad;
} g;

static struct json_object *field(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	if (json_object_is_type(o, json_type_object))
		(void)json_object_object_get_ex(o, name, &v);
	return v;
}

static struct json_object *item(struct json_object *list, size_t i)
{
	return json_object_is_type(list, json_type_array) && i < json_object_array_length(list)
		       ? json_object_array_get_idx(list, i)
		       : NULL;
}

static const char *text(struct json_object *o)
{
	return o ? json_object_get_string(o) : "";
}

static meed_str str(const char *s)
{
	return (meed_str){ s, strlen(s) };
}

/* Scores with a fresh instance; what it said is in g.fake. NAN if it fails. */
static double score(const char *id, const char *params, const char *cand, const char *const *refs,
		    size_t n)
{
	const meed_rm *rm = fake_model(g.plugin, id);
	meed_str v[MAX_REFS];
	meed_cand c = { { cand, strlen(cand) }, v, n, NULL, 0, NULL, NULL };
	meed_sample s = { .struct_size = sizeof(s), .mode = MEED_POINTWISE,
			  .want = MEED_WANT_EXTRA | MEED_WANT_REASON, .id = { "", 0 }, .n_cands = 1,
			  .cands = &c, .task_category = { "", 0 }, .source = { "", 0 } };
	void *self = NULL;
	double ret = NAN;
	size_t i;

	for (i = 0; i < n && i < MAX_REFS; i++)
		v[i] = str(refs[i]);
	if (rm && fake_create(&g.fake, rm, params, &self) == 0) {
		fake_reset(&g.fake);
		g.fake.extra = json_object_new_object();
		if (rm->evaluate(&g.fake.host, (meed_ctx *)(void *)&g.fake, self, &s, NULL) == 0)
			ret = g.fake.score;
		if (rm->destroy)
			rm->destroy(&g.fake.host, self);
	}
	return ret;
}

static double score_one(const char *id, const char *params, const char *cand, const char *ref)
{
	return score(id, params, cand, &ref, 1);
}

static double extra(const char *name)
{
	return json_object_get_double(field(g.fake.extra, name));
}

static double extra_at(const char *name, size_t i)
{
	return json_object_get_double(item(field(g.fake.extra, name), i));
}

static bool near(double want, double got, double by)
{
	if (fabs(want - got) <= by)
		return true;
	printf("  expected %.10g, got %.10g\n", want, got);
	return false;
}

/* ---- corpora, by summing what the measures say of each segment --------------------------- */

struct corpus {
	double a[MAX_ORDER], b[MAX_ORDER], c[MAX_ORDER], sys, ref;
};

static void add_segment(struct corpus *s, const char *a, const char *b, const char *c)
{
	size_t i;

	for (i = 0; i < MAX_ORDER; i++) {
		s->a[i] += extra_at(a, i);
		s->b[i] += extra_at(b, i);
		if (c)
			s->c[i] += extra_at(c, i);
	}
	s->sys += extra("length");
	s->ref += extra("reference_length");
}

/* BLEU of sums, smoothed exponentially; order 4. */
static double corpus_bleu(const struct corpus *s)
{
	double sum = 0, half = 1;
	size_t i;

	if (!(s->a[0] > 0))
		return 0;
	for (i = 0; i < 4; i++) {
		if (!(s->a[i] > 0))
			half *= 2;
		sum += log(s->a[i] > 0 ? s->a[i] / s->b[i] : 1 / (half * s->b[i]));
	}
	return (s->sys < s->ref ? exp(1 - s->ref / s->sys) : 1) * exp(sum / 4);
}

/* chrF of sums by sacrebleu's effective order. */
static double corpus_chrf(const struct corpus *s, double beta)
{
	double p = 0, r = 0;
	size_t i, n = 0;

	for (i = 0; i < MAX_ORDER; i++) {
		if (!(s->a[i] > 0 && s->b[i] > 0))
			continue;
		p += s->c[i] / s->a[i];
		r += s->c[i] / s->b[i];
		n++;
	}
	if (n == 0 || !(p + r > 0))
		return 0;
	return (1 + beta * beta) * p * r / (double)n / (beta * beta * p + r);
}

/* ---- suites ------------------------------------------------------------------------------ */

static bool sacrebleu_bleu(const char *suite, struct json_object *c)
{
	const char *hyp = text(item(item(c, 0), 0)), *ref = text(item(item(item(c, 1), 0), 0));
	const char *params = strstr(suite, "effective") ? "{}"
			     : strstr(suite, "offset")
				     ? "{\"tokenize\":\"none\",\"smooth_method\":\"floor\","
				       "\"smooth_value\":0.1,\"effective_order\":false}"
				     : "{\"tokenize\":\"none\",\"smooth_method\":\"floor\","
				       "\"smooth_value\":0.01,\"effective_order\":false}";

	return near(json_object_get_double(item(c, 2)), score_one("text.bleu", params, hyp, ref),
		    1e-8);
}

static bool sacrebleu_chrf(const char *suite, struct json_object *c)
{
	const char *params = strstr(suite, "effective") ? "{\"beta\":3}"
			     : strstr(suite, "whitespace")
				     ? "{\"beta\":3,\"whitespace\":true,\"eps_smoothing\":true}"
				     : "{\"beta\":3,\"eps_smoothing\":true}";
	struct json_object *hyps = item(c, 0), *refs = item(c, 1);
	size_t n = json_object_array_length(hyps), i;
	struct corpus s = { .sys = 0 };
	double got = 0;

	for (i = 0; i < n; i++) {
		got = score_one("text.chrf", params, text(item(hyps, i)), text(item(refs, i)));
		add_segment(&s, "hypothesis", "reference_ngrams", "match");
	}
	return near(json_object_get_double(item(c, 2)), 100 * (n > 1 ? corpus_chrf(&s, 3) : got),
		    1e-4);
}

static bool sacrebleu_ter(struct json_object *c)
{
	double got =
		score_one("text.ter", NULL, text(item(item(c, 0), 0)), text(item(item(c, 1), 0)));

	return !isnan(got) && near(json_object_get_double(item(c, 2)), extra("ter"), 1e-3);
}

static bool google_rouge(struct json_object *c)
{
	const char *type = text(field(c, "metric"));
	double by = pow(10, -json_object_get_double(field(c, "places"))) / 2;
	char params[120];
	bool ok;

	(void)snprintf(params, sizeof(params), "{\"rouge_types\":[\"%s\"],\"use_stemmer\":%s}",
		       type, json_object_get_boolean(field(c, "use_stemmer")) ? "true" : "false");
	ok = near(json_object_get_double(field(c, "fmeasure")),
		  score_one("text.rouge", params, text(field(c, "prediction")),
			    text(field(c, "target"))), by + 1e-12);
	ok = near(json_object_get_double(field(c, "precision")), extra_at(type, 0), by + 1e-12) &&
	     ok;
	return near(json_object_get_double(field(c, "recall")), extra_at(type, 1), by + 1e-12) &&
	       ok;
}

/* Its F is of 2pr + 1e-8 for n-grams; of L only precision and recall are the field's. */
static bool pltrdy_rouge(struct json_object *c)
{
	static const char *const types[2][2] = { { "rouge-1", "rouge1" }, { "rouge-2", "rouge2" } };
	const char *hyp = text(field(c, "hyp")), *ref = text(field(c, "ref"));
	struct json_object *want;
	char params[120];
	bool ok = true;
	int i;

	for (i = 0; i < 2; i++) {
		(void)snprintf(params, sizeof(params),
			       "{\"rouge_types\":[\"%s\"],\"tokenize\":\"none\",\"unique\":true}",
			       types[i][1]);
		want = field(field(c, "scores"), types[i][0]);
		ok = near(json_object_get_double(field(want, "f")),
			  score_one("text.rouge", params, hyp, ref), 1e-8) && ok;
		ok = near(json_object_get_double(field(want, "p")), extra_at(types[i][1], 0),
			  1e-12) &&
		     near(json_object_get_double(field(want, "r")), extra_at(types[i][1], 1),
			  1e-12) &&
		     ok;
	}
	return ok;
}

struct evals {
	const char *id, *params;
};

/* One document: the response against its gold choices. */
static double of_doc(const struct evals *e, struct json_object *doc, struct json_object *response)
{
	struct json_object *choices = field(doc, "choices"), *gold = field(doc, "gold_index");
	const char *refs[MAX_REFS];
	size_t n = 0, i;

	if (json_object_is_type(gold, json_type_array)) {
		for (i = 0; i < json_object_array_length(gold) && n < MAX_REFS; i++)
			refs[n++] = text(item(choices,
					      (size_t)json_object_get_int64(item(gold, i))));
	} else {
		refs[n++] = text(item(choices, (size_t)json_object_get_int64(gold)));
	}
	return score(e->id, e->params, text(item(field(response, "text"), 0)), refs, n);
}

static double expected(struct json_object *c, const char *key)
{
	struct json_object *o = field(c, "expected_output");

	return json_object_get_double(
		key && json_object_is_type(o, json_type_object) ? field(o, key) : o);
}

static bool single(struct json_object *c, const char *key, const struct evals *e)
{
	return near(expected(c, key), of_doc(e, field(c, "doc"), field(c, "model_response")),
		    json_object_get_double(field(c, "tolerance")));
}

/* The common prefix, distance and likeness, in words. */
static bool copyright(struct json_object *c)
{
	static const struct evals words = { "text.edit_distance", "{\"unit\":\"words\"}" };
	double by = json_object_get_double(field(c, "tolerance"));

	return single(c, "edit_similarity", &words) &&
	       near(expected(c, "edit_distance"), extra("distance"), by) &&
	       near(expected(c, "longest_common_prefix_length"), extra("common_prefix"), by);
}

static bool drop(struct json_object *c)
{
	static const struct evals em = { "text.exact_match",
					 "{\"normalize\":true,\"case_sensitive\":false}" };
	static const struct evals f1 = { "text.token_f1", NULL };

	return single(c, "em", &em) && single(c, "f1", &f1);
}

/* Exact matches of several documents: micro F1 is their share, macro F1 the share of labels, of
 * which the data has one a document. */
static bool f1_of_labels(struct json_object *c, bool macro)
{
	static const struct evals em = { "text.exact_match", NULL };
	struct json_object *docs = field(c, "docs"), *responses = field(c, "model_responses");
	size_t n = json_object_array_length(docs), i;
	double right = 0;

	for (i = 0; i < n; i++)
		right += of_doc(&em, item(docs, i), item(responses, i));
	return near(expected(c, NULL), right / (macro ? 2 * (double)n - right : (double)n),
		    json_object_get_double(field(c, "tolerance")));
}

static bool bleu_of_docs(struct json_object *c)
{
	static const struct evals bleu = { "text.bleu", NULL };
	struct json_object *docs = field(c, "docs"), *responses = field(c, "model_responses");
	struct corpus s = { .sys = 0 };
	size_t i;

	for (i = 0; i < json_object_array_length(docs); i++) {
		(void)of_doc(&bleu, item(docs, i), item(responses, i));
		add_segment(&s, "counts", "totals", NULL);
	}
	return near(expected(c, NULL), 100 * corpus_bleu(&s),
		    json_object_get_double(field(c, "tolerance")));
}

/* lighteval hands sacrebleu the documents' references as the references of the first response. */
static bool first_of_docs(struct json_object *c, const char *id, const char *params, bool ter)
{
	struct json_object *docs = field(c, "docs");
	const char *refs[MAX_REFS];
	double got;
	size_t n;

	for (n = 0; n < json_object_array_length(docs) && n < MAX_REFS; n++)
		refs[n] = text(item(field(item(docs, n), "choices"), 0));
	got = score(id, params, text(item(field(item(field(c, "model_responses"), 0), "text"), 0)),
		    refs, n);
	return near(expected(c, NULL), 100 * (ter ? extra("ter") : got),
		    json_object_get_double(field(c, "tolerance")));
}

#define ROUGE(type) { "text.rouge", "{\"rouge_types\":[\"" type "\"]}" }

/* 1 right, 0 wrong, -1: no measure of a text. */
static int judge(const char *suite, struct json_object *c)
{
	static const struct {
		const char *suite, *key;
		struct evals e;
	} singles[] = {
		{ "bleu_1", "bleu_1", { "text.sentence_bleu", "{\"max_ngram_order\":1}" } },
		{ "bleu_4", "bleu_4", { "text.sentence_bleu", "{\"smoothing_function\":0}" } },
		{ "f1_score", "f1", { "text.token_f1", NULL } },
		{ "expr_gold_metric", "extractive_match", { "text.exact_match", NULL } },
		{ "rouge1", "rouge1", ROUGE("rouge1") }, { "rouge2", "rouge2", ROUGE("rouge2") },
		{ "rougeL", "rougeL", ROUGE("rougeL") },
		{ "rougeLsum", "rougeLsum", ROUGE("rougeLsum") },
	};
	size_t i;

	for (i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		if (strcmp(suite, singles[i].suite) == 0)
			return single(c, singles[i].key, &singles[i].e);
	}
	if (strcmp(suite, "google_rouge") == 0)
		return google_rouge(c);
	if (strcmp(suite, "pltrdy_rouge") == 0)
		return pltrdy_rouge(c);
	if (strcmp(suite, "copyright") == 0)
		return copyright(c);
	if (strcmp(suite, "drop") == 0)
		return drop(c);
	if (strcmp(suite, "f1_score_micro") == 0 || strcmp(suite, "f1_score_macro") == 0)
		return f1_of_labels(c, strcmp(suite, "f1_score_macro") == 0);
	if (strcmp(suite, "bleu") == 0)
		return bleu_of_docs(c);
	if (strcmp(suite, "chrf") == 0)
		return first_of_docs(c, "text.chrf", NULL, false);
	if (strcmp(suite, "chrf_plus") == 0)
		return first_of_docs(c, "text.chrf", "{\"word_order\":2}", false);
	if (strcmp(suite, "ter") == 0)
		return first_of_docs(c, "text.ter", NULL, true);
	return -1;
}

/* sacrebleu's suites have the names of its functions, whatever the metric: source tells. */
static int judge_row(const char *suite, const char *source, struct json_object *c)
{
	if (strstr(source, "test_bleu.py"))
		return sacrebleu_bleu(suite, c);
	if (strstr(source, "test_chrf.py"))
		return sacrebleu_chrf(suite, c);
	if (strstr(source, "test_ter.py"))
		return sacrebleu_ter(c);
	return judge(suite, c);
}

static bool stands_listed(const char *suite)
{
	size_t i;

	for (i = 0; i < g.n_suites; i++) {
		if (strcmp(g.suites[i], suite) == 0)
			return true;
	}
	return false;
}

static void one_case(void *ctx, long line, struct json_object *row)
{
	const char *suite = text(field(row, "suite"));
	int r = judge_row(suite, text(field(row, "source")), field(row, "case"));

	(void)ctx;
	g.rows++;
	if (r > 0 && !stands_listed(suite)) {
		g.right++;
	} else if (r < 0 && stands_listed(suite)) {
		g.listed++;
	} else {
		printf("line %ld, %s: %s\n", line, suite,
		       r > 0   ? "is right, but docs/differences.md lists the suite"
		       : r < 0 ? "is neither answered nor listed in docs/differences.md"
			       : "differs");
		g.bad++;
	}
}

/* ---- open-instruct's verifiers of short answers ------------------------------------------ */

static void one_answer(void *ctx, long line, struct json_object *row)
{
	bool f1 = strcmp(text(field(row, "verifier")), "F1Verifier") == 0;
	struct json_object *label = field(row, "label");
	const char *refs[MAX_REFS];
	size_t n = 0, i;
	double got;

	(void)ctx;
	if (json_object_is_type(label, json_type_array)) {
		for (i = 0; i < json_object_array_length(label) && n < MAX_REFS; i++)
			refs[n++] = text(item(label, i));
	} else {
		refs[n++] = text(label);
	}
	got = score(f1 ? "text.token_f1" : "text.exact_match",
		    f1 ? "{\"extract_answer\":true}"
		       : "{\"extract_answer\":true,\"normalize\":true,\"case_sensitive\":false}",
		    text(field(row, "prediction")), refs, n);
	g.rows++;
	if (near(json_object_get_double(field(row, "expected")), got, 1e-9)) {
		g.right++;
	} else {
		printf("line %ld, %s: differs\n", line, text(field(row, "case")));
		g.bad++;
	}
}

static bool read_list(void)
{
	const char *root = getenv("top_srcdir");
	char path[4096], line[1024], *bar;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/docs/differences.md", root ? root : ".");
	f = fopen(path, "r");
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f) && g.n_suites < 40) {
		bar = strstr(line, " | ");
		if (strncmp(line, "- text ", 7) == 0 && bar)
			(void)snprintf(g.suites[g.n_suites++], sizeof(g.suites[0]), "%.*s",
				       (int)(bar - line - 7), line + 7);
	}
	(void)fclose(f);
	return true;
}

int main(void)
{
	fake_init(&g.fake);
	g.plugin = fake_load("text");
	if (!g.plugin || !read_list())
		return 99;
	if (!gz_rows("text_metric_cases", one_case, NULL) ||
	    !gz_rows("answer_match_cases", one_answer, NULL))
		return 99;
	fake_reset(&g.fake);
	printf("%ld cases: %ld as upstream asserts, %ld of suites that are no measures of a text, "
	       "%ld"
	       " wrong\n",
	       g.rows, g.right, g.listed, g.bad);
	return g.bad > 0 || g.rows == 0;
}
