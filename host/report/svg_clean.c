/* svg_clean.c - what gnuplot drew, made fit to stand in the page.
 *
 * The page's own text never reaches gnuplot as it is (svg.c), and what comes back is copied by
 * lists of what a drawing needs: a gnuplot that is not what it should be cannot put anything
 * else into the page. */
#include "config.h"
#include "host/report/page.h"

#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 64

static const char *const drawn[] = { "g",	"path", "polygon", "polyline", "rect", "circle",
				     "ellipse", "line", "use",	   "text",     "defs" };
static const char *const left_out[] = { "title", "desc", "filter" };
static const char *const attributes[] = {
	"d",
	"points",
	"x",
	"y",
	"x1",
	"y1",
	"x2",
	"y2",
	"cx",
	"cy",
	"r",
	"rx",
	"ry",
	"width",
	"height",
	"transform",
	"fill",
	"stroke",
	"color",
	"fill-opacity",
	"stroke-width",
	"stroke-opacity",
	"stroke-linecap",
	"stroke-linejoin",
	"stroke-dasharray",
	"font-size",
	"text-anchor",
	"shape-rendering",
};

struct tag {
	meed_str name, rest; /* rest: the attributes */
	bool end, empty;
};

struct cleaner {
	const struct meed_report_plot *plot;
	meed_str in;
	size_t at;
	struct meed_buf *out;
	bool keep_defs;
	size_t depth, skip; /* skip: the depth from which on nothing is copied; 0: all is */
	bool in_text, rooted;
};

static bool is_one_of(meed_str s, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (meed_str_eq(s, meed_str_of(v[i])))
			return true;
	return false;
}
#define IS_ONE_OF(s, v) is_one_of((s), (v), sizeof(v) / sizeof((v)[0]))

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool starts(meed_str s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && memcmp(s.p, with, n) == 0;
}

static meed_str after(const struct cleaner *c)
{
	return (meed_str){ c->in.p + c->at, c->in.n - c->at };
}

/* Past the next `end`; to the end if there is none. */
static void skip_past(struct cleaner *c, const char *end)
{
	meed_str s = after(c);
	const char *p = memmem(s.p, s.n, end, strlen(end));

	c->at = p ? (size_t)(p - c->in.p) + strlen(end) : c->in.n;
}

/* The next attribute of rest; false if there is none. */
static bool attribute(meed_str *rest, meed_str *ret_name, meed_str *ret_value)
{
	const char *p = rest->p, *end = rest->p + rest->n, *from;
	char quote;

	while (p < end && blank(*p))
		p++;
	for (from = p; p < end && *p != '=' && !blank(*p); p++)
		;
	*ret_name = (meed_str){ from, (size_t)(p - from) };
	while (p < end && blank(*p))
		p++;
	if (p >= end || *p != '=')
		return false;
	for (p++; p < end && blank(*p); p++)
		;
	if (p >= end || (*p != '"' && *p != '\''))
		return false;
	quote = *p++;
	from = p;
	p = memchr(from, quote, (size_t)(end - from));
	if (!p)
		return false;
	*ret_value = (meed_str){ from, (size_t)(p - from) };
	*rest = (meed_str){ p + 1, (size_t)(end - p - 1) };
	return true;
}

