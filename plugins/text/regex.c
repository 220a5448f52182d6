/* regex.c - regular expressions, and text.regex_match. */
#include "config.h"
#include "regex.h"

#include <stdlib.h>

#if HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MAX_PATTERN 65536		/* bytes */
#define MAX_STEPS 5000000		/* PCRE2's: some tenths of a second at worst */
#define MAX_HEAP 65536			/* KiB */

struct text_regex {
	pcre2_code *code;
	pcre2_match_context *limits;
};

void text_regex_free(struct text_regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->limits);
	free(re);
}

int32_t text_regex_new(const meed_host *h, meed_ctx *c, meed_str pattern, uint32_t flags,
		       int32_t code, struct text_regex **ret)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
	struct text_regex *re = calloc(1, sizeof(*re));
	PCRE2_UCHAR why[128] = "";
	PCRE2_SIZE at = 0;
	int error = 0;
	int32_t r = 0;

	options |= flags & TEXT_RE_CASELESS ? PCRE2_CASELESS : 0;
	options |= flags & TEXT_RE_UNICODE ? PCRE2_UCP : PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY;
	options |= flags & (TEXT_RE_ANCHORED | TEXT_RE_WHOLE) ? PCRE2_ANCHORED : 0;
	options |= flags & TEXT_RE_WHOLE ? PCRE2_ENDANCHORED : 0;
	if (pattern.n > MAX_PATTERN) {
		r = meed_failf(h, c, code, "a regular expression of %zu bytes: at most %d are read",
			       pattern.n, MAX_PATTERN);
		goto out;
	}
	if (re) {
		re->limits = pcre2_match_context_create(NULL);
		re->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &error, &at,
					 NULL);
	}
	if (!re || !re->limits || (!re->code && error == PCRE2_ERROR_HEAP_FAILED)) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	if (!re->code) {
		(void)pcre2_get_error_message(error, why, sizeof(why));
		r = meed_failf(h, c, code,
			       "the regular expression \"%.*s\" is wrong at byte %zu: %s",
			       (int)(pattern.n < 100 ? pattern.n : 100), pattern.p, (size_t)at,
			       (const char *)why);
		goto out;
	}
	(void)pcre2_set_match_limit(re->limits, MAX_STEPS);
	(void)pcre2_set_heap_limit(re->limits, MAX_HEAP);
	*ret = re;
	re = NULL;
out:
	text_regex_free(re);
	return r;
}

int32_t text_regex_find(const meed_host *h, meed_ctx *c, const struct text_regex *re, meed_str s)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	PCRE2_UCHAR why[128] = "";
	int n;

	if (!data)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	n = pcre2_match(re->code, (PCRE2_SPTR)s.p, s.n, 0, 0, data, re->limits);
	pcre2_match_data_free(data);
	if (n >= 0 || n == PCRE2_ERROR_NOMATCH)
		return n >= 0;
	if (n == PCRE2_ERROR_NOMEMORY)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	(void)pcre2_get_error_message(n, why, sizeof(why));
	return meed_failf(h, c, MEED_E_LIMIT, "the regular expression cannot be decided: %s",
			  (const char *)why);
}

#else /* !HAVE_PCRE2 */

void text_regex_free(struct text_regex *re)
{
	(void)re;
}

int32_t text_regex_new(const meed_host *h, meed_ctx *c, meed_str pattern, uint32_t flags,
		       int32_t code, struct text_regex **ret)
{
	(void)pattern;
	(void)flags;
	(void)code;
	(void)ret;
	return h->fail(c, MEED_E_UNSUPPORTED,
		       "this build has no regular expressions: it was made without libpcre2-dev");
}

int32_t text_regex_find(const meed_host *h, meed_ctx *c, const struct text_regex *re, meed_str s)
{
	(void)re;
	(void)s;
	return h->fail(c, MEED_E_UNSUPPORTED, "this build has no regular expressions");
}

#endif

#if HAVE_PCRE2
/* ---- regex_match ------------------------------------------------------------------------- */

struct instance {
	struct text_options o;
	uint32_t flags;
	struct text_regex *re;		/* NULL: the references are patterns */
};

static void destroy(const meed_host *h, void *self)
{
	struct instance *m = self;

	(void)h;
	if (m)
		text_regex_free(m->re);
	free(m);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str pattern = meed_param_str(h, params, "pattern");
	meed_str where = meed_param_str(h, params, "match");
	struct instance *m = calloc(1, sizeof(*m));
	int32_t r = 0;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	text_options_read(h, params, &m->o);
	m->flags = TEXT_RE_UNICODE | (m->o.case_sensitive ? 0 : TEXT_RE_CASELESS) |
		   (meed_eq(where, MEED_S("start")) ? TEXT_RE_ANCHORED : 0) |
		   (meed_eq(where, MEED_S("whole")) ? TEXT_RE_WHOLE : 0);
	if (pattern.n > 0)
		r = text_regex_new(h, c, pattern, m->flags, MEED_E_PARAM, &m->re);
	if (r < 0)
		destroy(h, m);
	else
		*self = m;
	return r;
}

static int32_t find(const meed_host *h, meed_ctx *c, const struct instance *m, meed_str text,
		    meed_str pattern)
{
	struct text_regex *re = NULL;
	int32_t r;

	if (m->re)
		return text_regex_find(h, c, m->re, text);
	r = text_regex_new(h, c, pattern, m->flags, MEED_E_SAMPLE, &re);
	if (r == 0)
		r = text_regex_find(h, c, re, text);
	text_regex_free(re);
	return r;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct instance *m = self;
	const meed_cand *cand = &s->cands[0];
	size_t n = m->re ? 1 : cand->n_refs, i;
	struct text_result ret = { 0 };
	struct text_job j;
	int32_t r = 0;

	(void)state;
	text_begin(&j, h, c, self, s);
	if (n == 0)
		return h->fail(c, MEED_E_SAMPLE,
			       "neither a pattern is set, nor has the row a reference to be one");
	for (i = 0; i < n && r == 0; i++)
		r = find(h, c, m, cand->text, m->re ? MEED_S("") : cand->refs[i]);
	if (r < 0)
		return r;
	ret.score = r > 0 ? 1 : 0;
	ret.note = r > 0 ? "the pattern is found" : "the pattern is not found";
	return text_put_result(&j, &ret, r > 0 && !m->re ? i - 1 : MEED_NONE);
}

const meed_rm text_regex_match = TEXT_MODEL(
	.id = "text.regex_match",
	.summary = "1 if a regular expression is found in the response",
	.source = TEXT_GALLERY ", regex_match; PCRE2's syntax, with Unicode's classes",
	.params_schema = P_OPEN P_STR("pattern", "what to look for; empty: the references are"
				      " patterns, and one is enough") "," P_CASE("true") ","
	P_ENUM("match", "anywhere", "\"anywhere\",\"start\",\"whole\"",
	       "where: anywhere (re.search), from the start (re.match), or all of it"
	       " (re.fullmatch)") P_CLOSE,
	.create = create, .destroy = destroy, .evaluate = evaluate);
#endif
