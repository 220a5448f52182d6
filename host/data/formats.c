/* formats.c - the shapes in which others read samples: JSON, a row a line */
#include "config.h"

#include "host/data/pairs.h"

#include <stdlib.h>

/* ---- parts of rows ----------------------------------------------------------------------- */

static void key(struct meed_buf *b, const char *name, bool *first)
{
	meed_buf_putc(b, *first ? '{' : ',');
	*first = false;
	meed_buf_json_str(b, meed_str_of(name));
	meed_buf_putc(b, ':');
}

static void put_field(struct meed_buf *b, const char *name, struct json_object *v, bool *first)
{
	if (!v)
		return;
	key(b, name, first);
	meed_json_write(b, v);
}

static void put_text_of(struct meed_buf *b, struct json_object *message)
{
	struct meed_buf text = { 0 };

	data_content(message, &text);
	meed_buf_json_str(b, (meed_str){ text.p ? text.p : "", text.n });
	b->failed = b->failed || text.failed;
	meed_buf_release(&text);
}

/* A message as chat templates want it: role, content, and what tools need. */
static void put_message(struct meed_buf *b, struct json_object *m, const char *role)
{
	static const char *const kept[] = { "name", "tool_calls", "tool_call_id" };
	struct json_object *r = data_get(m, "role"), *c = data_get(m, "content");
	bool first = true;
	size_t i;

	key(b, "role", &first);
	if (json_object_is_type(r, json_type_string))
		meed_json_write(b, r);
	else
		meed_buf_json_str(b, meed_str_of(role));
	key(b, "content", &first);
	if (json_object_is_type(c, json_type_array) || (!c && data_get(m, "tool_calls")))
		meed_json_write(b, c); /* parts, or null beside tool calls */
	else
		put_text_of(b, m);
	for (i = 0; i < DATA_COUNT(kept); i++)
		put_field(b, kept[i], data_get(m, kept[i]), &first);
	meed_buf_putc(b, '}');
}

/* The input as a list of messages, without its brackets; whether there was any. */
static bool put_input(struct meed_buf *b, struct json_object *root)
{
	struct json_object *in = data_get(root, "input");
	size_t n, i;

	if (json_object_is_type(in, json_type_string)) {
		put_message(b, in, "user");
		return true;
	}
	n = json_object_is_type(in, json_type_array) ? json_object_array_length(in) : 0;
	for (i = 0; i < n; i++) {
		if (i)
			meed_buf_putc(b, ',');
		put_message(b, json_object_array_get_idx(in, i), "user");
	}
	return n > 0;
}

static void put_prompt(struct meed_buf *b, struct json_object *root, bool text)
{
	struct data_sel input = { .what = DATA_INPUT };
	struct meed_buf t = { 0 };

	if (!text) {
		meed_buf_putc(b, '[');
		(void)put_input(b, root);
		meed_buf_putc(b, ']');
		return;
	}
	(void)data_sel_text(&input, root, &t);
	meed_buf_json_str(b, (meed_str){ t.p ? t.p : "", t.n });
	b->failed = b->failed || t.failed;
	meed_buf_release(&t);
}

static void put_answer(struct meed_buf *b, struct json_object *output, bool text)
{
	struct json_object *a = data_answer(output);

	if (text) {
		put_text_of(b, a);
		return;
	}
	meed_buf_putc(b, '[');
	put_message(b, a, "assistant");
	meed_buf_putc(b, ']');
}

static struct json_object *output_at(struct json_object *root, size_t i)
{
	return json_object_array_get_idx(data_outputs(root), i);
}

/* ---- jsonl ------------------------------------------------------------------------------- */

static int64_t jsonl_rows(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
			  struct meed_err *err)
{
	int32_t st = data_rec_line(r, err);

	(void)self;
	(void)ret_why;
	if (st < 0)
		return st;
	meed_buf_put(&o->text, r->line.p, r->line.n);
	meed_buf_putc(&o->text, '\n');
	return 1;
}

const struct data_kind data_jsonl = {
	.pub = { .name = "jsonl", .summary = "Canonical samples, one a line." },
	.columns = "unique_id, CAST(input AS VARCHAR) AS input, CAST(output AS VARCHAR) AS output, "
		   "task_category, source, created_at, CAST(metadata AS VARCHAR) AS metadata|"
		   "unique_id: 'VARCHAR', input: 'JSON', output: 'JSON', task_category: 'VARCHAR', "
		   "source: 'VARCHAR', created_at: 'VARCHAR', metadata: 'JSON'",
	.rows = jsonl_rows,
};

/* ---- preference pairs -------------------------------------------------------------------- */

