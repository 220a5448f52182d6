/* extract_scan.c - one pass for mathematics, one for boxes. Both are linear: what is looked for in
 * vain once is not looked for again. */
#include "config.h"
#include "extract.h"

#define MAX_DEPTH 512

static const char *const envs[] = { "equation*", "equation", "align*",	 "align",
				    "gather*",	 "gather",   "eqnarray*", "eqnarray",
				    "multline*", "multline", "displaymath", "math",
				    "aligned",	 "split",    "gathered",
				    /* from here on the environment is itself what is to be read */
				    "pmatrix",	 "bmatrix",  "vmatrix",	 "Bmatrix",
				    "matrix",	 "smallmatrix", "cases" };
#define N_ENVS (sizeof(envs) / sizeof(envs[0]))
#define FIRST_OBJECT 15

/* What has no end from here on. */
struct closers {
	bool no_paren, no_bracket, no_dollars, no_env[N_ENVS];
	size_t open_at;			/* where the last one began that has none */
};

static bool add_span(struct mx_scan *t, size_t cap, const struct mx_span *x)
{
	if (t->n_spans == cap)
		return false;
	t->spans[t->n_spans++] = *x;
	return true;
}

/* The end of a stretch that `open` backslashes and a bracket began: the next closing bracket after
 * as many, or one of a pair of lines' end before it. */
static size_t find_close(meed_str s, size_t p, size_t to, char close, size_t open)
{
	size_t k;

	for (; p < to; p++) {
		if (s.p[p] != '\\')
			continue;
		for (k = 1; p + k < to && s.p[p + k] == '\\'; k++)
			;
		if (p + k < to && s.p[p + k] == close && k >= open && (k - open) % 2 == 0)
			return p + k - open;
		p += k - 1;
	}
	return MEED_NONE;
}

/* \( and \[, after k backslashes at p. */
static bool bracket_span(const struct mx_scan *t, size_t p, size_t k, struct closers *no,
			 struct mx_span *ret)
{
	bool display = t->s.p[p + k] == '[';
	bool *none = display ? &no->no_bracket : &no->no_paren;
	size_t end;

	if (*none) {
		no->open_at = p;
		return false;
	}
	/* of an odd run the last backslash is the bracket's, of an even one two are */
	k = k % 2 ? 1 : 2;
	while (t->s.p[p] == '\\' && t->s.p[p + k] != '(' && t->s.p[p + k] != '[')
		p++;
	end = find_close(t->s, p + k + 1, t->to, display ? ']' : ')', k);
	if (end == MEED_NONE) {
		*none = k == 1;
		no->open_at = p;
		return false;
	}
	*ret = (struct mx_span){ p, end + k + 1, p + k + 1, end, display };
	return true;
}

