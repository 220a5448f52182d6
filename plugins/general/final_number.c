/* general.final_number: 1 if the final number of the response equals the reference's, exactly. */
#include "config.h"
#include "final.h"

#include <stdlib.h>

#define SHOWN 48

struct verdict {
	bool equal, found;	/* found: the response has a number */
	struct meed_final text, ref;
	size_t at;
};

/* "320 (after "####")", "5 (the last number)"; long numbers are cut. */
static void show(struct meed_text *t, const struct meed_final *f)
{
	meed_str s = { f->number.from, (size_t)(f->number.to - f->number.from) };

	if (s.n > SHOWN) {
		meed_text_str(t, meed_sub(s, 0, SHOWN / 2));
		meed_text_lit(t, "...");
		s = meed_sub(s, s.n - 8, s.n);
	}
	meed_text_str(t, s);
	if (f->anchor.n == 0) {
		meed_text_lit(t, " (the last number)");
	} else {
		meed_text_lit(t, " (after \"");
		meed_text_str(t, f->anchor);
		meed_text_lit(t, "\")");
	}
}

static int32_t put_extra(const meed_host *h, meed_ctx *c, const char *key,
			 const struct meed_final *f)
{
	meed_str s = { f->number.from, (size_t)(f->number.to - f->number.from) };
	size_t cap = s.n < 1024 ? s.n * 6 + 2 : 1024 * 6;
	char *buf = h->alloc(c, cap);
	struct meed_text t = meed_text_in(buf, cap);

	if (!buf)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	meed_text_json_str(&t, s);
	return h->put_extra(c, 0, key, meed_text_get(&t));
}

static int32_t put(const meed_host *h, meed_ctx *c, const meed_sample *s, const struct verdict *v)
{
	char buf[512];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	int32_t r = 0;

	if (s->want & MEED_WANT_EXTRA) {
		if (v->found)
			r = put_extra(h, c, "response_number", &v->text);
		if (r == 0)
			r = put_extra(h, c, "reference_number", &v->ref);
		meed_text_u64(&t, v->at);
		if (r == 0)
			r = h->put_extra(c, 0, "reference", meed_text_get(&t));
		t = meed_text_in(buf, sizeof(buf));
	}
	if (s->want & MEED_WANT_REASON) {
		if (v->found) {
			show(&t, &v->text);
			meed_text_str(&t, v->equal ? MEED_S(" equals the reference's ")
						   : MEED_S(" is not the reference's "));
		} else {
			meed_text_lit(&t, "the response has no number; the reference has ");
		}
		show(&t, &v->ref);
	}
	if (r == 0)
		r = h->put_score(c, 0, MEED_NONE, NULL, v->equal ? 1.0 : 0.0, meed_text_get(&t));
	return r;
}

static int32_t fail_reference(const meed_host *h, meed_ctx *c, meed_str ref)
{
	char buf[200];
	struct meed_text t = meed_text_in(buf, sizeof(buf) - 1);

	meed_text_lit(&t, "the reference has no number to compare with: ");
	meed_text_json_str(&t, meed_sub(ref, 0, 80));
	buf[t.n] = '\0';
	return h->fail(c, MEED_E_SAMPLE, buf);
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct meed_final_model *m = self;
	const meed_cand *cand = &s->cands[0];
	struct meed_decimal mine = { 0 }, theirs;
	struct verdict v = { 0 };
	struct meed_final ref;
	size_t i, n = 0;
	int32_t r = 0;

	(void)state;
	v.found = meed_final_find(m, cand->text, &v.text);
	if (v.found)
		r = meed_final_value(h, c, &v.text.number, &mine);
	for (i = 0; i < cand->n_refs && r == 0 && !v.equal; i++) {
		if (!meed_final_find(m, cand->refs[i], &ref))
			continue;
		if (v.found) {
			r = meed_final_value(h, c, &ref.number, &theirs);
			if (r == 0)
				r = meed_decimal_equal(h, c, &mine, &theirs);
			if (r < 0)
				break;
		}
		if (n++ == 0 || r > 0) {
			v.ref = ref;
			v.at = i;
		}
		v.equal = r > 0;
		r = 0;
	}
	if (r == 0 && n == 0)
		r = fail_reference(h, c, cand->refs[0]);
	return r < 0 ? r : put(h, c, s, &v);
}

static void destroy(const meed_host *h, void *self)
{
	struct meed_final_model *m = self;
	size_t i;

	(void)h;
	if (!m)
		return;
	for (i = 0; i < m->n_phrases; i++)
		free((void *)(uintptr_t)m->phrases[i].p);
	free(m);
}

