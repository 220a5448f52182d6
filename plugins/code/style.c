/* style.c - code.style: indentation that does not mix, names that follow the convention. */
#include "config.h"
#include "code.h"
#include "names.h"

#include <stdlib.h>

#define MAX_ITEM 160			/* bytes of one block in `extra` */

struct style {
	bool constants;
};

enum rule { SNAKE, CAMEL, EITHER, ANY };

struct verdict {
	size_t n_blocks, n_skipped;
	double sum;
	struct meed_text reason, extra;
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"constants\": {\"type\": \"boolean\", \"default\": false,"
	" \"description\": \"accept UPPER_CASE names where snake_case is the rule\"}}}";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct style *m = malloc(sizeof(*m));

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->constants = meed_param_bool(h, params, "constants");
	*self = m;
	return MEED_OK;
}

static enum rule rule_of(enum code_lang lang)
{
	switch (lang) {
	case CODE_PYTHON:
	case CODE_RUBY:
	case CODE_RUST:
		return SNAKE;
	case CODE_JAVA:
	case CODE_JAVASCRIPT:
	case CODE_JSX:
	case CODE_TYPESCRIPT:
	case CODE_TSX:
	case CODE_KOTLIN:
	case CODE_SWIFT:
	case CODE_SCALA:
	case CODE_GO:
	case CODE_CSHARP:
	case CODE_HASKELL:
		return CAMEL;
	case CODE_C:
	case CODE_CPP:
	case CODE_LUA:
	case CODE_PHP:
	case CODE_R:
		return EITHER;
	default:
		return ANY;
	}
}

/* Whether no two lines are indented by a blank here and a tab there. */
static bool indent_is_even(meed_str program, size_t *ret_line)
{
	size_t at, to, line = 1;
	const char *end;
	char kind = 0;
	meed_str s;

	for (at = 0; at < program.n; at = to + 1, line++) {
		end = memchr(program.p + at, '\n', program.n - at);
		to = end ? (size_t)(end - program.p) : program.n;
		s = meed_sub(program, at, to);
		if (s.n == 0 || (s.p[0] != ' ' && s.p[0] != '\t') || meed_strip(s).n == 0)
			continue;
		if (kind && s.p[0] != kind) {
			*ret_line = line;
			return false;
		}
		kind = s.p[0];
	}
	return true;
}

/* The names that follow the rule. */
static size_t names_good(const struct style *m, enum rule rule, const struct code_names *names)
{
	size_t snake = names->snake + (m->constants ? names->upper : 0);

	if (rule == SNAKE)
		return snake;
	if (rule == CAMEL)
		return names->camel;
	if (rule == EITHER)
		return snake > names->camel ? snake : names->camel;
	return names->n;
}

static void tell_block(struct verdict *v, const struct code_block *b, enum code_lang lang,
		       size_t bad_line, const struct code_names *names, size_t good)
{
	struct meed_text *t = &v->reason, *x = &v->extra;

	meed_text_lit(t, "; block ");
	meed_text_u64(t, v->n_blocks);
	if (bad_line > 0) {
		meed_text_lit(t, ": line ");
		meed_text_u64(t, bad_line);
		meed_text_lit(t, " mixes tabs and blanks, ");
	} else {
		meed_text_lit(t, ": even indentation, ");
	}
	meed_text_u64(t, good);
	meed_text_lit(t, "/");
	meed_text_u64(t, names->n);
	meed_text_lit(t, " names follow the convention");
	if (x->cap - x->n < MAX_ITEM)
		return;
	if (v->n_blocks > 1)
		meed_text_lit(x, ", ");
	meed_text_lit(x, "{\"line\": ");
	meed_text_u64(x, b->line);
	meed_text_lit(x, ", \"language\": ");
	meed_text_json_str(x, meed_s(code_lang_name(lang)));
	meed_text_lit(x, ", \"indentation\": ");
	meed_text_str(x, bad_line > 0 ? MEED_S("false") : MEED_S("true"));
	meed_text_lit(x, ", \"names\": ");
	meed_text_u64(x, names->n);
	meed_text_lit(x, ", \"conforming\": ");
	meed_text_u64(x, good);
	meed_text_lit(x, "}");
}

static int32_t judge_block(const meed_host *h, meed_ctx *c, const struct style *m,
			   const struct code_block *b, struct verdict *v)
{
	enum code_lang lang = b->lang;
	struct code_names names;
	size_t bad_line = 0, good;
	meed_str program;
	int32_t r;

	r = code_block_text(h, c, b, &program);
	if (r < 0)
		return r;
	if (b->name.n == 0) {
		lang = code_lang_guess(program);
		if (lang == CODE_UNKNOWN)
			lang = CODE_PYTHON;
	}
	if (!code_lang_is_program(lang)) {
		v->n_skipped++;
		return MEED_OK;
	}
	code_names_count(program, lang, &names);
	good = names_good(m, rule_of(lang), &names);
	v->n_blocks++;
	if (indent_is_even(program, &bad_line))
		v->sum += 0.5;
	v->sum += names.n == 0 ? 0.5 : 0.5 * (double)good / (double)names.n;
	tell_block(v, b, lang, bad_line, &names, good);
	return MEED_OK;
}

static int32_t tell(const meed_host *h, meed_ctx *c, const struct verdict *v)
{
	char reason[1100], list[4100];
	struct meed_text t = meed_text_in(reason, sizeof(reason)),
			 x = meed_text_in(list, sizeof(list));
	double score = v->n_blocks > 0 ? v->sum / (double)v->n_blocks : 0.0;

	if (v->n_blocks == 0 && v->n_skipped == 0) {
		meed_text_lit(&t, "no block of code");
	} else {
		meed_text_u64(&t, v->n_blocks);
		meed_text_str(&t, v->n_blocks == 1 ? MEED_S(" block of code")
						   : MEED_S(" blocks of code"));
		meed_text_str(&t, meed_text_get(&v->reason));
	}
	if (v->n_skipped > 0) {
		meed_text_lit(&t, "; not looked at, as no program: ");
		meed_text_u64(&t, v->n_skipped);
	}
	meed_text_lit(&x, "[");
	meed_text_str(&x, meed_text_get(&v->extra));
	meed_text_lit(&x, "]");
	(void)h->put_extra(c, 0, "blocks", meed_text_get(&x));
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	char reason[1000], extra[4000];
	struct verdict v = { .reason = meed_text_in(reason, sizeof(reason)),
			     .extra = meed_text_in(extra, sizeof(extra)) };
	struct code_block b;
	struct code_scan scan;
	int32_t r = MEED_OK;

	(void)state;
	code_scan_init(&scan, s->cands[0].text);
	while (r == MEED_OK && code_scan_next(&scan, &b)) {
		if (h->cancelled(c))
			r = h->fail(c, MEED_E_CANCELLED, "the run is stopping");
		else
			r = judge_block(h, c, self, &b, &v);
	}
	return r < 0 ? r : tell(h, c, &v);
}

const meed_rm code_style = MEED_MODEL(
	.id = "code.style",
	.version = CODE_VERSION,
	.summary = "Half for indentation that does not mix, half for names by the convention",
	.license = CODE_LICENSE,
	.source = CODE_SOURCE ", CodeStyleReward",
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = 0,
	.score_max = 1,
	.create = create,
	.destroy = code_free,
	.evaluate = evaluate);
