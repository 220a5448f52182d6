/* read_list.c - the loose levels: items, logic, relations, ratios, unions. */
#include "config.h"
#include "plugins/math/read.h"

bool rd_starts(const struct rd *r)
{
	switch (r->t->kind) {
	case T_NUM: case T_ID: case T_FUNC: case T_CONST: case T_FRAC: case T_BINOM: case T_SQRT:
	case T_BIG: case T_BEGIN: case T_EMPTY: case T_NUMSET: case T_BOOL: case T_ACCENT:
	case T_UNKNOWN: case T_PARTIAL:
		return true;
	case T_OPEN:
		return !(r->in_rev && r->t->id == '[');
	case T_BAR:
		return !r->bars && !r->in_set;
	default:
		return false;
	}
}

bool rd_begins(const struct rd *r)
{
	switch (r->t->kind) {
	case T_WORD: case T_QUOTE: case T_CUR: case T_PM: case T_NOT: case T_DOTS: case T_SPECIAL:
	case T_MOD: case T_NOTREL: case T_DEG:
		return true;
	case T_BAR:
		return true;
	case T_REL:
		return (r->t->id == MX_LT && !r->in_angle) || r->t->id == MX_EQ ||
		       r->t->id == MX_APPROX;
	case T_OP:
		return r->t->id == '+' || r->t->id == '-' || r->t->id == '^' || r->t->id == '_';
	case T_CLOSE:
		return r->t->id == ']' && rd_ahead(r, 1)->kind != T_END;
	case T_PERCENT:
		return r->t->id == 1;
	default:
		return rd_starts(r);
	}
}

/* Words in front of a value that say nothing about it. */
static bool is_filler(meed_str s)
{
	static const char *const fillers[] = {
		"is", "are", "about", "approximately", "approx", "exactly", "roughly", "only",
		"just", "nearly", "almost", "around", "total", "either", "both", "just",
		"是", "为", "共", "约", "约为", "答案是", "答案为", "结果是", "得"
	};

	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (meed_eq(s, meed_s(fillers[i])))
			return true;
	return false;
}

struct mx *rd_item(struct rd *r)
{
	const struct tok *next = rd_ahead(r, 1);

	if (r->t->kind == T_WORD && is_filler(r->t->s) &&
	    (next->kind == T_NUM || next->kind == T_CUR || next->kind == T_FRAC ||
	     next->kind == T_SQRT || next->kind == T_OPEN ||
	     (next->kind == T_OP && next->id == '-')))
		r->t++;
	return rd_finish_item(r, rd_logic(r));
}

static char separator(const struct rd *r)
{
	switch (r->t->kind) {
	case T_COMMA: case T_GROUP:
		return ',';
	case T_SEMI:
		return ';';
	case T_AND:
		return 'a';
	case T_OR:
		return 'o';
	case T_ROW:
		return r->in_env ? '\0' : 'r';
	case T_GAP:
		return 'r';
	default:
		return '\0';
	}
}

/* Takes the separators that stand together; the one that says most counts. */
static char separators(struct rd *r)
{
	static const char order[] = ",r;ao";
	char best = '\0', c;

	while ((c = separator(r)) != '\0') {
		if (!best || strchr(order, c) > strchr(order, best))
			best = c;
		r->t++;
	}
	return best;
}

/* ", where x is real": the rest of the text changes nothing. */
static bool is_aside(const struct rd *r)
{
	static const char *const words[] = { "where", "since", "because", "which", "as", "so",
					     "with", "when", "for", "if", "其中" };

	if (r->t->kind == T_WORD)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (meed_eq(r->t->s, meed_s(words[i])))
				return true;
	return false;
}

