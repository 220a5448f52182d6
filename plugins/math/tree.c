/* tree.c - making and looking over expressions. */
#include "config.h"

#include "plugins/math/equal.h"

struct mx *mxt_new(struct mx_env *e, enum mx_kind kind, uint32_t n)
{
	struct mx *x = mx_alloc(e, sizeof(*x));

	if (!x)
		return NULL;
	x->kind = kind;
	x->n = n;
	x->name = MEED_S("");
	if (n > 0) {
		x->arg = mx_alloc(e, n * sizeof(*x->arg));
		if (!x->arg)
			return NULL;
	}
	return x;
}

/* Trees are never changed once made, so a child may be shared. */
static struct mx *child(const struct mx *x)
{
	union {
		const struct mx *in;
		struct mx *out;
	} u;

	u.in = x;
	return u.out;
}

struct mx *mxt_1(struct mx_env *e, enum mx_kind kind, const struct mx *a)
{
	struct mx *x = a ? mxt_new(e, kind, 1) : NULL;

	if (x)
		x->arg[0] = child(a);
	return x;
}

struct mx *mxt_2(struct mx_env *e, enum mx_kind kind, const struct mx *a, const struct mx *b)
{
	struct mx *x = a && b ? mxt_new(e, kind, 2) : NULL;

	if (x) {
		x->arg[0] = child(a);
		x->arg[1] = child(b);
	}
	return x;
}

struct mx *mxt_func(struct mx_env *e, const char *name, const struct mx *a)
{
	struct mx *x = mxt_1(e, MX_FUNC, a);

	if (x)
		x->name = meed_s(name);
	return x;
}

struct mx *mxt_func2(struct mx_env *e, const char *name, const struct mx *a, const struct mx *b)
{
	struct mx *x = mxt_2(e, MX_FUNC, a, b);

	if (x)
		x->name = meed_s(name);
	return x;
}

struct mx *mxt_int(struct mx_env *e, int64_t v)
{
	struct mx *x = mxt_new(e, MX_INT, 0);
	char *p = mx_alloc(e, 24);
	struct meed_text t;

	if (!x || !p)
		return NULL;
	t = meed_text_in(p, 24);
	meed_text_u64(&t, v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v);
	x->name = meed_text_get(&t);
	return v < 0 ? mxt_1(e, MX_NEG, x) : x;
}

struct mx *mxt_sym(struct mx_env *e, meed_str name)
{
	struct mx *x = mxt_new(e, MX_SYM, 0);

	if (x)
		x->name = name;
	return x;
}

static struct mx *from_fmpz(struct mx_env *e, const fmpz_t v)
{
	struct mx *x = mxt_new(e, MX_INT, 0);
	size_t n = fmpz_sizeinbase(v, 10) + 2;
	char *p = mx_alloc(e, n);

	if (!x || !p)
		return NULL;
	(void)fmpz_get_str(p, 10, v);
	x->name = meed_s(p[0] == '-' ? p + 1 : p);
	return p[0] == '-' ? mxt_1(e, MX_NEG, x) : x;
}

struct mx *mxt_fmpq(struct mx_env *e, const fmpq_t v)
{
	struct mx *num = from_fmpz(e, fmpq_numref(v));

	if (fmpz_is_one(fmpq_denref(v)))
		return num;
	return mxt_2(e, MX_DIV, num, from_fmpz(e, fmpq_denref(v)));
}

struct mx *mxt_rel(struct mx_env *e, enum mx_rel rel, const struct mx *a, const struct mx *b)
{
	struct mx *x = mxt_2(e, MX_REL, a, b);

	if (!x)
		return NULL;
	x->rel = mx_alloc(e, 1);
	if (!x->rel)
		return NULL;
	x->rel[0] = (uint8_t)rel;
	return x;
}

struct mx *mxt_sub(struct mx_env *e, const struct mx *a, const struct mx *b)
{
	return mxt_2(e, MX_ADD, a, mxt_1(e, MX_NEG, b));
}

struct mx *mxt_copy(struct mx_env *e, const struct mx *x)
{
	struct mx *y = mx_alloc(e, sizeof(*y));

