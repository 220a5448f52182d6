/* Reading one number, exactly. */
#include "config.h"
#include "final.h"

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_digit(const char *p, const char *end)
{
	size_t len;

	return meed_digit(p, end, &len) >= 0;
}

/* Past lit at p, or NULL. */
static const char *past(const char *p, const char *end, meed_str lit)
{
	return (size_t)(end - p) >= lit.n && memcmp(p, lit.p, lit.n) == 0 ? p + lit.n : NULL;
}

static bool ends_with(const char *start, const char *p, meed_str lit)
{
	return (size_t)(p - start) >= lit.n && memcmp(p - lit.n, lit.p, lit.n) == 0;
}

/* Past any of v at p, or p. */
static const char *past_any(const char *p, const char *end, const meed_str *v, size_t n)
{
	const char *q = NULL;
	size_t i;

	for (i = 0; i < n && !q; i++)
		q = past(p, end, v[i]);
	return q ? q : p;
}

/* The start of any of v that ends at p, or p. */
static const char *before_any(const char *start, const char *p, const meed_str *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (ends_with(start, p, v[i]))
			return p - v[i].n;
	return p;
}

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static const char *skip_digits(const char *p, const char *end, size_t *ret_n)
{
	size_t len, n = 0;

	for (; meed_digit(p, end, &len) >= 0; p += len)
		n++;
	*ret_n = n;
	return p;
}

/* Past the thousands groups that follow the n digits before p. */
static const char *skip_groups(const struct meed_final_rules *r, const char *p, const char *end,
			       size_t n)
{
	static const meed_str wide[] = { { "{,}", 3 },	       { "\\,", 2 },
					 { "\\!,", 3 },	       { "\xc2\xa0", 2 },
					 { "\xe2\x80\x89", 3 }, { "\xe2\x80\xaf", 3 } };
	const char *q, *t;

	while (n >= 1 && n <= 3) {
		if (p < end && *p == (r->point == '.' ? ',' : '.'))
			q = p + 1;
		else
			q = past_any(p, end, wide, COUNT(wide));
		if (q == p)
			break;
		t = skip_digits(q, end, &n);
		if (n != 3)
			break;
		p = t;
	}
	return p;
}

/* Reads digits as a whole number up to what is no number's exponent any more. */
static const char *read_exponent(const char *p, const char *end, int64_t *ret)
{
	static const meed_str times[] = { { "\xc3\x97", 2 }, { "\\times", 6 }, { "\\cdot", 5 },
					  { "*", 1 },	     { "x", 1 } };
	const char *q, *t, *digits;
	int64_t x = 0;
	bool neg = false, braces = false;
	size_t n, len;

	if (p < end && (*p == 'e' || *p == 'E')) {
		q = p + 1;
	} else {
		t = skip_blanks(p, end);
		q = past_any(t, end, times, COUNT(times));
		if (q == t)
			return p;
		q = past(skip_blanks(q, end), end, MEED_S("10^"));
		if (!q)
			return p;
		braces = q < end && *q == '{';
		q += braces;
	}
	if (q < end && (*q == '-' || *q == '+'))
		neg = *q++ == '-';
	digits = q;
	t = skip_digits(q, end, &n);
	if (n == 0 || n > 15 || (t < end && !braces && is_letter(*t)) ||
	    (braces && (t == end || *t != '}')))
		return p;
	for (; digits < t; digits += len)
		x = x * 10 + meed_digit(digits, end, &len);
	*ret = neg ? -x : x;
	return t + braces;
}

static bool all_zeros(meed_str s)
{
	const char *p = s.p, *end = s.p + s.n;
	bool r = true;
	size_t len;

	for (; p < end && r; p += len)
		r = meed_digit(p, end, &len) == 0;
	return r;
}

/* "{3}{4}", "34", "{3}4" or "{-3}{4}" after \frac. */
static const char *read_frac(const char *p, const char *end, struct meed_final_number *x)
{
	meed_str *part[2] = { &x->num, &x->den };
	const char *q = p, *t;
	size_t i, n, len;

	for (i = 0; i < 2; i++) {
		q = skip_blanks(q, end);
		if (q < end && *q == '{') {
			q = skip_blanks(q + 1, end);
			if (i == 0 && q < end && *q == '-') {
				x->neg = !x->neg;
				q++;
			}
			t = skip_digits(q, end, &n);
			*part[i] = (meed_str){ q, (size_t)(t - q) };
			q = skip_blanks(t, end);
			if (n == 0 || q == end || *q++ != '}')
				return NULL;
		} else {
			if (meed_digit(q, end, &len) < 0)
				return NULL;
			*part[i] = (meed_str){ q, len };
			q += len;
		}
	}
	return all_zeros(x->den) ? NULL : q;
}

