/* general.number_accuracy: the share of the reference's numbers that the response has in the same
 * place. Numbers are matches of -?\d+\.?\d* from left to right, read as doubles. */
#include "config.h"
#include "general.h"

#include <float.h>
#include <stdlib.h>

struct number_model {
	double tolerance;
};

struct number {
	const char *p, *end;	/* digits, maybe a point and digits */
	bool neg, ascii;
	uint64_t w;		/* the digits, as far as they fit */
	unsigned n, after;	/* how many, and how many of them after the point */
	double value;
};

struct count {
	size_t right, total;
	bool any;		/* the response has a number */
	size_t ref;
};

static const char *take_digits(const char *p, const char *end, struct number *x)
{
	size_t len;
	int d;

	while ((d = meed_digit(p, end, &len)) >= 0) {
		x->ascii = x->ascii && len == 1;
		x->w = x->w * 10 + (unsigned)d;
		x->n++;
		p += len;
	}
	return p;
}

/* The next number in [*at, end); false if there is none. */
static bool next_number(const char **at, const char *end, struct number *ret)
{
	const char *p = meed_next_digit(*at, end);
	unsigned before;

	if (p == end)
		return false;
	*ret = (struct number){ .p = p, .neg = p > *at && p[-1] == '-', .ascii = true };
	p = take_digits(p, end, ret);
	before = ret->n;
	if (p < end && *p == '.')
		p = take_digits(p + 1, end, ret);
	ret->after = ret->n - before;
	ret->end = *at = p;
	return true;
}

/* The digits in ASCII with their point; NULL if memory is out. */
static const char *in_ascii(const meed_host *h, meed_ctx *c, const struct number *x, size_t *ret_n)
{
	size_t n = (size_t)(x->end - x->p), len, k = 0;
	const char *p = x->p;
	char *out;
	int d;

	*ret_n = n;
	if (x->ascii)
		return x->p;
	out = h->alloc(c, n);
	for (; out && p < x->end; p += len) {
		d = meed_digit(p, x->end, &len);
		out[k++] = (char)(d < 0 ? '.' : '0' + d);
	}
	*ret_n = k;
	return out;
}

