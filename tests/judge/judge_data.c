/* judge_data.c - recorded judgements of real judges, read by the judge's readers.
 *
 * LLMBar's stand in tests/data. Those of JudgeBench and AlpacaEval are read where $MEED_SHARED/data
 * has them: their licences do not let us ship them. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/judge/judge.h"
#include "tests/unit/gzrows.h"

struct tally {
	const char *name;
	size_t rows, decided, agree, ambiguous, unread, differ, against;
};

static const char *text_of(struct json_object *row, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(row, key, &v) ? json_object_get_string(v) : NULL;
}

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static void count(struct tally *t, enum preference got, enum preference want, long line)
{
	t->rows++;
	if (want == PREF_NONE)
		return;
	t->decided++;
	t->agree += got == want;
	t->ambiguous += got == PREF_AMBIGUOUS;
	t->unread += got == PREF_NONE;
	if (got == want || got == PREF_AMBIGUOUS || got == PREF_NONE)
		return;
	t->differ++;
	(void)printf("%s:%ld: read %d, recorded %d\n", t->name, line, got, want);
}

/* ---- LLMBar ---------------------------------------------------------------------------------- */

/* Judgements of PaLM 2 (method CoT) that are recorded as a win of the first output though their
 * text says "Output (b) is better" and nowhere that Output (a) is. No rule over texts tells them
 * from others of that judge that say the same and are recorded as they read: "Output (b) is better.
 * Output (a) is not relevant to the instruction." (Natural, 12) is a win of the second. In GPTInst
 * 5: "Therefore, Output (b) is better for the given instruction."; in Neighbor 132, asked both
 * ways: "Therefore, Output (b) is better."; in GPTInst 44, both ways, and GPTOut 37: "Output (b) is
 * better. Output (a) does not precisely execute the instruction". */
static const struct {
	const char *subset;
	int index;
	bool swapped;
} against[] = {
	{ "Adversarial/GPTInst", 5, false },   { "Adversarial/Neighbor", 132, false },
	{ "Adversarial/Neighbor", 132, true }, { "Adversarial/GPTInst", 44, false },
	{ "Adversarial/GPTInst", 44, true },   { "Adversarial/GPTOut", 37, true },
};

static bool is_against(struct json_object *row, bool swapped, const char *text)
{
	if (strcmp(text_of(row, "evaluator"), "PaLM2") != 0 ||
	    strcmp(text_of(row, "method"), "CoT") != 0)
		return false;
	for (size_t i = 0; i < sizeof(against) / sizeof(against[0]); i++)
		if (strcmp(text_of(row, "subset"), against[i].subset) == 0 &&
		    json_object_get_int(get(row, "index")) == against[i].index &&
		    swapped == against[i].swapped)
			return strstr(text, "Output (b) is better") &&
			       !strstr(text, "Output (a) is better");
	return false;
}

/* "Output (a)" is output 1, or 2 if they were swapped; winner is the output's number. */
static void llmbar_order(struct tally *t, struct json_object *row, struct json_object *o,
			 bool swapped, long line)
{
	struct json_object *completion = get(o, "completion");
	const char *winner = text_of(o, "winner"), *text;
	enum preference want = PREF_NONE;

	if (!completion || !winner)
		return;
	text = json_object_get_string(json_object_array_get_idx(completion, 0));
	if (winner[0] == '1' || winner[0] == '2')
		want = (winner[0] == '1') != swapped ? PREF_A : PREF_B;
	if (want == PREF_A && is_against(row, swapped, text) &&
	    verdict_preference(meed_s(text)) == PREF_B) {
		t->rows++;
		t->decided++;
		t->against++;
		return;
	}
	count(t, verdict_preference(meed_s(text)), want, line);
}

