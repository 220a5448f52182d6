/* conform_sample.c - the battery: samples that are right, and as awkward as right ones get. */
#include "config.h"

#include "host/plugin/conform.h"

#include <json-c/json.h>
#include <stdio.h>

enum {
	HUGE_BYTES = 4 << 20,
	BIG_BYTES = 256 << 10,
	MANY = 1000,
	DEEP = 100,
	WIDE = 10000
};

enum text_kind {
	T_LITERAL,
	T_REPEAT,    /* the literal over and over, HUGE_BYTES in all */
	T_REPEAT_BIG /* BIG_BYTES in all, the reference too */
};

/* Which part of the sample a case is about; the rest is plain. */
enum about {
	A_TEXT,
	A_NO_REFS,
	A_EMPTY_REF,
	A_MANY_REFS,
	A_NO_PROMPT,
	A_LONG_PROMPT,
	A_ONE_CAND,
	A_MANY_CANDS,
	A_SAME_CANDS,
	A_NO_CANDS,
	A_NO_STEPS,
	A_MANY_STEPS,
	A_DEEP_META,
	A_WIDE_META
};

#define PLAIN "The capital of France is Paris. It has been so since 987, for 1,039 years."
#define LIT(text) text, sizeof(text) - 1

static const struct test_case {
	const char *name;
	enum about about;
	enum text_kind kind;
	bool small;
	const char *text;
	size_t n;
} cases[] = {
	{ "plain sample", A_TEXT, T_LITERAL, true, LIT(PLAIN) },
	{ "empty text", A_TEXT, T_LITERAL, true, LIT("") },
	{ "white space only", A_TEXT, T_LITERAL, true,
	  LIT(" \t\r\n\xc2\xa0\xe2\x80\xa8\xe3\x80\x80 ") },
	{ "one character", A_TEXT, T_LITERAL, true, LIT("x") },
	{ "NUL inside", A_TEXT, T_LITERAL, true, LIT("before\0after\0\0end") },
	{ "U+10FFFF and noncharacters", A_TEXT, T_LITERAL, true,
	  LIT("\xf4\x8f\xbf\xbf \xef\xbf\xbf \xef\xb7\x90 \xf0\x90\x80\x80 \xef\xbb\xbf") },
	{ "combining characters", A_TEXT, T_LITERAL, true,
	  LIT("e\xcc\x81\xcc\x82\xcc\x83 a\xcc\x8a \xcc\x81\xcc\x81 o\xcc\x88\xcc\xa3") },
	{ "right to left and bidi controls", A_TEXT, T_LITERAL, true,
	  LIT("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae\x61\x62\x63\xe2\x80\xac "
	      "\xd8\xa7\xd9\x84\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\xa9 \xe2\x81\xa6 42") },
	{ "emoji, Chinese and Thai", A_TEXT, T_LITERAL, true,
	  LIT("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb \xe4\xb8\xad\xe5\x9b\xbd "
	      "\xe0\xb8\xa0\xe0\xb8\xb2\xe0\xb8\xa9\xe0\xb8\xb2") },
	{ "odd numbers", A_TEXT, T_LITERAL, true,
	  LIT("1e999 -1e-999 nan inf 0x1p5 ,1,,2. 1/0 \xd9\xa1\xd9\xa2 00000000000000000000001 "
	      "99999999999999999999999999999999999999 \\boxed{\\frac{1}{0}} #### ") },
	{ "half-open markup", A_TEXT, T_LITERAL, true,
	  LIT("<think><answer></think><tool_call>{\"name\": </answer> ```py\n {{{[[[ \\boxed{ $") },
	{ "huge text of words", A_TEXT, T_REPEAT, false, LIT("word and number 42, ") },
	{ "huge text of one word", A_TEXT, T_REPEAT, false, LIT("a") },
	{ "huge text of white space", A_TEXT, T_REPEAT, false, LIT(" ") },
	{ "huge text of opening tags", A_TEXT, T_REPEAT, false, LIT("<think><answer>") },
	{ "huge text of closing tags", A_TEXT, T_REPEAT, false, LIT("</answer></think>") },
	{ "huge text of brackets", A_TEXT, T_REPEAT, false, LIT("\\boxed{{[(") },
	{ "huge text of digits", A_TEXT, T_REPEAT, false, LIT("1234567890") },
	{ "huge text of multi-byte characters", A_TEXT, T_REPEAT, false, LIT("\xe4\xb8\xad") },
	{ "long text and long reference", A_TEXT, T_REPEAT_BIG, false, LIT("word 7 and more ") },
	{ "no reference", A_NO_REFS, T_LITERAL, true, LIT(PLAIN) },
	{ "empty reference", A_EMPTY_REF, T_LITERAL, true, LIT(PLAIN) },
	{ "many references", A_MANY_REFS, T_LITERAL, false, LIT(PLAIN) },
	{ "no prompt", A_NO_PROMPT, T_LITERAL, true, LIT(PLAIN) },
	{ "long conversation", A_LONG_PROMPT, T_LITERAL, false, LIT(PLAIN) },
	{ "equal candidates", A_SAME_CANDS, T_LITERAL, true, LIT(PLAIN) },
	{ "one candidate", A_ONE_CAND, T_LITERAL, true, LIT(PLAIN) },
	{ "many candidates", A_MANY_CANDS, T_LITERAL, false, LIT(PLAIN) },
	{ "no candidates", A_NO_CANDS, T_LITERAL, true, LIT(PLAIN) },
	{ "no steps", A_NO_STEPS, T_LITERAL, true, LIT(PLAIN) },
	{ "many steps", A_MANY_STEPS, T_LITERAL, false, LIT(PLAIN) },
	{ "deep metadata", A_DEEP_META, T_LITERAL, true, LIT(PLAIN) },
	{ "wide metadata", A_WIDE_META, T_LITERAL, false, LIT(PLAIN) },
};

