/* print.c - expressions as one line that reads back as the same, and as a tree. */
#include "config.h"
#include "plugins/math/read.h"

#define MAX_DEPTH 1000

/* How tightly a printed node holds together. */
enum level { L_ANY, L_LOGIC, L_REL, L_RATIO, L_SETS, L_SUM, L_PRODUCT, L_POWER, L_ATOM };

struct printer {
	struct meed_text *out;
	uint32_t bound_i, bound_e;	/* open sums over i or e */
	uint32_t depth;
};

static void expr(struct printer *p, const struct mx *x, enum level min);

static void str(struct printer *p, const char *s)
{
	meed_text_str(p->out, meed_s(s));
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(const struct mx *x, const char *s)
{
	return meed_eq(x->name, meed_s(s));
}

static enum level level_of(const struct mx *x)
{
	switch (x->kind) {
	case MX_LIST: case MX_SYSTEM: case MX_ORREL:
		return L_ATOM;		/* list(...), where it is not the whole */
	case MX_IMPLIES: case MX_NOT:
		return L_LOGIC;
	case MX_REL:
		return L_REL;
	case MX_RATIO: case MX_TIME:
		return L_RATIO;
	case MX_UNION: case MX_INTER: case MX_MINUS:
		return L_SETS;
	case MX_ADD: case MX_PM: case MX_MP: case MX_NEG:
		return L_SUM;
	case MX_MUL: case MX_DIV:
		return L_PRODUCT;
	case MX_POW: case MX_PERCENT: case MX_DEGREE: case MX_UNIT:
		return L_POWER;
	case MX_FUNC:
		return is_name(x, "factorial") || is_name(x, "factorial2") ? L_POWER : L_ATOM;
	default:
		return L_ATOM;
	}
}

/* ---- names ---- */

static void quoted(struct printer *p, meed_str s)
{
	meed_text_char(p->out, '"');
	meed_text_str(p->out, s);
	meed_text_char(p->out, '"');
}

/* How long the first part of a name is: a letter or the name of a Greek one; 0 if neither. */
static size_t base_length(meed_str s, const char **ret_before)
{
	const struct entry *en;
	uint32_t cp;
	size_t n = 0;

	*ret_before = "";
	while (n < s.n && letter(s.p[n]))
		n++;
	if (n == 1)
		return 1;
	if (n == 0) {
		n = s.n ? meed_utf8_next(s.p, s.n, &cp) : 0;
		return n > 1 && mx_is_letter(cp) ? n : 0;
	}
	en = mx_plain(meed_sub(s, 0, n));
	if (en && en->kind == T_ID && meed_eq(meed_s(en->s), meed_sub(s, 0, n)))
		return n;
	en = mx_command(meed_sub(s, 0, n));
	*ret_before = "\\";
	if (en && ((en->kind == T_ID && meed_eq(meed_s(en->s), meed_sub(s, 0, n))) ||
		   en->kind == T_PARTIAL))
		return n;
	return 0;
}

/* How long the subscript or prime at the start of s is; 0 if there is none. */
static size_t part_length(meed_str s)
{
	size_t n = 1;

	if (s.n && s.p[0] == '\'')
		return 1;
	if (s.n < 2 || s.p[0] != '_')
		return 0;
	if (s.p[1] == '{') {
		while (n < s.n && s.p[n] != '}')
			n++;
		return n < s.n && n > 2 ? n + 1 : 0;
	}
	while (n < s.n && (letter(s.p[n]) || (s.p[n] >= '0' && s.p[n] <= '9')))
		n++;
	return n > 1 ? n : 0;
}

static bool is_bare(meed_str s)
{
	const char *before;
	size_t n = base_length(s, &before), k;

	if (!n)
		return false;
	for (; n < s.n; n += k) {
		k = part_length(meed_sub(s, n, s.n));
		if (!k)
			return false;
	}
	return true;
}

static void bare(struct printer *p, meed_str s)
{
	const char *before;
	size_t n = base_length(s, &before), k;

	str(p, before);
	meed_text_str(p->out, meed_sub(s, 0, n));
	for (; n < s.n; n += k) {
		k = part_length(meed_sub(s, n, s.n));
		if (s.p[n] == '_' && k > 2 && s.p[n + 1] != '{') {
			str(p, "_{");
			meed_text_str(p->out, meed_sub(s, n + 1, n + k));
			str(p, "}");
		} else {
			meed_text_str(p->out, meed_sub(s, n, n + k));
		}
	}
	if (before[0])
		str(p, " ");
}

static void symbol(struct printer *p, const struct mx *x)
{
	if (is_name(x, "..."))
		str(p, "...");
	else if (!is_bare(x->name) || (is_name(x, "i") && !p->bound_i) ||
		 (is_name(x, "e") && !p->bound_e))
		quoted(p, x->name);
	else
		bare(p, x->name);
}

static void text(struct printer *p, const struct mx *x)
{
	meed_str s = x->name;

	if (meed_eq(s, MEED_S("..."))) {
		str(p, "...");
		return;
	}
	meed_text_char(p->out, '"');
	meed_text_str(p->out, s);
	if (s.n == 1 && letter(s.p[0]))
		meed_text_char(p->out, '.');	/* a letter alone would be a symbol */
	meed_text_char(p->out, '"');
}

static void number_set(struct printer *p, const struct mx *x)
{
	static const char *const names[] = { "Reals", "Rationals", "Integers", "Naturals",
					     "Complexes" };
	const char *at = x->name.n ? strchr("RQZNC", x->name.p[0]) : NULL;

	str(p, at && *at ? names[at - "RQZNC"] : "Reals");
	if (x->name.n > 1) {
		str(p, "^");
		meed_text_char(p->out, x->name.p[1]);
	}
}

/* ---- numbers ---- */

static void zeros(struct printer *p, size_t n)
{
	while (n-- > 0 && p->out->n < p->out->cap)
		meed_text_char(p->out, '0');
}

static void decimal(struct printer *p, const struct mx *x)
{
	meed_str d = x->name;
	size_t frac = x->scale, whole = d.n > frac ? d.n - frac : 0, pad = d.n < frac ? frac - d.n : 0;
	size_t fixed = frac - x->rep;		/* of the digits behind the point */

	if (whole)
		meed_text_str(p->out, meed_sub(d, 0, whole));
	else
		str(p, "0");
	if (frac) {
		str(p, ".");
		zeros(p, pad);
		fixed = fixed > pad ? fixed - pad : 0;
		meed_text_str(p->out, meed_sub(d, whole, whole + fixed));
		if (x->rep) {
			str(p, "(");
			meed_text_str(p->out, meed_sub(d, whole + fixed, d.n));
			str(p, ")");
		}
	}
	if (x->exp10 || !frac) {
		str(p, "E");
		meed_text_i64(p->out, x->exp10);
	}
}

static void based(struct printer *p, const struct mx *x)
{
	if (x->name.n && letter(x->name.p[0]))
		str(p, "0");
	meed_text_str(p->out, x->name);
	str(p, "_");
	meed_text_u64(p->out, x->base);
}

/* ---- what has arguments ---- */

static void items(struct printer *p, const struct mx *x, enum level min)
{
	for (uint32_t i = 0; i < x->n; i++) {
		if (i)
			str(p, ", ");
		expr(p, x->arg[i], min);
	}
}

static void call(struct printer *p, const char *name, const struct mx *x)
{
	str(p, name);
	str(p, "(");
	items(p, x, L_ANY);
	str(p, ")");
}

/* Names that are functions without quotation marks. */
static bool is_callable(meed_str s)
{
	bool primed = s.n && memchr(s.p, '\'', s.n);

	if (s.n == 4 && strchr("fghFGH", s.p[0]) && meed_eq(meed_sub(s, 1, 4), MEED_S("^-1")))
		return true;
	if (!is_bare(s))
		return false;
	if (primed && letter(s.p[0]))
		return s.p[s.n - 1] == '\'';
	return meed_eq(s, MEED_S("phi")) || meed_eq(s, MEED_S("psi")) ||
	       (s.n && strchr("fghFGH", s.p[0]) && (s.n == 1 || s.p[1] == '_'));
}

static void called(struct printer *p, const struct mx *x)
{
	meed_str s = x->name;

	if (!is_callable(s))
		quoted(p, s);
	else if (meed_starts(meed_sub(s, 1, s.n), MEED_S("^")))
		meed_text_str(p->out, s);
	else
		bare(p, s);
	call(p, "", x);
}

/* Sums and the like; the symbol that they bind is printed as such even if it is e or i. */
static void bound(struct printer *p, const char *name, const struct mx *x)
{
	bool binds = x->n && x->arg[0]->kind == MX_SYM;
	bool i = binds && is_name(x->arg[0], "i"), e = binds && is_name(x->arg[0], "e");

	p->bound_i += i;
	p->bound_e += e;
	call(p, name, x);
	p->bound_i -= i;
	p->bound_e -= e;
}

static void function(struct printer *p, const struct mx *x)
{
	if (x->n == 1 && (is_name(x, "factorial") || is_name(x, "factorial2"))) {
		expr(p, x->arg[0], L_ATOM);
		str(p, is_name(x, "factorial") ? "!" : "!!");
		return;
	}
	meed_text_str(p->out, x->name);
	call(p, "", x);
}

/* ---- arithmetic ---- */

static void sum(struct printer *p, const struct mx *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		const struct mx *a = x->arg[i];

		if (a->kind == MX_NEG) {
			str(p, i ? " - " : "-");
			expr(p, a->arg[0], L_PRODUCT);
		} else {
			str(p, i ? " + " : "");
			expr(p, a, L_PRODUCT);
		}
	}
}

