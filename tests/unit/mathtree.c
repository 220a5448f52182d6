/* mathtree.c - expressions for tests from prefix form. */
#include "config.h"

#include "tests/unit/mathtree.h"

#include <ctype.h>
#include <stdlib.h>

struct tree_chunk {
	struct tree_chunk *next;
};

static void *chunk_alloc(void *ctx, size_t n)
{
	struct tree_env *t = ctx;
	struct tree_chunk *c;

	if (t->allocated + n > (size_t)256 << 20)
		return NULL;
	c = calloc(1, n + 32);
	if (!c)
		return NULL;
	t->allocated += n + 32;
	c->next = t->top;
	t->top = c;
	return (char *)c + 16;
}

void tree_env_init(struct tree_env *t)
{
	memset(t, 0, sizeof(*t));
	t->opts.decimals = 6;
	t->opts.percent_free = true;
	t->opts.units_free = true;
	t->e.alloc = chunk_alloc;
	t->e.ctx = t;
	t->e.steps = 5000000;
	t->e.opts = &t->opts;
	t->e.seed = 20240229;
}

void tree_env_release(struct tree_env *t)
{
	struct tree_chunk *c;

	while ((c = t->top)) {
		t->top = c->next;
		free(c);
	}
}

static const struct {
	const char *word;
	enum mx_kind kind;
	int rel;			/* -1: none */
} heads[] = {
	{ "+", MX_ADD, -1 }, { "*", MX_MUL, -1 }, { "/", MX_DIV, -1 }, { "^", MX_POW, -1 },
	{ "pm", MX_PM, -1 }, { "mp", MX_MP, -1 }, { "list", MX_LIST, -1 }, { "set", MX_SET, -1 },
	{ "tuple", MX_TUPLE, -1 }, { "or", MX_ORREL, -1 }, { "sys", MX_SYSTEM, -1 },
	{ "union", MX_UNION, -1 }, { "inter", MX_INTER, -1 }, { "minus", MX_MINUS, -1 },
	{ "cc", MX_INTERVAL, -1 }, { "oo", MX_INTERVAL, -1 }, { "co", MX_INTERVAL, -1 },
	{ "oc", MX_INTERVAL, -1 }, { "=", MX_REL, MX_EQ }, { "<", MX_REL, MX_LT },
	{ "<=", MX_REL, MX_LE }, { ">", MX_REL, MX_GT }, { ">=", MX_REL, MX_GE },
	{ "!=", MX_REL, MX_NE }, { "~", MX_REL, MX_APPROX }, { "in", MX_REL, MX_IN },
	{ "cong", MX_REL, MX_CONG }, { "pct", MX_PERCENT, -1 }, { "deg", MX_DEGREE, -1 },
	{ "ratio", MX_RATIO, -1 }, { "time", MX_TIME, -1 }, { "sum", MX_SUM, -1 },
	{ "prod", MX_PROD, -1 }, { "int", MX_INTEGRAL, -1 }, { "lim", MX_LIM, -1 },
	{ "deriv", MX_DERIV, -1 }, { "setof", MX_SETOF, -1 }, { "not", MX_NOT, -1 },
	{ "and", MX_AND, -1 },
};

struct in {
	struct tree_env *t;
	const char *p;
};

static struct mx *node(struct in *in, enum mx_kind kind, uint32_t n)
{
	struct mx *x = mx_alloc(&in->t->e, sizeof(*x));

	if (!x)
		return NULL;
	x->kind = kind;
	x->n = n;
	x->name = MEED_S("");
	x->arg = mx_alloc(&in->t->e, (n + 1) * sizeof(*x->arg));
	return x->arg ? x : NULL;
}

static void blanks(struct in *in)
{
	while (*in->p == ' ')
		in->p++;
}

static meed_str word(struct in *in)
{
	meed_str s;
	char *copy;

	blanks(in);
	s.p = in->p;
	while (*in->p && *in->p != ' ' && *in->p != '(' && *in->p != ')')
		in->p++;
	s.n = (size_t)(in->p - s.p);
	copy = mx_alloc(&in->t->e, s.n + 1);
	if (copy)
		memcpy(copy, s.p, s.n);
	s.p = copy;
	return s;
}

static struct mx *number(struct in *in, meed_str w)
{
	struct mx *x = node(in, MX_INT, 0);
	char *d = mx_alloc(&in->t->e, w.n + 1);
	size_t i, n = 0;
	bool point = false, repeating = false;

	if (!x || !d)
		return NULL;
	for (i = 0; i < w.n; i++) {
		if (w.p[i] == '.') {
			point = true;
			x->kind = MX_DEC;
		} else if (w.p[i] == 'r') {
			repeating = true;
		} else {
			d[n++] = w.p[i];
			x->scale += point;
			x->rep += repeating;
		}
	}
	x->name.p = d;
	x->name.n = n;
	while (x->name.n > 1 && x->name.p[0] == '0') {
		x->name.p++;
		x->name.n--;
	}
	return x;
}

