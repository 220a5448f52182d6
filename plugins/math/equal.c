/* equal.c - taking two answers apart by their kinds. */
#include "config.h"

#include "plugins/math/equal.h"
#include "plugins/math/helper.h"

#include <time.h>

static bool is_collection(const struct mx *x)
{
	return x->kind == MX_LIST || x->kind == MX_SET || x->kind == MX_TUPLE ||
	       x->kind == MX_ORREL || x->kind == MX_SYSTEM;
}

static bool is_range(const struct mx *x)
{
	return x->kind == MX_INTERVAL || x->kind == MX_UNION || x->kind == MX_INTER ||
	       x->kind == MX_MINUS || x->kind == MX_SETOF || x->kind == MX_NUMSET;
}

/* x's members, those of a list in a list among them. */
static size_t count_members(const struct mx *x)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < x->n; i++)
		n += x->arg[i]->kind == MX_LIST && x->kind != MX_TUPLE ?
		     count_members(x->arg[i]) : 1;
	return n;
}

static size_t put_members(const struct mx *x, const struct mx **v)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < x->n; i++) {
		if (x->arg[i]->kind == MX_LIST && x->kind != MX_TUPLE)
			n += put_members(x->arg[i], v + n);
		else
			v[n++] = x->arg[i];
	}
	return n;
}

static const struct mx **members(struct eq *q, const struct mx *x, size_t *ret_n)
{
	const struct mx **v;

	*ret_n = count_members(x);
	v = mx_alloc(q->e, (*ret_n + 1) * sizeof(*v));
	if (v)
		(void)put_members(x, v);
	return v;
}

/* Points and equations are solutions, which are the same told twice; numbers may be factors, which
 * are not. */
static bool of_solutions(const struct mx *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i]->kind != MX_TUPLE && !eq_is_relation(v[i]))
			return false;
	return true;
}

static void collections(struct eq *q, const struct mx *a, const struct mx *b,
			struct mx_outcome *ret)
{
	bool tuple = a->kind == MX_TUPLE || b->kind == MX_TUPLE;
	bool set = a->kind == MX_SET || b->kind == MX_SET;
	bool strict = q->e->opts && q->e->opts->strict_order;
	const struct mx **va, **vb;
	size_t na, nb;

	va = members(q, a, &na);
	vb = members(q, b, &nb);
	if (!va || !vb)
		return;
	set = set || (of_solutions(va, na) && of_solutions(vb, nb));
	eq_members(q, va, na, vb, nb, tuple || (strict && !set), !set, ret);
}

/* One against many: a list of one is its member. */
static void one_of(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	const struct mx **v;
	struct mx_outcome o;
	size_t n, i;
	bool left = is_collection(a);

	v = members(q, left ? a : b, &n);
	if (!v)
		return;
	eq_say(ret, MX_YES, "one value, told more than once");
	for (i = 0; i < n && n <= 4 && (left ? a : b)->kind != MX_TUPLE; i++) {
		eq_any(q, left ? v[i] : a, left ? b : v[i], &o);
		if (o.verdict != MX_YES || n == 1)
			*ret = o;
		if (o.verdict == MX_NO)
			break;
	}
	if (i == 0 || (ret->verdict == MX_NO && n > 1))
		eq_sayf(ret, MX_NO, "different numbers of members", "%zu against %d",
			left ? n : 1, left ? 1 : (int)n);
}

