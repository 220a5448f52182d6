/* The longest common subsequence, 64 cells a step.
 *
 * The shorter list is cut into strips of up to 512 tokens, one bit each, whose state stays in
 * registers. A strip hands one carry bit for each token of the longer list to the next. */
#include "config.h"
#include "general.h"

#define WORDS 8
#define STRIP (WORDS * 64)
#define POLL 65536

struct strip {
	const uint64_t *masks;		/* row r: which places of the strip hold token r */
	const uint16_t *rows;		/* of each token of the longer list; row 0 is empty */
	uint64_t *carry;		/* a bit for each such token, or NULL: one strip only */
	uint64_t v[WORDS];
};

/* a + b + *carry. In C, as gcc 12 takes _addcarry_u64's result through memory. */
static inline uint64_t add(uint64_t a, uint64_t b, uint64_t *carry)
{
	uint64_t sum = a + b, all = sum + *carry;

	*carry = (uint64_t)(sum < a) | (uint64_t)(all < sum);
	return all;
}

/* Tokens from..to-1 of the longer list; w words are in use. */
static inline __attribute__((always_inline)) void steps(struct strip *s, size_t from, size_t to,
							unsigned w, bool carries)
{
	uint64_t v0 = s->v[0], v1 = s->v[1], v2 = s->v[2], v3 = s->v[3];
	uint64_t v4 = s->v[4], v5 = s->v[5], v6 = s->v[6], v7 = s->v[7];
	const uint64_t *m;
	uint64_t u, c;
	size_t i;

#define STEP(k)                                               \
	if (w > (k)) {                                        \
		u = v##k & m[k];                              \
		v##k = add(v##k, u, &c) | (v##k ^ u);         \
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
					   c << (i % 64);
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

/* The tokens of a below a bound. */
static size_t keep_below(struct list a, uint32_t bound, uint32_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < a.n; i++) {
		out[n] = a.ids[i];
		n += a.ids[i] < bound;
	}
	return n;
}

/* The tokens of b that a has too; row is all 0 before and after. */
static size_t keep_common(struct list a, struct list b, uint16_t *row, uint32_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < a.n; i++)
		row[a.ids[i]] = 1;
	for (i = 0; i < b.n; i++) {
		out[n] = b.ids[i];
		n += row[b.ids[i]];
	}
	for (i = 0; i < a.n; i++)
		row[a.ids[i]] = 0;
	return n;
}

/* Gives each token of a[from..to-1] a row of masks, its places in it. */
static void fill_masks(struct list a, size_t from, size_t to, size_t n_words, uint16_t *row,
		       uint64_t *masks)
{
	size_t i, n_rows = 1;
	uint16_t *at;

	memset(masks, 0, n_words * sizeof(*masks));
	for (i = from; i < to; i++) {
		at = &row[a.ids[i]];
		if (*at == 0) {
			*at = (uint16_t)n_rows;
			memset(masks + n_rows++ * n_words, 0, n_words * sizeof(*masks));
		}
		masks[*at * n_words + (i - from) / 64] |= UINT64_C(1) << ((i - from) % 64);
	}
}

/* The LCS of two lists of tokens below n_vocab. Those of b that a lacks change nothing and are
 * left out. */
static int32_t lcs_strips(const meed_host *h, meed_ctx *c, struct list a, struct list b,
			  size_t n_vocab, size_t *ret)
{
	size_t n_words = a.n > STRIP ? WORDS : (a.n + 63) / 64, from, to, i, n, w;
	uint16_t *row = h->alloc(c, n_vocab * sizeof(*row)), *rows;
	uint64_t *masks = h->alloc(c, ((a.n > STRIP ? STRIP : a.n) + 1) * n_words * 8);
	struct strip s = { masks, NULL, NULL, { 0 } };
	uint32_t *common;
	int32_t r = 0;

	s.rows = rows = h->alloc(c, (b.n + 1) * sizeof(*rows));
	if (!row || !rows || !masks)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	if (a.n > STRIP) {
		s.carry = h->alloc(c, (b.n + 63) / 64 * 8);
		common = h->alloc(c, (b.n + 1) * sizeof(*common));
		if (!s.carry || !common)
			return h->fail(c, MEED_E_NOMEM, "out of memory");
		b.n = keep_common(a, b, row, common);
		b.ids = common;
	}
	for (from = 0; from < a.n && r == 0; from = to) {
		to = a.n - from > STRIP ? from + STRIP : a.n;
		fill_masks(a, from, to, n_words, row, masks);
		for (i = 0, n = 0; i < b.n; i++) {
			rows[n] = row[b.ids[i]];
			n += s.carry || rows[n];
		}
		r = strip_run(h, c, &s, n, (unsigned)n_words);
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
	uint32_t *left, bound;
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
	/* the ids of the text that was read first of all are those below its n_distinct */
	bound = b->n_vocab == b->n_distinct ? b->n_distinct : UINT32_MAX;
	if (x.n > y.n) {
		t = x;
		x = y;
		y = t;
		bound = a->n_vocab == a->n_distinct ? a->n_distinct : UINT32_MAX;
	}
	left = h->alloc(c, (x.n + 1) * sizeof(*left));
	if (!left) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	x.n = keep_below(x, bound, left);
	x.ids = left;
	if (x.n > 0)
		r = lcs_strips(h, c, x, y, n_vocab, &mid);
out:
	*ret = ends + mid;
	return r;
}
