/* ter_edits.c - Tercom's edits: shifts, chosen greedily, and a beam search for the others.
 *
 * The limits and the order of preference are those of Tercom as sacrebleu keeps them. A shift
 * leaves the words before it alone, so a candidate's table is made from there on. */
#include "config.h"
#include "text.h"

#include <math.h>

#define MAX_SHIFT 10			/* words */
#define MAX_DIST 50
#define BEAM 25
#define MAX_CANDIDATES 1000

enum { NOP, SUB, DEL, INS };		/* in this order of preference */

struct table {
	struct text_job *j;
	struct text_seq hyp, ref;	/* hyp changes with each shift */
	size_t beam, width;		/* cells of a row in store */
	uint32_t *cost;			/* rows 0..hyp.n */
	uint8_t *op;
	uint32_t *trial, *last;		/* two rows for candidates; hyp's last row, whole */
	uint32_t *shifted;		/* a candidate's words */
	int64_t *align;			/* of each word of ref: where in hyp */
	uint8_t *hyp_err, *ref_err;
	size_t checked;
};

struct shift {
	bool found;
	int64_t gain;
	size_t length, start, target;
};

#define FAR (UINT32_MAX / 2)

/* The columns of row i: [*lo, *hi). */
static void bounds(const struct table *t, size_t i, size_t *lo, size_t *hi)
{
	size_t n = t->ref.n + 1, diag;

	if (i == 0) {
		*lo = 0;
		*hi = n;
		return;
	}
	diag = (size_t)((double)i * ((double)t->ref.n / (double)t->hyp.n));
	*lo = diag > t->beam ? diag - t->beam : 0;
	*hi = diag + t->beam < n ? diag + t->beam : n;
	if (i == t->hyp.n)
		*hi = n;
}

/* Row i from the one before; the first column of a row in store is its `lo`. */
static void fill(const struct table *t, size_t i, uint32_t word, const uint32_t *up, size_t up_lo,
		 size_t up_hi, uint32_t *row, uint8_t *op)
{
	size_t lo, hi, k;
	uint32_t best, cost, left = FAR;
	uint8_t how;

	bounds(t, i, &lo, &hi);
	for (k = lo; k < hi; k++) {
		best = FAR;
		how = NOP;
		if (k > 0 && k - 1 >= up_lo && k - 1 < up_hi) {
			how = word == t->ref.v[k - 1] ? NOP : SUB;
			best = up[k - 1 - up_lo] + (how == SUB);
		}
		if (k >= up_lo && k < up_hi) {
			cost = up[k - up_lo] + 1;
			if (cost < best) {
				best = cost;
				how = DEL;
			}
		}
		if (left + 1 < best) {
			best = left + 1;
			how = INS;
		}
		if (best > FAR)
			best = FAR;
		row[k - lo] = left = best;
		if (op)
			op[k - lo] = how;
	}
}

static uint32_t *row_of(const struct table *t, size_t i)
{
	return i == 0	       ? t->cost
	       : i == t->hyp.n ? t->last
			       : t->cost + (t->ref.n + 1) + (i - 1) * t->width;
}

static uint8_t *ops_of(const struct table *t, size_t i)
{
	return i == t->hyp.n ? t->op : t->op + (t->ref.n + 1) + (i - 1) * t->width;
}

