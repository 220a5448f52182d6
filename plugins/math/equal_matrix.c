/* equal_matrix.c - matrices and vectors: arithmetic, and entry against entry. */
#include "config.h"

#include "plugins/math/equal.h"

enum {
	CELLS = 256
};

static uint32_t rows(const struct mx *m)
{
	return m->kind == MX_TUPLE ? m->n : m->rows;
}

static uint32_t cols(const struct mx *m)
{
	return m->kind == MX_TUPLE ? 1 : m->cols;
}

static const struct mx *cell(const struct mx *m, uint32_t i, uint32_t j)
{
	return m->arg[i * cols(m) + j];
}

static bool is_grid(const struct mx *x)
{
	return (x->kind == MX_TUPLE && x->n > 0 && x->n <= CELLS) ||
	       (x->kind == MX_MATRIX && x->rows > 0 && x->cols > 0 && x->n <= CELLS &&
		(uint64_t)x->rows * x->cols == x->n);
}

static struct mx *grid(struct eq *q, uint32_t r, uint32_t c, bool tuple)
{
	struct mx *m;

	if ((uint64_t)r * c > CELLS)
		return NULL;
	m = mxt_new(q->e, tuple ? MX_TUPLE : MX_MATRIX, r * c);
	if (m && !tuple) {
		m->rows = r;
		m->cols = c;
	}
	return m;
}

static const struct mx *value(struct eq *q, const struct mx *x);

static const struct mx *plus(struct eq *q, const struct mx *a, const struct mx *b)
{
	struct mx *m, *t;
	uint32_t i;

	if (!is_grid(a) && !is_grid(b))
		return mxt_2(q->e, MX_ADD, a, b);
	if (!is_grid(a) || !is_grid(b) || rows(a) != rows(b) || cols(a) != cols(b))
		return NULL;
	m = grid(q, rows(a), cols(a), a->kind == MX_TUPLE && b->kind == MX_TUPLE);
	for (i = 0; m && i < m->n; i++) {
		t = mxt_2(q->e, MX_ADD, a->arg[i], b->arg[i]);
		if (!t)
			return NULL;
		m->arg[i] = t;
	}
	return m;
}

static const struct mx *scaled(struct eq *q, const struct mx *k, const struct mx *a)
{
	struct mx *m = mxt_copy(q->e, a), *t;
	uint32_t i;

	for (i = 0; m && i < m->n; i++) {
		t = mxt_2(q->e, MX_MUL, k, a->arg[i]);
		if (!t)
			return NULL;
		m->arg[i] = t;
	}
	return m;
}

static const struct mx *times(struct eq *q, const struct mx *a, const struct mx *b)
{
	struct mx *m, *sum, *t;
	uint32_t i, j, k;

	if (!is_grid(a) && !is_grid(b))
		return mxt_2(q->e, MX_MUL, a, b);
	if (!is_grid(a))
		return scaled(q, a, b);
	if (!is_grid(b))
		return scaled(q, b, a);
	if (cols(a) != rows(b) || a->kind == MX_TUPLE)
		return NULL;
	m = grid(q, rows(a), cols(b), b->kind == MX_TUPLE);
	for (i = 0; m && i < rows(a); i++) {
		for (j = 0; j < cols(b); j++) {
			sum = mxt_new(q->e, MX_ADD, cols(a));
			for (k = 0; sum && k < cols(a); k++) {
				t = mxt_2(q->e, MX_MUL, cell(a, i, k), cell(b, k, j));
				if (!t || !mx_step(q->e, 1))
					return NULL;
				sum->arg[k] = t;
			}
			if (!sum)
				return NULL;
			m->arg[i * cols(b) + j] = sum;
		}
	}
	return m;
}

static struct mx *minor_of(struct eq *q, const struct mx *a, uint32_t col)
{
	uint32_t n = rows(a), i, j, k = 0;
	struct mx *m = grid(q, n - 1, n - 1, false);

	for (i = 1; m && i < n; i++)
		for (j = 0; j < n; j++)
			if (j != col)
				m->arg[k++] = a->arg[i * n + j];
	return m;
}

static const struct mx *determinant(struct eq *q, const struct mx *a)
{
	const struct mx *d;
	struct mx *sum, *t, *m;
	uint32_t n = rows(a), j;

	if (cols(a) != n || n > 6 || !mx_step(q->e, 1))
		return NULL;
	if (n == 1)
		return a->arg[0];
	sum = mxt_new(q->e, MX_ADD, n);
	for (j = 0; sum && j < n; j++) {
		m = minor_of(q, a, j);
		d = m ? determinant(q, m) : NULL;
		t = d ? mxt_2(q->e, MX_MUL, a->arg[j], d) : NULL;
		if (t && (j & 1))
			t = mxt_1(q->e, MX_NEG, t);
		if (!t)
			return NULL;
		sum->arg[j] = t;
	}
	return sum;
}

static const struct mx *transposed(struct eq *q, const struct mx *a)
{
	struct mx *m = grid(q, cols(a), rows(a), false);
	uint32_t i, j;

	for (i = 0; m && i < rows(a); i++)
		for (j = 0; j < cols(a); j++)
			m->arg[j * rows(a) + i] = a->arg[i * cols(a) + j];
	return m;
}

