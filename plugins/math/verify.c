/* verify.c - reference and response to a verdict. */
#include "config.h"
#include "verify.h"

#include "extract.h"

#include <stdlib.h>
#include <time.h>

/* ---- memory and budgets ------------------------------------------------------------------------ */

#define BLOCK_MIN 4096u
#define BLOCK_MAX 65536u

void *mx_memory_alloc(void *memory, size_t n)
{
	struct mx_memory *m = memory;
	size_t size;
	void *r;

	if (n > m->limit) {
		m->over = true;
		return NULL;
	}
	n = (n + 15) & ~(size_t)15;
	if (n > m->left) {
		if (m->next == 0)
			m->next = BLOCK_MIN;
		size = n > m->next / 4 ? n : m->next;
		if (size > m->limit - m->used)
			size = n;
		if (size > m->limit - m->used) {
			m->over = true;
			return NULL;
		}
		r = m->block(m->ctx, size);
		if (!r)
			return NULL;
		m->used += size;
		if (size == n)
			return r;
		m->p = r;
		m->left = size;
		if (m->next < BLOCK_MAX)
			m->next *= 2;
	}
	r = m->p;
	m->p += n;
	m->left -= n;
	return r;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#ifndef MEED_MATH_HELPER
#define MEED_MATH_HELPER ""
#endif

const char *mx_helper_path(void)
{
	const char *s = getenv("MEED_MATH_HELPER");

	return s && *s ? s : MEED_MATH_HELPER;
}

void mx_model_init(struct mx_model *m)
{
	static const enum mx_anchor order[MX_A_N + 1] = {
		MX_A_BOXED,	MX_A_HASHES,  MX_A_ANSWER_TAG, MX_A_FINAL, MX_A_ANSWER_IS,
		MX_A_LETTER,	MX_A_DISPLAY, MX_A_INLINE,     MX_A_BARE,	MX_A_WHOLE,
		MX_A_N
	};

	memset(m, 0, sizeof(*m));
	memcpy(m->order, order, sizeof(order));
	m->opts.decimals = 6;
	m->opts.percent_free = true;
	m->opts.units_free = true;
	m->timeout_ms = 1000;
	m->candidates = 1;
	m->steps = 2000000;
	m->memory = (size_t)64 << 20;
}

void mx_env_begin(struct mx_env *e, const struct mx_model *m, struct mx_memory *mem, uint64_t seed)
{
	memset(e, 0, sizeof(*e));
	mem->limit = m->memory;
	e->alloc = mx_memory_alloc;
	e->ctx = mem;
	e->steps = m->steps;
	e->deadline_ns = m->timeout_ms > 0 ? now_ns() + m->timeout_ms * (uint64_t)1000000 : 0;
	e->opts = &m->opts;
	e->seed = seed;
	e->helper = m->helper;
}

int32_t mx_spent_code(const struct mx_env *e, const struct mx_memory *mem)
{
	return e->spent == MEED_E_NOMEM && mem->over ? MEED_E_LIMIT : e->spent;
}

const char *mx_spent_text(const struct mx_env *e, const struct mx_memory *mem)
{
	if (e->spent == MEED_E_TIMEOUT)
		return "timeout_ms is spent";
	if (e->spent == MEED_E_NOMEM)
		return mem->over ? "memory_bytes is spent" : "out of memory";
	return e->steps == 0 ? "steps are spent" : "an expression is larger or deeper than allowed";
}

/* ---- finding ------------------------------------------------------------------------------------ */

struct verify {
	struct mx_env *e;
	const struct mx_model *m;
	meed_str response;
	struct mx_candidates found[2];	/* in the response; 1: where a letter is looked for */
	size_t looked[2];		/* how many were asked for */
};

static bool is_letter(meed_str s)
{
	return s.n == 1 && s.p[0] >= 'A' && s.p[0] <= 'Z';
}

/* "ACD", "A, C" */
static bool are_letters(meed_str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		if (memchr(" ,()", s.p[i], 4))
			continue;
		if (i + 3 < s.n && memcmp(s.p + i, "and ", 4) == 0) {
			i += 3;
			continue;
		}
		if (s.p[i] < 'A' || s.p[i] > 'H')
			return false;
		n++;
	}
	return n > 1;
}

/* A response has letters only where a letter is asked for, and then they come before other loose
 * finds. */
static void order_for(const struct mx_model *m, bool letter, enum mx_anchor *ret)
{
	size_t i, n = 0;

	for (i = 0; m->order[i] != MX_A_N; i++)
		if (letter || m->order[i] != MX_A_LETTER)
			ret[n++] = m->order[i];
	ret[n] = MX_A_N;
}

/* A reference is an answer wherever it stands: the anchors that the response must do without
 * come after the others. */
