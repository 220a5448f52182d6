/* names.c - finds the names that a program gives. */
#include "config.h"
#include "names.h"

struct walk {
	meed_str s;
	size_t i;
	enum code_lang lang;
	meed_str last;			/* the last identifier, blanks alone after it; or empty */
	meed_str before;		/* the identifier before that one, blanks alone between */
	meed_str annotated;		/* "x" of a statement that begins with "x:" */
	size_t depth;			/* brackets open */
	size_t def_depth;		/* of the brackets of a function's parameters; 0: none */
	bool def_opens;			/* the next bracket holds a function's parameters */
	bool lead;			/* a dotted name is all that the statement has so far */
	struct code_names *ret;
};

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' ||
	       (unsigned char)ch >= 0x80;
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static void count(struct walk *w, meed_str name)
{
	size_t i, under = 0, uppers = 0, lowers = 0;

	while (name.n > 1 && (name.p[0] == '_' || name.p[0] == '$'))
		name = meed_sub(name, 1, name.n);
	for (i = 0; i < name.n; i++) {
		uppers += name.p[i] >= 'A' && name.p[i] <= 'Z';
		lowers += name.p[i] >= 'a' && name.p[i] <= 'z';
		under += name.p[i] == '_' && i + 1 < name.n;
	}
	w->ret->n++;
	if (uppers == 0)
		w->ret->snake++;
	else if (w->ret->odd.n == 0)
		w->ret->odd = name;
	if (under == 0 || lowers == 0)
		w->ret->camel++;
	else if (w->ret->odd_camel.n == 0)
		w->ret->odd_camel = name;
	w->ret->upper += uppers > 0 && lowers == 0;
}

static bool hash_comments(enum code_lang lang)
{
	return lang == CODE_PYTHON || lang == CODE_BASH || lang == CODE_RUBY ||
	       lang == CODE_PERL || lang == CODE_R || lang == CODE_JULIA || lang == CODE_PHP ||
	       lang == CODE_UNKNOWN;
}

static bool slash_comments(enum code_lang lang)
{
	return !hash_comments(lang) || lang == CODE_PHP;
}

/* Steps over a string or a comment, if one starts here. */
static bool skip_opaque(struct walk *w)
{
	meed_str s = w->s;
	size_t i = w->i, end;
	char q = s.p[i];

	if ((q == '#' && hash_comments(w->lang)) ||
	    (meed_starts(meed_sub(s, i, i + 2), MEED_S("//")) && slash_comments(w->lang)) ||
	    (meed_starts(meed_sub(s, i, i + 2), MEED_S("--")) &&
	     (w->lang == CODE_LUA || w->lang == CODE_HASKELL))) {
		end = meed_find(s, i, MEED_S("\n"));
		w->i = end == MEED_NONE ? s.n : end;
		return true;
	}
	if (meed_starts(meed_sub(s, i, i + 2), MEED_S("/*")) && slash_comments(w->lang)) {
		end = meed_find(s, i + 2, MEED_S("*/"));
		w->i = end == MEED_NONE ? s.n : end + 2;
		return true;
	}
	if (q != '"' && q != '\'' && !(q == '`' && slash_comments(w->lang)))
		return false;
	if (q == '\'' && w->lang == CODE_RUST)
		return false;			/* lifetimes */
	if (i + 2 < s.n && s.p[i + 1] == q && s.p[i + 2] == q && w->lang != CODE_BASH) {
		meed_str triple = meed_sub(s, i, i + 3);

		for (i += 3; i < s.n && !meed_starts(meed_sub(s, i, i + 3), triple); i++)
			i += s.p[i] == '\\';
		w->i = i + 3 < s.n ? i + 3 : s.n;
		return true;
	}
	for (i++; i < s.n && s.p[i] != q; i++) {
		if (s.p[i] == '\n' && q != '`' && w->lang != CODE_BASH)
			break;			/* not closed */
		i += s.p[i] == '\\';
	}
	w->i = i < s.n ? i + (s.p[i] == q) : s.n;
	return true;
}


