/* read_bracket.c - ( ) [ ] { } < > floors, ceilings and bars. */
#include "config.h"
#include "plugins/math/read.h"

/* Takes what closes a bracket opened by `open`; *ret_close: which it was. A missing one is none
 * the less the end, as a reader would have it. */
static void close(struct rd *r, unsigned open, unsigned *ret_close)
{
	*ret_close = open == '(' ? ')' : open == '[' ? ']' : open;
	if (r->t->kind != T_CLOSE || (r->t->id == '}' && open != '{' && open != B_SET))
		return;
	if (r->t->id)
		*ret_close = r->t->id;
	r->t++;
}

static bool is_infinite(const struct mx *x)
{
	if (x->kind == MX_NEG || (x->kind == MX_PM && x->n == 1))
		x = x->arg[0];
	return x->kind == MX_INF;
}

static bool commas_only(const struct rd *r, size_t from)
{
	for (size_t i = from + 1; i < r->n; i++)
		if (r->sep[i] != ',' && r->sep[i] != ';' && r->sep[i] != 'r')
			return false;
	return true;
}

static bool all_relations(const struct rd *r, size_t from)
{
	for (size_t i = from; i < r->n; i++)
		if (r->stack[i]->kind != MX_REL)
			return false;
	return true;
}

/* What round or square brackets hold: a value, a pair, an interval, a point. */
static struct mx *parens(struct rd *r, unsigned open, unsigned shut, size_t from)
{
	size_t n = r->n - from;
	bool square = open == '[' || open == ']' || shut == ']' || shut == '[';
	struct mx *x;

	if (!n)
		return rd_fail(r, "nothing in the brackets");
	if (n == 1) {
		x = rd_pop(r, MX_LIST, from, true);
		x->bracketed = true;
		return x;
	}
	if (!commas_only(r, from) || all_relations(r, from)) {
		x = rd_collect(r, from);
		if (x)
			x->bracketed = true;
		return x;
	}
	if (n > 2 || (!square && !is_infinite(r->stack[from]) && !is_infinite(r->stack[from + 1])))
		return rd_pop(r, MX_TUPLE, from, false);
	x = rd_pop(r, MX_INTERVAL, from, false);
	if (x) {
		x->open_lo = open != '[';
		x->open_hi = shut != ']';
	}
	return x;
}

static struct mx *set(struct rd *r, size_t from)
{
	struct mx *x;
	unsigned shut;

	if (r->n - from == 1 && (r->t->kind == T_MID || r->t->kind == T_BAR ||
				 r->t->kind == T_COLON)) {
		x = rd_pop(r, MX_SET, from, true);
		r->t++;
		r->in_set = false;
		x = rd_2(r, MX_SETOF, x, rd_statement(r));
		close(r, B_SET, &shut);
		return x;
	}
	/* \left\{ of a system, which \right. ends */
	if (r->n > from && r->t->kind == T_CLOSE && !r->t->id &&
	    (r->n - from == 1 || all_relations(r, from)))
		x = rd_collect(r, from);
	else
		x = rd_pop(r, MX_SET, from, false);
	close(r, B_SET, &shut);
	return x;
}

/* A plain brace group, where an operand may stand: {a \over b}, {1, 3}. */
static struct mx *brace(struct rd *r)
{
	size_t from = r->n;
	unsigned shut;
	struct mx *x;

	if (rd_is(r, T_CLOSE, '}')) {
		r->t++;
		if (rd_op(r, '_') || rd_op(r, '^') || rd_starts(r))
			return rd_power(r);
		return rd_leaf(r, MX_SET, MEED_S(""));
	}
	r->in_set = true;
	if (!rd_items(r))
		return NULL;
	if (r->n == from)
		return rd_fail(r, "nothing to read here");
	if (r->n - from == 1 && (r->t->kind == T_BAR || r->t->kind == T_MID ||
				 r->t->kind == T_COLON))
		return set(r, from);
	if (r->n - from > 1 && commas_only(r, from) && !all_relations(r, from))
		x = rd_pop(r, MX_SET, from, false);
	else
		x = rd_collect(r, from);
	if (x && (r->t->kind == T_OVER || r->t->kind == T_CHOOSE)) {
		bool over = r->t->kind == T_OVER;

		r->t++;
		x = over ? rd_2(r, MX_DIV, x, rd_statement(r))
			 : rd_func(r, "binom", x, rd_statement(r));
	}
	close(r, '{', &shut);
	return x;
}

static struct mx *fenced(struct rd *r, unsigned open)
{
	struct mx *x = rd_sum(r);
	unsigned shut;

