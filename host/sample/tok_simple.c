/* The tokenizer "simple": runs between Unicode white space, Python's str.split().
 *
 * A batch of the text is lower-cased into a buffer while masks of 64 bytes find its white space;
 * then each token is loaded as one 16-byte key and looked up without touching it again. */
#if defined(__GNUC__) && !defined(__clang__)
/* gcc 12 pairs the words of a key into vectors and takes them apart again: a third slower */
#pragma GCC optimize("no-tree-slp-vectorize")
#endif
#include "config.h"
#include "host/sample/tokens.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK 64
#define BATCH (16 * BLOCK)
#define KEY MEED_TOKEN_INLINE
#define HIGH_BITS UINT64_C(0x8080808080808080)

struct scan {
	meed_str text;
	size_t at;		/* where the batch starts in the text */
	ptrdiff_t start;	/* where the next token starts, from there, if it is not empty */
	uint64_t spill;		/* the block's first bytes belong to white space before it */
	size_t n;
	bool high;		/* the batch has characters beyond ASCII */
	uint32_t spaces[BATCH + 8];	/* where white space is, from the batch's start */
	/* KEY bytes of the batch before, the batch, and what a key may read too many */
	char buf[KEY + BATCH + KEY];
};

struct masks {
	uint64_t space;		/* ASCII white space */
	uint64_t lead;		/* first bytes that white space beyond ASCII may have */
	bool high;
};

#ifdef __SSE2__

static inline uint64_t bits(__m128i a, unsigned at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(a) << at;
}

/* Bytes from lo to lo + span. */
static inline __m128i within(__m128i x, char lo, char span)
{
	__m128i d = _mm_sub_epi8(x, _mm_set1_epi8(lo));

	return _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(span)), d);
}

static inline __m128i load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Copies a block, lower-cased where that is asked for, and tells its bytes apart. */
static inline struct masks block_take(char *to, const char *p, bool lower)
{
	const __m128i fold = _mm_set1_epi8(lower ? 32 : 0);
	struct masks m = { 0, 0, false };
	uint64_t high = 0;
	__m128i x, lead;
	unsigned i;

	for (i = 0; i < BLOCK; i += 16) {
		x = load(p + i);
		m.space |= bits(_mm_or_si128(within(x, 9, 4), within(x, 28, 4)), i);
		high |= bits(x, i);
		x = _mm_or_si128(x, _mm_and_si128(within(x, 'A', 25), fold));
		_mm_storeu_si128((__m128i *)(void *)(to + i), x);
	}
	m.high = high != 0;
	for (i = 0; i < BLOCK && m.high; i += 16) {
		x = load(p + i);
		lead = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xc2)),
				    within(x, (char)0xe1, 2));
		m.lead |= bits(lead, i);
	}
	return m;
}

#else

static inline struct masks block_take(char *to, const char *p, bool lower)
{
	struct masks m = { 0, 0, false };
	unsigned i;

	for (i = 0; i < BLOCK; i++) {
		unsigned char b = (unsigned char)p[i];

		if ((b >= 9 && b <= 13) || (b >= 28 && b <= 32))
			m.space |= UINT64_C(1) << i;
		if (b == 0xc2 || (b >= 0xe1 && b <= 0xe3))
			m.lead |= UINT64_C(1) << i;
		m.high = m.high || b >= 0x80;
		to[i] = (char)(lower && b >= 'A' && b <= 'Z' ? b + 32 : b);
	}
	return m;
}

#endif

/* Adds the white space beyond ASCII that starts in the block at text.p[at]. *spill holds the bits
 * that reach into the next block. */
static void wide_spaces(struct masks *m, meed_str text, size_t at, uint64_t *spill)
{
	uint64_t lead = m->lead, run;
	unsigned i;
	size_t len;

	for (; lead; lead &= lead - 1) {
		i = (unsigned)__builtin_ctzll(lead);
		if (at + i >= text.n)
			break;
		len = meed_uni_space(text.p + at + i, text.n - at - i);
		run = ((uint64_t)1 << len) - 1;
		m->space |= run << i;
		if (i + len > BLOCK)
			*spill = run >> (BLOCK - i);
	}
}

/* Writes the places of m's bits, some at once: a branch for each would be mispredicted once a
 * block. What is written beyond them does no harm. */
static inline unsigned places(uint32_t *out, uint32_t at, uint64_t m)
{
	unsigned i, n = (unsigned)__builtin_popcountll(m);

#define PLACE(j)                                                                         \
	out[(j)] = at + (uint32_t)__builtin_ctzll(m | UINT64_C(1) << (BLOCK - 1));       \
	m &= m - 1
	for (i = 0; i < n; i += 4) {
		PLACE(i);
		PLACE(i + 1);
		PLACE(i + 2);
		PLACE(i + 3);
	}
#undef PLACE
	return n;
}

