/* length.c - format.length_penalty: too short or too long costs by the character. */
#include "config.h"
#include "format.h"

#include <math.h>
#include <stdlib.h>

struct length {
	int64_t min, max;
	double rate;
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"min_length\": {\"type\": \"integer\", \"default\": 10, \"minimum\": -1000000000000,"
	" \"maximum\": 1000000000000,"
	" \"description\": \"fewest characters (code points) that cost nothing\"},"
	"\"max_length\": {\"type\": \"integer\", \"default\": 1000, \"minimum\": -1000000000000,"
	" \"maximum\": 1000000000000,"
	" \"description\": \"most characters that cost nothing\"},"
	"\"penalty_rate\": {\"type\": \"number\", \"default\": 0.01,"
	" \"description\": \"penalty for each character missing or too many\"}}}";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct length *m;

	m = malloc(sizeof(*m));
	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->min = meed_param_int(h, params, "min_length");
	m->max = meed_param_int(h, params, "max_length");
	m->rate = meed_param_num(h, params, "penalty_rate");
	if (m->min > m->max)
		meed_logf(h, c, MEED_LOG_WARN,
			  "min_length %lld is above max_length %lld: every length is penalised",
			  (long long)m->min, (long long)m->max);
	*self = m;
	return MEED_OK;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct length *m = self;
	int64_t n, off = 0;
	double score;
	char buf[160], extra[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	struct meed_text x = meed_text_in(extra, sizeof(extra));

	(void)state;
	n = (int64_t)format_count_chars(s->cands[0].text);
	if (n < m->min)
		off = m->min - n;
	else if (n > m->max)
		off = n - m->max;
	score = off ? 0.0 - (double)off * m->rate : 0.0;
	if (!(score - score <= 0))
		return meed_failf(h, c, MEED_E_RANGE,
				  "%lld characters off at penalty_rate %g is not a finite score; "
				  "lower penalty_rate", (long long)off, m->rate);
	if (s->want & MEED_WANT_REASON) {
		meed_text_i64(&t, n);
		meed_text_lit(&t, " characters, ");
		if (off == 0) {
			meed_text_lit(&t, "within ");
			meed_text_i64(&t, m->min);
			meed_text_lit(&t, " to ");
			meed_text_i64(&t, m->max);
		} else {
			meed_text_i64(&t, off);
			meed_text_str(&t, n < m->min ? MEED_S(" below the least of ")
						     : MEED_S(" above the most of "));
			meed_text_i64(&t, n < m->min ? m->min : m->max);
		}
	}
	if (s->want & MEED_WANT_EXTRA) {
		meed_text_i64(&x, n);
		(void)h->put_extra(c, 0, "length", meed_text_get(&x));
	}
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
}

const meed_rm format_length_penalty = MEED_MODEL(
	.id = "format.length_penalty",
	.version = FORMAT_VERSION,
	.summary = "0 between two lengths, minus a rate for each character outside",
	.license = FORMAT_LICENSE,
	.source = FORMAT_SOURCE,
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = -HUGE_VAL,
	.score_max = HUGE_VAL,
	.create = create,
	.destroy = format_free,
	.evaluate = evaluate);