/* Up to 15 digits and their power of ten are exact, so that one division rounds once. */
static int32_t number_value(const meed_host *h, meed_ctx *c, struct number *x)
{
	static const double p10[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,	1e6,  1e7,
				      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	const char *p;
	size_t n;

	if (x->n <= 15) {
		x->value = (double)x->w / p10[x->after];
	} else {
		p = in_ascii(h, c, x, &n);
		if (!p)
			return h->fail(c, MEED_E_NOMEM, "out of memory");
		(void)meed_read_num((meed_str){ p, n }, &x->value);
	}
	if (x->neg)
		x->value = -x->value;
	return 0;
}

static int32_t decimal_of(const meed_host *h, meed_ctx *c, const struct number *x,
			  struct meed_decimal *ret)
{
	size_t n, len, after = 0;
	const char *p = in_ascii(h, c, x, &n), *point;
	char *out = h->alloc(c, n + 1);

	if (!p || !out)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	point = memchr(p, '.', n);
	if (point)
		after = n - (size_t)(point + 1 - p);
	len = meed_digits_copy((meed_str){ p, n }, out);
	*ret = (struct meed_decimal){ .n = out, .n_len = len, .neg = x->neg,
				      .exp = -(int64_t)after };
	meed_digits_trim(&ret->n, &ret->n_len, &ret->exp);
	return 0;
}

/* 1 if a and b are within tolerance. Where both overflow a double, their digits decide: the
 * difference of two infinities would be no number. */
static int32_t close(const meed_host *h, meed_ctx *c, const struct number *a,
		     const struct number *b, double tolerance)
{
	double gap = a->value - b->value;
	struct meed_decimal x, y;
	int32_t r;

	if ((a->value > DBL_MAX && b->value > DBL_MAX) ||
	    (a->value < -DBL_MAX && b->value < -DBL_MAX)) {
		r = decimal_of(h, c, a, &x);
		if (r == 0)
			r = decimal_of(h, c, b, &y);
		return r < 0 ? r : meed_decimal_equal(h, c, &x, &y);
	}
	return (gap < 0 ? -gap : gap) <= tolerance;
}

static int32_t compare(const meed_host *h, meed_ctx *c, meed_str text, meed_str ref,
		       double tolerance, struct count *ret)
{
	const char *t = text.p, *t_end = text.p + text.n, *q = ref.p, *q_end = ref.p + ref.n;
	struct number a, b;
	bool more = true;
	int32_t r = 0;

	ret->right = ret->total = 0;
	ret->any = false;
	while (r >= 0 && next_number(&q, q_end, &b)) {
		if ((++ret->total & 0x3fff) == 0 && h->cancelled(c))
			return h->fail(c, MEED_E_CANCELLED, "the run is stopping");
		more = more && next_number(&t, t_end, &a);
		if (!more)
			continue;
		ret->any = true;
		r = number_value(h, c, &a);
		if (r == 0)
			r = number_value(h, c, &b);
		if (r == 0)
			r = close(h, c, &a, &b, tolerance);
		ret->right += r > 0;
	}
	return r < 0 ? r : 0;
}

static int32_t put(const meed_host *h, meed_ctx *c, const meed_sample *s, const struct count *n)
{
	char buf[96];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	double score = n->total > 0 ? (double)n->right / (double)n->total : 0.0;
	int32_t r = 0;

	if (s->want & MEED_WANT_EXTRA) {
		meed_text_u64(&t, n->right);
		r = h->put_extra(c, 0, "correct_numbers", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
		meed_text_u64(&t, n->total);
		if (r == 0)
			r = h->put_extra(c, 0, "total_reference_numbers", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
		meed_text_u64(&t, n->ref);
		if (r == 0)
			r = h->put_extra(c, 0, "reference", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
	}
	if (s->want & MEED_WANT_REASON) {
		if (n->total == 0) {
			meed_text_lit(&t, "the reference has no number");
		} else if (!n->any) {
			meed_text_lit(&t, "the response has no number");
		} else {
			meed_text_u64(&t, n->right);
			meed_text_lit(&t, " of the reference's ");
			meed_text_u64(&t, n->total);
			meed_text_str(&t, n->total == 1 ? MEED_S(" number") : MEED_S(" numbers"));
		}
	}
	if (r == 0)
		r = h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
	return r;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct number_model *m = self;
	const meed_cand *cand = &s->cands[0];
	struct count best = { 0, 0, false, 0 }, now;
	int32_t r = 0;

	(void)state;
	for (now.ref = 0; now.ref < cand->n_refs && r == 0; now.ref++) {
		r = compare(h, c, cand->text, cand->refs[now.ref], m->tolerance, &now);
		/* right/total > best.right/best.total, or the first that has numbers */
		if (r == 0 && now.total > 0 &&
		    (best.total == 0 || (double)now.right * (double)best.total >
						(double)best.right * (double)now.total))
			best = now;
	}
	return r < 0 ? r : put(h, c, s, &best);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct number_model *m = calloc(1, sizeof(*m));

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->tolerance = meed_param_num(h, params, "tolerance");
	*self = m;
	return 0;
}

const meed_rm meed_general_number_accuracy = MEED_MODEL(
	.id = "general.number_accuracy", .version = "1.0.0",
	.summary = "the share of the reference's numbers that the response has in the same place",
	.license = "Apache-2.0", .source = MEED_RMGALLERY ", NumberAccuracyReward",
	.params_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
			 "\"tolerance\":{\"type\":\"number\",\"default\":1e-6,\"minimum\":0,"
			 "\"description\":\"how far two numbers may be apart and still count as"
			 " equal\"}}}",
	.modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE, .traits = MEED_DETERMINISTIC,
	.score_min = 0, .score_max = 1, .create = create, .destroy = meed_free_self,
	.evaluate = evaluate);