/* Takes the next batch: finds its white space, and one space more where the text ends. */
static void scan_batch(struct scan *k, size_t at, bool lower)
{
	size_t stop = at + BATCH, left;
	char tail[BLOCK], *to = k->buf + KEY;
	struct masks m;

	if (at > 0)
		memcpy(k->buf, k->buf + BATCH, KEY);
	k->at = at;
	k->n = 0;
	k->high = false;
	for (; at < stop && at <= k->text.n; at += BLOCK, to += BLOCK) {
		const char *p = k->text.p + at;

		left = k->text.n - at;
		if (left < BLOCK) {
			memset(tail, ' ', sizeof(tail));
			memcpy(tail, p, left);
			p = tail;
		}
		m = block_take(to, p, lower);
		m.space |= k->spill;
		k->spill = 0;
		k->high = k->high || m.high;
		if (m.lead)
			wide_spaces(&m, k->text, at, &k->spill);
		if (left < BLOCK)
			m.space &= UINT64_MAX >> (BLOCK - 1 - left);
		k->n += places(k->spaces + k->n, (uint32_t)(at - k->at), m.space);
	}
}

static inline uint64_t load8(const void *p)
{
	uint64_t x;

	memcpy(&x, p, 8);
	return x;
}

/* A word that is long, or beyond ASCII. */
static __attribute__((noinline)) int32_t put_slow(struct meed_token_out *o, const char *p,
						  size_t n, bool lower)
{
	int32_t r = 0;

	if (lower) {
		r = meed_token_scratch(o, MEED_LOWER_MAX(n));
		if (r < 0)
			return r;
		n = meed_uni_lower((meed_str){ p, n }, o->scratch);
		p = o->scratch;
	}
	return meed_token_put(o, p, n);
}

/* Puts the tokens before each white space that was found. high: some of them may hold characters
 * that ASCII's rule does not fold.
 *
 * Whether a word is new is not branched on, as nobody could predict it: each word is written to
 * the place that a new one would have, then looked for. */
static inline __attribute__((always_inline)) int32_t put_batch(struct meed_token_out *o,
							       struct scan *k, bool lower,
							       bool high)
{
	static const uint8_t keep[2 * KEY] = { 255, 255, 255, 255, 255, 255, 255, 255,
					       255, 255, 255, 255, 255, 255, 255, 255 };
	struct meed_token_vocab *v = o->v;
	struct meed_token_word *words = v->words;
	const struct meed_token_word *w;
	const uint64_t c0 = v->c0, c1 = v->c1;
	uint32_t *ids = o->ids + o->n, *slots = v->slots;
	uint32_t id, n_words = v->n, shift = v->shift;
	const uint32_t *space = k->spaces, *last = space + k->n;
	const char *buf = k->buf + KEY;
	size_t at, len;
	ptrdiff_t start = k->start, from;
	uint64_t k0, k1;
	int32_t r = 0;

	for (; space < last; space++) {
		from = start;
		start = *space;
		len = (size_t)(start++ - from);
		if (len - 1 >= KEY) {
			if (len == 0)
				continue;
			goto slow;
		}
		k0 = load8(buf + from) & load8(keep + KEY - len);
		k1 = load8(buf + from + 8) & load8(keep + KEY + 8 - len);
		if ((high && ((k0 | k1) & HIGH_BITS)) || n_words == v->cap)
			goto slow;
		words[n_words] = (struct meed_token_word){ k0, k1, len };
		for (at = (size_t)((k0 * c0 + k1 * c1) >> shift);;
		     at = (at + 1) & (v->n_slots - 1)) {
			id = slots[at];
			id = id == MEED_TOKEN_FREE ? n_words : id;
			w = &words[id];
			if (((w->k0 ^ k0) | (w->k1 ^ k1) | (w->len ^ len)) == 0)
				break;
		}
		slots[at] = id;
		n_words += id == n_words;
		*ids++ = id;
		continue;
slow:
		o->n = (size_t)(ids - o->ids);
		v->n = n_words;
		r = put_slow(o, k->text.p + (ptrdiff_t)k->at + from, len, lower);
		if (r < 0)
			break;
		ids = o->ids + o->n;
		n_words = v->n;
		slots = v->slots;
		words = v->words;
		shift = v->shift;
	}
	k->start = start - BATCH;
	o->n = (size_t)(ids - o->ids);
	v->n = n_words;
	return r;
}

static int32_t simple_run(const struct meed_tokenizer_open *z, struct meed_token_out *o,
			  meed_str text)
{
	bool lower = (z->flags & MEED_TOK_LOWER) != 0;
	struct scan k;
	int32_t r = 0;
	size_t at;

	k.text = text;
	k.start = 0;
	k.spill = 0;
	for (at = 0; at <= text.n && r == 0; at += BATCH) {
		scan_batch(&k, at, lower);
		r = meed_token_room(o, k.n);
		if (r < 0)
			break;
		if (lower && k.high)
			r = put_batch(o, &k, true, true);
		else
			r = put_batch(o, &k, lower, false);
	}
	return r;
}

const struct meed_tokenizer_kind meed_tok_simple = { .name = "simple", .run = simple_run,
						     .folds = true };
