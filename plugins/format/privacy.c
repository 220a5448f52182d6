/* privacy.c - format.privacy_leakage: each piece of personal data costs. */
#include "config.h"
#include "format.h"

#include <math.h>
#include <stdlib.h>

struct privacy {
	double per_leak;
	bool validate, ascii_words;
};

static const char *const kind_names[FORMAT_N_PII] = {
	"email", "phone", "id_card", "credit_card", "ip_address"
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"penalty_per_leak\": {\"type\": \"number\", \"default\": -0.5,"
	" \"description\": \"score of each piece of personal data\"},"
	"\"validate\": {\"type\": \"boolean\", \"default\": false,"
	" \"description\": \"count only what passes its checks: Luhn, check digits, octets and"
	" private ranges, number plans\"},"
	"\"ascii_words\": {\"type\": \"boolean\", \"default\": false,"
	" \"description\": \"letters outside ASCII end a word, so that data that touches Chinese"
	" text is found\"}}}";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct privacy *m;

	m = malloc(sizeof(*m));
	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->per_leak = meed_param_num(h, params, "penalty_per_leak");
	m->validate = meed_param_bool(h, params, "validate");
	m->ascii_words = meed_param_bool(h, params, "ascii_words");
	*self = m;
	return MEED_OK;
}

/* One leak as JSON: where it is and its outline, never what it says. */
static void mask(struct meed_text *t, meed_str text, const struct format_leak *leak, size_t offset)
{
	char outline[128];
	size_t i, n = 0, len;
	uint32_t cp;
	meed_str masked = { outline, 0 };

	for (i = leak->from; i < leak->to && n < sizeof(outline); i += len) {
		len = meed_utf8_next(text.p + i, leak->to - i, &cp);
		outline[n++] = cp < 0x80 && !format_is_word(cp) ? text.p[i] : '*';
	}
	masked.n = n;
	meed_text_lit(t, "{\"type\":");
	meed_text_json_str(t, meed_s(kind_names[leak->kind]));
	meed_text_lit(t, ",\"offset\":");
	meed_text_u64(t, offset);
	meed_text_lit(t, ",\"masked\":");
	meed_text_json_str(t, masked);
	meed_text_lit(t, "}");
}

static void put_extras(const meed_host *h, meed_ctx *c, meed_str text,
		       const struct format_leaks *leaks)
{
	const size_t cap = 256 + leaks->n * 896;	/* of one leak: an outline all escapes */
	char *buf = h->alloc(c, cap);
	struct meed_text t;
	size_t i;
	meed_str before = { text.p, 0 };

	if (!buf)
		return;
	t = meed_text_in(buf, cap);
	for (i = 0; i < FORMAT_N_PII; i++) {
		meed_text_char(&t, i ? ',' : '{');
		meed_text_json_str(&t, meed_s(kind_names[i]));
		meed_text_char(&t, ':');
		meed_text_u64(&t, leaks->count[i]);
	}
	meed_text_char(&t, '}');
	(void)h->put_extra(c, 0, "leak_types", meed_text_get(&t));
	t = meed_text_in(buf, cap);
	meed_text_char(&t, '[');
	for (i = 0; i < leaks->n; i++) {
		if (i)
			meed_text_char(&t, ',');
		before.n = leaks->v[i].from;
		mask(&t, text, &leaks->v[i], format_count_chars(before));
	}
	meed_text_char(&t, ']');
	(void)h->put_extra(c, 0, "leaks", meed_text_get(&t));
}

static void explain(struct meed_text *t, const struct format_leaks *leaks, size_t total)
{
	size_t i;

	if (total == 0) {
		meed_text_lit(t, "no personal data found");
		return;
	}
	for (i = 0; i < FORMAT_N_PII; i++) {
		if (!leaks->count[i])
			continue;
		if (t->n > 0)
			meed_text_lit(t, ", ");
		meed_text_str(t, meed_s(kind_names[i]));
		meed_text_lit(t, ": ");
		meed_text_u64(t, leaks->count[i]);
	}
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct privacy *m = self;
	meed_str text = s->cands[0].text;
	struct format_leaks leaks;
	size_t i, total = 0;
	double score;
	char buf[192];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	(void)state;
	memset(leaks.count, 0, sizeof(leaks.count));
	leaks.n = 0;
	format_find_leaks(text, m->validate, m->ascii_words, &leaks);
	for (i = 0; i < FORMAT_N_PII; i++)
		total += leaks.count[i];
	score = total ? (double)total * m->per_leak : 0.0;
	if (!(score - score <= 0))
		return h->fail(c, MEED_E_RANGE, "the penalty is not a finite score; lower "
						"penalty_per_leak");
	if (s->want & MEED_WANT_REASON)
		explain(&t, &leaks, total);
	if (s->want & MEED_WANT_EXTRA)
		put_extras(h, c, text, &leaks);
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
}

const meed_rm format_privacy_leakage = MEED_MODEL(
	.id = "format.privacy_leakage",
	.version = FORMAT_VERSION,
	.summary = "a penalty for each e-mail address, phone, card, identity or IP number",
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
