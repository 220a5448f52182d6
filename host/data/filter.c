/* filter.c - the step filter: keeps the samples for which every condition holds */
#include "config.h"

#include "host/data/internal.h"

#include <stdlib.h>

/* A span of numbers that is asked for. */
struct range {
	double min, max;
	bool on;
};

struct filter {
	struct data_sel of;
	struct range chars, words, tokens, turns, n_outputs, score;
	bool all, outputs, invert;
	struct meed_tokenizers *tokenizers;
	uint32_t word_id, token_id;
	struct meed_arena arena;
	struct data_lang *lang;
	const struct data_value *languages, *categories, *sources, *labels; /* in args' arena */
	struct meed_arena texts;					    /* copies of those */
	regex_t *res; /* match, then no_match */
	size_t n_match, n_res;
	struct data_cond **where;
	size_t n_where;
	struct meed_buf text;
};

static const struct meed_data_param params[] = {
	{ "of", MEED_DATA_TEXT, "WHAT",
	  "whose length, language and match is meant: text\n"
	  "(input and outputs, the default), input, output,\n"
	  "prompt (the last message of the user), or a JSON\n"
	  "pointer" },
	{ "min_chars", MEED_DATA_COUNT, "N", "at least so many characters (code points)" },
	{ "max_chars", MEED_DATA_COUNT, "N", "at most so many" },
	{ "min_words", MEED_DATA_COUNT, "N", "at least so many words (parted by white space)" },
	{ "max_words", MEED_DATA_COUNT, "N", "at most so many" },
	{ "min_tokens", MEED_DATA_COUNT, "N", "at least so many tokens" },
	{ "max_tokens", MEED_DATA_COUNT, "N", "at most so many" },
	{ "tokenizer", MEED_DATA_TEXT, "NAME", "whose tokens: simple (default), jieba, tiktoken" },
	{ "tokenizer_data", MEED_DATA_TEXT, "PATH", "where that tokenizer's data lies" },
	{ "min_turns", MEED_DATA_COUNT, "N", "at least so many messages of the user" },
	{ "max_turns", MEED_DATA_COUNT, "N", "at most so many" },
	{ "min_outputs", MEED_DATA_COUNT, "N", "at least so many outputs" },
	{ "max_outputs", MEED_DATA_COUNT, "N", "at most so many" },
	{ "language", MEED_DATA_LIST, "CODE", "in this language: en, de, zh (or one of several)" },
	{ "match", MEED_DATA_LIST, "REGEX", "matches this POSIX extended expression" },
	{ "no_match", MEED_DATA_LIST, "REGEX", "does not match it" },
	{ "category", MEED_DATA_LIST, "GLOB", "the task category (or one of several)" },
	{ "source", MEED_DATA_LIST, "GLOB", "the source (or one of several)" },
	{ "min_score", MEED_DATA_NUMBER, "X", "an output has a score of at least X" },
	{ "max_score", MEED_DATA_NUMBER, "X", "an output has a score of at most X" },
	{ "label", MEED_DATA_LIST, "NAME=GLOB", "an output has this label" },
	{ "where", MEED_DATA_LIST, "CONDITION",
	  "POINTER OP VALUE, POINTER (is there) or !POINTER;\n"
	  "OP is one of == != < <= > >= =~ !~; a part * of\n"
	  "the pointer is any item" },
	{ "all", MEED_DATA_FLAG, NULL, "score and label must hold for all outputs" },
	{ "outputs", MEED_DATA_FLAG, NULL,
	  "score and label take outputs out instead, and\n"
	  "samples that have none left" },
	{ "invert", MEED_DATA_FLAG, NULL, "keep what would be dropped" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

/* ---- set-up ------------------------------------------------------------------------------ */

static int32_t read_range(const struct meed_data_args *a, const char *min, const char *max,
			  struct range *ret, struct meed_err *err)
{
	const struct data_value *lo = data_arg(a, min), *hi = data_arg(a, max);
	bool count = strcmp(min, "min_score") != 0;

	ret->on = lo->set || hi->set;
	ret->min = !lo->set ? -__builtin_inf() : count ? (double)lo->u : lo->x;
	ret->max = !hi->set ? __builtin_inf() : count ? (double)hi->u : hi->x;
	if (ret->min > ret->max)
		return data_wrong(err, max, "%s is less than %s = %s: nothing would be kept",
				  hi->v[0], min, lo->v[0]);
	return MEED_OK;
}

static int32_t read_ranges(struct filter *f, const struct meed_data_args *a, struct meed_err *err)
{
	const struct {
		const char *min, *max;
		struct range *to;
	} v[] = {
		{ "min_chars", "max_chars", &f->chars },
		{ "min_words", "max_words", &f->words },
		{ "min_tokens", "max_tokens", &f->tokens },
		{ "min_turns", "max_turns", &f->turns },
		{ "min_outputs", "max_outputs", &f->n_outputs },
		{ "min_score", "max_score", &f->score },
	};
	int32_t r = MEED_OK;
	size_t i;

	for (i = 0; i < DATA_COUNT(v) && r == MEED_OK; i++)
		r = read_range(a, v[i].min, v[i].max, v[i].to, err);
	return r;
}

static int32_t open_tokenizer(struct filter *f, const char *type, const char *data, uint32_t *ret,
			      struct meed_err *err)
{
	meed_tokenizer spec = { .struct_size = sizeof(spec), .type = type, .data = data };

	if (!f->tokenizers && !(f->tokenizers = meed_tokenizers_new()))
		return meed_err_nomem(err);
	return meed_tokenizers_open(f->tokenizers, &spec, err, ret);
}

static int32_t read_tokenizers(struct filter *f, const struct meed_data_args *a,
			       struct meed_err *err)
{
	const char *type = data_text(a, "tokenizer", "simple");
	struct meed_err why = { 0 };
	int32_t r = MEED_OK;

	if (f->words.on)
		r = open_tokenizer(f, "simple", NULL, &f->word_id, err);
	if (r == MEED_OK && f->tokens.on) {
		r = open_tokenizer(f, type, data_text(a, "tokenizer_data", NULL), &f->token_id,
				   &why);
		if (r < 0)
			return meed_err_set(err, r, "tokenizer: %s", why.text);
	}
	return r;
}

static int32_t read_regexes(struct filter *f, const struct meed_data_args *a, struct meed_err *err)
{
	const struct data_value *yes = data_arg(a, "match"), *no = data_arg(a, "no_match");
	size_t n = yes->n + no->n, i;
	int32_t r;

	f->res = calloc(n + 1, sizeof(*f->res));
	if (!f->res)
		return meed_err_nomem(err);
	f->n_match = yes->n;
	for (i = 0; i < n; i++, f->n_res++) {
		r = i < yes->n ? data_regex(&f->res[i], "match", yes->v[i], err)
			       : data_regex(&f->res[i], "no_match", no->v[i - yes->n], err);
		if (r < 0)
			return r;
	}
	return MEED_OK;
}

static int32_t read_where(struct filter *f, const struct meed_data_args *a, struct meed_err *err)
{
	const struct data_value *v = data_arg(a, "where");

	f->where = calloc(v->n + 1, sizeof(struct data_cond *));
	if (!f->where)
		return meed_err_nomem(err);
	for (; f->n_where < v->n; f->n_where++) {
		f->where[f->n_where] = data_cond_new(v->v[f->n_where], err);
		if (!f->where[f->n_where])
			return err->code ? err->code : MEED_E_PARAM;
	}
	return MEED_OK;
}

/* A list of texts that outlives the arguments. */
static const struct data_value *keep(struct filter *f, const struct meed_data_args *a,
				     const char *name)
{
	const struct data_value *v = data_arg(a, name);
	struct data_value *ret = meed_arena_alloc(&f->texts, sizeof(*ret));
	const char **texts = meed_arena_alloc(&f->texts, (v->n + 1) * sizeof(*texts));
	size_t i;

	if (!ret || !texts)
		return NULL;
	for (i = 0; i < v->n; i++) {
		texts[i] = meed_arena_dup(&f->texts, meed_str_of(v->v[i])).p;
		if (!texts[i])
			return NULL;
	}
	*ret = *v;
	ret->v = texts;
	return ret;
}

static int32_t read_lists(struct filter *f, const struct meed_data_args *a, struct meed_err *err)
{
	int32_t r = MEED_OK;
	size_t i;

	f->languages = keep(f, a, "language");
	f->categories = keep(f, a, "category");
	f->sources = keep(f, a, "source");
	f->labels = keep(f, a, "label");
	if (!f->languages || !f->categories || !f->sources || !f->labels)
		return meed_err_nomem(err);
	for (i = 0; i < f->labels->n; i++)
		if (!strchr(f->labels->v[i], '='))
			return data_wrong(err, "label",
					  "\"%s\" must be NAME=GLOB, as "
					  "preference=chosen",
					  f->labels->v[i]);
	if (f->languages->n > 0)
		r = data_lang_open(&f->lang, err);
	for (i = 0; i < f->languages->n && r == MEED_OK; i++)
		if (!data_lang_knows(f->lang, f->languages->v[i]))
			r = data_wrong(err, "language",
				       "\"%s\" is no language that can be told: "
				       "give its ISO 639 code, as en, de, zh",
				       f->languages->v[i]);
	return r;
}

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct filter *f = self;
	int32_t r = data_sel_init(&f->of, "of", data_text(a, "of", "text"), err);
	size_t i, n = 0;

	f->all = data_flag(a, "all");
	f->outputs = data_flag(a, "outputs");
	f->invert = data_flag(a, "invert");
	for (i = 0; params[i].name; i++)
		n += a->values[i].set && params[i].type != MEED_DATA_FLAG &&
		     strcmp(params[i].name, "of") != 0;
	if (r == MEED_OK && n == 0)
		return meed_err_set(err, MEED_E_PARAM,
				    "a filter without a condition keeps "
				    "everything: give one, as min_chars");
	if (r == MEED_OK)
		r = read_ranges(f, a, err);
	if (r == MEED_OK && f->outputs && !f->score.on && !data_is_set(a, "label"))
		return data_wrong(err, "outputs",
				  "needs min_score, max_score or label, by which "
				  "outputs are taken out");
	if (r == MEED_OK)
		r = read_tokenizers(f, a, err);
	if (r == MEED_OK)
		r = read_regexes(f, a, err);
	if (r == MEED_OK)
		r = read_where(f, a, err);
	return r == MEED_OK ? read_lists(f, a, err) : r;
}

static void release(void *self)
{
	struct filter *f = self;
	size_t i;

	data_sel_release(&f->of);
	meed_tokenizers_free(f->tokenizers);
	meed_arena_release(&f->arena);
	meed_arena_release(&f->texts);
	data_lang_close(f->lang);
	for (i = 0; i < f->n_res; i++)
		regfree(&f->res[i]);
	free(f->res);
	for (i = 0; i < f->n_where; i++)
		data_cond_free(f->where[i]);
	free(f->where);
	meed_buf_release(&f->text);
}

/* ---- conditions -------------------------------------------------------------------------- */

static bool within(const struct range *r, double x)
{
	return !r->on || (x >= r->min && x <= r->max);
}

static double count_chars(const struct filter *f, size_t n_pieces)
{
	size_t n = 0, i;

	for (i = 0; i < f->text.n; i++)
		n += ((unsigned char)f->text.p[i] & 0xc0) != 0x80;
	return (double)(n - (n_pieces > 1 ? n_pieces - 1 : 0)); /* without what parts them */
}

static int32_t count_tokens(struct filter *f, uint32_t id, double *ret, struct meed_err *err)
{
	struct meed_token_cache cache = { 0 };
	meed_str text = { f->text.p ? f->text.p : "", f->text.n };
	const meed_tokens *t = NULL;
	int32_t r;

	meed_arena_reset(&f->arena);
	r = meed_tokenize(f->tokenizers, &cache, &f->arena, id, text, err, &t);
	*ret = r == MEED_OK ? (double)t->n : 0;
	return r;
}

/* 1, 0 or a code: what is asked of the text. */
static int text_holds(struct filter *f, struct json_object *root, struct meed_err *err)
{
	char code[16];
	size_t n, i;
	double x = 0;
	int32_t r;

	f->text.n = 0;
	n = data_sel_text(&f->of, root, &f->text);
	if (f->text.failed)
		return meed_err_nomem(err);
	if (f->chars.on && !within(&f->chars, count_chars(f, n)))
		return 0;
	if (f->words.on) {
		r = count_tokens(f, f->word_id, &x, err);
		if (r < 0 || !within(&f->words, x))
			return r < 0 ? r : 0;
	}
	if (f->tokens.on) {
		r = count_tokens(f, f->token_id, &x, err);
		if (r < 0 || !within(&f->tokens, x))
			return r < 0 ? r : 0;
	}
	if (f->n_res > 0)
		meed_buf_putc(&f->text, '\0');
	if (f->text.failed)
		return meed_err_nomem(err);
	for (i = 0; i < f->n_res; i++)
		if ((regexec(&f->res[i], f->text.p, 0, NULL, 0) == 0) != (i < f->n_match))
			return 0;
	if (f->lang) {
		data_lang_of(f->lang, (meed_str){ f->text.p, f->text.n - (f->n_res > 0) }, code,
			     sizeof(code));
		for (i = 0; i < f->languages->n && strcmp(f->languages->v[i], code) != 0; i++)
			;
		if (i == f->languages->n)
			return 0;
	}
	return 1;
}

static bool glob_any(const struct data_value *globs, struct json_object *v)
{
	meed_str s = v && json_object_is_type(v, json_type_string) ? data_view(v) : MEED_STR("");
	size_t i;

	for (i = 0; i < globs->n; i++)
		if (meed_glob(globs->v[i], s))
			return true;
	return globs->n == 0;
}

static size_t count_turns(struct json_object *root)
{
	struct json_object *in = data_get(root, "input");
	size_t n = 0, i;

	if (json_object_is_type(in, json_type_string))
		return 1;
	if (!json_object_is_type(in, json_type_array))
		return 0;
	for (i = 0; i < json_object_array_length(in); i++) {
		struct json_object *role = data_get(json_object_array_get_idx(in, i), "role");

		n += !role || meed_str_eq(data_view(role), MEED_STR("user"));
	}
	return n;
}

static bool label_holds(struct filter *f, const char *want, struct json_object *output)
{
	const char *eq = strchr(want, '=');
	struct json_object *label = data_get(data_answer(output), "label"), *v = NULL;
	bool ret = false;

	f->text.n = 0;
	meed_buf_put(&f->text, want, (size_t)(eq - want));
	meed_buf_putc(&f->text, '\0');
	if (!f->text.failed && json_object_is_type(label, json_type_object) &&
	    json_object_object_get_ex(label, f->text.p, &v) && v) {
		f->text.n = 0;
		if (json_object_is_type(v, json_type_string))
			meed_buf_put(&f->text, data_view(v).p, data_view(v).n);
		else
			meed_json_write(&f->text, v);
		ret = meed_glob(eq + 1, (meed_str){ f->text.p, f->text.n });
	}
	return ret;
}

static bool output_holds(struct filter *f, struct json_object *output)
{
	double x = 0;
	size_t i;

	if (f->score.on && !(data_score(output, &x) && within(&f->score, x)))
		return false;
	for (i = 0; i < f->labels->n; i++)
		if (!label_holds(f, f->labels->v[i], output))
			return false;
	return true;
}

static bool outputs_hold(struct filter *f, struct json_object *root)
{
	struct json_object *v = data_outputs(root);
	size_t n = v ? json_object_array_length(v) : 0, i, good = 0;

	if (!within(&f->n_outputs, (double)n))
		return false;
	if (f->outputs || (!f->score.on && !f->labels->n))
		return true;
	for (i = 0; i < n; i++)
		good += output_holds(f, json_object_array_get_idx(v, i));
	return f->all ? n > 0 && good == n : good > 0;
}

/* Takes out the outputs that fail; false if none is left. */
static bool cut_outputs(struct filter *f, struct data_rec *r, struct json_object *root)
{
	struct json_object *v = data_outputs(root);
	size_t i = v ? json_object_array_length(v) : 0;

	while (i-- > 0) {
		if (output_holds(f, json_object_array_get_idx(v, i)) != f->invert)
			continue;
		(void)json_object_array_del_idx(v, i, 1);
		r->stale = true;
	}
	return v && json_object_array_length(v) > 0;
}

static int holds(struct filter *f, struct json_object *root, struct meed_err *err)
{
	bool texts = f->chars.on || f->words.on || f->tokens.on || f->lang || f->n_res > 0;
	int r = 1;
	size_t i;

	if (!within(&f->turns, f->turns.on ? (double)count_turns(root) : 0) ||
	    !glob_any(f->categories, data_get(root, "task_category")) ||
	    !glob_any(f->sources, data_get(root, "source")) || !outputs_hold(f, root))
		return 0;
	for (i = 0; i < f->n_where && r > 0; i++)
		r = data_cond_holds(f->where[i], root);
	return r > 0 && texts ? text_holds(f, root, err) : r;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct filter *f = s->self;
	struct json_object *root = data_rec_root(r, err);
	int ok;

	if (!root)
		return err->code;
	ok = holds(f, root, err);
	if (ok < 0)
		return err->code ? err->code : meed_err_nomem(err);
	if (f->outputs) {
		ok = ok && cut_outputs(f, r, root);
		return ok ? data_pass(s, r, err) : data_drop(s, r, err);
	}
	return (ok > 0) != f->invert ? data_pass(s, r, err) : data_drop(s, r, err);
}

const struct data_kind data_filter = {
	.pub = { .name = "filter",
		 .summary = "Keep the samples for which every condition holds.",
		 .params = params },
	.size = sizeof(struct filter),
	.init = init,
	.release = release,
	.push = push,
};
