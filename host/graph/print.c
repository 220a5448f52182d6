/* print.c - a plan as a tree for people and as a graph for graphviz */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "host/graph/conf.h"

static void put_num(struct meed_buf *out, double x)
{
	char num[CONF_NUM];

	meed_buf_puts(out, conf_num(x, num));
}

static void put_transforms(struct meed_buf *out, const char *before, const struct meed_transform *v,
			   size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		meed_buf_puts(out, i ? ", " : before);
		meed_buf_puts(out, meed_transform_name(v[i].kind));
		switch (v[i].kind) {
		case MEED_X_CLIP:
		case MEED_X_AFFINE:
		case MEED_X_SIGMOID:
			MEED_BUF_LIT(out, "[");
			put_num(out, v[i].a);
			MEED_BUF_LIT(out, ", ");
			put_num(out, v[i].b);
			MEED_BUF_LIT(out, "]");
			break;
		case MEED_X_THRESHOLD:
			MEED_BUF_LIT(out, "[");
			put_num(out, v[i].a);
			MEED_BUF_LIT(out, "]");
			break;
		default:
			break;
		}
	}
}

static void put_bound(struct meed_buf *out, const char *word, double x)
{
	if (!isfinite(x))
		return;
	meed_buf_puts(out, word);
	put_num(out, x);
}

static void put_route(struct meed_buf *out, const struct meed_member *m, bool otherwise,
		      const char *gap)
{
	char num[CONF_NUM];

	meed_buf_puts(out, gap);
	if (otherwise) {
		MEED_BUF_LIT(out, "otherwise");
	} else if (m->match_kind == MEED_MATCH_GLOB || m->match_kind == MEED_MATCH_REGEX) {
		meed_buf_puts(out, m->match_kind == MEED_MATCH_GLOB ? "match " : "regex ");
		meed_buf_json_str(out, meed_str_of(m->pattern));
	} else if (m->match_kind == MEED_MATCH_SHARE) {
		/* shares are printed to nine places: their sums carry rounding */
		MEED_BUF_LIT(out, "share ");
		meed_buf_puts(out, conf_num(round((m->to - m->from) * 1e9) / 1e9, num));
	} else {
		MEED_BUF_LIT(out, "score");
		put_bound(out, " from ", m->from);
		put_bound(out, " to ", m->to);
	}
}

/* What an edge says: weight, bounds, transforms, on_error, each after gap. */
static void put_member(struct meed_buf *out, const struct meed_node *n, size_t i, const char *gap)
{
	const struct meed_member *m = &n->members[i];

	if (n->combine == MEED_C_ROUTE)
		put_route(out, m, n->otherwise == (int32_t)i, gap);
	if (m->is_gate) {
		meed_buf_puts(out, gap);
		MEED_BUF_LIT(out, "gate");
	} else if (conf_combine_weighs(n->combine)) {
		meed_buf_puts(out, gap);
		put_bound(out, "weight ", m->weight);
	}
	if (!isnan(m->below) || !isnan(m->above)) {
		meed_buf_puts(out, gap);
		MEED_BUF_LIT(out, "decides");
		put_bound(out, " below ", m->below);
		put_bound(out, isnan(m->below) ? " above " : " or above ", m->above);
	}
	if (m->n_transforms) {
		meed_buf_puts(out, gap);
		put_transforms(out, "transform ", m->transforms, m->n_transforms);
	}
	if (m->on_error == MEED_ON_FAIL)
		return;
	meed_buf_puts(out, gap);
	MEED_BUF_LIT(out, "on_error ");
	if (m->on_error == MEED_ON_SKIP)
		MEED_BUF_LIT(out, "skip");
	else
		put_num(out, m->on_error_value);
}

