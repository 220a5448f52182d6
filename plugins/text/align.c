/* align.c - alignments of two texts, 64 cells a step. */
#include "config.h"
#include "text.h"

#include "../general/general.h"

int32_t text_lcs(struct text_job *j, struct text_seq a, struct text_seq b, size_t n_vocab,
		 size_t *ret)
{
	meed_tokens x = { .struct_size = sizeof(x), .n_vocab = (uint32_t)n_vocab, .n = a.n,
			  .ids = a.v };
	meed_tokens y = x;
	int32_t r = text_spend(j, (uint64_t)a.n * b.n);

	y.n = b.n;
	y.ids = b.v;
	return r < 0 ? r : meed_lcs_length(j->h, j->c, &x, &y, ret);
}

/* ---- Levenshtein ------------------------------------------------------------------------- */

static void trim(struct text_seq *a, struct text_seq *b)
{
	while (a->n > 0 && b->n > 0 && a->v[0] == b->v[0]) {
		*a = (struct text_seq){ a->v + 1, a->n - 1 };
		*b = (struct text_seq){ b->v + 1, b->n - 1 };
	}
	while (a->n > 0 && b->n > 0 && a->v[a->n - 1] == b->v[b->n - 1]) {
		a->n--;
		b->n--;
	}
}

/* 64 rows of a against all of b. carry: of each column, what enters from above: 1 up, 2 down; what
 * leaves below replaces it. Returns what the last of n rows gains over all columns. */
static int64_t strip(const uint64_t *mask, struct text_seq b, size_t n, uint8_t *carry)
{
	uint64_t pv = ~UINT64_C(0), mv = 0, eq, xv, xh, ph, mh, last = UINT64_C(1) << (n - 1);
	int64_t gain = 0;
	size_t i;

	for (i = 0; i < b.n; i++) {
		uint64_t up = carry[i] & 1, down = carry[i] >> 1;

		eq = mask[b.v[i]];
		xv = eq | mv;
		eq |= down;
		xh = (((eq & pv) + pv) ^ pv) | eq;
		ph = mv | ~(xh | pv);
		mh = pv & xh;
		gain += (ph & last) != 0;
		gain -= (mh & last) != 0;
		carry[i] = (uint8_t)((ph >> 63) | (mh >> 63) << 1);
		ph = ph << 1 | up;
		mh = mh << 1 | down;
		pv = mh | ~(xv | ph);
		mv = ph & xv;
	}
	return gain;
}

int32_t text_levenshtein(struct text_job *j, struct text_seq a, struct text_seq b, size_t n_vocab,
			 size_t *ret)
{
	struct text_seq t;
	uint64_t *mask;
	uint8_t *carry;
	int64_t gain = 0;
	size_t from, n, i;
	int32_t r;

	trim(&a, &b);
	if (a.n > b.n) {
		t = a;
		a = b;
		b = t;
	}
	*ret = b.n;
	if (a.n == 0)
		return 0;
	mask = text_alloc(j, n_vocab, sizeof(*mask));
	carry = text_alloc(j, b.n, 1);
	if (!mask || !carry)
		return MEED_E_NOMEM;
	memset(carry, 1, b.n);
	for (from = 0; from < a.n; from += n) {
		n = a.n - from < 64 ? a.n - from : 64;
		r = text_spend(j, 64 * (uint64_t)b.n);
		if (r < 0)
			return r;
		for (i = 0; i < n; i++)
			mask[a.v[from + i]] |= UINT64_C(1) << i;
		gain = strip(mask, b, n, carry);
		for (i = 0; i < n; i++)
			mask[a.v[from + i]] = 0;
	}
	*ret = (size_t)((int64_t)a.n + gain);
	return 0;
}

/* ---- the best part ----------------------------------------------------------------------- */

struct part {
	struct text_job *j;
	struct text_seq a, b;		/* a is no longer than b */
	uint64_t *masks;		/* words rows: of each token of a, its places */
	uint32_t *row;			/* of each token: its row + 1; 0: none in a */
	uint64_t *v;
	size_t words;
	double best;
};

