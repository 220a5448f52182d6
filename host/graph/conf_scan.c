/* conf_scan.c - finds what libconfig reads wrong in silence or reports badly */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

struct level {
	char close;
	uint32_t line;
	uint64_t id; /* tells the keys of one group from another's */
};

struct scan {
	struct meed_conf *c;
	struct meed_diags *diags;
	const struct conf_text *t;
	const char *p, *end;
	uint32_t line;
	struct level open[MEED_CONF_MAX_NESTING];
	size_t n_open;
	uint64_t next_id;
	struct conf_names keys; /* space: the group's id; value: the line */
	const char *name;	/* the name just read, if the next token may be = */
	uint32_t name_line;
	bool bad;
	bool stop; /* brackets are wrong: nothing after this makes sense */
};

static struct conf_place place(const struct scan *s, uint32_t line)
{
	return conf_text_place(s->t, line);
}

#define FAULT(s, at, ...)                                                                          \
	do {                                                                                       \
		(s)->bad = true;                                                                   \
		conf_error((s)->c, (s)->diags, place((s), (at)), __VA_ARGS__);                     \
	} while (0)

static bool is_name(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '_' || ch == '-' || ch == '*';
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static int hex_digit(char ch)
{
	if (is_digit(ch))
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return -1;
}

static void skip_comment(struct scan *s)
{
	while (s->p < s->end) {
		if (s->p[0] == '*' && s->p + 1 < s->end && s->p[1] == '/') {
			s->p += 2;
			return;
		}
		if (*s->p++ == '\n')
			s->line++;
	}
}

static void scan_string(struct scan *s)
{
	uint32_t begin = s->line;

	for (s->p++; s->p < s->end && *s->p != '"'; s->p++) {
		if (*s->p == '\n')
			s->line++;
		if (*s->p != '\\' || s->p + 1 >= s->end)
			continue;
		if (s->end - s->p > 3 && s->p[1] == 'x' && s->p[2] == '0' && s->p[3] == '0')
			FAULT(s, begin, "a string cannot hold \\x00: it would end there");
		s->p++;
		if (*s->p == '\n')
			s->line++;
	}
	if (s->p < s->end)
		s->p++;
}

/* Magnitude of n digits in base; false if it passes 64 bits. */
static bool magnitude(const char *p, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)hex_digit(p[i]), &v))
			return false;
	*ret = v;
	return true;
}

static void check_integer(struct scan *s, const char *tok, size_t len, size_t digits_at,
			  size_t n_digits, unsigned base)
{
	bool wide = digits_at + n_digits < len; /* has the suffix L */
	bool minus = tok[0] == '-';
	uint64_t v = 0;
	bool fits64 = magnitude(tok + digits_at, n_digits, base, &v) &&
		      v <= (uint64_t)INT64_MAX + (minus ? 1 : 0);

	if (!fits64)
		FAULT(s, s->line, "integer %.*s does not fit in 64 bits",
		      (int)(len > 80 ? 80 : len), tok);
	else if (!wide && v > (uint64_t)INT32_MAX + (minus ? 1 : 0))
		FAULT(s, s->line,
		      "integer %.*s does not fit in 32 bits and would be read as "
		      "another number: write %.*sL",
		      (int)(len > 80 ? 80 : len), tok, (int)(len > 80 ? 80 : len), tok);
}

static size_t digits(const char *p, size_t n, bool hex)
{
	size_t i = 0;

	while (i < n && (hex ? hex_digit(p[i]) >= 0 : is_digit(p[i])))
		i++;
	return i;
}

static bool is_suffix(const char *p, size_t n)
{
	return n == 0 || (n == 1 && p[0] == 'L') || (n == 2 && p[0] == 'L' && p[1] == 'L');
}

static void scan_number(struct scan *s)
{
	const char *tok = s->p;
	size_t len, sign, n;
	double x = 0;

	while (s->p < s->end && (is_name(*s->p) || *s->p == '.' || *s->p == '+'))
		s->p++;
	len = (size_t)(s->p - tok);
	sign = tok[0] == '-' || tok[0] == '+' ? 1 : 0;
	if (len > 2 && tok[0] == '0' && (tok[1] == 'x' || tok[1] == 'X')) {
		n = digits(tok + 2, len - 2, true);
		if (n > 0 && is_suffix(tok + 2 + n, len - 2 - n)) {
			check_integer(s, tok, len, 2, n, 16);
			return;
		}
	}
	n = digits(tok + sign, len - sign, false);
	if (n > 0 && is_suffix(tok + sign + n, len - sign - n)) {
		check_integer(s, tok, len, sign, n, 10);
		return;
	}
	if (meed_strtod(tok, len, &x) != len)
		FAULT(s, s->line, "\"%.*s\" is not a number; text needs quotes",
		      (int)(len > 80 ? 80 : len), tok);
	else if (!isfinite(x))
		FAULT(s, s->line, "number %.*s is too large for a double",
		      (int)(len > 80 ? 80 : len), tok);
}