/* What a node is: its combiner or model, each part after gap. */
static void put_node(struct meed_buf *out, const struct meed_plan *p, const struct meed_node *n,
		     const char *gap)
{
	char text[64];

	if (n->is_instance) {
		if (strcmp(n->name, n->model->rm.id) != 0) {
			meed_buf_puts(out, gap);
			meed_buf_puts(out, n->model->rm.id);
		}
		meed_buf_puts(out, gap);
		meed_buf_puts(out, meed_modes_text(n->mode, text, sizeof(text)));
		if (n->mode == MEED_PAIRWISE)
			meed_buf_printf(out, " by %s%s", meed_aggregate_name(n->aggregate),
					n->both_orders ? "" : ", one order");
		if (n->mode == MEED_STEPWISE)
			meed_buf_printf(out, " by %s", meed_steps_agg_name(n->steps_agg));
		if (n->endpoint[0])
			meed_buf_printf(out, "%sendpoint %s", gap, n->endpoint);
	} else {
		meed_buf_puts(out, gap);
		meed_buf_puts(out, meed_combine_name(n->combine));
		if (n->combine == MEED_C_VOTE)
			put_bound(out, " at ", n->threshold);
		if (n->combine == MEED_C_LOWER_BOUND)
			put_bound(out, " k ", n->k);
		if (n->combine == MEED_C_ROUTE && n->chooser >= 0)
			meed_buf_printf(out, " by %s", p->nodes[n->chooser].name);
		else if (n->combine == MEED_C_ROUTE)
			meed_buf_printf(out, " by %s", n->key ? n->key : "share");
	}
	if (n->n_transforms) {
		meed_buf_puts(out, gap);
		put_transforms(out, "transform ", n->transforms, n->n_transforms);
	}
}

/* ---- text ---- */

struct tree {
	const struct meed_plan *p;
	struct meed_buf *out;
	uint32_t *parents; /* how many members use a node */
	bool *shown;
	struct meed_buf indent;
};

static void put_below(struct tree *t, uint32_t node);

static void put_head(struct tree *t, uint32_t node)
{
	const struct meed_node *n = &t->p->nodes[node];

	put_node(t->out, t->p, n, "  ");
	if (t->parents[node] > 1)
		meed_buf_puts(t->out, t->shown[node] ? "  (shared, shown above)" : "  (shared)");
	meed_buf_putc(t->out, '\n');
}

static void put_branch(struct tree *t, uint32_t node, bool last)
{
	size_t n = t->indent.n;

	if (t->shown[node])
		return;
	meed_buf_puts(&t->indent, last ? "    " : "\xe2\x94\x82   ");
	put_below(t, node);
	t->indent.n = n;
}

static void put_tee(struct tree *t, bool last)
{
	meed_buf_put(t->out, t->indent.p, t->indent.n);
	meed_buf_puts(t->out, last ? "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 "
				   : "\xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 ");
}

/* Depth is bounded by MEED_CONF_MAX_DEPTH; a shared node's members are shown once. */
static void put_below(struct tree *t, uint32_t node)
{
	const struct meed_node *n = &t->p->nodes[node];
	size_t i;

	t->shown[node] = true;
	if (n->chooser >= 0) {
		put_tee(t, false);
		meed_buf_printf(t->out, "%s  chooses the route", t->p->nodes[n->chooser].name);
		put_head(t, (uint32_t)n->chooser);
		put_branch(t, (uint32_t)n->chooser, false);
	}
	for (i = 0; i < n->n_members; i++) {
		const struct meed_member *m = &n->members[i];
		bool last = i + 1 == n->n_members;

		put_tee(t, last);
		meed_buf_puts(t->out, m->name);
		put_member(t->out, n, i, "  ");
		if (strcmp(m->name, t->p->nodes[m->node].name) != 0)
			meed_buf_printf(t->out, "  = %s", t->p->nodes[m->node].name);
		put_head(t, m->node);
		put_branch(t, m->node, last);
	}
}