/* May b follow the number a without a sign between them: 2x, 2x^2? */
static bool side_by_side(const struct mx *a, const struct mx *b)
{
	if (b->kind == MX_POW)
		b = b->arg[0];
	return (a->kind == MX_INT || (a->kind == MX_DEC && a->scale && !a->exp10 && !a->rep)) &&
	       b->kind == MX_SYM && b->name.n > 0 && b->name.p[0] >= 'a' && b->name.p[0] <= 'z' &&
	       b->name.p[0] != 'e' && b->name.p[0] != 'i' && is_bare(b->name) &&
	       (b->name.n == 1 || b->name.p[1] == '_');
}

static void product(struct printer *p, const struct mx *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		const struct mx *a = x->arg[i];

		if (i && !(i == 1 && side_by_side(x->arg[0], a)))
			str(p, "*");
		expr(p, a, !i && a->kind == MX_DIV ? L_PRODUCT : L_POWER);
	}
}

static void quotient(struct printer *p, const struct mx *x)
{
	expr(p, x->arg[0], x->arg[0]->kind == MX_UNIT ? L_ATOM : L_PRODUCT);
	str(p, "/");
	expr(p, x->arg[1], x->arg[1]->kind == MX_UNIT ? L_ATOM : L_POWER);
}

static bool simple(const struct mx *x)
{
	return x->kind == MX_INT || (x->kind == MX_DEC && !x->rep && !x->exp10) ||
	       x->kind == MX_PI || x->kind == MX_E || x->kind == MX_I ||
	       (x->kind == MX_SYM && x->name.n == 1 && letter(x->name.p[0]));
}

