/* fuzzy.c - text.fuzzy_match and text.edit_distance: characters aligned. */
#include "config.h"
#include "text.h"

#include <stdlib.h>

/* ---- fuzzy_match: rapidfuzz's ratios ----------------------------------------------------- */

struct side {
	struct text_vocab vocab;
	meed_str text;
	struct text_seq chars;
};

/* Words in order, each once if unique. */
struct words {
	meed_str *v;
	size_t n;
};

static int by_bytes(const void *a, const void *b)
{
	const meed_str *x = a, *y = b;
	int r = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return r != 0 ? r : (x->n > y->n) - (x->n < y->n);
}

/* rapidfuzz.utils.default_process: what is no letter or digit becomes a blank. */
static int32_t process(struct text_job *j, meed_str *s)
{
	char *out = text_alloc(j, s->n, 2);
	size_t i = 0, n = 0;
	uint32_t cp;

	if (!out)
		return MEED_E_NOMEM;
	while (i < s->n) {
		i += meed_utf8_next(s->p + i, s->n - i, &cp);
		if (text_is_word(cp) && cp != '_')
			n += text_put(text_lower_cp(cp), out + n);
		else
			out[n++] = ' ';
	}
	*s = meed_strip((meed_str){ out, n });
	return 0;
}

static int32_t read_words(struct text_job *j, meed_str s, bool unique, struct words *ret)
{
	size_t at = 0, n = 0, i;
	meed_str word, *v;

	while (text_next_word(s, &at, &word))
		n++;
	v = text_alloc(j, n, sizeof(*v));
	if (!v)
		return MEED_E_NOMEM;
	for (at = 0, n = 0; text_next_word(s, &at, &word);)
		v[n++] = word;
	if (n > 1)
		qsort(v, n, sizeof(*v), by_bytes);
	for (i = 0, ret->n = 0; i < n; i++) {
		if (!unique || ret->n == 0 || !meed_eq(v[ret->n - 1], v[i]))
			v[ret->n++] = v[i];
	}
	ret->v = v;
	return 0;
}

static int32_t join(struct text_job *j, const struct words *w, meed_str *ret)
{
	size_t i, n = 0;
	char *out;

	for (i = 0; i < w->n; i++)
		n += w->v[i].n + 1;
	out = text_alloc(j, n, 1);
	if (!out)
		return MEED_E_NOMEM;
	for (i = 0, n = 0; i < w->n; i++) {
		if (i > 0)
			out[n++] = ' ';
		memcpy(out + n, w->v[i].p, w->v[i].n);
		n += w->v[i].n;
	}
	*ret = (meed_str){ out, n };
	return 0;
}

static double similarity(size_t distance, size_t sum)
{
	return sum > 0 ? 1 - (double)distance / (double)sum : 1;
}

static int32_t indel(struct text_job *j, struct text_vocab *v, meed_str a, meed_str b,
		     size_t *ret_distance, size_t *ret_a, size_t *ret_b)
{
	struct text_seq x = { NULL, 0 }, y = { NULL, 0 };
	size_t lcs = 0;
	int32_t r = text_chars(j, v, a, true, &x);

	if (r == 0)
		r = text_chars(j, v, b, true, &y);
	if (r == 0 && x.n > 0 && y.n > 0)
		r = text_lcs(j, x, y, v->n, &lcs);
	*ret_a = x.n;
	*ret_b = y.n;
	*ret_distance = x.n + y.n - 2 * lcs;
	return r;
}

static int32_t ratio(struct text_job *j, struct text_vocab *v, meed_str a, meed_str b, double *ret)
{
	size_t d = 0, n = 0, m = 0;
	int32_t r = indel(j, v, a, b, &d, &n, &m);

	*ret = similarity(d, n + m);
	return r;
}

static int32_t partial_ratio(struct text_job *j, struct side *side, meed_str b, double *ret)
{
	struct text_seq x = { NULL, 0 }, y = { NULL, 0 };
	int32_t r = text_chars(j, &side->vocab, side->text, true, &x);

	if (r == 0)
		r = text_chars(j, &side->vocab, b, true, &y);
	return r < 0 ? r : text_partial(j, x, y, side->vocab.n, ret);
}

