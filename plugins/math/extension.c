/* extension.c - meed.math/1: expressions and verdicts for people to look at. */
#include "config.h"
#include "math_ext.h"

#include <stdlib.h>

#include "verify.h"

#define PAGE 65536			/* room for one expression printed */

/* Blocks that are freed together. */
struct heap {
	struct heap_block {
		struct heap_block *next;
		max_align_t data[];
	} *first;
};

static void *heap_block(void *ctx, size_t n)
{
	struct heap *h = ctx;
	struct heap_block *b = calloc(1, sizeof(*b) + n);

	if (!b)
		return NULL;
	b->next = h->first;
	h->first = b;
	return b->data;
}

static void heap_release(struct heap *h)
{
	struct heap_block *b;

	while ((b = h->first)) {
		h->first = b->next;
		free(b);
	}
}

/* Where text goes. */
struct out {
	meed_math_put put;
	void *data;
	char *page;
};

static void put(const struct out *o, meed_str s)
{
	o->put(o->data, s);
}

static void put_c(const struct out *o, const char *s)
{
	put(o, meed_s(s));
}

/* An expression as a line; false when there is no memory for it. */
static bool put_printed(struct out *o, const struct mx *x)
{
	struct meed_text t;

	if (!o->page)
		o->page = malloc(PAGE);
	if (!o->page)
		return false;
	t = meed_text_in(o->page, PAGE);
	mx_print(&t, x);
	put(o, meed_text_get(&t));
	return true;
}

static bool put_tree(struct out *o, const struct mx *x)
{
	struct meed_text t;

	if (!o->page)
		o->page = malloc(PAGE);
	if (!o->page)
		return false;
	t = meed_text_in(o->page, PAGE);
	mx_dump(&t, x);
	put(o, meed_text_get(&t));
	if (t.n > 0 && t.p[t.n - 1] != '\n')
		put_c(o, "\n");
	return true;
}

static void put_at(const struct out *o, size_t at)
{
	char buf[48];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_lit(&t, " (at byte ");
	meed_text_u64(&t, at + 1);
	meed_text_char(&t, ')');
	put(o, meed_text_get(&t));
}

static int32_t parse(meed_str text, meed_math_put fn, void *data)
{
	struct out o = { fn, data, NULL };
	struct heap heap = { NULL };
	struct mx_memory mem = { .block = heap_block, .ctx = &heap };
	const char *why = NULL;
	struct mx_model m;
	struct mx_env e;
	const struct mx *x;
	size_t at = 0;
	int32_t r = 0;

	mx_model_init(&m);
	mx_env_begin(&e, &m, &mem, 0);
	x = mx_read(&e, text, &why, &at);
	if (e.spent) {
		r = mx_spent_code(&e, &mem);
		put_c(&o, mx_spent_text(&e, &mem));
		put_c(&o, "\n");
	} else if (!x) {
		r = MEED_E_PARSE;
		put_c(&o, why ? why : "not mathematics");
		put_at(&o, at);
		put_c(&o, "\n");
	} else if (put_printed(&o, x)) {
		put_c(&o, "\n");
		r = put_tree(&o, x) ? 0 : MEED_E_NOMEM;
	} else {
		r = MEED_E_NOMEM;
	}
	free(o.page);
	heap_release(&heap);
	return r;
}

static int32_t put_side(struct out *o, const char *who, const struct mx_side *s)
{
	put_c(o, who);
	if (!s->found) {
		put_c(o, "none found\n");
		return 0;
	}
	put(o, s->cand.text);
	put_c(o, "  (");
	put_c(o, mx_anchor_name(s->cand.anchor));
	put_c(o, ")\n  read as  ");
	if (s->x) {
		if (!put_printed(o, s->x))
			return MEED_E_NOMEM;
	} else {
		put_c(o, "nothing: ");
		put_c(o, s->why ? s->why : "not mathematics");
	}
	put_c(o, "\n");
	return 0;
}

static int32_t put_result(struct out *o, const struct mx_result *v)
{
	static const char *const verdicts[] = { "different", "equal", "undecided" };
	int32_t r;

	r = put_side(o, "reference  ", &v->gold);
	if (r == 0)
		r = put_side(o, "answer     ", &v->pred);
	if (r < 0 || !v->rule)
		return r;
	put_c(o, verdicts[v->verdict]);
	put_c(o, ": ");
	put_c(o, v->rule);
	if (v->detail[0]) {
		put_c(o, " (");
		put_c(o, v->detail);
		put_c(o, ")");
	}
	put_c(o, "\n");
	return 0;
}

static int32_t equal(meed_str reference, meed_str answer, meed_math_put fn, void *data,
		     int32_t *ret_equal)
{
	struct out o = { fn, data, NULL };
	struct heap heap = { NULL };
	struct mx_memory mem = { .block = heap_block, .ctx = &heap };
	struct mx_result v;
	struct mx_model m;
	struct mx_env e;
	int32_t r;

	mx_model_init(&m);
	m.helper = mx_helper_new(mx_helper_path(), (uint64_t)256 << 20);
	mx_env_begin(&e, &m, &mem, 0);
	r = mx_verify(&e, &m, &reference, 1, answer, &v);
	if (e.spent) {
		r = mx_spent_code(&e, &mem);
		put_c(&o, mx_spent_text(&e, &mem));
		put_c(&o, ": no verdict\n");
	} else {
		if (r == 0)
			mx_read_sides(&e, &v);
		else
			v.rule = NULL;
		if (put_result(&o, &v) < 0)
			r = MEED_E_NOMEM;
		if (r == 0 && v.verdict == MX_UNDECIDED)
			r = MEED_E_LIMIT;
		*ret_equal = v.verdict == MX_YES;
	}
	mx_helper_free(m.helper);
	free(o.page);
	heap_release(&heap);
	return r;
}

static const meed_ext_math table = {
	.struct_size = sizeof(table), .revision = 1, .parse = parse, .equal = equal
};

const void *mx_extension(const char *id)
{
	return strcmp(id, MEED_EXT_MATH) == 0 ? &table : NULL;
}
