/* model.c - @ID@: how near an answer's length is to what was asked for. */
#include <meed/helpers.h>
#include <meed/plugin.h>

#include <stdlib.h>

/* An instance: the model with the parameters of one entry of the configuration. It is made once,
 * then read by many threads at a time, so nothing in it may change after create. */
struct instance {
	int64_t target;
};

/* The parameters, as JSON Schema. Meed checks what the user wrote against it, fills in the
 * defaults, and prints it in `meed info @ID@`: create sees only what is allowed here. */
static const char schema[] =
	"{ \"properties\": {"
	"    \"target\": { \"type\": \"integer\", \"default\": 50, \"minimum\": 1,"
	"                  \"description\": \"words that an answer should have\" } } }";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct instance *i = (struct instance *)calloc(1, sizeof(*i));

	if (!i)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	i->target = meed_param_int(h, params, "target");
	*self = i;
	return MEED_OK;
}

static void destroy(const meed_host *h, void *self)
{
	(void)h;
	free(self);
}

/* Words are runs of characters between white space. The text may hold any bytes, and may be
 * megabytes long: one pass, no copy. */
static int64_t count_words(meed_str text)
{
	bool space, in_word = false;
	int64_t words = 0;
	size_t at = 0;
	uint32_t cp;

	while (at < text.n) {
		at += meed_utf8_next(text.p + at, text.n - at, &cp);
		space = meed_is_space(cp);
		words += !space && !in_word;
		in_word = !space;
	}
	return words;
}

/* Scores one answer: 1 at `target` words, falling in a straight line to 0 at none and at twice as
 * many. Runs on any thread; must not block, and must not keep pointers into the sample. */
static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct instance *i = (const struct instance *)self;
	int64_t words = count_words(s->cands[0].text);
	int64_t off = words > i->target ? words - i->target : i->target - words;
	double score = off >= i->target ? 0.0 : 1.0 - (double)off / (double)i->target;
	char buf[96];
	struct meed_text why = meed_text_in(buf, sizeof(buf));

	(void)state;
	if (s->want & MEED_WANT_REASON) {
		meed_text_u64(&why, (uint64_t)words);
		meed_text_lit(&why, " words; wanted ");
		meed_text_u64(&why, (uint64_t)i->target);
	}
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&why));
}

/* What `meed list` and `meed info` show, and what Meed holds the model to: a score outside
 * [score_min, score_max], or two that differ for one sample, is an error. */
static const meed_rm model = MEED_MODEL(
	.modes = MEED_POINTWISE,
	.needs = 0,
	.traits = MEED_DETERMINISTIC,
	.id = "@ID@",
	.version = "0.1.0",		/* raise it whenever a score changes */
	.summary = "1 for an answer of the wanted length, less the farther off it is",
	.license = "MIT",		/* of the method: an SPDX expression */
	.source = "model.c",		/* where the formula is from: DOI, URL, file */
	.params_schema = schema,
	.score_min = 0.0,
	.score_max = 1.0,
	.state_size = 0,
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate,
	.resume = NULL,			/* for models that post requests: docs/plugins.md */
	.abandon = NULL,
	.extension = NULL
);

static const meed_rm *const models[] = { &model, NULL };

/* The one symbol that leaves this file. */
const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "org.example.@NAME@",
	.version = "0.1.0",
	.vendor = "Example",
	.license = "MIT",		/* of this code */
	.models = models,
	.init = NULL,
	.deinit = NULL
);
