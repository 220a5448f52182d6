/* python.c - reads calls and literals as Python writes them.
 *
 * Numbers, strings, True, False, None (and JSON's true, false, null), lists, tuples, sets and dicts are
 * values; sums and products of numbers are worked out. Any other expression, a variable or a
 * call, is a value by its text, as in the Berkeley leaderboard. */
#include "config.h"
#include "tools.h"

struct py {
	struct env *e;
	meed_str s;
	size_t i;
	size_t depth;
};

static bool expression(struct py *p, struct val *ret);

static char peek(const struct py *p)
{
	return p->i < p->s.n ? p->s.p[p->i] : '\0';
}

/* Skips white space, line continuations and comments. */
static void skip(struct py *p)
{
	meed_str rest;

	for (;;) {
		rest = meed_strip_left(meed_sub(p->s, p->i, p->s.n));
		p->i = p->s.n - rest.n;
		if (meed_starts(rest, MEED_S("\\\n"))) {
			p->i += 2;
		} else if (peek(p) == '#') {
			while (p->i < p->s.n && p->s.p[p->i] != '\n')
				p->i++;
		} else {
			return;
		}
	}
}

static bool accept(struct py *p, char ch)
{
	skip(p);
	if (p->i >= p->s.n || p->s.p[p->i] != ch)
		return false;
	p->i++;
	return true;
}

static bool word_char(char ch, bool first)
{
	return (unsigned)((ch | 0x20) - 'a') < 26 || ch == '_' || (unsigned char)ch >= 0x80 ||
	       (!first && (unsigned)(ch - '0') < 10);
}

/* A name, with dots if dotted; hyphens within, which some tools' names have, if dotted too. */
static meed_str name(struct py *p, bool dotted)
{
	size_t from;

	skip(p);
	from = p->i;
	if (!word_char(peek(p), true))
		return (meed_str){ "", 0 };
	for (p->i++; p->i < p->s.n; p->i++) {
		if (word_char(p->s.p[p->i], false))
			continue;
		if (!dotted || (p->s.p[p->i] != '.' && p->s.p[p->i] != '-') ||
		    p->i + 1 >= p->s.n || !word_char(p->s.p[p->i + 1], true))
			break;
	}
	return meed_sub(p->s, from, p->i);
}

/* ---- strings ------------------------------------------------------------------------------------ */

/* Where a string's bytes go; p NULL: they are counted only. */
struct sink {
	char *p;
	size_t n;
};

static void put(struct sink *out, char ch)
{
	if (out->p)
		out->p[out->n] = ch;
	out->n++;
}

static int hex(char ch)
{
	if ((unsigned)(ch - '0') < 10)
		return ch - '0';
	return (unsigned)((ch | 0x20) - 'a') < 6 ? (ch | 0x20) - 'a' + 10 : -1;
}

static void put_utf8(struct sink *out, uint32_t cp)
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4, k;

	put(out, (char)(n == 1 ? cp : (0xF00u >> n & 0xFF) | cp >> 6 * (n - 1)));
	for (k = n - 1; k-- > 0;)
		put(out, (char)(0x80 | (cp >> 6 * k & 0x3F)));
}

/* An escape at s[i], after the backslash; returns where it ends. */
static size_t escape(meed_str s, size_t i, struct sink *out)
{
	static const char from[] = "ntrbfva0\\'\"", to[] = "\n\t\r\b\f\v\a\0\\'\"";
	size_t digits = s.p[i] == 'x' ? 2 : s.p[i] == 'u' ? 4 : s.p[i] == 'U' ? 8 : 0, k;
	const char *at = memchr(from, s.p[i], sizeof(from) - 1);
	uint32_t cp = 0;

	for (k = 0; k < digits && i + 1 + k < s.n && hex(s.p[i + 1 + k]) >= 0; k++)
		cp = cp << 4 | (uint32_t)hex(s.p[i + 1 + k]);
	if (digits > 0 && k == digits && cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF)) {
		put_utf8(out, cp);
		return i + 1 + digits;
	}
	if (s.p[i] == '\n')
		return i + 1;
	if (!at)
		put(out, '\\');
	put(out, at ? to[at - from] : s.p[i]);
	return i + 1;
}

