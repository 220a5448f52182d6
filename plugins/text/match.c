/* match.c - equality and containment: text.exact_match, prefix_match, suffix_match,
 * substring_match, contains_all, contains_any, containment. */
#include "config.h"
#include "text.h"

#include <stdlib.h>

static int32_t prepare(struct text_job *j, bool response, meed_str *s)
{
	int32_t r = text_prepare(j, response, s);

	return r == 0 && j->o->ignore_whitespace ? text_no_space(j, s) : r;
}

/* The response made ready, once. */
static int32_t response(struct text_job *j, meed_str *ret)
{
	meed_str *s = j->cand;
	int32_t r = 0;

	if (!s) {
		s = text_alloc(j, 1, sizeof(*s));
		if (!s)
			return MEED_E_NOMEM;
		*s = j->s->cands[0].text;
		r = prepare(j, true, s);
		j->cand = s;
	}
	*ret = *s;
	return r;
}

static bool ends_with(meed_str s, meed_str tail)
{
	return s.n >= tail.n && meed_eq(meed_sub(s, s.n - tail.n, s.n), tail);
}

static bool contains(meed_str s, meed_str part)
{
	return meed_find(s, 0, part) != MEED_NONE;
}

static bool equal(const struct text_options *o, meed_str s, meed_str ref)
{
	(void)o;
	return meed_eq(s, ref);
}

static bool begins(const struct text_options *o, meed_str s, meed_str ref)
{
	(void)o;
	return meed_starts(s, ref);
}

static bool ends(const struct text_options *o, meed_str s, meed_str ref)
{
	(void)o;
	return ends_with(s, ref);
}

static bool substring(const struct text_options *o, meed_str s, meed_str ref)
{
	return contains(s, ref) || (o->bidirectional && contains(ref, s));
}

static bool either(const struct text_options *o, meed_str s, meed_str ref)
{
	(void)o;
	if (s.n == 0 || ref.n == 0)
		return s.n == ref.n;
	return contains(s, ref) || contains(ref, s);
}

static int32_t judge(struct text_job *j, meed_str ref, struct text_result *ret,
		     bool (*fits)(const struct text_options *, meed_str, meed_str), const char *yes,
		     const char *no)
{
	meed_str s;
	int32_t r = response(j, &s);

	if (r == 0)
		r = prepare(j, false, &ref);
	if (r < 0)
		return r;
	ret->score = fits(j->o, s, ref) ? 1 : 0;
	ret->note = ret->score > 0 ? yes : no;
	return 0;
}

static int32_t pair_equal(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return judge(j, ref, ret, equal, "equals the reference", "differs from the reference");
}

static int32_t pair_prefix(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return judge(j, ref, ret, begins, "begins with the reference",
		     "does not begin with the reference");
}

static int32_t pair_suffix(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return judge(j, ref, ret, ends, "ends with the reference",
		     "does not end with the reference");
}

static int32_t pair_substring(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return judge(j, ref, ret, substring, "contains the reference",
		     "does not contain the reference");
}

static int32_t pair_either(struct text_job *j, meed_str ref, struct text_result *ret)
{
	return judge(j, ref, ret, either, "one text contains the other",
		     "neither text contains the other");
}

TEXT_EVALUATE(evaluate_equal, pair_equal)
TEXT_EVALUATE(evaluate_prefix, pair_prefix)
TEXT_EVALUATE(evaluate_suffix, pair_suffix)
TEXT_EVALUATE(evaluate_substring, pair_substring)
TEXT_EVALUATE(evaluate_either, pair_either)

const meed_rm text_exact_match = TEXT_MODEL(
	.id = "text.exact_match", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 if the response equals a reference; with normalize, SQuAD's exact match",
	.source = TEXT_GALLERY ", exact_match; Rajpurkar et al. 2016, arXiv 1606.05250",
	.params_schema = P_OPEN P_CASE("true") "," P_NORMALIZE("false") ","
	P_BOOL("ignore_whitespace", "false", "leave white space out") "," P_ANSWER P_CLOSE,
	.evaluate = evaluate_equal, TEXT_PLAIN);

const meed_rm text_prefix_match = TEXT_MODEL(
	.id = "text.prefix_match", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 if the response begins with a reference",
	.source = TEXT_GALLERY ", prefix_match", .params_schema = P_OPEN P_CASE("true") P_CLOSE,
	.evaluate = evaluate_prefix, TEXT_PLAIN);

const meed_rm text_suffix_match = TEXT_MODEL(
	.id = "text.suffix_match", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 if the response ends with a reference",
	.source = TEXT_GALLERY ", suffix_match", .params_schema = P_OPEN P_CASE("true") P_CLOSE,
	.evaluate = evaluate_suffix, TEXT_PLAIN);

