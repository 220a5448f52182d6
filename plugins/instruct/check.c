/* check.c - the 25 instructions by name, and how they read their parameters. */
#include "config.h"
#include "instruct.h"

static const struct instruction instructions[] = {
	{ "change_case:capital_word_frequency", check_capital_words },
	{ "change_case:english_capital", check_capital },
	{ "change_case:english_lowercase", check_lowercase },
	{ "combination:repeat_prompt", check_repeat_prompt },
	{ "combination:two_responses", check_two_responses },
	{ "detectable_content:number_placeholders", check_placeholders },
	{ "detectable_content:postscript", check_postscript },
	{ "detectable_format:constrained_response", check_constrained },
	{ "detectable_format:json_format", check_json },
	{ "detectable_format:multiple_sections", check_sections },
	{ "detectable_format:number_bullet_lists", check_bullets },
	{ "detectable_format:number_highlighted_sections", check_highlights },
	{ "detectable_format:title", check_title },
	{ "keywords:existence", check_keywords },
	{ "keywords:forbidden_words", check_forbidden },
	{ "keywords:frequency", check_keyword_frequency },
	{ "keywords:letter_frequency", check_letter_frequency },
	{ "language:response_language", check_language },
	{ "length_constraints:nth_paragraph_first_word", check_nth_paragraph },
	{ "length_constraints:number_paragraphs", check_paragraphs },
	{ "length_constraints:number_sentences", check_sentences },
	{ "length_constraints:number_words", check_words },
	{ "punctuation:no_comma", check_no_comma },
	{ "startend:end_checker", check_end },
	{ "startend:quotation", check_quotation },
};

const struct instruction *check_find(meed_str id)
{
	size_t i;

	if (meed_starts(id, MEED_S("en:")))
		id = meed_sub(id, 3, id.n);
	for (i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		if (meed_eq(id, meed_s(instructions[i].id)))
			return &instructions[i];
	}
	return NULL;
}

static int32_t lacks(struct check *k, const char *name, const char *need)
{
	return meed_failf(k->h, k->c, MEED_E_SAMPLE,
			  "instruction %zu (%.*s): kwargs \"%s\" must be %s", k->number,
			  (int)k->id.n, k->id.p, name, need);
}

int32_t check_int(struct check *k, const char *name, int64_t min, int64_t *ret)
{
	const meed_val *v = k->h->get(k->kwargs, name);
	uint32_t type = k->h->type(v);
	double x = k->h->num(v, -1.0);

	/* tables that hold several kinds of rows often make 3 of it 3.0 */
	if (type == MEED_T_INT)
		*ret = k->h->i64(v, -1);
	else if (type == MEED_T_NUM && x >= -1e15 && x <= 1e15 && !(x > (double)(int64_t)x) &&
		 !(x < (double)(int64_t)x))
		*ret = (int64_t)x;
	else
		return lacks(k, name, "an integer");
	if (*ret < min)
		return lacks(k, name, min > 0 ? "1 or more" : "0 or more");
	return MEED_OK;
}

int32_t check_str(struct check *k, const char *name, meed_str *ret)
{
	*ret = meed_strip(k->h->str(k->h->get(k->kwargs, name)));
	return ret->n > 0 ? MEED_OK : lacks(k, name, "a string that is not empty");
}

int32_t check_list(struct check *k, const char *name, const meed_val **ret)
{
	const meed_val *v = k->h->get(k->kwargs, name);
	size_t i, n = k->h->type(v) == MEED_T_ARR ? k->h->len(v) : 0;

	for (i = 0; i < n; i++) {
		if (k->h->str(k->h->at(v, i)).n == 0)
			break;
	}
	if (n == 0 || i < n)
		return lacks(k, name, "a list of strings that are not empty");
	*ret = v;
	return MEED_OK;
}

void check_say(struct check *k, const char *asked, int64_t bound, size_t n, const char *what)
{
	if (!k->explain)
		return;
	meed_text_str(&k->reason, meed_s(asked));
	meed_text_char(&k->reason, ' ');
	meed_text_i64(&k->reason, bound);
	meed_text_char(&k->reason, ' ');
	meed_text_str(&k->reason, meed_s(what));
	meed_text_lit(&k->reason, " asked, ");
	meed_text_u64(&k->reason, n);
	meed_text_lit(&k->reason, " found");
}

int32_t check_relation(struct check *k, const char *relation, const char *bound, size_t n,
		       const char *what)
{
	meed_str rel;
	int64_t x;
	int32_t r = check_int(k, bound, 0, &x);

	if (r < 0)
		return r;
	r = check_str(k, relation, &rel);
	if (r < 0)
		return r;
	if (meed_eq(rel, MEED_S("less than"))) {
		check_say(k, "less than", x, n, what);
		return n < (uint64_t)x;
	}
	if (!meed_eq(rel, MEED_S("at least")))
		return lacks(k, relation, "\"less than\" or \"at least\"");
	check_say(k, "at least", x, n, what);
	return n >= (uint64_t)x;
}