bool rd_items(struct rd *r)
{
	char sep = '\0';

	if (!rd_begins(r))
		(void)separators(r);
	while (rd_begins(r)) {
		if (sep && !r->scopes && is_aside(r)) {
			while (r->t->kind != T_END)
				r->t++;
			break;
		}
		if (!rd_push(r, rd_item(r)))
			return false;
		r->sep[r->n - 1] = sep ? sep : ',';
		sep = separators(r);
		/* 1 2 3: numbers side by side are no product */
		if (!sep && !rd_side_by_side(r) && !rd_condition(r))
			break;
	}
	return !r->why && !r->e->spent;
}

struct mx *rd_statement(struct rd *r)
{
	size_t from = r->n;
	struct mx *x = NULL;

	if (!rd_enter(r))
		return NULL;
	if (rd_items(r))
		x = r->n > from ? rd_collect(r, from) : rd_fail(r, "nothing to read here");
	r->n = from;
	if (x && r->t->kind == T_OVER) {
		bool reversed = r->t->id;
		struct mx *y;

		r->t++;
		y = rd_statement(r);
		x = reversed ? rd_2(r, MX_DIV, y, x) : rd_2(r, MX_DIV, x, y);
	} else if (x && r->t->kind == T_CHOOSE) {
		r->t++;
		x = rd_func(r, "binom", x, rd_statement(r));
	}
	rd_leave(r);
	return x;
}

static bool all_relations(const struct rd *r, size_t from)
{
	for (size_t i = from; i < r->n; i++)
		if (r->stack[i]->kind != MX_REL)
			return false;
	return true;
}

static struct mx *negation(struct rd *r)
{
	struct mx *x;

	if (r->t->kind != T_NOT)
		return rd_relation(r);
	if (!rd_enter(r))
		return NULL;
	r->t++;
	x = rd_1(r, MX_NOT, negation(r));
	rd_leave(r);
	return x;
}

static struct mx *conjunction(struct rd *r)
{
	size_t from = r->n;

	if (!rd_push(r, negation(r)))
		return NULL;
	while (r->t->kind == T_ANDL) {
		r->t++;
		if (!rd_push(r, negation(r)))
			return NULL;
	}
	return rd_pop(r, all_relations(r, from) ? MX_SYSTEM : MX_AND, from, true);
}

/* "1 or 2" in signs: numbers are no statements. */
static bool all_quantities(const struct rd *r, size_t from)
{
	for (size_t i = from; i < r->n; i++)
		if (!rd_quantity(r->stack[i]))
			return false;
	return true;
}

static struct mx *disjunction(struct rd *r)
{
	size_t from = r->n;

	if (!rd_push(r, conjunction(r)))
		return NULL;
	while (r->t->kind == T_ORL) {
		r->t++;
		if (!rd_push(r, conjunction(r)))
			return NULL;
	}
	return rd_pop(r, all_relations(r, from) ? MX_ORREL
			 : all_quantities(r, from) ? MX_LIST : MX_OR, from, true);
}

struct mx *rd_logic(struct rd *r)
{
	struct mx *x = disjunction(r);
	bool iff;

	while (x && (r->t->kind == T_IMPLIES || r->t->kind == T_TO || r->t->kind == T_IFF) &&
	       !(r->in_lim && r->t->kind == T_TO)) {
		iff = r->t->kind == T_IFF;
		r->t++;
		x = iff ? rd_func(r, "iff", x, disjunction(r))
			: rd_2(r, MX_IMPLIES, x, disjunction(r));
	}
	return x;
}

static struct mx *difference(struct rd *r)
{
	struct mx *x = rd_sum(r);

	while (x && r->t->kind == T_MOD) {
		r->t++;
		x = rd_func(r, "mod", x, rd_sum(r));
	}
	return x;
}

static bool is_set(const struct mx *x)
{
	return x->kind == MX_INTERVAL || x->kind == MX_SET || x->kind == MX_TUPLE ||
	       x->kind == MX_UNION || x->kind == MX_NUMSET || x->kind == MX_SETOF;
}

static struct mx *rd_sets(struct rd *r)
{
	enum mx_kind kind = MX_UNION, op;
	size_t from = r->n;
	struct mx *x;