struct preference {
	struct data_pairing pairing;
	bool text;
};

#define PAIR_PARAMS                                                                                \
	{ "pairs", MEED_DATA_TEXT, "HOW",                                                          \
	  "labels (default): each output labelled chosen with\n"                                   \
	  "each rejected; best_worst: by score; all: by score,\n"                                  \
	  "each with each" },                                                                      \
		{ "margin", MEED_DATA_NUMBER, "X",                                                 \
		  "only pairs whose scores differ by at least X\n"                                 \
		  "(default: by more than 0)" },                                                   \
	{                                                                                          \
		"max_pairs", MEED_DATA_COUNT, "N",                                                 \
			"at most so many of a sample, widest margin first"                         \
	}

static const struct meed_data_param preference_params[] = {
	PAIR_PARAMS,
	{ "text", MEED_DATA_FLAG, NULL, "prompt and answers as text, not as messages" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t preference_init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct preference *p = self;

	p->text = data_flag(a, "text");
	return data_pairing_init(&p->pairing, a, err);
}

static void preference_release(void *self)
{
	struct preference *p = self;

	data_pairing_release(&p->pairing);
}

static void put_scores(struct meed_buf *b, struct json_object *root, const struct data_pair *p,
		       bool *first)
{
	double x;

	if (data_score(output_at(root, p->chosen), &x)) {
		key(b, "score_chosen", first);
		meed_buf_json_num(b, x);
	}
	if (data_score(output_at(root, p->rejected), &x)) {
		key(b, "score_rejected", first);
		meed_buf_json_num(b, x);
	}
}

static int64_t put_pairs(struct preference *x, struct data_out *o, struct data_rec *r, bool full,
			 const char **ret_why, struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err);
	int32_t st = root ? data_pairing_find(&x->pairing, root, ret_why, err) : err->code;
	struct meed_buf *b = &o->text;
	size_t i;

	for (i = 0; st == MEED_OK && i < x->pairing.n; i++) {
		const struct data_pair *p = &x->pairing.v[i];
		bool first = true;

		if (full)
			put_field(b, "id", data_get(root, "unique_id"), &first);
		key(b, "prompt", &first);
		put_prompt(b, root, x->text);
		key(b, "chosen", &first);
		put_answer(b, output_at(root, p->chosen), x->text);
		key(b, "rejected", &first);
		put_answer(b, output_at(root, p->rejected), x->text);
		if (full) {
			put_scores(b, root, p, &first);
			put_field(b, "task_category", data_get(root, "task_category"), &first);
			put_field(b, "source", data_get(root, "source"), &first);
			put_field(b, "metadata", data_get(root, "metadata"), &first);
		}
		MEED_BUF_LIT(b, "}\n");
	}
	return st < 0 ? st : (int64_t)x->pairing.n;
}

static int64_t preference_rows(void *self, struct data_out *o, struct data_rec *r,
			       const char **ret_why, struct meed_err *err)
{
	return put_pairs(self, o, r, true, ret_why, err);
}

static int64_t trl_preference_rows(void *self, struct data_out *o, struct data_rec *r,
				   const char **ret_why, struct meed_err *err)
{
	return put_pairs(self, o, r, false, ret_why, err);
}

const struct data_kind data_preference = {
	.pub = { .name = "preference",
		 .summary = "prompt, chosen, rejected, with id, scores and metadata.",
		 .params = preference_params },
	.size = sizeof(struct preference),
	.init = preference_init,
	.release = preference_release,
	.rows = preference_rows,
};

const struct data_kind data_trl_preference = {
	.pub = { .name = "trl_preference",
		 .summary = "TRL's preference rows (DPO, reward modelling).",
		 .params = preference_params },
	.size = sizeof(struct preference),
	.init = preference_init,
	.release = preference_release,
	.rows = trl_preference_rows,
};

/* ---- which outputs ----------------------------------------------------------------------- */

enum take {
	TAKE_AUTO,
	TAKE_ALL,
	TAKE_CHOSEN,
	TAKE_BEST,
	TAKE_FIRST
};

struct single {
	enum take take;
	bool text, by_score;
	double threshold;
};

static const char *const takes[] = { "auto", "all", "chosen", "best", "first" };

