/* The tokenizer "tiktoken": byte pairs, merged by a file of ranks.
 *
 * Text is cut into pieces by the rules of cl100k_base, written out by hand; in each piece the pair
 * of lowest rank is merged until there is none, with a heap, so that a piece of any length takes
 * n log n. A token that is no whole character reads as U+FFFD, as decoding it alone gives there. */
#include "config.h"
#include "host/sample/tok_tiktoken.h"

#include <utf8proc.h>

/* ---- pieces ------------------------------------------------------------------------------ */

enum kind { OTHER, LETTER, NUMBER, SPACE, NEWLINE };

/* \p{L}, \p{N}, \s and \r\n of the Unicode regular expressions that tiktoken uses. Its \s is
 * White_Space, without U+001C..U+001F. */
static enum kind kind_of(const char *p, size_t n, size_t *ret_len)
{
	uint32_t cp = meed_uni_next(p, n, ret_len);
	enum kind k = OTHER;

	if (cp == '\r' || cp == '\n') {
		k = NEWLINE;
	} else if (cp < 0x80) {
		if ((cp | 32) - 'a' < 26)
			k = LETTER;
		else if (cp - '0' < 10)
			k = NUMBER;
		else if (cp == ' ' || (cp >= 9 && cp <= 13))
			k = SPACE;
	} else if (meed_uni_space(p, n) > 0) {
		k = SPACE;
	} else {
		switch (utf8proc_category((utf8proc_int32_t)cp)) {
		case UTF8PROC_CATEGORY_LU:
		case UTF8PROC_CATEGORY_LL:
		case UTF8PROC_CATEGORY_LT:
		case UTF8PROC_CATEGORY_LM:
		case UTF8PROC_CATEGORY_LO:
			k = LETTER;
			break;
		case UTF8PROC_CATEGORY_ND:
		case UTF8PROC_CATEGORY_NL:
		case UTF8PROC_CATEGORY_NO:
			k = NUMBER;
			break;
		default:
			break;
		}
	}
	return k;
}

/* Past at most `most` characters of a kind. */
static size_t skip_kind(meed_str s, size_t at, enum kind k, size_t most)
{
	size_t len;

	for (; at < s.n && most > 0; most--) {
		if (kind_of(s.p + at, s.n - at, &len) != k)
			break;
		at += len;
	}
	return at;
}

