/* lsum.c - which words of a reference lie on rouge_scorer's longest common subsequence.
 *
 * rouge_scorer fills a table of lengths and goes back through it from its end. Here a row of the
 * table is one bit a column, set where the length grows (as in general/lcs.c, inverted), and the
 * lengths on the way back are counted from the bits. */
#include "config.h"
#include "text.h"

/* 1 if column k of a row (from 1) is where its length grows. */
static size_t grows(const uint64_t *row, size_t k)
{
	return ~row[(k - 1) / 64] >> ((k - 1) % 64) & 1;
}

static size_t length_to(const uint64_t *row, size_t k)
{
	size_t w, n = 0;

	for (w = 0; w < k / 64; w++)
		n += (size_t)__builtin_popcountll(~row[w]);
	if (k % 64)
		n += (size_t)__builtin_popcountll(~row[w] & ((UINT64_C(1) << (k % 64)) - 1));
	return n;
}

static void next_row(const uint64_t *mask, const uint64_t *up, uint64_t *row, size_t words)
{
	uint64_t u, sum, all, carry = 0;
	size_t w;

	for (w = 0; w < words; w++) {
		u = up[w] & mask[w];
		sum = up[w] + u;
		all = sum + carry;
		carry = (uint64_t)(sum < u) | (uint64_t)(all < sum);
		row[w] = all | (up[w] ^ u);
	}
}

static void go_back(struct text_seq ref, struct text_seq can, const uint64_t *rows, size_t words,
		    uint8_t *hit)
{
	size_t i = ref.n, k = can.n, up = length_to(rows + (i - 1) * words, k), left;

	/* up: the length in the row above, same column */
	left = length_to(rows + i * words, k) - grows(rows + i * words, k);
	while (i > 0 && k > 0) {
		if (ref.v[i - 1] == can.v[k - 1]) {
			hit[i - 1] = 1;
			i--;
			k--;
		} else if (left > up) {
			up -= grows(rows + (i - 1) * words, k);
			k--;
			if (k > 0)
				left -= grows(rows + i * words, k);
			continue;
		} else {
			i--;
		}
		if (i == 0 || k == 0)
			break;
		up = length_to(rows + (i - 1) * words, k);
		left = length_to(rows + i * words, k) - grows(rows + i * words, k);
	}
}

/* Room for n words of each kind; what was there is lost. */
static int32_t make_room(struct text_job *j, struct text_marks *m, size_t n_rows, size_t n_masks)
{
	const size_t most = (size_t)1 << 25;	/* 256 MiB */

	if (n_rows > most || n_masks > most)
		return j->h->fail(j->c, MEED_E_LIMIT, "the sentences are too long to be aligned:"
						      " the table would take more than 256 MiB");
	if (n_rows > m->room_rows) {
		m->room_rows = 2 * n_rows;
		m->rows = text_alloc(j, m->room_rows, sizeof(*m->rows));
	}
	if (n_masks > m->room_masks) {
		m->room_masks = 2 * n_masks;
		m->masks = text_alloc(j, m->room_masks, sizeof(*m->masks));
	}
	return m->rows && m->masks ? 0 : MEED_E_NOMEM;
}

int32_t text_lcs_mark(struct text_job *j, struct text_marks *m, struct text_seq ref,
		      struct text_seq can, uint8_t *hit)
{
	size_t words = (can.n + 63) / 64, i, n_rows = 0;
	int32_t r;

	if (ref.n == 0 || can.n == 0)
		return 0;
	for (i = 0; i < can.n; i++) {
		if (m->row[can.v[i]] == 0)
			m->row[can.v[i]] = (uint32_t)++n_rows;
	}
	r = text_spend(j, 2 * (uint64_t)(ref.n + 1) * words * 64);
	if (r == 0)
		r = make_room(j, m, (ref.n + 1) * words, (n_rows + 1) * words);
	if (r < 0)
		return r;
	memset(m->masks, 0, (n_rows + 1) * words * sizeof(*m->masks));
	for (i = 0; i < can.n; i++)
		m->masks[m->row[can.v[i]] * words + i / 64] |= UINT64_C(1) << (i % 64);
	memset(m->rows, 0xff, words * sizeof(*m->rows));
	for (i = 0; i < ref.n; i++)
		next_row(m->masks + m->row[ref.v[i]] * words, m->rows + i * words,
			 m->rows + (i + 1) * words, words);
	for (i = 0; i < can.n; i++)
		m->row[can.v[i]] = 0;
	go_back(ref, can, m->rows, words, hit);
	return 0;
}
