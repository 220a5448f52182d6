/* check_words.c - the instructions about words, letters, sentences and language. */
#include "config.h"
#include "instruct.h"

static void say(struct check *k, meed_str s)
{
	if (k->explain)
		meed_text_str(&k->reason, s);
}

static void say_quoted(struct check *k, meed_str s)
{
	say(k, MEED_S("\""));
	say(k, s);
	say(k, MEED_S("\""));
}

/* Whether the words of list stand in the text; whole: between word boundaries alone. Says the first
 * whose presence is not `wanted`. */
static int32_t all_words(struct check *k, const meed_val *list, bool whole, bool wanted)
{
	size_t i, at, end = 0, n = k->h->len(list);
	meed_str word;
	bool found;

	for (i = 0; i < n; i++) {
		word = k->h->str(k->h->at(list, i));
		at = text_find_nocase(k->text, 0, word, &end);
		while (whole && at != MEED_NONE &&
		       (!text_boundary(k->text, at) || !text_boundary(k->text, end)))
			at = text_find_nocase(k->text, at + 1, word, &end);
		found = at != MEED_NONE;
		if (found != wanted) {
			say_quoted(k, word);
			say(k, wanted ? MEED_S(" is missing") : MEED_S(" is there"));
			return 0;
		}
	}
	say(k, wanted ? MEED_S("all keywords are there") : MEED_S("no forbidden word is there"));
	return 1;
}

int32_t check_keywords(struct check *k)
{
	const meed_val *list;
	int32_t r = check_list(k, "keywords", &list);

	return r < 0 ? r : all_words(k, list, false, true);
}

int32_t check_forbidden(struct check *k)
{
	const meed_val *list;
	int32_t r = check_list(k, "forbidden_words", &list);

	return r < 0 ? r : all_words(k, list, true, false);
}

int32_t check_keyword_frequency(struct check *k)
{
	size_t n = 0, at, end = 0;
	meed_str word;
	int32_t r = check_str(k, "keyword", &word);

	if (r < 0)
		return r;
	for (at = 0;; n++) {
		at = text_find_nocase(k->text, at, word, &end);
		if (at == MEED_NONE)
			break;
		at = end;
	}
	say_quoted(k, word);
	say(k, MEED_S(": "));
	return check_relation(k, "relation", "frequency", n, "times");
}

/* How often the lower-case character cp stands in the text, in either case. */
static size_t count_letter(meed_str s, uint32_t letter)
{
	size_t i = 0, n = 0;
	uint32_t cp;

	while (i < s.n) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		n += text_lower_cp(cp) == letter;
	}
	return n;
}

int32_t check_letter_frequency(struct check *k)
{
	meed_str letter;
	uint32_t cp;
	int32_t r = check_str(k, "letter", &letter);

	if (r < 0)
		return r;
	if (meed_utf8_next(letter.p, letter.n, &cp) != letter.n)
		return meed_failf(k->h, k->c, MEED_E_SAMPLE,
				  "instruction %zu (%.*s): kwargs \"letter\" must be one character",
				  k->number, (int)k->id.n, k->id.p);
	say_quoted(k, letter);
	say(k, MEED_S(": "));
	return check_relation(k, "let_relation", "let_frequency",
			      count_letter(k->text, text_lower_cp(cp)), "times");
}

int32_t check_sentences(struct check *k)
{
	struct sentences all;
	meed_str s;
	size_t n = 0;

	sentences_begin(&all, k->t, k->text);
	while (sentences_next(&all, &s))
		n++;
	return check_relation(k, "relation", "num_sentences", n, "sentences");
}

int32_t check_words(struct check *k)
{
	return check_relation(k, "relation", "num_words", text_count_words(k->text), "words");
}

int32_t check_capital_words(struct check *k)
{
	size_t n;
	int32_t r = words_count_capital(k->h, k->c, k->t, k->text, &n);

	if (r < 0)
		return r;
	return check_relation(k, "capital_relation", "capital_frequency", n,
			      "words in capitals");
}

/* Is the text in this language? A text without letters to go by passes. */
static int32_t in_language(struct check *k, meed_str want)
{
	meed_str code;
	int32_t r = language_detect(k->h, k->c, k->t, k->text, &code);

	if (r < 0)
		return r;
	if (code.n == 0) {
		say(k, MEED_S("no language can be told"));
		return 1;
	}
	say(k, MEED_S("language "));
	say_quoted(k, want);
	say(k, MEED_S(" asked, "));
	say_quoted(k, code);
	say(k, MEED_S(" found"));
	return meed_eq(code, want);
}

int32_t check_language(struct check *k)
{
	meed_str want;
	int32_t r = check_str(k, "language", &want);

	return r < 0 ? r : in_language(k, want);
}

int32_t check_capital(struct check *k)
{
	if (!text_isupper(k->text)) {
		say(k, MEED_S("not all letters are capitals"));
		return 0;
	}
	say(k, MEED_S("all letters are capitals; "));
	return in_language(k, MEED_S("en"));
}

int32_t check_lowercase(struct check *k)
{
	if (!text_islower(k->text)) {
		say(k, MEED_S("not all letters are lower case"));
		return 0;
	}
	say(k, MEED_S("all letters are lower case; "));
	return in_language(k, MEED_S("en"));
}

int32_t check_no_comma(struct check *k)
{
	bool comma = meed_find(k->text, 0, MEED_S(",")) != MEED_NONE;

	say(k, comma ? MEED_S("there is a comma") : MEED_S("there is no comma"));
	return !comma;
}