static void power(struct printer *p, const struct mx *x)
{
	const struct mx *b = x->arg[1];

	expr(p, x->arg[0], L_ATOM);
	str(p, "^");
	if (b->kind == MX_NEG && simple(b->arg[0])) {
		str(p, "-");
		b = b->arg[0];
	}
	if (!simple(b))
		str(p, "(");
	expr(p, b, L_ANY);
	if (!simple(b))
		str(p, ")");
}

static void plus_minus(struct printer *p, const struct mx *x)
{
	const char *sign = x->kind == MX_PM ? "+-" : "-/+";

	if (x->n == 2) {
		expr(p, x->arg[0], L_SUM);
		str(p, " ");
	}
	str(p, sign);
	str(p, x->n == 2 ? " " : "");
	expr(p, x->arg[x->n - 1], L_PRODUCT);
}

static void unit(struct printer *p, const struct mx *x)
{
	const struct mx *a = x->arg[0];
	bool word = a->kind == MX_SYM && !is_bare(a->name);

	str(p, word ? "(" : "");
	expr(p, a, L_ATOM);
	str(p, word ? ") " : " ");
	if (rd_plain_unit(x->name) && rd_quantity(a) &&
	    (a->kind == MX_INT || a->kind == MX_DEC || level_of(a) < L_ATOM))
		meed_text_str(p->out, x->name);
	else
		quoted(p, x->name);
}

