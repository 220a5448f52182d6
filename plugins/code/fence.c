/* fence.c - finds the code blocks of an answer. */
#include "config.h"
#include "fence.h"

#define MAX_RUN 32			/* a longer fence counts as this long */
#define MAX_WAIT 400			/* lines to look for a better end than the one at hand */

/* A line without its end. */
struct line {
	meed_str s;
	size_t at, next;
};

/* A run of fence characters and what is around it. */
struct fence {
	char ch;
	size_t run;			/* at most MAX_RUN */
	size_t from, to;		/* bytes of the line that are the run */
	size_t indent, quotes;
	meed_str info;
	bool attached;			/* info follows the run directly */
};

static bool line_at(meed_str text, size_t at, struct line *ret)
{
	const char *end;

	if (at >= text.n)
		return false;
	end = memchr(text.p + at, '\n', text.n - at);
	ret->at = at;
	ret->next = end ? (size_t)(end - text.p) + 1 : text.n;
	ret->s.p = text.p + at;
	ret->s.n = ret->next - at - (end != NULL);
	if (ret->s.n > 0 && ret->s.p[ret->s.n - 1] == '\r')
		ret->s.n--;
	return true;
}

static meed_str trim(meed_str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static size_t run_at(meed_str s, size_t i)
{
	size_t n = i;

	while (n < s.n && s.p[n] == s.p[i])
		n++;
	return n - i;
}

/* The bytes of a list marker and the blank after it, or 0. */
static size_t list_marker(meed_str s, size_t i)
{
	size_t n = i;

	if (n < s.n && (s.p[n] == '-' || s.p[n] == '*' || s.p[n] == '+')) {
		n++;
	} else {
		while (n < s.n && n - i < 9 && s.p[n] >= '0' && s.p[n] <= '9')
			n++;
		if (n == i || n == s.n || (s.p[n] != '.' && s.p[n] != ')'))
			return 0;
		n++;
	}
	return n < s.n && (s.p[n] == ' ' || s.p[n] == '\t') ? n + 1 - i : 0;
}

/* Steps over indentation, quotes and list markers. */
static size_t skip_lead(meed_str s, bool lists, struct fence *f)
{
	size_t i = 0, n;

	while (i < s.n) {
		n = lists ? list_marker(s, i) : 0;
		if (s.p[i] == ' ') {
			f->indent++;
			i++;
		} else if (s.p[i] == '\t') {
			f->indent += 4 - f->indent % 4;
			i++;
		} else if (s.p[i] == '>') {
			f->quotes++;
			f->indent = 0;
			i++;
			i += i < s.n && s.p[i] == ' ';
		} else if (n > 0) {
			f->indent += n;
			i += n;
		} else {
			break;
		}
	}
	return i;
}

/* Reads the run at i, if it is one, and what follows it. */
static bool run_read(meed_str s, size_t i, struct fence *f)
{
	size_t n;
	meed_str rest;

	if (i >= s.n || (s.p[i] != '`' && s.p[i] != '~'))
		return false;
	n = run_at(s, i);
	if (n < 3)
		return false;
	f->ch = s.p[i];
	f->run = n < MAX_RUN ? n : MAX_RUN;
	f->from = i;
	f->to = i + n;
	rest = meed_sub(s, i + n, s.n);
	f->info = trim(rest);
	f->attached = f->info.n > 0 && f->info.p == s.p + i + n;
	return f->ch == '~' || rest.n == 0 || !memchr(rest.p, '`', rest.n);
}

static bool is_name_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '_' || ch == '+' || ch == '#' || ch == '-' || ch == '.';
}

static bool starts_nocase(meed_str s, const char *lower)
{
	size_t i;

	for (i = 0; lower[i]; i++) {
		if (i >= s.n || (s.p[i] | 0x20) != lower[i])
			return false;
	}
	return true;
}

/* The language's name in an info string: "" if there is none. */
static meed_str info_name(meed_str info)
{
	static const char *const heads[] = { "language-", "lang-", "language=", "lang=",
					     "sourcecode ", "code-cell " };
	size_t i, n;
	bool again = true;

	while (again) {
		again = false;
		while (info.n > 0 && strchr("{. \t=\"'}", info.p[0]) && info.p[0]) {
			info.p++;
			info.n--;
		}
		for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
			if (starts_nocase(info, heads[i])) {
				info = meed_sub(info, strlen(heads[i]), info.n);
				again = true;
			}
		}
		if (starts_nocase(info, "code-cell}")) {
			info = meed_sub(info, strlen("code-cell}"), info.n);
			again = true;
		}
	}
	for (n = 0; n < info.n && is_name_char(info.p[n]);)
		n++;
	return meed_sub(info, 0, n);
}

/* "main.py" and "src/main.py" name a language as well, by what follows the last point. */
static enum code_lang lang_of(meed_str info, meed_str name)
{
	enum code_lang lang = code_lang_find(name);
	size_t n, dot;

