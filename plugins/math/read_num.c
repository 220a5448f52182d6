/* read_num.c - whole numbers of digits, points, separators, exponents and bases.
 *
 * 1,000 is a thousand, also in brackets where its group begins with a zero or where the brackets
 * show that their commas have spaces; (100,200) is a pair, 12,34 and 1, 000 are lists. 1{,}000,
 * 1\,000, 1'000 and 1 000 are a thousand. 1.234.567 and 1.234,56 are European, for they can be nothing
 * else; so are 0,05 and 2,74 before a currency. 0.(3), 0.\overline{3} and 0.\dot{3} repeat, and so
 * does 0.333... when its digits show a period; 3.14159... is 3.14159. 1e3 is an exponent, 2e-3
 * and 2e+3 only when a point, 1, E or two digits make it one: else e is Euler's number. */
#include "config.h"
#include "plugins/math/read.h"

struct join {
	struct mx_env *e;
	struct tok *t;
	size_t no_base;			/* the run of digits and letters up to here has no base */
};

static bool tight(const struct tok *t)
{
	return !(t->flags & F_SPACE);
}

/* Marks commas that are in brackets, and whether those have spaced commas. */
static bool mark_commas(struct mx_env *e, struct tokens *ts)
{
	uint32_t *stack = mx_alloc(e, (ts->n + 1) * sizeof(*stack));
	struct tok *t = ts->v;
	size_t n = 0;

	if (!stack)
		return false;
	for (size_t i = 0; i < ts->n; i++) {
		bool round = t[i].id == '(' || t[i].id == '[' || t[i].id == B_SET;

		if (t[i].kind == T_OPEN && round) {
			stack[n++] = (uint32_t)i;
		} else if (t[i].kind == T_CLOSE && t[i].id != '}' && n) {
			n--;
		} else if ((t[i].kind == T_COMMA || t[i].kind == T_SEMI) && n) {
			t[i].flags |= F_INNER;
			t[i].opener = stack[n - 1];
			if (t[i + 1].flags & F_SPACE && !(t[i + 1].flags & F_NEG))
				t[t[i].opener].flags |= F_SPACED;
		}
	}
	for (size_t i = 0; i < ts->n; i++)
		if (t[i].kind == T_COMMA && t[i].flags & F_INNER)
			t[i].flags |= t[t[i].opener].flags & F_SPACED;
	return true;
}

static bool is_digits(const struct tok *t, size_t n)
{
	return t->kind == T_DIGITS && t->s.n == n;
}

/* Is t[0], t[1] a separator and a group of three? width: how many tokens that are. */
static bool is_group(const struct tok *t, enum tk kind, size_t *ret_width)
{
	*ret_width = kind == T_DIGITS ? 1 : 2;
	if (t->kind != kind)
		return false;
	switch (kind) {
	case T_DIGITS:
		return t->s.n == 3 && !tight(t);
	case T_GROUP:
		return is_digits(t + 1, 3);
	case T_COMMA:
		return tight(t) && is_digits(t + 1, 3) && (tight(t + 1) || t[1].flags & F_NEG);
	default:
		return tight(t) && is_digits(t + 1, 3) && tight(t + 1);
	}
}

/* How many tokens the whole part takes that starts at t. */
static size_t whole_part(const struct tok *t)
{
	enum tk kind = (enum tk)t[1].kind;
	size_t i = 1, groups = 0, width;
	bool zero = false;

	if (t->s.n > 3 || t->s.p[0] == '0' ||
	    (kind != T_DIGITS && kind != T_GROUP && kind != T_COMMA && kind != T_DOT &&
	     kind != T_PRIME))
		return 1;
	for (; is_group(&t[i], kind, &width); i += width, groups++)
		zero = zero || t[i + width - 1].s.p[0] == '0';
	if (!groups)
		return 1;
	switch (kind) {
	case T_COMMA:
		if (t[i].kind == T_COMMA && tight(&t[i]) && t[i + 1].kind == T_DIGITS &&
		    tight(&t[i + 1]))
			return 1;
		return t[1].flags & F_INNER && !(t[1].flags & F_SPACED) && !zero &&
		       !(t[2].flags & F_NEG) ? 1 : i;
	case T_DOT:
		if (t[i].kind == T_DOT && t[i + 1].kind == T_DIGITS)
			return 1;
		return groups > 1 || (t[i].kind == T_COMMA && tight(&t[i]) &&
				      !(t[i].flags & F_INNER) && t[i + 1].kind == T_DIGITS &&
				      tight(&t[i + 1]) && t[i + 1].s.n != 3) ? i : 1;
	case T_DIGITS:
		return (t[i].kind == T_OP && t[i].id == '/') || t[i].kind == T_FRAC ||
		       t[i].kind == T_DIGITS ? 1 : i;
	default:
		return i;
	}
}

