/* chrf.c - text.chrf: chrF and chrF++ as sacrebleu has them. */
#include "config.h"
#include "text.h"

#define MAX_ORDER 32

/* The response, read once, and a vocabulary that every reference joins. */
struct side {
	struct text_vocab chars, words;
	struct text_seq char_seq, word_seq;
};

struct stats {
	double hyp[MAX_ORDER], ref[MAX_ORDER], match[MAX_ORDER];
};

/* Words with one punctuation mark taken off: the last character, else the first. */
static int32_t part_words(struct text_job *j, struct text_vocab *v, meed_str s,
			  struct text_seq *ret)
{
	size_t at = 0, n = 0, first, last;
	uint32_t *ids, cp, begin, end;
	meed_str word;
	int32_t r = 0;

	while (text_next_word(s, &at, &word))
		n += 2;
	ids = text_alloc(j, n, sizeof(*ids));
	if (!ids)
		return MEED_E_NOMEM;
	for (at = 0, n = 0; r == 0 && text_next_word(s, &at, &word);) {
		first = meed_utf8_next(word.p, word.n, &begin);
		end = (unsigned char)word.p[word.n - 1];
		last = first < word.n ? word.n - 1 : 0;
		cp = last > 0 ? end : 0;
		if (last > 0 && text_is_punct(cp)) {
			ids[n++] = text_number(j, v, meed_sub(word, 0, last), &r);
			if (r == 0)
				ids[n++] = text_number(j, v, meed_sub(word, last, word.n), &r);
		} else if (last > 0 && text_is_punct(begin)) {
			ids[n++] = text_number(j, v, meed_sub(word, 0, first), &r);
			if (r == 0)
				ids[n++] = text_number(j, v, meed_sub(word, first, word.n), &r);
		} else {
			ids[n++] = text_number(j, v, word, &r);
		}
	}
	*ret = (struct text_seq){ ids, n };
	return r;
}

static int32_t read_side(struct text_job *j, meed_str s, struct side *voc, struct text_seq *chars,
			 struct text_seq *words)
{
	int32_t r = j->o->lowercase ? text_to_lower(j, &s) : 0;

	if (r == 0)
		r = text_chars(j, &voc->chars, s, j->o->whitespace, chars);
	if (r == 0 && j->o->word_order > 0)
		r = part_words(j, &voc->words, s, words);
	return r;
}

static int32_t count(struct text_job *j, struct text_seq hyp, struct text_seq ref, size_t n_vocab,
		     size_t order, size_t at, struct stats *s)
{
	struct text_run a, b;
	struct text_grams g;
	size_t k;
	int32_t r = text_grams_init(j, &g, n_vocab, ref.n);

	if (r == 0)
		r = text_run_init(j, &a, hyp);
	if (r == 0)
		r = text_run_init(j, &b, ref);
	for (k = 0; k < order && r == 0; k++) {
		if (k > 0) {
			text_grams_next(&g);
			text_run_next(&g, &b, true);
			text_run_next(&g, &a, false);
		}
		s->hyp[at + k] = b.n_ids > 0 ? (double)a.n_ids : 0;
		s->ref[at + k] = (double)b.n_ids;
		s->match[at + k] = (double)text_common(&g, &a, &b);
	}
	return r;
}

static double f_score(const struct text_options *o, const struct stats *s)
{
	size_t n = (size_t)(o->char_order + o->word_order), i, eff = 0;
	double eps = 1e-16, factor = o->beta * o->beta, sum = 0, p = 0, r = 0, prec, rec, denom;

	for (i = 0; i < n; i++) {
		prec = s->hyp[i] > 0 ? s->match[i] / s->hyp[i] : eps;
		rec = s->ref[i] > 0 ? s->match[i] / s->ref[i] : eps;
		denom = factor * prec + rec;
		sum += denom > 0 ? (1 + factor) * prec * rec / denom : eps;
		if (s->hyp[i] > 0 && s->ref[i] > 0) {
			p += prec;
			r += rec;
			eff++;
		}
	}
	if (o->eps_smoothing)
		return sum / (double)n;
	if (eff == 0)
		return 0;
	p /= (double)eff;
	r /= (double)eff;
	return p + r > 0 ? (1 + factor) * p * r / (factor * p + r) : 0;
}

static int32_t pair(struct text_job *j, meed_str ref, struct text_result *ret)
{
	size_t n_chars = (size_t)j->o->char_order, n_words = (size_t)j->o->word_order;
	struct side *side = j->cand;
	struct text_seq chars, words = { NULL, 0 };
	struct stats *s = text_alloc(j, 1, sizeof(*s));
	int32_t r = s ? 0 : MEED_E_NOMEM;

	if (r == 0 && !side) {
		side = text_alloc(j, 1, sizeof(*side));
		if (!side)
			return MEED_E_NOMEM;
		text_vocab_init(j, &side->chars);
		text_vocab_init(j, &side->words);
		r = read_side(j, j->s->cands[0].text, side, &side->char_seq, &side->word_seq);
		j->cand = side;
	}
	if (r == 0)
		r = read_side(j, ref, side, &chars, &words);
	if (r == 0)
		r = count(j, side->char_seq, chars, side->chars.n, n_chars, 0, s);
	if (r == 0 && n_words > 0)
		r = count(j, side->word_seq, words, side->words.n, n_words, n_chars, s);
	if (r < 0)
		return r;
	ret->score = f_score(j->o, s);
	text_tell(ret, "characters", (double)side->char_seq.n);
	text_tell(ret, "reference_characters", (double)chars.n);
	text_note_list(ret, "hypothesis", s->hyp, n_chars + n_words);
	text_note_list(ret, "reference_ngrams", s->ref, n_chars + n_words);
	text_note_list(ret, "match", s->match, n_chars + n_words);
	return 0;
}

TEXT_EVALUATE(evaluate, pair)

const meed_rm text_chrf = TEXT_MODEL(
	.id = "text.chrf", .needs = MEED_NEEDS_REFERENCE,
	.summary = "chrF, or chrF++ (word_order 2), as sacrebleu has them, divided by 100",
	.source = TEXT_SACREBLEU "Popovic 2015, aclanthology.org/W15-3049; 2017, W17-4770",
	.params_schema = P_OPEN P_INT("char_order", "6", "1", "16",
				      "the longest n-grams of characters") ","
	P_INT("word_order", "0", "0", "16", "the longest n-grams of words; 2 is chrF++") ","
	P_NUM("beta", "2", "0", "1000", "how many times recall weighs what precision does") ","
	P_BOOL("lowercase", "false", "lower case first") ","
	P_BOOL("whitespace", "false", "count white space as characters") ","
	P_BOOL("eps_smoothing", "false",
	       "the mean over all orders, 1e-16 for none, as chrF++.py, NLTK and Moses do") P_CLOSE,
	.evaluate = evaluate, TEXT_PLAIN);
