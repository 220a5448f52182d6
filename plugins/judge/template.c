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

static bool known(meed_str name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (meed_eq(name, meed_s(names[i])))
			return true;
	return false;
}

const char *template_check(meed_str t, const char *const *names, char *buf, size_t n)
{
	meed_str open[DEPTH_MAX];
	size_t depth = 0, at = 0;
	struct tag tag;
	int r;

	while ((r = next_tag(t, at, &tag)) != 0) {
		if (r < 0) {
			(void)snprintf(buf, n, "byte %zu: {{ without }}", tag.from + 1);
			return buf;
		}
		at = tag.to;
		if (tag.kind == '!')
			continue;
		if (!known(tag.name, names)) {
			(void)snprintf(buf, n, "byte %zu: unknown name \"%.*s\"", tag.from + 1,
				       (int)(tag.name.n < 60 ? tag.name.n : 60), tag.name.p);
			return buf;
		}
		if ((tag.kind == '#' || tag.kind == '^') && depth < DEPTH_MAX) {
			open[depth++] = tag.name;
		} else if (tag.kind == '#' || tag.kind == '^') {
			(void)snprintf(buf, n, "byte %zu: more than %d sections in each other",
				       tag.from + 1, DEPTH_MAX);
			return buf;
		} else if (tag.kind == '/' && (depth == 0 || !meed_eq(open[--depth], tag.name))) {
			(void)snprintf(buf, n, "byte %zu: {{/%.*s}} closes nothing that is open",
				       tag.from + 1, (int)(tag.name.n < 60 ? tag.name.n : 60),
				       tag.name.p);
			return buf;
		}
	}
	if (depth == 0)
		return NULL;
	(void)snprintf(buf, n, "{{#%.*s}} is not closed",
		       (int)(open[depth - 1].n < 60 ? open[depth - 1].n : 60), open[depth - 1].p);
	return buf;
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