static void order_for_reference(const struct mx_model *m, enum mx_anchor *ret)
{
	unsigned has = 0;
	size_t n = 0;
	int a;

	for (; m->order[n] != MX_A_N; n++) {
		ret[n] = m->order[n];
		has |= 1u << ret[n];
	}
	for (a = 0; a < MX_A_N; a++)
		if (!(has >> a & 1))
			ret[n++] = (enum mx_anchor)a;
	ret[n] = MX_A_N;
}

/* The first max candidates of the response, or more. */
static int32_t look(struct verify *v, bool letter, size_t max, const struct mx_candidates **ret)
{
	enum mx_anchor order[MX_A_N + 1];
	int32_t r = 0;

	if (v->looked[letter] < max) {
		order_for(v->m, letter, order);
		r = mx_extract(v->e, v->response, order, false, max, &v->found[letter]);
		v->looked[letter] = r == 0 ? max : 0;
	}
	*ret = &v->found[letter];
	return r;
}

static bool read_side(struct mx_env *e, struct mx_side *s)
{
	if (!s->x && !s->why)
		s->x = mx_read(e, s->cand.text, &s->why, &s->at);
	if (!s->x && !s->why && !e->spent)
		s->why = "not mathematics";
	return s->x != NULL;
}

void mx_read_sides(struct mx_env *e, struct mx_result *v)
{
	if (v->gold.found)
		(void)read_side(e, &v->gold);
	if (v->pred.found)
		(void)read_side(e, &v->pred);
	e->spent = 0;
}

/* A reference that is a letter is a choice, whatever else a B may be. */
static bool read_gold(struct mx_env *e, struct mx_side *s)
{
	meed_str text = s->cand.text;
	const char *why;
	char *p;

	if (s->cand.anchor != MX_A_LETTER || !is_letter(text))
		return read_side(e, s);
	p = mx_alloc(e, 3);
	if (!p)
		return false;
	memcpy(p, (char[]){ '(', text.p[0], ')' }, 3);
	s->x = mx_read(e, (meed_str){ p, 3 }, &why, &s->at);
	return s->x != NULL;
}

/* The answer of a reference: the first candidate that can be read. */
static bool find_gold(struct verify *v, meed_str ref, struct mx_side *ret)
{
	enum mx_anchor order[MX_A_N + 1];
	struct mx_candidates c;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	order_for_reference(v->m, order);
	if (mx_extract(v->e, ref, order, true, 4, &c) < 0)
		return false;
	for (i = 0; i < c.n && !v->e->spent; i++) {
		*ret = (struct mx_side){ .found = true, .cand = c.v[i] };
		if (read_gold(v->e, ret))
			return true;
		if (mx_read_limit(ret->why))
			return false;	/* no part of it is the answer */
	}
	if (c.n > 0 && !v->e->spent) {
		/* unreadable: it can still be the same text */
		*ret = (struct mx_side){ .found = true, .cand = c.v[0] };
		(void)read_side(v->e, ret);
	}
	return false;
}

/* ---- comparing ------------------------------------------------------------------------------------ */

static void say(struct mx_result *r, enum mx_verdict verdict, const char *rule)
{
	r->verdict = verdict;
	r->rule = rule;
	r->detail[0] = '\0';
}

/* "C) 42", "\text{(C)}" or "c" where the reference is a letter. */
static bool compare_letters(struct mx_result *r)
{
	meed_str text = r->pred.cand.text, letter;
	bool bracketed;
	char upper[1];
	size_t end;

	if (!is_letter(r->gold.cand.text))
		return false;
	bracketed = text.n == 3 && text.p[0] == '(' && text.p[2] == ')';
	if (bracketed)
		text = meed_sub(text, 1, 2);
	/* e alone is a number */
	if (text.n == 1 && text.p[0] >= 'a' && text.p[0] <= 'h' && (bracketed || text.p[0] != 'e')) {
		upper[0] = (char)(text.p[0] - 32);
		letter = (meed_str){ upper, 1 };
	} else if (!mx_letter_at(text, 0, text.n, &letter, &end) ||
		   mx_letters_end(text, end, text.n) > end) {
		return false;
	}
	if (meed_eq(letter, r->gold.cand.text))
		say(r, MX_YES, "the same choice");
	else
		say(r, MX_NO, "different choices");
	return true;
}

/* What stands behind a choice's letter, "(B) 12" or "B. 12": where it begins; 0 if nothing does. */
static size_t option_text(meed_str s)
{
	meed_str letter;
	size_t end, p;

	if (!mx_letter_at(s, 0, s.n, &letter, &end) || mx_letters_end(s, end, s.n) > end)
		return 0;
	for (p = end; p < s.n && memchr(")].:}* ", s.p[p], 7); p++)
		;
	if (p < s.n && s.p[p] == '\\' && p + 1 < s.n && memchr(" ,;:~", s.p[p + 1], 5))
		p += 2;
	for (; p < s.n && s.p[p] == ' '; p++)
		;
	return p > end + 1 && p < s.n ? p : 0;
}

