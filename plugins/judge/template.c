/* template.c - the template language: {{name}}, {{#name}} ... {{/name}} once for each item of a
 * list, or once if a text is not empty, {{^name}} ... {{/name}} for the opposite, {{! comment}}.
 * Nothing is escaped: what a text may not do is settled by its delimiters. */
#include "config.h"
#include "plugins/judge/text.h"

#include <stdio.h>

enum {
	DEPTH_MAX = 8,
	SCOPES_MAX = 8
};

struct tag {
	size_t from, to; /* of the whole tag */
	char kind;	 /* 0: a name; '#', '^', '/', '!' */
	meed_str name;
};

/* The next tag at or behind `at`: 1; 0: none; -1: one that does not end. */
static int next_tag(meed_str t, size_t at, struct tag *ret)
{
	size_t from = meed_find(t, at, MEED_S("{{")), end;

	if (from == MEED_NONE)
		return 0;
	end = meed_find(t, from, MEED_S("}}"));
	ret->from = from;
	if (end == MEED_NONE)
		return -1;
	ret->to = end + 2;
	ret->name = meed_strip(meed_sub(t, from + 2, end));
	ret->kind = 0;
	if (ret->name.n && strchr("#^/!", ret->name.p[0])) {
		ret->kind = ret->name.p[0];
		ret->name = meed_strip(meed_sub(ret->name, 1, ret->name.n));
	}
	/* a section's tag alone on its line takes the line with it */
	if (ret->kind && (from == 0 || t.p[from - 1] == '\n') && ret->to < t.n &&
	    t.p[ret->to] == '\n')
		ret->to++;
	return 1;
}

/* ---- checking -------------------------------------------------------------------------------- */

struct check {
	meed_str t;
	const char *const *names; /* "list.name" is one that a list's items have */
	meed_str open[DEPTH_MAX]; /* sections, innermost last */
	bool each[DEPTH_MAX];	  /* and whether it is {{#...}} */
	size_t depth;
	char *buf;
	size_t n;
};

static const char *wrong(const struct check *c, const struct tag *tag, const char *what)
{
	(void)snprintf(c->buf, c->n, "byte %zu: %s", tag->from + 1, what);
	return c->buf;
}

/* Is it a name of the items of that list? */
static bool of_list(const char *name, meed_str list, meed_str item)
{
	meed_str s = meed_s(name);

	return s.n == list.n + 1 + item.n && meed_starts(s, list) && s.p[list.n] == '.' &&
	       meed_eq(meed_sub(s, list.n + 1, s.n), item);
}

static bool is_list(const struct check *c, meed_str name)
{
	for (size_t i = 0; c->names[i]; i++)
		if (meed_starts(meed_s(c->names[i]), name) && c->names[i][name.n] == '.')
			return true;
	return false;
}

static bool in_scope(const struct check *c, meed_str name)
{
	for (size_t i = 0; c->names[i]; i++) {
		if (meed_eq(name, meed_s(c->names[i])))
			return true;
		for (size_t k = 0; k < c->depth; k++)
			if (c->each[k] && of_list(c->names[i], c->open[k], name))
				return true;
	}
	return false;
}

/* A list whose items have that name. */
static meed_str list_with(const struct check *c, meed_str name)
{
	for (size_t i = 0; c->names[i]; i++) {
		const char *dot = strchr(c->names[i], '.');
		meed_str list = { c->names[i], dot ? (size_t)(dot - c->names[i]) : 0 };

		if (dot && of_list(c->names[i], list, name))
			return list;
	}
	return MEED_S("");
}

static const char *unknown(const struct check *c, const struct tag *tag)
{
	char what[460];
	struct meed_text t = meed_text_in(what, sizeof(what) - 1);
	meed_str name = tag->name, list = list_with(c, name);
	const char *comma = ": may be ";

	name.n = name.n < 60 ? name.n : 60;
	if (list.n) {
		(void)snprintf(
			what, sizeof(what),
			"{{%.*s}} is of items alone: write it within {{#%.*s}} ... {{/%.*s}}",
			(int)name.n, name.p, (int)list.n, list.p, (int)list.n, list.p);
		return wrong(c, tag, what);
	}
	meed_text_lit(&t, "unknown name \"");
	meed_text_str(&t, name);
	meed_text_lit(&t, "\"");
	for (size_t i = 0; c->names[i]; i++) {
		if (strchr(c->names[i], '.'))
			continue;
		meed_text_str(&t, meed_s(comma));
		meed_text_str(&t, meed_s(c->names[i]));
		comma = ", ";
	}
	what[t.n] = '\0';
	return wrong(c, tag, what);
}