static const meed_str fracs[] = { { "\\frac", 5 }, { "\\dfrac", 6 }, { "\\tfrac", 6 } };

/* "/4" after the digits of num. A date's 05/06/2024 is no fraction. */
static const char *read_slash(meed_str text, const char *p, const char *end, meed_str num,
			      struct meed_final_number *x)
{
	const char *q;
	size_t n;

	if (p >= end || *p != '/' || (num.p > text.p && num.p[-1] == '/'))
		return NULL;
	q = skip_digits(p + 1, end, &n);
	x->num = num;
	x->den = (meed_str){ p + 1, (size_t)(q - p - 1) };
	if (n == 0 || all_zeros(x->den) || (q < end && *q == '/' && is_digit(q + 1, end)) ||
	    (q < end && *q == '.' && is_digit(q + 1, end)))
		return NULL;
	return q;
}

/* A fraction that continues the whole number that ends at p: its denominator, or a fraction of
 * its own, which makes it a mixed number. NULL if none does. */
static const char *read_fraction(const struct meed_final_rules *r, meed_str text, const char *p,
				 const char *end, struct meed_final_number *x)
{
	const char *q, *t;
	size_t n;

	if (!r->fractions)
		return NULL;
	q = read_slash(text, p, end, x->whole, x);
	if (q) {
		x->whole.n = 0;
		return q;
	}
	t = skip_blanks(p, end);
	q = past_any(t, end, fracs, COUNT(fracs));
	if (q != t) {
		q = read_frac(q, end, x);
	} else if (t == p + 1) {
		q = skip_digits(t, end, &n);
		q = n > 0 ? read_slash(text, q, end, (meed_str){ t, (size_t)(q - t) }, x) : NULL;
	} else {
		q = NULL;
	}
	return q;
}

/* What stands before a number at p: currency and sign. Moves x->from back over them. */
static void read_before(meed_str text, const char *p, struct meed_final_number *x)
{
	static const meed_str currency[] = { { "\\$", 2 },	     { "$", 1 },
					     { "\xe2\x82\xac", 3 }, { "\xc2\xa3", 2 },
					     { "\xc2\xa5", 2 },	     { "\xe2\x82\xb9", 3 } };
	static const meed_str minus[] = { { "-", 1 },
					  { "\xe2\x88\x92", 3 },
					  { "\xef\xbc\x8d", 3 } };
	const char *q = before_any(text.p, p, currency, COUNT(currency)), *s, *t;
	unsigned char b;

	x->from = q;
	s = before_any(text.p, q, minus, COUNT(minus));
	if (s == q && q > text.p && q[-1] == ' ') {	/* "= - 5": elsewhere a bullet */
		s = before_any(text.p, q - 1, minus, COUNT(minus));
		for (t = s; t > text.p && t[-1] == ' ';)
			t--;
		if (s == q - 1 || t == text.p || t[-1] != '=')
			s = q;
	}
	if (s == q)
		return;
	t = before_any(text.p, s, currency, COUNT(currency));
	b = t > text.p ? (unsigned char)t[-1] : ' ';
	if (is_letter((char)b) || (b >= '0' && b <= '9') || b == ')' || b == ']' || b == '}' ||
	    b == '%' || b == '\'')
		return;
	x->neg = true;
	x->from = t;
}

/* Whether the digits at p belong to a word, an index or an exponent. */
static bool part_of_word(meed_str text, const char *p)
{
	size_t n = 0, upper = 0;
	char b;

	while (p - n > text.p && is_letter(p[-1 - (ptrdiff_t)n]) && n < 8) {
		upper += p[-1 - (ptrdiff_t)n] <= 'Z';
		n++;
	}
	if (n > 0)
		return !(n >= 2 && upper == n) && !(n == 2 && p[-2] == 'R' && p[-1] == 's');
	b = p > text.p ? p[-1] : ' ';
	if (b == '{' && p - 1 > text.p)
		b = p[-2];
	return b == '^' || b == '_';
}

/* The number whose digits, or point and digits, start at p. */
static bool read_at(const struct meed_final_rules *r, meed_str text, const char *p,
		    struct meed_final_number *x)
{
	const char *end = text.p + text.n, *q, *t;
	size_t n;

