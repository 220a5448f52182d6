/* model.c - math.verify: parameters, budgets, the score and its reason. */
#include "config.h"
#include "model.h"

#include <stdlib.h>

#include "verify.h"

#define SHOWN 100			/* bytes of a text or an expression in a reason */

/* ---- parameters ------------------------------------------------------------------------------ */

static void destroy(const meed_host *h, void *self)
{
	struct mx_model *m = self;

	(void)h;
	if (!m)
		return;
	mx_helper_free(m->helper);
	free(m);
}

static int32_t read_anchors(const meed_host *h, meed_ctx *c, const meed_val *params,
			    struct mx_model *m)
{
	const meed_val *v = h->get(params, "anchors");
	size_t i, k, a, n = 0;
	meed_str s;

	for (i = 0; i < h->len(v); i++) {
		s = h->str(h->at(v, i));
		for (a = 0; a < MX_A_N && !meed_eq(s, meed_s(mx_anchor_name((enum mx_anchor)a))); a++)
			;
		if (a == MX_A_N)
			return h->fail(c, MEED_E_PARAM,
				       "anchors must be of boxed, hashes, answer_tag, final_answer,"
				       " answer_is, letter, display, inline, bare, whole");
		for (k = 0; k < n; k++)
			if (m->order[k] == (enum mx_anchor)a)
				return meed_failf(h, c, MEED_E_PARAM, "anchors: %s is there twice",
						  mx_anchor_name((enum mx_anchor)a));
		m->order[n++] = (enum mx_anchor)a;
	}
	m->order[n] = MX_A_N;
	return 0;
}

/* Where the helper is: the environment of a build that is not installed says so. */
static int32_t make_helper(const meed_host *h, meed_ctx *c, const meed_val *params,
			   struct mx_model *m)
{
	if (!meed_param_bool(h, params, "helper"))
		return 0;
	m->helper = mx_helper_new(mx_helper_path(),
				  (uint64_t)meed_param_int(h, params, "helper_memory_bytes"));
	if (!m->helper)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	return 0;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct mx_model *m = calloc(1, sizeof(*m));
	struct mx_opts *o;
	int32_t r;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	mx_model_init(m);
	o = &m->opts;
	o->rel_tol = meed_param_num(h, params, "rel_tol");
	o->decimals = (uint32_t)meed_param_int(h, params, "decimals");
	o->percent_free = meed_param_bool(h, params, "percent_free");
	o->units_free = meed_param_bool(h, params, "units_free");
	o->text_case = meed_param_bool(h, params, "text_case");
	o->strict_order = meed_param_bool(h, params, "strict_order");
	m->restated = meed_param_bool(h, params, "restated");
	m->candidates = (uint32_t)meed_param_int(h, params, "candidates");
	m->timeout_ms = (uint32_t)meed_param_int(h, params, "timeout_ms");
	m->steps = (uint64_t)meed_param_int(h, params, "steps");
	m->memory = (size_t)meed_param_int(h, params, "memory_bytes");
	r = read_anchors(h, c, params, m);
	if (r == 0)
		r = make_helper(h, c, params, m);
	if (r < 0) {
		destroy(h, m);
		return r;
	}
	*self = m;
	return 0;
}

/* ---- what is told ------------------------------------------------------------------------------- */

/* answer \frac{1}{2} (boxed), read as 1/2 */
static void put_side(struct meed_text *t, const char *who, const struct mx_side *s)
{
	char buf[1024];
	struct meed_text x = meed_text_in(buf, sizeof(buf));

	meed_text_str(t, meed_s(who));
	meed_text_char(t, ' ');
	mx_side_text(t, s->cand.text, SHOWN);
	meed_text_lit(t, " (");
	meed_text_str(t, meed_s(mx_anchor_name(s->cand.anchor)));
	meed_text_char(t, ')');
	if (s->why) {
		meed_text_lit(t, ", unreadable: ");
		meed_text_str(t, meed_s(s->why));
	} else if (s->x) {
		mx_print(&x, s->x);
		if (meed_eq(meed_text_get(&x), s->cand.text))
			return;
		meed_text_lit(t, ", read as ");
		mx_side_text(t, meed_text_get(&x), SHOWN);
	}
}