size_t meed_conform_n_cases(void)
{
	return sizeof(cases) / sizeof(cases[0]);
}

const char *meed_conform_case_name(size_t i)
{
	return cases[i].name;
}

bool meed_conform_case_small(size_t i)
{
	return cases[i].small;
}

/* ---- parts ---- */

struct build {
	const struct test_case *t;
	struct meed_arena *arena;
	meed_str text; /* what the case is about */
	meed_str ref;
	bool failed;
};

static void *take(struct build *b, size_t n)
{
	void *p = meed_arena_alloc(b->arena, n);

	b->failed = b->failed || !p;
	return p;
}

/* A copy of its own, so that reading past its NUL is reading past an allocation where arenas
 * are made of malloc. */
static meed_str own(struct build *b, meed_str s)
{
	meed_str r = meed_arena_dup(b->arena, s);

	b->failed = b->failed || !r.p;
	return r.p ? r : MEED_STR("");
}

static meed_str repeat(struct build *b, size_t bytes)
{
	size_t n = bytes / b->t->n * b->t->n, at;
	char *p = meed_arena_raw(b->arena, n + 1);
	meed_str r = { "", 0 };

	b->failed = b->failed || !p;
	if (!p)
		return r;
	memcpy(p, b->t->text, b->t->n);
	for (at = b->t->n; at < n; at += at < n - at ? at : n - at)
		memcpy(p + at, p, at < n - at ? at : n - at);
	p[n] = '\0';
	r.p = p;
	r.n = n;
	return r;
}

static void make_texts(struct build *b)
{
	meed_str literal = { b->t->text, b->t->n };

	b->ref = MEED_STR("Paris, since 987: 1039 years.");
	switch (b->t->kind) {
	case T_LITERAL:
		b->text = literal;
		break;
	case T_REPEAT:
		b->text = repeat(b, HUGE_BYTES);
		break;
	case T_REPEAT_BIG:
		b->text = repeat(b, BIG_BYTES);
		b->ref = b->text;
		break;
	}
}

static void add_refs(struct build *b, meed_cand *c)
{
	size_t n = 1, i;
	meed_str *refs;
	char text[64];

	if (b->t->about == A_NO_REFS)
		return;
	if (b->t->about == A_MANY_REFS)
		n = MANY;
	refs = take(b, n * sizeof(*refs));
	for (i = 0; refs && i < n; i++) {
		refs[i] = b->t->about == A_EMPTY_REF ? MEED_STR("") : b->ref;
		if (i > 0) {
			(void)snprintf(text, sizeof(text), "Paris, or reference %zu", i);
			refs[i] = meed_str_of(text);
		}
		refs[i] = own(b, refs[i]);
	}
	c->refs = refs;
	c->n_refs = refs ? n : 0;
}

static void add_steps(struct build *b, meed_cand *c)
{
	size_t n = 3, i;
	meed_msg *steps;

	if (b->t->about == A_NO_STEPS)
		return;
	if (b->t->about == A_MANY_STEPS)
		n = MANY;
	steps = take(b, n * sizeof(*steps));
	for (i = 0; steps && i < n; i++) {
		steps[i].role = own(b, MEED_STR("assistant"));
		steps[i].text = i == 1 ? MEED_STR("") : own(b, b->text);
	}
	c->steps = steps;
	c->n_steps = steps ? n : 0;
}