static struct mx *leaf(struct in *in)
{
	static const struct {
		const char *word;
		enum mx_kind kind;
	} constants[] = { { "pi", MX_PI }, { "e", MX_E }, { "i", MX_I }, { "inf", MX_INF },
			  { "undef", MX_UNDEF }, { "empty", MX_SET } };
	meed_str w = word(in);
	struct mx *x;
	size_t i;

	if (w.n == 0 || !w.p)
		return NULL;
	if (isdigit((unsigned char)w.p[0]))
		return number(in, w);
	for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
		if (meed_eq(w, meed_s(constants[i].word)))
			return node(in, constants[i].kind, 0);
	x = node(in, meed_eq(w, MEED_S("R")) || meed_eq(w, MEED_S("Z")) ? MX_NUMSET : MX_SYM, 0);
	if (x)
		x->name = w;
	return x;
}

static struct mx *any(struct in *in);

static struct mx *named(struct in *in, meed_str head)
{
	struct mx *x = NULL;
	meed_str w;

	if (meed_eq(head, MEED_S("text"))) {
		x = node(in, MX_TEXT, 0);
		blanks(in);
		w.p = in->p;
		while (*in->p && *in->p != ')')
			in->p++;
		w.n = (size_t)(in->p - w.p);
		if (x)
			x->name = w;
	} else if (meed_eq(head, MEED_S("choice")) || meed_eq(head, MEED_S("bool"))) {
		x = node(in, meed_eq(head, MEED_S("bool")) ? MX_BOOL : MX_CHOICE, 0);
		w = word(in);
		if (x)
			x->name = w;
	}
	return x;
}

static bool fill(struct mx *x, meed_str head, struct in *in)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (meed_eq(head, meed_s(heads[i].word)))
			break;
	if (i == sizeof(heads) / sizeof(heads[0])) {
		x->kind = MX_FUNC;
		x->name = head;
		return true;
	}
	x->kind = heads[i].kind;
	if (x->kind == MX_REL) {
		x->rel = mx_alloc(&in->t->e, x->n + 1);
		if (!x->rel)
			return false;
		memset(x->rel, heads[i].rel, x->n);
	}
	x->open_lo = x->kind == MX_INTERVAL && head.p[0] == 'o';
	x->open_hi = x->kind == MX_INTERVAL && head.p[1] == 'o';
	return true;
}

static struct mx *group(struct in *in)
{
	struct mx *x, *v[64], *first;
	meed_str head = word(in), extra = MEED_S("");
	uint32_t n = 0, r = 0, c = 0;
	bool call = meed_eq(head, MEED_S("call")), unit = meed_eq(head, MEED_S("unit")),
	     base = meed_eq(head, MEED_S("base")), mat = meed_eq(head, MEED_S("mat"));

	if (!head.p)
		return NULL;
	x = named(in, head);
	if (x) {
		blanks(in);
		return *in->p++ == ')' ? x : NULL;
	}
	if (call || unit || base)
		extra = word(in);
	if (mat) {
		r = (uint32_t)atoi(word(in).p);
		c = (uint32_t)atoi(word(in).p);
	}
	for (blanks(in); *in->p && *in->p != ')'; blanks(in)) {
		if (n == 64 || !(v[n++] = any(in)))
			return NULL;
	}
	if (*in->p++ != ')')
		return NULL;
	x = node(in, MX_FUNC, n);
	if (!x)
		return NULL;
	memcpy(x->arg, v, n * sizeof(*v));
	if (call || unit) {
		x->kind = call ? MX_CALL : MX_UNIT;
		x->name = extra;
	} else if (base) {
		x->kind = MX_BASE;
		x->base = (uint32_t)atoi(extra.p);
	} else if (mat) {
		x->kind = MX_MATRIX;
		x->rows = r;
		x->cols = c;
	} else if (meed_eq(head, MEED_S("-"))) {
		first = x->arg[0];
		x->kind = n == 1 ? MX_NEG : MX_ADD;
		if (n == 2) {
			struct mx *m = node(in, MX_NEG, 1);

			if (!m)
				return NULL;
			m->arg[0] = x->arg[1];
			x->arg[0] = first;
			x->arg[1] = m;
		}
	} else if (!fill(x, head, in)) {
		return NULL;
	}
	return x;
}

static struct mx *any(struct in *in)
{
	blanks(in);
	if (*in->p != '(')
		return leaf(in);
	in->p++;
	return group(in);
}

struct mx *tree(struct tree_env *t, const char *text)
{
	struct in in = { t, text };
	struct mx *x = any(&in);

	blanks(&in);
	return *in.p ? NULL : x;
}