static int32_t token_sort_ratio(struct text_job *j, struct side *side, meed_str b, double *ret)
{
	struct words x, y;
	meed_str s, t;
	int32_t r = read_words(j, side->text, false, &x);

	if (r == 0)
		r = read_words(j, b, false, &y);
	if (r == 0)
		r = join(j, &x, &s);
	if (r == 0)
		r = join(j, &y, &t);
	return r < 0 ? r : ratio(j, &side->vocab, s, t, ret);
}

/* Words of both, of a alone and of b alone, in order; the latter two take the place of a and b. */
static int32_t part(struct text_job *j, struct words *a, struct words *b, struct words *both)
{
	size_t i = 0, k = 0, n = 0, m = 0;
	int c;

	both->n = 0;
	both->v = text_alloc(j, a->n, sizeof(*both->v));
	if (!both->v)
		return MEED_E_NOMEM;
	while (i < a->n || k < b->n) {
		c = i == a->n ? 1 : k == b->n ? -1 : by_bytes(&a->v[i], &b->v[k]);
		if (c == 0) {
			both->v[both->n++] = a->v[i++];
			k++;
		} else if (c < 0) {
			a->v[n++] = a->v[i++];
		} else {
			b->v[m++] = b->v[k++];
		}
	}
	a->n = n;
	b->n = m;
	return 0;
}

static int32_t token_set_ratio(struct text_job *j, struct side *side, meed_str b, double *ret)
{
	size_t d = 0, n_ab = 0, n_ba = 0, sect, gap, one, other;
	struct words x, y, both;
	meed_str s, t, common;
	double with;
	int32_t r = read_words(j, side->text, true, &x);

	*ret = 0;
	if (r == 0)
		r = read_words(j, b, true, &y);
	if (r < 0 || x.n == 0 || y.n == 0)
		return r;
	r = part(j, &x, &y, &both);
	if (r == 0 && both.n > 0 && (x.n == 0 || y.n == 0)) {
		*ret = 1;
		return 0;
	}
	if (r == 0)
		r = join(j, &x, &s);
	if (r == 0)
		r = join(j, &y, &t);
	if (r == 0)
		r = join(j, &both, &common);
	if (r == 0)
		r = indel(j, &side->vocab, s, t, &d, &n_ab, &n_ba);
	if (r < 0)
		return r;
	sect = meed_utf8_len(common);
	gap = sect > 0;
	one = sect + gap + n_ab;
	other = sect + gap + n_ba;
	*ret = similarity(d, one + other);
	if (sect > 0) {
		with = similarity(gap + n_ab, sect + one);
		*ret = with > *ret ? with : *ret;
		with = similarity(gap + n_ba, sect + other);
		*ret = with > *ret ? with : *ret;
	}
	return 0;
}

static int32_t prepare(struct text_job *j, bool response, meed_str *s)
{
	int32_t r = text_prepare(j, response, s);

	return r == 0 && j->o->process ? process(j, s) : r;
}

static int32_t fuzzy(struct text_job *j, meed_str ref, struct text_result *ret)
{
	struct side *side = j->cand;
	int32_t r = 0;

	if (!side) {
		side = text_alloc(j, 1, sizeof(*side));
		if (!side)
			return MEED_E_NOMEM;
		text_vocab_init(j, &side->vocab);
		side->text = j->s->cands[0].text;
		r = prepare(j, true, &side->text);
		j->cand = side;
	}
	if (r == 0)
		r = prepare(j, false, &ref);
	if (r < 0)
		return r;
	switch (j->o->method) {
	case TEXT_PARTIAL:
		r = partial_ratio(j, side, ref, &ret->score);
		break;
	case TEXT_TOKEN_SORT:
		r = token_sort_ratio(j, side, ref, &ret->score);
		break;
	case TEXT_TOKEN_SET:
		r = token_set_ratio(j, side, ref, &ret->score);
		break;
	default:
		r = ratio(j, &side->vocab, side->text, ref, &ret->score);
		break;
	}
	text_tell(ret, "ratio", ret->score);
	text_tell(ret, "matched", ret->score >= j->o->threshold);
	return r;
}