	if (open == '|' && r->t->kind == T_BAR)
		r->t++;
	else
		close(r, open, &shut);
	if (!x)
		return NULL;
	return rd_func(r, open == B_FLOOR ? "floor" : open == B_CEIL ? "ceil"
			  : open == B_NORM ? "norm" : "abs", x, NULL);
}

/* sign: the brackets are < and >. */
static struct mx *angle(struct rd *r, bool sign)
{
	size_t from = r->n;
	unsigned shut;

	r->in_angle = sign;
	if (!rd_items(r))
		return NULL;
	if (!sign)
		close(r, B_ANGLE, &shut);
	else if (!rd_take(r, T_REL, MX_GT))
		return rd_fail(r, "nothing in front of <");
	if (r->n == from)
		return rd_fail(r, "nothing in the brackets");
	return rd_pop(r, MX_TUPLE, from, true);
}

static struct mx *inside(struct rd *r, unsigned open)
{
	size_t from = r->n;
	unsigned shut;

	switch (open) {
	case B_SET:
		r->in_set = true;
		return rd_items(r) ? set(r, from) : NULL;
	case '{':
		return brace(r);
	case B_ANGLE:
		return angle(r, false);
	case '|': case B_NORM: case B_FLOOR: case B_CEIL:
		return fenced(r, open);
	default:
		r->in_rev = open == ']';
		if (open == '[' && rd_is(r, T_OPEN, '['))
			return rd_rows(r);
		if (!rd_items(r))
			return NULL;
		if (rd_is(r, T_OPEN, '[') && r->in_rev) {
			shut = '[';
			r->t++;
		} else {
			close(r, open, &shut);
		}
		return parens(r, open, shut, from);
	}
}

struct mx *rd_bracket(struct rd *r)
{
	bool sign = r->t->kind == T_REL;
	unsigned open = r->t->id;
	struct scope s;
	struct mx *x;

	if (r->t->kind == T_CLOSE && (open != ']' || !rd_begins(r)))
		return rd_fail(r, "a bracket closes that was not open");
	if (!rd_enter(r))
		return NULL;
	r->t++;
	s = rd_scope(r);
	x = sign ? angle(r, true) : inside(r, open);
	rd_unscope(r, s);
	rd_leave(r);
	return x;
}

struct mx *rd_bars(struct rd *r)
{
	unsigned id = r->t->id;
	struct scope s;
	struct mx *x;

	if (!rd_enter(r))
		return NULL;
	r->t++;
	s = rd_scope(r);
	r->bars = 1;
	x = rd_sum(r);
	if (x && !rd_take(r, T_BAR, id) && r->t->kind == T_CLOSE && r->t->id == '|')
		r->t++;
	else if (x && r->t[-1].kind != T_BAR && r->t->kind != T_END)
		x = rd_fail(r, "a bar that is not closed");
	rd_unscope(r, s);
	rd_leave(r);
	return x ? rd_func(r, id == B_NORM ? "norm" : "abs", x, NULL) : NULL;
}

struct mx *rd_group(struct rd *r)
{
	struct scope s;
	struct mx *x;
	unsigned shut;

	if (!rd_is(r, T_OPEN, '{'))
		return rd_atom(r);
	if (!rd_enter(r))
		return NULL;
	r->t++;
	s = rd_scope(r);
	x = rd_statement(r);
	close(r, '{', &shut);
	rd_unscope(r, s);
	rd_leave(r);
	return x;
}

bool rd_args(struct rd *r)
{
	struct scope s = rd_scope(r);
	unsigned open = r->t->id, shut;
	bool ok;

	ok = rd_enter(r);
	if (ok) {
		r->t++;
		r->in_set = open == B_SET;
		ok = rd_items(r);
		close(r, open, &shut);
		rd_leave(r);
	}
	rd_unscope(r, s);
	return ok;
}

/* [[1, 2], [3, 4]]: the first [ has been taken. */
struct mx *rd_rows(struct rd *r)
{
	size_t from = r->n, cols = 0, rows = 0, start;
	unsigned shut;
	struct mx *x;

	while (rd_is(r, T_OPEN, '[')) {
		start = r->n;
		if (!rd_args(r))
			return NULL;
		if (r->n == start || (rows && r->n - start != cols))
			return rd_fail(r, "rows of different length");
		cols = r->n - start;
		rows++;
		if (r->t->kind != T_COMMA && r->t->kind != T_SEMI)
			break;
		r->t++;
	}
	close(r, '[', &shut);
	x = rd_pop(r, MX_MATRIX, from, false);
	if (x) {
		x->rows = (uint32_t)rows;
		x->cols = (uint32_t)cols;
	}
	return x;
}