static void statement_start(struct walk *w)
{
	w->lead = true;
	w->annotated.n = 0;
}

static bool is_one_of(meed_str s, const char *const *words)
{
	for (; *words; words++) {
		if (meed_eq(s, meed_s(*words)))
			return true;
	}
	return false;
}

static void bracket(struct walk *w, char ch)
{
	static const char *const defines[] = { "def", "fn", "func", "function", "fun", "sub",
					       NULL };

	if (ch == '(' && w->last.n > 0 && is_one_of(w->before, defines)) {
		count(w, w->last);
		w->def_opens = true;
	}
	if (ch == '(' || ch == '[' || ch == '{') {
		/* a block of statements is not within brackets */
		if (ch == '{' && w->lang != CODE_PYTHON && w->lang != CODE_UNKNOWN) {
			statement_start(w);
			return;
		}
		w->depth++;
		if (w->def_opens)
			w->def_depth = w->depth;
		w->def_opens = false;
	} else if (w->depth > 0 && !(ch == '}' && w->lang != CODE_PYTHON &&
				     w->lang != CODE_UNKNOWN)) {
		if (w->depth == w->def_depth)
			w->def_depth = 0;
		w->depth--;
	}
}

/* An "=": what it gives a value to, if it is an assignment. */
static void equals(struct walk *w)
{
	bool doubled = w->i + 1 < w->s.n && (w->s.p[w->i + 1] == '=' || w->s.p[w->i + 1] == '>' ||
					      w->s.p[w->i + 1] == '~');
	bool in_call = w->depth > 0 && w->depth != w->def_depth;

	if (doubled) {
		w->i++;
	} else if (!in_call && w->annotated.n > 0 && w->depth == 0) {
		count(w, w->annotated);
		w->annotated.n = 0;
	} else if (!in_call && w->last.n > 0) {
		count(w, w->last);
	}
}

static void identifier(struct walk *w)
{
	size_t from = w->i;

	while (w->i < w->s.n && (is_letter(w->s.p[w->i]) || is_digit(w->s.p[w->i]) ||
				 w->s.p[w->i] == '$'))
		w->i++;
	w->before = w->last;
	w->lead = w->lead && w->last.n == 0;
	w->last = meed_sub(w->s, from, w->i);
}

/* Whether the ":" here stands between a name and its type. */
static bool annotates(const struct walk *w)
{
	static const char *const headers[] = { "else", "try", "finally", NULL };
	static const char *const lets[] = { "let", "const", "var", "val", "mut", NULL };

	if (w->depth > 0 || w->last.n == 0)
		return false;
	if (w->lang == CODE_PYTHON)
		return w->lead && !is_one_of(w->last, headers);
	return is_one_of(w->before, lets);
}

static void punctuation(struct walk *w)
{
	char ch = w->s.p[w->i];

	if (ch == ':' && annotates(w))
		w->annotated = w->last;
	w->lead = w->lead && ch == '.';
	if (strchr("()[]{}", ch) && ch)
		bracket(w, ch);
	else if (ch == '=')
		equals(w);
	if ((ch == '\n' && w->depth == 0) || ch == ';')
		statement_start(w);
	w->last.n = 0;
	w->before.n = 0;
	w->i++;
}

void code_names_count(meed_str program, enum code_lang lang, struct code_names *ret)
{
	struct walk w = { .s = program, .lang = lang, .lead = true, .ret = ret };
	char ch;

	memset(ret, 0, sizeof(*ret));
	while (w.i < program.n) {
		ch = program.p[w.i];
		if (is_letter(ch)) {
			identifier(&w);
		} else if (ch == ' ' || ch == '\t' || ch == '\r') {
			w.i++;
		} else if (skip_opaque(&w)) {
			w.last.n = 0;
			w.before.n = 0;
			w.lead = false;
		} else if (is_digit(ch)) {
			while (w.i < program.n &&
			       (is_digit(program.p[w.i]) || is_letter(program.p[w.i])))
				w.i++;
			w.last.n = 0;
			w.lead = false;
		} else {
			punctuation(&w);
		}
	}
}
