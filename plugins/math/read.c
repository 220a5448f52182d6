/* read.c - mathematics as text to expressions: the entry, nodes and the stack of children. */
#include "config.h"
#include "plugins/math/read.h"

struct mx *mx_new(struct mx_env *e, enum mx_kind kind, size_t n)
{
	struct node *x;

	if (!mx_step(e, 1 + n / 8))
		return NULL;
	x = mx_alloc(e, sizeof(*x) + n * sizeof(x->x.arg[0]));
	if (!x)
		return NULL;
	x->x.kind = kind;
	x->x.n = (uint32_t)n;
	x->x.arg = (struct mx **)(void *)(x + 1);
	x->x.name = MEED_S("");
	x->height = 1;
	return &x->x;
}

struct mx *mx_int(struct mx_env *e, uint32_t v)
{
	struct mx *x = mx_new(e, MX_INT, 0);
	struct meed_text t;
	char *p = x ? mx_alloc(e, 12) : NULL;

	if (!p)
		return NULL;
	t = meed_text_in(p, 12);
	meed_text_u64(&t, v);
	x->name = meed_text_get(&t);
	return x;
}

struct mx *rd_fail(struct rd *r, const char *why)
{
	if (!r->why) {
		r->why = why;
		r->at = r->t->at;
	}
	return NULL;
}

struct mx *rd_leaf(struct rd *r, enum mx_kind kind, meed_str name)
{
	struct mx *x = r->why ? NULL : mx_new(r->e, kind, 0);

	if (x)
		x->name = name;
	return x;
}

struct mx *rd_bool(struct rd *r, bool yes)
{
	return rd_leaf(r, MX_BOOL, yes ? MEED_S("true") : MEED_S("false"));
}

/* Kinds whose children are items, where a word is a text; in others it is a symbol. */
static bool has_items(enum mx_kind kind)
{
	switch (kind) {
	case MX_FUNC: case MX_CALL: case MX_SUM: case MX_PROD: case MX_INTEGRAL: case MX_LIM:
	case MX_DERIV: case MX_TUPLE: case MX_LIST: case MX_SET: case MX_SETOF: case MX_INTERVAL:
	case MX_MATRIX: case MX_SYSTEM: case MX_ORREL: case MX_AND: case MX_OR:
		return true;
	default:
		return false;
	}
}

static struct mx *as_child(struct rd *r, struct mx *x, bool item)
{
	if (item)
		return mx_is_word(x) ? rd_finish_item(r, x) : x;
	if (x->kind == MX_TEXT) {
		x->kind = MX_SYM;
		mx_set_word(x);
	} else if (x->kind == MX_CHOICE) {
		x->kind = MX_SYM;
	}
	return x;
}

struct mx *rd_node(struct rd *r, enum mx_kind kind, struct mx **v, size_t n)
{
	struct mx *x = NULL;
	uint32_t height = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i])
			v[i] = as_child(r, v[i], has_items(kind));
		if (!v[i])
			return NULL;
		if (((struct node *)(void *)v[i])->height > height)
			height = ((struct node *)(void *)v[i])->height;
	}
	if (height >= RD_DEPTH)
		return rd_fail(r, RD_TOO_DEEP);
	if (!r->why)
		x = mx_new(r->e, kind, n);
	if (!x)
		return NULL;
	if (n)
		memcpy(x->arg, v, n * sizeof(*v));
	((struct node *)(void *)x)->height = height + 1;
	return x;
}

struct mx *rd_1(struct rd *r, enum mx_kind kind, struct mx *a)
{
	return rd_node(r, kind, &a, 1);
}

struct mx *rd_2(struct rd *r, enum mx_kind kind, struct mx *a, struct mx *b)
{
	struct mx *v[] = { a, b };

	return rd_node(r, kind, v, 2);
}

struct mx *rd_func(struct rd *r, const char *name, struct mx *a, struct mx *b)
{
	struct mx *x = b ? rd_2(r, MX_FUNC, a, b) : rd_1(r, MX_FUNC, a);

	if (x)
		x->name = meed_s(name);
	return x;
}

bool rd_push(struct rd *r, struct mx *x)
{
	if (!x)
		return false;
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 32;
		struct mx **v = mx_alloc(r->e, cap * sizeof(*v));
		char *sep = mx_alloc(r->e, cap);

		if (!v || !sep)
			return false;
		if (r->n) {
			memcpy(v, r->stack, r->n * sizeof(*v));
			memcpy(sep, r->sep, r->n);
		}
		r->stack = v;
		r->sep = sep;
		r->cap = cap;
	}
	r->sep[r->n] = ',';
	r->stack[r->n++] = x;
	return true;
}