static int32_t add_phrase(const meed_host *h, meed_ctx *c, struct meed_final_model *m, meed_str s)
{
	unsigned char b;
	size_t i;
	char *p;

	if (s.n == 0 || m->n_phrases == sizeof(m->phrases) / sizeof(m->phrases[0]))
		return h->fail(c, MEED_E_PARAM, "phrases: 32 at most, none of them empty");
	p = malloc(s.n);
	if (!p)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	memcpy(p, s.p, s.n);
	b = (unsigned char)p[0];
	m->first[b] |= UINT32_C(1) << m->n_phrases;
	if (b >= 'a' && b <= 'z')
		m->first[b - 32] |= UINT32_C(1) << m->n_phrases;
	for (i = 0; i < s.n && !(p[i] >= 'A' && p[i] <= 'Z'); i++)
		;
	m->folds |= (uint32_t)(i == s.n) << m->n_phrases;
	m->phrases[m->n_phrases++] = (meed_str){ p, s.n };
	return 0;
}

static int32_t read_lists(const meed_host *h, meed_ctx *c, const meed_val *params,
			  struct meed_final_model *m)
{
	static const char *const names[MEED_N_ANCHORS] = { "hash", "boxed", "phrase", "last" };
	const meed_val *v = h->get(params, "anchors");
	size_t i, k, j;
	int32_t r = 0;
	meed_str s;

	for (i = 0; i < h->len(v); i++) {
		s = h->str(h->at(v, i));
		for (k = 0; k < MEED_N_ANCHORS && !meed_eq(s, meed_s(names[k])); k++)
			;
		for (j = 0; j < m->n_anchors; j++)
			if (m->anchors[j] == k)
				return meed_failf(h, c, MEED_E_PARAM, "anchors: %s is there twice",
						  names[k]);
		if (k == MEED_N_ANCHORS)
			return h->fail(c, MEED_E_PARAM,
				       "anchors must be of hash, boxed, phrase, last");
		m->anchors[m->n_anchors++] = (enum meed_anchor)k;
	}
	v = h->get(params, "phrases");
	for (i = 0; i < h->len(v) && r == 0; i++)
		r = add_phrase(h, c, m, h->str(h->at(v, i)));
	return r;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct meed_final_model *m = calloc(1, sizeof(*m));
	int32_t r;

	if (!m) {
		r = h->fail(c, MEED_E_NOMEM, "out of memory");
		goto out;
	}
	m->rules.point = meed_eq(meed_param_str(h, params, "decimal_point"), MEED_S(",")) ? ','
											  : '.';
	m->rules.percent = meed_eq(meed_param_str(h, params, "percent"), MEED_S("scale"));
	m->rules.fractions = meed_param_bool(h, params, "fractions");
	r = read_lists(h, c, params, m);
	if (r < 0)
		goto out;
	*self = m;
	m = NULL;
out:
	destroy(h, m);
	return r;
}

static const char schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"anchors\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":4,\"items\":{"
	"\"type\":\"string\",\"enum\":[\"hash\",\"boxed\",\"phrase\",\"last\"]},"
	"\"default\":[\"hash\",\"boxed\",\"phrase\",\"last\"],\"description\":\"where the number is"
	" looked for, first match first: after ####, in \\\\boxed{}, after a phrase, or the last"
	" number of the text\"},"
	"\"phrases\":{\"type\":\"array\",\"maxItems\":32,\"items\":{\"type\":\"string\","
	"\"minLength\":1},\"default\":[\"answer is\",\"answer:\",\"answer**:\",\"answer =\",\"A:\","
	"\"\xe7\xad\x94\xe6\xa1\x88\xe6\x98\xaf\",\"\xe7\xad\x94\xe6\xa1\x88\xe4\xb8\xba\","
	"\"\xe7\xad\x94\xe6\xa1\x88\xef\xbc\x9a\",\"\xe7\xad\x94\xe6\xa1\x88:\"],"
	"\"description\":\"what announces the answer; the last occurrence that a number follows"
	" counts, and only a phrase with a capital letter minds case\"},"
	"\"percent\":{\"type\":\"string\",\"enum\":[\"ignore\",\"scale\"],\"default\":\"ignore\","
	"\"description\":\"ignore: 50% equals 50; scale: 50% equals 0.5\"},"
	"\"decimal_point\":{\"type\":\"string\",\"enum\":[\".\",\",\"],\"default\":\".\","
	"\"description\":\"the other one of the two separates thousands\"},"
	"\"fractions\":{\"type\":\"boolean\",\"default\":true,\"description\":\"read 3/4 and"
	" \\\\frac{3}{4} as one number\"}}}";

const meed_rm meed_general_final_number = MEED_MODEL(
	.id = "general.final_number", .version = "1.0.0",
	.summary = "1 if the final number of the response equals the reference's, exactly",
	.license = "Apache-2.0",
	.source = "final answers of GSM8K (Cobbe et al. 2021, arXiv:2110.14168) and MATH; rules of"
		  " our own",
	.params_schema = schema, .modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE,
	.traits = MEED_DETERMINISTIC, .score_min = 0, .score_max = 1, .create = create,
	.destroy = destroy, .evaluate = evaluate);