const meed_rm text_substring_match = TEXT_MODEL(
	.id = "text.substring_match", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 if the response contains a reference",
	.source = TEXT_GALLERY ", substring_match",
	.params_schema = P_OPEN P_CASE("false") ","
	P_BOOL("bidirectional", "false", "or if a reference contains the response") P_CLOSE,
	.evaluate = evaluate_substring, TEXT_PLAIN);

const meed_rm text_containment = TEXT_MODEL(
	.id = "text.containment", .needs = MEED_NEEDS_REFERENCE,
	.summary = "1 if the normalised response contains a reference or lies in one",
	.source = TEXT_GALLERY ", fuzzy_match_simple",
	.params_schema = P_OPEN P_CASE("false") "," P_NORMALIZE("true") P_CLOSE,
	.evaluate = evaluate_either, TEXT_PLAIN);

/* ---- contains_all, contains_any ---------------------------------------------------------- */

struct contains {
	struct text_options o;
	meed_str *v;			/* ours; none: the references */
	size_t n;
};

static void contains_free(const meed_host *h, void *self)
{
	struct contains *m = self;
	size_t i;

	(void)h;
	for (i = 0; m && i < m->n; i++)
		free((void *)(uintptr_t)m->v[i].p);
	if (m)
		free(m->v);
	free(m);
}

static int32_t contains_create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	const meed_val *list = h->get(params, "substrings");
	struct contains *m = calloc(1, sizeof(*m));
	size_t n = h->len(list);
	meed_str s;
	char *p;

	if (!m)
		goto fail;
	text_options_read(h, params, &m->o);
	m->v = calloc(n + 1, sizeof(*m->v));
	if (!m->v)
		goto fail;
	for (; m->n < n; m->n++) {
		s = h->str(h->at(list, m->n));
		p = malloc(s.n + 1);
		if (!p)
			goto fail;
		memcpy(p, s.p, s.n);
		p[s.n] = '\0';
		m->v[m->n] = (meed_str){ p, s.n };
	}
	*self = m;
	return MEED_OK;
fail:
	contains_free(h, m);
	return h->fail(c, MEED_E_NOMEM, "out of memory");
}

static int32_t count(struct text_job *j, size_t *ret_found, size_t *ret_n)
{
	const struct contains *m = j->self;
	const meed_cand *cand = &j->s->cands[0];
	meed_str s, part;
	int32_t r = response(j, &s);
	size_t i;

	*ret_n = m->n > 0 ? m->n : cand->n_refs;
	*ret_found = 0;
	if (r == 0 && *ret_n == 0)
		return j->h->fail(j->c, MEED_E_SAMPLE,
				  "neither substrings are set, nor has the row a reference");
	for (i = 0; i < *ret_n && r == 0; i++) {
		part = m->n > 0 ? m->v[i] : cand->refs[i];
		r = prepare(j, false, &part);
		*ret_found += r == 0 && contains(s, part);
	}
	return r;
}

static int32_t evaluate_contains(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
				 bool all)
{
	struct text_result ret = { 0 };
	struct text_job j;
	size_t found, n;
	int32_t r;

	text_begin(&j, h, c, self, s);
	r = count(&j, &found, &n);
	if (r < 0)
		return r;
	ret.score = all ? (double)found / (double)n : found > 0;
	text_tell(&ret, "found", (double)found);
	text_tell(&ret, "of", (double)n);
	return text_put_result(&j, &ret, MEED_NONE);
}

static int32_t evaluate_all(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			    void *state)
{
	(void)state;
	return evaluate_contains(h, c, self, s, true);
}

static int32_t evaluate_any(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			    void *state)
{
	(void)state;
	return evaluate_contains(h, c, self, s, false);
}

#define CONTAINS_SCHEMA                                                                   \
	P_OPEN P_CASE("false") ","                                                        \
	P_STRS("substrings", "[]", "what to look for; empty: the references") P_CLOSE

const meed_rm text_contains_all = TEXT_MODEL(
	.id = "text.contains_all",
	.summary = "The share of the substrings that the response contains",
	.source = TEXT_GALLERY ", contains_all", .params_schema = CONTAINS_SCHEMA,
	.create = contains_create, .destroy = contains_free, .evaluate = evaluate_all);

const meed_rm text_contains_any = TEXT_MODEL(
	.id = "text.contains_any", .summary = "1 if the response contains one of the substrings",
	.source = TEXT_GALLERY ", contains_any", .params_schema = CONTAINS_SCHEMA,
	.create = contains_create, .destroy = contains_free, .evaluate = evaluate_any);