static void joined(struct printer *p, const struct mx *x, const char *by, enum level min)
{
	for (uint32_t i = 0; i < x->n; i++) {
		if (i)
			str(p, by);
		expr(p, x->arg[i], min);
	}
}

/* ---- sets, points, relations ---- */

static bool is_infinite(const struct mx *x)
{
	if (x->kind == MX_NEG || (x->kind == MX_PM && x->n == 1))
		x = x->arg[0];
	return x->kind == MX_INF;
}

static bool all_relations(const struct mx *x)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (x->arg[i]->kind != MX_REL)
			return false;
	return true;
}

static void set(struct printer *p, const struct mx *x)
{
	bool escaped = x->n < 2 || all_relations(x);

	if (!x->n) {
		str(p, "emptyset");
		return;
	}
	str(p, escaped ? "\\{" : "{");
	items(p, x, L_SETS);
	str(p, escaped ? "\\}" : "}");
}

static void tuple(struct printer *p, const struct mx *x)
{
	bool angle = x->n < 2 || all_relations(x) ||
		     (x->n == 2 && (is_infinite(x->arg[0]) || is_infinite(x->arg[1])));

	str(p, angle ? "\\langle " : "(");
	items(p, x, L_ANY);
	str(p, angle ? "\\rangle " : ")");
}

/* Would x, printed behind the bracket of an interval, read as something else? A second [ makes
 * a matrix of it, and ]+- is no bracket that opens. */
static bool needs_wrap(const struct mx *x)
{
	while (x->n && x->kind != MX_MATRIX && x->kind != MX_INTERVAL && x->kind != MX_NEG &&
	       x->kind != MX_CALL && (x->kind != MX_FUNC || level_of(x) == L_POWER) &&
	       !((x->kind == MX_PM || x->kind == MX_MP) && x->n == 1))
		x = x->arg[0];
	return x->kind == MX_MATRIX || (x->kind == MX_INTERVAL && !x->open_lo) ||
	       x->kind == MX_PM || x->kind == MX_MP;
}

static void interval(struct printer *p, const struct mx *x)
{
	const struct mx *lo = x->arg[0], *hi = x->arg[1];
	bool open = x->open_lo && x->open_hi && !is_infinite(lo) && !is_infinite(hi);
	bool wrap = needs_wrap(lo);

	str(p, open ? "]" : x->open_lo ? "(" : "[");
	str(p, wrap ? "(" : "");
	expr(p, lo, L_ANY);
	str(p, wrap ? ")" : "");
	str(p, ", ");
	expr(p, hi, L_ANY);
	str(p, open ? "[" : x->open_hi ? ")" : "]");
}

