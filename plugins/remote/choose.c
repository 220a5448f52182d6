/* choose.c - many values into one: activation, labels, weights; many rows into one. */
#include "config.h"
#include "remote.h"

#include <math.h>

struct row {
	struct reader *r;
	const struct answer *a;
	const double *x;
	size_t n;
	double top, sum; /* softmax */
};

static double value(const struct row *w, size_t i)
{
	double e;

	switch (w->r->m->activation) {
	case A_SIGMOID:
		e = exp(w->x[i] < 0.0 ? w->x[i] : -w->x[i]);
		return w->x[i] < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
	case A_SOFTMAX:
		return exp(w->x[i] - w->top) / w->sum;
	default:
		return w->x[i];
	}
}

static meed_str name_of(const struct row *w, size_t i)
{
	if (w->a->labels)
		return w->a->labels[i];
	return i < w->r->m->n_names ? w->r->m->names[i] : MEED_S("");
}

/* A whole number, perhaps below 0. */
static bool read_index(meed_str s, int64_t *ret)
{
	bool minus = s.n > 1 && s.p[0] == '-';
	int64_t v = 0;

	for (size_t i = minus; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || v > 100000)
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = minus ? -v : v;
	return s.n > 0;
}

/* ---- what can be found without an answer ----------------------------------------------------- */

/* Is it one of the outputs that names knows? */
static bool named(const struct remote *m, meed_str label)
{
	int64_t at;

	for (size_t i = 0; i < m->n_names; i++)
		if (meed_eq(label, m->names[i]))
			return true;
	if (!read_index(label, &at))
		return false;
	at += at < 0 ? (int64_t)m->n_names : 0;
	return at >= 0 && (uint64_t)at < m->n_names;
}

static const char *check_names(const struct remote *m, char *buf, size_t n)
{
	for (size_t i = 0; i < m->n_names; i++)
		for (size_t k = 0; k < i; k++)
			if (meed_eq(m->names[i], m->names[k])) {
				(void)snprintf(buf, n, "names: \"%.*s\" stands twice",
					       (int)(m->names[i].n < 60 ? m->names[i].n : 60),
					       m->names[i].p);
				return buf;
			}
	/* TEI names its labels itself. */
	for (size_t i = 0; m->n_names && m->wire != W_TEI_PREDICT && i < m->n_labels; i++)
		if (!named(m, m->labels[i])) {
			(void)snprintf(
				buf, n, "labels: \"%.*s\" is none of names, nor the place of one",
				(int)(m->labels[i].n < 60 ? m->labels[i].n : 60), m->labels[i].p);
			return buf;
		}
	return NULL;
}

const char *choose_check(const struct remote *m, char *buf, size_t n)
{
	size_t i;

	if (m->n_labels && m->n_weights)
		return "labels and weights exclude each other: either some outputs count, or all "
		       "with weights";
	if (m->n_weights && m->n_names && m->n_weights != m->n_names)
		return "weights and names must be equally many: one for each output";
	for (i = 0; i < m->n_weights && m->weights[i] >= 0.0 && m->weights[i] <= 0.0; i++)
		;
	if (m->n_weights && i == m->n_weights)
		return "weights are all 0: every score would be";
	if (m->per_step == S_TOKENS && m->step_token < 0)
		return "per_step = \"tokens\" needs step_token, the id of the token that ends a "
		       "step";
	return check_names(m, buf, n);
}

static bool no_label(const struct row *w, meed_str label)
{
	char list[200];
	struct meed_text t = meed_text_in(list, sizeof(list) - 1);

	for (size_t i = 0; i < w->n && i < 12; i++) {
		meed_str s = name_of(w, i);

		if (i)
			meed_text_lit(&t, ", ");
		if (s.n)
			meed_text_str(&t, s);
		else
			meed_text_u64(&t, i);
	}
	list[t.n] = '\0';
	return bad(w->r, "there is no label \"%.*s\"; there are %zu: %s",
		   (int)(label.n < 60 ? label.n : 60), label.p, w->n, list) >= 0;
}

static bool find_label(const struct row *w, meed_str label, size_t *ret)
{
	int64_t at;

	for (size_t i = 0; i < w->n; i++)
		if (meed_eq(label, name_of(w, i))) {
			*ret = i;
			return true;
		}
	/* Labels that a server names are in no order that counts. */
	if (w->a->labels || !read_index(label, &at))
		return no_label(w, label);
	at += at < 0 ? (int64_t)w->n : 0;
	if (at < 0 || (uint64_t)at >= w->n)
		return no_label(w, label);
	*ret = (size_t)at;
	return true;
}