static void ranges(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct eq_spans x, y;
	enum eq_get g, h;

	g = eq_spans_of(q, a, &x);
	h = eq_spans_of(q, b, &y);
	if (g == EQ_OK && h == EQ_OK) {
		eq_spans_same(q, &x, &y, ret);
		return;
	}
	if ((g == EQ_OK && eq_spans_refute(q, &x, b)) || (h == EQ_OK && eq_spans_refute(q, &y, a))) {
		eq_say(ret, MX_NO, "a point lies in one and does not satisfy the other");
		return;
	}
	/* node by node: {x | P(x)} against the same, N against Z */
	if (a->kind != b->kind || a->n != b->n || !is_range(a)) {
		eq_say(ret, MX_UNDECIDED, "not decided: sets of no known form");
	} else if (a->kind == MX_NUMSET) {
		eq_say(ret, meed_eq(a->name, b->name) ? MX_YES : MX_NO,
		       meed_eq(a->name, b->name) ? "the same set of numbers" :
		       "different sets of numbers");
	} else if (a->kind == MX_INTERVAL && (a->open_lo != b->open_lo ||
					      a->open_hi != b->open_hi)) {
		eq_say(ret, MX_NO, "different ends");
	} else {
		eq_members(q, (const struct mx *const *)a->arg, a->n,
			   (const struct mx *const *)b->arg, b->n, a->kind != MX_UNION, true, ret);
		if (ret->verdict == MX_NO && a->kind != MX_INTERVAL)
			eq_say(ret, MX_UNDECIDED, "not decided: sets of no known form");
	}
}

static void undefined(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	const struct mx *x = a->kind == MX_UNDEF ? b : a;
	fmpq_t v;

	if (a->kind == b->kind) {
		eq_say(ret, MX_YES, "both are undefined");
		return;
	}
	fmpq_init(v);
	if (mxt_is_scalar(x) && mxq_eval(q, x, NULL, v) == EQ_UNDEF)
		eq_say(ret, MX_YES, "both are undefined");
	else if (mxt_is_scalar(x) && !mxt_has_kind(x, MX_INF) && !eq_defined_somewhere(q, x))
		eq_say(ret, MX_UNDECIDED, "not decided: one is undefined, the other may be");
	else
		eq_say(ret, MX_NO, "one is undefined");
	fmpq_clear(v);
}

static void ratios(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	struct mx *x, *y;
	struct mx_outcome o;
	uint32_t i;

	if (a->n != b->n || a->n < 2) {
		eq_say(ret, MX_NO, "ratios of different length");
		return;
	}
	eq_say(ret, MX_YES, "the same ratio");
	/* a0 : ai = b0 : bi */
	for (i = 1; i < a->n; i++) {
		x = mxt_2(q->e, MX_MUL, a->arg[0], b->arg[i]);
		y = mxt_2(q->e, MX_MUL, b->arg[0], a->arg[i]);
		if (!x || !y)
			return;
		eq_value(q, x, y, &o);
		if (o.verdict != MX_YES) {
			*ret = o;
			if (o.verdict == MX_NO)
				eq_say(ret, MX_NO, "different ratios");
			return;
		}
	}
}

static bool times(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	if (a->kind != MX_TIME && b->kind != MX_TIME)
		return false;
	if ((a->kind == MX_TIME || a->kind == MX_RATIO) &&
	    (b->kind == MX_TIME || b->kind == MX_RATIO) && a->n > 0 && b->n > 0)
		eq_members(q, (const struct mx *const *)a->arg, a->n,
			   (const struct mx *const *)b->arg, b->n, true, true, ret);
	else
		eq_say(ret, MX_NO, "a time against something else");
	return true;
}

static void logic(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	if (mxt_is_scalar(a) || mxt_is_scalar(b))
		eq_say(ret, MX_NO, "a statement against a value");
	else if (a->kind != b->kind || a->n != b->n)
		eq_say(ret, MX_UNDECIDED, "not decided: statements of different form");
	else
		eq_members(q, (const struct mx *const *)a->arg, a->n,
			   (const struct mx *const *)b->arg, b->n, a->kind == MX_IMPLIES, true, ret);
}

static bool is_logic(const struct mx *x)
{
	return x->kind == MX_NOT || x->kind == MX_AND || x->kind == MX_OR || x->kind == MX_IMPLIES;
}

/* The other side of "sqrt(5) ~= 2.236", if the decimal is one of the value: rounded or cut. */
static const struct mx *approximated(struct eq *q, const struct mx *r, const struct mx *v)
{
	const struct mx_opts *opts = q->e->opts;
	struct mx_opts rough;
	struct mx_outcome o;
	const struct mx *a, *b;

	if (r->kind != MX_REL || r->n < 2 || r->rel[r->n - 2] != MX_APPROX || !opts)
		return NULL;
	a = r->arg[r->n - 2];
	b = r->arg[r->n - 1];
	if (b->kind != MX_DEC || !mxt_is_scalar(a))
		return NULL;
	rough = *opts;
	rough.decimals = 1;
	q->e->opts = &rough;
	eq_value(q, a, b, &o);
	q->e->opts = opts;
	return o.verdict != MX_YES ? NULL : v == a ? b : a;
}