/* 's 't 're 've 'm 'll 'd, of any case; also U+017F, which folds to s. */
static size_t contraction(const char *p, size_t n)
{
	char a = n > 1 ? (char)(p[1] | 32) : '\0', b = n > 2 ? (char)(p[2] | 32) : '\0';
	size_t r = 0;

	if (n < 2 || p[0] != '\'')
		return 0;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		r = 2;
	else if (((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l'))
		r = 3;
	else if (n > 2 && p[1] == '\xc5' && p[2] == '\xbf')
		r = 3;
	return r;
}

/* White space from at on: up to its last newline if it has one, else all of it but the last
 * character before a word. */
static size_t space_end(meed_str s, size_t at)
{
	size_t i = at, len = 0, last = at, newline = 0;
	enum kind k = SPACE;

	while (i < s.n) {
		k = kind_of(s.p + i, s.n - i, &len);
		if (k != SPACE && k != NEWLINE)
			break;
		last = i;
		i += len;
		if (k == NEWLINE)
			newline = i;
	}
	if (newline > 0)
		i = newline;
	else if (i < s.n && last > at)
		i = last;
	return i;
}

/* [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n]* | white space */
static size_t piece_end(meed_str s, size_t at)
{
	size_t len, next, r = contraction(s.p + at, s.n - at);
	enum kind k = kind_of(s.p + at, s.n - at, &len), k2 = NEWLINE;

	if (r > 0)
		return at + r;
	next = at + len;
	if (next < s.n)
		k2 = kind_of(s.p + next, s.n - next, &len);
	if (k == LETTER || ((k == OTHER || k == SPACE) && k2 == LETTER && next < s.n))
		r = skip_kind(s, next, LETTER, SIZE_MAX);
	else if (k == NUMBER)
		r = skip_kind(s, at, NUMBER, 3);
	else if (k == OTHER || (s.p[at] == ' ' && k2 == OTHER))
		r = skip_kind(s, skip_kind(s, next, OTHER, SIZE_MAX), NEWLINE, SIZE_MAX);
	else
		r = space_end(s, at);
	return r;
}

/* ---- merging ----------------------------------------------------------------------------- */

struct pair {
	uint32_t rank, at, end;		/* bytes at..end-1 of the piece are a token of this rank */
};

struct merge {
	const struct meed_tiktoken *t;
	struct meed_token_out *o;
	uint32_t *next, *prev;		/* by where a part starts; next is also where it ends */
	struct pair *heap;
	size_t n_heap, cap;
};

static bool before(const struct pair *a, const struct pair *b)
{
	return a->rank < b->rank || (a->rank == b->rank && a->at < b->at);
}

static void heap_push(struct merge *m, struct pair x)
{
	size_t i = m->n_heap++, up;

	for (; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!before(&x, &m->heap[up]))
			break;
		m->heap[i] = m->heap[up];
	}
	m->heap[i] = x;
}

static struct pair heap_pop(struct merge *m)
{
	struct pair top = m->heap[0], x = m->heap[--m->n_heap];
	size_t i = 0, down;

	for (; (down = 2 * i + 1) < m->n_heap; i = down) {
		if (down + 1 < m->n_heap && before(&m->heap[down + 1], &m->heap[down]))
			down++;
		if (!before(&m->heap[down], &x))
			break;
		m->heap[i] = m->heap[down];
	}
	m->heap[i] = x;
	return top;
}

/* Offers the part at `at` and the one after it for merging. */
static void offer(struct merge *m, const char *p, uint32_t n, uint32_t at)
{
	uint32_t mid = m->next[at], end, rank;

	if (mid >= n)
		return;
	end = m->next[mid];
	if (meed_tiktoken_rank(m->t, p + at, end - at, &rank))
		heap_push(m, (struct pair){ rank, at, end });
}

static int32_t merge_room(struct merge *m, size_t n)
{
	size_t cap = m->cap ? m->cap : 64;

	if (n <= m->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	m->next = meed_arena_raw(m->o->arena, (cap + 1) * sizeof(*m->next));
	m->prev = meed_arena_raw(m->o->arena, (cap + 1) * sizeof(*m->prev));
	m->heap = meed_arena_raw(m->o->arena, 3 * cap * sizeof(*m->heap));
	m->cap = cap;
	return m->next && m->prev && m->heap ? 0 : MEED_E_NOMEM;
}

/* Bytes of the longest beginning of a character at p, and whether it is a whole one: what a
 * decoder that replaces takes for one error (Unicode, chapter 3.9, U+FFFD Substitution). */
static size_t subpart(const char *p, size_t n, bool *ret_whole)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t want = u[0] < 0x80 ? 1 : u[0] < 0xc2 || u[0] > 0xf4 ? 0 : u[0] < 0xe0 ? 2
		      : u[0] < 0xf0 ? 3 : 4, i;

	if (u[0] == 0xe0)
		lo = 0xa0;
	else if (u[0] == 0xed)
		hi = 0x9f;
	else if (u[0] == 0xf0)
		lo = 0x90;
	else if (u[0] == 0xf4)
		hi = 0x8f;
	for (i = 1; i < want && i < n && u[i] >= lo && u[i] <= hi; i++) {
		lo = 0x80;
		hi = 0xbf;
	}
	*ret_whole = i == want;
	return i;
}

static int32_t put(struct meed_token_out *o, const char *p, size_t n)
{
	size_t i, len, k = 0;
	bool whole;
	int32_t r;

	if (meed_utf8_check(p, n) == n)
		return meed_token_put(o, p, n);
	r = meed_token_scratch(o, 3 * n);
	if (r < 0)
		return r;
	for (i = 0; i < n; i += len) {
		len = subpart(p + i, n - i, &whole);
		memcpy(o->scratch + k, whole ? p + i : "\xef\xbf\xbd", whole ? len : 3);
		k += whole ? len : 3;
	}
	return meed_token_put(o, o->scratch, k);
}

static int32_t put_piece(struct merge *m, const char *p, uint32_t n)
{
	uint32_t i, mid, rank;
	struct pair x;
	int32_t r;

	if (meed_tiktoken_rank(m->t, p, n, &rank))
		return put(m->o, p, n);
	r = merge_room(m, n);
	if (r < 0)
		return r;
	for (i = 0; i < n; i++) {
		m->next[i] = i + 1;
		m->prev[i] = i - 1;	/* the first one's is not read */
	}
	m->n_heap = 0;
	for (i = 0; i + 1 < n; i++)
		offer(m, p, n, i);
	while (m->n_heap > 0) {
		x = heap_pop(m);
		mid = m->next[x.at];	/* 0: merged into another part */
		if (mid == 0 || mid >= n || m->next[mid] != x.end)
			continue;
		m->next[x.at] = x.end;
		m->next[mid] = 0;
		if (x.end < n)
			m->prev[x.end] = x.at;
		if (x.at > 0)
			offer(m, p, n, m->prev[x.at]);
		offer(m, p, n, x.at);
	}
	for (i = 0; i < n && r == 0; i = m->next[i])
		r = put(m->o, p + i, m->next[i] - i);
	return r;
}

static int32_t tiktoken_run(const struct meed_tokenizer_open *z, struct meed_token_out *o,
			    meed_str text)
{
	struct merge m = { .t = z->tiktoken, .o = o };
	size_t at, end;
	int32_t r = 0;

	for (at = 0; at < text.n && r == 0; at = end) {
		end = piece_end(text, at);
		r = put_piece(&m, text.p + at, (uint32_t)(end - at));
	}
	return r;
}

static int32_t tiktoken_load(struct meed_tokenizer_open *z, struct meed_err *err)
{
	if (!z->path)
		return meed_err_set(err, MEED_E_UNSUPPORTED,
				    "tokenizer tiktoken needs the ranks of its encoding: set "
				    "encoding_file to a copy of cl100k_base.tiktoken (a line each: "
				    "base64, space, rank)");
	return meed_tiktoken_load(z->path, err, &z->tiktoken);
}

static void tiktoken_unload(struct meed_tokenizer_open *z)
{
	meed_tiktoken_free(z->tiktoken);
}

const struct meed_tokenizer_kind meed_tok_tiktoken = { .name = "tiktoken", .load = tiktoken_load,
						       .unload = tiktoken_unload,
						       .run = tiktoken_run };