static void put_reason(struct meed_text *t, const struct mx_result *v)
{
	meed_text_str(t, v->verdict == MX_YES  ? MEED_S("equal: ")
			 : v->verdict == MX_NO ? MEED_S("different: ")
					       : MEED_S("undecided: "));
	meed_text_str(t, meed_s(v->rule));
	if (v->detail[0]) {
		meed_text_lit(t, " (");
		meed_text_str(t, meed_s(v->detail));
		meed_text_char(t, ')');
	}
	meed_text_lit(t, "; ");
	if (v->pred.found) {
		put_side(t, "answer", &v->pred);
		meed_text_lit(t, "; ");
	}
	put_side(t, "reference", &v->gold);
}

static int32_t put_string(const meed_host *h, meed_ctx *c, const char *key, meed_str s)
{
	char buf[1024];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_json_str(&t, s);
	return h->put_extra(c, 0, key, meed_text_get(&t));
}

static int32_t put_extras(const meed_host *h, meed_ctx *c, const struct mx_result *v)
{
	char buf[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	int32_t r = 0;

	if (v->pred.found) {
		r = put_string(h, c, "answer", v->pred.cand.text);
		if (r == 0)
			r = put_string(h, c, "anchor", meed_s(mx_anchor_name(v->pred.cand.anchor)));
	}
	if (r == 0)
		r = put_string(h, c, "reference_answer", v->gold.cand.text);
	if (r == 0)
		r = put_string(h, c, "rule", meed_s(v->rule));
	meed_text_u64(&t, v->ref);
	return r == 0 ? h->put_extra(c, 0, "reference", meed_text_get(&t)) : r;
}

static int32_t fail_reference(const meed_host *h, meed_ctx *c, const struct mx_result *v)
{
	char buf[400];
	struct meed_text t = meed_text_in(buf, sizeof(buf) - 1);

	if (v->gold.found) {
		meed_text_lit(&t, "the reference cannot be read: ");
		meed_text_str(&t, meed_s(v->gold.why ? v->gold.why : "not mathematics"));
		meed_text_lit(&t, ": ");
		mx_side_text(&t, v->gold.cand.text, SHOWN);
	} else {
		meed_text_lit(&t, "the reference has no answer to compare with");
	}
	buf[t.n] = '\0';
	return h->fail(c, MEED_E_SAMPLE, buf);
}

/* The last that was asked. */
static meed_str task_of(const meed_sample *s)
{
	size_t i;

	for (i = s->n_prompt; i > 0; i--)
		if (meed_eq(s->prompt[i - 1].role, MEED_S("user")))
			return s->prompt[i - 1].text;
	return MEED_S("");
}

/* ---- evaluating ----------------------------------------------------------------------------------- */

struct block_source {
	const meed_host *h;
	meed_ctx *c;
};

static void *block(void *ctx, size_t n)
{
	struct block_source *b = ctx;

	return b->h->alloc(b->c, n);
}

static int32_t put(const meed_host *h, meed_ctx *c, const meed_sample *s, const struct mx_result *v)
{
	char buf[1024];
	struct meed_text t = meed_text_in(buf, sizeof(buf) - 1);
	int32_t r = 0;

	if (s->want & MEED_WANT_EXTRA)
		r = put_extras(h, c, v);
	if (v->verdict == MX_UNDECIDED || (s->want & MEED_WANT_REASON))
		put_reason(&t, v);
	if (r < 0)
		return r;
	if (v->verdict == MX_UNDECIDED) {
		buf[t.n] = '\0';
		return h->fail(c, MEED_E_LIMIT, buf);
	}
	return h->put_score(c, 0, MEED_NONE, NULL, v->verdict == MX_YES ? 1.0 : 0.0,
			    meed_text_get(&t));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct mx_model *m = self;
	const meed_cand *cand = &s->cands[0];
	struct block_source source = { h, c };
	struct mx_memory mem = { .block = block, .ctx = &source };
	struct mx_result v;
	struct mx_env e;
	int32_t r;

	(void)state;
	mx_env_begin(&e, m, &mem, h->seed(c));
	r = mx_verify(&e, m, cand->refs, cand->n_refs, cand->text, &v);
	if (e.spent)
		return meed_failf(h, c, mx_spent_code(&e, &mem),
				  "%s: no verdict; see the parameters of math.verify",
				  mx_spent_text(&e, &mem));
	if (r == MEED_E_SAMPLE)
		return fail_reference(h, c, &v);
	if (!m->restated && v.verdict == MX_YES && s->n_prompt > 0 &&
	    mx_restates(&e, task_of(s), &v)) {
		v.verdict = MX_NO;
		v.rule = "the task's own expression, not worked out";
		v.detail[0] = '\0';
	}
	if (e.spent)
		return meed_failf(h, c, mx_spent_code(&e, &mem),
				  "%s: no verdict; see the parameters of math.verify",
				  mx_spent_text(&e, &mem));
	/* the reason shows how both were read, whichever rule was enough */
	if (s->want & MEED_WANT_REASON || v.verdict == MX_UNDECIDED)
		mx_read_sides(&e, &v);
	return put(h, c, s, &v);
}

/* ---- the descriptor --------------------------------------------------------------------------- */

#define PARAM(name, type, dflt, more, help)                                                    \
	"\"" name "\":{\"type\":\"" type "\",\"default\":" dflt more ",\"description\":\"" help "\"}"

static const char schema[] =
	"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"anchors\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"boxed\",\"hashes\","
	"\"answer_tag\",\"final_answer\",\"answer_is\",\"letter\",\"display\",\"inline\",\"bare\","
	"\"whole\"]},\"minItems\":1,\"maxItems\":10,\"default\":[\"boxed\",\"hashes\",\"answer_tag\","
	"\"final_answer\",\"answer_is\",\"letter\",\"display\",\"inline\",\"bare\",\"whole\"],"
	"\"description\":\"where an answer is looked for, best first; of display, inline and bare the"
	" one in the last sentence wins; a final answer in words after the last box outranks it\"},"
	PARAM("candidates", "integer", "1", ",\"minimum\":1,\"maximum\":16",
	      "how many of the answers found, best first, may be right; 1: only the best") ","
	PARAM("decimals", "integer", "6", ",\"minimum\":1,\"maximum\":100",
	      "a decimal with at least this many digits after the point answers an exact value that"
	      " rounds or truncates to it") ","
	PARAM("rel_tol", "number", "0", ",\"minimum\":0,\"maximum\":0.1",
	      "relative tolerance between two decimals") ","
	PARAM("percent_free", "boolean", "true", "", "50 and 0.5 answer 50%") ","
	PARAM("units_free", "boolean", "true", "", "5 answers 5 cm; 5 m never does") ","
	PARAM("text_case", "boolean", "false", "", "answers in words are told apart by case") ","
	PARAM("strict_order", "boolean", "false", "", "1, 2 does not answer 2, 1") ","
	PARAM("restated", "boolean", "false", "",
	      "an expression of the task answers, too, where the reference has worked it out") ","
	PARAM("timeout_ms", "integer", "1000", ",\"minimum\":1,\"maximum\":600000",
	      "time for one evaluation; when it is spent the evaluation fails, it does not score 0"
	      " (RM-Gallery's timeout_score)") ","
	PARAM("steps", "integer", "2000000", ",\"minimum\":1000,\"maximum\":1000000000",
	      "work for one evaluation; spent as timeout_ms is, but the same on every machine") ","
	PARAM("memory_bytes", "integer", "67108864", ",\"minimum\":65536,\"maximum\":1073741824",
	      "memory for one evaluation") ","
	PARAM("helper", "boolean", "true", "",
	      "what may blow up is tried in a process of its own; false: it is undecided") ","
	PARAM("helper_memory_bytes", "integer", "268435456",
	      ",\"minimum\":67108864,\"maximum\":2147483647", "memory of that process")
	"}}";

const meed_rm meed_math_verify = MEED_MODEL(
	.id = "math.verify", .version = "1.0.0",
	.summary = "1 if the response's answer is mathematically the reference's, else 0",
	.license = "Apache-2.0",
	.source = "Math-Verify's task (github.com/huggingface/Math-Verify); rules of our own",
	.params_schema = schema, .modes = MEED_POINTWISE, .needs = MEED_NEEDS_REFERENCE,
	.traits = MEED_DETERMINISTIC, .score_min = 0, .score_max = 1, .create = create,
	.destroy = destroy, .evaluate = evaluate, .extension = mx_extension);