/* Letters, digits and what numbers, paths and colours are made of. */
static bool harmless(meed_str v)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		const char ch = v.p[i];

		if (!blank(ch) && !strchr(".,#()+-%", ch) && !(ch >= '0' && ch <= '9') &&
		    !((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z'))
			return false;
		if (ch == '\0')
			return false;
	}
	return !memmem(v.p, v.n, "url", 3);
}

/* Reads "rgb(r, g, b)". */
static bool rgb(meed_str v, unsigned ret[3])
{
	size_t i, at = 4;

	if (!starts(v, "rgb("))
		return false;
	for (i = 0; i < 3; i++) {
		unsigned x = 0;

		while (at < v.n && (v.p[at] == ' ' || v.p[at] == ','))
			at++;
		if (at == v.n || v.p[at] < '0' || v.p[at] > '9')
			return false;
		for (; at < v.n && v.p[at] >= '0' && v.p[at] <= '9' && x < 1000; at++)
			x = x * 10 + (unsigned)(v.p[at] - '0');
		ret[i] = x;
	}
	return true;
}

static void put_paint(struct cleaner *c, meed_str v)
{
	unsigned x[3];

	if (meed_str_eq(v, MEED_STR("black")))
		MEED_BUF_LIT(c->out, "currentColor");
	else if (!rgb(v, x))
		meed_buf_put(c->out, v.p, v.n);
	else if (x[0] == REPORT_SERIES_RED && x[1] == 0 && x[2] < REPORT_COLOURS)
		meed_buf_printf(c->out, "var(--s%u)", x[2]);
	else if (x[0] == REPORT_ROLE_RED && x[1] == 0 && x[2] == REPORT_INK)
		MEED_BUF_LIT(c->out, "currentColor");
	else if (x[0] == REPORT_ROLE_RED && x[1] == 0 && x[2] == REPORT_SOFT)
		MEED_BUF_LIT(c->out, "var(--soft)");
	else if (x[0] == REPORT_ROLE_RED && x[1] == 0 && x[2] == REPORT_GRID)
		MEED_BUF_LIT(c->out, "var(--grid)");
	else if (x[0] == REPORT_ROLE_RED && x[1] == 0 && x[2] == REPORT_GROUND)
		MEED_BUF_LIT(c->out, "var(--bg)");
	else
		meed_buf_printf(c->out, "rgb(%u,%u,%u)", x[0], x[1], x[2]);
}

static void put_own_id(struct cleaner *c, meed_str id)
{
	meed_buf_printf(c->out, "svg-%.*s-%.*s", (int)c->plot->id.n, c->plot->id.p, (int)id.n,
			id.p);
}

static void put_attribute(struct cleaner *c, meed_str name, meed_str value)
{
	if (!harmless(value))
		return;
	if (meed_str_eq(name, MEED_STR("id")) && starts(value, "gp")) {
		MEED_BUF_LIT(c->out, " id=\"");
		put_own_id(c, value);
		meed_buf_putc(c->out, '"');
		return;
	}
	if (meed_str_eq(name, MEED_STR("xlink:href")) && starts(value, "#gp")) {
		MEED_BUF_LIT(c->out, " href=\"#");
		put_own_id(c, (meed_str){ value.p + 1, value.n - 1 });
		meed_buf_putc(c->out, '"');
		return;
	}
	if (!IS_ONE_OF(name, attributes))
		return;
	meed_buf_printf(c->out, " %.*s=\"", (int)name.n, name.p);
	if (meed_str_eq(name, MEED_STR("fill")) || meed_str_eq(name, MEED_STR("stroke")) ||
	    meed_str_eq(name, MEED_STR("color")))
		put_paint(c, value);
	else
		meed_buf_put(c->out, value.p, value.n);
	meed_buf_putc(c->out, '"');
}

static void put_root(struct cleaner *c, meed_str rest)
{
	meed_str name, value;

	MEED_BUF_LIT(c->out, "<svg");
	while (attribute(&rest, &name, &value))
		if (meed_str_eq(name, MEED_STR("viewBox")) && harmless(value))
			meed_buf_printf(c->out, " viewBox=\"%.*s\"", (int)value.n, value.p);
	MEED_BUF_LIT(c->out, " role=\"img\" aria-label=\"");
	report_html_text(c->out, c->plot->title);
	MEED_BUF_LIT(c->out, "\">\n");
}

/* The tag at c->at, which is a '<'. */
static bool read_tag(struct cleaner *c, struct tag *ret)
{
	meed_str s = after(c);
	const char *end = memchr(s.p, '>', s.n);
	size_t n;

	if (!end)
		return false;
	s = (meed_str){ s.p + 1, (size_t)(end - s.p - 1) };
	c->at += s.n + 2;
	*ret = (struct tag){ .end = s.n > 0 && s.p[0] == '/',
			     .empty = s.n > 0 && s.p[s.n - 1] == '/' };
	if (ret->end)
		s = (meed_str){ s.p + 1, s.n - 1 };
	if (ret->empty && s.n > 0)
		s.n--;
	for (n = 0; n < s.n && !blank(s.p[n]); n++)
		;
	ret->name = (meed_str){ s.p, n };
	ret->rest = (meed_str){ s.p + n, s.n - n };
	return true;
}

/* gnuplot opens many groups that it then leaves empty. */
static bool closed_at_once(struct cleaner *c, const struct tag *t)
{
	meed_str s = after(c);
	size_t n = 0;

	if (t->empty || !meed_str_eq(t->name, MEED_STR("g")))
		return false;
	while (n < s.n && blank(s.p[n]))
		n++;
	if (!starts((meed_str){ s.p + n, s.n - n }, "</g>"))
		return false;
	c->at += n + 4;
	return true;
}

static void put_open(struct cleaner *c, const struct tag *t)
{
	meed_str rest = t->rest, name, value;

	meed_buf_printf(c->out, "<%.*s", (int)t->name.n, t->name.p);
	while (attribute(&rest, &name, &value))
		put_attribute(c, name, value);
	meed_buf_puts(c->out, t->empty ? "/>" : ">");
	c->in_text = meed_str_eq(t->name, MEED_STR("text"));
}

static int32_t open_tag(struct cleaner *c, const struct tag *t, struct meed_err *err)
{
	bool known = IS_ONE_OF(t->name, drawn), dropped = IS_ONE_OF(t->name, left_out);

	if (c->depth == 0 && meed_str_eq(t->name, MEED_STR("svg"))) {
		put_root(c, t->rest);
		c->rooted = true;
		c->depth++;
		return MEED_OK;
	}
	if (!c->skip && (c->depth == 0 || (!known && !dropped)))
		return meed_err_set(
			err, MEED_E_UNSUPPORTED,
			"gnuplot drew with an element <%.*s> that a page does not take; "
			"--no-plots writes the page without plots",
			t->name.n < 40 ? (int)t->name.n : 40, t->name.p);
	if (closed_at_once(c, t))
		return MEED_OK;
	if (!c->skip && (dropped || (!c->keep_defs && meed_str_eq(t->name, MEED_STR("defs")))) &&
	    !t->empty)
		c->skip = c->depth + 1;
	if (!c->skip && !dropped)
		put_open(c, t);
	if (!t->empty && ++c->depth > DEPTH_MAX)
		return meed_err_set(err, MEED_E_LIMIT, "gnuplot's drawing is nested too deeply");
	return MEED_OK;
}

static void close_tag(struct cleaner *c, const struct tag *t)
{
	if (c->depth == 0)
		return;
	if (!c->skip)
		meed_buf_printf(c->out, "</%.*s>", (int)t->name.n, t->name.p);
	if (c->skip == c->depth)
		c->skip = 0;
	c->depth--;
	c->in_text = false;
}

/* Characters between tags: those that svg.c hid from gnuplot come back. */
static void put_words(struct cleaner *c)
{
	meed_str s = after(c), t;
	const char *end = memchr(s.p, '<', s.n);
	struct meed_buf plain = { 0 };
	size_t i;

	s.n = end ? (size_t)(end - s.p) : s.n;
	c->at += s.n;
	if (c->skip)
		return;
	if (!c->in_text) {
		if (c->depth > 0 && memchr(s.p, '\n', s.n))
			meed_buf_putc(c->out, '\n');
		return;
	}
	for (i = 0; i < s.n; i++) {
		t = (meed_str){ s.p + i, s.n - i };
		if (starts(t, "\xee\x80") || starts(t, "\xee\x81")) {
			if (t.n < 3)
				break;
			meed_buf_putc(&plain, (char)((t.p[1] & 1) << 6 | (t.p[2] & 0x3f)));
			i += 2;
		} else {
			meed_buf_putc(&plain, s.p[i]);
		}
	}
	c->out->failed |= plain.failed;
	report_html_text(c->out, (meed_str){ plain.p ? plain.p : "", plain.n });
	meed_buf_release(&plain);
}

int32_t report_svg_clean(const struct meed_report_plot *p, meed_str svg, struct meed_err *err,
			 struct meed_buf *b)
{
	struct cleaner c = { .plot = p, .in = svg, .out = b };
	const char *defs = memmem(svg.p, svg.n, "</defs>", 7);
	int32_t code = MEED_OK;
	struct tag t;

	/* shapes of points, if a point is drawn at all */
	c.keep_defs = defs && memmem(defs, svg.n - (size_t)(defs - svg.p), "<use", 4);
	while (c.at < svg.n && code == MEED_OK) {
		if (svg.p[c.at] != '<') {
			put_words(&c);
		} else if (starts(after(&c), "<?")) {
			skip_past(&c, "?>");
		} else if (starts(after(&c), "<!--")) {
			skip_past(&c, "-->");
		} else if (starts(after(&c), "<!")) {
			skip_past(&c, ">");
		} else if (!read_tag(&c, &t)) {
			break;
		} else if (t.end) {
			close_tag(&c, &t);
		} else {
			code = open_tag(&c, &t, err);
		}
	}
	if (code == MEED_OK && (c.depth != 0 || c.at < svg.n || !c.rooted))
		code = meed_err_set(err, MEED_E_INTERNAL, "gnuplot's drawing is not complete");
	if (code == MEED_OK && b->failed)
		code = meed_err_nomem(err);
	return code;
}