/* Is the comma at t a decimal one? groups: the whole part had groups. */
static bool decimal_comma(const struct tok *whole, const struct tok *t, bool european)
{
	if (t->kind != T_COMMA || t->flags & F_INNER || !tight(t) || t[1].kind != T_DIGITS ||
	    !tight(t + 1) || t[2].kind == T_COMMA)
		return false;
	if (european)
		return true;
	return (t[2].kind == T_CUR || t[2].kind == T_PERCENT ||
		(whole->s.n == 1 && whole->s.p[0] == '0' && t[1].s.n > 1 && t[1].s.p[0] == '0'));
}

/* The repeating digits that t starts: \overline{3}, (3), \dot{1}42\dot{8}. 0 if there are none. */
static size_t repeating(const struct tok *t)
{
	bool dot = t->kind == T_ACCENT && t->id == '.';

	if (t->kind == T_OPEN && t->id == '(' && tight(t) && t[1].kind == T_DIGITS &&
	    t[2].kind == T_CLOSE && t[2].id == ')')
		return 3;
	if (t->kind != T_ACCENT || (!dot && t->id != '-'))
		return 0;
	if (t[1].kind == T_DIGITS)
		return dot && t[1].s.n > 1 ? 0 : 2;
	if (t[1].kind != T_OPEN || t[1].id != '{' || t[2].kind != T_DIGITS || t[3].kind != T_CLOSE)
		return 0;
	if (!dot)
		return 4;
	if (t[4].kind == T_ACCENT && t[4].id == '.' && repeating(&t[4]) == 4)
		return 8;
	if (t[4].kind == T_DIGITS && t[5].kind == T_ACCENT && t[5].id == '.' &&
	    repeating(&t[5]) == 4)
		return 9;
	return 4;
}

/* The period that the digits before an ellipsis show, or 0. */
static uint32_t period(meed_str d)
{
	for (size_t p = 1; p <= 6; p++) {
		size_t run = p;

		if (d.n < 2 * p)
			break;
		while (run < d.n && d.p[d.n - 1 - run] == d.p[d.n - 1 - run + p])
			run++;
		if (run >= 3 * p || (p > 1 && run == d.n))
			return (uint32_t)p;
	}
	return 0;
}

/* The digits of tokens [from, to) in one string. */
static bool concat(struct mx_env *e, const struct tok *t, size_t n, meed_str *ret)
{
	size_t len = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		len += t[i].kind == T_DIGITS ? t[i].s.n : 0;
	p = mx_alloc(e, len + 1);
	if (!p || !mx_step(e, 1 + len / 64))
		return false;
	*ret = (meed_str){ p, len };
	for (size_t i = 0; i < n; i++) {
		if (t[i].kind != T_DIGITS)
			continue;
		memcpy(p, t[i].s.p, t[i].s.n);
		p += t[i].s.n;
	}
	return true;
}

static size_t digits_in(const struct tok *t, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += t[i].kind == T_DIGITS ? t[i].s.n : 0;
	return len;
}

/* How many tokens the exponent takes that starts at t, behind a mantissa of n tokens. */
static size_t exponent(const struct tok *mantissa, size_t n, bool point, const struct tok *t)
{
	size_t k = 1;
	bool sure;

	if (t->kind != T_ID || t->s.n != 1 || (t->s.p[0] != 'e' && t->s.p[0] != 'E') ||
	    !tight(t) || t->flags & (F_FONT | F_ROMAN))
		return 0;
	sure = point || t->s.p[0] == 'E' || (n == 1 && is_digits(mantissa, 1) &&
					      mantissa->s.p[0] == '1');
	if (t[1].kind == T_OP && (t[1].id == '+' || t[1].id == '-') && tight(&t[1]))
		k = 2;
	if (t[k].kind != T_DIGITS || !tight(&t[k]) || (k == 2 && !sure && t[k].s.n < 2))
		return 0;
	return k + 1;
}