/* A relation against something that is none. */
static void relation_against(struct eq *q, const struct mx *a, const struct mx *b,
			     struct mx_outcome *ret)
{
	bool left = eq_is_relation(a);
	const struct mx *r = left ? a : b, *x = left ? b : a, *v;

	v = eq_assigned(q, r);
	if (v) {
		eq_any(q, left ? v : x, left ? x : v, ret);
		v = ret->verdict == MX_NO ? approximated(q, r, v) : NULL;
		if (v)
			eq_any(q, left ? v : x, left ? x : v, ret);
		if (ret->verdict == MX_YES && ret->detail[0] == '\0')
			eq_sayf(ret, MX_YES, ret->rule, "as the right side of an equation");
		return;
	}
	if (is_collection(r) && is_collection(x))
		collections(q, a, b, ret);
	else if (is_range(x) || is_collection(x))
		ranges(q, a, b, ret);
	else if (is_collection(r))
		one_of(q, a, b, ret);
	else
		eq_say(ret, MX_NO, "a relation against a value");
}

static void by_kind(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	bool ra = eq_is_relation(a), rb = eq_is_relation(b);

	if (ra && rb) {
		eq_relations(q, a, b, ret);
	} else if (ra || rb) {
		relation_against(q, a, b, ret);
	} else if (a->kind == MX_UNDEF || b->kind == MX_UNDEF) {
		undefined(q, a, b, ret);
	} else if (times(q, a, b, ret)) {
		return;
	} else if (a->kind == MX_RATIO && b->kind == MX_RATIO) {
		ratios(q, a, b, ret);
	} else if (a->kind == MX_MATRIX || b->kind == MX_MATRIX) {
		eq_matrices(q, a, b, ret);
	} else if (is_range(a) || is_range(b)) {
		ranges(q, a, b, ret);
	} else if (is_collection(a) && is_collection(b)) {
		collections(q, a, b, ret);
	} else if (is_collection(a) || is_collection(b)) {
		one_of(q, a, b, ret);
	} else if (is_logic(a) || is_logic(b)) {
		logic(q, a, b, ret);
	} else if (mxt_is_scalar(a) && mxt_is_scalar(b)) {
		eq_value(q, a, b, ret);
	} else {
		eq_say(ret, MX_UNDECIDED, "not decided: expressions of no known kind");
	}
}

/* "10101" answers 10101 in base two: the question has named the base. */
static bool same_digits(const struct mx *a, const struct mx *b)
{
	return ((a->kind == MX_BASE && b->kind == MX_INT) ||
		(a->kind == MX_INT && b->kind == MX_BASE)) && meed_eq(a->name, b->name);
}

/* P(5, 2) beside a number is how many arrangements there are. */
static const struct mx *arranged(struct eq *q, const struct mx *x, const struct mx *other)
{
	struct mx *r;

	if (x->kind != MX_CALL || x->n != 2 || x->arg[0]->kind != MX_INT ||
	    x->arg[1]->kind != MX_INT || !mxt_is_scalar(other) ||
	    !(meed_eq(x->name, MEED_S("P")) || meed_eq(x->name, MEED_S("A"))))
		return x;
	r = mxt_copy(q->e, x);
	if (r) {
		r->kind = MX_FUNC;
		r->name = MEED_S("perm");
	}
	return r;
}

/* "2 k pi, k in Z" beside an expression that does not say what k is. */
static const struct mx *unconditional(const struct mx *x, const struct mx *other)
{
	const struct mx *c = x->kind == MX_LIST && x->n == 2 ? x->arg[1] : NULL;

	if (!c || c->kind != MX_REL || c->n != 2 || c->rel[0] != MX_IN ||
	    c->arg[0]->kind != MX_SYM || c->arg[1]->kind != MX_NUMSET || other->kind == MX_LIST ||
	    !mxt_has_sym(x->arg[0], c->arg[0]->name) || !mxt_has_sym(other, c->arg[0]->name))
		return x;
	return x->arg[0];
}