static void make_cand(struct build *b, size_t i, uint32_t mode, meed_cand *c)
{
	char text[160];

	c->text = b->text;
	if (i > 0 && b->t->about != A_SAME_CANDS) {
		(void)snprintf(text, sizeof(text), "Answer %zu: %.100s", i, PLAIN);
		c->text = meed_str_of(text);
	}
	if (b->t->kind == T_LITERAL || i > 0)
		c->text = own(b, c->text);
	add_refs(b, c);
	if (mode == MEED_STEPWISE)
		add_steps(b, c);
}

static void add_prompt(struct build *b, meed_sample *s)
{
	size_t n = b->t->about == A_LONG_PROMPT ? MANY : 2, i;
	meed_msg *v;

	if (b->t->about == A_NO_PROMPT)
		return;
	v = take(b, n * sizeof(*v));
	for (i = 0; v && i < n; i++) {
		v[i].role = own(b, i % 2 ? MEED_STR("user") : MEED_STR("system"));
		v[i].text =
			own(b, i % 2 ? MEED_STR("What is the capital of France?") : MEED_STR(""));
	}
	s->prompt = v;
	s->n_prompt = v ? n : 0;
}

static struct json_object *deep_meta(void)
{
	struct json_object *o = json_object_new_int(1), *up;
	int i;

	for (i = 0; o && i < DEEP; i++) {
		up = i % 2 ? json_object_new_array() : json_object_new_object();
		if (!up || (i % 2 ? json_object_array_add(up, o)
				  : json_object_object_add(up, "k", o)) != 0) {
			json_object_put(up);
			json_object_put(o);
			return NULL;
		}
		o = up;
	}
	return o;
}

static struct json_object *wide_meta(void)
{
	struct json_object *o = json_object_new_object();
	char key[32];
	int i;

	for (i = 0; o && i < WIDE; i++) {
		(void)snprintf(key, sizeof(key), "key %d", i);
		if (json_object_object_add(o, key, i % 3 ? json_object_new_int(i) : NULL) != 0) {
			json_object_put(o);
			return NULL;
		}
	}
	return o;
}

static size_t cands_of(const struct test_case *t, uint32_t mode)
{
	if (mode == MEED_PAIRWISE)
		return 2;
	if (mode != MEED_LISTWISE)
		return 1;
	switch (t->about) {
	case A_NO_CANDS:
		return 0;
	case A_ONE_CAND:
		return 1;
	case A_MANY_CANDS:
		return MANY;
	default:
		return 4;
	}
}

/* The cases that are about what this mode does not have, or the host never lets through. */
static bool applies(const struct test_case *t, const struct meed_model *m, uint32_t mode)
{
	switch (t->about) {
	case A_NO_REFS:
		return !(m->rm.needs & MEED_NEEDS_REFERENCE);
	case A_ONE_CAND:
	case A_MANY_CANDS:
	case A_NO_CANDS:
		return mode == MEED_LISTWISE;
	case A_SAME_CANDS:
		return mode == MEED_LISTWISE || mode == MEED_PAIRWISE;
	case A_NO_STEPS:
	case A_MANY_STEPS:
		return mode == MEED_STEPWISE;
	default:
		return true;
	}
}

int meed_conform_sample(size_t i, const struct meed_model *m, uint32_t mode,
			struct meed_arena *arena, struct meed_conform_sample *ret)
{
	struct build b = { .t = &cases[i], .arena = arena };
	size_t n = cands_of(&cases[i], mode), k;

	memset(ret, 0, sizeof(*ret));
	if (!applies(&cases[i], m, mode))
		return 0;
	make_texts(&b);
	ret->cands = take(&b, n * sizeof(*ret->cands));
	ret->n_steps = take(&b, n * sizeof(*ret->n_steps));
	for (k = 0; k < n && !b.failed; k++) {
		make_cand(&b, k, mode, &ret->cands[k]);
		ret->n_steps[k] = ret->cands[k].n_steps;
	}
	if (cases[i].about == A_DEEP_META)
		ret->meta = deep_meta();
	if (cases[i].about == A_WIDE_META)
		ret->meta = wide_meta();
	ret->s = (meed_sample){
		.struct_size = sizeof(ret->s),
		.mode = mode,
		.id = own(&b, MEED_STR("sample-1")),
		.n_cands = n,
		.cands = ret->cands,
		.task_category = own(&b, MEED_STR("qa")),
		.source = MEED_STR(""),
		.meta = (const meed_val *)(const void *)ret->meta,
	};
	add_prompt(&b, &ret->s);
	if (b.failed) {
		meed_conform_sample_release(ret);
		return -1;
	}
	return 1;
}

void meed_conform_sample_release(struct meed_conform_sample *s)
{
	json_object_put(s->meta);
	s->meta = NULL;
}