/* x times ten to the power that the tokens at t say. */
static struct mx *with_exponent(struct mx_env *e, struct mx *x, const struct tok *t, size_t n)
{
	meed_str d = t[n - 1].s;
	bool neg = n == 3 && t[1].id == '-';
	struct mx *pow, *ten, *p, *m;
	int32_t v = 0;

	while (d.n > 1 && d.p[0] == '0')
		d = meed_sub(d, 1, d.n);
	if (d.n < 9) {
		for (size_t i = 0; i < d.n; i++)
			v = 10 * v + (d.p[i] - '0');
		x->kind = MX_DEC;
		x->exp10 = neg ? -v : v;
		return x;
	}
	pow = mx_new(e, MX_INT, 0);
	ten = mx_int(e, 10);
	p = mx_new(e, MX_POW, 2);
	m = mx_new(e, MX_MUL, 2);
	if (!pow || !ten || !p || !m)
		return NULL;
	pow->name = d;
	if (neg) {
		struct mx *minus = mx_new(e, MX_NEG, 1);

		if (!minus)
			return NULL;
		minus->arg[0] = pow;
		pow = minus;
	}
	p->arg[0] = ten;
	p->arg[1] = pow;
	m->arg[0] = x;
	m->arg[1] = p;
	((struct node *)p)->height = 3;
	((struct node *)m)->height = 4;
	return m;
}

/* The number that starts at t: makes it and says how many tokens it takes. */
static struct mx *number(struct join *j, const struct tok *t, size_t *ret_n)
{
	size_t n = t->kind == T_DIGITS ? whole_part(t) : 0, more, scale = 0, rep = 0;
	bool european = n > 1 && t[1].kind == T_DOT;
	struct mx *x = mx_new(j->e, MX_INT, 0);
	bool point = false;
	meed_str d;

	if (!x)
		return NULL;
	if (decimal_comma(t, &t[n], european) ||
	    (t[n].kind == T_DOT && (n == 0 || tight(&t[n])) && tight(&t[n + 1]) &&
	     (t[n + 1].kind == T_DIGITS || repeating(&t[n + 1])))) {
		point = true;
		more = 1 + (t[n + 1].kind == T_DIGITS);
		scale = more == 2 ? t[n + 1].s.n : 0;
		n += more;
		more = repeating(&t[n]);
		rep = digits_in(&t[n], more);
		n += more;
		scale += rep;
	}
	if (!concat(j->e, t, n, &d))
		return NULL;
	if (point && !rep && t[n].kind == T_DOTS) {
		rep = period(meed_sub(d, d.n - scale, d.n));
		n++;
	}
	while (d.n > 1 && d.n > rep && d.p[0] == '0')
		d = meed_sub(d, 1, d.n);
	x->kind = point ? MX_DEC : MX_INT;
	x->name = d;
	x->scale = (uint32_t)scale;
	x->rep = (uint32_t)rep;
	more = rep ? 0 : exponent(t, n, point, &t[n]);
	if (more)
		x = with_exponent(j->e, x, &t[n], more);
	*ret_n = n + more;
	return x;
}

/* The base that "_..." at t names, or 0; *ret_n: how many tokens that takes. */
static uint32_t base(const struct tok *t, size_t *ret_n)
{
	bool braced = t->kind == T_OP && t[1].kind == T_OPEN && t[1].id == '{';
	const struct tok *d = &t[braced ? 2 : 1];
	uint32_t b = 0;

	if (t->kind != T_OP || t->id != '_' || (braced && d[1].kind != T_CLOSE))
		return 0;
	if (d->kind == T_WORD && mx_number_word(d->s) > 1)
		b = (uint32_t)mx_number_word(d->s);
	else if (d->kind == T_DIGITS && d->s.n <= 2)
		for (size_t i = 0; i < d->s.n; i++)
			b = 10 * b + (uint32_t)(d->s.p[i] - '0');
	*ret_n = braced ? 4 : 2;
	return b >= 2 && b <= 36 ? b : 0;
}

