/* meteor.c - text.meteor: METEOR's stages "exact" and "stem", as NLTK has them.
 *
 * NLTK goes through the response from its end and takes the last word of the reference that is
 * equal and free, first by the words, then by the stems of those left. Synonyms need WordNet. */
#include "config.h"
#include "text.h"

#include <math.h>

struct side {
	struct text_vocab words, stems;
	struct text_seq hyp, hyp_stems;
};

struct pairs {
	size_t *to; /* of each word of the response: place in the reference + 1 */
	uint8_t *taken;			/* of each word of the reference */
	size_t n;
};

static int32_t read_words(struct text_job *j, struct side *v, meed_str s, struct text_seq *ids,
			  struct text_seq *stems)
{
	char *buf = NULL;
	uint32_t *cps;
	size_t at = 0, i = 0, len;
	meed_str word;
	int32_t r = j->o->case_sensitive ? 0 : text_to_lower(j, &s);

	if (r == 0)
		r = text_words(j, &v->words, s, ids);
	cps = r < 0 ? NULL : text_alloc(j, s.n + 4, sizeof(*cps));
	buf = cps ? text_alloc(j, s.n + 4 * ids->n + 8, 1) : NULL;
	stems->v = buf ? text_alloc(j, ids->n, sizeof(*stems->v)) : NULL;
	if (!stems->v)
		return r < 0 ? r : MEED_E_NOMEM;
	stems->n = ids->n;
	while (r == 0 && text_next_word(s, &at, &word)) {
		len = text_porter_word(word, cps, buf);
		stems->v[i++] = text_number(j, &v->stems, (meed_str){ buf, len }, &r);
		buf += len;
	}
	return r;
}

/* Pairs what is left by these numbers. */
static int32_t match(struct text_job *j, struct text_seq hyp, struct text_seq ref, uint32_t n_vocab,
		     struct pairs *p)
{
	/* the free places of each word, the last one first */
	size_t *head = text_alloc(j, n_vocab, sizeof(*head));
	size_t *next = text_alloc(j, ref.n, sizeof(*next)), i, at;

	if (!head || !next)
		return MEED_E_NOMEM;
	for (i = 0; i < ref.n; i++) {
		if (p->taken[i])
			continue;
		next[i] = head[ref.v[i]];
		head[ref.v[i]] = i + 1;
	}
	for (i = hyp.n; i-- > 0;) {
		at = head[hyp.v[i]];
		if (p->to[i] > 0 || at == 0)
			continue;
		p->to[i] = at;
		p->taken[at - 1] = 1;
		head[hyp.v[i]] = next[at - 1];
		p->n++;
	}
	return 0;
}

static size_t count_chunks(const struct pairs *p, size_t n)
{
	size_t i, chunks = 0;

	for (i = 0; i < n; i++) {
		if (p->to[i] > 0)
			chunks += i == 0 || p->to[i - 1] == 0 || p->to[i] != p->to[i - 1] + 1;
	}
	return chunks;
}

static int32_t pair(struct text_job *j, meed_str ref, struct text_result *ret)
{
	struct side *side = j->cand;
	struct text_seq words = { NULL, 0 }, stems = { NULL, 0 };
	double m, p, q, f, frag;
	struct pairs pairs;
	size_t chunks;
	int32_t r = 0;

	if (!side) {
		side = text_alloc(j, 1, sizeof(*side));
		if (!side)
			return MEED_E_NOMEM;
		text_vocab_init(j, &side->words);
		text_vocab_init(j, &side->stems);
		r = read_words(j, side, j->s->cands[0].text, &side->hyp, &side->hyp_stems);
		j->cand = side;
	}
	if (r == 0)
		r = read_words(j, side, ref, &words, &stems);
	if (r < 0)
		return r;
	pairs.n = 0;
	pairs.to = text_alloc(j, side->hyp.n, sizeof(*pairs.to));
	pairs.taken = text_alloc(j, words.n, 1);
	if (!pairs.to || !pairs.taken)
		return MEED_E_NOMEM;
	r = match(j, side->hyp, words, side->words.n, &pairs);
	if (r == 0)
		r = match(j, side->hyp_stems, stems, side->stems.n, &pairs);
	if (r < 0)
		return r;
	chunks = count_chunks(&pairs, side->hyp.n);
	text_tell(ret, "matches", (double)pairs.n);
	text_tell(ret, "chunks", (double)chunks);
	text_tell(ret, "words", (double)side->hyp.n);
	text_tell(ret, "reference_words", (double)words.n);
	if (pairs.n == 0)
		return 0;
	m = (double)pairs.n;
	p = m / (double)side->hyp.n;
	q = m / (double)words.n;
	f = p * q / (j->o->alpha * p + (1 - j->o->alpha) * q);
	frag = (double)chunks / m;
	ret->score = (1 - j->o->gamma * pow(frag, j->o->beta)) * f;
	return 0;
}

TEXT_EVALUATE(evaluate, pair)

const meed_rm text_meteor = TEXT_MODEL(
	.id = "text.meteor", .needs = MEED_NEEDS_REFERENCE,
	.summary = "METEOR by equal words and Porter stems; without WordNet's synonyms",
	.source = TEXT_NLTK "nltk.translate.meteor_score; Lavie and Agarwal 2007,"
			    " aclanthology.org/W07-0734",
	.params_schema = P_OPEN P_NUM("alpha", "0.9", "0", "1", "what precision weighs") ","
	P_NUM("beta", "3", "0", "100", "how steeply fragments are punished") ","
	P_NUM("gamma", "0.5", "0", "1", "the most that fragments take away") ","
	P_CASE("false") P_CLOSE,
	.evaluate = evaluate, TEXT_PLAIN);