static void scan_name(struct scan *s)
{
	const char *begin = s->p;
	meed_str copy;

	while (s->p < s->end && is_name(*s->p))
		s->p++;
	copy = meed_arena_dup(&s->c->arena, (meed_str){ begin, (size_t)(s->p - begin) });
	if (!copy.p) {
		s->c->nomem = true;
		s->stop = true;
		return;
	}
	s->name = copy.p;
	s->name_line = s->line;
}

/* After `name =` or `name :`. */
static void scan_key(struct scan *s)
{
	uint64_t group = s->n_open ? s->open[s->n_open - 1].id : 0;
	uint32_t before = conf_names_get(&s->keys, group, s->name);

	if (before != CONF_NO_NAME) {
		struct conf_place first = place(s, before);

		FAULT(s, s->name_line, "\"%s\" is already defined at %s:%u: keep one of them",
		      s->name, first.file, first.line);
	} else if (!conf_names_put(&s->keys, group, s->name, s->name_line)) {
		s->c->nomem = true;
		s->stop = true;
	}
}

static void scan_open(struct scan *s, char ch)
{
	if (s->n_open >= MEED_CONF_MAX_NESTING) {
		FAULT(s, s->line, "brackets are nested deeper than %d", MEED_CONF_MAX_NESTING);
		s->stop = true;
		return;
	}
	s->open[s->n_open++] = (struct level){ ch == '{'   ? '}'
					       : ch == '[' ? ']'
							   : ')',
					       s->line, ++s->next_id };
}

static void scan_close(struct scan *s, char ch)
{
	struct conf_place opened;

	if (s->n_open == 0) {
		FAULT(s, s->line, "\"%c\" closes nothing", ch);
		s->stop = true;
	} else if (s->open[s->n_open - 1].close != ch) {
		opened = place(s, s->open[s->n_open - 1].line);
		FAULT(s, s->line, "\"%c\" where \"%c\" would close what %s:%u opens", ch,
		      s->open[s->n_open - 1].close, opened.file, opened.line);
		s->stop = true;
	} else {
		s->n_open--;
	}
}

static void scan_token(struct scan *s)
{
	char ch = *s->p;
	char next = s->p + 1 < s->end ? s->p[1] : '\0';
	const char *name = s->name;

	s->name = NULL;
	if (ch == '#' || (ch == '/' && next == '/')) {
		s->name = name;
		while (s->p < s->end && *s->p != '\n')
			s->p++;
	} else if (ch == '/' && next == '*') {
		s->name = name;
		s->p += 2;
		skip_comment(s);
	} else if (ch == '"') {
		scan_string(s);
	} else if (is_digit(ch) || ch == '.' || ch == '+' || ch == '-') {
		scan_number(s);
	} else if (is_name(ch)) {
		scan_name(s);
	} else {
		if (ch == '\n' || ch == ' ' || ch == '\t' || ch == '\f' || ch == '\r')
			s->name = name;
		if (ch == '\n')
			s->line++;
		s->p++;
		if (ch == '{' || ch == '[' || ch == '(')
			scan_open(s, ch);
		else if (ch == '}' || ch == ']' || ch == ')')
			scan_close(s, ch);
		else if ((ch == '=' || ch == ':') && name) {
			s->name = name;
			scan_key(s);
			s->name = NULL;
		}
	}
}

bool conf_scan(struct meed_conf *c, struct meed_diags *d, const struct conf_text *t)
{
	struct scan s = {
		.c = c, .diags = d, .t = t, .p = t->text.p, .end = t->text.p + t->text.n, .line = 1
	};

	while (s.p < s.end && !s.stop)
		scan_token(&s);
	if (!s.stop && s.n_open > 0)
		FAULT(&s, s.open[s.n_open - 1].line,
		      "the bracket opened here is never closed: "
		      "\"%c\" is missing",
		      s.open[s.n_open - 1].close);
	conf_names_release(&s.keys);
	return !s.bad && !s.stop;
}