static bool env_span(const struct mx_scan *t, size_t p, struct closers *no, struct mx_span *ret)
{
	meed_str rest = meed_sub(t->s, p, t->to), name;
	char end[24];
	size_t i, at;

	if (!meed_starts(rest, MEED_S("\\begin{")))
		return false;
	rest = meed_sub(rest, 7, rest.n);
	for (i = 0; i < N_ENVS; i++) {
		name = meed_s(envs[i]);
		if (meed_starts(rest, name) && rest.n > name.n && rest.p[name.n] == '}')
			break;
	}
	if (i == N_ENVS)
		return false;
	no->open_at = no->no_env[i] ? p : no->open_at;
	if (no->no_env[i])
		return false;
	(void)snprintf(end, sizeof(end), "\\end{%s}", envs[i]);
	at = meed_find(meed_sub(t->s, 0, t->to), p, meed_s(end));
	if (at == MEED_NONE) {
		no->no_env[i] = true;
		no->open_at = p;
		return false;
	}
	*ret = (struct mx_span){ p, at + strlen(end), p + 8 + strlen(envs[i]), at, true };
	if (i >= FIRST_OBJECT)
		*ret = (struct mx_span){ p, ret->to, p, ret->to, false };
	return true;
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

/* Is what stands between two dollar signs mathematics, or prose between two prices? */
static bool is_math(meed_str s, meed_str in, char after)
{
	size_t words = mx_prose(in, NULL), i;
	bool stop = false;

	(void)s;
	if (mx_trim(in).n == 0)
		return false;
	if (is_digit(in.p[0]) && (is_digit(after) ||
				  (words > 0 && is_blank(in.p[in.n - 1]))))
		return false;
	for (i = 0; i < in.n && !stop; i++)
		stop = in.p[i] == '?' || in.p[i] == ';' ||
		       (in.p[i] == '.' && i + 1 < in.n && is_blank(in.p[i + 1]));
	return words < (stop ? 2 : 4);
}

/* $..$ and $$..$$ at p; where no mathematics begins, *next is where to go on. */
static bool dollar_span(const struct mx_scan *t, size_t p, struct closers *no,
			struct mx_span *ret, size_t *next)
{
	meed_str s = t->s, in;
	size_t q;

	*next = p + 1;
	if (p + 1 < t->to && s.p[p + 1] == '$') {
		*next = p + 2;
		q = no->no_dollars ? MEED_NONE
				   : meed_find(meed_sub(s, 0, t->to), p + 2, MEED_S("$$"));
		no->no_dollars = q == MEED_NONE;
		if (q == MEED_NONE) {
			no->open_at = p;
			return false;
		}
		*ret = (struct mx_span){ p, q + 2, p + 2, q, true };
		return true;
	}
	for (q = p + 1; q < t->to && s.p[q] != '$'; q++) {
		if (s.p[q] == '\\')
			q++;
		else if (s.p[q] == '\n' && q + 1 < t->to && s.p[q + 1] == '\n')
			break;
	}
	if (q >= t->to || s.p[q] != '$') {
		*next = q < t->to ? q : t->to;
		return false;
	}
	in = meed_sub(s, p + 1, q);
	if (!is_math(s, in, q + 1 < t->to ? s.p[q + 1] : ' '))
		return false;
	*ret = (struct mx_span){ p, q + 1, p + 1, q, false };
	return true;
}

/* Does the text end in the mathematics that began at p? Not if all of it is that, or if a paragraph
 * has ended since: then a sign is missing. */
static bool ends_in_math(const struct mx_scan *t, size_t p)
{
	meed_str rest = meed_sub(t->s, p, t->to);

	return p != MEED_NONE && meed_strip(meed_sub(t->s, t->from, p)).n > 0 &&
	       mx_trim(meed_sub(rest, 2, rest.n)).n > 0 &&
	       meed_find(rest, 0, MEED_S("\n\n")) == MEED_NONE &&
	       !(meed_starts(rest, MEED_S("\\(")) && memchr(rest.p, '\n', rest.n));
}

static bool scan_math(struct mx_scan *t, size_t cap)
{
	struct closers no = { .open_at = MEED_NONE };
	struct mx_span x;
	size_t p = t->from, k, next;

	while (p < t->to) {
		if (t->s.p[p] == '$') {
			if (dollar_span(t, p, &no, &x, &next) && add_span(t, cap, &x))
				next = x.to;
			p = next;
			continue;
		}
		if (t->s.p[p] != '\\') {
			p++;
			continue;
		}
		for (k = 1; p + k < t->to && t->s.p[p + k] == '\\'; k++)
			;
		next = p + k + (p + k < t->to);
		if (p + k < t->to && (t->s.p[p + k] == '(' || t->s.p[p + k] == '[')) {
			if (bracket_span(t, p, k, &no, &x) && add_span(t, cap, &x))
				next = x.to;
		} else if (env_span(t, p + k - 1, &no, &x) && add_span(t, cap, &x)) {
			next = x.to;
		}
		p = next;
	}
	t->open_math = ends_in_math(t, no.open_at);
	return mx_step(t->e, 1 + (t->to - t->from) / 64);
}

size_t mx_span_after(const struct mx_scan *t, size_t p)
{
	size_t lo = 0, hi = t->n_spans, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->spans[mid].to > p)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

const struct mx_span *mx_span_at(const struct mx_scan *t, size_t p)
{
	size_t i = mx_span_after(t, p);

	return i < t->n_spans && t->spans[i].from <= p ? &t->spans[i] : NULL;
}

/* At most one span for each opening sign. */
bool mx_scan(struct mx_scan *t)
{
	size_t i, n = 0;

	for (i = t->from; i < t->to; i++)
		n += t->s.p[i] == '$' || t->s.p[i] == '\\';
	t->n_spans = 0;
	if (n > 0) {
		t->spans = mx_alloc(t->e, n * sizeof(*t->spans));
		if (!t->spans || !scan_math(t, n))
			return false;
	}
	return mx_scan_boxes(t);
}

/* ---- boxes ------------------------------------------------------------------------------- */

struct open_box {
	size_t box;			/* its index; MEED_NONE: a brace like any other */
	size_t soft;			/* where the box ends if its brace never comes */
};

struct braces {
	struct open_box v[MAX_DEPTH];
	size_t n, over;			/* over: open braces beyond MAX_DEPTH */
	size_t in_box;			/* boxes among them */
};

/* The length of a box's name at p: "\boxed", "\\boxed", "\fbox"; a backspace is a \b that a
 * careless writer of JSON left. 0 if none stands there. */
static size_t box_name(meed_str s, size_t p, size_t to)
{
	static const meed_str names[] = { { "boxed", 5 }, { "fbox", 4 }, { "framebox", 8 } };
	meed_str rest;
	size_t i, k;

	for (k = 0; p + k < to && s.p[p + k] == '\\'; k++)
		;
	rest = meed_sub(s, p + k, to);
	for (i = 0; i < 3 && k > 0; i++) {
		if (meed_starts(rest, names[i]) &&
		    (rest.n == names[i].n ||
		     ((rest.p[names[i].n] | 32) < 'a' || (rest.p[names[i].n] | 32) > 'z')))
			return k + names[i].n;
	}
	if (k == 0 && meed_starts(rest, MEED_S("\boxed")))
		return 5;
	return 0;
}

/* "\boxed 5", "\boxed\frac12": to the next blank, dollar sign or line's end. */
static size_t unbraced_end(meed_str s, size_t p, size_t to)
{
	size_t depth = 0;

	for (; p < to && s.p[p] != '$' && s.p[p] != '\n'; p++) {
		if (s.p[p] == '{')
			depth++;
		else if (s.p[p] == '}' && depth-- == 0)
			break;
		else if (is_blank(s.p[p]) && depth == 0)
			break;
		else if (s.p[p] == '\\' && p + 1 < to && (s.p[p + 1] == ')' || s.p[p + 1] == ']'))
			break;
	}
	return p;
}

/* Begins the box whose name ends at p; where to go on. */
static size_t begin_box(struct mx_scan *t, struct braces *b, size_t from, size_t p)
{
	struct mx_box *x = &t->boxes[t->n_boxes];
	size_t q = p;

	while (q < t->to && is_blank(t->s.p[q]))
		q++;
	*x = (struct mx_box){ .from = from, .in_from = q, .nested = b->in_box > 0 };
	if (q < t->to && t->s.p[q] == '{') {
		if (b->n == MAX_DEPTH) {
			b->over++;
			return q + 1;
		}
		x->in_from = q + 1;
		x->in_to = x->to = t->to;
		x->cut = true;
		b->v[b->n++] = (struct open_box){ t->n_boxes++, 0 };
		b->in_box++;
		return q + 1;
	}
	x->in_to = x->to = unbraced_end(t->s, q, t->to);
	t->n_boxes += x->in_to > x->in_from;
	return x->to > p ? x->to : p;
}

static void close_brace(struct mx_scan *t, struct braces *b, size_t p)
{
	struct open_box *o;
	struct mx_box *x;

	if (b->over > 0) {
		b->over--;
		return;
	}
	if (b->n == 0)
		return;
	o = &b->v[--b->n];
	if (o->box == MEED_NONE)
		return;
	b->in_box--;
	x = &t->boxes[o->box];
	x->cut = false;
	x->in_to = p;
	x->to = p + 1;
}

/* Within a box's own braces: the end of the mathematics or of the paragraph. */
static void soft_end(struct mx_scan *t, struct braces *b, size_t p)
{
	struct open_box *o = b->n > 0 && b->over == 0 ? &b->v[b->n - 1] : NULL;
	meed_str s = t->s;

	if (!o || o->box == MEED_NONE || o->soft > 0 || p == t->boxes[o->box].in_from)
		return;
	if (s.p[p] == '$' ||
	    (s.p[p] == '\\' && p + 1 < t->to && (s.p[p + 1] == ')' || s.p[p + 1] == ']')) ||
	    (s.p[p] == '\n' && p + 1 < t->to && s.p[p + 1] == '\n'))
		o->soft = p;
}

/* A paragraph's end inside of a box: it has lost its brace. */
static void give_up(struct mx_scan *t, struct braces *b, size_t p)
{
	struct open_box *o;
	struct mx_box *x;

	if (b->n > 0 && b->v[b->n - 1].box != MEED_NONE &&
	    mx_trim(meed_sub(t->s, t->boxes[b->v[b->n - 1].box].in_from, p)).n == 0)
		return;
	while (b->n > 0 && b->in_box > 0) {
		o = &b->v[--b->n];
		if (o->box == MEED_NONE)
			continue;
		b->in_box--;
		x = &t->boxes[o->box];
		x->cut = false;
		x->in_to = x->to = o->soft > 0 ? o->soft : p;
	}
}

static void scan_boxes(struct mx_scan *t, struct braces *b, size_t from)
{
	size_t p = from, len, i, k;

	while (p < t->to) {
		if (b->in_box > 0)
			soft_end(t, b, p);
		len = t->s.p[p] == '\\' || t->s.p[p] == '\b' ? box_name(t->s, p, t->to) : 0;
		if (len > 0) {
			p = begin_box(t, b, p, p + len);
			continue;
		}
		if (t->s.p[p] == '\\') {
			for (k = 1; p + k < t->to && t->s.p[p + k] == '\\'; k++)
				;
			p += k + k % 2;
			continue;
		}
		if (t->s.p[p] == '{') {
			if (b->n < MAX_DEPTH)
				b->v[b->n++] = (struct open_box){ MEED_NONE, 0 };
			else
				b->over++;
		} else if (t->s.p[p] == '}') {
			close_brace(t, b, p);
		} else if (t->s.p[p] == '\n' && p + 1 < t->to && t->s.p[p + 1] == '\n') {
			give_up(t, b, p);
		}
		p++;
	}
	for (i = 0; i < b->n; i++) {
		if (b->v[i].box == MEED_NONE || b->v[i].soft == 0)
			continue;
		t->boxes[b->v[i].box].in_to = t->boxes[b->v[i].box].to = b->v[i].soft;
		t->boxes[b->v[i].box].cut = false;
	}
}

/* Boxes are counted by the letters "box"; what stands before the first one does not matter. */
bool mx_scan_boxes(struct mx_scan *t)
{
	static const meed_str marks[] = { { "box", 3 }, { "\boxed", 5 } };
	meed_str in = meed_sub(t->s, 0, t->to);
	size_t n = 0, p, i, first = t->to;
	struct braces *b;

	t->n_boxes = 0;
	for (i = 0; i < 2; i++) {
		p = meed_find(in, t->from, marks[i]);
		if (p != MEED_NONE && p < first)
			first = p;
		for (; p != MEED_NONE; p = meed_find(in, p + 3, marks[i]))
			n++;
	}
	if (n == 0)
		return true;
	t->boxes = mx_alloc(t->e, n * sizeof(*t->boxes));
	b = mx_alloc(t->e, sizeof(*b));
	if (!t->boxes || !b)
		return false;
	/* back to the box's backslashes and the "f" or "frame" after them */
	for (i = 0; i < 5 && first > t->from && in.p[first - 1] >= 'a' && in.p[first - 1] <= 'z'; i++)
		first--;
	while (first > t->from && in.p[first - 1] == '\\')
		first--;
	scan_boxes(t, b, first);
	return mx_step(t->e, 1 + (t->to - t->from) / 64);
}
