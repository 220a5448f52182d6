/* suffixes.c - suffix arrays by induced sorting (Nong, Zhang, Chan 2009, SA-IS). */
#include "config.h"
#include "match.h"

#include <stdlib.h>

#define EMPTY UINT32_MAX

struct sort {
	const uint32_t *s;
	uint32_t *sa;
	size_t n, k;
	uint8_t *small;			/* suffix i is less than suffix i + 1 */
	uint32_t *bucket;
};

static bool is_lms(const struct sort *t, size_t i)
{
	return i > 0 && t->small[i] && !t->small[i - 1];
}

/* Where each character's suffixes begin, or end. */
static void buckets(const struct sort *t, bool ends)
{
	size_t i;
	uint32_t sum = 0, n;

	memset(t->bucket, 0, t->k * sizeof(*t->bucket));
	for (i = 0; i < t->n; i++)
		t->bucket[t->s[i]]++;
	for (i = 0; i < t->k; i++) {
		n = t->bucket[i];
		sum += n;
		t->bucket[i] = ends ? sum : sum - n;
	}
}

/* From sorted LMS suffixes at their buckets' ends to all suffixes. */
static void induce(const struct sort *t)
{
	uint32_t j;
	size_t i;

	buckets(t, false);
	for (i = 0; i < t->n; i++) {
		j = t->sa[i];
		if (j != EMPTY && j > 0 && !t->small[j - 1])
			t->sa[t->bucket[t->s[j - 1]]++] = j - 1;
	}
	buckets(t, true);
	for (i = t->n; i-- > 0;) {
		j = t->sa[i];
		if (j != EMPTY && j > 0 && t->small[j - 1])
			t->sa[--t->bucket[t->s[j - 1]]] = j - 1;
	}
}

static bool same_lms(const struct sort *t, size_t i, size_t j)
{
	size_t k;

	for (k = 0;; k++) {
		if (t->s[i + k] != t->s[j + k] || t->small[i + k] != t->small[j + k])
			return false;
		if (k > 0 && (is_lms(t, i + k) || is_lms(t, j + k)))
			return is_lms(t, i + k) && is_lms(t, j + k);
	}
}

/* Names the LMS substrings by their order and writes them, in the text's order, to the array's
 * end. Returns how many names there are. */
static uint32_t name_lms(const struct sort *t, size_t n_lms)
{
	uint32_t *names = t->sa + n_lms, name = 0;
	size_t i, j, before = EMPTY;

	for (i = n_lms; i < t->n; i++)
		t->sa[i] = EMPTY;
	for (i = 0; i < n_lms; i++) {
		j = t->sa[i];
		if (before != EMPTY && !same_lms(t, before, j))
			name++;
		before = j;
		names[j / 2] = name;
	}
	for (i = t->n, j = t->n; i-- > n_lms;) {
		if (t->sa[i] != EMPTY)
			t->sa[--j] = t->sa[i];
	}
	return name + 1;
}

static int32_t sort_lms(struct match *m, const struct sort *t, size_t n_lms)
{
	uint32_t *s1 = t->sa + t->n - n_lms, names = name_lms(t, n_lms);
	size_t i, j;
	int32_t r = 0;

	if (names < n_lms) {
		r = match_suffixes(m, s1, n_lms, names, t->sa);
	} else {
		for (i = 0; i < n_lms; i++)
			t->sa[s1[i]] = (uint32_t)i;
	}
	if (r < 0)
		return r;
	for (i = 1, j = 0; i < t->n; i++) {
		if (is_lms(t, i))
			s1[j++] = (uint32_t)i;
	}
	for (i = 0; i < n_lms; i++)
		t->sa[i] = s1[t->sa[i]];
	for (i = n_lms; i < t->n; i++)
		t->sa[i] = EMPTY;
	buckets(t, true);
	for (i = n_lms; i-- > 0;) {
		j = t->sa[i];
		t->sa[i] = EMPTY;
		t->sa[--t->bucket[t->s[j]]] = (uint32_t)j;
	}
	return 0;
}

/* Sorts the LMS substrings to the array's start; returns how many there are. */
static size_t sort_substrings(const struct sort *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->n; i++)
		t->sa[i] = EMPTY;
	buckets(t, true);
	for (i = 1; i < t->n; i++) {
		if (is_lms(t, i))
			t->sa[--t->bucket[t->s[i]]] = (uint32_t)i;
	}
	induce(t);
	for (i = 0; i < t->n; i++) {
		if (is_lms(t, t->sa[i]))
			t->sa[n++] = t->sa[i];
	}
	return n;
}

int32_t match_suffixes(struct match *m, const uint32_t *s, size_t n, size_t k, uint32_t *ret_sa)
{
	struct sort t = { .s = s, .sa = ret_sa, .n = n, .k = k };
	int32_t r = 0;
	size_t i;

	if (n == 1) {
		ret_sa[0] = 0;
		return 0;
	}
	t.small = malloc(n);
	t.bucket = malloc(k * sizeof(*t.bucket));
	if (!t.small || !t.bucket) {
		r = m->h->fail(m->c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	t.small[n - 1] = 1;
	for (i = n - 1; i-- > 0;)
		t.small[i] = s[i] < s[i + 1] || (s[i] == s[i + 1] && t.small[i + 1]);
	m->work += n;
	if (match_stops(m)) {
		r = MEED_E_CANCELLED;
		goto out;
	}
	r = sort_lms(m, &t, sort_substrings(&t));
	m->work += n;
	if (r == 0 && match_stops(m))
		r = MEED_E_CANCELLED;
	if (r == 0)
		induce(&t);
out:
	free(t.bucket);
	free(t.small);
	return r;
}
