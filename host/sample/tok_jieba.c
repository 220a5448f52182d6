/* The tokenizer "jieba": Chinese words, as jieba 0.42.1 cuts them in its precise mode.
 *
 * A block of Han characters, letters and digits is cut along the most probable route through its
 * dictionary words; runs of single characters in it are cut again by a hidden Markov model.
 * Sums run in jieba's order, so that ties fall as they do there. (github.com/fxsjy/jieba, MIT) */
#include "config.h"
#include "host/sample/tok_jieba.h"

/* One block, decoded: n characters. */
struct block {
	uint32_t *cp, *at;		/* at: where it starts in the text; at[n]: the end */
	double *route;			/* of the best way from here to the end */
	uint32_t *next;			/* where its first word ends */
	uint8_t (*back)[MEED_HMM_N];	/* Viterbi: the state before */
	size_t n, cap;
};

struct cut {
	const struct meed_jieba *j;
	struct meed_token_out *o;
	meed_str text;
	struct block b;
};

static bool is_han(uint32_t cp)
{
	return cp >= MEED_HAN_FIRST && cp <= MEED_HAN_LAST;
}

static bool is_alnum(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp | 32u) - 'a' < 26;
}

static bool in_block(uint32_t cp)
{
	return is_han(cp) || is_alnum(cp) || cp == '+' || cp == '#' || cp == '&' || cp == '.' ||
	       cp == '_' || cp == '%' || cp == '-';
}

static int32_t put(struct cut *k, size_t from, size_t to)
{
	const struct block *b = &k->b;

	return meed_token_put(k->o, k->text.p + b->at[from], b->at[to] - b->at[from]);
}

/* ---- the model: finalseg ----------------------------------------------------------------- */

/* The most probable states of characters from..to-1; b->next[i] gets character i's. */
static void viterbi(struct cut *k, size_t from, size_t to)
{
	/* the two states that may precede each, in the order B, E, M, S */
	static const uint8_t before[MEED_HMM_N][2] = { { MEED_HMM_E, MEED_HMM_S },
						       { MEED_HMM_B, MEED_HMM_M },
						       { MEED_HMM_M, MEED_HMM_B },
						       { MEED_HMM_S, MEED_HMM_E } };
	const struct meed_jieba *j = k->j;
	double v[MEED_HMM_N], w[MEED_HMM_N], p, best;
	const double *emit = j->emit[k->b.cp[from] - MEED_HAN_FIRST];
	size_t i, y, x, c;

	for (y = 0; y < MEED_HMM_N; y++)
		v[y] = j->start[y] + emit[y];
	for (i = from + 1; i < to; i++) {
		emit = j->emit[k->b.cp[i] - MEED_HAN_FIRST];
		for (y = 0; y < MEED_HMM_N; y++) {
			best = 0.0;
			for (c = 0; c < 2; c++) {
				x = before[y][c];
				p = v[x] + j->trans[x][y] + emit[y];
				if (c == 0 || p > best || (!(p < best) && x > k->b.back[i][y])) {
					best = p;
					k->b.back[i][y] = (uint8_t)x;
				}
			}
			w[y] = best;
		}
		memcpy(v, w, sizeof(v));
	}
	y = v[MEED_HMM_E] > v[MEED_HMM_S] ? MEED_HMM_E : MEED_HMM_S;
	for (i = to; i > from; i--) {
		k->b.next[i - 1] = (uint32_t)y;
		y = k->b.back[i - 1][y];
	}
}

static int32_t cut_han(struct cut *k, size_t from, size_t to)
{
	size_t i, begin = from, done = from;
	int32_t r = 0;

	viterbi(k, from, to);
	for (i = from; i < to && r == 0; i++) {
		switch (k->b.next[i]) {
		case MEED_HMM_B:
			begin = i;
			break;
		case MEED_HMM_E:
			r = put(k, begin, i + 1);
			done = i + 1;
			break;
		case MEED_HMM_S:
			r = put(k, i, i + 1);
			done = i + 1;
			break;
		default:
			break;
		}
	}
	if (r == 0 && done < to)
		r = put(k, done, to);
	return r;
}

/* The end of [a-zA-Z0-9]+(\.[0-9]+)?%? from `from`, which is a letter or digit. */
static size_t word_end(const struct block *b, size_t from, size_t to)
{
	size_t i = from, t;

	while (i < to && is_alnum(b->cp[i]))
		i++;
	if (i + 1 < to && b->cp[i] == '.') {
		for (t = i + 1; t < to && b->cp[t] >= '0' && b->cp[t] <= '9'; t++)
			;
		if (t > i + 1)
			i = t;
	}
	if (i < to && b->cp[i] == '%')
		i++;
	return i;
}

/* A run of single characters that is no word: Han by the model, the rest by its looks. */
static int32_t cut_unknown(struct cut *k, size_t from, size_t to)
{
	const struct block *b = &k->b;
	size_t i = from, t;
	int32_t r = 0;

	while (i < to && r == 0) {
		t = i;
		if (is_han(b->cp[i])) {
			while (t < to && is_han(b->cp[t]))
				t++;
			r = cut_han(k, i, t);
		} else if (is_alnum(b->cp[i])) {
			t = word_end(b, i, to);
			r = put(k, i, t);
		} else {
			while (t < to && !is_han(b->cp[t]) && !is_alnum(b->cp[t]))
				t++;
			r = put(k, i, t);
		}
		i = t;
	}
	return r;
}