static int32_t make(struct table *t, struct text_seq hyp, struct text_seq ref)
{
	double ratio = hyp.n > 0 ? (double)ref.n / (double)hyp.n : 1;
	size_t cells, i;

	t->hyp = hyp;
	t->ref = ref;
	t->beam = BEAM;
	if (BEAM < ratio / 2)
		t->beam = (size_t)ceil(ratio / 2 + BEAM);
	t->width = 2 * t->beam < ref.n + 1 ? 2 * t->beam : ref.n + 1;
	cells = ref.n + 1 + hyp.n * t->width;
	t->cost = text_alloc(t->j, cells, sizeof(*t->cost));
	t->op = text_alloc(t->j, cells, sizeof(*t->op));
	t->trial = text_alloc(t->j, 2 * (ref.n + 1), sizeof(*t->trial));
	t->last = text_alloc(t->j, ref.n + 1, sizeof(*t->last));
	t->shifted = text_alloc(t->j, hyp.n, sizeof(*t->shifted));
	t->align = text_alloc(t->j, ref.n, sizeof(*t->align));
	t->hyp_err = text_alloc(t->j, hyp.n, 1);
	t->ref_err = text_alloc(t->j, ref.n, 1);
	if (!t->cost || !t->op || !t->trial || !t->last || !t->shifted || !t->align ||
	    !t->hyp_err || !t->ref_err)
		return MEED_E_NOMEM;
	for (i = 0; i <= ref.n; i++)
		t->cost[i] = (uint32_t)i;
	return 0;
}

/* Rows from `from` on, 1 or more. */
static int32_t fill_from(struct table *t, size_t from)
{
	size_t i, lo, hi;
	int32_t r = text_spend(t->j, (uint64_t)(t->hyp.n + 1 - from) * t->width + t->ref.n);

	for (i = from; i <= t->hyp.n && r == 0; i++) {
		bounds(t, i - 1, &lo, &hi);
		fill(t, i, t->hyp.v[i - 1], row_of(t, i - 1), lo, hi, row_of(t, i), ops_of(t, i));
	}
	return r;
}

/* The distance of t->shifted, which begins with the same `from` words as hyp. */
static int32_t try_shift(struct table *t, size_t from, uint32_t *ret)
{
	const uint32_t *up = row_of(t, from);
	uint32_t *row = t->trial;
	size_t i, lo, hi, here;
	int32_t r = text_spend(t->j, (uint64_t)(t->hyp.n - from) * t->width + t->ref.n);

	for (i = from + 1; i <= t->hyp.n && r == 0; i++) {
		bounds(t, i - 1, &lo, &hi);
		fill(t, i, t->shifted[i - 1], up, lo, hi, row, NULL);
		up = row;
		row = row == t->trial ? t->trial + t->ref.n + 1 : t->trial;
	}
	if (r < 0)
		return r;
	bounds(t, t->hyp.n, &here, &hi);
	*ret = up[t->ref.n - here];
	return 0;
}

static uint32_t distance(const struct table *t)
{
	size_t lo, hi;

	bounds(t, t->hyp.n, &lo, &hi);
	return row_of(t, t->hyp.n)[t->ref.n - lo];
}

/* Which words are wrong, and where each word of ref stands in hyp. */
static void trace(struct table *t)
{
	size_t i = t->hyp.n, k = t->ref.n, lo, hi;
	uint8_t how;

	while (i > 0 || k > 0) {
		how = INS;
		if (i > 0) {
			bounds(t, i, &lo, &hi);
			how = ops_of(t, i)[k - lo];
		}
		if (how == INS) {
			k--;
			t->align[k] = (int64_t)i - 1;
			t->ref_err[k] = 1;
		} else if (how == DEL) {
			i--;
			t->hyp_err[i] = 1;
		} else {
			i--;
			k--;
			t->align[k] = (int64_t)i;
			t->hyp_err[i] = t->ref_err[k] = how == SUB;
		}
	}
}

static bool any(const uint8_t *v, size_t from, size_t n)
{
	return memchr(v + from, 1, n) != NULL;
}

/* hyp with `length` words moved from `start` to before `target`. */
static size_t move(struct table *t, size_t start, size_t length, size_t target)
{
	const uint32_t *v = t->hyp.v;
	size_t n = t->hyp.n, end = start + length, at = 0, first = target < start ? target : start;

#define COPY(from, to)                                                          \
	do {                                                                    \
		size_t from_ = (from), to_ = (to) < n ? (to) : n;               \
		if (from_ < to_) {                                              \
			memcpy(t->shifted + at, v + from_, (to_ - from_) * 4);  \
			at += to_ - from_;                                      \
		}                                                               \
	} while (0)
	if (target < start) {
		COPY(0, target);
		COPY(start, end);
		COPY(target, start);
		COPY(end, n);
	} else if (target > end) {
		COPY(0, start);
		COPY(end, target);
		COPY(start, end);
		COPY(target, n);
	} else {
		COPY(0, start);
		COPY(end, length + target);
		COPY(start, end);
		COPY(length + target, n);
	}
#undef COPY
	return first;
}

