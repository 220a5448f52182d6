/* text.h - text that grows in the context's arena, and the template language. Used by plugins/remote
 * as well, which compiles out.c and template.c once more.
 *
 * Threads: whatever thread the host called on; text goes into the context's arena. */
#ifndef MEED_JUDGE_TEXT_H
#define MEED_JUDGE_TEXT_H

#include <meed/helpers.h>

struct out {
	const meed_host *h;
	meed_ctx *c;
	char *p;
	size_t n, cap;
	bool failed;
};
void out_put(struct out *o, meed_str s);
void out_u64(struct out *o, uint64_t x);
void out_num(struct out *o, double x);
void out_json(struct out *o, meed_str s);	/* a JSON string with its quotes */
void out_val(struct out *o, const meed_val *v); /* as JSON */
#define OUT(o, lit) out_put((o), MEED_S(lit))
static inline meed_str out_str(const struct out *o)
{
	return (meed_str){ o->n ? o->p : "", o->n };
}

/* What a template can name. A list's items are looked up first, then what is around them. */
struct value {
	const char *name;
	meed_str text;
	/* of a list: its rows, each ended by name NULL */
	const struct value *const *items;
	size_t n_items;
	bool is_list;
};
/* NULL if the template is well-formed and uses none but these names (NULL-terminated), each where it
 * means something, else what is wrong, with its byte, in buf. "list.name" is one that the items of a
 * list have, which is in scope within {{#list}} alone. */
const char *template_check(meed_str t, const char *const *names, char *buf, size_t n);
/* Does a well-formed template show that text, or go through that list? */
bool template_uses(meed_str t, const char *name);
/* Fills a checked template. values end with name NULL. */
void template_fill(struct out *o, meed_str t, const struct value *values);

#endif