static const char *check_tag(struct check *c, const struct tag *tag)
{
	int n = (int)(tag->name.n < 60 ? tag->name.n : 60);
	char what[200];

	if (tag->kind == '!')
		return NULL;
	if (tag->kind == '/') {
		if (c->depth && meed_eq(c->open[--c->depth], tag->name))
			return NULL;
		(void)snprintf(what, sizeof(what), "{{/%.*s}} closes nothing that is open", n,
			       tag->name.p);
		return wrong(c, tag, what);
	}
	if (!in_scope(c, tag->name))
		return unknown(c, tag);
	if (tag->kind == 0) {
		if (!is_list(c, tag->name))
			return NULL;
		(void)snprintf(what, sizeof(what), "%.*s is a list: write {{#%.*s}} ... {{/%.*s}}",
			       n, tag->name.p, n, tag->name.p, n, tag->name.p);
		return wrong(c, tag, what);
	}
	if (c->depth == DEPTH_MAX) {
		(void)snprintf(what, sizeof(what), "more than %d sections in each other",
			       DEPTH_MAX);
		return wrong(c, tag, what);
	}
	c->each[c->depth] = tag->kind == '#';
	c->open[c->depth++] = tag->name;
	return NULL;
}

const char *template_check(meed_str t, const char *const *names, char *buf, size_t n)
{
	struct check c = { .t = t, .names = names, .buf = buf, .n = n };
	const char *what;
	size_t at = 0;
	struct tag tag;
	int r;

	while ((r = next_tag(t, at, &tag)) != 0) {
		if (r < 0)
			return wrong(&c, &tag, "{{ without }}");
		at = tag.to;
		what = check_tag(&c, &tag);
		if (what)
			return what;
	}
	if (c.depth == 0)
		return NULL;
	(void)snprintf(buf, n, "{{%c%.*s}} is not closed", c.each[c.depth - 1] ? '#' : '^',
		       (int)(c.open[c.depth - 1].n < 60 ? c.open[c.depth - 1].n : 60),
		       c.open[c.depth - 1].p);
	return buf;
}

bool template_uses(meed_str t, const char *name)
{
	size_t at = 0;
	struct tag tag;

	while (next_tag(t, at, &tag) > 0) {
		if ((tag.kind == 0 || tag.kind == '#') && meed_eq(tag.name, meed_s(name)))
			return true;
		at = tag.to;
	}
	return false;
}

/* ---- filling --------------------------------------------------------------------------------- */

struct scopes {
	const struct value *v[SCOPES_MAX]; /* innermost last */
	size_t n;
};

static const struct value *look_up(const struct scopes *s, meed_str name)
{
	for (size_t i = s->n; i-- > 0;)
		for (const struct value *v = s->v[i]; v->name; v++)
			if (meed_eq(name, meed_s(v->name)))
				return v;
	return NULL;
}

/* Where the section that begins behind `at` ends: its closing tag. */
static struct tag section_end(meed_str t, size_t at)
{
	size_t depth = 0;
	struct tag tag = { t.n, t.n, '/', { "", 0 } };

	while (next_tag(t, at, &tag) > 0) {
		at = tag.to;
		if (tag.kind == '#' || tag.kind == '^')
			depth++;
		else if (tag.kind == '/' && depth-- == 0)
			break;
	}
	return tag;
}

static void fill(struct out *o, meed_str t, struct scopes *s);

static void section(struct out *o, meed_str body, const struct value *v, bool inverted,
		    struct scopes *s)
{
	bool there = v && (v->is_list ? v->n_items > 0 : v->text.n > 0);

	if (inverted) {
		if (!there)
			fill(o, body, s);
		return;
	}
	if (!there || s->n == SCOPES_MAX)
		return;
	for (size_t i = 0; i < (v->is_list ? v->n_items : 1); i++) {
		if (v->is_list)
			s->v[s->n++] = v->items[i];
		fill(o, body, s);
		if (v->is_list)
			s->n--;
	}
}

static void fill(struct out *o, meed_str t, struct scopes *s)
{
	size_t at = 0;
	struct tag tag, end;

	while (next_tag(t, at, &tag) > 0) {
		const struct value *v = look_up(s, tag.name);

		out_put(o, meed_sub(t, at, tag.from));
		at = tag.to;
		if (tag.kind == 0 && v) {
			out_put(o, v->text);
		} else if (tag.kind == '#' || tag.kind == '^') {
			end = section_end(t, at);
			section(o, meed_sub(t, at, end.from), v, tag.kind == '^', s);
			at = end.to;
		}
	}
	out_put(o, meed_sub(t, at, t.n));
}

void template_fill(struct out *o, meed_str t, const struct value *values)
{
	struct scopes s = { { values }, 1 };

	fill(o, t, &s);
}
