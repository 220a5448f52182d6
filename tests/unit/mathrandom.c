/* mathrandom.c - random expressions for tests, of every kind and of odd shapes. */
#include "config.h"

#include "tests/unit/mathtree.h"

static uint64_t next(uint64_t *s)
{
	uint64_t z = (*s += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static const char *const functions[] = {
	"sin", "cos", "tan", "ln", "log", "sqrt", "root", "abs", "floor", "ceil", "gcd", "max", "mod",
	"factorial", "binom", "perm", "arcsin", "exp", "re", "conj", "det", "nosuch", "sinh", "sgn",
};

static const char *const names[] = {
	"x", "y", "k", "n", "a_1", "F_{n-k}", "z", "cm", "m/s^2", "R", "Z", "A", "true", "some words",
	"USD", "1011", "T",
};

static const char *const digits[] = {
	"0", "1", "2", "3", "7", "10", "12", "100", "1234567", "3333333", "99999999999999999999",
	"1000000007",
};

static meed_str pick(const char *const *v, size_t n, uint64_t *s)
{
	return meed_s(v[next(s) % n]);
}

#define PICK(v, s) pick(v, sizeof(v) / sizeof((v)[0]), s)

static uint32_t children(enum mx_kind kind, uint32_t n)
{
	switch (kind) {
	case MX_NEG:
	case MX_PERCENT:
	case MX_DEGREE:
	case MX_UNIT:
	case MX_BASE:
	case MX_NOT:
		return 1;
	case MX_PM:
	case MX_MP:
	case MX_FUNC:
	case MX_UNION:
	case MX_INTER:
	case MX_MINUS:
		return 1 + n % 2;
	case MX_DIV:
	case MX_POW:
	case MX_INTERVAL:
	case MX_SETOF:
	case MX_IMPLIES:
	case MX_DERIV:
		return 2;
	case MX_SUM:
	case MX_PROD:
		return 4;
	case MX_INTEGRAL:
		return n % 2 ? 4 : 2;
	case MX_LIM:
		return 3;
	case MX_REL:
		return 2 + n % 2;
	default:
		return n;
	}
}

struct mx *random_tree(struct tree_env *t, uint64_t *s, int depth)
{
	struct mx *x = mx_alloc(&t->e, sizeof(*x));
	uint64_t r = next(s);
	uint32_t i;

	if (!x)
		return NULL;
	x->kind = (enum mx_kind)(r % (MX_TEXT + 1));
	if (r >> 40 & 1)		/* half of them arithmetic */
		x->kind = (enum mx_kind)((r >> 20) % (MX_CALL + 1));
	x->n = depth > 0 ? (uint32_t)(r >> 8 & 3) : 0;
	if (x->kind <= MX_UNDEF)
		x->n = 0;
	if (r >> 41 & 63)		/* few are malformed */
		x->n = children(x->kind, x->n);
	if (depth <= 0 && x->n > 0) {
		x->n = 0;
		x->kind = r >> 47 & 1 ? MX_INT : r >> 48 & 3 ? MX_SYM : MX_DEC;
	}
	x->name = x->kind == MX_INT || x->kind == MX_DEC ? PICK(digits, s) :
		  x->kind == MX_FUNC ? PICK(functions, s) : PICK(names, s);
	x->scale = x->kind == MX_DEC ? (uint32_t)(r >> 12 & 7) : 0;
	x->rep = x->kind == MX_DEC && (r >> 15 & 3) == 0 ? (uint32_t)(r >> 17 & 7) : 0;
	x->exp10 = x->kind == MX_DEC && (r >> 21 & 7) == 0 ? (int32_t)(next(s) % 4000) - 2000 : 0;
	x->base = (uint32_t)(r >> 24 & 15);
	x->rows = (uint32_t)(r >> 28 & 3);
	x->cols = x->rows ? x->n / x->rows : 0;
	x->open_lo = r >> 30 & 1;
	x->open_hi = r >> 31 & 1;
	x->arg = mx_alloc(&t->e, (x->n + 1) * sizeof(*x->arg));
	x->rel = mx_alloc(&t->e, x->n + 1);
	if (!x->arg || !x->rel)
		return NULL;
	for (i = 0; i < x->n; i++) {
		x->rel[i] = (uint8_t)(next(s) % (MX_SUBSET + 1));
		x->arg[i] = random_tree(t, s, depth - 1);
		if (i == 0 && x->arg[0] && x->n > 1 && x->kind >= MX_SUM && x->kind <= MX_DERIV) {
			x->arg[0]->kind = MX_SYM;	/* what it binds */
			x->arg[0]->name = PICK(names, s);
			x->arg[0]->n = 0;
		}
		if (!x->arg[i])
			return NULL;
	}
	return x;
}