static bool is_reply(const struct mx *x)
{
	return x && (x->kind == MX_BOOL ||
		     (x->kind == MX_TEXT && (meed_eq(x->name, MEED_S("yes")) ||
					     meed_eq(x->name, MEED_S("no")))));
}

/* "No. It is not a prime.": the word that a response begins with, where a yes or no is asked for. */
static bool first_word(meed_str s, meed_str *ret)
{
	static const char *const words[] = { "yes", "no", "true", "false" };
	size_t i, p = mx_skip_marks(s, 0, s.n), n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i]);
		if (!mx_word_at(s, p, words[i]) || p + n >= s.n || !memchr(",.;:!\n*", s.p[p + n], 7))
			continue;
		*ret = meed_sub(s, p, p + n);
		return true;
	}
	return false;
}

/* "The function is even.": what a text ends with, where words are asked for. */
static bool ends_saying(meed_str s, meed_str words)
{
	static const char *const before[] = { "is",	  "are",   "is a", "is an", "is the", "was", "be",
					      "be a",	  "be an", "is always", "are always",
					      "always be", "it's" };
	size_t i, n, p;

	s = mx_trim(s);
	if (words.n == 0 || s.n <= words.n || words.n > 60)
		return false;
	for (i = 0; i < words.n; i++)
		if ((s.p[s.n - words.n + i] | 32) != (words.p[i] | 32))
			return false;
	for (p = s.n - words.n; p > 0 && memchr(" *", s.p[p - 1], 2); p--)
		;
	for (i = 0; i < sizeof(before) / sizeof(before[0]) && p < s.n - words.n; i++) {
		n = strlen(before[i]);
		if (p > n && s.p[p - n - 1] == ' ' && mx_word_at(s, p - n, before[i]))
			return true;
	}
	return false;
}

/* "The limit does not exist.", "It has no solutions.": the same for what has words of its own. */
static bool ends_meaning(meed_str s, const struct mx *gold)
{
	static const char *const infinite[] = { "infinity", "infinite" };
	static const char *const undefined[] = { "does not exist", "undefined", "dne", "doesn't exist" };
	static const char *const empty[] = { "no solution", "no solutions", "no real solution",
					     "no real solutions", "empty set" };
	const char *const *v = gold->kind == MX_INF ? infinite : gold->kind == MX_UNDEF ? undefined : empty;
	size_t i, n = gold->kind == MX_INF ? 2 : gold->kind == MX_UNDEF ? 4 : 5, k;

	if (gold->kind != MX_INF && gold->kind != MX_UNDEF && !(gold->kind == MX_SET && gold->n == 0))
		return false;
	s = mx_trim(s);
	for (i = 0; i < n; i++) {
		k = strlen(v[i]);
		if (s.n > k && mx_word_at(s, s.n - k, v[i]) && s.p[s.n - k - 1] == ' ' &&
		    !(gold->kind == MX_INF && meed_find(s, 0, MEED_S("negative")) != MEED_NONE))
			return true;
	}
	return false;
}

/* A whole response in which nothing was found is not mathematics, whatever signs are in it. */
static bool is_prose(const struct mx_candidate *c)
{
	return c->anchor == MX_A_WHOLE && mx_prose(meed_sub(c->text, 0, 2000), NULL) > 4;
}

/* What answers may stand behind its letter where no letter is asked for. */
static void drop_label(struct mx_result *r)
{
	size_t n = option_text(r->pred.cand.text);

	if (n > 0 && !r->pred.x && r->gold.x->kind != MX_CHOICE && r->gold.x->kind != MX_TEXT)
		r->pred.cand.text = meed_sub(r->pred.cand.text, n, r->pred.cand.text.n);
}