struct mx *rd_pop(struct rd *r, enum mx_kind kind, size_t from, bool lone)
{
	size_t n = r->n - from;

	r->n = from;
	if (lone && n == 1)
		return r->stack[from];
	return rd_node(r, kind, r->stack ? r->stack + from : NULL, n);
}

bool rd_enter(struct rd *r)
{
	if (r->why || r->e->spent)
		return false;
	if (r->depth >= RD_NEST) {
		(void)rd_fail(r, RD_TOO_DEEP);
		return false;
	}
	r->depth++;
	return true;
}

void rd_leave(struct rd *r)
{
	r->depth--;
}

bool mx_is_word(const struct mx *x)
{
	return x->kind == MX_SYM && ((const struct node *)(const void *)x)->word;
}

void mx_set_word(struct mx *x)
{
	((struct node *)(void *)x)->word = true;
}

meed_str rd_join(struct rd *r, const meed_str *v, size_t n)
{
	size_t len = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		len += v[i].n;
	p = mx_alloc(r->e, len + 1);
	if (!p)
		return MEED_S("");
	len = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].n)
			memcpy(p + len, v[i].p, v[i].n);
		len += v[i].n;
	}
	return (meed_str){ p, len };
}

bool mx_same(const struct mx *a, const struct mx *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->n != b->n || !meed_eq(a->name, b->name) ||
	    a->scale != b->scale || a->rep != b->rep || a->exp10 != b->exp10 ||
	    a->base != b->base || a->rows != b->rows || a->cols != b->cols ||
	    a->open_lo != b->open_lo || a->open_hi != b->open_hi)
		return false;
	if (a->kind == MX_REL && memcmp(a->rel, b->rel, a->n - 1) != 0)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!mx_same(a->arg[i], b->arg[i]))
			return false;
	return true;
}

struct scope rd_scope(struct rd *r)
{
	struct scope s = { .bars = r->bars, .in_set = r->in_set, .in_angle = r->in_angle,
			   .in_arg = r->in_arg, .in_env = r->in_env, .in_rev = r->in_rev };

	r->scopes++;
	r->bars = 0;
	r->in_set = r->in_angle = r->in_arg = r->in_env = r->in_rev = false;
	return s;
}

void rd_unscope(struct rd *r, struct scope s)
{
	r->scopes--;
	r->bars = s.bars;
	r->in_set = s.in_set;
	r->in_angle = s.in_angle;
	r->in_arg = s.in_arg;
	r->in_env = s.in_env;
	r->in_rev = s.in_rev;
}

/* Can nothing but an operand follow t? */
static bool wants_operand(const struct tok *t)
{
	return t->kind == T_REL || t->kind == T_OPEN || t->kind == T_COMMA || t->kind == T_SEMI ||
	       t->kind == T_PM || t->kind == T_AND || t->kind == T_OR || t->kind == T_FUNC ||
	       t->kind == T_ROW || t->kind == T_GAP || t->kind == T_AMP || t->kind == T_BEGIN ||
	       t->kind == T_UNION || t->kind == T_FRAC || t->kind == T_IMPLIES ||
	       (t->kind == T_OP && t->id != '!');
}

static bool continues(const struct tok *t)
{
	return t->kind == T_REL || t->kind == T_CLOSE || t->kind == T_COMMA || t->kind == T_SEMI ||
	       t->kind == T_PM || t->kind == T_AND || t->kind == T_OR || t->kind == T_END ||
	       t->kind == T_ROW || t->kind == T_GAP || t->kind == T_AMP || t->kind == T_ENDENV ||
	       t->kind == T_DOT || t->kind == T_UNION || t->kind == T_IMPLIES ||
	       t->kind == T_IFF || (t->kind == T_OP && t->id != '-');
}

/* "3 x 4" and "1.2x10^5": an x between numbers that multiplies them. */
static bool is_times(const struct tok *t)
{
	if (t->s.n != 1 || (t->s.p[0] | 32) != 'x' || t[1].kind != T_NUM)
		return false;
	return (t->flags & F_SPACE && t[1].flags & F_SPACE) ||
	       (meed_eq(t[1].s, MEED_S("10")) && t[2].kind == T_OP && t[2].id == '^');
}

/* Drops what only lays out: \begin{align}, & before =, new rows and wide gaps inside a formula,
 * and the punctuation at the end. Matrices keep theirs. */