/* ---- the dictionary ---------------------------------------------------------------------- */

static void find_route(struct cut *k)
{
	const struct meed_jieba *j = k->j;
	const struct meed_trie *t = &j->trie;
	struct block *b = &k->b;
	uint32_t node;
	size_t i, x;
	double p;

	b->route[b->n] = 0.0;
	for (i = b->n; i-- > 0;) {
		b->next[i] = 0;
		node = 0;
		for (x = i; x < b->n; x++) {
			node = meed_trie_step(t, node, b->cp[x]);
			if (node == 0)
				break;
			if (t->value[node] > 0)
				continue;
			p = t->value[node] + b->route[x + 1];
			if (b->next[i] == 0 || p >= b->route[i]) {
				b->route[i] = p;
				b->next[i] = (uint32_t)x + 1;
			}
		}
		if (b->next[i] == 0) {
			b->route[i] = j->unknown + b->route[i + 1];
			b->next[i] = (uint32_t)i + 1;
		}
	}
}

static bool is_word(const struct cut *k, size_t from, size_t to)
{
	const struct meed_trie *t = &k->j->trie;
	uint32_t node = 0;
	size_t i;

	for (i = from; i < to; i++) {
		node = meed_trie_step(t, node, k->b.cp[i]);
		if (node == 0)
			break;
	}
	return node != 0 && t->value[node] <= 0;
}

/* Single characters from..to-1 that the route left over. */
static int32_t flush(struct cut *k, size_t from, size_t to)
{
	int32_t r = 0;

	if (to - from > 1 && !is_word(k, from, to))
		return cut_unknown(k, from, to);
	for (; from < to && r == 0; from++)
		r = put(k, from, from + 1);
	return r;
}

static int32_t cut_block(struct cut *k)
{
	size_t x, y, from = 0;
	int32_t r = 0;

	find_route(k);
	for (x = 0; x < k->b.n && r == 0; x = y) {
		y = k->b.next[x];
		if (y - x == 1)
			continue;
		r = flush(k, from, x);
		if (r == 0)
			r = put(k, x, y);
		from = y;
	}
	return r == 0 ? flush(k, from, k->b.n) : r;
}

/* ---- blocks ------------------------------------------------------------------------------ */

static int32_t block_room(struct cut *k)
{
	struct block *b = &k->b, n = *b;

	if (b->n + 1 < b->cap)
		return 0;
	n.cap = b->cap ? b->cap * 2 : 64;
	n.cp = meed_arena_raw(k->o->arena, n.cap * sizeof(*n.cp));
	n.at = meed_arena_raw(k->o->arena, n.cap * sizeof(*n.at));
	n.route = meed_arena_raw(k->o->arena, n.cap * sizeof(*n.route));
	n.next = meed_arena_raw(k->o->arena, n.cap * sizeof(*n.next));
	n.back = meed_arena_alloc(k->o->arena, n.cap * sizeof(*n.back));
	if (!n.cp || !n.at || !n.route || !n.next || !n.back)
		return MEED_E_NOMEM;
	if (b->n > 0) {
		memcpy(n.cp, b->cp, b->n * sizeof(*n.cp));
		memcpy(n.at, b->at, b->n * sizeof(*n.at));
	}
	*b = n;
	return 0;
}

/* Past the block that starts at p, all of it decoded. */
static int32_t take_block(struct cut *k, size_t *at)
{
	struct block *b = &k->b;
	size_t len, i = *at;
	uint32_t cp;
	int32_t r = 0;

	b->n = 0;
	while (r == 0) {
		r = block_room(k);
		if (r < 0)
			break;
		b->at[b->n] = (uint32_t)i;
		if (i == k->text.n)
			break;
		cp = meed_uni_next(k->text.p + i, k->text.n - i, &len);
		if (!in_block(cp))
			break;
		b->cp[b->n++] = cp;
		i += len;
	}
	*at = i;
	return r;
}

static int32_t jieba_run(const struct meed_tokenizer_open *z, struct meed_token_out *o,
			 meed_str text)
{
	struct cut k = { .j = z->jieba, .o = o, .text = text };
	size_t at = 0, len;
	int32_t r = 0;

	while (at < text.n && r == 0) {
		if (in_block(meed_uni_next(text.p + at, text.n - at, &len))) {
			r = take_block(&k, &at);
			if (r == 0)
				r = cut_block(&k);
			continue;
		}
		if (text.p[at] == '\r' && at + 1 < text.n && text.p[at + 1] == '\n')
			len = 2;
		r = meed_token_put(o, text.p + at, len);
		at += len;
	}
	return r;
}

static int32_t jieba_load(struct meed_tokenizer_open *z, struct meed_err *err)
{
	return meed_jieba_load(z->path ? z->path : MEED_JIEBA_DIR, err, &z->jieba);
}

static void jieba_unload(struct meed_tokenizer_open *z)
{
	meed_jieba_free(z->jieba);
}

const struct meed_tokenizer_kind meed_tok_jieba = { .name = "jieba", .load = jieba_load,
						    .unload = jieba_unload, .run = jieba_run };