static void compare(struct verify *v, struct mx_result *r)
{
	struct mx_outcome o = { MX_NO, NULL, "" };

	if (meed_eq(r->gold.cand.text, r->pred.cand.text)) {
		say(r, MX_YES, "the same text");
		return;
	}
	if (compare_letters(r))
		return;
	if (!r->gold.x) {
		say(r, MX_NO, "the reference cannot be read");
		return;
	}
	if (r->pred.cand.anchor == MX_A_WHOLE && ends_meaning(r->pred.cand.text, r->gold.x)) {
		say(r, MX_YES, "the same words");
		return;
	}
	if (r->gold.x->kind != MX_TEXT && is_prose(&r->pred.cand)) {
		say(r, MX_NO, "no answer was found");
		return;
	}
	if (r->gold.x->kind == MX_TEXT && r->pred.cand.anchor == MX_A_WHOLE &&
	    ends_saying(r->pred.cand.text, r->gold.x->name)) {
		say(r, MX_YES, "the same words");
		return;
	}
	drop_label(r);
	if (!read_side(v->e, &r->pred)) {
		if (mx_read_limit(r->pred.why))
			say(r, MX_UNDECIDED, "not decided: the answer is too long or nested too deep");
		else
			say(r, MX_NO, "the answer cannot be read");
		return;
	}
	mx_equal(v->e, r->gold.x, r->pred.x, &o);
	r->verdict = o.verdict;
	r->rule = o.rule ? o.rule : "no rule";
	memcpy(r->detail, o.detail, sizeof(r->detail));
}

/* What was only guessed to be an answer and cannot be read as one is none. */
static bool was_no_answer(const struct mx_result *r)
{
	return r->verdict == MX_NO && r->gold.x && !r->pred.x && r->pred.why &&
	       r->pred.cand.anchor >= MX_A_DISPLAY;
}

/* The candidates of the response against one reference's answer; the first verdict that is
 * not "no" wins. More are looked for when those at hand are no answers. */
static void compare_all(struct verify *v, struct mx_result *r)
{
	bool letter = is_letter(r->gold.cand.text) || are_letters(r->gold.cand.text);
	size_t i, tried = 0, max = v->m->candidates;
	const struct mx_candidates *c;
	struct mx_result first;

	say(r, MX_NO, "no answer was found");
	first = *r;
	for (i = 0; tried < v->m->candidates; i++) {
		if (i == max)
			max = 2 * MX_A_N;
		if (look(v, letter, max, &c) < 0 || i >= c->n)
			break;
		r->pred = (struct mx_side){ .found = true, .cand = c->v[i] };
		if (i == 0 && c->v[0].anchor >= MX_A_DISPLAY && is_reply(r->gold.x))
			(void)first_word(v->response, &r->pred.cand.text);
		compare(v, r);
		if (i == 0 || (tried == 0 && !was_no_answer(r)))
			first = *r;
		if (was_no_answer(r))
			continue;
		tried++;
		if (r->verdict != MX_NO)
			return;
	}
	*r = first;
}

/* "(D) 12" is answered by 12, too. */
static void compare_option(struct verify *v, meed_str ref, struct mx_result *r)
{
	struct mx_side gold = { .found = true, .cand = { .anchor = MX_A_LETTER, .latex = true } };
	size_t p = r->gold.cand.at, n;
	struct mx_result now = *r;

	if (r->gold.cand.anchor != MX_A_LETTER || r->verdict == MX_YES)
		return;
	p -= p > 0 && (ref.p[p - 1] == '(' || ref.p[p - 1] == '[');
	ref = meed_sub(ref, p, ref.n);
	n = option_text(ref);
	if (n == 0)
		return;
	gold.cand.text = mx_tidy(v->e, meed_sub(ref, n, ref.n));
	gold.cand.at = p + n;
	now.gold = gold;
	if (gold.cand.text.n == 0 || !read_side(v->e, &now.gold))
		return;
	compare_all(v, &now);
	if (now.verdict != MX_NO)
		*r = now;
}

int32_t mx_verify(struct mx_env *e, const struct mx_model *m, const meed_str *refs, size_t n_refs,
		  meed_str response, struct mx_result *ret)
{
	struct verify v = { .e = e, .m = m, .response = response };
	struct mx_result now;
	bool any = false;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < n_refs && !e->spent; i++) {
		memset(&now, 0, sizeof(now));
		now.ref = i;
		(void)find_gold(&v, refs[i], &now.gold);
		if (e->spent)
			break;
		if (i == 0)
			*ret = now;
		if (!now.gold.found)
			continue;
		compare_all(&v, &now);
		compare_option(&v, refs[i], &now);
		if (e->spent)
			break;
		if (!now.gold.x && now.verdict != MX_YES)
			continue;
		/* yes before undecided before no; of two alike the first */
		if (!any || now.verdict == MX_YES ||
		    (now.verdict == MX_UNDECIDED && ret->verdict == MX_NO))
			*ret = now;
		any = true;
		if (now.verdict == MX_YES)
			break;
	}
	if (e->spent)
		return e->spent;
	return any ? 0 : MEED_E_SAMPLE;
}

void mx_side_text(struct meed_text *t, meed_str s, size_t max)
{
	size_t i, n = s.n;

	if (n > max) {
		for (n = max - 3; n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80;)
			n--;
	}
	for (i = 0; i < n; i++)
		meed_text_char(t, (unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i]);
	if (n < s.n)
		meed_text_lit(t, "...");
}