	if (!y)
		return NULL;
	*y = *x;
	if (x->n > 0) {
		y->arg = mx_alloc(e, x->n * sizeof(*y->arg));
		if (!y->arg)
			return NULL;
		memcpy(y->arg, x->arg, x->n * sizeof(*y->arg));
	}
	return y;
}

void mxt_set(struct mx *x, uint32_t i, const struct mx *c)
{
	x->arg[i] = child(c);
}

static bool arity(const struct mx *x)
{
	switch (x->kind) {
	case MX_NEG:
	case MX_PERCENT:
	case MX_DEGREE:
	case MX_UNIT:
	case MX_NOT:
		return x->n == 1;
	case MX_BASE:			/* the digits are its child or its name */
		return x->n <= 1;
	case MX_PM:
	case MX_MP:
		return x->n == 1 || x->n == 2;
	case MX_DIV:
	case MX_POW:
	case MX_INTERVAL:
	case MX_SETOF:
	case MX_IMPLIES:
		return x->n == 2;
	case MX_SUM:
	case MX_PROD:
	case MX_INTEGRAL:
	case MX_LIM:
	case MX_DERIV:
		return x->n >= 2 && x->n <= 4;
	case MX_REL:
		return x->n >= 2 && x->rel;
	case MX_MATRIX:
		return (uint64_t)x->rows * x->cols == x->n;
	case MX_FUNC:
	case MX_UNION:
	case MX_INTER:
	case MX_MINUS:
		return x->n >= 1;
	case MX_INT:
	case MX_DEC:
		return x->n == 0 && x->name.n > 0;
	default:
		return true;
	}
}

bool mxt_well_formed(const struct mx *x, uint32_t depth)
{
	uint32_t i;

	if (!x || depth > EQ_DEPTH || x->kind > MX_TEXT || !arity(x))
		return false;
	for (i = 0; i < x->n; i++)
		if (!mxt_well_formed(x->arg[i], depth + 1))
			return false;
	return true;
}

/* Counts down. */
static bool within(struct mx_env *e, const struct mx *x, uint64_t *left)
{
	uint32_t i;

	if (*left == 0 || !mx_step(e, 1))
		return false;
	--*left;
	for (i = 0; i < x->n; i++)
		if (!within(e, x->arg[i], left))
			return false;
	return true;
}

bool mxt_within(struct mx_env *e, const struct mx *x, uint64_t max)
{
	return within(e, x, &max);
}

bool mxt_same(const struct mx *a, const struct mx *b)
{
	uint32_t i;

	if (a == b)
		return true;
	if (a->kind != b->kind || a->n != b->n || !meed_eq(a->name, b->name))
		return false;
	if (a->scale != b->scale || a->rep != b->rep || a->exp10 != b->exp10 || a->base != b->base)
		return false;
	if (a->rows != b->rows || a->cols != b->cols || a->open_lo != b->open_lo ||
	    a->open_hi != b->open_hi)
		return false;
	if (a->kind == MX_REL && a->n > 1 && memcmp(a->rel, b->rel, a->n - 1) != 0)
		return false;
	for (i = 0; i < a->n; i++)
		if (!mxt_same(a->arg[i], b->arg[i]))
			return false;
	return true;
}

bool mxt_is(const struct mx *x, const char *name)
{
	return x->kind == MX_FUNC && meed_eq(x->name, meed_s(name));
}

bool mxt_has_kind(const struct mx *x, enum mx_kind kind)
{
	uint32_t i;

	if (x->kind == kind)
		return true;
	for (i = 0; i < x->n; i++)
		if (mxt_has_kind(x->arg[i], kind))
			return true;
	return false;
}

/* Does x bind `name` in its body? The body is child body_at(x). */
static bool binds(const struct mx *x, meed_str name)
{
	switch (x->kind) {
	case MX_SUM:
	case MX_PROD:
		return x->n > 1 && x->arg[0]->kind == MX_SYM && meed_eq(x->arg[0]->name, name);
	case MX_LIM:
	case MX_INTEGRAL:
		return x->n > 2 && x->arg[0]->kind == MX_SYM && meed_eq(x->arg[0]->name, name);
	default:
		return false;
	}
}