/* One string literal at its quote. */
static bool quoted(struct py *p, bool raw, struct sink *out)
{
	char q = peek(p);
	char three[3] = { q, q, q };
	size_t width = meed_starts(meed_sub(p->s, p->i, p->s.n), (meed_str){ three, 3 }) ? 3 : 1;
	meed_str end = { three, width };

	for (p->i += width; p->i < p->s.n;) {
		if (meed_starts(meed_sub(p->s, p->i, p->s.n), end)) {
			p->i += width;
			return true;
		}
		if (width == 1 && p->s.p[p->i] == '\n')
			return false;
		if (p->s.p[p->i] == '\\' && p->i + 1 < p->s.n) {
			if (!raw) {
				p->i = escape(p->s, p->i + 1, out);
				continue;
			}
			put(out, p->s.p[p->i++]);
		}
		put(out, p->s.p[p->i++]);
	}
	return false;
}

/* Where the string literal at i has its quote, or MEED_NONE. */
static size_t quote_at(const struct py *p, bool *ret_raw)
{
	size_t k = p->i;

	*ret_raw = false;
	for (; k < p->s.n && k < p->i + 2 && p->s.p[k] && strchr("rRbBuUfF", p->s.p[k]); k++)
		*ret_raw = *ret_raw || (p->s.p[k] | 0x20) == 'r';
	return k < p->s.n && (p->s.p[k] == '"' || p->s.p[k] == '\'') ? k : MEED_NONE;
}

/* String literals, one after the other. */
static bool literals(struct py *p, struct sink *out)
{
	size_t q;
	bool raw;

	while ((q = quote_at(p, &raw)) != MEED_NONE) {
		p->i = q;
		if (!quoted(p, raw, out))
			return false;
		skip(p);
	}
	return true;
}