	if (lang != CODE_UNKNOWN || name.n == 0)
		return lang;
	for (n = 0; n < info.n && (is_name_char(info.p[n]) || info.p[n] == '/');)
		n++;
	for (dot = n; dot > 0 && info.p[dot - 1] != '.';)
		dot--;
	return dot > 0 ? code_lang_find(meed_sub(info, dot, n)) : CODE_UNKNOWN;
}

/* Whether the line opens a block. */
static bool opens(meed_str s, struct fence *f)
{
	size_t i, at;

	memset(f, 0, sizeof(*f));
	i = skip_lead(s, true, f);
	if (run_read(s, i, f))
		return true;
	at = meed_find(s, 0, MEED_S("```"));
	if (at == MEED_NONE)
		return false;
	memset(f, 0, sizeof(*f));
	if (!run_read(s, at, f))
		return false;
	if (f->info.n == 0)
		return trim(meed_sub(s, 0, at)).n > 0 && s.p[trim(meed_sub(s, 0, at)).n - 1] == ':';
	return f->attached && lang_of(f->info, info_name(f->info)) != CODE_UNKNOWN;
}

/* How the lines of a block are read. */
struct body {
	struct fence open;
	size_t slack;			/* columns that the end may be indented by further */
	size_t from;			/* the first line */
	size_t waited;			/* lines since the first of the doubtful ends below */
	size_t nested;			/* fences in a string that are open */
	struct line nested_at;		/* the first of them */
	size_t nested_line;
	struct line late;		/* the first line that would do as an end */
	size_t late_line, late_to;	/* how much of it belongs to the body */
	char quote;			/* of the ''' or """ string that is open, or 0 */
};

/* What ends a block, and where. */
struct ending {
	bool closed;
	size_t to;			/* end of the body, the last end of line included */
	size_t next, next_line;		/* where to go on */
};

/* Follows ''' and """ through a line. */
static char string_after(meed_str s, char quote)
{
	size_t i;

	for (i = 0; i + 2 < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (!quote && s.p[i] == '#') {
			break;
		} else if ((s.p[i] == '"' || s.p[i] == '\'') && s.p[i + 1] == s.p[i] &&
			   s.p[i + 2] == s.p[i] && (!quote || quote == s.p[i])) {
			quote = quote ? 0 : s.p[i];
			i += 2;
		}
	}
	return quote;
}

/* Whether a run as long as the block's own stands in the line where an end may stand. */
static bool end_run(const struct body *b, meed_str s, struct fence *f)
{
	size_t i;

	memset(f, 0, sizeof(*f));
	i = skip_lead(s, false, f);
	return run_read(s, i, f) && f->ch == b->open.ch && f->run >= b->open.run &&
	       f->indent <= b->open.indent + b->slack;
}

/* Remembers a line that ends with the fence behind code. */
static void note_glued(struct body *b, const struct line *l, size_t line)
{
	meed_str s = trim(l->s);
	size_t n = 0;

	while (n < s.n && s.p[s.n - 1 - n] == b->open.ch)
		n++;
	if (b->late.next > 0 || n != b->open.run || n == s.n)
		return;
	if (memchr(s.p, b->open.ch, s.n - n))
		return;
	b->late = *l;
	b->late_line = line;
	b->late_to = (size_t)(s.p - l->s.p) + s.n - n;
}

/* Looks at one line of a block: whether it is the end. */
static bool body_line(struct body *b, const struct line *l, size_t line, struct ending *ret)
{
	struct fence f;

	if (!end_run(b, l->s, &f)) {
		note_glued(b, l, line);
		b->quote = string_after(l->s, b->quote);
		return false;
	}
	ret->to = l->at;
	ret->closed = true;
	if (f.info.n == 0 && b->nested > 0) {
		if (--b->nested == 0)
			b->nested_at.next = 0;
		return false;
	}
	if (f.info.n == 0) {
		ret->next = l->next;
		ret->next_line = line + 1;
		return true;
	}
	if (!f.attached) {
		if (b->late.next == 0) {
			b->late = *l;
			b->late_line = line;
			b->late_to = 0;
		}
		return false;
	}
	if (b->quote || b->nested > 0) {
		if (b->nested++ == 0) {
			b->nested_at = *l;
			b->nested_line = line;
		}
		return false;
	}
	ret->next_line = line;
	ret->next = l->at;
	if (f.to - f.from == 2 * b->open.run)
		ret->next += f.from + b->open.run;
	else
		ret->closed = false;
	return true;
}

/* The end of a block that no line of its own ends. */
static void body_end(const struct code_scan *s, const struct body *b, size_t line,
		     struct ending *ret)
{
	const struct line *l = &b->late;

	if (b->nested_at.next > 0 && (l->next == 0 || b->nested_at.at < l->at)) {
		*ret = (struct ending){ false, b->nested_at.at, b->nested_at.at, b->nested_line };
	} else if (l->next > 0) {
		*ret = (struct ending){ true, l->at + b->late_to, l->next, b->late_line + 1 };
	} else {
		*ret = (struct ending){ false, s->text.n, s->text.n, line };
	}
}