static void matrix(struct printer *p, const struct mx *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		str(p, !i ? "[[" : i % x->cols ? ", " : "], [");
		expr(p, x->arg[i], L_ANY);
	}
	str(p, x->n ? "]]" : "[[]]");
}

static const char *const signs[] = {
	[MX_EQ] = " = ", [MX_NE] = " != ", [MX_LT] = " < ", [MX_LE] = " <= ", [MX_GT] = " > ",
	[MX_GE] = " >= ", [MX_IN] = " in ", [MX_NOTIN] = " notin ", [MX_APPROX] = " ~= ",
	[MX_CONG] = " === ", [MX_SUBSET] = " subset ",
};

static void relation(struct printer *p, const struct mx *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		if (i)
			str(p, signs[x->rel[i - 1]]);
		expr(p, x->arg[i], L_RATIO);
	}
}

static void time_of_day(struct printer *p, const struct mx *x)
{
	for (uint32_t i = 0; i < 3; i++) {
		if (i)
			str(p, ":");
		if (i && (i >= x->n || x->arg[i]->name.n < 2))
			str(p, "0");
		if (i < x->n)
			expr(p, x->arg[i], L_ATOM);
		else
			str(p, "0");
	}
}

/* ---- the whole ---- */

static bool plain_relation(const struct mx *x)
{
	return x->kind == MX_REL && x->arg[x->n - 1]->kind != MX_LIST;
}

static bool same_key(const struct mx *a, const struct mx *b)
{
	return a->n == 2 && b->n == 2 && a->rel[0] == MX_EQ && b->rel[0] == MX_EQ &&
	       a->arg[0]->n < 8 && mx_same(a->arg[0], b->arg[0]);
}

/* Do the relations of x, with commas between them, read back as a system? */
static bool plain_system(const struct mx *x)
{
	if (x->kind != MX_SYSTEM || x->n < 2)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (!plain_relation(x->arg[i]) ||
		    (i && (same_key(x->arg[0], x->arg[i]) || same_key(x->arg[i - 1], x->arg[i]))))
			return false;
	return true;
}

static bool plain_choice(const struct mx *x)
{
	if (x->kind != MX_ORREL || x->n < 2)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (!plain_relation(x->arg[i]) && !plain_system(x->arg[i]))
			return false;
	return true;
}

static bool plain_list(const struct mx *x)
{
	bool units = true;

	if (x->kind != MX_LIST || x->n < 2)
		return false;
	for (uint32_t i = 0; i < x->n; i++) {
		enum mx_kind k = x->arg[i]->kind;

		if (k == MX_REL || k == MX_SYSTEM || k == MX_ORREL)
			return false;
		units = units && k == MX_UNIT;
	}
	return !units;
}

static bool values(const struct mx *x)
{
	if (x->kind != MX_REL || x->rel[x->n - 2] != MX_EQ || !plain_list(x->arg[x->n - 1]))
		return false;
	for (uint32_t i = 0; i < x->arg[x->n - 1]->n; i++)
		if (x->arg[x->n - 1]->arg[i]->kind == MX_TEXT ||
		    x->arg[x->n - 1]->arg[i]->kind == MX_CHOICE)
			return false;
	return true;
}

static void statement(struct printer *p, const struct mx *x)
{
	if (plain_list(x) || plain_system(x)) {
		items(p, x, L_ANY);
	} else if (plain_choice(x)) {
		for (uint32_t i = 0; i < x->n; i++) {
			if (i)
				str(p, " or ");
			statement(p, x->arg[i]);
		}
	} else if (values(x)) {
		for (uint32_t i = 0; i + 1 < x->n; i++) {
			expr(p, x->arg[i], L_RATIO);
			str(p, signs[x->rel[i]]);
		}
		items(p, x->arg[x->n - 1], L_ANY);
	} else {
		expr(p, x, L_ANY);
	}
}