static bool string(struct py *p, struct val *ret)
{
	struct sink out = { NULL, 0 };
	size_t from = p->i;

	if (!literals(p, &out))
		return false;
	out.p = env_alloc(p->e, out.n + 1);
	if (!out.p)
		return false;
	out.n = 0;
	p->i = from;
	(void)literals(p, &out);
	ret->kind = V_STR;
	ret->s = (meed_str){ out.p, out.n };
	return true;
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

static bool number(struct py *p, struct val *ret)
{
	char buf[64];
	size_t n = 0, k = p->i;
	bool whole = true;
	int64_t x = 0;
	double d;

	for (; k < p->s.n && n < sizeof(buf); k++) {
		char ch = p->s.p[k];

		if (ch == '_')
			continue;
		if ((unsigned)(ch - '0') < 10 || ch == '.' || (ch | 0x20) == 'e' ||
		    ((ch == '+' || ch == '-') && n > 0 && (buf[n - 1] | 0x20) == 'e')) {
			buf[n++] = ch;
			whole = whole && (unsigned)(ch - '0') < 10;
			continue;
		}
		break;
	}
	if (n == 0 || n == sizeof(buf) || meed_read_num((meed_str){ buf, n }, &d) != n)
		return false;
	p->i = k;
	ret->kind = V_NUM;
	ret->d = d;
	if (!whole || n > 18)
		return d - d <= 0;
	for (k = 0; k < n; k++)
		x = x * 10 + (buf[k] - '0');
	ret->kind = V_INT;
	ret->i = x;
	return true;
}

/* ---- containers --------------------------------------------------------------------------------------- */

static meed_str key_text(struct py *p, const struct val *v)
{
	char *buf;
	struct meed_text t;

	if (v->kind == V_STR)
		return v->s;
	buf = env_alloc(p->e, 80);
	if (!buf)
		return (meed_str){ "", 0 };
	t = meed_text_in(buf, 80);
	val_print(&t, v);
	return meed_text_get(&t);
}

/* After the opening bracket. A brace holds pairs or, as a set, values. */
static bool container(struct py *p, char close, struct val *ret, bool *ret_comma)
{
	struct val item, key;
	bool comma = true;

	ret->kind = close == '}' ? V_DICT : V_LIST;
	for (; !accept(p, close); comma = accept(p, ',')) {
		if (!comma || !expression(p, &item))
			return false;
		if (close == '}' && accept(p, ':')) {
			key = item;
			if (ret->kind == V_LIST || !expression(p, &item) ||
			    !val_push(p->e, ret, key_text(p, &key), &item))
				return false;
			continue;
		}
		if (ret->kind == V_DICT && ret->n > 0)
			return false;
		ret->kind = V_LIST;
		if (!val_push(p->e, ret, (meed_str){ "", 0 }, &item))
			return false;
	}
	*ret_comma = comma;
	return true;
}

/* (x) is x; (x,) is a tuple, which is a list here. */
static bool parenthesis(struct py *p, struct val *ret)
{
	struct val v = { 0 };
	bool comma;

	if (!container(p, ')', &v, &comma))
		return false;
	*ret = v.n == 1 && !comma ? v.items[0] : v;
	return true;
}

/* The arguments of a call, after its parenthesis. */
static bool arguments(struct py *p, struct val *ret)
{
	static const char *const places[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
	size_t from, place = 0;
	struct val v;
	meed_str key;
	bool comma = true;

	ret->kind = V_DICT;
	for (; !accept(p, ')'); comma = accept(p, ',')) {
		if (!comma)
			return false;
		skip(p);
		from = p->i;
		key = name(p, false);
		if (key.n == 0 || !accept(p, '=') || peek(p) == '=') {
			p->i = from;
			if (place == sizeof(places) / sizeof(places[0]))
				return false;
			key = meed_s(places[place++]);
		}
		memset(&v, 0, sizeof(v));
		if (!expression(p, &v) || !val_push(p->e, ret, key, &v))
			return false;
	}
	return true;
}

/* ---- expressions --------------------------------------------------------------------------------------- */

/* Brackets at p->i and what they hold, whatever it is; strings in them are passed over. */
static bool pass_brackets(struct py *p)
{
	size_t depth = 0;
	bool raw;
	struct val v;

	do {
		if (p->i >= p->s.n)
			return false;
		if (strchr("([{", peek(p)) && peek(p)) {
			depth++;
		} else if (strchr(")]}", peek(p)) && peek(p)) {
			depth--;
		} else if (quote_at(p, &raw) == p->i) {
			if (!string(p, &v))
				return false;
			continue;
		}
		p->i++;
	} while (depth > 0);
	return true;
}

/* A name and what hangs on it: calls, items, attributes. Its value is its text. */
static bool named(struct py *p, struct val *ret)
{
	static const struct {
		meed_str word;
		enum kind kind;
		int64_t i;
	} words[] = {
		{ { "True", 4 }, V_BOOL, 1 }, { { "true", 4 }, V_BOOL, 1 },
		{ { "False", 5 }, V_BOOL, 0 }, { { "false", 5 }, V_BOOL, 0 },
		{ { "None", 4 }, V_NULL, 0 }, { { "null", 4 }, V_NULL, 0 },
	};
	size_t from, k;
	meed_str word;

	skip(p);
	from = p->i;
	word = name(p, false);
	if (word.n == 0)
		return false;
	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		if (meed_eq(word, words[k].word)) {
			ret->kind = words[k].kind;
			ret->i = words[k].i;
			return true;
		}
	}
	for (;;) {
		if (peek(p) == '(' || peek(p) == '[') {
			if (!pass_brackets(p))
				return false;
		} else if (peek(p) == '.' && p->i + 1 < p->s.n &&
			   word_char(p->s.p[p->i + 1], true)) {
			p->i++;
			(void)name(p, false);
		} else {
			break;
		}
	}
	ret->kind = V_STR;
	ret->name = true;
	ret->s = meed_sub(p->s, from, p->i);
	return true;
}

static bool atom(struct py *p, struct val *ret)
{
	bool raw, ok, comma;

	memset(ret, 0, sizeof(*ret));
	skip(p);
	if (p->i >= p->s.n || p->depth == TOOLS_MAX_DEPTH)
		return false;
	if (quote_at(p, &raw) != MEED_NONE)
		return string(p, ret);
	if ((unsigned)(peek(p) - '0') < 10 || peek(p) == '.')
		return number(p, ret);
	if (!strchr("([{", peek(p)))
		return named(p, ret);
	p->depth++;
	if (accept(p, '['))
		ok = container(p, ']', ret, &comma);
	else if (accept(p, '{'))
		ok = container(p, '}', ret, &comma);
	else
		ok = accept(p, '(') && parenthesis(p, ret);
	p->depth--;
	return ok;
}

static double as_double(const struct val *v)
{
	return v->kind == V_NUM ? v->d : (double)v->i;
}

/* Signs before a value: + and - of numbers. */
static bool signed_atom(struct py *p, struct val *ret)
{
	bool minus = false;

	for (skip(p); peek(p) == '-' || peek(p) == '+'; skip(p)) {
		minus ^= peek(p) == '-';
		p->i++;
	}
	if (!atom(p, ret))
		return false;
	if (!minus)
		return true;
	if (ret->kind == V_NUM)
		ret->d = -ret->d;
	else if (ret->kind == V_INT || ret->kind == V_BOOL)
		ret->i = -ret->i;
	else
		return false;
	return true;
}

static bool is_number(const struct val *v)
{
	return v->kind == V_INT || v->kind == V_NUM;
}

/* a OP b of numbers, as Python has it; false where it has no finite result. */
static bool calculate(char op, struct val *a, const struct val *b)
{
	bool whole = a->kind == V_INT && b->kind == V_INT && op != '/';
	double x = as_double(a), y = as_double(b), r;
	int64_t i = 0;

	if (whole) {
		if (op == '+' ? __builtin_add_overflow(a->i, b->i, &i) :
		    op == '-' ? __builtin_sub_overflow(a->i, b->i, &i) :
				__builtin_mul_overflow(a->i, b->i, &i))
			return false;
		a->i = i;
		return true;
	}
	r = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
	a->kind = V_NUM;
	a->d = r;
	return r - r <= 0;
}

static bool product(struct py *p, struct val *ret)
{
	struct val other;
	char op;

	if (!signed_atom(p, ret))
		return false;
	for (skip(p); is_number(ret) && (peek(p) == '*' || peek(p) == '/'); skip(p)) {
		op = peek(p);
		p->i++;
		if (!signed_atom(p, &other) || !is_number(&other) || !calculate(op, ret, &other))
			return false;
	}
	return true;
}

static bool expression(struct py *p, struct val *ret)
{
	struct val other;
	char op;

	if (!product(p, ret))
		return false;
	for (skip(p); is_number(ret) && (peek(p) == '+' || peek(p) == '-'); skip(p)) {
		op = peek(p);
		p->i++;
		if (!product(p, &other) || !is_number(&other) || !calculate(op, ret, &other))
			return false;
	}
	return true;
}

bool python_value(struct env *e, meed_str s, struct val *ret)
{
	struct py p = { e, s, 0, 0 };

	if (!expression(&p, ret))
		return false;
	skip(&p);
	return p.i == s.n;
}

/* ---- calls ------------------------------------------------------------------------------------------------ */

bool calls_push(struct env *e, struct calls *all, const struct call *one)
{
	struct call *v;
	size_t cap;

	if (all->n >= TOOLS_MAX_CALLS) {
		all->n++;
		return true;
	}
	if (all->n == all->cap) {
		cap = all->cap ? 2 * all->cap : 4;
		v = env_alloc(e, cap * sizeof(*v));
		if (!v)
			return false;
		if (all->n > 0)
			memcpy(v, all->v, all->n * sizeof(*v));
		all->v = v;
		all->cap = cap;
	}
	all->v[all->n++] = *one;
	return true;
}

static bool call(struct py *p, struct calls *ret)
{
	struct call one = { .args = { .kind = V_DICT } };

	one.name = name(p, true);
	if (one.name.n == 0 || peek(p) != '(')
		return false;
	p->i++;
	return arguments(p, &one.args) && calls_push(p->e, ret, &one);
}

bool python_calls(struct env *e, meed_str s, struct calls *ret)
{
	struct py p = { e, s, 0, 0 };
	struct calls all = { 0 };
	bool comma = true;

	if (accept(&p, '[')) {
		for (; !accept(&p, ']'); comma = accept(&p, ',')) {
			if (!comma || !call(&p, &all))
				return false;
		}
		skip(&p);
	} else {
		do {
			if (!call(&p, &all))
				return false;
			if (accept(&p, ';') || accept(&p, ','))
				skip(&p);
		} while (skip(&p), p.i < s.n);
	}
	if (p.i < s.n || all.n == 0)
		return false;
	for (p.i = 0; p.i < all.n; p.i++) {
		if (!calls_push(e, ret, &all.v[p.i < TOOLS_MAX_CALLS ? p.i : 0]))
			return false;
	}
	return true;
}
