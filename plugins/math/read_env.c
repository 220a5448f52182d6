/* read_env.c - matrices, cases and arrays. */
#include "config.h"
#include "plugins/math/read.h"

struct grid {
	size_t from, rows, cols;	/* cells on the stack; cols of the first row */
	bool even;			/* every row has that many */
	bool relations;			/* every cell is one */
};

/* "if", "for", ... in front of a condition; *ret_else: it is all the rest. */
static void skip_when(struct rd *r, bool *ret_else)
{
	static const char *const words[] = { "if", "for", "when", "where", "If", "当", "若" };
	size_t i;

	*ret_else = false;
	if (r->t->kind != T_WORD)
		return;
	if (meed_eq(r->t->s, MEED_S("otherwise")) || meed_eq(r->t->s, MEED_S("else"))) {
		r->t++;
		*ret_else = true;
		return;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (meed_eq(r->t->s, meed_s(words[i])))
			break;
	if (i < sizeof(words) / sizeof(words[0]))
		r->t++;
}

static struct mx *cell(struct rd *r)
{
	bool rest;

	skip_when(r, &rest);
	return rest ? rd_bool(r, true) : rd_statement(r);
}

static bool ends_row(const struct rd *r)
{
	return r->t->kind == T_ROW || r->t->kind == T_ENDENV || r->t->kind == T_END ||
	       r->t->kind == T_CLOSE;
}

static bool row(struct rd *r, struct grid *g)
{
	size_t n = 0;

	while (!ends_row(r) || n) {
		if (r->t->kind == T_AMP || ends_row(r)) {
			(void)rd_fail(r, "an empty cell");
			return false;
		}
		if (!rd_push(r, cell(r)))
			return false;
		g->relations = g->relations && r->stack[r->n - 1]->kind == MX_REL;
		n++;
		if (r->t->kind != T_AMP)
			break;
		r->t++;
		if (ends_row(r))
			break;		/* a & at the end of the row */
	}
	if (!ends_row(r)) {
		(void)rd_fail(r, "no end of a cell");
		return false;
	}
	if (n && !g->rows)
		g->cols = n;
	g->even = g->even && (!n || n == g->cols);
	g->rows += n > 0;
	return true;
}

static struct mx *shape(struct rd *r, enum env env, const struct grid *g)
{
	struct mx *x;

	if (!g->rows)
		return rd_fail(r, "a matrix of nothing");
	if (!g->even)
		return rd_fail(r, "rows of different length");
	if (env != ENV_MATRIX && g->cols == 1 && g->relations)
		return rd_pop(r, MX_SYSTEM, g->from, true);
	if (env == ENV_CASES && g->cols == 1)
		return rd_pop(r, MX_LIST, g->from, true);
	if (env == ENV_CASES && g->cols == 2) {
		x = rd_pop(r, MX_FUNC, g->from, false);
		if (x)
			x->name = MEED_S("cases");
		return x;
	}
	x = rd_pop(r, MX_MATRIX, g->from, false);
	if (!x)
		return NULL;
	x->rows = (uint32_t)g->rows;
	x->cols = (uint32_t)g->cols;
	if (env == ENV_DET)
		return rd_func(r, "det", x, NULL);
	return env == ENV_NORM ? rd_func(r, "norm", x, NULL) : x;
}

struct mx *rd_environment(struct rd *r)
{
	struct grid g = { .from = r->n, .even = true, .relations = true };
	enum env env = (enum env)r->t->id;
	struct mx *x = NULL;
	struct scope s;

	if (!rd_enter(r))
		return NULL;
	s = rd_scope(r);
	r->in_env = true;
	do {
		r->t++;
		if (!row(r, &g))
			goto out;
	} while (r->t->kind == T_ROW);
	if (r->t->kind == T_ENDENV)
		r->t++;
	x = shape(r, env, &g);
out:
	rd_unscope(r, s);
	rd_leave(r);
	return x;
}