static void count_parents(const struct meed_plan *p, uint32_t *parents)
{
	size_t i, k;

	for (i = 0; i < p->n_nodes; i++) {
		for (k = 0; k < p->nodes[i].n_members; k++)
			parents[p->nodes[i].members[k].node]++;
		if (p->nodes[i].chooser >= 0)
			parents[p->nodes[i].chooser]++;
	}
}

static void print_text(const struct meed_plan *p, struct meed_buf *out)
{
	struct tree t = { .p = p, .out = out };

	t.parents = calloc(p->n_nodes, sizeof(*t.parents));
	t.shown = calloc(p->n_nodes, sizeof(*t.shown));
	if (!t.parents || !t.shown) {
		out->failed = true;
		goto done;
	}
	count_parents(p, t.parents);
	meed_buf_puts(out, p->nodes[p->root].name);
	put_head(&t, p->root);
	put_below(&t, p->root);
	if (t.indent.failed)
		out->failed = true;
done:
	free(t.parents);
	free(t.shown);
	meed_buf_release(&t.indent);
}

/* ---- DOT ---- */

/* A quoted string of DOT: only " and \ are special; a newline of ours is written \n. */
static void put_quoted(struct meed_buf *out, const struct meed_buf *s)
{
	size_t i;

	meed_buf_putc(out, '"');
	for (i = 0; i < s->n; i++) {
		if (s->p[i] == '\n') {
			MEED_BUF_LIT(out, "\\n");
			continue;
		}
		if (s->p[i] == '"' || s->p[i] == '\\')
			meed_buf_putc(out, '\\');
		meed_buf_putc(out, s->p[i]);
	}
	meed_buf_putc(out, '"');
}

static void dot_edge(const struct meed_plan *p, uint32_t node, size_t i, struct meed_buf *text,
		     struct meed_buf *out)
{
	const struct meed_member *m = &p->nodes[node].members[i];

	text->n = 0;
	if (strcmp(m->name, p->nodes[m->node].name) != 0)
		meed_buf_puts(text, m->name);
	put_member(text, &p->nodes[node], i, "\n");
	if (text->n > 0 && text->p[0] == '\n') {
		text->n--;
		memmove(text->p, text->p + 1, text->n);
	}
	meed_buf_printf(out, "\tn%u -> n%u [label=", node, m->node);
	put_quoted(out, text);
	MEED_BUF_LIT(out, "];\n");
}

static void print_dot(const struct meed_plan *p, struct meed_buf *out)
{
	struct meed_buf text = { 0 };
	uint32_t i;
	size_t k;

	MEED_BUF_LIT(out,
		     "digraph meed {\n\trankdir=LR;\n"
		     "\tnode [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
		     "\tedge [fontname=\"sans-serif\", fontsize=9];\n");
	for (i = 0; i < p->n_nodes; i++) {
		const struct meed_node *n = &p->nodes[i];

		text.n = 0;
		meed_buf_puts(&text, n->name);
		put_node(&text, p, n, "\n");
		meed_buf_printf(out, "\tn%u [%slabel=", i, n->is_instance ? "" : "shape=oval, ");
		put_quoted(out, &text);
		MEED_BUF_LIT(out, "];\n");
	}
	for (i = 0; i < p->n_nodes; i++) {
		for (k = 0; k < p->nodes[i].n_members; k++)
			dot_edge(p, i, k, &text, out);
		if (p->nodes[i].chooser >= 0)
			meed_buf_printf(out, "\tn%u -> n%d [style=dashed, label=\"chooses\"];\n", i,
					p->nodes[i].chooser);
	}
	MEED_BUF_LIT(out, "}\n");
	if (text.failed)
		out->failed = true;
	meed_buf_release(&text);
}

void meed_plan_print(const struct meed_plan *p, enum meed_graph_format f, struct meed_buf *out)
{
	if (f == MEED_GRAPH_DOT)
		print_dot(p, out);
	else
		print_text(p, out);
}