static bool is_better(const struct shift *a, const struct shift *b)
{
	if (!b->found || a->gain != b->gain)
		return !b->found || a->gain > b->gain;
	if (a->length != b->length)
		return a->length > b->length;
	if (a->start != b->start)
		return a->start < b->start;
	return a->target < b->target;
}

/* Tries to move `length` words from `start` in hyp to about `to` in ref. */
static int32_t try_pair(struct table *t, size_t start, size_t to, size_t length, uint32_t now,
			struct shift *best)
{
	struct shift s = { true, 0, length, start, 0 };
	int64_t before = -1, offset, place;
	uint32_t cost = 0;
	int32_t r;

	if (!any(t->hyp_err, start, length) || !any(t->ref_err, to, length) ||
	    (t->align[to] >= (int64_t)start && t->align[to] < (int64_t)(start + length)))
		return 0;
	for (offset = -1; offset < (int64_t)length; offset++) {
		place = (int64_t)to + offset;
		if (place >= (int64_t)t->ref.n)
			break;
		s.target = place < 0 ? 0 : (size_t)(t->align[place] + 1);
		if ((int64_t)s.target == before)
			continue;
		before = (int64_t)s.target;
		r = try_shift(t, move(t, start, length, s.target), &cost);
		if (r < 0)
			return r;
		s.gain = (int64_t)now - (int64_t)cost;
		t->checked++;
		if (is_better(&s, best))
			*best = s;
	}
	return 0;
}

static int32_t find_shift(struct table *t, struct shift *best)
{
	size_t i, k, from, to, len;
	uint32_t now = distance(t);
	int32_t r = 0;

	best->found = false;
	trace(t);
	for (i = 0; i < t->hyp.n && r == 0; i++) {
		from = i > MAX_DIST ? i - MAX_DIST : 0;
		to = i + MAX_DIST + 1 < t->ref.n ? i + MAX_DIST + 1 : t->ref.n;
		if (i % 4096 == 0)
			r = text_spend(t->j, 4096);
		for (k = from; k < to && r == 0; k++) {
			for (len = 1;
			     len <= MAX_SHIFT && i + len <= t->hyp.n && k + len <= t->ref.n &&
			     t->hyp.v[i + len - 1] == t->ref.v[k + len - 1] && r == 0;
			     len++) {
				r = try_pair(t, i, k, len, now, best);
				if (t->checked >= MAX_CANDIDATES)
					return r;
			}
		}
	}
	return r;
}

int32_t text_ter_edits(struct text_job *j, struct text_seq hyp, struct text_seq ref, size_t *ret)
{
	struct table t = { .j = j };
	size_t shifts = 0, from;
	struct shift s = { 0 };
	uint32_t *own;
	int32_t r;

	*ret = hyp.n;
	if (ref.n == 0)
		return 0;
	own = text_alloc(j, hyp.n, sizeof(*own));
	r = own ? make(&t, hyp, ref) : MEED_E_NOMEM;
	if (r < 0)
		return r;
	if (hyp.n > 0)
		memcpy(own, hyp.v, hyp.n * sizeof(*own));
	t.hyp.v = own;
	for (from = 1; hyp.n > 0;) {
		r = fill_from(&t, from);
		if (r == 0)
			r = find_shift(&t, &s);
		if (r < 0)
			return r;
		if (t.checked >= MAX_CANDIDATES || !s.found || s.gain <= 0)
			break;
		shifts++;
		from = move(&t, s.start, s.length, s.target) + 1;
		memcpy(own, t.shifted, hyp.n * sizeof(*own));
	}
	*ret = shifts + (hyp.n > 0 ? distance(&t) : ref.n);
	return 0;
}