static void llmbar_rating(struct tally *t, struct json_object *r, long line)
{
	struct json_object *a = get(r, "score_1"), *b = get(r, "score_2");
	double x = 0, y = 0, of;
	const char *winner = text_of(get(r, "swap = False"), "winner");
	const char *swapped = text_of(get(r, "swap = True"), "winner");
	enum preference want, got;

	if (!a || !b || !winner || !swapped)
		return;
	/* equal ratings are recorded as a win of whoever came second */
	want = strcmp(winner, swapped) != 0 ? PREF_TIE : winner[0] == '1' ? PREF_A : PREF_B;
	if (!verdict_rating(meed_s(json_object_get_string(json_object_array_get_idx(a, 0))), &x,
			    &of) ||
	    !verdict_rating(meed_s(json_object_get_string(json_object_array_get_idx(b, 0))), &y,
			    &of))
		got = PREF_NONE;
	else
		got = x > y ? PREF_A : x < y ? PREF_B : PREF_TIE;
	count(t + 1, got, want, line);
}

static void llmbar(void *ctx, long line, struct json_object *row)
{
	struct json_object *results = get(row, "results");
	struct json_object *last =
		json_object_array_get_idx(results, json_object_array_length(results) - 1);

	if (strcmp(text_of(row, "method"), "Rating") == 0) {
		llmbar_rating(ctx, last, line);
		return;
	}
	llmbar_order(ctx, row, get(last, "swap = False"), false, line);
	llmbar_order(ctx, row, get(last, "swap = True"), true, line);
}

/* ---- JudgeBench, AlpacaEval ------------------------------------------------------------------ */

static void judgebench(void *ctx, long line, struct json_object *row)
{
	const char *decision = text_of(row, "decision");
	enum preference want = !decision		      ? PREF_NONE
			       : strcmp(decision, "A>B") == 0 ? PREF_A
			       : strcmp(decision, "B>A") == 0 ? PREF_B
							      : PREF_TIE;

	count(ctx, verdict_preference(meed_s(text_of(row, "response"))), want, line);
}

static void alpaca(void *ctx, long line, struct json_object *row)
{
	const char *first = text_of(get(row, "referenced_models"), "m");
	double preferred = json_object_get_double(get(row, "preference"));
	bool one = preferred < 1.5;

	if (!first)
		return;
	count(ctx, verdict_preference(meed_s(text_of(row, "raw_completion"))),
	      one == (strcmp(first, "output_1") == 0) ? PREF_A : PREF_B, line);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool shared(const char *name)
{
	const char *dir = getenv("MEED_SHARED");
	char path[1024];
	FILE *f;

	if (!dir)
		return false;
	(void)snprintf(path, sizeof(path), "%s/data/%s_dev.jsonl", dir, name);
	f = fopen(path, "rb");
	if (f)
		(void)fclose(f);
	return f != NULL;
}

/* Of what is read, so much must agree; of what is decided, so much must be read. */
static int verdict(const struct tally *t, double agree, double read)
{
	size_t n = t->agree + t->differ;
	bool ok = t->decided > 0 && (double)t->agree >= agree * (double)n &&
		  (double)(n + t->against) >= read * (double)t->decided;

	(void)printf(
		"%s: %zu judgements, %zu with a decision: %zu agree, %zu differ, %zu ambiguous, "
		"%zu unread, %zu recorded against their own text%s\n",
		t->name, t->rows, t->decided, t->agree, t->differ, t->ambiguous, t->unread,
		t->against, ok ? "" : ": NOT ENOUGH");
	return ok ? 0 : 1;
}

int main(void)
{
	struct tally bar[2] = { { .name = "llmbar, verdicts" }, { .name = "llmbar, ratings" } };
	static const char *const benches[] = { "judgebench_judgments_haiku",
					       "judgebench_judgments_o1mini" };
	struct tally t;
	int bad = 0;

	if (!gz_rows("llmbar_judgments", llmbar, bar))
		return 1;
	/* six of 708 say both "Output (a) is better" and "Output (b) is better", and are ambiguous
	 */
	bad += verdict(&bar[0], 0.995, 0.98);
	bad += verdict(&bar[1], 0.995, 0.995);
	for (size_t i = 0; i < 2; i++) {
		t = (struct tally){ .name = benches[i] };
		if (!shared(benches[i]))
			continue;
		bad += !gz_rows(benches[i], judgebench, &t) || verdict(&t, 0.995, 0.995);
	}
	t = (struct tally){ .name = "alpacaeval_judge_json" };
	if (shared(t.name))
		bad += !gz_rows(t.name, alpaca, &t) || verdict(&t, 0.995, 0.995);
	return bad ? 1 : 0;
}