static uint32_t digit_value(char c)
{
	return (uint32_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* Digits in a base that starts at t: 1011_2, 1A3_{16}, (1011)_2. NULL with ret_n 0 if none. */
static struct mx *based(struct join *j, size_t i, size_t *ret_n)
{
	const struct tok *t = &j->t[i];
	size_t n = 0, len = 0, open = t->kind == T_OPEN, width = 0;
	uint32_t b, most = 0;
	bool digit = false;
	struct mx *x;
	char *p;

	*ret_n = 0;
	for (n = open; t[n].kind == T_DIGITS || (t[n].kind == T_ID && t[n].s.n == 1 &&
						 t[n].s.p[0] >= 'A' && t[n].s.p[0] <= 'Z'); n++) {
		if (n > open && !tight(&t[n]))
			break;
		digit = digit || t[n].kind == T_DIGITS;
		len += t[n].s.n;
	}
	if (!open)
		j->no_base = i + n;
	if ((!digit && n < 2) || (open && (t[n].kind != T_CLOSE || t[n].id != ')')))
		return NULL;
	b = base(&t[n + open], &width);
	if (!b || (!digit && b < 11))
		return NULL;
	p = mx_alloc(j->e, len + 1);
	x = mx_new(j->e, MX_BASE, 0);
	if (!p || !x)
		return NULL;
	len = 0;
	for (size_t k = open; k < n; k++)
		for (size_t m = 0; m < t[k].s.n; m++) {
			p[len] = t[k].s.p[m];
			if (digit_value(p[len]) > most)
				most = digit_value(p[len]);
			len++;
		}
	if (most >= b)
		return NULL;
	x->name = (meed_str){ p, len };
	while (x->name.n > 1 && x->name.p[0] == '0')
		x->name = meed_sub(x->name, 1, x->name.n);
	x->base = b;
	*ret_n = n + 2 * open - open + width;
	return x;
}

/* May digits in a base start at token i? Letters and brackets only where digits follow. */
static bool may_be_based(const struct join *j, size_t i)
{
	const struct tok *t = &j->t[i];

	if (i < j->no_base ||
	    (i && t[-1].kind == T_OP && (t[-1].id == '_' || t[-1].id == '^')))
		return false;
	if (t->kind == T_OPEN)
		return t->id == '(' && t[1].kind == T_DIGITS;
	return t->kind == T_DIGITS || (t->kind == T_ID && t->s.n == 1 && t->s.p[0] >= 'A' &&
				       t->s.p[0] <= 'Z' && tight(&t[1]) &&
				       (t[1].kind == T_DIGITS ||
					(t[1].kind == T_ID && t[1].s.n == 1 &&
					 t[1].s.p[0] >= 'A' && t[1].s.p[0] <= 'F')));
}

static meed_str source(const struct tok *t, size_t n)
{
	const struct tok *last = &t[n - 1];
	meed_str s = t->s;

	if (last->s.p >= s.p && last->at >= t->at && (size_t)(last->s.p - s.p) == last->at - t->at)
		s.n = (size_t)(last->s.p - s.p) + last->s.n;
	return s;
}

bool mx_join_numbers(struct mx_env *e, struct tokens *ts)
{
	struct join j = { .e = e, .t = ts->v };
	struct tok *t = ts->v;
	size_t w = 0, n;
	struct mx *x;

	if (!mark_commas(e, ts))
		return false;
	for (size_t i = 0; i <= ts->n; i += n) {
		n = 0;
		x = may_be_based(&j, i) ? based(&j, i, &n) : NULL;
		if (e->spent)
			return false;
		if (!n && (t[i].kind == T_DIGITS ||
			   (t[i].kind == T_DOT && t[i + 1].kind == T_DIGITS && tight(&t[i + 1])))) {
			x = number(&j, &t[i], &n);
			if (!x)
				return false;
		}
		if (n) {
			struct tok num = t[i];

			num.kind = T_NUM;
			num.s = source(&t[i], n);
			num.x = x;
			t[w++] = num;
		} else {
			t[w++] = t[i];
			n = 1;
		}
	}
	ts->n = w - 1;
	return true;
}