	*x = (struct meed_final_number){ .from = p };
	read_before(text, p, x);
	if (*p == '\\') {
		q = past_any(p, end, fracs, COUNT(fracs));
		x->whole = (meed_str){ p, 0 };
		x->to = r->fractions && q != p ? read_frac(q, end, x) : NULL;
		return x->to != NULL;
	}
	q = skip_digits(p, end, &n);
	q = skip_groups(r, q, end, n);
	x->whole = (meed_str){ p, (size_t)(q - p) };
	t = read_fraction(r, text, q, end, x);
	if (t) {
		q = t;
	} else {
		x->num = x->den = (meed_str){ p, 0 };
		if (q < end && *q == r->point && is_digit(q + 1, end)) {
			t = skip_digits(q + 1, end, &n);
			x->after = (meed_str){ q + 1, (size_t)(t - q - 1) };
			q = t;
		}
		q = read_exponent(q, end, &x->exp);
	}
	t = skip_blanks(q, end);
	t += t < end && *t == '\\';
	if (t < end && *t == '%') {
		x->exp -= r->percent ? 2 : 0;
		q = t + 1;
	}
	x->to = q;
	return true;
}

/* The \frac that the digit at p is the first digit of, or p. */
static const char *frac_before(meed_str text, const char *p)
{
	const char *q = p;

	while (q > text.p && (q[-1] == ' ' || q[-1] == '{' || q[-1] == '-') && p - q < 4)
		q--;
	return before_any(text.p, q, fracs, COUNT(fracs)) == q
		       ? p
		       : before_any(text.p, q, fracs, COUNT(fracs));
}

bool meed_final_next(const struct meed_final_rules *r, meed_str text, const char *p,
		     const char *end, struct meed_final_number *ret)
{
	const char *stop = text.p + text.n, *at;
	size_t n;

	while ((p = meed_next_digit(p, end)) < end) {
		at = frac_before(text, p);
		if (at != p && r->fractions && read_at(r, text, at, ret))
			return true;
		at = p;
		if (p - text.p >= 1 && p[-1] == r->point &&
		    !(p - text.p >= 2 && p[-2] >= '0' && p[-2] <= '9'))
			at = p - 1;
		if (!part_of_word(text, at) && read_at(r, text, at, ret))
			return true;
		p = skip_digits(p, stop, &n);
	}
	return false;
}

static size_t copy_part(meed_str s, char **out)
{
	size_t n = meed_digits_copy(s, *out);

	*out += n;
	return n;
}

/* whole + num/den as one fraction: (whole * den + num) / den, in digits. */
static int32_t add_whole(const meed_host *h, meed_ctx *c, meed_str whole, struct meed_decimal *x)
{
	size_t n = whole.n + x->d_len + x->n_len + 2, i, j, at;
	uint32_t *sum, carry;
	char *out;

	if (whole.n > MEED_FRACTION_DIGITS || x->d_len > MEED_FRACTION_DIGITS)
		return h->fail(c, MEED_E_LIMIT, "a fraction of more than 10,000 digits");
	sum = h->alloc(c, n * sizeof(*sum));
	out = h->alloc(c, n);
	if (!sum || !out)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < x->n_len; i++)
		sum[i] = (uint32_t)(x->n[x->n_len - 1 - i] - '0');
	for (i = 0; i < whole.n; i++)
		for (j = 0; j < x->d_len; j++)
			sum[i + j] += (uint32_t)(whole.p[whole.n - 1 - i] - '0') *
				      (uint32_t)(x->d[x->d_len - 1 - j] - '0');
	for (i = 0, carry = 0, at = n; i < n; i++) {
		carry += sum[i];
		out[--at] = (char)('0' + carry % 10);
		carry /= 10;
	}
	x->n = out;
	x->n_len = n;
	return 0;
}

int32_t meed_final_value(const meed_host *h, meed_ctx *c, const struct meed_final_number *x,
			 struct meed_decimal *ret)
{
	char *out = h->alloc(c, x->whole.n + x->after.n + x->num.n + x->den.n + 1);
	struct meed_decimal d = { .neg = x->neg, .exp = x->exp };
	int64_t none = 0, d_exp = 0;
	size_t n_after;
	meed_str whole;
	int32_t r = 0;

	if (!out)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	d.n = whole.p = out;
	whole.n = copy_part(x->whole, &out);
	if (x->den.n > 0) {
		d.n = out;
		d.n_len = copy_part(x->num, &out);
		d.d = out;
		d.d_len = copy_part(x->den, &out);
		while (whole.n > 0 && *whole.p == '0') {
			whole.p++;
			whole.n--;
		}
		if (whole.n > 0)
			r = add_whole(h, c, whole, &d);
		meed_digits_trim(&d.d, &d.d_len, &d_exp);
		d.exp -= d_exp;
	} else {
		n_after = copy_part(x->after, &out);
		d.n_len = whole.n + n_after;
		d.exp -= (int64_t)n_after;
	}
	meed_digits_trim(&d.n, &d.n_len, d.n_len > 0 ? &d.exp : &none);
	*ret = d;
	return r;
}