static const struct meed_data_param single_params[] = {
	{ "take", MEED_DATA_TEXT, "WHICH",
	  "outputs: all, chosen (so labelled), best (score),\n"
	  "first; auto (default): chosen if any is labelled,\n"
	  "else best if any has a score, else first" },
	{ "text", MEED_DATA_FLAG, NULL, "prompt and answer as text, not as messages" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};
static const struct meed_data_param sft_params[] = {
	{ "take", MEED_DATA_TEXT, "WHICH",
	  "outputs: all, chosen (so labelled), best (score),\n"
	  "first; auto (default): chosen if any is labelled,\n"
	  "else best if any has a score, else first" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t single_init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct single *x = self;
	int k = data_word("take", data_text(a, "take", "auto"), takes, DATA_COUNT(takes), err);

	x->text = data_flag(a, "text");
	if (k < 0)
		return MEED_E_PARAM;
	x->take = (enum take)k;
	return MEED_OK;
}

static bool has_preference(struct json_object *output, const char *word)
{
	struct json_object *v = data_label(output, "preference");

	return json_object_is_type(v, json_type_string) &&
	       (!word || meed_str_eq(data_view(v), meed_str_of(word)));
}

/* The best score's output; n if none has one. */
static size_t best_of(struct json_object *outs, size_t n)
{
	size_t best = n, i;
	double most = 0, x;

	for (i = 0; i < n; i++) {
		if (!data_score(json_object_array_get_idx(outs, i), &x) || (best < n && x <= most))
			continue;
		best = i;
		most = x;
	}
	return best;
}

/* What auto means for this sample. */
static enum take settle(enum take take, struct json_object *outs, size_t n)
{
	size_t i;

	if (take != TAKE_AUTO)
		return take;
	for (i = 0; i < n; i++)
		if (has_preference(json_object_array_get_idx(outs, i), NULL))
			return TAKE_CHOSEN;
	return best_of(outs, n) < n ? TAKE_BEST : TAKE_FIRST;
}

static bool taken(enum take take, struct json_object *outs, size_t n, size_t i)
{
	switch (take) {
	case TAKE_CHOSEN:
		return has_preference(json_object_array_get_idx(outs, i), "chosen");
	case TAKE_BEST:
		return i == best_of(outs, n);
	case TAKE_FIRST:
		return i == 0;
	default:
		return true;
	}
}

static int64_t each_taken(struct single *x, struct data_out *o, struct data_rec *r,
			  void (*put)(const struct single *x, struct meed_buf *b,
				      struct json_object *root, struct json_object *output),
			  const char **ret_why, struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err), *outs = data_outputs(root);
	size_t n = outs ? json_object_array_length(outs) : 0, i;
	enum take take;
	int64_t rows = 0;

	if (!root)
		return err->code;
	take = settle(x->take, outs, n);
	for (i = 0; i < n; i++) {
		if (!taken(take, outs, n, i))
			continue;
		put(x, &o->text, root, json_object_array_get_idx(outs, i));
		rows++;
	}
	*ret_why = n == 0	       ? "the sample has no output"
		   : take == TAKE_BEST ? "no output has a score"
				       : "no output is labelled chosen";
	return rows;
}

static void put_prompt_completion(const struct single *x, struct meed_buf *b,
				  struct json_object *root, struct json_object *output)
{
	bool first = true;

	key(b, "prompt", &first);
	put_prompt(b, root, x->text);
	key(b, "completion", &first);
	put_answer(b, output, x->text);
	MEED_BUF_LIT(b, "}\n");
}

static int64_t prompt_completion_rows(void *self, struct data_out *o, struct data_rec *r,
				      const char **ret_why, struct meed_err *err)
{
	return each_taken(self, o, r, put_prompt_completion, ret_why, err);
}

static void put_sft(const struct single *x, struct meed_buf *b, struct json_object *root,
		    struct json_object *output)
{
	(void)x;
	MEED_BUF_LIT(b, "{\"messages\":[");
	if (put_input(b, root))
		meed_buf_putc(b, ',');
	put_message(b, data_answer(output), "assistant");
	MEED_BUF_LIT(b, "]}\n");
}

static int64_t sft_rows(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
			struct meed_err *err)
{
	return each_taken(self, o, r, put_sft, ret_why, err);
}

const struct data_kind data_trl_prompt_completion = {
	.pub = { .name = "trl_prompt_completion",
		 .summary = "TRL's prompt and completion rows (SFT).",
		 .params = single_params },
	.size = sizeof(struct single),
	.init = single_init,
	.rows = prompt_completion_rows,
};

const struct data_kind data_sft = {
	.pub = { .name = "sft",
		 .summary = "messages: the input with the answer as its last turn.",
		 .params = sft_params },
	.size = sizeof(struct single),
	.init = single_init,
	.rows = sft_rows,
};

/* ---- KTO --------------------------------------------------------------------------------------
 */

static const struct meed_data_param kto_params[] = {
	{ "threshold", MEED_DATA_NUMBER, "X",
	  "good is a score of at least X (default: by labels,\n"
	  "chosen and rejected)" },
	{ "text", MEED_DATA_FLAG, NULL, "prompt and completion as text, not as messages" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t kto_init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct single *x = self;

	(void)err;
	x->text = data_flag(a, "text");
	x->by_score = data_is_set(a, "threshold");
	x->threshold = data_num(a, "threshold", 0);
	return MEED_OK;
}

static int64_t kto_rows(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
			struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err), *outs = data_outputs(root);
	size_t n = outs ? json_object_array_length(outs) : 0, i;
	struct single *x = self;
	int64_t rows = 0;

	if (!root)
		return err->code;
	for (i = 0; i < n; i++) {
		struct json_object *out = json_object_array_get_idx(outs, i);
		bool good = has_preference(out, "chosen"), first = true;
		double score;

		if (x->by_score ? !data_score(out, &score)
				: !good && !has_preference(out, "rejected"))
			continue;
		if (x->by_score)
			good = score >= x->threshold;
		key(&o->text, "prompt", &first);
		put_prompt(&o->text, root, x->text);
		key(&o->text, "completion", &first);
		put_answer(&o->text, out, x->text);
		key(&o->text, "label", &first);
		meed_buf_puts(&o->text, good ? "true}\n" : "false}\n");
		rows++;
	}
	*ret_why =
		x->by_score ? "no output has a score" : "no output is labelled chosen or rejected";
	return rows;
}

const struct data_kind data_trl_kto = {
	.pub = { .name = "trl_kto",
		 .summary = "TRL's unpaired preferences (KTO): prompt, completion, label.",
		 .params = kto_params },
	.size = sizeof(struct single),
	.init = kto_init,
	.rows = kto_rows,
};

/* ---- verl ---------------------------------------------------------------------------------------
 */

static struct json_object *reference_of(struct json_object *root)
{
	struct json_object *outs = data_outputs(root), *v;
	size_t n = outs ? json_object_array_length(outs) : 0, i;

	for (i = 0; i < n; i++) {
		v = data_label(json_object_array_get_idx(outs, i), "reference");
		if (v)
			return v;
	}
	/* a row without outputs keeps it where verl has it */
	return data_get(data_get(data_get(root, "metadata"), "reward_model"), "ground_truth");
}

/* metadata without what has its own place in a row, and the sample's id as index. */
static void put_extra_info(struct meed_buf *b, struct json_object *root)
{
	struct json_object *meta = data_get(root, "metadata"), *id = data_get(root, "unique_id");
	bool first = true, has_index = false;

	if (json_object_is_type(meta, json_type_object)) {
		for (struct lh_entry *e = lh_table_head(json_object_get_object(meta)); e;
		     e = lh_entry_next(e)) {
			const char *k = lh_entry_k(e);

			if (strcmp(k, "reward_model") == 0 || strcmp(k, "ability") == 0)
				continue;
			has_index = has_index || strcmp(k, "index") == 0;
			key(b, k, &first);
			meed_json_write(b, lh_entry_v(e));
		}
	}
	if (!has_index)
		put_field(b, "index", id, &first);
	meed_buf_puts(b, first ? "{}" : "}");
}

static int64_t verl_rows(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
			 struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err), *ref, *meta, *style, *v;
	struct meed_buf *b = &o->text;
	bool first = true;

	(void)self;
	(void)ret_why;
	if (!root)
		return err->code;
	meta = data_get(root, "metadata");
	ref = reference_of(root);
	style = data_get(data_get(meta, "reward_model"), "style");
	v = data_get(root, "source");
	key(b, "data_source", &first);
	meed_buf_json_str(b, json_object_is_type(v, json_type_string) ? data_view(v)
								      : MEED_STR("meed"));
	key(b, "prompt", &first);
	put_prompt(b, root, false);
	v = data_get(root, "task_category");
	if (!v)
		v = data_get(meta, "ability");
	put_field(b, "ability", v, &first);
	MEED_BUF_LIT(b, ",\"reward_model\":{\"style\":");
	if (json_object_is_type(style, json_type_string))
		meed_json_write(b, style);
	else
		meed_buf_puts(b, ref ? "\"rule\"" : "\"model\"");
	MEED_BUF_LIT(b, ",\"ground_truth\":");
	if (ref)
		meed_json_write(b, ref);
	else
		MEED_BUF_LIT(b, "\"\"");
	MEED_BUF_LIT(b, "},\"extra_info\":");
	put_extra_info(b, root);
	MEED_BUF_LIT(b, "}\n");
	return 1;
}

const struct data_kind data_verl = {
	.pub = { .name = "verl",
		 .summary = "verl's rows: data_source, prompt, reward_model, extra_info." },
	.rows = verl_rows,
};