/* The inverse of a square matrix of two or three rows, by cofactors. */
static const struct mx *inverse(struct eq *q, const struct mx *a)
{
	uint32_t n = rows(a), i, j, r, c, k;
	const struct mx *det = determinant(q, a), *d;
	struct mx *m, *sub, *t;

	if (!det || n < 2 || n > 3)
		return NULL;
	m = grid(q, n, n, false);
	for (i = 0; m && i < n; i++) {
		for (j = 0; j < n; j++) {
			sub = grid(q, n - 1, n - 1, false);
			if (!sub)
				return NULL;
			for (r = 0, k = 0; r < n; r++)
				for (c = 0; c < n; c++)
					if (r != j && c != i)
						sub->arg[k++] = a->arg[r * n + c];
			d = determinant(q, sub);
			t = d ? mxt_2(q->e, MX_DIV, d, det) : NULL;
			if (t && ((i + j) & 1))
				t = mxt_1(q->e, MX_NEG, t);
			if (!t)
				return NULL;
			m->arg[i * n + j] = t;
		}
	}
	return m;
}

static const struct mx *power(struct eq *q, const struct mx *a, const struct mx *expo)
{
	const struct mx *r;
	int64_t k, i;

	if (expo->kind == MX_SYM && meed_eq(expo->name, MEED_S("T")))
		return transposed(q, a);
	if (!mxq_small(q, expo, NULL, &k) || k < -8 || k > 8 || k == 0)
		return NULL;
	if (k < 0) {
		a = inverse(q, a);
		k = -k;
	}
	for (i = 1, r = a; r && i < k; i++)
		r = times(q, r, a);
	return r;
}

static const struct mx *function(struct eq *q, const struct mx *x, const struct mx *a)
{
	struct mx *sum;
	uint32_t i;

	if (x->n != 1 || !is_grid(a))
		return NULL;
	if (mxt_is(x, "det") || (mxt_is(x, "abs") && a->kind == MX_MATRIX && cols(a) > 1))
		return determinant(q, a);
	if (mxt_is(x, "transpose"))
		return transposed(q, a);
	if (mxt_is(x, "tr") && rows(a) == cols(a)) {
		sum = mxt_new(q->e, MX_ADD, rows(a));
		for (i = 0; sum && i < rows(a); i++)
			sum->arg[i] = a->arg[i * cols(a) + i];
		return sum;
	}
	if (mxt_is(x, "abs")) {
		sum = mxt_new(q->e, MX_ADD, a->n);
		for (i = 0; sum && i < a->n; i++) {
			sum->arg[i] = mxt_2(q->e, MX_MUL, a->arg[i], a->arg[i]);
			if (!sum->arg[i])
				return NULL;
		}
		return mxt_func(q->e, "sqrt", sum);
	}
	return NULL;
}

static const struct mx *fold(struct eq *q, const struct mx *x)
{
	const struct mx *r = value(q, x->arg[0]), *t;
	uint32_t i;

	for (i = 1; r && i < x->n; i++) {
		t = value(q, x->arg[i]);
		if (!t)
			return NULL;
		r = x->kind == MX_ADD ? plus(q, r, t) : times(q, r, t);
	}
	return r;
}

static const struct mx *operation(struct eq *q, const struct mx *x)
{
	const struct mx *a = value(q, x->arg[0]), *b;

	if (!a)
		return NULL;
	switch (x->kind) {
	case MX_NEG:
		return is_grid(a) ? scaled(q, mxt_int(q->e, -1), a) : mxt_1(q->e, MX_NEG, a);
	case MX_FUNC:
		return is_grid(a) ? function(q, x, a) : x;
	default:
		b = x->n == 2 ? value(q, x->arg[1]) : NULL;
		break;
	}
	if (!b || is_grid(b))
		return NULL;
	if (!is_grid(a))
		return x;
	if (x->kind == MX_POW)
		return a->kind == MX_MATRIX ? power(q, a, b) : NULL;
	return scaled(q, mxt_2(q->e, MX_DIV, mxt_int(q->e, 1), b), a);
}

static const struct mx *value(struct eq *q, const struct mx *x)
{
	const struct mx *r;

	if (!eq_enter(q))
		return NULL;
	switch (x->kind) {
	case MX_ADD:
	case MX_MUL:
		r = x->n > 0 ? fold(q, x) : x;
		break;
	case MX_NEG:
	case MX_DIV:
	case MX_POW:
	case MX_FUNC:
		r = x->n > 0 ? operation(q, x) : x;
		break;
	default:
		r = x;
		break;
	}
	eq_leave(q);
	return r;
}

const struct mx *eq_matrix_value(struct eq *q, const struct mx *x)
{
	const struct mx *r = value(q, x);

	return r && mxt_within(q->e, r, EQ_NODES) ? r : NULL;
}

void eq_matrices(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	const struct mx *m = a->kind == MX_MATRIX ? a : b, *o = a->kind == MX_MATRIX ? b : a;
	bool vector = m->rows == 1 || m->cols == 1;

	if (o->kind == MX_MATRIX) {
		vector = vector && (o->rows == 1 || o->cols == 1) && m->n == o->n;
		if (!vector && (m->rows != o->rows || m->cols != o->cols)) {
			eq_sayf(ret, MX_NO, "matrices of different size", "%u x %u against %u x %u",
				a->rows, a->cols, b->rows, b->cols);
			return;
		}
	} else if (m->n == 1 && mxt_is_scalar(o)) {
		eq_any(q, a == m ? m->arg[0] : a, a == m ? b : m->arg[0], ret);
		return;
	} else if (!vector || (o->kind != MX_TUPLE && o->kind != MX_LIST &&
			       !(o->kind == MX_INTERVAL && !o->open_lo && !o->open_hi))) {
		eq_say(ret, MX_NO, "a matrix against something else");
		return;
	}
	eq_members(q, (const struct mx *const *)a->arg, a->n, (const struct mx *const *)b->arg, b->n,
		   true, true, ret);
	if (ret->verdict == MX_YES)
		eq_say(ret, MX_YES, "equal entry by entry");
}