/* Relations, sets and logic. */
static void loose(struct printer *p, const struct mx *x)
{
	switch (x->kind) {
	case MX_TUPLE: tuple(p, x); break;
	case MX_LIST: call(p, "list", x); break;
	case MX_SYSTEM: call(p, "system", x); break;
	case MX_ORREL: call(p, "either", x); break;
	case MX_AND: call(p, "allof", x); break;
	case MX_OR: call(p, "anyof", x); break;
	case MX_SET: set(p, x); break;
	case MX_SETOF:
		str(p, "{");
		expr(p, x->arg[0], L_SETS);
		str(p, " | ");
		statement(p, x->arg[1]);
		str(p, "}");
		break;
	case MX_INTERVAL: interval(p, x); break;
	case MX_UNION: joined(p, x, " union ", L_SUM); break;
	case MX_INTER: joined(p, x, " inter ", L_SUM); break;
	case MX_MINUS: joined(p, x, " setminus ", L_SUM); break;
	case MX_NUMSET: number_set(p, x); break;
	case MX_MATRIX: matrix(p, x); break;
	case MX_REL: relation(p, x); break;
	case MX_NOT:
		str(p, "not ");
		expr(p, x->arg[0], L_REL);
		break;
	case MX_IMPLIES: joined(p, x, " => ", L_REL); break;
	case MX_BOOL: str(p, is_name(x, "true") ? "True" : "False"); break;
	case MX_RATIO: joined(p, x, " : ", L_SETS); break;
	case MX_TIME: time_of_day(p, x); break;
	case MX_CHOICE:
		str(p, "(");
		meed_text_str(p->out, x->name);
		str(p, ")");
		break;
	default: text(p, x); break;
	}
}

static void node(struct printer *p, const struct mx *x)
{
	switch (x->kind) {
	case MX_INT: meed_text_str(p->out, x->name); break;
	case MX_DEC: decimal(p, x); break;
	case MX_SYM: symbol(p, x); break;
	case MX_PI: str(p, "pi"); break;
	case MX_E: str(p, "e"); break;
	case MX_I: str(p, "i"); break;
	case MX_INF: str(p, "inf"); break;
	case MX_UNDEF: str(p, "undefined"); break;
	case MX_ADD: sum(p, x); break;
	case MX_MUL: product(p, x); break;
	case MX_NEG:
		str(p, "-");
		expr(p, x->arg[0], L_PRODUCT);
		break;
	case MX_DIV: quotient(p, x); break;
	case MX_POW: power(p, x); break;
	case MX_PM: case MX_MP: plus_minus(p, x); break;
	case MX_FUNC: function(p, x); break;
	case MX_CALL: called(p, x); break;
	case MX_SUM: bound(p, "sum", x); break;
	case MX_PROD: bound(p, "prod", x); break;
	case MX_INTEGRAL: bound(p, "integral", x); break;
	case MX_LIM: bound(p, "lim", x); break;
	case MX_DERIV: bound(p, "deriv", x); break;
	case MX_PERCENT:
		expr(p, x->arg[0], L_ATOM);
		str(p, "%");
		break;
	case MX_DEGREE:
		expr(p, x->arg[0], L_ATOM);
		str(p, " deg");
		break;
	case MX_UNIT: unit(p, x); break;
	case MX_BASE: based(p, x); break;
	default: loose(p, x); break;
	}
}

static void expr(struct printer *p, const struct mx *x, enum level min)
{
	bool brackets = level_of(x) < min;

	if (p->depth >= MAX_DEPTH || p->out->n >= p->out->cap) {
		p->out->cap = p->out->n;	/* too deep or full: nothing more is written */
		return;
	}
	p->depth++;
	str(p, brackets ? "(" : "");
	node(p, x);
	str(p, brackets ? ")" : "");
	p->depth--;
}

void mx_print(struct meed_text *out, const struct mx *x)
{
	struct printer p = { .out = out };

	statement(&p, x);
}
