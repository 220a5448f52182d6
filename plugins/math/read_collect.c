/* read_collect.c - items as a list, a system of relations or alternatives. */
#include "config.h"
#include "plugins/math/read.h"

static bool is_equation(const struct mx *x)
{
	return x->kind == MX_REL && x->rel[x->n - 2] == MX_EQ;
}

static bool is_relation(const struct mx *x)
{
	return x->kind == MX_REL || x->kind == MX_SYSTEM || x->kind == MX_ORREL;
}

static bool all_relations(const struct rd *r, size_t from)
{
	for (size_t i = from; i < r->n; i++)
		if (!is_relation(r->stack[i]))
			return false;
	return true;
}

/* x = 1 with 2 and 3 behind it is x = 1, 2, 3. n values stand at v. */
static struct mx *with_values(struct rd *r, struct mx *x, struct mx **v, size_t n)
{
	size_t from = r->n;
	struct mx *list;

	if (!rd_push(r, x->arg[x->n - 1]))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!rd_push(r, v[i]))
			return NULL;
	list = rd_pop(r, MX_LIST, from, false);
	if (!list)
		return NULL;
	for (uint32_t i = 0; i + 1 < x->n; i++)
		if (!rd_push(r, x->arg[i]))
			return NULL;
	if (!rd_push(r, list))
		return NULL;
	list = rd_pop(r, MX_REL, from, false);
	if (list)
		list->rel = x->rel;
	return list;
}

static bool is_unequal(const struct mx *x)
{
	return x->kind == MX_REL && x->n == 2 && x->rel[0] == MX_NE;
}

/* x != 1, 2 says both: the relations in r->stack[i], and one for each of the n values behind it. */
static struct mx *unequal_all(struct rd *r, struct mx *x, size_t i, size_t n)
{
	size_t from = r->n;
	struct mx *v[2] = { x->arg[0], NULL }, *y;

	if (!rd_push(r, x))
		return NULL;
	for (size_t k = 0; k < n; k++) {
		v[1] = r->stack[i + k];
		y = rd_node(r, MX_REL, v, 2);
		if (y)
			y->rel = x->rel;
		if (!rd_push(r, y))
			return NULL;
	}
	return rd_pop(r, MX_SYSTEM, from, false);
}

/* Gives values that follow an equation to it. */
static bool merge_values(struct rd *r, size_t from)
{
	size_t w = from, k;

	for (size_t i = from; i < r->n; i = k) {
		struct mx *x = r->stack[i];
		char sep = r->sep[i];

		k = i + 1;
		if (is_equation(x) || is_unequal(x)) {
			while (k < r->n && !is_relation(r->stack[k]) && r->sep[k] != ';' &&
			       r->sep[k] != 'r' && r->stack[k]->kind != MX_TEXT)
				k++;
			if (k > i + 1) {
				size_t n = r->n;

				x = is_unequal(x) ? unequal_all(r, x, i + 1, k - i - 1)
						  : with_values(r, x, r->stack + i + 1, k - i - 1);
				r->n = n;
			}
			if (!x)
				return false;
		}
		r->stack[w] = x;
		r->sep[w++] = sep;
	}
	r->n = w;
	return true;
}

/* x, y = 1, 2 and x, y in R: names in front of the one relation belong to its left side. */
static struct mx *with_names(struct rd *r, size_t from)
{
	size_t k = r->n - 1, n = r->n;
	struct mx *x = r->stack[k], *left, *v[2];

	if (k == from || !is_relation(x) || x->kind != MX_REL || x->n != 2)
		return NULL;
	for (size_t i = from; i < k; i++)
		if (r->stack[i]->kind != MX_SYM || r->sep[i] == ';')
			return NULL;
	if (!(x->rel[0] == MX_IN ||
	      (x->rel[0] == MX_EQ && x->arg[1]->kind == MX_LIST &&
	       x->arg[1]->n == k - from + 1)))
		return NULL;
	for (size_t i = from; i < k; i++)
		if (!rd_push(r, r->stack[i]))
			return NULL;
	if (!rd_push(r, x->arg[0]))
		return NULL;
	left = rd_pop(r, MX_LIST, n, false);
	v[0] = left;
	v[1] = x->arg[1];
	left = rd_node(r, MX_REL, v, 2);
	if (left)
		left->rel = x->rel;
	return left;
}

static bool same_key(const struct mx *a, const struct mx *b)
{
	return a->kind == MX_REL && b->kind == MX_REL && a->n == 2 && b->n == 2 &&
	       is_equation(a) && is_equation(b) && a->arg[0]->n < 8 && mx_same(a->arg[0], b->arg[0]);
}

/* The relations [from, to) as one node pushed on the stack. */
static bool push_group(struct rd *r, size_t from, size_t to)
{
	size_t n = r->n;

	for (size_t i = from; i < to; i++)
		if (!rd_push(r, r->stack[i]))
			return false;
	return rd_push(r, rd_pop(r, MX_SYSTEM, n, true));
}

/* Relations: x = 1, y = 2 hold together; x = 1, x = 2 and what "or" divides are alternatives, and
 * so are p = 5, q = 2, p = 7, q = 2 where the first symbol comes again. */
static struct mx *relations(struct rd *r, size_t from)
{
	size_t n = r->n, start = from;
	struct mx *x;

	for (size_t i = from + 1; i <= n; i++) {
		if (i < n && r->sep[i] != 'o' && r->sep[i] != ';' &&
		    !same_key(r->stack[start], r->stack[i]) &&
		    !same_key(r->stack[i - 1], r->stack[i]))
			continue;
		if (i < n && r->sep[i] == ';' && !same_key(r->stack[start], r->stack[i]))
			continue;
		if (!push_group(r, start, i))
			return NULL;
		start = i;
	}
	x = rd_pop(r, MX_ORREL, n, true);
	r->n = from;
	return x;
}

/* "5 hours and 3 minutes" is one measure. */
static bool one_measure(const struct rd *r, size_t from)
{
	for (size_t i = from; i < r->n; i++)
		if (r->stack[i]->kind != MX_UNIT ||
		    (i > from && (r->sep[i] == 'o' ||
				  !rd_same_measure(r->stack[i - 1]->name, r->stack[i]->name))))
			return false;
	return true;
}

/* "Yes, it is": what follows a yes or no in words adds nothing. */
static bool is_reply(const struct rd *r, size_t from)
{
	const struct mx *x = r->stack[from];

	if (!(x->kind == MX_TEXT && (meed_eq(x->name, MEED_S("yes")) || meed_eq(x->name, MEED_S("no")))))
		return false;
	for (size_t i = from + 1; i < r->n; i++)
		if (r->stack[i]->kind != MX_TEXT || (r->sep[i] != ',' && r->sep[i] != ';') ||
		    meed_eq(r->stack[i]->name, MEED_S("yes")) ||
		    meed_eq(r->stack[i]->name, MEED_S("no")))
			return false;
	return true;
}

struct mx *rd_collect(struct rd *r, size_t from)
{
	struct mx *x;

	if (r->n - from == 1)
		return rd_pop(r, MX_LIST, from, true);
	if (is_reply(r, from)) {
		r->n = from;
		return r->stack[from];
	}
	if (!merge_values(r, from))
		return NULL;
	x = with_names(r, from);
	if (r->why || r->e->spent)
		return NULL;
	if (x) {
		r->n = from;
		return x;
	}
	if (all_relations(r, from))
		return relations(r, from);
	return rd_pop(r, one_measure(r, from) ? MX_ADD : MX_LIST, from, true);
}