static bool tidy(struct rd *r, struct tokens *ts)
{
	uint8_t *env = mx_alloc(r->e, ts->n + 1);
	struct tok *t = ts->v;
	size_t w = 0, depth = 0;

	if (!env)
		return false;
	while (ts->n && (t[ts->n - 1].kind == T_DOT || t[ts->n - 1].kind == T_COMMA ||
			 t[ts->n - 1].kind == T_SEMI || t[ts->n - 1].kind == T_COLON ||
			 t[ts->n - 1].kind == T_ROW || t[ts->n - 1].kind == T_GAP)) {
		t[ts->n - 1] = t[ts->n];
		ts->n--;
	}
	for (size_t i = 0; i <= ts->n; i++) {
		bool grid = depth && env[depth - 1] != ENV_LINES;
		const struct tok *last = w ? &t[w - 1] : NULL;

		if (t[i].kind == T_BEGIN) {
			env[depth++] = (uint8_t)t[i].id;
			if (t[i].id == ENV_LINES)
				continue;
		} else if (t[i].kind == T_ENDENV && depth) {
			if (env[--depth] == ENV_LINES)
				continue;
		} else if (t[i].kind == T_AMP &&
			   (!grid || t[i + 1].kind == T_REL || (last && last->kind == T_REL))) {
			continue;
		} else if (t[i].kind == T_ID && last && last->kind == T_NUM && is_times(&t[i])) {
			t[i].kind = T_OP;
			t[i].id = '*';
		} else if (t[i].kind == T_GAP || (t[i].kind == T_ROW && !grid)) {
			if (!last || wants_operand(last) || continues(&t[i + 1]))
				continue;
		}
		t[w++] = t[i];
	}
	ts->n = w - 1;
	return true;
}

/* "(B) 12": a choice and what it says. */
static struct mx *labelled(struct rd *r)
{
	const struct tok *t = r->t;
	struct mx *x;

	if (!rd_is(r, T_OPEN, '(') || t[1].kind != T_ID || t[1].s.n != 1 || t[1].s.p[0] < 'A' ||
	    t[1].s.p[0] > 'H' || t[2].kind != T_CLOSE || !(t[3].flags & F_SPACE) ||
	    (t[3].kind != T_NUM && t[3].kind != T_FRAC && t[3].kind != T_CUR &&
	     t[3].kind != T_WORD && t[3].kind != T_SQRT))
		return NULL;
	x = rd_leaf(r, MX_CHOICE, t[1].s);
	return x;
}

static bool is_choice(const struct tok *t)
{
	return t->kind == T_ID && t->s.n == 1 && t->s.p[0] >= 'A' && t->s.p[0] <= 'H';
}

/* "ACD" or "A, C" and nothing else: several choices. */
static struct mx *choices(struct rd *r)
{
	const struct tok *t = r->first, *last = NULL;
	bool tight = is_choice(&t[1]);
	size_t from = r->n;
	struct mx *x;

	for (; is_choice(t) && (!last || t->s.p[0] > last->s.p[0]); t++) {
		last = t;
		if (tight ? t[1].flags & F_SPACE && t[1].kind != T_END : t[1].kind == T_COMMA)
			t += !tight;
		if (!rd_push(r, rd_leaf(r, MX_CHOICE, last->s)))
			return NULL;
	}
	x = t->kind == T_END && r->n - from > 1 && (!tight || r->n - from < 6) &&
	    t[-1].kind != T_COMMA ? rd_pop(r, MX_LIST, from, false) : NULL;
	r->n = from;
	r->t = x ? t : r->first;
	return x;
}

struct mx *mx_read(struct mx_env *e, meed_str text, const char **why, size_t *at)
{
	struct rd r = { .e = e };
	struct tokens ts;
	struct mx *x = NULL;

	*why = NULL;
	*at = 0;
	if (!mx_lex(e, text, &ts)) {
		*why = ts.why ? ts.why : "the budget is spent";
		return NULL;
	}
	if (!tidy(&r, &ts))
		goto out;
	r.t = r.first = ts.v;
	r.text = ts.text;
	if (!ts.n) {
		r.why = "nothing to read";
		goto out;
	}
	x = rd_spelled(&r, ts.text);
	if (x || e->spent) {
		r.t = ts.v + ts.n;
		goto out;
	}
	x = choices(&r);
	if (!x)
		x = labelled(&r);
	if (!x && rd_is_prose(&r, ts.n))
		x = rd_words(&r, ts.text);
	if (!x)
		x = rd_statement(&r);
	if (x && x->kind != MX_CHOICE && r.t->kind != T_END)
		x = rd_leftover(&r, x, ts.text);
	if (!x && !e->spent)
		x = rd_words(&r, ts.text);
out:
	if (e->spent)
		x = NULL;
	if (!x) {
		*why = r.why ? r.why : "the budget is spent";
		*at = ts.text.p == text.p ? r.at : mx_unfold(text, r.at);
	}
	return x;
}

bool mx_read_limit(const char *why)
{
	return why && (strcmp(why, RD_TOO_DEEP) == 0 || strcmp(why, MX_TOO_MANY) == 0);
}