static void body_read(const struct code_scan *s, struct body *b, size_t line, struct ending *ret)
{
	struct line l;
	size_t at;

	for (at = b->from; line_at(s->text, at, &l); at = l.next, line++) {
		if (body_line(b, &l, line, ret)) {
			if (ret->closed || b->late.next == 0)
				return;
			break;
		}
		if (b->nested_at.next == 0 && b->late.next == 0)
			b->waited = 0;
		else if (b->waited++ > MAX_WAIT)
			break;
	}
	body_end(s, b, line, ret);
}

static bool is_blank(meed_str s)
{
	return meed_strip(s).n == 0;
}

/* Whether the first line of text from at on opens a block with a language. */
static bool opens_at_once(meed_str text, size_t at, const struct fence *outer)
{
	struct fence f;
	struct line l;

	while (line_at(text, at, &l) && is_blank(l.s))
		at = l.next;
	return line_at(text, at, &l) && opens(l.s, &f) && f.attached &&
	       !(f.ch == outer->ch && f.to - f.from == 2 * outer->run);
}

/* Whether f starts or ends a wrapper: then there is no block to read here. */
static bool wraps(struct code_scan *s, const struct fence *f, enum code_lang lang,
		  const struct line *l)
{
	size_t *run = &s->wrapper[f->ch == '~'];

	if (f->info.n == 0 && *run > 0 && f->run >= *run) {
		*run = 0;
		return true;
	}
	if (lang == CODE_MARKDOWN ||
	    (f->info.n == 0 && opens_at_once(s->text, l->next, f))) {
		*run = f->run;
		return true;
	}
	return false;
}

void code_scan_init(struct code_scan *s, meed_str text)
{
	memset(s, 0, sizeof(*s));
	s->text = text;
	s->line = 1;
}

/* Reads the block that f opens in line l; false if it is none. */
static bool block_read(struct code_scan *s, const struct fence *f, const struct line *l,
		       struct code_block *ret)
{
	/* a context line of a diff may be a fence, after its blank */
	struct body b = { .open = *f, .from = l->next, .slack = ret->lang == CODE_DIFF ? 0 : 3 };
	struct ending end;
	meed_str body;

	body_read(s, &b, s->line + 1, &end);
	body = meed_sub(s->text, l->next, end.to);
	ret->at = l->at + f->from;
	ret->line = s->line;
	ret->indent = f->indent;
	ret->quotes = f->quotes;
	ret->closed = end.closed;
	s->at = end.next;
	s->line = end.next_line;
	if (body.n == 0 || (!end.closed && is_blank(body)))
		return false;
	if (body.p[body.n - 1] == '\n')
		body.n--;
	if (body.n > 0 && body.p[body.n - 1] == '\r')
		body.n--;
	ret->body = body;
	return true;
}

bool code_scan_next(struct code_scan *s, struct code_block *ret)
{
	struct fence f;
	struct line l;

	memset(ret, 0, sizeof(*ret));
	while (line_at(s->text, s->at, &l)) {
		if (!opens(l.s, &f)) {
			s->at = l.next;
			s->line++;
			continue;
		}
		ret->info = f.info;
		ret->name = info_name(f.info);
		ret->lang = lang_of(f.info, ret->name);
		if (wraps(s, &f, ret->lang, &l)) {
			s->at = l.next;
			s->line++;
			continue;
		}
		if (block_read(s, &f, &l, ret))
			return true;
	}
	return false;
}

/* Takes the fence's quotes and indentation off a line. */
static meed_str line_inside(meed_str s, size_t quotes, size_t indent)
{
	size_t i = 0, col, k;

	while (quotes-- > 0) {
		for (k = i; k < s.n && k - i < 4 && s.p[k] == ' ';)
			k++;
		if (k == s.n || s.p[k] != '>')
			break;
		i = k + 1;
		i += i < s.n && s.p[i] == ' ';
	}
	for (col = 0; i < s.n && col < indent; i++) {
		if (s.p[i] == ' ')
			col++;
		else if (s.p[i] == '\t')
			col += 4 - col % 4;
		else
			break;
	}
	return meed_sub(s, i, s.n);
}

int32_t code_block_text(const meed_host *h, meed_ctx *c, const struct code_block *b,
			meed_str *ret)
{
	struct line l;
	size_t at, n = 0;
	meed_str s;
	char *out;

	*ret = b->body;
	if (b->indent == 0 && b->quotes == 0 && !memchr(b->body.p, '\r', b->body.n))
		return MEED_OK;
	out = h->alloc(c, b->body.n + 1);
	if (!out)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	for (at = 0; line_at(b->body, at, &l); at = l.next) {
		s = line_inside(l.s, b->quotes, b->indent);
		if (s.n > 0)
			memcpy(out + n, s.p, s.n);
		n += s.n;
		if (l.next > at && b->body.p[l.next - 1] == '\n')
			out[n++] = '\n';
	}
	ret->p = out;
	ret->n = n;
	return MEED_OK;
}