	if (!rd_push(r, difference(r)))
		return NULL;
	for (;; r->t++) {
		if (r->t->kind == T_UNION ||
		    (r->t->kind == T_ID && meed_eq(r->t->s, MEED_S("U")) &&
		     is_set(r->stack[r->n - 1])))
			op = MX_UNION;
		else if (r->t->kind == T_INTER)
			op = MX_INTER;
		else if (r->t->kind == T_MINUS)
			op = MX_MINUS;
		else
			break;
		if (r->n - from > 1 && (op != kind || op == MX_MINUS)) {
			x = rd_pop(r, kind, from, true);
			if (!rd_push(r, x))
				return NULL;
		}
		kind = op;
		r->t++;
		if (!rd_push(r, difference(r)))
			return NULL;
		r->t--;
	}
	return rd_pop(r, kind, from, true);
}

static uint32_t small(meed_str s)
{
	uint32_t v = 0;

	for (size_t i = 0; i < s.n && i < 4; i++)
		v = 10 * v + (uint32_t)(s.p[i] - '0');
	return v;
}

static bool clock_number(const struct tok *t, size_t most)
{
	return t->kind == T_NUM && t->x->kind == MX_INT && t->s.n > 0 && t->s.n <= most;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	return b ? gcd(b, a % b) : a;
}

/* 12:30 at r->t, if it must be a time of day: for 3:20 may be a ratio, 6:30 p.m. or 12:00 not. */
static struct mx *clock_time(struct rd *r)
{
	const struct tok *h = r->t, *m = rd_ahead(r, 2), *s = rd_ahead(r, 4);
	struct mx *v[3];
	uint32_t hour, minute, second = 0;
	bool sure, seconds;

	if (!clock_number(h, 2) || rd_ahead(r, 1)->kind != T_COLON || !clock_number(m, 2) ||
	    m->s.n != 2 || h[1].flags & F_SPACE || m->flags & F_SPACE)
		return NULL;
	seconds = rd_ahead(r, 3)->kind == T_COLON && clock_number(s, 2) && s->s.n == 2 &&
		  !(h[3].flags & F_SPACE);
	hour = small(h->s);
	minute = small(m->s);
	if (seconds)
		second = small(s->s);
	if (hour > 24 || minute > 59 || second > 59)
		return NULL;
	s = m + (seconds ? 3 : 1);
	sure = seconds || s->kind == T_AMPM || m->s.p[0] == '0' || h->s.p[0] == '0' ||
	       gcd(hour, minute) > 1;
	if (!sure || (s->kind == T_COLON && !seconds))
		return NULL;
	r->t = s;
	if (r->t->kind == T_AMPM) {
		hour = hour % 12 + (r->t->id ? 12 : 0);
		r->t++;
	}
	v[0] = mx_int(r->e, hour);
	v[1] = mx_int(r->e, minute);
	v[2] = mx_int(r->e, second);
	return rd_node(r, MX_TIME, v, second ? 3 : 2);
}

static struct mx *half_day(struct rd *r)
{
	uint32_t hour = small(r->t->s) % 12 + (r->t[1].id ? 12 : 0);

	r->t += 2;
	return rd_2(r, MX_TIME, mx_int(r->e, hour), mx_int(r->e, 0));
}

static struct mx *ratio(struct rd *r)
{
	size_t from = r->n;
	struct mx *x = r->in_set ? NULL : clock_time(r);