/* A point with its name, P(1, 2), is the point. */
static const struct mx *unnamed(struct eq *q, const struct mx *x, const struct mx *other)
{
	struct mx *r;

	if (x->kind != MX_CALL || x->n < 2 || x->name.n != 1 || x->name.p[0] < 'A' ||
	    x->name.p[0] > 'Z' || other->kind != MX_TUPLE)
		return x;
	r = mxt_copy(q->e, x);
	if (r) {
		r->kind = MX_TUPLE;
		r->name = MEED_S("");
	}
	return r;
}

void eq_any(struct eq *q, const struct mx *a, const struct mx *b, struct mx_outcome *ret)
{
	eq_say(ret, MX_UNDECIDED, "the budget is spent");
	if (!eq_enter(q))
		return;
	a = unconditional(a, b);
	b = unconditional(b, a);
	a = unnamed(q, a, b);
	b = a ? unnamed(q, b, a) : NULL;
	a = b ? arranged(q, a, b) : NULL;
	b = a ? arranged(q, b, a) : NULL;
	if (!b)
		goto out;
	if (mxt_same(a, b))
		eq_say(ret, MX_YES, "the same expression");
	else if (same_digits(a, b))
		eq_say(ret, MX_YES, "the same digits, one without their base");
	else if (!eq_texts(q, a, b, ret) && !eq_quantities(q, a, b, ret))
		by_kind(q, a, b, ret);
	if (ret->verdict == MX_UNDECIDED && !q->e->spent)
		(void)eq_kinds_apart(q, a, b, ret);
out:
	eq_leave(q);
}

static uint32_t time_left_ms(const struct mx_env *e)
{
	uint64_t now;
	struct timespec ts;

	if (e->deadline_ns == 0)
		return 1000;
	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return 0;
	now = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	if (now >= e->deadline_ns)
		return 0;
	now = (e->deadline_ns - now) / 1000000;
	return now > 1000 ? 1000 : (uint32_t)now;
}

static void decide(struct eq *q, const struct mx *gold, const struct mx *pred,
		   struct mx_outcome *ret)
{
	const struct mx *a, *b;

	eq_say(ret, MX_UNDECIDED, "not decided: not a well-formed expression");
	if (!mxt_well_formed(gold, 0) || !mxt_well_formed(pred, 0))
		return;
	eq_say(ret, MX_UNDECIDED, "the budget is spent");
	a = eq_norm(q, gold);
	b = a ? eq_norm(q, pred) : NULL;
	if (!a || !b || !eq_parameters(q, &a, &b))
		return;
	eq_any(q, a, b, ret);
	if (q->e->spent)
		eq_say(ret, MX_UNDECIDED, "the budget is spent");
}

void mx_equal_strong(struct mx_env *e, const struct mx *gold, const struct mx *pred,
		     struct mx_outcome *ret)
{
	struct eq q;

	eq_limits(&q, e);
	eq_limits_strong(&q);
	decide(&q, gold, pred, ret);
}

void mx_equal(struct mx_env *e, const struct mx *gold, const struct mx *pred,
	      struct mx_outcome *ret)
{
	struct mx_outcome o;
	uint32_t left;
	struct eq q;

	mx_helper_thread(e->helper);
	eq_limits(&q, e);
	decide(&q, gold, pred, ret);
	/* some rules look at one side first */
	if (ret->verdict == MX_UNDECIDED && !e->spent) {
		decide(&q, pred, gold, &o);
		if (o.verdict != MX_UNDECIDED)
			*ret = o;
	}
	if (ret->verdict != MX_UNDECIDED || e->spent || !e->helper || !q.helps)
		return;
	left = time_left_ms(e);
	if (left < 5)
		return;
	mx_helper_ask(e->helper, e, gold, pred, left - left / 8, &o);
	if (o.verdict != MX_UNDECIDED)
		*ret = o;
	else if (!e->spent)
		eq_sayf(ret, MX_UNDECIDED, ret->rule, "helper: %.140s", o.rule);
}
