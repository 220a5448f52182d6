/* The longest common subsequence, 64 cells a step.
 *
 * The shorter list is cut into strips of up to 512 tokens, one bit each, whose state stays in
 * registers. A strip hands one carry bit for each token of the longer list to the next. */
#include "config.h"
#include "general.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define WORDS 8
#define STRIP (WORDS * 64)
#define POLL 65536

struct strip {
	const uint64_t *masks;		/* row r: which places of the strip hold token r */
	const uint16_t *rows;		/* of each token of the longer list; row 0 is empty */
	uint64_t *carry;		/* a bit for each such token, or NULL: one strip only */
	uint64_t v[WORDS];
};

static inline unsigned char add(unsigned char c, uint64_t a, uint64_t b, uint64_t *ret)
{
#ifdef __x86_64__
	unsigned long long s;

	c = _addcarry_u64(c, a, b, &s);
	*ret = s;
	return c;
#else
	uint64_t s = a + b, t = s + c;

	*ret = t;
	return (unsigned char)((s < a) | (t < s));
#endif
}

/* Tokens from..to-1 of the longer list; w words are in use. */
static inline __attribute__((always_inline)) void steps(struct strip *s, size_t from, size_t to,
							unsigned w, bool carries)
{
	uint64_t v0 = s->v[0], v1 = s->v[1], v2 = s->v[2], v3 = s->v[3];
	uint64_t v4 = s->v[4], v5 = s->v[5], v6 = s->v[6], v7 = s->v[7];
	const uint64_t *m;
	uint64_t u, sum;
	unsigned char c;
	size_t i;

#define STEP(k)                                       \
	if (w > (k)) {                                \
		u = v##k & m[k];                      \
		c = add(c, v##k, u, &sum);            \
		v##k = sum | (v##k ^ u);              \
	}
	for (i = from; i < to; i++) {
		m = s->masks + (size_t)s->rows[i] * w;
		c = carries ? s->carry[i / 64] >> (i % 64) & 1 : 0;
		STEP(0)
		STEP(1)
		STEP(2)
		STEP(3)
		STEP(4)
		STEP(5)
		STEP(6)
		STEP(7)
		if (carries)
			s->carry[i / 64] = (s->carry[i / 64] & ~(UINT64_C(1) << (i % 64))) |
					   (uint64_t)c << (i % 64);
	}
#undef STEP
	s->v[0] = v0;
	s->v[1] = v1;
	s->v[2] = v2;
	s->v[3] = v3;
	s->v[4] = v4;
	s->v[5] = v5;
	s->v[6] = v6;
	s->v[7] = v7;
}

static int32_t strip_run(const meed_host *h, meed_ctx *c, struct strip *s, size_t n, unsigned w)
{
	size_t from, to;

	memset(s->v, 0xff, sizeof(s->v));
	for (from = 0; from < n; from = to) {
		to = n - from > POLL ? from + POLL : n;
		if (from > 0 && h->cancelled(c))
			return h->fail(c, MEED_E_CANCELLED, "the run is stopping");
		if (s->carry) {
			steps(s, from, to, WORDS, true);
			continue;
		}
		switch (w) {
		case 1:
			steps(s, from, to, 1, false);
			break;
		case 2:
			steps(s, from, to, 2, false);
			break;
		case 3:
			steps(s, from, to, 3, false);
			break;
		case 4:
			steps(s, from, to, 4, false);
			break;
		case 5:
			steps(s, from, to, 5, false);
			break;
		case 6:
			steps(s, from, to, 6, false);
			break;
		case 7:
			steps(s, from, to, 7, false);
			break;
		default:
			steps(s, from, to, 8, false);
			break;
		}
	}
	return 0;
}

struct list {
	const uint32_t *ids;
	size_t n;
};

/* The tokens of a that b has too; mark has a byte for each id, all 0 before and after. */
static size_t keep_common(struct list a, struct list b, uint8_t *mark, uint32_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < b.n; i++)
		mark[b.ids[i]] = 1;
	for (i = 0; i < a.n; i++) {
		out[n] = a.ids[i];
		n += mark[a.ids[i]];
	}
	for (i = 0; i < b.n; i++)
		mark[b.ids[i]] = 0;
	return n;
}

/* The LCS of two lists, a not the longer one, of ids below n_vocab. */
static int32_t lcs_strips(const meed_host *h, meed_ctx *c, struct list a, struct list b,
			  size_t n_vocab, size_t *ret)
{
	size_t n_words = a.n > STRIP ? WORDS : (a.n + 63) / 64, from, to, i, n_rows, w;
	uint16_t *row = h->alloc(c, n_vocab * sizeof(*row) + 1);
	uint16_t *rows = h->alloc(c, b.n * sizeof(*rows) + 1);
	uint64_t *masks = h->alloc(c, (STRIP < a.n ? STRIP + 1 : a.n + 1) * n_words * 8);
	struct strip s = { masks, rows, NULL, { 0 } };
	int32_t r = 0;

	if (a.n > STRIP)
		s.carry = h->alloc(c, (b.n + 63) / 64 * 8);
	if (!row || !rows || !masks || (a.n > STRIP && !s.carry))
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	*ret = 0;
	for (from = 0; from < a.n && r == 0; from = to) {
		to = a.n - from > STRIP ? from + STRIP : a.n;
		n_rows = 1;
		for (i = from; i < to; i++) {
			uint16_t *at = &row[a.ids[i]];

			if (*at == 0) {
				*at = (uint16_t)n_rows++;
				memset(masks + *at * n_words, 0, n_words * 8);
			}
			masks[*at * n_words + (i - from) / 64] |= UINT64_C(1) << ((i - from) % 64);
		}
		for (i = 0; i < b.n; i++)
			rows[i] = row[b.ids[i]];
		r = strip_run(h, c, &s, b.n, (unsigned)n_words);
		for (w = 0; w < n_words; w++)
			*ret += (size_t)__builtin_popcountll(~s.v[w]);
		for (i = from; i < to; i++)
			row[a.ids[i]] = 0;
	}
	return r;
}

int32_t meed_lcs_length(const meed_host *h, meed_ctx *c, const meed_tokens *a,
			const meed_tokens *b, size_t *ret)
{
	size_t n_vocab = a->n_vocab > b->n_vocab ? a->n_vocab : b->n_vocab, ends = 0, mid = 0;
	struct list x = { a->ids, a->n }, y = { b->ids, b->n }, t;
	uint32_t *left_x, *left_y;
	uint8_t *mark;
	int32_t r = 0;

	while (x.n > 0 && y.n > 0 && x.ids[0] == y.ids[0]) {
		x = (struct list){ x.ids + 1, x.n - 1 };
		y = (struct list){ y.ids + 1, y.n - 1 };
		ends++;
	}
	while (x.n > 0 && y.n > 0 && x.ids[x.n - 1] == y.ids[y.n - 1]) {
		x.n--;
		y.n--;
		ends++;
	}
	if (x.n == 0 || y.n == 0)
		goto out;
	mark = h->alloc(c, n_vocab);
	left_x = h->alloc(c, (x.n + 1) * sizeof(*left_x));
	left_y = h->alloc(c, (y.n + 1) * sizeof(*left_y));
	if (!mark || !left_x || !left_y) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	x.n = keep_common(x, y, mark, left_x);
	x.ids = left_x;
	y.n = keep_common(y, x, mark, left_y);
	y.ids = left_y;
	if (x.n > y.n) {
		t = x;
		x = y;
		y = t;
	}
	if (x.n > 0)
		r = lcs_strips(h, c, x, y, n_vocab, &mid);
out:
	*ret = ends + mid;
	return r;
}