static uint32_t body_at(const struct mx *x)
{
	return x->kind == MX_LIM ? 2 : x->n - 1;
}

bool mxt_has_sym(const struct mx *x, meed_str name)
{
	uint32_t i;

	if (x->kind == MX_SYM)
		return meed_eq(x->name, name);
	for (i = 0; i < x->n; i++) {
		if (binds(x, name) && (i == 0 || i == body_at(x)))
			continue;
		if (mxt_has_sym(x->arg[i], name))
			return true;
	}
	return false;
}

bool mxt_has_func(const struct mx *x, const char *name)
{
	uint32_t i;

	if (mxt_is(x, name))
		return true;
	for (i = 0; i < x->n; i++)
		if (mxt_has_func(x->arg[i], name))
			return true;
	return false;
}

bool mxt_is_scalar(const struct mx *x)
{
	uint32_t i;

	switch (x->kind) {
	case MX_INT:
	case MX_DEC:
	case MX_SYM:
	case MX_PI:
	case MX_E:
	case MX_I:
	case MX_ADD:
	case MX_MUL:
	case MX_NEG:
	case MX_DIV:
	case MX_POW:
	case MX_FUNC:
	case MX_CALL:
	case MX_SUM:
	case MX_PROD:
	case MX_INTEGRAL:
	case MX_LIM:
	case MX_DERIV:
	case MX_PERCENT:
	case MX_DEGREE:
	case MX_BASE:
	case MX_RATIO:
	case MX_INF:
		break;
	default:
		return false;
	}
	for (i = 0; i < x->n; i++) {
		if (x->kind == MX_LIM && i == 3)
			continue;
		if (!mxt_is_scalar(x->arg[i]))
			return false;
	}
	return true;
}

struct mx *mxt_subst(struct mx_env *e, const struct mx *x, meed_str name, const struct mx *y)
{
	struct mx *r;
	uint32_t i;

	if (!mx_step(e, 1))
		return NULL;
	if (x->kind == MX_SYM && meed_eq(x->name, name))
		return child(y);
	if (!mxt_has_sym(x, name))
		return child(x);
	r = mxt_copy(e, x);
	if (!r)
		return NULL;
	for (i = 0; i < r->n; i++) {
		if (binds(x, name) && (i == 0 || i == body_at(x)))
			continue;
		r->arg[i] = mxt_subst(e, x->arg[i], name, y);
		if (!r->arg[i])
			return NULL;
	}
	return r;
}

int mxt_inf(const struct mx *x)
{
	if (x->kind == MX_INF)
		return 1;
	if (x->kind == MX_NEG && x->n == 1)
		return -mxt_inf(x->arg[0]);
	return 0;
}

static void add_sym(struct eq_syms *s, meed_str name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (meed_eq(s->v[i], name))
			return;
	if (s->n == EQ_SYMS) {
		s->over = true;
		return;
	}
	s->v[s->n++] = name;
}

struct scope {
	meed_str name;
	const struct scope *up;
};

static void walk_syms(const struct mx *x, struct eq_syms *s, const struct scope *in)
{
	const struct scope *c;
	struct scope here;
	uint32_t i;

	switch (x->kind) {
	case MX_SYM:
		for (c = in; c; c = c->up)
			if (meed_eq(c->name, x->name))
				return;
		add_sym(s, x->name);
		return;
	case MX_I:
		s->has_i = true;
		return;
	case MX_DEC:
		s->has_dec = true;
		return;
	case MX_CALL:
		s->has_call = true;
		break;
	default:
		break;
	}
	here.name = MEED_S("");
	here.up = in;
	if (x->n > 1 && x->arg[0]->kind == MX_SYM && binds(x, x->arg[0]->name))
		here.name = x->arg[0]->name;
	for (i = 0; i < x->n; i++) {
		if (here.name.n > 0 && i == 0)
			continue;
		if (here.name.n > 0 && i == body_at(x))
			walk_syms(x->arg[i], s, &here);
		else
			walk_syms(x->arg[i], s, in);
	}
}

void mxt_syms(const struct mx *x, struct eq_syms *s)
{
	walk_syms(x, s, NULL);
}
