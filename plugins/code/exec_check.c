/* exec_check.c - whether an output is the expected one. */
#include "config.h"
#include "exec.h"

#include <stdlib.h>

static bool blank(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

/* The next run of characters that are no white space, or none (n 0) before the end of the line,
 * which is not passed; with `lines` false a line's end is white space. */
static meed_str token(meed_str s, size_t *at, bool lines)
{
	size_t i = *at, from;

	while (i < s.n && blank(s.p[i]) && !(lines && s.p[i] == '\n'))
		i++;
	from = i;
	while (i < s.n && !blank(s.p[i]))
		i++;
	*at = i;
	return meed_sub(s, from, i);
}

/* The digits of a whole number without leading zeros; n 0: it is none. */
static meed_str whole(meed_str s, bool *ret_negative)
{
	size_t i = 0, k;

	*ret_negative = s.n > 0 && s.p[0] == '-';
	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
		i = 1;
	for (k = i; k < s.n; k++) {
		if (s.p[k] < '0' || s.p[k] > '9')
			return meed_sub(s, 0, 0);
	}
	while (i + 1 < s.n && s.p[i] == '0')
		i++;
	if (i < s.n && s.p[i] == '0')
		*ret_negative = false;
	return meed_sub(s, i, s.n);
}

static bool same_token(meed_str a, meed_str b, double rtol, double atol, bool whole_too)
{
	bool na, nb;
	meed_str wa, wb;
	double x, y, d;

	if (meed_eq(a, b))
		return true;
	if (a.n == 0 || b.n == 0)
		return false;
	wa = whole(a, &na);
	wb = whole(b, &nb);
	if (wa.n > 0 && wb.n > 0 && !whole_too)
		return na == nb && meed_eq(wa, wb);
	if (meed_read_num(a, &x) != a.n || meed_read_num(b, &y) != b.n)
		return false;
	d = x < y ? y - x : x - y;
	return d <= atol + rtol * (y < 0 ? -y : y);
}

/* Passes white space, line ends included; false at the end. */
static bool next_line(meed_str s, size_t *at)
{
	while (*at < s.n && blank(s.p[*at]))
		(*at)++;
	return *at < s.n;
}

static bool tokens(const struct exec_tests *t, meed_str got, meed_str want, bool lines,
		   bool whole_too)
{
	size_t i = 0, k = 0;
	meed_str a, b;
	bool more_a, more_b;

	for (;;) {
		more_a = next_line(got, &i);
		more_b = next_line(want, &k);
		if (!more_a || !more_b)
			return more_a == more_b;
		do {
			a = token(got, &i, lines);
			b = token(want, &k, lines);
			if (a.n == 0 && b.n == 0)
				break;
			if (!same_token(a, b, t->rtol, t->atol, whole_too))
				return false;
		} while (true);
	}
}

/* ---- lines in any order -------------------------------------------------------------------- */

static int compare_tokens(const void *x, const void *y)
{
	meed_str a = *(const meed_str *)x, b = *(const meed_str *)y, ta, tb;
	size_t i = 0, k = 0, n;
	int r;

	for (;;) {
		ta = token(a, &i, false);
		tb = token(b, &k, false);
		if (ta.n == 0 || tb.n == 0)
			return (ta.n > 0) - (tb.n > 0);
		n = ta.n < tb.n ? ta.n : tb.n;
		r = memcmp(ta.p, tb.p, n);
		if (r == 0)
			r = (ta.n > tb.n) - (ta.n < tb.n);
		if (r != 0)
			return r;
	}
}

/* The lines that are not empty, in order; returns how many. v NULL: only counts. */
static size_t split(meed_str s, meed_str *v)
{
	size_t at = 0, n = 0, end;

	while (next_line(s, &at)) {
		end = meed_find(s, at, MEED_S("\n"));
		if (end == MEED_NONE)
			end = s.n;
		if (v)
			v[n] = meed_sub(s, at, end);
		n++;
		at = end;
	}
	if (v && n > 0)
		qsort(v, n, sizeof(*v), compare_tokens);
	return n;
}

static bool unordered(const struct exec_run *x, meed_str got, meed_str want, bool *ret_nomem)
{
	size_t i, n = split(got, NULL);
	meed_str *a, *b;

	if (n != split(want, NULL))
		return false;
	a = x->h->alloc(x->c, n * sizeof(*a));
	b = x->h->alloc(x->c, n * sizeof(*b));
	if (!a || !b) {
		*ret_nomem = true;
		return false;
	}
	(void)split(got, a);
	(void)split(want, b);
	for (i = 0; i < n; i++) {
		if (compare_tokens(&a[i], &b[i]) != 0)
			return false;
	}
	return true;
}

bool exec_check(const struct exec_run *x, enum exec_checker kind, meed_str got, meed_str want,
		bool *ret_nomem)
{
	switch (kind) {
	case EXEC_EXACT:
		return meed_eq(got, want);
	case EXEC_FLOATS:
		return tokens(&x->st->tests, got, want, false, true);
	case EXEC_UNORDERED:
		return unordered(x, got, want, ret_nomem);
	default:
		return tokens(&x->st->tests, got, want, true, false);
	}
}
