/* conf_cycles.c - ties members to what they use; finds cycles and what is nested too deep */
#include "config.h"

#include <stdlib.h>

#include "host/graph/conf.h"

static uint32_t resolve(struct meed_conf *c, struct meed_diags *d, struct conf_composition *k,
			const struct conf_str *s, const char *key)
{
	uint32_t entry = conf_names_get(&c->by_name, 0, s->p);
	char hint[1024];

	if (entry != CONF_NO_NAME)
		return entry;
	k->broken = true;
	if (!c->partial)
		conf_error(c, d, s->at,
			   "%s = \"%s\" of composition \"%s\" names no composition, "
			   "instance or model%s",
			   key, s->raw, k->name,
			   meed_conf_why_not(c, s->p, hint, sizeof(hint)));
	return CONF_NO_NAME;
}

static void resolve_members(struct meed_conf *c, struct meed_diags *d, struct conf_composition *k)
{
	size_t i;

	for (i = 0; i < k->n_members; i++)
		if (k->members[i].use.p)
			k->members[i].ref =
				resolve(c, d, k, &k->members[i].use,
					(int32_t)i == k->otherwise ? "otherwise" : "use");
	if (k->combine == MEED_C_ROUTE && k->by.p)
		k->chooser_ref = resolve(c, d, k, &k->by, "by");
}

/* ---- depth first, without recursion: a file may hold any number of compositions ---- */

enum colour {
	WHITE,
	GREY,
	BLACK
};

struct frame {
	uint32_t k;  /* composition */
	size_t next; /* edge to follow: members, then the chooser */
};

struct walk {
	struct meed_conf *c;
	struct meed_diags *diags;
	unsigned char *colour;
	struct frame *stack;
	size_t n;
};

static void report_cycle(struct walk *w, uint32_t to)
{
	struct meed_conf *c = w->c;
	struct meed_buf path = { 0 };
	size_t i = w->n;

	while (i > 0 && w->stack[i - 1].k != to)
		i--;
	for (i--; i < w->n; i++) {
		struct conf_composition *k = c->compositions[w->stack[i].k];

		k->broken = true;
		meed_buf_printf(&path, "%s (%s:%u) -> ", k->name, k->at.file, k->at.line);
	}
	meed_buf_puts(&path, c->compositions[to]->name);
	meed_buf_putc(&path, '\0');
	conf_error(c, w->diags, c->compositions[to]->at,
		   "compositions use each other in a circle: %s",
		   path.failed ? c->compositions[to]->name : path.p);
	meed_buf_release(&path);
}

static uint32_t edge(const struct conf_composition *k, size_t i)
{
	return i < k->n_members ? k->members[i].ref : k->chooser_ref;
}

static void leave(struct walk *w, struct conf_composition *k)
{
	struct meed_conf *c = w->c;
	size_t i;

	for (i = 0; i <= k->n_members; i++) {
		uint32_t to = edge(k, i);

		if (to != CONF_NO_NAME && to < c->n_compositions && w->colour[to] == BLACK &&
		    c->compositions[to]->depth >= k->depth)
			k->depth = c->compositions[to]->depth + 1;
	}
	if (k->depth == MEED_CONF_MAX_DEPTH)
		conf_error(c, w->diags, k->at,
			   "composition \"%s\" nests compositions deeper than %d", k->name,
			   MEED_CONF_MAX_DEPTH);
	if (k->depth >= MEED_CONF_MAX_DEPTH)
		k->broken = true;
}

static void walk_from(struct walk *w, uint32_t start)
{
	w->stack[0] = (struct frame){ start, 0 };
	w->n = 1;
	w->colour[start] = GREY;
	while (w->n > 0) {
		struct frame *f = &w->stack[w->n - 1];
		struct conf_composition *k = w->c->compositions[f->k];
		uint32_t to;

		if (f->next > k->n_members) {
			leave(w, k);
			w->colour[f->k] = BLACK;
			w->n--;
			continue;
		}
		to = edge(k, f->next++);
		if (to == CONF_NO_NAME || to >= w->c->n_compositions || w->colour[to] == BLACK)
			continue;
		if (w->colour[to] == GREY) {
			report_cycle(w, to);
			continue;
		}
		w->colour[to] = GREY;
		w->stack[w->n++] = (struct frame){ to, 0 };
	}
}

void conf_check_compositions(struct meed_conf *c, struct meed_diags *d)
{
	struct walk w = { .c = c, .diags = d };
	size_t i;

	w.colour = calloc(c->n_compositions + 1, sizeof(*w.colour));
	w.stack = calloc(c->n_compositions + 1, sizeof(*w.stack));
	if (!w.colour || !w.stack) {
		c->nomem = true;
		goto out;
	}
	for (i = 0; i < c->n_compositions; i++)
		resolve_members(c, d, c->as_read[i]);
	for (i = 0; i < c->n_compositions; i++)
		if (w.colour[i] == WHITE)
			walk_from(&w, (uint32_t)i);
out:
	free(w.colour);
	free(w.stack);
}