static int32_t part_init(struct part *p, size_t n_vocab)
{
	size_t i, n_rows = 0;
	uint32_t *row;
	int32_t r;

	p->words = (p->a.n + 63) / 64;
	p->row = text_alloc(p->j, n_vocab, sizeof(*p->row));
	p->v = text_alloc(p->j, p->words, sizeof(*p->v));
	if (!p->row || !p->v)
		return MEED_E_NOMEM;
	for (i = 0; i < p->a.n; i++) {
		row = &p->row[p->a.v[i]];
		if (*row == 0)
			*row = (uint32_t)++n_rows;
	}
	r = text_spend(p->j, (uint64_t)n_rows * p->words * 64);
	if (r < 0)
		return r;
	p->masks = text_alloc(p->j, n_rows * p->words, sizeof(*p->masks));
	if (!p->masks)
		return MEED_E_NOMEM;
	for (i = 0; i < p->a.n; i++)
		p->masks[(p->row[p->a.v[i]] - 1) * p->words + i / 64] |= UINT64_C(1) << (i % 64);
	return 0;
}

/* The LCS of a and b[from..to); the ratio goes into best. */
static int32_t look(struct part *p, size_t from, size_t to, size_t *ret_lcs)
{
	size_t i, w, lcs = 0;
	uint64_t u, sum, carry, all;
	const uint64_t *m;
	double ratio;
	int32_t r = text_spend(p->j, (uint64_t)p->words * 64 * (to - from) + 64);

	if (r < 0)
		return r;
	memset(p->v, 0xff, p->words * sizeof(*p->v));
	for (i = from; i < to; i++) {
		if (p->row[p->b.v[i]] == 0)
			continue;
		m = p->masks + (p->row[p->b.v[i]] - 1) * p->words;
		for (w = 0, carry = 0; w < p->words; w++) {
			u = p->v[w] & m[w];
			sum = p->v[w] + u;
			all = sum + carry;
			carry = (uint64_t)(sum < u) | (uint64_t)(all < sum);
			p->v[w] = all | (p->v[w] ^ u);
		}
	}
	for (w = 0; w < p->words; w++)
		lcs += (size_t)__builtin_popcountll(~p->v[w]);
	ratio = 1 - (double)(p->a.n + to - from - 2 * lcs) / (double)(p->a.n + to - from);
	if (ratio > p->best)
		p->best = ratio;
	*ret_lcs = lcs;
	return 0;
}

/* All windows of a's length between two that have been looked at. A step to the side changes the
 * LCS by one at most, so that a stretch whose ends are too low is passed over. */
static int32_t windows(struct part *p, size_t from, size_t from_lcs, size_t to, size_t to_lcs)
{
	size_t mid = from + (to - from) / 2, lcs, top = (from_lcs + to_lcs + (to - from)) / 2;
	int32_t r;

	if (to - from < 2 || (double)top / (double)p->a.n <= p->best)
		return 0;
	r = look(p, mid, mid + p->a.n, &lcs);
	if (r == 0)
		r = windows(p, from, from_lcs, mid, lcs);
	return r < 0 ? r : windows(p, mid, lcs, to, to_lcs);
}

/* Where a part can begin or end: what is not in a gains nothing there. */
static int32_t ends(struct part *p)
{
	size_t n = p->a.n < p->b.n ? p->a.n : p->b.n, i, lcs;
	int32_t r = 0;

	for (i = n - 1; i > 0 && r == 0; i--) {
		/* i tokens can be no better than if all of them were in a */
		if (2.0 * (double)i / (double)(p->a.n + i) <= p->best)
			break;
		if (p->row[p->b.v[i - 1]])
			r = look(p, 0, i, &lcs);
		if (r == 0 && p->row[p->b.v[p->b.n - i]])
			r = look(p, p->b.n - i, p->b.n, &lcs);
	}
	return r;
}

static int32_t partial_one(struct part *p, size_t n_vocab)
{
	size_t first, last;
	int32_t r = part_init(p, n_vocab);

	if (r == 0)
		r = look(p, 0, p->a.n, &first);
	if (r == 0)
		r = look(p, p->b.n - p->a.n, p->b.n, &last);
	if (r == 0)
		r = windows(p, 0, first, p->b.n - p->a.n, last);
	return r < 0 ? r : ends(p);
}

int32_t text_partial(struct text_job *j, struct text_seq a, struct text_seq b, size_t n_vocab,
		     double *ret)
{
	struct part p = { .j = j, .a = a.n <= b.n ? a : b, .b = a.n <= b.n ? b : a };
	int32_t r = 0;

	if (p.a.n == 0) {
		*ret = p.b.n == 0;
		return 0;
	}
	r = partial_one(&p, n_vocab);
	if (r == 0 && a.n == b.n && p.best < 1) {
		p.a = b;
		p.b = a;
		r = partial_one(&p, n_vocab);
	}
	*ret = p.best;
	return r;
}