	if (x || r->why)
		return x;
	if (clock_number(r->t, 2) && rd_ahead(r, 1)->kind == T_AMPM && small(r->t->s) <= 12)
		return half_day(r);
	x = rd_sets(r);
	if (x && rd_numeric(x) && r->t->kind == T_WORD && meed_eq(r->t->s, MEED_S("to")) &&
	    rd_ahead(r, 1)->kind == T_NUM) {
		r->t++;
		return rd_2(r, MX_RATIO, x, rd_sets(r));
	}
	if (!x || r->t->kind != T_COLON || r->in_set)
		return x;
	/* "Answer: 5" */
	if (mx_is_word(x) && !(r->t->flags & F_SPACE) && rd_ahead(r, 1)->flags & F_SPACE) {
		r->t++;
		if (!rd_begins(r))
			return x;
		if (!rd_enter(r))
			return NULL;
		x = rd_relation(r);
		rd_leave(r);
		return x;
	}
	if (!rd_push(r, x))
		return NULL;
	while (r->t->kind == T_COLON) {
		r->t++;
		if (!rd_push(r, rd_sets(r)))
			return NULL;
	}
	return rd_pop(r, MX_RATIO, from, true);
}

/* "(mod 7)" and \pmod{7} behind x. */
static struct mx *modulus(struct rd *r, struct mx *x)
{
	struct mx *m;

	if (r->t->kind == T_PMOD) {
		r->t++;
		return rd_func(r, "mod", x, rd_group(r));
	}
	if (!rd_is(r, T_OPEN, '(') || rd_ahead(r, 1)->kind != T_MOD)
		return x;
	r->t += 2;
	m = rd_sum(r);
	(void)rd_take(r, T_CLOSE, ')');
	return rd_func(r, "mod", x, m);
}

static bool relation_here(const struct rd *r)
{
	if (r->t->kind == T_NOTREL)
		return rd_ahead(r, 1)->kind == T_REL;
	return r->t->kind == T_REL && !(r->in_angle && r->t->id == MX_GT);
}

static enum mx_rel take_relation(struct rd *r)
{
	bool not = r->t->kind == T_NOTREL;
	enum mx_rel rel;

	r->t += not;
	rel = (enum mx_rel)r->t->id;
	r->t++;
	if (not && rel == MX_EQ)
		rel = MX_NE;
	else if (not && rel == MX_IN)
		rel = MX_NOTIN;
	else if (not && rel == MX_LT)
		rel = MX_GE;
	else if (not && rel == MX_GT)
		rel = MX_LE;
	return rel;
}

/* The relations since `from` in r->sep become those of x. */
static struct mx *chain(struct rd *r, size_t from)
{
	size_t n = r->n - from;
	uint8_t *rel = mx_alloc(r->e, n);
	struct mx *x;

	if (!rel)
		return NULL;
	for (size_t i = 1; i < n; i++) {
		struct mx *set = r->stack[from + i];

		rel[i - 1] = (uint8_t)r->sep[from + i];
		/* k in Z */
		if ((rel[i - 1] == MX_IN || rel[i - 1] == MX_NOTIN) && set->kind == MX_SYM &&
		    set->name.n == 1 && strchr("NZQRC", set->name.p[0]))
			set->kind = MX_NUMSET;
	}
	x = rd_pop(r, MX_REL, from, false);
	if (x)
		x->rel = rel;
	return x;
}

/* "16 people in total" is no relation. */
static bool is_prose(const struct rd *r, const struct mx *x)
{
	return rd_is(r, T_REL, MX_IN) && rd_ahead(r, 1)->kind == T_WORD && rd_quantity(x->kind ==
		MX_UNIT ? x->arg[0] : x);
}

struct mx *rd_relation(struct rd *r)
{
	size_t from = r->n;
	enum mx_rel rel;

	/* "= 5" and "≈ 5" */
	while (r->t->kind == T_REL && (r->t->id == MX_EQ || r->t->id == MX_APPROX))
		r->t++;
	if (!rd_push(r, modulus(r, ratio(r))))
		return NULL;
	while (relation_here(r) && !is_prose(r, r->stack[r->n - 1])) {
		rel = take_relation(r);
		if (!rd_begins(r) && rel == MX_EQ)
			break;		/* "x = " */
		if (!rd_push(r, modulus(r, ratio(r))))
			return NULL;
		r->sep[r->n - 1] = (char)rel;
	}
	return r->n - from > 1 ? chain(r, from) : rd_pop(r, MX_REL, from, true);
}