/* vLLM names the greatest output: it must be the one that we think it is. */
static bool check_top(const struct row *w)
{
	const struct remote *m = w->r->m;
	size_t top = 0;

	if (!m->n_names)
		return true;
	if (m->n_names != w->n)
		return bad(w->r, "the answer has %zu values, the parameter names has %zu", w->n,
			   m->n_names) >= 0;
	for (size_t i = 1; i < w->n; i++)
		top = w->x[i] > w->x[top] ? i : top;
	if (w->a->top.n && !meed_eq(w->a->top, m->names[top]))
		return bad(w->r, "output %zu is called \"%.*s\" there and \"%.*s\" in names", top,
			   (int)(w->a->top.n < 60 ? w->a->top.n : 60), w->a->top.p,
			   (int)(m->names[top].n < 60 ? m->names[top].n : 60),
			   m->names[top].p) >= 0;
	return true;
}

static bool by_labels(const struct row *w, double *ret)
{
	const struct remote *m = w->r->m;
	double v = 0.0;
	size_t at = 0;

	for (size_t i = 0; i < m->n_labels; i++) {
		double x;

		if (!find_label(w, m->labels[i], &at))
			return false;
		x = value(w, at);
		if (i == 0)
			v = x;
		else if (m->combine == C_MAX)
			v = x > v ? x : v;
		else
			v += x;
	}
	*ret = m->combine == C_MEAN ? v / (double)m->n_labels : v;
	return true;
}

static bool by_weights(const struct row *w, double *ret)
{
	const struct remote *m = w->r->m;

	if (w->a->labels)
		return bad(w->r,
			   "weights go by place, but the server orders labels by their scores") >=
		       0;
	if (w->n != m->n_weights)
		return bad(w->r, "the answer has %zu values, the parameter weights has %zu", w->n,
			   m->n_weights) >= 0;
	*ret = 0.0;
	for (size_t i = 0; i < w->n; i++)
		*ret += m->weights[i] * value(w, i);
	return true;
}

bool choose_row(struct reader *r, const struct answer *a, size_t row, double *ret)
{
	const struct remote *m = r->m;
	struct row w = { r, a, a->x + row * a->n, a->n, 0.0, 0.0 };
	bool ok;

	if (m->activation == A_SOFTMAX) {
		if (w.n < 2)
			return bad(r, "softmax of one value is always 1: use activation = "
				      "\"sigmoid\"") >= 0;
		w.top = w.x[0];
		for (size_t i = 1; i < w.n; i++)
			w.top = w.x[i] > w.top ? w.x[i] : w.top;
		for (size_t i = 0; i < w.n; i++)
			w.sum += exp(w.x[i] - w.top);
	}
	if (!check_top(&w))
		return false;
	if (m->n_weights)
		ok = by_weights(&w, ret);
	else if (m->n_labels)
		ok = by_labels(&w, ret);
	else if (w.n == 1)
		ok = (*ret = value(&w, 0), true);
	else
		ok = bad(r,
			 "the answer has %zu values for one text: say which count (labels, "
			 "weights)%s",
			 w.n, w.n >= 256 ? ", unless it is an embedding" : "") >= 0;
	if (ok && m->invert)
		*ret = 1.0 - *ret;
	if (ok && !(*ret - *ret <= 0.0))
		ok = bad(r, "the score is beyond the range of numbers") >= 0;
	return ok;
}

bool choose(struct reader *r, const struct answer *a, double *ret)
{
	enum reduce how = r->m->reduce;
	double v = 0.0, x;

	if (!a->n_rows)
		return choose_row(r, a, 0, ret);
	if (how == R_NONE)
		return bad(r,
			   "the answer has %zu rows for one text, a value for each token: set "
			   "reduce, or mode = \"stepwise\"",
			   a->n_rows) >= 0;
	if (how == R_LAST)
		return choose_row(r, a, a->n_rows - 1, ret);
	for (size_t i = 0; i < a->n_rows; i++) {
		if (!choose_row(r, a, i, &x))
			return false;
		if (i == 0)
			v = x;
		else if (how == R_MIN)
			v = x < v ? x : v;
		else if (how == R_PRODUCT)
			v *= x;
		else
			v += x;
	}
	*ret = how == R_MEAN ? v / (double)a->n_rows : v;
	return true;
}
