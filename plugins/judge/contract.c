/* contract.c - how a verdict must look: told in words, and as a JSON Schema. */
#include "config.h"
#include "judge.h"

static void put_scale(struct out *o, const struct judge *j)
{
	OUT(o, "a number from ");
	out_num(o, j->scale_min);
	OUT(o, " (worst) to ");
	out_num(o, j->scale_max);
	OUT(o, " (best)");
	for (size_t i = 0; i < j->n_labels; i++) {
		double at = j->n_labels > 1
				    ? j->scale_min + (j->scale_max - j->scale_min) * (double)i /
							     (double)(j->n_labels - 1)
				    : j->scale_min;

		out_put(o, i ? MEED_S("; ") : MEED_S(": "));
		out_num(o, at);
		OUT(o, " = ");
		out_put(o, j->labels[i]);
	}
}

/* What is to be found out. */
static void put_task(struct out *o, const struct judge *j, const struct question *q)
{
	switch (j->contract) {
	case C_SCORE:
		OUT(o, "Give the answer one score, ");
		put_scale(o, j);
		OUT(o, ".");
		break;
	case C_RUBRICS:
		OUT(o, "For each of the rubrics, in their order, first write a critique that names "
		       "what in the answer speaks for and against, then give a score, ");
		put_scale(o, j);
		OUT(o, ".");
		break;
	case C_VIOLATIONS:
		OUT(o, "Say which of the rubrics the answer violates, by their numbers; none is a "
		       "fine result.");
		break;
	case C_YES_NO:
		OUT(o, "Decide yes or no.");
		break;
	case C_PREFERENCE:
		OUT(o, "Decide which answer is better, A or B, or that neither is (tie).");
		break;
	case C_PAIR_SCORES:
		OUT(o, "Give each of the two answers a score, ");
		put_scale(o, j);
		OUT(o, ". Equal scores are a tie.");
		break;
	case C_SCORES:
		OUT(o, "Give each of the ");
		out_u64(o, q->n);
		OUT(o, " answers a score, ");
		put_scale(o, j);
		OUT(o, ". Compare them with each other: equally good answers get equal scores.");
		break;
	case C_RANK:
		OUT(o, "Put the ");
		out_u64(o, q->n);
		OUT(o,
		    " answers in order, best first; answers that are equally good share a place.");
		break;
	case C_BEST:
		OUT(o, "Decide which answer is best; name several if they are equally good.");
		break;
	case C_STEPS:
		OUT(o,
		    "For each step, in order, decide whether it is correct, neutral (neither helps "
		    "nor harms) or incorrect, given the steps before it.");
		break;
	case C_FIRST_ERROR:
		OUT(o, "Find the first step that is incorrect, given the steps before it; 0 if all "
		       "are correct.");
		break;
	}
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put_nonce(struct out *o, const struct question *q)
{
	OUT(o, "{\"id\": \"");
	out_put(o, q->nonce);
	OUT(o, "\", ");
}

static void json_form(struct out *o, const struct judge *j, const struct question *q)
{
	put_nonce(o, q);
	switch (j->contract) {
	case C_SCORE:
		OUT(o, "\"critique\": \"...\", \"score\": NUMBER}");
		break;
	case C_RUBRICS:
		OUT(o, "\"rubrics\": [{\"rubric\": 1, \"critique\": \"...\", \"score\": NUMBER}, "
		       "...]}");
		break;
	case C_VIOLATIONS:
		OUT(o, "\"critique\": \"...\", \"violations\": [NUMBERS OF RUBRICS]}");
		break;
	case C_YES_NO:
		OUT(o, "\"critique\": \"...\", \"verdict\": \"yes\" or \"no\"}");
		break;
	case C_PREFERENCE:
		OUT(o, "\"critique\": \"...\", \"preference\": \"A\" or \"B\" or \"tie\"}");
		break;
	case C_PAIR_SCORES:
		OUT(o, "\"critique\": \"...\", \"A\": NUMBER, \"B\": NUMBER}");
		break;
	case C_SCORES:
		OUT(o, "\"answers\": [{\"answer\": 1, \"critique\": \"...\", \"score\": NUMBER}, "
		       "...]}");
		break;
	case C_RANK:
		OUT(o, "\"critique\": \"...\", \"ranking\": [[BEST], [NEXT, EQUAL TO IT], ...]}");
		break;
	case C_BEST:
		OUT(o, "\"critique\": \"...\", \"best\": [NUMBERS OF ANSWERS]}");
		break;
	case C_STEPS:
		OUT(o,
		    "\"steps\": [{\"step\": 1, \"critique\": \"...\", \"verdict\": \"correct\" or "
		    "\"neutral\" or \"incorrect\"}, ...]}");
		break;
	case C_FIRST_ERROR:
		OUT(o, "\"critique\": \"...\", \"first_error\": NUMBER}");
		break;
	}
}

/* ---- tags and words -------------------------------------------------------------------------- */

static void tag_form(struct out *o, const struct judge *j)
{
	OUT(o, "<critique>why, in a few sentences</critique>\n");
	switch (j->contract) {
	case C_SCORE:
		OUT(o, "<score>NUMBER</score>");
		break;
	case C_RUBRICS:
		OUT(o, "<scores>[NUMBER, ...] one for each rubric, in order</scores>");
		break;
	case C_VIOLATIONS:
		OUT(o, "<violation>[numbers of the violated rubrics]</violation>");
		break;
	case C_YES_NO:
		OUT(o, "<verdict>yes or no</verdict>");
		break;
	case C_PREFERENCE:
		OUT(o, "<preference>A or B or tie</preference>");
		break;
	case C_PAIR_SCORES:
	case C_SCORES:
		OUT(o, "<scores>[NUMBER, ...] one for each answer, in order</scores>");
		break;
	case C_RANK:
		OUT(o, "<ranking>numbers of the answers, best first, such as 2 > 1 = 3</ranking>");
		break;
	case C_BEST:
		OUT(o, "<best>number of the best answer</best>");
		break;
	case C_STEPS:
		OUT(o, "<verdicts>[correct or neutral or incorrect for each step]</verdicts>");
		break;
	case C_FIRST_ERROR:
		OUT(o, "<first_error>NUMBER</first_error>");
		break;
	}
}

static void verdict_form(struct out *o, const struct judge *j)
{
	if (j->contract == C_PREFERENCE)
		OUT(o, "First give your reasons; then end with your verdict: [[A]], [[B]], or "
		       "[[C]] for "
		       "a tie.");
	else
		OUT(o, "First give your reasons; then end with your verdict: Rating: [[NUMBER]].");
}

static void text_form(struct out *o, const struct judge *j)
{
	if (j->contract == C_PREFERENCE)
		OUT(o, "Answer with A, B or tie alone.");
	else if (j->contract == C_YES_NO)
		OUT(o, "Answer with yes or no alone.");
	else
		OUT(o, "Answer with the number alone.");
}

void contract_words(struct out *o, const struct judge *j, const struct question *q)
{
	put_task(o, j, q);
	OUT(o, "\n");
	switch (j->format) {
	case F_JSON:
		OUT(o, "Answer with one JSON object and nothing else, in this form:\n");
		json_form(o, j, q);
		OUT(o, "\nKeep critiques to a few sentences. The id is copied as it stands.");
		break;
	case F_TAGS:
		OUT(o, "Answer in this form:\n");
		tag_form(o, j);
		break;
	case F_VERDICT:
		verdict_form(o, j);
		break;
	case F_TEXT:
		text_form(o, j);
		break;
	}
}

/* ---- the schema ------------------------------------------------------------------------------ */

#define OBJECT "{\"type\":\"object\",\"additionalProperties\":false,"
#define STRING "{\"type\":\"string\"}"
#define NUMBER "{\"type\":\"number\"}"
#define INTEGER "{\"type\":\"integer\"}"
#define CRITIQUE "\"critique\":" STRING

static meed_str schema_body(enum contract k)
{
	switch (k) {
	case C_SCORE:
		return MEED_S("\"required\":[\"id\",\"critique\",\"score\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE ",\"score\":" NUMBER "}}");
	case C_RUBRICS:
		return MEED_S("\"required\":[\"id\",\"rubrics\"],\"properties\":{\"id\":" STRING
			      ",\"rubrics\":{\"type\":\"array\",\"items\":" OBJECT
			      "\"required\":[\"rubric\",\"critique\",\"score\"],\"properties\":{"
			      "\"rubric\":" INTEGER "," CRITIQUE ",\"score\":" NUMBER "}}}}}");
	case C_VIOLATIONS:
		return MEED_S("\"required\":[\"id\",\"critique\",\"violations\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE
			      ",\"violations\":{\"type\":\"array\",\"items\":" INTEGER "}}}");
	case C_YES_NO:
		return MEED_S("\"required\":[\"id\",\"critique\",\"verdict\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE
			      ",\"verdict\":{\"enum\":[\"yes\",\"no\"]}}}");
	case C_PREFERENCE:
		return MEED_S("\"required\":[\"id\",\"critique\",\"preference\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE
			      ",\"preference\":{\"enum\":[\"A\",\"B\",\"tie\"]}}}");
	case C_PAIR_SCORES:
		return MEED_S("\"required\":[\"id\",\"critique\",\"A\",\"B\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE ",\"A\":" NUMBER ",\"B\":" NUMBER "}}");
	case C_SCORES:
		return MEED_S("\"required\":[\"id\",\"answers\"],\"properties\":{\"id\":" STRING
			      ",\"answers\":{\"type\":\"array\",\"items\":" OBJECT
			      "\"required\":[\"answer\",\"critique\",\"score\"],\"properties\":{"
			      "\"answer\":" INTEGER "," CRITIQUE ",\"score\":" NUMBER "}}}}}");
	case C_RANK:
		return MEED_S("\"required\":[\"id\",\"critique\",\"ranking\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE
			      ",\"ranking\":{\"type\":\"array\",\"items\":{\"type\":\"array\","
			      "\"items\":" INTEGER "}}}}");
	case C_BEST:
		return MEED_S(
			"\"required\":[\"id\",\"critique\",\"best\"],\"properties\":{\"id\":" STRING
			"," CRITIQUE ",\"best\":{\"type\":\"array\",\"items\":" INTEGER "}}}");
	case C_STEPS:
		return MEED_S(
			"\"required\":[\"id\",\"steps\"],\"properties\":{\"id\":" STRING
			",\"steps\":{\"type\":\"array\",\"items\":" OBJECT
			"\"required\":[\"step\",\"critique\",\"verdict\"],\"properties\":{"
			"\"step\":" INTEGER "," CRITIQUE
			",\"verdict\":{\"enum\":[\"correct\",\"neutral\",\"incorrect\"]}}}}}}");
	default:
		return MEED_S("\"required\":[\"id\",\"critique\",\"first_error\"],\"properties\":{"
			      "\"id\":" STRING "," CRITIQUE ",\"first_error\":" INTEGER "}}");
	}
}

const char *contract_schema(const meed_host *h, meed_ctx *c, const struct judge *j,
			    const struct question *q)
{
	struct out o = { h, c, NULL, 0, 0, false };

	(void)q;
	OUT(&o, OBJECT);
	out_put(&o, schema_body(j->contract));
	out_put(&o, (meed_str){ "", 1 });
	return o.failed ? NULL : o.p;
}