TEXT_EVALUATE(evaluate_fuzzy, fuzzy)

const meed_rm text_fuzzy_match = TEXT_MODEL(
	.id = "text.fuzzy_match", .needs = MEED_NEEDS_REFERENCE,
	.summary = "How alike two texts are character by character, by rapidfuzz's ratios",
	.source = "rapidfuzz 3.14.6, rapidfuzz.fuzz; " TEXT_GALLERY ", fuzzy_match",
	.params_schema = P_OPEN
	P_ENUM("method", "ratio",
	       "\"ratio\",\"partial_ratio\",\"token_sort_ratio\",\"token_set_ratio\"",
	       "ratio: normalised indel similarity; partial_ratio: of the shorter text and the best"
	       " part of the other; token_sort_ratio: words sorted first; token_set_ratio: words that"
	       " both have weigh most") ","
	P_NUM("threshold", "0.8", "0", "1", "from where `matched` is 1; the score stays") ","
	P_CASE("false") "," P_NORMALIZE("true") ","
	P_BOOL("process", "false", "rapidfuzz's default_process first: lower case, blanks for what is"
	       " no letter or digit") "," P_CELLS("40000000000") P_CLOSE,
	.evaluate = evaluate_fuzzy, TEXT_PLAIN);

/* ---- edit_distance ----------------------------------------------------------------------- */

static int32_t distance(struct text_job *j, meed_str ref, struct text_result *ret)
{
	struct side *side = j->cand;
	struct text_seq q = { NULL, 0 };
	size_t d = 0, most, same = 0;
	bool words = j->o->unit == TEXT_WORDS;
	int32_t r = 0;

	if (!side) {
		side = text_alloc(j, 1, sizeof(*side));
		if (!side)
			return MEED_E_NOMEM;
		text_vocab_init(j, &side->vocab);
		side->text = j->s->cands[0].text;
		r = text_prepare(j, true, &side->text);
		if (r == 0)
			r = words ? text_words(j, &side->vocab, side->text, &side->chars)
				  : text_chars(j, &side->vocab, side->text, true, &side->chars);
		j->cand = side;
	}
	if (r == 0)
		r = text_prepare(j, false, &ref);
	if (r == 0)
		r = words ? text_words(j, &side->vocab, ref, &q)
			  : text_chars(j, &side->vocab, ref, true, &q);
	if (r == 0)
		r = text_levenshtein(j, side->chars, q, side->vocab.n, &d);
	if (r < 0)
		return r;
	most = side->chars.n > q.n ? side->chars.n : q.n;
	while (same < side->chars.n && same < q.n && side->chars.v[same] == q.v[same])
		same++;
	if (j->o->normalize_by_length && most > 0)
		ret->score = 1 - (double)d / (double)most;
	else
		ret->score = 1 / (1 + (double)d);
	text_tell(ret, "distance", (double)d);
	text_tell(ret, "length", (double)side->chars.n);
	text_tell(ret, "reference_length", (double)q.n);
	text_note(ret, "common_prefix", (double)same);
	return 0;
}

TEXT_EVALUATE(evaluate_distance, distance)

const meed_rm text_edit_distance = TEXT_MODEL(
	.id = "text.edit_distance", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 less Levenshtein's distance divided by the longer text's length",
	.source = TEXT_GALLERY ", edit_distance; Levenshtein 1966",
	.params_schema = P_OPEN P_ENUM("unit", "chars", "\"chars\",\"words\"", "what is counted")
	","
	P_BOOL("normalize_by_length", "true", "else the score is 1 / (1 + distance)") ","
	P_CASE("true") "," P_NORMALIZE("false") "," P_CELLS("20000000000") P_CLOSE,
	.evaluate = evaluate_distance, TEXT_PLAIN);
